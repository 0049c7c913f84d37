//! The names on one side of a comparison.

use super::tree_diff::{self, PathDifference};
use super::tree_reader::TreeItem;
use super::{Comparison, Error, Repo, TreeEntry, TreeSide, lossy};

impl Repo {
    /// Every path of one side in the order of its bytes, without loading anything. `enter` is asked of every folder
    /// (without a slash at its end) and prunes it by saying no.
    ///
    /// # Errors
    /// If a tree can't be read.
    pub fn list(
        &self,
        comparison: &Comparison,
        side: TreeSide,
        enter: &dyn Fn(&str) -> bool,
        each: &mut dyn FnMut(&str, TreeEntry),
    ) -> Result<(), Error> {
        let over: &[PathDifference] = match side {
            TreeSide::Live => &[],
            TreeSide::Proposed => &comparison.differences,
        };
        let mut tell = |path: &[u8], item: TreeItem| {
            each(&String::from_utf8_lossy(path), self.entry_at(path, item, comparison.live, over));
        };
        let mut ask = |folder: &[u8]| enter(&String::from_utf8_lossy(folder));
        match side {
            TreeSide::Live => tree_diff::list(&self.trees(), comparison.live, &mut ask, &mut tell),
            TreeSide::Proposed => {
                // The proposed side is the live one with what differs laid over it; both are sorted.
                let mut changed = comparison.differences.iter().filter(|found| entered(enter, &found.path)).peekable();
                tree_diff::list(&self.trees(), comparison.live, &mut ask, &mut |path, item| {
                    let mut item = Some(item);
                    while let Some(found) = changed.next_if(|found| found.path.as_slice() <= path) {
                        if found.path == path {
                            item = found.proposed;
                        } else {
                            proposed(found, &mut tell);
                        }
                    }
                    if let Some(item) = item {
                        tell(path, item);
                    }
                })?;
                changed.for_each(|found| proposed(found, &mut tell));
                Ok(())
            }
        }
    }
}

fn proposed(found: &PathDifference, tell: &mut dyn FnMut(&[u8], TreeItem)) {
    if let Some(item) = found.proposed {
        tell(&found.path, item);
    }
}

/// Whether `enter` says yes to every folder above a path.
pub(super) fn entered(enter: &dyn Fn(&str) -> bool, path: &[u8]) -> bool {
    let slashes = path.iter().enumerate().filter(|(_, byte)| **byte == b'/').map(|(at, _)| at);
    slashes.into_iter().all(|at| enter(&lossy(path.get(..at).unwrap_or_default())))
}
