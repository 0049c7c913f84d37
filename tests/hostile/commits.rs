//! Histories made to cost much: who wrote what of a proposal has to be said of each of its commits.

use std::collections::BTreeSet;
use std::path::Path;

use countersign::git::Repo;
use git2::{Commit, ObjectType, Oid, Repository, Signature, Time};

/// A shape of the history that somebody proposes.
pub struct CommitShape {
    pub name: &'static str,
    /// The smallest size that is worth counting.
    pub from: usize,
    /// The files of each commit, from the oldest on, as paths of two names; and the keys of the flags that differ.
    of: fn(usize) -> (Vec<Files>, BTreeSet<String>),
}

/// Folder, name, content. A file that a commit doesn't name is not there any more.
type Files = Vec<(&'static str, String, String)>;

const FLAGS: &str = "flags";
const DRAFTS: &str = "drafts";

pub const SHAPES: &[CommitShape] = &[
    CommitShape {
        name: "commits that change a flag",
        from: 250,
        of: |n| ((0..n).map(|i| vec![(FLAGS, "a.yaml".into(), format!("key: a{i}"))]).collect(), BTreeSet::new()),
    },
    CommitShape {
        name: "a file that is moved again and again, until it is managed",
        from: 250,
        of: |n| {
            let moved = (0..n).map(|i| vec![(DRAFTS, format!("{i}.txt"), format!("text {i}"))]);
            (moved.chain([vec![(FLAGS, "a.yaml".into(), "key: a".into())]]).collect(), BTreeSet::new())
        },
    },
    CommitShape {
        name: "drafts, and keys to be looked for in them",
        from: 50,
        of: |n| {
            let keys: BTreeSet<String> = (0..n * 10).map(|i| format!("key-{i}-of-many")).collect();
            let drafts = (0..n).map(|i| vec![(DRAFTS, "a.yaml".into(), "another-key: 1\n".repeat(n + i))]);
            (drafts.chain([vec![(FLAGS, "a.yaml".into(), "key: a".into())]]).collect(), keys)
        },
    },
    CommitShape {
        name: "commits that write many files",
        from: 50,
        of: |n| {
            let many = |i: usize| (0..100).map(move |file| (DRAFTS, format!("{file}.yaml"), format!("{i}-{file}")));
            (
                (0..n).map(|i| many(i).chain([(FLAGS, "a.yaml".into(), format!("a{i}"))]).collect()).collect(),
                BTreeSet::new(),
            )
        },
    },
];

/// Makes a repository with an empty base and such a proposal.
pub fn make(at: &Path, shape: &CommitShape, size: usize) -> BTreeSet<String> {
    let git = Repository::init_bare(at).unwrap();
    let odb = git.odb().unwrap();
    let who = Signature::new("Jo", "jo@example.com", &Time::new(1_700_000_000, 0)).unwrap();
    let tree = |files: &Files| -> Oid {
        let mut root = git.treebuilder(None).unwrap();
        for folder in [DRAFTS, FLAGS] {
            let mut inside = git.treebuilder(None).unwrap();
            for (_, name, content) in files.iter().filter(|(of, ..)| *of == folder) {
                inside.insert(name, odb.write(ObjectType::Blob, content.as_bytes()).unwrap(), 0o100_644).unwrap();
            }
            if !inside.is_empty() {
                root.insert(folder, inside.write().unwrap(), 0o040_000).unwrap();
            }
        }
        root.write().unwrap()
    };
    let commit = |branch: &str, files: &Files, parents: &[&Commit<'_>]| {
        let tree = git.find_tree(tree(files)).unwrap();
        let made = git.commit(None, &who, &who, branch, &tree, parents).unwrap();
        git.reference(&format!("refs/heads/{branch}"), made, true, "").unwrap();
        git.find_commit(made).unwrap()
    };
    let (commits, keys) = (shape.of)(size);
    let mut last = commit("main", &Vec::new(), &[]);
    for files in &commits {
        last = commit("change", files, &[&last]);
    }
    keys
}

/// Says whose commits count, as of a pull request. All that were made count.
pub fn judge(at: &Path, keys: &BTreeSet<String>) -> Vec<String> {
    let repo = Repo::open(at).unwrap();
    let commit = |name: &str| repo.commit(name).unwrap();
    let managed = |path: &str| path.starts_with(FLAGS);
    repo.contributions(&commit("main"), &commit("change"), &managed, keys).unwrap()
}
