//! Attacks on receipts: each counts for nothing, and is named.

use std::fs;

use serde_json::{Value, json};

use super::{Shop, envelope, statement};
use crate::git::{command, git};

/// A branch with one flag that alice approved, and the statement about it.
fn approved() -> (Shop, Value) {
    let mut shop = Shop::new();
    shop.flag("buy", 20);
    shop.receipt(&["alice"]);
    assert_eq!(shop.verify(&["--rev", "main"]).0, 0);
    let stated = statement(&shop.envelopes()[0].1);
    (shop, stated)
}

/// Then somebody pushes another content, and this is what the receipt they would like to have would say.
fn pushed() -> (Shop, Value) {
    let (mut shop, _) = approved();
    shop.flag("buy", 90);
    let evidence = shop.evidence(&["alice"]);
    let printed = shop.done(&["receipt", "HEAD~1..HEAD", "--print", "--evidence", evidence.to_str().unwrap()]);
    let wanted: Value = serde_json::from_str(&printed).unwrap();
    assert_eq!(wanted["predicate"]["outcome"], "approved");
    (shop, wanted)
}

/// The flag is not countersigned, and there is one diagnostic, which says this.
#[track_caller]
fn refused(shop: &Shop, why: &str) {
    let (code, said) = shop.verify(&["--rev", "main"]);
    assert_eq!((code, said["flags"][0]["coverage"].as_str()), (1, Some("nobody")), "{said:#}");
    let diagnostics: Vec<&str> =
        said["diagnostics"].as_array().unwrap().iter().map(|one| one["why"].as_str().unwrap()).collect();
    assert!(diagnostics.iter().any(|diagnostic| diagnostic.contains(why)), "{why}: {diagnostics:?}");
}

/// The test of the tests: with the key that is trusted, that very receipt counts.
#[test]
fn what_is_signed_by_who_may_counts() {
    let (shop, wanted) = pushed();
    shop.forge(&wanted, Some("ci"), "countersign");
    assert_eq!(shop.verify(&["--rev", "main"]).0, 0);
}

#[test]
fn a_signature_that_counts_for_nothing_is_warned_of() {
    let (shop, _) = approved();
    for (key, told) in [("mallory", true), ("alice", true), ("ci", false)] {
        let key = shop.key(key);
        let args = ["receipt", "HEAD~1..HEAD", "--again", "--offline", "--sign-with", key.to_str().unwrap()];
        let (code, _, err) = shop.run(&args);
        assert_eq!(
            (code, err.contains("counts for nothing, since the trust does not name the key")),
            (0, told),
            "{err}"
        );
    }
}

#[test]
fn a_receipt_of_anybody_else_counts_for_nothing() {
    let (shop, wanted) = pushed();
    shop.forge(&wanted, Some("mallory"), "countersign");
    refused(&shop, "the trust does not name the key SHA256:");
    let (shop, wanted) = pushed();
    // A signer of approvals signs no receipts.
    shop.forge(&wanted, Some("alice"), "countersign");
    refused(&shop, "the trust does not name the key SHA256:");
    let (shop, wanted) = pushed();
    shop.forge(&wanted, None, "countersign");
    refused(&shop, "it is not signed");
    let (shop, wanted) = pushed();
    shop.forge(&wanted, Some("ci"), "git");
    refused(&shop, "it is signed for `git`, not for `countersign`");
}

/// A person who is faster than the workflow keeps no receipt from being made.
#[test]
fn a_forged_receipt_is_in_nobodys_way() {
    let (shop, wanted) = pushed();
    shop.forge(&wanted, Some("mallory"), "countersign");
    shop.forge(&wanted, None, "countersign");
    shop.receipt(&["alice"]);
    assert_eq!(shop.verify(&["--rev", "main"]).0, 0);
    let there = shop.envelopes().len();
    shop.receipt(&["alice"]);
    assert_eq!(shop.envelopes().len(), there);
}

/// A signature of another content, and two signatures.
#[test]
fn a_signature_of_something_else_counts_for_nothing() {
    let (shop, wanted) = pushed();
    let old = shop.envelopes()[0].1.clone();
    let mut moved = envelope(&shop, wanted.to_string().as_bytes(), None, "countersign");
    moved["signatures"] = old["signatures"].clone();
    let keep = |envelope: &Value| {
        fs::write(shop.path("moved.json"), envelope.to_string()).unwrap();
        shop.run(&["receipt", "--keep", shop.path("moved.json").to_str().unwrap()]).2
    };
    keep(&moved);
    refused(&shop, "is not over this content");
    let other = envelope(&shop, wanted.to_string().as_bytes(), Some("ci"), "countersign");
    moved["signatures"] = json!([old["signatures"][0], other["signatures"][0]]);
    keep(&moved);
    refused(&shop, "it has more than one signature");
}

