//! Projects without a file, and repositories without a flag: gates that gate nothing.
//!
//! **In**: a project of which no path matches a file, and the paths of the repository. **Out**: the diagnostic, with
//! the nearest path that has flags. **Refuses**: to be a warning, because whoever reads "no flag changes" believes that
//! flags are watched. **Not taken**: an error in a proposal that only switches flags off. It waits for nobody, and did
//! not write the policy.

use crate::diagnostics::diagnostic::Level;
use crate::diagnostics::{Diagnostic, lints};
use crate::flag::File;
use crate::format::{FormatRef, holds_flags, known};
use crate::policy::{CONFIG_PATH, Policy, Project, ProjectMatch};
use crate::report::FlagReport;

/// How many files are opened to find the nearest one with flags.
pub const MOST_OPENED: usize = 50;

/// Longer paths are not compared: each costs the product of two lengths.
const LONGEST: usize = 200;

/// A file with flags that no project has.
#[derive(Clone, Debug)]
pub struct FlagsNearby {
    pub path: String,
    format: FormatRef,
}

impl FlagsNearby {
    /// The file, if it holds flags of a format that is read here.
    #[must_use]
    pub fn of(file: &File) -> Option<FlagsNearby> {
        Some(FlagsNearby { path: file.path.clone(), format: holds_flags(&file.path, &file.bytes)? })
    }
}

/// The diagnostic of a project that has no file. `nearest` is the path of a file with flags that no project has.
#[must_use]
pub fn empty_project(project: &Project, policy: &Policy, nearest: Option<&FlagsNearby>) -> Diagnostic {
    let patterns: Vec<String> = project.paths.iter().take(3).map(|pattern| format!("`{pattern}`")).collect();
    let more = project.paths.len().saturating_sub(patterns.len());
    let more = crate::diagnostics::words::and_more(more);
    let verb = if project.paths.len() == 1 { "matches" } else { "match" };
    let message = format!("`{}` has no file: {}{more} {verb} none", project.name, patterns.join(", "));
    let remedy = match nearest {
        Some(FlagsNearby { path, format }) => {
            let path = path.escape_debug();
            let read = policy.format(&path.to_string()).is_some_and(|own| own.id == format.id);
            let say =
                if read { String::new() } else { format!(", and write `formats: {{\"{path}\": {}}}`", format.id) };
            format!("name the path of its flags under `paths`; the nearest file with flags is `{path}`{say}")
        }
        None => "name the path of its flags under `paths`, add its first flag, or remove the project".to_owned(),
    };
    Diagnostic::new(lints::EMPTY_PROJECT, CONFIG_PATH, project.place, message, remedy)
}

/// The diagnostic of a project whose last file goes: a warning, since nobody has to keep a flag for the policy's sake.
#[must_use]
pub fn emptied_project(project: &Project) -> Diagnostic {
    let message = format!("the last file of `{}` goes: after the merge it gates nothing", project.name);
    let remedy = format!(
        "remove the project from `{CONFIG_PATH}` in the same pull request; every later one is invalid until an admin \
         does that, or the project has a file"
    );
    let found = Diagnostic::new(lints::EMPTY_PROJECT, CONFIG_PATH, project.place, message, remedy);
    Diagnostic { level: Level::Warning, ..found }
}

/// Files of which the name says that they may hold flags, and that no project has, the nearest to the paths of a
/// project first.
#[must_use]
pub fn ranked<'p>(project: &Project, policy: &Policy, paths: impl IntoIterator<Item = &'p str>) -> Vec<&'p str> {
    let wanted: Vec<String> = project.paths.iter().map(|pattern| pattern.example().to_lowercase()).collect();
    let wanted: Vec<&str> = wanted.iter().map(|example| folder(example)).collect();
    let distance = |path: &str| {
        let path = path.to_lowercase();
        let one = |wanted: &&str| {
            let near = path.starts_with(*wanted) && wanted.len() > 1;
            let distance = strsim::damerau_levenshtein(folder(&path), wanted);
            if near { distance.min(1) } else { distance }
        };
        wanted.iter().filter(|wanted| wanted.len() <= LONGEST).map(one).min().unwrap_or(usize::MAX)
    };
    let free = |path: &&str| {
        path.len() <= LONGEST
            && !path.starts_with('.')
            && known::may_be_known(path)
            && matches!(policy.project_of(path), ProjectMatch::Unmanaged)
    };
    let mut found: Vec<(usize, &str)> = paths.into_iter().filter(free).map(|path| (distance(path), path)).collect();
    found.sort_unstable();
    found.into_iter().map(|(_, path)| path).collect()
}

/// The folder of a path; its name at the root.
fn folder(path: &str) -> &str {
    path.rsplit_once('/').map_or(path, |(folder, _)| folder)
}

/// Makes the diagnostics of projects without a file warnings where a proposal does nothing but switch flags off.
pub(super) fn switch_off_passes(diagnostics: &mut [Diagnostic], flags: &[FlagReport], policy_changed: bool) {
    use crate::changes::SwitchOff;
    let only_off = !flags.is_empty() && flags.iter().all(|flag| flag.switch_off == Some(SwitchOff::Free));
    if only_off && !policy_changed {
        let empty = diagnostics.iter_mut().filter(|diagnostic| diagnostic.id == lints::EMPTY_PROJECT.id);
        empty.for_each(|diagnostic| diagnostic.level = Level::Warning);
    }
}

/// Whether a file holds a flag, or may: one that cannot be read has diagnostics of its own.
#[must_use]
pub fn may_hold_a_flag(policy: &Policy, path: &str, bytes: &[u8]) -> bool {
    let Some(format) = policy.format(path) else { return true };
    let mut diagnostics = crate::diagnostics::Diagnostics::of(path);
    format.flags_of(bytes, path, &mut diagnostics).is_none_or(|flags| !flags.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostics::Place;
    use crate::policy::PolicyFiles;

    #[test]
    fn the_nearest_file_comes_first() {
        let config = "version: 1\nadmins: []\nprojects:\n  web:\n    paths: [flags/chekout/**]\n    approvals: peer\n  \
                      taken:\n    paths: [flags/taken/**]\n    approvals: peer\n";
        let files = PolicyFiles {
            config: Some(File::regular(CONFIG_PATH, config)),
            approvers: None,
            formats: Vec::new(),
            trust: None,
        };
        let policy = Policy::read_valid(&files).unwrap();
        let project = policy.project("web").unwrap();
        let paths = [".github/x.yaml", "README.md", "config/db.yaml", "flags/checkout/a.yaml", "flags/taken/b.yaml"];
        assert_eq!(ranked(project, &policy, paths), ["flags/checkout/a.yaml", "config/db.yaml"]);
        let flags = File::regular("config/a.json", r#"{"flags": {"a": {"state": "ENABLED", "variants": {}}}}"#);
        let diagnostic = empty_project(project, &policy, FlagsNearby::of(&flags).as_ref());
        assert!(diagnostic.remedy.ends_with("is `config/a.json`, and write `formats: {\"config/a.json\": flagd}`"));
        assert_eq!(diagnostic.message, "`web` has no file: `flags/chekout/**` matches none");
        assert!(diagnostic.is_error() && diagnostic.place != Place::START);
    }
}
