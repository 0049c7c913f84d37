//! The source VSA: its statements, in the form that SLSA publishes, and those it does not make.

use std::fs;

use serde_json::{Value, json};

use super::{Shop, decoded, flag, openssh_takes, statement};
use crate::git::git;

const CONFIG: &str = "version: 1\nadmins: [\"@root\", \"@kim\"]\nprotect: [README.md]\nprojects:\n  checkout: {paths: [\"flags/checkout/**\"], approvals: specific}\n  sandbox: {paths: [\"flags/sandbox/**\"], approvals: specific}\n";

/// A repository in which somebody has to approve every change, from its first receipt on.
pub fn reviewed() -> Shop {
    let mut shop = Shop::new();
    let approvers = ".countersign/APPROVERS";
    let files = [(".countersign/config.yaml", Some(CONFIG)), (approvers, Some("/flags/ @alice @bob\n"))];
    shop.commit("all of it", &files);
    shop.receipt(&["kim"]);
    shop.flag("buy", 20);
    shop.receipt(&["alice"]);
    shop
}

fn refused(shop: &Shop, why: &str) {
    let (code, _, err) = shop.run(&["receipt", "--vsa", "../vsa.json"]);
    assert!(code != 0 && err.contains("is not two-party reviewed") && err.contains(why), "{why}: {err}");
}

/// The members that the specification requires, with the types that it gives them
/// (`https://slsa.dev/spec/v1.2/verification_summary` and the source requirements, "Source verification summary
/// attestation").
#[test]
fn what_two_people_agreed_to_is_summarized() {
    let shop = reviewed();
    let key = shop.key("ci");
    shop.done(&["receipt", "--vsa", "../vsa.json", "--sign-with", key.to_str().unwrap()]);
    let envelope: Value = serde_json::from_str(&fs::read_to_string(shop.path("vsa.json")).unwrap()).unwrap();
    let line = format!("ci@acme.example {}", shop.public("ci"));
    assert!(openssh_takes(&envelope, &line, "ci@acme.example", &shop.path("")));
    assert_eq!(envelope["payloadType"], "application/vnd.in-toto+json");
    let said = statement(&envelope);
    assert_eq!(
        [&said["_type"], &said["predicateType"]],
        ["https://in-toto.io/Statement/v1", "https://slsa.dev/verification_summary/v1"]
    );
    let tip = git(&shop.dir, &["rev-parse", "main"]);
    let [subject] = said["subject"].as_array().unwrap().as_slice() else { panic!("{said:#}") };
    assert_eq!(subject["digest"], json!({"gitCommit": tip}));
    assert_eq!(subject["annotations"]["source_refs"], json!(["refs/heads/main"]));
    let predicate = &said["predicate"];
    assert_eq!(predicate["resourceUri"], "git+https://github.com/acme/shop");
    assert_eq!(predicate["verificationResult"], "PASSED");
    // At most one level of each track, and no value of one's own that starts with `SLSA_`.
    assert_eq!(predicate["verifiedLevels"], json!(["SLSA_SOURCE_LEVEL_UNEVALUATED", "SLSA_SOURCE_TWO_PARTY_REVIEWED"]));
    for pointer in ["/verifier/id", "/policy/uri", "/policy/digest/sha256", "/timeVerified", "/slsaVersion"] {
        assert!(predicate.pointer(pointer).is_some_and(Value::is_string), "{pointer}: {predicate:#}");
    }
    assert!(chrono::DateTime::parse_from_rfc3339(predicate["timeVerified"].as_str().unwrap()).is_ok());
    // Every attestation that was used is named, by the digest of its bytes.
    let list = git(&shop.dir, &["ls-tree", "-r", "--name-only", "refs/countersign/receipts"]);
    let mut files: Vec<&str> =
        list.lines().map(|path| path.rsplit('/').next().unwrap().trim_end_matches(".json")).collect();
    let mut inputs: Vec<&str> = predicate["inputAttestations"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["digest"]["sha256"].as_str().unwrap())
        .collect();
    files.sort_unstable();
    inputs.sort_unstable();
    assert_eq!(inputs, files);
    // It is no receipt, and no receipt is it.
    let (code, _, err) = shop.run(&["receipt", "--keep", "../vsa.json"]);
    assert_eq!(code, 2, "{err}");
    assert!(!decoded(&envelope["payload"]).is_empty());
}

