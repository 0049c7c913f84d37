//! The diagnoses of repositories that are protected well, badly and not at all. Each row of [`CASES`] is a
//! repository's settings, the tier they come to, and a string in `tests/github/doctor/`; `SNAPSHOTS=overwrite cargo
//! test --test github` writes those anew: read the diff.

mod repositories;
use repositories::CASES;

mod fixes;
mod pulls;

use std::path::Path;

use crate::github::fake::runner::Run;
use crate::github::fake::world::World;
use crate::github::fake::{Fake, Fault, What};
use serde_json::{Value, json};
use snapbox::{Assert, Data};

use crate::github::shop;
use crate::schema;

const COMMIT: &str = "0123456789abcdef0123456789abcdef01234567";
const GATE: &str = include_str!("../../../examples/workflows/countersign.yml");
const GATE_APP: &str = include_str!("../../../examples/workflows/countersign-app.yml");
const TRIGGER: &str = include_str!("../../../examples/workflows/countersign-trigger.yml");
const GATE_PATH: &str = ".github/workflows/countersign.yml";
const TRIGGER_PATH: &str = ".github/workflows/countersign-trigger.yml";
const ACTIONS: i64 = 15368;

/// One repository.
struct Case {
    name: &'static str,
    set: fn(&mut World),
    args: &'static [&'static str],
    /// The tier that is proven and the one that is possible.
    tier: (u64, u64),
    /// Ids of the findings that are errors, in order.
    errors: &'static [&'static str],
    warnings: &'static [&'static str],
    unknown: &'static [&'static str],
}

const BAD_GATE: &str = "name: flags
on:
  pull_request:
  pull_request_target: {paths: ['flags/**']}
  push: {branches: [trunk]}
permissions: {contents: read}
concurrency: {group: \"flags-${{ github.head_ref }}\", cancel-in-progress: true}
jobs:
  countersign/main:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
        with: {ref: \"${{ github.event.pull_request.head.sha }}\"}
      - uses: acme/countersign@v1
";

fn workflows(world: &mut World, gate: &str, trigger: &str) {
    let gate = gate.replace("COMMIT #", &format!("{COMMIT} #"));
    world.commit("main", "root1", &[(GATE_PATH, Some(&gate)), (TRIGGER_PATH, Some(trigger))]);
}

/// A ruleset in force on `main` that requires the status of `branch`.
fn ruleset(world: &mut World, branch: &str, source: Option<i64>, bypass: &[(&str, u64)]) {
    let mut check = json!({"context": format!("countersign/{branch}")});
    if let Some(source) = source {
        check["integration_id"] = json!(source);
    }
    let checks = json!({"strict_required_status_checks_policy": false, "required_status_checks": [check]});
    let pulls = json!({
        "required_approving_review_count": 1, "dismiss_stale_reviews_on_push": true, "require_code_owner_review": false,
        "require_last_push_approval": false, "required_review_thread_resolution": false,
    });
    let rules = [
        json!({"type": "non_fast_forward"}),
        json!({"type": "pull_request", "parameters": pulls}),
        json!({"type": "required_status_checks", "parameters": checks}),
    ];
    let actors = bypass.iter().map(|(kind, id)| json!({"actor_type": kind, "actor_id": id, "bypass_mode": "always"}));
    world.setting(
        "rulesets",
        json!([{
            "id": 7, "name": "gate", "target": "branch", "source": "acme/shop", "source_type": "Repository",
            "enforcement": "active", "rules": rules, "bypass_actors": actors.collect::<Vec<_>>(),
            "conditions": {"ref_name": {"include": [format!("refs/heads/{branch}")], "exclude": []}},
        }]),
    );
    let in_force = rules.into_iter().map(|mut rule| {
        for (key, value) in [("ruleset_source_type", json!("Repository")), ("ruleset_source", json!("acme/shop"))] {
            rule[key] = value;
        }
        rule["ruleset_id"] = json!(7);
        rule
    });
    world.setting(&format!("branch_rules/{branch}"), in_force.collect());
}

/// The rules in force on a branch that has some.
fn rules<'w>(world: &'w mut World, branch: &str) -> &'w mut Vec<Value> {
    world.settings.get_mut(&format!("branch_rules/{branch}")).unwrap().as_array_mut().unwrap()
}

