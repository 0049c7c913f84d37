//! Renamed flags: a deleted one, and a new one that says the same, or nearly.
//!
//! In: the flag changes of a proposal. Out: the key of the other one in each, and a remark on what a rename does.
//! Refuses: to free anything: a rename is a deletion and an activation, and both are approved; to take two flags for
//! one since both are on, or to rename one environment of several. Not taken: the best of all pairings, which takes
//! quadratic time in what a stranger writes; where many are left over, only those that say the same are paired.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use super::equal_keys::{MOST_COMPARED, statements};
use super::read::FlagChange;
use super::same_name::same_name;
use crate::changes::diff::{Difference, compare};
use crate::diagnostics::words::and_more;
use crate::document::Role;
use crate::document::canonical::{canonical_record, same_field};
use crate::document::shape::shown;
use crate::document::{Data, Node};
use crate::flag::{Flag, FlagEntry};
use crate::impact;

/// At most so many differences of a flag to the one that it was are named.
const MOST_NAMED: usize = 3;

/// The number of values other than switches by which a flag is known by its content; a sentence of so many words is
/// enough too.
const FEWEST: usize = 3;

/// Flags of one project, format and scope.
type Kin = (String, String, Option<String>);

/// Finds the deleted flags of which a created one has the content, or most of it: two changes to approve, and one
/// rename. Of several that are alike, each is the rename of one.
pub fn renames(changes: &mut [FlagChange]) {
    let mut pairs: Vec<(usize, usize)> = Vec::new();
    for (gone, new) in by_kin(changes) {
        let (gone, new) = of_equals(changes, gone, new, &mut pairs);
        if gone.len() <= MOST_COMPARED && new.len() <= MOST_COMPARED {
            alike(changes, &gone, &new, &mut pairs);
        }
    }
    in_every_scope(changes, &mut pairs);
    of_one_key(changes);
    for (old, new) in pairs {
        let Some((before, after)) = changes
            .get(old)
            .and_then(|change| change.before.clone())
            .zip(changes.get(new).and_then(|change| change.after.clone()))
        else {
            continue;
        };
        if let Some(change) = changes.get_mut(old) {
            change.renamed_to = Some(after.flag.key.clone());
        }
        if let Some(change) = changes.get_mut(new) {
            change.remarks.push(remark(&before.flag, &after.flag));
            change.remarks.extend(compared(&before.flag, &after.flag));
            change.renamed_from = Some(before.flag.key);
        }
    }
}

/// Says of a deleted flag that another one of its key stays or comes: users may get that one.
fn of_one_key(changes: &mut [FlagChange]) {
    let key = |entry: &FlagEntry| -> (String, String) {
        let own = entry.flag.links.same_key.as_ref().unwrap_or(&entry.flag.key);
        (entry.project.clone(), own.clone())
    };
    let live = |change: &FlagChange| change.after.as_ref().filter(|entry| entry.flag.state.live).cloned();
    let there: BTreeMap<(String, String), String> =
        changes.iter().filter_map(live).map(|entry| (key(&entry), entry.flag.key.clone())).collect();
    for change in changes.iter_mut().filter(|change| change.after.is_none()) {
        let live = change.before.as_ref().filter(|before| before.flag.state.live);
        let other = live.and_then(|before| there.get(&key(before)));
        change.or_other = other.map(|other| {
            let other = other.escape_debug();
            format!("`{other}` is another entry of this name and changes too: users who lose this one may get that one")
        });
    }
}

/// The deleted and the created flags, by what a rename leaves as it is.
fn by_kin(changes: &[FlagChange]) -> Vec<(Vec<usize>, Vec<usize>)> {
    let kin = |entry: &FlagEntry| -> Kin {
        (entry.project.clone(), entry.flag.format.id.to_string(), entry.flag.scope.clone())
    };
    let mut all: BTreeMap<Kin, (Vec<usize>, Vec<usize>)> = BTreeMap::new();
    for (at, change) in changes.iter().enumerate().filter(|(_, change)| !change.unreadable) {
        match (&change.before, &change.after) {
            (Some(before), None) => all.entry(kin(before)).or_default().0.push(at),
            (None, Some(after)) => all.entry(kin(after)).or_default().1.push(at),
            _ => {}
        }
    }
    all.into_values().filter(|(gone, new)| !gone.is_empty() && !new.is_empty()).collect()
}

