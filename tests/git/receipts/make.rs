//! Receipts are made of what was merged, and say no more than is known.

use serde_json::json;

use super::{Shop, flag, openssh_takes, statement};
use crate::git::git;

#[test]
fn a_receipt_says_what_was_approved_by_whom() {
    let mut shop = Shop::new();
    let commit = shop.flag("buy", 20);
    shop.receipt(&["alice"]);
    let [(about, envelope)] = shop.envelopes().try_into().unwrap();
    assert_eq!(about, commit);
    let statement = statement(&envelope);
    crate::schema::holds("receipt", &statement);
    assert_eq!(statement["_type"], "https://in-toto.io/Statement/v1");
    assert_eq!(statement["predicateType"], "urn:countersign:receipt:v1");
    let names: Vec<&str> =
        statement["subject"].as_array().unwrap().iter().map(|one| one["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["checkout/buy", ".countersign"]);
    let receipt = &statement["predicate"];
    assert_eq!(receipt["commit"], commit);
    assert_eq!(receipt["onto"], git(&shop.dir, &["rev-parse", "start"]));
    assert_eq!([&receipt["repository"], &receipt["branch"], &receipt["outcome"]], ["acme/shop", "main", "approved"]);
    let consent = &receipt["flags"][0]["consent"];
    assert_eq!(consent["approvals"], json!([{"login": "alice", "at": "2026-11-02T11:00:00Z", "review": null}]));
    assert_eq!([&consent["rules"], &consent["whole"]], [&json!(["activation"]), &json!(true)]);
    assert_eq!(receipt["flags"][0]["after"]["digest"], statement["subject"][0]["digest"]["sha256"]);
    // The program that signed it takes it, for nobody else and for nothing else.
    let folder = shop.path("verify");
    std::fs::create_dir(&folder).unwrap();
    let line = |name: &str| format!("ci@acme.example {}", shop.public(name));
    assert!(openssh_takes(&envelope, &line("ci"), "ci@acme.example", &folder));
    assert!(!openssh_takes(&envelope, &line("mallory"), "ci@acme.example", &folder));
    let mut other = envelope.clone();
    other["payload"] = json!("e30=");
    assert!(!openssh_takes(&other, &line("ci"), "ci@acme.example", &folder));
}

/// Nobody is taken to have approved because nobody was asked.
#[test]
fn what_nobody_was_asked_about_is_no_receipt() {
    let mut shop = Shop::new();
    shop.flag("buy", 20);
    let key = shop.key("ci");
    let args = ["receipt", "HEAD~1..HEAD", "--sign-with", key.to_str().unwrap()];
    let (code, _, err) = shop.run(&args);
    assert_eq!(code, 2, "{err}");
    assert!(err.contains("needed approval, and nobody was asked"), "{err}");
    assert!(shop.run(&["receipt", "--export", "x"]).2.contains("there is no `refs/countersign/receipts` here"));
    shop.done(&[&args[..], &["--offline"]].concat());
    let [(_, envelope)] = shop.envelopes().try_into().unwrap();
    assert_eq!(statement(&envelope)["predicate"]["outcome"], "unknown");
    // Made again with what was seen, the later one is added.
    let evidence = shop.evidence(&["bob"]);
    shop.done(&[&args[..], &["--again", "--evidence", evidence.to_str().unwrap()]].concat());
    let outcomes: Vec<String> =
        shop.envelopes().iter().map(|(_, one)| statement(one)["predicate"]["outcome"].to_string()).collect();
    assert_eq!(outcomes.len(), 2);
    assert!(outcomes.contains(&"\"approved\"".to_owned()), "{outcomes:?}");
}

/// Every merge has its own, each with the one before; a merge that needs none has one that says so.
#[test]
fn a_range_has_a_receipt_for_each_merge() {
    let mut shop = Shop::new();
    let free = shop.commit("sandbox", &[("flags/sandbox/try.yaml", Some(&flag("try", 50)))]);
    shop.commit("words", &[("README.md", Some("more\n"))]);
    let buy = shop.flag("buy", 20);
    shop.receipt(&["alice"]);
    let text = "key: buy\nkind: flag\nstate: inactive\n";
    let off = shop.commit("off", &[("flags/checkout/buy.yaml", Some(text))]);
    let key = shop.key("ci");
    let out = shop.done(&["receipt", "start..HEAD", "--sign-with", key.to_str().unwrap(), "--offline"]);
    assert!(out.contains("2 new receipts"), "{out}");
    let by = |commit: &str| {
        let found = shop.envelopes().into_iter().find(|(about, _)| about == commit).unwrap();
        statement(&found.1)["predicate"].clone()
    };
    assert_eq!(shop.envelopes().len(), 3);
    assert_eq!([&by(&free)["outcome"], &by(&free)["previous"]], [&json!("free"), &json!(null)]);
    assert_eq!([&by(&buy)["outcome"], &by(&buy)["previous"]], [&json!("approved"), &json!(free)]);
    assert_eq!([&by(&off)["outcome"], &by(&off)["previous"]], [&json!("free"), &json!(buy)]);
    assert_eq!(by(&off)["flags"][0]["consent"]["free"], "switch-off");
    assert_eq!(by(&off)["flags"][0]["after"]["live"], false);
    // Nothing is made twice, and two histories of the reference come together.
    let out = shop.done(&["receipt", "start..HEAD", "--sign-with", key.to_str().unwrap(), "--offline"]);
    assert!(out.contains("0 new receipts"), "{out}");
    let before = git(&shop.dir, &["rev-parse", "refs/countersign/receipts"]);
    git(&shop.dir, &["update-ref", "refs/countersign/receipts", &format!("{before}~1")]);
    shop.flag("pay", 10);
    shop.receipt(&["bob"]);
    shop.done(&["receipt", "--join", &before]);
    assert_eq!(shop.envelopes().len(), 4);
    let parents = git(&shop.dir, &["rev-list", "--parents", "-1", "refs/countersign/receipts"]);
    assert_eq!(parents.split(' ').count(), 3);
}

/// The first push of a branch has no commit before it.
#[test]
fn a_new_branch_has_nothing_merged() {
    let shop = Shop::new();
    let (code, _, err) = shop.run(&["receipt", &format!("{}..HEAD", "0".repeat(40)), "--offline"]);
    assert!(code == 0 && err.contains("the branch is new"), "{err}");
}
