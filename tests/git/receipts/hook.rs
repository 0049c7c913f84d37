//! The hook of a bare repository against those who may push: what they say of the repository, what they put next to it,
//! and where they begin.

use std::fs;
use std::path::{Path, PathBuf};

use super::gathered::with_entries;
use super::signed::{approve, proposed, push, served};
use super::{Shop, flag};
use crate::git::{command, git};

const APPROVALS: &str = "refs/countersign/approvals";
const RECEIPTS: &str = "refs/countersign/receipts";

/// The proposal with its approval, and the bare repository.
fn approved() -> (Shop, PathBuf) {
    let shop = proposed();
    let bare = served(&shop);
    let (code, _, err) = approve(&shop, "alice", &[]);
    assert_eq!(code, 0, "{err}");
    (shop, bare)
}

fn refused(done: &(bool, String), why: &str) {
    assert!(!done.0 && done.1.contains(why), "{why}: {}", done.1);
}

fn taken(done: &(bool, String)) {
    assert!(done.0, "{}", done.1);
}

fn push_to(shop: &Shop, bare: &Path, branches: &str, refs: &[&str]) -> (bool, String) {
    let mut push = command("git", &shop.dir);
    push.env("COUNTERSIGN", env!("CARGO_BIN_EXE_countersign")).env("COUNTERSIGN_BRANCHES", branches);
    let done = push.arg("push").arg(bare).args(refs).output().unwrap();
    (done.status.success(), String::from_utf8_lossy(&done.stderr).into_owned())
}

/// A commit on top of a revision, with one entry more in its tree, as `update-index` takes it.
fn with_entry(shop: &Shop, on: &str, entry: &str) -> String {
    let tree = with_entries(shop, on, &[], &[entry.to_owned()]);
    git(&shop.dir, &["commit-tree", &tree, "-p", on, "-m", "junk"])
}

/// Files that nobody can read as an envelope, each as a commit on top of a revision.
fn junk(shop: &Shop, on: &str) -> Vec<String> {
    let small = git(&shop.dir, &["hash-object", "-w", "README.md"]);
    shop.write(&[("big", Some(&"x".repeat(5 << 20)))]);
    let big = git(&shop.dir, &["hash-object", "-w", "big"]);
    shop.write(&[("big", None)]);
    let named = format!("aa/{}/{}.json", "b".repeat(38), "c".repeat(64));
    let commit = git(&shop.dir, &["rev-parse", on]);
    let entries = [
        format!("160000,{commit},zz/link"),
        format!("160000,{commit},{named}"),
        format!("120000,{small},{named}"),
        format!("100644,{small},a/b/c/d/e/f/g/h"),
        format!("100644,{big},{named}"),
    ];
    entries.iter().map(|entry| with_entry(shop, on, entry)).collect()
}

#[test]
fn no_object_stands_in_for_another() {
    let (mut shop, bare) = approved();
    git(&shop.dir, &["switch", "-q", "-c", "evil", "main"]);
    let evil = shop.flag("buy", 99);
    let main = git(&shop.dir, &["rev-parse", "main"]);
    refused(&push(&shop, &bare, &[&format!("{evil}:refs/replace/{main}")]), "in the place of another");
    // One from before the hook: an orphan whose replacement has the branch as its parent.
    let tree = git(&shop.dir, &["rev-parse", "evil^{tree}"]);
    let orphan = git(&shop.dir, &["commit-tree", &tree, "-m", "orphan"]);
    let ours = git(&shop.dir, &["rev-parse", "main^{tree}"]);
    let harmless = git(&shop.dir, &["commit-tree", &ours, "-p", "main", "-m", "harmless"]);
    taken(&push(&shop, &bare, &[&format!("{orphan}:refs/heads/a"), &format!("{harmless}:refs/heads/b")]));
    git(&bare, &["update-ref", &format!("refs/replace/{orphan}"), &harmless]);
    refused(&push(&shop, &bare, &["--force", &format!("{orphan}:refs/heads/main")]), "its history is not rewritten");
    assert_eq!(git(&bare, &["rev-parse", "main"]), main);
}

