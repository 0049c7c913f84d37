//! The words of `init`: what it found, who approves what and why, what it left out, and the next steps.

use crate::diagnostics::words::counted;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::Path;

use super::Plan;
use super::found::{Found, FoundFile, FoundOwners};
use crate::cli::show::Shell;
use crate::diagnostics::escape;
use crate::git::Repo;
use crate::policy::codeowners::{LeftOut, Ownership};
use crate::policy::{APPROVERS_PATH, Approvals, CONFIG_PATH, FORMATS_FOLDER, Policy, ProjectMatch};
use crate::render::plain;

/// The words about templates that cannot be read.
const TEMPLATE: &str = "not gated as flags, since templates (`{{ … }}`) say nothing before they are filled in; they \
                        and the values of their charts are under `protect`, so each change of them waits for an admin";

/// More lines of one kind help nobody.
const MOST: usize = 12;

/// The lines, and how many more there are.
fn some(lines: &[String], out: &mut String) {
    for line in lines.iter().take(MOST) {
        let _ = writeln!(out, "{}", plain(line));
    }
    if lines.len() > MOST {
        let _ = writeln!(out, "  and {} more", lines.len() - MOST);
    }
}

/// Where files are: each of them if they are few, else their folders.
fn places(files: &[&FoundFile]) -> String {
    if let [one] = files {
        return one.path.clone();
    }
    let folder =
        |file: &&FoundFile| file.path.rsplit_once('/').map_or("./".to_owned(), |(folder, _)| format!("{folder}/"));
    let folders: BTreeSet<String> = files.iter().map(folder).collect();
    let shown: Vec<&str> = folders.iter().take(3).map(String::as_str).collect();
    let more = folders.len().saturating_sub(shown.len());
    let more = if more > 0 { format!(" and {more} more folders") } else { String::new() };
    format!("{}{more}", shown.join(", "))
}

/// The files that were found, and whether they are gated.
pub fn found_words(plan: &Plan<'_>) -> String {
    let mut lines = gated_words(plan);
    lines.extend(other_words(plan));
    lines.extend(first_words(plan));
    lines.extend(plan.found.ambiguous.iter().map(|path| {
        let path = escape::visible(path);
        format!(
            "passed over  {path}, which is called like flags: NOT GATED. If it holds some, name it under `paths` of a \
             project, and as `generic` under `formats`; `countersign formats draft {path}` starts a mapping that says \
             more"
        )
    }));
    let renames = plan.found.gated().any(|file| file.known.renames());
    for one in plan.found.renamed.iter().filter(|one| renames && !one.unknown.is_empty()) {
        let names: Vec<String> = one.unknown.iter().map(|name| format!("`{name}DirectoryPath`")).collect();
        lines.push(format!(
            "{} says by {} where files are, which nobody knows without running it: name these folders under `paths` \
             of the project, and as `featurevisor` under `formats`, or nobody reviews what stands there",
            escape::visible(&one.settings),
            names.join(", "),
        ));
    }
    for mapping in plan.mappings().values().filter(|mapping| mapping.drafted) {
        lines.push(format!(
            "`{}` is a mapping that was drafted from the shape of the file: look at each line marked `Decide` in \
             {FORMATS_FOLDER}/{}.yaml",
            mapping.name, mapping.name
        ));
    }
    for (project, _) in plan.projects.iter().filter(|(project, _)| !project.alone.is_empty()) {
        lines.push(format!(
            "`{}` has {} by name, because the folder has other files: name a new flag file under its `paths`, or \
             nobody reviews it",
            project.name,
            match project.alone.as_slice() {
                [one] => one.clone(),
                all => counted(all.len(), "file"),
            }
        ));
    }
    let mut out = String::new();
    some(&lines, &mut out);
    if plan.projects.is_empty() {
        out.push_str(
            "This repository has no flag that can be gated yet, and every report says so in its first line.\n",
        );
    }
    out.push('\n');
    out
}

/// The files of each project.
fn gated_words(plan: &Plan<'_>) -> Vec<String> {
    let mut lines = Vec::new();
    for (project, _) in &plan.projects {
        for (name, flags) in &project.counts {
            let files: Vec<&FoundFile> =
                plan.found.gated().filter(|file| file.label() == *name && project.files.contains(&file.path)).collect();
            lines.push(format!(
                "found  {} ({name}) in {}: project `{}`",
                counted(*flags, "flag"),
                places(&files),
                project.name
            ));
        }
    }
    lines
}

