//! Variants that the published evaluators of other formats gave users before and after changes, against what is
//! computed here.
//!
//! `tests/data/mapped/` is kept; with `COUNTERSIGN_ORACLE_FORMATS` set to another folder, that one is checked too.
//! `scripts/oracle-formats` makes both. Of each user it is known which rule they are in and what the evaluator gave
//! them. Every assignment has to be the one our draw gives to the hash of that user, where a draw says who and not only
//! how many; the counts have to be as near to the shares as chance allows; and no impact may be smaller than what was
//! seen.

use std::collections::BTreeMap;
use std::fs;

use countersign::diagnostics::Diagnostics;
use countersign::flag::Flag;
use countersign::format;
use countersign::format::native::hash::murmur3;
use countersign::groups::{Draw, Space};
use countersign::impact::{Impact, Lifecycle, of as effect};
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use crate::impact::sampling::{Seen, most_off, shares};

/// The comparison.
#[derive(Default, Debug)]
struct Compared {
    changes: usize,
    assignments: usize,
    /// Changes whose shares are known, and those whose impact is unknown and so counts as everyone.
    known: usize,
    unknown: usize,
    groups: usize,
    moved: usize,
}

/// The names of the groups of one side, with the draw of each where it is known.
type Drawn = Vec<(Option<String>, Option<Draw>)>;

fn flag(id: &str, case: &Value, side: &str) -> Flag {
    let (text, path) = (case[side].as_str().unwrap(), case["path"].as_str().unwrap());
    let mut diagnostics = Diagnostics::of(path);
    let flags = format::by_id(id).unwrap().flags_of(text.as_bytes(), path, &mut diagnostics).unwrap_or_default();
    let found = flags.into_iter().find(|flag| flag.key == case["key"]);
    found.unwrap_or_else(|| panic!("{:?}\n{text}", diagnostics.finish(text)))
}

/// The groups of a flag now, or at the end of its schedule.
fn drawn(flag: &Flag, at_end: bool) -> Result<Drawn, String> {
    match flag.drawn.as_ref().and_then(|read| read.end.as_ref()) {
        Some(end) if at_end => {
            let groups = end.groups.as_ref().map_err(Clone::clone)?;
            Ok(groups.iter().map(|group| (group.name.clone(), group.draw.clone().ok())).collect())
        }
        _ => {
            let groups = (flag.format.exposure.groups)(flag)?;
            Ok(groups.list.into_iter().map(|group| (group.name, group.draw.ok())).collect())
        }
    }
}

/// The variants that a user with this id may get by a draw: more than one only at the edge of Featurevisor's ranges.
/// `None` if the draw says how many, and not who.
fn given<'d>(format: &str, key: &str, id: &str, draw: &'d Draw) -> Option<Vec<Option<&'d str>>> {
    if let Some(all) = draw.constant() {
        return Some(vec![all]);
    }
    if draw.space != Space::LINE {
        return None;
    }
    let key = key.split('@').next().unwrap_or_default();
    let id = if draw.by.contains("account") { format!("{id}!") } else { id.to_owned() };
    // How the hash is cut is the last word.
    let parts = || draw.by.rsplit(' ').next().and_then(|word| word.parse::<u64>().ok()).unwrap();
    let middle = |part: u64, of: u64| u64::try_from((u128::from(part) * 2 + 1) * (1 << 31) / u128::from(of)).unwrap();
    let hash = match format {
        "goff" => middle(u64::from(fnv1a(&format!("{key}{id}"))) % parts(), parts()),
        // A percentage of a boolean flag hashes the two the other way round.
        "flipt" if parts() == 100 => middle(u64::from(crc32(&format!("{id}{key}"))) % 100, 100),
        "flipt" => middle(u64::from(crc32(&format!("{key}{id}"))) % parts(), parts()),
        "featurevisor" => {
            let bucket = featurevisors_bucket(key, &id);
            // The evaluator counts the end of a range in.
            let around = [bucket, bucket.saturating_sub(1)].map(|bucket| draw.at(0, middle(bucket, 100_000)));
            return Some(around.to_vec());
        }
        "microsoft" => {
            let seed = if draw.by.contains("\"s1\"") {
                "s1".to_owned()
            } else if draw.by.contains("\"s3\"") {
                "s3".to_owned()
            } else if draw.by.contains("ü2") {
                "ü2".to_owned()
            } else {
                format!("allocation\n{key}")
            };
            let hash = Sha256::digest(format!("{id}\n{seed}").as_bytes());
            u64::from(u32::from_le_bytes(hash[..4].try_into().unwrap()))
        }
        "flagd" if draw.by.contains("[\"salt\"]") => u64::from(murmur3(&format!("salt{id}"))),
        "flagd" => u64::from(murmur3(&format!("{key}{id}"))),
        _ => unreachable!("{format}"),
    };
    Some(vec![draw.at(0, hash)])
}

