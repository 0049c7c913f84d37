//! The impact of a change: which share of users switches variant, is newly exposed or loses exposure.
//!
//! In: a flag before and after, each with the exposure model of its format. Out: an [`Impact`]: for each group of users
//! that a file can name, the exact shares and from which variant to which; the users who could now match a segment or
//! no longer; and a sentence. On request, the conditions of each [`Segment`]. Shares are counted over all 2^32 hashes,
//! without sampling. Refuses: to say how many of all users a group is, which no file knows; impact that cannot be
//! computed is named, and is everyone to a bound. Not taken: a number of users from sampled ids, which is noise where
//! the ranges are known, and hides an error in them.
//!
//! Assumed throughout: a user has a value for what is hashed, and no inclusion decides for them before.

mod bounds;
mod model;
mod pairing;
mod result;
mod segments;
mod sentence;
mod transitions;
mod tree;
mod unmodelled;

pub use self::bounds::{MOST_CONDITIONS, MOST_GROUPS, MOST_VARIANTS, check_lengths, check_variants};
pub use self::model::{Answer, ExposureModel, FlagSides, Group, Groups, Partition};
pub use self::pairing::{moves, pairs};
pub use self::result::{
    Cause, Flow, Impact, Impacts, Intent, Lifecycle, Members, Origin, PastImpact, RenamedVariant, SegmentImpact, Unsure,
};
pub use self::segments::{Segment, segments};
pub use self::sentence::{Word, all_others, sentence, words};
pub use self::unmodelled::revalued;

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use self::bounds::MOST_WAYS;
use self::pairing::{Fate, Pairing};
use self::transitions::Transitions;
use crate::diagnostics::words::in_backticks;
use crate::flag::Flag;
use crate::groups::{Draw, Turnover};

const OTHER_FORMAT: &str = "the flag is kept in another format than before, which draws otherwise";

/// The impact of replacing `before` by `after`; either may be missing.
#[must_use]
pub fn of(before: Option<&Flag>, after: Option<&Flag>) -> Impact {
    let sides = FlagSides::new(before, after);
    let mut out = Impact::none(sides.lifecycle);
    let Some(model) = sides.model() else { return out };
    match add_shares(&sides, &mut out) {
        Ok(()) => {
            (model.notes)(&sides, &mut out);
            if out.per_segment.iter().any(|group| !group.same_hash) {
                let caveat = "another hash of each user decides than before; the two are taken as independent";
                out.caveats.push(caveat.to_owned());
            }
        }
        // A flag that can't be computed and whose modelled fields stay is no change.
        Err(_) if unmodelled::modelled_alike(&sides) => {
            out.unmodelled.extend(unmodelled::another_value(&other_values(&sides)))
        }
        Err(why) => out.unknown.push(why),
    }
    unmodelled::add(&sides, model, &mut out);
    out.causes.sort();
    out.causes.dedup();
    if let (Lifecycle::Active, Some(before), Some(after)) = (sides.lifecycle, sides.before, sides.after) {
        unmodelled::add_types(before, after, &mut out.warnings);
    }
    let without = sides.after.or(sides.before).map(|flag| flag.format.without.as_ref()).unwrap_or_default();
    if out.lifecycle != Lifecycle::Inactive {
        out.without = without.iter().map(|word| (*word).to_owned()).collect();
    }
    let mut seen = BTreeSet::new();
    out.unmodelled.retain(|sentence| seen.insert(sentence.clone()));
    out.unknown.sort();
    out.unknown.dedup();
    out
}

/// An impact that is not known, for this reason.
#[must_use]
pub fn unknown(after: Option<&Flag>, why: String) -> Impact {
    let live = after.is_some_and(|flag| flag.state.live);
    let mut out = Impact::none(if live { Lifecycle::Active } else { Lifecycle::Deactivated });
    out.unknown.push(why);
    out
}

/// The variants of a live flag that give another value than before.
fn other_values(sides: &FlagSides<'_>) -> BTreeSet<String> {
    match (sides.lifecycle, sides.before, sides.after) {
        (Lifecycle::Active, Some(before), Some(after)) => revalued(before, after),
        _ => BTreeSet::new(),
    }
}

/// Adds the impact on each group. The error says why a side can't be computed.
fn add_shares(sides: &FlagSides<'_>, out: &mut Impact) -> Result<(), String> {
    match (sides.lifecycle, sides.before, sides.after) {
        (Lifecycle::Active, Some(before), Some(after)) => both_sides(before, after, out),
        (Lifecycle::Activated, before, Some(flag)) => one_side(flag, before, out),
        (Lifecycle::Deactivated, Some(flag), after) => one_side(flag, after, out),
        (Lifecycle::Inactive | Lifecycle::Active | Lifecycle::Activated | Lifecycle::Deactivated, _, _) => Ok(()),
    }
}

