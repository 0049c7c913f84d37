//! Without a forge: what each merged change needed, and what another policy would have required.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::git::{command, git};
use crate::shop_files::{APPROVERS, CONFIG, flag};

/// A repository whose first commit has flags and no policy.
struct Branch {
    _keep: TempDir,
    dir: PathBuf,
    /// Seconds since 1970 of the next commit.
    now: i64,
}

impl Branch {
    fn new() -> Branch {
        let keep = tempfile::tempdir().unwrap();
        let dir = keep.path().join("shop");
        fs::create_dir(&dir).unwrap();
        git(&dir, &["init", "-q", "-b", "main", "."]);
        let mut branch = Branch { _keep: keep, dir, now: 1_793_600_000 };
        branch.commit(
            "flags and no policy",
            &[("flags/checkout/one.yaml", Some(&flag("one", 20))), ("README.md", Some("shop"))],
        );
        branch.commit("still no policy", &[("flags/checkout/one.yaml", Some(&flag("one", 21)))]);
        branch
    }

    /// The same with a policy, tagged `start`.
    fn with_policy() -> Branch {
        let mut branch = Branch::new();
        branch.commit(
            "policy",
            &[(".countersign/config.yaml", Some(CONFIG)), (".countersign/APPROVERS", Some(APPROVERS))],
        );
        git(&branch.dir, &["tag", "start"]);
        branch
    }

    fn write(&self, files: &[(&str, Option<&str>)]) {
        for (path, text) in files {
            let path = self.dir.join(path);
            match text {
                Some(text) => {
                    fs::create_dir_all(path.parent().unwrap()).unwrap();
                    fs::write(path, text).unwrap();
                }
                None => fs::remove_file(path).unwrap(),
            }
        }
    }

    /// Runs git an hour later than the last time.
    fn later(&mut self, args: &[&str]) {
        self.now += 3_600;
        let date = format!("{} +0000", self.now);
        let done = command("git", &self.dir)
            .args(args)
            .env("GIT_AUTHOR_DATE", &date)
            .env("GIT_COMMITTER_DATE", &date)
            .output()
            .unwrap();
        assert!(done.status.success(), "{args:?}: {}", String::from_utf8_lossy(&done.stderr));
    }

    fn commit(&mut self, message: &str, files: &[(&str, Option<&str>)]) {
        self.write(files);
        git(&self.dir, &["add", "-A"]);
        self.later(&["commit", "-q", "-m", message]);
    }

    fn raise(&mut self, percent: u32) {
        let text = flag("one", percent);
        self.commit(&format!("to {percent}"), &[("flags/checkout/one.yaml", Some(&text))]);
    }

    fn run(&self, args: &[&str]) -> (i32, String, String) {
        run(&self.dir, args)
    }

    fn json(&self, args: &[&str]) -> Value {
        let (code, out, err) = self.run(&[args, &["--format", "json"]].concat());
        assert_eq!((code, &*err), (0, ""), "{out}");
        let value = serde_json::from_str(&out).unwrap();
        crate::schema::holds(args[0], &value);
        value
    }
}

fn run(dir: &Path, args: &[&str]) -> (i32, String, String) {
    let mut program = command(env!("CARGO_BIN_EXE_countersign"), dir);
    let done = program.env_remove("GH_TOKEN").args(args).output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (done.status.code().unwrap(), text(done.stdout), text(done.stderr))
}

/// Subject, outcome and names of what needed approval, for each merged change.
fn merged_rows(audit: &Value) -> Vec<(String, String, Vec<String>)> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let names = |one: &Value| one["items"].as_array().unwrap().iter().map(|item| text(&item["name"])).collect();
    let merged_changes = audit["mergedChanges"].as_array().unwrap();
    merged_changes.iter().map(|one| (text(&one["subject"]), text(&one["outcome"]), names(one))).collect()
}

fn row(subject: &str, outcome: &str, names: &[&str]) -> (String, String, Vec<String>) {
    (subject.to_owned(), outcome.to_owned(), names.iter().map(|name| (*name).to_owned()).collect())
}

