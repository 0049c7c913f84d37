//! Plan and drift against the fake: nothing after an import, and everything that differs in the words of any change.

use proptest::prelude::*;
use serde_json::{Value, json};

use crate::amplitude::fake::Fake;
use crate::amplitude::import::Place;
use crate::amplitude::shapes::{Dice, bytes, cases, object};
use crate::git::git;

/// A repository with everything of the fake imported and committed on `main`.
pub fn imported(fake: &Fake) -> Place {
    let place = Place::new();
    let (code, printed) = place.ask(fake, &["import"]);
    assert_eq!(code, 0, "{printed}");
    let lock: Value = serde_json::from_str(&place.read(".countersign/amplitude.lock")).unwrap();
    crate::schema::holds("amplitude-lock", &lock);
    commit(&place);
    fake.calls();
    place
}

pub fn commit(place: &Place) {
    git(place.path(), &["add", "-A"]);
    git(place.path(), &["commit", "-q", "--allow-empty", "-m", "step"]);
}

/// Edits a file of the checkout project and commits it.
pub fn edit(place: &Place, key: &str, from: &str, to: &str) {
    let path = format!("flags/checkout/{key}.yaml");
    let text = place.read(&path);
    assert!(text.contains(from), "{text}");
    place.write(&path, &text.replace(from, to));
    commit(place);
}

pub fn plan(place: &Place, fake: &Fake) -> Value {
    let (code, printed) = place.ask(fake, &["plan", "--format", "json"]);
    assert_eq!(code, 0, "{printed}");
    // Notes on the standard error may follow it.
    let document: Value = serde_json::Deserializer::from_str(&printed).into_iter().next().unwrap().unwrap();
    crate::schema::holds("amplitude-plan", &document);
    document
}

/// The calls of a flag in a plan, each in one line.
pub fn lines(plan: &Value, name: &str) -> Vec<String> {
    let item = plan["items"].as_array().unwrap().iter().find(|item| item["flag"] == name);
    let Some(item) = item else { return Vec::new() };
    let stages = item["stages"].as_array().unwrap().iter().flat_map(|stage| stage.as_array().unwrap());
    stages
        .map(|call| match &call["body"] {
            Value::Null => format!("{} {}", call["method"].as_str().unwrap(), call["path"].as_str().unwrap()),
            body => format!("{} {} {body}", call["method"].as_str().unwrap(), call["path"].as_str().unwrap()),
        })
        .collect()
}

fn pay(fake: &Fake) {
    fake.world().add(
        "910442",
        false,
        &json!({"enabled": true, "rolloutPercentage": 25, "rolloutWeights": {"on": 1}, "deployments": ["71001"], "tags": ["q3"],
            "targetSegments": [{"name": "Staff", "percentage": 100, "bucketingKey": "amplitude_id", "rolloutWeights": {"on": 1},
            "conditions": [{"type": "property", "prop": "gp:staff", "op": "is", "values": ["true"]}]}]}),
    );
}

#[test]
fn one_edit_is_one_call() {
    let fake = Fake::start();
    pay(&fake);
    let place = imported(&fake);
    assert_eq!(plan(&place, &fake)["items"], json!([]));
    edit(&place, "pay", "rolloutPercentage: 25", "rolloutPercentage: 50");
    let document = plan(&place, &fake);
    assert_eq!(lines(&document, "checkout/pay"), ["PATCH /flags/910442 {\"rolloutPercentage\":50}"]);
    assert_eq!(
        (&document["schema"], &document["items"][0]["finding"]["is"]),
        (&json!("countersign/amplitude-plan/v1"), &json!("behind"))
    );
    assert_eq!(document["report"]["flags"][0]["changes"][0]["field"], "rolloutPercentage");
    let (code, printed) = place.ask(&fake, &["plan", "--exit-code"]);
    assert_eq!(code, 1, "{printed}");
    assert!(printed.contains("1 flag differs, 1 call to Amplitude") && printed.contains("25% → 50%"), "{printed}");
    assert!(printed.contains("call 1: PATCH /flags/910442 {\"rolloutPercentage\":50}"), "{printed}");
    for format in ["markdown", "html"] {
        let (code, printed) = place.ask(&fake, &["plan", "--format", format]);
        assert_eq!((code, printed.contains("rolloutPercentage")), (0, true), "{printed}");
    }
    let (code, printed) = place.ask(&fake, &["drift"]);
    assert_eq!(code, 0, "{printed}");
    assert!(printed.contains("50% → 25%"), "{printed}");
    assert!(fake.writes().is_empty());
}

