//! A change that is merged on GitHub goes out to Amplitude: `apply` asks GitHub itself who approved it, by the
//! judgement of `audit`.

use serde_json::json;
use tempfile::TempDir;

use crate::amplitude::fake::{Fake as Amplitude, KEY};
use crate::git::git;
use crate::github::fake::Fake;
use crate::github::fake::runner::Run;
use crate::github::shop::*;

const SHARE: &str = r#"PATCH /flags/7 {"rolloutPercentage":50}"#;

/// The shop on GitHub, and its flag `one` in Amplitude as the default branch has it.
pub fn started() -> (Fake, Amplitude) {
    let (mut fake, amplitude) = (shop(), Amplitude::start());
    let config = format!("{CONFIG}amplitude: {{projects: {{checkout: \"450001\"}}}}\n");
    let lock = json!({"schema": "countersign/amplitude-lock/v1", "projects": {"checkout": {"id": "450001", "items": {
        "one": {"id": "7", "kind": "flag", "hash": "0"}, "two": {"id": "8", "kind": "flag", "hash": "0"}}}}});
    // The files of the first import are merged as everything is: the policy's own folder is the admins'.
    let lock = lock.to_string();
    let files = [(".countersign/config.yaml", Some(&*config)), (".countersign/amplitude.lock", Some(&*lock))];
    fake.world().commit("import", "jo", &files);
    let number = fake.world().open("jo", "main", "import");
    merged(&fake, number, "root1");
    for (id, key) in [("7", "one"), ("8", "two")] {
        amplitude.world().add(
            id,
            false,
            &json!({"key": key, "name": "One", "enabled": true, "deployments": ["web"], "bucketingKey": "user_id",
                "bucketingSalt": "s1", "rolloutPercentage": 20, "rolloutWeights": {"on": 1}}),
        );
    }
    fake.env("AMPLITUDE_MANAGEMENT_KEY", Some(KEY));
    fake.env("COUNTERSIGN_AMPLITUDE_URL", Some(&amplitude.url()));
    fake.env("COUNTERSIGN_AMPLITUDE_PER_SECOND", Some("1000000"));
    (fake, amplitude)
}

/// A pull request reviewed, approved by somebody, and merged.
pub fn merged(fake: &Fake, number: u64, who: &str) {
    after(fake, "opened", number);
    fake.world().approve(number, who);
    woken(fake, number);
    assert_eq!(status(fake, number).0, "success", "{}", comment(fake, number));
    fake.world().merge(number, "kim");
}

/// `apply` as the workflow runs it, in a fresh clone of the default branch; and what it wrote to Amplitude.
fn apply(fake: &Fake, amplitude: &Amplitude, more: &[&str]) -> (Run, Vec<String>) {
    let keep = TempDir::new().unwrap();
    let origin = fake.origin().display().to_string();
    git(keep.path(), &["clone", "-q", &origin, "shop"]);
    let clone = keep.path().join("shop").display().to_string();
    let gate = ["-C", &clone, "amplitude", "apply", "--yes", "--gate", "github-actions[bot]"];
    let run = fake.run(&[&gate, more].concat());
    fake.verify();
    assert!(!format!("{run:?}").contains(KEY));
    (run, amplitude.writes())
}

#[test]
fn github_says_who_approved_what_is_applied() {
    let (fake, amplitude) = started();
    let (run, writes) = apply(&fake, &amplitude, &[]);
    assert_eq!((run.code, writes.len()), (0, 0), "{}{}", run.out, run.err);
    let number = raise(&fake, "jo", "more", 50);
    after(&fake, "opened", number);
    // Open, it is not on the default branch.
    let (run, writes) = apply(&fake, &amplitude, &[]);
    assert_eq!((run.code, writes.len()), (0, 0), "{}{}", run.out, run.err);
    fake.world().approve(number, "alice");
    woken(&fake, number);
    assert_eq!(status(&fake, number).0, "success");
    fake.world().merge(number, "kim");
    let (run, writes) = apply(&fake, &amplitude, &[]);
    assert_eq!((run.code, writes), (0, vec![SHARE.to_owned()]), "{}{}", run.out, run.err);
    assert!(run.out.contains("done  checkout/one: 1 call."), "{}", run.out);
    let (run, writes) = apply(&fake, &amplitude, &[]);
    assert_eq!((run.code, writes.len()), (0, 0), "{}{}", run.out, run.err);
}

