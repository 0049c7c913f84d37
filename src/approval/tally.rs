//! Who counted and who did not, and why.

use chrono::{DateTime, Utc};

use crate::document::shape::instant;
use crate::report::{Mode, NotCounted};

use super::digest::short;
use super::evidence::{Evidence, Review};
use super::people::{May, NOT_ASKED, People};
use super::requirement::Demand;

/// What somebody's latest opinion is. A comment is none.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Opinion {
    Approves,
    Rejects,
    /// A rejection that these people dismissed; it stands unless all of them were allowed to lift it.
    RejectionDismissed {
        by: Vec<String>,
    },
    /// A review that was dismissed and nobody knows what it said.
    DismissedUnknown,
    /// Counts for nothing, with the reason.
    Nothing(String),
}

impl Opinion {
    /// Whether it stands in the way, or may.
    fn rejects(&self) -> bool {
        match self {
            Opinion::Approves | Opinion::Nothing(_) => false,
            Opinion::Rejects | Opinion::RejectionDismissed { .. } | Opinion::DismissedUnknown => true,
        }
    }
}

struct Response {
    login: String,
    kind: String,
    opinion: Opinion,
    at: Option<DateTime<Utc>>,
}

/// Fills in who approved, who rejected and who did not count. `what` is `project/key`, `digest` what is proposed today.
/// The demands are those of one policy: the base policy and the proposed policy are two questions, and one person may
/// answer both.
pub fn tally(demands: &mut [Demand], what: &str, digest: &str, people: &People<'_>) {
    let responses = responses(people);
    let mut able: Vec<Vec<bool>> = Vec::new();
    for demand in demands.iter_mut() {
        able.push(responses.iter().map(|response| respond(demand, response, what, digest, people)).collect());
    }
    fill(demands, &able, &responses, people.config.distinct);
    // Whoever fills a place here is not told that they were not asked there.
    let counted: Vec<String> = demands.iter().flat_map(|demand| demand.requirement.approved_by.clone()).collect();
    for demand in demands {
        let asked = &mut demand.requirement;
        asked.not_counted.retain(|other| other.why != NOT_ASKED || !counted.contains(&other.login));
        asked.not_counted.sort();
        asked.not_counted.dedup();
    }
}

/// Everyone's latest opinion, in the order of their logins, then those vouched for.
fn responses(people: &People<'_>) -> Vec<Response> {
    let mut responses: Vec<Response> = Vec::new();
    if let Some(evidence) = people.evidence {
        let mut reviews: Vec<(&Review, Option<DateTime<Utc>>)> =
            evidence.reviews.iter().map(|review| (review, instant(&review.submitted_at))).collect();
        reviews.sort_by_key(|(_, at)| *at);
        for (review, at) in reviews {
            let Some(opinion) = opinion(review, evidence) else { continue };
            let response =
                Response { login: review.login.to_ascii_lowercase(), kind: review.kind.clone(), opinion, at };
            // GitHub may give an app the login of a person; what one says doesn't replace what the other said.
            let same = |other: &Response| (&other.login, &other.kind) == (&response.login, &response.kind);
            let unread = matches!(response.opinion, Opinion::Nothing(_)) && review.state != "DISMISSED";
            if unread && responses.iter().any(|other| same(other) && other.opinion.rejects()) {
                // An answer nobody understands takes no rejection back.
                continue;
            }
            responses.retain(|other| !same(other));
            responses.push(response);
        }
    }
    for login in people.vouched {
        let login = login.to_ascii_lowercase();
        let rejects =
            |response: &Response| matches!(response.opinion, Opinion::Rejects | Opinion::RejectionDismissed { .. });
        if responses.iter().any(|other| other.login == login && rejects(other)) {
            continue;
        }
        responses.retain(|other| other.login != login);
        responses.push(Response { login, kind: "User".to_owned(), opinion: Opinion::Approves, at: None });
    }
    responses.sort_by(|a, b| a.login.cmp(&b.login));
    responses
}

