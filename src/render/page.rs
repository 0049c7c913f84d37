//! A page of text for a terminal: wrapped to its width, indented, coloured. Colour only repeats what words and signs
//! say, and uses the terminal's own palette, so that it can be read on dark and on light.

use anstyle::{AnsiColor, Style};

use super::words::{Part, Phrase};
use super::{Look, safe};
use crate::report::Verdict;

/// What a piece of text is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Tone {
    Plain,
    Strong,
    Quiet,
    Good,
    Bad,
    Warn,
}

impl Tone {
    pub(super) fn of(verdict: Verdict) -> Self {
        match verdict {
            Verdict::NotRequired | Verdict::Approved => Tone::Good,
            Verdict::Pending | Verdict::Locked => Tone::Warn,
            Verdict::Rejected | Verdict::Invalid => Tone::Bad,
        }
    }

    fn style(self) -> Style {
        let color = |color: AnsiColor| Style::new().fg_color(Some(color.into()));
        match self {
            Tone::Plain => Style::new(),
            Tone::Strong => Style::new().bold(),
            Tone::Quiet => Style::new().dimmed(),
            Tone::Good => color(AnsiColor::Green),
            Tone::Bad => color(AnsiColor::Red),
            Tone::Warn => color(AnsiColor::Yellow).bold(),
        }
    }
}

/// Text in one tone; it is visible text.
pub(super) type Span = (Tone, String);

pub(super) fn span(tone: Tone, text: impl Into<String>) -> Span {
    (tone, text.into())
}

/// The page being written.
pub(super) struct Page {
    out: String,
    width: usize,
    color: bool,
    pub(super) ascii: bool,
}

impl Page {
    pub(super) fn new(look: &Look) -> Self {
        Page { out: String::new(), width: look.width.max(40), color: look.color, ascii: look.ascii }
    }

    pub(super) fn width(&self) -> usize {
        self.width
    }

    /// One of two spellings of our own drawing.
    pub(super) fn either<'t>(&self, unicode: &'t str, ascii: &'t str) -> &'t str {
        if self.ascii { ascii } else { unicode }
    }

    /// A sentence in tones: what was in red, what would be in green.
    pub(super) fn spans(&self, phrase: &Phrase) -> Vec<Span> {
        let tone = |part: &Part| match part {
            Part::Ours(text) if self.ascii => span(Tone::Plain, text.replace('→', "->")),
            Part::Ours(text) | Part::Value(text) => span(Tone::Plain, text.clone()),
            Part::Name(text) => span(Tone::Plain, format!("`{text}`")),
            Part::Old(text) => span(Tone::Bad, text.clone()),
            Part::New(text) => span(Tone::Good, text.clone()),
        };
        phrase.0.iter().map(tone).collect()
    }

    pub(super) fn blank(&mut self) {
        if !self.out.is_empty() && !self.out.ends_with("\n\n") {
            self.out.push('\n');
        }
    }

    /// A paragraph: `first` stands before its first line, `rest` before the others.
    pub(super) fn put(&mut self, first: &[Span], rest: &[Span], text: &[Span]) {
        let taken: usize = rest.iter().map(|(_, text)| safe::columns(text)).sum();
        let lines = wrapped(text, self.width.saturating_sub(taken).max(16));
        for (index, line) in lines.iter().enumerate() {
            let prefix = if index == 0 { first } else { rest };
            self.raw(&prefix.iter().chain(line).cloned().collect::<Vec<_>>());
        }
    }

    /// A paragraph with an indent; its further lines are indented by two more.
    pub(super) fn line(&mut self, indent: usize, text: &[Span]) {
        let prefix = |indent: usize| [span(Tone::Plain, " ".repeat(indent))];
        self.put(&prefix(indent), &prefix(indent + 2), text);
    }

    /// A line that is not wrapped.
    pub(super) fn raw(&mut self, spans: &[Span]) {
        let mut line = String::new();
        let spans = disarmed(spans);
        let last = spans.iter().rposition(|(_, text)| !text.trim_end().is_empty());
        for (index, (tone, text)) in spans.iter().enumerate() {
            let text = match last {
                Some(last) if index < last => text.as_str(),
                Some(last) if index == last => text.trim_end(),
                _ => "",
            };
            if self.color && *tone != Tone::Plain && !text.is_empty() {
                let style = tone.style();
                line.push_str(&format!("{style}{text}{style:#}"));
            } else {
                line.push_str(text);
            }
        }
        self.out.push_str(&line);
        self.out.push('\n');
    }

    pub(super) fn finish(mut self) -> String {
        self.out.truncate(self.out.trim_end_matches('\n').len());
        self.out.push('\n');
        self.out
    }
}

/// Whatever [`safe::disarmed`] does to the line, before colours hide its start.
fn disarmed(spans: &[Span]) -> Vec<Span> {
    let line: String = spans.iter().map(|(_, text)| text.as_str()).collect();
    let mut spans: Vec<Span> = spans.iter().map(|(tone, text)| span(*tone, text.replace("##[", "##\\u{5b}"))).collect();
    if line.trim_start().starts_with("::")
        && let Some((_, text)) = spans.iter_mut().find(|(_, text)| text.contains(':'))
    {
        *text = text.replacen(':', "\\u{3a}", 1);
    }
    spans
}

/// Breaks text into lines of at most `width` columns, at blanks where there are any.
pub(super) fn wrapped(text: &[Span], width: usize) -> Vec<Vec<Span>> {
    let mut lines: Vec<Vec<Span>> = vec![Vec::new()];
    let mut used = 0;
    for word in words(text) {
        let columns: usize = word.iter().map(|(_, text)| safe::columns(text)).sum();
        let blank = usize::from(used > 0);
        if used > 0 && used + blank + columns > width {
            lines.push(Vec::new());
            used = 0;
        } else if used > 0 {
            push(&mut lines, Tone::Plain, " ");
            used += 1;
        }
        for (tone, text) in word {
            for c in text.chars() {
                let mut buffer = [0; 4];
                let glyph: &str = c.encode_utf8(&mut buffer);
                let columns = safe::columns(glyph);
                if used + columns > width {
                    lines.push(Vec::new());
                    used = 0;
                }
                push(&mut lines, tone, glyph);
                used += columns;
            }
        }
    }
    lines
}

fn push(lines: &mut [Vec<Span>], tone: Tone, text: &str) {
    let Some(line) = lines.last_mut() else { return };
    match line.last_mut() {
        Some((last, before)) if *last == tone => before.push_str(text),
        _ => line.push(span(tone, text)),
    }
}

/// Words, each of one or more tones; two blanks in a row have an empty word between them.
fn words(text: &[Span]) -> Vec<Vec<Span>> {
    let mut words: Vec<Vec<Span>> = vec![Vec::new()];
    for (tone, text) in text {
        for (index, piece) in text.split(' ').enumerate() {
            if index > 0 {
                words.push(Vec::new());
            }
            if let Some(word) = words.last_mut()
                && !piece.is_empty()
            {
                word.push(span(*tone, piece));
            }
        }
    }
    words
}
