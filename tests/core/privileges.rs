//! A key of the configuration that is written more loosely gives somebody a right, and written more strictly takes it.

use countersign::flag::File;
use countersign::policy::diff::PolicyDiff;
use countersign::policy::{Policy, PolicyFiles};
use serde_json::{Value, json};

use crate::configuration::{keys, schema};

/// A key, its value as YAML in two ways, and the right that somebody has only under the second; none where no value of
/// the key gives anybody a right.
type Row = (&'static str, &'static str, &'static str, Option<&'static str>);

const ROWS: &[Row] = &[
    ("version", "version: 1", "version: 1", None),
    ("admins", "admins: ['@root']", "admins: ['@root', '@kim']", Some("@kim may respond to every requirement")),
    ("policy-approvers", "", "policy-approvers: ['@kim']", Some("@kim may approve changes to the policy")),
    ("external-approvers", "", "external-approvers: true", Some("people may approve without write access")),
    (
        "projects.<name>.paths",
        "",
        "projects: {p: {paths: ['elsewhere/'], approvals: specific}}",
        Some("anyone with write access may make every change without approval"),
    ),
    (
        "projects.<name>.approvals",
        "",
        "projects: {p: {paths: ['flags/'], approvals: none}}",
        Some("anyone with write access may make every change without approval"),
    ),
    (
        "projects.<name>.required",
        "projects: {p: {paths: ['flags/'], approvals: specific, required: 2}}",
        "",
        Some("1 of @acme/x and @alice sufficient for every change"),
    ),
    (
        "formats",
        "",
        "formats: {'flags/*.yaml': flagd}",
        Some("anyone with write access may change what only native looks at"),
    ),
    (
        "teams",
        "teams: {'@acme/x': ['@amy']}",
        "teams: {'@acme/x': ['@amy', '@kim']}",
        Some("@kim counts as a member of @acme/x"),
    ),
    (
        "sections.<name>.only",
        "",
        "sections: {Many: {only: [exposure-event]}}",
        Some(
            "@alice sufficient for every change but those under `activation` or `deletion` or `exposure-event` or `moved` in",
        ),
    ),
    (
        "sections.<name>.scopes",
        "sections: {Many: {scopes: [production, staging]}}",
        "sections: {Many: {scopes: [production]}}",
        Some("@alice sufficient for every change of a flag in `staging` in"),
    ),
    (
        "sections.<name>.when.affected",
        "sections: {Many: {when: {affected: '> 5%'}}}",
        "sections: {Many: {when: {affected: '> 50%'}}}",
        Some("@alice sufficient for every change of known impact that affects at most 50% of users in"),
    ),
    (
        "sections.<name>.when.exposed",
        "sections: {Many: {when: {exposed: '> 5%'}}}",
        "sections: {Many: {when: {exposed: '> 50%'}}}",
        Some("@alice sufficient for every change of known impact that newly exposes at most 50% of users in"),
    ),
    (
        "sections.<name>.when.within",
        "sections: {Many: {when: {affected: '> 5%', within: 14d}}}",
        "sections: {Many: {when: {affected: '> 5%'}}}",
        Some(
            "@alice sufficient for every change of known impact that affects at most 5% of users, and more within 14 days in",
        ),
    ),
    (
        "sections.<name>.when.within",
        "sections: {Many: {when: {exposed: '> 5%', within: 14d}}}",
        "sections: {Many: {when: {exposed: '> 5%'}}}",
        Some(
            "@alice sufficient for every change of known impact that newly exposes at most 5% of users, and more within 14 days in",
        ),
    ),
    // A change that was taken back within the fourteen days, and not within the seven, and the other way round.
    (
        "sections.<name>.when.within",
        "sections: {Many: {when: {affected: '> 5%', within: 14d}}}",
        "sections: {Many: {when: {affected: '> 5%', within: 7d}}}",
        Some(
            "@alice sufficient for every change of known impact that affects at most 5% of users within 7 days, and more within 14 days in",
        ),
    ),
    (
        "sections.<name>.when.within",
        "sections: {Many: {when: {affected: '> 5%', within: 7d}}}",
        "sections: {Many: {when: {affected: '> 5%', within: 14d}}}",
        Some(
            "@alice sufficient for every change of known impact that affects at most 5% of users within 14 days, and more within 7 days in",
        ),
    ),
    (
        "critical.relax",
        "",
        "critical: {relax: [rollout]}",
        Some("anyone with write access may make a change under `rollout` without approval"),
    ),
    (
        "critical.add",
        "critical: {add: [owner]}",
        "",
        Some("anyone with write access may make a change under `owner` without approval"),
    ),
    (
        "critical.deactivation",
        "critical: {deactivation: approval}",
        "",
        Some("anyone with write access may make a change under `deactivation` without approval"),
    ),
    (
        "critical.restore",
        "",
        "critical: {restore: free}",
        Some("anyone with write access may switch on exactly what was last live"),
    ),
    (
        "critical.activation.serves",
        "",
        "critical: {activation: {serves: other-than-off}}",
        Some("anyone with write access may add a flag that serves off to everyone"),
    ),
    (
        "lock.after",
        "lock: {after: 14d}",
        "lock: {after: 7d}",
        Some("an admin may pass over the holder of a lock after 7 days"),
    ),
    (
        "break-glass.by",
        "",
        "break-glass: {by: admins, review-within: 3d}",
        Some("one admin may let a change of a flag in without its approvals, as a debt to be approved within 3 days"),
    ),
    (
        "break-glass.people",
        "break-glass: {by: admins, people: 2, review-within: 3d}",
        "break-glass: {by: admins, review-within: 3d}",
        Some("one admin may let a change of a flag in without its approvals, as a debt to be approved within 3 days"),
    ),
    (
        "break-glass.review-within",
        "break-glass: {by: admins, review-within: 3d}",
        "break-glass: {by: admins, review-within: 30d}",
        Some("one admin may let a change of a flag in without its approvals, as a debt to be approved within 30 days"),
    ),
    (
        "break-glass.hold",
        "break-glass: {by: admins, review-within: 3d, hold: true}",
        "break-glass: {by: admins, review-within: 3d}",
        Some("one admin may let a change of a flag in without its approvals, as a debt to be approved within 3 days"),
    ),
    ("protect", "protect: ['.github/**']", "", Some("anyone with write access may change files at `.github/**`")),
    (
        "amplitude.projects",
        "",
        "amplitude: {projects: {p: '1'}}",
        Some("whoever approves changes of `p` decides what project 1 of Amplitude's region `us` serves"),
    ),
    (
        "amplitude.region",
        "amplitude: {projects: {p: '1'}}",
        "amplitude: {projects: {p: '1'}, region: eu}",
        Some("whoever approves changes of `p` decides what project 1 of Amplitude's region `eu` serves"),
    ),
    (
        "amplitude.unmanaged",
        "amplitude: {projects: {p: '1'}}",
        "amplitude: {projects: {p: '1'}, unmanaged: [tags]}",
        Some("anyone who may use Amplitude's console may change `tags` there"),
    ),
    ("distinct", "", "distinct: false", Some("fewer or other people perhaps sufficient for every change")),
];

