//! The tiers of protection, lowest first: a row each, in plain words, with the way to the next.

use super::settings::{Branch, Known, RepositorySettings, Required, StatusSource};
use super::{Inspection, Workflow};
use crate::report::doctor::Fix;

/// The rung of a branch. Two rungs are one tier, since they prevent the same merges.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) enum Rung {
    Nothing,
    Advisory,
    AnySource,
    Actions,
    /// An App whose key a workflow in some branch may be able to settings.
    OpenKey,
    App,
}

/// The description of a rung.
pub(super) struct RungWords {
    pub means: &'static str,
    pub holds: &'static str,
    pub open: &'static str,
    pub next: fn(&RepositorySettings, &Branch) -> Vec<String>,
}

static NOTHING: RungWords = RungWords {
    means: "nothing prevents a merge, and nobody is notified",
    holds: "nothing",
    open: "any change of a flag is merged without a word",
    next: |_, _| {
        vec![
            "run `countersign init --admin @you` in a clone, which writes .countersign/ and the two workflows"
                .to_owned(),
            "have them merged into the default branch, where alone they count".to_owned(),
        ]
    },
};

static ADVISORY: RungWords = RungWords {
    means: "advisory: the status is set, and merging does not wait for it",
    holds: "oversight: everyone who reads the status knows who has to approve",
    open: "anyone who may merge can merge against the verdict",
    next: require,
};

static ANY_SOURCE: RungWords = RungWords {
    means: "required from any source: anyone who may write can forge it",
    holds: "a merge before its verdict, by anyone who does not forge the status",
    open: "anyone with write access, and any App or token that may set statuses, can set a success with one request",
    next: |_, branch| {
        steps(branch, "choose `GitHub Actions` as its source", "or, for tier 4 at once, an App of your own")
    },
};

static ACTIONS: RungWords = RungWords {
    means: "required from GitHub Actions: any workflow of this repository can forge it, a person cannot",
    holds: "a status that a person or another App sets",
    open: "anyone who may push a branch can put a workflow into it that sets a success with the token of Actions",
    next: |settings, branch| {
        let mut all = vec![
            "register an App of your own and put its key into an environment that only the default branch may use: the \
             head of examples/workflows/countersign-app.yml says how"
                .to_owned(),
            environment(settings),
            "take that workflow in place of .github/workflows/countersign.yml, and have it merged".to_owned(),
        ];
        all.extend(steps(branch, "choose that App as its source", ""));
        all
    },
};

static OPEN_KEY: RungWords = RungWords {
    means: "required from an App whose key is not proven to be out of reach of branches",
    holds: "a status that a person, another App or the token of Actions sets",
    open: "if the key is a secret of the repository, anyone who may push a branch can read it there with a workflow",
    next: |settings, _| {
        vec![
            environment(settings),
            "move the App's key into it, and delete it wherever else it is".to_owned(),
            "name the environment in the job of the gate: `environment: countersign`".to_owned(),
        ]
    },
};

static APP: RungWords = RungWords {
    means: "required from an App of its own, whose key only the default branch can reach",
    holds: "every status but the App's",
    open: "people who may change or bypass the rules, and a second copy of the key: the secrets of the repository and \
           of the organisation were not looked through",
    next: |_, _| Vec::new(),
};

impl Rung {
    pub(super) fn number(self) -> u8 {
        match self {
            Rung::Nothing => 0,
            Rung::Advisory => 1,
            Rung::AnySource => 2,
            Rung::Actions | Rung::OpenKey => 3,
            Rung::App => 4,
        }
    }

    pub(super) fn words(self) -> &'static RungWords {
        match self {
            Rung::Nothing => &NOTHING,
            Rung::Advisory => &ADVISORY,
            Rung::AnySource => &ANY_SOURCE,
            Rung::Actions => &ACTIONS,
            Rung::OpenKey => &OPEN_KEY,
            Rung::App => &APP,
        }
    }
}

