//! A look at both sides: the flags of a commit with their history, the items of Amplitude, and the plan between the
//! two.

use std::collections::{BTreeMap, BTreeSet};
use std::convert::Infallible;
use std::path::Path;

use super::connect::bar;
use super::files::{self, AmplitudeProject, read_lock};
use crate::amplitude::apply::details;
use crate::amplitude::base::EarlierFile;
use crate::amplitude::client::{AmplitudeClient, Details};
use crate::amplitude::creation::assumed;
use crate::amplitude::import::{file_hash, hash};
use crate::amplitude::lock::{LOCK_PATH, Lock};
use crate::amplitude::outputs::remarks;
use crate::amplitude::plan::{AmplitudePlan, Finding, PlannedItem, ProjectThere, WantedFlag, planned, strays};
use crate::amplitude::unread::{ReadPart, UnreadPart};
use crate::amplitude::{Item, file};
use crate::cli::lint::LintedFiles;
use crate::diagnostics::Diagnostics;
use crate::error::Error;
use crate::flag::{File, Flag};
use crate::format::VOCABULARY;
use crate::git::{Commit, Comparison, Repo, TreeSide};
use crate::policy::{AmplitudeConfig, Policy, ProjectMatch};
use crate::report::{Report, Revision};
use crate::review::flag_past::{Past, PastQuery};
use crate::review::{Case, FlagName, Pair, Policies, Surroundings, review};

/// How far back a flag's history is looked through for what Amplitude has.
pub(super) const MOST_COMMITS: usize = 5_000;

/// The two sides that are compared.
pub(super) struct Sight<'s> {
    pub repo: &'s Repo,
    pub commit: &'s Commit,
    /// The commit whose lock file counts.
    pub settled: &'s Commit,
    pub policy: &'s Policy,
    pub config: &'s AmplitudeConfig,
    pub only: Option<&'s str>,
}

/// Where the other side comes from.
pub(super) enum OtherSide<'s> {
    Amplitude(&'s AmplitudeClient),
    /// Assumed to be what this commit says.
    Assumed(&'s Commit),
}

/// The lock file of a commit, an empty one if it has none; and the digest of the file.
pub(super) fn lock_at(repo: &Repo, commit: &Commit) -> Result<(Lock, Option<String>), Error> {
    let comparison = repo.two_trees(commit, commit)?;
    match repo.read(&comparison, TreeSide::Live, LOCK_PATH)? {
        Some(file) => Ok((read_lock(&String::from_utf8_lossy(&file.bytes))?, Some(hash(&file.bytes)))),
        None => Ok((Lock::default(), None)),
    }
}

impl<'s> Sight<'s> {
    /// The look at a commit by the policy of it.
    pub fn new(
        repo: &'s Repo,
        commit: &'s Commit,
        policy: &'s Policy,
        only: Option<&'s str>,
    ) -> Result<Sight<'s>, Error> {
        Ok(Sight { repo, commit, settled: commit, policy, config: files::config(policy)?, only })
    }
}

