//! The origin of commits on a branch: the pull requests they were merged with, and the gate's comment on those.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::json;

use super::pages::pages;
use super::raw::{Oid, RawAccount, RawActor, RawBody, RawPage, at, comment_of_any, read};
use super::requests::Client;
use crate::error::Error;
use crate::github::facts::{Account, Comment};
use crate::github::record::ApprovalRecord;

/// The account GitHub commits with when somebody presses a button.
const WEB: &str = "web-flow";

/// The origin of a commit, as far as GitHub tells it.
pub struct CommitOrigin {
    /// Login of its committer, or else of its author; none if neither has an account.
    pub by: Option<String>,
    /// The pull requests of this repository that were merged with it.
    pub pulls: Vec<MergedPull>,
    /// Whether there are more pull requests than these.
    pub more: bool,
}

/// A pull request that was merged.
#[derive(Clone)]
pub struct MergedPull {
    pub number: u64,
    pub base: String,
    pub merged_at: String,
    pub merged_by: Option<String>,
    /// The commit the merge made.
    pub commit: Option<String>,
}

/// A commit of the branch, with the pull requests it belongs to.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RawOrigin {
    oid: String,
    author: Option<RawActor>,
    committer: Option<RawActor>,
    associated_pull_requests: Option<RawPage<RawMergedPull>>,
}

/// A pull request that a commit belongs to.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RawMergedPull {
    number: u64,
    state: String,
    base_ref_name: String,
    merged_at: Option<String>,
    merged_by: Option<RawAccount>,
    merge_commit: Option<Oid>,
    repository: RawRepository,
}

/// The repository of a pull request.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RawRepository {
    name_with_owner: String,
}

/// The part of the query for one commit.
const SELECTION: &str = "... on Commit {
  oid
  author { user { login } }
  committer { user { login } }
  associatedPullRequests(first: 20) {
    pageInfo { hasNextPage endCursor }
    nodes {
      number state baseRefName mergedAt
      mergedBy { __typename login }
      mergeCommit { oid }
      repository { nameWithOwner }
    }
  }
}";

impl Client {
    /// The origins of commits, by object id; commits that GitHub does not have are left out.
    ///
    /// # Errors
    /// If it can't be read.
    pub fn origins(&self, oids: &[String]) -> Result<BTreeMap<String, CommitOrigin>, Error> {
        let commits: Vec<(RawOrigin, String)> = self.commits("MergedCommits", oids, SELECTION, "")?;
        Ok(commits.into_iter().map(|(raw, repository)| (raw.oid.clone(), origin(raw, &repository))).collect())
    }

    /// The comment with an approval record that this account wrote on a pull request, by its node id.
    ///
    /// # Errors
    /// If a page of its comments can't be read.
    pub fn record_of(&self, node: &str, gate: &Account) -> Result<Option<Comment>, Error> {
        let all = pages(None, |after| {
            let data = self.query("Gate", &json!({ "id": node, "after": after }))?;
            read::<RawPage<RawBody>>(at(&data, "/node/page")?.clone(), "comments")
        })?;
        let theirs = |raw: RawBody| {
            let by_gate =
                raw.author.as_ref().is_some_and(|author| author.login == gate.login && author.kind == gate.kind);
            if by_gate && ApprovalRecord::is_in(&raw.body) { comment_of_any(raw) } else { None }
        };
        Ok(all.into_iter().find_map(theirs))
    }
}

fn origin(raw: RawOrigin, repository: &str) -> CommitOrigin {
    let login = |actor: Option<RawActor>| actor?.user.map(|user| user.login).filter(|login| login != WEB);
    let (more, nodes) = raw.associated_pull_requests.map_or((false, Vec::new()), |page| {
        let more = page.page_info.has_next_page || page.nodes.iter().any(Option::is_none);
        (more, page.nodes.into_iter().flatten().collect())
    });
    // A fork shares its commits with the pull requests of its origin.
    let here = |one: &RawMergedPull| one.repository.name_with_owner.eq_ignore_ascii_case(repository);
    let merged = |one: RawMergedPull| {
        (one.state == "MERGED").then_some(())?;
        Some(MergedPull {
            number: one.number,
            base: one.base_ref_name,
            merged_at: one.merged_at?,
            merged_by: one.merged_by.map(|by| by.login),
            commit: one.merge_commit.map(|commit| commit.oid),
        })
    };
    CommitOrigin {
        by: login(raw.committer).or_else(|| login(raw.author)),
        pulls: nodes.into_iter().filter(here).filter_map(merged).collect(),
        more,
    }
}
