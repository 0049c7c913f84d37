//! Digests: what an approval is bound to.

use sha2::{Digest as _, Sha256};

/// How many hex digits people are shown.
pub const SHOWN: usize = 8;

/// SHA-256, as 64 hex digits, over a canonical list of (name, field, before, after).
///
/// Each part is written as a JSON string, so that no two lists have the same bytes; the first line names the form.
/// The value before is part of the digest: when the base branch changes it, an approval of the old step is stale.
#[must_use]
pub fn digest(name: &str, covered: &[(String, String, String)]) -> String {
    let mut hasher = Sha256::new();
    hasher.update(b"countersign/digest/v1\n");
    for (field, before, after) in covered {
        let line = serde_json::json!([name, field, before, after]);
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
