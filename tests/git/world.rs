//! Real repositories in temporary folders, made by the real git with nothing of the machine's configuration.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use countersign::flag::FileKind;
use countersign::git::{Commit, Comparison, Error, Proposal, Repo, TreeSide};
use tempfile::TempDir;

/// A repository that is removed when this is dropped.
pub struct World {
    folder: TempDir,
    pub root: PathBuf,
}

impl World {
    /// An empty folder with nothing in it.
    pub fn nothing() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().canonicalize().unwrap();
        World { folder, root }
    }

    /// A repository without a commit, on `main`.
    pub fn empty() -> Self {
        World::made(&["init", "-q", "-b", "main"])
    }

    pub fn made(init: &[&str]) -> Self {
        let world = World::nothing();
        world.git(init);
        world
    }

    /// A repository with one commit of these files.
    pub fn with(files: &[(&str, &str)]) -> Self {
        let world = World::empty();
        world.commit(files);
        world
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn write(&self, files: &[(&str, &str)]) {
        for (name, text) in files {
            let path = self.root.join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
    }

    /// Writes files, stages everything and commits it.
    pub fn commit(&self, files: &[(&str, &str)]) -> String {
        self.write(files);
        self.git(&["add", "-A"]);
        self.git(&["commit", "-q", "--allow-empty", "-m", "step"]);
        self.git(&["rev-parse", "HEAD"])
    }

    pub fn git(&self, arguments: &[&str]) -> String {
        git(&self.root, arguments)
    }

    pub fn try_git(&self, arguments: &[&str]) -> Output {
        command(&self.root).args(arguments).output().unwrap()
    }

    pub fn feed(&self, arguments: &[&str], input: &[u8]) -> Vec<u8> {
        feed(&self.root, arguments, input)
    }

    pub fn repo(&self) -> Repo {
        Repo::open(&self.root).unwrap()
    }

    /// The changes of merging `head` into `base`.
    pub fn compare(&self, base: &str, head: &str) -> (Repo, Comparison) {
        let repo = self.repo();
        let proposal = Proposal::Commit(repo.commit(head).unwrap());
        let comparison = repo.compare(&repo.commit(base).unwrap(), &proposal).unwrap();
        (repo, comparison)
    }
}

/// Git, with a fixed person and date and no configuration but the repository's.
pub fn command(at: &Path) -> Command {
    let mut command = Command::new("git");
    command.current_dir(at);
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("GIT_") {
            command.env_remove(name);
        }
    }
    command.envs([
        ("GIT_CONFIG_GLOBAL", concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/gitconfig")),
        ("GIT_CONFIG_NOSYSTEM", "1"),
        ("GIT_AUTHOR_NAME", "jo"),
        ("GIT_AUTHOR_EMAIL", "jo@example.com"),
        ("GIT_AUTHOR_DATE", "2026-01-01T00:00:00Z"),
        ("GIT_COMMITTER_NAME", "jo"),
        ("GIT_COMMITTER_EMAIL", "jo@example.com"),
        ("GIT_COMMITTER_DATE", "2026-01-01T00:00:00Z"),
        ("LC_ALL", "C"),
    ]);
    command
}

pub fn git(at: &Path, arguments: &[&str]) -> String {
    let ran = command(at).args(arguments).output().unwrap();
    assert!(ran.status.success(), "git {arguments:?}: {}", String::from_utf8_lossy(&ran.stderr));
    String::from_utf8_lossy(&ran.stdout).trim_end().to_owned()
}

pub fn feed(at: &Path, arguments: &[&str], input: &[u8]) -> Vec<u8> {
    let mut command = command(at);
    let mut child =
        command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut pipe = child.stdin.take().unwrap();
    let input = input.to_vec();
    let writer = std::thread::spawn(move || pipe.write_all(&input));
    let ran = child.wait_with_output().unwrap();
    let written = writer.join().unwrap();
    assert!(ran.status.success(), "git {arguments:?}: {}", String::from_utf8_lossy(&ran.stderr));
    written.unwrap();
    ran.stdout
}

/// Every path of a side with its text; a symlink as `-> target`, a submodule as `submodule`.
pub fn side(repo: &Repo, comparison: &Comparison, side: TreeSide) -> BTreeMap<String, String> {
    let mut entries = Vec::new();
    repo.list(comparison, side, &|_| true, &mut |path, entry| entries.push((path.to_owned(), entry))).unwrap();
    assert!(entries.is_sorted_by(|one, two| one.0 <= two.0), "in the order of the paths");
    let texts = repo.load_many(&entries, |_, file| {
        let text = String::from_utf8_lossy(&file.bytes).into_owned();
        Some(match file.kind {
            FileKind::Regular => (file.path, text),
            FileKind::Symlink | FileKind::LinkToFile => (file.path, format!("-> {text}")),
            FileKind::Submodule => (file.path, "submodule".to_owned()),
        })
    });
    texts.unwrap().into_iter().collect()
}

/// The deltas, one line each: `+ path`, `- path`, `* path`.
pub fn deltas(comparison: &Comparison) -> Vec<String> {
    let sign = |live: bool, proposed: bool| match (live, proposed) {
        (false, true) => "+",
        (true, false) => "-",
        (true, true) => "*",
        (false, false) => "?",
    };
    let line = |delta: &countersign::git::Delta| {
        format!("{} {}", sign(delta.live.is_some(), delta.proposed.is_some()), delta.path)
    };
    comparison.deltas.iter().map(line).collect()
}

pub fn conflicts(comparison: &Comparison) -> Vec<&str> {
    comparison.conflicts.iter().map(|conflict| conflict.path.as_str()).collect()
}

pub fn commit(repo: &Repo, name: &str) -> Commit {
    repo.commit(name).unwrap()
}

/// Why `head` can't be compared with `base`.
pub fn refused(world: &World, base: &str, head: &str) -> Error {
    let repo = world.repo();
    let proposal = Proposal::Commit(commit(&repo, head));
    repo.compare(&commit(&repo, base), &proposal).unwrap_err()
}
