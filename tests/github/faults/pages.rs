//! Each list that is read in pages, with a second page that can't be read: half a list is none.

use std::sync::Mutex;

use crate::github::fake::{Change, Event, Fake, Fault, RequestedReviewer, What};
use crate::github::shop::*;

/// The faults of every page but the first.
const PAGE: &[What] = &[What::Forbidden, What::Echo(404), What::Echo(500), What::Garbled, What::CutOff];

/// A list: the query or the part of the path that asks for it, the how many-th of them is its second page, and a world
/// in which that page decides.
struct List {
    name: &'static str,
    query: bool,
    second: usize,
    world: fn() -> (Fake, Task),
}

/// The program that is run.
enum Task {
    Review(Event),
    Doctor,
}

const fn query(name: &'static str, second: usize, world: fn() -> (Fake, Task)) -> List {
    List { name, query: true, second, world }
}

const fn rest(name: &'static str, second: usize, world: fn() -> (Fake, Task)) -> List {
    List { name, query: false, second, world }
}

/// Every list in pages. Queries of a name of their own ask for all pages but the first.
const LISTS: &[List] = &[
    query("Reviews", 1, reviews),
    query("Requests", 1, requests),
    query("Commits", 1, commits),
    query("Timeline", 1, timeline),
    query("Comments", 1, comments),
    query("OpenPulls", 1, pulls),
    query("Teams", 2, team),
    query("Sweep", 2, sweep),
    query("Queue", 2, queue),
    rest("/rulesets", 2, settings),
    rest("/rules/branches/main", 2, settings),
    rest("/environments", 2, settings),
    rest("/deployment-branch-policies", 2, settings),
];

#[test]
fn half_a_list_is_none() {
    let wrong = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for list in LISTS {
            scope.spawn(|| {
                let (fake, task) = (list.world)();
                let start = fake.world().moment();
                // Where a list is one of REST, its end is told by a header.
                for what in PAGE.iter().filter(|what| list.query || **what != What::CutOff) {
                    fake.world().back_to(&start);
                    if let Err(why) = list.hit(&fake, &task, *what) {
                        wrong.lock().unwrap().push(format!("{}, {what:?}: {why}", list.name));
                    }
                }
            });
        }
    });
    let wrong = wrong.into_inner().unwrap();
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
}

impl List {
    /// Runs the program with this fault on every page but the first.
    fn hit(&self, fake: &Fake, task: &Task, what: What) -> Result<(), String> {
        let fault = if self.query { Fault::query(self.name, what) } else { Fault::rest("GET", self.name, what) };
        let before = successes(fake);
        fake.world().fault(fault.nth(self.second).always());
        let (run, reported) = match task {
            Task::Review(event) => {
                let run = fake.on(event).run(&["review", "--patience", "0"]);
                // A team that can't be read is nobody; everything else is an error.
                let hidden = self.name == "Teams" && matches!(what, What::Forbidden | What::Echo(404));
                let reported = if hidden { run.code == 0 } else { run.code == 5 && run.err.contains("help:") };
                (run, reported)
            }
            Task::Doctor => {
                let run = fake.run(&["doctor", "--patience", "0"]);
                let reported = run.code == 5 || run.out.contains("may not see it") || run.out.contains("not allow");
                (run, reported)
            }
        };
        let after = successes(fake);
        let wrong = fake.violations();
        if reported && wrong.is_empty() && after.iter().all(|one| before.contains(one)) {
            return Ok(());
        }
        Err(format!("code {}, {after:?}, {wrong:?}\n{}{}", run.code, run.out, run.err))
    }
}

/// Without a fault each of them is read to its end.
#[test]
fn small_pages_are_read_to_the_end() {
    let (fake, run) = team();
    let Task::Review(event) = run else { panic!("it is a review") };
    assert_eq!(review(&fake, &event).code, 0);
    assert_eq!(status(&fake, 1), ("failure".to_owned(), "rejected by eve: checkout/one".to_owned()));
    let (fake, _) = settings();
    assert_eq!(fake.run(&["doctor"]).err, "");
}

