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
    /// The part that these pieces make up.
    pub(super) fn of(mut pieces: Vec<Piece>) -> Part {
        if pieces.as_slice() == [Piece::Many, Piece::Many] {
            return Part::Any;
        }
        let literal: Option<String> = pieces
            .iter()
            .map(|piece| match piece {
                Piece::Char(char) => Some(*char),
                Piece::One | Piece::Many => None,
            })
            .collect();
        // `a**b` is `a*b`: git, GitLab and hmarr/codeowners agree that `**` is special only as a whole part.
        pieces.dedup_by(|a, b| (*a, *b) == (Piece::Many, Piece::Many));
        literal.map_or(Part::Wild(pieces), Part::Name)
    }

    /// Whether it takes this one name. `**` takes any.
    pub(super) fn takes(&self, name: &str) -> bool {
        match self {
            Part::Any => true,
            Part::Name(own) => own == name,
            Part::Wild(pieces) => !name.is_empty() && wild(pieces, name),
        }
    }

    /// The text every name it takes starts with.
    pub(super) fn literal_start(&self) -> String {
        match self {
            Part::Any => String::new(),
            Part::Name(name) => name.clone(),
            Part::Wild(pieces) => pieces.iter().copied().map_while(literal).collect(),
        }
    }

    /// The text every name it takes ends with.
    pub(super) fn literal_end(&self) -> String {
        match self {
            Part::Any => String::new(),
            Part::Name(name) => name.clone(),
            Part::Wild(pieces) => {
                let mut end: Vec<char> = pieces.iter().rev().copied().map_while(literal).collect();
                end.reverse();
                end.into_iter().collect()
            }
        }
    }
}

fn literal(piece: Piece) -> Option<char> {
    match piece {
        Piece::Char(char) => Some(char),
        Piece::One | Piece::Many => None,
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
