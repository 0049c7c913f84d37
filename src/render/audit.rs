//! An audit written down: text and Markdown of one view.
//!
//! In: an [`Audit`]. Out: an [`AuditView`], of which both outputs write every line, and JSON the audit itself. It
//! refuses to judge: the outcome of each merged change is the audit's. Not taken: sentences made in each output.

use super::{Look, Prose, Tone, phrases, sentence};
use crate::diagnostics::words::short;
use crate::report::{Freed, PassedOver, Requirement, Revision};
use crate::review::audit::{Audit, AuditOutcome, AuditPerson, AuditPull, FreedFlag, MergedChange, MergedFlag};

/// A label and what it is about.
type Detail = (&'static str, String);

/// An audit as it is shown.
pub struct AuditView<'a> {
    pub(super) audit: &'a Audit,
    head: String,
    merged_changes: Vec<AuditRow>,
    people: Vec<String>,
}

/// A merge as the outputs of both audits show it.
pub(super) struct AuditRow {
    pub tone: Tone,
    pub outcome: &'static str,
    pub title: String,
    /// The details, each with a label, which may be empty.
    pub details: Vec<Detail>,
}

impl AuditRow {
    /// The row in a terminal; outcomes and labels are `width` columns wide.
    pub fn text(&self, prose: &mut Prose, width: usize) {
        prose.blank();
        let word = prose.tone(self.tone, &format!("{:<width$}", self.outcome));
        prose.wrapped(&format!("{word}  "), width + 2, &self.title);
        for (label, detail) in &self.details {
            prose.wrapped(&format!("  {label:<width$}"), width + 2, detail);
        }
    }

    pub fn markdown(&self) -> String {
        let mut out = format!("\n**{}** {}\n\n", self.outcome, sentence(&self.title));
        for (label, detail) in &self.details {
            let label = if label.is_empty() { String::new() } else { format!("{label}: ") };
            out.push_str(&format!("- {label}{}\n", sentence(detail)));
        }
        out
    }
}

/// Lines of their own in a terminal, behind a blank one.
pub(super) fn block(prose: &mut Prose, lines: &[String]) {
    if !lines.is_empty() {
        prose.blank();
        for line in lines {
            prose.wrapped("  ", 2, line);
        }
    }
}

impl AuditView<'_> {
    #[must_use]
    pub fn of(audit: &Audit) -> AuditView<'_> {
        let view = |merged_change: &MergedChange| AuditRow {
            tone: match merged_change.outcome {
                AuditOutcome::Free | AuditOutcome::Approved => Tone::Good,
                AuditOutcome::Overridden | AuditOutcome::Needed | AuditOutcome::Unknown => Tone::Warn,
                AuditOutcome::Unapproved => Tone::Bad,
            },
            outcome: merged_change.outcome.word(),
            title: title(&merged_change.commit, &merged_change.date, &merged_change.author, &merged_change.subject),
            details: details(merged_change),
        };
        AuditView {
            audit,
            head: head(audit),
            merged_changes: audit.merged_changes.iter().map(view).collect(),
            people: audit.people.iter().map(person).collect(),
        }
    }
}

pub(super) fn text(view: &AuditView<'_>, look: &Look) -> String {
    let mut prose = Prose::new(*look);
    prose.wrapped("", 0, &view.head);
    for row in &view.merged_changes {
        row.text(&mut prose, 10);
    }
    block(&mut prose, &view.people);
    prose.blank();
    for remark in &view.audit.remarks {
        prose.wrapped("", 0, remark);
    }
    prose.finish()
}

pub(super) fn markdown(view: &AuditView<'_>, _: &Look) -> String {
    let mut out = format!("### Audit: {}\n", sentence(&view.head));
    out.extend(view.merged_changes.iter().map(AuditRow::markdown));
    if !view.people.is_empty() {
        out.push('\n');
        for person in &view.people {
            out.push_str(&format!("- {}\n", sentence(person)));
        }
    }
    for remark in &view.audit.remarks {
        out.push_str(&format!("\n{}\n", sentence(remark)));
    }
    out
}

/// A range of merged changes in words: "main since v1.0".
#[must_use]
pub fn range_words(from: Option<&Revision>, to: &Revision, since: Option<&str>) -> String {
    let after = from.map(|from| format!(" after {}", from.name)).unwrap_or_default();
    let since = since.map(|since| format!(" since {since}")).unwrap_or_default();
    format!("{}{after}{since}", to.name)
}

fn head(audit: &Audit) -> String {
    let totals = &audit.totals;
    let range = range_words(audit.from.as_ref(), &audit.to, audit.since.as_deref());
    let mut parts = vec![format!("{range}: {}", phrases::count(totals.merged_changes, "merged change"))];
    let kinds = [
        (totals.unapproved, "merged unapproved"),
        (totals.unknown, "cannot be known"),
        (totals.needed, "needed approval"),
        (totals.overridden, "overridden"),
        (totals.approved, "approved"),
        (totals.free, "freed by the policy"),
        (totals.without_policy, "were merged while there was no policy"),
    ];
    parts.extend(kinds.iter().filter(|(count, _)| *count > 0).map(|(count, what)| format!("{count} {what}")));
    if audit.merged_changes.is_empty() {
        parts.push("none needed approval".to_owned());
    }
    parts.join(", ")
}

