//! Differences between two files that change nothing of what they say: line ends, comments, layout, the mode.
//!
//! In: a file before and after. Out: a sentence for people, so that no section of a report is empty. Refuses: to say
//! that a file says the same; a caller knows that. Not taken: a line diff, which git shows better.

use super::read::Pair;
use crate::flag::{File, FileKind};

/// The differences between two files that say the same.
#[derive(Clone, Debug, Default)]
pub struct TextOnly {
    pub mode: Option<String>,
    pub text: Option<String>,
}

impl TextOnly {
    /// The difference of a file that stays where it is.
    #[must_use]
    pub fn of(before: &File, after: &File) -> TextOnly {
        let regular = before.kind == FileKind::Regular && after.kind == FileKind::Regular;
        let mode = (regular && before.mode != after.mode).then(|| {
            let what = if after.mode & 0o111 == 0 { "is no longer executable" } else { "becomes executable" };
            format!(
                "the file {what} (mode {:o} → {:o}), which changes nothing for users: flags are read, not run",
                before.mode, after.mode
            )
        });
        let text = (before.bytes != after.bytes).then(|| match line_ends(before, after) {
            Some(ends) => format!("only the line ends differ ({ends}), which changes nothing for users"),
            None => "only comments, layout or the order of keys differ, which changes nothing for users".to_owned(),
        });
        TextOnly { mode, text }
    }
}

/// The line ends before and after, if nothing else differs.
fn line_ends(before: &File, after: &File) -> Option<String> {
    let same = lines(before).eq(lines(after)) && before.bytes != after.bytes;
    let name = |file: &File| match (file.bytes.contains(&b'\r'), lines(file).any(|(crlf, _)| !crlf)) {
        (false, _) => "LF",
        (true, false) => "CRLF",
        (true, true) => "LF and CRLF",
    };
    let texts = lines(before).map(|(_, line)| line).eq(lines(after).map(|(_, line)| line));
    (!same && texts).then(|| format!("{} → {}", name(before), name(after)))
}

/// The lines that a line feed ends, each with whether a carriage return stands before that, and what is left behind
/// them.
fn lines(file: &File) -> impl Iterator<Item = (bool, &[u8])> {
    file.bytes.split_inclusive(|byte| *byte == b'\n').map(|line| match line.strip_suffix(b"\r\n") {
        Some(line) => (true, line),
        None => (false, line.strip_suffix(b"\n").unwrap_or(line)),
    })
}

/// A sentence on files of the policy that say the same as before, about which nothing else is said.
#[must_use]
pub fn of_policy(pairs: &[&Pair]) -> Option<String> {
    let both =
        |pair: &&Pair| pair.live.as_ref().zip(pair.proposed.as_ref()).is_some_and(|(old, new)| old.bytes != new.bytes);
    if pairs.is_empty() || !pairs.iter().all(both) {
        return None;
    }
    let sides = || pairs.iter().filter_map(|pair| pair.live.as_ref().zip(pair.proposed.as_ref()));
    let ends: Option<Vec<String>> = sides().map(|(old, new)| line_ends(old, new)).collect();
    Some(match ends.as_deref() {
        Some([ends, ..]) => format!("only the line ends differ ({ends}): nobody gains or loses a right"),
        _ => "comments, layout or order differ; nobody was found to gain or lose a right".to_owned(),
    })
}
