//! The chain of trusts: a key that is gone, or the word of nobody where none was asked for, adds no key and hides no
//! policy.

use serde_json::{Value, json};

use super::{Shop, flag};
use crate::git::{command, git};

const APPROVERS: &str = ".countersign/APPROVERS";
const TRUST: &str = ".countersign/trust.yaml";

/// A trust in which these keys sign receipts.
fn trust(shop: &Shop, receipts: &[&str], more: &str) -> String {
    let lines = |names: &[&str]| {
        names.iter().map(|name| format!("'{name} {}'", shop.public(name))).collect::<Vec<_>>().join(", ")
    };
    let (receipts, approvers) = (lines(receipts), lines(&["alice", "bob", "root", "kim"]));
    format!("version: 1\nrepository: acme/shop\nreceipts: [{receipts}]\napprovers: [{approvers}]\n{more}")
}

fn fingerprint(shop: &Shop, name: &str) -> String {
    let said = command("ssh-keygen", &shop.dir).arg("-lf").arg(shop.key(name)).output().unwrap().stdout;
    String::from_utf8(said).unwrap().split_whitespace().nth(1).unwrap().to_owned()
}

/// The commits that the branch had for a moment, and who signed receipts then.
struct Past {
    shop: Shop,
    /// The key of then; none where no signature was needed.
    old: Option<&'static str>,
    /// The commit before, the one that brought it, and the one that took it back.
    moment: [String; 3],
}

