//! Joining of two tips of one reference: the files that come, those that go, and those that are left out.
//!
//! In: the files of both. Out: a [`Joining`]. A file that is named after its own bytes stays or comes, whatever the
//! other side has at its path or in the place of its folders; files that only somebody else could have put there are
//! left out, and reported. Not taken: refusing to join, which would let anybody keep everybody from it.

use std::collections::BTreeMap;

use git2::{Oid, Repository};
use sha2::{Digest as _, Sha256};

use super::TreeFile;
use crate::changes::served::hex;
use crate::flag::file_name;

/// The envelopes that were taken in, and those that were not.
#[derive(Clone, Debug, Default)]
pub struct JoinedKept {
    /// How many files are new.
    pub new: usize,
    /// Paths of what is on one side and in the way of the other.
    pub left_out: Vec<String>,
}

/// The files of another tip that are taken in, and own ones that make way for them.
pub(super) struct Joining {
    pub(super) new: Vec<TreeFile>,
    pub(super) gone: Vec<String>,
    pub(super) left_out: Vec<String>,
}

impl Joining {
    pub(super) fn of(git: &Repository, own: Vec<TreeFile>, theirs: Vec<TreeFile>) -> Result<Joining, git2::Error> {
        let mut there: BTreeMap<String, TreeFile> = own.into_iter().map(|file| (file.path.clone(), file)).collect();
        let (mut new, mut gone, mut left_out) = (Vec::new(), Vec::new(), Vec::new());
        // Anything else stays: left out, it would look as if it had been taken away.
        for file in theirs {
            let same = there.get(&file.path).is_some_and(|own| own.id == file.id);
            if same {
                continue;
            }
            let clash = clashes(&there, &file.path);
            if clash.is_empty() {
                new.push(file);
            } else if is_own_name(git, &file)? && !any_own_name(git, &there, &clash)? {
                for path in &clash {
                    there.remove(path);
                }
                left_out.extend(clash.iter().cloned());
                gone.extend(clash);
                new.push(file);
            } else {
                left_out.push(file.path);
            }
        }
        Ok(Joining { new, gone, left_out })
    }
}

/// The entries at this path, above it, or below it.
fn clashes(there: &BTreeMap<String, TreeFile>, path: &str) -> Vec<String> {
    let above = path.match_indices('/').filter_map(|(at, _)| path.get(..at));
    let mut found: Vec<String> =
        above.chain([path]).filter(|one| there.contains_key(*one)).map(str::to_owned).collect();
    let below = format!("{path}/");
    found.extend(there.range(below.clone()..).map(|(one, _)| one.clone()).take_while(|one| one.starts_with(&below)));
    found
}

fn any_own_name(git: &Repository, there: &BTreeMap<String, TreeFile>, paths: &[String]) -> Result<bool, git2::Error> {
    for path in paths {
        if let Some(file) = there.get(path)
            && is_own_name(git, file)?
        {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Whether a file may be one that was made here: it has the name of its bytes, or they are not here to be looked at.
pub(super) fn may_be_kept(git: &Repository, path: &str, id: Oid) -> bool {
    let name = file_name(path).strip_suffix(".json").unwrap_or_default();
    name.len() == 64 && git.find_blob(id).map_or(true, |blob| hex(&Sha256::digest(blob.content())) == name)
}

/// Whether a file is named after its own bytes.
fn is_own_name(git: &Repository, file: &TreeFile) -> Result<bool, git2::Error> {
    let name = file_name(&file.path).strip_suffix(".json").unwrap_or_default();
    if file.unreadable.is_some() || name.len() != 64 {
        return Ok(false);
    }
    Ok(hex(&Sha256::digest(git.find_blob(file.id)?.content())) == name)
}
