//! Relations of items with each other and with what they were: prerequisites and groups, new names and new items; and
//! the lock file, which remembers who is who.

use countersign::amplitude::lock::Lock;
use serde_json::{Value, json};

use crate::amplitude::apply::flat;
use crate::amplitude::fake::Fake;
use crate::amplitude::import::Place;
use crate::amplitude::plan::{commit, edit, imported, plan};
use crate::git::git;

const FILES: [&str; 2] = ["11-mutexes-list.json", "12-holdouts-list.json"];

/// `a-child`, which needs `base`; and `grouped`, in a group and under a holdout.
fn family(on: bool) -> Fake {
    let fake = Fake::start();
    let needs = |flags: Value| json!({"flags": flags, "operator": "all"});
    let share = json!({"enabled": on, "rolloutPercentage": 10, "rolloutWeights": {"on": 1}});
    let with = |more: Value| {
        let mut made = share.clone();
        made.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        made
    };
    fake.world().add("10", false, &with(json!({"key": "base"})));
    fake.world().add("11", false, &with(json!({"key": "a-child", "parentDependencies": needs(json!({"10": ["on"]}))})));
    fake.world().add(
        "12",
        true,
        &json!({"key": "grouped", "parentDependencies": needs(json!({"908120": ["slot-1"], "908300": ["on"]}))}),
    );
    for (list, file) in ["mutexes", "holdouts"].into_iter().zip(FILES) {
        let path = format!("{}/tests/data/amplitude/{file}", env!("CARGO_MANIFEST_DIR"));
        let saved: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
        fake.world().groups.insert(list, saved[list].as_array().unwrap().clone());
    }
    fake
}

/// The lock file as it was: one that nobody approved would be a change of the policy's folder.
fn forget(place: &Place) {
    git(place.path(), &["checkout", "-q", "--", ".countersign"]);
}

#[test]
fn prerequisites_and_groups_are_reported_by_name_and_never_written() {
    let fake = family(false);
    let place = Place::new();
    let (_, printed) = place.ask(&fake, &["import"]);
    let where_to = "and the API cannot write that: set prerequisites on its page in the console, groups on theirs";
    for reported in [
        format!("without parentDependencies, which stays in Amplitude: it needs flag `base` (on), {where_to}"),
        format!(
            "it needs mutual exclusion group `Checkout lane` (slot-1) and holdout `Yearly holdout` (on), {where_to}"
        ),
    ] {
        assert!(printed.contains(&reported), "{reported}\n{printed}");
    }
    let lock = Lock::parse(&place.read(".countersign/amplitude.lock")).unwrap();
    assert!(lock.item("checkout", "grouped").unwrap().read_only["parentDependencies"].contains("`Checkout lane`"));
    commit(&place);
    // A file that says them gets a diagnostic with the place to do it instead.
    edit(
        &place,
        "base",
        "kind: flag\n",
        "kind: flag\nparentDependencies: {flags: {\"11\": [\"on\"]}, operator: all}\n",
    );
    let document = plan(&place, &fake);
    assert_eq!(
        document["items"][0]["byHand"],
        json!(["parentDependencies: the API cannot write it: change it in the console, then import"])
    );
    assert_eq!(document["calls"], 0);
}

#[test]
fn what_others_need_comes_on_before_them_and_goes_off_after_them() {
    let fake = family(false);
    let place = imported(&fake);
    edit(&place, "a-child", "state: inactive", "state: active");
    let (_, printed) = place.ask(&fake, &["plan"]);
    assert!(
        flat(&printed).contains("it needs `base`, which is off in Amplitude: unless that is switched on first"),
        "{printed}"
    );
    edit(&place, "base", "state: inactive", "state: active");
    let overrides = ["--override", "checkout/base=test", "--override", "checkout/a-child=test"];
    let (code, printed) = place.ask(&fake, &[&["apply", "--yes"], &overrides[..]].concat());
    let on = |id: u32| format!("PATCH /flags/{id} {{\"enabled\":true}}");
    assert_eq!((code, fake.writes()), (0, vec![on(10), on(11)]), "{printed}");
    forget(&place);
    edit(&place, "base", "state: active", "state: inactive");
    let (_, printed) = place.ask(&fake, &["plan"]);
    assert!(flat(&printed).contains("`a-child` needs it, and serves nobody who does not get it"), "{printed}");
    edit(&place, "a-child", "state: active", "state: inactive");
    let (code, printed) = place.ask(&fake, &["apply", "--yes"]);
    let off = |id: u32| format!("PATCH /flags/{id} {{\"enabled\":false}}");
    assert_eq!((code, fake.writes()), (0, vec![off(11), off(10)]), "{printed}");
    forget(&place);
    // Both archived by one run, though the one cannot be while the other is there.
    for key in ["base", "a-child"] {
        edit(&place, key, "state: inactive", "state: archived");
    }
    let (code, printed) = place.ask(&fake, &[&["apply", "--yes"], &overrides[..]].concat());
    let archived = |id: u32| format!("PATCH /flags/{id} {{\"archive\":true}}");
    assert_eq!((code, fake.writes()), (0, vec![archived(11), archived(10)]), "{printed}");
}

