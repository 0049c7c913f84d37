//! Phrases that all outputs share: sentences of our words and their values, about people, locks and states.
//!
//! In: parts of a report. Out: [`Phrase`]s, whose values are visible text; an output decides how a value is shown.

use crate::diagnostics::escape as safe;
pub use crate::diagnostics::words::counted as count;
use crate::diagnostics::words::{counted, short};
use crate::report::{
    BypassWay, BypassedApproval, CountedOverride, FlagReport, Holder, LastLiveReport, Mode, OverdueDebt, Overridden,
    Report, Requirement, Revision, Side, UnknownDebt, Verdict,
};

/// Characters of a name that a short list shows.
const LONGEST: usize = 80;

/// People named where there is no room for all.
pub(super) const NAMES: usize = 3;

/// The section of a report about the policy.
pub(super) const POLICY: &str = "Policy change";

/// The policy as one of several things that need approval.
pub const THE_POLICY: &str = "the policy";

/// The verdict of nothing to approve, in prose.
pub(super) const NO_APPROVAL: &str = "no approval needed";

/// The sentence for a repository in which no project has a flag.
pub const NO_FLAG: &str = "this repository manages no flag";

/// The remedy for a report that one comment cannot show.
pub(super) const SPLIT: &str = "split this pull request, one comment cannot show all that needs approval";

/// Where a rejection is named: the way out of it.
pub(super) const LIFTED: &str =
    "until they approve, or another approver or an admin dismisses it; new commits do not lift it";

/// A user who gets no variant.
pub(super) const NO_VARIANT: &str = "no variant";

/// A piece of a sentence.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Part {
    /// Our own words.
    Ours(String),
    /// A name of theirs, shown in backticks.
    Name(String),
    /// A value of theirs, shown as it is.
    Value(String),
    /// The value before.
    Old(String),
    /// The value after.
    New(String),
}

/// A sentence of our words and their values.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Phrase(pub Vec<Part>);

impl Phrase {
    #[must_use]
    pub fn new(words: impl Into<String>) -> Self {
        Phrase::default().ours(words)
    }

    /// A message of a diagnostic, whose names are in backticks.
    #[must_use]
    pub fn of_message(message: &str) -> Self {
        let pieces = message.split('`').enumerate();
        pieces.fold(Phrase::default(), |phrase, (at, piece)| match at % 2 {
            0 => phrase.ours(piece),
            _ => phrase.name(piece),
        })
    }

    #[must_use]
    pub fn ours(mut self, words: impl Into<String>) -> Self {
        self.0.push(Part::Ours(words.into()));
        self
    }

    #[must_use]
    pub fn name(mut self, name: &str) -> Self {
        self.0.push(Part::Name(safe::visible(name)));
        self
    }

    #[must_use]
    pub fn value(mut self, value: &str) -> Self {
        self.0.push(Part::Value(safe::visible(value)));
        self
    }

    /// `before → after`; one of them alone if the other is absent. Both are visible text.
    #[must_use]
    pub fn turn(mut self, before: Option<String>, after: Option<String>) -> Self {
        let both = before.is_some() && after.is_some();
        self.0.extend(before.map(Part::Old));
        if both {
            self = self.ours(" → ");
        }
        self.0.extend(after.map(Part::New));
        self
    }

    /// Values with commas between and `last` before the last one.
    #[must_use]
    pub fn values<T: AsRef<str>>(mut self, values: &[T], last: &str) -> Self {
        for (index, value) in values.iter().enumerate() {
            if index > 0 {
                self = self.ours(if index + 1 == values.len() { last } else { ", " });
            }
            self = self.value(value.as_ref());
        }
        self
    }

    /// The first `most` values, long ones cut, and how many more there are.
    #[must_use]
    pub(super) fn some<T: AsRef<str>>(self, values: &[T], last: &str, most: usize) -> Self {
        let shown: Vec<String> = values.iter().take(most).map(|value| safe::cut(value.as_ref(), LONGEST)).collect();
        let left = values.len() - shown.len();
        let phrase = self.values(&shown, if left == 0 { last } else { ", " });
        if left == 0 { phrase } else { phrase.ours(format!("{}{left} more", if most > 0 { last } else { "" })) }
    }