impl Sight<'_> {
    /// The plan of the commit.
    pub fn plan(&self, source: &OtherSide<'_>) -> Result<AmplitudePlan, Error> {
        let tree = LintedFiles::open(self.repo, Some(&self.commit.oid))?;
        let projects = files::projects(self.repo, &tree, self.policy, self.only)?;
        let (lock, lock_digest, mut unread) = match lock_at(self.repo, self.settled) {
            Ok((lock, digest)) => (lock, digest, Vec::new()),
            // Of what is switched off nothing waits for it.
            Err(error) => (Lock::default(), None, vec![UnreadPart::new(ReadPart::Lock, error)]),
        };
        let mut plan = AmplitudePlan {
            commit: Some(self.commit.oid.clone()),
            lock: lock_digest,
            unread: Vec::new(),
            items: Vec::new(),
            strays: Vec::new(),
            from_amplitude: matches!(source, OtherSide::Amplitude(_)),
        };
        for project in &projects {
            let name = project.project.name.as_str();
            let items = match source {
                OtherSide::Amplitude(client) => match items(client, project, &lock) {
                    // One project that the key may not read, or that cannot be read, does not stop the others.
                    Err(error) if error.kind.is_of_an_answer() => {
                        unread.push(UnreadPart::new(ReadPart::Project(name.to_owned()), error));
                        continue;
                    }
                    found => {
                        let (items, parts) = found?;
                        unread.extend(parts);
                        items
                    }
                },
                OtherSide::Assumed(base) => self.assumed_items(base, project, &lock)?,
            };
            let there = ProjectThere {
                id: project.id,
                items: &items,
                locked: lock.projects.get(name).filter(|locked| locked.id == project.id),
                unmanaged: &self.config.unmanaged,
            };
            let wanted: Vec<WantedFlag> = project
                .files
                .iter()
                .filter(|file| file.native)
                .map(|file| WantedFlag { entry: file.entry.clone(), bytes: file.bytes.clone(), past: Vec::new() })
                .collect();
            let found = self.with_past(planned(&wanted, &there), &there, source)?;
            if plan.from_amplitude {
                let mut keys: BTreeSet<&str> = project.files.iter().map(|file| file.entry.flag.key.as_str()).collect();
                // A file that cannot be read has the key that its name says, as far as anybody knows.
                keys.extend(project.invalid.iter().filter_map(|part| Path::new(part.name()).file_stem()?.to_str()));
                plan.strays.extend(strays(name, &items, &keys));
            }
            plan.items.extend(found);
        }
        unread.extend(projects.iter().flat_map(|project| project.invalid.iter().cloned()));
        plan.say_moved();
        plan.unread = unread;
        plan.hold();
        if let OtherSide::Amplitude(client) = source {
            let listed = plan.items.iter_mut().filter(|item| item.is_listed());
            client.number(&mut listed.filter_map(|item| item.have.as_mut()).collect::<Vec<&mut Item>>())?;
        }
        Ok(plan)
    }

    /// Looks through the history of what differs, and plans it again.
    fn with_past(
        &self,
        found: Vec<PlannedItem>,
        there: &ProjectThere<'_>,
        source: &OtherSide<'_>,
    ) -> Result<Vec<PlannedItem>, Error> {
        // An item that was converted, renamed or made anew is switched off, whatever else is left.
        let serves = |item: &PlannedItem| {
            item.have.as_ref().is_some_and(|have| have.enabled && !have.archived) && !item.wanted.entry.flag.state.live
        };
        let open = |item: &PlannedItem| {
            matches!(item.finding, Finding::Conflict(_) | Finding::New)
                || matches!(item.finding, Finding::Aside(_)) && serves(item)
                || item.may_be_early()
        };
        let paths: BTreeMap<String, String> = found
            .iter()
            .filter(|item| open(item))
            .map(|item| (item.wanted.entry.path.clone(), item.key().to_owned()))
            .collect();
        if paths.is_empty() {
            return Ok(found);
        }
        let mut past = match source {
            OtherSide::Amplitude(_) => history(self, &paths)?,
            OtherSide::Assumed(base) => at(self.repo, base, &paths)?,
        };
        let (settled, open): (Vec<PlannedItem>, Vec<PlannedItem>) = found.into_iter().partition(|item| !open(item));
        let again = open.into_iter().map(|item| {
            let past = past.remove(&item.wanted.entry.path).unwrap_or_default();
            WantedFlag { past, ..item.wanted }
        });
        let again: Vec<WantedFlag> = again.collect();
        let mut all = planned(&again, there);
        all.extend(settled);
        all.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(all)
    }

    /// The project of a path, if it has one.
    fn project_of(&self, path: &str) -> Option<&str> {
        match self.policy.project_of(path) {
            ProjectMatch::Project(project) => Some(project.name.as_str()),
            _ => None,
        }
    }

    /// The files of projects that a commit took away, as they were.
    fn gone(&self, comparison: &Comparison) -> Result<Vec<File>, Error> {
        let gone = comparison.deltas.iter().filter(|delta| delta.proposed.is_none());
        let managed = gone.filter(|delta| self.project_of(&delta.path).is_some());
        managed.filter_map(|delta| delta.live.as_ref().map(|entry| self.repo.load(&delta.path, entry))).collect()
    }

    /// The items that Amplitude has if it has what the base says.
    fn assumed_items(&self, base: &Commit, project: &AmplitudeProject<'_>, lock: &Lock) -> Result<Vec<Item>, Error> {
        let tree = LintedFiles::open(self.repo, Some(&base.oid))?;
        let before = files::projects(self.repo, &tree, self.policy, Some(&project.project.name))?;
        let flags = before.iter().flat_map(|project| &project.files).filter(|file| file.native);
        Ok(flags
            .map(|file| {
                let flag = &file.entry.flag;
                assumed(project.id, flag, lock.item(&project.project.name, &flag.key))
            })
            .collect())
    }

    /// The plan as a report, in the words of any change. `turned` has Amplitude as the proposal.
    pub fn report(&self, plan: &AmplitudePlan, turned: bool) -> Report {
        let ours = Revision { name: self.commit.name.clone(), oid: Some(self.commit.oid.clone()) };
        let theirs = Revision { name: "Amplitude".to_owned(), oid: None };
        let pair = |item: &PlannedItem| {
            let path = &item.wanted.entry.path;
            let file = File::regular(path.clone(), item.wanted.bytes.clone());
            let there = item.view.as_ref().map(|view| File::regular(path.clone(), file::side(&view.record)));
            let (live, proposed) = if turned { (Some(file), there) } else { (there, Some(file)) };
            Pair { path: path.clone(), live, proposed, through: None }
        };
        let differs = |item: &&PlannedItem| !item.differing.is_empty() || item.finding == Finding::New && !turned;
        let mut pairs: Vec<Pair> = plan.items.iter().filter(differs).map(pair).collect();
        pairs.sort_by(|a, b| a.path.cmp(&b.path));
        let (base, head) = if turned { (ours, theirs) } else { (theirs, ours) };
        let case = Case { base, head, pairs, conflicts: Vec::new(), tree: Vec::new() };
        let policies = Policies {
            base: std::sync::Arc::new(self.policy.clone()),
            proposed: None,
            invalid: false,
            diagnostics: Vec::new(),
        };
        let mut report = match review(&case, policies, &Nothing) {
            Ok(examination) => examination.conclude(None, &[]),
            Err(never) => match never {},
        };
        report.bypassed = plan.bypassed();
        for flag in &mut report.flags {
            let item = plan.items.iter().find(|item| flag.id().is(&item.name));
            flag.remarks.extend(item.map(|item| remarks(item, turned)).unwrap_or_default());
            flag.requirements.clear();
            flag.notified.clear();
        }
        report
    }
}

