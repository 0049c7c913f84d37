//! Events and comments of GitHub: every example payload that octokit publishes, what they lack made from them, broken
//! and random ones, and commands as people write them.
//!
//! The payloads and their licence are in `tests/github/events/`.

mod commands;

mod hostile;

use std::collections::BTreeSet;
use std::sync::LazyLock;

use countersign::error::Error;
use countersign::github::command::{COMMANDS, Command, Who, parse};
use countersign::github::event::{Closed, EVENTS, TRIGGER, Trigger, Work, work};
use proptest::prelude::*;
use serde_json::{Value, json};

const PAYLOADS: &str = include_str!("octokit-webhooks-examples-7.6.1.jsonl");

/// The head of the pull request in the examples of github.com, the one before it, and that of GitHub Enterprise Server.
const HEAD: &str = "ec26c3e57ca3a959ca5aad62de7213c562f8c821";
const BEFORE: &str = "f95f852bd8fca8fcc58a9a2d6c842781e32a215e";
const GHES_HEAD: &str = "14977a7b5485400124827221a04bfb474bcd72d1";
const PUSHED: &str = "6113728f27ae82c7b1a177c8d03f9e96e0adf246";

struct Example {
    event: String,
    /// The first place in the package where it stands.
    id: String,
    payload: Value,
}

static EXAMPLES: LazyLock<Vec<Example>> = LazyLock::new(|| {
    let example = |line: &str| {
        let mut line: Value = serde_json::from_str(line).unwrap();
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        Example { event: text(&line["event"]), id: text(&line["from"][0]), payload: line["payload"].take() }
    };
    PAYLOADS.lines().map(example).collect()
});

fn example(event: &str, id: &str) -> Value {
    EXAMPLES.iter().find(|example| example.event == event && example.id == id).unwrap().payload.clone()
}

/// A payload with some members set, by their path; `null` takes one away.
fn with(mut payload: Value, members: &[(&str, Value)]) -> Value {
    for (member, value) in members {
        let (parents, name) = member.rsplit_once('.').unwrap_or(("", member));
        let mut parent = &mut payload;
        for name in parents.split('.').filter(|name| !name.is_empty()) {
            parent = &mut parent[name];
        }
        parent[name] = value.clone();
    }
    payload
}

fn nothing(why: &str) -> Work {
    Work::Nothing(why.to_owned())
}

fn said(result: Result<Work, Error>) -> Result<Work, String> {
    result.map_err(|error| error.to_string())
}

const EDITABLE: &str = "its workflow file is the proposal's, which could say anything";
const TARGET: &str = "trigger the workflow on `pull_request_target`";
const WAKEN: &str =
    "trigger the workflow `countersign-trigger` on it, which has no rights, and this one on `workflow_run` of that";

fn editable(event: &str, remedy: &str) -> String {
    format!("event `{event}`: {EDITABLE}: {remedy}")
}

// ---- what octokit publishes

