//! `lint`: every diagnostic of every managed file, in file order.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::{Mutex, PoisonError};

use indicatif::{ProgressBar, ProgressStyle};

use super::Exit;
use super::lint_scope::{LintScope, inside};
use super::show::{Printing, Shell, formats};
use crate::diagnostics::Diagnostic;
use crate::error::{Error, ErrorKind};
use crate::flag::{File, FileKind};
use crate::format::known::is_kustomization;
use crate::format::relations::{FlagFacts, InvalidFiles};
use crate::format::{FormatRef, mapped};
use crate::git::search::SearchedFlags;
use crate::git::{Comparison, Repo, TreeEntry, TreeSide, WorkTree, nearest_flags};
use crate::policy::{
    APPROVERS_PATH, CONFIG_PATH, FOLDER, FORMATS_FOLDER, Policy, PolicyFiles, Project, ProjectMatch, TRUST_PATH,
};
use crate::render::NO_FLAG;
use crate::review::FlagName;
use crate::review::cross_checks::{case_collisions, check_together, dead_patterns, unmatched_scopes};
use crate::review::empty::empty_project;
use crate::review::managed_files::two_projects;
use crate::review::read::{read_file, unread_submodule};
use crate::review::same_documents::{Kustomizations, documents_of, has_names, kustomizations, twice};

/// From how many files on a progress bar is shown.
const LONG: usize = 5_000;

#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:
  countersign lint                             every managed file
  countersign lint flags/checkout              those of one folder
  countersign lint --format sarif              for code scanning
  countersign rules                            what is checked")]
pub struct LintArgs {
    /// Only these files, or the files in these folders [default: every managed file]
    #[arg(value_name = "PATH")]
    paths: Vec<String>,
    /// Check the files of this commit instead of those on disk
    #[arg(long, value_name = "REV")]
    rev: Option<String>,
    /// How to write it down
    #[arg(long, value_name = "FORMAT", default_value = "text", value_parser = formats())]
    format: String,
}

impl LintArgs {
    pub fn run(self, shell: &Shell) -> anyhow::Result<Exit> {
        let printing = Printing { format: self.format.clone(), all: false };
        let repo = shell.repo()?;
        let tree = LintedFiles::open(&repo, self.rev.as_deref()).map_err(|error| match repo.workdir() {
            None if self.rev.is_none() => {
                Error { help: format!("name a commit with `--rev`, or {}", error.help), ..error }
            }
            _ => error,
        })?;
        let (policy, mut diagnostics) = Policy::read(&tree.policy()?);
        let Some(policy) = policy else { return Ok(shell.invalid_policy(&diagnostics, &printing)) };
        let policy = Arc::new(policy.for_diagnostics());
        repo.read_by(std::iter::once(Arc::clone(&policy)));
        let wanted = scope(&self.paths, &repo, shell)?;
        let scope = LintScope::of(&wanted, &policy);
        let LintFiles { entries, unmanaged } = tree.managed(&policy, &scope)?;
        nothing_missed(&self.paths, &wanted, &entries)?;
        diagnostics.extend(policy.few_admins());
        diagnostics.extend(policy.few_approvers());
        diagnostics.extend(case_collisions(entries.iter().map(|(path, _)| path).chain(&unmanaged), &policy));
        drop(unmanaged);
        let LintedFlags { flags, invalid } = if wanted.is_empty() {
            read_all(&repo, &entries, &policy, &mut diagnostics)?
        } else {
            let (named, others): (Vec<_>, Vec<_>) =
                entries.iter().cloned().partition(|(path, _)| inside(path, &wanted));
            with_related(&repo, &named, others, &policy, &mut diagnostics)?
        };
        let no_flag = flags.iter().all(|flags| flags.is_empty()) && !diagnostics.iter().any(Diagnostic::is_error);
        let none = InvalidFiles::default();
        let all: Vec<&FlagFacts> = flags.iter().flatten().collect();
        diagnostics.extend(check_together(&all, &invalid, &none, &policy));
        diagnostics.extend(documents_twice(&repo, &tree, &entries, &policy)?);
        if wanted.is_empty() {
            let scopes = all.iter().filter_map(|flag| flag.scope.as_deref());
            let environments = entries.iter().filter_map(|(path, _)| policy.environment_at(path));
            let scopes: BTreeSet<&str> = scopes.chain(environments).collect();
            let empty = tree.empty_projects(&policy, &entries)?;
            let mappings = survey_mappings(&repo, &entries, &tree.policy()?, &policy)?;
            let paths: Vec<&str> = entries.iter().map(|(path, _)| path.as_str()).collect();
            diagnostics.extend(dead_patterns(&policy, &paths, &empty));
            diagnostics.extend(unmatched_scopes(&policy, &scopes));
            diagnostics.extend(mappings);
            diagnostics.extend(empty);
            if no_flag {
                shell.note(NO_FLAG);
            }
        } else {
            diagnostics.retain(|diagnostic| inside(&diagnostic.path, &wanted));
        }
        diagnostics.sort();
        diagnostics.dedup();
        shell.diagnostics(&diagnostics, &printing);
        let policy_broken = |diagnostic: &Diagnostic| diagnostic.is_error() && is_of_policy(&diagnostic.path);
        Ok(if diagnostics.iter().any(policy_broken) {
            Exit::Policy
        } else if diagnostics.iter().any(Diagnostic::is_error) {
            Exit::Invalid
        } else {
            Exit::Clear
        })
    }
}