/// Moved to another flag, another digest, another branch, another repository, another commit.
#[test]
fn a_receipt_about_something_else_counts_for_nothing_here() {
    let swap = |pointer: &str, value: Value, why: &str| {
        let (shop, mut wanted) = pushed();
        *wanted.pointer_mut(pointer).unwrap() = value;
        shop.forge(&wanted, Some("ci"), "countersign");
        refused(&shop, why);
    };
    swap("/predicate/repository", json!("acme/other"), "it is about `acme/other`");
    swap("/predicate/branch", json!("release"), "it is about the branch `release`");
    let nowhere = "1".repeat(40);
    swap("/predicate/commit", json!(nowhere), "its commit is not in the history of the branch");
}

/// Subjects that say another thing than the predicate, members nobody knows, digests of another form.
#[test]
fn what_is_not_understood_whole_is_no_receipt() {
    for (pointer, value) in [
        ("/subject/0/name", json!("checkout/pay")),
        ("/subject/0/digest/sha256", json!("0".repeat(64))),
        ("/subject/0/digest", json!({"sha512": "0".repeat(128)})),
        ("/predicate/flags/0/after/digest", json!("short")),
        ("/predicate/outcome", json!("splendid")),
        ("/predicateType", json!("urn:countersign:receipt:v2")),
        ("/_type", json!("https://in-toto.io/Statement/v0.1")),
        ("/predicate/madeAt", json!("yesterday")),
        ("/predicate/flags/0/consent/whole", json!({"really": true})),
        ("/predicate/onto", json!("HEAD")),
    ] {
        let (shop, mut wanted) = pushed();
        *wanted.pointer_mut(pointer).unwrap() = value;
        let path = shop.path("forged.json");
        fs::write(&path, envelope(&shop, wanted.to_string().as_bytes(), Some("ci"), "countersign").to_string())
            .unwrap();
        let (code, _, err) = shop.run(&["receipt", "--keep", path.to_str().unwrap()]);
        assert_eq!(code, 2, "{pointer}: {err}");
        // Brought in by somebody with a program of their own, it still is none.
        fs::write(shop.path("one.jsonl"), format!("{}\n", fs::read_to_string(&path).unwrap().replace('\n', " ")))
            .unwrap();
        let bundle = shop.path("one.jsonl");
        let (code, said) = shop.verify(&["--rev", "main", "--bundle", bundle.to_str().unwrap()]);
        assert_eq!((code, said["receipts"].as_u64()), (1, Some(0)), "{pointer}: {said:#}");
        assert_eq!(said["diagnostics"].as_array().unwrap().len(), 1, "{pointer}");
    }
}

#[test]
fn a_key_that_is_revoked_or_expired_counts_no_more() {
    let (mut shop, _) = approved();
    let print = fingerprint(&shop, "ci");
    let trust = shop.trust(&format!("revoked: ['{print}']\n"));
    shop.commit("revoked", &[(".countersign/trust.yaml", Some(&trust))]);
    refused(&shop, &format!("the key {print} is revoked"));
    // Valid until before the commit: dated back it counts no more, either.
    let (mut shop, _) = approved();
    let ci = shop.public("ci");
    let trust = shop
        .trust("")
        .replace(&format!("ci@acme.example {ci}"), &format!("ci@acme.example valid-before=\"20260101Z\" {ci}"));
    shop.commit("expired", &[(".countersign/trust.yaml", Some(&trust))]);
    refused(&shop, "the key was not valid any more");
    let (mut shop, wanted) = pushed();
    let trust = shop.trust("").replace(
        &format!("ci@acme.example {ci}", ci = shop.public("ci")),
        &format!("ci@acme.example valid-before=\"20261102060000Z\" {}", shop.public("ci")),
    );
    shop.commit("expires", &[(".countersign/trust.yaml", Some(&trust))]);
    let mut back = wanted.clone();
    back["predicate"]["madeAt"] = json!("2026-01-01T00:00:00Z");
    shop.forge(&back, Some("ci"), "countersign");
    refused(&shop, "the key was not valid any more");
}

