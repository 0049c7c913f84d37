//! A hostile shape: one row each, a name and what it looks like in any size; and the whole of the program run on it.

use std::collections::BTreeMap;
use std::path::Path;

use countersign::approval::Evidence;
use countersign::flag::File;
use countersign::render::{Look, OUTPUTS};
use countersign::report::Verdict;
use git2::build::TreeUpdateBuilder;
use git2::{Commit, FileMode, Repository, Signature, Time};

use super::files::examine_files;

pub type Files = BTreeMap<String, File>;

/// A shape that a stranger can give to what they write.
pub struct Shape {
    pub name: &'static str,
    /// The smallest size that is worth counting.
    pub from: usize,
    /// The largest, if nothing refuses it before: as much as fits into what is bounded elsewhere.
    pub to: usize,
    pub of: fn(usize) -> World,
}

/// A row of a table of shapes.
pub const fn shape(name: &'static str, from: usize, to: usize, of: fn(usize) -> World) -> Shape {
    Shape { name, from, to, of }
}

/// Files on the base branch, as proposed, and what is known of the outside.
#[derive(Default)]
pub struct World {
    pub live: Files,
    pub proposed: Files,
    pub evidence: Option<String>,
}

pub const CONFIG: &str =
    "version: 1\nadmins: [\"@root\"]\nprojects:\n  shop: {paths: [\"flags/**\"], approvals: specific}\n";
pub const APPROVERS: &str = "flags/** @alice\n";

impl World {
    /// A proposal that changes nothing yet.
    pub fn new() -> World {
        World::default().both(".countersign/config.yaml", CONFIG).both(".countersign/APPROVERS", APPROVERS)
    }

    pub fn live(mut self, path: impl Into<String>, text: impl Into<String>) -> World {
        let path = path.into();
        self.live.insert(path.clone(), File::regular(path, text.into().into_bytes()));
        self
    }

    pub fn proposed(mut self, path: impl Into<String>, text: impl Into<String>) -> World {
        let path = path.into();
        self.proposed.insert(path.clone(), File::regular(path, text.into().into_bytes()));
        self
    }

    pub fn both(self, path: &str, text: &str) -> World {
        self.live(path, text).proposed(path, text)
    }

    /// Writes it as a repository with the branches `main` and `change`.
    pub fn write(&self, at: &Path) {
        let git = Repository::init_bare(at).unwrap();
        let who = Signature::new("Jo", "jo@example.com", &Time::new(1_700_000_000, 0)).unwrap();
        let commit = |branch: &str, files: &Files, parents: &[&Commit<'_>]| {
            let mut tree = TreeUpdateBuilder::new();
            for (path, file) in files {
                tree.upsert(path.as_str(), git.blob(&file.bytes).unwrap(), FileMode::Blob);
            }
            let empty = git.find_tree(git.treebuilder(None).unwrap().write().unwrap()).unwrap();
            let tree = git.find_tree(tree.create_updated(&git, &empty).unwrap()).unwrap();
            let made = git.commit(Some(&format!("refs/heads/{branch}")), &who, &who, branch, &tree, parents).unwrap();
            git.find_commit(made).unwrap()
        };
        let main = commit("main", &self.live, &[]);
        commit("change", &self.proposed, &[&main]);
        if let Some(evidence) = &self.evidence {
            std::fs::write(at.join("evidence.json"), evidence).unwrap();
        }
    }

    /// Judges it and writes the report down in every way.
    pub fn judge(&self) -> Result<Verdict, String> {
        let evidence = self.evidence.as_deref().map(Evidence::parse).transpose()?;
        let look = Look { all: true, ..Look::default() };
        let examination = match examine_files(&self.live, &self.proposed) {
            Ok(examination) => examination,
            Err(diagnostics) => {
                for write in OUTPUTS.iter().filter_map(|output| output.diagnostics) {
                    drop(write(&diagnostics, &look));
                }
                return Ok(Verdict::Invalid);
            }
        };
        let report = examination.conclude(evidence.as_ref(), &[]);
        for write in OUTPUTS.iter().filter_map(|output| output.review) {
            drop(write(&report, &look));
        }
        Ok(report.verdict)
    }
}

/// `count` things, one after the other.
pub fn many(count: usize, of: impl Fn(usize) -> String) -> String {
    (0..count).map(of).collect()
}

/// A live experiment, with more in it.
pub fn flag(more: &str) -> String {
    format!("key: buy\nkind: experiment\nstate: running\nrolloutPercentage: 20\n{more}")
}

/// The flag, changed from one text to another.
pub fn edit(before: &str, after: &str) -> World {
    let two = "variants: [{key: a}, {key: b}]\n";
    World::new()
        .live("flags/buy.yaml", flag(&format!("{two}{before}")))
        .proposed("flags/buy.yaml", flag(&format!("{two}{after}")))
}
