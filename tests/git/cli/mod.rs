//! The command line as people use it, on real repositories. Every `tests/git/cli/*.txt` is a session in a terminal; see
//! `support/session.rs` for its form. `SNAPSHOTS=overwrite cargo test --test git` writes them anew: read the diff.
//!
//! A session starts in a clone with two branches: `main` holds `repo/live/`, and `proposal`, which is checked out, has
//! `repo/proposed/` over it: another ratio in `buy`, and a fixed typo in `banner`.

use std::fs;
use std::path::{Path, PathBuf};

use rayon::prelude::*;
use snapbox::{Assert, Data};
use tempfile::TempDir;

use crate::git::{command, git};
use crate::shared::Shared;
use crate::{schema, session};

fn here() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/git/cli")
}

/// The repository that every session gets a copy of.
static START: Shared = Shared::new();

fn start() -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    let setup = format!(
        "git init -q -b main . && cp -R '{0}/live/.' . && git add . && git commit -q -m live &&
         git checkout -q -b proposal && cp -R '{0}/proposed/.' . && git commit -q -a -m proposal",
        here().join("repo").display()
    );
    let done = command("sh", dir.path())
        .args(["-c", &setup])
        .env("GIT_AUTHOR_DATE", "2026-11-02T09:00:00Z")
        .env("GIT_COMMITTER_DATE", "2026-11-02T09:00:00Z")
        .output()
        .unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    dir
}

/// A copy of the repository, in a folder called `shop`.
fn repository() -> (TempDir, PathBuf) {
    let (dir, start) = (tempfile::tempdir().unwrap(), START.get(start));
    let shop = dir.path().join("shop");
    let copied = command("cp", dir.path()).arg("-R").arg(start.path()).arg(&shop).status().unwrap();
    assert!(copied.success());
    (dir, shop)
}

#[test]
fn every_session() {
    let mut sessions: Vec<PathBuf> = fs::read_dir(here()).unwrap().map(|entry| entry.unwrap().path()).collect();
    sessions.retain(|path| path.extension().is_some_and(|extension| extension == "txt"));
    sessions.sort();
    assert!(sessions.len() > 5);
    let _for_all = START.get(start);
    let failed: Vec<String> = sessions
        .par_iter()
        .filter_map(|path| {
            let text = fs::read_to_string(path).unwrap();
            assert!(text.starts_with("# "), "{} does not say why", path.display());
            let (_keep, shop) = repository();
            let found = session::run(&text, &shop);
            assert!(!found.contains("panicked"), "{}: {found}", path.display());
            let name = path.display().to_string();
            let expected = Data::read_from(path, None).raw();
            Assert::new()
                .action_env("SNAPSHOTS")
                .try_eq(Some(&name), found.into(), expected)
                .err()
                .map(|error| error.to_string())
        })
        .collect();
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}

/// The JSON of the rules and the approvers, in every shape it has.
#[test]
fn json_is_what_the_schemas_say() {
    let (_keep, shop) = repository();
    // A file in two projects: nobody could tell who approves it.
    let config = shop.join(".countersign/config.yaml");
    let again = "projects:\n  again:\n    paths: [\"flags/growth/banner.yaml\"]\n    approvals: peer\n";
    fs::write(&config, fs::read_to_string(&config).unwrap().replacen("projects:\n", again, 1)).unwrap();
    // A section with a name, and one that is only notified.
    let approvers = "[Payments][2] @kim @noor\n/flags/checkout/\n^[Told]\n/flags/checkout/ @lena\n";
    fs::write(shop.join(".countersign/APPROVERS"), approvers).unwrap();
    git(&shop, &["commit", "-q", "-a", "-m", "twice"]);
    let kinds = ["flags/growth/new.yaml", "flags/sandbox/toy.yaml", "README.md", ".countersign/APPROVERS"];
    let cases: &[(&[&str], &str, usize)] = &[
        (&["rules"], "rules", countersign::changes::rules::RULES.len()),
        (&["rules", "rollout"], "rules", 1),
        (&["rules", "duplicate-key"], "lints", 1),
        (&["formats"], "formats", countersign::format::ids().count()),
        (&["formats", "try", "flags/checkout/buy.yaml"], "formats", 1),
        (&["approvers", "buy"], "approvers", 1),
        (&[&["approvers"], &kinds[..]].concat(), "approvers", 4),
        (&["approvers", "buy", "banner", "--base", "proposal"], "approvers", 2),
        (&["approvers", "flags/\u{202e}\u{9b}31m.yaml"], "approvers", 1),
    ];
    for (args, list, holds) in cases {
        let args = [args, &["--format", "json"][..]].concat();
        let done = command(env!("CARGO_BIN_EXE_countersign"), &shop).args(&args).output().unwrap();
        assert!(done.status.success(), "{args:?}: {}", String::from_utf8_lossy(&done.stderr));
        let value: serde_json::Value = serde_json::from_slice(&done.stdout).unwrap();
        assert_eq!(value[list].as_array().map(Vec::len), Some(*holds), "{args:?}");
        let raw = |char: char| char.is_control() && char != '\n' || char == '\u{202e}';
        assert!(!String::from_utf8(done.stdout).unwrap().contains(raw), "{args:?}");
        schema::holds(args[0], &value);
    }
}

