//! The exposure models that a mapping may name: who gets what of a flag, as its format's own evaluator divides users.
//!
//! **In**: a flag's place in its document and its fields so far. **Out**: groups of users with their draws.
//! **Refuses**: changes that a model does not cover, so that the impact is unknown and counts as everyone. **Not
//! taken**: guesses of a draw from the names of fields.

mod featurevisor;
mod filter;
mod flipt;
mod goff;
mod harness;
mod hashed;
mod microsoft;
mod off;
mod plain;
mod widening;

use std::collections::BTreeSet;
use std::sync::Arc;

pub use off::{is_idle, serves_off, while_off};
pub use plain::container as weights_at;

use super::flag_place::At;
use super::language::{Entity, FieldMap, ImpactModel, ListKind};
use super::templates::first_template;
use crate::diagnostics::words::in_backticks;
use crate::document::canonical::{canonical, same_field};
use crate::document::{Data, Decimal, Entry, FieldImpact, Map, Node, Shape};
use crate::flag::Flag;
use crate::groups::{
    self, Draw, FilterRequirement, LaterGroups, ReadGroup, ReadGroups, RequirementKind, Space, Turnover, Uncomputed,
};
use crate::impact::{
    self, Cause, FlagSides, Group, Groups, Impact, Lifecycle, MOST_GROUPS, MOST_VARIANTS, Partition, sentence,
};

/// A model with a name: how the evaluator of one format divides users.
#[derive(Debug)]
pub struct NamedModel {
    pub name: &'static str,
    pub about: &'static str,
    pub read: fn(&FlagSource<'_, '_>) -> ReadGroups,
}

impl PartialEq for NamedModel {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

/// The models that a mapping may name.
pub const MODELS: &[NamedModel] = &[
    NamedModel { name: "goff", about: "the rules and buckets of GO Feature Flag", read: goff::read },
    NamedModel { name: "flipt", about: "the rules and rollouts of Flipt", read: flipt::read },
    NamedModel { name: "featurevisor", about: "the rules of Featurevisor", read: featurevisor::read },
    NamedModel { name: "harness", about: "the targets, rules and percentages of Harness", read: harness::read },
    NamedModel { name: "microsoft", about: "the allocation of Microsoft Feature Management", read: microsoft::read },
];

/// The source of a model: a flag where it stands, with the fields that the mapping found.
pub struct FlagSource<'a, 'n> {
    pub at: &'a At<'n>,
    pub record: &'a [Entry],
}

impl FlagSource<'_, '_> {
    fn field(&self, name: &str) -> Option<&Node> {
        self.record.iter().find(|entry| entry.key == name).map(|entry| &entry.value)
    }

    /// The input of the hash, written so that two are told apart: the salt, what is hashed, and how it is cut.
    fn by(&self, cut: &str) -> String {
        let json = |name: &str| self.field(name).map_or_else(String::new, Node::json);
        let key = self.at.name.as_deref().unwrap_or_default();
        let first = self.field("bucketing").map_or_else(String::new, hashed::first_keys);
        format!("{key:?} {} {first} {cut}", json("salt"))
    }
}

/// The groups of one flag, if its entity says how users are divided.
pub fn read(entity: &Entity, at: &At<'_>, record: &[Entry]) -> Option<ReadGroups> {
    let source = FlagSource { at, record };
    let mut read = match entity.impact.as_ref()? {
        ImpactModel::Plain(plain) => {
            let gives = plain::gives(plain, &source);
            ReadGroups {
                idle: gives.iter().filter(|(_, given)| given.is_empty()).map(|(name, _)| name.clone()).collect(),
                gives,
                names_features: plain.gives_members,
                ..ReadGroups::of(plain::read(plain, &source))
            }
        }
        ImpactModel::Named(model) => (model.read)(&source),
    };
    if let Some(template) = template_in(record) {
        let why = format!("{} is a template: what it says is not known before it is filled in", in_backticks(template));
        read = ReadGroups::of(Err(why));
    }
    let end = read.end.as_mut().map(|end| &mut end.groups);
    for groups in [&mut read.now].into_iter().chain(end) {
        check_size(groups);
    }
    Some(read)
}

/// A template in what decides who gets which variant. Those in the values of variants are theirs.
fn template_in(record: &[Entry]) -> Option<&str> {
    let decides =
        |entry: &&Entry| !["state", "variants", "payload", "owner", "meta", "rest"].contains(&entry.key.as_str());
    record.iter().filter(decides).find_map(|entry| first_template(&entry.value))
}

/// Refuses a flag before each of its rules, or of the steps of its schedule, is held against each of so many others.
fn check_rules(rules: usize, others: usize) -> Result<(), String> {
    if rules > MOST_GROUPS {
        return Err(format!("the flag has more than {MOST_GROUPS} groups of users"));
    }
    let few = rules.saturating_mul(others) <= MOST_GROUPS * MOST_VARIANTS;
    few.then_some(()).ok_or_else(|| "the flag has more rules and variants than are computed".to_owned())
}

/// Refuses a flag that was made to cost minutes.
fn check_size(groups: &mut Result<Vec<ReadGroup>, String>) {
    let Ok(list) = groups else { return };
    let variants = list.iter().filter_map(|group| group.draw.as_ref().ok()).map(|draw| draw.ends.len()).max();
    if list.len() > MOST_GROUPS {
        *groups = Err(format!("the flag has more than {MOST_GROUPS} groups of users"));
    } else if variants.is_some_and(|variants| variants > MOST_VARIANTS) {
        *groups = Err(format!("the flag has more than {MOST_VARIANTS} variants"));
    }
}

/// The groups of a flag.
///
/// # Errors
/// The reasons why it is not known.
pub fn groups(flag: &Flag) -> Result<Groups<'_>, String> {
    let Some(read) = &flag.drawn else {
        return Err(format!("who gets what of a flag in `{}` is not computed", flag.format.id));
    };
    let list = read.now.as_ref().map_err(Clone::clone)?;
    let group = |group: &'_ ReadGroup| -> (Option<String>, Result<Draw, Uncomputed>) {
        (group.name.clone(), group.draw.clone())
    };
    let list = list.iter().map(|one| {
        let (name, draw) = group(one);
        let conditions = one.conditions.iter().collect();
        Group { name, conditions, requires: &one.requires, is_tree: one.is_tree, draw, unhashed: None, way: None }
    });
    Ok(Groups { list: list.collect(), partition: Partition::FirstMatch })
}

