//! The sweep: looks at all open pull requests at once and reviews those that changed, for events that got lost.

use std::collections::{BTreeMap, BTreeSet};

use super::{RunResult, Runner};
use crate::document::date::instant;
use crate::error::Error;
use crate::github::actions::CommitState;
use crate::github::client::ListedPull;
use crate::github::fingerprint::{Fingerprint, NONE, PullInputs, members, shared};
use crate::github::judge::teams_of;
use crate::github::objects::policy_digest;
use crate::policy::{Policy, PolicyFiles};

/// How many pull requests are reviewed in one sweep, not counting successes; the rest is for the next.
const MOST: usize = 20;

/// The facts that a sweep compares with the fingerprints.
struct Sweep<'s> {
    viewer: &'s str,
    open: Vec<&'s ListedPull>,
    /// The policy at each base tip.
    policies: BTreeMap<String, PolicyFiles>,
    /// The digits of the members of all teams of the policy at each base tip, where a pull request was judged by teams.
    members: BTreeMap<String, String>,
    /// GitHub's time, in seconds since 1970-01-01 UTC.
    now: i64,
}

impl Runner<'_> {
    /// Reviews the pull requests that changed since their last review, of one base branch or of all.
    pub(super) fn sweep(&self, base: Option<&str>, run: &mut RunResult) {
        match self.client.open_pulls() {
            Ok((viewer, open)) => self.review_changed(&viewer, &open, base, run),
            Err(error) => run.fail(None, error),
        }
    }

    /// Reviews those of a list that changed since their last review.
    pub(super) fn review_changed(&self, viewer: &str, open: &[ListedPull], base: Option<&str>, run: &mut RunResult) {
        let open = open.iter().filter(|listed| base.is_none_or(|base| listed.outline.base == base)).collect();
        let sweep = match self.prepare_sweep(viewer, open) {
            Ok(sweep) => sweep,
            Err(error) => return run.fail(None, error),
        };
        let (current, changed): (Vec<&ListedPull>, Vec<&ListedPull>) =
            sweep.open.iter().partition(|listed| sweep.is_current(listed));
        let mut changed: Vec<(u8, u64)> =
            changed.into_iter().map(|listed| (sweep.rank(listed), listed.outline.number)).collect();
        changed.extend(self.newly_managed(&sweep, &current).into_iter().map(|number| (0, number)));
        changed.sort_unstable();
        run.log.push(format!("{} of {} open pull requests changed", changed.len(), sweep.open.len()));
        let all = changed.len();
        let now: Vec<u64> =
            (0..).zip(changed).filter(|(at, (rank, _))| *rank == 0 || *at < MOST).map(|(_, (_, n))| n).collect();
        if all > now.len() {
            run.log.push(format!("{} more are left for the next sweep", all - now.len()));
        }
        for number in now {
            if let Some(listed) = sweep.open.iter().find(|listed| listed.outline.number == number) {
                self.aside(&listed.outline, run);
            }
        }
    }

    fn prepare_sweep<'s>(&self, viewer: &'s str, open: Vec<&'s ListedPull>) -> Result<Sweep<'s>, Error> {
        let tips: BTreeSet<String> = open.iter().filter_map(|listed| listed.base_tip.clone()).collect();
        let policies = self.client.policies(&tips)?;
        let now = instant(&self.client.time()?).map_or(i64::MAX, |now| now.timestamp());
        let mut sweep = Sweep { viewer, open, policies, members: BTreeMap::new(), now };
        sweep.members = self.members(&sweep)?;
        Ok(sweep)
    }

    fn members(&self, sweep: &Sweep<'_>) -> Result<BTreeMap<String, String>, Error> {
        let by_teams: BTreeSet<&String> = sweep
            .open
            .iter()
            .filter(|listed| sweep.fingerprint(listed).is_some_and(|one| one.members != NONE))
            .filter_map(|listed| listed.base_tip.as_ref())
            .collect();
        let teams: BTreeMap<&String, Vec<String>> = by_teams
            .into_iter()
            .filter_map(|tip| Some((tip, teams_of(&Policy::read(sweep.policies.get(tip)?).0?))))
            .collect();
        let all: BTreeSet<String> = teams.values().flatten().cloned().collect();
        if all.is_empty() {
            return Ok(BTreeMap::new());
        }
        let found = self.client.members(&all.into_iter().collect::<Vec<_>>())?;
        let digits = |teams: &Vec<String>| {
            let some = found.iter().filter(|(team, _)| teams.contains(team));
            members(&some.map(|(team, members)| (team.clone(), members.clone())).collect())
        };
        Ok(teams.iter().map(|(tip, teams)| ((*tip).clone(), digits(teams))).collect())
    }

    /// Pull requests that changed no flag at their last review, whose base has moved since, and that may change one
    /// now.
    fn newly_managed(&self, sweep: &Sweep<'_>, current: &[&ListedPull]) -> Vec<u64> {
        let mut unflagged: BTreeMap<(&str, &str), Vec<(u64, String)>> = BTreeMap::new();
        for listed in current {
            let (Some(fingerprint), Some(tip)) = (sweep.fingerprint(listed), &listed.base_tip) else { continue };
            if fingerprint.inputs == sweep.inputs(listed, &sweep.policy(tip)) {
                let of = (listed.outline.base.as_str(), tip.as_str());
                unflagged.entry(of).or_default().push((listed.outline.number, listed.outline.head.clone()));
            }
        }
        unflagged.iter().flat_map(|((base, tip), heads)| self.objects.with_changes(base, tip, heads)).collect()
    }
}

