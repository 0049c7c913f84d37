//! The acts of each merged change on the flags of a branch: the facts that a receipt is made from and checked against.
//!
//! In: a repository and its merged changes, each on top of the one before. Out: [`MergeFacts`] of every one that
//! touches what the policy there manages or protects. It refuses to examine under an invalid policy. Not taken: merged
//! changes of before there was a policy, of which nobody said what they needed.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::examined_merges::{Gated, PolicyAt, concerned, walk};
use super::inputs::{Under, examine, examine_by, policy_files};
use super::{Commit, Comparison, Error, MergedCommit, Repo, TreeSide};
use crate::changes::served::{Served, ServedChange};
use crate::flag::FlagEntry;
use crate::receipt::Receipt;
use crate::receipt::make::MergeFacts;
use crate::receipt::payment::LaterPolicy;
use crate::report::Verdict;
use crate::review::read::read_live;
use crate::review::{Examination, POLICY, Policies};

/// The merged changes that need a receipt.
#[derive(Debug, Default)]
pub struct MergesFound {
    pub facts: Vec<MergeFacts>,
    /// Changes that were merged under an invalid policy and touched what the last valid one names: commit and date.
    pub without_valid_policy: Vec<MergedCommit>,
}

/// The merged changes that need a receipt. `step` is called for each that was looked at.
///
/// # Errors
/// If git fails.
pub fn merges_found(repo: &Repo, merged_changes: &[MergedCommit], step: &dyn Fn()) -> Result<MergesFound, Error> {
    let mut found = MergesFound::default();
    walk(repo, merged_changes, &mut |merged_change, comparison, policy_at| {
        step();
        match policy_at {
            PolicyAt::None => {}
            PolicyAt::Valid(policies) => {
                if concerned(repo, comparison, policies)? {
                    match facts_of(repo, comparison, merged_change)? {
                        Some(facts) => found.facts.push(facts),
                        None => found.without_valid_policy.push(merged_change.clone()),
                    }
                }
            }
            PolicyAt::Invalid(_, last) => {
                let touched = match last {
                    Some(last) => concerned(repo, comparison, last)?,
                    None => true,
                };
                if touched {
                    found.without_valid_policy.push(merged_change.clone());
                }
            }
        }
        Ok(())
    })?;
    Ok(found)
}

/// The facts of several merged changes that came as one: from the commit they were merged onto to the last of them.
///
/// # Errors
/// If git fails.
pub fn facts_between(repo: &Repo, onto: &str, last: &MergeFacts) -> Result<Option<MergeFacts>, Error> {
    let comparison = repo.two_trees(&Commit::shortly(onto), &Commit::shortly(&last.commit))?;
    let seconds = crate::document::date::instant(&last.date).map_or(0, |at| at.timestamp());
    let merged_change = MergedCommit {
        oid: last.commit.clone(),
        parent: Some(onto.to_owned()),
        seconds,
        author: last.author.clone(),
        subject: last.subject.clone(),
    };
    facts_of(repo, &comparison, &merged_change)
}

fn facts_of(repo: &Repo, comparison: &Comparison, merged_change: &MergedCommit) -> Result<Option<MergeFacts>, Error> {
    let Ok(examination) = examine(repo, comparison, Under::Both, Some(merged_change.seconds))? else { return Ok(None) };
    let date = chrono::DateTime::from_timestamp(merged_change.seconds, 0).unwrap_or_default();
    let (base_policy, proposed) = examination.policies();
    let policy: [String; 2] = [TreeSide::Live, TreeSide::Proposed]
        .map(|side| policy_files(repo, comparison, side).map(|files| files.digest()))
        .into_iter()
        .collect::<Result<Vec<_>, _>>()?
        .try_into()
        .unwrap_or_default();
    let mut served = examination.served();
    as_written(repo, comparison, &examination, &mut served)?;
    if let Some(parent) = merged_change.parent.as_ref().filter(|_| policy.first() != policy.last()) {
        by_policy(repo, parent, &merged_change.oid, &mut served)?;
    }
    Ok(Some(MergeFacts {
        base_policy,
        proposed,
        later: Vec::new(),
        commit: merged_change.oid.clone(),
        onto: merged_change.parent.clone().unwrap_or_default(),
        date: crate::document::date::rfc3339(date),
        author: cut(&merged_change.author),
        subject: cut(&merged_change.subject),
        served,
        adopted: Vec::new(),
        policy,
        report: examination.conclude(None, &[]),
    }))
}

