//! The git side: a real bare repository in a temporary folder, written to by tests and read by the fake on each
//! request, so that tips and commits are never a copy that went stale. It is open all the time, since opening it takes
//! longer than most of what is read; git looks for new references and objects by itself.

use std::path::{Path, PathBuf};

use git2::{Commit, Index, IndexEntry, IndexTime, MergeOptions, ObjectType, Oid, Repository, Signature, Sort, Time};

/// The files that a test commits: `None` as the text removes the file.
#[derive(Clone)]
pub struct Change<'a> {
    pub files: &'a [(&'a str, Option<&'a str>)],
    pub author: &'a str,
    pub message: &'a str,
    /// Made with GitHub's editor, so that GitHub is the committer.
    pub web: bool,
}

pub struct Origin {
    pub path: PathBuf,
    repo: Repository,
}

/// The author of a commit: name, address and seconds since 1970.
pub struct Who {
    pub name: String,
    pub email: String,
    pub at: i64,
}

pub struct Read {
    pub oid: String,
    pub tree: String,
    pub parents: Vec<String>,
    pub message: String,
    pub author: Who,
    pub committer: Who,
}

impl Origin {
    /// A bare repository as GitHub serves one: any commit by its id, and without blobs if asked.
    pub fn create(path: &Path) -> Self {
        let mut options = git2::RepositoryInitOptions::new();
        let repo = Repository::init_opts(path, options.bare(true).initial_head("main")).unwrap();
        let mut config = repo.config().unwrap();
        for name in ["uploadpack.allowFilter", "uploadpack.allowAnySHA1InWant", "uploadpack.allowReachableSHA1InWant"] {
            config.set_bool(name, true).unwrap();
        }
        Self { path: path.to_owned(), repo }
    }

    pub fn tip(&self, branch: &str) -> Option<String> {
        self.find_ref(&format!("refs/heads/{branch}"))
    }

    pub fn find_ref(&self, name: &str) -> Option<String> {
        Some(self.repo.find_reference(name).ok()?.target()?.to_string())
    }

    /// All branches with their tips, by name.
    pub fn branches(&self) -> Vec<(String, String)> {
        let repo = &self.repo;
        let mut all: Vec<_> = repo
            .references_glob("refs/heads/*")
            .unwrap()
            .map(|it| it.unwrap())
            .map(|it| (it.shorthand().unwrap().to_owned(), it.target().unwrap().to_string()))
            .collect();
        all.sort();
        all
    }

    pub fn set_ref(&self, name: &str, oid: Option<&str>) {
        let repo = &self.repo;
        match oid {
            Some(oid) => drop(repo.reference(name, Oid::from_str(oid).unwrap(), true, "fake").unwrap()),
            None => repo.find_reference(name).unwrap().delete().unwrap(),
        }
    }

    /// Commits onto a branch, which is made from `from` if it is not there; without either it is a root.
    pub fn commit(&self, branch: &str, from: &str, at: i64, change: &Change) -> String {
        let repo = &self.repo;
        let parent = self.tip(branch).or_else(|| self.tip(from)).or_else(|| self.resolve(from));
        let parent = parent.map(|oid| repo.find_commit(Oid::from_str(&oid).unwrap()).unwrap());
        let mut index = Index::new().unwrap();
        if let Some(parent) = &parent {
            index.read_tree(&parent.tree().unwrap()).unwrap();
        }
        for (path, text) in change.files {
            match text {
                Some(text) => index.add(&entry(repo, path, text)).unwrap(),
                None => index.remove(Path::new(path), 0).unwrap(),
            }
        }
        let tree = index.write_tree_to(repo).unwrap();
        let oid = Self::write(repo, tree, &parent.iter().collect::<Vec<_>>(), at, change);
        self.set_ref(&format!("refs/heads/{branch}"), Some(&oid));
        oid
    }

    fn write(repo: &Repository, tree: Oid, parents: &[&Commit], at: i64, change: &Change) -> String {
        let author = sign(change.author, at);
        let committer = if change.web { sign("GitHub <noreply@github.com>", at) } else { author.clone() };
        let tree = repo.find_tree(tree).unwrap();
        repo.commit(None, &author, &committer, change.message, &tree, parents).unwrap().to_string()
    }

    /// The merge commit of two commits, in no branch yet; `None` on conflict.
    pub fn merge(&self, base: &str, head: &str, at: i64, author: &str, message: &str) -> Option<String> {
        let repo = &self.repo;
        let [base, head] = [base, head].map(|oid| repo.find_commit(Oid::from_str(oid).unwrap()).unwrap());
        let mut index = repo.merge_commits(&base, &head, Some(&MergeOptions::new())).ok()?;
        if index.has_conflicts() {
            return None;
        }
        let tree = index.write_tree_to(repo).unwrap();
        let change = Change { files: &[], author, message, web: true };
        Some(Self::write(repo, tree, &[&base, &head], at, &change))
    }

