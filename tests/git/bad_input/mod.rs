//! What bad input gets, as somebody who runs the program would meet it: never a panic and never silence. What cannot be
//! read is a problem with a place and a remedy, all problems come at once, and everything else is still judged.
//!
//! Every case puts something bad beside a good change and looks at it in each way a proposal can be looked at.
#![cfg(unix)]

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

use crate::git::git;
use rayon::prelude::*;
use serde_json::Value;
use world::{BOMB, bomb, edit, expected, link, module, problems, repository, run, staged, write};

mod world;

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
    /// What `check` finds.
    check: &'static [(&'static str, u64, u64, &'static str)],
    /// What `lint` finds, if that is something else.
    lint: Option<&'static [(&'static str, u64, u64, &'static str)]>,
    exit: i32,
}

/// A case of a flag file: `check` and `lint` find the same, and the file is invalid.
const fn case(name: &'static str, plant: fn(&Path), check: &'static [(&'static str, u64, u64, &'static str)]) -> Case {
    Case { name, on: On::Disk, plant, check, lint: None, exit: 3 }
}

const FLAGS: &[Case] = &[
    case(
        "a 50 MB file",
        |dir| write(dir, "flags/checkout/big.yaml", &b"# nothing\n".repeat(5_000_000)),
        &[("flags/checkout/big.yaml", 1, 1, "too-big")],
    ),
    case(
        "10,000 nested brackets",
        |dir| write(dir, "flags/checkout/deep.yaml", format!("key: {}", "[".repeat(10_000)).as_bytes()),
        &[("flags/checkout/deep.yaml", 1, 38, "too-deep")],
    ),
    case(
        "1,000 nested blocks",
        |dir| {
            let mut text = String::new();
            for depth in 0..1_000 {
                text += &format!("{}a:\n", " ".repeat(depth));
            }
            write(dir, "flags/checkout/deep.yaml", text.as_bytes());
        },
        &[("flags/checkout/deep.yaml", 33, 33, "too-deep")],
    ),
    case(
        "an alias bomb",
        |dir| write(dir, "flags/checkout/bomb.yaml", bomb().as_bytes()),
        &[("flags/checkout/bomb.yaml", 0, 0, BOMB)],
    ),
    case(
        "a NUL",
        |dir| write(dir, "flags/checkout/nul.yaml", b"key: nul\nkind: fl\0ag\nstate: active\n"),
        &[("flags/checkout/nul.yaml", 2, 9, "control-character")],
    ),
    case(
        "Latin-1",
        |dir| write(dir, "flags/checkout/latin.yaml", b"key: latin\nname: caf\xe9\n"),
        &[("flags/checkout/latin.yaml", 2, 10, "not-utf8")],
    ),
    case(
        "UTF-16",
        |dir| write(dir, "flags/checkout/wide.yaml", b"\xff\xfek\0e\0y\0:\0 \0a\0"),
        &[("flags/checkout/wide.yaml", 1, 1, "not-utf8")],
    ),
    case(
        "an empty file",
        |dir| write(dir, "flags/checkout/empty.yaml", b""),
        &[("flags/checkout/empty.yaml", 1, 1, "empty-file")],
    ),
    case(
        "a symlink where a flag was",
        |dir| link(dir, "../growth/banner.yaml", "flags/checkout/card.yaml"),
        &[("flags/checkout/card.yaml", 1, 1, "not-a-file")],
    ),
    case(
        "a symlink to itself",
        |dir| link(dir, "card.yaml", "flags/checkout/card.yaml"),
        &[("flags/checkout/card.yaml", 1, 1, "not-a-file")],
    ),
    case(
        "a symlink out of the repository",
        |dir| link(dir, "/etc/passwd", "flags/checkout/card.yaml"),
        &[("flags/checkout/card.yaml", 1, 1, "not-a-file")],
    ),
    Case {
        on: On::Index,
        ..case(
            "a submodule where a flag was",
            |dir| module(dir, "flags/checkout/card.yaml"),
            &[("flags/checkout/card.yaml", 1, 1, "not-a-file")],
        )
    },
    Case {
        on: On::Index,
        lint: Some(&[
            (APPROVERS, 2, 1, "dead-pattern"),
            (CONFIG, 7, 3, "dead-pattern"),
            ("flags/growth", 1, 1, "not-a-file"),
        ]),
        ..case(
            "a folder of flags is a submodule",
            |dir| {
                git(dir, &["rm", "-rq", "--cached", "flags/growth"]);
                module(dir, "flags/growth");
            },
            &[("flags/growth", 1, 1, "not-a-file")],
        )
    },
    Case {
        lint: Some(&[
            (APPROVERS, 1, 1, "dead-pattern"),
            (APPROVERS, 2, 1, "dead-pattern"),
            (CONFIG, 4, 3, "dead-pattern"),
            (CONFIG, 7, 3, "dead-pattern"),
            (CONFIG, 10, 3, "dead-pattern"),
            ("flags", 1, 1, "not-a-file"),
        ]),
        // Every live flag is deleted by it.
        ..case(
            "`flags` is a symlink",
            |dir| {
                fs::rename(dir.join("flags"), dir.join("elsewhere")).unwrap();
                symlink("elsewhere", dir.join("flags")).unwrap();
            },
            &[("flags", 1, 1, "not-a-file")],
        )
    },
    case(
        "a file name with a newline",
        |dir| write(dir, "flags/checkout/new\nline.yaml", GIFT),
        &[("flags/checkout/new\nline.yaml", 1, 1, "path-characters")],
    ),
    case(
        "a file name with an escape",
        |dir| write(dir, "flags/checkout/red\u{1b}[31m.yaml", GIFT),
        &[("flags/checkout/red\u{1b}[31m.yaml", 1, 1, "path-characters")],
    ),
    case(
        "a file name with a bidi character",
        |dir| write(dir, "flags/checkout/gift\u{202e}lmay.yaml", GIFT),
        &[("flags/checkout/gift\u{202e}lmay.yaml", 1, 1, "path-characters")],
    ),
    Case {
        on: On::Index,
        ..case(
            "a path that is not UTF-8",
            |dir| staged(dir, b"flags/checkout/caf\xe9.yaml", GIFT),
            &[("flags/checkout/caf\u{fffd}.yaml", 1, 1, "path-characters")],
        )
    },
    Case {
        on: On::Index,
        lint: Some(&[
            ("flags/checkout/Card.yaml", 1, 1, "case-collision"),
            ("flags/checkout/card.yaml", 1, 1, "case-collision"),
        ]),
        ..case(
            "two files that differ in case",
            |dir| staged(dir, b"flags/checkout/Card.yaml", b"key: Card\nkind: flag\nstate: inactive\n"),
            &[("flags/checkout/Card.yaml", 1, 1, "case-collision")],
        )
    },
    case(
        "a key with a bidi character",
        |dir| write(dir, "flags/checkout/gift.yaml", "key: gift\u{202e}\nkind: flag\nstate: active\n".as_bytes()),
        &[("flags/checkout/gift.yaml", 1, 10, "bidi-control")],
    ),
    case(
        "an escaped bidi character",
        |dir| write(dir, "flags/checkout/gift.yaml", b"key: \"gift\\u202e\"\nkind: flag\nstate: active\n"),
        &[("flags/checkout/gift.yaml", 1, 6, "bidi-control")],
    ),
    case(
        "a README under a managed path",
        |dir| write(dir, "flags/checkout/README.md", b"# Flags\n"),
        &[("flags/checkout/README.md", 1, 1, "no-format")],
    ),
    case(
        "an LFS pointer",
        |dir| {
            let pointer = format!(
                "version https://git-lfs.github.com/spec/v1\noid sha256:{}\nsize 12345\n",
                "4d7a2146".repeat(8)
            );
            write(dir, "flags/checkout/card.yaml", pointer.as_bytes());
        },
        &[("flags/checkout/card.yaml", 1, 1, "lfs-pointer")],
    ),
    case(
        "conflict markers",
        |dir| {
            write(
                dir,
                "flags/checkout/card.yaml",
                b"key: card\nkind: flag\n<<<<<<< HEAD\nstate: active\n=======\nstate: inactive\n>>>>>>> x\n",
            )
        },
        &[("flags/checkout/card.yaml", 3, 1, "syntax")],
    ),
    case(
        "several mistakes in several files",
        |dir| {
            write(dir, "flags/checkout/card.yaml", b"key: card\nkind: flag\nstate: on\nstate: off\n");
            write(dir, "flags/growth/hint.yaml", b"key: hint\nkind: flg\nrolloutPercentage: 101\n");
        },
        &[
            ("flags/checkout/card.yaml", 3, 8, "ambiguous-scalar"),
            ("flags/checkout/card.yaml", 4, 1, "duplicate-key"),
            ("flags/checkout/card.yaml", 4, 8, "ambiguous-scalar"),
            ("flags/growth/hint.yaml", 1, 1, "missing-field"),
            ("flags/growth/hint.yaml", 2, 7, "wrong-word"),
            ("flags/growth/hint.yaml", 3, 20, "out-of-range"),
        ],
    ),
];

