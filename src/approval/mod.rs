//! Who has to approve, what an approval is bound to, and which of the approvals given count.
//!
//! In: classified changes, the policy, and evidence. Out: requirements with the people who fill them and, for everyone
//! else who responded, why they did not count. It refuses to guess: an unknown member, permission or moment is not an
//! approval. Not taken: counting by time or by commit; a review's commit is re-pointed by force-pushes, so only what
//! was displayed when somebody approved says what they approved.

pub mod digest;
pub mod evidence;
pub mod lock;
pub mod people;
pub mod requirement;
pub mod tally;

pub use digest::digest;
pub use evidence::Evidence;
pub use people::People;
pub use requirement::{Demand, demands};
pub use tally::tally;
