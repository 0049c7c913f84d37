//! The examples of the critical rules, as `countersign rules ID` and the documentation show them: each is judged.

use std::collections::BTreeMap;

use countersign::changes::rules::RULES;
use countersign::flag::File;

use crate::files::judge_files;

const PATH: &str = "flags/checkout/buy.yaml";

/// The first lines of a flag file of an example. Where the lines name a field of its own, they are all there is of it.
const RULE_STUB: &[(&str, &str)] = &[
    ("key", "buy"),
    ("kind", "experiment"),
    ("state", "running"),
    ("bucketingKey", "user_id"),
    ("variants", "[{key: control}, {key: treatment}]"),
];

fn side(lines: &str) -> BTreeMap<String, File> {
    let own = |field: &&(&str, &str)| !lines.lines().any(|line| line.starts_with(&format!("{}:", field.0)));
    let stub: String = RULE_STUB.iter().filter(own).map(|(field, value)| format!("{field}: {value}\n")).collect();
    let config =
        "version: 1\nadmins: [\"@root\"]\nprojects: {checkout: {paths: [flags/checkout/], approvals: specific}}\n";
    let pay = "key: pay\nkind: flag\nstate: active\nvariants: [{key: control}, {key: treatment}]\n";
    let files = [
        (".countersign/config.yaml", config.to_owned()),
        (".countersign/APPROVERS", "/flags/ @alice\n".to_owned()),
        (PATH, format!("{stub}{lines}\n")),
        ("flags/checkout/pay.yaml", pay.to_owned()),
    ];
    files.map(|(path, text)| (path.to_owned(), File::regular(path, text))).into()
}

#[test]
fn every_example_is_true() {
    let mut reported = Vec::new();
    for rule in RULES {
        let (id, example) = (rule.id.as_str(), rule.example);
        assert!(example.before != example.after && !example.instead.ends_with('.'), "{id}");
        if !example.lines {
            reported.push(id);
            continue;
        }
        let report = judge_files(&side(example.before), &side(example.after), None, &[]).unwrap();
        assert!(
            !report.diagnostics.iter().any(countersign::diagnostics::Diagnostic::is_error),
            "{}: {:?}",
            id,
            report.diagnostics
        );
        let rules: Vec<&str> = report.flags[0]
            .changes
            .iter()
            .filter_map(|change| change.rule)
            .map(countersign::changes::RuleId::as_str)
            .collect();
        assert!(!rules.is_empty() && rules.iter().all(|rule| *rule == id), "{id}: {rules:?}");
        assert_eq!(report.verdict.word(), "pending", "{id}");
    }
    assert_eq!(reported, ["added-field", "deletion", "moved", "deactivation", "policy"]);
}
