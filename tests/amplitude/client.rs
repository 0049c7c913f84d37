//! The client against the fake: lists to their end, errors in words, limits, and a key that nobody sees.

use std::time::{Duration, Instant};

use countersign::amplitude::client::{Details, WriteOutcome};
use countersign::error::ErrorKind;
use countersign::flag::Kind;
use serde_json::json;

use crate::amplitude::fake::{Approvals, Fake, Fault, KEY};

const NO_WAIT: Duration = Duration::ZERO;

#[test]
fn lists_are_read_to_their_end_in_every_form() {
    for (cursor_is_number, end, ids_are_numbers) in [(false, 0, false), (true, 1, true), (false, 2, true)] {
        let fake = Fake::start();
        {
            let mut world = fake.world();
            (world.knobs.cursor_is_number, world.knobs.end) = (cursor_is_number, end);
            (world.knobs.ids_are_numbers, world.knobs.page) = (ids_are_numbers, 2);
            for id in 1..=5 {
                world.add(&id.to_string(), id == 5, &json!({"key": format!("k{id}"), "deleted": id == 2}));
            }
            world.add("9", false, &json!({"projectId": "450002"}));
        }
        let items = fake.client(NO_WAIT).items("450001").unwrap();
        let found: Vec<(&str, Kind, bool)> =
            items.iter().map(|item| (item.key.as_str(), item.kind, item.archived)).collect();
        let flag = |key, archived| (key, Kind::Flag, archived);
        assert_eq!(
            found,
            [
                flag("k1", false),
                flag("k2", true),
                flag("k3", false),
                flag("k4", false),
                ("k5", Kind::Experiment, false)
            ]
        );
    }
}

#[test]
fn an_item_is_looked_for_in_both_lists() {
    for unknown_id in [404, 400] {
        let fake = Fake::start();
        fake.world().knobs.unknown_id = unknown_id;
        fake.world().add("7", true, &json!({}));
        let client = fake.client(NO_WAIT);
        assert_eq!(client.item(Kind::Flag, "7").unwrap().map(|item| item.kind), Some(Kind::Experiment));
        assert!(client.item(Kind::Flag, "8").unwrap().is_none());
    }
}

#[test]
fn details_are_read_where_they_are_wanted() {
    let fake = Fake::start();
    fake.world().add(
        "7",
        false,
        &json!({"variants": [{"key": "on", "payload": {"a": 1}}, {"key": "off-peak", "description": "d"}]}),
    );
    fake.world().objects.get_mut("7").unwrap().users.insert("on".to_owned(), vec!["u1".to_owned()]);
    let client = fake.client(NO_WAIT);
    let mut items = vec![client.item(Kind::Flag, "7").unwrap().unwrap()];
    let wanted = [Details { variants: true, inclusions: ["on".to_owned()].into() }];
    client.detail(&mut items, &wanted, &|| {}).unwrap();
    let text = countersign::amplitude::file::write(&items[0]).unwrap().text;
    assert!(text.contains("payload: {a: 1}, inclusions: {users: [u1]}") && text.contains("description: d"), "{text}");
    assert_eq!(client.latest(&items[0]).unwrap().map(|version| version.number), Some(1));
    // Several are under way at once.
    let mut calls = fake.calls();
    calls.sort();
    assert_eq!(
        calls,
        [
            "GET /flags/7",
            "GET /flags/7/variants",
            "GET /flags/7/variants/on/cohorts",
            "GET /flags/7/variants/on/users",
            "GET /flags/7/versions"
        ]
    );
}

