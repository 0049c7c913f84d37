//! Parts that flags use, such as segments: named oddly, taken away, and files whose content would choose who reads it.

use std::fs;

use super::wholes::{FEATURE, coverage, segments};
use super::{Shop, flag};

const NAME: &str = "web/redesign@production";
const EMPLOYEES: &str = "segments/employees.yml";

/// A user in no segment that is excluded gets the flag: so without it everybody does.
#[test]
fn a_part_that_was_taken_away_past_the_gate() {
    let mut shop = segments();
    let text = fs::read_to_string(shop.dir.join(EMPLOYEES)).unwrap();
    shop.commit("everybody", &[(EMPLOYEES, None)]);
    assert_eq!(coverage(&shop, &["--rev", "main"], NAME), "nobody");
    let said = shop.verify(&["--rev", "main"]).1;
    assert!(
        said.to_string().contains("it uses web/segment employees, which was taken away without a receipt"),
        "{said:#}"
    );
    shop.commit("back", &[(EMPLOYEES, Some(&text))]);
    assert_eq!(coverage(&shop, &["--rev", "main"], NAME), "countersigned");
}

#[test]
fn a_part_of_any_name_is_looked_at() {
    for name in ["_", "--", "*"] {
        let mut shop = segments();
        let feature =
            fs::read_to_string(shop.dir.join(FEATURE)).unwrap().replace("netherlands", &format!("\"{name}\""));
        let path = format!("segments/{name}.yml");
        let text = "description: s\nconditions: [{attribute: country, operator: equals, value: nl}]\n";
        shop.commit("named", &[(FEATURE, Some(&feature)), (&path, Some(text))]);
        shop.receipt(&["alice"]);
        assert_eq!(coverage(&shop, &["--rev", "main"], NAME), "countersigned", "{name}");
        shop.commit("pushed", &[(&path, Some(&text.replace("nl", "us")))]);
        assert_eq!(coverage(&shop, &["--rev", "main"], NAME), "nobody", "{name}");
    }
}

/// A copy whose name says no format: with another list in it, it would be read as a file of another tool, whose flags
/// are off.
#[test]
fn content_chooses_no_reader() {
    let mut shop = Shop::new();
    shop.flag("buy", 20);
    shop.receipt(&["alice"]);
    let evil = "{\"flags\":{\"evil\":{\"state\":\"ENABLED\"}},\"version\":1,\"features\":[{\"name\":\"buy\",\"enabled\":false,\"strategies\":[]}]}";
    fs::write(shop.path("served.json"), evil).unwrap();
    let (code, said) = shop.verify(&["../served.json"]);
    assert_eq!(code, 1, "{said:#}");
    let why = said["unread"][0]["why"].as_str().unwrap();
    assert!(why.contains("name that with `--format`, such as `--format "), "{why}");
    // A name says it, and so does the policy.
    fs::write(shop.path("served.yaml"), flag("buy", 20)).unwrap();
    for args in [["../served.yaml", "--format=native"], ["flags/checkout/buy.yaml", "--branch=main"]] {
        let (code, said) = shop.verify(&args);
        assert_eq!(code, 0, "{said:#}");
    }
}

/// A flag that is switched on again as it was, with a segment that changed while it was off, is not what it was.
#[test]
fn a_restore_is_not_free_where_a_part_changed() {
    let mut shop = segments();
    let config = fs::read_to_string(shop.dir.join(".countersign/config.yaml")).unwrap();
    shop.commit("free", &[(".countersign/config.yaml", Some(&format!("{config}critical: {{restore: free}}\n")))]);
    let on = fs::read_to_string(shop.dir.join(FEATURE)).unwrap();
    let off = format!("{on}archived: true\n");
    let employees = fs::read_to_string(shop.dir.join(EMPLOYEES)).unwrap();
    shop.commit("on", &[(FEATURE, Some(&on.replace("percentage: 25", "percentage: 30")))]);
    shop.commit("off", &[(FEATURE, Some(&off.replace("percentage: 25", "percentage: 30")))]);
    shop.commit("nobody", &[(EMPLOYEES, Some(&employees.replace("@x", "@y")))]);
    shop.commit("on again", &[(FEATURE, Some(&on.replace("percentage: 25", "percentage: 30")))]);
    let (_, out, err) = shop.run(&["check", "--base", "HEAD~1", "--head", "HEAD", "--format", "json"]);
    let report: serde_json::Value = serde_json::from_str(&out).unwrap_or_else(|_| panic!("{out}{err}"));
    assert_eq!(report["verdict"], "pending", "{report:#}");
}

/// A switch for all that is switched on again as it was, after production's own left the file over it.
#[test]
fn a_restore_is_not_free_where_another_file_stood_over_it() {
    let config = "version: 1\nadmins: [\"@root\", \"@kim\"]\ncritical: {restore: free}\nprojects: {shop: {paths: [\"config/*.yml\"], approvals: peer}}\nformats: {\"config/*.yml\": registry}\n";
    let (all, production) = ("config/flags.yml", "config/flags.production.yml");
    let mut shop = Shop::new();
    shop.commit(
        "flags",
        &[
            (".countersign/config.yaml", Some(config)),
            (all, Some("a: true\nb: true\n")),
            (production, Some("a: false\nb: true\n")),
        ],
    );
    shop.commit("off", &[(all, Some("a: false\nb: true\n"))]);
    shop.commit("production has none", &[(production, Some("b: true\n"))]);
    shop.commit("on again", &[(all, Some("a: true\nb: true\n"))]);
    let (_, out, err) = shop.run(&["check", "--base", "HEAD~1", "--head", "HEAD", "--format", "json"]);
    let report: serde_json::Value = serde_json::from_str(&out).unwrap_or_else(|_| panic!("{out}{err}"));
    assert_eq!(report["verdict"], "pending", "{report:#}");
    let remarks = report["flags"][0]["remarks"].to_string();
    assert!(remarks.contains("what decides about it elsewhere may be other than it was then"), "{report:#}");
}
