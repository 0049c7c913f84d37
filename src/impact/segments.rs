//! Segments with their conditions, as the file has them.
//!
//! In: a flag before and after. Out: each segment once, in the order in which they are tried. Refuses: to say how many
//! users are in one. Not taken: words for conditions, which are the renderer's; and conditions in each group of an impact,
//! where those of one segment would be repeated for every way into it.

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::Serialize;

use crate::document::Node;
use crate::flag::Flag;

/// A segment and its conditions.
#[derive(Clone, PartialEq, Debug, Serialize, JsonSchema)]
pub struct Segment {
    /// The name of the segment; for flagd its conditions as a string.
    pub segment: String,
    /// The conditions, in the words of the format. All hold for a user in the segment; none takes everyone. If the segment
    /// is removed, the conditions on the base branch.
    pub conditions: Vec<Node>,
    /// The conditions on the base branch, if other users could meet them; left out otherwise, and if the segment is new.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub before: Option<Vec<Node>>,
}

/// The segments of a flag, in the order in which they are tried (a user is in the first whose conditions hold), and
/// last those that go.
#[must_use]
pub fn segments(before: Option<&Flag>, after: Option<&Flag>) -> Vec<Segment> {
    let [old, new] = [before, after].map(|side| side.map_or_else(Vec::new, named));
    let was: BTreeMap<&str, &Vec<&Node>> = old.iter().map(|(name, nodes)| (name.as_str(), nodes)).collect();
    let is: BTreeSet<&str> = new.iter().map(|(name, _)| name.as_str()).collect();
    let copied = |nodes: &[&Node]| -> Vec<Node> { nodes.iter().map(|node| (*node).clone()).collect() };
    let differ = |old: &[&Node], new: &[&Node]| {
        after.is_some_and(|flag| {
            let turnover = (flag.format.exposure.turnover)(old, new);
            !turnover.is_nobody() || turnover.unknown_members
        })
    };
    let kept = new.iter().map(|(name, nodes)| {
        let before = was.get(name.as_str()).filter(|old| differ(old, nodes)).map(|old| copied(old));
        Segment { segment: name.clone(), conditions: copied(nodes), before }
    });
    let gone = old.iter().filter(|(name, _)| !is.contains(name.as_str()));
    let gone = gone.map(|(name, nodes)| Segment { segment: name.clone(), conditions: copied(nodes), before: None });
    kept.chain(gone).collect()
}

/// The name of each segment, and its conditions; none if the flag can't be computed.
fn named(flag: &Flag) -> Vec<(String, Vec<&Node>)> {
    let groups = (flag.format.exposure.groups)(flag).map(|groups| groups.list).unwrap_or_default();
    groups.into_iter().filter_map(|group| Some((group.name?, group.conditions))).collect()
}
