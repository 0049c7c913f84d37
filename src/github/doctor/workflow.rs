//! A workflow file of GitHub Actions, as far as the gate depends on it.
//!
//! In: its path and content. Out: a [`Workflow`], or the reason why it can't be understood. It refuses everything that
//! our strict reader refuses: such a workflow is unknown, and unknown is not good. Not taken: a lenient reader, which
//! could see another workflow than GitHub does.

use std::collections::BTreeMap;

use crate::diagnostics::Diagnostics;
use crate::document::yaml::{self, Dialect};
use crate::document::{Map, Node};
use crate::github::event::TRIGGER;

/// A workflow of GitHub Actions, as far as `doctor` looks at it.
#[derive(Clone, Debug)]
pub struct Workflow {
    pub path: String,
    pub name: String,
    pub on: BTreeMap<String, WorkflowTrigger>,
    /// The rights of all jobs; `None` if the default of the repository holds.
    pub permissions: Option<Permissions>,
    /// Whether a run may be cancelled by the next.
    pub cancels: bool,
    /// The names by which runs are grouped.
    pub groups: Vec<String>,
    pub jobs: Vec<Job>,
}

/// The occasions of one event that trigger a workflow.
#[derive(Clone, Debug, Default)]
pub struct WorkflowTrigger {
    /// `None` if GitHub's default holds.
    pub types: Option<Vec<String>>,
    /// The filters it has: `paths`, `branches`, …
    pub filters: Vec<String>,
    pub branches: Vec<String>,
    pub workflows: Vec<String>,
}

/// A job of a workflow.
#[derive(Clone, Debug)]
pub struct Job {
    pub id: String,
    pub name: Option<String>,
    pub permissions: Option<Permissions>,
    pub environment: Option<String>,
    /// Actions and workflows it uses, as written.
    pub uses: Vec<String>,
    /// Whether a step of it is the gate.
    pub gate: bool,
    /// Whether the gate is given a token other than the job's own.
    pub other_token: bool,
    /// The `ref` of `actions/checkout`, if there is such a step.
    pub checks_out: Option<String>,
}

/// Rights by name; `EACH` stands for all of them.
pub type Permissions = BTreeMap<String, String>;

/// The name under which `read-all` and `write-all` are kept.
pub const EACH: &str = "*";

impl Workflow {
    /// # Errors
    /// The reason why it can't be understood.
    pub fn read(path: &str, text: &str) -> Result<Workflow, String> {
        let mut diagnostics = Diagnostics::of(path);
        // GitHub reads YAML 1.2 with its core schema, and anchors since 2025: a bare `on` is a string.
        let node = yaml::read(text.as_bytes(), &[Dialect::Core], &mut diagnostics);
        let Some(node) = node else {
            let first = diagnostics.finish(text).into_iter().next();
            return Err(first.map_or_else(
                || "it can't be read".to_owned(),
                |diagnostic| format!("line {}: {}", diagnostic.place.line, diagnostic.message),
            ));
        };
        let on = node.get("on").ok_or("it has no `on`")?;
        let mut groups = Vec::new();
        let mut cancels = concurrency(node.get("concurrency"), &mut groups);
        let mut jobs = Vec::new();
        for entry in node.get("jobs").and_then(Node::as_map).into_iter().flat_map(Map::iter) {
            cancels |= concurrency(entry.value.get("concurrency"), &mut groups);
            jobs.push(job(&entry.key, &entry.value));
        }
        Ok(Workflow {
            path: path.to_owned(),
            // GitHub names a workflow without a name after its file.
            name: node.get("name").and_then(Node::as_text).unwrap_or(path).to_owned(),
            on: triggers(on),
            permissions: node.get("permissions").map(permissions),
            cancels,
            groups,
            jobs,
        })
    }

    /// Whether it is the trigger workflow.
    #[must_use]
    pub fn is_trigger(&self) -> bool {
        self.name == TRIGGER
    }

    /// The jobs that run the gate.
    pub fn gate_jobs(&self) -> impl Iterator<Item = &Job> {
        self.jobs.iter().filter(|job| job.gate)
    }

    /// The rights a job has; `None` if the repository's default decides.
    #[must_use]
    pub fn rights<'w>(&'w self, job: &'w Job) -> Option<&'w Permissions> {
        job.permissions.as_ref().or(self.permissions.as_ref())
    }
}

