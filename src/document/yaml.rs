//! Strict YAML; JSON is handed on to `json`. The only room that names the YAML parser.
//!
//! **In**: the bytes of a file, and its dialect. **Out**: a [`Node`] in which every value knows its place, or
//! diagnostics, all that can be found at once. A flag file is approved by people who see its text and served by
//! programs that parse it. So the native format is a closed profile of YAML in which readers don't differ, with a
//! reader of its own (`profile`); the full parser only says why a string is outside of it (`explain`). A foreign format
//! is read as its own readers read it (`foreign`, `dialect`). **Refuses**: what these readers take for different
//! things; duplicate keys; characters that nobody sees. **Not taken**: asking a second parser about each file. The
//! tests do, with all that was found to be read differently.

pub(crate) mod characters;
mod dialect;
mod errors;
mod explain;
mod foreign;
pub mod profile;
mod rewrite;

pub use dialect::{Dialect, Taken};
pub use rewrite::canonical_text;

use super::{Field, Node, unknown};
use crate::diagnostics::lints::{self, Lint};
use crate::diagnostics::words::shortened as shown;
use crate::diagnostics::{Diagnostics, Lines, Place};

/// The largest file that is read, in bytes: a flagd file of several thousand flags fits.
pub const MAX_BYTES: usize = 1 << 20;
/// How many values a file may hold; the densest flagd file of [`MAX_BYTES`] has about 80,000.
pub const MAX_NODES: usize = 100_000;
/// How deep maps and lists may stand in each other. The second readers stop at 128.
pub const MAX_DEPTH: usize = 32;
/// More diagnostics than this of one file help nobody.
const MOST_DIAGNOSTICS: usize = 100;

/// The facts about a file that are known before it is read, for the remedies in messages.
#[derive(Clone, Copy, Debug)]
pub struct RowsOfFile {
    /// The rows of its fields; none if they are not known.
    pub fields: &'static [Field],
    /// The remedy for a file that says nothing.
    pub if_empty: &'static str,
    /// Whether keys are strings whatever they look like, as for a reader that knows which type it reads into.
    pub text_keys: bool,
    /// How many times as large as others it may be, and hold as many values.
    pub times: usize,
}

/// A file of flags in which fields have no rows.
pub const ANY_FILE: RowsOfFile =
    RowsOfFile { fields: &[], if_empty: "describe a flag in it or delete it", text_keys: false, times: 1 };

/// Reads the bytes of the file that `diagnostics` is about, as all of these readers do. `None` means that at least one
/// error was added.
#[must_use]
pub fn read(bytes: &[u8], readers: &[Dialect], diagnostics: &mut Diagnostics<'_>) -> Option<Node> {
    read_by(bytes, readers, |_| ANY_FILE, diagnostics).filter(|_| !diagnostics.is_unread())
}

/// Reads a file of which more is known, which its text may decide. Values that the readers refuse are in the
/// tree as unknown ones, so that the rest of the file can be checked; then `diagnostics` is unread, and nothing may be
/// approved by the tree.
#[must_use]
pub fn read_by(
    bytes: &[u8],
    readers: &[Dialect],
    rows: impl Fn(&str) -> RowsOfFile,
    diagnostics: &mut Diagnostics<'_>,
) -> Option<Node> {
    let before = diagnostics.count();
    // How large it may be does not depend on its text.
    let text = characters::text(bytes, MAX_BYTES * rows("").times, diagnostics)?;
    let damaged = diagnostics.count() != before;
    let mut found = Diagnostics::of(diagnostics.path());
    let node = read_text(&text, readers, &rows, &mut found);
    // A marker may be a part of the content of a file, such as a line of a comment.
    if let Some(place) = found.any_error().then(|| conflict_marker(&text)).flatten() {
        let (message, remedy) = CONFLICT_MARKER;
        diagnostics.add(lints::CONFLICT_MARKER, place, message, remedy);
        return None;
    }
    // Where characters are wrong and the file makes no sense, they are the reason.
    if !damaged {
        diagnostics.take(found, 0);
    } else if node.is_some() {
        diagnostics.take_others(found);
    }
    Some(unknown::marked(node?, before, diagnostics))
}

/// The message and remedy for a conflict that was committed.
pub const CONFLICT_MARKER: (&str, &str) = (
    "git left a conflict here that nobody resolved",
    "keep the lines of one side, and delete those that start with `<<<<<<<`, `|||||||`, `=======` and `>>>>>>>`",
);

