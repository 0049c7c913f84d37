//! Apply by the program: only what was approved, switching off before everything, and nothing that changed since the
//! plan.

use serde_json::{Value, json};

use crate::amplitude::fake::{Approvals, Fake, Fault, KEY};
use crate::amplitude::import::Place;
use crate::amplitude::plan::{commit, edit, imported};
use crate::git::git;

pub const EDIT: &str = r#"PATCH /flags/7 {"rolloutPercentage":50}"#;

pub const OFF: &str = r#"PATCH /flags/7 {"enabled":false}"#;
pub const OVERRIDE: &[&str] =
    &["apply", "--yes", "--patience", "0", "--override", "checkout/pay=test", "--override", "checkout/two=test"];

/// Printed text in one line.
pub fn flat(printed: &str) -> String {
    printed.split_whitespace().collect::<Vec<_>>().join(" ")
}

pub fn fake() -> Fake {
    let fake = Fake::start();
    fake.world().add("7", false, &json!({"enabled": true, "rolloutPercentage": 25, "rolloutWeights": {"on": 1}}));
    fake
}

/// A repository in which the share of `pay` was raised to 50 by a commit of `jo`.
pub fn raised(fake: &Fake) -> Place {
    let place = imported(fake);
    edit(&place, "pay", "rolloutPercentage: 25", "rolloutPercentage: 50");
    place
}

/// Evidence that `alice` approved what `main` brought last, of this flag.
pub fn approve(place: &Place, name: &str) {
    let (_, printed) = place.run(&["check", "--base", "main~1", "--head", "main", "--format", "json"]);
    let report: Value = serde_json::from_str(&printed).unwrap();
    let digest = report["flags"][0]["digest"].as_str().unwrap();
    let evidence = json!({"schema": "countersign/evidence/v1", "now": "2026-11-23T12:00:00Z", "pull": 1, "draft": false, "requestor": "jo",
        "contributors": ["jo"], "permissions": {"alice": "write"}, "teams": {}, "displayed": [{"at": "2026-11-23T10:00:00Z", "digests": {name: digest}}],
        "reviews": [{"login": "alice", "kind": "User", "state": "APPROVED", "submittedAt": "2026-11-23T11:00:00Z"}]});
    place.write(".git/evidence.json", &evidence.to_string());
}

pub const WITH: &[&str] = &["apply", "--yes", "--patience", "0", "--evidence", ".git/evidence.json"];

#[test]
fn only_what_was_approved_is_applied() {
    let fake = fake();
    let place = raised(&fake);
    let (code, printed) = place.ask(&fake, &["apply", "--yes"]);
    assert_eq!(code, 1, "{printed}");
    assert!(
        printed.contains("left  checkout/pay: not approved: ")
            && printed.contains("GitHub was not asked")
            && printed.contains("GITHUB_TOKEN"),
        "{printed}"
    );
    assert_eq!(fake.writes(), [""; 0]);
    approve(&place, "checkout/other");
    let (code, printed) = place.ask(&fake, WITH);
    assert_eq!((code, fake.writes()), (1, Vec::new()), "{printed}");
    approve(&place, "checkout/pay");
    let (code, printed) = place.ask(&fake, WITH);
    assert_eq!((code, fake.writes()), (0, vec![EDIT.to_owned()]), "{printed}");
    assert!(
        printed.contains("done  checkout/pay: 1 call.") && printed.contains("Amplitude has what the files say"),
        "{printed}"
    );
    // Once more there is nothing to do.
    let (code, printed) = place.ask(&fake, WITH);
    assert_eq!((code, fake.writes()), (0, Vec::new()), "{printed}");
    assert!(printed.contains("Amplitude has what the files say"), "{printed}");
}

#[test]
fn an_approval_of_one_step_is_none_of_another() {
    let fake = fake();
    let place = raised(&fake);
    edit(&place, "pay", "rolloutPercentage: 50", "rolloutPercentage: 60");
    // The second step is approved, and would carry the first one along.
    approve(&place, "checkout/pay");
    let (code, printed) = place.ask(&fake, WITH);
    assert_eq!((code, fake.writes()), (1, Vec::new()), "{printed}");
}

