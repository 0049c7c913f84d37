//! Signers: the lines of the trust, as in git's `allowed_signers`, and one more kind of key.
//!
//! In: a line. Out: an [`AllowedSigner`]. A key of OpenPGP stands where an SSH key would, as `openpgp` and its packets
//! in base64, since nothing outside of the file is asked for a key. It refuses a line that it understands less than
//! whole. Not taken: a fingerprint alone, with the key from a server or from somebody's keyring.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, NaiveDateTime, Utc};
use ssh_key::{Algorithm, EcdsaCurve, HashAlg, PublicKey};

use super::NAMESPACE;
use super::openpgp::OpenPgpKey;
use crate::policy::misread::Misread;

/// The word before a key of OpenPGP.
const OPENPGP: &str = "openpgp";

/// The public key of a signer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SignerKey {
    Ssh(PublicKey),
    OpenPgp(OpenPgpKey),
}

impl SignerKey {
    /// The key, if it is one of SSH.
    #[must_use]
    pub fn ssh(&self) -> Option<&PublicKey> {
        match self {
            SignerKey::Ssh(key) => Some(key),
            SignerKey::OpenPgp(_) => None,
        }
    }

    /// The key, if it is one of OpenPGP.
    #[must_use]
    pub fn openpgp(&self) -> Option<&OpenPgpKey> {
        match self {
            SignerKey::Ssh(_) => None,
            SignerKey::OpenPgp(key) => Some(key),
        }
    }
}

/// One line of `allowed_signers`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AllowedSigner {
    pub principals: Vec<String>,
    /// None is all of them.
    pub namespaces: Option<Vec<String>>,
    pub valid_after: Option<DateTime<Utc>>,
    pub valid_before: Option<DateTime<Utc>>,
    pub key: SignerKey,
}

impl AllowedSigner {
    /// The fingerprint of the key, as `ssh-keygen -l` or `gpg --list-keys` prints it.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        match &self.key {
            SignerKey::Ssh(key) => key.fingerprint(HashAlg::Sha256).to_string(),
            SignerKey::OpenPgp(key) => key.fingerprint.clone(),
        }
    }

    /// Reads one line.
    ///
    /// # Errors
    /// If it is no line of allowed signers.
    pub fn parse(line: &str) -> Result<AllowedSigner, Misread> {
        const REMEDY: &str = "write it as in git's `allowed_signers`: `name ssh-ed25519 AAAA…`";
        let wrong = |message: &str| Misread::new(message, REMEDY);
        if line.chars().any(char::is_control) {
            return Err(wrong("a line of signers has a control character in it"));
        }
        let (principals, rest) = line.trim().split_once(' ').ok_or_else(|| wrong("a line of signers has no key"))?;
        let principals: Vec<String> = principals.split(',').map(str::to_owned).collect();
        let plain = |name: &String| !name.is_empty() && !name.contains(['*', '?', '!', '"', '#']);
        if !principals.iter().all(plain) {
            let message = "a line of signers names somebody by a pattern, or with quotes";
            return Err(Misread::new(message, "name each by its whole name, with commas between"));
        }
        let mut signer = (None, None, None);
        let mut rest = rest.trim_start();
        let kind = |word: &str| {
            ["ssh-", "ecdsa-", "sk-"].iter().any(|start| word.starts_with(start))
                || word.split(' ').next() == Some(OPENPGP)
        };
        if !kind(rest) {
            let (options, key) = split_options(rest).ok_or_else(|| wrong("a line of signers has no key"))?;
            for option in options {
                match option.split_once('=').map(|(name, value)| (name.to_ascii_lowercase(), value)) {
                    Some((name, value)) if name == "namespaces" => {
                        signer.0 = Some(unquoted(value).split(',').map(str::to_owned).collect());
                    }
                    Some((name, value)) if name == "valid-after" => signer.1 = Some(moment(unquoted(value))?),
                    Some((name, value)) if name == "valid-before" => signer.2 = Some(moment(unquoted(value))?),
                    _ => {
                        let message =
                            format!("`{}` is no option of a signer that is known here", option.escape_debug());
                        let remedy = "take it out; `namespaces`, `valid-after` and `valid-before` are known";
                        return Err(Misread::new(message, remedy));
                    }
                }
            }
            rest = key;
        }
        let key = key(rest)?;
        let (namespaces, valid_after, valid_before) = signer;
        Ok(AllowedSigner { principals, namespaces, valid_after, valid_before, key })
    }

    /// Why a signature of this key that was made then does not count; none if it does.
    #[must_use]
    pub fn objection(&self, at: DateTime<Utc>) -> Option<String> {
        let namespaces = self.namespaces.as_ref();
        if namespaces.is_some_and(|names| names.iter().all(|name| name != NAMESPACE && name != "*")) {
            return Some(format!("the key is not for the namespace `{NAMESPACE}`"));
        }
        match (self.valid_after, self.valid_before) {
            (Some(after), _) if at < after => Some("the key was not valid yet".to_owned()),
            (_, Some(before)) if at >= before => Some("the key was not valid any more".to_owned()),
            _ => None,
        }
    }
}

