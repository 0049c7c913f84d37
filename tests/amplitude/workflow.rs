//! The scripts of the workflow that is shipped, run as a runner runs them, with a `gh` that keeps issues in files.

use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};

use crate::amplitude::fake::{Fake, KEY};
use crate::amplitude::import::Place;
use crate::amplitude::plan::{commit, edit, imported};
use crate::git::{command, git};
use crate::tool::tool;

/// The calls of `gh` in the scripts: issues and pull requests are lists of JSON next to it.
const GH: &str = r#"#!/bin/bash
set -euo pipefail
cd "$(dirname "$0")"
echo "$*" >> log
body() { while [ $# -gt 0 ]; do if [ "$1" = --body-file ]; then cat "$OLDPWD/$2"; fi; shift; done; }
change() { jq "${@:2}" "$1" > new; mv new "$1"; }
case "$1 $2" in
    "issue create") change issues.json --arg body "$(body "$@")" --arg title "$4" '. + [{number: (length + 1), title: $title, body: $body, state: "open"}]' ;;
    "issue edit") change issues.json --arg body "$(body "$@")" --argjson n "$3" 'map(if .number == $n then .body = $body else . end)' ;;
    "issue close") change issues.json --argjson n "$3" 'map(if .number == $n then .state = "closed" else . end)' ;;
    "pr create") change pulls.json --arg branch "$4" '. + [{number: 5, head: $branch}]' ;;
    api\ repos/*/issues\?*) jq 'map(select(.state == "open"))' issues.json | jq -r "${@: -1}" ;;
    api\ repos/*/pulls*) jq -r "${@: -1}" pulls.json ;;
    *) echo "gh $*: not known here" >&2; exit 9 ;;
esac
"#;

/// A runner with the checkout of a repository.
struct Runner<'r> {
    place: &'r Place,
    fake: Option<&'r Fake>,
    gh: tempfile::TempDir,
}

impl Runner<'_> {
    fn new<'r>(place: &'r Place, fake: Option<&'r Fake>) -> Runner<'r> {
        let gh = tempfile::tempdir().unwrap();
        std::fs::write(gh.path().join("gh"), GH).unwrap();
        let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
        std::fs::set_permissions(gh.path().join("gh"), mode).unwrap();
        for list in ["issues.json", "pulls.json"] {
            std::fs::write(gh.path().join(list), "[]").unwrap();
        }
        Runner { place, fake, gh }
    }

    /// Runs the script of a step; its end, and what it left for later steps.
    fn step(&self, job: &str, name: &str, env: &[(&str, &str)]) -> (i32, String) {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/workflows/countersign-amplitude.yml");
        let workflow: Value = serde_yaml::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
        let steps = workflow["jobs"][job]["steps"].as_array().unwrap();
        let script = steps.iter().find(|step| step["name"] == name).unwrap()["run"].as_str().unwrap();
        let output = self.gh.path().join("output");
        std::fs::write(&output, "").unwrap();
        let program = Path::new(env!("CARGO_BIN_EXE_countersign")).parent().unwrap().display().to_string();
        let path = format!("{}:{program}:{}", self.gh.path().display(), std::env::var("PATH").unwrap());
        let mut bash: Command = command("bash", self.place.path());
        bash.args(["--noprofile", "--norc", "-e", "-o", "pipefail", "-c", script])
            .env("PATH", path)
            .env("GITHUB_OUTPUT", &output)
            .env("GITHUB_STEP_SUMMARY", self.gh.path().join("summary.md"))
            .env("GITHUB_ACTIONS", "true");
        bash.env("GH_TOKEN", "t").env("GH_REPO", "acme/shop").env("BASE", "main").envs(env.iter().copied());
        if let Some(fake) = self.fake {
            fake.connect(&mut bash);
        }
        let done = bash.output().unwrap();
        let printed = format!("{}{}", String::from_utf8_lossy(&done.stdout), String::from_utf8_lossy(&done.stderr));
        assert!(!printed.contains(KEY));
        (done.status.code().unwrap(), format!("{}{printed}", std::fs::read_to_string(output).unwrap()))
    }

    fn list(&self, name: &str) -> Value {
        serde_json::from_str(&std::fs::read_to_string(self.gh.path().join(name)).unwrap()).unwrap()
    }

    /// Looks for drift and keeps the issue, as the schedule does.
    fn drift(&self) -> Value {
        let (code, output) = self.step("drift", "Look", &[]);
        assert_eq!(code, 0, "{output}");
        let drift = if output.contains("code=1\n") { "1" } else { "0" };
        let (code, printed) = self.step("drift", "Keep one issue", &[("CODE", drift)]);
        assert_eq!(code, 0, "{printed}");
        self.list("issues.json")
    }
}

