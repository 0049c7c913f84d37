//! Notes on the impact of a native flag: causes, the intent, warnings and caveats. Facts about Amplitude are from
//! <https://amplitude.com/docs/feature-experiment>.

use std::collections::BTreeSet;

use super::exposure::{everyone_gets, groups, segments, string};
use super::unmodelled::sticky;
use crate::diagnostics::words::in_backticks;
use crate::document::canonical::canonical;
use crate::document::{Decimal, Node, Shape};
use crate::flag::{Flag, Kind};
use crate::groups::Share;
use crate::impact::{Cause, FlagSides, Impact, Intent, Lifecycle, SegmentImpact, all_others, pairs};

/// Adds the notes to an impact with its shares computed.
pub fn add(sides: &FlagSides<'_>, out: &mut Impact) {
    if let (Lifecycle::Active, Some(before), Some(after)) = (sides.lifecycle, sides.before, sides.after) {
        causes(before, after, out);
    }
    out.intent = intent(sides);
    warnings(sides, out);
    caveats(sides, out);
}

/// Adds the edits that make users switch, other than those of segments.
fn causes(before: &Flag, after: &Flag, out: &mut Impact) {
    let [old, new] = [before, after].map(|flag| groups(flag).map(|groups| groups.list).unwrap_or_default());
    let kept = pairs(&old, &new, &after.format.exposure).into_iter();
    let pairs: Vec<(&Node, &Node)> =
        kept.filter_map(|(at, to)| segments(before).get(at).zip(segments(after).get(to))).collect();
    if string(before, "bucketingSalt") != string(after, "bucketingSalt") {
        out.causes.push(Cause::Salt);
    }
    let unit = |flag: &Flag| string(flag, "bucketingUnit").unwrap_or("User").to_owned();
    let key = |node: Option<&Node>| node.and_then(Node::as_text).map(str::to_owned);
    if unit(before) != unit(after)
        || string(before, "bucketingKey") != string(after, "bucketingKey")
        || pairs.iter().any(|(old, new)| key(old.get("bucketingKey")) != key(new.get("bucketingKey")))
    {
        out.causes.push(Cause::BucketingKey);
    }
    let now =
        |key: &str| out.renamed.iter().find(|it| it.from == key).map_or_else(|| key.to_owned(), |it| it.to.clone());
    let old: Vec<String> = before.variants().into_iter().map(now).collect();
    let new: Vec<String> = after.variants().into_iter().map(str::to_owned).collect();
    let kept = |list: &[String], other: &[String]| -> Vec<String> {
        list.iter().filter(|name| other.contains(name)).cloned().collect()
    };
    if kept(&old, &new) != kept(&new, &old) {
        out.causes.push(Cause::VariantOrder);
    }
    let weights = |old: Option<&Node>, new: Option<&Node>| match (old, new) {
        (Some(old), Some(new)) => old != new && canonical(old, &Shape::Weights) == canonical(new, &Shape::Weights),
        _ => false,
    };
    if weights(before.get("rolloutWeights"), after.get("rolloutWeights"))
        || pairs.iter().any(|(old, new)| weights(old.get("rolloutWeights"), new.get("rolloutWeights")))
    {
        out.causes.push(Cause::SameRatio);
    }
}

/// The intent of a change. A decision is one intent, though Amplitude writes it as three fields: the winner's weight,
/// the percentage, and sticky bucketing off; or off and 0 percent.
fn intent(sides: &FlagSides<'_>) -> Option<Intent> {
    let (Some(before), Some(after)) = (sides.before, sides.after) else { return None };
    let decided = |word: &str| string(after, "decision") == Some(word) && string(before, "decision") != Some(word);
    let (was, is) = (everyone_gets(before), everyone_gets(after));
    let zero = |flag: &Flag| flag.get("rolloutPercentage").and_then(Node::as_number).is_none_or(Decimal::is_zero);
    match (sides.lifecycle, is) {
        (Lifecycle::Active, Some(Some(variant))) if was != Some(Some(variant.clone())) => {
            Some(Intent::Rollout(variant))
        }
        (Lifecycle::Active, Some(None)) if was != Some(None) => Some(Intent::Rollback),
        (Lifecycle::Deactivated, _) if decided("rollback") => Some(Intent::Rollback),
        (Lifecycle::Deactivated, _) if zero(after) && !zero(before) => Some(Intent::Rollback),
        // A decision written down later than carried out. One that the rest of the file does not carry out is a
        // warning.
        (Lifecycle::Active, Some(Some(variant))) if decided("rollout") => Some(Intent::Rollout(variant)),
        (Lifecycle::Active, Some(None)) if decided("rollback") => Some(Intent::Rollback),
        _ => None,
    }
}

