//! Sentences of the program about what it does, each through the program itself: when a look fails, what is left to the
//! console, what archives, what a day's limit leaves, and what is there after a run that was cut off at any call.

use serde_json::{Value, json};

use crate::amplitude::apply::{EDIT, fake, raised};
use crate::amplitude::fake::{Fake, Fault};
use crate::amplitude::import::Place;
use crate::amplitude::plan::{commit, edit, imported, lines, plan};
use crate::git::git;

const OVERRIDE: &[&str] =
    &["apply", "--yes", "--patience", "0", "--override", "checkout/pay=test", "--override", "checkout/new=test"];

fn set(fake: &Fake, field: &str, value: &Value) {
    fake.world().objects.get_mut("7").unwrap().body[field] = value.clone();
}

#[test]
fn a_look_fails_for_what_matters_only_and_only_if_asked() {
    let fake = fake();
    let place = imported(&fake);
    let codes =
        || ["plan", "drift"].map(|look| (place.ask(&fake, &[look]).0, place.ask(&fake, &[look, "--exit-code"]).0));
    assert_eq!(codes(), [(0, 0), (0, 0)]);
    edit(&place, "pay", "kind: flag", "description: Express\nkind: flag");
    assert_eq!(codes(), [(0, 0), (0, 0)]);
    edit(&place, "pay", "rolloutPercentage: 25", "rolloutPercentage: 50");
    assert_eq!(codes(), [(0, 1), (0, 1)]);
    edit(&place, "pay", "rolloutPercentage: 50", "rolloutPercentage: 25");
    // An item that is live there and in no file matters, and so does what no commit explains, if it is critical.
    fake.world().add("9", false, &json!({"key": "mine", "enabled": true}));
    assert_eq!(codes(), [(0, 1), (0, 1)]);
    fake.world().objects.remove("9");
    set(&fake, "tags", &json!(["by-hand"]));
    assert_eq!(codes(), [(0, 0), (0, 0)]);
    set(&fake, "rolloutPercentage", &json!(90));
    assert_eq!(codes(), [(0, 1), (0, 1)]);
}

#[test]
fn fields_that_are_left_to_the_console_are_neither_compared_nor_written() {
    let fake = fake();
    let place = Place::new();
    let config = place.read(".countersign/config.yaml");
    place.write(
        ".countersign/config.yaml",
        &config.replace("growth: \"450002\"}", "growth: \"450002\"}, unmanaged: [tags, name]"),
    );
    assert_eq!(place.ask(&fake, &["import"]).0, 0);
    commit(&place);
    set(&fake, "tags", &json!(["console"]));
    set(&fake, "name", &json!("Another"));
    assert_eq!(plan(&place, &fake)["items"], json!([]));
    let text = place.read("flags/checkout/pay.yaml");
    place.write(
        "flags/checkout/pay.yaml",
        &text.replace("tags: []", "tags: [git]").replace("rolloutPercentage: 25", "rolloutPercentage: 50"),
    );
    commit(&place);
    let (code, printed) = place.ask(&fake, OVERRIDE);
    assert_eq!((code, fake.writes()), (0, vec![EDIT.to_owned()]), "{printed}");
    assert_eq!(fake.world().objects["7"].body["tags"], json!(["console"]));
    let (code, printed) = place.ask(&fake, &["drift", "--exit-code"]);
    assert_eq!(code, 0, "{printed}");
}

#[test]
fn removing_a_file_archives_nothing_and_saying_archived_does() {
    let fake = fake();
    let place = imported(&fake);
    git(place.path(), &["rm", "-q", "flags/checkout/pay.yaml"]);
    commit(&place);
    let (code, printed) = place.ask(&fake, OVERRIDE);
    assert_eq!((code, fake.writes().len()), (0, 0), "{printed}");
    assert!(printed.contains("live in Amplitude, and in no file"), "{printed}");
    git(place.path(), &["revert", "--no-edit", "HEAD"]);
    edit(&place, "pay", "state: active", "state: archived");
    let (code, printed) = place.ask(&fake, OVERRIDE);
    let both = [r#"PATCH /flags/7 {"enabled":false}"#, r#"PATCH /flags/7 {"archive":true}"#];
    assert_eq!((code, fake.writes()), (0, both.map(str::to_owned).to_vec()), "{printed}");
    assert_eq!(plan(&place, &fake)["items"], json!([]));
}

#[test]
fn the_limit_of_a_day_is_reported_and_the_next_run_goes_on() {
    let fake = fake();
    let place = raised(&fake);
    edit(&place, "pay", "rolloutWeights: {\"on\": 1}", "rolloutWeights: {\"on\": 2, extra: 1}");
    edit(&place, "pay", "  - {key: \"on\"}", "  - {key: \"on\"}\n  - {key: extra}");
    let calls = lines(&plan(&place, &fake), "checkout/pay");
    assert!(calls.len() > 2, "{calls:?}");
    fake.calls();
    place.ask(&fake, &["plan"]);
    let reads = fake.calls().len();
    // Two writes are accepted, and no more that day.
    fake.world().faults.insert(reads + 5, Fault::Day);
    let (code, printed) = place.ask(&fake, OVERRIDE);
    assert_eq!(code, 5, "{printed}");
    assert!(printed.contains("100,000 requests of the day") && printed.contains("stopped  checkout/pay"), "{printed}");
    let done = fake.writes().len();
    assert!(done > 0);
    (fake.world().limited_from, fake.world().faults) = (None, std::collections::BTreeMap::default());
    let (code, printed) = place.ask(&fake, OVERRIDE);
    assert_eq!(code, 0, "{printed}");
    assert_eq!(plan(&place, &fake)["items"], json!([]));
}

#[test]
fn a_run_that_is_cut_off_at_any_call_exposes_nobody_and_is_gone_on_with() {
    let new = "key: new\nkind: flag\nname: New\nstate: active\nvariants: [{key: \"on\", inclusions: {users: [t1]}}]\nbucketingKey: user_id\nbucketingSalt: Qw8rTz1k\nbucketingUnit: User\nrolloutPercentage: 10\nrolloutWeights: {\"on\": 1}\ntargetSegments: []\nevaluationMode: remote\ndeployments: [\"71001\"]\ntags: [q3]\n";
    let (mut at, mut cut) = (0, 0);
    loop {
        let fake = Fake::start();
        let place = imported(&fake);
        place.write("flags/checkout/new.yaml", new);
        commit(&place);
        fake.world().dead_from = Some(at);
        let (code, printed) = place.ask(&fake, OVERRIDE);
        let served = |fake: &Fake| {
            let world = fake.world();
            let whole = |object: &crate::amplitude::fake::Object| {
                object.body["rolloutPercentage"] == 10
                    && object.body["tags"] == json!(["q3"])
                    && !object.users.is_empty()
            };
            let live = |object: &&crate::amplitude::fake::Object| object.body["enabled"] == true;
            world.states.iter().flat_map(std::collections::BTreeMap::values).filter(live).all(whole)
        };
        assert!(served(&fake), "cut off at {at}: {printed}");
        if code == 0 {
            break;
        }
        fake.world().dead_from = None;
        let (code, printed) = place.ask(&fake, OVERRIDE);
        assert_eq!(code, 0, "cut off at {at}: {printed}");
        assert!(served(&fake), "{printed}");
        assert_eq!(fake.world().objects.len(), 1, "made twice: cut off at {at}");
        assert_eq!(plan(&place, &fake)["items"], json!([]));
        (at, cut) = (at + 1, cut + 1);
    }
    assert!(cut > 12, "{cut}");
}