    #[must_use]
    pub fn then(mut self, other: Phrase) -> Self {
        self.0.extend(other.0);
        self
    }

    /// The sentence as plain text.
    #[must_use]
    pub fn plain(&self) -> String {
        let part = |part: &Part| match part {
            Part::Name(name) => format!("`{name}`"),
            Part::Ours(text) | Part::Value(text) | Part::Old(text) | Part::New(text) => text.clone(),
        };
        self.0.iter().map(part).collect()
    }

    /// The sentence in Markdown, with everything of theirs in code.
    #[must_use]
    pub(crate) fn markdown(&self) -> String {
        let mut out = String::new();
        for part in &self.0 {
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
}

/// The way out of a rejection: "ask bob to approve, or another approver …". Another content is not one, since a person
/// has said no.
pub fn lifting(by: &[String]) -> Phrase {
    Phrase::new("ask ").some(by, " and ", 4).ours(
        " to approve, or another approver of the same requirement or an admin to dismiss the rejection; new commits do \
         not lift it",
    )
}

/// The way out of a rejection where people sign by key.
pub(super) fn lifting_by_key(by: &[String], proposal: &str) -> Phrase {
    let mut phrase = Phrase::new("ask ").some(by, " and ", 4).ours(" to approve").then(by_command("", proposal));
    phrase = phrase.ours(
        ", or an admin or another approver of the same requirement, who did not write it, to dismiss the rejection",
    );
    for login in by {
        phrase = phrase.then(by_command(&format!("--dismiss {login} --note WHY "), proposal));
    }
    phrase.ours("; new commits do not lift it")
}

/// The command by which somebody signs a response, in parentheses.
pub(super) fn by_command(options: &str, proposal: &str) -> Phrase {
    Phrase::new(" (").name(&format!("countersign approve {options}{proposal}")).ours(")")
}

/// The digits of a digest to copy into a command, which takes no fewer: nobody finds other content with the same 32.
#[must_use]
pub fn binding(digest: &str) -> &str {
    digest.get(..32).unwrap_or(digest)
}

/// The act of admins, in two words or one: whether the glass was broken, or the approvals were overridden.
#[must_use]
pub fn overriding(glass_broken: bool) -> &'static str {
    if glass_broken { "glass broken" } else { "overridden" }
}

/// "overridden by root and boss", so many of them by name.
pub(super) fn overridden(overridden: &Overridden, most: usize) -> Phrase {
    Phrase::new(overriding(overridden.debt.is_some())).ours(" by ").some(&overridden.by, " and ", most)
}

/// The subject of an override: "checkout/one-click-checkout" or "the policy".
#[must_use]
pub fn override_name(one: &CountedOverride<'_>) -> String {
    one.flag.map_or_else(|| THE_POLICY.to_owned(), |flag| flag.to_string())
}

/// "main 9c1185a5"; the index and the work tree have no commit.
pub(super) fn revision(revision: &Revision) -> Phrase {
    let phrase = Phrase::default().value(&revision.name);
    match &revision.oid {
        Some(oid) => phrase.ours(" ").value(short(oid)),
        None => phrase,
    }
}

/// "comparing main 9c1185a5 → proposal 4f2f0fe4".
pub(super) fn compared(report: &Report) -> Phrase {
    Phrase::new("comparing ").then(revision(&report.base)).ours(" → ").then(revision(&report.head))
}

/// "2 days ago".
pub(super) fn ago(days: i64) -> String {
    match days {
        i64::MIN..=0 => "today".to_owned(),
        1 => "1 day ago".to_owned(),
        days => format!("{days} days ago"),
    }
}

/// "locked by #123".
#[must_use]
pub fn locked_by(pull: u64) -> String {
    format!("locked by #{pull}")
}

/// "locked by #123, requested by @jo, 2 days ago".
pub(super) fn lock(holder: &Holder) -> Phrase {
    Phrase::new(format!("{}, requested by ", locked_by(holder.pull)))
        .value(&format!("@{}", holder.requestor.trim_start_matches('@')))
        .ours(format!(", {}", ago(holder.days)))
}

/// People who would get rights by their own proposal, at most so many by name.
pub(super) fn self_appointed(people: &[String], most: usize) -> Phrase {
    let verb = if people.len() == 1 { "gains" } else { "gain" };
    let who = Phrase::default().some(people, " and ", most);
    who.ours(format!(" {verb} rights by a change that they opened or wrote"))
}

/// The lifecycle before and after: "planning → running".
pub(super) fn state(flag: &FlagReport) -> Phrase {
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

/// A number of approvals and who may give them: "2 approvals of @acme/payments or @alice".
#[must_use]
pub fn approvals(requirement: &Requirement, number: u32) -> Phrase {
    let number = counted(number, "approval");
    let from = requirement.from.as_slice();
    match requirement.mode {
        Mode::Specific if from.is_empty() => Phrase::new(format!("{number}, and nobody is named for it")),
        Mode::Specific => Phrase::new(format!("{number} of ")).values(from, " or "),
        Mode::Peer => {
            let phrase = Phrase::new(format!("{number} of anyone with write access who took no part in the change"));
            if from.is_empty() { phrase } else { phrase.ours(" (such as ").values(from, " or ").ours(")") }
        }
        Mode::Admins if from.is_empty() => Phrase::new(format!("{number} of an admin, and none is named")),
        Mode::Admins => Phrase::new(format!("{number} of an admin (")).values(from, " or ").ours(")"),
    }
}

/// The pending reviewers of a requirement in short: "1 more of @acme/payments or @alice"; "@alice" if nobody else may.
pub(super) fn pending_reviewers(requirement: &Requirement) -> Phrase {
    let (from, number) = (&requirement.from, requirement.missing());
    let more = if number < requirement.required { " more" } else { "" };
    match (requirement.mode, from.as_slice()) {
        (Mode::Specific, []) => Phrase::new("an approver, and nobody is named"),
        (Mode::Specific, [one]) if number == 1 && !one.contains('/') => Phrase::default().some(from, "", NAMES),
        (Mode::Specific, _) => Phrase::new(format!("{number}{more} of ")).some(from, " or ", NAMES),
        (Mode::Peer, _) => {
            let peers = if number == 1 { "peer" } else { "peers" };
            let phrase =
                Phrase::new(format!("{number}{more} {peers} (anyone with write access who took no part in it"));
            if from.is_empty() {
                phrase.ours(")")
            } else {
                phrase.ours(", such as ").some(from, " or ", NAMES).ours(")")
            }
        }
        (Mode::Admins, []) => Phrase::new("an admin, and none is named"),
        (Mode::Admins, _) => {
            let admins = match (number, more) {
                (1, "") => "an admin".to_owned(),
                (1, _) => "1 more admin".to_owned(),
                _ => format!("{number}{more} admins"),
            };
            Phrase::new(format!("{admins} (")).some(from, " or ", NAMES).ours(")")
        }
    }
}

/// How many approvals were given: "1 given, 1 missing".
pub(super) fn progress(requirement: &Requirement) -> String {
    match (requirement.rejected_by.is_empty(), requirement.missing()) {
        (false, _) => "rejected".to_owned(),
        (true, 0) => "all given".to_owned(),
        (true, missing) if missing == requirement.required => "none given yet".to_owned(),
        (true, missing) => format!("{} given, {missing} missing", requirement.required - missing),
    }
}

/// The line of APPROVERS behind a requirement, and its rules: "line 4 of APPROVERS, section `Payments`, for rollout".
pub(super) fn source(requirement: &Requirement, of_policy: bool) -> Phrase {
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
        let rules: Vec<&str> = requirement.because.iter().map(|id| id.as_str()).collect();
        phrase = phrase.ours(", for ").values(&rules, " and ");
    }
    phrase
}

/// "notified, no approval needed: @acme/support".
pub(super) fn notified(names: &[String]) -> Phrase {
    Phrase::new("notified, no approval needed: ").values(names, ", ")
}

/// A link, if the address is one that can hide nothing.
pub(super) fn link(words: &str, url: &str) -> Option<String> {
    is_address(url).then(|| format!("[{words}]({url})"))
}

/// Whether an address is one that can hide nothing.
pub(super) fn is_address(url: &str) -> bool {
    let plain =
        |c: char| c.is_ascii_alphanumeric() || matches!(c, ':' | '/' | '.' | '-' | '_' | '?' | '=' | '&' | '#' | '%');
    let web = url.starts_with("https://") || url.starts_with("http://");
    web && url.len() <= 500 && url.chars().all(plain)
}

/// A time as people read it, in Markdown: `2026-11-23 12:00 UTC`.
pub(super) fn time(at: &str) -> String {
    match (at.get(..10), at.get(11..16), at.ends_with('Z')) {
        (Some(day), Some(minute), true) => safe::code(&format!("{day} {minute} UTC")),
        _ => safe::code(&safe::cut(at, 40)),
    }
}

/// The version that the changes of an activation are compared with, in words.
pub fn since(last_live: &LastLiveReport) -> String {
    match (&last_live.until, &last_live.unknown) {
        (Some(until), _) if last_live.restored => format!("restores exactly what was live until {until}"),
        (Some(until), _) => format!("compared with what was live until {until}"),
        (None, Some(why)) => format!("all of it is shown, because it is not known when it was last live: {why}"),
        (None, None) => "all of it is shown, because it was never live on the base branch".to_owned(),
    }
}

/// Characters of somebody's words.
const WORDS: usize = 400;

/// "approvals were bypassed: `checkout/buy` …".
pub(crate) fn bypassed(one: &BypassedApproval) -> Phrase {
    let BypassedApproval { flag, bypass } = one;
    let phrase = Phrase::new("approvals were bypassed: ").value(flag);
    let phrase = match bypass.way {
        BypassWay::Override => {
            phrase.ours(" went live by an override of ").value(&bypass.by).ours(" at ").value(&bypass.at)
        }
        BypassWay::Unapproved => {
            phrase.ours(" is live as ").value(&bypass.by).ours(" brought it, and nobody approved that")
        }
    };
    let phrase = match bypass.reason.as_str() {
        "" => phrase,
        reason => phrase.ours(", with the reason ").value(&safe::cut(reason, WORDS)),
    };
    phrase.ours("; not approved: ").value(&safe::cut(&bypass.unapproved, WORDS))
}

/// The debts of a repository, whatever is proposed: those that are overdue, then those that are not known.
pub(in crate::render) fn debts(report: &Report) -> Vec<Phrase> {
    report.debts.iter().map(overdue).chain(report.unknown_debts.iter().map(unknown)).collect()
}

fn unknown(debt: &UnknownDebt) -> Phrase {
    Phrase::new("not known: whether the debt of ")
        .value(&debt.flag)
        .ours(" that came in with ")
        .value(short(&debt.commit))
        .ours(" is paid; its receipt does not count by the trust of today, so sign it again with ")
        .value("countersign receipt --again")
}

/// "overdue debt: `checkout/buy` came in with 1a2b3c4d …".
fn overdue(debt: &OverdueDebt) -> Phrase {
    Phrase::new("overdue debt: ")
        .value(&debt.flag)
        .ours(" came in with ")
        .value(short(&debt.commit))
        .ours(" when ")
        .some(&debt.by, " and ", 4)
        .ours(" broke the glass, and nobody else approved it by ")
        .value(&debt.due)
}
