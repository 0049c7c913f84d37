//! Approvals without a forge: signed in a terminal, counted by `check --signed`, and held by a hook of a bare
//! repository.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::{Shop, decoded, flag};
use crate::git::{command, git};

/// A repository whose trust says whose address is whose, with a proposal of jo's.
pub fn proposed() -> Shop {
    let mut shop = Shop::new();
    let trust = shop.trust("people: {jo: [jo@example.com], alice: [alice@example.com]}\n");
    shop.commit("people", &[(".countersign/trust.yaml", Some(&trust))]);
    shop.flag("buy", 20);
    git(&shop.dir, &["switch", "-q", "-c", "proposal"]);
    shop.flag("buy", 50);
    shop
}

pub fn approve(shop: &Shop, key: &str, more: &[&str]) -> (i32, String, String) {
    let key = shop.key(key);
    let args = ["approve", "proposal", "--yes", "--sign-with", key.to_str().unwrap()];
    shop.run(&[&args[..], more].concat())
}

/// The verdict of `check --signed`, who counts, and why others do not.
pub fn check(shop: &Shop) -> (String, Vec<String>, Vec<String>) {
    let (_, out, err) = shop.run(&["check", "--signed", "--head", "proposal", "--format", "json"]);
    let report: Value = serde_json::from_str(&out).unwrap_or_else(|_| panic!("{out}{err}"));
    crate::schema::holds("report", &report);
    let requirements: Vec<Value> = report["flags"]
        .as_array()
        .unwrap()
        .iter()
        .flat_map(|flag| flag["requirements"].as_array().unwrap().clone())
        .collect();
    let list = |name: &str, member: &str| {
        let all = requirements.iter().flat_map(|one| one[name].as_array().unwrap().clone());
        all.map(|one| one.get(member).unwrap_or(&one).as_str().unwrap().to_owned()).collect()
    };
    (report["verdict"].as_str().unwrap().to_owned(), list("approvedBy", "-"), list("notCounted", "why"))
}

#[test]
fn a_signed_approval_counts() {
    let shop = proposed();
    assert_eq!(check(&shop).0, "pending");
    let (code, out, err) = approve(&shop, "alice", &[]);
    assert_eq!(code, 0, "{err}");
    // The signed content was displayed.
    assert!(out.contains("rolloutPercentage"), "{out}");
    assert!(err.contains("approved as alice"), "{err}");
    assert_eq!(check(&shop), ("approved".to_owned(), vec!["alice".to_owned()], vec![]));
    let list = git(&shop.dir, &["ls-tree", "-r", "--name-only", "refs/countersign/approvals"]);
    let text = git(&shop.dir, &["show", &format!("refs/countersign/approvals:{list}")]);
    let envelope: Value = serde_json::from_str(&text).unwrap();
    let statement: Value = serde_json::from_slice(&decoded(&envelope["payload"])).unwrap();
    crate::schema::holds("approval", &statement);
    assert_eq!(statement["predicateType"], "urn:countersign:approval:v1");
    assert_eq!(statement["subject"][0]["name"], "checkout/buy");
    // Another content is another matter, and the same content under another commit is not.
    let mut shop = shop;
    git(&shop.dir, &["commit", "-q", "--amend", "-m", "other words"]);
    assert_eq!(check(&shop).0, "approved");
    shop.flag("buy", 51);
    let (verdict, _, why) = check(&shop);
    assert_eq!(verdict, "pending");
    assert!(why[0].contains("which is no longer the proposed content"), "{why:?}");
}

#[test]
fn who_may_not_approve_does_not() {
    let shop = proposed();
    // A key that nobody knows, and one that signs receipts.
    for key in ["mallory", "ci"] {
        let (code, _, err) = approve(&shop, key, &[]);
        assert_eq!(code, 2, "{err}");
        assert!(err.contains("stands under `approvers` of nobody"), "{err}");
    }
    // Nobody who can be asked has read it.
    let key = shop.key("alice");
    let (code, _, err) = shop.run(&["approve", "proposal", "--sign-with", key.to_str().unwrap()]);
    assert_eq!(code, 2, "{err}");
    assert_eq!(check(&shop).0, "pending");
    // The author is told by the address in the commit; an address of nobody may be anybody's.
    for (address, expected) in [
        ("alice@example.com", "contributed to the change"),
        ("x@example.com", "who contributed to the change is not known"),
    ] {
        let mut shop = proposed();
        shop.commit("note", &[("note", Some("x"))]);
        git(&shop.dir, &["reset", "-q", "--soft", "main"]);
        git(&shop.dir, &["commit", "-q", "-m", "all", "--author", &format!("Somebody <{address}>")]);
        let (code, _, err) = approve(&shop, "alice", &[]);
        // The signer is warned at once, and nothing is kept.
        assert!(code == 2 && err.contains("it would count for nothing") && err.contains(expected), "{err}");
        assert_eq!(git(&shop.dir, &["for-each-ref", "refs/countersign/approvals"]), "");
        let (code, _, err) = approve(&shop, "alice", &["--anyway"]);
        assert_eq!(code, 0, "{err}");
        let (verdict, _, why) = check(&shop);
        // The requestor and the contributors are told apart nowhere without a forge.
        assert_eq!(verdict, "pending", "{address}");
        assert!(why[0].contains(expected) || why[0].contains("asked for the change"), "{address}: {why:?}");
    }
}

