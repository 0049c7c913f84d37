//! A real merge, for what can't be judged name by name.
//!
//! Git's own merge is what a forge does, so its result is what counts; libgit2's is a second opinion. Where they
//! disagree nobody can say what would land, and the path is a conflict. libgit2 knows no renamed folders, so it
//! stands in for git only where texts have to be merged and nothing else.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsStr;
use std::process::Stdio;

use git2::{MergeOptions, Oid};

use super::scratch::Scratch;
use super::tree::TreeItem;
use super::{Conflict, Error, command, lossy, system_path, trees};

/// The tree a merge gives, and where it is not to be trusted.
pub(super) struct Merged {
    pub tree: Oid,
    pub conflicts: Vec<Conflict>,
}

/// Merges two commits. `moved` says that a rename may take part.
pub(super) fn merge(scratch: &Scratch, git: &OsStr, base: Oid, head: Oid, moved: bool) -> Result<Merged, Error> {
    match by_git(scratch, git, base, head)? {
        Some(mut merged) => {
            second_opinion(scratch, base, head, &mut merged)?;
            Ok(merged)
        }
        None if moved => {
            let message = format!(
                "`{}` is not git 2.38 or later, which this merge needs: a file both sides \
                                   have to do with was moved or deleted",
                git.to_string_lossy()
            );
            Err(Error::outside(message, "install git 2.38 or later, or update the branch"))
        }
        None => by_libgit2(scratch, base, head),
    }
}

/// What `git merge-tree` says; nothing if there is no git, or an older one than 2.38 that can't.
fn by_git(scratch: &Scratch, git: &OsStr, base: Oid, head: Oid) -> Result<Option<Merged>, Error> {
    let (base, head) = (base.to_string(), head.to_string());
    let mut command = command::hardened(git, scratch.path(), &[]);
    command.args(["merge-tree", "--write-tree", "-z", "--messages", "--end-of-options", &base, &head]);
    let ran = match command.stdin(Stdio::null()).output() {
        Ok(ran) => ran,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(Error::disk(&format!("run `{}`", git.to_string_lossy()), &error)),
    };
    let failed = |said: &[u8]| {
        let message = format!("git cannot merge {head} into {base}: {}", lossy(said).trim());
        Error::outside(message, "run `git fsck`, and fetch what it misses")
    };
    match ran.status.code() {
        Some(0) => {
            Ok(Some(Merged { tree: tree(&ran.stdout).ok_or_else(|| failed(&ran.stderr))?, conflicts: Vec::new() }))
        }
        Some(1) => {
            let tree = tree(&ran.stdout).ok_or_else(|| failed(&ran.stderr))?;
            let conflicts = conflicts(&ran.stdout);
            if conflicts.is_empty() {
                Err(failed(b"it reports a conflict and no path"))
            } else {
                Ok(Some(Merged { tree, conflicts }))
            }
        }
        // A usage error: `--write-tree` came with 2.38.
        Some(129) => Ok(None),
        _ => Err(failed(&ran.stderr)),
    }
}

/// The first field of what `git merge-tree -z` prints.
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

/// Adds a conflict for every path on which libgit2 comes to another result. Only paths can be concerned on which
/// the sides or the result differ: what is the same on both sides is the same in any merge of them.
fn second_opinion(scratch: &Scratch, base: Oid, head: Oid, merged: &mut Merged) -> Result<(), Error> {
    let fail = |error: git2::Error| Error::git("merge a second time", &error);
    let base_tree = scratch.git.find_commit(base).map_err(fail)?.tree_id();
    let head_tree = scratch.git.find_commit(head).map_err(fail)?.tree_id();
    let mut expected: BTreeMap<Vec<u8>, Option<TreeItem>> = BTreeMap::new();
    for found in trees::compare(&scratch.git, base_tree, head_tree)? {
        expected.insert(found.path, found.live);
    }
    for found in trees::compare(&scratch.git, base_tree, merged.tree)? {
        expected.insert(found.path, found.proposed);
    }
    let index = index(scratch, base, head)?;
    let mut differ: BTreeSet<String> = BTreeSet::new();
    for conflict in index.conflicts().map_err(fail)? {
        let conflict = conflict.map_err(fail)?;
        let sides = [conflict.ancestor, conflict.our, conflict.their];
        differ.extend(sides.into_iter().flatten().map(|side| lossy(&side.path)));
    }
    for (path, item) in expected {
        let other = index.get_path(&system_path(&path)?, 0).map(|entry| TreeItem { mode: entry.mode, id: entry.id });
        if other != item {
            differ.insert(lossy(&path));
        }
    }
    for known in &merged.conflicts {
        differ.remove(&known.path);
    }
    let message = "git and libgit2 merge it differently, so nobody can say what would be live";
    merged.conflicts.extend(differ.into_iter().map(|path| Conflict { path, message: message.to_owned() }));
    Ok(())
}

/// What libgit2 says, alone. A path in conflict is as the base has it.
fn by_libgit2(scratch: &Scratch, base: Oid, head: Oid) -> Result<Merged, Error> {
    let fail = |error: git2::Error| Error::git("merge without the git command", &error);
    let mut index = index(scratch, base, head)?;
    let clashes: Vec<git2::IndexConflict> = index.conflicts().and_then(Iterator::collect).map_err(fail)?;
    let mut conflicts = Vec::new();
    for clash in clashes {
        let paths: BTreeSet<Vec<u8>> =
            [&clash.ancestor, &clash.our, &clash.their].into_iter().flatten().map(|side| side.path.clone()).collect();
        for path in paths {
            index.conflict_remove(&system_path(&path)?).map_err(fail)?;
            let message = "the base and the proposal both changed it".to_owned();
            conflicts.push(Conflict { path: lossy(&path), message });
        }
        if let Some(ours) = clash.our {
            index.add(&git2::IndexEntry { flags: 0, flags_extended: 0, ..ours }).map_err(fail)?;
        }
    }
    let tree = index.write_tree_to(&scratch.git).map_err(fail)?;
    Ok(Merged { tree, conflicts })
}

fn index(scratch: &Scratch, base: Oid, head: Oid) -> Result<git2::Index, Error> {
    let merge = || {
        let (base, head) = (scratch.git.find_commit(base)?, scratch.git.find_commit(head)?);
        // Git looks at up to 7,000 pairs for a rename, libgit2 by itself at 200 names.
        scratch.git.merge_commits(&base, &head, Some(MergeOptions::new().find_renames(true).target_limit(1000)))
    };
    merge().map_err(|error| Error::git("merge a second time", &error))
}
