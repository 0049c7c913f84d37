//! `acme/shop`: a repository with flags, a policy, and the people who work on it.

use crate::github::fake::runner::Run;
use crate::github::fake::{Event, Fake};

pub use crate::shop_files::{APPROVERS, CONFIG, flag};

/// A flag of the project of peers: a project without one gates nothing.
const UNCHANGED: (&str, &str) =
    ("flags/growth/unchanged.yaml", "key: unchanged\nkind: flag\nstate: inactive\nvariants:\n  - {key: \"on\"}\n");

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
            (UNCHANGED.0, Some(UNCHANGED.1)),
            ("README.md", Some("the shop\n")),
        ],
    );
    drop(world);
    fake
}

/// A pull request by `author` that sets the share of flag `one`.
pub fn raise(fake: &Fake, author: &str, branch: &str, percent: u32) -> u64 {
    let mut world = fake.world();
    let text = flag("one", percent);
    world.commit(branch, author, &[("flags/checkout/one.yaml", Some(&text))]);
    world.open(author, "main", branch)
}

/// The effect when this event triggers the Action.
pub fn review(fake: &Fake, event: &Event) -> Run {
    let run = fake.on(event).run(&["review"]);
    fake.verify();
    run
}

/// The review of a pull request after something happened to it.
pub fn after(fake: &Fake, action: &'static str, number: u64) -> Run {
    review(fake, &Event::Pull(action, number))
}

/// The same after a review of it: the trigger workflow ran at its head.
pub fn woken(fake: &Fake, number: u64) -> Run {
    let head = fake.world().pulls[&number].head_oid.clone();
    review(fake, &Event::Woken("completed", head, "pull_request_review"))
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

/// The digest that our comment on a pull request displays, of its first flag.
pub fn digest(fake: &Fake, number: u64) -> String {
    let body = comment(fake, number);
    let is_digest = |word: &&str| word.len() == 32 && word.bytes().all(|byte| byte.is_ascii_hexdigit());
    body.split('`').find(is_digest).unwrap_or_else(|| panic!("no digest in {body}")).to_owned()
}

/// Both of `who`, one after the other, override what flag `one` needs, and that is looked at.
pub fn override_one(fake: &Fake, number: u64, who: [&str; 2]) {
    let digest = digest(fake, number);
    for who in who {
        let id = fake.world().comment(number, who, &format!("/countersign override one {digest} the shop is down"));
        review(fake, &Event::Comment(id));
    }
}
