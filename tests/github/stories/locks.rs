//! Two pull requests and one flag.

use super::steps::*;
use crate::github::fake::{Event, Fake};

const LOCKED_BY_1: &str = "locked by #1: checkout/one";
const LOCKED_BY_2: &str = "locked by #2: checkout/one";

/// Two pull requests for one flag: the first holds it.
fn two() -> Fake {
    let fake = shop();
    let first = opened(&fake, "jo", "first", 50);
    let second = opened(&fake, "kim", "second", 60);
    assert_eq!((first, second), (1, 2));
    is(&fake, 1, "pending", AWAITS);
    is(&fake, 2, "pending", LOCKED_BY_1);
    fake
}

#[test]
fn the_second_is_locked_and_notified_once() {
    let fake = two();
    let mut known = 0;
    let notice = "@kim 🔒 `checkout/one` is locked by #1, requested by `jo`, today. This pull request is reviewed again as soon \
                  as that one is merged, closed or made a draft.";
    assert_eq!(notified(&fake, 2, &mut known), [notice]);
    // An approval does not unlock it, and is there when it is.
    approve(&fake, 2, "alice");
    is(&fake, 2, "pending", LOCKED_BY_1);
    approve(&fake, 1, "bob");
    is(&fake, 1, "success", "approved by bob (1 flag)");
    is(&fake, 2, "pending", LOCKED_BY_1);
    edit(&fake, 2, 70);
    is(&fake, 2, "pending", LOCKED_BY_1);
    assert_eq!(notified(&fake, 2, &mut known).len(), 1, "of the approval, and of the lock no second time");
    approve(&fake, 2, "alice");
    fake.world().close(1, "jo");
    after(&fake, "closed", 1);
    is(&fake, 2, "success", "approved by alice (1 flag)");
    // A success on the closed one is taken back, for whoever comes back to it.
    is(&fake, 1, "pending", "closed: #1 is no longer proposed");
}

#[test]
fn merging_the_first_releases_the_second() {
    let fake = two();
    approve(&fake, 1, "alice");
    fake.world().merge(1, "jo");
    after(&fake, "closed", 1);
    // It changes the same field of the same flag.
    is(&fake, 2, "failure", CLASH);
}

#[test]
fn a_draft_holds_nothing_and_stands_at_the_end_again() {
    let fake = two();
    fake.world().draft(1, "jo");
    after(&fake, "converted_to_draft", 1);
    is(&fake, 2, "pending", AWAITS);
    is(&fake, 1, "pending", LOCKED_BY_2);
    approve(&fake, 2, "alice");
    is(&fake, 2, "success", "approved by alice (1 flag)");
    fake.world().ready(1, "jo");
    after(&fake, "ready_for_review", 1);
    is(&fake, 1, "pending", LOCKED_BY_2);
    woken(&fake, 2);
    is(&fake, 2, "success", "approved by alice (1 flag)");
    // Unseen, too: only the last step was reported.
    fake.world().draft(2, "kim");
    fake.world().ready(2, "kim");
    after(&fake, "ready_for_review", 2);
    is(&fake, 2, "pending", LOCKED_BY_1);
    is(&fake, 1, "pending", AWAITS);
}

#[test]
fn closed_and_reopened_it_stands_at_the_end_again() {
    let fake = two();
    fake.world().close(1, "jo");
    after(&fake, "closed", 1);
    approve(&fake, 2, "alice");
    is(&fake, 2, "success", "approved by alice (1 flag)");
    fake.world().reopen(1, "jo");
    after(&fake, "reopened", 1);
    is(&fake, 1, "pending", LOCKED_BY_2);
    woken(&fake, 2);
    is(&fake, 2, "success", "approved by alice (1 flag)");
}

#[test]
fn first_displayed_holds_the_lock_not_first_opened() {
    let fake = shop();
    let text = flag("two", 50);
    let first = raise_with(&fake, "jo", "first", &[("README.md", Some("first\n"))]);
    after(&fake, "opened", first);
    let second = opened(&fake, "kim", "second", 60);
    // The older one touches the flag later.
    edit(&fake, first, 50);
    is(&fake, first, "pending", LOCKED_BY_2);
    woken(&fake, second);
    is(&fake, second, "pending", AWAITS);
    // A flag that was asked for, taken back and asked for again is asked for last.
    edit(&fake, second, 20);
    is(&fake, second, "success", "no flag changes");
    is(&fake, first, "pending", AWAITS);
    edit(&fake, second, 60);
    is(&fake, second, "pending", LOCKED_BY_1);
    woken(&fake, first);
    is(&fake, first, "pending", AWAITS);
    // Another flag is another matter.
    push(&fake, first, "jo", &[("flags/checkout/two.yaml", Some(&text))]);
    is(&fake, second, "pending", LOCKED_BY_1);
    push(&fake, first, "jo", &[("flags/checkout/one.yaml", Some(&flag("one", 20)))]);
    is(&fake, first, "pending", "awaiting 1 of @alice or @bob for checkout/two");
    is(&fake, second, "pending", AWAITS);
}

