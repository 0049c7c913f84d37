//! Bundles of Sigstore: verified by a program of theirs, and counted for nothing without it.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use serde_json::{Value, json};

use super::{Shop, envelope, statement};
use crate::git::{command, git};

const IDENTITY: &str =
    "https://github.com/acme/shop/.github/workflows/countersign-receipts-keyless.yml@refs/heads/main";

/// A branch whose one receipt is a bundle, and whose trust names an identity.
fn bundled() -> Shop {
    let mut shop = Shop::new();
    let trust = format!(
        "version: 1\nrepository: acme/shop\nkeyless: [{{issuer: \"https://token.actions.githubusercontent.com\", identity: \"{IDENTITY}\"}}]\n"
    );
    shop.commit("keyless", &[(".countersign/trust.yaml", Some(&trust))]);
    shop.receipt(&["kim"]);
    shop.flag("buy", 20);
    let evidence = shop.evidence(&["alice"]);
    let printed = shop.done(&["receipt", "HEAD~1..HEAD", "--print", "--evidence", evidence.to_str().unwrap()]);
    let inner = envelope(&shop, printed.trim().as_bytes(), Some("mallory"), "countersign");
    let bundle = json!({
        "mediaType": "application/vnd.dev.sigstore.bundle.v0.3+json", "verificationMaterial": {}, "dsseEnvelope": inner,
    });
    fs::write(shop.path("bundle.json"), bundle.to_string()).unwrap();
    shop.done(&["receipt", "--keep", shop.path("bundle.json").to_str().unwrap()]);
    let bundled = shop.envelopes().into_iter().find(|(_, one)| one["dsseEnvelope"].is_object()).unwrap();
    assert_eq!(statement(&bundled.1["dsseEnvelope"])["predicateType"], "urn:countersign:receipt:v1");
    shop
}

/// The answer of `verify`, with this script for `cosign`, or without one.
fn verify(shop: &Shop, cosign: Option<&str>) -> (String, String) {
    verify_by(shop, cosign, &[])
}

/// The same with more arguments.
fn verify_by(shop: &Shop, cosign: Option<&str>, more: &[&str]) -> (String, String) {
    let folder = shop.path("bin");
    fs::create_dir_all(&folder).unwrap();
    let program = folder.join("cosign");
    match cosign {
        Some(script) => {
            fs::write(&program, format!("#!/bin/sh\n{script}\n")).unwrap();
            fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
        }
        None => drop(fs::remove_file(&program)),
    }
    // Nothing else is on the path: neither git nor `ssh-keygen` is needed.
    let mut run = command(env!("CARGO_BIN_EXE_countersign"), &shop.dir);
    let path = format!("{}:/nowhere", folder.display());
    let done = run.args(["verify", "--rev", "main", "--output", "json"]).args(more).env("PATH", path).output().unwrap();
    let said: Value =
        serde_json::from_slice(&done.stdout).unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&done.stderr)));
    (said["flags"][0]["coverage"].as_str().unwrap().to_owned(), said["diagnostics"].to_string())
}

#[test]
fn a_bundle_counts_for_nothing_unless_a_program_of_theirs_verified_it() {
    let shop = bundled();
    let (coverage, diagnostics) = verify(&shop, None);
    assert_eq!(coverage, "nobody");
    assert!(diagnostics.contains("`cosign` is not installed"), "{diagnostics}");
    let (coverage, diagnostics) = verify(&shop, Some("echo 'none of the expected identities matched' >&2; exit 1"));
    assert_eq!(coverage, "nobody");
    assert!(diagnostics.contains("none of the expected identities matched"), "{diagnostics}");
    // It is asked for the identity and the issuer of the trust, for the type of a receipt, and about that very bundle.
    let asks = format!(
        "case \"$*\" in *'--type urn:countersign:receipt:v1 --certificate-identity {IDENTITY} --certificate-oidc-issuer https://token.actions.githubusercontent.com --bundle '*) ;; *) exit 1 ;; esac\nwhile [ $# -gt 1 ]; do shift; done\nread -r text <\"$1\" || true\ncase $text in *dsseEnvelope*) exit 0 ;; esac\nexit 1"
    );
    let (coverage, diagnostics) = verify(&shop, Some(&asks));
    assert_eq!(coverage, "countersigned", "{diagnostics}");
    assert!(!diagnostics.contains("signed without a key"), "{diagnostics}");
    // A key of nobody's in the same envelope, without the bundle, is a key of nobody's.
    let bundle: Value = serde_json::from_str(&fs::read_to_string(shop.path("bundle.json")).unwrap()).unwrap();
    fs::write(shop.path("bare.jsonl"), bundle["dsseEnvelope"].to_string()).unwrap();
    let bare = shop.path("bare.jsonl");
    let (code, said) = shop.verify(&["--rev", "main", "--bundle", bare.to_str().unwrap()]);
    assert_eq!((code, said["receipts"].as_u64()), (1, Some(0)), "{said:#}");
}

