//! Parts that cannot be read: one item, one answer about it, a page of a list, a flag file, the policy. The rest is
//! imported and applied, what has to go off goes off, and the part is named with why, what to do, and a code that says
//! so.

use serde_json::{Value, json};

use crate::amplitude::apply::{EDIT, OFF, OVERRIDE, fake, flat};
use crate::amplitude::fake::Fake;
use crate::amplitude::import::Place;
use crate::amplitude::plan::{commit, edit, imported};
use crate::git::git;

fn script(fake: &Fake, path: &str, status: u16, body: &str) {
    fake.world().scripted.insert(path.to_owned(), (status, body.to_owned()));
}

/// `pay`, and `two`, which will not be readable.
fn two() -> Fake {
    let fake = fake();
    fake.world().add("8", false, &json!({"key": "two", "enabled": true, "rolloutPercentage": 1, "rolloutWeights": {"on": 1}, "variants": [{"key": "on", "payload": {"a": 1}}]}));
    fake
}

/// The list of flags, one of which is reported as `entry`.
fn list(fake: &Fake, entry: &Value) -> String {
    let world = fake.world();
    let objects: Vec<Value> = world
        .objects
        .values()
        .map(|object| if object.body["id"] == "8" { entry.clone() } else { world.reported(object) })
        .collect();
    json!({"flags": objects, "nextCursor": null}).to_string()
}

/// The name, the path of the answer, and the answer.
type Way = (&'static str, &'static str, u16, String);

