//! The trust, line by line.

use super::*;

const KEY: &str = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAILM+rvN+ot98qgEN796jTiQfZfG1KaT0PtFDJ/XFSqti";

fn trust(lines: &str) -> (Option<Trust>, Vec<Diagnostic>) {
    Trust::read(&File::regular(TRUST_PATH, format!("version: 1\nrepository: acme/shop\n{lines}")))
}

#[test]
fn a_line_of_signers_is_one_of_gits() {
    let read = |line: &str| AllowedSigner::parse(line).unwrap_or_else(|wrong| panic!("{line}: {}", wrong.message));
    let plain = read(&format!("alice {KEY} alice@laptop"));
    assert_eq!(plain.principals, ["alice"]);
    assert_eq!(plain.fingerprint(), "SHA256:UCUiLr7Pjs9wFFJMDByLgc3NrtdU344OgUM45wZPcIQ");
    let bound = read(&format!(
        "a@x,b@x namespaces=\"git,countersign\",valid-after=\"20260101\",valid-before=\"20270101120000Z\" {KEY}"
    ));
    assert_eq!(bound.principals, ["a@x", "b@x"]);
    let at = |text: &str| crate::document::date::instant(text).unwrap();
    for (time, expected) in [
        ("2025-12-31", Some("the key was not valid yet")),
        ("2026-01-01", None),
        ("2027-01-01T11:59:59Z", None),
        ("2027-01-01T12:00:00Z", Some("the key was not valid any more")),
    ] {
        assert_eq!(bound.objection(at(time)).as_deref(), expected, "{time}");
    }
    let other = read(&format!("alice namespaces=\"git\" {KEY}"));
    assert_eq!(other.objection(at("2026-01-01")).as_deref(), Some("the key is not for the namespace `countersign`"));
}

/// A line that is not understood as a whole is no signer: an option that is skipped may be the one that forbids.
#[test]
fn a_line_that_is_not_understood_is_none() {
    let rsa = "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAAAgQC7";
    for (line, expected) in [
        ("alice".to_owned(), "has no key"),
        (KEY.to_owned(), "has no key"),
        (format!("*@acme.example {KEY}"), "by a pattern"),
        (format!("alice cert-authority {KEY}"), "no option of a signer"),
        (format!("alice verify-required {KEY}"), "no option of a signer"),
        (format!("alice valid-before=\"tomorrow\" {KEY}"), "no time of a signer"),
        (format!("alice {rsa}"), "RSA keys of SSH are not accepted"),
        ("alice ssh-ed25519 AAAA".to_owned(), "can't be read"),
        (format!("alice\n{KEY}"), "control character"),
    ] {
        let wrong = AllowedSigner::parse(&line).expect_err(&line);
        assert!(wrong.message.contains(expected), "{line}: {}", wrong.message);
        let (trust, found) = trust(&format!("receipts: [{}]\n", serde_json::Value::from(line.as_str())));
        assert!(trust.is_none(), "{line}");
        assert!(
            found.iter().any(|one| ["bad-signer", "control-character"].contains(&one.id.as_str())),
            "{line}: {found:?}"
        );
    }
}

#[test]
fn the_whole_file_or_none_of_it() {
    let (whole, found) = trust(&format!(
        "receipts: ['ci@acme {KEY}']\nrevoked: ['SHA256:UCUiLr7Pjs9wFFJMDByLgc3NrtdU344OgUM45wZPcIQ']\n"
    ));
    assert_eq!(found, Vec::new());
    let whole = whole.unwrap();
    assert_eq!((whole.repository.as_str(), whole.receipts.len(), whole.unsigned), ("acme/shop", 1, false));
    for lines in [
        "recipts: []\n",
        "unsigned: maybe\n",
        "unsigned: true\n",
        "revoked: ['AB:CD']\n",
        "keyless: [{identity: \"x\"}]\n",
        "receipts: {}\n",
    ] {
        let (none, found) = trust(lines);
        assert!(none.is_none() && found.iter().any(Diagnostic::is_error), "{lines}: {found:?}");
    }
    let other = File::regular(TRUST_PATH, format!("version: 2\nrepository: a/b\nreceipts: ['ci {KEY}']\n"));
    assert!(Trust::read(&other).0.is_none());
}

/// One key is one person, however many names it has.
#[test]
fn a_key_of_several_people() {
    let (_, found) = trust(&format!("approvers: ['alice,alicia {KEY}']\n"));
    assert!(found.iter().any(|one| one.is_error() && one.message.contains("`alice` and `alicia`")), "{found:?}");
    let (_, found) = trust(&format!("approvers: ['alice {KEY}', 'bob {KEY}']\n"));
    assert!(found.iter().any(|one| one.is_error() && one.message.contains("`alice` and `bob`")), "{found:?}");
    let people = "people: {alice: ['alice', 'a@home.example']}\n";
    let (read, found) = trust(&format!("approvers: ['alice,a@home.example {KEY}']\n{people}"));
    assert!(found.is_empty(), "{found:?}");
    // An address of somebody is their login.
    assert_eq!(read.unwrap().approvers[0].principals, ["alice"]);
}

/// A principal that can be nobody approves nothing, and that is reported.
#[test]
fn a_principal_that_is_no_login() {
    for name in ["alice@example.com", "@alice", "älice", "acme/pay"] {
        let (read, found) = trust(&format!("approvers: ['{name} {KEY}']\n"));
        assert!(read.is_none() && found.iter().any(|one| one.message.contains("is no login")), "{name}: {found:?}");
    }
}
