//! The report as Markdown: what a pull-request comment and a job summary show.
//!
//! The verdict and what to do first, then a table of the flags, then flag by flag what needs approval; then whatever
//! else fits into one comment. Critical changes are never cut: where there are too many for drawings, those go; where there
//! are too many for words, nobody can approve. Nothing untrusted stands outside of code; the only HTML is ours.

mod effect;
mod head;
mod policy;
mod rest;
mod section;
mod table;

use std::borrow::Borrow;

use super::bounds::{HEAD, RESERVE, ROOM, bounded, size};
use super::comment::{self, About};
use super::draw::Pen;
use super::words::{self, Phrase, count, markdown as md};
use super::{Look, safe};
use crate::diagnostics::Diagnostic;
use crate::report::{FlagReport, Report, Revision, Verdict};

/// How wide drawings are: a comment on GitHub shows about this many columns of code.
const PEN: Pen = Pen { width: 84, ascii: false };

pub(super) fn review(report: &Report, look: &Look) -> String {
    document(report, look, &About::default())
}

pub(super) fn document(report: &Report, look: &Look, about: &About) -> String {
    let mut out = if look.changes_only { head::of_changes(report) } else { head::of_review(report, about) };
    let mut asked: Vec<Asked> = asked(report, look, about, Density::Drawn).collect();
    let dense = !fit(asked.iter());
    if dense {
        asked = self::asked(report, look, about, Density::Told).collect();
    }
    let (rows, sections): (Vec<_>, Vec<_>) = asked.into_iter().map(|asked| (asked.row, asked.section)).unzip();
    if !rows.is_empty() {
        out.push_str(&format!("\n{}", table::head(look)));
        bounded(&mut out, rows, "flag", "");
    }
    bounded(&mut out, sections, "flag", "\n");
    if dense {
        out.push_str("\nThis is much, so that drawings and the reasons for approvals are in the full report only.\n");
    }
    for block in rest::blocks(report, look) {
        block.put(&mut out);
    }
    out.push_str(&foot(Some(report), about));
    safe::disarmed(out)
}

pub(super) fn lawless(diagnostics: &[Diagnostic], about: &About) -> String {
    let mut out = head::of_lawless(about);
    rest::listed(diagnostics, false).put(&mut out);
    out.push_str(&foot(None, about));
    safe::disarmed(out)
}

pub(super) fn diagnostics(diagnostics: &[Diagnostic], _: &Look) -> String {
    let title = match diagnostics.len() {
        0 => "no problems".to_owned(),
        number => count(number, "problem"),
    };
    let mut out = format!("### {title}\n");
    rest::listed(diagnostics, false).put(&mut out);
    safe::disarmed(out)
}

/// Whether the verdict, the table, everything that needs approval and the policy fit.
pub(super) fn fits(report: &Report) -> bool {
    // The shorter one first, and none further than to where it is too long: this is asked of every review.
    [Density::Told, Density::Drawn]
        .into_iter()
        .any(|density| fit(asked(report, &Look::default(), &About::default(), density)))
}

/// How much is shown of what an approver has to read.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Density {
    /// With bars, flows, caveats and where each requirement comes from.
    Drawn,
    /// What changes and whom it moves, in words.
    Told,
}

/// What is never cut: a row of the table and the section under it.
struct Asked {
    row: String,
    section: String,
}

/// What a row may grow by where it says that something was overridden.
const GROWTH: usize = 8;

/// The policy, if it changes, and every flag that needs something, one by one.
fn asked(report: &Report, look: &Look, about: &About, density: Density) -> impl Iterator<Item = Asked> {
    let policy = (report.policy.changed && !look.changes_only).then_some(&report.policy);
    let policy = policy
        .into_iter()
        .map(|policy| Asked { row: table::of_policy(policy, about), section: policy::section(policy) });
    policy.chain(asking(report, look).into_iter().map(move |flag| Asked {
        row: table::of_flag(flag, look, about, density),
        section: section::section(flag, look, density),
    }))
}

/// Whether so much fits.
fn fit<A: Borrow<Asked>>(mut asked: impl Iterator<Item = A>) -> bool {
    // The head of the table is shorter than that.
    let room = ROOM - RESERVE - HEAD - 100;
    let taken = |asked: &Asked| size(&asked.row) + GROWTH + size(&asked.section) + 1;
    asked.try_fold(room, |room, asked| room.checked_sub(taken(asked.borrow()))).is_some()
}

/// The flags an approver has to look at, those that need something first.
fn asking<'r>(report: &'r Report, look: &Look) -> Vec<&'r FlagReport> {
    let mut flags = words::in_order(report);
    flags.retain(|flag| {
        if look.changes_only { flag.changes.iter().any(words::matters) } else { flag.verdict != Verdict::NotRequired }
    });
    flags
}

/// Which two commits were compared, where the whole of it is and how to have it looked at again.
fn foot(report: Option<&Report>, about: &About) -> String {
    let mut parts = Vec::new();
    if let Some(report) = report {
        let named = |revision: &Revision, name: Option<&String>| {
            let name = safe::cut(name.unwrap_or(&revision.name), 80);
            words::revision(&Revision { name, oid: revision.oid.clone() })
        };
        let head = match &about.head {
            Some(oid) => Phrase::default().value(words::short(oid)),
            None => named(&report.head, None),
        };
        let base = named(&report.base, about.base.as_ref());
        parts.push(md(&Phrase::new("Compared ").then(base).ours(" with ").then(head)));
    }
    if let Some(login) = &about.requestor {
        parts.push(format!("requested by {}", safe::code(&safe::cut(login, 80))));
    }
    parts.extend(about.at.as_deref().map(comment::time));
    parts.extend(about.url.as_deref().and_then(|url| comment::link("full report", url)));
    if parts.is_empty() { String::new() } else { format!("\n<sub>{}</sub>\n", parts.join(" · ")) }
}
