//! Bundles of Sigstore, verified by Sigstore's own `cosign` where that is installed.
//!
//! In: a bundle and the identities that are trusted. Out: the identity that signed it. It refuses to count a bundle
//! that no program verified. Not taken: verifying certificates and the log by hand.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::io::Write;
use std::process::{Command, Stdio};

use sha2::{Digest as _, Sha256};

use crate::policy::trust::KeylessIdentity;
use crate::receipt::signature::VerifiedBundle;
use crate::receipt::statement::RECEIPT_TYPE;

/// A bundle by its digest, an issuer and an identity.
type BundleQuestion = (Vec<u8>, String, String);

/// The program that verifies bundles, asked once about each bundle and identity.
pub struct Cosign {
    program: OsString,
    /// Whether it is installed, as far as it is known.
    installed: RefCell<bool>,
    known: RefCell<BTreeMap<BundleQuestion, Result<(), String>>>,
}

impl Default for Cosign {
    fn default() -> Self {
        Cosign { program: "cosign".into(), installed: RefCell::new(true), known: RefCell::default() }
    }
}

impl Cosign {
    /// The identity that signed a bundle, as `cosign verify-blob-attestation` says; or why it is not known.
    ///
    /// # Errors
    /// Why none of them is known to have signed it.
    pub fn verify(&self, bundle: &[u8], trusted: &[KeylessIdentity]) -> VerifiedBundle {
        if trusted.is_empty() {
            return Err("it is signed without a key, and the trust names no identity under `keyless`".to_owned());
        }
        let digest = Sha256::digest(bundle).to_vec();
        let mut said = String::new();
        for one in trusted {
            let name = (digest.clone(), one.issuer.clone(), one.identity.clone());
            let known = self.known.borrow().get(&name).cloned();
            let answer = known.unwrap_or_else(|| self.ask(bundle, one));
            self.known.borrow_mut().insert(name, answer.clone());
            match answer {
                Ok(()) => return Ok(one.clone()),
                Err(why) => said = why,
            }
        }
        Err(said)
    }

    fn ask(&self, bundle: &[u8], one: &KeylessIdentity) -> Result<(), String> {
        let name = self.program.to_string_lossy().into_owned();
        let missing = || format!("it is signed without a key and not verified: `{name}` is not installed");
        if !*self.installed.borrow() {
            return Err(missing());
        }
        let disk = |error: std::io::Error| format!("it is not verified: {error}");
        let mut file = tempfile::NamedTempFile::new().map_err(disk)?;
        file.write_all(bundle).map_err(disk)?;
        let done = Command::new(&self.program)
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
            Ok(done) if done.status.success() => Ok(()),
            Ok(done) => {
                let err = String::from_utf8_lossy(&done.stderr);
                let said = err.lines().rfind(|line| !line.trim().is_empty()).unwrap_or_default().trim();
                Err(format!("`{name}` does not verify it: {said}"))
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                self.installed.replace(false);
                Err(missing())
            }
            Err(error) => Err(disk(error)),
        }
    }
}