#[test]
fn every_merged_change_that_needed_approval_is_named_once() {
    let mut branch = Branch::with_policy();
    branch.raise(30);
    branch.commit("words", &[("README.md", Some("shop!"))]);
    // A merge is one merged change, whatever it brings.
    git(&branch.dir, &["checkout", "-q", "-b", "side", "start"]);
    let two = flag("two", 10);
    branch.commit("two", &[("flags/checkout/two.yaml", Some(&two))]);
    let two = flag("two", 20);
    branch.commit("two more", &[("flags/checkout/two.yaml", Some(&two))]);
    git(&branch.dir, &["checkout", "-q", "main"]);
    branch.later(&["merge", "-q", "--no-ff", "-m", "merge side", "side"]);
    // And so is a squash.
    git(&branch.dir, &["checkout", "-q", "-b", "other"]);
    branch.raise(40);
    branch.raise(50);
    git(&branch.dir, &["checkout", "-q", "main"]);
    git(&branch.dir, &["merge", "-q", "--squash", "other"]);
    branch.later(&["commit", "-q", "-m", "squash"]);
    branch.commit("protected", &[(".github/workflows/x.yml", Some("on: push\n"))]);
    let audit = branch.json(&["audit", "start.."]);
    let expected = [
        row("to 30", "needed", &["checkout/one"]),
        row("merge side", "needed", &["checkout/two"]),
        row("squash", "needed", &["checkout/one"]),
        row("protected", "needed", &[".countersign"]),
    ];
    assert_eq!(merged_rows(&audit), expected);
    assert_eq!(audit["totals"]["mergedChanges"], 5);
    assert_eq!(audit["mergedChanges"][2]["items"][0]["rules"], json!(["rollout"]));
    assert_eq!(audit["mergedChanges"][2]["items"][0]["requirements"][0]["from"], json!(["@alice", "@bob"]));
    assert_eq!((&audit["repository"], &audit["people"]), (&json!(null), &json!([])));
    let (code, text, _) = branch.run(&["audit", "start..main", "--exit-code"]);
    assert_eq!(code, 1, "{text}");
    assert!(text.starts_with("main after start: 5 merged changes, 4 needed approval\n"), "{text}");
    assert!(text.contains("checkout/one (rollout): 1 approval of @alice or @bob (APPROVERS:1)"), "{text}");
    let (code, text, _) = branch.run(&["audit", "main~1..main~1", "--exit-code"]);
    assert_eq!((code, text.lines().next()), (0, Some("main~1 after main~1: 0 merged changes, none needed approval")));
}

#[test]
fn each_merged_change_is_judged_by_the_policy_it_was_merged_under() {
    let mut branch = Branch::with_policy();
    let off = CONFIG.replace("approvals: specific", "approvals: none");
    branch.raise(30);
    branch.commit("off", &[(".countersign/config.yaml", Some(&off))]);
    branch.raise(40);
    branch.commit("on", &[(".countersign/config.yaml", Some(CONFIG))]);
    branch.raise(50);
    let expected = [
        row("to 30", "needed", &["checkout/one"]),
        row("off", "needed", &[".countersign"]),
        row("on", "needed", &[".countersign"]),
        row("to 50", "needed", &["checkout/one"]),
    ];
    assert_eq!(merged_rows(&branch.json(&["audit", "start.."])), expected);
}

#[test]
fn without_a_policy_nothing_was_needed_and_it_is_counted() {
    let mut branch = Branch::with_policy();
    branch.raise(30);
    let audit = branch.json(&["audit", "--since", "2020-01-01"]);
    assert_eq!((&audit["totals"]["mergedChanges"], &audit["totals"]["withoutPolicy"]), (&json!(4), &json!(3)));
    assert_eq!(merged_rows(&audit), [row("to 30", "needed", &["checkout/one"])]);
    assert_eq!(audit["from"], json!(null));
}

/// A branch that is named is the one, also where nothing says which is the default, and where only a remote has it.
#[test]
fn a_named_branch_needs_no_default_one() {
    let mut branch = Branch::with_policy();
    branch.raise(30);
    let url = format!("file://{}", branch.dir.display());
    git(&branch.dir, &["branch", "-qm", "main", "trunk"]);
    git(&branch.dir, &["checkout", "-q", "--detach"]);
    git(&branch.dir, &["remote", "add", "origin", &url]);
    git(&branch.dir, &["fetch", "-q", "origin"]);
    let audit_of = |name: &str| run(&branch.dir, &["audit", "--since", "2020-01-01", "--branch", name]);
    let (code, out, err) = audit_of("trunk");
    assert_eq!(code, 0, "{err}");
    assert!(out.contains("4 merged changes, 1 needed approval"), "{out}");
    git(&branch.dir, &["branch", "-qD", "trunk"]);
    let out = audit_of("trunk").1;
    assert!(out.starts_with("origin/trunk since 2020-01-01: 4 merged changes, 1 needed approval"), "{out}");
    let (code, _, err) = audit_of("trank");
    assert_eq!(code, 2, "{err}");
    assert!(err.contains("`trank`"), "{err}");
}

