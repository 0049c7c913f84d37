//! Receipts of what was merged on GitHub: they say what its reviews said as of the merge, and no more.

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::git::git;
use crate::github::fake::Fake;
use crate::github::shop::{after, flag, raise, shop, status, woken};

/// The statements that `receipt --print` makes of everything since then, in a fresh clone.
fn statements(fake: &Fake, start: &str) -> Vec<Value> {
    let keep = TempDir::new().unwrap();
    let origin = fake.origin().display().to_string();
    git(keep.path(), &["clone", "-q", &origin, "shop"]);
    let clone = keep.path().join("shop").display().to_string();
    let range = format!("{start}..origin/main");
    let run = fake.run(&["-C", &clone, "receipt", &range, "--print"]);
    fake.verify();
    assert_eq!(run.code, 0, "{}{}", run.out, run.err);
    let read = |line: &str| -> Value { serde_json::from_str(line).unwrap() };
    let all: Vec<Value> = run.out.lines().map(read).collect();
    for one in &all {
        crate::schema::holds("receipt", one);
    }
    all
}

fn started() -> (Fake, String) {
    let mut fake = shop();
    fake.env("GITHUB_ACTIONS", None);
    let start = fake.world().origin.tip("main").unwrap();
    (fake, start)
}

#[test]
fn a_receipt_names_the_reviews_and_the_pull_request() {
    let (fake, start) = started();
    let number = raise(&fake, "jo", "more", 50);
    after(&fake, "opened", number);
    fake.world().approve(number, "alice");
    woken(&fake, number);
    assert_eq!(status(&fake, number).0, "success");
    fake.world().merge(number, "kim");
    // A review of later is none of then.
    fake.world().approve(number, "bob");
    let [statement] = statements(&fake, &start).try_into().unwrap();
    let receipt = &statement["predicate"];
    assert_eq!([&receipt["repository"], &receipt["branch"], &receipt["outcome"]], ["acme/shop", "main", "approved"]);
    assert_eq!(receipt["pull"]["number"], number);
    assert_eq!([&receipt["pull"]["requestor"], &receipt["pull"]["mergedBy"]], ["jo", "kim"]);
    let consent = &receipt["flags"][0]["consent"];
    let [approval] = consent["approvals"].as_array().unwrap().as_slice() else { panic!("{consent:#}") };
    assert_eq!(approval["login"], "alice");
    assert!(approval["review"].as_str().is_some_and(|id| !id.is_empty()), "{approval}");
    assert!(approval["at"].as_str().is_some());
    assert_eq!(consent["displayed"].as_str().unwrap().len(), 64);
}

#[test]
fn what_came_past_the_gate_has_a_receipt_that_says_so() {
    let (fake, start) = started();
    let number = raise(&fake, "jo", "more", 50);
    after(&fake, "opened", number);
    fake.world().merge(number, "root1");
    let text = flag("one", 60);
    fake.world().commit("main", "root1", &[("flags/checkout/one.yaml", Some(&text))]);
    fake.world().commit("main", "root1", &[("README.md", Some("a shop\n"))]);
    let all = statements(&fake, &start);
    let said: Vec<(&str, &str)> = all
        .iter()
        .map(|one| {
            (one["predicate"]["outcome"].as_str().unwrap(), one["predicate"]["why"].as_str().unwrap_or_default())
        })
        .collect();
    let merged = format!("#{number} was merged while approvals were missing");
    assert_eq!(said, [("unapproved", &*merged), ("unapproved", "pushed directly: no pull request brought it")]);
    // Each names the one before it.
    assert_eq!(all[1]["predicate"]["previous"], all[0]["predicate"]["commit"]);
    assert_eq!(all[1]["predicate"]["flags"][0]["consent"]["approvals"], json!([]));
}
