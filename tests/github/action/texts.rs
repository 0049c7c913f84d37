//! Sentences of files that must hold, whatever a checker thinks of it. THREATS are named by what they are.

use std::fs;
use std::path::{Path, PathBuf};

use serde_yaml::Value;

const GATES: &[&str] = &["examples/workflows/countersign.yml", "examples/workflows/countersign-app.yml"];
const TRIGGER: &str = "examples/workflows/countersign-trigger.yml";
/// The text in the gates in place of the action: nobody can write the commit of a release into that release.
const UNPINNED: &str = "your-org/countersign@COMMIT";

pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

pub fn text(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap()
}

pub fn yaml(path: &str) -> Value {
    serde_yaml::from_str(&text(path)).unwrap()
}

/// Every workflow we ship or run, and the action.
pub fn all() -> Vec<String> {
    let mut found = vec!["action.yml".to_owned()];
    for dir in [".github/workflows", "examples/workflows"] {
        let files = fs::read_dir(root().join(dir)).unwrap().map(|entry| entry.unwrap().path());
        found.extend(files.map(|path: PathBuf| path.strip_prefix(root()).unwrap().to_str().unwrap().to_owned()));
    }
    found.sort();
    assert_eq!(found.len(), 9, "{found:?}");
    found
}

/// Every value under a key of this name, wherever it stands.
fn every<'a>(value: &'a Value, key: &str, found: &mut Vec<&'a Value>) {
    match value {
        Value::Mapping(map) => {
            for (name, value) in map {
                if name.as_str() == Some(key) {
                    found.push(value);
                }
                every(value, key, found);
            }
        }
        Value::Sequence(items) => items.iter().for_each(|item| every(item, key, found)),
        _ => {}
    }
}

fn values(value: &Value, key: &str) -> Vec<String> {
    let mut found = Vec::new();
    every(value, key, &mut found);
    found.into_iter().filter_map(|value| value.as_str().map(str::to_owned)).collect()
}

fn keys(value: &Value) -> Vec<String> {
    value.as_mapping().map_or_else(Vec::new, |map| map.keys().map(|key| key.as_str().unwrap().to_owned()).collect())
}

/// The job of a workflow that has one, next to the one that fails while nothing is pinned.
fn only_job(workflow: &Value) -> (String, Value) {
    let mut jobs = workflow["jobs"].as_mapping().unwrap().clone();
    jobs.remove("unpinned");
    assert_eq!(jobs.len(), 1);
    let (name, job) = jobs.iter().next().unwrap();
    (name.as_str().unwrap().to_owned(), job.clone())
}

/// Row 18: what an expression stands for is put into the script's text before the shell reads it.
#[test]
fn no_expression_is_in_a_script() {
    let mut scripts = 0;
    for path in all() {
        for script in values(&yaml(&path), "run") {
            assert!(!script.contains("${{"), "{path}: {script}");
            scripts += 1;
        }
    }
    assert!(scripts > 8, "{scripts}");
}

/// Row 16: a tag or a branch can be moved to other code; a full commit can't.
#[test]
fn every_action_is_pinned_to_a_commit() {
    let mut pinned = 0;
    for path in all() {
        let text = text(&path);
        for uses in values(&yaml(&path), "uses") {
            let (name, commit) = uses.split_once('@').unwrap_or((&uses, ""));
            if uses == UNPINNED {
                assert!(GATES.contains(&path.as_str()), "{path}: {uses}");
                continue;
            }
            // Of this repository, at the commit that runs.
            if name.starts_with("$/") {
                continue;
            }
            assert!(commit.len() == 40 && commit.chars().all(|c| c.is_ascii_hexdigit()), "{path}: {uses}");
            assert!(!commit.chars().all(|c| c == '0'), "{path}: {uses}");
            // For people, and for what keeps it up to date.
            assert!(text.contains(&format!("{uses} # v")), "{path}: {uses} does not say which version that is");
            pinned += 1;
        }
    }
    assert!(pinned > 8, "{pinned}");
}

