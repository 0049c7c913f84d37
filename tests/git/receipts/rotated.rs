//! Another key for the receipts: in one step, after the old one is gone, and what somebody with the old one gains.

use serde_json::{Value, json};

use super::Shop;
use crate::git::{command, git};

/// A repository whose admins have keys of their own, with a flag, and both with receipts.
fn shop() -> Shop {
    let mut shop = Shop::new();
    let first = trust(&shop, &["ci"], "");
    shop.commit("people", &[(".countersign/trust.yaml", Some(&first))]);
    shop.receipt(&["kim"]);
    shop.flag("buy", 20);
    shop.receipt(&["alice"]);
    assert_eq!(holds(&shop), (0, json!("countersigned"), json!("countersigned")));
    shop
}

/// A trust in which these keys sign receipts.
fn trust(shop: &Shop, receipts: &[&str], more: &str) -> String {
    let lines = |names: &[&str]| {
        let lines = names.iter().map(|name| format!("'{name} {}'", shop.public(name)));
        lines.collect::<Vec<_>>().join(", ")
    };
    let (receipts, approvers) = (lines(receipts), lines(&["alice", "bob", "root", "kim"]));
    format!("version: 1\nrepository: acme/shop\nreceipts: [{receipts}]\napprovers: [{approvers}]\n{more}")
}

fn fingerprint(shop: &Shop, name: &str) -> String {
    let said = command("ssh-keygen", &shop.dir).arg("-lf").arg(shop.key(name)).output().unwrap().stdout;
    String::from_utf8(said).unwrap().split_whitespace().nth(1).unwrap().to_owned()
}

fn holds(shop: &Shop) -> (i32, Value, Value) {
    let (code, said) = shop.verify(&["--rev", "main"]);
    let flag = said["flags"].as_array().unwrap().iter().find(|flag| flag["name"] == "checkout/buy").unwrap();
    (code, flag["coverage"].clone(), said["policy"]["coverage"].clone())
}

/// The old key is revoked and gone, and the new one came with the same merge.
fn rotated() -> Shop {
    let mut shop = shop();
    let revoked = format!("revoked: ['{}']\n", fingerprint(&shop, "ci"));
    let next = trust(&shop, &["new"], &revoked);
    shop.commit("another key", &[(".countersign/trust.yaml", Some(&next))]);
    shop
}

/// Signs receipts of all merges again.
fn again(shop: &Shop, key: &str) {
    for (back, by) in [(2, "kim"), (1, "alice"), (0, "kim")] {
        let commit = git(&shop.dir, &["rev-parse", &format!("main~{back}")]);
        git(&shop.dir, &["checkout", "-q", &commit]);
        let (key, seen) = (shop.key(key), shop.evidence(&[by]));
        let [key, seen] = [&key, &seen].map(|path| path.to_str().unwrap());
        let range = format!("{commit}~1..{commit}");
        shop.done(&["receipt", &range, "--again", "--branch", "main", "--sign-with", key, "--evidence", seen]);
        git(&shop.dir, &["checkout", "-q", "main"]);
    }
}

const RED: (i32, &str, &str) = (1, "nobody", "nobody");

fn is_red(shop: &Shop) {
    let (code, flag, policy) = holds(shop);
    assert_eq!((code, flag.as_str().unwrap(), policy.as_str().unwrap()), RED);
}

/// Two people who may approve the policy say with their own keys that it was changed, and the new key signs again.
#[test]
fn two_people_take_the_place_of_a_key_that_is_gone() {
    let shop = rotated();
    shop.receipt_by("new", &["kim"]);
    is_red(&shop);
    let said = shop.verify(&["--rev", "main"]).1["diagnostics"].to_string();
    assert!(said.contains("two people who may approve the policy"), "{said}");
    shop.receipt_by("root", &["kim"]);
    is_red(&shop);
    shop.receipt_by("kim", &["kim"]);
    again(&shop, "new");
    assert_eq!(holds(&shop), (0, json!("countersigned"), json!("countersigned")));
    // Nor is their word for the chain a thing that an auditor asks about.
    let (code, out, err) = shop.run(&["audit", "start..main", "--receipts"]);
    assert_eq!(code, 0, "{out}{err}");
    assert!(!out.contains("does not name the key"), "{out}");
    // And what comes later is as ever.
    let mut shop = shop;
    shop.flag("buy", 30);
    shop.receipt_by("new", &["alice"]);
    assert_eq!(holds(&shop).0, 0);
}