/// Changes that needed approval, and those that the policy freed from it, without asking anybody.
#[test]
fn what_the_policy_frees_is_listed_as_free() {
    let mut branch = Branch::with_policy();
    let one = "flags/checkout/one.yaml";
    let on = fs::read_to_string(branch.dir.join(one)).unwrap();
    let off = on.replace("state: active", "state: inactive");
    let config = fs::read_to_string(branch.dir.join(".countersign/config.yaml")).unwrap();
    let freeing = format!("{config}critical: {{restore: free}}\n");
    branch.commit("off", &[(one, Some(&off))]);
    branch.commit("on, asked", &[(one, Some(&on))]);
    branch.commit("free", &[(".countersign/config.yaml", Some(&freeing))]);
    branch.commit("off again", &[(one, Some(&off))]);
    branch.commit("on again", &[(one, Some(&on))]);
    let audit = branch.json(&["audit", "start..main"]);
    let expected = [
        row("off", "free", &[]),
        row("on, asked", "needed", &["checkout/one"]),
        row("free", "needed", &[".countersign"]),
        row("off again", "free", &[]),
        row("on again", "free", &[]),
    ];
    assert_eq!(merged_rows(&audit), expected);
    assert_eq!(audit["mergedChanges"][4]["freed"][0]["freed"], "restore");
    let (code, text, _) = branch.run(&["audit", "start..main", "--exit-code"]);
    assert!(code == 1 && text.contains("free      checkout/one switched off"), "{code}: {text}");
}

/// A change that could not be judged is not taken for judged.
#[test]
fn what_is_invalid_is_unapproved_and_a_broken_policy_is_unknown() {
    let mut branch = Branch::with_policy();
    branch.commit("broken", &[("flags/checkout/one.yaml", Some("key: [\n"))]);
    branch.raise(30);
    branch.commit("bad policy", &[(".countersign/config.yaml", Some("version: 9\n"))]);
    branch.commit("words", &[("README.md", Some("shop!"))]);
    branch.raise(40);
    branch.commit("no policy", &[(".countersign/config.yaml", None), (".countersign/APPROVERS", None)]);
    branch.raise(50);
    let audit = branch.json(&["audit", "start.."]);
    let outcomes: Vec<(String, String)> =
        merged_rows(&audit).into_iter().map(|(subject, outcome, _)| (subject, outcome)).collect();
    let expected = [
        ("broken", "unapproved"),
        ("to 30", "needed"),
        ("bad policy", "unapproved"),
        ("to 40", "unknown"),
        ("no policy", "unknown"),
        ("to 50", "unknown"),
    ];
    assert_eq!(outcomes, expected.map(|(subject, outcome)| (subject.to_owned(), outcome.to_owned())));
    assert_eq!(audit["totals"]["withoutPolicy"], 0);
    assert_eq!(audit["mergedChanges"][0]["diagnostics"][0]["path"], "flags/checkout/one.yaml");
}

/// The author of a commit says when: one old date hides nothing below it.
#[test]
fn an_old_date_hides_nothing() {
    let mut branch = Branch::with_policy();
    branch.raise(30);
    branch.now -= 40 * 86_400;
    branch.raise(40);
    branch.now += 80 * 86_400;
    branch.raise(50);
    let since = |days: i64| {
        let day = chrono::DateTime::from_timestamp(1_793_600_000 + days * 86_400, 0).unwrap();
        let audit = branch.json(&["audit", "--since", &day.format("%Y-%m-%d").to_string()]);
        merged_rows(&audit).into_iter().map(|(subject, _, _)| subject).collect::<Vec<_>>()
    };
    assert_eq!(since(-1), ["to 30", "to 40", "to 50"]);
    assert_eq!(since(2), ["to 50"]);
    assert_eq!(since(90), Vec::<String>::new());
}

#[test]
fn a_history_that_is_cut_off_is_no_audit() {
    let mut branch = Branch::with_policy();
    for percent in [30, 40, 50] {
        branch.raise(percent);
    }
    let url = format!("file://{}", branch.dir.display());
    let outer = branch.dir.parent().unwrap();
    git(outer, &["clone", "-q", "--depth=2", &url, "shallow"]);
    let shallow = outer.join("shallow");
    let (code, out, err) = run(&shallow, &["audit", "--since", "2020-01-01"]);
    assert_eq!((code, &*out), (5, ""), "{err}");
    assert!(err.contains("the history is cut off inside the range"), "{err}");
    let (code, out, err) = run(&shallow, &["audit", "HEAD~1.."]);
    assert_eq!(code, 0, "{err}");
    assert!(out.starts_with("main after HEAD~1: 1 merged change, 1 needed approval\n"), "{out}");
}

