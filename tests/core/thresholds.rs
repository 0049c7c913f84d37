//! Bounds on whom a change affected, tried on random changes: they only ever take their own section out, and never for
//! more users than they say.

use std::collections::{BTreeMap, BTreeSet};

use countersign::flag::File;
use countersign::report::{Report, Requirement};
use proptest::prelude::*;

use crate::files::judge_files;

/// One side of a flag; few values, so that changes of all sizes come up, and none.
#[derive(Clone, Debug)]
struct Flag {
    state: &'static str,
    percentage: u32,
    weights: (u32, u32),
    turned: bool,
    salt: &'static str,
    segment: Option<(u32, &'static str)>,
    more: &'static str,
}

impl Flag {
    fn text(&self) -> String {
        let variants = if self.turned { "[{key: b}, {key: a}]" } else { "[{key: a}, {key: b}]" };
        let segments = self.segment.map_or_else(String::new, |(percentage, values)| {
            format!(
                "{{name: s, percentage: {percentage}, conditions: [{{prop: country, op: is, values: [{values}]}}]}}"
            )
        });
        format!(
            "key: x\nkind: experiment\nstate: {}\nbucketingKey: user_id\nbucketingSalt: {}\nstartDate: 2026-12-01\n\
             variants: {variants}\nrolloutPercentage: {}\nrolloutWeights: {{a: {}, b: {}}}\ntargetSegments: [{segments}]\n{}\n",
            self.state, self.salt, self.percentage, self.weights.0, self.weights.1, self.more
        )
    }
}

fn flag() -> impl Strategy<Value = Flag> {
    let state = prop::sample::select(vec!["running", "running", "running", "running", "scheduled", "planning"]);
    let segment = prop::option::of((
        prop::sample::select(vec![0, 5, 50, 100]),
        prop::sample::select(vec!["US", "'US', 'DE'", "DE"]),
    ));
    let more = prop::sample::select(vec!["", "", "", "", "deployments: [web]", "strange: 1", "owner: me"]);
    let percentage = prop::sample::select(vec![0, 5, 10, 11, 20, 100]);
    let (weight, salt) = (1..4u32, prop::sample::select(vec!["p", "p", "q"]));
    (state, percentage, (weight.clone(), weight), any::<bool>(), salt, segment, more).prop_map(
        |(state, percentage, weights, turned, salt, segment, more)| Flag {
            state,
            percentage,
            weights,
            turned,
            salt,
            segment,
            more,
        },
    )
}

/// The other side: the same with one part from another flag, or nothing of it the same.
fn change() -> impl Strategy<Value = (Flag, Flag)> {
    (flag(), flag(), 0..7u8).prop_map(|(before, other, part)| {
        let mut after = before.clone();
        match part {
            0 => after.percentage = other.percentage,
            1 => after.weights = other.weights,
            2 => after.turned = other.turned,
            3 => after.segment = other.segment,
            4 => (after.state, after.more) = (other.state, other.more),
            5 => after.salt = other.salt,
            _ => after = other,
        }
        (before, after)
    })
}

/// How the section is narrowed: bounds in tenths of a percent, and rules.
#[derive(Clone, Debug, Default)]
struct When {
    affected: Option<u32>,
    exposed: Option<u32>,
    only: bool,
}

fn when() -> impl Strategy<Value = When> {
    let bound = || prop::option::of(prop::sample::select(vec![0, 1, 50, 100, 200, 500, 999]));
    (bound(), bound(), any::<bool>()).prop_map(|(affected, exposed, only)| When { affected, exposed, only })
}

fn judge(before: &Flag, after: &Flag, when: &When, approve: &[&str]) -> Report {
    let bound =
        |name: &str, bound: Option<u32>| bound.map(|tenths| format!("{name}: \"> {}.{}%\"", tenths / 10, tenths % 10));
    let bounds: Vec<String> =
        [bound("affected", when.affected), bound("exposed", when.exposed)].into_iter().flatten().collect();
    let only = when.only.then(|| "only: [variants, variant-distribution]".to_owned());
    let bounds = (!bounds.is_empty()).then(|| format!("when: {{{}}}", bounds.join(", ")));
    let narrowing: Vec<String> = only.into_iter().chain(bounds).collect();
    let sections =
        if narrowing.is_empty() { "{}".to_owned() } else { format!("{{Data: {{{}}}}}", narrowing.join(", ")) };
    let config = format!(
        "version: 1\nadmins: [\"@root\"]\nprojects: {{p: {{paths: [flags/], approvals: specific}}}}\nsections: {sections}\n"
    );
    // With a section that is always required besides. Without one an admin is required in place of the one that is
    // spared.
    let approvers = "/flags/ @alice\n[Data] @gina\n/flags/\n[Legal][2] @lee @liv @lou\n/flags/\n";
    let side = |flag: &Flag| -> BTreeMap<String, File> {
        [
            (".countersign/config.yaml", config.as_str()),
            (".countersign/APPROVERS", approvers),
            ("flags/x.yaml", &flag.text()),
        ]
        .into_iter()
        .map(|(path, text)| (path.to_owned(), File::regular(path, text)))
        .collect()
    };
    let approve: Vec<String> = approve.iter().map(|login| (*login).to_owned()).collect();
    judge_files(&side(before), &side(after), None, &approve).unwrap_or_else(|diagnostics| panic!("{diagnostics:#?}"))
}

/// The people whose approval is required, of how many.
fn required(report: &Report) -> BTreeSet<(String, u32, Vec<String>)> {
    let of = |requirement: &Requirement| {
        (requirement.section.clone().unwrap_or_default(), requirement.required, requirement.from.clone())
    };
    report.flags.iter().flat_map(|flag| flag.requirements.iter().map(of)).collect()
}

const PEOPLE: [&[&str]; 5] = [&[], &["alice"], &["alice", "lee", "liv"], &["alice", "gina", "lee", "liv"], &["root"]];

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn only_its_own_section_disappears((before, after) in change(), when in when()) {
        let (wide, narrow) = (judge(&before, &after, &When::default(), &[]), judge(&before, &after, &when, &[]));
        let (wide, narrow) = (required(&wide), required(&narrow));
        prop_assert!(narrow.is_subset(&wide), "{narrow:?} {wide:?}");
        prop_assert!(wide.difference(&narrow).all(|(section, ..)| section == "Data"), "{narrow:?} {wide:?}");
    }

