//! Path patterns: the language of CODEOWNERS, for APPROVERS and for the paths in the configuration.
//!
//! In: a pattern's text. Out: a [`Pattern`] that says which paths of a repository it takes. It refuses a string that
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
//! | `{environment}` in the configuration | one character or more, and the flags of the files are told apart by them |
//!
//! Not taken: a matcher for `.gitignore` (`docs/*` takes everything below there, `[ab]` is a range) and a regular
//! expression for each pattern (10,000 of them cost more to build than the whole review).

use std::fmt;

use super::meaning::{Below, Meaning, PatternPart, PatternPiece};
use super::misread::Misread;
use super::misspelt::alternatives;
use super::placeholders::{self, Placeholder};
use crate::diagnostics::words::in_backticks;

/// A pattern that can match. Displayed as it was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pattern {
    text: String,
    meaning: Meaning,
    placeholders: Vec<Placeholder>,
}

/// The language of a pattern, by the file that it stands in.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum PatternDialect {
    /// The language of APPROVERS.
    Codeowners,
    /// The language of the configuration.
    Glob,
}

impl Pattern {
    /// A pattern of APPROVERS.
    ///
    /// # Errors
    /// The reason why the pattern cannot match what its author meant.
    pub fn codeowners(text: &str) -> Result<Pattern, Misread> {
        compile(text, PatternDialect::Codeowners)
    }

    /// A pattern of the configuration (`paths`, `protect`, `formats`): the same language, but every pattern starts at
    /// the root (`*.json` takes files of the root only), and `[`, `{` and their partners must be escaped, since other
    /// tools give them a meaning. As in APPROVERS a pattern that names a directory takes everything below it:
    /// `protect: [".github"]` must not protect nothing.
    ///
    /// # Errors
    /// The reason why the pattern cannot match what its author meant.
    pub fn glob(text: &str) -> Result<Pattern, Misread> {
        compile(text, PatternDialect::Glob)
    }

    /// A path from the root, as the text of a pattern that takes it and what is below it, and nothing else. In
    /// APPROVERS a path without a `/` needs one before it.
    #[must_use]
    pub fn exactly(path: &str, dialect: PatternDialect) -> String {
        let special = |(at, char): (usize, char)| match char {
            '*' | '?' | '\\' => true,
            // An exclusion.
            '!' => at == 0,
            '#' | ' ' | '\t' => dialect == PatternDialect::Codeowners,
            '[' | ']' | '{' | '}' => dialect == PatternDialect::Glob,
            _ => false,
        };
        let escaped =
            path.char_indices().flat_map(|(at, char)| special((at, char)).then_some('\\').into_iter().chain([char]));
        escaped.collect()
    }

    /// Whether the pattern takes this path, given from the root as git does.
    #[must_use]
    pub fn matches(&self, path: &str) -> bool {
        self.meaning.matches(path)
    }

    /// Whether the pattern takes any path below this directory that could ever exist. Exact. The root is `""`.
    #[must_use]
    pub fn may_match_below(&self, dir: &str) -> bool {
        self.meaning.may_match_below(dir.strip_suffix('/').unwrap_or(dir))
    }

    /// Whether it is one name in any folder, `**/name`: then it takes a file by each of the paths that lead to it.
    #[must_use]
    pub fn is_name_in_any_folder(&self) -> bool {
        self.text.strip_prefix("**/").is_some_and(|name| !name.trim_end_matches('/').contains('/'))
    }

    /// Whether the pattern takes every path below this directory, as far as names without wildcards say.
    #[must_use]
    pub fn takes_all_below(&self, dir: &str) -> bool {
        self.meaning.takes_all_below(dir)
    }

    /// A path that it takes and that no file is likely to have.
    #[must_use]
    pub fn example(&self) -> String {
        self.meaning.example()
    }

    /// Whether it has a `**` before its end.
    #[must_use]
    pub fn goes_any_depth(&self) -> bool {
        self.meaning.parts.contains(&PatternPart::Any)
    }

    /// Whether it tells flags apart by the paths of their files.
    #[must_use]
    pub fn has_placeholder(&self) -> bool {
        !self.placeholders.is_empty()
    }

