//! The checks of the workflow files: the one that runs the gate, and the one that triggers it.

use super::checks::Said;
use super::ladder;
use super::settings::{Known, Source};
use super::workflow::{EACH, Job, Trigger, Workflow};
use super::{Ground, Level};
use crate::github::event::{EVENTS, TRIGGER};

/// How bad it is if the gate misses an event, and what to write where its types do not say it all.
const MISSED: &[(&str, Level, &str)] = &[
    ("pull_request_target", Level::Error, ""),
    ("workflow_run", Level::Error, "workflow_run: {workflows: [countersign-trigger], types: [requested, completed]}"),
    ("issue_comment", Level::Warning, ""),
    ("push", Level::Warning, "push: {branches: [main]}"),
    ("schedule", Level::Warning, "schedule: [{cron: \"7,22,37,52 * * * *\"}]"),
    ("workflow_dispatch", Level::Advice, "workflow_dispatch:"),
];
/// Actions that come from a merge queue alone.
const QUEUED: [&str; 2] = ["enqueued", "dequeued"];
/// What `pull_request_target` starts on where no types are given. All other events start on all of theirs.
const USUAL: [&str; 3] = ["opened", "synchronize", "reopened"];
/// Events whose workflow file is the proposal's.
const UNTRUSTED: [&str; 4] = ["pull_request", "pull_request_review", "pull_request_review_comment", "merge_group"];
/// What the trigger workflow has to start on.
const REVIEWS: [&str; 3] = ["submitted", "edited", "dismissed"];
/// What the token of Actions needs for the gate.
const NEEDED: [(&str, &str); 3] = [("contents", "read"), ("pull-requests", "write"), ("statuses", "write")];

fn gates<'g>(ground: &'g Ground<'_>) -> &'g [Workflow] {
    ground.gates.there().map_or(&[], Vec::as_slice)
}

/// Something about each workflow that runs the gate.
fn each(ground: &Ground<'_>, look: impl Fn(&Workflow) -> Vec<Said>) -> Vec<Said> {
    gates(ground).iter().flat_map(look).collect()
}

fn jobs(ground: &Ground<'_>, look: impl Fn(&Workflow, &Job) -> Option<Said>) -> Vec<Said> {
    each(ground, |gate| gate.gate_jobs().filter_map(|job| look(gate, job)).collect())
}

pub(super) fn there(ground: &Ground<'_>) -> Vec<Said> {
    let mut said: Vec<Said> = ground
        .obscure
        .iter()
        .map(|(path, why)| {
            let what = format!("`{path}` cannot be read strictly, so nothing is known of it: {why}");
            Said::new(Level::Unknown, what, "write it without what is refused there")
        })
        .collect();
    // A status that only some App of theirs posts may come from anywhere.
    let elsewhere = ground.read.branches.iter().flat_map(super::Branch::requirements);
    let elsewhere = elsewhere.filter(|one| matches!(one.source, Source::App(_))).count() > 0;
    match &ground.gates {
        Known::There(gates) => {
            said.extend(gates.iter().map(|gate| Said::ok(format!("`{}` runs the gate", gate.path))));
            if gates.len() > 1 {
                said.push(Said::new(
                    Level::Warning,
                    "more than one workflow runs the gate, and each takes back what the other posts",
                    "keep one of them",
                ));
            }
        }
        Known::Absent => said.push(Said::new(
            if elsewhere { Level::Warning } else { Level::Error },
            format!("no workflow on `{}` runs the gate", ground.read.default_branch),
            "run `countersign init`, which writes the two workflows, and have them merged",
        )),
        Known::Unread(why) if said.is_empty() => said.push(Said::new(
            Level::Unknown,
            format!("the workflows cannot be read with this token: {why}"),
            "give the token `contents: read`",
        )),
        Known::Unread(_) => {}
    }
    said
}

