//! Answers that nobody should give, and files that nobody should merge: what of it goes live, what it keeps from going
//! off, and where the key goes.

use std::time::Duration;

use countersign::amplitude::client::AmplitudeClient;
use countersign::error::ErrorKind;
use countersign::flag::Kind;
use countersign::git::Token;
use serde_json::json;

use crate::amplitude::apply::{OFF, OVERRIDE, fake, raised};
use crate::amplitude::fake::{Fake, KEY, Paging};
use crate::amplitude::import::Place;
use crate::amplitude::plan::{commit, edit, imported, lines, plan};
use crate::git::command;

fn client(fake: &Fake) -> AmplitudeClient {
    fake.client(Duration::ZERO).paced(Duration::ZERO)
}

/// `pay` is to go off, and `two` to be raised.
fn going(fake: &Fake) -> Place {
    fake.world().add("8", false, &json!({"key": "two", "enabled": true, "rolloutPercentage": 1, "variants": [{"key": "on", "payload": {"a": 1}}]}));
    let place = imported(fake);
    edit(&place, "pay", "state: active", "state: inactive");
    edit(&place, "two", "rolloutPercentage: 1", "rolloutPercentage: 2");
    place
}

#[test]
fn a_redirect_takes_the_key_nowhere() {
    let (fake, other) = (fake(), Fake::start());
    let place = raised(&fake);
    for path in ["/flags", "/flags/7"] {
        fake.world().scripted.clear();
        for status in [301, 302, 307, 308] {
            fake.world().scripted.insert(path.to_owned(), (status, format!("{}/flags", other.url())));
            let (code, printed) = place.ask(&fake, OVERRIDE);
            assert!(code != 0, "{printed}");
        }
    }
    assert_eq!((other.calls().len(), fake.writes().len()), (0, 0));
    for address in [
        "http://localhost:80@evil.example/api/1",
        "http://127.0.0.1@evil.example",
        "https://u:p@evil.example",
        "http://localhost.evil.example",
        "https://",
        "https:///x",
        "https://a.example/?x",
    ] {
        let made = AmplitudeClient::new(address, Token::new(KEY).unwrap(), Duration::ZERO);
        assert!(made.is_err(), "{address}");
    }
    // The two variables swapped, or the key in the address.
    let place = Place::new();
    for address in [KEY.to_owned(), format!("https://{KEY}@amplitude.example"), format!("https://a.example/?k={KEY}")] {
        for key in ["https://experiment.amplitude.com/api/1", KEY] {
            let mut program = command(env!("CARGO_BIN_EXE_countersign"), place.path());
            program.env("AMPLITUDE_MANAGEMENT_KEY", key).env("COUNTERSIGN_AMPLITUDE_URL", &address);
            let done = program.args(["amplitude", "import"]).output().unwrap();
            let printed = format!("{}{}", String::from_utf8_lossy(&done.stdout), String::from_utf8_lossy(&done.stderr));
            assert_eq!((done.status.code(), printed.contains(KEY)), (Some(2), false), "{printed}");
            assert!(printed.contains("COUNTERSIGN_AMPLITUDE_URL"), "{printed}");
        }
    }
    // A pace without end, or none.
    for pace in ["0", "-1", "fast"] {
        let (code, printed) =
            place.ask_with(&Fake::start(), &[("COUNTERSIGN_AMPLITUDE_PER_SECOND", pace)], &["import"]);
        assert_eq!((code, printed.contains("a whole number from 1")), (2, true), "{printed}");
    }
}

#[test]
fn what_is_too_large_too_deep_or_without_end_is_an_error_and_not_kept() {
    let fake = Fake::start();
    fake.world().scripted.insert("/flags/7".to_owned(), (200, format!("{{\"id\": \"{}\"}}", "x".repeat(33 << 20))));
    let error = client(&fake).item(Kind::Flag, "7").unwrap_err();
    assert!(error.message.ends_with("GET /flags/7 is too large"), "{error}");
    // Nobody asks for it again.
    assert_eq!(fake.calls().len(), 1);
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    fake.world().scripted.insert("/flags/7".to_owned(), (200, deep));
    let error = fake.client(Duration::from_secs(60)).paced(Duration::ZERO).item(Kind::Flag, "7");
    assert_eq!(error.unwrap_err().kind, ErrorKind::Unexpected);
    fake.world().scripted.clear();
    fake.world().add("7", false, &json!({}));
    fake.world().knobs.paging = Paging::Endless;
    let error = client(&fake).items("450001").unwrap_err();
    assert!(error.message.contains("has no end"), "{error}");
}

