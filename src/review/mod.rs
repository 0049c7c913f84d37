//! The path of one review. Start reading here.
//!
//! In: the differing files, the policy on both sides, and later the evidence. Out: a [`Report`]. Two pure halves with
//! the outside between them: [`review`] finds the requirements, [`Examination::conclude`] fills them with the
//! responses. It refuses to judge without a policy. Not taken: a call to the outside in the middle of a decision,
//! because a verdict that can be saved and repeated must have everything in its arguments.

pub mod audit;
mod base_errors;
mod budgets;
mod conclude;
mod covers;
pub mod cross_checks;
mod dates;
mod dependents;
pub mod empty;
mod equal_keys;
mod examination;
mod files_below;
pub mod flag_past;
mod joined_files;
mod layers;
mod linked_parts;
pub mod managed_files;
mod off_flags;
mod other_scope;
mod parallel;
mod policy_change;
pub mod read;
mod related;
mod renamed;
mod reread;
pub mod same_documents;
mod same_name;
mod selected;
mod shared_changes;
pub mod simulation;
mod size;
mod successors;
mod surroundings;
mod switch_off;
mod text_only;
pub mod unread_flags;

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::sync::Arc;

use crate::approval::requirement::{notified, policy_requirement, requirements, same_approvers};
use crate::approval::{Content, Evidence, Responders};
use crate::changes::Critical;
use crate::changes::classify::classify;
use crate::diagnostics::Diagnostic;
use crate::flag::FlagEntry;
use crate::impact::{Impact, Impacts, PastImpact};
use crate::policy::diff::PolicyDiff;
use crate::policy::{APPROVERS_PATH, CONFIG_PATH, Policy, PolicyFiles, TRUST_PATH};
use crate::report::{
    self, Change, ChangedFile, FlagReport, Freed, KnownDebts, PullReport, Report, Requirement, Revision, Side, Verdict,
};

use conclude::Responses;
use flag_past::{Past, PastQuery, look_back};
use parallel::each;
use policy_change::changed_lines;
pub use read::{Case, FlagChange, Pair, Reading};
pub use related::FlagName;
use related::{UnchangedFlags, adopt, found_together, leaving, left, unresolved};
use renamed::renames;
pub use size::{is_let_through_unshown, too_much};
pub use surroundings::Surroundings;

/// The name of the policy in evidence, where flags have `project/key`.
pub const POLICY: &str = ".countersign";

/// The base policy and the proposed policy, with the diagnostics of the proposed one.
#[derive(Clone, Debug)]
pub struct Policies {
    pub base: Arc<Policy>,
    /// The proposed policy, if it differs from the base policy and is valid.
    pub proposed: Option<Arc<Policy>>,
    /// Whether the proposal would leave an invalid policy.
    pub invalid: bool,
    pub diagnostics: Vec<Diagnostic>,
}

impl Policies {
    /// Reads the policy on both sides.
    ///
    /// # Errors
    /// The diagnostics of the base policy, if it is invalid: without a policy nothing can be judged.
    pub fn read(base_policy: &PolicyFiles, proposed: &PolicyFiles) -> Result<Policies, Vec<Diagnostic>> {
        let policy = Policy::read_valid(base_policy)?;
        if base_policy == proposed {
            return Ok(Policies { base: Arc::new(policy), proposed: None, invalid: false, diagnostics: Vec::new() });
        }
        let (after, mut diagnostics) = Policy::read(proposed);
        let over = after.as_ref().map(|after| after.over_budget(&policy)).unwrap_or_default();
        let after = after.filter(|_| over.is_empty());
        diagnostics.extend(over);
        Ok(Policies { base: Arc::new(policy), invalid: after.is_none(), proposed: after.map(Arc::new), diagnostics })
    }
}

/// A flag change after the first half: classified, with its impact and its requirements.
#[derive(Clone)]
struct ExaminedChange {
    flag: FlagChange,
    changes: Vec<Change>,
    /// `None` if the proposed file cannot be read.
    impact: Option<Impact>,
    /// The impact on the users of some days ago, for a policy that looks back.
    past_impacts: Vec<PastImpact>,
    /// The content that an approval covers, if any is needed.
    content: Option<Content>,
    requirements: Vec<Requirement>,
    notified: Vec<String>,
    freed: Option<Freed>,
    switch_off: Option<switch_off::FoundSwitchOff>,
}

