//! Parts that people do by hand, and sentences that nobody may believe: nothing that serves more users is written
//! before a part by hand is done; a lost answer hides no bypass; a failed step is not tried again in a run; and an
//! answer that says less is read again.

use serde_json::{Value, json};

use crate::amplitude::apply::{EDIT, fake, flat, raised};
use crate::amplitude::fake::{Approvals, Fake, Fault};
use crate::amplitude::import::Place;
use crate::amplitude::plan::{commit, edit, imported, lines, plan};
use crate::amplitude::put_back::set;
use crate::amplitude::traces::STAFF;
use crate::git::git;

const OVERRIDE: &[&str] = &[
    "apply",
    "--yes",
    "--patience",
    "0",
    "--override",
    "checkout/pay=test",
    "--override",
    "checkout/new=test",
    "--override",
    "checkout/two=test",
];

/// The calls that are written by an apply with overrides, and the code and the text of its end.
fn apply(place: &Place, fake: &Fake) -> (i32, Vec<String>, String) {
    fake.calls();
    let (code, printed) = place.ask(fake, OVERRIDE);
    (code, fake.writes(), flat(&printed))
}

const NEW: &str = "key: new\nkind: flag\nstate: active\nevaluationMode: remote\ndeployments: [\"1\"]\nbucketingKey: user_id\nbucketingSalt: c2e8c2e8\nvariants: [{key: new}]\nrolloutPercentage: 100\nrolloutWeights: {new: 1}\nparentDependencies: {flags: {pay: [\"on\"]}}\n";

#[test]
fn nothing_serves_more_users_before_a_prerequisite_is_set_by_hand() {
    let waits = "left until that is done, since it may serve more or other users: ";
    // A new flag is made, and neither served nor on.
    let fake = fake();
    let place = imported(&fake);
    place.write("flags/checkout/new.yaml", NEW);
    commit(&place);
    let (code, writes, printed) = apply(&place, &fake);
    assert!(code == 1 && printed.contains(waits), "{printed}");
    assert!(writes[0].starts_with("POST /flags ") && writes.iter().all(|call| !call.contains("enabled")), "{writes:?}");
    let made = fake.world().objects.values().find(|object| object.body["key"] == "new").unwrap().body.clone();
    assert_eq!(
        (&made["enabled"], &made["deployments"], &made["rolloutPercentage"]),
        (&json!(false), &json!([]), &json!(0))
    );
    // One that is there is neither raised nor switched on.
    for on in [true, false] {
        let fake = self::fake();
        set(&fake, "enabled", &json!(on));
        let place = imported(&fake);
        edit(
            &place,
            "pay",
            "rolloutPercentage: 25",
            "rolloutPercentage: 50\nparentDependencies: {flags: {parent: [\"on\"]}}",
        );
        if !on {
            edit(&place, "pay", "state: inactive", "state: active");
        }
        let (code, writes, printed) = apply(&place, &fake);
        assert_eq!((code, writes), (1, Vec::new()), "{printed}");
        assert!(printed.contains(waits), "{printed}");
        // Once Amplitude has one, the rest is written.
        set(&fake, "parentDependencies", &json!({"flags": {"8": ["on"]}, "operator": "all"}));
        let (_, writes, printed) = apply(&place, &fake);
        assert_eq!(writes.len(), if on { 1 } else { 2 }, "{printed}");
    }
}

