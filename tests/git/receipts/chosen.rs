//! Facts that a signer could choose: the time, the policy, the branch and the place in the history that a receipt is
//! held to.

use std::fs;

use serde_json::{Value, json};

use super::forged::{approved, nobody, wanted};
use super::{CONFIG, Shop, flag};
use crate::git::git;

fn offline(shop: &Shop) {
    let key = shop.key("ci");
    shop.done(&["receipt", "HEAD~1..HEAD", "--offline", "--sign-with", key.to_str().unwrap()]);
}

/// An hour from now, as a receipt that was made again later has it.
fn later() -> Value {
    json!((chrono::Utc::now() + chrono::TimeDelta::hours(1)).format("%Y-%m-%dT%H:%M:%SZ").to_string())
}

fn coverage(shop: &Shop) -> String {
    shop.verify(&["--rev", "main"]).1["flags"][0]["coverage"].as_str().unwrap().to_owned()
}

/// A key that has expired signs nothing of today by a date that only the receipt has.
#[test]
fn the_date_of_a_receipt_is_that_of_its_commit() {
    let mut shop = Shop::new();
    let ci = shop.public("ci");
    let until = format!("ci@acme.example valid-before=\"20261102083000Z\" {ci}");
    let trust = shop.trust("").replace(&format!("ci@acme.example {ci}"), &until);
    shop.commit("expires", &[(".countersign/trust.yaml", Some(&trust))]);
    shop.flag("buy", 90);
    let mut forged = wanted(&shop);
    forged["predicate"]["madeAt"] = json!("2026-11-02T08:20:00Z");
    shop.forge(&forged, Some("ci"), "countersign");
    assert!(nobody(&shop, &["--rev", "main"])["diagnostics"].to_string().contains("not valid any more"));
    forged["predicate"]["date"] = json!("2026-11-02T08:20:00Z");
    shop.forge(&forged, Some("ci"), "countersign");
    assert!(
        nobody(&shop, &["--rev", "main"])["diagnostics"].to_string().contains("its date is not that of its commit")
    );
}

/// A commit that is dated ahead, as anybody's may be, has a receipt by a key of today that ends before that date.
#[test]
fn a_commit_that_is_dated_ahead() {
    let mut shop = Shop::new();
    let ci = shop.public("ci");
    let until = format!("ci@acme.example valid-before=\"20970101\" {ci}");
    let trust = shop.trust("").replace(&format!("ci@acme.example {ci}"), &until);
    shop.commit("expires", &[(".countersign/trust.yaml", Some(&trust))]);
    shop.receipt(&["kim"]);
    shop.receipt_of("2098-01-01", "buy", 20, &["alice"]);
    assert_eq!(coverage(&shop), "countersigned");
}

/// A person with a key that was taken out makes the receipt of that very change again, so that it looks as if there was
/// none.
#[test]
fn a_change_of_the_trust_is_not_unsaid() {
    let mut shop = approved();
    let new = shop.trust("").replace(&shop.public("ci"), &shop.public("bob"));
    shop.commit("another key", &[(".countersign/trust.yaml", Some(&new))]);
    let honest = shop.evidence(&["alice", "root"]);
    let printed = shop.done(&["receipt", "HEAD~1..HEAD", "--print", "--evidence", honest.to_str().unwrap()]);
    let honest: Value = serde_json::from_str(&printed).unwrap();
    shop.receipt(&["alice", "root"]);
    let before = honest["predicate"]["policy"]["before"].clone();
    let mut none = honest.clone();
    none["predicate"]["policy"] = json!({"before": before, "after": before, "consent": null});
    none["predicate"]["outcome"] = json!("free");
    none["subject"][0]["digest"]["sha256"] = before;
    let mut unapproved = honest;
    unapproved["predicate"]["policy"]["consent"]["outcome"] = json!("unapproved");
    unapproved["predicate"]["outcome"] = json!("unapproved");
    for mut other in [none, unapproved] {
        other["predicate"]["madeAt"] = later();
        shop.forge(&other, Some("ci"), "countersign");
    }
    shop.flag("buy", 90);
    let forged = wanted(&shop);
    shop.forge(&forged, Some("ci"), "countersign");
    let said = nobody(&shop, &["--rev", "main"]);
    assert_eq!(said["flags"][0]["coverage"], "nobody", "{said:#}");
    assert!(said["diagnostics"].to_string().contains("another policy than git says"), "{said:#}");
    let (_, out, _) = shop.run(&["audit", "start..main", "--receipts", "--format", "json"]);
    let audit: Value = serde_json::from_str(&out).unwrap();
    let last = audit["merges"].as_array().unwrap().last().unwrap();
    assert_eq!(last["outcome"], "missing", "{last:#}");
}

