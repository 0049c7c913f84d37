//! Signatures: whether an envelope was signed by somebody who is trusted.
//!
//! In: an envelope, the trust, the time it says it was made, and for a bundle what its own program says. Out: a
//! [`Signed`]. Signatures of SSH keys (`ssh-keygen -Y sign`, namespace `countersign`) are verified here, so that it
//! needs no program; those of OpenPGP, under approvals alone, by `gpg`. It refuses a key that the trust does not name,
//! a revoked one, one that was not valid then, another namespace. Not taken: verifying Sigstore's signatures by hand,
//! with its certificates and its log.

use chrono::{DateTime, Utc};
use serde::Serializer;
use ssh_key::{HashAlg, PublicKey, SshSig};

use super::envelope::{Delivered, Envelope};
use super::openpgp::{ARMOR, OpenPgpSignature, OpenPgpVerifier, good};
use crate::policy::Trust;
use crate::policy::trust::{AllowedSigner, KeylessIdentity, NAMESPACE};

/// The signer of an envelope.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Signed {
    /// Of a key that is trusted: the names that stand before it, and its fingerprint.
    Key { principals: Vec<String>, fingerprint: String },
    /// Of an identity that is trusted, by the issuer that vouched for it, as the program that verifies bundles says.
    Keyless { issuer: String, identity: String },
    /// Of nobody; the trust accepts that.
    Unsigned,
    /// Of a key that is trusted, as the signature says; nobody verified it, because it is about nothing that matters
    /// here.
    Unverified,
    /// Of nobody who is trusted: the reason, as a sentence about it.
    No(String),
}

impl Signed {
    /// Why it does not count; none if it does.
    #[must_use]
    pub fn objection(&self) -> Option<&str> {
        match self {
            Signed::Key { .. } | Signed::Keyless { .. } | Signed::Unsigned => None,
            Signed::Unverified => Some("it was not verified"),
            Signed::No(why) => Some(why),
        }
    }

    /// Whether a trust names who signed.
    #[must_use]
    pub fn stands_in(&self, trust: &Trust) -> bool {
        match self {
            Signed::Key { fingerprint, .. } => trust.receipts.iter().any(|signer| signer.fingerprint() == *fingerprint),
            Signed::Keyless { issuer, identity } => trust.keyless.iter().any(|one| one.is(issuer, identity)),
            Signed::Unsigned => trust.unsigned,
            Signed::Unverified | Signed::No(_) => false,
        }
    }

    /// Why what was signed at this time does not count by what a trust says of the time of the signer; none if it says
    /// nothing against it.
    #[must_use]
    pub fn objection_in(&self, trust: &Trust, at: DateTime<Utc>) -> Option<String> {
        let objections: Vec<Option<String>> = match self {
            Signed::Key { fingerprint, .. } => {
                let own = trust.receipts.iter().filter(|signer| signer.fingerprint() == *fingerprint);
                own.map(|signer| signer.objection(at)).collect()
            }
            Signed::Keyless { issuer, identity } => {
                let own = trust.keyless.iter().filter(|one| one.is(issuer, identity));
                own.map(|one| one.objection(at)).collect()
            }
            Signed::Unsigned | Signed::Unverified | Signed::No(_) => Vec::new(),
        };
        objections.into_iter().reduce(Option::and).flatten()
    }

    /// The signer, if a signature counts: the names with the fingerprint of the key, or the identity.
    #[must_use]
    pub fn signer(&self) -> Option<String> {
        match self {
            Signed::Key { principals, fingerprint } => Some(format!("{} ({fingerprint})", principals.join(", "))),
            Signed::Keyless { identity, .. } => Some(identity.clone()),
            Signed::Unsigned | Signed::Unverified | Signed::No(_) => None,
        }
    }

    /// The signature in words.
    #[must_use]
    pub fn words(&self) -> String {
        let none = || self.objection().unwrap_or("unsigned").to_owned();
        self.signer().map_or_else(none, |signer| format!("signed by {signer}"))
    }

    /// Writes the words where a document has a string.
    pub(super) fn write_words<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.words())
    }
}

/// The purpose of a signature, and what verifies it besides this.
#[derive(Clone, Copy)]
pub enum SignedAs<'v> {
    /// A receipt, by a key of SSH, or without a key of its own in a bundle.
    Receipt(&'v BundleVerifier<'v>),
    /// An approval, by a key of SSH or of OpenPGP. No verifier: a signature of a trusted OpenPGP key stays unverified.
    Approval(Option<&'v OpenPgpVerifier<'v>>),
}

/// The answer of the program that verifies a bundle: the identity that signed, or why it is not known.
pub type VerifiedBundle = Result<KeylessIdentity, String>;