fn queue(method: &str) -> Value {
    json!({
        "type": "merge_queue", "ruleset_source_type": "Repository", "ruleset_source": "acme/shop", "ruleset_id": 7,
        "parameters": {
            "check_response_timeout_minutes": 60, "grouping_strategy": "ALLGREEN", "max_entries_to_build": 5,
            "max_entries_to_merge": 5, "merge_method": method, "min_entries_to_merge": 1,
            "min_entries_to_merge_wait_minutes": 5,
        },
    })
}

/// Branch protection of the older kind.
fn protection(world: &mut World, source: Option<i64>, admins: bool) {
    let check = json!({"context": "countersign/main", "app_id": source});
    world.setting(
        "protection/main",
        json!({
            "url": "https://x", "enforce_admins": {"url": "https://x", "enabled": admins},
            "required_status_checks": {"strict": true, "contexts": ["countersign/main"], "checks": [check]},
            "required_pull_request_reviews": {
                "url": "https://x", "dismiss_stale_reviews": false, "require_code_owner_reviews": false,
                "required_approving_review_count": 1, "require_last_push_approval": true,
            },
            "allow_force_pushes": {"enabled": false},
        }),
    );
}

fn environment(world: &mut World, policy: &Value, branches: &[&str]) {
    world.setting(
        "environments",
        json!([{
            "id": 1, "node_id": "x", "name": "countersign", "url": "https://x", "html_url": "https://x",
            "created_at": "2026-01-01T00:00:00Z", "updated_at": "2026-01-01T00:00:00Z",
            "deployment_branch_policy": policy,
        }]),
    );
    let branches = branches.iter().map(|name| json!({"id": 1, "node_id": "x", "name": name, "type": "branch"}));
    world.setting("branch_policies/countersign", branches.collect());
}

/// Lets the token do this and nothing else.
fn rights(world: &mut World, may: &[&str]) {
    world.token_mut("root").may = may.iter().map(|right| (*right).to_owned()).collect();
}

/// The rights of an administrator's token.
const ADMINISTRATOR: &[&str] = &[
    "contents:write",
    "pull-requests:write",
    "statuses:write",
    "actions:read",
    "administration:write",
    "members:read",
];

/// The repository of a case, as an administrator sees it unless it says otherwise.
fn repository(set: fn(&mut World)) -> Fake {
    let mut fake = shop::shop();
    let mut world = fake.world();
    world.token("root", "root1", None, ADMINISTRATOR);
    // As docs/github.md asks for; by itself GitHub allows it.
    world.setting("repository", json!({"allow_rebase_merge": false}));
    set(&mut world);
    drop(world);
    fake.give("GITHUB_TOKEN", "root");
    // Not a job of Actions, but somebody's terminal.
    fake.env("GITHUB_ACTIONS", None);
    fake
}

fn doctor(fake: &Fake, args: &[&str]) -> Run {
    let run = fake.run(&[&["doctor"], args].concat());
    fake.verify();
    run
}

