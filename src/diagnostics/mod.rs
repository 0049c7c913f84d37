//! Diagnostics of somebody's files, each with its place, a message and help, and the helpers that make any string safe
//! to show.
//!
//! In: places in a file, lints and messages. Out: [`Diagnostic`]s in file order. It refuses nothing and decides
//! nothing. Not taken: `std::error::Error` for diagnostics, because they are data, many at a time, and never thrown.

pub mod budgets;
pub mod diagnostic;
pub mod escape;
pub mod guides;
pub mod lints;
pub mod place;
pub mod words;

pub use diagnostic::{Diagnostic, Diagnostics, Level, Subject};
pub use lints::{Lint, LintId};
pub use place::{Lines, Place};

/// The position of the first byte of `text` that is one of those. Bytes are tested in blocks, which a compiler
/// vectorises.
#[must_use]
pub fn first(text: &str, those: impl Fn(u8) -> bool) -> Option<usize> {
    const BLOCK: usize = 64;
    let any = |bytes: &[u8]| bytes.iter().fold(false, |any, byte| any | those(*byte));
    let start = text.as_bytes().chunks(BLOCK).position(any)? * BLOCK;
    let at = text.as_bytes().get(start..)?.iter().position(|byte| those(*byte))?;
    Some(start + at)
}