/// A client that says of the server what it likes: the hook is given what such a client sends.
#[test]
fn what_a_client_says_of_the_server_is_not_believed() {
    let (mut shop, bare) = approved();
    taken(&push(&shop, &bare, &["main:refs/heads/copy", APPROVALS, "proposal"]));
    git(&shop.dir, &["switch", "-q", "-c", "evil", "main"]);
    let evil = shop.flag("buy", 99);
    taken(&push(&shop, &bare, &["evil"]));
    let [zero, main] = ["0".repeat(40), git(&bare, &["rev-parse", "main"])];
    let hook = |old: &str, new: &str, name: &str| {
        let input = shop.path("input");
        fs::write(&input, format!("{old} {new} {name}\n")).unwrap();
        let mut hook = command("sh", &bare);
        hook.env("COUNTERSIGN", env!("CARGO_BIN_EXE_countersign")).env("GIT_DIR", ".");
        let done = hook.arg("hooks/pre-receive").stdin(fs::File::open(&input).unwrap()).output().unwrap();
        (done.status.success(), String::from_utf8_lossy(&done.stderr).into_owned())
    };
    for (old, new, name) in [
        (&*evil, &*evil, "refs/heads/main"),
        (&zero, &main, "refs/heads/main"),
        (&zero, &main, APPROVALS),
        (&main, &main, RECEIPTS),
    ] {
        refused(&hook(old, new, name), "fetch, and push again");
    }
    // As it is, it passes.
    let proposal = git(&bare, &["rev-parse", "proposal"]);
    taken(&hook(&main, &proposal, "refs/heads/main"));
}

#[test]
fn a_protected_branch_starts_at_one_as_it_is() {
    let (mut shop, bare) = approved();
    let all = "main stable release";
    let old = "start:refs/heads/stable";
    refused(&push_to(&shop, &bare, all, &[old]), "starts at what another protected branch is at");
    taken(&push_to(&shop, &bare, all, &["main:refs/heads/stable"]));
    // The branches come in an order of their own, and any of them will do.
    git(&shop.dir, &["switch", "-q", "-C", "words", "main"]);
    shop.commit("words", &[("README.md", Some("more\n"))]);
    taken(&push_to(&shop, &bare, all, &["words:main"]));
    taken(&push_to(&shop, &bare, all, &["words:refs/heads/release"]));
}

#[test]
fn the_branch_stays_the_first_parent() {
    let (mut shop, bare) = approved();
    taken(&push(&shop, &bare, &["proposal:main", APPROVALS]));
    git(&shop.dir, &["switch", "-q", "-c", "fox", "main"]);
    shop.commit("words", &[("README.md", Some("more\n"))]);
    git(&shop.dir, &["merge", "-q", "-m", "the wrong way round", "proposal"]);
    refused(&push(&shop, &bare, &["fox:main"]), "merge the other way round");
    // Both ways that the message names.
    git(&shop.dir, &["switch", "-q", "-c", "round", "proposal"]);
    git(&shop.dir, &["merge", "-q", "--no-ff", "-m", "the right way round", "fox~1"]);
    taken(&push(&shop, &bare, &["round:main"]));
}

#[test]
fn what_the_program_cannot_read_is_not_taken() {
    let (shop, bare) = approved();
    let blob = git(&shop.dir, &["rev-parse", "main:README.md"]);
    for name in [APPROVALS, RECEIPTS] {
        refused(&push(&shop, &bare, &[&format!("{blob}:{name}")]), "has to be a commit");
        refused(&push(&shop, &bare, &[&format!("start:{name}")]), "and nothing else");
        for one in junk(&shop, APPROVALS) {
            let (pushed, said) = push(&shop, &bare, &[&format!("{one}:{name}")]);
            assert!(!pushed && (said.contains("and nothing else") || said.contains("larger than")), "{said}");
        }
        // Nor is it hidden in a history that ends well.
        let dirty = with_entry(&shop, APPROVALS, &format!("100644,{blob},zz/note"));
        let tree = git(&shop.dir, &["rev-parse", &format!("{APPROVALS}^{{tree}}")]);
        let clean = git(&shop.dir, &["commit-tree", &tree, "-p", &dirty, "-m", "clean"]);
        refused(&push(&shop, &bare, &[&format!("{clean}:{name}")]), "taken away or replaced");
    }
    for name in ["refs/countersign", "refs/countersign/approvals/x", "refs/countersign/others"] {
        refused(&push(&shop, &bare, &[&format!("main:{name}")]), "there are no others");
    }
    taken(&push(&shop, &bare, &["proposal:main", APPROVALS]));
    // One in the way from before may go.
    let (shop, bare) = approved();
    git(&bare, &["update-ref", "refs/countersign/approvals/x", "main"]);
    taken(&push(&shop, &bare, &[":refs/countersign/approvals/x"]));
    taken(&push(&shop, &bare, &["proposal:main", APPROVALS]));
}