/// The rung of a branch. If `proven`, everything that could not be read is taken for bad, else for good.
pub(super) fn rung(inspection: &Inspection<'_>, branch: &Branch, proven: bool) -> Rung {
    let required = branch.requirements().map(|required| strength(inspection, required, proven)).max();
    let hidden = !proven && branch.unread().next().is_some();
    let without = match &inspection.gates {
        Known::There(_) => Rung::Advisory,
        Known::Unread(_) if !proven => Rung::Advisory,
        Known::Unread(_) | Known::Absent => Rung::Nothing,
    };
    // The rules that could not be read may require it in the best of ways.
    let best = if hidden { Rung::App } else { Rung::Nothing };
    required.unwrap_or(without).max(best)
}

fn strength(inspection: &Inspection<'_>, required: &Required, proven: bool) -> Rung {
    let everyone = match &required.bypass {
        Known::There(all) => all.iter().any(|one| one.everyone),
        Known::Absent => false,
        Known::Unread(_) => proven,
    };
    match required.source {
        // Everybody who may write may merge without it.
        _ if everyone => Rung::Advisory,
        StatusSource::Any => Rung::AnySource,
        StatusSource::Actions => Rung::Actions,
        StatusSource::App(_) if apart(inspection, proven) => Rung::App,
        StatusSource::App(_) => Rung::OpenKey,
    }
}

/// Whether every job of the gate has its key from an environment that only the default branch may use.
fn apart(inspection: &Inspection<'_>, proven: bool) -> bool {
    let gates = match &inspection.gates {
        Known::There(gates) => gates,
        Known::Unread(_) => return !proven,
        Known::Absent => return false,
    };
    let environments = match &inspection.settings.environments {
        Known::There(all) => all.as_slice(),
        Known::Unread(_) => return !proven && gates.iter().all(in_environments),
        Known::Absent => return false,
    };
    let closed = |name: &str| {
        let found = environments.iter().find(|one| one.name.eq_ignore_ascii_case(name));
        found.is_some_and(|one| match &one.branches {
            Known::There(branches) => branches.as_slice() == [inspection.settings.default_branch.as_str()],
            Known::Unread(_) => !proven,
            Known::Absent => false,
        })
    };
    let mut jobs = gates.iter().flat_map(Workflow::gate_jobs);
    jobs.all(|job| job.environment.as_deref().is_some_and(closed))
}

fn in_environments(workflow: &Workflow) -> bool {
    workflow.gate_jobs().all(|job| job.environment.is_some())
}

/// The steps to require the status of a branch.
fn require(settings: &RepositorySettings, branch: &Branch) -> Vec<String> {
    let wide =
        branch.requirements().find(|one| one.bypass.there().is_some_and(|all| all.iter().any(|one| one.everyone)));
    if let Some(required) = wide {
        return vec![format!(
            "take everyone who may only write off the bypass list of {}: {}",
            required.by, required.page
        )];
    }
    vec![
        format!(
            "run `{} --fix --apply` as an administrator; without `--apply` it prints the commands",
            again(settings)
        ),
        format!(
            "or click it together: Settings, Rules, Rulesets, New branch ruleset; require `{}` from GitHub Actions",
            branch.context()
        ),
    ]
}

/// The command that shows more to somebody who may see it.
pub(super) fn again(settings: &RepositorySettings) -> String {
    format!("GH_TOKEN=$(gh auth token) countersign doctor --repo {}", settings.repository)
}

/// One command for an environment of the default branch alone.
pub(super) fn environment(settings: &RepositorySettings) -> String {
    let [make, list] = Fix::environment(settings, "countersign");
    format!("{} && {}", make.command, list.command)
}

/// The steps to change the rules that require the status of a branch.
fn steps(branch: &Branch, what: &str, or: &str) -> Vec<String> {
    let weakest = branch
        .requirements()
        .map(|required| format!("in {} ({}), at `{}`, {what}", required.by, required.page, required.context));
    let or = (!or.is_empty()).then(|| or.to_owned());
    weakest.chain(or).collect()
}
