//! People who count: rejections and who lifts them, contributors, bots, outsiders, teams; and whom to ask.

use super::steps::*;
use crate::github::fake::{Change, Event, RequestedReviewer};

/// The state of a pull request that Alice rejected.
const REJECTED: &str = "rejected by alice: checkout/one";

#[test]
fn rejected_and_lifted() {
    let fake = shop();
    let (number, mut known) = (opened(&fake, "jo", "more", 50), 0);
    let mut review = reject(&fake, number, "alice");
    is(&fake, number, "failure", REJECTED);
    let notice = "@jo ❌ `alice` rejected `checkout/one`. Ask `alice` to approve, or another approver of the same requirement or an \
         admin to dismiss the rejection; new commits do not lift it.";
    assert_eq!(notified(&fake, number, &mut known), [notice]);
    // An approval by somebody else is none while that stands.
    approve(&fake, number, "bob");
    is(&fake, number, "failure", REJECTED);
    assert_eq!(notified(&fake, number, &mut known).len(), 1);

    // Neither a mere writer nor the requestor lifts it.
    for by in ["kim", "jo"] {
        dismiss(&fake, number, review, by);
        is(&fake, number, "failure", REJECTED);
        comment_says(&fake, number, &format!("`{by}` dismissed that and may not lift it"));
        review = reject(&fake, number, "alice");
    }
    // By herself, in either way.
    approve(&fake, number, "alice");
    is(&fake, number, "success", "approved by alice, bob (1 flag)");
    review = reject(&fake, number, "alice");
    is(&fake, number, "failure", REJECTED);
    dismiss(&fake, number, review, "alice");
    is(&fake, number, "success", "approved by bob (1 flag)");
}

#[test]
fn another_approver_or_an_admin_lifts_a_rejection() {
    for by in ["alice", "bob", "root1"] {
        let fake = shop();
        let number = opened(&fake, "jo", "more", 50);
        let review = reject(&fake, number, "alice");
        is(&fake, number, "failure", REJECTED);
        dismiss(&fake, number, review, by);
        is(&fake, number, "pending", AWAITS);
        comment_says(&fake, number, &format!("- `alice`: rejected it; `{by}` lifted that"));
        // And who lost the right to write since lifts nothing.
        fake.world().demote(by);
        woken(&fake, number);
        let lifted = if by == "alice" { ("pending", AWAITS) } else { ("failure", REJECTED) };
        is(&fake, number, lifted.0, lifted.1);
    }
}

#[test]
fn an_app_that_bears_the_name_of_a_person_lifts_nothing() {
    let fake = shop();
    fake.world().bot("bob[bot]");
    let number = opened(&fake, "jo", "more", 50);
    let given = reject(&fake, number, "alice");
    dismiss(&fake, number, given, "bob[bot]");
    is(&fake, number, "failure", REJECTED);
}

#[test]
fn who_wrote_it_does_not_approve_it() {
    let fake = shop();
    let mut world = fake.world();
    let text = flag("one", 50);
    let one = [("flags/checkout/one.yaml", Some(&*text))];
    let readme = [("README.md", Some("suggested\n"))];
    let by = |author, message, web| Change { files: &one, author, message, web };
    world.commit_as("co", &by("jo <jo@example.com>", "Change\n\nCo-authored-by: Alice <alice@example.com>", false));
    world.commit_as("web", &by("alice <alice@example.com>", "Update one.yaml", true));
    world.commit_as("unknown", &by("somebody <somebody@nowhere.example>", "Change", false));
    world.commit_as("docs", &by("jo <jo@example.com>", "Change", false));
    let docs = Change {
        files: &readme,
        author: "jo <jo@example.com>",
        message: "Docs\n\nCo-authored-by: alice <alice@example.com>",
        web: true,
    };
    world.commit_as("docs", &docs);
    let unknown = "who contributed to the change is not known: commit `";
    let cases = [
        ("co", "alice", "pending", "- `alice`: contributed to the change"),
        ("web", "alice", "pending", "- `alice`: contributed to the change"),
        ("unknown", "alice", "pending", unknown),
        ("docs", "alice", "success", ""),
    ];
    let numbers: Vec<u64> = cases.iter().map(|(branch, ..)| world.open("jo", "main", branch)).collect();
    drop(world);
    for ((branch, who, state, why), number) in cases.iter().zip(numbers) {
        after(&fake, "opened", number);
        approve(&fake, number, who);
        let (is, text) = status(&fake, number);
        assert_eq!(is, *state, "{branch}: {text}");
        comment_says(&fake, number, why);
        fake.world().close(number, "jo");
        after(&fake, "closed", number);
    }
}

