//! Tones: the colours of all outputs, one for each kind of statement.
//!
//! In: a verdict or a level. Out: a [`Tone`]. The terminal writes it as a style of its own palette, a page as a class
//! of its style sheet. It refuses to say anything by itself: colour only repeats words and signs. Not taken: a table in
//! each output, of which two had another colour for a lock.

use anstyle::{AnsiColor, Style};

use crate::report::Verdict;

/// Colour of a piece of text.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Tone {
    #[default]
    Plain,
    Strong,
    Quiet,
    Good,
    Bad,
    Warn,
    /// Something that is not known.
    Unknown,
}

impl Tone {
    /// The tone of a verdict.
    #[must_use]
    pub fn of(verdict: Verdict) -> Self {
        match verdict {
            Verdict::NotRequired | Verdict::Approved => Tone::Good,
            Verdict::Pending | Verdict::Locked => Tone::Warn,
            Verdict::Rejected | Verdict::Invalid => Tone::Bad,
        }
    }

    /// The style of a terminal.
    #[must_use]
    pub fn style(self) -> Style {
        let color = |color: AnsiColor| Style::new().fg_color(Some(color.into()));
        match self {
            Tone::Plain => Style::new(),
            Tone::Strong => Style::new().bold(),
            Tone::Quiet => Style::new().dimmed(),
            Tone::Good => color(AnsiColor::Green),
            Tone::Bad => color(AnsiColor::Red),
            Tone::Warn => color(AnsiColor::Yellow).bold(),
            Tone::Unknown => color(AnsiColor::Blue),
        }
    }

    /// The class of a page.
    #[must_use]
    pub fn class(self) -> &'static str {
        match self {
            Tone::Plain | Tone::Strong | Tone::Quiet | Tone::Unknown => "quiet",
            Tone::Good => "good",
            Tone::Warn => "warn",
            Tone::Bad => "bad",
        }
    }
}
