//! Every command in the README and on the pages of `docs/` is run here and every output in them is compared with what
//! comes out; so are their tables. `SNAPSHOTS=overwrite cargo test --test git readme` writes them anew: read the diff.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use crate::git::{command, git};

/// The name of the program in the pages, and the one that runs here: this very build.
const PROGRAM: &str = env!("CARGO_BIN_EXE_countersign");

#[test]
fn the_readme_tells_the_truth() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let pages = fs::read_dir(root.join("docs")).unwrap().map(|entry| entry.unwrap().path());
    let mut pages: Vec<PathBuf> = pages.filter(|path| path.extension().is_some_and(|ext| ext == "md")).collect();
    pages.sort();
    pages.push(root.join("README.md"));
    let mut wrong = String::new();
    for path in pages {
        let name = path.strip_prefix(root).unwrap().to_string_lossy().into_owned();
        let old = fs::read_to_string(&path).unwrap();
        let new = made_anew(&old, root);
        if std::env::var_os("SNAPSHOTS").is_some_and(|value| value == "overwrite") {
            fs::write(&path, &new).unwrap();
        }
        if old != new {
            let diff = similar::TextDiff::from_lines(&old, &new);
            let _ = writeln!(wrong, "{}", diff.unified_diff().header(&name, "what comes out"));
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

/// The page with its outputs and tables made anew, in a folder of its own that has the project's scripts and examples.
fn made_anew(page: &str, root: &Path) -> String {
    let place = tempfile::tempdir().unwrap();
    assert!(git(place.path(), &["--version"]).starts_with("git version"), "the commands need git");
    for name in ["scripts", "tests", "examples"] {
        std::os::unix::fs::symlink(root.join(name), place.path().join(name)).unwrap();
    }
    tables(&blocks(page, place.path()), place.path())
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
        // The same commits in every run.
        .env("GIT_AUTHOR_DATE", "2026-11-23T09:00:00Z")
        .env("GIT_COMMITTER_DATE", "2026-11-23T09:00:00Z")
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