pub(super) fn events(ground: &Ground<'_>) -> Vec<Said> {
    let queue = ground.read.branches.iter().any(super::Branch::queue);
    each(ground, |gate| {
        let mut said = Vec::new();
        for event in EVENTS {
            let known = MISSED.iter().find(|(name, ..)| *name == event.name);
            let (level, how) = known.map_or((Level::Warning, ""), |(_, level, how)| (*level, *how));
            let Some(trigger) = gate.on.get(event.name) else {
                let what = format!("`{}` is not started by `{}`: {}", gate.path, event.name, event.about);
                let next = match how {
                    "" => format!("add `{}: {{types: [{}]}}` under `on`", event.name, event.actions.join(", ")),
                    how => format!(
                        "add `{}` under `on`",
                        how.replace("[main]", &format!("[{}]", ground.read.default_branch))
                    ),
                };
                said.push(Said::new(level, what, next));
                continue;
            };
            said.extend(types(gate, event.name, event.actions, trigger, level, queue));
            match event.name {
                "workflow_run" if !trigger.workflows.iter().any(|name| name == TRIGGER) => {
                    let what = format!("`{}` does not follow the workflow `{TRIGGER}`", gate.path);
                    said.push(Said::new(level, what, format!("write `workflows: [{TRIGGER}]` under `workflow_run`")));
                }
                "push" => said.extend(pushed(ground, gate, trigger)),
                _ => {}
            }
        }
        if said.is_empty() {
            said.push(Said::ok(format!("`{}` is started by all it has to know of", gate.path)));
        }
        said
    })
}

/// The types of an event that start it, and those that do not.
fn types(gate: &Workflow, name: &str, actions: &[&str], trigger: &Trigger, level: Level, queue: bool) -> Option<Said> {
    let starts = |action: &&&str| match &trigger.types {
        Some(types) => types.iter().any(|one| one == **action),
        None => name != "pull_request_target" || USUAL.contains(action),
    };
    let missing: Vec<&str> = actions.iter().filter(|action| !starts(action)).copied().collect();
    let queued_only = missing.iter().all(|action| QUEUED.contains(action));
    let level = if queued_only && !queue { Level::Advice } else { level };
    (!missing.is_empty()).then(|| {
        let what = format!("`{}` is not started by `{name}` of the types {}", gate.path, missing.join(", "));
        Said::new(level, what, format!("write `types: [{}]` under `{name}`", actions.join(", ")))
    })
}

/// The branches whose pushes it does not hear of.
fn pushed(ground: &Ground<'_>, gate: &Workflow, trigger: &Trigger) -> Vec<Said> {
    if trigger.branches.is_empty() {
        return Vec::new();
    }
    let there = ground.read.branches.iter().filter(|branch| branch.tip.there().is_some());
    let deaf = there.filter(|branch| takes(&trigger.branches, &branch.name) == Some(false));
    deaf.map(|branch| {
        let what = format!("`{}` is not started when `{}` moves", gate.path, branch.name);
        Said::new(Level::Warning, what, "add the branch to `branches` under `push`").on(&branch.name)
    })
    .collect()
}

