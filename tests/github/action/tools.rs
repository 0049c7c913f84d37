//! The verdicts of checkers on the files as people get them: with the action pinned, as `init` writes them.
//! `.ci/run` has them check the files of this repository as well.

use std::fs;
use std::path::Path;
use std::process::Command;

use super::texts::root;
use crate::git::{command, git};
use crate::tool::tool;

/// A repository that `init` has set up, with `uses` in the gate at a commit.
fn set_up() -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    git(dir.path(), &["init", "-q", "-b", "main"]);
    let action = "acme/countersign@0123456789abcdef0123456789abcdef01234567";
    let done =
        command(env!("CARGO_BIN_EXE_countersign"), dir.path()).args(["init", "--action", action]).output().unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    // The variant with an App, as somebody would take it over.
    let app = fs::read_to_string(root().join("examples/workflows/countersign-app.yml")).unwrap();
    let app = app.replace("your-org/countersign@COMMIT # v0.1.0", action);
    fs::write(dir.path().join(".github/workflows/countersign-app.yml"), app).unwrap();
    dir
}

fn assert_clean(mut command: Command, what: &str) {
    let done = command.output().unwrap();
    let said = String::from_utf8_lossy(&done.stdout).into_owned() + &String::from_utf8_lossy(&done.stderr);
    assert!(done.status.success(), "{what}:\n{said}");
}

fn workflows(dir: &Path) -> Vec<std::path::PathBuf> {
    let found: Vec<_> =
        fs::read_dir(dir.join(".github/workflows")).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert_eq!(found.len(), 3);
    found
}

#[test]
fn actionlint() {
    let Some(program) = tool("actionlint") else { return };
    let dir = set_up();
    let mut lint = command(program, dir.path());
    lint.args(workflows(dir.path()));
    assert_clean(lint, "actionlint");
}

#[test]
fn zizmor() {
    let Some(program) = tool("zizmor") else { return };
    let dir = set_up();
    let mut lint = command(program, dir.path());
    lint.args(["--offline", "--no-progress", "--quiet", "--persona", "regular"]).args(workflows(dir.path()));
    assert_clean(lint, "zizmor");
}

#[test]
fn schema() {
    let Some(program) = tool("check-jsonschema") else { return };
    let dir = set_up();
    let mut lint = command(program, dir.path());
    lint.args(["--builtin-schema", "vendor.github-workflows"]).args(workflows(dir.path()));
    assert_clean(lint, "check-jsonschema");
}
