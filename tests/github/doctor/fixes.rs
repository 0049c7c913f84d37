//! Fixes of the doctor: `--fix` prints it, `--fix --apply` does it, and nothing is required that nobody sets.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::{Value, json};
use snapbox::{Assert, Data};

use super::{
    ACTIONS, GATE, GATE_APP, TRIGGER, doctor, environment, protection, repository, rights, ruleset, workflows,
};
use crate::github::fake::world::World;
use crate::github::fake::{Fake, Fault, What};

/// A repository with the workflows, where everything can be merged in every way.
fn open_to_all(world: &mut World) {
    workflows(world, GATE, TRIGGER);
    world.setting("repository", json!({"allow_rebase_merge": true}));
    world
        .setting("workflow", json!({"default_workflow_permissions": "read", "can_approve_pull_request_reviews": true}));
}

fn diagnosis(fake: &Fake) -> Value {
    serde_json::from_str(&doctor(fake, &["--format", "json"]).out).unwrap()
}

/// Methods and paths of the requests that change something.
fn writes(fake: &Fake) -> Vec<String> {
    let requests = fake.requests();
    let writes = requests.iter().filter(|it| it.method != "GET" && it.query.is_none());
    writes.map(|it| format!("{} {}", it.method, it.path)).collect()
}

fn fixes(diagnosis: &Value) -> (usize, Vec<String>) {
    let held = diagnosis["fixes"]["held"].as_array().unwrap().iter();
    (diagnosis["fixes"]["ready"].as_array().unwrap().len(), held.map(|it| it.as_str().unwrap().to_owned()).collect())
}

fn golden(name: &str, found: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/github/doctor/{name}.txt"));
    Assert::new().action_env("SNAPSHOTS").eq(found, Data::read_from(&path, None).raw());
}

#[test]
fn the_plan_changes_nothing_and_applying_it_leads_to_the_third_tier() {
    let fake = repository(open_to_all);
    fake.clear();
    let plan = doctor(&fake, &["--fix"]);
    assert_eq!((plan.code, &*plan.err, writes(&fake)), (0, "", Vec::new()));
    golden("fix-plan", &plan.out.replace(&fake.server_url(), "https://github.com"));
    assert_eq!(diagnosis(&fake)["tier"], 1);
    let applied = doctor(&fake, &["--fix", "--apply"]);
    assert_eq!((applied.code, &*applied.err), (0, ""), "{}", applied.out);
    golden("fix-applied", &applied.out.replace(&fake.server_url(), "https://github.com"));
    let after = diagnosis(&fake);
    assert_eq!((&after["tier"], fixes(&after)), (&json!(3), (0, Vec::new())), "{after}");
    // Again there is nothing to do, and nothing is done.
    fake.clear();
    let again = doctor(&fake, &["--fix", "--apply"]);
    assert_eq!((again.code, writes(&fake)), (0, Vec::new()), "{}", again.out);
    assert!(doctor(&fake, &["--fix"]).out.contains("there is nothing that a token can set right"));
}

/// The request that a shell makes of a printed command is the request that `--apply` sends.
#[test]
fn the_commands_say_what_is_sent() {
    let fake = repository(|world| {
        workflows(world, &GATE_APP.replace("environment: countersign", "environment: it's"), TRIGGER);
        world.setting("repository", json!({"allow_rebase_merge": true}));
    });
    let found = diagnosis(&fake);
    let ready = found["fixes"]["ready"].as_array().unwrap();
    assert_eq!(ready.len(), 3, "{found}");
    for fix in ready {
        // `gh` is a function that prints its arguments, a line each, and then what it is fed.
        let script = format!("gh() {{ printf '%s\\n' \"$@\"; cat; }}\n{}", fix["command"].as_str().unwrap());
        let mut shell = Command::new("sh").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        shell.stdin.take().unwrap().write_all(script.as_bytes()).unwrap();
        let said = String::from_utf8(shell.wait_with_output().unwrap().stdout).unwrap();
        let lines: Vec<&str> = said.lines().collect();
        let (method, path) = (fix["method"].as_str().unwrap(), fix["path"].as_str().unwrap());
        assert_eq!(lines[..6], ["api", "-X", method, path, "--input", "-"], "{said}");
        assert_eq!(serde_json::from_str::<Value>(lines[6]).unwrap(), fix["body"], "{said}");
    }
    let applied = doctor(&fake, &["--fix", "--apply"]);
    assert_eq!(applied.code, 0, "{}", applied.out);
    assert_eq!(fake.world().settings["branch_policies/it's"][0]["name"], "main");
}