/// A bundle has receipts of every branch, and what is on one is not on another.
#[test]
fn the_receipts_of_one_branch_cover_no_other() {
    let mut shop = approved();
    git(&shop.dir, &["switch", "-q", "-c", "dev"]);
    shop.flag("buy", 95);
    let (key, seen) = (shop.key("ci"), shop.evidence(&["alice"]));
    let [key, seen] = [&key, &seen].map(|path| path.to_str().unwrap());
    shop.done(&["receipt", "HEAD~1..HEAD", "--branch", "dev", "--sign-with", key, "--evidence", seen]);
    git(&shop.dir, &["switch", "-q", "main"]);
    shop.flag("buy", 30);
    shop.receipt(&["alice"]);
    shop.done(&["receipt", "--export", "../receipts.jsonl"]);
    fs::write(shop.path("trust.yaml"), shop.trust("")).unwrap();
    fs::write(shop.path("dev.yaml"), flag("buy", 95)).unwrap();
    fs::write(shop.path("main.yaml"), flag("buy", 30)).unwrap();
    let elsewhere = ["--format", "native", "--bundle", "../receipts.jsonl", "--trust", "../trust.yaml"];
    let (code, _, err) = shop.run(&[&["verify", "../dev.yaml"][..], &elsewhere].concat());
    assert_eq!(code, 2, "{err}");
    assert!(err.contains("several branches: `dev` or `main`") && err.contains("--branch"), "{err}");
    let of = |file: &str, branch: &str| {
        let said = shop.verify(&[&[file, "--branch", branch][..], &elsewhere].concat()).1;
        said["flags"][0]["coverage"].as_str().unwrap().to_owned()
    };
    assert_eq!(of("../dev.yaml", "main"), "nobody");
    assert_eq!(of("../main.yaml", "main"), "countersigned");
}

/// A chain of receipts that another one takes the place of is named, receipt by receipt.
#[test]
fn what_is_passed_over_is_named() {
    let mut shop = approved();
    let fork = git(&shop.dir, &["rev-parse", "HEAD"]);
    shop.flag("buy", 30);
    shop.receipt(&["alice"]);
    let gone = git(&shop.dir, &["rev-parse", "HEAD"]);
    git(&shop.dir, &["reset", "-q", "--hard", &fork]);
    let now = shop.flag("buy", 40);
    shop.receipt(&["alice"]);
    shop.done(&["receipt", "--export", "../receipts.jsonl"]);
    fs::write(shop.path("trust.yaml"), shop.trust("")).unwrap();
    fs::write(shop.path("buy.yaml"), flag("buy", 40)).unwrap();
    let said = shop
        .verify(&["../buy.yaml", "--format", "native", "--bundle", "../receipts.jsonl", "--trust", "../trust.yaml"])
        .1;
    let named: Vec<&str> =
        said["diagnostics"].as_array().unwrap().iter().map(|one| one["commit"].as_str().unwrap()).collect();
    assert!(
        named.contains(&fork.as_str()) && (named.contains(&gone.as_str()) || named.contains(&now.as_str())),
        "{said:#}"
    );
    // In a clone git says what the branch does not have any more.
    let said = shop.verify(&["--rev", "main"]).1;
    assert!(said["diagnostics"].to_string().contains("not in the history of the branch any more"), "{said:#}");
}

