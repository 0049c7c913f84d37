//! The sticky comments, and the other comments in our name.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::pages::pages;
use super::raw::{RawBody, RawCommentRef, RawInfo, RawPage, account, at, comment, comment_ref, read};
use super::requests::Client;
use crate::error::Error;
use crate::github::actions::notifications::notice_in;
use crate::github::facts::{Account, Comment, Outline, PullFacts};
use crate::github::record::ApprovalRecord;

/// How many of our comments are read in one go: the sticky one is among the first of ours.
const FIRST: usize = 5;

/// A comment with a command.
pub struct CommandComment {
    pub author: Option<Account>,
    pub body: String,
    pub at: String,
    /// Whether it is as it was written.
    pub unedited: bool,
}

impl Client {
    /// The sticky comment of a pull request, and copies of it; `early` are its first comments.
    pub(super) fn sticky(
        &self,
        outline: &Outline,
        early: Vec<Option<Comment>>,
    ) -> Result<(Option<Comment>, Vec<Comment>), Error> {
        let read = early.len();
        let mut found = early.into_iter().flatten().filter(|comment| ApprovalRecord::is_in(&comment.body));
        if let Some(first) = found.next() {
            return Ok((Some(first), found.collect()));
        }
        let later = outline.comments.iter().skip(read).filter(|comment| comment.ours);
        let ours: Vec<&str> = later.map(|comment| comment.node.as_str()).collect();
        for some in ours.chunks(FIRST) {
            let found = self.bodies(some)?;
            let mut found = found.into_iter().filter(|comment| ApprovalRecord::is_in(&comment.body));
            if let Some(first) = found.next() {
                return Ok((Some(first), found.collect()));
            }
        }
        Ok((None, Vec::new()))
    }

    /// Reads our comments that were not among the first: before a notification is written, those that are there have to
    /// be known.
    ///
    /// # Errors
    /// If one can't be read.
    pub fn read_notifications(&self, facts: &mut PullFacts) -> Result<(), Error> {
        let unread = std::mem::take(&mut facts.unread_comments);
        let comments = self.all_bodies(&unread)?;
        facts.notices.extend(comments.iter().filter_map(notice_in));
        Ok(())
    }

    /// Our comments that were not among the first and begin like the sticky one.
    ///
    /// # Errors
    /// If one can't be read.
    pub fn more_candidates(&self, facts: &PullFacts) -> Result<Vec<Comment>, Error> {
        let mut found = self.all_bodies(&facts.unread_comments)?;
        found.retain(|comment| ApprovalRecord::is_in(&comment.body));
        Ok(found)
    }

    /// All our comments on a pull request that begin like the sticky one, by its node id.
    ///
    /// # Errors
    /// If a page of its comments can't be read.
    pub fn all_candidates(&self, node: &str) -> Result<Vec<Comment>, Error> {
        let all = pages(None, |after| {
            let data = self.query("Gate", &json!({ "id": node, "after": after }))?;
            read::<RawPage<RawBody>>(at(&data, "/node/page")?.clone(), "comments")
        })?;
        let ours = all.into_iter().filter_map(comment);
        Ok(ours.filter(|comment| ApprovalRecord::is_in(&comment.body)).collect())
    }

    /// The sticky comments of several pull requests, by number, in one request where nothing unusual happened.
    ///
    /// # Errors
    /// If one can't be read.
    pub fn stickies(&self, outlines: &[&Outline]) -> Result<BTreeMap<u64, Comment>, Error> {
        let mut ours: Vec<(u64, Vec<String>)> = Vec::new();
        for outline in outlines {
            ours.push((outline.number, self.own_comments(outline)?));
        }
        let firsts: Vec<(u64, &str)> =
            ours.iter().filter_map(|(number, nodes)| Some((*number, nodes.first()?.as_str()))).collect();
        let mut found = BTreeMap::new();
        for some in firsts.chunks(100) {
            let ids: Vec<&str> = some.iter().map(|(_, id)| *id).collect();
            for (comment, (number, _)) in self.bodies_in_order(&ids)?.into_iter().zip(some) {
                if let Some(comment) = comment.filter(|comment| ApprovalRecord::is_in(&comment.body)) {
                    found.insert(*number, comment);
                }
            }
        }
        // Another comment of ours came first: the sticky one is among the rest.
        for (number, nodes) in ours.iter().filter(|(_, nodes)| nodes.len() > 1) {
            if found.contains_key(number) {
                continue;
            }
            for some in nodes.get(1..).unwrap_or_default().chunks(FIRST) {
                let some: Vec<&str> = some.iter().map(String::as_str).collect();
                let sticky = self.bodies(&some)?.into_iter().find(|comment| ApprovalRecord::is_in(&comment.body));
                if let Some(sticky) = sticky {
                    found.insert(*number, sticky);
                    break;
                }
            }
        }
        Ok(found)
    }

