//! Digests: what an approval is bound to.

use sha2::{Digest as _, Sha256};

/// How many hex digits people are shown.
pub const SHOWN: usize = 8;

/// SHA-256, as 64 hex digits, over a canonical list of (what, field, before, after).
///
/// Each part is written as a JSON string, so that no two lists have the same bytes; the first line names the form.
/// The before is part of it: when the base moves under a change, what was approved is not what would happen.
#[must_use]
pub fn digest(what: &str, covered: &[(String, String, String)]) -> String {
    let mut hasher = Sha256::new();
    hasher.update(b"countersign/digest/v1\n");
    for (field, before, after) in covered {
        let line = serde_json::json!([what, field, before, after]);
        hasher.update(line.to_string().as_bytes());
        hasher.update(b"\n");
    }
    hasher.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The digits people are shown of a digest.
#[must_use]
pub fn short(digest: &str) -> &str {
    digest.get(..SHOWN).unwrap_or(digest)
}
