//! An approval of a protected path is bound to what stands there, also where its bytes are not read: files over the
//! limit and submodules. On real git, since only git can name those.

use std::fs;
use std::path::Path;

use crate::git::{command, git};

const BIG: &str = ".github/big.bin";

/// A repository whose policy protects `.github/**`.
fn repository() -> tempfile::TempDir {
    let place = tempfile::tempdir().unwrap();
    let dir = place.path();
    git(dir, &["init", "-q", "-b", "main"]);
    fs::create_dir(dir.join(".countersign")).unwrap();
    let policy = "version: 1\nadmins: [\"@root\"]\nprojects:\n  a: {paths: [\"flags/**\"], approvals: peer}\nprotect: [\".github/**\"]\n";
    fs::write(dir.join(".countersign/config.yaml"), policy).unwrap();
    fs::create_dir(dir.join("flags")).unwrap();
    fs::write(dir.join("flags/one.yaml"), "key: one\nkind: flag\nstate: inactive\nvariants: [{key: a}]\n").unwrap();
    git(dir, &["add", "-A"]);
    git(dir, &["commit", "-qm", "policy"]);
    place
}

fn report(dir: &Path, args: &[&str]) -> serde_json::Value {
    let output =
        command(env!("CARGO_BIN_EXE_countersign"), dir).args(["check", "--format", "json"]).args(args).output();
    serde_json::from_slice(&output.unwrap().stdout).unwrap()
}

fn digest(dir: &Path, branch: &str) -> String {
    let report = report(dir, &["--base", "main", "--head", branch]);
    assert_eq!(report["policy"]["verdict"], "pending");
    report["policy"]["digest"].as_str().unwrap().to_owned()
}

fn big(dir: &Path, byte: u8) {
    fs::create_dir_all(dir.join(".github")).unwrap();
    fs::write(dir.join(BIG), vec![byte; 9 << 20]).unwrap();
}

#[test]
fn another_big_file_of_the_same_size_is_another_change() {
    let place = repository();
    let dir = place.path();
    for byte in [b'a', b'b'] {
        git(dir, &["checkout", "-q", "-b", &format!("with-{}", char::from(byte)), "main"]);
        big(dir, byte);
        git(dir, &["add", "-A"]);
        git(dir, &["commit", "-qm", "big"]);
    }
    assert_ne!(digest(dir, "with-a"), digest(dir, "with-b"));
}

#[test]
fn another_commit_of_a_submodule_is_another_change() {
    let place = repository();
    let dir = place.path();
    for digit in ["1", "2"] {
        git(dir, &["checkout", "-q", "-b", &format!("with-{digit}"), "main"]);
        let link = format!("160000,{},.github/actions", digit.repeat(40));
        git(dir, &["update-index", "--add", "--cacheinfo", &link]);
        git(dir, &["commit", "-qm", "submodule"]);
        git(dir, &["reset", "-q", "--hard"]);
    }
    assert_ne!(digest(dir, "with-1"), digest(dir, "with-2"));
}

#[test]
fn what_has_no_name_yet_cannot_be_approved() {
    let place = repository();
    let dir = place.path();
    big(dir, b'a');
    let report = report(dir, &["--worktree"]);
    assert_eq!(report["verdict"], "invalid");
    assert_eq!(report["diagnostics"][0]["id"], "too-big");
    assert_eq!(report["diagnostics"][0]["path"], BIG);
}
