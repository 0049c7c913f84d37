//! Receipts that begin, flags that a policy takes in or renames, and the chain of trusts: what is honest holds.

use std::fs;

use serde_json::{Value, json};

use super::{CONFIG, Shop, flag, statement};
use crate::git::git;

const SEARCH: &str = "  search: {paths: [\"flags/search/**\"], approvals: specific}\n";
const APPROVERS: &str = "/flags/checkout/ @alice @bob\n/flags/search/ @bob\n";

/// The coverage of a flag, and of the policy, with the exit code.
#[track_caller]
fn covered(shop: &Shop, name: &str) -> (i32, String, String) {
    let (code, said) = shop.verify(&["--rev", "main"]);
    let flag = said["flags"].as_array().unwrap().iter().find(|flag| flag["name"] == name);
    let flag = flag.unwrap_or_else(|| panic!("{said:#}"));
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    (code, text(&flag["coverage"]), text(&said["policy"]["coverage"]))
}

#[track_caller]
fn holds(shop: &Shop, name: &str, coverage: &str) {
    let found = covered(shop, name);
    assert_eq!((found.0, found.1.as_str()), (0, coverage), "{:#}", shop.verify(&["--rev", "main"]).1);
}

#[track_caller]
fn clean_audit(shop: &Shop, range: &str) {
    let (code, out, err) = shop.run(&["audit", range, "--receipts", "--exit-code"]);
    assert_eq!(code, 0, "{out}{err}");
}

/// Receipts of each merge of a range, by these people's approvals.
fn receipts_again(shop: &Shop, key: &str, commits: &[(&str, &[&str])]) {
    let head = git(&shop.dir, &["rev-parse", "main"]);
    for (commit, by) in commits {
        git(&shop.dir, &["checkout", "-q", commit]);
        let (key, seen) = (shop.key(key), shop.evidence(by));
        let [key, seen] = [&key, &seen].map(|path| path.to_str().unwrap());
        let range = format!("{commit}~1..{commit}");
        shop.done(&["receipt", &range, "--again", "--branch", "main", "--sign-with", key, "--evidence", seen]);
    }
    git(&shop.dir, &["checkout", "-q", "-B", "main", &head]);
}

/// A policy and a trust over flags that are live for long: what they are when receipts begin is what they are.
#[test]
fn flags_from_before_the_first_receipt() {
    let mut shop = Shop::new();
    // The trust comes late: all of it was there before.
    git(&shop.dir, &["checkout", "-q", "--orphan", "late"]);
    fs::remove_file(shop.dir.join(".countersign/trust.yaml")).unwrap();
    shop.commit("policy", &[("flags/checkout/old.yaml", Some(&flag("old", 100)))]);
    shop.commit("steered", &[("flags/checkout/buy.yaml", Some(&flag("buy", 10)))]);
    let trust = shop.trust("");
    shop.commit("trust", &[(".countersign/trust.yaml", Some(&trust))]);
    git(&shop.dir, &["branch", "-M", "late", "main"]);
    git(&shop.dir, &["tag", "-f", "start"]);
    shop.flag("buy", 20);
    shop.receipt(&["alice"]);
    holds(&shop, "checkout/old", "free");
    holds(&shop, "checkout/buy", "countersigned");
    let stated = statement(&shop.envelopes()[0].1);
    assert_eq!(stated["predicate"]["previous"], json!(null));
    crate::schema::holds("receipt", &stated);
    clean_audit(&shop, "start..main");
    shop.commit("old less", &[("flags/checkout/old.yaml", Some(&flag("old", 50)))]);
    shop.receipt(&["bob"]);
    holds(&shop, "checkout/old", "countersigned");
    // Elsewhere too, with nothing but the bundle.
    shop.done(&["receipt", "--export", "../receipts.jsonl"]);
    fs::write(shop.path("trust.yaml"), trust).unwrap();
    fs::write(shop.path("old.yaml"), flag("old", 50)).unwrap();
    let given = ["../old.yaml", "--format", "native", "--bundle", "../receipts.jsonl", "--trust", "../trust.yaml"];
    assert_eq!(shop.verify(&given).0, 0);
    // A change that came past the gate after the beginning was not there at the beginning.
    shop.commit("pushed", &[("flags/checkout/new.yaml", Some(&flag("new", 50)))]);
    shop.flag("buy", 30);
    shop.receipt(&["alice"]);
    assert_eq!(covered(&shop, "checkout/new").1, "nobody");
}

/// Nobody says of a flag that it was live at the beginning which was not.
#[test]
fn no_flag_is_made_out_to_be_from_before() {
    let mut shop = Shop::new();
    shop.flag("buy", 20);
    let seen = shop.evidence(&["alice"]);
    let printed = shop.done(&["receipt", "HEAD~1..HEAD", "--print", "--evidence", seen.to_str().unwrap()]);
    let mut stated: Value = serde_json::from_str(&printed).unwrap();
    let mut more = stated["predicate"]["flags"][0].clone();
    more["name"] = json!("checkout/never");
    more["before"] = more["after"].clone();
    more["consent"]["outcome"] = json!("free");
    more["consent"]["free"] = json!("adopted");
    let subject = json!({"name": "checkout/never", "digest": {"sha256": more["after"]["digest"]}});
    stated["predicate"]["flags"].as_array_mut().unwrap().push(more);
    stated["subject"].as_array_mut().unwrap().insert(1, subject);
    shop.forge(&stated, Some("ci"), "countersign");
    let (code, out, err) = shop.run(&["audit", "start..main", "--receipts", "--exit-code"]);
    assert_eq!(code, 1, "{out}{err}");
    assert!(out.contains("another list of flags that were live before than git"), "{out}");
}

