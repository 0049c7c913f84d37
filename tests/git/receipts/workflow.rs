//! The script of the example workflow that makes receipts, run as a runner runs it, against a bare repository.

use std::path::Path;

use serde_json::Value;

use super::{Shop, flag};
use crate::git::{command, git};

/// The script of the step with this name.
fn script(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/workflows/countersign-receipts.yml");
    let workflow: Value = serde_yaml::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let steps = workflow["jobs"]["receipts"]["steps"].as_array().unwrap();
    steps.iter().find(|step| step["name"] == name).unwrap()["run"].as_str().unwrap().to_owned()
}

/// Runs it in the clone of a push from one commit to another; none of both on a schedule.
fn run(shop: &Shop, push: Option<(&str, &str)>) -> (bool, String) {
    let program = Path::new(env!("CARGO_BIN_EXE_countersign")).parent().unwrap().display().to_string();
    let path = format!("{program}:{}", std::env::var("PATH").unwrap());
    let key = std::fs::read_to_string(shop.key("ci")).unwrap();
    let (before, after) = push.unwrap_or_default();
    let mut bash = command("bash", &shop.dir);
    bash.args(["--noprofile", "--norc", "-eo", "pipefail", "-c", &script("make the receipts of this push")]);
    bash.env("PATH", path).env("RUNNER_TEMP", shop.path("")).env("KEY", key.trim_end()).env("BRANCH", "main");
    bash.env("BEFORE", before).env("AFTER", after).env_remove("GH_TOKEN").env_remove("GITHUB_TOKEN");
    let done = bash.output().unwrap();
    assert!(!shop.path("receipts").exists(), "the key is there still");
    (done.status.success(), String::from_utf8_lossy(&done.stderr).into_owned())
}

#[test]
fn the_workflow_goes_on_before_there_is_a_receipt() {
    let mut shop = Shop::new();
    let origin = shop.path("origin.git");
    git(&shop.path(""), &["init", "-q", "--bare", "-b", "main", origin.to_str().unwrap()]);
    git(&shop.dir, &["remote", "add", "origin", origin.to_str().unwrap()]);
    git(&shop.dir, &["push", "-q", "origin", "main"]);
    git(&shop.dir, &["remote", "set-head", "origin", "main"]);
    let kept = || git(&origin, &["for-each-ref", "--format=%(refname)", "refs/countersign"]);
    let before = git(&shop.dir, &["rev-parse", "main"]);
    let readme = shop.commit("readme", &[("README.md", Some("a shop\n"))]);
    git(&shop.dir, &["push", "-q", "origin", "main"]);
    // Nothing needs a receipt, by a push or by the clock.
    for push in [Some((before.as_str(), readme.as_str())), None] {
        let (done, err) = run(&shop, push);
        assert!(done, "{push:?}: {err}");
        assert_eq!(kept(), "");
    }
    let free = shop.commit("try", &[("flags/sandbox/try.yaml", Some(&flag("try", 50)))]);
    git(&shop.dir, &["push", "-q", "origin", "main"]);
    let (done, err) = run(&shop, Some((&readme, &free)));
    assert!(done, "{err}");
    assert_eq!(kept(), "refs/countersign/receipts");
    assert_eq!(shop.verify(&["--rev", "main"]).0, 0);
    let (done, err) = run(&shop, None);
    assert!(done, "{err}");
}
