//! Requirements of one path under one policy, and the kinds of change for which two policies may require different
//! people.
//!
//! **In**: a policy and a path. **Out**: [`PathNeeds`], and those of them that apply to a kind of change. **Refuses**:
//! to leave out a section that a bound might exempt: each side of every bound is a kind of its own. **Not taken**: the
//! requirements of a change at hand; the next change will be another one.

use std::collections::{BTreeMap, BTreeSet};

use super::crowd::{CrowdNeed, Person};
use crate::changes::{Critical, RuleId, rules};
use crate::groups::Share;
use crate::policy::config::Narrowing;
use crate::policy::{Approvals, Approver, Config, Policy, ProjectMatch};

/// A requirement of a path, as far as it applies to a change.
#[derive(Clone, Debug)]
pub struct PathNeed<'p> {
    pub section: Option<&'p str>,
    pub required: u32,
    pub who: NeedApprovers<'p>,
    pub narrowing: Option<&'p Narrowing>,
}

/// The people who may fill a requirement besides the admins.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum NeedApprovers<'p> {
    Writers,
    Named(&'p [Approver]),
    Admins,
}

/// Everything that one policy requires for a path.
#[derive(Clone, Debug)]
pub struct PathNeeds<'p> {
    pub project: Option<&'p str>,
    /// Requirements of sections. The last one is of admins, and applies where no section does.
    pub needs: Vec<PathNeed<'p>>,
    /// Whether the last of them is that one.
    last_resort: bool,
}

/// The identity of the requirements of a path: paths of the same identity have the same.
pub type PathNeedsKey = Vec<(usize, usize, usize)>;

impl<'p> PathNeeds<'p> {
    pub fn of(policy: &'p Policy, path: &str) -> Self {
        let need = |required, who| PathNeed { section: None, required, who, narrowing: None };
        let project = match policy.project_of(path) {
            ProjectMatch::Project(project) => project,
            ProjectMatch::Unmanaged => return PathNeeds { project: None, needs: Vec::new(), last_resort: false },
            // An error, so that nothing is approved there.
            ProjectMatch::Several(_) => {
                let needs = vec![need(1, NeedApprovers::Admins)];
                return PathNeeds { project: None, needs, last_resort: false };
            }
        };
        let needs = match project.approvals {
            Approvals::None => Vec::new(),
            Approvals::Peer => vec![need(project.required, NeedApprovers::Writers)],
            Approvals::Specific => {
                let found = policy.approvers.matching(path);
                let required = found.into_iter().filter(|found| !found.section.optional).map(|found| {
                    let section = found.section.name.as_deref();
                    let who = match found.approvers {
                        [] => NeedApprovers::Admins,
                        named => NeedApprovers::Named(named),
                    };
                    let narrowing = section.and_then(|name| policy.config.sections.get(&name.to_lowercase()));
                    PathNeed { section, required: project.required.max(found.section.required), who, narrowing }
                });
                let mut needs: Vec<PathNeed<'_>> = required.collect();
                needs.push(need(project.required, NeedApprovers::Admins));
                needs
            }
        };
        PathNeeds { project: Some(&project.name), needs, last_resort: project.approvals == Approvals::Specific }
    }

