//! Signing with SSH keys, as git does: by `ssh-keygen -Y sign`, which knows agents, hardware keys and pass phrases.
//!
//! In: bytes and a key. Out: the signature in OpenSSH's own form. It refuses a signature that is not over these bytes.
//! Not taken: reading private keys here.

use std::ffi::{OsStr, OsString};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use ssh_key::{HashAlg, PublicKey, SshSig};

use super::{Error, Repo};
use crate::policy::trust::NAMESPACE;

/// The key that git signs with.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum SigningKey {
    /// The file of a key of SSH.
    Ssh(PathBuf),
    /// A key of OpenPGP, as `gpg` gets it.
    OpenPgp(String),
}

impl Repo {
    /// The key that git signs with, by `gpg.format` and `user.signingKey`.
    ///
    /// # Errors
    /// If git knows none, or one of another kind.
    pub fn signing_key(&self) -> Result<SigningKey, Error> {
        const HELP: &str = "name the file of an SSH key with `--sign-with FILE`, or tell git your key: `git config \
                            user.signingKey KEY`, with `git config gpg.format ssh` if it is the file of one of SSH";
        let none = || Error::usage("which key signs is not known", HELP);
        let config = self.git.config().and_then(|mut config| config.snapshot()).map_err(|_| none())?;
        match config.get_str("gpg.format").unwrap_or("openpgp") {
            "ssh" => config.get_path("user.signingKey").map(SigningKey::Ssh).map_err(|_| none()),
            "openpgp" => {
                let key = config.get_str("user.signingKey").ok().filter(|key| !key.is_empty()).ok_or_else(none)?;
                Ok(SigningKey::OpenPgp(key.to_owned()))
            }
            other => Err(Error::usage(
                format!("git signs with `gpg.format` {}, which is not taken", other.escape_debug()),
                HELP,
            )),
        }
    }

    /// The program for keys of OpenPGP, by `gpg.openpgp.program` or `gpg.program`.
    #[must_use]
    pub fn gpg_program(&self) -> OsString {
        let config = self.git.config().and_then(|mut config| config.snapshot()).ok();
        let named = |name: &str| config.as_ref().and_then(|config| config.get_path(name).ok());
        named("gpg.openpgp.program")
            .or_else(|| named("gpg.program"))
            .map_or_else(|| "gpg".into(), PathBuf::into_os_string)
    }
}

/// A signature over some bytes, and the fingerprint of its key.
#[derive(Clone, Debug)]
pub struct MadeSignature {
    pub armored: Vec<u8>,
    pub fingerprint: String,
    pub key: PublicKey,
}

/// Signs bytes for the namespace `countersign`. `key` is the file of a private key, or of a public key whose other half
/// an agent has.
///
/// # Errors
/// If the program is not there, or does not sign.
pub fn ssh_sign(program: &OsStr, key: &Path, bytes: &[u8]) -> Result<MadeSignature, Error> {
    let name = program.to_string_lossy().into_owned();
    if !key.is_file() {
        let message = format!("`{}` is no file with a key", key.display());
        return Err(Error::usage(message, "name the file of a key, such as `~/.ssh/id_ed25519`"));
    }
    let failed = |why: String| {
        Error::outside(
            format!("`{name} -Y sign` failed: {why}"),
            "see that OpenSSH 8.2 or newer is installed, and the key readable",
        )
    };
    let mut child = Command::new(program)
        .args(["-Y", "sign", "-n", NAMESPACE, "-f"])
        .arg(key)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| failed(error.to_string()))?;
    let mut pipe = child.stdin.take().ok_or_else(|| failed("it takes no input".to_owned()))?;
    // A statement is larger than a pipe holds, and the program reads all of it before it writes.
    let written = pipe.write_all(bytes);
    drop(pipe);
    let done = child.wait_with_output().map_err(|error| failed(error.to_string()))?;
    if !done.status.success() {
        return Err(failed(String::from_utf8_lossy(&done.stderr).trim().to_owned()));
    }
    written.map_err(|error| failed(error.to_string()))?;
    let signature =
        SshSig::from_pem(&done.stdout).map_err(|error| failed(format!("it wrote no signature ({error})")))?;
    let key = PublicKey::from(signature.public_key().clone());
    key.verify(NAMESPACE, bytes, &signature).map_err(|_| {
        failed("its signature cannot be verified here; keys of type ed25519 and ECDSA P-256 can".to_owned())
    })?;
    Ok(MadeSignature { armored: done.stdout, fingerprint: key.fingerprint(HashAlg::Sha256).to_string(), key })
}
