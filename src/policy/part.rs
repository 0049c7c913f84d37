//! What stands between two `/` of a pattern, and which names it takes.

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Part {
    /// `**`: any number of directories, none included.
    Any,
    /// One name, letter for letter.
    Name(String),
    /// One name with wildcards.
    Wild(Vec<Piece>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Piece {
    Char(char),
    /// `?`
    One,
    /// `*`
    Many,
}

impl Part {
    /// Whether it takes this one name. `**` takes any.
    pub(super) fn takes(&self, name: &str) -> bool {
        match self {
            Part::Any => true,
            Part::Name(own) => own == name,
            Part::Wild(pieces) => !name.is_empty() && wild(pieces, name),
        }
    }

    /// How many bytes the longer of its literal start and end has.
    pub(super) fn longest_literal(&self) -> usize {
        let length = |pieces: &mut dyn Iterator<Item = Piece>| {
            pieces.map_while(Piece::literal).map(char::len_utf8).sum::<usize>()
        };
        match self {
            Part::Any => 0,
            Part::Name(name) => name.len(),
            Part::Wild(pieces) => length(&mut pieces.iter().copied()).max(length(&mut pieces.iter().rev().copied())),
        }
    }

    /// Adds the characters every name it takes starts with.
    pub(super) fn start(&self, text: &mut String) {
        match self {
            Part::Any => {}
            Part::Name(name) => text.push_str(name),
            Part::Wild(pieces) => text.extend(pieces.iter().copied().map_while(Piece::literal)),
        }
    }

    /// The characters every name it takes ends with, back to front.
    pub(super) fn end_backwards(&self) -> String {
        match self {
            Part::Any => String::new(),
            Part::Name(name) => name.chars().rev().collect(),
            Part::Wild(pieces) => pieces.iter().rev().copied().map_while(Piece::literal).collect(),
        }
    }
}

impl Piece {
    /// The character it stands for, if it is no wildcard.
    pub(super) fn literal(self) -> Option<char> {
        match self {
            Piece::Char(char) => Some(char),
            Piece::One | Piece::Many => None,
        }
    }
}

/// The same greedy walk within a name: only the last `*` is ever tried again.
fn wild(pieces: &[Piece], name: &str) -> bool {
    let mut rest = name.chars();
    let mut at = 0;
    let mut retry = None;
    loop {
        match pieces.get(at) {
            None if rest.as_str().is_empty() => return true,
            Some(Piece::Many) => {
                at += 1;
                retry = Some((at, rest.clone()));
                continue;
            }
            Some(piece) => {
                let Some(next) = rest.next() else { return false };
                if *piece == Piece::One || *piece == Piece::Char(next) {
                    at += 1;
                    continue;
                }
            }
            None => {}
        }
        let Some((again, mut from)) = retry else { return false };
        if from.next().is_none() {
            return false;
        }
        rest = from.clone();
        at = again;
        retry = Some((again, from));
    }
}
