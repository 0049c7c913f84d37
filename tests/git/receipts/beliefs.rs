//! Facts that nobody may rely on: the dates in a commit, a key under two names, a receipt of another branch, the name
//! of a project.

use serde_json::{Value, json};

use super::debts::{broken, merged, receipt};
use super::forged::approved;
use super::{CONFIG, Shop, flag};
use crate::git::{command, git};

const TRUST: &str = ".countersign/trust.yaml";

/// Commits a flag with these dates, as whoever commits may write them.
fn dated(shop: &Shop, percent: u32, author: &str, committer: &str) -> String {
    shop.write(&[("flags/checkout/buy.yaml", Some(&flag("buy", percent)))]);
    git(&shop.dir, &["add", "-A"]);
    let mut commit = command("git", &shop.dir);
    let done = commit
        .args(["commit", "-q", "-m", "dated"])
        .env("GIT_AUTHOR_DATE", author)
        .env("GIT_COMMITTER_DATE", committer);
    let done = done.output().unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    git(&shop.dir, &["rev-parse", "HEAD"])
}

/// A change past the gate is found, and one through it is as good as any, whatever an author and a committer write.
#[test]
fn the_dates_of_a_commit_hide_nothing() {
    let now = format!("@{} +0000", chrono::Utc::now().timestamp());
    for (author, committer) in [
        ("@0 +0000", now.as_str()),
        ("@4102444800 +0000", now.as_str()),
        (now.as_str(), "@0 +0000"),
        (now.as_str(), "@86400 +1400"),
        (now.as_str(), "@4102444800 -1200"),
        ("@253402300799 +0000", "@253402300799 +0000"),
    ] {
        let mut shop = approved();
        let commit = dated(&shop, 90, author, committer);
        shop.commit("later", &[("README.md", Some("later\n"))]);
        let stated = format!("{author}, {committer}");
        assert_eq!(shop.verify(&["--rev", "main"]).0, 1, "{stated}");
        for since in [&["start..main"][..], &["--since", "2026-11-01"]] {
            let args = [&["audit", "--receipts", "--exit-code", "--format", "json"][..], since].concat();
            let (code, out, err) = shop.run(&args);
            let audit: Value = serde_json::from_str(&out).unwrap_or_else(|_| panic!("{stated}: {out}{err}"));
            crate::schema::holds("receipt-audit", &audit);
            let found = audit["merges"].as_array().unwrap().iter().find(|one| one["commit"] == commit.as_str());
            let outcome = found.map(|one| one["outcome"].clone());
            assert_eq!((code, outcome), (1, Some(json!("missing"))), "{stated} {since:?}: {out}");
        }
        // The same with its approvals.
        git(&shop.dir, &["reset", "-q", "--hard", &commit]);
        shop.receipt(&["alice"]);
        assert_eq!(shop.verify(&["--rev", "main"]).0, 0, "{stated}");
        let (code, out, _) = shop.run(&["audit", "start..main", "--receipts", "--exit-code"]);
        assert_eq!(code, 0, "{stated}: {out}");
    }
}

/// A key is one person, however many names stand before it and on however many lines it stands.
#[test]
fn a_key_under_two_names_is_one_approval() {
    let two = "version: 1\nadmins: [\"@root\", \"@kim\"]\nprojects:\n  checkout: {paths: [\"flags/checkout/**\"], approvals: specific}\n";
    for (lines, valid) in [
        (["alice,bob ALICE", "kim BOB"], false),
        (["alice ALICE", "bob ALICE"], false),
        (["alice ALICE", "bob valid-after=\"20200101\" ALICE"], false),
        // One person with two addresses, or with two keys.
        (["alice,alice@example.com ALICE", "bob BOB"], true),
        (["alice ALICE", "alice BOB"], true),
    ] {
        let mut shop = Shop::new();
        let keys = [shop.public("alice"), shop.public("bob")];
        let lines: Vec<String> = lines
            .iter()
            .map(|line| format!("'{}'", line.replace("ALICE", &keys[0]).replace("BOB", &keys[1])))
            .collect();
        let people = "people: {jo: [jo@example.com], alice: [alice@example.com], bob: [bob@example.com]}\n";
        let trust = format!(
            "version: 1\nrepository: acme/shop\nreceipts: ['ci@acme.example {}']\napprovers: [{}]\n{people}",
            shop.public("ci"),
            lines.join(", ")
        );
        let approvers = "[checkout][2]\n/flags/checkout/ @alice @bob\n";
        shop.commit(
            "two",
            &[
                (TRUST, Some(&trust)),
                (".countersign/APPROVERS", Some(approvers)),
                (".countersign/config.yaml", Some(two)),
                ("flags/sandbox/zero.yaml", None),
            ],
        );
        git(&shop.dir, &["switch", "-q", "-c", "proposal"]);
        shop.flag("buy", 50);
        for key in ["alice", "bob"] {
            let key = shop.key(key);
            shop.run(&["approve", "proposal", "--yes", "--anyway", "--sign-with", key.to_str().unwrap()]);
        }
        let (code, out, err) = shop.run(&["check", "--signed", "--head", "proposal", "--exit-code"]);
        let named = lines.join(" ");
        if !valid {
            assert!(code == 4 && format!("{out}{err}").contains("one key stands for"), "{named}: {code} {out}{err}");
            continue;
        }
        let both = named.contains("'bob ");
        assert_eq!(code, i32::from(!both), "{named}: {out}{err}");
    }
}

