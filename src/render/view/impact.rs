//! Impact of a change as an approver reads it: one sentence with its warnings, then for each group of users the share
//! of each variant before and after, the flows between variants, and the users who could now match a segment or no
//! longer.
//!
//! Every share is one of a named group: of a segment, or of all other users. No file knows what part of all users that
//! is.

use crate::diagnostics::words::counted;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use super::super::phrases::{NO_VARIANT, Phrase};
use crate::diagnostics::escape as safe;
use crate::document::Node;
use crate::groups::Share;
use crate::impact::{Flow, Impact, Lifecycle, Members, SegmentImpact, Word, words};
use crate::report::{FlagReport, Report, Verdict};

/// Groups that are drawn, as many as the sentence names.
const GROUPS: usize = 3;

/// Variants of a group that are drawn.
const VARIANTS: usize = 8;

/// Flows from one variant to another that are listed; the rest are counted.
const FLOWS: usize = 6;

/// Lines about users who could match a segment; the changes list all of them.
const MEMBERS: usize = 6;

/// The impact of a flag, limited to what text and Markdown have room for.
pub(in crate::render) struct ImpactView<'r> {
    pub impact: &'r Impact,
    pub sentence: Phrase,
    /// Groups for whom something changes, of active and activated flags.
    pub groups: Vec<GroupView<'r>>,
    /// How many more groups there are.
    pub groups_left: usize,
    pub members: Vec<MemberView<'r>>,
    pub members_left: usize,
    /// The conditions under which the shares hold, and their omissions where the sentence has only the first of
    /// several.
    pub caveats: Vec<String>,
    /// The features that the format does not have, where users get something else.
    pub without: Option<String>,
}

/// One group of users.
pub(in crate::render) struct GroupView<'r> {
    /// "`US beta users`", "all other users".
    pub whose: Phrase,
    /// The share of each variant in the order of the variants, no variant last; empty if each has as many as before.
    pub shares: Vec<VariantShare<'r>>,
    pub shares_left: usize,
    /// The largest flows first; empty where the shares alone say it.
    pub flows: Vec<&'r Flow>,
    pub flows_left: usize,
}

/// The share of a group that gets a variant (or none), before and after, from 0 to 1.
pub(in crate::render) struct VariantShare<'r> {
    pub variant: Option<&'r str>,
    pub before: f64,
    pub after: f64,
}

/// Users who could match a segment, or no longer.
pub(in crate::render) struct MemberView<'r> {
    pub verb: &'static str,
    pub segment: &'r str,
    pub users: &'r str,
}

impl<'r> ImpactView<'r> {
    pub(super) fn of(flag: &'r FlagReport) -> Option<Self> {
        let impact = shown(flag)?;
        let drawn = match impact.lifecycle {
            Lifecycle::Active | Lifecycle::Activated => changing(impact),
            Lifecycle::Deactivated | Lifecycle::Inactive => Vec::new(),
        };
        let drawn_of = |group: &&'r SegmentImpact| GroupView::of(group, impact, &flag.variants);
        // Where only the values of variants differ, there is nothing to draw.
        let (groups, alike): (Vec<GroupView<'r>>, Vec<GroupView<'r>>) =
            drawn.iter().take(GROUPS).map(drawn_of).partition(GroupView::is_drawn);
        let mut members = members(impact);
        let members_left = members.len().saturating_sub(MEMBERS);
        members.truncate(MEMBERS);
        Some(ImpactView {
            impact,
            sentence: sentence(impact),
            groups_left: drawn.len() - groups.len() - alike.len(),
            groups,
            members,
            members_left,
            caveats: caveats(impact),
            without: without(impact),
        })
    }
}

impl<'r> GroupView<'r> {
    fn is_drawn(&self) -> bool {
        !self.shares.is_empty() || !self.flows.is_empty()
    }

    fn of(group: &'r SegmentImpact, impact: &Impact, variants: &'r [String]) -> Self {
        let (shares, shares_left) = shares(group, variants);
        let only_shares = group.switch.is_nobody() && (group.newly.is_nobody() || group.lose.is_nobody());
        let mut flows: Vec<&Flow> = if only_shares { Vec::new() } else { moving(group) };
        let flows_left = flows.len().saturating_sub(FLOWS);
        flows.truncate(FLOWS);
        GroupView { whose: whose(group, impact), shares, shares_left, flows, flows_left }
    }
}

/// Features that the format does not have, so that a report says nothing else of them.
fn without(impact: &Impact) -> Option<String> {
    let said = !impact.without.is_empty() && !impact.is_nothing();
    said.then(|| format!("not in this format: {}", impact.without.join(", ")))
}

