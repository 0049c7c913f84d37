//! Digests: the content that an approval is bound to, and the hash of it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

pub use crate::report::ContentKind;

/// How many hex digits people are shown.
pub const SHOWN: usize = 8;

/// A part of the content: a value before and after, empty where there is none.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ContentPart {
    /// The kind of the part.
    pub kind: ContentKind,
    /// The field, or the path of the file; empty for the other kinds, of which there is one each.
    #[serde(default)]
    pub name: String,
    /// The value on the base branch.
    #[serde(default)]
    pub before: String,
    /// The value the merge would leave.
    #[serde(default)]
    pub after: String,
}

impl ContentPart {
    #[must_use]
    pub fn new(kind: ContentKind, name: impl Into<String>, before: String, after: String) -> ContentPart {
        ContentPart { kind, name: name.into(), before, after }
    }
}

/// The content that an approval of one flag covers, or of the policy.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Content {
    /// `project/key`, or `.countersign` for the policy.
    pub name: String,
    /// Everything that is covered, in the order of its kinds and names.
    pub parts: Vec<ContentPart>,
    /// The impact in one sentence; no part of the digest.
    #[serde(default)]
    pub summary: String,
}

impl Content {
    /// SHA-256 of the content, as 64 hex digits.
    ///
    /// Each part is written as a list of JSON strings, so that no two contents have the same bytes; the first line
    /// names the form. The value before is part of it: when the base branch changes it, an approval of the old step is
    /// stale.
    #[must_use]
    pub fn digest(&self) -> String {
        let mut hasher = Sha256::new();
        hasher.update(b"countersign/digest/v2\n");
        for ContentPart { kind, name, before, after } in &self.parts {
            let line = serde_json::json!([self.name, kind, name, before, after]);
            hasher.update(line.to_string().as_bytes());
            hasher.update(b"\n");
        }
        crate::diagnostics::words::hex(&hasher.finalize())
    }
}

/// How many hex digits stand for a digest wherever somebody chooses the content: two contents whose digests begin with
/// the same eight are found in a second, with the same 32 not at all.
pub const BINDING: usize = 32;

/// Whether these digits are the start of a digest, and enough of it that they stand for no other.
#[must_use]
pub fn stands_for(digits: &str, digest: &str) -> bool {
    digits.len() >= BINDING && digest.starts_with(digits)
}
