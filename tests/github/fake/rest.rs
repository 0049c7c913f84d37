//! REST: a table of what is answered, and the answers about statuses, comments, reviewers, checks and issues.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::pulls::RequestedReviewer as Reviewer;
use super::server::{Answer, Call};
use super::shapes::{self, comment_json, pull_json, status_json, user_json};
use super::world::{Comment, World, iso};
use super::{people, repairs, settings};

/// A request the judge let through.
pub struct RestRequest<'a> {
    pub token: usize,
    pub call: &'a Call,
    pub params: BTreeMap<String, String>,
    pub body: &'a Value,
}

impl RestRequest<'_> {
    pub fn param(&self, name: &str) -> &str {
        &self.params[name]
    }

    pub fn number(&self, name: &str) -> u64 {
        self.params[name].parse().unwrap_or(0)
    }

    pub fn text(&self, name: &str) -> Option<&str> {
        self.body[name].as_str()
    }

    pub fn viewer<'w>(&self, world: &'w World) -> &'w str {
        &world.tokens[self.token].viewer
    }
}

type Handler = fn(&mut World, &RestRequest) -> Answer;

/// Method, path of the description, what the token must be allowed, and who answers. Rights whose name ends in `?` are
/// missing as if the thing itself were: 404.
const ROUTES: &[(&str, &str, &str, Handler)] = &[
    ("GET", "/rate_limit", "", settings::rate_limit),
    ("GET", "/repos/{owner}/{repo}", "", settings::repository),
    ("PATCH", "/repos/{owner}/{repo}", "administration:write", repairs::patch_repository),
    ("GET", "/repos/{owner}/{repo}/activity", "contents:read", settings::activity),
    ("GET", "/repos/{owner}/{repo}/actions/permissions", "administration:read", settings::actions),
    ("GET", "/repos/{owner}/{repo}/actions/permissions/workflow", "administration:read", settings::workflow),
    ("PUT", "/repos/{owner}/{repo}/actions/permissions/workflow", "administration:write", repairs::put_workflow),
    ("GET", "/repos/{owner}/{repo}/branches/{branch}", "contents:read", settings::branch),
    ("GET", "/repos/{owner}/{repo}/branches/{branch}/protection", "administration:read", settings::protection),
    ("POST", "/repos/{owner}/{repo}/check-runs", "checks:write", post_check),
    ("PATCH", "/repos/{owner}/{repo}/check-runs/{check_run_id}", "checks:write", patch_check),
    ("GET", "/repos/{owner}/{repo}/collaborators/{username}/permission", "", permission),
    ("GET", "/repos/{owner}/{repo}/commits/{commit_sha}/pulls", "pull-requests:read", pulls_of),
    ("GET", "/repos/{owner}/{repo}/commits/{ref}/status", "statuses:read", combined),
    ("GET", "/repos/{owner}/{repo}/commits/{ref}/statuses", "statuses:read", statuses),
    ("GET", "/repos/{owner}/{repo}/contents/{path}", "contents:read", settings::contents),
    ("GET", "/repos/{owner}/{repo}/environments", "actions:read", settings::environments),
    ("GET", "/repos/{owner}/{repo}/environments/{environment_name}", "actions:read", settings::environment),
    ("PUT", "/repos/{owner}/{repo}/environments/{environment_name}", "administration:write", repairs::put_environment),
    (
        "GET",
        "/repos/{owner}/{repo}/environments/{environment_name}/deployment-branch-policies",
        "actions:read",
        settings::branch_policies,
    ),
    (
        "POST",
        "/repos/{owner}/{repo}/environments/{environment_name}/deployment-branch-policies",
        "administration:write",
        repairs::post_branch_policy,
    ),
    ("POST", "/repos/{owner}/{repo}/issues", "issues:write", post_issue),
    ("GET", "/repos/{owner}/{repo}/issues/comments/{comment_id}", "talk:read", get_comment),
    ("PATCH", "/repos/{owner}/{repo}/issues/comments/{comment_id}", "talk:write", patch_comment),
    ("DELETE", "/repos/{owner}/{repo}/issues/comments/{comment_id}", "talk:write", delete_comment),
    ("POST", "/repos/{owner}/{repo}/issues/comments/{comment_id}/reactions", "talk:write", react),
    ("GET", "/repos/{owner}/{repo}/issues/{issue_number}/comments", "talk:read", comments),
    ("POST", "/repos/{owner}/{repo}/issues/{issue_number}/comments", "talk:write", post_comment),
    ("POST", "/repos/{owner}/{repo}/pulls/{pull_number}/requested_reviewers", "pull-requests:write", ask),
    ("DELETE", "/repos/{owner}/{repo}/pulls/{pull_number}/requested_reviewers", "pull-requests:write", unask),
    ("GET", "/repos/{owner}/{repo}/rules/branches/{branch}", "", settings::branch_rules),
    ("GET", "/repos/{owner}/{repo}/rulesets", "", settings::rulesets),
    ("GET", "/repos/{owner}/{repo}/rulesets/{ruleset_id}", "", settings::ruleset),
    ("POST", "/repos/{owner}/{repo}/rulesets", "administration:write", repairs::post_ruleset),
    ("PUT", "/repos/{owner}/{repo}/rulesets/{ruleset_id}", "administration:write", repairs::put_ruleset),
    ("POST", "/repos/{owner}/{repo}/statuses/{sha}", "statuses:write", post_status),
    ("GET", "/orgs/{org}/teams/{team_slug}", "members:read?", settings::team),
    ("GET", "/orgs/{org}/teams/{team_slug}/members", "members:read?", settings::team_members),
    ("GET", "/orgs/{org}/teams/{team_slug}/memberships/{username}", "members:read?", settings::membership),
];

