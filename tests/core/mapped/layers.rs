//! Files of one environment that stand over others: what such a file leaves out, another one says.

use std::collections::BTreeMap;

use countersign::report::{Report, Verdict};

use super::judged;
use super::parts::files;

fn settings(on: bool) -> String {
    format!("{{\"FeatureManagement\": {{\"Beta\": {on}}}}}")
}

/// What is said of each flag, with the verdict.
fn told(format: &str, before: &BTreeMap<String, String>, after: &BTreeMap<String, String>) -> (Vec<String>, Verdict) {
    let report: Report = judged(format, before, after);
    let rules = |flag: &countersign::report::FlagReport| {
        let mut rules: Vec<&str> =
            flag.changes.iter().filter_map(|change| change.rule).map(countersign::changes::RuleId::as_str).collect();
        rules.dedup();
        format!("{} {}", flag.key, rules.join(" "))
    };
    (report.flags.iter().map(rules).collect(), report.verdict)
}

#[test]
fn an_overlay_is_a_scope() {
    let base = files(&[("appsettings.json", &settings(false))]);
    let with =
        |on: bool| files(&[("appsettings.json", &settings(false)), ("appsettings.Production.json", &settings(on))]);
    assert_eq!(
        told("microsoft", &base, &with(true)),
        (vec!["Beta@Production activation".to_owned()], Verdict::Pending)
    );
    assert_eq!(told("microsoft", &base, &with(false)).1, Verdict::NotRequired);
    assert_eq!(told("microsoft", &with(false), &with(true)).0, ["Beta@Production activation"]);
    assert_eq!(told("microsoft", &with(true), &with(false)).1, Verdict::NotRequired);
}

/// A flag that is off in the overlay and on below it is on where the overlay does not say so any more.
#[test]
fn what_an_overlay_hid_comes_back() {
    for (format, below, over, on, off) in [
        ("microsoft", "appsettings.json", "appsettings.Production.json", settings(true), settings(false)),
        ("registry", "flags.yml", "flags.production.yml", "Beta: true\n".to_owned(), "Beta: false\n".to_owned()),
    ] {
        let scope = over.split('.').nth(1).unwrap();
        let before = files(&[(below, &on), (over, &off)]);
        let gone = files(&[(below, &on)]);
        let key = format!("Beta@{scope}");
        assert_eq!(told(format, &before, &gone), (vec![format!("{key} activation")], Verdict::Pending), "{format}");
        // Both in one proposal.
        let switched = files(&[(below, &on)]);
        let before = files(&[(below, &off), (over, &off)]);
        let (rules, verdict) = told(format, &before, &switched);
        assert!(
            rules.contains(&"Beta activation".to_owned()) && rules.contains(&format!("{key} activation")),
            "{rules:?}"
        );
        assert_eq!(verdict, Verdict::Pending);
        // Off in both: nothing comes back.
        let before = files(&[(below, &off), (over, &off)]);
        assert_eq!(told(format, &before, &files(&[(below, &off)])).1, Verdict::NotRequired, "{format}");
    }
}