/// Junk from before the hook, or from where there is none, is reported and passed over.
#[test]
fn what_cannot_be_read_is_in_nobodys_way() {
    let (shop, bare) = approved();
    let alone = git(&shop.dir, &["rev-parse", APPROVALS]);
    let check = |shop: &Shop| shop.run(&["check", "--signed", "--base", "main", "--head", "proposal", "--exit-code"]);
    // The last, which is no file and has the right name, is read by what it is.
    for one in junk(&shop, &alone) {
        git(&shop.dir, &["update-ref", APPROVALS, &one]);
        let (code, out, err) = check(&shop);
        assert_eq!(code, 0, "{out}{err}");
        let stated = err.matches("passed over what is no envelope").count();
        assert!(stated == 1 || err.contains("counts for nothing"), "{err}");
        git(&shop.dir, &["update-ref", RECEIPTS, &one]);
        let (_, _, err) = shop.run(&["verify", "--rev", "main"]);
        assert!(!err.contains("error:"), "{err}");
    }
    let blob = git(&shop.dir, &["rev-parse", "main:README.md"]);
    git(&shop.dir, &["update-ref", APPROVALS, &blob]);
    let (code, _, err) = check(&shop);
    assert!(code == 1 && err.contains("which is a blob and no commit"), "{err}");
    // To add to it there has to be something.
    let (code, _, err) = approve(&shop, "bob", &[]);
    assert!(code != 0 && err.contains("git update-ref -d refs/countersign/approvals"), "{err}");
    git(&shop.dir, &["update-ref", APPROVALS, &alone]);
    // On the server it is replaced by what is right, and by nothing else.
    taken(&push(&shop, &bare, &["main:refs/heads/copy"]));
    git(&bare, &["update-ref", APPROVALS, &git(&bare, &["rev-parse", "main:README.md"])]);
    taken(&push(&shop, &bare, &["proposal:main", &format!("+{APPROVALS}")]));
}

/// A file of one side that nobody can read is kept where two histories join, or it would look as if it had been taken
/// away.
#[test]
fn what_cannot_be_read_stays_where_histories_join() {
    let mut shop = Shop::new();
    shop.flag("buy", 20);
    shop.receipt(&["alice"]);
    let first = git(&shop.dir, &["rev-parse", RECEIPTS]);
    for one in junk(&shop, &first) {
        let theirs = git(&shop.dir, &["ls-tree", "-r", &one]);
        let own =
            with_entry(&shop, &first, &format!("100644,{},ab/cd", git(&shop.dir, &["rev-parse", "main:README.md"])));
        git(&shop.dir, &["update-ref", RECEIPTS, &own]);
        shop.done(&["receipt", "--join", &one]);
        let joined = git(&shop.dir, &["ls-tree", "-r", RECEIPTS]);
        let whole = |line: &str| joined.contains(&line[7..]);
        assert!(theirs.lines().all(whole) && joined.contains("ab/cd"), "{theirs}\n{joined}");
    }
}

#[test]
fn a_branch_without_a_trust_takes_what_needs_no_approval() {
    let mut shop = Shop::new();
    shop.flag("buy", 20);
    let trust = fs::read_to_string(shop.dir.join(".countersign/trust.yaml")).unwrap();
    shop.commit("no trust", &[(".countersign/trust.yaml", None)]);
    let bare = served(&shop);
    git(&shop.dir, &["switch", "-q", "-c", "next"]);
    shop.commit("words", &[("README.md", Some("more\n"))]);
    taken(&push(&shop, &bare, &["next:main"]));
    let off = flag("buy", 20).replace("state: active", "state: inactive");
    shop.commit("off", &[("flags/checkout/buy.yaml", Some(&off))]);
    taken(&push(&shop, &bare, &["next:main"]));
    git(&shop.dir, &["branch", "before"]);
    shop.flag("buy", 30);
    refused(&push(&shop, &bare, &["next:main"]), "no signature counts");
    // Nobody appoints themselves; the message says how it is done.
    git(&shop.dir, &["switch", "-q", "-C", "setup", "before"]);
    shop.commit("trust", &[(".countersign/trust.yaml", Some(&trust))]);
    let (pushed, said) = push(&shop, &bare, &["setup:main"]);
    assert!(!pushed && said.contains("update-ref refs/heads/main "), "{said}");
    taken(&push(&shop, &bare, &["setup"]));
    let line = said.lines().find(|line| line.contains("update-ref")).unwrap();
    let done = command("sh", &shop.dir).args(["-c", line.trim_start_matches("remote:")]).output().unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    assert_eq!(git(&bare, &["rev-parse", "main"]), git(&shop.dir, &["rev-parse", "setup"]));
}