    /// The text in a path that each placeholder stands for, if it has any and takes the path.
    #[must_use]
    pub fn placeholder_values<'t>(&self, path: &'t str) -> Option<Vec<&'t str>> {
        placeholders::values(&self.placeholders, &self.meaning, path)
    }

    /// The text of its `{environment}` among these of its placeholders.
    pub(super) fn environment<'t>(&self, values: &[&'t str]) -> Option<&'t str> {
        placeholders::environment(&self.placeholders, values)
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

fn compile(text: &str, dialect: PatternDialect) -> Result<Pattern, Misread> {
    if text.is_empty() {
        return Err(Misread::new("the pattern is empty", "write a path, or `**` for every path"));
    }
    if text.len() > LONGEST {
        return Err(Misread::new(
            format!("the pattern has {} bytes, and no path has more than {LONGEST}", text.len()),
            "use wildcards for parts of it",
        ));
    }
    if text.starts_with('!') {
        if dialect == PatternDialect::Glob {
            let message =
                format!("{} is an exclusion to some readers, and there are none in these patterns", in_backticks(text));
            return Err(Misread::new(message, "remove it, and write patterns that take the paths that belong here"));
        }
        return Err(Misread::new(
            format!(
                "{} is an exclusion to some readers, and would leave its paths without approvers",
                in_backticks(text)
            ),
            "give these paths a pattern of their own, or write `\\!` if the name starts with `!`",
        ));
    }
    let inner = text.strip_suffix('/').unwrap_or(text);
    let directory = inner.len() < text.len();
    let rooted = inner.starts_with('/');
    let inner = inner.strip_prefix('/').unwrap_or(inner);
    if inner.is_empty() && text != "//" {
        return Err(Misread::new("`/` takes no path, not even those below the root", "write `**` for every path"));
    }
    let mut parts = Vec::with_capacity(8);
    if !rooted && !inner.contains('/') && dialect == PatternDialect::Codeowners {
        parts.push(PatternPart::Any);
    }
    let mut found: Vec<Placeholder> = Vec::new();
    let mut names = inner.split('/').peekable();
    while let Some(name) = names.next() {
        let followed = directory || names.peek().is_some();
        if let Some(placeholder) = Placeholder::of(name, parts.len()).filter(|_| dialect == PatternDialect::Glob) {
            parts.push(placeholder.part(name));
            found.push(placeholder);
            continue;
        }
        match part(name, dialect, followed) {
            Err((message, remedy)) => {
                let instead = instead(text, dialect).map(|paths| format!("write {paths}"));
                return Err(Misread::new(format!("{} {message}", in_backticks(text)), instead.unwrap_or(remedy)));
            }
            Ok(PatternPart::Any) if parts.last() == Some(&PatternPart::Any) => {}
            Ok(part) => parts.push(part),
        }
    }
    if let Some(misread) = placeholders::misread(&found, &parts) {
        return Err(misread);
    }
    let below = match parts.last() {
        _ if directory => Below::Only,
        Some(PatternPart::Any) | None => Below::Only,
        Some(PatternPart::Wild(pieces)) if pieces.as_slice() == [PatternPiece::Many] => Below::Nothing,
        Some(PatternPart::Name(_) | PatternPart::Wild(_)) => Below::Also,
    };
    if parts.last() == Some(&PatternPart::Any) {
        parts.pop();
    }
    Ok(Pattern { text: text.to_owned(), meaning: Meaning { parts, below }, placeholders: found })
}

/// The pattern to write for one that cannot match, in backticks, if that is plain.
fn instead(text: &str, dialect: PatternDialect) -> Option<String> {
    let list = |patterns: Vec<String>| {
        let quoted: Vec<String> = patterns.iter().map(|pattern| format!("`\"{pattern}\"`")).collect();
        format!("one pattern for each: {}", quoted.join(", "))
    };
    if let Some(patterns) = alternatives(text).filter(|_| dialect == PatternDialect::Glob) {
        let good = patterns.iter().all(|pattern| compile(pattern, dialect).is_ok());
        return good.then(|| list(patterns));
    }
    let parts: Vec<&str> = text.split(['/', '\\']).filter(|part| !matches!(*part, "" | ".")).collect();
    let rooted = if text.starts_with('/') { "/" } else { "" };
    let below = if text.ends_with(['/', '\\']) { "/" } else { "" };
    let path = format!("{rooted}{}{below}", parts.join("/"));
    let plain = path != text && !path.contains(['{', '}', '[', ']', '#']) && !text.contains("\\ ");
    (plain && compile(&path, dialect).is_ok()).then(|| format!("`{path}`"))
}

