//! Edits that say the same, by what the formats document, and parts that are passed over.

use serde_json::Value;

use super::Files;
use super::tree::Tree;

/// Lists whose order and repetition have a meaning, each by its pointer. In those of
/// flagd and `generic` all have, but for the members of an `in`.
const ORDERED: &[(&str, &[&str])] = &[
    ("goff", &["/search/targeting", "/banner/scheduledRollout"]),
    ("flipt", &["/flags/*/rules", "/flags/*/rollouts", "/flags/*/rules/*/distributions"]),
    ("featurevisor", &["/rules/staging", "/rules/production", "/force/production", "/variations", "/bucketBy"]),
    ("unleash", &["/features/*/strategies", "/features/*/variants"]),
    ("microsoft", &["/feature_management/feature_flags/*/allocation/percentile"]),
    ("brave", &["/*/experiment"]),
    ("duckduckgo", &["/features/*/rollout/steps", "/features/*/cohorts"]),
    ("firebase", &["/conditions"]),
];

fn is_ordered(id: &str, at: &str) -> bool {
    let rule = matches!(id, "flagd" | "kubernetes") && (at.contains("/targeting") || at.contains("/$evaluators"));
    id == "generic" || (rule && !at.contains("/in/1")) || rows(id, ORDERED).any(|list| fits(list, at))
}

/// Whether a pointer is one of a pattern, in which `*` is any name or number.
fn fits(pattern: &str, at: &str) -> bool {
    let (pattern, at): (Vec<&str>, Vec<&str>) = (pattern.split('/').collect(), at.split('/').collect());
    pattern.len() == at.len() && pattern.iter().zip(at).all(|(one, other)| *one == "*" || *one == other)
}

/// Parts of files that are about no flag: how their pointers start.
const PASSED_OVER: &[(&str, &[&str])] = &[
    // Its tool reads the version, and a name for people.
    ("flipt", &["/version", "/namespace/name"]),
    // Written anew with each version that is published.
    ("firebase", &["/version"]),
    // Settings of the cluster and of other programs.
    ("kubernetes", &["/apiVersion", "/kind", "/metadata", "/resources", "/patches", "/data/LOG"]),
    // Lists of domains without any feature.
    ("duckduckgo", &["/unprotectedTemporary"]),
    // Its reader takes the name of the file.
    ("gitlab", &["/name"]),
];

/// Values that are the same as none; `[]` is an empty map as well, and `no map` whatever is none.
const DEFAULTS: &[(&str, &str, &str)] = &[
    ("flipt", "/flags/*/type", "\"VARIANT_FLAG_TYPE\""),
    ("flipt", "/flags/*/enabled", "false"),
    ("flipt", "/flags/*/enabled", "null"),
    ("flipt", "/segments/*/match_type", "\"ALL_MATCH_TYPE\""),
    ("featurevisor", "/rules/*/*/enabled", "true"),
    ("unleash", "/features/*/enabled", "false"),
    ("unleash", "/features/*/enabled", "null"),
    ("harness", "/featureFlags/flags/*", "[]"),
    ("harness", "/featureFlags/flags/*", "no map"),
    // A patch may say nothing of a flag; a resource may not.
    ("kubernetes", "/spec/flagSpec/flags/*", "[]"),
    ("kubernetes", "/spec/flagSpec/flags/welcome/description", "null"),
    ("unleash", "/strategies", "[]"),
    ("duckduckgo", "/features/webDetection/exceptions", "[]"),
    ("duckduckgo", "/features/webDetection/features/inner/exceptions", "[]"),
    ("firebase", "/parameterGroups/*", "[]"),
    ("microsoft", "/FeatureManagement/*", "[]"),
    ("microsoft", "/feature_management/feature_flags/*/enabled", "\"false\""),
    ("microsoft", "/feature_management/feature_flags/*/variants/*/status_override", "\"None\""),
];

