//! A sweep of several pull requests, one of which takes its judge along.

use std::time::Duration;

use crate::github::fake::{Event, Fake, Fault, What};
use crate::github::shop::*;

/// Two pull requests, each of a flag of its own, that nobody has looked at.
fn two() -> Fake {
    let fake = shop();
    raise(&fake, "jo", "more", 50);
    let mut world = fake.world();
    world.commit("two", "kim", &[("flags/checkout/two.yaml", Some(&flag("two", 50)))]);
    world.open("kim", "main", "two");
    drop(world);
    fake
}

#[test]
fn a_review_that_takes_too_long_is_ended_and_the_sweep_goes_on() {
    let fake = two();
    fake.world().fault(Fault::query("Pull", What::Slow(Duration::from_secs(60))));
    let run = fake.on(&Event::Schedule).run(&["review", "--seconds-each", "12"]);
    assert_eq!(run.code, 5, "{}{}", run.out, run.err);
    assert!(run.err.contains("#1: its review took longer than 12 seconds"), "{}", run.err);
    let text = "could not be judged: its review took longer than 12 seconds";
    assert_eq!(status(&fake, 1), ("error".to_owned(), text.to_owned()));
    assert_eq!(status(&fake, 2).0, "pending");
    // The next one makes up for it.
    let run = review(&fake, &Event::Schedule);
    assert_eq!(run.code, 0, "{}", run.err);
    assert_eq!(status(&fake, 1).0, "pending");
    assert!(run.output.contains("verdict=pending"), "{}", run.output);
}

#[test]
#[cfg(target_os = "linux")]
fn a_review_that_takes_too_much_memory_is_reported() {
    let fake = two();
    after(&fake, "opened", 2);
    fake.world().approve(2, "alice");
    let head = fake.world().pulls[&2].head_oid.clone();
    review(&fake, &Event::Woken("completed", head, "pull_request_review"));
    assert_eq!(status(&fake, 2).0, "success");
    // Something changed that only a review finds harmless: with no memory for one, the success goes.
    fake.world().review(2, "carol", "CHANGES_REQUESTED", "no");
    for _ in 0..2 {
        let run = fake.on(&Event::Schedule).run(&["review", "--memory-each", "1"]);
        assert_eq!(run.code, 5, "{}{}", run.out, run.err);
        for number in [1, 2] {
            let (state, text) = status(&fake, number);
            assert_eq!(state, "error");
            assert!(text.starts_with("could not be judged: "), "{text}");
        }
    }
    assert_eq!(fake.sent("/statuses/").len(), 5, "said once: {:#?}", fake.sent("/statuses/"));
    let run = review(&fake, &Event::Schedule);
    assert_eq!((run.code, status(&fake, 2).0.as_str()), (0, "success"), "{}", run.err);
}
