//! A real merge, for a proposal that cannot be judged name by name.
//!
//! In: two commits. Out: the tree that `git merge-tree` makes of them, and the paths in conflict. Forges merge with
//! git's own engine (merge-ort), so its result is the one that counts. It refuses to merge without git 2.38 or later.
//! Not taken: the merge of libgit2, as a second opinion or where there is no git. It knows no renamed folders and stops
//! looking for renames earlier, so where the two engines differ it is the other one that is wrong.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::process::Stdio;

use git2::Oid;

use super::scratch::Scratch;
use super::{Conflict, Error, command, lossy};

/// The tree a merge gives, and the paths on which it is not to be trusted.
pub(super) struct MergedTree {
    pub tree: Oid,
    pub conflicts: Vec<Conflict>,
}

/// Merges two commits.
pub(super) fn merge(scratch: &Scratch, git: &OsStr, base: Oid, head: Oid) -> Result<MergedTree, Error> {
    let (base, head) = (base.to_string(), head.to_string());
    let mut command = command::hardened(git, scratch.path(), &[]);
    command.args(["merge-tree", "--write-tree", "-z", "--messages", "--end-of-options", &base, &head]);
    let ran = match command.stdin(Stdio::null()).output() {
        Ok(ran) => ran,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Err(too_old(git)),
        Err(error) => return Err(Error::disk(&format!("run `{}`", git.to_string_lossy()), &error)),
    };
    let failed = |reason: &[u8]| {
        let message = format!("git cannot merge {head} into {base}: {}", lossy(reason).trim());
        Error::outside(message, "run `git fsck`, and fetch what it misses")
    };
    match ran.status.code() {
        Some(0) => {
            let tree = tree(&ran.stdout).ok_or_else(|| failed(&ran.stderr))?;
            Ok(MergedTree { tree, conflicts: Vec::new() })
        }
        Some(1) => {
            let tree = tree(&ran.stdout).ok_or_else(|| failed(&ran.stderr))?;
            let conflicts = conflicts(&ran.stdout);
            if conflicts.is_empty() {
                Err(failed(b"it reports a conflict and no path"))
            } else {
                Ok(MergedTree { tree, conflicts })
            }
        }
        // A usage error: `--write-tree` came with 2.38.
        Some(129) => Err(too_old(git)),
        _ => Err(failed(&ran.stderr)),
    }
}

fn too_old(git: &OsStr) -> Error {
    let message = format!(
        "`{}` is not git 2.38 or later, which this merge needs: both sides changed the same file, or one moved or \
         deleted it",
        git.to_string_lossy()
    );
    Error::outside(message, "install git 2.38 or later, or update the branch")
}

/// The first field of the output of `git merge-tree -z`.
fn tree(printed: &[u8]) -> Option<Oid> {
    let id = std::str::from_utf8(printed.split(|byte| *byte == 0).next()?).ok()?;
    let kind = if id.len() > 40 { git2::ObjectFormat::Sha256 } else { git2::ObjectFormat::Sha1 };
    Oid::from_str_ext(id, kind).ok().filter(|_| id.len() >= 40)
}

/// The paths in conflict. After the tree come `<mode> <id> <stage>\t<path>` for each conflicting file, an empty
/// field, and messages: how many paths, the paths, the kind, the text.
fn conflicts(printed: &[u8]) -> Vec<Conflict> {
    let mut found: BTreeMap<String, String> = BTreeMap::new();
    let mut fields = printed.split(|byte| *byte == 0).skip(1);
    for field in fields.by_ref().take_while(|field| !field.is_empty()) {
        let path = field.splitn(2, |byte| *byte == b'\t').nth(1).unwrap_or(field);
        found.insert(lossy(path), "the base and the proposal both changed it".to_owned());
    }
    while let Some(count) = fields.next().and_then(|count| std::str::from_utf8(count).ok()?.parse::<usize>().ok()) {
        let paths: Vec<String> = fields.by_ref().take(count).map(lossy).collect();
        let (_, text) = (fields.next(), fields.next().unwrap_or_default());
        let text = lossy(text);
        // `Auto-merging x` is a message too.
        let Some(text) = text.strip_prefix("CONFLICT ") else { continue };
        for path in paths {
            found.insert(path, format!("the base and the proposal clash: {}", text.trim().trim_end_matches('.')));
        }
    }
    found.into_iter().map(|(path, message)| Conflict { path, message }).collect()
}
