//! Holds: what an overdue debt keeps from being changed, on a bare server, after another key signs, and of which flags.

use serde_json::json;

use super::debts::{aged, broken, check, merged, receipt};
use super::signed::{approve, push, served};
use super::{Shop, flag};
use crate::git::git;

const RECEIPTS: &str = "refs/countersign/receipts";
const APPROVALS: &str = "refs/countersign/approvals";

/// The glass was broken for a flag, which nobody paid in time.
fn overdue() -> Shop {
    let shop = broken(true);
    merged(&shop);
    aged(&shop, 10);
    shop
}

fn propose(shop: &mut Shop, percent: u32) {
    git(&shop.dir, &["switch", "-q", "-C", "proposal", "main"]);
    shop.flag("buy", percent);
}

/// A bare repository holds by the receipts that it has, and not by those that come with a push.
#[test]
fn a_bare_repository_holds_what_is_overdue() {
    let mut shop = overdue();
    let bare = served(&shop);
    let (pushed, said) = push(&shop, &bare, &[RECEIPTS, APPROVALS]);
    assert!(pushed, "{said}");
    propose(&mut shop, 60);
    approve(&shop, "bob", &[]);
    assert_eq!(check(&shop)["verdict"], "locked");
    let (pushed, said) = push(&shop, &bare, &["proposal:main", APPROVALS]);
    assert!(!pushed && said.contains("overdue") && !said.contains("is not known"), "{said}");
    propose(&mut shop, 99);
    approve(&shop, "alice", &["--break-glass", "--note", "again"]);
    let (pushed, said) = push(&shop, &bare, &["proposal:main", APPROVALS]);
    assert!(!pushed && said.contains("overdue"), "{said}");
    // Switching off waits for nothing.
    git(&shop.dir, &["switch", "-q", "-C", "proposal", "main"]);
    let off = flag("buy", 50).replace("state: active", "state: inactive");
    shop.commit("off", &[("flags/checkout/buy.yaml", Some(&off))]);
    let (pushed, said) = push(&shop, &bare, &["proposal:main"]);
    assert!(pushed, "{said}");
}

/// Another key for the receipts ends no hold.
#[test]
fn another_key_ends_no_hold() {
    let mut shop = overdue();
    let trust = git(&shop.dir, &["show", "main:.countersign/trust.yaml"]) + "\n";
    let line = format!("'ci@acme.example {}'", shop.public("ci"));
    let new = format!("'new@acme.example {}'", shop.public("new"));
    for (to, key) in [(format!("{line}, {new}"), "ci"), (new.clone(), "new")] {
        let next = trust.replace(&line, &to);
        assert_ne!(next, trust);
        shop.commit("keys", &[(".countersign/trust.yaml", Some(&next))]);
        shop.receipt_by(key, &["kim"]);
    }
    propose(&mut shop, 60);
    approve(&shop, "bob", &[]);
    assert_eq!(check(&shop)["verdict"], "locked");
}

/// A merge that the branch does not have any more holds nothing.
#[test]
fn what_was_taken_back_holds_nothing() {
    let mut shop = overdue();
    git(&shop.dir, &["reset", "-q", "--hard", "HEAD~1"]);
    propose(&mut shop, 60);
    approve(&shop, "bob", &[]);
    assert_eq!(check(&shop)["verdict"], "approved");
}

