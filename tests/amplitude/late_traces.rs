//! The worked traces of lifecycles, of what is Amplitude's own, and of what changed meanwhile.

use countersign::amplitude::apply::ApplyOutcome;
use countersign::amplitude::compare::UncheckedReason;
use countersign::amplitude::plan::Finding;
use serde_json::{Value, json};

use crate::amplitude::fake::Fake;
use crate::amplitude::traces::{STAFF, base_file, carry_out, plan_of, trace, writes};

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
        calls,
        [
            "GET /experiments/7",
            "GET /experiments/7/versions",
            r#"PATCH /experiments/7 {"enabled":false}"#,
            "GET /experiments/7",
            r#"PATCH /experiments/7 {"decision":"rollback","decisionReason":"No effect.","rolloutPercentage":0}"#,
            "GET /experiments/7",
            "GET /experiments/7/versions",
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
        calls,
        [
            "GET /experiments/7",
            "GET /experiments/7/versions",
            r#"PATCH /experiments/7/variants/treatment {"rolloutWeight":100}"#,
            r#"PATCH /experiments/7/variants/control {"rolloutWeight":0}"#,
            r#"PATCH /experiments/7 {"decision":"rollout","rolledOutVariant":"treatment","rolloutPercentage":100,"stickyBucketing":false}"#,
            "GET /experiments/7",
            "GET /experiments/7/versions",
        ]
    );
}

