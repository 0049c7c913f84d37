//! The expectations of the rows of a format where a scalar stands that is outside of the profile, and the remedies by
//! them.

use super::super::profile::{LONGEST_KEY, ScalarSite, unquoted};
use super::super::quotes;
use crate::diagnostics::diagnostic::{choice, nearest};
use crate::document::shape::{expected, is_key};
use crate::document::{Field, Shape, synonyms};

/// The rows or the shape of a value; nothing where no row names it.
#[derive(Clone, Copy)]
pub(super) enum Expected {
    Fields(&'static [Field]),
    Shape(&'static Shape),
    Weight,
    Unknown,
}

impl Expected {
    /// The expectation for the value of a key in a map of these.
    pub fn member(self, key: &str) -> Expected {
        let of = |fields: &'static [Field]| {
            let field = fields.iter().find(|field| field.name == key);
            field.map_or(Expected::Unknown, |field| Expected::Shape(&field.shape))
        };
        match self {
            Expected::Fields(fields) => of(fields),
            Expected::Shape(Shape::Record(fields)) => of(fields),
            Expected::Shape(Shape::MapOf(shape)) => Expected::Shape(shape),
            Expected::Shape(Shape::Weights) => Expected::Weight,
            Expected::Shape(_) | Expected::Weight | Expected::Unknown => Expected::Unknown,
        }
    }

    /// The expectation for an item in a list of these.
    pub fn item(self) -> Expected {
        match self {
            Expected::Shape(Shape::Set(shape)) => Expected::Shape(shape),
            Expected::Shape(Shape::Items { of, .. }) => Expected::Fields(of),
            Expected::Fields(_) | Expected::Shape(_) | Expected::Weight | Expected::Unknown => Expected::Unknown,
        }
    }

    /// The remedy for the unquoted scalar `text`.
    pub fn remedy(self, text: &str) -> String {
        let quoted = format!("put it in quotes{}", quotes(text));
        match self {
            Expected::Shape(shape @ (Shape::OneOf(words) | Shape::Known(words))) => {
                let meant = synonyms::word(text, words).or_else(|| nearest(text, words.iter().copied()));
                match meant {
                    Some(meant) => format!("write {}", in_file(meant)),
                    None => format!("write {}", expected(shape)),
                }
            }
            Expected::Shape(Shape::Bool) => match is_true(text) {
                Some(true) => "write `true`".to_owned(),
                Some(false) => "write `false`".to_owned(),
                None => "write `true` or `false`".to_owned(),
            },
            Expected::Shape(Shape::Key) if is_key(text) => quoted,
            Expected::Shape(Shape::Text) => quoted,
            Expected::Shape(shape @ (Shape::Percent | Shape::Count(_))) => {
                format!("write {} in at most 15 plain digits, such as `20`", expected(shape))
            }
            Expected::Weight => "write a number of at least 0 in at most 15 plain digits, such as `1`".to_owned(),
            Expected::Shape(Shape::Any | Shape::Tree) | Expected::Unknown => any(text, quoted),
            Expected::Shape(shape) => format!("write {}", expected(shape)),
            Expected::Fields(fields) => {
                format!("write its fields as `key: value`: {}", choice(fields.iter().map(|field| field.name)))
            }
        }
    }
}

/// A word of a format as a file has it: with quotes where it needs them.
fn in_file(word: &str) -> String {
    if unquoted(word, ScalarSite::Block).is_some() { format!("`{word}`") } else { format!("`\"{word}\"`") }
}

fn is(text: &str, words: &[&str]) -> bool {
    words.iter().any(|word| text.eq_ignore_ascii_case(word))
}

fn is_true(text: &str) -> Option<bool> {
    if is(text, &["true", "yes", "on", "y", "1"]) {
        Some(true)
    } else {
        is(text, &["false", "no", "off", "n", "0"]).then_some(false)
    }
}

/// The remedy where anything may stand: quotes always; and the value that was perhaps meant.
fn any(text: &str, quoted: String) -> String {
    let start = text.trim_start_matches(['+', '-']);
    match is_true(text).filter(|_| text.len() > 1 || text.eq_ignore_ascii_case("y") || text.eq_ignore_ascii_case("n")) {
        Some(value) => format!("write `{value}`, or {quoted}"),
        None if is(text, &["null", "~"]) => format!("write `null`, or {quoted}"),
        None if text.as_bytes().get(4) == Some(&b'-') && start.starts_with(|char: char| char.is_ascii_digit()) => {
            format!("{quoted}; a date is written as `2026-11-23` or `2026-11-23T09:00:00Z`")
        }
        None if start.starts_with(|char: char| char.is_ascii_digit() || char == '.') && !text.contains(' ') => {
            format!("{quoted}; a number is written as `-1.5`, with at most 15 digits")
        }
        None => quoted,
    }
}

/// The remedy for a key.
pub(super) fn of_key(text: &str) -> String {
    if text.len() > LONGEST_KEY {
        return format!("write at most {LONGEST_KEY} bytes");
    }
    format!("put it in quotes{}", quotes(text))
}