/// The result of the first half: everything that can be said of a proposal without evidence.
#[derive(Clone)]
pub struct Examination {
    base: Revision,
    head: Revision,
    policies: Policies,
    examined: Vec<ExaminedChange>,
    diagnostics: Vec<Diagnostic>,
    invalid_paths: Vec<String>,
    policy_paths: Vec<String>,
    policy_content: Option<Content>,
    policy_requirements: Vec<Requirement>,
    policy_diff: PolicyDiff,
    changed_lines: Vec<ChangedFile>,
    past_until: Option<i64>,
    /// Whether no project has a flag on either side.
    no_flag: bool,
    debts: KnownDebts,
    /// The time of the review where no evidence says it, in seconds since 1970.
    now: Option<i64>,
    /// Parts that differ and that flags show.
    parts: Vec<FlagChange>,
    /// Flags that say the same in a file that is invalid on one side.
    unsure: Vec<FlagEntry>,
}

/// The whole first half: reads the case, asks its surroundings for what else it takes, and examines.
///
/// # Errors
/// The errors of the surroundings.
pub fn review<S: Surroundings>(case: &Case, policies: Policies, around: &S) -> Result<Examination, S::Error> {
    let mut reading = read::read(case, &policies.base, policies.proposed.as_deref());
    let mut unchanged = UnchangedFlags::default();
    let mut looked_for = BTreeSet::new();
    loop {
        let mut keys = unresolved(&reading.flags, &unchanged.flags, &policies.base);
        keys.append(&mut linked_parts::looked_for(&reading.flags, &policies.base));
        let others = [reading.steady.as_slice(), &unchanged.flags];
        keys.append(&mut dependents::looked_for(&reading.flags, &others, &policies.base));
        keys.retain(|key| !looked_for.contains(key));
        if keys.is_empty() {
            break;
        }
        for file in around.holding(&keys)? {
            if let Some(project) = policies.base.project_name(&file.path)
                && unchanged.flags.iter().all(|known| known.path != file.path)
            {
                match read::read_live(&file, &policies.base, &project) {
                    Some(flags) => unchanged.flags.extend(flags),
                    None => unchanged.unread.add_unread(&file, Some(&project)),
                }
            }
        }
        looked_for.append(&mut keys);
    }
    let leaving = leaving(&reading.flags, &unchanged.flags, &policies.base);
    let brought = if leaving.is_empty() { Vec::new() } else { around.brought(&leaving)? };
    let managed = if policies.proposed.is_some() { around.managed()? } else { Vec::new() };
    let Reading { flags, steady, .. } = &mut reading;
    *flags = adopt(std::mem::take(flags), &unchanged.flags, steady);
    off_flags::switched_by_word(flags);
    switch_off::giving_back(flags);
    switch_off::exempting(flags, &[&unchanged.flags, steady]);
    joined_files::apply(flags, case, &policies.base, around)?;
    off_flags::let_in(flags);
    off_flags::gives_otherwise(flags);
    layers::moved_away(flags, &[&unchanged.flags, steady]);
    files_below::moved_away(flags, &[&unchanged.flags, steady]);
    layers::served_above(flags, &[&unchanged.flags, steady]);
    layers::decided_above(flags, &[&unchanged.flags, steady]);
    left(flags, &unchanged.flags, &brought, &policies.base);
    switch_off::gone(flags);
    selected::by_labels(flags, case, &policies.base, around)?;
    steady.extend(unchanged.flags.iter().filter(|entry| entry.flag.format.is_mapped()).cloned());
    let (linked, parts) = linked_parts::link(std::mem::take(flags), steady, unchanged.unread.is_empty());
    *flags = linked;
    let query = PastQuery::of(flags, &policies);
    let past = (!query.is_empty()).then(|| around.past(&query));
    let past_until = past.as_ref().and_then(Past::until);
    if let Some(past) = past {
        look_back(flags, &query, &past, &policies.base);
    }
    dependents::go_live(flags, steady);
    let both: Vec<&Policy> = std::iter::once(&*policies.base).chain(policies.proposed.as_deref()).collect();
    reading.diagnostics.extend(same_documents::found(case, &reading.flags, &both, around)?);
    let outside = around.changed_outside()?;
    let unread = unread_flags::found(&outside, case, &policies.base, around)?;
    reading.diagnostics.extend(managed_files::unmanaged(&outside, &unread, &policies.base));
    reading.diagnostics.extend(unread);
    let reread = reread::described(&policies, &managed, around)?;
    let mut examination = examine(case, policies, reading, (&unchanged, &parts), &managed);
    examination.policy_diff.privilege_changes.extend(reread.privilege_changes);
    examination.policy_diff.effects.extend(reread.effects);
    Ok(Examination { past_until, parts, ..examination })
}