#[test]
fn an_answer_about_another_item_is_none() {
    let fake = fake();
    let place = raised(&fake);
    let mut other = json!({"id": "8", "projectId": "450001", "key": "pay", "enabled": true});
    fake.world().scripted.insert("/flags/7".to_owned(), (200, other.to_string()));
    let (code, printed) = place.ask(&fake, OVERRIDE);
    assert!(code != 0 && fake.writes().is_empty(), "{printed}");
    // Two of one key are nobody's to choose from.
    fake.world().scripted.clear();
    place.write(".countersign/amplitude.lock", "{\"schema\": \"countersign/amplitude-lock/v1\", \"projects\": {}}\n");
    commit(&place);
    other["rolloutPercentage"] = json!(25);
    fake.world().add("8", false, &other);
    let document = plan(&place, &fake);
    assert_eq!(lines(&document, "checkout/pay"), [""; 0]);
    assert!(
        document["items"][0]["finding"]["why"].as_str().unwrap().contains("several items of this key"),
        "{document}"
    );
}

#[test]
fn one_flag_that_cannot_be_read_keeps_no_other_from_going_off() {
    let fake = fake();
    let place = going(&fake);
    // Somebody gave it a payload that no reader takes.
    let deep = format!("[{{\"key\": \"on\", \"payload\": {}{}}}]", "[".repeat(500), "]".repeat(500));
    fake.world().scripted.insert("/flags/8/variants".to_owned(), (200, deep));
    let patient: Vec<&str> = OVERRIDE.iter().map(|arg| if *arg == "0" { "60" } else { arg }).collect();
    let (code, printed) = place.ask(&fake, &patient);
    assert!(code != 0, "{printed}");
    assert_eq!(fake.writes().first().map(String::as_str), Some(OFF), "{printed}");
    assert!(printed.contains("done  checkout/pay"), "{printed}");
}

