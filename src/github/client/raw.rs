//! GitHub's answers as they come, in structs that have the members that are used and no more.
//!
//! A word they don't know, such as a new review state, stays a word: only what depends on it fails, not the page.

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::error::Error;
use crate::github::facts::{
    Account, Comment, CommentEdit, CommentRef, Outline, ReviewDismissal, Status, SubmittedReview,
};

/// A page of a connection.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct RawPage<T> {
    pub(super) page_info: RawInfo,
    #[serde(default = "Vec::new")]
    pub(super) nodes: Vec<Option<T>>,
    #[serde(default)]
    pub(super) total_count: u64,
}

/// The place where the next page begins.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct RawInfo {
    pub(super) has_next_page: bool,
    pub(super) end_cursor: Option<String>,
}

/// An account: a user, a bot or a team.
#[derive(Deserialize)]
pub(super) struct RawAccount {
    #[serde(rename = "__typename")]
    pub(super) kind: String,
    pub(super) login: String,
}

/// A commit, by its id alone.
#[derive(Deserialize)]
pub(super) struct Oid {
    pub(super) oid: String,
}

/// An entry of the merge queue.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct RawEntry {
    pub(super) head_commit: Option<Oid>,
}

/// A branch.
#[derive(Deserialize)]
pub(super) struct RawRef {
    pub(super) target: Option<Oid>,
}

/// A review of a pull request.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct RawReview {
    pub(super) id: String,
    pub(super) state: String,
    pub(super) submitted_at: Option<String>,
    pub(super) author_can_push_to_repository: bool,
    pub(super) author: Option<RawAccount>,
}

/// A comment without its body.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct RawCommentRef {
    pub(super) id: String,
    pub(super) viewer_did_author: bool,
}

/// A user, by the login alone.
#[derive(Deserialize)]
pub(super) struct RawUser {
    pub(super) login: String,
}

/// An author or committer of a commit.
#[derive(Deserialize)]
pub(super) struct RawActor {
    pub(super) email: Option<String>,
    pub(super) user: Option<RawActorUser>,
}

/// The account that an address of a commit belongs to.
#[derive(Deserialize)]
pub(super) struct RawActorUser {
    #[serde(rename = "__typename", default)]
    pub(super) kind: String,
    pub(super) login: String,
}

/// The signature of a commit, as GitHub judges it.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct RawSignature {
    pub(super) is_valid: bool,
    pub(super) was_signed_by_git_hub: bool,
}

/// The authors of a commit.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct RawActors {
    pub(super) total_count: u64,
    #[serde(default = "Vec::new")]
    pub(super) nodes: Vec<Option<RawActor>>,
}

/// A commit of a pull request, with its people.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct RawCommit {
    pub(super) oid: String,
    pub(super) committed_via_web: bool,
    pub(super) authors: RawActors,
    pub(super) committer: Option<RawActor>,
    pub(super) signature: Option<RawSignature>,
}

/// A node of a connection of commits.
#[derive(Deserialize)]
pub(super) struct CommitNode<T> {
    pub(super) commit: T,
}

/// A commit status.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct RawStatus {
    pub(super) context: String,
    pub(super) state: String,
    pub(super) description: Option<String>,
    pub(super) target_url: Option<String>,
    pub(super) creator: Option<RawAccount>,
}

/// The statuses of a commit.
#[derive(Deserialize)]
pub(super) struct RawStatuses {
    pub(super) contexts: Vec<RawStatus>,
}

/// The head commit of a pull request, with its statuses.
#[derive(Deserialize)]
pub(super) struct RawHead {
    pub(super) oid: String,
    pub(super) status: Option<RawStatuses>,
}

/// The last commit of a pull request, as a connection.
#[derive(Deserialize)]
pub(super) struct HeadNodes {
    #[serde(default = "Vec::new")]
    pub(super) nodes: Vec<Option<CommitNode<RawHead>>>,
}

/// The fields of a pull request that each query asks for.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct RawOutline {
    pub(super) id: String,
    pub(super) number: u64,
    pub(super) is_draft: bool,
    pub(super) updated_at: String,
    pub(super) base_ref_name: String,
    pub(super) head_ref_oid: String,
    pub(super) author: Option<RawAccount>,
    pub(super) author_association: String,
    pub(super) comments: RawPage<RawCommentRef>,
    pub(super) head: HeadNodes,
}

/// A pull request with its reviews, comments and commits.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct RawPull {
    #[serde(flatten)]
    pub(super) outline: RawOutline,
    pub(super) title: String,
    pub(super) url: String,
    pub(super) state: String,
    pub(super) base_ref: Option<RawRef>,
    pub(super) merge_queue_entry: Option<RawEntry>,
    pub(super) reviews: RawPage<RawReview>,
    pub(super) review_requests: RawPage<Value>,
    pub(super) commits: RawPage<CommitNode<RawCommit>>,
    pub(super) timeline_items: RawPage<Value>,
    pub(super) early: Bodies,
}

/// The first comments, with their bodies: the sticky one is among them nearly always.
#[derive(Deserialize)]
pub(super) struct Bodies {
    #[serde(default = "Vec::new")]
    pub(super) nodes: Vec<Option<RawBody>>,
}

/// The time at which a comment was edited.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct RawEdit {
    pub(super) id: String,
    pub(super) edited_at: String,
}

