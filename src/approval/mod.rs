//! Approval: the requirements of a change, the content an approval is bound to, and which approvals count.
//!
//! In: classified changes, the policy, and evidence. Out: requirements with the people who fill them and, for all other
//! people who responded, why their response did not count. It refuses to guess: an unknown member, permission or moment
//! is not an approval. Not taken: counting by time or by commit. Force-pushes re-point a review to another commit, so
//! only the displayed revision, which was shown when somebody approved, says what they approved.

pub mod digest;
pub mod evidence;
pub mod lock;
pub mod people;
pub mod requirement;
pub mod stale;
pub mod tally;

pub use digest::Content;
pub use evidence::Evidence;
pub use people::People;
pub use requirement::requirements;
pub use tally::{Responders, tally};
