//! What holds for every flag, law and evidence, tried on random ones.
//!
//! Everything random is made from a list of bytes, thrown like dice, so that a failure shrinks to a short list.

use std::collections::{BTreeMap, BTreeSet};

use countersign::approval::{Evidence, digest};
use countersign::flag::{File, Flag};
use countersign::report::{Class, Report, Verdict};
use countersign::text::Problems;
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::files::judge_files;

struct Dice<'d>(std::slice::Iter<'d, u8>);

impl Dice<'_> {
    /// A number below `sides`; 0 when the bytes are used up.
    fn roll(&mut self, sides: usize) -> usize {
        usize::from(*self.0.next().unwrap_or(&0)) % sides
    }

    fn pick<T: Copy>(&mut self, of: &[T]) -> T {
        of[self.roll(of.len())]
    }

    fn some(&mut self) -> bool {
        self.roll(2) == 1
    }

    /// Some of them, each at most once.
    fn among<T: Copy>(&mut self, of: &[T]) -> Vec<T> {
        of.iter().filter(|_| self.some()).copied().collect()
    }

    fn shuffle<T>(&mut self, list: &mut [T]) {
        for at in (1..list.len()).rev() {
            list.swap(at, self.roll(at + 1));
        }
    }
}

fn bytes(most: usize) -> impl Strategy<Value = Vec<u8>> {
    prop::collection::vec(any::<u8>(), 0..most)
}

/// How many of each; more can be asked for with `PROPTEST_CASES` when the core is changed.
fn cases(usual: u32) -> u32 {
    std::env::var("PROPTEST_CASES").ok().and_then(|count| count.parse().ok()).unwrap_or(usual)
}

// ---- random flags, and random ways to write the same one

/// A flag without mistakes. Few values for many fields, so that two of them are often alike in most.
fn flag(dice: &mut Dice) -> Value {
    let states = ["running", "running", "running", "running", "scheduled", "planning", "completed"];
    let mut keys = vec!["control", "bold", "fancy"];
    keys.truncate(2 + dice.roll(2));
    dice.shuffle(&mut keys);
    let variants: Vec<Value> = keys
        .iter()
        .map(|key| match dice.roll(4) {
            0 => json!({"key": key}),
            1 => json!({"key": key, "payload": {"steps": dice.roll(2), "text": ["a", "b: c"]}}),
            2 => json!({"key": key, "name": "Name"}),
            _ => json!({"key": key, "inclusions": {"users": dice.among(&["u1", "u2"]), "cohorts": []}}),
        })
        .collect();
    let mut flag = json!({
        "key": "buy", "kind": "experiment", "state": dice.pick(&states), "startDate": "2026-12-01", "variants": variants,
        "rolloutPercentage": dice.pick(&[20.0, 20.5, 100.0]),
        "rolloutWeights": weights(dice, &keys),
    });
    let mut maybe = |name: &str, value: Value, there: bool| {
        if there {
            flag[name] = value;
        }
    };
    maybe("deployments", json!(dice.among(&["web", "ios", "android"])), dice.some());
    maybe("bucketingSalt", json!(dice.pick(&["pepper", "0x1F", "off"])), dice.some());
    maybe("stickyBucketing", json!(dice.some()), dice.some());
    maybe("exposureEvent", json!({"event_type": dice.pick(&["Viewed", "yes"])}), dice.some());
    maybe("parentDependencies", json!({"flags": {"pay": ["full"]}}), dice.some());
    maybe("description", json!(dice.pick(&["One", "Two # no comment"])), dice.some());
    maybe("tags", json!(dice.among(&["q4", "q1"])), dice.some());
    maybe("forceVariant", json!(dice.roll(2)), dice.some());
    let mut segments = dice.among(&["US", "EU", "pros"]);
    dice.shuffle(&mut segments);
    let segments: Vec<Value> = segments.into_iter().map(|name| segment(name, dice, &keys)).collect();
    flag["targetSegments"] = json!(segments);
    flag
}

