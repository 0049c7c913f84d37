//! Where GitHub takes no more: statuses of a commit, requests of an hour.

use super::stage::{Set, approved, opened, rejected};
use crate::github::fake::world::World;
use crate::github::fake::{Event, Fake, Fault, What};
use crate::github::shop::*;

const CONTEXT: &str = "countersign/main";

/// Statuses of our context, by us, on the head of #1: as if it had been judged so often.
fn flood(fake: &Fake, count: usize) {
    let mut world = fake.world();
    let head = world.pulls[&1].head_oid.clone();
    let last = world.statuses.iter().rposition(|it| it.sha == head).expect("a status");
    let mut last = world.statuses[last].clone();
    while world.statuses.iter().filter(|it| it.sha == head && it.context == CONTEXT).count() < count {
        last.id = world.next();
        let address = last.target_url.clone().unwrap();
        let (address, checksums) = address.rsplit_once('.').unwrap();
        let (address, posted) = address.rsplit_once('.').unwrap();
        last.target_url = Some(format!("{address}.{}.{checksums}", posted.parse::<u32>().unwrap() + 1));
        let again = last.clone();
        world.statuses.push(again);
    }
}

fn count(fake: &Fake) -> usize {
    let world = fake.world();
    let head = &world.pulls[&1].head_oid;
    world.statuses.iter().filter(|it| it.sha == *head && it.context == CONTEXT).count()
}

/// A number of statuses may be turned into a success that the last of them can be taken back many times.
#[test]
fn after_900_statuses_a_commit_succeeds_no_more() {
    for (before, state) in [(898, "success"), (899, "success"), (900, "failure")] {
        let (fake, event) = approved();
        flood(&fake, before);
        let run = review(&fake, &event);
        assert_eq!(run.code, 0, "{}", run.err);
        let (now, text) = status(&fake, 1);
        assert_eq!(now, state, "{before}: {text}");
        assert_eq!(text.contains("push a new commit"), state == "failure", "{text}");
        // Before a success, the checksum of the comment it rests on is set.
        assert_eq!(count(&fake), before + if state == "success" { 2 } else { 1 });
    }
}

/// Two who say yes and no all day: whatever they do, there is room to say no.
#[test]
fn flapping_never_uses_up_what_is_kept_for_saying_no() {
    let (fake, event) = approved();
    flood(&fake, 890);
    for _ in 0..8 {
        assert_eq!(review(&fake, &event).code, 0);
        fake.world().review(1, "bob", "CHANGES_REQUESTED", "no");
        assert_eq!(review(&fake, &event).code, 0);
        assert_ne!(status(&fake, 1).0, "success");
        fake.world().approve(1, "bob");
    }
    assert_eq!(review(&fake, &event).code, 0);
    let (state, text) = status(&fake, 1);
    assert!(state == "failure" && text.contains("push a new commit"), "{state} {text}");
    assert!(count(&fake) < 920, "{}", count(&fake));
    // A new commit has room again.
    let before = fake.world().pulls[&1].head_oid.clone();
    fake.world().commit("more", "jo", &[("docs.md", Some("a word\n"))]);
    assert_eq!(review(&fake, &Event::Moved(1, before)).code, 0);
    assert_eq!(status(&fake, 1).0, "success");
}

/// A review that counts for nothing, and is seen.
fn nod(world: &mut World) {
    world.approve(1, "carol");
}

/// A status each second of a race counts, also those that only take back.
#[test]
fn what_is_taken_back_counts() {
    let (fake, event) = approved();
    for nth in [2, 4, 6] {
        let again = Fault::query("Again", What::Slow(std::time::Duration::ZERO)).nth(nth - 1);
        fake.world().meanwhile(again, nod);
        let again = Fault::rest("POST", "/statuses/", What::Slow(std::time::Duration::ZERO)).nth(nth - 1);
        fake.world().meanwhile(again, nod);
    }
    let _ = fake.on(&event).run(&["review"]);
    let _ = fake.violations();
    let world = fake.world();
    let head = &world.pulls[&1].head_oid;
    let all: Vec<_> = world.statuses.iter().filter(|it| it.sha == *head && it.context == CONTEXT).collect();
    assert!(all.len() > 3, "{}", all.len());
    let last = all.last().unwrap().target_url.clone().unwrap();
    assert_eq!(last.rsplit('.').nth(1).unwrap(), all.len().to_string(), "{last}");
}

/// Somebody else fills the thousand: neither yes nor no can be said, and the log says what to do.
#[test]
fn a_commit_that_takes_no_more_statuses_is_reported() {
    for (make, before) in [(approved as Set, "pending"), (rejected, "success")] {
        let (fake, event) = make();
        flood(&fake, 1_000);
        let mut world = fake.world();
        for status in &mut world.statuses {
            status.target_url = status.target_url.take().map(|it| format!("{}.1", it.rsplit_once('.').unwrap().0));
        }
        drop(world);
        let run = review(&fake, &event);
        assert_eq!(run.code, 5, "{}", run.err);
        assert!(run.err.contains("maximum number of statuses") && run.err.contains("push a new commit"), "{}", run.err);
        assert_eq!(status(&fake, 1).0, before);
    }
}

/// The last hundred requests of an hour are for saying no.
#[test]
fn the_last_requests_only_take_back() {
    let short = |fake: &Fake| {
        let mut world = fake.world();
        let limit = world.token_mut("actions").limit;
        world.token_mut("actions").used = limit - 60;
    };
    for (make, success_before) in [(opened as Set, false), (approved, false), (rejected, true)] {
        let (fake, event) = make();
        assert_eq!(status(&fake, 1).0 == "success", success_before);
        short(&fake);
        fake.clear();
        let run = review(&fake, &event);
        assert_eq!(run.code, 5, "{}", run.err);
        let hour = fake.world().now / 3_600 * 3_600 + 3_600;
        let until = crate::github::fake::world::iso(hour);
        assert!(
            run.err.contains(&format!("until {until}")) && run.err.contains(&format!("after {until}")),
            "{}",
            run.err
        );
        assert_ne!(status(&fake, 1).0, "success", "{}", run.err);
        let written: Vec<_> = fake.requests().into_iter().filter(crate::github::fake::Request::writes).collect();
        assert!(written.iter().all(|it| it.path.contains("/statuses/")), "{written:#?}");
        fake.world().now += 3_600;
        fake.world().token_mut("actions").used = 0;
        let run = review(&fake, &event);
        assert_eq!(run.code, 0, "{}", run.err);
    }
}
