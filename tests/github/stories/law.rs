//! The law: missing, broken, changed by the proposal.

use crate::shop::*;

#[test]
fn without_a_law_nothing_is_judged() {
    let fake = shop();
    let number = opened(&fake, "jo", "more", 50);
    approve(&fake, number, "alice");
    is(&fake, number, "success", "approved by alice (1 flag)");
    land(&fake, &[(".countersign/config.yaml", None)]);
    let (state, text) = status(&fake, number);
    assert_eq!(state, "error", "{text}");
    let run = woken(&fake, number);
    assert_eq!(run.code, 4, "{}{}", run.out, run.err);
    is(&fake, number, "error", "E");
    comment_says(&fake, number, "C");
    // What is approved while it can't be judged is not approved.
    let other = opened(&fake, "kim", "other", 60);
    is(&fake, other, "error", "E");
    fake.world().approve(other, "alice");
    fake.world().commit("main", "root1", &[(".countersign/config.yaml", Some("version: 1\nprojects: 7\n"))]);
    for number in [number, other] {
        woken(&fake, number);
        is(&fake, number, "error", "E");
    }
    land(&fake, &[(".countersign/config.yaml", Some(CONFIG))]);
    is(&fake, number, "success", "approved by alice (1 flag)");
    is(&fake, other, "pending", "locked by #1: checkout/one");
}

#[test]
fn a_repository_that_has_no_law_yet() {
    let fake = shop();
    fake.world().commit("main", "root1", &[(".countersign/config.yaml", None), (".countersign/APPROVERS", None)]);
    let number = raise_with(&fake, "jo", "law", &[(".countersign/config.yaml", Some(CONFIG)), (".countersign/APPROVERS", Some(APPROVERS))]);
    let run = after(&fake, "opened", number);
    assert_eq!(run.code, 4);
    is(&fake, number, "error", "E");
}

#[test]
fn a_proposal_that_changes_the_law_needs_an_admin_before_and_after() {
    let fake = shop();
    let mine = "flags/checkout/ @alice @bob @jo\n";
    let number = raise_with(
        &fake,
        "jo",
        "mine",
        &[(".countersign/APPROVERS", Some(mine)), ("flags/checkout/one.yaml", Some(&flag("one", 50)))],
    );
    let run = after(&fake, "opened", number);
    assert_eq!(run.code, 0, "{}", run.err);
    is(&fake, number, "pending", "P");
    comment_says(&fake, number, "C");
    // Not by who approves flags, and not by who gives themselves the power.
    approve(&fake, number, "alice");
    is(&fake, number, "pending", "P");
    approve(&fake, number, "jo");
    is(&fake, number, "pending", "P");
    approve(&fake, number, "root1");
    is(&fake, number, "success", "S");
    // Another law is another content.
    push(&fake, number, "jo", &[(".countersign/APPROVERS", Some("flags/checkout/ @jo\n"))]);
    is(&fake, number, "pending", "P");

    // Who makes themselves an admin is none yet.
    let config = CONFIG.replace("\"@root2\"]", "\"@root2\", \"@kim\", \"@carol\"]");
    let number = raise_with(&fake, "kim", "admins", &[(".countersign/config.yaml", Some(&config))]);
    after(&fake, "opened", number);
    comment_says(&fake, number, "`@carol`");
    for who in ["kim", "carol"] {
        approve(&fake, number, who);
        is(&fake, number, "pending", "P");
    }
    approve(&fake, number, "root2");
    is(&fake, number, "success", "approved by root2 (the law)");
}

#[test]
fn a_proposal_that_takes_the_law_away_or_breaks_it_is_invalid() {
    let fake = shop();
    for (branch, path, text) in [
        ("away", ".countersign/config.yaml", None),
        ("broken", ".countersign/config.yaml", Some("version: 1\nprojects: 7\n")),
        ("nobody", ".countersign/APPROVERS", Some("flags/checkout/ alice@example.com\n")),
    ] {
        let number = raise_with(&fake, "jo", branch, &[(path, text)]);
        let run = after(&fake, "opened", number);
        assert_eq!(run.code, 3, "{branch}: {}{}", run.out, run.err);
        approve(&fake, number, "root1");
        approve(&fake, number, "root2");
        let (state, text) = status(&fake, number);
        assert_eq!(state, "failure", "{branch}: {text}");
        assert!(text.starts_with("invalid: .countersign/"), "{branch}: {text}");
    }
}

#[test]
fn workflows_are_protected() {
    let fake = shop();
    let number = raise_with(&fake, "jo", "ci", &[(".github/workflows/wake.yml", Some("on: push\n"))]);
    after(&fake, "opened", number);
    is(&fake, number, "pending", "P");
    approve(&fake, number, "alice");
    is(&fake, number, "pending", "P");
    approve(&fake, number, "root1");
    is(&fake, number, "success", "approved by root1 (the law)");
}

#[test]
fn a_law_that_lands_is_the_law_for_what_was_approved_before() {
    let fake = shop();
    let number = opened(&fake, "jo", "more", 50);
    approve(&fake, number, "alice");
    is(&fake, number, "success", "approved by alice (1 flag)");
    land(&fake, &[(".countersign/APPROVERS", Some("flags/checkout/ @bob\n"))]);
    is(&fake, number, "pending", "awaiting 1 of @bob for checkout/one");
    comment_says(&fake, number, "is neither among those asked nor an admin");
    // What the law names nobody for waits for an admin.
    land(&fake, &[(".countersign/APPROVERS", Some("flags/other/ @bob\n"))]);
    is(&fake, number, "pending", "P");
    approve(&fake, number, "root1");
    is(&fake, number, "success", "approved by root1 (1 flag)");
}
