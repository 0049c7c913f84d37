//! With GitHub: who approved merged changes, who overrode it, and what got in past all of that.

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::git::git;
use crate::github::fake::runner::Run;
use crate::github::fake::{Event, Fake, Fault, What};
use crate::github::shop::*;

/// The shop, and its tip before anything of the story were merged.
fn started() -> (Fake, String) {
    let mut fake = shop();
    // The output is read by people, not by a runner.
    fake.env("GITHUB_ACTIONS", None);
    let start = fake.world().origin.tip("main").unwrap();
    (fake, start)
}

/// `audit` of all since then, in a fresh clone.
fn run(fake: &Fake, start: &str, more: &[&str]) -> Run {
    let keep = TempDir::new().unwrap();
    let origin = fake.origin().display().to_string();
    git(keep.path(), &["clone", "-q", &origin, "shop"]);
    let clone = keep.path().join("shop").display().to_string();
    let range = format!("{start}..origin/main");
    let run = fake.run(&[&["-C", &clone, "audit", &range], more].concat());
    fake.verify();
    assert_eq!(run.code, 0, "{}{}", run.out, run.err);
    run
}

/// The answer, as JSON.
fn audit(fake: &Fake, start: &str, more: &[&str]) -> Value {
    let run = run(fake, start, &[&["--format", "json"], more].concat());
    let audit: Value = serde_json::from_str(&run.out).unwrap();
    crate::schema::holds("audit", &audit);
    assert!(run.summary.starts_with("### Audit: "), "{}", run.summary);
    audit
}

/// Outcome and reason of the only merged change.
fn only(audit: &Value) -> (&str, &str) {
    let merged_changes = audit["mergedChanges"].as_array().unwrap();
    assert_eq!(merged_changes.len(), 1, "{audit:#}");
    (merged_changes[0]["outcome"].as_str().unwrap(), merged_changes[0]["why"].as_str().unwrap_or(""))
}

/// A pull request that Alice approved and the gate let through.
fn approved(fake: &Fake) -> u64 {
    let number = raise(fake, "jo", "more", 50);
    after(fake, "opened", number);
    fake.world().approve(number, "alice");
    woken(fake, number);
    assert_eq!(status(fake, number).0, "success");
    number
}

#[test]
fn what_was_approved_says_by_whom() {
    let (fake, start) = started();
    let number = approved(&fake);
    fake.world().merge(number, "kim");
    fake.clear();
    let audit = audit(&fake, &start, &["--exit-code"]);
    assert_eq!(only(&audit), ("approved", ""));
    let merged_change = &audit["mergedChanges"][0];
    assert_eq!(merged_change["pull"]["number"], number);
    assert_eq!(
        (&merged_change["pull"]["requestor"], &merged_change["pull"]["mergedBy"]),
        (&json!("jo"), &json!("kim"))
    );
    let item = &merged_change["items"][0];
    assert_eq!((&item["name"], &item["requirements"][0]["approvedBy"]), (&json!("checkout/one"), &json!(["alice"])));
    let shown = &item["digest"].as_str().unwrap()[..8];
    assert!(comment(&fake, number).contains(shown), "{}", comment(&fake, number));
    assert_eq!((&audit["repository"], &audit["branch"]), (&json!("acme/shop"), &json!("main")));
    assert!(audit["remarks"][0].as_str().unwrap().contains("as of today"));
    assert_eq!(audit["people"], json!([]));
    // It posts nothing.
    assert_eq!(fake.sent(""), Vec::<Value>::new());
}

#[test]
fn what_was_merged_while_pending_stays_unapproved() {
    let (fake, start) = started();
    let number = raise(&fake, "jo", "more", 50);
    after(&fake, "opened", number);
    fake.world().merge(number, "root1");
    // A later approval approves what is live already.
    fake.world().approve(number, "alice");
    let audit = audit(&fake, &start, &[]);
    assert_eq!(only(&audit), ("unapproved", &*format!("#{number} was merged while approvals were missing")));
    assert_eq!(audit["people"], json!([{"who": "root1", "overrides": 0, "unapproved": 1}]));
    assert_eq!(audit["mergedChanges"][0]["items"][0]["verdict"], "pending");
}

