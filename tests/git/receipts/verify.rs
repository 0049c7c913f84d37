//! The served content is held against the receipts, in a clone and without one.

use std::fs;

use serde_json::Value;

use super::{CONFIG, Shop, flag};
use crate::git::git;

fn row(name: &str, coverage: &str) -> (String, String) {
    (name.to_owned(), coverage.to_owned())
}

/// A branch on which everything is as it should be.
fn whole() -> Shop {
    let mut shop = Shop::new();
    shop.flag("buy", 20);
    shop.receipt(&["alice"]);
    shop.commit("sandbox", &[("flags/sandbox/try.yaml", Some(&flag("try", 50)))]);
    shop.receipt(&[]);
    shop.flag("buy", 30);
    shop.receipt(&["bob"]);
    shop
}

#[test]
fn every_live_flag_has_its_countersignature() {
    let shop = whole();
    let (code, said) = shop.verify(&["--rev", "main"]);
    assert_eq!((code, said["holds"].as_bool()), (0, Some(true)), "{said:#}");
    assert_eq!(shop.coverage(&["--rev", "main"]), [row("checkout/buy", "countersigned"), row("sandbox/try", "free")]);
    let buy = &said["flags"].as_array().unwrap().iter().find(|one| one["name"] == "checkout/buy").unwrap();
    assert_eq!(buy["receipt"]["by"], serde_json::json!(["bob"]));
    assert_eq!(said["policy"]["coverage"], "countersigned");
    assert_eq!(said["diagnostics"], serde_json::json!([]));
    let text = shop.done(&["verify", "--rev", "main"]);
    assert!(text.contains("by @bob, 2026-11-02"), "{text}");
    assert!(text.contains("according to ci@acme.example"), "{text}");
    // The digest is of what is served, not of what is written.
    let moved = flag("buy", 30).replace("kind: flag\n", "# why\nkind: flag\ndescription: words\n");
    let mut shop = shop;
    shop.commit("words", &[("flags/checkout/buy.yaml", Some(&moved))]);
    assert_eq!(shop.verify(&["--rev", "main"]).0, 0);
}

#[test]
fn what_nobody_countersigned_is_named() {
    let mut shop = whole();
    shop.flag("buy", 90);
    let (code, said) = shop.verify(&["--rev", "main"]);
    assert_eq!((code, said["holds"].as_bool()), (1, Some(false)));
    assert_eq!(shop.coverage(&["--rev", "main"])[0], row("checkout/buy", "nobody"));
    let junit = shop.run(&["verify", "--rev", "main", "--output", "junit"]).1;
    assert!(
        junit.contains("failures=\"1\"") && junit.contains("<failure type=\"nobody countersigned this\""),
        "{junit}"
    );
    let sarif: Value = serde_json::from_str(&shop.run(&["verify", "--rev", "main", "--output", "sarif"]).1).unwrap();
    // Each result names its rule by its place too, and each rule has a way out.
    for result in sarif["runs"][0]["results"].as_array().unwrap() {
        let rule = &sarif["runs"][0]["tool"]["driver"]["rules"]
            [usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap()];
        assert_eq!(rule["id"], result["ruleId"]);
        assert!(!rule["help"]["text"].as_str().unwrap().is_empty(), "{rule}");
    }
    let schema: Value = serde_json::from_str(include_str!("../../data/sarif-2.1.0.schema.json")).unwrap();
    assert!(jsonschema::draft7::options().build(&schema).unwrap().is_valid(&sarif), "{sarif:#}");
    assert_eq!(sarif["runs"][0]["results"][0]["ruleId"], "nobody-countersigned");
    // Switched off it is nobody's business.
    let off = flag("buy", 90).replace("state: active", "state: inactive");
    shop.commit("off", &[("flags/checkout/buy.yaml", Some(&off))]);
    assert_eq!(shop.verify(&["--rev", "main"]).0, 0);
}