fn opinion(review: &Review, evidence: &Evidence) -> Option<Opinion> {
    match review.state.as_str() {
        "APPROVED" => Some(Opinion::Approves),
        "CHANGES_REQUESTED" => Some(Opinion::Rejects),
        "COMMENTED" | "PENDING" => None,
        "DISMISSED" => Some(dismissed(review, evidence)),
        other => Some(Opinion::Nothing(format!("reviewed with `{}`, which is no known answer", other.escape_debug()))),
    }
}

fn dismissed(review: &Review, evidence: &Evidence) -> Opinion {
    let Some(dismissals) = &evidence.dismissals else { return Opinion::DismissedUnknown };
    // A dismissal names the reviewer, not the review. One from before this review was submitted is of an older one;
    // of those after it, one that lifted a rejection may be of this one, whatever else was dismissed later: otherwise
    // dismissing an old approval of the same person would make their rejection disappear.
    let submitted = instant(&review.submitted_at);
    let later: Vec<_> = dismissals
        .iter()
        .filter(|dismissal| dismissal.review.eq_ignore_ascii_case(&review.login) && instant(&dismissal.at) >= submitted)
        .collect();
    let lifting: Vec<String> = later
        .iter()
        .filter(|dismissal| dismissal.was == "CHANGES_REQUESTED")
        .map(|dismissal| dismissal.by.clone())
        .collect();
    if !lifting.is_empty() {
        return Opinion::RejectionDismissed { by: lifting };
    }
    match later.last() {
        Some(dismissal) => Opinion::Nothing(format!("their review was dismissed by `{}`", dismissal.by.escape_debug())),
        None => Opinion::DismissedUnknown,
    }
}

/// Notes a response with a requirement; whether it may fill a place of it.
fn respond(demand: &mut Demand, response: &Response, what: &str, digest: &str, people: &People<'_>) -> bool {
    let peer = demand.requirement.mode == Mode::Peer;
    let may = if response.opinion.rejects() {
        people.may_reject(&response.login, &response.kind, &demand.named, peer)
    } else {
        people.may(&response.login, &response.kind, &demand.named, peer)
    };
    let requirement = &mut demand.requirement;
    let mut discount = |why: String| requirement.not_counted.push(NotCounted { login: response.login.clone(), why });
    match (&response.opinion, may) {
        (Opinion::Approves, May::Yes) => match saw(response, what, digest, people) {
            Ok(()) => return true,
            Err(why) => discount(why),
        },
        (Opinion::Nothing(why), May::Yes) => discount(why.clone()),
        (Opinion::Approves | Opinion::Nothing(_), May::No(why) | May::Unknown(why)) => discount(why),
        (Opinion::Rejects, May::Yes) => requirement.rejected_by.push(response.login.clone()),
        // Whoever cannot be looked up may be someone whose rejection holds.
        (Opinion::Rejects | Opinion::RejectionDismissed { .. } | Opinion::DismissedUnknown, May::Unknown(why)) => {
            discount(format!("{why}, so their rejection may hold"));
            requirement.rejected_by.push(response.login.clone());
        }
        (Opinion::RejectionDismissed { by }, May::Yes) => {
            let lifts = |by: &String| {
                by.eq_ignore_ascii_case(&response.login) || people.may(by, "User", &demand.named, peer) == May::Yes
            };
            let unable: Vec<&String> = by.iter().filter(|by| !lifts(by)).collect();
            let login = response.login.clone();
            let requirement = &mut demand.requirement;
            if unable.is_empty() {
                let why = format!(
                    "rejected it; {} lifted that",
                    crate::diagnostics::diagnostic::choice(by.iter().map(String::as_str))
                );
                requirement.not_counted.push(NotCounted { login, why });
            } else {
                let who = crate::diagnostics::diagnostic::choice(unable.into_iter().map(String::as_str));
                let why = format!("rejected it; {who} dismissed that and may not lift it");
                requirement.not_counted.push(NotCounted { login: login.clone(), why });
                requirement.rejected_by.push(login);
            }
        }
        (Opinion::DismissedUnknown, May::Yes) => {
            discount("their review was dismissed, and whether it was a rejection is not known".to_owned());
            requirement.rejected_by.push(response.login.clone());
        }
        (Opinion::Rejects | Opinion::RejectionDismissed { .. } | Opinion::DismissedUnknown, May::No(why)) => {
            discount(format!("rejected it, but {why}"));
        }
    }
    false
}

