//! Lists beyond one pull request: all open ones, the merge queue, statuses, policies, people and teams.

use std::collections::{BTreeMap, BTreeSet};

use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::authorship::authorship;
use super::pages::{Pages, after_cursor, pages};
use super::raw::{RawCommit, RawHead, RawOutline, RawPage, RawReview, RawUser, at, read, review, status, text};
use super::requests::{Client, QUERIES};
use crate::error::{Error, ErrorKind};
use crate::flag::File;
use crate::github::facts::{Account, Authorship, Outline, Status, SubmittedReview};
use crate::policy::{APPROVERS_PATH, CONFIG_PATH, FORMATS_FOLDER, PolicyFiles};

/// An open pull request, as far as a sweep has to know it.
pub struct ListedPull {
    pub outline: Outline,
    pub base_tip: Option<String>,
    pub reviews: Vec<SubmittedReview>,
}

/// An entry of a merge queue.
pub struct QueueEntry {
    pub base: String,
    pub head: String,
    pub pull: u64,
    pub statuses: Vec<Status>,
}

impl Client {
    /// The login of the token's account, and every open pull request.
    ///
    /// # Errors
    /// If a page can't be read.
    pub fn open_pulls(&self) -> Result<(String, Vec<ListedPull>), Error> {
        let mut viewer = String::new();
        let all = pages(None, |after| {
            let data = self.query("Sweep", &after_cursor(&self.variables(json!({})), after))?;
            viewer = text(&data, "/viewer/login")?;
            read::<RawPage<Value>>(at(&data, "/repository/page")?.clone(), "the open pull requests")
        })?;
        let listed = |node: Value| {
            let reviews: Vec<Option<RawReview>> = read(at(&node, "/reviews/nodes")?.clone(), "reviews")?;
            let base_tip = node.pointer("/baseRef/target/oid").and_then(Value::as_str).map(str::to_owned);
            let outline: RawOutline = read(node, "a pull request")?;
            let reviews = reviews.into_iter().flatten().filter_map(review).collect();
            Ok(ListedPull { outline: outline.into(), base_tip, reviews })
        };
        Ok((viewer, all.into_iter().map(listed).collect::<Result<_, Error>>()?))
    }

    /// The login of the token's account, and the merge queue of a branch, in order.
    ///
    /// # Errors
    /// If it can't be read whole.
    pub fn queue(&self, branch: &str) -> Result<(String, Vec<QueueEntry>), Error> {
        let mut viewer = String::new();
        let entries = pages(None, |after| {
            let data = self.query("Queue", &after_cursor(&self.variables(json!({ "branch": branch })), after))?;
            viewer = text(&data, "/viewer/login")?;
            let entries = data.pointer("/repository/mergeQueue/page").filter(|entries| !entries.is_null());
            let Some(entries) = entries else { return Err(Error::missing(format!("merge queue of {branch}"))) };
            read::<RawPage<Value>>(entries.clone(), "the merge queue")
        })?;
        let mut found = Vec::new();
        for entry in entries {
            let oid = |path: &str| entry.pointer(path).and_then(Value::as_str).map(str::to_owned);
            let pull = entry.pointer("/pullRequest/number").and_then(Value::as_u64);
            let head: Option<RawHead> = read(entry.get("headCommit").cloned().unwrap_or_default(), "a queue entry")?;
            // An entry that has no commits yet is not built yet.
            if let (Some(base), Some(head), Some(pull)) = (oid("/baseCommit/oid"), head, pull) {
                let all = head.status.map(|status| status.contexts).unwrap_or_default();
                let statuses = all.into_iter().map(status).collect();
                found.push(QueueEntry { base, head: head.oid, pull, statuses });
            }
        }
        Ok((viewer, found))
    }

    /// The statuses of a commit; none if the commit is gone.
    ///
    /// # Errors
    /// If they can't be read.
    pub fn statuses(&self, sha: &str) -> Result<Vec<Status>, Error> {
        let data = self.query("Statuses", &self.variables(json!({ "oid": sha })))?;
        let object = data.pointer("/repository/object").cloned().unwrap_or_default();
        let head: Option<RawHead> = read(object, "a commit")?;
        Ok(head
            .and_then(|head| head.status)
            .map_or_else(Vec::new, |all| all.contexts.into_iter().map(status).collect()))
    }