/// Each row: a repository, how many requests its fixes are, and what is held back.
#[test]
fn nothing_is_required_that_nobody_sets() {
    type Row = (fn(&mut World), usize, &'static str);
    let rows: &[Row] = &[
        (|_| {}, 0, "once the two workflows are on `main`"),
        (
            |world| {
                workflows(world, GATE, TRIGGER);
                world.commit("main", "root1", &[(".countersign/config.yaml", Some("formats: [\n"))]);
            },
            0,
            "once `main` has a valid policy",
        ),
        (
            |world| workflows(world, GATE, &TRIGGER.replace("pull_request_review", "release")),
            0,
            "once this is set right",
        ),
        (|world| workflows(world, GATE_APP, TRIGGER), 2, "comes from an App of yours"),
    ];
    for (set, count, why) in rows {
        let fake = repository(*set);
        let (ready, held) = fixes(&diagnosis(&fake));
        assert_eq!((ready, held.len()), (*count, 1), "{held:?}");
        assert!(held[0].contains(why), "{held:?}");
        assert!(doctor(&fake, &["--fix"]).out.contains("not yet: "));
        fake.clear();
        doctor(&fake, &["--fix", "--apply"]);
        assert!(writes(&fake).iter().all(|it| !it.contains("/rulesets")), "{:?}", writes(&fake));
    }
}

/// A rule that takes the status from an App is never joined by one that takes it from Actions: then nothing could be
/// merged.
#[test]
fn another_source_is_left_alone() {
    let fake = repository(|world| {
        workflows(world, GATE_APP, TRIGGER);
        protection(world, Some(4_711), true);
        world.settings.get_mut("protection/main").unwrap()["allow_force_pushes"]["enabled"] = json!(true);
        environment(world, &json!({"protected_branches": false, "custom_branch_policies": true}), &["main"]);
    });
    assert_eq!(fixes(&diagnosis(&fake)), (1, Vec::new()));
    doctor(&fake, &["--fix", "--apply"]);
    let after = diagnosis(&fake);
    assert_eq!((&after["tier"], fixes(&after)), (&json!(4), (0, Vec::new())), "{after}");
    let world = fake.world();
    let made = world.settings["branch_rules/main"].as_array().unwrap();
    assert_eq!(
        made.iter().map(|rule| &rule["type"]).collect::<Vec<_>>(),
        ["deletion", "non_fast_forward", "pull_request"]
    );
}

#[test]
fn a_ruleset_that_is_off_is_put_in_force() {
    let fake = repository(|world| {
        workflows(world, GATE, TRIGGER);
        ruleset(world, "main", Some(ACTIONS), &[]);
        world.settings.remove("branch_rules/main");
        world.settings.get_mut("rulesets").unwrap()[0]["enforcement"] = json!("disabled");
    });
    fake.clear();
    let run = doctor(&fake, &["--fix", "--apply"]);
    assert_eq!((run.code, writes(&fake)), (0, vec!["PUT /repos/acme/shop/rulesets/7".to_owned()]), "{}", run.out);
    assert_eq!(diagnosis(&fake)["tier"], 3);
}

#[test]
fn what_github_refuses_ends_it() {
    let fake = repository(open_to_all);
    rights(
        &mut fake.world(),
        &["contents:write", "pull-requests:write", "statuses:write", "actions:read", "administration:read"],
    );
    let run = doctor(&fake, &["--fix", "--apply"]);
    assert_eq!(run.code, 1, "{}", run.out);
    assert!(run.out.contains("refused") && run.out.contains("only administrators of the repository"), "{}", run.out);
    assert!(run.out.contains("2 more were not tried"), "{}", run.out);
    // The diagnosis as JSON stays JSON; the refusal goes to the standard error.
    let run = doctor(&fake, &["--fix", "--apply", "--format", "json"]);
    assert_eq!((run.code, serde_json::from_str::<Value>(&run.out).is_ok()), (1, true));
    assert!(run.err.contains("refused"), "{}", run.err);
    assert_eq!(fake.run(&["doctor", "--apply"]).code, 2);
}

/// A ruleset that was made although the answer was lost is not made twice.
#[test]
fn a_lost_answer_makes_nothing_twice() {
    let fake = repository(|world| {
        workflows(world, GATE, TRIGGER);
        world.fault(Fault::rest("POST", "/rulesets", What::BadGatewayAfter));
    });
    let run = doctor(&fake, &["--fix", "--apply"]);
    assert_eq!(run.code, 0, "{}{}", run.out, run.err);
    assert_eq!(fake.world().settings["rulesets"].as_array().unwrap().len(), 1);
}