/// The item of Amplitude, how the file is edited, and the reason for which a part is by hand.
type Setting<'s> = (&'s [(&'s str, Value)], &'s [(&'s str, &'s str)], &'s str);

#[test]
fn nothing_serves_more_users_while_segments_deployments_or_variants_are_by_hand() {
    let cohort: Value = serde_json::from_str(&STAFF.replace("\"property\"", "\"cohort\"")).unwrap();
    let segment = format!("rolloutWeights: {{\"on\": 1}}\ntargetSegments: [{}]", STAFF.replace("100", "0"));
    let both = json!([{"key": "on"}, {"key": "b"}]);
    let child = json!({"key": "child", "parentDependencies": {"flags": {"7": ["b"]}, "operator": "all"}});
    let settings: [Setting<'_>; 4] = [
        (&[("targetSegments", json!([cohort]))], &[("rolloutWeights: {\"on\": 1}", &segment)], "cohort clause"),
        (
            &[("deployments", json!(["1"]))],
            &[("deployments: [\"1\"]", "deployments: []")],
            "the last one of an enabled item",
        ),
        (&[("variants", both.clone())], &[("  - {key: b}\n", "")], "child depends on this item"),
        (
            &[("variants", both)],
            &[("  - {key: \"on\"}\n  - {key: b}", "  - {key: b}\n  - {key: \"on\"}")],
            "their order",
        ),
    ];
    for (there, edits, why) in settings {
        let fake = Fake::start();
        let mut made = json!({"enabled": true, "rolloutPercentage": 25, "rolloutWeights": {"on": 1}});
        for (field, value) in there {
            made[*field] = value.clone();
        }
        fake.world().add("7", false, &made);
        fake.world().add("8", false, &child);
        let place = imported(&fake);
        for (from, to) in edits {
            edit(&place, "pay", from, to);
        }
        edit(&place, "pay", "rolloutPercentage: 25", "rolloutPercentage: 50\ndescription: Express");
        // With another salt and the old segments users would get what neither of the two states gives.
        edit(&place, "pay", "bucketingSalt: ", "bucketingSalt: n");
        let (code, writes, printed) = apply(&place, &fake);
        assert_eq!((code, writes), (1, vec![r#"PATCH /flags/7 {"description":"Express"}"#.to_owned()]), "{printed}");
        let waits = "serve more or other users: bucketingSalt, rolloutPercentage";
        assert!(printed.contains(why) && printed.contains(waits), "{why}: {printed}");
        // A call that serves fewer is written all the same.
        edit(&place, "pay", "rolloutPercentage: 50", "rolloutPercentage: 5");
        let (_, writes, printed) = apply(&place, &fake);
        assert_eq!(writes, [r#"PATCH /flags/7 {"rolloutPercentage":5}"#], "{printed}");
    }
}

#[test]
fn what_is_scheduled_from_running_is_no_success() {
    for share in [25, 50] {
        let fake = Fake::start();
        let made = json!({"enabled": true, "state": "running", "startDate": "2027-01-01", "rolloutPercentage": 25, "rolloutWeights": {"on": 1}});
        fake.world().add("7", true, &made);
        let place = imported(&fake);
        let text = place.read("flags/checkout/pay.yaml").replace("state: running", "state: scheduled");
        let raised = text.replace("rolloutPercentage: 25", &format!("rolloutPercentage: {share}"));
        place.write("flags/checkout/pay.yaml", &raised);
        commit(&place);
        let (code, writes, printed) = apply(&place, &fake);
        assert!(
            code == 1 && writes.is_empty() && printed.contains("it is on, and `scheduled` begins later"),
            "{printed}"
        );
    }
}

#[test]
fn a_lost_answer_hides_no_bypass() {
    for fault in [Fault::After(502), Fault::Lost] {
        let fake = fake();
        let place = raised(&fake);
        place.ask(&fake, &["plan"]);
        let reads = fake.calls().len();
        // Of the apply: two reads of the flag, then the write.
        fake.world().faults.insert(reads + 2, fault);
        let (code, printed) = place.ask(&fake, OVERRIDE);
        let printed = flat(&printed);
        assert_eq!((code, fake.writes()), (0, vec![EDIT.to_owned()]), "{fault:?}: {printed}");
        assert!(printed.contains("done checkout/pay: 1 call.") && printed.contains("APPROVALS BYPASSED"), "{printed}");
        assert!(place.read(".countersign/amplitude.lock").contains("\"bypassed\""), "{printed}");
    }
    // A kill too is among what was done.
    let fake = fake();
    let place = imported(&fake);
    edit(&place, "pay", "state: active", "state: inactive");
    place.ask(&fake, &["plan"]);
    let reads = fake.calls().len();
    fake.world().faults.insert(reads + 1, Fault::Lost);
    let (code, printed) = place.ask(&fake, OVERRIDE);
    assert_eq!(
        (code, fake.writes().len(), flat(&printed).contains("done checkout/pay: 1 call.")),
        (0, 1, true),
        "{printed}"
    );
}

#[test]
fn what_could_not_be_switched_off_is_sent_once_and_said_once() {
    for (approvals, web) in [(Approvals::Pend, false), (Approvals::Refuse, false), (Approvals::Off, true)] {
        let fake = fake();
        let place = imported(&fake);
        edit(&place, "pay", "state: active", "state: inactive");
        // The fake requires approval of edits of what is on, so that the switching off waits as well.
        (fake.world().knobs.approvals, fake.world().objects.get_mut("7").unwrap().pending) = (approvals, !web);
        fake.world().knobs.web = web;
        fake.calls();
        let (code, printed) = place.ask(&fake, OVERRIDE);
        assert_eq!((code, fake.writes().len()), (1, 1), "{printed}");
        assert_eq!(flat(&printed).matches("refused checkout/pay").count(), 1, "{printed}");
    }
    // A key that is no longer taken ends it all.
    let fake = fake();
    fake.world().add("8", false, &json!({"key": "two", "enabled": true}));
    let place = imported(&fake);
    edit(&place, "pay", "state: active", "state: inactive");
    edit(&place, "two", "state: active", "state: inactive");
    place.ask(&fake, &["plan"]);
    let reads = fake.calls().len();
    fake.world().faults.insert(reads + 1, Fault::Before(401));
    let (code, printed) = place.ask(&fake, OVERRIDE);
    assert_eq!((code, fake.writes().len()), (5, 1), "{printed}");
    assert!(flat(&printed).contains("left checkout/two: nothing more is asked of Amplitude in this run"), "{printed}");
}

#[test]
fn what_stays_in_amplitude_is_found_if_it_is_another() {
    let cohort: Value = serde_json::from_str(&STAFF.replace("\"property\"", "\"cohort\"").replace("100", "5")).unwrap();
    let mut wider = cohort.clone();
    wider["percentage"] = json!(100);
    let needs = json!({"flags": {"8": ["on"]}, "operator": "all"});
    for (field, before, after) in [
        ("targetSegments", json!([cohort.clone()]), json!([wider])),
        ("targetSegments", json!([cohort]), json!([])),
        ("parentDependencies", needs, Value::Null),
    ] {
        let fake = fake();
        set(&fake, field, &before);
        let place = imported(&fake);
        assert_eq!(plan(&place, &fake)["items"], json!([]));
        set(&fake, field, &after);
        set(&fake, "lastModifiedBy", &json!("kim@example.com"));
        let why = format!("{field}, which stays in Amplitude alone, is another there than at the last import");
        for look in ["plan", "drift"] {
            let (code, printed) = place.ask(&fake, &[look, "--exit-code"]);
            assert_eq!((code, flat(&printed).contains(&why)), (1, true), "{printed}");
            assert!(flat(&printed).contains("kim@example.com") && printed.contains("1 flag differs"), "{printed}");
        }
        assert_eq!(place.ask(&fake, &["import"]).0, 0);
        commit(&place);
        assert_eq!(place.ask(&fake, &["drift", "--exit-code"]).0, 0);
    }
}

#[test]
fn a_list_that_tells_less_is_not_believed() {
    let fake = fake();
    let place = raised(&fake);
    let listed = |without: &str| {
        let world = fake.world();
        let mut listed = world.reported(&world.objects["7"]);
        listed.as_object_mut().unwrap().remove(without);
        json!({"flags": [listed], "nextCursor": null}).to_string()
    };
    let list = listed("rolloutPercentage");
    fake.world().scripted.insert("/flags?projectId=450001".to_owned(), (200, list));
    assert_eq!(lines(&plan(&place, &fake), "checkout/pay"), [EDIT]);
    let other = Place::new();
    assert_eq!(other.ask(&fake, &["import"]).0, 0);
    assert!(other.read("flags/checkout/pay.yaml").contains("rolloutPercentage: 25"));
    // Where nobody tells it, nobody says that it is the same.
    let mut single = {
        let world = fake.world();
        world.reported(&world.objects["7"])
    };
    single.as_object_mut().unwrap().remove("rolloutPercentage");
    fake.world().scripted.insert("/flags/7".to_owned(), (200, single.to_string()));
    fake.world().violations.clear();
    let (_, printed) = place.ask(&fake, &["plan"]);
    assert!(flat(&printed).contains("not compared, since Amplitude did not tell it: rolloutPercentage"), "{printed}");
}

#[test]
fn two_files_of_one_key_are_nobody_s_to_choose_from() {
    let fake = fake();
    let place = imported(&fake);
    let text = place.read("flags/checkout/pay.yaml").replace("rolloutPercentage: 25", "rolloutPercentage: 50");
    place.write("flags/checkout/copy/pay.yaml", &text);
    commit(&place);
    let (code, writes, printed) = apply(&place, &fake);
    assert_eq!((code, writes), (3, Vec::new()), "{printed}");
    assert!(printed.contains("the key `pay` stands in several files"), "{printed}");
}

#[test]
fn everything_that_the_lock_file_knows_is_looked_for() {
    let fake = Fake::start();
    for id in 1..=230 {
        fake.world().add(&id.to_string(), false, &json!({"key": format!("k{id}"), "enabled": id == 230}));
    }
    let place = imported(&fake);
    edit(&place, "k230", "state: active", "state: inactive");
    // A list that leaves all of them out.
    fake.world().scripted.insert("/flags?projectId=450001".to_owned(), (200, r#"{"flags": []}"#.to_owned()));
    let (code, printed) = place.ask(&fake, &["apply", "--yes"]);
    assert_eq!((code, fake.writes()), (0, vec![r#"PATCH /flags/230 {"enabled":false}"#.to_owned()]), "{printed}");
}

#[test]
fn files_of_other_line_ends_follow_amplitude_and_invalid_ones_are_named() {
    let fake = fake();
    fake.world().add("8", false, &json!({"key": "two"}));
    fake.world().add("9", false, &json!({"key": "con.txt"}));
    let place = Place::new();
    let (code, printed) = place.ask(&fake, &["import"]);
    assert!(code == 0 && printed.contains("no file for checkout/con.txt: a file named"), "{printed}");
    assert!(printed.contains("commit these files"), "{printed}");
    let windows = place.read("flags/checkout/pay.yaml").replace('\n', "\r\n");
    place.write("flags/checkout/pay.yaml", &windows);
    place.write("flags/checkout/two.yaml", "<<<<<<< ours\nkey: two\n");
    set(&fake, "rolloutPercentage", &json!(30));
    let (_, printed) = place.ask(&fake, &["import"]);
    assert!(printed.contains("wrote flags/checkout/pay.yaml\n"), "{printed}");
    assert!(
        printed.contains("no file for checkout/two: `flags/checkout/two.yaml` has an error in line 1"),
        "{printed}"
    );
}

#[test]
fn the_branch_that_is_live_may_have_any_name() {
    let fake = fake();
    let place = imported(&fake);
    git(place.path(), &["checkout", "-q", "-b", "trunk"]);
    edit(&place, "pay", "rolloutPercentage: 25", "rolloutPercentage: 50");
    let (code, printed) = place.ask(&fake, &["drift", "--base", "trunk", "--exit-code"]);
    assert_eq!((code, printed.contains("50% → 25%")), (1, true), "{printed}");
    let (code, printed) = place.ask(&fake, &["plan", "--base", "trunk"]);
    assert_eq!((code, printed.contains(EDIT)), (0, true), "{printed}");
    let args = [OVERRIDE, &["--base", "trunk"]].concat();
    let (code, printed) = place.ask(&fake, &args);
    assert_eq!((code, fake.writes()), (0, vec![EDIT.to_owned()]), "{printed}");
}

#[test]
fn a_field_is_left_to_the_console_as_a_whole_and_a_place_for_files_is_asked_for() {
    let place = Place::new();
    let config = place.read(".countersign/config.yaml");
    for word in ["variants.payload", "targetSegments.percentage"] {
        let with = format!("growth: \"450002\"}}, unmanaged: [{word}]");
        place.write(".countersign/config.yaml", &config.replace("growth: \"450002\"}", &with));
        let (code, printed) = place.run(&["lint", ".countersign"]);
        assert_eq!(
            (code, flat(&printed).contains(&format!("`{word}` cannot be left to the console"))),
            (4, true),
            "{printed}"
        );
    }
    place.write(".countersign/config.yaml", &config.replace("flags/checkout/**", "flags/checkout/*.json"));
    let fake = fake();
    let (code, printed) = place.ask(&fake, &["import"]);
    assert_eq!((code, printed.contains("such as `flags/checkout/**`")), (2, true), "{printed}");
}

#[test]
fn a_drift_that_is_too_large_for_an_issue_says_so() {
    let fake = Fake::start();
    let place = imported(&fake);
    for id in 1..=700 {
        fake.world().add(
            &id.to_string(),
            false,
            &json!({"key": format!("a-key-of-some-length-{id}"), "enabled": true}),
        );
    }
    let (code, printed) = place.ask(&fake, &["drift", "--format", "markdown", "--exit-code"]);
    assert!(
        code == 1 && printed.len() < 60_000 && printed.contains("It is too much for an issue"),
        "{}",
        printed.len()
    );
}

#[test]
fn a_file_that_moved_to_another_project_says_that_both_would_serve() {
    let fake = fake();
    let place = imported(&fake);
    let text = place.read("flags/checkout/pay.yaml");
    git(place.path(), &["rm", "-q", "flags/checkout/pay.yaml"]);
    place.write("flags/growth/pay.yaml", &text);
    commit(&place);
    let (_, printed) = place.ask(&fake, &["plan"]);
    assert!(flat(&printed).contains("the item 7 of `checkout` has the same key, is live"), "{printed}");
}

#[test]
fn what_was_imported_and_not_committed_is_said() {
    let fake = fake();
    let place = Place::new();
    git(place.path(), &["add", "-A"]);
    git(place.path(), &["commit", "-q", "-m", "policy"]);
    assert_eq!(place.ask(&fake, &["import"]).0, 0);
    for look in ["plan", "drift"] {
        let (code, printed) = place.ask(&fake, &[look]);
        let said = "1 item is in no file of that commit, but imported in the work tree";
        assert_eq!((code, flat(&printed).contains(said)), (0, true), "{printed}");
    }
    commit(&place);
    assert!(!place.ask(&fake, &["plan"]).1.contains("imported in the work tree"));
}

#[test]
fn what_users_get_meanwhile_is_said_of_payloads_and_of_a_bandit_that_ends() {
    // A new payload before a new distribution: who changes variants gets it with the old one.
    let fake = Fake::start();
    let two = json!([{"key": "a", "payload": {"n": 1}}, {"key": "b"}]);
    fake.world().add(
        "7",
        true,
        &json!({"enabled": true, "state": "running", "rolloutPercentage": 100, "variants": two, "rolloutWeights": {"a": 1, "b": 1}}),
    );
    let place = imported(&fake);
    edit(&place, "pay", "{\"n\": 1}", "{\"n\": 2}");
    edit(&place, "pay", "bucketingSalt: Qw8rTz1k", "bucketingSalt: Zz9yXw8v");
    let (_, printed) = place.ask(&fake, &["plan"]);
    assert!(flat(&printed).contains("the new payload, distributed as before"), "{printed}");
    let (code, writes, printed) = apply(&place, &fake);
    assert!(code == 1 && writes.is_empty() && printed.contains("--allow-intermediate"), "{printed}");
    // A bandit that becomes a test, bucketed anew, has its own last weights until they are written.
    let fake = Fake::start();
    fake.world().add(
        "7",
        true,
        &json!({"enabled": true, "experimentType": "multi-arm-bandit", "state": "running", "rolloutPercentage": 100,
        "variants": [{"key": "a"}, {"key": "b"}], "rolloutWeights": {"a": 12.5, "b": 87.5}}),
    );
    let place = imported(&fake);
    edit(&place, "pay", "experimentType: multi-arm-bandit", "experimentType: a-b-test\nrolloutWeights: {a: 1, b: 1}");
    edit(&place, "pay", "bucketingSalt: Qw8rTz1k", "bucketingSalt: Zz9yXw8v");
    let (code, writes, printed) = apply(&place, &fake);
    assert!(
        code == 1 && writes.is_empty() && printed.contains("the old weights, bucketed as that call says"),
        "{printed}"
    );
}

#[test]
fn a_plan_without_a_key_counts_an_edit_of_a_bandit() {
    let staff: Value = serde_json::from_str(STAFF).unwrap();
    let fake = Fake::start();
    fake.world().add(
        "7",
        true,
        &json!({"enabled": true, "experimentType": "multi-arm-bandit", "state": "running", "rolloutPercentage": 100,
        "rolloutWeights": {"on": 1}, "targetSegments": [staff]}),
    );
    let place = imported(&fake);
    git(place.path(), &["checkout", "-q", "-b", "change"]);
    edit(&place, "pay", "percentage: 100\n    b", "percentage: 50\n    b");
    let (code, printed) = place.run(&["amplitude", "plan", "--offline", "--head", "HEAD"]);
    assert_eq!((code, printed.contains("merging will make 1 call to Amplitude")), (0, true), "{printed}");
}