/// A branch that was rewound to something older says so, though all of it was approved once; an older revision of a
/// branch as it is does not.
#[test]
fn a_branch_that_was_rewound_says_so() {
    let mut shop = approved();
    shop.flag("buy", 30);
    shop.receipt(&["alice"]);
    let (code, said) = shop.verify(&["--rev", "main~1"]);
    assert_eq!(code, 0, "{said:#}");
    git(&shop.dir, &["reset", "-q", "--hard", "main~1"]);
    let (code, said) = shop.verify(&["--rev", "main"]);
    assert_eq!((code, &said["elsewhere"][0]["became"]), (1, &json!("gone")), "{said:#}");
    assert!(shop.run(&["verify", "--rev", "main"]).1.contains("it was rewritten"));
    assert_eq!(shop.verify(&["--rev", "main", "--older"]).0, 0);
}

/// A merge whose first parent is a history of somebody else's, with a trust of theirs, is no history of the branch.
#[test]
fn a_branch_that_was_turned_round_holds_nothing() {
    let mut shop = approved();
    let honest = git(&shop.dir, &["rev-parse", "main"]);
    let mine = super::forged::theirs(&shop);
    git(&shop.dir, &["switch", "-q", "--orphan", "alone"]);
    shop.commit(
        "mine",
        &[
            (".countersign/config.yaml", Some(CONFIG)),
            (".countersign/APPROVERS", Some("/flags/checkout/ @alice @bob\n")),
            (".countersign/trust.yaml", Some(&mine)),
            ("flags/checkout/zero.yaml", Some("key: zero\nkind: flag\nstate: inactive\n")),
            ("flags/sandbox/zero.yaml", Some("key: zero\nkind: flag\nstate: inactive\n")),
        ],
    );
    let forge = |shop: &Shop, by: &str| {
        let seen = shop.evidence(&[by]);
        let range = ["receipt", "HEAD~1..HEAD", "--print", "--again", "--branch", "main", "--evidence"];
        let printed = shop.done(&[&range[..], &[seen.to_str().unwrap()]].concat());
        shop.forge(&serde_json::from_str(&printed).unwrap(), Some("mallory"), "countersign");
    };
    for percent in [20, 90] {
        shop.flag("buy", percent);
        forge(&shop, "alice");
    }
    let honest_trust = shop.trust("");
    shop.commit("honest", &[(".countersign/trust.yaml", Some(&honest_trust))]);
    forge(&shop, "root");
    let tree = git(&shop.dir, &["rev-parse", "HEAD^{tree}"]);
    let merge = git(&shop.dir, &["commit-tree", &tree, "-p", "HEAD", "-p", &honest, "-m", "Merge"]);
    git(&shop.dir, &["switch", "-q", "-C", "main", &merge]);
    let (code, said) = shop.verify(&["--rev", "main"]);
    assert_eq!((code, &said["elsewhere"][0]["became"]), (1, &json!("turned-round")), "{said:#}");
    assert_eq!(shop.verify(&["flags/checkout/buy.yaml"]).0, 1);
}

/// All flags of a file are of one project, so that none is covered by another one that requires nobody.
#[test]
fn a_file_has_no_flag_of_another_project() {
    let mut shop = approved();
    let served = |key: &str| {
        format!("\"{key}\":{{\"state\":\"ENABLED\",\"variants\":{{\"on\":true}},\"defaultVariant\":\"on\"}}")
    };
    let file = |keys: &[&str]| {
        format!("{{\"flags\":{{{}}}}}\n", keys.iter().map(|key| served(key)).collect::<Vec<_>>().join(","))
    };
    shop.commit("go", &[("flags/checkout/f.flagd.json", Some(&file(&["go"])))]);
    shop.receipt(&["alice"]);
    shop.commit("evil", &[("flags/sandbox/f.flagd.json", Some(&file(&["evil"])))]);
    shop.receipt(&[]);
    fs::write(shop.path("served.json"), file(&["go", "evil"])).unwrap();
    let said = nobody(&shop, &["../served.json", "--format", "flagd"]);
    assert!(said["flags"].as_array().unwrap().iter().any(|one| one["coverage"] == "nobody"), "{said:#}");
    fs::write(shop.path("served.json"), file(&["evil"])).unwrap();
    assert_eq!(shop.verify(&["../served.json", "--format", "flagd", "--project", "checkout"]).0, 1);
}

