//! REST shapes of what the world holds. The long ones start as GitHub's own example and say what is true here.

use std::sync::LazyLock;

use serde_json::{Value, json};

use super::people::Account;
use super::pulls::{Pull, RequestedReviewer};
use super::world::{Comment, Status, World, iso, overlay};

static REPLIES: LazyLock<Value> =
    LazyLock::new(|| serde_json::from_str(include_str!("../data/replies-23.0.2.json")).unwrap());

/// GitHub's example of a reply, about this repository.
pub fn template(world: &World, name: &str) -> Value {
    let text = REPLIES[name].to_string();
    let name = world.full_name();
    serde_json::from_str(&text.replace("octocat/Hello-World", &name).replace("github/hello-world", &name)).unwrap()
}

pub fn api(world: &World, rest: &str) -> String {
    format!("https://api.github.com/repos/{}{rest}", world.full_name())
}

pub fn web(world: &World, rest: &str) -> String {
    format!("https://github.com/{}{rest}", world.full_name())
}

/// An account, or null where it is deleted.
pub fn user_json(world: &World, login: &str) -> Value {
    world.present(login).map_or(Value::Null, account_json)
}

pub fn account_json(account: &Account) -> Value {
    let (login, id) = (&account.login, account.id);
    let escaped = login.replace('[', "%5B").replace(']', "%5D");
    let url = format!("https://api.github.com/users/{escaped}");
    json!({
        "login": login, "id": id, "node_id": format!("U_{login}"), "gravatar_id": "", "url": url,
        "avatar_url": format!("https://avatars.githubusercontent.com/u/{id}?v=4"),
        "html_url": format!("https://github.com/{}", escaped), "type": account.kind.name(), "site_admin": false,
        "followers_url": format!("{url}/followers"), "following_url": format!("{url}/following{{/other_user}}"),
        "gists_url": format!("{url}/gists{{/gist_id}}"), "starred_url": format!("{url}/starred{{/owner}}{{/repo}}"),
        "subscriptions_url": format!("{url}/subscriptions"), "organizations_url": format!("{url}/orgs"),
        "repos_url": format!("{url}/repos"), "events_url": format!("{url}/events{{/privacy}}"),
        "received_events_url": format!("{url}/received_events"),
    })
}

pub fn status_json(world: &World, status: &Status) -> Value {
    json!({
        "url": api(world, &format!("/statuses/{}", status.sha)), "avatar_url": null, "id": status.id,
        "node_id": format!("SC_{}", status.id), "state": status.state, "description": status.description,
        "target_url": status.target_url, "context": status.context, "created_at": iso(status.at),
        "updated_at": iso(status.at), "creator": user_json(world, &status.creator),
    })
}

pub fn comment_json(world: &World, comment: &Comment) -> Value {
    let (id, number) = (comment.id, comment.number);
    json!({
        "id": id, "node_id": format!("IC_{id}"), "url": api(world, &format!("/issues/comments/{id}")),
        "html_url": web(world, &format!("/pull/{number}#issuecomment-{id}")), "body": comment.body,
        "issue_url": api(world, &format!("/issues/{number}")), "user": user_json(world, &comment.author),
        "created_at": iso(comment.created), "updated_at": iso(comment.updated),
        "author_association": world.accounts[&comment.author].association, "performed_via_github_app": null,
    })
}

pub fn repository_json(world: &World) -> Value {
    let mut repository = template(world, "repository");
    let over = json!({
        "id": world.id, "name": world.repo, "full_name": world.full_name(), "private": world.private,
        "owner": user_json(world, &world.owner), "default_branch": "main", "fork": false,
        "visibility": if world.private { "private" } else { "public" },
        "html_url": web(world, ""), "url": api(world, ""), "language": null,
    });
    overlay(&mut repository, over);
    // The example is of a fork of a template; this one stands alone.
    for key in ["parent", "source", "template_repository"] {
        repository.as_object_mut().unwrap().remove(key);
    }
    if let Some(over) = world.settings.get("repository") {
        overlay(&mut repository, over.clone());
    }
    repository
}

