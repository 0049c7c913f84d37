//! The hooks as people get them: what `.pre-commit-hooks.yaml` and `examples/hooks/` hold, run by the real pre-commit
//! and by git itself on a repository made for it. Only how the hooks are built is replaced: the binary is here already.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::git::{command, git};
use crate::tool::tool;
use tempfile::TempDir;

const FLAG: &str = "flags/checkout/one-click-checkout.yaml";

const LIVE: &str = "\
key: one-click-checkout
kind: experiment
description: Pay in one step
state: running
evaluationMode: remote
deployments: [web-prod]
bucketingKey: user_id
bucketingSalt: mHdQDzeE
variants:
  - {key: control}
  - {key: treatment}
rolloutPercentage: 20
rolloutWeights: {control: 1, treatment: 1}
";

/// A change of the flag, and what the hooks make of it.
struct Case {
    name: &'static str,
    from: &'static str,
    to: &'static str,
    /// Whether the hook of `check` is set to stop a commit that needs an approval.
    exit_code: bool,
    /// The exit codes of `lint` and `check`.
    exits: [i32; 2],
    /// The output that a person gets.
    says: &'static [&'static str],
}

const CASES: &[Case] = &[
    Case {
        name: "a typo in a description needs nobody",
        from: "in one step",
        to: "in a single step",
        exit_code: true,
        exits: [0, 0],
        says: &["one-click-checkout"],
    },
    Case {
        name: "a broken file stops the commit",
        from: "treatment: 1}",
        to: "treatment: 1, control: 9}",
        exit_code: false,
        exits: [3, 3],
        says: &["flags/checkout/one-click-checkout.yaml:13:"],
    },
    Case {
        name: "a critical change is reported and stops nothing",
        from: "treatment: 1}",
        to: "treatment: 3}",
        exit_code: false,
        exits: [0, 0],
        says: &["one-click-checkout", "variant-distribution", "@alice"],
    },
    Case {
        name: "a critical change stops the commit if that is asked for",
        from: "treatment: 1}",
        to: "treatment: 3}",
        exit_code: true,
        exits: [0, 1],
        says: &["one-click-checkout", "variant-distribution", "@alice"],
    },
];

#[test]
fn pre_commit_runs_the_hooks() {
    let Some(pre_commit) = tool("pre-commit") else { return };
    let hooks = hook_repository();
    for case in CASES {
        let dir = proposal(case);
        let args = if case.exit_code { "\n        args: [--exit-code]" } else { "" };
        let example = shipped("examples/hooks/pre-commit-config.yaml");
        let config = example
            .replace("https://github.com/your-org/countersign", hooks.path().to_str().unwrap())
            .replace("v0.1.0", &git(hooks.path(), &["rev-parse", "HEAD"]))
            .replace("id: countersign-check", &format!("id: countersign-check{args}"));
        fs::write(dir.path().join(".pre-commit-config.yaml"), config).unwrap();
        git(dir.path(), &["add", "."]);

        let mut run = on_path(&pre_commit, dir.path());
        let output = run.arg("run").env("PRE_COMMIT_HOME", hooks.path().join("moved")).output().unwrap();

        let text = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
        let expected = ["lint", "check"].into_iter().zip(case.exits).map(|(hook, exit)| {
            let word = if exit == 0 { "Passed" } else { "Failed" };
            (format!("countersign {hook}"), word.to_owned(), exit)
        });
        assert_eq!(hooks_run(&text), expected.collect::<Vec<_>>(), "{}:\n{text}", case.name);
        assert_eq!(output.status.success(), case.exits == [0, 0], "{}:\n{text}", case.name);
        for part in case.says {
            assert!(text.contains(part), "{}: `{part}` is not in\n{text}", case.name);
        }
        once(case, &text);
    }
}

/// A diagnostic is printed once, though both hooks find it.
fn once(case: &Case, text: &str) {
    let reported = text.lines().filter(|line| line.contains(&format!("{FLAG}:")) && line.contains("error[")).count();
    assert_eq!(reported, usize::from(case.exits[0] == 3), "{}:\n{text}", case.name);
}

