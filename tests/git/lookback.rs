//! Lookups in the history of the base branch: steps that are small one by one, edits made while a flag was off, and
//! content that is put back.

use crate::shop::{CONFIG, ONE, Shop, flag};
use serde_json::{Value, json};

const DAY: i64 = 86_400;
/// The time of the verdicts.
const NOW: &str = "2026-11-23T12:00:00Z";
const NOON: i64 = 1_795_435_200;
const APPROVERS: &str = "flags/checkout/ @alice\n[Many]\nflags/checkout/ @bob\n";

/// A repository with a section that is required above a bound.
fn bounded(bound: &str) -> Shop {
    let shop = Shop::new(&[]);
    let config = format!("{CONFIG}sections: {{Many: {{when: {bound}}}}}\n");
    shop.commit(&[(".countersign/config.yaml", &config), (".countersign/APPROVERS", APPROVERS)]);
    shop
}

/// The same, with the flag at 10% for 100 days.
fn stepped(bound: &str) -> Shop {
    let shop = bounded(bound);
    shop.commit(&[(ONE, &flag("one", "active", 10))]);
    shop
}

/// Whether the section is required, and why, at noon.
fn many(shop: &Shop, branch: &str) -> (bool, String) {
    let report = shop.judge_at(branch, NOW);
    let all = report["flags"][0]["requirements"].as_array().unwrap();
    let decided = all.iter().flat_map(|one| one["decided"].as_array().unwrap()).map(Value::to_string).collect();
    (all.iter().any(|one| one["section"] == "Many"), decided)
}

/// Eleven steps of 4 points, a day each: each by itself is below the bound, and all but the first are above it
/// together.
#[test]
fn small_steps_are_one_large_one() {
    let shop = stepped("{affected: \"> 5%\", within: 14d}");
    let free = stepped("{affected: \"> 5%\"}");
    for step in 1..=11 {
        for (shop, required) in [(&shop, step > 1), (&free, false)] {
            shop.at(NOON - (12 - i64::from(step)) * DAY);
            shop.propose("step", &[(ONE, &flag("one", "active", 10 + 4 * step))]);
            assert_eq!(many(shop, "step").0, required, "{step}: {}", many(shop, "step").1);
            shop.merge("step");
        }
    }
    shop.propose("last", &[(ONE, &flag("one", "active", 55))]);
    let (_, why) = many(&shop, "last");
    assert!(why.contains("the change since the base of 14 days ago (`") && why.contains("45.0% of everyone"), "{why}");
    let past = &shop.judge_at("last", NOW)["flags"][0]["pastImpacts"][0];
    assert_eq!((&past["days"], &past["impact"]["unknown"]), (&json!(14), &json!([])));
}

/// Newly exposed only, over a time in which it was off and on again; and after the days have passed it is forgotten.
#[test]
fn the_days_pass() {
    let shop = stepped("{exposed: \"> 5%\", within: 14d}");
    shop.at(NOON - 15 * DAY);
    shop.propose("old", &[(ONE, &flag("one", "active", 14))]);
    shop.merge("old");
    shop.propose("new", &[(ONE, &flag("one", "active", 18))]);
    assert!(!many(&shop, "new").0, "{}", many(&shop, "new").1);
    shop.at(NOON - 13 * DAY);
    shop.propose("young", &[(ONE, &flag("one", "active", 16))]);
    shop.merge("young");
    shop.propose("more", &[(ONE, &flag("one", "active", 20))]);
    assert!(many(&shop, "more").0);
}

/// A commit whose date is older than what it was put on is not: what lands below a younger commit is as young.
#[test]
fn a_forged_date_hides_nothing() {
    let shop = stepped("{affected: \"> 5%\", within: 14d}");
    shop.at(NOON - DAY);
    shop.propose("step", &[(ONE, &flag("one", "active", 14))]);
    shop.merge("step");
    shop.at(NOON - 60 * DAY);
    shop.git(&["checkout", "-q", "main"]);
    shop.commit(&[(ONE, &flag("one", "active", 18))]);
    shop.propose("next", &[(ONE, &flag("one", "active", 19))]);
    assert!(many(&shop, "next").0, "{}", many(&shop, "next").1);
}

/// Without the history the impact is unknown, which is everyone, and the reason says how to get it.
#[test]
fn a_shallow_clone_knows_nothing_of_then() {
    let shop = stepped("{affected: \"> 5%\", within: 14d}");
    shop.at(NOON - DAY);
    shop.propose("step", &[(ONE, &flag("one", "active", 11))]);
    assert!(!many(&shop, "step").0);
    let shallow = shop.shallow();
    let (required, why) = many(&shallow, "step-here");
    assert!(required && why.contains("as if the change affected everyone"), "{why}");
    assert!(why.contains("git fetch --unshallow"), "{why}");
}

