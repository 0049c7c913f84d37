//! The fingerprint of a verdict: its inputs in short, and the facts about it that a later run has to know.
//!
//! In: what a list of open pull requests says about each. Out: a [`Fingerprint`] that goes into the address of our
//! status, where only we write it, so that a sweep sees without a review that nothing changed. It refuses an address of
//! another version, which only costs another review. Not taken: the time of the last review, since a clock says nothing
//! about changes; the words of the status, which are for people.

use std::collections::{BTreeMap, BTreeSet};

use sha2::{Digest, Sha256};

use super::facts::{Account, SubmittedReview};

/// The facts about a pull request that need no review.
#[derive(Clone, Debug)]
pub struct PullInputs<'a> {
    /// The tip of the base, or the digits of its policy.
    pub base: &'a str,
    pub head: &'a str,
    pub draft: bool,
    pub author: Option<&'a Account>,
    pub reviews: &'a [SubmittedReview],
}

/// The data in the address of our status.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fingerprint {
    /// Eight digits over the [`PullInputs`]; [`NONE`] for a status that stands for no verdict.
    pub inputs: String,
    /// Eight digits over the members of all teams of the policy; [`NONE`] if no team was needed.
    pub members: String,
    /// The pull requests that hold flags which this one changes.
    pub locked_by: BTreeSet<u64>,
    /// Whether the success rests on rights of people whom no list tells of: who dismissed a rejection, overrode, or
    /// approved without write access.
    pub rests_on_people: bool,
    /// How many statuses of ours the commit has had.
    pub count: u32,
    /// The time from which on a bound of the policy looks back at another commit of the base, in seconds since
    /// 1970-01-01 UTC: nothing else changes then.
    pub until: Option<i64>,
    /// The checksums of the approval records that were written with this status and those before it, the newest first.
    pub checksums: Vec<String>,
}

/// The digits of nothing.
pub const NONE: &str = "0";

/// How many record checksums a status bears: a run that was cut short between two actions is recognised, and so is a
/// pull request that shares the commit.
const MOST_CHECKSUMS: usize = 4;

/// How many holders a status bears; of more, those with the lowest numbers.
const MOST_HOLDERS: usize = 20;

/// How many reviews of each pull request a list of open ones has: the newest.
const LISTED_REVIEWS: usize = 100;

/// The parameter of the status's address, and its version.
const PARAMETER: &str = "?countersign=v1.";

impl Fingerprint {
    /// The fingerprint of a status that stands for no verdict, in the place of another, whose record checksums it
    /// keeps.
    #[must_use]
    pub fn without_verdict(before: Option<&Fingerprint>) -> Fingerprint {
        Fingerprint {
            inputs: NONE.to_owned(),
            members: NONE.to_owned(),
            locked_by: BTreeSet::new(),
            rests_on_people: false,
            until: None,
            count: before.map_or(0, |before| before.count).saturating_add(1),
            checksums: before.map(|before| before.checksums.clone()).unwrap_or_default(),
        }
    }

    /// The record checksums of a status in the place of another, with one more.
    #[must_use]
    pub fn checksums_with(before: Option<&Fingerprint>, checksum: &str) -> Vec<String> {
        let before = before.map(|before| before.checksums.as_slice()).unwrap_or_default();
        if checksum.is_empty() || before.iter().any(|one| one == checksum) {
            return before.to_vec();
        }
        std::iter::once(checksum.to_owned()).chain(before.iter().cloned()).take(MOST_CHECKSUMS).collect()
    }

    /// The address of a status: the pull request's own, with the fingerprint.
    #[must_use]
    pub fn address(&self, url: &str) -> String {
        let list = |items: Vec<String>| if items.is_empty() { NONE.to_owned() } else { items.join("-") };
        let holders = list(self.locked_by.iter().take(MOST_HOLDERS).map(ToString::to_string).collect());
        let checksums = list(self.checksums.clone());
        let (inputs, members, rests_on_people, count) =
            (&self.inputs, &self.members, u8::from(self.rests_on_people), self.count);
        let until = self.until.map_or_else(String::new, |until| format!(".{until}"));
        format!("{url}{PARAMETER}{inputs}.{members}.{holders}.{rests_on_people}.{count}.{checksums}{until}")
    }