pub fn answer(world: &mut World, template: &str, request: &RestRequest) -> Answer {
    let Some((.., right, handler)) = ROUTES.iter().find(|it| it.0 == request.call.method && it.1 == template) else {
        world.violation(format!("{} {template}: the fake has no answer", request.call.method));
        return Answer::error(404, "Not Found");
    };
    let here = |name: &str, is: &str| request.params.get(name).is_none_or(|it| it.eq_ignore_ascii_case(is));
    if !here("owner", &world.owner) || !here("repo", &world.repo) || !here("org", &world.owner) {
        return Answer::error(404, "Not Found");
    }
    let token = &world.tokens[request.token];
    let (right, silent) = right.strip_suffix('?').map_or((*right, false), |right| (right, true));
    // Comments of a pull request are an issue's too: either right will do.
    let may = match right.strip_prefix("talk") {
        Some(level) => token.may(&format!("issues{level}")) || token.may(&format!("pull-requests{level}")),
        None => token.may(right) || (!world.private && right.ends_with(":read") && is_public(right)),
    };
    if !may {
        return if silent { Answer::error(404, "Not Found") } else { Answer::error(403, token.refusal()) };
    }
    handler(world, request)
}

fn is_public(right: &str) -> bool {
    ["contents", "statuses", "pull-requests", "actions", "checks"].iter().any(|name| right.starts_with(name))
}

/// One page of a list, with `link` as GitHub has it. `wrap` makes the body of it.
pub fn page(world: &World, request: &RestRequest, all: &[Value], wrap: impl Fn(usize, &[Value]) -> Value) -> Answer {
    let number = |name: &str, default: usize| {
        request.call.query.get(name).and_then(|it| it.parse::<usize>().ok()).filter(|it| *it > 0).unwrap_or(default)
    };
    let (size, at) = (number("per_page", 30).min(100).min(world.page), number("page", 1));
    let from = ((at - 1) * size).min(all.len());
    let answer = Answer::json(200, &wrap(all.len(), &all[from..(from + size).min(all.len())]));
    if from + size >= all.len() {
        return answer;
    }
    let host = request.call.headers.get("host").cloned().unwrap_or_default();
    let others = request.call.query.iter().filter(|(name, _)| *name != "page");
    let kept: String = others.map(|(name, value)| format!("{name}={value}&")).collect();
    answer.with("link", format!("<http://{host}{}?{kept}page={}>; rel=\"next\"", request.call.path, at + 1))
}

