//! Signed responses that stand: of one flag, one content and one step, whoever says what of others.

use super::signed::{approve, check, proposed};
use super::{CONFIG, Shop, flag};
use crate::git::git;

const SELL: &str = "flags/checkout/sell.yaml";

fn two_flags() -> Shop {
    let mut shop = proposed();
    shop.commit("sell", &[(SELL, Some(&flag("sell", 50)))]);
    shop
}

/// A rejection of one flag is lifted by an approval of that flag, and of nothing else.
#[test]
fn an_approval_of_one_flag_lifts_no_rejection_of_another() {
    let mut shop = two_flags();
    assert_eq!(approve(&shop, "bob", &[]).0, 0);
    assert_eq!(check(&shop).0, "approved");
    assert_eq!(approve(&shop, "alice", &["--reject", "--flag", "checkout/buy"]).0, 0);
    assert_eq!(check(&shop).0, "rejected");
    assert_eq!(approve(&shop, "alice", &["--flag", "checkout/sell"]).0, 0);
    assert_eq!(check(&shop).0, "rejected");
    // Another content of it is another matter, on another branch too.
    git(&shop.dir, &["switch", "-q", "-c", "other", "main"]);
    shop.flag("buy", 30);
    git(&shop.dir, &["branch", "-f", "keep", "proposal"]);
    git(&shop.dir, &["branch", "-f", "proposal", "other"]);
    assert_eq!(approve(&shop, "alice", &[]).0, 0);
    git(&shop.dir, &["branch", "-f", "proposal", "keep"]);
    assert_eq!(check(&shop).0, "rejected");
    assert_eq!(approve(&shop, "alice", &["--flag", "checkout/buy"]).0, 0);
    assert_eq!(check(&shop).0, "approved");
}

/// Anybody may write somebody's name into a commit, and silences nobody by it.
#[test]
fn a_co_author_who_never_was_may_reject() {
    let mut shop = proposed();
    shop.commit("note\n\nCo-authored-by: Alice <alice@example.com>", &[(SELL, Some(&flag("sell", 50)))]);
    assert_eq!(approve(&shop, "bob", &[]).0, 0);
    assert_eq!(approve(&shop, "alice", &["--reject"]).0, 0);
    assert_eq!(check(&shop).0, "rejected");
}

/// A step that the branch went back from needs another approval, also where users are served the same.
#[test]
fn a_step_that_serves_the_same_is_not_played_again() {
    let owned = |owner: &str| format!("{}owner: {owner}\n", flag("buy", 50));
    let moved: [(&str, Option<&str>); 2] =
        [("flags/checkout/buy.yaml", None), ("flags/checkout/b/buy.yaml", Some("text"))];
    for of_path in [false, true] {
        let mut shop = proposed();
        git(&shop.dir, &["switch", "-q", "main"]);
        let config = format!("{CONFIG}critical: {{add: [owner]}}\n");
        let start = owned("jo");
        shop.commit("owned", &[(".countersign/config.yaml", Some(&config)), ("flags/checkout/buy.yaml", Some(&start))]);
        let other = owned("kim");
        let text = start.clone();
        let step: Vec<(&str, Option<&str>)> = if of_path {
            moved.iter().map(|(path, to)| (*path, to.map(|_| text.as_str()))).collect()
        } else {
            vec![("flags/checkout/buy.yaml", Some(&other))]
        };
        let back: Vec<(&str, Option<&str>)> = if of_path {
            vec![("flags/checkout/b/buy.yaml", None), ("flags/checkout/buy.yaml", Some(&text))]
        } else {
            vec![("flags/checkout/buy.yaml", Some(&start))]
        };
        git(&shop.dir, &["switch", "-q", "-C", "proposal"]);
        shop.commit("step", &step);
        assert_eq!(approve(&shop, "alice", &[]).0, 0);
        assert_eq!(check(&shop).0, "approved", "{of_path}");
        git(&shop.dir, &["switch", "-q", "main"]);
        git(&shop.dir, &["merge", "-q", "--ff-only", "proposal"]);
        shop.commit("back", &back);
        git(&shop.dir, &["switch", "-q", "-C", "proposal"]);
        shop.commit("again", &step);
        assert_eq!(check(&shop).0, "pending", "{of_path}");
    }
}

/// A rejection is of what was displayed and of what is put on top of it, and of no proposal of another day.
#[test]
fn a_rejection_is_of_its_proposal() {
    let mut shop = proposed();
    assert_eq!(approve(&shop, "alice", &["--reject"]).0, 0);
    assert_eq!(check(&shop).0, "rejected");
    shop.flag("buy", 51);
    assert_eq!(check(&shop).0, "rejected");
    git(&shop.dir, &["switch", "-q", "-C", "proposal", "main"]);
    shop.flag("buy", 21);
    assert_eq!(approve(&shop, "bob", &[]).0, 0);
    assert_eq!(check(&shop).0, "approved");
}

/// Two people who approve in clones of their own: the second takes in what the first one pushed.
#[test]
fn approvals_of_two_clones_are_joined() {
    let shop = proposed();
    let approvals = "refs/countersign/approvals";
    assert_eq!(approve(&shop, "alice", &[]).0, 0);
    git(&shop.dir, &["update-ref", "refs/heads/alices", approvals]);
    git(&shop.dir, &["update-ref", "-d", approvals]);
    assert_eq!(approve(&shop, "bob", &[]).0, 0);
    let (code, _, err) = shop.run(&["approve", "--join", "alices"]);
    assert!(code == 0 && err.contains("1 approval taken in"), "{err}");
    let list = git(&shop.dir, &["ls-tree", "-r", "--name-only", approvals]);
    assert_eq!(list.lines().count(), 2, "{list}");
    // Neither receipts nor a branch are approvals, nor the other way round.
    for args in [["receipt", "--join", "alices"], ["approve", "--join", "main"]] {
        let (code, _, err) = shop.run(&args);
        assert_eq!(code, 2, "{args:?}: {err}");
    }
}
