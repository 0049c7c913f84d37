//! A broken glass, and what people signed besides it.

use serde_json::json;

use super::debts::{broken, glass, merged, receipt};
use super::flag;
use super::signed::approve;

/// The glass is broken over no rejection, whatever time either of them bears.
#[test]
fn a_broken_glass_leaves_no_rejection_out() {
    let shop = broken(false);
    let (code, _, err) = approve(&shop, "bob", &["--reject", "--anyway"]);
    assert_eq!(code, 0, "{err}");
    merged(&shop);
    assert_eq!(receipt(&shop)["predicate"]["outcome"], "unapproved");
}

/// A person who may not break the glass takes nobody's approval away.
#[test]
fn a_glass_that_nobody_broke_leaves_no_approval_out() {
    let shop = glass(false);
    assert_eq!(approve(&shop, "bob", &["--break-glass", "--note", "i would like to", "--anyway"]).0, 0);
    assert_eq!(approve(&shop, "alice", &[]).0, 0);
    merged(&shop);
    assert_eq!(receipt(&shop)["predicate"]["outcome"], "approved");
}

/// The glass is broken for a flag, and what was approved of another one afterwards counts.
#[test]
fn a_broken_glass_is_of_one_flag() {
    let mut shop = glass(false);
    shop.commit(
        "buy and sell",
        &[("flags/checkout/sell.yaml", Some(&flag("sell", 30))), ("flags/checkout/buy.yaml", Some(&flag("buy", 60)))],
    );
    // One commit of both, so that one merge brings both.
    crate::git::git(&shop.dir, &["reset", "-q", "--soft", "main"]);
    shop.commit("both", &[]);
    let broken = ["--flag", "checkout/buy", "--break-glass", "--note", "the shop is down"];
    assert_eq!(approve(&shop, "alice", &broken).0, 0);
    assert_eq!(approve(&shop, "bob", &["--flag", "checkout/sell"]).0, 0);
    merged(&shop);
    let stated = receipt(&shop);
    let outcomes: Vec<_> = stated["predicate"]["flags"]
        .as_array()
        .unwrap()
        .iter()
        .map(|flag| (flag["name"].clone(), flag["consent"]["outcome"].clone()))
        .collect();
    assert_eq!(outcomes, [(json!("checkout/buy"), json!("debt")), (json!("checkout/sell"), json!("approved"))]);
}
