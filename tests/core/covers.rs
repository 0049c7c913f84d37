//! Digests of approvals: where the digest has to be another one, and where it must not be.

use std::collections::BTreeMap;

use countersign::flag::File;

use crate::files;
use crate::patch::{Files, apply};

const CONFIG: &str = "version: 1\nadmins: [\"@root\"]\nprojects: {p: {paths: [\"flags/**\"], approvals: specific}}\nprotect: [\"tools/**\"]\n";

/// A live flag; each word in capitals stands for what a test changes.
fn flag(rollout: &str, weights: &str, more: &str) -> String {
    format!(
        "key: x\nkind: experiment\nstate: running\nbucketingKey: user_id\nvariants: [{{key: control}}, {{key: treatment}}]\n\
         rolloutPercentage: {rollout}\nrolloutWeights: {weights}\n{more}"
    )
}

const EVEN: &str = "{control: 1, treatment: 1}";
const UNEVEN: &str = "{control: 1, treatment: 3}";

/// A repository with a policy and these files, each with its mode.
fn world(list: &[(&str, &str, u32)]) -> Files {
    let policy =
        [(".countersign/config.yaml", CONFIG, 0o100_644), (".countersign/APPROVERS", "/flags/ @alice\n", 0o100_644)];
    let file = |(path, text, mode): &(&str, &str, u32)| {
        ((*path).to_owned(), File { mode: *mode, ..File::regular(*path, *text) })
    };
    policy.iter().chain(list).map(file).collect()
}

/// The digests of a change, by name.
fn digests(live: &Files, proposed: &Files) -> BTreeMap<String, String> {
    files::examine_files(live, proposed).unwrap().digests().into_iter().collect()
}

/// The digest of `x` where this one file differs.
fn of(path: &str, before: Option<&str>, after: &str, modes: [u32; 2]) -> String {
    let live = before.map(|text| (path, text, modes[0]));
    digests(&world(live.as_slice()), &world(&[(path, after, modes[1])]))["p/x"].clone()
}

const PLAIN: [u32; 2] = [0o100_644, 0o100_644];

#[test]
fn an_approval_for_one_place_is_none_for_another() {
    let text = flag("20", EVEN, "");
    let staging = of("flags/staging/x.yaml", None, &text, PLAIN);
    assert_ne!(staging, of("flags/production/x.yaml", None, &text, PLAIN));
    let edited = |path: &str| of(path, Some(&text), &flag("30", EVEN, ""), PLAIN);
    assert_ne!(edited("flags/staging/x.yaml"), edited("flags/production/x.yaml"));
    let deleted = |path: &str| digests(&world(&[(path, &text, 0o100_644)]), &world(&[]))["p/x"].clone();
    assert_ne!(deleted("flags/staging/x.yaml"), deleted("flags/production/x.yaml"));
}

#[test]
fn an_approval_for_one_mode_is_none_for_another() {
    let edited = |modes| of("flags/x.yaml", Some(&flag("20", EVEN, "")), &flag("30", EVEN, ""), modes);
    let all = [PLAIN, [0o100_644, 0o100_755], [0o100_755, 0o100_644], [0o100_755, 0o100_755], [0o100_664, 0o100_644]];
    let found: std::collections::BTreeSet<String> = all.into_iter().map(edited).collect();
    assert_eq!(found.len(), all.len());
    let protected = |text: &str, mode| {
        digests(&world(&[("tools/run", "a", 0o100_644)]), &world(&[("tools/run", text, mode)]))[".countersign"].clone()
    };
    assert_ne!(protected("b", 0o100_644), protected("b", 0o100_755));
}

/// Approved where it moved nobody, and the base moved: now everybody is.
#[test]
fn an_approval_covers_the_impact_that_was_displayed() {
    let at = |rollout: &str| of("flags/x.yaml", Some(&flag(rollout, EVEN, "")), &flag(rollout, UNEVEN, ""), PLAIN);
    assert_ne!(at("0"), at("100"));
    assert_ne!(at("20"), at("21"));
    // A condition of a segment above decides who is left, the salt who is who: neither is shown in a share.
    let decided = |more: &str| of("flags/x.yaml", Some(&flag("20", EVEN, more)), &flag("20", UNEVEN, more), PLAIN);
    assert_ne!(decided("stickyBucketing: true\n"), decided(""));
}

