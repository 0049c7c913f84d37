//! `init`: sets a repository up from what is found in it. It writes new files and changes none.
//!
//! **In**: the work tree. **Out**: a policy that `lint` has nothing to say about, the hooks, the workflows, and every
//! decision in words: what was found where, what is gated, by whom, and what is not. **Refuses**: to choose approvers
//! in silence, and to write a project that has no file. **Not taken**: questions, which nobody can answer in a script.

mod choice;
mod companions;
mod found;
mod patterns;
mod projects;
mod united;
mod words;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::Path;

use serde::Serialize;

use self::choice::NewMapping;
use self::companions::values_of;
use self::found::{Found, FoundFile, FoundOwners};
use self::projects::{NewProject, escaped, projects};
use self::words::{approval_words, found_words, left_out_words, next_words, there_words};
use super::Exit;
use super::show::Shell;
use super::workflows::Workflows;
use crate::cli::lint::LintedFiles;
use crate::document::yaml::profile;
use crate::error::Error;
use crate::git::Repo;
use crate::policy::codeowners::Ownership;
use crate::policy::{APPROVERS_PATH, Approvals, Approver, CONFIG_PATH, FORMATS_FOLDER, Pattern, Policy};

pub(super) const HOOKS_PATH: &str = ".pre-commit-config.yaml";
const HOOKS: &str = include_str!("../../examples/hooks/pre-commit-local.yaml");
/// The flag of a repository that has none: a project without a file gates nothing.
const FIRST_FLAG: &str = include_str!("../../examples/first-flag.yaml");

#[derive(clap::Args, Debug)]
#[command(
    after_help = "Looks for flag files and CODEOWNERS, and writes .countersign/config.yaml and .countersign/APPROVERS \
for them, .pre-commit-config.yaml, and the two workflows if the repository is on GitHub. Files that are there already \
stay as they are."
)]
pub struct InitArgs {
    /// An admin: may respond to every request, and approves changes to the policy (repeatable)
    #[arg(long, value_name = "@USER|@ORG/TEAM")]
    admin: Vec<String>,
    #[command(flatten)]
    workflows: Workflows,
}

/// The decisions of `init`, before anything is written.
pub(super) struct Plan<'f> {
    found: &'f Found,
    projects: Vec<(NewProject, ProjectApprovals)>,
    admins: &'f [String],
    /// Owners of the policy by CODEOWNERS, where no admin was named.
    policy_approvers: Vec<String>,
    /// Patterns of files of formats that are not read.
    protected: Vec<String>,
    /// Paths of the settings of formats that are read.
    settings: Vec<String>,
    /// The path of the first flag, if one is written.
    first: Option<String>,
}

/// How a project is approved, and why.
#[derive(Clone, Copy)]
pub(super) struct ProjectApprovals {
    mode: Approvals,
    /// The most that CODEOWNERS says of a file of it.
    ownership: Ownership,
}

impl InitArgs {
    pub fn run(self, shell: &Shell) -> anyhow::Result<Exit> {
        let repo = shell.repo()?;
        let Some(root) = repo.workdir().map(Path::to_owned) else {
            let help = "clone it, and run this in the clone: `git clone . ../work && countersign -C ../work init`";
            return Err(Error::usage("a bare repository has no files to set up", help).into());
        };
        for admin in &self.admin {
            Approver::parse(admin).map_err(|why| {
                Error::usage(format!("`--admin`: {}", String::from(why)), "write `@user` or `@org/team`")
            })?;
        }
        self.workflows.vet()?;
        let found = Found::look(&repo)?;
        let there = LintedFiles::open(&repo, None)?.policy()?;
        let plan = Plan::of(&found, &repo, &self.admin);
        let (config, approvers) = (config(&plan)?, approvers(&plan));
        let mut said = String::new();
        let mut wrote = Vec::new();
        if there.config.is_none() {
            said.push_str(&found_words(&plan));
        }
        let mut one = |path: &str, text: &str, said: &mut String| -> Result<(), Error> {
            if write(&repo, &root, path, text, said)? {
                wrote.push(path.to_owned());
            }
            Ok(())
        };
        if let Some(path) = plan.first.as_ref().filter(|_| there.config.is_none()) {
            one(path, FIRST_FLAG, &mut said)?;
        }
        if there.config.is_none() {
            for mapping in plan.mappings().values() {
                one(&format!("{FORMATS_FOLDER}/{}.yaml", mapping.name), &mapping.text, &mut said)?;
            }
        }
        one(CONFIG_PATH, &config, &mut said)?;
        one(APPROVERS_PATH, &approvers, &mut said)?;
        one(HOOKS_PATH, HOOKS, &mut said)?;
        if std::fs::read_to_string(root.join(HOOKS_PATH)).is_ok_and(|text| !text.contains("countersign")) {
            said.push_str("       add two hooks to it: `countersign lint` and `countersign check --staged --hook`\n");
        }
        let on_github = self.workflows.write(&repo, &root, &mut said)?;
        match Policy::read(&there).0 {
            Some(policy) => said.push_str(&there_words(&policy, &found, &self.admin)),
            // `lint` reports its diagnostics with their places.
            None if there.config.is_some() => {
                said.push_str("\nThe policy that is there cannot be read: `countersign lint` says why.\n");
            }
            None => {
                said.push_str(&approval_words(&plan));
                said.push_str(&left_out_words(&plan));
            }
        }
        said.push_str(&next_words(&repo, shell, &root, &wrote));
        said.push_str(&on_github.unwrap_or_default());
        shell.print(&said);
        Ok(Exit::Clear)
    }
}

