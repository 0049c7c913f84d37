//! Scenes to play with a fault in them: each is a world and the event that triggers the program in it.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use crate::github::fake::runner::Run;
use crate::github::fake::world::Moment;
use crate::github::fake::{Event, Fake, Fault, Request, What};
use crate::github::shop::*;

/// A world, the event, and how it ends if nothing goes wrong.
pub struct Scene {
    pub fake: Fake,
    pub event: Event,
    start: Moment,
    /// The requests of the undisturbed run.
    pub requests: Vec<Request>,
    /// Whether something was a success before.
    pub success: bool,
    pub end: End,
}

/// The sight of people in the end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct End {
    /// The status that counts on each commit, by context, without the number that counts statuses.
    pub statuses: Vec<(String, String, String)>,
    /// The notifications by pull request; and the approval records without their moments.
    pub comments: Vec<(u64, String)>,
    pub requested: Vec<(u64, String)>,
    /// Notes on lines: a second time of the same name takes the place of the first.
    pub notes: BTreeSet<String>,
}

/// Sets a scene: a world, and the event that triggers the program in it.
pub type Set = fn() -> (Fake, Event);

pub const SCENES: &[(&str, Set)] =
    &[("opened", opened), ("approved", approved), ("rejected", rejected), ("pushed", pushed), ("many pages", paged)];

pub fn opened() -> (Fake, Event) {
    let fake = shop();
    let number = raise(&fake, "jo", "more", 50);
    (fake, Event::Pull("opened", number))
}

pub fn approved() -> (Fake, Event) {
    let (fake, event) = opened();
    review(&fake, &event);
    fake.world().approve(1, "alice");
    let head = fake.world().pulls[&1].head_oid.clone();
    (fake, Event::Woken("completed", head, "pull_request_review"))
}

/// A success, and then somebody objects.
pub fn rejected() -> (Fake, Event) {
    let (fake, event) = approved();
    review(&fake, &event);
    assert_eq!(status(&fake, 1).0, "success");
    fake.world().review(1, "bob", "CHANGES_REQUESTED", "no");
    (fake, event)
}

/// A success, and then another content.
pub fn pushed() -> (Fake, Event) {
    let (fake, event) = approved();
    review(&fake, &event);
    let text = flag("one", 70);
    let before = fake.world().pulls[&1].head_oid.clone();
    fake.world().commit("more", "jo", &[("flags/checkout/one.yaml", Some(&text))]);
    (fake, Event::Moved(1, before))
}

/// Every list is longer than a page.
fn paged() -> (Fake, Event) {
    let (fake, event) = approved();
    let mut world = fake.world();
    world.page = 2;
    for count in 0..3 {
        world.comment(1, "kim", &format!("remark {count}"));
        world.review(1, "carol", "CHANGES_REQUESTED", "no");
        world.approve(1, "carol");
    }
    drop(world);
    (fake, event)
}

impl Scene {
    /// A scene that was played once without a fault, for what has to come out.
    pub fn of(make: Set) -> Self {
        let mut scene = Self::unplayed(make);
        let run = scene.run(&[]);
        assert_eq!(run.code, 0, "{}{}", run.out, run.err);
        scene.requests = scene.fake.requests();
        scene.end = scene.seen();
        scene
    }

    pub fn unplayed(make: Set) -> Self {
        let (fake, event) = make();
        fake.clone_is_near();
        let start = fake.world().moment();
        let success = !End::of(&fake).successes().is_empty();
        let scene = Self { fake, event, start, requests: Vec::new(), success, end: End::none() };
        scene.rewind();
        scene
    }

    pub fn rewind(&self) {
        self.fake.world().back_to(&self.start);
    }

    /// The program, triggered by the event, in little time.
    pub fn run(&self, more: &[&str]) -> Run {
        self.run_within("1", more)
    }

    /// The same with so many seconds of patience.
    pub fn run_within(&self, patience: &str, more: &[&str]) -> Run {
        let started = Instant::now();
        let args: Vec<&str> = ["review", "--patience", patience].iter().chain(more).copied().collect();
        let run = self.fake.on(&self.event).run(&args);
        assert!(started.elapsed() < Duration::from_secs(20), "it took {:?}", started.elapsed());
        assert!(!run.err.contains("panicked"), "{}", run.err);
        assert!((0..=5).contains(&run.code), "{}{}", run.out, run.err);
        run
    }

    /// The fault that hits the request of that number in the undisturbed run, counted from 0.
    pub fn fault(&self, index: usize, what: What) -> Fault {
        let name = |it: &Request| (it.query.is_some(), it.method.clone(), place(it));
        let (query, method, part) = name(&self.requests[index]);
        let earlier =
            self.requests[..index].iter().filter(|it| name(it) == (query, method.clone(), part.clone())).count();
        let fault = if query { Fault::query(&part, what) } else { Fault::rest(&method, &part, what) };
        fault.nth(earlier + 1)
    }

    pub fn seen(&self) -> End {
        End::of(&self.fake)
    }
}

/// The name of a query, or the path of another request.
pub fn place(request: &Request) -> String {
    let path = request.path.split('?').next().unwrap_or_default();
    request.query.clone().unwrap_or_else(|| path.to_owned())
}

impl End {
    fn none() -> Self {
        Self { statuses: Vec::new(), comments: Vec::new(), requested: Vec::new(), notes: BTreeSet::new() }
    }

    pub fn of(fake: &Fake) -> Self {
        let world = fake.world();
        let mut heads: Vec<&String> = world.statuses.iter().map(|it| &it.sha).collect();
        heads.sort();
        heads.dedup();
        let statuses = heads.iter().flat_map(|sha| {
            let shown = world.latest(sha).into_iter();
            shown.map(|it| {
                let said = format!("{} {}", it.state, it.description.clone().unwrap_or_default());
                // On what nobody proposes any more it is enough that nothing is a success.
                let proposed = world.pulls.values().any(|pull| pull.head_oid == **sha);
                let said = if proposed || it.state == "success" { said } else { "no success".to_owned() };
                ((*sha).clone(), it.context.clone(), said)
            })
        });
        let comments = world.comments.values().map(|it| (it.number, visible(&it.body)));
        let requested =
            world.pulls.iter().flat_map(|(number, pull)| pull.requested.iter().map(|it| (*number, format!("{it:?}"))));
        let mut comments: Vec<_> = comments.collect();
        comments.sort();
        let notes = world.checks.values().map(|it| format!("{} {}", it["head_sha"], it["name"]));
        Self { statuses: statuses.collect(), comments, requested: requested.collect(), notes: notes.collect() }
    }

    /// Whether a pull request that was no success now is one.
    pub fn successes(&self) -> Vec<&(String, String, String)> {
        self.statuses.iter().filter(|it| it.2.starts_with("success")).collect()
    }
}

/// A comment without the line that only we read: moments differ.
fn visible(body: &str) -> String {
    body.lines().filter(|it| !it.starts_with("<!-- countersign/record/")).collect::<Vec<_>>().join("\n")
}
