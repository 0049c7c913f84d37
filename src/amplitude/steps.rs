//! Calls that make Amplitude say what a file says, in the order in which nobody is exposed who should not be.
//!
//! In: an item, the flag of a file, and what they were when they were one. Out: stages of calls. Between two stages
//! everything is read again and the calls are made anew, so that a run can end anywhere and the next one goes on. What
//! takes users away comes first, what brings users comes last, and switching on comes alone after the rest is read
//! back. It refuses, with a sentence, what the API cannot write. Not taken: renaming a variant, of which nobody knows
//! what becomes of its weights.

use std::collections::BTreeSet;

use serde_json::{Map as Object, Value, json};

use super::compare::ItemView;
use super::fields::{self, WriteWay};
use super::state::{ServingState, WantedState, wanted_state};
use super::{Item, lists, manual_parts, path_of, segments, weights};
use crate::diagnostics::escape::url_segment;
use crate::document::{Decimal, Node};
use crate::flag::{Flag, Kind};

/// The fields that decide how users are divided.
pub(super) const RESHAPING: &[&str] =
    &[fields::SEGMENTS, fields::BUCKETING_SALT, fields::BUCKETING_KEY, fields::BUCKETING_UNIT];

/// One call that writes.
#[derive(Clone, PartialEq, Debug)]
pub struct PlannedCall {
    pub method: &'static str,
    /// Below the address of the API.
    pub path: String,
    pub body: Value,
    /// The distribution after it that neither side has.
    pub between: Option<String>,
}

impl PlannedCall {
    pub(super) fn new(method: &'static str, path: impl Into<String>, body: Value) -> PlannedCall {
        PlannedCall { method, path: path.into(), body, between: None }
    }

    /// The call in one line.
    #[must_use]
    pub fn line(&self) -> String {
        if self.body.is_null() {
            return format!("{} {}", self.method, self.path);
        }
        format!("{} {} {}", self.method, self.path, self.body)
    }
}

/// The calls for one item, and everything that no call can do.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Steps {
    /// The calls, stage by stage.
    pub stages: Vec<Vec<PlannedCall>>,
    /// The parts that have to be done in the console instead, a sentence each.
    pub by_hand: Vec<String>,
    /// The fields of which that is a part.
    pub unwritten: BTreeSet<&'static str>,
    /// Remarks for people before the calls are made, a sentence each.
    pub notes: Vec<String>,
    /// Why the calls may only be made if somebody says so.
    pub needs_leave: Option<String>,
    /// Whether the first stage switches off what the file has off, which asks nobody.
    pub kills: bool,
}

impl Steps {
    /// Leaves a part of a field to people.
    fn leave_to_hands(&mut self, field: &'static str, why: &str) {
        self.by_hand.push(format!("{field}: {why}"));
        self.unwritten.insert(field);
    }

    /// All calls in their order.
    pub fn calls(&self) -> impl DoubleEndedIterator<Item = &PlannedCall> {
        self.stages.iter().flatten()
    }
}

/// The two sides of a flag.
#[derive(Clone, Copy)]
pub struct Sides<'s> {
    pub have: &'s Item,
    pub want: &'s Flag,
    /// The item in the fields of the file.
    pub view: &'s ItemView,
    /// The file when Amplitude had it, if it ever did.
    pub then: Option<&'s Flag>,
    /// Keys of other items that depend on this one.
    pub dependents: &'s [String],
}

/// Whether Amplitude serves it and the file says that it must not, and no longer does.
#[must_use]
pub fn switches_off(have: &Item, want: &Flag, then: Option<&Flag>) -> bool {
    let was_live = then.is_some_and(|then| then.state.live);
    have.enabled
        && !have.archived
        && match wanted_state(&want.state.word) {
            WantedState::To(wanted) => wanted != ServingState::On,
            WantedState::Testing => was_live,
            WantedState::Scheduled | WantedState::Unknown => false,
        }
}

/// The call that switches an item off.
#[must_use]
pub fn off(have: &Item) -> PlannedCall {
    PlannedCall::new("PATCH", path_of(have.kind, &have.id), json!({"enabled": false}))
}

