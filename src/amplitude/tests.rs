//! Items and files: examples of every shape, and what they come out as.

use super::compare::{projected, same_day};
use super::*;
use crate::diagnostics::Diagnostics;
use crate::flag::Flag;

fn items(text: &str) -> Vec<Item> {
    saved::items(text).unwrap().items
}

fn flag(text: &str) -> Flag {
    let mut diagnostics = Diagnostics::of("x.yaml");
    let mut flags = VOCABULARY.flags_of(text.as_bytes(), "x.yaml", &mut diagnostics).unwrap();
    let errors: Vec<_> =
        diagnostics.finish(text).into_iter().filter(crate::diagnostics::Diagnostic::is_error).collect();
    assert!(errors.is_empty(), "{errors:?}\n{text}");
    flags.remove(0)
}

const FLAG: &str = r#"{"id": 910442, "projectId": "450001", "deployments": ["71001"], "key": "pay", "name": "Pay", "description": "a\nb",
    "enabled": true, "evaluationMode": "remote", "bucketingKey": "amplitude_id", "bucketingSalt": "Qw8rTz1k", "bucketingUnit": "User",
    "variants": [{"key": "on", "name": "On"}, {"key": "beta"}], "rolloutPercentage": 25, "rolloutWeights": {"on": 1, "beta": 0, "gone": 4},
    "targetSegments": [{"name": "Staff", "conditions": [{"prop": "gp:staff", "op": "is", "type": "property", "values": ["true"]}],
    "percentage": 100, "bucketingKey": "amplitude_id", "rolloutWeights": {"on": 1}}], "parentDependencies": null, "tags": ["q3"], "deleted": false}"#;