/// The hooks that `init` wrote, run on its own commit: no policy is merged yet, and nothing is held up for that.
#[test]
fn the_hooks_of_init_work_at_once() {
    let Some(pre_commit) = tool("pre-commit") else { return };
    for (wanted, passes) in [(false, true), (true, false)] {
        let dir = TempDir::new().unwrap();
        git(dir.path(), &["init", "-q", "-b", "main"]);
        git(dir.path(), &["commit", "-q", "--allow-empty", "-m", "first"]);
        fs::create_dir_all(dir.path().join("flags/checkout")).unwrap();
        fs::write(dir.path().join(FLAG), LIVE).unwrap();
        let built = Path::new(env!("CARGO_BIN_EXE_countersign"));
        let init =
            command(built, dir.path()).args(["init", "--no-workflows", "--admin", "@acme/leads"]).output().unwrap();
        assert!(init.status.success());
        let path = dir.path().join(".pre-commit-config.yaml");
        if wanted {
            let text = fs::read_to_string(&path).unwrap();
            fs::write(&path, text.replace("--hook", "--hook --exit-code")).unwrap();
        }
        git(dir.path(), &["add", "."]);
        let home = dir.path().join(".git/pre-commit-home");
        let output = on_path(&pre_commit, dir.path()).arg("run").env("PRE_COMMIT_HOME", home).output().unwrap();
        let text = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
        let words: Vec<(String, String)> = hooks_run(&text).into_iter().map(|(name, word, _)| (name, word)).collect();
        let check = if passes { "Passed" } else { "Failed" };
        let expected = [("countersign lint", "Passed"), ("countersign check", check)];
        assert_eq!(words, expected.map(|(name, word)| (name.to_owned(), word.to_owned())), "{text}");
        assert!(text.contains("`main` has no `.countersign/config.yaml` yet"), "{text}");
    }
}

/// Neither a missing policy nor a missing base stops a commit with the plain hook, and a broken policy can be mended.
#[test]
fn the_plain_hook_informs() {
    let dir = TempDir::new().unwrap();
    git(dir.path(), &["init", "-q", "-b", "trunk"]);
    let hook = dir.path().join(".git/hooks/pre-commit");
    fs::write(&hook, shipped("examples/hooks/pre-commit")).unwrap();
    executable(&hook);
    let built = Path::new(env!("CARGO_BIN_EXE_countersign"));
    let init = command(built, dir.path()).args(["init", "--no-workflows", "--admin", "@acme/leads"]).output().unwrap();
    assert!(init.status.success());
    let commit = |message: &str| {
        git(dir.path(), &["add", "-A"]);
        let output = on_path(Path::new("git"), dir.path()).args(["commit", "-qm", message]).output().unwrap();
        (output.status.success(), String::from_utf8_lossy(&output.stderr).into_owned())
    };
    // The first commit, and one on a branch that nothing is compared with.
    let (passed, text) = commit("first");
    assert!(passed && text.contains("so no approval is asked for"), "{text}");
    fs::write(dir.path().join("README.md"), "the shop\n").unwrap();
    let (passed, text) = commit("second");
    assert!(passed && text.contains("so no approval is asked for"), "{text}");
    // A policy that is broken on the base branch.
    git(dir.path(), &["branch", "-m", "main"]);
    let config = dir.path().join(".countersign/config.yaml");
    let right = fs::read_to_string(&config).unwrap();
    fs::write(&config, "version: 7\n").unwrap();
    git(dir.path(), &["commit", "-qam", "broken", "--no-verify"]);
    fs::write(&config, right).unwrap();
    let (passed, text) = commit("mended");
    assert!(passed, "{text}");
}

