//! Posts carried out, in their order, each at most once.
//!
//! A write whose answer was lost is looked for before it is sent again: a status by its text, a comment by its words.
//! What is only polite (asking for reviews, notes on lines) never fails the whole; what a verdict rests on does.

use serde_json::{Value, json};

use super::fault::Fault;
use super::requests::{Client, RESERVE};
use crate::github::facts::CONTEXT;
use crate::github::fingerprint::Mark;
use crate::github::plan::{Light, Post, is_ours};

/// What became of the posts.
#[derive(Debug, Default)]
pub struct Posted {
    /// How many landed.
    pub done: usize,
    /// What did not and need not, one sentence each.
    pub missed: Vec<String>,
    /// What did not land, need not, and may well land the next time.
    pub late: Option<Fault>,
}

impl Posted {
    pub fn add(&mut self, more: Posted) {
        self.done += more.done;
        self.missed.extend(more.missed);
        self.late = more.late.or(self.late.take());
    }
}

/// Takes back every success of ours on a commit, knowing nothing but the commit.
///
/// # Errors
/// If one may still stand.
pub fn put_out(client: &Client, sha: &str, text: &str) -> Result<(), Fault> {
    let repo = format!("/repos/{}/{}", client.site.owner, client.site.name);
    let there = match client.get(&format!("{repo}/commits/{sha}/status?per_page=100")) {
        // Nothing stands on a commit that is gone.
        Err(Fault::Missing(_)) => return Ok(()),
        answer => answer?,
    };
    for status in there.get("statuses").and_then(Value::as_array).into_iter().flatten() {
        let word = |name: &str| status.get(name).and_then(Value::as_str).unwrap_or_default();
        if !word("context").starts_with(CONTEXT) || word("state") != Light::Success.word() {
            continue;
        }
        let url = word("target_url").split('?').next().unwrap_or_default();
        let mark = Mark::plain(Mark::of(word("target_url")).as_ref());
        let body = json!({ "state": Light::Error.word(), "context": word("context"), "target_url": mark.address(url),
                           "description": crate::render::status_line(text) });
        client.write("POST", &format!("{repo}/statuses/{sha}"), Some(&body), || Ok(None))?;
    }
    Ok(())
}

/// Carries posts out on a pull request. `viewer` is whom the token belongs to.
///
/// # Errors
/// At the first that did not land and that a verdict rests on; those after it are not tried.
pub fn carry_out(client: &Client, pull: u64, viewer: &str, posts: &[Post]) -> Result<Posted, Fault> {
    let mut posted = Posted::default();
    for post in posts {
        match kept_back(client, post).map_or_else(|| one(client, pull, viewer, post), Err) {
            Ok(()) => posted.done += 1,
            Err(fault) if polite(post) && fault.passes() => posted.late = Some(fault),
            Err(fault) if polite(post) => posted.missed.push(fault.words().0),
            Err(fault) => return Err(fault),
        }
    }
    Ok(posted)
}

/// Whether nothing is lost for a verdict if this does not land.
fn polite(post: &Post) -> bool {
    match post {
        Post::Status { .. } | Post::Sticky { .. } => false,
        Post::Remove { .. } | Post::Notice { .. } | Post::Ask { .. } | Post::Lines { .. } => true,
    }
}

/// The last requests of an hour are for what takes a success back.
fn kept_back(client: &Client, post: &Post) -> Option<Fault> {
    let revokes = matches!(post, Post::Status { light: Light::Pending | Light::Failure | Light::Error, .. });
    let (left, until) = client.left().filter(|(left, _)| !revokes && *left < RESERVE)?;
    let what = format!("the last {left} requests are kept for taking a success back");
    Some(Fault::Limited { until, what })
}

