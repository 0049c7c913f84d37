//! Where the content of managed files came from within one proposal: the commits that wrote it under other paths.
//!
//! In: what each commit wrote, and which of them touch managed paths. Out: those that count as well. A commit counts if it
//! writes a file of YAML or JSON, in which all formats are, wherever it is; or the very content that a managed file has at some commit;
//! or a file that a counting commit takes away while it brings something. Documents and code are none of these. Not taken:
//! a comparison of lines, for which every file of a proposal would have to be fetched, whatever its size.

use std::collections::BTreeSet;

use git2::Oid;

use super::lossy;
use super::trees::PathDifference;

/// A commit of a proposal, with the paths it wrote.
pub(super) struct Written {
    pub commit: Oid,
    /// Whether its authors had a hand in managed files.
    pub counts: bool,
    pub written: Vec<PathDifference>,
}

/// Lets the commits count that wrote managed content under other paths.
pub(super) fn count(commits: &mut [Written], managed: &dyn Fn(&str) -> bool) {
    let brings = |found: &&PathDifference| found.proposed.is_some();
    let under = |found: &PathDifference| managed(&lossy(&found.path));
    let contents: BTreeSet<Oid> = commits
        .iter()
        .flat_map(|one| one.written.iter().filter(brings).filter(|found| under(found)))
        .filter_map(|found| found.proposed.map(|item| item.id))
        .filter(|id| !is_empty(*id))
        .collect();
    let mut taken: BTreeSet<Vec<u8>> = BTreeSet::new();
    loop {
        for one in commits.iter().filter(|one| one.counts && one.written.iter().any(|found| found.proposed.is_some())) {
            let gone = one.written.iter().filter(|found| found.proposed.is_none());
            taken.extend(gone.map(|found| found.path.clone()));
        }
        let source = |found: &PathDifference| {
            found.proposed.is_some_and(|item| contents.contains(&item.id))
                || taken.contains(&found.path)
                || is_like_a_flag(&found.path)
        };
        let mut more = false;
        for one in commits.iter_mut().filter(|one| !one.counts) {
            one.counts = one.written.iter().any(|found| !under(found) && source(found));
            more |= one.counts;
        }
        if !more {
            return;
        }
    }
}

/// Whether a path is that of a file which could hold flags.
fn is_like_a_flag(path: &[u8]) -> bool {
    let name = lossy(path).to_ascii_lowercase();
    [".yaml", ".yml", ".json"].iter().any(|end| name.ends_with(end))
}

/// Whether an id is that of a file without content, which nobody wrote.
fn is_empty(id: Oid) -> bool {
    const EMPTY: [&str; 2] = [
        "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391",
        "473a0f4c3be8a93681a267e3b1e9a7dcda1185436fe141f7749120a303721813",
    ];
    EMPTY.contains(&id.to_string().as_str())
}
