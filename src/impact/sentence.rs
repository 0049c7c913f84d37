//! The sentence that says what an impact is, in words that need no knowledge of buckets.

use crate::diagnostics::words::in_backticks;
use std::cmp::Reverse;
use std::collections::BTreeMap;

use super::result::{Cause, Flow, Impact, Intent, Lifecycle, RenamedVariant, SegmentImpact};
use crate::groups::Share;

/// A piece of a sentence: our own words, or a name from a file, which can be anything and has to be shown as a name.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Word {
    Ours(String),
    Name(String),
}

/// The number of groups that a sentence describes; of the others it says how many there are.
const MOST: usize = 3;

/// The number of variants that a sentence has one by one.
const MOST_GIVEN: usize = 6;

/// The sentence as a string, with names in backticks and nothing in them invisible.
#[must_use]
pub fn sentence(impact: &Impact) -> String {
    let text = |word: &Word| match word {
        Word::Ours(text) => text.clone(),
        Word::Name(name) => in_backticks(name),
    };
    words(impact).iter().map(text).collect()
}

/// The sentence in pieces: "`treatment` 10% → 50% of `US beta users`: 40.0% newly exposed, nobody switches variant".
#[must_use]
pub fn words(impact: &Impact) -> Vec<Word> {
    let mut out = Sentence::default();
    match impact.lifecycle {
        Lifecycle::Inactive if impact.unmodelled.is_empty() => {
            out.ours("not live before or after: nobody gets anything else");
        }
        // A native flag in testing gives a variant to those who are included by name.
        Lifecycle::Inactive => out.ours("not live before or after: nobody gets anything else by its rollout"),
        Lifecycle::Activated | Lifecycle::Deactivated if impact.unsure.is_some() => {}
        Lifecycle::Activated => activated(impact, &mut out),
        Lifecycle::Deactivated => deactivated(impact, &mut out),
        Lifecycle::Active => active(impact, &mut out),
    }
    for (what, list) in [("not computed", &impact.unknown), ("not modelled", &impact.unmodelled)] {
        let Some(first) = list.first() else { continue };
        let rest = if list.len() > 1 { format!(", and {} more", list.len() - 1) } else { String::new() };
        out.clause(&format!("{what}: {first}{rest}"));
    }
    out.words
}

/// A sentence while it is written.
#[derive(Default)]
struct Sentence {
    words: Vec<Word>,
    /// Whether a heading stands at the end, with a colon, after which a clause needs no semicolon.
    after_heading: bool,
}

impl Sentence {
    fn ours(&mut self, text: &str) {
        if text.is_empty() {
            return;
        }
        self.after_heading = false;
        match self.words.last_mut() {
            Some(Word::Ours(last)) => last.push_str(text),
            _ => self.words.push(Word::Ours(text.to_owned())),
        }
    }

    /// Words that end with a colon, before what they are about.
    fn heading(&mut self, text: &str) {
        self.ours(text);
        self.ours(": ");
        self.after_heading = true;
    }

    /// A clause of its own, divided from those before it.
    fn clause(&mut self, text: &str) {
        if !self.words.is_empty() && !self.after_heading {
            self.ours("; ");
        }
        self.ours(text);
    }

    fn name(&mut self, name: &str) {
        self.after_heading = false;
        self.words.push(Word::Name(name.to_owned()));
    }

    fn group(&mut self, group: &SegmentImpact, impact: &Impact) {
        match &group.segment {
            Some(name) => self.name(name),
            None => self.ours(all_others(impact)),
        }
    }

    fn more(&mut self, left: usize, one: &str, many: &str) {
        if left > 0 {
            self.ours(&format!("; {left} more {}", if left == 1 { one } else { many }));
        }
    }
}

/// The name of all other users: everyone, if there are no segments.
#[must_use]
pub fn all_others(impact: &Impact) -> &'static str {
    let any_segment = impact.per_segment.iter().any(|other| other.segment.is_some());
    if any_segment { "all other users" } else { "everyone" }
}

