//! Segments with their conditions, as the file has them.
//!
//! In: a flag before and after. Out: each segment once, in the order in which they are tried. Refuses: to say how many
//! users are in one. Not taken: words for conditions, which are the renderer's; and conditions in each group of an
//! impact, where those of one segment would be repeated for every way into it.

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::Serialize;

use super::model::{ExposureModel, Group, Partition};
use super::pairing::pairs;
use crate::document::Node;
use crate::flag::Flag;

/// A segment and its conditions.
#[derive(Clone, PartialEq, Debug, Serialize, JsonSchema)]
pub struct Segment {
    /// The name of the segment; for flagd its conditions as a string.
    pub segment: String,
    /// The conditions, in the words of the format. All hold for a user in the segment; none takes everyone. If the
    /// segment is removed, the conditions on the base branch.
    pub conditions: Vec<Node>,
    /// The conditions on the base branch, if other users could meet them; left out otherwise, and if the segment is
    /// new.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub before: Option<Vec<Node>>,
}

/// The segments of a flag, in the order in which they are tried (a user is in the first whose conditions hold), and
/// last those that go.
#[must_use]
pub fn segments(before: Option<&Flag>, after: Option<&Flag>) -> Vec<Segment> {
    let [old, new] = [before, after].map(|side| side.map_or_else(Vec::new, groups_of));
    let model = after.or(before).map(|flag| &flag.format.exposure);
    // The impact of a flag that is activated or deactivated names the segments of one side, a renamed one by either
    // name.
    let stays_live = [before, after].iter().all(|side| side.is_some_and(|flag| flag.state.live));
    let pairs = match model {
        Some(model) if stays_live => pairs(&old, &new, model),
        _ => namesakes(&old, &new),
    };
    let was: BTreeMap<usize, usize> = pairs.iter().map(|(at, to)| (*to, *at)).collect();
    let kept: BTreeSet<usize> = pairs.iter().map(|(at, _)| *at).collect();
    let segment = |group: &Group<'_>, before: Option<&Group<'_>>| {
        let conditions = |group: &Group<'_>| group.conditions.iter().map(|node| (*node).clone()).collect();
        let before = before.map(conditions);
        Some(Segment { segment: group.name.clone()?, conditions: conditions(group), before })
    };
    let other_users = |old: &&Group<'_>, new: &Group<'_>| {
        let turnover = model.map(|model| (model.turnover)(old, new)).unwrap_or_default();
        !turnover.is_nobody() || turnover.unknown_members
    };
    let remaining = new.iter().enumerate().filter_map(|(to, group)| {
        let old = was.get(&to).and_then(|at| old.get(*at)).filter(|old| other_users(old, group));
        segment(group, old)
    });
    let gone =
        old.iter().enumerate().filter(|(at, _)| !kept.contains(at)).filter_map(|(_, group)| segment(group, None));
    remaining.chain(gone).collect()
}

impl ExposureModel {
    /// The index before and after of each segment that is on both sides, among the segments of its side. `None` if the
    /// format has no segments that are tried one after the other, or a flag has too many.
    #[must_use]
    pub fn paired_segments(&self, before: &Flag, after: &Flag) -> Option<Vec<(usize, usize)>> {
        let model = &before.format.exposure;
        let (old, new) = ((model.groups)(before).ok()?, (self.groups)(after).ok()?);
        let in_order = [&old, &new].iter().all(|groups| groups.partition == Partition::FirstMatch);
        let segment = |(at, to): &(usize, usize)| {
            let named = |group: Option<&Group<'_>>| group.is_some_and(|group| group.name.is_some());
            named(old.list.get(*at)) && named(new.list.get(*to))
        };
        let alike = in_order && model.algorithm == self.algorithm;
        alike.then(|| pairs(&old.list, &new.list, self).into_iter().filter(segment).collect())
    }
}

fn namesakes(old: &[Group<'_>], new: &[Group<'_>]) -> Vec<(usize, usize)> {
    let places: BTreeMap<&Option<String>, usize> =
        new.iter().enumerate().map(|(to, group)| (&group.name, to)).collect();
    old.iter().enumerate().filter_map(|(at, group)| Some((at, *places.get(&group.name)?))).collect()
}

/// The groups of a flag; none if it can't be computed.
fn groups_of(flag: &Flag) -> Vec<Group<'_>> {
    (flag.format.exposure.groups)(flag).map(|groups| groups.list).unwrap_or_default()
}
