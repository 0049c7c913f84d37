//! The fake GitHub's part in whole stories: reviews, queues, faults, events.

use super::*;
use crate::git::git;
use crate::github::fake::RequestedReviewer;

/// As the program may ask for everything about one pull request.
const FACTS: &str = "
query Pr($owner:String!,$name:String!,$number:Int!,$ctx:String!,$r:String,$t:String,$c:String){
  rateLimit{cost remaining resetAt}
  viewer{login __typename}
  repository(owner:$owner,name:$name){
    databaseId isPrivate defaultBranchRef{name target{oid}}
    pullRequest(number:$number){
      id number state isDraft isCrossRepository url createdAt
      author{__typename login ... on User{databaseId} ... on Bot{databaseId}} authorAssociation
      baseRefName baseRefOid baseRef{target{oid}} headRefName headRefOid mergeable changedFiles headRepository{nameWithOwner}
      mergeQueueEntry{position enqueuer{login} baseCommit{oid} headCommit{oid} state}
      autoMergeRequest{enabledAt enabledBy{login}}
      reviews(first:100,after:$r,states:[APPROVED,CHANGES_REQUESTED,DISMISSED]){
        totalCount pageInfo{hasNextPage endCursor}
        nodes{id fullDatabaseId state submittedAt body authorCanPushToRepository lastEditedAt editor{login} viewerDidAuthor
          author{__typename login ... on User{databaseId} ... on Bot{databaseId}}
          commit{oid} onBehalfOf(first:20){nodes{combinedSlug databaseId}}}}
      latestOpinionatedReviews(first:100){nodes{state author{login}}}
      reviewRequests(first:100){nodes{requestedReviewer{__typename ... on User{login databaseId} ... on Team{combinedSlug databaseId}}}}
      comments(last:50,orderBy:{field:UPDATED_AT,direction:ASC}){nodes{id fullDatabaseId author{login} editor{login} lastEditedAt body}}
      commits(first:100,after:$c){totalCount pageInfo{hasNextPage endCursor}
        nodes{commit{oid committedViaWeb parents(first:3){nodes{oid}}
          authors(first:10){totalCount nodes{email user{login databaseId}}} committer{email user{login databaseId}}}}}
      timelineItems(first:100,after:$t,itemTypes:[HEAD_REF_FORCE_PUSHED_EVENT,BASE_REF_CHANGED_EVENT,
          AUTOMATIC_BASE_CHANGE_SUCCEEDED_EVENT,REVIEW_DISMISSED_EVENT,READY_FOR_REVIEW_EVENT,CONVERT_TO_DRAFT_EVENT,REOPENED_EVENT]){
        pageInfo{hasNextPage endCursor}
        nodes{__typename
          ... on HeadRefForcePushedEvent{createdAt actor{login} beforeCommit{oid} afterCommit{oid}}
          ... on BaseRefChangedEvent{createdAt actor{login} previousRefName currentRefName}
          ... on ReviewDismissedEvent{createdAt actor{login} previousReviewState dismissalMessage review{id}}}}
      head:headRef{target{... on Commit{oid status{context(name:$ctx){state description createdAt creator{__typename login}}}}}}
    }}}";

fn facts(fake: &Fake, number: u64) -> Value {
    let variables = json!({"owner": "acme", "name": "shop", "number": number, "ctx": "countersign/main"});
    let answer = query(fake, FACTS, &variables);
    assert!(answer.get("errors").is_none(), "{answer:#}");
    answer["data"]["repository"]["pullRequest"].clone()
}

