//! A pull request gets a comment on what merging it will make in Amplitude: in one comment, from what it says it is
//! from, and without anything that counts as an approval. The key goes where the base branch says, and nowhere for a
//! fork.

use tempfile::TempDir;

use crate::amplitude::fake::{Fake as Amplitude, KEY};
use crate::git::git;
use crate::github::amplitude::{merged, started};
use crate::github::fake::Fake;
use crate::github::fake::runner::Run;
use crate::github::shop::{CONFIG, after, flag, raise, status, woken};

const MARK: &str = "<!-- countersign-amplitude -->\n";

/// `amplitude comment` as the workflow runs it, in a fresh clone of the default branch with the proposal as objects.
fn say(fake: &Fake, number: u64) -> Run {
    let keep = TempDir::new().unwrap();
    let origin = fake.origin().display().to_string();
    git(keep.path(), &["clone", "-q", &origin, "shop"]);
    let clone = keep.path().join("shop");
    git(&clone, &["fetch", "-q", "origin", &format!("+refs/pull/{number}/head:refs/countersign/proposal")]);
    let (clone, number) = (clone.display().to_string(), number.to_string());
    let head = ["--head", "refs/countersign/proposal", "--patience", "0"];
    let run = fake.run(&[&["-C", &clone, "amplitude", "comment", "--pr", &number], &head[..]].concat());
    fake.verify();
    assert!(!format!("{run:?}").contains(KEY));
    run
}

/// The comments about Amplitude on a pull request, by our account.
fn comments(fake: &Fake, number: u64) -> Vec<String> {
    let world = fake.world();
    let ours = world.comments_of(number).into_iter().filter(|one| one.author == "github-actions[bot]");
    ours.filter(|one| one.body.starts_with(MARK)).map(|one| one.body.clone()).collect()
}

fn said(fake: &Fake, number: u64) -> String {
    let run = say(fake, number);
    assert_eq!(run.code, 0, "{}{}", run.out, run.err);
    let all = comments(fake, number);
    assert_eq!(all.len(), 1, "{all:?}");
    assert!(!all[0].contains(KEY));
    all[0].clone()
}

#[test]
fn one_comment_is_kept_and_is_from_amplitude_now() {
    let (fake, amplitude) = started();
    let number = raise(&fake, "jo", "more", 50);
    after(&fake, "opened", number);
    let before = status(&fake, number);
    let body = said(&fake, number);
    for part in [
        "Merging will make 1 call to Amplitude",
        "Against Amplitude as it is now.",
        "approves nothing",
        "`20` → `50`",
        "/flags/7",
    ] {
        assert!(body.contains(part), "{part}: {body}");
    }
    // The same again is no edit; another proposal edits it in place.
    fake.clear();
    said(&fake, number);
    assert_eq!(fake.sent("/comments").len(), 0);
    fake.world().commit("more", "jo", &[("flags/checkout/one.yaml", Some(&flag("one", 60)))]);
    assert!(said(&fake, number).contains("`20` → `60`"));
    assert!(fake.sent("/statuses").is_empty() && fake.sent("/reviews").is_empty());
    // It is neither an approval nor the gate's record.
    after(&fake, "synchronize", number);
    assert_eq!((status(&fake, number).0, before.0.as_str()), ("pending".to_owned(), "pending"));
    fake.world().approve(number, "alice");
    woken(&fake, number);
    assert_eq!(status(&fake, number).0, "success");
    // Another person who begins a comment like ours keeps it.
    let theirs = fake.world().comment(number, "kim", &format!("{MARK}nothing to see"));
    said(&fake, number);
    assert_eq!(fake.world().comments[&theirs].body, format!("{MARK}nothing to see"));
    assert!(amplitude.writes().is_empty());
}

#[test]
fn without_a_key_it_is_from_the_lock_file_alone() {
    let (mut fake, amplitude) = started();
    fake.env("AMPLITUDE_MANAGEMENT_KEY", None);
    let number = raise(&fake, "jo", "more", 50);
    let body = said(&fake, number);
    assert!(
        body.contains("without asking Amplitude: there is no key here") && body.contains("1 call to Amplitude"),
        "{body}"
    );
    assert!(amplitude.calls().is_empty());
    // A proposal that changes nothing there needs no comment, unless there is one.
    fake.world().commit("words", "jo", &[("README.md", Some("the new shop\n"))]);
    let other = fake.world().open("jo", "main", "words");
    assert_eq!((say(&fake, other).code, comments(&fake, other).len()), (0, 0));
    fake.world().commit("more", "jo", &[("flags/checkout/one.yaml", Some(&flag("one", 20)))]);
    assert!(said(&fake, number).contains("Merging will make 0 calls to Amplitude"));
    // Another branch than the default one is none that Amplitude follows.
    fake.world().commit("release", "root1", &[("README.md", Some("release\n"))]);
    fake.world().commit("fix", "jo", &[("flags/checkout/one.yaml", Some(&flag("one", 90)))]);
    let aside = fake.world().open("jo", "release", "fix");
    assert_eq!((say(&fake, aside).code, comments(&fake, aside).len()), (0, 0));
}

#[test]
fn a_fork_is_answered_without_the_key_even_where_it_is() {
    let (fake, amplitude) = started();
    {
        let mut world = fake.world();
        world.fork("mallory");
        world.commit_in_fork("mallory", "more", &[("flags/checkout/one.yaml", Some(&flag("one", 90)))]);
    }
    let number = fake.world().open("mallory", "main", "mallory:more");
    let body = said(&fake, number);
    assert!(
        body.contains("it comes from a fork, for which no key is used") && body.contains("1 call to Amplitude"),
        "{body}"
    );
    assert!(amplitude.calls().is_empty());
}

#[test]
fn the_key_goes_where_the_base_branch_says() {
    let (fake, amplitude) = started();
    // A proposal that names another project and another id, to learn what is there.
    let config = format!("{CONFIG}amplitude: {{projects: {{checkout: \"450009\"}}, region: eu}}\n");
    let lock = r#"{"schema": "countersign/amplitude-lock/v1", "projects": {"checkout": {"id": "450009", "items": {"one": {"id": "99", "kind": "flag", "hash": "0"}}}}}"#;
    amplitude.world().add(
        "99",
        false,
        &serde_json::json!({"key": "secret-plan", "projectId": "450009", "name": "Layoffs"}),
    );
    let one = flag("one", 50);
    let files = [
        (".countersign/config.yaml", Some(&*config)),
        (".countersign/amplitude.lock", Some(lock)),
        ("flags/checkout/one.yaml", Some(&*one)),
    ];
    fake.world().commit("sly", "jo", &files);
    let number = fake.world().open("jo", "main", "sly");
    let body = said(&fake, number);
    assert!(!body.contains("Layoffs") && !body.contains("secret-plan"), "{body}");
    let calls = amplitude.calls();
    assert!(
        !calls.is_empty() && calls.iter().all(|call| !call.contains("450009") && !call.contains("/99")),
        "{calls:?}"
    );
    // And what is merged is what is said.
    let next = raise(&fake, "jo", "next", 50);
    merged(&fake, next, "alice");
}

#[test]
fn amplitude_that_does_not_answer_fails_no_pull_request() {
    let (mut fake, _amplitude) = started();
    let gone = Amplitude::start().url();
    fake.env("COUNTERSIGN_AMPLITUDE_URL", Some(&gone));
    let number = raise(&fake, "jo", "more", 50);
    let body = said(&fake, number);
    assert!(body.contains("without asking Amplitude: that failed: ") && body.contains("1 call to Amplitude"), "{body}");
}
