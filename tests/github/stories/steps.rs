//! The steps of a story. Each that triggers the Action is taken twice: the second time nothing may be said.

use crate::github::fake::runner::Run;
use crate::github::fake::{Event, Fake, RequestedReviewer};
use crate::github::shop;
pub use crate::github::shop::{APPROVERS, CONFIG, comment, digest, flag, notices, raise, shop, status, status_for};

/// The state of a pull request that changes flag `one` and that nobody has approved.
pub const AWAITS: &str = "awaiting 1 of @alice or @bob for checkout/one";

/// The state of one that git can't merge.
pub const CLASH: &str = "invalid: flags/checkout/one.yaml:1:1: the base and the proposal clash: (content): Merge \
                         conflict in flags/checkout/one.yaml";

/// A pull request by `author` that brings these files.
pub fn raise_with(fake: &Fake, author: &str, branch: &str, files: &[(&str, Option<&str>)]) -> u64 {
    let mut world = fake.world();
    world.commit(branch, author, files);
    world.open(author, "main", branch)
}

/// A pull request by `author` that sets the share of flag `one`, looked at when it was opened.
pub fn opened(fake: &Fake, author: &str, branch: &str, percent: u32) -> u64 {
    let number = raise(fake, author, branch, percent);
    after(fake, "opened", number);
    number
}

/// A further commit on its branch, looked at.
pub fn push(fake: &Fake, number: u64, author: &str, files: &[(&str, Option<&str>)]) -> Run {
    let before = head(fake, number);
    let branch = fake.world().pulls[&number].head.clone();
    fake.world().commit(&branch, author, files);
    review(fake, &Event::Moved(number, before))
}

/// A further commit that sets the share of flag `one`, looked at.
pub fn edit(fake: &Fake, number: u64, percent: u32) -> Run {
    let author = fake.world().pulls[&number].author.clone();
    push(fake, number, &author, &[("flags/checkout/one.yaml", Some(&flag("one", percent)))])
}

/// Its branch moved by force, looked at.
pub fn force(fake: &Fake, number: u64, oid: &str, by: &str) -> Run {
    let before = head(fake, number);
    let branch = fake.world().pulls[&number].head.clone();
    fake.world().force_push(&branch, oid, by);
    review(fake, &Event::Moved(number, before))
}

/// A commit on the base, looked at.
pub fn land(fake: &Fake, files: &[(&str, Option<&str>)]) -> Run {
    let before = fake.world().origin.tip("main").unwrap();
    fake.world().commit("main", "root1", files);
    review(fake, &Event::Push("main".to_owned(), before))
}

pub fn head(fake: &Fake, number: u64) -> String {
    fake.world().pulls[&number].head_oid.clone()
}

/// The effect when this event triggers the Action: of the second time, nothing.
pub fn review(fake: &Fake, event: &Event) -> Run {
    let run = review_once(fake, event);
    let before = written(fake).len();
    // The first time git fetches, now it finds a clone: both come to the same.
    fake.with_clone(|| review_once(fake, event));
    let more = written(fake).split_off(before);
    assert!(more.is_empty(), "the second run said something new: {more:#?}");
    run
}

/// The same, once.
pub fn review_once(fake: &Fake, event: &Event) -> Run {
    let run = shop::review(fake, event);
    assert!(!run.err.contains("panicked"), "{}", run.err);
    run
}

/// Every request that changed something, as one line each.
pub fn written(fake: &Fake) -> Vec<String> {
    let changes = |query: Option<&str>, method: &str| query.map_or(method != "GET", |name| name == "ToDraft");
    let all = fake.requests().into_iter().filter(|it| changes(it.query.as_deref(), &it.method));
    all.map(|it| format!("{} {} {}", it.method, it.path, it.body)).collect()
}

/// The review of a pull request after something happened to it.
pub fn after(fake: &Fake, action: &'static str, number: u64) -> Run {
    review(fake, &Event::Pull(action, number))
}

/// The same after a review of it: the trigger workflow ran at its head.
pub fn woken(fake: &Fake, number: u64) -> Run {
    review(fake, &Event::Woken("completed", head(fake, number), "pull_request_review"))
}

/// Somebody approves, and that is looked at.
pub fn approve(fake: &Fake, number: u64, who: &str) -> u64 {
    let id = fake.world().approve(number, who);
    woken(fake, number);
    id
}

/// Somebody asks for changes, and that is looked at.
pub fn reject(fake: &Fake, number: u64, who: &str) -> u64 {
    let id = fake.world().review(number, who, "CHANGES_REQUESTED", "not like this");
    woken(fake, number);
    id
}

/// Somebody dismisses a review, and that is looked at.
pub fn dismiss(fake: &Fake, number: u64, review: u64, by: &str) {
    fake.world().dismiss(number, review, by, "no longer");
    woken(fake, number);
}

/// Somebody writes a comment, and that is looked at.
pub fn say(fake: &Fake, number: u64, who: &str, line: &str) -> Run {
    let id = fake.world().comment(number, who, line);
    review(fake, &Event::Comment(id))
}

/// The status of a pull request, exactly.
#[track_caller]
pub fn is(fake: &Fake, number: u64, state: &str, text: &str) {
    let (is, said) = status(fake, number);
    assert_eq!((&*is, &*said), (state, text), "\n{}", comment(fake, number));
}

/// How its comment begins, behind the mark.
#[track_caller]
pub fn comment_says(fake: &Fake, number: u64, words: &str) {
    let comment = comment(fake, number);
    assert!(comment.contains(words), "there is no {words:?} in\n{comment}");
}

/// The notices on it since the last time this was asked.
pub fn notified(fake: &Fake, number: u64, known: &mut usize) -> Vec<String> {
    let all = notices(fake, number);
    // Without the line that says which one it is.
    let words = |it: &String| it.split_once("<!-- ").map_or(&**it, |(words, _)| words).trim_end().to_owned();
    let new = all[*known..].iter().map(words).collect();
    *known = all.len();
    new
}

/// The people who are asked for a review of it, by login or `@team`.
pub fn requested(fake: &Fake, number: u64) -> Vec<String> {
    let name = |requested: &RequestedReviewer| match requested {
        RequestedReviewer::User(login) => login.clone(),
        RequestedReviewer::Team(slug) => format!("@{slug}"),
    };
    fake.world().pulls[&number].requested.iter().map(name).collect()
}
