//! Attacks on the trust of then, on the policy that is served, and on files that their readers take otherwise.

use serde_json::{Value, json};

use super::{Shop, flag, statement};
use crate::git::git;

/// A branch with one flag that alice approved.
pub fn approved() -> Shop {
    let mut shop = Shop::new();
    shop.flag("buy", 20);
    shop.receipt(&["alice"]);
    assert_eq!(shop.verify(&["--rev", "main"]).0, 0);
    shop
}

/// The statement that a receipt of the last commit would have.
pub fn wanted(shop: &Shop) -> Value {
    let evidence = shop.evidence(&["alice"]);
    let printed =
        shop.done(&["receipt", "HEAD~1..HEAD", "--print", "--again", "--evidence", evidence.to_str().unwrap()]);
    serde_json::from_str(&printed).unwrap()
}

/// A trust in which mallory's key signs receipts.
pub fn theirs(shop: &Shop) -> String {
    shop.trust("").replace(&shop.public("ci"), &shop.public("mallory"))
}

#[track_caller]
pub fn nobody(shop: &Shop, args: &[&str]) -> Value {
    let (code, said) = shop.verify(args);
    assert_eq!(code, 1, "{said:#}");
    said
}

/// The trust is not that of whatever commit a receipt says it was merged onto.
#[test]
fn a_receipt_chooses_no_trust() {
    let mut shop = approved();
    git(&shop.dir, &["switch", "-q", "-c", "side"]);
    let side = shop.commit("trust", &[(".countersign/trust.yaml", Some(&theirs(&shop)))]);
    git(&shop.dir, &["switch", "-q", "main"]);
    shop.flag("buy", 90);
    let mut forged = wanted(&shop);
    forged["predicate"]["onto"] = json!(side);
    shop.forge(&forged, Some("mallory"), "countersign");
    let said = nobody(&shop, &["--rev", "main"]);
    assert_eq!(said["flags"][0]["coverage"], "nobody");
    // An orphan without any trust is no better.
    git(&shop.dir, &["switch", "-q", "--orphan", "alone"]);
    let alone = shop.commit("alone", &[("README.md", Some("x\n"))]);
    git(&shop.dir, &["switch", "-q", "main"]);
    forged["predicate"]["onto"] = json!(alone);
    shop.forge(&forged, Some("mallory"), "countersign");
    nobody(&shop, &["--rev", "main"]);
}

/// A trust that was put in past the gate, used, and taken out again.
#[test]
fn a_trust_that_no_receipt_covers_counts_for_nothing() {
    let mut shop = approved();
    let honest = shop.trust("");
    let (policy, last) = {
        let stated = statement(&shop.envelopes()[0].1);
        (stated["predicate"]["policy"]["after"].clone(), stated["predicate"]["commit"].clone())
    };
    shop.commit("trust", &[(".countersign/trust.yaml", Some(&theirs(&shop)))]);
    shop.flag("buy", 90);
    let mut forged = wanted(&shop);
    shop.commit("back", &[(".countersign/trust.yaml", Some(&honest))]);
    shop.forge(&forged, Some("mallory"), "countersign");
    nobody(&shop, &["--rev", "main"]);
    forged["predicate"]["policy"]["before"] = policy.clone();
    for subject in forged["subject"].as_array_mut().unwrap().iter_mut().filter(|one| one["name"] == ".countersign") {
        subject["digest"]["sha256"] = policy.clone();
    }
    forged["predicate"]["policy"]["after"] = policy;
    forged["predicate"]["previous"] = last;
    shop.forge(&forged, Some("mallory"), "countersign");
    let said = nobody(&shop, &["--rev", "main"]);
    assert_eq!(said["flags"][0]["coverage"], "nobody", "{said:#}");
}

/// A key that was taken out signs for nothing that is merged later, though it stays good for what it signed.
#[test]
fn a_key_that_was_taken_out_signs_nothing_new() {
    let mut shop = approved();
    let new = shop.trust("").replace(&shop.public("ci"), &shop.public("bob"));
    shop.commit("another key", &[(".countersign/trust.yaml", Some(&new))]);
    shop.receipt(&["alice", "root"]);
    shop.flag("buy", 90);
    let mut forged = wanted(&shop);
    shop.forge(&forged, Some("ci"), "countersign");
    nobody(&shop, &["--rev", "main"]);
    forged["predicate"]["onto"] = json!(git(&shop.dir, &["rev-parse", "start"]));
    shop.forge(&forged, Some("ci"), "countersign");
    nobody(&shop, &["--rev", "main"]);
}