/// Puts what the files say of each flag in the place of what a review takes it for, knowing both sides: off by a word
/// that readers take for different things, say, or unknown for what another file says. A verifier has one side.
fn as_written(
    repo: &Repo,
    comparison: &Comparison,
    examination: &Examination,
    served: &mut [ServedChange],
) -> Result<(), Error> {
    let (base, proposed) = examination.policies();
    let policies = [&base, proposed.as_ref().unwrap_or(&base)];
    let sides = [TreeSide::Live, TreeSide::Proposed];
    let mut said: [BTreeMap<String, Served>; 2] = [BTreeMap::new(), BTreeMap::new()];
    for (((paths, policy), side), said) in examination.served_paths().iter().zip(policies).zip(sides).zip(&mut said) {
        for path in paths {
            let Some(file) = repo.read(comparison, side, path)? else { continue };
            let Some(project) = policy.project_name(path) else { continue };
            let flags = read_live(&file, policy, &project).unwrap_or_default();
            said.extend(flags.iter().map(|entry| (entry.name(), Served::of_entry(entry))));
        }
    }
    let [before, after] = said;
    for one in served.iter_mut().filter(|one| !one.unreadable) {
        let name = one.from.as_ref().unwrap_or(&one.name);
        let own = |said: &BTreeMap<String, Served>, name: &str, there: &Option<Served>| {
            there.as_ref().and_then(|_| said.get(name).cloned())
        };
        let (was, is) = (own(&before, name, &one.before), own(&after, &one.name, &one.after));
        one.before = was.or(one.before.take());
        one.after = is.or(one.after.take());
    }
    Ok(())
}

/// The policy that a commit has, and what it would ask for an earlier merge; none if it is invalid.
///
/// # Errors
/// If git fails.
pub fn later_policy(repo: &Repo, (onto, merge): (&str, &str), at: &str) -> Result<Option<LaterPolicy>, Error> {
    let files = repo.policy_at(&Commit::shortly(at))?;
    let Ok(policies) = Policies::read(&files, &files) else { return Ok(None) };
    let comparison = repo.two_trees(&Commit::shortly(onto), &Commit::shortly(merge))?;
    let policy = Arc::clone(&policies.base);
    // It is about who may approve, which no bound that looks back says.
    let report = examine_by(repo, &comparison, policies, None)?.conclude(None, &[]);
    Ok(Some(LaterPolicy { commit: at.to_owned(), policy, report }))
}

/// A path that differs with a merge and that nobody agreed to: by the policy of then it is no file of a flag of this
/// receipt that needs approval, and neither protected nor a part of the policy. Of what was merged before there was a
/// valid policy nothing is asked.
///
/// # Errors
/// If git fails.
pub fn unagreed(repo: &Repo, receipt: &Receipt) -> Result<Option<String>, Error> {
    let comparison = repo.two_trees(&Commit::shortly(&receipt.onto), &Commit::shortly(&receipt.commit))?;
    let then = crate::document::date::instant(&receipt.date).map(|at| at.timestamp());
    let Ok(examination) = examine(repo, &comparison, Under::Both, then)? else {
        let first = receipt.previous.is_none();
        return Ok(comparison.deltas.first().filter(|_| !first).map(|delta| delta.path.clone()));
    };
    let mut agreed: BTreeSet<String> = BTreeSet::new();
    if receipt.policy.consent.is_some() {
        agreed.extend(examination.policy_paths());
    }
    for (name, _) in examination.digests() {
        if receipt.flags.iter().any(|flag| flag.name == name || flag.from.as_ref() == Some(&name)) {
            agreed.extend(examination.paths_of(&name));
            agreed.extend(examination.part_paths_of(&name));
        }
    }
    Ok(comparison.deltas.iter().map(|delta| &delta.path).find(|path| !agreed.contains(*path)).cloned())
}

impl Repo {
    /// Whether a commit has the files of its first parent.
    #[must_use]
    pub fn is_empty_commit(&self, oid: &str) -> bool {
        let tree = |id: git2::Oid| self.objects().find_commit(id).map(|one| (one.tree_id(), one.parent_id(0)));
        let own = git2::Oid::from_str(oid).and_then(tree);
        let parent = own.as_ref().ok().and_then(|(_, parent)| tree(*parent.as_ref().ok()?).ok());
        own.ok().zip(parent).is_some_and(|((own, _), (parent, _))| own == parent)
    }
}