    /// The newest statuses of a commit, also those that were replaced, the newest first.
    ///
    /// # Errors
    /// If they can't be read.
    pub fn status_history(&self, sha: &str) -> Result<Vec<Status>, Error> {
        const MOST_PAGES: usize = 3;
        let mut all = Vec::new();
        for page in 1..=MOST_PAGES {
            let found = match self.get(&format!("{}/commits/{sha}/statuses?per_page=100&page={page}", self.repo())) {
                Err(error) if error.kind == ErrorKind::Missing => break,
                answer => answer?,
            };
            let found = found.as_array().ok_or_else(|| Error::unexpected("statuses are no list"))?.clone();
            let last = found.len() < 100;
            all.extend(found.iter().map(|one| {
                let word = |path: &str| one.pointer(path).and_then(Value::as_str).unwrap_or_default().to_owned();
                let creator = one.pointer("/creator/login").is_some();
                Status {
                    context: word("/context"),
                    state: word("/state"),
                    description: word("/description"),
                    target: word("/target_url"),
                    creator: creator.then(|| Account { login: word("/creator/login"), kind: word("/creator/type") }),
                }
            }));
            if last {
                break;
            }
        }
        Ok(all)
    }

    /// The people behind commits that the pull request's own list does not have.
    ///
    /// # Errors
    /// If they can't be read.
    pub fn authors(&self, oids: &[String]) -> Result<BTreeMap<String, Authorship>, Error> {
        let commits: Vec<(RawCommit, String)> = self.commits("Authors", oids, "...Author", fragment("Author"))?;
        Ok(commits.into_iter().map(|(commit, _)| authorship(commit)).collect())
    }

    /// The answers of a query about each of these commits, with the full name of the repository; commits that GitHub
    /// does not have are left out.
    pub(super) fn commits<T: DeserializeOwned>(
        &self,
        query: &str,
        oids: &[String],
        selection: &str,
        fragment: &str,
    ) -> Result<Vec<(T, String)>, Error> {
        let mut found = Vec::new();
        let (owner, name) = (json!(self.site.owner), json!(self.site.name));
        for some in oids.chunks(50) {
            let commit =
                |(index, oid): (usize, &String)| format!("c{index}: object(oid: {}) {{ {selection} }}\n", json!(oid));
            let commits: String = some.iter().enumerate().map(commit).collect();
            let data = self.query_text(query, &format!(
                "query {query} {{ repository(owner: {owner}, name: {name}) {{ nameWithOwner {commits} }} }}\n{fragment}"
            ))?;
            let repository = at(&data, "/repository")?;
            let full = text(repository, "/nameWithOwner")?;
            for (_, commit) in repository.as_object().into_iter().flatten().filter(|(key, _)| *key != "nameWithOwner") {
                found.extend(read::<Option<T>>(commit.clone(), "a commit")?.map(|commit| (commit, full.clone())));
            }
        }
        Ok(found)
    }

    /// The files of the policy at some commits, by commit.
    ///
    /// # Errors
    /// If they can't be read.
    pub fn policies(&self, tips: &BTreeSet<String>) -> Result<BTreeMap<String, PolicyFiles>, Error> {
        let mut found = BTreeMap::new();
        for some in tips.iter().collect::<Vec<_>>().chunks(20) {
            let mut fields = String::new();
            for (index, tip) in some.iter().enumerate() {
                for (letter, path) in [("c", CONFIG_PATH), ("a", APPROVERS_PATH)] {
                    let at = json!(format!("{tip}:{path}"));
                    fields.push_str(&format!(
                        "{letter}{index}: object(expression: {at}) {{ ... on Blob {{ text isTruncated }} }}\n"
                    ));
                }
                let at = json!(format!("{tip}:{FORMATS_FOLDER}"));
                fields.push_str(&format!(
                    "f{index}: object(expression: {at}) {{ ... on Tree {{ entries {{ name object {{ ... on Blob {{ \
                     text isTruncated }} }} }} }} }}\n"
                ));
            }
            let (owner, name) = (json!(self.site.owner), json!(self.site.name));
            let query = format!("query Policies {{ repository(owner: {owner}, name: {name}) {{ {fields} }} }}");
            let data = self.query_text("Policies", &query)?;
            for (index, tip) in some.iter().enumerate() {
                let read = |blob: &Value, path: &str| {
                    let whole = blob.get("isTruncated").and_then(Value::as_bool) == Some(false);
                    let text = blob.get("text").and_then(Value::as_str).filter(|_| whole)?;
                    Some(File::regular(path, text))
                };
                let file =
                    |letter: &str, path: &str| read(data.pointer(&format!("/repository/{letter}{index}"))?, path);
                let entries = data.pointer(&format!("/repository/f{index}/entries")).and_then(Value::as_array);
                let mapping = |entry: &Value| {
                    read(entry.get("object")?, &format!("{FORMATS_FOLDER}/{}", entry.get("name")?.as_str()?))
                };
                let mut formats: Vec<File> = entries.into_iter().flatten().filter_map(mapping).collect();
                formats.sort_by(|one, two| one.path.cmp(&two.path));
                let (config, approvers) = (file("c", CONFIG_PATH), file("a", APPROVERS_PATH));
                // The trust decides nothing about a pull request.
                let files = PolicyFiles { config, approvers, formats, trust: None };
                found.insert((*tip).clone(), files);
            }
        }
        Ok(found)
    }

