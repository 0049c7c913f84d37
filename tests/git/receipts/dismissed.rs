//! Rejections that somebody dismisses by key: who may, and what of it counts.

use super::Shop;
use super::signed::{approve, check, push, served};
use crate::git::git;

const APPROVALS: &str = "refs/countersign/approvals";

/// A proposal of jo's, in a repository in which these people have keys.
fn proposed() -> Shop {
    super::remedies::shop(&["alice", "bob", "root", "jo"], "people: {jo: [jo@example.com]}\n")
}

fn dismiss(shop: &Shop, by: &str) -> (i32, String) {
    let (code, out, err) = approve(shop, by, &["--dismiss", "alice", "--note", "she is on leave"]);
    (code, out + &err)
}

#[test]
fn an_admin_or_another_approver_dismisses_a_rejection() {
    for by in ["root", "bob"] {
        let shop = proposed();
        let bare = served(&shop);
        assert_eq!(approve(&shop, "alice", &["--reject"]).0, 0);
        assert_eq!(approve(&shop, "bob", &[]).0, 0);
        let (pushed, said) = push(&shop, &bare, &["proposal:main", APPROVALS]);
        assert!(!pushed && said.contains("to dismiss the"), "{said}");
        let (code, said) = dismiss(&shop, by);
        assert!(code == 0 && said.contains(&format!("dismissed as {by}")), "{said}");
        let (verdict, who, why) = check(&shop);
        assert_eq!((verdict.as_str(), who), ("approved", vec!["bob".to_owned()]), "{why:?}");
        assert!(why.iter().any(|why| why.contains(&format!("`{by}` lifted that"))), "{why:?}");
        // A person who rejects it again means it, and so does one who puts more on top.
        assert_eq!(approve(&shop, "alice", &["--reject"]).0, 0);
        assert_eq!(check(&shop).0, "rejected");
        assert_eq!(dismiss(&shop, by).0, 0);
        assert_eq!(check(&shop).0, "approved");
        let (pushed, said) = push(&shop, &bare, &["proposal:main", APPROVALS]);
        assert!(pushed, "{said}");
        let list = git(&shop.dir, &["log", "-1", "--format=", "--name-only", APPROVALS]);
        let text = git(&shop.dir, &["show", &format!("{APPROVALS}:{}", list.trim())]);
        let statement = super::statement(&serde_json::from_str(&text).unwrap());
        crate::schema::holds("approval", &statement);
        assert_eq!(statement["predicate"]["response"], "dismiss");
    }
}

/// A dismissal is of what was displayed.
#[test]
fn a_dismissal_is_of_one_content() {
    let mut shop = proposed();
    approve(&shop, "alice", &["--reject"]);
    assert_eq!(dismiss(&shop, "root").0, 0);
    shop.flag("buy", 60);
    approve(&shop, "bob", &[]);
    assert_eq!(check(&shop).0, "rejected");
    assert_eq!(dismiss(&shop, "root").0, 0);
    assert_eq!(check(&shop).0, "approved");
}

#[test]
fn who_may_not_dismiss_does_not() {
    let shop = proposed();
    // There is nothing to dismiss yet, and a reason is needed.
    let (code, said) = dismiss(&shop, "root");
    assert!(code == 2 && said.contains("no rejection by `alice`"), "{said}");
    approve(&shop, "alice", &["--reject"]);
    approve(&shop, "bob", &[]);
    let (code, _, err) = approve(&shop, "root", &["--dismiss", "alice"]);
    assert!(code == 2 && err.contains("--note"), "{err}");
    let (code, _, err) = approve(&shop, "root", &["--dismiss", "alice", "--note", " "]);
    assert!(code == 2 && err.contains("gives no reason"), "{err}");
    // Jo wrote it.
    let (code, said) = dismiss(&shop, "jo");
    assert!(code == 2 && said.contains("it would count for nothing") && said.contains("may not lift it"), "{said}");
    let (code, _, _) = approve(&shop, "jo", &["--dismiss", "alice", "--note", "come on", "--anyway"]);
    assert_eq!(code, 0);
    assert_eq!(check(&shop).0, "rejected");
    // And is in nobody's way.
    assert_eq!(dismiss(&shop, "root").0, 0);
    assert_eq!(check(&shop).0, "approved");
}