/// Leaves out what is renamed in some of its environments only: the rest of it there was deleted, or is new.
fn in_every_scope(changes: &[FlagChange], pairs: &mut Vec<(usize, usize)>) {
    type Whole = (String, String, String);
    let whole = |entry: &FlagEntry| -> Whole {
        (entry.project.clone(), entry.flag.format.id.to_string(), entry.flag.own_key().to_owned())
    };
    let (mut gone, mut new): (BTreeMap<Whole, usize>, BTreeMap<Whole, usize>) = (BTreeMap::new(), BTreeMap::new());
    for change in changes {
        match (&change.before, &change.after) {
            (Some(before), None) => *gone.entry(whole(before)).or_default() += 1,
            (None, Some(after)) => *new.entry(whole(after)).or_default() += 1,
            _ => {}
        }
    }
    let names = |(old, later): &(usize, usize)| {
        let before = changes.get(*old)?.before.as_ref()?;
        Some((whole(before), whole(changes.get(*later)?.after.as_ref()?)))
    };
    let mut together: BTreeMap<(Whole, Whole), usize> = BTreeMap::new();
    for both in pairs.iter().filter_map(names) {
        *together.entry(both).or_default() += 1;
    }
    pairs.retain(|pair| {
        names(pair).is_some_and(|both| {
            let count = together.get(&both);
            count == gone.get(&both.0) && count == new.get(&both.1)
        })
    });
}

/// Whether it says something by which it is known, and that is not of its state or a switch, as `true` of any flag is.
fn is_known_by_content(flag: &Flag) -> bool {
    fn values(node: &Node, own: &str, found: &mut usize) {
        match &node.data {
            Data::Map(map) => map.iter().for_each(|entry| values(&entry.value, own, found)),
            Data::List(items) => items.iter().for_each(|item| values(item, own, found)),
            Data::Null | Data::Bool(_) => {}
            Data::Number(number) => *found += usize::from(!number.is_zero() && number.to_integer() != Some(100)),
            Data::Text(text) => {
                let sentence = text.split_whitespace().count() >= FEWEST;
                let plain = text == own || text.is_empty() || SWITCHES.contains(&text.to_lowercase().as_str());
                *found += if sentence { FEWEST } else { usize::from(!plain) };
            }
        }
    }
    let plain = |role: Role| !matches!(role, Role::Lifecycle | Role::Key);
    let mut found = 0;
    for entry in flag.record.iter().filter(|entry| flag.format.field(&entry.key).is_none_or(|row| plain(row.role))) {
        values(&entry.value, flag.own_key(), &mut found);
    }
    found >= FEWEST
}

/// Words for on and off.
const SWITCHES: &[&str] = &["on", "off", "true", "false", "enabled", "disabled", "yes", "no"];

/// Pairs those that say the same, first those that are called the same in another place; returns the others.
fn of_equals(
    changes: &[FlagChange],
    gone: Vec<usize>,
    new: Vec<usize>,
    pairs: &mut Vec<(usize, usize)>,
) -> (Vec<usize>, Vec<usize>) {
    let content = |at: usize| side(changes, at).map(content).unwrap_or_default();
    let named = |at: usize| (content(at), side(changes, at).map(last_name).unwrap_or_default().to_owned());
    let (gone, new) = paired(gone, new, named, |_, _| true, pairs);
    let known = |at: usize| side(changes, at).is_some_and(is_known_by_content);
    paired(gone, new, content, |old, at| known(at) || are_namesakes(changes, old, at), pairs)
}