fn list(world: &World, request: &RestRequest, all: &[Value]) -> Answer {
    page(world, request, all, |_, some| json!(some))
}

/// 422 with its reason.
pub fn refuse(resource: &str, message: &str) -> Answer {
    let errors = json!([{"resource": resource, "code": "custom", "message": message}]);
    let documentation = "https://docs.github.com/rest";
    Answer::json(
        422,
        &json!({"message": "Validation Failed", "errors": errors, "documentation_url": documentation, "status": "422"}),
    )
}

// ---- statuses and checks ----

fn post_status(world: &mut World, request: &RestRequest) -> Answer {
    let (sha, viewer) = (request.param("sha").to_owned(), request.viewer(world).to_owned());
    if world.origin.read(&sha).is_none() {
        return refuse("Status", &format!("No commit found for SHA: {sha}"));
    }
    let description = request.text("description");
    if description.is_some_and(|it| it.chars().count() > 140) {
        return refuse("Status", "description is too long (maximum is 140 characters)");
    }
    if request.text("target_url").is_some_and(|it| !it.is_empty() && !it.starts_with("http")) {
        return refuse("Status", "target_url must use http(s) scheme");
    }
    let context = request.text("context").unwrap_or("default");
    if !world.status(&viewer, &sha, context, request.text("state").unwrap(), description) {
        return refuse("Status", "This SHA and context has reached the maximum number of statuses.");
    }
    world.statuses.last_mut().unwrap().target_url = request.text("target_url").map(str::to_owned);
    Answer::json(201, &status_json(world, world.statuses.last().unwrap()))
}

fn sha_of(world: &World, reference: &str) -> Option<String> {
    world.origin.resolve(&format!("{reference}^{{commit}}"))
}

fn statuses(world: &mut World, request: &RestRequest) -> Answer {
    let Some(sha) = sha_of(world, request.param("ref")) else { return Answer::error(404, "Not Found") };
    let all: Vec<Value> = world.statuses_of(&sha).iter().rev().map(|it| status_json(world, it)).collect();
    list(world, request, &all)
}

fn combined(world: &mut World, request: &RestRequest) -> Answer {
    let Some(sha) = sha_of(world, request.param("ref")) else { return Answer::error(404, "Not Found") };
    let latest = world.latest(&sha);
    let state = shapes::worst(latest.iter().map(|it| &*it.state)).to_lowercase();
    let state = if state == "error" { "failure".to_owned() } else { state };
    let all: Vec<Value> = latest.iter().map(|it| status_json(world, it)).collect();
    let url = shapes::api(world, &format!("/commits/{sha}"));
    page(world, request, &all, |total, some| {
        json!({
            "state": state, "statuses": some, "sha": sha, "total_count": total, "commit_url": url,
            "url": format!("{url}/status"), "repository": shapes::repository_json(world),
        })
    })
}

fn post_check(world: &mut World, request: &RestRequest) -> Answer {
    let Some(app) = world.tokens[request.token].app else {
        return Answer::error(403, "You must authenticate via a GitHub App.");
    };
    let (id, at) = (world.next(), world.tick());
    let mut run = shapes::template(world, "check_run");
    for (key, value) in [("id", json!(id)), ("started_at", json!(iso(at))), ("pull_requests", json!([]))] {
        run[key] = value;
    }
    run["app"]["id"] = json!(app);
    (run["status"], run["conclusion"], run["completed_at"]) = (json!("queued"), json!(null), json!(null));
    let url = shapes::api(world, &format!("/check-runs/{id}/annotations"));
    run["output"] =
        json!({"title": null, "summary": null, "text": null, "annotations_count": 0, "annotations_url": url});
    fill_check(&mut run, request.body, at);
    world.checks.insert(id, run.clone());
    Answer::json(201, &run)
}

