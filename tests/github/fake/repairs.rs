//! REST that changes the settings of the repository: what `doctor --fix --apply` sends.

use serde_json::{Value, json};

use super::rest::RestRequest;
use super::server::Answer;
use super::shapes::{repository_json, template};
use super::world::{World, overlay};

fn list<'w>(world: &'w mut World, name: &str) -> &'w mut Vec<Value> {
    world.settings.entry(name.to_owned()).or_insert_with(|| json!([])).as_array_mut().unwrap()
}

/// A refusal of GitHub with 422, in its form.
fn refused(message: &str) -> Answer {
    Answer::json(422, &json!({"message": message, "documentation_url": "https://docs.github.com/rest"}))
}

pub fn patch_repository(world: &mut World, request: &RestRequest) -> Answer {
    let mut over = world.settings.get("repository").cloned().unwrap_or_else(|| json!({}));
    overlay(&mut over, request.body.clone());
    world.setting("repository", over);
    let now = repository_json(world);
    if ["allow_merge_commit", "allow_rebase_merge", "allow_squash_merge"].iter().all(|key| now[*key] == false) {
        return refused("Validation Failed");
    }
    Answer::json(200, &now)
}

pub fn put_workflow(world: &mut World, request: &RestRequest) -> Answer {
    let mut now = json!({"default_workflow_permissions": "read", "can_approve_pull_request_reviews": true});
    overlay(&mut now, request.body.clone());
    world.setting("workflow", now);
    Answer::json(204, &Value::Null)
}

/// Makes a ruleset, and puts its rules in force where its conditions name a branch.
pub fn post_ruleset(world: &mut World, request: &RestRequest) -> Answer {
    if list(world, "rulesets").iter().any(|one| one["name"] == request.body["name"]) {
        return refused("Validation Failed");
    }
    let id = world.next();
    let mut made = json!({
        "id": id, "source": world.full_name(), "source_type": "Repository", "target": "branch", "bypass_actors": [],
    });
    overlay(&mut made, request.body.clone());
    list(world, "rulesets").push(made.clone());
    in_force(world, &made);
    Answer::json(201, &made)
}

pub fn put_ruleset(world: &mut World, request: &RestRequest) -> Answer {
    let id = request.number("ruleset_id");
    let Some(found) = list(world, "rulesets").iter_mut().find(|one| one["id"] == id) else {
        return Answer::error(404, "Not Found");
    };
    overlay(found, request.body.clone());
    let found = found.clone();
    in_force(world, &found);
    Answer::json(200, &found)
}

fn in_force(world: &mut World, ruleset: &Value) {
    if ruleset["enforcement"] != "active" {
        return;
    }
    let names = ruleset["conditions"]["ref_name"]["include"].as_array().unwrap().clone();
    for name in names.iter().filter_map(|name| name.as_str()?.strip_prefix("refs/heads/")) {
        for mut rule in ruleset["rules"].as_array().unwrap().clone() {
            rule["ruleset_source_type"] = json!("Repository");
            rule["ruleset_source"] = json!(world.full_name());
            rule["ruleset_id"] = ruleset["id"].clone();
            list(world, &format!("branch_rules/{name}")).push(rule);
        }
    }
}

pub fn put_environment(world: &mut World, request: &RestRequest) -> Answer {
    let name = request.param("environment_name").to_owned();
    let mut made = template(world, "environment");
    made["name"] = json!(name);
    made["deployment_branch_policy"] = request.body["deployment_branch_policy"].clone();
    let all = list(world, "environments");
    all.retain(|one| one["name"] != json!(name));
    all.push(made.clone());
    Answer::json(200, &made)
}

pub fn post_branch_policy(world: &mut World, request: &RestRequest) -> Answer {
    let id = world.next();
    let made = json!({"id": id, "node_id": format!("GBP_{id}"), "name": request.body["name"], "type": "branch"});
    list(world, &format!("branch_policies/{}", request.param("environment_name"))).push(made.clone());
    Answer::json(200, &made)
}
