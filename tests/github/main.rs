//! Everything on GitHub: the real program, run as on a runner, against a GitHub on loopback that keeps state and judges
//! every request and every reply by GitHub's own published descriptions; the action and the workflows that are shipped.

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

mod action;
mod amplitude;
mod amplitude_comment;
#[path = "../amplitude/fake/mod.rs"]
#[expect(dead_code, reason = "the tests of amplitude need the rest of it")]
mod amplitude_fake;
mod attacks;
mod attacks2;
mod attacks3;
mod audit;
mod doctor;
mod events;
mod fake;
mod fake_tests;
mod faults;
mod receipts;
mod requests;
mod shop;
mod stories;