/// A comment with its body and its people.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct RawBody {
    pub(super) id: String,
    pub(super) database_id: Option<u64>,
    pub(super) body: String,
    pub(super) viewer_did_author: bool,
    pub(super) created_at: String,
    pub(super) last_edited_at: Option<String>,
    pub(super) author: Option<RawAccount>,
    pub(super) editor: Option<RawAccount>,
    pub(super) includes_created_edit: bool,
    pub(super) user_content_edits: Option<RawPage<RawEdit>>,
}

pub(super) fn at<'v>(value: &'v Value, path: &str) -> Result<&'v Value, Error> {
    value
        .pointer(path)
        .filter(|found| !found.is_null())
        .ok_or_else(|| Error::unexpected(format!("there is no `{path}`")))
}

pub(super) fn text(value: &Value, path: &str) -> Result<String, Error> {
    Ok(at(value, path)?.as_str().ok_or_else(|| Error::unexpected(format!("`{path}` is no string")))?.to_owned())
}

pub(super) fn read<T: DeserializeOwned>(value: Value, what: &str) -> Result<T, Error> {
    serde_json::from_value(value).map_err(|error| Error::unexpected(format!("{what}: {error}")))
}

pub(super) fn account(raw: RawAccount) -> Account {
    Account { login: raw.login, kind: raw.kind }
}

pub(super) fn comment_ref(raw: RawCommentRef) -> CommentRef {
    CommentRef { node: raw.id, ours: raw.viewer_did_author }
}

pub(super) fn review(raw: RawReview) -> Option<SubmittedReview> {
    Some(SubmittedReview {
        id: raw.id,
        author: raw.author.map(account),
        state: raw.state,
        // A review that was not submitted yet is nobody's opinion.
        submitted_at: raw.submitted_at?,
        may_push: raw.author_can_push_to_repository,
    })
}

pub(super) fn status(raw: RawStatus) -> Status {
    Status {
        context: raw.context,
        state: raw.state,
        description: raw.description.unwrap_or_default(),
        target: raw.target_url.unwrap_or_default(),
        creator: raw.creator.map(account),
    }
}

/// A comment of this very token's account.
pub(super) fn comment(raw: RawBody) -> Option<Comment> {
    if raw.viewer_did_author { comment_of_any(raw) } else { None }
}

/// A comment of whatever account.
pub(super) fn comment_of_any(raw: RawBody) -> Option<Comment> {
    // One that somebody else edited last may say anything.
    let untouched = match (&raw.author, &raw.editor) {
        (_, None) => true,
        (Some(author), Some(editor)) => author.login == editor.login && author.kind == editor.kind,
        (None, Some(_)) => false,
    };
    let (edits, more) = raw.user_content_edits.map_or((Vec::new(), false), |page| {
        let edit = |raw: RawEdit| CommentEdit { id: raw.id, at: raw.edited_at };
        (page.nodes.into_iter().flatten().map(edit).collect(), page.page_info.has_next_page)
    });
    Some(Comment {
        id: raw.database_id?,
        node: raw.id,
        body: raw.body,
        whole: !more && if edits.is_empty() { raw.last_edited_at.is_none() } else { raw.includes_created_edit },
        edited_at: raw.last_edited_at.unwrap_or_else(|| raw.created_at.clone()),
        created_at: raw.created_at,
        untouched,
        edits,
    })
}

pub(super) fn requested(value: &Value) -> Option<String> {
    let reviewer = value.get("requestedReviewer")?;
    let name = reviewer.get("login").or_else(|| reviewer.get("combinedSlug"))?;
    name.as_str().map(str::to_owned)
}

/// The accounts that pushed by force, the dismissals, and when the request was last made anew.
pub(super) fn events(timeline: &[Value]) -> (Vec<Option<Account>>, Vec<ReviewDismissal>, Option<String>) {
    let (mut forced, mut dismissals, mut renewed_at) = (Vec::new(), Vec::new(), None);
    let who = |value: Option<&Value>| serde_json::from_value::<RawAccount>(value?.clone()).ok().map(account);
    for event in timeline {
        let word = |name: &str| event.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
        match event.get("__typename").and_then(Value::as_str) {
            Some("HeadRefForcePushedEvent") => forced.push(who(event.get("actor"))),
            Some("ReviewDismissedEvent") => dismissals.push(ReviewDismissal {
                of: who(event.pointer("/review/author")),
                by: who(event.get("actor")),
                at: word("createdAt"),
                was: word("previousReviewState"),
            }),
            // Oldest first, as the whole timeline is.
            Some(
                "ReopenedEvent" | "ReadyForReviewEvent" | "BaseRefChangedEvent" | "AutomaticBaseChangeSucceededEvent",
            ) => renewed_at = Some(word("createdAt")),
            _ => {}
        }
    }
    (forced, dismissals, renewed_at)
}

impl From<RawOutline> for Outline {
    fn from(raw: RawOutline) -> Self {
        let head =
            raw.head.nodes.into_iter().flatten().map(|node| node.commit).find(|head| head.oid == raw.head_ref_oid);
        let statuses = head.and_then(|head| head.status).map(|all| all.contexts).unwrap_or_default();
        Outline {
            node: raw.id,
            number: raw.number,
            draft: raw.is_draft,
            updated_at: raw.updated_at,
            base: raw.base_ref_name,
            head: raw.head_ref_oid,
            author: raw.author.map(account),
            association: raw.author_association,
            more_comments: raw.comments.page_info.end_cursor.filter(|_| raw.comments.page_info.has_next_page),
            comments: raw.comments.nodes.into_iter().flatten().map(comment_ref).collect(),
            statuses: statuses.into_iter().map(status).collect(),
        }
    }
}
