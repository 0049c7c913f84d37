//! The forge: where pull requests live. The only room that talks to one.
//!
//! In: a repository's name and a token. Out: [`Facts`](crate::gate::facts::Facts) about its pull requests, and posts carried
//! out. It refuses to guess: a page that can't be read is an error, and an answer nobody understands is one too. Not
//! taken: a trait for all forges: there is one, and what is decided about it is plain data in [`gate`](crate::gate).
#![allow(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    reason = "this room is the door to the network: it waits, and asks what time it is"
)]

pub mod github;
pub mod paper;
