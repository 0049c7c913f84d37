//! Why a string is not in the profile: every reason, each at its place, with a remedy that brings it there.
//!
//! The full parser finds the parts of the text; each part is held against the profile's rules. Where none of them is
//! broken, and still the profile's reader stopped, the place where it stopped is reported.

mod expected;
mod layout;

pub use layout::tabs;

use std::ops::Range;

use granit_parser::{Event, Parser, ScalarStyle, Span, StructureStyle};

use self::expected::Expected;
use super::RowsOfFile;
use super::profile::{LONGEST_KEY, ScalarSite, escape, unquoted};
use super::{MAX_DEPTH, MAX_NODES, MOST_DIAGNOSTICS, TextDiagnostics, errors, quotes, shown};
use crate::diagnostics::lints;
use crate::diagnostics::{Lines, Place};

/// Reports why `text` is not in the profile, whose reader stopped at this place. `None` if it is no YAML, or says
/// nothing.
#[must_use]
pub fn explain(
    text: &str,
    lines: &Lines<'_>,
    stop: Place,
    rows: &RowsOfFile,
    diagnostics: &mut TextDiagnostics<'_, '_>,
) -> Option<()> {
    let mut options = granit_parser::options! {
        disallow_directives: true,
        emit_unresolved_aliases: true,
        emit_anchor_events: true,
        flow_nesting_limit: MAX_DEPTH,
        block_nesting_limit: MAX_DEPTH,
    };
    options.set_emit_comments(false);
    let mut parser = Parser::new_from_str_with_options(text, options);
    let mut parts = ProfileParts {
        text,
        lines,
        diagnostics,
        root: Expected::Fields(rows.fields),
        open: Vec::new(),
        scalars: Vec::new(),
        spread: None,
        documents: 0,
        nodes: 0,
        seen: 0,
    };
    let mut whole = true;
    while let Some(event) = parser.next_event() {
        let step = match event {
            Ok((event, span)) if parts.diagnostics.count < MOST_DIAGNOSTICS => {
                parts.tell_spread();
                parts.take(event, span)
            }
            Ok(_) => None,
            Err(error) => {
                errors::report(&error, lines, parts.diagnostics);
                None
            }
        };
        if step.is_none() {
            whole = false;
            break;
        }
    }
    if whole {
        parts.tell_spread();
        if parts.nodes == 0 && parts.diagnostics.count == 0 {
            // An empty file has no layout to explain.
            parts.diagnostics.empty_file(rows.if_empty);
            return None;
        }
        let scalars = std::mem::take(&mut parts.scalars);
        layout::explain(text, lines, &scalars, parts.diagnostics);
    }
    if diagnostics.count == 0 {
        let message = "readers in use understand what stands here differently";
        diagnostics.add(
            lints::READERS_DISAGREE,
            stop,
            message,
            "write it in quotes, or as `key: value` on a line of its own",
        );
    }
    whole.then_some(())
}

/// The parts of a string, while they are looked at.
struct ProfileParts<'t, 'l, 'r, 'p, 'o> {
    text: &'t str,
    lines: &'l Lines<'t>,
    diagnostics: &'o mut TextDiagnostics<'r, 'p>,
    /// The expectation of the rows of the format for the whole.
    root: Expected,
    open: Vec<Open>,
    /// The scalars: their bytes, and whether they are a block's.
    scalars: Vec<(Range<usize>, ScalarStyle)>,
    /// A scalar over several lines without quotes, and what to write instead. Reported with the next part only: where
    /// none can be found, the lines below it are what is wrong.
    spread: Option<(Place, String, String)>,
    documents: usize,
    nodes: usize,
    /// Where the last scalar, alias or bracket ended: only punctuation and comments stand between it and the next.
    seen: usize,
}

/// A list or map that isn't complete.
struct Open {
    start: usize,
    /// The bracket that opened it, if there is one in the text.
    bracket: Option<u8>,
    /// Of a map: its keys so far, and whether one is next.
    keys: Option<(Vec<(String, Place)>, bool)>,
    expected: Expected,
}