#[test]
fn the_facts_of_a_pull_request() {
    let (fake, number) = shop();
    let mut world = fake.world();
    let first = world.pulls[&number].head_oid.clone();
    let review = world.approve(number, "bob");
    world.dismiss(number, review, "ada", "not any more");
    let other = Change {
        files: &[("flags/a.yaml", Some("key: c\n"))],
        author: "Ada <ada@example.com>",
        message: "Change\n\nCo-authored-by: Bob <bob@example.com>",
        web: true,
    };
    world.commit_as("other", &other);
    let tip = world.origin.tip("other").unwrap();
    world.force_push("change", &tip, "ada");
    world.status("github-actions[bot]", &tip, "countersign/main", "pending", Some("needs 1"));
    world.retarget(number, "other", "ada");
    world.retarget(number, "main", "ada");
    let comment = world.comment(number, "github-actions[bot]", "verdict");
    world.edit_comment(comment, "eve", "forged");
    drop(world);
    let pull = facts(&fake, number);
    assert_eq!(pull["headRefOid"], json!(tip));
    assert_eq!(pull["reviews"]["nodes"][0]["state"], "DISMISSED");
    assert_eq!(pull["reviews"]["nodes"][0]["commit"]["oid"], json!(first));
    let kinds: Vec<&Value> =
        pull["timelineItems"]["nodes"].as_array().unwrap().iter().map(|it| &it["__typename"]).collect();
    assert_eq!(
        kinds,
        ["ReviewDismissedEvent", "HeadRefForcePushedEvent", "BaseRefChangedEvent", "BaseRefChangedEvent"]
    );
    let commit = &pull["commits"]["nodes"][0]["commit"];
    assert_eq!((&commit["committedViaWeb"], &commit["authors"]["totalCount"]), (&json!(true), &json!(2)));
    assert_eq!(commit["authors"]["nodes"][1]["user"]["login"], "bob");
    assert_eq!(
        pull["head"]["target"]["status"]["context"]["creator"],
        json!({"__typename": "Bot", "login": "github-actions"})
    );
    let said = &pull["comments"]["nodes"][0];
    assert_eq!((&said["author"]["login"], &said["editor"]["login"]), (&json!("github-actions"), &json!("eve")));
}

#[test]
fn who_is_deleted_is_nobody_and_a_team_needs_a_right() {
    let (fake, number) = shop();
    let mut world = fake.world();
    world.pulls.get_mut(&number).unwrap().requested.push(RequestedReviewer::Team("payments".to_owned()));
    world.approve(number, "bob");
    world.delete_account("bob");
    drop(world);
    let text = "query T { repository(owner: \"acme\", name: \"shop\") { pullRequest(number: 1) {
        reviews(first: 9) { nodes { author { login } onBehalfOf(first: 9) { nodes { slug } } } } } } }";
    let answer = query(&fake, text, &json!({}));
    let review = &answer["data"]["repository"]["pullRequest"]["reviews"]["nodes"][0];
    assert_eq!((&review["author"], &review["onBehalfOf"]["nodes"]), (&Value::Null, &json!([null])));
    assert_eq!(answer["errors"][0]["type"], "FORBIDDEN");
    fake.world().token_mut("actions").may.insert("members:read".to_owned());
    let answer = query(&fake, text, &json!({}));
    assert!(answer.get("errors").is_none(), "{answer}");
}

