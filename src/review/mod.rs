//! The path of one review. Start reading here.
//!
//! In: the differing files, the policy on both sides, and later the evidence. Out: a [`Report`]. Two pure halves with the
//! outside between them: [`review`] says what is asked of whom, [`Examination::conclude`] says who answered. It
//! refuses to judge without a policy. Not taken: asking the outside in the middle of a decision; a verdict that can be
//! saved and repeated must have all it knows in its arguments.

mod conclude;
pub mod merged;
mod parallel;
pub mod read;
mod related;
pub mod simulation;
mod size;
pub mod together;

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::sync::Arc;

use sha2::{Digest as _, Sha256};

use crate::approval::people::{May, NOT_ASKED};
use crate::approval::requirement::{admin_demand, told};
use crate::approval::{Demand, Evidence, People, demands, digest};
use crate::changes::classify::{Step, classify, covered};
use crate::diagnostics::{Diagnostic, Place, lints};
use crate::flag::{File, FileKind, FlagEntry};
use crate::impact::{self, Impact};
use crate::policy::{Config, Policy, PolicyFiles, ProjectMatch};
use crate::report::{self, Change, FlagReport, PolicyReport, Report, Revision, Side, Verdict};

use conclude::{Asker, answer, remarks};
use parallel::each;
pub use read::{Case, FlagChange, Pair, Past, Reading};
use related::{adopt, found_together, renames, restored, unresolved};
pub use size::too_much;

/// What the policy goes by in evidence: the place of `project/key` for its digest.
pub const POLICY: &str = ".countersign";

/// The policy before and after, read, and what is wrong with the proposed one.
#[derive(Clone, Debug)]
pub struct Policies {
    pub base: Arc<Policy>,
    /// The policy the proposal would leave, if it differs and holds.
    pub proposed: Option<Arc<Policy>>,
    /// Whether the proposal would leave a policy that does not hold.
    pub broken: bool,
    pub diagnostics: Vec<Diagnostic>,
}

impl Policies {
    /// Reads the policy on both sides.
    ///
    /// # Errors
    /// What is wrong with the base policy: without it nothing can be judged.
    pub fn read(base_policy: &PolicyFiles, proposed: &PolicyFiles) -> Result<Policies, Vec<Diagnostic>> {
        let policy = Policy::read_valid(base_policy)?;
        if base_policy == proposed {
            return Ok(Policies { base: Arc::new(policy), proposed: None, broken: false, diagnostics: Vec::new() });
        }
        let (after, diagnostics) = Policy::read(proposed);
        Ok(Policies { base: Arc::new(policy), broken: after.is_none(), proposed: after.map(Arc::new), diagnostics })
    }
}

/// One flag, classified, with what is asked of whom.
#[derive(Clone)]
struct ExaminedChange {
    item: FlagChange,
    changes: Vec<Change>,
    effect: Option<Impact>,
    digest: Option<String>,
    demands: Vec<Demand>,
    told: Vec<String>,
}

/// Everything that can be said without asking anyone.
#[derive(Clone)]
pub struct Examination {
    base: Revision,
    head: Revision,
    policies: Policies,
    exams: Vec<ExaminedChange>,
    diagnostics: Vec<Diagnostic>,
    broken: Vec<String>,
    policy_paths: Vec<String>,
    policy_digest: Option<String>,
    policy_demands: Vec<Demand>,
    shift: crate::policy::diff::PolicyDiff,
}

/// The whole first half: reads the case, asks `others` for files that do not differ and hold or name certain keys, and
/// examines. `managed` lists every managed path, and is asked only if the policy changes.
///
/// # Errors
/// What `others` or `managed` return.
pub fn review<E>(
    case: &Case,
    policies: Policies,
    others: impl Fn(&BTreeSet<String>) -> Result<Vec<File>, E>,
    managed: impl Fn() -> Result<Vec<String>, E>,
) -> Result<Examination, E> {
    let reading = read::read(case, &policies.base, policies.proposed.as_deref());
    let mut bystanders: Vec<FlagEntry> = Vec::new();
    let mut asked = BTreeSet::new();
    loop {
        let mut keys = unresolved(&reading.items, &bystanders);
        keys.retain(|key| !asked.contains(key));
        if keys.is_empty() {
            break;
        }
        for file in others(&keys)? {
            if let ProjectMatch::Project(project) = policies.base.project_of(&file.path)
                && bystanders.iter().all(|known| known.path != file.path)
            {
                bystanders.extend(read::read_live(&file, &policies.base, &project.name).unwrap_or_default());
            }
        }
        asked.append(&mut keys);
    }
    let managed = if policies.proposed.is_some() { managed()? } else { Vec::new() };
    Ok(examine(case, policies, reading, &bystanders, &managed))
}

