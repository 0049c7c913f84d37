//! The fake GitHub of the tests, tested: it catches what it is there to catch, its own mistakes included.

use std::io::{Read, Write};
use std::net::TcpStream;

use crate::github::fake::{Change, Event, Fake, Fault, What};
use serde_json::{Value, json};

/// A repository with one open pull request of `ada`, which `bob` may approve.
fn shop() -> (Fake, u64) {
    let fake = Fake::start();
    let mut world = fake.world();
    world.member("ada", "write");
    world.member("bob", "maintain");
    world.user("eve");
    world.team("payments", &["bob"]);
    world.commit("main", "ada", &[("flags/a.yaml", Some("key: a\n"))]);
    world.commit("change", "ada", &[("flags/a.yaml", Some("key: b\n"))]);
    let number = world.open("ada", "main", "change");
    drop(world);
    (fake, number)
}

/// One request as the workflow's token; status, headers and body of the answer. No status if the connection broke.
fn raw(fake: &Fake, method: &str, path: &str, body: &Value) -> (u16, String, String) {
    let url = if path == "/graphql" { fake.graphql_url() } else { fake.api_url() + path };
    let (host, path) = url.strip_prefix("http://").unwrap().split_once('/').unwrap();
    let mut stream = TcpStream::connect(host).unwrap();
    let text = if body.is_null() { String::new() } else { body.to_string() };
    let kind = if body.is_null() { "" } else { "content-type: application/json\r\n" };
    let head = format!(
        "{method} /{path} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\nauthorization: Bearer {}\r\n\
         user-agent: test\r\naccept: application/vnd.github+json\r\n{kind}content-length: {}\r\n\r\n{text}",
        fake.secret("actions"),
        text.len()
    );
    stream.write_all(head.as_bytes()).unwrap();
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer);
    let answer = String::from_utf8(answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap_or_default();
    let status = head.split(' ').nth(1).and_then(|it| it.parse().ok()).unwrap_or(0);
    (status, head.to_owned(), body.to_owned())
}

fn rest(fake: &Fake, method: &str, path: &str, body: &Value) -> (u16, Value) {
    let (status, _, body) = raw(fake, method, path, body);
    (status, serde_json::from_str(&body).unwrap_or(Value::Null))
}

fn get(fake: &Fake, path: &str) -> (u16, Value) {
    rest(fake, "GET", path, &Value::Null)
}

fn query(fake: &Fake, query: &str, variables: &Value) -> Value {
    rest(fake, "POST", "/graphql", &json!({"query": query, "variables": variables})).1
}

/// Exactly one thing was wrong, and it is this.
fn caught(fake: &Fake, part: &str) {
    let wrong = fake.violations();
    assert!(wrong.len() == 1 && wrong[0].contains(part), "{wrong:#?}");
}

#[test]
fn a_wrong_request_is_caught() {
    let (fake, number) = shop();
    let sha = fake.world().pulls[&number].head_oid.clone();
    let status = format!("/repos/acme/shop/statuses/{sha}");
    let cases: &[(&str, &str, Value, &str)] = &[
        ("POST", &status, json!({"state": "good"}), "\"good\" is not one of"),
        ("POST", &status, json!({"context": "x"}), "\"state\" is a required property"),
        ("POST", &status, json!({"state": "success", "desciption": "x"}), "'desciption' was unexpected"),
        ("GET", "/repos/acme/shop/issues/1/comments?per_page=ten", Value::Null, "is not of type \"integer\""),
        ("GET", "/repos/acme/shop/issues/1/comments?page_size=10", Value::Null, "no query parameter `page_size`"),
        ("GET", "/repos/acme/shop/collaborators", Value::Null, "no such path"),
        ("PUT", &status, Value::Null, "no such method"),
    ];
    for (method, path, body, wrong) in cases {
        let (status, answer) = rest(&fake, method, path, body);
        assert!((400..500).contains(&status), "{method} {path}: {status} {answer}");
        caught(&fake, wrong);
    }
    let long = json!({"state": "success", "description": "x".repeat(141)});
    assert_eq!(rest(&fake, "POST", &status, &long).0, 422);
    assert_eq!(fake.world().statuses.len(), 0);
    let secret = fake.secret("actions");
    rest(&fake, "POST", "/repos/acme/shop/issues/1/comments", &json!({"body": secret}));
    caught(&fake, "a token is in the body");
}

#[test]
fn a_wrong_query_is_caught() {
    let (fake, _) = shop();
    let inside = |it: &str| format!("query Q {{ repository(owner: \"acme\", name: \"shop\") {{ {it} }} }}");
    let cases = [
        ("colour", "`colour`"),
        ("pullRequest(number: 1) { commits { totalCount } }", "must have `first` or `last`"),
        ("pullRequests(first: 101) { totalCount }", "1 to 100 are allowed"),
        (
            "pullRequests(first: 100) { nodes { reviews(first: 100) { nodes { onBehalfOf(first: 51) { totalCount } } } } }",
            "520100 nodes",
        ),
        // In the schema, but nobody wrote an answer.
        ("stargazerCount", "the fake has no answer for `Repository.stargazerCount`"),
    ];
    for (wrong, part) in cases {
        let answer = query(&fake, &inside(wrong), &json!({}));
        assert!(answer["errors"].is_array(), "{answer}");
        caught(&fake, part);
    }
    query(&fake, &inside("name"), &json!({"stray": 1}));
    caught(&fake, "`stray` is declared nowhere");
}