/// The key at the end of a line, with or without a comment behind it.
fn key(text: &str) -> Result<SignerKey, Misread> {
    if text.split(' ').next() == Some(OPENPGP) {
        return openpgp(text).map(SignerKey::OpenPgp);
    }
    let another =
        |what: &str| Misread::new(format!("{what} are not accepted"), "make another: `ssh-keygen -t ed25519`");
    if text.starts_with("ssh-rsa") {
        return Err(another("RSA keys of SSH"));
    }
    let key = PublicKey::from_openssh(text).map_err(|error| {
        let message = format!("the key of a signer can't be read ({error})");
        Misread::new(message, "write it as in git's `allowed_signers`: `name ssh-ed25519 AAAA…`")
    })?;
    match key.algorithm() {
        Algorithm::Ed25519 | Algorithm::SkEd25519 => Ok(SignerKey::Ssh(key)),
        Algorithm::Ecdsa { curve: EcdsaCurve::NistP256 } | Algorithm::SkEcdsaSha2NistP256 => Ok(SignerKey::Ssh(key)),
        other => Err(another(&format!("keys of the type {other}"))),
    }
}

/// A key of OpenPGP, such as `openpgp mDMEZ…`.
fn openpgp(text: &str) -> Result<OpenPgpKey, Misread> {
    let wrong = |why: &str| {
        let message = format!("the OpenPGP key of a signer {why}");
        let help = "write it as `name openpgp` and what `gpg --export --export-options export-minimal KEY | base64 | \
                    tr -d '\\n'` prints";
        Misread::new(message, help)
    };
    let packets = text.split(' ').nth(1).and_then(|text| STANDARD.decode(text).ok());
    let packets = packets.filter(|packets| !packets.is_empty()).ok_or_else(|| wrong("is not there in base64"))?;
    OpenPgpKey::read(packets).map_err(|why| wrong(&why))
}

/// The options before a key, and the key. Commas and spaces within quotes are part of an option.
fn split_options(text: &str) -> Option<(Vec<&str>, &str)> {
    let (mut options, mut start, mut quoted) = (Vec::new(), 0, false);
    for (at, char) in text.char_indices() {
        match char {
            '"' => quoted = !quoted,
            ',' if !quoted => {
                options.push(text.get(start..at)?);
                start = at + 1;
            }
            ' ' if !quoted => {
                options.push(text.get(start..at)?);
                return Some((options, text.get(at..)?.trim_start()));
            }
            _ => {}
        }
    }
    None
}

fn unquoted(text: &str) -> &str {
    text.strip_prefix('"').and_then(|text| text.strip_suffix('"')).unwrap_or(text)
}

/// A time as OpenSSH writes it: `20261123`, `202611230900` or `20261123090000`, with or without a `Z`. It is taken as
/// UTC.
pub(super) fn moment(text: &str) -> Result<DateTime<Utc>, Misread> {
    let digits = text.strip_suffix('Z').unwrap_or(text);
    let padded = match digits.len() {
        8 => format!("{digits}000000"),
        12 => format!("{digits}00"),
        _ => digits.to_owned(),
    };
    let read = NaiveDateTime::parse_from_str(&padded, "%Y%m%d%H%M%S").ok().filter(|_| padded.len() == 14);
    read.map(|read| read.and_utc()).ok_or_else(|| {
        let message = format!("`{}` is no time of a signer", text.escape_debug());
        Misread::new(message, "write it as `20261123` or `20261123090000Z`, in UTC")
    })
}
