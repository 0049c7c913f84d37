//! A diagnostic: data about one place of somebody's file with a remedy, collected and never thrown.

use schemars::JsonSchema;
use serde::Serialize;

use super::lints::{Lint, LintId};
use super::place::{Lines, Place};

/// The weight of a diagnostic: an error makes the verdict `invalid`, a warning blocks nothing.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// Makes the verdict `invalid`.
    Error,
    /// Is reported and blocks nothing.
    Warning,
}

/// The part of a file that a diagnostic is about. By it a mistake that stands on the base branch is told from a new one.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Default)]
pub enum Subject {
    /// The file as a whole, or its only flag.
    #[default]
    File,
    /// One of several flags in the file, by its key.
    Flag(String),
    /// A part of the file outside of its flags, by what it says in normal form.
    Part(String),
}

/// A diagnostic: something wrong at one place of one file, and what to do about it.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, JsonSchema)]
pub struct Diagnostic {
    /// The file, as git names it.
    pub path: String,
    #[serde(flatten)]
    pub place: Place,
    /// The id of the lint that found it; `countersign rules` lists them.
    pub id: LintId,
    /// Whether it makes the verdict `invalid`.
    pub level: Level,
    /// What is there and what was expected; lower case, no full stop.
    pub message: String,
    /// What to do, as one imperative sentence.
    pub remedy: String,
    /// The line of the file, for an excerpt under the message.
    #[serde(skip)]
    pub excerpt: Option<String>,
    /// The part of the file it is about.
    #[serde(skip)]
    pub subject: Subject,
}

/// Lines longer than this (in bytes) are not worth showing under a message.
const LONGEST_EXCERPT: usize = 240;

impl Diagnostic {
    /// A diagnostic of `lint`'s kind and level.
    #[must_use]
    pub fn new(lint: &Lint, path: &str, place: Place, message: impl Into<String>, remedy: impl Into<String>) -> Self {
        Diagnostic {
            path: path.to_owned(),
            place,
            id: lint.id,
            level: lint.level,
            message: message.into(),
            remedy: remedy.into(),
            excerpt: None,
            subject: Subject::File,
        }
    }

    /// What it says of which part of which file, wherever that stands there.
    #[must_use]
    pub fn said(&self) -> (LintId, &str, &str, &Subject) {
        (self.id, &self.path, &self.message, &self.subject)
    }

    #[must_use]
    pub fn is_error(&self) -> bool {
        self.level == Level::Error
    }
}

/// The diagnostics of one file while it is being read.
pub struct Diagnostics<'p> {
    path: &'p str,
    found: Vec<Diagnostic>,
    subject: Subject,
}

impl<'p> Diagnostics<'p> {
    #[must_use]
    pub fn of(path: &'p str) -> Self {
        Diagnostics { path, found: Vec::new(), subject: Subject::File }
    }

    /// Sets the part of the file that the diagnostics from now on are about.
    pub fn about(&mut self, subject: Subject) {
        self.subject = subject;
    }

    #[must_use]
    pub fn path(&self) -> &'p str {
        self.path
    }

    pub fn add(&mut self, lint: &Lint, place: Place, message: impl Into<String>, remedy: impl Into<String>) {
        let diagnostic = Diagnostic::new(lint, self.path, place, message, remedy);
        self.found.push(Diagnostic { subject: self.subject.clone(), ..diagnostic });
    }

    #[must_use]
    pub fn any_error(&self) -> bool {
        self.found.iter().any(Diagnostic::is_error)
    }

    /// All of them in the order of the file, each with the line it is about.
    #[must_use]
    pub fn finish(mut self, text: impl AsRef<[u8]>) -> Vec<Diagnostic> {
        if self.found.is_empty() {
            return self.found;
        }
        let text = String::from_utf8_lossy(text.as_ref());
        let lines = Lines::new(&text);
        for diagnostic in &mut self.found {
            diagnostic.excerpt =
                lines.line(diagnostic.place.line).filter(|line| line.len() <= LONGEST_EXCERPT).map(str::to_owned);
        }
        self.found.sort();
        self.found
    }
}

/// The allowed word nearest to a mistyped one, if one is near enough to be meant.
#[must_use]
pub fn nearest<'w>(typed: &str, allowed: impl IntoIterator<Item = &'w str>) -> Option<&'w str> {
    let lower = typed.to_lowercase();
    allowed
        .into_iter()
        .map(|word| (strsim::damerau_levenshtein(&lower, &word.to_lowercase()), word))
        .filter(|(distance, word)| *distance <= 1 + word.chars().count() / 4)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, word)| word)
}

/// Words in backticks with commas between: "`a`, `b` or `c`".
#[must_use]
pub fn choice<'w>(words: impl IntoIterator<Item = &'w str>) -> String {
    let words: Vec<String> = words.into_iter().map(|word| format!("`{word}`")).collect();
    match words.split_last() {
        None => String::new(),
        Some((last, [])) => last.clone(),
        Some((last, rest)) => format!("{} or {last}", rest.join(", ")),
    }
}
