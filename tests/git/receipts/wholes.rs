//! Parts of a flag besides its own fields, and the whole that it comes in: parts, folders, invalid files, the outputs.

use std::fs;

use serde_json::{Value, json};

use super::{CONFIG, Shop, flag};
use crate::git::{command, git};

pub const SEGMENT: &str = "segments/netherlands.yml";
pub const FEATURE: &str = "features/redesign.yml";

fn example(path: &str) -> String {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/formats/featurevisor/");
    fs::read_to_string(format!("{root}{path}")).unwrap()
}

pub fn offline(shop: &Shop) {
    let key = shop.key("ci");
    shop.done(&["receipt", "HEAD~1..HEAD", "--offline", "--sign-with", key.to_str().unwrap()]);
}

pub fn coverage(shop: &Shop, args: &[&str], name: &str) -> String {
    let said = shop.verify(args).1;
    let found = said["flags"].as_array().unwrap().iter().find(|flag| flag["name"] == name);
    found.unwrap_or_else(|| panic!("{name}: {said:#}"))["coverage"].as_str().unwrap().to_owned()
}

/// A project of Featurevisor's, with a feature and the segments that it names.
pub fn segments() -> Shop {
    let mut shop = Shop::new();
    let config = format!(
        "{CONFIG}  web: {{paths: [\"features/**\", \"segments/**\"], approvals: peer}}\nformats: {{\"features/**\": featurevisor, \"segments/**\": featurevisor}}\n"
    );
    shop.commit("web", &[(".countersign/config.yaml", Some(&config))]);
    shop.receipt(&["root"]);
    let employees = "description: e\nconditions: [{attribute: mail, operator: endsWith, value: '@x'}]\n";
    let (segment, feature) = (example(SEGMENT), example(FEATURE));
    let files =
        [(SEGMENT, Some(segment.as_str())), ("segments/employees.yml", Some(employees)), (FEATURE, Some(&feature))];
    shop.commit("redesign", &files);
    shop.receipt(&["alice"]);
    shop
}

/// A segment is approved where a flag shows it, has a row of its own in the receipt, and decides about every flag that
/// names it.
#[test]
fn a_part_is_covered_by_who_approved_the_flag() {
    let mut shop = segments();
    let name = "web/redesign@production";
    assert_eq!(coverage(&shop, &["--rev", "main"], "web/segment netherlands"), "countersigned");
    assert_eq!(coverage(&shop, &["--rev", "main"], name), "countersigned");
    let elsewhere = example(SEGMENT).replace("value: nl", "value: us");
    shop.commit("us", &[(SEGMENT, Some(&elsewhere))]);
    shop.receipt(&["alice"]);
    assert_eq!(coverage(&shop, &["--rev", "main"], name), "countersigned");
    assert_eq!(shop.run(&["audit", "start..main", "--receipts", "--exit-code"]).0, 0);
    // Another change of it that nobody approved, with and without its receipt.
    let pushed = elsewhere.replace("value: us", "value: de");
    shop.commit("de", &[(SEGMENT, Some(&pushed))]);
    for receipt in [false, true] {
        if receipt {
            offline(&shop);
        }
        for args in [&["--rev", "main"][..], &[FEATURE, SEGMENT, "segments/employees.yml"]] {
            assert_eq!(coverage(&shop, args, name), "nobody", "{args:?}");
        }
        // The feature alone says nothing of who gets it.
        let said = shop.verify(&[FEATURE]).1;
        assert!(said["flags"].to_string().contains("which is in none of the files"), "{said:#}");
    }
    shop.commit("back", &[(SEGMENT, Some(&elsewhere))]);
    offline(&shop);
    assert_eq!(coverage(&shop, &["--rev", "main"], name), "countersigned");
    let (code, said) = shop.verify(&[FEATURE, SEGMENT, "segments/employees.yml"]);
    assert_eq!(code, 0, "{said:#}");
}