#[test]
fn an_item_is_a_file_and_the_file_is_the_item() {
    let item = items(FLAG).remove(0);
    assert_eq!((item.id.as_str(), item.kind, item.word()), ("910442", Kind::Flag, "active"));
    let written = file::write(&item).unwrap();
    assert_eq!(written.left_out, BTreeMap::new());
    let flag = flag(&written.text);
    let view = projected(&item, &flag, &[]);
    assert_eq!(view.differing(&flag), [""; 0]);
    assert_eq!(view.unchecked, []);
    assert_eq!(
        written.text,
        "key: pay
kind: flag
name: Pay
description: \"a\\nb\"
tags: [q3]
state: active
evaluationMode: remote
deployments: [\"71001\"]
bucketingKey: amplitude_id
bucketingUnit: User
bucketingSalt: Qw8rTz1k
variants:
  - {key: \"on\", name: \"On\"}
  - {key: beta}
rolloutPercentage: 25
rolloutWeights: {beta: 0, \"on\": 1}
targetSegments:
  - name: Staff
    percentage: 100
    bucketingKey: amplitude_id
    rolloutWeights: {\"on\": 1}
    conditions: [{type: property, prop: \"gp:staff\", op: is, values: [\"true\"]}]
"
    );
}

#[test]
fn each_difference_is_found_and_nothing_else() {
    let item = items(FLAG).remove(0);
    let text = file::write(&item).unwrap().text;
    for (from, to, differing) in [
        ("rolloutPercentage: 25", "rolloutPercentage: 25.0", &[][..]),
        ("rolloutPercentage: 25", "rolloutPercentage: 50", &["rolloutPercentage"]),
        ("{beta: 0, \"on\": 1}", "{\"on\": 100}", &[]),
        ("{beta: 0, \"on\": 1}", "{\"on\": 3, beta: 1}", &["rolloutWeights"]),
        ("tags: [q3]\n", "", &[]),
        ("tags: [q3]", "tags: []", &["tags"]),
        ("state: active", "state: inactive", &["state"]),
        ("state: active", "state: archived", &["state"]),
        ("state: active", "state: testing", &["state"]),
        ("name: Pay\n", "name: \"\"\n", &["name"]),
        ("    bucketingKey: amplitude_id\n", "", &[]),
        ("  - {key: beta}\n", "  - {key: beta}\n  - {key: new}\n", &["variants"]),
        ("{key: beta}", "{key: beta, name: \"\"}", &[]),
        ("percentage: 100", "percentage: 99", &["targetSegments"]),
        ("owner", "owner", &[]),
    ] {
        let flag = flag(&text.replace(from, to));
        assert_eq!(projected(&item, &flag, &[]).differing(&flag), differing, "{from} to {to}");
    }
    let edited = flag(&text.replace("tags: [q3]", "tags: [q4]"));
    assert_eq!(projected(&item, &edited, &["tags".to_owned()]).differing(&edited), [""; 0], "left to the console");
}

#[test]
fn what_is_not_stated_is_not_compared() {
    let object = r#"{"id": "1", "projectId": "2", "key": "a", "enabled": false}"#;
    let item = items(object).remove(0);
    let flag = flag("key: a\nkind: flag\nstate: inactive\ntags: [x]\nrolloutPercentage: 5\n");
    let view = projected(&item, &flag, &[]);
    assert_eq!(view.differing(&flag), [""; 0]);
    let unchecked: Vec<&str> = view.unchecked.iter().map(|(field, _)| field.as_str()).collect();
    assert_eq!(unchecked, ["tags", "rolloutPercentage"]);
}

#[test]
fn parts_that_cannot_be_written_stay_in_amplitude() {
    let item = items(include_str!("../../tests/data/amplitude/04-flag-get-cohort-segment.json")).remove(0);
    let written = file::write(&item).unwrap();
    let reasons: Vec<_> = written.left_out.iter().map(|(field, why)| format!("{field}: {why}")).collect();
    assert_eq!(reasons, ["targetSegments: cohort clause in segment Gold cohort"]);
    assert!(
        written.text.starts_with(
            "# `targetSegments` is Amplitude's and not managed here: cohort clause in segment Gold cohort\n"
        )
    );
    assert_eq!(item.unknown, ["x_futureField"]);
    let bandit = items(include_str!("../../tests/data/amplitude/07-experiment-get-bandit.json")).remove(0);
    let written = file::write(&bandit).unwrap();
    assert!(!written.text.contains("rolloutWeights:"), "{}", written.text);
    for (member, value, field) in [
        ("name", "\"a\\u202eb\"", "name"),
        ("variants", r#"[{"key": "off"}]"#, "variants"),
        ("experimentType", "\"no-harm\"", "experimentType"),
        ("rolloutWeights", r#"{"on": 0}"#, "rolloutWeights"),
        ("rolloutPercentage", "140", "rolloutPercentage"),
    ] {
        let object = format!(
            r#"{{"id": "1", "projectId": "2", "key": "a", "enabled": false, "variants": [{{"key": "on"}}], "state": "planning", "{member}": {value}}}"#
        );
        let item = items(&object).remove(0);
        let written = file::write(&item).unwrap();
        assert_eq!(written.left_out.keys().collect::<Vec<_>>(), [field], "{}", written.text);
        let flag = flag(&written.text);
        assert_eq!(projected(&item, &flag, &[]).differing(&flag), [""; 0]);
    }
    let item = items(r#"{"id": "1", "projectId": "2", "key": "no key", "enabled": false}"#).remove(0);
    assert!(file::write(&item).is_err());
}

#[test]
fn an_object_that_does_not_say_what_it_is_is_refused() {
    for (object, why) in [
        (r#"{"id": "1", "key": "a", "enabled": true}"#, "the flag 1 has no `projectId`"),
        (r#"{"id": "1", "projectId": 2, "key": "a"}"#, "the flag 1 has no `enabled`"),
        (
            r#"{"id": "x/../y", "projectId": 2, "key": "a", "enabled": true}"#,
            "`x/../y` is no id of a flag or experiment",
        ),
        ("{}", "there is no flag and no experiment in it"),
        ("", "there is no flag and no experiment in it"),
    ] {
        assert_eq!(saved::items(object).unwrap_err(), why);
    }
}

#[test]
fn days_are_compared_as_days() {
    assert!(same_day("2026-09-14", "2026-09-14T08:00:00Z"));
    assert!(same_day("2026-09-14T08:00:00.000Z", "2026-09-14T10:00:00+02:00"));
    assert!(!same_day("2026-09-14T08:00:00Z", "2026-09-14T08:00:01Z"));
    assert!(!same_day("2026-09-14", "2026-09-15"));
}

#[test]
fn the_second_api_has_its_own_names() {
    let object = r#"{"data": [{"object": "feature_flag", "id": "7", "project_id": "2", "key": "a", "name": "", "enabled": true,
        "evaluation_mode": "local", "variants": [{"key": "on"}], "bucketing_key": "user_id", "rollout_percentage": 5, "rollout_weights": {"on": 1},
        "target_segments": [], "version": 3, "archived": true, "tags": []}]}"#;
    let item = items(object).remove(0);
    assert_eq!((item.word(), item.unknown.len()), ("archived", 0));
    assert!(file::write(&item).unwrap().text.contains("rolloutPercentage: 5\n"));
}
