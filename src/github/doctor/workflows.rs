//! The checks of the workflow files: the one that runs the gate, and the one that triggers it.

use super::branches::unread;
use super::checks::CheckResult;
use super::ladder;
use super::settings::{Known, StatusSource};
use super::workflow::{EACH, Job, Workflow, WorkflowTrigger};
use super::{Inspection, Severity};
use crate::diagnostics::words::listed_in_backticks;
use crate::github::event::{EVENTS, TRIGGER};

/// The severity of an event that does not trigger the gate, and the lines to add where its types are not enough.
const MISSED: &[(&str, Severity, &str)] = &[
    ("pull_request_target", Severity::Error, ""),
    (
        "workflow_run",
        Severity::Error,
        "workflow_run: {workflows: [countersign-trigger], types: [requested, completed]}",
    ),
    ("issue_comment", Severity::Warning, ""),
    ("push", Severity::Warning, "push: {branches: [main]}"),
    ("schedule", Severity::Advice, "schedule: [{cron: \"7 * * * *\"}]"),
    ("workflow_dispatch", Severity::Advice, "workflow_dispatch:"),
];
/// Actions that come from a merge queue alone.
const QUEUED: [&str; 2] = ["enqueued", "dequeued"];
/// The types of `pull_request_target` where none are given. All other events then have all their types.
const USUAL: [&str; 3] = ["opened", "synchronize", "reopened"];
/// Events whose workflow file is the proposal's.
const UNTRUSTED: [&str; 4] = ["pull_request", "pull_request_review", "pull_request_review_comment", "merge_group"];
/// The types of reviews that have to trigger the trigger workflow.
const REVIEWS: [&str; 3] = ["submitted", "edited", "dismissed"];
/// The rights that the token of Actions needs for the gate.
const NEEDED: [(&str, &str); 3] = [("contents", "read"), ("pull-requests", "write"), ("statuses", "write")];

fn gates<'g>(inspection: &'g Inspection<'_>) -> &'g [Workflow] {
    inspection.gates.there().map_or(&[], Vec::as_slice)
}

/// The results of a check for each workflow that runs the gate.
fn each(inspection: &Inspection<'_>, look: impl Fn(&Workflow) -> Vec<CheckResult>) -> Vec<CheckResult> {
    gates(inspection).iter().flat_map(look).collect()
}

fn jobs(inspection: &Inspection<'_>, look: impl Fn(&Workflow, &Job) -> Option<CheckResult>) -> Vec<CheckResult> {
    each(inspection, |gate| gate.gate_jobs().filter_map(|job| look(gate, job)).collect())
}

pub(super) fn there(inspection: &Inspection<'_>) -> Vec<CheckResult> {
    let mut found: Vec<CheckResult> = inspection
        .obscure
        .iter()
        .map(|(path, why)| {
            let what = format!("`{path}` cannot be read strictly, so nothing is known about it: {why}");
            CheckResult::new(Severity::Unknown, what, "write it without the construct that is refused there")
        })
        .collect();
    // The status of an App may come from a server of its own.
    let elsewhere = inspection.settings.branches.iter().flat_map(super::Branch::requirements);
    let elsewhere = elsewhere.filter(|one| matches!(one.source, StatusSource::App(_))).count() > 0;
    match &inspection.gates {
        Known::There(gates) => {
            found.extend(gates.iter().map(|gate| CheckResult::ok(format!("`{}` runs the gate", gate.path))));
            if gates.len() > 1 {
                found.push(CheckResult::new(
                    Severity::Warning,
                    "more than one workflow runs the gate, and each takes back the successes of the other",
                    "keep one of them",
                ));
            }
        }
        Known::Absent => found.push(CheckResult::new(
            if elsewhere { Severity::Warning } else { Severity::Error },
            format!("no workflow on `{}` runs the gate", inspection.settings.default_branch),
            "run `countersign init`, which writes the two workflows, and have them merged",
        )),
        Known::Unread(why) if found.is_empty() => found.push(CheckResult::new(
            Severity::Unknown,
            format!("the workflows cannot be read with this token: {why}"),
            "give the token `contents: read`",
        )),
        Known::Unread(_) => {}
    }
    found
}

