//! Privilege changes path by path: who may approve a file from now on, and which files need fewer or other people.
//!
//! **In**: two policies and the managed files. **Out**: privilege changes, each with every path that it is about.
//! **Refuses**: to leave out a path whose requirements it cannot compare. **Not taken**: a comparison file by file,
//! because paths under the same lines have the same requirements; and one of the lines, because the last line that
//! matches a path decides.

use std::collections::{BTreeMap, BTreeSet};

use super::crowd::{Crowd, CrowdNeed, NeedsAtOnce, Person, Weaker};
use super::needs::{ChangeKind, ChangeSize, NeedApprovers, PathNeeds, people};
use super::path_words::{bounded, described, either, scoped};
use super::{WRITERS, code, examples, first};
use crate::changes::RuleId;
use crate::diagnostics::words::counted;
use crate::policy::{Approver, Config, Policy};
use crate::report::PrivilegeChange;

/// More groups of weaker requirements than that are listed without the names of the people, or no comment could hold
/// them.
const MOST_GROUPS: usize = 60;
/// Files with a weaker requirement that are listed in words; the JSON form has all of them.
const MOST_LISTED: usize = 10;
/// Names, and requirements for a kind and size of change, that are compared at most. Requirements beyond that may be
/// weaker for all anybody knows.
const MOST_STEPS: usize = 5_000_000;

/// The files of one group of privilege changes.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Location {
    /// Files of a project.
    Files(String),
    /// Files that are not there yet, at patterns.
    Later,
}

/// A privilege, but for its files.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Privilege {
    /// Fills a place of the requirement of a section.
    Approve { section: Option<String> },
    /// Is enough where other people or more of them are needed on the other side.
    Suffice { number: Sufficing, changes: String, needed: String },
}

/// How many people suffice for an approval.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Sufficing {
    Nobody,
    One,
    Several,
    Perhaps,
}

/// Paths with the same privilege change: whose it is, whether it was gained, which privilege, and where.
type PathGroups<'p> = BTreeMap<(String, bool, Privilege, Location), Vec<&'p str>>;

/// The privilege changes on these files, and on files that may be at `later` some day: a path each with its pattern.
pub fn privileges(old: &Policy, new: &Policy, paths: &[String], later: &[(String, String)]) -> Vec<PrivilegeChange> {
    // Admins and teams of the new policy, for both sides: their changes are privilege changes of their own.
    let mut gained_by = PathComparison::of(old, new, &new.config);
    let mut losses = PathComparison::of(new, old, &new.config);
    let mut groups: PathGroups<'_> = BTreeMap::new();
    let mut seen: BTreeMap<_, Vec<&str>> = BTreeMap::new();
    let mut samples: BTreeMap<_, (&str, Vec<&str>)> = BTreeMap::new();
    for path in paths {
        let key = (PathNeeds::of(old, path).key(), PathNeeds::of(new, path).key());
        seen.entry(key).or_default().push(path);
    }
    for (sample, pattern) in later {
        let key = (PathNeeds::of(old, sample).key(), PathNeeds::of(new, sample).key());
        if !seen.contains_key(&key) {
            samples.entry(key).or_insert((sample, Vec::new())).1.push(pattern);
        }
    }
    let seen = seen.into_values().filter_map(|paths| Some((*paths.first()?, paths, false)));
    let samples = samples.into_values().map(|(sample, patterns)| (sample, patterns, true));
    for (example, paths, is_later) in seen.chain(samples) {
        let (before, after) = (PathNeeds::of(old, example), PathNeeds::of(new, example));
        let location = |needs: &PathNeeds<'_>| match needs.project {
            _ if is_later => Location::Later,
            project => Location::Files(project.unwrap_or_default().to_owned()),
        };
        for ((section, who), gained) in named_by_one(&before, &after) {
            let side = if gained { &after } else { &before };
            let group = (who, gained, Privilege::Approve { section }, location(side));
            groups.entry(group).or_default().extend(&paths);
        }
        let gained = gained_by.weaker(&before, &after).into_iter().map(|privilege| (true, &before, privilege));
        let lost = losses.weaker(&after, &before).into_iter().map(|privilege| (false, &after, privilege));
        for (gained, needs, (who, privilege)) in gained.chain(lost) {
            groups.entry((who, gained, privilege, location(needs))).or_default().extend(&paths);
        }
    }
    changes_of(coarser(groups))
}

