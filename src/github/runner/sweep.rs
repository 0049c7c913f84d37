//! The sweep: for events that got lost. Looks at all open pull requests at once and judges those that changed.

use std::collections::{BTreeMap, BTreeSet};

use super::{Outcome, Relay};
use crate::github::client::Seen;
use crate::github::fingerprint::{Inputs, Mark, people, shared};
use crate::github::judge::{concerned, policy_mark, teams_of};
use crate::github::plan::is_ours;
use crate::policy::{Policy, PolicyFiles};

/// More than this many are not judged in one go, but for successes; the rest is for the next.
const MOST: usize = 20;

impl Relay<'_> {
    /// Judges what changed since it was last judged, of one base branch or of all.
    pub(crate) fn sweep(&self, base: Option<&str>, outcome: &mut Outcome) {
        match self.client.every() {
            Ok((viewer, every)) => self.stale(&viewer, &every, base, outcome),
            Err(fault) => outcome.add(None, Err(fault.into())),
        }
    }

    /// Judges those of a list that are no longer as they were judged.
    pub(crate) fn stale(&self, viewer: &str, every: &[Seen], base: Option<&str>, outcome: &mut Outcome) {
        let every: Vec<&Seen> = every.iter().filter(|seen| base.is_none_or(|base| seen.outline.base == base)).collect();
        let tips: BTreeSet<String> = every.iter().filter_map(|seen| seen.base_tip.clone()).collect();
        let policies = match self.client.policies(&tips) {
            Ok(policies) => policies,
            Err(fault) => return outcome.add(None, Err(fault.into())),
        };
        let people = match self.people(&every, viewer, &policies) {
            Ok(people) => people,
            Err(fault) => return outcome.add(None, Err(fault.into())),
        };
        let (current, stale): (Vec<&Seen>, Vec<&Seen>) =
            every.iter().partition(|seen| Self::current(seen, &every, viewer, &policies, &people));
        let mut stale: Vec<(u8, u64)> =
            stale.into_iter().map(|seen| (rank(seen, viewer), seen.outline.number)).collect();
        stale.extend(self.concerned(&current, &every, viewer, &policies).into_iter().map(|number| (0, number)));
        // A success may have to be taken back, so those come first; those that are never current come last, or they
        // would keep the others out.
        stale.sort_unstable();
        outcome.said.push(format!("{} of {} open pull requests changed", stale.len(), every.len()));
        let all = stale.len();
        let now: Vec<u64> =
            (0..).zip(stale).filter(|(at, (rank, _))| *rank == 0 || *at < MOST).map(|(_, (_, n))| n).collect();
        if all > now.len() {
            outcome.said.push(format!("{} more are left for the next sweep", all - now.len()));
        }
        for number in now {
            let head = every.iter().find(|seen| seen.outline.number == number).map(|seen| seen.outline.head.as_str());
            self.one(number, head, None, outcome);
        }
    }

    /// A mark of the members of all teams of each policy, where one of its pull requests was judged by teams.
    fn people(
        &self,
        every: &[&Seen],
        viewer: &str,
        policies: &BTreeMap<String, PolicyFiles>,
    ) -> Result<BTreeMap<String, String>, crate::github::client::Fault> {
        let by_teams: BTreeSet<&String> = every
            .iter()
            .filter(|seen| mark(seen, viewer).is_some_and(|mark| mark.people != "0"))
            .filter_map(|seen| seen.base_tip.as_ref())
            .collect();
        let teams: BTreeMap<&String, Vec<String>> = by_teams
            .into_iter()
            .filter_map(|tip| Some((tip, teams_of(&Policy::read(policies.get(tip)?).0?))))
            .collect();
        let all: BTreeSet<String> = teams.values().flatten().cloned().collect();
        if all.is_empty() {
            return Ok(BTreeMap::new());
        }
        let members = self.client.members(&all.into_iter().collect::<Vec<_>>())?;
        let of = |teams: &Vec<String>| {
            let some = members.iter().filter(|(team, _)| teams.contains(team));
            people(&some.map(|(team, members)| (team.clone(), members.clone())).collect())
        };
        Ok(teams.iter().map(|(tip, teams)| ((*tip).clone(), of(teams))).collect())
    }

    /// Those that were judged to change no flag, whose base has moved since, and that may change one now.
    fn concerned(
        &self,
        current: &[&Seen],
        every: &[&Seen],
        viewer: &str,
        policies: &BTreeMap<String, PolicyFiles>,
    ) -> Vec<u64> {
        let mut unflagged: BTreeMap<(&str, &str), Vec<(u64, String)>> = BTreeMap::new();
        for seen in current {
            let (Some(mark), Some(tip)) = (mark(seen, viewer), &seen.base_tip) else { continue };
            let policy = policies.get(tip).map(policy_mark).unwrap_or_default();
            if mark.inputs == inputs(seen, every, &policy) {
                let of = (seen.outline.base.as_str(), tip.as_str());
                unflagged.entry(of).or_default().push((seen.outline.number, seen.outline.head.clone()));
            }
        }
        unflagged.iter().flat_map(|((base, tip), heads)| concerned(self.objects, base, tip, heads)).collect()
    }

    fn current(
        seen: &Seen,
        every: &[&Seen],
        viewer: &str,
        policies: &BTreeMap<String, PolicyFiles>,
        people: &BTreeMap<String, String>,
    ) -> bool {
        let (Some(mark), Some(tip)) = (mark(seen, viewer), &seen.base_tip) else { return false };
        let Some(status) = seen.outline.status() else { return false };
        // What holds a flag, and what admins may do who overrode, is not among what is seen here.
        let more = ["locked by #", "overridden by "].iter().any(|words| status.description.contains(words));
        if more || seen.outline.marks.is_empty() && mark.people != "0" {
            return false;
        }
        let policy = policies.get(tip).map(policy_mark).unwrap_or_default();
        let known = mark.inputs == inputs(seen, every, tip) || mark.inputs == inputs(seen, every, &policy);
        known && (mark.people == "0" || people.get(tip) == Some(&mark.people))
    }
}

/// What is looked at first: whatever is not known to be held back, what waits, what is never current.
fn rank(seen: &Seen, viewer: &str) -> u8 {
    let Some(status) = seen.outline.status() else { return 1 };
    let held = is_ours(status, viewer) && !status.state.eq_ignore_ascii_case("success");
    match Mark::of(&status.target) {
        _ if !held => 0,
        Some(mark) if mark.inputs != "0" && !status.description.contains("locked by #") => 1,
        _ => 2,
    }
}

/// The mark of what is seen of a pull request and of those that propose the same commit, with what of the base counts.
fn inputs(seen: &Seen, every: &[&Seen], base: &str) -> String {
    let same = |other: &&&Seen| other.outline.head == seen.outline.head && other.outline.base == seen.outline.base;
    let marks = every.iter().filter(same).map(|other| {
        let outline = &other.outline;
        let (draft, author) = (outline.draft, outline.author.as_ref());
        let seen = Inputs { base, head: &outline.head, draft, author, reviews: &other.reviews };
        (outline.number, seen.mark())
    });
    shared(marks.collect())
}

/// The mark of our status on a pull request.
fn mark(seen: &Seen, viewer: &str) -> Option<Mark> {
    seen.outline.status().filter(|status| is_ours(status, viewer)).and_then(|status| Mark::of(&status.target))
}