/// Edited while it was off, by a request that needed nobody: switching on shows every field that is not what was last
/// live.
#[test]
fn switching_on_shows_what_was_edited_while_off() {
    let shop = Shop::new(&[(ONE, &flag("one", "active", 20))]);
    shop.propose("off", &[(ONE, &flag("one", "inactive", 20))]);
    shop.merge("off");
    shop.propose("edit", &[(ONE, &flag("one", "inactive", 90).replace("s1", "s2"))]);
    shop.merge("edit");
    shop.propose("on", &[(ONE, &flag("one", "active", 90).replace("s1", "s2"))]);
    let report = shop.judge("on");
    let one = &report["flags"][0];
    let shown: Vec<String> = one["changes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|change| {
            format!(
                "{} {} {}→{}",
                change["rule"].as_str().unwrap_or("-"),
                change["field"].as_str().unwrap(),
                change["before"],
                change["after"]
            )
        })
        .collect();
    let expected = [
        "activation state \"inactive\"→\"active\"",
        "activation bucketingSalt \"s1\"→\"s2\"",
        "activation rolloutPercentage 20→90",
    ];
    assert_eq!(shown, expected);
    assert!(one["lastLive"]["until"].as_str().unwrap().contains("`merge`"), "{one:#}");
    for (format, words) in [
        ("text", "compared with what was live until"),
        ("markdown", "Compared with what was live until"),
        ("html", "compared with what was live until"),
    ] {
        let page = shop.check("on", &["--format", format]);
        assert!(page.contains(words) && page.contains("90"), "{format}: {page}");
    }
    // The version that is compared with is part of what is approved.
    let digest = shop.digest("on", "one");
    shop.propose("live", &[(ONE, &flag("one", "active", 50))]);
    shop.merge("live");
    shop.propose("off", &[(ONE, &flag("one", "inactive", 90).replace("s1", "s2"))]);
    shop.merge("off");
    shop.propose("again", &[(ONE, &flag("one", "active", 90).replace("s1", "s2"))]);
    assert_ne!(shop.digest("again", "one"), digest);
}

/// A flag that never was live, and one of which that is not known, are shown whole.
#[test]
fn what_never_was_live_is_shown_whole() {
    let shop = Shop::new(&[(ONE, &flag("one", "inactive", 20))]);
    shop.propose("on", &[(ONE, &flag("one", "active", 20))]);
    let report = shop.judge("on");
    let fields: Vec<&str> = report["flags"][0]["changes"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|change| change["field"].as_str())
        .collect();
    for field in ["state", "deployments", "bucketingKey", "bucketingSalt", "variants", "rolloutWeights"] {
        assert!(fields.contains(&field), "{field}: {fields:?}");
    }
    assert_eq!(report["flags"][0]["lastLive"], json!({"until": null, "restored": false, "unknown": null}));
    shop.git(&["checkout", "-q", "main"]);
    shop.commit(&[]);
    shop.commit(&[]);
    shop.propose("on", &[(ONE, &flag("one", "active", 20))]);
    let shallow = shop.shallow();
    let unknown = shallow.judge("on-here")["flags"][0]["lastLive"]["unknown"].to_string();
    assert!(unknown.contains("shallow clone"), "{unknown}");
}

fn restoring(critical: &str) -> Shop {
    let shop = Shop::new(&[(ONE, &flag("one", "active", 10))]);
    shop.commit(&[(".countersign/config.yaml", &format!("{CONFIG}critical: {{{critical}}}\n"))]);
    shop.propose("more", &[(ONE, &flag("one", "active", 20))]);
    shop.merge("more");
    shop.propose("off", &[(ONE, &flag("one", "inactive", 20))]);
    shop.merge("off");
    shop
}