    /// The fingerprint in an address, if it has one.
    #[must_use]
    pub fn of(address: &str) -> Option<Fingerprint> {
        let (_, parts) = address.rsplit_once(PARAMETER)?;
        let parts: Vec<&str> = parts.split('.').collect();
        let [inputs, members, holders, rests_on_people, count, checksums, until @ ..] = parts.as_slice() else {
            return None;
        };
        let until = match until {
            [] => None,
            [until] => Some(until.parse().ok()?),
            _ => return None,
        };
        let list = |items: &str| items.split('-').filter(|item| *item != NONE).map(str::to_owned).collect::<Vec<_>>();
        Some(Fingerprint {
            inputs: (*inputs).to_owned(),
            members: (*members).to_owned(),
            locked_by: list(holders).iter().map(|number| number.parse().ok()).collect::<Option<_>>()?,
            rests_on_people: *rests_on_people == "1",
            until,
            count: count.parse().ok()?,
            checksums: list(checksums),
        })
    }
}

impl PullInputs<'_> {
    /// Eight digits over all of it, and over the version of the program, whose rules may differ.
    #[must_use]
    pub fn digits(&self) -> String {
        let listed = self.reviews.iter().skip(self.reviews.len().saturating_sub(LISTED_REVIEWS));
        let reviews = listed.map(|review| {
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

/// The digits of all pull requests that propose the same commit, by their numbers: their status is about all of them.
#[must_use]
pub fn shared(inputs: BTreeMap<u64, String>) -> String {
    let mut inputs = inputs.into_values();
    match (inputs.next(), inputs.len()) {
        (Some(one), 0) => one,
        (first, _) => digits(first.into_iter().chain(inputs)),
    }
}

/// Eight digits over the members of teams; [`NONE`] if there are no teams.
#[must_use]
pub fn members(teams: &BTreeMap<String, Vec<String>>) -> String {
    if teams.is_empty() {
        return NONE.to_owned();
    }
    digits(teams.iter().map(|(team, members)| {
        let mut members = members.clone();
        members.sort();
        format!("{team}:{}", members.join(","))
    }))
}

/// Eight digits over a string, for what only has to differ.
#[must_use]
pub fn short_digest(text: &str) -> String {
    digits(std::iter::once(text.to_owned()))
}

/// Twenty-four digits over a string: so many that nobody finds a second string with the same.
#[must_use]
pub fn long_digest(text: &str) -> String {
    crate::diagnostics::words::hex(&Sha256::digest(text)).chars().take(24).collect()
}

fn digits(parts: impl Iterator<Item = String>) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(part.len().to_le_bytes());
        hash.update(part);
    }
    crate::diagnostics::words::hex(&hash.finalize()).chars().take(8).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_gives_its_fingerprint_back() {
        let url = "https://github.com/acme/shop/pull/1";
        let plain = Fingerprint::without_verdict(None);
        let full = Fingerprint {
            inputs: "1a2b3c4d".to_owned(),
            members: "5e6f7a8b".to_owned(),
            locked_by: BTreeSet::from([12, 3]),
            rests_on_people: true,
            until: Some(1_795_435_200),
            count: 17,
            checksums: vec!["aa".to_owned(), "bb".to_owned()],
        };
        assert_eq!(plain.address(url), format!("{url}?countersign=v1.0.0.0.0.1.0"));
        assert_eq!(full.address(url), format!("{url}?countersign=v1.1a2b3c4d.5e6f7a8b.3-12.1.17.aa-bb.1795435200"));
        for fingerprint in [plain, full] {
            assert_eq!(Fingerprint::of(&fingerprint.address(url)), Some(fingerprint));
        }
    }

    #[test]
    fn another_form_is_no_fingerprint() {
        for address in [
            "",
            "?countersign=0.0.1.0",
            "?countersign=v2.0.0.0.0.1.0",
            "?countersign=v1.0.0.x.0.1.0",
            "?countersign=v1.0.0.0.0.1.0.x",
        ] {
            assert_eq!(Fingerprint::of(address), None, "{address}");
        }
    }
}