impl ProfileParts<'_, '_, '_, '_, '_> {
    /// `None` when reading on makes no sense.
    fn take(&mut self, event: Event<'_>, span: Span) -> Option<()> {
        let range = span.byte_range().unwrap_or(0..0);
        let place = self.lines.place(range.start, range.end);
        match event {
            Event::DocumentStart(..) => {
                self.documents += 1;
                if self.documents > 1 {
                    self.diagnostics.several_documents(place);
                    return None;
                }
            }
            Event::Scalar(text, style, _, tag) => {
                let tagged = tag.is_some();
                if tagged {
                    self.tag(&span);
                }
                self.scalar(&text, style, tagged, range)?;
            }
            Event::SequenceStart(style, _, tag) | Event::MappingStart(style, _, tag) if tag.is_some() => {
                self.tag(&span);
                self.start(style, range.start, None)?;
            }
            Event::SequenceStart(style, ..) => self.start(style, range.start, None)?,
            Event::MappingStart(style, ..) => self.start(style, range.start, Some((Vec::new(), true)))?,
            Event::SequenceEnd | Event::MappingEnd => self.end(range.end)?,
            Event::Anchor(_, name) => self.anchor(&format!("&{name}"), place),
            Event::Alias(_) | Event::UnresolvedAlias(_) => {
                let name = self.text.get(range.clone()).unwrap_or("*").to_owned();
                self.anchor(&name, place);
                self.seen = range.end;
                self.done(None)?;
            }
            _ => {}
        }
        Some(())
    }

    fn start(&mut self, style: StructureStyle, start: usize, keys: Option<(Vec<(String, Place)>, bool)>) -> Option<()> {
        let place = self.lines.place(start, start);
        if self.open.len() == MAX_DEPTH {
            self.diagnostics.too_deep(place);
            return None;
        }
        let explicit = self.explicit_key(start);
        if !explicit && self.awaits_key() {
            self.diagnostics.complex_key(place, self.lines.line(place.line));
        }
        // `[a: 1]` holds a map without brackets of its own.
        let first = self.text.as_bytes().get(start).copied().filter(|byte| matches!(byte, b'[' | b'{'));
        let flow = style == StructureStyle::Flow;
        let bracket = first.filter(|_| flow);
        if bracket.is_some() {
            self.seen = start + 1;
        } else if flow && !explicit {
            let message = "a map without braces, and some readers find a string or an error";
            self.diagnostics.add(
                lints::READERS_DISAGREE,
                place,
                message,
                "put braces around it, as in `[{key: value}]`",
            );
        } else if !flow && keys.is_none() {
            self.after_gap(start);
        }
        let expected = self.expected();
        self.open.push(Open { start, bracket, keys, expected });
        Some(())
    }

    fn end(&mut self, end: usize) -> Option<()> {
        let open = self.open.pop()?;
        // A block ends where the next token starts, wherever that is; its text ended before.
        if matches!(self.text.as_bytes().get(end.saturating_sub(1)), Some(b']' | b'}')) {
            self.seen = self.seen.max(end);
        }
        if open.bracket.is_some() && !self.in_flow() {
            self.indented(open.start, self.seen);
        }
        if let Some((keys, _)) = &open.keys {
            self.diagnostics.duplicates(keys.iter().map(|(key, place)| (key.as_str(), *place)));
        }
        self.done(None)
    }

    fn scalar(&mut self, text: &str, style: ScalarStyle, tagged: bool, range: Range<usize>) -> Option<()> {
        let plain = style == ScalarStyle::Plain;
        let place = self.lines.place(range.start, range.end);
        let is_key = self.awaits_key();
        let written = self.text.get(range.clone()).unwrap_or_default();
        self.scalars.push((range.clone(), style));
        let explicit = is_key && self.explicit_key(range.start);
        let rest = self.text.get(range.end..).unwrap_or_default().trim_start_matches(' ');
        if is_key && !explicit && !range.is_empty() && (written.contains('\n') || rest.starts_with(['\n', '\r', '#'])) {
            self.diagnostics.complex_key(place, self.lines.line(place.line));
        }
        // The parser says `~` where nothing is written.
        let absent = plain && range.is_empty();
        if absent && self.open.is_empty() {
            return Some(());
        }
        match style {
            _ if absent => self.absent(is_key, explicit, place),
            ScalarStyle::Plain if text == "<<" => self.diagnostics.merge_key(place),
            ScalarStyle::Plain if tagged => {}
            ScalarStyle::Plain => self.plain(text, written, is_key, place),
            ScalarStyle::Literal | ScalarStyle::Folded => self.block(text, range.clone()),
            _ => self.quoted(text, written, style, is_key, range.clone()),
        }
        self.seen = self.seen.max(range.end);
        if is_key && text.len() > LONGEST_KEY {
            let message = format!("a key of {} bytes, and some readers find no key in it", text.len());
            self.diagnostics.add(lints::COMPLEX_KEY, place, message, format!("write at most {LONGEST_KEY} bytes"));
        }
        self.done(Some((text, place)).filter(|_| !absent))
    }

    /// Reports what an unquoted scalar has that is outside of the profile.
    fn plain(&mut self, text: &str, written: &str, is_key: bool, place: Place) {
        let colon = self
            .open
            .last()
            .is_some_and(|open| open.bracket == Some(b'{') || open.bracket.is_none() && open.keys.is_some())
            || !self.open.iter().any(|open| open.bracket == Some(b'{'));
        let site = match (self.in_flow(), is_key) {
            (false, false) => ScalarSite::Block,
            (false, true) => ScalarSite::Key,
            (true, false) => ScalarSite::Flow { colon },
            (true, true) => ScalarSite::FlowKey,
        };
        if !written.contains('\n') && unquoted(text, site).is_some() {
            return;
        }
        let what = if is_key { "the key " } else { "" };
        let message = format!("{what}`{}` without quotes is not the same to all readers", shown(text));
        let remedy = match () {
            () if written.contains('\n') => format!("put it in quotes, on one line{}", quotes(text)),
            () if is_key => expected::of_key(text),
            () => self.expected().remedy(text),
        };
        if written.contains('\n') {
            self.spread = Some((place, message, remedy));
        } else {
            self.diagnostics.add(lints::AMBIGUOUS_SCALAR, place, message, remedy);
        }
    }

    /// The expectation of the rows of the format for the value that comes next.
    fn expected(&self) -> Expected {
        match self.open.last() {
            None => self.root,
            Some(Open { keys: None, expected, .. }) => expected.item(),
            Some(Open { keys: Some((keys, false)), expected, .. }) => {
                keys.last().map_or(Expected::Unknown, |(key, _)| expected.member(key))
            }
            Some(Open { keys: Some((_, true)), .. }) => Expected::Unknown,
        }
    }

    fn tell_spread(&mut self) {
        if let Some((place, message, remedy)) = self.spread.take() {
            self.diagnostics.add(lints::AMBIGUOUS_SCALAR, place, message, remedy);
        }
    }

    /// Reports a quoted string that readers differ in.
    fn quoted(&mut self, text: &str, written: &str, style: ScalarStyle, is_key: bool, range: Range<usize>) {
        let place = self.lines.place(range.start, range.end);
        if is_key && text == "<<" {
            self.diagnostics.merge_key(place);
        }
        let before = self.diagnostics.count;
        if style == ScalarStyle::DoubleQuoted || is_key {
            self.diagnostics.escaped(text, is_key, place);
        }
        if self.diagnostics.count > before {
            return;
        }
        let double = style == ScalarStyle::DoubleQuoted;
        let mut rest = written.find('\\').filter(|_| double).and_then(|at| written.get(at..)).unwrap_or_default();
        while let Some((_, length)) = rest.get(1..).and_then(escape) {
            rest = rest.get(1 + length..).unwrap_or_default();
            rest = rest.find('\\').and_then(|at| rest.get(at..)).unwrap_or_default();
        }
        if !rest.is_empty() {
            let message = "an escape that not every reader knows";
            let remedy = "write the character itself, or `\\u` and its code, on one line";
            self.diagnostics.add(lints::AMBIGUOUS_SCALAR, place, message, remedy);
        } else if layout::differs(written, double) || written.contains('\n') && self.text.contains('\r') {
            let message = "a quoted string whose line breaks are not the same to all readers";
            self.diagnostics.add(
                lints::AMBIGUOUS_SCALAR,
                place,
                message,
                "write the string in double quotes, on one line",
            );
        } else if !self.in_flow() {
            self.indented(range.start, range.end);
        }
    }

    /// Reports a key or a value that isn't written.
    fn absent(&mut self, is_key: bool, explicit: bool, place: Place) {
        if is_key {
            if !explicit {
                self.diagnostics.complex_key(place, self.lines.line(place.line));
            }
        } else if self.in_flow() {
            let message = "a key without a value, and some readers take more for the key";
            self.diagnostics.add(lints::READERS_DISAGREE, place, message, "write the value, as in `{key: null}`");
        } else if self.open.last().is_some_and(|open| open.keys.is_none()) {
            // js-yaml reads `- -`, line break, `- a` as a list in a list with `a` in the inner one.
            let message = "an item without a value, and some readers take what comes next for it";
            self.diagnostics.add(lints::READERS_DISAGREE, place, message, "write `null`, or delete the item");
        }
    }

    /// Whether a bracket is open.
    fn in_flow(&self) -> bool {
        self.open.iter().any(|open| open.bracket.is_some())
    }

    /// Reports a `?` between what was read last and `start`: keys that need one aren't strings to every reader.
    fn explicit_key(&mut self, start: usize) -> bool {
        let Some(here) = self.mark(start, b"?#&!") else { return false };
        let place = self.lines.place(here, here + 1);
        self.diagnostics.complex_key(place, self.lines.line(place.line));
        self.seen = here + 1;
        true
    }

    /// Where one of these stands between what was read last and `start`, outside of comments, anchors and tags.
    fn mark(&self, start: usize, marks: &[u8]) -> Option<usize> {
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

    fn tag(&mut self, span: &Span) {
        let range = span.tag_span().unwrap_or(*span).byte_range().unwrap_or(0..0);
        self.diagnostics.tag(self.lines.place(range.start, range.end), self.text.get(range).unwrap_or("!"));
    }

    fn anchor(&mut self, name: &str, place: Place) {
        let message = format!("`{}` ties this place to others, so that a change of one changes all", shown(name));
        let remedy = if name.starts_with('*') {
            "write the value out in each place, or put it in quotes if it is a string"
        } else {
            "write the value out in each place"
        };
        self.diagnostics.add(lints::ANCHOR, place, message, remedy);
    }

    fn awaits_key(&self) -> bool {
        matches!(self.open.last(), Some(Open { keys: Some((_, true)), .. }))
    }

    /// Takes a node that is complete: a key, if one was next.
    fn done(&mut self, key: Option<(&str, Place)>) -> Option<()> {
        if let Some(Open { keys: Some((keys, next)), .. }) = self.open.last_mut() {
            *next = !*next;
            if !*next {
                keys.extend(key.map(|(key, place)| (key.to_owned(), place)));
                return Some(());
            }
        }
        self.nodes += 1;
        if self.nodes > MAX_NODES {
            let place = key.map_or_else(|| self.lines.place(self.seen, self.seen), |(_, place)| place);
            self.diagnostics.too_many_nodes(place);
            return None;
        }
        Some(())
    }
}
