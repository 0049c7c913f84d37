//! GitHub: a client that asks as little and as carefully as it can, the facts of a pull request, and the posts.
//!
//! In: the addresses of an instance (github.com or Enterprise Server) and a token. Out: facts, and posts that landed.
//! It refuses to send a write twice without having looked whether the first one landed. Not taken: octocrab's models:
//! a new word in an answer would fail a whole page, where only what depends on it must fail.

#![allow(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    reason = "the client is the door to the network: it waits, and asks what time it is"
)]

mod apply;
mod facts;
mod fault;
mod lists;
mod merged;
mod raw;
mod requests;
mod settings;
mod wire;

pub use apply::{Posted, carry_out, put_out};
pub use facts::Spoken;
pub use fault::{Fault, Site};
pub use lists::{Entry, Seen};
pub use merged::{Brought, Landed};
pub use requests::{Client, QUERIES};
