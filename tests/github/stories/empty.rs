//! A project without a file, and a repository without a flag: never a plain success.

use super::steps::*;

const BOTH: &str = ".countersign/config.yaml:5:3: `growth` has no file: `flags/growth/**` matches none";

const NO_PROJECTS: &str =
    "version: 1\nadmins: [\"@root1\", \"@root2\"]\nprojects: {}\nlock: {after: 14d}\nprotect: [\".github/**\"]\n";

#[test]
fn a_project_without_a_file_fails_until_it_has_one() {
    let fake = shop();
    fake.world().commit("main", "root1", &[("flags/growth/unchanged.yaml", None)]);
    let number = raise_with(&fake, "jo", "readme", &[("README.md", Some("more\n"))]);
    after(&fake, "opened", number);
    is(&fake, number, "failure", &format!("invalid: {BOTH}"));
    comment_says(&fake, number, "add its first flag, or remove the project");
    // Nothing of the proposal changed: the sweep after the push looks again.
    land(&fake, &[("flags/growth/first.yaml", Some(&flag("first", 20)))]);
    is(&fake, number, "success", "no flag changes");
}

#[test]
fn a_repository_without_flags_says_so() {
    let fake = shop();
    fake.world().commit("main", "root1", &[(".countersign/config.yaml", Some(NO_PROJECTS))]);
    let number = raise_with(&fake, "jo", "readme", &[("README.md", Some("more\n"))]);
    after(&fake, "opened", number);
    is(&fake, number, "success", "this repository manages no flag");
    let number = raise_with(&fake, "jo", "workflow", &[(".github/workflows/x.yml", Some("on: push\n"))]);
    after(&fake, "opened", number);
    is(
        &fake,
        number,
        "pending",
        "this repository manages no flag; awaiting an admin (@root1 or @root2) for the policy",
    );
    let first = comment(&fake, number).lines().find(|line| line.starts_with("### ")).unwrap().to_owned();
    assert!(first.to_lowercase().contains("this repository manages no flag"), "{first}");
}