fn patch_check(world: &mut World, request: &RestRequest) -> Answer {
    let at = world.tick();
    let app = world.tokens[request.token].app;
    let Some(run) = world.checks.get_mut(&request.number("check_run_id")) else {
        return Answer::error(404, "Not Found");
    };
    if run["app"]["id"].as_u64() != app {
        return Answer::error(
            403,
            "Invalid app_id `0` - check run can only be modified by the GitHub App that created it.",
        );
    }
    fill_check(run, request.body, at);
    Answer::json(200, &run.clone())
}

fn fill_check(run: &mut Value, body: &Value, at: i64) {
    for key in ["name", "head_sha", "details_url", "external_id", "status", "conclusion"] {
        if let Some(value) = body.get(key) {
            run[key] = value.clone();
        }
    }
    if body.get("conclusion").is_some() {
        (run["status"], run["completed_at"]) = (json!("completed"), json!(iso(at)));
    }
    for key in ["title", "summary", "text"] {
        if let Some(value) = body["output"].get(key) {
            run["output"][key] = value.clone();
        }
    }
    let more = body["output"]["annotations"].as_array().map_or(0, Vec::len) as u64;
    run["output"]["annotations_count"] = json!(run["output"]["annotations_count"].as_u64().unwrap_or(0) + more);
}

// ---- people ----

fn permission(world: &mut World, request: &RestRequest) -> Answer {
    let login = request.param("username");
    let found = world.accounts.values().find(|it| it.login.eq_ignore_ascii_case(login) && !it.gone);
    match found {
        None => Answer::error(404, "Not Found"),
        // Seen with Apps: they have no permission of this kind.
        Some(account) if account.kind != people::Kind::User => {
            Answer::error(404, &format!("{} is not a user", account.login))
        }
        Some(account) => {
            let (role, permission) = world.role(account);
            let mut user = user_json(world, &account.login);
            user["role_name"] = json!(role);
            Answer::json(200, &json!({"permission": permission, "role_name": role, "user": user}))
        }
    }
}

fn pulls_of(world: &mut World, request: &RestRequest) -> Answer {
    let sha = request.param("commit_sha");
    if world.origin.read(sha).is_none() {
        return refuse("Commit", &format!("No commit found for SHA: {sha}"));
    }
    let all: Vec<Value> = shapes::pulls_with(world, sha).into_iter().map(|it| pull_json(world, it)).collect();
    list(world, request, &all)
}

fn reviewers(request: &RestRequest) -> Vec<Reviewer> {
    let names = |key: &str| -> Vec<String> {
        let list = request.body[key].as_array().cloned().unwrap_or_default();
        list.iter().map(|it| it.as_str().unwrap().to_owned()).collect()
    };
    let users = names("reviewers").into_iter().map(Reviewer::User);
    users.chain(names("team_reviewers").into_iter().map(Reviewer::Team)).collect()
}

/// All of them or none.
fn ask(world: &mut World, request: &RestRequest) -> Answer {
    let number = request.number("pull_number");
    if !world.pulls.contains_key(&number) {
        return Answer::error(404, "Not Found");
    }
    let all = reviewers(request);
    for one in &all {
        if let Err(why) = world.may_ask(number, one) {
            let name = world.full_name();
            return Answer::error(
                422,
                &if why.ends_with("the") { format!("{why} {name} repository.") } else { why.to_owned() },
            );
        }
    }
    let at = world.tick();
    let pull = world.pulls.get_mut(&number).unwrap();
    pull.updated = at;
    for one in all {
        if !pull.requested.contains(&one) {
            pull.requested.push(one);
        }
    }
    Answer::json(201, &pull_json(world, number))
}

fn unask(world: &mut World, request: &RestRequest) -> Answer {
    let number = request.number("pull_number");
    if !world.pulls.contains_key(&number) {
        return Answer::error(404, "Not Found");
    }
    let (all, at) = (reviewers(request), world.tick());
    let pull = world.pulls.get_mut(&number).unwrap();
    pull.updated = at;
    pull.requested.retain(|it| !all.contains(it));
    Answer::json(200, &pull_json(world, number))
}

// ---- comments and issues ----

/// GitHub takes no longer text.
const LONGEST: usize = 65_536;

