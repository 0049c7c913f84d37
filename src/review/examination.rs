//! The questions that a half-made review answers before there is evidence: digests, teams, locks.

use std::collections::BTreeSet;
use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::read::FlagChange;
use super::{Examination, ExaminedChange, POLICY};
use crate::approval::people::May;
use crate::approval::requirement::named;
use crate::approval::{Content, Evidence, People};
use crate::changes::served::{Served, ServedChange};
use crate::diagnostics::Diagnostic;
use crate::document::date::instant;
use crate::flag::FlagEntry;
use crate::policy::{Approver, Config, Policy};
use crate::report::{Ineligible, KnownDebts};

impl Examination {
    /// The teams whose members the evidence has to have: all that are named, except those the configuration lists.
    #[must_use]
    pub fn teams(&self) -> BTreeSet<String> {
        let requirements = self.examined.iter().flat_map(|one| &one.requirements).chain(&self.policy_requirements);
        let configs: Vec<&Config> = [Some(&self.policies.base), self.policies.proposed.as_ref()]
            .into_iter()
            .flatten()
            .map(|policy| &policy.config)
            .collect();
        let admins = configs.iter().flat_map(|config| &config.admins).cloned();
        requirements
            .flat_map(named)
            .chain(admins)
            .filter(|approver| matches!(approver, Approver::Team(_)))
            .filter(|team| configs.iter().any(|config| !config.teams.contains_key(team)))
            .map(|team| team.to_string())
            .collect()
    }

    /// The policy that would hold after the merge, or that of the base if the proposed policy is invalid.
    #[must_use]
    pub fn policy_to_be(&self) -> &Policy {
        self.policies.proposed.as_ref().unwrap_or(&self.policies.base)
    }

    /// The base policy, and the proposed policy if that is another one and valid.
    #[must_use]
    pub fn policies(&self) -> (Arc<Policy>, Option<Arc<Policy>>) {
        (Arc::clone(&self.policies.base), self.policies.proposed.clone())
    }

    /// Whether it holds a flag that differs.
    #[must_use]
    pub fn has_flags(&self) -> bool {
        !self.examined.is_empty()
    }

    /// Adds the diagnostics of projects without a file, and whether no project has a flag.
    #[must_use]
    pub fn with_managed(mut self, empty: Vec<Diagnostic>, no_flag: bool) -> Self {
        self.diagnostics.extend(empty);
        self.diagnostics.sort();
        self.no_flag = no_flag;
        self
    }

    /// Adds the debts that the receipts of the base branch tell of.
    #[must_use]
    pub fn with_debts(mut self, debts: KnownDebts) -> Self {
        // An overdue debt may be paid at any moment, and nothing of a pull request changes then.
        let any_moment = (!debts.overdue.is_empty()).then_some(0);
        self.past_until = self.past_until.into_iter().chain(debts.next).chain(any_moment).min();
        self.debts = debts;
        self
    }

    /// The time of the review, in seconds since 1970, where no evidence says it.
    #[must_use]
    pub fn at(self, now: i64) -> Self {
        Examination { now: Some(now), ..self }
    }

    /// The time of the review, if it is known.
    #[must_use]
    pub(super) fn time(&self, evidence: Option<&Evidence>) -> Option<DateTime<Utc>> {
        let said = evidence.and_then(|evidence| instant(&evidence.now));
        said.or_else(|| DateTime::from_timestamp(self.now?, 0))
    }

    /// Whether somebody may break the glass for a flag under the base policy: how many admins it takes.
    ///
    /// # Errors
    /// Why this person may not.
    pub fn may_break_glass(&self, login: &str, evidence: &Evidence) -> Result<u32, String> {
        let config = &self.policies.base.config;
        let Some(rule) = config.break_glass else {
            return Err("the configuration has no `break-glass: {by: admins, review-within: 3d}`".to_owned());
        };
        match (People { config, evidence: Some(evidence), vouched: &[] }).may_break_glass(login) {
            May::Yes => Ok(rule.people),
            May::No(Ineligible::NotAnApprover) => Err("is no admin".to_owned()),
            May::No(why) => Err(why.to_string()),
            May::Unknown(fact) => Err(fact.to_string()),
        }
    }