#[test]
fn merging_main_into_the_branch_makes_nobody_its_author() {
    let fake = shop();
    let number = opened(&fake, "jo", "more", 50);
    // Alice lands something of her own and then updates Jo's branch.
    fake.world().commit("main", "alice", &[("flags/checkout/two.yaml", Some(&flag("two", 30)))]);
    let old = head(&fake, number);
    let mut world = fake.world();
    let (main, at) = (world.origin.tip("main").unwrap(), world.tick());
    let merge = world.origin.merge(&old, &main, at, "alice <alice@example.com>", "Merge main into more").unwrap();
    world.origin.set_ref("refs/heads/more", Some(&merge));
    drop(world);
    review(&fake, &Event::Moved(number, old));
    is(&fake, number, "pending", AWAITS);
    approve(&fake, number, "alice");
    is(&fake, number, "success", "approved by alice (1 flag)");
}

#[test]
fn who_pushed_by_force_does_not_approve() {
    let fake = shop();
    let number = opened(&fake, "jo", "more", 50);
    let text = flag("one", 50);
    let oid =
        fake.world().commit("again", "jo", &[("flags/checkout/one.yaml", Some(&text)), ("README.md", Some("x\n"))]);
    force(&fake, number, &oid, "alice");
    approve(&fake, number, "alice");
    is(&fake, number, "pending", AWAITS);
    approve(&fake, number, "bob");
    is(&fake, number, "success", "approved by bob (1 flag)");
}

#[test]
fn who_is_nobody_approves_nothing() {
    let fake = shop();
    let number = opened(&fake, "jo", "more", 50);
    let mut world = fake.world();
    world.bot("alice-helper[bot]");
    world.user("stranger");
    drop(world);
    for (who, why) in [
        ("alice-helper[bot]", "is not a person"),
        ("stranger", "has no write access"),
        ("carol", "is neither a required approver nor an admin"),
        ("jo", "asked for the change"),
    ] {
        approve(&fake, number, who);
        is(&fake, number, "pending", AWAITS);
        comment_says(&fake, number, why);
    }
    // Neither do outsiders stop anything.
    reject(&fake, number, "stranger");
    is(&fake, number, "pending", AWAITS);
    let mut known = 0;
    assert_eq!(notified(&fake, number, &mut known), [""; 0]);
    approve(&fake, number, "alice");
    is(&fake, number, "success", "approved by alice (1 flag)");
    // A person who is gone since approves no longer; nor does one who may not write any more.
    fake.world().demote("alice");
    review(&fake, &Event::Schedule);
    is(&fake, number, "pending", AWAITS);
    comment_says(&fake, number, "has no write access");
    approve(&fake, number, "bob");
    is(&fake, number, "success", "approved by bob (1 flag)");
    fake.world().delete_account("bob");
    review(&fake, &Event::Schedule);
    is(&fake, number, "pending", AWAITS);
}

#[test]
fn a_fork_and_a_first_contribution() {
    let fake = shop();
    let mut world = fake.world();
    world.user("eve");
    world.fork("eve");
    let text = flag("one", 50);
    world.commit_in_fork("eve", "patch-1", &[("flags/checkout/one.yaml", Some(&text))]);
    let number = world.open("eve", "main", "eve:patch-1");
    drop(world);
    after(&fake, "opened", number);
    is(&fake, number, "pending", AWAITS);
    assert_eq!(requested(&fake, number), [""; 0], "outsiders make us ask nobody");
    fake.world().approve(number, "alice");
    // Held until somebody allows it: GitHub says so before and after, and names no pull request.
    review(&fake, &Event::Woken("requested", head(&fake, number), "pull_request_review"));
    is(&fake, number, "success", "approved by alice (1 flag)");
    let said = written(&fake).len();
    review(&fake, &Event::Woken("completed", head(&fake, number), "pull_request_review"));
    assert_eq!(written(&fake).len(), said);
    // It holds no flag: who belongs here comes first.
    let kim = opened(&fake, "kim", "other", 60);
    is(&fake, kim, "pending", AWAITS);
    woken(&fake, number);
    is(&fake, number, "pending", "locked by #2: checkout/one");
}

const BY_TEAM: &str = "flags/checkout/ @acme/payments\n";