fn policy(more: &str) -> Policy {
    let mut config = json!({"version": 1, "admins": ["@root"],
        "projects": {"p": {"paths": ["flags/"], "approvals": "specific"}}});
    let more: Value = serde_yaml::from_str(more).unwrap();
    config.as_object_mut().unwrap().extend(more.as_object().cloned().unwrap_or_default());
    let files = PolicyFiles {
        config: Some(File::regular(".countersign/config.yaml", config.to_string())),
        approvers: Some(File::regular(".countersign/APPROVERS", "flags/ @alice @bob\n[Many]\nflags/ @bob @acme/x\n")),
        formats: Vec::new(),
        trust: None,
    };
    Policy::read_valid(&files).unwrap_or_else(|diagnostics| panic!("{diagnostics:#?}\n{config:#}"))
}

#[test]
fn a_looser_value_is_a_gain_and_a_stricter_one_a_loss() {
    let paths = ["flags/buy.yaml".to_owned()];
    for (key, strict, loose, right) in ROWS {
        let (strict, loose) = (policy(strict), policy(loose));
        for (old, new, gained) in [(&strict, &loose, true), (&loose, &strict, false)] {
            let diff = PolicyDiff::between(old, new, &paths);
            let changes = diff.privilege_changes.iter().filter(|one| one.gained == gained);
            let reported: Vec<String> = changes.map(|one| format!("{} {}", one.who, one.what)).collect();
            match right {
                // Each of two formats looks at something that the other one does not.
                Some(_) if *key == "formats" && !gained => assert_eq!(reported, [""; 0], "{key}"),
                Some(right) => assert!(reported.iter().any(|one| one.starts_with(right)), "{key} {gained}: {diff:#?}"),
                None => assert_eq!(diff, PolicyDiff::default(), "{key}"),
            }
        }
    }
}

/// A new key has to say which right it gives.
#[test]
fn every_key_has_its_row() {
    let mut all = Vec::new();
    keys(&schema(), "", &mut all);
    let group =
        |schema: &Value| schema["properties"].is_object() || schema["additionalProperties"]["properties"].is_object();
    let mut wanted: Vec<String> =
        all.into_iter().filter(|(_, schema, _)| !group(schema)).map(|(path, ..)| path).collect();
    let mut rows: Vec<String> = ROWS.iter().map(|(key, ..)| (*key).to_owned()).collect();
    wanted.sort();
    rows.sort();
    rows.dedup();
    assert_eq!(rows, wanted);
}