/// The name of a group in a sentence.
pub(super) fn whose(impact: &Impact, group: &SegmentImpact) -> String {
    let name =
        |segment: &Option<String>| segment.as_deref().map_or_else(|| all_others(impact).to_owned(), in_backticks);
    match &group.moved_from {
        Some(origin) => format!("users who come from {} to {}", name(&origin.segment), name(&group.segment)),
        None => name(&group.segment),
    }
}

/// Groups with a share of this kind: those whose users stay in their segment first, then by the size of the share.
fn groups_with(impact: &Impact, of: impl Fn(&SegmentImpact) -> Share) -> Vec<&SegmentImpact> {
    let mut groups: Vec<&SegmentImpact> = impact.per_segment.iter().filter(|group| !of(group).is_nobody()).collect();
    groups.sort_by(|one, other| {
        let came = |group: &SegmentImpact| group.moved_from.is_some();
        came(one).cmp(&came(other)).then_with(|| of(other).cmp(&of(one)))
    });
    groups
}

/// A flag that is live only after the change.
fn activated(impact: &Impact, out: &mut Sentence) {
    let gets = |flow: &&Flow| flow.to.is_some() && flow.from != flow.to;
    let given =
        |group: &SegmentImpact| group.matrix.iter().filter(gets).fold(Share::NOBODY, |sum, flow| sum.and(flow.share));
    let mut groups = groups_with(impact, given);
    groups.sort_by_key(|group| Reverse(group.newly));
    if groups.is_empty() {
        out.ours(match impact.unknown.is_empty() {
            true if has_same_while_off(impact) => "goes live: nobody gets anything else than while it was off",
            true => "goes live for nobody: no rollout gives anybody a variant",
            false => "goes live",
        });
        return;
    }
    out.heading("goes live");
    for (at, group) in groups.iter().take(MOST).enumerate() {
        out.ours(if at > 0 { "; " } else { "" });
        let mut given_variants: Vec<(Share, &String)> =
            group.matrix.iter().filter(gets).filter_map(|flow| Some((flow.share, flow.to.as_ref()?))).collect();
        given_variants.sort();
        match given_variants.as_slice() {
            // Not all of it is something that they don't have without the flag.
            [first, rest @ ..] if rest.is_empty() || given(group) != group.newly && rest.len() < MOST_GIVEN => {
                out.ours(&format!("{} of ", first.0));
                out.group(group, impact);
                out.ours(" get ");
                out.name(first.1);
                for (share, variant) in rest {
                    out.ours(&format!(", {share} "));
                    out.name(variant);
                }
            }
            _ => {
                out.ours(&format!("{} of ", group.newly));
                out.group(group, impact);
                out.ours(" newly exposed");
            }
        }
    }
    out.more(groups.len().saturating_sub(MOST), "group", "groups");
}

/// Whether somebody has the same variant whether the flag is on or off.
fn has_same_while_off(impact: &Impact) -> bool {
    impact.per_segment.iter().flat_map(|group| &group.matrix).any(|flow| flow.to.is_some() && flow.from == flow.to)
}

/// A flag that is live only before the change.
fn deactivated(impact: &Impact, out: &mut Sentence) {
    out.heading(if impact.intent == Some(Intent::Rollback) { "rolled back" } else { "no longer live" });
    let groups = groups_with(impact, |group| group.lose);
    if groups.is_empty() && impact.unknown.is_empty() {
        let same = has_same_while_off(impact);
        out.ours(if same { "nobody gets anything else" } else { "nobody had a variant" });
    }
    for (at, group) in groups.iter().take(MOST).enumerate() {
        out.ours(if at > 0 { "; " } else { "" });
        out.ours(&format!("{} of ", group.lose));
        out.group(group, impact);
        // All of them get the one that it gives while it is off, if it gives any.
        match group.matrix.iter().find_map(|flow| flow.to.as_ref()) {
            Some(variant) if at == 0 => {
                out.ours(" get ");
                out.name(variant);
            }
            None if at == 0 => out.ours(" lose their variant"),
            Some(_) | None => {}
        }
    }
    out.more(groups.len().saturating_sub(MOST), "group", "groups");
}

