//! Remedies of the command line, followed to the letter: the command that a message names is run, and then the first
//! one works.

use std::path::Path;

use crate::git::{command, git};
use crate::world::World;

const CONFIG: (&str, &str) = (
    ".countersign/config.yaml",
    "version: 1\nadmins: [\"@ann\", \"@bob\"]\nprojects:\n  p: {paths: [flags/], approvals: specific}\n",
);
const APPROVERS: (&str, &str) = (".countersign/APPROVERS", "flags/ @ann\n");

fn flag(percentage: u32) -> String {
    format!("key: a\nkind: flag\nstate: active\nvariants: [{{key: \"on\"}}]\nrolloutPercentage: {percentage}\n")
}

/// A repository whose `main` and `work` differ in a percentage.
fn repository() -> World {
    let world = World::with(&[CONFIG, APPROVERS, ("flags/a.yaml", &flag(10))]);
    world.git(&["switch", "-q", "-c", "work"]);
    world.commit(&[("flags/a.yaml", &flag(20))]);
    world
}

/// The exit code of a command and all it printed.
fn countersign(dir: &Path, args: &[&str]) -> (i32, String) {
    let output = command(env!("CARGO_BIN_EXE_countersign"), dir).args(args).output().unwrap();
    let printed = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    (output.status.code().unwrap(), printed)
}

