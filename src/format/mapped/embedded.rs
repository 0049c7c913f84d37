//! Places in a string that holds a document: its lines, as they stand in the file around it.
//!
//! **In**: the lines of a document and the place of a string in it. **Out**: the place of each part of the string.
//! **Refuses**: to guess: of a string in quotes, or a folded one, all is where it begins. **Not taken**: the escapes of
//! a string in quotes, counted back to columns.

use std::sync::Arc;

use crate::diagnostics::Place;
use crate::document::Node;
use crate::flag::Flag;

/// Where a string stands.
#[derive(Clone, Copy, Debug)]
pub struct TextPlace {
    start: Place,
    /// How many lines stand before its first one, and columns before each of them, if it is written line by line.
    before: Option<(u32, u32)>,
    /// The number of its last line that says something.
    last: u32,
}

impl TextPlace {
    /// The place of a string that begins at `start`; `source` are the lines of its document, of which the first is line
    /// `first` + 1 of the file.
    pub fn of(text: &str, start: Place, source: &[impl AsRef<str>], first: u32) -> TextPlace {
        let line = |number: u32| source.get(usize::try_from(number.checked_sub(first + 1)?).ok()?).map(AsRef::as_ref);
        let literal = |at: u32| -> Option<bool> {
            let rest = line(at)?.trim_end();
            let (_, mark) = rest.rsplit_once(' ').unwrap_or(("", rest));
            Some(mark.starts_with('|') && mark.len() <= 3)
        };
        // Readers name the line of the sign, or the first one below it that says something.
        let above = (1..start.line).rev().find(|at| line(*at).is_none_or(|line| !line.trim().is_empty()));
        let sign = [Some(start.line), above].into_iter().flatten().find(|at| literal(*at) == Some(true));
        let spaces = |line: &str| line.chars().take_while(|char| *char == ' ').count();
        let before = sign.and_then(|sign| {
            let (number, said) = text.split('\n').enumerate().find(|(_, line)| !line.trim().is_empty())?;
            let written = line(sign + 1 + u32::try_from(number).ok()?)?;
            let columns = spaces(written).checked_sub(spaces(said))?;
            // It is what stands there, or it is another text.
            (written.trim() == said.trim()).then_some((sign, u32::try_from(columns).ok()?))
        });
        let last = u32::try_from(text.trim_end().split('\n').count()).unwrap_or(u32::MAX);
        TextPlace { start, before, last }
    }

    /// The place of a part of the string.
    pub fn place(self, inner: Place) -> Place {
        match self.before {
            Some((lines, columns)) => {
                Place { line: inner.line.min(self.last) + lines, column: inner.column + columns, width: inner.width }
            }
            None => self.start,
        }
    }

    /// Puts a document that was read from the text where the text stands.
    pub fn put(self, node: &mut Node) {
        node.move_places(&|inner| self.place(inner));
    }

    /// Puts a flag that was read from the text where the text stands.
    pub fn put_flag(self, flag: &mut Flag) {
        flag.place = self.place(flag.place);
        flag.state.place = self.place(flag.state.place);
        flag.record.move_places(&|inner| self.place(inner));
        for part in flag.shared.iter_mut().flat_map(|shared| &mut shared.parts) {
            part.place = self.place(part.place);
            let mut said = Node::clone(&part.said);
            self.put(&mut said);
            part.said = Arc::new(said);
        }
    }

    /// Whether each part has a place of its own.
    pub fn is_exact(self) -> bool {
        self.before.is_some()
    }
}
