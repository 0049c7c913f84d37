//! The past of the base branch, as far as a review asks for it: what a flag was when it was last live, and what it was
//! some days ago.
//!
//! In: earlier versions of files, and files of the base as it was. Out: a [`FlagPast`] for each flag. It refuses to
//! skip a version that cannot be read: its content there is unknown, and an unknown past frees nothing and
//! bounds nothing. Not taken: following a flag to the path that it had before; a flag that moved is shown whole and
//! counts from nothing.

use std::collections::{BTreeMap, BTreeSet};

use super::Policies;
use super::read::{FlagChange, read_live};
use crate::changes::classify::Since;
use crate::changes::diff;
use crate::flag::{File, FlagEntry};
use crate::impact::{self, PastImpact};
use crate::policy::Policy;
use crate::report::LastLiveReport;

/// The questions of a review about the past.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PastQuery {
    /// Files whose earlier versions are looked for.
    pub versions: BTreeSet<String>,
    /// Files that are read as they stood on the base some days ago.
    pub files: BTreeSet<String>,
    /// How many days ago.
    pub days: BTreeSet<u32>,
    /// Whether the answer decides anything. If not, it is for remarks, and may be left out.
    pub decides: bool,
}

/// The known past.
#[derive(Clone, Debug, Default)]
pub struct Past {
    /// Earlier versions of the files, newest first for each path.
    pub versions: Vec<PastFile>,
    /// Why there may be more versions, as a clause; `None` if these are all.
    pub end: Option<String>,
    pub bases: Vec<PastFiles>,
}

/// A version of a file that the base branch once held.
#[derive(Clone, Debug)]
pub struct PastFile {
    pub path: String,
    pub content: PastContent,
    /// The commit that replaced it, in words.
    pub until: String,
}

/// The flags that stood at a path.
#[derive(Clone, Debug)]
pub enum PastContent {
    File(File),
    Absent,
    /// The past is not known, because it cannot be read.
    Unread,
}

/// Files of the base as it was some days ago.
#[derive(Clone, Debug)]
pub struct PastFiles {
    pub days: u32,
    /// The commit in words, if there was one; the clause says why it is not known.
    pub commit: Result<Option<String>, String>,
    /// The time from which on the base of that many days ago is another commit, in seconds since 1970-01-01 UTC; `None`
    /// if it stays the same.
    pub until: Option<i64>,
    /// Contents of the files that were there.
    pub files: Vec<File>,
}

/// The past of one flag.
#[derive(Clone, Debug, Default)]
pub struct FlagPast {
    pub last_live: LastLive,
    pub then: Vec<FlagThen>,
}

/// The content of a flag when it was last live.
#[derive(Clone, Debug, Default)]
pub enum LastLive {
    #[default]
    NotAsked,
    Never,
    Version(Box<LiveVersion>),
    /// The flag is live on the base, though another one kept it from users.
    OnBase(Box<FlagEntry>),
    /// Not known, for this reason.
    Unknown(String),
}

/// A version of a flag that was live.
#[derive(Clone, Debug)]
pub struct LiveVersion {
    pub entry: FlagEntry,
    /// The commit that replaced it, in words.
    pub until: String,
    /// Whether the flag has been in that file ever since.
    unbroken: bool,
}

/// The content of a flag some days ago.
#[derive(Clone, Debug)]
pub struct FlagThen {
    days: u32,
    commit: Option<String>,
    /// `None` if it was not there; the clause says why it is not known.
    flag: Result<Option<FlagEntry>, String>,
}

/// Flags in how many files are looked up for a remark at most: it is for somebody who reads each of them.
const FEW: usize = 20;

/// Flags whose activation is shown against the past at most; a proposal of more is too much for one comment anyway.
const MOST: usize = 1_000;

fn activates(change: &FlagChange) -> bool {
    let live = |entry: &Option<FlagEntry>| entry.as_ref().map(|entry| entry.flag.state.live);
    (live(&change.before), live(&change.after)) == (Some(false), Some(true))
}

