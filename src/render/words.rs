//! The words all outputs share: a change as one short sentence, who is asked, where it stands and what to do next.

pub use super::phrase::{Part, Phrase};
use super::values;
use super::view::View;
use crate::diagnostics::escape as safe;
use crate::report::{Act, Change, Class, FlagReport, Holder, Mode, Report, Requirement, Side, Verdict};

/// Values longer than this are not told in a sentence; the drawing has them.
const SHORT: usize = 60;

/// A change as one short sentence: "weights 1:1 → 1:3 (of those exposed: control 50% → 25%, treatment 50% → 75%)".
#[must_use]
pub fn sentence(change: &Change, variants: &[String]) -> Phrase {
    let title = title(change, variants);
    match View::of(change, variants) {
        View::Spread(spread) if spread.keys.len() <= 6 && change.class != Class::NoEffect => {
            let mut phrase = title.ours(" (of those exposed: ");
            for (index, (key, (before, after))) in spread.keys.iter().zip(spread.shares()).enumerate() {
                let (left, right) = values::percents(before, after);
                phrase = phrase.ours(if index > 0 { ", " } else { "" }).value(key).ours(" ");
                phrase = phrase.turn(before.map(|_| left), after.map(|_| right));
            }
            phrase.ours(")")
        }
        View::Members { removed, added, .. } => {
            let mut phrase = title.ours(": ");
            for (index, (member, verb)) in
                added.iter().map(|one| (one, " added")).chain(removed.iter().map(|one| (one, " removed"))).enumerate()
            {
                if index == 4 && added.len() + removed.len() > 5 {
                    return phrase.ours(format!(" and {} more", added.len() + removed.len() - 4));
                }
                phrase = phrase.ours(if index > 0 { ", " } else { "" });
                phrase.0.push(if verb == " added" { Part::New(member.clone()) } else { Part::Old(member.clone()) });
                phrase = phrase.ours(verb);
            }
            phrase
        }
        View::Deleted
        | View::Moved
        | View::Reordered(..)
        | View::Segment(_)
        | View::Variant(_)
        | View::Spread(_)
        | View::Percent(..)
        | View::Value(..) => title,
    }
}

/// What changed, with the values where they are short: the line above a drawing.
#[must_use]
pub fn title(change: &Change, variants: &[String]) -> Phrase {
    let same = change.before == change.after;
    let phrase = match View::of(change, variants) {
        View::Deleted => return Phrase::new("deleted while live"),
        View::Moved => {
            let text = |side: &Option<crate::document::Node>| side.as_ref().map(values::inline);
            return Phrase::new("moved: ").turn(text(&change.before), text(&change.after));
        }
        View::Reordered(before, after) => {
            let list = |names: Vec<String>| (!names.is_empty()).then(|| names.join(", "));
            return subject(change, true).ours(" reordered: ").turn(list(before), list(after));
        }
        View::Segment(_) | View::Variant(_) => return subject(change, false).ours(verb(change.act)),
        View::Members { .. } => return subject(change, false),
        View::Spread(spread) => {
            let (before, after) = spread.ratios();
            (before, after)
        }
        View::Percent(before, after) => {
            let write = |side: Option<&crate::document::Decimal>| side.map(ToString::to_string);
            (write(before), write(after))
        }
        View::Value(before, after) => {
            let write = |side: Option<&crate::document::Node>| side.map(values::inline);
            let (before, after) = (write(before), write(after));
            let length = |side: &Option<String>| side.as_deref().map_or(0, safe::columns);
            if length(&before) + length(&after) > SHORT || !flat(change) {
                return subject(change, false).ours(verb(change.act));
            }
            (before, after)
        }
    };
    match phrase {
        (None, None) => subject(change, false).ours(verb(change.act)),
        (before, Some(_)) if same => subject(change, false).ours(" stays ").turn(before, None),
        (None, after) => subject(change, false).ours(" added: ").turn(None, after),
        (before, None) => subject(change, false).ours(" removed: ").turn(before, None),
        (before, after) => subject(change, false).ours(" ").turn(before, after),
    }
}

/// Whether a sentence can hold both values: scalars, and what fits in a few words.
pub(super) fn flat(change: &Change) -> bool {
    [&change.before, &change.after].into_iter().flatten().all(|node| values::lines(node).len() == 1)
        || [&change.before, &change.after].into_iter().flatten().all(|node| safe::columns(&values::inline(node)) <= 24)
}

