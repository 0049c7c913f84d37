//! The client of GitHub: requests that ask as little and as carefully as they can.
//!
//! In: the addresses of an instance (github.com or Enterprise Server) and a token. Out: facts, settings, and writes
//! that arrived. It refuses to send a write twice without having looked for the effect of the first. Not taken:
//! octocrab's models, with which a new word in an answer fails a whole page, where only what depends on it must fail.

#![allow(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    reason = "the client is the door to the network: it waits, and asks what time it is"
)]

mod authorship;
mod error;
mod facts;
mod lists;
mod merged_pulls;
mod pages;
mod raw;
mod reply;
mod requests;
mod settings;
mod stickies;
mod wire;

pub use lists::{ListedPull, QueueEntry};
pub use merged_pulls::{CommitOrigin, MergedPull};
pub use requests::{Client, QUERIES, RESERVE};
pub use stickies::CommandComment;

/// The addresses of one GitHub, and a repository there: github.com, or an Enterprise Server's own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Site {
    /// Such as `https://api.github.com` or `https://host/api/v3`.
    pub api: String,
    /// Such as `https://api.github.com/graphql` or `https://host/api/graphql`.
    pub graphql: String,
    /// Such as `https://github.com`: where git fetches from.
    pub server: String,
    pub owner: String,
    pub name: String,
}