/// A flag that is live on both sides.
fn active(impact: &Impact, out: &mut Sentence) {
    match &impact.intent {
        Some(Intent::Rollout(variant)) => {
            out.ours("rolls ");
            out.name(variant);
            out.heading(" out to everyone");
        }
        Some(Intent::Rollback) => out.heading("rolled back"),
        None => {}
    }
    let groups = groups_with(impact, SegmentImpact::changed);
    if groups.is_empty() && impact.members.is_empty() {
        if impact.cannot_be_computed().is_none() {
            let same = impact.causes.contains(&Cause::SameRatio);
            out.ours(if same { "same ratio: no effect" } else { "no effect on who gets what" });
        }
        return;
    }
    let head = redrawn(impact);
    if head.is_none() && groups.iter().any(|group| !impact.under_new_key(group).is_nobody()) {
        renamed(impact, out);
    }
    for (at, group) in groups.iter().take(MOST).enumerate() {
        out.ours(if at > 0 { "; " } else { "" });
        if group.changed() == group.another_value {
            out.ours(&format!("{} of ", group.another_value));
            out.ours(&match &group.moved_from {
                Some(_) => whose(impact, group),
                None => String::new(),
            });
            if group.moved_from.is_none() {
                out.group(group, impact);
            }
            out.ours(" get another value of their variant");
            continue;
        }
        match head {
            Some(head) if group.moved_from.is_none() => {
                out.ours(if at == 0 { head } else { "" });
                let full = group.exposed_before == group.exposed_after
                    && group.newly.is_nobody()
                    && group.another_value.is_nobody();
                if full {
                    out.ours(&format!("{} exposed users", part(group)));
                    if impact.per_segment.len() > 1 {
                        out.ours(" of ");
                        out.group(group, impact);
                    }
                    out.ours(if part(group) == "every one of the" { " switches variant" } else { " switch variant" });
                    continue;
                }
                if impact.per_segment.len() > 1 {
                    out.ours("of ");
                    out.group(group, impact);
                    out.ours(", ");
                }
            }
            _ if impact.under_new_key(group) == group.changed() => {
                out.ours(&format!("{} of ", group.switch));
                out.group(group, impact);
                out.ours(" get the new key");
                continue;
            }
            _ => title(group, impact, out),
        }
        shares(group, impact, out);
    }
    out.more(groups.len().saturating_sub(MOST), "group", "groups");
    if groups.is_empty() && impact.unknown.is_empty() {
        members(impact, out);
    }
}

/// The head of a sentence where users keep their variant under another key: "`treatment` renamed to `fancy`: ".
fn renamed(impact: &Impact, out: &mut Sentence) {
    for (at, RenamedVariant { from, to }) in impact.renamed.iter().take(MOST).enumerate() {
        out.ours(if at > 0 { ", " } else { "" });
        out.name(from);
        out.ours(" renamed to ");
        out.name(to);
    }
    let more = impact.renamed.len().saturating_sub(MOST);
    if more > 0 {
        out.ours(&format!(" and {more} more"));
    }
    out.heading("");
}

/// The head of a sentence where another hash or order makes users switch, and not a share that somebody chose.
fn redrawn(impact: &Impact) -> Option<&'static str> {
    let has = |cause: Cause| impact.causes.contains(&cause);
    match (has(Cause::Salt), has(Cause::BucketingKey), has(Cause::VariantOrder)) {
        (true, _, _) => Some("new salt: "),
        (_, true, _) => Some("bucketed by something else: "),
        (_, _, true) => Some("variants reordered: "),
        _ => None,
    }
}

/// The part of the exposed users who switch, in words if there are any for it.
fn part(group: &SegmentImpact) -> String {
    let share = group.switch.within(group.exposed_before);
    let near = |wanted: f64| (share - wanted).abs() < 1e-6;
    match () {
        () if near(1.0) => "every one of the".to_owned(),
        () if near(0.5) => "half of the".to_owned(),
        () if near(1.0 / 3.0) => "a third of the".to_owned(),
        () if near(2.0 / 3.0) => "two thirds of the".to_owned(),
        () if near(0.25) => "a quarter of the".to_owned(),
        () if near(0.75) => "three quarters of the".to_owned(),
        () => format!("{:.1}% of the", share * 100.0),
    }
}

