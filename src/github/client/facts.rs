//! The facts of a pull request, read whole: every page, or none of it.

use std::collections::BTreeMap;

use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::fault::Fault;
use super::raw::{
    Page, PageInfo, RawBody, RawMark, RawOutline, RawPull, RawReview, account, at, authorship, comment, cut_off,
    events, mark, read, requested, review, text,
};
use super::requests::Client;
use crate::github::facts::{Account, Comment, Facts, Outline, Review, State};
use crate::github::notices::key_of;
use crate::github::record::ApprovalRecord;

/// Our comment is among the first of ours; more than this many are not looked at in one go.
const FIRST: usize = 5;

/// A comment that holds a command.
pub struct Spoken {
    pub author: Option<Account>,
    pub body: String,
    pub at: String,
    /// Whether it is as it was written.
    pub unedited: bool,
}

impl Client {
    /// Everything about one pull request.
    ///
    /// # Errors
    /// If any page of it can't be read.
    pub fn facts(&self, number: u64) -> Result<Facts, Fault> {
        let data = self.query("Pull", &self.variables(json!({ "number": number })))?;
        let viewer = text(&data, "/viewer/login")?;
        let repository = at(&data, "/repository")?;
        let pull = repository.get("pullRequest").filter(|pull| !pull.is_null());
        let Some(pull) = pull else { return Err(Fault::Missing(format!("pull request #{number}"))) };
        let pull: RawPull = read(pull.clone(), "a pull request")?;
        let open: Page<RawOutline> = read(at(repository, "/pullRequests")?.clone(), "the open pull requests")?;
        let open = self.rest(open, "OpenPulls", &self.variables(json!({})), "/repository/page")?;
        let id = pull.outline.id.clone();
        let of = json!({ "id": id });
        let commit_count = pull.commits.total_count;
        let reviews = self.rest(pull.reviews, "Reviews", &of, "/node/page")?;
        let requests = self.rest(pull.review_requests, "Requests", &of, "/node/page")?;
        let commits = self.rest(pull.commits, "Commits", &of, "/node/page")?;
        let timeline = self.rest(pull.timeline_items, "Timeline", &of, "/node/page")?;
        let mut outline = pull.outline;
        let marks = self.rest(outline.comments, "Comments", &of, "/node/page")?;
        outline.comments = Page {
            page_info: PageInfo { has_next_page: false, end_cursor: None },
            nodes: marks.into_iter().map(Some).collect(),
            total_count: 0,
        };
        let outline = Outline::from(outline);
        let early: Vec<Option<Comment>> = pull.early.nodes.into_iter().map(|raw| raw.and_then(comment)).collect();
        let told = early.iter().flatten().filter_map(|comment| key_of(&comment.body)).map(str::to_owned).collect();
        let later = outline.marks.iter().skip(early.len()).filter(|mark| mark.ours);
        let unread = later.map(|mark| mark.node.clone()).collect();
        let (sticky, doubles) = self.sticky(&outline, early)?;
        let (forced_by, dismissals, anew) = events(&timeline);
        Ok(Facts {
            viewer,
            repository: text(repository, "/nameWithOwner")?,
            default_branch: repository.pointer("/defaultBranchRef/name").and_then(Value::as_str).map(str::to_owned),
            url: pull.url,
            state: match pull.state.as_str() {
                "OPEN" => State::Open,
                "MERGED" => State::Merged,
                _ => State::Closed,
            },
            base_tip: pull.base_ref.and_then(|base| base.target).map(|target| target.oid),
            queued: pull.merge_queue_entry.and_then(|entry| entry.head_commit).map(|head| head.oid),
            reviews: reviews.into_iter().filter_map(review).collect(),
            dismissals,
            forced_by,
            anew,
            requested: requests.iter().filter_map(requested).collect(),
            commits: commits.into_iter().map(|node| authorship(node.commit)).collect(),
            commit_count,
            sticky,
            doubles,
            told,
            unread,
            elsewhere: BTreeMap::new(),
            open: open.into_iter().map(Outline::from).collect(),
            now: self.time()?,
            outline,
        })
    }

