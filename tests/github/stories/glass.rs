//! Break-glass: one admin lets a change in, for everyone to see, and somebody else has to approve it afterwards.

use std::path::Path;

use serde_json::Value;
use tempfile::TempDir;

use super::steps::*;
use crate::git::{command, git};
use crate::github::fake::{Event, Fake};

const DAY: i64 = 86_400;

/// A shop in which one admin may break the glass, and a key signs receipts.
fn glass(keep: &Path) -> Fake {
    let key = keep.join("ci");
    let made = command("ssh-keygen", keep).args(["-q", "-t", "ed25519", "-N", "", "-f"]).arg(&key).output().unwrap();
    assert!(made.status.success());
    let public = std::fs::read_to_string(key.with_extension("pub")).unwrap();
    let public = public.split_whitespace().take(2).collect::<Vec<_>>().join(" ");
    let trust = format!("version: 1\nrepository: acme/shop\nreceipts: ['ci@acme.example {public}']\n");
    let config = format!("{CONFIG}break-glass: {{by: admins, review-within: 3d, hold: true}}\n");
    let fake = shop();
    fake.world().now = chrono::Utc::now().timestamp();
    let files = [(".countersign/config.yaml", Some(&*config)), (".countersign/trust.yaml", Some(&*trust))];
    land(&fake, &files);
    fake
}

/// Runs the program in a clone of the repository with its receipts.
fn in_clone(fake: &Fake, keep: &Path, args: &[&str]) -> String {
    let clone = keep.join("clone");
    if !clone.exists() {
        git(keep, &["clone", "-q", &fake.origin().display().to_string(), "clone"]);
    }
    git(&clone, &["fetch", "-q", "origin"]);
    let folder = clone.display().to_string();
    let run = fake.run(&[&["-C", &folder][..], args].concat());
    fake.verify();
    assert_eq!(run.code, 0, "{args:?}: {}{}", run.out, run.err);
    let shared = "refs/countersign/receipts";
    if command("git", &clone).args(["rev-parse", "-q", "--verify", shared]).output().unwrap().status.success() {
        git(&clone, &["push", "-q", "origin", shared]);
    }
    format!("{}{}", run.out, run.err)
}

