//! Import of what somebody has saved, by the program: answers that `curl` wrote, page by page, one by one and one after
//! the other, and those of the command line `amp`. A plan against the Amplitude that answered is empty, whatever it
//! was.

use std::time::Duration;

use serde_json::{Map, Value, json};

use crate::amplitude::fake::Fake;
use crate::amplitude::import::Place;
use crate::amplitude::plan::{commit, plan};

const STAFF: &str = r#"{"name": "Staff", "percentage": 100, "bucketingKey": "amplitude_id", "rolloutWeights": {"on": 1}, "conditions": [{"type": "property", "prop": "gp:staff", "op": "is", "values": ["true"]}]}"#;

/// Four flags, of which one is archived and one has a prerequisite, listed two a page.
fn four() -> Fake {
    let fake = Fake::start();
    let staff: Value = serde_json::from_str(STAFF).unwrap();
    let mut world = fake.world();
    world.knobs.page = 2;
    world.add("1", false, &json!({"key": "one", "enabled": true, "rolloutPercentage": 25, "rolloutWeights": {"on": 1}, "targetSegments": [staff],
        "variants": [{"key": "on", "payload": {"a": 1}}]}));
    world.add("2", false, &json!({"key": "two", "deleted": true}));
    world.add(
        "3",
        false,
        &json!({"key": "three", "parentDependencies": {"flags": {"1": ["on"]}, "operator": "all"}, "tags": ["q3"]}),
    );
    world.add(
        "4",
        false,
        &json!({"key": "four", "variants": [{"key": "on"}, {"key": "beta"}], "rolloutWeights": {"on": 100, "beta": 0}}),
    );
    drop(world);
    fake
}

/// The answer to a request as `curl` saves it.
fn curl(fake: &Fake, path: &str) -> Value {
    fake.client(Duration::ZERO).paced(Duration::ZERO).get(path).unwrap().unwrap()
}

/// Imports these files, whose plan is empty then; what was printed.
fn import(fake: &Fake, files: &[&str]) -> (Place, String) {
    let place = Place::new();
    let mut args = vec!["amplitude", "import"];
    let names: Vec<String> = (0..files.len()).map(|at| format!(".git/saved-{at}.json")).collect();
    for (name, text) in names.iter().zip(files) {
        place.write(name, text);
        args.extend(["--from", name]);
    }
    let (code, printed) = place.run(&args);
    assert_eq!(code, 0, "{printed}");
    let (code, linted) = place.run(&["lint", "flags/checkout"]);
    assert_eq!(code, 0, "{linted}");
    commit(&place);
    assert_eq!(plan(&place, fake)["items"], json!([]), "{printed}");
    // Once more there is nothing to write.
    let (code, again) = place.run(&args);
    assert_eq!((code, again.contains("wrote") || again.contains("kept")), (0, false), "{again}");
    (place, printed)
}

const LIST: &str = "/flags?projectId=450001&includeArchived=true&limit=2";

#[test]
fn answers_of_curl_are_taken_in_every_form() {
    let fake = four();
    fake.world().add("5", true, &json!({"key": "five", "state": "running", "enabled": true}));
    let pages = [curl(&fake, LIST), curl(&fake, &format!("{LIST}&cursor=2"))].map(|page| page.to_string());
    let experiments = curl(&fake, "/experiments?projectId=450001&includeArchived=true&limit=1000").to_string();
    let ids = ["1", "2", "3", "4"];
    let single = ids.map(|id| curl(&fake, &format!("/flags/{id}")));
    let experiment = curl(&fake, "/experiments/5").to_string();
    let array = json!(single).to_string();
    let one_by_one = single.each_ref().map(Value::to_string);
    let one_after_the_other = format!("{}\n{experiment}\n", one_by_one.join("\n"));
    let mut forms: Vec<Vec<&str>> = vec![
        vec![&pages[0], &pages[1], &experiments],
        // In whatever order they were saved.
        vec![&experiments, &pages[1], &pages[0]],
        vec![&array, &experiment],
        vec![&one_after_the_other],
    ];
    forms.push(one_by_one.iter().map(String::as_str).chain([experiment.as_str()]).collect());
    for form in forms {
        let (place, printed) = import(&fake, &form);
        let written = |key: &str| place.read(&format!("flags/checkout/{key}.yaml"));
        assert!(written("one").contains("rolloutPercentage: 25") && written("one").contains("gp:staff"), "{printed}");
        assert!(written("two").contains("state: archived") && written("five").contains("kind: experiment"));
        assert!(
            !written("three").contains("\nparentDependencies")
                && printed.contains("parentDependencies, which stays in Amplitude: it needs flag `one` (on)"),
            "{printed}"
        );
        assert!(!printed.contains("goes on after what was saved"), "{printed}");
    }
}

