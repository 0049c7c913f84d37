//! The doctor: how well a repository is really protected, as a tier and findings, each with the next step.
//!
//! In: [`RepositorySettings`], in which every setting is there, not there, or could not be read. Out: a [`Diagnosis`].
//! It refuses to take an unread setting for a good one: it never raises the tier that is proven, only the one that is
//! possible. Not taken: trying it out, by setting a status and looking whether it counts; a doctor changes nothing.

mod branches;
mod checks;
mod debts;
mod fixes;
pub mod gather;
mod ladder;
mod projects;
mod settings;
mod workflow;
mod workflows;

use std::collections::BTreeMap;

pub use settings::{
    Branch, BranchRules, Bypass, Environment, Known, ProjectFiles, RepositorySettings, Required, Reviews, Ruleset,
    StatusSource,
};
pub use workflow::{EACH, Job, Workflow, WorkflowTrigger};

use crate::diagnostics::Diagnostic;
use crate::policy::Policy;
use crate::report::doctor::{BranchTier, Diagnosis, DoctorFinding, Fixes, SCHEMA, Severity};
use ladder::{Rung, rung};

/// The settings, and everything that is read out of them once for all checks.
pub(crate) struct Inspection<'r> {
    settings: &'r RepositorySettings,
    /// The workflows that run the gate.
    gates: Known<Vec<Workflow>>,
    /// The trigger workflow.
    trigger: Known<Workflow>,
    /// Workflows that mention us and can't be understood: path and why.
    obscure: Vec<(String, String)>,
    /// The jobs of all workflows, by name: path of the workflow.
    jobs: BTreeMap<String, String>,
    /// The policy of each branch, or its diagnostics.
    policies: BTreeMap<&'r str, Known<Result<Policy, Vec<Diagnostic>>>>,
}

/// The diagnosis of a repository by its settings.
#[must_use]
pub fn diagnose(settings: &RepositorySettings) -> Diagnosis {
    let inspection = Inspection::new(settings);
    let rungs: Vec<(&Branch, Rung, Rung)> = settings
        .branches
        .iter()
        .map(|branch| (branch, rung(&inspection, branch, true), rung(&inspection, branch, false)))
        .collect();
    let lowest = rungs.iter().min_by_key(|(_, proven, _)| *proven);
    let (worst, proven) = lowest.map_or((None, Rung::Nothing), |(branch, proven, _)| (Some(*branch), *proven));
    let possible = rungs.iter().map(|(.., possible)| *possible).min().unwrap_or(proven);
    let mut findings: Vec<DoctorFinding> = checks::CHECKS
        .iter()
        .flat_map(|check| {
            let results = (check.look)(&inspection).into_iter();
            results.map(|result| DoctorFinding {
                id: check.id,
                level: result.level,
                branch: result.branch,
                what: result.what,
                why: check.why,
                next: result.next,
            })
        })
        .collect();
    findings.sort_by_key(|finding| finding.level);
    let fixes = Fixes::of(&inspection, &findings);
    let words = proven.words();
    let next = match worst {
        // The protection may be there already and only have to be seen.
        _ if possible > proven => {
            vec![format!(
                "run `{}` as an administrator, whom GitHub tells what is `unknown` here",
                ladder::again(settings)
            )]
        }
        Some(branch) => (words.next)(settings, branch),
        None => Vec::new(),
    };
    Diagnosis {
        schema: SCHEMA,
        repository: settings.repository.clone(),
        tier: proven.number(),
        possible: possible.number(),
        means: words.means,
        holds: words.holds,
        open: words.open,
        next,
        branches: rungs
            .iter()
            .map(|(branch, proven, possible)| BranchTier {
                branch: branch.name.clone(),
                context: branch.context(),
                tier: proven.number(),
                possible: possible.number(),
            })
            .collect(),
        findings,
        fixes,
    }
}

impl<'r> Inspection<'r> {
    fn new(settings: &'r RepositorySettings) -> Self {
        let mut obscure = Vec::new();
        let mut jobs = BTreeMap::new();
        let mut gates = Vec::new();
        let mut trigger = Known::Absent;
        let unread = match &settings.workflows {
            Known::There(files) => {
                for (path, text) in files {
                    match Workflow::read(path, text) {
                        Ok(workflow) => {
                            let named = |job: &Job| [job.id.clone(), job.name.clone().unwrap_or_default()];
                            jobs.extend(workflow.jobs.iter().flat_map(named).map(|name| (name, path.clone())));
                            if workflow.is_trigger() {
                                trigger = Known::There(workflow);
                            } else if workflow.gate_jobs().next().is_some() {
                                gates.push(workflow);
                            }
                        }
                        // A workflow that never mentions us does not matter here, however it is written.
                        Err(why) if text.to_ascii_lowercase().contains("countersign") => {
                            obscure.push((path.clone(), why));
                        }
                        Err(_) => {}
                    }
                }
                None
            }
            Known::Absent => None,
            Known::Unread(why) => Some(why.clone()),
        };
        let hidden = unread.or_else(|| obscure.first().map(|(path, why)| format!("`{path}`: {why}")));
        let gates = match hidden.as_ref() {
            Some(why) if gates.is_empty() => Known::Unread(why.clone()),
            _ if gates.is_empty() => Known::Absent,
            _ => Known::There(gates),
        };
        let trigger = match (trigger, hidden) {
            (Known::Absent, Some(why)) => Known::Unread(why),
            (trigger, _) => trigger,
        };
        let policy = |branch: &'r Branch| {
            let policy = branch.policy.as_ref().map(|files| {
                let (policy, diagnostics) = Policy::read(files);
                policy.ok_or(diagnostics)
            });
            (branch.name.as_str(), policy)
        };
        Inspection { settings, gates, trigger, obscure, jobs, policies: settings.branches.iter().map(policy).collect() }
    }

    /// The valid policies, by branch.
    fn valid_policies(&self) -> impl Iterator<Item = (&'r str, &Policy)> {
        self.policies.iter().filter_map(|(branch, policy)| match policy {
            Known::There(Ok(policy)) => Some((*branch, policy)),
            _ => None,
        })
    }
}

/// The teams whose members GitHub has to tell, and the admins, of the policies of all branches.
#[must_use]
pub fn people(policies: &[&crate::policy::PolicyFiles]) -> (Vec<String>, Vec<String>) {
    use crate::policy::Approver;
    let held: Vec<Policy> = policies.iter().filter_map(|files| Policy::read(files).0).collect();
    let teams = held
        .iter()
        .flat_map(|policy| policy.teams().into_iter().filter(|team| !policy.config.teams.contains_key(team)))
        .map(ToString::to_string);
    let admins = held.iter().flat_map(|policy| &policy.config.admins).filter_map(|admin| match admin {
        Approver::User(login) => Some(login.clone()),
        Approver::Team(_) => None,
    });
    let distinct = |all: Vec<String>| all.into_iter().collect::<std::collections::BTreeSet<_>>().into_iter().collect();
    (distinct(teams.collect()), distinct(admins.collect()))
}
