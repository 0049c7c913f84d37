//! People who left the team since, or came since: whether they pay a debt is a question to the policy and the trust of
//! when it is looked for.

use serde_json::{Value, json};

use super::debts::{broken, merged, receipt};
use super::{CONFIG, Shop};
use crate::git::git;

const APPROVERS: &str = ".countersign/APPROVERS";
const TRUST: &str = ".countersign/trust.yaml";

/// A debt of a flag that bob could pay.
fn owing() -> Shop {
    let shop = broken(false);
    merged(&shop);
    assert_eq!(receipt(&shop)["predicate"]["outcome"], "debt");
    shop
}

fn trust(shop: &Shop) -> String {
    git(&shop.dir, &["show", &format!("main:{TRUST}")]) + "\n"
}

fn pays(shop: &Shop, key: &str) {
    let key = shop.key(key);
    shop.done(&["approve", "main", "--merged", "--yes", "--anyway", "--sign-with", key.to_str().unwrap()]);
}

/// Looks whether debts are paid; its output.
fn looked(shop: &Shop) -> String {
    let key = shop.key("ci");
    let (code, _, err) = shop.run(&["receipt", "--debts", "--signed", "--sign-with", key.to_str().unwrap()]);
    assert_eq!(code, 0, "{err}");
    err
}

/// A change of the policy that kim approved, with its receipt.
fn policy(shop: &mut Shop, path: &str, text: &str) {
    shop.commit("policy", &[(path, Some(text))]);
    shop.receipt(&["kim"]);
}

#[test]
fn who_left_the_team_pays_nothing() {
    let gone = |shop: &mut Shop, what: &str| match what {
        "approver" => policy(shop, APPROVERS, "/flags/checkout/ @alice\n"),
        "key" => {
            let line = format!(", 'bob {}'", shop.public("bob"));
            let next = trust(shop).replace(&line, "");
            assert_ne!(next, trust(shop));
            policy(shop, TRUST, &next);
        }
        _ => {}
    };
    for what in ["approver", "key", ""] {
        let mut shop = owing();
        // He signed while he could, and nobody looked.
        pays(&shop, "bob");
        gone(&mut shop, what);
        let paid = if what.is_empty() { "1 of 1" } else { "0 of 1" };
        assert!(looked(&shop).contains(paid), "{what}");
    }
    // He is warned at once where he signs afterwards, and nothing is kept.
    let mut shop = owing();
    let debt = git(&shop.dir, &["rev-parse", "main"]);
    gone(&mut shop, "approver");
    let key = shop.key("bob");
    let args = ["approve", &debt, "--merged", "--branch", "main", "--yes", "--sign-with", key.to_str().unwrap()];
    let (code, _, err) = shop.run(&args);
    assert!(code == 2 && err.contains("bob could not approve any of it under the policy of `main`"), "{err}");
    assert!(looked(&shop).contains("0 of 1"));
    // An admin of then and now may.
    let config = CONFIG.replace("\"@root\"", "\"@alice\", \"@bob\"") + "break-glass: {by: admins, review-within: 3d}\n";
    policy(&mut shop, ".countersign/config.yaml", &config);
    let (code, _, err) = shop.run(&args);
    assert_eq!(code, 0, "{err}");
    assert!(looked(&shop).contains("1 of 1"));
}

/// A new key of the same person pays: the trust of today says whose it is.
#[test]
fn another_key_of_the_same_person_pays() {
    let mut shop = owing();
    let debt = git(&shop.dir, &["rev-parse", "main"]);
    let next = trust(&shop).replace(&shop.public("bob"), &shop.public("bob2"));
    assert_ne!(next, trust(&shop));
    policy(&mut shop, TRUST, &next);
    for (key, code) in [("bob", 2), ("bob2", 0)] {
        let key = shop.key(key);
        let key = key.to_str().unwrap();
        let done = shop.run(&["approve", &debt, "--merged", "--branch", "main", "--yes", "--sign-with", key]);
        assert_eq!(done.0, code, "{}", done.2);
    }
    assert!(looked(&shop).contains("1 of 1"));
}

/// Somebody who could approve it only since then pays nothing, and so does whoever changes whose address is whose.
#[test]
fn who_came_since_pays_nothing() {
    let mut shop = owing();
    let debt = git(&shop.dir, &["rev-parse", "main"]);
    let next = trust(&shop).replace("approvers: [", &format!("approvers: ['carol {}', ", shop.public("carol")));
    shop.commit("carol", &[(TRUST, Some(&next)), (APPROVERS, Some("/flags/checkout/ @alice @bob @carol\n"))]);
    shop.receipt(&["kim"]);
    let key = shop.key("carol");
    let args = ["approve", &debt, "--merged", "--branch", "main", "--yes", "--anyway", "--sign-with"];
    shop.done(&[&args[..], &[key.to_str().unwrap()]].concat());
    assert!(looked(&shop).contains("0 of 1"));
    // Jo wrote it, and has a key now under another name; the address of then is jo's still.
    let mut shop = owing();
    let debt = git(&shop.dir, &["rev-parse", "main"]);
    let next =
        trust(&shop).replace("jo: [jo@example.com]", "bob: [jo@example.com]").replace(", bob: [bob@example.com]", "");
    policy(&mut shop, TRUST, &next);
    let key = shop.key("bob");
    let (code, _, err) =
        shop.run(&["approve", &debt, "--merged", "--branch", "main", "--yes", "--sign-with", key.to_str().unwrap()]);
    assert!(code == 2 && err.contains("bob contributed to the change"), "{err}");
}