#[test]
fn what_somebody_did_in_the_console_is_a_conflict() {
    let fake = Fake::start();
    pay(&fake);
    let place = imported(&fake);
    fake.world().objects.get_mut("910442").unwrap().body["rolloutPercentage"] = json!(90);
    fake.world().objects.get_mut("910442").unwrap().body["lastModifiedBy"] = json!("kim@example.com");
    let document = plan(&place, &fake);
    assert_eq!(lines(&document, "checkout/pay"), [""; 0]);
    let why = document["items"][0]["finding"]["why"].as_str().unwrap();
    assert_eq!(
        why,
        "rolloutPercentage (Amplitude 90, before 25, file 25) in Amplitude is what no commit says, changed by kim@example.com at 2026-08-19T14:02:51.930Z: import it, or set it back"
    );
    let (code, printed) = place.ask(&fake, &["drift", "--exit-code"]);
    assert_eq!(code, 1, "{printed}");
    assert!(printed.contains("25% → 90%") && printed.contains("kim@example.com"), "{printed}");
    // It stays one, whatever is merged meanwhile.
    edit(&place, "pay", "rolloutPercentage: 25", "rolloutPercentage: 50");
    assert_eq!(lines(&plan(&place, &fake), "checkout/pay"), [""; 0]);
    // Two commits behind is no conflict.
    fake.world().objects.get_mut("910442").unwrap().body["rolloutPercentage"] = json!(25);
    edit(&place, "pay", "rolloutPercentage: 50", "rolloutPercentage: 60");
    assert_eq!(lines(&plan(&place, &fake), "checkout/pay"), ["PATCH /flags/910442 {\"rolloutPercentage\":60}"]);
}