#[test]
fn what_was_merged_while_rejected_says_by_whom() {
    let (fake, start) = started();
    let number = raise(&fake, "jo", "more", 50);
    after(&fake, "opened", number);
    fake.world().review(number, "bob", "CHANGES_REQUESTED", "");
    fake.world().merge(number, "root1");
    let audit = audit(&fake, &start, &[]);
    assert_eq!(only(&audit).0, "unapproved");
    assert_eq!(audit["mergedChanges"][0]["items"][0]["requirements"][0]["rejectedBy"], json!(["bob"]));
}

#[test]
fn a_direct_push_is_no_pull_request() {
    let (fake, start) = started();
    let text = flag("one", 60);
    fake.world().commit("main", "root1", &[("flags/checkout/one.yaml", Some(&text))]);
    fake.world().commit("main", "root1", &[("README.md", Some("a shop\n"))]);
    let audit = audit(&fake, &start, &[]);
    assert_eq!(only(&audit), ("unapproved", "pushed directly: no pull request brought it"));
    assert_eq!(
        (&audit["mergedChanges"][0]["mergedBy"], &audit["totals"]["mergedChanges"]),
        (&json!("root1"), &json!(2))
    );
    assert_eq!(audit["people"], json!([{"who": "root1", "overrides": 0, "unapproved": 1}]));
}

/// A pull request into another branch is approved for that branch.
#[test]
fn a_pull_request_into_another_branch_is_no_way_into_this_one() {
    let (fake, start) = started();
    fake.world().commit("next", "root1", &[("NEXT.md", Some("next\n"))]);
    let text = flag("one", 60);
    fake.world().commit("side", "jo", &[("flags/checkout/one.yaml", Some(&text))]);
    let number = fake.world().open("jo", "next", "side");
    let oid = fake.world().merge(number, "kim");
    fake.world().force_push("main", &oid, "kim");
    let audit = audit(&fake, &start, &[]);
    let why = format!("pushed directly: #{number} brought it into `next`, not into `main`");
    assert_eq!(only(&audit), ("unapproved", &*why));
}

#[test]
fn an_override_says_who_and_why() {
    let (fake, start) = started();
    let number = raise(&fake, "jo", "more", 50);
    after(&fake, "opened", number);
    override_one(&fake, number, ["root1", "root2"]);
    assert_eq!(status(&fake, number).0, "success");
    fake.world().merge(number, "jo");
    let audit = audit(&fake, &start, &["--exit-code"]);
    assert_eq!(only(&audit), ("overridden", ""));
    let overridden = json!({"by": ["root1", "root2"], "reason": "the shop is down"});
    assert_eq!(audit["mergedChanges"][0]["items"][0]["overridden"], overridden);
    let one = |who: &str| json!({"who": who, "overrides": 1, "unapproved": 0});
    assert_eq!(audit["people"], json!([one("root1"), one("root2")]));
}

/// Without the record of what was displayed nobody knows what was approved; without an approval it is no question.
#[test]
fn without_the_record_an_approval_is_unknown() {
    let (fake, start) = started();
    let number = approved(&fake);
    fake.world().merge(number, "kim");
    let id = fake.world().comments_of(number).iter().find(|one| one.body.starts_with("<!-- countersign")).unwrap().id;
    fake.world().delete_comment(id);
    let found = audit(&fake, &start, &[]);
    let why = format!("#{number} may have been approved: no record is left of what was displayed");
    assert_eq!(only(&found), ("unknown", &*why));
    assert!(found["remarks"][1].as_str().unwrap().contains("--gate"));
    let (fake, start) = started();
    let number = raise(&fake, "jo", "more", 50);
    fake.world().merge(number, "kim");
    assert_eq!(only(&audit(&fake, &start, &[])).0, "unapproved");
}