/// The calls for one item.
#[must_use]
pub fn steps(sides: Sides<'_>) -> Steps {
    let Sides { have, want, view, then, .. } = sides;
    let mut steps = Steps::default();
    let differing = view.differing(want);
    let path = path_of(have.kind, &have.id);
    // An item that is left to the console is neither switched nor archived.
    let wanted = if view.leaves_state { WantedState::Unknown } else { wanted_state(&want.state.word) };
    let state_differs = differing.contains(&fields::STATE);
    let goes_off = !view.leaves_state && switches_off(have, want, then);
    if goes_off {
        steps.stages.push(vec![off(have)]);
        steps.kills = true;
    }
    let archives = wanted == WantedState::To(ServingState::Archived);
    let others: Vec<&str> = differing.iter().copied().filter(|field| *field != fields::STATE).collect();
    if have.archived && !archives && state_differs {
        restores(sides, &others, wanted, &mut steps);
    }
    let turns_on = state_differs && wanted == WantedState::To(ServingState::On);
    let mut main = Main { sides, path: &path, turns_on, steps: &mut steps, calls: Vec::new(), exchanges: false };
    if !have.archived || !archives {
        main.write(&differing);
    } else if !differing.is_empty() {
        let message = format!("{}: left as they are while it is archived", differing.join(", "));
        main.steps.by_hand.push(message);
    }
    let (calls, exchanges) = (main.calls, main.exchanges);
    let back = !exchanges && came_back(sides) && calls.iter().any(|call| serves(call, &path));
    if back {
        steps.stages.push(vec![off(have)]);
        steps.needs_leave = None;
    }
    if exchanges {
        // Users whom the old deployments serve would get what is meant for the new ones.
        let between = Some("nobody is served until it is switched on again".to_owned());
        steps.stages.push(vec![PlannedCall { between, ..off(have) }]);
        let message = "all of its deployments are exchanged and more changes: it is switched off meanwhile";
        steps.needs_leave = Some(message.to_owned());
    }
    if !calls.is_empty() {
        steps.stages.push(calls);
    }
    if exchanges || back {
        steps.stages.push(vec![PlannedCall::new("PATCH", &path, json!({"enabled": true}))]);
    }
    let mut last = Vec::new();
    if turns_on && differing.contains(&fields::DEPLOYMENTS) {
        last.extend(
            lists::deployments(have, want)
                .added
                .map(|body| PlannedCall::new("POST", format!("{path}/deployments"), body)),
        );
    }
    // One that reads as on while it is archived comes back on.
    let comes_on = have.archived && have.enabled && others.is_empty();
    if turns_on && !comes_on {
        last.push(PlannedCall::new("PATCH", &path, json!({"enabled": true})));
    }
    if archives && !have.archived {
        match sides.dependents {
            [] => last.push(PlannedCall::new("PATCH", &path, json!({"archive": true}))),
            some => steps.by_hand.push(format!("state: it cannot be archived while {} depends on it", some.join(", "))),
        }
    }
    if !last.is_empty() {
        steps.stages.push(last);
    }
    if state_differs && wanted == WantedState::Testing && !goes_off {
        let why = "`testing` cannot be read or set through the API; it is enabled in Amplitude";
        steps.leave_to_hands(fields::STATE, why);
    }
    if wanted == WantedState::Scheduled && !have.enabled {
        steps.by_hand.push("state: the API cannot schedule: set the start in the console".to_owned());
    }
    if wanted == WantedState::Scheduled && have.enabled && then.is_some_and(|then| wanted_state(&then.state.word) == ON)
    {
        let why = "it is on, and `scheduled` begins later: switch it off and set the start in the console";
        steps.leave_to_hands(fields::STATE, why);
    }
    manual_parts::wait(have, &mut steps);
    steps
}

const ON: WantedState = WantedState::To(ServingState::On);

/// The restoring. One that reads as on comes back on, and serves what it served before until the next call; unless that
/// is what the file says, the next call switches it off. One that reads as off is read again, and switched off if it is
/// on.
fn restores(sides: Sides<'_>, others: &[&str], wanted: WantedState, steps: &mut Steps) {
    let have = sides.have;
    let restore = PlannedCall::new("PATCH", path_of(have.kind, &have.id), json!({"archive": false}));
    let wanted = wanted == WantedState::To(ServingState::On);
    if !have.enabled || wanted && others.is_empty() {
        steps.stages.push(vec![restore]);
        return;
    }
    let meanwhile = "what it served before it was archived".to_owned();
    steps.needs_leave =
        Some(format!("it was archived while it was on, and serves {meanwhile} from its restoring to the next call"));
    steps.stages.push(vec![PlannedCall { between: Some(meanwhile), ..restore }]);
    steps.stages.push(vec![off(have)]);
}

/// Whether an item came back on that was archived before: until it is what the file says, it is off.
fn came_back(sides: Sides<'_>) -> bool {
    let Sides { have, want, then, .. } = sides;
    let was_archived =
        then.is_some_and(|then| wanted_state(&then.state.word) == WantedState::To(ServingState::Archived));
    have.enabled && !have.archived && was_archived && want.state.live
}

/// Whether a call alters what anybody gets.
fn serves(call: &PlannedCall, path: &str) -> bool {
    call.path != path || RESHAPING.iter().chain(&[fields::PERCENTAGE]).any(|field| call.body.get(*field).is_some())
}

