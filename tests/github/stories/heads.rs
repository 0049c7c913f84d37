//! Heads and bases: what stands on a commit is what was judged there, for whoever comes back to it.

use crate::fake::{Event, Fake};
use crate::shop::*;

const APPROVED: &str = "approved by alice (1 flag)";

/// What stands on any commit.
fn at(fake: &Fake, sha: &str, base: &str) -> (String, String) {
    let world = fake.world();
    let (state, text) = world.shown(sha, &format!("countersign/{base}")).unwrap_or(("none", ""));
    (state.to_owned(), text.to_owned())
}

fn both(state: &str, text: &str) -> (String, String) {
    (state.to_owned(), text.to_owned())
}

fn branch(fake: &Fake, name: &str) {
    let mut world = fake.world();
    let main = world.origin.tip("main").unwrap();
    world.force_push(name, &main, "root1");
}

#[test]
fn retargeted_to_another_gated_base_and_back() {
    let fake = shop();
    branch(&fake, "release");
    let number = opened(&fake, "jo", "more", 50);
    approve(&fake, number, "alice");
    is(&fake, number, "success", APPROVED);
    let sha = head(&fake, number);
    // The other base has other content: what is approved for one is not for the other.
    fake.world().commit("release", "root1", &[("flags/checkout/one.yaml", Some(&flag("one", 90)))]);
    fake.world().commit("more", "jo", &[]);
    fake.world().force_push("more", &sha, "jo");
    fake.world().retarget(number, "release", "jo");
    review(&fake, &Event::Retargeted(number, "main"));
    assert_eq!(at(&fake, &sha, "main"), both("pending", "#1 is no longer for this branch"));
    assert_eq!(at(&fake, &sha, "release"), both("failure", "I"));
    fake.world().retarget(number, "main", "jo");
    review(&fake, &Event::Retargeted(number, "release"));
    assert_eq!(at(&fake, &sha, "main"), both("success", APPROVED));
}

#[test]
fn the_same_commit_proposed_twice() {
    let fake = shop();
    let first = opened(&fake, "jo", "more", 50);
    approve(&fake, first, "alice");
    is(&fake, first, "success", APPROVED);
    // Alice proposes the very same commit herself: what Jo's is approved by is hers now.
    let second = fake.world().open("alice", "main", "more");
    after(&fake, "opened", second);
    is(&fake, first, "pending", "locked by #1: checkout/one");
    woken(&fake, first);
    let (state, text) = status(&fake, first);
    assert_eq!(state, "pending", "{text}");
    // Nor may Jo approve what Alice proposes.
    fake.world().approve(second, "jo");
    woken(&fake, second);
    assert_eq!(status(&fake, second).0, "pending");
    // Somebody who wrote neither approves both.
    fake.world().approve(first, "bob");
    fake.world().approve(second, "bob");
    for number in [second, first] {
        review_once(&fake, &Event::Pull("edited", number));
    }
    let sha = head(&fake, first);
    review_once(&fake, &Event::Woken("completed", sha, "pull_request_review"));
    println!("{:?}", status(&fake, first));
    // Closed, the other one stands in nobody's way.
    fake.world().close(second, "alice");
    after(&fake, "closed", second);
    is(&fake, first, "success", "approved by alice, bob (1 flag)");
}

#[test]
fn the_same_commit_for_another_base_is_another_matter() {
    let fake = shop();
    branch(&fake, "release");
    let first = opened(&fake, "jo", "more", 50);
    let second = fake.world().open("jo", "release", "more");
    after(&fake, "opened", second);
    approve(&fake, first, "alice");
    let sha = head(&fake, first);
    assert_eq!(at(&fake, &sha, "main"), both("success", APPROVED));
    assert_eq!(at(&fake, &sha, "release"), both("pending", AWAITS));
    // Closing one takes nothing from the other.
    fake.world().close(second, "jo");
    after(&fake, "closed", second);
    assert_eq!(at(&fake, &sha, "main"), both("success", APPROVED));
}

