//! Symlinks in trees: those that lead to a file.
//!
//! **In**: a link at a path, and the tree around it. **Out**: its entry, of the kind that says whether files may be
//! below it. **Refuses**: to call a link one to a file that leads out of the repository, through another link or to
//! nothing. **Not taken**: the end of a way through several links, which nobody needs in order to be safe.

use super::tree_diff::{self, PathDifference};
use super::tree_reader::TreeItem;
use super::{Repo, TreeEntry};
use crate::flag::FileKind;

impl Repo {
    /// The entry at a path of one side: the tree of the base, with these differences laid over it. They are sorted by
    /// path.
    pub(super) fn entry_at(&self, path: &[u8], item: TreeItem, live: git2::Oid, over: &[PathDifference]) -> TreeEntry {
        let entry = self.entry(item);
        if entry.kind != FileKind::Symlink {
            return entry;
        }
        let at = |target: &[u8]| match over.binary_search_by(|found| found.path.as_slice().cmp(target)) {
            Ok(at) => over.get(at).and_then(|found| found.proposed),
            Err(_) => tree_diff::at(&self.trees(), live, target).ok().flatten(),
        };
        let blob = self.objects().find_blob(item.id).ok();
        let target = blob.and_then(|blob| resolved(path, blob.content()));
        match target.and_then(|target| at(&target)) {
            Some(target) if target.kind() == FileKind::Regular => TreeEntry { kind: FileKind::LinkToFile, ..entry },
            Some(_) | None => entry,
        }
    }
}

/// The path that a link leads to, if it is one in the repository. A way that goes up again may do so from behind
/// another link.
fn resolved(link: &[u8], target: &[u8]) -> Option<Vec<u8>> {
    let mut names = target.split(|byte| *byte == b'/').skip_while(|part| *part == b"..");
    if names.any(|part| part == b"..") { None } else { led_to(link, target) }
}

/// The same, where a way that goes up again is not from behind another link.
pub(super) fn led_to(link: &[u8], target: &[u8]) -> Option<Vec<u8>> {
    let mut parts: Vec<&[u8]> = link.split(|byte| *byte == b'/').collect();
    parts.pop();
    if target.is_empty() || target.starts_with(b"/") {
        return None;
    }
    for part in target.split(|byte| *byte == b'/') {
        match part {
            b"" | b"." => {}
            b".." => drop(parts.pop()?),
            name => parts.push(name),
        }
    }
    Some(parts.join(&b'/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_is_followed_inside_of_the_repository() {
        for (link, target, path) in [
            ("CLAUDE.md", "AGENTS.md", Some("AGENTS.md")),
            ("a/b/link", "../../x", Some("x")),
            ("a/link", "./b/x", Some("a/b/x")),
            ("a/link", "b//x/", Some("a/b/x")),
            ("a/link", "../../x", None),
            ("link", "/etc/passwd", None),
            ("link", "a/../x", None),
            ("link", "", None),
        ] {
            let found = resolved(link.as_bytes(), target.as_bytes());
            assert_eq!(found.as_deref(), path.map(str::as_bytes), "{link} -> {target}");
        }
    }
}
