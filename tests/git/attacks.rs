//! Ways to get a flag changed past its approvers that take more than one step, played through on real git with the real
//! program. `docs/threats.md` says of each attack which test is about it.

use crate::shop::{ONE, Shop, flag};

/// Three merges, the first two of which need nobody: the third covers what the second brought.
#[test]
fn switched_off_edited_and_switched_on() {
    let shop = Shop::new(&[(ONE, &flag("one", "active", 20))]);
    shop.propose("off", &[(ONE, &flag("one", "inactive", 20))]);
    assert_eq!(shop.verdicts("off"), ["one: not-required ", "not-required"]);
    shop.merge("off");
    shop.propose("same", &[(ONE, &flag("one", "active", 20))]);
    let harmless = shop.digest("same", "one");
    shop.propose("edit", &[(ONE, &flag("one", "inactive", 100))]);
    assert_eq!(shop.verdicts("edit"), ["one: not-required ", "not-required"]);
    shop.merge("edit");
    shop.propose("on", &[(ONE, &flag("one", "active", 100))]);
    assert_eq!(shop.verdicts("on"), ["one: pending activation", "pending"]);
    // An approval of switching it on as it was is none of what it has become, and who approves sees whom it reaches.
    assert_ne!(shop.digest("on", "one"), harmless);
    assert!(shop.judge("on")["flags"][0]["impactSummary"].as_str().unwrap().contains("100.0%"));
    // Nor does the order matter: the edit that lands while the activation waits is in conflict with it or part of it.
    let waiting = shop.judge("same");
    let stale = waiting["flags"].as_array().unwrap().iter().all(|flag| flag["digest"] != harmless.as_str());
    assert!(stale || waiting["verdict"] == "invalid", "{waiting:#}");
}

/// The code asks for `one` and gets what was in `two`, by way of two proposals that each look like a tidying up.
#[test]
fn two_flags_swap_their_keys() {
    let two = "flags/checkout/two.yaml";
    let shop = Shop::new(&[(ONE, &flag("one", "active", 1)), (two, &flag("two", "active", 100))]);
    let other = "flags/checkout/other.yaml";
    shop.propose("aside", &[(ONE, ""), (other, &flag("other", "active", 1))]);
    assert_eq!(shop.verdicts("aside"), ["one: pending deletion", "other: pending activation", "pending"]);
    shop.merge("aside");
    shop.propose("again", &[(two, ""), (ONE, &flag("one", "active", 100))]);
    assert_eq!(shop.verdicts("again"), ["one: pending activation", "two: pending deletion", "pending"]);
    // The same with one that was put to sleep first, which needs nobody: coming back does.
    shop.propose("asleep", &[(two, &flag("two", "archived", 100))]);
    shop.merge("asleep");
    shop.propose("gone", &[(two, "")]);
    assert_eq!(shop.verdicts("gone"), ["two: not-required ", "not-required"]);
    shop.merge("gone");
    shop.propose("back", &[(two, &flag("two", "active", 3))]);
    assert_eq!(shop.verdicts("back"), ["two: pending activation", "pending"]);
}

/// A scheduled flag is live before its day, so there is no moment in which an edit needs nobody and still gets live.
#[test]
fn around_the_start_of_what_is_scheduled() {
    let on = |day: &str, percent| format!("{}startDate: 2027-01-{day}T00:00:00Z\n", flag("one", "scheduled", percent));
    let shop = Shop::new(&[(ONE, &on("10", 20))]);
    for (name, text, expected) in [
        ("edit", on("10", 100), "one: pending rollout"),
        ("sooner", on("01", 20), "one: pending schedule"),
        ("past", on("10", 20).replace("2027", "2001"), "one: pending schedule"),
        ("now", flag("one", "active", 20), "one: pending schedule"),
    ] {
        shop.propose(name, &[(ONE, &text)]);
        assert_eq!(shop.verdicts(name), [expected, "pending"], "{name}");
    }
    shop.propose("off", &[(ONE, &on("10", 20).replace("scheduled", "inactive"))]);
    shop.merge("off");
    // With a day it is on again the moment it says so, whatever the day is.
    shop.propose("on", &[(ONE, &on("10", 100).replace("2027", "2001"))]);
    assert_eq!(shop.verdicts("on"), ["one: pending activation", "pending"]);
}

/// Out of the managed folder, into another project, to another name, and all of it at once with an edit.
#[test]
fn a_live_flag_goes_elsewhere() {
    let shop = Shop::new(&[(ONE, &flag("one", "active", 20))]);
    for (name, place, percent, expected) in [
        ("out", "old/one.yaml", 20, "one: pending deletion"),
        ("down", "flags/checkout/old/one.yaml", 20, "one: pending moved"),
        ("peers", "flags/growth/one.yaml", 20, "one: pending moved"),
        ("edited", "flags/growth/one.yaml", 100, "one: pending moved rollout"),
    ] {
        shop.propose(name, &[(ONE, ""), (place, &flag("one", "active", percent))]);
        assert_eq!(shop.verdicts(name), [expected, "pending"], "{name}");
    }
    // The approvers of both locations are required, and neither's approval is the other's.
    let required = shop.judge("peers")["flags"][0]["requirements"].as_array().unwrap().len();
    assert_eq!(required, 2);
}

