//! `approvers`: the people who may approve changes of a file or flag, and the line that says so.

use std::collections::BTreeSet;

use super::Exit;
use super::show::{Shell, TextOrJson};
use crate::diagnostics::diagnostic::nearest;
use crate::error::Error;
use crate::flag::file_name;
use crate::git::inputs;
use crate::git::search::mentioning;
use crate::git::{Comparison, Repo, TreeSide};
use crate::policy::{Policy, ProjectMatch};
use crate::report::approvers::{ApproversLine, ListedApprovers, PathApprovers, SCHEMA};
use crate::review::FlagName;
use crate::review::read::read_file;

#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:
  countersign approvers one-click-checkout        a flag, by its key
  countersign approvers checkout/one-click        a flag, by its project and key, as reports name it
  countersign approvers flags/checkout/new.yaml   a file, there or not
  countersign approvers .countersign/config.yaml  who approves changes to the policy")]
pub struct ApproversArgs {
    /// A file, there or not, or the key of a flag, with its project or without
    #[arg(required = true, value_name = "PATH|KEY")]
    names: Vec<String>,
    /// The branch whose policy counts [default: the remote's default branch, else main or master]
    #[arg(long, value_name = "REV")]
    base: Option<String>,
    #[command(flatten)]
    output: TextOrJson,
}

impl ApproversArgs {
    pub fn run(self, shell: &Shell) -> anyhow::Result<Exit> {
        let repo = shell.repo()?;
        let base = repo.or_default_base(self.base.as_deref())?;
        let comparison = repo.two_trees(&base, &base)?;
        let files = inputs::policy_files(&repo, &comparison, TreeSide::Live)?;
        let (policy, mut diagnostics) = Policy::read(&files);
        inputs::not_merged_yet(&repo, &base.name, false, &mut diagnostics);
        let Some(policy) = policy else {
            let printing = self.output.printing();
            return Ok(shell.invalid_base(&comparison.base, diagnostics, &printing));
        };
        let mut approvers = Vec::new();
        for name in &self.names {
            approvers.extend(find(name, shell, &repo, &comparison, &policy)?);
        }
        let listed = ListedApprovers { approvers, schema: SCHEMA };
        shell.written(self.output.id(), |output, look| Some(output.approvers?(&listed, look)));
        Ok(Exit::Clear)
    }
}

/// The files a name stands for: the path itself if it is managed, else the flags with that key.
fn find(
    name: &str,
    shell: &Shell,
    repo: &Repo,
    comparison: &Comparison,
    policy: &Policy,
) -> Result<Vec<PathApprovers>, Error> {
    let from_here = shell.path_in(repo, name);
    // Relative to the folder of the command, like every path on a command line, or else from the root, as in a report.
    for path in from_here.iter().map(String::as_str).chain([name]) {
        if repo.read(comparison, TreeSide::Live, path)?.is_some() {
            return Ok(vec![answer(path, None, policy)]);
        }
    }
    if name.contains('/') {
        let Some(path) = from_here else {
            return Err(Error::usage(format!("`{name}` is outside of the repository"), "name a path inside it"));
        };
        if is_folder(&path, repo, comparison)? {
            return Err(Error::usage(
                format!("`{name}` is a folder, and approvers are looked up by file"),
                format!("name a file in it, there or not, such as `{}/new.yaml`", name.trim_end_matches('/')),
            ));
        }
        let managed = !matches!(policy.project_of(&path), ProjectMatch::Unmanaged) || policy.protects(&path);
        let flags = if managed { Vec::new() } else { flags_named(name, repo, comparison, policy)? };
        return Ok(if flags.is_empty() { vec![answer(&path, None, policy)] } else { flags });
    }
    let found = flags_named(name, repo, comparison, policy)?;
    if !found.is_empty() {
        return Ok(found);
    }
    let (mut stems, mut called) = (BTreeSet::new(), Vec::new());
    repo.list(comparison, TreeSide::Live, &|dir| policy.manages_below(dir), &mut |path, _| {
        let file = file_name(path);
        let stem = file.split('.').next().unwrap_or(file);
        stems.insert(stem.to_owned());
        if stem == name && !matches!(policy.project_of(path), ProjectMatch::Unmanaged) {
            called.push(path.to_owned());
        }
    })?;
    // A file that cannot be read is called after its flag nevertheless, and its approvers are those of its path.
    if !called.is_empty() {
        return Ok(called.iter().map(|path| answer(path, None, policy)).collect());
    }
    let remedy = match nearest(name, stems.iter().map(String::as_str)) {
        Some(meant) => format!("try `{meant}`"),
        None => "name a path from the root of the repository, or the key of a flag".to_owned(),
    };
    Err(Error::usage(format!("`{name}` is neither a file nor a flag of `{}`", comparison.base.name), remedy))
}

/// The files of the flags with this key, which may hold a `/`, or with this project and key.
fn flags_named(name: &str, repo: &Repo, comparison: &Comparison, policy: &Policy) -> Result<Vec<PathApprovers>, Error> {
    let anywhere = policy.config.projects.iter().map(|project| (project.name.clone(), name.to_owned()));
    let there = name.split_once('/').map(|(project, key)| (project.to_owned(), key.to_owned()));
    let names: BTreeSet<FlagName> = anywhere.chain(there).collect();
    let mut found = Vec::new();
    for file in mentioning(repo, comparison, policy, &names, &|_| true)? {
        let project = policy.project_name(&file.path).unwrap_or_default();
        let flags = read_file(&file, policy, &project).0.unwrap_or_default();
        let meant = flags.iter().filter(|entry| entry.flag.key == name || entry.name() == name);
        found.extend(meant.map(|entry| answer(&entry.path, Some(&entry.flag.key), policy)));
    }
    Ok(found)
}

fn is_folder(path: &str, repo: &Repo, comparison: &Comparison) -> Result<bool, Error> {
    let below = |outer: &str, inner: &str| inner.strip_prefix(outer).is_some_and(|rest| rest.starts_with('/'));
    let enter = |dir: &str| dir == path || below(dir, path) || below(path, dir);
    let mut found = false;
    repo.list(comparison, TreeSide::Live, &enter, &mut |file, _| found |= below(path, file))?;
    Ok(found)
}

fn answer(path: &str, key: Option<&str>, policy: &Policy) -> PathApprovers {
    let (project, several) = match policy.project_of(path) {
        ProjectMatch::Project(project) => (Some(project), Vec::new()),
        ProjectMatch::Several(projects) => (None, projects.iter().map(|project| project.name.clone()).collect()),
        ProjectMatch::Unmanaged => (None, Vec::new()),
    };
    let lines = policy.approvers.matching(path);
    PathApprovers {
        path: path.to_owned(),
        key: key.map(str::to_owned),
        project: project.map(|project| project.name_at(path)),
        several,
        approvals: project.map(|project| project.approvals),
        lines: lines
            .iter()
            .map(|found| {
                let required = found.section.required.max(project.map_or(1, |project| project.required));
                ApproversLine {
                    from: found.approvers.iter().map(ToString::to_string).collect(),
                    number: found.line.place.line,
                    optional: found.section.optional,
                    required,
                    section: found.section.name.clone(),
                }
            })
            .collect(),
        admins: policy.config.admins.iter().map(ToString::to_string).collect(),
        policy_approvers: policy.config.policy_approvers.iter().map(ToString::to_string).collect(),
        protected: policy.protects(path),
    }
}