/// A person who pushes a trust with a key of their own has receipts of that key, and not one that appoints it.
#[test]
fn a_key_does_not_vouch_for_its_own_appointment() {
    let (mut shop, _) = approved();
    let ci = shop.public("ci");
    let mine = shop.trust("").replace(&ci, &shop.public("mallory"));
    shop.commit("mine", &[(".countersign/trust.yaml", Some(&mine))]);
    shop.receipt_by("mallory", &["kim"]);
    shop.flag("buy", 90);
    shop.receipt_by("mallory", &["alice"]);
    let (code, said) = shop.verify(&["--rev", "main"]);
    assert_eq!((code, said["policy"]["coverage"].as_str()), (1, Some("nobody")), "{said:#}");
    let diagnostics = said["diagnostics"].to_string();
    assert!(diagnostics.contains("its key stands in a trust that no receipt covers"), "{diagnostics}");
    let (code, out, _) = shop.run(&["audit", "start..main", "--receipts", "--exit-code"]);
    assert_eq!(code, 1, "{out}");
    // Handed on by the key there was, it is another matter; the receipts of before stay those of the key of before.
    let (mut shop, _) = approved();
    let both = shop.trust("").replace(
        &format!("receipts: ['ci@acme.example {ci}']", ci = shop.public("ci")),
        &format!("receipts: ['ci@acme.example {}', 'new@acme.example {}']", shop.public("ci"), shop.public("mallory")),
    );
    shop.commit("handed on", &[(".countersign/trust.yaml", Some(&both))]);
    shop.receipt_by("ci", &["kim"]);
    shop.flag("buy", 90);
    shop.receipt_by("mallory", &["alice"]);
    assert_eq!(shop.verify(&["--rev", "main"]).0, 0);
}

#[test]
fn no_receipt_comes_from_the_future() {
    let (shop, mut wanted) = pushed();
    wanted["predicate"]["madeAt"] = json!("2999-01-01T00:00:00Z");
    shop.forge(&wanted, Some("ci"), "countersign");
    refused(&shop, "which is still to come");
}

/// The receipt of the approved content is no receipt of the other one, however often it is there.
#[test]
fn a_receipt_that_is_played_again_covers_its_own_content() {
    let (mut shop, stated) = approved();
    shop.flag("buy", 90);
    shop.forge(&stated, Some("ci"), "countersign");
    let (code, said) = shop.verify(&["--rev", "main"]);
    assert_eq!((code, said["flags"][0]["coverage"].as_str()), (1, Some("nobody")), "{said:#}");
}

/// A person who takes the reference away takes away every countersignature, and nothing is taken for granted.
#[test]
fn a_reference_that_is_gone_is_an_error() {
    let (shop, _) = approved();
    git(&shop.dir, &["update-ref", "-d", "refs/countersign/receipts"]);
    let (code, _, err) = shop.run(&["verify", "--rev", "main"]);
    assert_eq!(code, 5);
    assert!(err.contains("so no receipt is known"), "{err}");
}

/// A clone without the objects of the receipts knows of none of them, and says so.
#[test]
fn a_partial_clone_is_no_clone_without_receipts() {
    let (shop, _) = approved();
    git(&shop.dir, &["config", "uploadpack.allowFilter", "true"]);
    let from = format!("file://{}", shop.dir.display());
    git(shop.dir.parent().unwrap(), &["clone", "-q", &from, "partial"]);
    let partial = shop.path("partial");
    git(&partial, &["config", "remote.origin.promisor", "true"]);
    git(&partial, &["config", "remote.origin.partialclonefilter", "blob:none"]);
    git(
        &partial,
        &["fetch", "-q", "--filter=blob:none", "origin", "refs/countersign/receipts:refs/countersign/receipts"],
    );
    let done = command(env!("CARGO_BIN_EXE_countersign"), &partial).args(["verify", "--rev", "main"]).output().unwrap();
    assert_eq!(done.status.code(), Some(5), "{}", String::from_utf8_lossy(&done.stdout));
    // Whole, it is what everybody has.
    git(
        &partial,
        &["fetch", "-q", "--refetch", "--no-filter", "origin", "+refs/countersign/receipts:refs/countersign/receipts"],
    );
    let done = command(env!("CARGO_BIN_EXE_countersign"), &partial)
        .args(["verify", "--rev", "main", "--exit-code"])
        .output()
        .unwrap();
    assert_eq!(done.status.code(), Some(0), "{}", String::from_utf8_lossy(&done.stderr));
}

/// The fingerprint of a key, as `ssh-keygen -l` prints it.
fn fingerprint(shop: &Shop, name: &str) -> String {
    let done = command("ssh-keygen", &shop.dir).args(["-lf"]).arg(shop.key(name)).output().unwrap();
    String::from_utf8(done.stdout).unwrap().split(' ').nth(1).unwrap().to_owned()
}
