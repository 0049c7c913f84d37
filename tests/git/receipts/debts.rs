//! Break-glass without a forge: who may, what it says, who pays, and what an overdue debt holds.

use serde_json::{Value, json};

use super::signed::{approve, push, served};
use super::{CONFIG, Shop, flag, statement};
use crate::git::git;

/// A shop where alice is an admin who may break the glass, with a proposal of jo's.
pub fn glass(hold: bool) -> Shop {
    let mut shop = Shop::new();
    let trust = shop.trust("people: {jo: [jo@example.com], alice: [alice@example.com], bob: [bob@example.com]}\n");
    let config = CONFIG.replace("\"@root\"", "\"@alice\"")
        + &format!("break-glass: {{by: admins, people: 1, review-within: 3d, hold: {hold}}}\n");
    shop.commit("people", &[(".countersign/trust.yaml", Some(&trust)), (".countersign/config.yaml", Some(&config))]);
    shop.receipt(&["kim"]);
    shop.flag("buy", 20);
    shop.receipt(&["alice"]);
    git(&shop.dir, &["tag", "before"]);
    git(&shop.dir, &["switch", "-q", "-c", "proposal"]);
    shop.flag("buy", 50);
    shop
}

pub fn check(shop: &Shop) -> Value {
    let (_, out, err) = shop.run(&["check", "--signed", "--head", "proposal", "--format", "json"]);
    let report: Value = serde_json::from_str(&out).unwrap_or_else(|_| panic!("{out}{err}"));
    crate::schema::holds("report", &report);
    report
}

pub fn merged(shop: &Shop) {
    git(&shop.dir, &["switch", "-q", "main"]);
    git(&shop.dir, &["merge", "-q", "--ff-only", "proposal"]);
}

pub fn receipt(shop: &Shop) -> Value {
    let key = shop.key("ci");
    shop.done(&["receipt", "main~1..main", "--signed", "--branch", "main", "--sign-with", key.to_str().unwrap()]);
    let tip = git(&shop.dir, &["rev-parse", "main"]);
    let made = shop.envelopes().into_iter().filter(|(commit, _)| *commit == tip).map(|(_, one)| statement(&one));
    made.max_by_key(|one| one["predicate"]["madeAt"].as_str().unwrap().to_owned()).unwrap()
}

/// Looks whether debts are paid; its output.
fn pay(shop: &Shop) -> String {
    let key = shop.key("ci");
    let (code, _, err) = shop.run(&["receipt", "--debts", "--signed", "--sign-with", key.to_str().unwrap()]);
    assert_eq!(code, 0, "{err}");
    err
}

fn coverage(shop: &Shop) -> String {
    shop.verify(&["--rev", "main"]).1["flags"][0]["coverage"].as_str().unwrap().to_owned()
}

/// The debt of the last merge, as if it had been made that many days ago.
pub fn aged(shop: &Shop, days: i64) {
    let mut stated = receipt(shop);
    let at = chrono::Utc::now() - chrono::TimeDelta::days(days);
    let text = |at: chrono::DateTime<chrono::Utc>| json!(at.format("%Y-%m-%dT%H:%M:%SZ").to_string());
    let debt = &mut stated["predicate"]["flags"][0]["consent"]["overridden"]["debt"];
    debt["at"] = text(at);
    debt["due"] = text(at + chrono::TimeDelta::days(3));
    stated["predicate"]["madeAt"] = text(chrono::Utc::now() + chrono::TimeDelta::seconds(5));
    shop.forge(&stated, Some("ci"), "countersign");
}

pub fn broken(hold: bool) -> Shop {
    let shop = glass(hold);
    let (code, _, err) = approve(&shop, "alice", &["--break-glass", "--note", "the shop is down"]);
    assert_eq!(code, 0, "{err}");
    shop
}