/// The impact of a flag, unless it needs no approval and affects nobody.
pub(in crate::render) fn shown(flag: &FlagReport) -> Option<&Impact> {
    flag.impact.as_ref().filter(|impact| flag.verdict != Verdict::NotRequired || !impact.is_nothing())
}

/// The impact in one sentence.
pub(in crate::render) fn sentence(impact: &Impact) -> Phrase {
    words(impact).iter().fold(Phrase::default(), |phrase, word| match word {
        // Our words hold names too, where they say what cannot be computed.
        Word::Ours(text) => phrase.ours(safe::visible(text)),
        Word::Name(name) => phrase.name(name),
    })
}

/// The largest impact among the flags of the report's verdict: "affects up to 40.0% of a segment's users".
pub(super) fn summary(report: &Report) -> Option<String> {
    let impacts = || report.flags.iter().filter(|flag| flag.verdict == report.verdict).filter_map(shown);
    let unknown = impacts().any(|impact| !impact.unknown.is_empty());
    let groups = impacts().flat_map(|impact| impact.per_segment.iter().map(move |group| (impact, group)));
    let most = groups.filter(|(_, group)| !group.changed().is_nobody()).max_by_key(|(_, group)| group.changed());
    let affected = match most {
        _ if unknown => Some("impact unknown".to_owned()),
        Some((impact, group)) => {
            let whose = match group.segment.is_some() || group.moved_from.is_some() {
                true => "a segment's users",
                false if without_segments(impact) => "a flag's users",
                false => "all other users",
            };
            Some(format!("affects up to {} of {whose}", group.changed()))
        }
        None => None,
    };
    let unmodelled = impacts().any(|impact| !impact.unmodelled.is_empty());
    let unmodelled = unmodelled.then(|| "changes unmodelled fields".to_owned());
    let affected = match (affected, unmodelled) {
        (Some(affected), Some(unmodelled)) => Some(format!("{affected} and {unmodelled}")),
        (affected, unmodelled) => affected.or(unmodelled),
    };
    let warnings = impacts().map(|impact| impact.warnings.len()).sum::<usize>();
    let warned = (warnings > 0).then(|| counted(warnings, "warning"));
    match (affected, warned) {
        (Some(affected), Some(warned)) => Some(format!("{affected}, with {warned}")),
        (affected, warned) => affected.or(warned),
    }
}

fn without_segments(impact: &Impact) -> bool {
    impact.per_segment.iter().all(|group| group.segment.is_none())
}

/// The name of a group: "`US beta users`", "all other users".
pub(in crate::render) fn whose(group: &SegmentImpact, impact: &Impact) -> Phrase {
    let name = |phrase: Phrase, segment: &Option<String>| match segment {
        Some(name) => phrase.name(name),
        None if without_segments(impact) => phrase.ours("everyone"),
        None => phrase.ours("all other users"),
    };
    let Some(origin) = &group.moved_from else { return name(Phrase::default(), &group.segment) };
    let from = Phrase::new("users who come from ");
    let from = match &origin.segment {
        // Where no segment is left there is no "all other users" to come to.
        Some(segment) if group.segment.is_none() => return Phrase::new("users who were in ").name(segment),
        Some(segment) => from.name(segment),
        None => from.ours("all other users"),
    };
    name(from.ours(" to "), &group.segment)
}

/// Groups for whom something changes: those whose segment is the same as before first, then by the share that switches
/// variant, which is what hurts an experiment.
pub(in crate::render) fn changing(impact: &Impact) -> Vec<&SegmentImpact> {
    let mut groups: Vec<&SegmentImpact> =
        impact.per_segment.iter().filter(|group| !group.changed().is_nobody()).collect();
    groups.sort_by_key(|group| (group.moved_from.is_some(), Reverse(group.switch), Reverse(group.changed())));
    groups
}

/// Conditions of a segment before and after.
pub(in crate::render) struct ChangedConditions<'n> {
    /// On both sides, as they are written after.
    pub kept: Vec<&'n Node>,
    pub gone: Vec<&'n Node>,
    pub come: Vec<&'n Node>,
}

impl<'n> ChangedConditions<'n> {
    pub(in crate::render) fn of(before: &'n [Node], after: &'n [Node]) -> Self {
        let [old, new] = [before, after].map(|side| side.iter().map(Node::json).collect::<BTreeSet<String>>());
        let (kept, come) = after.iter().partition(|node| old.contains(&node.json()));
        let gone = before.iter().filter(|node| !new.contains(&node.json())).collect();
        ChangedConditions { kept, gone, come }
    }
}