/// Conditions in normal form.
pub fn conditions(nodes: &[&Node]) -> String {
    nodes.iter().map(|node| canonical(node, &Shape::Any)).collect::<Vec<_>>().join("\n")
}

/// Whether the same users match: only if the conditions say the same.
pub fn turnover(before: &Group<'_>, after: &Group<'_>) -> Turnover {
    if conditions(&before.conditions) == conditions(&after.conditions) {
        return Turnover::default();
    }
    // With what changed segments say, the requirements are not all.
    let whole = |group: &Group<'_>| group.conditions.len() == 1 && !group.requires.is_empty();
    if whole(before) && whole(after) {
        return groups::turnover(before.requires, after.requires);
    }
    if before.is_tree
        && after.is_tree
        && let Some(certain) = widening::certain(&before.conditions, &after.conditions)
    {
        return certain;
    }
    Turnover { undecided: vec!["other conditions, which are not compared".to_owned()], ..Turnover::default() }
}

/// Adds causes, what the flag becomes by itself, and a sentence for what differs without a group that does.
pub fn add_notes(sides: &FlagSides<'_>, out: &mut Impact) {
    let drawn = [sides.before, sides.after].map(|flag| flag.and_then(|flag| flag.drawn.as_deref()));
    for read in drawn.into_iter().flatten() {
        out.caveats
            .extend(read.caveats.iter().filter(|caveat| !out.caveats.contains(caveat)).cloned().collect::<Vec<_>>());
    }
    if let (Lifecycle::Active, Some(before), Some(after)) = (sides.lifecycle, sides.before, sides.after) {
        let differs = |name: &str| {
            let row = after.format.field(name);
            row.is_some_and(|row| !same_field(before.record.get(name), after.record.get(name), row))
        };
        out.causes.extend(differs("salt").then_some(Cause::Salt));
        let by_others = hashed::other_later_keys(before, after);
        out.causes.extend((differs("bucketing") && by_others.is_none()).then_some(Cause::BucketingKey));
        let now = |read: Option<&ReadGroups>| read.map(|read| read.now.clone());
        if now(drawn[0]) == now(drawn[1]) {
            let other = before.state.word != after.state.word && !(before.is_sure() && after.is_sure());
            if other || differs("stage") {
                out.unmodelled.push("whether it is served changes, which is not certain".to_owned());
            }
            let modelled = after.format.fields.iter().filter(|field| matches!(field.impact, FieldImpact::Modelled));
            let is_said = |name: &str| name == "bucketing" && by_others.is_some();
            let differing = modelled.map(|field| field.name).filter(|name| differs(name) && !is_said(name));
            out.unmodelled.extend(differing.map(|name| format!("`{name}` differs in a way that is not computed")));
        }
        out.unmodelled.extend(by_others);
    }
    divided_anew(sides, out);
    filter::without_numbers(out);
    drawn_before(sides, out);
    if drawn.iter().flatten().any(|read| read.end.is_some()) {
        later(sides, out);
    }
}