#[test]
fn a_wrong_answer_of_our_own_is_caught() {
    let (fake, _) = shop();
    fake.world().setting("workflow", json!({"default_workflow_permissions": "all"}));
    fake.world().token_mut("actions").may.insert("administration:read".to_owned());
    get(&fake, "/repos/acme/shop/actions/permissions/workflow");
    let wrong = fake.violations();
    assert!(wrong.iter().all(|it| it.starts_with("our own answer: GET")), "{wrong:#?}");
    assert!(wrong.iter().any(|it| it.contains("\"all\" is not one of")), "{wrong:#?}");
}

#[test]
#[should_panic(expected = "no such path")]
fn what_was_wrong_fails_the_test() {
    let (fake, _) = shop();
    get(&fake, "/nowhere");
}

#[test]
#[should_panic(expected = "a fault never happened")]
fn a_fault_that_never_happens_fails_the_test() {
    let (fake, _) = shop();
    fake.world().fault(Fault::rest("POST", "/statuses/", What::BadGateway));
}

#[test]
fn a_thousand_statuses_are_the_end() {
    let (fake, number) = shop();
    let sha = fake.world().pulls[&number].head_oid.clone();
    for _ in 0..999 {
        assert!(fake.world().status("github-actions[bot]", &sha, "x", "pending", None));
    }
    let post = |context: &str| {
        let body = json!({"state": "success", "context": context, "description": "ok"});
        rest(&fake, "POST", &format!("/repos/acme/shop/statuses/{sha}"), &body)
    };
    assert_eq!(post("x").0, 201);
    let (status, answer) = post("x");
    assert_eq!((status, &answer["errors"][0]["code"]), (422, &json!("custom")));
    assert_eq!(post("y").0, 201);
    assert_eq!(fake.world().shown(&sha, "x"), Some(("success", "ok")));
    let (_, combined) = get(&fake, "/repos/acme/shop/commits/change/status");
    assert_eq!((&combined["state"], &combined["total_count"]), (&json!("success"), &json!(2)));
}

#[test]
fn lists_come_in_pages() {
    let (fake, number) = shop();
    for at in 0..5 {
        fake.world().comment(number, "eve", &format!("{at}"));
    }
    fake.world().page = 2;
    let text =
        "query C($n: Int!, $after: String) { repository(owner: \"acme\", name: \"shop\") { pullRequest(number: $n) {
        comments(first: 100, after: $after) { totalCount pageInfo { hasNextPage endCursor } nodes { body } } } } }";
    let (mut after, mut seen) = (Value::Null, String::new());
    loop {
        let answer = query(&fake, text, &json!({"n": number, "after": after}));
        let page = &answer["data"]["repository"]["pullRequest"]["comments"];
        assert_eq!(page["totalCount"], 5, "{answer}");
        page["nodes"].as_array().unwrap().iter().for_each(|it| seen += it["body"].as_str().unwrap());
        if page["pageInfo"]["hasNextPage"] == false {
            break;
        }
        after = page["pageInfo"]["endCursor"].clone();
    }
    let mut path = format!("/repos/acme/shop/issues/{number}/comments?per_page=50");
    loop {
        let (_, head, body) = raw(&fake, "GET", &path, &Value::Null);
        let page: Value = serde_json::from_str(&body).unwrap();
        page.as_array().unwrap().iter().for_each(|it| seen += it["body"].as_str().unwrap());
        let Some((_, link)) = head.split_once("link: <") else { break };
        path = link.split_once('>').unwrap().0.strip_prefix(&fake.api_url()).unwrap().to_owned();
    }
    assert_eq!(seen, "0123401234");
}

