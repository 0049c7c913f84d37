//! REST about the repository itself and its teams. Rules, protection and environments are JSON the test gave.

use serde_json::{Value, json};

use super::rest::{RestRequest, page};
use super::server::Answer;
use super::shapes::{account_json, api, repository_json, team_json, template, user_json, web};
use super::world::{World, iso, overlay};

pub fn rate_limit(world: &mut World, request: &RestRequest) -> Answer {
    let token = &world.tokens[request.token];
    let reset = world.now / 3_600 * 3_600 + 3_600;
    let left = token.limit.saturating_sub(token.used);
    let now = json!({"limit": token.limit, "used": token.used, "remaining": left, "reset": reset});
    let mut made = template(world, "rate_limit");
    overlay(&mut made, json!({"rate": now, "resources": {"core": now, "graphql": now}}));
    Answer::json(200, &made)
}

pub fn repository(world: &mut World, request: &RestRequest) -> Answer {
    let mut found = repository_json(world);
    // How pull requests are merged is shown to those only who may write.
    if !world.tokens[request.token].may("contents:write") {
        for key in ["allow_merge_commit", "allow_rebase_merge", "allow_squash_merge"] {
            found.as_object_mut().unwrap().remove(key);
        }
    }
    Answer::json(200, &found)
}

fn given(world: &World, name: &str, otherwise: Value) -> Value {
    world.settings.get(name).cloned().unwrap_or(otherwise)
}

fn items(world: &World, name: &str) -> Vec<Value> {
    world.settings.get(name).and_then(Value::as_array).cloned().unwrap_or_default()
}

pub fn actions(world: &mut World, _: &RestRequest) -> Answer {
    Answer::json(200, &given(world, "actions", json!({"enabled": true, "allowed_actions": "all"})))
}

pub fn workflow(world: &mut World, _: &RestRequest) -> Answer {
    let usual = json!({"default_workflow_permissions": "read", "can_approve_pull_request_reviews": false});
    Answer::json(200, &given(world, "workflow", usual))
}

pub fn activity(world: &mut World, request: &RestRequest) -> Answer {
    let wanted = request.call.query.get("ref").map(|it| it.trim_start_matches("refs/heads/").to_owned());
    let all: Vec<Value> = world
        .activity
        .iter()
        .rev()
        .filter(|it| wanted.as_ref().is_none_or(|wanted| *wanted == it.branch))
        .map(|it| {
            json!({
                "id": it.id, "node_id": format!("PSH_{}", it.id), "before": it.before, "after": it.after,
                "ref": format!("refs/heads/{}", it.branch), "timestamp": iso(it.at), "activity_type": it.kind,
                "actor": user_json(world, &it.by),
            })
        })
        .collect();
    // Pages by cursor, not by number.
    let count = request.call.query.get("per_page").and_then(|it| it.parse().ok()).unwrap_or(30).min(world.page);
    let after = request.call.query.get("after").and_then(|it| it.parse::<usize>().ok()).unwrap_or(0);
    let some = &all[after.min(all.len())..(after + count).min(all.len())];
    let answer = Answer::json(200, &json!(some));
    if after + count >= all.len() {
        return answer;
    }
    let host = request.call.headers.get("host").cloned().unwrap_or_default();
    let kept = request.call.query.iter().filter(|(name, _)| *name != "after");
    let kept: String = kept.map(|(name, value)| format!("{name}={value}&")).collect();
    answer.with("link", format!("<http://{host}{}?{kept}after={}>; rel=\"next\"", request.call.path, after + count))
}

pub fn branch(world: &mut World, request: &RestRequest) -> Answer {
    let name = request.param("branch");
    let Some(tip) = world.origin.tip(name) else { return Answer::error(404, "Branch not found") };
    let protected = world.settings.contains_key(&format!("protection/{name}"))
        || world.settings.contains_key(&format!("branch_rules/{name}"));
    let mut made = template(world, "branch");
    made["commit"]["sha"] = json!(tip);
    (made["name"], made["protected"]) = (json!(name), json!(protected));
    let checks = world.settings.get(&format!("protection/{name}")).map(|it| it["required_status_checks"].clone());
    let contexts = checks.as_ref().map_or(json!([]), |it| it["contexts"].clone());
    let list = checks.as_ref().map_or(json!([]), |it| it["checks"].clone());
    let level = if checks.is_some() { "non_admins" } else { "off" };
    let required = json!({"enforcement_level": level, "contexts": contexts, "checks": list});
    made["protection"] = json!({"enabled": protected, "required_status_checks": required});
    made["protection_url"] = json!(api(world, &format!("/branches/{name}/protection")));
    Answer::json(200, &made)
}

pub fn protection(world: &mut World, request: &RestRequest) -> Answer {
    let name = request.param("branch");
    match world.settings.get(&format!("protection/{name}")) {
        Some(protection) => Answer::json(200, &protection.clone()),
        None => Answer::error(404, "Branch not protected"),
    }
}

pub fn branch_rules(world: &mut World, request: &RestRequest) -> Answer {
    let all = items(world, &format!("branch_rules/{}", request.param("branch")));
    page(world, request, &all, |_, some| json!(some))
}

pub fn rulesets(world: &mut World, request: &RestRequest) -> Answer {
    let short = |mut it: Value| {
        for key in ["rules", "conditions", "bypass_actors"] {
            it.as_object_mut().unwrap().remove(key);
        }
        it
    };
    let all: Vec<Value> = items(world, "rulesets").into_iter().map(short).collect();
    page(world, request, &all, |_, some| json!(some))
}