/// The calls between those that take users away for good and those that bring them.
struct Main<'m> {
    sides: Sides<'m>,
    path: &'m str,
    turns_on: bool,
    steps: &'m mut Steps,
    calls: Vec<PlannedCall>,
    /// Whether an item that stays on gets other deployments than all it has, and other content as well.
    exchanges: bool,
}

impl Main<'_> {
    fn write(&mut self, differing: &[&'static str]) {
        let Sides { have, want, .. } = self.sides;
        let (mut edit, mut percentage) = (Object::new(), None);
        for field in differing.iter().copied().filter(|field| *field != fields::STATE) {
            if let Some(why) = have.held.get(field) {
                let why = format!("cannot be written by the API: {why}; change it in Amplitude, then import");
                self.steps.leave_to_hands(field, &why);
                continue;
            }
            let Some(value) = want.get(field) else { continue };
            match fields::by_name(field).map(|row| row.way) {
                Some(WriteWay::Never(why)) => self.steps.leave_to_hands(field, why),
                Some(WriteWay::Edit) if field == fields::PERCENTAGE => percentage = Some(value),
                Some(WriteWay::Edit) => match self.edited(field, value) {
                    Ok(value) => drop(edit.insert(field.to_owned(), value)),
                    Err(why) => self.steps.leave_to_hands(field, &why),
                },
                _ => {}
            }
        }
        self.undeclared();
        let deployments = lists::deployments(have, want);
        let managed = differing.contains(&fields::DEPLOYMENTS);
        // Nobody new is served by one that goes; the last one of an enabled item is not taken away.
        let emptied = managed && deployments.keeps == 0;
        let gone = if managed { deployments.removed.clone() } else { Vec::new() };
        let gone: Vec<PlannedCall> = gone
            .iter()
            .map(|id| PlannedCall::new("DELETE", format!("{}/deployments/{}", self.path, url_segment(id)), Value::Null))
            .collect();
        if !emptied || !have.enabled {
            self.calls.extend(gone.iter().cloned());
        }
        let variants = lists::variants(self.sides, differing.contains(&fields::VARIANTS), self.path);
        if !variants.by_hand.is_empty() {
            self.steps.unwritten.insert(fields::VARIANTS);
        }
        self.steps.by_hand.extend(variants.by_hand.iter().cloned());
        self.steps.notes.extend(variants.notes.iter().cloned());
        let live = have.enabled && !self.turns_on;
        let added = self.calls.len();
        self.calls.extend(variants.added.iter().cloned());
        let (early, late): (Vec<PlannedCall>, Vec<PlannedCall>) =
            if live { (variants.joined.clone(), Vec::new()) } else { (Vec::new(), variants.joined.clone()) };
        self.calls.extend(early);
        let weights = self.weights(differing.contains(&fields::WEIGHTS) || !variants.removed.is_empty(), &variants);
        let middle = weights.len() + variants.removed.len() + variants.inclusions.len();
        let (edit, last) = self.with_percentage(edit, percentage, if live { middle } else { 0 });
        let reshapes = edit.as_ref().is_some_and(|edit| RESHAPING.iter().any(|field| edit.get(*field).is_some()));
        let patch = |body: Value| PlannedCall::new("PATCH", self.path, body);
        let (mut edit, last) = (edit.map(patch), last.map(patch));
        // The end of a bandit is read only once it is none.
        let ends_as_bandit = have.runs_as_bandit()
            && want
                .get(fields::EXPERIMENT_TYPE)
                .is_some_and(|kind| have.record.get(fields::EXPERIMENT_TYPE) != Some(kind));
        let weights_follow = !weights.is_empty() || ends_as_bandit;
        if live && let (Some(edit), true, true) = (&mut edit, reshapes, weights_follow) {
            edit.between = Some("the old weights, bucketed as that call says".to_owned());
        }
        if live && (reshapes || weights_follow) {
            // Users who get another variant in the end get that payload of the one of before meanwhile.
            for call in self.calls.iter_mut().skip(added).filter(|call| call.body.get(fields::PAYLOAD).is_some()) {
                if call.method == "PATCH" {
                    call.between = Some("the new payload, distributed as before".to_owned());
                }
            }
        }
        let payloads: Vec<PlannedCall> = self.calls.get(added..).unwrap_or_default().to_vec();
        let mut meanwhile: Vec<PlannedCall> = edit.into_iter().collect();
        meanwhile.extend(weights);
        meanwhile.extend(variants.removed);
        meanwhile.extend(variants.inclusions);
        self.leave(&[payloads, meanwhile.clone()].concat());
        self.calls.extend(meanwhile);
        self.calls.extend(late);
        self.calls.extend(last);
        let stays_on = have.enabled && !have.archived && want.state.live;
        self.exchanges = emptied && stays_on && deployments.added.is_some() && !self.calls.is_empty();
        if managed && !self.turns_on {
            let added =
                deployments.added.map(|body| PlannedCall::new("POST", format!("{}/deployments", self.path), body));
            let adds = added.is_some();
            self.calls.extend(added);
            if emptied && have.enabled {
                if adds {
                    self.calls.extend(gone);
                } else {
                    let why = "the last one of an enabled item is not taken away: switch it off first";
                    self.steps.leave_to_hands(fields::DEPLOYMENTS, why);
                }
            }
        }
    }

    /// A value as an edit has it.
    fn edited(&self, field: &str, value: &Node) -> Result<Value, String> {
        let Sides { have, want, .. } = self.sides;
        match field {
            fields::SEGMENTS => segments::written(have, want),
            fields::START | fields::END => Ok(match value.as_text() {
                Some(day) if !day.contains('T') => json!(format!("{day}T00:00:00.000Z")),
                _ => super::json::value(value),
            }),
            _ => Ok(super::json::value(value)),
        }
    }

    /// Fields that changed in the file and cannot be compared or written.
    fn undeclared(&mut self) {
        let Sides { want, then, .. } = self.sides;
        for row in fields::of_kind(want.kind) {
            let WriteWay::Never(why) = row.way else { continue };
            let Some(is) = want.get(row.name) else { continue };
            if then.is_none_or(|then| then.get(row.name) != Some(is)) {
                self.steps.leave_to_hands(row.name, why);
            }
        }
    }

    /// The early edit and the late one. A share that grows comes last, unless nothing stands between the two; what
    /// falls comes at once. Where users are not told apart anew one edit is enough, and it is the last.
    fn with_percentage(
        &self,
        mut edit: Object<String, Value>,
        percentage: Option<&Node>,
        middle: usize,
    ) -> (Option<Value>, Option<Value>) {
        let some = |edit: Object<String, Value>| (!edit.is_empty()).then_some(Value::Object(edit));
        let Some(percentage) = percentage else { return (some(edit), None) };
        let number = |node: Option<&Node>| node.and_then(Node::as_number).map_or(0.0, Decimal::to_f64);
        let grows = number(Some(percentage)) > number(self.sides.have.record.get(fields::PERCENTAGE));
        let value = super::json::value(percentage);
        if !grows || middle == 0 {
            edit.insert(fields::PERCENTAGE.to_owned(), value);
            return (some(edit), None);
        }
        if RESHAPING.iter().any(|field| edit.contains_key(*field)) {
            return (some(edit), Some(json!({fields::PERCENTAGE: value})));
        }
        edit.insert(fields::PERCENTAGE.to_owned(), value);
        (None, some(edit))
    }

    fn weights(&mut self, differ: bool, variants: &lists::VariantCalls) -> Vec<PlannedCall> {
        let Sides { have, want, then, .. } = self.sides;
        let live = weights::map_of(have.record.get(fields::WEIGHTS));
        let mut keys: Vec<String> = have.variants().map(str::to_owned).collect();
        keys.extend(
            want.variants().into_iter().filter(|key| !have.variants().any(|one| one == *key)).map(str::to_owned),
        );
        let Some(to) = weights::map_of(want.get(fields::WEIGHTS)).filter(|_| differ) else { return Vec::new() };
        if have.runs_as_bandit() {
            return Vec::new();
        }
        // A variant of which nothing is written has no weight to be written.
        keys.retain(|key| have.variants().any(|one| one == key) || variants.adds(key));
        let changes =
            weights::changes(live, to, then.and_then(|then| weights::map_of(then.get(fields::WEIGHTS))), &keys);
        let mut between = weights::between(live, &changes, &keys).into_iter();
        let call = |change: &weights::WeightChange| {
            let weight = super::json::value(&Node::new(
                crate::diagnostics::Place::START,
                crate::document::Data::Number(change.weight.clone()),
            ));
            let path = format!("{}/variants/{}", self.path, url_segment(&change.variant));
            PlannedCall { between: between.next(), ..PlannedCall::new("PATCH", path, json!({"rolloutWeight": weight})) }
        };
        changes.iter().map(call).collect()
    }

    /// Whether users of an experiment that is measured would meanwhile get what neither side gives.
    fn leave(&mut self, calls: &[PlannedCall]) {
        let Sides { have, want, .. } = self.sides;
        let between: Vec<&str> = calls.iter().filter_map(|call| call.between.as_deref()).collect();
        if have.enabled
            && want.state.live
            && have.kind == Kind::Experiment
            && !between.is_empty()
            && self.steps.needs_leave.is_none()
        {
            let meanwhile = between.join("; then ");
            self.steps.needs_leave = Some(format!(
                "the variants of a running experiment change in several calls, with {meanwhile} in between"
            ));
        }
    }
}
