//! Terminal transcripts, as plain text: commands after `$`, and under each what it printed and how it ended.
//!
//! ```text
//! # why this session exists
//! $ countersign check --exit-code
//! pending: …
//! ? 1
//! ```
//!
//! Every command is a line of `sh`, run in the transcript's folder; a line that starts with `> ` continues
//! it. `?` is the exit code, left out if it is 0. Both streams are shown as they come. `[DIR]` stands for the folder.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use super::git::command;

/// Runs the commands of a transcript in `dir` and returns the transcript with their real outputs.
#[must_use]
pub fn run(session: &str, dir: &Path) -> String {
    let (mut out, mut comment) = (String::new(), false);
    let all: Vec<&str> = session.lines().collect();
    let mut lines = session.lines().enumerate().peekable();
    while let Some((at, line)) = lines.next() {
        // The output of a command may start like a comment; a comment stands right above a command.
        let below = all[at..].iter().find(|line| !line.starts_with("# "));
        if line.starts_with("# ") && (at == 0 || below.is_some_and(|line| line.starts_with("$ "))) {
            let above = if out.is_empty() || out.ends_with("\n\n") || comment { "" } else { "\n" };
            let _ = writeln!(out, "{above}{line}");
            comment = true;
        }
        let Some(first) = line.strip_prefix("$ ") else { continue };
        let mut script = first.to_owned();
        while let Some((_, more)) = lines.next_if(|(_, line)| line.starts_with("> ") || *line == ">") {
            script.push('\n');
            script.push_str(more.strip_prefix("> ").unwrap_or(""));
        }
        let shown = script.replace('\n', "\n> ").replace("> \n", ">\n");
        let (printed, code) = sh(&script, dir);
        let separator = if out.ends_with("\n\n") || out.is_empty() || comment { "" } else { "\n" };
        comment = false;
        let _ = write!(out, "{separator}$ {shown}\n{printed}");
        if !printed.is_empty() && !printed.ends_with('\n') {
            out.push_str("(no newline)\n");
        }
        if code != 0 {
            let _ = writeln!(out, "? {code}");
        }
    }
    out
}

fn sh(script: &str, dir: &Path) -> (String, i32) {
    let program = Path::new(env!("CARGO_BIN_EXE_countersign"));
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders = program.parent().map(Path::to_owned).into_iter().chain(std::env::split_paths(&path));
    let output = command("sh", dir)
        .args(["-c", &format!("exec 2>&1\n{script}")])
        .env("PATH", std::env::join_paths(folders).unwrap())
        // The same commits, with the same ids, every time.
        .env("GIT_AUTHOR_DATE", "2026-11-02T09:00:00Z")
        .env("GIT_COMMITTER_DATE", "2026-11-02T09:00:00Z")
        // Git says less, and the branch of a bare clone is not a matter of its version.
        .env("GIT_CONFIG_COUNT", "1")
        .env("GIT_CONFIG_KEY_0", "init.defaultBranch")
        .env("GIT_CONFIG_VALUE_0", "main")
        .output()
        .unwrap();
    let root: PathBuf = dir.canonicalize().unwrap();
    let text = String::from_utf8_lossy(&output.stdout).replace(&*root.to_string_lossy(), "[DIR]");
    (text.replace(&*dir.to_string_lossy(), "[DIR]"), output.status.code().unwrap_or(-1))
}
