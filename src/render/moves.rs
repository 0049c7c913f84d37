//! Whom a change moves, as an approver reads it first: one sentence and what hurts, then for each group of users what
//! they get before and after, who goes from what to what, and who could now match a segment or no longer.
//!
//! Every share names whose it is: that of a segment, or of all other users. What part of all users that is no file knows.

use std::collections::BTreeMap;

use super::draw::{self, Pen, Row, Sign};
use super::page::{Page, Span, Tone, span};
use super::words::{Phrase, count};
use super::{Look, safe, text};
use crate::impact::{Flow, Impact, Lifecycle, Members, SegmentImpact, Word, words as said};
use crate::report::{FlagReport, Report, Verdict};

/// Groups that are drawn; as many as the sentence tells of.
const GROUPS: usize = 3;

/// Variants of a group that are drawn.
const VARIANTS: usize = 8;

/// Ways from one variant to another that are told; the rest are counted.
const FLOWS: usize = 6;

/// Lines about who could match; the changes below have all of it.
const MEMBERS: usize = 6;

/// The effect of a flag, if there is anything to say: what needs no approval and moves nobody is quiet.
pub(super) fn shown(flag: &FlagReport) -> Option<&Impact> {
    flag.impact.as_ref().filter(|effect| flag.verdict != Verdict::NotRequired || !effect.is_nothing())
}

/// What the change does, in one sentence.
pub(super) fn sentence(effect: &Impact) -> Phrase {
    said(effect).iter().fold(Phrase::default(), |phrase, word| match word {
        // Our words hold names too, where they say what was not computed.
        Word::Ours(text) => phrase.ours(safe::visible(text)),
        Word::Name(name) => phrase.name(name),
    })
}

/// "moves up to 40.0% of a segment's users": the most of what the flags of the verdict do; none if they move nobody.
pub(super) fn summary(report: &Report, verdict: Verdict) -> Option<String> {
    let flags = || report.flags.iter().filter(|flag| flag.verdict == verdict).filter_map(shown);
    let unknown = flags().any(|effect| !effect.unknown.is_empty());
    let groups = flags().flat_map(|effect| effect.per_segment.iter().map(move |group| (effect, group)));
    let most = groups.filter(|(_, group)| !group.changed().is_nobody()).max_by_key(|(_, group)| group.changed());
    let moved = match most {
        _ if unknown => Some("moves users, how many is not computed".to_owned()),
        Some((effect, group)) => {
            let whose = match group.segment.is_some() || group.moved_from.is_some() {
                true => "a segment's users",
                false if one_group(effect) => "a flag's users",
                false => "the users in no segment",
            };
            Some(format!("moves up to {} of {whose}", group.changed()))
        }
        None => None,
    };
    let unmodelled = flags().any(|effect| !effect.unmodelled.is_empty());
    let moved = match moved {
        Some(moved) if unmodelled => Some(format!("{moved} and changes what no share counts")),
        None if unmodelled => Some("changes what no share counts".to_owned()),
        moved => moved,
    };
    let warnings = flags().map(|effect| effect.warnings.len()).sum::<usize>();
    let warned = (warnings > 0).then(|| count(warnings, "warning"));
    match (moved, warned) {
        (Some(moved), Some(warned)) => Some(format!("{moved}, with {warned}")),
        (moved, warned) => moved.or(warned),
    }
}

/// Whether everyone is one group.
fn one_group(effect: &Impact) -> bool {
    effect.per_segment.iter().all(|group| group.segment.is_none())
}

/// Whose share it is: "`US beta users`", "all other users".
pub(super) fn whom(group: &SegmentImpact, effect: &Impact) -> Phrase {
    let name = |phrase: Phrase, segment: &Option<String>| match segment {
        Some(name) => phrase.name(name),
        None if one_group(effect) => phrase.ours("everyone"),
        None => phrase.ours("all other users"),
    };
    match &group.moved_from {
        None => name(Phrase::default(), &group.segment),
        Some(origin) => {
            let phrase = Phrase::new("users who come from ");
            let phrase = match &origin.segment {
                // Where no segment is left there is no "all other users" to come to.
                Some(segment) if group.segment.is_none() => return Phrase::new("users who were in ").name(segment),
                Some(segment) => phrase.name(segment),
                None => phrase.ours("all other users"),
            };
            name(phrase.ours(" to "), &group.segment)
        }
    }
}

