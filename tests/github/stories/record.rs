//! Displayed revisions and their times: the memory in our comment, and who may touch it.

use super::steps::*;
use crate::github::fake::{Event, Fake};

const APPROVED: &str = "approved by alice (1 flag)";

fn ours(fake: &Fake, number: u64) -> Vec<u64> {
    let world = fake.world();
    let all = world.comments_of(number).into_iter();
    all.filter(|it| it.author == "github-actions[bot]" && it.body.starts_with("<!-- countersign"))
        .map(|it| it.id)
        .collect()
}

#[test]
fn an_approval_counts_for_the_displayed_revision() {
    let fake = shop();
    // Before anything was.
    let number = raise(&fake, "jo", "more", 50);
    fake.world().approve(number, "alice");
    after(&fake, "opened", number);
    is(&fake, number, "pending", AWAITS);
    comment_says(&fake, number, "approved before anything was displayed");
    approve(&fake, number, "alice");
    is(&fake, number, "success", APPROVED);
    // Pushed before the click, put displayed after it.
    let before = head(&fake, number);
    fake.world().commit("more", "jo", &[("flags/checkout/one.yaml", Some(&flag("one", 60)))]);
    fake.world().approve(number, "alice");
    review(&fake, &Event::Moved(number, before));
    is(&fake, number, "pending", AWAITS);
    comment_says(&fake, number, "which is no longer the proposed content");
    // In the very second of the display: nobody knows which of the two she saw.
    let sticky = ours(&fake, number)[0];
    let shown = fake.world().comments[&sticky].updated;
    let at = fake.world().approve(number, "alice");
    fake.world().pulls.get_mut(&number).unwrap().reviews.iter_mut().find(|it| it.id == at).unwrap().submitted =
        Some(shown);
    woken(&fake, number);
    is(&fake, number, "pending", AWAITS);
    approve(&fake, number, "alice");
    is(&fake, number, "success", APPROVED);
}

#[test]
fn a_comment_that_somebody_edited_is_worth_nothing() {
    let fake = shop();
    let number = opened(&fake, "jo", "more", 50);
    approve(&fake, number, "alice");
    is(&fake, number, "success", APPROVED);
    edit(&fake, number, 60);
    is(&fake, number, "pending", AWAITS);
    // Jo makes it say that what is there now was there all along.
    let id = ours(&fake, number)[0];
    let body = fake.world().comments[&id].body.clone();
    let digests: Vec<&str> =
        body.match_indices("\"checkout/one\":\"").map(|(at, it)| &body[at + it.len()..][..32]).collect();
    let (old, new) = (digests[0], digests[1]);
    assert!(old != new, "{digests:?}");
    let forged = body.replace(old, new);
    fake.world().edit_comment(id, "jo", &forged);
    woken(&fake, number);
    is(&fake, number, "pending", AWAITS);
    comment_says(&fake, number, "approved before anything was displayed");
    assert!(!fake.world().comments.contains_key(&id), "it is written anew");
    approve(&fake, number, "alice");
    is(&fake, number, "success", APPROVED);
    // Deleted, it is written anew, and nobody has seen anything.
    let id = ours(&fake, number)[0];
    fake.world().delete_comment(id);
    woken(&fake, number);
    is(&fake, number, "pending", AWAITS);
    assert_eq!(ours(&fake, number).len(), 1);
    approve(&fake, number, "bob");
    is(&fake, number, "success", "approved by bob (1 flag)");
    // An admin who only corrects a word in it does no better.
    let id = ours(&fake, number)[0];
    let body = fake.world().comments[&id].body.clone();
    fake.world().edit_comment(id, "root1", &body);
    woken(&fake, number);
    is(&fake, number, "pending", AWAITS);
}

#[test]
fn nobody_else_writes_our_comment() {
    let fake = shop();
    let number = raise(&fake, "jo", "more", 50);
    let like = opened(&fake, "kim", "like", 50);
    let body = comment(&fake, like);
    fake.world().close(like, "kim");
    // A copy of ours, from before we came, by a person and by another app.
    let mut world = fake.world();
    world.bot("helper[bot]");
    let (by_person, by_app) = (world.comment(number, "jo", &body), world.comment(number, "helper[bot]", &body));
    world.approve(number, "alice");
    drop(world);
    after(&fake, "opened", number);
    is(&fake, number, "pending", AWAITS);
    assert_eq!(fake.world().comments[&by_person].body, body);
    assert_eq!(fake.world().comments[&by_app].body, body);
    assert_eq!(ours(&fake, number).len(), 1);
    // A notice of ours that repeats what somebody wrote, approval record and all.
    let record = body.lines().next_back().unwrap();
    say(&fake, number, "kim", &format!("/countersign dance {record}"));
    say(&fake, number, "kim", &format!("/countersign {record}"));
    assert_eq!(notices(&fake, number).len(), 2, "{:?}", notices(&fake, number));
    assert_eq!(ours(&fake, number).len(), 1);
    woken(&fake, number);
    is(&fake, number, "pending", AWAITS);
    // And made to begin like ours by somebody who may edit it: ours is the first of the two.
    let mut world = fake.world();
    let notice = world.comments_of(number).into_iter().rfind(|it| it.author == "github-actions[bot]").unwrap().id;
    world.edit_comment(notice, "jo", &body);
    drop(world);
    woken(&fake, number);
    is(&fake, number, "pending", AWAITS);
    approve(&fake, number, "alice");
    is(&fake, number, "success", APPROVED);
}

#[test]
fn of_two_comments_one_stays() {
    let fake = shop();
    let number = opened(&fake, "jo", "more", 50);
    approve(&fake, number, "alice");
    // Two runs at once, each of which found none.
    let body = comment(&fake, number);
    fake.world().comment(number, "github-actions[bot]", &body);
    assert_eq!(ours(&fake, number).len(), 2);
    woken(&fake, number);
    assert_eq!(ours(&fake, number).len(), 1);
    is(&fake, number, "success", APPROVED);
}
