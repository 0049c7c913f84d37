//! Groups of users and their shares: exact arithmetic that knows of no flag.
//!
//! In: draws and requirements of groups, as a format reads them. Out: shares of users, exact; the users who go from one
//! variant to another by two draws, and those who join or leave a group. Refuses: to round; only words of a share do.
//! Not taken: flags, which carry such groups and which `impact` compares.

mod draw;
mod read;
mod requirement;
mod share;

pub use self::draw::{Draw, Matrix, Space};
pub use self::read::{LaterGroups, OffVariant, ReadGroup, ReadGroups, Turnover, Uncomputed};
pub use self::requirement::{FilterRequirement, RequirementKind, turnover};
pub use self::share::Share;