fn segment(name: &str, dice: &mut Dice, keys: &[&str]) -> Value {
    let values = dice.among(&["DE", "NO", "US"]);
    let plan = json!({"type": "property", "prop": "plan", "op": "is", "values": ["pro"]});
    let mut conditions = vec![json!({"type": "property", "prop": "country", "op": "is", "values": values})];
    conditions.extend(dice.some().then_some(plan));
    let mut segment = json!({"name": name, "percentage": dice.pick(&[50, 100]), "conditions": conditions});
    if dice.some() {
        segment["rolloutWeights"] = weights(dice, keys);
    }
    segment
}

fn weights(dice: &mut Dice, keys: &[&str]) -> Value {
    let weights =
        keys.iter().enumerate().map(|(at, key)| ((*key).to_owned(), json!(usize::from(at == 0) + dice.roll(3))));
    Value::Object(weights.collect())
}

/// The same flag or one that has some of its fields from another.
fn edited(dice: &mut Dice, before: &Value) -> Value {
    let other = flag(dice);
    let mut after = before.clone();
    for name in ["state", "rolloutPercentage", "bucketingSalt", "deployments", "description", "tags", "forceVariant"] {
        if dice.roll(3) == 0 {
            after[name] = other.get(name).cloned().unwrap_or(Value::Null);
        }
    }
    // These must fit each other.
    if dice.roll(3) == 0 {
        for name in ["variants", "rolloutWeights", "targetSegments"] {
            after[name] = other[name].clone();
        }
    }
    after
}

const SETS: &[&str] = &["tags", "deployments", "values", "users", "cohorts", "conditions"];

/// Writes a value as YAML in one of many ways. `field` is what it is the value of.
fn yaml(value: &Value, field: &str, dice: &mut Dice, flow: bool, depth: usize) -> String {
    match value {
        Value::Object(map) => {
            let mut members: Vec<(&String, Value)> = map.iter().map(|(key, value)| (key, value.clone())).collect();
            if field == "rolloutWeights" {
                let factor = dice.pick(&[1, 3, 10]);
                for (_, weight) in &mut members {
                    *weight = json!(weight.as_u64().unwrap() * factor);
                }
            }
            dice.shuffle(&mut members);
            let key = |dice: &mut Dice, key: &str| if dice.roll(4) == 1 { format!("{key:?}") } else { key.to_owned() };
            if flow || members.is_empty() || (depth > 0 && dice.some()) {
                let members: Vec<String> = members
                    .iter()
                    .map(|(name, value)| format!("{}: {}", key(dice, name), yaml(value, name, dice, true, depth + 1)))
                    .collect();
                return format!("{{{}}}", members.join(", "));
            }
            let mut out = if depth > 0 { "\n".to_owned() } else { String::new() };
            for (name, value) in members {
                let text = yaml(&value, name, dice, false, depth + 1);
                let (gap, comment) = (if text.starts_with('\n') { "" } else { " " }, dice.pick(&["", "", " # so"]));
                let comment = if text.contains('\n') { "" } else { comment };
                let line = format!("{}{}:{gap}{text}{comment}\n", "  ".repeat(depth), key(dice, name));
                out.push_str(line.trim_end_matches('\n'));
                out.push_str(dice.pick(&["\n", "\n", "\n\n", "\n# between\n"]));
            }
            out
        }
        Value::Array(items) => {
            let mut items = items.clone();
            if SETS.contains(&field) {
                dice.shuffle(&mut items);
            }
            let texts: Vec<String> = items.iter().map(|item| yaml(item, "", dice, true, depth + 1)).collect();
            if flow || texts.is_empty() || dice.some() {
                return format!("[{}]", texts.join(", "));
            }
            texts.iter().fold("\n".to_owned(), |out, text| format!("{out}{}- {text}\n", "  ".repeat(depth)))
        }
        Value::String(text) => {
            let plain = text.bytes().all(|byte| byte.is_ascii_alphabetic()) && !["off", "yes", "NO"].contains(&&**text);
            match dice.roll(3) {
                0 if plain => text.clone(),
                1 => format!("'{text}'"),
                _ => format!("{text:?}"),
            }
        }
        Value::Number(number) => {
            let text = number.to_string();
            match (dice.roll(3), text.contains('.')) {
                (0, _) => text,
                (1, true) => format!("{text}0"),
                (_, true) => text,
                (1, false) => format!("{text}.0"),
                (_, false) => format!("{text}.00"),
            }
        }
        Value::Bool(_) | Value::Null => value.to_string(),
    }
}

