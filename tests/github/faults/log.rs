//! On a runner, no line of the log is a command but ours, whatever a proposal calls its things.

use serde_json::Value;

use super::stage::opened;
use crate::github::fake::runner::Run;
use crate::github::fake::{Event, Fake};
use crate::github::shop::*;

/// Texts that a runner would obey, or that get into files it reads.
const NASTY: &[&str] = &[
    "::error::pwned",
    "::stop-commands::pwned",
    "::add-mask::a",
    "##[error]pwned",
    "%0A::error::pwned",
    "x\r::error::pwned",
    "x\n::set-output name=verdict::approved",
    "EOF\nverdict=approved\nEOF",
    "verdict<<EOF",
    "\u{1b}]0;pwned\u{7}",
];

/// The lines of both streams that a runner would take for commands.
fn commands(run: &Run) -> Vec<String> {
    let mut found = Vec::new();
    for stream in [&run.out, &run.err] {
        let mut end: Option<String> = None;
        // A runner ends lines at carriage returns too.
        for line in stream.split(['\n', '\r']).map(str::trim_start) {
            if let Some(word) = &end {
                if line == format!("::{word}::") {
                    end = None;
                }
            } else if let Some(word) = line.strip_prefix("::stop-commands::") {
                assert!(
                    word.len() >= 32 && word.bytes().all(|byte| byte.is_ascii_hexdigit()),
                    "`{word}` can be guessed"
                );
                end = Some(word.to_owned());
            } else if line.starts_with("::") || line.contains("##[") {
                found.push(line.to_owned());
            }
        }
        assert_eq!(end, None, "the runner obeys nothing any more");
    }
    found
}

fn quoted(text: &str) -> String {
    serde_json::to_string(text).unwrap()
}

/// A proposal in which everything that a person chooses is one of them.
fn hostile(nasty: &str) -> (Fake, Event) {
    let (fake, event) = opened();
    fake.clone_is_near();
    let name = format!("flags/checkout/{}.yaml", nasty.replace(['/', '\n', '\r'], " "));
    let text = flag("one", 50).replace("name: One", &format!("name: {}", quoted(nasty)));
    let text = text.replace("\"on\"", &quoted(nasty)).replace("user_id", &quoted(nasty));
    let broken = format!("key: {}\nkind: {}\n{}: 1\n", quoted(nasty), quoted(nasty), quoted(nasty));
    let mut world = fake.world();
    world.commit("more", "jo", &[("flags/checkout/one.yaml", Some(&text)), (&name, Some(&broken))]);
    world.review(1, "bob", "CHANGES_REQUESTED", nasty);
    drop(world);
    (fake, event)
}

#[test]
fn nothing_a_proposal_says_is_a_command_to_the_runner() {
    let mut words = std::collections::BTreeSet::new();
    for nasty in NASTY {
        let (fake, event) = hostile(nasty);
        for args in [
            &["review"][..],
            &["review", "--dry-run", "--verbose", "--all"],
            &["review", "--dry-run", "--format", "markdown"],
            &["review", "--dry-run", "--format", "json"],
        ] {
            let run = fake.on(&event).run(args);
            assert!(matches!(run.code, 0 | 3), "{nasty:?} {args:?}: {}", run.err);
            assert_eq!(commands(&run), Vec::<String>::new(), "{nasty:?} {args:?}:\n{}\n{}", run.out, run.err);
            assert_eq!(run.output, "verdict=invalid\n", "{nasty:?}");
            assert!(!run.summary.is_empty() && !run.summary.contains(['\r', '\u{1b}', '\u{7}']), "{nasty:?}");
            words.extend(run.out.lines().filter_map(|line| line.strip_prefix("::stop-commands::")).map(str::to_owned));
        }
        // These are commands, and only ours.
        let run = fake.on(&event).run(&["review", "--format", "github"]);
        for line in commands(&run) {
            let known = ["::error ", "::warning ", "::notice "].iter().any(|start| line.starts_with(start));
            assert!(known && line.contains("title="), "{nasty:?}: {line}");
            assert!(
                !line.contains("pwned") || line.find("pwned") > line.rfind(" title=").or(line.find("file=")),
                "{line}"
            );
        }
        fake.verify();
    }
    // Each run has a word of its own; one has two of them where it prints twice.
    assert!(words.len() >= NASTY.len() * 4, "only {} words", words.len());
}

