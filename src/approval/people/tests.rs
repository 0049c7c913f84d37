//! Eligibility of one person: each answer and its reason.

use super::*;
use crate::flag::File;
use crate::policy::config;

fn policy() -> Config {
    let text = "version: 1\nadmins: [\"@root\", \"@acme/leads\"]\nteams: {\"@acme/payments\": [\"@Alice\"]}\n\
                projects:\n  all: {paths: [\"flags/**\"], approvals: specific}\n";
    config::read(&File::regular(config::CONFIG_PATH, text), &[]).0.unwrap()
}

fn evidence() -> Evidence {
    let json = r#"{"schema": "countersign/evidence/v1", "now": "2026-11-23T12:00:00Z", "requestor": "Jo",
        "contributors": ["jo", "kim"], "teams": {"@acme/growth": ["gina"]},
        "permissions": {"jo": "admin", "alice": "write", "bob": "maintain", "carol": "read", "gina": "write",
                        "kim": "write", "root": "admin"}}"#;
    Evidence::parse(json).unwrap()
}

fn approvers(names: &[&str]) -> Vec<Approver> {
    names.iter().map(|name| Approver::parse(name).unwrap()).collect()
}

fn yes() -> String {
    "yes".to_owned()
}

fn no(why: &str) -> String {
    format!("no: {why}")
}

fn unknown(why: &str) -> String {
    format!("unknown: {why}")
}

/// An answer in words.
fn words(may: &May) -> String {
    match may {
        May::Yes => yes(),
        May::No(why) => no(&why.to_string()),
        May::Unknown(fact) => unknown(&fact.to_string()),
    }
}

#[test]
fn may_approve() {
    let (config, evidence) = (policy(), evidence());
    let people = People { config: &config, evidence: Some(&evidence), vouched: &[] };
    let members = "who is in `@acme/leads` is not known";
    for (login, kind, named, peer, expected) in [
        ("alice", "User", &["@acme/payments"][..], false, yes()),
        ("ALICE", "User", &["@alice"], false, yes()),
        ("gina", "User", &["@acme/growth"], false, yes()),
        ("root", "User", &["@alice"], false, yes()),
        // Bob is nobody who is named; whether he is an admin depends on a team that was not read.
        ("bob", "User", &["@alice"], false, unknown(members)),
        ("bob", "User", &["@acme/other"], false, unknown("who is in `@acme/other` is not known")),
        ("bob", "User", &[], true, yes()),
        (
            "carol",
            "User",
            &["@carol"],
            false,
            no("has no write access (`read`), and the configuration has no `external-approvers: true`"),
        ),
        ("carol", "User", &["@alice"], false, no("has no write access (`read`)")),
        ("carol", "User", &[], true, no("has no write access (`read`)")),
        ("dave", "User", &["@dave"], false, unknown("whether they have write access is not known")),
        ("jo", "User", &["@jo"], false, no("asked for the change")),
        ("kim", "User", &["@kim"], false, no("contributed to the change")),
        ("alice", "Bot", &["@alice"], false, no("is not a person (`Bot`)")),
        ("\u{430}lice", "User", &["@alice"], false, no("is not a login GitHub could have given")),
    ] {
        assert_eq!(words(&people.may(login, kind, &approvers(named), peer)), expected, "{login} for {named:?}");
    }
}

#[test]
fn external_approvers_count_where_the_policy_says_so() {
    let (mut config, mut evidence) = (policy(), evidence());
    config.external_approvers = true;
    evidence.permissions.insert("nobody".to_owned(), "none".to_owned());
    let people = People { config: &config, evidence: Some(&evidence), vouched: &[] };
    let unknown_team = "who is in `@acme/other` is not known";
    for (login, kind, named, peer, expected) in [
        ("carol", "User", &["@carol"][..], false, yes()),
        ("carol", "User", &["@alice"], false, no("has no write access (`read`)")),
        ("carol", "User", &["@acme/other"], false, unknown(unknown_team)),
        ("carol", "User", &[], true, no("has no write access (`read`)")),
        ("carol", "Bot", &["@carol"], false, no("is not a person (`Bot`)")),
        ("nobody", "User", &["@nobody"], false, no("has no write access (`none`)")),
        ("dave", "User", &["@dave"], false, unknown("whether they have write access is not known")),
    ] {
        assert_eq!(words(&people.may(login, kind, &approvers(named), peer)), expected, "{login} for {named:?}");
    }
}

#[test]
fn having_contributed_hinders_no_rejection() {
    let (config, evidence) = (policy(), evidence());
    let people = People { config: &config, evidence: Some(&evidence), vouched: &[] };
    assert_eq!(words(&people.may_reject("kim", "User", &approvers(&["@kim"]), false)), yes());
    assert_eq!(words(&people.may_reject("jo", "User", &approvers(&["@jo"]), false)), no("asked for the change"));
}

#[test]
fn unknown_contributors_let_nobody_approve() {
    let (config, mut evidence) = (policy(), evidence());
    evidence.contributors = None;
    evidence.unread = vec!["the commits could not be read".to_owned()];
    let people = People { config: &config, evidence: Some(&evidence), vouched: &[] };
    let why = "who contributed to the change is not known: the commits could not be read";
    assert_eq!(words(&people.may("alice", "User", &approvers(&["@alice"]), false)), unknown(why));
}

#[test]
fn being_vouched_for_stands_for_access_and_for_nothing_else() {
    let (config, evidence, vouched) = (policy(), evidence(), ["Carol".to_owned(), "kim".to_owned(), "jo".to_owned()]);
    let people = People { config: &config, evidence: Some(&evidence), vouched: &vouched };
    let named = approvers(&["@carol", "@kim", "@jo"]);
    assert_eq!(words(&people.may("carol", "User", &named, false)), yes());
    assert_eq!(words(&people.may("kim", "User", &named, false)), no("contributed to the change"));
    assert_eq!(words(&people.may("jo", "User", &named, false)), no("asked for the change"));
    assert_eq!([people.vouches("CAROL"), people.vouches("alice")], [true, false]);
}
