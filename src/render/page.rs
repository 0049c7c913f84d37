//! Page of text for a terminal: wrapped to its width, indented, coloured. Colour only repeats the words and signs, and
//! uses the terminal's own palette, so that it can be read on dark and on light.

use super::phrases::{Part, Phrase};
use super::tone::Tone;
use super::wrap::{LongWord, wrap};
use super::{Look, plain, safe};

/// Visible text in one tone.
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

    /// A sentence in tones: the value before in red, the value after in green.
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

    /// A sentence in one tone, as a paragraph with an indent.
    pub(super) fn phrase(&mut self, indent: usize, phrase: &Phrase) {
        let spans = self.spans(phrase);
        self.line(indent, &spans);
    }

    /// A sentence in another tone than its own.
    pub(super) fn toned(&mut self, indent: usize, tone: Tone, phrase: &Phrase) {
        let spans: Vec<Span> = self.spans(phrase).into_iter().map(|(_, text)| span(tone, text)).collect();
        self.line(indent, &spans);
    }

    /// A list item: a sign in the margin, and text in one tone.
    pub(super) fn item(&mut self, indent: usize, tone: Tone, sign: char, text: (Tone, String)) {
        let first = span(tone, format!("{}{sign} ", " ".repeat(indent)));
        self.put(&[first], &[span(Tone::Plain, " ".repeat(indent + 4))], &[text]);
    }

    pub(super) fn blank(&mut self) {
        if !self.out.is_empty() && !self.out.ends_with("\n\n") {
            self.out.push('\n');
        }
    }

    /// A paragraph: `first` stands before its first line, `rest` before the others.
    pub(super) fn put(&mut self, first: &[Span], rest: &[Span], text: &[Span]) {
        let taken: usize = rest.iter().map(|(_, text)| safe::columns(text)).sum();
        let lines = wrap(text, self.width.saturating_sub(taken).max(16), LongWord::Broken);
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

    /// A paragraph with words longer than a line left whole, so that they can be copied.
    pub(super) fn copyable(&mut self, indent: usize, text: &[Span]) {
        let width = self.width.saturating_sub(indent + 2).max(16);
        for (index, line) in wrap(text, width, LongWord::Whole).iter().enumerate() {
            let indent = span(Tone::Plain, " ".repeat(if index == 0 { indent } else { indent + 2 }));
            self.raw(&std::iter::once(&indent).chain(line).cloned().collect::<Vec<_>>());
        }
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

/// Plain lines of an answer that is no report: a few colours, and words that wrap. Somebody else's text is made visible
/// here, once for all commands.
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

/// [`safe::disarmed`] for a line in pieces, before colours hide its start.
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
