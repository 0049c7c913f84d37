//! Line breaks, indentation, blocks, tabs and comments that are outside of the profile.

use std::ops::Range;

use granit_parser::ScalarStyle;

use super::ProfileParts;
use crate::diagnostics::lints;
use crate::diagnostics::{Lines, Place};
use crate::document::yaml::TextDiagnostics;

impl ProfileParts<'_, '_, '_, '_, '_> {
    /// Reports a block scalar that readers differ in, whose text takes up these bytes.
    pub(super) fn block(&mut self, text: &str, range: Range<usize>) {
        let written = self.text.get(range.clone()).unwrap_or_default();
        let place = self.lines.place(range.start, range.end);
        let here = self.mark(range.start, b"|>#&!").unwrap_or(range.start);
        let header = self.text.get(here..range.start).unwrap_or_default();
        let header = header.split(|char: char| char.is_whitespace()).next().unwrap_or_default();
        let rootless = self.open.is_empty();
        let mut tell = |place: Place, message: &str, remedy: &str| {
            self.diagnostics.add(lints::READERS_DISAGREE, place, message.to_owned(), remedy);
        };
        let said = text.trim_end_matches('\n');
        if said.trim_ascii().is_empty() {
            return tell(
                place,
                "this is a block without text, and some readers take the lines below for it",
                "write `\"\"` instead",
            );
        }
        if said.split('\n').all(|line| line.starts_with('#')) {
            let remedy = "write the string in double quotes, on one line";
            return tell(place, "this is a block of comments to some readers", remedy);
        }
        let column =
            self.text.get(..range.start).map_or(0, |before| before.len() - before.rfind('\n').map_or(0, |at| at + 1));
        let mut at = range.start;
        for line in written.split_inclusive('\n') {
            let bare = line.trim_end_matches(['\n', '\r']);
            let end = bare.trim_end_matches([' ', '\t']).len();
            // A line of spaces may be as long as the indentation.
            if end < bare.len() && (end > 0 || bare.contains('\t') || bare.len() > column) {
                let place = self.lines.place(at + end, at + bare.len());
                return tell(
                    place,
                    "a line of a block ends in spaces, and some readers drop them",
                    "delete the spaces at its end",
                );
            }
            at += line.len();
        }
        if said.split('\n').any(|line| line.starts_with('\t')) {
            return tell(
                place,
                "a line of a block starts with a tab, and some readers take it for indentation",
                "write spaces",
            );
        }
        if range.end >= self.text.len() && !self.text.ends_with('\n') {
            return tell(place, "a block at the end of a file without a line break", "end the file with a line break");
        }
        if rootless || column == 0 {
            return tell(place, "a block that belongs to no key", "write `key: |` and indent the block under it");
        }
        if !matches!(header, "|" | "|-" | ">" | ">-") {
            let place = self.lines.place(here, here + header.len());
            let message = format!(
                "`{}` is a header under which readers count lines and spaces differently",
                header.escape_debug()
            );
            tell(place, &message, "write `|`, `|-`, `>` or `>-`, or a string in double quotes");
        }
    }

    /// Reports the first line of brackets or quotes that isn't deeper than what they belong to.
    pub(super) fn indented(&mut self, start: usize, end: usize) {
        // A line that belongs to nothing does not go on in the first column.
        let parent = self.parent().unwrap_or(0);
        let written = self.text.get(start..end).unwrap_or_default();
        let mut at = start;
        for (number, line) in written.split_inclusive('\n').enumerate() {
            let said = line.trim_start_matches(' ');
            let column = line.len() - said.len();
            if number > 0 && column <= parent && !said.trim_ascii().is_empty() && !said.starts_with('#') {
                let place = self.lines.place(at + column, at + line.trim_end().len());
                let message = "this line goes on with what stands above, and some readers want it deeper";
                return self.diagnostics.add(
                    lints::READERS_DISAGREE,
                    place,
                    message,
                    format!("indent it by at least {} spaces", parent + 1),
                );
            }
            at += line.len();
        }
    }

    /// The column of the key or dash that a value belongs to.
    fn parent(&self) -> Option<usize> {
        let open = self.open.iter().rev().find(|open| open.bracket.is_none())?;
        let before = self.text.get(..open.start)?;
        let line = before.rfind('\n').map_or(0, |at| at + 1);
        // The parser says of a list next to its key that it starts after the dash.
        let dash = self.text.as_bytes().get(open.start) != Some(&b'-') && open.keys.is_none();
        let before = before.get(line..)?;
        Some(if dash { before.trim_end_matches(' ').len().saturating_sub(1) } else { before.len() })
    }

    /// Reports an empty line between a key and the list in its column that starts here.
    pub(super) fn after_gap(&mut self, start: usize) {
        let Some(gap) =
            self.text.get(self.seen..start).filter(|_| self.open.last().is_some_and(|open| open.keys.is_some()))
        else {
            return;
        };
        let Some(parent) = self.parent() else { return };
        let gap = gap.strip_suffix(|char: char| char == ' ').map_or(gap, |gap| gap.trim_end_matches(' '));
        let gap = gap.strip_suffix('-').unwrap_or(gap);
        let column = gap.len() - gap.rfind('\n').map_or(0, |at| at + 1);
        let lines: Vec<&str> = gap.split('\n').collect();
        let empty = lines.iter().skip(1).take(lines.len().saturating_sub(2)).next_back();
        if lines.len() > 1 && column == parent && empty.is_some_and(|line| line.trim().is_empty()) {
            let message =
                "an empty line between a key and the list in its column, and some readers take more for the list";
            self.diagnostics.add(
                lints::READERS_DISAGREE,
                self.lines.place(start, start + 1),
                message,
                "delete the empty line, or indent the list",
            );
        }
    }
}

