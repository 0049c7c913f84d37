//! Amplitude: import, and what is compared, on items of every shape.

#[path = "../support/git.rs"]
mod git;
#[path = "../support/loopback.rs"]
mod loopback;
#[path = "../support/schema.rs"]
mod schema;
#[path = "../support/tool.rs"]
mod tool;

mod apply;
mod by_hand;
mod bypassed;
mod client;
mod fake;
mod faults;
mod hostile;
mod import;
mod inclusions;
mod journey;
mod late_traces;
mod plan;
mod put_back;
mod reading;
mod relations;
mod saved;
mod saved_plan;
mod sentences;
mod shapes;
#[cfg(target_os = "linux")]
mod terminal;
mod traces;
mod unknowns;
mod unread;
#[cfg(unix)]
mod workflow;
