//! Users whom variants include: what was not read is said of each flag, is Amplitude's, and is taken away by nothing
//! that a file says.

use serde_json::json;

use crate::amplitude::fake::Fake;
use crate::amplitude::import::Place;
use crate::amplitude::plan::{commit, edit, lines, plan};

const WHY: &str = "whom its variants include was not read; `countersign amplitude import --inclusions all` reads it";

/// A flag with two variants, one of which includes two users.
fn fake() -> Fake {
    let fake = Fake::start();
    let mut world = fake.world();
    world.add("7", false, &json!({"enabled": true, "rolloutPercentage": 25, "variants": [{"key": "on"}, {"key": "extra"}], "rolloutWeights": {"on": 1, "extra": 0}}));
    let users = &mut world.objects.get_mut("7").unwrap().users;
    users.insert("on".to_owned(), vec!["b".to_owned(), "c".to_owned()]);
    users.insert("extra".to_owned(), vec!["d".to_owned()]);
    drop(world);
    fake
}

fn import(place: &Place, fake: &Fake, which: &str) -> String {
    let (code, printed) = place.ask(fake, &["import", "--inclusions", which]);
    assert_eq!(code, 0, "{printed}");
    commit(place);
    printed
}

#[test]
fn what_was_not_read_is_said_of_each_flag_and_planned_by_nothing() {
    let (fake, place) = (fake(), Place::new());
    let printed = import(&place, &fake, "none");
    assert!(printed.contains(&format!("without inclusions, which stays in Amplitude: {WHY}")), "{printed}");
    let file = place.read("flags/checkout/pay.yaml");
    assert!(
        file.starts_with("# `inclusions` is Amplitude's and not managed here: ") && !file.contains("users"),
        "{file}"
    );
    assert!(
        place.read(".countersign/amplitude.lock").contains("\"inclusions\": \"whom its variants include was not read")
    );
    assert_eq!(plan(&place, &fake)["items"], json!([]));
    // Read, it stands in the file, and the remark is gone.
    import(&place, &fake, "all");
    let file = place.read("flags/checkout/pay.yaml");
    assert!(file.contains("inclusions: {users: [b, c]}") && !file.contains("# "), "{file}");
    assert_eq!(plan(&place, &fake)["items"], json!([]));
    // From then on it is read whatever is asked for, since a plan compares it.
    fake.world().objects.get_mut("7").unwrap().users.get_mut("on").unwrap().push("e".to_owned());
    import(&place, &fake, "none");
    assert!(place.read("flags/checkout/pay.yaml").contains("users: [b, c, e]"));
    assert_eq!(plan(&place, &fake)["items"], json!([]));
}

#[test]
fn ids_that_no_file_said_are_never_taken_away_by_one_that_says_others() {
    let (fake, place) = (fake(), Place::new());
    import(&place, &fake, "none");
    edit(&place, "pay", "{key: \"on\"}", "{key: \"on\", inclusions: {users: [a, b]}}");
    let document = plan(&place, &fake);
    assert_eq!(lines(&document, "checkout/pay"), [r#"POST /flags/7/variants/on/users {"inclusions":["a"]}"#]);
    let by_hand = document["items"][0]["byHand"][0].as_str().unwrap();
    assert!(
        by_hand.starts_with("variants: `on` includes ids that no file said (c), which nobody agreed to remove"),
        "{by_hand}"
    );
    let apply = ["apply", "--yes", "--override", "checkout/pay=test"];
    let (code, printed) = place.ask(&fake, &apply);
    assert_eq!((code, printed.contains("by hand  checkout/pay")), (1, true), "{printed}");
    assert_eq!(fake.world().objects["7"].users["on"], ["b", "c", "a"]);
    fake.calls();
    // The remedy works to the letter.
    edit(&place, "pay", "users: [a, b]", "users: [a, b, c]");
    assert_eq!(plan(&place, &fake)["items"], json!([]));
    edit(&place, "pay", "users: [a, b, c]", "users: [a, b]");
    let (code, printed) = place.ask(&fake, &apply);
    assert_eq!((code, fake.writes().len()), (0, 1), "{printed}");
    assert_eq!(fake.world().objects["7"].users["on"], ["b", "a"]);
}

#[test]
fn a_variant_that_goes_says_that_it_takes_others_along() {
    let (fake, place) = (fake(), Place::new());
    import(&place, &fake, "none");
    edit(&place, "pay", "  - {key: extra}\n", "");
    edit(&place, "pay", "extra: 0, ", "");
    let document = plan(&place, &fake);
    let calls = lines(&document, "checkout/pay");
    assert!(
        calls.iter().any(|call| call == r#"DELETE /flags/7/variants/extra/bulk-delete-users {"users":["d"]}"#),
        "{calls:?}"
    );
    let notes = document["items"][0]["notes"].to_string();
    assert!(notes.contains("with `extra` go ids that it includes and that no file said"), "{document}");
}