#[test]
fn what_is_displayed_alike_keeps_its_approvals() {
    let with = |before: &str, after: &str| {
        of("flags/x.yaml", Some(&flag("20", EVEN, before)), &flag("20", UNEVEN, after), PLAIN)
    };
    let plain = with("", "");
    let segment = "targetSegments: [{name: US, percentage: 100, rolloutWeights: {treatment: 1}, conditions: [{prop: country, op: is, values: [US]}]}]\n";
    for more in
        ["description: a typo\n", "owner: ann\n", "tags: [a]\n", "# a remark\n", segment, "bucketingSalt: abcd\n"]
    {
        assert_eq!(with(more, more), plain, "{more}");
    }
    for after in ["description: fixed\n", "name: New\n", "# a remark\n", "decisionReason: none yet\n"] {
        assert_eq!(with("", after), plain, "{after}");
    }
    // Another flag, another file.
    let live = world(&[("flags/x.yaml", &flag("20", EVEN, ""), 0o100_644)]);
    let other = flag("20", EVEN, "").replace("key: x", "key: y");
    let proposed = world(&[("flags/x.yaml", &flag("20", UNEVEN, ""), 0o100_644), ("flags/y.yaml", &other, 0o100_644)]);
    assert_eq!(digests(&live, &proposed)["p/x"], plain);
}

/// More people to ask is no other content; another rule for the same change is.
#[test]
fn another_policy() {
    let sides = |policy: &str| {
        let side = |rollout: &str| {
            let mut files = world(&[("flags/x.yaml", &flag(rollout, EVEN, ""), 0o100_644)]);
            apply(policy, &mut files).unwrap();
            files
        };
        digests(&side("20"), &side("30"))["p/x"].clone()
    };
    let approvers =
        "--- a/.countersign/APPROVERS\n+++ b/.countersign/APPROVERS\n@@\n /flags/ @alice\n+[Security] @kim\n+/flags/\n";
    let protect = "--- a/.countersign/config.yaml\n+++ b/.countersign/config.yaml\n@@\n protect: [\"tools/**\"]\n+";
    assert_eq!(sides(""), sides(approvers));
    assert_eq!(sides(""), sides(&format!("{protect}lock: {{after: 14d}}\n")));
    assert_ne!(sides(""), sides(&format!("{protect}critical: {{add: [rolloutPercentage]}}\n")));
}

#[test]
fn a_mode_is_reported_as_one() {
    let text = flag("20", EVEN, "");
    let modes = |before: u32, after: u32| {
        let side = |mode: u32| world(&[("flags/x.yaml", &text, mode), ("tools/run", "a", mode)]);
        files::judge_files(&side(before), &side(after), None, &[]).unwrap()
    };
    let report = modes(0o100_644, 0o100_755);
    let changes: Vec<String> = report.flags[0]
        .changes
        .iter()
        .map(|change| {
            format!(
                "{} {}: {:?} -> {:?}",
                change.class.word(),
                change.field,
                change.before.as_ref().map(countersign::document::Node::json),
                change.after.as_ref().map(countersign::document::Node::json)
            )
        })
        .collect();
    assert_eq!(changes, ["routine file mode: Some(\"\\\"100644\\\"\") -> Some(\"\\\"100755\\\"\")"]);
    assert_eq!(report.policy.effects, ["`tools/run` becomes executable (file mode 100644 → 100755)"]);
    let effect = |before: Option<&str>, after: &str| {
        let mut live = world(&[]);
        if let Some(mode) = before {
            apply(&format!("new file mode {mode}\n--- /dev/null\n+++ b/tools/run\n@@\n+a\n"), &mut live).unwrap();
        }
        let mut proposed = world(&[]);
        apply(&format!("new file mode {after}\n--- /dev/null\n+++ b/tools/run\n@@\n+a\n"), &mut proposed).unwrap();
        files::judge_files(&live, &proposed, None, &[]).unwrap().policy.effects
    };
    assert_eq!(
        effect(Some("100755"), "100644"),
        ["`tools/run` becomes a file that is not executable (file mode 100755 → 100644)"]
    );
    assert_eq!(effect(Some("100644"), "120000"), ["`tools/run` becomes a symlink (file mode 100644 → 120000)"]);
    assert_eq!(
        effect(Some("120000"), "100755"),
        ["`tools/run` becomes an executable file (file mode 120000 → 100755)"]
    );
    assert_eq!(effect(None, "100755"), ["`tools/run` is executable (file mode 100755)"]);
    assert_eq!(effect(None, "100644"), [""; 0]);
}

/// A file of many flags whose mode changes and nothing else is reported, too.
#[test]
fn the_mode_of_a_file_of_many_flags() {
    let text = r#"{"flags": {"a": {"state": "ENABLED", "variants": {"on": true}, "defaultVariant": "on"}, "b": {"state": "ENABLED", "variants": {"on": true}, "defaultVariant": "on"}}}"#;
    let side = |mode: u32| world(&[("flags/all.flagd.json", text, mode)]);
    let report = files::judge_files(&side(0o100_644), &side(0o100_755), None, &[]).unwrap();
    let reported: Vec<(&str, &str)> = report
        .flags
        .iter()
        .flat_map(|flag| flag.changes.iter().map(|change| (flag.key.as_str(), change.field.as_str())))
        .collect();
    assert_eq!(reported, [("a", "file mode"), ("b", "file mode")]);
}
