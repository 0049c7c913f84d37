//! The sweep: for events that got lost. Looks at all open pull requests at once and judges those that changed.

use std::collections::{BTreeMap, BTreeSet};

use super::{Outcome, Relay};
use crate::forge::github::Seen;
use crate::gate::inputs::{Inputs, Mark, people};
use crate::gate::plan::is_ours;
use crate::gather::pull::{concerned, law_mark, teams_of};
use crate::policy::{Law, LawFiles};

/// More than this many are not judged in one go; the rest is for the next.
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
        let laws = match self.client.laws(&tips) {
            Ok(laws) => laws,
            Err(fault) => return outcome.add(None, Err(fault.into())),
        };
        let people = match self.people(&every, viewer, &laws) {
            Ok(people) => people,
            Err(fault) => return outcome.add(None, Err(fault.into())),
        };
        let (current, stale): (Vec<&Seen>, Vec<&Seen>) =
            every.iter().partition(|seen| Self::current(seen, viewer, &laws, &people));
        let mut stale: Vec<u64> = stale.into_iter().map(|seen| seen.outline.number).collect();
        stale.extend(self.concerned(&current, viewer, &laws));
        outcome.said.push(format!("{} of {} open pull requests changed", stale.len(), every.len()));
        for number in stale.iter().take(MOST) {
            let head = every.iter().find(|seen| seen.outline.number == *number).map(|seen| seen.outline.head.as_str());
            self.one(*number, head, None, outcome);
        }
        if stale.len() > MOST {
            outcome.said.push(format!("{} more are left for the next sweep", stale.len() - MOST));
        }
    }

    /// A mark of the members of all teams of each law, where one of its pull requests was judged by teams.
    fn people(
        &self,
        every: &[&Seen],
        viewer: &str,
        laws: &BTreeMap<String, LawFiles>,
    ) -> Result<BTreeMap<String, String>, crate::forge::github::Fault> {
        let by_teams: BTreeSet<&String> = every
            .iter()
            .filter(|seen| mark(seen, viewer).is_some_and(|mark| mark.people != "0"))
            .filter_map(|seen| seen.base_tip.as_ref())
            .collect();
        let teams: BTreeMap<&String, Vec<String>> =
            by_teams.into_iter().filter_map(|tip| Some((tip, teams_of(&Law::read(laws.get(tip)?).0?)))).collect();
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
    fn concerned(&self, current: &[&Seen], viewer: &str, laws: &BTreeMap<String, LawFiles>) -> Vec<u64> {
        let mut unflagged: BTreeMap<(&str, &str), Vec<(u64, String)>> = BTreeMap::new();
        for seen in current {
            let (Some(mark), Some(tip)) = (mark(seen, viewer), &seen.base_tip) else { continue };
            let law = laws.get(tip).map(law_mark).unwrap_or_default();
            if mark.inputs == inputs(seen, &law) {
                let of = (seen.outline.base.as_str(), tip.as_str());
                unflagged.entry(of).or_default().push((seen.outline.number, seen.outline.head.clone()));
            }
        }
        unflagged.iter().flat_map(|((base, tip), heads)| concerned(self.objects, base, tip, heads)).collect()
    }

    fn current(
        seen: &Seen,
        viewer: &str,
        laws: &BTreeMap<String, LawFiles>,
        people: &BTreeMap<String, String>,
    ) -> bool {
        let (Some(mark), Some(tip)) = (mark(seen, viewer), &seen.base_tip) else { return false };
        let Some(status) = seen.outline.status() else { return false };
        // What holds a flag is not among what is seen here.
        if status.description.starts_with("locked by #") || seen.outline.marks.is_empty() && mark.people != "0" {
            return false;
        }
        let law = laws.get(tip).map(law_mark).unwrap_or_default();
        let known = mark.inputs == inputs(seen, tip) || mark.inputs == inputs(seen, &law);
        known && (mark.people == "0" || people.get(tip) == Some(&mark.people))
    }
}

/// The mark of what is seen of a pull request, with what of its base counts.
fn inputs(seen: &Seen, base: &str) -> String {
    let outline = &seen.outline;
    let author = outline.author.as_ref();
    Inputs { base, head: &outline.head, draft: outline.draft, author, reviews: &seen.reviews }.mark()
}

/// The mark of our status on a pull request.
fn mark(seen: &Seen, viewer: &str) -> Option<Mark> {
    seen.outline.status().filter(|status| is_ours(status, viewer)).and_then(|status| Mark::of(&status.target))
}
