//! Path patterns: the language of CODEOWNERS, for APPROVERS and for the paths in the configuration.
//!
//! In: a pattern's text. Out: a [`Pattern`] that says which paths of a repository it takes. It refuses a text that
//! cannot match what its author meant (`!x`, `a//b`, `./a`, a `\` with nothing behind it). Paths are case sensitive.
//!
//! | Pattern | Takes |
//! |---|---|
//! | `name` | a file or directory of that name at any depth, and everything below it |
//! | `/name`, `a/name` | the same, at the root only: a `/` anywhere but at the end ties a pattern to the root |
//! | `dir/` | everything below each directory of that name, not a file of that name |
//! | `*` and `?` in a name | any characters but `/`, and exactly one of them |
//! | `*` as the whole last part | every name **in** that directory and nothing below: `docs/*` |
//! | `**` as a whole part | any number of directories; at the end, everything below |
//! | `\` | takes away the meaning of the next character |
//! | `[`, `]`, `{`, `}` | themselves |
//!
//! Not taken: a matcher for `.gitignore` (`docs/*` takes everything below there, `[ab]` is a range) and a regular
//! expression for each pattern (10,000 of them cost more to build than the whole review).

use std::fmt;

use super::mistake::{Mistake, shown};

/// A pattern that can match. Displayed as it was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pattern {
    text: String,
    meaning: Meaning,
}

