//! What people ask about pull requests: `locks`, `explain` and `sweep`.

use std::path::Path;

use serde_json::{Value, json};
use snapbox::{Assert, Data};

use crate::fake::{self, Fake};
use crate::shop;

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
    let json: Value = serde_json::from_str(&fake.run(&["locks", "--format", "json", "--base", "main"]).out).unwrap();
    assert_eq!(json["schema"], "countersign/locks/v1");
    assert_eq!((&json["locks"][0]["pull"], &json["locks"][0]["idleDays"]), (&json!(first), &json!(3)));
    assert_eq!(json["locks"][0]["waiting"][0]["pull"], second);
    assert_eq!(fake.run(&["locks", "--base", "other"]).out, "no flag is held\n");
    // As for a verdict, a draft holds nothing, and neither does who may not write.
    fake.world().pulls.get_mut(&first).unwrap().draft = true;
    let json: Value = serde_json::from_str(&fake.run(&["locks", "--format", "json"]).out).unwrap();
    assert_eq!((&json["locks"][0]["pull"], &json["locks"][0]["waiting"]), (&json!(second), &json!([])));
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
    let expected = Data::read_from(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/doctor/explain.txt"), None).raw();
    Assert::new().action_env("SNAPSHOTS").eq(run.out.replace(&fake.server_url(), "https://github.com"), expected);
    let locked = fake.run(&["explain", "--pr", &second.to_string(), "--format", "json"]);
    let json: Value = serde_json::from_str(&locked.out).unwrap();
    assert_eq!((locked.code, &json["verdict"], &json["locked"][0]["by"]["pull"]), (0, &json!("locked"), &json!(first)));
    assert_eq!((&json["statuses"], &json["mostStatuses"]), (&json!(1), &json!(900)));
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
    // The second one is locked, and what holds it is not among what a sweep sees at once: it is looked at, and is as it was.
    assert_eq!(fake.run(&["sweep"]).code, 0);
    assert_eq!(fake.posted("/"), Vec::<Value>::new());
}