/// Whether a quoted string breaks its lines where readers differ.
pub(super) fn differs(written: &str, double: bool) -> bool {
    let lines: Vec<&str> = written.split('\n').collect();
    if lines.len() < 2 {
        return false;
    }
    let blank = |line: &str| line.trim_matches(' ').is_empty();
    let quote = if double { '"' } else { '\'' };
    let ends = |line: &&str| !blank(line) && line.ends_with([' ', '\t', '\\']) || line.len() == 1 && !blank(line);
    let starts = |line: &&str| {
        let said = line.trim_start_matches(' ');
        said.starts_with(['\t', quote]) || double && said.starts_with('\\') || !blank(line) && said.len() == line.len()
    };
    lines.iter().take(lines.len() - 1).any(ends) || lines.iter().skip(1).any(starts)
}

/// Reports what is outside of the profile between the scalars of a string that could be parsed.
pub(super) fn explain(
    text: &str,
    lines: &Lines<'_>,
    scalars: &[(Range<usize>, ScalarStyle)],
    diagnostics: &mut TextDiagnostics<'_, '_>,
) {
    let place = |range: Range<usize>| lines.place(range.start, range.end);
    let mut tell = |range: Range<usize>, message: &str, remedy: &str| {
        diagnostics.add(lints::READERS_DISAGREE, place(range), message.to_owned(), remedy);
    };
    if super::super::profile::cuts_dots(text) {
        let end = text.trim_ascii_end().len();
        tell(
            end - 3..end,
            "some readers cut these dots off, because the file starts with `---`",
            "delete the `---`, or put the string in quotes",
        );
    }
    let mut scalars = scalars.iter().filter(|(range, _)| !range.is_empty()).peekable();
    let (mut offset, mut spaced, mut above, mut first) = (0, false, None, true);
    for line in text.split_inclusive('\n') {
        let start = offset;
        offset += line.len();
        let said = line.trim_end().trim_start_matches(' ');
        let column = line.len() - line.trim_start_matches(' ').len();
        while scalars.next_if(|(range, _)| range.end <= start + column).is_some() {}
        let inside = scalars.peek().is_some_and(|(range, _)| range.start < start);
        let tabs = gaps(start..start + line.trim_end_matches(['\n', '\r']).len(), &mut scalars.clone());
        if let Some(at) = tabs.into_iter().find_map(|gap| tab(text, gap)) {
            tell(at..at + 1, "a tab, which some readers don't take for a space", "write spaces");
        }
        if inside {
            spaced = false;
        } else if said.is_empty() {
            spaced = column > 0;
        } else {
            let value = line.strip_prefix("---").filter(|rest| rest.starts_with([' ', '\t', '\r', '\n']));
            let marked = value.is_some();
            if said.starts_with('#') {
                if spaced && above.is_some_and(|above| column > above) {
                    let message =
                        "to some readers this comment is a part of the value above it, because of a line of spaces";
                    tell(start + column..start + column + said.len(), message, "delete the spaces in the line above");
                }
            } else {
                let value = value.map(str::trim_start).filter(|rest| !rest.is_empty() && !rest.starts_with('#'));
                let late =
                    value.map(|value| offset - value.len()).or_else(|| (first && column > 0).then_some(start + column));
                if let Some(at) = late.filter(|_| first) {
                    tell(
                        at..at + 1,
                        "some readers want what starts here in the first column",
                        "start it in the first column of a line of its own",
                    );
                }
                if first && said.starts_with("...") && column == 0 {
                    tell(start..start + 3, "the end of a document stands before its beginning", "delete the line");
                }
                first &= marked && value.is_none();
                above = Some(column);
                negative_item(line, start, &mut tell);
            }
            spaced = false;
        }
    }
}