    /// The digest of every flag that needs approval, by `project/key`, and of the policy: the revision to display.
    #[must_use]
    pub fn digests(&self) -> Vec<(String, String)> {
        // A flag that moves is listed under both its names, because a lock on either locks it.
        let flags = self.examined.iter().filter_map(|one| Some((one.flag.names(), one.content.as_ref()?.digest())));
        let flags = flags.flat_map(|(names, digest)| names.into_iter().map(move |name| (name, digest.clone())));
        flags.chain(self.policy_content.as_ref().map(|content| (POLICY.to_owned(), content.digest()))).collect()
    }

    /// The contents that approvals of today cover.
    #[must_use]
    pub fn contents(&self) -> Vec<&Content> {
        self.examined.iter().filter_map(|one| one.content.as_ref()).chain(&self.policy_content).collect()
    }

    /// Checks that somebody is an admin under the base policy who neither opened the pull request nor contributed to
    /// it.
    ///
    /// # Errors
    /// The reason why they do not count as an admin.
    pub fn admin(&self, login: &str, evidence: &Evidence) -> Result<(), String> {
        let people = People { config: &self.policies.base.config, evidence: Some(evidence), vouched: &[] };
        match people.may(login, "User", &[], false) {
            May::Yes => Ok(()),
            May::No(Ineligible::NotAnApprover) => Err("is no admin".to_owned()),
            May::No(why) => Err(why.to_string()),
            May::Unknown(fact) => Err(fact.to_string()),
        }
    }

    /// Whether approvers without write access count under either policy.
    #[must_use]
    pub fn counts_external(&self) -> bool {
        [Some(&self.policies.base), self.policies.proposed.as_ref()]
            .into_iter()
            .flatten()
            .any(|policy| policy.config.external_approvers)
    }

    /// The number of idle days after which an admin may pass over the holder of a lock, if the policy has one.
    #[must_use]
    pub fn lock_after_days(&self) -> Option<u32> {
        self.policies.base.config.lock_after_days
    }

    /// The time from which on a bound looks back at another commit of the base, in seconds since 1970-01-01 UTC; `None`
    /// if no bound does.
    #[must_use]
    pub fn past_until(&self) -> Option<i64> {
        self.past_until
    }

    /// Whether it holds no flag that differs, no change of the policy and no diagnostic, in a repository with flags.
    #[must_use]
    pub fn is_nothing(&self) -> bool {
        self.examined.is_empty() && self.policy_paths.is_empty() && self.diagnostics.is_empty() && !self.no_flag
    }

    /// The served content of every flag that differs, before and after. A flag that leaves its project is two of them.
    #[must_use]
    pub fn served(&self) -> Vec<ServedChange> {
        let mut changes = Vec::new();
        // Content of a file is what receipts are about.
        for one in self.examined.iter().filter(|one| !one.flag.joined) {
            let Some(reported) = one.flag.entry().map(FlagEntry::name) else { continue };
            let [before, after] = [&one.flag.before, &one.flag.after]
                .map(|entry| entry.as_ref().map(|entry| (entry.name(), Served::of_entry(entry))));
            let unreadable = one.flag.unreadable;
            let mut add = |name: String, from: Option<String>, before: Option<Served>, after: Option<Served>| {
                changes.push(ServedChange {
                    name,
                    reported: reported.clone(),
                    from,
                    before,
                    after,
                    unreadable,
                    same: false,
                    by_policy: false,
                    shown_by: Vec::new(),
                });
            };
            match (before, after) {
                (Some((from, before)), Some((to, after))) if from != to => {
                    add(from.clone(), None, Some(before.clone()), None);
                    add(to, Some(from), Some(before), Some(after));
                }
                (before, after) => add(reported.clone(), None, before.map(|(_, it)| it), after.map(|(_, it)| it)),
            }
        }
        changes.extend(self.parts.iter().filter_map(|part| self.served_part(part)));
        let known: BTreeSet<String> = changes.iter().map(|one| one.name.clone()).collect();
        let unsure = self.unsure.iter().filter(|entry| !known.contains(&entry.name()));
        changes.extend(unsure.map(|entry| {
            let (name, served) = (entry.name(), Some(Served::of_entry(entry)));
            let (reported, before, after) = (name.clone(), served.clone(), served);
            let (from, shown_by) = (None, Vec::new());
            ServedChange {
                name,
                reported,
                from,
                before,
                after,
                unreadable: false,
                same: true,
                by_policy: false,
                shown_by,
            }
        }));
        changes.sort_by(|one, two| one.name.cmp(&two.name));
        changes
    }