/// What a pattern takes, however it is written: `docs/` and `**/docs/**` mean the same.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Meaning {
    /// From the root. `Part::Any` is never last and never stands twice in a row.
    parts: Vec<Part>,
    below: Below,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Part {
    /// `**`: any number of directories, none included.
    Any,
    /// One name, letter for letter.
    Name(String),
    /// One name with wildcards.
    Wild(Vec<Piece>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Piece {
    Char(char),
    /// `?`
    One,
    /// `*`
    Many,
}

/// What is taken of the paths that go on where the parts end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Below {
    /// Only what the parts name.
    Nothing,
    /// That, or anything below it.
    Also,
    /// Anything below it, not that.
    Only,
}

/// Which of the two files a pattern stands in.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Dialect {
    Codeowners,
    Glob,
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

impl Pattern {
    /// A pattern of APPROVERS.
    ///
    /// # Errors
    /// Says why it cannot match what was meant.
    pub fn codeowners(text: &str) -> Result<Pattern, Mistake> {
        compile(text, Dialect::Codeowners)
    }

    /// A pattern of the configuration (`paths`, `protect`, `formats`): the same language, but every pattern starts at
    /// the root (`*.json` takes files of the root only), and `[`, `{` and their partners must be escaped, since other
    /// tools give them a meaning. As in APPROVERS a pattern that names a directory takes everything below it:
    /// `protect: [".github"]` must not protect nothing.
    ///
    /// # Errors
    /// Says why it cannot match what was meant.
    pub fn glob(text: &str) -> Result<Pattern, Mistake> {
        compile(text, Dialect::Glob)
    }

    /// Whether it takes this path, given from the root as git does.
    #[must_use]
    pub fn matches(&self, path: &str) -> bool {
        self.meaning.matches(path)
    }

    /// Whether it takes any path below this directory that could ever exist. Exact. The root is `""`.
    #[must_use]
    pub fn may_match_below(&self, dir: &str) -> bool {
        self.meaning.may_match_below(dir.strip_suffix('/').unwrap_or(dir))
    }

    pub(super) fn meaning(&self) -> &Meaning {
        &self.meaning
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// Longer than any path that can be checked out (`PATH_MAX` of Linux); it bounds what a hostile pattern costs.
const LONGEST: usize = 4096;

fn compile(text: &str, dialect: Dialect) -> Result<Pattern, Mistake> {
    if text.is_empty() {
        return Err(Mistake::new("the pattern is empty", "write a path, or `**` for every path"));
    }
    if text.len() > LONGEST {
        return Err(Mistake::new(
            format!("the pattern has {} bytes, and no path has more than {LONGEST}", text.len()),
            "use wildcards for parts of it",
        ));
    }
    if text.starts_with('!') {
        return Err(Mistake::new(
            format!("{} is an exclusion to some readers, and would leave its paths without approvers", shown(text)),
            "give these paths a pattern of their own, or write `\\!` if the name starts with `!`",
        ));
    }
    let mut names = split(text, dialect)?;
    let rooted = names.len() > 1 && names.first().is_some_and(Vec::is_empty);
    if rooted {
        names.remove(0);
    }
    let directory = names.last().is_some_and(Vec::is_empty);
    if directory {
        names.pop();
    }
    if names.is_empty() {
        return Err(Mistake::new("`/` takes no path, not even those below the root", "write `**` for every path"));
    }
    if names.iter().any(Vec::is_empty) {
        return Err(Mistake::new(
            format!("{} has nothing between two `/`, and no path does", shown(text)),
            "write one `/` between parts",
        ));
    }
    let mut parts = Vec::with_capacity(names.len() + 1);
    let floating = names.len() == 1 && !rooted && dialect == Dialect::Codeowners;
    if floating {
        parts.push(Part::Any);
    }
    for name in names {
        match part(name) {
            Part::Any if parts.last() == Some(&Part::Any) => {}
            Part::Name(name) if name == "." || name == ".." => {
                return Err(Mistake::new(
                    format!("{} has a part `{name}`, and no path in git does", shown(text)),
                    "write the path from the root of the repository",
                ));
            }
            part => parts.push(part),
        }
    }
    let below = match parts.last() {
        _ if directory => Below::Only,
        Some(Part::Any) | None => Below::Only,
        Some(Part::Wild(pieces)) if pieces.as_slice() == [Piece::Many] => Below::Nothing,
        Some(Part::Name(_) | Part::Wild(_)) => Below::Also,
    };
    if parts.last() == Some(&Part::Any) {
        parts.pop();
    }
    Ok(Pattern { text: text.to_owned(), meaning: Meaning { parts, below } })
}

/// The parts of a pattern as pieces; an empty one where two `/` meet or the text starts or ends with one.
fn split(text: &str, dialect: Dialect) -> Result<Vec<Vec<Piece>>, Mistake> {
    let mut names = Vec::new();
    let mut name = Vec::new();
    let mut chars = text.chars();
    while let Some(char) = chars.next() {
        match (char, dialect) {
            ('\\', _) => match chars.next() {
                None => {
                    return Err(Mistake::new(
                        format!("{} ends with a `\\` that escapes nothing", shown(text)),
                        "remove it, or write `\\\\` for a backslash",
                    ));
                }
                Some('/') => {
                    return Err(Mistake::new(
                        format!("{} escapes a `/`, and no name holds one", shown(text)),
                        "write `/` without the backslash",
                    ));
                }
                Some(next) => name.push(Piece::Char(next)),
            },
            ('/', _) => names.push(std::mem::take(&mut name)),
            ('*', _) => name.push(Piece::Many),
            ('?', _) => name.push(Piece::One),
            ('#', Dialect::Codeowners) => {
                return Err(Mistake::new(
                    format!("{} holds a `#` that some readers take for the start of a comment", shown(text)),
                    "write `\\#` if it belongs to the path, or a space before it if a comment starts there",
                ));
            }
            ('[' | ']' | '{' | '}', Dialect::Glob) => {
                return Err(Mistake::new(
                    format!(
                        "{} holds `{char}`, and there are no ranges and no alternatives in these patterns",
                        shown(text)
                    ),
                    format!("write one pattern for each, or `\\{char}` if it belongs to the path"),
                ));
            }
            (char, Dialect::Codeowners | Dialect::Glob) => name.push(Piece::Char(char)),
        }
    }
    names.push(name);
    if names.iter().any(|name| name.windows(3).any(|three| three == [Piece::Many; 3])) {
        return Err(Mistake::new(
            format!("{} has `***`, which means nothing", shown(text)),
            "write `*` for part of a name or `**` for any directories",
        ));
    }
    Ok(names)
}

fn part(mut pieces: Vec<Piece>) -> Part {
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

impl Meaning {
    /// Greedy: when the parts after the last `**` fail, that `**` takes one more directory. Earlier ones need no
    /// second try, so the cost is at most the product of the two lengths.
    fn matches(&self, path: &str) -> bool {
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
    fn may_match_below(&self, dir: &str) -> bool {
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

    /// The directory of which it takes everything, and whether it also takes a file of that name; `None` if it has
    /// wildcards or is not tied to the root.
    pub(super) fn directory(&self) -> Option<(String, bool)> {
        let (names, whole) = self.leading_names();
        match self.below {
            Below::Nothing => None,
            Below::Also | Below::Only => (whole && !names.is_empty()).then_some((names, self.below == Below::Also)),
        }
    }

    /// The names it starts with, joined, and whether it has no other part.
    fn leading_names(&self) -> (String, bool) {
        let names: Vec<&str> = self
            .parts
            .iter()
            .map_while(|part| match part {
                Part::Name(name) => Some(name.as_str()),
                Part::Any | Part::Wild(_) => None,
            })
            .collect();
        (names.join("/"), names.len() == self.parts.len())
    }

    /// Directories above everything it takes, the deepest first, each with whether it takes only what is below.
    pub(super) fn homes(&self) -> Vec<(String, bool)> {
        let (names, whole) = self.leading_names();
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
