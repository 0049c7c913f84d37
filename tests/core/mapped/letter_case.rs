//! Names that people choose where Go's readers fold the letter case of members.

use countersign::report::Verdict;

use super::own_at;

/// Variants, and their shares, are called as people like, and the members that hold them are not.
#[test]
fn variants_are_called_as_people_like() {
    let shares = "about: mine\nsyntax: {is: yaml, readers: [go]}\nentities:\n  - at: flags/*\n    key: '@key'\n    live: [{when: {at: enabled, is: true}, is: live}]\n    impact: {percentage: percentage, weights: weights}\n    fields: {variants: variants, distribution: {at: {w: weights, s: split}, names: variants}, rollout: percentage, schedule: {at: plan, names: variants}, salt: plan/salt, meta: labels}\n";
    let flag = |more: &str| format!(r#"{{"flags": {{"a": {{"enabled": false, "variants": {{"on": 1}}{more}}}}}}}"#);
    let at = |mapping: &str, more: &str| own_at("flags.json", mapping, &flag(""), &flag(more));
    for (more, expected) in [
        (r#", "weights": {"Percentage": 50, "Enabled": 50}"#, Verdict::NotRequired),
        (r#", "split": {"Percentage": 50, "Enabled": 50}"#, Verdict::NotRequired),
        (r#", "plan": {"Enabled": 50}"#, Verdict::Invalid),
        (r#", "Weights": {"on": 50}"#, Verdict::Invalid),
        (r#", "Variants": {"on": 50}"#, Verdict::Invalid),
        (r#", "labels": {"Enabled": "x"}"#, Verdict::Invalid),
        (r#", "Enabled": true"#, Verdict::Invalid),
    ] {
        assert_eq!(at(shares, more).verdict, expected, "{more}");
    }
    let named = flag("").replace(r#""on": 1"#, r#""on": 1, "Percentage": 2, "Enabled": 3"#);
    assert_eq!(own_at("flags.json", shares, &flag(""), &named).verdict, Verdict::NotRequired);
    // The remedy.
    let labels = r#", "labels": {"Enabled": "x"}"#;
    let remedy = at(shares, labels).diagnostics[0].remedy.clone();
    assert!(remedy.contains(r#"`known: ["labels/*"]`"#), "{remedy}");
    let mended = shares.replace("readers: [go]", r#"readers: [go], known: ["labels/*"]"#);
    assert_eq!(at(&mended, labels).verdict, Verdict::NotRequired);
    let inner = flag("").replace(r#""on": 1"#, r#""on": {"Enabled": 3}"#);
    let remedy = own_at("flags.json", shares, &flag(""), &inner).diagnostics[0].remedy.clone();
    assert!(remedy.contains(r#"`known: ["variants/*"]`"#), "{remedy}");
}