/// The same commit of an action everywhere, or one of them is out of date.
#[test]
fn one_action_has_one_pin() {
    let mut pins: Vec<String> = all().iter().flat_map(|path| values(&yaml(path), "uses")).collect();
    pins.sort();
    pins.dedup();
    let mut names: Vec<&str> = pins.iter().map(|pin| pin.split('@').next().unwrap()).collect();
    names.dedup();
    assert_eq!(names.len(), pins.len(), "{pins:?}");
}

#[test]
fn rights_are_given_to_jobs_and_nothing_else() {
    for path in all().iter().filter(|path| *path != "action.yml") {
        let workflow = yaml(path);
        assert_eq!(workflow["permissions"].as_mapping().map(serde_yaml::Mapping::len), Some(0), "{path}");
        for (name, job) in workflow["jobs"].as_mapping().unwrap() {
            if path != TRIGGER {
                assert!(job["permissions"].is_mapping(), "{path}: {name:?} does not say what it may do");
            }
        }
    }
}

/// GitHub takes a job and a status of one name for the same requirement, and a job that is left out for a passed one.
#[test]
fn no_job_is_called_like_the_status() {
    for path in all().iter().filter(|path| *path != "action.yml") {
        let workflow = yaml(path);
        let mut names = keys(&workflow["jobs"]);
        names.extend(values(&workflow["jobs"], "name"));
        for name in names {
            assert!(!name.starts_with("countersign/"), "{path}: {name}");
        }
    }
}

/// Row 6: what a filter leaves out, a requirement waits for; row 7: a changed base comes as `edited`.
#[test]
fn the_gate_hears_of_every_pull_request() {
    for path in GATES {
        let workflow = yaml(path);
        let event = &workflow["on"]["pull_request_target"];
        assert_eq!(keys(event), ["types"], "{path}");
        let types: Vec<&str> =
            event["types"].as_sequence().unwrap().iter().map(|kind| kind.as_str().unwrap()).collect();
        let expected =
            "opened reopened synchronize edited ready_for_review converted_to_draft closed enqueued dequeued";
        assert_eq!(types.join(" "), expected, "{path}");
        for event in keys(&workflow["on"]) {
            assert!(!keys(&workflow["on"][event.as_str()]).contains(&"paths".to_owned()), "{path}: {event}");
        }
        // The three events whose workflow file is the proposal's own.
        for event in ["pull_request", "pull_request_review", "merge_group"] {
            assert!(workflow["on"].get(event).is_none(), "{path}: {event}");
        }
        let woken = &workflow["on"]["workflow_run"];
        assert_eq!(woken["workflows"][0], yaml(TRIGGER)["name"], "{path}");
        let types: Vec<&str> =
            woken["types"].as_sequence().unwrap().iter().map(|kind| kind.as_str().unwrap()).collect();
        assert_eq!(types, ["requested", "completed"], "{path}");
    }
}

/// Row 13: a fork chooses the names of its branches, and with them whom a group of that name would cancel. Comments
/// stand apart: of those that wait in one group GitHub keeps the newest only, and any talk would push a review out.
#[test]
fn runs_are_grouped_by_number_and_never_cancelled() {
    for path in GATES {
        let group = yaml(path)["concurrency"].clone();
        assert_eq!(group["cancel-in-progress"], Value::Bool(false), "{path}");
        let text = group["group"].as_str().unwrap();
        let (_, expression) = text.split_once("${{ ").unwrap();
        let (expression, after) = expression.split_once(" }}").unwrap();
        assert_eq!(after, "", "{path}: {text}");
        for part in expression.split(" || ") {
            assert!(
                part.ends_with(".number")
                    || part.ends_with(".comment.id")
                    || part.ends_with(".head_sha")
                    || part == "github.run_id",
                "{path}: {part} is not a number or a commit"
            );
        }
    }
}