#[test]
fn a_team_that_can_be_read_or_not() {
    let mut fake = shop();
    let mut world = fake.world();
    let members: Vec<String> = (0..120).map(|at| format!("member{at:03}")).collect();
    for login in &members {
        world.member(login, "write");
    }
    world.team("payments", &members.iter().map(String::as_str).collect::<Vec<_>>());
    world.commit("main", "root1", &[(".countersign/APPROVERS", Some(BY_TEAM))]);
    drop(world);
    let number = opened(&fake, "jo", "more", 50);
    let awaits = "awaiting 1 of @acme/payments for checkout/one";
    is(&fake, number, "pending", awaits);
    assert_eq!(requested(&fake, number), ["@payments"]);
    approve(&fake, number, "member119");
    is(&fake, number, "pending", awaits);
    comment_says(&fake, number, "who is in `@acme/payments` is not known");
    // Unknown is no, and a rejection by somebody who may be in it holds.
    let given = reject(&fake, number, "member007");
    is(&fake, number, "failure", "rejected by member007: checkout/one");
    fake.world().dismiss(number, given, "member007", "");

    // With a token that may read it, it is known, all of it.
    fake.world().token("teams", "github-actions[bot]", Some(4711), &["members:read"]);
    fake.give("COUNTERSIGN_TEAMS_TOKEN", "teams");
    woken(&fake, number);
    is(&fake, number, "success", "approved by member119 (1 flag)");
    // A sweep sees who left it.
    fake.world().teams.get_mut("payments").unwrap().members.remove("member119");
    review(&fake, &Event::Schedule);
    is(&fake, number, "pending", awaits);
    comment_says(&fake, number, "`member119`: is neither a required approver nor an admin");
}

#[test]
fn reviewers_that_were_picked_are_respected() {
    let fake = shop();
    let number = raise(&fake, "jo", "more", 50);
    fake.world().pulls.get_mut(&number).unwrap().requested.push(RequestedReviewer::User("bob".to_owned()));
    after(&fake, "opened", number);
    assert_eq!(requested(&fake, number), ["bob"]);
    // Somebody who may not respond is no choice.
    let other = raise_with(&fake, "jo", "two", &[("flags/checkout/two.yaml", Some(&flag("two", 50)))]);
    fake.world().pulls.get_mut(&other).unwrap().requested.push(RequestedReviewer::User("carol".to_owned()));
    after(&fake, "opened", other);
    assert_eq!(requested(&fake, other), ["carol", "alice", "bob"]);
    // Once a digest: a person who takes them off again is not overruled.
    fake.world().pulls.get_mut(&other).unwrap().requested.clear();
    push(&fake, other, "jo", &[("README.md", Some("more\n"))]);
    assert_eq!(requested(&fake, other), [""; 0]);
    push(&fake, other, "jo", &[("flags/checkout/two.yaml", Some(&flag("two", 60)))]);
    assert_eq!(requested(&fake, other), ["alice", "bob"]);
}

#[test]
fn one_who_cannot_be_asked_spoils_it_for_nobody() {
    let fake = shop();
    fake.world().demote("alice");
    let number = raise(&fake, "jo", "more", 50);
    let run = after(&fake, "opened", number);
    assert_eq!(run.code, 0, "{}", run.err);
    assert_eq!(requested(&fake, number), ["bob"]);
    is(&fake, number, "pending", AWAITS);
}

const PEER: &str = "awaiting 1 peer (anyone with write access who took no part in it) for growth/grow";

#[test]
fn a_peer_may_approve_where_any_may() {
    let fake = shop();
    let grow = |percent| flag("grow", percent);
    fake.world().commit("main", "root1", &[("flags/growth/grow.yaml", Some(&grow(10)))]);
    let number = raise_with(&fake, "jo", "grow", &[("flags/growth/grow.yaml", Some(&grow(20)))]);
    after(&fake, "opened", number);
    is(&fake, number, "pending", PEER);
    assert_eq!(requested(&fake, number), [""; 0]);
    approve(&fake, number, "jo");
    is(&fake, number, "pending", PEER);
    approve(&fake, number, "carol");
    is(&fake, number, "success", "approved by carol (1 flag)");
}