/// Whether GitHub's patterns take a branch; none if one of them says more than `*` and `**`.
fn takes(patterns: &[String], branch: &str) -> Option<bool> {
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

pub(super) fn untrusted(ground: &Ground<'_>) -> Vec<Said> {
    each(ground, |gate| {
        let found = UNTRUSTED.iter().filter(|event| gate.on.contains_key(**event));
        found
            .map(|event| {
                let next = match *event {
                    "pull_request" => "trigger it on `pull_request_target`".to_owned(),
                    _ => format!("trigger `{TRIGGER}` on it, and this one on `workflow_run` of that"),
                };
                Said::new(Level::Error, format!("`{}` is started by `{event}`", gate.path), next)
            })
            .collect()
    })
}

pub(super) fn filters(ground: &Ground<'_>) -> Vec<Said> {
    each(ground, |gate| {
        let mut said = Vec::new();
        for (event, trigger) in &gate.on {
            // A push to a branch that nobody gates changes no verdict; every other filter hides something that does.
            let allowed: &[&str] = if event == "push" { &["branches", "branches-ignore"] } else { &[] };
            for filter in trigger.filters.iter().filter(|filter| !allowed.contains(&filter.as_str())) {
                let what = format!("`{}` filters `{event}` by `{filter}`", gate.path);
                said.push(Said::new(Level::Error, what, format!("delete `{filter}`; the gate decides by itself")));
            }
        }
        said
    })
}

pub(super) fn concurrency(ground: &Ground<'_>) -> Vec<Said> {
    each(ground, |gate| {
        let mut said = Vec::new();
        if gate.cancels {
            let what = format!("a run of `{}` may be cancelled by the next", gate.path);
            said.push(Said::new(Level::Error, what, "write `cancel-in-progress: false`"));
        }
        let by_name = ["head_ref", "head.ref", "github.ref"];
        if let Some(group) = gate.groups.iter().find(|group| by_name.iter().any(|name| group.contains(name))) {
            let what =
                format!("`{}` groups its runs by the name of a branch, which a fork may choose: `{group}`", gate.path);
            said.push(Said::new(
                Level::Warning,
                what,
                "group them by the number of the pull request, as the example does",
            ));
        }
        said
    })
}

pub(super) fn pinned(ground: &Ground<'_>) -> Vec<Said> {
    jobs(ground, |gate, job| {
        let loose = |uses: &&String| {
            let commit = uses.rsplit_once('@').map(|(_, commit)| commit);
            let full = |text: &str| text.len() == 40 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
            let digest = uses.starts_with("docker://") && uses.contains("@sha256:");
            !uses.starts_with("./") && !digest && !commit.is_some_and(full)
        };
        let loose: Vec<&str> = job.uses.iter().filter(loose).map(String::as_str).collect();
        if loose.is_empty() {
            return (!job.uses.is_empty())
                .then(|| Said::ok(format!("`{}` names its actions by their commits", gate.path)));
        }
        let what = format!("`{}` uses actions that no commit names: {}", gate.path, ticked(&loose));
        Some(Said::new(Level::Warning, what, "write the full commit behind the `@`, and the tag in a comment"))
    })
}

pub(super) fn permissions(ground: &Ground<'_>) -> Vec<Said> {
    jobs(ground, |gate, job| {
        let path = &gate.path;
        let Some(rights) = gate.rights(job) else {
            let what = format!("`{path}` does not say which rights its token has");
            return Some(Said::new(
                Level::Warning,
                what,
                "write `permissions: {}` at the top, and what it needs at the job",
            ));
        };
        if rights.get(EACH).is_some_and(|right| right == "write") {
            let what = format!("`{path}` has all rights there are");
            return Some(Said::new(Level::Warning, what, "list those it needs, as the example does"));
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
            return Some(Said::ok(format!("`{path}` has the rights it needs")));
        }
        let missing: Vec<&str> = missing.iter().map(String::as_str).collect();
        let what = format!("the token of `{path}` lacks {}", ticked(&missing));
        Some(Said::new(Level::Error, what, "add it to `permissions` of the job"))
    })
}

pub(super) fn checkout(ground: &Ground<'_>) -> Vec<Said> {
    jobs(ground, |gate, job| {
        let of = job.checks_out.as_ref()?;
        let proposal = ["head", "merge", "pull_request"].iter().any(|word| of.contains(word));
        let (level, what) = if proposal {
            (Level::Error, format!("`{}` checks the proposal out with the rights of the gate: `{of}`", gate.path))
        } else {
            (Level::Advice, format!("`{}` checks the repository out, which the gate does not need", gate.path))
        };
        Some(Said::new(level, what, "delete that step"))
    })
}

pub(super) fn wake(ground: &Ground<'_>) -> Vec<Said> {
    let wake = match &ground.wake {
        Known::There(wake) => wake,
        Known::Absent if gates(ground).is_empty() => return Vec::new(),
        Known::Absent => {
            let what = format!("no workflow on `{}` is named `{TRIGGER}`", ground.read.default_branch);
            let next = "copy examples/workflows/countersign-trigger.yml, or run `countersign init`";
            return vec![Said::new(Level::Error, what, next)];
        }
        Known::Unread(_) => return Vec::new(),
    };
    let path = &wake.path;
    let mut said = Vec::new();
    match wake.on.get("pull_request_review") {
        None => said.push(Said::new(
            Level::Error,
            format!("`{path}` is not started by `pull_request_review`, so no review is seen when it is given"),
            format!("add `pull_request_review: {{types: [{}]}}` under `on`", REVIEWS.join(", ")),
        )),
        Some(trigger) => {
            let starts =
                |kind: &&&str| trigger.types.as_ref().is_none_or(|types| types.iter().any(|one| one == **kind));
            let missing: Vec<&str> = REVIEWS.iter().filter(|kind| !starts(kind)).copied().collect();
            if !missing.is_empty() || !trigger.filters.is_empty() {
                let what = format!(
                    "`{path}` does not hear of every review: {} {}",
                    missing.join(", "),
                    trigger.filters.join(", ")
                );
                let next = format!("write `types: [{}]` and no filter", REVIEWS.join(", "));
                said.push(Said::new(Level::Error, what.trim_end().to_owned(), next));
            }
        }
    }
    if ground.read.branches.iter().any(super::Branch::queue) && !wake.on.contains_key("merge_group") {
        let what = format!("there is a merge queue, and `{path}` is not started by `merge_group`: every entry waits");
        said.push(Said::new(Level::Error, what, "add `merge_group:` under `on`"));
    }
    let none = |job: &Job| wake.rights(job).is_some_and(|rights| rights.values().all(|right| right == "none"));
    if !wake.jobs.iter().all(none) {
        let what = format!("`{path}` may have rights, and runs as the proposal has it");
        said.push(Said::new(Level::Warning, what, "write `permissions: {}` at its top, and none at its jobs"));
    }
    if said.is_empty() {
        said.push(Said::ok(format!("`{path}` triggers the gate and may do nothing")));
    }
    said
}

pub(super) fn job_names(ground: &Ground<'_>) -> Vec<Said> {
    let contexts = ground.read.branches.iter().map(super::Branch::context);
    let found = contexts.filter_map(|context| Some((ground.jobs.get(&context)?, context)));
    found
        .map(|(path, context)| {
            let what = format!("a job of `{path}` is named `{context}`, like the status");
            Said::new(Level::Error, what, "give the job another name")
        })
        .collect()
}

pub(super) fn environment(ground: &Ground<'_>) -> Vec<Said> {
    let mut said = jobs(ground, |gate, job| {
        let Some(name) = &job.environment else {
            // With the token of Actions there is no key to keep.
            return job.other_token.then(|| {
                let what = format!("`{}` has a key of its own, and no environment keeps it", gate.path);
                Said::new(Level::Warning, what, ladder::environment(ground.read))
            });
        };
        Some(match &ground.read.environments {
            Known::Unread(why) => Said::new(
                Level::Unknown,
                format!("the environment `{name}` cannot be read with this token: {why}"),
                format!("run `{}` as an administrator", ladder::again(ground.read)),
            ),
            Known::Absent => absent(ground, name),
            Known::There(all) => match all.iter().find(|one| one.name.eq_ignore_ascii_case(name)) {
                None => absent(ground, name),
                Some(found) => open(ground, name, &found.branches),
            },
        })
    });
    said.dedup_by(|one, other| one.what == other.what);
    said
}

fn absent(ground: &Ground<'_>, name: &str) -> Said {
    // GitHub makes it at the first run, open to every branch.
    let what = format!("the environment `{name}` is not there, and would be made open to every branch");
    Said::new(Level::Warning, what, ladder::environment(ground.read))
}

fn open(ground: &Ground<'_>, name: &str, branches: &Known<Vec<String>>) -> Said {
    let default = &ground.read.default_branch;
    match branches {
        Known::There(all) if all.as_slice() == [default.as_str()] => {
            Said::ok(format!("only `{default}` may use the environment `{name}`"))
        }
        Known::There(all) => {
            let all: Vec<&str> = all.iter().map(String::as_str).collect();
            let what = format!(
                "the environment `{name}` may be used by {}",
                if all.is_empty() { "no branch".to_owned() } else { ticked(&all) }
            );
            let next = format!("let only `{default}` use it: {}/settings/environments", ground.read.page);
            Said::new(Level::Warning, what, next)
        }
        Known::Absent => {
            let what = format!("the environment `{name}` may be used by every branch, so its secrets are everybody's");
            Said::new(Level::Error, what, ladder::environment(ground.read))
        }
        Known::Unread(why) => Said::new(
            Level::Unknown,
            format!("who may use the environment `{name}` cannot be read with this token: {why}"),
            format!("run `{}` as an administrator", ladder::again(ground.read)),
        ),
    }
}

fn ticked(names: &[&str]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}
