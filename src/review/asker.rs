//! The second half of a review, for one thing after the other: who responded, and what that makes.

use std::collections::BTreeSet;

use super::read::Item;
use super::{Exam, Laws};
use crate::approval::digest::short;
use crate::approval::evidence::Override;
use crate::approval::people::May;
use crate::approval::{Demand, Evidence, People, tally};
use crate::flag::Placed;
use crate::impact::{self, Effect, Segment};
use crate::lock;
use crate::policy::{Approvals, Config};
use crate::report::{FlagReport, Live, Overridden, Side, States, Verdict};

/// How many admins it takes to let something through that nobody approved.
const OVERRIDING: usize = 2;

/// Asks the evidence about one thing after the other.
pub struct Asker<'a> {
    pub laws: &'a Laws,
    pub evidence: Option<&'a Evidence>,
    pub vouched: &'a [String],
}

impl Asker<'_> {
    pub fn flag(&self, exam: Exam, broken: &[String]) -> Option<FlagReport> {
        let Exam { item, changes, effect, digest, demands, told, .. } = exam;
        let placed = item.placed()?;
        let (id, path, project) = (placed.id(), placed.path.clone(), placed.project.clone());
        let (key, kind) = (placed.flag.key.clone(), placed.flag.kind);
        let variants = placed.flag.variants().into_iter().map(str::to_owned).collect();
        let live = |placed: &Option<Placed>| placed.as_ref().is_some_and(|placed| placed.flag.state.live);
        let word = |placed: &Option<Placed>| placed.as_ref().map(|placed| placed.flag.state.word.clone());
        let requirements = self.ask(demands, &id, digest.as_deref());
        let rivals = self.evidence.filter(|_| self.locks(&item));
        let locked_by = rivals.and_then(|evidence| lock::holder(&item.names(), evidence));
        let mut verdict = answer(&requirements);
        if locked_by.is_some() && verdict != Verdict::Rejected {
            verdict = Verdict::Locked;
        }
        if item.unreadable || (item.after.is_some() && broken.contains(&path)) {
            verdict = Verdict::Invalid;
        }
        let overridden = self.overridden(digest.as_deref());
        if overridden.is_some() && verdict != Verdict::Invalid {
            verdict = Verdict::Approved;
        }
        let segments = segments(&item, effect.as_ref(), verdict);
        let previous_path = item.before.as_ref().map(|before| before.path.clone()).filter(|before| *before != path);
        Some(FlagReport {
            project,
            key,
            kind,
            path,
            previous_path,
            live: Live { before: live(&item.before), after: live(&item.after) },
            state: States { before: word(&item.before), after: word(&item.after) },
            verdict,
            digest,
            moves: effect.as_ref().map(impact::sentence),
            effect,
            segments,
            variants,
            remarks: item.remarks.into_iter().chain(remarks(&requirements, self.evidence)).collect(),
            changes,
            requirements,
            told,
            locked_by,
            overridden,
        })
    }

    /// The admins who said that exactly this may go in: at least two, none of whom asked for it or wrote it. Under a
    /// law that changes they have to be admins before and after.
    pub fn overridden(&self, digest: Option<&str>) -> Option<Overridden> {
        let (evidence, digest) = (self.evidence?, digest?);
        let about = |one: &&Override| one.digest.len() >= short(digest).len() && digest.starts_with(&one.digest);
        let configs = [Some(&self.laws.standing), self.laws.proposed.as_ref()];
        let admin = |one: &&Override| {
            configs.into_iter().flatten().all(|law| {
                let people = People { config: &law.config, evidence: self.evidence, vouched: &[] };
                people.may(&one.login, "User", &[], false) == May::Yes
            })
        };
        let said: Vec<&Override> = evidence.overrides.iter().filter(about).filter(admin).collect();
        let by: BTreeSet<String> = said.iter().map(|one| one.login.to_ascii_lowercase()).collect();
        let reason = said.first()?.reason.clone();
        (by.len() >= OVERRIDING).then(|| Overridden { by: by.into_iter().collect(), reason })
    }

    /// Whether another request can hold this flag: it is live, and its project asks for approvals at all.
    fn locks(&self, item: &Item) -> bool {
        let Some(before) = &item.before else { return false };
        let off = self.laws.standing.project(&before.project).is_some_and(|home| home.approvals == Approvals::None);
        before.flag.state.live && !off
    }

    pub fn ask(&self, demands: Vec<Demand>, what: &str, digest: Option<&str>) -> Vec<crate::report::Requirement> {
        let (mut standing, mut proposed): (Vec<Demand>, Vec<Demand>) =
            demands.into_iter().partition(|demand| demand.requirement.law == Side::Standing);
        let people = |config| People { config, evidence: self.evidence, vouched: self.vouched };
        // Something is asked, so there is a digest; were there none, nothing anyone saw could match it.
        let digest = digest.unwrap_or("-");
        tally(&mut standing, what, digest, &people(&self.laws.standing.config));
        let after: Option<&Config> = self.laws.proposed.as_ref().map(|law| &law.config);
        tally(&mut proposed, what, digest, &people(after.unwrap_or(&self.laws.standing.config)));
        standing.into_iter().chain(proposed).map(|demand| demand.requirement).collect()
    }
}

