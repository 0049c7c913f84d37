//! Sufficiency: whether some people suffice for the requirements of one policy and not for those of another.
//!
//! **In**: requirements before and after, as counts of people and the people who can fill them. **Out**: [`Weaker`],
//! with people who suffice from now on and did not before. **Refuses**: to call too many requirements the same. **Not
//! taken**: sets of names, by which two sections that name the same two people are the same whether one of them or both
//! have to approve; and trying all sets of people.
//!
//! By Hall's theorem people do not suffice for the old requirements if and only if some of these requirements, `T`,
//! need more people than there are who can fill any of them. Of the people who suffice for the new requirements at
//! least `max over Q of (places of Q − people who can fill some of Q and none of T)` can fill one of `T`, and this
//! bound is reached. So the new requirements are weaker if and only if it is less than the places of some `T`.

use std::collections::{BTreeMap, BTreeSet};

use crate::policy::Approver;

/// Somebody whom two policies tell apart from others.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Person<'p> {
    /// Any number of people with write access whom no line names.
    Anyone,
    /// Any number of members of a team that only the forge lists.
    Member(&'p Approver),
    /// One login, in lower case.
    Named(String),
}

/// A requirement: how many people, and who can fill a place of it besides the admins.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CrowdNeed<'p> {
    pub required: u32,
    /// `None`: anybody with write access.
    pub who: Option<BTreeSet<Person<'p>>>,
}

/// Requirements of one side that apply to a change.
#[derive(Clone, Copy, Debug)]
pub struct NeedsAtOnce<'n> {
    /// Positions in the list that the crowd was made of.
    pub active: &'n [usize],
    /// Whether one person fills one place only.
    pub distinct: bool,
}

/// The answer.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Weaker<'p> {
    No,
    /// People who suffice from now on and did not before; nobody, if nothing is required any more.
    Yes(Vec<Person<'p>>),
    /// There are too many requirements to say.
    Perhaps,
}

/// More requirements of one path than that are not compared by all their subsets.
const MOST: usize = 6;
/// Requirements that have a bit each.
const WIDEST: usize = 31;
/// More people than that are not named.
const MOST_NAMED: u64 = 12;
/// As many people as anybody can require.
const UNLIMITED: u64 = u32::MAX as u64 + 1;

/// Everybody that the requirements of both sides tell apart, by what they can fill.
pub struct Crowd<'p> {
    alike: Vec<Alike<'p>>,
    required: [Vec<u64>; 2],
}

/// People who can fill the same requirements.
struct Alike<'p> {
    /// One bit for each requirement before, and from [`WIDEST`] on for each after.
    fills: u64,
    count: u64,
    some: Vec<Person<'p>>,
}

fn bit(side: usize, at: usize) -> u64 {
    1 << (side * WIDEST + at)
}

impl<'p> Crowd<'p> {
    /// `None` if there are too many requirements.
    pub fn of(sides: [&[CrowdNeed<'p>]; 2], admins: &BTreeSet<Person<'p>>) -> Option<Crowd<'p>> {
        if sides.iter().any(|needs| needs.len() > WIDEST) {
            return None;
        }
        let mut people: BTreeMap<Person<'p>, u64> = BTreeMap::from([(Person::Anyone, 0)]);
        let (mut all, mut peers) = (0, 0);
        for (side, needs) in sides.iter().enumerate() {
            for (at, need) in needs.iter().enumerate() {
                all |= bit(side, at);
                match &need.who {
                    None => peers |= bit(side, at),
                    Some(who) => {
                        for person in who {
                            *people.entry(person.clone()).or_default() |= bit(side, at);
                        }
                    }
                }
            }
        }
        people.extend(admins.iter().map(|admin| (admin.clone(), all)));
        let mut alike: BTreeMap<(bool, u64), Alike<'p>> = BTreeMap::new();
        for (person, fills) in people {
            let fills = fills | peers;
            // Admins come last: where others suffice too, these are named.
            let one =
                alike.entry((admins.contains(&person), fills)).or_insert(Alike { fills, count: 0, some: Vec::new() });
            let more = if matches!(person, Person::Named(_)) { 1 } else { UNLIMITED };
            one.count = one.count.saturating_add(more);
            if (one.some.len() as u64) < MOST_NAMED {
                one.some.push(person);
            }
        }
        let required = sides.map(|needs| needs.iter().map(|need| u64::from(need.required)).collect());
        Some(Crowd { alike: alike.into_values().collect(), required })
    }

    /// Whether anybody suffices for `after` who does not suffice for `before`.
    pub fn weaker(&self, before: NeedsAtOnce<'_>, after: NeedsAtOnce<'_>) -> Weaker<'p> {
        if before.active.is_empty() {
            return Weaker::No;
        }
        if after.active.is_empty() {
            return Weaker::Yes(Vec::new());
        }
        if self.holds_one_by_one(before, after) {
            return Weaker::No;
        }
        if before.active.len() > MOST || after.active.len() > MOST {
            return Weaker::Perhaps;
        }
        let (old, new) = (self.subsets(0, before), self.subsets(1, after));
        // Requirements that nobody can meet are met by nobody.
        if new.iter().any(|(fills, places)| self.count(|other| other & fills != 0) < *places) {
            return Weaker::No;
        }
        let least = |among: u64| {
            let of = |(fills, places): &(u64, u64)| {
                places.saturating_sub(self.count(|other| other & fills != 0 && other & among == 0))
            };
            new.iter().map(of).max().unwrap_or(0)
        };
        match old.iter().find(|(fills, places)| least(*fills) < *places) {
            None => Weaker::No,
            Some((fills, places)) => self.name(*fills, *places, &new),
        }
    }