/// The files whose approval these teams may give under a policy.
pub fn approving<'p>(
    teams: &BTreeSet<&'p Approver>,
    policy: &Policy,
    paths: &'p [String],
) -> BTreeMap<&'p Approver, Vec<&'p str>> {
    let mut known: BTreeMap<_, Vec<&'p Approver>> = BTreeMap::new();
    let mut approving: BTreeMap<&'p Approver, Vec<&'p str>> = BTreeMap::new();
    for path in paths.iter().filter(|_| !teams.is_empty()) {
        let needs = PathNeeds::of(policy, path);
        let named = known.entry(needs.key()).or_insert_with(|| {
            let named = needs.needs.iter().filter_map(|need| match need.who {
                NeedApprovers::Named(named) => Some(named),
                NeedApprovers::Writers | NeedApprovers::Admins => None,
            });
            named.flatten().filter_map(|approver| teams.get(approver).copied()).collect()
        });
        named.sort_unstable();
        named.dedup();
        for team in named {
            approving.entry(*team).or_default().push(path);
        }
    }
    approving
}

/// The groups, with those of weaker requirements joined if there are too many.
fn coarser(groups: PathGroups<'_>) -> PathGroups<'_> {
    let weaker = |privilege: &Privilege| matches!(privilege, Privilege::Suffice { .. });
    if groups.keys().filter(|(_, _, privilege, _)| weaker(privilege)).count() <= MOST_GROUPS {
        return groups;
    }
    let mut coarse: PathGroups<'_> = BTreeMap::new();
    for ((who, gained, privilege, location), paths) in groups {
        let key = match privilege {
            Privilege::Suffice { number, changes, .. } => {
                let who = if number == Sufficing::Nobody { who } else { "fewer or other people".to_owned() };
                let number = if number == Sufficing::One { Sufficing::Several } else { number };
                (who, gained, Privilege::Suffice { number, changes, needed: String::new() }, location)
            }
            other @ Privilege::Approve { .. } => (who, gained, other, location),
        };
        coarse.entry(key).or_default().extend(paths);
    }
    coarse
}

fn changes_of(groups: PathGroups<'_>) -> Vec<PrivilegeChange> {
    let one = |((who, gained, privilege, location), mut paths): ((String, bool, Privilege, Location), Vec<&str>)| {
        paths.sort_unstable();
        paths.dedup();
        let examples = match privilege {
            Privilege::Approve { .. } => examples(&paths),
            Privilege::Suffice { .. } => first(&paths, MOST_LISTED),
        };
        let of = match &location {
            Location::Files(project) if project.is_empty() => format!("{}: {examples}", counted(paths.len(), "file")),
            Location::Files(project) => format!("{} of {}: {examples}", counted(paths.len(), "file"), code(project)),
            Location::Later => format!("new files at {examples}"),
        };
        let several = match &privilege {
            Privilege::Approve { .. } => false,
            Privilege::Suffice { number, .. } => matches!(number, Sufficing::Several | Sufficing::Perhaps),
        };
        let what = match privilege {
            Privilege::Approve { section: None } => format!("may approve {of}"),
            Privilege::Approve { section: Some(section) } => format!("may approve {} for {of}", code(&section)),
            Privilege::Suffice { number, changes, needed } => {
                let needed = match (needed.is_empty(), gained) {
                    (true, _) => needed,
                    (false, true) => format!("; needed before: {needed}"),
                    (false, false) => format!("; needed from now on: {needed}"),
                };
                match number {
                    Sufficing::Nobody => format!("may make {changes} without approval in {of}{needed}"),
                    Sufficing::One | Sufficing::Several => format!("sufficient for {changes} in {of}{needed}"),
                    Sufficing::Perhaps => format!("perhaps sufficient for {changes} in {of}{needed}"),
                }
            }
        };
        PrivilegeChange { who, several, gained, what, paths: paths.into_iter().map(str::to_owned).collect() }
    };
    groups.into_iter().map(one).collect()
}

/// Approvers by section who are named on one side only, and whether that is the new one.
fn named_by_one(before: &PathNeeds<'_>, after: &PathNeeds<'_>) -> Vec<((Option<String>, String), bool)> {
    let named = |needs: &PathNeeds<'_>| -> BTreeMap<(Option<String>, String), (Option<String>, String)> {
        let mut named = BTreeMap::new();
        for need in &needs.needs {
            let section = need.section.map(str::to_owned);
            let names: Vec<String> = match need.who {
                NeedApprovers::Writers => vec![WRITERS.to_owned()],
                NeedApprovers::Named(named) => named.iter().map(ToString::to_string).collect(),
                NeedApprovers::Admins => Vec::new(),
            };
            for name in names {
                let folded = (section.as_deref().map(str::to_lowercase), name.to_ascii_lowercase());
                named.insert(folded, (section.clone(), name));
            }
        }
        named
    };
    let (before, after) = (named(before), named(after));
    let gained = after.iter().filter(|(key, _)| !before.contains_key(*key)).map(|(_, name)| (name.clone(), true));
    let lost = before.iter().filter(|(key, _)| !after.contains_key(*key)).map(|(_, name)| (name.clone(), false));
    gained.chain(lost).collect()
}

