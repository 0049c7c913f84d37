//! What the tree tells of that stands between the values, and of how they are written.

use granit_parser::{ErrorKind, ScalarStyle, ScanError, Span};

use super::Tree;
use crate::diagnostics::Place;
use crate::diagnostics::lints;
use crate::document::yaml::errors::human;
use crate::document::yaml::{odd, shown};

impl Tree<'_, '_, '_, '_, '_> {
    /// Tells what is odd about a block, or about another scalar of several lines.
    pub(super) fn spread(&mut self, text: &str, style: ScalarStyle, start: usize, end: usize) {
        let written = self.text.get(start..end).unwrap_or_default();
        let odd = if matches!(style, ScalarStyle::Literal | ScalarStyle::Folded) {
            self.indented_block(start);
            odd::block(text)
        } else if written.contains('\n') {
            odd::lines(written, self.in_flow())
        } else {
            None
        };
        if let Some((how, remedy)) = odd.filter(|_| !self.own) {
            let place = self.lines.place(start, end);
            self.told.add(lints::AMBIGUOUS_SCALAR, place, format!("this {how}"), remedy);
        }
    }

    /// Tells a flow key without a colon: Symfony's reader takes `a, b` for the key in `{a, b: c}`.
    pub(super) fn absent(&mut self, place: Place, start: usize) {
        let rest = self.text.get(start..).unwrap_or_default().trim_start();
        if self.in_flow() && self.mark(start, b":#").is_none() && !rest.starts_with(':') {
            let message = "a key without a value, and some readers take more for the key";
            self.told.add(lints::AMBIGUOUS_SCALAR, place, message, "write the value, as in `{key: null}`");
        }
    }

    /// Tells a tab between what was read last and this in brackets, or before a colon: Symfony's reader finds values
    /// there, or no key.
    pub(super) fn tabs(&mut self, start: usize, end: usize) {
        let gap = self.text.get(start..end).unwrap_or_default();
        if let Some(at) = gap.split('#').next().and_then(|gap| gap.find('\t')).filter(|_| !self.own) {
            let place = self.lines.place(start + at, start + at + 1);
            let message = "a tab where some readers don't take it for a space";
            self.told.add(lints::AMBIGUOUS_SCALAR, place, message, "write spaces");
        }
    }

    /// Whether a bracket is open, in a file that others read too.
    pub(super) fn in_flow(&self) -> bool {
        !self.own && self.open.iter().any(|open| open.bracket.is_some())
    }

    /// Tells a `?` between what was read last and `start`: keys that need one aren't texts to every reader.
    pub(super) fn explicit_key(&mut self, start: usize) -> bool {
        let Some(here) = self.mark(start, b"?#&!") else { return false };
        self.complex_key(self.lines.place(here, here + 1));
        self.seen = here + 1;
        true
    }

    /// Tells the digit of `|2`: the npm package `yaml` and others count blank lines differently under it.
    pub(super) fn indented_block(&mut self, start: usize) {
        let Some(here) = self.mark(start, b"|>#&!") else { return };
        let header = self.text.get(here..start).unwrap_or_default();
        let header = header.split(|char: char| char.is_whitespace()).next().unwrap_or_default();
        if header.contains(|char: char| char.is_ascii_digit()) {
            self.told.add(
                lints::AMBIGUOUS_SCALAR,
                self.lines.place(here, here + header.len()),
                format!("`{}` sets the indentation of a block, and readers differ in its blank lines", shown(header)),
                "start the block with a line that holds text, and leave out the digit",
            );
        }
    }

    /// Where the first of `marks` stands between what was read last and `start`, outside of comments, anchors and tags.
    pub(super) fn mark(&self, start: usize, marks: &[u8]) -> Option<usize> {
        let mut gap = self.text.get(self.seen..start)?;
        loop {
            let rest = gap.get(gap.bytes().position(|byte| marks.contains(&byte))?..)?;
            let end = match rest.chars().next()? {
                '#' => rest.find('\n')?,
                '&' | '!' => rest.find(char::is_whitespace)?,
                _ => return Some(start - rest.len()),
            };
            gap = rest.get(end..)?;
        }
    }

    pub(super) fn complex_key(&mut self, place: Place) {
        self.told.add(
            lints::COMPLEX_KEY,
            place,
            "a key that is not a text on one line before its `:`",
            "write the key as a plain text, as in `key: value`",
        );
    }

    pub(super) fn tag(&mut self, span: &Span) {
        let range = span.tag_span().unwrap_or(*span).byte_range().unwrap_or(0..0);
        let tag = self.text.get(range.clone()).unwrap_or("!");
        self.told.add(
            lints::TAG,
            self.lines.place(range.start, range.end),
            format!("`{}` is a tag, and readers construct different values from it", shown(tag)),
            "remove the tag, and put the value in quotes if it is a text",
        );
    }

    pub(super) fn anchor(&mut self, name: &str, start: usize, end: usize) {
        self.told.add(
            lints::ANCHOR,
            self.lines.place(start, end),
            format!("`{}` ties this place to others, so that a change of one changes all", shown(name)),
            "write the value out in each place",
        );
    }

    pub(super) fn syntax(&mut self, error: &ScanError) {
        let at = error.marker().byte_offset().unwrap_or(0);
        let place = self.lines.place(at, at + 1);
        let (lint, message, remedy) = match error.kind() {
            ErrorKind::RecursionLimitExceeded => return self.told.too_deep(place),
            ErrorKind::DirectiveDisallowed => (
                lints::DIRECTIVE,
                "a `%` directive changes how the rest of the file is read".to_owned(),
                "delete the line",
            ),
            ErrorKind::UndeclaredTagHandle => {
                (lints::TAG, "a tag that is declared nowhere".to_owned(), "remove the tag")
            }
            kind => {
                let (message, remedy) = human(kind);
                (lints::SYNTAX, message, remedy)
            }
        };
        self.told.add(lint, place, message, remedy);
    }
}
