//! Meaning of a pattern: the paths it takes, and facts about a pattern that need no path.
//!
//! In: a pattern's parts, as [`super::pattern`] reads them. Out: whether it takes a path, could take one below a
//! directory, or takes all that another one takes. Nothing is refused here. Not taken: regular expressions.

/// The paths that a pattern takes, however it is written: `docs/` and `**/docs/**` mean the same.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Meaning {
    /// From the root. `PatternPart::Any` is never last and never stands twice in a row.
    pub(super) parts: Vec<PatternPart>,
    pub(super) below: Below,
}

/// A part of a pattern between two slashes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum PatternPart {
    /// `**`: any number of directories, none included.
    Any,
    /// One name, letter for letter.
    Name(String),
    /// One name with wildcards.
    Wild(Vec<PatternPiece>),
}

/// A piece of the name in a part of a pattern.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum PatternPiece {
    Char(char),
    /// `?`
    One,
    /// `*`
    Many,
}

/// Which of the paths are taken that go on where the parts end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Below {
    /// Only what the parts name.
    Nothing,
    /// That, or anything below it.
    Also,
    /// Anything below it, not that.
    Only,
}

/// A string that every path of a pattern must hold, for an index to look for.
pub(super) enum Hint {
    /// The path starts with it.
    PathStart(String),
    /// One part of the path starts with it.
    PartStart(String),
    /// One part of the path ends with it; the text is back to front.
    PartEnd(String),
}

impl Meaning {
    /// Greedy: when the parts after the last `**` fail, that `**` takes one more directory. Earlier ones need no
    /// second try, so the cost is at most the product of the two lengths.
    pub(super) fn matches(&self, path: &str) -> bool {
        self.walk(path, &mut |_, _| {})
    }

