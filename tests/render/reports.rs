//! Reports made by hand: what a review would find, without one.

use countersign::changes::{RuleId, rules};
use countersign::diagnostics::{Diagnostic, Diagnostics, Place, lints};
use countersign::document::{Data, Decimal, Entry, Map, Node};
use countersign::flag::{Flag, Kind};
use countersign::format::Format;
use countersign::format::{flagd::FORMAT as FLAGD, native::FORMAT as NATIVE};
use countersign::impact;
use countersign::report::{
    Act, Change, Class, FlagReport, Holder, Live, Mode, NotCounted, PolicyReport, PrivilegeChange, Report, Requirement,
    Revision, SCHEMA, Side, States, Verdict,
};
use serde_json::{Value, json};

/// A JSON value as a node that stands nowhere.
pub fn node(value: Value) -> Node {
    let data = match value {
        Value::Null => Data::Null,
        Value::Bool(value) => Data::Bool(value),
        Value::Number(number) => Data::Number(Decimal::parse(&number.to_string()).expect("a decimal")),
        Value::String(text) => Data::Text(text),
        Value::Array(items) => Data::List(items.into_iter().map(node).collect()),
        Value::Object(members) => Data::Map(Map(members
            .into_iter()
            .map(|(key, value)| Entry { key, place: Place::START, value: node(value) })
            .collect())),
    };
    Node::new(Place::START, data)
}

/// `null` is an absent side.
fn side(value: Value) -> Option<Node> {
    (!value.is_null()).then(|| node(value))
}

/// The typed id of a rule.
pub fn rule_id(id: &str) -> RuleId {
    rules::by_id(id).unwrap().id
}

pub const PATH: &str = "flags/checkout/one-click-checkout.yaml";

/// A native field's change on line `line`; the act follows from which side is there.
pub fn change(class: Class, rule: Option<&'static str>, field: &str, line: u32, before: Value, after: Value) -> Change {
    let act = match (before.is_null(), after.is_null()) {
        (true, false) => Act::Added,
        (false, true) => Act::Removed,
        _ => Act::Changed,
    };
    Change {
        class,
        rule: rule.map(rule_id),
        field: field.to_owned(),
        act,
        item: None,
        before: side(before),
        after: side(after),
        path: PATH.to_owned(),
        line,
        column: 1,
        means: field.to_owned(),
    }
}

pub fn critical(rule: &'static str, field: &str, line: u32, before: Value, after: Value) -> Change {
    change(Class::Critical, Some(rule), field, line, before, after)
}

pub fn of(item: &str, mut change: Change) -> Change {
    change.item = Some(item.to_owned());
    change
}

fn reordered(mut change: Change) -> Change {
    change.act = Act::Reordered;
    change
}