/// One of them alone, twice, or with somebody who may not approve the policy, brings in no key; and neither does who
/// has the old one.
#[test]
fn nobody_alone_takes_its_place() {
    for pair in [["root", "root"], ["root", "alice"], ["alice", "bob"], ["root", "mallory"], ["mallory", "new"]] {
        let shop = rotated();
        for key in pair {
            shop.receipt_by(key, &["kim"]);
        }
        again(&shop, "new");
        is_red(&shop);
    }
    // A thief of the old key, who pushes past the gate a trust with one of theirs in the place of the new one.
    let mut shop = shop();
    let revoked = format!("revoked: ['{}']\n", fingerprint(&shop, "ci"));
    let honest = trust(&shop, &["new"], &revoked);
    shop.commit("another key", &[(".countersign/trust.yaml", Some(&honest))]);
    shop.receipt_by("root", &["kim"]);
    shop.receipt_by("kim", &["kim"]);
    again(&shop, "new");
    let mine = trust(&shop, &["mallory"], "");
    shop.commit("mine", &[(".countersign/trust.yaml", Some(&mine))]);
    for key in ["ci", "mallory"] {
        shop.receipt_by(key, &["kim"]);
    }
    shop.flag("buy", 90);
    for key in ["ci", "mallory"] {
        shop.receipt_by(key, &["alice"]);
    }
    is_red(&shop);
    // Two who say that different things came of it say nothing together.
    let shop = rotated();
    let evidence = shop.evidence(&["kim"]);
    let made = shop.done(&["receipt", "HEAD~1..HEAD", "--print", "--again", "--evidence", evidence.to_str().unwrap()]);
    let mut lied: Value = serde_json::from_str(&made).unwrap();
    lied["predicate"]["policy"]["consent"]["outcome"] = json!("unapproved");
    for key in ["root", "kim"] {
        shop.forge(&lied, Some(key), "countersign");
    }
    again(&shop, "new");
    is_red(&shop);
}

/// A second key that lies in a safe signs the receipt of the merge that takes the first one out.
#[test]
fn a_key_in_a_safe_signs_the_change() {
    let mut shop = shop();
    let two = trust(&shop, &["ci", "safe"], "");
    shop.commit("a key in a safe", &[(".countersign/trust.yaml", Some(&two))]);
    shop.receipt(&["kim"]);
    // The first one is lost from one moment to the next.
    let revoked = format!("revoked: ['{}']\n", fingerprint(&shop, "ci"));
    let next = trust(&shop, &["new", "safe"], &revoked);
    shop.commit("another key", &[(".countersign/trust.yaml", Some(&next))]);
    shop.receipt_by("safe", &["kim"]);
    let first = git(&shop.dir, &["rev-parse", "main~3"]);
    let range = format!("{first}..main");
    let head = git(&shop.dir, &["rev-parse", "main"]);
    for (back, by) in [(3, "kim"), (2, "alice"), (1, "kim")] {
        git(&shop.dir, &["checkout", "-q", &format!("{head}~{back}")]);
        let (key, seen) = (shop.key("new"), shop.evidence(&[by]));
        let [key, seen] = [&key, &seen].map(|path| path.to_str().unwrap());
        let one = format!("{head}~{}..{head}~{back}", back + 1);
        shop.done(&["receipt", &one, "--again", "--branch", "main", "--sign-with", key, "--evidence", seen]);
    }
    git(&shop.dir, &["checkout", "-q", "main"]);
    assert_eq!(holds(&shop), (0, json!("countersigned"), json!("countersigned")), "{range}");
}

/// Where nobody is left who could say so, a trust that somebody brings holds for everything, and the history is asked
/// for nothing.
#[test]
fn a_trust_that_somebody_brings_holds() {
    let shop = rotated();
    again(&shop, "new");
    is_red(&shop);
    let path = shop.path("trust.yaml");
    std::fs::copy(shop.dir.join(".countersign/trust.yaml"), &path).unwrap();
    let (code, said) = shop.verify(&["--rev", "main", "--trust", path.to_str().unwrap()]);
    assert_eq!(code, 0, "{said:#}");
}
