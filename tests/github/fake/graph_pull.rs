//! GraphQL's pull requests, and all that hangs on one: reviews, requests, commits, timeline, comments, queue.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::graph::{Exec, Out, Thing, actor};
use super::people::Account;
use super::pulls::{Pull, RequestedReviewer, Review};
use super::shapes;
use super::world::{Comment, Edit, World, iso};

pub fn numbered(exec: &Exec, kind: &str, number: u64, field: &str, args: &Value) -> Option<Out> {
    let viewer = exec.viewer();
    let world = exec.world();
    let world: &World = &world;
    match kind {
        "PullRequest" => pull(world, &viewer, world.pulls.get(&number)?, field, args),
        "IssueComment" => comment(world, exec, &viewer, world.comments.get(&number)?, field),
        // A pull request is an issue too, with the same number.
        "Issue" => match field {
            "number" => Out::leaf(number),
            "url" => Out::leaf(shapes::web(world, &format!("/issues/{number}"))),
            "repository" => Out::one(Thing::name("Repository", world.full_name())),
            _ => None,
        },
        "StatusContext" => {
            let status = world.statuses.iter().find(|it| it.id == number)?;
            match field {
                "context" => Out::leaf(&*status.context),
                "state" => Out::leaf(status.state.to_uppercase()),
                "description" => Out::leaf(status.description.clone()),
                "targetUrl" => Out::leaf(status.target_url.clone()),
                "createdAt" => Out::at(status.at),
                "creator" => Out::one(actor(world, &status.creator)),
                "commit" => Out::one(Thing::name("Commit", &*status.sha)),
                _ => None,
            }
        }
        "MergeQueueEntry" => {
            let (branch, queue) = world.queues.iter().find(|(_, queue)| queue.iter().any(|it| it.number == number))?;
            let at = queue.iter().position(|it| it.number == number)?;
            let queued = &queue[at];
            match field {
                "position" => Out::leaf(at + 1),
                "state" => Out::leaf("AWAITING_CHECKS"),
                "enqueuedAt" => Out::at(queued.at),
                "enqueuer" => Out::one(actor(world, &queued.by)),
                "baseCommit" => Out::one(Thing::name("Commit", &*queued.base)),
                "headCommit" => Out::one(Thing::name("Commit", &*queued.head)),
                "pullRequest" => Out::one(Thing::number("PullRequest", number)),
                "mergeQueue" => Out::one(Thing::name("MergeQueue", &**branch)),
                "jump" | "solo" => Out::leaf(false),
                _ => None,
            }
        }
        _ => None,
    }
}