    /// The identity of these requirements within one run.
    pub fn key(&self) -> PathNeedsKey {
        let start = (self.project.map_or(0, |name| name.as_ptr().addr()), usize::from(self.last_resort), 0);
        let one = |need: &PathNeed<'_>| {
            let section = need.section.map_or(0, |name| name.as_ptr().addr());
            let (names, count) = match need.who {
                NeedApprovers::Writers => (1, 0),
                NeedApprovers::Admins => (2, 0),
                NeedApprovers::Named(named) => (named.as_ptr().addr(), named.len()),
            };
            (section, names, count)
        };
        std::iter::once(start).chain(self.needs.iter().map(one)).collect()
    }

    /// Whether both require the same of every change, as long as the same changes are critical.
    pub fn same(&self, other: &PathNeeds<'_>) -> bool {
        let same = |one: &PathNeed<'_>, other: &PathNeed<'_>| {
            (one.required, one.who, one.narrowing) == (other.required, other.who, other.narrowing)
        };
        self.last_resort == other.last_resort
            && self.needs.len() == other.needs.len()
            && self.needs.iter().zip(&other.needs).all(|(one, other)| same(one, other))
    }

    /// How many names the requirements have, which is what it costs to compare them.
    pub fn names(&self) -> usize {
        let names = |need: &PathNeed<'_>| match need.who {
            NeedApprovers::Named(named) => named.len(),
            NeedApprovers::Writers | NeedApprovers::Admins => 1,
        };
        self.needs.iter().map(names).sum()
    }

    /// The people of each requirement, with the teams of one configuration.
    pub fn crowd(&self, config: &'p Config) -> Vec<CrowdNeed<'p>> {
        let who = |need: &PathNeed<'p>| match need.who {
            NeedApprovers::Writers => None,
            NeedApprovers::Admins => Some(BTreeSet::new()),
            NeedApprovers::Named(named) => Some(people(named, config)),
        };
        self.needs.iter().map(|need| CrowdNeed { required: need.required.max(1), who: who(need) }).collect()
    }

    /// The positions of the requirements that apply to changes under these rules and of this size. Every branch but a
    /// bound is as in the requirements of a change at hand, which a property test compares this with.
    pub fn active(&self, because: &[RuleId], size: &ChangeSize) -> Vec<usize> {
        if because.is_empty() {
            return Vec::new();
        }
        let sections = self.needs.len() - usize::from(self.last_resort);
        let applies = |need: &PathNeed<'_>| need.narrowing.is_none_or(|narrowing| concerns(narrowing, because, size));
        let active: Vec<usize> =
            self.needs.iter().take(sections).enumerate().filter(|(_, need)| applies(need)).map(|(at, _)| at).collect();
        // Left out for the scope alone: a change that needs approval in another one only is free here.
        let of_another_scope = |need: &PathNeed<'_>| need.narrowing.is_some_and(|narrowing| !is_about(narrowing, size));
        let free = sections > 0 && self.needs.iter().take(sections).all(of_another_scope);
        if active.is_empty() && self.last_resort && !free { vec![sections] } else { active }
    }
}

/// People by the names of a line and by the teams of a configuration.
pub fn people<'p>(named: &'p [Approver], config: &'p Config) -> BTreeSet<Person<'p>> {
    let mut people = BTreeSet::new();
    for approver in named {
        match approver {
            Approver::User(login) => {
                people.insert(Person::Named(login.to_ascii_lowercase()));
            }
            Approver::Team(_) => match config.teams.get(approver) {
                Some(members) => people.extend(members.iter().map(|login| Person::Named(login.to_ascii_lowercase()))),
                None => {
                    people.insert(Person::Member(approver));
                }
            },
        }
    }
    people
}

fn concerns(narrowing: &Narrowing, because: &[RuleId], size: &ChangeSize) -> bool {
    let rule = |id: &RuleId| id.rule();
    let only = narrowing
        .only
        .as_ref()
        .is_none_or(|only| because.iter().any(|id| only.contains(id) || rule(id).is_some_and(|rule| rule.whole_flag)));
    let mut bounds = bounds(narrowing).peekable();
    let unmodelled = because.iter().any(|id| !rule(id).is_some_and(|rule| rule.modelled));
    let above = |(measure, bound)| size.within(narrowing.within, measure).above(bound);
    is_about(narrowing, size) && only && (bounds.peek().is_none() || unmodelled || bounds.any(above))
}

fn is_about(narrowing: &Narrowing, size: &ChangeSize) -> bool {
    narrowing.is_about(Some(size.scope.as_deref().unwrap_or(ANOTHER_SCOPE)))
}