#[test]
fn back_to_an_old_green_commit() {
    let fake = shop();
    let number = opened(&fake, "jo", "more", 50);
    let review = approve(&fake, number, "alice");
    let x = head(&fake, number);
    assert_eq!(at(&fake, &x, "main"), both("success", APPROVED));
    edit(&fake, number, 60);
    assert_eq!(at(&fake, &x, "main"), both("pending", "superseded: #1 moved on"));
    // She withdraws it on what is there now; the way back is no way in.
    dismiss(&fake, number, review, "alice");
    let y = head(&fake, number);
    force(&fake, number, &x, "jo");
    is(&fake, number, "pending", AWAITS);
    assert_eq!(at(&fake, &y, "main"), both("pending", AWAITS));
    approve(&fake, number, "bob");
    is(&fake, number, "success", "approved by bob (1 flag)");
    // Closed, it is not green for the next pull request, before anyone looked at that.
    fake.world().close(number, "jo");
    after(&fake, "closed", number);
    let next = fake.world().open("kim", "main", "more");
    is(&fake, next, "pending", "closed: #1 is no longer proposed");
    after(&fake, "opened", next);
    is(&fake, next, "pending", AWAITS);
}

#[test]
fn the_base_moves_under_an_approval() {
    let fake = shop();
    let number = opened(&fake, "jo", "more", 50);
    let other = raise_with(&fake, "kim", "docs", &[("README.md", Some("better\n"))]);
    after(&fake, "opened", other);
    approve(&fake, number, "alice");
    // Words, another flag, another field of this one that is of no weight: kept.
    for (path, text) in [
        ("CHANGES.md", "moved\n".to_owned()),
        ("flags/checkout/two.yaml", flag("two", 30)),
        ("flags/checkout/one.yaml", flag("one", 20).replace("name: One", "name: Uno")),
    ] {
        land(&fake, &[(path, Some(&text))]);
        is(&fake, number, "success", APPROVED);
    }
    is(&fake, other, "success", "no flag changes");
    // The same field: void, even where git merges it.
    let mut lines = flag("one", 20).replace("name: One", "name: Uno");
    lines.push_str("targetSegments: []\n");
    land(&fake, &[("flags/checkout/one.yaml", Some(&lines.replace("bucketingSalt: s1", "bucketingSalt: s2")))]);
    is(&fake, number, "pending", AWAITS);
}

#[test]
fn what_changed_nothing_may_change_something_when_the_base_moves_back() {
    let fake = shop();
    let number = opened(&fake, "jo", "more", 50);
    // Somebody else lands the same, so there is nothing left of it.
    land(&fake, &[("flags/checkout/one.yaml", Some(&flag("one", 50)))]);
    is(&fake, number, "success", "no flag changes");
    // And takes it back: now a merge would bring it again.
    land(&fake, &[("flags/checkout/one.yaml", Some(&flag("one", 20)))]);
    is(&fake, number, "pending", AWAITS);
}

#[test]
fn a_lost_event_is_seen_by_the_sweep() {
    let fake = shop();
    let number = opened(&fake, "jo", "more", 50);
    let given = approve(&fake, number, "alice");
    is(&fake, number, "success", APPROVED);
    let said = written(&fake).len();
    review(&fake, &Event::Schedule);
    assert_eq!(written(&fake).len(), said);
    // A dismissal that woke nobody, since the proposal took the workflow away that would have.
    fake.world().dismiss(number, given, "alice", "");
    review(&fake, &Event::Schedule);
    is(&fake, number, "pending", AWAITS);
    // A success that somebody else wrote over ours.
    let sha = head(&fake, number);
    fake.world().status("kim", &sha, "countersign/main", "success", Some("approved by alice (1 flag)"));
    review(&fake, &Event::Dispatch);
    is(&fake, number, "pending", AWAITS);
}
