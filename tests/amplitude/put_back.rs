//! Edits in the console after an apply: such an edit is a conflict, though an earlier commit says the same; and what
//! has to go off goes off under whatever name, path or id it has by now.

use serde_json::{Value, json};

use crate::amplitude::apply::{EDIT, OFF, OVERRIDE, fake, flat};
use crate::amplitude::fake::Fake;
use crate::amplitude::import::Place;
use crate::amplitude::plan::{commit, edit, imported, lines, plan};
use crate::git::git;

pub fn set(fake: &Fake, field: &str, value: &Value) {
    fake.world().objects.get_mut("7").unwrap().body[field] = value.clone();
}

/// The calls that are written by an apply with overrides, and the code and the text of its end.
fn apply(place: &Place, fake: &Fake, more: &[&str]) -> (i32, Vec<String>, String) {
    fake.calls();
    let (code, printed) = place.ask(fake, &[OVERRIDE, &["--override", ".countersign=test"], more].concat());
    (code, fake.writes(), flat(&printed))
}

#[test]
fn what_was_put_back_in_the_console_after_an_apply_is_a_conflict() {
    for (field, before, after, there) in [
        ("state", "inactive", "active", ("enabled", json!(false))),
        ("rolloutPercentage", "25", "50", ("rolloutPercentage", json!(25))),
    ] {
        let fake = fake();
        set(&fake, "enabled", &json!(field != "state"));
        let place = imported(&fake);
        edit(&place, "pay", &format!("{field}: {before}"), &format!("{field}: {after}"));
        let (code, writes, printed) = apply(&place, &fake, &[]);
        assert_eq!((code, writes.len()), (0, 1), "{printed}");
        commit(&place);
        // Somebody's emergency: the same as git had before.
        set(&fake, there.0, &there.1);
        set(&fake, "lastModifiedBy", &json!("oncall@example.com"));
        let document = plan(&place, &fake);
        let why = document["items"][0]["finding"]["why"].as_str().unwrap();
        assert!(
            why.starts_with(&format!("{field} (Amplitude "))
                && why.contains("was changed in Amplitude after it was applied by oncall@example.com at "),
            "{why}"
        );
        let (code, writes, printed) = apply(&place, &fake, &[]);
        assert_eq!((code, writes), (1, Vec::new()), "{printed}");
        // Nor by a change of something else in the file.
        edit(&place, "pay", "kind: flag", "kind: flag\ndescription: Express");
        assert_eq!(lines(&plan(&place, &fake), "checkout/pay"), [""; 0]);
        // Imported and merged, it is what the file says.
        git(place.path(), &["revert", "--no-edit", "HEAD"]);
        let (code, printed) = place.ask(&fake, &["import"]);
        assert_eq!(code, 0, "{printed}");
        commit(&place);
        assert_eq!(plan(&place, &fake)["items"], json!([]));
        // And what is merged after that is applied.
        edit(&place, "pay", &format!("{field}: {before}"), &format!("{field}: {after}"));
        let (code, writes, printed) = apply(&place, &fake, &[]);
        assert_eq!((code, writes.len()), (0, 1), "{printed}");
    }
}

#[test]
fn what_was_switched_on_in_the_console_after_an_apply_had_it_off_is_drift() {
    let fake = fake();
    let place = imported(&fake);
    edit(&place, "pay", "state: active", "state: inactive");
    let (code, printed) = place.ask(&fake, &["apply", "--yes"]);
    assert_eq!((code, fake.writes()), (0, vec![OFF.to_owned()]), "{printed}");
    commit(&place);
    set(&fake, "enabled", &json!(true));
    for share in [25, 50] {
        edit(&place, "pay", "rolloutPercentage: 25", &format!("rolloutPercentage: {share}"));
        let (code, writes, printed) = apply(&place, &fake, &[]);
        assert_eq!((code, writes), (1, Vec::new()), "{printed}");
        assert!(printed.contains("in Amplitude after it was applied by ops@example.com"), "{printed}");
    }
    assert_eq!(place.ask(&fake, &["drift", "--exit-code"]).0, 1);
    // Without the word of a lock file it is off, as every commit since says.
    git(place.path(), &["rm", "-q", ".countersign/amplitude.lock"]);
    commit(&place);
    assert_eq!(apply(&place, &fake, &[]).1.first().map(String::as_str), Some(OFF));
}

