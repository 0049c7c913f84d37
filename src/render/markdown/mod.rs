//! The report as Markdown: what a pull-request comment and a job summary show.
//!
//! The verdict and the next steps, then a table of the flags, then flag by flag what needs approval; then whatever else
//! fits into one comment. Content that needs approval is never cut: where there is too much of it for drawings, it is
//! shown in words, and else compactly; the limit of `review` sees to it that this fits. Nothing untrusted is outside of
//! code; the only HTML is ours.

mod head;
mod impact;
mod policy;
mod rest;
pub(super) mod room;
mod section;
mod table;

use super::comment::About;
use super::draw::Pen;
use super::phrases::{self, Phrase, count, short};
use super::view::{DiagnosticView, FlagView, View};
use super::{Look, safe};
use crate::diagnostics::Diagnostic;
use crate::report::{Report, Revision, Verdict};
use room::{NEVER_CUT, bounded, size};

/// Room for drawings: a comment on GitHub shows about this many columns of code.
const PEN: Pen = Pen { width: 84, ascii: false };

pub(super) fn review(report: &Report, look: &Look) -> String {
    document(report, look, &About::default())
}

pub(super) fn document(report: &Report, look: &Look, about: &About) -> String {
    let view = View::of(report, look.changes_only);
    let (mut out, errors_in_head) =
        if view.judged { head::of_review(&view, about) } else { (head::of_changes(report), 0) };
    let flags = needing_approval(&view);
    let densest = [Density::Drawn, Density::Words];
    let density = densest.into_iter().find(|density| fits(&view, &flags, *density)).unwrap_or(Density::Compact);
    let pieces: Vec<Piece> = pieces(&view, &flags, density).collect();
    let (rows, sections): (Vec<_>, Vec<_>) = pieces.into_iter().map(|piece| (piece.row, piece.section)).unzip();
    if !rows.is_empty() {
        out.push_str(&format!("\n{}", table::head(view.judged)));
        bounded(&mut out, rows, "flag");
    }
    bounded(&mut out, sections, "flag");
    if density != Density::Drawn {
        out.push_str("\nThis is much, so drawings and the reasons for approvals are in the full report only.\n");
    }
    for block in rest::blocks(&view, errors_in_head) {
        block.put(&mut out);
    }
    out.push_str(&foot(report, about));
    safe::disarmed(out)
}

/// The comment where the base policy is invalid, so that nothing can be reviewed.
pub(super) fn invalid_policy(diagnostics: &[Diagnostic], about: &About) -> String {
    let mut out = head::of_invalid_policy(about);
    rest::listed(&DiagnosticView::all(diagnostics, &[])).put(&mut out);
    out.push_str(&last_line(Vec::new(), about));
    safe::disarmed(out)
}

pub(super) fn diagnostics(diagnostics: &[Diagnostic], _: &Look) -> String {
    let title = match diagnostics.len() {
        0 => "no problems".to_owned(),
        number => count(number, "problem"),
    };
    let mut out = format!("### {title}\n");
    rest::listed(&DiagnosticView::all(diagnostics, &[])).put(&mut out);
    safe::disarmed(out)
}

/// How much is shown of the content that needs approval.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Density {
    /// Bars, flows, caveats and the source of each requirement.
    Drawn,
    /// The changes and the impact in words.
    Words,
    /// One line a change, with values that differ in a block; the limit of `review` is counted on this.
    Compact,
}

/// Content that is never cut: a row of the table and the section for it.
struct Piece {
    row: String,
    section: String,
}

/// The policy, if it changes, and every flag that needs approval, one by one.
fn pieces<'v>(view: &'v View<'_>, flags: &'v [&'v FlagView<'v>], density: Density) -> impl Iterator<Item = Piece> + 'v {
    let policy = view
        .policy
        .iter()
        .map(move |policy| Piece { row: table::of_policy(policy, density), section: policy::section(policy, density) });
    policy.chain(flags.iter().map(move |flag| Piece {
        row: table::of_flag(flag, view.judged, density),
        section: match density {
            Density::Drawn | Density::Words => section::full(flag, view.judged, density),
            Density::Compact => section::compact(flag, view.judged),
        },
    }))
}

fn fits(view: &View<'_>, flags: &[&FlagView<'_>], density: Density) -> bool {
    let mut all = pieces(view, flags, density);
    all.try_fold(NEVER_CUT, |room, piece| room.checked_sub(size(&piece.row) + size(&piece.section))).is_some()
}

/// The flags an approver has to see, those that need something first; where only changes are shown, those with any that
/// matter. A flag without a digest has nothing to approve, so it comes last: what is last may be cut.
fn needing_approval<'v, 'r>(view: &'v View<'r>) -> Vec<&'v FlagView<'r>> {
    let shown = |flag: &&FlagView<'r>| {
        if view.judged {
            flag.report.verdict != Verdict::NotRequired
        } else {
            flag.changes.iter().any(|change| change.matters)
        }
    };
    let mut flags: Vec<&FlagView<'r>> = view.flags.iter().filter(shown).collect();
    flags.sort_by_key(|flag| view.judged && flag.report.digest.is_none());
    flags
}

/// The two commits that were compared, then [`last_line`].
fn foot(report: &Report, about: &About) -> String {
    let named = |revision: &Revision, name: Option<&String>| {
        let name = safe::cut(name.unwrap_or(&revision.name), 80);
        phrases::revision(&Revision { name, oid: revision.oid.clone() })
    };
    let head = match &about.head {
        Some(oid) => Phrase::default().value(short(oid)),
        None => named(&report.head, None),
    };
    let base = named(&report.base, about.base.as_ref());
    last_line(vec![Phrase::new("Compared ").then(base).ours(" with ").then(head).markdown()], about)
}

/// The requestor, the time of the review and the place of the full report.
fn last_line(mut parts: Vec<String>, about: &About) -> String {
    if let Some(login) = &about.requestor {
        parts.push(format!("requested by {}", safe::code(&safe::cut(login, 80))));
    }
    parts.extend(about.at.as_deref().map(phrases::time));
    parts.extend(about.url.as_deref().and_then(|url| phrases::link("full report", url)));
    if parts.is_empty() { String::new() } else { format!("\n<sub>{}</sub>\n", parts.join(" · ")) }
}
