//! The fixes: what an administrator's token can set right, as requests of GitHub's REST interface, in an order that
//! works.
//!
//! In: an [`Inspection`] and its findings. Out: [`Fixes`], which `doctor --fix` prints as commands and `--apply` sends.
//! It refuses to require a status that nothing sets yet: no pull request could be merged any more. Not taken: editing a
//! ruleset that is there, since rules of several rulesets add up, and somebody else's stay as they are.

use serde_json::{Value, json};

use super::Inspection;
use super::settings::{Branch, Known, RepositorySettings, StatusSource};
use super::workflow::Workflow;
use crate::diagnostics::escape::url_segment;
use crate::report::doctor::{DoctorFinding, Fix, Fixes, Severity};

/// The App that GitHub Actions is.
const ACTIONS: u64 = 15368;

impl Fix {
    fn new(what: impl Into<String>, method: &'static str, path: String, body: Value) -> Fix {
        let command = format!("echo {} | gh api -X {method} {} --input -", shell(&body.to_string()), shell(&path));
        Fix { what: what.into(), method, path, body, command }
    }

    /// Rebase merging off. GitHub refuses it where that is the only way to merge.
    pub(super) fn rebase_merging(settings: &RepositorySettings) -> Fix {
        Fix::new("turn rebase merging off", "PATCH", repository(settings), json!({"allow_rebase_merge": false}))
    }

    /// GitHub Actions may approve no pull request.
    pub(super) fn actions_approve(settings: &RepositorySettings) -> Fix {
        let path = format!("{}/actions/permissions/workflow", repository(settings));
        let body = json!({"can_approve_pull_request_reviews": false});
        Fix::new("let GitHub Actions approve no pull request", "PUT", path, body)
    }

    /// A ruleset that would require the status is put in force.
    pub(super) fn activate(settings: &RepositorySettings, id: u64, name: &str) -> Fix {
        let path = format!("{}/rulesets/{id}", repository(settings));
        Fix::new(format!("put the ruleset `{name}` in force"), "PUT", path, json!({"enforcement": "active"}))
    }

    /// A ruleset of our own for a branch: a pull request, no force-push, and the status from GitHub Actions unless
    /// another rule has it from an App already.
    pub(super) fn ruleset(settings: &RepositorySettings, branch: &Branch, status: bool) -> Fix {
        let context = branch.context();
        let taken = |name: &str| settings.rulesets.there().is_some_and(|all| all.iter().any(|one| one.name == name));
        let mut name = context.clone();
        for number in 2..100 {
            if !taken(&name) {
                break;
            }
            name = format!("{context} ({number})");
        }
        let mut rules = vec![
            json!({"type": "deletion"}),
            json!({"type": "non_fast_forward"}),
            json!({"type": "pull_request", "parameters": {
                "required_approving_review_count": 0, "dismiss_stale_reviews_on_push": false,
                "require_code_owner_review": false, "require_last_push_approval": false,
                "required_review_thread_resolution": false}}),
        ];
        let mut what = format!("make a ruleset for `{}`: a pull request, no deletion, no force-push", branch.name);
        if status {
            rules.push(json!({"type": "required_status_checks", "parameters": {
                "strict_required_status_checks_policy": false,
                "required_status_checks": [{"context": context, "integration_id": ACTIONS}]}}));
            what = format!("{what}, and `{context}` from GitHub Actions");
        }
        let body = json!({
            "name": name, "target": "branch", "enforcement": "active", "rules": rules,
            "conditions": {"ref_name": {"include": [format!("refs/heads/{}", branch.name)], "exclude": []}},
        });
        Fix::new(what, "POST", format!("{}/rulesets", repository(settings)), body)
    }

    /// An environment that only the default branch may use: it is made first, then the branch is let in.
    pub(super) fn environment(settings: &RepositorySettings, name: &str) -> [Fix; 2] {
        let path = format!("{}/environments/{}", repository(settings), url_segment(name));
        let own = json!({"deployment_branch_policy": {"protected_branches": false, "custom_branch_policies": true}});
        let default = &settings.default_branch;
        [
            Fix::new(format!("let no branch use the environment `{name}` but those listed"), "PUT", path.clone(), own),
            Fix::new(
                format!("list `{default}` there"),
                "POST",
                format!("{path}/deployment-branch-policies"),
                json!({"name": default}),
            ),
        ]
    }
}