fn text(value: &Value, dice: &mut Dice) -> String {
    yaml(value, "", dice, false, 0)
}

fn read(text: &str) -> Flag {
    let mut problems = Problems::of("flags/buy.yaml");
    let flags = (countersign::format::by_id("native").unwrap().read)(text.as_bytes(), "flags/buy.yaml", &mut problems);
    assert!(!problems.any_error(), "{:#?}\n{text}", problems.finish(text));
    flags.unwrap().remove(0)
}

// ---- a repository around it

const PEOPLE: &[&str] = &["alice", "bob", "carol", "dave"];

struct World {
    config: Value,
    approvers: String,
    live: String,
    proposed: String,
    evidence: Value,
}

fn config(required: u64) -> Value {
    json!({"version": 1, "admins": ["@dave"], "critical": {"relax": ["rollout"]},
           "projects": {"p": {"paths": ["flags/"], "approvals": "specific", "required": required}}})
}

impl World {
    fn side(&self, flag: &str) -> BTreeMap<String, File> {
        let pay = "key: pay\nkind: flag\nstate: active\nvariants: [{key: full}]\n";
        let config = self.config.to_string();
        let files = [
            (".countersign/config.yaml", config.as_str()),
            (".countersign/APPROVERS", &self.approvers),
            ("flags/buy.yaml", flag),
            ("flags/pay.yaml", pay),
        ];
        files.into_iter().map(|(path, text)| (path.to_owned(), File::regular(path, text))).collect()
    }

    fn judge(&self) -> Report {
        let evidence = Evidence::parse(&self.evidence.to_string()).unwrap();
        let report = judge_files(&self.side(&self.live), &self.side(&self.proposed), Some(&evidence), &[]);
        report.unwrap_or_else(|problems| panic!("{problems:#?}"))
    }

    /// A law, a change and what people said to it, most of it favourable so that approval is not rare.
    fn random(dice: &mut Dice) -> World {
        let before = flag(dice);
        let mut after = edited(dice, &before);
        after["bucketingKey"] = json!("device_id");
        let (live, proposed) = (text(&before, dice), text(&after, dice));
        let mut approvers = "/flags/ @alice @acme/team\n".to_owned();
        if dice.some() {
            approvers.push_str("[Data] @bob @acme/team\n/flags/\n");
        }
        let mut world =
            World { config: config(1 + dice.roll(2) as u64), approvers, live, proposed, evidence: json!({}) };
        if dice.roll(4) == 0 {
            world.config["distinct"] = json!(false);
        }
        world.evidence = json!({"schema": "countersign/evidence/v1", "now": "2026-11-23T12:00:00Z", "requestor": "jo"});
        let today: BTreeMap<String, String> =
            world.judge().flags.iter().filter_map(|flag| Some(("p/buy".to_owned(), flag.digest.clone()?))).collect();
        world.evidence = evidence(dice, &today);
        world
    }
}

