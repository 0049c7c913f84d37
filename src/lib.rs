//! Countersign: approvals for feature flags and experiments that live as files in git.

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
pub mod format;
pub mod gather;
pub mod impact;
pub mod lint;
pub mod lock;
pub mod policy;
pub mod render;
pub mod repo;
pub mod report;
pub mod review;
pub mod rules;
pub mod text;
