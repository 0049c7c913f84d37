//! Templates of Firebase's Remote Config: parameters name conditions by the names of members, and the first that holds
//! counts.

use countersign::diagnostics::Diagnostics;
use countersign::format::known::known;
use countersign::format::mapped::{format, parse};
use countersign::report::{Report, Verdict};

use super::own;

const MAPPING: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/examples/formats/firebase.yaml"));

const TEMPLATE: &str = r#"{
  "conditions": [
    {"name": "ten", "expression": "percent <= 10", "tagColor": "PINK"},
    {"name": "ios", "expression": "device.os == 'ios'"},
    {"name": "nobody", "expression": "percent <= 0"}
  ],
  "parameters": {
    "checkout": {
      "defaultValue": {"value": "false"},
      "conditionalValues": {"ten": {"value": "true"}, "ios": {"value": "true"}},
      "valueType": "BOOLEAN"
    },
    "search": {"defaultValue": {"value": "true"}, "valueType": "BOOLEAN"},
    "disable_cart": {"defaultValue": {"value": "true"}, "valueType": "BOOLEAN"},
    "old": {"defaultValue": {"value": "false"}, "conditionalValues": {"ios": {"value": "false"}}},
    "text": {"defaultValue": {"useInAppDefault": true}}
  },
  "parameterGroups": {"g": {"parameters": {"banner": {"defaultValue": {"value": "hi"}}}}},
  "version": {"versionNumber": "6"}
}
"#;

fn edited(from: &str, to: &str) -> Report {
    assert!(TEMPLATE.contains(from), "{from}");
    own(MAPPING, TEMPLATE, &TEMPLATE.replacen(from, to, 1))
}

fn keys(report: &Report) -> Vec<&str> {
    report.flags.iter().map(|flag| flag.key.as_str()).collect()
}

#[test]
fn parameters_are_known_by_their_default_and_their_conditions() {
    let mapping = parse(MAPPING.as_bytes(), &mut Diagnostics::of("firebase.yaml")).unwrap();
    let mut diagnostics = Diagnostics::of("remoteconfig.template.json");
    let flags =
        format("firebase", mapping).flags_of(TEMPLATE.as_bytes(), "remoteconfig.template.json", &mut diagnostics);
    let states: Vec<String> = flags.unwrap().iter().map(|flag| format!("{} {}", flag.key, flag.state.word)).collect();
    assert_eq!(
        states,
        [
            "segment ten unknown",
            "segment ios unknown",
            "segment nobody unknown",
            "checkout unknown",
            "search live",
            "disable_cart live",
            "old inactive",
            "text unknown",
            "banner unknown"
        ]
    );
    let found = known("app/remoteconfig.template.json", TEMPLATE.as_bytes()).unwrap();
    assert_eq!((found.known.name, found.flags), ("Firebase Remote Config", 6));
}

#[test]
fn a_condition_that_changes_is_a_change_of_each_parameter_with_a_value_for_it() {
    let report = edited("percent <= 10", "percent <= 50");
    assert_eq!((keys(&report), report.verdict), (vec!["checkout"], Verdict::Pending), "{:#?}", report.flags);
    // One that no parameter names reaches nobody.
    let report = edited("percent <= 0", "percent <= 5");
    assert_eq!(keys(&report), ["segment nobody"]);
    // A colour is for people.
    assert_eq!(edited("PINK", "RED").verdict, Verdict::NotRequired);
    assert!(report.diagnostics.is_empty(), "{:#?}", report.diagnostics);
}

/// The first condition that holds gives the value.
#[test]
fn the_order_of_conditions_counts_where_a_parameter_names_several() {
    let ten = "    {\"name\": \"ten\", \"expression\": \"percent <= 10\", \"tagColor\": \"PINK\"},\n";
    let ios = "    {\"name\": \"ios\", \"expression\": \"device.os == 'ios'\"},\n";
    let report = edited(&format!("{ten}{ios}"), &format!("{ios}{ten}"));
    assert_eq!((keys(&report), report.verdict), (vec!["checkout"], Verdict::Pending), "{:#?}", report.flags);
    // `nobody` before them is named by none.
    let nobody = "    {\"name\": \"nobody\", \"expression\": \"percent <= 0\"}\n";
    let moved = format!("{},\n{ten}{}\n", nobody.trim_end(), ios.trim_end().trim_end_matches(','));
    let report = edited(&format!("{ten}{ios}{nobody}"), &moved);
    assert_eq!((keys(&report), report.verdict), (vec![], Verdict::NotRequired), "{:#?}", report.flags);
}