/// Whether what was displayed when somebody approved is what is proposed today.
fn saw(response: &Response, what: &str, digest: &str, people: &People<'_>) -> Result<(), String> {
    if people.vouches(&response.login) {
        return Ok(());
    }
    let shown = people.evidence.and_then(|evidence| evidence.shown.as_ref());
    let Some(shown) = shown else {
        return Err(format!(
            "what was displayed when they approved was not kept; `--approve @{}` vouches for it",
            response.login
        ));
    };
    let Some(at) = response.at else {
        return Err("when they approved cannot be read".to_owned());
    };
    let displays: Vec<_> = shown.iter().filter_map(|display| Some((instant(&display.at)?, &display.digests))).collect();
    // GitHub's times are whole seconds: what was put displayed in the second of the approval may be what they saw,
    // and so may be what was there before.
    let (second, at) = (|time: &DateTime<Utc>| time.timestamp(), at.timestamp());
    let before = displays.iter().filter(|(since, _)| second(since) < at).max_by_key(|(since, _)| *since);
    let mut seen = displays.iter().filter(|(since, _)| second(since) == at).chain(before).peekable();
    if seen.peek().is_none() {
        return Err("approved before anything was displayed".to_owned());
    }
    for (_, digests) in seen {
        match digests.get(what) {
            // Fewer digits than people are shown prove nothing.
            Some(seen) if seen.len() >= short(digest).len() && digest.starts_with(seen.as_str()) => {}
            Some(seen) => {
                return Err(format!("approved {}, which is no longer what is proposed", short(seen).escape_debug()));
            }
            None => return Err("approved before this was displayed".to_owned()),
        }
    }
    Ok(())
}

/// Gives places to people so that as many as possible are filled: with distinct people, a matching, since a greedy
/// choice may spend on one requirement the only person another has.
fn fill(demands: &mut [Demand], able: &[Vec<bool>], responses: &[Response], distinct: bool) {
    let may = |demand: usize, person: usize| able.get(demand).and_then(|row| row.get(person)).copied().unwrap_or(false);
    let wanted = |demand: usize, demands: &[Demand]| {
        demands.get(demand).map_or(0, |demand| demand.requirement.required as usize).min(responses.len())
    };
    // Which requirement each person fills a place of, for each round: one round with distinct people, else one each.
    let all = 0..demands.len();
    let rounds: Vec<Vec<usize>> = if distinct { vec![all.collect()] } else { all.map(|demand| vec![demand]).collect() };
    for round in rounds {
        let places: Vec<usize> =
            round.iter().flat_map(|demand| std::iter::repeat_n(*demand, wanted(*demand, demands))).collect();
        let mut filled: Vec<Option<usize>> = vec![None; responses.len()];
        for place in 0..places.len() {
            let mut tried = vec![false; responses.len()];
            augment(place, &places, &may, &mut filled, &mut tried);
        }
        for (person, response) in responses.iter().enumerate() {
            let place = filled.get(person).copied().flatten().and_then(|place| places.get(place).copied());
            for demand in &round {
                let Some(requirement) = demands.get_mut(*demand).map(|demand| &mut demand.requirement) else {
                    continue;
                };
                let login = response.login.clone();
                match place {
                    Some(filled) if filled == *demand => requirement.approved_by.push(login),
                    Some(_) if may(*demand, person) => {
                        let why = "approved, and fills a place of another requirement".to_owned();
                        requirement.not_counted.push(NotCounted { login, why });
                    }
                    // More than are needed: they count, and there is no place left to fill.
                    None if may(*demand, person) => requirement.approved_by.push(login),
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
    let Some(demand) = places.get(place).copied() else { return false };
    for person in 0..filled.len() {
        if !may(demand, person) || tried.get(person).copied().unwrap_or(true) {
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
