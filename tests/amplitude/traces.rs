//! The worked traces: the exact calls of twelve changes, in their order.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use countersign::amplitude::apply::{AppliedFlag, ApplyOutcome, ApplyRules, apply, kill};
use countersign::amplitude::base::EarlierFile;
use countersign::amplitude::client::AmplitudeClient;
use countersign::amplitude::plan::{Finding, PlannedItem, ProjectThere, WantedFlag, planned};
use countersign::diagnostics::Diagnostics;
use countersign::error::Error;
use countersign::flag::{Flag, FlagEntry};
use countersign::format::VOCABULARY;
use serde_json::{Value, json};

use crate::amplitude::fake::Fake;

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
    plan_by(&fake.client(Duration::ZERO).paced(Duration::ZERO), then, want).unwrap()
}

pub fn plan_by(client: &AmplitudeClient, then: &str, want: &str) -> Result<PlannedItem, Error> {
    let entry = FlagEntry {
        project: "checkout".to_owned(),
        path: "flags/checkout/pay.yaml".to_owned(),
        mode: 0o100_644,
        flag: flag(want),
    };
    let past = EarlierFile { commit: "c0ffee".to_owned(), flag: (!then.is_empty()).then(|| flag(then)), hash: None };
    let wanted = WantedFlag { entry, bytes: want.as_bytes().to_vec(), past: vec![past] };
    let mut list = client.listed("450001")?;
    client.look_for(&mut list, "450001", &BTreeMap::new(), &BTreeSet::from(["pay"]))?;
    let mut items = list.whole()?;
    let details: Vec<_> =
        items.iter().map(|item| countersign::amplitude::apply::details(item, &wanted.entry.flag)).collect();
    client.detail(&mut items, &details, &|| {})?;
    let there = ProjectThere { id: "450001", items: &items, locked: None, unmanaged: &[] };
    Ok(planned(&[wanted], &there).remove(0))
}

pub fn carry_out(fake: &Fake, planned: &PlannedItem, allow_intermediate: bool) -> AppliedFlag {
    let client = fake.client(Duration::ZERO).paced(Duration::ZERO);
    let rules = ApplyRules { client: &client, project: "450001", unmanaged: &[], allow_intermediate };
    apply(&rules, planned)
}

/// Plans and applies, and the calls of the apply.
pub fn trace(fake: &Fake, then: &str, want: &str, allow: bool) -> (ApplyOutcome, Vec<String>) {
    let planned = plan_of(fake, then, want);
    fake.calls();
    let applied = carry_out(fake, &planned, allow);
    (applied.outcome, fake.calls())
}

pub fn writes(calls: Vec<String>) -> Vec<String> {
    calls.into_iter().filter(|call| !call.starts_with("GET ")).collect()
}

/// The calls of an apply of one stage to the flag 7: read, written, read back.
fn around(writes: &[&str]) -> Vec<String> {
    let read = ["GET /flags/7", "GET /flags/7/versions"];
    [&read[..], writes, &read[..]].concat().into_iter().map(str::to_owned).collect()
}

pub const STAFF: &str = r#"{"name": "Staff", "percentage": 100, "bucketingKey": "amplitude_id", "rolloutWeights": {"on": 1}, "conditions": [{"type": "property", "prop": "gp:staff", "op": "is", "values": ["true"]}]}"#;

pub fn base_file(more: &str) -> String {
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
    assert_eq!(calls, around(&[r#"PATCH /flags/7/variants/on {"rolloutWeight":3}"#]));
}

#[test]
fn t3_several_weights_are_reported_and_need_leave_in_an_experiment() {
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
            let a = format!(r#"PATCH /{path}/7/variants/a {{"rolloutWeight":2}}"#);
            let c = format!(r#"PATCH /{path}/7/variants/c {{"rolloutWeight":0}}"#);
            assert_eq!(calls, around(&[&a, &c]));
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
    let staff = r#"{"bucketingKey":"amplitude_id","conditions":[{"op":"is","prop":"gp:staff","type":"property","values":["true"]}],"name":"Staff","percentage":100,"rolloutWeights":{"beta":1,"on":1}}"#;
    assert_eq!(
        calls,
        [
            "GET /flags/7",
            "GET /flags/7/variants",
            "GET /flags/7/versions",
            r#"POST /flags/7/variants {"key":"beta","payload":{"a":1},"rolloutWeight":0}"#,
            &format!(r#"PATCH /flags/7 {{"targetSegments":[{staff}]}}"#),
            r#"PATCH /flags/7/variants/beta {"rolloutWeight":1}"#,
            "GET /flags/7",
            "GET /flags/7/variants",
            "GET /flags/7/versions",
        ]
    );
}

pub const NEW: &str = "key: pay\nkind: flag\nname: Pay\ndescription: Express\nstate: active\nvariants: [{key: \"on\", inclusions: {users: [t1, t2]}}]\nbucketingKey: user_id\nbucketingSalt: Qw8rTz1k\nbucketingUnit: User\nrolloutPercentage: 10\nrolloutWeights: {\"on\": 1}\ntargetSegments: []\nevaluationMode: remote\ndeployments: [\"71001\"]\ntags: [q3]\n";

/// Its lists are looked at before and after it is made: nothing else tells its id.
const CREATION: &[&str] = &[
    "GET /flags?includeArchived=true&key=pay&limit=1000&projectId=450001",
    "GET /experiments?includeArchived=true&key=pay&limit=1000&projectId=450001",
    r#"POST /flags {"bucketingKey":"user_id","description":"Express","evaluationMode":"remote","key":"pay","name":"Pay","projectId":"450001","rolloutWeights":{"on":1},"targetSegments":[],"variants":[{"key":"on"}]}"#,
    "GET /flags?includeArchived=true&key=pay&limit=1000&projectId=450001",
    "GET /experiments?includeArchived=true&key=pay&limit=1000&projectId=450001",
    "included",
    r#"PATCH /flags/911501 {"bucketingSalt":"Qw8rTz1k","bucketingUnit":"User","rolloutPercentage":10,"tags":["q3"]}"#,
    r#"POST /flags/911501/variants/on/users {"inclusions":["t1","t2"]}"#,
    "GET /flags/911501",
    "included",
    r#"POST /flags/911501/deployments {"deployments":["71001"]}"#,
    r#"PATCH /flags/911501 {"enabled":true}"#,
    "GET /flags/911501",
    "included",
    "GET /flags/911501/versions",
];

/// Calls with one word for the two reads of what a variant includes, which are under way at once.
fn calmed(calls: &[String]) -> Vec<String> {
    let included = |call: &String| call.ends_with("/users") || call.ends_with("/cohorts");
    let mut reported: Vec<String> =
        calls.iter().map(|call| if included(call) { "included".to_owned() } else { call.clone() }).collect();
    reported.dedup();
    reported
}

#[test]
fn t5_a_new_flag_is_seen_by_nobody_before_it_is_whole() {
    let fake = Fake::start();
    let planned = plan_of(&fake, "", NEW);
    assert_eq!(planned.finding, Finding::New);
    fake.calls();
    let applied = carry_out(&fake, &planned, false);
    assert_eq!(applied.outcome, ApplyOutcome::Done);
    assert_eq!(calmed(&fake.calls()), CREATION);
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
