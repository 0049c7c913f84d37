//! Bypassed approvals are said loudly, with who and why, wherever anybody looks: at the end of the apply in every
//! format, on the standard error, and by `drift` until the flag is applied with approvals.

use serde_json::{Value, json};

use crate::amplitude::apply::{EDIT, WITH, approve, fake, raised};
use crate::amplitude::fake::Fake;
use crate::amplitude::import::Place;
use crate::amplitude::plan::{commit, edit};
use crate::git::command;

const OVERRIDE: &[&str] = &["apply", "--yes", "--override", "checkout/pay=incident 12"];

/// The program with the key of a fake: its code, and what it printed on the two outputs, in single spaces.
fn ask(place: &Place, fake: &Fake, env: &[(&str, &str)], args: &[&str]) -> (i32, String, String) {
    let mut program = command(env!("CARGO_BIN_EXE_countersign"), place.path());
    fake.connect(&mut program);
    let output = program.envs(env.iter().copied()).arg("amplitude").args(args).output().unwrap();
    let words = |bytes: &[u8]| String::from_utf8_lossy(bytes).split_whitespace().collect::<Vec<_>>().join(" ");
    (output.status.code().unwrap(), words(&output.stdout), words(&output.stderr))
}

const RUNNER: &[(&str, &str)] = &[("GITHUB_ACTIONS", "true"), ("GITHUB_ACTOR", "kim")];

#[test]
fn an_override_is_said_in_every_format_and_remembered_until_it_is_made_good() {
    for (format, mark) in
        [("text", "APPROVALS BYPASSED "), ("markdown", "[!CAUTION]"), ("html", "note bad"), ("json", "\"bypassed\"")]
    {
        let fake = fake();
        let place = raised(&fake);
        let with: Vec<&str> = OVERRIDE.iter().copied().chain(["--format", format]).collect();
        let (code, out, err) = ask(&place, &fake, RUNNER, &with);
        assert_eq!((code, fake.writes()), (0, vec![EDIT.to_owned()]), "{out}{err}");
        assert!(out.contains(mark), "{mark}: {out}");
        for said in ["checkout/pay", "kim", "incident 12", "not approved: "] {
            assert!(out.contains(said), "{format} {said}: {out}");
        }
        assert!(
            err.contains("approvals were bypassed: `checkout/pay`")
                || err.contains("approvals were bypassed: checkout/pay"),
            "{err}"
        );
        assert!(err.contains("kim") && err.contains("incident 12"), "{err}");
        if format == "json" {
            let document: Value = serde_json::from_str(&out).unwrap();
            crate::schema::holds("amplitude-apply", &document);
            assert_eq!(
                (&document["flags"][0]["outcome"], &document["bypassed"][0]["by"]),
                (&json!("done"), &json!("kim"))
            );
            assert_eq!(document["flags"][0]["calls"], json!([EDIT]));
        }
        // The lock file remembers, so that drift says so as well.
        commit(&place);
        let lock: Value = serde_json::from_str(&place.read(".countersign/amplitude.lock")).unwrap();
        crate::schema::holds("amplitude-lock", &lock);
        let (code, out, err) = ask(&place, &fake, &[], &["drift", "--exit-code", "--format", format]);
        assert_eq!(code, 1, "{out}{err}");
        for said in [mark, "checkout/pay", "kim", "incident 12"] {
            assert!(out.contains(said), "{format} {said}: {out}");
        }
        assert!(err.contains("approvals were bypassed") && err.contains("incident 12"), "{err}");
    }
    // An import forgets nothing.
    let fake = fake();
    let place = raised(&fake);
    ask(&place, &fake, &[], OVERRIDE);
    let before = place.read(".countersign/amplitude.lock");
    assert!(before.contains("\"bypassed\""), "{before}");
    assert_eq!(ask(&place, &fake, &[], &["import"]).0, 0);
    assert!(place.read(".countersign/amplitude.lock").contains("\"bypassed\""));
    commit(&place);
    // Applied with approvals, it is made good.
    edit(&place, "pay", "rolloutPercentage: 50", "rolloutPercentage: 60");
    approve(&place, "checkout/pay");
    let with: Vec<&str> =
        WITH.iter().copied().chain(["--override", ".countersign=the lock file came by hand"]).collect();
    let (code, out, err) = ask(&place, &fake, &[], &with);
    assert_eq!(code, 0, "{out}{err}");
    // The policy that was accepted by override is a bypass of its own.
    assert!(out.contains("the lock file came by hand"), "{out}");
}

#[test]
fn what_was_approved_bypasses_nothing() {
    let fake = fake();
    let place = raised(&fake);
    approve(&place, "checkout/pay");
    let with: Vec<&str> = WITH.iter().copied().chain(["--override", "checkout/pay=to be sure"]).collect();
    let (code, out, err) = ask(&place, &fake, &[], &with);
    assert_eq!((code, fake.writes()), (0, vec![EDIT.to_owned()]), "{out}{err}");
    assert!(!format!("{out}{err}").to_lowercase().contains("bypassed"), "{out}{err}");
    assert!(!place.read(".countersign/amplitude.lock").contains("bypassed"));
}

#[test]
fn a_push_that_matches_the_console_is_found_out() {
    let fake = fake();
    let place = raised(&fake);
    // Somebody did the same in the console, so that there is nothing to apply.
    fake.world().objects.get_mut("7").unwrap().body["rolloutPercentage"] = json!(50);
    place.write(".git/evidence.json", r#"{"schema": "countersign/evidence/v1", "reviews": [], "now": "2026-11-23T12:00:00Z", "pull": 1, "draft": false, "displayed": [], "requestor": "jo", "contributors": ["jo"], "permissions": {}, "teams": {}}"#);
    let (code, out, err) = ask(&place, &fake, &[], WITH);
    assert_eq!((code, fake.writes().len()), (0, 0), "{out}{err}");
    assert!(out.contains("APPROVALS BYPASSED") && out.contains("nobody approved that"), "{out}");
    assert!(err.contains("approvals were bypassed: ") && err.contains("checkout/pay"), "{err}");
    commit(&place);
    assert_eq!(ask(&place, &fake, &[], &["drift", "--exit-code"]).0, 1);
    // Off, it is live no more.
    fake.world().objects.get_mut("7").unwrap().body["enabled"] = json!(false);
    edit(&place, "pay", "state: active", "state: inactive");
    let (code, out, err) = ask(&place, &fake, &[], &["drift", "--exit-code"]);
    assert_eq!(code, 0, "{out}{err}");
}
