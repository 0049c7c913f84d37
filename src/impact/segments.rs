//! Who is in a segment: its conditions, as the file has them.
//!
//! In: a flag before and after. Out: each segment of it once, in the order in which they are tried. It says nothing of
//! how many they are, and makes no words: what a condition reads like is the renderer's to say. Not taken: the conditions
//! in each group of an effect, where those of one segment would stand again for every way into it.

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::Serialize;

use super::conditions::turnover;
use super::{Arithmetic, flagd};
use crate::document::Node;
use crate::flag::Flag;

/// A segment, and who is in it.
#[derive(Clone, PartialEq, Debug, Serialize, JsonSchema)]
pub struct Segment {
    /// The segment, by its name; for flagd its conditions as a text.
    pub segment: String,
    /// All of them hold for whoever is in it, in the words of the format; none if it is anyone. Those on the base branch
    /// if the segment goes.
    pub conditions: Vec<Node>,
    /// Those on the base branch, if other users could meet them; left out otherwise, and if the segment is new.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub before: Option<Vec<Node>>,
}

/// The segments of a flag, in the order in which they are tried (a user is in the first whose conditions hold), and
/// last those that go.
#[must_use]
pub fn segments(before: Option<&Flag>, after: Option<&Flag>) -> Vec<Segment> {
    let [before, after] = [before, after].map(|side| side.map_or_else(Vec::new, own));
    let was: BTreeMap<&str, &Vec<&Node>> = before.iter().map(|(name, nodes)| (name.as_str(), nodes)).collect();
    let is: BTreeSet<&str> = after.iter().map(|(name, _)| name.as_str()).collect();
    let copied = |nodes: &[&Node]| -> Vec<Node> { nodes.iter().map(|node| (*node).clone()).collect() };
    let kept = after.iter().map(|(name, nodes)| {
        let (conditions, old) = (copied(nodes), was.get(name.as_str()).map(|nodes| copied(nodes)));
        let before = old.filter(|old| differ(old, &conditions));
        Segment { segment: name.clone(), conditions, before }
    });
    let gone = before.iter().filter(|(name, _)| !is.contains(name.as_str()));
    let gone = gone.map(|(name, nodes)| Segment { segment: name.clone(), conditions: copied(nodes), before: None });
    kept.chain(gone).collect()
}

/// Whether other users could meet them. What a field that nobody knows does to them isn't known.
fn differ(before: &[Node], after: &[Node]) -> bool {
    const KNOWN: &[&str] = &["type", "prop", "op", "values"];
    let strange = |node: &Node| node.as_map().is_none_or(|map| map.iter().any(|it| !KNOWN.contains(&it.key.as_str())));
    !turnover(before, after).is_nobody() || before != after && before.iter().chain(after).any(strange)
}

/// The name of each segment, and its conditions.
fn own(flag: &Flag) -> Vec<(String, Vec<&Node>)> {
    match Arithmetic::of(flag) {
        Some(Arithmetic::Amplitude) => {
            let segments = flag.get("targetSegments").and_then(Node::as_list).unwrap_or_default();
            let named = segments.iter().filter_map(|segment| {
                let conditions = segment.get("conditions").and_then(Node::as_list).unwrap_or_default();
                Some((segment.get("name").and_then(Node::as_text)?.to_owned(), conditions.iter().collect()))
            });
            named.collect()
        }
        Some(Arithmetic::Flagd) => {
            let leaves = flagd::tree(flag).map(|tree| tree.leaves).unwrap_or_default();
            leaves.into_iter().filter_map(|leaf| Some((leaf.name?, leaf.conditions))).collect()
        }
        None => Vec::new(),
    }
}
