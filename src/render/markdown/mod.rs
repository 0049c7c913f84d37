//! The report as Markdown: what a pull-request comment and a job summary show.
//!
//! The verdict, then one table of the flags, then the warnings, and every field of a flag that becomes live. Everything
//! else is folded, the list of changes first. Flags of which the same is to be said are one row and one section.
//! Content that needs approval is never cut: where there is too much of it for drawings, it is shown in words, and else
//! compactly; the limit of `review` sees to it that this fits. Nothing untrusted is outside of code; the only HTML is
//! ours.

pub(super) mod comment_size;
pub(super) mod group;
mod head;
mod impact;
mod optional_blocks;
mod policy;
mod section;
mod table;

use super::comment::About;
use super::draw::Pen;
use super::phrases::{self, Phrase};
use super::view::{self, DiagnosticView, FlagGroup, FlagView, ShownOfGroup, View, grouped};
use super::{Look, safe};
use crate::diagnostics::Diagnostic;
use crate::diagnostics::words::short;
use crate::report::{Report, Revision, Verdict};
use crate::review::is_let_through_unshown;
use comment_size::{NEVER_CUT, RESERVE, ROOM, bounded, left_out, size, until};

/// Room for drawings: a comment on GitHub shows about this many columns of code.
const PEN: Pen = Pen { width: 84, ascii: false };

pub(super) fn review(report: &Report, look: &Look) -> String {
    document(report, look, &About::default())
}

pub(super) fn document(report: &Report, look: &Look, about: &About) -> String {
    let view = View::of(report, look.changes_only);
    let (mut out, errors_in_head) =
        if view.judged { head::of_review(&view, about) } else { (head::of_changes(report), 0) };
    let (needing, free) = by_need(&view);
    let shown = ShownOfGroup { judged: view.judged, details: false };
    let (groups, free) = (grouped(&needing, shown), grouped(&free, shown));
    let densest = [Density::Drawn, Density::Words];
    let density = densest.into_iter().find(|density| fits(&view, &groups, *density)).unwrap_or(Density::Compact);
    // The content takes no more room than the limit of `review` counts, whatever people responded.
    let groups = if density == Density::Compact { grouped(&needing, ShownOfGroup::CONTENT) } else { groups };
    let pieces: Vec<Piece> = pieces(&view, &groups, free.len(), density).collect();
    let changes = Changes::of(pieces, density);
    changes.put(&view, &free, &mut out);
    for block in optional_blocks::blocks(&view, errors_in_head) {
        block.put(&mut out);
    }
    out.push_str(&foot(&view, about));
    safe::disarmed(out)
}

/// The comment where the base policy is invalid, so that nothing can be reviewed.
pub(super) fn invalid_policy(diagnostics: &[Diagnostic], about: &About) -> String {
    let mut out = head::of_invalid_policy(about);
    optional_blocks::listed(&DiagnosticView::all(diagnostics, &[])).put(&mut out);
    out.push_str(&last_line(Vec::new(), about));
    safe::disarmed(out)
}

pub(super) fn diagnostics(diagnostics: &[Diagnostic], _: &Look) -> String {
    let (_, title) = view::diagnostics_headline(diagnostics);
    let mut out = format!("### {title}\n");
    optional_blocks::listed(&DiagnosticView::all(diagnostics, &[])).put(&mut out);
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

/// Content that is never cut: a row of the table, the warnings, and the section.
struct Piece {
    row: String,
    warnings: String,
    section: String,
    /// Whether the section is shown unfolded: an activation covers the whole flag.
    open: bool,
}

/// The policy, if it changes, and every flag that needs approval; those that read the same are one.
fn pieces<'v>(
    view: &'v View<'_>,
    groups: &'v [FlagGroup<'v, 'v>],
    others: usize,
    density: Density,
) -> impl Iterator<Item = Piece> + 'v {
    let rows = groups.len() + others + usize::from(view.policy.is_some());
    let policy = view.policy.iter().map(move |policy| Piece {
        row: table::of_policy(policy, density),
        warnings: policy::warnings(policy, density),
        section: policy::section(policy, density),
        open: false,
    });
    policy.chain(groups.iter().map(move |group| {
        let first = group.first();
        let name = (rows > 1).then(|| group.name());
        let impact = first.impact.as_ref().filter(|_| density != Density::Compact);
        Piece {
            row: table::of_group(group, view.judged, density),
            warnings: impact.map(|impact| impact::warnings(impact, name.as_deref())).unwrap_or_default(),
            section: match density {
                Density::Drawn | Density::Words => section::full(group, view.judged, density),
                Density::Compact => section::compact(group, view.judged),
            },
            open: first.since.is_some(),
        }
    }))
}