/// Pairs those of which something is the same, and that may be one, in their order; returns the others.
fn paired<T: Ord>(
    gone: Vec<usize>,
    new: Vec<usize>,
    same: impl Fn(usize) -> T,
    may: impl Fn(usize, usize) -> bool,
    pairs: &mut Vec<(usize, usize)>,
) -> (Vec<usize>, Vec<usize>) {
    let mut open: BTreeMap<T, VecDeque<usize>> = BTreeMap::new();
    for at in gone {
        open.entry(same(at)).or_default().push_back(at);
    }
    let mut left = Vec::new();
    for at in new {
        let equal = open.get_mut(&same(at)).and_then(|equal| {
            let first = equal.iter().position(|old| may(*old, at))?;
            equal.remove(first)
        });
        match equal {
            Some(old) => pairs.push((old, at)),
            None => left.push(at),
        }
    }
    let mut open: Vec<usize> = open.into_values().flatten().collect();
    open.sort_unstable();
    (open, left)
}

/// The last part of a key that is put together.
fn last_name(flag: &Flag) -> &str {
    flag.own_key().rsplit('.').next().unwrap_or_default()
}

/// Whether the names of two flags are nearly the same.
fn are_namesakes(changes: &[FlagChange], old: usize, new: usize) -> bool {
    let name = |at: usize| side(changes, at).map(Flag::own_key).unwrap_or_default();
    same_name(name(old), name(new))
}

/// Pairs those that have more than half of what they say in common, or something and nearly the name, the most alike
/// first.
fn alike(changes: &[FlagChange], gone: &[usize], new: &[usize], pairs: &mut Vec<(usize, usize)>) {
    let own = |at: usize| -> BTreeSet<String> {
        let Some(flag) = side(changes, at) else { return BTreeSet::new() };
        let own = name(flag);
        let switch =
            |part: &str| part.rsplit('=').next().is_some_and(|value| matches!(value, "true" | "false" | "null"));
        let says = statements(flag).into_iter().filter(|part| !is_state(flag, part) && !switch(part));
        says.map(|part| part.replace(&own, "\"@key\"")).collect()
    };
    let (old, later): (Vec<BTreeSet<String>>, Vec<BTreeSet<String>>) =
        (gone.iter().map(|at| own(*at)).collect(), new.iter().map(|at| own(*at)).collect());
    let mut found: Vec<(usize, usize, usize)> = Vec::new();
    for (one, says) in gone.iter().zip(&old) {
        for (other, now) in new.iter().zip(&later) {
            let common = says.intersection(now).count();
            // Few words are common to flags that have nothing to do with each other.
            let known = || [*one, *other].iter().all(|at| side(changes, *at).is_some_and(is_known_by_content));
            let alike = common > 1 && common * 3 > says.union(now).count() * 2 && known();
            if alike || common > 0 && are_namesakes(changes, *one, *other) {
                found.push((common, *one, *other));
            }
        }
    }
    found.sort_by(|a, b| b.0.cmp(&a.0).then((a.1, a.2).cmp(&(b.1, b.2))));
    let mut taken: BTreeSet<usize> = BTreeSet::new();
    for (_, one, other) in found {
        if !taken.contains(&one) && !taken.contains(&other) {
            taken.extend([one, other]);
            pairs.push((one, other));
        }
    }
}

fn side(changes: &[FlagChange], at: usize) -> Option<&Flag> {
    let change = changes.get(at)?;
    change.before.as_ref().or(change.after.as_ref()).map(|entry| &entry.flag)
}

/// The key of a flag without its scope, as a string in normal form.
fn name(flag: &Flag) -> String {
    serde_json::Value::from(flag.own_key()).to_string()
}

/// Whether a part of what a flag says is of its state or its key, which every flag has.
fn is_state(flag: &Flag, part: &str) -> bool {
    let mut rows = flag.format.fields.iter().filter(|row| matches!(row.role, Role::Lifecycle | Role::Key));
    rows.any(|row| part.strip_prefix(row.name).is_some_and(|rest| rest.starts_with(['=', '/'])))
}

