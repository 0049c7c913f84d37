//! Remedies of `check --signed` and of the hook, followed to the letter: without a forge, and with nothing but what
//! they name.

use super::Shop;
use super::signed::{approve, push, served};
use crate::git::{command, git};

const APPROVALS: &str = "refs/countersign/approvals";

/// A repository in which these people have keys, and these addresses are known.
pub(super) fn shop(keys: &[&str], people: &str) -> Shop {
    let mut shop = Shop::new();
    let lines: Vec<String> = keys.iter().map(|name| format!("'{name} {}'", shop.public(name))).collect();
    let ci = shop.public("ci");
    let trust = format!(
        "version: 1\nrepository: acme/shop\nreceipts: ['ci@acme.example {ci}']\napprovers: [{}]\n{people}",
        lines.join(", ")
    );
    shop.commit("people", &[(".countersign/trust.yaml", Some(&trust))]);
    shop.flag("buy", 20);
    git(&shop.dir, &["switch", "-q", "-c", "proposal"]);
    shop.flag("buy", 50);
    shop
}

const JO: &str = "people: {jo: [jo@example.com], alice: [alice@example.com]}\n";

/// The exit code, and the steps that are named, with spaces between words.
fn next(shop: &Shop) -> (i32, String) {
    let args = ["check", "--signed", "--base", "main", "--head", "proposal", "--exit-code"];
    let (code, out, _) = shop.run(&args);
    let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    (code, out.split_once("next: ").map(|(_, next)| words(next)).unwrap_or_default())
}