/// Adds a sentence for each list that only grows and had an entry edited, where shares are not computed.
pub fn add_unmodelled(sides: &FlagSides<'_>, out: &mut Vec<String>) {
    if ![sides.before, sides.after].into_iter().flatten().all(|flag| groups(flag).is_ok()) {
        out.append(&mut edited_in_place(sides));
    }
}

/// Puts a sentence in the place of shares if a list that only grows had an entry edited: who drew by the old one
/// doesn't draw again.
fn drawn_before(sides: &FlagSides<'_>, out: &mut Impact) {
    let mut edited = edited_in_place(sides);
    if !edited.is_empty() {
        out.per_segment.clear();
        out.unknown.append(&mut edited);
    }
}

/// A sentence for each list that only grows and had an entry edited: clients remember what they have seen of it.
fn edited_in_place(sides: &FlagSides<'_>) -> Vec<String> {
    let (Lifecycle::Active, Some(before), Some(after)) = (sides.lifecycle, sides.before, sides.after) else {
        return Vec::new();
    };
    let Some(mapping) = &after.format.mapping else { return Vec::new() };
    let grows = |field: &&FieldMap| field.parts.iter().any(|part| part.list == ListKind::Append);
    let fields: BTreeSet<&str> =
        mapping.entities.iter().flat_map(|entity| &entity.fields).filter(grows).map(|field| field.field).collect();
    let mut found = Vec::new();
    for name in fields {
        let Some(old) = before.get(name).and_then(Node::as_map) else { continue };
        for entry in old.iter() {
            // Without the list nobody draws by it.
            let Some(now) = after.get(name).and_then(|node| node.get(&entry.key)) else { continue };
            let now = now.as_list().unwrap_or_default();
            let was = entry.value.as_list().unwrap_or_default();
            if let Some(at) = was.iter().zip(now).position(|(was, now)| was != now) {
                let item = in_backticks(&format!("{}/{at}", entry.key));
                found.push(format!(
                    "{item} is edited in place in a list that only grows: who has drawn by the old entry doesn't draw \
                     again, so that only new users may get what it says now"
                ));
            } else if now.len() < was.len() {
                let item = in_backticks(&entry.key);
                found.push(format!("{item} is shorter, and only grows: users who have seen the entries may keep them"));
            }
        }
    }
    found
}

/// Adds what is not known of users who are divided among variants anew by a format that keeps what it gave them before:
/// of each rule it knows only under the same name, with the same variations and a share that does not shrink.
fn divided_anew(sides: &FlagSides<'_>, out: &mut Impact) {
    let (Some(before), Some(after)) = (sides.before, sides.after) else { return };
    let keeps = |flag: &'_ Flag| flag.drawn.as_ref().and_then(|drawn| drawn.keeps.clone());
    let (Some(old_parts), Some(new_parts)) = (keeps(before), keeps(after)) else { return };
    let (Ok(old), Ok(new)) = (groups(before), groups(after)) else { return };
    let differs = |name: &str| {
        let json = |flag: &Flag| flag.record.get(name).map(Node::json);
        json(before) != json(after)
    };
    if differs("salt") || differs("bucketing") && hashed::other_later_keys(before, after).is_none() {
        // Another hash than before knows nothing of what was.
        return;
    }
    // Where all get one thing, or one share of the line does, it does not matter what was before.
    let several = |draw: &Draw| draw.space != Space::LINE;
    let both = |at: usize, to: usize| {
        let (old, new) = (old.list.get(at)?.draw.as_ref().ok()?, new.list.get(to)?.draw.as_ref().ok()?);
        let matters = old.constant().is_none() && new.constant().is_none();
        (matters && (several(old) || several(new))).then_some((old, new))
    };
    let name = |groups: &'_ Groups<'_>, at: usize| groups.list.get(at).and_then(|group| group.name.clone());
    let whose = |name: Option<String>| name.map_or_else(|| "all other users".to_owned(), |name| in_backticks(&name));
    for (at, to) in impact::pairs(&old.list, &new.list, &after.format.exposure) {
        let Some((was, is)) = both(at, to) else { continue };
        if old_parts != new_parts || name(&old, at) != name(&new, to) || was.rows > is.rows {
            let whose = whose(name(&new, to));
            out.unknown.push(format!("{whose}: users are divided anew, which depends on what they were given before"));
        } else if was.rows < is.rows {
            let caveat =
                "who has a variant keeps it if the state of the last build is kept; without it all are divided anew";
            out.caveats.retain(|other| other != caveat);
            out.caveats.push(caveat.to_owned());
        }
    }
    // Also where both rules give the same: within them it is another division.
    let moved = impact::moves(&old, &new, &after.format.exposure).into_iter();
    let unknown: BTreeSet<Option<String>> =
        moved.filter(|(at, to)| both(*at, *to).is_some()).map(|(_, to)| name(&new, to)).collect();
    out.unknown.extend(unknown.into_iter().map(|to| {
        let whose = whose(to);
        format!("users who come to {whose} from another rule: their values depend on those that they were given before")
    }));
}

