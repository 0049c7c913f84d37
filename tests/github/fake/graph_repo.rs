//! GraphQL's roots, the repository, accounts and teams.

use serde_json::{Value, json};

use super::graph::{Exec, Key, Out, Thing, actor};
use super::pulls::RequestedReviewer;
use super::world::{World, iso};

pub fn root(exec: &Exec, kind: &str, field: &str, args: &Value) -> Option<Out> {
    let text = |name: &str| args[name].as_str().unwrap_or("").to_owned();
    if kind == "Mutation" {
        return mutation(exec, field, &args["input"]);
    }
    let world = exec.world();
    match field {
        "viewer" => Out::one(Thing::name("User", world.tokens[exec.token].viewer.clone())),
        "rateLimit" => {
            let token = &world.tokens[exec.token];
            let fields = [
                ("cost", Out::leaf(exec.cost)),
                ("limit", Out::leaf(token.limit)),
                ("used", Out::leaf(token.used)),
                ("remaining", Out::leaf(token.limit.saturating_sub(token.used))),
                ("nodeCount", Out::leaf(exec.nodes)),
                ("resetAt", Out::leaf(iso(world.now / 3_600 * 3_600 + 3_600))),
            ];
            Out::one(Thing::plain("RateLimit", fields))
        }
        "repository" => {
            let same = |name: &str, is: &str| text(name).eq_ignore_ascii_case(is);
            if same("owner", &world.owner) && same("name", &world.repo) {
                return Out::one(Thing::name("Repository", world.full_name()));
            }
            let name = format!("{}/{}", text("owner"), text("name"));
            Some(Out::Refused("NOT_FOUND", format!("Could not resolve to a Repository with the name '{name}'.")))
        }
        "organization" | "user" | "repositoryOwner" => {
            let login = text("login");
            let found = world.accounts.contains_key(&login).then(|| actor(&world, &login)).flatten();
            let fits = |it: &Thing| field == "repositoryOwner" || it.kind.to_lowercase() == field;
            let what = if field == "organization" { "an Organization" } else { "a User" };
            let no = format!("Could not resolve to {what} with the login of '{login}'.");
            Some(found.filter(fits).map_or(Out::Refused("NOT_FOUND", no), |it| Out::One(Some(it))))
        }
        "node" => {
            let no = format!("Could not resolve to a node with the global id of '{}'", text("id"));
            Some(Thing::parse(&world, &text("id")).map_or(Out::Refused("NOT_FOUND", no), |it| Out::One(Some(it))))
        }
        "nodes" => {
            let ids = args["ids"].as_array()?;
            let all: Option<Vec<Thing>> = ids.iter().map(|id| Thing::parse(&world, id.as_str()?)).collect();
            let no = || "Could not resolve to a node with the global id of one of those".to_owned();
            Some(all.map_or_else(|| Out::Refused("NOT_FOUND", no()), Out::Many))
        }
        _ => None,
    }
}

fn mutation(exec: &Exec, field: &str, input: &Value) -> Option<Out> {
    let viewer = exec.viewer();
    let mut world = exec.world();
    let token = &world.tokens[exec.token];
    if !token.may("pull-requests:write") {
        return Some(Out::Refused("FORBIDDEN", token.refusal().to_owned()));
    }
    let text = |name: &str| input[name].as_str().unwrap_or("").to_owned();
    let client = Out::leaf(input["clientMutationId"].clone());
    let id = if field == "minimizeComment" { text("subjectId") } else { text("pullRequestId") };
    let Some(thing) = Thing::parse(&world, &id) else {
        let no = format!("Could not resolve to a node with the global id of '{id}'");
        return Some(Out::Refused("NOT_FOUND", no));
    };
    let by = actor(&world, &viewer);
    match (field, &thing.key) {
        ("minimizeComment", Key::Number(id)) => {
            world.tick();
            world.comments.get_mut(id)?.minimized = Some(text("classifier").to_lowercase());
            let fields = [("minimizedComment", Out::one(thing.clone())), ("clientMutationId", client)];
            Out::one(Thing::plain("MinimizeCommentPayload", fields))
        }
        ("convertPullRequestToDraft", Key::Number(number)) => {
            world.draft(*number, &viewer);
            let fields =
                [("pullRequest", Out::one(thing.clone())), ("clientMutationId", client), ("actor", Out::one(by))];
            Out::one(Thing::plain("ConvertPullRequestToDraftPayload", fields))
        }
        ("requestReviews", Key::Number(number)) => {
            let names = |key: &str| -> Vec<String> {
                let ids = input[key].as_array().cloned().unwrap_or_default();
                ids.iter().filter_map(|id| Some(id.as_str()?.split_once('_')?.1.to_owned())).collect()
            };
            let users = names("userIds").into_iter().map(RequestedReviewer::User);
            let all: Vec<RequestedReviewer> =
                users.chain(names("teamIds").into_iter().map(RequestedReviewer::Team)).collect();
            for one in &all {
                if let Err(why) = world.may_ask(*number, one) {
                    return Some(Out::Refused("UNPROCESSABLE", why.to_owned()));
                }
            }
            world.tick();
            let pull = world.pulls.get_mut(number)?;
            if input["union"] != true {
                pull.requested.clear();
            }
            pull.requested.extend(all);
            let fields =
                [("pullRequest", Out::one(thing.clone())), ("clientMutationId", client), ("actor", Out::one(by))];
            Out::one(Thing::plain("RequestReviewsPayload", fields))
        }
        _ => None,
    }
}

