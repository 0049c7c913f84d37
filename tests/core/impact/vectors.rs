//! Variants that Amplitude's own evaluation engine gave users before and after changes, against what is computed here.
//!
//! `tests/data/impact/vectors.json` is kept; with `COUNTERSIGN_ORACLE` set to another file, that one is checked too.
//! `scripts/oracle` makes both; it says how a flag is compiled for the engine.

use countersign::diagnostics::Diagnostics;
use countersign::flag::Flag;
use countersign::format::native::{FORMAT, variant_of};
use countersign::impact::of as effect;
use serde_json::Value;

use super::sampling::{Seen, shares};

fn flag(value: &Value) -> Flag {
    let text = value.to_string();
    let mut diagnostics = Diagnostics::of("x.yaml");
    let flags = FORMAT.flags_of(text.as_bytes(), "x.yaml", &mut diagnostics);
    assert!(!diagnostics.any_error(), "{:?}\n{text}", diagnostics.finish(&text));
    flags.unwrap_or_default().remove(0)
}

fn check(path: &str) {
    let text = std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{path}: {error}"));
    let all: Value = serde_json::from_str(&text).unwrap();
    let cases = all["cases"].as_array().unwrap();
    let (mut users, mut compared, mut moved) = (0, 0, 0);
    for (number, case) in cases.iter().enumerate() {
        let flags = [flag(&case["before"]), flag(&case["after"])];
        let name = |side: usize, at: &Value| {
            let names = case[["before", "after"][side]]["targetSegments"].as_array();
            let at = usize::try_from(at.as_u64().unwrap()).unwrap();
            names.and_then(|names| names.get(at)).and_then(|segment| segment["name"].as_str())
        };
        let outcomes = case["outcomes"].as_array().unwrap();
        let outcome = |side: usize, at: &Value| {
            let pair = &outcomes[usize::try_from(at.as_u64().unwrap()).unwrap()];
            (name(side, &pair[0]), pair[1].as_str())
        };
        let seen: Vec<Seen<'_>> = case["users"]
            .as_array()
            .unwrap()
            .iter()
            .map(|user| Seen { id: user[0].as_str().unwrap(), sides: [outcome(0, &user[1]), outcome(1, &user[2])] })
            .collect();
        for user in &seen {
            for (side, (flag, (segment, variant))) in flags.iter().zip(&user.sides).enumerate() {
                let file = &case[["before", "after"][side]];
                let own = file["targetSegments"].as_array().unwrap().iter().find(|it| it["name"].as_str() == *segment);
                let key = own.and_then(|it| it["bucketingKey"].as_str()).or(file["bucketingKey"].as_str());
                // The device id of a user is the user id with a mark after it.
                let id = if key == Some("device_id") { format!("{}!", user.id) } else { user.id.to_owned() };
                let ours = variant_of(flag, *segment, &id);
                assert_eq!(ours, Ok(variant.map(str::to_owned)), "case {number}, user {}, {segment:?}", user.id);
            }
        }
        users += seen.len();
        let effect = effect(Some(&flags[0]), Some(&flags[1]));
        assert_eq!(effect.unknown, [] as [&str; 0], "case {number}");
        let both_live = flags.iter().all(|flag| flag.state.live);
        let (groups, ways) = if both_live { shares(&format!("case {number}"), &flags, &effect, &seen) } else { (0, 0) };
        compared += groups;
        moved += ways;
    }
    let assignments = 2 * users;
    println!(
        "{path}: {} changes, {users} users, {assignments} assignments and none differs; {compared} groups of users within \
         the sampling error, {moved} of which changed segment",
        cases.len()
    );
    assert!(users > 1000 && compared > 50 && moved > 10, "{users} {compared} {moved}");
}

#[test]
fn amplitudes_engine_agrees() {
    check(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/impact/vectors.json"));
    if let Ok(path) = std::env::var("COUNTERSIGN_ORACLE") {
        check(&path);
    }
}