#[test]
fn the_first_push_brings_a_valid_policy() {
    let mut shop = Shop::new();
    let bare = served(&shop);
    git(&bare, &["update-ref", "-d", "refs/heads/main"]);
    let trust = fs::read_to_string(shop.dir.join(".countersign/trust.yaml")).unwrap();
    shop.commit("no trust", &[(".countersign/trust.yaml", None)]);
    refused(&push(&shop, &bare, &["main"]), "needs .countersign/trust.yaml");
    shop.commit(
        "broken",
        &[(".countersign/trust.yaml", Some(&trust)), (".countersign/config.yaml", Some("version: 7\n"))],
    );
    refused(&push(&shop, &bare, &["main"]), "needs a valid policy");
    shop.commit("none", &[(".countersign/config.yaml", None)]);
    refused(&push(&shop, &bare, &["main"]), "needs a valid policy");
    shop.commit("whole", &[(".countersign/config.yaml", Some(super::CONFIG))]);
    taken(&push(&shop, &bare, &["main"]));
}

/// An approval that is dated later than today outlives no rejection of today, and alone counts for nothing.
#[test]
fn an_approval_from_the_future_counts_for_nothing() {
    let shop = proposed();
    approve(&shop, "alice", &[]);
    let path = git(&shop.dir, &["ls-tree", "-r", "--name-only", APPROVALS]);
    let kept: serde_json::Value =
        serde_json::from_str(&git(&shop.dir, &["show", &format!("{APPROVALS}:{path}")])).unwrap();
    let mut stated = super::statement(&kept);
    stated["predicate"]["at"] = serde_json::json!((chrono::Utc::now() + chrono::TimeDelta::hours(23)).to_rfc3339());
    let forged = super::envelope(&shop, stated.to_string().as_bytes(), Some("alice"), "countersign").to_string();
    let file = shop.path("later.json");
    fs::write(&file, &forged).unwrap();
    let sum = command("sha256sum", &shop.dir).arg(&file).output().unwrap().stdout;
    let sum = String::from_utf8(sum).unwrap().split(' ').next().unwrap().to_owned();
    let blob = git(&shop.dir, &["hash-object", "-w", file.to_str().unwrap()]);
    let folder = path.rsplit_once('/').unwrap().0;
    let check = || shop.run(&["check", "--signed", "--head", "proposal", "--exit-code"]);
    let with = with_entry(&shop, APPROVALS, &format!("100644,{blob},{folder}/{sum}.json"));
    git(&shop.dir, &["update-ref", APPROVALS, &with]);
    approve(&shop, "alice", &["--reject"]);
    let (code, out, err) = check();
    assert!(code == 1 && out.contains("rejected"), "{out}{err}");
    assert!(err.contains("which is still to come"), "{err}");
}

/// A name of the server's that stands for a protected branch is the protected branch.
#[test]
fn a_symbolic_reference_is_no_side_door() {
    let (shop, bare) = {
        let shop = proposed();
        let bare = served(&shop);
        (shop, bare)
    };
    git(&bare, &["symbolic-ref", "refs/heads/master", "refs/heads/main"]);
    git(&bare, &["symbolic-ref", "refs/heads/trunk", "refs/heads/master"]);
    let before = git(&bare, &["rev-parse", "main"]);
    for name in ["master", "trunk"] {
        refused(&push(&shop, &bare, &[&format!("proposal:{name}")]), "stays as it is");
    }
    assert_eq!(git(&bare, &["rev-parse", "main"]), before);
    assert_eq!(approve(&shop, "alice", &[]).0, 0);
    taken(&push(&shop, &bare, &["proposal:master", APPROVALS]));
}

/// One file under many names is one file, or none.
#[test]
fn a_file_counts_under_its_own_name() {
    let (shop, _) = approved();
    let small = git(&shop.dir, &["hash-object", "-w", "README.md"]);
    let mut tip = git(&shop.dir, &["rev-parse", APPROVALS]);
    for at in 0..5 {
        tip = with_entry(&shop, &tip, &format!("100644,{small},aa/{}/{at}{}.json", "b".repeat(38), "c".repeat(63)));
    }
    git(&shop.dir, &["update-ref", APPROVALS, &tip]);
    let (code, out, err) = shop.run(&["check", "--signed", "--head", "proposal", "--exit-code"]);
    assert_eq!(code, 0, "{out}{err}");
    assert!(err.contains("not named after its bytes, and 4 more"), "{err}");
}

