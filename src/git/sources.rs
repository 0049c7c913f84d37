//! Sources of the content of managed files within one proposal: the commits that wrote it under other paths.
//!
//! In: what each commit wrote, and which of them touch managed paths. Out: those that count as well. A commit counts if
//! it writes the very content that a managed file has at some commit; or a file that a counting commit takes away while
//! it brings something; or a draft: a file of YAML or JSON, in which all formats are, wherever it is, that has the key
//! of a flag that the proposal changes, or a member that it brings to managed files. A file that can't be read, or is
//! one too many to be, may be a draft. Documents and code are none of these. Not taken: every file of YAML or JSON, or
//! whoever touches a workflow in the same pull request could not approve it.

use std::collections::{BTreeMap, BTreeSet};

use aho_corasick::AhoCorasick;
use git2::Oid;

use super::lossy;
use super::tree_diff::PathDifference;
use crate::flag::FileKind;

/// A commit of a proposal, with the paths it wrote.
pub(super) struct Written {
    pub commit: Oid,
    /// Whether its authors had a hand in managed files.
    pub counts: bool,
    pub written: Vec<PathDifference>,
}

/// Lets the commits count that wrote managed content under other paths. `drafts` are the contents of YAML or JSON that
/// are drafts.
pub(super) fn count(commits: &mut [Written], managed: &dyn Fn(&str) -> bool, drafts: &BTreeSet<Oid>) {
    let brings = |found: &&PathDifference| found.proposed.is_some();
    let under = |found: &PathDifference| managed(&lossy(&found.path));
    let contents: BTreeSet<Oid> = commits
        .iter()
        .flat_map(|one| one.written.iter().filter(brings).filter(|found| under(found)))
        .filter_map(|found| found.proposed.map(|item| item.id))
        .filter(|id| !is_empty(*id))
        .collect();
    let source = |found: &PathDifference| {
        found.proposed.is_some_and(|item| {
            let draft = || item.kind() != FileKind::Regular || drafts.contains(&item.id);
            contents.contains(&item.id) || is_like_a_flag(&found.path) && draft()
        })
    };
    for one in commits.iter_mut().filter(|one| !one.counts) {
        one.counts = one.written.iter().any(|found| !under(found) && source(found));
    }
    // Each commit is looked at once: a chain of moves may be as long as the proposal.
    let mut writers: BTreeMap<Vec<u8>, Vec<usize>> = BTreeMap::new();
    for (at, one) in commits.iter().enumerate().filter(|(_, one)| !one.counts) {
        for found in one.written.iter().filter(|found| !under(found)) {
            writers.entry(found.path.clone()).or_default().push(at);
        }
    }
    let mut open: Vec<usize> = (0..commits.len()).filter(|at| commits.get(*at).is_some_and(|one| one.counts)).collect();
    while let Some(one) = open.pop().and_then(|at| commits.get(at)) {
        if !one.written.iter().any(|found| found.proposed.is_some()) {
            continue;
        }
        let gone = one.written.iter().filter(|found| found.proposed.is_none());
        let sources: Vec<usize> = gone.filter_map(|found| writers.remove(&found.path)).flatten().collect();
        for at in sources {
            if let Some(one) = commits.get_mut(at).filter(|one| !one.counts) {
                one.counts = true;
                open.push(at);
            }
        }
    }
}

/// Whether a path is that of a file which could hold flags.
pub(super) fn is_like_a_flag(path: &[u8]) -> bool {
    let name = lossy(path).to_ascii_lowercase();
    [".yaml", ".yml", ".json"].iter().any(|end| name.ends_with(end))
}

/// The signs by which a file of YAML or JSON is a draft.
pub(super) struct DraftSigns {
    /// `None` where there are more of them than can be looked for.
    keys: Option<AhoCorasick>,
    members: BTreeSet<String>,
}

/// A member with fewer letters and digits than that stands in files that have nothing to do with each other.
const FEWEST: usize = 8;

impl DraftSigns {
    /// The signs of flags with these keys.
    pub fn new(keys: &BTreeSet<String>) -> Self {
        DraftSigns { keys: AhoCorasick::new(keys).ok(), members: BTreeSet::new() }
    }

    /// Adds what a managed file brings.
    pub fn bring(&mut self, before: &[u8], after: &[u8]) {
        let [before, after] = [before, after].map(|bytes| plain(&String::from_utf8_lossy(bytes)));
        let before: BTreeSet<String> = members(&before).collect();
        self.members.extend(members(&after).filter(|member| !before.contains(member)));
    }

