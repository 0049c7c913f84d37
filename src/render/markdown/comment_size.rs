//! Room of a comment: pieces that are shown whole or not at all, and lists that may be cut.

use crate::diagnostics::words::counted;

/// Characters of a comment that GitHub takes.
const COMMENT: usize = 65_536;

/// Characters hidden in the comment: markers and the approval record.
pub const RECORD: usize = 12_000;

/// Characters of the visible part.
pub const ROOM: usize = COMMENT - RECORD - 536;

/// Room for the sentences about things left out and for the last line.
pub(super) const RESERVE: usize = 2_000;

/// Room above the table: the verdict, the next steps, the errors.
pub(super) const HEAD: usize = 5_900;

/// Room for everything that needs approval, which is never cut; the head of the table and the fold take less than 200.
pub const NEVER_CUT: usize = ROOM - RESERVE - HEAD - 200;

/// The title of a block that may be cut.
pub(super) enum Title {
    None,
    Open(String),
    Folded(String),
}

/// A list that may be cut.
pub(super) struct Block {
    pub title: Title,
    pub items: Vec<String>,
    pub noun: &'static str,
}

impl Block {
    pub(super) fn put(self, out: &mut String) {
        if self.items.is_empty() {
            return;
        }
        let (before, after) = match self.title {
            Title::None => ("\n".to_owned(), ""),
            Title::Open(title) => (format!("\n#### {title}\n\n"), ""),
            Title::Folded(title) => (format!("\n<details><summary>{title}</summary>\n\n"), "\n</details>\n"),
        };
        if size(out) + before.len() + RESERVE > ROOM {
            out.push_str(&left_out(self.items.len(), self.noun));
            return;
        }
        out.push_str(&before);
        bounded(out, self.items, self.noun);
        out.push_str(after);
    }
}

/// Adds as many pieces as fit, and how many do not; a piece is never cut in two.
pub(super) fn bounded(out: &mut String, pieces: Vec<String>, noun: &str) {
    let total = pieces.len();
    let put = until(ROOM - RESERVE, out, pieces);
    if put < total {
        out.push_str(&left_out(total - put, noun));
    }
}

/// Adds pieces as long as there are at most `most` characters in all; returns the number of added pieces.
pub(super) fn until(most: usize, out: &mut String, pieces: Vec<String>) -> usize {
    let mut used = size(out);
    let mut put = 0;
    for piece in pieces {
        used += size(&piece);
        if used > most {
            break;
        }
        out.push_str(&piece);
        put += 1;
    }
    put
}

/// The size of text, which GitHub counts in characters.
pub(super) fn size(text: &str) -> usize {
    text.chars().count()
}

pub(super) fn left_out(number: usize, noun: &str) -> String {
    format!("\n…and {}, see the full report\n", counted(number, &format!("more {noun}")))
}