#[test]
fn t9_archiving_comes_last_and_restoring_is_read_back() {
    let file = |state: &str| base_file(&format!("state: {state}\nvariants: [{{key: \"on\"}}]\n"));
    let fake = Fake::start();
    fake.world().add("7", false, &json!({"enabled": true}));
    let (outcome, calls) = trace(&fake, &file("active"), &file("archived"), false);
    // Its dependents are looked for in the lists before each look at what is left.
    let lists =
        ["flags", "experiments"].map(|list| format!("GET /{list}?includeArchived=true&limit=1000&projectId=450001"));
    let [flags, experiments] = [lists[0].as_str(), lists[1].as_str()];
    assert_eq!(
        (outcome, calls.iter().map(String::as_str).collect::<Vec<_>>()),
        (
            ApplyOutcome::Done,
            vec![
                "GET /flags/7",
                "GET /flags/7/versions",
                flags,
                experiments,
                r#"PATCH /flags/7 {"enabled":false}"#,
                "GET /flags/7",
                flags,
                experiments,
                r#"PATCH /flags/7 {"archive":true}"#,
                "GET /flags/7",
                "GET /flags/7/versions",
            ]
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
    // Restored: it came back on, and git says off. That serves users for a moment, which somebody has to allow.
    for comes_back_on in [true, false] {
        let fake = Fake::start();
        fake.world().add("7", false, &json!({"enabled": comes_back_on, "deleted": true}));
        if comes_back_on {
            let (outcome, calls) = trace(&fake, &file("archived"), &file("inactive"), false);
            assert!(matches!(outcome, ApplyOutcome::NeedsLeave(_)), "{outcome:?}");
            assert_eq!(writes(calls), [""; 0]);
        }
        let (outcome, calls) = trace(&fake, &file("archived"), &file("inactive"), comes_back_on);
        let mut expected =
            vec!["GET /flags/7", "GET /flags/7/versions", r#"PATCH /flags/7 {"archive":false}"#, "GET /flags/7"];
        expected.extend(
            comes_back_on.then_some([r#"PATCH /flags/7 {"enabled":false}"#, "GET /flags/7"]).into_iter().flatten(),
        );
        expected.push("GET /flags/7/versions");
        assert_eq!((outcome, calls), (ApplyOutcome::Done, expected.into_iter().map(str::to_owned).collect()));
    }
    // An item that comes back on and is what git says needs nothing else; another one is off until it is that.
    for (share, calls, allow) in [(25, 1, false), (50, 4, true)] {
        let file = |state: &str, share: u32| {
            base_file(&format!("state: {state}\nvariants: [{{key: \"on\"}}]\nrolloutPercentage: {share}\n"))
        };
        let fake = Fake::start();
        fake.world().add("7", false, &json!({"enabled": true, "deleted": true, "rolloutPercentage": 25}));
        let planned = plan_of(&fake, &file("archived", 25), &file("active", share));
        assert_eq!(planned.steps.needs_leave.is_some(), allow);
        let planned: Vec<String> =
            planned.steps.calls().map(countersign::amplitude::steps::PlannedCall::line).collect();
        let (outcome, made) = trace(&fake, &file("archived", 25), &file("active", share), allow);
        assert_eq!((outcome, writes(made)), (ApplyOutcome::Done, planned.clone()));
        assert_eq!(planned.len(), calls, "{planned:?}");
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
    fake.calls();
    let applied = carry_out(&fake, &planned, true);
    assert_eq!(
        (applied.outcome, fake.calls()),
        (ApplyOutcome::Done, ["GET /experiments/7", "GET /experiments/7/versions"].map(str::to_owned).to_vec())
    );
    let unchecked = &planned.view.unwrap().unchecked;
    assert_eq!(unchecked[0], ("rolloutWeights".to_owned(), UncheckedReason::Bandit));
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
    let planned = plan_of(&fake, &file(5, 100), &file(5, 50));
    assert_eq!((planned.finding.clone(), planned.steps.calls().count()), (Finding::Behind, 0));
    let why = "targetSegments: cannot be written by the API: cohort clause in segment Gold cohort; change it in Amplitude, then import";
    assert_eq!(planned.steps.by_hand, [why]);
    let (outcome, calls) = trace(&fake, &file(5, 100), &file(5, 50), false);
    assert_eq!(
        (outcome, calls),
        (
            ApplyOutcome::ByHand(vec![why.to_owned()]),
            vec!["GET /flags/7".to_owned(), "GET /flags/7/versions".to_owned()]
        )
    );
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
    // Not one call but the look that found it.
    assert_eq!(fake.calls(), ["GET /flags/7", "GET /flags/7/versions"]);
    assert!(
        matches!(&applied.outcome, ApplyOutcome::Conflict(why) if why.starts_with("rolloutPercentage (Amplitude 90, before 20, file 40) is neither what the file says")),
        "{:?}",
        applied.outcome
    );
}

#[test]
fn whoever_switches_off_between_plan_and_apply_has_the_last_word() {
    let fake = Fake::start();
    let deployed =
        |one: &str| base_file(&format!("state: active\nvariants: [{{key: \"on\"}}]\ndeployments: [\"{one}\"]\n"));
    fake.world().add("7", false, &json!({"enabled": true, "deployments": ["1"]}));
    // All deployments are exchanged, while it is off.
    let planned = plan_of(&fake, &deployed("1"), &deployed("2"));
    assert_eq!(planned.finding, Finding::Behind);
    fake.world().objects.get_mut("7").unwrap().body["enabled"] = json!(false);
    fake.calls();
    let applied = carry_out(&fake, &planned, true);
    assert!(
        matches!(&applied.outcome, ApplyOutcome::Conflict(why) if why.contains("switched off in Amplitude")),
        "{applied:?}"
    );
    assert_eq!(writes(fake.calls()), [""; 0]);
}

/// A flag of which a commit exchanges all deployments is off on the way; somebody may have switched it off as well.
#[test]
fn whoever_switches_off_before_an_exchange_of_deployments_has_the_last_word() {
    let file = |one: &str, share: u32| {
        base_file(&format!(
            "state: active\nvariants: [{{key: \"on\"}}]\nrolloutPercentage: {share}\ndeployments: [\"{one}\"]\n"
        ))
    };
    for (share, there, is_conflict) in [
        // Nothing but the switch is other than before: nobody knows whose it is.
        (40, json!({"enabled": false}), true),
        // An exchange that changes nothing else goes without switching off.
        (20, json!({"enabled": false, "deployments": []}), true),
        (20, json!({"enabled": false, "deployments": ["1", "2"]}), true),
        // On its way, as an apply leaves it that broke off.
        (40, json!({"enabled": false, "deployments": []}), false),
        (40, json!({"enabled": false, "rolloutPercentage": 40}), false),
        (40, json!({"enabled": true}), false),
    ] {
        let fake = Fake::start();
        fake.world().add("7", false, &json!({"enabled": true, "deployments": ["1"], "rolloutPercentage": 20}));
        for (member, value) in there.as_object().unwrap() {
            fake.world().objects.get_mut("7").unwrap().body[member] = value.clone();
        }
        let (then, want) = (file("1", 20), file("2", share));
        let planned = plan_of(&fake, &then, &want);
        if !is_conflict {
            let applied = carry_out(&fake, &planned, true);
            assert_eq!(applied.outcome, ApplyOutcome::Done, "{share} {there}");
            assert_eq!(fake.world().objects["7"].body["enabled"], true, "{share} {there}");
            continue;
        }
        let Finding::Conflict(why) = &planned.finding else { panic!("{share} {there}: {:?}", planned.finding) };
        assert!(why.starts_with("state (Amplitude \"inactive\""), "{why}");
        // The remedy of the sentence gets on.
        if share == 40 {
            assert!(why.ends_with("switch it on in Amplitude, and apply again"), "{why}");
            fake.world().objects.get_mut("7").unwrap().body["enabled"] = json!(true);
            assert_eq!(trace(&fake, &then, &want, true).0, ApplyOutcome::Done);
        }
    }
}
