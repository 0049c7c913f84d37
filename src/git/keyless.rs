//! Bundles of Sigstore, verified by Sigstore's own `cosign` where that is installed.
//!
//! In: a bundle and the identities that are trusted. Out: the identity that signed it. It refuses to count a bundle that no
//! program verified. Not taken: verifying certificates and the log by hand.

use std::ffi::OsStr;
use std::io::Write;
use std::process::{Command, Stdio};

use crate::policy::trust::KeylessIdentity;
use crate::receipt::signature::VerifiedBundle;
use crate::receipt::statement::RECEIPT_TYPE;

/// The identity that signed a bundle, as `cosign verify-blob-attestation` says; or why it can't be told.
pub fn keyless(program: &OsStr, bundle: &[u8], trusted: &[KeylessIdentity]) -> VerifiedBundle {
    let name = program.to_string_lossy().into_owned();
    if trusted.is_empty() {
        return Err("it is signed without a key, and the trust names no identity under `keyless`".to_owned());
    }
    let disk = |error: std::io::Error| format!("it is not verified: {error}");
    let mut file = tempfile::NamedTempFile::new().map_err(disk)?;
    file.write_all(bundle).map_err(disk)?;
    let mut said = String::new();
    for one in trusted {
        let done = Command::new(program)
            .args(["verify-blob-attestation", "--new-bundle-format", "--check-claims=false", "--type", RECEIPT_TYPE])
            .arg("--certificate-identity")
            .arg(&one.identity)
            .arg("--certificate-oidc-issuer")
            .arg(&one.issuer)
            .arg("--bundle")
            .arg(file.path())
            .stdin(Stdio::null())
            .output();
        match done {
            Ok(done) if done.status.success() => return Ok(one.identity.clone()),
            Ok(done) => {
                let err = String::from_utf8_lossy(&done.stderr);
                said = err.lines().rfind(|line| !line.trim().is_empty()).unwrap_or_default().trim().to_owned();
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                return Err(format!("it is signed without a key and not verified: `{name}` is not installed"));
            }
            Err(error) => return Err(disk(error)),
        }
    }
    Err(format!("`{name}` does not verify it: {said}"))
}