#[test]
fn ranges_that_are_none_are_refused() {
    let branch = Branch::with_policy();
    for (args, said) in [
        (&["audit"][..], "<A..B>"),
        (&["audit", "start"], "write `start..` for what came after it"),
        (&["audit", "start...main"], "`start...main` has three dots"),
        (&["audit", "strat..main"], "write `start` if that is meant"),
        (&["audit", "--since", "monday"], "`monday` is no date"),
        (&["simulate", "--policy", "nowhere", "start.."], "there is no `.countersign/config.yaml`"),
    ] {
        let (code, out, err) = branch.run(args);
        assert!(code != 0 && (err.contains(said) || out.contains(said)), "{args:?}: {code} {out}{err}");
    }
}

#[test]
fn another_policy_is_simulated_on_merged_changes() {
    let mut branch = Branch::with_policy();
    branch.raise(30);
    let bold = flag("bold", 20);
    branch.commit("bold", &[("flags/growth/bold.yaml", Some(&bold))]);
    branch.commit("tool", &[("tools/x.sh", Some("true\n"))]);
    branch.raise(40);
    // Growth is free, tools are protected, and Carol joins.
    let config = CONFIG.replace("approvals: peer", "approvals: none").replace("protect: [", "protect: [\"tools/**\", ");
    branch.write(&[(".countersign/config.yaml", Some(&config))]);
    let approvers = APPROVERS.replace("@alice @bob", "@alice @bob @carol");
    let draft = branch.dir.parent().unwrap().join("draft");
    fs::create_dir_all(draft.join(".countersign")).unwrap();
    fs::write(draft.join(".countersign/config.yaml"), &config).unwrap();
    fs::write(draft.join(".countersign/APPROVERS"), approvers).unwrap();
    let simulation = branch.json(&["simulate", "start.."]);
    assert_eq!(simulation["schema"], "countersign/simulate/v1");
    let subjects: Vec<&str> =
        simulation["mergedChanges"].as_array().unwrap().iter().map(|one| one["subject"].as_str().unwrap()).collect();
    assert_eq!(subjects, ["bold", "tool"]);
    let totals = &simulation["totals"];
    assert_eq!(
        (&totals["newlyGated"], &totals["noLongerGated"], &totals["mergedChanges"]),
        (&json!(1), &json!(1), &json!(4))
    );
    assert_eq!(totals["gated"], json!({"then": 3, "now": 3}));
    assert_eq!(totals["approvals"], json!({"then": 3, "now": 3}));
    assert_eq!(simulation["people"][0], json!({"who": "@alice", "then": 2, "now": 2}));
    let simulation = branch.json(&["simulate", "--policy", "../draft", "start.."]);
    assert_eq!(simulation["mergedChanges"].as_array().unwrap().len(), 4);
    assert!(
        simulation["people"].as_array().unwrap().contains(&json!({"who": "@carol", "then": 0, "now": 2})),
        "{simulation}"
    );
    let (code, text, _) = branch.run(&["simulate", "start.."]);
    assert_eq!(code, 0);
    assert!(text.contains("  newly gated      1\n") && text.contains("  then  nothing\n"), "{text}");
    assert!(text.contains("  now   .countersign: 1 approval of an admin (@root1 or @root2)\n"), "{text}");
}

/// A policy that does not hold tries nothing; one that was not there yet is said to be none.
#[test]
fn policies_that_do_not_hold_are_no_policies() {
    let mut branch = Branch::with_policy();
    let simulation = branch.json(&["simulate", "--since", "2020-01-01"]);
    assert_eq!((&simulation["totals"]["withoutPolicy"], &simulation["totals"]["newlyGated"]), (&json!(3), &json!(2)));
    assert_eq!(simulation["mergedChanges"][0]["then"]["verdict"], json!(null));
    branch.commit("broken policy", &[(".countersign/config.yaml", Some("version: 9\n"))]);
    branch.raise(30);
    branch.write(&[(".countersign/config.yaml", Some(CONFIG))]);
    let simulation = branch.json(&["simulate", "start.."]);
    let then = &simulation["mergedChanges"][1]["then"];
    assert_eq!(
        (&then["verdict"], &then["diagnostics"][0]["id"]),
        (&json!(null), &json!("missing-field")),
        "{simulation}"
    );
    branch.write(&[(".countersign/config.yaml", Some("version: 9\n"))]);
    let (code, out, _) = branch.run(&["simulate", "start.."]);
    assert_eq!(code, 4, "{out}");
}
