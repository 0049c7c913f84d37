//! What the shares do not say: what in the file moves users, what is decided by it, what hurts, and under what all
//! of it holds. Facts about Amplitude are from <https://amplitude.com/docs/feature-experiment>.

use std::collections::{BTreeMap, BTreeSet};

use super::conditions::ticked;
use super::{Arithmetic, Cause, Impact, Intent, Lifecycle, flagd, native};
use crate::document::canonical::canonical;
use crate::document::{Decimal, Node, Shape};
use crate::flag::{Flag, Kind};

const OLDER_FLAGD: &str =
    "flagd before core 0.15.0 (April 2026) cuts the hash otherwise: about as many users, but others";

/// Adds causes, intent, warnings and caveats to an effect with its shares computed.
pub fn add(before: Option<&Flag>, after: Option<&Flag>, out: &mut Impact) {
    let Some(flag) = after.or(before) else { return };
    match Arithmetic::of(flag) {
        Some(Arithmetic::Amplitude) => {
            if let (Some(before), Some(after), Lifecycle::Active) = (before, after, out.lifecycle) {
                causes(before, after, out);
            }
            out.causes.sort();
            out.causes.dedup();
            out.intent = intent(before, after, out.lifecycle);
            warnings(before, after, out);
            amplitude(before, after, out);
        }
        Some(Arithmetic::Flagd) => {
            let draws =
                [before, after].into_iter().flatten().any(|flag| flagd::tree(flag).is_none_or(|tree| tree.draws));
            out.caveats.extend(draws.then(|| OLDER_FLAGD.to_owned()));
        }
        None => {}
    }
    if out.per_segment.iter().any(|group| !group.same_hash) {
        out.caveats.push("another hash of each user decides than before; the two are taken as independent".into());
    }
}

fn text<'f>(flag: &'f Flag, field: &str) -> Option<&'f str> {
    flag.get(field).and_then(Node::as_text)
}

fn segments(flag: &Flag) -> &[Node] {
    flag.get("targetSegments").and_then(Node::as_list).unwrap_or_default()
}

pub(super) fn sticky(flag: &Flag) -> bool {
    // Local evaluation remembers nobody.
    flag.get("stickyBucketing").and_then(Node::as_bool) == Some(true) && text(flag, "evaluationMode") != Some("local")
}