pub fn pull_json(world: &World, number: u64) -> Value {
    let pull = &world.pulls[&number];
    let side = |repo: Option<&str>, branch: &str, sha: &str| {
        let owner = repo.and_then(|it| it.split('/').next());
        json!({
            "label": format!("{}:{branch}", owner.unwrap_or("unknown")), "ref": branch, "sha": sha,
            "user": owner.map_or(Value::Null, |owner| user_json(world, owner)),
            "repo": repo.map(|repo| {
                let mut whole = repository_json(world);
                whole["fork"] = json!(repo != world.full_name());
                (whole["full_name"], whole["owner"]) = (json!(repo), user_json(world, owner.unwrap_or(&world.owner)));
                whole
            }),
        })
    };
    let mut made = template(world, "pull");
    let users = |requested: &RequestedReviewer| {
        if let RequestedReviewer::User(login) = requested { Some(user_json(world, login)) } else { None }
    };
    let teams = |requested: &RequestedReviewer| {
        if let RequestedReviewer::Team(slug) = requested { Some(team_json(world, slug)) } else { None }
    };
    for (key, value) in [
        ("id", json!(pull.id)),
        ("node_id", json!(format!("PR_{number}"))),
        ("number", json!(number)),
        ("title", json!(pull.title)),
        ("url", json!(api(world, &format!("/pulls/{number}")))),
        ("html_url", json!(web(world, &format!("/pull/{number}")))),
        ("state", json!(if pull.state == "OPEN" { "open" } else { "closed" })),
        ("draft", json!(pull.draft)),
        ("user", user_json(world, &pull.author)),
        ("created_at", json!(iso(pull.created))),
        ("updated_at", json!(iso(pull.updated))),
        ("closed_at", json!(pull.closed.map(iso))),
        ("merged_at", json!(pull.merged.as_ref().map(|it| iso(it.0)))),
        ("merge_commit_sha", json!(pull.merged.as_ref().map(|it| &it.2))),
        ("requested_reviewers", pull.requested.iter().filter_map(users).collect()),
        ("requested_teams", pull.requested.iter().filter_map(teams).collect()),
        ("labels", json!([])),
        ("assignee", json!(null)),
        ("assignees", json!([])),
        ("milestone", json!(null)),
        ("author_association", json!(world.accounts[&pull.author].association)),
        ("auto_merge", json!(null)),
        ("base", side(Some(&world.full_name()), &pull.base, &pull.base_oid)),
        ("head", side(pull.head_repo.as_deref(), &pull.head, &pull.head_oid)),
    ] {
        made[key] = value;
    }
    made
}

pub fn team_json(world: &World, slug: &str) -> Value {
    let team = &world.teams[slug];
    let mut made = template(world, "team");
    let owner = &world.owner;
    for (key, value) in [
        ("id", json!(team.id)),
        ("node_id", json!(format!("T_{slug}"))),
        ("name", json!(slug)),
        ("slug", json!(slug)),
        ("type", json!("organization")),
        ("organization_id", json!(world.accounts[owner].id)),
        ("privacy", json!(if team.secret { "secret" } else { "closed" })),
        ("html_url", json!(format!("https://github.com/orgs/{owner}/teams/{slug}"))),
        ("members_count", json!(world.team_members(slug).len())),
    ] {
        made[key] = value;
    }
    if let Some(organization) = made.get_mut("organization") {
        (organization["login"], organization["archived_at"]) = (json!(owner), json!(null));
    }
    made
}

/// Pull requests a commit belongs to. Those of forks are not found this way, as on GitHub more often than not.
pub fn pulls_with(world: &World, sha: &str) -> Vec<u64> {
    let here = world.full_name();
    // The commit of its merge is of the pull request too, wherever it came from.
    let merged = |pull: &Pull| {
        pull.merged.as_ref().is_some_and(|(_, _, commit)| commit == sha)
            || world.rebased.iter().any(|(commit, number)| commit == sha && *number == pull.number)
    };
    let own = |pull: &Pull| pull.head_repo.as_deref() == Some(&*here);
    let with = |pull: &&Pull| merged(pull) || own(pull) && world.commits_of(pull.number).iter().any(|it| it == sha);
    world.pulls.values().filter(with).map(|pull| pull.number).collect()
}

/// The state of all contexts together, as GraphQL spells it.
pub fn worst<'a>(states: impl Iterator<Item = &'a str>) -> String {
    const ORDER: [&str; 4] = ["success", "pending", "failure", "error"];
    let worst = states.filter_map(|state| ORDER.iter().position(|it| *it == state)).max();
    worst.map_or("PENDING", |at| ["SUCCESS", "PENDING", "FAILURE", "ERROR"][at]).to_owned()
}

impl World {
    /// The commits of a pull request, oldest first.
    pub fn commits_of(&self, number: u64) -> Vec<String> {
        let pull = &self.pulls[&number];
        let tip = self.origin.tip(&pull.base).unwrap_or_else(|| pull.base_oid.clone());
        // A merged commit is in the base: look at it from where the base was.
        let base = if pull.state == "MERGED" { &pull.base_oid } else { &tip };
        self.origin.between(base, &pull.head_oid)
    }
}
