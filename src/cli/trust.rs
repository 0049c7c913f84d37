//! Trust for the commands: whose signatures count, by the policy of a base, or by a file that somebody brings.

use std::path::Path;

use super::show::Shell;
use crate::error::{Error, ErrorKind};
use crate::flag::File;
use crate::git::{Commit, Repo};
use crate::policy::{Policy, TRUST_PATH, Trust};

/// The trust of a base. Every command that counts signatures reads it here.
pub fn trust_of(repo: &Repo, base: &Commit) -> Result<Trust, Error> {
    trust_if_any(repo, base)?.ok_or_else(|| {
        let help = format!("write `{TRUST_PATH}`, with the keys of approvers and of receipts, and merge it");
        Error::new(ErrorKind::Policy, format!("`{}` does not say whose signatures count", base.name), help)
    })
}

/// The trust of a base; none if its policy has none.
pub fn trust_if_any(repo: &Repo, base: &Commit) -> Result<Option<Trust>, Error> {
    let policy = Policy::read_valid(&repo.policy_at(base)?).map_err(|found| {
        let why = found.into_iter().find(crate::diagnostics::Diagnostic::is_error).map(|one| one.message);
        let message = format!("the policy of `{}` is invalid: {}", base.name, why.unwrap_or_default());
        Error::new(ErrorKind::Policy, message, "run `countersign lint`")
    })?;
    Ok(policy.trust)
}

/// The trust in a file.
pub fn trust_in(shell: &Shell, path: &Path) -> Result<Trust, Error> {
    let file = File::regular(path.display().to_string(), super::verify::read(&shell.dir().join(path), path)?);
    let (trust, found) = Trust::read(&file);
    let why = found.into_iter().find(crate::diagnostics::Diagnostic::is_error).map(|one| one.message);
    trust.ok_or_else(|| {
        let help = format!("write it as schemas/trust.schema.json says; `countersign lint` checks `{TRUST_PATH}`");
        let message = format!("`{}` can't be read: {}", file.path, why.unwrap_or_default());
        Error::new(ErrorKind::Policy, message, help)
    })
}