pub fn named(exec: &Exec, kind: &str, name: &str, field: &str, args: &Value) -> Option<Out> {
    let world = exec.world();
    match kind {
        "Repository" => repository(&world, exec, name, field, args),
        "User" | "Bot" | "Mannequin" | "Organization" => account(&world, exec, (kind, name), field, args),
        "Team" => team(&world, name, field, args),
        "MergeQueue" => match field {
            "entries" => {
                let all = world.queues.get(name).into_iter().flatten();
                Some(Out::Page(
                    "MergeQueueEntryConnection",
                    all.map(|it| Thing::number("MergeQueueEntry", it.number)).collect(),
                ))
            }
            "repository" => Out::one(Thing::name("Repository", world.full_name())),
            "url" => Out::leaf(format!("https://github.com/{}/queue/{name}", world.full_name())),
            _ => None,
        },
        _ => None,
    }
}

fn repository(world: &World, exec: &Exec, full: &str, field: &str, args: &Value) -> Option<Out> {
    let (owner, name) = full.split_once('/')?;
    let fork = full != world.full_name();
    let token = &world.tokens[exec.token];
    let may = |right: &str| !world.private || token.may(right);
    let forbidden = || Some(Out::Refused("FORBIDDEN", token.refusal().to_owned()));
    match field {
        "name" => Out::leaf(name),
        "nameWithOwner" => Out::leaf(full),
        "url" => Out::leaf(format!("https://github.com/{full}")),
        "owner" => Out::one(actor(world, owner)),
        "isFork" => Out::leaf(fork),
        "isPrivate" => Out::leaf(world.private),
        "visibility" => Out::leaf(if world.private { "PRIVATE" } else { "PUBLIC" }),
        "isArchived" | "isDisabled" | "isLocked" | "isMirror" | "isTemplate" => Out::leaf(false),
        "isInOrganization" => Out::leaf(!fork),
        _ if fork => None,
        "pullRequest" | "pullRequests" | "mergeQueue" if !may("pull-requests:read") => forbidden(),
        "object" | "ref" | "refs" | "defaultBranchRef" if !may("contents:read") => forbidden(),
        "databaseId" => Out::leaf(world.id),
        "isEmpty" => Out::leaf(world.origin.branches().is_empty()),
        "autoMergeAllowed" | "mergeCommitAllowed" | "squashMergeAllowed" | "rebaseMergeAllowed" => Out::leaf(true),
        "viewerPermission" => {
            let viewer = world.present(&world.tokens[exec.token].viewer)?;
            Out::leaf(viewer.role.as_ref().map_or(json!(null), |(_, base)| json!(base.to_uppercase())))
        }
        "viewerCanAdminister" => Out::leaf(world.tokens[exec.token].may("administration:write")),
        "defaultBranchRef" => Out::one(world.origin.tip("main").map(|_| Thing::name("Ref", "refs/heads/main"))),
        "ref" => {
            let name = args["qualifiedName"].as_str()?;
            let name = if name.starts_with("refs/") { name.to_owned() } else { format!("refs/heads/{name}") };
            Out::one(world.origin.find_ref(&name).map(|_| Thing::name("Ref", name)))
        }
        "refs" => {
            let prefix = args["refPrefix"].as_str()?;
            let all = world.origin.branches().into_iter().map(|(name, _)| format!("refs/heads/{name}"));
            let query = args["query"].as_str().unwrap_or("");
            let all = all.filter(|name| name.strip_prefix(prefix).is_some_and(|rest| rest.contains(query)));
            Some(Out::Page("RefConnection", all.map(|name| Thing::name("Ref", name)).collect()))
        }
        "object" => {
            let wanted = args["oid"].as_str().or_else(|| args["expression"].as_str())?;
            Out::one(world.origin.resolve(wanted).and_then(|oid| super::graph_git::object(world, &oid)))
        }
        "pullRequest" => {
            let number = args["number"].as_u64()?;
            let no = format!("Could not resolve to a PullRequest with the number of {number}.");
            let found = world.pulls.contains_key(&number);
            Some(if found {
                Out::One(Some(Thing::number("PullRequest", number)))
            } else {
                Out::Refused("NOT_FOUND", no)
            })
        }
        "pullRequests" => {
            Some(Out::Page("PullRequestConnection", pulls(world, world.pulls.keys().copied().collect(), args)))
        }
        "mergeQueue" => {
            let branch = args["branch"].as_str().unwrap_or("main");
            Out::one(world.queues.contains_key(branch).then(|| Thing::name("MergeQueue", branch)))
        }
        _ => None,
    }
}