    /// The comments of ours on a pull request that begin like the sticky one, or did so once, each with its earlier
    /// texts, the newest first.
    ///
    /// # Errors
    /// If one can't be read.
    pub fn texts(&self, outline: &Outline) -> Result<Vec<(Comment, Vec<String>)>, Error> {
        let mut found = self.all_bodies(&self.own_comments(outline)?)?;
        found.retain(|comment| ApprovalRecord::is_in(&comment.body) || !comment.edits.is_empty());
        let with_earlier = |comment: Comment| {
            if comment.edits.is_empty() {
                return Ok((comment, Vec::new()));
            }
            let mut bodies = self.edit_bodies(&comment.node)?;
            let earlier = comment.edits.iter().filter_map(|edit| bodies.remove(&edit.id));
            let earlier = earlier.filter(|body| ApprovalRecord::is_in(body)).collect();
            Ok((comment, earlier))
        };
        found.into_iter().take(FIRST).map(with_earlier).collect()
    }

    /// The node ids of our comments on a pull request, as far down as one of them may be the sticky one.
    fn own_comments(&self, outline: &Outline) -> Result<Vec<String>, Error> {
        let mut comments = outline.comments.clone();
        if let Some(after) = outline.more_comments.as_ref().filter(|_| !comments.iter().any(|comment| comment.ours)) {
            let page = RawPage {
                page_info: RawInfo { has_next_page: true, end_cursor: Some(after.clone()) },
                nodes: Vec::<Option<RawCommentRef>>::new(),
                total_count: 0,
            };
            let more = self.rest(page, "Comments", &json!({ "id": outline.node }), "/node/page")?;
            comments.extend(more.into_iter().map(comment_ref));
        }
        Ok(comments.into_iter().filter(|comment| comment.ours).map(|comment| comment.node).collect())
    }

    /// The texts that a comment had, by the ids of its edits; one that somebody deleted is left out.
    ///
    /// # Errors
    /// If they can't be read.
    pub fn edit_bodies(&self, node: &str) -> Result<BTreeMap<String, String>, Error> {
        let data = self.query("Edits", &json!({ "id": node }))?;
        let edits = at(&data, "/node/userContentEdits/nodes")?.as_array().into_iter().flatten();
        let word = |edit: &Value, name: &str| edit.get(name).and_then(Value::as_str).map(str::to_owned);
        Ok(edits.filter_map(|edit| Some((word(edit, "id")?, word(edit, "diff")?))).collect())
    }

    fn all_bodies(&self, nodes: &[String]) -> Result<Vec<Comment>, Error> {
        let mut found = Vec::new();
        for some in nodes.chunks(100) {
            let some: Vec<&str> = some.iter().map(String::as_str).collect();
            found.extend(self.bodies(&some)?);
        }
        Ok(found)
    }

    fn bodies(&self, ids: &[&str]) -> Result<Vec<Comment>, Error> {
        Ok(self.bodies_in_order(ids)?.into_iter().flatten().collect())
    }

    fn bodies_in_order(&self, ids: &[&str]) -> Result<Vec<Option<Comment>>, Error> {
        let data = self.query("Bodies", &json!({ "ids": ids }))?;
        let nodes: Vec<Option<RawBody>> = read(at(&data, "/nodes")?.clone(), "comments")?;
        Ok(nodes.into_iter().map(|raw| raw.and_then(comment)).collect())
    }

    /// The comment with a command, as it is now.
    ///
    /// # Errors
    /// If it can't be read, or is no longer there.
    pub fn command_comment(&self, node: &str, pull: u64) -> Result<CommandComment, Error> {
        let data = self.query("Command", &json!({ "id": node }))?;
        let found = data.pointer("/node").filter(|node| node.get("body").is_some());
        let Some(found) = found else { return Err(Error::missing("comment with the command")) };
        if found.pointer("/pullRequest/number").and_then(Value::as_u64) != Some(pull) {
            return Err(Error::unexpected("the comment is of another pull request"));
        }
        let raw: RawBody = read(found.clone(), "a comment")?;
        Ok(CommandComment {
            author: raw.author.map(account),
            unedited: raw.last_edited_at.is_none() && raw.editor.is_none(),
            body: raw.body,
            at: raw.created_at,
        })
    }
}