/// No other file is needed to compare two sides of the same files.
struct Nothing;

impl Surroundings for Nothing {
    type Error = Infallible;

    fn holding(&self, _: &BTreeSet<FlagName>) -> Result<Vec<File>, Infallible> {
        Ok(Vec::new())
    }

    fn brought(&self, _: &BTreeSet<String>) -> Result<Vec<File>, Infallible> {
        Ok(Vec::new())
    }

    fn past(&self, _: &PastQuery) -> Past {
        Past { end: Some("Amplitude's past is not asked for".to_owned()), ..Past::default() }
    }

    fn managed(&self) -> Result<Vec<String>, Infallible> {
        Ok(Vec::new())
    }
}

/// The items of a project, each as far as its file goes.
fn items(
    client: &AmplitudeClient,
    project: &AmplitudeProject<'_>,
    lock: &Lock,
) -> Result<(Vec<Item>, Vec<UnreadPart>), Error> {
    let name = project.project.name.as_str();
    let known = lock.projects.get(&project.project.name).filter(|known| known.id == project.id);
    let mut list = client.listed(project.id)?;
    // Of a project that is not listed in full only what has to go off is looked for.
    let wanted = |flag: &Flag| list.broken.is_none() || !flag.state.live;
    let flags = project.files.iter().filter(|file| file.native).map(|file| &file.entry.flag);
    let native: Vec<&str> = flags.filter(|flag| wanted(flag)).map(|flag| flag.key.as_str()).collect();
    // An item that the lock file knows by its id may have another key by now.
    let locked = |key: &str| known.and_then(|known| known.items.get(key));
    let keys: BTreeSet<&str> = native.iter().copied().filter(|key| locked(key).is_none()).collect();
    let mut ids = lock.ids(name, project.id);
    if list.broken.is_some() {
        ids.retain(|id, _| native.iter().any(|key| locked(key).is_some_and(|item| item.id == *id)));
    }
    client.look_for(&mut list, project.id, &ids, &keys)?;
    let (mut items, mut unread) = files::read(list, project, lock);
    client.explain(&mut items)?;
    let flag_of = |item: &Item| project.files.iter().map(|file| &file.entry.flag).find(|flag| flag.key == item.key);
    let wanted: Vec<Details> =
        items.iter().map(|item| flag_of(item).map(|flag| details(item, flag)).unwrap_or_default()).collect();
    let parts = wanted.iter().map(|one| usize::from(one.variants) + 2 * one.inclusions.len());
    let progress = bar(parts.sum(), "answers");
    let half = client.detail_each(&mut items, &wanted, &|| progress.inc(1))?;
    progress.finish_and_clear();
    for (at, error) in half {
        let key = items.get(at).map_or("", |item| item.key.as_str());
        let help = format!("take `variants` out of its file, so that they are Amplitude's own, or {}", error.help);
        unread.push(UnreadPart::new(ReadPart::Flag(format!("{name}/{key}")), Error { help, ..error }));
    }
    Ok((items, unread))
}