/// The normal form of a flag without its key. Where the key is hashed, the flag names itself.
fn content(flag: &Flag) -> String {
    let mut record = flag.record.clone();
    record.0.retain(|member| flag.format.field(&member.key).is_none_or(|row| row.role != Role::Key));
    canonical_record(&record, flag.format.fields).replace(&name(flag), "\"@key\"")
}

/// The remark on a rename: its effect, and the differences to the old flag.
fn remark(before: &Flag, after: &Flag) -> String {
    let hashed = |row: &&&'static crate::document::Field| {
        row.role == Role::Plain && !same_field(before.get(row.name), after.get(row.name), row) && {
            let text = |flag: &Flag| flag.get(row.name).map(|node| node.json().replace(&name(flag), "\"@key\""));
            text(before) == text(after)
        }
    };
    let fields: Vec<&'static crate::document::Field> = after.format.fields.iter().collect();
    let hashed: BTreeSet<&str> = fields.iter().filter(hashed).map(|row| row.name).collect();
    let is_hashed = !hashed.is_empty() || key_is_hashed(after);
    let old = before.key.escape_debug();
    let lost = if after.format.is_part(after) {
        // No code asks for it, and it has no users of its own.
        String::new()
    } else {
        let buckets = if is_hashed {
            "every user is bucketed anew, since the key is hashed"
        } else {
            "users are bucketed anew where the key is hashed"
        };
        let unasked = if asked_for_by_key(after) { "code that asks for the old key gets nothing, and " } else { "" };
        format!(": {unasked}{buckets}")
    };
    let differs = |one: &Difference| one.effect && !hashed.contains(one.field.as_str());
    let all: Vec<String> = compare(Some(before), after).iter().filter(|one| differs(one)).map(in_words).collect();
    let this = if lost.is_empty() { "this one" } else { "this flag" };
    if all.is_empty() {
        return format!("`{old}` is deleted and {this} has the same content{lost}");
    }
    let more = and_more(all.len().saturating_sub(MOST_NAMED));
    let named = all.into_iter().take(MOST_NAMED).collect::<Vec<_>>().join("; ");
    format!("`{old}` is deleted and {this} is nearly the same, so it is probably renamed, with {named}{more}{lost}")
}

/// Whether users of this flag would draw anew under another key.
fn key_is_hashed(flag: &Flag) -> bool {
    let other = Flag { key: format!("{}\u{0}", flag.key), ..flag.clone() };
    flag.state.live && impact::of(Some(flag), Some(&other)).per_segment.iter().any(|group| !group.same_hash)
}

/// Whether applications ask for a flag by its key, and not for what its variants name.
fn asked_for_by_key(flag: &Flag) -> bool {
    flag.drawn.as_ref().is_none_or(|drawn| !drawn.names_features)
}

/// The impact on users who had the old flag, if both are on and it is known.
fn compared(before: &Flag, after: &Flag) -> Option<String> {
    let both = before.state.live && after.state.live;
    let mut compared = both.then(|| impact::of(Some(before), Some(after)))?;
    // That users are bucketed anew is said already.
    compared.causes.retain(|cause| *cause != impact::Cause::Salt);
    let known = compared.cannot_be_computed().is_none() && !compared.is_nothing();
    known.then(|| format!("of those who had `{}`: {}", before.key.escape_debug(), impact::sentence(&compared)))
}

/// A difference in a few words.
fn in_words(one: &Difference) -> String {
    let value = |node: &Option<crate::document::Node>| node.as_ref().map_or_else(|| "nothing".to_owned(), shown);
    let item = one.item.as_ref().map(|item| format!(" `{}`", item.escape_debug())).unwrap_or_default();
    format!("{}{item} {} → {}", one.field, value(&one.before), value(&one.after))
}