/// A debt holds its own flag: one of the same merge that was approved whole since is free, and so is what puts back
/// what there was.
#[test]
fn a_debt_holds_its_own_flag() {
    let mut shop = super::debts::glass(true);
    git(&shop.dir, &["switch", "-q", "main"]);
    shop.flag("sell", 20);
    shop.receipt(&["alice"]);
    git(&shop.dir, &["switch", "-q", "-C", "proposal", "main"]);
    let sell = "flags/checkout/sell.yaml";
    shop.commit("both", &[("flags/checkout/buy.yaml", Some(&flag("buy", 50))), (sell, Some(&flag("sell", 50)))]);
    approve(&shop, "alice", &["--break-glass", "--note", "the shop is down"]);
    merged(&shop);
    let mut stated = receipt(&shop);
    for flag in stated["predicate"]["flags"].as_array_mut().unwrap() {
        let debt = &mut flag["consent"]["overridden"]["debt"];
        debt["at"] = json!("2026-11-03T00:00:00Z");
        debt["due"] = json!("2026-11-06T00:00:00Z");
    }
    let soon = chrono::Utc::now() + chrono::TimeDelta::seconds(5);
    stated["predicate"]["madeAt"] = json!(soon.format("%Y-%m-%dT%H:%M:%SZ").to_string());
    shop.forge(&stated, Some("ci"), "countersign");
    let off = flag("buy", 50).replace("state: active", "state: inactive");
    shop.commit("off", &[("flags/checkout/buy.yaml", Some(&off))]);
    shop.receipt(&[]);
    shop.flag("buy", 55);
    shop.receipt(&["bob"]);
    let owed = |shop: &Shop| shop.verify(&["--rev", "main"]).1["debts"].clone();
    let debts = owed(&shop);
    assert_eq!(debts.as_array().unwrap().len(), 1, "{debts:#}");
    assert_eq!(debts[0]["flag"], "checkout/sell");
    propose(&mut shop, 60);
    approve(&shop, "bob", &[]);
    assert_eq!(check(&shop)["verdict"], "approved");
    for (percent, verdict) in [(60, "locked"), (20, "approved")] {
        git(&shop.dir, &["switch", "-q", "-C", "proposal", "main"]);
        shop.commit("sell", &[(sell, Some(&flag("sell", percent)))]);
        approve(&shop, "bob", &[]);
        assert_eq!(check(&shop)["verdict"], verdict, "{percent}");
    }
}

/// Where the history is not there nobody knows the trust of then: a debt that only a key of before tells of is not
/// known, which is said.
#[test]
fn a_clone_that_is_cut_says_that_a_debt_is_not_known() {
    let mut shop = overdue();
    let trust = git(&shop.dir, &["show", "main:.countersign/trust.yaml"]) + "\n";
    let debt = git(&shop.dir, &["rev-parse", "--short=8", "main"]);
    let line = format!("'ci@acme.example {}'", shop.public("ci"));
    let new = format!("'new@acme.example {}'", shop.public("new"));
    for (to, key) in [(format!("{line}, {new}"), "ci"), (new.clone(), "new")] {
        shop.commit("keys", &[(".countersign/trust.yaml", Some(&trust.replace(&line, &to)))]);
        shop.receipt_by(key, &["kim"]);
    }
    propose(&mut shop, 60);
    let cut = shop.path("cut");
    let origin = format!("file://{}", shop.dir.display());
    let args = ["clone", "-q", "--depth=2", "--no-single-branch", &origin, cut.to_str().unwrap()];
    git(&shop.path(""), &args);
    git(&cut, &["fetch", "-q", "origin", "+refs/countersign/*:refs/countersign/*"]);
    let folder = cut.to_str().unwrap();
    let args = ["-C", folder, "check", "--signed", "--base", "origin/main", "--head", "origin/proposal", "--format"];
    let (_, out, err) = shop.run(&[&args[..], &["json"]].concat());
    let report: serde_json::Value = serde_json::from_str(&out).unwrap_or_else(|_| panic!("{out}{err}"));
    crate::schema::holds("report", &report);
    assert_eq!(
        (&report["debts"], &report["unknownDebts"][0]["flag"]),
        (&json!(null), &json!("checkout/buy")),
        "{report:#}"
    );
    for format in ["text", "markdown", "html"] {
        let out = shop.run(&[&args[..], &[format]].concat()).1;
        assert!(out.contains("not known: whether the debt of") && out.contains(&debt), "{format}: {out}");
    }
    // By whose history is all there it is known, and holds.
    approve(&shop, "bob", &[]);
    assert_eq!(check(&shop)["verdict"], "locked");
}
