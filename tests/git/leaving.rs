//! Ways out of a project by steps that each need nobody, because the flag is off: to where no approval is required.

use crate::shop::{CONFIG, ONE, Shop, flag};

const SANDBOX: &str = "flags/sandbox/one.yaml";

fn asleep() -> Shop {
    Shop::new(&[(ONE, &flag("one", "inactive", 20))])
}

/// The people required for the first flag of a proposal.
fn from(shop: &Shop, branch: &str) -> String {
    shop.judge(branch)["flags"][0]["requirements"][0]["from"].to_string()
}

/// Switched off, moved asleep into a project without approvals, activated there: the move is what needs the approvers.
#[test]
fn switched_off_moved_and_switched_on_elsewhere() {
    let shop = Shop::new(&[(ONE, &flag("one", "active", 20))]);
    shop.propose("off", &[(ONE, &flag("one", "inactive", 20))]);
    assert_eq!(shop.verdicts("off"), ["one: not-required ", "not-required"]);
    shop.merge("off");
    shop.propose("away", &[(ONE, ""), (SANDBOX, &flag("one", "inactive", 20))]);
    assert_eq!(shop.verdicts("away"), ["one: pending moved", "pending"]);
    assert_eq!(from(&shop, "away"), r#"["@alice"]"#);
}

/// Every state that is off, to every place, in every form: what leaves requires the approvers that it leaves.
#[test]
fn leaving_asks_in_every_state_and_form() {
    for state in ["inactive", "testing", "archived"] {
        let text = flag("one", state, 20);
        let shop = Shop::new(&[(ONE, &text), ("flags/checkout/set.flagd.json", "{\"flags\": {}}\n")]);
        let other = text.replace("20", "30");
        let flagd = r#"{"flags": {"one": {"state": "DISABLED", "variants": {"a": true}, "defaultVariant": "a"}}}"#;
        for (name, file, text) in [
            ("sandbox", SANDBOX, text.as_str()),
            ("edited", SANDBOX, &other),
            ("format", "flags/sandbox/all.flagd.json", flagd),
            ("growth", "flags/growth/one.yaml", &text),
            ("unmanaged", "old/one.yaml", &text),
            ("unmanaged-edited", "old/other.yaml", &other),
        ] {
            shop.propose(name, &[(ONE, ""), (file, text)]);
            assert_eq!(shop.verdicts(name), ["one: pending moved", "pending"], "{state}, {name}");
            assert!(shop.judge(name)["flags"][0]["requirements"].to_string().contains("@alice"), "{state}, {name}");
        }
        // A flag that only goes, or goes to another file of its project, leaves nobody's hands.
        shop.propose("gone", &[(ONE, "")]);
        assert_eq!(shop.verdicts("gone"), ["one: not-required ", "not-required"]);
        shop.propose("within", &[(ONE, ""), ("flags/checkout/old/one.yaml", &text)]);
        assert_eq!(shop.verdicts("within"), ["one: not-required ", "not-required"]);
    }
}

/// First a copy where nobody is required, then the original goes: going is leaving.
#[test]
fn copied_and_deleted_in_two_requests() {
    let shop = asleep();
    shop.propose("copy", &[(SANDBOX, &flag("one", "inactive", 50))]);
    shop.merge("copy");
    shop.propose("delete", &[(ONE, "")]);
    assert_eq!(shop.verdicts("delete"), ["one: pending moved", "pending"]);
    assert_eq!(from(&shop, "delete"), r#"["@alice"]"#);
    // The copy is touched by the same proposal.
    shop.propose("both", &[(ONE, ""), (SANDBOX, &flag("one", "active", 50))]);
    assert!(shop.verdicts("both").contains(&"one: pending moved".to_owned()), "{:?}", shop.verdicts("both"));
}

/// Another key first: under that key it is a flag of the project as before.
#[test]
fn renamed_and_moved() {
    let shop = asleep();
    shop.propose("renamed", &[(ONE, ""), ("flags/checkout/two.yaml", &flag("two", "inactive", 20))]);
    assert_eq!(shop.verdicts("renamed"), ["one: not-required ", "two: not-required ", "not-required"]);
    shop.merge("renamed");
    shop.propose("away", &[("flags/checkout/two.yaml", ""), ("flags/sandbox/two.yaml", &flag("two", "inactive", 20))]);
    assert_eq!(shop.verdicts("away"), ["two: pending moved", "pending"]);
}

/// A policy that gives the path to the project without approvals: an admin decides, and sees it.
#[test]
fn given_away_by_the_policy() {
    let shop = asleep();
    shop.git(&["checkout", "-q", "main"]);
    shop.commit(&[("flags/checkout/two/three.yaml", &flag("three", "inactive", 20))]);
    let config = CONFIG
        .replace("flags/checkout/**", "flags/checkout/two/**")
        .replace("\"flags/sandbox/**\"", "\"flags/sandbox/**\", \"flags/checkout/one.yaml\"");
    shop.propose("paths", &[(".countersign/config.yaml", &config)]);
    let report = shop.judge("paths");
    assert_eq!(report["policy"]["verdict"], "pending");
    assert!(
        report["policy"]["privilegeChanges"].to_string().contains("may approve 1 file of `checkout`"),
        "{report:#}"
    );
    // With the switch in the same proposal its approvers are required as well.
    shop.propose("on", &[(".countersign/config.yaml", &config), (ONE, &flag("one", "active", 100))]);
    assert_eq!(shop.verdicts("on"), ["one: pending activation", "pending"]);
    assert_eq!(from(&shop, "on"), r#"["@alice"]"#);
}