/// Flags that a policy takes in are approved with it, and those of a project that is renamed go along.
#[test]
fn a_policy_that_takes_flags_in_and_one_that_renames_them() {
    let mut shop = Shop::new();
    shop.flag("buy", 20);
    shop.receipt(&["alice"]);
    shop.commit("unmanaged", &[("flags/search/rank.yaml", Some(&flag("rank", 20)))]);
    let config = format!("{CONFIG}{SEARCH}");
    let files = [(".countersign/config.yaml", Some(config.as_str())), (".countersign/APPROVERS", Some(APPROVERS))];
    shop.commit("search", &files);
    shop.receipt(&["root", "bob"]);
    holds(&shop, "search/rank", "countersigned");
    shop.commit("rank", &[("flags/search/rank.yaml", Some(&flag("rank", 30)))]);
    shop.receipt(&["bob"]);
    holds(&shop, "search/rank", "countersigned");
    let renamed = config.replace("checkout:", "shopping:");
    shop.commit("renamed", &[(".countersign/config.yaml", Some(&renamed))]);
    shop.receipt(&["root"]);
    holds(&shop, "shopping/buy", "countersigned");
    shop.flag("buy", 30);
    shop.receipt(&["alice"]);
    holds(&shop, "shopping/buy", "countersigned");
    clean_audit(&shop, "start..main");
    // Without the approval of who approves the policy it is nobody's.
    let mut shop = Shop::new();
    shop.flag("buy", 20);
    shop.receipt(&["alice"]);
    shop.commit("unmanaged", &[("flags/search/rank.yaml", Some(&flag("rank", 20)))]);
    shop.commit("search", &files);
    shop.receipt(&["bob"]);
    assert_eq!(covered(&shop, "search/rank").1, "nobody");
}

/// A flag that nobody approved is not approved by another name of its project, nor is a change that comes with the
/// name.
#[test]
fn another_name_launders_nothing() {
    for together in [false, true] {
        let mut shop = Shop::new();
        // Approvers of the policy, and of no flag.
        let config = format!("{CONFIG}policy-approvers: [\"@mara\"]\n");
        shop.commit("mara", &[(".countersign/config.yaml", Some(&config))]);
        shop.receipt(&["root"]);
        shop.flag("buy", 20);
        shop.receipt(&["alice"]);
        if !together {
            shop.flag("buy", 90);
            shop.receipt(&[]);
        }
        let renamed = config.replace("checkout:", "shopping:");
        let more = flag("buy", 90);
        let mut files = vec![(".countersign/config.yaml", Some(renamed.as_str()))];
        if together {
            files.push(("flags/checkout/buy.yaml", Some(&more)));
        }
        shop.commit("renamed", &files);
        shop.receipt(&["mara"]);
        assert_eq!(covered(&shop, "shopping/buy").1, "nobody", "{together}");
    }
}

/// The key of the receipts is stolen: it is revoked, and what it signed is signed again by the next one.
#[test]
fn a_revoked_key_leaves_nobody_stuck() {
    let mut shop = Shop::new();
    let bought = shop.flag("buy", 20);
    shop.receipt(&["alice"]);
    let print = String::from_utf8(
        crate::git::command("ssh-keygen", &shop.dir).arg("-lf").arg(shop.key("ci")).output().unwrap().stdout,
    );
    let print = print.unwrap().split_whitespace().nth(1).unwrap().to_owned();
    let next = shop.trust(&format!("revoked: ['{print}']\n")).replace(&shop.public("ci"), &shop.public("mallory"));
    let handed = shop.commit("stolen", &[(".countersign/trust.yaml", Some(&next))]);
    // The receipt of that merge is the last one that the old key signs.
    shop.receipt_by("ci", &["kim"]);
    assert_eq!(covered(&shop, "checkout/buy").1, "nobody");
    receipts_again(&shop, "mallory", &[(&bought, &["alice"]), (&handed, &["kim"])]);
    holds(&shop, "checkout/buy", "countersigned");
    assert_eq!(covered(&shop, "checkout/buy").2, "countersigned");
    // A person who revokes the key by a push of their own, and names theirs, is nobody.
    let mut shop = Shop::new();
    shop.flag("buy", 20);
    shop.receipt(&["alice"]);
    shop.commit("mine", &[(".countersign/trust.yaml", Some(&next))]);
    shop.flag("buy", 90);
    shop.receipt_by("mallory", &["alice"]);
    let (code, said) = shop.verify(&["--rev", "main"]);
    assert_eq!(
        (code, &said["policy"]["coverage"], &said["flags"][0]["coverage"]),
        (1, &json!("nobody"), &json!("nobody"))
    );
}

