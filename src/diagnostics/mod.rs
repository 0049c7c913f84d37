//! Diagnostics: mistakes in somebody's file, each with its place, a message and help, and the helpers that make any text
//! safe to show.
//!
//! In: places in a file and what was found there. Out: [`Diagnostic`]s in file order. It refuses nothing and decides nothing.
//! Not taken: `std::error::Error` for mistakes in files: those are data, many at a time, and never thrown.

pub mod diagnostic;
pub mod escape;
pub mod lints;
pub mod place;

pub use diagnostic::{Diagnostic, Diagnostics, Level};
pub use lints::Lint;
pub use place::{Lines, Place};

/// Where the first byte of `text` is that is one of those. Looked at by the handful, which a compiler can do at once.
#[must_use]
pub fn first(text: &str, those: impl Fn(u8) -> bool) -> Option<usize> {
    const HANDFUL: usize = 64;
    let any = |bytes: &[u8]| bytes.iter().fold(false, |any, byte| any | those(*byte));
    let start = text.as_bytes().chunks(HANDFUL).position(any)? * HANDFUL;
    let at = text.as_bytes().get(start..)?.iter().position(|byte| those(*byte))?;
    Some(start + at)
}