fn verb(act: Act) -> &'static str {
    match act {
        Act::Added => " added",
        Act::Removed => " removed",
        Act::Changed => " changed",
        Act::Reordered => " reordered",
    }
}

/// "weights", "segment `US beta users`", "payload of variant `treatment`".
fn subject(change: &Change, plural: bool) -> Phrase {
    let means = change.means.as_str();
    let list = match means.split('.').next() {
        Some("targetSegments") => Some(("segment", "segments")),
        Some("variants") => Some(("variant", "variants")),
        _ => None,
    };
    let Some(item) = &change.item else {
        return match (means, list) {
            ("rolloutWeights", _) if change.field == means => Phrase::new("weights"),
            ("targetSegments" | "variants", Some((_, many))) if plural => Phrase::new(many),
            _ if change.field.is_empty() => Phrase::new("the flag"),
            _ => Phrase::default().value(&change.field),
        };
    };
    let rest = match change.field.split_once('.') {
        Some((_, "rolloutWeights")) => "weights",
        Some((_, rest)) => rest,
        None => "",
    };
    match (list, rest) {
        (Some((one, _)), "") => Phrase::new(format!("{one} ")).name(item),
        (Some((one, _)), rest) => Phrase::default().value(rest).ours(format!(" of {one} ")).name(item),
        (None, _) => Phrase::default().value(&change.field).ours(" ").name(item),
    }
}

/// The same with its first letter big.
pub(super) fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map(|first| first.to_uppercase().chain(chars).collect()).unwrap_or_default()
}

/// "1 flag", "2 flags".
#[must_use]
pub fn count(number: usize, noun: &str) -> String {
    format!("{number} {noun}{}", if number == 1 { "" } else { "s" })
}

/// The verdict in words: "pending: 2 of 3 flags wait for approval".
#[must_use]
pub fn headline(report: &Report) -> String {
    let split = !super::fits(report);
    let verdict = if split { Verdict::Invalid } else { report.verdict };
    format!("{}: {}", verdict.word(), if split { SPLIT.to_owned() } else { because(report) })
}

pub(super) const SPLIT: &str = "split this pull request, what needs approval is more than one comment can show";

pub(super) fn because(report: &Report) -> String {
    let flags = report.flags.iter().filter(|flag| flag.verdict == report.verdict).count();
    let total = report.flags.len();
    let policy = report.policy.changed && report.policy.verdict == report.verdict;
    let of = |one: &str, many: &str| {
        let who = if flags == total { count(flags, "flag") } else { format!("{flags} of {}", count(total, "flag")) };
        (flags > 0).then(|| format!("{who} {}", if flags == 1 { one } else { many }))
    };
    let (of_flags, of_policy) = match report.verdict {
        Verdict::NotRequired if total == 0 => return "no flag changes".to_owned(),
        Verdict::NotRequired => {
            return format!("{} changed, nothing needs approval{}", count(total, "flag"), moves(report));
        }
        Verdict::Approved => (of("is approved", "are approved"), "the change of the policy is approved"),
        Verdict::Pending => {
            (of("waits for approval", "wait for approval"), "the change of the policy waits for approval")
        }
        Verdict::Locked => {
            (of("is held by another pull request", "are held by other pull requests"), "the policy is held elsewhere")
        }
        Verdict::Rejected => (of("was rejected", "were rejected"), "the change of the policy was rejected"),
        Verdict::Invalid => {
            let errors = report.diagnostics.iter().filter(|diagnostic| diagnostic.is_error()).count();
            if errors > 0 {
                return format!("{} to fix first", count(errors, "error"));
            }
            (of("cannot be judged", "cannot be judged"), "the proposed policy cannot be judged by")
        }
    };
    let parts: Vec<String> = of_flags.into_iter().chain(policy.then(|| of_policy.to_owned())).collect();
    if parts.is_empty() {
        return "see below".to_owned();
    }
    parts.join(", ") + &moves(report)
}

/// "; moves up to 40.0% of a segment's users".
fn moves(report: &Report) -> String {
    super::moves::summary(report, report.verdict).map_or_else(String::new, |text| format!("; {text}"))
}