fn too_long(request: &RestRequest) -> Option<Answer> {
    let length = request.text("body").unwrap_or("").chars().count();
    (length > LONGEST).then(|| refuse("IssueComment", "body is too long (maximum is 65536 characters)"))
}

fn comments(world: &mut World, request: &RestRequest) -> Answer {
    let number = request.number("issue_number");
    if !world.pulls.contains_key(&number) && !world.issues.contains_key(&number) {
        return Answer::error(404, "Not Found");
    }
    let since = request.call.query.get("since").cloned().unwrap_or_default();
    let all = world.comments_of(number);
    let all: Vec<Value> = all.iter().filter(|it| iso(it.updated) >= since).map(|it| comment_json(world, it)).collect();
    list(world, request, &all)
}

fn post_comment(world: &mut World, request: &RestRequest) -> Answer {
    let number = request.number("issue_number");
    if !world.pulls.contains_key(&number) && !world.issues.contains_key(&number) {
        return Answer::error(404, "Not Found");
    }
    if let Some(answer) = too_long(request) {
        return answer;
    }
    let viewer = request.viewer(world).to_owned();
    let id = world.comment(number, &viewer, request.text("body").unwrap());
    Answer::json(201, &comment_json(world, &world.comments[&id]))
}

fn one<'w>(world: &'w World, request: &RestRequest) -> Option<&'w Comment> {
    world.comments.get(&request.number("comment_id"))
}

fn get_comment(world: &mut World, request: &RestRequest) -> Answer {
    one(world, request)
        .map_or_else(|| Answer::error(404, "Not Found"), |it| Answer::json(200, &comment_json(world, it)))
}

fn patch_comment(world: &mut World, request: &RestRequest) -> Answer {
    let Some(comment) = one(world, request) else { return Answer::error(404, "Not Found") };
    let (id, viewer) = (comment.id, request.viewer(world).to_owned());
    if let Some(answer) = too_long(request) {
        return answer;
    }
    world.edit_comment(id, &viewer, request.text("body").unwrap());
    Answer::json(200, &comment_json(world, &world.comments[&id]))
}

fn delete_comment(world: &mut World, request: &RestRequest) -> Answer {
    let Some(comment) = one(world, request) else { return Answer::error(404, "Not Found") };
    let id = comment.id;
    world.delete_comment(id);
    Answer::json(204, &Value::Null)
}

fn react(world: &mut World, request: &RestRequest) -> Answer {
    let viewer = request.viewer(world).to_owned();
    let reaction = (viewer.clone(), request.text("content").unwrap().to_owned());
    let (id, at) = (world.next(), world.tick());
    let Some(comment) = world.comments.get_mut(&request.number("comment_id")) else {
        return Answer::error(404, "Not Found");
    };
    let known = comment.reactions.contains(&reaction);
    if !known {
        comment.reactions.push(reaction.clone());
    }
    let user = user_json(world, &viewer);
    let body =
        json!({"id": id, "node_id": format!("REA_{id}"), "user": user, "content": reaction.1, "created_at": iso(at)});
    Answer::json(if known { 200 } else { 201 }, &body)
}

fn post_issue(world: &mut World, request: &RestRequest) -> Answer {
    let number = 1 + world.pulls.keys().chain(world.issues.keys()).max().copied().unwrap_or(0);
    let (id, at, viewer) = (world.next(), world.tick(), request.viewer(world).to_owned());
    let mut issue = shapes::template(world, "issue");
    let title = request.text("title").unwrap_or("").to_owned();
    for (key, value) in [
        ("id", json!(id)),
        ("number", json!(number)),
        ("title", json!(title)),
        ("body", request.body["body"].clone()),
        ("user", user_json(world, &viewer)),
        ("created_at", json!(iso(at))),
        ("updated_at", json!(iso(at))),
        ("labels", json!([])),
        ("assignee", json!(null)),
        ("assignees", json!([])),
        ("milestone", json!(null)),
        ("pull_request", json!(null)),
        ("comments", json!(0)),
    ] {
        issue[key] = value;
    }
    issue.as_object_mut().unwrap().remove("pull_request");
    world.issues.insert(number, issue.clone());
    Answer::json(201, &issue)
}
