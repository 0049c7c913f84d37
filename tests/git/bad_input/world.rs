//! A repository to put bad input into, and a run of the program that is looked at closely.

use std::fs;
use std::io::Write;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

use serde_json::Value;
use tempfile::TempDir;

use crate::git::{command, git};
use crate::shared::Shared;

/// Path, line, column and id of a diagnostic.
pub type Found = (String, u64, u64, String);

pub fn write(dir: &Path, path: &str, bytes: &[u8]) {
    fs::write(dir.join(path), bytes).unwrap();
}

pub fn edit(dir: &Path, path: &str, from: &str, to: &str) {
    let text = fs::read_to_string(dir.join(path)).unwrap();
    assert!(text.contains(from));
    write(dir, path, text.replacen(from, to, 1).as_bytes());
}

pub fn link(dir: &Path, to: &str, path: &str) {
    let _ = fs::remove_file(dir.join(path));
    symlink(to, dir.join(path)).unwrap();
}

/// A commit of some other repository, which is not here: what a submodule is in a tree.
pub fn module(dir: &Path, path: &str) {
    let _ = command("git", dir).args(["rm", "-q", "--cached", path]).output().unwrap();
    let commit = "160000,0123456789012345678901234567890123456789";
    git(dir, &["update-index", "--add", "--cacheinfo", &format!("{commit},{path}")]);
}

/// A file under any path at all, in the index alone.
pub fn staged(dir: &Path, path: &[u8], bytes: &[u8]) {
    let id = fed(command("git", dir).args(["hash-object", "-w", "--stdin"]), bytes);
    let line = [format!("100644 {} 0\t", id.trim()).as_bytes(), path, b"\0"].concat();
    fed(command("git", dir).args(["update-index", "-z", "--index-info"]), &line);
}

pub fn fed(command: &mut std::process::Command, bytes: &[u8]) -> String {
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(bytes).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success());
    String::from_utf8(output.stdout).unwrap()
}

/// Ten aliases a level, nine levels: a billion values to a reader that follows them.
pub fn bomb() -> String {
    let mut text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
    for level in 1..9 {
        let aliases = vec![format!("*a{}", level - 1); 10].join(", ");
        text += &format!("a{level}: &a{level} [{aliases}]\n");
    }
    text
}

/// A repository with a policy and some flags on `main`.
static START: Shared = Shared::new();

fn start() -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    git(dir.path(), &["init", "-q", "-b", "main"]);
    let live = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/git/cli/repo/live/.");
    assert!(command("cp", dir.path()).arg("-R").arg(live).arg(".").status().unwrap().success());
    // With one admin `lint` warns.
    edit(dir.path(), ".countersign/config.yaml", "admins: [\"@mara\"]", "admins: [\"@mara\", \"@noor\"]");
    write(dir.path(), "flags/checkout/card.yaml", b"key: card\nkind: flag\nstate: inactive\n");
    git(dir.path(), &["add", "."]);
    git(dir.path(), &["commit", "-q", "-m", "live"]);
    dir
}

pub fn repository() -> (TempDir, PathBuf) {
    let (dir, start) = (tempfile::tempdir().unwrap(), START.get(start));
    let shop = dir.path().join("shop");
    assert!(command("cp", dir.path()).arg("-R").arg(start.path()).arg(&shop).status().unwrap().success());
    (dir, shop)
}

/// The result of a run.
pub struct Ran {
    pub exit: i32,
    pub out: String,
    pub errors: String,
}

pub fn run(dir: &Path, args: &[&str]) -> Ran {
    let start = Instant::now();
    let output = command(env!("CARGO_BIN_EXE_countersign"), dir).args(args).output().unwrap();
    let ran = Ran {
        exit: output.status.code().unwrap_or(-1),
        out: String::from_utf8(output.stdout).unwrap(),
        errors: String::from_utf8(output.stderr).unwrap(),
    };
    assert!(start.elapsed() < Duration::from_secs(30), "{args:?} took {:?}", start.elapsed());
    for text in [&ran.out, &ran.errors] {
        assert!(!text.contains("panicked"), "{args:?}: {text}");
        let strange =
            |c: &char| (c.is_control() && *c != '\n') || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
        assert_eq!(text.chars().find(strange), None, "{args:?}: {text}");
    }
    ran
}

/// The diagnostics a run tells as JSON, each with a message and a remedy.
pub fn diagnostics(ran: &Ran) -> Vec<Found> {
    let Ok(report) = serde_json::from_str::<Value>(&ran.out) else {
        return vec![(format!("{}{}", ran.out, ran.errors), 0, 0, "no JSON".to_owned())];
    };
    let mut found: Vec<Found> = Vec::new();
    for diagnostic in report["diagnostics"].as_array().unwrap() {
        for member in ["message", "remedy"] {
            assert!(diagnostic[member].as_str().is_some_and(|text| text.len() > 5), "{diagnostic}");
        }
        let text = |member: &str| diagnostic[member].as_str().unwrap().to_owned();
        found.push((
            text("path"),
            diagnostic["line"].as_u64().unwrap(),
            diagnostic["column"].as_u64().unwrap(),
            text("id"),
        ));
    }
    found
}

pub fn expected(rows: &[(&str, u64, u64, &str)]) -> Vec<Found> {
    let each = |(path, line, column, id): &(&str, u64, u64, &str)| {
        let row = |line, column, id: &str| ((*path).to_owned(), line, column, id.to_owned());
        if *id != BOMB {
            return vec![row(*line, *column, id)];
        }
        // Every anchor and every alias of it.
        let mut all = vec![row(1, 5, "anchor")];
        all.extend(
            (2..10)
                .flat_map(|line| (5..56).step_by(5).map(move |column| (line, column)))
                .map(|(line, column)| row(line, column, "anchor")),
        );
        all
    };
    rows.iter().flat_map(each).collect()
}

/// Stands for all the diagnostics of the alias bomb.
pub const BOMB: &str = "bomb";
