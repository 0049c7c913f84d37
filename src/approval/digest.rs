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

/// How many hex digits stand for a digest wherever somebody chooses the content: two contents whose digests begin with the same
/// eight are found in a second, with the same 32 not at all.
pub const BINDING: usize = 32;

/// Whether these digits are the start of a digest, and enough of it that they stand for no other.
#[must_use]
pub fn stands_for(digits: &str, digest: &str) -> bool {
    digits.len() >= BINDING && digest.starts_with(digits)
}

/// The digits people are shown of a digest.
#[must_use]
pub fn short(digest: &str) -> &str {
    digest.get(..SHOWN).unwrap_or(digest)
}
