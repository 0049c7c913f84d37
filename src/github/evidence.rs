//! The evidence a verdict is made from: the facts of a pull request, its approval record and the findings of git, as
//! one file.
//!
//! In: the facts, the record, and a [`Gathered`] of commits, teams, permissions and competing pull requests. Out: an
//! [`Evidence`] that can be written down and used again. It refuses to fill a gap: a missing answer stays absent, which
//! counts as no.

use std::collections::{BTreeMap, BTreeSet};

use super::facts::{Account, AuthorGap, Authorship, PullFacts, ReviewDismissal, SubmittedReview};
use super::record::ApprovalRecord;
use crate::approval::evidence::{Dismissal, Evidence, OpenPull, Review, SCHEMA};

/// Answers of git and GitHub beyond the facts of the pull request.
#[derive(Clone, Debug, Default)]
pub struct Gathered {
    /// The commits that touch managed files, by object id.
    pub touching: Vec<String>,
    /// `@org/team` to logins; a team that could not be read is absent.
    pub teams: BTreeMap<String, Vec<String>>,
    /// The permissions that GitHub was asked about, by login.
    pub permissions: BTreeMap<String, String>,
    /// The competing pull requests.
    pub open: Vec<OpenPull>,
    /// Everything that could not be read, one sentence each.
    pub unread: Vec<String>,
    /// Whether approvers without write access count. Then the right to push does not tell whether somebody may still
    /// read.
    pub external: bool,
    /// The requestors of sibling pull requests: they may approve the commit here no more than there.
    pub sibling_requestors: BTreeSet<String>,
}

/// Everything a verdict needs, as one file. Without an approval record nothing was ever displayed.
#[must_use]
pub fn evidence(facts: &PullFacts, record: Option<&ApprovalRecord>, gathered: &Gathered) -> Evidence {
    let mut unread = gathered.unread.clone();
    let contributors = contributors(facts, gathered, &mut unread);
    // The right to push that GitHub tells with each review, and the permissions that were asked for.
    let mut permissions: BTreeMap<String, String> = facts
        .reviews
        .iter()
        .filter_map(|review| Some((review.author.as_ref().filter(|author| author.is_person())?, review.may_push)))
        .filter(|(_, may)| *may || !gathered.external)
        .map(|(author, may)| (author.login.clone(), if may { "write" } else { "read" }.to_owned()))
        .collect();
    permissions.extend(gathered.permissions.clone());
    Evidence {
        schema: SCHEMA.to_owned(),
        now: facts.now.clone(),
        pull: Some(facts.number()),
        draft: facts.outline.draft,
        requestor: facts.requestor().to_owned(),
        contributors,
        reviews: facts.reviews.iter().filter_map(review).collect(),
        dismissals: Some(facts.dismissals.iter().filter_map(dismissal).collect()),
        permissions,
        teams: gathered.teams.clone(),
        displayed: Some(record.map(|record| record.displays.clone()).unwrap_or_default()),
        contents: Vec::new(),
        open: gathered.open.clone(),
        overrides: record.map(|record| record.overrides.clone()).unwrap_or_default(),
        passed_over: record.map(|record| record.passed_over.clone()).unwrap_or_default(),
        unread,
    }
}

/// Logins of all who wrote commits that touch managed files or replaced commits by force. `None` if such a commit has
/// an author without an account, or GitHub did not say who wrote it.
fn contributors(facts: &PullFacts, gathered: &Gathered, unread: &mut Vec<String>) -> Option<Vec<String>> {
    let mut logins: BTreeSet<String> = gathered.sibling_requestors.clone();
    logins.extend(facts.forced_by.iter().flatten().map(|actor| actor.login.clone()));
    let mut whole = true;
    for oid in &gathered.touching {
        let short = crate::diagnostics::words::short(oid);
        match facts.commits.get(oid) {
            Some(Authorship { logins: named, gap: None }) => logins.extend(named.iter().cloned()),
            Some(Authorship { gap: Some(AuthorGap::NoAccount), .. }) => {
                unread.push(format!("commit `{short}` has an author whose address belongs to no GitHub account"));
                whole = false;
            }
            Some(Authorship { gap: Some(AuthorGap::UnsignedBot(bot)), .. }) => {
                unread.push(format!(
                    "commit `{short}` names nobody but `{bot}` and is not signed by GitHub, so anybody may have \
                     written it"
                ));
                whole = false;
            }
            None => {
                unread.push(format!("who wrote commit `{short}` could not be read"));
                whole = false;
            }
        }
    }
    whole.then(|| logins.into_iter().collect())
}

fn review(review: &SubmittedReview) -> Option<Review> {
    // A deleted account has no login, and nobody answers for its review.
    let author = review.author.as_ref()?;
    Some(Review {
        login: author.login.clone(),
        kind: author.kind.clone(),
        state: review.state.clone(),
        submitted_at: review.submitted_at.clone(),
        digests: None,
    })
}

fn dismissal(dismissal: &ReviewDismissal) -> Option<Dismissal> {
    // An app may bear the login of a person, and dismisses nothing in their name.
    let login = |account: &Option<Account>| match account {
        None => "ghost".to_owned(),
        Some(one) if one.is_person() => one.login.clone(),
        Some(other) => format!("{}[bot]", other.login),
    };
    Some(Dismissal {
        review: dismissal.of.as_ref()?.login.clone(),
        by: login(&dismissal.by),
        at: dismissal.at.clone(),
        was: dismissal.was.clone(),
        digests: None,
    })
}
