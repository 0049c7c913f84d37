//! The second half of a review, for one flag after the other and for the policy: responses, locks, overrides, verdicts.

use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta, Utc};

use super::dates;
use super::policy_change::self_appointed;
use super::read::FlagChange;
use super::{ExaminedChange, POLICY, Policies};
use crate::approval::digest::stands_for;
use crate::approval::evidence::Override;
use crate::approval::lock;
use crate::approval::people::May;
use crate::approval::stale::since;
use crate::approval::{Content, Evidence, People, Responders, tally};
use crate::changes::served::Served;
use crate::changes::{RuleId, SwitchOff};
use crate::diagnostics::words::short;
use crate::document::date::{instant, rfc3339};
use crate::flag::FlagEntry;
use crate::impact::{self, Impact, Segment};
use crate::policy::diff::PolicyDiff;
use crate::policy::{Approvals, BreakGlass, Config};
use crate::report::{
    Change, ChangedFile, Class, FlagReport, Holder, Live, Mode, NewDebt, OverdueDebt, Overridden, PassedOver,
    PolicyReport, Requirement, Side, SinceApproval, States, Verdict,
};

/// The number of admins it takes to override missing approvals.
const OVERRIDING: usize = 2;

/// The evidence, with the policies that decide whose response counts.
pub struct Responses<'a> {
    pub policies: &'a Policies,
    pub evidence: Option<&'a Evidence>,
    pub vouched: &'a [String],
    pub responders: Responders<'a>,
    /// The time of the review, if it is known.
    pub now: Option<DateTime<Utc>>,
    /// The overdue debts of the repository.
    pub debts: &'a [OverdueDebt],
}

/// Remarks on locks: those that were passed over, and one that nothing proves.
fn of_locks(passed_over: &[PassedOver], holder: Option<&Holder>) -> Vec<String> {
    let over = |one: &PassedOver| format!("the lock of #{} was passed over by `{}`", one.pull, one.by.escape_debug());
    let unproven = holder.filter(|holder| holder.unproven).map(|holder| {
        format!(
            "nothing proves that #{0} holds it, since the comment there may be somebody else's: `/countersign recheck` \
             there writes it anew, and another one here sees it",
            holder.pull
        )
    });
    passed_over.iter().map(over).chain(unproven).collect()
}

/// The remark on a glass that was broken.
fn of_debt(debt: &NewDebt) -> String {
    format!(
        "the glass was broken for this: somebody who may approve it, did not write it and did not break the glass has \
         to approve exactly this content by {}",
        debt.due
    )
}

/// The remark on a flag that is held for an overdue debt.
fn of_hold(debt: &OverdueDebt) -> String {
    format!(
        "held until the debt of {} is paid, which was due at {}: somebody else has to approve what came in with it, or \
         the flag is switched off",
        short(&debt.commit),
        debt.due
    )
}

/// The verdict on a flag, and who or what else decided it than the approvers.
struct FlagVerdict {
    verdict: Verdict,
    locked_by: Option<Holder>,
    held_by: Option<OverdueDebt>,
    overridden: Option<Overridden>,
}

