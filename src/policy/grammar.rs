//! The grammar of APPROVERS: the bytes of the file, line by line, into sections. [`super::approvers_file`] has the
//! grammar.
//!
//! In: bytes. Out: the sections, and its diagnostics. A line with an error is left out of the result; reading goes on
//! behind it. Not taken: stopping at the first error, as hmarr/codeowners does, because somebody who corrects a file
//! wants the whole list.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use crate::diagnostics::lints::{self, Lint};
use crate::diagnostics::words::counted;
use crate::diagnostics::{Diagnostics, Place};
use crate::document::yaml;

use super::approver::Approver;
use super::approvers_file::{ApproverLine, Approvers, Section, section_key};
use super::misread::Misread;
use super::misspelt;
use super::pattern::Pattern;
use crate::diagnostics::words::in_backticks;

/// GitHub does not load a CODEOWNERS file of more than 3 MB
/// (<https://docs.github.com/en/repositories/managing-your-repositorys-settings-and-features/customizing-your-repository/about-code-owners#codeowners-file-size>).
const LARGEST: usize = 3 * 1024 * 1024;

pub(super) fn read(bytes: &[u8], diagnostics: &mut Diagnostics<'_>) -> Approvers {
    if bytes.len() > LARGEST {
        diagnostics.add(
            lints::TOO_BIG,
            Place::START,
            format!("the file has {} bytes, and more than {LARGEST} are not read", bytes.len()),
            "use wildcards, so that one line takes many paths",
        );
        return Approvers::default();
    }
    let mut reader = ApproversReader {
        sections: Vec::new(),
        by_key: BTreeMap::new(),
        into: None,
        after_heading: false,
        conflicts: false,
        diagnostics,
    };
    for (at, line) in bytes.split(|&byte| byte == b'\n').enumerate() {
        // Git may check the file out with CRLF; a carriage return anywhere else is refused below.
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        reader.line(u32::try_from(at + 1).unwrap_or(u32::MAX), line);
    }
    reader.finish()
}

/// A reader of one APPROVERS.
struct ApproversReader<'r, 'p> {
    sections: Vec<Section>,
    /// The index of a section by the folded form of its name.
    by_key: BTreeMap<String, usize>,
    /// The section that lines go into; `None` before the first heading and behind one that could not be read.
    into: Option<usize>,
    after_heading: bool,
    /// Whether a line of a conflict was found.
    conflicts: bool,
    diagnostics: &'r mut Diagnostics<'p>,
}

/// A word of one line of the file.
#[derive(Clone, Copy)]
pub(super) struct TextWord<'t> {
    pub(super) text: &'t str,
    place: Place,
}

/// One line of the file: its number and its text.
#[derive(Clone, Copy)]
pub(super) struct TextLine<'t> {
    pub(super) number: u32,
    pub(super) text: &'t str,
}

impl<'t> TextLine<'t> {
    /// The place of a byte range; columns count characters.
    fn place(self, start: usize, end: usize) -> Place {
        let count = |part: Option<&str>| part.map_or(0, |part| u32::try_from(part.chars().count()).unwrap_or(u32::MAX));
        Place {
            line: self.number,
            column: count(self.text.get(..start)).saturating_add(1),
            width: count(self.text.get(start..end)).max(1),
        }
    }

    /// The words between blanks from this byte on, up to a comment. A `\` keeps the next character in the word.
    pub(super) fn words(self, from: usize) -> Vec<TextWord<'t>> {
        let mut words = Vec::new();
        let mut begun = None;
        let mut escaped = false;
        let mut column = self.place(from, from).column;
        let chars = self.text.get(from..).unwrap_or_default().char_indices().map(|(at, char)| (from + at, Some(char)));
        for (at, char) in chars.chain([(self.text.len(), None)]) {
            match (char, begun) {
                (Some('#'), None) => return words,
                (Some(' ' | '\t'), None) | (None, None) => {}
                (Some(' ' | '\t'), Some(_)) if escaped => {}
                (Some(' ' | '\t') | None, Some((start, first))) => {
                    let place = Place { line: self.number, column: first, width: column - first };
                    words.push(TextWord { text: self.text.get(start..at).unwrap_or_default(), place });
                    begun = None;
                }
                (Some(_), None) => begun = Some((at, column)),
                (Some(_), Some(_)) => {}
            }
            escaped = char == Some('\\') && !escaped;
            column = column.saturating_add(1);
        }
        words
    }
}

