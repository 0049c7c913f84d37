//! The answer of `explain` in text: a line for everything that a pull request awaits.
//!
//! In: an [`Explained`]. Out: lines. It decides nothing. Not taken: Markdown, since the comment says the same.

use super::{Look, Prose, Tone, stale};
use crate::report::explained::{Explained, ExplainedStale};

/// The answer for people.
pub fn text(explained: &Explained, look: &Look) -> String {
    let mut prose = Prose::new(*look);
    let verdict = prose.tone(Tone::of(explained.verdict), explained.verdict.in_prose());
    prose.whole("", &format!("{}#{}", explained.repository, explained.pull));
    prose.line(&format!("  {verdict}"));
    for diagnostic in &explained.diagnostics {
        let place = format!("{}:{}", diagnostic.path, diagnostic.place.line);
        prose.wrapped("  invalid  ", 11, &format!("{place}: {}; {}", diagnostic.message, diagnostic.remedy));
    }
    for locked in &explained.locked {
        let by = &locked.by;
        let said = format!("{} by #{}, requested by @{}, since {}", locked.flag, by.pull, by.requestor, by.since);
        prose.wrapped("  locked   ", 11, &said);
    }
    for rejected in &explained.rejected {
        let by: Vec<String> = rejected.by.iter().map(|login| format!("@{login}")).collect();
        prose.wrapped("  rejected ", 11, &format!("{} by {}: {}", rejected.what, by.join(", "), rejected.remedy));
    }
    for missing in &explained.missing {
        let line = missing.line.map(|line| format!(" (.countersign/APPROVERS:{line})")).unwrap_or_default();
        prose.wrapped("  missing  ", 11, &format!("{}: {}{line}", missing.what, missing.who));
    }
    for one in &explained.not_counted {
        prose.wrapped("  no count ", 11, &format!("@{} {}, for {}", one.login, one.why, one.what.join(", ")));
    }
    for ExplainedStale { what, approval } in &explained.since_approved {
        let by: Vec<String> = approval.by.iter().map(|login| format!("@{login}")).collect();
        let said = stale::sentences(approval).join("; ");
        prose.wrapped("  since    ", 11, &format!("{} {} of {what}: {said}", by.join(", "), stale::approved(approval)));
    }
    for sibling in &explained.siblings {
        let said = format!("#{} proposes the same commit and is {}", sibling.pull, sibling.verdict.in_prose());
        prose.wrapped("  sibling  ", 11, &said);
    }
    for unread in &explained.unread {
        prose.wrapped("  unread   ", 11, unread);
    }
    let status = explained.status.as_deref().unwrap_or("none of ours on this commit");
    let count = match explained.statuses {
        0 => String::new(),
        count => format!(" ({count} of at most {} on this commit)", explained.most_statuses),
    };
    prose.wrapped("  status   ", 11, &format!("{status}{count}"));
    prose.whole("  ", &explained.url);
    prose.finish()
}