/// An author of a commit chooses the date, and keeps no merge out of an audit by it.
#[test]
fn an_audit_ends_at_a_merge_and_not_at_a_date() {
    let mut shop = approved();
    shop.write(&[("flags/checkout/buy.yaml", Some(&flag("buy", 90)))]);
    git(&shop.dir, &["add", "-A"]);
    let ahead = crate::git::command("git", &shop.dir)
        .args(["commit", "-q", "-m", "ahead"])
        .env("GIT_COMMITTER_DATE", "2065000000 +0000")
        .output()
        .unwrap();
    assert!(ahead.status.success());
    shop.flag("sell", 20);
    shop.receipt(&["alice"]);
    let args = ["audit", "start..main", "--receipts", "--until", "2026-12-31", "--exit-code"];
    let (code, out, _) = shop.run(&args);
    assert!(code == 1 && out.contains("no receipt"), "{out}");
}

/// A change that was free, or approved, by a policy that nobody approved stays what nobody approved when the policy is
/// put back.
#[test]
fn what_a_policy_of_nobodys_let_in_stays_unapproved() {
    let mut shop = approved();
    let relaxed = CONFIG.replace("approvals: specific", "approvals: none");
    shop.commit("relaxed", &[(".countersign/config.yaml", Some(&relaxed))]);
    offline(&shop);
    shop.flag("buy", 90);
    offline(&shop);
    shop.done(&["receipt", "--export", "../receipts.jsonl"]);
    fs::write(shop.path("trust.yaml"), shop.trust("")).unwrap();
    for args in [
        &["flags/checkout/buy.yaml", "--trust", "../trust.yaml"][..],
        &["flags/checkout/buy.yaml", "--trust", "../trust.yaml", "--bundle", "../receipts.jsonl"],
        &["--rev", "main"],
    ] {
        let said = nobody(&shop, args);
        assert_eq!(said["flags"][0]["coverage"], "nobody", "{args:?}: {said:#}");
    }
    shop.commit("put back", &[(".countersign/config.yaml", Some(CONFIG))]);
    shop.receipt(&["kim"]);
    let said = nobody(&shop, &["--rev", "main"]);
    assert_eq!([&said["policy"]["coverage"], &said["flags"][0]["coverage"]], ["countersigned", "nobody"], "{said:#}");
    assert!(said["flags"][0]["why"].to_string().contains("under a policy that nobody approved"), "{said:#}");
    // Until it is taken back.
    shop.flag("buy", 20);
    shop.receipt(&["alice"]);
    assert_eq!(coverage(&shop), "countersigned");
}

/// A person who takes back what nobody approved needs no approval for it; going back to something older does.
#[test]
fn taking_back_leaves_what_was_approved() {
    let mut shop = approved();
    shop.flag("buy", 90);
    offline(&shop);
    assert_eq!(coverage(&shop), "nobody");
    shop.flag("buy", 20);
    offline(&shop);
    assert_eq!(coverage(&shop), "countersigned");
    let mut shop = approved();
    shop.flag("buy", 30);
    shop.receipt(&["alice"]);
    shop.flag("buy", 20);
    offline(&shop);
    assert_eq!(coverage(&shop), "nobody");
}