/// The start of a name or subject, which may be as long as its author likes.
fn cut(text: &str) -> String {
    const MOST: usize = 200;
    text.chars().take(MOST).collect()
}

/// The flags of a commit, by name; none if its policy is invalid.
fn flags_at(repo: &Repo, oid: &str) -> Result<BTreeMap<String, FlagEntry>, Error> {
    let tree = repo.served_at(&Commit::shortly(oid))?;
    Ok(tree.map(|tree| tree.flags.into_iter().map(|entry| (entry.name(), entry)).collect()).unwrap_or_default())
}

/// The live flags of a commit that aren't among these: when the receipts of a branch begin they are what they are.
///
/// # Errors
/// If git fails.
pub fn live_at(repo: &Repo, oid: &str, known: &[ServedChange]) -> Result<Vec<(String, Served)>, Error> {
    let all = flags_at(repo, oid)?.into_iter().map(|(name, entry)| (name, Served::of_entry(&entry)));
    Ok(all.filter(|(name, served)| served.live && known.iter().all(|one| one.name != *name)).collect())
}

/// Adds the flags whose files stay and which a change of the policy gives another name, takes in or leaves out, or
/// reads in another way.
fn by_policy(repo: &Repo, onto: &str, to: &str, served: &mut Vec<ServedChange>) -> Result<(), Error> {
    let (before, after) = (flags_at(repo, onto)?, flags_at(repo, to)?);
    let known = |served: &[ServedChange], name: &str| served.iter().any(|one| one.name == name);
    let mut found = Vec::new();
    for (name, entry) in &after {
        let now = Served::of_entry(entry);
        if known(served, name) || before.get(name).is_some_and(|old| Served::of_entry(old) == now) {
            continue;
        }
        let same = |old: &&FlagEntry| old.path == entry.path && old.flag.key == entry.flag.key;
        let old =
            before.get(name).or_else(|| before.values().find(same).filter(|old| !after.contains_key(&old.name())));
        let from = old.map(FlagEntry::name).filter(|from| from != name);
        // Other changes need the approvals that it would need without the policy.
        let changed = from.as_ref().and_then(|from| served.iter().find(|one| one.name == *from));
        found.push(ServedChange {
            name: name.clone(),
            reported: changed.map_or_else(|| POLICY.to_owned(), |one| one.reported.clone()),
            by_policy: changed.is_none(),
            from,
            before: old.map(Served::of_entry),
            after: Some(now),
            unreadable: false,
            same: false,
            shown_by: Vec::new(),
        });
    }
    for (name, entry) in before.iter().filter(|(name, _)| !after.contains_key(*name)) {
        if !known(served, name) {
            found.push(ServedChange {
                name: name.clone(),
                reported: POLICY.to_owned(),
                from: None,
                before: Some(Served::of_entry(entry)),
                after: None,
                unreadable: false,
                same: false,
                by_policy: true,
                shown_by: Vec::new(),
            });
        }
    }
    // A flag that has another name now is gone under the old one, whatever else changed.
    for one in served.iter_mut().filter(|one| found.iter().any(|new| new.from.as_ref() == Some(&one.name))) {
        one.after = None;
    }
    served.append(&mut found);
    served.sort_by(|one, two| one.name.cmp(&two.name));
    Ok(())
}

impl MergeFacts {
    /// The merged change as an audit looks at it.
    #[must_use]
    pub fn gated(&self) -> Gated {
        let seconds = crate::document::date::instant(&self.date).map_or(0, |at| at.timestamp());
        let merged_change = MergedCommit {
            oid: self.commit.clone(),
            parent: Some(self.onto.clone()),
            seconds,
            author: self.author.clone(),
            subject: self.subject.clone(),
        };
        Gated { merged_change, outcome: Ok(self.report.clone()) }
    }

    /// Whether it needed approval, or was freed from it by the policy.
    #[must_use]
    pub fn is_gated(&self) -> bool {
        self.report.verdict != Verdict::NotRequired || self.report.flags.iter().any(|flag| flag.freed.is_some())
    }
}