/// Writes a new file and says so; `false` if there was one, which stays as it is. One that git has and a sparse
/// checkout left out is there too.
pub(super) fn write(repo: &Repo, root: &Path, path: &str, text: &str, said: &mut String) -> Result<bool, Error> {
    let full = root.join(path);
    // A dangling link is there too, and writing would go wherever it points.
    if full.symlink_metadata().is_ok() || repo.is_left_out(path)? {
        let _ = writeln!(said, "kept   {path}, which is there already");
        return Ok(false);
    }
    let linked = |folder: &Path| folder != root && folder.is_symlink();
    if let Some(folder) = full.ancestors().skip(1).take_while(|folder| *folder != root).find(|folder| linked(folder)) {
        let message = format!("`{}` is a symlink, and files would be written wherever it points", folder.display());
        return Err(Error::usage(message, "make it a folder"));
    }
    if let Some(parent) = full.parent() {
        std::fs::create_dir_all(parent).map_err(|error| Error::file("make", parent, &error))?;
    }
    std::fs::write(&full, text).map_err(|error| Error::file("write", &full, &error))?;
    let _ = writeln!(said, "wrote  {path}");
    Ok(true)
}

impl<'f> Plan<'f> {
    fn of(found: &'f Found, repo: &Repo, admins: &'f [String]) -> Plan<'f> {
        let mut all = projects(found, repo);
        // Other files there are none of its format.
        let others = found.all.iter().any(|path| path.starts_with("flags/"));
        let folder = if others { "flags/countersign" } else { "flags" };
        let first = all.is_empty() && found.others().next().is_none();
        let first = first.then(|| format!("{folder}/first-flag.yaml"));
        if let Some(path) = &first {
            all.push(NewProject {
                name: "flags".to_owned(),
                paths: vec![format!("{folder}/**")],
                formats: Vec::new(),
                files: vec![path.clone()],
                alone: Vec::new(),
                counts: BTreeMap::new(),
            });
        }
        let owners = match &found.owners {
            FoundOwners::There(_, owners) => Some(owners),
            FoundOwners::No | FoundOwners::Unread(..) => None,
        };
        let approvals = |project: &NewProject| {
            let of = |path: &String| owners.map_or(Ownership::Unowned, |owners| owners.ownership(path));
            let ownership = project.files.iter().map(of).min().unwrap_or(Ownership::Unowned);
            let mode = match ownership {
                Ownership::Owned | Ownership::Unread => Approvals::Specific,
                Ownership::Cleared | Ownership::Unowned => Approvals::Peer,
            };
            ProjectApprovals { mode, ownership }
        };
        let projects =
            all.into_iter().map(|project| (approvals(&project), project)).map(|(how, project)| (project, how));
        let policy_owners = owners.filter(|_| admins.is_empty()).map(|owners| owners.owners_of(CONFIG_PATH));
        Plan {
            found,
            projects: projects.collect(),
            admins,
            policy_approvers: policy_owners.unwrap_or_default().iter().map(ToString::to_string).collect(),
            protected: protected(found),
            settings: settings(found),
            first,
        }
    }
}

impl Plan<'_> {
    /// The mappings that are written, by their names.
    fn mappings(&self) -> BTreeMap<&str, &NewMapping> {
        let mappings = self.found.gated().filter_map(|file| file.mapping.as_ref());
        mappings.map(|mapping| (mapping.name.as_str(), mapping)).collect()
    }
}

/// Patterns of the settings that say where the flags of a format are read, also of those that are not there yet.
fn settings(found: &Found) -> Vec<String> {
    let own: BTreeSet<&str> = found.gated().flat_map(|file| file.known.settings).copied().collect();
    let unread = found.unread.iter().map(|path| escaped(path));
    own.into_iter().map(str::to_owned).chain(values_of(&found.files, &found.all)).chain(unread).collect()
}

