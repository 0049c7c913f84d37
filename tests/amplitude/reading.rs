//! How much an import asks for: whom every item includes, as far as three minutes go; and lists that change while they
//! are read.

use std::collections::{BTreeMap, BTreeSet};

use countersign::amplitude::Item;
use countersign::amplitude::client::PER_SECOND;
use countersign::amplitude::import::{Included, MOST_REQUESTS, reading};
use countersign::amplitude::lock::Lock;
use countersign::amplitude::wire::item;
use countersign::flag::Kind;
use serde_json::json;

use crate::amplitude::fake::{Fake, Paging};
use crate::amplitude::import::Place;

/// Flags in this number, each third of them on, with one to three variants.
fn items(number: usize) -> Vec<Item> {
    let one = |at: usize| {
        let variants: Vec<_> = ["a", "b", "c"][..=at % 3].iter().map(|key| json!({"key": key})).collect();
        let made = json!({"id": (at + 1).to_string(), "projectId": "450001", "key": format!("key-{at:05}"), "enabled": at.is_multiple_of(3),
            "deleted": at % 10 == 9, "variants": variants});
        item(&made, Kind::Flag).unwrap()
    };
    (0..number).map(one).collect()
}

#[test]
fn everything_is_read_where_it_fits() {
    let items = items(300);
    let found = reading(&items, Included::Fitting, &BTreeSet::new(), 6);
    for (item, details) in items.iter().zip(&found.details) {
        assert_eq!(details.variants, !item.archived);
        assert_eq!(details.inclusions.len(), if item.archived { 0 } else { item.variants().count() }, "{}", item.key);
    }
    assert_eq!((found.left, found.more), (0, 0));
}

#[test]
fn two_thousand_flags_take_less_than_three_minutes() {
    let items = items(2_000);
    // The lists of both kinds, and the first pages again.
    let sent = 2 * (2 + 1);
    let found = reading(&items, Included::Fitting, &BTreeSet::new(), sent);
    let answers: usize =
        found.details.iter().map(|details| usize::from(details.variants) + 2 * details.inclusions.len()).sum();
    assert_eq!(answers, found.requests);
    // As many pages of versions as are looked at follow, and a quarter of a minute is left.
    let versions = 30;
    assert!(
        sent + found.requests <= MOST_REQUESTS && MOST_REQUESTS + versions < 165 * PER_SECOND as usize,
        "{}",
        found.requests
    );
    // Requests of before count: two looks, say, for each of 200 items that the lists missed.
    let late = reading(&items, Included::Fitting, &BTreeSet::new(), sent + 400);
    assert!(sent + 400 + late.requests <= MOST_REQUESTS && late.left > found.left, "{}", late.requests);
    // Nothing else is left out than whom some items include, and the enabled ones go first.
    assert!(items.iter().zip(&found.details).all(|(item, details)| details.variants || item.archived));
    let read = |enabled: bool| {
        let of = items.iter().zip(&found.details).filter(|(item, _)| item.enabled == enabled && !item.archived);
        of.map(|(_, details)| !details.inclusions.is_empty()).collect::<Vec<bool>>()
    };
    assert!(read(true).into_iter().all(|read| read));
    let off = read(false);
    assert_eq!((off.contains(&true), off.iter().filter(|read| !**read).count()), (true, found.left));
    let all = reading(&items, Included::All, &BTreeSet::new(), sent);
    assert_eq!((all.left, all.requests), (0, found.requests + found.more));
    let nobody = reading(&items, Included::Nobody, &BTreeSet::new(), sent);
    assert_eq!(nobody.requests, items.iter().filter(|item| !item.archived).count());
}

#[test]
fn what_a_file_says_is_read_first_and_always() {
    let items = items(2_000);
    let managed: BTreeSet<(String, String)> =
        ["key-01000", "key-01001"].map(|key| ("450001".to_owned(), key.to_owned())).into();
    for included in [Included::Fitting, Included::Enabled, Included::Nobody] {
        let found = reading(&items, included, &managed, 6);
        let read = |at: usize| !found.details[at].inclusions.is_empty();
        assert!(read(1_000) && read(1_001), "{included:?}");
    }
}

