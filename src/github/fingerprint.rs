//! What a verdict was made of, in eight digits: so that a sweep sees without judging anew that nothing changed.
//!
//! In: what a list of open pull requests tells of each. Out: a mark that goes into the address of our status, where
//! only we write it. It refuses nothing; a mark that differs only costs another look. Not taken: the time of the last
//! look, since a clock says nothing about what changed.

use std::collections::BTreeMap;

use sha2::{Digest, Sha256};

use super::facts::{Account, Review};

/// What can be seen of a pull request without judging it.
#[derive(Clone, Debug)]
pub struct Inputs<'a> {
    /// The tip of the base, or a mark of its policy.
    pub base: &'a str,
    pub head: &'a str,
    pub draft: bool,
    pub author: Option<&'a Account>,
    pub reviews: &'a [Review],
}

/// The mark our status bears: what was seen, who was in the teams, how many statuses we posted on this commit, and what
/// was remembered by then.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mark {
    pub inputs: String,
    /// Of the members of all teams of the policy; `0` if no team was asked for.
    pub people: String,
    pub count: u32,
    /// The record checksums of the approval records that were written with it: of this one, and of those before, the newest first.
    pub checksums: Vec<String>,
}

/// How many record checksums a status bears: what was cut short between two posts is still known, and what shares a commit.
const SEALS: usize = 4;

/// How many reviews of each a list of open pull requests tells: the newest.
const SEEN: usize = 100;

/// The parameter of the status's address.
const PARAMETER: &str = "?countersign=";

impl Mark {
    /// The mark of a status that stands for no verdict, in the place of another. What that one sealed stays sealed.
    #[must_use]
    pub fn plain(there: Option<&Mark>) -> Mark {
        Mark {
            inputs: "0".to_owned(),
            people: "0".to_owned(),
            count: there.map_or(0, |mark| mark.count).saturating_add(1),
            checksums: there.map(|mark| mark.checksums.clone()).unwrap_or_default(),
        }
    }

    /// The record checksums of a status that bears this one, in the place of another.
    #[must_use]
    pub fn sealed(there: Option<&Mark>, checksum: &str) -> Vec<String> {
        let there = there.map(|mark| mark.checksums.as_slice()).unwrap_or_default();
        if checksum.is_empty() || there.iter().any(|one| one == checksum) {
            return there.to_vec();
        }
        std::iter::once(checksum.to_owned()).chain(there.iter().cloned()).take(SEALS).collect()
    }

    /// The address of a status: the pull request's own, with the mark.
    #[must_use]
    pub fn address(&self, url: &str) -> String {
        let checksums = if self.checksums.is_empty() { "0".to_owned() } else { self.checksums.join("-") };
        format!("{url}{PARAMETER}{}.{}.{}.{checksums}", self.inputs, self.people, self.count)
    }

    /// The mark of an address, if it has one.
    #[must_use]
    pub fn of(address: &str) -> Option<Mark> {
        let (_, mark) = address.rsplit_once(PARAMETER)?;
        let mut parts = mark.split('.');
        let (inputs, people, count) = (parts.next()?, parts.next()?, parts.next()?.parse().ok()?);
        let checksums = parts.next()?.split('-').filter(|checksum| *checksum != "0").map(str::to_owned).collect();
        let (inputs, people) = (inputs.to_owned(), people.to_owned());
        parts.next().is_none().then_some(Mark { inputs, people, count, checksums })
    }
}

impl Inputs<'_> {
    /// Eight digits over all of it, and over the version of the program, whose rules may differ.
    #[must_use]
    pub fn mark(&self) -> String {
        // A list of open pull requests tells no more of each.
        let reviews = self.reviews.iter().skip(self.reviews.len().saturating_sub(SEEN)).map(|review| {
            let author = review.author.as_ref().map_or("", |author| author.login.as_str());
            format!("{}/{author}/{}/{}/{}", review.id, review.state, review.submitted_at, review.may_push)
        });
        let author = self.author.map_or_else(String::new, |author| format!("{}/{}", author.kind, author.login));
        let first = [env!("CARGO_PKG_VERSION"), self.base, self.head, &self.draft.to_string(), &author]
            .map(ToOwned::to_owned)
            .into_iter();
        digits(first.chain(reviews))
    }
}

/// One mark for all pull requests that propose the same commit, by their numbers: what stands there is about all.
#[must_use]
pub fn shared(marks: BTreeMap<u64, String>) -> String {
    let mut marks = marks.into_values();
    match (marks.next(), marks.len()) {
        (Some(one), 0) => one,
        (first, _) => digits(first.into_iter().chain(marks)),
    }
}

/// Eight digits over the members of teams; `0` if there are none to know.
#[must_use]
pub fn people(teams: &BTreeMap<String, Vec<String>>) -> String {
    if teams.is_empty() {
        return "0".to_owned();
    }
    digits(teams.iter().map(|(team, members)| {
        let mut members = members.clone();
        members.sort();
        format!("{team}:{}", members.join(","))
    }))
}

/// Eight digits for a text.
#[must_use]
pub fn short_mark(text: &str) -> String {
    digits(std::iter::once(text.to_owned()))
}

/// Twenty-four digits for a text: as many as nobody finds a second text for.
#[must_use]
pub fn long_mark(text: &str) -> String {
    Sha256::digest(text).iter().take(12).map(|byte| format!("{byte:02x}")).collect()
}

fn digits(parts: impl Iterator<Item = String>) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(part.len().to_le_bytes());
        hash.update(part);
    }
    hash.finalize().iter().take(4).map(|byte| format!("{byte:02x}")).collect()
}
