//! Keys that came to an end: no time that their owner writes makes their signatures count, whether of a commit or of a
//! receipt.

use serde_json::{Value, json};

use super::Shop;
use super::forged::{nobody, wanted};

const TRUST: &str = ".countersign/trust.yaml";

fn seconds(day: &str) -> i64 {
    let at = chrono::NaiveDate::parse_from_str(day, "%Y-%m-%d").unwrap().and_hms_opt(8, 0, 0).unwrap();
    at.and_utc().timestamp()
}

/// The trust, in which the key of before ends on the tenth, and another one goes on.
fn trust(shop: &Shop, more: &str) -> String {
    let ci = shop.public("ci");
    let line = |name: &str, end: &str| format!("'{name}@acme.example {end}{}'", shop.public(name));
    shop.trust("").replace(
        &format!("'ci@acme.example {ci}'"),
        &format!("{}, {}{more}", line("ci", "valid-before=\"20261110\" "), line("new", "")),
    )
}

/// A branch on which that has happened: the last merge is of the twelfth, by the new key.
fn ended() -> Shop {
    let mut shop = Shop::new();
    shop.now = seconds("2026-11-03");
    shop.flag("buy", 20);
    dated(&shop, "ci", &["alice"], "2026-11-03");
    shop.now = seconds("2026-11-04");
    let next = trust(&shop, "");
    shop.commit("another key", &[(TRUST, Some(&next))]);
    dated(&shop, "ci", &["kim"], "2026-11-04");
    shop.now = seconds("2026-11-12");
    shop.flag("sell", 20);
    dated(&shop, "new", &["alice"], "2026-11-12");
    let (code, said) = shop.verify(&["--rev", "main"]);
    assert_eq!(code, 0, "{said:#}");
    shop
}

/// A receipt of the last commit as this key would have made it on this day.
fn dated(shop: &Shop, key: &str, by: &[&str], day: &str) -> Value {
    let evidence = shop.evidence(by);
    let printed =
        shop.done(&["receipt", "HEAD~1..HEAD", "--print", "--again", "--evidence", evidence.to_str().unwrap()]);
    let mut stated: Value = serde_json::from_str(&printed).unwrap();
    stated["predicate"]["madeAt"] = json!(format!("{day}T12:00:00Z"));
    shop.forge(&stated, Some(key), "countersign");
    stated
}

/// Neither a commit nor a receipt that is dated back is of before what the branch had already.
#[test]
fn a_commit_that_is_dated_back_is_not_of_before() {
    let mut shop = ended();
    shop.now = seconds("2026-11-05");
    shop.flag("buy", 90);
    let stated = dated(&shop, "ci", &["alice"], "2026-11-05");
    let said = nobody(&shop, &["--rev", "main"]);
    assert!(said["diagnostics"].to_string().contains("the key was not valid any more"), "{said:#}");
    // An auditor's own trust says the same, and so does a bundle without a clone.
    let own = shop.path("trust.yaml");
    std::fs::write(&own, trust(&shop, "")).unwrap();
    let own = own.to_str().unwrap();
    nobody(&shop, &["--rev", "main", "--trust", own]);
    let bundle = shop.path("all.jsonl");
    let bundle = bundle.to_str().unwrap();
    shop.done(&["receipt", "--export", bundle]);
    let said = nobody(&shop, &["flags/checkout/buy.yaml", "--project", "checkout", "--bundle", bundle, "--trust", own]);
    assert!(said["diagnostics"].to_string().contains("when what it names as the one before was merged"), "{said:#}");
    // The key of today makes it again.
    let mut again = stated.clone();
    again["predicate"]["madeAt"] = json!("2026-11-13T12:00:00Z");
    shop.forge(&again, Some("new"), "countersign");
    assert_eq!(shop.verify(&["--rev", "main"]).0, 0);
}

/// A policy that is dated back chooses no trust.
#[test]
fn a_policy_that_is_dated_back_is_let_in_by_nobody() {
    // Also one that says nothing of the end of the key any more, and knows no other.
    for forgets in [false, true] {
        let mut shop = ended();
        shop.now = seconds("2026-11-05");
        let mallory = shop.public("mallory");
        let theirs = trust(&shop, &format!(", 'mallory {mallory}'"));
        let new = format!(", 'new@acme.example {}'", shop.public("new"));
        let theirs = if forgets { theirs.replace("valid-before=\"20261110\" ", "").replace(&new, "") } else { theirs };
        assert_eq!(theirs.contains("valid-before"), !forgets);
        shop.commit("mine", &[(TRUST, Some(&theirs))]);
        dated(&shop, "ci", &["kim"], "2026-11-05");
        let said = nobody(&shop, &["--rev", "main"]);
        assert_eq!(said["policy"]["coverage"], "nobody", "{said:#}");
        shop.now = seconds("2026-11-06");
        shop.flag("buy", 90);
        let forged = wanted(&shop);
        shop.forge(&forged, Some("mallory"), "countersign");
        let said = nobody(&shop, &["--rev", "main"]);
        assert_eq!(said["flags"][0]["coverage"], "nobody", "{said:#}");
    }
}

/// A commit that is dated ahead, as anybody's may be, ends nobody's key: its receipt says when it was there.
#[test]
fn a_commit_that_is_dated_ahead_ends_no_key() {
    let mut shop = Shop::new();
    shop.now = seconds("2026-11-03");
    let next = trust(&shop, "");
    shop.commit("another key", &[(TRUST, Some(&next))]);
    dated(&shop, "ci", &["kim"], "2026-11-03");
    shop.now = seconds("2026-11-20");
    shop.flag("buy", 20);
    dated(&shop, "new", &["alice"], "2026-11-03");
    shop.now = seconds("2026-11-05");
    shop.flag("sell", 20);
    dated(&shop, "ci", &["alice"], "2026-11-05");
    let (code, said) = shop.verify(&["--rev", "main"]);
    assert_eq!(code, 0, "{said:#}");
}
