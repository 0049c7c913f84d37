//! The tally: whose approval fills a place of a requirement, whose rejection counts, and why other responses do not
//! count.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};

use crate::document::date::instant;
use crate::policy::Approver;
use crate::report::{Mode, NotCounted, NotCountedReason, Requirement};

use super::evidence::{Dismissal, Evidence, Review};
use super::people::{May, People};
use super::requirement::named;
use super::stale::StaleApproval;
use crate::diagnostics::words::short;

/// Somebody's latest opinion. A comment is none.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Opinion {
    Approves,
    Rejects,
    /// A rejection that these people dismissed; it counts unless all of them were allowed to lift it.
    RejectionDismissed {
        by: Vec<String>,
    },
    /// A dismissed review that may have been a rejection.
    DismissedUnknown,
    /// Counts for nothing, with the reason.
    Nothing(NotCountedReason),
}

impl Opinion {
    /// Whether the opinion is a rejection, or may be one.
    fn rejects(&self) -> bool {
        match self {
            Opinion::Approves | Opinion::Nothing(_) => false,
            Opinion::Rejects | Opinion::RejectionDismissed { .. } | Opinion::DismissedUnknown => true,
        }
    }
}

/// The latest opinion of one person, and when they gave it.
struct Response {
    login: String,
    kind: String,
    opinion: Opinion,
    at: Option<DateTime<Utc>>,
    /// The digests that it names itself.
    digests: Option<BTreeMap<String, String>>,
}

/// The responses of people, and the revisions that had been displayed: the same for every flag of a proposal, so they
/// are found once.
pub struct Responders<'e> {
    /// Latest opinions, in the order of the logins.
    latest: Vec<Response>,
    /// `None` if it is not known.
    displayed: Option<Vec<DatedDigests<'e>>>,
}

/// The digests that were displayed from a moment on.
type DatedDigests<'e> = (DateTime<Utc>, &'e BTreeMap<String, String>);

impl<'e> Responders<'e> {
    /// Reviewers, and people whom somebody vouches for.
    #[must_use]
    pub fn new(evidence: Option<&'e Evidence>, vouched: &[String]) -> Self {
        let displayed = evidence
            .and_then(|evidence| evidence.displayed.as_ref())
            .map(|shown| shown.iter().filter_map(|one| Some((instant(&one.at)?, &one.digests))).collect());
        Responders { latest: responses(evidence, vouched), displayed }
    }
}

/// Fills in who approved, who rejected and whose response did not count. `name` is `project/key`, `digest` that of
/// today's proposal. The requirements are those of one policy: one person may respond under the base policy and under
/// the proposed one. Returns the approvals of other content than today's.
pub fn tally(
    requirements: &mut [Requirement],
    name: &str,
    digest: &str,
    people: &People<'_>,
    responders: &Responders<'_>,
) -> Vec<StaleApproval> {
    let responses = &responders.latest;
    let mut able: Vec<Vec<bool>> = Vec::new();
    let mut stale = Vec::new();
    for requirement in requirements.iter_mut() {
        let named = named(requirement);
        let mut one = |response| respond(requirement, &named, response, (name, digest), people, responders, &mut stale);
        able.push(responses.iter().map(&mut one).collect());
    }
    as_one(&mut able, responses);
    fill(requirements, &able, responses, people.config.distinct);
    // Somebody who fills a place of one requirement is not reported as no approver of another one.
    let filled: BTreeSet<String> =
        requirements.iter().flat_map(|requirement| requirement.approved_by.clone()).collect();
    for requirement in requirements {
        requirement.not_counted.retain(|other| !other.why.is_no_approver() || !filled.contains(&other.login));
        requirement.not_counted.sort_by_cached_key(|other| (other.login.clone(), other.why.to_string()));
        requirement.not_counted.dedup();
        let mut others = 0;
        requirement.not_counted.retain(|other| {
            others += usize::from(other.why.is_no_approver());
            !other.why.is_no_approver() || others <= MOST_OTHERS
        });
    }
    stale
}

/// Of people whose response counts in no requirement, so many are listed: anybody may review.
const MOST_OTHERS: usize = 20;

