//! Events of every day.

use super::steps::*;
use crate::github::fake::Event;

#[test]
fn open_pending_approve_success_merge() {
    let fake = shop();
    let (number, mut known) = (raise(&fake, "jo", "more", 50), 0);
    let run = after(&fake, "opened", number);
    assert_eq!(run.code, 0, "{}{}", run.out, run.err);
    is(&fake, number, "pending", AWAITS);
    comment_says(&fake, number, "### ⏳ 1 flag waits for approval\n");
    assert_eq!(requested(&fake, number), ["alice", "bob"]);
    assert!(run.output.contains("verdict=pending\n"), "{}", run.output);
    assert!(run.summary.contains("checkout/one"), "{}", run.summary);
    assert_eq!(fake.on(&Event::Pull("opened", number)).run(&["review", "--exit-code"]).code, 1);
    let lines = fake.sent("/check-runs");
    assert_eq!(lines.len(), 1);
    assert_eq!(lines[0]["output"]["annotations"][0]["path"], "flags/checkout/one.yaml");
    assert_eq!(notified(&fake, number, &mut known), [""; 0]);

    approve(&fake, number, "alice");
    is(&fake, number, "success", "approved by alice (1 flag)");
    assert_eq!(
        notified(&fake, number, &mut known),
        ["@jo ✅ `alice` approved `checkout/one`. No more approvals are needed for that."]
    );
    comment_says(&fake, number, "### ✅ 1 flag is approved\n");

    let before = fake.world().origin.tip("main").unwrap();
    fake.world().merge(number, "jo");
    let said = written(&fake).len();
    after(&fake, "closed", number);
    // Nobody who proposes that commit again, after a squash and a revert, finds a success.
    is(&fake, number, "pending", "merged: #1 was merged");
    review(&fake, &Event::Push("main".to_owned(), before));
    assert_eq!(written(&fake).len(), said + 1, "nothing else is said of what is merged");
}

#[test]
fn no_flag_and_then_one_and_then_none() {
    let fake = shop();
    let number = raise_with(&fake, "jo", "docs", &[("README.md", Some("better\n"))]);
    let run = after(&fake, "opened", number);
    assert_eq!(run.code, 0);
    is(&fake, number, "success", "no flag changes");
    assert_eq!(comment(&fake, number), "");
    assert_eq!(written(&fake).len(), 1, "{:#?}", written(&fake));

    edit(&fake, number, 50);
    is(&fake, number, "pending", AWAITS);
    edit(&fake, number, 20);
    is(&fake, number, "success", "no flag changes");
    comment_says(&fake, number, "### ✅ No flag changes\n");

    // A change of no weight needs nobody, and says so.
    let text = flag("one", 20).replace("name: One", "name: The first");
    push(&fake, number, "jo", &[("flags/checkout/one.yaml", Some(&text))]);
    is(&fake, number, "success", "1 flag changed, no approval needed");
}

#[test]
fn what_is_invalid_says_where() {
    let fake = shop();
    let number = raise_with(&fake, "jo", "typo", &[("flags/checkout/one.yaml", Some("key: one\nkey: two\n"))]);
    let run = after(&fake, "opened", number);
    assert_eq!(run.code, 3, "{}", run.err);
    let invalid = "invalid: flags/checkout/one.yaml:1:1: the flag has no `kind` (and 2 more)";
    is(&fake, number, "failure", invalid);
    let notes = &fake.sent("/check-runs")[0]["output"]["annotations"][0];
    assert_eq!(
        (&notes["path"], &notes["start_line"], &notes["annotation_level"]),
        (&"flags/checkout/one.yaml".into(), &1.into(), &"failure".into())
    );
    fake.world().approve(number, "alice");
    woken(&fake, number);
    is(&fake, number, "failure", invalid);
    edit(&fake, number, 50);
    is(&fake, number, "pending", AWAITS);
}

#[test]
fn a_conflict_asks_to_update_the_branch() {
    let fake = shop();
    let number = opened(&fake, "jo", "more", 50);
    approve(&fake, number, "alice");
    land(&fake, &[("flags/checkout/one.yaml", Some(&flag("one", 30)))]);
    is(&fake, number, "failure", CLASH);
    comment_says(&fake, number, "update the branch");
}

#[test]
fn approved_edited_stale_and_approved_again() {
    let fake = shop();
    let (number, mut known) = (opened(&fake, "jo", "more", 50), 0);
    approve(&fake, number, "alice");
    assert_eq!(notified(&fake, number, &mut known).len(), 1);
    edit(&fake, number, 60);
    is(&fake, number, "pending", AWAITS);
    comment_says(&fake, number, "no longer the proposed content");
    // Bob is still asked, so nobody else is.
    assert_eq!(requested(&fake, number), ["bob"]);
    approve(&fake, number, "alice");
    is(&fake, number, "success", "approved by alice (1 flag)");
    assert_eq!(notified(&fake, number, &mut known).len(), 1);
    // Back to what alice saw first: she approved something else since.
    edit(&fake, number, 50);
    is(&fake, number, "pending", AWAITS);
    // A comment that is not part of the request voids nothing.
    approve(&fake, number, "bob");
    push(&fake, number, "jo", &[("README.md", Some("more\n"))]);
    is(&fake, number, "success", "approved by bob (1 flag)");
    let mut notes = fake.sent("/check-runs").iter().map(ToString::to_string).collect::<Vec<_>>();
    let all = notes.len();
    notes.sort();
    notes.dedup();
    assert_eq!(notes.len(), all, "the same is reported on the same lines once");
}