/// The time is that of the limit and not of the server, since several requests are under way: an import of 2,000 flags
/// from a server that answers in 50 ms with `COUNTERSIGN_IMPORT=2000`, which takes its three minutes; otherwise one of
/// a few from a slow one.
#[test]
fn an_import_takes_as_long_as_its_requests_at_twenty_a_second() {
    let number: Option<u64> = std::env::var("COUNTERSIGN_IMPORT").ok().and_then(|number| number.parse().ok());
    let (number, delay, most) = number.map_or((24, 250, 15), |number| (number, 50, 175));
    let fake = Fake::start();
    for id in 1..=number {
        let made =
            json!({"key": format!("key-{id}"), "enabled": id % 3 == 0, "variants": [{"key": "a"}, {"key": "b"}]});
        fake.world().add(&id.to_string(), false, &made);
    }
    fake.world().knobs.delay_ms = delay;
    let place = Place::new();
    let begin = std::time::Instant::now();
    // At the pace that is kept if nothing is said.
    let (code, printed) = place.ask_with(&fake, &[("COUNTERSIGN_AMPLITUDE_PER_SECOND", "")], &["import"]);
    let time = begin.elapsed();
    let requests = fake.calls().len();
    let line = format!("{requests} requests of an import of {number} flags took {time:.1?}");
    println!("{line}");
    assert_eq!(code, 0, "{printed}");
    let pace = std::time::Duration::from_secs(1) / PER_SECOND * u32::try_from(requests - 1).unwrap();
    assert!(requests > 100 && time >= pace, "{line}");
    assert!(time.as_secs() < most, "{line}");
}

/// A project of five flags that are off, listed two a page.
fn five() -> Fake {
    let fake = Fake::start();
    for id in 1..=5 {
        fake.world().add(&id.to_string(), false, &json!({"key": format!("k{id}")}));
    }
    fake.world().knobs.page = 2;
    fake
}

#[test]
fn a_list_that_changes_meanwhile_is_read_again() {
    let fake = five();
    fake.world().knobs.paging = Paging::Twice;
    let client = fake.client(std::time::Duration::ZERO).paced(std::time::Duration::ZERO);
    let keys: Vec<String> = client.items("450001").unwrap().into_iter().map(|item| item.key).collect();
    assert_eq!(keys, ["k1", "k2", "k3", "k4", "k5", "newcomer"]);
}

#[test]
fn what_a_list_misses_is_looked_for_by_its_id() {
    let fake = five();
    let place = Place::new();
    let (code, printed) = place.ask(&fake, &["import"]);
    assert_eq!(code, 0, "{printed}");
    crate::amplitude::plan::commit(&place);
    fake.world().knobs.paging = Paging::Missed;
    let client = fake.client(std::time::Duration::ZERO).paced(std::time::Duration::ZERO);
    assert_eq!(client.items("450001").unwrap().len(), 4);
    let lock = Lock::parse(&place.read(".countersign/amplitude.lock")).unwrap();
    let known = lock.ids("checkout", "450001");
    assert_eq!((known.len(), lock.ids("checkout", "1")), (5, BTreeMap::new()));
    for command in [&["import"][..], &["plan", "--exit-code"], &["drift", "--exit-code"]] {
        fake.world().page_anew();
        let (code, printed) = place.ask(&fake, command);
        assert_eq!((code, printed.contains("no longer in")), (0, false), "{printed}");
    }
    // Gone for good: said, and neither made anew nor forgotten.
    fake.world().knobs.paging = Paging::Stable;
    fake.world().objects.remove("3");
    let (_, printed) = place.ask(&fake, &["import"]);
    assert!(printed.contains("checkout/k3: its item 3 is no longer in this project of Amplitude\n"), "{printed}");
    assert!(place.read(".countersign/amplitude.lock").contains("\"k3\""));
    let (_, printed) = place.ask(&fake, &["plan"]);
    assert!(printed.contains("its item 3 is no longer in Amplitude"), "{printed}");
}

#[test]
fn secrets_of_deployments_are_never_asked_for_and_never_taken() {
    let fake = five();
    let place = Place::new();
    place.ask(&fake, &["import", "--inclusions", "all"]);
    place.ask(&fake, &["plan"]);
    assert!(!fake.calls().iter().any(|call| call.starts_with("GET /deployments")));
    // Somebody saved that list, and hands it over with the rest.
    let saved = std::fs::read_to_string(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/tests/data/amplitude/extra-a-deployments-list.json"
    ))
    .unwrap();
    assert!(saved.contains("server-"));
    place.write(".git/saved.json", &saved);
    let (code, printed) = place.run(&["amplitude", "import", "--from", ".git/saved.json"]);
    assert_eq!((code, printed.contains("server-")), (2, false), "{printed}");
    let one: serde_json::Value = serde_json::from_str(&saved).unwrap();
    place.write(".git/saved.json", &one["deployments"][0].to_string());
    let (code, printed) = place.run(&["amplitude", "import", "--from", ".git/saved.json"]);
    assert_eq!((code, printed.contains("server-") || printed.contains("client-")), (2, false), "{printed}");
}