/// Latest opinions, of reviewers and of people somebody vouches for, in the order of their logins.
fn responses(evidence: Option<&Evidence>, vouched: &[String]) -> Vec<Response> {
    // By login, then by kind: GitHub may give an app the login of a person, and the review of one does not replace that
    // of the other. Anybody may review, as often as they like.
    let mut reviewers: BTreeMap<(String, &str), DatedReviews<'_>> = BTreeMap::new();
    for review in evidence.iter().flat_map(|evidence| &evidence.reviews).filter(|review| says_something(review)) {
        let who = (review.login.to_ascii_lowercase(), review.kind.as_str());
        reviewers.entry(who).or_default().push((instant(&review.submitted_at), review));
    }
    let dismissals = evidence.map_or(Dismissals(None), Dismissals::of);
    let mut responses: Vec<Response> = Vec::new();
    for ((login, kind), mut reviews) in reviewers {
        reviews.sort_by_key(|(at, _)| *at);
        let response = |(at, review): &(Option<DateTime<Utc>>, &Review)| {
            let opinion = opinion(review, &dismissals);
            let digests = review.digests.clone();
            Response { login: login.clone(), kind: kind.to_owned(), opinion, at: *at, digests }
        };
        // A review in an unknown state takes no rejection back.
        // Signed responses name what they are about: an approval and a rejection of one person are of different flags.
        if reviews.iter().all(|(_, review)| review.digests.is_some()) {
            responses.extend(reviews.iter().map(response));
            continue;
        }
        let known = reviews.iter().rfind(|(_, review)| is_known(review)).map(response);
        responses.extend(known.filter(|one| one.opinion.rejects()).or_else(|| reviews.last().map(response)));
    }
    for login in vouched {
        let login = login.to_ascii_lowercase();
        let rejects =
            |response: &Response| matches!(response.opinion, Opinion::Rejects | Opinion::RejectionDismissed { .. });
        if responses.iter().any(|other| other.login == login && rejects(other)) {
            continue;
        }
        responses.retain(|other| other.login != login);
        responses.push(Response {
            login,
            kind: "User".to_owned(),
            opinion: Opinion::Approves,
            at: None,
            digests: None,
        });
    }
    responses.sort_by(|a, b| a.login.cmp(&b.login));
    responses
}

/// Reviews, each with its time if that can be read.
type DatedReviews<'e> = Vec<(Option<DateTime<Utc>>, &'e Review)>;

/// Whether a review is an opinion. A comment is none.
fn says_something(review: &Review) -> bool {
    !matches!(review.state.as_str(), "COMMENTED" | "PENDING")
}

/// Whether the state of a review is one that GitHub is known to give to an opinion.
fn is_known(review: &Review) -> bool {
    matches!(review.state.as_str(), "APPROVED" | "CHANGES_REQUESTED" | "DISMISSED")
}

/// The dismissals by the login of the reviewer, each with its time; `None` if they are unknown.
struct Dismissals<'e>(Option<BTreeMap<String, Vec<DatedDismissal<'e>>>>);

/// A dismissal with its time if that can be read.
type DatedDismissal<'e> = (Option<DateTime<Utc>>, &'e Dismissal);

impl<'e> Dismissals<'e> {
    fn of(evidence: &'e Evidence) -> Self {
        Dismissals(evidence.dismissals.as_ref().map(|dismissals| {
            let mut by: BTreeMap<String, Vec<_>> = BTreeMap::new();
            for one in dismissals {
                by.entry(one.review.to_ascii_lowercase()).or_default().push((instant(&one.at), one));
            }
            by
        }))
    }
}

fn opinion(review: &Review, dismissals: &Dismissals<'_>) -> Opinion {
    match review.state.as_str() {
        "APPROVED" => Opinion::Approves,
        "CHANGES_REQUESTED" => Opinion::Rejects,
        "DISMISSED" => dismissed(review, dismissals),
        other => Opinion::Nothing(NotCountedReason::UnknownState { state: other.to_owned() }),
    }
}

fn dismissed(review: &Review, dismissals: &Dismissals<'_>) -> Opinion {
    let Some(dismissals) = &dismissals.0 else { return Opinion::DismissedUnknown };
    // A dismissal names the reviewer, not the review. A dismissal from before this review was submitted is of an older
    // review; a later one that lifted a rejection may be of this review, whichever review was dismissed after that.
    // Otherwise dismissing an old approval of the same person would make their rejection disappear.
    let submitted = instant(&review.submitted_at);
    let theirs = dismissals.get(&review.login.to_ascii_lowercase()).map(Vec::as_slice).unwrap_or_default();
    let later = theirs.iter().filter(|(at, one)| *at >= submitted && one.digests == review.digests);
    let later: Vec<&Dismissal> = later.map(|(_, one)| *one).collect();
    let lifting: Vec<String> =
        later.iter().filter(|dismissal| dismissal.was_rejection()).map(|dismissal| dismissal.by.clone()).collect();
    if !lifting.is_empty() {
        return Opinion::RejectionDismissed { by: lifting };
    }
    match later.last() {
        Some(dismissal) => Opinion::Nothing(NotCountedReason::ReviewDismissed { by: dismissal.by.clone() }),
        None => Opinion::DismissedUnknown,
    }
}

