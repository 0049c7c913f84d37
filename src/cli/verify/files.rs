//! The files that `verify` is given: which format and project each is of, and the flags that it serves.

use std::collections::BTreeSet;
use std::io::Read;

use super::{Clone, LARGEST, VerifyArgs, read};
use crate::changes::served::Served;
use crate::cli::show::Shell;
use crate::diagnostics::diagnostic::choice;
use crate::error::Error;
use crate::flag::{File, FlagEntry};
use crate::format::{self, FormatRef};
use crate::policy::mappings;
use crate::policy::{Policy, PolicyFiles};
use crate::receipt::countersigned::Covers;
use crate::receipt::served_flags::{of_the_project, with_parts};
use crate::receipt::verification::{UnreadFile, Verification};
use crate::review::read::read_as;

impl VerifyArgs {
    pub(super) fn files(
        &self,
        shell: &Shell,
        clone: Option<&Clone>,
        covers: &Covers<'_>,
        verification: &mut Verification,
    ) -> Result<(), Error> {
        let files = clone.map(|clone| clone.repo.policy_at(&clone.tip)).transpose()?;
        // The receipts rest on the policy that says whose they are.
        if self.trust.is_none() {
            verification.policy = files.as_ref().map(|files| covers.cover_policy(&files.digest()));
        }
        let policy = files.as_ref().and_then(|files| Policy::read_valid(files).ok());
        let named = self.format.as_deref().map(|name| named_format(name, files.as_ref())).transpose()?;
        let mut all = Vec::new();
        for file in self.given(shell)? {
            let inside = clone.filter(|_| self.path.is_none()).and_then(|clone| shell.path_in(&clone.repo, &file.path));
            let inside = inside.unwrap_or_else(|| file.path.clone());
            let project = policy.as_ref().and_then(|policy| policy.project_name(&inside));
            let project = self.project.clone().or(project);
            let by_path =
                || policy.as_ref().map_or_else(|| format::recognise(&inside), |policy| policy.format(&inside));
            let format = named.clone().or_else(by_path);
            let flags = match flags_of(&file, format.as_ref(), project.as_deref().unwrap_or_default()) {
                Ok(flags) => flags,
                Err(why) => {
                    verification.unread.push(UnreadFile { path: file.path, why });
                    continue;
                }
            };
            let keys: BTreeSet<String> = flags.iter().map(|entry| entry.flag.key.clone()).collect();
            let apart = project.as_deref().is_some_and(|project| covers.tell_apart(project));
            all.extend(flags.into_iter().map(|entry| {
                let covered = match project.as_deref() {
                    Some(project) if !apart => covers.cover(&entry.name(), &Served::of(project, &entry.flag)),
                    named => of_the_project(covers, &keys, &entry, named),
                };
                (entry, covered)
            }));
        }
        verification.flags = with_parts(&all, covers, false);
        Ok(())
    }

    /// The files that are named, with the path that is given for one of them.
    fn given(&self, shell: &Shell) -> Result<Vec<File>, Error> {
        let mut files: Vec<File> = Vec::new();
        if self.stdin {
            let mut bytes = Vec::new();
            std::io::stdin().take(LARGEST).read_to_end(&mut bytes).map_err(|error| {
                Error::outside(format!("cannot read the standard input: {error}"), "name a file instead")
            })?;
            files.push(File::regular("stdin", bytes));
        }
        for path in &self.files {
            files.push(File::regular(path.display().to_string(), read(&shell.dir().join(path), path)?));
        }
        if let Some(path) = &self.path {
            let [file] = files.as_mut_slice() else {
                return Err(Error::usage("`--path` is that of one file", "verify each file by itself"));
            };
            file.path.clone_from(path);
        }
        Ok(files)
    }
}

/// The flags of a file, or why it cannot be read.
fn flags_of(file: &File, format: Option<&FormatRef>, project: &str) -> Result<Vec<FlagEntry>, String> {
    // The content of a file does not choose its reader: another reader may find other flags in it.
    if format.is_none() {
        let guess = format::holds_flags(&file.path, &file.bytes);
        let guess = guess.map(|guess| format!(", such as `--format {}`", guess.id)).unwrap_or_default();
        return Err(format!(
            "neither the policy nor its name says which format it is in; name that with `--format`{guess}"
        ));
    }
    let (flags, found) = read_as(file, format, project);
    // With an error in it, its readers may take something else out of it than is read here.
    if let Some(wrong) = found.into_iter().find(crate::diagnostics::Diagnostic::is_error) {
        return Err(wrong.message);
    }
    match flags {
        None => Err("it can't be read".to_owned()),
        Some(flags) if flags.is_empty() => {
            Err("it has no flag that is read here; a flag that is switched off stays in its file".to_owned())
        }
        Some(flags) => Ok(flags),
    }
}

fn named_format(name: &str, files: Option<&PolicyFiles>) -> Result<FormatRef, Error> {
    let own = files.map(|files| mappings::read(&files.formats).0).unwrap_or_default();
    let found = own.into_iter().find(|one| one.format.id == name).map(|one| one.format);
    found.or_else(|| format::by_id(name)).ok_or_else(|| {
        let message = format!("`{}` is no format that is read", name.escape_debug());
        Error::usage(message, format!("write one of {}", choice(format::ids())))
    })
}
