//! The law of a repository: who may approve what (`APPROVERS`) and how projects are run (`config.yaml`).
//!
//! In: the bytes of the two files. Out: [`approvers::Approvers`], which answers for a path, and path patterns. It
//! refuses every line it does not understand: a skipped line is an approval nobody asked for. Not taken: a matcher
//! for `.gitignore`, which agrees with CODEOWNERS on most patterns and not on all (`docs/approvers.md`).

pub mod approver;
pub mod approvers;
mod grammar;
mod index;
mod meaning;
pub mod mistake;
pub mod pattern;