fn one(client: &Client, pull: u64, viewer: &str, post: &Post) -> Result<(), Fault> {
    let repo = format!("/repos/{}/{}", client.site.owner, client.site.name);
    match post {
        Post::Status { sha, context, light, text, target } => {
            let body = json!({ "state": light.word(), "context": context, "description": text, "target_url": target });
            let merged = || {
                let there = client.statuses(sha)?;
                let same = there.iter().any(|status| {
                    status.context == *context
                        && status.target == *target
                        && status.state.eq_ignore_ascii_case(light.word())
                        && is_ours(status, viewer)
                });
                Ok(same.then_some(Value::Null))
            };
            client.write("POST", &format!("{repo}/statuses/{sha}"), Some(&body), merged).map(drop)
        }
        Post::Sticky { id: Some(id), body } => {
            // The same words a second time change nothing, so a lost answer needs no look.
            let path = format!("{repo}/issues/comments/{id}");
            client.write("PATCH", &path, Some(&json!({ "body": body })), || Ok(None)).map(drop)
        }
        Post::Sticky { id: None, body } | Post::Notice { body } => comment(client, &repo, pull, viewer, body),
        Post::Remove { id } => {
            match client.write("DELETE", &format!("{repo}/issues/comments/{id}"), None, || Ok(None)) {
                Ok(_) | Err(Fault::Missing(_)) => Ok(()),
                Err(fault) => Err(fault),
            }
        }
        Post::Ask { users, teams } => ask(client, &repo, pull, users, teams),
        Post::Lines { sha, lines, title } => {
            let notes: Vec<Value> = lines
                .iter()
                .map(|line| {
                    json!({ "path": line.path, "start_line": line.line, "end_line": line.line,
                            "annotation_level": line.level, "message": line.text })
                })
                .collect();
            // Neutral, and under a name of its own: what a ruleset requires is the status, and nothing else. A second
            // one takes the place of the first, so a lost answer needs no look.
            let body = json!({
                "name": "Countersign notes", "head_sha": sha, "status": "completed", "conclusion": "neutral",
                "output": { "title": title, "summary": "The verdict is the status; these are notes on lines.",
                            "annotations": notes }
            });
            client.write("POST", &format!("{repo}/check-runs"), Some(&body), || Ok(None)).map(drop)
        }
    }
}

/// A new comment. If the answer is lost, our comments with the very same words are looked for.
fn comment(client: &Client, repo: &str, pull: u64, viewer: &str, body: &str) -> Result<(), Fault> {
    let since = client.time()?;
    let merged = || {
        let mut page = 1;
        loop {
            let path = format!("{repo}/issues/{pull}/comments?since={since}&per_page=100&page={page}");
            let found = client.get(&path)?;
            let Some(comments) = found.as_array() else { return Err(Fault::Odd("comments are no list".to_owned())) };
            let plain = |login: &str| login.strip_suffix("[bot]").unwrap_or(login).to_ascii_lowercase();
            let ours = comments.iter().find(|one| {
                let by = one.pointer("/user/login").and_then(Value::as_str).unwrap_or_default();
                plain(by) == plain(viewer)
                    && one.get("body").and_then(Value::as_str).map(str::trim_end) == Some(body.trim_end())
            });
            if let Some(ours) = ours {
                return Ok(Some(ours.clone()));
            }
            if comments.len() < 100 {
                return Ok(None);
            }
            page += 1;
        }
    };
    client.write("POST", &format!("{repo}/issues/{pull}/comments"), Some(&json!({ "body": body })), merged).map(drop)
}

/// GitHub asks all or nobody: one who can't be asked spoils it for the others, who are then asked one by one.
fn ask(client: &Client, repo: &str, pull: u64, users: &[String], teams: &[String]) -> Result<(), Fault> {
    let path = format!("{repo}/pulls/{pull}/requested_reviewers");
    let send = |users: &[String], teams: &[String]| {
        let body = json!({ "reviewers": users, "team_reviewers": teams });
        client.write("POST", &path, Some(&body), || Ok(None)).map(drop)
    };
    match send(users, teams) {
        Err(Fault::Refused(why)) if users.len() + teams.len() > 1 => {
            let mut last = Err(Fault::Refused(why));
            for user in users {
                last = send(std::slice::from_ref(user), &[]).or(last);
            }
            for team in teams {
                last = send(&[], std::slice::from_ref(team)).or(last);
            }
            last
        }
        other => other,
    }
}