/// A share of users that a bound of the configuration is about.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Measure {
    Affected,
    Exposed,
}

/// The bounds of a section.
fn bounds(narrowing: &Narrowing) -> impl Iterator<Item = (Measure, Share)> {
    // The other members are compared in `concerns`.
    let Narrowing { only: _, affected, exposed, scopes: _, known_scopes: _, within: _ } = narrowing;
    let bounds = [(Measure::Affected, *affected), (Measure::Exposed, *exposed)];
    bounds.into_iter().filter_map(|(measure, bound)| Some((measure, bound?)))
}

/// How many users a change concerns, by each measure: by itself, and together with what was changed within some days if
/// these are more.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct ChangeSize {
    shares: BTreeMap<u32, Shares>,
    /// The scope of the flag, if a section names it.
    pub scope: Option<String>,
}

/// Affected and exposed users.
type Shares = (Share, Share);

/// The days that the change by itself is within.
const BY_ITSELF: u32 = 0;
/// A scope that no section names.
const ANOTHER_SCOPE: &str = "\0";
/// More sizes than that are not told apart.
const MOST_SIZES: usize = 4_096;

impl ChangeSize {
    pub const BY_ITSELF: u32 = BY_ITSELF;

    /// A change that concerns everyone.
    pub fn everyone() -> ChangeSize {
        ChangeSize::of_shares((Share::EVERYONE, Share::EVERYONE))
    }

    fn of_shares(shares: Shares) -> ChangeSize {
        ChangeSize { shares: BTreeMap::from([(BY_ITSELF, shares)]), scope: None }
    }

    fn within(&self, days: Option<u32>, measure: Measure) -> Share {
        self.of(days.unwrap_or(BY_ITSELF), measure)
    }

    /// The share of users within so many days.
    pub fn of(&self, days: u32, measure: Measure) -> Share {
        let shares = self.shares.get(&days).or_else(|| self.shares.get(&BY_ITSELF)).copied();
        let (affected, exposed) = shares.unwrap_or((Share::EVERYONE, Share::EVERYONE));
        match measure {
            Measure::Affected => affected,
            Measure::Exposed => exposed,
        }
    }

    /// The numbers of days that it has shares for.
    pub fn days(&self) -> impl DoubleEndedIterator<Item = u32> {
        self.shares.keys().copied()
    }

    /// One size between each two of the bounds, from the smallest to everyone, for the change by itself and for each
    /// number of days that a bound looks back. `None` if these are too many.
    pub fn all<'n>(narrowings: impl Iterator<Item = &'n Narrowing> + Clone) -> Option<Vec<ChangeSize>> {
        let days: BTreeSet<u32> = narrowings.clone().filter_map(|narrowing| narrowing.within).collect();
        let scopes: BTreeSet<&String> = narrowings.clone().filter_map(|one| one.scopes.as_ref()).flatten().collect();
        let bounds: BTreeSet<(Measure, Share)> = narrowings.flat_map(bounds).collect();
        if bounds.is_empty() {
            return in_scopes(&BTreeSet::from([ChangeSize::everyone()]), &scopes);
        }
        if bounds.len() > MOST_SIZES.isqrt() {
            return None;
        }
        let shares = shares(bounds);
        let mut sizes: BTreeSet<ChangeSize> = shares.iter().map(|shares| ChangeSize::of_shares(*shares)).collect();
        for days in days {
            if sizes.len().saturating_mul(shares.len()) > MOST_SIZES {
                return None;
            }
            let with = |size: &ChangeSize, (affected, exposed): Shares| {
                let (affected, exposed) = (
                    affected.max(size.of(BY_ITSELF, Measure::Affected)),
                    exposed.max(size.of(BY_ITSELF, Measure::Exposed)),
                );
                let mut size = size.clone();
                size.shares.insert(days, (affected, exposed));
                size
            };
            sizes = sizes.iter().flat_map(|size| shares.iter().map(move |shares| with(size, *shares))).collect();
        }
        in_scopes(&sizes, &scopes)
    }
}

