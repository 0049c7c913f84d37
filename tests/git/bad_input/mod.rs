//! Answers to bad input, as somebody who runs the program would meet it: never a panic and never silence. A file that
//! cannot be read is a diagnostic with a place and a remedy, all diagnostics come at once, and everything else is still
//! judged.
//!
//! Every case puts something bad next to a good change and looks at it in each way a proposal can be looked at.
#![cfg(unix)]

mod flags;
use flags::FLAGS;

mod policies;
use policies::POLICIES;

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

use crate::git::git;
use rayon::prelude::*;
use serde_json::Value;
use world::{BOMB, bomb, diagnostics, edit, expected, link, module, repository, run, staged, write};

pub mod world;

/// Where a case's bad input stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum On {
    /// On the disk, and from there in the index and in a commit.
    Disk,
    /// Only in the index and in a commit: no disk, or not every disk, can hold it.
    Index,
}

struct Case {
    name: &'static str,
    on: On,
    plant: fn(&Path),
    /// The diagnostics of `check`.
    check: &'static [(&'static str, u64, u64, &'static str)],
    /// The diagnostics of `lint`, if those are others.
    lint: Option<&'static [(&'static str, u64, u64, &'static str)]>,
    exit: i32,
}

/// A case of a flag file: `check` and `lint` find the same, and the file is invalid.
const fn case(name: &'static str, plant: fn(&Path), check: &'static [(&'static str, u64, u64, &'static str)]) -> Case {
    Case { name, on: On::Disk, plant, check, lint: None, exit: 3 }
}

const CONFIG: &str = ".countersign/config.yaml";
const APPROVERS: &str = ".countersign/APPROVERS";

const fn policy(
    name: &'static str,
    plant: fn(&Path),
    check: &'static [(&'static str, u64, u64, &'static str)],
) -> Case {
    Case { name, on: On::Disk, plant, check, lint: None, exit: 4 }
}

/// Each way to look at a proposal: a name and the arguments.
fn ways(on: On) -> Vec<(&'static str, Vec<&'static str>)> {
    let mut ways = vec![
        ("committed", vec!["check", "--base", "main"]),
        ("staged", vec!["check", "--base", "main", "--staged"]),
        ("lint of a commit", vec!["lint", "--rev", "HEAD"]),
    ];
    if on == On::Disk {
        ways.push(("worktree", vec!["check", "--base", "main", "--worktree"]));
        ways.push(("lint", vec!["lint"]));
    }
    ways
}

#[test]
fn bad_flags() {
    let failed: Vec<String> = FLAGS
        .par_iter()
        .flat_map(|case| {
            let (_keep, shop) = repository();
            git(&shop, &["checkout", "-q", "-b", "proposal"]);
            edit(&shop, "flags/checkout/buy.yaml", "treatment: 1}", "treatment: 3}");
            git(&shop, &["add", "."]);
            (case.plant)(&shop);
            if case.on == On::Disk {
                git(&shop, &["add", "-A"]);
            }
            let mut wrong = Vec::new();
            for (way, args) in ways(case.on) {
                if way == "committed" {
                    continue;
                }
                judge(case, way, &args, &shop, &mut wrong);
                if way == "staged" {
                    git(&shop, &["commit", "-q", "-m", "proposal"]);
                    judge(case, "committed", &ways(case.on)[0].1, &shop, &mut wrong);
                }
            }
            wrong
        })
        .collect();
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}

fn judge(case: &Case, way: &str, args: &[&str], shop: &Path, wrong: &mut Vec<String>) {
    let linting = way.starts_with("lint");
    let ran = run(shop, &[args, &["--format", "json"]].concat());
    // Files that a link takes the place of stand somewhere else, where no project has them: that is another thing.
    let mut found = diagnostics(&ran);
    found.retain(|(.., id)| id != "unmanaged-flags");
    let rows = if linting { case.lint.unwrap_or(case.check) } else { case.check };
    if (ran.exit, &found) != (case.exit, &expected(rows)) {
        wrong.push(format!("{}, {way}: exit {}, {found:?}", case.name, ran.exit));
    }
    // The good change next to it is judged all the same.
    if !linting && case.exit == 3 {
        let report: Value = serde_json::from_str(&ran.out).unwrap_or_default();
        let buy = report["flags"].as_array().into_iter().flatten().find(|flag| flag["key"] == "buy");
        let verdict = buy.map_or("absent", |flag| flag["verdict"].as_str().unwrap());
        if (verdict, report["verdict"].as_str().unwrap_or_default()) != ("pending", "invalid") {
            wrong.push(format!("{}, {way}: buy is {verdict}, all is {}", case.name, report["verdict"]));
        }
    }
    // The other outputs, where one way shows as much as all of them.
    let formats: &[&str] =
        if way == "staged" || way == "lint" { &["text", "markdown", "sarif", "github"] } else { &[] };
    for format in formats {
        let other = run(shop, &[args, &["--format", format]].concat());
        if other.exit != ran.exit {
            wrong.push(format!("{}, {way}, {format}: exit {}", case.name, other.exit));
        }
    }
}