pub(super) fn events(inspection: &Inspection<'_>) -> Vec<CheckResult> {
    let queue = inspection.settings.branches.iter().any(super::Branch::queue);
    each(inspection, |gate| {
        let mut found = Vec::new();
        for event in EVENTS {
            let known = MISSED.iter().find(|(name, ..)| *name == event.name);
            let (level, how) = known.map_or((Severity::Warning, ""), |(_, level, how)| (*level, *how));
            let Some(trigger) = gate.on.get(event.name) else {
                let what = format!("`{}` is not triggered by `{}`: {}", gate.path, event.name, event.about);
                let next = match how {
                    "" => format!("add `{}: {{types: [{}]}}` under `on`", event.name, event.actions.join(", ")),
                    how => format!(
                        "add `{}` under `on`",
                        how.replace("[main]", &format!("[{}]", inspection.settings.default_branch))
                    ),
                };
                found.push(CheckResult::new(level, what, next));
                continue;
            };
            found.extend(types(gate, event.name, event.actions, trigger, level, queue));
            match event.name {
                "workflow_run" if !trigger.workflows.iter().any(|name| name == TRIGGER) => {
                    let what = format!("`{}` does not follow the workflow `{TRIGGER}`", gate.path);
                    found.push(CheckResult::new(
                        level,
                        what,
                        format!("write `workflows: [{TRIGGER}]` under `workflow_run`"),
                    ));
                }
                "push" => found.extend(pushed(inspection, gate, trigger)),
                _ => {}
            }
        }
        if found.is_empty() {
            found.push(CheckResult::ok(format!("`{}` is triggered by every event it needs", gate.path)));
        }
        found
    })
}

/// The result for the types of an event that do not trigger the gate.
fn types(
    gate: &Workflow,
    name: &str,
    actions: &[&str],
    trigger: &WorkflowTrigger,
    level: Severity,
    queue: bool,
) -> Option<CheckResult> {
    let starts = |action: &&&str| match &trigger.types {
        Some(types) => types.iter().any(|one| one == **action),
        None => name != "pull_request_target" || USUAL.contains(action),
    };
    let missing: Vec<&str> = actions.iter().filter(|action| !starts(action)).copied().collect();
    let queued_only = missing.iter().all(|action| QUEUED.contains(action));
    let level = if queued_only && !queue { Severity::Advice } else { level };
    (!missing.is_empty()).then(|| {
        let what = format!("`{}` is not triggered by `{name}` of the types {}", gate.path, missing.join(", "));
        CheckResult::new(level, what, format!("write `types: [{}]` under `{name}`", actions.join(", ")))
    })
}

/// The branches whose pushes do not trigger the gate.
fn pushed(inspection: &Inspection<'_>, gate: &Workflow, trigger: &WorkflowTrigger) -> Vec<CheckResult> {
    if trigger.branches.is_empty() {
        return Vec::new();
    }
    let there = inspection.settings.branches.iter().filter(|branch| branch.tip.there().is_some());
    let deaf = there.filter(|branch| matches(&trigger.branches, &branch.name) == Some(false));
    deaf.map(|branch| {
        let what = format!("`{}` is not triggered by a push to `{}`", gate.path, branch.name);
        CheckResult::new(Severity::Warning, what, "add the branch to `branches` under `push`").on(&branch.name)
    })
    .collect()
}

/// Whether GitHub's patterns match a branch; none if one of them has more than `*` and `**`.
fn matches(patterns: &[String], branch: &str) -> Option<bool> {
    let mut taken = false;
    for pattern in patterns {
        let (gives, pattern) = pattern.strip_prefix('!').map_or((true, pattern.as_str()), |rest| (false, rest));
        if pattern.contains(['?', '+', '[', ']', '\\']) {
            return None;
        }
        if glob(pattern.as_bytes(), branch.as_bytes()) {
            taken = gives;
        }
    }
    Some(taken)
}

fn glob(pattern: &[u8], text: &[u8]) -> bool {
    match (pattern, text) {
        ([b'*', b'*', rest @ ..], _) => (0..=text.len()).any(|at| text.get(at..).is_some_and(|text| glob(rest, text))),
        ([b'*', rest @ ..], _) => {
            let end = text.iter().position(|byte| *byte == b'/').unwrap_or(text.len());
            (0..=end).any(|at| text.get(at..).is_some_and(|text| glob(rest, text)))
        }
        ([one, rest @ ..], [other, text @ ..]) => one == other && glob(rest, text),
        ([], text) => text.is_empty(),
        (_, []) => false,
    }
}

pub(super) fn untrusted(inspection: &Inspection<'_>) -> Vec<CheckResult> {
    each(inspection, |gate| {
        let found = UNTRUSTED.iter().filter(|event| gate.on.contains_key(**event));
        found
            .map(|event| {
                let next = match *event {
                    "pull_request" => "trigger it on `pull_request_target`".to_owned(),
                    _ => format!("trigger `{TRIGGER}` on it, and this one on `workflow_run` of that"),
                };
                CheckResult::new(Severity::Error, format!("`{}` is triggered by `{event}`", gate.path), next)
            })
            .collect()
    })
}