impl ApproversReader<'_, '_> {
    fn line(&mut self, number: u32, bytes: &[u8]) {
        let text: Cow<'_, str> = String::from_utf8_lossy(bytes);
        let mut row = TextLine { number, text: &text };
        if let Some(chunk) = bytes.utf8_chunks().find(|chunk| !chunk.invalid().is_empty()) {
            let start = chunk.valid().len();
            self.diagnostics.add(
                lints::NOT_UTF8,
                row.place(start, start + char::REPLACEMENT_CHARACTER.len_utf8()),
                "the line is not UTF-8 from here on",
                "save the file as UTF-8",
            );
            return;
        }
        if number == 1 && row.text.starts_with('\u{feff}') {
            let message = "the file starts with a byte-order mark, which would be part of the first pattern";
            self.diagnostics.add(lints::BYTE_ORDER_MARK, Place::START, message, "save the file as UTF-8 without it");
            row.text = row.text.get('\u{feff}'.len_utf8()..).unwrap_or_default();
        }
        if self.unseen(row) {
            return;
        }
        let start = row.text.len() - row.text.trim_start_matches([' ', '\t']).len();
        let rest = row.text.get(start..).unwrap_or_default();
        if self.conflict(number, row.text) {
            return;
        }
        if let Some((length, Misread { message, remedy })) = misspelt::quoted(rest) {
            self.diagnostics.add(lints::BAD_PATTERN, row.place(start, start + length), message, remedy);
        } else if let Some(heading) = rest
            .strip_prefix('^')
            .map(str::trim_start)
            .filter(|heading| heading.starts_with('[') && !rest.starts_with("^["))
        {
            let message = "`^` stands apart from the section heading";
            let remedy = format!("write them together: `^{}`", heading.trim_end());
            self.diagnostics.add(lints::BAD_SECTION, row.place(start, start + 1), message, remedy);
        } else if rest.starts_with('[') || rest.starts_with("^[") {
            self.heading(row, start);
        } else if let [pattern, approvers @ ..] = row.words(start).as_slice() {
            self.entry(*pattern, approvers);
        }
    }

    /// Adds a diagnostic for every character that shows nothing or shows the line as something else.
    fn unseen(&mut self, row: TextLine<'_>) -> bool {
        if row.text.bytes().all(|byte| matches!(byte, b' '..=b'~' | b'\t')) {
            return false;
        }
        let comment = row.text.trim_start_matches([' ', '\t']).starts_with('#');
        let mut any = false;
        for (column, char) in (1..).zip(row.text.chars()) {
            let Some((lint, what, remedy)) = unseen(char, comment) else { continue };
            any = true;
            let place = Place { line: row.number, column, width: 1 };
            self.diagnostics.add(lint, place, format!("the line holds U+{:04X}, {what}", u32::from(char)), remedy);
        }
        any
    }

    /// Whether the line belongs to what git marks a conflict with; the first of its lines is reported.
    fn conflict(&mut self, number: u32, line: &str) -> bool {
        if yaml::is_conflict_marker(line) {
            if !self.conflicts {
                let (message, remedy) = yaml::CONFLICT_MARKER;
                let place = Place { line: number, column: 1, width: 7 };
                self.diagnostics.add(lints::CONFLICT_MARKER, place, message, remedy);
            }
            self.conflicts = true;
            return true;
        }
        self.conflicts && (line == "=======" || line.starts_with("|||||||"))
    }