/// The group, and the share that changes most: "`treatment` 10% → 50% of `US`: ".
fn title(group: &SegmentImpact, impact: &Impact, out: &mut Sentence) {
    if let Some(origin) = &group.moved_from {
        if let (Some(name), None) = (&origin.segment, &group.segment) {
            out.ours("users who were in ");
            out.name(name);
            out.heading("");
            return;
        }
        out.ours("users who come from ");
        match &origin.segment {
            Some(name) => out.name(name),
            None => out.ours("all other users"),
        }
        out.ours(" to ");
        out.group(group, impact);
        out.heading("");
        return;
    }
    // By name, so that thousands of variants cost no more than a file of that size should.
    let mut sides: BTreeMap<&str, (Share, Share)> = BTreeMap::new();
    for flow in &group.matrix {
        if let Some(from) = &flow.from {
            let renamed = impact.renamed.iter().find(|it| it.from == *from);
            let side = sides.entry(renamed.map_or(from, |it| &it.to)).or_insert((Share::NOBODY, Share::NOBODY));
            side.0 = side.0.and(flow.share);
        }
        if let Some(to) = &flow.to {
            let side = sides.entry(to).or_insert((Share::NOBODY, Share::NOBODY));
            side.1 = side.1.and(flow.share);
        }
    }
    let changed: Vec<(&str, Share, Share)> = sides
        .into_iter()
        .map(|(variant, (before, after))| (variant, before, after))
        // Slots are cut at whole hashes.
        .filter(|(_, before, after)| (before.to_f64() - after.to_f64()).abs() > 1e-8)
        .collect();
    let grown = |it: &&(&str, Share, Share)| it.2 > it.1;
    let rollout = (group.exposed_before, group.exposed_after);
    match changed.as_slice() {
        [] => out.ours("the same shares"),
        [(variant, before, after)] => {
            out.name(variant);
            out.ours(&format!(" {} → {}", before.short(), after.short()));
        }
        _ if rollout.0 != rollout.1 => {
            out.ours(&format!("rollout {} → {}", rollout.0.short(), rollout.1.short()));
        }
        many => {
            if let Some((variant, before, after)) = many.iter().filter(grown).max_by_key(|it| it.2) {
                out.name(variant);
                out.ours(&format!(" {} → {}", before.short(), after.short()));
            }
        }
    }
    out.ours(" of ");
    out.group(group, impact);
    out.heading("");
}

/// The shares of a group.
fn shares(group: &SegmentImpact, impact: &Impact, out: &mut Sentence) {
    let mut parts = Vec::new();
    if !group.newly.is_nobody() {
        parts.push(format!("{} newly exposed", group.newly));
    }
    if !group.lose.is_nobody() {
        parts.push(format!("{} lose their variant", group.lose));
    }
    let (switch, new_key) = (impact.to_another_variant(group), impact.under_new_key(group));
    if !new_key.is_nobody() {
        parts.push(format!("{new_key} get the new key"));
    }
    if !switch.is_nobody() {
        parts.push(format!("{switch} switch variant"));
    } else if impact.keeps_all(group) && new_key.is_nobody() {
        parts.push("nobody switches variant".to_owned());
    }
    if !group.another_value.is_nobody() {
        parts.push(format!("{} get another value of their variant", group.another_value));
    }
    out.ours(&parts.join(", "));
}

/// Segments that other users could match, who get what they got before.
fn members(impact: &Impact, out: &mut Sentence) {
    out.ours("other users could match ");
    for (at, members) in impact.members.iter().take(MOST).enumerate() {
        out.ours(if at > 0 { ", " } else { "" });
        out.name(&members.segment);
    }
    out.more(impact.members.len().saturating_sub(MOST), "segment", "segments");
    if impact.cannot_be_computed().is_none() {
        out.ours(", and get what they got before");
    }
}
