//! From A to B for random flags, under random settings of what nobody knows and with random faults: no state serves anybody
//! whom neither side serves, no success that is not there, and the next run finishes.

use std::collections::BTreeMap;

use countersign::amplitude::apply::{ApplyOutcome, kill};
use countersign::amplitude::compare::projected;
use countersign::amplitude::plan::{Finding, PlannedItem};
use countersign::amplitude::steps::PlannedCall;
use countersign::amplitude::wire::item;
use countersign::amplitude::{Item, file};
use countersign::flag::Kind;
use countersign::format::native::variant_of;
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::fake::{Fake, Fault, Knobs, Object, World};
use crate::shapes::{Dice, bytes, cases};
use crate::traces::{flag, plan_of};

/// A flag as the console could have it.
fn made(dice: &mut Dice<'_>, experiment: bool) -> (Value, BTreeMap<String, Vec<String>>) {
    let keys: Vec<&str> = ["a", "b", "c"].into_iter().filter(|key| *key == "a" || dice.some()).collect();
    let mut weights = json!({});
    for key in &keys {
        weights[*key] = json!(dice.pick(&[1, 2, 0, 5]));
    }
    weights["a"] = json!(dice.pick(&[1, 3]));
    let variants: Vec<Value> = keys
        .iter()
        .map(|key| json!({"key": key, "payload": dice.pick(&[json!([1]), json!("x"), Value::Null])}))
        .collect();
    let segment = |dice: &mut Dice<'_>| {
        json!({"name": "Staff", "percentage": dice.pick(&[0, 30, 100]), "bucketingKey": "user_id", "rolloutWeights": weights.clone(),
            "conditions": [{"type": "property", "prop": "gp:staff", "op": "is", "values": ["true"]}]})
    };
    let segments = if dice.some() { vec![segment(dice)] } else { Vec::new() };
    let archived = dice.roll(8) == 0;
    let mut made = json!({"enabled": dice.roll(3) > 0, "deleted": archived, "variants": variants, "rolloutWeights": weights, "targetSegments": segments,
        "rolloutPercentage": dice.pick(&[0, 20, 60, 100]), "bucketingSalt": dice.pick(&["saltone1", "salttwo2"]), "bucketingKey": "user_id",
        "deployments": dice.pick(&[json!(["1"]), json!(["1", "2"]), json!(["2"])]), "tags": dice.pick(&[json!([]), json!(["x"])])});
    if experiment {
        made["state"] = json!("running");
        made["stickyBucketing"] = json!(dice.some());
    }
    let mut users = BTreeMap::new();
    if dice.some() {
        users.insert(dice.pick(&keys).to_owned(), vec!["user-1".to_owned()]);
    }
    (made, users)
}

fn knobs(dice: &mut Dice<'_>) -> Knobs {
    Knobs {
        ids_are_numbers: dice.some(),
        cursor_is_number: dice.some(),
        end: dice.roll(3),
        unknown_id: dice.pick(&[404, 400]),
        success: dice.roll(4),
        unknown_member: dice.pick(&[400, 200]),
        no_op_versions: dice.some(),
        sub_versions: dice.some(),
        author: dice.roll(3),
        variant_removal: dice.roll(3),
        duplicate: dice.pick(&[400, 200]),
        tells_exposure: dice.some(),
        enabling_moves_state: dice.some(),
        archiving_disables: dice.some(),
        ..Knobs::default()
    }
}

fn item_of(world: &World, object: &Object) -> Item {
    let kind = if object.experiment { Kind::Experiment } else { Kind::Flag };
    let mut item = item(&world.told(object), kind).unwrap();
    item.take_variants(&json!(object.variants));
    for variant in &object.variants {
        let key = variant["key"].as_str().unwrap();
        let users = object.users.get(key).cloned().unwrap_or_default();
        item.take_inclusions(key, &json!(users), &json!(object.cohorts.get(key).cloned().unwrap_or_default()));
    }
    item
}

/// The file of an object, with the lists of what its variants include.
fn file_of(world: &World, object: &Object) -> String {
    let item = item_of(world, object);
    let mut text = file::write(&item).unwrap().text;
    for key in item.variants() {
        if object.users.get(key).is_none_or(Vec::is_empty) {
            let from = format!("{{key: {key}");
            text = text.replacen(&from, &format!("{from}, inclusions: {{users: []}}"), 1);
        }
    }
    text
}

/// What a user gets in a deployment, by Amplitude's engine.
fn gets(world: &World, object: &Object, deployment: &str, user: usize) -> Option<String> {
    let on = object.body["enabled"] == true && object.body["deleted"] != true;
    if !on || !object.body["deployments"].as_array().unwrap().contains(&json!(deployment)) {
        return None;
    }
    let name = format!("user-{user}");
    if let Some((variant, _)) = object.users.iter().find(|(_, users)| users.contains(&name)) {
        return Some(variant.clone());
    }
    let staff = user.is_multiple_of(3) && !object.body["targetSegments"].as_array().unwrap().is_empty();
    let flag = flag(&file::write(&item_of(world, object)).unwrap().text);
    variant_of(&flag, staff.then_some("Staff"), &name).unwrap_or(None)
}

const USERS: usize = 24;