/// A commit in a line: its digits, its day, its author and its subject.
pub(super) fn title(commit: &str, date: &str, author: &str, subject: &str) -> String {
    let day = date.get(..10).unwrap_or_default();
    format!("{}  {day}  {author}: {subject}", short(commit))
}

/// The details of a merged change, each with a label.
fn details(merged_change: &MergedChange) -> Vec<Detail> {
    let mut details = Vec::new();
    details.extend(merged_change.why.iter().map(|why| ("why", why.clone())));
    if let Some(pull) = &merged_change.pull {
        details.push(("pull", pull_words(pull)));
    } else if merged_change.merged_by != merged_change.author {
        details.push(("by", format!("@{}", merged_change.merged_by)));
    }
    for diagnostic in &merged_change.diagnostics {
        details.push(("invalid", format!("{}:{}: {}", diagnostic.path, diagnostic.place.line, diagnostic.message)));
    }
    details.extend(merged_change.freed.iter().flat_map(of_freed));
    details.extend(merged_change.items.iter().flat_map(of_flag));
    details.extend(merged_change.unread.iter().map(|unread| ("unread", unread.clone())));
    details
}

fn pull_words(pull: &AuditPull) -> String {
    let login =
        |login: &Option<String>| login.as_ref().map_or("somebody who is gone".to_owned(), |it| format!("@{it}"));
    let merged = format!("merged by {} at {}", login(&pull.merged_by), pull.merged_at);
    format!("#{} of {}, {merged}", pull.number, login(&pull.requestor))
}

fn passed_over(name: &str, one: &PassedOver) -> Detail {
    ("passed", format!("{name} over the lock of #{} by @{} at {}", one.pull, one.by, one.at))
}

/// A flag that needed no approval.
fn of_freed(one: &FreedFlag) -> Vec<Detail> {
    let how = match one.freed {
        Freed::SwitchOff => "switched off",
        Freed::Restore => "switched on exactly as it was last live",
    };
    let mut details = vec![("free", format!("{} {how}", one.name))];
    details.extend(one.passed_over.iter().map(|over| passed_over(&one.name, over)));
    details
}

/// A flag that needed approval: the override, or what became of each requirement.
fn of_flag(flag: &MergedFlag) -> Vec<Detail> {
    let mut details: Vec<Detail> = flag.passed_over.iter().map(|over| passed_over(&flag.name, over)).collect();
    let digest = flag.digest.as_deref().map(|digest| format!(", digest {}", short(digest))).unwrap_or_default();
    if let Some(overridden) = &flag.overridden {
        let by = logins(&overridden.by);
        details.push(("override", format!("{} by {by}{digest}: {}", flag.name, overridden.reason)));
        return details;
    }
    details.extend(flag.requirements.iter().flat_map(|requirement| of_requirement(flag, requirement, &digest)));
    details
}

fn of_requirement(flag: &MergedFlag, requirement: &Requirement, digest: &str) -> Vec<Detail> {
    let name = &flag.name;
    let mut details = Vec::new();
    if !requirement.rejected_by.is_empty() {
        details.push(("rejected", format!("{name} by {}", logins(&requirement.rejected_by))));
    }
    if !requirement.approved_by.is_empty() {
        details.push(("approved", format!("{name} by {}{digest}", logins(&requirement.approved_by))));
    }
    if requirement.missing() > 0 {
        let ids: Vec<&str> = flag.rules.iter().map(|id| id.as_str()).collect();
        let rules = if ids.is_empty() { String::new() } else { format!(" ({})", ids.join(", ")) };
        let line = requirement.line.map(|line| format!(" (APPROVERS:{line})")).unwrap_or_default();
        let whom = phrases::approvals(requirement, requirement.missing()).plain();
        details.push(("needed", format!("{name}{rules}: {whom}{line}")));
    }
    for other in &requirement.not_counted {
        details.push(("no count", format!("@{} {}, for {name}", other.login, other.why)));
    }
    details
}

/// People by their logins.
pub(super) fn logins(logins: &[String]) -> String {
    logins.iter().map(|login| format!("@{login}")).collect::<Vec<_>>().join(", ")
}

fn person(person: &AuditPerson) -> String {
    let mut parts = Vec::new();
    if person.unapproved > 0 {
        parts.push(format!("{} brought in unapproved", person.unapproved));
    }
    if person.overrides > 0 {
        parts.push(format!("{} overridden", person.overrides));
    }
    format!("{}: {}", person.who, parts.join(", "))
}