pub fn ruleset(world: &mut World, request: &RestRequest) -> Answer {
    let id = request.number("ruleset_id");
    let Some(mut found) = items(world, "rulesets").into_iter().find(|it| it["id"] == id) else {
        return Answer::error(404, "Not Found");
    };
    // The people who may pass by are shown to those only who may change it.
    if !world.tokens[request.token].may("administration:write") {
        found.as_object_mut().unwrap().remove("bypass_actors");
    }
    Answer::json(200, &found)
}

pub fn environments(world: &mut World, request: &RestRequest) -> Answer {
    let all = items(world, "environments");
    page(world, request, &all, |total, some| json!({"total_count": total, "environments": some}))
}

pub fn environment(world: &mut World, request: &RestRequest) -> Answer {
    let name = request.param("environment_name");
    let found = items(world, "environments").into_iter().find(|it| it["name"] == name);
    found.map_or_else(|| Answer::error(404, "Not Found"), |it| Answer::json(200, &it))
}

pub fn branch_policies(world: &mut World, request: &RestRequest) -> Answer {
    let all = items(world, &format!("branch_policies/{}", request.param("environment_name")));
    page(world, request, &all, |total, some| json!({"total_count": total, "branch_policies": some}))
}

/// A file or a folder at a commit, as JSON, or raw if the client asks for that.
pub fn contents(world: &mut World, request: &RestRequest) -> Answer {
    let path = request.param("path").trim_end_matches('/');
    let reference = request.call.query.get("ref").map_or("main", |it| it.as_str());
    if world.origin.resolve(reference).is_none() {
        return Answer::error(404, &format!("No commit found for the ref {reference}"));
    }
    let Some(oid) = world.origin.resolve(&format!("{reference}:{path}")) else {
        return Answer::error(404, "Not Found");
    };
    let shape = |path: &str, oid: &str, kind: &str, size: usize| {
        let url = api(world, &format!("/contents/{path}?ref={reference}"));
        let (git, html) = (api(world, &format!("/git/blobs/{oid}")), web(world, &format!("/blob/{reference}/{path}")));
        json!({
            "type": kind, "name": path.rsplit('/').next(), "path": path, "sha": oid, "size": size, "url": url,
            "git_url": git, "html_url": html, "download_url": null,
            "_links": {"self": url, "git": git, "html": html},
        })
    };
    if let Some(entries) = world.origin.tree(&oid) {
        let list = entries.iter().map(|(name, mode, oid)| {
            let kind = if *mode == 0o040_000 { "dir" } else { "file" };
            let size = world.origin.blob(oid).map_or(0, |it| it.len());
            shape(format!("{path}/{name}").trim_start_matches('/'), oid, kind, size)
        });
        return Answer::json(200, &list.collect());
    }
    let bytes = world.origin.blob(&oid).unwrap();
    if request.call.headers.get("accept").is_some_and(|it| it.contains("raw")) {
        return Answer::text(200, "application/vnd.github.raw+json; charset=utf-8", bytes);
    }
    let mut file = shape(path, &oid, "file", bytes.len());
    (file["encoding"], file["content"]) = (json!("base64"), json!(base64(&bytes)));
    Answer::json(200, &file)
}

/// Base64 in lines of 60, as GitHub sends it.
fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for (at, three) in bytes.chunks(3).enumerate() {
        let whole = three.iter().fold(0_u32, |sum, byte| (sum << 8) | u32::from(*byte)) << (8 * (3 - three.len()));
        for digit in 0..4 {
            let index = (whole >> (18 - 6 * digit)) & 63;
            text.push(if digit > three.len() { '=' } else { DIGITS[index as usize] as char });
        }
        if at % 15 == 14 {
            text.push('\n');
        }
    }
    text
}

// ---- teams ----

/// A team the token can see, else 404 like one that is not there.
pub fn team(world: &mut World, request: &RestRequest) -> Answer {
    let slug = request.param("team_slug");
    if !world.teams.contains_key(slug) {
        return Answer::error(404, "Not Found");
    }
    Answer::json(200, &team_json(world, slug))
}

pub fn team_members(world: &mut World, request: &RestRequest) -> Answer {
    let slug = request.param("team_slug");
    if !world.teams.contains_key(slug) {
        return Answer::error(404, "Not Found");
    }
    let members = world.team_members(slug);
    let all: Vec<Value> = members.iter().filter_map(|login| world.present(login)).map(account_json).collect();
    page(world, request, &all, |_, some| json!(some))
}

pub fn membership(world: &mut World, request: &RestRequest) -> Answer {
    let (slug, login) = (request.param("team_slug"), request.param("username").to_lowercase());
    if !world.teams.contains_key(slug) {
        return Answer::error(404, "Not Found");
    }
    let has = |logins: &std::collections::BTreeSet<String>| logins.iter().any(|it| it.to_lowercase() == login);
    let url = format!("https://api.github.com/orgs/{}/teams/{slug}/memberships/{login}", world.owner);
    let answer = |state: &str| Answer::json(200, &json!({"role": "member", "state": state, "url": url}));
    if has(&world.team_members(slug)) {
        answer("active")
    } else if has(&world.teams[slug].invited) {
        answer("pending")
    } else {
        Answer::error(404, "Not Found")
    }
}