#[test]
fn a_broken_glass_is_a_debt_until_somebody_else_approves() {
    let shop = glass(false);
    // It takes a reason, and an admin.
    let (code, _, err) = approve(&shop, "alice", &["--break-glass"]);
    assert!(code == 2 && err.contains("--note"), "{err}");
    let (code, _, err) = approve(&shop, "bob", &["--break-glass", "--note", "i would like to"]);
    assert!(code == 2 && err.contains("bob is no admin"), "{err}");
    assert_eq!(approve(&shop, "bob", &["--break-glass", "--note", "i would like to", "--anyway"]).0, 0);
    assert_eq!(check(&shop)["verdict"], "pending");
    let (code, _, err) = approve(&shop, "alice", &["--break-glass", "--note", "the shop is down"]);
    assert!(code == 0 && err.contains("glass broken"), "{err}");
    let report = check(&shop);
    assert_eq!(report["verdict"], "approved");
    let overridden = &report["flags"][0]["overridden"];
    assert_eq!((&overridden["by"], &overridden["reason"]), (&json!(["alice"]), &json!("the shop is down")));
    assert!(overridden["debt"]["due"].is_string(), "{overridden}");
    for format in ["text", "markdown", "html"] {
        let out = shop.run(&["check", "--signed", "--head", "proposal", "--format", format]).1;
        assert!(out.to_lowercase().contains("glass") && out.contains("the shop is down"), "{format}: {out}");
    }
    merged(&shop);
    let stated = receipt(&shop);
    crate::schema::holds("receipt", &stated);
    assert_eq!(stated["predicate"]["outcome"], "debt");
    assert_eq!(coverage(&shop), "debt");
    let args = ["--rev", "main", "--no-overdue"];
    assert_eq!(shop.verify(&args).0, 0);
    // The maker of the debt pays none of it.
    let own = |key: &str| {
        let key = shop.key(key);
        shop.run(&["approve", "main", "--merged", "--yes", "--sign-with", key.to_str().unwrap()])
    };
    let (code, _, err) = own("alice");
    assert!(code == 2 && err.contains("alice broke the glass for it, and somebody else has to approve it"), "{err}");
    let key = shop.key("alice");
    shop.done(&["approve", "main", "--merged", "--yes", "--anyway", "--sign-with", key.to_str().unwrap()]);
    assert!(pay(&shop).contains("0 of 1 unpaid debts paid"), "{}", pay(&shop));
    assert_eq!(coverage(&shop), "debt");
    assert_eq!(own("bob").0, 0);
    assert!(pay(&shop).contains("1 of 1 unpaid debts paid"));
    let said = shop.verify(&["--rev", "main"]).1;
    assert_eq!(said["flags"][0]["coverage"], "countersigned");
    assert_eq!(said["flags"][0]["receipt"]["by"], json!(["bob"]), "{said:#}");
    assert_eq!(said["debts"], json!([]));
    let (code, out, err) = shop.run(&["audit", "before..main", "--receipts", "--format", "json", "--exit-code"]);
    assert_eq!(code, 0, "{out}{err}");
    let audit: Value = serde_json::from_str(&out).unwrap();
    crate::schema::holds("receipt-audit", &audit);
    let debt = &audit["debts"][0];
    assert_eq!([&debt["state"], &debt["paidBy"][0], &debt["by"][0]], ["paid", "bob", "alice"], "{debt}");
    assert_eq!(audit["merges"][0]["outcome"], "paid");
    assert!(pay(&shop).contains("0 of 0 unpaid"));
}

/// The payment of a debt is an approval of that very content, by who may and did not write it.
#[test]
fn a_debt_is_paid_by_nothing_else() {
    let shop = broken(false);
    // An approval of other content on the same branch.
    merged(&shop);
    receipt(&shop);
    let key = shop.key("bob");
    let key = key.to_str().unwrap();
    git(&shop.dir, &["switch", "-q", "-c", "next"]);
    let mut shop = shop;
    shop.flag("buy", 60);
    shop.done(&["approve", "next", "--base", "main", "--branch", "main", "--yes", "--sign-with", key]);
    assert!(pay(&shop).contains("0 of 1"));
    git(&shop.dir, &["switch", "-q", "main"]);
    // A receipt that says that its maker paid is none.
    let mut stated = receipt(&shop);
    let consent = &mut stated["predicate"]["flags"][0]["consent"];
    let requirement = |by: &str| {
        let mut one = consent["requirements"][0].clone();
        one["approvedBy"] = json!([by]);
        one
    };
    let (mine, nobodys) = (requirement("alice"), requirement("jo"));
    let tip = git(&shop.dir, &["rev-parse", "main"]);
    let paid = |one: Value, by: &str| json!({"at": "2026-11-28T00:00:00Z", "under": tip, "requirements": [one], "approvals": [{"login": by, "at": null, "review": null}]});
    consent["overridden"]["debt"]["paid"] = paid(mine, "alice");
    let soon = (chrono::Utc::now() + chrono::TimeDelta::minutes(5)).format("%Y-%m-%dT%H:%M:%SZ").to_string();
    stated["predicate"]["madeAt"] = json!(soon);
    let path = shop.path("own.json");
    std::fs::write(&path, super::envelope(&shop, stated.to_string().as_bytes(), Some("ci"), "countersign").to_string())
        .unwrap();
    let (code, _, err) = shop.run(&["receipt", "--keep", path.to_str().unwrap()]);
    assert!(code == 2 && err.contains("a debt in it is none"), "{err}");
    assert_eq!(coverage(&shop), "debt");
    // One that names somebody who could not approve is told by the audit.
    stated["predicate"]["flags"][0]["consent"]["overridden"]["debt"]["paid"] = paid(nobodys, "jo");
    shop.forge(&stated, Some("ci"), "countersign");
    let out = shop.run(&["audit", "before..main", "--receipts"]).1;
    assert!(out.contains("@jo could not approve checkout/buy"), "{out}");
}