pub(super) fn filters(inspection: &Inspection<'_>) -> Vec<CheckResult> {
    each(inspection, |gate| {
        let mut found = Vec::new();
        for (event, trigger) in &gate.on {
            // A push to a branch without a policy changes no verdict; every other filter hides something that does.
            let allowed: &[&str] = if event == "push" { &["branches", "branches-ignore"] } else { &[] };
            for filter in trigger.filters.iter().filter(|filter| !allowed.contains(&filter.as_str())) {
                let what = format!("`{}` filters `{event}` by `{filter}`", gate.path);
                found.push(CheckResult::new(
                    Severity::Error,
                    what,
                    format!("delete `{filter}`; the gate decides by itself"),
                ));
            }
        }
        found
    })
}

pub(super) fn concurrency(inspection: &Inspection<'_>) -> Vec<CheckResult> {
    each(inspection, |gate| {
        let mut found = Vec::new();
        if gate.cancels {
            let what = format!("a run of `{}` may be cancelled by the next", gate.path);
            found.push(CheckResult::new(Severity::Error, what, "write `cancel-in-progress: false`"));
        }
        let by_name = ["head_ref", "head.ref", "github.ref"];
        if let Some(group) = gate.groups.iter().find(|group| by_name.iter().any(|name| group.contains(name))) {
            let what =
                format!("`{}` groups its runs by the name of a branch, which a fork may choose: `{group}`", gate.path);
            found.push(CheckResult::new(
                Severity::Warning,
                what,
                "group them by the number of the pull request, as the example does",
            ));
        }
        found
    })
}

pub(super) fn pinned(inspection: &Inspection<'_>) -> Vec<CheckResult> {
    jobs(inspection, |gate, job| {
        let loose = |uses: &&String| {
            let commit = uses.rsplit_once('@').map(|(_, commit)| commit);
            let full = |text: &str| text.len() == 40 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
            let digest = uses.starts_with("docker://") && uses.contains("@sha256:");
            !uses.starts_with("./") && !digest && !commit.is_some_and(full)
        };
        let loose: Vec<&str> = job.uses.iter().filter(loose).map(String::as_str).collect();
        if loose.is_empty() {
            return (!job.uses.is_empty())
                .then(|| CheckResult::ok(format!("`{}` names its actions by their commits", gate.path)));
        }
        let what = format!("`{}` uses actions that no commit names: {}", gate.path, listed_in_backticks(&loose));
        Some(CheckResult::new(
            Severity::Warning,
            what,
            "write the full commit behind the `@`, and the tag in a comment",
        ))
    })
}

pub(super) fn permissions(inspection: &Inspection<'_>) -> Vec<CheckResult> {
    jobs(inspection, |gate, job| {
        let path = &gate.path;
        let Some(rights) = gate.rights(job) else {
            let what = format!("`{path}` does not say which rights its token has");
            return Some(CheckResult::new(
                Severity::Warning,
                what,
                "write `permissions: {}` at the top, and what it needs at the job",
            ));
        };
        if rights.get(EACH).is_some_and(|right| right == "write") {
            let what = format!("`{path}` has all rights there are");
            return Some(CheckResult::new(Severity::Warning, what, "list those it needs, as the example does"));
        }
        let has = |name: &str, wanted: &str| {
            let right = rights.get(name).or_else(|| rights.get(EACH)).map(String::as_str);
            right == Some("write") || right == Some(wanted)
        };
        let missing: Vec<String> = NEEDED
            .iter()
            .filter(|(name, wanted)| !has(name, wanted))
            .map(|(name, wanted)| format!("{name}: {wanted}"))
            .collect();
        if job.other_token || missing.is_empty() {
            return Some(CheckResult::ok(format!("`{path}` has the rights it needs")));
        }
        let missing: Vec<&str> = missing.iter().map(String::as_str).collect();
        let what = format!("the token of `{path}` lacks {}", listed_in_backticks(&missing));
        Some(CheckResult::new(Severity::Error, what, "add it to `permissions` of the job"))
    })
}

pub(super) fn checkout(inspection: &Inspection<'_>) -> Vec<CheckResult> {
    jobs(inspection, |gate, job| {
        let of = job.checks_out.as_ref()?;
        let proposal = ["head", "merge", "pull_request"].iter().any(|word| of.contains(word));
        let (level, what) = if proposal {
            (Severity::Error, format!("`{}` checks the proposal out with the rights of the gate: `{of}`", gate.path))
        } else {
            (Severity::Advice, format!("`{}` checks the repository out, which the gate does not need", gate.path))
        };
        Some(CheckResult::new(level, what, "delete that step"))
    })
}

