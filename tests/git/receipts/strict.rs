//! The first steps of a team, and questions of a strict auditor: nobody gets stuck by an honest mistake, and nothing
//! found is not nothing wrong.

use serde_json::{Value, json};

use super::Shop;
use crate::git::{command, git};

const TRUST: &str = ".countersign/trust.yaml";

/// A branch whose trust comes late, by a merge that nobody could approve by key.
fn beginning() -> (Shop, String) {
    let mut shop = Shop::new();
    git(&shop.dir, &["checkout", "-q", "--orphan", "late"]);
    std::fs::remove_file(shop.dir.join(TRUST)).unwrap();
    shop.commit("policy", &[]);
    git(&shop.dir, &["tag", "-f", "start"]);
    let trust = shop.trust("people: {jo: [jo@example.com], alice: [alice@example.com]}\n");
    let begins = shop.commit("trust", &[(TRUST, Some(&trust))]);
    git(&shop.dir, &["branch", "-M", "late", "main"]);
    git(&shop.dir, &["switch", "-q", "-c", "proposal"]);
    shop.flag("buy", 20);
    let key = shop.key("alice");
    shop.done(&["approve", "proposal", "--yes", "--sign-with", key.to_str().unwrap()]);
    git(&shop.dir, &["switch", "-q", "main"]);
    git(&shop.dir, &["merge", "-q", "--no-ff", "-m", "buy", "proposal"]);
    (shop, begins)
}

/// The merge that brings the trust has no receipt that says that nobody let it in: that would hold nothing for good.
#[test]
fn receipts_of_everything_begin_with_the_trust() {
    let (shop, begins) = beginning();
    let key = shop.key("ci");
    let key = key.to_str().unwrap();
    for how in ["--signed", "--offline"] {
        let (code, out, err) = shop.run(&["receipt", "start..main", how, "--sign-with", key, "--branch", "main"]);
        assert_eq!(code, 0, "{out}{err}");
        assert!(err.contains(&format!("{}: no receipt, since it brings the trust", &begins[..8])), "{err}");
        assert!(shop.envelopes().iter().all(|(commit, _)| *commit != begins));
        if how == "--signed" {
            let (code, said) = shop.verify(&["--rev", "main"]);
            assert_eq!(code, 0, "{said:#}");
            // An audit names it, and asks for no receipt of it.
            let (code, out, _) = shop.run(&["audit", "start..main", "--receipts", "--exit-code"]);
            assert_eq!(code, 0, "{out}");
            let said = out.split_whitespace().collect::<Vec<_>>().join(" ");
            assert!(
                said.contains(&format!("{}: it brings the trust with which the receipts begin", &begins[..8])),
                "{out}"
            );
        }
    }
    // One that somebody let in has its receipt as any.
    let (shop, begins) = beginning();
    git(&shop.dir, &["checkout", "-q", &begins]);
    let seen = shop.evidence(&["kim"]);
    let range = format!("{begins}~1..{begins}");
    let seen = seen.to_str().unwrap();
    shop.done(&[
        "receipt",
        &range,
        "--evidence",
        seen,
        "--branch",
        "main",
        "--sign-with",
        shop.key("ci").to_str().unwrap(),
    ]);
    assert_eq!(shop.envelopes()[0].0, begins);
}

/// Nothing is ever taken out of the reference, so what would count for nothing does not get there by mistake.
#[test]
fn nobody_forgets_to_sign() {
    let (shop, _) = beginning();
    let (code, _, err) = shop.run(&["receipt", "main~1..main", "--signed"]);
    assert!(code == 2 && err.contains("the trust takes no receipt without a signature"), "{err}");
    assert!(err.contains("--sign-with FILE"), "{err}");
    assert_eq!(git(&shop.dir, &["for-each-ref", "refs/countersign/receipts"]), "");
    shop.done(&["receipt", "main~1..main", "--signed", "--print"]);
}

