//! Heads and bases: what stands on a commit is what was judged there, for whoever comes back to it.

use super::steps::*;
use crate::github::fake::{Event, Fake};

const APPROVED: &str = "approved by alice (1 flag)";

/// The statuses of any commit.
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
    assert_eq!(at(&fake, &sha, "release"), both("failure", CLASH));
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
    // One status for both, and it tells of the first that waits: Alice's word counts for neither.
    let shared = |number: u64| format!("#1, #2 share this commit; #{number}: {AWAITS}");
    is(&fake, first, "pending", &shared(1));
    approve(&fake, second, "jo");
    is(&fake, first, "pending", &shared(1));
    comment_says(&fake, first, "contributed to the change");
    // Somebody who wrote neither approves both.
    approve(&fake, first, "bob");
    is(&fake, first, "pending", &shared(2));
    let said = written(&fake).len();
    review(&fake, &Event::Schedule);
    assert_eq!(written(&fake).len(), said, "a sweep finds it as it was");
    let given = approve(&fake, second, "bob");
    is(&fake, first, "success", "approved by bob (1 flag)");
    // Taken back on one, unseen, it is taken back for both.
    fake.world().dismiss(second, given, "bob", "");
    review(&fake, &Event::Schedule);
    is(&fake, first, "pending", &shared(2));
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
fn back_to_an_old_commit_with_a_success() {
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
    // Closed, it is no success for the next pull request, before anyone looked at that.
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
}

/// A flag with weights a line each, so that git merges what two change of them.
fn weighted(first: u32, last: u32) -> String {
    let names = ["v1", "v2", "v3", "v4", "v5", "v6"];
    let variants: String = names.iter().map(|name| format!("  - {{key: {name}}}\n")).collect();
    let weight = |name: &str| match name {
        "v1" => first,
        "v6" => last,
        _ => 1,
    };
    let weights: String = names.iter().map(|name| format!("  {name}: {}\n", weight(name))).collect();
    let (head, _) = flag("one", 20).split_once("variants:").map(|(a, b)| (a.to_owned(), b.to_owned())).unwrap();
    format!("{head}variants:\n{variants}rolloutPercentage: 20\nrolloutWeights:\n{weights}")
}

#[test]
fn the_base_moves_under_the_very_field() {
    let fake = shop();
    fake.world().commit("main", "root1", &[("flags/checkout/one.yaml", Some(&weighted(1, 1)))]);
    let number = raise_with(&fake, "jo", "more", &[("flags/checkout/one.yaml", Some(&weighted(5, 1)))]);
    after(&fake, "opened", number);
    approve(&fake, number, "alice");
    is(&fake, number, "success", APPROVED);
    // Another field of the same flag: kept.
    land(
        &fake,
        &[("flags/checkout/one.yaml", Some(&weighted(1, 1).replace("bucketingSalt: s1", "bucketingSalt: s2")))],
    );
    is(&fake, number, "success", APPROVED);
    // The weights, which git merges without a word: nobody approved what would come of it.
    land(&fake, &[("flags/checkout/one.yaml", Some(&weighted(1, 9)))]);
    is(&fake, number, "pending", AWAITS);
    comment_says(&fake, number, "which is no longer the proposed content");
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
    // A dismissal that triggered nobody, since the proposal took the workflow away that would have.
    fake.world().dismiss(number, given, "alice", "");
    review(&fake, &Event::Schedule);
    is(&fake, number, "pending", AWAITS);
    // A success that somebody else wrote over ours.
    let sha = head(&fake, number);
    fake.world().status("kim", &sha, "countersign/main", "success", Some("approved by alice (1 flag)"));
    review(&fake, &Event::Dispatch);
    is(&fake, number, "pending", AWAITS);
}