/// "3 flags: 1 locked, 2 pending; 1 diagnostic".
#[must_use]
pub fn summary(report: &Report) -> String {
    let order = [
        Verdict::Invalid,
        Verdict::Rejected,
        Verdict::Locked,
        Verdict::Pending,
        Verdict::Approved,
        Verdict::NotRequired,
    ];
    let verdicts = order.into_iter().filter_map(|verdict| {
        let number = report.flags.iter().filter(|flag| flag.verdict == verdict).count();
        (number > 0).then(|| format!("{number} {}", verdict.word()))
    });
    let mut text = count(report.flags.len(), "flag");
    if !report.flags.is_empty() {
        text = format!("{text}: {}", verdicts.collect::<Vec<_>>().join(", "));
    }
    if report.policy.changed {
        text = format!("{text}; the policy: {}", report.policy.verdict.word());
    }
    if !report.diagnostics.is_empty() {
        text = format!("{text}; {}", count(report.diagnostics.len(), "problem"));
    }
    text
}

/// What to do next, one sentence each; none if nothing stands in the way.
#[must_use]
pub fn next(report: &Report) -> Vec<Phrase> {
    let mut steps: Vec<Phrase> = Vec::new();
    let mut add = |step: Phrase| {
        if !steps.contains(&step) {
            steps.push(step);
        }
    };
    if !super::fits(report) {
        add(Phrase::new("split this pull request into smaller ones"));
        return steps;
    }
    if report.diagnostics.iter().any(crate::diagnostics::Diagnostic::is_error) {
        add(Phrase::new("fix the errors, then check again"));
    }
    for flag in in_order(report).into_iter().filter(|flag| flag.verdict == Verdict::Locked) {
        add(match &flag.locked_by {
            Some(holder) => Phrase::new(format!("wait until #{} is merged, closed or made a draft", holder.pull)),
            None => Phrase::new("wait until the pull request that holds the flag is merged, closed or made a draft"),
        });
    }
    for requirement in requirements(report) {
        if !requirement.rejected_by.is_empty() {
            add(Phrase::new("change what ")
                .values(requirement.rejected_by.iter().map(String::as_str), " and ")
                .ours(" rejected, or ask for an approval instead"));
        } else if requirement.missing() > 0 {
            add(Phrase::new("ask for ").then(asked(requirement, requirement.missing())));
        }
    }
    steps
}

fn requirements(report: &Report) -> impl Iterator<Item = &Requirement> {
    let open = in_order(report).into_iter().filter(|flag| flag.verdict != Verdict::Locked);
    open.flat_map(|flag| &flag.requirements).chain(&report.policy.requirements)
}

/// "2 approvals of @acme/payments or @alice".
#[must_use]
pub fn asked(requirement: &Requirement, number: u32) -> Phrase {
    let number = count(usize::try_from(number).unwrap_or(usize::MAX), "approval");
    let from = requirement.from.iter().map(String::as_str);
    match requirement.mode {
        Mode::Specific if requirement.from.is_empty() => Phrase::new(format!("{number}, and nobody is named for it")),
        Mode::Specific => Phrase::new(format!("{number} of ")).values(from, " or "),
        Mode::Peer => {
            let phrase = Phrase::new(format!("{number} of anyone with write access who took no part in the change"));
            if requirement.from.is_empty() { phrase } else { phrase.ours(" (such as ").values(from, " or ").ours(")") }
        }
        Mode::Admins if requirement.from.is_empty() => Phrase::new(format!("{number} of an admin, and none is named")),
        Mode::Admins => Phrase::new(format!("{number} of an admin (")).values(from, " or ").ours(")"),
    }
}

/// How far it is: "1 given, 1 missing".
#[must_use]
pub fn stands(requirement: &Requirement) -> String {
    match (requirement.rejected_by.is_empty(), requirement.missing()) {
        (false, _) => "rejected".to_owned(),
        (true, 0) => "all given".to_owned(),
        (true, missing) if missing == requirement.required => "none given yet".to_owned(),
        (true, missing) => format!("{} given, {missing} missing", requirement.required - missing),
    }
}