fn triggers(on: &Node) -> BTreeMap<String, WorkflowTrigger> {
    if let Some(name) = on.as_text() {
        return BTreeMap::from([(name.to_owned(), WorkflowTrigger::default())]);
    }
    if let Some(list) = on.as_list() {
        return list
            .iter()
            .filter_map(Node::as_text)
            .map(|name| (name.to_owned(), WorkflowTrigger::default()))
            .collect();
    }
    let entries = on.as_map().into_iter().flat_map(Map::iter);
    entries.map(|entry| (entry.key.clone(), trigger(&entry.value))).collect()
}

fn trigger(node: &Node) -> WorkflowTrigger {
    let filters = node.as_map().into_iter().flat_map(Map::iter).map(|entry| entry.key.clone());
    WorkflowTrigger {
        types: node.get("types").map(strings),
        filters: filters.filter(|key| !matches!(key.as_str(), "types" | "workflows" | "inputs")).collect(),
        branches: node.get("branches").map(strings).unwrap_or_default(),
        workflows: node.get("workflows").map(strings).unwrap_or_default(),
    }
}

/// A string or a list of strings.
fn strings(node: &Node) -> Vec<String> {
    match (node.as_text(), node.as_list()) {
        (Some(text), _) => vec![text.to_owned()],
        (_, Some(list)) => list.iter().filter_map(Node::as_text).map(str::to_owned).collect(),
        _ => Vec::new(),
    }
}

fn permissions(node: &Node) -> Permissions {
    match (node.as_text(), node.as_map()) {
        (Some("write-all"), _) => BTreeMap::from([(EACH.to_owned(), "write".to_owned())]),
        (Some("read-all"), _) => BTreeMap::from([(EACH.to_owned(), "read".to_owned())]),
        (_, Some(map)) => {
            let right = |entry: &crate::document::Entry| Some((entry.key.clone(), entry.value.as_text()?.to_owned()));
            map.iter().filter_map(right).collect()
        }
        _ => BTreeMap::new(),
    }
}

/// Whether runs may be cancelled. An expression may say yes.
fn concurrency(node: Option<&Node>, groups: &mut Vec<String>) -> bool {
    let Some(node) = node else { return false };
    groups.extend(node.as_text().or_else(|| node.get("group")?.as_text()).map(str::to_owned));
    node.get("cancel-in-progress").is_some_and(|cancel| cancel.as_bool() != Some(false))
}

fn job(id: &str, node: &Node) -> Job {
    let text = |node: &Node, key: &str| node.get(key).and_then(Node::as_text).map(str::to_owned);
    let steps = node.get("steps").and_then(Node::as_list).unwrap_or_default();
    let own = text(node, "uses");
    let steps_use = steps.iter().filter_map(|step| text(step, "uses"));
    let uses: Vec<String> = own.clone().into_iter().chain(steps_use).collect();
    let runs = |step: &Node| {
        let run = text(step, "run").unwrap_or_default();
        ["countersign review", "countersign sweep"].iter().any(|call| run.contains(call))
    };
    let gates: Vec<&Node> =
        steps.iter().filter(|step| text(step, "uses").is_some_and(|uses| is_ours(&uses)) || runs(step)).collect();
    let given = |step: &&Node| {
        let token = step.get("with").and_then(|with| text(with, "token"));
        let env = step.get("env").and_then(|env| text(env, "COUNTERSIGN_TOKEN"));
        let other = |token: String| !token.contains("github.token") && !token.contains("secrets.GITHUB_TOKEN");
        token.or(env).is_some_and(other)
    };
    let checkout = |step: &Node| {
        let found = text(step, "uses").is_some_and(|uses| uses.starts_with("actions/checkout@"));
        found.then(|| step.get("with").and_then(|with| text(with, "ref")).unwrap_or_default())
    };
    let environment = node.get("environment");
    Job {
        id: id.to_owned(),
        name: text(node, "name"),
        permissions: node.get("permissions").map(permissions),
        environment: environment.and_then(|node| node.as_text().map(str::to_owned).or_else(|| text(node, "name"))),
        gate: !gates.is_empty() || own.is_some_and(|uses| is_ours(&uses)),
        other_token: gates.iter().any(given),
        uses,
        checks_out: steps.iter().find_map(checkout),
    }
}

/// Whether an action has our name, under any owner.
fn is_ours(uses: &str) -> bool {
    uses.split('@').next().unwrap_or(uses).to_ascii_lowercase().contains("countersign")
}
