//! Names of projects that the path of a file decides, and the environment that it says.
//!
//! **In**: a project, and the path of a file of it. **Out**: `app:prod`, where a pattern of the project has a
//! placeholder for `prod`, and the scope, where that is `{environment}`. **Not taken**: a scope by any other
//! placeholder; the folder of an application is none.

use super::{Pattern, Policy, Project, ProjectMatch, placeholders};

impl Project {
    /// The name that the flags of the file at this path have for the project: `app`, or `app:prod` where its pattern
    /// has a placeholder for `prod`. Flags of one key under two names are two flags.
    #[must_use]
    pub fn name_at(&self, path: &str) -> String {
        let values = self.told_apart(path).map(|(_, values)| values);
        values.map_or_else(|| self.name.clone(), |values| placeholders::full_name(&self.name, &values))
    }

    /// The environment that its `{environment}` says of the file at this path.
    #[must_use]
    pub fn environment_at<'t>(&self, path: &'t str) -> Option<&'t str> {
        self.told_apart(path).and_then(|(pattern, values)| pattern.environment(&values))
    }

    /// The scope of flags of the file at this path, which may say one themselves.
    #[must_use]
    pub fn scope_at(&self, path: &str, own: Option<&str>) -> Option<String> {
        let parts: Vec<&str> = self.environment_at(path).into_iter().chain(own).collect();
        (!parts.is_empty()).then(|| parts.join("/"))
    }

    /// The pattern that tells the file at this path from others, with the texts of its placeholders.
    fn told_apart<'t>(&self, path: &'t str) -> Option<(&Pattern, Vec<&'t str>)> {
        let found = self.paths.iter().filter_map(|pattern| Some((pattern, pattern.placeholder_values(path)?)));
        // One without `**` says where the files stand.
        found.min_by_key(|(pattern, values)| (pattern.goes_any_depth(), std::cmp::Reverse(values.len())))
    }
}

impl Policy {
    /// The environment that the path of a file says by a placeholder of its project.
    #[must_use]
    pub fn environment_at<'t>(&self, path: &'t str) -> Option<&'t str> {
        match self.project_of(path) {
            ProjectMatch::Project(project) => project.environment_at(path),
            ProjectMatch::Several(_) | ProjectMatch::Unmanaged => None,
        }
    }

    /// The name that the flags of a file have for their project, if exactly one has the file.
    #[must_use]
    pub fn project_name(&self, path: &str) -> Option<String> {
        match self.project_of(path) {
            ProjectMatch::Project(project) => Some(project.name_at(path)),
            ProjectMatch::Several(_) | ProjectMatch::Unmanaged => None,
        }
    }
}
