//! Triggers of the program: webhook payloads, GitHub's own examples with the names, numbers and commits of this world.

use std::sync::LazyLock;

use serde_json::{Value, json};

use super::shapes::{account_json, pull_json, repository_json};
use super::world::{World, iso, overlay};

static EXAMPLES: LazyLock<Value> =
    LazyLock::new(|| serde_json::from_str(include_str!("../data/webhooks-7.6.1.json")).unwrap());

#[derive(Clone, Debug)]
pub enum Event {
    /// `pull_request_target` with this action.
    Pull(&'static str, u64),
    /// `pull_request_target`, synchronize: the head was this commit before.
    Moved(u64, String),
    /// `pull_request_target`, edited: the base was this branch before.
    Retargeted(u64, &'static str),
    /// `issue_comment`, created.
    Comment(u64),
    /// `workflow_run` of the trigger workflow with this action, at this commit, after this event.
    Woken(&'static str, String, &'static str),
    /// `push` to this branch, from what it was to what it is.
    Push(String, String),
    /// `merge_group` of this pull request in the queue.
    Queue(u64),
    Schedule,
    /// `workflow_dispatch` on the default branch.
    Dispatch,
}

/// An event as a runner hands it on.
pub struct Delivery {
    pub name: &'static str,
    pub payload: Value,
    /// `GITHUB_REF` and `GITHUB_SHA`: what the workflow runs from.
    pub reference: String,
    pub sha: String,
    pub actor: String,
}

impl Event {
    pub fn deliver(&self, world: &World) -> Delivery {
        let main = ("refs/heads/main".to_owned(), world.origin.tip("main").unwrap_or_default());
        let (name, payload, (reference, sha), actor) = match self {
            Self::Pull(action, number) => {
                let (payload, author) = pull(world, action, *number);
                ("pull_request_target", payload, main, author)
            }
            Self::Moved(number, before) => {
                let (mut payload, author) = pull(world, "synchronize", *number);
                payload["before"] = json!(before);
                ("pull_request_target", payload, main, author)
            }
            Self::Retargeted(number, old) => {
                let (mut payload, author) = pull(world, "edited", *number);
                let was = world.origin.tip(old).unwrap_or_else(|| "0".repeat(40));
                payload["changes"] = json!({"base": {"ref": {"from": old}, "sha": {"from": was}}});
                ("pull_request_target", payload, main, author)
            }
            Self::Comment(id) => {
                let comment = &world.comments[id];
                let mut payload = example(world, "issue_comment.created", &comment.author);
                let url = format!("https://api.github.com/repos/{}/pulls/{}", world.full_name(), comment.number);
                let opener = world.pulls.get(&comment.number).map_or(&comment.author, |it| &it.author);
                let user = |login: &String| world.present(login).map_or(Value::Null, account_json);
                let of = world.pulls.contains_key(&comment.number).then(|| json!({"url": url}));
                let issue =
                    json!({"number": comment.number, "user": user(opener), "state": "open", "pull_request": of});
                let said = json!({
                    "id": id, "node_id": format!("IssueComment_{id}"), "body": comment.body, "user": user(&comment.author),
                    "created_at": iso(comment.created), "updated_at": iso(comment.updated),
                    "author_association": world.accounts[&comment.author].association,
                });
                overlay(&mut payload, json!({"issue": issue, "comment": said}));
                if payload["issue"]["pull_request"].is_null() {
                    payload["issue"].as_object_mut().unwrap().remove("pull_request");
                }
                ("issue_comment", payload, main, comment.author.clone())
            }
            Self::Woken(action, head, event) => {
                let mut payload = example(world, &format!("workflow_run.{action}"), &world.owner);
                // Of forks GitHub names none.
                let near = world.pulls.values().filter(|it| {
                    *event != "merge_group"
                        && it.state == "OPEN"
                        && it.head_oid == *head
                        && it.head_repo == Some(world.full_name())
                });
                let near = near.map(|it| {
                    let base = json!({"ref": it.base, "sha": it.base_oid, "repo": {"id": world.id}});
                    json!({"number": it.number, "head": {"ref": it.head, "sha": it.head_oid}, "base": base})
                });
                let pulls: Vec<Value> = near.collect();
                let mut run =
                    json!({"head_sha": head, "event": event, "name": "countersign-trigger", "pull_requests": pulls});
                // An entry of the merge queue has a branch of its own.
                if let Some(queued) = world.queues.values().flatten().find(|it| it.head == *head) {
                    run["head_branch"] = json!(queued.head_ref.trim_start_matches("refs/heads/"));
                }
                overlay(&mut payload, json!({"workflow_run": run, "workflow": {"name": "countersign-trigger"}}));
                ("workflow_run", payload, main, world.owner.clone())
            }
            Self::Push(branch, before) => {
                let after = world.origin.tip(branch).unwrap_or_else(|| "0".repeat(40));
                let mut payload = example(world, "push", &world.owner);
                let reference = format!("refs/heads/{branch}");
                let over = json!({
                    "ref": reference, "before": before, "after": after, "created": before.starts_with("0000000"),
                    "deleted": after.starts_with("0000000"), "forced": false, "commits": [], "head_commit": null,
                });
                overlay(&mut payload, over);
                ("push", payload, (reference, after), world.owner.clone())
            }
            Self::Queue(number) => {
                let queued = world.queues.values().flatten().find(|it| it.number == *number).unwrap();
                let mut payload = example(world, "merge_group.checks_requested", &queued.by);
                let base = format!("refs/heads/{}", world.pulls[number].base);
                let group = json!({
                    "head_sha": queued.head, "head_ref": queued.head_ref, "base_sha": queued.base, "base_ref": base,
                });
                overlay(&mut payload, json!({"merge_group": group}));
                ("merge_group", payload, (queued.head_ref.clone(), queued.head.clone()), queued.by.clone())
            }
            // GitHub publishes no example of this one; a runner is given little more.
            Self::Schedule => ("schedule", json!({"schedule": "7,22,37,52 * * * *"}), main, world.owner.clone()),
            Self::Dispatch => {
                let mut payload = example(world, "workflow_dispatch", &world.owner);
                overlay(&mut payload, json!({"ref": "refs/heads/main"}));
                payload["inputs"] = json!({});
                ("workflow_dispatch", payload, main, world.owner.clone())
            }
        };
        Delivery { name, payload, reference, sha, actor }
    }
}

/// GitHub's example, about this repository and by this person.
fn example(world: &World, name: &str, sender: &str) -> Value {
    let example = &EXAMPLES[name];
    let known = example["repository"]["full_name"].as_str().unwrap();
    let mut payload: Value = serde_json::from_str(&example.to_string().replace(known, &world.full_name())).unwrap();
    let mut repository = repository_json(world);
    // Members that only the interface has.
    repository.as_object_mut().unwrap().retain(|key, _| example["repository"].get(key).is_some());
    // A push has moments as numbers; no one reads them.
    repository.as_object_mut().unwrap().retain(|key, _| !key.ends_with("_at"));
    overlay(&mut payload["repository"], repository);
    payload["sender"] = world.present(sender).map_or(Value::Null, account_json);
    payload
}

fn pull(world: &World, action: &str, number: u64) -> (Value, String) {
    let kept = if EXAMPLES.get(format!("pull_request.{action}")).is_some() { action } else { "opened" };
    let pull = &world.pulls[&number];
    let mut payload = example(world, &format!("pull_request.{kept}"), &pull.author);
    let known = payload["pull_request"].clone();
    let mut now = pull_json(world, number);
    now.as_object_mut().unwrap().retain(|key, _| known.get(key).is_some());
    overlay(&mut payload["pull_request"], now);
    // The interface gives an object or null where the example has the other: what is true here stands.
    payload["pull_request"]["merged"] = json!(pull.merged.is_some());
    (payload["action"], payload["number"]) = (json!(action), json!(number));
    if action == "synchronize" {
        payload["after"] = json!(pull.head_oid);
    }
    (payload, pull.author.clone())
}