/// Exactly what was last live, and nothing else, may be put back where the policy says so.
#[test]
fn an_exact_restore_is_free_where_the_policy_says_so() {
    let required = |critical: &str, percent: u32| {
        let shop = restoring(critical);
        shop.propose("on", &[(ONE, &flag("one", "active", percent))]);
        shop.verdicts("on").join(", ")
    };
    let (free, pending) = ("one: not-required , not-required", "one: pending activation, pending");
    assert_eq!(required("restore: free", 20), free);
    // By default, where switching off is approved, and for what was live before the last.
    for (critical, percent) in [
        ("relax: []", 20),
        ("restore: approval", 20),
        ("restore: free, deactivation: approval", 20),
        ("restore: free", 10),
        ("restore: free", 21),
    ] {
        assert_eq!(required(critical, percent), pending, "{critical} {percent}");
    }
    let shop = restoring("restore: free");
    let (moved, on) = ("flags/checkout/two/one.yaml", flag("one", "active", 20));
    let described = on.replace("name: One", "name: Two");
    for (name, files) in [("elsewhere", vec![(ONE, ""), (moved, &*on)]), ("described", vec![(ONE, &*described)])] {
        shop.propose(name, &files);
        assert!(shop.verdicts(name).contains(&"pending".to_owned()), "{name}: {:?}", shop.verdicts(name));
    }
    // Gone in between, which nobody or somebody approved: it comes back as any other.
    shop.propose("gone", &[(ONE, "")]);
    shop.merge("gone");
    shop.propose("back", &[(ONE, &flag("one", "inactive", 20))]);
    shop.merge("back");
    shop.propose("on", &[(ONE, &on)]);
    assert_eq!(shop.verdicts("on").join(", "), pending);
    // The content that replaced it while it was live stays approved only.
    let shop = Shop::new(&[(ONE, &flag("one", "active", 10))]);
    shop.commit(&[(".countersign/config.yaml", &format!("{CONFIG}critical: {{restore: free}}\n"))]);
    shop.propose("more", &[(ONE, &flag("one", "active", 20))]);
    shop.merge("more");
    shop.propose("revert", &[(ONE, &flag("one", "active", 10))]);
    assert_eq!(shop.verdicts("revert").join(", "), "one: pending rollout, pending");
    // In a shallow clone nobody knows what was last live.
    let shallow = restoring("restore: free");
    shallow.git(&["checkout", "-q", "main"]);
    shallow.commit(&[]);
    shallow.commit(&[]);
    shallow.propose("on", &[(ONE, &on)]);
    assert_eq!(shallow.shallow().verdicts("on-here").join(", "), pending);
}

/// A flag that no comment can show whole, and that never was live: its message names a way on, which is followed here.
#[test]
fn a_flag_that_no_comment_can_show_is_switched_on_in_steps() {
    let segments = |range: std::ops::Range<usize>| -> String {
        let one = |at: usize| {
            let values: Vec<String> = (0..20).map(|value| format!("value-{at}-{value}")).collect();
            let condition = format!("{{type: property, prop: plan, op: is, values: [{}]}}", values.join(", "));
            format!("{{name: \"Segment {at}\", percentage: 100, conditions: [{condition}]}}")
        };
        format!("targetSegments: [{}]\n", range.map(one).collect::<Vec<_>>().join(", "))
    };
    let shop = Shop::new(&[(ONE, &(flag("one", "inactive", 10) + &segments(0..200)))]);
    let whole = flag("one", "active", 10) + &segments(0..200);
    shop.propose("on", &[(ONE, &whole)]);
    let report = shop.judge("on");
    let remedy = "switch `checkout/one` on in steps: leave out of it in this pull request what is too much, such as some of its \
                  segments, and add that in the next ones, each of which shows only what it adds";
    assert_eq!(report["verdict"], "invalid");
    let said = report["diagnostics"][0]["remedy"].as_str().unwrap();
    assert!(said.starts_with(&format!("{remedy}; where that cannot be")), "{said}");
    for format in ["text", "markdown", "html"] {
        let page = shop.check("on", &["--format", format]);
        assert!(page.contains("on in steps"), "{format}: {page}");
    }
    for (name, range) in [("first", 0..70), ("second", 0..140), ("third", 0..200)] {
        shop.propose(name, &[(ONE, &(flag("one", "active", 10) + &segments(range)))]);
        let report = shop.judge(name);
        assert_eq!((&report["verdict"], &report["diagnostics"]), (&json!("pending"), &json!([])), "{name}");
        shop.merge(name);
    }
    assert_eq!(std::fs::read_to_string(shop.dir().join(ONE)).unwrap(), whole);
    // One value that is too much is no matter of steps.
    let long = format!("payload: \"{}\"", "x".repeat(50_000));
    shop.propose(
        "long",
        &[(ONE, &flag("one", "active", 10).replace("{key: \"on\"}", &format!("{{key: \"on\", {long}}}")))],
    );
    let report = shop.judge("long");
    assert!(report["diagnostics"][0]["remedy"].as_str().unwrap().starts_with("make `variants.payload`"), "{report:#}");
}
