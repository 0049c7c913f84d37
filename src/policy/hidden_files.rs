//! Links and submodules that may stand in the place of folders with managed or protected files.
//!
//! In: a policy, and the kind and the path of an entry. Out: whether files below it would be managed or protected. It
//! refuses to take a link to a file for harmless where a pattern leads below it. Not taken: following a link, or
//! reading what a submodule holds.

use super::{Pattern, Policy, ProjectMatch};
use crate::flag::FileKind;

impl Policy {
    /// Whether an entry at a path may stand in the place of a folder with managed files. A link to a file may lead to a
    /// folder after another change, in which the link does not differ; below it only patterns that take the files by
    /// their own paths too are safe.
    #[must_use]
    pub fn may_hide_files(&self, kind: FileKind, path: &str) -> bool {
        hides(kind, path, self.config.projects.iter().flat_map(|project| &project.paths))
    }

    /// Whether a change of an entry of one kind into one of another needs an admin: it is protected, or may stand in
    /// the place of a folder with protected files. Another commit of a submodule does not, where files are protected
    /// for their names alone.
    #[must_use]
    pub fn protects_entry(&self, kinds: [Option<FileKind>; 2], path: &str) -> bool {
        let hides = |kind: FileKind| hides(kind, path, self.config.protect.iter());
        match kinds {
            _ if self.protects(path) => true,
            [Some(FileKind::Submodule), Some(FileKind::Submodule)] => hides(FileKind::LinkToFile),
            kinds => kinds.into_iter().flatten().any(hides),
        }
    }

    /// Whether files below this one are managed for their names alone, and it is none of them.
    #[must_use]
    pub fn manages_by_name(&self, path: &str) -> bool {
        matches!(self.project_of(path), ProjectMatch::Unmanaged) && !self.manages_by_folder(path)
    }

    /// Whether anything under `dir` could be managed for more than its name.
    fn manages_by_folder(&self, dir: &str) -> bool {
        self.may_hide_files(FileKind::LinkToFile, dir)
    }
}

/// Whether files that these patterns take may be below an entry of a kind.
fn hides<'p>(kind: FileKind, path: &str, mut patterns: impl Iterator<Item = &'p Pattern>) -> bool {
    match kind {
        FileKind::Regular => false,
        FileKind::LinkToFile => {
            patterns.any(|pattern| pattern.may_match_below(path) && !pattern.is_name_in_any_folder())
        }
        FileKind::Symlink | FileKind::Submodule => patterns.any(|pattern| pattern.may_match_below(path)),
    }
}
