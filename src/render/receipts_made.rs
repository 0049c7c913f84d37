//! Receipts that were made, in text: each with its outcome, and the step after it.
//!
//! In: receipts. Out: lines. It refuses to say what a receipt proves: a signature that is there may count for nothing.
//! Not taken: other outputs, because `receipt --print` has the statements themselves.

use super::{Look, Prose, Tone, phrases};
use crate::diagnostics::words::short;
use crate::receipt::{Receipt, ReceiptOutcome};

/// A receipt that was made.
pub struct MadeReceipt<'r> {
    pub receipt: &'r Receipt,
    /// Whether its envelope has a signature.
    pub signed: bool,
}

/// The receipts that were made and kept in a reference.
#[must_use]
pub fn text(made: &[MadeReceipt<'_>], reference: &str, look: Look) -> String {
    let mut prose = Prose::new(look);
    for MadeReceipt { receipt, signed } in made {
        let tone = match receipt.outcome {
            ReceiptOutcome::Free | ReceiptOutcome::Approved => Tone::Good,
            ReceiptOutcome::Overridden | ReceiptOutcome::Debt | ReceiptOutcome::Unknown => Tone::Warn,
            ReceiptOutcome::Unapproved => Tone::Bad,
        };
        let word = prose.tone(tone, &format!("{:<10}", receipt.outcome.word()));
        let flags = phrases::count(receipt.flags.len(), "flag");
        let day = receipt.date.get(..10).unwrap_or_default();
        let signed = if *signed { "signed" } else { "not signed" };
        let line = format!("{}  {day}  {}: {flags}, {signed}", short(&receipt.commit), receipt.subject);
        prose.wrapped(&format!("{word}  "), 12, &line);
        if let Some(why) = &receipt.why {
            prose.wrapped("            ", 12, why);
        }
    }
    let new = phrases::count(made.len(), "new receipt");
    prose.wrapped("", 0, &format!("{new} in {reference}; share with `git push origin {reference}`"));
    prose.finish()
}