/// A receipt that was signed again, since its key was stolen, is as it should be; a receipt by that key that says
/// another thing is not.
#[test]
fn signed_again_an_audit_is_clean() {
    let mut shop = Shop::new();
    shop.flag("buy", 20);
    shop.receipt(&["alice"]);
    let first = git(&shop.dir, &["rev-parse", "main"]);
    let stated = super::statement(&shop.envelopes()[0].1);
    let ci = shop.public("ci");
    let print = command("ssh-keygen", &shop.dir).arg("-lf").arg(shop.key("ci")).output().unwrap().stdout;
    let print = String::from_utf8(print).unwrap().split_whitespace().nth(1).unwrap().to_owned();
    let next = shop.trust(&format!("revoked: ['{print}']\n"));
    let next = next.replace(&format!("ci@acme.example {ci}"), &format!("new@acme.example {}", shop.public("new")));
    let line = format!("receipts: ['new@acme.example {}'", shop.public("new"));
    let next = next.replace(&line, &format!("{line}, 'ci@acme.example {ci}'"));
    shop.commit("another key", &[(TRUST, Some(&next))]);
    shop.receipt(&["kim"]);
    shop.receipt_by("new", &["kim"]);
    let again = |shop: &Shop, by: &[&str], commit: &str| {
        let head = git(&shop.dir, &["rev-parse", "main"]);
        git(&shop.dir, &["checkout", "-q", commit]);
        let (key, seen) = (shop.key("new"), shop.evidence(by));
        let [key, seen] = [&key, &seen].map(|path| path.to_str().unwrap());
        let range = format!("{commit}~1..{commit}");
        shop.done(&["receipt", &range, "--again", "--branch", "main", "--sign-with", key, "--evidence", seen]);
        git(&shop.dir, &["checkout", "-q", "-B", "main", &head]);
    };
    let audit = |shop: &Shop| {
        let (code, out, err) = shop.run(&["audit", "start..main", "--receipts", "--format", "json", "--exit-code"]);
        let audit: Value = serde_json::from_str(&out).unwrap_or_else(|_| panic!("{out}{err}"));
        (code, audit)
    };
    assert_eq!(audit(&shop).0, 1);
    again(&shop, &["alice"], &first);
    again(&shop, &["kim"], "main");
    assert_eq!(shop.verify(&["--rev", "main"]).0, 0, "{:#}", shop.verify(&["--rev", "main"]).1);
    let (code, audited) = audit(&shop);
    assert_eq!((code, &audited["diagnostics"]), (0, &json!([])), "{audited:#}");
    assert!(audited["unrelated"].to_string().contains("is revoked"), "{audited:#}");
    let mut forged = stated;
    forged["predicate"]["flags"][0]["consent"]["approvals"][0]["login"] = json!("bob");
    shop.forge(&forged, Some("ci"), "countersign");
    let (code, audited) = audit(&shop);
    assert_eq!((code, audited["diagnostics"].as_array().unwrap().len()), (1, 1), "{audited:#}");
}

/// A misspelt name finds nothing, which must not look like nothing wrong.
#[test]
fn a_misspelt_question_is_no_answer() {
    let mut shop = Shop::new();
    shop.flag("buy", 20);
    shop.receipt(&["alice"]);
    let audit = |more: &[&str]| shop.run(&[&["audit", "start..main", "--receipts", "--exit-code"], more].concat());
    let (code, _, err) = audit(&["--flag", "checkout/by"]);
    assert!(code == 2 && err.contains("write `--flag checkout/buy` if that is meant"), "{err}");
    let (code, _, err) = audit(&["--flag", "nothing like it"]);
    assert!(code == 2 && err.contains("no merge and no receipt is about the flag"), "{err}");
    for name in ["checkout/buy", ".countersign"] {
        assert_eq!(audit(&["--flag", name]).0, 0, "{name}");
    }
    let (code, _, err) = audit(&["--approver", "@alise"]);
    assert!(code == 0 && err.contains("no receipt names `alise`"), "{err}");
    let (code, out, err) = audit(&["--approver", "@Alice"]);
    assert!(code == 0 && out.contains("approved by @alice") && !err.contains("no receipt names"), "{out}{err}");
}

/// The trust is that of the base, whatever a revision, or what is checked, says of itself.
#[test]
fn the_trust_is_that_of_the_base() {
    let mut shop = Shop::new();
    let people = "people: {jo: [jo@example.com], alice: [alice@example.com]}\n";
    let honest = shop.trust(people);
    shop.commit("people", &[(TRUST, Some(&honest))]);
    shop.receipt(&["kim"]);
    git(&shop.dir, &["switch", "-q", "-c", "proposal"]);
    let mallory = shop.public("mallory");
    let theirs = honest.replace(&shop.public("ci"), &mallory).replace(&shop.public("alice"), &mallory);
    shop.commit("mine", &[(TRUST, Some(&theirs))]);
    shop.receipt_by("mallory", &["kim"]);
    shop.flag("buy", 90);
    shop.receipt_by("mallory", &["alice"]);
    let (code, said) = shop.verify(&["--rev", "proposal"]);
    assert_eq!((code, said["flags"][0]["coverage"].as_str()), (1, Some("nobody")), "{said:#}");
    let (code, said) = shop.verify(&["flags/checkout/buy.yaml"]);
    assert_eq!((code, said["flags"][0]["coverage"].as_str()), (1, Some("nobody")), "{said:#}");
    let key = shop.key("mallory");
    let args = ["approve", "proposal", "--yes", "--anyway", "--sign-with", key.to_str().unwrap()];
    let (code, _, err) = shop.run(&args);
    assert!(code == 2 && err.contains("stands under `approvers` of nobody"), "{err}");
    assert_ne!(shop.run(&["check", "--signed", "--head", "proposal", "--exit-code"]).0, 0);
    let (code, out, _) = shop.run(&["audit", "start..proposal", "--receipts", "--branch", "main", "--exit-code"]);
    assert_eq!(code, 1, "{out}");
}