/// A scope in which nobody is served but those who make the flags.
const SCOPE_OF_MAKERS: &str = "staging";

/// Each size in each scope that a section names, in one of those who make the flags, and in another one.
fn in_scopes(sizes: &BTreeSet<ChangeSize>, scopes: &BTreeSet<&String>) -> Option<Vec<ChangeSize>> {
    let makers = Some(SCOPE_OF_MAKERS.to_owned()).filter(|scope| !scopes.is_empty() && !scopes.contains(scope));
    let scopes: Vec<String> = scopes.iter().map(|scope| (*scope).clone()).chain(makers).collect();
    if sizes.len().saturating_mul(scopes.len() + 1) > MOST_SIZES {
        return None;
    }
    let all = std::iter::once(None).chain(scopes.into_iter().map(Some));
    let with =
        |scope: Option<String>| sizes.iter().map(move |size| ChangeSize { scope: scope.clone(), ..size.clone() });
    Some(all.flat_map(with).collect())
}

/// Shares of affected and exposed users, one between each two of the bounds.
fn shares(mut bounds: BTreeSet<(Measure, Share)>) -> BTreeSet<Shares> {
    bounds.extend([Measure::Affected, Measure::Exposed].map(|measure| (measure, Share::EVERYONE)));
    let of = |wanted: Measure| bounds.iter().filter(move |(measure, _)| *measure == wanted).map(|(_, share)| *share);
    // A newly exposed user is affected.
    let shares = of(Measure::Affected).flat_map(|affected| {
        of(Measure::Exposed).filter(move |exposed| *exposed <= affected).map(move |exposed| (affected, exposed))
    });
    // A change that exposes nobody may affect everyone; one that affects a share may expose nobody.
    let none = of(Measure::Affected).map(|affected| (affected, Share::NOBODY));
    shares.chain(none).chain([(Share::NOBODY, Share::NOBODY)]).collect()
}

/// A kind of change, by its rule, and whether it needs approval before and after.
#[derive(Clone, Debug)]
pub struct ChangeKind {
    /// The id of the rule, or the field that the configuration adds.
    pub name: String,
    pub rule: RuleId,
    pub critical: [bool; 2],
}

impl ChangeKind {
    /// Every kind that needs approval under one of the two configurations.
    pub fn all(before: &Critical, after: &Critical) -> Vec<ChangeKind> {
        // Restores, and flags that serve off, are privileges of their own.
        let Critical { relax: _, add: _, deactivation: _, restore_free: _, off_is_free: _ } = after;
        let kind = |name: &str, rule: RuleId, critical: &dyn Fn(&Critical) -> bool| ChangeKind {
            name: name.to_owned(),
            rule,
            critical: [critical(before), critical(after)],
        };
        let rules =
            rules::RULES.iter().map(|rule| rule.id).filter(|id| ![RuleId::POLICY, RuleId::ADDED_FIELD].contains(id));
        let mut kinds: Vec<ChangeKind> = rules
            .map(|id| {
                let critical = |critical: &Critical| match id {
                    RuleId::DEACTIVATION => critical.deactivation,
                    id => !critical.relax.contains(&id),
                };
                kind(id.as_str(), id, &critical)
            })
            .collect();
        let fields: BTreeSet<&String> = before.add.iter().chain(&after.add).collect();
        kinds.extend(fields.into_iter().map(|field| {
            // Without the addition the field's own rule decides.
            let own = rules::covering(field).map(|rule| rule.id);
            let critical = |critical: &Critical| {
                critical.add.contains(field) || own.is_some_and(|id| !critical.relax.contains(&id))
            };
            kind(field, RuleId::ADDED_FIELD, &critical)
        }));
        kinds.retain(|kind| kind.critical != [false, false]);
        kinds
    }
}