/// The files that are not gated, and why.
fn other_words(plan: &Plan<'_>) -> Vec<String> {
    let mut others: BTreeMap<&str, Vec<&FoundFile>> = BTreeMap::new();
    for file in plan.found.others() {
        others.entry(file.known.name).or_default().push(file);
    }
    let words = |(name, files): (&str, Vec<&FoundFile>)| {
        let first = files.first()?;
        let flags: usize = files.iter().map(|file| file.flags).sum();
        let what = match first.known.alone {
            _ if first.template => TEMPLATE,
            true if files.len() == 1 => {
                "not gated as flags, since no format for such a file is built in; it is under `protect`, so each \
                 change of it waits for an admin"
            }
            true => {
                "not gated as flags, since no format for such files is built in; they are under `protect`, so each \
                 change of them waits for an admin"
            }
            false => {
                "NOT GATED, since no format for such files is built in, and they hold other settings too; `protect` in \
                 the configuration would make each change wait for an admin"
            }
        };
        let draft = if first.template {
            String::new()
        } else {
            let path = escape::visible(&first.path);
            format!(". `countersign formats draft {path}` starts a mapping that reads it")
        };
        Some(format!("found  {} ({name}) in {}: {what}{draft}", counted(flags, "flag"), places(&files)))
    };
    others.into_iter().filter_map(words).collect()
}

/// A first flag, where none was found.
fn first_words(plan: &Plan<'_>) -> Vec<String> {
    if plan.first.is_none() {
        return Vec::new();
    }
    vec![
        "No flag file was found, so a first flag is written: a project without a file gates nothing.".to_owned(),
        "Flags in files of other names are not gated: name such a file under `formats` in the configuration, as \
         `generic` if no other format reads it; `countersign formats draft FILE` starts a mapping of your own."
            .to_owned(),
    ]
}

/// The approvers of each project, and why.
pub fn approval_words(plan: &Plan<'_>) -> String {
    let mut lines = Vec::new();
    let width = plan.projects.iter().map(|(project, _)| escape::columns(&project.name)).max().unwrap_or(0);
    for (project, how) in &plan.projects {
        let why = match (&plan.found.owners, how.ownership) {
            (FoundOwners::No, _) => "because there is no CODEOWNERS".to_owned(),
            (FoundOwners::Unread(path, why), _) => format!("because {path} was not read: {why}"),
            (FoundOwners::There(path, _), Ownership::Owned) => format!("by {path}"),
            (FoundOwners::There(path, _), Ownership::Unread) if plan.admins.is_empty() => {
                format!("and {path} names nobody who can be read: name them in {APPROVERS_PATH}")
            }
            (FoundOwners::There(path, _), Ownership::Unread) => {
                format!("and {path} names nobody who can be read: the admins stand in")
            }
            (FoundOwners::There(path, _), Ownership::Cleared) => format!("because {path} takes the owners away"),
            (FoundOwners::There(path, _), Ownership::Unowned) => {
                format!("because no line of {path} requires anybody for it")
            }
        };
        let mode = match how.mode {
            Approvals::Specific => "specific: the approvers that APPROVERS names",
            Approvals::Peer => "peer: anyone with write access but the author",
            Approvals::None => "none: nobody",
        };
        lines.push(format!("  {}  {mode}, {why}", escape::pad(&project.name, width)));
    }
    let mut out = String::new();
    if !lines.is_empty() {
        out.push_str("\nWho approves:\n");
        some(&lines, &mut out);
    }
    if let (FoundOwners::There(path, _), [_, ..]) = (&plan.found.owners, plan.policy_approvers.as_slice()) {
        let _ = writeln!(
            out,
            "\n{} may approve changes of the policy, as {path} says. No admin is named: one may respond to every \
             request.",
            plan.policy_approvers.join(" ")
        );
    } else if plan.admins.is_empty() {
        out.push_str(NO_ADMIN);
    }
    out
}