/// No line of an answer is a command to the runner of a workflow, whatever a file or a flag is called.
#[test]
fn no_answer_commands_a_runner() {
    let (_keep, shop) = repository();
    let cases: [&[&str]; 4] = [
        &["approvers", "flags/checkout/buy.yaml"],
        &["simulate", "main..proposal"],
        &["formats"],
        &["formats", "try", "flags/checkout/buy.yaml"],
    ];
    for args in cases {
        let mut run = command(env!("CARGO_BIN_EXE_countersign"), &shop);
        let done = run.env("GITHUB_ACTIONS", "true").args(args).output().unwrap();
        let out = String::from_utf8(done.stdout).unwrap();
        let Some((first, rest)) = out.split_once('\n') else { panic!("{args:?}: {out}") };
        let word = first.strip_prefix("::stop-commands::").unwrap_or_else(|| panic!("{args:?}: {out}"));
        assert!(rest.contains(&format!("\n::{word}::\n")), "{args:?}: {out}");
    }
}

/// The repository is left as it was by every command: no object, no index, no reference is written.
#[test]
fn nothing_is_written() {
    let (_keep, shop) = repository();
    git(&shop, &["checkout", "-q", "-b", "other", "main"]);
    fs::write(shop.join("flags/sandbox/new.yaml"), "key: new\nkind: flag\nstate: inactive\n").unwrap();
    git(&shop, &["add", "."]);
    git(&shop, &["commit", "-q", "-m", "next to"]);
    fs::write(shop.join("flags/sandbox/newer.yaml"), "key: newer\nkind: flag\nstate: inactive\n").unwrap();
    let snapshot = || {
        let mut files = Vec::new();
        walk(&shop, &mut files);
        files.sort();
        files
    };
    let before = snapshot();
    for args in [
        &["lint"][..],
        &["lint", "--rev", "main"],
        &["diff", "proposal"],
        &["diff", "--worktree", "proposal"],
        &["check", "--base", "proposal"],
        &["check", "--base", "proposal", "--staged"],
        &["check", "--base", "proposal", "--worktree"],
        &["approvers", "buy"],
        &["formats"],
        &["formats", "try", "flags/checkout/buy.yaml"],
        &["formats", "draft", "flags/checkout/buy.yaml"],
    ] {
        let done = command(env!("CARGO_BIN_EXE_countersign"), &shop).args(args).output().unwrap();
        assert!(done.status.success(), "{args:?}: {}", String::from_utf8_lossy(&done.stderr));
        assert_eq!(snapshot(), before, "{args:?}");
    }
}

/// A branch from before the policy got stricter is judged by the policy there is, not by that of its merge base.
#[test]
fn the_policy_of_the_tip_counts() {
    let (_keep, shop) = repository();
    git(&shop, &["checkout", "-q", "main"]);
    fs::write(shop.join(".countersign/APPROVERS"), "/flags/checkout/ @noor\n/flags/growth/ @lena\n").unwrap();
    git(&shop, &["commit", "-q", "-a", "-m", "noor alone"]);
    let args = ["check", "--base", "main", "--head", "proposal", "--approve", "@kim", "--format", "json"];
    let done = command(env!("CARGO_BIN_EXE_countersign"), &shop).args(args).output().unwrap();
    let report: serde_json::Value = serde_json::from_slice(&done.stdout).unwrap();
    let required = &report["flags"][0]["requirements"];
    assert_eq!(report["verdict"], "pending");
    assert_eq!(required.as_array().unwrap().len(), 1);
    assert_eq!(required[0]["from"], serde_json::json!(["@noor"]));
    assert_eq!(required[0]["approvedBy"], serde_json::json!([]));
    assert_eq!(report["policy"]["changed"], false);
}

/// A file that only a remark would need is no reason to fail: a partial clone has the files of its branches and no
/// older ones.
#[test]
fn a_partial_clone_is_judged() {
    let (keep, shop) = repository();
    git(&shop, &["config", "uploadpack.allowFilter", "true"]);
    git(&shop, &["checkout", "-q", "main"]);
    let buy = fs::read_to_string(shop.join("flags/checkout/buy.yaml")).unwrap();
    fs::write(shop.join("flags/checkout/buy.yaml"), buy.replace(": 20", ": 30")).unwrap();
    git(&shop, &["commit", "-q", "-a", "-m", "more"]);
    let url = format!("file://{}", shop.display());
    git(keep.path(), &["clone", "-q", "--filter=blob:none", &url, "partial"]);
    let partial = keep.path().join("partial");
    fs::write(partial.join("flags/checkout/buy.yaml"), buy.replace(": 20", ": 40")).unwrap();
    git(&partial, &["commit", "-q", "-a", "-m", "still more"]);
    let done = command(env!("CARGO_BIN_EXE_countersign"), &partial).args(["check", "--exit-code"]).output().unwrap();
    assert_eq!(done.status.code(), Some(1), "{}", String::from_utf8_lossy(&done.stderr));
}

fn walk(dir: &Path, files: &mut Vec<(PathBuf, Vec<u8>)>) {
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            walk(&path, files);
        } else {
            files.push((path.clone(), fs::read(&path).unwrap()));
        }
    }
}
