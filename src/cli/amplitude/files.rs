//! Files of the repository for the commands of `amplitude`: the policy, the lock file, and the flags of each project.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use crate::amplitude::Item;
use crate::amplitude::client::ListedItems;
use crate::amplitude::import::PresentFile;
use crate::amplitude::lock::{LOCK_PATH, Lock};
use crate::amplitude::unread::{ReadPart, UnreadPart};
use crate::cli::lint::LintedFiles;
use crate::cli::lint_scope::LintScope;
use crate::diagnostics::Diagnostic;
use crate::diagnostics::escape::visible;
use crate::error::{Error, ErrorKind};
use crate::format::VOCABULARY;
use crate::git::Repo;
use crate::policy::{AmplitudeConfig, CONFIG_PATH, Policy, Project, ProjectMatch};
use crate::review::read::read_file;

/// The flag files of one project.
pub(super) struct AmplitudeProject<'p> {
    pub project: &'p Project,
    /// The id of the project in Amplitude.
    pub id: &'p str,
    pub files: Vec<PresentFile>,
    /// Every path of the project that is taken.
    pub taken: BTreeSet<String>,
    /// The files with an error, of which nothing is applied.
    pub invalid: Vec<UnreadPart>,
}

/// The section of the policy about Amplitude; an error that says how to say it, if it says nothing.
pub(super) fn config(policy: &Policy) -> Result<&AmplitudeConfig, Error> {
    policy.config.amplitude.as_ref().filter(|config| !config.projects.is_empty()).ok_or_else(|| {
        let name = policy.config.projects.first().map_or("checkout", |project| project.name.as_str());
        Error::usage(
            format!("`{CONFIG_PATH}` does not say which projects are in Amplitude"),
            format!("add `amplitude: {{projects: {{{name}: \"450001\"}}}}` with the id of the project in Amplitude"),
        )
    })
}

/// The projects that are in Amplitude, or the named one, with their files.
pub(super) fn projects<'p>(
    repo: &Repo,
    tree: &LintedFiles<'_>,
    policy: &'p Policy,
    only: Option<&str>,
) -> Result<Vec<AmplitudeProject<'p>>, Error> {
    let config = config(policy)?;
    if let Some(name) = only.filter(|name| !config.projects.contains_key(*name)) {
        let message = format!("`{}` is no project that `amplitude` names in `{CONFIG_PATH}`", name.escape_debug());
        let names: Vec<&str> = config.projects.keys().map(String::as_str).collect();
        return Err(Error::usage(message, format!("name one of {}", crate::diagnostics::diagnostic::choice(names))));
    }
    let wanted = config.projects.iter().filter(|(name, _)| only.is_none_or(|only| only == *name));
    let mut found: Vec<AmplitudeProject<'p>> = wanted
        .filter_map(|(name, id)| {
            let project = policy.project(name)?;
            Some(AmplitudeProject { project, id, files: Vec::new(), taken: BTreeSet::new(), invalid: Vec::new() })
        })
        .collect();
    let entries = tree.managed(policy, &LintScope::of(&[], policy))?.entries;
    let read = repo.load_many(&entries, |_, file| {
        let ProjectMatch::Project(project) = policy.project_of(&file.path) else { return None };
        let (flags, diagnostics) = read_file(&file, policy, &project.name);
        let error = diagnostics.into_iter().find(Diagnostic::is_error);
        Some((project.name.clone(), file, flags, error))
    })?;
    for (name, file, flags, error) in read {
        let Some(here) = found.iter_mut().find(|one| one.project.name == name) else { continue };
        here.taken.insert(file.path.clone());
        let native = policy.format(&file.path).is_some_and(|format| format.reads_as(VOCABULARY));
        here.invalid.extend(error.filter(|_| native).map(|error| invalid(&file.path, &error)));
        let present = |entry| PresentFile { entry, bytes: file.bytes.clone(), native };
        here.files.extend(flags.into_iter().flatten().map(present));
    }
    for here in &mut found {
        let mut paths: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for file in here.files.iter().filter(|file| file.native) {
            paths.entry(&file.entry.flag.key).or_default().push(&file.entry.path);
        }
        for (key, paths) in paths.into_iter().filter(|(_, paths)| paths.len() > 1) {
            let message = format!("the key `{}` stands in several files: `{}`", visible(key), paths.join("`, `"));
            let error = Error::new(ErrorKind::Invalid, message, "take it out of all files but one");
            here.invalid
                .extend(paths.iter().map(|path| UnreadPart::new(ReadPart::File((*path).to_owned()), error.clone())));
        }
    }
    Ok(found)
}