/// Row 17: with these rights nothing of a proposal may come onto the disk, let alone run.
#[test]
fn the_gate_runs_the_action_and_nothing_else() {
    for (path, expected) in GATES.iter().zip([&[UNPINNED][..], &["actions/create-github-app-token", UNPINNED]]) {
        let (_, job) = only_job(&yaml(path));
        let steps: Vec<String> = values(&job["steps"], "uses")
            .into_iter()
            .map(|uses| if uses == UNPINNED { uses } else { uses.split('@').next().unwrap().to_owned() })
            .collect();
        assert_eq!(steps, expected, "{path}");
        assert!(values(&job, "run").is_empty(), "{path}");
    }
    let action = values(&yaml("action.yml"), "uses");
    assert!(action.iter().all(|uses| !uses.contains("checkout")), "{action:?}");
}

#[test]
fn the_rights_of_the_gate() {
    let rights = |path: &str| keys(&only_job(&yaml(path)).1["permissions"]);
    assert_eq!(rights(GATES[0]), ["contents", "pull-requests", "statuses", "checks"]);
    assert_eq!(rights(GATES[1]), ["contents"]);
    for path in GATES {
        assert_eq!(only_job(&yaml(path)).1["permissions"]["contents"], Value::from("read"), "{path}");
    }
}

/// Rows 1 and 3: the App's key is within reach of the default branch alone.
#[test]
fn the_gates_differ_in_whose_token_they_use() {
    let [plain, app] = [GATES[0], GATES[1]].map(yaml);
    for key in ["name", "on", "permissions", "concurrency"] {
        assert_eq!(plain[key], app[key], "{key}");
    }
    let [(plain_name, plain), (app_name, app)] = [only_job(&plain), only_job(&app)];
    assert_eq!(plain_name, app_name);
    for key in ["if", "runs-on", "timeout-minutes"] {
        assert_eq!(plain[key], app[key], "{key}");
    }
    assert_eq!(app["environment"], Value::from("countersign"));
    assert!(plain.get("environment").is_none());
    assert_eq!(app["steps"][1]["with"]["token"], Value::from("${{ steps.app.outputs.token }}"));
}

/// Row 4: the file is the proposal's own, so there is nothing in it to take.
#[test]
fn the_trigger_workflow_has_nothing() {
    let workflow = yaml(TRIGGER);
    assert_eq!(keys(&workflow["on"]), ["pull_request_review", "merge_group"]);
    let (_, job) = only_job(&workflow);
    assert_eq!(keys(&job), ["runs-on", "timeout-minutes", "steps"]);
    let steps: Value = serde_yaml::from_str("[{run: 'true'}]").unwrap();
    assert_eq!(job["steps"], steps);
}

/// The workflows that make receipts have rights of their own, so that the gate needs none of them; one signs with a
/// key, the other proves who it is.
#[test]
fn the_rights_of_the_receipts() {
    let keyed = yaml("examples/workflows/countersign-receipts.yml");
    assert_eq!(keys(&keyed["jobs"]), ["receipts"]);
    assert_eq!(keys(&keyed["jobs"]["receipts"]["permissions"]), ["contents", "pull-requests", "statuses"]);
    assert_eq!(keyed["jobs"]["receipts"]["environment"], Value::from("countersign-receipts"));
    let keyless = yaml("examples/workflows/countersign-receipts-keyless.yml");
    let rights = |job: &str| keys(&keyless["jobs"][job]["permissions"]);
    assert_eq!(rights("make"), ["contents", "pull-requests", "statuses"]);
    assert_eq!(keyless["jobs"]["make"]["permissions"]["contents"], Value::from("read"));
    // The job that signs has nothing else, and runs no program of ours.
    assert_eq!(rights("attest"), ["id-token", "attestations"]);
    assert_eq!(rights("keep"), ["contents"]);
    for workflow in [&keyed, &keyless] {
        assert_eq!(workflow["concurrency"]["cancel-in-progress"], Value::Bool(false));
        assert_eq!(keys(&workflow["on"])[0], "push");
    }
    // A person who pays a debt does so without a push.
    assert_eq!(keys(&keyed["on"]), ["push", "schedule"]);
    assert_eq!(keys(&keyless["on"]), ["push", "schedule"]);
}