pub fn requirement(required: u32, from: &[&str], because: &[&'static str]) -> Requirement {
    Requirement {
        mode: Mode::Specific,
        policy: Side::Base,
        section: None,
        required,
        from: from.iter().map(ToString::to_string).collect(),
        line: Some(4),
        path: PATH.to_owned(),
        decided: Vec::new(),
        because: because.iter().map(|id| rule_id(id)).collect(),
        approved_by: Vec::new(),
        rejected_by: Vec::new(),
        not_counted: Vec::new(),
    }
}

pub fn flag(key: &str, verdict: Verdict, changes: Vec<Change>) -> FlagReport {
    FlagReport {
        project: "checkout".to_owned(),
        key: key.to_owned(),
        kind: Kind::Experiment,
        path: PATH.to_owned(),
        previous_path: None,
        live: Live { before: true, after: true },
        state: States { before: Some("running".to_owned()), after: Some("running".to_owned()) },
        verdict,
        digest: Some("1a2b3c4d5e6f708192a3b4c5d6e7f8091a2b3c4d5e6f708192a3b4c5d6e7f809".to_owned()),
        impact_summary: None,
        impact: None,
        segments: Vec::new(),
        variants: vec!["control".to_owned(), "treatment".to_owned()],
        changes,
        requirements: Vec::new(),
        notified: Vec::new(),
        locked_by: None,
        overridden: None,
        remarks: Vec::new(),
    }
}

pub fn report(verdict: Verdict, flags: Vec<FlagReport>) -> Report {
    Report {
        schema: SCHEMA,
        verdict,
        base: Revision { name: "main".to_owned(), oid: Some("9c1185a5c5e9fc54612808977ee8f548b2258d31".to_owned()) },
        head: Revision {
            name: "proposal".to_owned(),
            oid: Some("4f2f0fe4ab6ff5eeb9f3b8d0ea1a8ef3c7d8b9a0".to_owned()),
        },
        flags,
        policy: PolicyReport {
            overridden: None,
            changed: false,
            verdict: Verdict::NotRequired,
            digest: None,
            paths: Vec::new(),
            requirements: Vec::new(),
            privilege_changes: Vec::new(),
            effects: Vec::new(),
        },
        diagnostics: Vec::new(),
    }
}

pub fn empty() -> Report {
    report(Verdict::NotRequired, Vec::new())
}

fn us_and_ca() -> Value {
    json!({"type": "property", "prop": "country", "op": "is", "values": ["US", "CA"]})
}

fn app_version() -> Value {
    json!({"type": "property", "prop": "app_version", "op": "is not", "values": ["1.2"]})
}

/// Says whom the change from one file to the other moves, computed as a review does.
fn moves(flag: &mut FlagReport, format: &Format, before: Option<&str>, after: Option<&str>) {
    let read = |text: &str| -> Flag {
        let mut diagnostics = Diagnostics::of("flag");
        (format.read)(text.as_bytes(), "flag", &mut diagnostics)
            .unwrap_or_else(|| panic!("unreadable:\n{text}"))
            .remove(0)
    };
    let [before, after] = [before, after].map(|side| side.map(read));
    let effect = impact::of(before.as_ref(), after.as_ref());
    flag.segments = impact::segments(before.as_ref(), after.as_ref());
    flag.impact_summary = Some(impact::sentence(&effect));
    flag.impact = Some(effect);
}

/// A native flag of two variants, with these lines beside what each has.
fn native(kind: &str, state: &str, lines: &str) -> String {
    let variants = if lines.contains("variants:") { "" } else { "variants: [{key: control}, {key: treatment}]\n" };
    let key = if lines.contains("bucketingKey:") { "" } else { "bucketingKey: user_id\n" };
    let salt = if lines.contains("bucketingSalt:") { "" } else { "bucketingSalt: mHdQDzeE\n" };
    format!("key: x\nkind: {kind}\nstate: {state}\n{key}{salt}{variants}{lines}")
}

/// A live experiment with a change of every kind that matters, half approved.
pub fn showcase() -> FlagReport {
    let mut one = flag(
        "one-click-checkout",
        Verdict::Pending,
        vec![
            critical(
                "variant-distribution",
                "rolloutWeights",
                17,
                json!({"control": 1, "treatment": 1}),
                json!({"control": 1, "treatment": 3}),
            ),
            critical("rollout", "rolloutPercentage", 16, json!(20), json!(50)),
            of(
                "US beta users",
                critical(
                    "target-segments",
                    "targetSegments.conditions",
                    23,
                    json!([us_and_ca()]),
                    json!([{"type": "property", "prop": "country", "op": "is", "values": ["US"]}, app_version()]),
                ),
            ),
            of("US beta users", critical("target-segments", "targetSegments.percentage", 20, json!(100), json!(33.5))),
            of(
                "Staff",
                critical(
                    "target-segments",
                    "targetSegments",
                    30,
                    Value::Null,
                    json!({"name": "Staff", "percentage": 100, "bucketingKey": "user_id",
                           "rolloutWeights": {"control": 0, "treatment": 1},
                           "conditions": [us_and_ca(), app_version()]}),
                ),
            ),
            of(
                "treatment",
                critical(
                    "variants",
                    "variants.payload",
                    14,
                    json!({"steps": 1, "copy": {"title": "Buy now", "button": "Pay with one click"}, "limits": [1, 2]}),
                    json!({"steps": 2, "copy": {"title": "Buy now", "button": "Pay with one tap"}, "limits": [1, 2]}),
                ),
            ),
            change(Class::Routine, None, "owner", 8, Value::Null, json!("jo")),
            change(Class::Routine, None, "description", 5, json!("One click"), json!("One click, not three")),
            change(Class::Routine, None, "tags", 9, json!(["payments"]), json!(["payments", "q4"])),
            change(
                Class::NoEffect,
                None,
                "targetSegments.rolloutWeights",
                26,
                json!({"control": 1, "treatment": 1}),
                json!({"control": 50, "treatment": 50}),
            ),
        ],
    );
    one.requirements = vec![Requirement {
        section: Some("Payments".to_owned()),
        approved_by: vec!["alice".to_owned()],
        not_counted: vec![
            NotCounted {
                login: "bob".to_owned(),
                why: "approved 9f8e7d6c, which is no longer the proposed content".to_owned(),
            },
            NotCounted { login: "jo".to_owned(), why: "is the requestor".to_owned() },
        ],
        ..requirement(
            2,
            &["@acme/payments", "@alice"],
            &["variant-distribution", "rollout", "target-segments", "variants"],
        )
    }];
    let before = native(
        "experiment",
        "running",
        "rolloutPercentage: 20
rolloutWeights: {control: 1, treatment: 1}
targetSegments:
  - name: US beta users
    percentage: 100
    rolloutWeights: {control: 1, treatment: 1}
    conditions: [{type: property, prop: country, op: is, values: [US, CA]}]
",
    );
    let after = native(
        "experiment",
        "running",
        "rolloutPercentage: 50
rolloutWeights: {control: 1, treatment: 3}
targetSegments:
  - name: US beta users
    percentage: 33.5
    rolloutWeights: {control: 50, treatment: 50}
    conditions:
      - {type: property, prop: country, op: is, values: [US]}
      - {type: property, prop: app_version, op: is not, values: ['1.2']}
  - name: Staff
    percentage: 100
    rolloutWeights: {control: 0, treatment: 1}
    conditions:
      - {type: property, prop: country, op: is, values: [US, CA]}
      - {type: property, prop: app_version, op: is not, values: ['1.2']}
",
    );
    moves(&mut one, &NATIVE, Some(&before), Some(&after));
    one.requirements[0].decided =
        vec!["section `Payments` is required: the change affects 100.0%, more than 5%".to_owned()];
    one.notified = vec!["@acme/observers".to_owned()];
    one.remarks = vec!["about 30% of the users get `treatment` who do not get it today".to_owned()];
    one
}

/// A second experiment: order, schedule, exposure, salt, inclusions; approved.
pub fn approved() -> FlagReport {
    let mut one = flag(
        "search-ranking",
        Verdict::Approved,
        vec![
            reordered(critical(
                "variants",
                "variants",
                10,
                json!([{"key": "control"}, {"key": "treatment"}]),
                json!([{"key": "treatment"}, {"key": "control"}]),
            )),
            of(
                "big",
                critical(
                    "variants",
                    "variants",
                    12,
                    Value::Null,
                    json!({"key": "big", "name": "Big list", "payload": {"size": 40}, "inclusions": {"users": ["u1", "u2"]}}),
                ),
            ),
            of("old", critical("variants", "variants", 13, json!({"key": "old"}), Value::Null)),
            reordered(critical(
                "target-segments",
                "targetSegments",
                20,
                json!(["Staff", "Beta"]),
                json!(["Beta", "Staff"]),
            )),
            critical(
                "exposure-event",
                "exposureEvent.event_type",
                9,
                json!("Checkout Viewed"),
                json!("Checkout Started"),
            ),
            critical(
                "exposure-event",
                "exposureEvent.filters",
                9,
                json!([]),
                json!([{"subprop_key": "plan", "subprop_op": "is", "subprop_type": "user", "subprop_value": ["pro", "team"]}]),
            ),
            critical("bucketing-salt", "bucketingSalt", 7, json!("mHdQDzeE"), json!("x9KlmN02")),
            critical("sticky-bucketing", "stickyBucketing", 8, json!(false), json!(true)),
            of(
                "treatment",
                critical("inclusions", "variants.inclusions.users", 15, json!(["u1", "u2"]), json!(["u2", "u3"])),
            ),
            critical("schedule", "endDate", 30, Value::Null, json!("2026-12-24")),
            critical("deployments", "deployments", 5, json!(["web-prod"]), json!(["ios-prod", "web-prod"])),
            critical("unknown-field", "shadowMode", 31, Value::Null, json!(true)),
        ],
    );
    let before =
        native("experiment", "running", "rolloutPercentage: 100\nrolloutWeights: {control: 1, treatment: 1}\n");
    let after = native(
        "experiment",
        "running",
        "rolloutPercentage: 100\nrolloutWeights: {control: 1, treatment: 1}\nbucketingSalt: x9KlmN02\n\
         stickyBucketing: true\nvariants: [{key: treatment}, {key: control}, {key: big}]\n",
    );
    moves(&mut one, &NATIVE, Some(&before), Some(&after));
    one.requirements = vec![Requirement {
        mode: Mode::Peer,
        line: None,
        approved_by: vec!["kim".to_owned()],
        ..requirement(1, &["@sam"], &["variants", "target-segments", "exposure-event"])
    }];
    one
}

/// A new flag that would be live at once, locked by nobody, waiting.
pub fn activation() -> FlagReport {
    let activation =
        |field: &str, line, after| change(Class::Activation, Some("activation"), field, line, Value::Null, after);
    let mut one = flag(
        "gift-cards",
        Verdict::Pending,
        vec![
            activation("state", 4, json!("scheduled")),
            activation("startDate", 5, json!("2026-12-01")),
            activation("rolloutPercentage", 8, json!(12.5)),
            activation("rolloutWeights", 9, json!({"control": 1, "treatment": 2})),
            of("control", activation("variants", 6, json!({"key": "control"}))),
            of("treatment", activation("variants", 7, json!({"key": "treatment", "payload": "a text\nof two lines"}))),
        ],
    );
    one.kind = Kind::Flag;
    one.live = Live { before: false, after: true };
    one.state = States { before: None, after: Some("scheduled".to_owned()) };
    let after = native("flag", "scheduled", "rolloutPercentage: 12.5\nrolloutWeights: {control: 1, treatment: 2}\n");
    moves(&mut one, &NATIVE, None, Some(&after.replace("scheduled\n", "scheduled\nstartDate: 2026-12-01\n")));
    one.requirements = vec![Requirement {
        mode: Mode::Admins,
        line: None,
        ..requirement(1, &["@acme/platform-leads"], &["activation"])
    }];
    one
}

pub fn locked() -> FlagReport {
    let mut one = flag(
        "tax-rounding",
        Verdict::Locked,
        vec![critical("bucketing-key", "bucketingKey", 6, json!("user_id"), json!("device_id"))],
    );
    let lines = "rolloutPercentage: 40\nrolloutWeights: {control: 1, treatment: 1}\n";
    let before = native("experiment", "running", lines);
    moves(&mut one, &NATIVE, Some(&before), Some(&before.replace("user_id", "device_id")));
    one.locked_by =
        Some(Holder { pull: 123, requestor: "jo".to_owned(), since: "2026-11-21T12:00:00Z".to_owned(), days: 2 });
    one.requirements = vec![requirement(1, &["@acme/tax"], &["bucketing-key"])];
    one
}

pub fn rejected() -> FlagReport {
    let mut moved =
        critical("moved", "path", 1, json!("flags/growth/banner.yaml"), json!("flags/checkout/banner.yaml"));
    moved.means = String::new();
    let mut one = flag(
        "banner",
        Verdict::Rejected,
        vec![moved, critical("evaluation-mode", "evaluationMode", 5, json!("remote"), json!("local"))],
    );
    let lines = "rolloutPercentage: 40\nrolloutWeights: {control: 1, treatment: 1}\nevaluationMode: remote\n";
    let before = native("experiment", "running", lines);
    moves(&mut one, &NATIVE, Some(&before), Some(&before.replace("remote", "local")));
    one.path = "flags/checkout/banner.yaml".to_owned();
    one.previous_path = Some("flags/growth/banner.yaml".to_owned());
    for change in &mut one.changes {
        change.path.clone_from(&one.path);
    }
    one.requirements =
        vec![Requirement { rejected_by: vec!["dana".to_owned()], ..requirement(1, &["@dana", "@eve"], &["moved"]) }];
    one
}

pub fn deleted() -> FlagReport {
    let mut gone = critical("deletion", "", 1, json!({"key": "old-banner"}), Value::Null);
    gone.means = String::new();
    let mut one = flag("old-banner", Verdict::Pending, vec![gone]);
    one.kind = Kind::Flag;
    one.live = Live { before: true, after: false };
    one.state = States { before: Some("active".to_owned()), after: None };
    let lines = "rolloutPercentage: 100\nrolloutWeights: {control: 0, treatment: 1}\n";
    moves(&mut one, &NATIVE, Some(&native("flag", "active", lines)), None);
    one.requirements = vec![requirement(1, &["@acme/payments"], &["deletion"])];
    one
}

pub fn stopped() -> FlagReport {
    let mut one = flag(
        "slow-rollout",
        Verdict::NotRequired,
        vec![change(Class::Deactivation, None, "state", 4, json!("running"), json!("completed"))],
    );
    let lines = "rolloutPercentage: 30\nrolloutWeights: {control: 1, treatment: 1}\n";
    let before = native("experiment", "running", lines);
    moves(&mut one, &NATIVE, Some(&before), Some(&before.replace("running", "completed")));
    one.state.after = Some("completed".to_owned());
    one.live.after = false;
    one.digest = None;
    one
}

pub fn unreadable() -> FlagReport {
    let mut one = flag("broken", Verdict::Invalid, Vec::new());
    one.path = "flags/checkout/broken.yaml".to_owned();
    one.state.after = None;
    one.digest = None;
    one
}

/// A flag in flagd's words.
pub fn flagd() -> FlagReport {
    let path = "src/flagd/demo.flagd.json";
    let mean = |mut change: Change, means: &str| {
        change.means = means.to_owned();
        change.path = path.to_owned();
        change
    };
    let mut one = flag(
        "paymentFailure",
        Verdict::Pending,
        vec![
            mean(critical("variant-distribution", "defaultVariant", 12, json!("off"), json!("100%")), "rolloutWeights"),
            mean(
                critical(
                    "target-segments",
                    "targeting",
                    14,
                    json!({"if": [{"ends_with": [{"var": "email"}, "@acme.example"]}, "on", "off"]}),
                    json!({"if": [{"ends_with": [{"var": "email"}, "@acme.example"]}, "on", {"fractional": [["on", 25], ["off", 75]]}]}),
                ),
                "targetSegments",
            ),
            of("50%", mean(critical("variants", "variants", 8, Value::Null, json!(0.5)), "variants")),
        ],
    );
    one.kind = Kind::Flag;
    one.path = path.to_owned();
    one.state = States { before: Some("ENABLED".to_owned()), after: Some("ENABLED".to_owned()) };
    let file = |default: &str, last: &str| {
        format!(
            r#"{{"flags": {{"x": {{"state": "ENABLED", "variants": {{"on": 1, "off": 0, "100%": 1}}, "defaultVariant": "{default}",
            "targeting": {{"if": [{{"ends_with": [{{"var": "email"}}, "@acme.example"]}}, "on", {last}]}}}}}}}}"#
        )
    };
    let after = file("100%", r#"{"fractional": [["on", 25], ["off", 75]]}"#);
    moves(&mut one, &FLAGD, Some(&file("off", "\"off\"")), Some(&after));
    one.variants = vec!["100%".to_owned(), "off".to_owned()];
    one.requirements = vec![requirement(1, &["@acme/shop"], &["variant-distribution", "target-segments"])];
    one
}