/// The items of a list, and the parts of it that could not be read: each is named as its file is, if it has one.
pub(super) fn read(list: ListedItems, project: &AmplitudeProject<'_>, lock: &Lock) -> (Vec<Item>, Vec<UnreadPart>) {
    let name = project.project.name.as_str();
    let broken = list.broken.map(|error| UnreadPart::new(ReadPart::Project(name.to_owned()), error));
    let mut unread: Vec<UnreadPart> = broken.into_iter().collect();
    for one in list.unread {
        let key = one.id.as_deref().and_then(|id| lock.key_of(name, id).map(str::to_owned)).or(one.key);
        let nameless = || format!("item {}", one.id.as_deref().unwrap_or("without an id"));
        let flag = format!("{name}/{}", key.map_or_else(nameless, |key| visible(&key)));
        let help =
            format!("look at it in Amplitude's console, where it can be switched off too; then {}", one.error.help);
        let part = UnreadPart::new(ReadPart::Flag(flag), Error { help, ..one.error });
        if !unread.iter().any(|known| known.part == part.part) {
            unread.push(part);
        }
    }
    (list.items, unread)
}

/// A flag file with an error.
fn invalid(path: &str, error: &Diagnostic) -> UnreadPart {
    let message = format!("`{path}` has an error in line {}: {}", error.place.line, error.message);
    let help = format!("{}; `countersign lint` finds every error", error.remedy);
    UnreadPart::new(ReadPart::File(path.to_owned()), Error::new(ErrorKind::Invalid, message, help))
}

/// The lock file of the work tree; an empty one if there is none.
pub(super) fn lock(root: &Path) -> Result<Lock, Error> {
    let path = root.join(LOCK_PATH);
    match std::fs::read_to_string(&path) {
        Ok(text) => read_lock(&text),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Lock::default()),
        Err(error) => Err(Error::file("read", &path, &error)),
    }
}

/// The lock file of this text.
pub(super) fn read_lock(text: &str) -> Result<Lock, Error> {
    Lock::parse(text).map_err(|why| {
        let remedy = "take the one of the base branch again, or delete it and run `countersign amplitude import`";
        Error::usage(format!("`{LOCK_PATH}`: {why}"), remedy)
    })
}

/// Writes a file whole or not at all: next to where it goes, then moved there.
pub(super) fn write(root: &Path, path: &str, text: &str) -> Result<(), Error> {
    let at = root.join(path);
    let failed = |error: &std::io::Error| Error::file("write", &at, error);
    let folder = at.parent().unwrap_or(root);
    std::fs::create_dir_all(folder).map_err(|error| failed(&error))?;
    // A link in the way would lead the write out of the repository.
    let inside =
        folder.canonicalize().ok().zip(root.canonicalize().ok()).is_some_and(|(to, root)| to.starts_with(root));
    let linked = at.symlink_metadata().is_ok_and(|found| !found.is_file());
    if !inside || linked {
        return Err(Error::usage(
            format!("`{path}` is a link, or is behind one"),
            "put a file in the place of the link",
        ));
    }
    let mut file = tempfile::NamedTempFile::new_in(folder).map_err(|error| failed(&error))?;
    std::io::Write::write_all(&mut file, text.as_bytes()).map_err(|error| failed(&error))?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = std::fs::Permissions::from_mode(0o644);
        file.as_file().set_permissions(mode).map_err(|error| failed(&error))?;
    }
    file.persist(&at).map_err(|error| failed(&error.error))?;
    Ok(())
}