/// The first half: what would change, what of it is critical and who has to approve it. `bystanders` are the flags of
/// files that do not differ and that [`unresolved`] asked for; `managed` are all managed paths if the policy changes.
fn examine(
    case: &Case,
    policies: Policies,
    reading: Reading,
    bystanders: &[FlagEntry],
    managed: &[String],
) -> Examination {
    let Reading { items, mut diagnostics, mut broken, unknown } = reading;
    let mut items = adopt(items, bystanders);
    renames(&mut items);
    restored(&mut items, &case.past, &policies.base);
    diagnostics.extend(policies.diagnostics.iter().cloned());
    diagnostics.extend(policies.proposed.iter().flat_map(|proposed| overlaps(&policies.base, proposed, managed)));
    diagnostics.extend(found_together(&items, bystanders, &policies.base));
    diagnostics.sort();
    diagnostics.dedup();
    broken.extend(
        diagnostics.iter().filter(|diagnostic| diagnostic.is_error()).map(|diagnostic| diagnostic.path.clone()),
    );
    let exams = each(items, |item| exam(item, &policies));
    let either = [Some(&policies.base), policies.proposed.as_ref()];
    // What can't be judged is for an admin to judge, as the policy itself is.
    let protected = |pair: &&Pair| {
        unknown.contains(&pair.path) || either.iter().flatten().any(|policy| policy.protects(&pair.path))
    };
    let policy_pairs: Vec<&Pair> = case.pairs.iter().filter(protected).collect();
    diagnostics.extend(nameless(&policy_pairs));
    diagnostics.sort();
    let policy_paths: Vec<String> = policy_pairs.iter().map(|pair| pair.path.clone()).collect();
    let policy_digest = (!policy_pairs.is_empty()).then(|| digest(POLICY, &policy_covered(&policy_pairs)));
    let shift = policies
        .proposed
        .as_ref()
        .map(|proposed| crate::policy::diff::shift(&policies.base, proposed, managed))
        .unwrap_or_default();
    let policy_demands = policy_paths.first().map(|path| policy_demands(&policies, path)).unwrap_or_default();
    Examination {
        base: case.base.clone(),
        head: case.head.clone(),
        policies,
        exams,
        diagnostics,
        broken,
        policy_paths,
        policy_digest,
        policy_demands,
        shift,
    }
}

/// Files that would belong to two projects under the proposed policy and don't under the standing one.
fn overlaps(base_policy: &Policy, proposed: &Policy, managed: &[String]) -> Vec<Diagnostic> {
    let several = |policy: &Policy, path: &str| match policy.project_of(path) {
        ProjectMatch::Several(projects) => Some(read::two_projects(path, &projects)),
        ProjectMatch::Project(_) | ProjectMatch::Unmanaged => None,
    };
    managed
        .iter()
        .filter(|path| several(base_policy, path).is_none())
        .filter_map(|path| several(proposed, path))
        .collect()
}

fn step(item: &FlagChange) -> Option<Step<'_>> {
    match (&item.before, &item.after) {
        (Some(before), Some(after)) => Some(Step::Edited(before, after)),
        (Some(before), None) => Some(Step::Deleted(before)),
        (None, Some(after)) => Some(Step::Created(after)),
        (None, None) => None,
    }
}

