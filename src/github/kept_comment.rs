//! One comment of ours on a pull request, kept up to date, that is no approval record.
//!
//! In: the first line that tells it, and what it has to say. Out: the comment made, edited in place, or left as it is.
//! It refuses a first line that an approval record has, and to touch what anybody else wrote. Not taken: a status, or
//! the comment of the gate: what stands here decides nothing.

use serde_json::{Value, json};

use super::actions::Action;
use super::actions::apply::apply;
use super::client::Client;
use super::facts::is_viewer;
use super::record::{ApprovalRecord, words};
use crate::error::Error;

/// Knowledge of a proposal before anything of it is read.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ProposalFacts {
    /// The branch that it is proposed for.
    pub base: String,
    pub default_branch: String,
    /// Whether it comes from another repository, or nobody knows where it comes from.
    pub is_foreign: bool,
    /// The login of the token's account.
    pub viewer: String,
}

/// State of the comment.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum KeptComment {
    Made,
    Edited,
    /// The comment says that already, or there is none and none is needed.
    Unchanged,
}

/// Knowledge of a pull request.
///
/// # Errors
/// If GitHub can't be asked, or has no such pull request.
pub fn proposal(client: &Client, number: u64) -> Result<ProposalFacts, Error> {
    let (owner, name) = (&client.site.owner, &client.site.name);
    let answer = client.query("Proposal", &json!({"owner": owner, "name": name, "number": number}))?;
    let text = |path: &str| answer.pointer(path).and_then(Value::as_str).map(str::to_owned);
    let missing = || Error::missing("pull request of this number");
    Ok(ProposalFacts {
        base: text("/repository/pullRequest/baseRefName").ok_or_else(missing)?,
        default_branch: text("/repository/defaultBranchRef/name").ok_or_else(missing)?,
        is_foreign: answer.pointer("/repository/pullRequest/isCrossRepository") != Some(&Value::Bool(false)),
        viewer: text("/viewer/login").ok_or_else(|| Error::unexpected("nobody is the viewer"))?,
    })
}

/// Keeps the comment that begins with this line. A new one is only made if it is `needed`; a second one of ours is
/// removed.
///
/// # Errors
/// If GitHub can't be asked, or refuses it.
pub fn keep(
    client: &Client,
    (number, viewer): (u64, &str),
    first_line: &str,
    text: &str,
    needed: bool,
) -> Result<KeptComment, Error> {
    let body = format!("{first_line}\n{text}");
    if ApprovalRecord::is_in(&body) {
        return Err(Error::unexpected("a comment that looks like an approval record is not written"));
    }
    let all = client.list(&format!("{}/issues/{number}/comments", client.repo()), "")?;
    let ours = all.iter().filter(|one| {
        let of = |path: &str| one.pointer(path).and_then(Value::as_str).unwrap_or_default();
        is_viewer(of("/user/login"), viewer) && of("/body").lines().next() == Some(first_line)
    });
    let mut ours = ours.filter_map(|one| Some((one.get("id")?.as_u64()?, one.get("body")?.as_str()?)));
    let first = ours.next();
    let mut actions: Vec<Action> = ours.map(|(id, _)| Action::DeleteComment { id }).collect();
    let kept = match first {
        None if !needed => KeptComment::Unchanged,
        None => KeptComment::Made,
        Some((_, there)) if words(there) == words(&body) => KeptComment::Unchanged,
        Some(_) => KeptComment::Edited,
    };
    if kept != KeptComment::Unchanged {
        actions.insert(0, Action::UpdateComment { id: first.map(|(id, _)| id), body });
    }
    apply(client, number, viewer, &actions)?;
    Ok(kept)
}
