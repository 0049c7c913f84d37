//! A sentence of our words and their values, kept apart until an output knows how to show each.

use crate::diagnostics::escape as safe;

/// Characters of a name that a short list shows.
const LONGEST: usize = 80;

/// A piece of a sentence.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Part {
    /// Our own words.
    Ours(String),
    /// A name of theirs, shown in backticks.
    Name(String),
    /// A value of theirs, shown as it is.
    Value(String),
    /// What was.
    Old(String),
    /// What would be.
    New(String),
}

/// A sentence of our words and their values; theirs is visible text already.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Phrase(pub Vec<Part>);

impl Phrase {
    #[must_use]
    pub fn new(words: impl Into<String>) -> Self {
        Phrase::default().ours(words)
    }

    #[must_use]
    pub fn ours(mut self, words: impl Into<String>) -> Self {
        self.0.push(Part::Ours(words.into()));
        self
    }

    #[must_use]
    pub fn name(mut self, name: &str) -> Self {
        self.0.push(Part::Name(safe::visible(name)));
        self
    }

    #[must_use]
    pub fn value(mut self, value: &str) -> Self {
        self.0.push(Part::Value(safe::visible(value)));
        self
    }

    /// `before → after`; one of them alone if the other is absent.
    #[must_use]
    pub fn turn(mut self, before: Option<String>, after: Option<String>) -> Self {
        let both = before.is_some() && after.is_some();
        self.0.extend(before.map(Part::Old));
        if both {
            self = self.ours(" → ");
        }
        self.0.extend(after.map(Part::New));
        self
    }

    /// Values with commas between and `last` before the last one.
    #[must_use]
    pub fn values<'v>(mut self, values: impl IntoIterator<Item = &'v str>, last: &str) -> Self {
        let values: Vec<&str> = values.into_iter().collect();
        for (index, value) in values.iter().enumerate() {
            if index > 0 {
                self = self.ours(if index + 1 == values.len() { last } else { ", " });
            }
            self = self.value(value);
        }
        self
    }

    /// As many values as `most`, long ones cut, and how many more there are.
    #[must_use]
    pub(super) fn some<T: AsRef<str>>(mut self, values: &[T], last: &str, most: usize) -> Self {
        let left = values.len().saturating_sub(most);
        for (index, value) in values.iter().take(most).enumerate() {
            if index > 0 {
                self = self.ours(if index + 1 == values.len() { last } else { ", " });
            }
            self = self.value(&safe::cut(value.as_ref(), LONGEST));
        }
        if left == 0 { self } else { self.ours(format!("{}{left} more", if most > 0 { last } else { "" })) }
    }

    #[must_use]
    pub fn then(mut self, other: Phrase) -> Self {
        self.0.extend(other.0);
        self
    }

    /// As plain text.
    #[must_use]
    pub fn plain(&self) -> String {
        let part = |part: &Part| match part {
            Part::Name(name) => format!("`{name}`"),
            Part::Ours(text) | Part::Value(text) | Part::Old(text) | Part::New(text) => text.clone(),
        };
        self.0.iter().map(part).collect()
    }
}
