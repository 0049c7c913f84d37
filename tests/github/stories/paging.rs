//! More than one page of anything.

use super::steps::*;
use crate::github::fake::{Change, Event, RequestedReviewer};

#[test]
fn more_reviews_than_a_page() {
    let fake = shop();
    let number = opened(&fake, "jo", "more", 50);
    let mut world = fake.world();
    let given = world.approve(number, "alice");
    for _ in 0..120 {
        world.review(number, "carol", "APPROVED", "me too");
    }
    drop(world);
    woken(&fake, number);
    is(&fake, number, "success", "approved by alice (1 flag)");
    let said = written(&fake).len();
    review(&fake, &Event::Schedule);
    assert_eq!(written(&fake).len(), said);
    // Of the first page, too, what was dismissed counts no more.
    dismiss(&fake, number, given, "alice");
    is(&fake, number, "pending", AWAITS);
    // A rejection on the first page is not forgotten for what is on the second.
    let other = raise_with(&fake, "jo", "two", &[("flags/checkout/two.yaml", Some(&flag("two", 50)))]);
    after(&fake, "opened", other);
    let mut world = fake.world();
    world.review(other, "bob", "CHANGES_REQUESTED", "no");
    for _ in 0..120 {
        world.review(other, "alice", "APPROVED", "");
    }
    drop(world);
    woken(&fake, other);
    is(&fake, other, "failure", "rejected by bob: checkout/two");
}

#[test]
fn more_commits_than_a_page() {
    let fake = shop();
    let mut world = fake.world();
    // The first is by Alice, and a hundred others by Jo hide it.
    world.commit("long", "alice", &[("flags/checkout/one.yaml", Some(&flag("one", 40)))]);
    for at in 0..105 {
        let text = format!("{at}\n");
        let files = [("notes.md", Some(&*text))];
        world.commit_as("long", &Change { files: &files, author: "jo <jo@example.com>", message: "Note", web: false });
    }
    world.commit("long", "jo", &[("flags/checkout/one.yaml", Some(&flag("one", 50)))]);
    let number = world.open("jo", "main", "long");
    drop(world);
    after(&fake, "opened", number);
    approve(&fake, number, "alice");
    is(&fake, number, "pending", AWAITS);
    comment_says(&fake, number, "contributed to the change");
    approve(&fake, number, "bob");
    is(&fake, number, "success", "approved by bob (1 flag)");
}

#[test]
fn more_comments_than_a_page() {
    let fake = shop();
    let number = raise(&fake, "jo", "more", 50);
    let chat = |from: u32| {
        for at in 0..from {
            fake.world().comment(number, if at % 2 == 0 { "kim" } else { "jo" }, "what do you think?");
        }
    };
    chat(130);
    after(&fake, "opened", number);
    chat(130);
    approve(&fake, number, "alice");
    is(&fake, number, "success", "approved by alice (1 flag)");
    // And who asks for the same flag finds it, too.
    let other = opened(&fake, "kim", "other", 60);
    is(&fake, other, "pending", "locked by #1: checkout/one");
}

#[test]
fn more_pull_requests_than_a_page() {
    let fake = shop();
    let mut world = fake.world();
    let text = flag("one", 50);
    for at in 0..110 {
        let branch = format!("docs{at}");
        let note = format!("{at}\n");
        world.commit(&branch, "kim", &[("notes.md", Some(&note))]);
        world.open("kim", "main", &branch);
    }
    world.commit("first", "jo", &[("flags/checkout/one.yaml", Some(&text))]);
    let first = world.open("jo", "main", "first");
    drop(world);
    after(&fake, "opened", first);
    is(&fake, first, "pending", AWAITS);
    let second = opened(&fake, "kim", "second", 60);
    is(&fake, second, "pending", &format!("locked by #{first}: checkout/one"));
    approve(&fake, first, "alice");
    is(&fake, first, "success", "approved by alice (1 flag)");
    // A success that may have to be taken back comes first, however many others wait to be looked at.
    fake.world().token_mut("actions").used = 0;
    let before = fake.world().origin.tip("main").unwrap();
    fake.world().commit("main", "root1", &[(".countersign/APPROVERS", Some("flags/checkout/ @bob\n"))]);
    let run = review_once(&fake, &Event::Push("main".to_owned(), before));
    assert!(run.err.contains("are left for the next sweep"), "{}", run.err);
    is(&fake, first, "pending", "awaiting @bob for checkout/one");
}

#[test]
fn small_pages_of_everything_give_the_same_verdicts() {
    let fake = shop();
    fake.world().page = 3;
    for at in 0..5 {
        let number = raise_with(&fake, "kim", &format!("docs{at}"), &[("notes.md", Some(&format!("{at}\n")))]);
        fake.world().pulls.get_mut(&number).unwrap().requested =
            ["alice", "bob", "carol", "root1"].map(|login| RequestedReviewer::User(login.to_owned())).into();
    }
    let first = raise(&fake, "jo", "first", 50);
    for at in 0..5 {
        fake.world().commit("first", "jo", &[("notes.md", Some(&format!("{at}\n")))]);
        fake.world().comment(first, "kim", "really?");
    }
    after(&fake, "opened", first);
    let second = opened(&fake, "kim", "second", 60);
    fake.world().approve(first, "carol");
    approve(&fake, first, "alice");
    is(&fake, first, "success", "approved by alice (1 flag)");
    is(&fake, second, "pending", &format!("locked by #{first}: checkout/one"));
    fake.world().close(first, "jo");
    after(&fake, "closed", first);
    is(&fake, second, "pending", AWAITS);
}
