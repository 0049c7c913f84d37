//! How much a comment holds: pieces that are whole or left out, and lists that may be cut.

/// What GitHub takes, in characters.
const COMMENT: usize = 65_536;

/// What may be hidden in the comment beside what is visible: markers and the approval record.
pub const RECORD: usize = 12_000;

/// What the visible part takes at most.
pub const ROOM: usize = COMMENT - RECORD - 536;

/// What the sentences about things left out and the last line may take.
pub(super) const RESERVE: usize = 2_000;

/// What stands before the table takes at most: the verdict, what to do, the errors.
pub(super) const HEAD: usize = 6_000;

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
        bounded(out, self.items, self.noun, "");
        out.push_str(after);
    }
}

/// Adds as many pieces as fit and says how many do not; a piece is never cut in two.
pub(super) fn bounded(out: &mut String, pieces: Vec<String>, noun: &str, between: &str) {
    let total = pieces.len();
    let put = until(ROOM - RESERVE, out, pieces, between);
    if put < total {
        out.push_str(&left_out(total - put, noun));
    }
}

/// Adds pieces as long as there are at most `most` characters in all; the number of those that were added.
pub(super) fn until(most: usize, out: &mut String, pieces: Vec<String>, between: &str) -> usize {
    let mut used = size(out);
    let mut put = 0;
    for piece in pieces {
        used += size(&piece) + between.len();
        if used > most {
            break;
        }
        out.push_str(between);
        out.push_str(&piece);
        put += 1;
    }
    put
}

/// Characters, which is what is counted.
pub(super) fn size(text: &str) -> usize {
    text.chars().count()
}

fn left_out(number: usize, noun: &str) -> String {
    format!("\n…and {number} more {noun}{}, see the full report\n", if number == 1 { "" } else { "s" })
}
