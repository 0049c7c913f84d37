//! Objects without a checkout: what is fetched, what is left out, and that nothing of a proposal runs. Real git over
//! `file://`, and for tokens and redirections a small server on loopback.

// What stands between us and git here is a shell script.
#![cfg(unix)]

#[path = "fetch/contributions.rs"]
mod contributions;
#[path = "fetch/hostile.rs"]
mod hostile;
#[path = "fetch/reviews.rs"]
mod reviews;
#[path = "fetch/server.rs"]
mod server;
#[allow(dead_code, reason = "shared with the tests of the room, which use all of it")]
#[path = "repo/world.rs"]
mod world;
