//! `init`: sets a repository up from what is found in it. It writes new files and changes none.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::Path;

use anyhow::bail;
use serde::Serialize;

use super::Exit;
use super::show::Shell;
use super::workflows::Workflows;
use crate::diagnostics::Diagnostics;
use crate::document::yaml::profile;
use crate::error::Error;
use crate::flag::FileKind;
use crate::format::{self, Format, InitFile};
use crate::git::{Repo, TreeEntry};
use crate::policy::{APPROVERS_PATH, Approvals, Approver, Approvers, CONFIG_PATH};

const HOOKS_PATH: &str = ".pre-commit-config.yaml";
const HOOKS: &str = include_str!("../../examples/hooks/pre-commit-config.yaml");
/// Where GitHub looks for code owners, in its order.
const CODEOWNERS: &[&str] = &[".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS"];

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

/// Flag files and code owners found in the repository.
struct FoundFiles {
    /// Project to the pattern of its files.
    projects: BTreeMap<String, String>,
    /// A CODEOWNERS file's lines that concern flags.
    owners: Option<(&'static str, Vec<String>)>,
}

impl InitArgs {
    pub fn run(self, shell: &Shell) -> anyhow::Result<Exit> {
        let repo = shell.repo()?;
        let Some(root) = repo.workdir().map(Path::to_owned) else {
            bail!(Error::usage("a bare repository has no files to set up", "run this in a work tree",));
        };
        for admin in &self.admin {
            Approver::parse(admin).map_err(|why| {
                Error::usage(format!("`--admin`: {}", String::from(why)), "write `@user` or `@org/team`")
            })?;
        }
        self.workflows.vet()?;
        let found = look(&repo)?;
        let mut said = String::new();
        write(&repo, &root, CONFIG_PATH, &config(&found, &self.admin)?, &mut said)?;
        write(&repo, &root, APPROVERS_PATH, &approvers(&found), &mut said)?;
        // The first line says where to copy the rest to, which is done here.
        let hooks = HOOKS.split_once('\n').map_or(HOOKS, |(_, hooks)| hooks);
        write(&repo, &root, HOOKS_PATH, hooks, &mut said)?;
        let on_github = self.workflows.write(&repo, &root, &mut said)?;
        if found.projects.is_empty() {
            said.push_str(
                "\nNo flag file was found; the configuration has a project to start with: put flags under flags/.\n",
            );
        }
        if self.admin.is_empty() {
            let _ = write!(
                said,
                "\nNo admin is named yet. Add one under `admins` in {CONFIG_PATH}: without one nobody can approve changes to the policy.\n"
            );
        }
        said.push_str(
            "\nNext:\n  countersign lint       check every flag file\n  git add .countersign   commit and merge: the policy counts from then on\n  countersign check      on a branch: what would change, and who has to approve\n",
        );
        said.push_str(&on_github.unwrap_or_default());
        shell.print(&said);
        Ok(Exit::Clear)
    }
}

/// Writes a new file and says so; `false` if there was one, which stays as it is. One that git has and a sparse checkout
/// left out is there too.
pub(super) fn write(repo: &Repo, root: &Path, path: &str, text: &str, said: &mut String) -> Result<bool, Error> {
    let full = root.join(path);
    // A dangling link is there too, and writing would go wherever it points.
    if full.symlink_metadata().is_ok() || repo.is_left_out(path)? {
        let _ = writeln!(said, "kept   {path}, which is there already");
        return Ok(false);
    }
    if let Some(parent) = full.parent() {
        std::fs::create_dir_all(parent).map_err(|error| Error::file("make", parent, &error))?;
    }
    std::fs::write(&full, text).map_err(|error| Error::file("write", &full, &error))?;
    let _ = writeln!(said, "wrote  {path}");
    Ok(true)
}

fn look(repo: &Repo) -> Result<FoundFiles, Error> {
    let mut entries: Vec<(String, TreeEntry)> = Vec::new();
    let mut owners: Vec<(String, TreeEntry)> = Vec::new();
    repo.worktree_files(
        &|dir| !matches!(dir, "node_modules" | "target" | "vendor" | ".countersign"),
        &mut |path, entry| {
            if entry.kind == FileKind::Regular && CODEOWNERS.contains(&path) {
                owners.push((path.to_owned(), entry));
            } else if entry.kind == FileKind::Regular && format::recognise(path).is_some() {
                entries.push((path.to_owned(), entry));
            }
        },
    )?;
    let flags: Vec<(String, &Format)> = repo.load_many(&entries, |_, file| {
        let format = format::recognise(&file.path)?;
        let mut diagnostics = Diagnostics::of(&file.path);
        let flags = (format.read)(&file.bytes, &file.path, &mut diagnostics)?;
        (!flags.is_empty()).then_some((file.path.clone(), format))
    })?;
    let mut projects: BTreeMap<String, String> = BTreeMap::new();
    let mut paths = Vec::new();
    let folder = |path: &str| path.rsplit_once('/').map_or(String::new(), |(folder, _)| folder.to_owned());
    let folders: BTreeSet<String> = flags.iter().map(|(path, _)| folder(path)).collect();
    for (path, format) in flags {
        let folder = folder(&path);
        // Every file belongs to exactly one project: a folder with projects below it has only its own files.
        let outer =
            folders.iter().any(|other| other.strip_prefix(folder.as_str()).is_some_and(|rest| rest.starts_with('/')));
        let pattern = (format.init_pattern)(&InitFile { path: &path, folder: &folder, outer });
        let name: String = folder
            .rsplit('/')
            .next()
            .filter(|name| !name.is_empty())
            .unwrap_or("flags")
            .chars()
            .map(|c| if c.is_ascii_alphanumeric() { c } else { '-' })
            .collect();
        let mut unique = name.clone();
        let mut number = 2;
        while projects.get(&unique).is_some_and(|other| *other != pattern) {
            unique = format!("{name}-{number}");
            number += 1;
        }
        projects.insert(unique, pattern);
        paths.push(path);
    }
    let mut found = FoundFiles { projects, owners: None };
    for place in CODEOWNERS {
        if let Some((_, entry)) = owners.iter().find(|(path, _)| path == place) {
            let file = repo.load(place, entry)?;
            found.owners = concerning(&file.bytes, place, &paths).map(|lines| (*place, lines));
            break;
        }
    }
    Ok(found)
}

/// The lines of a CODEOWNERS file that hold for some flag file; none if the file can't be taken over as it is.
fn concerning(bytes: &[u8], place: &str, paths: &[String]) -> Option<Vec<String>> {
    let mut diagnostics = Diagnostics::of(place);
    let owners = Approvers::parse(bytes, &mut diagnostics);
    if diagnostics.any_error() {
        return None;
    }
    let mut lines: Vec<u32> = paths
        .iter()
        .flat_map(|path| owners.matching(path))
        .filter(|found| !found.approvers.is_empty())
        .map(|found| found.line.place.line)
        .collect();
    lines.sort_unstable();
    lines.dedup();
    let text = String::from_utf8_lossy(bytes);
    let texts: Vec<&str> = text.lines().collect();
    let kept: Vec<String> = lines
        .iter()
        .filter_map(|line| texts.get(usize::try_from(*line).ok()?.checked_sub(1)?))
        .map(|line| (*line).to_owned())
        .collect();
    (!kept.is_empty()).then_some(kept)
}

/// The configuration that `init` writes, in the order of the file.
#[derive(Serialize)]
struct InitConfig<'f> {
    version: u32,
    admins: &'f [String],
    projects: BTreeMap<&'f str, InitProject<'f>>,
    protect: [&'static str; 2],
}

#[derive(Serialize)]
struct InitProject<'f> {
    paths: [&'f str; 1],
    approvals: Approvals,
}

const INTRODUCTION: &str = "\
# Which flags need whose approval. Countersign reads this file from the base branch: a pull request that edits it
# is judged by what stands here now, and needs an admin besides.
";

/// The comments above keys of the configuration.
const COMMENTS: &[(&str, &str)] = &[
    ("admins:", "Admins may respond to every request, in every project: \"@user\" or \"@org/team\"."),
    ("projects:", "specific: those APPROVERS names. peer: anyone with write access but the author. none: nobody."),
    (
        "protect:",
        "Workflows could switch the check off, and attributes leave a file out of what is shipped: an admin looks at both.",
    ),
];

fn config(found: &FoundFiles, admins: &[String]) -> Result<String, serde_yaml::Error> {
    let approvals = if found.owners.is_some() { Approvals::Specific } else { Approvals::Peer };
    let found = found.projects.iter().map(|(name, pattern)| (name.as_str(), pattern.as_str()));
    let mut projects: BTreeMap<&str, InitProject<'_>> =
        found.map(|(name, pattern)| (name, InitProject { paths: [pattern], approvals })).collect();
    if projects.is_empty() {
        projects.insert("flags", InitProject { paths: ["flags/**"], approvals });
    }
    let config = InitConfig { version: 1, admins, projects, protect: [".github/**", "**/.gitattributes"] };
    let mut out = INTRODUCTION.to_owned();
    for line in serde_yaml::to_string(&config)?.lines() {
        if let Some((_, comment)) = COMMENTS.iter().find(|(key, _)| line.starts_with(key)) {
            let _ = write!(out, "\n# {comment}\n");
        }
        out.push_str(&profile::quoted_line(line));
        out.push('\n');
    }
    Ok(out)
}

fn approvers(found: &FoundFiles) -> String {
    let mut out = "# Who may approve a change to which flag. The syntax is that of CODEOWNERS: a path, then people or teams.\n# Names on one line are alternatives; the last line that matches a file is the one that holds.\n".to_owned();
    match &found.owners {
        Some((place, lines)) => {
            let _ = write!(out, "# These lines come from {place}.\n\n");
            for line in lines {
                let _ = writeln!(out, "{line}");
            }
        }
        None => out.push_str("#\n# /flags/checkout/    @org/checkout @alice\n"),
    }
    out
}