const GIFT: &[u8] = b"key: gift\nkind: flag\nstate: inactive\n";

/// A law that does not hold, on the base branch: nobody can be judged by it.
const LAWS: &[Case] = &[
    law("no config", |dir| fs::remove_file(dir.join(CONFIG)).unwrap(), &[(CONFIG, 1, 1, "no-config")]),
    law(
        "no folder at all",
        |dir| fs::remove_dir_all(dir.join(".countersign")).unwrap(),
        &[(CONFIG, 1, 1, "no-config")],
    ),
    law("no APPROVERS", |dir| fs::remove_file(dir.join(APPROVERS)).unwrap(), &[(CONFIG, 4, 3, "no-approvers")]),
    law("a typo in a key", |dir| edit(dir, CONFIG, "protect:", "protects:"), &[(CONFIG, 14, 1, "unknown-key")]),
    law("a typo in a mode", |dir| edit(dir, CONFIG, "specific", "specfic"), &[(CONFIG, 6, 16, "wrong-word")]),
    law("an empty config", |dir| write(dir, CONFIG, b""), &[(CONFIG, 1, 1, "empty-file")]),
    law("a config that is no map", |dir| write(dir, CONFIG, b"- version: 1\n"), &[(CONFIG, 1, 1, "wrong-type")]),
    law(
        "a version from the future",
        |dir| edit(dir, CONFIG, "version: 1", "version: 2"),
        &[(CONFIG, 1, 10, "out-of-range")],
    ),
    law("a NUL in the config", |dir| edit(dir, CONFIG, "version", "ver\0sion"), &[(CONFIG, 1, 4, "control-character")]),
    law("a config in Latin-1", |dir| write(dir, CONFIG, b"version: 1 # caf\xe9\n"), &[(CONFIG, 1, 17, "not-utf8")]),
    law("a config of 50 MB", |dir| write(dir, CONFIG, &b"# nothing\n".repeat(5_000_000)), &[(CONFIG, 1, 1, "too-big")]),
    law(
        "10,000 brackets in the config",
        |dir| write(dir, CONFIG, "[".repeat(10_000).as_bytes()),
        &[(CONFIG, 1, 33, "too-deep")],
    ),
    law("an alias bomb in the config", |dir| write(dir, CONFIG, bomb().as_bytes()), &[(CONFIG, 0, 0, BOMB)]),
    law(
        "a config that is a symlink",
        |dir| {
            fs::rename(dir.join(CONFIG), dir.join("config.yaml")).unwrap();
            link(dir, "../config.yaml", CONFIG);
        },
        &[(CONFIG, 1, 1, "not-a-file")],
    ),
    law(
        "APPROVERS is a symlink",
        |dir| {
            fs::rename(dir.join(APPROVERS), dir.join("CODEOWNERS")).unwrap();
            link(dir, "../CODEOWNERS", APPROVERS);
        },
        &[(APPROVERS, 1, 1, "not-a-file")],
    ),
    law(
        "the folder of the law is a symlink",
        |dir| {
            fs::rename(dir.join(".countersign"), dir.join("law")).unwrap();
            link(dir, "law", ".countersign");
        },
        &[(".countersign", 1, 1, "not-a-file")],
    ),
    law("APPROVERS in Latin-1", |dir| write(dir, APPROVERS, b"/flags/ @caf\xe9\n"), &[(APPROVERS, 1, 13, "not-utf8")]),
    law(
        "APPROVERS of 50 MB",
        |dir| write(dir, APPROVERS, &b"/flags/ @jo\n".repeat(4_200_000)),
        &[(APPROVERS, 1, 1, "too-big")],
    ),
    law(
        "an APPROVERS with twenty mistakes",
        |dir| write(dir, APPROVERS, TWENTY.as_bytes()),
        &[
            (APPROVERS, 1, 18, "bad-approver"),
            (APPROVERS, 2, 18, "bad-approver"),
            (APPROVERS, 3, 18, "bad-approver"),
            (APPROVERS, 4, 18, "bad-approver"),
            (APPROVERS, 5, 18, "bad-approver"),
            (APPROVERS, 6, 18, "bad-approver"),
            (APPROVERS, 7, 18, "bad-approver"),
            (APPROVERS, 8, 1, "bad-pattern"),
            (APPROVERS, 9, 22, "bad-approver"),
            (APPROVERS, 10, 1, "bad-section"),
            (APPROVERS, 11, 1, "bad-section"),
            (APPROVERS, 12, 11, "bad-section"),
            (APPROVERS, 13, 11, "bad-section"),
            (APPROVERS, 14, 11, "bad-section"),
            (APPROVERS, 15, 1, "bad-section"),
            (APPROVERS, 16, 21, "bidi-control"),
            (APPROVERS, 17, 21, "control-character"),
            (APPROVERS, 18, 18, "bad-approver"),
            (APPROVERS, 19, 18, "bad-approver"),
            (APPROVERS, 20, 18, "bad-approver"),
        ],
    ),
];

