//! The history of the base branch: the versions that some files had, and the base as it was at some moments.
//!
//! In: the paths and the moments. Out: a [`History`]. One walk by first parent serves both, and reads commits and the
//! trees above the paths as raw objects: no graft, no replace ref and no line of parents but the first has a part in
//! it. It refuses to take a history that ends early for one that begins there: a commit that was not reached is
//! unknown.
//!
//! **Times** are committer dates, because the forge sets them when a merge lands by its button: a merge, a squash and
//! each commit of a rebase. Author dates are whatever the author says. Committer dates of commits that were pushed to
//! the branch as they are can be forged too, so a commit counts as younger than a moment if any of its ancestors near
//! it is: nothing lands before what it was put on. A date set back hides nothing then, and one set forward makes the
//! base of then older, which asks more.
//!
//! Not taken: the day of `git log --until`, which ends at the first commit whose date is older.

use std::collections::BTreeMap;

use git2::{Odb, OdbObject, Oid};

use super::tree_reader::{TreeItem, named};
use super::{Comparison, Repo, TreeEntry, tree_diff};

/// Commits in which versions of files are looked for.
pub(super) const COMMITS: usize = 500;

/// Commits in which a moment is looked for.
const MOST: usize = 20_000;

/// Commits below a moment that have to be older than it as well.
const OLDER: usize = 100;

/// Bytes of trees that are parsed on the way to versions.
const BYTES: usize = 1 << 23;

/// Commits and bytes of trees for versions that decide nothing: a review does not wait for a remark. 500 commits would
/// be half of what it costs.
const FOR_A_REMARK: (usize, usize) = (50, 1 << 19);

/// Versions of one path that are looked at.
const VERSIONS: usize = 64;

/// Characters of a subject that are shown.
const SUBJECT: usize = 60;

/// An earlier version of a file.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PastVersion {
    pub path: String,
    /// `None` if there was no file.
    pub entry: Option<TreeEntry>,
    /// The commit of the base branch that replaced it, in words.
    pub until: String,
}

/// The base at a moment.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PastBase {
    /// The commit in words; `None` if the branch began later.
    pub commit: Option<String>,
    /// The moment from which on it is another commit, in seconds since 1970-01-01 UTC; `None` if this is the tip.
    pub until: Option<i64>,
    /// The entries of the paths that were asked for, as far as they were there.
    pub entries: BTreeMap<String, TreeEntry>,
}

/// The reason why a walk ended before the beginning of history.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum HistoryEnd {
    /// The clone is shallow.
    Shallow,
    /// The walk is bounded.
    Bounded,
    /// An object cannot be read.
    Unreadable,
}

impl HistoryEnd {
    /// The reason with its remedy, as a clause.
    #[must_use]
    pub fn why(self) -> &'static str {
        match self {
            HistoryEnd::Shallow => {
                "the history here ends before (a shallow clone; `git fetch --unshallow` brings the rest)"
            }
            HistoryEnd::Bounded => "the history is longer than is searched",
            HistoryEnd::Unreadable => "the history cannot be read that far (`git fsck` tells why)",
        }
    }
}

/// The question to a history.
#[derive(Clone, Debug, Default)]
pub struct HistoryQuery {
    /// Files whose earlier versions are looked for.
    pub versions: Vec<String>,
    /// Files that are looked up in the base at each moment.
    pub files: Vec<String>,
    /// In seconds since 1970-01-01 UTC.
    pub moments: Vec<i64>,
    /// Whether the answer decides something, so that missing history is fetched where it can be.
    pub decides: bool,
}

/// The answer of a history.
#[derive(Clone, Debug, Default)]
pub struct History {
    /// Newest first for each path.
    pub versions: Vec<PastVersion>,
    /// Why there may be more versions; `None` if these are all.
    pub end: Option<HistoryEnd>,
    /// One for each moment.
    pub bases: Vec<Result<PastBase, HistoryEnd>>,
}

