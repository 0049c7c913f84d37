//! A policy from a folder on disk, by which merged changes or old commits are looked at.
//!
//! In: the folder. Out: its files. Refuses: a folder without a configuration. Not taken: a verdict that anybody could
//! merge by: the policy that counts is that of the base branch.

use std::path::{Path, PathBuf};

use super::show::Shell;
use crate::error::Error;
use crate::flag::File;
use crate::git::{LIMIT, Repo};
use crate::policy::{APPROVERS_PATH, CONFIG_PATH, FOLDER, FORMATS_FOLDER, PolicyFiles, TRUST_PATH};

/// The files of the policy in this folder, or in the work tree.
pub fn files(folder: Option<&Path>, shell: &Shell, repo: &Repo) -> Result<PolicyFiles, Error> {
    let root = match (folder, repo.workdir()) {
        (Some(dir), _) => policy_root(&shell.dir().join(dir), dir)?,
        (None, Some(root)) => root.to_owned(),
        (None, None) => {
            let message = "a bare repository has no files on disk";
            return Err(Error::usage(message, "name a folder with the other policy with `--policy`"));
        }
    };
    let mut formats = Vec::new();
    for path in mappings(&root)? {
        formats.extend(read(&root, &path)?);
    }
    Ok(PolicyFiles {
        config: read(&root, CONFIG_PATH)?,
        approvers: read(&root, APPROVERS_PATH)?,
        formats,
        trust: read(&root, TRUST_PATH)?,
    })
}

/// The folder that holds `.countersign`; that folder itself, and a file in it, stand for it.
fn policy_root(path: &Path, given: &Path) -> Result<PathBuf, Error> {
    let full = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    let mut above = full.ancestors();
    let found = above.find(|folder| folder.join(CONFIG_PATH).is_file());
    let near = |root: &&Path| {
        let names = ["", FOLDER, CONFIG_PATH, APPROVERS_PATH];
        names.iter().any(|name| full == if name.is_empty() { root.to_path_buf() } else { root.join(name) })
    };
    found.filter(|root| path.exists() && near(root)).map(Path::to_owned).ok_or_else(|| {
        let message = format!("there is no `{CONFIG_PATH}` in `{}`", given.display());
        Error::usage(message, "name the folder that holds `.countersign` with the other policy")
    })
}

/// The paths of the mappings under a folder with a policy, sorted.
fn mappings(root: &Path) -> Result<Vec<String>, Error> {
    let entries = match std::fs::read_dir(root.join(FORMATS_FOLDER)) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => {
            return Err(Error::outside(format!("cannot list `{FORMATS_FOLDER}`: {error}"), "see that it is readable"));
        }
    };
    let names = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
    let mut paths: Vec<String> = names.map(|name| format!("{FORMATS_FOLDER}/{name}")).collect();
    paths.sort();
    Ok(paths)
}

/// A file of the other policy, if it is there.
fn read(root: &Path, path: &str) -> Result<Option<File>, Error> {
    let at = root.join(path);
    match std::fs::read(&at) {
        Ok(bytes) => {
            let size = bytes.len() as u64;
            let bytes = if size > LIMIT { Vec::new() } else { bytes };
            Ok(Some(File { size, ..File::regular(path, bytes) }))
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(Error::file("read", &at, &error)),
    }
}