/// A contributor may break the glass, and pays nothing.
#[test]
fn who_wrote_it_may_break_the_glass_and_pays_nothing() {
    let mut shop = glass(false);
    shop.commit("more", &[("flags/checkout/buy.yaml", Some(&flag("buy", 51)))]);
    git(
        &shop.dir,
        &[
            "commit",
            "-q",
            "--amend",
            "-m",
            "by alice and bob\n\nCo-authored-by: b <bob@example.com>",
            "--author",
            "A <alice@example.com>",
        ],
    );
    git(&shop.dir, &["reset", "-q", "--soft", "before"]);
    git(
        &shop.dir,
        &["commit", "-q", "-m", "all\n\nCo-authored-by: b <bob@example.com>", "--author", "A <alice@example.com>"],
    );
    let (code, _, err) = approve(&shop, "alice", &["--break-glass", "--note", "now"]);
    assert_eq!(code, 0, "{err}");
    assert_eq!(check(&shop)["verdict"], "approved");
    merged(&shop);
    assert_eq!(receipt(&shop)["predicate"]["outcome"], "debt");
    for key in ["alice", "bob"] {
        let key = shop.key(key);
        let args = ["approve", "main", "--merged", "--yes", "--anyway", "--sign-with", key.to_str().unwrap()];
        shop.done(&args);
    }
    assert!(pay(&shop).contains("0 of 1"));
}

/// Overdue it is yellow everywhere, red where an option says so, and holds the flag if the policy says so; but no
/// switch-off.
#[test]
fn an_overdue_debt_is_reported_and_holds() {
    let mut shop = broken(true);
    merged(&shop);
    aged(&shop, 9);
    assert_eq!(coverage(&shop), "overdue");
    let args = ["verify", "--rev", "main", "--exit-code"];
    assert_eq!(shop.run(&args).0, 0);
    assert_eq!(shop.run(&[&args[..], &["--no-overdue"]].concat()).0, 1);
    let sarif: Value = serde_json::from_str(&shop.run(&[&args[..], &["--output", "sarif"]].concat()).1).unwrap();
    let result = &sarif["runs"][0]["results"][0];
    assert_eq!([&result["ruleId"], &result["level"]], ["debt-overdue", "warning"]);
    let junit = shop.run(&[&args[..], &["--output", "junit"]].concat()).1;
    assert!(junit.contains("failures=\"0\"") && junit.contains("<system-out>"), "{junit}");
    let (code, out, _) = shop.run(&["audit", "before..main", "--receipts", "--exit-code"]);
    assert!(code == 1 && out.contains("overdue, due at"), "{out}");
    for format in ["html", "csv", "markdown"] {
        let out = shop.run(&["audit", "before..main", "--receipts", "--format", format]).1;
        assert!(out.contains("overdue") && out.contains("the shop is down"), "{format}: {out}");
    }
    // A further change with every approval.
    git(&shop.dir, &["switch", "-q", "-C", "proposal"]);
    shop.flag("buy", 60);
    assert_eq!(approve(&shop, "bob", &[]).0, 0);
    let report = check(&shop);
    assert_eq!(report["verdict"], "locked", "{report:#}");
    assert_eq!(report["flags"][0]["heldBy"]["reason"], "the shop is down");
    assert_eq!(report["debts"][0]["flag"], "checkout/buy");
    for format in ["text", "markdown", "html"] {
        let out = shop.run(&["check", "--signed", "--head", "proposal", "--format", format]).1;
        assert!(out.contains("overdue debt"), "{format}: {out}");
    }
    // Nobody breaks the glass again over it.
    assert_eq!(approve(&shop, "alice", &["--break-glass", "--note", "again"]).0, 0);
    assert_eq!(check(&shop)["verdict"], "locked");
    // Another flag is free, and its author learns it; switching off is free.
    git(&shop.dir, &["switch", "-q", "-C", "proposal", "main"]);
    shop.commit("try", &[("flags/sandbox/try.yaml", Some(&flag("try", 50)))]);
    let report = check(&shop);
    assert_eq!(report["verdict"], "not-required");
    assert_eq!(report["debts"].as_array().unwrap().len(), 1);
    git(&shop.dir, &["switch", "-q", "-C", "proposal", "main"]);
    let off = flag("buy", 50).replace("state: active", "state: inactive");
    shop.commit("off", &[("flags/checkout/buy.yaml", Some(&off))]);
    assert_eq!(check(&shop)["verdict"], "not-required");
    merged(&shop);
    receipt(&shop);
    // All of it is approved where it is switched on again: the debt is settled.
    git(&shop.dir, &["switch", "-q", "-C", "proposal"]);
    shop.flag("buy", 50);
    assert_eq!(approve(&shop, "bob", &[]).0, 0);
    assert_eq!(check(&shop)["verdict"], "approved");
    merged(&shop);
    receipt(&shop);
    assert_eq!(coverage(&shop), "countersigned");
    let out = shop.run(&["audit", "before..main", "--receipts"]).1;
    assert!(out.contains("settled"), "{out}");
}