impl Responses<'_> {
    pub fn flag(&self, mut examined: ExaminedChange, invalid: &BTreeSet<String>) -> Option<FlagReport> {
        let digest = examined.content.as_ref().map(Content::digest);
        let entry = examined.flag.entry()?;
        let (id, path, project) = (entry.name(), entry.path.clone(), entry.project.clone());
        let (key, kind, format) = (entry.flag.key.clone(), entry.flag.kind, entry.flag.format.clone());
        let variants = entry.flag.variants().into_iter().map(str::to_owned).collect();
        let live = |entry: &Option<FlagEntry>| entry.as_ref().is_some_and(|entry| entry.flag.state.live);
        let word = |entry: &Option<FlagEntry>| entry.as_ref().map(|entry| entry.flag.state.word.clone());
        let requirements = std::mem::take(&mut examined.requirements);
        let (requirements, since_approved) =
            self.respond(requirements, &id, examined.content.as_ref(), digest.as_deref());
        let FlagVerdict { verdict, locked_by, held_by, overridden } =
            self.verdict(&examined, &requirements, digest.as_deref(), invalid.contains(&path));
        let ExaminedChange { flag, changes, impact, past_impacts, notified, freed, switch_off, .. } = examined;
        let passed_over = self.passed_over(&flag.names());
        let how = switch_off.as_ref().map(|found| found.how);
        let lock = locked_by.as_ref().map(|holder| holder.pull);
        let of_locks = of_locks(&passed_over, locked_by.as_ref());
        let of_debt = overridden.as_ref().and_then(|one| one.debt.as_ref()).map(of_debt);
        let of_hold = held_by.as_ref().filter(|_| verdict == Verdict::Locked).map(of_hold);
        let of_switch = switch_off.map(|found| found.remarks(&id, lock, !requirements.is_empty())).unwrap_or_default();
        let segments = segments(&flag, impact.as_ref(), verdict);
        let of_dates = dates::remarks(flag.after.as_ref(), self.now);
        let previous_path = flag.before.as_ref().map(|before| before.path.clone()).filter(|before| *before != path);
        Some(FlagReport {
            project,
            key,
            kind,
            format,
            path,
            previous_path,
            live: Live { before: live(&flag.before), after: live(&flag.after) },
            state: States { before: word(&flag.before), after: word(&flag.after) },
            verdict,
            digest,
            impact_summary: impact.as_ref().map(impact::sentence),
            impact,
            past_impacts,
            last_live: flag.last_live_report(),
            segments,
            variants,
            renamed_from: flag.renamed_from,
            renamed_to: flag.renamed_to,
            remarks: flag
                .remarks
                .into_iter()
                .chain(of_dates)
                .chain(of_switch)
                .chain(of_locks)
                .chain(of_debt)
                .chain(of_hold)
                .chain(remarks(&requirements, self.evidence))
                .collect(),
            changes,
            requirements,
            since_approved,
            notified,
            freed,
            switch_off: how,
            locked_by,
            held_by,
            passed_over,
            overridden,
        })
    }

    /// The verdict on a flag by the responses to its requirements; `invalid` if its file is.
    fn verdict(
        &self,
        ExaminedChange { flag, changes, freed, switch_off, .. }: &ExaminedChange,
        requirements: &[Requirement],
        digest: Option<&str>,
        invalid: bool,
    ) -> FlagVerdict {
        let how = switch_off.as_ref().map(|found| found.how);
        let competing = self.evidence.filter(|_| self.locks(flag) && how != Some(SwitchOff::Free));
        let locked_by = competing.and_then(|evidence| lock::holder(&flag.names(), evidence));
        let mut verdict = verdict_of(requirements);
        if locked_by.is_some() && verdict != Verdict::Rejected {
            verdict = Verdict::Locked;
        }
        if flag.unreadable || (flag.after.is_some() && invalid) {
            verdict = Verdict::Invalid;
        }
        let held_by = self.held(flag, changes, verdict, how, freed.is_some());
        if held_by.is_some() && matches!(verdict, Verdict::Pending | Verdict::Approved) {
            verdict = Verdict::Locked;
        }
        let broken = || self.glass_broken(digest, verdict).filter(|_| held_by.is_none());
        let overridden = self.overridden(digest).or_else(broken);
        if overridden.is_some() && verdict != Verdict::Invalid {
            verdict = Verdict::Approved;
        }
        FlagVerdict { verdict, locked_by, held_by, overridden }
    }

    /// The report of a policy change, with its files and their changed lines.
    pub fn policy(
        &self,
        requirements: Vec<Requirement>,
        content: Option<&Content>,
        PolicyDiff { privilege_changes, effects }: PolicyDiff,
        (paths, changed_lines): (Vec<String>, Vec<ChangedFile>),
    ) -> PolicyReport {
        let digest = content.map(Content::digest);
        let (requirements, since_approved) = self.respond(requirements, POLICY, content, digest.as_deref());
        let overridden = self.overridden(digest.as_deref());
        let verdict = if self.policies.invalid {
            Verdict::Invalid
        } else if overridden.is_some() {
            Verdict::Approved
        } else if digest.is_none() {
            Verdict::NotRequired
        } else {
            verdict_of(&requirements)
        };
        let effects = effects.into_iter().chain(remarks(&requirements, self.evidence)).collect();
        let proposed = self.policies.proposed.as_deref();
        PolicyReport {
            changed: !paths.is_empty(),
            verdict,
            digest,
            paths,
            requirements,
            since_approved,
            overridden,
            self_appointed: self_appointed(&privilege_changes, proposed, self.evidence),
            privilege_changes,
            effects,
            changed_lines,
        }
    }

    /// The admins who overrode the missing approvals of exactly this content: at least two, none of whom opened the
    /// pull request or contributed. If the policy changes they have to be admins before and after.
    fn overridden(&self, digest: Option<&str>) -> Option<Overridden> {
        let (evidence, digest) = (self.evidence?, digest?);
        let about = |one: &&Override| !one.break_glass && stands_for(&one.digest, digest);
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
        (by.len() >= OVERRIDING).then(|| Overridden { by: by.into_iter().collect(), reason, debt: None })
    }

    /// The admins who broke the glass for exactly this content, if the policy lets them before and after, with the debt
    /// that it makes. That goes over no rejection, and is for no change of the policy.
    fn glass_broken(&self, digest: Option<&str>, verdict: Verdict) -> Option<Overridden> {
        let (evidence, digest) = (self.evidence?, digest?);
        if !matches!(verdict, Verdict::Pending | Verdict::Locked) {
            return None;
        }
        let configs = || [Some(&self.policies.base), self.policies.proposed.as_ref()].into_iter().flatten();
        let rules: Vec<BreakGlass> =
            configs().map(|policy| policy.config.break_glass).collect::<Option<Vec<BreakGlass>>>()?;
        let admin = |one: &&Override| {
            configs().all(|policy| {
                let people = People { config: &policy.config, evidence: self.evidence, vouched: &[] };
                people.may_break_glass(&one.login) == May::Yes
            })
        };
        let about = |one: &&Override| one.break_glass && stands_for(&one.digest, digest);
        let said: Vec<&Override> = evidence.overrides.iter().filter(about).filter(admin).collect();
        let by: BTreeSet<String> = said.iter().map(|one| one.login.to_ascii_lowercase()).collect();
        let required = rules.iter().map(|one| one.people).max()?;
        if u32::try_from(by.len()).unwrap_or(u32::MAX) < required {
            return None;
        }
        let days = rules.iter().map(|one| one.days).min()?;
        // The last one made it so. A word that is dated later than now is of now.
        let now = instant(&evidence.now)?;
        let at = said.iter().filter_map(|one| instant(&one.at)).max()?.min(now);
        let debt = NewDebt { at: rfc3339(at), due: rfc3339(at + TimeDelta::days(i64::from(days))) };
        Some(Overridden { by: by.into_iter().collect(), reason: said.first()?.reason.clone(), debt: Some(debt) })
    }

    /// The overdue debt that holds this change: none where it needs no approval, switches the flag off, displays all of
    /// it, so that its approvals pay the debt, or puts back what was there before the debt.
    fn held(
        &self,
        flag: &FlagChange,
        changes: &[Change],
        verdict: Verdict,
        how: Option<SwitchOff>,
        freed: bool,
    ) -> Option<OverdueDebt> {
        let holds = self.policies.base.config.break_glass.is_some_and(|one| one.hold);
        let whole = || changes.iter().any(|change| change.class == Class::Activation && change.rule.is_some());
        if !holds || freed || how.is_some() || verdict == Verdict::NotRequired || flag.after.is_none() || whole() {
            return None;
        }
        let names = flag.names();
        // Putting the content of before back takes the debt away.
        let back = flag.after.as_ref().map(|entry| Served::of_entry(entry).digest);
        let holds = |debt: &&OverdueDebt| names.contains(&debt.flag) && (debt.before.is_none() || debt.before != back);
        self.debts.iter().find(holds).cloned()
    }

    /// The locks of these names that an admin passed over.
    fn passed_over(&self, names: &[String]) -> Vec<PassedOver> {
        let all = self.evidence.iter().flat_map(|evidence| &evidence.passed_over);
        let own = all.filter(|one| names.contains(&one.flag));
        own.map(|one| PassedOver { pull: one.pull, by: one.by.clone(), at: one.at.clone() }).collect()
    }

    /// Whether a competing pull request can hold the lock of this flag: the flag is live and its project requires
    /// approvals.
    fn locks(&self, flag: &FlagChange) -> bool {
        let Some(before) = &flag.before else { return false };
        let off =
            self.policies.base.project(&before.project).is_some_and(|project| project.approvals == Approvals::None);
        before.flag.state.live && !off
    }

    /// Fills the requirements of a flag, or of the policy, in with the responses to them.
    /// Also says what changed since the approvals that are stale.
    fn respond(
        &self,
        requirements: Vec<Requirement>,
        name: &str,
        content: Option<&Content>,
        digest: Option<&str>,
    ) -> (Vec<Requirement>, Vec<SinceApproval>) {
        let (mut base_policy, mut proposed): (Vec<Requirement>, Vec<Requirement>) =
            requirements.into_iter().partition(|requirement| requirement.policy == Side::Base);
        let people = |config| People { config, evidence: self.evidence, vouched: self.vouched };
        let responders = &self.responders;
        // Everything that needs approval has a digest; without one no displayed revision could match.
        let digest = digest.unwrap_or("-");
        let mut stale = tally(&mut base_policy, name, digest, &people(&self.policies.base.config), responders);
        let after: Option<&Config> = self.policies.proposed.as_ref().map(|policy| &policy.config);
        let after = people(after.unwrap_or(&self.policies.base.config));
        stale.extend(tally(&mut proposed, name, digest, &after, responders));
        base_policy.extend(proposed);
        let since = content.map(|content| since(stale, content, self.evidence)).unwrap_or_default();
        (base_policy, since)
    }
}

