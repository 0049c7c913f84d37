//! Block scalars.

use super::reader::{Line, Reader};
use super::{ends, spaces};
use crate::document::yaml::MAX_NODES;
use crate::document::{Data, Node};

impl<'t> Reader<'t> {
    /// The block scalar whose header stands at `line`, under a key or dash in the column `parent`.
    pub(super) fn block(&mut self, line: Line<'t>, parent: usize) -> Option<Node> {
        let folded = line.byte(line.at) == Some(b'>');
        let strip = line.byte(line.at + 1) == Some(b'-');
        if !ends(line.text, line.at + 1 + usize::from(strip)) {
            return None;
        }
        let (first, mut lines) = self.lines_of_block(parent)?;
        while lines.last().is_some_and(|text| text.is_empty()) {
            lines.pop();
        }
        let mut said = if folded { fold(&lines) } else { lines.join("\n") };
        // A reader of PHP's takes it for a block of comments.
        if said.split('\n').all(|line| line.starts_with('#')) {
            return None;
        }
        if !strip {
            said.push('\n');
        }
        self.nodes += 1;
        let end = first.text.len();
        let place = self.start(first).place(self, end);
        self.next();
        (self.nodes <= MAX_NODES).then_some(Node { place, data: Data::Text(said), quoted: true, unknown: false })
    }

    /// The first line with text, and all lines without their indentation.
    fn lines_of_block(&mut self, parent: usize) -> Option<(Line<'t>, Vec<&'t str>)> {
        let mut first: Option<Line<'t>> = None;
        let mut lines = Vec::new();
        let mut longest = 0;
        self.spaced = false;
        loop {
            let mark = self.mark();
            let Some(text) = self.raw() else { break };
            let at = spaces(text, 0);
            let indent = first.map_or(at, |first| first.at);
            if at == text.len() {
                longest = longest.max(at);
                self.spaced = at > 0;
                lines.push("");
                continue;
            }
            if at <= parent || at < indent {
                self.back(mark);
                break;
            }
            let said = text.get(indent..)?;
            // libyaml and others differ in whether a line break ends the last line of a file that has none.
            let open = self.mark().0.is_empty() && !mark.0.ends_with('\n');
            if open || text.ends_with([' ', '\t']) || said.starts_with('\t') {
                return None;
            }
            // A reader of PHP's takes it for a comment.
            if first.is_none() && longest > 0 && said.starts_with('#') {
                return None;
            }
            self.spaced = false;
            let line = *first.get_or_insert(Line { number: self.mark().1, text, at });
            self.seen = (self.mark().1, text.len());
            self.here = Some(line);
            lines.push(said);
        }
        // Readers differ in spaces beyond the indentation.
        first.filter(|first| longest <= first.at).map(|first| (first, lines))
    }
}

/// The text of a folded block: lines become one, except around empty lines and lines that are deeper.
fn fold(lines: &[&str]) -> String {
    let mut said = String::new();
    let mut empty = 0;
    let mut above_deeper = None;
    for line in lines {
        if line.is_empty() {
            empty += 1;
            continue;
        }
        let deeper = line.starts_with(' ');
        match above_deeper {
            None => {}
            Some(false) if !deeper && empty == 0 => said.push(' '),
            Some(false) if !deeper => {}
            Some(_) => said.push('\n'),
        }
        said.extend(std::iter::repeat_n('\n', empty));
        said.push_str(line);
        above_deeper = Some(deeper);
        empty = 0;
    }
    said
}