impl Repo {
    /// Looks back into the first-parent history of the base.
    #[must_use]
    pub fn history(&self, comparison: &Comparison, query: &HistoryQuery) -> History {
        let mut found = self.walk_history(comparison, query);
        let (Some(fetched), Some(base)) = (&self.fetched, comparison.base.oid.as_deref()) else { return found };
        let mut more = COMMITS;
        while query.decides && found.is_shallow() && more < MOST * 2 {
            let fetched = fetched.deepen(base, more).and_then(|()| self.refresh());
            if fetched.is_err() {
                break;
            }
            found = self.walk_history(comparison, query);
            more *= 4;
        }
        found
    }

    fn walk_history(&self, comparison: &Comparison, query: &HistoryQuery) -> History {
        let nothing = |end| History {
            versions: Vec::new(),
            end: Some(end),
            bases: query.moments.iter().map(|_| Err(end)).collect(),
        };
        let objects = self.objects();
        let tip = comparison.base.oid.as_deref().map(|tip| Oid::from_str_ext(tip, objects.object_format()));
        let (Some(Ok(tip)), Ok(odb)) = (tip, objects.odb()) else { return nothing(HistoryEnd::Unreadable) };
        let mut walk = HistoryWalk::new(&odb, query);
        let end = walk.run(tip, objects.object_format());
        let missing =
            |end| if end == HistoryEnd::Unreadable && objects.is_shallow() { HistoryEnd::Shallow } else { end };
        let versions_end = walk.versions_end.or(end).map(missing);
        let version = |(at, item, until): &(usize, Option<TreeItem>, Oid)| {
            let path = query.versions.get(*at)?.clone();
            Some(PastVersion { path, entry: item.map(|item| self.entry(item)), until: self.in_words(*until, true) })
        };
        let base = |moment: &Moment| match (moment.at, moment.settled || end.is_none()) {
            (_, false) => Err(end.map_or(HistoryEnd::Bounded, missing)),
            (None, true) => Ok(PastBase { commit: None, until: moment.younger, entries: BTreeMap::new() }),
            (Some((commit, tree)), true) => {
                let until = moment.younger;
                self.base_at(commit, tree, &query.files).map(|base| PastBase { until, ..base })
            }
        };
        History {
            versions: walk.found.iter().filter_map(version).collect(),
            end: versions_end.filter(|_| !query.versions.is_empty()),
            bases: walk.moments.iter().map(base).collect(),
        }
    }

    fn base_at(&self, commit: Oid, tree: Oid, files: &[String]) -> Result<PastBase, HistoryEnd> {
        let mut entries = BTreeMap::new();
        for path in files {
            let found = tree_diff::at(&self.trees(), tree, path.as_bytes()).map_err(|_| HistoryEnd::Unreadable)?;
            entries.extend(found.filter(|item| !item.is_tree()).map(|item| (path.clone(), self.entry(item))));
        }
        Ok(PastBase { commit: Some(self.in_words(commit, false)), until: None, entries })
    }

    /// A commit in the words people know it by: short id, day, subject.
    fn in_words(&self, id: Oid, subject: bool) -> String {
        let short: String = id.to_string().chars().take(8).collect();
        let Ok(commit) = self.objects().find_commit(id) else { return format!("`{short}`") };
        let day = chrono::DateTime::from_timestamp(commit.time().seconds(), 0)
            .map_or_else(String::new, |time| time.format(" of %Y-%m-%d").to_string());
        let line = String::from_utf8_lossy(commit.summary_bytes().unwrap_or_default()).replace('`', "'");
        let cut: String = line.chars().take(SUBJECT).collect();
        let rest = if cut.len() < line.len() { "…" } else { "" };
        if subject && !line.is_empty() {
            format!("`{short}`{day}, `{}{rest}`", cut.escape_debug())
        } else {
            format!("`{short}`{day}")
        }
    }
}

