//! `audit` and `simulate`: merged changes, on real repositories and with the GitHub of the tests.

#[path = "github/fake/mod.rs"]
mod fake;
#[path = "support/git.rs"]
mod git;
#[path = "audit/merged.rs"]
mod merged;
#[path = "audit/offline.rs"]
mod offline;
#[path = "support/schema.rs"]
mod schema;
#[path = "github/shop.rs"]
#[allow(dead_code, reason = "a shop of the stories, of which a part is used here")]
mod shop;