/// A bot's own commit, which GitHub made and signed for it, is the bot's, so that others approve it; one that only
/// bears its address may be anybody's.
#[test]
fn a_bots_own_commit() {
    let fake = shop();
    let mut world = fake.world();
    world.bot("dependabot[bot]");
    let bot = "dependabot[bot] <49699333+dependabot[bot]@users.noreply.github.com>";
    let text = flag("one", 50);
    let files = [("flags/checkout/one.yaml", Some(&*text))];
    let made = world.commit_as("bump", &Change { files: &files, author: bot, message: "Bump", web: true });
    world.made_for_bots.insert(made);
    let own = world.open("dependabot[bot]", "main", "bump");
    drop(world);
    after(&fake, "opened", own);
    approve(&fake, own, "alice");
    is(&fake, own, "success", "approved by alice (1 flag)");
    // Alice writes the address of the bot into a commit of her own, and pushes it to the bot's branch.
    let before = head(&fake, own);
    for (web, percent) in [(false, 60), (true, 70)] {
        let text = flag("one", percent);
        let files = [("flags/checkout/one.yaml", Some(&*text))];
        fake.world().commit_as("bump", &Change { files: &files, author: bot, message: "Bump", web });
        review(&fake, &Event::Moved(own, before.clone()));
        approve(&fake, own, "alice");
        is(&fake, own, "pending", AWAITS);
        comment_says(&fake, own, "names nobody but `dependabot[bot]");
    }
}

/// Approvers without write access count where the policy says so, and as long as they can read.
#[test]
fn approvers_without_write_access() {
    let fake = shop();
    land(&fake, &[(".countersign/APPROVERS", Some("flags/checkout/ @dana @erin @app\n"))]);
    let mut world = fake.world();
    for login in ["dana", "erin"] {
        world.member(login, "read");
    }
    world.bot("app[bot]");
    drop(world);
    let awaits = "awaiting 1 of @dana, @erin or @app for checkout/one";
    let number = opened(&fake, "jo", "more", 50);
    approve(&fake, number, "dana");
    is(&fake, number, "pending", awaits);
    comment_says(&fake, number, "and the configuration has no `external-approvers: true`");
    let on = CONFIG.replace("version: 1\n", "version: 1\nexternal-approvers: true\n");
    land(&fake, &[(".countersign/config.yaml", Some(&on))]);
    is(&fake, number, "success", "approved by dana (1 flag)");
    // A sweep sees that somebody can't read any more; a bot and a stranger never count.
    fake.world().private = true;
    fake.world().demote("dana");
    review(&fake, &Event::Schedule);
    is(&fake, number, "pending", awaits);
    approve(&fake, number, "app[bot]");
    fake.world().member("kim", "read");
    approve(&fake, number, "kim");
    is(&fake, number, "pending", awaits);
    approve(&fake, number, "erin");
    is(&fake, number, "success", "approved by erin (1 flag)");
    reject(&fake, number, "erin");
    is(&fake, number, "failure", "rejected by erin: checkout/one");
}

/// An author of content under another path of the same request does not approve it.
#[test]
fn who_drafted_it_does_not_approve_it() {
    let fake = shop();
    let text = flag("one", 50);
    fake.world().commit("more", "alice", &[("drafts/one.txt", Some(&text))]);
    fake.world().commit("more", "bob", &[("docs/one.md", Some("what it is for\n"))]);
    let moved = text.replace("50", "60");
    let number =
        raise_with(&fake, "jo", "more", &[("drafts/one.txt", None), ("flags/checkout/one.yaml", Some(&moved))]);
    after(&fake, "opened", number);
    approve(&fake, number, "alice");
    is(&fake, number, "pending", AWAITS);
    comment_says(&fake, number, "contributed to the change");
    approve(&fake, number, "bob");
    is(&fake, number, "success", "approved by bob (1 flag)");
}

/// A file of YAML or JSON that has nothing to do with the flag is nobody's hand in it; one with its key, or with
/// something that the proposal brings to it, is.
#[test]
fn who_touched_another_file_approves() {
    let rows: &[(&str, &str, bool)] = &[
        ("docs/openapi.yaml", "openapi: 3.1.0\npaths: {/buy: {}}\n", true),
        ("package.json", "{\"name\": \"shop\", \"version\": \"1.2.3\"}", true),
        ("drafts/one.json", "{\"key\": \"\\u006fne\"}", false),
        ("drafts/part.yaml", "x:\n  - rolloutPercentage: 50\n", false),
        ("drafts/bytes.yml", "a\0b: [", true),
    ];
    for (path, text, counts) in rows {
        let fake = shop();
        fake.world().commit("more", "alice", &[(path, Some(text))]);
        let number = raise_with(&fake, "jo", "more", &[("flags/checkout/one.yaml", Some(&flag("one", 50)))]);
        after(&fake, "opened", number);
        approve(&fake, number, "alice");
        let expected = if *counts { ("success", "approved by alice (1 flag)") } else { ("pending", AWAITS) };
        is(&fake, number, expected.0, expected.1);
    }
}
