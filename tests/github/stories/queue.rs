//! The merge queue: by content, on top of what is ahead.

use super::steps::*;
use crate::fake::{Event, Fake};

/// What stands on its entry.
fn entry(fake: &Fake, number: u64) -> (String, String) {
    let world = fake.world();
    let queued = world.queues["main"].iter().find(|it| it.number == number).unwrap();
    let (state, text) = world.shown(&queued.head, "countersign/main").unwrap_or(("none", ""));
    (state.to_owned(), text.to_owned())
}

fn both(state: &str, text: &str) -> (String, String) {
    (state.to_owned(), text.to_owned())
}

/// It enters the queue, and the workflow of that wakes us.
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
fn the_second_of_one_flag_fails_by_content() {
    let fake = shop();
    // Not at the same lines, so that git merges them.
    let salt = flag("one", 20).replace("name: One", "name: Two\ndescription: more\nowner: jo");
    let one = raise_with(
        &fake,
        "jo",
        "one",
        &[("flags/checkout/one.yaml", Some(&flag("one", 20).replace("deployments: [web]", "deployments: [web, app]")))],
    );
    after(&fake, "opened", one);
    let two = raise_with(&fake, "kim", "two", &[("flags/checkout/one.yaml", Some(&flag("one", 50)))]);
    after(&fake, "opened", two);
    drop(salt);
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
fn the_law_changed_ahead() {
    let fake = shop();
    let law = raise_with(&fake, "root1", "law", &[(".countersign/APPROVERS", Some("flags/checkout/ @bob\n"))]);
    after(&fake, "opened", law);
    let one = opened(&fake, "jo", "more", 50);
    approve(&fake, law, "root2");
    is(&fake, law, "success", "approved by root2 (the law)");
    approve(&fake, one, "alice");
    is(&fake, one, "success", "approved by alice (1 flag)");
    enqueue(&fake, law);
    enqueue(&fake, one);
    assert_eq!(entry(&fake, law), both("success", "approved by root2 (the law)"));
    assert_eq!(entry(&fake, one), both("failure", "awaiting @bob for checkout/one"));
}

#[test]
fn what_is_gone_from_the_queue_is_nothing_to_judge() {
    let fake = shop();
    let one = opened(&fake, "jo", "more", 50);
    approve(&fake, one, "alice");
    let head = fake.world().enqueue(one, "jo").head;
    fake.world().dequeue(one);
    let queued = fake.world().enqueue(one, "jo");
    let said = written(&fake).len();
    let mut event = Event::Woken("completed", queued.head.clone(), "merge_group");
    review(&fake, &event);
    assert_eq!(written(&fake).len(), said + 1);
    // It was closed and is still there: nothing of it may land.
    fake.world().close(one, "jo");
    if let Event::Woken(_, sha, _) = &mut event {
        *sha = queued.head;
    }
    let run = review(&fake, &event);
    assert_eq!(run.code, 5, "{}", run.err);
    assert_eq!(entry(&fake, one).0, "error");
    drop(head);
}