#[test]
fn what_one_person_did_is_not_summarized() {
    let mut shop = reviewed();
    shop.commit("other", &[("src/main.rs", Some("fn main() {}\n"))]);
    refused(&shop, "`src/main.rs` is neither managed nor protected");
    let mut shop = reviewed();
    shop.flag("buy", 90);
    refused(&shop, "has no receipt");
    let key = shop.key("ci");
    shop.done(&["receipt", "HEAD~1..HEAD", "--offline", "--sign-with", key.to_str().unwrap()]);
    refused(&shop, "checkout/buy may or may not have been approved");
    let mut shop = reviewed();
    let off = flag("buy", 20).replace("state: active", "state: inactive");
    shop.commit("off", &[("flags/checkout/buy.yaml", Some(&off))]);
    shop.receipt(&[]);
    refused(&shop, "checkout/buy was switched off by one person");
}

/// Given a clone and the bundle and nothing else: who let the change of that day in?
#[test]
fn who_let_the_change_of_that_day_in() {
    let mut shop = Shop::new();
    shop.receipt_of("2026-11-10", "buy", 20, &["alice"]);
    let wanted = shop.receipt_of("2026-11-11", "buy", 90, &["bob"]);
    shop.receipt_of("2026-11-12", "sell", 30, &["alice"]);
    shop.done(&["receipt", "--export", "../receipts.jsonl"]);
    fs::write(shop.path("trust.yaml"), shop.trust("")).unwrap();
    // The auditor's clone has the branch and no reference of ours; the receipts come from the bundle.
    let clone = shop.path("auditor");
    git(&shop.path(""), &["clone", "-q", shop.dir.to_str().unwrap(), clone.to_str().unwrap()]);
    let run = |args: &[&str]| {
        let done = crate::git::command(env!("CARGO_BIN_EXE_countersign"), &clone).args(args).output().unwrap();
        assert!(done.status.success(), "{args:?}: {}", String::from_utf8_lossy(&done.stderr));
        String::from_utf8(done.stdout).unwrap()
    };
    run(&["receipt", "--keep", "../receipts.jsonl"]);
    let day = ["audit", "--since", "2026-11-11", "--until", "2026-11-11", "--receipts", "--trust", "../trust.yaml"];
    let said = run(&[&day[..], &["--format", "json"]].concat());
    let audit: Value = serde_json::from_str(&said).unwrap();
    let [merge] = audit["merges"].as_array().unwrap().as_slice() else { panic!("{audit:#}") };
    assert_eq!((&merge["commit"], &merge["outcome"]), (&json!(wanted), &json!("approved")));
    assert_eq!(
        (&merge["flags"][0]["name"], &merge["flags"][0]["approvedBy"]),
        (&json!("checkout/buy"), &json!(["bob"]))
    );
    // The same by flag and by approver, in the forms for people and for spreadsheets.
    for format in ["csv", "html", "text", "markdown"] {
        let said = run(&[&day[..], &["--flag", "checkout/buy", "--approver", "@bob", "--format", format]].concat());
        assert!(said.contains("checkout/buy") && said.contains("bob"), "{format}: {said}");
        let said = run(&[&day[..], &["--flag", "checkout/sell", "--format", format]].concat());
        assert!(!said.contains("bob") && !said.contains("buy"), "{format}: {said}");
        let said = run(&[&day[..], &["--approver", "@alice", "--format", format]].concat());
        assert!(!said.contains("checkout/buy"), "{format}: {said}");
    }
}