/// Adds what users get at the end of a schedule, if that differs.
fn later(sides: &FlagSides<'_>, out: &mut Impact) {
    let mut dates = Vec::new();
    let [before, after] = [sides.before, sides.after].map(|flag| {
        let mut flag = flag?.clone();
        if let Some(read) = &flag.drawn
            && let Some(end) = read.end.clone()
        {
            dates.push(end.date.clone());
            flag.state.live &= end.live;
            flag.drawn = Some(Arc::new(ReadGroups::of(end.groups)));
        }
        // Only the groups are compared.
        flag.record.0.retain(|entry| entry.key == "state");
        Some(flag)
    });
    let end = impact::of(before.as_ref(), after.as_ref());
    let date = dates.pop().unwrap_or_default();
    if !end.is_nothing() {
        out.unmodelled.push(format!(
            "by itself, at the end of its schedule ({}): {}",
            in_backticks(&date),
            sentence(&end)
        ));
    }
}

/// A draw on the line of all hashes, cut at these shares of `total`.
fn line<'v>(by: String, pieces: impl IntoIterator<Item = (&'v str, u128)>, total: u128) -> Option<Draw> {
    let (mut upto, mut last, mut ends) = (0u128, 0, Vec::new());
    for (variant, weight) in pieces {
        upto = upto.checked_add(weight)?;
        let end = u64::try_from((upto.checked_mul(1 << 32)?).checked_div(total)?).ok()?.min(1 << 32);
        if end > last {
            ends.push((variant.to_owned(), end));
            last = end;
        }
    }
    let draw = Draw { space: Space::LINE, by, rows: 1, ends };
    // Where all get the same, nothing depends on the hash.
    Some(match draw.constant() {
        Some(Some(variant)) => Draw::everyone(variant),
        Some(None) => Draw::nobody(),
        None => draw,
    })
}

/// A number, in thousandths; `None` if it has more places, or is negative.
fn thousandths(node: &Node) -> Option<u128> {
    match &node.data {
        Data::Number(number) => number.thousandths(),
        Data::Text(text) => Decimal::parse(text.trim().trim_end_matches('%'))?.thousandths(),
        _ => None,
    }
}

/// A map without some of its members.
fn but(node: &Node, without: &[&str]) -> Node {
    let Some(map) = node.as_map() else { return node.clone() };
    let kept = map.iter().filter(|entry| !without.contains(&entry.key.as_str())).cloned().collect();
    node.with(Data::Map(Map(kept)))
}

/// The node, if it says something.
fn saying(node: Node) -> Option<Node> {
    let nothing = match &node.data {
        Data::Null => true,
        Data::Map(map) => map.0.is_empty(),
        Data::List(items) => items.is_empty(),
        _ => false,
    };
    (!nothing).then_some(node)
}

/// All strings in a value.
pub fn texts(node: &Node, out: &mut BTreeSet<String>) {
    match &node.data {
        Data::Text(text) => drop(out.insert(text.clone())),
        Data::List(items) => items.iter().for_each(|item| texts(item, out)),
        Data::Map(map) => map.iter().for_each(|entry| texts(&entry.value, out)),
        Data::Null | Data::Bool(_) | Data::Number(_) => {}
    }
}

/// The requirement that a user is one of those in a list, by the member of an item that is the name; none if an item
/// has no name.
fn one_of(what: &str, list: &Node, by: Option<&str>) -> Vec<FilterRequirement> {
    let name = |item: &Node| by.map_or(Some(item), |by| item.get(by)).and_then(Node::as_text).map(str::to_owned);
    let names: Option<BTreeSet<String>> = list.as_list().and_then(|items| items.iter().map(name).collect());
    let asks = names.map(RequirementKind::AnyOf);
    asks.into_iter().map(|asks| FilterRequirement { name: what.to_owned(), asks }).collect()
}

/// A draw that cannot be computed, of this part of the file.
fn uncomputed(why: impl Into<String>, of: &Node, by: String) -> Uncomputed {
    Uncomputed { why: why.into(), of: canonical(of, &Shape::Any), context: by.into() }
}

/// The end of a schedule.
fn end(date: String, live: bool, groups: Result<Vec<ReadGroup>, String>) -> LaterGroups {
    LaterGroups { date, live, groups }
}
