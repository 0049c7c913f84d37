//! Inputs that are read, taken in and reported: copies of files, tips of references, mappings, and parts of an audit.

use std::fs;

use serde_json::Value;

use super::Shop;
use super::signed::{approve, proposed};
use crate::git::{command, git};

const RECEIPTS: &str = "refs/countersign/receipts";

/// The tree of a revision with these entries more, as `update-index` takes them.
pub fn with_entries(shop: &Shop, on: &str, gone: &[&str], entries: &[String]) -> String {
    let index = shop.path("index");
    let _ = fs::remove_file(&index);
    let run = |args: &[&str]| {
        let done = command("git", &shop.dir).env("GIT_INDEX_FILE", &index).args(args).output().unwrap();
        assert!(done.status.success(), "{args:?}: {}", String::from_utf8_lossy(&done.stderr));
        String::from_utf8(done.stdout).unwrap().trim().to_owned()
    };
    run(&["read-tree", on]);
    for path in gone {
        run(&["rm", "-q", "--cached", path]);
    }
    for entry in entries {
        run(&["update-index", "--add", "--cacheinfo", entry]);
    }
    run(&["write-tree"])
}

/// The same as a commit of its own.
fn as_commit(shop: &Shop, on: &str, gone: &[&str], entries: &[String]) -> String {
    git(&shop.dir, &["commit-tree", &with_entries(shop, on, gone, entries), "-m", "joined"])
}

/// A file or a folder in the place of the other, or other bytes under a name, keeps nobody from joining; a file that is
/// named after its bytes stays, and no audit misses the rest.
#[test]
fn nothing_keeps_two_tips_apart() {
    let mut shop = Shop::new();
    shop.flag("buy", 20);
    shop.receipt(&["alice"]);
    let first = git(&shop.dir, &["rev-parse", RECEIPTS]);
    let path = git(&shop.dir, &["ls-tree", "-r", "--name-only", RECEIPTS]);
    let top = path.split('/').next().unwrap();
    let junk = git(&shop.dir, &["hash-object", "-w", "README.md"]);
    let inside = format!("100644,{junk},{path}/below");
    let rows = [
        // A file where the folder of a receipt is; a folder where its file is; other bytes under its name.
        format!("100644,{junk},{top}"),
        inside,
        format!("100644,{junk},{path}"),
    ];
    for entry in rows {
        let theirs = as_commit(&shop, &first, &[&path], std::slice::from_ref(&entry));
        // They have one that is new as well.
        let named = git(&shop.dir, &["rev-parse", &format!("{RECEIPTS}:{path}")]);
        let other = format!("100644,{named},zz/{}/{}", "a".repeat(38), path.rsplit('/').next().unwrap());
        let theirs = as_commit(&shop, &theirs, &[], &[other]);
        for (ours, joined) in [(&first, &theirs), (&theirs, &first)] {
            git(&shop.dir, &["update-ref", RECEIPTS, ours]);
            let extra = format!("100644,{junk},yy/note");
            let own = as_commit(&shop, ours, &[], &[extra]);
            git(&shop.dir, &["update-ref", RECEIPTS, &own]);
            let (code, _, err) = shop.run(&["receipt", "--join", joined]);
            assert!(code == 0 && err.contains("left out"), "{entry}: {err}");
            let there = git(&shop.dir, &["ls-tree", "-r", RECEIPTS]);
            assert!(there.contains(&format!("{named}\t{path}")), "{entry}: {there}");
            let (_, out, err) = shop.run(&["audit", "start..main", "--receipts"]);
            assert!(!out.contains("was taken out"), "{entry}: {out}{err}");
        }
    }
    // A revision that has nothing of it is refused, with the way on.
    let (code, _, err) = shop.run(&["receipt", "--join", "main"]);
    assert!(code == 2 && err.contains("FETCH_HEAD"), "{err}");
}

/// The place of a file is said where it is read from elsewhere.
#[test]
fn a_copy_is_verified_at_its_place() {
    let mut shop = Shop::new();
    let format = "unleash";
    let example = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/formats/unleash/.unleash/flags.json");
    let text = fs::read_to_string(example).unwrap();
    let config = "version: 1\nadmins: [\"@root\", \"@kim\"]\nprojects:\n  web: {paths: [\".unleash/flags.json\"], approvals: specific}\nformats: {\".unleash/flags.json\": unleash}\n";
    shop.commit(
        "web",
        &[
            (".countersign/config.yaml", Some(config)),
            (".countersign/APPROVERS", Some("* @alice @bob\n")),
            ("flags/checkout/zero.yaml", None),
            ("flags/sandbox/zero.yaml", None),
        ],
    );
    shop.receipt(&["kim"]);
    shop.commit("flags", &[(".unleash/flags.json", Some(&text))]);
    shop.receipt(&["alice"]);
    assert_eq!(shop.verify(&[".unleash/flags.json"]).0, 0, "{:#}", shop.verify(&[".unleash/flags.json"]).1);
    let copy = shop.path("served.json");
    fs::write(&copy, &text).unwrap();
    let copy = copy.to_str().unwrap();
    assert_eq!(shop.verify(&[copy, "--format", format, "--project", "web"]).0, 1);
    let (code, said) = shop.verify(&[copy, "--path", ".unleash/flags.json"]);
    assert_eq!(code, 0, "{said:#}");
    let (code, _, err) = shop.run(&["verify", copy, copy, "--path", ".unleash/flags.json"]);
    assert!(code == 2 && err.contains("each file by itself"), "{err}");
    // Other served content is reported there as anywhere.
    fs::write(copy, text.replacen("\"rollout\": \"", "\"rollout\": \"1", 1).replacen("true", "false", 1)).unwrap();
    let (_, stated) = shop.verify(&[copy, "--path", ".unleash/flags.json"]);
    assert!(stated["flags"].is_array() || stated["unread"].is_array(), "{stated:#}");
}