/// Under a policy that nobody approved nobody pays.
#[test]
fn a_policy_of_nobodys_lets_nobody_pay() {
    let mut shop = owing();
    pays(&shop, "bob");
    shop.commit("past the gate", &[(APPROVERS, Some("/flags/checkout/ @alice @bob @mallory\n"))]);
    let said = looked(&shop);
    assert!(said.contains("no debt is paid while nobody countersigned the policy"), "{said}");
    assert_eq!(shop.verify(&["--rev", "main"]).1["flags"][0]["coverage"], "debt");
}

/// A receipt says under which commit its debt was paid, and the audit asks the policy there.
#[test]
fn a_receipt_that_says_that_they_paid_is_found_out() {
    let mut shop = owing();
    let debt = git(&shop.dir, &["rev-parse", "main"]);
    pays(&shop, "bob");
    looked(&shop);
    let all =
        || shop.envelopes().into_iter().filter(|(commit, _)| *commit == debt).map(|(_, one)| super::statement(&one));
    let mut stated: Value = all().max_by_key(|one| one["predicate"]["madeAt"].as_str().unwrap().to_owned()).unwrap();
    crate::schema::holds("receipt", &stated);
    let under = |stated: &Value| {
        stated["predicate"]["flags"][0]["consent"]["overridden"]["debt"]["paid"]["under"].as_str().unwrap().to_owned()
    };
    assert_eq!(under(&stated), debt);
    let forge = |shop: &Shop, stated: &mut Value, at: &str, minutes: i64| {
        stated["predicate"]["flags"][0]["consent"]["overridden"]["debt"]["paid"]["under"] = json!(at);
        let soon = chrono::Utc::now() + chrono::TimeDelta::minutes(minutes);
        stated["predicate"]["madeAt"] = json!(soon.format("%Y-%m-%dT%H:%M:%SZ").to_string());
        shop.forge(stated, Some("ci"), "countersign");
    };
    let audit = |shop: &Shop| shop.run(&["audit", "before..main", "--receipts", "--exit-code"]);
    let (code, out, _) = audit(&shop);
    assert_eq!(code, 0, "{out}");
    policy(&mut shop, APPROVERS, "/flags/checkout/ @alice\n");
    let (code, out, _) = audit(&shop);
    assert_eq!(code, 0, "who left later could pay before: {out}");
    let last = git(&shop.dir, &["rev-parse", "main"]);
    forge(&shop, &mut stated, &last, 5);
    let (code, out, _) = audit(&shop);
    let why = format!("@bob could not approve checkout/buy under the policy of {}, and paid its debt", &last[..8]);
    assert!(code == 1 && out.split_whitespace().collect::<Vec<_>>().join(" ").contains(&why), "{out}");
    // Under a commit of before the debt, or of no branch, it is no receipt that counts.
    for at in [git(&shop.dir, &["rev-parse", "before"]), "1".repeat(40)] {
        forge(&shop, &mut stated, &at, 6);
        let diagnostics = shop.verify(&["--rev", "main"]).1["diagnostics"].to_string();
        assert!(
            diagnostics.contains("paid under the policy of a commit that the branch does not have since"),
            "{diagnostics}"
        );
    }
    stated["predicate"]["flags"][0]["consent"]["overridden"]["debt"]["paid"]["under"] = json!("main");
    std::fs::write(
        shop.path("bad.json"),
        super::envelope(&shop, stated.to_string().as_bytes(), Some("ci"), "countersign").to_string(),
    )
    .unwrap();
    let (code, _, err) = shop.run(&["receipt", "--keep", shop.path("bad.json").to_str().unwrap()]);
    assert!(code == 2 && err.contains("no object id in full"), "{err}");
}

/// A change that was not merged owes nothing, and an approval of it as of a merge would be of no use to anybody.
#[test]
fn only_what_was_merged_is_approved_afterwards() {
    let mut shop = owing();
    git(&shop.dir, &["switch", "-q", "-c", "next"]);
    shop.flag("buy", 60);
    let key = shop.key("bob");
    let args = ["approve", "next", "--merged", "--branch", "main", "--yes", "--sign-with", key.to_str().unwrap()];
    let (code, _, err) = shop.run(&args);
    assert!(code == 2 && err.contains("`next` is no commit of `main` by first parent"), "{err}");
}