/// Groups for whom something changes: those whose segment stays first, and where most switch first, which is what
/// hurts an experiment.
pub(super) fn changing(effect: &Impact) -> Vec<&SegmentImpact> {
    let mut groups: Vec<&SegmentImpact> =
        effect.per_segment.iter().filter(|group| !group.changed().is_nobody()).collect();
    groups.sort_by_key(|group| {
        (group.moved_from.is_some(), std::cmp::Reverse(group.switch), std::cmp::Reverse(group.changed()))
    });
    groups
}

/// What is drawn of an effect. Who loses what they had is told by the sentence.
pub(super) fn drawn(effect: &Impact) -> (Vec<&SegmentImpact>, usize) {
    let mut groups = match effect.lifecycle {
        Lifecycle::Active | Lifecycle::Activated => changing(effect),
        Lifecycle::Deactivated | Lifecycle::Inactive => Vec::new(),
    };
    let left = groups.len().saturating_sub(GROUPS);
    groups.truncate(GROUPS);
    (groups, left)
}

/// A variant, or none, and the share of the group that gets it, before and after.
pub(super) type Gets<'e> = (Option<&'e str>, f64, f64);

/// What a group gets, in the order of the variants, no variant last; nothing if each has as many users as before. The
/// number is of those left out.
pub(super) fn gets<'e>(group: &'e SegmentImpact, variants: &'e [String]) -> (Vec<Gets<'e>>, usize) {
    // By name, so that thousands of variants cost no more than a file of that size should.
    let mut sums: BTreeMap<Option<&'e str>, (f64, f64)> = BTreeMap::new();
    for flow in &group.matrix {
        sums.entry(flow.from.as_deref()).or_default().0 += flow.share.to_f64();
        sums.entry(flow.to.as_deref()).or_default().1 += flow.share.to_f64();
    }
    let mut rows: Vec<Gets<'e>> = sums.into_iter().map(|(who, (before, after))| (who, before, after)).collect();
    for row in &mut rows {
        // Slots are cut at whole hashes: a ratio of 1:1 is not quite two halves, and that is no change.
        if (row.1 - row.2).abs() < 1e-6 {
            row.2 = row.1;
        }
    }
    let differs = |row: &Gets<'_>| row.1.total_cmp(&row.2).is_ne();
    if !rows.iter().any(differs) {
        return (Vec::new(), 0);
    }
    let places: BTreeMap<&str, usize> =
        variants.iter().enumerate().map(|(at, variant)| (variant.as_str(), at)).collect();
    rows.sort_by_key(|row| match row.0 {
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

/// Who goes from what to what, the most first, where the bars alone do not say it.
pub(super) fn flows(group: &SegmentImpact) -> (Vec<&Flow>, usize) {
    if group.switch.is_nobody() && (group.newly.is_nobody() || group.lose.is_nobody()) {
        return (Vec::new(), 0);
    }
    let mut flows: Vec<&Flow> = group.matrix.iter().filter(|flow| flow.from != flow.to).collect();
    flows.sort_by_key(|flow| std::cmp::Reverse(flow.share));
    let left = flows.len().saturating_sub(FLOWS);
    flows.truncate(FLOWS);
    (flows, left)
}

pub(super) const NONE: &str = "no variant";

pub(super) fn kind(flow: &Flow) -> &'static str {
    match (&flow.from, &flow.to) {
        (None, _) => "newly exposed",
        (_, None) => "lose their variant",
        (Some(_), Some(_)) => "switch variant",
    }
}

/// One line about who could match a segment: what it says, the segment, and for whom.
pub(super) fn members(effect: &Impact) -> (Vec<(&'static str, &str, &str)>, usize) {
    let mut lines = Vec::new();
    for Members { segment, added, removed, joins, leaves, undecided } in &effect.members {
        let segment = segment.as_str();
        if *added {
            lines.push(("could now match", segment, "users who meet the conditions of this new segment"));
        }
        if *removed {
            lines.push(("no longer match", segment, "whoever did, for the segment is removed"));
        }
        let each =
            [("could now match", joins), ("no longer match", leaves), ("undecided whether they match", undecided)];
        for (verb, phrases) in each {
            lines.extend(phrases.iter().map(|phrase| (verb, segment, phrase.as_str())));
        }
    }
    let left = lines.len().saturating_sub(MEMBERS);
    lines.truncate(MEMBERS);
    (lines, left)
}

/// The sentence and what hurts, for a terminal: right under the flag's heading.
pub(super) fn first(effect: &Impact, page: &mut Page) {
    let strong = |(_, text): Span| span(Tone::Strong, text);
    let line: Vec<Span> = page.spans(&sentence(effect)).into_iter().map(strong).collect();
    page.line(3, &line);
    for warning in &effect.warnings {
        let text = span(Tone::Warn, format!("warning: {}", safe::visible(warning)));
        page.put(&[span(Tone::Warn, "   ! ")], &[span(Tone::Plain, "       ")], &[text]);
    }
}

/// The groups, their members and what it all holds under, for a terminal.
pub(super) fn rest(effect: &Impact, flag: &FlagReport, look: &Look, page: &mut Page) {
    let pen = Pen { width: page.width().saturating_sub(12), ascii: page.ascii };
    let gutter = [span(Tone::Plain, "     ")];
    let (groups, left) = drawn(effect);
    for group in groups {
        page.blank();
        let head = page.spans(&Phrase::new("of ").then(whom(group, effect)).ours(":"));
        page.line(3, &head);
        let (rows, more) = gets(group, &flag.variants);
        let names = rows.iter().map(|(who, ..)| who.map_or_else(|| NONE.to_owned(), safe::quoted)).collect();
        let shares: Vec<(Option<f64>, Option<f64>)> = rows.iter().map(|row| (Some(row.1), Some(row.2))).collect();
        let mut lines = draw::pairs(names, &shares, pen);
        let same = |text: String| Row { sign: Sign::Same, text };
        lines.extend((more > 0).then(|| same(format!("and {}", count(more, "more variant")))));
        let (flows, more) = flows(group);
        for flow in flows {
            let side = |side: &Option<String>| side.as_deref().map_or_else(|| NONE.to_owned(), safe::quoted);
            let (from, to) = (side(&flow.from), side(&flow.to));
            lines.push(same(format!("{from} {} {to}: {} {}", draw::arrow(pen), flow.share, kind(flow))));
        }
        lines.extend((more > 0).then(|| same(format!("and {} from one to another", count(more, "more way")))));
        for line in &lines {
            text::row(line, &gutter, page);
        }
    }
    if left > 0 {
        page.line(3, &[span(Tone::Quiet, format!("and {}", count(left, "more group")))]);
    }
    let (lines, left) = members(effect);
    if !lines.is_empty() {
        page.blank();
    }
    for (verb, segment, who) in lines {
        let line = Phrase::new(format!("{verb} ")).name(segment).ours(": ").value(who);
        let line = page.spans(&line);
        page.line(3, &line);
    }
    if left > 0 {
        page.line(3, &[span(Tone::Quiet, format!("and {}, see the changes", count(left, "more condition")))]);
    }
    caveats(effect, look, page);
}

/// Under what the shares hold, and what they leave out where the sentence has only the first of several.
pub(super) fn all_caveats(effect: &Impact) -> Vec<String> {
    let left_out = [("not computed", &effect.unknown), ("not counted", &effect.unmodelled)];
    let several = left_out.into_iter().filter(|(_, list)| list.len() > 1);
    let each = several.flat_map(|(what, list)| list.iter().map(move |it| format!("{what}: {it}")));
    each.chain(effect.caveats.iter().cloned()).collect()
}

fn caveats(effect: &Impact, look: &Look, page: &mut Page) {
    let caveats = all_caveats(effect);
    if caveats.is_empty() {
        return;
    }
    page.blank();
    if look.all {
        for caveat in &caveats {
            page.line(3, &[span(Tone::Strong, "caveat: "), span(Tone::Plain, safe::visible(caveat))]);
        }
        return;
    }
    let (number, them) = (caveats.len(), if caveats.len() == 1 { "it" } else { "them" });
    page.line(3, &[span(Tone::Quiet, format!("{}; --all shows {them}", count(number, "caveat")))]);
}
