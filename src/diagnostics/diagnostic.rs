//! A diagnostic: data about one place of somebody's file with a remedy, collected and never thrown.

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::Serialize;

use super::lints::{self, Lint, LintId};
use super::place::{Lines, Place};
pub use super::words::counted;

/// The weight of a diagnostic: an error makes the verdict `invalid`, a warning blocks nothing.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// Makes the verdict `invalid`.
    Error,
    /// Is reported and blocks nothing.
    Warning,
}

/// The part of a file that a diagnostic is about. By it a diagnostic that stands on the base branch is told from a new
/// one.
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
    /// The message: what is there and what was expected; lower case, no full stop.
    pub message: String,
    /// The remedy, as one imperative sentence.
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

    /// The diagnostic without its place: its lint, file, message and subject.
    #[must_use]
    pub fn without_place(&self) -> (LintId, &str, &str, &Subject) {
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
    /// How many errors and how many warnings there were, listed or not.
    count: [usize; 2],
    subject: Subject,
    /// The places of what could not be read. An error is there, and what else is said of them only follows from it.
    causes: BTreeSet<Place>,
}

/// More errors, or more warnings, of one file help nobody.
const MOST_LISTED: usize = 500;

impl<'p> Diagnostics<'p> {
    #[must_use]
    pub fn of(path: &'p str) -> Self {
        Diagnostics { path, found: Vec::new(), count: [0; 2], subject: Subject::File, causes: BTreeSet::new() }
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
        self.add_with(lint, place, || (message.into(), remedy.into()));
    }

    /// Adds a diagnostic whose words are costly to find: they are not looked for where it is not listed.
    pub fn add_with<M: Into<String>, R: Into<String>>(
        &mut self,
        lint: &Lint,
        place: Place,
        words: impl FnOnce() -> (M, R),
    ) {
        if self.causes.contains(&place) {
            return;
        }
        let [errors, warnings] = &mut self.count;
        let count = if lint.level == Level::Error { errors } else { warnings };
        *count += 1;
        if *count <= MOST_LISTED {
            let (message, remedy) = words();
            let diagnostic = Diagnostic::new(lint, self.path, place, message, remedy);
            self.found.push(Diagnostic { subject: self.subject.clone(), ..diagnostic });
        }
    }

    /// Adds what was found besides the errors so far, and not about the values that they are in.
    pub fn take_others(&mut self, mut others: Diagnostics<'_>) {
        let causes: BTreeSet<Place> = self.errors_at().collect();
        let [errors, warnings] = &mut others.count;
        others.found.retain(|one| {
            let follows = one.place.has_one_of(&causes);
            let count = if one.is_error() { &mut *errors } else { &mut *warnings };
            *count -= usize::from(follows);
            !follows
        });
        self.take(others, 0);
    }

    /// Adds what was found of a part of the file that begins after so many lines.
    pub fn take(&mut self, part: Diagnostics<'_>, lines: u32) {
        self.causes.extend(part.causes.iter().map(|place| Place { line: place.line + lines, ..*place }));
        for mut diagnostic in part.found {
            diagnostic.place.line += lines;
            diagnostic.subject = self.subject.clone();
            self.found.push(diagnostic);
        }
        self.count = [self.count[0] + part.count[0], self.count[1] + part.count[1]];
    }

    /// Adds what was found in a string. `place` says where a part of it stands; one that is not `exact` is the start of
    /// the string.
    pub fn take_at(&mut self, part: Diagnostics<'_>, place: impl Fn(Place) -> Place, exact: bool) {
        self.causes.extend(part.causes.iter().map(|cause| place(*cause)));
        for mut diagnostic in part.found {
            if !exact {
                diagnostic.message = format!("in the text, line {}: {}", diagnostic.place.line, diagnostic.message);
            }
            diagnostic.place = place(diagnostic.place);
            diagnostic.subject = self.subject.clone();
            self.found.push(diagnostic);
        }
        self.count = [self.count[0] + part.count[0], self.count[1] + part.count[1]];
    }

    /// Takes the places of values that could not be read. From now on nothing is added at one of them.
    pub fn set_causes(&mut self, causes: BTreeSet<Place>) {
        self.causes.extend(causes);
    }

    /// Whether a part of the file could not be read, so that nobody knows what its flags are.
    #[must_use]
    pub fn is_unread(&self) -> bool {
        !self.causes.is_empty()
    }

    /// The places of all errors so far.
    pub fn errors_at(&self) -> impl Iterator<Item = Place> {
        self.found.iter().filter(|one| one.is_error()).map(|one| one.place)
    }

    /// How many errors and how many warnings there are so far.
    #[must_use]
    pub fn count(&self) -> [usize; 2] {
        self.count
    }

    #[must_use]
    pub fn any_error(&self) -> bool {
        self.errors() > 0
    }

    /// How many errors there are so far.
    #[must_use]
    pub fn errors(&self) -> usize {
        let [errors, _] = self.count;
        errors
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
        let more: usize = self.count.iter().map(|count| count.saturating_sub(MOST_LISTED)).sum();
        if more > 0 {
            let place = self.found.last().map_or(Place::START, |last| last.place);
            let message = format!("{} of this file not listed", counted(more, "more diagnostic"));
            let more = Diagnostic::new(lints::MORE_DIAGNOSTICS, self.path, place, message, "repair the first of them");
            // An error that is not listed is one.
            let [errors, _] = self.count;
            let level = if errors > MOST_LISTED { Level::Error } else { more.level };
            self.found.push(Diagnostic { level, ..more });
        }
        self.found
    }
}

/// Longer words are nobody's slip of a finger, and more are not compared: each costs the product of both lengths.
const LONGEST_TYPED: usize = 64;
const MOST_COMPARED: usize = 100;

/// The allowed word nearest to a mistyped one, if one is near enough to be meant.
#[must_use]
pub fn nearest<'w>(typed: &str, allowed: impl IntoIterator<Item = &'w str>) -> Option<&'w str> {
    if typed.len() > LONGEST_TYPED {
        return None;
    }
    let lower = typed.to_lowercase();
    allowed
        .into_iter()
        .filter(|word| word.len() <= LONGEST_TYPED)
        .take(MOST_COMPARED)
        .map(|word| (strsim::damerau_levenshtein(&lower, &word.to_lowercase()), word))
        .filter(|(distance, word)| *distance <= 1 + word.chars().count() / 4)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, word)| word)
}

/// Words in backticks with commas between: "`a`, `b` or `c`". Of very many the first.
#[must_use]
pub fn choice<'w>(words: impl IntoIterator<Item = &'w str>) -> String {
    let mut all = words.into_iter();
    let mut words: Vec<String> = all.by_ref().take(MOST_COMPARED).map(|word| format!("`{word}`")).collect();
    let more = all.count();
    if more > 0 {
        words.push(format!("{more} more"));
    }
    match words.split_last() {
        None => String::new(),
        Some((last, [])) => last.clone(),
        Some((last, rest)) => format!("{} or {last}", rest.join(", ")),
    }
}