/// A push in which a commit leaves what nobody judged is refused, whatever comes after it.
#[test]
fn nothing_hides_inside_of_a_push() {
    let (mut shop, bare) = approved();
    git(&shop.dir, &["switch", "-q", "main"]);
    let honest = fs::read_to_string(shop.dir.join(".countersign/trust.yaml")).unwrap();
    let mine = honest.replace(&shop.public("ci"), &shop.public("mallory"));
    shop.commit("mine", &[(".countersign/trust.yaml", Some(&mine))]);
    shop.commit("honest", &[(".countersign/trust.yaml", Some(&honest))]);
    refused(&push(&shop, &bare, &["main"]), "nobody judges the states in between");
    // As one merge on top it is one state, and judged.
    let merge = |of: &str, on: &str| {
        let tree = git(&shop.dir, &["rev-parse", &format!("{of}^{{tree}}")]);
        git(&shop.dir, &["commit-tree", &tree, "-p", on, "-p", of, "-m", "merge"])
    };
    let on = git(&bare, &["rev-parse", "main"]);
    taken(&push(&shop, &bare, &[&format!("{}:main", merge("main", &on))]));
}

/// A pattern that names no branch protects none, and a reference that stands for a remote is nobody's to push.
#[test]
fn a_name_that_protects_nothing_is_refused() {
    let (shop, bare) = approved();
    for name in ["refs/heads/main", "main,release/1", "release/*"] {
        refused(&push_to(&shop, &bare, name, &["proposal:other"]), "COUNTERSIGN_BRANCHES names branches");
    }
    refused(&push(&shop, &bare, &["proposal:refs/remotes/origin/main"]), "is for clones");
}

/// Where the policy adds up the steps of two weeks, none says that it is of another month.
#[test]
fn a_step_of_today_is_not_of_last_month() {
    let (mut shop, bare) = approved();
    let config = format!("{}sections:\n  Science:\n    when: {{affected: \"> 5%\", within: 14d}}\n", super::CONFIG);
    git(&shop.dir, &["switch", "-q", "main"]);
    let approvers = "/flags/checkout/ @alice @bob\n[Science] @kim\n/flags/checkout/\n";
    let files = [(".countersign/config.yaml", Some(config.as_str())), (".countersign/APPROVERS", Some(approvers))];
    let policy = shop.commit("within", &files);
    let there = git(&bare, &["rev-parse", "main"]);
    git(&shop.dir, &["push", "-q", bare.to_str().unwrap(), "main:other"]);
    git(&bare, &["update-ref", "refs/heads/main", &policy, &there]);
    shop.commit("words", &[("README.md", Some("more\n"))]);
    let dated = |date: &str| {
        let mut amend = command("git", &shop.dir);
        let done = amend.args(["commit", "-q", "--amend", "--no-edit"]).env("GIT_COMMITTER_DATE", date).status();
        assert!(done.unwrap().success());
    };
    dated("2020-01-01T00:00:00Z");
    refused(&push(&shop, &bare, &["main"]), "says that it is older than a day");
    dated(&format!("{} +0000", chrono::Utc::now().timestamp()));
    taken(&push(&shop, &bare, &["main"]));
}

/// A file has the name of its bytes, so it has one; and a push is no heap.
#[test]
fn one_file_under_many_names() {
    let (shop, bare) = approved();
    let small = git(&shop.dir, &["hash-object", "-w", "README.md"]);
    let mut tip = git(&shop.dir, &["rev-parse", APPROVALS]);
    for at in 0..2 {
        tip = with_entry(&shop, &tip, &format!("100644,{small},aa/{}/{at}{}.json", "b".repeat(38), "c".repeat(63)));
    }
    refused(&push(&shop, &bare, &[&format!("{tip}:{APPROVALS}")]), "one file under several names");
}

/// A file that has its own name counts, whoever put it under another one before.
#[test]
fn another_name_takes_nothing_from_its_own() {
    let (shop, _) = approved();
    let list = git(&shop.dir, &["ls-tree", "-r", APPROVALS]);
    let blob = list.split_whitespace().nth(2).unwrap();
    let tip = with_entry(&shop, APPROVALS, &format!("100644,{blob},00/{}/{}.json", "0".repeat(38), "0".repeat(64)));
    git(&shop.dir, &["update-ref", APPROVALS, &tip]);
    let (code, out, err) = shop.run(&["check", "--signed", "--head", "proposal", "--exit-code"]);
    assert_eq!(code, 0, "{out}{err}");
}