/// The parts of `two` that cannot be read: its variants, whom they include, its own body.
fn ways() -> Vec<Way> {
    let deep = format!("[{{\"key\": \"on\", \"payload\": {}{}}}]", "[".repeat(500), "]".repeat(500));
    vec![
        ("deep payload", "/flags/8/variants", 200, deep),
        ("variants that are no list", "/flags/8/variants", 200, r#"{"variants": []}"#.to_owned()),
        ("variants that fail", "/flags/8/variants", 500, "<html>".to_owned()),
        ("inclusions that are no list", "/flags/8/variants/on/users", 200, r#"{"users": ["u1"]}"#.to_owned()),
        ("inclusions that are refused", "/flags/8/variants/on/cohorts", 403, "no".to_owned()),
    ]
}

#[test]
fn an_import_takes_everything_but_the_item_that_cannot_be_read() {
    for (what, path, status, body) in ways() {
        let fake = two();
        let place = imported(&fake);
        let (file, lock) = (place.read("flags/checkout/two.yaml"), place.read(".countersign/amplitude.lock"));
        let locked =
            |text: &str| serde_json::from_str::<Value>(text).unwrap()["projects"]["checkout"]["items"]["two"].clone();
        script(&fake, path, status, &body);
        {
            let mut world = fake.world();
            world.objects.get_mut("7").unwrap().body["rolloutPercentage"] = json!(30);
            world.objects.get_mut("8").unwrap().body["rolloutPercentage"] = json!(30);
        }
        let (code, printed) = place.ask(&fake, &["import", "--patience", "0"]);
        assert_eq!(code, 5, "{what}: {printed}");
        assert!(place.read("flags/checkout/pay.yaml").contains("rolloutPercentage: 30"), "{what}: {printed}");
        assert_eq!(
            (place.read("flags/checkout/two.yaml"), locked(&place.read(".countersign/amplitude.lock"))),
            (file, locked(&lock)),
            "{what}"
        );
        let said = "checkout/two could not be read, so its files and the lock file stay as they are: ";
        assert!(
            printed.contains(said) && printed.contains("1 part could not be read; everything else was imported"),
            "{what}: {printed}"
        );
        // It is over: what it says to do is enough.
        fake.world().scripted.clear();
        let (code, printed) = place.ask(&fake, &["import"]);
        assert_eq!((code, printed.contains("wrote flags/checkout/two.yaml")), (0, true), "{what}: {printed}");
    }
}

#[test]
fn an_import_goes_past_an_entry_of_a_list_and_past_a_project() {
    let half = json!({"id": "8", "projectId": "450001", "key": "two"});
    for own in [true, false] {
        let fake = two();
        let page = list(&fake, &half);
        script(&fake, "/flags?projectId=450001", 200, &page);
        if !own {
            script(&fake, "/flags/8", 200, &half.to_string());
        }
        let place = Place::new();
        let (code, printed) = place.ask(&fake, &["import", "--patience", "0"]);
        assert!(place.read("flags/checkout/pay.yaml").contains("rolloutPercentage: 25"), "{printed}");
        // By itself it may be whole.
        assert_eq!(
            (code, place.path().join("flags/checkout/two.yaml").exists()),
            if own { (0, true) } else { (5, false) },
            "{printed}"
        );
        assert!(
            own || printed.contains("checkout/two could not be read")
                && printed.contains("the flag 8 has no `enabled`"),
            "{printed}"
        );
        assert!(own || printed.contains("look at it in Amplitude's console"), "{printed}");
    }
    // One project that cannot be read, or that the key may not read, does not stop the other.
    for (status, body) in [(403, "Forbidden"), (200, "{"), (200, "[]"), (500, "<html>")] {
        let fake = two();
        script(&fake, "/experiments?projectId=450002", status, body);
        let place = Place::new();
        let (code, printed) = place.ask(&fake, &["import", "--patience", "0"]);
        assert_eq!(
            (
                code,
                printed.contains("wrote flags/checkout/pay.yaml"),
                printed.contains("project growth could not be read")
            ),
            (5, true, true),
            "{printed}"
        );
        let lock = place.read(".countersign/amplitude.lock");
        assert!(lock.contains("\"checkout\"") && !lock.contains("growth"), "{lock}");
    }
    // Nor are the versions.
    let fake = two();
    script(&fake, "/versions", 200, "no");
    let place = Place::new();
    let (code, printed) = place.ask(&fake, &["import", "--patience", "0"]);
    assert_eq!(
        (code, printed.contains("wrote flags/checkout/two.yaml"), printed.contains("versions could not be read: ")),
        (5, true, true),
        "{printed}"
    );
}

/// `pay` is to go off, `two` is to be raised.
fn going(fake: &Fake) -> Place {
    let place = imported(fake);
    edit(&place, "pay", "state: active", "state: inactive");
    edit(&place, "two", "rolloutPercentage: 1", "rolloutPercentage: 2");
    place
}

#[test]
fn one_item_that_cannot_be_read_keeps_no_other_from_anything() {
    for (what, path, status, body) in ways() {
        let fake = two();
        let place = imported(&fake);
        // Only what the file says is read.
        edit(
            &place,
            "two",
            "{key: \"on\", payload: {a: 1}}",
            "{key: \"on\", payload: {a: 2}, inclusions: {users: [u1], cohorts: []}}",
        );
        edit(&place, "pay", "state: active", "state: inactive");
        script(&fake, path, status, &body);
        let (code, printed) = place.ask(&fake, &["plan", "--patience", "0"]);
        assert_eq!((code, flat(&printed).contains("checkout/two: ")), (5, true), "{what}: {printed}");
        fake.calls();
        let (code, printed) = place.ask(&fake, OVERRIDE);
        assert_eq!((code, fake.writes()), (5, vec![OFF.to_owned()]), "{what}: {printed}");
        assert_eq!(printed.matches("done  checkout/pay").count(), 1, "{what}: {printed}");
        assert!(
            printed.contains("done  checkout/pay") && printed.contains("left  checkout/two: "),
            "{what}: {printed}"
        );
        let (_, json) = place.ask(&fake, &["plan", "--patience", "0", "--format", "json"]);
        let document: Value = serde_json::Deserializer::from_str(&json).into_iter().next().unwrap().unwrap();
        crate::schema::holds("amplitude-plan", &document);
        assert_eq!(document["unread"][0]["part"], "checkout/two", "{what}: {json}");
        for format in ["markdown", "html"] {
            let (code, printed) = place.ask(&fake, &["drift", "--patience", "0", "--format", format]);
            let why = document["unread"][0]["why"].as_str().unwrap().split([':', '\'', '<']).next().unwrap();
            assert_eq!((code, printed.contains(why)), (5, true), "{what} {format}: {printed}");
        }
    }
    // Its versions are not waited for: content is what is compared.
    let fake = two();
    let place = imported(&fake);
    edit(&place, "pay", "rolloutPercentage: 25", "rolloutPercentage: 50");
    script(&fake, "/flags/7/versions", 500, "<html>");
    let (code, printed) = place.ask(&fake, OVERRIDE);
    assert_eq!(
        (code, fake.writes(), printed.contains("its version is not known")),
        (0, vec![EDIT.to_owned()], true),
        "{printed}"
    );
}

#[test]
fn a_page_that_cannot_be_read_keeps_no_flag_from_going_off() {
    let half = json!({"id": "8", "projectId": "450001", "key": "two"});
    for with_lock in [true, false] {
        for body in ["{", "[1]", r#"{"flags": {}}"#] {
            let fake = two();
            let place = going(&fake);
            if !with_lock {
                git(place.path(), &["rm", "-q", ".countersign/amplitude.lock"]);
                commit(&place);
            }
            // Each by itself can be read; the list of all cannot.
            script(&fake, "/flags?projectId=450001", 200, body);
            if !with_lock {
                let pay = {
                    let world = fake.world();
                    world.reported(&world.objects["7"])
                };
                script(&fake, "/flags?projectId=450001&key=pay", 200, &json!({"flags": [pay]}).to_string());
            }
            let (code, printed) = place.ask(&fake, OVERRIDE);
            assert_eq!((code, fake.writes()), (5, vec![OFF.to_owned()]), "lock {with_lock}: {printed}");
            assert!(printed.contains("done  checkout/pay") && printed.contains("checkout: "), "{printed}");
        }
        // One entry of it.
        let fake = two();
        let place = going(&fake);
        let page = list(&fake, &half);
        script(&fake, "/flags?projectId=450001", 200, &page);
        script(&fake, "/flags/8", 200, &half.to_string());
        let (code, printed) = place.ask(&fake, OVERRIDE);
        assert_eq!((code, fake.writes()), (5, vec![OFF.to_owned()]), "{printed}");
        assert!(
            flat(&printed).contains(
                "left checkout/two: Amplitude's answer is not what its documentation says: the flag 8 has no `enabled`"
            ),
            "{printed}"
        );
        // Nothing is made anew that a list tells of and nobody can read.
        assert!(!printed.contains("POST"), "{printed}");
    }
}

#[test]
fn an_invalid_flag_file_is_left_and_keeps_no_other_from_going_off() {
    for (from, to, code) in [
        ("key: two", "key: [", 3),
        ("state: active", "state: actve", 3),
        ("rolloutPercentage: 1", "rolloutPercentage: 140", 3),
    ] {
        let fake = two();
        let place = imported(&fake);
        edit(&place, "pay", "state: active", "state: inactive");
        edit(&place, "two", from, to);
        let (plan_code, printed) = place.ask(&fake, &["plan"]);
        assert_eq!(plan_code, code, "{printed}");
        assert!(
            flat(&printed).contains("`flags/checkout/two.yaml` has an error in line")
                && !printed.contains("in no file"),
            "{printed}"
        );
        fake.calls();
        let (applied, printed) = place.ask(&fake, OVERRIDE);
        assert_eq!((applied, fake.writes()), (code, vec![OFF.to_owned()]), "{to}: {printed}");
        assert!(printed.contains("done  checkout/pay"), "{printed}");
    }
    // Off is off, whatever else is wrong in the file.
    let fake = two();
    let place = imported(&fake);
    edit(&place, "pay", "rolloutPercentage: 25", "rolloutPercentage: 140");
    edit(&place, "pay", "state: active", "state: inactive");
    let (code, printed) = place.ask(&fake, OVERRIDE);
    assert_eq!((code, fake.writes()), (3, vec![OFF.to_owned()]), "{printed}");
    assert!(
        flat(&printed).contains("it is off; the rest is left: `flags/checkout/pay.yaml` has an error"),
        "{printed}"
    );
}

#[test]
fn an_invalid_policy_keeps_nobody_from_switching_off() {
    type Change = fn(&str) -> String;
    let broken: [(&str, Change); 4] = [
        (".countersign/config.yaml", |text| format!("<<<<<<< ours\n{text}")),
        (".countersign/config.yaml", |text| text.replace("checkout: \"450001\"", "checkout: \"x\"")),
        (".countersign/APPROVERS", |_| "flags/** nobody@\n[[\n".to_owned()),
        (".countersign/formats/mine.yaml", |_| "a: [".to_owned()),
    ];
    for (path, change) in broken {
        let fake = two();
        let place = going(&fake);
        place.write(path, &change(&place.read(path)));
        commit(&place);
        // Two commits after it, it is still invalid.
        commit(&place);
        let before = git(place.path(), &["rev-parse", "main~2"]);
        let (code, printed) = place.ask(&fake, OVERRIDE);
        assert_eq!((code, fake.writes()), (4, vec![OFF.to_owned()]), "{path}: {printed}");
        let said = flat(&printed);
        let by = format!("so by the one of {} flags are switched off, and nothing else is done", &before[..8]);
        assert!(
            said.contains("done checkout/pay")
                && said.contains("left checkout/two: the policy is invalid (")
                && said.contains(&by),
            "{path}: {printed}"
        );
        // A look is none: it says what is wrong.
        let (code, printed) = place.ask(&fake, &["plan"]);
        assert_eq!(code, 4, "{path}: {printed}");
    }
    // Where it requires approval of switching off, nothing goes off by itself.
    let fake = two();
    let place = imported(&fake);
    let config = place.read(".countersign/config.yaml");
    place.write(".countersign/config.yaml", &format!("{config}critical: {{deactivation: approval}}\n"));
    commit(&place);
    edit(&place, "pay", "state: active", "state: inactive");
    place.write(".countersign/APPROVERS", "[[\n");
    commit(&place);
    let (code, printed) = place.ask(&fake, &["apply", "--yes"]);
    assert_eq!((code, fake.writes().len()), (4, 0), "{printed}");
    // No commit has a valid one: nobody knows which project is which.
    let place = Place::new();
    place.write(".countersign/config.yaml", "version: [");
    commit(&place);
    let (code, printed) = place.ask(&fake, &["apply", "--yes"]);
    assert_eq!(
        (code, printed.contains("nothing was switched off: no commit of the branch has a valid policy")),
        (4, true),
        "{printed}"
    );
}

#[test]
fn a_converted_item_is_switched_off_all_the_same() {
    let fake = two();
    let place = imported(&fake);
    edit(&place, "pay", "state: active", "state: inactive");
    {
        let mut world = fake.world();
        let mut made = world.objects.remove("7").unwrap();
        made.experiment = true;
        made.body["state"] = json!("running");
        world.objects.insert("7".to_owned(), made);
    }
    let (code, printed) = place.ask(&fake, OVERRIDE);
    assert_eq!((code, fake.writes()), (1, vec![OFF.replace("flags", "experiments")]), "{printed}");
    assert!(flat(&printed).contains("it is off; the rest is left: it is an experiment in Amplitude"), "{printed}");
}
