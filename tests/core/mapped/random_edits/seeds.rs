//! Files of each format with all that the format is read for, as JSON, which every reader here takes.

/// The format, its mapping where it is the repository's own, and its files.
pub struct Seed {
    pub id: &'static str,
    pub mapping: Option<&'static str>,
    pub files: &'static [(&'static str, &'static str)],
}

macro_rules! shipped {
    ($name:literal) => {
        Some(include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/examples/formats/", $name, ".yaml")))
    };
}

pub const SEEDS: &[Seed] = &[
    Seed {
        id: "goff",
        mapping: None,
        files: &[(
            "flags/shop.goff.yaml",
            r#"{"search": {"variations": {"on": true, "off": false}, "bucketingKey": "accountId",
                "targeting": [
                    {"name": "beta", "query": "plan eq \"beta\"", "percentage": {"on": 20, "off": 80}},
                    {"name": "beta", "query": "email ew \"@shop.com\"", "variation": "on"},
                    {"name": "old", "query": "plan eq \"old\"", "variation": "off", "disable": true}],
                "defaultRule": {"variation": "off"}, "metadata": {"owner": "search"}, "version": "1"},
             "banner": {"variations": {"summer": "a", "winter": "b"},
                "defaultRule": {"progressiveRollout": {
                    "initial": {"variation": "winter", "percentage": 0, "date": "2026-06-01T00:00:00Z"},
                    "end": {"variation": "summer", "percentage": 100, "date": "2026-06-30T00:00:00Z"}}},
                "scheduledRollout": [{"date": "2026-07-01T00:00:00Z", "defaultRule": {"variation": "winter"}}],
                "experimentation": {"start": "2026-06-01T00:00:00Z", "end": "2026-09-01T00:00:00Z"},
                "trackEvents": false},
             "old-cart": {"disable": true, "variations": {"yes": true, "no": false}, "defaultRule": {"variation": "no"}}}"#,
        )],
    },
    Seed {
        id: "flipt",
        mapping: None,
        files: &[(
            "flags/features.yaml",
            r#"{"version": "1.2", "namespace": {"key": "shop", "name": "Shop"},
             "flags": [
                {"key": "checkout", "name": "Checkout", "type": "VARIANT_FLAG_TYPE", "description": "Pay", "enabled": true,
                 "variants": [{"key": "old"}, {"key": "new", "default": true, "attachment": {"steps": 2}}],
                 "rules": [
                    {"segment": {"keys": ["eu", "pro"], "operator": "OR_SEGMENT_OPERATOR"},
                     "distributions": [{"variant": "old", "rollout": 70}, {"variant": "new", "rollout": 30}]},
                    {"segment": "pro", "distributions": [{"variant": "new", "rollout": 100}]}]},
                {"key": "dark-mode", "name": "Dark mode", "type": "BOOLEAN_FLAG_TYPE", "enabled": false,
                 "rollouts": [{"segment": {"key": "eu", "value": true}}, {"threshold": {"percentage": 10, "value": true}}]},
                {"key": "idle", "name": "Idle", "type": "VARIANT_FLAG_TYPE", "enabled": false, "variants": [{"key": "a"}]}],
             "segments": [
                {"key": "eu", "name": "EU", "match_type": "ANY_MATCH_TYPE", "constraints": [
                    {"type": "STRING_COMPARISON_TYPE", "property": "country", "operator": "isoneof", "value": "[\"de\",\"nl\"]"},
                    {"type": "BOOLEAN_COMPARISON_TYPE", "property": "eu", "operator": "true"}]},
                {"key": "pro", "name": "Pro", "match_type": "ALL_MATCH_TYPE", "constraints": [
                    {"type": "STRING_COMPARISON_TYPE", "property": "plan", "operator": "eq", "value": "pro"}]}]}"#,
        )],
    },
    Seed {
        id: "featurevisor",
        mapping: None,
        files: &[
            (
                "features/redesign.yml",
                r#"{"description": "New design", "tags": ["all"], "bucketBy": "userId",
                 "required": ["base", {"key": "theme", "variation": "dark"}],
                 "variablesSchema": {"size": {"type": "integer", "defaultValue": 1}},
                 "variations": [{"value": "control", "weight": 50}, {"value": "treatment", "weight": 50, "variables": {"size": 2}}],
                 "force": {"production": [{"segments": "employees", "enabled": true, "variation": "treatment"}]},
                 "rules": {"staging": [{"key": "everyone", "segments": "*", "percentage": 100}],
                    "production": [
                        {"key": "nl", "segments": {"and": ["netherlands", {"not": ["employees"]}]}, "percentage": 25},
                        {"key": "nl", "segments": ["germany"], "percentage": 50, "variation": "control", "enabled": true},
                        {"key": "rest", "segments": "*", "percentage": 0}]}}"#,
            ),
            (
                "features/base.yml",
                r#"{"description": "Base", "tags": ["all"], "bucketBy": ["userId", "deviceId"],
                 "rules": {"staging": [{"key": "all", "segments": "*", "percentage": 100}],
                    "production": [{"key": "all", "segments": "*", "percentage": 80}]}}"#,
            ),
            (
                "features/theme.yml",
                r#"{"description": "Theme", "tags": ["all"], "bucketBy": "userId", "archived": false,
                 "variations": [{"value": "light", "weight": 50}, {"value": "dark", "weight": 50}],
                 "rules": {"staging": [{"key": "all", "segments": "*", "percentage": 100}],
                    "production": [{"key": "all", "segments": "*", "percentage": 0}]}}"#,
            ),
            (
                "segments/netherlands.yml",
                r#"{"description": "NL", "conditions": [{"attribute": "country", "operator": "equals", "value": "nl"}]}"#,
            ),
            (
                "segments/germany.yml",
                r#"{"description": "DE", "conditions": {"and": [{"attribute": "country", "operator": "in", "values": ["de"]},
                 {"not": [{"attribute": "beta", "operator": "exists"}]}]}}"#,
            ),
            (
                "segments/employees.yml",
                r#"{"description": "Staff", "conditions": [{"attribute": "email", "operator": "endsWith", "value": "@shop.com"}]}"#,
            ),
        ],
    },
    Seed {
        id: "kubernetes",
        mapping: None,
        files: &[
            (
                "deploy/flags.yaml",
                r#"{"apiVersion": "core.openfeature.dev/v1beta1", "kind": "FeatureFlag",
                 "metadata": {"name": "shop", "namespace": "demo", "labels": {"app": "shop"}},
                 "spec": {"flagSpec": {
                    "flags": {
                        "welcome": {"state": "ENABLED", "variants": {"on": true, "off": false}, "defaultVariant": "off",
                            "targeting": {"if": [{"ends_with": [{"var": "email"}, "@shop.com"]}, "on", {"$ref": "some"}, "on", "off"]}},
                        "old": {"state": "DISABLED", "variants": {"on": true, "off": false}, "defaultVariant": "on"},
                        "colour": {"state": "ENABLED", "variants": {"red": "r", "blue": "b"}, "defaultVariant": "red",
                            "targeting": {"fractional": [["red", 50], ["blue", 50]]}}},
                    "$evaluators": {"some": {"in": [{"var": "plan"}, ["pro"]]}}}}}"#,
            ),
            (
                "deploy/map.yaml",
                r#"{"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "more"},
                 "data": {"flags.json": "{\"flags\": {\"banner\": {\"state\": \"ENABLED\", \"variants\": {\"red\": 1, \"blue\": 2}, \"defaultVariant\": \"red\"}}}",
                    "FEATURE_CART": "true", "LOG": "info"}}"#,
            ),
            (
                "deploy/kustomization.yaml",
                r#"{"apiVersion": "kustomize.config.k8s.io/v1beta1", "kind": "Kustomization", "resources": ["flags.yaml", "map.yaml"],
                 "patches": [{"path": "patch.yaml"}]}"#,
            ),
            (
                "deploy/patch.yaml",
                r#"{"apiVersion": "core.openfeature.dev/v1beta1", "kind": "FeatureFlag", "metadata": {"name": "shop"},
                 "spec": {"flagSpec": {"flags": {"welcome": {"state": "ENABLED"}}}}}"#,
            ),
        ],
    },
    Seed {
        id: "registry",
        mapping: None,
        files: &[(
            "config/feature_flags.yml",
            r#"{"banner": true, "old_cart": false,
             "search": {"enabled": true, "description": "Find", "owner": "search", "percentage": 20, "users": ["jo"]},
             "pay": {"environments": {"production": true, "staging": true}, "rollout": 50},
             "tax": {"production": {"enabled": true, "percentage": 10}, "staging": {"enabled": true, "percentage": 100}},
             "gift": {"enabled": false, "enabled_for": ["ann"], "kill_switch": false},
             "test": {"variants": {"a": 50, "b": 50}, "enabled": true, "default": "a", "expires_on": "2027-01-01"}}"#,
        )],
    },
    Seed {
        id: "gitlab",
        mapping: None,
        files: &[
            (
                "config/feature_flags/beta/import.yml",
                r#"{"name": "import", "introduced_by_url": "https://example.com/1", "rollout_issue_url": null,
                 "milestone": "17.1", "type": "beta", "group": "group::import", "default_enabled": true, "feature_issue_url": ""}"#,
            ),
            (
                "config/feature_flags/ops/limit.yml",
                r#"{"name": "limit", "milestone": "17.2", "type": "ops", "group": "group::core", "default_enabled": false}"#,
            ),
        ],
    },
    Seed {
        id: "unleash",
        mapping: None,
        files: &[(
            ".unleash/flags.json",
            r#"{"version": 1, "features": [
                {"name": "search", "description": "New search", "type": "release", "project": "default", "enabled": true, "stale": false,
                 "strategies": [
                    {"name": "flexibleRollout", "parameters": {"rollout": "50", "stickiness": "userId", "groupId": "search"},
                     "constraints": [{"contextName": "country", "operator": "IN", "values": ["de"], "inverted": false, "caseInsensitive": false}], "segments": [1]},
                    {"name": "flexibleRollout", "parameters": {"rollout": "5", "stickiness": "default"},
                     "variants": [{"name": "x", "weight": 500, "stickiness": "default"}, {"name": "x", "weight": 500}]},
                    {"name": "userWithId", "parameters": {"userIds": "jo,ann"}}],
                 "variants": [{"name": "a", "weight": 500, "weightType": "variable", "stickiness": "default", "payload": {"type": "string", "value": "x"}},
                    {"name": "b", "weight": 500, "overrides": [{"contextName": "userId", "values": ["1"]}]}]},
                {"name": "child", "type": "experiment", "project": "default", "enabled": true, "strategies": [{"name": "default"}],
                 "dependencies": [{"feature": "search", "enabled": true, "variants": ["a"]}]},
                {"name": "idle", "type": "release", "project": "default", "enabled": false, "strategies": [{"name": "default"}]}],
             "strategies": [], "segments": [{"id": 1, "name": "eu", "constraints": [{"contextName": "region", "operator": "IN", "values": ["eu"]}]}]}"#,
        )],
    },
    Seed {
        id: "harness",
        mapping: None,
        files: &[(
            ".harness/flags.yaml",
            r#"{"featureFlags": {"flags": [
                {"flag": {"name": "Dark mode", "identifier": "dark_mode", "permanent": false, "spec": {"type": "boolean",
                    "variations": [{"identifier": "on", "value": "true"}, {"identifier": "off", "value": "false"}]},
                 "environments": [
                    {"identifier": "production", "state": "on", "default": {"onVariation": "on", "offVariation": "off"},
                     "rules": [{"ruleId": "r1", "priority": 1, "serve": {"distribution": {"bucketBy": "identifier", "variations": [
                            {"variation": "on", "weight": 30}, {"variation": "off", "weight": 70}]}},
                        "clauses": [{"op": "equal", "attribute": "plan", "values": ["pro"], "negate": false}]}],
                     "targetRules": [{"variation": "on", "targets": [{"identifier": "jo"}]}, {"variation": "on", "segments": ["eu"]}],
                     "prerequisites": [{"identifier": "base", "variations": ["on"]}]},
                    {"identifier": "staging", "state": "off", "default": {"onVariation": "on", "offVariation": "off"}}]}},
                {"flag": {"name": "Base", "identifier": "base", "permanent": true, "spec": {"type": "string",
                    "variations": [{"identifier": "on", "name": "On", "value": "x"}, {"identifier": "off", "value": "y"}]},
                 "environments": [{"identifier": "production", "state": "on", "default": {"onVariation": "on", "offVariation": "off"}}]}}]}}"#,
        )],
    },
    Seed {
        id: "microsoft",
        mapping: None,
        files: &[(
            "appsettings.json",
            r#"{"feature_management": {"feature_flags": [
                {"id": "Beta", "enabled": true, "description": "Beta things", "conditions": {"requirement_type": "Any", "client_filters": [
                    {"name": "Microsoft.Percentage", "parameters": {"Value": 50}},
                    {"name": "Microsoft.TimeWindow", "parameters": {"Start": "Mon, 01 Jun 2026 00:00:00 GMT", "End": "Tue, 01 Jun 2027 00:00:00 GMT"}},
                    {"name": "Microsoft.TimeWindow", "parameters": {"Start": "Thu, 01 Jun 2028 00:00:00 GMT"}},
                    {"name": "Microsoft.Targeting", "parameters": {"Audience": {"Users": ["jo"], "Groups": [{"Name": "eu", "RolloutPercentage": 20}],
                        "DefaultRolloutPercentage": 5, "Exclusion": {"Users": ["ann"], "Groups": ["us"]}}}}]},
                 "variants": [{"name": "A", "configuration_value": 1}, {"name": "B", "configuration_value": 2, "status_override": "None"}],
                 "allocation": {"default_when_enabled": "A", "default_when_disabled": "B", "user": [{"variant": "B", "users": ["jo"]}],
                    "group": [{"variant": "A", "groups": ["eu"]}],
                    "percentile": [{"variant": "A", "from": 0, "to": 50}, {"variant": "B", "from": 50, "to": 100}], "seed": "s1"},
                 "telemetry": {"enabled": true}},
                {"id": "Plain", "enabled": true},
                {"id": "Idle", "enabled": false, "conditions": {"client_filters": [{"name": "Microsoft.Percentage", "parameters": {"Value": 10}}]}}]},
             "FeatureManagement": {"Legacy": true, "Old": false,
                "Some": {"EnabledFor": [{"Name": "Microsoft.Percentage", "Parameters": {"Value": 40}}], "RequirementType": "All"}}}"#,
        )],
    },
    Seed {
        id: "flagd",
        mapping: None,
        files: &[(
            "flags/shop.flagd.json",
            r#"{"flags": {
                "welcome": {"state": "ENABLED", "variants": {"on": true, "off": false}, "defaultVariant": "off",
                    "targeting": {"if": [{"ends_with": [{"var": "email"}, "@shop.com"]}, "on", {"in": [{"var": "plan"}, ["pro", "max"]]}, "off", {"$ref": "some"}, "on", "off"]},
                    "metadata": {"owner": "web"}},
                "old": {"state": "DISABLED", "variants": {"on": true, "off": false}, "defaultVariant": "on"},
                "colour": {"state": "ENABLED", "variants": {"red": "r", "blue": "b"}, "defaultVariant": "red",
                    "targeting": {"fractional": [{"cat": [{"var": "$flagd.flagKey"}, {"var": "id"}]}, ["red", 50], ["blue", 50]]}}},
             "$evaluators": {"some": {"sem_ver": [{"var": "version"}, ">=", "1.2.0"]}}, "metadata": {"flagSetId": "shop"}}"#,
        )],
    },
    Seed {
        id: "brave",
        mapping: shipped!("brave"),
        files: &[(
            "studies/Shields.json5",
            r#"[{"name": "Shields", "experiment": [
                    {"name": "Enabled", "probability_weight": 30, "feature_association": {"enable_feature": ["Shields"]},
                     "param": [{"name": "level", "value": "2"}]},
                    {"name": "Disabled", "probability_weight": 20, "feature_association": {"disable_feature": ["Old"]}},
                    {"name": "Default", "probability_weight": 50}],
                 "consistency": "PERMANENT", "activation_type": "ACTIVATE_ON_STARTUP", "randomization_seed": 7,
                 "filter": {"channel": ["RELEASE", "NIGHTLY"], "platform": ["WINDOWS", "LINUX"], "min_version": "120.1.50.10",
                    "exclude_country": ["us"], "country": ["de"], "start_date": 1700000000}},
                {"name": "Tabs", "experiment": [{"name": "On", "probability_weight": 100, "feature_association": {"enable_feature": ["Tabs"]}}],
                 "filter": {"channel": ["RELEASE"], "platform": ["MAC"]}}]"#,
        )],
    },
    Seed {
        id: "duckduckgo",
        mapping: shipped!("duckduckgo"),
        files: &[
            (
                "features/web-detection.json",
                r#"{"_meta": {"description": "x"}, "state": "enabled", "exceptions": [{"domain": "a.com", "reason": "breaks"}],
                 "settings": {"sites": ["a.com"], "depth": 2},
                 "features": {"inner": {"state": "enabled", "rollout": {"steps": [{"percent": 5}, {"percent": 20}]}, "minSupportedVersion": "7.1.0"},
                    "test": {"state": "internal", "cohorts": [{"name": "control", "weight": 1}, {"name": "treatment", "weight": 1}],
                        "targets": [{"localeCountry": "US"}]}}}"#,
            ),
            (
                "overrides/macos-override.json",
                r#"{"features": {"webDetection": {"state": "enabled", "exceptions": [], "features": {"inner": {"state": "disabled"}}},
                    "extra": {"state": "enabled", "settings": {"a": 1}, "minSupportedVersion": 12}},
                 "unprotectedTemporary": []}"#,
            ),
        ],
    },
    Seed {
        id: "firebase",
        mapping: shipped!("firebase"),
        files: &[(
            "remoteconfig.template.json",
            r#"{"conditions": [{"name": "ios", "expression": "device.os == 'ios'", "tagColor": "BLUE"},
                    {"name": "half", "expression": "percent <= 50"}],
             "parameters": {
                "banner": {"defaultValue": {"value": "true"}, "conditionalValues": {"ios": {"value": "false"}, "half": {"value": "true"}},
                    "description": "x", "valueType": "BOOLEAN"},
                "size": {"defaultValue": {"value": "3"}, "valueType": "NUMBER"},
                "idle": {"defaultValue": {"value": "false"}, "valueType": "BOOLEAN"}},
             "parameterGroups": {"pay": {"description": "Pay", "parameters": {"apple": {"defaultValue": {"useInAppDefault": true}, "valueType": "STRING"}}}},
             "version": {"versionNumber": "7"}}"#,
        )],
    },
    Seed {
        id: "generic",
        mapping: None,
        files: &[(
            "config/switches.json",
            r#"{"cart": {"on": true, "who": ["a", "b"], "limit": 3}, "search": false, "pay": {"eu": {"share": 10}, "us": {"share": 20}}}"#,
        )],
    },
];
