//! A year of a branch: 350 merges, forty of which are not as they should be. The audit and `verify` name each
//! of these and no other, without a network.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::Write;
use std::process::Stdio;

use countersign::git::Repo;
use countersign::git::kept::{RECEIPTS_REF, ToKeep};
use countersign::git::receipt_facts::merges_found;
use countersign::github::audit::without_evidence;
use countersign::receipt::Envelope;
use countersign::receipt::make::{MadeFor, MergeFacts, receipt};
use countersign::report::{Report, Verdict};
use countersign::review::audit::{AuditOutcome, GivenApproval, JudgedMerge};
use serde_json::Value;
use ssh_key::{HashAlg, LineEnding, PrivateKey};

use super::{CONFIG, Shop, flag};
use crate::git::{command, git};

const MERGES: usize = 350;
/// Flags that are as they should be.
const FLAGS: usize = 30;

/// The flaw of a planted merge.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Planted {
    Pushed,
    AdminMerged,
    EditedInMerge,
    Forged,
    Replayed,
    Reordered,
    Truncated,
    NotAllowed,
    PolicyChanged,
    TakenAway,
}

impl Planted {
    fn outcome(self) -> &'static str {
        match self {
            Planted::AdminMerged => "unapproved",
            Planted::EditedInMerge => "differs",
            Planted::NotAllowed => "not-allowed",
            _ => "missing",
        }
    }
}

/// How many of each: 38, and two receipts of a history that was rewritten make forty.
const PLANTED: &[(Planted, usize)] = &[
    (Planted::Pushed, 8),
    (Planted::AdminMerged, 5),
    (Planted::EditedInMerge, 4),
    (Planted::Forged, 5),
    (Planted::Replayed, 4),
    (Planted::Reordered, 2),
    (Planted::Truncated, 3),
    (Planted::NotAllowed, 4),
    (Planted::PolicyChanged, 2),
    (Planted::TakenAway, 1),
];

/// The merges by number: what is planted there.
fn plan() -> BTreeMap<usize, Planted> {
    let all: Vec<Planted> = PLANTED.iter().flat_map(|(what, times)| vec![*what; *times]).collect();
    // Far apart, and never the first ones.
    all.iter().enumerate().map(|(at, what)| (50 + at * 7, *what)).collect()
}

/// The flag that an honest merge changes: its path, its key and its share.
fn share(at: usize) -> (String, String, u32) {
    let key = format!("f{}", at % FLAGS);
    (format!("flags/checkout/{key}.yaml"), key, u32::try_from(at / FLAGS % 90 + 1).unwrap())
}

