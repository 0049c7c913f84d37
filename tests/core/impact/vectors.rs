//! What Amplitude's own evaluation engine gave users before and after changes, against what is computed here.
//!
//! `tests/data/impact/vectors.json` is kept; with `COUNTERSIGN_ORACLE` set to another file, that one is checked too.
//! `scripts/oracle` makes both; it says how a flag is compiled for the engine.

use std::collections::BTreeMap;

use countersign::diagnostics::Diagnostics;
use countersign::flag::Flag;
use countersign::format::native::{FORMAT, variant_of};
use countersign::impact::{Share, of as effect, pairs};
use serde_json::Value;

/// What one user got: the segment that held and the variant, before and after.
struct Seen<'v> {
    id: &'v str,
    sides: [(Option<&'v str>, Option<&'v str>); 2],
}

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
        let (groups, ways) = shares(number, &flags, &seen);
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

/// The shares of each group of users within the sampling error of the exact ones, and no user on a way that is not told.
fn shares(number: usize, flags: &[Flag; 2], seen: &[Seen<'_>]) -> (usize, usize) {
    let effect = effect(Some(&flags[0]), Some(&flags[1]));
    assert_eq!(effect.unknown, [] as [&str; 0], "case {number}");
    let mut groups: BTreeMap<(Option<&str>, Option<&str>), Vec<&Seen<'_>>> = BTreeMap::new();
    for user in seen {
        groups.entry((user.sides[0].0, user.sides[1].0)).or_default().push(user);
    }
    let both_live = flags.iter().all(|flag| flag.state.live);
    if !both_live {
        return (0, 0);
    }
    let mut moved = 0;
    let names_of_today = names_of_today(flags);
    for ((from, to), users) in &groups {
        // A group that was renamed is told by the name that it has today.
        let today = names_of_today.get(&from.map(str::to_owned)).map(Option::as_deref);
        let origin = today.unwrap_or(*from);
        let stays = today == Some(*to);
        let found = effect.per_segment.iter().find(|group| {
            let moved_from = group.moved_from.as_ref().map(|origin| origin.segment.as_deref());
            moved_from == (!stays).then_some(origin) && group.segment.as_deref() == *to
        });
        let changed = users.iter().filter(|user| user.sides[0].1 != user.sides[1].1).count();
        moved += usize::from(!stays);
        let Some(group) = found else {
            // A way that is not told is one nobody takes, or one that changes nothing.
            assert!(!stays && changed == 0, "case {number}: {from:?} to {to:?} changes {changed}\n{effect:#?}");
            continue;
        };
        let size = f64::from(u32::try_from(users.len()).unwrap());
        let within = |share: Share, wanted: &dyn Fn(Option<&str>, Option<&str>) -> bool, what: &str| {
            let count = users.iter().filter(|user| wanted(user.sides[0].1, user.sides[1].1)).count();
            let (mean, counted) = (share.to_f64() * size, f64::from(u32::try_from(count).unwrap()));
            // Bernstein's inequality: farther off, with one chance in a milliard for each comparison. Not a number of
            // standard deviations, which a share of a few ten-thousandths exceeds with the second user.
            let chance = (2.0f64 / 1e-9).ln();
            let most = chance / 3.0 + (chance * chance / 9.0 + 2.0 * chance * mean * (1.0 - share.to_f64())).sqrt();
            assert!(
                (mean - counted).abs() <= most,
                "case {number}: {from:?} to {to:?} {what}: {counted} of {size}, expected {mean}\n{effect:#?}"
            );
            assert!(!share.is_nobody() || count == 0, "case {number}: {from:?} to {to:?} {what}: {count}");
        };
        for flow in &group.matrix {
            let cell = |from: Option<&str>, to: Option<&str>| from == flow.from.as_deref() && to == flow.to.as_deref();
            within(flow.share, &cell, &format!("{:?} to {:?}", flow.from, flow.to));
        }
        within(group.switch, &|from, to| from.is_some() && to.is_some() && from != to, "switch");
        within(group.newly, &|from, to| from.is_none() && to.is_some(), "newly");
        within(group.lose, &|from, to| from.is_some() && to.is_none(), "lose");
    }
    (groups.len(), moved)
}

/// For the name of each group that is still there, its name after the change.
fn names_of_today(flags: &[Flag; 2]) -> BTreeMap<Option<String>, Option<String>> {
    let segments = |flag| (FORMAT.exposure.groups)(flag).unwrap().list;
    let [before, after] = [segments(&flags[0]), segments(&flags[1])];
    let names = |(at, to): (usize, usize)| (before[at].name.clone(), after[to].name.clone());
    pairs(&before, &after, &FORMAT.exposure).into_iter().map(names).collect()
}

#[test]
fn amplitudes_engine_agrees() {
    check(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/impact/vectors.json"));
    if let Ok(path) = std::env::var("COUNTERSIGN_ORACLE") {
        check(&path);
    }
}