#[test]
fn strays_renames_and_recreations_are_reported_as_what_they_are() {
    let fake = Fake::start();
    pay(&fake);
    fake.world().add("2", false, &json!({"key": "two"}));
    fake.world().add("3", false, &json!({"key": "three"}));
    fake.world().add("4", false, &json!({"key": "four"}));
    let place = imported(&fake);
    {
        let mut world = fake.world();
        world.add("9", false, &json!({"key": "mine", "enabled": true}));
        world.objects.get_mut("2").unwrap().body["key"] = json!("two-b");
        world.objects.remove("3");
        world.add("33", false, &json!({"key": "three"}));
        let mut four = world.objects.remove("4").unwrap();
        four.experiment = true;
        four.body["state"] = json!("planning");
        world.objects.insert("4".to_owned(), four);
    }
    let document = plan(&place, &fake);
    let reported: Vec<String> = document["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| format!("{}: {}", item["flag"].as_str().unwrap(), item["finding"]["why"].as_str().unwrap()))
        .collect();
    assert_eq!(
        reported,
        [
            "checkout/four: it is an experiment in Amplitude: it was converted; import",
            "checkout/three: Amplitude has another item of this key, 33: it was made anew; import",
            "checkout/two: its key is `two-b` in Amplitude: rename one of the two, then import",
        ]
    );
    let strays: Vec<&str> =
        document["withoutFile"].as_array().unwrap().iter().map(|stray| stray["key"].as_str().unwrap()).collect();
    assert_eq!(strays, ["mine", "two-b"]);
    let (code, printed) = place.ask(&fake, &["drift", "--exit-code"]);
    assert_eq!(
        (code, printed.contains("live in Amplitude, and in no file (id 9), changed by ops@example.com")),
        (1, true),
        "{printed}"
    );
}

#[test]
fn every_look_says_who_changed_it_last_and_what_is_live_without_a_file() {
    let fake = Fake::start();
    pay(&fake);
    let place = imported(&fake);
    edit(&place, "pay", "rolloutPercentage: 25", "rolloutPercentage: 50");
    fake.world().objects.get_mut("910442").unwrap().body["lastModifiedBy"] = json!("kim@example.com");
    fake.world().add("9", false, &json!({"key": "mine", "enabled": true, "lastModifiedBy": "lee@example.com"}));
    for format in ["text", "markdown", "html", "json"] {
        let (code, printed) = place.ask(&fake, &["drift", "--format", format]);
        let printed = printed.split_whitespace().collect::<Vec<_>>().join(" ");
        assert_eq!(code, 0, "{format}: {printed}");
        for said in ["kim@example.com", "2026-08-19T14:02:51.930Z", "mine", "lee@example.com"] {
            assert!(printed.contains(said), "{format} {said}: {printed}");
        }
        let live = if format == "json" { "\"live\": true" } else { "live in Amplitude, and in no file" };
        assert!(printed.contains(live), "{format}: {printed}");
    }
    // A plan says all of it too, and its id, in a page as elsewhere.
    let id = plan(&place, &fake)["id"].as_str().unwrap().to_owned();
    for format in ["text", "markdown", "html"] {
        let (_, printed) = place.ask(&fake, &["plan", "--format", format]);
        assert!(printed.contains(&id) && printed.contains("mine"), "{format}: {printed}");
    }
}

#[test]
fn every_example_is_imported_and_then_there_is_nothing_to_plan() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/amplitude");
    let fake = Fake::start();
    let mut names: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    names.sort();
    let mut made = 0;
    for path in names.iter().filter(|path| path.extension().is_some_and(|end| end == "json")) {
        let value: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
        let experiment = value["experiments"].is_array() || value.get("experimentType").is_some();
        let all = ["flags", "experiments"].iter().find_map(|list| value[*list].as_array().cloned());
        for mut object in all.unwrap_or_else(|| vec![value]) {
            if object["key"].is_null() || object["projectId"].is_null() || object["enabled"].is_null() {
                continue;
            }
            made += 1;
            // Two of the examples have one key, in two projects.
            object["key"] = json!(format!("{}-{made}", object["key"].as_str().unwrap()));
            let id = object["id"].as_str().map_or_else(|| object["id"].to_string(), str::to_owned);
            (object["id"], object["projectId"]) = (json!(id), json!("450001"));
            fake.world().add(&id, experiment, &object);
        }
    }
    assert!(made > 5, "{made}");
    let place = imported(&fake);
    let document = plan(&place, &fake);
    assert_eq!((&document["items"], &document["withoutFile"]), (&json!([]), &json!([])), "{document}");
    let (code, printed) = place.run(&["lint", "flags/checkout"]);
    assert_eq!(code, 0, "{printed}");
    fake.world().violations.clear();
}

#[test]
fn without_a_key_the_base_branch_is_what_amplitude_has() {
    let fake = Fake::start();
    pay(&fake);
    let place = imported(&fake);
    git(place.path(), &["checkout", "-q", "-b", "change"]);
    edit(&place, "pay", "rolloutPercentage: 25", "rolloutPercentage: 50");
    let (code, printed) = place.run(&["amplitude", "plan", "--offline", "--head", "HEAD", "--format", "markdown"]);
    assert_eq!(code, 0, "{printed}");
    assert!(printed.contains("merging will make 1 call to Amplitude"), "{printed}");
    assert!(printed.contains("910442"), "{printed}");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(6), failure_persistence: None, ..ProptestConfig::default() })]

    /// Import, then plan: empty, over whole projects.
    #[test]
    fn a_plan_is_empty_after_an_import(throws in prop::collection::vec(bytes(120), 1..9)) {
        let fake = Fake::start();
        for (at, throws) in throws.iter().enumerate() {
            let mut dice = Dice(throws.iter());
            let id = (at + 1).to_string();
            let (mut made, variants) = object(&mut dice, at as u64 + 1, &format!("key-{at}"), throws.len().is_multiple_of(2));
            (made["id"], made["projectId"]) = (json!(id), json!("450001"));
            let experiment = made.get("experimentType").is_some();
            made["variants"] = variants;
            fake.world().add(&id, experiment, &made);
        }
        let place = imported(&fake);
        let document = plan(&place, &fake);
        prop_assert_eq!(&document["items"], &json!([]), "{}", document);
        prop_assert_eq!(&document["withoutFile"], &json!([]));
    }
}