const TWENTY: &str = "\
/flags/checkout/ jo
/flags/checkout/ jo@example.com
/flags/checkout/ @
/flags/checkout/ @a/
/flags/checkout/ @/b
/flags/checkout/ @a/b/c
/flags/checkout/ @jo!
!/flags/checkout/ @jo
/flags/checkout/ @jo @
[Payments @jo
[] @jo
[Payments][0] @jo
[Payments][x] @jo
[Payments][-1] @jo
^[Payments @jo
/flags/checkout/ @jo\u{202e}
/flags/checkout/ @jo\u{7}
/flags/checkout/ @jo,@kim
/flags/checkout/ @@jo
/flags/checkout/ @-jo
";

const CONFIG: &str = ".countersign/config.yaml";
const APPROVERS: &str = ".countersign/APPROVERS";

const fn law(name: &'static str, plant: fn(&Path), check: &'static [(&'static str, u64, u64, &'static str)]) -> Case {
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
    let found = problems(&ran);
    let rows = if linting { case.lint.unwrap_or(case.check) } else { case.check };
    if (ran.exit, &found) != (case.exit, &expected(rows)) {
        wrong.push(format!("{}, {way}: exit {}, {found:?}", case.name, ran.exit));
    }
    // The good change beside it is judged all the same.
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
        if way == "committed" || way == "lint of a commit" { &[] } else { &["text", "markdown", "sarif", "github"] };
    for format in formats {
        let other = run(shop, &[args, &["--format", format]].concat());
        if other.exit != ran.exit {
            wrong.push(format!("{}, {way}, {format}: exit {}", case.name, other.exit));
        }
    }
}

#[test]
fn bad_laws() {
    let failed: Vec<String> = LAWS
        .par_iter()
        .flat_map(|case| {
            let (_keep, shop) = repository();
            (case.plant)(&shop);
            git(&shop, &["add", "-A"]);
            let mut wrong = Vec::new();
            judge(case, "staged, the law on main holds", &["check", "--staged"], &shop, &mut wrong);
            judge(case, "on disk, the law on main holds", &["check", "--worktree"], &shop, &mut wrong);
            git(&shop, &["commit", "-q", "-m", "a law that does not hold"]);
            git(&shop, &["checkout", "-q", "-b", "proposal"]);
            edit(&shop, "flags/checkout/buy.yaml", "treatment: 1}", "treatment: 3}");
            git(&shop, &["commit", "-q", "-a", "-m", "proposal"]);
            for (way, args) in ways(case.on) {
                judge(case, way, &args, &shop, &mut wrong);
            }
            let asked = run(&shop, &["approvers", "buy"]);
            if asked.exit != case.exit {
                wrong.push(format!("{}, approvers: exit {}", case.name, asked.exit));
            }
            wrong
        })
        .collect();
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}

/// What is wrong before anything can be compared: nothing on the standard output, and on the standard error what is
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
    // Without a law the files on disk have one problem: that there is none.
    for (dir, exit) in [(empty.path(), 4), (unborn.path(), 4)] {
        let ran = run(dir, &["lint", "--format", "json"]);
        assert_eq!((ran.exit, problems(&ran)), (exit, expected(&[(CONFIG, 1, 1, "no-config")])));
    }
}

/// What is live and cannot be read stands in nobody's way: a proposal can mend it, and has to have all of it approved.
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
    assert_eq!((ran.exit, problems(&ran)), (0, Vec::new()));
    // It is mended.
    git(&shop, &["checkout", "-q", "main~1", "--", "flags/checkout/buy.yaml"]);
    git(&shop, &["rm", "-qf", "flags/checkout/linked.yaml"]);
    let ran = run(&shop, &["check", "--worktree", "--exit-code", "--format", "json"]);
    let told =
        [("flags/checkout/buy.yaml", 1, 1, "live-unreadable"), ("flags/checkout/linked.yaml", 1, 1, "live-unreadable")];
    assert_eq!((ran.exit, problems(&ran)), (1, expected(&told)));
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
