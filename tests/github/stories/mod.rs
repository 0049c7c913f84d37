//! The stories, by what they are about. Every step of each is taken twice: the second time nothing is said.

mod commands;
mod empty;
mod glass;
mod heads;
mod locks;
mod lookback;
mod moved;
mod paging;
mod people;
mod plain;
mod policy;
mod queue;
mod record;
mod since;
pub mod steps;
mod switch_off;
