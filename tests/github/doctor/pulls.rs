//! Questions about pull requests: `locks`, `explain` and `sweep`.

use std::path::Path;

use serde_json::{Value, json};
use snapbox::{Assert, Data};

use crate::github::fake::{self, Fake};
use crate::github::shop;
use crate::schema;

/// Two pull requests that change one live flag, of which the first was judged first.
fn two() -> (Fake, u64, u64) {
    let mut fake = shop::shop();
    let first = shop::raise(&fake, "jo", "first", 30);
    shop::after(&fake, "opened", first);
    let second = shop::raise(&fake, "kim", "second", 40);
    shop::after(&fake, "opened", second);
    fake.env("GITHUB_ACTIONS", None);
    (fake, first, second)
}

/// The JSON of a command: but for its times byte for byte what `tests/github/doctor/<golden>.json` has, and as the
/// schema of the command says.
fn json(fake: &Fake, golden: &str, args: &[&str]) -> Value {
    let run = fake.run(&[args, &["--format", "json"]].concat());
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/github/doctor/{golden}.json"));
    let timeless = |line: &str| match line.find("\"2026-") {
        Some(at) => format!("{}\"[TIME]\"{}", &line[..at], &line[at + "\"2026-11-02T06:13:20Z\"".len()..]),
        None => line.to_owned(),
    };
    let found: String = run.out.split_inclusive('\n').map(timeless).collect();
    let found = found.replace(&fake.server_url(), "https://github.com");
    Assert::new().action_env("SNAPSHOTS").eq(found, Data::read_from(&path, None).raw());
    let value: Value = serde_json::from_str(&run.out).unwrap();
    let code = if value["verdict"] == "invalid" { 3 } else { 0 };
    assert_eq!((run.code, &*run.err), (code, ""), "{value}");
    schema::holds(args[0], &value);
    value
}

#[test]
fn locks_say_who_holds_and_who_waits() {
    let (fake, first, second) = two();
    let since = fake::world::iso(fake.world().now);
    fake.world().now += 3 * 86_400;
    let run = fake.run(&["locks"]);
    assert_eq!((run.code, &*run.err), (0, ""));
    let lines: Vec<&str> = run.out.lines().collect();
    let day = since.split('T').next().unwrap();
    assert_eq!(lines[0], "main");
    assert!(lines[1].starts_with(&format!("  checkout/one  #{first}, requested by @jo, since {day}T")), "{}", run.out);
    assert!(lines[1].ends_with(", idle for 3 days"), "{}", run.out);
    assert!(lines[2].starts_with(&format!("    #{second}, requested by @kim, waits since {day}T")), "{}", run.out);
    assert_eq!(lines.len(), 3);
    let held = json(&fake, "locks", &["locks", "--base", "main"]);
    assert_eq!(held["schema"], "countersign/locks/v1");
    assert_eq!((&held["locks"][0]["pull"], &held["locks"][0]["idleDays"]), (&json!(first), &json!(3)));
    assert_eq!(held["locks"][0]["waiting"][0]["pull"], second);
    assert_eq!(fake.run(&["locks", "--base", "other"]).out, "no flag is held\n");
    // As for a verdict, a draft holds nothing, and neither does who may not write.
    fake.world().pulls.get_mut(&first).unwrap().draft = true;
    let held = json(&fake, "locks-of-one", &["locks"]);
    assert_eq!((&held["locks"][0]["pull"], &held["locks"][0]["waiting"]), (&json!(second), &json!([])));
    fake.world().demote("kim");
    assert_eq!(fake.run(&["locks"]).out, "no flag is held\n");
}

#[test]
fn explain_says_what_is_missing_and_what_did_not_count() {
    let (fake, first, second) = two();
    fake.world().review(first, "carol", "APPROVED", "");
    fake.world().review(first, "jo", "APPROVED", "");
    fake.clear();
    let run = fake.run(&["explain", "--pr", &first.to_string(), "--exit-code"]);
    assert_eq!((run.code, &*run.err), (1, ""), "{}", run.out);
    let expected =
        Data::read_from(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/github/doctor/explain.txt"), None).raw();
    Assert::new().action_env("SNAPSHOTS").eq(run.out.replace(&fake.server_url(), "https://github.com"), expected);
    let missing = json(&fake, "explain", &["explain", "--pr", &first.to_string()]);
    assert_eq!((&missing["missing"][0]["count"], &missing["notCounted"][0]["login"]), (&json!(1), &json!("carol")));
    let locked = json(&fake, "explain-locked", &["explain", "--pr", &second.to_string()]);
    assert_eq!((&locked["verdict"], &locked["locked"][0]["by"]["pull"]), (&json!("locked"), &json!(first)));
    assert_eq!((&locked["statuses"], &locked["mostStatuses"]), (&json!(1), &json!(900)));
    fake.world().review(first, "alice", "APPROVED", "");
    let run = fake.run(&["explain", "--pr", &first.to_string(), "--exit-code"]);
    assert!(run.code == 0 && run.out.contains("approved"), "{}", run.out);
    assert!(!run.out.contains("missing"), "{}", run.out);
    assert!(fake.requests().iter().all(|it| it.method == "GET" || it.query.is_some()), "it posted something");
    fake.world().close(first, "jo");
    let closed = fake.run(&["explain", "--pr", &first.to_string()]);
    assert_eq!((closed.code, &*closed.out), (2, ""));
    assert!(closed.err.contains("is not open"), "{}", closed.err);
}

/// Other obstacles: a rejection, the same commit proposed twice, a file that makes no sense.
#[test]
fn explain_has_a_place_for_all_that_stands_in_the_way() {
    let mut fake = shop::shop();
    let first = shop::raise(&fake, "jo", "first", 30);
    let counterpart = fake.world().open("kim", "main", "first");
    fake.world().commit("broken", "jo", &[("flags/checkout/one.yaml", Some("key: one\n"))]);
    let broken = fake.world().open("jo", "main", "broken");
    for pull in [first, counterpart, broken] {
        shop::after(&fake, "opened", pull);
    }
    fake.world().review(first, "alice", "CHANGES_REQUESTED", "");
    fake.env("GITHUB_ACTIONS", None);
    let rejected = json(&fake, "explain-rejected", &["explain", "--pr", &first.to_string()]);
    assert_eq!((&rejected["verdict"], &rejected["rejected"][0]["by"]), (&json!("rejected"), &json!(["alice"])));
    assert_eq!(rejected["siblings"][0]["pull"], counterpart);
    let invalid = json(&fake, "explain-invalid", &["explain", "--pr", &broken.to_string()]);
    assert_eq!((&invalid["verdict"], &invalid["diagnostics"][0]["id"]), (&json!("invalid"), &json!("missing-field")));
}

#[test]
fn a_sweep_judges_what_changed_and_nothing_else() {
    let (fake, first, _) = two();
    fake.world().review(first, "alice", "APPROVED", "");
    fake.clear();
    let dry = fake.run(&["sweep", "--dry-run"]);
    assert_eq!(dry.code, 0, "{}", dry.err);
    assert!(dry.out.contains("would set the status countersign/main"), "{}", dry.out);
    assert!(fake.requests().iter().all(|it| it.method == "GET" || it.query.is_some()), "it posted something");
    assert_eq!(fake.run(&["sweep"]).code, 0);
    assert_eq!(shop::status(&fake, first).0, "success");
    fake.clear();
    // The second one is locked, and what holds it is not among what a sweep sees at once: it is looked at, and is as it
    // was.
    assert_eq!(fake.run(&["sweep"]).code, 0);
    assert_eq!(fake.sent("/"), Vec::<Value>::new());
}