/// Where case does not count, `Flags/` is `flags/`: what is put there is a flag nobody would have to approve.
#[test]
fn a_folder_in_other_letters() {
    let shop = Shop::new(&[(ONE, &flag("one", "active", 20)), (".github/CODEOWNERS", "* @root\n")]);
    for (name, place) in [
        ("folder", "Flags/checkout/evil.yaml"),
        ("deep", "flags/Checkout/evil.yaml"),
        ("workflow", ".GitHub/workflows/x.yml"),
    ] {
        shop.propose(name, &[(place, &flag("evil", "active", 100))]);
        let report = shop.judge(name);
        assert_eq!(report["verdict"], "invalid", "{name}");
        assert_eq!(report["diagnostics"][0]["id"], "case-collision");
        assert_eq!(report["diagnostics"][0]["path"], place);
    }
    // A folder that is no folder of flags may be spelled as one likes.
    shop.propose("docs", &[("docs/a.md", "a"), ("Docs/b.md", "b")]);
    assert_eq!(shop.verdicts("docs"), ["not-required"]);
}

/// Names that some file system takes for the folder of flags: full case folding, letters that show nothing, what
/// Windows takes off the end of a name, composed and decomposed letters.
#[test]
fn a_folder_under_a_name_that_folds_to_it() {
    let shop = Shop::new(&[(ONE, &flag("one", "active", 20))]);
    for (name, place) in [
        ("ligature", "\u{fb02}ags/checkout/evil.yaml"),
        ("long-s", "flag\u{17f}/checkout/evil.yaml"),
        ("joiner", "fl\u{200d}ags/checkout/evil.yaml"),
        ("dot", "flags./checkout/evil.yaml"),
        ("space", "flags/checkout /evil.yaml"),
        ("policy", ".Counter\u{17f}ign/config.yaml"),
    ] {
        shop.propose(name, &[(place, &flag("evil", "active", 100))]);
        let report = shop.judge(name);
        assert_eq!(report["verdict"], "invalid", "{name}");
        assert_eq!(report["diagnostics"][0]["id"], "case-collision", "{name}");
    }
    shop.propose(
        "composed",
        &[
            ("flags/checkout/caf\u{e9}.yaml", &flag("a", "inactive", 0)),
            ("flags/checkout/cafe\u{301}.yaml", &flag("b", "inactive", 0)),
        ],
    );
    assert_eq!(shop.judge("composed")["verdict"], "invalid");
    shop.propose("other", &[("flagged/checkout/a.yaml", "a: 1\n")]);
    assert_eq!(shop.verdicts("other"), ["not-required"]);
}

/// A flag that is over a budget on the base already can be edited, made smaller and switched off; only more of it is
/// refused.
#[test]
fn what_the_base_has_too_much_of_stops_nobody() {
    let large = |count: usize, state: &str| {
        let more: String = (0..count).map(|at| format!("x{at}: 1\n")).collect();
        flag("one", state, 20) + &more
    };
    let shop = Shop::new(&[(ONE, &large(1_200, "active"))]);
    shop.propose("off", &[(ONE, &large(1_200, "inactive"))]);
    assert_eq!(shop.judge("off")["verdict"], "not-required");
    shop.propose("less", &[(ONE, &large(1_199, "active"))]);
    assert_eq!(shop.judge("less")["verdict"], "pending");
    shop.propose("more", &[(ONE, &large(1_201, "active"))]);
    let report = shop.judge("more");
    assert_eq!(report["verdict"], "invalid");
    let reported =
        &report["diagnostics"].as_array().unwrap().iter().find(|one| one["id"] == "over-budget").unwrap()["message"];
    assert!(report["diagnostics"].as_array().unwrap().iter().any(|one| one["id"] == "more-diagnostics"));
    assert_eq!(reported, "1,201 members that no schema knows, in one flag, and 1,000 are the most that is judged");
}

/// A live flag that an archive leaves out is switched off for whoever ships archives.
#[test]
fn attributes_that_leave_a_flag_out_of_an_archive() {
    let shop = Shop::new(&[(ONE, &flag("one", "active", 20))]);
    for place in [".gitattributes", "flags/.gitattributes"] {
        shop.propose("attributes", &[(place, "one.yaml export-ignore\n")]);
        let shipped = shop.git(&["archive", "attributes", "--format=tar"]);
        assert!(!shipped.contains("bucketingSalt"), "the flag is shipped, so this is no attack");
        assert_eq!(shop.judge("attributes")["policy"]["verdict"], "pending", "{place}");
    }
}

/// A squash leaves what was judged. A rebase replays each commit and may leave something else, which is not held.
#[test]
fn a_squash_is_what_was_judged_and_a_rebase_may_not_be() {
    let shop = Shop::new(&[(ONE, &flag("one", "active", 20))]);
    // There and back again; meanwhile the way there lands on the base by itself, approved.
    shop.propose("both", &[(ONE, &flag("one", "active", 50))]);
    shop.commit(&[(ONE, &flag("one", "active", 20))]);
    shop.propose("approved", &[(ONE, &flag("one", "active", 50))]);
    shop.merge("approved");
    assert_eq!(shop.verdicts("both"), ["not-required"]);
    let live = |branch: &str| shop.git(&["show", &format!("{branch}:{ONE}")]);
    shop.git(&["checkout", "-q", "-B", "squashed", "main"]);
    shop.git(&["merge", "-q", "--squash", "both"]);
    shop.git(&["commit", "-q", "--allow-empty", "-m", "squashed"]);
    assert_eq!(live("squashed"), live("main"));
    shop.git(&["checkout", "-q", "-B", "rebased", "both"]);
    shop.git(&["rebase", "-q", "main"]);
    assert_ne!(live("rebased"), live("main"), "if a rebase leaves the same too, say so in docs/threats.md");
}