fn exam(item: FlagChange, policies: &Policies) -> Option<ExaminedChange> {
    let placed = item.placed()?;
    if item.unreadable {
        return Some(ExaminedChange {
            item,
            changes: Vec::new(),
            effect: None,
            digest: None,
            demands: Vec::new(),
            told: Vec::new(),
        });
    }
    let step = step(&item)?;
    let effect = impact::of(step.before().map(|placed| &placed.flag), step.after().map(|placed| &placed.flag));
    // What either policy makes critical is shown and covered; each policy asks for what it makes critical itself.
    let base_policy = &policies.base.config.critical;
    let both = policies
        .proposed
        .as_ref()
        .map_or_else(|| base_policy.clone(), |policy| base_policy.stricter(&policy.config.critical));
    let changes = classify(step, &both);
    let covers = covered(step, &changes, &both);
    let own = |policy: &Policy| match &policy.config.critical {
        critical if *critical == both => Cow::Borrowed(changes.as_slice()),
        critical => Cow::Owned(classify(step, critical)),
    };
    let mut asked = demands(&policies.base, Side::Base, step, &own(&policies.base), &effect);
    if let Some(proposed) = &policies.proposed {
        let more = demands(proposed, Side::Proposed, step, &own(proposed), &effect);
        asked.extend(more.into_iter().filter(|demand| !repeated(demand, &asked, policies)).collect::<Vec<_>>());
    }
    let digest = (!covers.is_empty() && !asked.is_empty()).then(|| digest(&placed.id(), &covers));
    let told = if changes.iter().any(|change| change.rule.is_some()) { told(&policies.base, step) } else { Vec::new() };
    Some(ExaminedChange { changes, effect: Some(effect), digest, demands: asked, told, item })
}

/// Whether the base policy asks exactly the same of exactly the same people.
fn repeated(demand: &Demand, asked: &[Demand], policies: &Policies) -> bool {
    let Some(proposed) = &policies.proposed else { return false };
    let (old, new) = (&policies.base.config, &proposed.config);
    let same_people = old.admins == new.admins && old.teams == new.teams && old.distinct == new.distinct;
    let key = |demand: &Demand| {
        let asked = &demand.requirement;
        (asked.mode, asked.section.clone(), asked.required, demand.named.clone(), asked.because.clone())
    };
    same_people && asked.iter().any(|other| key(other) == key(demand))
}

fn policy_covered(pairs: &[&Pair]) -> Vec<(String, String, String)> {
    let content =
        |file: &Option<File>| file.as_ref().map_or_else(String::new, |file| identity(file).unwrap_or_default());
    pairs.iter().map(|pair| (pair.path.clone(), content(&pair.live), content(&pair.proposed))).collect()
}

/// What tells a file from every other that could stand in its place: a hash of its bytes, or git's name for it where
/// the bytes were not loaded. `None` if neither is there.
fn identity(file: &File) -> Option<String> {
    let whole = file.kind != FileKind::Submodule && file.size <= file.bytes.len() as u64;
    let named = if whole {
        Sha256::digest(&file.bytes).iter().map(|byte| format!("{byte:02x}")).collect()
    } else {
        file.id.clone()?
    };
    Some(format!("{:?} {} {named}", file.kind, file.size))
}

/// Protected files that nothing names: an approval of one could be used for another.
fn nameless(pairs: &[&Pair]) -> Vec<Diagnostic> {
    let files = pairs.iter().filter_map(|pair| pair.proposed.as_ref()).filter(|file| identity(file).is_none());
    let message =
        "this protected file is too big to be read and is not in git yet, so no approval could be bound to it";
    files.map(|file| Diagnostic::new(lints::TOO_BIG, &file.path, Place::START, message, "commit it first")).collect()
}

fn policy_demands(policies: &Policies, path: &str) -> Vec<Demand> {
    let mut demands = vec![admin_demand(&policies.base, Side::Base, path, 1, &["policy"])];
    if let Some(proposed) = &policies.proposed {
        let demand = admin_demand(proposed, Side::Proposed, path, 1, &["policy"]);
        if !repeated(&demand, &demands, policies) {
            demands.push(demand);
        }
    }
    demands
}

impl Examination {
    /// The teams whose members have to be known, beyond those the configuration lists, and everyone who is named:
    /// the only questions the second half will ask of evidence besides the reviews.
    #[must_use]
    pub fn teams(&self) -> BTreeSet<String> {
        let demands = self.exams.iter().flat_map(|exam| &exam.demands).chain(&self.policy_demands);
        let configs: Vec<&Config> = [Some(&self.policies.base), self.policies.proposed.as_ref()]
            .into_iter()
            .flatten()
            .map(|policy| &policy.config)
            .collect();
        let named = demands.flat_map(|demand| &demand.named).chain(configs.iter().flat_map(|config| &config.admins));
        named
            .filter(|approver| matches!(approver, crate::policy::Approver::Team(_)))
            .filter(|team| configs.iter().any(|config| !config.teams.contains_key(team)))
            .map(ToString::to_string)
            .collect()
    }