    /// GitHub's clock, as text.
    ///
    /// # Errors
    /// If no answer told the time.
    pub fn time(&self) -> Result<String, Fault> {
        let now = self.now().ok_or_else(|| Fault::Odd("no answer has a date".to_owned()))?;
        Ok(now.format("%Y-%m-%dT%H:%M:%SZ").to_string())
    }

    /// Our comment of a pull request, and copies of it.
    fn sticky(&self, outline: &Outline, early: Vec<Option<Comment>>) -> Result<(Option<Comment>, Vec<Comment>), Fault> {
        let looked = early.len();
        let mut found = early.into_iter().flatten().filter(|comment| ApprovalRecord::is_in(&comment.body));
        if let Some(first) = found.next() {
            return Ok((Some(first), found.collect()));
        }
        let later = outline.marks.iter().skip(looked).filter(|mark| mark.ours);
        let ours: Vec<&str> = later.map(|mark| mark.node.as_str()).collect();
        for some in ours.chunks(FIRST) {
            let found = self.bodies(some)?;
            let mut found = found.into_iter().filter(|comment| ApprovalRecord::is_in(&comment.body));
            if let Some(first) = found.next() {
                return Ok((Some(first), found.collect()));
            }
        }
        Ok((None, Vec::new()))
    }

    /// Reads our comments that were not among the first: before a notice is posted it is known what was told already.
    ///
    /// # Errors
    /// If one can't be read.
    pub fn read_on(&self, facts: &mut Facts) -> Result<(), Fault> {
        for some in std::mem::take(&mut facts.unread).chunks(100) {
            let some: Vec<&str> = some.iter().map(String::as_str).collect();
            let found = self.bodies(&some)?;
            facts.told.extend(found.iter().filter_map(|comment| key_of(&comment.body)).map(str::to_owned));
        }
        Ok(())
    }

    /// Those of our comments that were not among the first and begin like the one with the approval record.
    ///
    /// # Errors
    /// If one can't be read.
    pub fn later(&self, facts: &Facts) -> Result<Vec<Comment>, Fault> {
        let mut found = Vec::new();
        for some in facts.unread.chunks(100) {
            let some: Vec<&str> = some.iter().map(String::as_str).collect();
            found.extend(self.bodies(&some)?);
        }
        found.retain(|comment| ApprovalRecord::is_in(&comment.body));
        Ok(found)
    }

    /// Our comments of several pull requests, by number, in one request where nothing unusual happened.
    ///
    /// # Errors
    /// If one can't be read.
    pub fn stickies(&self, outlines: &[&Outline]) -> Result<BTreeMap<u64, Comment>, Fault> {
        let mut found = BTreeMap::new();
        let mut whole: Vec<(u64, Vec<String>)> = Vec::new();
        for outline in outlines {
            let mut marks = outline.marks.clone();
            if let Some(after) = outline.more_marks.as_ref().filter(|_| !marks.iter().any(|mark| mark.ours)) {
                // Ours is further down, or not there: only reading on tells.
                let page = Page {
                    page_info: PageInfo { has_next_page: true, end_cursor: Some(after.clone()) },
                    nodes: Vec::<Option<RawMark>>::new(),
                    total_count: 0,
                };
                let more = self.rest(page, "Comments", &json!({ "id": outline.node }), "/node/page")?;
                marks.extend(more.into_iter().map(mark));
            }
            let ours = marks.into_iter().filter(|mark| mark.ours).map(|mark| mark.node).collect();
            whole.push((outline.number, ours));
        }
        let firsts: Vec<(u64, String)> =
            whole.iter().filter_map(|(number, ours)| Some((*number, ours.first()?.clone()))).collect();
        for some in firsts.chunks(100) {
            let ids: Vec<&str> = some.iter().map(|(_, id)| id.as_str()).collect();
            for (comment, (number, _)) in self.bodies_in_order(&ids)?.into_iter().zip(some) {
                if let Some(comment) = comment.filter(|comment| ApprovalRecord::is_in(&comment.body)) {
                    found.insert(*number, comment);
                }
            }
        }
        // Something else of ours came first: look at the others.
        for (number, ours) in whole.iter().filter(|(_, ours)| ours.len() > 1) {
            if found.contains_key(number) {
                continue;
            }
            for some in ours.get(1..).unwrap_or_default().chunks(FIRST) {
                let some: Vec<&str> = some.iter().map(String::as_str).collect();
                if let Some(comment) =
                    self.bodies(&some)?.into_iter().find(|comment| ApprovalRecord::is_in(&comment.body))
                {
                    found.insert(*number, comment);
                    break;
                }
            }
        }
        Ok(found)
    }

