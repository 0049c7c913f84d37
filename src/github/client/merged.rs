//! How commits got where they are: the pull requests that brought them, and the gate's comment on those.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Value, json};

use super::fault::Fault;
use super::raw::{Oid, Page, RawAccount, RawActor, RawBody, account, at, cut_off, read};
use super::requests::Client;
use crate::github::facts::{Account, Comment};
use crate::github::record::ApprovalRecord;

/// The account GitHub commits with when somebody presses a button.
const WEB: &str = "web-flow";

/// A commit, as far as GitHub tells how it got in.
pub struct Landed {
    /// Login of its committer, or else of its author; none if neither has an account.
    pub by: Option<String>,
    /// The pull requests of this repository that were merged with it.
    pub pulls: Vec<Brought>,
    /// Whether there are more pull requests than these.
    pub more: bool,
}

/// A pull request that was merged.
#[derive(Clone)]
pub struct Brought {
    pub number: u64,
    pub base: String,
    pub merged_at: String,
    pub merged_by: Option<String>,
    /// The commit the merge made.
    pub commit: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RawLanded {
    oid: String,
    author: Option<RawActor>,
    committer: Option<RawActor>,
    associated_pull_requests: Option<Page<RawBrought>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RawBrought {
    number: u64,
    state: String,
    base_ref_name: String,
    merged_at: Option<String>,
    merged_by: Option<RawAccount>,
    merge_commit: Option<Oid>,
    repository: RawRepository,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RawRepository {
    name_with_owner: String,
}

/// What is asked of each commit.
const ASKED: &str = "... on Commit {
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
    /// How some commits got in, by object id; those GitHub does not have are left out.
    ///
    /// # Errors
    /// If it can't be read.
    pub fn merged(&self, oids: &[String]) -> Result<BTreeMap<String, Landed>, Fault> {
        let mut found = BTreeMap::new();
        let (owner, name) = (json!(self.site.owner), json!(self.site.name));
        for some in oids.chunks(50) {
            let commits: String = some
                .iter()
                .enumerate()
                .map(|(index, oid)| format!("c{index}: object(oid: {}) {{ {ASKED} }}\n", json!(oid)))
                .collect();
            let query =
                format!("query Landed {{ repository(owner: {owner}, name: {name}) {{ nameWithOwner {commits} }} }}");
            let data = self.query_text("Landed", &query)?;
            let repository = at(&data, "/repository")?;
            let full = super::raw::text(repository, "/nameWithOwner")?;
            for (key, commit) in repository.as_object().into_iter().flatten() {
                if key == "nameWithOwner" {
                    continue;
                }
                if let Some(raw) = read::<Option<RawLanded>>(commit.clone(), "a commit")? {
                    found.insert(raw.oid.clone(), merged(raw, &full));
                }
            }
        }
        Ok(found)
    }

    /// The comment with a approval record that this account wrote on a pull request, by its node id.
    ///
    /// # Errors
    /// If a page of its comments can't be read.
    pub fn record_of(&self, node: &str, gate: &Account) -> Result<Option<Comment>, Fault> {
        let mut after = Value::Null;
        loop {
            let data = self.query("Gate", &json!({ "id": node, "after": after }))?;
            let page: Page<RawBody> = read(at(&data, "/node/page")?.clone(), "comments")?;
            let theirs = |raw: RawBody| {
                let author = raw.author.map(account)?;
                let editor = raw.editor.map(account);
                (author.is(gate) && ApprovalRecord::is_in(&raw.body)).then_some(())?;
                Some(Comment {
                    id: raw.database_id?,
                    edited_at: raw.last_edited_at.unwrap_or(raw.created_at),
                    untouched: editor.is_none_or(|editor| editor.is(&author)),
                    body: raw.body,
                })
            };
            if let Some(comment) = page.nodes.into_iter().flatten().find_map(theirs) {
                return Ok(Some(comment));
            }
            if !page.page_info.has_next_page {
                return Ok(None);
            }
            after = Value::String(page.page_info.end_cursor.ok_or_else(cut_off)?);
        }
    }
}

fn merged(raw: RawLanded, repository: &str) -> Landed {
    let login = |actor: Option<RawActor>| actor?.user.map(|user| user.login).filter(|login| login != WEB);
    let (more, nodes) = raw
        .associated_pull_requests
        .map_or((false, Vec::new()), |page| (page.page_info.has_next_page, page.nodes.into_iter().flatten().collect()));
    // A fork shares its commits with the pull requests of its origin.
    let here = |one: &RawBrought| one.repository.name_with_owner.eq_ignore_ascii_case(repository);
    let merged = |one: RawBrought| {
        (one.state == "MERGED").then_some(())?;
        Some(Brought {
            number: one.number,
            base: one.base_ref_name,
            merged_at: one.merged_at?,
            merged_by: one.merged_by.map(|by| by.login),
            commit: one.merge_commit.map(|commit| commit.oid),
        })
    };
    Landed {
        by: login(raw.committer).or_else(|| login(raw.author)),
        pulls: nodes.into_iter().filter(here).filter_map(merged).collect(),
        more,
    }
}