#[test]
fn a_page_that_is_not_the_last_one_says_so_and_an_empty_list_is_one() {
    let fake = four();
    let first = curl(&fake, LIST).to_string();
    let experiments = curl(&fake, "/experiments?projectId=450001&includeArchived=true&limit=1000").to_string();
    assert_eq!(serde_json::from_str::<Value>(&experiments).unwrap()["experiments"], json!([]));
    // Some shells begin the file with a mark of its encoding.
    let (place, printed) = import(&fake, &[&format!("\u{feff}{first}"), &experiments]);
    assert!(
        printed.contains("the list `flags` goes on after what was saved: save its next page too (cursor `2`)"),
        "{printed}"
    );
    assert!(place.path().join("flags/checkout/four.yaml").exists());
    assert!(!place.path().join("flags/checkout/one.yaml").exists());
    // An item that was not in the page is not forgotten, and nothing of it is taken for gone.
    let second = curl(&fake, &format!("{LIST}&cursor=2")).to_string();
    place.write(".git/saved.json", &second);
    let (code, printed) = place.run(&["amplitude", "import", "--from", ".git/saved.json"]);
    assert_eq!((code, printed.contains("wrote flags/checkout/one.yaml\n")), (0, true), "{printed}");
    let lock = place.read(".countersign/amplitude.lock");
    assert!(["one", "two", "three", "four"].iter().all(|key| lock.contains(&format!("\"{key}\""))), "{lock}");
    let place = Place::new();
    place.write(".git/saved.json", &experiments);
    let (code, printed) = place.run(&["amplitude", "import", "--from", ".git/saved.json"]);
    assert_eq!((code, printed.contains("has no flag and no experiment here")), (0, true), "{printed}");
    // A refusal that curl saved is none.
    place.write(".git/saved.json", r#"{"message": "Unauthorized"}"#);
    let (code, printed) = place.run(&["amplitude", "import", "--from", ".git/saved.json"]);
    assert_eq!((code, printed.contains("there is no flag and no experiment in it")), (2, true), "{printed}");
}

/// A flag in the names of the second API, which `amp` prints, with everything of its variants.
fn of_amp(fake: &Fake, id: &str) -> Value {
    let mut flag = curl(fake, &format!("/flags/{id}"));
    flag["variants"] = curl(fake, &format!("/flags/{id}/variants"));
    let snake = |name: &str| {
        let parts = name.chars().map(|char| {
            if char.is_ascii_uppercase() { format!("_{}", char.to_ascii_lowercase()) } else { char.to_string() }
        });
        match parts.collect::<String>().as_str() {
            "deleted" => "archived".to_owned(),
            "last_modified_at" => "updated_at".to_owned(),
            other => other.to_owned(),
        }
    };
    let named = |value: &Value| -> Map<String, Value> {
        value.as_object().unwrap().iter().map(|(name, value)| (snake(name), value.clone())).collect()
    };
    let mut made = named(&flag);
    let segments = made["target_segments"].as_array().unwrap().iter().map(|segment| {
        let mut segment = named(segment);
        for clause in segment["conditions"].as_array_mut().unwrap() {
            clause["prop_type"] = json!("user");
            clause["group_type"] = Value::Null;
        }
        Value::Object(segment)
    });
    let segments: Vec<Value> = segments.collect();
    let prerequisites = flag["parentDependencies"]["flags"].as_object().into_iter().flatten();
    let prerequisites: Vec<Value> =
        prerequisites.map(|(id, variants)| json!({"flag_id": id, "allowed_variants": variants})).collect();
    made.insert("target_segments".to_owned(), json!(segments));
    made.insert("parent_dependencies".to_owned(), json!({"operator": "all", "flags": prerequisites}));
    made.insert("object".to_owned(), json!("feature_flag"));
    made.insert("version".to_owned(), json!(3));
    made.insert("testers".to_owned(), json!([{"variant_key": "on", "values": ["t1"]}]));
    made.insert("owners".to_owned(), json!(["ops@example.com"]));
    made.insert("links".to_owned(), json!([]));
    Value::Object(made)
}

#[test]
fn answers_of_amp_are_taken_under_their_own_names() {
    let fake = four();
    let flags: Vec<Value> = ["1", "2", "3", "4"].iter().map(|id| of_amp(&fake, id)).collect();
    let page = |flags: &[Value], next: Option<&str>| {
        json!({"data": flags, "pagination": {"next_cursor": next, "has_more": next.is_some()}}).to_string()
    };
    let (first, last) = (page(&flags[..2], Some("Mg")), page(&flags[2..], None));
    let all = json!(flags).to_string();
    let single = flags.iter().map(|flag| json!({"data": flag}).to_string()).collect::<Vec<String>>().join("\n");
    for form in [&[first.as_str(), &last][..], &[&all], &[&single]] {
        let (place, printed) = import(&fake, form);
        let one = place.read("flags/checkout/one.yaml");
        assert!(one.contains("rolloutPercentage: 25") && one.contains("payload: {a: 1}"), "{one}");
        assert!(place.read("flags/checkout/two.yaml").contains("state: archived"));
        // Clauses of another form, prerequisites and testers are said, and nobody's to write.
        assert!(!one.contains("\ntargetSegments"), "{one}");
        for said in [
            "without targetSegments, which stays in Amplitude: unknown member",
            "without parentDependencies, which stays in Amplitude: it needs flag `one` (on)",
            "without inclusions, which stays in Amplitude: whom its variants include was not read",
        ] {
            assert!(printed.contains(said), "{said}: {printed}");
        }
        // With a key the rest comes, since nobody has edited a file.
        let (code, printed) = place.ask(&fake, &["import"]);
        assert_eq!((code, printed.contains("kept")), (0, false), "{printed}");
        assert!(
            place.read("flags/checkout/one.yaml").contains("gp:staff"),
            "{printed}\n{}",
            place.read(".countersign/amplitude.lock")
        );
    }
    let (_, printed) = import(&fake, &[&first]);
    assert!(
        printed.contains("the list `data` goes on after what was saved: save its next page too (cursor `Mg`)"),
        "{printed}"
    );
}
