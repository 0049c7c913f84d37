//! The audit as one page for a browser: of each flag a timeline.

use std::collections::BTreeMap;

use super::{agreed, debt_words, diagnostic_words, head, pull_words};
use crate::receipt::audit::{AuditedFlag, AuditedMerge, ReceiptAudit};
use crate::receipt::debt::DebtState;
use crate::receipt::history::short;
use crate::render::{Timeline, TimelineNotes, TimelineWords, Tone, timelines};

/// The page. `origin` is `owner/name` of the repository on the server of the forge, if the remote is there.
pub fn page(audit: &ReceiptAudit, origin: Option<&str>) -> String {
    let address = origin.map(|origin| format!("{}/{origin}", crate::cli::event::server()));
    let mut flags: BTreeMap<&str, Vec<Vec<Vec<TimelineWords>>>> = BTreeMap::new();
    for merge in &audit.merges {
        for flag in &merge.flags {
            flags.entry(&flag.name).or_default().push(step(merge, flag, address.as_deref()));
        }
    }
    let flags: Vec<Timeline> =
        flags.into_iter().map(|(name, steps)| Timeline { subject: name.to_owned(), steps }).collect();
    let diagnostics = audit.receipt_diagnostics.iter().map(|one| TimelineWords::of(Tone::Bad, diagnostic_words(one)));
    let debts = audit.debts.iter().map(|debt| {
        let tone = if debt.state == DebtState::Overdue { Tone::Bad } else { Tone::Quiet };
        TimelineWords::of(tone, debt_words(debt))
    });
    let notes = [
        TimelineNotes { heading: "Receipts that count for nothing", notes: diagnostics.collect() },
        TimelineNotes { heading: "Debts", notes: debts.collect() },
    ];
    timelines("Audit by receipts", &head(audit), &notes, &flags)
}

/// One merge in the timeline of a flag, line by line.
fn step(merge: &AuditedMerge, flag: &AuditedFlag, address: Option<&str>) -> Vec<Vec<TimelineWords>> {
    let at = |path: String| address.map(|address| format!("{address}/{path}"));
    let plain = |text: String| TimelineWords::of(Tone::Plain, text);
    let tone = if merge.outcome.is_clean() { Tone::Good } else { Tone::Bad };
    let commit =
        TimelineWords { link: at(format!("commit/{}", merge.commit)), ..plain(short(&merge.commit).to_owned()) };
    let mut lines = vec![vec![
        plain(merge.date.get(..10).unwrap_or_default().to_owned()),
        TimelineWords::of(tone, merge.outcome.words()),
        commit,
        plain(format!("{}: {}", merge.author, merge.subject)),
    ]];
    lines.extend(flag.what.iter().cloned().chain(agreed(flag)).map(|said| vec![plain(said)]));
    if let (Some(number), Some(words)) = (merge.pull, pull_words(merge)) {
        lines.push(vec![TimelineWords { link: at(format!("pull/{number}")), ..plain(words) }]);
    }
    lines.extend(merge.why.iter().map(|why| vec![TimelineWords::of(Tone::Bad, why)]));
    lines.extend(merge.signed.iter().map(|signed| vec![TimelineWords::of(Tone::Quiet, signed)]));
    lines
}