#[test]
fn bad_policies() {
    let failed: Vec<String> = POLICIES
        .par_iter()
        .flat_map(|case| {
            let (_keep, shop) = repository();
            (case.plant)(&shop);
            git(&shop, &["add", "-A"]);
            let mut wrong = Vec::new();
            judge(case, "staged, the policy on main holds", &["check", "--staged"], &shop, &mut wrong);
            judge(case, "on disk, the policy on main holds", &["check", "--worktree"], &shop, &mut wrong);
            git(&shop, &["commit", "-q", "-m", "a policy that does not hold"]);
            git(&shop, &["checkout", "-q", "-b", "proposal"]);
            edit(&shop, "flags/checkout/buy.yaml", "treatment: 1}", "treatment: 3}");
            git(&shop, &["commit", "-q", "-a", "-m", "proposal"]);
            for (way, args) in ways(case.on) {
                judge(case, way, &args, &shop, &mut wrong);
            }
            let approvers = run(&shop, &["approvers", "buy"]);
            if approvers.exit != case.exit {
                wrong.push(format!("{}, approvers: exit {}", case.name, approvers.exit));
            }
            wrong
        })
        .collect();
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}

/// Mistakes before anything can be compared: nothing on the standard output, and on the standard error what is
/// there and what to do.
#[test]
fn nothing_to_compare() {
    let nowhere = tempfile::tempdir().unwrap();
    let empty = tempfile::tempdir().unwrap();
    git(empty.path(), &["init", "-q", "-b", "main"]);
    let (_keep, shop) = repository();
    let unborn = tempfile::tempdir().unwrap();
    git(unborn.path(), &["init", "-q", "-b", "main"]);
    write(unborn.path(), "README.md", b"A shop.\n");
    git(unborn.path(), &["add", "."]);
    let evidence = |name: &str, bytes: &[u8]| {
        let path = nowhere.path().join(name);
        fs::write(&path, bytes).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let deep = evidence("deep", "[".repeat(100_000).as_bytes());
    let garbage = evidence("garbage", &[0, 159, 146, 150, 27, 91, 51, 49, 109]);
    let escape = evidence("escape", b"{\"schema\": \"countersign/evidence/v1\", \"\\u001b[31m\\u202e\": 1}");
    let big = evidence("big", &b" ".repeat(50_000_000));
    for (dir, args, exit, said) in [
        (nowhere.path(), &["check"][..], 2, "is not in a git repository"),
        (nowhere.path(), &["lint"], 2, "is not in a git repository"),
        (empty.path(), &["check"], 2, "HEAD has no commit yet"),
        (empty.path(), &["check", "--staged"], 2, "there is no commit yet"),
        (empty.path(), &["check", "--worktree"], 2, "there is no commit yet"),
        (empty.path(), &["diff"], 2, "HEAD has no commit yet"),
        (empty.path(), &["approvers", "buy"], 2, "there is no `origin/HEAD`, `main` or `master`"),
        (unborn.path(), &["check"], 2, "HEAD has no commit yet"),
        (unborn.path(), &["check", "--staged"], 2, "there is no commit yet"),
        (&shop, &["check", "--base", "mian"], 2, "there is no branch, tag or commit `mian`"),
        (&shop, &["check", "--head", "\u{202e}niam"], 2, "there is no branch, tag or commit `\\u{202e}niam`"),
        (&shop, &["check", "--evidence", &deep], 2, "is no evidence"),
        (&shop, &["check", "--evidence", &garbage], 2, "is not UTF-8"),
        (&shop, &["check", "--evidence", &escape], 2, "`\\u{1b}[31m\\u{202e}` is no member"),
        (&shop, &["check", "--evidence", &big], 2, "is no evidence"),
        (&shop, &["check", "--evidence", "/dev/null"], 2, "is no evidence"),
        (&shop, &["check", "--evidence", "."], 2, "cannot read `.`"),
    ] {
        let ran = run(dir, args);
        assert_eq!((ran.exit, ran.out.as_str()), (exit, ""), "{args:?}: {}", ran.errors);
        let lines: Vec<&str> = ran.errors.lines().collect();
        assert!(lines[0].starts_with("error: ") && lines[0].contains(said), "{args:?}: {}", ran.errors);
        assert!(lines[1].starts_with("help: ") && lines.len() == 2, "{args:?}: {}", ran.errors);
    }
    // Without a policy the files on disk have one diagnostic: that there is none.
    for (dir, exit) in [(empty.path(), 4), (unborn.path(), 4)] {
        let ran = run(dir, &["lint", "--format", "json"]);
        assert_eq!((ran.exit, diagnostics(&ran)), (exit, expected(&[(CONFIG, 1, 1, "no-config")])));
    }
}

/// A live file that cannot be read stands in nobody's way: a proposal can fix it, and has to have all of it approved.
#[test]
fn bad_on_the_base() {
    let (_keep, shop) = repository();
    write(&shop, "flags/checkout/buy.yaml", b"key: buy\nkind: experiment\nstate: [running\n");
    link(&shop, "card.yaml", "flags/checkout/linked.yaml");
    git(&shop, &["add", "-A"]);
    git(&shop, &["commit", "-q", "-m", "broken"]);
    git(&shop, &["checkout", "-q", "-b", "proposal"]);
    // Nothing of it is touched: nothing to say.
    write(&shop, "flags/growth/banner.yaml", b"key: banner\nkind: flag\nstate: inactive\n");
    let ran = run(&shop, &["check", "--worktree", "--format", "json"]);
    assert_eq!((ran.exit, diagnostics(&ran)), (0, Vec::new()));
    // It is fixed.
    git(&shop, &["checkout", "-q", "main~1", "--", "flags/checkout/buy.yaml"]);
    git(&shop, &["rm", "-qf", "flags/checkout/linked.yaml"]);
    let ran = run(&shop, &["check", "--worktree", "--exit-code", "--format", "json"]);
    let reported =
        [("flags/checkout/buy.yaml", 1, 1, "live-unreadable"), ("flags/checkout/linked.yaml", 1, 1, "live-unreadable")];
    assert_eq!((ran.exit, diagnostics(&ran)), (1, expected(&reported)));
    let report: Value = serde_json::from_str(&ran.out).unwrap();
    let classes: Vec<&str> = report["flags"][0]["changes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|change| change["class"].as_str().unwrap())
        .collect();
    assert_eq!(report["flags"][0]["key"], "buy");
    assert!(!classes.is_empty() && classes.iter().all(|class| *class != "no-effect"), "{classes:?}");
}

/// Files within the limits of size and number that cost more than their size if anything is looked up by going through
/// a list. `run` has the time it may take.
#[test]
fn made_to_take_long() {
    let list = |count: usize, item: &dyn Fn(usize) -> String| (0..count).map(item).collect::<Vec<_>>().join(", ");
    let flag = |rest: String| format!("key: buy\nkind: experiment\nstate: running\nrolloutPercentage: 20\n{rest}\n");
    let variants = |count| list(count, &|n| format!("{{key: v{n}}}"));
    let segments = |percentage| {
        let segment = |n| format!("{{name: s{n}, percentage: {percentage}, rolloutWeights: {{v1: 1}}}}");
        flag(format!("variants: [{}]\ntargetSegments: [{}]", variants(2), list(7_000, &segment)))
    };
    let weights = flag(format!(
        "variants: [{}]\nrolloutWeights: {{{}}}",
        variants(15_000),
        list(15_000, &|n| format!("v{n}: 1"))
    ));
    let (_keep, shop) = repository();
    write(&shop, "flags/checkout/buy.yaml", segments(1).as_bytes());
    git(&shop, &["commit", "-q", "-a", "-m", "segments"]);
    for proposed in [segments(2), weights] {
        write(&shop, "flags/checkout/buy.yaml", proposed.as_bytes());
        assert_eq!(run(&shop, &["lint"]).exit, 0);
        for format in ["json", "text"] {
            let ran = run(&shop, &["check", "--worktree", "--format", format]);
            assert!([0, 3].contains(&ran.exit), "{}", ran.errors);
        }
    }
}