fn ids(diagnosis: &Value, level: &str) -> Vec<String> {
    let findings = diagnosis["findings"].as_array().unwrap().iter().filter(|finding| finding["level"] == level);
    findings.map(|finding| finding["id"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn every_repository_has_its_tier() {
    let mut wrong = Vec::new();
    for case in CASES {
        let fake = repository(case.set);
        let name = case.name;
        let text = doctor(&fake, case.args);
        assert_eq!((text.code, &*text.err), (0, ""), "{name}: {}", text.out);
        let page = fake.server_url();
        let path =
            Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/github/doctor/{}.txt", name.replace(' ', "-")));
        let expected = Data::read_from(&path, None).raw();
        let found = text.out.replace(&page, "https://github.com");
        if let Err(error) = Assert::new().action_env("SNAPSHOTS").try_eq(Some(&name), found.into(), expected) {
            wrong.push(error.to_string());
        }
        let run = doctor(&fake, &[case.args, &["--format", "json", "--exit-code"]].concat());
        let diagnosis: Value = serde_json::from_str(&run.out).unwrap();
        schema::holds("doctor", &diagnosis);
        let tier = (diagnosis["tier"].as_u64().unwrap(), diagnosis["possible"].as_u64().unwrap());
        let holds = case.tier.0 >= 3 && case.errors.is_empty();
        for (what, found, expected) in [
            ("tier", format!("{tier:?}"), format!("{:?}", case.tier)),
            ("errors", format!("{:?}", ids(&diagnosis, "error")), format!("{:?}", case.errors)),
            ("warnings", format!("{:?}", ids(&diagnosis, "warning")), format!("{:?}", case.warnings)),
            ("unknown", format!("{:?}", ids(&diagnosis, "unknown")), format!("{:?}", case.unknown)),
            ("exit code", run.code.to_string(), if holds { "0" } else { "1" }.to_owned()),
        ] {
            if found != expected {
                wrong.push(format!("{name}: {what}: {found}, expected {expected}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// However much less a token may read, the tier that is proven never rises.
#[test]
fn what_cannot_be_read_never_raises_the_tier() {
    for case in CASES.iter().filter(|case| case.unknown.is_empty()) {
        let fake = repository(case.set);
        fake.clone_is_near();
        for less in ADMINISTRATOR {
            let may: Vec<&str> = ADMINISTRATOR.iter().copied().filter(|right| right != less).collect();
            rights(&mut fake.world(), &may);
            let run = doctor(&fake, &[case.args, &["--format", "json"]].concat());
            let diagnosis: Value = serde_json::from_str(&run.out).unwrap();
            let (tier, possible) = (diagnosis["tier"].as_u64().unwrap(), diagnosis["possible"].as_u64().unwrap());
            assert!(tier <= case.tier.0, "{} without {less}: {tier}", case.name);
            assert!(possible >= case.tier.0, "{} without {less}: {possible}", case.name);
        }
    }
}

#[test]
fn it_asks_and_changes_nothing() {
    let fake = repository(|world| {
        workflows(world, GATE, TRIGGER);
        ruleset(world, "main", Some(ACTIONS), &[]);
    });
    fake.clear();
    doctor(&fake, &[]);
    let requests = fake.requests();
    assert!(requests.iter().all(|it| it.method == "GET" || it.query.is_some()));
    assert!(requests.len() <= 14, "{} requests", requests.len());
}

#[test]
fn what_cannot_be_asked_at_all_is_no_diagnosis() {
    for (part, what) in [("/repos/acme/shop", What::BadGateway), ("/rules/branches", What::Html)] {
        let fake = repository(|world| workflows(world, GATE, TRIGGER));
        fake.world().fault(Fault::rest("GET", part, what).always());
        let run = doctor(&fake, &["--patience", "0"]);
        assert_eq!((run.code, &*run.out), (5, ""), "{part}: {}", run.err);
    }
}

/// On a runner nothing that somebody wrote is a command to it.
#[test]
fn no_command_reaches_the_runner() {
    let mut fake = repository(|world| {
        let config = shop::CONFIG.replace("@root1\"", "@root1\", \"@a-b\"");
        world.commit("main", "root1", &[(".countersign/config.yaml", Some(&config))]);
    });
    fake.env("GITHUB_ACTIONS", Some("true"));
    let run = doctor(&fake, &[]);
    assert!(run.out.starts_with("::stop-commands::"), "{}", run.out);
}