#[test]
fn a_rejection_holds_until_it_is_taken_back() {
    let shop = proposed();
    approve(&shop, "bob", &[]);
    let (code, _, err) = approve(&shop, "alice", &["--reject", "--note", "not this week"]);
    assert_eq!(code, 0, "{err}");
    assert_eq!(check(&shop).0, "rejected");
}

/// An approval of a step is none of the same step another time.
#[test]
fn an_approval_is_not_played_again() {
    let mut shop = proposed();
    approve(&shop, "alice", &[]);
    assert_eq!(check(&shop).0, "approved");
    git(&shop.dir, &["switch", "-q", "main"]);
    git(&shop.dir, &["merge", "-q", "--ff-only", "proposal"]);
    shop.flag("buy", 20);
    git(&shop.dir, &["switch", "-q", "-C", "proposal"]);
    shop.flag("buy", 50);
    let (code, out, err) = shop.run(&["check", "--signed", "--base", "main", "--head", "proposal", "--exit-code"]);
    assert_eq!(code, 1, "{out}{err}");
    assert!(err.contains("the branch changed checkout/buy since alice signed an approval"), "{err}");
    // Another flag that changes on the branch takes nothing away.
    let mut shop = proposed();
    approve(&shop, "alice", &[]);
    git(&shop.dir, &["switch", "-q", "main"]);
    shop.commit("sandbox", &[("flags/sandbox/try.yaml", Some(&flag("try", 50)))]);
    assert_eq!(check(&shop).0, "approved");
}

/// A bare repository with the hook, and a clone of it that pushes.
pub fn served(shop: &Shop) -> PathBuf {
    let bare = shop.path("bare.git");
    git(shop.path("").as_path(), &["init", "-q", "--bare", "-b", "main", bare.to_str().unwrap()]);
    git(&shop.dir, &["push", "-q", bare.to_str().unwrap(), "main"]);
    let hook = bare.join("hooks/pre-receive");
    fs::create_dir_all(hook.parent().unwrap()).unwrap();
    fs::copy(Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/hooks/pre-receive"), &hook).unwrap();
    bare
}

pub fn push(shop: &Shop, bare: &Path, refs: &[&str]) -> (bool, String) {
    let mut push = command("git", &shop.dir);
    push.env("COUNTERSIGN", env!("CARGO_BIN_EXE_countersign"));
    let done = push.arg("push").arg(bare).args(refs).output().unwrap();
    (done.status.success(), String::from_utf8_lossy(&done.stderr).into_owned())
}

#[test]
fn a_bare_repository_is_a_gate() {
    let mut shop = proposed();
    let bare = served(&shop);
    let tip = || git(&bare, &["rev-parse", "main"]);
    let before = tip();
    let (pushed, said) = push(&shop, &bare, &["proposal:main"]);
    assert!(!pushed && said.contains("1 approval") && said.contains("stays as it is"), "{said}");
    assert_eq!(tip(), before);
    // A branch that is not protected is nobody's business.
    assert!(push(&shop, &bare, &["proposal"]).0);
    approve(&shop, "alice", &[]);
    let approvals = "refs/countersign/approvals";
    // The approval may come with what it approves, or before.
    let (pushed, said) = push(&shop, &bare, &["proposal:main", approvals]);
    assert!(pushed, "{said}");
    assert_ne!(tip(), before);
    // Switching off waits for nobody.
    let off = flag("buy", 50).replace("state: active", "state: inactive");
    shop.commit("off", &[("flags/checkout/buy.yaml", Some(&off))]);
    let (pushed, said) = push(&shop, &bare, &["proposal:main"]);
    assert!(pushed, "{said}");
    // History stays, and so do the approvals.
    let (pushed, said) = push(&shop, &bare, &["--force", "main~1:main"]);
    assert!(!pushed && said.contains("its history is not rewritten"), "{said}");
    assert!(push(&shop, &bare, &["proposal:other"]).0);
    let (pushed, said) = push(&shop, &bare, &[":main"]);
    assert!(!pushed, "{said}");
    let (pushed, said) = push(&shop, &bare, &[&format!(":{approvals}")]);
    assert!(!pushed && said.contains("is never deleted"), "{said}");
    let empty = git(&shop.dir, &["hash-object", "-t", "tree", "-w", "/dev/null"]);
    let gone = git(&shop.dir, &["commit-tree", &empty, "-p", approvals, "-m", "gone"]);
    let (pushed, said) = push(&shop, &bare, &[&format!("{gone}:{approvals}")]);
    assert!(!pushed && said.contains("taken away or replaced"), "{said}");
    // A protected branch starts with what is protected.
    let start = |from: &str| {
        let mut push = command("git", &shop.dir);
        push.env("COUNTERSIGN", env!("CARGO_BIN_EXE_countersign")).env("COUNTERSIGN_BRANCHES", "main release");
        let done = push.arg("push").arg(&bare).arg(format!("{from}:refs/heads/release")).output().unwrap();
        (done.status.success(), String::from_utf8_lossy(&done.stderr).into_owned())
    };
    let (pushed, said) = start(&gone);
    assert!(!pushed && said.contains("starts at what another protected branch is at"), "{said}");
    // A commit that the branch was at once had another policy then.
    let (pushed, said) = start("proposal~1");
    assert!(!pushed && said.contains("starts at what another protected branch is at"), "{said}");
    assert!(start("proposal").0);
    // A policy that would let everybody in is judged by the one there is.
    let config = super::CONFIG.replace("approvals: specific", "approvals: none");
    shop.commit("free for all", &[(".countersign/config.yaml", Some(&config))]);
    let (pushed, said) = push(&shop, &bare, &["proposal:main"]);
    assert!(!pushed, "{said}");
}