/// A rejection by somebody who may be the member that the unread page has does not stop holding, and an approval by
/// them does not count.
#[test]
fn a_member_on_a_page_that_is_refused_is_unknown() {
    for what in [What::Forbidden, What::Echo(404)] {
        let (fake, run) = team();
        let Task::Review(event) = run else { panic!("it is a review") };
        fake.world().fault(Fault::query("Teams", what).nth(2).always());
        review(&fake, &event);
        assert_eq!(status(&fake, 1), ("failure".to_owned(), "rejected by eve: checkout/one".to_owned()));
        let body = comment(&fake, 1);
        assert!(body.contains("who is in `@acme/checkout` is not known, so their rejection may count"), "{body}");
        fake.world().approve(1, "eve");
        // A run ends the faults of the one before it.
        fake.world().fault(Fault::query("Teams", what).nth(2).always());
        let head = fake.world().pulls[&1].head_oid.clone();
        review(&fake, &Event::Woken("completed", head, "pull_request_review"));
        assert_eq!(status(&fake, 1).0, "pending");
    }
}

fn successes(fake: &Fake) -> Vec<(String, String)> {
    let world = fake.world();
    let all = world.statuses.iter().map(|it| &it.sha).flat_map(|sha| world.latest(sha));
    let success = all.filter(|it| it.state == "success");
    success.map(|it| (it.sha.clone(), it.context.clone())).collect()
}

/// A pull request by Jo that was looked at.
fn opened() -> Fake {
    let fake = shop();
    fake.clone_is_near();
    let number = raise(&fake, "jo", "more", 50);
    after(&fake, "opened", number);
    fake
}

/// From now on two items are a page, and somebody reviewed number 1.
fn paged(fake: Fake) -> (Fake, Task) {
    fake.world().page = 2;
    let head = fake.world().pulls[&1].head_oid.clone();
    (fake, Task::Review(Event::Woken("completed", head, "pull_request_review")))
}

/// Alice approves, and Bob rejects on the second page.
fn reviews() -> (Fake, Task) {
    let fake = opened();
    fake.world().approve(1, "carol");
    fake.world().approve(1, "alice");
    fake.world().review(1, "bob", "CHANGES_REQUESTED", "no");
    paged(fake)
}

fn requests() -> (Fake, Task) {
    let fake = opened();
    let requested = ["kim", "carol", "root1"].map(|login| RequestedReviewer::User(login.to_owned()));
    fake.world().pulls.get_mut(&1).unwrap().requested = requested.into();
    fake.world().approve(1, "alice");
    paged(fake)
}

/// Alice wrote the third commit, and approves.
fn commits() -> (Fake, Task) {
    let fake = opened();
    for at in 0..2 {
        let text = format!("{at}\n");
        let files = [("notes.md", Some(&*text))];
        let author = "jo <jo@example.com>";
        fake.world().commit_as("more", &Change { files: &files, author, message: "Note", web: false });
    }
    fake.world().commit("more", "alice", &[("flags/checkout/one.yaml", Some(&flag("one", 60)))]);
    after(&fake, "synchronize", 1);
    fake.world().approve(1, "alice");
    paged(fake)
}

/// Alice replaced what Jo had pushed, after two others had.
fn timeline() -> (Fake, Task) {
    let fake = opened();
    let mut world = fake.world();
    for (by, percent) in [("jo", 51), ("jo", 52), ("alice", 53)] {
        let branch = format!("other{percent}");
        world.commit(&branch, "jo", &[("flags/checkout/one.yaml", Some(&flag("one", percent)))]);
        let tip = world.origin.tip(&branch).unwrap();
        world.force_push("more", &tip, by);
    }
    drop(world);
    after(&fake, "synchronize", 1);
    fake.world().approve(1, "alice");
    paged(fake)
}

fn comments() -> (Fake, Task) {
    let fake = opened();
    for at in 0..3 {
        fake.world().comment(1, "kim", &format!("remark {at}"));
    }
    fake.world().approve(1, "alice");
    paged(fake)
}

