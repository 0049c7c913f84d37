//! Plain lines for answers that are no report: a few colours, and words that wrap.
//!
//! In: text and a [`Look`]. Out: lines. Text that somebody else wrote is made visible here, once for all commands.

use super::wrap::{LongWord, wrap};
use super::{Look, Tone, plain};

/// A page in the making.
pub struct Prose {
    look: Look,
    out: String,
}

impl Prose {
    #[must_use]
    pub fn new(look: Look) -> Self {
        Prose { look, out: String::new() }
    }

    /// Text in a tone, to be put into a line.
    #[must_use]
    pub fn tone(&self, tone: Tone, text: &str) -> String {
        let style = tone.style().bold();
        let text = plain(text);
        if self.look.color { format!("{style}{text}{style:#}") } else { text }
    }

    /// The arrow before a next step.
    #[must_use]
    pub fn arrow(&self) -> &'static str {
        if self.look.ascii { "->" } else { "→" }
    }

    pub fn blank(&mut self) {
        self.out.push('\n');
    }

    /// A line as it is: made of [`Prose::tone`] and of our own words.
    pub fn line(&mut self, line: &str) {
        self.out.push_str(line);
        self.out.push('\n');
    }

    /// A line that is not wrapped: a command, an address.
    pub fn whole(&mut self, before: &str, text: &str) {
        let text = plain(text);
        self.line(&format!("{before}{text}"));
    }

    /// Words behind a label of `used` columns; the lines that follow are as far in.
    pub fn wrapped(&mut self, label: &str, used: usize, text: &str) {
        let width = self.look.width.saturating_sub(used).max(1);
        for (index, line) in wrap(&[((), plain(text))], width, LongWord::Whole).iter().enumerate() {
            let start = if index == 0 { label.to_owned() } else { " ".repeat(used) };
            let words: String = line.iter().map(|((), text)| text.as_str()).collect();
            self.line(&format!("{start}{words}"));
        }
    }

    #[must_use]
    pub fn finish(self) -> String {
        self.out
    }
}
