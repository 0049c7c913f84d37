//! The door: who comes in, with what, and what they get. Faults, credentials, the judge before and after, the log.

use serde_json::{Value, json};

use super::faults::What;
use super::server::{Answer, Call};
use super::world::{Request, World};
use super::{description, graphql, rest};

/// Answers one request.
pub fn enter(world: &mut World, call: &Call) -> Answer {
    world.sync("");
    let (path, is_query) = address(&call.path);
    let body: Value =
        if call.text.is_empty() { Value::Null } else { serde_json::from_str(&call.text).unwrap_or(json!(call.text)) };
    let query = is_query.then(|| graphql::name(&body));
    let bearer = call.headers.get("authorization").and_then(|it| it.split_once(' ')).map_or("", |(_, secret)| secret);
    let token = world.tokens.iter().position(|it| it.secret == bearer);

    deferred(world, call, &body);
    let fault = world.meet(&call.method, &call.path, query.as_deref());
    let mut answer = match (fault, token) {
        (Some(what), _) if !what.takes_effect() => what.spoil(Answer::error(500, ""), world.now),
        (_, None) if bearer.is_empty() => Answer::error(401, "Requires authentication"),
        (_, None) => Answer::error(401, "Bad credentials"),
        (_, Some(token)) => {
            world.tokens[token].used += 1;
            let right = if world.tokens[token].used > world.tokens[token].limit {
                Answer::error(403, "API rate limit exceeded for installation.")
            } else if is_query {
                graphql::answer(world, token, call, &body)
            } else {
                rest(world, token, call, path, &body)
            };
            if let Some(what) = fault { what.spoil(right, world.now) } else { right }
        }
    };
    if let Some(What::Echo(status)) = fault {
        let sent = call.headers.get("authorization").map_or("", String::as_str);
        let basic = countersign::git::Token::new(bearer).map(|token| token.basic()).unwrap_or_default();
        let said = format!("Bad header: authorization: {sent}; token {bearer}; {basic}");
        answer = match status {
            200 => Answer::json(200, &json!({"errors": [{"type": "STRANGE", "message": said}]})),
            _ => Answer::error(status, &said),
        };
    }
    for (name, value) in limits(world, token, is_query) {
        if !answer.headers.iter().any(|(known, _)| *known == name) {
            answer = answer.with(name, value);
        }
    }
    let whole = if call.raw_query.is_empty() { call.path.clone() } else { format!("{}?{}", call.path, call.raw_query) };

    world.log.push(Request { method: call.method.clone(), path: whole, query, body });
    let name = world.log.last().and_then(|it| it.query.clone());
    world.happen_after(&call.method, &call.path, name.as_deref());
    answer
}

/// The path as the description has it, and whether it is GraphQL's. An Enterprise Server has both under `/api`.
fn address(path: &str) -> (&str, bool) {
    match path {
        "/graphql" | "/api/graphql" => (path, true),
        _ => (path.strip_prefix("/api/v3").unwrap_or(path), false),
    }
}

/// The rules of GitHub for every request, and our own for ours.
fn deferred(world: &mut World, call: &Call, body: &Value) {
    let place = format!("{} {}", call.method, call.path);
    for name in ["authorization", "user-agent", "accept"] {
        if call.headers.get(name).is_none_or(String::is_empty) {
            world.violation(format!("{place}: the header `{name}` is missing"));
        }
    }
    if !body.is_null() && !call.headers.get("content-type").is_some_and(|it| it.starts_with("application/json")) {
        world.violation(format!("{place}: the body is not called `application/json`"));
    }
    if call.headers.get("x-github-api-version").is_some_and(|it| it != "2022-11-28") {
        world.violation(format!("{place}: no such version of the interface"));
    }
    let leaks = world.tokens.iter().any(|it| call.text.contains(&it.secret) || call.path.contains(&it.secret));
    if leaks || world.tokens.iter().any(|it| call.raw_query.contains(&it.secret)) {
        world.violation(format!("{place}: a token is in the body or the address"));
    }
}

fn rest(world: &mut World, token: usize, call: &Call, path: &str, body: &Value) -> Answer {
    let place = format!("{} {path}", call.method);
    let Some(matched) = description::find(path) else {
        world.violation(format!("{place}: the description has no such path"));
        return Answer::error(404, "Not Found");
    };
    let Some(operation) = description::operation(matched.template, &call.method) else {
        world.violation(format!("{place}: the description has no such method there"));
        return Answer::error(404, "Not Found");
    };
    let place = format!("{} {}", call.method, matched.template);
    let wrong = description::wrong_request(operation, &place, &matched.params, &call.query, body);
    if !wrong.is_empty() {
        let message = format!("Invalid request.\n\n{}", wrong.join("\n"));
        world.violations.extend(wrong);
        return Answer::error(422, &message);
    }
    let request = rest::RestRequest { token, call, params: matched.params, body };
    let reply = rest::answer(world, matched.template, &request);
    if reply.kind.starts_with("application/json") {
        let said = if reply.body.is_empty() { Value::Null } else { serde_json::from_slice(&reply.body).unwrap() };
        let wrong = description::wrong_reply(operation, &place, reply.status, &said);
        world.violations.extend(wrong.into_iter().map(|it| format!("our own answer: {it}")));
    }
    reply
}

fn limits(world: &World, token: Option<usize>, is_query: bool) -> Vec<(&'static str, String)> {
    let (limit, used) = token.map_or((60, 0), |token| (world.tokens[token].limit, world.tokens[token].used));
    let reset = world.now.unsigned_abs() / 3_600 * 3_600 + 3_600;
    vec![
        ("x-ratelimit-limit", limit.to_string()),
        ("x-ratelimit-remaining", limit.saturating_sub(used).to_string()),
        ("x-ratelimit-used", used.to_string()),
        ("x-ratelimit-reset", reset.to_string()),
        ("x-ratelimit-resource", if is_query { "graphql" } else { "core" }.to_owned()),
        ("x-github-request-id", format!("FAKE:{}", world.log.len())),
    ]
}