/// A repository that has another name from some merge on.
#[test]
fn a_repository_that_is_renamed() {
    let mut shop = Shop::new();
    shop.flag("buy", 20);
    shop.receipt(&["alice"]);
    let renamed = shop.trust("").replace("acme/shop", "newco/shop");
    shop.commit("newco", &[(".countersign/trust.yaml", Some(&renamed))]);
    shop.receipt(&["kim"]);
    shop.flag("buy", 30);
    shop.receipt(&["alice"]);
    holds(&shop, "checkout/buy", "countersigned");
}

/// A branch that is cut from another one, whose trust takes the receipts of that one from some merge on.
#[test]
fn a_branch_that_is_cut_from_another() {
    let mut shop = Shop::new();
    shop.flag("buy", 20);
    shop.receipt(&["alice"]);
    let trust = shop.trust("branches: [main]\n");
    shop.commit("branches", &[(".countersign/trust.yaml", Some(&trust))]);
    shop.receipt(&["kim"]);
    git(&shop.dir, &["branch", "release"]);
    let (code, said) = shop.verify(&["--rev", "release"]);
    assert_eq!(code, 0, "{said:#}");
}

/// A fast-forward of several commits has one receipt, by the approvals of all of it.
#[test]
fn a_fast_forward_of_several_commits() {
    let mut shop = Shop::new();
    shop.flag("buy", 20);
    shop.receipt(&["alice"]);
    for percent in [21, 22, 23] {
        shop.flag("buy", percent);
    }
    git(&shop.dir, &["branch", "pushed"]);
    git(&shop.dir, &["reset", "-q", "--soft", "HEAD~3"]);
    shop.commit("as one", &[]);
    let seen = shop.evidence(&["alice"]);
    git(&shop.dir, &["reset", "-q", "--hard", "pushed"]);
    let key = shop.key("ci");
    let [key, seen] = [&key, &seen].map(|path| path.to_str().unwrap());
    shop.done(&["receipt", "HEAD~3..HEAD", "--sign-with", key, "--evidence", seen]);
    holds(&shop, "checkout/buy", "countersigned");
}

/// A start took receipts without a signature; from some merge on keys sign. A receipt that anybody may have made counts
/// no more.
#[test]
fn what_is_not_signed_counts_as_long_as_it_is_accepted() {
    let mut shop = Shop::new();
    git(&shop.dir, &["checkout", "-q", "--orphan", "early"]);
    let early = shop.trust("unsigned: accept\n");
    shop.commit("early", &[(".countersign/trust.yaml", Some(&early))]);
    git(&shop.dir, &["branch", "-M", "early", "main"]);
    let unsigned = |shop: &Shop, by: &[&str]| {
        let seen = shop.evidence(by);
        shop.done(&["receipt", "HEAD~1..HEAD", "--evidence", seen.to_str().unwrap()]);
    };
    let bought = shop.flag("buy", 20);
    unsigned(&shop, &["alice"]);
    holds(&shop, "checkout/buy", "countersigned");
    let keys = shop.trust("");
    let handed = shop.commit("keys", &[(".countersign/trust.yaml", Some(&keys))]);
    unsigned(&shop, &["kim"]);
    assert_eq!(covered(&shop, "checkout/buy").1, "nobody");
    receipts_again(&shop, "ci", &[(&bought, &["alice"]), (&handed, &["kim"])]);
    holds(&shop, "checkout/buy", "countersigned");
    // A person without a key covers nothing any more, whatever is said of the merges of then.
    shop.flag("buy", 90);
    let seen = shop.evidence(&["alice"]);
    let printed = shop.done(&["receipt", "HEAD~1..HEAD", "--print", "--evidence", seen.to_str().unwrap()]);
    shop.forge(&serde_json::from_str(&printed).unwrap(), None, "countersign");
    assert_eq!(covered(&shop, "checkout/buy").1, "nobody");
}

/// A trust that was put in before the first one of the team, and taken out again at once.
#[test]
fn a_trust_that_was_gone_begins_nothing() {
    let mut shop = Shop::new();
    git(&shop.dir, &["checkout", "-q", "--orphan", "late"]);
    fs::remove_file(shop.dir.join(".countersign/trust.yaml")).unwrap();
    shop.commit("policy", &[]);
    let honest = shop.trust("");
    let mine = honest.replace(&shop.public("ci"), &shop.public("mallory"));
    shop.commit("mine", &[(".countersign/trust.yaml", Some(&mine))]);
    shop.commit("gone", &[(".countersign/trust.yaml", None)]);
    shop.commit("trust", &[(".countersign/trust.yaml", Some(&honest))]);
    git(&shop.dir, &["branch", "-M", "late", "main"]);
    shop.flag("buy", 90);
    shop.receipt_by("mallory", &["alice"]);
    let (code, said) = shop.verify(&["--rev", "main"]);
    assert_eq!((code, &said["flags"][0]["coverage"]), (1, &json!("nobody")), "{said:#}");
    assert!(said["diagnostics"].to_string().contains("two histories with a trust"), "{said:#}");
}