fn pull(world: &World, viewer: &str, pull: &Pull, field: &str, args: &Value) -> Option<Out> {
    let number = pull.number;
    let same_repo = pull.head_repo.as_deref() == Some(&*world.full_name());
    let reviews = |all: Vec<&Review>| {
        let all = all.into_iter().map(|it| Thing::of("PullRequestReview", number, it.id));
        Some(Out::Page("PullRequestReviewConnection", all.collect()))
    };
    // A pending review is seen by its author alone.
    let seen = || pull.reviews.iter().filter(|it| it.state != "PENDING" || it.author == viewer);
    match field {
        "number" => Out::leaf(number),
        "databaseId" => Out::leaf(pull.id),
        "fullDatabaseId" => Out::leaf(pull.id.to_string()),
        "title" => Out::leaf(&*pull.title),
        "body" | "bodyText" => Out::leaf(""),
        "url" | "permalink" => Out::leaf(shapes::web(world, &format!("/pull/{number}"))),
        "state" => Out::leaf(pull.state),
        "isDraft" => Out::leaf(pull.draft),
        "closed" => Out::leaf(pull.state != "OPEN"),
        "merged" => Out::leaf(pull.state == "MERGED"),
        "locked" => Out::leaf(false),
        "createdAt" | "publishedAt" => Out::at(pull.created),
        "updatedAt" => Out::at(pull.updated),
        "closedAt" => Out::leaf(pull.closed.map(iso)),
        "lastEditedAt" => Out::leaf(json!(null)),
        "editor" => Out::one(None),
        "mergedAt" => Out::leaf(pull.merged.as_ref().map(|it| iso(it.0))),
        "mergedBy" => Out::one(pull.merged.as_ref().and_then(|it| actor(world, &it.1))),
        "mergeCommit" => Out::one(pull.merged.as_ref().map(|it| Thing::name("Commit", &*it.2))),
        "author" => Out::one(actor(world, &pull.author)),
        "authorAssociation" => Out::leaf(world.accounts[&pull.author].association),
        "viewerDidAuthor" => Out::leaf(pull.author == viewer),
        "baseRefName" => Out::leaf(&*pull.base),
        "baseRefOid" => Out::leaf(&*pull.base_oid),
        "baseRef" => {
            Out::one(world.origin.tip(&pull.base).map(|_| Thing::name("Ref", format!("refs/heads/{}", pull.base))))
        }
        "baseRepository" | "repository" => Out::one(Thing::name("Repository", world.full_name())),
        "headRefName" => Out::leaf(&*pull.head),
        "headRefOid" => Out::leaf(&*pull.head_oid),
        // The ref of a fork has the same tip as the copy kept here.
        "headRef" if pull.head_gone || pull.head_repo.is_none() => Out::one(None),
        "headRef" if same_repo => Out::one(Thing::name("Ref", format!("refs/heads/{}", pull.head))),
        "headRef" => {
            let target = Out::one(Thing::name("Commit", &*pull.head_oid));
            let fields = [("name", Out::leaf(&*pull.head)), ("prefix", Out::leaf("refs/heads/")), ("target", target)];
            Out::one(Thing::plain("Ref", fields))
        }
        "headRepository" => Out::one(pull.head_repo.as_ref().map(|name| Thing::name("Repository", &**name))),
        "headRepositoryOwner" => {
            Out::one(pull.head_repo.as_ref().and_then(|name| actor(world, name.split('/').next()?)))
        }
        "isCrossRepository" => Out::leaf(!same_repo),
        "changedFiles" => Out::leaf(world.origin.changed_files(&pull.base_oid, &pull.head_oid)),
        "mergeable" => {
            let tip = world.origin.tip(&pull.base);
            let clean = tip.is_some_and(|tip| world.origin.merge(&tip, &pull.head_oid, 0, "x <x@x>", "x").is_some());
            Out::leaf(if clean { "MERGEABLE" } else { "CONFLICTING" })
        }
        "commits" => {
            let commit = |oid: &String| {
                let fields = [
                    ("commit", Out::one(Thing::name("Commit", &**oid))),
                    ("id", Out::leaf(format!("PullRequestCommit_{number}_{oid}"))),
                    // The parts of a cursor.
                    ("name", Out::leaf(&**oid)),
                ];
                Thing::plain("PullRequestCommit", fields)
            };
            Some(Out::Page("PullRequestCommitConnection", world.commits_of(number).iter().map(commit).collect()))
        }
        "reviews" => {
            let states = args["states"].as_array();
            let wanted = |it: &&Review| {
                states.is_none_or(|states| states.iter().any(|state| state == it.state))
                    && args["author"].as_str().is_none_or(|author| author == it.author)
            };
            reviews(seen().filter(wanted).collect())
        }
        "latestReviews" => reviews(latest(seen().filter(|it| it.state != "PENDING"))),
        "latestOpinionatedReviews" => {
            let opinions = ["APPROVED", "CHANGES_REQUESTED", "DISMISSED"];
            let all = latest(seen().filter(|it| opinions.contains(&it.state)));
            let writer = |it: &&Review| args["writersOnly"] != true || world.accounts[&it.author].can_push();
            reviews(all.into_iter().filter(writer).collect())
        }
        "reviewRequests" => {
            let all = (0..pull.requested.len()).map(|at| Thing::of("ReviewRequest", number, at as u64));
            Some(Out::Page("ReviewRequestConnection", all.collect()))
        }
        "comments" => {
            let mut all = world.comments_of(number);
            if args["orderBy"]["field"] == "UPDATED_AT" {
                all.sort_by_key(|it| it.updated);
            }
            if args["orderBy"]["direction"] == "DESC" {
                all.reverse();
            }
            Some(Out::Page(
                "IssueCommentConnection",
                all.iter().map(|it| Thing::number("IssueComment", it.id)).collect(),
            ))
        }
        "totalCommentsCount" => Out::leaf(world.comments_of(number).len()),
        "timelineItems" => Some(Out::Page("PullRequestTimelineItemsConnection", timeline(world, pull, args))),
        "autoMergeRequest" => Out::one(pull.auto_merge.as_ref().map(|(at, by)| {
            let fields = [("enabledAt", Out::at(*at)), ("enabledBy", Out::one(actor(world, by)))];
            Thing::plain("AutoMergeRequest", fields)
        })),
        "isMergeQueueEnabled" => Out::leaf(world.queues.contains_key(&pull.base)),
        "isInMergeQueue" => Out::leaf(queued(world, number)),
        "mergeQueueEntry" => Out::one(queued(world, number).then(|| Thing::number("MergeQueueEntry", number))),
        "mergeQueue" => Out::one(world.queues.contains_key(&pull.base).then(|| Thing::name("MergeQueue", &*pull.base))),
        _ => None,
    }
}

