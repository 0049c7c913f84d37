//! The worked traces: the exact calls of twelve changes, in their order.

use std::time::Duration;

use countersign::amplitude::apply::{AppliedFlag, ApplyOutcome, ApplyRules, apply, kill};
use countersign::amplitude::base::EarlierFile;
use countersign::amplitude::plan::{Finding, PlannedItem, ProjectThere, WantedFlag, planned};
use countersign::diagnostics::Diagnostics;
use countersign::flag::{Flag, FlagEntry};
use countersign::format::VOCABULARY;
use serde_json::{Value, json};

use crate::fake::Fake;

pub fn flag(text: &str) -> Flag {
    let mut diagnostics = Diagnostics::of("x.yaml");
    let flags = VOCABULARY.flags_of(text.as_bytes(), "x.yaml", &mut diagnostics);
    let errors: Vec<_> =
        diagnostics.finish(text).into_iter().filter(countersign::diagnostics::Diagnostic::is_error).collect();
    assert!(errors.is_empty(), "{errors:?}\n{text}");
    flags.unwrap().remove(0)
}

/// The plan of one file, which said `then` before; it was not there if that is empty.
pub fn plan_of(fake: &Fake, then: &str, want: &str) -> PlannedItem {
    let entry = FlagEntry {
        project: "checkout".to_owned(),
        path: "flags/checkout/pay.yaml".to_owned(),
        mode: 0o100_644,
        flag: flag(want),
    };
    let past = EarlierFile { commit: "c0ffee".to_owned(), flag: (!then.is_empty()).then(|| flag(then)) };
    let wanted = WantedFlag { entry, bytes: want.as_bytes().to_vec(), past: vec![past] };
    let client = fake.client(Duration::ZERO).paced(Duration::ZERO);
    let mut items = client.items("450001").unwrap();
    let details: Vec<_> =
        items.iter().map(|item| countersign::amplitude::apply::details(item, &wanted.entry.flag)).collect();
    client.detail(&mut items, &details, &|| {}).unwrap();
    let there = ProjectThere { id: "450001", items: &items, locked: None, unmanaged: &[] };
    planned(&[wanted], &there).remove(0)
}

pub fn carry_out(fake: &Fake, planned: &PlannedItem, allow_intermediate: bool) -> AppliedFlag {
    let client = fake.client(Duration::ZERO).paced(Duration::ZERO);
    let rules = ApplyRules { client: &client, project: "450001", unmanaged: &[], allow_intermediate };
    apply(&rules, planned)
}

/// Plans and applies, and the calls of the apply.
fn trace(fake: &Fake, then: &str, want: &str, allow: bool) -> (ApplyOutcome, Vec<String>) {
    let planned = plan_of(fake, then, want);
    fake.calls();
    let applied = carry_out(fake, &planned, allow);
    (applied.outcome, fake.calls())
}

fn writes(calls: Vec<String>) -> Vec<String> {
    calls.into_iter().filter(|call| !call.starts_with("GET ")).collect()
}

const STAFF: &str = r#"{"name": "Staff", "percentage": 100, "bucketingKey": "amplitude_id", "rolloutWeights": {"on": 1}, "conditions": [{"type": "property", "prop": "gp:staff", "op": "is", "values": ["true"]}]}"#;

fn base_file(more: &str) -> String {
    format!("key: pay\nkind: flag\n{more}")
}

#[test]
fn t1_body_fields_are_one_call() {
    let fake = Fake::start();
    let staff: Value = serde_json::from_str(STAFF).unwrap();
    fake.world().add("910442", false, &json!({"enabled": true, "rolloutPercentage": 25, "rolloutWeights": {"on": 1}, "targetSegments": [staff], "tags": ["payments", "q3"]}));
    let file = |percentage: u32, values: &str, tags: &str| {
        base_file(&format!(
            "state: active\nvariants: [{{key: \"on\"}}]\nrolloutPercentage: {percentage}\nrolloutWeights: {{\"on\": 1}}\ntags: {tags}\ntargetSegments: [{}]\n",
            STAFF.replace("[\"true\"]", values)
        ))
    };
    let (then, want) =
        (file(25, "[\"true\"]", "[payments, q3]"), file(50, "[\"true\", \"maybe\"]", "[payments, q3, new]"));
    let (outcome, calls) = trace(&fake, &then, &want, false);
    assert_eq!(outcome, ApplyOutcome::Done);
    let segments = r#"[{"bucketingKey":"amplitude_id","conditions":[{"op":"is","prop":"gp:staff","type":"property","values":["true","maybe"]}],"name":"Staff","percentage":100,"rolloutWeights":{"on":1}}]"#;
    assert_eq!(
        calls,
        [
            "GET /flags/910442",
            "GET /flags/910442/versions",
            &format!(
                r#"PATCH /flags/910442 {{"rolloutPercentage":50,"tags":["payments","q3","new"],"targetSegments":{segments}}}"#
            ),
            "GET /flags/910442",
            "GET /flags/910442/versions",
        ]
    );
}