/// Verifies a bundle: which of these identities signed it.
pub type BundleVerifier<'v> = dyn Fn(&[u8], &[KeylessIdentity]) -> VerifiedBundle + 'v;

/// The signer of an envelope. `at` is when the signed statement says that it was made.
pub fn signed(delivered: &Delivered, trust: &Trust, what: SignedAs<'_>, at: DateTime<Utc>) -> Signed {
    if let Some(bundle) = &delivered.bundle {
        let SignedAs::Receipt(keyless) = what else {
            return Signed::No("an approval is signed by the key of a person".to_owned());
        };
        return match keyless(bundle, &trust.keyless) {
            Ok(KeylessIdentity { issuer, identity, .. }) => {
                let signed = Signed::Keyless { issuer, identity };
                match signed.objection_in(trust, at) {
                    _ if !signed.stands_in(trust) => {
                        Signed::No(format!("it is {}, whom the trust does not name", signed.words()))
                    }
                    Some(why) => Signed::No(why),
                    None => signed,
                }
            }
            Err(why) => Signed::No(why),
        };
    }
    match delivered.envelope.signature() {
        Err(why) => Signed::No(why),
        Ok(None) if matches!(what, SignedAs::Receipt(_)) && trust.unsigned => Signed::Unsigned,
        Ok(None) => Signed::No("it is not signed".to_owned()),
        Ok(Some(bytes)) => {
            let message = Envelope::to_sign(&delivered.payload);
            match what {
                SignedAs::Receipt(_) => by_key(&bytes, &message, &trust.receipts, &trust.revoked, at),
                SignedAs::Approval(verify) if bytes.starts_with(ARMOR.as_bytes()) => {
                    by_openpgp(&bytes, &message, trust, at, verify)
                }
                SignedAs::Approval(_) => by_key(&bytes, &message, &trust.approvers, &trust.revoked, at),
            }
        }
    }
}

/// The signer by a key of OpenPGP. `gpg` is asked last, and about the keys alone that the signature names.
fn by_openpgp(
    bytes: &[u8],
    message: &[u8],
    trust: &Trust,
    at: DateTime<Utc>,
    verify: Option<&OpenPgpVerifier<'_>>,
) -> Signed {
    let signature = match OpenPgpSignature::parse(bytes) {
        Ok(signature) => signature,
        Err(why) => return Signed::No(why),
    };
    let mut why = format!("the trust does not name the OpenPGP key {}", signature.words());
    for signer in &trust.approvers {
        let Some(key) = signer.key.openpgp().filter(|key| signature.may_be_of(key)) else { continue };
        let revoked = |fingerprint: &String| {
            let is = trust.revoked.contains(fingerprint);
            is.then(|| format!("the OpenPGP key {fingerprint} is revoked"))
        };
        if let Some(objection) = revoked(&key.fingerprint).or_else(|| signer.objection(at)) {
            why = objection;
            continue;
        }
        let Some(verify) = verify else { return Signed::Unverified };
        let by = verify(&signature.packet, message, key).and_then(|status| good(&status, key));
        match by.and_then(|by| revoked(&by).map_or(Ok(()), Err)) {
            Ok(()) => {
                return Signed::Key { principals: signer.principals.clone(), fingerprint: key.fingerprint.clone() };
            }
            Err(objection) => why = objection,
        }
    }
    Signed::No(why)
}

fn by_key(bytes: &[u8], message: &[u8], signers: &[AllowedSigner], revoked: &[String], at: DateTime<Utc>) -> Signed {
    let signature = match SshSig::from_pem(bytes) {
        Ok(signature) => signature,
        Err(error) => return Signed::No(format!("its signature is none of an SSH key ({error})")),
    };
    let key = PublicKey::from(signature.public_key().clone());
    let fingerprint = key.fingerprint(HashAlg::Sha256).to_string();
    if key.verify(NAMESPACE, message, &signature).is_err() {
        let why = if signature.namespace() == NAMESPACE {
            format!("the signature of {fingerprint} is not over this content")
        } else {
            format!("it is signed for `{}`, not for `{NAMESPACE}`", signature.namespace().escape_debug())
        };
        return Signed::No(why);
    }
    if revoked.contains(&fingerprint) {
        return Signed::No(format!("the key {fingerprint} is revoked"));
    }
    let mut named =
        signers.iter().filter(|signer| signer.key.ssh().is_some_and(|one| one.key_data() == key.key_data())).peekable();
    if named.peek().is_none() {
        return Signed::No(format!("the trust does not name the key {fingerprint}"));
    }
    let mut why = String::new();
    for signer in named {
        match signer.objection(at) {
            None => return Signed::Key { principals: signer.principals.clone(), fingerprint },
            Some(objection) => why = objection,
        }
    }
    Signed::No(why)
}
