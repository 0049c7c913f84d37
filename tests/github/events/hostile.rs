//! Payloads that lack something, are of another shape, or are random.

use super::*;

/// Every member that is read, taken away and replaced: refused by its name, never guessed.
#[test]
fn what_is_missing_or_wrong_is_named() {
    let synchronize = example("pull_request", "api.github.com/22");
    let closed = example("pull_request", "api.github.com/3");
    let retargeted = pull(&[("action", json!("edited")), ("changes", json!({"base": {"ref": {"from": "x"}}}))]);
    let queue = format!("gh-readonly-queue/main/pr-1-{HEAD}");
    let cases = [
        ("pull_request_target", pull(&[]), "action", "a string"),
        ("pull_request_target", pull(&[]), "pull_request.number", "a whole number above 0"),
        ("pull_request_target", synchronize, "before", "40 or 64 hex digits"),
        ("pull_request_target", closed.clone(), "pull_request.merged", "`true` or `false`"),
        ("pull_request_target", closed, "pull_request.head.sha", "40 or 64 hex digits"),
        ("pull_request_target", retargeted, "changes.base.ref.from", "the name of a branch"),
        ("issue_comment", comment(&[]), "comment.body", "a string"),
        ("issue_comment", comment(&[]), "comment.user.type", "a string"),
        ("issue_comment", comment(&[]), "issue.number", "a whole number above 0"),
        ("issue_comment", comment(&[]), "comment.id", "a whole number above 0"),
        ("issue_comment", comment(&[]), "comment.node_id", "a node id"),
        ("workflow_run", triggered("pull_request_review", &[]), "workflow_run.event", "a string"),
        ("workflow_run", triggered("pull_request_review", &[]), "workflow_run.head_sha", "40 or 64 hex digits"),
        (
            "workflow_run",
            triggered("merge_group", &[("workflow_run.head_branch", json!(queue))]),
            "workflow_run.head_branch",
            "`gh-readonly-queue/<base>/pr-<number>-<sha>`",
        ),
        (
            "workflow_run",
            triggered("merge_group", &[("workflow_run.head_branch", json!(queue))]),
            "workflow_run.head_sha",
            "40 or 64 hex digits",
        ),
        ("push", push(&[]), "ref", "a string"),
        ("push", push(&[]), "before", "40 or 64 hex digits"),
        ("push", push(&[]), "after", "40 or 64 hex digits"),
        ("workflow_dispatch", dispatch(&[]), "ref", "a string"),
        ("workflow_dispatch", dispatch(&[]), "repository.default_branch", "the name of a branch"),
    ];
    for (event, payload, member, expected) in cases {
        assert!(work(event, &payload).is_ok(), "{event} {member}: it has to be whole to begin with");
        let strange =
            [(Value::Null, "missing"), (json!([1]), "a list"), (json!({}), "an object"), (json!(-1.5), "`-1.5`")];
        for (value, found) in strange {
            let refused = work(event, &with(payload.clone(), &[(member, value)])).unwrap_err();
            let text =
                format!("event `{event}`: `{member}` is {found}, expected {expected}: give a payload that has it");
            assert_eq!(refused.to_string(), text);
        }
    }
    for (member, payload) in
        [("before", json!("0".repeat(40))), ("before", json!(&HEAD[1..])), ("before", json!("g".repeat(40)))]
    {
        let payload = with(example("pull_request", "api.github.com/22"), &[(member, payload)]);
        assert!(work("pull_request_target", &payload).is_err(), "{}", payload["before"]);
    }
}

// ---- anything at all

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        prop::sample::select(vec![
            "",
            "opened",
            "closed",
            "/countersign recheck",
            "User",
            "refs/heads/main",
            TRIGGER,
            HEAD
        ])
        .prop_map(Value::from),
        "\\PC{0,20}".prop_map(Value::from),
    ];
    let name =
        || prop::sample::select(vec!["action", "pull_request", "number", "ref", "comment", "inputs", "pull", "x"]);
    leaf.prop_recursive(4, 40, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map(name().prop_map(str::to_owned), inner, 0..6)
                .prop_map(|members| Value::from(serde_json::Map::from_iter(members))),
        ]
    })
}

/// Payloads that ask for something, so that a single change to them matters.
fn asking() -> Vec<(&'static str, Value)> {
    let queue = format!("gh-readonly-queue/main/pr-1-{HEAD}");
    vec![
        ("pull_request_target", example("pull_request", "api.github.com/22")),
        ("pull_request_target", example("pull_request", "api.github.com/3")),
        ("issue_comment", comment(&[])),
        ("workflow_run", triggered("pull_request_review", &[])),
        ("workflow_run", triggered("merge_group", &[("workflow_run.head_branch", json!(queue))])),
        ("push", push(&[])),
        ("workflow_dispatch", dispatch(&[("inputs", json!({"pull": "12"}))])),
    ]
}