impl History {
    fn is_shallow(&self) -> bool {
        let shallow = |end: &HistoryEnd| *end == HistoryEnd::Shallow;
        self.end.as_ref().is_some_and(shallow) || self.bases.iter().filter_map(|base| base.as_ref().err()).any(shallow)
    }
}

/// A moment, and the base as it was then as far as the walk can say.
struct Moment {
    seconds: i64,
    /// The newest commit, with its tree, that is not younger, and below which none is; `None` if all were younger so
    /// far.
    at: Option<(Oid, Oid)>,
    /// When the commit above that one was committed.
    younger: Option<i64>,
    /// How many commits from there on are older.
    older: usize,
    settled: bool,
}

/// One walk, from the tip down.
struct HistoryWalk<'o, 'q> {
    odb: &'o Odb<'o>,
    query: &'q HistoryQuery,
    trees: HistoryTrees<'o>,
    /// In so many commits versions are looked for.
    commits: usize,
    moments: Vec<Moment>,
    /// The state of each path in the commit above.
    paths: Vec<PathState>,
    found: Vec<(usize, Option<TreeItem>, Oid)>,
    versions_end: Option<HistoryEnd>,
}

/// A path during the walk, from the tip backwards.
#[derive(Default)]
struct PathState {
    folders: Vec<Oid>,
    /// `None` before the tip was looked at.
    item: Option<Option<TreeItem>>,
    versions: usize,
}

/// The first lines of a commit, all that a walk needs.
struct CommitLines {
    tree: Oid,
    parent: Option<Oid>,
    /// When it was committed; as late as can be if that cannot be read.
    seconds: i64,
}

impl<'o, 'q> HistoryWalk<'o, 'q> {
    fn new(odb: &'o Odb<'o>, query: &'q HistoryQuery) -> Self {
        let moment = |seconds: &i64| Moment { seconds: *seconds, at: None, younger: None, older: 0, settled: false };
        let (commits, bytes) = if query.decides { (COMMITS, BYTES) } else { FOR_A_REMARK };
        HistoryWalk {
            odb,
            query,
            trees: HistoryTrees { odb, read: BTreeMap::new(), left: bytes },
            commits,
            moments: query.moments.iter().map(moment).collect(),
            paths: query.versions.iter().map(|_| PathState::default()).collect(),
            found: Vec::new(),
            versions_end: None,
        }
    }

    /// Walks until everything is known. The reason, if it ends before and not at the beginning of history.
    fn run(&mut self, tip: Oid, format: git2::ObjectFormat) -> Option<HistoryEnd> {
        let (mut next, mut above) = (Some(tip), None::<(Oid, Oid)>);
        for count in 0..MOST {
            let id = next?;
            let Some(commit) = self.odb.read(id).ok().and_then(|object| lines(&object, format)) else {
                return Some(HistoryEnd::Unreadable);
            };
            next = commit.parent;
            for moment in self.moments.iter_mut().filter(|moment| !moment.settled) {
                moment.pass(id, &commit);
            }
            if self.looks_for_versions() && count >= self.commits {
                self.versions_end = Some(HistoryEnd::Bounded);
            }
            if self.looks_for_versions() && above.is_none_or(|(_, tree)| tree != commit.tree) {
                let replaced = above.map(|(id, _)| id);
                self.versions_end = self.versions(commit.tree, replaced).err();
            }
            above = Some((id, commit.tree));
            if !self.looks_for_versions() && self.moments.iter().all(|moment| moment.settled) {
                return None;
            }
        }
        Some(HistoryEnd::Bounded)
    }

    fn looks_for_versions(&self) -> bool {
        !self.paths.is_empty() && self.versions_end.is_none()
    }