#[test]
fn one_admin_breaks_the_glass_and_another_person_pays() {
    let keep = TempDir::new().unwrap();
    let mut fake = glass(keep.path());
    let start = fake.world().origin.tip("main").unwrap();
    let (number, mut known) = (opened(&fake, "jo", "more", 50), 0);
    let line = format!("/countersign break-glass checkout/one {} the shop is down", digest(&fake, number));
    say(&fake, number, "kim", &line);
    assert_eq!(notified(&fake, number, &mut known), [format!("@kim ⛔ `{line}` is not done: is no admin.")]);
    is(&fake, number, "pending", AWAITS);
    say(&fake, number, "root1", &line);
    is(&fake, number, "success", "glass broken by root1: the shop is down");
    comment_says(
        &fake,
        number,
        "### 🚨 Glass broken by `root1`\n\n> [!CAUTION]\n> **`root1` broke the glass for `checkout/one`**",
    );
    comment_says(
        &fake,
        number,
        "> This is a debt: somebody else who did not write it has to approve exactly this by `",
    );
    let notices = notified(&fake, number, &mut known);
    assert!(notices.iter().any(|it| it.starts_with("@root1 ✅") && it.contains("the glass is broken")), "{notices:#?}");
    let loud = notices.iter().find(|it| it.contains("broke the glass for")).unwrap_or_else(|| panic!("{notices:#?}"));
    assert!(loud.starts_with("@alice @bob @jo 🚨 **`root1` broke the glass for `checkout/one`**"), "{loud}");
    fake.world().merge(number, "root1");
    // Its receipt says so; the person who broke the glass pays nothing.
    fake.env("GITHUB_ACTIONS", None);
    let key = keep.path().join("ci").display().to_string();
    let range = format!("{start}..origin/main");
    let said = in_clone(&fake, keep.path(), &["receipt", &range, "--sign-with", &key]);
    assert!(said.contains("debt"), "{said}");
    let pay = ["receipt", "--debts", "--sign-with", &key];
    fake.world().now += 60;
    fake.world().approve(number, "root1");
    assert!(in_clone(&fake, keep.path(), &pay).contains("0 of 1 unpaid debts paid"));
    // Overdue it holds the flag, and the sweep finds out by itself.
    fake.env("GITHUB_ACTIONS", Some("true"));
    let (second,) = (opened(&fake, "kim", "second", 60),);
    approve(&fake, second, "bob");
    is(&fake, second, "success", "approved by bob (1 flag)");
    fake.world().now += 4 * DAY;
    review(&fake, &Event::Schedule);
    is(&fake, second, "pending", "held by an overdue debt: checkout/one");
    comment_says(&fake, second, "overdue debt");
    let debts = doctor_says(&mut fake, "warning");
    assert!(
        debts.contains("the debt of `checkout/one`, which came in with ") && debts.contains("is overdue since "),
        "{debts}"
    );
    // Switching off waits for nobody.
    let off = flag("one", 50).replace("state: active", "state: inactive");
    let third = raise_with(&fake, "jo", "off", &[("flags/checkout/one.yaml", Some(&off))]);
    after(&fake, "opened", third);
    assert_eq!(status(&fake, third).0, "success");
    // Another person approves what came in, and the flag goes on.
    fake.world().approve(number, "alice");
    fake.env("GITHUB_ACTIONS", None);
    let said = in_clone(&fake, keep.path(), &pay);
    assert!(said.contains("1 of 1 unpaid debts paid"), "{said}");
    let audit = in_clone(&fake, keep.path(), &["audit", &range, "--receipts", "--format", "json"]);
    let audit: Value = serde_json::from_str(&audit).unwrap();
    assert_eq!([&audit["debts"][0]["state"], &audit["debts"][0]["paidBy"][0]], ["paid", "alice"], "{audit:#}");
    fake.env("GITHUB_ACTIONS", Some("true"));
    review(&fake, &Event::Schedule);
    is(&fake, second, "success", "approved by bob (1 flag)");
    assert_eq!(doctor_says(&mut fake, "ok"), "no debt is overdue");
}

/// A change of the policy, with every approval that it takes.
fn policy(fake: &Fake, branch: &str, path: &str, text: &str) {
    let number = raise_with(fake, "jo", branch, &[(path, Some(text))]);
    after(fake, "opened", number);
    approve(fake, number, "root2");
    assert_eq!(status(fake, number).0, "success", "{}", comment(fake, number));
    fake.world().merge(number, "kim");
}

/// Alice could approve it when it came in, and approved it when she could no more: that pays nothing. A key that was
/// taken out takes no debt along unsaid.
#[test]
fn who_left_pays_nothing_and_a_debt_of_another_key_is_not_known() {
    let keep = TempDir::new().unwrap();
    let mut fake = glass(keep.path());
    let start = fake.world().origin.tip("main").unwrap();
    let number = opened(&fake, "jo", "more", 50);
    say(&fake, number, "root1", &format!("/countersign break-glass one {} the shop is down", digest(&fake, number)));
    fake.world().merge(number, "root1");
    policy(&fake, "without", ".countersign/APPROVERS", &APPROVERS.replace("@alice", "@carol"));
    fake.world().now += 60;
    fake.world().approve(number, "alice");
    fake.env("GITHUB_ACTIONS", None);
    let key = keep.path().join("ci").display().to_string();
    let range = format!("{start}..origin/main");
    let pay = ["receipt", &range, "--debts", "--sign-with", &key];
    let said = in_clone(&fake, keep.path(), &pay);
    assert!(said.contains("0 of 1 unpaid debts paid"), "{said}");
    // She came since, and could not approve it then.
    fake.world().approve(number, "carol");
    let said = in_clone(&fake, keep.path(), &pay);
    assert!(said.contains("0 of 1 unpaid debts paid"), "{said}");
    // Another key, handed on as it should be; the gate has no history, and says so.
    fake.env("GITHUB_ACTIONS", Some("true"));
    let trust = git(&keep.path().join("clone"), &["show", "origin/main:.countersign/trust.yaml"]) + "\n";
    let next = another_key(keep.path(), &trust);
    policy(&fake, "another", ".countersign/trust.yaml", &next);
    fake.env("GITHUB_ACTIONS", None);
    in_clone(&fake, keep.path(), &["receipt", &range, "--sign-with", &key]);
    let debts = doctor_says(&mut fake, "warning");
    assert!(debts.contains("whether the debt of `checkout/one`") && debts.contains("is not known"), "{debts}");
    fake.env("GITHUB_ACTIONS", Some("true"));
    let second = opened(&fake, "kim", "second", 60);
    comment_says(&fake, second, "> not known: whether the debt of");
    // Bob could then, and still can.
    fake.world().approve(number, "bob");
    fake.env("GITHUB_ACTIONS", None);
    let new = keep.path().join("new").display().to_string();
    in_clone(&fake, keep.path(), &["receipt", &range, "--again", "--sign-with", &new]);
    let said = in_clone(&fake, keep.path(), &["receipt", "--debts", "--sign-with", &new]);
    assert!(said.contains("1 of 1 unpaid debts paid"), "{said}");
    assert_eq!(doctor_says(&mut fake, "ok"), "no debt is overdue");
}

