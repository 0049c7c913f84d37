//! Audits that end at a tag, which says nothing of whose signatures count.

use super::Shop;
use crate::git::git;

/// Whether the audit up to this revision is in order: its exit code, and what it says.
fn audit(shop: &Shop, range: &str) -> (i32, String) {
    let (code, out, err) = shop.run(&["audit", range, "--receipts", "--exit-code"]);
    (code, out + &err)
}

/// A key that was revoked after the tag counts for nothing up to the tag.
#[test]
fn a_tag_knows_no_key_that_was_revoked_since() {
    let mut shop = Shop::new();
    shop.flag("buy", 20);
    shop.receipt(&["alice"]);
    git(&shop.dir, &["tag", "v1"]);
    assert_eq!(audit(&shop, "start..v1").0, 0);
    let trust = shop.trust("").replace("ci@acme", "next@acme").replace(&shop.public("ci"), &shop.public("mallory"));
    let fingerprint = crate::git::command("ssh-keygen", &shop.dir).arg("-lf").arg(shop.key("ci")).output().unwrap();
    let fingerprint = String::from_utf8(fingerprint.stdout).unwrap();
    let revoked = format!("{trust}revoked: ['{}']\n", fingerprint.split_whitespace().nth(1).unwrap());
    shop.commit("revoked", &[(".countersign/trust.yaml", Some(&revoked))]);
    for range in ["start..v1", "start..main~1"] {
        let (code, said) = audit(&shop, range);
        assert!(code == 1 && said.contains("is revoked"), "{range}: {code} {said}");
    }
}

/// A receipt about another branch is about no merge up to a tag of this one.
#[test]
fn a_tag_takes_no_receipts_of_another_branch() {
    let mut shop = Shop::new();
    shop.flag("buy", 20);
    let (key, seen) = (shop.key("ci"), shop.evidence(&["alice"]));
    let [key, seen] = [&key, &seen].map(|path| path.to_str().unwrap());
    shop.done(&["receipt", "HEAD~1..HEAD", "--sign-with", key, "--evidence", seen, "--branch", "dev"]);
    git(&shop.dir, &["tag", "v1"]);
    for range in ["start..main", "start..v1"] {
        let (code, said) = audit(&shop, range);
        assert!(code == 1 && said.contains("it is about the branch `dev`"), "{range}: {code} {said}");
    }
}

/// A history of its own says itself whose signatures count.
#[test]
fn a_tag_of_another_history() {
    let mut shop = Shop::new();
    shop.flag("buy", 20);
    shop.receipt(&["alice"]);
    git(&shop.dir, &["switch", "-q", "--orphan", "rogue"]);
    let trust = shop.trust("").replace(&shop.public("ci"), &shop.public("mallory"));
    let config = (".countersign/config.yaml", Some(super::CONFIG));
    let approvers = (".countersign/APPROVERS", Some("/flags/checkout/ @alice @bob\n"));
    shop.commit("policy", &[config, approvers, (".countersign/trust.yaml", Some(&trust))]);
    shop.flag("buy", 99);
    shop.receipt_by("mallory", &["alice"]);
    git(&shop.dir, &["tag", "v2"]);
    git(&shop.dir, &["switch", "-q", "main"]);
    for range in ["v2~1..v2", "rogue~1..rogue"] {
        let (code, said) = audit(&shop, range);
        assert!(code == 2 && said.contains("no commit in common with `main`"), "{range}: {code} {said}");
    }
}