/// A stricter policy and one that may be weaker, with what is the same for all paths.
struct PathComparison<'p> {
    config: &'p Config,
    admins: BTreeSet<Person<'p>>,
    distinct: [bool; 2],
    kinds: Vec<ChangeKind>,
    same_settings: bool,
    steps_left: usize,
}

/// Changes for which the same people suffice: their kinds and sizes.
type KindsAndSizes<'k> = (BTreeSet<&'k str>, BTreeSet<&'k ChangeSize>);

impl<'p> PathComparison<'p> {
    fn of(old: &'p Policy, new: &'p Policy, config: &'p Config) -> Self {
        let (before, after) = (&old.config, &new.config);
        PathComparison {
            config,
            admins: people(&config.admins, config),
            distinct: [before.distinct, after.distinct],
            kinds: ChangeKind::all(&before.critical, &after.critical),
            same_settings: before.critical == after.critical && before.distinct == after.distinct,
            steps_left: MOST_STEPS,
        }
    }

    /// People who suffice after for some changes of a path, and did not before.
    fn weaker(&mut self, before: &PathNeeds<'p>, after: &PathNeeds<'p>) -> Vec<(String, Privilege)> {
        if before.needs.is_empty() || (self.same_settings && before.same(after)) {
            return Vec::new();
        }
        let sizes = self.sizes(before, after);
        let sides = [before.crowd(self.config), after.crowd(self.config)];
        let crowd = sizes.as_ref().and_then(|_| Crowd::of([&sides[0], &sides[1]], &self.admins));
        // Nothing is told apart any more, so one size does.
        let sizes = sizes.filter(|_| crowd.is_some()).unwrap_or_else(|| vec![ChangeSize::everyone()]);
        let (distinct, known) = (self.distinct, BTreeMap::new());
        let mut pair = NeedsPair { before, after, distinct, old: &sides[0], crowd, known };
        let mut found: BTreeMap<(Weaker<'p>, String), KindsAndSizes<'_>> = BTreeMap::new();
        for kind in &self.kinds {
            for size in &sizes {
                if let Some(key) = pair.weaker(&[kind], size) {
                    let (kinds, sizes) = found.entry(key).or_default();
                    kinds.insert(&kind.name);
                    sizes.insert(size);
                }
            }
        }
        if found.is_empty() {
            // Each kind alone needs as many as before; several together may not.
            for (kinds, size) in together(&self.kinds, before, after, &sizes) {
                if let Some(key) = pair.weaker(&kinds, size) {
                    let (names, sizes) = found.entry(key).or_default();
                    names.extend(kinds.iter().map(|kind| kind.name.as_str()));
                    sizes.insert(size);
                    break;
                }
            }
        }
        let privilege = |((weaker, needed), those): ((Weaker<'p>, String), KindsAndSizes<'_>)| {
            let (who, number) = sufficing(&weaker);
            (who, Privilege::Suffice { number, changes: self.changes(&those, &sizes), needed })
        };
        found.into_iter().map(privilege).collect()
    }

    /// The sizes of changes that any of these requirements tells apart; none if they are too many to compare.
    fn sizes(&mut self, before: &PathNeeds<'p>, after: &PathNeeds<'p>) -> Option<Vec<ChangeSize>> {
        let narrowings = before.needs.iter().chain(&after.needs).filter_map(|need| need.narrowing);
        let sizes = ChangeSize::all(narrowings);
        let kinds = sizes.as_ref().map_or(1, Vec::len).saturating_mul(self.kinds.len());
        let needs = (before.needs.len() + after.needs.len()).saturating_mul(kinds);
        let names = before.names() + after.names() + self.admins.len();
        self.steps_left = self.steps_left.saturating_sub(names.saturating_add(needs));
        sizes.filter(|_| self.steps_left > 0)
    }

    /// Changes of these kinds and sizes in words, where `sizes` are all that there are.
    fn changes(&self, (kinds, those): &KindsAndSizes<'_>, sizes: &[ChangeSize]) -> String {
        let critical = |modelled: bool| -> BTreeSet<&str> {
            let wanted = |kind: &&ChangeKind| kind.critical[0] && (!modelled || is_modelled(kind));
            self.kinds.iter().filter(wanted).map(|kind| kind.name.as_str()).collect()
        };
        let all = critical(false);
        let of = if *kinds == all {
            "every change".to_owned()
        } else if *kinds == critical(true) {
            "every change of known impact".to_owned()
        } else if kinds.len() > all.len() / 2 {
            format!("every change but those under {}", either(all.difference(kinds)))
        } else {
            format!("a change under {}", either(kinds))
        };
        if those.len() == sizes.len() { of } else { format!("{of}{}{}", bounded(those), scoped(those, sizes)) }
    }
}

/// The requirements of a path on both sides.
struct NeedsPair<'n, 'p> {
    before: &'n PathNeeds<'p>,
    after: &'n PathNeeds<'p>,
    distinct: [bool; 2],
    /// The people before.
    old: &'n [CrowdNeed<'p>],
    crowd: Option<Crowd<'p>>,
    known: BTreeMap<(Vec<usize>, Vec<usize>), Weaker<'p>>,
}

impl<'p> NeedsPair<'_, 'p> {
    /// People who suffice after for a change of these kinds and did not before, and the needs before, in words.
    fn weaker(&mut self, kinds: &[&ChangeKind], size: &ChangeSize) -> Option<(Weaker<'p>, String)> {
        let because = |side: usize| -> Vec<RuleId> {
            let critical = |kind: &&&ChangeKind| kind.critical.get(side) == Some(&true);
            kinds.iter().filter(critical).map(|kind| kind.rule).collect()
        };
        let (one, two) = (self.before.active(&because(0), size), self.after.active(&because(1), size));
        let [first, second] = self.distinct;
        let weaker = self.known.entry((one.clone(), two.clone())).or_insert_with(|| match &self.crowd {
            Some(crowd) => crowd
                .weaker(NeedsAtOnce { active: &one, distinct: first }, NeedsAtOnce { active: &two, distinct: second }),
            None => Weaker::Perhaps,
        });
        // One approver became another one: listed as a gain of that one.
        let renamed = match weaker {
            Weaker::No => true,
            Weaker::Perhaps => false,
            Weaker::Yes(people) => {
                let was = |person: &Person<'p>| {
                    self.old.iter().filter_map(|need| need.who.as_ref()).any(|who| who.contains(person))
                };
                let single = matches!(one.as_slice(), [at] if self.old.get(*at).is_some_and(|need| need.required == 1));
                single && !people.is_empty() && !people.iter().any(was)
            }
        };
        let needed: Vec<String> = one.iter().filter_map(|at| self.before.needs.get(*at)).map(described).collect();
        (!renamed).then(|| (weaker.clone(), needed.join(", and ")))
    }
}

