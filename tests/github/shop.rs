//! `acme/shop`: a repository with flags, a law, and the people who work on it.

use super::fake::runner::Run;
use super::fake::{Asked, Event, Fake};

/// One project whose approvers are named, one where any peer may approve.
pub const CONFIG: &str = "version: 1
admins: [\"@root1\", \"@root2\"]
projects:
  checkout: {paths: [\"flags/checkout/**\"], approvals: specific}
  growth: {paths: [\"flags/growth/**\"], approvals: peer}
lock: {after: 14d}
protect: [\".github/**\"]
";
pub const APPROVERS: &str = "flags/checkout/ @alice @bob\n";

/// A live flag that goes to this share of its users.
pub fn flag(key: &str, percent: u32) -> String {
    format!(
        "key: {key}\nkind: flag\nname: One\nstate: active\nevaluationMode: remote\ndeployments: [web]\nbucketingKey: \
         user_id\nbucketingSalt: s1\nvariants:\n  - {{key: \"on\"}}\nrolloutPercentage: {percent}\nrolloutWeights: \
         {{\"on\": 1}}\n"
    )
}

/// What stands on a pull request that changes flag `one` and that nobody has approved.
pub const AWAITS: &str = "awaiting 1 of @alice or @bob for checkout/one";

/// What stands on one that git can't merge.
pub const CLASH: &str = "invalid: flags/checkout/one.yaml:1:1: the base and the proposal clash: (content): Merge \
                         conflict in flags/checkout/one.yaml (and 1 more)";

/// Jo and Kim write; Alice and Bob approve; two admins; nobody else.
pub fn shop() -> Fake {
    let fake = Fake::start();
    let mut world = fake.world();
    for login in ["jo", "kim", "alice", "bob", "carol"] {
        world.member(login, "write");
    }
    for login in ["root1", "root2"] {
        world.member(login, "admin");
    }
    let (one, two) = (flag("one", 20), flag("two", 20));
    world.commit(
        "main",
        "root1",
        &[
            (".countersign/config.yaml", Some(CONFIG)),
            (".countersign/APPROVERS", Some(APPROVERS)),
            ("flags/checkout/one.yaml", Some(&one)),
            ("flags/checkout/two.yaml", Some(&two)),
            ("README.md", Some("the shop\n")),
        ],
    );
    drop(world);
    fake
}

/// A pull request by `author` that sets the share of flag `one`.
pub fn raise(fake: &Fake, author: &str, branch: &str, percent: u32) -> u64 {
    raise_with(fake, author, branch, &[("flags/checkout/one.yaml", Some(&flag("one", percent)))])
}

/// A pull request by `author` that brings these files.
pub fn raise_with(fake: &Fake, author: &str, branch: &str, files: &[(&str, Option<&str>)]) -> u64 {
    let mut world = fake.world();
    world.commit(branch, author, files);
    world.open(author, "main", branch)
}

/// The same, looked at when it was opened.
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

/// What happens when this event wakes the Action: of the second time, nothing.
pub fn review(fake: &Fake, event: &Event) -> Run {
    let run = review_once(fake, event);
    let before = written(fake).len();
    review_once(fake, event);
    let more = written(fake).split_off(before);
    assert!(more.is_empty(), "the second run said something new: {more:#?}");
    run
}

/// The same, once.
pub fn review_once(fake: &Fake, event: &Event) -> Run {
    let run = fake.on(event).run(&["review"]);
    fake.verify();
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

/// The same after a review of it: the wake workflow ran at its head.
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

/// What a pull request's status is, exactly.
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
pub fn told(fake: &Fake, number: u64, known: &mut usize) -> Vec<String> {
    let all = notices(fake, number);
    let new = all[*known..].iter().map(|it| it.trim_end().to_owned()).collect();
    *known = all.len();
    new
}

/// Who is asked for a review of it, by login or `@team`.
pub fn asked(fake: &Fake, number: u64) -> Vec<String> {
    let name = |asked: &Asked| match asked {
        Asked::User(login) => login.clone(),
        Asked::Team(slug) => format!("@{slug}"),
    };
    fake.world().pulls[&number].asked.iter().map(name).collect()
}

/// State and text of the status of a pull request's head.
pub fn status(fake: &Fake, number: u64) -> (String, String) {
    status_for(fake, number, "main")
}

pub fn status_for(fake: &Fake, number: u64, base: &str) -> (String, String) {
    let world = fake.world();
    let head = world.pulls[&number].head_oid.clone();
    let (state, text) = world.shown(&head, &format!("countersign/{base}")).unwrap_or(("none", ""));
    (state.to_owned(), text.to_owned())
}

/// Our comment on a pull request.
pub fn comment(fake: &Fake, number: u64) -> String {
    let world = fake.world();
    let ours = world.comments_of(number).into_iter().find(|one| one.body.starts_with("<!-- countersign"));
    ours.map_or_else(String::new, |one| one.body.clone())
}

/// All comments on it that are not that one.
pub fn notices(fake: &Fake, number: u64) -> Vec<String> {
    let world = fake.world();
    let others = world.comments_of(number).into_iter().filter(|one| !one.body.starts_with("<!-- countersign"));
    others.filter(|one| one.author == "github-actions[bot]").map(|one| one.body.clone()).collect()
}