#[test]
fn values_are_switched_off_free_and_on_by_approval() {
    for (from, to, waits) in [
        (
            "\"search\": {\"defaultValue\": {\"value\": \"true\"}",
            "\"search\": {\"defaultValue\": {\"value\": \"false\"}",
            false,
        ),
        (
            "\"old\": {\"defaultValue\": {\"value\": \"false\"}",
            "\"old\": {\"defaultValue\": {\"value\": \"true\"}",
            true,
        ),
        ("\"ios\": {\"value\": \"false\"}", "\"ios\": {\"value\": \"true\"}", true),
        ("\"ios\": {\"value\": \"false\"}", "\"ios\": {\"useInAppDefault\": true}", true),
        (
            "{\"ten\": {\"value\": \"true\"}, \"ios\": {\"value\": \"true\"}}",
            "{\"ten\": {\"value\": \"false\"}, \"ios\": {\"value\": \"false\"}}",
            false,
        ),
        // Its name says that this gives it back.
        (
            "\"disable_cart\": {\"defaultValue\": {\"value\": \"true\"}",
            "\"disable_cart\": {\"defaultValue\": {\"value\": \"false\"}",
            true,
        ),
        ("\"hi\"", "\"hello\"", true),
        ("\"versionNumber\": \"6\"", "\"versionNumber\": \"7\"", false),
    ] {
        let report = edited(from, to);
        assert_eq!(report.verdict == Verdict::Pending, waits, "{to}: {:#?}", report.flags);
    }
}

#[test]
fn a_number_or_a_document_has_no_off() {
    let of = |kind: &str, value: &str| {
        let typed = format!("\"banner\": {{\"valueType\": \"{kind}\", \"defaultValue\": {{\"value\": \"{value}\"}}}}");
        TEMPLATE.replacen("\"banner\": {\"defaultValue\": {\"value\": \"hi\"}}", &typed, 1)
    };
    for (kind, waits) in [("NUMBER", true), ("JSON", true), ("STRING", false), ("BOOLEAN", false)] {
        let report = own(MAPPING, &of(kind, "true"), &of(kind, "false"));
        assert_eq!(report.verdict == Verdict::Pending, waits, "{kind}: {:#?}", report.flags);
    }
}

/// Readers of JSON that comes from protocol buffers take names in snake case too.
#[test]
fn names_in_snake_case_are_not_passed_over() {
    let off = r#""old": {"defaultValue": {"value": "false"}, "#;
    let shares = r#""conditionalValues": {"ios": {"value": "false"#;
    let rollout =
        format!(r#"{shares}", "rollout_value": {{"rolloutId": "a", "value": "true", "percent": 50}}, "x": ""#);
    assert_eq!(edited(shares, &rollout).verdict, Verdict::Pending);
    for more in [r#""conditional_values": {"ios": {"value": "true"}}, "#, r#""default_value": {"value": "true"}, "#] {
        assert_eq!(edited(off, &format!("{off}{more}")).verdict, Verdict::Pending, "{more}");
    }
    let report = edited(
        r#""conditionalValues": {"ios": {"value": "false"}}"#,
        r#""conditional_values": {"ios": {"value": "true"}}"#,
    );
    assert_eq!(report.verdict, Verdict::Pending);
}

/// Without a parameter the application takes the default in its own code, which may be on.
#[test]
fn a_parameter_that_goes_leaves_the_default_of_the_application() {
    let old = r#"    "old": {"defaultValue": {"value": "false"}, "conditionalValues": {"ios": {"value": "false"}}},
"#;
    let report = edited(old, "");
    assert_eq!((keys(&report), report.verdict), (vec!["old"], Verdict::Pending), "{:#?}", report.flags);
    assert!(report.flags[0].remarks[0].contains("its own default"), "{:#?}", report.flags);
    // A new name is another parameter, and the old one is gone.
    assert_eq!(edited("\"old\"", "\"older\"").verdict, Verdict::Pending);
    // In a group it is the same one, and a new one that is off is free.
    let moved = TEMPLATE.replacen(old, "", 1).replacen(
        "\"banner\"",
        r#""old": {"defaultValue": {"value": "false"}, "conditionalValues": {"ios": {"value": "false"}}}, "banner""#,
        1,
    );
    assert_eq!(own(MAPPING, TEMPLATE, &moved).verdict, Verdict::NotRequired);
    assert_eq!(own(MAPPING, &TEMPLATE.replacen(old, "", 1), TEMPLATE).verdict, Verdict::NotRequired);
}

/// A mapping says what absence means; without a word it is off.
#[test]
fn absence_of_a_flag_is_off_unless_its_mapping_says_otherwise() {
    for (absent, waits) in [("", false), (", absent: inactive", false), (", absent: unknown", true)] {
        let mapping = format!("entities: [{{at: \"*\", live: {{when: {{at: \"@value\", is: true}}}}{absent}}}]\n");
        let report = own(&mapping, "a: false\nb: true\n", "b: true\n");
        assert_eq!(report.verdict == Verdict::Pending, waits, "{absent}: {:#?}", report.flags);
    }
}
