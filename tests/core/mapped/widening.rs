//! Segments whose conditions let in more users than before, or fewer: reported in one direction only.

use super::judged;
use super::parts::files;
use super::reviewed::of;

const FLIPT: &str = "version: '1.4'
flags:
  - {key: checkout, type: VARIANT_FLAG_TYPE, enabled: true, variants: [{key: old}, {key: new}], rules: [{segment: eu, distributions: [{variant: new, rollout: 100}]}]}
segments:
  - key: eu
    match_type: ANY_MATCH_TYPE
    constraints:
      - {type: STRING_COMPARISON_TYPE, property: country, operator: isoneof, value: '[\"de\",\"nl\"]'}
      - {type: NUMBER_COMPARISON_TYPE, property: age, operator: gt, value: '18'}
";

const MORE: &[&str] = &["100.0% newly exposed", "users whom its conditions left out"];
const FEWER: &[&str] = &["100.0% lose their variant", "users whom its conditions leave out"];
const OTHERS: &[&str] = &["other conditions, which are not compared"];

#[track_caller]
fn is_said(summary: &str, members: &str, words: &[&str]) {
    let all = format!("{summary} {members}");
    for word in words {
        assert!(all.contains(word), "{word} is missing in {all}");
    }
    if words != OTHERS {
        let other = if words == MORE { "lose their variant" } else { "newly exposed" };
        assert!(!all.contains(other) && !all.contains("not compared"), "{all}");
    }
}

fn summary_and_members(report: &countersign::report::Report) -> (String, String) {
    let flag = &report.flags[0];
    let members = serde_json::to_string(&flag.impact.as_ref().unwrap().members).unwrap();
    (flag.impact_summary.clone().unwrap(), members)
}

#[test]
fn segments_of_flipt() {
    for (from, to, words) in [
        ("\"de\",\"nl\"", "\"de\",\"nl\",\"fr\"", MORE),
        ("\"de\",\"nl\"", "\"de\"", FEWER),
        ("\"de\",\"nl\"", "\"de\",\"fr\"", OTHERS),
        ("value: '18'", "value: '16'", MORE),
        ("value: '18'", "value: '21'", FEWER),
        ("operator: gt", "operator: lt", OTHERS),
        ("ANY_MATCH_TYPE", "ALL_MATCH_TYPE", FEWER),
        ("      - {type: NUMBER_COMPARISON_TYPE, property: age, operator: gt, value: '18'}\n", "", FEWER),
        ("segment: eu,", "segment: {keys: [eu, us], operator: OR_SEGMENT_OPERATOR},", MORE),
        ("segment: eu,", "segment: {keys: [eu, us], operator: AND_SEGMENT_OPERATOR},", FEWER),
    ] {
        assert!(FLIPT.contains(from), "{from}");
        let (summary, members) = summary_and_members(&of("flipt", "features.yml", FLIPT, &FLIPT.replace(from, to)));
        is_said(&summary, &members, words);
    }
    let all = FLIPT.replace("ANY_MATCH", "ALL_MATCH");
    let (summary, members) = summary_and_members(&of("flipt", "features.yml", &all, FLIPT));
    is_said(&summary, &members, MORE);
    let one = all.replace("      - {type: NUMBER_COMPARISON_TYPE, property: age, operator: gt, value: '18'}\n", "");
    let (summary, members) = summary_and_members(&of("flipt", "features.yml", &one, &all));
    is_said(&summary, &members, FEWER);
}

#[test]
fn rollouts_of_flipt_by_segment() {
    const BOOLEAN: &str =
        "flags: [{key: a, type: BOOLEAN_FLAG_TYPE, enabled: false, rollouts: [{segment: {key: eu, value: true}}]}]\n";
    for (to, words) in [
        ("keys: [eu, us]", &["\"joins\":[\"users whom", "\"leaves\":[]"]),
        ("keys: [eu, us], operator: AND_SEGMENT_OPERATOR", &["\"joins\":[]", "\"leaves\":[\"users whom"]),
    ] {
        let (_, members) = summary_and_members(&of("flipt", "features.yml", BOOLEAN, &BOOLEAN.replace("key: eu", to)));
        assert!(words.iter().all(|word| members.contains(word)), "{members}");
    }
}

#[test]
fn segments_of_featurevisor() {
    const SEGMENT: &str = "conditions:
  and:
    - {attribute: country, operator: in, values: [de, nl], value: [de, nl]}
    - or:
        - {attribute: version, operator: semverGreaterThan, value: 1.2.0}
        - {attribute: device, operator: equals, value: ios}
    - not: [{attribute: country, operator: in, value: [at, ch]}]
";
    let feature = |segments: &str| {
        format!(
            "bucketBy: userId\nrules: {{production: [{{key: a, segments: {segments}, percentage: 100}}, {{key: b, segments: '*', percentage: 0}}]}}\n"
        )
    };
    let side = |segments: &str, text: &str| files(&[("features/f.yml", &feature(segments)), ("segments/s.yml", text)]);
    let segment = SEGMENT.replace("values: [de, nl], ", "");
    for (from, to, words) in [
        ("value: [de, nl]", "value: [de, nl, fr]", MORE),
        ("value: [de, nl]", "value: [de]", FEWER),
        ("value: [at, ch]", "value: [at, ch, li]", FEWER),
        ("value: [at, ch]", "value: [at]", MORE),
        ("1.2.0", "1.1.0", MORE),
        ("1.2.0", "1.3.0", FEWER),
        ("        - {attribute: device, operator: equals, value: ios}\n", "", FEWER),
        ("value: ios", "value: web", OTHERS),
        ("    - or:", "    - {attribute: a, operator: equals, value: b}\n    - or:", FEWER),
    ] {
        assert!(segment.contains(from), "{from}");
        let after = segment.replace(from, to);
        let report = judged("featurevisor", &side("s", &segment), &side("s", &after));
        let (summary, members) = summary_and_members(&report);
        is_said(&summary, &members, words);
        // Where a rule turns it round, nothing is certain.
        let report = judged("featurevisor", &side("{not: [s]}", &segment), &side("{not: [s]}", &after));
        let (_, members) = summary_and_members(&report);
        assert!(members.contains("not compared"), "{members}");
    }
    for (old, new, words) in [
        ("s", "[s, t]", FEWER),
        ("{or: [s, t]}", "s", FEWER),
        ("{or: [s, t]}", "{or: [s, t, u]}", MORE),
        ("{and: [s, {not: [t]}]}", "s", MORE),
        ("s", "'*'", MORE),
        ("s", "t", OTHERS),
    ] {
        let report = judged("featurevisor", &side(old, &segment), &side(new, &segment));
        let (summary, members) = summary_and_members(&report);
        is_said(&summary, &members, words);
    }
}
