//! `$evaluators` and the references to them: what is refused because some reader of flagd's expands it otherwise.

use super::*;

/// A file with the evaluators and the targeting of `f`.
fn file(evaluators: &str, targeting: &str) -> String {
    with(&format!(r#", "targeting": {targeting}"#)).replacen('{', &format!(r#"{{"$evaluators": {{{evaluators}}}, "#), 1)
}

const BETA: &str = r#""isBeta": {"==": [{"var": "ring"}, "beta"]}"#;
const RULE: &str = r#"{"if": [{"$ref": "isBeta"}, "on", "off"]}"#;

#[test]
fn names_of_evaluators() {
    for name in ["isBeta", "is-beta", "is_beta_2", "0"] {
        let rule = RULE.replace("isBeta", name);
        assert_eq!(ids(&file(&BETA.replace("isBeta", name), &rule)), [""; 0], "{name}");
    }
    for name in [r#"isBeta\"},\"on\",{\"$ref\":\"isInternal"#, "isBet.", "is beta", "", "is(Beta", "ísBeta", "a/b", "^"]
    {
        assert_eq!(ids(&file(&format!("{BETA}, {}", BETA.replace("isBeta", name)), RULE)), ["bad-key"], "{name}");
    }
}

/// Readers take the rule for the replacement of a regular expression, or write it anew.
#[test]
fn rules_that_are_not_put_in_as_they_stand() {
    for text in ["a$b", "$flagd.timestamp", r"a\\b", r#"a\"b"#, "é", r"\u00e9", r"a\nb"] {
        let evaluator = BETA.replace("\"beta\"", &format!("\"{text}\""));
        assert_eq!(ids(&file(&evaluator, RULE)), ["readers-disagree"], "{text}");
    }
    assert_eq!(ids(&file(&BETA.replace("ring", "$flagd.flagKey"), RULE)), ["readers-disagree"]);
    assert_eq!(ids(&file(&BETA.replace("\"beta\"", "\"<a> & 'b'\""), RULE)), [""; 0]);
    // In targeting itself all of them are fine.
    assert_eq!(ids(&with(r#", "targeting": {"if": [{"<": [{"var": "$flagd.timestamp"}, 5]}, "on", "off"]}"#)), [""; 0]);
}

#[test]
fn references_are_written_as_every_reader_finds_them() {
    let rows: &[(&str, &[&str])] = &[
        (r#"{"$ref": "isBeta"}"#, &[]),
        (r#"{"$ref":"isBeta"}"#, &[]),
        (r#"{ "$ref":   "isBeta" }"#, &[]),
        ("{\"$ref\":\n\"isBeta\"}", &[]),
        (r#"{"$ref" : "isBeta"}"#, &["readers-disagree"]),
        ("{\"$ref\"\n: \"isBeta\"}", &["readers-disagree"]),
        (r#"{"\u0024ref": "isBeta"}"#, &["readers-disagree"]),
        (r#"{"$r\u0065f": "isBeta"}"#, &["readers-disagree"]),
        (r#"{"x\"$ref": "isBeta"}"#, &["unknown-word", "readers-disagree"]),
        (r#"{"$ref": "isBeta", "!": 1}"#, &["wrong-type"]),
    ];
    for (reference, expected) in rows {
        let rule = RULE.replace(r#"{"$ref": "isBeta"}"#, reference);
        assert_eq!(ids(&file(BETA, &rule)), *expected, "{reference}");
    }
    // The document of YAML is written anew before it is searched.
    let yaml = "$evaluators: {isBeta: {\"==\": [1, 1]}}\nflags:\n  f:\n    state: ENABLED\n    variants: {a: x}\n    \
                targeting:\n      if: [{\"$ref\" : isBeta}, a, a]\n";
    assert_eq!(read_as("a.flagd.yaml", yaml).1, [""; 0]);
}

#[test]
fn references_outside_of_targeting() {
    let beta = |text: String| text.replacen('{', &format!(r#"{{"$evaluators": {{{BETA}}}, "#), 1);
    let smuggled = r#", "metadata": {"$ref": "isBeta"}"#;
    assert_eq!(ids(&beta(with(smuggled))), ["readers-disagree"]);
    assert_eq!(
        ids(&beta(with("").replace("true", r#"{"$ref": "isBeta"}"#).replace("false", "{}"))),
        ["readers-disagree"]
    );
    assert_eq!(ids(&beta(with(r#", "note": [{"$ref": "isBeta"}]"#))), ["unknown-field", "readers-disagree"]);
    assert_eq!(ids(&beta(with(r#", "$ref": "isBeta""#))), ["readers-disagree", "unknown-field"]);
    let whole = beta(with("")).replacen('{', r#"{"$ref": "isBeta", "#, 1);
    assert_eq!(ids(&whole), ["readers-disagree", "unknown-field"]);
    let metadata = beta(with("")).replacen('{', r#"{"metadata": {"$ref": "isBeta"}, "#, 1);
    assert_eq!(ids(&metadata), ["readers-disagree"]);
    let schema = beta(with("")).replacen('{', r#"{"$schema": {"$ref": "isBeta"}, "#, 1);
    assert_eq!(ids(&schema), ["readers-disagree"]);
}

/// An evaluator that changes is shown once in every output, with the flags that it changes.
#[test]
fn a_shared_change_is_shown_once() {
    let case = crate::case_file::CASES.iter().find(|case| case.name.contains("flagd-evaluator-edited"));
    let report = case.expect("the case").judge().expect("a report");
    let ids: Vec<String> = report.flags.iter().map(|flag| format!("{}/{}", flag.project, flag.key)).collect();
    assert_eq!(ids, ["checkout/dark", "checkout/light"]);
    for flag in &report.flags {
        let [change] = flag.changes.as_slice() else { panic!("{:?}", flag.changes) };
        assert_eq!((change.line, change.item.as_deref()), (1, Some("isBeta")));
    }
    let shared: Vec<_> =
        report.flags.iter().flat_map(|flag| &flag.changes).filter_map(|one| one.shared.clone()).collect();
    let reported: Vec<_> = shared.iter().map(|one| (one.flags.len(), one.listed_with.as_deref())).collect();
    assert_eq!(reported, [(2, None), (0, Some("checkout/dark"))]);
    for output in ["text", "markdown", "html"] {
        let look = countersign::render::Look { all: true, ..Default::default() };
        let written = countersign::render::review(output, &report, &look);
        let shown = written.matches("listed with").count();
        assert!(written.contains("used by") && shown > 0, "{output}\n{written}");
    }
}

/// A mistake in the evaluators is reported once, there, and not of each flag that refers to them.
#[test]
fn causes_are_reported_and_consequences_are_not() {
    let whole = |member: &str| with(&format!(r#", "targeting": {RULE}"#)).replacen('{', &format!("{{{member}, "), 1);
    let rows: &[(&str, &[&str])] = &[
        (r#""$evaluators": [1]"#, &["wrong-type"]),
        (r#""$evaluators": "isBeta""#, &["wrong-type"]),
        (r#""$Evaluators": {"isBeta": {"!": true}}"#, &["readers-disagree"]),
        (r#""$evaluator": {"isBeta": {"!": true}}"#, &["missing-field"]),
        // The users whom such a rule serves are not reported.
        (r#""$evaluators": {"isBeta": "onn"}"#, &["wrong-type"]),
        (r#""$evaluators": {"isBeta": ["onn"]}"#, &["wrong-type"]),
        (r#""$evaluators": {"isBeta": {"iff": [1, "onn"]}}"#, &["unknown-word"]),
        // These have no other cause.
        (r#""$evaluators": {}"#, &["unknown-evaluator"]),
        (r#""$evaluators": null"#, &["unknown-evaluator"]),
        (r#""$evaluators": {"isBet": {"!": true}, "x": "onn"}"#, &["wrong-type", "unknown-evaluator"]),
        (r#""evaluated": {"isBeta": {"!": true}}"#, &["unknown-field", "unknown-evaluator"]),
    ];
    for (member, expected) in rows {
        assert_eq!(ids(&whole(member)), *expected, "{member}");
        let alone = whole(member).replace(RULE, r#"{"$ref": "isBeta"}"#);
        assert_eq!(ids(&alone), *expected, "{alone}");
    }
    let flag = r#"{"f": {"state": "ENABLED", "variants": {"on": true}}}"#;
    for (text, expected) in [
        (format!(r#"{{"Flags": {flag}}}"#), "readers-disagree"),
        (format!(r#"{{"flgas": {flag}}}"#), "missing-field"),
        (format!(r#"{{"flags": {flag}}}"#).replace("state", "State"), "readers-disagree"),
        (format!(r#"{{"flags": {flag}}}"#).replace("variants", "Variants"), "readers-disagree"),
    ] {
        assert_eq!(ids(&text), [expected], "{text}");
    }
}