#[test]
fn both_sides_find_the_same_holder() {
    // Both were looked at before either was displayed.
    let fake = shop();
    let (first, second) = (raise(&fake, "jo", "first", 50), raise(&fake, "kim", "second", 60));
    review_once(&fake, &Event::Pull("opened", second));
    review_once(&fake, &Event::Pull("opened", first));
    for _ in 0..2 {
        woken(&fake, first);
        woken(&fake, second);
        is(&fake, first, "pending", LOCKED_BY_2);
        is(&fake, second, "pending", AWAITS);
    }
}

#[test]
fn retargeted_it_releases_and_comes_back_last() {
    let fake = two();
    let main = fake.world().origin.tip("main").unwrap();
    let mut world = fake.world();
    world.origin.set_ref("refs/heads/release", Some(&main));
    world.retarget(1, "release", "jo");
    drop(world);
    review(&fake, &Event::Retargeted(1, "main"));
    assert_eq!(status_for(&fake, 1, "release"), ("pending".to_owned(), AWAITS.to_owned()));
    is(&fake, 2, "pending", AWAITS);
    fake.world().retarget(1, "main", "jo");
    review(&fake, &Event::Retargeted(1, "release"));
    is(&fake, 1, "pending", LOCKED_BY_2);
    woken(&fake, 2);
    is(&fake, 2, "pending", AWAITS);
}

#[test]
fn new_flags_lock_nobody() {
    let fake = shop();
    let new = |percent| flag("new", percent);
    let first = raise_with(&fake, "jo", "first", &[("flags/checkout/new.yaml", Some(&new(10)))]);
    after(&fake, "opened", first);
    let second = raise_with(&fake, "kim", "second", &[("flags/checkout/new.yaml", Some(&new(20)))]);
    after(&fake, "opened", second);
    for number in [first, second] {
        is(&fake, number, "pending", "awaiting 1 of @alice or @bob for checkout/new");
    }
}

const US: &str = "github-actions[bot]";

/// The number of our comment on a pull request, and what it says.
fn ours(fake: &Fake, number: u64) -> (u64, String) {
    let world = fake.world();
    let ours = world.comments_of(number).into_iter().find(|it| it.author == US).unwrap();
    (ours.id, ours.body.clone())
}

/// A lock is held by what a status of ours proves. A comment that only says so holds as well, until the comment is
/// written anew, and nobody takes a lock away by writing into a comment.
#[test]
fn a_lock_that_nothing_proves() {
    let fake = shop();
    let like = opened(&fake, "kim", "like", 50);
    let (_, body) = ours(&fake, like);
    fake.world().close(like, "kim");
    after(&fake, "closed", like);
    let number = opened(&fake, "jo", "more", 60);
    is(&fake, number, "pending", AWAITS);
    // Another workflow is made to write it in our name.
    let other = raise_with(&fake, "kim", "words", &[("README.md", Some("shop!"))]);
    after(&fake, "opened", other);
    fake.world().comment(other, US, &body);
    after(&fake, "synchronize", number);
    is(&fake, number, "pending", &format!("locked by #{other}: checkout/one"));
    comment_says(&fake, number, "nothing proves that `#3` holds it");
    comment_says(&fake, number, "`/countersign recheck` there writes it anew");
    let held = fake.run(&["locks"]);
    assert!(held.out.contains("not proven: `/countersign recheck` on #3"), "{}{}", held.out, held.err);
    say(&fake, other, "kim", "/countersign recheck");
    say(&fake, number, "jo", "/countersign recheck");
    is(&fake, number, "pending", AWAITS);

    for (who, text) in [(US, "no"), ("kim", "no"), ("kim", ""), (US, "")] {
        let fake = two();
        let (id, body) = ours(&fake, 1);
        let edited = if text.is_empty() {
            body.replace("\"holds\":{", "\"holds\":{\"x/y\":\"z\"},\"old\":{")
        } else {
            text.to_owned()
        };
        assert_ne!(edited, body);
        fake.world().edit_comment(id, who, &edited);
        after(&fake, "synchronize", 2);
        is(&fake, 2, "pending", LOCKED_BY_1);
        comment_says(&fake, 2, "nothing proves that `#1` holds it");
        say(&fake, 1, "jo", "/countersign recheck");
        say(&fake, 2, "kim", "/countersign recheck");
        // Written anew, it stands at the end.
        is(&fake, 2, "pending", AWAITS);
        assert!(!comment(&fake, 2).contains("nothing proves"), "{}", comment(&fake, 2));
    }
}
