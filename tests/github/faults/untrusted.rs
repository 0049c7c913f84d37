//! Events and settings from which nothing may be posted, and a run that posts nothing.

use super::stage::{SCENES, opened};
use crate::github::fake::runner::Run;
use crate::github::fake::{Event, Fake};
use crate::github::shop::*;

/// Runs under another event's name; it must have asked GitHub nothing, whatever it says.
fn silent(fake: &Fake, run: &Run, code: i32, said: &[&str]) {
    assert_eq!(run.code, code, "{}{}", run.out, run.err);
    for said in said {
        assert!(run.err.contains(said), "`{said}` is not in: {}", run.err);
    }
    assert!(run.err.contains("error: ") && !run.err.contains("panicked"), "{}", run.err);
    let sent = fake.requests();
    assert!(sent.is_empty(), "{sent:#?}");
}

#[test]
fn events_of_a_workflow_that_a_proposal_can_edit_post_nothing() {
    let rows = [
        ("pull_request", "its workflow file is the proposal's", "`pull_request_target`"),
        ("pull_request_review", "its workflow file is the proposal's", "`workflow_run`"),
        ("pull_request_review_comment", "its workflow file is the proposal's", "`workflow_run`"),
        ("merge_group", "its workflow file is the proposal's", "`workflow_run`"),
        ("repository_dispatch", "is none that a verdict is given on", "`pull_request_target`"),
        ("check_run\n::error::x", "is none that a verdict is given on", "`pull_request_target`"),
    ];
    let (mut fake, event) = opened();
    for (name, why, instead) in rows {
        fake.env("GITHUB_EVENT_NAME", Some(name));
        let run = fake.on(&event).run(&["review"]);
        silent(&fake, &run, 2, &[why, instead]);
        assert!(!run.err.contains("\n::error"), "{}", run.err);
    }
}

#[test]
fn what_a_runner_did_not_say_is_asked_for() {
    let broken = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(broken.path(), "{\"action\": \"opened\", ").unwrap();
    let broken = broken.path().display().to_string();
    let rows: &[(&str, Option<&str>, i32, &str)] = &[
        ("GITHUB_EVENT_NAME", None, 2, "GITHUB_EVENT_NAME"),
        ("GITHUB_EVENT_PATH", None, 2, "GITHUB_EVENT_PATH"),
        ("GITHUB_EVENT_PATH", Some("/nowhere/event.json"), 5, "cannot read `/nowhere/event.json`"),
        ("GITHUB_EVENT_PATH", Some(&broken), 5, "is no JSON"),
        ("GITHUB_TOKEN", None, 2, "there is no token"),
        ("GITHUB_REPOSITORY", Some("acme"), 2, "`acme` is no repository, expected `owner/name`"),
        ("GITHUB_REPOSITORY", Some("acme/shop/../../x"), 2, "is no repository"),
        ("GITHUB_REPOSITORY", Some("acme/.."), 2, "is no repository"),
        ("GITHUB_API_URL", Some("no address"), 5, "`no address` is no address"),
    ];
    for (name, value, code, said) in rows {
        let (mut fake, event) = opened();
        fake.env(name, *value);
        let run = fake.on(&event).run(&["review", "--patience", "0"]);
        silent(&fake, &run, *code, &[said, "help: "]);
    }
}

#[test]
fn a_commit_that_github_does_not_have_is_reported() {
    let (fake, _) = opened();
    for (args, said) in [
        (
            ["--pr", "99", "--repo", "acme/shop"],
            "GitHub has no PullRequest with the number of 99, or this token may not see it",
        ),
        (["--pr", "1", "--repo", "acme/other"], "acme/other"),
    ] {
        let run = fake.run(&[&["review", "--patience", "0"][..], &args].concat());
        assert_eq!(run.code, 5, "{}{}", run.out, run.err);
        assert!(run.err.contains(said), "`{said}` is not in {}", run.err);
        assert_eq!(fake.requests().iter().filter(|it| it.writes()).count(), 0);
    }
}

/// On a runner and without one: what would be posted is reported, and nothing is.
#[test]
fn a_dry_run_writes_nothing() {
    for (name, make) in SCENES {
        let (mut fake, event) = make();
        for runner in [Some("true"), None] {
            fake.env("GITHUB_ACTIONS", runner);
            fake.clear();
            let run = fake.on(&event).run(&["review", "--dry-run"]);
            assert_eq!(run.code, 0, "{name}: {}", run.err);
            let written: Vec<_> = fake.requests().into_iter().filter(crate::github::fake::Request::writes).collect();
            assert!(written.is_empty(), "{name}: {written:#?}");
            assert!(!fake.requests().is_empty(), "{name}");
            assert!(run.out.contains("would"), "{name}: {}", run.out);
        }
        fake.verify();
    }
    // A command neither.
    let (fake, event) = opened();
    review(&fake, &event);
    let comment = fake.world().comment(1, "jo", "/countersign cancel");
    fake.clear();
    let run = fake.on(&Event::Comment(comment)).run(&["review", "--dry-run"]);
    assert_eq!(run.code, 0, "{}", run.err);
    assert!(!fake.world().pulls[&1].draft);
    assert!(fake.requests().iter().all(|it| !it.writes() && it.query.as_deref() != Some("ToDraft")));
}