#[test]
fn reads_are_tried_again_and_writes_never_blindly() {
    let fake = Fake::start();
    fake.world().add("7", false, &json!({}));
    fake.world().faults.extend([(0, Fault::Limit(Some(0))), (1, Fault::Limit(Some(0)))]);
    let client = fake.client(Duration::from_secs(9));
    assert!(client.item(Kind::Flag, "7").unwrap().is_some());
    assert_eq!(fake.calls().len(), 3);
    let edit = json!({"rolloutPercentage": 5});
    for (fault, sent, outcome) in [
        (Fault::Limit(Some(0)), 2, "accepted"),
        (Fault::Before(502), 1, "unknown"),
        (Fault::After(503), 1, "unknown"),
        (Fault::Lost, 1, "unknown"),
        (Fault::Before(405), 1, "refused"),
    ] {
        fake.world().faults.insert(0, fault);
        let written = match client.write("PATCH", "/flags/7", &edit).unwrap() {
            WriteOutcome::Accepted(_) => "accepted",
            WriteOutcome::Refused(..) => "refused",
            WriteOutcome::Unknown(_) => "unknown",
        };
        assert_eq!((written, fake.calls().len()), (outcome, sent), "{fault:?}");
    }
    // Five times the same limit: it may be the day's.
    fake.world().faults.extend((0..9).map(|at| (at, Fault::Limit(Some(0)))));
    let error = client.item(Kind::Flag, "7").unwrap_err();
    assert_eq!(error.kind, ErrorKind::Limited);
    assert!(error.help.contains("100,000 requests of the day"), "{error}");
    assert_eq!(fake.calls().len(), 5);
}

#[test]
fn no_more_than_twenty_requests_a_second() {
    let fake = Fake::start();
    fake.world().add("7", false, &json!({}));
    let client = fake.client(NO_WAIT);
    let begin = Instant::now();
    let paths = vec!["/flags/7".to_owned(); 30];
    assert_eq!(client.get_all(&paths, &|| {}).unwrap().len(), 30);
    assert!(begin.elapsed() >= Duration::from_millis(29 * 50), "{:?}", begin.elapsed());
}

#[test]
fn the_key_is_in_no_message() {
    let fake = Fake::start();
    fake.world().add("7", false, &json!({}));
    fake.world().faults.insert(0, Fault::Echo);
    let client = fake.client(NO_WAIT);
    let error = client.get("/flags/7").unwrap_err();
    assert!(error.message.ends_with("Bad header: Bearer [token]"), "{error}");
    fake.world().faults.insert(1, Fault::Echo);
    let written = format!("{:?}", client.write("PATCH", "/flags/7", &json!({"enabled": false})).unwrap());
    assert!(!written.contains(KEY) && !client.take_log().join("\n").contains(KEY), "{written}");
    let other = countersign::amplitude::client::AmplitudeClient::new(
        &fake.url(),
        countersign::git::Token::new("ampex_wrong").unwrap(),
        NO_WAIT,
    );
    let error = other.unwrap().get("/flags/7").unwrap_err();
    assert_eq!(
        (error.kind, error.message.as_str()),
        (ErrorKind::Unauthorised, "Amplitude does not take the management key (401)")
    );
    let token = countersign::git::Token::new("k").unwrap();
    for address in ["http://example.com/api/1", "ftp://127.0.0.1", "127.0.0.1"] {
        assert!(
            countersign::amplitude::client::AmplitudeClient::new(address, token.clone(), NO_WAIT).is_err(),
            "{address}"
        );
    }
}

/// The fake itself: approvals of its own, and somebody who edits meanwhile.
#[test]
fn the_fake_keeps_to_its_settings() {
    for (approvals, outcome, percentage) in [
        (Approvals::Off, "Accepted(\"OK\")", 5),
        (Approvals::Refuse, "Refused(409, \"Flag is locked", 0),
        (Approvals::Pend, "Accepted(\"OK\")", 0),
    ] {
        let fake = Fake::start();
        fake.world().add("7", false, &json!({"enabled": true}));
        fake.world().knobs.approvals = approvals;
        let client = fake.client(NO_WAIT);
        let written = client.write("PATCH", "/flags/7", &json!({"rolloutPercentage": 5})).unwrap();
        assert!(format!("{written:?}").starts_with(outcome), "{written:?}");
        assert_eq!(fake.world().objects["7"].body["rolloutPercentage"], percentage);
        assert_eq!(fake.writes(), ["PATCH /flags/7 {\"rolloutPercentage\":5}"]);
    }
    let fake = Fake::start();
    fake.world().add("7", false, &json!({}));
    fake.world().faults.insert(0, Fault::Edit);
    let item = fake.client(NO_WAIT).item(Kind::Flag, "7").unwrap().unwrap();
    assert_eq!(countersign::amplitude::fields::text_of(&item.record, "description"), Some("edited by hand"));
}