/// The first tab of each line that stands outside of all scalars and comments.
pub fn tabs(text: &str, scalars: &[(Range<usize>, ScalarStyle)]) -> Vec<usize> {
    if !text.contains('\t') {
        return Vec::new();
    }
    let mut scalars = scalars.iter().filter(|(range, _)| !range.is_empty()).peekable();
    let (mut offset, mut found) = (0, Vec::new());
    for line in text.split_inclusive('\n') {
        let start = offset;
        offset += line.len();
        while scalars.next_if(|(range, _)| range.end <= start).is_some() {}
        let gaps = gaps(start..start + line.trim_end_matches(['\n', '\r']).len(), &mut scalars.clone());
        found.extend(gaps.into_iter().find_map(|gap| tab(text, gap)));
    }
    found
}

/// Reports a comment behind a negative number in a list.
fn negative_item(line: &str, start: usize, tell: &mut impl FnMut(Range<usize>, &str, &str)) {
    let item = line.trim_start_matches([' ', '-']);
    let before = line.len() - item.len();
    let number = line.get(..before).is_some_and(|before| before.ends_with(" -") && before.contains("- "));
    let comment = item.find(" #").filter(|_| number && item.starts_with(|char: char| char.is_ascii_digit()));
    if let Some(at) = comment {
        let at = start + before + at + 1;
        tell(
            at..at + 1,
            "a comment behind a negative number in a list, and some readers find a key in it",
            "put the comment on a line of its own",
        );
    }
}

/// The parts of a line outside of all scalars.
fn gaps<'s>(
    line: Range<usize>,
    scalars: &mut impl Iterator<Item = &'s (Range<usize>, ScalarStyle)>,
) -> Vec<Range<usize>> {
    let mut gaps = Vec::new();
    let mut from = line.start;
    for (range, _) in scalars {
        if range.start >= line.end {
            break;
        }
        gaps.push(from..range.start.max(from));
        from = range.end.max(from);
    }
    gaps.push(from.min(line.end)..line.end);
    gaps
}

/// Where a tab stands in these bytes, before any comment.
fn tab(text: &str, gap: Range<usize>) -> Option<usize> {
    let said = text.get(gap.clone())?;
    let comment = said.find('#').unwrap_or(said.len());
    said.get(..comment)?.find('\t').map(|at| gap.start + at)
}
