//! Further ways to a success status that nobody approved: what is remembered, played back; authors who are hidden.

use crate::github::fake::Fake;
use crate::github::stories::steps::*;

/// A comment that another workflow of the repository writes in the same name, and whose words a stranger chooses.
fn echo(fake: &Fake, number: u64, id: Option<u64>, words: &str) -> u64 {
    let mut world = fake.world();
    match id {
        Some(id) => {
            world.edit_comment(id, "github-actions[bot]", words);
            id
        }
        None => world.comment(number, "github-actions[bot]", words),
    }
}

/// A record that our comment had once, said again by a comment before it, when the content of then is back.
#[test]
fn an_older_memory_is_no_memory() {
    for begins in ["thank you for this", "<!-- countersign: this comment is kept up to date -->\nthank you"] {
        let fake = shop();
        let number = raise(&fake, "jo", "more", 50);
        let greeting = echo(&fake, number, None, begins);
        crate::github::shop::after(&fake, "opened", number);
        // Carol is not required; that she says so is put into the comment.
        approve(&fake, number, "carol");
        let (first, before) = (head(&fake, number), comment(&fake, number));
        edit(&fake, number, 21);
        approve(&fake, number, "alice");
        is(&fake, number, "success", "approved by alice (1 flag)");
        force(&fake, number, &first, "jo");
        is(&fake, number, "pending", AWAITS);
        let there = fake.world().comments.contains_key(&greeting);
        echo(&fake, number, Some(greeting).filter(|_| there), &before);
        woken(&fake, number);
        is(&fake, number, "pending", AWAITS);
        woken(&fake, number);
        is(&fake, number, "pending", AWAITS);
        approve(&fake, number, "alice");
        is(&fake, number, "success", "approved by alice (1 flag)");
    }
}

/// A file that the base has moved under a managed path: the merge brings there what was written elsewhere.
#[test]
fn who_wrote_it_where_it_was_before() {
    let fake = shop();
    let flag_three = |percent| flag("three", percent);
    let mut world = fake.world();
    world.commit("main", "root1", &[("old/three.yaml", Some(&flag_three(20)))]);
    world.commit("late", "jo", &[("README.md", Some("hello\n"))]);
    world.commit("late", "alice", &[("old/three.yaml", Some(&flag_three(90)))]);
    world.commit("main", "root1", &[("old/three.yaml", None), ("flags/checkout/three.yaml", Some(&flag_three(20)))]);
    let number = world.open("jo", "main", "late");
    drop(world);
    after(&fake, "opened", number);
    is(&fake, number, "pending", "awaiting 1 of @alice or @bob for checkout/three");
    approve(&fake, number, "alice");
    is(&fake, number, "pending", "awaiting 1 of @alice or @bob for checkout/three");
    approve(&fake, number, "bob");
    is(&fake, number, "success", "approved by bob (1 flag)");
}

/// An approval for another branch is judged by the policy of the new one: there Carol was enough, here Alice is.
#[test]
fn an_approval_for_another_branch() {
    let fake = shop();
    let peers = CONFIG.replace("approvals: specific", "approvals: peer");
    let mut world = fake.world();
    world.commit("dev", "root1", &[(".countersign/config.yaml", Some(&peers))]);
    let text = flag("one", 50);
    world.commit("more", "jo", &[("flags/checkout/one.yaml", Some(&text))]);
    let number = world.open("jo", "dev", "more");
    drop(world);
    after(&fake, "opened", number);
    approve(&fake, number, "carol");
    assert_eq!(status_for(&fake, number, "dev").0, "success");
    fake.world().retarget(number, "main", "jo");
    after(&fake, "edited", number);
    is(&fake, number, "pending", AWAITS);
    approve(&fake, number, "alice");
    is(&fake, number, "success", "approved by alice (1 flag)");
}