/// Neither the clock of who breaks the glass nor the signer of the receipt makes a debt longer than the policy says.
#[test]
fn a_debt_is_due_when_the_policy_says() {
    let shop = broken(false);
    merged(&shop);
    let mut stated = receipt(&shop);
    stated["predicate"]["flags"][0]["consent"]["overridden"]["debt"]["due"] = json!("2030-01-01T00:00:00Z");
    stated["predicate"]["madeAt"] =
        json!((chrono::Utc::now() + chrono::TimeDelta::seconds(5)).format("%Y-%m-%dT%H:%M:%SZ").to_string());
    shop.forge(&stated, Some("ci"), "countersign");
    let (code, out, _) = shop.run(&["audit", "before..main", "--receipts", "--exit-code"]);
    assert!(code == 1 && out.contains("is due later than the policy of then says"), "{out}");
}

/// The gate of a bare repository lets it in, loudly; never a change of the policy.
#[test]
fn a_bare_repository_takes_a_broken_glass() {
    let mut shop = broken(false);
    let bare = served(&shop);
    let (pushed, said) = push(&shop, &bare, &["proposal:main", "refs/countersign/approvals"]);
    assert!(pushed && said.contains("glass"), "{said}");
    merged(&shop);
    git(&shop.dir, &["switch", "-q", "-C", "proposal"]);
    let config = CONFIG.replace("approvals: specific", "approvals: none");
    shop.commit("free", &[(".countersign/config.yaml", Some(&config))]);
    let (code, _, err) = approve(&shop, "alice", &["--break-glass", "--note", "now"]);
    assert!(code == 0 && err.contains("a change of the policy takes its approvals"), "{err}");
    let (pushed, said) = push(&shop, &bare, &["proposal:main", "refs/countersign/approvals"]);
    assert!(!pushed, "{said}");
}

/// Without a key, what was paid is handed on to what signs it.
#[test]
fn a_paid_debt_is_written_for_who_signs_without_a_key() {
    let shop = broken(false);
    merged(&shop);
    receipt(&shop);
    let key = shop.key("bob");
    shop.done(&["approve", "main", "--merged", "--yes", "--sign-with", key.to_str().unwrap()]);
    let before = shop.envelopes().len();
    let folder = shop.path("paid");
    let (code, _, err) = shop.run(&["receipt", "--debts", "--signed", "--attest", folder.to_str().unwrap()]);
    assert!(code == 0 && err.contains("1 of 1 unpaid debts paid"), "{err}");
    assert_eq!(shop.envelopes().len(), before);
    let tip = git(&shop.dir, &["rev-parse", "main"]);
    let predicate = std::fs::read(folder.join(format!("{tip}.predicate.json"))).unwrap();
    let predicate: Value = serde_json::from_slice(&predicate).unwrap();
    let debt = &predicate["flags"][0]["consent"]["overridden"]["debt"];
    assert!(debt["paid"]["requirements"][0]["approvedBy"].to_string().contains("bob"), "{predicate:#}");
    assert!(folder.join(format!("{tip}.subjects")).is_file());
}