#[test]
fn a_fork_and_a_queue() {
    let (fake, number) = shop();
    let mut world = fake.world();
    world.fork("eve");
    world.commit_in_fork("eve", "patch-1", &[("flags/b.yaml", Some("key: b\n"))]);
    let fork = world.open("eve", "main", "eve:patch-1");
    let ahead = world.enqueue(number, "bob");
    let queued = world.enqueue(fork, "bob");
    assert_eq!(queued.base, ahead.head);
    let base = world.origin.tip("main").unwrap();
    assert_eq!(ahead.head_ref, format!("refs/heads/gh-readonly-queue/main/pr-{number}-{base}"));
    drop(world);
    let pull = facts(&fake, fork);
    assert_eq!((&pull["isCrossRepository"], &pull["mergeQueueEntry"]["position"]), (&json!(true), &json!(2)));
    assert_eq!(pull["mergeQueueEntry"]["headCommit"]["oid"], json!(queued.head));
    let text = "query Q { repository(owner: \"acme\", name: \"shop\") { mergeQueue(branch: \"main\") {
        entries(first: 9) { nodes { position pullRequest { number } headCommit { oid } baseCommit { oid } } } }
        pullRequests(first: 9, states: OPEN, baseRefName: \"main\", orderBy: {field: CREATED_AT, direction: DESC}) {
          nodes { number } } } }";
    let answer = query(&fake, text, &json!({}));
    let numbers: Vec<&Value> = answer["data"]["repository"]["pullRequests"]["nodes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| &it["number"])
        .collect();
    assert_eq!(numbers, [fork, number], "{answer}");
    assert_eq!(
        answer["data"]["repository"]["mergeQueue"]["entries"]["nodes"][1]["headCommit"]["oid"],
        json!(queued.head)
    );
    fake.world().merge(number, "bob");
    assert_eq!(facts(&fake, number)["state"], "MERGED");
}

/// This GitHub can answer whatever the program may ask.
#[test]
fn every_query_of_the_program_is_answered() {
    let (fake, number) = shop();
    let mut world = fake.world();
    world.token_mut("actions").may.insert("members:read".to_owned());
    world.pulls.get_mut(&number).unwrap().requested = vec![RequestedReviewer::Team("payments".to_owned())];
    let review = world.approve(number, "bob");
    world.dismiss(number, review, "ada", "no");
    world.pulls.get_mut(&number).unwrap().requested =
        vec![RequestedReviewer::Team("payments".to_owned()), RequestedReviewer::User("bob".to_owned())];
    let (forced, old) = (world.origin.tip("main").unwrap(), world.pulls[&number].head_oid.clone());
    world.force_push("change", &forced, "ada");
    world.force_push("change", &old, "ada");
    world.status("github-actions[bot]", &old, "x", "success", None);
    let comment = world.comment(number, "bob", "/countersign");
    world.enqueue(number, "bob");
    drop(world);
    let text = include_str!("../../../src/github/client/queries.graphql");
    let names = text.lines().filter_map(|it| it.strip_prefix("query ").or_else(|| it.strip_prefix("mutation ")));
    let mut queries = 0;
    for line in names {
        let name = line.split('(').next().unwrap();
        let all = json!({
            "owner": "acme", "name": "shop", "number": number, "branch": "main", "oid": old, "after": null,
            "comments": [format!("IssueComment_{comment}")],
            "id": if matches!(name, "Command" | "Edits") { format!("IssueComment_{comment}") } else { format!("PullRequest_{number}") },
            "ids": [format!("IssueComment_{comment}")],
        });
        let mut variables = all.as_object().unwrap().clone();
        variables.retain(|key, _| {
            line.contains(&format!("${key}:")) && (key != "after" || !line.contains("$after: String!"))
        });
        if line.contains("$after: String!") {
            // Pages after the first have a cursor; that there is such a page is another test's.
            continue;
        }
        let body = json!({"query": text, "variables": variables, "operationName": name});
        let (status, answer) = rest(&fake, "POST", "/graphql", &body);
        assert!(status == 200 && answer.get("errors").is_none(), "{name}: {answer:#}");
        queries += 1;
    }
    assert!(queries > 3, "the queries were not found");
}

/// The objects, as a runner gets them: over git's own transport, by id, without blobs.
#[test]
fn git_serves_the_objects() {
    let (fake, number) = shop();
    let (dir, head) = (tempfile::tempdir().unwrap(), fake.world().pulls[&number].head_oid.clone());
    git(dir.path(), &["init", "-q", "--bare", "."]);
    let url = format!("{}/acme/shop", fake.server_url());
    git(dir.path(), &["fetch", "-q", "--filter=blob:none", "--depth=1", &url, &head]);
    assert_eq!(git(dir.path(), &["rev-parse", "FETCH_HEAD"]), head);
    git(dir.path(), &["fetch", "-q", &format!("{url}.git"), &format!("refs/pull/{number}/head")]);
}