#[test]
fn neither_a_broken_lock_file_nor_github_nor_another_project_keeps_a_flag_from_going_off() {
    // A merge left its marks in the lock file.
    let one = fake();
    let place = going(&one);
    let lock = place.read(".countersign/amplitude.lock");
    place.write(".countersign/amplitude.lock", &format!("<<<<<<< ours\n{lock}"));
    commit(&place);
    let (code, printed) = place.ask(&one, OVERRIDE);
    assert_eq!((code, one.writes()), (2, vec![OFF.to_owned()]), "{printed}");
    assert!(
        printed.contains("done  checkout/pay") && printed.contains("left  checkout/two: `.countersign/amplitude.lock`"),
        "{printed}"
    );
    let (code, printed) = place.ask(&one, &["plan"]);
    assert_eq!((code, printed.contains("it is no lock file")), (2, true), "{printed}");
    // GitHub cannot be asked who approved.
    let two = fake();
    let place = going(&two);
    let mut program = command(env!("CARGO_BIN_EXE_countersign"), place.path());
    two.connect(&mut program);
    program
        .env("GH_TOKEN", "t")
        .env("GITHUB_API_URL", "http://127.0.0.1:9")
        .env("GITHUB_GRAPHQL_URL", "http://127.0.0.1:9/graphql");
    let done =
        program.args(["amplitude", "apply", "--yes", "--patience", "0", "--repo", "acme/shop"]).output().unwrap();
    let printed = String::from_utf8_lossy(&done.stdout).into_owned();
    assert_eq!((done.status.code(), two.writes()), (Some(5), vec![OFF.to_owned()]), "{printed}");
    assert!(printed.contains("left  checkout/two: it is not known whether it was approved"), "{printed}");
    // The key may not read another project, or what is there cannot be read.
    for (status, body, named) in
        [(403, "Forbidden", "growth: "), (200, r#"{"flags": [{"key": "half"}]}"#, "growth/half: ")]
    {
        let three = fake();
        let place = going(&three);
        three.world().scripted.insert("/flags?projectId=450002".to_owned(), (status, body.to_owned()));
        let (code, printed) = place.ask(&three, OVERRIDE);
        assert_eq!((code, three.writes().len()), (5, 2), "{printed}");
        assert!(printed.contains("done  checkout/two") && printed.contains(named), "{printed}");
    }
}

#[test]
fn words_of_amplitude_act_on_no_terminal_and_in_no_file() {
    let fake = Fake::start();
    let nasty = "\u{1b}[2J\u{202e}evil\n::error::x\r##[group]";
    fake.world().add("1", false, &json!({"key": format!("k{nasty}"), "name": nasty, "enabled": true}));
    fake.world().add("2", false, &json!({"key": "two", "enabled": true, "lastModifiedBy": nasty, "name": nasty}));
    let place = Place::new();
    let shows = |printed: &str| {
        assert!(
            !printed.contains('\u{1b}') && !printed.contains('\u{202e}') && !printed.contains("##["),
            "{printed:?}"
        );
        assert!(!printed.lines().any(|line| line.starts_with("::")), "{printed:?}");
    };
    let (code, printed) = place.ask(&fake, &["import"]);
    assert_eq!(code, 0, "{printed}");
    shows(&printed);
    commit(&place);
    shows(&place.read("flags/checkout/two.yaml"));
    // Renamed to something worse, and changed by somebody with a strange name.
    fake.world().objects.get_mut("2").unwrap().body["key"] = json!(format!("two{nasty}"));
    for args in [
        &["import"][..],
        &["plan"],
        &["drift"],
        &["drift", "--format", "markdown"],
        &["drift", "--format", "html"],
        &["plan", "--format", "json"],
    ] {
        shows(&place.ask(&fake, args).1);
    }
}

#[test]
fn the_key_said_back_stands_in_no_file() {
    let fake = Fake::start();
    fake.world().add(
        "1",
        false,
        &json!({"key": "pay", "description": format!("Bearer {KEY}"), "enabled": true, "lastModifiedBy": KEY,
        "variants": [{"key": "on", "description": KEY, "payload": {"key": KEY}}]}),
    );
    let place = Place::new();
    // `ask` looks through what is printed.
    let (code, printed) = place.ask(&fake, &["import", "--verbose"]);
    assert_eq!(code, 0, "{printed}");
    for path in ["flags/checkout/pay.yaml", ".countersign/amplitude.lock"] {
        let text = place.read(path);
        assert!(!text.contains(KEY) && !text.is_empty(), "{text}");
    }
    // However the answer spells it.
    let escaped = {
        let world = fake.world();
        world.reported(&world.objects["1"])
    }
    .to_string();
    let escaped = escaped.replace(KEY, &KEY.replace('a', "\\u0061"));
    fake.world().scripted.insert("/flags?projectId=450001".to_owned(), (200, format!("{{\"flags\": [{escaped}]}}")));
    let other = Place::new();
    assert_eq!(other.ask(&fake, &["import"]).0, 0);
    let text = other.read("flags/checkout/pay.yaml");
    assert!(!text.contains(KEY) && text.contains("[token]"), "{text}");
    fake.world().scripted.clear();
    commit(&place);
    for args in [
        &["plan", "--format", "json", "--verbose"][..],
        &["drift", "--all"],
        &["apply", "--yes", "--format", "json", "--verbose"],
    ] {
        place.ask(&fake, args);
    }
}

#[test]
fn a_name_of_dots_is_no_part_of_an_address() {
    let fake = Fake::start();
    fake.world().add("7", false, &json!({"enabled": true, "deployments": ["..", "71001"]}));
    let place = imported(&fake);
    edit(&place, "pay", "\"..\", ", "");
    let (code, printed) = place.ask(&fake, OVERRIDE);
    assert_eq!((code, fake.writes()), (1, Vec::new()), "{printed}");
    let words: Vec<&str> = printed.split_whitespace().collect();
    assert!(words.join(" ").contains("was not sent: a name of dots alone is no part of an address"), "{printed}");
    let slashes = json!({"enabled": false});
    client(&fake).write("PATCH", "/flags/7/variants/a%2F..%2Fb", &slashes).unwrap();
    assert_eq!(fake.calls().pop().unwrap(), format!("PATCH /flags/7/variants/a%2F..%2Fb {slashes}"));
    fake.world().violations.clear();
}

#[test]
fn a_flood_of_new_files_is_no_flood_of_requests() {
    let fake = fake();
    let place = imported(&fake);
    let text = place.read("flags/checkout/pay.yaml");
    for at in 0..300 {
        place.write(
            &format!("flags/checkout/new-{at}.yaml"),
            &text.replace("key: pay", &format!("key: new-{at}")).replace("state: active", "state: inactive"),
        );
    }
    commit(&place);
    let client = client(&fake);
    let keys: Vec<String> = (0..300).map(|at| format!("new-{at}")).collect();
    let keys = keys.iter().map(String::as_str).collect();
    let mut list = client.listed("450001").unwrap();
    client.look_for(&mut list, "450001", &std::collections::BTreeMap::new(), &keys).unwrap();
    assert!(fake.calls().len() < 450);
}