/// Who is in the segments, where they are told of: a thousand flags that move nobody need not say it.
fn segments(item: &Item, effect: Option<&Effect>, verdict: Verdict) -> Vec<Segment> {
    let shown = |effect: &&Effect| verdict != Verdict::NotRequired || !effect.is_nothing();
    if !effect.filter(shown).is_some_and(Effect::names_segments) {
        return Vec::new();
    }
    impact::segments(item.before.as_ref().map(|it| &it.flag), item.after.as_ref().map(|it| &it.flag))
}

/// The verdict that the responses alone make.
pub fn answer(requirements: &[crate::report::Requirement]) -> Verdict {
    if requirements.is_empty() {
        Verdict::NotRequired
    } else if requirements.iter().any(|requirement| !requirement.rejected_by.is_empty()) {
        Verdict::Rejected
    } else if requirements.iter().any(|requirement| requirement.missing() > 0) {
        Verdict::Pending
    } else {
        Verdict::Approved
    }
}

/// What an approver or requestor would otherwise find out by waiting in vain.
pub fn remarks(requirements: &[crate::report::Requirement], evidence: Option<&Evidence>) -> Vec<String> {
    use crate::report::Mode;
    let wrote = |name: &str| {
        let wrote =
            evidence.iter().flat_map(|evidence| evidence.contributors.iter().flatten().chain([&evidence.requestor]));
        wrote.into_iter().any(|login| name.trim_start_matches('@').eq_ignore_ascii_case(login))
    };
    let mut remarks = Vec::new();
    for requirement in requirements {
        let people_only = requirement.from.iter().all(|name| !name.contains('/'));
        let required = requirement.required as usize;
        let able = requirement.from.iter().filter(|name| !wrote(name)).count();
        match requirement.mode {
            Mode::Admins if requirement.from.is_empty() => {
                remarks.push("an admin has to approve and the configuration names none; add `admins` to it".to_owned());
            }
            Mode::Admins if !requirement.because.contains(&"law") => {
                let who = requirement.line.map_or_else(|| "no line".to_owned(), |line| format!("line {line}"));
                let names = if requirement.line.is_some() { "names nobody" } else { "names anyone" };
                let path = requirement.path.escape_debug();
                remarks
                    .push(format!("{who} of APPROVERS {names} for this change of `{path}`; an admin has to approve"));
            }
            Mode::Specific if people_only && able < required => {
                remarks
                    .push(format!("of those named {able} may approve, {required} needed; an admin may fill a place"));
            }
            Mode::Admins | Mode::Specific | Mode::Peer => {}
        }
    }
    remarks.sort();
    remarks.dedup();
    remarks
}
