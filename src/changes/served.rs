//! Served content: what decides which users get what of a flag, and its digest.
//!
//! In: a flag and its project. Out: a [`Served`]. The digest does not depend on how a file is written (order of keys,
//! comments, quotes, weights 1:1 for 50:50), on the path, or on a field that only people read. It refuses to leave out
//! a field that no schema has a word for. Not taken: what a configuration makes critical besides, since the same
//! content would have another digest under another policy.
//!
//! The one canonical form, `countersign/served/v1`, is the lines below, each ended by a line feed, hashed with SHA-256:
//!
//! 1. `countersign/served/v1`
//! 2. the JSON list of the project, the key, the id of the format, and whether the flag is live
//! 3. for each field that is covered by a rule, holds a member that is, or is unknown, and that is not at its default,
//!    sorted by name: the JSON list of the name and the field's normal form (see [`crate::document::canonical`])

pub use crate::diagnostics::words::hex;
use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::classify::{matters, members_of, names, value};
use super::critical::Critical;
use crate::document::Role;
use crate::flag::{Flag, FlagEntry};

/// The name of the canonical form.
pub const SERVED_FORM: &str = "countersign/served/v1";

/// The served content of a flag on one side of a change.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Served {
    /// SHA-256 of the served content in its canonical form `countersign/served/v1`, 64 hex digits.
    pub digest: String,
    /// Whether users are served by it, or will be without another commit.
    pub live: bool,
}

impl Served {
    /// The served content of a flag of a project.
    #[must_use]
    pub fn of(project: &str, flag: &Flag) -> Served {
        let members = members_of(flag);
        let none = Critical::default();
        let distinct: BTreeSet<&str> = names(flag).collect();
        let live = flag.state.live;
        let mut lines = format!("{SERVED_FORM}\n{}\n", serde_json::json!([project, flag.key, flag.format.id, live]));
        // The part it refers to has a content of its own, whatever of it a review puts into the flag.
        let part = |name: &&str| flag.format.field(name).is_some_and(|field| field.role == Role::Parts);
        for name in distinct.into_iter().filter(|name| !part(name) && matters(flag, &members, name, &none)) {
            let said = value(flag, &members, name);
            if flag.format.field(name).is_none_or(|field| field.default != said) {
                lines.push_str(&format!("{}\n", serde_json::json!([name, said])));
            }
        }
        Served { digest: hex(&Sha256::digest(lines.as_bytes())), live }
    }

    /// Everything that an entry says, also what only people read, as JSON.
    #[must_use]
    pub fn written(entry: &FlagEntry) -> String {
        let flag = &entry.flag;
        let members = members_of(flag);
        let distinct: BTreeSet<&str> = names(flag).collect();
        let all: Vec<_> = distinct.into_iter().map(|name| (name, value(flag, &members, name))).collect();
        serde_json::json!([entry.project, flag.key, flag.format.id, flag.state.live, flag.state.word, all]).to_string()
    }

    /// The served content of an entry.
    #[must_use]
    pub fn of_entry(entry: &FlagEntry) -> Served {
        Served::of(&entry.project, &entry.flag)
    }
}

/// The served content of one flag before and after a change.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ServedChange {
    /// `project/key`.
    pub name: String,
    /// The name of the flag in the report, which has one row for a flag that moves to another project.
    pub reported: String,
    /// The name it had before, if it had another one.
    pub from: Option<String>,
    /// The content before, under the name of before.
    pub before: Option<Served>,
    pub after: Option<Served>,
    /// Whether nobody can tell what it is after the change, since its file cannot be read.
    pub unreadable: bool,
    /// Whether it says the same before and after, in a file that was or becomes invalid: nobody knew what others read
    /// there.
    pub same: bool,
    /// Whether nothing of its file changed, and the policy has it under another name than before, for the first time,
    /// or no more.
    pub by_policy: bool,
    /// The names in the report of the flags that show it, if it is a part of theirs, such as a segment: it has no row
    /// of its own.
    pub shown_by: Vec<String>,
}