/// Values and names in other scripts, wide and long.
pub fn unicode() -> FlagReport {
    let mut one = flag(
        "größe",
        Verdict::Pending,
        vec![
            critical(
                "variant-distribution",
                "rolloutWeights",
                9,
                json!({"旧いボタン": 1, "新しいボタン": 1, "c": 1}),
                json!({"旧いボタン": 99.999, "新しいボタン": 0.001, "c": 0}),
            ),
            of(
                "Nutzer in Österreich",
                critical(
                    "target-segments",
                    "targetSegments",
                    20,
                    json!({"name": "Nutzer in Österreich", "percentage": 100, "conditions": []}),
                    Value::Null,
                ),
            ),
            of(
                "新しいボタン",
                critical(
                    "variants",
                    "variants.description",
                    11,
                    json!(
                        "画面の右上に表示される小さなボタンで、押すと購入手続きに進みます。以前のものより目立ちません。"
                    ),
                    json!(
                        "A small button at the top right of the screen, which leads to the checkout; it is more visible than the old one, and red"
                    ),
                ),
            ),
        ],
    );
    let variants = "variants: [{key: 旧いボタン}, {key: 新しいボタン}, {key: c}]\nrolloutPercentage: 100\n";
    let before = format!(
        "{variants}rolloutWeights: {{旧いボタン: 1, 新しいボタン: 1, c: 1}}\n\
         targetSegments: [{{name: Nutzer in Österreich, percentage: 100, conditions: []}}]\n"
    );
    let after = format!("{variants}rolloutWeights: {{旧いボタン: 99.999, 新しいボタン: 0.001, c: 0}}\n");
    let [before, after] = [before, after].map(|lines| native("experiment", "running", &lines));
    moves(&mut one, &NATIVE, Some(&before), Some(&after));
    one.variants = vec!["旧いボタン".to_owned(), "新しいボタン".to_owned(), "c".to_owned()];
    one.requirements = vec![requirement(1, &["@zoë"], &["variant-distribution"])];
    one
}