    /// Copies a branch of another repository into a ref of this one.
    pub fn fetch(&self, from: &Path, branch: &str, to: &str) {
        let repo = &self.repo;
        let mut remote = repo.remote_anonymous(&from.to_string_lossy()).unwrap();
        remote.fetch(&[format!("+refs/heads/{branch}:{to}")], None, None).unwrap();
    }

    /// Whether `old` is in the history of `new`.
    pub fn contains(&self, new: &str, old: &str) -> bool {
        let repo = &self.repo;
        let [new, old] = [new, old].map(|oid| Oid::from_str(oid).unwrap());
        new == old || repo.graph_descendant_of(new, old).unwrap_or(false)
    }

    /// The commits a pull request brings, oldest first.
    pub fn between(&self, base: &str, head: &str) -> Vec<String> {
        let repo = &self.repo;
        let mut walk = repo.revwalk().unwrap();
        walk.set_sorting(Sort::TOPOLOGICAL | Sort::REVERSE).unwrap();
        walk.push(Oid::from_str(head).unwrap()).unwrap();
        walk.hide(Oid::from_str(base).unwrap()).unwrap();
        walk.map(|oid| oid.unwrap().to_string()).collect()
    }

    /// A commit and all before it, newest first.
    pub fn history(&self, head: &str) -> Vec<String> {
        let repo = &self.repo;
        let mut walk = repo.revwalk().unwrap();
        walk.set_sorting(Sort::TOPOLOGICAL | Sort::TIME).unwrap();
        walk.push(Oid::from_str(head).unwrap()).unwrap();
        walk.map(|oid| oid.unwrap().to_string()).collect()
    }

    pub fn changed_files(&self, base: &str, head: &str) -> usize {
        let repo = &self.repo;
        let [base, head] = [base, head].map(|oid| Oid::from_str(oid).unwrap());
        let from = repo.merge_base(base, head).unwrap_or(base);
        let tree = |oid| repo.find_commit(oid).unwrap().tree().unwrap();
        repo.diff_tree_to_tree(Some(&tree(from)), Some(&tree(head)), None).unwrap().deltas().len()
    }

    pub fn resolve(&self, expression: &str) -> Option<String> {
        Some(self.repo.revparse_single(expression).ok()?.id().to_string())
    }

    pub fn kind(&self, oid: &str) -> Option<ObjectType> {
        self.repo.find_object(Oid::from_str(oid).ok()?, None).ok()?.kind()
    }

    pub fn read(&self, oid: &str) -> Option<Read> {
        let repo = &self.repo;
        let commit = repo.find_commit(Oid::from_str(oid).ok()?).ok()?;
        let who = |it: &Signature| Who {
            name: it.name().unwrap().to_owned(),
            email: it.email().unwrap().to_owned(),
            at: it.when().seconds(),
        };
        Some(Read {
            oid: oid.to_owned(),
            tree: commit.tree_id().to_string(),
            parents: commit.parent_ids().map(|it| it.to_string()).collect(),
            message: commit.message().unwrap().to_owned(),
            author: who(&commit.author()),
            committer: who(&commit.committer()),
        })
    }

    pub fn blob(&self, oid: &str) -> Option<Vec<u8>> {
        Some(self.repo.find_blob(Oid::from_str(oid).ok()?).ok()?.content().to_owned())
    }

    /// The entries of a tree: name, mode, id.
    pub fn tree(&self, oid: &str) -> Option<Vec<(String, i32, String)>> {
        let repo = &self.repo;
        let tree = repo.find_tree(Oid::from_str(oid).ok()?).ok()?;
        Some(tree.iter().map(|it| (it.name().unwrap().to_owned(), it.filemode(), it.id().to_string())).collect())
    }
}

fn sign(who: &str, at: i64) -> Signature<'static> {
    let (name, email) = who.split_once(" <").map_or((who, who), |(name, rest)| (name, rest.trim_end_matches('>')));
    Signature::new(name, email, &Time::new(at, 0)).unwrap()
}

fn entry(repo: &Repository, path: &str, text: &str) -> IndexEntry {
    IndexEntry {
        ctime: IndexTime::new(0, 0),
        mtime: IndexTime::new(0, 0),
        dev: 0,
        ino: 0,
        mode: 0o100_644,
        uid: 0,
        gid: 0,
        file_size: 0,
        id: repo.blob(text.as_bytes()).unwrap(),
        flags: 0,
        flags_extended: 0,
        path: path.as_bytes().to_vec(),
    }
}
