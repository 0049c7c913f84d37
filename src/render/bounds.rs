//! How much a comment holds: pieces that are whole or left out, and lists that may be cut.

/// GitHub takes 65,536 characters; what posts the comment adds a little of its own.
pub(super) const LIMIT: usize = 60_000;

/// What the sentences about things left out may take.
pub(super) const RESERVE: usize = 1_000;

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
        if out.chars().count() + before.len() + RESERVE > LIMIT {
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
    let mut used = out.chars().count();
    let total = pieces.len();
    for (index, piece) in pieces.into_iter().enumerate() {
        used += piece.chars().count() + between.len();
        if used + RESERVE > LIMIT {
            out.push_str(&left_out(total - index, noun));
            return;
        }
        out.push_str(between);
        out.push_str(&piece);
    }
}

fn left_out(number: usize, noun: &str) -> String {
    format!("\n…and {number} more {noun}{}, see the full report\n", if number == 1 { "" } else { "s" })
}
