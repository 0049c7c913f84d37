//! Changes: what differs between two versions of a flag, and what each difference is with regard to approval.
//!
//! In: a flag before and after, and what the configuration makes [`Critical`]. Out: [`Change`](change::Change)s, each
//! with its class and rule. It refuses to call a field harmless that no row of [`rules::RULES`] knows. Not taken: a
//! line diff, which reports a reformatted file and misses what a moved segment does.

pub mod change;
pub mod classify;
pub mod critical;
pub mod diff;
pub mod examples;
mod mode;
mod named_items;
pub mod rules;
pub mod served;
mod shifted;
mod shorter;
pub mod switch_off;
pub mod written;

pub use classify::{Step, classify, covered};
pub use critical::Critical;
pub use rules::RuleId;
pub use switch_off::SwitchOff;
