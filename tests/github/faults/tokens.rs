//! A token is in one header and nowhere else, whatever goes wrong.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use super::stage::{Scene, approved, opened};
use crate::github::fake::{Event, Fake, What};
use crate::github::shop::*;

/// Every form a secret is written in.
fn forms(fake: &Fake) -> Vec<String> {
    let all: Vec<String> = fake.world().tokens.iter().map(|token| token.secret.clone()).collect();
    let sent = all.iter().map(|secret| countersign::git::Token::new(secret).unwrap().basic());
    all.iter().cloned().chain(sent).collect()
}

/// A world in which teams approve, with a token of each kind.
fn many_tokens() -> (Fake, Event) {
    let (mut fake, event) = opened();
    let mut world = fake.world();
    world.team("payments", &["alice"]);
    world.commit("main", "root1", &[(".countersign/APPROVERS", Some("flags/checkout/ @acme/payments\n"))]);
    let app = Some(crate::github::fake::people::ACTIONS);
    let may = ["contents:read", "pull-requests:write", "statuses:write", "issues:write", "checks:write"];
    world.token("own", "github-actions[bot]", app, &may);
    world.token("teams", "github-actions[bot]", app, &["members:read"]);
    drop(world);
    fake.give("COUNTERSIGN_TOKEN", "own");
    fake.give("COUNTERSIGN_TEAMS_TOKEN", "teams");
    fake.env("RUST_BACKTRACE", Some("1"));
    (fake, event)
}

fn files(dir: &Path) -> Vec<(String, Vec<u8>)> {
    let entries = fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path());
    entries.map(|path| (path.display().to_string(), fs::read(&path).unwrap())).collect()
}

fn clean(fake: &Fake, place: &str, text: &[u8]) {
    let text = String::from_utf8_lossy(text);
    for secret in forms(fake) {
        assert!(!text.contains(&secret), "a token is in {place}:\n{text}");
    }
}

/// Text that is written to files, and to the programs that are started: their arguments, and the names of their
/// variables.
#[test]
fn no_file_and_no_child_has_a_token() {
    let (mut fake, event) = many_tokens();
    let place = tempfile::tempdir().unwrap();
    let reports = place.path().join("reports");
    let dump = place.path().join("evidence.json");
    let bin = place.path().join("bin");
    fs::create_dir(&bin).unwrap();
    let (log, path) = (place.path().join("children"), std::env::var("PATH").unwrap());
    let script = format!(
        "#!/bin/sh\nPATH='{path}'\n{{ printf '%s\\n' \"$@\"; env | cut -d= -f1; }} >> '{}'\nexec git \"$@\"\n",
        log.display()
    );
    fs::write(bin.join("git"), script).unwrap();
    fs::set_permissions(bin.join("git"), fs::Permissions::from_mode(0o755)).unwrap();
    fake.env("PATH", Some(&format!("{}:{path}", bin.display())));
    fake.env("COUNTERSIGN_REPORT_DIR", Some(&reports.display().to_string()));
    let run = fake.on(&event).run(&["review", "--verbose", "--dump-evidence", &dump.display().to_string()]);
    assert_eq!(run.code, 0, "{}", run.err);
    assert!(run.err.contains("POST /graphql: 200"), "{}", run.err);
    // Over a protocol that a token is sent by: nobody answers there, but git was started with it.
    fake.env("GITHUB_SERVER_URL", Some(&fake.api_url()));
    let failed = fake.on(&event).run(&["review", "--verbose", "--patience", "0"]);
    assert_eq!(failed.code, 5, "{}", failed.err);
    let _ = fake.violations();
    for text in [&run.out, &run.err, &run.output, &run.summary, &failed.out, &failed.err] {
        clean(&fake, "the output", text.as_bytes());
    }
    let written = [files(&reports), vec![("evidence".to_owned(), fs::read(&dump).unwrap())]].concat();
    assert!(written.len() >= 3, "{written:?}");
    for (name, bytes) in written {
        clean(&fake, &name, &bytes);
    }
    let children = fs::read_to_string(&log).unwrap();
    assert!(children.lines().any(|it| it == "fetch") && children.contains("GIT_CONFIG_KEY_0"), "{children}");
    clean(&fake, "a child's arguments", children.as_bytes());
    for name in ["GITHUB_TOKEN", "COUNTERSIGN_TOKEN", "COUNTERSIGN_TEAMS_TOKEN", "GH_TOKEN"] {
        assert!(children.lines().all(|it| it != name), "git was given {name}");
    }
    for request in fake.requests() {
        clean(&fake, &request.path, request.path.as_bytes());
        clean(&fake, &request.path, request.body.to_string().as_bytes());
    }
}

/// A proxy or a server that quotes what it was sent; the status that tells of it is public.
#[test]
fn a_server_that_quotes_a_token_is_not_quoted() {
    let scene = Scene::of(approved);
    let mut reported = 0;
    for index in 0..scene.requests.len() {
        let statuses = if scene.requests[index].query.is_some() { &[200, 401, 422, 500][..] } else { &[401, 422, 500] };
        for status in statuses {
            scene.rewind();
            scene.fake.world().fault(scene.fault(index, What::Echo(*status)));
            let run = scene.run_within("0", &["--verbose"]);
            clean(&scene.fake, "the output", [run.out, run.err.clone()].concat().as_bytes());
            reported += usize::from(run.err.contains("[token]"));
            let said = scene.fake.world().statuses.iter().map(|it| format!("{:?}", it.description)).collect::<String>();
            clean(&scene.fake, "a status", said.as_bytes());
            scene.fake.verify();
        }
    }
    assert!(reported > 10, "only {reported} of them were reported");
}

#[test]
fn what_is_no_token_is_refused_unseen() {
    for (variable, value) in [
        ("GITHUB_TOKEN", "ghs_abc\nX-Other: 1"),
        ("COUNTERSIGN_TOKEN", "ghs_abc def"),
        ("COUNTERSIGN_TOKEN", "ghs_abc\u{7f}"),
        ("COUNTERSIGN_TOKEN", "ghs_abc\u{e4}"),
        ("COUNTERSIGN_TEAMS_TOKEN", "ghs_abc\r\ndef"),
    ] {
        let (mut fake, event) = opened();
        fake.env(variable, Some(value));
        let run = fake.on(&event).run(&["review"]);
        assert_eq!(run.code, 2, "{}", run.err);
        assert!(run.err.contains(variable) && run.err.contains("set it to the token alone"), "{}", run.err);
        assert!(!run.err.contains("ghs_abc") && !run.out.contains("ghs_abc"), "{}", run.err);
        assert!(fake.requests().is_empty());
    }
    // The end of a file is no part of it.
    let (mut fake, event) = opened();
    let secret = fake.secret("actions");
    fake.env("GITHUB_TOKEN", Some(&format!("{secret}\n")));
    assert_eq!(review(&fake, &event).code, 0);
}