/// The page leads to the merge and its pull request where the remote says which repository it is, and nowhere else.
#[test]
fn the_page_of_an_audit_has_links() {
    let mut shop = Shop::new();
    let commit = shop.flag("buy", 20);
    shop.receipt(&["alice"]);
    // Its receipt says which pull request brought it.
    let mut stated = statement(&shop.envelopes()[0].1);
    let soon = (chrono::Utc::now() + chrono::TimeDelta::minutes(1)).format("%Y-%m-%dT%H:%M:%SZ").to_string();
    stated["predicate"]["pull"] =
        json!({"number": 7, "requestor": "jo", "mergedBy": "kim", "mergedAt": "2026-11-02T12:00:00Z"});
    stated["predicate"]["madeAt"] = json!(soon);
    shop.forge(&stated, Some("ci"), "countersign");
    let page = |shop: &Shop| shop.done(&["audit", "start..main", "--receipts", "--format", "html"]);
    assert!(page(&shop).contains("#7 of @jo") && !page(&shop).contains("href"), "{}", page(&shop));
    git(&shop.dir, &["remote", "add", "origin", "git@github.com:acme/shop.git"]);
    let said = page(&shop);
    for link in
        [format!("https://github.com/acme/shop/commit/{commit}"), "https://github.com/acme/shop/pull/7".to_owned()]
    {
        assert!(said.contains(&format!("<a rel=\"noreferrer\" href=\"{link}\">")), "{link}: {said}");
    }
    git(&shop.dir, &["remote", "set-url", "origin", "https://gitlab.example/acme/shop.git"]);
    assert!(!page(&shop).contains("href"));
}

/// The lines under `approvers` are those of git's own `allowed_signers`: what they let git verify, and no more.
#[test]
fn git_takes_the_lines_of_the_trust() {
    let shop = Shop::new();
    let lines = shop.path("allowed_signers");
    let (alice, bob) = (shop.public("alice"), shop.public("bob"));
    let write = |line: &str| fs::write(&lines, format!("{line}\nbob {bob}\n")).unwrap();
    let signed = |key: &str| {
        let key = shop.key(key);
        let settings = ["-c", "gpg.format=ssh", "-c", &format!("user.signingKey={}", key.display())];
        git(&shop.dir, &[&settings[..], &["commit", "-q", "--allow-empty", "-S", "-m", "signed"]].concat());
        git(&shop.dir, &["rev-parse", "HEAD"])
    };
    let takes = |commit: &str| {
        let file = format!("gpg.ssh.allowedSignersFile={}", lines.display());
        let done = crate::git::command("git", &shop.dir)
            .args(["-c", "gpg.format=ssh", "-c", &file, "verify-commit", commit])
            .output()
            .unwrap();
        done.status.success()
    };
    let lint = |line: &str| {
        let trust = format!("version: 1\nrepository: acme/shop\napprovers: ['{line}', 'bob {bob}']\n");
        shop.write(&[(".countersign/trust.yaml", Some(&trust))]);
        shop.run(&["lint"]).0
    };
    let by_alice = signed("alice");
    for (line, good) in [
        (format!("alice {alice}"), true),
        (format!("alice namespaces=\"git,countersign\" {alice}"), true),
        (format!("alice valid-before=\"20200101\" {alice}"), false),
        (format!("alice valid-after=\"20990101\" {alice}"), false),
    ] {
        write(&line);
        assert_eq!(takes(&by_alice), good, "{line}");
        assert_eq!(lint(&line), 0, "{line}");
    }
    write(&format!("alice {alice}"));
    assert!(!takes(&signed("mallory")));
}

