//! Acts of people while the program looks: between any two of its requests.

use super::stage::{Scene, approved, place};
use crate::github::fake::world::World;
use crate::github::fake::{Event, What};
use crate::github::shop::*;

type Act = fn(&mut World);

/// The acts that may happen meanwhile, and the next event, if any.
const ACTS: &[(&str, Act)] = &[
    ("a push", |world| drop(world.commit("more", "jo", &[("flags/checkout/one.yaml", Some(&flag("one", 90)))]))),
    ("a dismissal", |world| {
        let review = world.pulls[&1].reviews[0].id;
        world.dismiss(1, review, "root1", "no");
    }),
    ("a rejection", |world| veto(world, "bob")),
    ("the reviewer thinks again", |world| veto(world, "alice")),
    ("the base moves", |world| {
        drop(world.commit("main", "kim", &[("flags/checkout/one.yaml", Some(&flag("one", 40)))]))
    }),
    ("the policy changes", |world| {
        drop(world.commit("main", "root1", &[(".countersign/APPROVERS", Some("flags/checkout/ @bob\n"))]))
    }),
    ("it is closed", |world| world.close(1, "jo")),
    ("the base is another", |world| {
        world.commit("next", "root1", &[("README.md", Some("next\n"))]);
        world.retarget(1, "next", "jo");
    }),
];

fn veto(world: &mut World, login: &str) {
    world.review(1, login, "CHANGES_REQUESTED", "no");
}

/// After each request of the run that makes it a success. A change after the last look is for the event of that change;
/// all else is seen by this very run, which leaves no success that would be none now.
#[test]
fn nothing_stale_stays_a_success_whatever_happens_between_two_requests() {
    std::thread::scope(|scope| {
        for (name, act) in ACTS {
            scope.spawn(move || race(name, *act));
        }
    });
}

fn race(name: &str, act: Act) {
    let first = Scene::of(approved);
    let requests = first.requests.clone();
    let last = requests.iter().rposition(|it| it.query.as_deref() == Some("Again")).unwrap();
    for (at, request) in requests.iter().enumerate() {
        // The branches change too, so each needs a world of its own.
        let scene = Scene::unplayed(approved);
        let head = scene.fake.world().pulls[&1].head_oid.clone();
        let which = first.fault(at, What::Slow(std::time::Duration::ZERO));
        scene.fake.world().meanwhile(which, act);
        let run = scene.run(&[]);
        scene.fake.verify();
        let what = format!("{name} after {at} {}: {}{}", place(request), run.out, run.err);
        assert!(!run.err.contains("panicked"), "{what}");
        let success = |fake: &crate::github::fake::Fake, sha: &str| {
            let world = fake.world();
            world.latest(sha).iter().any(|it| it.state == "success" && it.context == "countersign/main")
        };
        let now = scene.fake.world().pulls[&1].clone();
        if at < last {
            assert!(now.state != "OPEN" || !success(&scene.fake, &now.head_oid), "stale: {what}");
        }
        // Then the event of what happened, or the timer, is heard.
        let event = match name {
            "a push" => Event::Moved(1, head.clone()),
            "the base is another" => Event::Retargeted(1, "main"),
            "it is closed" => Event::Pull("closed", 1),
            _ => Event::Schedule,
        };
        let run = review(&scene.fake, &event);
        // Two who change one line clash: that is an invalid file.
        assert!(matches!(run.code, 0 | 3), "{what}\nthen {}", run.err);
        assert!(!success(&scene.fake, &now.head_oid), "stale after the event: {what}");
        assert!(!success(&scene.fake, &head), "stale on the old head: {what}");
    }
}