/// A file rests on the policy of the branch too.
#[test]
fn a_file_under_a_policy_of_nobodys() {
    let mut shop = approved();
    let file = "flags/checkout/buy.yaml";
    assert_eq!(shop.verify(&[file]).0, 0);
    shop.commit("trust", &[(".countersign/trust.yaml", Some(&theirs(&shop)))]);
    shop.flag("buy", 90);
    shop.forge(&wanted(&shop), Some("mallory"), "countersign");
    let said = nobody(&shop, &[file]);
    assert_eq!(said["policy"]["coverage"], "nobody", "{said:#}");
}

/// A part that only some readers take for flags is in no file that holds.
#[test]
fn a_file_with_an_error_is_not_read() {
    let mut shop = approved();
    let flags = |more: &str| {
        format!(
            "{{\"flags\":{{\"go\":{{\"state\":\"DISABLED\",\"variants\":{{\"on\":true}},\"defaultVariant\":\"on\"}}}}{more}}}\n"
        )
    };
    let path = "flags/checkout/f.flagd.json";
    shop.commit("go", &[(path, Some(&flags("")))]);
    shop.receipt(&["alice"]);
    assert_eq!(shop.verify(&[path]).0, 0);
    let more = ",\"Flags\":{\"go\":{\"state\":\"ENABLED\",\"variants\":{\"on\":true},\"defaultVariant\":\"on\"}}";
    shop.write(&[(path, Some(&flags(more)))]);
    assert_eq!(nobody(&shop, &[path])["unread"][0]["path"], path);
    shop.commit("more", &[]);
    assert_eq!(nobody(&shop, &["--rev", "main"])["unread"][0]["path"], path);
}

/// A file of which nothing says the project is no flag of the project that requires least.
#[test]
fn a_key_in_two_projects() {
    let mut shop = approved();
    let free = super::flag("buy", 90);
    shop.commit("free", &[("flags/sandbox/buy.yaml", Some(&free))]);
    shop.receipt(&[]);
    let served = shop.path("live.yaml");
    std::fs::write(&served, &free).unwrap();
    let served = served.to_str().unwrap();
    let said = nobody(&shop, &[served]);
    assert!(said["flags"][0]["why"].to_string().contains("--project"), "{said:#}");
    assert_eq!(shop.verify(&[served, "--project", "sandbox"]).0, 0);
    nobody(&shop, &[served, "--project", "checkout"]);
}

/// Content that was live past the gate for a moment is not what was live: switching it on again as it was then is
/// countersigned by nobody.
#[test]
fn what_was_live_past_the_gate_is_restored_by_nobody() {
    let mut shop = Shop::new();
    let config = format!("{}critical: {{restore: free}}\n", super::CONFIG);
    shop.commit("restore", &[(".countersign/config.yaml", Some(&config))]);
    shop.receipt(&["kim"]);
    shop.flag("buy", 20);
    shop.receipt(&["alice"]);
    let off = |percent| flag("buy", percent).replace("state: active", "state: inactive");
    shop.commit("off", &[("flags/checkout/buy.yaml", Some(&off(20)))]);
    shop.receipt(&[]);
    for step in [flag("buy", 99), off(99), flag("buy", 99)] {
        shop.commit("past the gate", &[("flags/checkout/buy.yaml", Some(&step))]);
        shop.receipt(&[]);
    }
    let (code, said) = shop.verify(&["--rev", "main"]);
    let buy = said["flags"].as_array().unwrap().iter().find(|one| one["name"] == "checkout/buy").unwrap();
    assert_eq!((code, &buy["coverage"]), (1, &json!("nobody")), "{said:#}");
    let (code, out, _) = shop.run(&["audit", "start..main", "--receipts", "--exit-code"]);
    assert!(code == 1 && out.contains("unapproved"), "{out}");
}
