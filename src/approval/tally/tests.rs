//! The responses that count, for one requirement and for several.

use super::*;
use crate::changes::RuleId;
use crate::flag::File;
use crate::policy::{Config, config};
use crate::report::Side;

const DIGEST: &str = "cee3e2340000000000000000000000000000000000000000000000000000000";

fn policy(distinct: bool) -> Config {
    let text = format!(
        "version: 1\nadmins: [\"@root\"]\ndistinct: {distinct}\nprojects:\n  all: {{paths: [\"flags/**\"], approvals: \
         specific}}\n"
    );
    config::read(&File::regular(config::CONFIG_PATH, text), &[]).0.unwrap()
}

/// Login, state and minute of submission of each review.
type TestReviews<'r> = &'r [(&'r str, &'r str, u32)];

/// Evidence with these reviews and dismissals.
fn evidence(reviews: TestReviews, dismissals: &str) -> Evidence {
    let reviews: Vec<String> = reviews
        .iter()
        .map(|(login, state, minute)| {
            let at = format!("2026-11-23T11:{minute:02}:00Z");
            format!(r#"{{"login": "{login}", "kind": "User", "state": "{state}", "submittedAt": "{at}"}}"#)
        })
        .collect();
    let json = format!(
        r#"{{"schema": "countersign/evidence/v1", "now": "2026-11-23T12:00:00Z", "requestor": "jo", "contributors": [],
            "permissions": {{"alice": "write", "bob": "write", "carol": "write", "eve": "write", "root": "admin"}},
            "displayed": [{{"at": "2026-11-23T11:10:00Z", "digests": {{"p/old": "cee3e234", "p/f": "00000000"}}}},
                      {{"at": "2026-11-23T11:20:00Z", "digests": {{"p/f": "cee3e234"}}}}],
            "reviews": [{}], "dismissals": [{dismissals}]}}"#,
        reviews.join(", ")
    );
    Evidence::parse(&json).unwrap()
}

/// A requirement of this many of these people.
fn required(required: u32, names: &[&str]) -> Requirement {
    Requirement {
        mode: Mode::Specific,
        policy: Side::Base,
        section: None,
        required,
        from: names.iter().map(|name| (*name).to_owned()).collect(),
        line: Some(1),
        path: "flags/f.yaml".to_owned(),
        because: vec![RuleId::ACTIVATION],
        decided: Vec::new(),
        approved_by: Vec::new(),
        rejected_by: Vec::new(),
        not_counted: Vec::new(),
    }
}

/// The approvals, the rejections and the responses that did not count, of each requirement.
fn counted(requirements: &mut [Requirement], evidence: &Evidence, distinct: bool) -> Vec<String> {
    let config = policy(distinct);
    let people = People { config: &config, evidence: Some(evidence), vouched: &[] };
    tally(requirements, "p/f", DIGEST, &people, &Responders::new(Some(evidence), &[]));
    let line = |requirement: &Requirement| {
        let other: Vec<String> =
            requirement.not_counted.iter().map(|other| format!("{} {}", other.login, other.why)).collect();
        format!("+{} -{} {}", requirement.approved_by.join(","), requirement.rejected_by.join(","), other.join("; "))
    };
    requirements.iter().map(|requirement| line(requirement).trim_end().to_owned()).collect()
}

#[test]
fn one_requirement() {
    let lifted = |by: &str| {
        format!(r#"{{"review": "bob", "by": "{by}", "at": "2026-11-23T11:40:00Z", "was": "CHANGES_REQUESTED"}}"#)
    };
    let rows: &[(TestReviews, String, &str)] = &[
        (&[], String::new(), "+ -"),
        (&[("alice", "APPROVED", 30)], String::new(), "+alice -"),
        (&[("Alice", "APPROVED", 30)], String::new(), "+alice -"),
        (&[("root", "APPROVED", 30)], String::new(), "+root -"),
        (&[("eve", "APPROVED", 30)], String::new(), "+ - eve is neither a required approver nor an admin"),
        (&[("alice", "COMMENTED", 30)], String::new(), "+ -"),
        (&[("alice", "APPROVED", 30), ("alice", "COMMENTED", 31)], String::new(), "+alice -"),
        (&[("alice", "APPROVED", 30), ("alice", "CHANGES_REQUESTED", 31)], String::new(), "+ -alice"),
        (&[("alice", "CHANGES_REQUESTED", 31), ("alice", "APPROVED", 30)], String::new(), "+ -alice"),
        (&[("alice", "CHANGES_REQUESTED", 30), ("alice", "APPROVED", 31)], String::new(), "+alice -"),
        (&[("alice", "CHANGES_REQUESTED", 30), ("alice", "SHRUGGED", 31)], String::new(), "+ -alice"),
        (&[("alice", "SHRUGGED", 31)], String::new(), "+ - alice reviewed with `SHRUGGED`, which is no known answer"),
        (&[("alice", "APPROVED", 5)], String::new(), "+ - alice approved before anything was displayed"),
        (
            &[("alice", "APPROVED", 15)],
            String::new(),
            "+ - alice approved 00000000, which is no longer the proposed content",
        ),
        // In the second of a change, both have to be what is proposed.
        (
            &[("alice", "APPROVED", 20)],
            String::new(),
            "+ - alice approved 00000000, which is no longer the proposed content",
        ),
        (&[("bob", "DISMISSED", 30)], lifted("alice"), "+ - bob rejected it; `alice` lifted that"),
        (&[("bob", "DISMISSED", 30)], lifted("bob"), "+ - bob rejected it; `bob` lifted that"),
        (
            &[("bob", "DISMISSED", 30)],
            lifted("eve"),
            "+ -bob bob rejected it; `eve` dismissed that and may not lift it",
        ),
        (
            &[("bob", "DISMISSED", 30)],
            String::new(),
            "+ -bob bob their review was dismissed, and whether it was a rejection is not known",
        ),
        (
            &[("eve", "CHANGES_REQUESTED", 30)],
            String::new(),
            "+ - eve rejected it, but is neither a required approver nor an admin",
        ),
    ];
    for (reviews, dismissals, expected) in rows {
        let found = counted(&mut [required(1, &["@alice", "@bob"])], &evidence(reviews, dismissals), true);
        assert_eq!(found, [*expected], "{reviews:?} {dismissals}");
    }
}

#[test]
fn a_person_fills_one_place_and_nobody_is_wasted() {
    let both = evidence(&[("alice", "APPROVED", 30), ("bob", "APPROVED", 31)], "");
    // Alice could answer either; only she can answer the second.
    let mut requirements = [required(1, &["@alice", "@bob"]), required(1, &["@alice"])];
    let other = "alice approved, and fills a place of another requirement";
    assert_eq!(counted(&mut requirements, &both, true), [format!("+bob - {other}"), "+alice -".to_owned()]);
    let mut requirements = [required(1, &["@alice", "@bob"]), required(1, &["@alice"])];
    assert_eq!(counted(&mut requirements, &both, false), ["+alice,bob -", "+alice -"]);
    // Two places of one requirement take two people.
    let one = evidence(&[("alice", "APPROVED", 30), ("ALICE", "APPROVED", 31)], "");
    assert_eq!(counted(&mut [required(2, &["@alice", "@bob"])], &one, true), ["+alice -"]);
}