/// An identity that had another name signed what it signed, and signs nothing after its end.
#[test]
fn an_identity_has_an_end() {
    let checked = "case \"$*\" in *'--certificate-identity old '*) ;; *) exit 1 ;; esac\nexit 0";
    let identity = |name: &str, more: &str| {
        format!("{{issuer: \"https://token.actions.githubusercontent.com\", identity: \"{name}\"{more}}}")
    };
    let trust = |shop: &Shop, identities: &str| {
        shop.trust("").replace("approvers:", &format!("keyless: [{identities}]\napprovers:"))
    };
    for (next, expected) in [
        (identity("new", ""), "countersigned"),
        (format!("{}, {}", identity("old", ", valid-before: \"20991231\""), identity("new", "")), "countersigned"),
        (format!("{}, {}", identity("old", ", valid-before: \"20261102050000Z\""), identity("new", "")), "nobody"),
        // The same name of another issuer's is another signer, whose end is no end of this one.
        (
            format!(
                "{}, {}",
                identity("old", ", valid-before: \"20261102050000Z\"")
                    .replace("token.actions.githubusercontent.com", "issuer.example"),
                identity("new", "")
            ),
            "countersigned",
        ),
    ] {
        let mut shop = Shop::new();
        let first = trust(&shop, &identity("old", ""));
        shop.commit("old", &[(".countersign/trust.yaml", Some(&first))]);
        shop.receipt(&["kim"]);
        shop.flag("buy", 20);
        let seen = shop.evidence(&["alice"]);
        let printed = shop.done(&["receipt", "HEAD~1..HEAD", "--print", "--evidence", seen.to_str().unwrap()]);
        let inner = envelope(&shop, printed.trim().as_bytes(), Some("mallory"), "countersign");
        let bundle = json!({
            "mediaType": "application/vnd.dev.sigstore.bundle.v0.3+json", "verificationMaterial": {}, "dsseEnvelope": inner,
        });
        fs::write(shop.path("bundle.json"), bundle.to_string()).unwrap();
        shop.done(&["receipt", "--keep", shop.path("bundle.json").to_str().unwrap()]);
        let later = trust(&shop, &next);
        shop.commit("new", &[(".countersign/trust.yaml", Some(&later))]);
        shop.receipt(&["kim"]);
        let (coverage, diagnostics) = verify(&shop, Some(checked));
        assert_eq!(coverage, expected, "{next}: {diagnostics}");
    }
}

/// `cosign` reads a bundle that has a member more in an older form, whose signature is over another payload: that of an
/// old receipt of the same workflow, say. So what it is asked about is what was read, and nothing besides.
#[test]
fn a_bundle_in_two_forms_counts_for_nothing() {
    // As `cosign` does: where the newer form is not all there is, the older one.
    let cosign = "while [ $# -gt 1 ]; do shift; done\nread -r text <\"$1\" || true\ncase $text in *base64Signature*|*verification_material*) exit 0 ;; esac\necho 'none of the expected identities matched' >&2\nexit 1";
    for (more, why) in [
        ("\"base64Signature\":\"AAAA\",\"cert\":\"AAAA\",\"rekorBundle\":{}", "unknown field `base64Signature`"),
        ("\"verification_material\":{\"a\":1}", "unknown field `verification_material`"),
        ("\"dsseEnvelope\":null", "duplicate field `dsseEnvelope`"),
        ("\"verificationMaterial\":{}", "duplicate field `verificationMaterial`"),
    ] {
        let shop = bundled();
        let all = shop.path("all.jsonl");
        shop.done(&["receipt", "--export", all.to_str().unwrap()]);
        let text = fs::read_to_string(&all).unwrap();
        let forged = text.replace("{\"mediaType\":", &format!("{{{more},\"mediaType\":"));
        let forged = if forged == text {
            text.replace("\"verificationMaterial\":{}}", &format!("\"verificationMaterial\":{{}},{more}}}"))
        } else {
            forged
        };
        assert_ne!(forged, text);
        fs::write(&all, forged).unwrap();
        let (coverage, diagnostics) = verify_by(&shop, Some(cosign), &["--bundle", all.to_str().unwrap()]);
        assert_eq!(coverage, "nobody", "{more}: {diagnostics}");
        assert!(diagnostics.contains(why), "{more}: {diagnostics}");
    }
}