/// The members of the segments, where the report names segments: a thousand flags that affect nobody need not list
/// them.
fn segments(flag: &FlagChange, impact: Option<&Impact>, verdict: Verdict) -> Vec<Segment> {
    let relevant = |impact: &&Impact| verdict != Verdict::NotRequired || !impact.is_nothing();
    if !impact.filter(relevant).is_some_and(Impact::names_segments) {
        return Vec::new();
    }
    impact::segments(flag.before.as_ref().map(|entry| &entry.flag), flag.after.as_ref().map(|entry| &entry.flag))
}

/// The verdict of the requirements alone.
fn verdict_of(requirements: &[Requirement]) -> Verdict {
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

/// Remarks on requirements that nobody or too few can fill, so that nobody waits in vain.
fn remarks(requirements: &[Requirement], evidence: Option<&Evidence>) -> Vec<String> {
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
            Mode::Admins if !requirement.because.contains(&RuleId::POLICY) => {
                let who = requirement.line.map_or_else(|| "no line".to_owned(), |line| format!("line {line}"));
                let names = if requirement.line.is_some() { "names nobody" } else { "names anyone" };
                let path = requirement.path.escape_debug();
                remarks
                    .push(format!("{who} of APPROVERS {names} for this change of `{path}`; an admin has to approve"));
            }
            Mode::Admins if people_only && able == 0 => {
                remarks.push(
                    "nobody named for the policy may approve this, since they proposed or wrote it: somebody else has \
                     to propose it; `policy-approvers` names more people, and a merge past the rules shows in \
                     `countersign audit`"
                        .to_owned(),
                );
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