/// The commands in backticks in the help of an error.
fn remedies(printed: &str) -> Vec<String> {
    let (_, help) = printed.split_once("help: ").unwrap_or_else(|| panic!("no help: {printed}"));
    help.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

#[test]
fn a_clone_without_the_base_branch() {
    let world = repository();
    let from = format!("file://{}", world.root.display());
    let full: &[&str] = &["--single-branch"];
    let shallow: &[&str] = &["--depth=1"];
    for (number, (how, args)) in [
        (full, vec!["check"]),
        (full, vec!["check", "--base", "main"]),
        (full, vec!["check", "--base", "origin/main"]),
        (shallow, vec!["check"]),
        (shallow, vec!["check", "--base", "origin/main"]),
    ]
    .into_iter()
    .enumerate()
    {
        let clone = world.path(&format!("clone{number}"));
        let into = clone.display().to_string();
        world.git(&[&["clone", "-q", "-b", "work"], how, &[from.as_str(), into.as_str()]].concat());
        // A runner's checkout has no default branch of the remote.
        git(&clone, &["remote", "set-head", "origin", "--delete"]);
        let (code, printed) = countersign(&clone, &args);
        assert_eq!(code, 2, "{printed}");
        assert_eq!(printed.contains("`fetch-depth: 0`"), how == shallow, "{printed}");
        let remedies = remedies(&printed);
        let words: Vec<&str> = remedies[0].split(' ').skip(1).collect();
        assert!(words.contains(&"fetch") && words.iter().any(|word| word.starts_with("main:")), "{printed}");
        git(&clone, &words);
        let (code, printed) = countersign(&clone, &args);
        assert_eq!((code, printed.contains("1 flag waits for approval")), (0, true), "{args:?}: {printed}");
    }
}

/// `A..B` and `A...B` mean what they mean to git; where one commit is expected, an end of them is named.
#[test]
fn ranges() {
    let world = repository();
    let diff = |args: &[&str]| countersign(&world.root, &[&["diff"], args].concat());
    let changes = |printed: &str| printed.split_once('\n').map(|(_, rest)| rest.to_owned()).unwrap_or_default();
    let (_, plain) = diff(&["main", "work"]);
    assert!(plain.contains("10% → 20%"), "{plain}");
    for range in ["main..work", "main..", "main...work", "main..."] {
        let (code, printed) = diff(&[range]);
        assert_eq!((code, changes(&printed)), (0, changes(&plain)), "{range}");
    }
    // The base goes on: two dots see that, three do not.
    world.git(&["switch", "-q", "main"]);
    world.commit(&[("flags/a.yaml", &flag(15))]);
    assert!(diff(&["main..work"]).1.contains("15% → 20%"));
    assert!(diff(&["main...work"]).1.contains("10% → 20%"));
    assert!(diff(&["..work"]).1.contains("15% → 20%"));
    for args in [&["main..work", "main"][..], &["main..work", "--staged"]] {
        let (code, printed) = diff(args);
        assert_eq!((code, printed.contains("names both sides already")), (2, true), "{args:?}: {printed}");
    }
    let (code, printed) = diff(&["main..nowhere"]);
    assert_eq!((code, printed.contains("commit `nowhere`")), (2, true), "{printed}");
    for command in [&["check", "--base"][..], &["check", "--head"], &["lint", "--rev"]] {
        let (code, printed) = countersign(&world.root, &[command, &["main..work"]].concat());
        assert_eq!((code, printed.contains("is a range")), (2, true), "{printed}");
        let (code, printed) = countersign(&world.root, &[command, &[remedies(&printed)[0].as_str()]].concat());
        assert_eq!(code, 0, "{printed}");
    }
    let (code, printed) = countersign(&world.root, &["audit", "main...work"]);
    assert_eq!((code, remedies(&printed)[0].as_str()), (2, "main..work"), "{printed}");
}

/// The approvers of a file are known, whatever is in it.
#[test]
fn approvers_of_a_flag_that_cannot_be_read() {
    let world = World::with(&[CONFIG, APPROVERS, ("flags/one.yaml", "key: one\nvariants: [{key: on}]\n")]);
    let (code, printed) = countersign(&world.root, &["approvers", "one"]);
    assert_eq!((code, printed.contains("1 of @ann")), (0, true), "{printed}");
    let (code, printed) = countersign(&world.root, &["approvers", "onne"]);
    assert_eq!((code, remedies(&printed)), (2, vec!["one".to_owned()]), "{printed}");
}

/// The folder of the other policy, that folder's own name, and a file in it.
#[test]
fn simulate_with_a_folder() {
    let world = repository();
    let other = "version: 1\nadmins: [\"@ann\", \"@bob\"]\nprojects:\n  p: {paths: [flags/], approvals: none}\n";
    world.git(&["switch", "-q", "main"]);
    world.git(&["merge", "-q", "work"]);
    world.write(&[("draft/.countersign/config.yaml", other)]);
    for folder in ["draft", "draft/.countersign", "draft/.countersign/", "draft/.countersign/config.yaml"] {
        let (code, printed) = countersign(&world.root, &["simulate", "--policy", folder, "main~1.."]);
        assert_eq!((code, printed.contains("needed approval  1 → 0")), (0, true), "{folder}: {printed}");
    }
    for folder in ["draft/none", "flags", "/"] {
        let (code, printed) = countersign(&world.root, &["simulate", "--policy", folder, "main~1.."]);
        assert_eq!((code, printed.contains("holds `.countersign`")), (2, true), "{folder}: {printed}");
    }
}

/// Commits from before there was a policy are looked at by the one that was written since.
#[test]
fn commits_before_any_policy() {
    let world = World::with(&[("flags/a.yaml", &flag(10))]);
    world.commit(&[("flags/a.yaml", &flag(20))]);
    world.commit(&[("flags/a.yaml", &flag(30))]);
    world.write(&[CONFIG, APPROVERS]);
    let args = ["check", "--base", "HEAD~2", "--head", "HEAD~1"];
    for committed in [false, true] {
        let base = if committed { "HEAD~3" } else { "HEAD~2" };
        let head = if committed { "HEAD~2" } else { "HEAD~1" };
        let (code, printed) = countersign(&world.root, &[args[0], args[1], base, args[3], head]);
        assert_ne!(code, 0, "{printed}");
        let command = remedies(&printed).into_iter().find(|one| one.starts_with("countersign ")).unwrap_or_default();
        let words: Vec<&str> = command.split(' ').skip(1).collect();
        assert_eq!(words, ["diff", "--policy", ".", base, head], "{printed}");
        let (code, printed) = countersign(&world.root, &words);
        assert_eq!((code, printed.contains("10% → 20%")), (0, true), "{printed}");
        assert!(printed.contains("decides about no merge") && !printed.contains("waits for approval"), "{printed}");
        let (_, json) = countersign(&world.root, &[&words[..], &["--format", "json"]].concat());
        assert!(json.contains("\"otherPolicy\": \".\""), "{json}");
        let (_, json) = countersign(&world.root, &["diff", base, head, "--format", "json"]);
        assert!(!json.contains("otherPolicy"), "{json}");
        world.git(&["add", "-A"]);
        world.git(&["commit", "-qm", "policy", "--allow-empty"]);
    }
    // A policy that the proposal has is no other one than that on disk.
    let (code, printed) = countersign(&world.root, &["diff", "--policy", "flags", "HEAD~3", "HEAD~2"]);
    assert_eq!((code, printed.contains("holds `.countersign`")), (2, true), "{printed}");
}

/// A difference that changes nothing is explained, in a flag as in the policy.
#[test]
fn differences_that_change_nothing() {
    let check = |files: &[(&str, &str)], args: &[&str]| {
        let world = World::with(&[CONFIG, APPROVERS, ("flags/a.yaml", &flag(10))]);
        world.write(files);
        if !args.is_empty() {
            world.git(args);
        }
        countersign(&world.root, &["check", if args.is_empty() { "--worktree" } else { "--staged" }]).1
    };
    let windows = flag(10).replace('\n', "\r\n");
    let printed = check(&[("flags/a.yaml", &windows)], &[]);
    assert!(printed.contains("only the line ends differ (LF → CRLF)"), "{printed}");
    let printed = check(&[("flags/a.yaml", &format!("# why\n{}", flag(10)))], &[]);
    assert!(printed.contains("only comments, layout or the order of keys differ"), "{printed}");
    let printed = check(&[], &["update-index", "--chmod=+x", "flags/a.yaml"]);
    assert!(printed.contains("the file becomes executable (mode 100644 → 100755)"), "{printed}");
    let printed = check(&[(APPROVERS.0, "flags/ @ann\r\n")], &[]);
    assert!(printed.contains("only the line ends differ (LF → CRLF): nobody gains or loses a right"), "{printed}");
    let printed = check(&[(APPROVERS.0, "# why\nflags/ @ann\n")], &[]);
    assert!(printed.contains("comments, layout or order differ; nobody was found"), "{printed}");
    let printed = check(&[(APPROVERS.0, "flags/ @ann @zoe\n")], &[]);
    assert!(printed.contains("@zoe gains") && !printed.contains("differ"), "{printed}");
    let printed = check(&[("flags/a.yaml", &flag(20))], &[]);
    assert!(!printed.contains("differ"), "{printed}");
}

/// Both sides rename a flag, or change it: a conflict, and nothing of what git leaves of it is reported as a change.
#[test]
fn conflicts() {
    let world = World::with(&[CONFIG, APPROVERS, ("flags/a.yaml", &flag(10))]);
    world.git(&["switch", "-q", "-c", "work"]);
    world.git(&["mv", "flags/a.yaml", "flags/b.yaml"]);
    world.commit(&[]);
    world.git(&["switch", "-q", "main"]);
    world.git(&["mv", "flags/a.yaml", "flags/c.yaml"]);
    world.commit(&[]);
    let ids = |head: &str| -> Vec<(String, String)> {
        let (code, printed) =
            countersign(&world.root, &["check", "--base", "main", "--head", head, "--format", "json"]);
        let report: serde_json::Value = serde_json::from_str(&printed).unwrap();
        let word = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
        let flags = report["flags"].as_array().unwrap().iter().map(|one| (word(&one["key"]), word(&one["verdict"])));
        let all = report["diagnostics"].as_array().unwrap().iter().map(|one| (word(&one["path"]), word(&one["id"])));
        assert_eq!((code, &report["verdict"]), (3, &serde_json::json!("invalid")));
        flags.chain(all).collect()
    };
    let of = |rows: &[(&str, &str)]| -> Vec<(String, String)> {
        rows.iter().map(|(one, two)| ((*one).to_owned(), (*two).to_owned())).collect()
    };
    let paths = ["flags/a.yaml", "flags/b.yaml", "flags/c.yaml"];
    assert_eq!(ids("work"), of(&paths.map(|path| (path, "conflict"))));
    world.git(&["switch", "-q", "-c", "both", "main"]);
    world.commit(&[("flags/c.yaml", &flag(20))]);
    world.git(&["switch", "-q", "main"]);
    world.commit(&[("flags/c.yaml", &flag(30))]);
    assert_eq!(ids("both"), of(&[("a", "invalid"), ("flags/c.yaml", "conflict")]));
}
