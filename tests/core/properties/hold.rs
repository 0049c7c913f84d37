//! Random repositories and responses, and what holds for all of them.

use super::*;

const PEOPLE: &[&str] = &["alice", "bob", "carol", "dave"];

pub(super) struct World {
    pub(super) config: Value,
    pub(super) approvers: String,
    live: String,
    proposed: String,
    pub(super) evidence: Value,
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

    pub(super) fn judge(&self) -> Report {
        let evidence = Evidence::parse(&self.evidence.to_string()).unwrap();
        let report = judge_files(&self.side(&self.live), &self.side(&self.proposed), Some(&evidence), &[]);
        report.unwrap_or_else(|diagnostics| panic!("{diagnostics:#?}"))
    }

    /// A policy, a change and what people said to it, most of it favourable so that approval is not rare.
    pub(super) fn random(dice: &mut Dice) -> World {
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
           "teams": {"@acme/team": ["bob", "carol"]}, "displayed": shown, "open": open})
}

/// A world that blocks its change; the steps of the properties below must not change that.
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
        prop_assert!(countersign::changes::diff::same(&read(&one), &read(&other)), "{one}\n{other}");
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
            config["sections"] = json!({"Data": {"when": {"affected": "> 5%", "exposed": "> 20%"}}});
            let approvers = "/flags/ @alice\n[Data] @bob\n/flags/\n".into();
            let report = World { config, approvers, live, proposed, evidence }.judge();
            let rules = report.flags.iter().flat_map(|flag| &flag.changes).filter_map(|change| change.rule);
            let mut rules: Vec<_> = rules.collect();
            rules.sort_unstable();
            rules.dedup();
            let digests: Vec<_> = report.flags.iter().filter_map(|flag| flag.digest.clone()).collect();
            // So are the impact and what is decided by that.
            // Two texts that happen to be the same byte for byte are no change at all.
            let needed = report.flags.iter().filter(|flag| flag.verdict != Verdict::NotRequired);
            let effects = needed.filter_map(|flag| flag.impact.clone());
            let moves: Vec<_> = effects.map(|it| (it.affected(), it.per_segment, it.unknown, it.unmodelled)).collect();
            let requirement = report.flags.iter().flat_map(|flag| &flag.requirements);
            let requirement: Vec<_> = requirement.map(|one| (one.from.clone(), one.decided.clone())).collect();
            (report.verdict, digests, rules, moves, requirement)
        };
        prop_assert_eq!(judge(), judge());
    }

    #[test]
    fn every_segment_of_an_impact_has_its_conditions(bytes in bytes(600)) {
        let dice = &mut Dice(bytes.iter());
        let before = flag(dice);
        let after = edited(dice, &before);
        let evidence = json!({"schema": "countersign/evidence/v1", "now": "2026-11-23T12:00:00Z", "requestor": "jo"});
        let (live, proposed) = (text(&before, dice), text(&after, dice));
        let report = World { config: config(1), approvers: "/flags/ @alice\n".into(), live, proposed, evidence }.judge();
        for flag in &report.flags {
            let Some(effect) = &flag.impact else { continue };
            let origins = effect.per_segment.iter().filter_map(|group| group.moved_from.as_ref()?.segment.as_ref());
            let own = effect.per_segment.iter().filter_map(|group| group.segment.as_ref());
            let reported: BTreeSet<&String> = flag.segments.iter().map(|it| &it.segment).collect();
            if flag.verdict == Verdict::NotRequired && effect.is_nothing() {
                prop_assert!(reported.is_empty(), "{reported:?}");
            } else {
                prop_assert!(own.chain(origins).all(|name| reported.contains(name)), "{reported:?} {:?}", effect.per_segment);
            }
        }
    }

    #[test]
    fn every_difference_is_reported_and_nothing_else(bytes in bytes(600)) {
        let dice = &mut Dice(bytes.iter());
        let before = flag(dice);
        let after = edited(dice, &before);
        let (before, after) = (read(&text(&before, dice)), read(&text(&after, dice)));
        let differences = countersign::changes::diff::compare(Some(&before), &after);
        let reported = differences.iter().any(|difference| difference.effect);
        prop_assert_eq!(reported, !countersign::changes::diff::same(&before, &after));
    }

    #[test]
    fn knowing_less_never_unblocks(bytes in bytes(700)) {
        let dice = &mut Dice(bytes.iter());
        let Some(world) = blocked(dice) else { return Ok(()) };
        for field in ["contributors", "dismissals", "displayed"] {
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
        // A line that names nobody takes the place of one that did; people who were named there may no longer reject
        // either.
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
        let digest = |name: &str, parts: &[ContentPart]| {
            Content { name: name.to_owned(), parts: parts.to_vec(), summary: String::new() }.digest()
        };
        prop_assert_eq!(one == other, digest("p/a", &one) == digest("p/a", &other));
        // Nothing covered is nothing to approve: no digest is made of it.
        prop_assert!(one.is_empty() || digest("p/a", &one) != digest("p/b", &one));
    }
}

/// Lists made of the characters that separate things in what is hashed.
fn covered() -> impl Strategy<Value = Vec<ContentPart>> {
    let part = || prop::collection::vec(prop::sample::select(vec!['a', '"', ',', '\n', '\\', ']']), 0..3);
    let text = move || part().prop_map(|chars| chars.into_iter().collect::<String>());
    let kind = prop::sample::select(vec![ContentKind::Field, ContentKind::Location, ContentKind::Impact]);
    let part = (kind, text(), text(), text())
        .prop_map(|(kind, name, before, after)| ContentPart::new(kind, name, before, after));
    prop::collection::vec(part, 0..3)
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
