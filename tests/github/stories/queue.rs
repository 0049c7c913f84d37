//! The merge queue: by content, on top of what is ahead.

use super::steps::*;
use crate::github::fake::{Event, Fake};

/// The statuses of its entry.
fn entry(fake: &Fake, number: u64) -> (String, String) {
    let world = fake.world();
    let queued = world.queues["main"].iter().find(|it| it.number == number).unwrap();
    let (state, text) = world.shown(&queued.head, "countersign/main").unwrap_or(("none", ""));
    (state.to_owned(), text.to_owned())
}

fn both(state: &str, text: &str) -> (String, String) {
    (state.to_owned(), text.to_owned())
}

/// The pull request enters the queue, and the workflow of that triggers us.
fn enqueue(fake: &Fake, number: u64) {
    let head = fake.world().enqueue(number, "jo").head;
    review(fake, &Event::Woken("requested", head, "merge_group"));
}

fn flag_two(fake: &Fake, author: &str) -> u64 {
    let number = raise_with(fake, author, "two", &[("flags/checkout/two.yaml", Some(&flag("two", 50)))]);
    after(fake, "opened", number);
    number
}

#[test]
fn an_approved_entry_passes_and_one_that_waits_fails() {
    let fake = shop();
    let (one, two) = (opened(&fake, "jo", "more", 50), flag_two(&fake, "kim"));
    approve(&fake, one, "alice");
    enqueue(&fake, one);
    assert_eq!(entry(&fake, one), both("success", "approved by alice (1 flag)"));
    enqueue(&fake, two);
    assert_eq!(entry(&fake, two), both("failure", "awaiting 1 of @alice or @bob for checkout/two"));
    // The pull request itself waits, and is not refused.
    is(&fake, two, "pending", "awaiting 1 of @alice or @bob for checkout/two");
    // Nobody enters for nothing: what is unread fails.
    let docs = raise_with(&fake, "jo", "docs", &[("README.md", Some("better\n"))]);
    enqueue(&fake, docs);
    assert_eq!(entry(&fake, docs), both("failure", "#2, ahead of it in the queue, is not approved"));
    fake.world().dequeue(two);
    fake.world().dequeue(docs);
    enqueue(&fake, docs);
    assert_eq!(entry(&fake, docs), both("success", "no flag changes"));
}

#[test]
fn what_is_ahead_changes_what_an_approval_was_for() {
    let fake = shop();
    // A sleeping flag is locked by nobody; the one that triggers it brings all of it.
    let asleep = |percent| flag("new", percent).replace("state: active", "state: inactive");
    let path = "flags/checkout/new.yaml";
    fake.world().commit("main", "root1", &[(path, Some(&asleep(10)))]);
    let edits = raise_with(&fake, "kim", "edits", &[(path, Some(&asleep(90)))]);
    after(&fake, "opened", edits);
    is(&fake, edits, "success", "1 flag changed, no approval needed");
    let wakes = raise_with(&fake, "jo", "triggers", &[(path, Some(&flag("new", 10)))]);
    after(&fake, "opened", wakes);
    approve(&fake, wakes, "alice");
    is(&fake, wakes, "success", "approved by alice (1 flag)");
    enqueue(&fake, edits);
    assert_eq!(entry(&fake, edits), both("success", "1 flag changed, no approval needed"));
    enqueue(&fake, wakes);
    assert_eq!(entry(&fake, wakes), both("failure", "awaiting 1 of @alice or @bob for checkout/new"));
}

#[test]
fn the_second_of_one_flag_fails() {
    let fake = shop();
    // Not at the same lines, so that git merges them.
    let more = flag("one", 20).replace("deployments: [web]", "deployments: [web, app]");
    let one = raise_with(&fake, "jo", "one", &[("flags/checkout/one.yaml", Some(&more))]);
    after(&fake, "opened", one);
    let two = raise_with(&fake, "kim", "two", &[("flags/checkout/one.yaml", Some(&flag("one", 50)))]);
    after(&fake, "opened", two);
    approve(&fake, one, "alice");
    approve(&fake, two, "alice");
    enqueue(&fake, one);
    enqueue(&fake, two);
    assert_eq!(entry(&fake, one), both("success", "approved by alice (1 flag)"));
    assert_eq!(entry(&fake, two), both("failure", "locked by #1: checkout/one"));
    // The first leaves the queue and is closed: the second is rebuilt, and is what was approved.
    fake.world().dequeue(one);
    fake.world().dequeue(two);
    fake.world().close(one, "jo");
    after(&fake, "closed", one);
    enqueue(&fake, two);
    assert_eq!(entry(&fake, two), both("success", "approved by alice (1 flag)"));
}

#[test]
fn dismissed_while_queued() {
    let fake = shop();
    let (one, two) = (opened(&fake, "jo", "more", 50), flag_two(&fake, "kim"));
    let given = approve(&fake, one, "alice");
    approve(&fake, two, "bob");
    enqueue(&fake, one);
    enqueue(&fake, two);
    assert_eq!(entry(&fake, two), both("success", "approved by bob (1 flag)"));
    // GitHub may ask only about the last entry: it lands with those ahead of it.
    dismiss(&fake, one, given, "alice");
    assert_eq!(entry(&fake, one), both("failure", AWAITS));
    assert_eq!(entry(&fake, two), both("failure", "#1, ahead of it in the queue, is not approved"));
    is(&fake, one, "pending", AWAITS);
    is(&fake, two, "success", "approved by bob (1 flag)");
    approve(&fake, one, "alice");
    assert_eq!(entry(&fake, two), both("success", "approved by bob (1 flag)"));
}

#[test]
fn the_policy_changed_ahead() {
    let fake = shop();
    let policy = raise_with(&fake, "root1", "policy", &[(".countersign/APPROVERS", Some("flags/checkout/ @bob\n"))]);
    after(&fake, "opened", policy);
    let one = opened(&fake, "jo", "more", 50);
    approve(&fake, policy, "root2");
    is(&fake, policy, "success", "approved by root2 (the policy)");
    approve(&fake, one, "alice");
    is(&fake, one, "success", "approved by alice (1 flag)");
    enqueue(&fake, policy);
    enqueue(&fake, one);
    assert_eq!(entry(&fake, policy), both("success", "approved by root2 (the policy)"));
    assert_eq!(entry(&fake, one), both("failure", "awaiting @bob for checkout/one"));
}

#[test]
fn what_is_gone_from_the_queue_is_nothing_to_judge() {
    let fake = shop();
    let one = opened(&fake, "jo", "more", 50);
    approve(&fake, one, "alice");
    // A run for an entry that was built anew meanwhile.
    let old = fake.world().enqueue(one, "jo");
    fake.world().dequeue(one);
    fake.world().commit("main", "root1", &[("README.md", Some("moved on\n"))]);
    let queued = fake.world().enqueue(one, "jo");
    let said = written(&fake).len();
    let event = Event::Woken("completed", queued.head.clone(), "merge_group");
    review(&fake, &event);
    assert_eq!(written(&fake).len(), said + 1);
    assert_eq!(fake.world().shown(&old.head, "countersign/main"), None);
    assert_eq!(entry(&fake, one), both("success", "approved by alice (1 flag)"));
    // It was closed and is still there: nothing of it may land.
    fake.world().close(one, "jo");
    let run = review(&fake, &event);
    assert_eq!(run.code, 5, "{}", run.err);
    assert_eq!(entry(&fake, one).0, "error");
}