/// A heap of mappings is counted before any of it is read.
#[test]
fn mappings_have_a_budget() {
    let mut shop = Shop::new();
    shop.flag("buy", 20);
    git(&shop.dir, &["switch", "-q", "-c", "proposal"]);
    shop.write(&[("heap", Some(&"#".repeat(900 << 10)))]);
    let blob = git(&shop.dir, &["hash-object", "-w", "heap"]);
    shop.write(&[("heap", None)]);
    for (count, expected) in [(201, "201 mappings in"), (6, "bytes in the mappings")] {
        let entries: Vec<String> =
            (0..count).map(|at| format!("100644,{blob},.countersign/formats/m{at:04}.yaml")).collect();
        let tree = git(&shop.dir, &["rev-parse", &format!("{}^{{tree}}", as_commit(&shop, "main", &[], &entries))]);
        let commit = git(&shop.dir, &["commit-tree", &tree, "-p", "main", "-m", "heap"]);
        git(&shop.dir, &["update-ref", "refs/heads/heap", &commit]);
        let (code, out, err) = shop.run(&["check", "--base", "main", "--head", "heap"]);
        assert!(matches!(code, 3 | 4), "{code} {err}");
        assert!(out.contains("over-budget") && out.contains(expected), "{out}{err}");
    }
}

/// An approval is for a branch that is there.
#[test]
fn a_branch_that_is_not_there_is_named() {
    let shop = proposed();
    let (code, _, err) = approve(&shop, "alice", &["--base", "main", "--branch", "mian"]);
    assert!(code == 2 && err.contains("there is no branch `mian` here") && err.contains("--branch main"), "{err}");
    assert_eq!(approve(&shop, "alice", &["--base", "main", "--branch", "main"]).0, 0);
}

/// Keys that cannot count say so when they would sign.
#[test]
fn a_key_that_cannot_count_says_so() {
    let shop = proposed();
    git(&shop.dir, &["switch", "-q", "main"]);
    let people = "people: {jo: [jo@example.com]}\n";
    let print = command("ssh-keygen", &shop.dir).arg("-lf").arg(shop.key("alice")).output().unwrap().stdout;
    let print = String::from_utf8(print).unwrap().split_whitespace().nth(1).unwrap().to_owned();
    let public = shop.public("alice");
    let trust = shop.trust(people);
    for (text, why) in [
        (format!("{trust}revoked: ['{print}']\n"), "is revoked"),
        (
            trust.replace(&format!("alice {public}"), &format!("alice valid-before=\"20200101\" {public}")),
            "not valid any more",
        ),
        (
            trust.replace(&format!("alice {public}"), &format!("alice namespaces=\"git\" {public}")),
            "not for the namespace",
        ),
        (trust.replace(&format!("alice {public}"), &format!("eve {public}")), "neither"),
    ] {
        shop.write(&[(".countersign/trust.yaml", Some(&text))]);
        git(&shop.dir, &["commit", "-qam", "trust"]);
        let (code, _, err) = approve(&shop, "alice", &[]);
        assert!(code == 2 && err.contains("it would count for nothing") && err.contains(why), "{why}: {err}");
        let (code, _, err) = approve(&shop, "alice", &["--anyway"]);
        assert!(code == 0 && err.contains("as it stands it counts for nothing"), "{why}: {err}");
    }
}

/// An audit of one flag, and of what one person approved, as JSON.
#[test]
fn an_audit_of_one_flag_or_person() {
    let mut shop = Shop::new();
    shop.flag("buy", 20);
    shop.receipt(&["alice"]);
    shop.flag("sell", 20);
    shop.receipt(&["bob"]);
    shop.flag("buy", 40);
    shop.receipt(&["bob"]);
    let rows = |more: &[&str]| {
        let args = [&["audit", "start..main", "--receipts", "--format", "json"], more].concat();
        let audit: Value = serde_json::from_str(&shop.done(&args)).unwrap();
        crate::schema::holds("receipt-audit", &audit);
        let merges = audit["merges"].as_array().unwrap().clone();
        let names = merges.iter().flat_map(|merge| merge["flags"].as_array().unwrap().clone());
        (merges.len(), names.map(|flag| flag["name"].as_str().unwrap().to_owned()).collect::<Vec<_>>())
    };
    let [buy, sell] = ["checkout/buy", "checkout/sell"].map(str::to_owned);
    assert_eq!(rows(&[]).0, 3);
    assert_eq!(rows(&["--flag", "checkout/buy"]), (2, vec![buy.clone(), buy.clone()]));
    assert_eq!(rows(&["--approver", "@bob"]), (2, vec![sell, buy.clone()]));
    assert_eq!(rows(&["--approver", "bob", "--flag", "checkout/buy"]), (1, vec![buy.clone()]));
    assert_eq!(rows(&["--approver", "@alice"]), (1, vec![buy]));
}
