//! Calls for lists that have endpoints of their own: variants, what they include, and deployments.

use std::collections::BTreeSet;

use serde_json::{Map as Object, Value, json};

use super::steps::{PlannedCall, Sides};
use super::{Item, fields, json};
use crate::diagnostics::escape::url_segment;
use crate::diagnostics::escape::visible;
use crate::document::canonical::canonical;
use crate::document::items::renamed;
use crate::document::{Map, Node, Shape};
use crate::flag::Flag;
use crate::format::VOCABULARY;

/// The most ids of one call.
const AT_ONCE: usize = 100;
/// The most users that a variant includes.
const MOST_INCLUDED: usize = 2_000;

/// Deployments that come and go.
pub(super) struct DeploymentCalls {
    /// The body of the call that adds, if any is new.
    pub added: Option<Value>,
    pub removed: Vec<String>,
    /// How many stay.
    pub keeps: usize,
}

pub(super) fn deployments(have: &Item, want: &Flag) -> DeploymentCalls {
    let is = strings(have.record.get(fields::DEPLOYMENTS));
    let to = strings(want.get(fields::DEPLOYMENTS));
    let new: Vec<&String> = to.difference(&is).collect();
    DeploymentCalls {
        added: (!new.is_empty()).then(|| json!({fields::DEPLOYMENTS: new})),
        removed: is.difference(&to).cloned().collect(),
        keeps: is.intersection(&to).count(),
    }
}

/// Calls for variants.
#[derive(Default)]
pub(super) struct VariantCalls {
    /// New variants, with the weight 0, and edits of others.
    pub added: Vec<PlannedCall>,
    pub removed: Vec<PlannedCall>,
    /// Ids that come and were in no variant: what they get from then on is what the file says.
    pub joined: Vec<PlannedCall>,
    /// Ids that go, then ids that move: those are never in two variants.
    pub inclusions: Vec<PlannedCall>,
    pub by_hand: Vec<String>,
    pub notes: Vec<String>,
    new: BTreeSet<String>,
}

impl VariantCalls {
    /// Whether a variant of this key is made.
    pub fn adds(&self, key: &str) -> bool {
        self.new.contains(key)
    }

    /// Takes the ids out of a variant that goes.
    fn empty(&mut self, sides: Sides<'_>, key: &str, included: Node, own: &str) {
        let mut emptied = Moved::default();
        let before = fields::map(vec![(fields::INCLUSIONS, included)]);
        emptied.inclusions(&fields::map(Vec::new()), Some(&before), None, own);
        self.removed.append(&mut emptied.gone);
        if earlier(sides, key).is_some_and(|earlier| earlier.get(fields::INCLUSIONS).is_none()) {
            self.notes.push(format!("variants: with `{}` go ids that it includes and that no file said", visible(key)));
        }
    }
}

pub(super) fn variants(sides: Sides<'_>, differ: bool, path: &str) -> VariantCalls {
    let mut calls = VariantCalls::default();
    if !differ {
        return calls;
    }
    let Sides { have, want, .. } = sides;
    let (is, to) = (fields::list_of(&have.record, fields::VARIANTS), fields::list_of(&want.record, fields::VARIANTS));
    let find = |list: &[Node], key: &str| list.iter().find(|one| key_of(one).as_deref() == Some(key)).cloned();
    let mut moved = Moved { before: [included(is, fields::USERS), included(is, fields::COHORTS)], ..Moved::default() };
    for variant in to {
        let Some(key) = key_of(variant) else { continue };
        let own = format!("{path}/variants/{}", url_segment(&key));
        let before = find(is, &key);
        let mut body = written(variant, before.as_ref());
        if let Some(inclusions) = variant.get(fields::INCLUSIONS).filter(|inclusions| !inclusions.is_null()) {
            let earlier = earlier(sides, &key);
            let unresolved = moved.inclusions(inclusions, before.as_ref(), earlier.as_ref(), &own);
            calls.by_hand.extend(unresolved.map(|ids| unknown_ids(&key, &ids)));
        }
        if before.is_none() {
            let mut made = Object::new();
            made.insert(fields::KEY.to_owned(), json!(key));
            made.append(&mut body);
            made.insert("rolloutWeight".to_owned(), json!(0));
            calls.added.push(PlannedCall::new("POST", format!("{path}/variants"), Value::Object(made)));
            calls.new.insert(key);
        } else if !body.is_empty() {
            calls.added.push(PlannedCall::new("PATCH", own, Value::Object(body)));
        }
    }
    let keys = |list: &[Node]| list.iter().filter_map(key_of).collect::<Vec<String>>();
    let (before, after) = (keys(is), keys(to));
    for key in before.iter().filter(|key| !after.contains(key)) {
        if let Some(why) = stays(sides, key) {
            calls.by_hand.push(format!("variants: `{key}` cannot be removed: {why}"));
            continue;
        }
        let own = format!("{path}/variants/{}", url_segment(key));
        if let Some(included) = find(is, key).and_then(|variant| variant.get(fields::INCLUSIONS).cloned()) {
            calls.empty(sides, key, included, &own);
        }
        calls.removed.push(PlannedCall::new("DELETE", own, Value::Null));
    }
    // New ones come last, and no call moves one.
    let kept = before.iter().filter(|key| after.contains(key));
    let new = after.iter().filter(|key| !before.contains(key));
    if kept.chain(new).ne(after.iter()) {
        calls.by_hand.push(
            "variants: their order cannot be changed by the API, and decides who gets which: order the \
                            file as Amplitude has them"
                .to_owned(),
        );
    }
    for call in moved.gone.iter_mut().chain(&mut calls.removed) {
        moved.movers.tell(call);
    }
    calls.joined = moved.joined;
    calls.inclusions = moved.gone;
    calls.inclusions.append(&mut moved.come);
    calls.notes.extend(renames(is, to));
    calls
}

