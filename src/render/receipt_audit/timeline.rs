//! An audit by receipts as one page for a browser: of each flag a timeline.

use std::collections::BTreeMap;

use super::{AuditedFlagView, AuditedMergeView, ReceiptAuditView};
use crate::diagnostics::words::short;
use crate::render::html::timeline::{Timeline, TimelineNotes, TimelineWords, timelines};
use crate::render::{Look, Tone};

/// The page.
pub fn page(view: &ReceiptAuditView<'_>, _: &Look) -> String {
    let mut flags: BTreeMap<&str, Vec<Vec<Vec<TimelineWords>>>> = BTreeMap::new();
    for merge in &view.merges {
        for flag in &merge.flags {
            flags.entry(&flag.flag.name).or_default().push(step(merge, flag, view.address));
        }
    }
    let flags: Vec<Timeline> =
        flags.into_iter().map(|(name, steps)| Timeline { subject: name.to_owned(), steps }).collect();
    let diagnostics = view.diagnostics.iter().map(|one| TimelineWords::of(Tone::Bad, one));
    let debts = view.debts.iter().map(|debt| TimelineWords::of(debt.tone, &debt.words));
    let notes = [
        TimelineNotes { heading: "Receipts that count for nothing", notes: diagnostics.collect() },
        TimelineNotes { heading: "Debts", notes: debts.collect() },
    ];
    timelines("Audit by receipts", &view.head, &notes, &flags)
}

/// One merge in the timeline of a flag, line by line.
fn step(view: &AuditedMergeView<'_>, flag: &AuditedFlagView<'_>, address: Option<&str>) -> Vec<Vec<TimelineWords>> {
    let at = |path: String| address.map(|address| format!("{address}/{path}"));
    let plain = |text: String| TimelineWords::of(Tone::Plain, text);
    let merge = view.merge;
    let commit =
        TimelineWords { link: at(format!("commit/{}", merge.commit)), ..plain(short(&merge.commit).to_owned()) };
    let mut lines = vec![vec![
        plain(merge.date.get(..10).unwrap_or_default().to_owned()),
        TimelineWords::of(view.row.tone, view.row.outcome),
        commit,
        plain(format!("{}: {}", merge.author, merge.subject)),
    ]];
    lines.extend(flag.flag.what.iter().chain(&flag.agreed).map(|words| vec![plain(words.clone())]));
    if let (Some(number), Some(words)) = (merge.pull, &view.pull) {
        lines.push(vec![TimelineWords { link: at(format!("pull/{number}")), ..plain(words.clone()) }]);
    }
    lines.extend(merge.why.iter().map(|why| vec![TimelineWords::of(Tone::Bad, why)]));
    lines.extend(merge.signed.iter().map(|signed| vec![TimelineWords::of(Tone::Quiet, signed)]));
    lines
}