    #[test]
    fn a_lower_bound_or_none_never_unblocks((before, after) in change(), when in when(), other in when()) {
        let lower = |one: Option<u32>, other: Option<u32>| one.map(|one| other.map_or(one, |other| one.min(other)));
        let (affected, exposed) = (lower(when.affected, other.affected), lower(when.exposed, other.exposed));
        let lowered = When { affected, exposed, ..when.clone() };
        for people in PEOPLE {
            let narrow = judge(&before, &after, &when, people);
            for (what, wider) in [("lowered", &lowered), ("dropped", &When::default())] {
                let wider = judge(&before, &after, wider, people);
                prop_assert!(required(&narrow).is_subset(&required(&wider)), "{what}");
                prop_assert!(!narrow.verdict.blocks() || wider.verdict.blocks(), "{what} for {people:?}");
            }
        }
    }

    #[test]
    fn moving_more_users_never_removes_a_requirement(
        flag in flag(), from in 0..=100u32, to in 0..=100u32, more in 0..=100u32, when in when(),
    ) {
        // Away from where it was, whichever way; two segments grow with it.
        let at = |percentage: u32| Flag { percentage, ..flag.clone() };
        let farther = if to >= from { to.saturating_add(more).min(100) } else { to.saturating_sub(more) };
        prop_assume!(to != from);
        let (near, far) = (judge(&at(from), &at(to), &when, &[]), judge(&at(from), &at(farther), &when, &[]));
        prop_assert!(required(&near).is_subset(&required(&far)), "{:?} {:?}", required(&near), required(&far));
    }

    /// The section is required exactly when the bound says so, of the shares in the report.
    #[test]
    fn the_bound_decides((before, after) in change(), bound in 0..100u32) {
        let report = judge(&before, &after, &When { affected: Some(bound * 10), ..When::default() }, &[]);
        for flag in report.flags.iter().filter(|flag| !flag.requirements.is_empty()) {
            let effect = flag.impact.as_ref().unwrap();
            let share = effect.affected().to_f64();
            // A rollout in whole percents is a hair off them.
            let at = (share * 100.0 - f64::from(bound)).abs() < 0.0001;
            let above = if bound == 0 { share > 0.0 } else { share * 100.0 > f64::from(bound) && !at };
            // Rules of which the impact does not model what they do.
            let unmodelled = ["variants", "deployments", "schedule", "unknown-field"];
            let expected = above || flag.requirements[0].because.iter().any(|rule| unmodelled.contains(&rule.as_str()));
            let found = flag.requirements.iter().any(|requirement| requirement.section.as_deref() == Some("Data"));
            prop_assert_eq!(found, expected, "{} {}: {:?}", share, bound, flag.impact_summary);
            // And it is said in one place.
            let said: Vec<&String> = flag.requirements.iter().flat_map(|requirement| &requirement.decided).collect();
            prop_assert_eq!(said.len(), 1, "{:?}", said);
            prop_assert_eq!(said[0].contains("is not required"), !expected, "{:?}", said);
        }
    }
}
