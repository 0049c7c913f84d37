//! Facts, what the approval record remembers and what git knows, as the evidence a verdict is made of.
//!
//! In: the facts of a pull request, its approval record, who contributed, teams, permissions, the other open requests. Out: an
//! [`Evidence`] that can be written to a file and used again. It refuses to leave a gap unmarked: what is missing stays
//! absent, which counts as no.

use std::collections::{BTreeMap, BTreeSet};

use super::facts::{Account, Facts};
use super::record::ApprovalRecord;
use crate::approval::evidence::{Dismissal, Evidence, OpenPull, Review, SCHEMA};

/// The account GitHub commits with when somebody presses a button; it writes nothing itself.
const WEB: &str = "web-flow";

/// What was found out beyond the facts.
#[derive(Clone, Debug, Default)]
pub struct Found {
    /// The commits that touch managed files, by object id; none if they could not be told.
    pub touching: Option<Vec<String>>,
    /// `@org/team` to logins; a team that could not be read is absent.
    pub teams: BTreeMap<String, Vec<String>>,
    /// What was asked of GitHub about people's permissions, by login.
    pub permissions: BTreeMap<String, String>,
    /// The other open pull requests that hold flags.
    pub open: Vec<OpenPull>,
    /// What could not be read, one sentence each.
    pub unread: Vec<String>,
    /// Who opened other pull requests with the same commit: what they may not approve there, they may not here.
    pub siblings: BTreeSet<String>,
}

/// Everything a verdict needs, as one file. Without a approval record nothing was ever displayed.
#[must_use]
pub fn evidence(facts: &Facts, record: Option<&ApprovalRecord>, found: &Found) -> Evidence {
    let mut unread = found.unread.clone();
    let contributors = contributors(facts, found, &mut unread);
    // Somebody whose right to push was seen with their review, and those who were asked about.
    let mut permissions: BTreeMap<String, String> = facts
        .reviews
        .iter()
        .filter_map(|review| Some((review.author.as_ref().filter(|author| author.is_person())?, review.may_push)))
        .map(|(author, may)| (author.login.clone(), if may { "write" } else { "read" }.to_owned()))
        .collect();
    permissions.extend(found.permissions.clone());
    Evidence {
        schema: SCHEMA.to_owned(),
        now: facts.now.clone(),
        pull: Some(facts.number()),
        draft: facts.outline.draft,
        requestor: facts.author().to_owned(),
        contributors,
        reviews: facts.reviews.iter().filter_map(review).collect(),
        dismissals: Some(facts.dismissals.iter().filter_map(dismissal).collect()),
        permissions,
        teams: found.teams.clone(),
        shown: Some(record.map(ApprovalRecord::displays).unwrap_or_default()),
        open: found.open.clone(),
        overrides: record.map(|record| record.overrides.clone()).unwrap_or_default(),
        unread,
    }
}

/// Everyone who wrote commits that touch managed files, and everyone who replaced commits by force. `None` if one of
/// those commits has an author without an account, or is not among those GitHub told us of.
fn contributors(facts: &Facts, found: &Found, unread: &mut Vec<String>) -> Option<Vec<String>> {
    let mut logins: BTreeSet<String> = found.siblings.clone();
    logins.extend(facts.forced_by.iter().flatten().map(|actor| actor.login.clone()));
    let mut whole = true;
    let Some(touching) = &found.touching else {
        unread.push("the commits of this pull request could not be read".to_owned());
        return None;
    };
    for oid in touching {
        let short: String = oid.chars().take(8).collect();
        match facts.commits.get(oid) {
            Some(authorship) if authorship.complete => {
                logins.extend(authorship.logins.iter().filter(|login| *login != WEB).cloned());
            }
            Some(_) => {
                unread.push(format!("commit `{short}` has an author whose address belongs to no GitHub account"));
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

fn review(review: &super::facts::Review) -> Option<Review> {
    // A deleted account has no login, and nobody answers for what it said.
    let author = review.author.as_ref()?;
    Some(Review {
        login: author.login.clone(),
        kind: author.kind.clone(),
        state: review.state.clone(),
        submitted_at: review.submitted_at.clone(),
    })
}

fn dismissal(dismissal: &super::facts::Dismissal) -> Option<Dismissal> {
    // An app may bear the login of a person, and lifts nothing in their name.
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
    })
}

/// Another open pull request as one that may hold flags: what its approval record says it holds, less what an admin passed over.
#[must_use]
pub fn open_pull(
    pull: u64,
    author: &str,
    draft: bool,
    outsider: bool,
    theirs: &ApprovalRecord,
    ours: Option<&ApprovalRecord>,
) -> OpenPull {
    let passed = |flag: &String| {
        ours.is_some_and(|ours| ours.passed.iter().any(|passed| passed.pull == pull && passed.flag == *flag))
    };
    let touches = theirs.holds.iter().filter(|(flag, _)| !passed(flag));
    OpenPull {
        pull,
        requestor: author.to_owned(),
        draft,
        outsider,
        touches: touches.map(|(flag, since)| (flag.clone(), since.clone())).collect(),
    }
}
