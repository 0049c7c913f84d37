//! Countersign: approvals for feature flags and experiments that live as files in git.
//!
//! # The path of one review
//!
//! ```text
//! git objects      repo, gather    files that differ: live, and as the merge would leave them
//!      │           text, format    flags, every value with its place
//!      │           diff            what would change, field by field
//!      │           impact          whom it would move
//!      │           criticality     a class and a rule for each change
//!      │           policy          the law: on the base, and as the proposal would leave it
//!      │           approval        who is asked: how many, of whom, because of which line
//! ─ ─ ─│─ ─ ─ ─ ─ ─ review::review ─▶ Examination: what can be said without asking anyone
//!      │                            Evidence: reviews, permissions, teams, what was on display, other pull requests
//! ─ ─ ─│─ ─ ─ ─ ─ ─ Examination::conclude(&Evidence)
//!      │           approval, lock  who counted, who did not and why; who holds the flag
//!      ▼           render          text · json · markdown · sarif · github · html
//! ─ ─ ─│─ ─ ─ ─ ─ ─ on a forge: the same two halves, with it around them
//!      │           gate::event       what woke us, and so what has to be looked at
//!      │           forge             facts: reviews, commits, comments, teams, other pull requests
//!      │           gate              facts and ledger as evidence; the report as a plan of what to post
//!      ▼           relay             asks, judges, posts, and looks again
//! ```
//!
//! Plan, fetch, decide: the decision is two pure halves with the outside between them. The core does no input or
//! output, knows no clock and no randomness; evidence is a file, so a verdict can be saved, repeated and audited.
//!
//! # Where things are
//!
//! Each room uses only rooms above it; `tests/core/walls.rs` keeps it so. Start reading in [`review`]. A new critical rule is
//! a row in [`rules`], a format a row in [`format::FORMATS`], an output one in [`render::OUTPUTS`], a problem one in
//! [`text::lints`]. Only [`repo`], [`forge`], [`gather`],
//! [`relay`] and [`cli`] touch the outside.

// The core is pure; `clippy.toml` says what that rules out, and why. A panic would be no verdict at all, so nothing a
// file says may cause one. Integration tests and benches are other crates and stand outside of this.
#![warn(clippy::disallowed_methods, clippy::disallowed_types)]
#![warn(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::unreachable, clippy::indexing_slicing)]
#![warn(clippy::string_slice, clippy::get_unwrap, clippy::exit, clippy::print_stdout, clippy::print_stderr)]

pub mod approval;
pub mod cli;
pub mod criticality;
pub mod diff;
pub mod flag;
pub mod forge;
pub mod format;
pub mod gate;
pub mod gather;
pub mod impact;
pub mod lint;
pub mod lock;
pub mod policy;
pub mod relay;
pub mod render;
pub mod repo;
pub mod report;
pub mod review;
pub mod rules;
pub mod text;
