//! `approvers`: who may approve changes of a file or flag, and which line says so.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use super::show::Shell;
use super::{Exit, Failure};
use crate::flag::Placed;
use crate::gather;
use crate::policy::{APPROVERS_PATH, Approvals, Home, Law};
use crate::render::plain;
use crate::repo::{Comparison, Repo, Side};
use crate::review::read::read_file;
use crate::text::problem::nearest;

#[derive(clap::Args, Debug)]
pub struct Approvers {
    /// A path from the root of the repository, or the key of a flag
    #[arg(required = true, value_name = "PATH|KEY")]
    names: Vec<String>,
    /// The branch whose law counts [default: the remote's default branch, else main or master]
    #[arg(long, value_name = "REV")]
    base: Option<String>,
    /// How to write it down
    #[arg(long, value_name = "FORMAT", default_value = "text", value_parser = ["text", "json"])]
    format: String,
}

/// What is said of one path.
struct Answer {
    path: String,
    key: Option<String>,
    project: Option<String>,
    approvals: Option<Approvals>,
    /// Section, line of APPROVERS, how many, of whom, optional.
    lines: Vec<(Option<String>, u32, u32, Vec<String>, bool)>,
    admins: Vec<String>,
    protected: bool,
}

impl Approvers {
    pub fn run(self, shell: &Shell) -> Result<Exit, Failure> {
        let repo = shell.repo()?;
        let base = match &self.base {
            Some(base) => repo.commit(base)?,
            None => repo.default_base()?,
        };
        let comparison = repo.two_trees(&base, &base)?;
        let files = gather::law_files(&repo, &comparison, Side::Live)?;
        let (law, problems) = Law::read(&files);
        let Some(law) = law else {
            let printing = super::show::Printing { format: "text".to_owned(), all: false };
            return Ok(shell.lawless(&problems, &printing));
        };
        let mut answers = Vec::new();
        for name in &self.names {
            answers.extend(find(name, &repo, &comparison, &law)?);
        }
        shell.print(&if self.format == "json" { json(&answers) } else { text(&answers) });
        Ok(Exit::Clear)
    }
}

/// The files a name stands for: the path itself if it is managed, else the flags with that key.
fn find(name: &str, repo: &Repo, comparison: &Comparison, law: &Law) -> Result<Vec<Answer>, Failure> {
    let path = name.strip_prefix("./").unwrap_or(name);
    let exists = repo.read(comparison, Side::Live, path)?.is_some();
    if exists || path.contains('/') {
        return Ok(vec![answer(path, None, law)]);
    }
    let keys = BTreeSet::from([name.to_owned()]);
    let files = gather::mentioning(repo, comparison, law, &keys, &|_| true)?;
    let mut flags: Vec<Placed> = Vec::new();
    for file in files {
        if let Home::Project(project) = law.home(&file.path) {
            flags.extend(read_file(&file, law, &project.name).0.unwrap_or_default());
        }
    }
    let found: Vec<Answer> = flags
        .iter()
        .filter(|placed| placed.flag.key == name)
        .map(|placed| answer(&placed.path, Some(name), law))
        .collect();
    if !found.is_empty() {
        return Ok(found);
    }
    let mut stems = BTreeSet::new();
    repo.list(comparison, Side::Live, &|dir| law.manages_below(dir), &mut |path, _| {
        let file = path.rsplit('/').next().unwrap_or(path);
        stems.insert(file.split('.').next().unwrap_or(file).to_owned());
    })?;
    let remedy = match nearest(name, stems.iter().map(String::as_str)) {
        Some(meant) => format!("try `{meant}`"),
        None => "name a path from the root of the repository, or the key of a flag".to_owned(),
    };
    Err(Failure::new(
        Exit::Usage,
        format!("`{name}` is neither a file nor a flag of `{}`", comparison.base.name),
        remedy,
    ))
}

fn answer(path: &str, key: Option<&str>, law: &Law) -> Answer {
    let project = match law.home(path) {
        Home::Project(project) => Some(project),
        Home::Unmanaged | Home::Several(_) => None,
    };
    let lines = law.approvers.matching(path);
    Answer {
        path: path.to_owned(),
        key: key.map(str::to_owned),
        project: project.map(|project| project.name.clone()),
        approvals: project.map(|project| project.approvals),
        lines: lines
            .iter()
            .map(|found| {
                let required = found.section.required.max(project.map_or(1, |project| project.required));
                let names = found.approvers.iter().map(ToString::to_string).collect();
                (found.section.name.clone(), found.line.place.line, required, names, found.section.optional)
            })
            .collect(),
        admins: law.config.admins.iter().map(ToString::to_string).collect(),
        protected: law.protects(path),
    }
}

fn text(answers: &[Answer]) -> String {
    let mut out = String::new();
    for answer in answers {
        let key = answer.key.as_ref().map(|key| format!(" ({})", plain(key))).unwrap_or_default();
        let _ = writeln!(out, "{}{key}", plain(&answer.path));
        match (&answer.project, answer.approvals) {
            (Some(project), Some(approvals)) => {
                let _ = writeln!(out, "  project {project}, approvals: {}", approvals.word());
            }
            _ if answer.protected => out.push_str("  protected: an admin has to approve\n"),
            _ => out.push_str("  not managed: no project has this path, so nobody is asked\n"),
        }
        let named = answer.approvals == Some(Approvals::Specific);
        let mut asked = false;
        for (section, line, required, names, optional) in answer.lines.iter().filter(|_| answer.project.is_some()) {
            let section = section.as_ref().map(|section| format!(" [{}]", plain(section))).unwrap_or_default();
            let names = names.join(" ");
            let what = match (names.is_empty(), *optional, named) {
                (true, _, _) => "nobody is named".to_owned(),
                (_, true, _) => format!("told: {names}"),
                (_, _, true) => format!("{required} of {names}"),
                (_, _, false) => format!("worth asking: {names}"),
            };
            asked |= named && !optional && !names.is_empty();
            let _ = writeln!(out, "  {what}{section} ({APPROVERS_PATH}:{line})");
        }
        if answer.approvals == Some(Approvals::Peer) {
            out.push_str("  anyone with write access but the requestor and the contributors\n");
        }
        if named && !asked {
            out.push_str("  no line names anyone, so a change waits for an admin\n");
        }
        if !answer.admins.is_empty()
            && answer.approvals != Some(Approvals::Off)
            && (answer.project.is_some() || answer.protected)
        {
            let _ = writeln!(out, "  always: {} (admins)", answer.admins.join(" "));
        }
    }
    out
}

fn json(answers: &[Answer]) -> String {
    let list: Vec<serde_json::Value> = answers
        .iter()
        .map(|answer| {
            let lines: Vec<serde_json::Value> = answer
                .lines
                .iter()
                .map(|(section, line, required, names, optional)| {
                    serde_json::json!({"section": section, "line": line, "required": required, "from": names, "optional": optional})
                })
                .collect();
            serde_json::json!({
                "path": answer.path, "key": answer.key, "project": answer.project,
                "approvals": answer.approvals.map(Approvals::word), "lines": lines,
                "admins": answer.admins, "protected": answer.protected,
            })
        })
        .collect();
    format!("{:#}\n", serde_json::json!({"schema": "countersign/approvers/v1", "approvers": list}))
}