#[test]
fn rebased_and_still_approved() {
    let fake = shop();
    let number = opened(&fake, "jo", "more", 50);
    let review = approve(&fake, number, "alice");
    land(&fake, &[("README.md", Some("moved on\n"))]);
    is(&fake, number, "success", "approved by alice (1 flag)");
    let mut world = fake.world();
    let oid = world.commit("again", "jo", &[("flags/checkout/one.yaml", Some(&flag("one", 50)))]);
    world.reanchor(number, review, &oid);
    drop(world);
    let old = head(&fake, number);
    force(&fake, number, &oid, "jo");
    is(&fake, number, "success", "approved by alice (1 flag)");
    let (state, text) =
        fake.world().shown(&old, "countersign/main").map(|(a, b)| (a.to_owned(), b.to_owned())).unwrap();
    assert_eq!((&*state, &*text), ("pending", "superseded: #1 moved on"));

    // The same with other content: GitHub may point the review at it all the same.
    let mut world = fake.world();
    let oid = world.commit("other", "jo", &[("flags/checkout/one.yaml", Some(&flag("one", 51)))]);
    world.reanchor(number, review, &oid);
    drop(world);
    force(&fake, number, &oid, "jo");
    is(&fake, number, "pending", AWAITS);
}

#[test]
fn a_draft_asks_nobody() {
    let fake = shop();
    let number = raise(&fake, "jo", "more", 50);
    fake.world().draft(number, "jo");
    after(&fake, "opened", number);
    is(&fake, number, "pending", "draft, no review requested; it needs 1 of @alice or @bob for checkout/one");
    assert_eq!(requested(&fake, number), [""; 0]);
    comment_says(&fake, number, "draft");
    fake.world().ready(number, "jo");
    after(&fake, "ready_for_review", number);
    is(&fake, number, "pending", AWAITS);
    assert_eq!(requested(&fake, number), ["alice", "bob"]);
}

#[test]
fn sixty_flags_and_too_many() {
    let fake = shop();
    let path = |at: usize| format!("flags/checkout/f{at:03}.yaml");
    let files: Vec<(String, String, String)> =
        (0..400).map(|at| (path(at), flag(&format!("f{at:03}"), 20), flag(&format!("f{at:03}"), 50))).collect();
    let old: Vec<(&str, Option<&str>)> = files.iter().map(|(path, old, _)| (&**path, Some(&**old))).collect();
    let new: Vec<(&str, Option<&str>)> = files.iter().map(|(path, _, new)| (&**path, Some(&**new))).collect();
    fake.world().commit("main", "root1", &old);
    let number = raise_with(&fake, "jo", "sixty", &new[..60]);
    after(&fake, "opened", number);
    is(&fake, number, "pending", "awaiting 1 of @alice or @bob for checkout/f000 and 59 more");
    assert!((0..60).all(|at| comment(&fake, number).contains(&format!("f{at:03}"))), "every one is named");
    assert!(comment(&fake, number).chars().count() < 65_536);
    approve(&fake, number, "bob");
    is(&fake, number, "success", "approved by bob (60 flags)");

    let run = push(&fake, number, "jo", &new);
    assert_eq!(run.code, 3);
    let split = "invalid: split this pull request, one comment cannot show all that needs approval";
    is(&fake, number, "failure", split);
    approve(&fake, number, "bob");
    is(&fake, number, "failure", split);
    // Content that nobody could read was not approved.
    let back: Vec<(&str, Option<&str>)> = old[60..].to_vec();
    push(&fake, number, "jo", &back);
    is(&fake, number, "pending", "awaiting 1 of @alice or @bob for checkout/f000 and 59 more");
}

#[test]
fn what_was_seen_gives_the_same_verdict_offline() {
    let fake = shop();
    let number = opened(&fake, "jo", "more", 50);
    approve(&fake, number, "alice");
    reject(&fake, number, "bob");
    let repo = fake.origin();
    let seen = repo.with_file_name("seen.json").display().to_string();
    let number = number.to_string();
    let said = written(&fake).len();
    let online = fake.run(&["review", "--pr", &number, "--dry-run", "--dump-evidence", &seen, "--format", "json"]);
    assert_eq!(written(&fake).len(), said);
    let base = fake.world().origin.tip("main").unwrap();
    let head = head(&fake, 1);
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_countersign"));
    command.args(["check", "--base", &base, "--head", &head, "--evidence", &seen, "--format", "json"]);
    let offline = command.current_dir(&repo).output().unwrap();
    let report = |text: &str| {
        let start = text.find('{').unwrap_or_else(|| panic!("no report in {text}"));
        let mut all = serde_json::Deserializer::from_str(&text[start..]).into_iter::<serde_json::Value>();
        all.next().unwrap().unwrap()
    };
    let (mut online, mut offline) = (report(&online.out), report(&String::from_utf8(offline.stdout).unwrap()));
    assert_eq!(online["verdict"], "rejected");
    // Only what the two commits are called differs, and what nothing is decided by is not in the evidence.
    for report in [&mut online, &mut offline] {
        for name in ["title", "repository", "url"] {
            report["pull"].as_object_mut().unwrap().remove(name);
        }
        for side in ["base", "head"] {
            report[side].as_object_mut().unwrap().remove("ref");
        }
    }
    assert_eq!(online, offline);
}
