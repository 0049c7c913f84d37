//! Actions carried out, in their order, each at most once.
//!
//! In: actions. Out: which of them were done. It refuses to repeat a write whose answer was lost without looking for
//! its effect first: a status by its address, a comment by its words. A best-effort action (review requests,
//! annotations, notifications) never fails the rest; a status and the comment do. Not taken: all at once, which would
//! let a success overtake the comment it rests on.

use serde_json::{Value, json};

use super::{Action, Annotation, CommitState, NewStatus};
use crate::error::{Error, ErrorKind};
use crate::github::client::{Client, RESERVE};
use crate::github::facts::{CONTEXT, is_viewer};
use crate::github::fingerprint::Fingerprint;
use crate::github::record::words;

/// The outcome of some actions.
#[derive(Debug, Default)]
pub struct Applied {
    /// Why best-effort actions were skipped, one sentence each.
    pub skipped: Vec<String>,
    /// Why a best-effort action is deferred: it may well succeed the next time.
    pub deferred: Option<Error>,
    /// The sticky comment that was written, by its id, and its body.
    pub written: Option<(u64, String)>,
}

impl Applied {
    pub fn add(&mut self, more: Applied) {
        self.skipped.extend(more.skipped);
        self.deferred = more.deferred.or(self.deferred.take());
        self.written = more.written.or(self.written.take());
    }
}

/// Takes back every success of ours on a commit of which nothing but its name is known.
///
/// # Errors
/// If one may still be there.
pub fn revoke_successes(client: &Client, sha: &str, text: &str) -> Result<(), Error> {
    let repo = client.repo();
    let statuses = match client.list(&format!("{repo}/commits/{sha}/status"), "/statuses") {
        // A commit that is gone has no statuses.
        Err(error) if error.kind == ErrorKind::Missing => return Ok(()),
        answer => answer?,
    };
    for status in &statuses {
        let word = |name: &str| status.get(name).and_then(Value::as_str).unwrap_or_default();
        if !word("context").starts_with(CONTEXT) || word("state") != CommitState::Success.word() {
            continue;
        }
        let url = word("target_url").split('?').next().unwrap_or_default();
        let fingerprint = Fingerprint::without_verdict(Fingerprint::of(word("target_url")).as_ref());
        let body = json!({ "state": CommitState::Error.word(), "context": word("context"),
                           "target_url": fingerprint.address(url), "description": crate::render::status_line(text) });
        client.write("POST", &format!("{repo}/statuses/{sha}"), Some(&body), || Ok(None))?;
    }
    Ok(())
}

/// Carries actions out on a pull request. `viewer` is the login of the account the token belongs to.
///
/// # Errors
/// At the first that fails and is not best effort; those after it are not tried.
pub fn apply(client: &Client, pull: u64, viewer: &str, actions: &[Action]) -> Result<Applied, Error> {
    let mut applied = Applied::default();
    for action in actions {
        match reserved(client, action).map_or_else(|| one(client, pull, viewer, action), Err) {
            Ok(answer) => {
                if let Action::UpdateComment { body, .. } = action {
                    let id = answer.get("id").and_then(Value::as_u64).unwrap_or_default();
                    applied.written = Some((id, body.clone()));
                }
            }
            Err(error) if action.is_best_effort() && error.may_pass() => applied.deferred = Some(error),
            Err(error) if action.is_best_effort() => applied.skipped.push(error.message),
            Err(error) => return Err(error),
        }
    }
    Ok(applied)
}

/// The last requests of an hour are reserved for taking a success back.
fn reserved(client: &Client, action: &Action) -> Option<Error> {
    let (left, until) = client.left().filter(|(left, _)| !action.takes_success_back() && *left < RESERVE)?;
    Some(Error::limited(until.as_deref(), format!("the last {left} requests are kept for taking a success back")))
}

