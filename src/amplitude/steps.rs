//! Calls that make Amplitude say what a file says, in the order in which nobody is exposed who should not be.
//!
//! In: an item, the flag of a file, and what they were when they were one. Out: stages of calls. Between two stages
//! everything is read again and the calls are made anew, so that a run can end anywhere and the next one goes on. Steps
//! that take users away come first, those that bring users come last, and switching on comes alone after the rest is
//! read back. It refuses, with a sentence, what the API cannot write. Not taken: renaming a variant, of which nobody
//! knows what becomes of its weights.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::compare::ItemView;
use super::content_calls::ContentCalls;
use super::state::{ServingState, WantedState, wanted_state};
use super::{Item, fields, lists, manual_parts, path_of};
use crate::flag::Flag;

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
    pub(super) fn leave_to_hands(&mut self, field: &'static str, why: &str) {
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
    let course = Course::of(sides);
    let mut steps = Steps::default();
    if course.goes_off {
        steps.stages.push(vec![off(sides.have)]);
        steps.kills = true;
    }
    if sides.have.archived && !course.archives() && course.state_differs() {
        course.restore(&mut steps);
    }
    course.write_content(&mut steps);
    course.finish(&mut steps);
    course.leave_state_to_hands(&mut steps);
    manual_parts::wait(sides.have, &mut steps);
    steps
}

/// The way of one item from its state to the wanted one.
struct Course<'s> {
    sides: Sides<'s>,
    path: String,
    differing: Vec<&'static str>,
    wanted: WantedState,
    /// Whether it is switched off before anything else.
    goes_off: bool,
}

impl<'s> Course<'s> {
    fn of(sides: Sides<'s>) -> Course<'s> {
        let Sides { have, want, view, then, .. } = sides;
        Course {
            sides,
            path: path_of(have.kind, &have.id),
            differing: view.differing(want),
            // An item that is left to the console is neither switched nor archived.
            wanted: if view.leaves_state { WantedState::Unknown } else { wanted_state(&want.state.word) },
            goes_off: !view.leaves_state && switches_off(have, want, then),
        }
    }

    fn state_differs(&self) -> bool {
        self.differing.contains(&fields::STATE)
    }

    fn turns_on(&self) -> bool {
        self.state_differs() && self.wanted == ON
    }

    fn archives(&self) -> bool {
        self.wanted == WantedState::To(ServingState::Archived)
    }

    /// The fields that differ besides the state.
    fn others(&self) -> Vec<&'static str> {
        self.differing.iter().copied().filter(|field| *field != fields::STATE).collect()
    }

    fn patch(&self, body: Value) -> PlannedCall {
        PlannedCall::new("PATCH", &self.path, body)
    }

    /// Restores an archived item. One that reads as on comes back on, and serves what it served before until the next
    /// call; unless that is what the file says, the next call switches it off. One that reads as off is read again, and
    /// switched off if it is on.
    fn restore(&self, steps: &mut Steps) {
        let have = self.sides.have;
        let restore = self.patch(json!({"archive": false}));
        if !have.enabled || self.wanted == ON && self.others().is_empty() {
            steps.stages.push(vec![restore]);
            return;
        }
        let meanwhile = "what it served before it was archived".to_owned();
        steps.needs_leave = Some(format!(
            "it was archived while it was on, and serves {meanwhile} from its restoring to the next call"
        ));
        steps.stages.push(vec![PlannedCall { between: Some(meanwhile), ..restore }]);
        steps.stages.push(vec![off(have)]);
    }

    /// Everything but the state; between a switching off and on where users would get something else meanwhile.
    fn write_content(&self, steps: &mut Steps) {
        let have = self.sides.have;
        let mut content = ContentCalls::new(self.sides, &self.path, self.turns_on(), steps);
        if !have.archived || !self.archives() {
            content.write(&self.differing);
        } else if !self.differing.is_empty() {
            let message = format!("{}: left as they are while it is archived", self.differing.join(", "));
            content.steps.by_hand.push(message);
        }
        let (calls, exchanges) = (content.calls, content.exchanges);
        let back = !exchanges && came_back(self.sides) && calls.iter().any(|call| serves(call, &self.path));
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
            steps.stages.push(vec![self.patch(json!({"enabled": true}))]);
        }
    }

    /// The last stage: new deployments and switching on, or archiving.
    fn finish(&self, steps: &mut Steps) {
        let Sides { have, want, dependents, .. } = self.sides;
        let mut last = Vec::new();
        if self.turns_on() && self.differing.contains(&fields::DEPLOYMENTS) {
            let added = lists::deployments(have, want).added;
            last.extend(added.map(|body| PlannedCall::new("POST", format!("{}/deployments", self.path), body)));
        }
        // One that reads as on while it is archived comes back on.
        let comes_on = have.archived && have.enabled && self.others().is_empty();
        if self.turns_on() && !comes_on {
            last.push(self.patch(json!({"enabled": true})));
        }
        if self.archives() && !have.archived {
            match dependents {
                [] => last.push(self.patch(json!({"archive": true}))),
                some => {
                    let message = format!("state: it cannot be archived while {} depends on it", some.join(", "));
                    steps.by_hand.push(message);
                }
            }
        }
        if !last.is_empty() {
            steps.stages.push(last);
        }
    }

    /// States that the API cannot set.
    fn leave_state_to_hands(&self, steps: &mut Steps) {
        let Sides { have, then, .. } = self.sides;
        if self.state_differs() && self.wanted == WantedState::Testing && !self.goes_off {
            let why = "`testing` cannot be read or set through the API; it is enabled in Amplitude";
            steps.leave_to_hands(fields::STATE, why);
        }
        if self.wanted == WantedState::Scheduled && !have.enabled {
            steps.by_hand.push("state: the API cannot schedule: set the start in the console".to_owned());
        }
        let was_on = then.is_some_and(|then| wanted_state(&then.state.word) == ON);
        if self.wanted == WantedState::Scheduled && have.enabled && was_on {
            let why = "it is on, and `scheduled` begins later: switch it off and set the start in the console";
            steps.leave_to_hands(fields::STATE, why);
        }
    }
}

const ON: WantedState = WantedState::To(ServingState::On);

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