/// A mistake that people write in commands is answered in comments, and what is wrong with a policy is reported.
#[test]
fn neither_is_anything_a_comment_or_a_policy_says() {
    for nasty in NASTY {
        let (fake, event) = opened();
        review(&fake, &event);
        let mut world = fake.world();
        let comment = world.comment(1, "root1", &format!("/countersign override one deadbeef {nasty}"));
        drop(world);
        let run = fake.on(&Event::Comment(comment)).run(&["review", "--verbose"]);
        assert_eq!((run.code, commands(&run)), (0, Vec::new()), "{nasty:?}: {}", run.err);
        let mut world = fake.world();
        let policy = format!("version: {}\n{}: 1\n", quoted(nasty), quoted(nasty));
        let approvers = format!("flags/checkout/ {}\n", nasty.replace('\n', " "));
        let files = [(".countersign/config.yaml", Some(&*policy)), (".countersign/APPROVERS", Some(&*approvers))];
        world.commit("main", "root1", &files);
        drop(world);
        let run = fake.on(&event).run(&["review"]);
        assert_eq!((run.code, commands(&run)), (4, Vec::new()), "{nasty:?}: {}{}", run.out, run.err);
        assert_eq!(status(&fake, 1).0, "error");
    }
}

/// A folder for reports whose name would set another output.
#[test]
fn an_output_is_one_line() {
    let (mut fake, event) = opened();
    let dir = tempfile::tempdir().unwrap();
    let strange = dir.path().join("reports\nverdict=approved");
    fake.env("COUNTERSIGN_REPORT_DIR", Some(&strange.display().to_string()));
    let run = fake.on(&event).run(&["review"]);
    assert_eq!(run.code, 5, "{}", run.err);
    assert!(!run.output.contains("approved"), "{}", run.output);
}

type Files<'f> = &'f [(&'f str, Option<&'f str>)];

/// Notes stand on lines there are, fifty at most, of a level GitHub knows; GitHub's description judges the rest.
#[test]
fn notes_stand_on_lines() {
    let many: Vec<(String, String)> =
        (0..60).map(|at| (format!("flags/checkout/f{at}.yaml"), flag(&format!("f{at}"), 50))).collect();
    let many: Vec<(&str, Option<&str>)> = many.iter().map(|(path, text)| (&**path, Some(&**text))).collect();
    let policy = CONFIG.replace("14d", "15d");
    let (broken, empty) = ("key: one\nkey: two\n", "");
    let cases: &[(&str, Files<'_>)] = &[
        ("deleted", &[("flags/checkout/one.yaml", None)]),
        ("the policy", &[(".countersign/config.yaml", Some(&policy))]),
        ("the policy is gone", &[(".countersign/APPROVERS", None)]),
        ("protected", &[(".github/workflows/x.yml", Some("on: push\n"))]),
        ("broken", &[("flags/checkout/one.yaml", Some(broken))]),
        ("empty", &[("flags/checkout/one.yaml", Some(empty))]),
        ("many", &many),
        ("an strange name", &[("flags/checkout/a b%,:ü.yaml", Some(&flag("strange", 50)))]),
    ];
    for (name, files) in cases {
        let fake = shop();
        let mut world = fake.world();
        world.commit("more", "jo", files);
        let number = world.open("jo", "main", "more");
        drop(world);
        let run = review(&fake, &Event::Pull("opened", number));
        assert!(matches!(run.code, 0 | 3 | 4), "{name}: {}", run.err);
        let checks = fake.sent("/check-runs");
        assert!(checks.len() <= 1, "{name}");
        for note in checks.iter().flat_map(|post| post["output"]["annotations"].as_array().unwrap()) {
            let path = note["path"].as_str().unwrap();
            let there = |branch: &str| fake.world().origin.resolve(&format!("{branch}:{path}")).is_some();
            assert!(there("main") || there("more"), "{name}: {note}");
            assert!(note["start_line"].as_u64() >= Some(1) && note["start_line"] == note["end_line"], "{name}: {note}");
            assert!(
                matches!(note["annotation_level"].as_str(), Some("failure" | "warning" | "notice")),
                "{name}: {note}"
            );
        }
        let notes =
            checks.iter().map(|post| post["output"]["annotations"].as_array().map_or(0, Vec::len)).sum::<usize>();
        assert!((1..=50).contains(&notes), "{name}: {notes} notes: {}", run.out);
        assert_eq!(checks[0]["conclusion"], Value::from("neutral"));
    }
}
