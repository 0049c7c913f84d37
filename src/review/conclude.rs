//! The second half of a review, for one thing after the other: who responded, and what that makes.

use std::collections::BTreeSet;

use super::read::FlagChange;
use super::{ExaminedChange, Policies};
use crate::approval::digest::short;
use crate::approval::evidence::Override;
use crate::approval::lock;
use crate::approval::people::May;
use crate::approval::{Demand, Evidence, People, tally};
use crate::flag::FlagEntry;
use crate::impact::{self, Impact, Segment};
use crate::policy::{Approvals, Config};
use crate::report::{FlagReport, Live, Overridden, Side, States, Verdict};

/// How many admins it takes to let something through that nobody approved.
const OVERRIDING: usize = 2;

/// Asks the evidence about one thing after the other.
pub struct Asker<'a> {
    pub policies: &'a Policies,
    pub evidence: Option<&'a Evidence>,
    pub vouched: &'a [String],
}

impl Asker<'_> {
    pub fn flag(&self, exam: ExaminedChange, broken: &[String]) -> Option<FlagReport> {
        let ExaminedChange { item, changes, effect, digest, demands, told, .. } = exam;
        let placed = item.placed()?;
        let (id, path, project) = (placed.id(), placed.path.clone(), placed.project.clone());
        let (key, kind, format) = (placed.flag.key.clone(), placed.flag.kind, placed.flag.format);
        let variants = placed.flag.variants().into_iter().map(str::to_owned).collect();
        let live = |placed: &Option<FlagEntry>| placed.as_ref().is_some_and(|placed| placed.flag.state.live);
        let word = |placed: &Option<FlagEntry>| placed.as_ref().map(|placed| placed.flag.state.word.clone());
        let requirements = self.ask(demands, &id, digest.as_deref());
        let competing = self.evidence.filter(|_| self.locks(&item));
        let locked_by = competing.and_then(|evidence| lock::holder(&item.names(), evidence));
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
            format,
            path,
            previous_path,
            live: Live { before: live(&item.before), after: live(&item.after) },
            state: States { before: word(&item.before), after: word(&item.after) },
            verdict,
            digest,
            impact_summary: effect.as_ref().map(impact::sentence),
            impact: effect,
            segments,
            variants,
            remarks: item.remarks.into_iter().chain(remarks(&requirements, self.evidence)).collect(),
            changes,
            requirements,
            notified: told,
            locked_by,
            overridden,
        })
    }

    /// The admins who said that exactly this may go in: at least two, none of whom asked for it or wrote it. Under a
    /// policy that changes they have to be admins before and after.
    pub fn overridden(&self, digest: Option<&str>) -> Option<Overridden> {
        let (evidence, digest) = (self.evidence?, digest?);
        let about = |one: &&Override| one.digest.len() >= short(digest).len() && digest.starts_with(&one.digest);
        let configs = [Some(&self.policies.base), self.policies.proposed.as_ref()];
        let admin = |one: &&Override| {
            configs.into_iter().flatten().all(|policy| {
                let people = People { config: &policy.config, evidence: self.evidence, vouched: &[] };
                people.may(&one.login, "User", &[], false) == May::Yes
            })
        };
        let said: Vec<&Override> = evidence.overrides.iter().filter(about).filter(admin).collect();
        let by: BTreeSet<String> = said.iter().map(|one| one.login.to_ascii_lowercase()).collect();
        let reason = said.first()?.reason.clone();
        (by.len() >= OVERRIDING).then(|| Overridden { by: by.into_iter().collect(), reason })
    }

    /// Whether another request can hold this flag: it is live, and its project asks for approvals at all.
    fn locks(&self, item: &FlagChange) -> bool {
        let Some(before) = &item.before else { return false };
        let off = self.policies.base.project(&before.project).is_some_and(|home| home.approvals == Approvals::None);
        before.flag.state.live && !off
    }

    pub fn ask(&self, demands: Vec<Demand>, what: &str, digest: Option<&str>) -> Vec<crate::report::Requirement> {
        let (mut base_policy, mut proposed): (Vec<Demand>, Vec<Demand>) =
            demands.into_iter().partition(|demand| demand.requirement.policy == Side::Base);
        let people = |config| People { config, evidence: self.evidence, vouched: self.vouched };
        // Something is asked, so there is a digest; were there none, nothing anyone saw could match it.
        let digest = digest.unwrap_or("-");
        tally(&mut base_policy, what, digest, &people(&self.policies.base.config));
        let after: Option<&Config> = self.policies.proposed.as_ref().map(|policy| &policy.config);
        tally(&mut proposed, what, digest, &people(after.unwrap_or(&self.policies.base.config)));
        base_policy.into_iter().chain(proposed).map(|demand| demand.requirement).collect()
    }
}

/// Who is in the segments, where they are told of: a thousand flags that move nobody need not say it.
fn segments(item: &FlagChange, effect: Option<&Impact>, verdict: Verdict) -> Vec<Segment> {
    let shown = |effect: &&Impact| verdict != Verdict::NotRequired || !effect.is_nothing();
    if !effect.filter(shown).is_some_and(Impact::names_segments) {
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
            Mode::Admins if !requirement.because.contains(&"policy") => {
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
