//! Simulation: merged changes replayed under another policy, compared with the policy each was merged under.
//!
//! In: for each merged change the report under either policy. Out: a [`Simulation`] of the merged changes for which
//! they differ. It refuses to guess who would have responded and counts requirements only.

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::Serialize;

use crate::diagnostics::Diagnostic;
use crate::report::{Mode, Report, Requirement, Revision, Verdict};

/// The version of the JSON form.
pub const SCHEMA: &str = "countersign/simulate/v1";

/// How many approvals of whom, for one flag or the policy.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, JsonSchema)]
pub struct SimulatedRequirement {
    /// `project/key`, or `.countersign` for the policy and protected paths.
    pub what: String,
    /// The people and teams who may respond.
    pub mode: Mode,
    /// How many distinct people.
    pub required: u32,
    /// `@user` and `@org/team`, alternatives; in `peer` mode those worth asking.
    pub from: Vec<String>,
}

/// The result of one policy for one merged change.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct PolicyOutcome {
    /// As if nobody had answered; null if there was no policy, or none that holds.
    pub verdict: Option<Verdict>,
    /// Its requirements, by flag; none if nothing needs approval.
    pub requirements: Vec<SimulatedRequirement>,
    /// Changes that nobody could approve.
    pub diagnostics: Vec<Diagnostic>,
}

impl PolicyOutcome {
    /// The result that a report states; without a report nothing needs approval.
    #[must_use]
    pub fn of(report: Option<&Report>) -> PolicyOutcome {
        let Some(report) = report else {
            return PolicyOutcome {
                verdict: Some(Verdict::NotRequired),
                requirements: Vec::new(),
                diagnostics: Vec::new(),
            };
        };
        let simulated = |what: &str, requirement: &Requirement| {
            let mut from = requirement.from.clone();
            from.sort();
            SimulatedRequirement { what: what.to_owned(), mode: requirement.mode, required: requirement.required, from }
        };
        let mut requirements: Vec<SimulatedRequirement> = Vec::new();
        for flag in &report.flags {
            let name = flag.id().to_string();
            requirements.extend(flag.requirements.iter().map(|requirement| simulated(&name, requirement)));
        }
        requirements.extend(report.policy.requirements.iter().map(|requirement| simulated(super::POLICY, requirement)));
        requirements.sort();
        let diagnostics = report.diagnostics.iter().filter(|diagnostic| diagnostic.is_error()).cloned().collect();
        PolicyOutcome { verdict: Some(report.verdict), requirements, diagnostics }
    }

    /// The result of a policy that is missing or invalid.
    #[must_use]
    pub fn nothing(diagnostics: &[Diagnostic]) -> PolicyOutcome {
        PolicyOutcome { verdict: None, requirements: Vec::new(), diagnostics: diagnostics.to_vec() }
    }

    fn gates(&self) -> bool {
        self.verdict.is_some_and(Verdict::blocks)
    }

    fn approvals(&self) -> u32 {
        self.requirements.iter().fold(0, |sum, ask| sum.saturating_add(ask.required))
    }

    fn people(&self) -> BTreeSet<&str> {
        // Of peers anyone will do; those named are worth asking and no more.
        let named = self.requirements.iter().filter(|ask| ask.mode != Mode::Peer);
        named.flat_map(|ask| ask.from.iter().map(String::as_str)).collect()
    }
}

/// A merged change of which the two policies differ.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct SimulatedChange {
    /// The commit, in full.
    pub commit: String,
    /// When it was committed, RFC 3339, as the commit says.
    pub date: String,
    /// The author's name, as the commit says.
    pub author: String,
    /// The first line of the message.
    pub subject: String,
    /// The result of the policy that it was merged under.
    pub then: PolicyOutcome,
    /// The result of the other policy.
    pub now: PolicyOutcome,
}

/// A number under the policy of then and under the other.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug, Serialize, JsonSchema)]
pub struct BothPolicies {
    /// Under the policy that each was merged under.
    pub then: u32,
    /// Under the other policy.
    pub now: u32,
}

/// Totals of all merged changes under either policy.
#[derive(Clone, Debug, Default, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct SimulationTotals {
    /// How many commits were merged in the range.
    pub merged_changes: usize,
    /// How many of them were merged while there was no policy that held.
    pub without_policy: usize,
    /// How many needed approval, or could not have got any.
    pub gated: BothPolicies,
    /// How many approvals were asked for, all in all.
    pub approvals: BothPolicies,
    /// How many need approval under the other policy alone.
    pub newly_gated: usize,
    /// How many needed approval under the policy of then alone.
    pub no_longer_gated: usize,
}

/// The number of merged changes for which somebody is a required approver.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct SimulatedApprover {
    /// `@user` or `@org/team`.
    pub who: String,
    #[serde(flatten)]
    pub merged_changes: BothPolicies,
}

/// Requirements of merged changes under another policy, compared with those of the policy each was merged under.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Simulation {
    /// The version of this form: `countersign/simulate/v1`.
    #[schemars(extend("const" = SCHEMA))]
    pub schema: &'static str,
    /// The commit that the range starts after; null if it goes back to the beginning.
    pub from: Option<Revision>,
    /// The last commit of the range.
    pub to: Revision,
    /// The day the range was cut at, as it was given; null if none was.
    pub since: Option<String>,
    /// How many merged changes and approvals there are of each kind.
    pub totals: SimulationTotals,
    /// People, by the number of approvals asked of them, the most first.
    pub people: Vec<SimulatedApprover>,
    /// Every merged change of which the two policies differ, in the order they were merged.
    pub merged_changes: Vec<SimulatedChange>,
}

/// Counts one merged change after the other.
#[derive(Default)]
pub struct SimulationTally {
    pub totals: SimulationTotals,
    people: BTreeMap<String, BothPolicies>,
    pub merged_changes: Vec<SimulatedChange>,
}

impl SimulationTally {
    /// Takes one merged change in.
    pub fn take(&mut self, one: SimulatedChange) {
        let totals = &mut self.totals;
        totals.merged_changes += 1;
        totals.without_policy += usize::from(one.then.verdict.is_none());
        let (then, now) = (one.then.gates(), one.now.gates());
        totals.gated.then += u32::from(then);
        totals.gated.now += u32::from(now);
        totals.approvals.then += one.then.approvals();
        totals.approvals.now += one.now.approvals();
        totals.newly_gated += usize::from(now && !then);
        totals.no_longer_gated += usize::from(then && !now);
        for who in one.then.people() {
            self.people.entry(who.to_owned()).or_default().then += 1;
        }
        for who in one.now.people() {
            self.people.entry(who.to_owned()).or_default().now += 1;
        }
        // Where neither asks for anything, that there was no policy makes no difference.
        if one.then != one.now && (then || now) {
            self.merged_changes.push(one);
        }
    }

    /// All of it.
    #[must_use]
    pub fn finish(self, from: Option<Revision>, to: Revision, since: Option<String>) -> Simulation {
        let mut people: Vec<SimulatedApprover> =
            self.people.into_iter().map(|(who, merged_changes)| SimulatedApprover { who, merged_changes }).collect();
        people.sort_by_key(|one| std::cmp::Reverse((one.merged_changes.now, one.merged_changes.then)));
        Simulation { schema: SCHEMA, from, to, since, totals: self.totals, people, merged_changes: self.merged_changes }
    }
}