fn evidence(dice: &mut Dice, today: &BTreeMap<String, String>) -> Value {
    let other: BTreeMap<&str, &str> = [("p/buy", "00000000")].into();
    let at = |minute: usize| format!("2026-11-23T11:{minute:02}:00Z");
    let mut reviews = Vec::new();
    let mut dismissals = Vec::new();
    for login in PEOPLE {
        for _ in 0..dice.roll(3) {
            let state = dice.pick(&["APPROVED", "APPROVED", "APPROVED", "CHANGES_REQUESTED", "COMMENTED", "DISMISSED"]);
            let minute = dice.roll(30);
            reviews.push(json!({"login": login, "kind": "User", "state": state, "submittedAt": at(minute)}));
            if state == "DISMISSED" {
                let was = dice.pick(&["APPROVED", "CHANGES_REQUESTED"]);
                dismissals.push(json!({"review": login, "by": dice.pick(PEOPLE), "at": at(30 + minute), "was": was}));
            }
        }
    }
    let mut shown = vec![json!({"at": at(0), "digests": today})];
    if dice.roll(4) == 0 {
        shown.push(json!({"at": at(10), "digests": other}));
        shown.push(json!({"at": at(20), "digests": today}));
    }
    let permission = |dice: &mut Dice| dice.pick(&["write", "write", "admin", "read"]);
    let permissions: BTreeMap<&str, &str> = PEOPLE.iter().map(|login| (*login, permission(dice))).collect();
    let mut open = Vec::new();
    if dice.roll(3) == 0 {
        let pull = dice.pick(&[3, 9]);
        open.push(json!({"pull": pull, "requestor": "kim", "touches": {"p/buy": at(dice.pick(&[0, 5]))}}));
    }
    let contributors: Vec<&str> = if dice.roll(4) == 0 { vec!["jo", "bob"] } else { vec!["jo"] };
    json!({"schema": "countersign/evidence/v1", "now": "2026-11-23T12:00:00Z", "pull": 5, "requestor": "jo",
           "contributors": contributors, "reviews": reviews, "dismissals": dismissals, "permissions": permissions,
           "teams": {"@acme/team": ["bob", "carol"]}, "shown": shown, "open": open})
}

/// A world that blocks its change; what is done to it in the properties below must not change that.
fn blocked(dice: &mut Dice) -> Option<World> {
    Some(World::random(dice)).filter(|world| world.judge().verdict.blocks())
}

fn still_blocked(world: &World, what: &str) -> Result<(), TestCaseError> {
    let report = world.judge();
    prop_assert!(
        report.verdict.blocks(),
        "{what} unblocked:\n{:#}\n{:#}\n{}",
        world.evidence,
        world.config,
        world.approvers
    );
    Ok(())
}