/// An approval of the next change is none of one that nobody approved. One of the whole flag is.
#[test]
fn an_approval_covers_what_was_displayed_and_no_more() {
    let mut shop = whole();
    shop.flag("buy", 90);
    let key = shop.key("ci");
    shop.done(&["receipt", "HEAD~1..HEAD", "--offline", "--sign-with", key.to_str().unwrap()]);
    assert_eq!(shop.coverage(&["--rev", "main"])[0], row("checkout/buy", "nobody"));
    let salted = flag("buy", 90).replace("bucketingKey: user_id", "bucketingKey: device_id");
    shop.commit("salt", &[("flags/checkout/buy.yaml", Some(&salted))]);
    shop.receipt(&["alice"]);
    assert_eq!(shop.coverage(&["--rev", "main"])[0], row("checkout/buy", "nobody"));
    let why = shop.verify(&["--rev", "main"]).1["flags"][0]["why"][0].as_str().unwrap().to_owned();
    assert!(why.starts_with("it is not known whether"), "{why}");
    // Off and on again, the whole of it is displayed and approved.
    let off = salted.replace("state: active", "state: inactive");
    shop.commit("off", &[("flags/checkout/buy.yaml", Some(&off))]);
    shop.receipt(&[]);
    shop.commit("on", &[("flags/checkout/buy.yaml", Some(&salted))]);
    shop.receipt(&["alice"]);
    assert_eq!(shop.coverage(&["--rev", "main"])[0], row("checkout/buy", "countersigned"));
}

/// A flag that moves to another project takes along what nobody approved.
#[test]
fn a_move_covers_nothing_that_was_not_displayed() {
    let mut shop = whole();
    shop.flag("buy", 90);
    let text = flag("buy", 90);
    shop.commit("moved", &[("flags/checkout/buy.yaml", None), ("flags/sandbox/buy.yaml", Some(&text))]);
    shop.receipt(&["alice"]);
    let rows = shop.coverage(&["--rev", "main"]);
    assert_eq!(rows[0], row("sandbox/buy", "nobody"), "{rows:?}");
    let mut shop = whole();
    let text = flag("buy", 30);
    shop.commit("moved", &[("flags/checkout/buy.yaml", None), ("flags/sandbox/buy.yaml", Some(&text))]);
    shop.receipt(&["alice"]);
    assert_eq!(shop.coverage(&["--rev", "main"])[0], row("sandbox/buy", "countersigned"));
}

/// A change without a receipt is no hole that the next receipt closes.
#[test]
fn a_missing_receipt_is_seen_from_the_next_one() {
    let mut shop = whole();
    shop.flag("buy", 90);
    shop.flag("buy", 91);
    shop.receipt(&["alice"]);
    assert_eq!(shop.coverage(&["--rev", "main"])[0], row("checkout/buy", "nobody"));
    let said = shop.verify(&["--rev", "main"]).1;
    assert!(said["diagnostics"][0]["why"].as_str().unwrap().contains("it is not there"), "{said:#}");
}