/// Patterns of the files of formats that are not read: a folder that holds nothing else, or each file.
fn protected(found: &Found) -> Vec<String> {
    let mut patterns: Vec<String> = Vec::new();
    let others: Vec<&FoundFile> = found.others().filter(|file| file.known.alone || file.template).collect();
    let folder = |path: &str| path.rsplit_once('/').map(|(folder, _)| format!("{folder}/"));
    for file in &others {
        let alike =
            |path: &&String| others.iter().any(|other| other.path == **path && other.known.name == file.known.name);
        let whole = folder(&file.path).filter(|folder| {
            let inside = || found.all.iter().filter(|path| path.starts_with(folder.as_str()));
            inside().count() > 2 && inside().all(|path| alike(&path))
        });
        let pattern = whole.map_or_else(|| escaped(&file.path), |folder| format!("{}**", escaped(&folder)));
        if !patterns.contains(&pattern) {
            patterns.push(pattern);
        }
    }
    patterns
}

/// The configuration that `init` writes, in the order of the file.
#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct InitConfig<'f> {
    version: u32,
    admins: &'f [String],
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    policy_approvers: &'f [String],
    projects: BTreeMap<&'f str, InitProject<'f>>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    formats: BTreeMap<&'f str, &'f str>,
    protect: Vec<&'f str>,
}

/// A project as `init` writes it.
#[derive(Serialize)]
struct InitProject<'f> {
    paths: &'f [String],
    approvals: Approvals,
}

const INTRODUCTION: &str = "\
# Which flags need whose approval. Countersign reads this file from the base branch: a pull request that edits it
# is judged by what stands here now, and needs an admin besides.
";

/// The comments above keys of the configuration.
const COMMENTS: &[(&str, &str)] = &[
    ("admins:", "Admins may respond to every request, in every project: \"@user\" or \"@org/team\"."),
    ("policy-approvers:", "They may approve changes of this folder and of protected paths, and own it in CODEOWNERS."),
    ("projects:", "specific: those APPROVERS names. peer: anyone with write access but the author. none: nobody."),
    ("formats:", "Files that are not recognised by their names."),
    (
        "protect:",
        "Workflows could switch the check off, and attributes leave a file out of what is shipped: an admin looks at \
         both.",
    ),
];

fn config(plan: &Plan<'_>) -> Result<String, serde_yaml::Error> {
    let projects = plan.projects.iter();
    let projects = projects
        .map(|(project, how)| (project.name.as_str(), InitProject { paths: &project.paths, approvals: how.mode }));
    let formats = plan.projects.iter().flat_map(|(project, _)| &project.formats);
    let protect = [".github/**", "**/.gitattributes"].into_iter();
    let protect =
        protect.chain(plan.settings.iter().map(String::as_str)).chain(plan.protected.iter().map(String::as_str));
    let config = InitConfig {
        version: 1,
        admins: plan.admins,
        policy_approvers: &plan.policy_approvers,
        projects: projects.collect(),
        formats: formats.map(|(pattern, id)| (pattern.as_str(), id.as_str())).collect(),
        protect: protect.collect(),
    };
    let mut out = INTRODUCTION.to_owned();
    let has_placeholder = |text: &String| Pattern::glob(text).is_ok_and(|pattern| pattern.has_placeholder());
    let placeholders = plan.projects.iter().any(|(project, _)| project.paths.iter().any(has_placeholder));
    for line in serde_yaml::to_string(&config)?.lines() {
        if let Some((_, comment)) = COMMENTS.iter().find(|(key, _)| line.starts_with(key)) {
            let _ = write!(out, "\n# {comment}\n");
        }
        if line.starts_with("projects:") && placeholders {
            out.push_str(
                "# A `{placeholder}` in a path takes any name there; flags of one key are told apart by it.\n",
            );
        }
        if plan.protected.first().is_some_and(|first| line.contains(first.as_str())) {
            out.push_str("# Flags of formats that are not read yet, protected as files.\n");
        }
        out.push_str(&profile::quoted_line(line));
        out.push('\n');
    }
    Ok(out)
}

fn approvers(plan: &Plan<'_>) -> String {
    let mut out = "# Who may approve a change to which flag. The syntax is that of CODEOWNERS: a path, then people or \
                   teams.\n# Names on one line are alternatives; the last line that matches a file is the one that \
                   holds.\n"
        .to_owned();
    let of = |mode: Option<Approvals>| -> Vec<&str> {
        let projects = plan.projects.iter().filter(|(_, how)| mode.is_none_or(|mode| how.mode == mode));
        projects.flat_map(|(project, _)| project.files.iter().map(String::as_str)).collect()
    };
    if let FoundOwners::There(path, owners) = &plan.found.owners {
        let lines = owners.lines(&of(None), &of(Some(Approvals::Specific)), plan.admins);
        if !lines.is_empty() {
            let _ = write!(out, "# These lines come from {path}.\n\n{lines}");
            return out;
        }
    }
    out.push_str("#\n# No line is needed as long as peers approve: `approvals: peer` in config.yaml.\n");
    out
}