    /// The members of teams (`@org/team`), with those of their child teams. A team of which any page can't be read is
    /// left out: part of its members would be a team without the others.
    ///
    /// # Errors
    /// If GitHub can't be asked at all.
    pub fn members(&self, teams: &[String]) -> Result<BTreeMap<String, Vec<String>>, Error> {
        let mut found: BTreeMap<String, Vec<String>> = BTreeMap::new();
        // Teams with a page to come: its cursor, and the members of the pages before it.
        let mut open: Vec<_> = teams.iter().map(|team| (team.clone(), None, Pages::new())).collect();
        while !open.is_empty() {
            let some: Vec<(String, Option<String>, Pages<RawUser>)> = open.drain(..open.len().min(40)).collect();
            let mut fields = String::new();
            for (index, (team, after, _)) in some.iter().enumerate() {
                let Some((org, slug)) = team.trim_start_matches('@').split_once('/') else { continue };
                fields.push_str(&format!(
                    "t{index}: organization(login: {}) {{ team(slug: {}) {{ members(first: 100, after: {}, membership: \
                     ALL) {{ pageInfo {{ hasNextPage endCursor }} nodes {{ login }} }} }} }}\n",
                    json!(org),
                    json!(slug),
                    json!(after)
                ));
            }
            let data = match self.query_for_teams("Teams", &format!("query Teams {{ {fields} }}")) {
                Ok(data) => data,
                // This token may not read them: unknown, and unknown is no.
                Err(error) if error.is_hidden() => continue,
                Err(error) => return Err(error),
            };
            for (index, (team, _, mut pages)) in some.into_iter().enumerate() {
                let members = data.pointer(&format!("/t{index}/team/members")).filter(|members| !members.is_null());
                let Some(members) = members else { continue };
                match pages.add(read(members.clone(), "the members of a team")?)? {
                    Some(cursor) => open.push((team, Some(cursor), pages)),
                    None => drop(found.insert(team, pages.whole().into_iter().map(|user| user.login).collect())),
                }
            }
        }
        Ok(found)
    }

    /// The permission of somebody in the repository: `admin`, `maintain`, `write`, `triage`, `read`, `none`; for a role
    /// of the organisation's own, the one it includes. `None` if it can't be read.
    ///
    /// # Errors
    /// If GitHub can't be asked.
    pub fn permission(&self, login: &str) -> Result<Option<String>, Error> {
        let path = format!("{}/collaborators/{login}/permission", self.repo());
        match self.get(&path) {
            Ok(answer) => Ok(answer.get("permission").and_then(Value::as_str).map(str::to_owned)),
            Err(error) if error.is_hidden() => Ok(None),
            Err(error) => Err(error),
        }
    }
}

/// The text of one fragment of the queries.
fn fragment(name: &str) -> &'static str {
    let text = QUERIES;
    let start = text.find(&format!("fragment {name} on ")).unwrap_or(text.len());
    let rest = text.get(start..).unwrap_or_default();
    let end = rest.find("\n}").map_or(rest.len(), |end| end + 2);
    rest.get(..end).unwrap_or_default()
}