/// An auditor has a bundle, a trust and the file that is served, and nothing else.
#[test]
fn a_file_is_verified_without_a_clone() {
    let mut shop = whole();
    shop.done(&["receipt", "--export", "../receipts.jsonl"]);
    let folder = shop.path("elsewhere");
    fs::create_dir(&folder).unwrap();
    for (name, text) in [
        ("trust.yaml", shop.trust("")),
        ("buy.yaml", flag("buy", 30)),
        ("old.yaml", flag("buy", 20)),
        ("other.yaml", flag("buy", 31)),
        ("off.yaml", flag("buy", 31).replace("state: active", "state: inactive")),
        ("broken.yaml", "key: [".to_owned()),
    ] {
        fs::write(folder.join(name), text).unwrap();
    }
    let verify = |files: &[&str], more: &[&str]| {
        let at = folder.to_str().unwrap();
        let given =
            ["-C", at, "verify", "--bundle", "../receipts.jsonl", "--trust", "trust.yaml", "--format", "native"];
        let (code, out, err) = shop.run(&[&given[..], &["--exit-code", "--output", "json"], more, files].concat());
        let said: Value = serde_json::from_str(&out).unwrap_or_else(|_| panic!("{out}{err}"));
        (code, said["flags"][0]["coverage"].as_str().unwrap_or("unread").to_owned())
    };
    assert_eq!(verify(&["buy.yaml"], &[]), (0, "countersigned".to_owned()));
    assert_eq!(verify(&["old.yaml"], &[]), (1, "older".to_owned()));
    assert_eq!(verify(&["old.yaml"], &["--older"]), (0, "older".to_owned()));
    assert_eq!(verify(&["other.yaml"], &[]), (1, "nobody".to_owned()));
    assert_eq!(verify(&["off.yaml"], &[]), (0, "off".to_owned()));
    assert_eq!(verify(&["broken.yaml"], &[]), (1, "unread".to_owned()));
    assert_eq!(verify(&["buy.yaml"], &["--project", "sandbox"]), (1, "nobody".to_owned()));
    // The question: who let in the change to 20 percent?
    let at = folder.to_str().unwrap();
    let said = shop.done(&[
        "-C",
        at,
        "verify",
        "old.yaml",
        "--bundle",
        "../receipts.jsonl",
        "--trust",
        "trust.yaml",
        "--format",
        "native",
    ]);
    assert!(said.contains("by @alice, 2026-11-02"), "{said}");
    // The last receipts are held back: what is served then has none.
    let all = fs::read_to_string(shop.path("receipts.jsonl")).unwrap();
    let first = all.lines().next().unwrap();
    let line = |text: &str| all.lines().filter(|line| !line.contains(text)).collect::<Vec<_>>().join("\n");
    assert!(line(first).lines().count() < 3);
    fs::write(shop.path("receipts.jsonl"), "").unwrap();
    assert_eq!(verify(&["buy.yaml"], &[]), (1, "nobody".to_owned()));
    shop.flag("buy", 40);
}

/// flagd's file, as a ConfigMap holds it, piped in.
#[test]
fn flagds_file_is_verified_from_a_pipe() {
    use std::io::Write as _;
    let config = CONFIG.replace("flags/checkout/**", "flags/checkout/**\", \"deploy/*.flagd.json");
    let served = |on: u32| {
        format!(
            "{{\"flags\": {{\"banner\": {{\"state\": \"ENABLED\", \"variants\": {{\"red\": 1, \"blue\": 2}}, \"defaultVariant\": \"red\", \"targeting\": {{\"fractional\": [[\"red\", {on}], [\"blue\", 50]]}}}}}}}}"
        )
    };
    let mut shop = Shop::new();
    shop.commit(
        "paths",
        &[(".countersign/config.yaml", Some(&config)), (".countersign/APPROVERS", Some("* @alice @bob\n"))],
    );
    shop.receipt(&["kim"]);
    shop.commit("banner", &[("deploy/banner.flagd.json", Some(&served(50)))]);
    shop.receipt(&["alice"]);
    let piped = |text: &str| {
        let mut child = crate::git::command(env!("CARGO_BIN_EXE_countersign"), &shop.dir)
            .args(["verify", "--stdin", "--format", "flagd", "--exit-code"])
            .stdin(std::process::Stdio::piped())
            .stdout(std::process::Stdio::piped())
            .spawn()
            .unwrap();
        child.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
        let done = child.wait_with_output().unwrap();
        (done.status.code().unwrap(), String::from_utf8(done.stdout).unwrap())
    };
    let (code, said) = piped(&served(50));
    assert_eq!(code, 0, "{said}");
    assert!(said.contains("checkout/banner"), "{said}");
    // The same in another layout, and another share.
    let value: Value = serde_json::from_str(&served(50)).unwrap();
    assert_eq!(piped(&format!("{value:#}")).0, 0);
    assert_eq!(piped(&served(60)).0, 1);
    assert_eq!(piped("{").0, 1);
}