#[test]
fn what_nobody_approved_is_left_and_the_rest_is_done() {
    let (fake, amplitude) = started();
    let (one, two) = (flag("one", 50), flag("two", 30));
    let number = raise(&fake, "jo", "more", 50);
    after(&fake, "opened", number);
    fake.world().merge(number, "root1");
    // A later approval approves what is live already.
    fake.world().approve(number, "alice");
    fake.world().commit("main", "root1", &[("flags/checkout/two.yaml", Some(&two))]);
    let (run, writes) = apply(&fake, &amplitude, &[]);
    assert_eq!((run.code, writes.len()), (1, 0), "{}{}", run.out, run.err);
    let said = run.out.split_whitespace().collect::<Vec<_>>().join(" ");
    let merged = format!("#{number} was merged while approvals were missing");
    for part in [
        "left checkout/one: not approved: ",
        &merged,
        "left checkout/two: not approved: ",
        "no pull request brought it",
    ] {
        assert!(said.contains(part), "{part}: {said}");
    }
    // An approved step on top of the other one does not carry it along; the other flag is its own question.
    let text = two.replace("rolloutPercentage: 30", "rolloutPercentage: 20");
    fake.world().commit("main", "root1", &[("flags/checkout/two.yaml", Some(&text))]);
    fake.world().commit("next", "jo", &[("flags/checkout/one.yaml", Some(&one.replace(": 50", ": 60")))]);
    let next = fake.world().open("jo", "main", "next");
    after(&fake, "opened", next);
    fake.world().approve(next, "alice");
    woken(&fake, next);
    fake.world().merge(next, "kim");
    let (run, writes) = apply(&fake, &amplitude, &[]);
    assert_eq!((run.code, writes.len()), (1, 0), "{}{}", run.out, run.err);
    let reason = ["--override", "checkout/one=incident 12"];
    let (run, writes) = apply(&fake, &amplitude, &reason);
    assert_eq!((run.code, writes), (0, vec![SHARE.replace("50", "60")]), "{}{}", run.out, run.err);
}

#[test]
fn an_override_on_github_counts_as_an_approval() {
    let (fake, amplitude) = started();
    let number = raise(&fake, "jo", "more", 50);
    after(&fake, "opened", number);
    override_one(&fake, number, ["root1", "root2"]);
    fake.world().merge(number, "jo");
    let (run, writes) = apply(&fake, &amplitude, &[]);
    assert_eq!((run.code, writes), (0, vec![SHARE.to_owned()]), "{}{}", run.out, run.err);
}

#[test]
fn a_policy_that_nobody_approved_on_github_frees_nothing() {
    let (fake, amplitude) = started();
    let config = format!("{}amplitude: {{projects: {{checkout: \"450001\"}}}}\n", CONFIG.replace("specific", "none"));
    fake.world().commit("main", "root1", &[(".countersign/config.yaml", Some(&config))]);
    fake.world().commit("main", "jo", &[("flags/checkout/one.yaml", Some(&flag("one", 50)))]);
    let (run, writes) = apply(&fake, &amplitude, &[]);
    assert_eq!((run.code, writes.len()), (1, 0), "{}{}", run.out, run.err);
    assert!(run.out.contains("the policy was changed without approval"), "{}", run.out);
    // Switching off waits for nobody.
    let off = flag("one", 50).replace("state: active", "state: inactive");
    fake.world().commit("main", "jo", &[("flags/checkout/one.yaml", Some(&off))]);
    let (run, writes) = apply(&fake, &amplitude, &[]);
    assert_eq!(
        (run.code, writes),
        (1, vec![r#"PATCH /flags/7 {"enabled":false}"#.to_owned()]),
        "{}{}",
        run.out,
        run.err
    );
}
