//! A policy change as an approver sees it, besides its privilege changes: the changed lines, and whether somebody
//! appoints themselves.
//!
//! In: pairs of files; the privilege changes with the evidence. Out: [`ChangedFile`]s, and names. Nothing here decides
//! anything. Not taken: a diff of files without end; the text of a stranger is compared in a bounded number of lines.

use similar::{ChangeTag, TextDiff};

use super::read::Pair;
use crate::approval::Evidence;
use crate::flag::{File, FileKind};
use crate::policy::Policy;
use crate::report::{ChangedFile, ChangedLine, PrivilegeChange, PullReport};

/// Changed lines in a report.
const MOST: usize = 200;

/// Lines on one side, between the equal ones at both ends, that are compared; more are all removed and added.
const COMPARED: usize = 2_000;

/// Characters of a line that are kept.
const WIDEST: usize = 500;

/// The changed lines of the files that are text, at most [`MOST`] in all.
pub fn changed_lines(pairs: &[&Pair]) -> Vec<ChangedFile> {
    let mut room = MOST;
    let mut files = Vec::new();
    for pair in pairs {
        let (Some(old), Some(new)) = (text(pair.live.as_ref()), text(pair.proposed.as_ref())) else { continue };
        let mut lines = differing(&old.lines().collect::<Vec<_>>(), &new.lines().collect::<Vec<_>>());
        let left_out = lines.len().saturating_sub(room);
        lines.truncate(room);
        room -= lines.len();
        if !lines.is_empty() || left_out > 0 {
            files.push(ChangedFile { path: pair.path.clone(), lines, left_out });
        }
    }
    files
}

/// The text of a file, empty if it is not there; `None` if it is none or was not read whole.
fn text(file: Option<&File>) -> Option<&str> {
    let Some(file) = file else { return Some("") };
    let whole = file.kind == FileKind::Regular && file.size <= file.bytes.len() as u64;
    std::str::from_utf8(&file.bytes).ok().filter(|_| whole)
}

fn differing(old: &[&str], new: &[&str]) -> Vec<ChangedLine> {
    let above = old.iter().zip(new).take_while(|(a, b)| a == b).count();
    let most = old.len().min(new.len()) - above;
    let below = old.iter().rev().zip(new.iter().rev()).take(most).take_while(|(a, b)| a == b).count();
    let middle = |side: &[&'_ str]| (above, side.len() - below);
    let ((from, to), (start, end)) = (middle(old), middle(new));
    let (Some(old), Some(new)) = (old.get(from..to), new.get(start..end)) else { return Vec::new() };
    let line = |added, at: usize, text: &str| ChangedLine {
        added,
        line: u32::try_from(above + at + 1).unwrap_or(u32::MAX),
        text: text.chars().take(WIDEST).collect(),
    };
    if old.len() > COMPARED || new.len() > COMPARED {
        let removed = old.iter().enumerate().map(|(at, text)| line(false, at, text));
        return removed.chain(new.iter().enumerate().map(|(at, text)| line(true, at, text))).collect();
    }
    let diff = TextDiff::from_slices(old, new);
    let changed = diff.iter_all_changes().filter_map(|change| match change.tag() {
        ChangeTag::Equal => None,
        ChangeTag::Delete => Some(line(false, change.old_index()?, change.value())),
        ChangeTag::Insert => Some(line(true, change.new_index()?, change.value())),
    });
    changed.collect()
}

/// People who gain a privilege and opened the pull request or contributed to it, themselves or by a team that they are
/// in.
pub fn self_appointed(
    changes: &[PrivilegeChange],
    proposed: Option<&Policy>,
    evidence: Option<&Evidence>,
) -> Vec<String> {
    let Some(evidence) = evidence else { return Vec::new() };
    let own = |login: &str| {
        let all = evidence.contributors.iter().flatten().chain([&evidence.requestor]);
        all.into_iter().any(|other| other.eq_ignore_ascii_case(login.trim_start_matches('@')))
    };
    let teams = proposed.map(|policy| &policy.config.teams);
    let member = |team: &str| {
        let listed = evidence.teams.iter().filter(|(name, _)| name.eq_ignore_ascii_case(team)).flat_map(|(_, all)| all);
        let named = teams.into_iter().flatten().filter(|(name, _)| name.to_string().eq_ignore_ascii_case(team));
        listed.chain(named.flat_map(|(_, all)| all)).any(|login| own(login))
    };
    let gained = changes.iter().filter(|change| change.gained).map(|change| change.who.as_str());
    let mut names: Vec<String> = gained.filter(|who| own(who) || member(who)).map(str::to_owned).collect();
    names.sort_unstable();
    names.dedup();
    names
}

impl PullReport {
    /// The pull request that evidence is about.
    pub(super) fn of(evidence: &Evidence) -> Option<PullReport> {
        let author = evidence.requestor.clone();
        Some(PullReport { number: evidence.pull?, author, title: None, repository: None, url: None })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(old: &[&str], new: &[&str]) -> Vec<String> {
        let sign = |line: &ChangedLine| format!("{}{} {}", if line.added { '+' } else { '-' }, line.line, line.text);
        differing(old, new).iter().map(sign).collect()
    }

    #[test]
    fn lines_have_the_number_of_their_side() {
        assert_eq!(lines(&["a", "b", "c"], &["a", "x", "y", "c"]), ["-2 b", "+2 x", "+3 y"]);
        assert_eq!(lines(&["a", "a"], &["a", "a", "a"]), ["+3 a"]);
        assert_eq!(lines(&["a"], &["a"]), Vec::<String>::new());
        assert_eq!(lines(&[], &["a"]), ["+1 a"]);
    }

    #[test]
    fn many_lines_are_not_compared() {
        let text: Vec<String> = (0..3_000).map(|number| number.to_string()).collect();
        let old: Vec<&str> = text.iter().map(String::as_str).collect();
        let new: Vec<&str> = old.iter().rev().copied().collect();
        assert_eq!(differing(&old, &new).len(), 6_000);
    }
}