    /// Notes the paths at which this tree differs from that of the commit above, which replaced them.
    fn versions(&mut self, tree: Oid, replaced: Option<Oid>) -> Result<(), HistoryEnd> {
        let root = self.trees.open(tree)?;
        for (at, (path, state)) in self.query.versions.iter().zip(&mut self.paths).enumerate() {
            let Some(item) = self.trees.changed_entry(&root, path, &mut state.folders, state.item.is_some())? else {
                continue;
            };
            if state.item == Some(item) {
                continue;
            }
            state.item = Some(item);
            let Some(replaced) = replaced else { continue };
            state.versions += 1;
            if state.versions > VERSIONS {
                return Err(HistoryEnd::Bounded);
            }
            self.found.push((at, item, replaced));
        }
        Ok(())
    }
}

impl Moment {
    fn pass(&mut self, id: Oid, commit: &CommitLines) {
        if commit.seconds > self.seconds {
            (self.at, self.younger, self.older) = (None, Some(commit.seconds), 0);
            return;
        }
        self.at = self.at.or(Some((id, commit.tree)));
        self.older += 1;
        self.settled = self.older > OLDER;
    }
}

fn lines(commit: &OdbObject<'_>, format: git2::ObjectFormat) -> Option<CommitLines> {
    let head = commit.data().split(|byte| *byte == b'\n').take_while(|line| !line.is_empty());
    let text = |line: &'_ [u8], name: &str| -> Option<String> {
        line.strip_prefix(name.as_bytes()).map(|rest| String::from_utf8_lossy(rest).into_owned())
    };
    let (mut tree, mut parent, mut seconds) = (None, None, i64::MAX);
    for line in head {
        if let Some(id) = text(line, "tree ").filter(|_| tree.is_none()) {
            tree = Some(Oid::from_str_ext(&id, format).ok()?);
        } else if let Some(id) = text(line, "parent ").filter(|_| parent.is_none()) {
            parent = Some(Oid::from_str_ext(&id, format).ok()?);
        } else if let Some(who) = text(line, "committer ") {
            seconds = who.rsplit(' ').nth(1).and_then(|seconds| seconds.parse().ok()).unwrap_or(i64::MAX);
            break;
        }
    }
    Some(CommitLines { tree: tree?, parent, seconds })
}

/// Trees that were read, and how much of them may still be.
struct HistoryTrees<'o> {
    odb: &'o Odb<'o>,
    read: BTreeMap<Oid, OdbObject<'o>>,
    left: usize,
}

impl<'o> HistoryTrees<'o> {
    /// The entry at a path; `None` if `folders`, which led there in the commit before, lead there now as well: one
    /// commit differs from the next in few of its trees.
    fn changed_entry(
        &mut self,
        root: &OdbObject<'_>,
        path: &str,
        folders: &mut Vec<Oid>,
        looked: bool,
    ) -> Result<Option<Option<TreeItem>>, HistoryEnd> {
        let mut names = path.split('/');
        let mut item = names.next().and_then(|name| named(root, name.as_bytes()));
        for (level, name) in names.enumerate() {
            let folder = item.filter(|item| item.is_tree()).map(|folder| folder.id);
            if looked && folder.is_some() && folder == folders.get(level).copied() {
                return Ok(None);
            }
            folders.truncate(level);
            let Some(folder) = folder else { return Ok(Some(None)) };
            folders.push(folder);
            if !self.read.contains_key(&folder) {
                let tree = self.open(folder)?;
                self.read.insert(folder, tree);
            }
            item = self.read.get(&folder).and_then(|tree| named(tree, name.as_bytes()));
        }
        Ok(Some(item.filter(|item| !item.is_tree())))
    }

    /// A tree, if the budget is not used up.
    fn open(&mut self, id: Oid) -> Result<OdbObject<'o>, HistoryEnd> {
        // Its size is known without reading it.
        let (size, _) = self.odb.read_header(id).map_err(|_| HistoryEnd::Unreadable)?;
        self.left = self.left.checked_sub(size).ok_or(HistoryEnd::Bounded)?;
        self.odb.read(id).map_err(|_| HistoryEnd::Unreadable)
    }
}
