//! From the rules that fired to who has to approve: one table of policies.

use super::*;
use crate::changes::classify::{Since, classify};
use crate::diagnostics::Diagnostics;
use crate::flag::{File, Flag};
use crate::format::native;
use crate::impact::{self, Impacts};
use crate::policy::{APPROVERS_PATH, CONFIG_PATH, PolicyFiles};

fn policy(project: &str, more: &str, approvers: &str) -> Policy {
    let config =
        format!("version: 1\nadmins: [\"@root\"]\nprojects:\n  all: {{paths: [\"flags/**\"], {project}}}\n{more}");
    let files = PolicyFiles {
        config: Some(File::regular(CONFIG_PATH, config)),
        approvers: Some(File::regular(APPROVERS_PATH, approvers)),
        formats: Vec::new(),
        trust: None,
    };
    Policy::read(&files).0.unwrap()
}

fn flag(weight: u32) -> FlagEntry {
    let text = format!(
        "key: f\nkind: flag\nstate: active\nvariants: [{{key: a}}, {{key: b}}]\nrolloutPercentage: 100\n\
         rolloutWeights: {{a: 1, b: {weight}}}\n"
    );
    let mut diagnostics = Diagnostics::of("flags/f.yaml");
    let flag: Flag = native::FORMAT.flags_of(text.as_bytes(), "flags/f.yaml", &mut diagnostics).unwrap().remove(0);
    FlagEntry { path: "flags/f.yaml".to_owned(), project: "all".to_owned(), mode: crate::flag::PLAIN, flag }
}

/// The requirements where half of all users switch variant, each as its mode, count, line and names.
fn required(policy: &Policy) -> Vec<String> {
    let (before, after) = (flag(1), flag(0));
    let step = Step::Edited(&before, &after);
    let changes = classify(step, &Since::default(), &policy.config.critical);
    let effect = impact::of(Some(&before.flag), Some(&after.flag));
    let all = requirements(policy, Side::Base, step, &changes, Impacts { now: &effect, past: &[] });
    all.iter()
        .map(|one| {
            assert_eq!(one.because.iter().map(|id| id.as_str()).collect::<Vec<_>>(), ["variant-distribution"]);
            format!("{:?} {} {} {}", one.mode, one.required, one.line.unwrap_or(0), one.from.join(" "))
        })
        .collect()
}

#[test]
fn who_is_required() {
    let specific = "approvals: specific";
    for (project, more, approvers, expected) in [
        ("approvals: none", "", "flags/ @alice\n", &[][..]),
        ("approvals: peer", "", "flags/ @alice\n", &["Peer 1 0 @alice"]),
        ("approvals: peer, required: 2", "", "", &["Peer 2 0 "]),
        (specific, "", "flags/ @alice @acme/a\n", &["Specific 1 1 @alice @acme/a"]),
        (specific, "", "flags/ @alice @ALICE\n", &["Specific 1 1 @alice"]),
        ("approvals: specific, required: 2", "", "flags/ @alice\n", &["Specific 2 1 @alice"]),
        // The last line of a section decides, and each section is required by itself.
        (specific, "", "* @bob\nflags/ @alice\n", &["Specific 1 2 @alice"]),
        (specific, "", "* @bob\n[Data][3]\n* @dora\n", &["Specific 1 1 @bob", "Specific 3 3 @dora"]),
        (specific, "", "* @bob\n^[Data]\n* @dora\n", &["Specific 1 1 @bob"]),
        // Naming nobody never means that nobody is required.
        (specific, "", "other/ @bob\n", &["Admins 1 0 @root"]),
        (specific, "", "* @bob\nflags/\n", &["Admins 1 2 @root"]),
        (specific, "", "^[Data]\n* @dora\n", &["Admins 1 0 @root"]),
        (specific, "sections: {Data: {only: [rollout]}}\n", "* @bob\n[Data]\n* @dora\n", &["Specific 1 1 @bob"]),
        (specific, "sections: {Data: {only: [rollout]}}\n", "[Data]\n* @dora\n", &["Admins 1 0 @root"]),
        (
            specific,
            "sections: {Data: {only: [variant-distribution]}}\n",
            "* @bob\n[Data]\n* @dora\n",
            &["Specific 1 1 @bob", "Specific 1 3 @dora"],
        ),
    ] {
        assert_eq!(required(&policy(project, more, approvers)), expected, "{project} {more} {approvers}");
    }
}

#[test]
fn nothing_critical_requires_nobody() {
    let policy = policy("approvals: specific", "", "flags/ @alice\n");
    let one = flag(1);
    let effect = impact::of(Some(&one.flag), Some(&one.flag));
    assert_eq!(
        requirements(&policy, Side::Base, Step::Edited(&one, &one), &[], Impacts { now: &effect, past: &[] }).len(),
        0
    );
}

#[test]
fn optional_sections_are_notified() {
    let policy = policy("approvals: specific", "", "* @bob\n^[Support]\n* @dora @acme/support\n^[Other]\nx/ @eve\n");
    let (before, after) = (flag(1), flag(0));
    assert_eq!(notified(&policy, Step::Edited(&before, &after)), ["@acme/support", "@dora"]);
}
