//! Parts of a change that are done by hand: while one of them decides who is served, nothing is written that serves
//! more users.
//!
//! In: an item and the calls for it. Out: the same without those calls, and a sentence about them. A file that serves
//! fewer users by a prerequisite, say, which the API cannot write, would serve them all until somebody has set it; and
//! a new salt with the old segments gives users what neither of the two states does. Not taken: working out which of
//! several segments serves more; all of them wait.

use std::collections::BTreeSet;

use serde_json::Value;

use super::steps::{RESHAPING, Steps};
use super::{Item, fields, path_of};
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
    let mut waiting: BTreeSet<&str> = BTreeSet::new();
    let path = path_of(have.kind, &have.id);
    let share = have.record.get(fields::PERCENTAGE).and_then(Node::as_number).map_or(0.0, Decimal::to_f64);
    for stage in &mut steps.stages {
        stage.retain_mut(|call| {
            if call.method == "POST" && call.path.ends_with("/deployments") {
                waiting.insert(fields::DEPLOYMENTS);
                return false;
            }
            // Of an item that is on, all that decides who gets what goes together. A new variant has no weight, and who
            // is included gets what the file says.
            let part = call.path.strip_prefix(&path).unwrap_or_default();
            if have.enabled && part.starts_with("/variants") && call.method != "POST" {
                waiting.insert(fields::VARIANTS);
                return false;
            }
            let Some(body) = call.body.as_object_mut().filter(|_| call.method == "PATCH") else { return true };
            if body.get("enabled") == Some(&Value::Bool(true)) {
                waiting.insert(fields::STATE);
                return false;
            }
            if body.get(fields::PERCENTAGE).and_then(Value::as_f64).is_some_and(|to| to > share) {
                body.remove(fields::PERCENTAGE);
                waiting.insert(fields::PERCENTAGE);
            }
            // Which of the segments serves more users than before is not worked out here.
            let together =
                RESHAPING.iter().filter(|_| have.enabled).chain(&[fields::SEGMENTS, fields::EXPERIMENT_TYPE]);
            for field in together {
                if body.remove(*field).is_some() {
                    waiting.insert(*field);
                }
            }
            !body.is_empty()
        });
    }
    steps.stages.retain(|stage| !stage.is_empty());
    if !waiting.is_empty() {
        let list: Vec<&str> = waiting.into_iter().collect();
        let message = format!("left until that is done, since it may serve more or other users: {}", list.join(", "));
        steps.by_hand.push(message);
    }
}
