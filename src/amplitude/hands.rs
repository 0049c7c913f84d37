//! Parts of a change that are done by hand: while one of them decides who is served, nothing is written that serves more users.
//!
//! In: an item and the calls for it. Out: the same without those calls, and a sentence about them. A file that serves fewer users
//! by a prerequisite, say, which the API cannot write, would serve them all until somebody has set it. Not taken: working out
//! which of several segments serves more; all of them wait.

use serde_json::Value;

use super::steps::Steps;
use super::{Item, fields};
use crate::document::{Decimal, Node};

/// The fields that decide who is served, of which something may have to be done by hand.
const NARROWING: &[&str] =
    &[fields::SEGMENTS, fields::DEPENDENCIES, fields::DEPLOYMENTS, fields::VARIANTS, fields::STATE];

/// Takes away the calls that serve more users, while something that decides who is served has to be done by hand first.
pub(super) fn wait(have: &Item, steps: &mut Steps) {
    // Of prerequisites nobody can say more than whether Amplitude has any.
    let is_there = |field: &str| field == fields::DEPENDENCIES && have.held.contains_key(field);
    let narrows = |field: &&&str| steps.unwritten.contains(**field) && !is_there(field);
    if have.archived || NARROWING.iter().find(narrows).is_none() {
        return;
    }
    let mut waiting: Vec<&str> = Vec::new();
    let share = have.record.get(fields::PERCENTAGE).and_then(Node::as_number).map_or(0.0, Decimal::to_f64);
    for stage in &mut steps.stages {
        stage.retain_mut(|call| {
            if call.method == "POST" && call.path.ends_with("/deployments") {
                waiting.push(fields::DEPLOYMENTS);
                return false;
            }
            let Some(body) = call.body.as_object_mut().filter(|_| call.method == "PATCH") else { return true };
            if body.get("enabled") == Some(&Value::Bool(true)) {
                waiting.push(fields::STATE);
                return false;
            }
            if body.get(fields::PERCENTAGE).and_then(Value::as_f64).is_some_and(|to| to > share) {
                body.remove(fields::PERCENTAGE);
                waiting.push(fields::PERCENTAGE);
            }
            // Which of the segments serves more users than before is not worked out here.
            if body.remove(fields::SEGMENTS).is_some() {
                waiting.push(fields::SEGMENTS);
            }
            !body.is_empty()
        });
    }
    steps.stages.retain(|stage| !stage.is_empty());
    if !waiting.is_empty() {
        let message = format!("left until that is done, since it may serve more users: {}", waiting.join(", "));
        steps.by_hand.push(message);
    }
}