fn queued(world: &World, number: u64) -> bool {
    world.queues.values().flatten().any(|it| it.number == number)
}

/// The newest of each author.
fn latest<'a>(all: impl Iterator<Item = &'a Review>) -> Vec<&'a Review> {
    let newest: BTreeMap<&str, &Review> = all.map(|it| (&*it.author, it)).collect();
    let mut newest: Vec<&Review> = newest.into_values().collect();
    newest.sort_by_key(|it| it.id);
    newest
}

/// The timeline, oldest first: events, reviews and comments, of the types asked for.
fn timeline(world: &World, pull: &Pull, args: &Value) -> Vec<Thing> {
    let number = pull.number;
    let events = pull.timeline.iter().map(|it| (it.at, Thing::of(it.kind, number, it.id)));
    let reviews =
        pull.reviews.iter().filter_map(|it| Some((it.submitted?, Thing::of("PullRequestReview", number, it.id))));
    let comments = world.comments_of(number).into_iter().map(|it| (it.created, Thing::number("IssueComment", it.id)));
    let mut all: Vec<(i64, Thing)> = events.chain(reviews).chain(comments).collect();
    all.sort_by_key(|(at, _)| *at);
    let wanted = |kind: &str| {
        let mut name = String::new();
        for letter in kind.chars() {
            if letter.is_uppercase() && !name.is_empty() {
                name.push('_');
            }
            name.push(letter.to_ascii_uppercase());
        }
        args["itemTypes"].as_array().is_none_or(|types| types.iter().any(|it| *it == name))
    };
    let since = args["since"].as_str().unwrap_or("");
    all.retain(|(at, thing)| wanted(thing.kind) && *iso(*at) >= *since);
    all.into_iter().map(|(_, thing)| thing).collect()
}

pub fn part(exec: &Exec, kind: &'static str, number: u64, id: u64, field: &str, _: &Value) -> Option<Out> {
    let viewer = exec.viewer();
    let world = exec.world();
    let world: &World = &world;
    let pull = world.pulls.get(&number)?;
    if field == "pullRequest" {
        return Out::one(Thing::number("PullRequest", number));
    }
    match kind {
        "PullRequestReview" => review(world, &viewer, pull.reviews.iter().find(|it| it.id == id)?, number, field),
        "ReviewRequest" => match field {
            "asCodeOwner" => Out::leaf(false),
            "requestedReviewer" => match pull.requested.get(usize::try_from(id).ok()?)? {
                RequestedReviewer::User(login) => Out::one(actor(world, login)),
                RequestedReviewer::Team(slug) => Out::one(Thing::name("Team", &**slug)),
            },
            _ => None,
        },
        _ => event(world, pull, id, field),
    }
}

fn event(world: &World, pull: &Pull, id: u64, field: &str) -> Option<Out> {
    let event = pull.timeline.iter().find(|it| it.id == id)?;
    let text = |name: &str| event.data[name].as_str().unwrap_or("").to_owned();
    // A commit that a force-push left behind may be gone.
    let commit = |name: &str| Out::one(world.origin.read(&text(name)).map(|it| Thing::name("Commit", it.oid)));
    match (event.kind, field) {
        (_, "createdAt") => Out::at(event.at),
        (_, "actor") => Out::one(actor(world, &event.by)),
        (_, "databaseId") => Out::leaf(event.id),
        ("HeadRefForcePushedEvent", "beforeCommit") => commit("before"),
        ("HeadRefForcePushedEvent", "afterCommit") => commit("after"),
        ("BaseRefChangedEvent", "previousRefName") | ("AutomaticBaseChangeSucceededEvent", "oldBase") => {
            Out::leaf(text("old"))
        }
        ("BaseRefChangedEvent", "currentRefName") | ("AutomaticBaseChangeSucceededEvent", "newBase") => {
            Out::leaf(text("new"))
        }
        ("ReviewDismissedEvent", "previousReviewState") => Out::leaf(text("previous")),
        ("ReviewDismissedEvent", "dismissalMessage") => Out::leaf(text("message")),
        ("ReviewDismissedEvent", "review") => {
            Out::one(Thing::of("PullRequestReview", pull.number, event.data["review"].as_u64()?))
        }
        ("MergedEvent", "commit") => commit("commit"),
        ("MergedEvent", "mergeRefName") => Out::leaf(text("base")),
        _ => None,
    }
}