impl Past {
    /// The time from which on the base of some days ago is another commit, so that a bound may be passed or no longer.
    #[must_use]
    pub fn until(&self) -> Option<i64> {
        self.bases.iter().filter_map(|base| base.until).min()
    }
}

impl PastQuery {
    /// The questions of these changes: the past of every flag that is switched on, and under a policy that looks back
    /// the base as it was; for a remark, the past of what is changed.
    #[must_use]
    pub fn of(changes: &[FlagChange], policies: &Policies) -> PastQuery {
        let policies = std::iter::once(&policies.base).chain(&policies.proposed);
        let days: BTreeSet<u32> = policies.flat_map(|policy| policy.config.days_looked_back()).collect();
        let mut query = PastQuery { days, ..PastQuery::default() };
        let mut remarked = BTreeSet::new();
        for change in changes {
            let sides = [&change.before, &change.after].into_iter().flatten();
            let live = sides.clone().any(|entry| entry.flag.state.live);
            let Some(first) = sides.clone().next().filter(|_| live) else { continue };
            if !query.days.is_empty() {
                query.files.insert(first.path.clone());
            }
            if activates(change) && query.versions.len() < MOST {
                query.versions.insert(first.path.clone());
            } else if let Some(after) = &change.after {
                remarked.insert(after.path.clone());
            }
        }
        query.decides = !query.versions.is_empty() || !query.files.is_empty();
        if query.versions.len() + remarked.len() <= FEW {
            query.versions.append(&mut remarked);
        }
        query
    }

    /// Whether it asks for nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.versions.is_empty() && (self.files.is_empty() || self.days.is_empty())
    }
}

/// Gives each flag its past.
pub fn look_back(changes: &mut [FlagChange], query: &PastQuery, past: &Past, policy: &Policy) {
    let mut versions: BTreeMap<&str, Vec<&PastFile>> = BTreeMap::new();
    for version in &past.versions {
        versions.entry(&version.path).or_default().push(version);
    }
    for change in changes {
        let sides = [&change.before, &change.after].into_iter().flatten();
        let Some(at) = sides.clone().next().cloned() else { continue };
        if query.files.contains(&at.path) {
            change.past.then = query.days.iter().map(|days| then(*days, &at, past, policy)).collect();
        }
        if activates(change) {
            change.past.last_live = if query.versions.contains(&at.path) {
                last_live(&at, versions.get(&*at.path).map_or(&[][..], Vec::as_slice), past, policy)
            } else {
                LastLive::Unknown("more flags are switched on at once than are looked up".to_owned())
            };
        }
        let remark = change.after.as_ref().filter(|after| after.flag.state.live).and_then(|after| {
            let earlier = versions.get(&*after.path)?;
            let same = |then: &FlagEntry| diff::same(&then.flag, &after.flag);
            if change.restored().is_some() || change.before.as_ref().is_some_and(same) {
                return None;
            }
            let restored = |version: &&&PastFile| {
                flag_in(version, after, policy).is_ok_and(|flag| flag.as_ref().is_some_and(same))
            };
            let found = earlier.iter().find(restored)?;
            Some(format!("restores what was live until {}", found.until))
        });
        change.remarks.extend(remark);
        if change.restored().is_some_and(|version| !is_alone(&version.entry)) {
            change.remarks.push("what decides about it elsewhere may be other than it was then".to_owned());
        }
    }
}

/// The flag as a version of its file has it; `None` if it is not in it.
fn flag_in(version: &PastFile, at: &FlagEntry, policy: &Policy) -> Result<Option<FlagEntry>, String> {
    match &version.content {
        PastContent::File(file) => in_file(file, at, policy),
        PastContent::Absent => Ok(None),
        PastContent::Unread => Err("an earlier version of its file is not at hand".to_owned()),
    }
}

fn in_file(file: &File, at: &FlagEntry, policy: &Policy) -> Result<Option<FlagEntry>, String> {
    let flags = read_live(file, policy, &at.project).ok_or("an earlier version of its file cannot be read")?;
    Ok(flags.into_iter().find(|then| then.flag.key == at.flag.key))
}