/// The diagnostics of documents that stand twice, such as resources of Kubernetes.
fn documents_twice(
    repo: &Repo,
    tree: &LintedFiles<'_>,
    entries: &[(String, TreeEntry)],
    policy: &Policy,
) -> Result<Vec<Diagnostic>, Error> {
    let named = |(path, entry): &&(String, TreeEntry)| entry.kind == FileKind::Regular && has_names(path, policy);
    let wanted: Vec<(String, TreeEntry)> = entries.iter().filter(named).cloned().collect();
    let documents = repo.load_many(&wanted, |_, file| Some(documents_of(&file, policy)))?.concat();
    if twice(&documents, &Kustomizations::new()).is_empty() {
        return Ok(Vec::new());
    }
    // One of any folder may say that a file is a patch.
    let mut found: Vec<(String, TreeEntry)> = Vec::new();
    tree.walk(&|_| true, &mut |path, entry| {
        found.extend(is_kustomization(path).then(|| (path.to_owned(), entry)));
    })?;
    let files = repo.load_many(&found, |_, file| Some(file))?;
    Ok(twice(&documents, &kustomizations(files.iter())))
}

/// The warnings of mappings that find nothing in their files.
fn survey_mappings(
    repo: &Repo,
    entries: &[(String, TreeEntry)],
    files: &PolicyFiles,
    policy: &Policy,
) -> Result<Vec<Diagnostic>, Error> {
    let mut found = Vec::new();
    let mut seen: Vec<&FormatRef> = Vec::new();
    for (_, format) in policy.config.formats.iter().filter(|(_, format)| format.is_mapped()) {
        if seen.iter().any(|other| other.reads_as(format)) {
            continue;
        }
        seen.push(format);
        let own = format!("{FORMATS_FOLDER}/{}.yaml", format.id);
        let own = files.formats.iter().find(|file| file.path == own);
        let read = |path: &str| policy.format(path).is_some_and(|other| other.reads_as(format));
        let wanted: Vec<(String, TreeEntry)> = entries
            .iter()
            .filter(|(path, entry)| entry.kind == FileKind::Regular && read(path))
            .take(mapped::MOST_SURVEYED)
            .cloned()
            .collect();
        let read = repo.load_many(&wanted, |_, file| Some(file))?;
        let from = own.or(files.config.as_ref());
        found.extend(from.iter().flat_map(|from| mapped::survey(format, from, own.is_some(), &read)));
    }
    Ok(found)
}