/// The commands in backticks.
fn commands(next: &str) -> Vec<String> {
    next.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

/// Runs a command of a message as somebody types it, with their key.
fn follow(shop: &Shop, typed: &str, key: &str) {
    let key = shop.key(key);
    let program = env!("CARGO_BIN_EXE_countersign");
    let typed = typed.replace("WHY", "'she is on leave'").replace("countersign ", &format!("{program} "));
    let line = if typed.contains(" approve ") { format!("{typed} --yes --sign-with {}", key.display()) } else { typed };
    let done = command("sh", &shop.dir).args(["-c", &line]).output().unwrap();
    assert!(done.status.success(), "{line}: {}", String::from_utf8_lossy(&done.stderr));
}

#[test]
fn an_approval_is_awaited_with_its_command() {
    let shop = shop(&["alice", "bob", "root"], JO);
    let bare = served(&shop);
    git(&shop.dir, &["remote", "add", "origin", bare.to_str().unwrap()]);
    let (code, said) = next(&shop);
    assert_eq!(code, 1);
    let commands = commands(&said);
    assert_eq!(commands, ["countersign approve proposal", &format!("git push origin {APPROVALS}")], "{said}");
    follow(&shop, &commands[0], "alice");
    follow(&shop, &commands[1], "alice");
    assert_eq!(next(&shop).0, 0);
    let (pushed, said) = push(&shop, &bare, &["proposal:main"]);
    assert!(pushed, "{said}");
}

#[test]
fn a_rejection_is_lifted_in_both_ways_that_are_named() {
    for (which, key) in [(0, "alice"), (1, "root")] {
        let shop = shop(&["alice", "bob", "root"], JO);
        approve(&shop, "alice", &["--reject"]);
        approve(&shop, "bob", &[]);
        let (code, said) = next(&shop);
        assert_eq!(code, 1);
        let commands = commands(&said);
        assert!(commands[1].contains("--dismiss alice"), "{said}");
        follow(&shop, &commands[which], key);
        assert_eq!(next(&shop).0, 0, "{said}");
    }
}

/// While nobody knows who wrote it no approval counts, so none is awaited.
#[test]
fn who_wrote_it_is_made_known_first() {
    let mut shop = shop(&["alice", "bob", "root"], JO);
    git(&shop.dir, &["reset", "-q", "--soft", "main"]);
    git(&shop.dir, &["commit", "-q", "-m", "strange", "--author", "S <stranger@example.com>"]);
    let (code, said) = next(&shop);
    assert!(code == 1 && !said.contains("ask for") && said.contains("`people`"), "{said}");
    let named = commands(&said);
    let rebase = named.iter().find(|one| one.starts_with("git rebase")).unwrap();
    follow(&shop, rebase, "bob");
    let (code, said) = next(&shop);
    assert!(code == 1 && said.contains("ask for 1 approval"), "{said}");
    follow(&shop, &commands(&said)[0], "alice");
    assert_eq!(next(&shop).0, 0);
    // The other way that is named: the address becomes somebody's, by a change of the policy that an admin approves.
    git(&shop.dir, &["commit", "-q", "--amend", "--no-edit", "--author", "S <stranger@example.com>"]);
    git(&shop.dir, &["switch", "-q", "main"]);
    let trust = std::fs::read_to_string(shop.dir.join(".countersign/trust.yaml")).unwrap();
    let known = trust.replace("people: {", "people: {kim: [stranger@example.com], ");
    git(&shop.dir, &["switch", "-q", "-c", "known"]);
    shop.commit("known", &[(".countersign/trust.yaml", Some(&known))]);
    let key = shop.key("root");
    shop.done(&["approve", "known", "--base", "main", "--yes", "--sign-with", key.to_str().unwrap()]);
    let judged = shop.run(&["check", "--signed", "--base", "main", "--head", "known", "--exit-code"]);
    assert_eq!(judged.0, 0, "{}{}", judged.1, judged.2);
    git(&shop.dir, &["switch", "-q", "main"]);
    git(&shop.dir, &["merge", "-q", "--ff-only", "known"]);
    git(&shop.dir, &["switch", "-q", "proposal"]);
    assert!(next(&shop).1.contains("ask for 1 approval") || next(&shop).0 == 0);
}

/// Where no required approver has a key, the command is not for them.
#[test]
fn nobody_without_a_key_is_awaited() {
    let mut shop = shop(&["bob", "root"], JO);
    git(&shop.dir, &["switch", "-q", "main"]);
    shop.commit("alice alone", &[(".countersign/APPROVERS", Some("/flags/checkout/ @alice\n"))]);
    git(&shop.dir, &["switch", "-q", "-C", "proposal"]);
    shop.flag("buy", 60);
    // An admin has a key, and is among the pending reviewers.
    assert!(next(&shop).1.contains("ask for 1 approval"), "{}", next(&shop).1);
    for (approvers, config, expected) in [
        ("/flags/checkout/ @alice\n", super::CONFIG.replace("\"@root\"", "\"@lee\""), "administrator of the server"),
        ("/flags/checkout/ @acme/pay\n", super::CONFIG.replace("\"@kim\"", "\"@acme/admins\""), "ask for 1 approval"),
        (
            "/flags/checkout/ @acme/pay\n",
            super::CONFIG.replace("admins: [\"@root\", \"@kim\"]", "admins: [\"@kim\"]\npolicy-approvers: [\"@root\"]"),
            "list the members of `@acme/pay`",
        ),
        (
            "/flags/checkout/ @alice\n",
            super::CONFIG.replace("admins: [\"@root\", \"@kim\"]", "admins: [\"@kim\"]\npolicy-approvers: [\"@root\"]"),
            "put a key of",
        ),
    ] {
        git(&shop.dir, &["switch", "-q", "main"]);
        let files = [(".countersign/APPROVERS", Some(approvers)), (".countersign/config.yaml", Some(config.as_str()))];
        shop.commit("policy", &files);
        git(&shop.dir, &["switch", "-q", "-C", "proposal"]);
        shop.flag("buy", 60 + u32::try_from(config.len() % 30).unwrap());
        let (_, said) = next(&shop);
        assert!(said.contains(expected), "{expected}: {said}");
    }
}

/// A policy that no push can change: it is said at the first push and by `lint`, and the refusal prints the way out,
/// which works.
#[test]
fn a_policy_that_no_push_can_change() {
    let mut shop = shop(&["alice", "bob"], "");
    git(&shop.dir, &["switch", "-q", "main"]);
    let lint = shop.run(&["lint"]);
    assert_eq!(lint.1.matches("no-key-approves").count(), 2, "{}", lint.1);
    let bare = served(&shop);
    git(&bare, &["update-ref", "-d", "refs/heads/main"]);
    let (pushed, said) = push(&shop, &bare, &["main"]);
    assert!(pushed && said.contains("nobody knows who wrote a change") && said.contains("has a key here"), "{said}");
    let root = shop.public("root");
    let trust = shop.trust(JO).replace("approvers: [", &format!("approvers: ['root {root}', "));
    git(&shop.dir, &["switch", "-q", "-c", "setup"]);
    shop.commit("people", &[(".countersign/trust.yaml", Some(&trust))]);
    let (pushed, said) = push(&shop, &bare, &["setup:main"]);
    assert!(!pushed && said.contains("have an administrator of the server"), "{said}");
    assert!(push(&shop, &bare, &["setup"]).0);
    let line = said.lines().find(|line| line.contains("update-ref refs/heads/main ")).unwrap();
    let done = command("sh", &shop.dir).args(["-c", line.trim_start_matches("remote:")]).output().unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    assert_eq!(git(&bare, &["rev-parse", "main"]), git(&shop.dir, &["rev-parse", "setup"]));
    shop.write(&[(".countersign/trust.yaml", Some(&trust))]);
    assert!(!shop.run(&["lint"]).1.contains("no-key-approves"));
}

/// Outside of a clone, and on a branch without a policy, the next command is named.
#[test]
fn what_is_missing_has_its_remedy() {
    let shop = Shop::new();
    std::fs::write(shop.path("buy.yaml"), super::flag("buy", 20)).unwrap();
    let mut outside = crate::git::command(env!("CARGO_BIN_EXE_countersign"), &shop.path(""));
    let done = outside.args(["verify", "buy.yaml"]).output().unwrap();
    let err = String::from_utf8(done.stderr).unwrap();
    assert!(err.contains("without a clone bring `--bundle` and `--trust`"), "{err}");
    let mut shop = shop;
    let config = std::fs::read_to_string(shop.dir.join(".countersign/config.yaml")).unwrap();
    shop.commit("broken", &[(".countersign/config.yaml", Some("version: 1\nprojects: {}\nadmin: [kim]\n"))]);
    let (code, _, err) = shop.run(&["receipt", "--debts"]);
    assert!(code != 0 && err.contains(".countersign/config.yaml:") && err.contains("correct it there"), "{code} {err}");
    shop.commit("gone", &[(".countersign/config.yaml", None)]);
    for args in [&["receipt", "--debts"][..], &["audit", "start..main", "--receipts"], &["approve", "main"]] {
        let (code, _, err) = shop.run(args);
        assert!(code != 0 && err.contains("countersign init") || args[0] == "approve", "{args:?}: {code} {err}");
    }
    shop.commit("back", &[(".countersign/config.yaml", Some(&config))]);
    assert_eq!(shop.run(&["receipt", "--debts"]).0, 0);
}