/// Whether a line is the one that git puts before a conflict, or after one.
#[must_use]
pub fn is_conflict_marker(line: &str) -> bool {
    ["<<<<<<<", ">>>>>>>"].iter().any(|mark| {
        line.strip_prefix(mark).is_some_and(|rest| rest.is_empty() || rest.starts_with(' ') || rest == "\r")
    })
}

/// The first line that git marks a conflict with.
fn conflict_marker(text: &str) -> Option<Place> {
    let numbered = text.split('\n').zip(1u32..);
    numbered.filter(|(line, _)| is_conflict_marker(line)).map(|(_, line)| Place { line, column: 1, width: 7 }).next()
}

fn read_text(
    text: &str,
    readers: &[Dialect],
    rows: &dyn Fn(&str) -> RowsOfFile,
    diagnostics: &mut Diagnostics<'_>,
) -> Option<Node> {
    let dialect = readers.first().copied().unwrap_or(Dialect::Profile);
    let mut stop = Place::START;
    let json = dialect.is_json();
    // A scalar of the profile is the same to every reader, but for times, which several hand on in forms of their own.
    if !json && readers.len() < 2 && dialect != Dialect::Any {
        match profile::read(text) {
            Ok(node) => return Some(node),
            Err(place) => stop = place,
        }
    }
    let lines = Lines::new(text);
    let RowsOfFile { text_keys, times, .. } = rows(text);
    let mut diagnostics = TextDiagnostics { all: diagnostics, count: 0, text_keys, most: MAX_NODES * times };
    match dialect {
        Dialect::Profile => {
            explain::explain(text, &lines, stop, &rows(text), &mut diagnostics)?;
            // Its values are read for the checks of the rest. A tag or an anchor is not reported again.
            let all = &mut Diagnostics::of("");
            let mut silent = TextDiagnostics { all, count: 0, text_keys: true, most: MAX_NODES };
            foreign::read(text, &lines, &[Dialect::GoV3], &mut silent)
        }
        _ if json => super::json::read(text, &lines, dialect, &mut diagnostics),
        _ => foreign::read(text, &lines, readers, &mut diagnostics),
    }
}

/// The end of a scalar that readers take for different things, where nobody said whose file it is.
pub const UNQUOTED: &str = " (unquoted)";

/// The end of a string in quotes that would end like such a scalar.
pub const QUOTED: &str = " (quoted)";

/// A string for which no scalar with that end can be taken.
fn told_apart(text: String) -> String {
    if [UNQUOTED, QUOTED].iter().any(|end| text.ends_with(end)) { text + QUOTED } else { text }
}

/// The diagnostics that reading adds: errors but for what strict readers of JSON refuse, each once, a limited number.
pub(super) struct TextDiagnostics<'r, 'p> {
    all: &'r mut Diagnostics<'p>,
    count: usize,
    text_keys: bool,
    /// The most values the file may hold.
    pub(super) most: usize,
}

impl TextDiagnostics<'_, '_> {
    pub(super) fn add(&mut self, lint: &Lint, place: Place, message: impl Into<String>, remedy: impl Into<String>) {
        if self.count < MOST_DIAGNOSTICS {
            self.all.add(lint, place, message, remedy);
        }
        self.count += 1;
    }

    pub(super) fn too_deep(&mut self, place: Place) {
        self.add(
            lints::TOO_DEEP,
            place,
            format!("maps and lists are nested more than {MAX_DEPTH} deep here"),
            "flatten the value",
        );
    }

    pub(super) fn too_many_nodes(&mut self, place: Place) {
        self.add(
            lints::TOO_MANY_NODES,
            place,
            format!("the file holds more than {} values", self.most),
            "split it into several files",
        );
    }

    pub(super) fn empty_file(&mut self, remedy: &str) {
        self.add(lints::EMPTY_FILE, Place::START, "the file says nothing", remedy);
    }

    pub(super) fn several_documents(&mut self, place: Place) {
        let message = "a second document starts here, and some readers take only the first";
        self.add(lints::SEVERAL_DOCUMENTS, place, message, "keep one document in a file");
    }

    pub(super) fn merge_key(&mut self, place: Place) {
        let message = "`<<` merges another map into this one to some readers and is an ordinary key to others";
        self.add(lints::MERGE_KEY, place, message, "write the keys out");
    }