impl Fixes {
    /// The fixes for what the findings say.
    pub(super) fn of(inspection: &Inspection<'_>, findings: &[DoctorFinding]) -> Fixes {
        let settings = inspection.settings;
        let mut fixes = Fixes::default();
        let bad = |id: &str| findings.iter().any(|one| one.id == id && one.level < Severity::Unknown);
        if bad("rebase-merge") {
            fixes.ready.push(Fix::rebase_merging(settings));
        }
        if findings.iter().any(|one| one.id == "actions-approve" && one.level == Severity::Advice) {
            fixes.ready.push(Fix::actions_approve(settings));
        }
        let environments = settings.environments.there().map_or(&[][..], Vec::as_slice);
        let gates = inspection.gates.there().map_or(&[][..], Vec::as_slice);
        let mut names: Vec<&str> =
            gates.iter().flat_map(Workflow::gate_jobs).filter_map(|job| job.environment.as_deref()).collect();
        names.dedup();
        for name in names.into_iter().filter(|_| settings.environments.unread().is_none()) {
            let found = environments.iter().find(|one| one.name.eq_ignore_ascii_case(name));
            if found.is_none_or(|one| one.branches == Known::Absent) {
                fixes.ready.extend(Fix::environment(settings, name));
            }
        }
        let waits = waits_for(inspection, findings);
        for branch in &settings.branches {
            fixes.for_branch(inspection, branch, findings, waits.as_deref());
        }
        fixes
    }

    fn for_branch(
        &mut self,
        inspection: &Inspection<'_>,
        branch: &Branch,
        findings: &[DoctorFinding],
        waits: Option<&str>,
    ) {
        let settings = inspection.settings;
        let wanting = |one: &&DoctorFinding| {
            let ours = ["status-required", "status-source", "pull-request-required", "force-push"];
            one.branch.as_deref() == Some(&branch.name) && ours.contains(&one.id) && one.level < Severity::Unknown
        };
        let strongest = branch.requirements().map(|one| one.source).find(|one| *one != StatusSource::Any);
        let status = strongest.is_none();
        // Required from Actions is as much as a fix can give: an App of one's own is made by hand.
        let rest = findings.iter().filter(wanting).any(|one| one.id != "status-source");
        if !status && !rest || branch.unread().next().is_some() {
            return;
        }
        let context = branch.context();
        let off = settings.rulesets.there().into_iter().flatten();
        let off = off.filter(|one| !one.active() && one.contexts.contains(&context)).collect::<Vec<_>>();
        if let Some(why) = waits.map(str::to_owned).or_else(|| no_policy(inspection, branch)) {
            self.held.push(format!(
                "`{context}` is required on `{}` once {why}: before that, nothing could be merged",
                branch.name
            ));
        } else if inspection
            .gates
            .there()
            .into_iter()
            .flatten()
            .flat_map(Workflow::gate_jobs)
            .any(|job| job.other_token)
            && status
        {
            let page = format!("{}/settings/rules", settings.page);
            self.held.push(format!(
                "`{context}` comes from an App of yours, whose number no file here names: require it in a ruleset for \
                 `{}`, with that App as its source: {page}",
                branch.name
            ));
        } else if let (Some(one), true) = (off.first(), status) {
            self.ready.push(Fix::activate(settings, one.id, &one.name));
        } else {
            self.ready.push(Fix::ruleset(settings, branch, status));
        }
    }
}

/// The missing thing before a status can be required; none if all is there.
fn waits_for(inspection: &Inspection<'_>, findings: &[DoctorFinding]) -> Option<String> {
    let default = &inspection.settings.default_branch;
    match &inspection.gates {
        Known::There(_) => {}
        Known::Absent => return Some(format!("the two workflows are on `{default}` (`countersign init` writes them)")),
        Known::Unread(_) => return Some(format!("the workflows on `{default}` can be read")),
    }
    let broken = findings.iter().find(|one| {
        one.level == Severity::Error
            && (one.id.starts_with("gate-") || matches!(one.id, "trigger-workflow" | "job-name"))
    });
    broken.map(|one| format!("this is set right: {} [{}]", one.what, one.id))
}

fn no_policy(inspection: &Inspection<'_>, branch: &Branch) -> Option<String> {
    match inspection.policies.get(branch.name.as_str()) {
        Some(Known::There(Ok(_))) => None,
        _ => Some(format!("`{}` has a valid policy in .countersign/", branch.name)),
    }
}

fn repository(settings: &RepositorySettings) -> String {
    format!("repos/{}", settings.repository)
}

/// A string in single quotes, as a POSIX shell reads it.
fn shell(text: &str) -> String {
    format!("'{}'", text.replace('\'', "'\\''"))
}