    /// Whether it takes a path; `taken` gets the name that each part takes; of several for one part the last counts.
    pub(super) fn walk<'t>(&self, path: &'t str, taken: &mut impl FnMut(usize, &'t str)) -> bool {
        let mut rest = (!path.is_empty()).then_some(path);
        let mut at = 0;
        let mut retry = None;
        loop {
            match (self.parts.get(at), rest) {
                (None, None) => return self.below != Below::Only,
                (None, Some(_)) if self.below != Below::Nothing => return true,
                (Some(PatternPart::Any), _) => {
                    at += 1;
                    retry = Some((at, rest));
                    continue;
                }
                (Some(_), None) => return false,
                (Some(part), Some(text)) => {
                    let (name, after) = cut(text);
                    if part.takes(name) {
                        taken(at, name);
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

    /// Whether it takes all below a directory, as far as names without wildcards say.
    pub(super) fn takes_all_below(&self, dir: &str) -> bool {
        let mut names = dir.split('/');
        let mut named = |part: &PatternPart| matches!(part, PatternPart::Name(name) if names.next() == Some(name));
        self.below != Below::Nothing && self.parts.iter().all(&mut named)
    }

    /// Follows every way the parts can be laid onto `dir`; the rest of any of them can always be filled in.
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
                    None | Some(PatternPart::Any) => next.push(at),
                    Some(part) if part.takes(name) => next.push(at + 1),
                    Some(PatternPart::Name(_) | PatternPart::Wild(_)) => {}
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
            alive.iter().filter(|&&at| self.parts.get(at) == Some(&PatternPart::Any)).map(|at| at + 1).collect();
        alive.extend(skipped);
        alive.sort_unstable();
        alive.dedup();
    }

    /// A path that it takes, with a name of no file for whatever a wildcard stands for.
    pub(super) fn example(&self) -> String {
        const NAME: &str = "any-new-file";
        let mut names: Vec<String> = Vec::new();
        for part in &self.parts {
            let piece = |piece: &PatternPiece| match piece {
                PatternPiece::Char(char) => char.to_string(),
                PatternPiece::One => "n".to_owned(),
                PatternPiece::Many => NAME.to_owned(),
            };
            match part {
                PatternPart::Any => {}
                PatternPart::Name(name) => names.push(name.clone()),
                PatternPart::Wild(pieces) => names.push(pieces.iter().map(piece).collect()),
            }
        }
        let directory = match self.below {
            Below::Only => true,
            // A name with an ending is a file's.
            Below::Also => names.last().is_none_or(|name| !name.contains('.')),
            Below::Nothing => false,
        };
        if directory {
            names.push(format!("{NAME}.yaml"));
        }
        names.join("/")
    }

    /// Whether the pattern takes every path there is.
    pub(super) fn takes_all(&self) -> bool {
        match (self.parts.as_slice(), self.below) {
            ([], Below::Only | Below::Also) => true,
            ([PatternPart::Any, PatternPart::Wild(pieces)], Below::Nothing) => {
                pieces.as_slice() == [PatternPiece::Many]
            }
            _ => false,
        }
    }

    /// The `dir/` of which the pattern takes everything, and whether it also takes a file `dir`; `None` if there is
    /// none or it has wildcards.
    pub(super) fn directory(&self) -> Option<(String, bool)> {
        // A name at any depth is one at the root as well.
        let parts = self.parts.strip_prefix(&[PatternPart::Any]).unwrap_or(&self.parts);
        let (names, whole) = leading_names(parts);
        match self.below {
            Below::Nothing => None,
            Below::Also | Below::Only => (whole && !names.is_empty()).then_some((names, self.below == Below::Also)),
        }
    }

    /// The deepest `dir/` that holds every path of the pattern, and the length of its start that holds them even where
    /// a file `dir` is taken too.
    pub(super) fn literal_prefix(&self) -> (String, usize) {
        let (names, whole) = leading_names(&self.parts);
        let strictly = match self.below {
            Below::Also if whole => names.strip_suffix('/').and_then(|names| names.rfind('/')).map_or(0, |at| at + 1),
            Below::Nothing | Below::Also | Below::Only => names.len(),
        };
        (names, strictly)
    }

    /// The string for an index to look for: the longest of the candidates, since it tells most lines apart.
    pub(super) fn hint(&self) -> Hint {
        let mut path_start = String::with_capacity(64);
        for (at, part) in self.parts.iter().enumerate() {
            part.start(&mut path_start);
            let goes_on = at + 1 < self.parts.len() || self.below == Below::Only;
            match part {
                PatternPart::Name(_) if goes_on => path_start.push('/'),
                PatternPart::Name(_) | PatternPart::Wild(_) | PatternPart::Any => break,
            }
        }
        let mut hint = Hint::PathStart(path_start);
        for part in &self.parts {
            if part.longest_literal() > hint.text().len() {
                let (mut start, end) = (String::new(), part.end_backwards());
                part.start(&mut start);
                hint = if end.len() >= start.len() { Hint::PartEnd(end) } else { Hint::PartStart(start) };
            }
        }
        hint
    }
}

impl Hint {
    fn text(&self) -> &str {
        match self {
            Hint::PathStart(text) | Hint::PartStart(text) | Hint::PartEnd(text) => text,
        }
    }
}

/// The literal names at the start of the parts, each with its `/`, and whether there is no other part.
fn leading_names(parts: &[PatternPart]) -> (String, bool) {
    let mut names = String::with_capacity(64);
    for part in parts {
        match part {
            PatternPart::Name(name) => names.extend([name.as_str(), "/"]),
            PatternPart::Any | PatternPart::Wild(_) => return (names, false),
        }
    }
    (names, true)
}

impl PatternPart {
    /// Whether the part takes this one name. `**` takes any.
    fn takes(&self, name: &str) -> bool {
        match self {
            PatternPart::Any => true,
            PatternPart::Name(own) => own == name,
            PatternPart::Wild(pieces) => !name.is_empty() && wild(pieces, name),
        }
    }

    /// The length in bytes of the longer of its literal start and end.
    fn longest_literal(&self) -> usize {
        let length = |pieces: &mut dyn Iterator<Item = PatternPiece>| {
            pieces.map_while(PatternPiece::literal).map(char::len_utf8).sum::<usize>()
        };
        match self {
            PatternPart::Any => 0,
            PatternPart::Name(name) => name.len(),
            PatternPart::Wild(pieces) => {
                length(&mut pieces.iter().copied()).max(length(&mut pieces.iter().rev().copied()))
            }
        }
    }

    /// Adds the characters that every name of the part starts with.
    fn start(&self, text: &mut String) {
        match self {
            PatternPart::Any => {}
            PatternPart::Name(name) => text.push_str(name),
            PatternPart::Wild(pieces) => text.extend(pieces.iter().copied().map_while(PatternPiece::literal)),
        }
    }

    /// The characters that every name of the part ends with, back to front.
    fn end_backwards(&self) -> String {
        match self {
            PatternPart::Any => String::new(),
            PatternPart::Name(name) => name.chars().rev().collect(),
            PatternPart::Wild(pieces) => pieces.iter().rev().copied().map_while(PatternPiece::literal).collect(),
        }
    }
}

impl PatternPiece {
    /// The character it stands for, if it is no wildcard.
    pub(super) fn literal(self) -> Option<char> {
        match self {
            PatternPiece::Char(char) => Some(char),
            PatternPiece::One | PatternPiece::Many => None,
        }
    }
}

/// Whether the pieces fit a name, by a greedy walk: only the last `*` is ever tried again.
pub(super) fn wild(pieces: &[PatternPiece], name: &str) -> bool {
    let mut rest = name.chars();
    let mut at = 0;
    let mut retry = None;
    loop {
        match pieces.get(at) {
            None if rest.as_str().is_empty() => return true,
            Some(PatternPiece::Many) => {
                at += 1;
                retry = Some((at, rest.clone()));
                continue;
            }
            Some(piece) => {
                let Some(next) = rest.next() else { return false };
                if *piece == PatternPiece::One || *piece == PatternPiece::Char(next) {
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