pub(super) fn trigger(inspection: &Inspection<'_>) -> Vec<CheckResult> {
    let workflow = match &inspection.trigger {
        Known::There(workflow) => workflow,
        Known::Absent if gates(inspection).is_empty() => return Vec::new(),
        Known::Absent => {
            let what = format!("no workflow on `{}` is named `{TRIGGER}`", inspection.settings.default_branch);
            let next = "copy examples/workflows/countersign-trigger.yml, or run `countersign init`";
            return vec![CheckResult::new(Severity::Error, what, next)];
        }
        Known::Unread(_) => return Vec::new(),
    };
    let path = &workflow.path;
    let mut found = Vec::new();
    match workflow.on.get("pull_request_review") {
        None => found.push(CheckResult::new(
            Severity::Error,
            format!("`{path}` is not triggered by `pull_request_review`, so a review is seen only by the next sweep"),
            format!("add `pull_request_review: {{types: [{}]}}` under `on`", REVIEWS.join(", ")),
        )),
        Some(trigger) => {
            let starts =
                |kind: &&&str| trigger.types.as_ref().is_none_or(|types| types.iter().any(|one| one == **kind));
            let missing: Vec<&str> = REVIEWS.iter().filter(|kind| !starts(kind)).copied().collect();
            if !missing.is_empty() || !trigger.filters.is_empty() {
                let what = format!(
                    "`{path}` is not triggered by every review: {} {}",
                    missing.join(", "),
                    trigger.filters.join(", ")
                );
                let next = format!("write `types: [{}]` and no filter", REVIEWS.join(", "));
                found.push(CheckResult::new(Severity::Error, what.trim_end().to_owned(), next));
            }
        }
    }
    if inspection.settings.branches.iter().any(super::Branch::queue) && !workflow.on.contains_key("merge_group") {
        let what = format!("there is a merge queue, and `{path}` is not triggered by `merge_group`: every entry waits");
        found.push(CheckResult::new(Severity::Error, what, "add `merge_group:` under `on`"));
    }
    let none = |job: &Job| workflow.rights(job).is_some_and(|rights| rights.values().all(|right| right == "none"));
    if !workflow.jobs.iter().all(none) {
        let what = format!("`{path}` may have rights, and a proposal can edit it");
        found.push(CheckResult::new(
            Severity::Warning,
            what,
            "write `permissions: {}` at its top, and none at its jobs",
        ));
    }
    if found.is_empty() {
        found.push(CheckResult::ok(format!("`{path}` triggers the gate and has no rights")));
    }
    found
}

pub(super) fn job_names(inspection: &Inspection<'_>) -> Vec<CheckResult> {
    let contexts = inspection.settings.branches.iter().map(super::Branch::context);
    let found = contexts.filter_map(|context| Some((inspection.jobs.get(&context)?, context)));
    found
        .map(|(path, context)| {
            let what = format!("a job of `{path}` is named `{context}`, like the status");
            CheckResult::new(Severity::Error, what, "give the job another name")
        })
        .collect()
}

pub(super) fn environment(inspection: &Inspection<'_>) -> Vec<CheckResult> {
    let mut found = jobs(inspection, |gate, job| {
        let Some(name) = &job.environment else {
            // With the token of Actions there is no key to keep.
            return job.other_token.then(|| {
                let what = format!("`{}` has a key of its own, which is in no environment", gate.path);
                CheckResult::new(Severity::Warning, what, ladder::environment(inspection.settings))
            });
        };
        Some(match &inspection.settings.environments {
            Known::Unread(why) => unread(inspection, &format!("the environment `{name}`"), why),
            Known::Absent => absent(inspection, name),
            Known::There(all) => match all.iter().find(|one| one.name.eq_ignore_ascii_case(name)) {
                None => absent(inspection, name),
                Some(found) => open(inspection, name, &found.branches),
            },
        })
    });
    found.dedup_by(|one, other| one.what == other.what);
    found
}

fn absent(inspection: &Inspection<'_>, name: &str) -> CheckResult {
    // GitHub makes the environment at the first run, open to every branch.
    let what = format!("the environment `{name}` does not exist, and GitHub would make it open to every branch");
    CheckResult::new(Severity::Warning, what, ladder::environment(inspection.settings))
}

fn open(inspection: &Inspection<'_>, name: &str, branches: &Known<Vec<String>>) -> CheckResult {
    let default = &inspection.settings.default_branch;
    match branches {
        Known::There(all) if all.as_slice() == [default.as_str()] => {
            CheckResult::ok(format!("only `{default}` may use the environment `{name}`"))
        }
        Known::There(all) => {
            let all: Vec<&str> = all.iter().map(String::as_str).collect();
            let what = format!(
                "the environment `{name}` may be used by {}",
                if all.is_empty() { "no branch".to_owned() } else { listed_in_backticks(&all) }
            );
            let next = format!("let only `{default}` use it: {}/settings/environments", inspection.settings.page);
            CheckResult::new(Severity::Warning, what, next)
        }
        Known::Absent => {
            let what = format!(
                "the environment `{name}` may be used by every branch, so anyone who may push can read its secrets"
            );
            CheckResult::new(Severity::Error, what, ladder::environment(inspection.settings))
        }
        Known::Unread(why) => unread(inspection, &format!("who may use the environment `{name}`"), why),
    }
}