    fn bodies(&self, ids: &[&str]) -> Result<Vec<Comment>, Fault> {
        Ok(self.bodies_in_order(ids)?.into_iter().flatten().collect())
    }

    fn bodies_in_order(&self, ids: &[&str]) -> Result<Vec<Option<Comment>>, Fault> {
        let data = self.query("Bodies", &json!({ "ids": ids }))?;
        let nodes: Vec<Option<RawBody>> = read(at(&data, "/nodes")?.clone(), "comments")?;
        Ok(nodes.into_iter().map(|raw| raw.and_then(comment)).collect())
    }

    /// A command's comment, as it is now.
    ///
    /// # Errors
    /// If it can't be read, or is no longer there.
    pub fn spoken(&self, node: &str, pull: u64) -> Result<Spoken, Fault> {
        let data = self.query("Command", &json!({ "id": node }))?;
        let found = data.pointer("/node").filter(|node| node.get("body").is_some());
        let Some(found) = found else { return Err(Fault::Missing("comment with the command".to_owned())) };
        let number = found.pointer("/pullRequest/number").and_then(Value::as_u64);
        if number != Some(pull) {
            return Err(Fault::Odd("the comment is of another pull request".to_owned()));
        }
        let raw: RawBody = read(found.clone(), "a comment")?;
        Ok(Spoken {
            author: raw.author.map(account),
            unedited: raw.last_edited_at.is_none() && raw.editor.is_none(),
            body: raw.body,
            at: raw.created_at,
        })
    }

    /// What may have changed since: compared with what was judged.
    ///
    /// # Errors
    /// If it can't be read.
    pub fn unchanged(&self, facts: &Facts) -> Result<bool, Fault> {
        let data = self.query("Again", &self.variables(json!({ "number": facts.number() })))?;
        let pull = at(&data, "/repository/pullRequest")?;
        let reviews: Vec<Option<RawReview>> = read(at(pull, "/reviews/nodes")?.clone(), "reviews")?;
        let reviews: Vec<Review> = reviews.into_iter().flatten().filter_map(review).collect();
        let last = facts.reviews.len().saturating_sub(100);
        let tip = pull.pointer("/baseRef/target/oid").and_then(Value::as_str);
        Ok(text(pull, "/headRefOid")? == facts.outline.head
            && text(pull, "/baseRefName")? == facts.outline.base
            && text(pull, "/state")? == "OPEN"
            && at(pull, "/isDraft")?.as_bool() == Some(facts.outline.draft)
            && tip == facts.base_tip.as_deref()
            && facts.reviews.get(last..) == Some(reviews.as_slice()))
    }

    pub(super) fn variables(&self, mut more: Value) -> Value {
        if let Some(more) = more.as_object_mut() {
            more.insert("owner".to_owned(), json!(self.site.owner));
            more.insert("name".to_owned(), json!(self.site.name));
        }
        more
    }

    /// The rest of a list whose first page is here.
    fn rest<T: DeserializeOwned>(
        &self,
        first: Page<T>,
        query: &str,
        variables: &Value,
        place: &str,
    ) -> Result<Vec<T>, Fault> {
        let mut all: Vec<T> = first.nodes.into_iter().flatten().collect();
        let mut info = first.page_info;
        while info.has_next_page {
            let mut variables = variables.clone();
            if let Some(variables) = variables.as_object_mut() {
                variables.insert("after".to_owned(), json!(info.end_cursor.ok_or_else(cut_off)?));
            }
            let data = self.query(query, &variables)?;
            let page: Page<T> = read(at(&data, place)?.clone(), "a page")?;
            all.extend(page.nodes.into_iter().flatten());
            info = page.page_info;
        }
        Ok(all)
    }
}