fn flag_in(file: Option<&File>, key: &str) -> Option<Flag> {
    let file = file?;
    let mut diagnostics = Diagnostics::of(&file.path);
    let flags = VOCABULARY.flags_of(&file.bytes, &file.path, &mut diagnostics)?;
    flags.into_iter().find(|flag| flag.key == key)
}

/// The files as they were at one commit, and at no other.
fn at(
    repo: &Repo,
    commit: &Commit,
    paths: &BTreeMap<String, String>,
) -> Result<BTreeMap<String, Vec<EarlierFile>>, Error> {
    let comparison = repo.two_trees(commit, commit)?;
    let mut found = BTreeMap::new();
    for (path, key) in paths {
        let file = repo.read(&comparison, TreeSide::Live, path)?;
        found.insert(path.clone(), vec![earlier(&commit.oid, file.as_ref(), key)]);
    }
    Ok(found)
}

/// A file at an earlier commit.
fn earlier(commit: &str, file: Option<&File>, key: &str) -> EarlierFile {
    EarlierFile { commit: commit.to_owned(), flag: flag_in(file, key), hash: file.map(|file| file_hash(&file.bytes)) }
}

/// The earlier versions of the flags in files, the newest first, down to where each was made. A flag is followed by its
/// key where its file was moved inside its project.
pub(super) fn history(
    sight: &Sight<'_>,
    paths: &BTreeMap<String, String>,
) -> Result<BTreeMap<String, Vec<EarlierFile>>, Error> {
    let repo = sight.repo;
    let mut found: BTreeMap<String, Vec<EarlierFile>> = BTreeMap::new();
    // By the path of then: the path of now, and the key.
    let mut open: BTreeMap<String, (&str, &str)> =
        paths.iter().map(|(path, key)| (path.clone(), (path.as_str(), key.as_str()))).collect();
    let commits = repo.merged_changes(None, sight.commit, None)?;
    for merged in commits.iter().rev().take(MOST_COMMITS) {
        let Some(parent) = &merged.parent else { break };
        let comparison = repo.two_trees(&Commit::of(parent), &Commit::of(&merged.oid))?;
        if comparison.over.is_some() {
            // Its changes are not known, so neither is the state before them.
            return Ok(found);
        }
        let mut moved: BTreeMap<String, (&str, &str)> = BTreeMap::new();
        let mut gone: Option<Vec<File>> = None;
        for delta in &comparison.deltas {
            let Some((path, key)) = open.get(delta.path.as_str()).copied() else { continue };
            let mut file = delta.live.as_ref().map(|entry| repo.load(&delta.path, entry)).transpose()?;
            if file.is_none() {
                open.remove(delta.path.as_str());
                if gone.is_none() {
                    gone = Some(sight.gone(&comparison)?);
                }
                let project = sight.project_of(&delta.path);
                let same = |one: &&File| sight.project_of(&one.path) == project && flag_in(Some(one), key).is_some();
                file = gone.iter().flatten().find(same).cloned();
                moved.extend(file.as_ref().map(|file| (file.path.clone(), (path, key))));
            }
            found.entry(path.to_owned()).or_default().push(earlier(parent, file.as_ref(), key));
        }
        open.extend(moved);
        if open.is_empty() {
            return Ok(found);
        }
    }
    // There since the very first commit, before which there was nothing.
    if commits.len() <= MOST_COMMITS {
        for (path, _) in open.values() {
            found.entry((*path).to_owned()).or_default().push(EarlierFile {
                commit: String::new(),
                flag: None,
                hash: None,
            });
        }
    }
    Ok(found)
}