/// A receipt of one branch covers no commit of another, also if that is a copy of the same change.
#[test]
fn a_receipt_is_not_played_again_on_another_branch() {
    let mut shop = Shop::new();
    let trust = shop.trust("branches: [main]\n");
    shop.commit("branches", &[(TRUST, Some(&trust))]);
    shop.receipt(&["kim"]);
    git(&shop.dir, &["branch", "release"]);
    shop.flag("buy", 20);
    shop.receipt(&["alice"]);
    let change = git(&shop.dir, &["rev-parse", "main"]);
    git(&shop.dir, &["switch", "-q", "release"]);
    shop.flag("other", 10);
    git(&shop.dir, &["cherry-pick", &change]);
    assert_ne!(git(&shop.dir, &["rev-parse", "release"]), change);
    let verified = |args: &[&str]| shop.verify(&[&["--rev", "release", "--branch", "release"][..], args].concat());
    let (code, said) = verified(&[]);
    let coverage = |said: &Value, name: &str| {
        let found = said["flags"].as_array().unwrap().iter().find(|one| one["name"] == name).unwrap();
        found["coverage"].as_str().unwrap().to_owned()
    };
    assert_eq!((code, coverage(&said, "checkout/buy").as_str()), (1, "nobody"), "{said:#}");
    assert_eq!(coverage(&said, "checkout/other"), "nobody");
    // With the name of the branch in it, by whom it may be: its commit is none of that branch.
    let mut stated = super::statement(&shop.envelopes().into_iter().find(|(commit, _)| *commit == change).unwrap().1);
    stated["predicate"]["branch"] = json!("release");
    shop.forge(&stated, Some("ci"), "countersign");
    let (code, said) = verified(&[]);
    assert_eq!((code, coverage(&said, "checkout/buy").as_str()), (1, "nobody"), "{said:#}");
    let (code, out, _) = shop.run(&["audit", "start..release", "--receipts", "--branch", "release", "--exit-code"]);
    assert!(code == 1 && out.matches("no receipt").count() >= 2, "{out}");
}

/// A project that gets another name takes its debts along, and those who could pay pay.
#[test]
fn another_name_of_a_project_takes_its_debts_along() {
    let mut shop = broken(false);
    merged(&shop);
    receipt(&shop);
    let debt = git(&shop.dir, &["rev-parse", "main"]);
    let config = CONFIG.replace("\"@root\"", "\"@alice\"").replace("  checkout:", "  till:")
        + "break-glass: {by: admins, people: 1, review-within: 3d, hold: false}\n";
    shop.commit("another name", &[(".countersign/config.yaml", Some(&config))]);
    shop.receipt(&["kim"]);
    let said = shop.verify(&["--rev", "main"]).1;
    assert_eq!([&said["flags"][0]["name"], &said["flags"][0]["coverage"]], ["till/buy", "debt"], "{said:#}");
    let key = shop.key("bob");
    let args = ["approve", &debt, "--merged", "--branch", "main", "--yes", "--sign-with", key.to_str().unwrap()];
    let (code, _, err) = shop.run(&args);
    assert_eq!(code, 0, "{err}");
    let ci = shop.key("ci");
    let (_, _, err) = shop.run(&["receipt", "--debts", "--signed", "--sign-with", ci.to_str().unwrap()]);
    assert!(err.contains("1 of 1 unpaid debts paid"), "{err}");
    let said = shop.verify(&["--rev", "main"]).1;
    assert_eq!([&said["flags"][0]["name"], &said["flags"][0]["coverage"]], ["till/buy", "countersigned"], "{said:#}");
    let (code, out, _) = shop.run(&["audit", "before..main", "--receipts", "--exit-code"]);
    assert_eq!(code, 0, "{out}");
}
