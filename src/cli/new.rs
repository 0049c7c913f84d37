//! `new`: a flag file that is valid, that says what its fields mean, and that is off for everyone.

use std::collections::BTreeMap;

use super::Exit;
use super::lint::LintedFiles;
use super::lint_scope::LintScope;
use super::show::{Printing, Shell};
use crate::diagnostics::diagnostic::{choice, nearest};
use crate::diagnostics::words::shortened;
use crate::document::shape::{KEY_REMEDY, is_key};
use crate::error::Error;
use crate::flag::{Kind, file_stem, folder};
use crate::format;
use crate::git::Repo;
use crate::policy::fold::folded;
use crate::policy::{CONFIG_PATH, Policy, Project, ProjectMatch};

#[derive(clap::Args, Debug)]
#[command(
    after_help = "The file goes where the files of the project are, and is off for everyone until its `state` says \
                  otherwise.

Examples:
  countersign new flag one-click-checkout
  countersign new experiment checkout-button --project checkout
  countersign new flag one-click-checkout --stdout   print it, without a project"
)]
pub struct NewArgs {
    /// The kind of flag to make
    #[arg(value_name = "KIND", value_parser = [Kind::Flag.word(), Kind::Experiment.word()])]
    kind: String,
    /// The name the code asks for, such as one-click-checkout
    #[arg(value_name = "KEY")]
    key: String,
    /// The project it belongs to [default: the only one]
    #[arg(long, value_name = "NAME", conflicts_with = "stdout")]
    project: Option<String>,
    /// Print it, and write no file
    #[arg(long)]
    stdout: bool,
}

impl NewArgs {
    pub fn run(self, shell: &Shell) -> anyhow::Result<Exit> {
        let kind = if self.kind == Kind::Flag.word() { Kind::Flag } else { Kind::Experiment };
        if !is_key(&self.key) {
            let message = format!("`{}` is not usable as a key", shortened(&self.key));
            return Err(Error::usage(message, KEY_REMEDY).into());
        }
        if self.stdout {
            let write = format::FORMATS.iter().find_map(|format| format.draft);
            shell.print(&write.map(|write| write(kind, &self.key)).unwrap_or_default());
            return Ok(Exit::Clear);
        }
        let printing = Printing { format: "text".to_owned(), all: false };
        let repo = shell.repo()?;
        let tree = LintedFiles::open(&repo, None)?;
        let (policy, diagnostics) = Policy::read(&tree.policy()?);
        let Some(policy) = policy else { return Ok(shell.invalid_policy(&diagnostics, &printing)) };
        let project = self.project(&policy)?;
        let files = tree.managed(&policy, &LintScope::of(&[], &policy))?;
        let paths: Vec<&str> =
            files.entries.iter().map(|(path, _)| path.as_str()).filter(|path| has(&policy, project, path)).collect();
        let named = |path: &&&str| file_stem(path) == self.key;
        if let Some(path) = paths.iter().find(named) {
            return Err(
                Error::usage(format!("`{path}` is there already"), "choose another key, or edit that file").into()
            );
        }
        let (path, write) = place(&policy, project, &paths, &self.key)?;
        let same = |other: &&&str| folded(other) == folded(&path);
        if let Some(other) = paths.iter().find(same) {
            let message = format!("`{other}` is there already, and `{path}` differs from it only in case");
            return Err(Error::usage(message, "choose another key, or edit that file").into());
        }
        create(&repo, &path, &write(kind, &self.key))?;
        shell.print(&format!("{path}\n"));
        shell.note(
            "off for everyone until its `state` says otherwise; `countersign check --worktree` shows what that \
                    would need",
        );
        Ok(Exit::Clear)
    }

    fn project<'p>(&self, policy: &'p Policy) -> Result<&'p Project, Error> {
        let names = || policy.config.projects.iter().map(|project| project.name.as_str());
        match (&self.project, policy.config.projects.as_slice()) {
            (Some(name), _) => policy.project(name).ok_or_else(|| {
                let remedy = match nearest(name, names()) {
                    Some(meant) => format!("write `{meant}` if that is meant"),
                    None => format!("name one of {}", choice(names())),
                };
                Error::usage(format!("`{}` is no project of `{CONFIG_PATH}`", name.escape_debug()), remedy)
            }),
            (None, [only]) => Ok(only),
            (None, _) => {
                let message = "there are several projects, and the file belongs to one";
                Err(Error::usage(message, format!("name it with `--project`: {}", choice(names()))))
            }
        }
    }
}

/// The writer of a format.
pub(super) type Draft = fn(Kind, &str) -> String;

/// The path of the file: in the folder that has most files of the project, else where its patterns begin.
pub(super) fn place(policy: &Policy, project: &Project, paths: &[&str], key: &str) -> Result<(String, Draft), Error> {
    let mut folders: BTreeMap<&str, usize> = BTreeMap::new();
    for path in paths.iter().filter(|path| draft(policy, path).is_some()) {
        *folders.entry(folder(path)).or_default() += 1;
    }
    let mut folders: Vec<(&str, usize)> = folders.into_iter().collect();
    folders.sort_by_key(|(_, files)| std::cmp::Reverse(*files));
    let used = folders.into_iter().map(|(folder, _)| folder.to_owned());
    let begun = project.paths.iter().map(|pattern| {
        let text = pattern.to_string();
        let literal = text.find(['*', '?', '\\', '{']).and_then(|at| text.get(..at)).unwrap_or(&text).to_owned();
        literal.rsplit_once('/').map_or(String::new(), |(folder, _)| folder.trim_start_matches('/').to_owned())
    });
    for folder in used.chain(begun) {
        let slash = if folder.is_empty() { "" } else { "/" };
        let path = format!("{folder}{slash}{key}.yaml");
        if let Some(write) = draft(policy, &path).filter(|_| has(policy, project, &path)) {
            return Ok((path, write));
        }
    }
    let message = format!("no place for a file of this kind was found in the `paths` of `{}`", project.name);
    Err(Error::usage(message, "print it with `--stdout`, and put it where it belongs"))
}

fn draft(policy: &Policy, path: &str) -> Option<Draft> {
    policy.format(path)?.draft
}

fn has(policy: &Policy, project: &Project, path: &str) -> bool {
    matches!(policy.project_of(path), ProjectMatch::Project(found) if found.name == project.name)
}

/// Writes a file that must not be there.
fn create(repo: &Repo, path: &str, text: &str) -> Result<(), Error> {
    let root = repo
        .workdir()
        .ok_or_else(|| Error::usage("a bare repository has no files on disk", "print it with `--stdout`"))?;
    let at = root.join(path);
    let failed = |error: &std::io::Error| match error.kind() {
        std::io::ErrorKind::AlreadyExists => {
            Error::usage(format!("`{path}` is there already"), "choose another key, or edit that file")
        }
        _ => Error::file("write", &at, error),
    };
    if let Some(folder) = at.parent() {
        std::fs::create_dir_all(folder).map_err(|error| failed(&error))?;
    }
    let file = std::fs::OpenOptions::new().write(true).create_new(true).open(&at);
    let mut file = file.map_err(|error| failed(&error))?;
    std::io::Write::write_all(&mut file, text.as_bytes()).map_err(|error| failed(&error))
}
