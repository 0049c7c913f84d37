//! Everything that needs the real git, and no forge: repositories, what is fetched, and the command line on them.

#[path = "../support/git.rs"]
mod git;
#[path = "../support/schema.rs"]
mod schema;
#[path = "../support/session.rs"]
mod session;
#[path = "../support/shared.rs"]
mod shared;
#[path = "../support/shop_files.rs"]
mod shop_files;
#[path = "../support/tool.rs"]
mod tool;
mod world;

mod attacks;
mod audit;
mod bad_input;
mod cli;
mod codeowners;
mod empty;
// The program between us and git here is a shell script.
#[cfg(unix)]
mod fetch;
mod guides;
#[path = "../hostile/mod.rs"]
mod hostile;
mod init;
mod leaving;
mod lookback;
mod mappings;
mod new_and_fmt;
mod newcomers;
mod patterns;
mod precommit;
mod protected;
mod readme;
mod receipts;
mod remedies;
mod repo;
mod shop;
mod unread;
mod unread_layers;