/// Every value in a tree, each with the way there.
fn places(value: &Value, here: &str, found: &mut Vec<String>) {
    found.push(here.to_owned());
    match value {
        Value::Object(members) => {
            members.iter().for_each(|(name, value)| places(value, &format!("{here}/{name}"), found))
        }
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(at, value)| places(value, &format!("{here}/{at}"), found));
        }
        _ => {}
    }
}

/// The properties of every answer.
fn sound(name: &str, result: &Result<Work, Error>) {
    let oid = |text: &str| {
        matches!(text.len(), 40 | 64) && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
    };
    let branch = |text: &str| !text.is_empty() && !text.contains(|char: char| char.is_control() || char == ' ');
    let trusted = EVENTS.iter().any(|event| event.name == name);
    assert_eq!(result.as_ref().is_err_and(|error| error.help.starts_with("trigger the workflow")), !trusted, "{name}");
    match result {
        Ok(Work::Pull(trigger)) => {
            assert!(["pull_request_target", "workflow_dispatch"].contains(&name) && trigger.number > 0);
            assert!(trigger.superseded.as_deref().is_none_or(oid) && trigger.old_base.as_deref().is_none_or(branch));
            assert!(!matches!(&trigger.closed, Some(Closed::Unmerged { head }) if !oid(head)));
        }
        Ok(Work::Head { sha, .. }) => assert!(name == "workflow_run" && oid(sha)),
        Ok(Work::Queue { base, head }) => assert!(name == "workflow_run" && branch(base) && oid(head)),
        Ok(Work::Base { branch: base, before, after }) => {
            assert!(name == "push" && branch(base) && oid(after) && before.as_deref().is_none_or(oid));
        }
        Ok(Work::Command { pull, comment, .. }) => assert!(name == "issue_comment" && *pull > 0 && *comment > 0),
        Ok(Work::Sweep) => assert!(["schedule", "workflow_dispatch"].contains(&name)),
        Ok(Work::Nothing(why)) => assert!(!why.is_empty() && !why.contains(char::is_control), "{why:?}"),
        Err(error) => assert!(!error.to_string().contains(char::is_control), "{error:?}"),
    }
}

fn names() -> impl Strategy<Value = String> {
    let mut known: Vec<String> = EVENTS.iter().map(|event| event.name.to_owned()).collect();
    known.extend(["pull_request", "pull_request_review", "merge_group", "create", ""].map(str::to_owned));
    prop_oneof![9 => prop::sample::select(known), 1 => any::<String>()]
}

proptest! {
    #[test]
    fn any_json_under_any_name(name in names(), payload in any_json()) {
        sound(&name, &work(&name, &payload));
    }

    #[test]
    fn any_change_to_a_real_payload(
        which in 0..7_usize, at in any::<prop::sample::Index>(), name in names(), value in any_json(),
    ) {
        let (event, mut payload) = asking().swap_remove(which);
        let mut ways = Vec::new();
        places(&payload, "", &mut ways);
        *payload.pointer_mut(at.get::<String>(&ways)).unwrap() = value;
        sound(event, &work(event, &payload));
        sound(&name, &work(&name, &payload));
    }

    #[test]
    fn any_comment(body in any::<String>(), rest in "[ \\PC]{0,40}") {
        for body in [body, format!("/countersign{rest}"), format!("/countersign {rest}"), format!("/countersign override one {} {rest}", "12345678".repeat(4))] {
            match parse(&body) {
                None => prop_assert!(!body.split(char::is_whitespace).next().unwrap().eq_ignore_ascii_case("/countersign")),
                Some(Ok(Command::Override { flag, digest, reason, .. })) => {
                    prop_assert!((32..=64).contains(&digest.len()) && !flag.is_empty() && !reason.trim().is_empty());
                }
                Some(Ok(_)) => {}
                Some(Err(error)) => prop_assert!(!error.to_string().contains(char::is_control), "{error:?}"),
            }
        }
    }
}

#[test]
fn every_asking_payload_is_answered() {
    for (event, payload) in asking() {
        let answer = work(event, &payload);
        assert!(!matches!(answer, Err(_) | Ok(Work::Nothing(_) | Work::Sweep)), "{event}: {answer:?}");
    }
}

// ---- commands