#[test]
fn faults_happen_as_scripted() {
    let (fake, _) = shop();
    let path = "/repos/acme/shop/issues/1/comments";
    let post = || raw(&fake, "POST", path, &json!({"body": "x"}));
    let count = || fake.world().comments.len();
    let cases = [
        (What::BadGateway, 502, 0, ""),
        (What::BadGatewayAfter, 502, 1, ""),
        (What::Secondary(None), 403, 0, ""),
        (What::Secondary(Some(60)), 403, 0, "retry-after: 60"),
        (What::TooMany(Some(1)), 429, 0, "retry-after: 1"),
        (What::Exhausted(90), 403, 0, "x-ratelimit-remaining: 0"),
        (What::Unauthorised, 401, 0, ""),
        (What::Html, 200, 0, "text/html"),
        (What::Garbled, 200, 0, "application/json"),
        (What::Closed, 0, 0, ""),
        (What::ClosedAfter, 201, 1, ""),
        (What::Slow(std::time::Duration::from_millis(1)), 201, 1, ""),
    ];
    for (what, status, more, header) in cases {
        let before = count();
        fake.world().fault(Fault::rest("POST", "/comments", what));
        let (got, head, _) = post();
        assert_eq!((got, count() - before), (status, more), "{what:?}");
        assert!(head.contains(header), "{what:?}: {head}");
        fake.verify();
    }
    assert_eq!(fake.sent("/issues/1/comments").len(), cases.len());
    fake.world().fault(Fault::query("Again", What::LimitedWith200).nth(2));
    let again = || query(&fake, "query Again { viewer { login } }", &json!({}));
    assert_eq!(again()["data"]["viewer"]["login"], "github-actions[bot]");
    assert_eq!(again()["errors"][0]["type"], "RATE_LIMITED");
    assert_eq!(again()["data"]["viewer"]["login"], "github-actions[bot]");
}

#[test]
fn events_name_this_world() {
    let (fake, number) = shop();
    let mut world = fake.world();
    let comment = world.comment(number, "bob", "/countersign recheck");
    world.enqueue(number, "bob");
    let (base, head) = (world.origin.tip("main").unwrap(), world.pulls[&number].head_oid.clone());
    let all = [
        (Event::Pull("opened", number), "/pull_request/head/sha", json!(head)),
        (Event::Pull("converted_to_draft", number), "/action", json!("converted_to_draft")),
        (Event::Pull("closed", number), "/pull_request/merged", json!(false)),
        (Event::Pull("synchronize", number), "/after", json!(head)),
        (Event::Retargeted(number, "old"), "/changes/base/ref/from", json!("old")),
        (Event::Comment(comment), "/comment/body", json!("/countersign recheck")),
        (Event::Woken("requested", head.clone(), "pull_request_review"), "/workflow_run/head_sha", json!(head)),
        (Event::Woken("completed", head.clone(), "merge_group"), "/workflow_run/pull_requests", json!([])),
        (Event::Push("main".to_owned(), base.clone()), "/ref", json!("refs/heads/main")),
        (Event::Queue(number), "/merge_group/base_sha", json!(base)),
        (Event::Schedule, "/schedule", json!("7,22,37,52 * * * *")),
        (Event::Dispatch, "/repository/full_name", json!("acme/shop")),
    ];
    for (event, place, value) in &all {
        let delivery = event.deliver(&world);
        assert_eq!(delivery.payload.pointer(place), Some(value), "{event:?}");
        if delivery.name != "schedule" {
            assert_eq!(delivery.payload["repository"]["full_name"], "acme/shop", "{event:?}");
        }
    }
    drop(world);
    let run = fake.on(&all[0].0).run(&["--version"]);
    assert_eq!((run.code, &*run.err), (0, ""));
    assert!(run.out.starts_with("countersign "), "{}", run.out);
}
