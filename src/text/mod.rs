//! Structured text, read strictly: YAML and JSON into one tree in which every value knows its place.
//!
//! In: the bytes of a file and its path. Out: a [`Node`] or [`Problem`]s, all of them. It refuses whatever two
//! readers could understand differently, since an approval of a text is worth nothing if the service that loads
//! it reads another. Not taken: deserialising straight into types, which loses places and stops at the first error.

pub mod canonical;
pub mod decimal;
pub mod lints;
pub mod node;
pub mod place;
pub mod problem;
pub mod schema;
pub mod secret;
pub mod shape;
mod split;
pub mod yaml;

/// Whether any byte of `text` is one of those. Looked at by the handful, which a compiler can do all at once.
#[must_use]
pub fn any(text: &str, those: impl Fn(u8) -> bool) -> bool {
    text.as_bytes().chunks(64).any(|chunk| chunk.iter().fold(false, |found, byte| found | those(*byte)))
}

pub use decimal::Decimal;
pub use lints::Lint;
pub use node::{Data, Entry, Map, Node};
pub use place::{Lines, Place};
pub use problem::{Level, Problem, Problems};
pub use secret::Token;
pub use shape::{Field, Shape};
