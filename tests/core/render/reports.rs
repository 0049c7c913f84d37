//! Reports made by hand: what a review would find, without one.

mod flags;
pub use flags::*;

use countersign::changes::{RuleId, rules};
use countersign::diagnostics::{Diagnostic, Diagnostics, Place, lints};
use countersign::document::{Data, Decimal, Entry, Map, Node};
use countersign::flag::{Flag, Kind};
use countersign::format::Format;
use countersign::format::{FormatRef, flagd::FORMAT as FLAGD, native::FORMAT as NATIVE};
use countersign::impact;
use countersign::report::{
    Act, Change, ChangedFile, ChangedLine, Class, FlagReport, Holder, Ineligible, LastLiveReport, Live, Mode,
    NotCounted, NotCountedReason, PolicyReport, PrivilegeChange, Report, Requirement, Revision, SCHEMA, Side, States,
    Verdict,
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
    let top = field.split('.').next().unwrap_or(field);
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
        shared: None,
        means: field.to_owned(),
        row: NATIVE.field_at(field),
        list: NATIVE.field(top).filter(|row| !row.item_noun.is_empty()),
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
        format: FormatRef::Row(&NATIVE),
        path: PATH.to_owned(),
        previous_path: None,
        live: Live { before: true, after: true },
        state: States { before: Some("running".to_owned()), after: Some("running".to_owned()) },
        verdict,
        digest: Some("1a2b3c4d5e6f708192a3b4c5d6e7f8091a2b3c4d5e6f708192a3b4c5d6e7f809".to_owned()),
        past_impacts: Vec::new(),
        last_live: None,
        impact_summary: None,
        impact: None,
        segments: Vec::new(),
        variants: vec!["control".to_owned(), "treatment".to_owned()],
        changes,
        requirements: Vec::new(),
        since_approved: Vec::new(),
        notified: Vec::new(),
        locked_by: None,
        held_by: None,
        overridden: None,
        passed_over: Vec::new(),
        switch_off: None,
        freed: None,
        renamed_from: None,
        renamed_to: None,
        remarks: Vec::new(),
    }
}

pub fn report(verdict: Verdict, flags: Vec<FlagReport>) -> Report {
    Report {
        schema: SCHEMA,
        verdict,
        base: Revision { name: "main".to_owned(), oid: Some("9c1185a5c5e9fc54612808977ee8f548b2258d31".to_owned()) },
        no_flag: false,
        other_policy: None,
        head: Revision {
            name: "proposal".to_owned(),
            oid: Some("4f2f0fe4ab6ff5eeb9f3b8d0ea1a8ef3c7d8b9a0".to_owned()),
        },
        pull: None,
        flags,
        policy: PolicyReport {
            overridden: None,
            since_approved: Vec::new(),
            changed: false,
            verdict: Verdict::NotRequired,
            digest: None,
            paths: Vec::new(),
            requirements: Vec::new(),
            privilege_changes: Vec::new(),
            self_appointed: Vec::new(),
            effects: Vec::new(),
            changed_lines: Vec::new(),
        },
        bypassed: Vec::new(),
        remarks: Vec::new(),
        debts: Vec::new(),
        unknown_debts: Vec::new(),
        diagnostics: Vec::new(),
        by_key: None,
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
fn moves(flag: &mut FlagReport, format: &'static Format, before: Option<&str>, after: Option<&str>) {
    let read = |text: &str| -> Flag {
        let mut diagnostics = Diagnostics::of("flag");
        format
            .flags_of(text.as_bytes(), "flag", &mut diagnostics)
            .unwrap_or_else(|| panic!("unreadable:\n{text}"))
            .remove(0)
    };
    let [before, after] = [before, after].map(|side| side.map(read));
    let effect = impact::of(before.as_ref(), after.as_ref());
    flag.segments = impact::segments(before.as_ref(), after.as_ref());
    flag.impact_summary = Some(impact::sentence(&effect));
    flag.impact = Some(effect);
    flag.format = FormatRef::Row(format);
}

/// A native flag of two variants, with these lines next to what each has.
fn native(kind: &str, state: &str, lines: &str) -> String {
    let variants = if lines.contains("variants:") { "" } else { "variants: [{key: control}, {key: treatment}]\n" };
    let key = if lines.contains("bucketingKey:") { "" } else { "bucketingKey: user_id\n" };
    let salt = if lines.contains("bucketingSalt:") { "" } else { "bucketingSalt: mHdQDzeE\n" };
    format!("key: x\nkind: {kind}\nstate: {state}\n{key}{salt}{variants}{lines}")
}

pub fn policy() -> PolicyReport {
    PolicyReport {
        overridden: None,
        since_approved: Vec::new(),
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
                several: false,
                gained: true,
                what: "may approve 12 flags of `checkout`".to_owned(),
                paths: Vec::new(),
            },
            PrivilegeChange {
                who: "@acme/payments".to_owned(),
                several: false,
                gained: false,
                what: "may approve 12 flags of `checkout`".to_owned(),
                paths: Vec::new(),
            },
        ],
        self_appointed: vec!["@mallory".to_owned()],
        effects: vec!["`rolloutPercentage` is no longer critical".to_owned()],
        changed_lines: vec![ChangedFile {
            path: ".countersign/APPROVERS".to_owned(),
            lines: vec![
                ChangedLine { added: false, line: 4, text: "/flags/checkout/ @acme/payments".to_owned() },
                ChangedLine { added: true, line: 4, text: "/flags/checkout/ @mallory".to_owned() },
            ],
            left_out: 0,
        }],
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
