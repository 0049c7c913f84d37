//! Ways to a success status that nobody approved, or to one that stays. `docs/threats.md` says of each attack which
//! test is about it.

use crate::github::fake::{Event, Fake};
use crate::github::shop::*;

/// A policy of somebody's own, for a branch of theirs.
const NO_APPROVERS: &str = "version: 1
admins: [\"@jo\"]
projects:
  all: {paths: [\"flags/**\"], approvals: none}
";

fn sweep(fake: &Fake) {
    review(fake, &Event::Schedule);
}

/// A status with an address, as a workflow of the repository may post it.
fn forge(fake: &Fake, by: &str, sha: &str, state: &str, target: Option<&str>) {
    let mut world = fake.world();
    assert!(world.status(by, sha, "countersign/main", state, Some("approved by 2 people")));
    world.statuses.last_mut().unwrap().target_url = target.map(str::to_owned);
}

fn head(fake: &Fake, number: u64) -> String {
    fake.world().pulls[&number].head_oid.clone()
}

/// GitHub takes `countersign/Main` for `countersign/main`, and anyone who may push can make a branch of that name.
#[test]
fn a_branch_whose_name_differs_in_case_lends_no_success() {
    let fake = shop();
    let mut world = fake.world();
    world.commit("Main", "jo", &[(".countersign/config.yaml", Some(NO_APPROVERS))]);
    let text = flag("one", 100);
    world.commit("evil", "jo", &[("flags/checkout/one.yaml", Some(&text))]);
    let own = world.open("jo", "Main", "evil");
    drop(world);
    after(&fake, "opened", own);
    assert_eq!(status_for(&fake, own, "^Main").0, "success", "there it is nobody's business");
    assert_eq!(status(&fake, own).0, "none", "and here it is no word of it");
    let real = fake.world().open("jo", "main", "evil");
    after(&fake, "opened", real);
    assert_eq!(status(&fake, real).0, "pending");
    after(&fake, "edited", own);
    after(&fake, "reopened", own);
    assert_eq!(status(&fake, real).0, "pending");
}

/// Statuses under our name: somebody else's is none of ours, and ours that we did not write does not last.
#[test]
fn a_forged_success_does_not_last() {
    let fake = shop();
    let number = raise(&fake, "jo", "more", 50);
    after(&fake, "opened", number);
    let commit = head(&fake, number);
    for by in ["jo", "github-actions[bot]"] {
        forge(&fake, by, &commit, "success", None);
        assert_eq!(status(&fake, number).0, "success");
        sweep(&fake);
        assert_eq!(status(&fake, number).0, "pending", "forged by {by}");
    }
}

/// The number of statuses so far stands in the address of the last one, where somebody else may have written it.
#[test]
fn a_number_that_somebody_made_up_stops_nothing() {
    let fake = shop();
    let number = raise(&fake, "jo", "more", 50);
    let commit = head(&fake, number);
    for by in ["jo", "github-actions[bot]"] {
        forge(
            &fake,
            by,
            &commit,
            "success",
            Some("https://github.com/acme/shop/pull/1?countersign=v1.0.0.0.0.4294967295.0"),
        );
        let run = after(&fake, "reopened", number);
        assert_eq!((run.code, status(&fake, number).0.as_str()), (0, "pending"), "{}", run.err);
    }
}

/// A success on a commit that a pull request has left is taken back whoever posted it.
#[test]
fn a_forged_success_does_not_wait_on_an_old_commit() {
    let fake = shop();
    let number = raise(&fake, "jo", "more", 50);
    after(&fake, "opened", number);
    let old = head(&fake, number);
    forge(&fake, "jo", &old, "success", None);
    fake.world().close(number, "jo");
    after(&fake, "closed", number);
    assert_eq!(fake.world().shown(&old, "countersign/main").unwrap().0, "pending");
}

/// No event notified us of the rejection: the workflow that triggers us was taken out of the branch. The sweep sees it.
#[test]
fn a_rejection_without_a_trigger() {
    let fake = shop();
    let number = raise(&fake, "jo", "more", 50);
    after(&fake, "opened", number);
    fake.world().approve(number, "alice");
    woken(&fake, number);
    assert_eq!(status(&fake, number).0, "success");
    fake.world().review(number, "bob", "CHANGES_REQUESTED", "");
    sweep(&fake);
    assert_eq!(status(&fake, number).0, "failure");
}

/// An approval that was given, and its giver then left: a sweep sees it without any event.
#[test]
fn an_approver_who_leaves() {
    let fake = shop();
    let number = raise(&fake, "jo", "more", 50);
    after(&fake, "opened", number);
    fake.world().approve(number, "alice");
    woken(&fake, number);
    assert_eq!(status(&fake, number).0, "success");
    fake.world().demote("alice");
    sweep(&fake);
    assert_eq!(status(&fake, number).0, "pending");
}

/// A login that is free again is somebody else's account, which has no part in the repository.
#[test]
fn a_login_that_somebody_else_took() {
    let fake = shop();
    let mut world = fake.world();
    world.accounts.remove("alice");
    world.user("alice");
    drop(world);
    let number = raise(&fake, "jo", "more", 50);
    after(&fake, "opened", number);
    fake.world().approve(number, "alice");
    woken(&fake, number);
    assert_eq!(status(&fake, number).0, "pending");
    assert!(comment(&fake, number).contains("no write access"), "{}", comment(&fake, number));
}

/// The same for a team: the maker of one with the old name still needs write access to the repository.
#[test]
fn a_team_that_somebody_made_anew() {
    let mut fake = shop();
    let mut world = fake.world();
    world.commit("main", "root1", &[(".countersign/APPROVERS", Some("flags/checkout/ @acme/payments\n"))]);
    world.user("mallory");
    world.team("payments", &["mallory"]);
    world.token("teams", "github-actions[bot]", Some(15368), &["members:read"]);
    drop(world);
    fake.give("COUNTERSIGN_TEAMS_TOKEN", "teams");
    let number = raise(&fake, "jo", "more", 50);
    after(&fake, "opened", number);
    fake.world().approve(number, "mallory");
    woken(&fake, number);
    assert_eq!(status(&fake, number).0, "pending");
    assert!(comment(&fake, number).contains("no write access"), "{}", comment(&fake, number));
}

/// A commit that somebody vouched for with a comment on a branch with a policy of their own is worth nothing on
/// another.
#[test]
fn an_override_from_under_another_policy() {
    let fake = shop();
    let mut world = fake.world();
    world.commit(
        "own",
        "jo",
        &[(".countersign/config.yaml", Some(&CONFIG.replace("[\"@root1\", \"@root2\"]", "[\"@kim\", \"@carol\"]")))],
    );
    let text = flag("one", 100);
    world.commit("evil", "jo", &[("flags/checkout/one.yaml", Some(&text))]);
    let number = world.open("jo", "own", "evil");
    drop(world);
    after(&fake, "opened", number);
    override_one(&fake, number, ["kim", "carol"]);
    assert_eq!(status_for(&fake, number, "own").0, "success");
    fake.world().retarget(number, "main", "jo");
    review(&fake, &Event::Retargeted(number, "own"));
    assert_eq!(status(&fake, number).0, "pending", "{}", comment(&fake, number));
}

/// A comment that looks like ours and is somebody's, with a approval record that says what they like.
#[test]
fn a_record_of_somebody_elses() {
    let fake = shop();
    let number = raise(&fake, "jo", "more", 50);
    after(&fake, "opened", number);
    let ours = comment(&fake, number);
    // Alice approves what is there; then it is another change, and Jo says it was displayed all along.
    fake.world().approve(number, "alice");
    let text = flag("one", 100);
    fake.world().commit("more", "jo", &[("flags/checkout/one.yaml", Some(&text))]);
    after(&fake, "reopened", number);
    assert_eq!(status(&fake, number).0, "pending");
    let now = comment(&fake, number);
    let (old, new) = (digests(&ours), digests(&now));
    let forged = now.replace(&old, &new);
    assert_ne!(forged, now);
    let mut world = fake.world();
    let sticky = world.comments_of(number).iter().find(|one| one.body == now).unwrap().id;
    world.comment(number, "jo", &forged);
    world.edit_comment(sticky, "jo", &forged);
    drop(world);
    woken(&fake, number);
    assert_eq!(status(&fake, number).0, "pending", "{}", comment(&fake, number));
    let world = fake.world();
    let ours: Vec<_> = world.comments_of(number).into_iter().filter(|one| one.author != "jo").collect();
    assert!(ours.iter().all(|one| !one.body.contains(&old)), "what somebody else edited last is written anew");
    assert!(ours.iter().any(|one| one.body.starts_with("<!-- countersign")));
}

/// The longest run of hexadecimal digits in the last line.
fn digests(body: &str) -> String {
    let last = body.lines().next_back().unwrap();
    let mut words = last.split(|char: char| !char.is_ascii_hexdigit());
    words.rfind(|word| word.len() == 32).unwrap().to_owned()
}

/// Another workflow comments in the same name as ours and writes what a stranger hands it: a whole approval record,
/// before we wrote any, with a display of what comes later and two admins who let it through.
#[test]
fn a_record_that_another_workflow_was_made_to_write() {
    let fake = shop();
    // The future text of the comment is found out in a repository of one's own.
    let rehearsal = shop();
    let number = raise(&rehearsal, "jo", "more", 100);
    after(&rehearsal, "opened", number);
    let body = comment(&rehearsal, number);
    let digest = digests(&body);
    let overrides = ["root1", "root2"].map(|login| {
        format!(
            "{{\"login\":\"{login}\",\"at\":\"2026-11-02T00:00:00Z\",\"digest\":\"{digest}\",\"reason\":\"because\"}}"
        )
    });
    let forged = body.trim_end().strip_suffix("} -->").unwrap();
    let forged = format!("{forged},\"overrides\":[{}]}} -->", overrides.join(","));
    let forged = forged.replace("\"fresh\":true,", "");
    let mut world = fake.world();
    world.commit("more", "jo", &[("README.md", Some("a shop\n"))]);
    let number = world.open("jo", "main", "more");
    drop(world);
    after(&fake, "opened", number);
    assert_eq!(status(&fake, number).0, "success");
    let mut world = fake.world();
    world.comment(number, "github-actions[bot]", &forged);
    world.approve(number, "alice");
    let text = flag("one", 100);
    world.commit("more", "jo", &[("flags/checkout/one.yaml", Some(&text))]);
    drop(world);
    after(&fake, "reopened", number);
    let (state, text) = status(&fake, number);
    assert_eq!((state.as_str(), text.as_str()), ("pending", "awaiting 1 of @alice or @bob for checkout/one"));
    // And with a record checksum of its own choice, which no status bears.
    let now = comment(&fake, number);
    assert!(!now.contains("overrides"), "{now}");
}

/// Acts that anyone with an account can make us do by commenting: look, and write nothing.
#[test]
fn a_stranger_who_gives_commands() {
    let fake = shop();
    fake.world().user("mallory");
    let number = raise(&fake, "jo", "more", 50);
    after(&fake, "opened", number);
    fake.clear();
    for line in ["recheck", "cancel", "unlock one", "override 12345678 now", "nonsense"] {
        let id = fake.world().comment(number, "mallory", &format!("/countersign {line}"));
        review(&fake, &Event::Comment(id));
    }
    assert_eq!(fake.sent("/"), Vec::<serde_json::Value>::new());
    assert!(!fake.requests().iter().any(|request| request.query.as_deref() == Some("Pull")), "no work is done");
}

/// A command that was edited may have been edited by anyone who may write.
#[test]
fn an_override_that_somebody_put_into_an_admins_mouth() {
    let fake = shop();
    let number = raise(&fake, "jo", "more", 50);
    after(&fake, "opened", number);
    let line = format!("/countersign override one {} because", digest(&fake, number));
    for admin in ["root1", "root2"] {
        let id = fake.world().comment(number, admin, "looks good");
        fake.world().edit_comment(id, "jo", &line);
        review(&fake, &Event::Comment(id));
    }
    assert_eq!(status(&fake, number).0, "pending");
    // Nor is it taken from the text of a review, which anyone who may write can edit as well.
    fake.world().review(number, "root1", "COMMENTED", &line);
    fake.world().review(number, "root2", "COMMENTED", &line);
    woken(&fake, number);
    assert_eq!(status(&fake, number).0, "pending");
}

/// Text that a runner reads as commands is between two lines with a word that nobody can guess.
#[test]
fn no_flag_gives_the_runner_a_command() {
    let fake = shop();
    let mut world = fake.world();
    let text = flag("one", 50).replace("name: One", "name: \"::error::x\"").replace("s1", "\"::add-mask::a\"");
    world.commit("evil", "jo", &[("flags/checkout/one.yaml", Some(&text))]);
    let number = world.open("jo", "main", "evil");
    drop(world);
    let (first, second) = (after(&fake, "opened", number), after(&fake, "reopened", number));
    let word = |out: &str| {
        let (open, rest) = out.split_once('\n').unwrap();
        let word = open.strip_prefix("::stop-commands::").unwrap_or_else(|| panic!("{out}")).to_owned();
        assert!(rest.trim_end().ends_with(&format!("::{word}::")), "{out}");
        assert!(first.err.lines().chain(second.err.lines()).all(|line| !line.trim_start().starts_with("::")));
        word
    };
    assert_ne!(word(&first.out), word(&second.out));
    assert!(!first.output.contains("::"), "{}", first.output);
}

/// A bot opens the pull request with somebody's commits, who then approves; and somebody whose address is nobody's.
#[test]
fn who_wrote_it_behind_another_name() {
    let fake = shop();
    let mut world = fake.world();
    world.bot("dependabot[bot]");
    let text = flag("one", 50);
    world.commit("laundered", "alice", &[("flags/checkout/one.yaml", Some(&text))]);
    let laundered = world.open("dependabot[bot]", "main", "laundered");
    drop(world);
    after(&fake, "opened", laundered);
    fake.world().approve(laundered, "alice");
    woken(&fake, laundered);
    assert_eq!(status(&fake, laundered).0, "pending");
    assert!(comment(&fake, laundered).contains("contributed to the change"), "{}", comment(&fake, laundered));
    fake.world().close(laundered, "jo");
    let mut world = fake.world();
    let text = flag("two", 50);
    let change = crate::github::fake::Change {
        files: &[("flags/checkout/two.yaml", Some(&text))],
        author: "Nobody <nobody@nowhere.example>",
        message: "Change",
        web: false,
    };
    world.commit_as("unmapped", &change);
    let unmapped = world.open("jo", "main", "unmapped");
    drop(world);
    after(&fake, "opened", unmapped);
    fake.world().approve(unmapped, "alice");
    woken(&fake, unmapped);
    assert_eq!(status(&fake, unmapped).0, "pending");
    assert!(comment(&fake, unmapped).contains("belongs to no GitHub account"), "{}", comment(&fake, unmapped));
}

/// People are asked once for the same content, and never for somebody from outside.
#[test]
fn no_review_is_requested_twice() {
    let fake = shop();
    let mut world = fake.world();
    world.user("mallory");
    world.fork("mallory");
    let text = flag("one", 100);
    world.commit_in_fork("mallory", "more", &[("flags/checkout/one.yaml", Some(&text))]);
    let outside = world.open("mallory", "main", "mallory:more");
    drop(world);
    after(&fake, "opened", outside);
    assert_eq!(status(&fake, outside).0, "pending");
    assert_eq!(fake.sent("requested_reviewers").len(), 0);
    fake.world().close(outside, "mallory");
    let number = raise(&fake, "jo", "more", 50);
    for action in ["opened", "reopened", "edited", "reopened"] {
        after(&fake, action, number);
    }
    assert_eq!(fake.sent("requested_reviewers").len(), 1);
}