/// Classifies the flags that differ and finds their requirements. `unchanged` are the flags of files that do not differ
/// and that [`unresolved`] looked for; `managed` are all managed paths if the policy changes.
fn examine(
    case: &Case,
    policies: Policies,
    reading: Reading,
    (unchanged, parts): (&UnchangedFlags, &[FlagChange]),
    managed: &[String],
) -> Examination {
    let Reading { mut flags, steady, unsure, mut diagnostics, mut invalid_paths, unknown, invalid_files } = reading;
    renames(&mut flags);
    switch_off::turned_on(&mut flags, &unchanged.flags);
    diagnostics.extend(policies.diagnostics.iter().cloned());
    diagnostics.extend(
        policies.proposed.iter().flat_map(|proposed| managed_files::overlaps(&policies.base, proposed, managed)),
    );
    diagnostics.extend(found_together((&flags, parts), (unchanged, &steady), &invalid_files, &policies.base));
    diagnostics.sort();
    diagnostics.dedup();
    invalid_paths.extend(
        diagnostics.iter().filter(|diagnostic| diagnostic.is_error()).map(|diagnostic| diagnostic.path.clone()),
    );
    let mut examined = each(flags, |flag| examine_flag(flag, &policies));
    shared_changes::show_once(&mut examined);
    let either = [Some(&policies.base), policies.proposed.as_ref()];
    let unknown: BTreeSet<String> = unknown.into_iter().collect();
    // A base file that cannot be read needs an admin, as the policy itself does.
    let protected =
        |pair: &&Pair| unknown.contains(&pair.path) || either.iter().flatten().any(|policy| pair.is_protected(policy));
    let policy_pairs: Vec<&Pair> = case.pairs.iter().filter(protected).collect();
    diagnostics.extend(covers::unidentified(&policy_pairs));
    diagnostics.sort();
    let policy_paths: Vec<String> = policy_pairs.iter().map(|pair| pair.path.clone()).collect();
    let policy_content = (!policy_pairs.is_empty()).then(|| covers::of_files(&policy_pairs));
    let mut policy_diff = policies
        .proposed
        .as_ref()
        .map(|proposed| PolicyDiff::between(&policies.base, proposed, managed))
        .unwrap_or_default();
    policy_diff.effects.extend(policy_pairs.iter().flat_map(|pair| covers::effects(pair)));
    // Only of the policy is it known that all it says is listed.
    let of_policy =
        policy_pairs.iter().all(|pair| [CONFIG_PATH, APPROVERS_PATH, TRUST_PATH].contains(&pair.path.as_str()));
    if of_policy && policies.proposed.is_some() && policy_diff == PolicyDiff::default() {
        policy_diff.effects.extend(text_only::of_policy(&policy_pairs));
    }
    let policy_requirements = policy_paths.first().map(|path| policy_requirements(&policies, path)).unwrap_or_default();
    Examination {
        base: case.base.clone(),
        head: case.head.clone(),
        policies,
        examined,
        diagnostics,
        invalid_paths,
        policy_paths,
        policy_content,
        policy_requirements,
        policy_diff,
        changed_lines: changed_lines(&policy_pairs),
        past_until: None,
        no_flag: false,
        debts: KnownDebts::default(),
        now: None,
        parts: Vec::new(),
        unsure,
    }
}

fn examine_flag(flag: FlagChange, policies: &Policies) -> Option<ExaminedChange> {
    flag.entry()?;
    if flag.unreadable {
        return Some(ExaminedChange {
            flag,
            changes: Vec::new(),
            impact: None,
            past_impacts: Vec::new(),
            content: None,
            requirements: Vec::new(),
            notified: Vec::new(),
            freed: None,
            switch_off: None,
        });
    }
    let step = flag.step()?;
    let starts_off = step.starts_off();
    let impact = flag.impact();
    // The report and the digest have the changes that are critical under either policy; the requirements of each policy
    // are only about the changes that are critical under that policy. One that switches other flags on is no mere
    // deactivation.
    let critical = |policy: &Policy| {
        let own = &policy.config.critical;
        Critical { deactivation: own.deactivation || !flag.turns_on.is_empty(), ..own.clone() }
    };
    let base_critical = critical(&policies.base);
    let both =
        policies.proposed.as_ref().map_or(base_critical.clone(), |policy| base_critical.stricter(&critical(policy)));
    let since = flag.since();
    let changes = classify(step, &since, &both);
    let past_impacts: Vec<PastImpact> = flag.past.then.iter().map(|then| then.impact(step.after())).collect();
    let impacts = Impacts { now: &impact, past: &past_impacts };
    let own = |policy: &Policy| match critical(policy) {
        critical if critical == both => Cow::Borrowed(changes.as_slice()),
        critical => Cow::Owned(classify(step, &since, &critical)),
    };
    let mut all = requirements(&policies.base, Side::Base, step, &own(&policies.base), impacts);
    if let Some(proposed) = &policies.proposed {
        let mut more = requirements(proposed, Side::Proposed, step, &own(proposed), impacts);
        more.retain(|requirement| !repeated(requirement, &all, policies));
        all.append(&mut more);
    }
    let content = if all.is_empty() { None } else { covers::of_flag(step, &since, &changes, &both, &impact) };
    let needs_approval = changes.iter().any(|change| change.rule.is_some());
    let switch_off = switch_off::of(step, &changes, &both, &flag.turns_on);
    let freed = match &switch_off {
        _ if needs_approval => None,
        Some(_) => Some(Freed::SwitchOff),
        None => (both.frees_restores() && since.restores).then_some(Freed::Restore),
    };
    let informed = freed.and_then(|freed| Some((freed, switch_off::informed(&policies.base, step, &impact)?)));
    let (freed, notified) = match informed {
        Some((freed, people)) => (Some(freed), people),
        None if needs_approval => (None, notified(&policies.base, step)),
        None => (None, Vec::new()),
    };
    let let_in_by = related::let_in_by(step, &impact);
    let gives_then = switch_off::gives_then(step);
    let declared = step.after().or(step.before()).is_some_and(|entry| entry.flag.format.is_declaration(&entry.flag));
    let mut flag = flag;
    flag.remarks.extend(let_in_by);
    flag.remarks.extend(gives_then);
    flag.remarks.extend(starts_off.then(|| "a new flag that serves off to everyone".to_owned()));
    flag.remarks.extend(declared.then(|| "whether it is on is in a database, and in no file".to_owned()));
    flag.remarks.extend(switch_off::instead(&impact, &both).filter(|_| !all.is_empty()));
    Some(ExaminedChange {
        changes,
        impact: Some(impact),
        past_impacts,
        content,
        requirements: all,
        notified,
        freed,
        switch_off,
        flag,
    })
}