/// What everybody gets, in both deployments.
fn everybody(world: &World, object: &Object) -> Vec<Option<String>> {
    let users = |deployment: &'static str| (1..USERS).map(move |user| (deployment, user));
    users("1").chain(users("2")).map(|(deployment, user)| gets(world, object, deployment, user)).collect()
}

/// Every state on the way: nobody is served whom neither A nor B serves; without another weight, nobody gets what neither gives.
fn look_back(world: &World, id: &str, [a, b]: [&Object; 2], told: bool) {
    // One that is restored may serve what it served before, until the next call: the plan says so.
    let mut restored = a.clone();
    restored.body["deleted"] = json!(false);
    let (of_a, of_b) = (everybody(world, &restored), everybody(world, b));
    for state in &world.states {
        let Some(object) = state.get(id) else { continue };
        for (at, is) in everybody(world, object).into_iter().enumerate() {
            let (before, after) = (&of_a[at], &of_b[at]);
            assert!(
                is.is_none() || before.is_some() || after.is_some(),
                "served on the way: {at} {is:?}\n{}\nA {} {:?}\nB {} {:?}",
                object.body,
                a.body,
                a.users,
                b.body,
                b.users
            );
            // A user who is included by name is nobody's in between.
            let included = at.is_multiple_of(USERS - 1);
            assert!(
                told || included || is.is_none() || is == *before || is == *after,
                "{at}: {is:?}, {before:?} to {after:?}\n{}",
                object.body
            );
        }
    }
}

fn run(fake: &Fake, then: &str, want: &str) -> (PlannedItem, Option<ApplyOutcome>) {
    let planned = plan_of(fake, then, want);
    let client = fake.client(std::time::Duration::ZERO).paced(std::time::Duration::ZERO);
    let rules = countersign::amplitude::apply::ApplyRules {
        client: &client,
        project: "450001",
        unmanaged: &[],
        allow_intermediate: true,
    };
    if planned.kill().is_some() && kill(&rules, &planned).outcome != ApplyOutcome::Done {
        return (planned, None);
    }
    let outcome = match &planned.finding {
        Finding::Same => Some(ApplyOutcome::Done),
        Finding::Conflict(why) | Finding::Aside(why) => Some(ApplyOutcome::Conflict(why.clone())),
        Finding::Behind | Finding::New => Some(countersign::amplitude::apply::apply(&rules, &planned).outcome),
    };
    (planned, outcome)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(60), max_shrink_iters: 60, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_becomes_b_whatever_happens(throws in bytes(90), experiment in any::<bool>(), faults in prop::collection::vec((0usize..24, 0usize..7), 0..3), dead in prop::option::of(4usize..24)) {
        let fake = Fake::start();
        let mut dice = Dice(throws.iter());
        let (a, users_of_a) = made(&mut dice, experiment);
        let (b, users_of_b) = made(&mut dice, experiment);
        fake.world().knobs = knobs(&mut dice);
        // The end, B, is made in another Amplitude, for its file and for what it gives.
        let other = Fake::start();
        other.world().add("7", experiment, &b);
        other.world().objects.get_mut("7").unwrap().users = users_of_b;
        fake.world().add("7", experiment, &a);
        fake.world().objects.get_mut("7").unwrap().users = users_of_a;
        let (object_a, object_b) = (fake.world().objects["7"].clone(), other.world().objects["7"].clone());
        let (then, want) = (file_of(&fake.world(), &object_a), file_of(&other.world(), &object_b));
        let first = plan_of(&fake, &then, &want);
        let weights = |call: &PlannedCall| call.body.get("rolloutWeight").is_some();
        let told = first.steps.calls().any(weights) || object_a.body["deleted"] == true || object_b.body["deleted"] == true;
        let begin = fake.world().log.len();
        {
            let mut world = fake.world();
            for (at, fault) in &faults {
                let fault = [Fault::Limit(Some(0)), Fault::Before(502), Fault::After(502), Fault::Lost, Fault::Half, Fault::Edit, Fault::Limit(None)][*fault];
                world.faults.insert(begin + at, fault);
            }
            world.dead_from = dead.map(|at| begin + at);
        }
        let edited = faults.iter().any(|(_, fault)| *fault == 5);
        let check = |outcome: &Option<ApplyOutcome>| {
            if *outcome == Some(ApplyOutcome::Done) {
                let world = fake.world();
                let item = item_of(&world, &world.objects["7"]);
                let flag = flag(&want);
                assert_eq!(projected(&item, &flag, &[]).differing(&flag), [""; 0], "a success that is not there");
            }
        };
        // A run that meets its end may not even have a plan: then there is nothing to be carried out.
        let outcome = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| run(&fake, &then, &want))).map_or(None, |(_, outcome)| outcome);
        check(&outcome);
        look_back(&fake.world(), "7", [&object_a, &object_b], told);
        {
            let mut world = fake.world();
            world.faults.clear();
            world.dead_from = None;
        }
        let mut last = None;
        for _ in 0..3 {
            let (_, outcome) = run(&fake, &then, &want);
            check(&outcome);
            last = outcome;
        }
        look_back(&fake.world(), "7", [&object_a, &object_b], told);
        let by_hand = matches!(last, Some(ApplyOutcome::ByHand(_)));
        prop_assert!(last == Some(ApplyOutcome::Done) || by_hand || edited, "{:?}\n{}\n{}", last, then, want);
    }
}
