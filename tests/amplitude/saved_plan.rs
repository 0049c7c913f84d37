//! A saved plan: what it was made from stands in it, and an apply of it refuses whatever is no longer so, by name.

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::amplitude::apply::{EDIT, WITH, approve, fake, raised};
use crate::amplitude::fake::Fake;
use crate::amplitude::import::Place;
use crate::amplitude::plan::{edit, imported, plan};

fn hex(text: &str) -> String {
    Sha256::digest(text).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Saves the plan as people do it.
fn save(place: &Place, fake: &Fake) -> Value {
    let document = plan(place, fake);
    place.write(".git/plan.json", &document.to_string());
    document
}

fn apply(place: &Place, fake: &Fake) -> (i32, String, Vec<String>) {
    let with: Vec<&str> = WITH.iter().copied().chain([".git/plan.json"]).collect();
    let (code, printed) = place.ask(fake, &with);
    let words: Vec<&str> = printed.split_whitespace().collect();
    (code, words.join(" "), fake.writes())
}

#[test]
fn what_it_was_made_from_stands_in_it() {
    let fake = fake();
    let place = raised(&fake);
    {
        // Somebody went there and back in the console since the import.
        let mut world = fake.world();
        let object = world.objects.get_mut("7").unwrap();
        for number in [2, 3] {
            object.versions.push(json!({"version": number, "createdAt": "2026-11-20T00:00:00Z", "createdBy": "1", "flagConfig": {"id": "7"}}));
        }
    }
    let document = save(&place, &fake);
    let item = &document["items"][0];
    assert_eq!((&item["version"], &item["lockVersion"]), (&json!(3), &json!(1)), "{document}");
    let lock = place.read(".countersign/amplitude.lock");
    assert_eq!(document["lock"], hex(&lock));
    let digest = hex(&json!([document["schema"], document["commit"], document["lock"], document["items"]]).to_string());
    assert_eq!(document["digest"], digest);
    assert_eq!(document["id"], digest[..12]);
    // Without a key, only the lock file tells.
    let (_, printed) = place.run(&["amplitude", "plan", "--offline", "--head", "main", "--format", "json"]);
    let offline: Value = serde_json::from_str(&printed).unwrap();
    assert_eq!((&offline["fromAmplitude"], &offline["lock"]), (&json!(false), &document["lock"]));
}

#[test]
fn it_is_carried_out_and_nothing_else() {
    let fake = fake();
    let place = raised(&fake);
    approve(&place, "checkout/pay");
    save(&place, &fake);
    assert_eq!(apply(&place, &fake).2, [EDIT]);
    // Once more: it is done.
    let (code, printed, writes) = apply(&place, &fake);
    assert_eq!((code, writes.len()), (0, 0), "{printed}");
}

#[test]
fn whatever_is_no_longer_so_is_named_with_the_next_command() {
    let change = |fake: &Fake, what: usize| {
        let mut world = fake.world();
        let object = world.objects.get_mut("7").unwrap();
        match what {
            // Other content of a field that the file does not have, and no new version.
            0 => object.body["tags"] = json!(["by-hand"]),
            // There and back: the content is the same.
            1 => object.versions.push(
                json!({"version": 2, "createdAt": "2026-11-20T00:00:00Z", "createdBy": "1", "flagConfig": {"id": "7"}}),
            ),
            _ => {
                let mut made = world.objects.remove("7").unwrap();
                made.body["id"] = json!("8");
                world.objects.insert("8".to_owned(), made);
            }
        }
    };
    let said = [
        "the plan is no longer so: Amplitude has other content of it: its hash was ",
        "the plan is no longer so: it is at version 2 in Amplitude, and the plan was made from 1",
        "Amplitude has another item of this key, 8",
    ];
    for (what, said) in said.into_iter().enumerate() {
        let fake = fake();
        let place = imported(&fake);
        edit(&place, "pay", "tags: []\n", "");
        edit(&place, "pay", "rolloutPercentage: 25", "rolloutPercentage: 50");
        approve(&place, "checkout/pay");
        save(&place, &fake);
        change(&fake, what);
        let (code, printed, writes) = apply(&place, &fake);
        assert_eq!((code, writes.len()), (1, 0), "{printed}");
        assert!(printed.contains(said), "{said}: {printed}");
        assert!(
            printed.contains("plan again with `countersign amplitude plan --format json > plan.json`"),
            "{printed}"
        );
        if what < 2 {
            // The remedy is enough.
            save(&place, &fake);
            assert_eq!(apply(&place, &fake).2, [EDIT]);
        }
    }
}

#[test]
fn a_plan_of_another_commit_or_lock_file_and_an_edited_one_are_refused() {
    let fake = fake();
    let place = raised(&fake);
    approve(&place, "checkout/pay");
    let document = save(&place, &fake);
    let refused = |said: &str| {
        let (code, printed, writes) = apply(&place, &fake);
        assert_eq!((code, writes.len()), (2, 0), "{printed}");
        assert!(printed.contains(said) && printed.contains("help: plan again with `countersign"), "{said}: {printed}");
    };
    let signed = |change: &dyn Fn(&mut Value)| {
        let mut other = document.clone();
        change(&mut other);
        let parts = json!([other["schema"], other["commit"], other["lock"], other["items"]]);
        other["digest"] = json!(hex(&parts.to_string()));
        place.write(".git/plan.json", &other.to_string());
    };
    let mut edited = document.clone();
    edited["items"][0]["stages"][0][0]["body"]["rolloutPercentage"] = json!(100);
    place.write(".git/plan.json", &edited.to_string());
    refused("was edited: its digest is ");
    signed(&|plan| plan["lock"] = json!(hex("another")));
    refused("was made with another `.countersign/amplitude.lock`: its digest was ");
    signed(&|plan| plan["fromAmplitude"] = json!(false));
    refused("was made without asking Amplitude");
    for text in ["", "[", "{}", "[1]", "\"x\""] {
        place.write(".git/plan.json", text);
        refused("is no ");
    }
    // Calls that nobody would plan are not carried out, whoever made the digest.
    signed(&|plan| plan["items"][0]["stages"][0][0]["body"]["rolloutPercentage"] = json!(100));
    let (code, printed, writes) = apply(&place, &fake);
    assert_eq!(
        (code, writes.len(), printed.contains("it takes other calls than were planned")),
        (1, 0, true),
        "{printed}"
    );
    save(&place, &fake);
    edit(&place, "pay", "rolloutPercentage: 50", "rolloutPercentage: 60");
    refused("is of another commit: it is of ");
}

#[test]
fn switching_off_waits_for_no_plan_that_holds() {
    let fake = fake();
    fake.world().add("8", false, &json!({"key": "two", "enabled": true, "rolloutPercentage": 1}));
    fake.world().add("9", false, &json!({"key": "nine", "enabled": true, "rolloutPercentage": 1}));
    let place = raised(&fake);
    edit(&place, "two", "state: active", "state: inactive");
    save(&place, &fake);
    fake.world().objects.get_mut("7").unwrap().versions.push(json!({"version": 2, "flagConfig": {"id": "7"}}));
    // A remark on another flag meanwhile makes no plan stale.
    fake.world().objects.get_mut("9").unwrap().body["rolloutPercentage"] = json!(2);
    let (code, printed) = place.ask(&fake, &["apply", "--yes", ".git/plan.json"]);
    assert_eq!((code, fake.writes()), (1, vec![r#"PATCH /flags/8 {"enabled":false}"#.to_owned()]), "{printed}");
    assert!(
        printed.contains("done  checkout/two") && printed.contains("left  checkout/pay: the plan is no longer so"),
        "{printed}"
    );
}