    pub(super) fn duplicate_merge(&mut self, place: Place) {
        self.add(
            lints::DUPLICATE_KEY,
            place,
            "`<<` stands twice in one map",
            "merge a list of both: `<<: [*one, *two]`",
        );
    }

    /// Reports a key that is no string, in this line.
    pub(super) fn complex_key(&mut self, place: Place, line: Option<&str>) {
        let Some(before) = line.and_then(|line| line.split("{{").next().filter(|before| before.len() < line.len()))
        else {
            let message = "a key that is not a string on one line before its `:`";
            return self.add(lints::COMPLEX_KEY, place, message, "write the key as a plain string, as in `key: value`");
        };
        let is_value = before.trim_end().ends_with([':', '-', ',', '[', '"', '\'']) || before.contains(": ");
        let remedy = if is_value {
            "write what comes out of it, or put it in quotes if it is a string, as in `key: \"{{ … }}\"`"
        } else {
            "write what comes out of it in its place"
        };
        self.add(
            lints::COMPLEX_KEY,
            place,
            "a template (`{{ … }}`), which says nothing before it is filled in",
            remedy,
        );
    }

    pub(super) fn tag(&mut self, place: Place, tag: &str) {
        let message = format!("`{}` is a tag, and readers construct different values from it", shown(tag));
        self.add(lints::TAG, place, message, "remove the tag, and put the value in quotes if it is a string");
    }

    /// Every key that stood there before. Sorted, not compared each with each: a map may hold 100,000.
    pub(super) fn duplicates<'k>(&mut self, keys: impl Iterator<Item = (&'k str, Place)>) {
        let mut keys: Vec<_> = keys.collect();
        keys.sort_unstable();
        let mut first = None;
        for (said, place) in keys {
            match first {
                Some((key, line)) if key == said => self.add(
                    lints::DUPLICATE_KEY,
                    place,
                    format!("`{}` stands twice in one map, first in line {line}", shown(key)),
                    "remove one of the two",
                ),
                _ => first = Some((said, place.line)),
            }
        }
    }

    /// The characters that an escape put into a string, where no editor shows them.
    pub(super) fn escaped(&mut self, text: &str, is_key: bool, place: Place) {
        if text.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
            return;
        }
        for (_, char, lint) in characters::refused(text) {
            self.add(
                lint,
                place,
                format!("an escape puts {} into the string", characters::name(char)),
                "remove the escape",
            );
        }
        let breaks = |char: &char| matches!(char, '\n' | '\t' | '\r');
        if let Some(char) = text.chars().find(breaks).filter(|_| is_key) {
            self.add(
                lints::CONTROL_CHARACTER,
                place,
                format!("the key holds {}", characters::name(char)),
                "write the key on one line, without tabs",
            );
        }
    }
}

/// How to write a string in quotes: `": `\"off\"`"` to append to a remedy; nothing for one that is long or hard to
/// show.
fn quotes(text: &str) -> String {
    let plain = text.chars().all(|char| char == ' ' || !(char.is_control() || char.is_whitespace()));
    if text.len() > 60 || !plain || text.contains('`') {
        String::new()
    } else if text.contains(['"', '\\']) {
        format!(": `'{}'`", text.replace('\'', "''"))
    } else {
        format!(": `\"{text}\"`")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A file that the profile reads has nothing that is outside of it.
    #[test]
    fn a_file_that_is_read_has_no_diagnostic() {
        let mut read = 0;
        for line in include_str!("../../tests/strict/corpus.txt").lines() {
            let text: String = serde_json::from_str(line.split(" => ").next().unwrap()).unwrap();
            if profile::read(&text).is_err() {
                continue;
            }
            read += 1;
            let mut diagnostics = Diagnostics::of("flags/tax.yaml");
            let stop = Place { line: 99, ..Place::START };
            let _ = explain::explain(
                &text,
                &Lines::new(&text),
                stop,
                &ANY_FILE,
                &mut TextDiagnostics { all: &mut diagnostics, count: 0, text_keys: false, most: MAX_NODES },
            );
            let found = diagnostics.finish(&text);
            assert!(matches!(&*found, [one] if one.place.line == 99), "{text}: {found:?}");
        }
        assert!(read > 40);
    }
}
