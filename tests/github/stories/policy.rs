//! The policy: missing, broken, changed by the proposal.

use super::steps::*;

const NO_POLICY: &str = "the policy of the base branch is invalid: .countersign/config.yaml:1:1: there is no \
                      `.countersign/config.yaml`, so nothing says who appro...";
const ADMIN: &str = "awaiting an admin (@root1 or @root2) for the policy";

#[test]
fn without_a_policy_nothing_is_judged() {
    let fake = shop();
    let number = opened(&fake, "jo", "more", 50);
    approve(&fake, number, "alice");
    is(&fake, number, "success", "approved by alice (1 flag)");
    land(&fake, &[(".countersign/config.yaml", None)]);
    let (state, text) = status(&fake, number);
    assert_eq!(state, "error", "{text}");
    let run = woken(&fake, number);
    assert_eq!(run.code, 4, "{}{}", run.out, run.err);
    is(&fake, number, "error", NO_POLICY);
    comment_says(&fake, number, "run `countersign init`");
    // Content that is approved while it can't be judged is not approved.
    let other = opened(&fake, "kim", "other", 60);
    is(&fake, other, "error", NO_POLICY);
    fake.world().approve(other, "alice");
    fake.world().commit("main", "root1", &[(".countersign/config.yaml", Some("version: 1\nprojects: 7\n"))]);
    for number in [number, other] {
        woken(&fake, number);
        is(
            &fake,
            number,
            "error",
            "the policy of the base branch is invalid: .countersign/config.yaml:2:11: `projects` is a number: `7`",
        );
    }
    land(&fake, &[(".countersign/config.yaml", Some(CONFIG))]);
    is(&fake, number, "success", "approved by alice (1 flag)");
    is(&fake, other, "pending", "locked by #1: checkout/one");
}

#[test]
fn a_repository_that_has_no_policy_yet() {
    let fake = shop();
    fake.world().commit("main", "root1", &[(".countersign/config.yaml", None), (".countersign/APPROVERS", None)]);
    let number = raise_with(
        &fake,
        "jo",
        "policy",
        &[(".countersign/config.yaml", Some(CONFIG)), (".countersign/APPROVERS", Some(APPROVERS))],
    );
    let run = after(&fake, "opened", number);
    assert_eq!(run.code, 4);
    is(&fake, number, "error", NO_POLICY);
}

#[test]
fn a_proposal_that_changes_the_policy_needs_an_admin_before_and_after() {
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
    let flags = "1 of @alice or @bob for checkout/one, 1 of @alice, @bob or @jo for checkout/one";
    is(&fake, number, "pending", &format!("{ADMIN}, {flags}"));
    comment_says(&fake, number, "| `@jo` | **gains** | may approve 2 files of `checkout`");
    // Not by who approves flags, and not by who gives themselves the privilege.
    approve(&fake, number, "alice");
    is(&fake, number, "pending", ADMIN);
    approve(&fake, number, "jo");
    is(&fake, number, "pending", ADMIN);
    approve(&fake, number, "root1");
    is(&fake, number, "success", "approved by alice, root1 (1 flag)");
    // Another policy is another content.
    push(&fake, number, "jo", &[(".countersign/APPROVERS", Some("flags/checkout/ @jo\n"))]);
    is(&fake, number, "pending", ADMIN);

    // A person who makes themselves an admin is none yet.
    let config = CONFIG.replace("\"@root2\"]", "\"@root2\", \"@kim\", \"@carol\"]");
    let number = raise_with(&fake, "kim", "admins", &[(".countersign/config.yaml", Some(&config))]);
    after(&fake, "opened", number);
    comment_says(&fake, number, "`@carol`");
    approve(&fake, number, "kim");
    is(&fake, number, "pending", &format!("{ADMIN}, an admin (@root1, @root2, @kim or 1 more) for the policy"));
    // The policy as it stands requires an admin of today.
    approve(&fake, number, "carol");
    is(&fake, number, "pending", ADMIN);
    approve(&fake, number, "root2");
    is(&fake, number, "success", "approved by carol, root2 (the policy)");
}

#[test]
fn a_proposal_that_takes_the_policy_away_or_breaks_it_is_invalid() {
    let fake = shop();
    for (branch, path, text, code) in [
        ("away", ".countersign/config.yaml", None, 4),
        ("broken", ".countersign/config.yaml", Some("version: 1\nprojects: 7\n"), 4),
        ("nobody", ".countersign/APPROVERS", Some("flags/checkout/ alice@example.com\n"), 4),
    ] {
        let number = raise_with(&fake, "jo", branch, &[(path, text)]);
        let run = after(&fake, "opened", number);
        assert_eq!(run.code, code, "{branch}: {}{}", run.out, run.err);
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
    let number = raise_with(&fake, "jo", "ci", &[(".github/workflows/trigger.yml", Some("on: push\n"))]);
    after(&fake, "opened", number);
    is(&fake, number, "pending", ADMIN);
    approve(&fake, number, "alice");
    is(&fake, number, "pending", ADMIN);
    approve(&fake, number, "root1");
    is(&fake, number, "success", "approved by root1 (the policy)");
}

#[test]
fn a_policy_that_lands_is_the_policy_for_what_was_approved_before() {
    let fake = shop();
    let number = opened(&fake, "jo", "more", 50);
    approve(&fake, number, "alice");
    is(&fake, number, "success", "approved by alice (1 flag)");
    land(&fake, &[(".countersign/APPROVERS", Some("flags/checkout/ @bob\n"))]);
    is(&fake, number, "pending", "awaiting @bob for checkout/one");
    comment_says(&fake, number, "is neither a required approver nor an admin");
    // A flag that the policy names nobody for waits for an admin.
    land(&fake, &[(".countersign/APPROVERS", Some("flags/other/ @bob\n"))]);
    is(&fake, number, "pending", "awaiting an admin (@root1 or @root2) for checkout/one");
    approve(&fake, number, "root1");
    is(&fake, number, "success", "approved by root1 (1 flag)");
}