#[test]
fn an_approver_who_has_left_since_is_unknown() {
    let (fake, start) = started();
    let number = approved(&fake);
    fake.world().merge(number, "kim");
    fake.world().demote("alice");
    let found = audit(&fake, &start, &[]);
    let why = format!("#{number} may have been approved: @alice has no write access today");
    assert_eq!(only(&found), ("unknown", &*why));
    // Carol was never required: that she left makes no difference.
    let (fake, start) = started();
    let number = raise(&fake, "jo", "more", 50);
    after(&fake, "opened", number);
    fake.world().approve(number, "carol");
    fake.world().merge(number, "kim");
    fake.world().demote("carol");
    assert_eq!(only(&audit(&fake, &start, &[])).0, "unapproved");
}

/// An approval that was dismissed after the merge stood when it was merged; one that was dismissed before did not.
#[test]
fn a_dismissal_counts_from_its_moment() {
    for (later, outcome) in [(true, "approved"), (false, "unapproved")] {
        let (fake, start) = started();
        let number = approved(&fake);
        let id = fake.world().pulls[&number].reviews[0].id;
        if later {
            fake.world().merge(number, "kim");
        }
        fake.world().dismiss(number, id, "root1", "no");
        if !later {
            fake.world().merge(number, "kim");
        }
        assert_eq!(only(&audit(&fake, &start, &[])).0, outcome);
    }
}

/// The approved content is not what was pushed afterwards.
#[test]
fn another_content_than_was_approved_is_unapproved() {
    let (fake, start) = started();
    let number = approved(&fake);
    let text = flag("one", 90);
    fake.world().commit("more", "jo", &[("flags/checkout/one.yaml", Some(&text))]);
    fake.world().merge(number, "kim");
    assert_eq!(only(&audit(&fake, &start, &[])).0, "unapproved");
}

/// Squashed or rebased, it is what was approved, under commits of another name.
#[test]
fn squashed_and_rebased_pull_requests_are_found() {
    for rebased in [false, true] {
        let (fake, start) = started();
        let mut world = fake.world();
        let (middle, last) = (flag("one", 40), flag("one", 50));
        world.commit("more", "jo", &[("flags/checkout/one.yaml", Some(&middle))]);
        world.commit("more", "jo", &[("flags/checkout/one.yaml", Some(&last))]);
        let number = world.open("jo", "main", "more");
        drop(world);
        after(&fake, "opened", number);
        fake.world().approve(number, "alice");
        woken(&fake, number);
        let mut world = fake.world();
        let mut oid = String::new();
        if rebased {
            oid = world.commit("main", "kim", &[("flags/checkout/one.yaml", Some(&middle))]);
        }
        let first = oid.clone();
        oid = world.commit("main", "kim", &[("flags/checkout/one.yaml", Some(&last))]);
        let at = world.tick();
        let pull = world.pulls.get_mut(&number).unwrap();
        (pull.state, pull.closed) = ("MERGED", Some(at));
        pull.merged = Some((at, "kim".to_owned(), oid.clone()));
        world.rebased.extend(rebased.then_some((first, number)));
        drop(world);
        let found = audit(&fake, &start, &[]);
        assert_eq!(only(&found), ("approved", ""), "{found:#}");
        assert_eq!(found["mergedChanges"][0]["commit"], oid);
        assert_eq!(found["mergedChanges"][0]["onto"], start);
    }
}

/// A person's token finds the gate's comment by its author.
#[test]
fn the_gate_may_be_another_account() {
    let (mut fake, start) = started();
    let number = approved(&fake);
    fake.world().merge(number, "kim");
    let may = ["contents:read", "pull-requests:read", "statuses:read", "issues:read", "metadata:read"];
    let secret = fake.world().token("own", "root1", None, &may);
    fake.env("GITHUB_TOKEN", Some(&secret));
    assert_eq!(only(&audit(&fake, &start, &[])).0, "unknown");
    assert_eq!(only(&audit(&fake, &start, &["--gate", "github-actions[bot]"])).0, "approved");
    // A person of that name is not the app.
    assert_eq!(only(&audit(&fake, &start, &["--gate", "github-actions"])).0, "unknown");
}