/// The trust with another key for receipts in the place of the one there is.
fn another_key(keep: &Path, trust: &str) -> String {
    let key = keep.join("new");
    let made = command("ssh-keygen", keep).args(["-q", "-t", "ed25519", "-N", "", "-f"]).arg(&key).output().unwrap();
    assert!(made.status.success());
    let public = |name: &str| {
        let text = std::fs::read_to_string(keep.join(name).with_extension("pub")).unwrap();
        text.split_whitespace().take(2).collect::<Vec<_>>().join(" ")
    };
    trust.replace(&public("ci"), &public("new"))
}

/// The findings of `doctor` on debts on this level.
fn doctor_says(fake: &mut Fake, level: &str) -> String {
    fake.env("GITHUB_ACTIONS", None);
    let run = fake.run(&["doctor", "--format", "json"]);
    fake.verify();
    fake.env("GITHUB_ACTIONS", Some("true"));
    let diagnosis: Value = serde_json::from_str(&run.out).unwrap_or_else(|_| panic!("{}{}", run.out, run.err));
    let findings = diagnosis["findings"].as_array().unwrap().iter();
    let own = findings.filter(|finding| finding["id"] == "debts" && finding["level"] == level);
    own.map(|finding| finding["what"].as_str().unwrap_or_default()).collect::<Vec<_>>().join("; ")
}

#[test]
fn nobody_breaks_the_glass_over_a_rejection_or_for_the_policy() {
    let keep = TempDir::new().unwrap();
    let fake = glass(keep.path());
    let (number, mut known) = (opened(&fake, "root1", "more", 50), 0);
    let line = format!("/countersign break-glass one {} now", digest(&fake, number));
    reject(&fake, number, "alice");
    notified(&fake, number, &mut known);
    say(&fake, number, "root1", &line);
    assert_eq!(status(&fake, number).0, "failure");
    assert!(notified(&fake, number, &mut known)[0].contains("over no rejection"));
    let config = format!("{CONFIG}distinct: false\n");
    let policy = raise_with(&fake, "jo", "policy", &[(".countersign/config.yaml", Some(&config))]);
    after(&fake, "opened", policy);
    let mut known = notices(&fake, policy).len();
    say(&fake, policy, "root1", &format!("/countersign break-glass .countersign {} now", digest(&fake, policy)));
    assert!(notified(&fake, policy, &mut known)[0].contains("a change of the policy takes its approvals"));
    assert_eq!(status(&fake, policy).0, "pending");
    // Without the key nobody does.
    let fake = shop();
    let (number, mut known) = (opened(&fake, "jo", "more", 50), 0);
    say(&fake, number, "root1", &format!("/countersign break-glass one {} now", digest(&fake, number)));
    assert!(notified(&fake, number, &mut known)[0].contains("has no `break-glass:"), "{:?}", notices(&fake, number));
    is(&fake, number, "pending", AWAITS);
}