/// A branch whose receipts were signed by another key, or by nobody, when it had something else in its policy for a
/// moment, as inside of a rebase merge; its receipts are made again by the key of today.
fn past(unsigned: bool, revoked: bool, brought: &dyn Fn(&Shop) -> (&'static str, String)) -> Past {
    let mut shop = Shop::new();
    let old = if unsigned { None } else { Some("ci") };
    if unsigned {
        // The trust of the first commit is one without signatures.
        let open = trust(&shop, &[], "unsigned: accept\n");
        shop.write(&[(TRUST, Some(&open))]);
    } else {
        let first = trust(&shop, &["ci"], "");
        shop.write(&[(TRUST, Some(&first))]);
    }
    git(&shop.dir, &["commit", "-q", "-a", "--amend", "--no-edit"]);
    git(&shop.dir, &["tag", "-f", "start"]);
    let receipt = |shop: &Shop, key: Option<&str>, range: &str, by: &[&str]| {
        let commit = git(&shop.dir, &["rev-parse", range]);
        git(&shop.dir, &["checkout", "-q", &commit]);
        let seen = shop.evidence(by);
        let range = format!("{commit}~1..{commit}");
        let mut args = vec!["receipt", &range, "--again", "--branch", "main", "--evidence", seen.to_str().unwrap()];
        let path = key.map(|key| shop.key(key));
        if let Some(path) = &path {
            args.extend(["--sign-with", path.to_str().unwrap()]);
        }
        shop.done(&args);
        git(&shop.dir, &["checkout", "-q", "main"]);
    };
    let mut made = vec![(shop.flag("buy", 20), "alice")];
    receipt(&shop, old, "main", &["alice"]);
    let before = git(&shop.dir, &["rev-parse", "main"]);
    let (path, text) = brought(&shop);
    let honest = git(&shop.dir, &["show", &format!("main:{path}")]) + "\n";
    let came = shop.commit("wip", &[(path, Some(&text))]);
    let went = shop.commit("readme", &[(path, Some(&honest)), ("README.md", Some("a shop\n"))]);
    made.push((shop.flag("sell", 20), "alice"));
    receipt(&shop, old, "main", &["alice"]);
    let more = if revoked { format!("revoked: ['{}']\n", fingerprint(&shop, "ci")) } else { String::new() };
    let next = trust(&shop, &["new"], &more);
    made.push((shop.commit("another key", &[(TRUST, Some(&next))]), "kim"));
    receipt(&shop, old, "main", &["kim"]);
    for (commit, by) in &made {
        receipt(&shop, Some("new"), commit, &[by]);
    }
    shop.flag("other", 20);
    shop.receipt_by("new", &["alice"]);
    let (code, said) = shop.verify(&["--rev", "main"]);
    assert_eq!(code, 0, "{said:#}");
    Past { shop, old, moment: [before, came, went] }
}

/// A receipt of a commit that says that all of it was approved, with these rows more, onto another commit if one is
/// named.
fn forge(past: &Past, key: Option<&str>, commit: &str, onto: Option<&str>, more: &[Value]) {
    let shop = &past.shop;
    let range = format!("{commit}~1..{commit}");
    let printed = shop.done(&["receipt", &range, "--print", "--again", "--branch", "main", "--offline"]);
    let mut forged: Value = serde_json::from_str(&printed).unwrap();
    let said = &mut forged["predicate"];
    if let Some(onto) = onto {
        said["onto"] = json!(onto);
        said["policy"]["before"] = said["policy"]["after"].clone();
        said["policy"]["consent"] = Value::Null;
    }
    if said["previous"] == json!(past.moment[1]) {
        said["previous"] = json!(past.moment[0]);
    }
    said["outcome"] = json!("approved");
    said["why"] = Value::Null;
    said["madeAt"] = said["date"].clone();
    let mut rows = said["flags"].as_array().unwrap().clone();
    rows.extend(more.iter().cloned());
    rows.sort_by_key(|row| row["name"].as_str().unwrap().to_owned());
    said["flags"] = json!(rows);
    let approve = |consent: &mut Value| {
        if consent.is_object() {
            consent["outcome"] = json!("approved");
            consent["free"] = Value::Null;
            consent["approvals"] = json!([{"login": "alice", "at": null, "review": null}]);
        }
    };
    for row in said["flags"].as_array_mut().unwrap() {
        approve(&mut row["consent"]);
    }
    approve(&mut said["policy"]["consent"]);
    let subjects = rows.iter().filter(|row| row["after"].is_object());
    let mut subjects: Vec<Value> =
        subjects.map(|row| json!({"name": row["name"], "digest": {"sha256": row["after"]["digest"]}})).collect();
    subjects.push(json!({"name": ".countersign", "digest": {"sha256": said["policy"]["after"]}}));
    forged["subject"] = json!(subjects);
    shop.forge(&forged, key, "countersign");
}

/// The row of content that no branch has.
fn row(shop: &mut Shop) -> Value {
    git(&shop.dir, &["switch", "-q", "-c", "evil", "main"]);
    shop.flag("buy", 90);
    let printed = shop.done(&["receipt", "HEAD~1..HEAD", "--print", "--again", "--branch", "main", "--offline"]);
    git(&shop.dir, &["switch", "-q", "main"]);
    git(&shop.dir, &["branch", "-q", "-D", "evil"]);
    let printed: Value = serde_json::from_str(&printed).unwrap();
    printed["predicate"]["flags"][0].clone()
}

/// A person with the old key, or none, signs what was there for a moment, and from there on whatever they like with
/// this key.
fn attack(past: &mut Past, key: Option<&str>, bridged: bool) {
    let row = row(&mut past.shop);
    let [before, came, went] = past.moment.clone();
    forge(past, past.old, &came, None, &[]);
    forge(past, key, &before, None, &[]);
    forge(past, key, &went, (!bridged).then_some(before.as_str()), &[]);
    let later = git(&past.shop.dir, &["rev-list", "--reverse", &format!("{went}..main")]);
    let later: Vec<&str> = later.lines().collect();
    for commit in &later {
        let more = if later.last() == Some(commit) { std::slice::from_ref(&row) } else { &[] };
        forge(past, key, commit, None, more);
    }
    // The newer receipt of that moment says that nobody knows.
    let range = format!("{came}~1..{came}");
    let printed = past.shop.done(&["receipt", &range, "--print", "--again", "--branch", "main", "--offline"]);
    past.shop.forge(&serde_json::from_str(&printed).unwrap(), past.old, "countersign");
}

/// Content that no branch has is countersigned by nobody.
fn holds_nothing(past: &Past, what: &str) {
    std::fs::write(past.shop.path("served.yaml"), flag("buy", 90)).unwrap();
    let (code, said) = past.shop.verify(&["../served.yaml", "--format", "native", "--project", "checkout"]);
    assert_eq!(code, 1, "{what}: {said:#}");
}

fn comment(_: &Shop) -> (&'static str, String) {
    (APPROVERS, "# for a moment\n/flags/checkout/ @alice @bob\n".to_owned())
}

fn theirs(shop: &Shop) -> (&'static str, String) {
    (TRUST, trust(shop, &["mallory"], ""))
}

/// A key that was taken out or revoked, or the lack of one, keeps no policy of then alive: what the branch took back
/// while the same keys signed is nothing to the chain.
#[test]
fn a_policy_that_was_taken_back_keeps_no_key() {
    for (unsigned, revoked) in [(false, false), (false, true), (true, false)] {
        let mut past = past(unsigned, revoked, &comment);
        let old = past.old;
        attack(&mut past, old, false);
        let what = format!("unsigned: {unsigned}, revoked: {revoked}");
        holds_nothing(&past, &what);
        let (code, said) = past.shop.verify(&["--rev", "main"]);
        assert_eq!(code, 0, "{what}: {said:#}");
    }
}

/// A trust of somebody's that was there for a moment adds no key, whether they lead back from it or not.
#[test]
fn a_trust_that_was_taken_back_adds_no_key() {
    for (unsigned, revoked) in [(false, true), (false, false), (true, false)] {
        for bridged in [true, false] {
            let mut past = past(unsigned, revoked, &theirs);
            attack(&mut past, Some("mallory"), bridged);
            let what = format!("unsigned: {unsigned}, revoked: {revoked}, bridged: {bridged}");
            holds_nothing(&past, &what);
            let (code, said) = past.shop.verify(&["--rev", "main"]);
            if bridged {
                assert_eq!(code, 0, "{what}: {said:#}");
                continue;
            }
            // The receipts say two things, and two people settle which of them is so.
            assert_eq!(code, 1, "{what}: {said:#}");
            assert!(said["policy"]["why"].to_string().contains("two people"), "{what}: {said:#}");
            let (audit, out, _) = past.shop.run(&["audit", "start..main", "--receipts", "--exit-code"]);
            assert_eq!(audit, 1, "{what}: {out}");
            let range = format!("{0}~1..{0}", past.moment[1]);
            for person in ["root", "kim"] {
                assert_eq!(past.shop.verify(&["--rev", "main"]).0, 1, "{what}");
                let key = past.shop.key(person);
                let args = ["receipt", &range, "--again", "--offline", "--branch", "main", "--sign-with"];
                past.shop.done(&[&args[..], &[key.to_str().unwrap()]].concat());
            }
            let (code, said) = past.shop.verify(&["--rev", "main"]);
            assert_eq!(code, 0, "{what}: {said:#}");
            holds_nothing(&past, &what);
        }
    }
}

/// From a time without signatures to a key, as a workflow does it: the receipt of that merge is signed by the key that
/// it brings.
#[test]
fn a_key_after_a_time_without_one() {
    let mut shop = Shop::new();
    let open = trust(&shop, &[], "unsigned: accept\n");
    shop.write(&[(TRUST, Some(&open))]);
    git(&shop.dir, &["commit", "-q", "-a", "--amend", "--no-edit"]);
    shop.flag("buy", 20);
    let seen = shop.evidence(&["alice"]);
    shop.done(&["receipt", "HEAD~1..HEAD", "--evidence", seen.to_str().unwrap()]);
    let keys = trust(&shop, &["ci"], "");
    shop.commit("keys", &[(TRUST, Some(&keys))]);
    shop.receipt(&["kim"]);
    shop.flag("sell", 20);
    shop.receipt(&["bob"]);
    // A receipt that nobody signed counts no more, and is signed again.
    let (code, said) = shop.verify(&["--rev", "main"]);
    assert_eq!((code, &said["policy"]["coverage"]), (1, &json!("nobody")), "{said:#}");
    let first = git(&shop.dir, &["rev-parse", "main~2"]);
    git(&shop.dir, &["checkout", "-q", &first]);
    let (key, seen) = (shop.key("ci"), shop.evidence(&["alice"]));
    let args = ["receipt", "HEAD~1..HEAD", "--again", "--branch", "main", "--sign-with", key.to_str().unwrap()];
    shop.done(&[&args[..], &["--evidence", seen.to_str().unwrap()]].concat());
    git(&shop.dir, &["checkout", "-q", "main"]);
    let (code, said) = shop.verify(&["--rev", "main"]);
    assert_eq!(code, 0, "{said:#}");
}
