//! Summary of a revision in the published form of SLSA's source track: a Verification Summary Attestation, version 1.
//!
//! In: a revision, its history, and the receipts that count. Out: the statement, if every change of every file was
//! agreed to by two people. It refuses to say that of a revision with a file that nobody has to approve, or with a
//! merge that was let in in any other way. Not taken: a level of the source track, which is for those to state who run
//! the repository and its rules; so it says `SLSA_SOURCE_LEVEL_UNEVALUATED`, and the verified property
//! `SLSA_SOURCE_TWO_PARTY_REVIEWED`.

use crate::diagnostics::words::short;
use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::branch::Elsewhere;
use super::history::{ReceiptHistory, SignedReceipt};
use super::statement::{FreeBecause, Receipt, ReceiptOutcome, STATEMENT_TYPE};

/// The type of a Verification Summary Attestation.
pub const SUMMARY_TYPE: &str = "https://slsa.dev/verification_summary/v1";

/// The revision that is summarized.
pub struct SummaryOf<'s> {
    /// The commit, in full.
    pub commit: &'s str,
    /// The branch that it is on.
    pub branch: &'s str,
    /// The address of the repository, such as `git+https://github.com/acme/shop`.
    pub resource: &'s str,
    /// SHA-256 of the files of the policy at the commit.
    pub policy: &'s str,
    /// When it was verified, RFC 3339.
    pub at: &'s str,
    /// Files that nobody has to approve a change of.
    pub unprotected: &'s [String],
    /// Every commit of the branch up to this one, by first parent, the oldest first.
    pub merged: &'s [String],
    /// SHA-256 of the envelopes that the receipts stand in, by commit.
    pub envelopes: &'s BTreeMap<String, String>,
    /// Asks git for a path that a merge changed and that nobody agreed to, by the policy of then.
    pub unagreed: &'s dyn Fn(&Receipt) -> Result<Option<String>, String>,
    /// Asks git whether a commit has the files of its first parent.
    pub is_empty: &'s dyn Fn(&str) -> bool,
}

/// The statement of a revision whose changes were all agreed to by two people since the first receipt.
///
/// # Errors
/// The first reason why that cannot be said.
pub fn summary(of: &SummaryOf<'_>, history: &ReceiptHistory) -> Result<Value, String> {
    if let Some(path) = of.unprotected.first() {
        let more = match of.unprotected.len() - 1 {
            0 => String::new(),
            1 => ", and neither is one more file".to_owned(),
            more => format!(", and neither are {more} more files"),
        };
        let path = path.escape_debug();
        return Err(format!("`{path}` is neither managed nor protected, so nobody has to agree to its changes{more}"));
    }
    let by_commit: BTreeMap<&str, &SignedReceipt> =
        history.receipts.iter().map(|one| (one.receipt.commit.as_str(), one)).collect();
    let first = history.receipts.first().ok_or("no receipt counts")?;
    if let Some(previous) = &first.receipt.previous {
        return Err(format!("the receipt of {} is not here, so the history begins in the middle", short(previous)));
    }
    if let Some((commit, _)) = history.elsewhere.iter().find(|(_, became)| *became != Elsewhere::Later) {
        return Err(format!("its history was rewritten: {} has a receipt and is not in it", short(commit)));
    }
    let start = of.merged.iter().position(|commit| *commit == first.receipt.onto);
    let since = of.merged.get(start.map_or(0, |start| start + 1)..).unwrap_or_default();
    // Commits that came as one, by rebasing, have one receipt, of the last.
    let mut covered: BTreeSet<&String> = BTreeSet::new();
    let place: BTreeMap<&str, usize> = since.iter().enumerate().map(|(at, commit)| (commit.as_str(), at)).collect();
    for one in by_commit.values() {
        reviewed(&one.receipt)?;
        if let Some(path) = (of.unagreed)(&one.receipt)? {
            let commit = short(&one.receipt.commit);
            return Err(format!(
                "`{}` changed with {commit} in a way that nobody was asked about",
                path.escape_debug()
            ));
        }
        let from = place.get(one.receipt.onto.as_str()).map_or(0, |at| at + 1);
        let to = place.get(one.receipt.commit.as_str()).map_or(0, |at| at + 1);
        covered.extend(since.get(from..to).unwrap_or_default());
    }
    if let Some(without) = since.iter().find(|one| !covered.contains(one) && !(of.is_empty)(one)) {
        return Err(format!("{} has no receipt", short(without)));
    }
    let inputs: Vec<Value> = by_commit
        .keys()
        .filter_map(|commit| of.envelopes.get(*commit))
        .map(|digest| json!({"digest": {"sha256": digest}}))
        .collect();
    let predicate = json!({
        "verifier": {"id": "urn:countersign:verifier:v1", "version": {"countersign": env!("CARGO_PKG_VERSION")}},
        "timeVerified": of.at,
        "resourceUri": of.resource,
        "policy": {
            "uri": format!("{}@{}#.countersign", of.resource, of.commit),
            "digest": {"sha256": of.policy},
        },
        "inputAttestations": inputs,
        "verificationResult": "PASSED",
        "verifiedLevels": ["SLSA_SOURCE_LEVEL_UNEVALUATED", "SLSA_SOURCE_TWO_PARTY_REVIEWED"],
        "slsaVersion": "1.2",
    });
    Ok(json!({
        "_type": STATEMENT_TYPE,
        "subject": [{
            "uri": format!("{}@{}", of.resource, of.commit),
            "digest": {"gitCommit": of.commit},
            "annotations": {"source_refs": [format!("refs/heads/{}", of.branch)]},
        }],
        "predicateType": SUMMARY_TYPE,
        "predicate": predicate,
    }))
}

/// Checks that somebody else agreed to everything that a merge did.
fn reviewed(receipt: &Receipt) -> Result<(), String> {
    let all = receipt.flags.iter().map(|flag| (flag.name.as_str(), &flag.consent));
    let policy = receipt.policy.consent.iter().map(|consent| (crate::review::POLICY, consent));
    for (name, consent) in all.chain(policy) {
        let paid = consent.debt().is_some_and(|debt| debt.paid.is_some());
        let how = match consent.outcome {
            ReceiptOutcome::Approved => continue,
            ReceiptOutcome::Debt if paid => continue,
            ReceiptOutcome::Free => match consent.free {
                // It did not change.
                Some(FreeBecause::Adopted) => continue,
                Some(FreeBecause::SwitchOff) => "was switched off by one person",
                Some(FreeBecause::Restore) => "was switched on again by one person",
                Some(FreeBecause::Policy) | None => "changed in a way that the policy asks nobody about",
            },
            ReceiptOutcome::Overridden => "was let in by an override",
            ReceiptOutcome::Debt => "is a debt that nobody paid",
            ReceiptOutcome::Unknown => "may or may not have been approved",
            ReceiptOutcome::Unapproved => "was merged without the approvals it needed",
        };
        return Err(format!("{name} {how} with {}", short(&receipt.commit)));
    }
    // A change that nobody can agree to as a whole has no agreement in part.
    if receipt.worse_as_a_whole().is_some() {
        let why = receipt.why.as_deref().unwrap_or("it was merged without the approvals it needed");
        return Err(format!("{} as a whole is {}: {why}", short(&receipt.commit), receipt.outcome.word()));
    }
    if receipt.flags.is_empty() && receipt.policy.consent.is_none() {
        return Err(format!("{} changed nothing that anybody agreed to", short(&receipt.commit)));
    }
    Ok(())
}