/// Maps of which nobody reads other members than these; a row may be about one file.
const CLOSED: &[(&str, &str, &[&str])] = &[
    ("flipt", "", &["version", "namespace", "flags", "segments"]),
    ("flipt", "/namespace", &["key", "name"]),
    ("firebase", "", &["conditions", "parameters", "parameterGroups", "version"]),
    ("firebase", "/parameterGroups/*", &["parameters", "description"]),
    ("kubernetes", "", &["apiVersion", "kind", "metadata", "spec", "data"]),
    ("kubernetes", "/spec", &["flagSpec"]),
    ("kubernetes", "/data", &["flags.json", "FEATURE_CART"]),
    ("harness", "", &["featureFlags"]),
    ("harness", "/featureFlags", &["flags"]),
    ("harness", "/featureFlags/flags/*", &["flag"]),
    // No rule names another one.
    ("flagd", "/$evaluators", &["some"]),
    ("kubernetes", "/spec/flagSpec/$evaluators", &["some"]),
    ("microsoft", "", &["feature_management", "FeatureManagement"]),
    ("microsoft", "/feature_management", &["feature_flags"]),
    ("duckduckgo", "overrides/macos-override.json", &["features"]),
];

fn rows<'t>(id: &'t str, table: &'t [(&str, &'t [&str])]) -> impl Iterator<Item = &'t str> {
    table.iter().filter(move |(format, _)| *format == id).flat_map(|(_, all)| all.iter().copied())
}

/// A document without order and repetition where they have no meaning, and without what is passed over.
fn normal(id: &str, path: &str, tree: &Tree, at: &str) -> Value {
    let below = |name: &str| format!("{at}/{name}");
    let says_nothing = |at: &str, value: &Value| {
        let texts = match value {
            Value::Object(members) if members.is_empty() => ["[]".to_owned(), String::new()],
            Value::Object(_) => [value.to_string(), String::new()],
            _ => [value.to_string(), "no map".to_owned()],
        };
        DEFAULTS.iter().any(|row| row.0 == id && fits(row.1, at) && texts.iter().any(|text| row.2 == text))
    };
    match tree {
        // A value of .NET is text.
        Tree::Leaf(value) if id == "microsoft" && value.is_boolean() => value.to_string().into(),
        Tree::Leaf(value) => value.clone(),
        Tree::List(items) => {
            let mut all = Vec::new();
            for (number, item) in items.iter().enumerate() {
                let at = below(&number.to_string());
                match normal(id, path, item, &at) {
                    value if says_nothing(&at, &value) => {}
                    // A list among conditions is one of conditions that have to hold together.
                    Value::Array(items) if id == "featurevisor" && at.contains("/conditions") => all.extend(items),
                    value => all.push(value),
                }
            }
            if !is_ordered(id, at) {
                all.sort_by_key(Value::to_string);
                all.dedup();
            }
            Value::Array(all)
        }
        Tree::Map(members) => {
            let here = [at.to_owned(), format!("{path}{at}")];
            let closed = CLOSED.iter().find(|row| row.0 == id && here.iter().any(|here| fits(row.1, here)));
            let is_read = |(name, _): &&(String, Tree)| {
                let at = below(name);
                let over = |start: &str| at == start || at.starts_with(&format!("{start}/"));
                closed.is_none_or(|row| row.2.contains(&name.as_str())) && !rows(id, PASSED_OVER).any(over)
            };
            let read = members.iter().filter(is_read);
            let all = read.map(|(name, tree)| (name.clone(), normal(id, path, tree, &below(name))));
            Value::Object(all.filter(|(name, value)| !says_nothing(&below(name), value)).collect())
        }
    }
}

/// Whether two versions of files differ in nothing that is reported.
pub fn says_the_same(id: &str, before: &Files, after: &Files) -> bool {
    before.iter().all(|(path, tree)| normal(id, path, tree, "") == normal(id, path, &after[path], ""))
}