/// Examples that ask for the same, by their places.
type Row = (&'static str, Result<Work, String>);

/// The pull request of the examples, with the head it has in most of them.
fn at_head() -> Trigger {
    Trigger { head: Some(HEAD.to_owned()), ..Trigger::of(2) }
}

/// The work of every example of an event when it is given under a name.
fn expected() -> Vec<(&'static str, &'static str, Vec<Row>)> {
    let two = at_head;
    let closed = |head: &str| {
        let head = head.to_owned();
        Trigger { closed: Some(Closed::Unmerged { head: head.clone() }), head: Some(head), ..two() }
    };
    let of_no_effect = |action: &str| Ok(nothing(&format!("`{action}` of `pull_request_target` changes no verdict")));
    let of_comment = |action: &str| Ok(nothing(&format!("`{action}` of `issue_comment` changes no verdict")));
    vec![
        (
            "pull_request",
            "pull_request_target",
            vec![
                ("0 12 13 14", Ok(Work::Pull(two()))),
                ("ghes-31/0", Ok(Work::Pull(Trigger { head: Some(GHES_HEAD.to_owned()), ..two() }))),
                ("15 16 17", Ok(Work::Pull(two()))),
                ("18 19", Ok(Work::Pull(two()))),
                ("5 6 7", Ok(Work::Pull(two()))),
                ("22", Ok(Work::Pull(Trigger { superseded: Some(BEFORE.to_owned()), ..two() }))),
                ("3 4", Ok(Work::Pull(closed(HEAD)))),
                ("ghes-34/2", Ok(Work::Pull(closed(GHES_HEAD)))),
                ("1 2 ghes-34/1", of_no_effect("assigned")),
                ("8 9 ghes-34/3", of_no_effect("labeled")),
                ("10 11", of_no_effect("locked")),
                ("20", of_no_effect("review_request_removed")),
                ("21", of_no_effect("review_requested")),
                ("23 24 ghes-34/5", of_no_effect("unassigned")),
                ("25 26 ghes-34/6", of_no_effect("unlabeled")),
                ("27 28", of_no_effect("unlocked")),
            ],
        ),
        ("pull_request", "pull_request", vec![("*", Err(editable("pull_request", TARGET)))]),
        ("pull_request_review", "pull_request_review", vec![("*", Err(editable("pull_request_review", WAKEN)))]),
        ("merge_group", "merge_group", vec![("*", Err(editable("merge_group", WAKEN)))]),
        (
            "issue_comment",
            "issue_comment",
            vec![
                ("0 1 2 3 4 ghes-31/0", Ok(nothing("the comment is on an issue"))),
                ("5 6 ghes-34/2", of_comment("deleted")),
                ("7 8 ghes-34/3", of_comment("edited")),
            ],
        ),
        (
            "workflow_run",
            "workflow_run",
            vec![
                ("0", Ok(nothing("the workflow is `Manually triggered workflow`, not `countersign-trigger`"))),
                ("1 2 3 4", Ok(nothing("the workflow is `test`, not `countersign-trigger`"))),
            ],
        ),
        (
            "push",
            "push",
            vec![
                ("0 1 2 3 6 ghes-31/0 ghes-33/0 ghes-34/0", Ok(nothing("`refs/tags/simple-tag` is no branch"))),
                ("4 5", Ok(Work::Base { branch: "master".into(), before: None, after: PUSHED.into() })),
            ],
        ),
        ("workflow_dispatch", "workflow_dispatch", vec![("0 1", Ok(Work::Sweep))]),
    ]
}

#[test]
fn every_published_payload() {
    let mut seen = BTreeSet::new();
    for (event, name, rows) in expected() {
        let mut here = BTreeSet::new();
        for (ids, expected) in rows {
            let full = |id: &str| if id.contains('/') { id.to_owned() } else { format!("api.github.com/{id}") };
            let ids: Vec<String> = match ids {
                "*" => EXAMPLES.iter().filter(|example| example.event == event).map(|it| it.id.clone()).collect(),
                ids => ids.split(' ').map(full).collect(),
            };
            for id in ids {
                let example = EXAMPLES.iter().find(|example| example.event == event && example.id == id).unwrap();
                assert_eq!(said(work(name, &example.payload)), expected, "{name} {id}");
                assert!(here.insert(id.clone()), "{name} {id} is in the table twice");
            }
        }
        let all: BTreeSet<String> =
            EXAMPLES.iter().filter(|example| example.event == event).map(|it| it.id.clone()).collect();
        assert_eq!(here, all, "{name}: these have to be in the table");
        seen.insert(event);
    }
    assert_eq!(EXAMPLES.len(), 71);
    assert!(EXAMPLES.iter().all(|example| seen.contains(example.event.as_str())));
}

// ---- what the package has no example of, made from one that it has

fn pull(members: &[(&str, Value)]) -> Value {
    with(example("pull_request", "api.github.com/0"), members)
}

fn comment(members: &[(&str, Value)]) -> Value {
    let on_pull = with(
        example("issue_comment", "api.github.com/0"),
        &[("issue.pull_request", json!({})), ("comment.body", json!("/countersign recheck"))],
    );
    with(on_pull, members)
}

fn triggered(event: &str, members: &[(&str, Value)]) -> Value {
    let run = example("workflow_run", "api.github.com/3");
    let run = with(run, &[("workflow_run.name", json!(TRIGGER)), ("workflow_run.event", json!(event))]);
    with(run, members)
}

fn queued(branch: &str) -> Result<Work, String> {
    said(work("workflow_run", &triggered("merge_group", &[("workflow_run.head_branch", json!(branch))])))
}

fn push(members: &[(&str, Value)]) -> Value {
    with(example("push", "api.github.com/4"), members)
}

fn dispatch(members: &[(&str, Value)]) -> Value {
    with(example("workflow_dispatch", "api.github.com/0"), members)
}

const RUN_HEAD: &str = "3484a3fb816e0859fd6e1cea078d76385ff50625";

#[test]
fn pull_requests() {
    let edited = |changes: Value| pull(&[("action", json!("edited")), ("changes", changes)]);
    let retarget = json!({"base": {"ref": {"from": "release/1"}, "sha": {"from": HEAD}}, "title": {"from": "x"}});
    let only = Ok(nothing("only the title or the description was edited"));
    let cases: Vec<(Value, Result<Work, String>)> = vec![
        (edited(retarget), Ok(Work::Pull(Trigger { old_base: Some("release/1".into()), ..at_head() }))),
        (edited(json!({"title": {"from": "x"}})), only.clone()),
        (edited(json!({"title": {"from": "x"}, "body": {"from": "x"}})), only),
        // An event that is not known to change nothing is looked at.
        (edited(json!({"title": {"from": "x"}, "other": {}})), Ok(Work::Pull(at_head()))),
        (edited(json!({})), Ok(Work::Pull(at_head()))),
        (edited(Value::Null), Ok(Work::Pull(at_head()))),
        (pull(&[("action", json!("enqueued"))]), Ok(Work::Pull(at_head()))),
        (pull(&[("action", json!("dequeued")), ("reason", json!("CI_FAILURE"))]), Ok(Work::Pull(at_head()))),
        (
            pull(&[("action", json!("closed")), ("pull_request.merged", json!(true))]),
            Ok(Work::Pull(Trigger { closed: Some(Closed::Merged), ..at_head() })),
        ),
        (
            pull(&[("action", json!("auto`merge\n::error::x"))]),
            Ok(nothing("`auto'merge\\n::error::x` of `pull_request_target` changes no verdict")),
        ),
    ];
    for (payload, expected) in cases {
        assert_eq!(said(work("pull_request_target", &payload)), expected, "{}", payload["changes"]);
    }
}

#[test]
fn comments() {
    let node = example("issue_comment", "api.github.com/0")["comment"]["node_id"].as_str().unwrap().to_owned();
    let command = Ok(Work::Command { pull: 1, comment: 492_700_400, node });
    let no_command = Ok(nothing("the comment does not start with `/countersign`"));
    let bot =
        |kind: &str| Ok(nothing(&format!("the author of the comment is a `{kind}`, and only people give commands")));
    let body = |body: &str| comment(&[("comment.body", json!(body))]);
    let author = |kind: &str| comment(&[("comment.user.type", json!(kind))]);
    let cases: Vec<(Value, Result<Work, String>)> = vec![
        (body("/countersign recheck"), command.clone()),
        // A mistake in it is answered where the comment is read again.
        (body("/countersign no such thing"), command.clone()),
        (body("/countersign"), command),
        (body("> /countersign recheck"), no_command.clone()),
        (body("please\n/countersign recheck"), no_command.clone()),
        (body(""), no_command),
        (author("Bot"), bot("Bot")),
        (author("Mannequin"), bot("Mannequin")),
        (comment(&[("action", json!("edited"))]), Ok(nothing("`edited` of `issue_comment` changes no verdict"))),
    ];
    for (payload, expected) in cases {
        assert_eq!(said(work("issue_comment", &payload)), expected, "{}", payload["comment"]["body"]);
    }
}

#[test]
fn triggers() {
    let head = Ok(Work::Head { sha: RUN_HEAD.into(), pulls: vec![] });
    let none = |event: &str| Ok(nothing(&format!("`countersign-trigger` ran on `{event}`, which changes no verdict")));
    let review = "pull_request_review";
    let fork = ("workflow_run.head_repository.full_name", json!("mallory/fork"));
    let unnamed = [("workflow_run.name", Value::Null), ("workflow.name", json!(TRIGGER))];
    let other = [("workflow_run.name", json!("countersign-trigger2"))];
    let hint = |head: &str, repo: &Value| {
        let pull = json!({"number": 7, "head": {"sha": head}, "base": {"ref": "main", "repo": {"id": repo}}});
        triggered(review, &[("workflow_run.pull_requests", json!([pull]))])
    };
    let here = triggered(review, &[])["repository"]["id"].clone();
    let found = Ok(Work::Head { sha: RUN_HEAD.into(), pulls: vec![7] });
    let cases: Vec<(Value, Result<Work, String>)> = vec![
        (triggered(review, &[]), head.clone()),
        (triggered(review, &[("action", json!("completed"))]), head.clone()),
        (triggered(review, &[fork]), head.clone()),
        (hint(RUN_HEAD, &here), found),
        // GitHub names pull requests of other repositories too, and those that have moved on.
        (hint(RUN_HEAD, &json!(1)), head.clone()),
        (hint(HEAD, &here), head.clone()),
        (triggered(review, &unnamed), head),
        (triggered(review, &other), Ok(nothing("the workflow is `countersign-trigger2`, not `countersign-trigger`"))),
        (
            triggered(review, &[("action", json!("in_progress"))]),
            Ok(nothing("`in_progress` of `workflow_run` changes no verdict")),
        ),
        (triggered("pull_request", &[]), none("pull_request")),
        (triggered("push", &[]), none("push")),
    ];
    for (payload, expected) in cases {
        assert_eq!(said(work("workflow_run", &payload)), expected, "{}", payload["workflow_run"]["event"]);
    }
}

#[test]
fn queues() {
    let entry = format!("pr-104-{HEAD}");
    let wide = format!("pr-104-{HEAD}{}", &HEAD[..24]);
    for (branch, base) in [
        (format!("gh-readonly-queue/main/{entry}"), "main"),
        (format!("gh-readonly-queue/main/{wide}"), "main"),
        (format!("gh-readonly-queue/release/2026/q4/{entry}"), "release/2026/q4"),
        (format!("gh-readonly-queue/pr-1/{entry}"), "pr-1"),
        (format!("gh-readonly-queue/gh-readonly-queue/{entry}"), "gh-readonly-queue"),
    ] {
        assert_eq!(queued(&branch), Ok(Work::Queue { base: base.into(), head: RUN_HEAD.into() }), "{branch}");
    }
    for branch in [
        "main".to_owned(),
        String::new(),
        format!("gh-readonly-queue/{entry}"),
        format!("gh-readonly-queue//{entry}"),
        format!("x/gh-readonly-queue/main/{entry}"),
        format!("refs/heads/gh-readonly-queue/main/{entry}"),
        format!("gh-readonly-queue/main/{entry}/"),
        format!("gh-readonly-queue/main/{entry}/{entry}"),
        format!("gh-readonly-queue/main/{entry}-{HEAD}"),
        format!("gh-readonly-queue/{entry}/main/{entry}"),
        format!("gh-readonly-queue/main/pr-1-pr-2-{HEAD}"),
        format!("gh-readonly-queue/main/pr-0-{HEAD}"),
        format!("gh-readonly-queue/main/pr-+1-{HEAD}"),
        format!("gh-readonly-queue/main/pr-99999999999999999999-{HEAD}"),
        format!("gh-readonly-queue/main/pr-1-{}", &HEAD[1..]),
        format!("gh-readonly-queue/main/PR-1-{HEAD}"),
        format!("gh-readonly-queue/ma in/{entry}"),
    ] {
        let refused = queued(&branch).unwrap_err();
        let expected = "`, expected `gh-readonly-queue/<base>/pr-<number>-<sha>`: give a payload that has it";
        assert!(refused.starts_with("event `workflow_run`: `workflow_run.head_branch` is `"), "{branch}: {refused}");
        assert!(refused.ends_with(expected) || refused.contains("…`, expected `gh-"), "{branch}: {refused}");
    }
}

#[test]
fn pushes() {
    let zeros = "0".repeat(40);
    let base = |branch: &str, before: Option<&str>| {
        Ok(Work::Base { branch: branch.into(), before: before.map(Into::into), after: PUSHED.into() })
    };
    let branch = |name: &str| push(&[("ref", json!(format!("refs/heads/{name}")))]);
    let gone = Ok(nothing("the branch `master` was deleted"));
    let queue = format!("gh-readonly-queue/main/pr-1-{HEAD}");
    let cases: Vec<(Value, Result<Work, String>)> = vec![
        (branch("main"), base("main", None)),
        (branch("release/1"), base("release/1", None)),
        (push(&[("before", json!(HEAD))]), base("master", Some(HEAD))),
        (push(&[("before", json!(HEAD.to_uppercase()))]), base("master", Some(HEAD))),
        (push(&[("before", json!(HEAD)), ("deleted", json!(true))]), gone.clone()),
        (push(&[("before", json!(HEAD)), ("after", json!(zeros))]), gone),
        (
            branch(&queue),
            Ok(nothing("`gh-readonly-queue/main/pr-1-ec26c3e57ca3a959ca5aad62de7213c5…` belongs to the merge queue")),
        ),
        (push(&[("ref", json!("refs/notes/x"))]), Ok(nothing("`refs/notes/x` is no branch"))),
        (
            branch("a b"),
            Err("event `push`: `ref` is `refs/heads/a b`, expected the name of a branch: give a payload that has it"
                .into()),
        ),
    ];
    for (payload, expected) in cases {
        assert_eq!(said(work("push", &payload)), expected, "{}", payload["ref"]);
    }
    for name in ["", "-x", "a..b", "a//b", "/a", "a/", "a/.b", "a.lock", "a.", "a\nb", "a:b", "a@{b", "@", "a\\b"] {
        assert!(work("push", &branch(name)).is_err(), "{name}");
    }
}

#[test]
fn by_hand_and_by_the_clock() {
    let on = |full: &str| dispatch(&[("ref", json!(full))]);
    let input = |value: Value| dispatch(&[("inputs", json!({"pull": value}))]);
    let no_number = |found: &str| {
        let expected = "the number of a pull request: give a payload that has it";
        Err(format!("event `workflow_dispatch`: `inputs.pull` is {found}, expected {expected}"))
    };
    let other = |full: &str| {
        let why = format!("its workflow file is that of `{full}`, which a proposal can edit");
        Err(format!("event `workflow_dispatch`: {why}: start it on `main`"))
    };
    let cases: Vec<(Value, Result<Work, String>)> = vec![
        (dispatch(&[("inputs", Value::Null)]), Ok(Work::Sweep)),
        (input(json!("")), Ok(Work::Sweep)),
        (input(json!("12")), Ok(Work::Pull(Trigger::of(12)))),
        (input(json!(" 12 ")), Ok(Work::Pull(Trigger::of(12)))),
        (input(json!(12)), Ok(Work::Pull(Trigger::of(12)))),
        (input(json!("#12")), no_number("`#12`")),
        (input(json!("0")), no_number("`0`")),
        (input(json!("-1")), no_number("`-1`")),
        (on("refs/heads/feature"), other("refs/heads/feature")),
        (on("refs/tags/main"), other("refs/tags/main")),
        (on("main"), other("main")),
    ];
    for (payload, expected) in cases {
        assert_eq!(said(work("workflow_dispatch", &payload)), expected, "{} {}", payload["ref"], payload["inputs"]);
    }
    assert_eq!(work("schedule", &json!({"schedule": "*/15 * * * *"})), Ok(Work::Sweep));
}

/// An event whose workflow a proposal can write is refused, whatever the payload says.
#[test]
fn editable_events_are_refused() {
    let known = "trigger the workflow on `pull_request_target`, `issue_comment`, `workflow_run`, `push`, `schedule` or \
                 `workflow_dispatch`";
    for (event, remedy) in [("pull_request", TARGET), ("pull_request_review", WAKEN), ("merge_group", WAKEN)] {
        assert_eq!(said(work(event, &json!({}))), Err(editable(event, remedy)));
    }
    for event in ["pull_request_review_thread", "create", "release", "status", "", "PULL_REQUEST_TARGET", "push "] {
        let why = format!("event `{event}`: is none that a verdict is given on: {known}");
        assert_eq!(said(work(event, &pull(&[]))), Err(why));
    }
}