    /// Whether a file may be a draft.
    pub fn are_in(&self, bytes: &[u8]) -> bool {
        let Ok(text) = std::str::from_utf8(bytes) else { return true };
        let text = plain(text);
        let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
        self.keys.as_ref().is_none_or(|keys| hold(&words, keys))
            || members(&text).any(|member| self.members.contains(&member))
    }
}

/// Whether a string has one of the keys that is no part of a longer word.
fn hold(text: &str, keys: &AhoCorasick) -> bool {
    let in_a_key = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-'));
    keys.find_overlapping_iter(text).any(|found| {
        let (before, after) =
            (text.get(..found.start()).unwrap_or_default(), text.get(found.end()..).unwrap_or_default());
        !in_a_key(before.chars().next_back()) && !in_a_key(after.chars().next())
    })
}

/// The lines and the members of maps and lists that say something, each without its quotes and spaces.
fn members(text: &str) -> impl Iterator<Item = String> {
    let pieces = text.split(['\n', '\r', ',', '{', '}', '[', ']']);
    let bare = pieces.map(|piece| {
        let piece = piece.trim_start_matches(|c: char| c == '-' || c.is_whitespace());
        piece.chars().filter(|c| !c.is_whitespace() && !matches!(c, '"' | '\'')).collect()
    });
    bare.filter(|piece: &String| piece.chars().filter(|c| c.is_alphanumeric()).count() >= FEWEST)
}

/// A string with characters in the place of the escapes that can spell them, and quoted lines joined.
fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('\\') {
        let (before, escaped) = rest.split_at(at);
        out.push_str(before);
        let mut chars = escaped.chars().skip(1);
        let sign = chars.next();
        let digits = match sign {
            Some('x') => 2,
            Some('u') => 4,
            Some('U') => 8,
            Some(_) | None => 0,
        };
        let spelled = escaped.get(2..2 + digits).filter(|hex| !hex.is_empty());
        let spelled = spelled.and_then(|hex| u32::from_str_radix(hex, 16).ok()).and_then(char::from_u32);
        rest = escaped.get(1 + sign.map_or(0, char::len_utf8)..).unwrap_or_default();
        match (spelled, sign) {
            (Some(char), _) => {
                out.push(char);
                rest = rest.get(digits..).unwrap_or_default();
            }
            (None, Some('\n' | '\r')) => rest = rest.trim_start(),
            (None, Some(other)) => out.push(other),
            (None, None) => {}
        }
    }
    out.push_str(rest);
    out
}

/// Whether an id is that of a file without content, which nobody wrote.
fn is_empty(id: Oid) -> bool {
    const EMPTY: [&str; 2] = [
        "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391",
        "473a0f4c3be8a93681a267e3b1e9a7dcda1185436fe141f7749120a303721813",
    ];
    EMPTY.contains(&id.to_string().as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    const FLAG: &str =
        "key: buy\nstate: active\nrolloutPercentage: 20\ntargetSegments: [{name: beta users, percentage: 50}]\n";

    #[test]
    fn a_draft_has_the_key_or_a_member() {
        let keys = BTreeSet::from(["buy".to_owned(), "one click".to_owned()]);
        let mut signs = DraftSigns::new(&keys);
        signs.bring(b"state: active\nbucketingSalt: abcdefgh\n", FLAG.as_bytes());
        for text in [
            "key: buy",
            "{\"key\":\"buy\"}",
            "key: \"b\\u0075y\"",
            "key: \"\\x62uy\"",
            "key: \"b\\\n  uy\"",
            "x: {buy: 1}",
            "a: >\n  one\n  click\n",
            "rolloutPercentage: 20",
            "{\"rolloutPercentage\":20}",
            "[{\"name\": \"beta users\"}]",
            "- {name: 'beta users'}",
            "x:\n  - rolloutPercentage: 20",
        ] {
            assert!(signs.are_in(text.as_bytes()), "{text}");
        }
        for text in [
            "",
            "key: buyer",
            "on: push",
            "state: active",
            "bucketingSalt: abcdefgh",
            "rolloutPercentage: 21",
            "run: |\n  cargo test \\\n    --all",
            "{\"scripts\": {\"test\": \"jest --config x\"}}",
            "\\",
            "\\u00",
            "\\é",
        ] {
            assert!(!signs.are_in(text.as_bytes()), "{text}");
        }
        assert!(signs.are_in(b"\xff"), "it can't be read");
    }
}