fn clone(world: &World) -> World {
    let World { config, approvers, live, proposed, evidence } = world;
    World {
        config: config.clone(),
        approvers: approvers.clone(),
        live: live.clone(),
        proposed: proposed.clone(),
        evidence: evidence.clone(),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(60), failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn another_way_to_write_it_has_no_effect(bytes in bytes(400)) {
        let dice = &mut Dice(bytes.iter());
        let flag = flag(dice);
        let (one, other) = (text(&flag, dice), text(&flag, dice));
        prop_assert!(countersign::diff::same(&read(&one), &read(&other)), "{one}\n{other}");
        let evidence = json!({"schema": "countersign/evidence/v1", "now": "2026-11-23T12:00:00Z", "requestor": "jo"});
        let world = World { config: config(1), approvers: "/flags/ @alice\n".into(), live: one, proposed: other, evidence };
        let report = world.judge();
        prop_assert_eq!(report.verdict.word(), "not-required");
        prop_assert!(report.flags.iter().flat_map(|flag| &flag.changes).all(|change| change.class == Class::NoEffect));
        prop_assert!(report.flags.iter().all(|flag| flag.digest.is_none()));
    }

    #[test]
    fn another_way_to_write_a_change_keeps_verdict_and_digest(bytes in bytes(600)) {
        let dice = &mut Dice(bytes.iter());
        let before = flag(dice);
        let after = edited(dice, &before);
        let mut judge = || {
            let evidence = json!({"schema": "countersign/evidence/v1", "now": "2026-11-23T12:00:00Z", "requestor": "jo"});
            let (live, proposed) = (text(&before, dice), text(&after, dice));
            let mut config = config(1);
            config["sections"] = json!({"Data": {"when": {"moves": "> 5%", "exposes": "> 20%"}}});
            let approvers = "/flags/ @alice\n[Data] @bob\n/flags/\n".into();
            let report = World { config, approvers, live, proposed, evidence }.judge();
            let rules = report.flags.iter().flat_map(|flag| &flag.changes).filter_map(|change| change.rule);
            let mut rules: Vec<_> = rules.collect();
            rules.sort_unstable();
            rules.dedup();
            let digests: Vec<_> = report.flags.iter().filter_map(|flag| flag.digest.clone()).collect();
            // So are whom it moves and what is decided by that.
            // Two texts that happen to be the same byte for byte are no change at all.
            let needed = report.flags.iter().filter(|flag| flag.verdict != Verdict::NotRequired);
            let effects = needed.filter_map(|flag| flag.effect.clone());
            let moves: Vec<_> = effects.map(|it| (it.moves(), it.per_segment, it.unknown, it.uncounted)).collect();
            let asked = report.flags.iter().flat_map(|flag| &flag.requirements);
            let asked: Vec<_> = asked.map(|asked| (asked.from.clone(), asked.decided.clone())).collect();
            (report.verdict, digests, rules, moves, asked)
        };
        prop_assert_eq!(judge(), judge());
    }

    #[test]
    fn every_segment_that_is_told_of_has_its_conditions(bytes in bytes(600)) {
        let dice = &mut Dice(bytes.iter());
        let before = flag(dice);
        let after = edited(dice, &before);
        let evidence = json!({"schema": "countersign/evidence/v1", "now": "2026-11-23T12:00:00Z", "requestor": "jo"});
        let (live, proposed) = (text(&before, dice), text(&after, dice));
        let report = World { config: config(1), approvers: "/flags/ @alice\n".into(), live, proposed, evidence }.judge();
        for flag in &report.flags {
            let Some(effect) = &flag.effect else { continue };
            let origins = effect.per_segment.iter().filter_map(|group| group.moved_from.as_ref()?.segment.as_ref());
            let own = effect.per_segment.iter().filter_map(|group| group.segment.as_ref());
            let told: BTreeSet<&String> = flag.segments.iter().map(|it| &it.segment).collect();
            if flag.verdict == Verdict::NotRequired && effect.is_nothing() {
                prop_assert!(told.is_empty(), "{told:?}");
            } else {
                prop_assert!(own.chain(origins).all(|name| told.contains(name)), "{told:?} {:?}", effect.per_segment);
            }
        }
    }

    #[test]
    fn what_differs_is_told_and_nothing_else(bytes in bytes(600)) {
        let dice = &mut Dice(bytes.iter());
        let before = flag(dice);
        let after = edited(dice, &before);
        let (before, after) = (read(&text(&before, dice)), read(&text(&after, dice)));
        let told = countersign::diff::compare(Some(&before), &after).iter().any(|difference| difference.effect);
        prop_assert_eq!(told, !countersign::diff::same(&before, &after));
    }

    #[test]
    fn knowing_less_never_unblocks(bytes in bytes(700)) {
        let dice = &mut Dice(bytes.iter());
        let Some(world) = blocked(dice) else { return Ok(()) };
        for field in ["contributors", "dismissals", "shown"] {
            let mut less = clone(&world);
            less.evidence.as_object_mut().unwrap().remove(field);
            still_blocked(&less, field)?;
        }
        let mut less = clone(&world);
        less.evidence["teams"] = json!({});
        still_blocked(&less, "teams")?;
        for login in PEOPLE {
            let mut less = clone(&world);
            less.evidence["permissions"].as_object_mut().unwrap().remove(*login);
            still_blocked(&less, "permission")?;
            let mut less = clone(&world);
            let reviews = less.evidence["reviews"].as_array_mut().unwrap();
            reviews.retain(|review| review["login"] != *login || review["state"] != "APPROVED");
            still_blocked(&less, "approvals of one person")?;
        }
    }

    #[test]
    fn no_rejection_and_no_contributor_unblocks(bytes in bytes(700), minute in 0usize..60) {
        let dice = &mut Dice(bytes.iter());
        let Some(world) = blocked(dice) else { return Ok(()) };
        let at = format!("2026-11-23T11:{minute:02}:00Z");
        for login in ["alice", "bob", "carol", "dave", "stranger"] {
            for kind in ["User", "Bot"] {
                let mut more = clone(&world);
                let rejection = json!({"login": login, "kind": kind, "state": "CHANGES_REQUESTED", "submittedAt": at});
                more.evidence["reviews"].as_array_mut().unwrap().push(rejection);
                still_blocked(&more, "rejection")?;
            }
            let mut more = clone(&world);
            more.evidence["contributors"].as_array_mut().unwrap().push(json!(login));
            still_blocked(&more, "contributor")?;
        }
    }

    #[test]
    fn asking_for_more_never_unblocks(bytes in bytes(700)) {
        let dice = &mut Dice(bytes.iter());
        let Some(world) = blocked(dice) else { return Ok(()) };
        let mut more = clone(&world);
        more.config["projects"]["p"]["required"] = json!(3);
        still_blocked(&more, "required")?;
        let mut more = clone(&world);
        more.config["critical"] = json!({"add": ["description"], "deactivation": "approval"});
        still_blocked(&more, "critical")?;
        let mut more = clone(&world);
        more.config["distinct"] = json!(true);
        still_blocked(&more, "distinct")?;
        let section = |heading: &str, line: &str| format!("{}{heading}\n{line}\n", world.approvers);
        for heading in ["[More] @alice", "[More][2] @dave", "[More] @acme/team", "[More]", "^[More] @alice", "[Data][2]"] {
            let mut more = clone(&world);
            more.approvers = section(heading, "/flags/");
            still_blocked(&more, heading)?;
        }
        let mut more = clone(&world);
        more.approvers = section("[More] @alice", "/flags/buy.yaml @alice\n/flags/");
        still_blocked(&more, "line")?;
        // A line that names nobody takes the place of one that did; whoever was named there may no longer reject either.
        if world.judge().verdict == Verdict::Pending {
            let mut more = clone(&world);
            let unnamed = "/flags/ @alice @acme/team\n/flags/buy.yaml";
            more.approvers = world.approvers.replacen("/flags/ @alice @acme/team", unnamed, 1);
            still_blocked(&more, "line without names")?;
        }
    }

    #[test]
    fn the_same_input_gives_the_same_bytes(bytes in bytes(700)) {
        let world = World::random(&mut Dice(bytes.iter()));
        let written = || serde_json::to_string(&world.judge()).unwrap();
        prop_assert_eq!(written(), written());
    }

    #[test]
    fn different_lists_have_different_digests(one in covered(), other in covered()) {
        prop_assert_eq!(one == other, digest("p/a", &one) == digest("p/a", &other));
        // Nothing covered is nothing to approve: no digest is made of it.
        prop_assert!(one.is_empty() || digest("p/a", &one) != digest("p/b", &one));
    }
}

/// Lists made of the characters that separate things in what is hashed.
fn covered() -> impl Strategy<Value = Vec<(String, String, String)>> {
    let part = || prop::collection::vec(prop::sample::select(vec!['a', '"', ',', '\n', '\\', ']']), 0..3);
    let text = move || part().prop_map(|chars| chars.into_iter().collect::<String>());
    prop::collection::vec((text(), text(), text()), 0..3)
}

#[test]
fn the_random_worlds_are_of_every_kind() {
    let mut verdicts: BTreeMap<&str, usize> = BTreeMap::new();
    let mut seed = 1u64;
    for _ in 0..150 {
        let bytes: Vec<u8> = (0..700)
            .map(|_| {
                seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                (seed >> 56) as u8
            })
            .collect();
        *verdicts.entry(World::random(&mut Dice(bytes.iter())).judge().verdict.word()).or_default() += 1;
    }
    // Were nearly everything pending, the properties above would hold of anything.
    for word in ["approved", "pending", "rejected", "locked", "not-required"] {
        assert!(verdicts.get(word).copied().unwrap_or(0) >= 5, "{verdicts:?}");
    }
    assert_eq!(verdicts.get("invalid"), None, "{verdicts:?}");
}