fn featurevisors_bucket(key: &str, id: &str) -> u64 {
    (u64::from(murmur3_of_seed(1, &format!("{id}.{key}"))) * 100_000) >> 32
}

fn fnv1a(of: &str) -> u32 {
    of.bytes().fold(0x811c_9dc5, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193))
}

fn crc32(of: &str) -> u32 {
    let bit = |crc: u32, _| if crc & 1 == 1 { (crc >> 1) ^ 0xedb8_8320 } else { crc >> 1 };
    !of.bytes().fold(!0, |crc, byte| (0..8).fold(crc ^ u32::from(byte), bit))
}

/// Murmur3 of 32 bits, of any seed.
fn murmur3_of_seed(seed: u32, of: &str) -> u32 {
    let scrambled = |block: u32| block.wrapping_mul(0xcc9e_2d51).rotate_left(15).wrapping_mul(0x1b87_3593);
    let word = |bytes: &[u8]| bytes.iter().rev().fold(0, |word, byte| word << 8 | u32::from(*byte));
    let (words, rest) = of.as_bytes().split_at(of.len() / 4 * 4);
    let mix = |hash: u32, bytes: &[u8]| {
        (hash ^ scrambled(word(bytes))).rotate_left(13).wrapping_mul(5).wrapping_add(0xe654_6b64)
    };
    let mut hash = words.chunks(4).fold(seed, mix) ^ scrambled(word(rest)) ^ u32::try_from(of.len()).unwrap();
    hash = (hash ^ hash >> 16).wrapping_mul(0x85eb_ca6b);
    hash = (hash ^ hash >> 13).wrapping_mul(0xc2b2_ae35);
    hash ^ hash >> 16
}

fn check(path: &str) -> Compared {
    let text = fs::read_to_string(path).unwrap_or_else(|error| panic!("{path}: {error}"));
    let all: Value = serde_json::from_str(&text).unwrap();
    let id = all["format"].as_str().unwrap();
    let mut compared = Compared::default();
    for (number, case) in all["cases"].as_array().unwrap().iter().enumerate() {
        check_case(id, &format!("{id} {number}"), case, &mut compared);
    }
    compared
}