#[test]
fn a_revert_of_what_was_applied_and_a_run_that_broke_off_are_no_conflict() {
    let fake = fake();
    let place = imported(&fake);
    edit(&place, "pay", "rolloutPercentage: 25", "rolloutPercentage: 50");
    assert_eq!(apply(&place, &fake, &[]).1, [EDIT]);
    commit(&place);
    edit(&place, "pay", "rolloutPercentage: 50", "rolloutPercentage: 25");
    assert_eq!(lines(&plan(&place, &fake), "checkout/pay"), [r#"PATCH /flags/7 {"rolloutPercentage":25}"#]);
    // Applied by a run whose lock file nobody committed, and reverted: the lock file is of the commit before.
    edit(&place, "pay", "rolloutPercentage: 25", "rolloutPercentage: 70");
    set(&fake, "rolloutPercentage", &json!(70));
    edit(&place, "pay", "rolloutPercentage: 70", "rolloutPercentage: 50");
    assert_eq!(lines(&plan(&place, &fake), "checkout/pay"), [EDIT]);
    // Where no lock file says what was applied, a plan says who changed it last.
    git(place.path(), &["rm", "-q", ".countersign/amplitude.lock"]);
    commit(&place);
    set(&fake, "rolloutPercentage", &json!(25));
    let (_, printed) = place.ask(&fake, &["plan"]);
    assert!(flat(&printed).contains("changed last by ops@example.com at 2026-08-19T14:02:51.930Z"), "{printed}");
}

#[test]
fn a_flag_goes_off_from_wherever_its_file_went() {
    let fake = fake();
    let place = imported(&fake);
    std::fs::create_dir_all(place.path().join("flags/checkout/old")).unwrap();
    let text = place.read("flags/checkout/pay.yaml");
    git(place.path(), &["rm", "-q", "flags/checkout/pay.yaml"]);
    place.write("flags/checkout/old/pay.yaml", &text.replace("state: active", "state: inactive"));
    commit(&place);
    let (code, printed) = place.ask(&fake, &["apply", "--yes"]);
    assert_eq!((code, fake.writes()), (0, vec![OFF.to_owned()]), "{printed}");
    // Moved and edited it is an edit, not what no commit says.
    let other = self::fake();
    let place = imported(&other);
    git(place.path(), &["rm", "-q", "flags/checkout/pay.yaml"]);
    place.write("flags/checkout/old/pay.yaml", &text.replace("rolloutPercentage: 25", "rolloutPercentage: 50"));
    commit(&place);
    assert_eq!(lines(&plan(&place, &other), "checkout/pay"), [EDIT]);
    // A flag of that key in another project is another flag.
    let third = self::fake();
    let place = imported(&third);
    place.write("flags/growth/pay.yaml", &text);
    git(place.path(), &["rm", "-q", "flags/checkout/pay.yaml"]);
    commit(&place);
    git(place.path(), &["rm", "-q", "flags/growth/pay.yaml"]);
    place.write("flags/checkout/pay.yaml", &text.replace("rolloutPercentage: 25", "rolloutPercentage: 50"));
    commit(&place);
    assert_eq!(lines(&plan(&place, &third), "checkout/pay"), [""; 0]);
}

#[test]
fn a_flag_goes_off_under_another_key_and_under_another_id() {
    for anew in [false, true] {
        let fake = fake();
        let place = imported(&fake);
        let id = if anew { "8" } else { "7" };
        if anew {
            fake.world().objects.remove("7");
            fake.world().add("8", false, &json!({"enabled": true}));
        } else {
            set(&fake, "key", &json!("pay2"));
        }
        for look in ["plan", "drift"] {
            let (_, printed) = place.ask(&fake, &[look]);
            assert!(printed.contains("1 flag differs") && !printed.contains("has what the files say"), "{printed}");
        }
        edit(&place, "pay", "state: active", "state: inactive");
        let (code, printed) = place.ask(&fake, &["apply", "--yes"]);
        let off = format!("PATCH /flags/{id} {{\"enabled\":false}}");
        assert_eq!((code, fake.writes()), (1, vec![off]), "{printed}");
        assert!(printed.contains("it is off; the rest is left: "), "{printed}");
    }
}

#[test]
fn what_could_not_be_read_is_not_called_the_same() {
    let fake = fake();
    let place = imported(&fake);
    fake.world().scripted.insert("/flags?projectId=450001".to_owned(), (400, "no".to_owned()));
    for format in ["text", "markdown", "html"] {
        for look in ["plan", "drift"] {
            let (code, printed) = place.ask(&fake, &[look, "--format", format, "--patience", "0"]);
            assert_eq!(code, 5, "{printed}");
            let said = "as far as it could be read: 1 part could not";
            assert!(flat(&printed).contains(said), "{look} {format}: {printed}");
        }
    }
    let (code, printed) = place.ask(&fake, &["apply", "--yes", "--patience", "0", "--format", "json"]);
    assert_eq!((code, printed.contains("\"whole\": false")), (5, true), "{printed}");
}

#[test]
fn an_older_commit_has_no_older_policy_applied() {
    let other = |config: &str| {
        [
            config.replace("checkout: \"450001\"", "checkout: \"450009\""),
            config.replace("growth: \"450002\"}", "growth: \"450002\"}, region: eu"),
            config.replace("growth: \"450002\"}", "growth: \"450002\"}, unmanaged: [rolloutPercentage]"),
        ]
    };
    for at in 0..3 {
        let fake = fake();
        let place = imported(&fake);
        edit(&place, "pay", "rolloutPercentage: 25", "rolloutPercentage: 50");
        let older = git(place.path(), &["rev-parse", "main"]);
        let config = place.read(".countersign/config.yaml");
        place.write(".countersign/config.yaml", &other(&config)[at]);
        commit(&place);
        let (code, writes, printed) = apply(&place, &fake, &["--commit", older.trim()]);
        assert_eq!((code, writes), (1, Vec::new()), "{at}: {printed}");
        assert!(printed.contains("left checkout/pay: the branch says something newer of it"), "{at}: {printed}");
    }
}

#[test]
fn whether_it_is_on_may_be_left_to_the_console() {
    let fake = fake();
    let place = Place::new();
    let config = place.read(".countersign/config.yaml");
    let config = config.replace("growth: \"450002\"}", "growth: \"450002\"}, unmanaged: [state]");
    place.write(".countersign/config.yaml", &config);
    assert_eq!(place.ask(&fake, &["import"]).0, 0);
    commit(&place);
    for state in ["inactive", "archived"] {
        edit(&place, "pay", "state: active", &format!("state: {state}"));
        edit(&place, "pay", "rolloutPercentage: 25", "rolloutPercentage: 50");
        let (code, writes, printed) = apply(&place, &fake, &[]);
        assert_eq!((code, writes), (0, vec![EDIT.to_owned()]), "{state}: {printed}");
        set(&fake, "rolloutPercentage", &json!(25));
        edit(&place, "pay", &format!("state: {state}"), "state: active");
        edit(&place, "pay", "rolloutPercentage: 50", "rolloutPercentage: 25");
    }
}

#[test]
fn a_list_that_does_not_say_what_is_archived_is_not_believed() {
    let fake = fake();
    set(&fake, "deleted", &json!(true));
    // A list without the word, and one with another type.
    for (reported, code, state) in [(Value::Null, 0, "state: archived"), (json!("true"), 0, "state: archived")] {
        let mut listed = {
            let world = fake.world();
            world.reported(&world.objects["7"])
        };
        listed["deleted"] = reported;
        if listed["deleted"].is_null() {
            listed.as_object_mut().unwrap().remove("deleted");
        }
        let list = json!({"flags": [listed], "nextCursor": null}).to_string();
        fake.world().scripted.insert("/flags?projectId=450001".to_owned(), (200, list));
        let place = Place::new();
        let (ended, printed) = place.ask(&fake, &["import", "--patience", "0"]);
        assert_eq!((ended, place.read("flags/checkout/pay.yaml").contains(state)), (code, true), "{printed}");
    }
    // A saved answer can be asked nothing.
    let place = Place::new();
    place.write(
        ".git/saved.json",
        &json!({"id": "7", "projectId": "450001", "key": "pay", "enabled": true}).to_string(),
    );
    let (code, printed) = place.run(&["amplitude", "import", "--from", ".git/saved.json"]);
    let said = "taken as not archived, since what was saved does not say it: pay; save `GET /flags/ID`";
    assert_eq!((code, printed.contains(said)), (0, true), "{printed}");
}

#[test]
fn what_the_api_does_not_edit_is_remembered_and_left_to_the_console() {
    let fake = fake();
    fake.world().knobs.web = true;
    let place = imported(&fake);
    edit(&place, "pay", "rolloutPercentage: 25", "rolloutPercentage: 50");
    let (code, writes, printed) = apply(&place, &fake, &[]);
    assert_eq!((code, writes.len(), printed.contains("refused checkout/pay")), (1, 1, true), "{printed}");
    let lock = place.read(".countersign/amplitude.lock");
    assert!(lock.contains("an edit was answered with 405 at "), "{lock}");
    crate::schema::holds("amplitude-lock", &serde_json::from_str(&lock).unwrap());
    commit(&place);
    // From then on nobody tries: neither with Amplitude nor without.
    let why = "it is edited in Amplitude's console alone (an edit was answered with 405 at ";
    for look in [&["plan"][..], &["plan", "--offline", "--head", "main"]] {
        let (code, printed) = place.ask(&fake, look);
        assert_eq!(code, 0, "{printed}");
        assert!(look.len() > 1 || flat(&printed).contains(why), "{printed}");
    }
    let (code, writes, printed) = apply(&place, &fake, &[]);
    assert_eq!((code, writes), (1, Vec::new()), "{printed}");
    // An import keeps the mark; an edit in the console is imported like anything else.
    set(&fake, "rolloutPercentage", &json!(50));
    assert_eq!(place.ask(&fake, &["import"]).0, 0);
    assert!(place.read(".countersign/amplitude.lock").contains("\"console\""));
    commit(&place);
    assert_eq!(apply(&place, &fake, &[]).0, 0);
    // Switching off is tried all the same.
    edit(&place, "pay", "state: active", "state: inactive");
    assert_eq!(apply(&place, &fake, &[]).1.first().map(String::as_str), Some(OFF));
    // One that says what it is, is not even tried once.
    let fake = self::fake();
    set(&fake, "deliveryMethod", &json!("web"));
    let place = imported(&fake);
    assert!(place.read(".countersign/amplitude.lock").contains("Amplitude says that it is a web experiment"));
    edit(&place, "pay", "rolloutPercentage: 25", "rolloutPercentage: 50");
    assert_eq!(apply(&place, &fake, &[]).1, [""; 0]);
}
