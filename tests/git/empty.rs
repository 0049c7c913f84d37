//! A gate that gates nothing never succeeds: projects without a file, and repositories without a flag.

use serde_json::Value;

use crate::git::command;
use crate::shop::flag;
use crate::world::World;

const FLAG: &str = "flags/checkout/one.yaml";

fn config(projects: &str) -> String {
    format!("version: 1\nadmins: [\"@root\", \"@kim\"]\nprojects:{projects}\nprotect: [\".github/**\"]\n")
}

fn project(name: &str, path: &str) -> String {
    format!("\n  {name}: {{paths: [\"{path}\"], approvals: peer}}")
}

/// The output of the program, and its exit code.
pub fn countersign(world: &World, args: &[&str]) -> (String, i32) {
    let done = command(env!("CARGO_BIN_EXE_countersign"), &world.root).args(args).output().unwrap();
    let text = String::from_utf8(done.stdout).unwrap() + &String::from_utf8(done.stderr).unwrap();
    (text, done.status.code().unwrap())
}

fn report(world: &World) -> Value {
    let args = ["check", "--base", "main", "--format", "json"];
    let done = command(env!("CARGO_BIN_EXE_countersign"), &world.root).args(args).output().unwrap();
    serde_json::from_slice(&done.stdout).unwrap()
}

fn lints(report: &Value) -> Vec<String> {
    let all = report["diagnostics"].as_array().unwrap().iter();
    all.map(|one| format!("{} {}", one["level"].as_str().unwrap(), one["id"].as_str().unwrap())).collect()
}

/// A repository with this configuration and a live flag, on a branch that changes nothing but the README.
fn with(projects: &str, more: &[(&str, &str)]) -> World {
    let world = World::with(&[(".countersign/config.yaml", &config(projects)), (FLAG, &flag("one", "active", 20))]);
    world.commit(more);
    world.git(&["switch", "-qc", "proposal"]);
    world.commit(&[("README.md", "the shop\n")]);
    world
}

#[test]
fn a_project_without_a_file_is_invalid_and_names_the_nearest_flags() {
    for (path, more, nearest) in [
        ("flags/chekout/**", [].as_slice(), "flags/checkout/one.yaml"),
        ("Flags/checkout/*.yaml", &[], "flags/checkout/one.yaml"),
        ("flags/*.yaml", &[("config/db.yaml", "key: 1\n")], "flags/checkout/one.yaml"),
        ("flags/checkout/**/*.yml", &[], "flags/checkout/one.yaml"),
    ] {
        let world = with(&project("web", path), more);
        let found = report(&world);
        assert_eq!(
            (found["verdict"].as_str(), lints(&found)),
            (Some("invalid"), vec!["error empty-project".to_owned()])
        );
        assert_eq!(found["noFlag"], true);
        let remedy = found["diagnostics"][0]["remedy"].as_str().unwrap();
        assert!(remedy.ends_with(&format!("`{nearest}`")), "{path}: {remedy}");
        let (text, code) = countersign(&world, &["lint"]);
        assert!(text.contains("error[empty-project]") && text.contains(nearest) && code == 4, "{text}");
        let (text, code) = countersign(&world, &["check"]);
        assert!(
            text.starts_with("invalid: this repository manages no flag; 1 error to fix first\n") && code == 3,
            "{text}"
        );
        // The remedy, followed to the letter.
        world.commit(&[(".countersign/config.yaml", &config(&project("web", nearest)))]);
        let found = report(&world);
        assert_eq!((found["verdict"].as_str(), lints(&found)), (Some("pending"), vec![]), "{path}");
        assert_eq!(countersign(&world, &["lint"]), ("no diagnostics\n".to_owned(), 0));
    }
}

#[test]
fn flags_of_another_name_are_named_with_their_format() {
    let flagd =
        r#"{"flags": {"a": {"state": "ENABLED", "variants": {"on": true, "off": false}, "defaultVariant": "on"}}}"#;
    let world = World::with(&[
        (".countersign/config.yaml", &config(&project("web", "config/flag.json"))),
        ("config/flags.json", flagd),
    ]);
    let (text, code) = countersign(&world, &["lint"]);
    assert!(text.contains("`config/flags.json`, and write") && code == 4, "{text}");
    let right = config(&project("web", "config/flags.json")) + "formats: {\"config/flags.json\": flagd}\n";
    world.commit(&[(".countersign/config.yaml", &right)]);
    assert_eq!(countersign(&world, &["lint"]), ("no diagnostics\n".to_owned(), 0));
}