/// Which line says so, and for which rules: "line 4 of APPROVERS, section `Payments`, for rollout".
#[must_use]
pub fn source(requirement: &Requirement, of_policy: bool) -> Phrase {
    let mut phrase = match (requirement.line, requirement.mode) {
        (Some(line), _) => Phrase::new(format!("line {line} of APPROVERS")),
        (None, Mode::Specific) => Phrase::new("APPROVERS"),
        (None, Mode::Peer) => Phrase::new("the project's approvals are by peers"),
        (None, Mode::Admins) if of_policy => Phrase::new("admins approve changes of the policy"),
        (None, Mode::Admins) => Phrase::new("admins approve what no line of APPROVERS covers"),
    };
    if let Some(section) = &requirement.section {
        phrase = phrase.ours(", section ").name(section);
    }
    match requirement.policy {
        Side::Base if of_policy => phrase = phrase.ours(", under the base policy"),
        Side::Base => {}
        Side::Proposed => phrase = phrase.ours(", under the proposed policy"),
    }
    if !requirement.because.is_empty() && !of_policy {
        phrase = phrase.ours(", for ").values(requirement.because.iter().map(|id| id.as_str()), " and ");
    }
    phrase
}

/// "locked by #123, requested by @jo, 2 days ago".
#[must_use]
pub fn lock(holder: &Holder) -> Phrase {
    let ago = match holder.days {
        i64::MIN..=0 => "today".to_owned(),
        1 => "1 day ago".to_owned(),
        days => format!("{days} days ago"),
    };
    Phrase::new(format!("locked by #{}, requested by ", holder.pull))
        .value(&format!("@{}", holder.requestor.trim_start_matches('@')))
        .ours(format!(", {ago}"))
}

/// The lifecycle word, before and after: "planning → running".
#[must_use]
pub fn state(flag: &FlagReport) -> Phrase {
    let unreadable = flag.verdict == Verdict::Invalid;
    match (&flag.state.before, &flag.state.after) {
        (Some(before), Some(after)) if before == after => Phrase::default().value(before),
        (Some(before), Some(after)) => Phrase::default().turn(Some(safe::visible(before)), Some(safe::visible(after))),
        (None, Some(after)) => Phrase::new("new, ").value(after),
        (Some(before), None) if unreadable => Phrase::default().value(before).ours(" → unreadable"),
        (Some(before), None) => Phrase::default().value(before).ours(" → deleted"),
        (None, None) => Phrase::new("unreadable"),
    }
}

/// The flags, those that need something first, else in the report's order.
#[must_use]
pub fn in_order(report: &Report) -> Vec<&FlagReport> {
    let mut flags: Vec<&FlagReport> = report.flags.iter().collect();
    flags.sort_by_key(|flag| std::cmp::Reverse(flag.verdict));
    flags
}

/// Whether an approver has to see it: everything but routine changes and those without effect.
#[must_use]
pub fn matters(change: &Change) -> bool {
    match change.class {
        Class::Critical | Class::Activation | Class::Deactivation => true,
        Class::Routine | Class::NoEffect => false,
    }
}

/// Whether somebody has to approve it.
#[must_use]
pub fn gated(change: &Change) -> bool {
    match change.class {
        Class::Critical | Class::Activation => true,
        Class::Deactivation => change.rule.is_some(),
        Class::Routine | Class::NoEffect => false,
    }
}

/// The first eight digits of a digest: what people are shown and name.
#[must_use]
pub fn short(digest: &str) -> &str {
    digest.get(..8).unwrap_or(digest)
}

/// The first eight digits of a commit, or nothing for the index and the work tree.
#[must_use]
pub fn revision(revision: &crate::report::Revision) -> Phrase {
    let phrase = Phrase::default().value(&revision.name);
    match &revision.oid {
        Some(oid) => phrase.ours(" ").value(short(oid)),
        None => phrase,
    }
}

/// A sentence in Markdown, with everything of theirs in code.
#[must_use]
pub fn markdown(phrase: &Phrase) -> String {
    let mut out = String::new();
    for part in &phrase.0 {
        match part {
            Part::Ours(text) => out.push_str(text),
            Part::Name(text) | Part::Value(text) | Part::Old(text) | Part::New(text) => {
                if out.ends_with('`') {
                    out.push(' ');
                }
                out.push_str(&safe::code(text));
            }
        }
    }
    out
}
