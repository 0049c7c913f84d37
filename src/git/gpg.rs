//! Signatures of OpenPGP, made and verified by `gpg` as git does.
//!
//! In: bytes with a key of git's for signing; a signature with the public key of the trust for verifying. Out: the
//! signature; the status lines of `gpg`, which [`crate::receipt::openpgp`] reads. It refuses to look at
//! anybody's keyring: each key of the trust is taken into a folder of its own, that has no other key and no settings,
//! and is gone afterwards. Not taken: `gpgv`, which does not look whether a key has expired or is revoked.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::rc::Rc;

use sha2::{Digest as _, Sha256};
use tempfile::TempDir;

use super::{Error, Repo};
use crate::policy::trust::OpenPgpKey;

/// A signature by its digest, with the digest of what it is over, and the key.
type GpgQuestion = (Vec<u8>, Vec<u8>, Vec<u8>);

/// The folder of a key, or why there is none.
type KeyFolder = Result<Rc<TempDir>, String>;

/// The program that verifies signatures of OpenPGP, with a folder for each key.
pub struct Gpg {
    program: OsString,
    /// By the digest of the key; an error is why it can't be used.
    homes: RefCell<BTreeMap<Vec<u8>, KeyFolder>>,
    known: RefCell<BTreeMap<GpgQuestion, Result<String, String>>>,
}

impl Gpg {
    /// The program that git uses in a repository.
    #[must_use]
    pub fn of(repo: &Repo) -> Gpg {
        Gpg::named(repo.gpg_program())
    }

    #[must_use]
    pub fn named(program: OsString) -> Gpg {
        Gpg { program, homes: RefCell::default(), known: RefCell::default() }
    }

    /// The answer of the program on a signature over bytes, with this key and no other one at hand.
    ///
    /// # Errors
    /// Why it says nothing.
    pub fn verify(&self, signature: &[u8], message: &[u8], key: &OpenPgpKey) -> Result<String, String> {
        let digest = |bytes: &[u8]| Sha256::digest(bytes).to_vec();
        let name = (digest(signature), digest(message), digest(&key.packets));
        if let Some(known) = self.known.borrow().get(&name) {
            return known.clone();
        }
        let home = self.homes.borrow().get(&name.2).cloned();
        let home = home.unwrap_or_else(|| {
            let made = self.home_of(key).map(Rc::new);
            self.homes.borrow_mut().insert(name.2.clone(), made.clone());
            made
        });
        let answer = home.and_then(|home| self.ask(home.path(), signature, message));
        self.known.borrow_mut().insert(name, answer.clone());
        answer
    }

    /// A folder that has this key and nothing else.
    fn home_of(&self, key: &OpenPgpKey) -> Result<TempDir, String> {
        let home = tempfile::tempdir().map_err(|error| disk(&error))?;
        let mut command = self.command(home.path());
        command.arg("--import");
        let done = run(command, &key.packets).map_err(|error| self.missing(&error))?;
        if done.status.success() {
            return Ok(home);
        }
        let why = last_line(&done.stderr);
        Err(format!(
            "`{}` does not take the OpenPGP key {} of the trust: {why}",
            self.program.to_string_lossy(),
            key.fingerprint
        ))
    }

    fn ask(&self, home: &Path, signature: &[u8], message: &[u8]) -> Result<String, String> {
        let mut file = tempfile::NamedTempFile::new().map_err(|error| disk(&error))?;
        file.write_all(signature).map_err(|error| disk(&error))?;
        let mut command = self.command(home);
        command.arg("--verify").arg(file.path()).arg("-");
        let done = run(command, message).map_err(|error| self.missing(&error))?;
        let status = String::from_utf8_lossy(&done.stdout).into_owned();
        // Its status lines say why; without one it did not come so far.
        if !done.status.success() && status.is_empty() {
            let why = last_line(&done.stderr);
            return Err(format!("`{}` does not verify it: {why}", self.program.to_string_lossy()));
        }
        let failed = !done.status.success();
        Ok(if failed { format!("{status}[GNUPG:] FAILURE exit 1\n") } else { status })
    }

    /// The program with a folder of ours, no settings, no network and no agent.
    fn command(&self, home: &Path) -> Command {
        let mut command = Command::new(&self.program);
        command
            .arg("--homedir")
            .arg(home)
            .args(["--no-options", "--batch", "--no-tty", "--no-autostart", "--quiet", "--status-fd=1"])
            .args(["--trust-model=always", "--no-auto-key-retrieve", "--no-auto-key-locate", "--no-auto-check-trustdb"])
            .args(["--disable-dirmngr", "--display-charset=utf-8"])
            .env_remove("GNUPGHOME")
            .env("LC_ALL", "C");
        command
    }

    fn missing(&self, error: &std::io::Error) -> String {
        let name = self.program.to_string_lossy();
        match error.kind() {
            std::io::ErrorKind::NotFound => {
                format!(
                    "it is signed with an OpenPGP key and not verified: `{name}` is not installed; install GnuPG where \
                     it is judged"
                )
            }
            _ => format!("it is signed with an OpenPGP key and not verified: `{name}`: {error}"),
        }
    }
}

fn disk(error: &std::io::Error) -> String {
    format!("it is not verified: {error}")
}

/// Runs a program with these bytes on its standard input.
fn run(mut command: Command, input: &[u8]) -> std::io::Result<Output> {
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
    let written = child.stdin.take().map_or(Ok(()), |mut pipe| pipe.write_all(input));
    let done = child.wait_with_output()?;
    // A program that gives up earlier says why itself.
    if done.status.success() {
        written?;
    }
    Ok(done)
}

/// The last of what a program says to people.
fn last_line(err: &[u8]) -> String {
    let err = String::from_utf8_lossy(err);
    let mut lines = err.lines().filter(|line| !line.trim().is_empty() && !line.starts_with("[GNUPG:]"));
    lines.next_back().unwrap_or("it says nothing").trim().to_owned()
}

/// Signs bytes with a key of OpenPGP as git does: the program asks for the pass phrase, and takes the key out of the
/// keyring of who signs.
///
/// # Errors
/// If the program is not there, or does not sign.
pub fn gpg_sign(program: &OsStr, key: &str, bytes: &[u8]) -> Result<Vec<u8>, Error> {
    let name = program.to_string_lossy().into_owned();
    let failed = |why: String| {
        let help = "see that GnuPG is installed and has the secret key of `user.signingKey`; where it cannot ask for \
                    the pass phrase, run `export GPG_TTY=$(tty)` before";
        Error::outside(format!("`{name}` signs nothing: {why}"), help)
    };
    let mut command = Command::new(program);
    command.args(["--status-fd=2", "-bsau", key]);
    let done = run(command, bytes).map_err(|error| failed(error.to_string()))?;
    let signed = String::from_utf8_lossy(&done.stderr).lines().any(|line| line.starts_with("[GNUPG:] SIG_CREATED "));
    if !done.status.success() || !signed {
        return Err(failed(last_line(&done.stderr)));
    }
    Ok(done.stdout)
}