fn pay() -> Fake {
    let fake = Fake::start();
    fake.world().add("7", false, &json!({"enabled": true, "rolloutPercentage": 25, "rolloutWeights": {"on": 1}}));
    fake
}

#[test]
fn one_issue_is_opened_edited_and_closed() {
    if tool("jq").is_none() {
        return;
    }
    let fake = pay();
    let place = imported(&fake);
    let runner = Runner::new(&place, Some(&fake));
    assert_eq!(runner.drift(), json!([]));
    let set = |share: u32| fake.world().objects.get_mut("7").unwrap().body["rolloutPercentage"] = json!(share);
    set(90);
    let issues = runner.drift();
    assert_eq!((issues.as_array().unwrap().len(), &issues[0]["state"]), (1, &json!("open")));
    assert!(issues[0]["body"].as_str().unwrap().contains("`25` → `90`"), "{issues}");
    set(95);
    let issues = runner.drift();
    assert_eq!(issues.as_array().unwrap().len(), 1);
    assert!(issues[0]["body"].as_str().unwrap().contains("`25` → `95`"), "{issues}");
    // A look that fails says nothing of drift.
    fake.world().faults.insert(0, crate::amplitude::fake::Fault::Before(403));
    fake.world().log.clear();
    assert!(runner.step("drift", "Look", &[]).0 != 0);
    set(25);
    assert_eq!(runner.drift()[0]["state"], "closed");
    set(90);
    assert_eq!(runner.drift().as_array().unwrap().len(), 2);
}

#[test]
fn the_issue_says_whose_approvals_were_bypassed() {
    if tool("jq").is_none() {
        return;
    }
    let fake = pay();
    let place = imported(&fake);
    edit(&place, "pay", "rolloutPercentage: 25", "rolloutPercentage: 50");
    // Where GitHub cannot be asked it is left, the step fails, and the page of the run says so.
    let runner = Runner::new(&place, Some(&fake));
    let head = git(place.path(), &["rev-parse", "main"]);
    let (code, printed) = runner.step("apply", "Apply", &[("GITHUB_SHA", head.trim())]);
    assert_eq!(code, 2, "{printed}");
    let summary = std::fs::read_to_string(runner.gh.path().join("summary.md")).unwrap();
    assert!(
        summary.starts_with("### Applied to Amplitude: 0 of 1 flag\n")
            && summary.contains("it is not known whether it was approved"),
        "{summary}"
    );
    let (code, printed) = place.ask(&fake, &["apply", "--yes", "--override", "checkout/pay=incident 12"]);
    assert_eq!(code, 0, "{printed}");
    commit(&place);
    let issues = runner.drift();
    let body = issues[0]["body"].as_str().unwrap();
    assert!(body.starts_with("<!-- countersign-amplitude-drift -->\n### "), "{body}");
    assert!(body.contains("> [!CAUTION]") && body.contains("incident 12") && body.contains("checkout/pay"), "{body}");
}

#[test]
fn the_lock_file_is_proposed_on_a_branch_of_its_own() {
    if tool("jq").is_none() {
        return;
    }
    let fake = pay();
    let place = imported(&fake);
    edit(&place, "pay", "rolloutPercentage: 25", "rolloutPercentage: 50");
    let (code, printed) = place.ask(&fake, &["apply", "--yes", "--override", "checkout/pay=test"]);
    assert_eq!(code, 0, "{printed}");
    let hub = tempfile::tempdir().unwrap();
    git(hub.path(), &["init", "-q", "--bare"]);
    let url = format!("file://{}", hub.path().display());
    let runner = Runner::new(&place, Some(&fake));
    let propose = || runner.step("apply", "Propose the lock file", &[("URL", &url)]);
    let (code, printed) = propose();
    assert_eq!(code, 0, "{printed}");
    assert_eq!(runner.list("pulls.json").as_array().unwrap().len(), 1);
    let proposed = git(hub.path(), &["show", "countersign/amplitude-lock:.countersign/amplitude.lock"]);
    assert_eq!(proposed.trim(), place.read(".countersign/amplitude.lock").trim());
    // Nothing new: nothing is proposed.
    commit(&place);
    assert_eq!(propose().0, 0);
    assert_eq!(runner.list("pulls.json").as_array().unwrap().len(), 1);
}
