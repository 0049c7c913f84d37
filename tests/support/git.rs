//! Real git, and programs around it, run so that the machine's settings change nothing.

use std::env;
use std::ffi::OsStr;
use std::path::Path;
use std::process::Command;

/// The settings of git in all tests.
const CONFIG: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/gitconfig");

/// A command that sees none of the settings of the person or the machine that runs the test.
#[must_use]
pub fn command(program: impl AsRef<OsStr>, dir: &Path) -> Command {
    let mut command = Command::new(program);
    command.current_dir(dir);
    for (name, _) in env::vars_os() {
        let name = name.to_string_lossy();
        if ["GIT_", "GITHUB_", "COUNTERSIGN_", "PRE_COMMIT"].iter().any(|start| name.starts_with(start)) {
            command.env_remove(&*name);
        }
    }
    for name in ["CI", "NO_COLOR", "CLICOLOR", "CLICOLOR_FORCE", "FORCE_COLOR", "COLUMNS", "LANG", "LC_ALL"] {
        command.env_remove(name);
    }
    command
        .env("GIT_CONFIG_GLOBAL", CONFIG)
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .env("GIT_AUTHOR_NAME", "Jo")
        .env("GIT_AUTHOR_EMAIL", "jo@example.com")
        .env("GIT_COMMITTER_NAME", "Jo")
        .env("GIT_COMMITTER_EMAIL", "jo@example.com");
    command
}

/// Runs git in `dir` and returns what it wrote.
pub fn git(dir: &Path, args: &[&str]) -> String {
    let output = command("git", dir).args(args).output().unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "git {}: {errors}", args.join(" "));
    String::from_utf8(output.stdout).unwrap().trim_end().to_owned()
}
