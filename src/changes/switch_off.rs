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
use crate::flag::{Flag, FlagEntry};

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

/// Whether a live flag goes off by its own switches, and nothing else of it changes: what it gives everyone then was
/// said before, and approved with the rest of it.
#[must_use]
pub fn is_by_switch_alone(step: Step<'_>) -> bool {
    let Step::Edited(FlagEntry { flag: before, .. }, FlagEntry { flag: after, .. }) = step else { return false };
    let is_state = |difference: &Difference| {
        let field = after.format.lifecycle_field();
        field.is_some_and(|field| difference.field == field.name)
    };
    let quiet = |difference: &Difference| match difference.row {
        _ if !difference.effect || is_switched_off(difference, after) => true,
        // Of one that was off by another switch, only what goes off is.
        Some(row) if row.role == Role::Lifecycle => before.is_sure() || is_state(difference),
        Some(row) => row.concerns_nobody(),
        None => false,
    };
    let goes_off = || after.links.switched_off || before.links.switched_off && after.is_off();
    before.state.live
        && (before.is_sure() || before.links.switched_off)
        && goes_off()
        && !step.moved()
        && diff::compare(Some(before), after).iter().all(quiet)
}

/// Whether a difference is a switch of the flag that goes off.
fn is_switched_off(difference: &Difference, after: &Flag) -> bool {
    let says = |node: &Option<Node>| node.as_ref().and_then(Node::as_bool);
    let is_switch = difference.row.is_some_and(|row| row.role == Role::Lifecycle) || after.is_off();
    let goes = says(&difference.before) == Some(true) && says(&difference.after) == Some(false);
    says_off(difference, after) || goes && is_switch && !after.format.says_off(name_of(difference, after))
}

/// Whether a difference is a member of the flag that says by true from now on that it is off.
#[must_use]
pub fn says_off(difference: &Difference, after: &Flag) -> bool {
    let is_true = difference.after.as_ref().and_then(Node::as_bool) == Some(true);
    is_true && after.format.says_off_in(&difference.field, name_of(difference, after))
}

/// The name of a member of the flag, or of its environment: `disabled` of `environments/production/disabled`.
fn name_of<'d>(difference: &'d Difference, after: &Flag) -> &'d str {
    let name = difference.item.as_deref().unwrap_or(&difference.field);
    let environment = after.scope.as_deref().and_then(|scope| scope.rsplit('/').next());
    match name.rsplit_once('/') {
        Some((way, member)) if environment.is_some() && way.rsplit('/').next() == environment => member,
        _ => name,
    }
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
        let moot = matches!(change.class, Class::NoEffect | Class::Deactivation);
        !moot && !is_switch && !to_nobody && gated
    };
    let mut fields: Vec<String> = changes.iter().filter(more).map(|change| change.field.clone()).collect();
    fields.dedup();
    Some(fields)
}
