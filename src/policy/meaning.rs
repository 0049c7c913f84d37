//! What a pattern takes: matching, and what can be said of a pattern without a path.
//!
//! In: a pattern's parts, as [`super::pattern`] reads them. Out: whether it takes a path, could take one below a
//! directory, or takes whatever another one takes. Nothing is refused here. Not taken: regular expressions.

/// What a pattern takes, however it is written: `docs/` and `**/docs/**` mean the same.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Meaning {
    /// From the root. `Part::Any` is never last and never stands twice in a row.
    pub(super) parts: Vec<Part>,
    pub(super) below: Below,
}

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

/// What is taken of the paths that go on where the parts end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Below {
    /// Only what the parts name.
    Nothing,
    /// That, or anything below it.
    Also,
    /// Anything below it, not that.
    Only,
}

/// A text that every path a pattern takes must hold: what an index can look for.
pub(super) enum Hint {
    /// The path starts with it.
    PathStart(String),
    /// One part of the path starts with it.
    PartStart(String),
    /// One part of the path ends with it.
    PartEnd(String),
}

impl Meaning {
    /// Greedy: when the parts after the last `**` fail, that `**` takes one more directory. Earlier ones need no
    /// second try, so the cost is at most the product of the two lengths.
    pub(super) fn matches(&self, path: &str) -> bool {
        let mut rest = (!path.is_empty()).then_some(path);
        let mut at = 0;
        let mut retry = None;
        loop {
            match (self.parts.get(at), rest) {
                (None, None) => return self.below != Below::Only,
                (None, Some(_)) if self.below != Below::Nothing => return true,
                (Some(Part::Any), _) => {
                    at += 1;
                    retry = Some((at, rest));
                    continue;
                }
                (Some(_), None) => return false,
                (Some(part), Some(text)) => {
                    let (name, after) = cut(text);
                    if part.takes(name) {
                        at += 1;
                        rest = after;
                        continue;
                    }
                }
                (None, Some(_)) => {}
            }
            let Some((again, Some(text))) = retry else { return false };
            rest = cut(text).1;
            at = again;
            retry = Some((again, rest));
        }
    }

    /// Follows every way the parts can be laid onto `dir`; what is left of any of them can always be filled in.
    pub(super) fn may_match_below(&self, dir: &str) -> bool {
        let mut alive = vec![0];
        self.skip_any(&mut alive);
        let mut rest = (!dir.is_empty()).then_some(dir);
        while let Some(text) = rest {
            let (name, after) = cut(text);
            rest = after;
            let mut next = Vec::with_capacity(alive.len() + 1);
            for at in alive {
                match self.parts.get(at) {
                    None if self.below == Below::Nothing => {}
                    None | Some(Part::Any) => next.push(at),
                    Some(part) if part.takes(name) => next.push(at + 1),
                    Some(Part::Name(_) | Part::Wild(_)) => {}
                }
            }
            self.skip_any(&mut next);
            alive = next;
        }
        alive.iter().any(|&at| at < self.parts.len() || self.below != Below::Nothing)
    }

    /// Adds the positions reached by letting a `**` take nothing.
    fn skip_any(&self, alive: &mut Vec<usize>) {
        let skipped: Vec<usize> =
            alive.iter().filter(|&&at| self.parts.get(at) == Some(&Part::Any)).map(|at| at + 1).collect();
        alive.extend(skipped);
        alive.sort_unstable();
        alive.dedup();
    }

    /// Whether it takes every path there is.
    pub(super) fn takes_all(&self) -> bool {
        match (self.parts.as_slice(), self.below) {
            ([], Below::Only | Below::Also) => true,
            ([Part::Any, Part::Wild(pieces)], Below::Nothing) => pieces.as_slice() == [Piece::Many],
            _ => false,
        }
    }

    /// A directory of which it takes everything, and whether it also takes a file of that name; `None` if there is no
    /// such or it has wildcards.
    pub(super) fn directory(&self) -> Option<(String, bool)> {
        // A name at any depth is one at the root as well.
        let (names, whole) = leading_names(self.parts.strip_prefix(&[Part::Any]).unwrap_or(&self.parts));
        match self.below {
            Below::Nothing => None,
            Below::Also | Below::Only => (whole && !names.is_empty()).then_some((names, self.below == Below::Also)),
        }
    }

    /// Directories above everything it takes, the deepest first, each with whether it takes only what is below.
    pub(super) fn homes(&self) -> Vec<(String, bool)> {
        let (names, whole) = leading_names(&self.parts);
        let only_below = !whole || self.below == Below::Only;
        let mut homes: Vec<(String, bool)> =
            names.match_indices('/').map(|(at, _)| (names[..at].to_owned(), true)).collect();
        if !names.is_empty() {
            homes.push((names, only_below));
        }
        homes.reverse();
        homes
    }

    /// What an index can look for.
    pub(super) fn hint(&self) -> Hint {
        if let [Part::Any, part, ..] = self.parts.as_slice() {
            let end = part.literal_end();
            if !end.is_empty() {
                return Hint::PartEnd(end);
            }
            return match part.literal_start() {
                start if start.is_empty() => Hint::PathStart(start),
                start => Hint::PartStart(start),
            };
        }
        let mut start = String::new();
        for (at, part) in self.parts.iter().enumerate() {
            start.push_str(&part.literal_start());
            let goes_on = at + 1 < self.parts.len() || self.below == Below::Only;
            match part {
                Part::Name(_) if goes_on => start.push('/'),
                Part::Name(_) | Part::Wild(_) | Part::Any => break,
            }
        }
        Hint::PathStart(start)
    }
}

/// The names the parts start with, joined, and whether there is no other part.
fn leading_names(parts: &[Part]) -> (String, bool) {
    let names: Vec<&str> = parts
        .iter()
        .map_while(|part| match part {
            Part::Name(name) => Some(name.as_str()),
            Part::Any | Part::Wild(_) => None,
        })
        .collect();
    (names.join("/"), names.len() == parts.len())
}

impl Part {
    /// Whether it takes this one name. `**` takes any.
    fn takes(&self, name: &str) -> bool {
        match self {
            Part::Any => true,
            Part::Name(own) => own == name,
            Part::Wild(pieces) => !name.is_empty() && wild(pieces, name),
        }
    }

    fn literal_start(&self) -> String {
        match self {
            Part::Any => String::new(),
            Part::Name(name) => name.clone(),
            Part::Wild(pieces) => pieces.iter().map_while(literal).collect(),
        }
    }

    fn literal_end(&self) -> String {
        match self {
            Part::Any => String::new(),
            Part::Name(name) => name.clone(),
            Part::Wild(pieces) => {
                let mut end: Vec<char> = pieces.iter().rev().map_while(literal).collect();
                end.reverse();
                end.into_iter().collect()
            }
        }
    }
}

fn literal(piece: &Piece) -> Option<char> {
    match piece {
        Piece::Char(char) => Some(*char),
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

/// The first name of a path and what follows its `/`.
fn cut(path: &str) -> (&str, Option<&str>) {
    match path.split_once('/') {
        Some((name, rest)) => (name, Some(rest)),
        None => (path, None),
    }
}