/// The named paths from the root of the repository; they are given from the folder of the command.
pub(super) fn scope(given: &[String], repo: &Repo, shell: &Shell) -> Result<Vec<String>, Error> {
    let Some(root) = repo.workdir().and_then(|root| root.canonicalize().ok()) else {
        return Ok(given.iter().map(|path| path.trim_end_matches('/').to_owned()).collect());
    };
    let here = shell.dir().canonicalize().map_err(|error| Error::file("find", shell.dir(), &error))?;
    given
        .iter()
        .map(|path| {
            let full = here.join(path);
            // Only the folder is resolved: a link is checked as a link, not as the file it points to.
            let parent = full.parent().and_then(|parent| parent.canonicalize().ok());
            let resolved = match (full.file_name(), parent) {
                (Some(name), Some(parent)) if name != ".." => parent.join(name),
                _ => full
                    .canonicalize()
                    .map_err(|error| Error { kind: ErrorKind::Usage, ..Error::file("find", &full, &error) })?,
            };
            let inside = resolved
                .strip_prefix(&root)
                .map_err(|_| Error::usage(format!("`{path}` is outside of the repository"), "name a path inside it"))?;
            Ok(inside.to_string_lossy().replace('\\', "/"))
        })
        .collect()
}

/// Refuses a named path that is not managed: its author wants it checked.
pub(super) fn nothing_missed(
    given: &[String],
    wanted: &[String],
    entries: &[(String, TreeEntry)],
) -> Result<(), Error> {
    for (given, path) in given.iter().zip(wanted) {
        let policy = is_of_policy(path)
            || [CONFIG_PATH, APPROVERS_PATH, TRUST_PATH].iter().any(|file| inside(file, std::slice::from_ref(path)));
        if !policy && !entries.iter().any(|(file, _)| inside(file, std::slice::from_ref(path))) {
            return Err(Error::usage(
                format!("no managed file is at `{given}`"),
                format!("check the name, or add it to the `paths` of a project in `{CONFIG_PATH}`"),
            ));
        }
    }
    Ok(())
}

/// The paths of the policy; a link or a submodule in the place of its folder is reported as one.
const POLICY: [&str; 4] = [CONFIG_PATH, APPROVERS_PATH, TRUST_PATH, FOLDER];

/// Whether a path is one of the policy: its files, its folder, or a mapping.
fn is_of_policy(path: &str) -> bool {
    let mapping = path.strip_prefix(FORMATS_FOLDER).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
    mapping || POLICY.contains(&path)
}

/// The files to check.
pub(super) struct LintFiles {
    /// The managed files.
    pub entries: Vec<(String, TreeEntry)>,
    /// Every other path that was seen on the way.
    pub unmanaged: Vec<String>,
}