/// The time of an identity is that at which the log of Sigstore's took the bundle in, whatever its receipt says.
#[test]
fn the_log_says_when_an_identity_signed() {
    for (logged, expected) in [("1793606400", "countersigned"), ("1795000000", "nobody")] {
        let shop = bundled();
        let entry = format!("\"verificationMaterial\":{{\"tlogEntries\":[{{\"integratedTime\":\"{logged}\"}}]}}");
        let mut lines = Vec::new();
        for (_, one) in shop.envelopes() {
            if one["dsseEnvelope"].is_null() {
                lines.push(one.to_string());
                continue;
            }
            let mut stated = statement(&one["dsseEnvelope"]);
            stated["predicate"]["madeAt"] = stated["predicate"]["date"].clone();
            let inner = envelope(&shop, stated.to_string().as_bytes(), Some("mallory"), "countersign");
            let kind = "application/vnd.dev.sigstore.bundle.v0.3+json";
            let bundle = json!({"mediaType": kind, "verificationMaterial": {}, "dsseEnvelope": inner}).to_string();
            lines.push(bundle.replace("\"verificationMaterial\":{}", &entry));
        }
        fs::write(shop.path("logged.json"), lines.join("\n")).unwrap();
        let own = shop.path("trust.yaml");
        let trust = format!(
            "version: 1\nrepository: acme/shop\nreceipts: ['ci {}']\nkeyless: [{{issuer: \"https://token.actions.githubusercontent.com\", identity: \"{IDENTITY}\", valid-before: \"20261110\"}}]\n",
            shop.public("ci")
        );
        fs::write(&own, trust).unwrap();
        let (bundle, own) = (shop.path("logged.json"), own.to_str().unwrap().to_owned());
        let more = ["--bundle", bundle.to_str().unwrap(), "--trust", &own];
        let (coverage, diagnostics) = verify_by(&shop, Some("exit 0"), &more);
        assert_eq!(coverage, expected, "{diagnostics}");
        assert_eq!(diagnostics.contains("the identity was not valid any more"), expected == "nobody", "{diagnostics}");
    }
}

/// Where GitHub's store alone has the receipts, those of a policy are found by its digest, and a file of them is a
/// bundle.
#[test]
fn the_receipts_of_a_policy_are_found_by_its_digest() {
    let shop = bundled();
    let all = shop.envelopes();
    git(&shop.dir, &["update-ref", "-d", "refs/countersign/receipts"]);
    let said = shop.run(&["verify", "--rev", "main", "--bundle", "/dev/null", "--output", "json"]).1;
    let said: Value = serde_json::from_str(&said).unwrap();
    let digest = &said["policy"]["digest"];
    let of_policy = all.iter().map(|(_, one)| one).filter(|one| {
        let envelope = if one["dsseEnvelope"].is_object() { &one["dsseEnvelope"] } else { one };
        let subjects = statement(envelope)["subject"].clone();
        subjects.as_array().unwrap().iter().any(|one| one["digest"]["sha256"] == *digest)
    });
    let lines: Vec<String> = of_policy.map(Value::to_string).collect();
    assert_eq!(lines.len(), 2);
    fs::write(shop.path("store.jsonl"), lines.join("\n")).unwrap();
    let bundle = shop.path("store.jsonl");
    let (coverage, diagnostics) = verify_by(&shop, Some("exit 0"), &["--bundle", bundle.to_str().unwrap()]);
    assert_eq!(coverage, "countersigned", "{diagnostics}");
}