    /// The digest of every flag that needs approval, by `project/key`, and of the policy: what has to be displayed.
    #[must_use]
    pub fn digests(&self) -> Vec<(String, String)> {
        // A flag that moves goes by both its names, so that whoever touches it under either sees it held.
        let flags = self.exams.iter().filter_map(|exam| Some((exam.item.names(), exam.digest.clone()?)));
        let flags = flags.flat_map(|(names, digest)| names.into_iter().map(move |name| (name, digest.clone())));
        flags.chain(self.policy_digest.clone().map(|digest| (POLICY.to_owned(), digest))).collect()
    }

    /// Whether somebody is an admin under the base policy, asked for nothing here and wrote none of it; with the
    /// reason if not.
    ///
    /// # Errors
    /// Why they don't count as one.
    pub fn admin(&self, login: &str, evidence: &Evidence) -> Result<(), String> {
        let people = People { config: &self.policies.base.config, evidence: Some(evidence), vouched: &[] };
        match people.may(login, "User", &[], false) {
            May::Yes => Ok(()),
            May::No(why) if why == NOT_ASKED => Err("is no admin".to_owned()),
            May::No(why) | May::Unknown(why) => Err(why),
        }
    }

    /// How many days a holder may be idle before an admin may pass it over, if the policy says so.
    #[must_use]
    pub fn lock_after_days(&self) -> Option<u32> {
        self.policies.base.config.lock_after_days
    }

    /// Whether it holds no flag that differs, no change of the policy and no diagnostic.
    #[must_use]
    pub fn is_nothing(&self) -> bool {
        self.exams.is_empty() && self.policy_paths.is_empty() && self.diagnostics.is_empty()
    }

    /// Every flag that differs, by all it goes by: what another pull request may hold.
    #[must_use]
    pub fn names(&self) -> Vec<String> {
        self.exams.iter().flat_map(|exam| exam.item.names()).collect()
    }

    /// The live flags that wait for approval, by all they go by: no other pull request may touch them until then.
    #[must_use]
    pub fn holds(&self) -> Vec<String> {
        let live = |exam: &&ExaminedChange| exam.item.before.as_ref().is_some_and(|before| before.flag.state.live);
        let waiting = self.exams.iter().filter(|exam| exam.digest.is_some()).filter(live);
        waiting.flat_map(|exam| exam.item.names()).collect()
    }

    /// The second half: who counted, who did not and why, who holds what; the verdict. Without evidence nobody has
    /// responded. `vouched` are logins that somebody says approved exactly this.
    #[must_use]
    pub fn conclude(self, evidence: Option<&Evidence>, vouched: &[String]) -> Report {
        let Examination {
            base,
            head,
            policies,
            exams,
            mut diagnostics,
            broken,
            policy_paths,
            policy_digest,
            policy_demands,
            shift,
        } = self;
        let asker = Asker { policies: &policies, evidence, vouched };
        let flags: Vec<FlagReport> = each(exams, |exam| asker.flag(exam, &broken));
        let requirements = asker.ask(policy_demands, POLICY, policy_digest.as_deref());
        let effects = shift.effects.into_iter().chain(remarks(&requirements, evidence)).collect();
        let policy_verdict = if policies.broken {
            Verdict::Invalid
        } else if policy_digest.is_none() {
            Verdict::NotRequired
        } else {
            answer(&requirements)
        };
        let overridden = asker.overridden(policy_digest.as_deref());
        let policy_verdict =
            if overridden.is_some() && policy_verdict != Verdict::Invalid { Verdict::Approved } else { policy_verdict };
        let policy = PolicyReport {
            changed: !policy_paths.is_empty(),
            verdict: policy_verdict,
            digest: policy_digest,
            paths: policy_paths,
            requirements,
            overridden,
            privilege_changes: shift.privilege_changes,
            effects,
        };
        diagnostics.extend(too_much(&flags, &policy));
        let invalid = diagnostics.iter().any(Diagnostic::is_error).then_some(Verdict::Invalid);
        let verdicts = flags.iter().map(|flag| flag.verdict).chain([policy.verdict]).chain(invalid);
        let verdict = verdicts.max().unwrap_or(Verdict::NotRequired);
        Report { schema: report::SCHEMA, verdict, base, head, flags, policy, diagnostics }
    }
}