    /// Whether each requirement of before is among those of after, for as many people or more and for nobody else.
    fn holds_one_by_one(&self, before: NeedsAtOnce<'_>, after: NeedsAtOnce<'_>) -> bool {
        if before.distinct && !after.distinct && before.active.len() > 1 {
            return false;
        }
        let mut left = after.active.to_vec();
        before.active.iter().all(|old| {
            let stricter = |new: &usize| {
                self.places(1, *new) >= self.places(0, *old)
                    && self.alike.iter().all(|one| one.fills & bit(1, *new) == 0 || one.fills & bit(0, *old) != 0)
            };
            let at = left.iter().position(stricter);
            at.map(|at| left.remove(at)).is_some()
        })
    }

    fn places(&self, side: usize, at: usize) -> u64 {
        self.required.get(side).and_then(|required| required.get(at)).copied().unwrap_or(0)
    }

    fn count(&self, wanted: impl Fn(u64) -> bool) -> u64 {
        let counts = self.alike.iter().filter(|one| wanted(one.fills)).map(|one| one.count);
        counts.fold(0, u64::saturating_add)
    }

    /// The subsets of some requirements, as who can fill any of them and how many places they have. Where one person
    /// may fill places of several, each requirement is met by itself.
    fn subsets(&self, side: usize, needs: NeedsAtOnce<'_>) -> Vec<(u64, u64)> {
        let one = |at: &usize| (bit(side, *at), self.places(side, *at));
        if !needs.distinct {
            return needs.active.iter().map(one).collect();
        }
        let mut subsets = vec![(0, 0)];
        for (fills, places) in needs.active.iter().map(one) {
            let with: Vec<(u64, u64)> = subsets.iter().map(|(f, p): &(u64, u64)| (f | fills, p + places)).collect();
            subsets.extend(with);
        }
        subsets.retain(|(fills, _)| *fills != 0);
        subsets
    }