fn causes(before: &Flag, after: &Flag, out: &mut Impact) {
    let name = |segment: &'_ Node| segment.get("name").and_then(Node::as_text).map(str::to_owned);
    let by_name: BTreeMap<Option<String>, &Node> =
        segments(after).iter().map(|segment| (name(segment), segment)).collect();
    let pairs: Vec<(&Node, &Node)> =
        segments(before).iter().filter_map(|old| Some((old, *by_name.get(&name(old))?))).collect();
    if text(before, "bucketingSalt") != text(after, "bucketingSalt") {
        out.causes.push(Cause::Salt);
    }
    let unit = |flag: &Flag| text(flag, "bucketingUnit").unwrap_or("User").to_owned();
    let key = |node: Option<&Node>| node.and_then(Node::as_text).map(str::to_owned);
    if unit(before) != unit(after)
        || text(before, "bucketingKey") != text(after, "bucketingKey")
        || pairs.iter().any(|(old, new)| key(old.get("bucketingKey")) != key(new.get("bucketingKey")))
    {
        out.causes.push(Cause::BucketingKey);
    }
    let (old, new) = (before.variants(), after.variants());
    let kept = |list: &[&str], other: &[&str]| -> Vec<String> {
        list.iter().filter(|name| other.contains(name)).map(|name| (*name).to_owned()).collect()
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

/// A decision is one intent, though Amplitude writes it as three fields: the winner's weight, the percentage, and
/// sticky bucketing off; or off and 0 percent.
fn intent(before: Option<&Flag>, after: Option<&Flag>, lifecycle: Lifecycle) -> Option<Intent> {
    let (Some(before), Some(after)) = (before, after) else { return None };
    let decided = |word: &str| text(after, "decision") == Some(word) && text(before, "decision") != Some(word);
    let (was, is) = (native::everyone_gets(before), native::everyone_gets(after));
    let zero = |flag: &Flag| flag.get("rolloutPercentage").and_then(Node::as_number).is_none_or(Decimal::is_zero);
    match (lifecycle, is) {
        (Lifecycle::Active, Some(Some(variant))) if was != Some(Some(variant.clone())) => {
            Some(Intent::Rollout(variant))
        }
        (Lifecycle::Active, Some(None)) if was != Some(None) => Some(Intent::Rollback),
        (Lifecycle::Deactivated, _) if decided("rollback") => Some(Intent::Rollback),
        (Lifecycle::Deactivated, _) if zero(after) && !zero(before) => Some(Intent::Rollback),
        // Written down later than done. A decision that the rest of the file does not carry out is none, and warned of.
        (Lifecycle::Active, Some(Some(variant))) if decided("rollout") => Some(Intent::Rollout(variant)),
        (Lifecycle::Active, Some(None)) if decided("rollback") => Some(Intent::Rollback),
        _ => None,
    }
}

fn warnings(before: Option<&Flag>, after: Option<&Flag>, out: &mut Impact) {
    let (Some(before), Some(after)) = (before, after) else { return };
    let decision = text(after, "decision").filter(|word| text(before, "decision") != Some(word));
    if out.lifecycle == Lifecycle::Active {
        match (decision, native::everyone_gets(after)) {
            (Some("rollout"), Some(Some(variant)))
                if text(after, "rolledOutVariant").is_none_or(|it| it == variant) => {}
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
    let worst = out.per_segment.iter().filter(|group| !group.switch.is_nobody()).max_by_key(|group| group.switch);
    if let Some(worst) = worst {
        let whose = worst.segment.as_deref().map_or_else(|| rest(after).to_owned(), ticked);
        let share = worst.switch;
        out.warnings.push(if remembered {
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
        out.warnings
            .push("this experiment is running: switching sticky bucketing is a cause of sample-ratio mismatch".into());
    } else if remembered && worst.is_none() && !out.affected().is_nobody() {
        out.warnings.push(
            "this experiment is running with sticky bucketing: another allocation is a cause of sample-ratio mismatch"
                .into(),
        );
    }
}

fn amplitude(before: Option<&Flag>, after: Option<&Flag>, out: &mut Impact) {
    let sides = || [before, after].into_iter().flatten();
    let mut say = |caveat: String| out.caveats.push(caveat);
    if let Some(after) = after {
        match after.state.word.as_str() {
            "testing" => say("in testing only the users included by name get a variant".into()),
            "scheduled" => say("from `startDate` on".into()),
            "completed" if text(after, "decision") == Some("rollout") && before.is_some_and(|flag| flag.state.live) => {
                say("`completed` serves nobody: who is to keep the winner has to get it from the code".into());
            }
            _ => {}
        }
    }
    if out.lifecycle == Lifecycle::Inactive {
        return;
    }
    if before.is_some_and(sticky) && after.is_some_and(sticky) {
        say("sticky bucketing: who already has a variant keeps it; the shares are of users who are new to it".into());
    } else if after.is_some_and(sticky) {
        say("sticky bucketing: who once has a variant keeps it".into());
    }
    if sides().any(|flag| flag.get("parentDependencies").and_then(|node| node.get("flags")).is_some()) {
        say("of users whom `parentDependencies` let pass".into());
    }
    if after.is_some_and(|flag| text(flag, "experimentType") == Some("multi-arm-bandit")) {
        say("a bandit changes its weights by itself".into());
    }
    let mut odd: BTreeSet<String> = BTreeSet::new();
    for flag in sides() {
        let percentages = std::iter::once(flag.get("rolloutPercentage"))
            .chain(segments(flag).iter().map(|segment| segment.get("percentage")));
        odd.extend(
            percentages
                .flatten()
                .filter_map(Node::as_number)
                .filter(|number| number.to_integer().is_none())
                .map(ToString::to_string),
        );
    }
    if let Some(number) = odd.first() {
        say(format!(
            "a percentage is counted in whole buckets, and how `{number}` is rounded is not public; it is taken as rounded up"
        ));
    }
    if sides().any(|flag| flag.state.live && flag.get("rolloutPercentage").is_none()) {
        say("an absent `rolloutPercentage` is taken as 0".into());
    }
    let unweighted = |segment: &Node| segment.get("rolloutWeights").is_none();
    if sides().any(|flag| segments(flag).iter().any(unweighted)) {
        say("a segment without `rolloutWeights` is taken to be spread like all other users".into());
    }
}

/// What those in no segment are called.
pub(super) fn rest(flag: &Flag) -> &'static str {
    if segments(flag).is_empty() { "everyone" } else { "all other users" }
}