pub fn policy() -> PolicyReport {
    PolicyReport {
        overridden: None,
        changed: true,
        verdict: Verdict::Pending,
        digest: Some("77aa88bb99cc00dd11ee22ff33aa44bb55cc66dd77ee88ff99aa00bb11cc22dd".to_owned()),
        paths: vec![".countersign/APPROVERS".to_owned(), ".countersign/config.yaml".to_owned()],
        requirements: vec![
            Requirement { mode: Mode::Admins, line: None, ..requirement(1, &["@acme/platform-leads"], &[]) },
            Requirement {
                mode: Mode::Admins,
                line: None,
                policy: Side::Proposed,
                ..requirement(1, &["@mallory"], &[])
            },
        ],
        privilege_changes: vec![
            PrivilegeChange {
                who: "@mallory".to_owned(),
                gained: true,
                what: "may approve 12 flags of `checkout`".to_owned(),
            },
            PrivilegeChange {
                who: "@acme/payments".to_owned(),
                gained: false,
                what: "may approve 12 flags of `checkout`".to_owned(),
            },
        ],
        effects: vec!["`rolloutPercentage` is no longer critical".to_owned()],
    }
}

pub fn diagnostics() -> Vec<Diagnostic> {
    let mut duplicate = Diagnostic::new(
        lints::DUPLICATE_KEY,
        "flags/checkout/broken.yaml",
        Place { line: 12, column: 3, width: 7 },
        "`control` stands twice in this map, first in line 11",
        "remove one of the two",
    );
    duplicate.excerpt = Some("  control: 3   # was 1".to_owned());
    let mut wide = Diagnostic::new(
        lints::UNKNOWN_FIELD,
        "flags/checkout/gift-cards.yaml",
        Place { line: 3, column: 8, width: 12 },
        "`rollotWeight` is no field of the flag",
        "write `rolloutWeights` if that is what you mean",
    );
    wide.excerpt = Some("a: 日本\t\u{202e}rollotWeight: {control: 1, treatment: 1} # and a long remark that goes on and on until nobody reads it".to_owned());
    let policy = Diagnostic::new(
        lints::DEAD_PATTERN,
        ".countersign/APPROVERS",
        Place { line: 7, column: 1, width: 14 },
        "`flags/old/**` matches no file",
        "remove the line or correct the path",
    );
    vec![duplicate, wide, policy]
}

/// Everything at once.
pub fn everything() -> Report {
    let mut whole = report(
        Verdict::Invalid,
        vec![
            approved(),
            showcase(),
            activation(),
            locked(),
            rejected(),
            deleted(),
            stopped(),
            unreadable(),
            flagd(),
            unicode(),
        ],
    );
    whole.policy = policy();
    whole.diagnostics = diagnostics();
    whole
}
