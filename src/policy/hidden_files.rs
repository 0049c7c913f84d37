//! Links and submodules that may stand in the place of folders with managed files.
//!
//! In: a policy, and the kind and the path of an entry. Out: whether files below it would be managed. It refuses to
//! take a link to a file for harmless where a pattern leads below it. Not taken: following a link, or reading what a
//! submodule holds.

use super::{Pattern, Policy, ProjectMatch};
use crate::flag::FileKind;

impl Policy {
    /// Whether an entry at a path may stand in the place of a folder with managed files. A link to a file may lead to a
    /// folder after another change, in which the link does not differ; below it only patterns that take the files by
    /// their own paths too are safe.
    #[must_use]
    pub fn may_hide_files(&self, kind: FileKind, path: &str) -> bool {
        match kind {
            FileKind::Regular => false,
            FileKind::LinkToFile => self.manages_by_folder(path),
            FileKind::Symlink | FileKind::Submodule => self.manages_below(path),
        }
    }

    /// Whether files below this one are managed for their names alone, and it is none of them.
    #[must_use]
    pub fn manages_by_name(&self, path: &str) -> bool {
        matches!(self.project_of(path), ProjectMatch::Unmanaged) && !self.manages_by_folder(path)
    }

    /// Whether anything under `dir` could be managed for more than its name.
    fn manages_by_folder(&self, dir: &str) -> bool {
        let by_folder = |pattern: &Pattern| pattern.may_match_below(dir) && !pattern.is_name_in_any_folder();
        self.config.projects.iter().any(|project| project.paths.iter().any(by_folder))
    }
}