fn last_live(at: &FlagEntry, versions: &[&PastFile], past: &Past, policy: &Policy) -> LastLive {
    let mut unbroken = true;
    for version in versions {
        match flag_in(version, at, policy) {
            Err(why) => return LastLive::Unknown(why),
            Ok(None) => unbroken = false,
            Ok(Some(entry)) if entry.flag.state.live => {
                let until = version.until.clone();
                return LastLive::Version(Box::new(LiveVersion { entry, until, unbroken }));
            }
            Ok(Some(_)) => {}
        }
    }
    past.end.clone().map_or(LastLive::Never, LastLive::Unknown)
}

fn then(days: u32, at: &FlagEntry, past: &Past, policy: &Policy) -> FlagThen {
    let Some(base) = past.bases.iter().find(|base| base.days == days) else {
        return FlagThen { days, commit: None, flag: Err("nobody looked it up".to_owned()) };
    };
    let flag = base.commit.clone().and_then(|_| {
        let file = base.files.iter().find(|file| file.path == at.path);
        file.map_or(Ok(None), |file| in_file(file, at, policy))
    });
    FlagThen { days, commit: base.commit.clone().ok().flatten(), flag }
}

impl FlagThen {
    /// The impact of what is proposed on the users of then.
    pub(super) fn impact(&self, after: Option<&FlagEntry>) -> PastImpact {
        let after = after.map(|entry| &entry.flag);
        let impact = match &self.flag {
            Ok(then) => impact::of(then.as_ref().map(|then| &then.flag), after),
            Err(why) => impact::unknown(after, format!("what it was then is not known: {why}")),
        };
        PastImpact { days: self.days, commit: self.commit.clone(), impact }
    }
}

/// Whether the flag alone says who gets it. A segment that it names may be another one now (`*` is none), and so may a
/// group that names it, or a file that stands over its own.
fn is_alone(entry: &FlagEntry) -> bool {
    (entry.flag.format.relations)(&entry.flag).dependencies.is_empty()
        && entry.flag.links.refs.keys().all(|part| part == "*")
        && !entry.flag.format.is_decided_elsewhere()
}

impl FlagChange {
    /// The version that was last live, if this proposal restores it exactly: the same flag in the same file.
    ///
    /// Only the last one. A content replaced while it was live may have been replaced for the harm it did, and a flag
    /// that was deleted since, or depends on others or on segments of other files that may have changed, is not what it
    /// was.
    fn restored(&self) -> Option<&LiveVersion> {
        let LastLive::Version(version) = &self.past.last_live else { return None };
        let (before, after) = (self.before.as_ref()?, self.after.as_ref()?);
        let then = &version.entry;
        let place = [before, after].iter().all(|entry| entry.path == then.path && entry.project == then.project);
        let format = then.flag.format.id == after.flag.format.id;
        (place && format && diff::same(&then.flag, &after.flag)).then_some(version)
    }

    /// The version that an activation is compared with.
    pub(super) fn since(&self) -> Since<'_> {
        let last_live = match &self.past.last_live {
            LastLive::Version(version) => Some(&version.entry),
            LastLive::OnBase(entry) => Some(&**entry),
            LastLive::NotAsked | LastLive::Never | LastLive::Unknown(_) => None,
        };
        let restores = self.restored().is_some_and(|version| version.unbroken && is_alone(&version.entry));
        Since { last_live, restores }
    }

    pub(super) fn last_live_report(&self) -> Option<LastLiveReport> {
        let whole = |why: &str| LastLiveReport { until: None, restored: false, unknown: Some(why.to_owned()) };
        match &self.past.last_live {
            LastLive::NotAsked | LastLive::OnBase(_) => None,
            LastLive::Never => Some(LastLiveReport { until: None, restored: false, unknown: None }),
            LastLive::Unknown(why) => Some(whole(why)),
            LastLive::Version(version) => {
                let restored = self.restored().is_some();
                Some(LastLiveReport { until: Some(version.until.clone()), restored, unknown: None })
            }
        }
    }
}
