//! Base of a comparison: the last version of a file that explains what Amplitude has.
//!
//! In: an item, the file to be applied, and what the file was at earlier commits. Out: the newest of those of which
//! every field that differs now is what Amplitude has, or is on its way from there. So everything that an apply would
//! change was changed by a commit after it, and can be judged; and a run that broke off is told from somebody's edit
//! without a journal. It refuses to explain what no commit says: that is a conflict, and nothing is written over it.

use std::collections::BTreeSet;

use super::compare::{ItemView, projected};
use super::fields::WriteWay;
use super::lists::strings;
use super::state::{ServingState, WantedState, wanted_state};
use super::{Item, fields, weights};
use crate::document::canonical::{canonical, same_field};
use crate::document::{Data, Map, Node, Shape};
use crate::flag::Flag;
use crate::format::VOCABULARY;

/// The way on from an item that is off where an exchange of its deployments is to begin.
pub const BROKE_OFF: &str = "; an apply that exchanges its deployments leaves it off where it breaks off: if it was \
     that, switch it on in Amplitude, and apply again";

/// A file at an earlier commit.
#[derive(Clone, Debug)]
pub struct EarlierFile {
    /// The newest commit at which it was so.
    pub commit: String,
    /// None where it was not there, or could not be read.
    pub flag: Option<Flag>,
    /// SHA-256 of the file, 64 hex digits; none where it was not there.
    pub hash: Option<String>,
}

/// The earlier files that may explain what Amplitude has, which are in `past`, the newest first: none from before the
/// one that was applied last. An earlier content of Amplitude was put back by somebody in the console.
#[must_use]
pub fn since_applied<'p>(past: &'p [EarlierFile], want: &str, applied: Option<&str>) -> &'p [EarlierFile] {
    let Some(applied) = applied else { return past };
    match past.iter().position(|version| version.hash.as_deref() == Some(applied)) {
        Some(at) => past.get(..=at).unwrap_or_default(),
        // The file itself was applied last.
        None if want == applied => &[],
        // Nobody knows when that was: another history, or a file that was edited before it was committed.
        None => past,
    }
}

/// The newest version that explains what Amplitude has. `locked` says that the lock file knows the item, so that no
/// apply made it.
#[must_use]
pub fn base<'p>(
    have: &Item,
    want: &Flag,
    past: &'p [EarlierFile],
    unmanaged: &[String],
    locked: bool,
) -> Option<&'p EarlierFile> {
    past.iter().find(|version| match &version.flag {
        Some(then) => unexplained(have, want, then, unmanaged).is_empty(),
        None => !locked && ours(have, want, unmanaged),
    })
}

/// The fields in which Amplitude has neither what the file says nor what it said, nor a step between the two.
#[must_use]
pub fn unexplained(have: &Item, want: &Flag, then: &Flag, unmanaged: &[String]) -> Vec<&'static str> {
    let (to, from) = (projected(have, want, unmanaged), projected(have, then, unmanaged));
    let before = from.differing(then);
    let open = to.differing(want).into_iter().filter(|field| before.contains(field));
    // A field that the file did not have was Amplitude's own until then, and one that cannot be written is written over
    // by nobody.
    let compared = open.filter(|field| then.get(field).is_some() && !have.held.contains_key(field));
    compared.filter(|field| !between(field, have, (want, &to), (then, &from))).collect()
}

/// Whether an item that no commit explains is one that an apply had begun to make: off, and in everything that a
/// creation takes as the file has it; served nowhere, unless the rest is done as well. Or on, and as the file has it
/// but for its start.
fn ours(have: &Item, want: &Flag, unmanaged: &[String]) -> bool {
    let view = projected(have, want, unmanaged);
    let differing = view.differing(want);
    // The inclusions of its variants are written after it is made.
    let same_variants = || {
        let (is, to) =
            (fields::list_of(&view.record, fields::VARIANTS), fields::list_of(&want.record, fields::VARIANTS));
        is.len() == to.len() && is.iter().zip(to).all(|(is, to)| same_variant(Some(is), Some(to)))
    };
    let created = |field: &&str| match *field {
        fields::VARIANTS => !same_variants(),
        field => fields::by_name(field).is_some_and(|row| row.on_create),
    };
    let nowhere =
        strings(have.record.get(fields::DEPLOYMENTS)).is_empty() && have.answered.contains(fields::DEPLOYMENTS);
    let rest = differing.iter().any(|field| *field != fields::STATE);
    // Switching an experiment on may set when it started, which is written after that.
    let started = have.enabled && want.state.live && differing.iter().all(|field| *field == fields::START);
    let begun = !have.enabled && !differing.iter().any(created) && (nowhere || !rest);
    !have.archived && have.kind == want.kind && (started || begun)
}

fn between(field: &str, have: &Item, (want, to): (&Flag, &ItemView), (then, from): (&Flag, &ItemView)) -> bool {
    match field {
        fields::STATE => {
            // One that is restored may come back on; one that is archived is off before.
            let archived = |flag: &Flag| wanted_state(&flag.state.word) == WantedState::To(ServingState::Archived);
            let is_off = have.serving_state() == ServingState::Off;
            archived(then) || is_off && (archived(want) || exchanging(have, (want, then), from))
        }
        // Switching an experiment on may set when it started.
        fields::START => have.enabled && want.state.live && (!then.state.live || exchanged(want, then)),
        fields::DEPLOYMENTS => {
            let set = |node: Option<&Node>| strings(node);
            is_between(&set(have.record.get(field)), &set(want.get(field)), &set(then.get(field)))
        }
        fields::WEIGHTS => weights_between(have, want, then),
        fields::VARIANTS => variants_between((want, to), (then, from)),
        _ => false,
    }
}