/// A flag that is activated or deactivated: on the other side everyone has the variant that its format gives them while
/// it is off, or nobody has any. Users who have the same as while it is off are not exposed.
fn one_side(flag: &Flag, other: Option<&Flag>, out: &mut Impact) -> Result<(), String> {
    if !flag.is_sure() {
        out.unsure = Some(Unsure::Starts);
        return Err("whether it is on is not known".to_owned());
    }
    if out.lifecycle == Lifecycle::Deactivated && other.is_some_and(Flag::is_declared) {
        out.unsure = Some(Unsure::Stays);
        return Err("it was on, and whether it is from now on is said elsewhere".to_owned());
    }
    let model = &flag.format.exposure;
    let groups = (model.groups)(flag)?;
    let of_model = other.filter(|other| other.format.exposure.algorithm == model.algorithm);
    let while_off = of_model.and_then(|other| (model.while_off)(other, flag));
    let none = Ok(while_off.map_or_else(Draw::nobody, |variant| Draw::everyone(&variant.name)));
    let new = out.lifecycle == Lifecycle::Activated && other.is_none();
    let names = groups.list.iter().filter_map(|group| group.draw.as_ref().ok()).flat_map(|draw| &draw.ends);
    let idle = |name: &&String| (model.idle)(flag, name, new);
    let idle = names.map(|(name, _)| name).filter(idle).chain(while_off.map(|variant| &variant.name));
    let mut transitions = Transitions::with_idle(idle.cloned().collect());
    for (_, group) in groups.inhabited() {
        let (before, after) = match out.lifecycle {
            Lifecycle::Deactivated => (&group.draw, &none),
            _ => (&none, &group.draw),
        };
        transitions.add(before, after, group.name.clone(), None, false, out);
    }
    Ok(())
}

fn both_sides(before: &Flag, after: &Flag, out: &mut Impact) -> Result<(), String> {
    let mut transitions = Transitions::new(revalued(before, after));
    let renamed = before.renamed_variants(after).into_iter();
    out.renamed = renamed.map(|(from, to)| RenamedVariant { from: from.to_owned(), to: to.to_owned() }).collect();
    let (model, other) = (&before.format.exposure, &after.format.exposure);
    if model.algorithm != other.algorithm {
        out.unknown.push(OTHER_FORMAT.to_owned());
        return Ok(());
    }
    if let Some(why) = whether_on(before, after) {
        out.unsure = Some(if before.is_sure() { Unsure::Stays } else { Unsure::Starts });
        return Err(why.to_owned());
    }
    let as_now = under_other_names(before, after);
    let names = other_names(before, after);
    if !names.is_empty() {
        out.caveats.push("variants that have another name give the values that they gave".to_owned());
    }
    let bare = bare(before, after);
    let (mut before, mut after) = both_groups((model.groups)(before), (other.groups)(after))?;
    if let Some(bare) = bare {
        compare_bare(bare, &mut before, &mut after);
    }
    for draw in before.list.iter_mut().filter_map(|group| group.draw.as_mut().ok()) {
        let ends = draw.ends.iter_mut().filter_map(|(name, _)| Some((as_now.get(name)?, name)));
        ends.for_each(|(now, name)| now.clone_into(name));
    }
    out.renamed.extend(as_now.into_iter().chain(names).map(|(from, to)| RenamedVariant { from, to }));
    match (&before.partition, &after.partition) {
        (Partition::FirstMatch, Partition::FirstMatch) => first_match(&before, &after, other, &mut transitions, out),
        (Partition::Tree { .. }, Partition::Tree { field, .. }) => {
            if !tree::compare(&before, &after, other.listed, &mut transitions, out) {
                out.unknown.push(format!("`{field}` asks too many conditions that it did not ask before"));
            }
        }
        (Partition::FirstMatch, Partition::Tree { .. }) | (Partition::Tree { .. }, Partition::FirstMatch) => {
            out.unknown.push(OTHER_FORMAT.to_owned());
        }
    }
    Ok(())
}

/// The name of what users have of a flag without variants, if both sides have one.
fn bare(before: &Flag, after: &Flag) -> Option<&'static str> {
    let of = |flag: &Flag| flag.drawn.as_ref()?.bare;
    of(before).filter(|bare| of(after) == Some(*bare))
}

/// Where a flag has variants on one side alone, it is on for its users on both, so that who has none of them has what
/// users of the other side have.
fn compare_bare(bare: &str, before: &mut Groups<'_>, after: &mut Groups<'_>) {
    let gives = |group: &Group<'_>| group.draw.as_ref().is_ok_and(|draw| draw.constant() == Some(Some(bare)));
    if before.list.iter().any(gives) == after.list.iter().any(gives) {
        return;
    }
    before.list.iter_mut().filter(|group| gives(group)).for_each(|group| group.draw = Ok(Draw::nobody()));
    after.list.iter_mut().filter(|group| gives(group)).for_each(|group| group.draw = Ok(Draw::nobody()));
}