/// Adds the harm that a change does to users or to a running experiment.
fn warnings(sides: &FlagSides<'_>, out: &mut Impact) {
    let (Some(before), Some(after)) = (sides.before, sides.after) else { return };
    let decision = string(after, "decision").filter(|word| string(before, "decision") != Some(word));
    if out.lifecycle == Lifecycle::Active {
        match (decision, everyone_gets(after)) {
            (Some("rollout"), Some(Some(variant)))
                if string(after, "rolledOutVariant").is_none_or(|it| it == variant) => {}
            (Some("rollout"), _) => {
                out.warnings.push("`decision` is `rollout`, and not everyone gets that variant".into())
            }
            (Some("rollback"), Some(None)) => {}
            (Some("rollback"), _) => out.warnings.push("`decision` is `rollback`, and users still get variants".into()),
            _ => {}
        }
    }
    let running =
        before.kind == Kind::Experiment && before.state.word == "running" && out.lifecycle == Lifecycle::Active;
    // A decision ends the experiment: nothing is measured after it.
    if !running || decision.is_some_and(|word| word != "continue-running") {
        return;
    }
    let remembered = sticky(before) && sticky(after);
    let largest = |of: &dyn Fn(&SegmentImpact) -> Share| {
        let group = out.per_segment.iter().max_by_key(|group| of(group)).filter(|group| !of(group).is_nobody())?;
        let whose = group.segment.as_deref().map_or_else(|| all_others(out).to_owned(), in_backticks);
        Some((of(group), whose))
    };
    let worst = largest(&|group| out.to_another_variant(group));
    let under_new_key = largest(&|group| out.under_new_key(group));
    let only_renamed = under_new_key.is_some()
        && out.cannot_be_computed().is_none()
        && out.per_segment.iter().all(|group| group.changed() == out.under_new_key(group));
    let mut warnings = Vec::new();
    if let (Some((share, whose)), [renamed, ..]) = (&under_new_key, out.renamed.as_slice()) {
        let (old, new) = (in_backticks(&renamed.from), in_backticks(&renamed.to));
        warnings.push(format!(
            "this experiment is running: results so far stay under {old}, and up to {share} of {whose} count for {new} \
             from now on"
        ));
    }
    if let Some((share, whose)) = &worst {
        warnings.push(if remembered {
            format!(
                "this experiment is running: users who have a variant keep it and new ones are split otherwise, \
                 which is a sample-ratio mismatch (up to {share} of {whose} would get another variant)"
            )
        } else {
            format!(
                "this experiment is running: up to {share} of {whose} switch variant, so that what they do counts for \
                 both (variant jumping, sample-ratio mismatch)"
            )
        });
    }
    if sticky(before) != sticky(after) {
        warnings
            .push("this experiment is running: switching sticky bucketing is a cause of sample-ratio mismatch".into());
    } else if remembered && worst.is_none() && !only_renamed && !out.affected().is_nobody() {
        warnings.push(
            "this experiment is running with sticky bucketing: another allocation is a cause of sample-ratio mismatch"
                .into(),
        );
    }
    out.warnings.extend(warnings);
}

/// Adds the conditions under which the shares hold.
fn caveats(sides: &FlagSides<'_>, out: &mut Impact) {
    let FlagSides { before, after, .. } = *sides;
    let flags = || [before, after].into_iter().flatten();
    let mut say = |caveat: String| out.caveats.push(caveat);
    if let Some(after) = after {
        match after.state.word.as_str() {
            "testing" => say("in testing only the users included by name get a variant".into()),
            "scheduled" => say("from `startDate` on".into()),
            "completed"
                if string(after, "decision") == Some("rollout") && before.is_some_and(|flag| flag.state.live) =>
            {
                say("`completed` serves nobody: users who are to keep the winner have to get it from the code".into());
            }
            _ => {}
        }
    }
    if sides.lifecycle == Lifecycle::Inactive {
        return;
    }
    if before.is_some_and(sticky) && after.is_some_and(sticky) {
        say("sticky bucketing: users who already have a variant keep it; the shares are of users who are new to \
                 it"
        .into());
    } else if after.is_some_and(sticky) {
        say("sticky bucketing: users who once have a variant keep it".into());
    }
    if flags().any(|flag| flag.get("parentDependencies").and_then(|node| node.get("flags")).is_some()) {
        say("of users whom `parentDependencies` let pass".into());
    }
    if after.is_some_and(|flag| string(flag, "experimentType") == Some("multi-arm-bandit")) {
        say("a bandit changes its weights by itself".into());
    }
    let mut fractions: BTreeSet<String> = BTreeSet::new();
    for flag in flags() {
        let percentages = std::iter::once(flag.get("rolloutPercentage"))
            .chain(segments(flag).iter().map(|segment| segment.get("percentage")));
        fractions.extend(
            percentages
                .flatten()
                .filter_map(Node::as_number)
                .filter(|number| number.to_integer().is_none())
                .map(ToString::to_string),
        );
    }
    if let Some(number) = fractions.first() {
        say(format!(
            "a percentage is counted in whole buckets, and how `{number}` is rounded is not public; it is taken as \
             rounded up"
        ));
    }
    if flags().any(|flag| flag.state.live && flag.get("rolloutPercentage").is_none()) {
        say("an absent `rolloutPercentage` is taken as 0".into());
    }
    let unweighted = |segment: &Node| segment.get("rolloutWeights").is_none();
    if flags().any(|flag| segments(flag).iter().any(unweighted)) {
        say("a segment without `rolloutWeights` is taken to be spread like all other users".into());
    }
}