/// Whether all deployments of one that stays live are exchanged: it is off meanwhile if more of it changes.
#[must_use]
pub fn exchanged(want: &Flag, then: &Flag) -> bool {
    let set = |flag: &Flag| strings(flag.get(fields::DEPLOYMENTS));
    want.state.live && then.state.live && set(want).is_disjoint(&set(then)) && !set(want).is_empty()
}

/// Whether one that is off is in the middle of an exchange of its deployments, and not switched off by somebody: that
/// exchange switches it off, and something else of it is no longer what it was.
fn exchanging(have: &Item, (want, then): (&Flag, &Flag), from: &ItemView) -> bool {
    let written = |name: &str| {
        fields::by_name(name).is_some_and(|row| matches!(row.way, WriteWay::Edit | WriteWay::OwnCalls))
            && then.get(name).is_some()
            && !have.held.contains_key(name)
    };
    let more = VOCABULARY
        .fields
        .iter()
        .filter(|row| row.name != fields::DEPLOYMENTS && written(row.name))
        .any(|row| !same_field(want.get(row.name), then.get(row.name), row));
    exchanged(want, then) && more && from.differing(then).into_iter().any(written)
}

fn is_between<T: Ord>(have: &BTreeSet<T>, one: &BTreeSet<T>, other: &BTreeSet<T>) -> bool {
    one.intersection(other).all(|item| have.contains(item))
        && have.iter().all(|item| one.contains(item) || other.contains(item))
}

/// Whether the weights are those after some of the calls.
fn weights_between(have: &Item, want: &Flag, then: &Flag) -> bool {
    let (Some(row), Some(is)) = (VOCABULARY.field(fields::WEIGHTS), have.record.get(fields::WEIGHTS)) else {
        return false;
    };
    let (Some(to), Some(from)) =
        (weights::map_of(want.get(fields::WEIGHTS)), weights::map_of(then.get(fields::WEIGHTS)))
    else {
        return false;
    };
    let mut keys: Vec<String> = then.variants().into_iter().map(str::to_owned).collect();
    keys.extend(want.variants().into_iter().filter(|key| !then.variants().contains(key)).map(str::to_owned));
    let mut now = from.clone();
    weights::changes(Some(from), to, Some(from), &keys).into_iter().any(|change| {
        let number = Node::new(crate::diagnostics::Place::START, Data::Number(change.weight));
        now.0.retain(|entry| entry.key != change.variant);
        now.0.push(super::entry(&change.variant, number));
        same_field(Some(&Node::new(crate::diagnostics::Place::START, Data::Map(now.clone()))), Some(is), row)
    })
}

/// Whether each variant is as the one file or the other has it.
fn variants_between((want, to): (&Flag, &ItemView), (then, from): (&Flag, &ItemView)) -> bool {
    let key_of = |node: &Node| node.get(fields::KEY).and_then(Node::as_text).unwrap_or_default().to_owned();
    let keys = |list: &[Node]| list.iter().map(key_of).collect::<BTreeSet<String>>();
    let written = [fields::list_of(&want.record, fields::VARIANTS), fields::list_of(&then.record, fields::VARIANTS)];
    let seen = [fields::list_of(&to.record, fields::VARIANTS), fields::list_of(&from.record, fields::VARIANTS)];
    let [want_list, then_list] = written;
    let (Some(first), true) = (seen.first(), is_between(&keys(seen[0]), &keys(want_list), &keys(then_list))) else {
        return false;
    };
    first.iter().map(key_of).all(|key| {
        let of = |list: &[Node]| list.iter().find(|one| key_of(one) == key).cloned();
        let sides = [(of(seen[0]), of(want_list)), (of(seen[1]), of(then_list))];
        let included = |node: &Option<Node>, list: &str| {
            strings(node.as_ref().and_then(|node| node.get(fields::INCLUSIONS)).and_then(|all| all.get(list)))
        };
        let whole = sides.iter().any(|(is, said)| said.is_some() && same_variant(is.as_ref(), said.as_ref()));
        let lists = [fields::USERS, fields::COHORTS];
        whole
            && lists.iter().all(|list| {
                is_between(&included(&sides[0].0, list), &included(&sides[0].1, list), &included(&sides[1].1, list))
                    || sides[0].1.is_none()
                    || sides[1].1.is_none()
            })
    })
}

/// Whether two variants are one, whatever they include.
fn same_variant(one: Option<&Node>, other: Option<&Node>) -> bool {
    let rows = match VOCABULARY.field(fields::VARIANTS).map(|row| &row.shape) {
        Some(Shape::Items { of, .. }) => *of,
        _ => return false,
    };
    let form = |node: Option<&Node>| {
        let members = node.and_then(Node::as_map)?.iter().filter(|member| member.key != fields::INCLUSIONS).cloned();
        let node = Node::new(crate::diagnostics::Place::START, Data::Map(Map(members.collect())));
        Some(canonical(&node, &Shape::Record(rows)))
    };
    form(one) == form(other)
}