/// The variants that are gone and of which users get the same under another name, by their old names, where what a
/// variant gives is all of it.
fn under_other_names(before: &Flag, after: &Flag) -> BTreeMap<String, String> {
    let gives = |flag: &'_ Flag| flag.drawn.as_ref().map(|drawn| drawn.gives.clone()).unwrap_or_default();
    let (old, new) = (gives(before), gives(after));
    let by_content: BTreeMap<&String, &String> = new.iter().rev().map(|(name, given)| (given, name)).collect();
    let gone = old.iter().filter(|(name, _)| !new.contains_key(*name));
    gone.filter_map(|(name, given)| Some((name.clone(), (*by_content.get(given)?).clone()))).collect()
}

/// A sentence if nobody knows whether a flag is on, before or after; `None` if both states are known.
fn whether_on(before: &Flag, after: &Flag) -> Option<&'static str> {
    match (before.is_sure(), after.is_sure()) {
        (true, true) => None,
        (true, false) => Some("it was on, and whether it is from now on is not known"),
        (false, true) => Some("it is on from now on, and whether it was is not known"),
        (false, false) if after.format.is_part(after) => Some("who gets what by it is not known here"),
        (false, false) => Some("whether it is on is not known"),
    }
}

/// The variants that are gone and those that come with the same values, where applications get the names as well: each
/// old name with one new name.
fn other_names(before: &Flag, after: &Flag) -> Vec<(String, String)> {
    fn values(flag: &Flag) -> impl Iterator<Item = (&String, &String)> {
        flag.drawn.iter().flat_map(|drawn| &drawn.values)
    }
    let [old, new] = [before, after].map(|flag| values(flag).map(|(name, _)| name).collect::<BTreeSet<_>>());
    let mut come: BTreeMap<&String, VecDeque<&String>> = BTreeMap::new();
    for (name, value) in values(after).filter(|(name, _)| !old.contains(name)) {
        come.entry(value).or_default().push_back(name);
    }
    let gone = values(before).filter(|(name, _)| !new.contains(name));
    gone.filter_map(|(name, value)| Some((name.clone(), come.get_mut(value)?.pop_front()?.clone()))).collect()
}

/// The groups of both sides. If only one of them is known, and gives all users one variant, the error says so.
fn both_groups<'f>(
    before: Result<Groups<'f>, String>,
    after: Result<Groups<'f>, String>,
) -> Result<(Groups<'f>, Groups<'f>), String> {
    let all = |groups: &Groups<'_>| match groups.list.as_slice() {
        [group] => group.draw.as_ref().ok().and_then(Draw::constant).flatten().map(in_backticks),
        _ => None,
    };
    match (before, after) {
        (Ok(before), Ok(after)) => Ok((before, after)),
        (Ok(before), Err(why)) => {
            Err(all(&before)
                .map_or(why.clone(), |what| format!("until now everyone got {what}, and from now on {why}")))
        }
        (Err(why), Ok(after)) => {
            Err(all(&after)
                .map_or(why.clone(), |what| format!("from now on everyone gets {what}, and until now {why}")))
        }
        (Err(why), Err(_)) => Err(why),
    }
}

/// Groups that are tried one after the other: every way from one into another.
fn first_match(
    before: &Groups<'_>,
    after: &Groups<'_>,
    model: &ExposureModel,
    transitions: &mut Transitions,
    out: &mut Impact,
) {
    let pairing = Pairing::new(before, after, model);
    for (name, fate) in pairing.fates() {
        let (added, removed) = (fate == Fate::Added, fate == Fate::Removed);
        let turnover = match fate {
            Fate::Kept(turnover) if turnover.is_nobody() => continue,
            Fate::Kept(turnover) => turnover,
            Fate::Added | Fate::Removed => Turnover::default(),
        };
        out.causes.push(if added || removed { Cause::Segments } else { Cause::Conditions });
        let Turnover { joins, leaves, undecided, .. } = turnover;
        out.members.push(Members { segment: name.to_owned(), added, removed, joins, leaves, undecided });
    }
    if pairing.reordered() {
        out.causes.push(Cause::SegmentOrder);
    }
    let Some(ways) = pairing.ways() else {
        out.unknown.push(format!("users could change segment in more than {MOST_WAYS} ways"));
        return;
    };
    for way in ways {
        let (Some(old), Some(new)) = (before.list.get(way.before), after.list.get(way.after)) else { continue };
        let (from, is_new) = (pairing.origin(way), pairing.is_new(way.after));
        transitions.add(&old.draw, &new.draw, new.name.clone(), from, is_new, out);
    }
}
