//! Trust for the commands: whose signatures count, by the policy of a base, or by a file that somebody brings.

use std::path::Path;

use super::range::branch_of;
use super::show::Shell;
use crate::error::{Error, ErrorKind};
use crate::flag::File;
use crate::git::{Commit, Repo};
use crate::policy::{CONFIG_PATH, Policy, TRUST_PATH, Trust};

/// The trust of a base. Every command that counts signatures reads it here.
pub fn trust_of(repo: &Repo, base: &Commit) -> Result<Trust, Error> {
    trust_if_any(repo, base)?.ok_or_else(|| {
        let help = format!("write `{TRUST_PATH}`, with the keys of approvers and of receipts, and merge it");
        Error::new(ErrorKind::Policy, format!("`{}` does not say whose signatures count", base.name), help)
    })
}

/// The trust of a base; none if its policy has none.
pub fn trust_if_any(repo: &Repo, base: &Commit) -> Result<Option<Trust>, Error> {
    let files = repo.policy_at(base)?;
    if files.config.is_none() {
        let message = format!("`{}` has no `{CONFIG_PATH}`, so nothing says whose signatures count", base.name);
        let help = "write one with `countersign init` and merge it, or name a branch that has one";
        return Err(Error::new(ErrorKind::Policy, message, help));
    }
    let policy = Policy::read_valid(&files).map_err(|found| {
        let why = found.into_iter().find(crate::diagnostics::Diagnostic::is_error);
        let why = why.map(|one| format!("{}:{}: {}", one.path, one.place.line, one.message));
        let message = format!("the policy of `{}` is invalid: {}", base.name, why.unwrap_or_default());
        Error::new(
            ErrorKind::Policy,
            message,
            "correct it there; `countersign lint` on a checkout of it names all that is wrong",
        )
    })?;
    Ok(policy.trust)
}

/// The commit whose trust holds for the history up to a revision, and its branch: what the revision names, if that is a
/// branch; else that which is named, or the base branch. A tag says what it likes, and of a key that was revoked since
/// it says nothing.
pub fn branch_up_to(repo: &Repo, to: &Commit, named: Option<&str>) -> (Commit, Option<String>) {
    if let Some(own) = branch_of(repo, to).filter(|own| named.is_none_or(|named| named == own)) {
        return (to.clone(), Some(own));
    }
    let tip = repo.or_default_base(named).ok();
    let branch = named.map(str::to_owned).or_else(|| branch_of(repo, tip.as_ref()?));
    (tip.unwrap_or_else(|| to.clone()), branch)
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