/// Pull requests as `states`, `baseRefName`, `headRefName` and `orderBy` have them.
pub fn pulls(world: &World, mut numbers: Vec<u64>, args: &Value) -> Vec<Thing> {
    let text = |name: &str| args[name].as_str();
    numbers.retain(|number| {
        let pull = &world.pulls[number];
        args["states"].as_array().is_none_or(|it| it.iter().any(|state| state == pull.state))
            && text("baseRefName").is_none_or(|it| it == pull.base)
            && text("headRefName").is_none_or(|it| it == pull.head)
    });
    let order = &args["orderBy"];
    numbers.sort_by_key(|number| match order["field"].as_str() {
        Some("UPDATED_AT") => (world.pulls[number].updated, *number),
        _ => (world.pulls[number].created, *number),
    });
    if order["direction"] == "DESC" {
        numbers.reverse();
    }
    numbers.into_iter().map(|number| Thing::number("PullRequest", number)).collect()
}

fn account(world: &World, exec: &Exec, (kind, login): (&str, &str), field: &str, args: &Value) -> Option<Out> {
    let account = world.accounts.get(login)?;
    // The viewer of an App's token is called a user, and by the full name it has in REST.
    let name = if kind == "User" { &account.login } else { account.graphql_login() };
    match field {
        "login" => Out::leaf(name),
        "databaseId" => Out::leaf(account.id),
        "name" => Out::leaf(json!(null)),
        "url" => Out::leaf(format!("https://github.com/{name}")),
        "resourcePath" => Out::leaf(format!("/{name}")),
        "avatarUrl" => Out::leaf(format!("https://avatars.githubusercontent.com/u/{}?v=4", account.id)),
        "isViewer" => Out::leaf(account.login == exec_viewer(world, exec)),
        "isSiteAdmin" => Out::leaf(false),
        "team" | "teams" if !world.tokens[exec.token].may("members:read") => {
            Some(Out::Refused("FORBIDDEN", world.tokens[exec.token].refusal().to_owned()))
        }
        "team" => {
            let slug = args["slug"].as_str()?;
            Out::one(world.teams.contains_key(slug).then(|| Thing::name("Team", slug)))
        }
        "teams" => {
            let all = world.teams.keys().map(|slug| Thing::name("Team", slug.clone()));
            Some(Out::Page("TeamConnection", all.collect()))
        }
        _ => None,
    }
}

fn exec_viewer<'w>(world: &'w World, exec: &Exec) -> &'w str {
    &world.tokens[exec.token].viewer
}

fn team(world: &World, slug: &str, field: &str, args: &Value) -> Option<Out> {
    let team = world.teams.get(slug)?;
    match field {
        "slug" | "name" => Out::leaf(slug),
        "combinedSlug" => Out::leaf(format!("{}/{slug}", world.owner)),
        "databaseId" => Out::leaf(team.id),
        "url" => Out::leaf(format!("https://github.com/orgs/{}/teams/{slug}", world.owner)),
        "privacy" => Out::leaf(if team.secret { "SECRET" } else { "VISIBLE" }),
        "organization" => Out::one(actor(world, &world.owner)),
        "parentTeam" => Out::one(team.parent.as_ref().map(|slug| Thing::name("Team", slug.clone()))),
        "members" => {
            let logins = match args["membership"].as_str() {
                Some("IMMEDIATE") => team.members.clone(),
                _ => world.team_members(slug),
            };
            let query = args["query"].as_str().unwrap_or("");
            let all = logins.iter().filter(|it| it.contains(query)).filter_map(|it| actor(world, it));
            Some(Out::Page("TeamMemberConnection", all.collect()))
        }
        _ => None,
    }
}