#[test]
fn a_variant_of_another_name_is_reported_as_a_rename() {
    let fake = Fake::start();
    let variants = json!([{"key": "blue", "payload": {"n": 1}}, {"key": "red"}]);
    fake.world().add("7", false, &json!({"enabled": true, "rolloutPercentage": 10, "variants": variants, "rolloutWeights": {"blue": 1, "red": 1}}));
    let place = imported(&fake);
    let text = place.read("flags/checkout/pay.yaml");
    place.write("flags/checkout/pay.yaml", &text.replace("blue", "navy"));
    commit(&place);
    let (_, printed) = place.ask(&fake, &["plan"]);
    assert!(
        flat(&printed).contains(
            "variants: `blue` looks renamed to `navy`; nobody knows what a rename through the API takes along"
        ),
        "{printed}"
    );
    assert!(!fake.calls().iter().any(|call| call.contains("\"key\":\"navy\"") && call.starts_with("PATCH")));
}

#[test]
fn the_lock_file_says_after_an_apply_who_is_who() {
    let fake = Fake::start();
    fake.world().add("7", false, &json!({"enabled": true, "rolloutPercentage": 25, "rolloutWeights": {"on": 1}}));
    let place = imported(&fake);
    edit(&place, "pay", "rolloutPercentage: 25", "rolloutPercentage: 50");
    place.write(
        "flags/checkout/fresh.yaml",
        "key: fresh\nkind: flag\nstate: inactive\nvariants: [{key: \"on\"}]\nrolloutWeights: {\"on\": 1}\n",
    );
    commit(&place);
    let before = Lock::parse(&place.read(".countersign/amplitude.lock")).unwrap();
    assert!(before.item("checkout", "fresh").is_none());
    let all = ["apply", "--yes", "--override", "checkout/pay=test", "--override", "checkout/fresh=test"];
    let (code, printed) = place.ask(&fake, &all);
    assert_eq!(code, 0, "{printed}");
    assert!(printed.contains("wrote .countersign/amplitude.lock: commit it through a pull request"), "{printed}");
    let after = Lock::parse(&place.read(".countersign/amplitude.lock")).unwrap();
    let (old, new) = (before.item("checkout", "pay").unwrap(), after.item("checkout", "pay").unwrap());
    assert_eq!((new.version, &new.id), (Some(2), &old.id));
    assert!(new.hash != old.hash);
    let id = after.item("checkout", "fresh").unwrap().id.clone();
    // Not committed, it changes nothing: the next run reads Amplitude.
    forget(&place);
    let (code, printed) = place.ask(&fake, &all);
    assert_eq!((code, printed.contains("wrote ")), (0, false), "{printed}");
    // Committed, it tells a new name from a new item, and an import follows the console where nobody edited the file.
    place.write(".countersign/amplitude.lock", &after.text());
    commit(&place);
    fake.world().objects.get_mut(&id).unwrap().body["key"] = json!("fresher");
    let document = plan(&place, &fake);
    let why = document["items"].as_array().unwrap().iter().find(|item| item["flag"] == "checkout/fresh").unwrap();
    assert_eq!(why["finding"]["why"], "its key is `fresher` in Amplitude: rename one of the two, then import");
    fake.world().objects.get_mut("7").unwrap().body["rolloutPercentage"] = json!(60);
    let (_, printed) = place.ask(&fake, &["import"]);
    assert!(printed.contains("wrote flags/checkout/pay.yaml\n"), "{printed}");
}

#[test]
fn a_key_that_an_archived_item_has_as_well_is_that_of_the_other_one() {
    for locked in [false, true] {
        let fake = Fake::start();
        fake.world().add("1", false, &json!({"key": "pay", "deleted": true}));
        if locked {
            // It was imported before it was archived, and its key was given away.
            let place = imported(&fake);
            fake.world().add("2", false, &json!({"key": "pay", "enabled": true}));
            let (_, printed) = place.ask(&fake, &["import"]);
            assert!(printed.contains("checkout/pay: another item of this key is left alone: 2\n"), "{printed}");
            continue;
        }
        fake.world().add("2", false, &json!({"key": "pay", "enabled": true}));
        let place = imported(&fake);
        assert!(place.read("flags/checkout/pay.yaml").contains("state: active"));
        assert_eq!(plan(&place, &fake)["items"], json!([]));
        git(place.path(), &["rm", "-q", ".countersign/amplitude.lock"]);
        commit(&place);
        assert_eq!(plan(&place, &fake)["items"], json!([]));
    }
    let fake = Fake::start();
    for id in ["1", "2"] {
        fake.world().add(id, false, &json!({"key": "pay"}));
    }
    let place = Place::new();
    let (code, printed) = place.ask(&fake, &["import"]);
    let said =
        "no file for checkout/pay: Amplitude has several items of this key (1, 2): archive and rename all but one";
    assert_eq!((code, printed.contains(said)), (0, true), "{printed}");
}

#[test]
fn an_import_tells_what_was_converted_and_what_was_made_anew() {
    let fake = Fake::start();
    for (id, key) in [("1", "one"), ("2", "two")] {
        fake.world().add(id, false, &json!({"key": key}));
    }
    let place = imported(&fake);
    {
        let mut world = fake.world();
        let mut one = world.objects.remove("1").unwrap();
        one.experiment = true;
        one.body["state"] = json!("planning");
        world.objects.insert("1".to_owned(), one);
        world.objects.remove("2");
        world.add("22", false, &json!({"key": "two"}));
    }
    let (_, printed) = place.ask(&fake, &["import"]);
    assert!(
        printed.contains("checkout/one: it was converted and is of kind experiment in Amplitude now\n"),
        "{printed}"
    );
    assert!(printed.contains("checkout/two: it was made anew: the item 22 in the place of 2\n"), "{printed}");
}
