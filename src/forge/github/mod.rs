//! GitHub: a client that asks as little and as carefully as it can, the facts of a pull request, and the posts.
//!
//! In: the addresses of an instance (github.com or Enterprise Server) and a token. Out: facts, and posts that landed.
//! It refuses to send a write twice without having looked whether the first one landed. Not taken: octocrab's models:
//! a new word in an answer would fail a whole page, where only what depends on it must fail.

mod client;
mod facts;
mod fault;
mod landed;
mod lists;
mod post;
mod raw;
mod settings;
mod wire;

pub use client::{Client, QUERIES};
pub use facts::Spoken;
pub use fault::{Fault, Site};
pub use landed::{Brought, Landed};
pub use lists::{Entry, Seen};
pub use post::{Posted, carry_out, put_out};
