//! The report on a policy change besides who has to approve it: the changed lines, and who appoints themselves.

use std::collections::BTreeMap;

use countersign::approval::Evidence;
use countersign::flag::File;
use countersign::report::PolicyReport;

use crate::files::judge_files;

/// The report on a change of APPROVERS that `jo` opened and `sam` contributed to.
fn changed(before: &str, after: &str) -> PolicyReport {
    let config = "version: 1\nadmins: [\"@root\"]\nteams: {\"@acme/two\": [\"@sam\"]}\n\
                  projects: {checkout: {paths: [flags/checkout/], approvals: specific}}\n";
    let side = |approvers: &str| -> BTreeMap<String, File> {
        let flag = "key: buy\nkind: flag\nstate: active\nvariants: [{key: a}]\n";
        let files = [
            (".countersign/config.yaml", config),
            (".countersign/APPROVERS", approvers),
            ("flags/checkout/buy.yaml", flag),
        ];
        files.map(|(path, text)| (path.to_owned(), File::regular(path, text))).into()
    };
    let evidence = r#"{"schema": "countersign/evidence/v1", "now": "2026-11-23T12:00:00Z", "pull": 12, "requestor": "jo",
        "contributors": ["jo", "Sam"], "teams": {"@acme/one": ["JO"], "@acme/other": ["kim"]}}"#;
    let evidence = Evidence::parse(evidence).unwrap();
    judge_files(&side(before), &side(after), Some(&evidence), &[]).unwrap().policy
}

#[test]
fn whoever_gets_rights_by_their_own_change_is_named() {
    let before = "/flags/ @alice\n";
    for (who, expected) in [
        ("@jo", vec!["@jo"]),
        ("@SAM", vec!["@SAM"]),
        ("@kim", vec![]),
        ("@acme/one", vec!["@acme/one"]),
        ("@acme/two", vec!["@acme/two"]),
        ("@acme/other", vec![]),
        ("@jo @kim @acme/two", vec!["@acme/two", "@jo"]),
    ] {
        let after = format!("/flags/ @alice {who}\n");
        assert_eq!(changed(before, &after).self_appointed, expected, "{who}");
        // A person who loses a right appoints nobody.
        assert_eq!(changed(&after, before).self_appointed, Vec::<String>::new(), "{who}");
    }
}

#[test]
fn the_changed_lines_are_reported() {
    let policy = changed(
        "# who\n/flags/ @alice\n/flags/checkout/ @bob\n",
        "# who\n/flags/ @alice @kim\n/flags/checkout/ @bob\n",
    );
    let [file] = policy.changed_lines.as_slice() else { panic!("{policy:?}") };
    let lines: Vec<_> = file.lines.iter().map(|line| (line.added, line.line, line.text.as_str())).collect();
    assert_eq!((file.path.as_str(), file.left_out), (".countersign/APPROVERS", 0));
    assert_eq!(lines, [(false, 2, "/flags/ @alice"), (true, 2, "/flags/ @alice @kim")]);
    let many: String = (0..300).map(|number| format!("/flags/{number} @alice\n")).collect();
    let policy = changed("/flags/ @alice\n", &format!("/flags/ @alice\n{many}"));
    let [file] = policy.changed_lines.as_slice() else { panic!("{policy:?}") };
    assert_eq!((file.lines.len(), file.left_out), (200, 100));
}