/// The files of the work tree or of a commit.
pub(super) enum LintedFiles<'r> {
    Disk(WorkTree<'r>),
    Commit(&'r Repo, Box<Comparison>),
}

impl<'r> LintedFiles<'r> {
    pub fn open(repo: &'r Repo, revision: Option<&str>) -> Result<Self, Error> {
        Ok(match revision {
            Some(revision) => {
                let commit = repo.commit(revision)?;
                LintedFiles::Commit(repo, Box::new(repo.two_trees(&commit, &commit)?))
            }
            None if repo.workdir().is_none() => {
                return Err(Error::usage("a bare repository has no files on disk", "run this in a work tree"));
            }
            None => LintedFiles::Disk(repo.work_tree()?),
        })
    }

    fn repo(&self) -> &'r Repo {
        match self {
            LintedFiles::Disk(tree) => tree.repo,
            LintedFiles::Commit(repo, _) => repo,
        }
    }

    fn walk(&self, enter: &dyn Fn(&str) -> bool, each: &mut dyn FnMut(&str, TreeEntry)) -> Result<(), Error> {
        match self {
            LintedFiles::Disk(tree) => tree.files(enter, each)?,
            LintedFiles::Commit(repo, comparison) => repo.list(comparison, TreeSide::Live, enter, each)?,
        }
        Ok(())
    }

    pub fn policy(&self) -> Result<PolicyFiles, Error> {
        let mut found: Vec<(String, TreeEntry)> = Vec::new();
        self.walk(&|dir| dir == FOLDER || dir == FORMATS_FOLDER, &mut |path, entry| {
            if is_of_policy(path) {
                found.push((path.to_owned(), entry));
            }
        })?;
        let mut files = PolicyFiles::default();
        for (path, entry) in found {
            let file: File = self.repo().load(&path, &entry)?;
            match path.as_str() {
                APPROVERS_PATH => files.approvers = Some(file),
                TRUST_PATH => files.trust = Some(file),
                FOLDER if file.kind == FileKind::Regular => {}
                path if path.starts_with(FORMATS_FOLDER) => files.formats.push(file),
                _ => files.config = Some(file),
            }
        }
        Ok(files)
    }

    /// The diagnostics of projects without a file; `managed` are the managed files, and what stands in the place of
    /// folders.
    fn empty_projects(&self, policy: &Policy, managed: &[(String, TreeEntry)]) -> Result<Vec<Diagnostic>, Error> {
        let has = |project: &Project| {
            managed.iter().any(|(path, entry)| {
                let special = entry.kind.may_hold_files();
                project.paths.iter().any(|one| one.matches(path) || special && one.may_match_below(path))
            })
        };
        let empty: Vec<&Project> = policy.config.projects.iter().filter(|project| !has(project)).collect();
        if empty.is_empty() {
            return Ok(Vec::new());
        }
        let mut files: Vec<(String, TreeEntry)> = Vec::new();
        self.walk(&|dir| !dir.starts_with('.'), &mut |path, entry| files.push((path.to_owned(), entry)))?;
        let diagnostic = |project: &&Project| -> Result<Diagnostic, Error> {
            let nearest = nearest_flags(self.repo(), project, policy, &files)?;
            Ok(empty_project(project, policy, nearest.as_ref()))
        };
        empty.iter().map(diagnostic).collect()
    }

    /// Folders are entered in whatever case they are written, since on many machines that makes no difference.
    pub fn managed(&self, policy: &Policy, scope: &LintScope<'_>) -> Result<LintFiles, Error> {
        let (mut entries, mut unmanaged) = (Vec::new(), Vec::new());
        self.walk(&|dir| scope.enters(dir), &mut |path, entry| {
            let special = policy.may_hide_files(entry.kind, path);
            if special || !matches!(policy.project_of(path), ProjectMatch::Unmanaged) {
                entries.push((path.to_owned(), entry));
            } else {
                unmanaged.push(path.to_owned());
            }
        })?;
        Ok(LintFiles { entries, unmanaged })
    }
}

/// Reads the named files, and those of the others that they are checked against: files of their projects that mention
/// one of their keys or a key that they depend on.
fn with_related(
    repo: &Repo,
    named: &[(String, TreeEntry)],
    mut others: Vec<(String, TreeEntry)>,
    policy: &Policy,
    diagnostics: &mut Vec<Diagnostic>,
) -> Result<LintedFlags, Error> {
    let mut all = read_all(repo, named, policy, diagnostics)?;
    let mut searched: BTreeSet<FlagName> = BTreeSet::new();
    let mut keys = names(&all.flags, true);
    while !keys.is_empty() {
        let wanted = SearchedFlags::new(&keys, policy);
        let found = repo.load_many(&others, |_, file| {
            // A file that is not text may hold any key.
            let text = file.kind == FileKind::Regular && file.size == file.bytes.len() as u64;
            let opaque = !text || file.bytes.contains(&0) || std::str::from_utf8(&file.bytes).is_err();
            Some(opaque || wanted.may_be_in(policy, &file.path, &file.bytes))
        })?;
        let mut found = found.into_iter();
        let (mentioning, rest): (Vec<_>, Vec<_>) = others.into_iter().partition(|_| found.next().unwrap_or(true));
        others = rest;
        searched.append(&mut keys);
        let more = read_all(repo, &mentioning, policy, diagnostics)?;
        keys = names(&more.flags, false).difference(&searched).cloned().collect();
        all.flags.extend(more.flags);
        all.invalid.extend(more.invalid);
    }
    Ok(all)
}