/// Whether the base policy has the same requirement, for the same people, so that the report need not have it twice.
fn repeated(requirement: &Requirement, of_base: &[Requirement], policies: &Policies) -> bool {
    let Some(proposed) = &policies.proposed else { return false };
    let (old, new) = (&policies.base.config, &proposed.config);
    let same_people = old.admins == new.admins
        && old.teams == new.teams
        && old.distinct == new.distinct
        && old.external_approvers == new.external_approvers;
    let same = |other: &Requirement| {
        (other.mode, &other.section, other.required, &other.because)
            == (requirement.mode, &requirement.section, requirement.required, &requirement.because)
            && same_approvers(other, requirement)
    };
    same_people && of_base.iter().any(same)
}

fn policy_requirements(policies: &Policies, path: &str) -> Vec<Requirement> {
    let mut all = vec![policy_requirement(&policies.base, Side::Base, path)];
    if let Some(proposed) = &policies.proposed {
        let requirement = policy_requirement(proposed, Side::Proposed, path);
        if !repeated(&requirement, &all, policies) {
            all.push(requirement);
        }
    }
    all
}

impl Examination {
    /// The second half: responses that count and that do not count, locks, verdicts. Without evidence nobody has
    /// responded. `vouched` are logins that somebody at the command line says approved exactly this.
    #[must_use]
    pub fn conclude(self, evidence: Option<&Evidence>, vouched: &[String]) -> Report {
        let now = self.time(evidence);
        let Examination {
            base,
            head,
            policies,
            examined,
            mut diagnostics,
            invalid_paths,
            policy_paths,
            policy_content,
            policy_requirements,
            policy_diff,
            changed_lines,
            past_until: _,
            no_flag,
            debts,
            now: _,
            parts: _,
            unsure: _,
        } = self;
        let responders = Responders::new(evidence, vouched);
        let responses = Responses { policies: &policies, evidence, vouched, responders, now, debts: &debts.overdue };
        let invalid_paths: BTreeSet<String> = invalid_paths.into_iter().collect();
        let brings = switch_off::brings(examined.iter().map(|one| &one.flag));
        let mut flags: Vec<FlagReport> = each(examined, |one| responses.flag(one, &invalid_paths));
        let files = (policy_paths, changed_lines);
        let policy = responses.policy(policy_requirements, policy_content.as_ref(), policy_diff, files);
        diagnostics.extend(too_much(&flags, &policy, &brings));
        empty::switch_off_passes(&mut diagnostics, &flags, policy.changed);
        switch_off::held_up(&mut flags, &policy, &diagnostics, &brings);
        let invalid = diagnostics.iter().any(Diagnostic::is_error).then_some(Verdict::Invalid);
        let verdicts = flags.iter().map(|flag| flag.verdict).chain([policy.verdict]).chain(invalid);
        let verdict = verdicts.max().unwrap_or(Verdict::NotRequired);
        let pull = evidence.and_then(PullReport::of);
        let KnownDebts { overdue: debts, unknown: unknown_debts, .. } = debts;
        Report {
            schema: report::SCHEMA,
            verdict,
            base,
            head,
            pull,
            no_flag,
            other_policy: None,
            flags,
            policy,
            debts,
            unknown_debts,
            bypassed: Vec::new(),
            remarks: Vec::new(),
            diagnostics,
            by_key: None,
        }
    }
}
