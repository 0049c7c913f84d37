//! Runs of one pull request side by side, and people in between: what one of them writes, another may overwrite.

use crate::github::fake::turns::Turns;
use crate::github::fake::{Event, Fake};
use crate::github::shop::*;

const FIRST_LINE: &str = "<!-- countersign: this comment is kept up to date -->";

/// The proposals, by the share of flag `one`.
const MUCH: u32 = 100;
const LITTLE: u32 = 21;

fn head(fake: &Fake) -> String {
    fake.world().pulls[&1].head_oid.clone()
}

fn push(fake: &Fake, percent: u32) -> Event {
    let before = head(fake);
    fake.world().commit("more", "jo", &[("flags/checkout/one.yaml", Some(&flag("one", percent)))]);
    Event::Moved(1, before)
}

fn force(fake: &Fake, oid: &str) -> Event {
    let before = head(fake);
    fake.world().force_push("more", oid, "jo");
    Event::Moved(1, before)
}

fn reviewed(fake: &Fake) -> Event {
    Event::Woken("completed", head(fake), "pull_request_review")
}

/// The share that the page displays, if it displays one and no other.
fn displayed(fake: &Fake) -> Option<u32> {
    let world = fake.world();
    let all = world.comments_of(1).into_iter().filter(|it| it.body.starts_with(FIRST_LINE));
    let mut shown =
        all.map(|it| [MUCH, LITTLE].into_iter().find(|share| it.body.contains(&format!("`20` → `{share}`"))));
    let first = shown.next()?;
    if shown.all(|other| other == first) { first } else { None }
}

/// The run for the first content is slow, and ends after the second was displayed and approved.
#[test]
fn a_late_run_loses_no_display() {
    let fake = shop();
    raise(&fake, "jo", "more", MUCH);
    after(&fake, "opened", 1);
    let first = head(&fake);
    fake.world().approve(1, "carol");
    let mut turns = Turns::new(&fake, 2);
    let late = turns.start(&reviewed(&fake));
    turns.until(late, "Pull");
    // The late run knows only the first content; the last it asks before it writes is whether anything changed.
    turns.until(late, "Again");
    let moved = push(&fake, LITTLE);
    let second = turns.start(&moved);
    turns.finish(second);
    assert_eq!(displayed(&fake), Some(LITTLE));
    fake.world().approve(1, "alice");
    turns.finish(late);
    drop(turns);
    // The content that she approved is what she gets.
    review(&fake, &reviewed(&fake));
    assert_eq!(status(&fake, 1).0, "success", "{}", comment(&fake, 1));
    review(&fake, &force(&fake, &first));
    assert_eq!(status(&fake, 1), ("pending".to_owned(), AWAITS.to_owned()), "{}", comment(&fake, 1));
    fake.world().approve(1, "alice");
    review(&fake, &reviewed(&fake));
    assert_eq!(status(&fake, 1).0, "success", "{}", comment(&fake, 1));
}

const AWAITS: &str = "awaiting 1 of @alice or @bob for checkout/one";

/// The same, and the late run dies right after it has written: the next one finds what it has lost.
#[test]
fn what_a_killed_run_lost_is_made_up_for() {
    let fake = shop();
    raise(&fake, "jo", "more", MUCH);
    after(&fake, "opened", 1);
    let first = head(&fake);
    fake.world().approve(1, "carol");
    let mut turns = Turns::new(&fake, 2);
    let late = turns.start(&reviewed(&fake));
    turns.until(late, "Again");
    let moved = push(&fake, LITTLE);
    let second = turns.start(&moved);
    turns.finish(second);
    fake.world().approve(1, "alice");
    // It writes its comment over the one that displays the second content, and is heard of no more.
    turns.step(late);
    assert_eq!(displayed(&fake), Some(MUCH));
    fake.world().fault(crate::github::fake::Fault::rest("*", "/", crate::github::fake::What::Closed).always());
    turns.finish(late);
    fake.world().faults.clear();
    drop(turns);
    review(&fake, &force(&fake, &first));
    assert_eq!(status(&fake, 1), ("pending".to_owned(), AWAITS.to_owned()), "{}", comment(&fake, 1));
    // And the second content still has her approval.
    review(&fake, &push(&fake, LITTLE));
    assert_eq!(status(&fake, 1).0, "success", "{}", comment(&fake, 1));
}

/// A small generator, the same on every machine.
struct Dice(u64);

impl Dice {
    fn below(&mut self, most: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from((self.0 >> 33) % most as u64).unwrap()
    }
}

/// Any interleaving of up to three runs and an approval: a commit is a success only if the approver could see its
/// content, and no other, before approving. `OVERLAPS=n` plays so many.
#[test]
fn no_interleaving_counts_an_approval_for_what_was_not_displayed() {
    let many = std::env::var("OVERLAPS").ok().and_then(|it| it.parse().ok()).unwrap_or(24);
    let next = std::sync::atomic::AtomicU64::new(0);
    std::thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| {
                loop {
                    let seed = next.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
                    if seed >= many {
                        return;
                    }
                    play(seed);
                }
            });
        }
    });
}

fn play(seed: u64) {
    let mut dice = Dice(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) + 1);
    let fake = shop();
    fake.clone_is_near();
    raise(&fake, "jo", "more", MUCH);
    let first = head(&fake);
    if dice.below(3) > 0 {
        after(&fake, "opened", 1);
        fake.world().approve(1, "carol");
    }
    let mut turns = Turns::new(&fake, 3);
    // In this order: a run, a push, a run for it, an approval, a run for it or none, and the first content again.
    let back = dice.below(2) == 0;
    let (mut act, mut last, mut moved, mut seen) = (0, None, None, None);
    let mut reported = Vec::new();
    loop {
        let going = turns.going();
        if act > 5 && going.is_empty() {
            break;
        }
        let goes_on = last.filter(|last| going.contains(last) && dice.below(4) > 0);
        let choice = goes_on.or_else(|| going.get(dice.below(going.len() + usize::from(act <= 5))).copied());
        if let Some(run) = choice {
            turns.step(run);
            last = Some(run);
            reported.push(format!("{run}"));
            continue;
        }
        reported.push(format!("act {act}"));
        match act {
            0 => last = Some(turns.start(&reviewed(&fake))),
            1 => moved = Some(push(&fake, LITTLE)),
            2 => last = Some(turns.start(moved.as_ref().unwrap())),
            3 => {
                seen = displayed(&fake);
                fake.world().approve(1, "alice");
            }
            4 => last = Some(turns.start(&reviewed(&fake))),
            _ if back => moved = Some(force(&fake, &first)),
            _ => {}
        }
        act += 1;
    }
    drop(turns);
    let said = |fake: &Fake| format!("seed {seed}, seen {seen:?}: {}\n{}", reported.join(" "), comment(fake, 1));
    if !back {
        moved = Some(force(&fake, &first));
    }
    let run = fake.on(moved.as_ref().unwrap()).run(&["review"]);
    assert_eq!(run.code, 0, "{}{}", said(&fake), run.err);
    let world = fake.world();
    for success in world.statuses.iter().filter(|it| it.state == "success") {
        let share = if success.sha == first { MUCH } else { LITTLE };
        assert_eq!(Some(share), seen, "{} is a success", success.sha);
    }
    drop(world);
    // Nobody is stuck: once more, now that everything is quiet.
    fake.world().approve(1, "alice");
    let run = fake.on(&reviewed(&fake)).run(&["review"]);
    assert_eq!((run.code, status(&fake, 1).0.as_str()), (0, "success"), "{}{}", said(&fake), run.err);
    fake.verify();
}
