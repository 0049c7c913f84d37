//! Amplitude: import, and what is compared, on items of every shape.

mod apply;
mod by_hand;
mod bypassed;
mod client;
pub mod fake;
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
