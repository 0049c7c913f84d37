//! Lints of one native flag, each with the smallest text that has it, and the limit on the content of one comment.

use std::collections::{BTreeMap, BTreeSet};

use countersign::diagnostics::Diagnostics;
use countersign::flag::File;
use countersign::format::native::FORMAT;
use countersign::policy::{Policy, PolicyFiles};
use countersign::report::Verdict;

use crate::files::judge_files;

/// The ids of the lints of a flag with these lines.
fn lints(lines: &str) -> BTreeSet<&'static str> {
    let text = format!("key: buy\nvariants: [{{key: a}}, {{key: b}}]\n{lines}\n");
    let mut diagnostics = Diagnostics::of("flags/buy.yaml");
    let _ = FORMAT.flags_of(text.as_bytes(), "flags/buy.yaml", &mut diagnostics);
    diagnostics.finish(text.as_bytes()).iter().map(|diagnostic| diagnostic.id.as_str()).collect()
}

#[test]
fn each_by_itself() {
    let users = (0..2_001).map(|number| format!("u{number}")).collect::<Vec<_>>().join(", ");
    let many = format!("kind: flag\nstate: active\nvariants: [{{key: a, inclusions: {{users: [{users}]}}}}]");
    let cases = [
        ("kind: flag\nstate: active\nendDate: \"2026-02-30\"", "bad-date"),
        ("kind: flag\nstate: scheduled", "scheduled-without-start"),
        ("kind: flag\nstate: active\nstartDate: 2026-12-02\nendDate: 2026-12-01", "start-after-end"),
        ("kind: flag\nstate: active\nevaluationMode: local\nstickyBucketing: true", "sticky-local"),
    ];
    for (lines, id) in cases {
        assert_eq!(lints(lines), BTreeSet::from([id]), "{lines}");
    }
    let without_variants = |lines: &str| {
        let text = format!("key: buy\n{lines}\n");
        let mut diagnostics = Diagnostics::of("flags/buy.yaml");
        let _ = FORMAT.flags_of(text.as_bytes(), "flags/buy.yaml", &mut diagnostics);
        diagnostics.finish(text.as_bytes()).iter().map(|diagnostic| diagnostic.id.as_str()).collect::<BTreeSet<_>>()
    };
    assert_eq!(without_variants(&many), BTreeSet::from(["too-many-inclusions"]));
    let off = "kind: flag\nstate: active\nvariants: [{key: a}, {key: \"off\"}]";
    assert_eq!(without_variants(off), BTreeSet::from(["variant-named-off"]));
}

/// Nobody approves their own change of the policy, so one person is too few, as far as the file tells who they are.
#[test]
fn few_admins() {
    let only =
        |login: &str| Some(format!("only `@{login}` may approve changes of the policy, and nobody approves their own"));
    let nobody = Some("nobody is named who may approve changes of the policy".to_owned());
    for (lines, expected) in [
        ("admins: [\"@kim\"]", only("kim")),
        ("admins: [\"@Kim\", \"@kim\"]", only("kim")),
        ("admins: []", nobody.clone()),
        ("distinct: true", nobody.clone()),
        ("policy-approvers: [\"@kim\"]", only("kim")),
        ("admins: [\"@kim\"]\npolicy-approvers: [\"@kim\"]", only("kim")),
        ("admins: [\"@acme/leads\"]\nteams: {\"@acme/leads\": [\"@kim\"]}", only("kim")),
        ("admins: [\"@acme/leads\"]\nteams: {\"@acme/leads\": []}", nobody),
        ("admins: [\"@kim\", \"@lee\"]", None),
        ("admins: [\"@kim\"]\npolicy-approvers: [\"@lee\"]", None),
        ("admins: [\"@kim\", \"@acme/leads\"]\nteams: {\"@acme/leads\": [\"@lee\"]}", None),
        // Nobody knows who is in it.
        ("admins: [\"@acme/leads\"]", None),
    ] {
        let config = format!("version: 1\n{lines}\nprojects: {{p: {{paths: [flags/], approvals: peer}}}}\n");
        let config = Some(File::regular(".countersign/config.yaml", config));
        let policy = Policy::read_valid(&PolicyFiles { config, approvers: None, formats: Vec::new(), trust: None });
        let found = policy.unwrap_or_else(|wrong| panic!("{lines}: {wrong:#?}")).few_admins();
        assert_eq!(found.as_ref().map(|found| found.message.clone()), expected, "{lines}");
        assert!(found.is_none_or(|found| found.id.as_str() == "few-admins" && !found.is_error()));
    }
}

