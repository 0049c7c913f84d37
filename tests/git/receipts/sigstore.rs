//! Bundles of Sigstore, held against Sigstore's own libraries, and what is kept of them.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};

use super::{Shop, decoded, flag, statement};
use crate::git::command;

const IDENTITY: &str =
    "https://github.com/acme/shop/.github/workflows/countersign-receipts-keyless.yml@refs/heads/main";
const ANOTHER: &str = "https://github.com/acme/shop/.github/workflows/another.yml@refs/heads/main";
const ISSUER: &str = "https://token.actions.githubusercontent.com";

/// The folder of what is kept: `scripts/sigstore keep` makes it.
fn kept() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/sigstore")
}

fn trust(identity: &str, issuer: &str) -> String {
    format!("version: 1\nrepository: acme/shop\nkeyless: [{{issuer: \"{issuer}\", identity: \"{identity}\"}}]\n")
}

/// The arguments of the script, with the libraries that `scripts/sigstore` installed; none where it did not.
fn script() -> Option<[PathBuf; 2]> {
    let packages = std::env::var_os("COUNTERSIGN_SIGSTORE")?;
    Some([Path::new(env!("CARGO_MANIFEST_DIR")).join("scripts/sigstore.mjs"), packages.into()])
}

/// The answer of `verify` for the flag that is kept, by this bundle and trust, with this script for `cosign`: coverage
/// and diagnostics.
fn judged(folder: &Path, bundle: &str, trust: &str, cosign: &str) -> (String, String) {
    let bin = folder.join("bin");
    fs::create_dir_all(&bin).unwrap();
    fs::write(bin.join("cosign"), format!("#!/bin/sh\n{cosign}\n")).unwrap();
    fs::set_permissions(bin.join("cosign"), fs::Permissions::from_mode(0o755)).unwrap();
    fs::write(folder.join("receipts.jsonl"), format!("{bundle}\n")).unwrap();
    fs::write(folder.join("trust.yaml"), trust).unwrap();
    fs::write(folder.join("buy.yaml"), flag("buy", 20)).unwrap();
    let args = ["verify", "buy.yaml", "--bundle", "receipts.jsonl", "--trust", "trust.yaml", "--output", "json"];
    let done = command(env!("CARGO_BIN_EXE_countersign"), folder).args(args).env("PATH", &bin).output().unwrap();
    let said: Value =
        serde_json::from_slice(&done.stdout).unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&done.stderr)));
    (said["flags"][0]["coverage"].as_str().unwrap().to_owned(), said["diagnostics"].to_string())
}

/// The same bundle with another statement in it: one that says that the flag was approved by somebody else.
fn altered(bundle: &str) -> String {
    use base64::Engine as _;
    let mut bundle: Value = serde_json::from_str(bundle).unwrap();
    let payload = String::from_utf8(decoded(&bundle["dsseEnvelope"]["payload"])).unwrap();
    let other = payload.replace("\"alice\"", "\"bobby\"");
    assert_ne!(other, payload);
    bundle["dsseEnvelope"]["payload"] = json!(base64::engine::general_purpose::STANDARD.encode(other));
    bundle.to_string()
}

/// The statement that `actions/attest` made of the two files that `receipt --attest` writes is the receipt.
#[test]
fn what_the_action_signs_is_a_receipt() {
    let bundle = fs::read_to_string(kept().join("bundle.json")).unwrap();
    let read: Value = serde_json::from_str(&bundle).unwrap();
    assert_eq!(read["mediaType"], "application/vnd.dev.sigstore.bundle.v0.3+json");
    let said = statement(&read["dsseEnvelope"]);
    assert_eq!(said["predicateType"], "urn:countersign:receipt:v1");
    crate::schema::holds("receipt", &said);
    let folder = tempfile::tempdir().unwrap();
    let (coverage, diagnostics) = judged(folder.path(), &bundle, &trust(IDENTITY, ISSUER), "exit 0");
    assert_eq!(coverage, "countersigned", "{diagnostics}");
    let (coverage, diagnostics) = judged(folder.path(), &bundle, &trust(IDENTITY, ISSUER), "exit 1");
    assert_eq!(coverage, "nobody", "{diagnostics}");
}

/// Sigstore's own library verifies it against the root of trust, and refuses everything else.
#[test]
fn sigstores_own_library_verifies_it() {
    let Some([script, packages]) = script() else { return };
    let folder = tempfile::tempdir().unwrap();
    made(folder.path(), &script, &packages);
    let places = if std::env::var_os("COUNTERSIGN_SIGSTORE_KEEP").is_some() {
        keep(folder.path());
        vec![kept()]
    } else {
        vec![folder.path().to_path_buf(), kept()]
    };
    let node = Command::new("sh").args(["-c", "command -v node"]).output().unwrap().stdout;
    let node = String::from_utf8(node).unwrap();
    for place in places {
        let read = |name: &str| fs::read_to_string(place.join(name)).unwrap();
        let (own, another) = (read("bundle.json"), read("bundle-of-another.json"));
        let cosign = |root: &str| {
            let paths = [&script, &packages].map(|path| path.display().to_string());
            format!("exec {} {} cosign {} \"$@\"", node.trim(), paths.join(" "), place.join(root).display())
        };
        let (root, other) = (cosign("trusted-root.json"), cosign("another-root.json"));
        let right = trust(IDENTITY, ISSUER);
        for (bundle, trust, cosign, expected, why) in [
            (&own, &right, &root, "countersigned", "[]"),
            (&another, &trust(ANOTHER, ISSUER), &root, "countersigned", "[]"),
            (&altered(&own), &right, &root, "nobody", "TLOG_BODY_ERROR"),
            (&another, &right, &root, "nobody", "none of the expected identities matched"),
            (&own, &trust(IDENTITY, "https://issuer.example"), &root, "nobody", "the issuer is https://token"),
            (&own, &right, &other, "nobody", "CERTIFICATE_ERROR"),
        ] {
            let (coverage, diagnostics) = judged(folder.path(), bundle, trust, cosign);
            assert_eq!(coverage, expected, "{}: {diagnostics}", place.display());
            assert!(diagnostics.contains(why), "expected {why}: {diagnostics}");
        }
    }
}

/// A receipt of a merge, signed by the library behind `actions/attest`, with two identities, and two roots of trust.
fn made(folder: &Path, script: &Path, packages: &Path) {
    let mut shop = Shop::new();
    let commit = shop.flag("buy", 20);
    let (evidence, out) = (shop.evidence(&["alice"]), shop.path("out"));
    let [seen, out] = [&evidence, &out].map(|path| path.to_str().unwrap());
    shop.done(&["receipt", "HEAD~1..HEAD", "--evidence", seen, "--attest", out]);
    let done = Command::new("node")
        .args([script, packages])
        .arg("attest")
        .arg(format!("{out}/{commit}.subjects"))
        .arg(format!("{out}/{commit}.predicate.json"))
        .args(["urn:countersign:receipt:v1", &format!("{IDENTITY} {ANOTHER}"), ISSUER])
        .arg(folder)
        .output()
        .unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
}

fn keep(folder: &Path) {
    fs::create_dir_all(kept()).unwrap();
    for name in ["bundle.json", "bundle-of-another.json", "trusted-root.json", "another-root.json"] {
        fs::copy(folder.join(name), kept().join(name)).unwrap();
    }
}