/// One part of a pattern, or what is wrong with the pattern there and what to do about it.
fn part(name: &str, dialect: PatternDialect, followed: bool) -> Result<PatternPart, (String, String)> {
    let wrong = |message: &str, remedy: &str| Err((message.to_owned(), remedy.to_owned()));
    match name {
        "" => return wrong("has nothing between two `/`, and no path does", "write one `/` between parts"),
        "**" => return Ok(PatternPart::Any),
        "." | ".." => {
            let message = format!("has a part `{name}`, and no path in git does");
            return Err((message, "write the path from the root of the repository".into()));
        }
        name if name.contains("***") && !name.contains('\\') => {
            return wrong("has `***`, which means nothing", "write `*` for part of a name or `**` for any directories");
        }
        name if !name.contains(['\\', '*', '?', '#', '[', ']', '{', '}']) => {
            return Ok(PatternPart::Name(name.to_owned()));
        }
        _ => {}
    }
    let mut pieces = Vec::with_capacity(name.len());
    let mut chars = name.chars();
    while let Some(char) = chars.next() {
        pieces.push(match (char, dialect) {
            ('\\', _) => match chars.next() {
                Some(next) if next.is_alphanumeric() => {
                    let message = format!("escapes `{next}`, which means nothing but itself");
                    return Err((
                        message,
                        "write `/` between parts, and no backslash before letters and digits".into(),
                    ));
                }
                Some(next) => PatternPiece::Char(next),
                None if followed => {
                    return wrong("escapes a `/`, and no name holds one", "write `/` without the backslash");
                }
                None => {
                    return wrong(
                        "ends with a `\\` that escapes nothing",
                        "remove it, or write `\\\\` for a backslash",
                    );
                }
            },
            ('*', _) => PatternPiece::Many,
            ('?', _) => PatternPiece::One,
            ('#', PatternDialect::Codeowners) => {
                return wrong(
                    "holds a `#` that some readers take for the start of a comment",
                    "write `\\#` if it belongs to the path, or a space before it if a comment starts there",
                );
            }
            ('[' | ']' | '{' | '}', PatternDialect::Glob) => {
                let message = format!("holds `{char}`, and there are no ranges and no alternatives in these patterns");
                let remedy = format!(
                    "write one pattern for each, or `\\{char}` if it belongs to the path; a placeholder, such as \
                     `{{environment}}`, stands in a part without a wildcard, once"
                );
                return Err((message, remedy));
            }
            (char, PatternDialect::Codeowners | PatternDialect::Glob) => PatternPiece::Char(char),
        });
    }
    // `a**b` is `a*b`: git, GitLab and hmarr/codeowners agree that `**` is special only as a whole part.
    pieces.dedup_by(|a, b| (*a, *b) == (PatternPiece::Many, PatternPiece::Many));
    let literal: Option<String> = pieces.iter().copied().map(PatternPiece::literal).collect();
    match literal {
        Some(name) if name == "." || name == ".." => wrong(
            "has an escaped `.` for a part, and no path in git does",
            "write the path from the root of the repository",
        ),
        Some(name) => Ok(PatternPart::Name(name)),
        None => Ok(PatternPart::Wild(pieces)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The pattern takes the path, whatever signs that has, and not the path that its wildcards would take besides.
    #[test]
    fn a_path_is_written_as_a_pattern_of_its_own() {
        for path in ["a/b.yaml", "!a/b", "a/[b]/{c}.json", "a b/c#d", "a/*.yaml", "a/?", "a\\b/c", "a/**/b", "#a/b"] {
            for dialect in [PatternDialect::Codeowners, PatternDialect::Glob] {
                let text = format!("/{}", Pattern::exactly(path, dialect));
                let pattern = compile(&text, dialect).unwrap_or_else(|why| panic!("{path}: {}", why.message));
                assert!(pattern.matches(path), "{text}");
                for other in ["a/x.yaml", "a/x", "a/x/b", "a"] {
                    assert!(!pattern.matches(other), "{text} takes {other}");
                }
            }
            let text = Pattern::exactly(path, PatternDialect::Glob);
            assert!(Pattern::glob(&text).is_ok_and(|pattern| pattern.matches(path)), "{text}");
        }
    }
}