fn key_of(variant: &Node) -> Option<String> {
    variant.get(fields::KEY).and_then(Node::as_text).map(str::to_owned)
}

/// The members of a variant that a call has to write. An empty one that was not there is the same as none.
fn written(variant: &Node, before: Option<&Node>) -> Object<String, Value> {
    let mut body = Object::new();
    let is_written = |name: &str| matches!(name, fields::NAME | fields::DESCRIPTION | fields::PAYLOAD);
    for member in variant.as_map().into_iter().flat_map(Map::iter).filter(|member| is_written(&member.key)) {
        let now = &member.value;
        let was = before.and_then(|before| before.get(&member.key));
        let empty = now.as_text() == Some("") || now.as_map().is_some_and(|map| map.0.is_empty());
        if !now.is_null() && was != Some(now) && !(was.is_none() && empty) {
            body.insert(member.key.clone(), json::value(now));
        }
    }
    body
}

/// Notes on variants that look like renamed ones.
fn renames(is: &[Node], to: &[Node]) -> Vec<String> {
    let Some(Shape::Items { of, .. }) = VOCABULARY.field(fields::VARIANTS).map(|row| &row.shape) else {
        return Vec::new();
    };
    let name = |list: &[Node], at: usize| visible(&list.get(at).and_then(key_of).unwrap_or_default());
    let note = |(old, new): (usize, usize)| {
        format!(
            "variants: `{}` looks renamed to `{}`; nobody knows what a rename through the API takes along, so one is \
             removed and the other made: to keep what was measured, rename it in the console and import",
            name(is, old),
            name(to, new)
        )
    };
    renamed(is, to, fields::KEY, of).into_iter().map(note).collect()
}

/// Why a variant cannot be removed.
fn stays(sides: Sides<'_>, key: &str) -> Option<String> {
    let Sides { have, want, dependents, .. } = sides;
    if !dependents.is_empty() {
        return Some(format!("{} depends on this item", dependents.join(", ")));
    }
    let weighs = |weights: Option<&Node>| {
        weights.and_then(|weights| weights.get(key)).and_then(Node::as_number).is_some_and(|number| !number.is_zero())
    };
    if want.get(fields::WEIGHTS).is_none() && weighs(have.record.get(fields::WEIGHTS)) {
        return Some("it has a weight, and weights are not managed in the file".to_owned());
    }
    let in_segments =
        fields::list_of(&have.record, fields::SEGMENTS).iter().any(|segment| weighs(segment.get(fields::WEIGHTS)));
    (want.get(fields::SEGMENTS).is_none() && in_segments)
        .then(|| "a segment gives it, and segments are not managed in the file".to_owned())
}

/// A variant of the file as it was when Amplitude had what it said; none if nobody knows, or it is new.
fn earlier(sides: Sides<'_>, key: &str) -> Option<Node> {
    let then = fields::list_of(&sides.then?.record, fields::VARIANTS);
    then.iter().find(|one| one.get(fields::KEY).and_then(Node::as_text) == Some(key)).cloned()
}

