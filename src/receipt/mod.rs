//! Receipts: what of a branch was approved by whom, in a form that travels with the flags and can be checked anywhere.
//!
//! In: merged changes as an audit judged them, and envelopes with their bytes. Out: statements in the form of in-toto,
//! envelopes in that of DSSE, and for the content of a flag the receipt that covers it. It refuses to take for a
//! receipt what it does not understand whole, what is signed by nobody who is trusted, and what is about another
//! repository or branch. Not taken: a form of our own, which no other program would verify; and checking signatures of
//! Sigstore here, which is the work of its own programs.

mod allowed;
pub mod approval;
pub mod audit;
pub mod audit_subject;
pub mod branch;
mod chain;
pub mod countersigned;
mod coverage;
pub mod debt;
mod earliest_time;
pub mod envelope;
pub mod history;
pub mod key_steps;
mod links;
pub mod make;
pub mod openpgp;
pub mod payment;
pub mod proposal;
pub mod served_flags;
pub mod signature;
pub mod statement;
pub mod summary;
pub mod verification;

pub use envelope::Envelope;
pub use statement::{Receipt, ReceiptFlag, ReceiptOutcome, Statement};