/// Notes a response with a requirement. True if it may fill a place.
fn respond(
    requirement: &mut Requirement,
    named: &[Approver],
    response: &Response,
    content: (&str, &str),
    people: &People<'_>,
    responders: &Responders<'_>,
    stale: &mut Vec<StaleApproval>,
) -> bool {
    let of_others = response.digests.as_ref().is_some_and(|digests| !digests.contains_key(content.0));
    if of_others && response.opinion.rejects() {
        return false;
    }
    let peer = requirement.mode == Mode::Peer;
    let may = if response.opinion.rejects() {
        people.may_reject(&response.login, &response.kind, named, peer)
    } else {
        people.may(&response.login, &response.kind, named, peer)
    };
    let mut discount = |why| requirement.not_counted.push(NotCounted { login: response.login.clone(), why });
    match (&response.opinion, may) {
        (Opinion::Approves, May::Yes) => match is_current(response, content, people, responders) {
            Ok(()) => return true,
            Err((why, approved)) => {
                discount(why);
                stale.extend(approved.map(|digest| StaleApproval { login: response.login.clone(), digest }));
            }
        },
        (Opinion::Nothing(why), May::Yes) => discount(why.clone()),
        (Opinion::Approves | Opinion::Nothing(_), May::No(why)) => discount(NotCountedReason::Ineligible(why)),
        (Opinion::Approves | Opinion::Nothing(_), May::Unknown(fact)) => discount(NotCountedReason::Unknown(fact)),
        (Opinion::Rejects, May::Yes) => requirement.rejected_by.push(response.login.clone()),
        // Somebody who cannot be looked up may be an approver whose rejection counts.
        (Opinion::Rejects | Opinion::RejectionDismissed { .. } | Opinion::DismissedUnknown, May::Unknown(fact)) => {
            discount(NotCountedReason::PossibleRejection(fact));
            requirement.rejected_by.push(response.login.clone());
        }
        (Opinion::RejectionDismissed { by }, May::Yes) => {
            let lifts = |by: &String| {
                by.eq_ignore_ascii_case(&response.login) || people.may(by, "User", named, peer) == May::Yes
            };
            let (able, mut unable): (Vec<String>, Vec<String>) = by.iter().cloned().partition(lifts);
            // A signed dismissal says which response it is of, so one that counts is enough.
            if response.digests.is_some() && !able.is_empty() {
                unable.clear();
            }
            let login = response.login.clone();
            if unable.is_empty() {
                let why = NotCountedReason::RejectionLifted { by: able };
                requirement.not_counted.push(NotCounted { login, why });
            } else {
                let why = NotCountedReason::DismissedInVain { by: unable };
                requirement.not_counted.push(NotCounted { login: login.clone(), why });
                requirement.rejected_by.push(login);
            }
        }
        (Opinion::DismissedUnknown, May::Yes) => {
            discount(NotCountedReason::DismissedUnknown);
            requirement.rejected_by.push(response.login.clone());
        }
        (Opinion::Rejects | Opinion::RejectionDismissed { .. } | Opinion::DismissedUnknown, May::No(why)) => {
            discount(NotCountedReason::RejectionOf(why));
        }
    }
    false
}