#[test]
fn an_error_of_one_project_is_one_of_the_whole() {
    let both = project("checkout", "flags/checkout/**") + &project("web", "flags/web/**");
    let world = with(&both, &[]);
    let found = report(&world);
    assert_eq!((found["verdict"].as_str(), lints(&found)), (Some("invalid"), vec!["error empty-project".to_owned()]));
    assert_eq!(found.get("noFlag"), None);
    // Its first flag makes it a project, in the proposal that brings it.
    world.commit(&[("flags/web/new.yaml", &flag("new", "inactive", 20))]);
    let found = report(&world);
    assert_eq!((found["verdict"].as_str(), lints(&found)), (Some("not-required"), vec![]));
}

#[test]
fn switching_a_flag_off_is_not_held_up() {
    let both = project("checkout", "flags/checkout/**") + &project("web", "flags/web/**");
    let world = with(&both, &[]);
    world.commit(&[(FLAG, &flag("one", "inactive", 20))]);
    let found = report(&world);
    assert_eq!(
        (found["verdict"].as_str(), lints(&found)),
        (Some("not-required"), vec!["warning empty-project".to_owned()])
    );
    // Together with anything else it is.
    world.commit(&[("flags/checkout/two.yaml", &flag("two", "inactive", 20))]);
    assert_eq!(report(&world)["verdict"], "invalid");
}

#[test]
fn a_project_may_lose_its_last_file_and_not_its_last_pattern() {
    let both = project("checkout", "flags/checkout/**") + &project("web", "flags/web/**");
    let world = with(&both, &[("flags/web/new.yaml", &flag("new", "inactive", 20))]);
    world.git(&["rm", "-q", "flags/web/new.yaml"]);
    world.commit(&[]);
    let found = report(&world);
    assert_eq!(
        (found["verdict"].as_str(), lints(&found)),
        (Some("not-required"), vec!["warning empty-project".to_owned()])
    );
    // Nobody reads of it where another file stays, or the project goes with it.
    let kept = with(
        &both,
        &[("flags/web/new.yaml", &flag("new", "inactive", 20)), ("flags/web/b.yaml", &flag("b", "inactive", 20))],
    );
    kept.git(&["rm", "-q", "flags/web/new.yaml"]);
    kept.commit(&[]);
    assert_eq!(lints(&report(&kept)), Vec::<String>::new());
    world.commit(&[(".countersign/config.yaml", &config(&project("checkout", "flags/checkout/**")))]);
    assert_eq!(lints(&report(&world)), Vec::<String>::new());
    let wrong = project("checkout", "flags/checkout/**") + &project("web", "flags/wbe/**");
    world.commit(&[(".countersign/config.yaml", &config(&wrong))]);
    let found = report(&world);
    assert_eq!((found["verdict"].as_str(), lints(&found)), (Some("invalid"), vec!["error empty-project".to_owned()]));
}

#[test]
fn a_repository_without_flags_says_so_first() {
    let empty = "{\"flags\": {}}\n";
    for (projects, more) in
        [(" {}", [].as_slice()), (&project("web", "config/web.flagd.json"), &[("config/web.flagd.json", empty)])]
    {
        let world = with(projects, more);
        let (text, code) = countersign(&world, &["check"]);
        assert!(text.starts_with("not required: this repository manages no flag\ncomparing ") && code == 0, "{text}");
        let (text, _) = countersign(&world, &["diff"]);
        assert!(text.starts_with("this repository manages no flag\n"), "{text}");
        let (text, _) = countersign(&world, &["check", "--format", "markdown"]);
        assert!(text.starts_with("### ⚠️ This repository manages no flag\n"), "{text}");
        let (text, _) = countersign(&world, &["check", "--format", "html"]);
        assert!(text.contains("<title>not required: this repository manages no flag ·"), "{text}");
        let (text, _) = countersign(&world, &["check", "--format", "github"]);
        assert!(text.contains("::notice title=countersign::not required: this repository manages no flag"), "{text}");
        let (text, _) = countersign(&world, &["lint"]);
        assert_eq!(text, "no diagnostics\nthis repository manages no flag\n", "{projects}");
        // A change of the policy waits, and it is said there too.
        world.commit(&[(".github/workflows/x.yml", "on: push\n")]);
        let (text, _) = countersign(&world, &["check", "--format", "markdown"]);
        assert!(text.lines().next().unwrap().to_lowercase().contains("this repository manages no flag"), "{text}");
    }
}

#[test]
fn projects_may_be_empty_only_with_protected_files() {
    let world = World::with(&[(".countersign/config.yaml", "version: 1\nadmins: [\"@root\"]\nprojects: {}\n")]);
    let (text, code) = countersign(&world, &["lint"]);
    assert!(text.contains("`projects` is empty, so no flag is managed") && code == 4, "{text}");
}
