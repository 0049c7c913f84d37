//! Authors of a proposal by the addresses in its commits, for teams without a forge.
//!
//! In: a comparison, its examination, and whose address is whose. Out: the logins of everyone who wrote what is
//! proposed. It refuses to take an address that nobody knows for nobody: then no approval counts, since anyone may have
//! written what they approve. Not taken: the name in a commit, which is anybody's to choose, as the address is; signed
//! commits are the way out.

use std::collections::BTreeSet;

use super::inputs::{concerns, policy_files};
use super::revision::object_id;
use super::{Commit, Comparison, Delta, Error, Repo, TreeSide};
use crate::policy::{Policy, ProjectMatch, Trust};
use crate::receipt::approval::KnownAuthors;
use crate::review::Examination;

impl Repo {
    /// The commits of a proposal that touch flag files, the policy or protected paths, under either policy.
    ///
    /// # Errors
    /// If git fails.
    pub fn touching(
        &self,
        comparison: &Comparison,
        base: &Commit,
        head: &Commit,
        policy: &Policy,
        examination: &Examination,
    ) -> Result<Vec<String>, Error> {
        let proposed = Policy::read_valid(&policy_files(self, comparison, TreeSide::Proposed)?).ok();
        let gated = |path: &str| {
            let by =
                |policy: &Policy| policy.protects(path) || !matches!(policy.project_of(path), ProjectMatch::Unmanaged);
            by(policy) || proposed.as_ref().is_some_and(by)
        };
        // Also links and submodules in the place of folders, which no path says.
        let judged: BTreeSet<String> = examination.policy_paths().into_iter().collect();
        let gated = |path: &str| judged.contains(path) || gated(path);
        let carried = self.carried(base, head, comparison, &gated)?;
        let names = examination.names();
        let keys = names.iter().filter_map(|name| Some(name.split_once('/')?.1.to_owned())).collect();
        self.contributions(base, head, &|path: &str| carried || gated(path), &keys)
    }

    /// Checks that no commit on the first-parent line of a push leaves a file that is managed or protected in a state
    /// that is neither that of before nor that of after: nobody judges such a state, and receipts and restores would
    /// rest on it. Where the policy looks back, none is older than a day.
    ///
    /// # Errors
    /// The file, with the way out.
    pub fn in_one_step(&self, comparison: &Comparison, policy: &Policy, now: i64) -> Result<(), Error> {
        const DAY: i64 = 24 * 3_600;
        let commit = |oid: &Option<String>| oid.as_deref().map(Commit::of);
        let Some((base, head)) = commit(&comparison.base.oid).zip(commit(&comparison.head.oid)) else { return Ok(()) };
        let mut seen: BTreeSet<String> = BTreeSet::new();
        for one in self.merged_changes(Some(&base), &head, None)? {
            // The committer chooses the date: a step of today that says it is of last month is in no sum of the steps
            // of two weeks.
            if one.seconds < now - DAY && policy.config.days_looked_back().next().is_some() {
                let oid = crate::diagnostics::words::short(&one.oid);
                let message =
                    format!("the commit {oid} says that it is older than a day, and the policy looks back by that");
                let help = "give it the time of today with `git commit --amend --no-edit`, or push a merge of it with \
                            `git merge --no-ff`";
                return Err(Error::usage(message, help));
            }
            let Some(parent) = commit(&one.parent) else { continue };
            let step = self.two_trees(&parent, &Commit::of(&one.oid))?;
            let behind = self.behind_links(&step, &[policy])?;
            let counts = |delta: &&Delta| concerns(policy, delta) || behind.contains_key(&delta.path);
            for delta in step.deltas.iter().filter(counts) {
                if !seen.insert(delta.path.clone()) {
                    let message = format!(
                        "`{}` is changed by several commits of this push, and nobody judges the states in between",
                        delta.path.escape_debug()
                    );
                    let help = "make one commit of them with `git rebase --interactive`, or push a merge of them with \
                                `git merge --no-ff`";
                    return Err(Error::usage(message, help));
                }
            }
        }
        Ok(())
    }

    /// The people behind some commits: authors, committers and co-authors, each by every one of these trusts.
    ///
    /// # Errors
    /// If a commit can't be read.
    pub fn authors(&self, commits: &[String], trusts: &[&Trust]) -> Result<KnownAuthors, Error> {
        let mut logins: BTreeSet<String> = BTreeSet::new();
        let mut unread = Vec::new();
        for oid in commits {
            let commit = self.objects().find_commit(object_id(oid)?);
            let commit = commit.map_err(|error| Error::git(&format!("read the commit {oid}"), &error))?;
            let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
            let mut addresses = vec![text(commit.author().email_bytes()), text(commit.committer().email_bytes())];
            addresses.extend(co_authors(&text(commit.message_bytes())));
            for address in addresses {
                let known: Vec<&str> = trusts.iter().filter_map(|trust| trust.login_of(&address)).collect();
                if known.is_empty() {
                    unread.push(format!(
                        "commit `{}` is by `{}`, an address that `people` of `.countersign/trust.yaml` gives to nobody",
                        crate::diagnostics::words::short(oid),
                        address.escape_debug()
                    ));
                }
                logins.extend(known.into_iter().map(str::to_owned));
            }
        }
        unread.sort();
        unread.dedup();
        Ok(KnownAuthors { logins: unread.is_empty().then(|| logins.into_iter().collect()), unread })
    }

    /// Whether one commit is another one, or was put on top of it. A commit that is not here is neither.
    #[must_use]
    pub fn is_on_top(&self, commit: &str, below: &str) -> bool {
        let ids = object_id(commit).ok().zip(object_id(below).ok());
        ids.is_some_and(|(commit, below)| {
            commit == below || self.objects().graph_descendant_of(commit, below).unwrap_or(false)
        })
    }
}

/// The addresses of `Co-authored-by` lines.
fn co_authors(message: &str) -> Vec<String> {
    let lines = message.lines().filter_map(|line| line.split_once(':'));
    let named = lines.filter(|(word, _)| word.trim().eq_ignore_ascii_case("co-authored-by"));
    named
        .map(|(_, who)| {
            let address = who.rsplit_once('<').map_or(who, |(_, rest)| rest.split('>').next().unwrap_or(rest));
            address.trim().to_owned()
        })
        .collect()
}