/// Kinds of changes in one proposal, of each size. Kinds to which the same requirements apply are alike.
fn together<'k>(
    kinds: &'k [ChangeKind],
    before: &PathNeeds<'_>,
    after: &PathNeeds<'_>,
    sizes: &'k [ChangeSize],
) -> Vec<(Vec<&'k ChangeKind>, &'k ChangeSize)> {
    const MOST_ALIKE: usize = 8;
    let mut alike: BTreeMap<_, &ChangeKind> = BTreeMap::new();
    for kind in kinds {
        let applies = |needs: &PathNeeds<'_>| -> Vec<Vec<usize>> {
            sizes.iter().map(|size| needs.active(&[kind.rule], size)).collect()
        };
        alike.entry((kind.critical, is_modelled(kind), applies(before), applies(after))).or_insert(kind);
    }
    let alike: Vec<&ChangeKind> = alike.into_values().collect();
    let subsets: Vec<Vec<&ChangeKind>> = if alike.len() <= MOST_ALIKE {
        let subset = |bits: usize| {
            alike.iter().enumerate().filter(|(at, _)| bits >> at & 1 == 1).map(|(_, kind)| *kind).collect()
        };
        (0..1_usize << alike.len()).map(subset).filter(|kinds: &Vec<_>| kinds.len() > 1).collect()
    } else {
        let pairs =
            alike.iter().enumerate().flat_map(|(at, one)| alike.iter().skip(at + 1).map(|two| vec![*one, *two]));
        pairs.chain([alike.clone()]).collect()
    };
    subsets.iter().flat_map(|kinds| sizes.iter().map(|size| (kinds.clone(), size))).collect()
}

