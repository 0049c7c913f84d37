//! The calls for everything of an item but its state: edits, variants, weights and deployments.
//!
//! In: the two sides of an item, and the fields that differ. Out: the calls between those that take users away for good
//! and those that bring them, with what users get in between. It refuses to take the last deployment of an enabled item
//! away. Not taken: one call for all, which the API has not.

use serde_json::{Map as Object, Value, json};

use super::fields::{self, WriteWay};
use super::steps::{PlannedCall, RESHAPING, Sides, Steps};
use super::{lists, segments, weights};
use crate::diagnostics::escape::url_segment;
use crate::document::{Decimal, Node};
use crate::flag::Kind;

/// The calls so far, and what no call can do.
pub(super) struct ContentCalls<'m> {
    sides: Sides<'m>,
    path: &'m str,
    turns_on: bool,
    pub steps: &'m mut Steps,
    pub calls: Vec<PlannedCall>,
    /// Whether an item that stays on gets other deployments than all it has, and other content as well.
    pub exchanges: bool,
}

/// The fields that one edit writes. The share of users has a place of its own in the order.
struct Edit<'m> {
    members: Object<String, Value>,
    percentage: Option<&'m Node>,
}

impl<'m> ContentCalls<'m> {
    pub fn new(sides: Sides<'m>, path: &'m str, turns_on: bool, steps: &'m mut Steps) -> Self {
        ContentCalls { sides, path, turns_on, steps, calls: Vec::new(), exchanges: false }
    }

    pub fn write(&mut self, differing: &[&'static str]) {
        let Sides { have, want, .. } = self.sides;
        let edit = self.edit(differing);
        self.undeclared();
        let managed = differing.contains(&fields::DEPLOYMENTS);
        let deployments = lists::deployments(have, want);
        // Nobody new is served by one that goes; the last one of an enabled item is not taken away.
        let emptied = managed && deployments.keeps == 0;
        let removed = deployments.removed.iter().filter(|_| managed);
        let gone: Vec<PlannedCall> = removed
            .map(|id| PlannedCall::new("DELETE", format!("{}/deployments/{}", self.path, url_segment(id)), Value::Null))
            .collect();
        if !emptied || !have.enabled {
            self.calls.extend(gone.iter().cloned());
        }
        self.edit_and_variants(differing, edit);
        let stays_on = have.enabled && !have.archived && want.state.live;
        self.exchanges = emptied && stays_on && deployments.added.is_some() && !self.calls.is_empty();
        if !managed || self.turns_on {
            return;
        }
        let added = deployments.added.map(|body| PlannedCall::new("POST", format!("{}/deployments", self.path), body));
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

    /// The edit of those fields that differ; content that the API cannot write is left to people.
    fn edit(&mut self, differing: &[&'static str]) -> Edit<'m> {
        let Sides { have, want, .. } = self.sides;
        let mut edit = Edit { members: Object::new(), percentage: None };
        for field in differing.iter().copied().filter(|field| *field != fields::STATE) {
            if let Some(why) = have.held.get(field) {
                let why = format!("cannot be written by the API: {why}; change it in Amplitude, then import");
                self.steps.leave_to_hands(field, &why);
                continue;
            }
            let Some(value) = want.get(field) else { continue };
            match fields::by_name(field).map(|row| row.way) {
                Some(WriteWay::Never(why)) => self.steps.leave_to_hands(field, why),
                Some(WriteWay::Edit) if field == fields::PERCENTAGE => edit.percentage = Some(value),
                Some(WriteWay::Edit) => match self.edited(field, value) {
                    Ok(value) => drop(edit.members.insert(field.to_owned(), value)),
                    Err(why) => self.steps.leave_to_hands(field, &why),
                },
                _ => {}
            }
        }
        edit
    }

    /// New variants, the edit, the weights, and the variants that go, in the order in which nobody is exposed early.
    fn edit_and_variants(&mut self, differing: &[&'static str], edit: Edit<'_>) {
        let variants = lists::variants(self.sides, differing.contains(&fields::VARIANTS), self.path);
        if !variants.by_hand.is_empty() {
            self.steps.unwritten.insert(fields::VARIANTS);
        }
        self.steps.by_hand.extend(variants.by_hand.iter().cloned());
        self.steps.notes.extend(variants.notes.iter().cloned());
        let live = self.sides.have.enabled && !self.turns_on;
        let first = self.calls.len();
        self.calls.extend(variants.added.iter().cloned());
        if live {
            self.calls.extend(variants.joined.iter().cloned());
        }
        let weights = self.weights(differing.contains(&fields::WEIGHTS) || !variants.removed.is_empty(), &variants);
        let middle = weights.len() + variants.removed.len() + variants.inclusions.len();
        let (edit, last) = self.with_percentage(edit, if live { middle } else { 0 });
        let patch = |body: Value| PlannedCall::new("PATCH", self.path, body);
        let (mut edit, last) = (edit.map(patch), last.map(patch));
        if live {
            self.mark_meanwhile(edit.as_mut(), first, !weights.is_empty());
        }
        let payloads: Vec<PlannedCall> = self.calls.get(first..).unwrap_or_default().to_vec();
        let mut meanwhile: Vec<PlannedCall> = edit.into_iter().collect();
        meanwhile.extend(weights);
        meanwhile.extend(variants.removed);
        meanwhile.extend(variants.inclusions);
        self.leave(&[payloads, meanwhile.clone()].concat());
        self.calls.extend(meanwhile);
        if !live {
            self.calls.extend(variants.joined);
        }
        self.calls.extend(last);
    }

    /// Marks the edit and the payloads, which are calls from `first` on, with what users get until the weights follow.
    fn mark_meanwhile(&mut self, edit: Option<&mut PlannedCall>, first: usize, has_weights: bool) {
        let Sides { have, want, .. } = self.sides;
        let reshapes = edit.as_ref().is_some_and(|edit| RESHAPING.iter().any(|field| edit.body.get(*field).is_some()));
        // The end of a bandit is read only once it is none.
        let ends_as_bandit = have.runs_as_bandit()
            && want
                .get(fields::EXPERIMENT_TYPE)
                .is_some_and(|kind| have.record.get(fields::EXPERIMENT_TYPE) != Some(kind));
        let weights_follow = has_weights || ends_as_bandit;
        if let (Some(edit), true, true) = (edit, reshapes, weights_follow) {
            edit.between = Some("the old weights, bucketed as that call says".to_owned());
        }
        if !reshapes && !weights_follow {
            return;
        }
        // Users who get another variant in the end get that payload of the one of before meanwhile.
        for call in self.calls.iter_mut().skip(first).filter(|call| call.body.get(fields::PAYLOAD).is_some()) {
            if call.method == "PATCH" {
                call.between = Some("the new payload, distributed as before".to_owned());
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

    /// The early edit and the late one. A share that grows comes last, unless nothing stands between the two; a share
    /// that falls does so at once. Where users are not told apart anew one edit is enough, and it is the last.
    fn with_percentage(&self, edit: Edit<'_>, middle: usize) -> (Option<Value>, Option<Value>) {
        let Edit { members: mut edit, percentage } = edit;
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
