//! Switch-off: a live flag that stops being live where it stands, and whether anything else changes with it.
//!
//! In: a step and its changes. Out: what the switch-off waits for, and the fields that change besides. It refuses to
//! call a change harmless that would need approval on the live flag: a pull request that others wait for must not slip
//! past them in the company of a switch. Not taken: a rollout of 0%, which leaves the flag live and its inclusions
//! served.

use schemars::JsonSchema;
use serde::Serialize;

use super::change::{Change, Class};
use super::classify::{Step, rule_of};
use super::critical::Critical;
use super::diff::{self, Difference};
use crate::document::{Decimal, Display, Node, Role};
use crate::flag::FlagEntry;

/// The condition that the switch-off of a live flag waits for.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum SwitchOff {
    /// Nobody: it passes locks, and its approvers are notified.
    Free,
    /// The lock, if another pull request holds it, since more changes than that.
    Edited,
    /// Approval, since the policy asks for it.
    Policy,
    /// Approval, since it serves another live flag to users whom this one kept out.
    Dependents,
}

impl SwitchOff {
    /// Whether the change switches the flag off and does nothing else.
    #[must_use]
    pub fn is_alone(self) -> bool {
        match self {
            SwitchOff::Free | SwitchOff::Policy | SwitchOff::Dependents => true,
            SwitchOff::Edited => false,
        }
    }
}

/// Whether a live flag goes off by its own switch, and nothing else of it changes: what it gives everyone then was said
/// before, and approved with the rest of it.
#[must_use]
pub fn is_by_switch_alone(step: Step<'_>) -> bool {
    let Step::Edited(FlagEntry { flag: before, .. }, FlagEntry { flag: after, .. }) = step else { return false };
    let quiet = |difference: &Difference| {
        let row = difference.row;
        !difference.effect || row.is_some_and(|row| row.role == Role::Lifecycle || row.concerns_nobody())
    };
    after.links.switched_off
        && before.state.live
        && before.is_sure()
        && !step.moved()
        && diff::compare(Some(before), after).iter().all(quiet)
}

/// The fields that change besides, where a step switches a live flag off: those that would need approval if it stayed
/// live. A percentage that goes to nothing belongs to it, as in a rollback. `None` if the step is no switch-off.
#[must_use]
pub fn besides(step: Step<'_>, changes: &[Change], critical: &Critical) -> Option<Vec<String>> {
    let (before, after) = (step.before()?, step.after()?);
    if !before.flag.state.live || !(after.flag.is_off() || is_by_switch_alone(step)) {
        return None;
    }
    let more = |change: &&Change| {
        let is_switch = change.row.is_some_and(|row| row.role == Role::Lifecycle);
        let nothing = |node: &Node| node.as_number().is_some_and(Decimal::is_zero);
        let percentage = change.list.is_none() && change.row.is_some_and(|row| row.display == Display::Percent);
        let to_nobody = percentage && change.after.as_ref().is_none_or(nothing);
        let gated = change.rule.is_some() || rule_of(&change.field, &change.means, critical).is_some();
        change.class != Class::NoEffect && !is_switch && !to_nobody && gated
    };
    let mut fields: Vec<String> = changes.iter().filter(more).map(|change| change.field.clone()).collect();
    fields.dedup();
    Some(fields)
}