/// A clone without all objects, or without all of its history, says the command that helps, and that helps to the
/// letter.
#[test]
fn a_clone_that_is_cut_says_what_to_fetch() {
    let mut shop = Shop::new();
    let people = shop.trust("people: {jo: [jo@example.com], alice: [alice@example.com]}\n");
    shop.commit("people", &[(".countersign/trust.yaml", Some(&people))]);
    shop.receipt(&["kim"]);
    shop.flag("buy", 20);
    shop.receipt(&["alice"]);
    git(&shop.dir, &["switch", "-q", "-c", "proposal"]);
    shop.flag("buy", 30);
    git(&shop.dir, &["switch", "-q", "main"]);
    git(&shop.dir, &["config", "uploadpack.allowFilter", "true"]);
    git(&shop.dir, &["config", "uploadpack.allowAnySHA1InWant", "true"]);
    let (from, receipts) =
        (format!("file://{}", shop.dir.display()), "refs/countersign/receipts:refs/countersign/receipts");
    let key = shop.key("ci").display().to_string();
    let commands: [&[&str]; 4] = [
        &["verify", "--rev", "main", "--exit-code"],
        &["audit", "--since", "2020-01-01", "--receipts"],
        &["receipt", "--since", "2020-01-01", "--offline", "--again", "--sign-with", &key],
        &["check", "--signed", "--head", "origin/proposal"],
    ];
    for (name, how) in [("partial", "--filter=blob:none"), ("shallow", "--depth=1")] {
        for (at, args) in commands.iter().enumerate() {
            let folder = shop.path(&format!("{name}{at}"));
            git(&shop.path(""), &["clone", "-q", "--no-single-branch", how, &from, folder.to_str().unwrap()]);
            // A blob that git itself reads it fetches; a file that is not checked out is not here.
            let filter: &[&str] = if name == "partial" { &["--filter=blob:none"] } else { &[] };
            git(&folder, &[&["fetch", "-q"][..], filter, &["origin", receipts]].concat());
            let run = || {
                let done =
                    crate::git::command(env!("CARGO_BIN_EXE_countersign"), &folder).args(*args).output().unwrap();
                let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
                (done.status.code().unwrap(), text(&done.stdout) + &text(&done.stderr))
            };
            for _ in 0..4 {
                let (code, said) = run();
                let Some(line) = said.split('`').find(|word| word.starts_with("git fetch --")) else {
                    assert_eq!(code, 0, "{name}, {args:?}: {said}");
                    break;
                };
                let words: Vec<&str> = line.split(' ').skip(1).collect();
                git(&folder, &words);
            }
            assert_eq!(run().0, 0, "{name}, {args:?}: {}", run().1);
        }
    }
}

/// A change that nobody agreed to is in no summary, whatever came next to it, and whatever the policy says today.
#[test]
fn what_came_next_to_what_was_agreed_to() {
    // As a whole it could not be approved.
    let mut shop = reviewed();
    shop.commit(
        "broken",
        &[("flags/checkout/broken.yaml", Some("key: [\n")), ("flags/checkout/buy.yaml", Some(&flag("buy", 90)))],
    );
    shop.receipt(&["alice", "bob"]);
    refused(&shop, "as a whole is unapproved");
    // Another managed file, of which no flag changes.
    let mut shop = reviewed();
    let served = |more: &str| {
        let go = "\"go\":{\"state\":\"ENABLED\",\"variants\":{\"on\":true},\"defaultVariant\":\"on\"}";
        format!("{{{more}\"flags\":{{{go}}}}}\n")
    };
    let path = "flags/checkout/f.flagd.json";
    shop.commit("go", &[(path, Some(&served("")))]);
    shop.receipt(&["alice"]);
    let layout = served("\n");
    shop.commit("layout", &[(path, Some(&layout)), ("flags/checkout/buy.yaml", Some(&flag("buy", 30)))]);
    shop.receipt(&["alice"]);
    refused(&shop, "`flags/checkout/f.flagd.json` changed with");
    // A file that nobody protected then: it is protected since, or gone.
    for protect in [true, false] {
        let mut shop = reviewed();
        shop.commit("deploy", &[("deploy.sh", Some("x\n")), ("flags/checkout/buy.yaml", Some(&flag("buy", 30)))]);
        shop.receipt(&["alice"]);
        if protect {
            let config = CONFIG.replace("[README.md]", "[README.md, deploy.sh]");
            shop.commit("protect", &[(".countersign/config.yaml", Some(&config))]);
            shop.receipt(&["kim"]);
        } else {
            shop.commit("gone", &[("deploy.sh", None), ("flags/checkout/buy.yaml", Some(&flag("buy", 40)))]);
            shop.receipt(&["alice"]);
        }
        refused(&shop, "`deploy.sh` changed with");
    }
    // A branch that was set back.
    let mut shop = reviewed();
    shop.flag("buy", 30);
    shop.receipt(&["alice"]);
    git(&shop.dir, &["reset", "-q", "--hard", "HEAD~1"]);
    refused(&shop, "its history was rewritten");
    // A commit that changes nothing is in nobody's way, and neither is what was protected and agreed to.
    let mut shop = reviewed();
    shop.commit("empty", &[]);
    shop.commit("readme", &[("README.md", Some("a shop\n")), ("flags/checkout/buy.yaml", Some(&flag("buy", 30)))]);
    shop.receipt(&["alice", "kim"]);
    shop.done(&["receipt", "--vsa", "../vsa.json"]);
}