#[test]
fn what_cannot_be_read_is_unknown_and_no_token_is_no_answer() {
    let (mut fake, start) = started();
    let number = approved(&fake);
    fake.world().merge(number, "kim");
    fake.world().fault(Fault::query("Pull", What::Unauthorised));
    let found = audit(&fake, &start, &[]);
    assert_eq!(only(&found).0, "unknown");
    assert!(only(&found).1.starts_with(&format!("#{number} could not be judged: ")), "{found:#}");
    let found = audit(&fake, &start, &["--offline"]);
    assert_eq!((only(&found).0, &found["repository"]), ("needed", &json!(null)));
    fake.env("GITHUB_TOKEN", None);
    assert_eq!(only(&audit(&fake, &start, &[])).0, "needed");
}

/// A pull request of Kim's that leaves flag `one` like this.
fn proposed(fake: &Fake, branch: &str, text: &str) -> u64 {
    let mut world = fake.world();
    world.commit(branch, "kim", &[("flags/checkout/one.yaml", Some(text))]);
    world.open("kim", "main", branch)
}

/// A change that the policy frees, and an admin let pass, is in the list as well.
#[test]
fn free_switches_and_passed_locks_are_listed() {
    let (fake, start) = started();
    let off = flag("one", 20).replace("state: active", "state: inactive");
    let config = format!("{CONFIG}critical: {{deactivation: approval}}\n");
    fake.world().commit("main", "root1", &[(".countersign/config.yaml", Some(&config))]);
    let holder = raise(&fake, "jo", "more", 50);
    after(&fake, "opened", holder);
    let number = proposed(&fake, "off", &off);
    after(&fake, "opened", number);
    let id = fake.world().comment(number, "root1", "/countersign unlock checkout/one");
    review(&fake, &Event::Comment(id));
    fake.world().approve(number, "alice");
    woken(&fake, number);
    assert_eq!(status(&fake, number).0, "success", "{:?}", status(&fake, number));
    fake.world().merge(number, "kim");
    let listed = audit(&fake, &start, &[]);
    let strict = listed["mergedChanges"].as_array().unwrap().last().unwrap();
    let passed = &strict["items"][0]["passedOver"];
    assert_eq!((&passed[0]["pull"], &passed[0]["by"]), (&json!(holder), &json!("root1")), "{strict:#}");
    let config = format!("{CONFIG}critical: {{restore: free}}\n");
    fake.world().commit("main", "root1", &[(".countersign/config.yaml", Some(&config))]);
    for (branch, text) in [("on", flag("one", 20)), ("again", off)] {
        let number = proposed(&fake, branch, &text);
        after(&fake, "opened", number);
        assert_eq!(status(&fake, number).0, "success", "{branch} {:?}", status(&fake, number));
        fake.world().merge(number, "kim");
    }
    let listed = audit(&fake, &start, &[]);
    let merged = listed["mergedChanges"].as_array().unwrap();
    let freed: Vec<_> = merged.iter().map(|one| (&one["outcome"], &one["freed"])).rev().take(2).collect();
    let row = |how: &str| json!([{"name": "checkout/one", "freed": how, "passedOver": []}]);
    let free = json!("free");
    assert_eq!(freed, [(&free, &row("switch-off")), (&free, &row("restore"))]);
    assert_eq!(listed["totals"]["free"], 2);
    let text = run(&fake, &start, &[]).out;
    for words in [
        "passed    checkout/one over the lock of #1 by @root1 at ",
        "free      checkout/one switched on exactly as it was last live",
        "free      checkout/one switched off",
        "2 freed by the policy",
    ] {
        assert!(text.contains(words), "{words}: {text}");
    }
}