#[test]
fn every_path_is_answered_as_described() {
    let (mut fake, number) = shop();
    fake.enterprise();
    let mut world = fake.world();
    world.setting(
        "environments",
        json!([{
            "id": 1, "node_id": "x", "name": "countersign", "url": "https://x", "html_url": "https://x",
            "created_at": "2026-01-01T00:00:00Z", "updated_at": "2026-01-01T00:00:00Z",
            "deployment_branch_policy": {"protected_branches": false, "custom_branch_policies": true},
        }]),
    );
    world.setting("branch_policies/countersign", json!([{"id": 1, "node_id": "x", "name": "main", "type": "branch"}]));
    world.setting(
        "rulesets",
        json!([{
            "id": 7, "name": "gate", "source": "acme/shop", "source_type": "Repository", "enforcement": "active",
            "rules": [{"type": "deletion"}], "bypass_actors": [],
        }]),
    );
    world.setting("branch_rules/main", json!([{
        "type": "required_status_checks", "ruleset_source_type": "Repository", "ruleset_source": "acme/shop", "ruleset_id": 7,
        "parameters": {
            "strict_required_status_checks_policy": false,
            "required_status_checks": [{"context": "countersign/main", "integration_id": 15368}],
        },
    }]));
    world.setting(
        "protection/release/1",
        json!({"url": "https://x", "enforce_admins": {"url": "https://x", "enabled": true}}),
    );
    for right in ["administration:read", "members:read"] {
        world.token_mut("actions").may.insert(right.to_owned());
    }
    let sha = world.pulls[&number].head_oid.clone();
    let comment = world.comment(number, "eve", "/countersign");
    drop(world);
    let repo = "/repos/acme/shop";
    let reads = [
        "/rate_limit",
        "",
        "/activity?ref=refs/heads/main",
        "/actions/permissions",
        "/actions/permissions/workflow",
        "/branches/main",
        "/branches/release%2F1/protection",
        "/collaborators/bob/permission",
        &format!("/commits/{sha}/pulls"),
        &format!("/commits/{sha}/status"),
        "/commits/change/statuses",
        "/contents/flags/a.yaml?ref=change",
        "/contents/flags",
        "/environments",
        "/environments/countersign",
        "/environments/countersign/deployment-branch-policies",
        &format!("/issues/comments/{comment}"),
        "/issues/1/comments",
        "/rules/branches/main",
        "/rulesets",
        "/rulesets/7",
        "/orgs/acme/teams/payments",
        "/orgs/acme/teams/payments/members",
        "/orgs/acme/teams/payments/memberships/bob",
    ];
    for path in reads {
        let whole =
            if path == "/rate_limit" || path.starts_with("/orgs") { path.to_owned() } else { format!("{repo}{path}") };
        let (status, answer) = get(&fake, &whole);
        assert_eq!(status, 200, "{whole}: {answer}");
    }
    let run = json!({"name": "countersign", "head_sha": sha, "conclusion": "success", "output": {"title": "t", "summary": "s"}});
    let (_, made) = rest(&fake, "POST", &format!("{repo}/check-runs"), &run);
    let writes = [
        ("PATCH", format!("/check-runs/{}", made["id"]), json!({"conclusion": "failure"}), 200),
        ("POST", "/issues".to_owned(), json!({"title": "merged without approval", "body": "x"}), 201),
        ("POST", "/issues/1/comments".to_owned(), json!({"body": "hello"}), 201),
        ("PATCH", format!("/issues/comments/{comment}"), json!({"body": "changed"}), 200),
        ("POST", format!("/issues/comments/{comment}/reactions"), json!({"content": "eyes"}), 201),
        ("POST", format!("/issues/comments/{comment}/reactions"), json!({"content": "eyes"}), 200),
        ("DELETE", format!("/issues/comments/{comment}"), Value::Null, 204),
        (
            "POST",
            "/pulls/1/requested_reviewers".to_owned(),
            json!({"reviewers": ["bob"], "team_reviewers": ["payments"]}),
            201,
        ),
        ("DELETE", "/pulls/1/requested_reviewers".to_owned(), json!({"reviewers": ["bob"]}), 200),
        // All or nothing.
        ("POST", "/pulls/1/requested_reviewers".to_owned(), json!({"reviewers": ["bob", "eve"]}), 422),
        ("POST", "/pulls/1/requested_reviewers".to_owned(), json!({"reviewers": ["ada"]}), 422),
    ];
    for (method, path, body, expected) in writes {
        let (status, answer) = rest(&fake, method, &format!("{repo}{path}"), &body);
        assert_eq!(status, expected, "{method} {path}: {answer}");
    }
    let (status, permission) = get(&fake, "/repos/acme/shop/collaborators/bob/permission");
    assert_eq!(
        (status, &permission["permission"], &permission["role_name"]),
        (200, &json!("write"), &json!("maintain"))
    );
    let missing = [
        "/repos/acme/other",
        "/repos/acme/shop/collaborators/github-actions%5Bbot%5D/permission",
        "/orgs/acme/teams/payments/memberships/eve",
        "/repos/acme/shop/branches/none",
    ];
    for path in missing {
        assert_eq!(get(&fake, path).0, 404, "{path}");
    }
}

#[test]
fn rights_are_needed() {
    let (fake, _) = shop();
    assert_eq!(get(&fake, "/repos/acme/shop/branches/main/protection").0, 403);
    assert_eq!(get(&fake, "/orgs/acme/teams/payments/memberships/bob").0, 404);
    fake.world().token_mut("actions").may.clear();
    assert_eq!(rest(&fake, "POST", "/repos/acme/shop/issues/1/comments", &json!({"body": "x"})).0, 403);
    fake.world().token_mut("actions").secret = "ghs_other".to_owned();
    let before = fake.requests().len();
    assert_eq!(get(&fake, "/repos/acme/shop").0, 200);
    fake.world().tokens.clear();
    assert_eq!(fake.requests().len(), before + 1);
}

mod stories;