/// The shares that a change affects of a group.
pub(in crate::render) type AffectedShares = Vec<(Share, &'static str)>;

/// Groups for whom something changes, the largest share first, each with its shares, the largest first.
pub(in crate::render) fn most_affected(impact: &Impact) -> Vec<(&SegmentImpact, AffectedShares)> {
    let mut groups = changing(impact);
    groups.sort_by_key(|group| Reverse(group.changed()));
    let shares = |group: &SegmentImpact| {
        let mut shares = affected(group, impact);
        shares.sort_by_key(|(share, _)| Reverse(*share));
        shares
    };
    groups.into_iter().map(|group| (group, shares(group))).collect()
}

/// The shares of a group that a change affects, each with its verb; without those of nobody.
pub(in crate::render) fn affected(group: &SegmentImpact, impact: &Impact) -> Vec<(Share, &'static str)> {
    let all = [
        (impact.under_new_key(group), NEW_KEY),
        (impact.to_another_variant(group), SWITCH),
        (group.newly, NEWLY),
        (group.lose, LOSE),
        (group.another_value, "get another value of their variant"),
    ];
    all.into_iter().filter(|(share, _)| !share.is_nobody()).collect()
}

const NEW_KEY: &str = "get the new key";
const SWITCH: &str = "switch variant";
const NEWLY: &str = "are newly exposed";
const LOSE: &str = "lose exposure";

/// The verb for the users of a flow.
pub(in crate::render) fn verb(flow: &Flow, impact: &Impact) -> &'static str {
    match (&flow.from, &flow.to) {
        (None, _) => NEWLY,
        (_, None) => LOSE,
        (Some(_), Some(_)) if impact.is_renaming(flow) => NEW_KEY,
        (Some(_), Some(_)) => SWITCH,
    }
}

/// Flows of users who get another variant than before, the largest first.
pub(in crate::render) fn moving(group: &SegmentImpact) -> Vec<&Flow> {
    let mut flows: Vec<&Flow> = group.matrix.iter().filter(|flow| flow.from != flow.to).collect();
    flows.sort_by_key(|flow| Reverse(flow.share));
    flows
}

/// A variant's name, or that there is none; `write` writes a name.
pub(in crate::render) fn variant(key: Option<&str>, write: fn(&str) -> String) -> String {
    key.map_or_else(|| NO_VARIANT.to_owned(), write)
}

/// The share of each variant, and how many variants are left out.
fn shares<'r>(group: &'r SegmentImpact, variants: &[String]) -> (Vec<VariantShare<'r>>, usize) {
    // By name, so that thousands of variants cost no more than a file of that size should.
    let mut sums: BTreeMap<Option<&'r str>, (f64, f64)> = BTreeMap::new();
    for flow in &group.matrix {
        sums.entry(flow.from.as_deref()).or_default().0 += flow.share.to_f64();
        sums.entry(flow.to.as_deref()).or_default().1 += flow.share.to_f64();
    }
    // Slots are cut at whole hashes: a ratio of 1:1 is not quite two halves, and that is no change.
    let share = |(variant, (before, after)): (_, (f64, f64))| {
        let after = if (before - after).abs() < 1e-6 { before } else { after };
        VariantShare { variant, before, after }
    };
    let mut rows: Vec<VariantShare<'r>> = sums.into_iter().map(share).collect();
    let differs = |row: &VariantShare<'_>| row.before.total_cmp(&row.after).is_ne();
    if !rows.iter().any(differs) {
        return (Vec::new(), 0);
    }
    let places: BTreeMap<&str, usize> =
        variants.iter().enumerate().map(|(at, variant)| (variant.as_str(), at)).collect();
    rows.sort_by_key(|row| match row.variant {
        Some(key) => places.get(key).copied().unwrap_or(usize::MAX - 1),
        None => usize::MAX,
    });
    let total = rows.len();
    if total > VARIANTS {
        rows.retain(differs);
        rows.truncate(VARIANTS);
    }
    let left = total - rows.len();
    (rows, left)
}

fn members(impact: &Impact) -> Vec<MemberView<'_>> {
    let mut lines = Vec::new();
    for Members { segment, added, removed, joins, leaves, undecided } in &impact.members {
        if *added {
            let users = "users who meet the conditions of this new segment";
            lines.push(MemberView { verb: "could now match", segment, users });
        }
        if *removed {
            lines.push(MemberView { verb: "no longer match", segment, users: "all users who did, as it is removed" });
        }
        let each =
            [("could now match", joins), ("no longer match", leaves), ("undecided whether they match", undecided)];
        for (verb, phrases) in each {
            lines.extend(phrases.iter().map(|users| MemberView { verb, segment, users }));
        }
    }
    lines
}

fn caveats(impact: &Impact) -> Vec<String> {
    let left_out = [("cannot be computed", &impact.unknown), ("unmodelled", &impact.unmodelled)];
    let several = left_out.into_iter().filter(|(_, list)| list.len() > 1);
    let each = several.flat_map(|(label, list)| list.iter().map(move |why| format!("{label}: {why}")));
    each.chain(impact.caveats.iter().cloned()).collect()
}
