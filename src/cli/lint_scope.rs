//! The folders that `lint PATH` enters.
//!
//! **In**: the named paths and the policy. **Out**: whether a folder may hold a file that a named one is checked
//! against. **Refuses**: to leave out a folder that differs from a named one in case only. **Not taken**: the whole
//! tree, because a key is distinct within its project.

use crate::policy::fold::folded;
use crate::policy::pattern::Pattern;
use crate::policy::{FOLDER, Policy};

/// The folders that the named paths need: their own, in whatever case, and those of the projects that they belong to.
pub struct LintScope<'p> {
    /// The named paths, folded; none if everything is checked.
    named: Vec<String>,
    projects: Vec<&'p Pattern>,
    lower: Vec<Pattern>,
}

impl<'p> LintScope<'p> {
    pub fn of(wanted: &[String], policy: &'p Policy) -> Self {
        let projects = policy.config.projects.iter().filter(|project| {
            let takes = |path: &String| {
                project.paths.iter().any(|pattern| pattern.matches(path) || pattern.may_match_below(path))
            };
            wanted.is_empty() || wanted.iter().any(takes)
        });
        let all = policy.config.projects.iter().flat_map(|project| &project.paths);
        LintScope {
            named: wanted.iter().map(|path| folded(path)).collect(),
            projects: projects.flat_map(|project| &project.paths).collect(),
            lower: all.filter_map(|pattern| Pattern::glob(&folded(&pattern.to_string())).ok()).collect(),
        }
    }

    pub fn enters(&self, dir: &str) -> bool {
        let lower = folded(dir);
        let in_other_case = || {
            let about = |path: &String| {
                inside(path, std::slice::from_ref(&lower)) || inside(&lower, std::slice::from_ref(path))
            };
            (self.named.is_empty() || self.named.iter().any(about))
                && (lower == FOLDER || self.lower.iter().any(|pattern| pattern.may_match_below(&lower)))
        };
        self.projects.iter().any(|pattern| pattern.may_match_below(dir)) || in_other_case()
    }
}

/// Whether a path is one of the named ones or below one; every path is if none was named.
pub fn inside(path: &str, wanted: &[String]) -> bool {
    let under = |outer: &String| {
        outer.is_empty() || path == outer || path.strip_prefix(outer.as_str()).is_some_and(|rest| rest.starts_with('/'))
    };
    wanted.is_empty() || wanted.iter().any(under)
}
