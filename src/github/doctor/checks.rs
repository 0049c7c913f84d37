//! Every check: a row of one table, with why it matters. What a row finds is in `branches` and `workflows`.

use super::{Ground, Level};
use super::{branches, workflows};

/// One check.
pub(super) struct Check {
    pub id: &'static str,
    /// Why what it finds matters, as a sentence without a full stop.
    pub why: &'static str,
    pub look: fn(&Ground<'_>) -> Vec<Said>,
}

/// What a check has to say.
pub(super) struct Said {
    pub level: Level,
    pub branch: Option<String>,
    pub what: String,
    pub next: String,
}

impl Said {
    pub(super) fn new(level: Level, what: impl Into<String>, next: impl Into<String>) -> Self {
        Said { level, branch: None, what: what.into(), next: next.into() }
    }

    pub(super) fn ok(what: impl Into<String>) -> Self {
        Said::new(Level::Ok, what, "")
    }

    pub(super) fn on(mut self, branch: &str) -> Self {
        self.branch = Some(branch.to_owned());
        self
    }
}

/// Every check, in the order in which they are told. **A new one is one row here.**
pub(super) static CHECKS: &[Check] = &[
    Check {
        id: "status-required",
        why: "a merge waits for the verdict only where the status is required",
        look: branches::required,
    },
    Check { id: "status-source", why: "a status is worth what it takes to post it", look: branches::source },
    Check {
        id: "status-elsewhere",
        why: "the status of one branch is never posted for another, so a merge would wait for ever",
        look: branches::elsewhere,
    },
    Check { id: "ruleset-off", why: "a ruleset that is not active holds nothing", look: branches::switched_off },
    Check { id: "bypass", why: "whoever may bypass the rules merges without a verdict", look: branches::bypass },
    Check {
        id: "pull-request-required",
        why: "what is pushed directly is proposed to nobody",
        look: branches::by_pull,
    },
    Check {
        id: "force-push",
        why: "a force-push puts older flags back without anybody's approval",
        look: branches::force,
    },
    Check {
        id: "rebase-merge",
        why: "a rebase merge replays each commit, so a proposal can be judged as one tree and land as another",
        look: branches::rebase,
    },
    Check {
        id: "base-moves",
        why: "two changes that were judged apart can mean something else together",
        look: branches::moves,
    },
    Check {
        id: "stale-reviews",
        why: "an approval that GitHub takes back counts here no longer, although the flags may be the same",
        look: branches::stale,
    },
    Check {
        id: "last-push",
        why: "for flags nobody approves what they wrote themselves; all other files have only what GitHub asks",
        look: branches::last_push,
    },
    Check {
        id: "policy",
        why: "without a policy on the branch itself nobody can approve anything there",
        look: branches::policy,
    },
    Check {
        id: "policy-protects-workflows",
        why: "whoever edits the workflows can keep the gate from seeing a review that was taken back",
        look: branches::protects,
    },
    Check { id: "gate-workflow", why: "nothing else posts a verdict", look: workflows::there },
    Check {
        id: "gate-events",
        why: "what the gate is not told of, it judges too late or never",
        look: workflows::events,
    },
    Check {
        id: "gate-untrusted-events",
        why: "on these events GitHub runs the workflow as the proposal has it, which could post anything",
        look: workflows::untrusted,
    },
    Check {
        id: "gate-filters",
        why: "a pull request that a filter leaves out waits for its status for ever",
        look: workflows::filters,
    },
    Check {
        id: "gate-concurrency",
        why: "a run that is cancelled leaves an old verdict standing",
        look: workflows::concurrency,
    },
    Check {
        id: "gate-pinned",
        why: "whoever can move a tag decides what runs with the rights of the gate",
        look: workflows::pinned,
    },
    Check {
        id: "gate-permissions",
        why: "the gate needs few rights, and whatever else it has can be misused",
        look: workflows::permissions,
    },
    Check {
        id: "gate-checkout",
        why: "the gate reads the files of a proposal as data; a checkout can bring them to life",
        look: workflows::checkout,
    },
    Check {
        id: "trigger-workflow",
        why: "the gate learns of reviews and of the merge queue through it alone",
        look: workflows::wake,
    },
    Check {
        id: "job-name",
        why: "where a job goes by the name of the status, both are required, and a job that is left out passes",
        look: workflows::job_names,
    },
    Check {
        id: "environment",
        why: "a key that a workflow in any branch can read is everybody's who may push",
        look: workflows::environment,
    },
    Check {
        id: "actions-approve",
        why: "an approval by a bot never counts here, but it does for what GitHub itself asks of reviews",
        look: branches::actions_approve,
    },
    Check {
        id: "teams",
        why: "whoever is in a team that cannot be read does not count as an approver",
        look: branches::teams,
    },
    Check { id: "admins", why: "an approval counts only from somebody with write access", look: branches::admins },
    Check {
        id: "statuses",
        why: "the gate takes back what it posted, and has to see it for that",
        look: branches::statuses,
    },
    Check {
        id: "rate-limit",
        why: "the last requests of an hour are kept for taking successes back",
        look: branches::limit,
    },
];