/// A section or project that asks for more people than may approve there, as far as the files tell who they are.
#[test]
fn few_approvers() {
    let section = |asked: u32, named: usize| {
        vec![format!("`[Pay][{asked}]` asks for {asked} people, and this line and `admins` have {named}")]
    };
    let project = |asked: u32, named: usize| {
        vec![format!("`p` asks for {asked} people, and `.countersign/APPROVERS` and `admins` have {named}")]
    };
    for (config, approvers, expected) in [
        ("admins: [\"@kim\"]", "[Pay][3]\nflags/ @ann", section(3, 2)),
        ("admins: [\"@kim\"]", "[Pay][3]\nflags/ @ann @kim", section(3, 2)),
        ("admins: [\"@kim\"]", "[Pay][2]\nflags/ @ann", vec![]),
        // The people of the heading, and of the line that has others.
        ("admins: []", "[Pay][2] @ann @bob\nflags/\nflags/b/ @ann", section(2, 1)),
        ("admins: []", "[Pay][2] @ann @bob\nflags/", vec![]),
        ("admins: []", "^[Pay]\nflags/ @ann", vec![]),
        ("admins: []\nteams: {\"@acme/pay\": [\"@ann\"]}", "[Pay][2]\nflags/ @acme/pay", section(2, 1)),
        // Nobody knows who is in it.
        ("admins: []", "[Pay][9]\nflags/ @acme/pay", vec![]),
        ("admins: [\"@acme/leads\"]", "[Pay][9]\nflags/ @ann", vec![]),
        ("admins: [\"@kim\"]\nrequired: 99", "flags/ @ann", project(99, 2)),
        ("admins: [\"@kim\"]\nrequired: 2", "flags/ @ann", vec![]),
    ] {
        let (lines, required) = config.split_once("\nrequired: ").unwrap_or((config, "1"));
        let config = format!(
            "version: 1\n{lines}\nprojects: {{p: {{paths: [flags/], approvals: specific, required: {required}}}}}\n"
        );
        let config = Some(File::regular(".countersign/config.yaml", config));
        let file = Some(File::regular(".countersign/APPROVERS", format!("{approvers}\n")));
        let policy = Policy::read_valid(&PolicyFiles { config, approvers: file, formats: Vec::new(), trust: None });
        let found = policy.unwrap_or_else(|wrong| panic!("{approvers}: {wrong:#?}")).few_approvers();
        let said: Vec<String> = found.iter().map(|found| found.message.clone()).collect();
        assert_eq!(said, expected, "{lines} {approvers}");
    }
}

/// A thousand live flags that change are more than one comment can show: `invalid`, and the remedy is to split it.
#[test]
fn more_than_one_comment_can_show() {
    let side = |percentage: u32| -> BTreeMap<String, File> {
        let config = "version: 1\nprojects: {p: {paths: [flags/], approvals: specific}}\n";
        let mut files = vec![
            (".countersign/config.yaml".to_owned(), config.to_owned()),
            (".countersign/APPROVERS".to_owned(), "/flags/ @alice\n".to_owned()),
        ];
        files.extend((0..1_000).map(|number| {
            let flag = format!(
                "key: f{number}\nkind: flag\nstate: active\nrolloutPercentage: {percentage}\nvariants: [{{key: a}}]\n"
            );
            (format!("flags/f{number}.yaml"), flag)
        }));
        files.into_iter().map(|(path, text)| (path.clone(), File::regular(path, text))).collect()
    };
    let report = judge_files(&side(10), &side(20), None, &[]).unwrap();
    assert_eq!(report.verdict, Verdict::Invalid);
    let ids: Vec<&str> = report.diagnostics.iter().map(|diagnostic| diagnostic.id.as_str()).collect();
    assert_eq!(ids, ["too-much"]);
}