/// A link in the place of a folder, and what finds no flag at all.
#[cfg(unix)]
#[test]
fn what_is_not_read_does_not_hold() {
    let mut shop = Shop::new();
    shop.flag("buy", 20);
    shop.receipt(&["alice"]);
    fs::rename(shop.dir.join("flags/checkout"), shop.dir.join("elsewhere")).unwrap();
    std::os::unix::fs::symlink("../elsewhere", shop.dir.join("flags/checkout")).unwrap();
    shop.commit("link", &[("elsewhere/buy.yaml", Some(&flag("buy", 99)))]);
    let (code, said) = shop.verify(&["--rev", "main"]);
    assert_eq!((code, &said["unread"][0]["path"]), (1, &json!("flags/checkout")), "{said:#}");
    let mut shop = Shop::new();
    shop.flag("buy", 20);
    shop.receipt(&["alice"]);
    fs::write(shop.path("none.json"), "{\"flags\":{},\"data\":{\"flags\":{\"evil\":{\"state\":\"ENABLED\"}}}}")
        .unwrap();
    let (code, said) = shop.verify(&["../none.json", "--format", "flagd"]);
    assert_eq!((code, said["unread"].as_array().unwrap().len()), (1, 1), "{said:#}");
}

/// A merge that nobody can approve as a whole has approved nothing in part.
#[test]
fn a_merge_that_is_invalid_as_a_whole() {
    let mut shop = Shop::new();
    shop.flag("buy", 20);
    shop.receipt(&["alice"]);
    let broken = "flags/checkout/broken.yaml";
    shop.commit("both", &[("flags/checkout/buy.yaml", Some(&flag("buy", 90))), (broken, Some("key: [\n"))]);
    shop.receipt(&["alice"]);
    shop.commit("whole again", &[(broken, None)]);
    offline(&shop);
    assert_eq!(coverage(&shop, &["--rev", "main"], "checkout/buy"), "nobody");
    // A file that nobody can approve, though each flag that is read in it says the same.
    let mut shop = Shop::new();
    let flagd = |more: &str| {
        format!(
            "{{{more}\"flags\":{{\"go\":{{\"state\":\"ENABLED\",\"variants\":{{\"on\":true,\"off\":false}},\"defaultVariant\":\"on\"}}}}}}\n"
        )
    };
    let path = "flags/checkout/f.flagd.json";
    shop.commit("go", &[(path, Some(&flagd("")))]);
    shop.receipt(&["alice"]);
    shop.commit("x", &[(path, Some(&flagd("\"x\":{\"flags\":{}},")))]);
    shop.receipt(&["alice"]);
    assert_eq!(coverage(&shop, &["--rev", "main"], "checkout/go"), "nobody");
    shop.commit("back", &[(path, Some(&flagd("")))]);
    shop.receipt(&["alice"]);
    assert_eq!(coverage(&shop, &["--rev", "main"], "checkout/go"), "countersigned");
}

/// Every form of the output says the same.
#[test]
fn all_outputs_agree() {
    let mut shop = Shop::new();
    shop.flag("buy", 20);
    shop.receipt(&["alice"]);
    shop.commit("policy", &[(".countersign/APPROVERS", Some("/flags/checkout/ @mallory\n"))]);
    let sarif = |more: &[&str]| -> usize {
        let out = shop.run(&[&["verify", "--output", "sarif"][..], more].concat()).1;
        let said: Value = serde_json::from_str(&out).unwrap();
        said["runs"][0]["results"].as_array().unwrap().len()
    };
    assert_eq!(sarif(&["--rev", "main"]), 1);
    fs::write(shop.path("old.yaml"), flag("buy", 20)).unwrap();
    git(&shop.dir, &["reset", "-q", "--hard", "HEAD~1"]);
    shop.flag("buy", 30);
    shop.receipt(&["alice"]);
    let old = ["../old.yaml", "--format", "native", "--project", "checkout"];
    let sarif = |more: &[&str]| -> usize {
        let out = shop.run(&[&["verify", "--output", "sarif"][..], more].concat()).1;
        let said: Value = serde_json::from_str(&out).unwrap();
        said["runs"][0]["results"].as_array().unwrap().len()
    };
    let junit = |more: &[&str]| shop.run(&[&["verify", "--output", "junit"][..], more].concat()).1;
    assert_eq!(sarif(&old), 1);
    assert!(junit(&old).contains("failures=\"1\""));
    let older = [&old[..], &["--older"]].concat();
    assert_eq!((shop.verify(&older).0, sarif(&older)), (0, 0));
    assert!(junit(&older).contains("failures=\"0\""), "{}", junit(&older));
}