/// Whether an approval is current: the revision displayed when it was given has today's digest. Else it is a stale
/// approval. The error has the reason and, if that is known, the digest that was approved.
fn is_current(
    response: &Response,
    (name, digest): (&str, &str),
    people: &People<'_>,
    responders: &Responders<'_>,
) -> Result<(), (NotCountedReason, Option<String>)> {
    let unknown = |why| Err((why, None));
    let other =
        |digest: &String| Err((NotCountedReason::OtherContent { digest: digest.clone() }, Some(digest.clone())));
    if people.vouches(&response.login) {
        return Ok(());
    }
    if let Some(own) = &response.digests {
        return match own.get(name) {
            Some(own) if own == digest => Ok(()),
            Some(own) => other(own),
            None => unknown(NotCountedReason::NotSigned),
        };
    }
    let Some(revisions) = &responders.displayed else {
        return unknown(NotCountedReason::RevisionNotKept { login: response.login.clone() });
    };
    let Some(at) = response.at else {
        return unknown(NotCountedReason::UnreadableTime);
    };
    // GitHub's times are whole seconds: the approver may have seen a revision that was displayed in the second of the
    // approval, or the one before it. All of them have to be the proposed content.
    let (second, at) = (|time: &DateTime<Utc>| time.timestamp(), at.timestamp());
    let before = revisions.iter().filter(|(since, _)| second(since) < at).max_by_key(|(since, _)| *since);
    let mut seen = revisions.iter().filter(|(since, _)| second(since) == at).chain(before).peekable();
    if seen.peek().is_none() {
        return unknown(NotCountedReason::BeforeDisplay);
    }
    for (_, digests) in seen {
        match digests.get(name) {
            // Fewer digits than people are shown prove nothing.
            Some(seen) if seen.len() >= short(digest).len() && digest.starts_with(seen.as_str()) => {}
            Some(seen) => return other(seen),
            None => return unknown(NotCountedReason::BeforeThisDisplay),
        }
    }
    Ok(())
}

/// Leaves of several responses with one login a single one that may fill places: whoever has several fills one place. A
/// login that is an app and a person is no person in its other response.
fn as_one(able: &mut [Vec<bool>], responses: &[Response]) {
    let mut first: BTreeMap<String, usize> = BTreeMap::new();
    for (person, response) in responses.iter().enumerate() {
        let one = *first.entry(response.login.to_ascii_lowercase()).or_insert(person);
        for row in able.iter_mut().filter(|_| one != person) {
            let may = row.get_mut(person).is_some_and(std::mem::take);
            if let Some(own) = row.get_mut(one) {
                *own |= may;
            }
        }
    }
}

/// Gives places to people so that as many as possible are filled. With distinct people this is a matching, because a
/// greedy choice may spend on one requirement the only person another has.
fn fill(requirements: &mut [Requirement], able: &[Vec<bool>], responses: &[Response], distinct: bool) {
    let may = |place: usize, person: usize| able.get(place).and_then(|row| row.get(person)).copied().unwrap_or(false);
    let wanted = |at: usize, requirements: &[Requirement]| {
        requirements.get(at).map_or(0, |requirement| requirement.required as usize).min(responses.len())
    };
    // Which requirement each person fills a place of, for each round: one round with distinct people, else one each.
    let all = 0..requirements.len();
    let rounds: Vec<Vec<usize>> = if distinct { vec![all.collect()] } else { all.map(|at| vec![at]).collect() };
    for round in rounds {
        let places: Vec<usize> =
            round.iter().flat_map(|at| std::iter::repeat_n(*at, wanted(*at, requirements))).collect();
        let mut filled: Vec<Option<usize>> = vec![None; responses.len()];
        for place in 0..places.len() {
            let mut tried = vec![false; responses.len()];
            augment(place, &places, &may, &mut filled, &mut tried);
        }
        for (person, response) in responses.iter().enumerate() {
            let place = filled.get(person).copied().flatten().and_then(|place| places.get(place).copied());
            for at in &round {
                let Some(requirement) = requirements.get_mut(*at) else { continue };
                let login = response.login.clone();
                match place {
                    Some(filled) if filled == *at => requirement.approved_by.push(login),
                    Some(_) if may(*at, person) => {
                        let why = NotCountedReason::FillsAnotherPlace;
                        requirement.not_counted.push(NotCounted { login, why });
                    }
                    // Approvals beyond those required count as well.
                    None if may(*at, person) => requirement.approved_by.push(login),
                    Some(_) | None => {}
                }
            }
        }
    }
}

/// Finds somebody for a place, moving others to places of theirs if need be (Kuhn's augmenting path).
fn augment(
    place: usize,
    places: &[usize],
    may: &impl Fn(usize, usize) -> bool,
    filled: &mut [Option<usize>],
    tried: &mut [bool],
) -> bool {
    let Some(requirement) = places.get(place).copied() else { return false };
    for person in 0..filled.len() {
        if !may(requirement, person) || tried.get(person).copied().unwrap_or(true) {
            continue;
        }
        if let Some(tried) = tried.get_mut(person) {
            *tried = true;
        }
        let free = match filled.get(person).copied().flatten() {
            None => true,
            Some(other) => augment(other, places, may, filled, tried),
        };
        if free {
            if let Some(slot) = filled.get_mut(person) {
                *slot = Some(place);
            }
            return true;
        }
    }
    false
}

#[cfg(test)]
mod tests;