#[test]
fn git_runs_the_plain_hook() {
    for case in CASES {
        let dir = proposal(case);
        let hook = dir.path().join(".git/hooks/pre-commit");
        let flag = if case.exit_code { " --exit-code" } else { "" };
        fs::write(&hook, shipped("examples/hooks/pre-commit").replace("--staged", &format!("--staged{flag}"))).unwrap();
        executable(&hook);

        // With `-a` git makes an index for this commit alone and names it to the hook in `GIT_INDEX_FILE`.
        let output = on_path(Path::new("git"), dir.path()).args(["commit", "-qam", case.name]).output().unwrap();

        let text = String::from_utf8_lossy(&output.stderr).into_owned() + &String::from_utf8_lossy(&output.stdout);
        assert_eq!(output.status.success(), case.exits[1] == 0, "{}:\n{text}", case.name);
        for part in case.says {
            assert!(text.contains(part), "{}: `{part}` is not in\n{text}", case.name);
        }
        once(case, &text);
    }
}

/// A repository whose `main` has one running experiment, on a branch with the case's change in the work tree.
fn proposal(case: &Case) -> TempDir {
    let dir = TempDir::new().unwrap();
    let config = "version: 1\nadmins: ['@kim']\nprojects:\n  checkout:\n    paths: ['flags/checkout/**']\n    approvals: specific\n";
    for (path, text) in
        [(".countersign/config.yaml", config), (".countersign/APPROVERS", "/flags/checkout/ @alice\n"), (FLAG, LIVE)]
    {
        let file = dir.path().join(path);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, text).unwrap();
    }
    git(dir.path(), &["init", "-q", "-b", "main"]);
    git(dir.path(), &["add", "."]);
    git(dir.path(), &["commit", "-qm", "live"]);
    git(dir.path(), &["switch", "-qc", "proposal"]);
    let proposed = LIVE.replacen(case.from, case.to, 1);
    assert_ne!(proposed, LIVE, "{}", case.name);
    fs::write(dir.path().join(FLAG), proposed).unwrap();
    dir
}

/// A repository with the shipped hooks, for pre-commit to clone. Building them from source takes minutes and a network,
/// so `language: python` becomes `system`; ids, entries and everything else are as shipped.
fn hook_repository() -> TempDir {
    let dir = TempDir::new().unwrap();
    let text = shipped(".pre-commit-hooks.yaml");
    assert_eq!(text.matches("language: python").count(), 3);
    let path = dir.path().join(".pre-commit-hooks.yaml");
    fs::write(path, text.replace("language: python", "language: system")).unwrap();
    git(dir.path(), &["init", "-q", "-b", "main"]);
    git(dir.path(), &["add", "."]);
    git(dir.path(), &["commit", "-qm", "hooks"]);
    dir
}

/// A program that finds this build of `countersign` on its `PATH`.
fn on_path(program: &Path, dir: &Path) -> Command {
    let built = PathBuf::from(env!("CARGO_BIN_EXE_countersign"));
    let path = std::env::var_os("PATH").unwrap_or_default();
    let dirs = [built.parent().unwrap().to_owned()].into_iter().chain(std::env::split_paths(&path));
    let mut command = command(program, dir);
    command.env("PATH", std::env::join_paths(dirs).unwrap());
    command
}

/// The report of pre-commit on each hook: its name, its word and its exit code.
fn hooks_run(text: &str) -> Vec<(String, String, i32)> {
    let mut found: Vec<(String, String, i32)> = Vec::new();
    for line in text.lines() {
        let (name, word) = (line.split("..").next().unwrap_or(line), line.trim_start_matches(|c| c != '.'));
        let word = word.trim_start_matches('.');
        if word == "Passed" || word == "Failed" {
            found.push((name.to_owned(), word.to_owned(), 0));
        } else if let (Some(code), Some(last)) = (line.strip_prefix("- exit code: "), found.last_mut()) {
            last.2 = code.parse().unwrap();
        }
    }
    found
}

fn shipped(path: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap()
}

#[cfg(unix)]
fn executable(file: &Path) {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(file, fs::Permissions::from_mode(0o755)).unwrap();
}

/// Git for Windows asks for no such permission.
#[cfg(not(unix))]
fn executable(_: &Path) {}