    /// The files of every flag and part that differs, before and after.
    #[must_use]
    pub fn served_paths(&self) -> [BTreeSet<&str>; 2] {
        let all = || self.examined.iter().map(|one| &one.flag).filter(|flag| !flag.joined).chain(&self.parts);
        [
            all().filter_map(|flag| flag.before.as_ref()).map(|entry| entry.path.as_str()).collect(),
            all().filter_map(|flag| flag.after.as_ref()).map(|entry| entry.path.as_str()).collect(),
        ]
    }

    /// The served content of a part that flags show, before and after.
    fn served_part(&self, part: &FlagChange) -> Option<ServedChange> {
        let entry = part.entry()?;
        let shows = |one: &&ExaminedChange| {
            let sides = [&one.flag.before, &one.flag.after].into_iter().flatten();
            sides.map(|flag| &flag.flag.links.found).any(|found| found.get(&entry.flag.key) == Some(&entry.path))
        };
        let shown = self.examined.iter().filter(shows).filter_map(|one| one.flag.entry().map(FlagEntry::name));
        let mut shown_by: Vec<String> = shown.collect();
        shown_by.sort();
        let [before, after] = [&part.before, &part.after].map(|entry| entry.as_ref().map(Served::of_entry));
        Some(ServedChange {
            name: entry.name(),
            reported: shown_by.first().cloned()?,
            from: None,
            before,
            after,
            unreadable: part.unreadable,
            same: false,
            by_policy: false,
            shown_by,
        })
    }

    /// The files of the policy and the protected files that differ.
    #[must_use]
    pub fn policy_paths(&self) -> Vec<String> {
        self.policy_paths.clone()
    }

    /// The files of the flag of this name, before and after.
    #[must_use]
    pub fn paths_of(&self, name: &str) -> Vec<String> {
        let own = self.examined.iter().filter(|one| one.flag.names().iter().any(|known| known == name));
        own.flat_map(|one| [&one.flag.before, &one.flag.after]).flatten().map(|entry| entry.path.clone()).collect()
    }

    /// The files of the parts that a flag of this name refers to, such as segments, before and after.
    #[must_use]
    pub fn part_paths_of(&self, name: &str) -> Vec<String> {
        let own = self.examined.iter().filter(|one| one.flag.names().iter().any(|known| known == name));
        let entries = own.flat_map(|one| [&one.flag.before, &one.flag.after]).flatten();
        let own = self.paths_of(name);
        let parts = entries.flat_map(|entry| entry.flag.links.found.values().cloned());
        parts.filter(|path| !own.contains(path)).collect()
    }

    /// Every name of every flag that differs: the locks another pull request may hold.
    #[must_use]
    pub fn names(&self) -> Vec<String> {
        self.examined.iter().flat_map(|one| one.flag.names()).collect()
    }

    /// Every name of the flags that are switched off where nothing else of them changes.
    #[must_use]
    pub fn switched_off(&self) -> Vec<String> {
        let alone = |one: &&ExaminedChange| one.switch_off.as_ref().is_some_and(|found| found.how.is_alone());
        self.examined.iter().filter(alone).flat_map(|one| one.flag.names()).collect()
    }

    /// Every name of the live flags that await approval: this pull request holds their locks until then.
    #[must_use]
    pub fn locks(&self) -> Vec<String> {
        let live = |one: &&ExaminedChange| one.flag.before.as_ref().is_some_and(|before| before.flag.state.live);
        let awaiting = self.examined.iter().filter(|one| one.content.is_some()).filter(live);
        awaiting.flat_map(|one| one.flag.names()).collect()
    }
}