/// Many merges that nobody approved of one flag are reported in a few lines.
#[test]
fn reasons_are_reported_in_a_few_lines() {
    let mut shop = Shop::new();
    shop.flag("buy", 1);
    shop.receipt(&["alice"]);
    for percent in 2..20 {
        shop.flag("buy", percent);
    }
    let key = shop.key("ci");
    shop.done(&["receipt", "HEAD~18..HEAD", "--offline", "--sign-with", key.to_str().unwrap()]);
    let said = shop.verify(&["--rev", "main"]).1;
    let why = said["flags"][0]["why"].as_array().unwrap();
    assert_eq!(why.len(), 13, "{said:#}");
    assert_eq!(why[12], "and so on with later merges");
}

/// An audit is about its range and its branch: junk in the reference, and receipts of another branch, are reported and
/// not counted.
#[test]
fn an_audit_is_about_its_own_merges() {
    let mut shop = Shop::new();
    let trust = shop.trust("branches: [main]\n");
    shop.commit("branches", &[(".countersign/trust.yaml", Some(&trust))]);
    shop.receipt(&["kim"]);
    shop.flag("buy", 20);
    shop.receipt(&["alice"]);
    git(&shop.dir, &["switch", "-q", "-c", "release"]);
    shop.flag("buy", 21);
    let (key, seen) = (shop.key("ci"), shop.evidence(&["alice"]));
    let [key, seen] = [&key, &seen].map(|path| path.to_str().unwrap());
    shop.done(&["receipt", "HEAD~1..HEAD", "--branch", "release", "--sign-with", key, "--evidence", seen]);
    git(&shop.dir, &["switch", "-q", "main"]);
    shop.flag("buy", 30);
    shop.receipt(&["alice"]);
    // A file that is no receipt, under a name of its bytes.
    fs::write(shop.path("junk"), "{}").unwrap();
    let blob = git(&shop.dir, &["hash-object", "-w", shop.path("junk").to_str().unwrap()]);
    let name = "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a";
    let index = shop.path("index");
    let run = |args: &[&str]| {
        let done = command("git", &shop.dir).env("GIT_INDEX_FILE", &index).args(args).output().unwrap();
        assert!(done.status.success(), "{args:?}: {}", String::from_utf8_lossy(&done.stderr));
        String::from_utf8(done.stdout).unwrap().trim().to_owned()
    };
    run(&["read-tree", "refs/countersign/receipts"]);
    run(&["update-index", "--add", "--cacheinfo", &format!("100644,{blob},aa/{}/{name}.json", "b".repeat(38))]);
    let tree = run(&["write-tree"]);
    let tip = run(&["commit-tree", &tree, "-p", "refs/countersign/receipts", "-m", "junk"]);
    run(&["update-ref", "refs/countersign/receipts", &tip]);
    for (branch, range) in [("main", "start..main"), ("release", "start..release")] {
        let (code, out, err) = shop.run(&["audit", range, "--receipts", "--exit-code", "--branch", branch]);
        assert_eq!(code, 0, "{branch}: {out}{err}");
    }
    assert_eq!(shop.verify(&["--rev", "main"]).0, 0);
}
