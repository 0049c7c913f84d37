//! The facts of a pull request, read whole: every page, or an error.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::authorship::authorship;
use super::raw::{
    RawBody, RawInfo, RawOutline, RawPage, RawPull, RawReview, at, comment, events, read, requested, review, text,
};
use super::requests::Client;
use crate::error::{Error, ErrorKind};
use crate::github::actions::notifications::notice_in;
use crate::github::facts::{Comment, Outline, PullFacts, PullState, SubmittedReview};
use crate::github::record::words;

impl Client {
    /// Everything about one pull request.
    ///
    /// # Errors
    /// If any page of it can't be read.
    pub fn facts(&self, number: u64) -> Result<PullFacts, Error> {
        let data = self.query("Pull", &self.variables(json!({ "number": number })))?;
        let viewer = text(&data, "/viewer/login")?;
        let repository = at(&data, "/repository")?;
        let pull = repository.get("pullRequest").filter(|pull| !pull.is_null());
        let Some(pull) = pull else { return Err(Error::missing(format!("pull request #{number}"))) };
        let pull: RawPull = read(pull.clone(), "a pull request")?;
        let open: RawPage<RawOutline> = read(at(repository, "/pullRequests")?.clone(), "the open pull requests")?;
        let open = self.rest(open, "OpenPulls", &self.variables(json!({})), "/repository/page")?;
        let id = pull.outline.id.clone();
        let of = json!({ "id": id });
        let commit_count = pull.commits.total_count;
        let reviews = self.rest(pull.reviews, "Reviews", &of, "/node/page")?;
        let requests = self.rest(pull.review_requests, "Requests", &of, "/node/page")?;
        let commits = self.rest(pull.commits, "Commits", &of, "/node/page")?;
        let timeline = self.rest(pull.timeline_items, "Timeline", &of, "/node/page")?;
        let mut outline = pull.outline;
        let comments = self.rest(outline.comments, "Comments", &of, "/node/page")?;
        outline.comments = RawPage {
            page_info: RawInfo { has_next_page: false, end_cursor: None },
            nodes: comments.into_iter().map(Some).collect(),
            total_count: 0,
        };
        let outline = Outline::from(outline);
        let early: Vec<Option<Comment>> = pull.early.nodes.into_iter().map(|raw| raw.and_then(comment)).collect();
        let notices = early.iter().flatten().filter_map(notice_in).collect();
        let later = outline.comments.iter().skip(early.len()).filter(|comment| comment.ours);
        let unread_comments = later.map(|comment| comment.node.clone()).collect();
        let (sticky, copies) = self.sticky(&outline, early)?;
        let (forced_by, dismissals, renewed_at) = events(&timeline);
        Ok(PullFacts {
            viewer,
            repository: text(repository, "/nameWithOwner")?,
            title: pull.title,
            url: pull.url,
            state: match pull.state.as_str() {
                "OPEN" => PullState::Open,
                "MERGED" => PullState::Merged,
                _ => PullState::Closed,
            },
            base_tip: pull.base_ref.and_then(|base| base.target).map(|target| target.oid),
            queued: pull.merge_queue_entry.and_then(|entry| entry.head_commit).map(|head| head.oid),
            reviews: reviews.into_iter().filter_map(review).collect(),
            dismissals,
            forced_by,
            renewed_at,
            requested: requests.iter().filter_map(requested).collect(),
            commits: commits.into_iter().map(|node| authorship(node.commit)).collect(),
            commit_count,
            sticky,
            copies,
            notices,
            unread_comments,
            other_statuses: BTreeMap::new(),
            open: open.into_iter().map(Outline::from).collect(),
            now: self.time()?,
            outline,
        })
    }

    /// GitHub's clock, RFC 3339.
    ///
    /// # Errors
    /// If no answer had a date.
    pub fn time(&self) -> Result<String, Error> {
        let now = self.now().ok_or_else(|| Error::unexpected("no answer has a date"))?;
        Ok(crate::document::date::rfc3339(now))
    }

    /// Whether the head, the base, the state and the reviews are still those of the facts, and the sticky comment is
    /// still the one in `sticky`, or nobody but us has written it since.
    ///
    /// # Errors
    /// If it can't be read.
    pub fn unchanged(&self, facts: &PullFacts, sticky: Option<&Comment>) -> Result<bool, Error> {
        let comments: Vec<&str> = sticky.iter().map(|comment| comment.node.as_str()).collect();
        let data = match self.query("Again", &self.variables(json!({ "number": facts.number(), "comments": comments })))
        {
            // The comment is gone.
            Err(error) if error.kind == ErrorKind::Missing && sticky.is_some() => return Ok(false),
            answer => answer?,
        };
        let now: Vec<Option<RawBody>> = read(at(&data, "/nodes")?.clone(), "comments")?;
        let now = now.into_iter().flatten().find_map(comment);
        let same = |sticky: &Comment| {
            now.is_some_and(|now| {
                let same = now.untouched == sticky.untouched && words(&now.body) == words(&sticky.body);
                same && (now.edits == sticky.edits || now.is_intact())
            })
        };
        if !sticky.is_none_or(same) {
            return Ok(false);
        }
        let pull = at(&data, "/repository/pullRequest")?;
        let reviews: Vec<Option<RawReview>> = read(at(pull, "/reviews/nodes")?.clone(), "reviews")?;
        let reviews: Vec<SubmittedReview> = reviews.into_iter().flatten().filter_map(review).collect();
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
}