/// Whether a bound on the impact may decide about such a change.
fn is_modelled(kind: &ChangeKind) -> bool {
    kind.rule.rule().is_some_and(|rule| rule.modelled)
}

/// The people in words, and how many they are.
fn sufficing(weaker: &Weaker<'_>) -> (String, Sufficing) {
    let people = match weaker {
        Weaker::Yes(people) => people,
        Weaker::No | Weaker::Perhaps => return ("fewer or other people".to_owned(), Sufficing::Perhaps),
    };
    let mut counts: BTreeMap<&Person<'_>, usize> = BTreeMap::new();
    for person in people {
        *counts.entry(person).or_default() += 1;
    }
    let words = |(person, count): (&Person<'_>, usize)| match (person, count) {
        (Person::Anyone, 1) => WRITERS.to_owned(),
        (Person::Anyone, count) => format!("any {count} with write access"),
        (Person::Member(team), count) => format!("{count} of {team}"),
        (Person::Named(login), _) => format!("@{login}"),
    };
    let names: Vec<String> = counts.into_iter().map(words).collect();
    match people.len() {
        0 => (WRITERS.to_owned(), Sufficing::Nobody),
        1 => (names.join(""), Sufficing::One),
        _ => (names.join(" and "), Sufficing::Several),
    }
}
