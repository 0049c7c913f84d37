//! How well a repository is really protected: from its settings to a tier and findings, each with the next step.
//!
//! In: a [`Read`], in which every setting is there, not there, or could not be read. Out: a [`Diagnosis`]. It refuses to
//! take what could not be read for good: that never raises the tier that is proven, only the one that is possible. Not
//! taken: trying it out, by posting a status and looking whether it counts; a doctor changes nothing.

mod branches;
mod checks;
pub mod gather;
mod ladder;
mod settings;
mod workflow;
mod workflows;

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;

pub use settings::{Branch, Bypass, Environment, Known, Read, Required, Reviews, Rules, Ruleset, Source};
pub use workflow::{EACH, Job, Trigger, Workflow};

use crate::diagnostics::Diagnostic;
use crate::policy::Policy;
use ladder::{Rung, rung};

/// The version of the JSON form.
pub const SCHEMA: &str = "countersign/doctor/v1";

/// How much a finding weighs.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// The gate does not hold, or does not work.
    Error,
    /// It holds less than it seems to.
    Warning,
    /// It could not be read with this token, and is not taken for good.
    Unknown,
    /// It holds; this would be better.
    Advice,
    /// It is as it should be.
    Ok,
}

impl Level {
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Level::Error => "error",
            Level::Warning => "warning",
            Level::Unknown => "unknown",
            Level::Advice => "advice",
            Level::Ok => "ok",
        }
    }
}

/// What one check found.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct Finding {
    /// The id of the check.
    pub id: &'static str,
    /// How much it weighs.
    pub level: Level,
    /// The branch it is about; null if it is about the whole repository.
    pub branch: Option<String>,
    /// What is there.
    pub what: String,
    /// Why that matters.
    pub why: &'static str,
    /// What to do: where to click, or the command; empty if nothing has to be done.
    pub next: String,
}

/// How well one branch is protected.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct Standing {
    /// The branch.
    pub branch: String,
    /// The status that has to be required there.
    pub context: String,
    /// The tier that is proven, 0 to 4.
    pub tier: u8,
    /// The tier it would be if all that could not be read were good.
    pub possible: u8,
}

/// How well a repository is protected against merges without a verdict: a tier, and findings with their next steps.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct Diagnosis {
    /// The version of this form: `countersign/doctor/v1`.
    #[schemars(extend("const" = SCHEMA))]
    pub schema: &'static str,
    /// Owner and name of the repository.
    pub repository: String,
    /// The tier that is proven, 0 to 4: that of the branch with the lowest.
    pub tier: u8,
    /// The tier it would be if all that could not be read were good.
    pub possible: u8,
    /// The tier in plain words.
    pub means: &'static str,
    /// What it protects against.
    pub holds: &'static str,
    /// What it does not protect against.
    pub open: &'static str,
    /// The steps to the next tier, in order; none if there is none.
    pub next: Vec<String>,
    /// Every branch that was looked at, the default branch first.
    pub branches: Vec<Standing>,
    /// What was found, the worst first.
    pub findings: Vec<Finding>,
}

impl Diagnosis {
    #[must_use]
    pub fn count(&self, level: Level) -> usize {
        self.findings.iter().filter(|finding| finding.level == level).count()
    }
}

/// What was read, and what follows from it at once.
pub(crate) struct Ground<'r> {
    read: &'r Read,
    /// The workflows that run the gate.
    gates: Known<Vec<Workflow>>,
    /// The one that triggers it.
    wake: Known<Workflow>,
    /// Workflows that may be the gate's and can't be understood: path and why.
    obscure: Vec<(String, String)>,
    /// The jobs of all workflows, by name: path of the workflow.
    jobs: BTreeMap<String, String>,
    /// The policy of each branch, or what is wrong with it.
    policies: BTreeMap<&'r str, Known<Result<Policy, Vec<Diagnostic>>>>,
}

/// What follows from what was read.
#[must_use]
pub fn diagnose(read: &Read) -> Diagnosis {
    let ground = Ground::new(read);
    let rungs: Vec<(&Branch, Rung, Rung)> = read
        .branches
        .iter()
        .map(|branch| (branch, rung(&ground, branch, true), rung(&ground, branch, false)))
        .collect();
    let lowest = rungs.iter().min_by_key(|(_, proven, _)| *proven);
    let (worst, proven) = lowest.map_or((None, Rung::Nothing), |(branch, proven, _)| (Some(*branch), *proven));
    let possible = rungs.iter().map(|(.., possible)| *possible).min().unwrap_or(proven);
    let mut findings: Vec<Finding> = checks::CHECKS
        .iter()
        .flat_map(|check| {
            let said = (check.look)(&ground).into_iter();
            said.map(|said| Finding {
                id: check.id,
                level: said.level,
                branch: said.branch,
                what: said.what,
                why: check.why,
                next: said.next,
            })
        })
        .collect();
    findings.sort_by_key(|finding| finding.level);
    let words = proven.words();
    let next = match worst {
        // What is there already may only have to be seen.
        _ if possible > proven => {
            vec![format!("run `{}` as an administrator, whom GitHub tells what is `unknown` here", ladder::again(read))]
        }
        Some(branch) => (words.next)(read, branch),
        None => Vec::new(),
    };
    Diagnosis {
        schema: SCHEMA,
        repository: read.repository.clone(),
        tier: proven.number(),
        possible: possible.number(),
        means: words.means,
        holds: words.holds,
        open: words.open,
        next,
        branches: rungs
            .iter()
            .map(|(branch, proven, possible)| Standing {
                branch: branch.name.clone(),
                context: branch.context(),
                tier: proven.number(),
                possible: possible.number(),
            })
            .collect(),
        findings,
    }
}

impl<'r> Ground<'r> {
    fn new(read: &'r Read) -> Self {
        let mut obscure = Vec::new();
        let mut jobs = BTreeMap::new();
        let mut gates = Vec::new();
        let mut wake = Known::Absent;
        let unread = match &read.workflows {
            Known::There(files) => {
                for (path, text) in files {
                    match Workflow::read(path, text) {
                        Ok(workflow) => {
                            let named = |job: &Job| [job.id.clone(), job.name.clone().unwrap_or_default()];
                            jobs.extend(workflow.jobs.iter().flat_map(named).map(|name| (name, path.clone())));
                            if workflow.wakes() {
                                wake = Known::There(workflow);
                            } else if workflow.gate_jobs().next().is_some() {
                                gates.push(workflow);
                            }
                        }
                        // What never says our name is no business of ours, however it is written.
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
        let wake = match (wake, hidden) {
            (Known::Absent, Some(why)) => Known::Unread(why),
            (wake, _) => wake,
        };
        let policy = |branch: &'r Branch| {
            let policy = branch.policy.as_ref().map(|files| {
                let (policy, diagnostics) = Policy::read(files);
                policy.ok_or(diagnostics)
            });
            (branch.name.as_str(), policy)
        };
        Ground { read, gates, wake, obscure, jobs, policies: read.branches.iter().map(policy).collect() }
    }

    /// The policies that hold, by branch.
    fn held_policies(&self) -> impl Iterator<Item = (&'r str, &Policy)> {
        self.policies.iter().filter_map(|(branch, policy)| match policy {
            Known::There(Ok(policy)) => Some((*branch, policy)),
            _ => None,
        })
    }
}

/// The teams that a policy leaves to the forge to tell, and the admins it names, of all branches.
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