/// Carries out one action, and returns GitHub's answer.
fn one(client: &Client, pull: u64, viewer: &str, action: &Action) -> Result<Value, Error> {
    let repo = client.repo();
    match action {
        Action::SetStatus(status) => set_status(client, viewer, status),
        Action::UpdateComment { id: Some(id), body } => {
            let path = format!("{repo}/issues/comments/{id}");
            // A second edit with the same words would be one more in its history.
            let is_there = || {
                let there = client.get(&path)?;
                let same = there.get("body").and_then(Value::as_str).is_some_and(|there| words(there) == words(body));
                Ok(same.then_some(there))
            };
            client.write("PATCH", &path, Some(&json!({ "body": body })), is_there)
        }
        Action::UpdateComment { id: None, body } | Action::Notify { body } => comment(client, pull, viewer, body),
        Action::DeleteComment { id } => {
            match client.write("DELETE", &format!("{repo}/issues/comments/{id}"), None, || Ok(None)) {
                Err(error) if error.kind == ErrorKind::Missing => Ok(Value::Null),
                answer => answer,
            }
        }
        Action::RequestReviews { users, teams } => request_reviews(client, pull, users, teams),
        Action::Annotate { sha, annotations, title } => annotate(client, sha, annotations, title),
    }
}

fn set_status(client: &Client, viewer: &str, new: &NewStatus) -> Result<Value, Error> {
    let NewStatus { sha, context, state, text, target } = new;
    let body = json!({ "state": state.word(), "context": context, "description": text, "target_url": target });
    let is_there = || {
        let statuses = client.statuses(sha)?;
        let same = statuses.iter().any(|status| {
            status.context == *context && status.target == *target && state.is_of(status) && status.is_ours(viewer)
        });
        Ok(same.then_some(Value::Null))
    };
    client.write("POST", &format!("{}/statuses/{sha}", client.repo()), Some(&body), is_there)
}

/// Writes a new comment. If the answer is lost, a comment of ours with the very same words is looked for.
fn comment(client: &Client, pull: u64, viewer: &str, body: &str) -> Result<Value, Error> {
    let since = client.time()?;
    let path = format!("{}/issues/{pull}/comments", client.repo());
    let is_there = || {
        let comments = client.list(&format!("{path}?since={since}"), "")?;
        Ok(comments.into_iter().find(|one| {
            let by = one.pointer("/user/login").and_then(Value::as_str).unwrap_or_default();
            let words = one.get("body").and_then(Value::as_str).map(str::trim_end);
            is_viewer(by, viewer) && words == Some(body.trim_end())
        }))
    };
    client.write("POST", &path, Some(&json!({ "body": body })), is_there)
}

/// Requests reviews. GitHub takes all names or none, so if one of them spoils it for the others, each is tried alone.
fn request_reviews(client: &Client, pull: u64, users: &[String], teams: &[String]) -> Result<Value, Error> {
    let path = format!("{}/pulls/{pull}/requested_reviewers", client.repo());
    let send = |users: &[String], teams: &[String]| {
        let body = json!({ "reviewers": users, "team_reviewers": teams });
        client.write("POST", &path, Some(&body), || Ok(None))
    };
    match send(users, teams) {
        Err(error) if error.kind == ErrorKind::Refused && users.len() + teams.len() > 1 => {
            let mut last = Err(error);
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

fn annotate(client: &Client, sha: &str, annotations: &[Annotation], title: &str) -> Result<Value, Error> {
    let annotations: Vec<Value> = annotations
        .iter()
        .map(|one| {
            json!({ "path": one.path, "start_line": one.line, "end_line": one.line, "annotation_level": one.level,
                    "message": one.text })
        })
        .collect();
    // Neutral, and under a name of its own: a ruleset requires the status and nothing else. A second one takes the
    // place of the first, so a lost answer needs no look.
    let body = json!({
        "name": "Countersign notes", "head_sha": sha, "status": "completed", "conclusion": "neutral",
        "output": { "title": title, "summary": "The verdict is the status; these are notes on lines.",
                    "annotations": annotations }
    });
    client.write("POST", &format!("{}/check-runs", client.repo()), Some(&body), || Ok(None))
}