/// Alice proposes the same commit with the third pull request.
fn pulls() -> (Fake, Task) {
    let fake = opened();
    fake.world().commit("docs", "kim", &[("notes.md", Some("note\n"))]);
    fake.world().open("kim", "main", "docs");
    fake.world().open("alice", "main", "more");
    fake.world().approve(1, "alice");
    paged(fake)
}

/// A team of five: the first approves, and the last, who is on the third page, rejects.
fn team() -> (Fake, Task) {
    let mut fake = shop();
    fake.clone_is_near();
    let mut world = fake.world();
    world.member("dave", "write");
    world.member("eve", "write");
    world.team("checkout", &["alice", "bob", "carol", "dave", "eve"]);
    world.token("teams", "root1", None, &["members:read"]);
    world.commit("main", "root1", &[(".countersign/APPROVERS", Some("flags/checkout/ @acme/checkout\n"))]);
    drop(world);
    fake.give("COUNTERSIGN_TEAMS_TOKEN", "teams");
    let number = raise(&fake, "jo", "more", 50);
    after(&fake, "opened", number);
    fake.world().approve(number, "alice");
    fake.world().review(number, "eve", "CHANGES_REQUESTED", "no");
    paged(fake)
}

/// Three pull requests, of which the last became approved unseen.
fn sweep() -> (Fake, Task) {
    let fake = opened();
    for at in 0..2 {
        let branch = format!("more{at}");
        let number = raise(&fake, "kim", &branch, 60 + at);
        after(&fake, "opened", number);
    }
    fake.world().approve(3, "alice");
    let (fake, _) = paged(fake);
    (fake, Task::Review(Event::Schedule))
}

/// Three entries of the queue, of which the first is not approved.
fn queue() -> (Fake, Task) {
    let fake = opened();
    for at in 0..2 {
        let number = {
            let mut world = fake.world();
            let branch = format!("docs{at}");
            world.commit(&branch, "kim", &[(&*format!("docs{at}.md"), Some("note\n"))]);
            world.open("kim", "main", &branch)
        };
        after(&fake, "opened", number);
    }
    let mut head = String::new();
    for number in 1..=3 {
        head = fake.world().enqueue(number, "jo").head;
    }
    let (fake, _) = paged(fake);
    (fake, Task::Review(Event::Woken("requested", head, "merge_group")))
}

/// Three of each setting.
fn settings() -> (Fake, Task) {
    let mut fake = shop();
    fake.clone_is_near();
    fake.env("GITHUB_ACTIONS", None);
    let mut world = fake.world();
    let three = |one: fn(u64) -> serde_json::Value| (1..=3).map(one).collect::<serde_json::Value>();
    world.setting(
        "rulesets",
        three(|id| {
            serde_json::json!({
                "id": id, "name": format!("r{id}"), "target": "branch", "source": "acme/shop",
                "source_type": "Repository", "enforcement": "active", "rules": [], "bypass_actors": [],
                "conditions": {"ref_name": {"include": ["refs/heads/main"], "exclude": []}},
            })
        }),
    );
    let rule = |id: u64| {
        serde_json::json!({"type": "deletion", "ruleset_source_type": "Repository", "ruleset_source": "acme/shop",
                           "ruleset_id": id})
    };
    world.setting("branch_rules/main", three(rule));
    let own = serde_json::json!({"custom_branch_policies": true, "protected_branches": false});
    let environment = |id: u64| {
        serde_json::json!({"id": id, "node_id": "x", "name": format!("e{id}"), "protection_rules": [],
                           "url": "https://x", "html_url": "https://x",
                           "created_at": "2026-01-01T00:00:00Z", "updated_at": "2026-01-01T00:00:00Z"})
    };
    let mut environments = three(environment);
    for one in environments.as_array_mut().unwrap() {
        one["deployment_branch_policy"] = own.clone();
    }
    world.setting("environments", environments);
    for name in ["e1", "e2", "e3"] {
        let policy =
            |id: u64| serde_json::json!({"id": id, "node_id": "x", "name": format!("release/{id}"), "type": "branch"});
        world.setting(&format!("branch_policies/{name}"), three(policy));
    }
    world.page = 2;
    drop(world);
    (fake, Task::Doctor)
}
