//! A verification of a thousand flags, each with a receipt of its own, signed and held against the trust:
//! `cargo bench --bench receipts`.

use std::process::Command;

use countersign::changes::served::Served;
use countersign::document::date::instant;
use countersign::policy::Trust;
use countersign::policy::trust::AllowedSigner;
use countersign::receipt::countersigned::{Coverage, Covers};
use countersign::receipt::history::{KeptEnvelope, ReceiptHistory, ReceiptScope};
use countersign::receipt::statement::{Consent, ReceiptPolicy};
use countersign::receipt::{Envelope, Receipt, ReceiptFlag, ReceiptOutcome};
use divan::Bencher;
use ssh_key::{HashAlg, LineEnding, PrivateKey};

const FLAGS: usize = 1_000;

fn main() {
    divan::main();
}

fn served(at: usize) -> Served {
    Served { digest: format!("{at:064x}"), live: true }
}

/// The receipt of a merge that switched one flag on.
fn receipt(at: usize) -> Receipt {
    let consent = Consent {
        outcome: ReceiptOutcome::Approved,
        free: None,
        rules: vec!["activation".to_owned()],
        displayed: Some(format!("{at:064x}")),
        whole: true,
        requirements: Vec::new(),
        approvals: Vec::new(),
        overridden: None,
    };
    let flag = ReceiptFlag { name: format!("shop/f{at}"), from: None, before: None, after: Some(served(at)), consent };
    let policy = "1".repeat(64);
    Receipt {
        repository: "acme/shop".to_owned(),
        branch: "main".to_owned(),
        commit: format!("{:040x}", at + 1),
        onto: format!("{at:040x}"),
        previous: at.checked_sub(1).map(|at| format!("{:040x}", at + 1)),
        date: "2026-01-01T00:00:00Z".to_owned(),
        author: "jo".to_owned(),
        subject: "on".to_owned(),
        pull: None,
        outcome: ReceiptOutcome::Approved,
        why: None,
        policy: ReceiptPolicy { before: policy.clone(), after: policy, consent: None },
        flags: vec![flag],
        made_at: "2026-01-01T00:00:00Z".to_owned(),
        program: "countersign".to_owned(),
    }
}

#[divan::bench(sample_count = 10)]
fn verify_1_000_flags_with_1_000_receipts(bencher: Bencher<'_, '_>) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("key");
    let made = Command::new("ssh-keygen").args(["-q", "-t", "ed25519", "-N", "", "-f"]).arg(&path).status().unwrap();
    assert!(made.success());
    let key = PrivateKey::from_openssh(std::fs::read_to_string(&path).unwrap()).unwrap();
    let line = format!("ci {}", key.public_key().to_openssh().unwrap());
    let trust = Trust {
        repository: "acme/shop".to_owned(),
        branches: Vec::new(),
        receipts: vec![AllowedSigner::parse(&line).unwrap_or_else(|wrong| panic!("{}", wrong.message))],
        approvers: Vec::new(),
        people: std::collections::BTreeMap::new(),
        keyless: Vec::new(),
        revoked: Vec::new(),
        unsigned: false,
    };
    let envelope = |at: usize| {
        let payload = serde_json::to_vec(&receipt(at).statement()).unwrap();
        let signature = key.sign("countersign", HashAlg::Sha512, &Envelope::to_sign(&payload)).unwrap();
        let armored = signature.to_pem(LineEnding::LF).unwrap();
        let bytes = Envelope::unsigned(&payload).signed(armored.as_bytes(), None).json().into_bytes();
        KeptEnvelope { name: at.to_string(), bytes }
    };
    let envelopes: Vec<KeptEnvelope> = (0..FLAGS).map(envelope).collect();
    let nobody = |_: &[u8], _: &[_]| Err(String::new());
    let now = instant("2026-02-01").unwrap();
    let scope = ReceiptScope { trust: &trust, then: None, branch: Some("main"), order: None, now, keyless: &nobody };
    bencher.bench_local(|| {
        let history = ReceiptHistory::of(&envelopes, &scope);
        let covers = Covers::of(&history, now);
        let covered = (0..FLAGS).map(|at| covers.cover(&format!("shop/f{at}"), &served(at)).coverage);
        assert!(covered.into_iter().all(|coverage| coverage == Coverage::Countersigned));
    });
}
