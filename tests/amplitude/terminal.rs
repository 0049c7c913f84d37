//! A terminal: progress where somebody watches, a question where somebody can answer, and no escape codes anywhere
//! else. And the region, whose address is never guessed.

use std::io::Write as _;
use std::process::Stdio;

use countersign::amplitude::client::address;
use countersign::policy::AmplitudeRegion;
use serde_json::json;

use crate::amplitude::apply::{EDIT, fake, raised};
use crate::amplitude::fake::{Fake, KEY};
use crate::amplitude::import::Place;
use crate::amplitude::plan::{commit, plan};
use crate::git::command;
use crate::tool::tool;

/// The program at a terminal of its own, somebody typing `typed`; the lines on the terminal.
fn at_a_terminal(place: &Place, fake: &Fake, args: &str, env: &[(&str, &str)], typed: &str) -> Option<(i32, String)> {
    let script = tool("script")?;
    let line = format!("'{}' amplitude {args}", env!("CARGO_BIN_EXE_countersign"));
    let mut command = command(script, place.path());
    command.args(["-qec", &line, "/dev/null"]).env("TERM", "xterm").env("SHELL", "/bin/sh");
    fake.connect(&mut command);
    // A bar is drawn over a while.
    command.env_remove("COUNTERSIGN_AMPLITUDE_PER_SECOND").envs(env.iter().copied());
    let mut run = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    run.stdin.take().unwrap().write_all(typed.as_bytes()).unwrap();
    let done = run.wait_with_output().unwrap();
    let printed = String::from_utf8_lossy(&done.stdout).into_owned();
    assert!(!printed.contains(KEY), "{printed}");
    Some((done.status.code().unwrap(), printed))
}

/// Enough flags for a while of reading.
fn many() -> Fake {
    let fake = Fake::start();
    for id in 1..=20 {
        fake.world().add(&id.to_string(), false, &json!({"key": format!("k{id}"), "enabled": true}));
    }
    fake
}

/// Whether it sets a colour or a tone: `ESC [ … m`.
fn coloured(text: &str) -> bool {
    text.split("\u{1b}[")
        .skip(1)
        .any(|rest| rest.trim_start_matches(|c: char| c.is_ascii_digit() || c == ';').starts_with('m'))
}

#[test]
fn progress_is_for_those_who_watch() {
    let fake = many();
    let Some((code, seen)) = at_a_terminal(&Place::new(), &fake, "import", &[], "") else { return };
    assert_eq!(code, 0, "{seen}");
    // So many of so many, and how long it will take; and the line is gone in the end.
    assert!(seen.contains("/60 answers") && seen.contains(" left") && seen.contains("\u{1b}[2K"), "{seen:?}");
    assert!(seen.contains("wrote .countersign/amplitude.lock"), "{seen:?}");
    // Without colours it moves all the same; where the terminal can't, it doesn't.
    let (_, seen) = at_a_terminal(&Place::new(), &fake, "import", &[("NO_COLOR", "1")], "").unwrap();
    assert!(seen.contains("/60 answers") && !coloured(&seen), "{seen:?}");
    let (_, seen) = at_a_terminal(&Place::new(), &fake, "import", &[("TERM", "dumb")], "").unwrap();
    assert!(!seen.contains('\u{1b}') && !seen.contains("answers"), "{seen:?}");
    // In a pipe there is not one escape code.
    let place = Place::new();
    let (code, printed) = place.ask(&fake, &["import"]);
    assert_eq!((code, printed.contains('\u{1b}'), printed.contains("answers")), (0, false, false), "{printed:?}");
    commit(&place);
    for args in [&["plan"][..], &["drift"], &["apply", "--yes"]] {
        let (_, printed) = place.ask(&fake, args);
        assert!(!printed.contains('\u{1b}'), "{args:?}: {printed:?}");
    }
}

#[test]
fn whoever_is_at_the_terminal_is_asked() {
    let fake = fake();
    let place = raised(&fake);
    let args = "apply --override checkout/pay=test";
    let Some((code, seen)) = at_a_terminal(&place, &fake, args, &[], "n\n") else { return };
    assert_eq!((code, fake.writes().len()), (1, 0), "{seen}");
    assert!(seen.contains("carry this out? [y/N]") && seen.contains("nothing was written"), "{seen}");
    let (code, seen) = at_a_terminal(&place, &fake, args, &[("NO_COLOR", "1")], "y\n").unwrap();
    assert_eq!((code, fake.writes()), (0, vec![EDIT.to_owned()]), "{seen}");
    assert!(seen.contains("done  checkout/pay") && !coloured(&seen), "{seen:?}");
}

#[test]
fn the_region_is_in_the_address() {
    assert_eq!(address(AmplitudeRegion::Us), "https://experiment.amplitude.com/api/1");
    assert_eq!(address(AmplitudeRegion::Eu), "https://experiment.eu.amplitude.com/api/1");
    let fake = fake();
    let place = Place::new();
    let config =
        place.read(".countersign/config.yaml").replace("growth: \"450002\"}", "growth: \"450002\"}, region: eu");
    place.write(".countersign/config.yaml", &config);
    let (code, printed) = place.ask(&fake, &["import"]);
    assert_eq!(code, 0, "{printed}");
    commit(&place);
    assert_eq!(plan(&place, &fake)["items"], json!([]));
    let edited = place.read("flags/checkout/pay.yaml").replace("rolloutPercentage: 25", "rolloutPercentage: 50");
    place.write("flags/checkout/pay.yaml", &edited);
    commit(&place);
    let (code, printed) = place.ask(&fake, &["apply", "--yes", "--override", "checkout/pay=test"]);
    assert_eq!((code, fake.writes()), (0, vec![EDIT.to_owned()]), "{printed}");
    // Another word is none.
    place.write(".countersign/config.yaml", &config.replace("region: eu", "region: asia"));
    let (code, printed) = place.ask(&fake, &["import"]);
    assert_eq!((code, printed.contains("region")), (4, true), "{printed}");
}