/// A revision that has nothing in common with the branch, such as a tag of somebody's, says nothing of whose signatures
/// count.
#[test]
fn a_history_of_its_own_vouches_for_nothing() {
    let mut shop = approved();
    let mine = super::forged::theirs(&shop);
    git(&shop.dir, &["switch", "-q", "--orphan", "alone"]);
    let files = [
        (".countersign/config.yaml", Some(CONFIG)),
        (".countersign/APPROVERS", Some("/flags/checkout/ @alice @bob\n")),
        (".countersign/trust.yaml", Some(&*mine)),
    ];
    shop.commit("mine", &files);
    shop.flag("buy", 90);
    git(&shop.dir, &["tag", "v1"]);
    git(&shop.dir, &["switch", "-q", "main"]);
    let (code, _, err) = shop.run(&["verify", "--rev", "v1", "--exit-code"]);
    assert!(code == 2 && err.contains("no commit in common with `main`"), "{err}");
    // Where nobody says which branch is the base, the revision does not say it either.
    git(&shop.dir, &["branch", "-m", "main", "trunk"]);
    let (code, _, err) = shop.run(&["verify", "--rev", "trunk", "--exit-code"]);
    assert!(code == 2 && err.contains("which branch says whose signatures count"), "{err}");
    let (code, out, err) = shop.run(&["verify", "--rev", "trunk", "--branch", "trunk", "--exit-code"]);
    assert!(code == 1 && out.contains("it is about the branch `main`"), "{out}{err}");
}

/// In a mirror the base branch is what stands there, and not what somebody pushed under the name of a remote.
#[test]
fn a_mirror_has_its_own_branches() {
    let mut shop = approved();
    git(&shop.dir, &["switch", "-q", "-c", "evil"]);
    let mine = super::forged::theirs(&shop);
    shop.commit("mine", &[(".countersign/trust.yaml", Some(&mine))]);
    git(&shop.dir, &["update-ref", "refs/remotes/origin/main", "evil"]);
    git(&shop.dir, &["switch", "-q", "main"]);
    let mirror = shop.path("mirror.git");
    git(&shop.path(""), &["clone", "-q", "--mirror", shop.dir.to_str().unwrap(), mirror.to_str().unwrap()]);
    assert_eq!(git(&mirror, &["rev-parse", "refs/remotes/origin/main"]), git(&shop.dir, &["rev-parse", "evil"]));
    let done = crate::git::command(env!("CARGO_BIN_EXE_countersign"), &mirror)
        .args(["verify", "--rev", "main", "--output", "json"])
        .output()
        .unwrap();
    let said: Value = serde_json::from_slice(&done.stdout).unwrap();
    assert_eq!((&said["holds"], &said["policy"]["coverage"]), (&json!(true), &json!("countersigned")), "{said:#}");
}

/// A file in the place of flags, or over them where case does not count, is not passed over.
#[cfg(unix)]
#[test]
fn a_folder_that_is_none_is_not_passed_over() {
    let mut shop = approved();
    git(&shop.dir, &["mv", "flags/checkout", "elsewhere"]);
    std::os::unix::fs::symlink("../elsewhere", shop.dir.join("flags/checkout")).unwrap();
    shop.commit("link", &[]);
    let said = nobody(&shop, &["--rev", "main"]);
    assert_eq!(said["unread"][0]["path"], "flags/checkout", "{said:#}");
    let mut shop = approved();
    let text = flag("buy", 99);
    shop.commit("case", &[("flags/Checkout/buy.yaml", Some(&text))]);
    assert_eq!(nobody(&shop, &["--rev", "main"])["unread"][0]["path"], "flags/Checkout/buy.yaml");
    // Nor is a file in which nothing is read.
    fs::write(shop.path("list.yaml"), "kind: List\nitems: []\n").unwrap();
    let said = nobody(&shop, &["../list.yaml", "--format", "kubernetes"]);
    assert_eq!(said["unread"][0]["path"], "../list.yaml", "{said:#}");
}
