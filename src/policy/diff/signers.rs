//! The effects of a change of the trust: whose keys sign approvals and receipts from now on, and whose no more.

use std::collections::BTreeSet;

use super::PolicyDiff;
use crate::policy::trust::{AllowedSigner, KeylessIdentity};
use crate::policy::{Policy, Trust};

pub(super) fn signers(old: &Policy, new: &Policy, diff: &mut PolicyDiff) {
    if old.trust == new.trust {
        return;
    }
    let [before, after] = [&old.trust, &new.trust].map(Option::as_ref);
    match (before, after) {
        (None, Some(_)) => diff.effects.push("signatures under receipts and approvals count from now on".to_owned()),
        (Some(_), None) => diff.effects.push("no signature counts any more: nothing says whose do".to_owned()),
        _ => {}
    }
    for (name, gained) in gained_and_lost(before, after, |trust| named(&trust.approvers)) {
        let (who, key) = name;
        diff.privilege(format!("@{who}"), gained, format!("may sign approvals with the key {key}"));
    }
    let people = |trust: &Trust| trust.people.iter().map(|(address, login)| (address.clone(), login.clone())).collect();
    for ((address, login), gained) in gained_and_lost(before, after, people) {
        let what = if gained { "are taken for" } else { "are no more taken for" };
        diff.effects.push(format!("commits by {address} {what} those of @{login}"));
    }
    for ((who, key), gained) in gained_and_lost(before, after, |trust| named(&trust.receipts)) {
        diff.privilege(who, gained, format!("may sign receipts with the key {key}"));
    }
    let keyless = |trust: &Trust| trust.keyless.iter().map(|one| (one.identity.clone(), keyless_words(one))).collect();
    for ((who, how), gained) in gained_and_lost(before, after, keyless) {
        diff.privilege(who, gained, format!("may sign receipts, {how}"));
    }
    let one = |text: &str| (text.to_owned(), String::new());
    for ((key, _), revoked) in gained_and_lost(before, after, |trust| trust.revoked.iter().map(|it| one(it)).collect())
    {
        let what = if revoked { "is revoked" } else { "is revoked no more" };
        diff.effects.push(format!("the key {key} {what}"));
    }
    for ((branch, _), gained) in
        gained_and_lost(before, after, |trust| trust.branches.iter().map(|it| one(it)).collect())
    {
        let what = if gained { "count on every branch" } else { "count on that branch only" };
        diff.effects.push(format!("receipts of the branch {branch} {what}"));
    }
    let unsigned = |trust: Option<&Trust>| trust.is_some_and(|trust| trust.unsigned);
    if unsigned(before) != unsigned(after) {
        let what = if unsigned(after) { "count: everybody who may push them is trusted" } else { "count no more" };
        diff.effects.push(format!("receipts without a signature {what}"));
    }
    if let (Some(before), Some(after)) = (before, after)
        && before.repository != after.repository
    {
        diff.effects.push(format!("receipts are about {} and no more about {}", after.repository, before.repository));
    }
}

/// A keyless signer in words: the issuer, the identity, and until when.
fn keyless_words(one: &KeylessIdentity) -> String {
    let until = one.valid_before.map(|at| format!(" until {}", crate::document::date::rfc3339(at))).unwrap_or_default();
    format!("as {} says who it is{until}", one.issuer)
}

/// Each signer with a key and its conditions, in words.
fn named(signers: &[AllowedSigner]) -> BTreeSet<(String, String)> {
    let mut found = BTreeSet::new();
    for signer in signers {
        let mut key = signer.fingerprint();
        for (word, at) in [("from", signer.valid_after), ("until", signer.valid_before)] {
            if let Some(at) = at {
                key.push_str(&format!(", {word} {}", at.format("%Y-%m-%d %H:%M:%S UTC")));
            }
        }
        if let Some(names) = &signer.namespaces {
            key.push_str(&format!(", for {}", names.join(", ")));
        }
        found.extend(signer.principals.iter().map(|who| (who.clone(), key.clone())));
    }
    found
}

/// Items of one kind in a trust: a name, and what it stands for.
type Pairs = BTreeSet<(String, String)>;

/// The items that only the new trust has, then those that only the old one has.
fn gained_and_lost(
    before: Option<&Trust>,
    after: Option<&Trust>,
    of: impl Fn(&Trust) -> Pairs,
) -> Vec<((String, String), bool)> {
    let [before, after] = [before, after].map(|trust| trust.map(&of).unwrap_or_default());
    let gained = after.difference(&before).map(|pair| (pair.clone(), true));
    gained.chain(before.difference(&after).map(|pair| (pair.clone(), false))).collect()
}