/// Writes the history in one go.
fn history(shop: &Shop, plan: &BTreeMap<usize, Planted>) {
    let mut stream = String::new();
    let file = |path: &str, text: &str| format!("M 100644 inline {path}\ndata {}\n{text}\n", text.len());
    let mut policy = false;
    let commit = |branch: &str, at: usize, message: &str| {
        let date = 1_755_000_000 + at * 90_000;
        let start = format!("commit refs/heads/{branch}\ncommitter jo <jo@example.com> {date} +0000\n");
        format!("{start}data {}\n{message}\n", message.len())
    };
    for at in 0..MERGES {
        let planted = plan.get(&at).copied();
        // Some come as merges of a branch, as it was proposed, and a few of them are edited in the merge.
        let is_merge = planted == Some(Planted::EditedInMerge) || planted.is_none() && at % 10 == 9;
        if is_merge {
            let (path, key, percent) = match planted {
                Some(_) => (format!("flags/checkout/planted{at}.yaml"), format!("planted{at}"), 10),
                None => share(at),
            };
            stream.push_str(&commit("side", at, "proposed"));
            stream.push_str("from refs/heads/main\n");
            stream.push_str(&file(&path, &flag(&key, percent)));
        }
        stream.push_str(&commit("main", at, &format!("merge {at}")));
        if at == 0 {
            stream.push_str("from refs/heads/main^0\n");
        }
        if is_merge {
            stream.push_str("merge refs/heads/side\n");
        }
        match plan.get(&at) {
            Some(Planted::PolicyChanged) => {
                // Opened to everybody, and closed again.
                policy = !policy;
                let open = CONFIG.replace("approvals: specific", "approvals: peer");
                stream.push_str(&file(".countersign/config.yaml", if policy { &open } else { CONFIG }));
            }
            Some(_) => {
                stream.push_str(&file(&format!("flags/checkout/planted{at}.yaml"), &flag(&format!("planted{at}"), 20)))
            }
            None => {
                let (path, key, percent) = share(at);
                stream.push_str(&file(&path, &flag(&key, percent)));
            }
        }
    }
    let mut child =
        command("git", &shop.dir).args(["fast-import", "--quiet", "--force"]).stdin(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(stream.as_bytes()).unwrap();
    assert!(child.wait().unwrap().success());
    git(&shop.dir, &["reset", "-q", "--hard", "main"]);
}

/// The report with what this person approved.
fn approved(facts: &MergeFacts, by: &str) -> Report {
    let mut report = facts.report.clone();
    for flag in &mut report.flags {
        for requirement in &mut flag.requirements {
            requirement.approved_by.push(by.to_owned());
        }
        if flag.verdict == Verdict::Pending {
            flag.verdict = Verdict::Approved;
        }
    }
    report
}

/// The receipts of the year.
struct YearOfReceipts {
    kept: Vec<ToKeep>,
    /// The outcome of each planted merge, by its commit.
    expected: BTreeMap<String, &'static str>,
    /// The commit whose receipt is taken away.
    gone: String,
}

fn signed(payload: &[u8], key: &PrivateKey) -> Vec<u8> {
    let signature = key.sign("countersign", HashAlg::Sha512, &Envelope::to_sign(payload)).unwrap();
    let armored = signature.to_pem(LineEnding::LF).unwrap();
    Envelope::unsigned(payload).signed(armored.as_bytes(), None).json().into_bytes()
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

fn receipts_of(shop: &Shop, plan: &BTreeMap<usize, Planted>, all: &[MergeFacts]) -> YearOfReceipts {
    let key = |name: &str| PrivateKey::from_openssh(fs::read_to_string(shop.key(name)).unwrap()).unwrap();
    let (ci, mallory) = (key("ci"), key("mallory"));
    let mut kept: Vec<ToKeep> = Vec::new();
    let mut previous = None;
    let mut expected: BTreeMap<String, &'static str> = BTreeMap::new();
    let mut gone = String::new();
    for (at, facts) in all.iter().enumerate() {
        let planted = plan.get(&at).copied();
        let made =
            MadeFor { repository: "acme/shop", branch: "main", previous: previous.clone(), made_at: &facts.date };
        previous = Some(facts.commit.clone());
        let mut change = without_evidence(&facts.gated());
        let by = if planted == Some(Planted::NotAllowed) { "carol" } else { "alice" };
        if planted == Some(Planted::AdminMerged) {
            change.outcome = AuditOutcome::Unapproved;
            change.why = Some("#9 was merged while approvals were missing".to_owned());
        } else {
            change.outcome = AuditOutcome::Approved;
            let approvals = vec![GivenApproval { login: by.to_owned(), at: facts.date.clone(), review: None }];
            change.judged = Some(Box::new(JudgedMerge { report: approved(facts, by), approvals }));
        }
        let mut receipt = receipt(facts, &change, &made);
        if planted == Some(Planted::EditedInMerge) {
            // The approved content is what the branch had, and not what was merged.
            receipt.flags[0].after.as_mut().unwrap().digest = "5".repeat(64);
        }
        let payload = serde_json::to_vec(&receipt.clone().statement()).unwrap();
        let bytes = match planted {
            Some(Planted::Pushed | Planted::PolicyChanged) => None,
            Some(Planted::Forged) => Some(signed(&payload, &mallory)),
            Some(Planted::Reordered) => {
                // It names one as before it that came after.
                let later = all[at + 20].commit.clone();
                let stated = countersign::receipt::Receipt { previous: Some(later), ..receipt.clone() };
                Some(signed(&serde_json::to_vec(&stated.statement()).unwrap(), &ci))
            }
            Some(Planted::Replayed) => Some(kept[at / 2].bytes.clone()),
            Some(Planted::Truncated) => {
                let whole = signed(&payload, &ci);
                Some(whole[..whole.len() - 40].to_vec())
            }
            Some(Planted::TakenAway) => {
                gone = facts.commit.clone();
                Some(signed(&payload, &ci))
            }
            None | Some(Planted::AdminMerged | Planted::EditedInMerge | Planted::NotAllowed) => {
                Some(signed(&payload, &ci))
            }
        };
        kept.extend(bytes.map(|bytes| ToKeep { about: facts.commit.clone(), bytes }));
        expected.extend(planted.map(|planted| (facts.commit.clone(), planted.outcome())));
    }
    // Two merges of a history that was rewritten have their receipts still.
    for digit in ["a", "b"] {
        let mut stated: Value = serde_json::from_slice(&super::decoded(
            &serde_json::from_slice::<Value>(&kept[0].bytes).unwrap()["payload"],
        ))
        .unwrap();
        stated["predicate"]["commit"] = digit.repeat(40).into();
        let payload = serde_json::to_vec(
            &serde_json::from_value::<countersign::receipt::Statement<countersign::receipt::Receipt>>(stated).unwrap(),
        )
        .unwrap();
        kept.push(ToKeep { about: digit.repeat(40), bytes: signed(&payload, &ci) });
    }
    YearOfReceipts { kept, expected, gone }
}

/// Takes a receipt away again, with a commit that anybody may push.
fn take_away(shop: &Shop, gone: &str) {
    let index = shop.path("index");
    let plumb = |args: &[&str]| {
        let done = command("git", &shop.dir).env("GIT_INDEX_FILE", &index).args(args).output().unwrap();
        assert!(done.status.success(), "{args:?}: {}", String::from_utf8_lossy(&done.stderr));
        String::from_utf8(done.stdout).unwrap().trim().to_owned()
    };
    plumb(&["read-tree", RECEIPTS_REF]);
    plumb(&["rm", "-q", "-r", "--cached", &format!("{}/{}", &gone[..2], &gone[2..])]);
    let tree = plumb(&["write-tree"]);
    let tip = plumb(&["commit-tree", &tree, "-p", RECEIPTS_REF, "-m", "tidy up"]);
    plumb(&["update-ref", RECEIPTS_REF, &tip]);
}

/// The audit names the planted merges and no other.
fn the_audit_names_them(shop: &Shop, expected: BTreeMap<String, &'static str>) {
    let (code, out, err) = shop.run(&["audit", "start..main", "--receipts", "--format", "json", "--exit-code"]);
    assert_eq!(code, 1, "{err}");
    let audit: Value = serde_json::from_str(&out).unwrap();
    crate::schema::holds("receipt-audit", &audit);
    let clean = ["free", "approved", "overridden"];
    let named: BTreeMap<String, String> = audit["merges"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|merge| !clean.contains(&merge["outcome"].as_str().unwrap()))
        .map(|merge| (text(&merge["commit"]), text(&merge["outcome"])))
        .collect();
    let expected: BTreeMap<String, String> =
        expected.into_iter().map(|(commit, outcome)| (commit, outcome.to_owned())).collect();
    let only = |one: &BTreeMap<String, String>, other: &BTreeMap<String, String>| -> Vec<String> {
        let rest = one.iter().filter(|(commit, outcome)| other.get(*commit) != Some(*outcome));
        rest.map(|(commit, outcome)| format!("{commit} {outcome}")).collect()
    };
    assert_eq!(only(&named, &expected), Vec::<String>::new(), "false alarms");
    assert_eq!(only(&expected, &named), Vec::<String>::new(), "misses");
    // A receipt about no merge of the branch is reported as well.
    let all = ["diagnostics", "unrelated"].map(|name| audit[name].as_array().unwrap().clone()).concat();
    let diagnostics: Vec<String> = all.iter().map(|one| text(&one["why"])).collect();
    let count = |said: &str| diagnostics.iter().filter(|diagnostic| diagnostic.contains(said)).count();
    assert_eq!(count("its commit is not in the history of the branch"), 2, "{diagnostics:#?}");
    assert_eq!(count("the trust does not name the key"), 5);
    assert_eq!(count("it is no envelope of DSSE"), 3);
    assert_eq!(count("whose commit is not in the history of the branch before it"), 2);
    assert_eq!(count("was taken out of"), 1);
}

#[test]
fn a_year_of_merges_and_forty_that_are_not_as_they_should_be() {
    let shop = Shop::new();
    let plan = plan();
    assert_eq!(plan.len(), 38);
    history(&shop, &plan);
    let repo = Repo::open(&shop.dir).unwrap();
    let start = repo.commit("start").unwrap();
    let merged = repo.merged_changes(Some(&start), &repo.commit("main").unwrap(), None).unwrap();
    assert_eq!(merged.len(), MERGES);
    assert!(git(&shop.dir, &["rev-list", "--merges", "--count", "main"]).parse::<usize>().unwrap() > 30);
    let found = merges_found(&repo, &merged, &|| ()).unwrap();
    assert_eq!(found.facts.len(), MERGES);
    let YearOfReceipts { kept, expected, gone } = receipts_of(&shop, &plan, &found.facts);
    repo.keep(RECEIPTS_REF, &kept, 1_900_000_000).unwrap();
    take_away(&shop, &gone);
    the_audit_names_them(&shop, expected);

    // The served content now: every flag with a planted step that its receipt does not cover, and no other.
    let (_, said) = shop.verify(&["--rev", "main"]);
    let nobody: BTreeSet<String> = said["flags"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|flag| flag["coverage"] == "nobody")
        .map(|flag| text(&flag["name"]))
        .collect();
    let uncovered = plan.iter().filter(|(_, what)| !matches!(what, Planted::NotAllowed | Planted::PolicyChanged));
    let mut expected: BTreeSet<String> = uncovered.map(|(at, _)| format!("checkout/planted{at}")).collect();
    // A merge that was judged while the policy was one that nobody approved nobody approved, either.
    let changed: Vec<usize> =
        plan.iter().filter(|(_, what)| **what == Planted::PolicyChanged).map(|(at, _)| *at).collect();
    let [opened, closed] = changed.as_slice() else { panic!("{changed:?}") };
    let meanwhile = (opened + 1..*closed).filter(|at| !plan.contains_key(at));
    expected.extend(meanwhile.map(|at| format!("checkout/f{}", at % FLAGS)));
    assert_eq!(nobody, expected);
    // It is what it was when it was approved.
    assert_eq!(said["policy"]["coverage"], "countersigned");
    // In another order a bundle says the same.
    let all: Vec<String> = kept.iter().rev().map(|one| String::from_utf8_lossy(&one.bytes).replace('\n', "")).collect();
    fs::write(shop.path("reversed.jsonl"), all.join("\n")).unwrap();
    let bundle = shop.path("reversed.jsonl");
    let (_, other) = shop.verify(&["--rev", "main", "--bundle", bundle.to_str().unwrap()]);
    let coverage = |said: &Value| -> BTreeMap<String, String> {
        said["flags"].as_array().unwrap().iter().map(|flag| (text(&flag["name"]), text(&flag["coverage"]))).collect()
    };
    let mut whole = coverage(&said);
    // In it nothing was taken away.
    let taken = plan.iter().find(|(_, what)| **what == Planted::TakenAway).unwrap().0;
    whole.insert(format!("checkout/planted{taken}"), "countersigned".to_owned());
    assert_eq!(coverage(&other), whole);

    // An auditor asks who let it in.
    let (_, out, _) = shop.run(&[
        "audit",
        "start..main",
        "--receipts",
        "--flag",
        "checkout/f7",
        "--approver",
        "@alice",
        "--format",
        "csv",
    ]);
    let rows: Vec<&str> = out.lines().collect();
    assert_eq!(
        rows.len() - 1,
        found.facts.iter().filter(|facts| facts.served.iter().any(|one| one.name == "checkout/f7")).count()
    );
    let (_, page, _) = shop.run(&["audit", "start..main", "--receipts", "--flag", "checkout/f7", "--format", "html"]);
    assert!(
        page.contains("approved by @alice") && page.contains("default-src 'none'") && !page.contains("<script"),
        "{page}"
    );
}

/// The receipts of a long history, one for each flag; benches/receipts.rs measures the time.
#[test]
fn hundreds_of_flags_with_a_receipt_each() {
    const MANY: usize = 300;
    let shop = Shop::new();
    let mut stream = String::new();
    for at in 0..MANY {
        let (path, text) = (format!("flags/sandbox/f{at}.yaml"), flag(&format!("f{at}"), 20));
        stream.push_str(&format!(
            "commit refs/heads/main\ncommitter jo <jo@example.com> {} +0000\ndata 1\nx\n",
            1_794_000_000 + at
        ));
        stream.push_str(if at == 0 { "from refs/heads/main^0\n" } else { "" });
        stream.push_str(&format!("M 100644 inline {path}\ndata {}\n{text}\n", text.len()));
    }
    let mut child =
        command("git", &shop.dir).args(["fast-import", "--quiet", "--force"]).stdin(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(stream.as_bytes()).unwrap();
    assert!(child.wait().unwrap().success());
    git(&shop.dir, &["reset", "-q", "--hard", "main"]);
    let repo = Repo::open(&shop.dir).unwrap();
    let start = repo.commit("start").unwrap();
    let merged = repo.merged_changes(Some(&start), &repo.commit("main").unwrap(), None).unwrap();
    let ci = PrivateKey::from_openssh(fs::read_to_string(shop.key("ci")).unwrap()).unwrap();
    let mut previous = None;
    let mut kept = Vec::new();
    for facts in merges_found(&repo, &merged, &|| ()).unwrap().facts {
        let made = MadeFor { repository: "acme/shop", branch: "main", previous, made_at: &facts.date };
        let mut change = without_evidence(&facts.gated());
        change.outcome = AuditOutcome::Free;
        let payload = serde_json::to_vec(&receipt(&facts, &change, &made).statement()).unwrap();
        let signature = ci.sign("countersign", HashAlg::Sha512, &Envelope::to_sign(&payload)).unwrap();
        let armored = signature.to_pem(LineEnding::LF).unwrap();
        let bytes = Envelope::unsigned(&payload).signed(armored.as_bytes(), None).json().into_bytes();
        kept.push(ToKeep { about: facts.commit.clone(), bytes });
        previous = Some(facts.commit);
    }
    repo.keep(RECEIPTS_REF, &kept, 1_900_000_000).unwrap();
    let (code, said) = shop.verify(&["--rev", "main"]);
    let free = said["flags"].as_array().unwrap().iter().filter(|flag| flag["coverage"] == "free").count();
    assert_eq!((code, free, said["receipts"].as_u64()), (0, MANY, Some(MANY as u64)));
}