fn fits(view: &View<'_>, groups: &[FlagGroup<'_, '_>], density: Density) -> bool {
    let mut all = pieces(view, groups, 1, density);
    let size = |piece: &Piece| size(&piece.row) + size(&piece.warnings) + size(&piece.section);
    all.try_fold(NEVER_CUT, |room, piece| room.checked_sub(size(&piece))).is_some()
}

/// The table, the warnings and the sections.
struct Changes {
    rows: Vec<String>,
    warnings: Vec<String>,
    open: Vec<String>,
    folded: Vec<String>,
    density: Density,
}

impl Changes {
    fn of(pieces: Vec<Piece>, density: Density) -> Self {
        let mut changes =
            Changes { rows: Vec::new(), warnings: Vec::new(), open: Vec::new(), folded: Vec::new(), density };
        for piece in pieces {
            changes.rows.push(piece.row);
            changes.warnings.push(piece.warnings);
            if piece.open { &mut changes.open } else { &mut changes.folded }.push(piece.section);
        }
        changes
    }

    fn put(self, view: &View<'_>, free: &[FlagGroup<'_, '_>], out: &mut String) {
        let later = [&self.warnings, &self.open, &self.folded];
        let needed: usize = later.into_iter().flatten().map(|text| size(text)).sum::<usize>() + 2 * FOLD.len();
        if !self.rows.is_empty() || !free.is_empty() {
            out.push_str(&format!("\n{}", table::head(view.judged)));
            bounded(out, self.rows, "flag");
            // Flags without a requirement take no room from those with one.
            let room = (ROOM - RESERVE).saturating_sub(needed).min(size(out) + FREE);
            let rows: Vec<String> =
                free.iter().map(|group| table::of_group(group, view.judged, Density::Words)).collect();
            let total = rows.len();
            let put = until(room, out, rows);
            if put < total {
                out.push_str(&left_out(total - put, "row"));
            }
        }
        bounded(out, self.warnings, "warning");
        bounded(out, self.open, "flag");
        if !self.folded.is_empty() {
            out.push_str(FOLD);
            bounded(out, self.folded, "flag");
            out.push_str("\n</details>\n");
        }
        if self.density != Density::Drawn {
            out.push_str("\nThis is much, so drawings and the reasons for approvals are in the full report only.\n");
        }
    }
}

/// Characters of rows about flags that need no approval.
const FREE: usize = 8_000;

/// Opens the list of changes.
const FOLD: &str = "\n<details><summary>Every change, field by field</summary>\n";

/// The flags an approver has to see, those that need something first, and the live flags that change without approval;
/// where only changes are shown, all with any that matter are the first. A flag without a digest has nothing to
/// approve, and of one that admins let through as too long nobody approves anything, so they come last: the last part
/// may be cut.
fn by_need<'v, 'r>(view: &'v View<'r>) -> (Vec<&'v FlagView<'r>>, Vec<&'v FlagView<'r>>) {
    let matters = |flag: &&FlagView<'r>| flag.changes.iter().any(|change| change.matters);
    let free = |flag: &&FlagView<'r>| view.judged && flag.verdict() == Verdict::NotRequired;
    let (free, mut needing): (Vec<_>, Vec<_>) = view.flags.iter().partition(free);
    if !view.judged {
        needing.retain(matters);
    }
    let unshown = |flag: &FlagView<'_>| flag.digests().is_empty() || is_let_through_unshown(flag.report);
    needing.sort_by_key(|flag| view.judged && unshown(flag));
    (needing, free.into_iter().filter(matters).collect())
}

/// How to approve, the two commits that were compared, then [`last_line`].
fn foot(view: &View<'_>, about: &About) -> String {
    let report = view.report;
    let named = |revision: &Revision, name: Option<&String>| {
        let name = safe::cut(name.unwrap_or(&revision.name), 80);
        phrases::revision(&Revision { name, oid: revision.oid.clone() })
    };
    let head = match &about.head {
        Some(oid) => Phrase::default().value(short(oid)),
        None => named(&report.head, None),
    };
    let base = named(&report.base, about.base.as_ref());
    let how = if view.judged { head::how(report, about) } else { None };
    let compared = Phrase::new("Compared ").then(base).ours(" with ").then(head).markdown();
    last_line(how.into_iter().chain([compared]).collect(), about)
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
