//! Every command in the README is run here and every output in it is compared with what comes out; so are its tables.
//! `SNAPSHOTS=overwrite cargo test --test readme` writes them anew: read the diff.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use crate::git::{command, git};

/// What the README calls the program, and what runs here: this very build.
const PROGRAM: &str = env!("CARGO_BIN_EXE_countersign");

#[test]
fn the_readme_tells_the_truth() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let path = root.join("README.md");
    let old = fs::read_to_string(&path).unwrap();
    let place = tempfile::tempdir().unwrap();
    assert!(git(place.path(), &["--version"]).starts_with("git version"), "the README's commands need git");
    for name in ["scripts", "tests", "examples"] {
        std::os::unix::fs::symlink(root.join(name), place.path().join(name)).unwrap();
    }
    let new = tables(&blocks(&old, place.path()), place.path());
    if std::env::var_os("SNAPSHOTS").is_some_and(|value| value == "overwrite") {
        fs::write(&path, &new).unwrap();
    }
    let diff = similar::TextDiff::from_lines(&old, &new);
    assert!(old == new, "{}", diff.unified_diff().header("README.md", "what comes out"));
}

/// The text with the output under every `$ command` of its console blocks made anew. A block goes on where the one
/// before it ended: files and the folder stay.
fn blocks(text: &str, place: &Path) -> String {
    let mut out = String::new();
    let mut here = place.to_owned();
    let mut inside = false;
    for line in text.lines() {
        if line.starts_with("```") {
            inside = line == "```console";
            let _ = writeln!(out, "{line}");
        } else if let Some(typed) = line.strip_prefix("$ ").filter(|_| inside) {
            let _ = writeln!(out, "{line}");
            out.push_str(&run(typed, &mut here, place));
        } else if !inside {
            let _ = writeln!(out, "{line}");
        }
    }
    out
}

fn run(typed: &str, here: &mut PathBuf, place: &Path) -> String {
    // The README's second command runs this test; nothing would be shown by running it within itself.
    if typed == "cargo test" {
        return String::new();
    }
    let typed = typed.replace("cargo run -- ", "countersign ");
    if let Some(folder) = typed.strip_prefix("cd ") {
        *here = if let Some(rest) = folder.strip_prefix("/tmp") {
            place.join(rest.trim_start_matches('/'))
        } else {
            here.join(folder)
        };
        return String::new();
    }
    let bin = place.join("bin");
    fs::create_dir_all(&bin).unwrap();
    let program = bin.join("countersign");
    if !program.exists() {
        std::os::unix::fs::symlink(PROGRAM, &program).unwrap();
    }
    let path = std::env::var("PATH").unwrap();
    let output = command("sh", here)
        .args(["-c", &format!("{typed} 2>&1")])
        .env("PATH", format!("{}:{path}", bin.display()))
        .env("TMPDIR", place)
        .output()
        .unwrap();
    String::from_utf8(output.stdout).unwrap().replace(&*place.to_string_lossy(), "/tmp")
}

/// The text with every table between `<!-- countersign … -->` and `<!-- end -->` made by that command.
fn tables(text: &str, place: &Path) -> String {
    let mut out = String::new();
    let mut skipping = false;
    for line in text.lines() {
        if line == "<!-- end -->" {
            skipping = false;
        }
        if skipping {
            continue;
        }
        let _ = writeln!(out, "{line}");
        if let Some(typed) = line
            .strip_prefix("<!-- ")
            .and_then(|rest| rest.strip_suffix(" -->"))
            .filter(|typed| typed.starts_with("countersign "))
        {
            let _ = write!(out, "\n{}\n", run(typed, &mut place.to_owned(), place));
            skipping = true;
        }
    }
    out
}
