//! Countersign: approvals for feature flags and experiments that live as files in git.
//!
//! # The path of one review
//!
//! ```text
//! base, head          git               changed files: on the base, and as the merge would leave them
//!      │              document, format  read strictly; every value keeps its place
//!      │              changes           field diff → rule → critical, activation, deactivation, routine, no effect
//!      │              impact            which share of users switches variant, is exposed, loses exposure
//!      │              policy            config.yaml and APPROVERS, of the base and as proposed
//!      │              approval          requirements: how many, of whom, because of which line
//! ─ ─ ─│─ ─ ─ ─ ─ ─   review::review ─▶ Examination: needs nothing from the network
//!      │                                Evidence: reviews, permissions, teams, other pull requests; a JSON file
//! ─ ─ ─│─ ─ ─ ─ ─ ─   Examination::conclude(&Evidence) ─▶ Report: who counted, who did not and why, who holds the lock
//!      ▼
//! render (text, json, markdown, html, …)     github (events in, actions out)     amplitude (import, plan, apply)
//! ```
//!
//! Plan, fetch, decide: the decision is two pure halves with the outside between them. The core does no input or
//! output, knows no clock and no randomness; evidence is a file, so a verdict can be saved, repeated and audited. A
//! verdict is made in the core and nowhere else: a renderer draws what it is given and adds nothing.
//!
//! # Where things are
//!
//! A test of the floor plan says which rooms a room may use. Start reading in [`review`]. A new critical rule is a row
//! in [`changes::rules`], a format a mapping and a row in [`format::mapped::BUILT_IN`] or, if code reads it, in
//! [`format::FORMATS`], an output one in [`render::OUTPUTS`], a lint one in [`diagnostics::lints`]. Only [`git`],
//! [`github`], [`cli`] and the client of [`amplitude`] touch the outside.

// The core is pure; `clippy.toml` says what that rules out, and why. A panic would be no verdict at all, so nothing a
// file says may cause one. Integration tests and benches are other crates and stand outside of this.
#![warn(clippy::disallowed_methods, clippy::disallowed_types)]
#![warn(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::unreachable, clippy::indexing_slicing)]
#![warn(clippy::too_many_lines)]
#![warn(clippy::string_slice, clippy::get_unwrap, clippy::exit, clippy::print_stdout, clippy::print_stderr)]

pub mod amplitude;
pub mod approval;
pub mod changes;
pub mod cli;
pub mod diagnostics;
pub mod document;
pub mod error;
pub mod flag;
pub mod format;
pub mod git;
pub mod github;
pub mod groups;
pub mod impact;
pub mod policy;
pub mod receipt;
pub mod render;
pub mod report;
pub mod review;