const TWO: &str = "variants: [{key: \"on\"}, {key: off-peak}]\nrolloutPercentage: 100\n";

#[test]
fn t2_one_weight_is_one_call() {
    let fake = Fake::start();
    fake.world().add("7", false, &json!({"enabled": true, "rolloutPercentage": 100, "variants": [{"key": "on"}, {"key": "off-peak"}], "rolloutWeights": {"on": 1, "off-peak": 1}}));
    let file = |on: u32| base_file(&format!("state: active\n{TWO}rolloutWeights: {{\"on\": {on}, off-peak: 1}}\n"));
    let (outcome, calls) = trace(&fake, &file(1), &file(3), false);
    assert_eq!(outcome, ApplyOutcome::Done);
    assert_eq!(writes(calls), [r#"PATCH /flags/7/variants/on {"rolloutWeight":3}"#]);
}

#[test]
fn t3_several_weights_are_told_and_need_leave_in_an_experiment() {
    for experiment in [false, true] {
        let fake = Fake::start();
        fake.world().add("7", experiment, &json!({"enabled": true, "rolloutPercentage": 100, "variants": [{"key": "a"}, {"key": "b"}, {"key": "c"}], "rolloutWeights": {"a": 1, "b": 1, "c": 1}}));
        let (kind, state, path) =
            if experiment { ("experiment", "running", "experiments") } else { ("flag", "active", "flags") };
        let file = |weights: &str| {
            format!(
                "key: pay\nkind: {kind}\nstate: {state}\nvariants: [{{key: a}}, {{key: b}}, {{key: c}}]\nrolloutPercentage: 100\nrolloutWeights: {weights}\n"
            )
        };
        let (then, want) = (file("{a: 1, b: 1, c: 1}"), file("{a: 2, b: 1, c: 0}"));
        let planned = plan_of(&fake, &then, &want);
        let between: Vec<&str> = planned.steps.calls().filter_map(|call| call.between.as_deref()).collect();
        assert_eq!(between, ["a 50%, b 25%, c 25%"]);
        let (outcome, calls) = trace(&fake, &then, &want, false);
        if experiment {
            assert!(matches!(outcome, ApplyOutcome::NeedsLeave(_)), "{outcome:?}");
            assert_eq!(writes(calls), [""; 0]);
            let (outcome, calls) = trace(&fake, &then, &want, true);
            assert_eq!((outcome, writes(calls).len()), (ApplyOutcome::Done, 2));
        } else {
            assert_eq!(outcome, ApplyOutcome::Done);
            assert_eq!(
                writes(calls),
                [
                    format!(r#"PATCH /{path}/7/variants/a {{"rolloutWeight":2}}"#),
                    format!(r#"PATCH /{path}/7/variants/c {{"rolloutWeight":0}}"#)
                ]
            );
        }
    }
}

#[test]
fn t4_a_variant_is_added_at_nothing() {
    let fake = Fake::start();
    let staff: Value = serde_json::from_str(STAFF).unwrap();
    fake.world().add(
        "7",
        false,
        &json!({"enabled": true, "rolloutPercentage": 100, "rolloutWeights": {"on": 9}, "targetSegments": [staff]}),
    );
    let file = |variants: &str, weights: &str, own: &str| {
        base_file(&format!(
            "state: active\nvariants: [{variants}]\nrolloutPercentage: 100\nrolloutWeights: {weights}\ntargetSegments: [{}]\n",
            STAFF.replace("{\"on\": 1}", own)
        ))
    };
    let then = file("{key: \"on\"}", "{\"on\": 9}", "{\"on\": 1}");
    let want = file("{key: \"on\"}, {key: beta, payload: {a: 1}}", "{\"on\": 9, beta: 1}", "{\"on\": 1, beta: 1}");
    let (outcome, calls) = trace(&fake, &then, &want, false);
    assert_eq!(outcome, ApplyOutcome::Done);
    assert!(calls.iter().filter(|call| *call == "GET /flags/7/variants").count() == 2, "{calls:?}");
    let made = writes(calls);
    assert_eq!(made[0], r#"POST /flags/7/variants {"key":"beta","payload":{"a":1},"rolloutWeight":0}"#);
    assert!(
        made[1].starts_with(r#"PATCH /flags/7 {"targetSegments":[{"bucketingKey""#) && made[1].contains(r#""beta":1"#),
        "{}",
        made[1]
    );
    assert_eq!(made[2..], [r#"PATCH /flags/7/variants/beta {"rolloutWeight":1}"#]);
}

const NEW: &str = "key: pay\nkind: flag\nname: Pay\ndescription: Express\nstate: active\nvariants: [{key: \"on\", inclusions: {users: [t1, t2]}}]\nbucketingKey: user_id\nbucketingSalt: Qw8rTz1k\nbucketingUnit: User\nrolloutPercentage: 10\nrolloutWeights: {\"on\": 1}\ntargetSegments: []\nevaluationMode: remote\ndeployments: [\"71001\"]\ntags: [q3]\n";

const CREATION: &[&str] = &[
    r#"POST /flags {"bucketingKey":"user_id","description":"Express","evaluationMode":"remote","key":"pay","name":"Pay","projectId":"450001","rolloutWeights":{"on":1},"targetSegments":[],"variants":[{"key":"on"}]}"#,
    r#"PATCH /flags/911501 {"rolloutPercentage":10,"tags":["q3"]}"#,
    r#"POST /flags/911501/variants/on/users {"inclusions":["t1","t2"]}"#,
    r#"POST /flags/911501/deployments {"deployments":["71001"]}"#,
    r#"PATCH /flags/911501 {"enabled":true}"#,
];

#[test]
fn t5_a_new_flag_is_seen_by_nobody_before_it_is_whole() {
    let fake = Fake::start();
    let planned = plan_of(&fake, "", NEW);
    assert_eq!(planned.finding, Finding::New);
    fake.calls();
    let applied = carry_out(&fake, &planned, false);
    assert_eq!(applied.outcome, ApplyOutcome::Done);
    let calls = fake.calls();
    assert_eq!(
        calls[..2],
        [
            "GET /flags?includeArchived=true&key=pay&limit=1000&projectId=450001",
            "GET /experiments?includeArchived=true&key=pay&limit=1000&projectId=450001"
        ]
    );
    let mut made = writes(calls);
    // The late edit is last but for what makes it seen.
    made[1..3].sort();
    let mut expected: Vec<&str> = CREATION.to_vec();
    expected[1..3].sort_unstable();
    assert_eq!(made, expected);
    // Another run that was killed after the creation goes on with it; another one's item is left alone.
    let fake = Fake::start();
    let mut half =
        json!({"name": "Pay", "description": "Express", "bucketingKey": "user_id", "rolloutWeights": {"on": 1}});
    fake.world().add("911501", false, &half);
    let (outcome, calls) = trace(&fake, "", NEW, false);
    assert_eq!((outcome, writes(calls).len()), (ApplyOutcome::Done, 4));
    for (member, value) in [("name", json!("Other")), ("enabled", json!(true)), ("deployments", json!(["71001"]))] {
        let fake = Fake::start();
        half[member] = value;
        fake.world().add("911501", false, &half);
        let planned = plan_of(&fake, "", NEW);
        assert!(
            matches!(&planned.finding, Finding::Conflict(why) if why.contains("the key is taken")),
            "{member}: {:?}",
            planned.finding
        );
        half = json!({"name": "Pay", "description": "Express", "bucketingKey": "user_id", "rolloutWeights": {"on": 1}});
    }
}

#[test]
fn t6_a_kill_is_alone_and_waits_for_nothing() {
    let fake = Fake::start();
    fake.world().add("7", false, &json!({"enabled": true, "rolloutPercentage": 77}));
    let file = |state: &str, percentage: u32| {
        base_file(&format!("state: {state}\nvariants: [{{key: \"on\"}}]\nrolloutPercentage: {percentage}\n"))
    };
    // The percentage is a conflict: no commit says 77.
    let planned = plan_of(&fake, &file("active", 20), &file("inactive", 30));
    assert!(matches!(planned.finding, Finding::Conflict(_)));
    assert!(planned.kill().is_some());
    fake.calls();
    let client = fake.client(Duration::ZERO).paced(Duration::ZERO);
    let rules = ApplyRules { client: &client, project: "450001", unmanaged: &[], allow_intermediate: false };
    let applied = kill(&rules, &planned);
    assert_eq!(
        (applied.outcome, fake.calls()),
        (
            ApplyOutcome::Done,
            vec![
                "GET /flags/7".to_owned(),
                r#"PATCH /flags/7 {"enabled":false}"#.to_owned(),
                "GET /flags/7".to_owned()
            ]
        )
    );
    // Somebody's own activation of what git always had off is no kill.
    let fake = Fake::start();
    fake.world().add("7", false, &json!({"enabled": true}));
    assert!(plan_of(&fake, &file("inactive", 0), &file("inactive", 0)).kill().is_none());
}

#[test]
fn t7_a_rollback_is_off_first() {
    let fake = Fake::start();
    fake.world().add("7", true, &json!({"enabled": true, "rolloutPercentage": 50, "state": "running"}));
    let file = |more: &str| format!("key: pay\nkind: experiment\nvariants: [{{key: \"on\"}}]\n{more}");
    let then = file("state: running\nrolloutPercentage: 50\n");
    let want = file("state: completed\nrolloutPercentage: 0\ndecision: rollback\ndecisionReason: No effect.\n");
    let (outcome, calls) = trace(&fake, &then, &want, false);
    assert_eq!(outcome, ApplyOutcome::Done);
    assert_eq!(
        writes(calls),
        [
            r#"PATCH /experiments/7 {"enabled":false}"#,
            r#"PATCH /experiments/7 {"decision":"rollback","decisionReason":"No effect.","rolloutPercentage":0}"#
        ]
    );
}

#[test]
fn t8_a_rollout_is_the_winner_first_and_everyone_last() {
    let fake = Fake::start();
    fake.world().add(
        "7",
        true,
        &json!({"enabled": true, "rolloutPercentage": 50, "state": "running", "stickyBucketing": true,
        "variants": [{"key": "control"}, {"key": "treatment"}], "rolloutWeights": {"control": 1, "treatment": 1}}),
    );
    let file = |percentage: u32, weights: &str, more: &str| {
        format!(
            "key: pay\nkind: experiment\nstate: running\nvariants: [{{key: control}}, {{key: treatment}}]\nrolloutPercentage: {percentage}\nrolloutWeights: {weights}\n{more}"
        )
    };
    let then = file(50, "{control: 1, treatment: 1}", "stickyBucketing: true\n");
    let want = file(
        100,
        "{control: 0, treatment: 100}",
        "stickyBucketing: false\ndecision: rollout\nrolledOutVariant: treatment\n",
    );
    let (outcome, calls) = trace(&fake, &then, &want, true);
    assert_eq!(outcome, ApplyOutcome::Done);
    assert_eq!(
        writes(calls),
        [
            r#"PATCH /experiments/7/variants/treatment {"rolloutWeight":100}"#,
            r#"PATCH /experiments/7/variants/control {"rolloutWeight":0}"#,
            r#"PATCH /experiments/7 {"decision":"rollout","rolledOutVariant":"treatment","rolloutPercentage":100,"stickyBucketing":false}"#,
        ]
    );
}

#[test]
fn t9_archiving_comes_last_and_restoring_is_read_back() {
    let file = |state: &str| base_file(&format!("state: {state}\nvariants: [{{key: \"on\"}}]\n"));
    let fake = Fake::start();
    fake.world().add("7", false, &json!({"enabled": true}));
    let (outcome, calls) = trace(&fake, &file("active"), &file("archived"), false);
    assert_eq!(
        (outcome, writes(calls)),
        (
            ApplyOutcome::Done,
            vec![r#"PATCH /flags/7 {"enabled":false}"#.to_owned(), r#"PATCH /flags/7 {"archive":true}"#.to_owned()]
        )
    );
    // Somebody depends on it: it is off, and stays.
    let fake = Fake::start();
    fake.world().add("7", false, &json!({"enabled": true}));
    fake.world().add(
        "8",
        false,
        &json!({"key": "child", "parentDependencies": {"flags": {"7": ["on"]}, "operator": "all"}}),
    );
    let (outcome, calls) = trace(&fake, &file("active"), &file("archived"), false);
    assert_eq!(writes(calls), [r#"PATCH /flags/7 {"enabled":false}"#]);
    assert_eq!(
        outcome,
        ApplyOutcome::ByHand(vec!["state: it cannot be archived while child depends on it".to_owned()])
    );
    // Restored: it came back on, and git says off.
    for comes_back_on in [true, false] {
        let fake = Fake::start();
        fake.world().add("7", false, &json!({"enabled": comes_back_on, "deleted": true}));
        let (outcome, calls) = trace(&fake, &file("archived"), &file("inactive"), false);
        let mut expected = vec![r#"PATCH /flags/7 {"archive":false}"#];
        expected.extend(comes_back_on.then_some(r#"PATCH /flags/7 {"enabled":false}"#));
        assert_eq!((outcome, writes(calls)), (ApplyOutcome::Done, expected.into_iter().map(str::to_owned).collect()));
    }
}

#[test]
fn t10_a_bandit_keeps_its_weights() {
    let fake = Fake::start();
    fake.world().add(
        "7",
        true,
        &json!({"enabled": true, "experimentType": "multi-arm-bandit", "state": "running", "rolloutPercentage": 100,
        "variants": [{"key": "a"}, {"key": "b"}], "rolloutWeights": {"a": 12.5, "b": 87.5}}),
    );
    let file = |weights: &str| {
        format!(
            "key: pay\nkind: experiment\nstate: running\nexperimentType: multi-arm-bandit\nvariants: [{{key: a}}, {{key: b}}]\nrolloutPercentage: 100\nrolloutWeights: {weights}\n"
        )
    };
    let planned = plan_of(&fake, &file("{a: 1, b: 1}"), &file("{a: 1, b: 3}"));
    assert_eq!((planned.finding.clone(), planned.steps.calls().count()), (Finding::Same, 0));
    let unchecked = &planned.view.unwrap().unchecked;
    assert_eq!(
        unchecked[0],
        ("rolloutWeights".to_owned(), "a running bandit changes its weights by itself".to_owned())
    );
}

#[test]
fn t11_a_cohort_clause_is_left_to_the_console() {
    let fake = Fake::start();
    let mut gold: Value = serde_json::from_str(STAFF).unwrap();
    gold["name"] = json!("Gold cohort");
    gold["conditions"][0]["type"] = json!("cohort");
    let staff: Value = serde_json::from_str(STAFF).unwrap();
    fake.world().add(
        "7",
        false,
        &json!({"enabled": true, "rolloutPercentage": 5, "rolloutWeights": {"on": 1}, "targetSegments": [gold, staff]}),
    );
    let file = |share: u32, percentage: u32| {
        base_file(&format!(
            "state: active\nvariants: [{{key: \"on\"}}]\nrolloutPercentage: {share}\nrolloutWeights: {{\"on\": 1}}\ntargetSegments: [{}]\n",
            STAFF.replace("100", &percentage.to_string())
        ))
    };
    let (outcome, calls) = trace(&fake, &file(5, 100), &file(5, 50), false);
    assert_eq!(writes(calls), [""; 0]);
    let ApplyOutcome::Conflict(_) = outcome else { panic!("{outcome:?}") };
    // The file without segments: the share is written, the segments are not.
    let file =
        |share: u32| base_file(&format!("state: active\nvariants: [{{key: \"on\"}}]\nrolloutPercentage: {share}\n"));
    let (outcome, calls) = trace(&fake, &file(5), &file(6), false);
    assert_eq!(
        (outcome, writes(calls)),
        (ApplyOutcome::Done, vec![r#"PATCH /flags/7 {"rolloutPercentage":6}"#.to_owned()])
    );
}

#[test]
fn t12_what_changed_since_is_not_written_over() {
    let fake = Fake::start();
    fake.world().add("7", false, &json!({"enabled": true, "rolloutPercentage": 20}));
    let file = |percentage: u32| {
        base_file(&format!("state: active\nvariants: [{{key: \"on\"}}]\nrolloutPercentage: {percentage}\n"))
    };
    let planned = plan_of(&fake, &file(20), &file(40));
    fake.world().objects.get_mut("7").unwrap().body["rolloutPercentage"] = json!(90);
    fake.calls();
    let applied = carry_out(&fake, &planned, false);
    assert_eq!(writes(fake.calls()), [""; 0]);
    assert!(
        matches!(&applied.outcome, ApplyOutcome::Conflict(why) if why.starts_with("rolloutPercentage is neither what the file says")),
        "{:?}",
        applied.outcome
    );
}
