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

/// Where the first byte of `text` is that is one of those. Looked at by the handful, which a compiler can do at once.
#[must_use]
pub fn first(text: &str, those: impl Fn(u8) -> bool) -> Option<usize> {
    const HANDFUL: usize = 64;
    let any = |bytes: &[u8]| bytes.iter().fold(false, |any, byte| any | those(*byte));
    let start = text.as_bytes().chunks(HANDFUL).position(any)? * HANDFUL;
    let at = text.as_bytes().get(start..)?.iter().position(|byte| those(*byte))?;
    Some(start + at)
}

pub use decimal::Decimal;
pub use lints::Lint;
pub use node::{Data, Entry, Map, Node};
pub use place::{Lines, Place};
pub use problem::{Level, Problem, Problems};
pub use secret::Token;
pub use shape::{Field, Shape};
