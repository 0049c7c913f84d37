//! Every check: a row of one table, with the reason it matters. The functions are in `branches` and `workflows`.

use super::{Inspection, Severity};
use super::{branches, debts, projects, workflows};

/// A check of the doctor: what it looks at, and why.
pub(super) struct DoctorCheck {
    pub id: &'static str,
    /// The reason its findings matter, as a sentence without a full stop.
    pub why: &'static str,
    pub look: fn(&Inspection<'_>) -> Vec<CheckResult>,
}

/// A result of a check.
pub(super) struct CheckResult {
    pub level: Severity,
    pub branch: Option<String>,
    pub what: String,
    pub next: String,
}

impl CheckResult {
    pub(super) fn new(level: Severity, what: impl Into<String>, next: impl Into<String>) -> Self {
        CheckResult { level, branch: None, what: what.into(), next: next.into() }
    }

    pub(super) fn ok(what: impl Into<String>) -> Self {
        CheckResult::new(Severity::Ok, what, "")
    }

    pub(super) fn on(mut self, branch: &str) -> Self {
        self.branch = Some(branch.to_owned());
        self
    }
}

/// Every check, in the order of the findings. **A new one is one row here.**
pub(super) static CHECKS: &[DoctorCheck] = &[
    DoctorCheck {
        id: "status-required",
        why: "a merge waits for the verdict only where the status is required",
        look: branches::required,
    },
    DoctorCheck { id: "status-source", why: "a status proves no more than who may set it", look: branches::source },
    DoctorCheck {
        id: "status-elsewhere",
        why: "the status of one branch is never set for another, so a merge would wait for ever",
        look: branches::elsewhere,
    },
    DoctorCheck { id: "ruleset-off", why: "a ruleset that is not active holds nothing", look: branches::switched_off },
    DoctorCheck {
        id: "bypass",
        why: "anyone who may bypass the rules can merge without a verdict",
        look: branches::bypass,
    },
    DoctorCheck { id: "pull-request-required", why: "a direct push is reviewed by nobody", look: branches::by_pull },
    DoctorCheck {
        id: "force-push",
        why: "a force-push puts older flags back without anybody's approval",
        look: branches::force,
    },
    DoctorCheck {
        id: "rebase-merge",
        why: "a rebase merge replays each commit, so a proposal can be judged as one tree and merged as another",
        look: branches::rebase,
    },
    DoctorCheck {
        id: "base-moves",
        why: "two changes that were judged apart can have another effect together",
        look: branches::base_moves,
    },
    DoctorCheck {
        id: "stale-reviews",
        why: "an approval that GitHub dismisses no longer counts here, although the flags may be the same",
        look: branches::stale,
    },
    DoctorCheck {
        id: "last-push",
        why: "nobody approves their own change of a flag; all other files have only the rules of GitHub",
        look: branches::last_push,
    },
    DoctorCheck {
        id: "policy",
        why: "without a policy on the branch itself nobody can approve anything there",
        look: branches::policy,
    },
    DoctorCheck {
        id: "projects",
        why: "a project without a file gates nothing, so every verdict is invalid until that is put right",
        look: projects::files,
    },
    DoctorCheck {
        id: "debts",
        why: "changes that came in by breaking the glass were approved by nobody else yet",
        look: debts::paid,
    },
    DoctorCheck {
        id: "policy-protects-workflows",
        why: "anyone who edits the workflows can keep the gate from seeing a dismissed review",
        look: branches::protects,
    },
    DoctorCheck { id: "gate-workflow", why: "nothing else sets the status", look: workflows::there },
    DoctorCheck {
        id: "gate-events",
        why: "a change that triggers no run is judged too late or never",
        look: workflows::events,
    },
    DoctorCheck {
        id: "gate-untrusted-events",
        why: "on these events GitHub runs the workflow as the proposal has it, which could set any status",
        look: workflows::untrusted,
    },
    DoctorCheck {
        id: "gate-filters",
        why: "a pull request that a filter leaves out waits for its status for ever",
        look: workflows::filters,
    },
    DoctorCheck {
        id: "gate-concurrency",
        why: "a run that is cancelled leaves an old status in place",
        look: workflows::concurrency,
    },
    DoctorCheck {
        id: "gate-pinned",
        why: "anyone who can move a tag decides which code runs with the rights of the gate",
        look: workflows::pinned,
    },
    DoctorCheck {
        id: "gate-permissions",
        why: "the gate needs few rights, and any other right it has can be misused",
        look: workflows::permissions,
    },
    DoctorCheck {
        id: "gate-checkout",
        why: "the gate reads the files of a proposal as data; a checkout can bring them to life",
        look: workflows::checkout,
    },
    DoctorCheck {
        id: "trigger-workflow",
        why: "the gate learns of reviews and of the merge queue through it alone",
        look: workflows::trigger,
    },
    DoctorCheck {
        id: "job-name",
        why: "where a job has the name of the status, both are required, and a skipped job passes",
        look: workflows::job_names,
    },
    DoctorCheck {
        id: "environment",
        why: "anyone who may push can read a key that a workflow in any branch can read",
        look: workflows::environment,
    },
    DoctorCheck {
        id: "actions-approve",
        why: "an approval by a bot never counts here, but it does for the review rules of GitHub itself",
        look: branches::actions_approve,
    },
    DoctorCheck {
        id: "teams",
        why: "the members of a team that cannot be read do not count as approvers",
        look: branches::teams,
    },
    DoctorCheck {
        id: "admins",
        why: "an approval counts only from somebody with write access",
        look: branches::admins,
    },
    DoctorCheck {
        id: "policy-approvers",
        why: "nobody approves their own change, so one admin alone can never change the policy",
        look: branches::second_person,
    },
    DoctorCheck {
        id: "external-approvers",
        why: "approvers without write access are held by nothing but the names in the policy",
        look: branches::external,
    },
    DoctorCheck {
        id: "statuses",
        why: "the gate takes successes back, and has to see them for that",
        look: branches::statuses,
    },
    DoctorCheck {
        id: "rate-limit",
        why: "the last requests of an hour are kept for taking successes back",
        look: branches::limit,
    },
];