fn check_case(id: &str, name: &str, case: &Value, compared: &mut Compared) {
    let name = &format!("{name}\n{}\n{}", case["before"].as_str().unwrap(), case["after"].as_str().unwrap());
    let sides = ["before", "after"].map(|side| flag(id, case, side));
    let (key, clock) = (case["key"].as_str().unwrap(), case["at"].as_str().unwrap_or("now"));
    let groups = [&sides[0], &sides[1]].map(|flag| drawn(flag, clock == "end").unwrap_or_default());
    let outcomes = case["outcomes"].as_array().unwrap();
    let outcome = |side: usize, at: &Value| {
        let outcome = &outcomes[usize::try_from(at.as_u64().unwrap()).unwrap()];
        let group = usize::try_from(outcome[0].as_u64().unwrap()).unwrap();
        let group = groups[side].get(group);
        // The answers have the variant, and not whether the user matches.
        let draw = group.and_then(|(_, draw)| draw.as_ref());
        let matches = draw.and_then(Draw::constant) == Some(Some("match only"));
        (group, outcome[1].as_str().or_else(|| matches.then_some("match only")))
    };
    let mut seen = Vec::new();
    for user in case["users"].as_array().unwrap() {
        let user_id = user[0].as_str().unwrap();
        let plain = key.split('@').next().unwrap_or_default();
        let first = |user: &str| id == "featurevisor" && featurevisors_bucket(plain, user) == 0;
        if first(user_id) || first(&format!("{user_id}!")) {
            // To this SDK 0% is one user in 100,000; the next generation says nobody.
            continue;
        }
        let both = [outcome(0, &user[1]), outcome(1, &user[2])];
        for (flag, (group, got)) in sides.iter().zip(both) {
            let draw = group.and_then(|(_, draw)| draw.as_ref());
            // Whether it is on is said by the file, unless by steps of its own that are ahead, or over, at this time.
            let settled = matches!(flag.state.word.as_str(), "live" | "ENABLED") && clock != "mid";
            if let (Some(draw), true) = (draw, settled)
                && let Some(ours) = given(id, key, user_id, draw)
            {
                compared.assignments += 1;
                assert!(ours.contains(&got), "{name}: {user_id} got {got:?}, and not {ours:?}\n{draw:?}");
            }
        }
        let names = both.map(|(group, got)| (group.and_then(|(name, _)| name.as_deref()), got));
        seen.push(Seen { id: user_id, sides: names });
    }
    let effect = effect(Some(&sides[0]), Some(&sides[1]));
    compared.changes += 1;
    never_smaller(name, &effect, &seen);
    if clock != "now" {
        return;
    }
    if effect.cannot_be_computed().is_some() {
        compared.unknown += 1;
        return;
    }
    compared.known += 1;
    for user in &mut seen {
        match effect.lifecycle {
            Lifecycle::Active => {}
            Lifecycle::Activated => user.sides[0] = (user.sides[1].0, None),
            Lifecycle::Deactivated => user.sides[1] = (user.sides[0].0, None),
            Lifecycle::Inactive => return,
        }
    }
    if effect.lifecycle == Lifecycle::Active {
        let (groups, moved) = shares(name, &sides, &effect, &seen);
        compared.groups += groups;
        compared.moved += moved;
    }
}

/// No group of users has more who get something else than the impact says, as a bound of the policy reads it.
fn never_smaller(name: &str, effect: &Impact, seen: &[Seen<'_>]) {
    let mut ways: BTreeMap<_, (u32, u32)> = BTreeMap::new();
    for user in seen {
        let (all, changed) = ways.entry((user.sides[0].0, user.sides[1].0)).or_default();
        *all += 1;
        *changed += u32::from(user.sides[0].1 != user.sides[1].1);
    }
    let share = effect.affected();
    for (way, (all, changed)) in ways {
        let (all, changed) = (f64::from(all), f64::from(changed));
        let most = if share.is_nobody() { 0.0 } else { share.to_f64() * all + most_off(share.to_f64(), all) };
        assert!(changed <= most, "{name}: {changed} of {all} on {way:?} changed\n{effect:#?}");
    }
}

#[test]
fn hashes_are_those_that_are_published() {
    assert_eq!((fnv1a(""), fnv1a("foobar")), (0x811c_9dc5, 0xbf9c_f968));
    assert_eq!(crc32("123456789"), 0xcbf4_3926);
    assert_eq!((murmur3_of_seed(1, ""), murmur3_of_seed(0, "aaaab")), (0x514e_28b7, murmur3("aaaab")));
}

/// The kept vectors of a format, and those that were made anew.
fn agrees(format: &str) {
    let kept = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/mapped");
    let folders = [Some(kept.to_owned()), std::env::var("COUNTERSIGN_ORACLE_FORMATS").ok()];
    for folder in folders.into_iter().flatten() {
        let found = check(&format!("{folder}/{format}.json"));
        println!("{folder}/{format}.json: {found:?}, and none differs");
        let Compared { assignments, known, unknown, groups, moved, .. } = found;
        assert!(assignments > 500 && known > 10 && known * 3 > unknown && groups > 20 && moved > 4, "{found:?}");
    }
}

#[test]
fn published_evaluator_agrees_goff() {
    agrees("goff");
}

#[test]
fn published_evaluator_agrees_flipt() {
    agrees("flipt");
}

#[test]
fn published_evaluator_agrees_featurevisor() {
    agrees("featurevisor");
}

#[test]
fn published_evaluator_agrees_microsoft() {
    agrees("microsoft");
}

#[test]
fn published_evaluator_agrees_flagd() {
    agrees("flagd");
}
