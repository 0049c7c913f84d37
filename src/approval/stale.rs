//! The differences since an approval that is stale: the content that was approved, next to that of today.
//!
//! In: the stale approvals, today's content, and the evidence. Out: a [`SinceApproval`] for each digest that was
//! approved. It refuses to tell of a content that does not hash to the digest which was displayed: such a one was not
//! approved. Not taken: the commit of a review, which GitHub points elsewhere after a push.

use super::digest::{Content, ContentPart, SHOWN};
use super::evidence::Evidence;
use crate::report::{ContentKind, SinceApproval, SinceChange};

/// A stale approval: who approved, and the digest that was displayed to them.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct StaleApproval {
    pub login: String,
    pub digest: String,
}

/// The differences since each of these approvals, by the digest approved.
#[must_use]
pub fn since(mut stale: Vec<StaleApproval>, today: &Content, evidence: Option<&Evidence>) -> Vec<SinceApproval> {
    stale.sort_by(|a, b| (&a.digest, &a.login).cmp(&(&b.digest, &b.login)));
    stale.dedup();
    let mut all: Vec<SinceApproval> = Vec::new();
    for StaleApproval { login, digest } in stale {
        if let Some(known) = all.iter_mut().find(|one| one.digest == digest) {
            known.by.push(login);
            continue;
        }
        let mut contents = evidence.iter().flat_map(|evidence| &evidence.contents);
        let proven = |content: &&Content| content.name == today.name && content.digest().starts_with(&digest);
        // Fewer digits than people are shown prove nothing.
        let approved = contents.find(proven).filter(|_| digest.len() >= SHOWN);
        let (changes, unknown) = match approved {
            Some(approved) => (differing(approved, today), None),
            None => (Vec::new(), Some(unknown(&digest, &today.name, evidence))),
        };
        all.push(SinceApproval { by: vec![login], digest, changes, unknown });
    }
    all
}

fn unknown(digest: &str, name: &str, evidence: Option<&Evidence>) -> String {
    let shown = evidence.iter().flat_map(|evidence| evidence.displayed.iter().flatten());
    let mut displayed = shown.filter(|one| one.digests.get(name).is_some_and(|other| other == digest));
    match displayed.find_map(|one| one.head.as_ref()) {
        Some(head) => {
            let head = crate::diagnostics::words::short(head);
            format!("the content of commit `{}` is no longer at hand", head.escape_debug())
        }
        None => "the commit that was displayed then is not recorded".to_owned(),
    }
}

fn differing(approved: &Content, today: &Content) -> Vec<SinceChange> {
    let same = |one: &ContentPart, other: &ContentPart| (one.kind, &one.name) == (other.kind, &other.name);
    let none = |part: &ContentPart| ContentPart::new(part.kind, &part.name, String::new(), String::new());
    let gone = approved.parts.iter().filter(|old| !today.parts.iter().any(|new| same(old, new)));
    let pairs = today
        .parts
        .iter()
        .map(|new| {
            (approved.parts.iter().find(|old| same(old, new)).cloned().unwrap_or_else(|| none(new)), new.clone())
        })
        .chain(gone.map(|old| (old.clone(), none(old))));
    pairs
        .filter(|(old, new)| old != new)
        .map(|(old, new)| {
            let (approved_after, after) = match new.kind {
                ContentKind::Impact => (approved.summary.clone(), today.summary.clone()),
                ContentKind::Location
                | ContentKind::FileMode
                | ContentKind::Rules
                | ContentKind::Field
                | ContentKind::File => (old.after, new.after),
            };
            SinceChange {
                kind: new.kind,
                name: new.name,
                approved_before: old.before,
                approved_after,
                before: new.before,
                after,
            }
        })
        .collect()
}