/// The flags that these depend on, and these themselves if others may depend on them or have the same key.
fn names(flags: &[Box<[FlagFacts]>], own: bool) -> BTreeSet<FlagName> {
    let mut names = BTreeSet::new();
    for flag in flags.iter().flatten() {
        let name = |key: &str| (flag.project.to_string(), key.to_owned());
        names.extend(flag.relations.dependencies.iter().map(|parent| name(&parent.key)));
        names.extend(flag.relations.parts.iter().map(|(key, _)| name(key)));
        if own {
            names.insert(name(&flag.key));
        }
    }
    names
}

/// The flags of one file, and its diagnostics. Boxed, since there is one of them for every file.
type LintedFile = (Box<[FlagFacts]>, Box<[Diagnostic]>);

/// The flags of all files, and the files with errors.
struct LintedFlags {
    /// File by file: put into one list, they would be copied while all of them are there.
    flags: Vec<Box<[FlagFacts]>>,
    invalid: InvalidFiles,
}

fn read_all(
    repo: &Repo,
    entries: &[(String, TreeEntry)],
    policy: &Policy,
    diagnostics: &mut Vec<Diagnostic>,
) -> Result<LintedFlags, Error> {
    let bar = if entries.len() > LONG && Shell::watched() {
        let style = ProgressStyle::with_template("{bar:40} {pos}/{len} files");
        ProgressBar::new(entries.len() as u64).with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
    } else {
        ProgressBar::hidden()
    };
    let invalid = Mutex::new(InvalidFiles::default());
    let add_invalid =
        |add: &dyn Fn(&mut InvalidFiles)| add(&mut invalid.lock().unwrap_or_else(PoisonError::into_inner));
    let read = repo.load_many(entries, |_, file| -> Option<LintedFile> {
        bar.inc(1);
        let project = match policy.project_of(&file.path) {
            ProjectMatch::Project(project) => project.name_at(&file.path),
            ProjectMatch::Unmanaged => String::new(),
            ProjectMatch::Several(projects) => {
                add_invalid(&|invalid| invalid.add_unread(&file, None));
                return Some((Box::default(), Box::new([two_projects(&file.path, &projects)])));
            }
        };
        if file.kind == FileKind::Submodule && policy.manages_by_name(&file.path) {
            return Some((Box::default(), Box::new([unread_submodule(&file.path, "this is a submodule")])));
        }
        let (flags, diagnostics) = read_file(&file, policy, &project);
        match &flags {
            None => add_invalid(&|invalid| invalid.add_unread(&file, Some(&project))),
            Some(_) if diagnostics.iter().any(Diagnostic::is_error) => {
                add_invalid(&|invalid| invalid.add_read(&file.path));
            }
            Some(_) => {}
        }
        Some((flags.unwrap_or_default().iter().map(FlagFacts::of).collect(), diagnostics.into()))
    })?;
    bar.finish_and_clear();
    let mut flags = Vec::with_capacity(read.len());
    for (found, wrong) in read {
        diagnostics.extend(wrong);
        flags.push(found);
    }
    Ok(LintedFlags { flags, invalid: invalid.into_inner().unwrap_or_else(PoisonError::into_inner) })
}