#[test]
fn an_override_names_the_flag_and_the_reason() {
    let fake = fake();
    let place = raised(&fake);
    let (code, printed) = place.ask(&fake, &["apply", "--yes", "--override", "checkout/pay="]);
    assert_eq!((code, printed.contains("gives no reason")), (2, true), "{printed}");
    let (code, printed) = place.ask(&fake, &["apply", "--yes", "--override", "checkout/pya=incident 12"]);
    assert_eq!(
        (code, printed.contains("`--override checkout/pya`: no flag of this name"), fake.writes().len()),
        (1, true, 0),
        "{printed}"
    );
    let (code, printed) = place.ask(&fake, &["apply", "--yes", "--override", "checkout/pay=incident 12"]);
    assert_eq!((code, fake.writes()), (0, vec![EDIT.to_owned()]), "{printed}");
}

#[test]
fn nobody_is_asked_where_there_is_no_terminal() {
    let fake = fake();
    let place = raised(&fake);
    let (code, printed) = place.ask(&fake, &["apply"]);
    assert_eq!((code, printed.contains("add `--yes`"), fake.writes()), (2, true, Vec::new()), "{printed}");
}

#[test]
fn switching_off_goes_first_and_waits_for_no_approval() {
    let fake = fake();
    fake.world().add("1", false, &json!({"key": "a-flag", "enabled": true, "rolloutPercentage": 1}));
    let place = imported(&fake);
    edit(&place, "a-flag", "rolloutPercentage: 1", "rolloutPercentage: 2");
    edit(&place, "pay", "state: active", "state: inactive");
    edit(&place, "pay", "rolloutPercentage: 25", "rolloutPercentage: 50");
    // And somebody has changed it meanwhile: that keeps nobody from switching it off.
    fake.world().objects.get_mut("7").unwrap().body["rolloutPercentage"] = json!(99);
    let (code, printed) = place.ask(&fake, &["apply", "--yes"]);
    assert_eq!((code, fake.writes()), (1, vec![r#"PATCH /flags/7 {"enabled":false}"#.to_owned()]), "{printed}");
    assert!(printed.contains("it is off; the rest is left: "), "{printed}");
    // Where the policy says that it needs approval, it does.
    let other = self::fake();
    let place = imported(&other);
    let config = place.read(".countersign/config.yaml");
    place.write(".countersign/config.yaml", &format!("{config}critical: {{deactivation: approval}}\n"));
    commit(&place);
    edit(&place, "pay", "state: active", "state: inactive");
    let (code, printed) = place.ask(&other, &["apply", "--yes"]);
    assert_eq!((code, other.writes()), (1, Vec::new()), "{printed}");
}

#[test]
fn a_policy_that_nobody_approved_frees_nothing() {
    let fake = fake();
    let place = imported(&fake);
    let config = place.read(".countersign/config.yaml");
    place.write(".countersign/config.yaml", &config.replace("**\"], approvals: peer", "**\"], approvals: none"));
    commit(&place);
    edit(&place, "pay", "rolloutPercentage: 25", "rolloutPercentage: 50");
    let (code, printed) = place.ask(&fake, &["apply", "--yes"]);
    assert_eq!((code, fake.writes()), (1, Vec::new()), "{printed}");
    assert!(printed.contains("left  checkout/pay: the policy was changed without approval: "), "{printed}");
    let (code, printed) = place.ask(&fake, &["apply", "--yes", "--override", ".countersign=agreed by phone"]);
    assert_eq!((code, fake.writes()), (0, vec![EDIT.to_owned()]), "{printed}");
}

#[test]
fn a_commit_that_was_never_live_is_not_applied() {
    let fake = fake();
    let place = imported(&fake);
    git(place.path(), &["checkout", "-q", "-b", "change"]);
    edit(&place, "pay", "rolloutPercentage: 25", "rolloutPercentage: 50");
    let (code, printed) = place.ask(&fake, &["apply", "--yes", "--commit", "change"]);
    assert_eq!(
        (code, printed.contains("merge it into `main` first"), fake.writes()),
        (2, true, Vec::new()),
        "{printed}"
    );
    // Merged, a commit of the branch is still no state of `main`.
    git(place.path(), &["checkout", "-q", "main"]);
    git(place.path(), &["merge", "-q", "--no-ff", "-m", "merge", "change"]);
    let (code, printed) = place.ask(&fake, &["apply", "--yes", "--commit", "change"]);
    assert_eq!((code, fake.writes()), (2, Vec::new()), "{printed}");
}

#[test]
fn an_older_commit_brings_nothing_back_that_a_newer_one_changed() {
    let fake = fake();
    fake.world().add("8", false, &json!({"key": "two", "enabled": true, "rolloutPercentage": 1}));
    let place = imported(&fake);
    edit(&place, "pay", "state: active", "state: inactive");
    edit(&place, "pay", "state: inactive", "state: active");
    edit(&place, "two", "rolloutPercentage: 1", "rolloutPercentage: 2");
    let older = git(place.path(), &["rev-parse", "main"]);
    edit(&place, "pay", "state: active", "state: inactive");
    let all = ["--yes", "--override", "checkout/pay=test", "--override", "checkout/two=test"];
    let (code, printed) = place.ask(&fake, &[&["apply"], &all[..]].concat());
    assert_eq!((code, fake.writes().len()), (0, 2), "{printed}");
    // Somebody runs the job of the older commit once more: it would switch on again what is off now.
    fake.world().objects.get_mut("8").unwrap().body["rolloutPercentage"] = json!(1);
    let (code, printed) = place.ask(&fake, &[&["apply", "--commit", older.trim()], &all[..]].concat());
    assert_eq!((code, fake.writes()), (1, vec![r#"PATCH /flags/8 {"rolloutPercentage":2}"#.to_owned()]), "{printed}");
    assert!(printed.contains("left  checkout/pay: the branch says something newer of it"), "{printed}");
    // Nor does one that had it off take away what is on now.
    let off = git(place.path(), &["rev-parse", "main"]);
    edit(&place, "pay", "state: inactive", "state: active");
    assert_eq!(place.ask(&fake, &[&["apply"], &all[..]].concat()).0, 0);
    fake.calls();
    let (code, printed) = place.ask(&fake, &[&["apply", "--commit", off.trim()], &all[..]].concat());
    assert_eq!((code, fake.writes()), (1, Vec::new()), "{printed}");
}

#[test]
fn three_outcomes_of_amplitude_s_own_approvals_are_told_apart() {
    for (approvals, word) in
        [(Approvals::Refuse, "refused  checkout/pay: "), (Approvals::Pend, "not yet  checkout/pay: ")]
    {
        let fake = fake();
        let place = raised(&fake);
        fake.world().knobs.approvals = approvals;
        let (code, printed) = place.ask(&fake, &["apply", "--yes", "--override", "checkout/pay=test"]);
        assert_eq!((code, fake.writes()), (1, vec![EDIT.to_owned()]), "{printed}");
        let words: Vec<&str> = printed.split_whitespace().collect();
        let printed = words.join(" ");
        assert!(
            printed.contains(word.replace("  ", " ").trim())
                && printed.contains("again: it goes on from what it reads"),
            "{printed}"
        );
    }
}

#[test]
fn the_key_is_in_nothing_that_is_printed_or_written() {
    let fake = fake();
    let place = raised(&fake);
    for fault in [Fault::Echo, Fault::Before(502), Fault::Lost] {
        for at in [0, 3, 6] {
            fake.world().log.clear();
            fake.world().faults.clear();
            fake.world().faults.insert(at, fault);
            // `ask` looks through what is printed.
            place.ask(&fake, &["apply", "--yes", "--verbose", "--patience", "0", "--override", "checkout/pay=x"]);
            place.ask(&fake, &["plan", "--format", "json", "--out", ".git/plan.json", "--patience", "0"]);
        }
    }
    let written = std::fs::read_to_string(place.path().join(".git/plan.json")).unwrap_or_default();
    assert!(!written.contains(KEY));
}