    fn heading(&mut self, row: TextLine<'_>, start: usize) {
        self.after_heading = true;
        self.into = None;
        let optional = row.text.get(start..).is_some_and(|rest| rest.starts_with('^'));
        let open = start + usize::from(optional) + 1;
        let after = |at: usize| row.text.get(at..).unwrap_or_default();
        let mut wrong = |from: usize, to: usize, message: &str, remedy: &str| {
            self.diagnostics.add(lints::BAD_SECTION, row.place(from, to), message, remedy);
        };
        let Some(close) = after(open).find(']').map(|at| open + at) else {
            let message = "the section heading has no `]`";
            return wrong(
                start,
                row.text.len(),
                message,
                "close it as `[Name]`, or write `\\[` if a path starts with `[`",
            );
        };
        let name = row.text.get(open..close).unwrap_or_default().trim();
        if name.is_empty() {
            return wrong(start, close + 1, "the section has no name", "write its name between the brackets");
        }
        if name.contains('[') {
            let message = format!("the section name {} holds a `[`", in_backticks(name));
            return wrong(open, close, &message, "close the bracket before the next one opens");
        }
        let mut end = close + 1;
        let mut required = Some(1);
        if after(end).starts_with('[') {
            let Some(shut) = after(end).find(']').map(|at| end + at) else {
                let message = "the count of the section has no `]`";
                return wrong(end, row.text.len(), message, "close it as in `[Name][2]`");
            };
            let digits = row.text.get(end + 1..shut).unwrap_or_default();
            required = count(digits);
            if required.is_none() {
                wrong(
                    end,
                    shut + 1,
                    &format!("{} is not a count of approvals", in_backticks(digits)),
                    "write a whole number of at least 1, or `^[Name]` for a section that is notified and not required",
                );
            }
            end = shut + 1;
        }
        if !after(end).is_empty() && !after(end).starts_with([' ', '\t']) {
            let message = format!("{} stands right behind the section heading", in_backticks(after(end).trim_end()));
            let remedy = "put a space before approvers, or write `\\[` if this is a path that starts with `[`";
            return wrong(end, row.text.len(), &message, remedy);
        }
        let words = row.words(end);
        let bare = |text: &str| count(text.trim_matches(['(', ')', '[', ']'])).map(|count| count.to_string());
        if let Some(word) = words.first().filter(|word| word.text.starts_with('[') || bare(word.text).is_some()) {
            let message = format!("{} stands apart from the section name", in_backticks(word.text));
            let digits = bare(word.text).unwrap_or_else(|| "2".to_owned());
            let remedy = format!("write the count right behind the name, as in `[{name}][{digits}]`");
            self.diagnostics.add(lints::BAD_SECTION, word.place, message, remedy);
            return;
        }
        let defaults = self.approvers(&words);
        let (Some(required), Some(defaults)) = (required, defaults) else { return };
        self.open(Section {
            name: Some(name.to_owned()),
            required,
            optional,
            defaults,
            place: row.place(start, end),
            lines: Vec::new(),
        });
    }

    /// Opens a section or goes on with the one of the same name.
    fn open(&mut self, new: Section) {
        let key = section_key(new.name.as_deref().unwrap_or_default());
        let found = self.by_key.get(&key).copied();
        let Some((at, old)) = found.and_then(|at| self.sections.get_mut(at).map(|section| (at, section))) else {
            self.by_key.insert(key, self.sections.len());
            self.into = Some(self.sections.len());
            self.sections.push(new);
            return;
        };
        self.into = Some(at);
        let name = in_backticks(old.name.as_deref().unwrap_or_default());
        let first = old.place.line;
        // A heading without approvers goes on with those of the first; a heading with others would change what lines
        // far above it say.
        if !new.defaults.is_empty() && !same(&new.defaults, &old.defaults) {
            self.diagnostics.add(
                lints::BAD_SECTION,
                new.place,
                format!("the section {name} has other default approvers in line {first}"),
                "name them at the first heading only, or behind each pattern",
            );
        }
        if (new.required, new.optional) != (old.required, old.optional) {
            old.required = old.required.max(new.required);
            old.optional &= new.optional;
            let what = if old.optional {
                "it stays optional".to_owned()
            } else {
                format!("it is required, with {} for all of its lines", counted(old.required, "approval"))
            };
            self.diagnostics.add(
                lints::SECTIONS_DIFFER,
                new.place,
                format!("the section {name} has another heading in line {first}, and the stricter holds: {what}"),
                "give both headings the same `^` and the same count, or the sections different names",
            );
        }
    }