const NO_ADMIN: &str = "\nNo admin is named yet. Write yourself and a second person under `admins` in \
                        .countersign/config.yaml: without an admin\nnobody can approve changes to the policy, and \
                        nobody approves their own.\n";

/// Lines of CODEOWNERS that were not taken over.
pub fn left_out_words(plan: &Plan<'_>) -> String {
    let FoundOwners::There(path, owners) = &plan.found.owners else { return String::new() };
    let files: Vec<&str> =
        plan.projects.iter().flat_map(|(project, _)| project.files.iter().map(String::as_str)).collect();
    let line = |one: &LeftOut| {
        let whole = if one.why.starts_with('`') { String::new() } else { format!("`{}`: ", one.text) };
        let instead = owners.instead(one, &files);
        let instead = instead.map(|(path, names)| format!("; {path} stays with {names}")).unwrap_or_default();
        format!("  line {}: {whole}{}{instead}", one.line, one.why)
    };
    let mut lines: Vec<String> = owners.left_out.iter().map(line).collect();
    let folders: Vec<&str> = plan
        .projects
        .iter()
        .flat_map(|(project, _)| project.paths.iter().filter_map(|pattern| pattern.split("/*").next()))
        .collect();
    lines.extend(owners.later(&files, &folders).iter().map(|line| format!("  line {line}: no flag file is there yet")));
    let mut out = String::new();
    if !lines.is_empty() {
        let _ = writeln!(out, "\nLeft out of {path}, the rest holds:");
        some(&lines, &mut out);
    }
    out
}

/// The policy that is there already, in words.
pub fn there_words(policy: &Policy, found: &Found, admins: &[String]) -> String {
    let managed = |file: &&FoundFile| !matches!(policy.project_of(&file.path), ProjectMatch::Unmanaged);
    let gated = found.gated().filter(managed);
    let (files, flags) = gated.fold((0, 0), |(files, flags), file| (files + 1, flags + file.flags));
    let names: Vec<&str> = policy.config.projects.iter().take(MOST).map(|project| project.name.as_str()).collect();
    let mut out = format!(
        "\nIt is set up: {} ({}) with {} in {}.\n",
        counted(policy.config.projects.len(), "project"),
        names.join(", "),
        counted(flags, "flag"),
        counted(files, "file")
    );
    let missing: Vec<String> = found
        .files
        .iter()
        .filter(|file| !managed(file) && !policy.protects(&file.path) && file.flags > 0)
        .map(|file| format!("  {} ({}, {})", file.path, file.known.name, counted(file.flags, "flag")))
        .collect();
    if !missing.is_empty() {
        let _ = writeln!(out, "Not gated, since no project in {CONFIG_PATH} has them:");
        some(&missing, &mut out);
    }
    if policy.config.of_policy().next().is_none() {
        out.push_str(NO_ADMIN);
    } else if !admins.is_empty()
        && admins.iter().any(|admin| policy.config.admins.iter().all(|one| one.to_string() != *admin))
    {
        let _ = writeln!(out, "The admins stay as they are: write others into {CONFIG_PATH}.");
    }
    out
}

/// The next steps, as commands that can be run where this one was.
pub fn next_words(repo: &Repo, shell: &Shell, root: &Path, wrote: &[String]) -> String {
    let here = |path: &Path| path.canonicalize().ok();
    // Git takes `:/` for the root of the work tree.
    let top = if here(shell.dir()) == here(root) { "" } else { ":/" };
    let fresh = repo.head().is_err();
    let mut parts: Vec<String> =
        wrote.iter().map(|path| format!("{top}{}", path.split('/').next().unwrap_or(path))).collect();
    parts.dedup();
    let add = if fresh {
        format!("git add {}", if top.is_empty() { "." } else { top })
    } else {
        format!("git add {}", parts.join(" "))
    };
    let base = super::super::workflows::default_branch(repo);
    let mut out = "\nNext:\n  countersign lint            check every flag file\n".to_owned();
    if !parts.is_empty() {
        let _ = writeln!(out, "  {add}");
        let _ = writeln!(out, "  git commit -m \"countersign: who approves which flag\"");
        let _ = writeln!(out, "                              the policy counts once it is merged into `{base}`");
    }
    out.push_str("  countersign check           on a branch: what would change, and who has to approve\n");
    out
}