/// The example of a pipeline deploys what is countersigned, and nothing else.
#[cfg(unix)]
#[test]
fn the_example_deploys_what_is_countersigned_and_nothing_else() {
    use std::os::unix::fs::PermissionsExt as _;
    let config = CONFIG.replace("flags/checkout/**", "flags/checkout/**\", \"deploy/*.flagd.json");
    let served = |variant: &str| {
        format!(
            "{{\"flags\": {{\"banner\": {{\"state\": \"ENABLED\", \"variants\": {{\"red\": 1, \"blue\": 2}}, \"defaultVariant\": \"{variant}\"}}}}}}"
        )
    };
    let mut shop = Shop::new();
    let approvers = ".countersign/APPROVERS";
    shop.commit("paths", &[(".countersign/config.yaml", Some(&config)), (approvers, Some("* @alice @bob\n"))]);
    shop.receipt(&["kim"]);
    shop.commit("banner", &[("deploy/banner.flagd.json", Some(&served("red")))]);
    shop.receipt(&["alice"]);
    shop.done(&["receipt", "--export", "../receipts.jsonl"]);
    let bin = shop.path("bin");
    fs::create_dir(&bin).unwrap();
    let applied = shop.path("applied");
    let kubectl =
        format!("#!/bin/sh\n[ \"$1\" != apply ] || echo applied >>'{}'\necho kind: ConfigMap\n", applied.display());
    fs::write(bin.join("kubectl"), kubectl).unwrap();
    fs::set_permissions(bin.join("kubectl"), fs::Permissions::from_mode(0o755)).unwrap();
    let script = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/deploy/flagd-configmap.sh");
    let trust = shop.path("trust.yaml");
    fs::write(&trust, shop.trust("")).unwrap();
    let deploy = |text: &str, offline: bool| {
        let file = shop.path("served.json");
        fs::write(&file, text).unwrap();
        let _ = fs::remove_file(&applied);
        // Offline it needs no clone.
        let mut run = crate::git::command(&script, if offline { &bin } else { &shop.dir });
        if offline {
            run.env("COUNTERSIGN_BUNDLE", shop.path("receipts.jsonl")).env("COUNTERSIGN_TRUST", &trust);
        }
        let path = format!("{}:{}", bin.display(), std::env::var("PATH").unwrap());
        let done = run.arg(&file).arg("flags").env("PATH", path).env("COUNTERSIGN", env!("CARGO_BIN_EXE_countersign"));
        (done.output().unwrap().status.code().unwrap(), applied.exists())
    };
    for offline in [false, true] {
        assert_eq!(deploy(&served("red"), offline), (0, true), "offline: {offline}");
        assert_eq!(deploy(&served("blue"), offline), (1, false), "offline: {offline}");
        assert_eq!(deploy("{", offline), (1, false), "offline: {offline}");
        assert_eq!(deploy(&served("red").replace("ENABLED", "DISABLED"), offline), (0, true), "offline: {offline}");
    }
}

#[test]
fn without_trust_or_receipts_it_says_what_to_do() {
    let mut shop = Shop::new();
    let (code, _, err) = shop.run(&["verify", "--rev", "main"]);
    assert_eq!(code, 5, "{err}");
    assert!(err.contains("git fetch origin refs/countersign/receipts:refs/countersign/receipts"), "{err}");
    shop.flag("buy", 20);
    shop.receipt(&["alice"]);
    shop.commit("no trust", &[(".countersign/trust.yaml", None)]);
    let (code, _, err) = shop.run(&["verify", "--rev", "main"]);
    assert_eq!(code, 4, "{err}");
    assert!(err.contains("does not say whose signatures count") && err.contains("--trust"), "{err}");
    let (code, _, err) = shop.run(&["verify", "--rev", "main", "--trust", "README.md"]);
    assert_eq!(code, 4, "{err}");
    assert_eq!(shop.run(&["verify"]).0, 2);
    assert_eq!(git(&shop.dir, &["status", "--porcelain"]), "");
}