    /// People who suffice for the new requirements, fewer than `places` of whom can fill one of `among`.
    fn name(&self, among: u64, places: u64, new: &[(u64, u64)]) -> Weaker<'p> {
        let needed = new.iter().map(|(_, places)| *places).max().unwrap_or(0);
        if needed > MOST_NAMED {
            return Weaker::Perhaps;
        }
        let missing = |chosen: &[(u64, Person<'p>)]| -> u64 {
            let short = |(fills, places): &(u64, u64)| {
                places.saturating_sub(chosen.iter().filter(|(other, _)| other & fills != 0).count() as u64)
            };
            new.iter().map(short).sum()
        };
        let (outside, inside): (Vec<&Alike<'_>>, Vec<&Alike<'_>>) =
            self.alike.iter().partition(|one| one.fills & among == 0);
        let mut chosen: Vec<(u64, Person<'p>)> = Vec::new();
        for one in outside.into_iter().chain(inside) {
            for person in &one.some {
                let most = if matches!(person, Person::Named(_)) { 1 } else { needed };
                for _ in 0..most {
                    let before = missing(&chosen);
                    chosen.push((one.fills, person.clone()));
                    if missing(&chosen) >= before {
                        chosen.pop();
                        break;
                    }
                }
            }
        }
        for at in (0..chosen.len()).rev() {
            let one = chosen.remove(at);
            if missing(&chosen) > 0 {
                chosen.insert(at, one);
            }
        }
        let inside = chosen.iter().filter(|(fills, _)| fills & among != 0).count() as u64;
        if missing(&chosen) > 0 || inside >= places {
            return Weaker::Perhaps;
        }
        Weaker::Yes(chosen.into_iter().map(|(_, person)| person).collect())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Whether a set of people fills all places, by trying every way.
    fn fills(people: &[Vec<bool>], places: &[u32], distinct: bool) -> bool {
        if !distinct {
            let able = |at: usize| people.iter().filter(|person| person[at]).count();
            return places.iter().enumerate().all(|(at, places)| able(at) >= *places as usize);
        }
        let Some(at) = places.iter().position(|places| *places > 0) else { return true };
        let mut fewer = places.to_vec();
        fewer[at] -= 1;
        (0..people.len()).filter(|one| people[*one][at]).any(|one| {
            let mut others = people.to_vec();
            others.remove(one);
            fills(&others, &fewer, distinct)
        })
    }

    fn needs() -> impl Strategy<Value = Vec<(u32, Option<Vec<usize>>)>> {
        let names = prop::sample::subsequence(vec![0_usize, 1, 2, 3], 0..=4);
        prop::collection::vec((1_u32..3, prop::option::weighted(0.9, names)), 0..3)
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

        /// The crowds that suffice, against every set of two named people, an admin, four members of a team and four
        /// others.
        #[test]
        fn weaker_is_what_some_set_of_people_shows(
            one in needs(), two in needs(), old in any::<bool>(), new in any::<bool>(),
        ) {
            let team = Approver::Team("acme/x".to_owned());
            let all = [
                Person::Named("alice".to_owned()), Person::Named("bob".to_owned()), Person::Member(&team),
                Person::Named("root".to_owned()),
            ];
            let admins = BTreeSet::from([all[3].clone()]);
            let of = |needs: &[(u32, Option<Vec<usize>>)]| -> Vec<CrowdNeed<'_>> {
                let people = |who: &Vec<usize>| who.iter().map(|at| all[*at].clone()).collect();
                let who = |who: &Option<Vec<usize>>| who.as_ref().map(people);
                needs.iter().map(|(required, named)| CrowdNeed { required: *required, who: who(named) }).collect()
            };
            let sides = [of(&one), of(&two)];
            let active: Vec<Vec<usize>> = sides.iter().map(|side| (0..side.len()).collect()).collect();
            let crowd = Crowd::of([&sides[0], &sides[1]], &admins).unwrap();
            let found = crowd.weaker(
                NeedsAtOnce { active: &active[0], distinct: old }, NeedsAtOnce { active: &active[1], distinct: new },
            );
            let able = |person: &Person<'_>, side: usize| -> Vec<bool> {
                sides[side].iter().map(|need| {
                    admins.contains(person) || need.who.as_ref().is_none_or(|who| who.contains(person))
                }).collect()
            };
            let passes = |people: &[&Person<'_>], side: usize| {
                let able: Vec<Vec<bool>> = people.iter().map(|person| able(person, side)).collect();
                let places: Vec<u32> = sides[side].iter().map(|need| need.required).collect();
                fills(&able, &places, if side == 0 { old } else { new })
            };
            let copies = [1, 1, 4, 1, 4];
            let anyone = Person::Anyone;
            let mut weaker = false;
            for way in 0..copies.iter().map(|most| most + 1).product::<usize>() {
                let mut left = way;
                let mut people = Vec::new();
                for (person, most) in all.iter().chain([&anyone]).zip(copies) {
                    people.extend(std::iter::repeat_n(person, left % (most + 1)));
                    left /= most + 1;
                }
                if passes(&people, 1) && !passes(&people, 0) {
                    weaker = true;
                    break;
                }
            }
            match found {
                Weaker::Yes(people) => {
                    let people: Vec<&Person<'_>> = people.iter().collect();
                    prop_assert!(weaker && passes(&people, 1) && !passes(&people, 0), "{:?}", people);
                }
                Weaker::No => prop_assert!(!weaker),
                // Where one person fills places of several requirements the bound need not be reached.
                Weaker::Perhaps => prop_assert!(!new),
            }
        }
    }
}