    fn entry(&mut self, pattern: TextWord<'_>, approvers: &[TextWord<'_>]) {
        if let Some(Misread { message, remedy }) = misspelt::pattern(pattern.text, approvers.is_empty()) {
            self.diagnostics.add(lints::BAD_PATTERN, pattern.place, message, remedy);
            return;
        }
        let approvers = self.approvers(approvers);
        let pattern = match Pattern::codeowners(pattern.text) {
            Ok(found) => Some((found, pattern.place)),
            Err(Misread { message, remedy }) => {
                self.diagnostics.add(lints::BAD_PATTERN, pattern.place, message, remedy);
                None
            }
        };
        let (Some((pattern, place)), Some(approvers)) = (pattern, approvers) else { return };
        let line = ApproverLine { pattern, approvers, place };
        match self.into.and_then(|at| self.sections.get_mut(at)) {
            Some(section) => section.lines.push(line),
            None if self.after_heading => {}
            None => {
                self.into = Some(self.sections.len());
                self.sections.push(Section {
                    name: None,
                    required: 1,
                    optional: false,
                    defaults: Vec::new(),
                    place,
                    lines: vec![line],
                });
            }
        }
    }

    /// The approvers, each once; `None` if one of them is none.
    fn approvers(&mut self, words: &[TextWord<'_>]) -> Option<Vec<Approver>> {
        let mut approvers = Vec::with_capacity(words.len());
        let mut good = true;
        for word in words {
            match Approver::parse(word.text) {
                Ok(approver) => approvers.push((approver, *word)),
                Err(Misread { message, remedy }) => {
                    good = false;
                    self.diagnostics.add(lints::BAD_APPROVER, word.place, message, remedy);
                }
            }
        }
        let mut sorted: Vec<&(Approver, TextWord<'_>)> = approvers.iter().collect();
        sorted.sort_by_key(|(approver, word)| (approver, word.place));
        let mut repeated = BTreeSet::new();
        for (_, two) in sorted.iter().zip(sorted.iter().skip(1)).filter(|(one, two)| one.0 == two.0) {
            let message = format!("{} stands here twice and counts once", in_backticks(two.1.text));
            self.diagnostics.add(lints::DUPLICATE_APPROVER, two.1.place, message, "remove one of them");
            repeated.insert(two.1.place);
        }
        let distinct = approvers.into_iter().filter(|(_, word)| !repeated.contains(&word.place));
        good.then(|| distinct.map(|(approver, _)| approver).collect())
    }

    fn finish(self) -> Approvers {
        let approvers = Approvers::new(self.sections);
        // With lines left out these would be guesses.
        if self.diagnostics.any_error() {
            return approvers;
        }
        for section in approvers.sections.iter().filter(|section| section.lines.is_empty()) {
            let name = in_backticks(section.name.as_deref().unwrap_or_default());
            self.diagnostics.add(
                lints::EMPTY_SECTION,
                section.place,
                format!("the section {name} has no line, so it requires nothing"),
                "add a pattern under it, such as `**` for every path, or remove it",
            );
        }
        approvers
    }
}

/// Warns of lines that never decide: each is compared with those after it, which a verdict has no use for.
pub(super) fn warn(approvers: &Approvers, diagnostics: &mut Diagnostics<'_>) {
    for found in approvers.shadowed() {
        diagnostics.add(
            lints::SHADOWED_PATTERN,
            found.line.place,
            format!(
                "{} never decides, since {} in line {} takes all of its paths",
                in_backticks(&found.line.pattern.to_string()),
                in_backticks(&found.by.pattern.to_string()),
                found.by.place.line
            ),
            "move it below that line, put its approvers there, or remove it",
        );
    }
}

fn same(one: &[Approver], other: &[Approver]) -> bool {
    one.iter().collect::<BTreeSet<_>>() == other.iter().collect::<BTreeSet<_>>()
}

/// A count as everyone reads it: `2`, not `+2`, `02` or `0`.
fn count(digits: &str) -> Option<u32> {
    let plain = digits.bytes().all(|byte| byte.is_ascii_digit()) && !digits.starts_with('0');
    digits.parse().ok().filter(|_| plain)
}

/// Why a character may not stand in the file. In a comment only those count that change what a reader sees of the
/// file: comments are written in every language.
pub(super) fn unseen(char: char, comment: bool) -> Option<(&'static Lint, &'static str, &'static str)> {
    match char {
        '\t' => None,
        '\r' => Some((lints::CONTROL_CHARACTER, "a carriage return inside the line", "end lines with a line feed")),
        '\u{85}' | '\u{2028}' | '\u{2029}' | '\u{b}' | '\u{c}' => {
            Some((lints::CONTROL_CHARACTER, "which some readers take for a line break", "end lines with a line feed"))
        }
        '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => {
            Some((lints::BIDI_CONTROL, "which makes an editor show the line in another order", "remove it"))
        }
        char if char.is_control() => {
            Some((lints::CONTROL_CHARACTER, "a control character that cannot be seen", "remove it"))
        }
        '\u{ad}' | '\u{200b}'..='\u{200d}' | '\u{2060}'..='\u{2064}' | '\u{feff}' if !comment => {
            Some((lints::CONTROL_CHARACTER, "which cannot be seen", "remove it"))
        }
        char if char.is_whitespace() && char != ' ' && !comment => {
            Some((lints::CONTROL_CHARACTER, "a space that does not separate", "write a plain space"))
        }
        _ => None,
    }
}
