//! Services: GitHub and Amplitude, each on loopback, where it keeps state and checks every request and every reply.

#[path = "../support/git.rs"]
mod git;
#[path = "../support/loopback.rs"]
mod loopback;
#[path = "../support/schema.rs"]
mod schema;
#[path = "../support/shop_files.rs"]
mod shop_files;
#[path = "../support/tool.rs"]
mod tool;

#[path = "../amplitude/mod.rs"]
mod amplitude;
#[path = "../github/mod.rs"]
mod github;