fn review(world: &World, viewer: &str, review: &Review, number: u64, field: &str) -> Option<Out> {
    match field {
        "databaseId" => Out::leaf(review.id),
        "fullDatabaseId" => Out::leaf(review.id.to_string()),
        "state" => Out::leaf(review.state),
        "submittedAt" | "publishedAt" => Out::leaf(review.submitted.map(iso)),
        "createdAt" => Out::at(review.submitted.unwrap_or(review.updated)),
        "updatedAt" => Out::at(review.updated),
        // Only while it is there.
        "commit" => Out::one(world.origin.read(&review.commit).map(|it| Thing::name("Commit", it.oid))),
        "authorCanPushToRepository" => Out::leaf(world.present(&review.author).is_some_and(Account::can_push)),
        "onBehalfOf" => {
            Some(Out::Page("TeamConnection", review.teams.iter().map(|slug| Thing::name("Team", &**slug)).collect()))
        }
        "url" => Out::leaf(shapes::web(world, &format!("/pull/{number}#pullrequestreview-{}", review.id))),
        "repository" => Out::one(Thing::name("Repository", world.full_name())),
        "isMinimized" => Out::leaf(false),
        _ => written(world, viewer, &review.author, &review.body, &review.edits, field),
    }
}

fn comment(world: &World, exec: &Exec, viewer: &str, comment: &Comment, field: &str) -> Option<Out> {
    match field {
        "databaseId" => Out::leaf(comment.id),
        "fullDatabaseId" => Out::leaf(comment.id.to_string()),
        "createdAt" | "publishedAt" => Out::at(comment.created),
        "updatedAt" => Out::at(comment.updated),
        "url" => Out::leaf(shapes::web(world, &format!("/pull/{}#issuecomment-{}", comment.number, comment.id))),
        "pullRequest" => {
            Out::one(world.pulls.contains_key(&comment.number).then(|| Thing::number("PullRequest", comment.number)))
        }
        "repository" => Out::one(Thing::name("Repository", world.full_name())),
        "issue" => Out::one(Thing::number("Issue", comment.number)),
        "isMinimized" => Out::leaf(comment.minimized.is_some()),
        "minimizedReason" => Out::leaf(comment.minimized.clone()),
        "viewerCanUpdate" | "viewerCanDelete" | "viewerCanMinimize" => {
            Out::leaf(comment.author == viewer || world.tokens[exec.token].may("pull-requests:write"))
        }
        _ => written(world, viewer, &comment.author, &comment.body, &comment.edits, field),
    }
}

/// The fields of every text by somebody.
fn written(world: &World, viewer: &str, author: &str, body: &str, edits: &[Edit], field: &str) -> Option<Out> {
    match field {
        "author" => Out::one(actor(world, author)),
        "authorAssociation" => Out::leaf(world.accounts[author].association),
        "viewerDidAuthor" => Out::leaf(author == viewer),
        "body" | "bodyText" => Out::leaf(body),
        "createdViaEmail" => Out::leaf(false),
        "includesCreatedEdit" => Out::leaf(!edits.is_empty()),
        "lastEditedAt" => Out::leaf(edits.last().map(|it| iso(it.at))),
        "editor" => Out::one(edits.last().and_then(|it| actor(world, &it.by))),
        // Newest first, the body as it was made last; nothing for a body that was never edited. `diff` is all of it.
        "userContentEdits" => {
            let edit = |id: u64, at: i64, by: &str, text: &str| {
                Thing::plain(
                    "UserContentEdit",
                    [
                        ("id", Out::leaf(format!("UCE_{id}"))),
                        ("name", Out::leaf(id)),
                        ("createdAt", Out::at(at)),
                        ("editedAt", Out::at(at)),
                        ("updatedAt", Out::at(at)),
                        ("editor", Out::one(actor(world, by))),
                        ("diff", Out::leaf(text)),
                    ],
                )
            };
            let after = edits.iter().skip(1).map(|it| it.before.as_str()).chain([body]);
            let mut all: Vec<Thing> =
                edits.iter().zip(after).map(|(it, after)| edit(it.id, it.at, &it.by, after)).collect();
            all.reverse();
            all.extend(edits.first().map(|first| edit(first.id - 1, first.at - 1, author, &first.before)));
            Some(Out::Page("UserContentEditConnection", all))
        }
        _ => None,
    }
}