/// The remedy for ids that a variant includes and that no file ever said.
fn unknown_ids(key: &str, ids: &BTreeSet<String>) -> String {
    const SHOWN: usize = 10;
    let mut shown: Vec<String> = ids.iter().take(SHOWN).map(|id| visible(id)).collect();
    if ids.len() > SHOWN {
        shown.push(format!("{} more", ids.len() - SHOWN));
    }
    format!(
        "variants: `{}` includes ids that no file said ({}), which nobody agreed to remove: write them into the file, \
         and take them out in a change of its own",
        visible(key),
        shown.join(", ")
    )
}

/// The ids that any variant includes in a list.
fn included(variants: &[Node], list: &str) -> BTreeSet<String> {
    let lists = variants.iter().filter_map(|variant| variant.get(fields::INCLUSIONS)?.get(list));
    lists.flat_map(|list| strings(Some(list))).collect()
}

/// Ids that go from one variant to another.
#[derive(Default)]
struct Movers(BTreeSet<String>);

impl Movers {
    /// Says of a call that takes ids away what those get that another call adds elsewhere.
    fn tell(&self, call: &mut PlannedCall) {
        const SHOWN: usize = 3;
        let gone =
            call.body.get(fields::USERS).and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
        let moved: Vec<&str> = gone.filter(|id| self.0.contains(*id)).collect();
        if moved.is_empty() {
            return;
        }
        let mut named: Vec<String> = moved.iter().take(SHOWN).map(|id| visible(id)).collect();
        if moved.len() > SHOWN {
            named.push(format!("{} more", moved.len() - SHOWN));
        }
        call.between = Some(format!("what all others get, for {}", named.join(", ")));
    }
}

/// Calls that make variants include what the file says, in the lists that it has.
#[derive(Default)]
struct Moved {
    /// The users and the cohorts that any variant includes before.
    before: [BTreeSet<String>; 2],
    gone: Vec<PlannedCall>,
    joined: Vec<PlannedCall>,
    come: Vec<PlannedCall>,
    movers: Movers,
}

impl Moved {
    /// The calls for one variant. Those ids are taken away that the file said earlier: ids that it did not say are
    /// returned, and stay.
    fn inclusions(
        &mut self,
        to: &Node,
        before: Option<&Node>,
        earlier: Option<&Node>,
        path: &str,
    ) -> Option<BTreeSet<String>> {
        let mut unresolved = BTreeSet::new();
        let was = before.and_then(|before| before.get(fields::INCLUSIONS));
        // For a variant that goes, every list is emptied.
        let leaves = to.as_map().is_some_and(|map| map.0.is_empty()) && was.is_some();
        let lists = [(fields::USERS, "bulk-delete-users"), (fields::COHORTS, "bulk-delete-cohorts")];
        for ((list, bulk), anywhere) in lists.into_iter().zip(&self.before) {
            let Some(wanted) = to.get(list).map(|node| strings(Some(node))).or_else(|| leaves.then(BTreeSet::new))
            else {
                continue;
            };
            let is = strings(was.and_then(|was| was.get(list)));
            let said = earlier.and_then(|earlier| earlier.get(fields::INCLUSIONS)).and_then(|all| all.get(list));
            let mut lost: Vec<&String> = is.difference(&wanted).collect();
            if earlier.is_some() && said.is_none() {
                unresolved.extend(lost.drain(..).cloned());
            }
            let new = wanted.difference(&is);
            // Where there is no room for more, those who go make it first.
            let room = is.len() + wanted.difference(&is).count() <= MOST_INCLUDED;
            let (stay, move_here): (Vec<&String>, Vec<&String>) = new.partition(|id| room && !anywhere.contains(*id));
            // The member is called `users` for cohorts as well.
            let delete =
                |ids: &[&String]| PlannedCall::new("DELETE", format!("{path}/{bulk}"), json!({fields::USERS: ids}));
            let add =
                |ids: &[&String]| PlannedCall::new("POST", format!("{path}/{list}"), json!({fields::INCLUSIONS: ids}));
            self.gone.extend(lost.chunks(AT_ONCE).map(delete));
            self.joined.extend(stay.chunks(AT_ONCE).map(add));
            self.come.extend(move_here.chunks(AT_ONCE).map(add));
            self.movers.0.extend(move_here.into_iter().cloned());
        }
        (!unresolved.is_empty()).then_some(unresolved)
    }
}

pub(super) fn strings(node: Option<&Node>) -> BTreeSet<String> {
    let items = node.and_then(Node::as_list).unwrap_or_default();
    items.iter().map(|one| one.as_text().map_or_else(|| canonical(one, &Shape::Any), str::to_owned)).collect()
}