impl Sweep<'_> {
    /// The fingerprint in our status on a pull request.
    fn fingerprint(&self, listed: &ListedPull) -> Option<Fingerprint> {
        listed.outline.own_status(self.viewer).and_then(|status| Fingerprint::of(&status.target))
    }

    /// Eight digits over the policy at a base tip.
    fn policy(&self, tip: &str) -> String {
        self.policies.get(tip).map(policy_digest).unwrap_or_default()
    }

    /// Whether nothing changed since the last review.
    fn is_current(&self, listed: &ListedPull) -> bool {
        let (Some(fingerprint), Some(tip)) = (self.fingerprint(listed), &listed.base_tip) else { return false };
        // The list does not tell who holds a flag now, and what those may do today who lifted a rejection or overrode.
        if !fingerprint.locked_by.is_empty() || fingerprint.rests_on_people {
            return false;
        }
        // A bound looks back at another commit by now.
        if fingerprint.until.is_some_and(|until| until <= self.now) {
            return false;
        }
        if listed.outline.comments.is_empty() && fingerprint.members != NONE {
            return false;
        }
        let inputs = &fingerprint.inputs;
        let same = *inputs == self.inputs(listed, tip) || *inputs == self.inputs(listed, &self.policy(tip));
        same && (fingerprint.members == NONE || self.members.get(tip) == Some(&fingerprint.members))
    }

    /// The order of reviews: first the pull requests that nothing of ours holds back, since a success may have to be
    /// taken back; last those that are never current, or they would keep the others out.
    fn rank(&self, listed: &ListedPull) -> u8 {
        if listed.outline.status().is_none() {
            return 1;
        }
        let own = listed.outline.own_status(self.viewer);
        let held_back = own.is_some_and(|status| !CommitState::Success.is_of(status));
        match self.fingerprint(listed) {
            _ if !held_back => 0,
            Some(one) if one.inputs != NONE && one.locked_by.is_empty() => 1,
            _ => 2,
        }
    }

    /// The digits of everything that the list tells about a pull request and its siblings, with a part of the base.
    fn inputs(&self, listed: &ListedPull, base: &str) -> String {
        let outline = &listed.outline;
        let siblings =
            self.open.iter().filter(|other| other.outline.head == outline.head && other.outline.base == outline.base);
        let inputs = siblings.map(|other| {
            let (draft, author) = (other.outline.draft, other.outline.author.as_ref());
            let seen = PullInputs { base, head: &other.outline.head, draft, author, reviews: &other.reviews };
            (other.outline.number, seen.digits())
        });
        shared(inputs.collect())
    }
}
