//! Another law, tried on what landed: what it would have asked of whom, beside what the law of then asked.
//!
//! In: for each landing the report under either law. Out: a [`Trial`] of the landings for which they differ. It refuses to
//! guess who would have answered: asked is all it counts.

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::Serialize;

use crate::diagnostics::Problem;
use crate::report::{Mode, Report, Requirement, Revision, Verdict};

/// The version of the JSON form.
pub const SCHEMA: &str = "countersign/simulate/v1";

/// How many approvals of whom, for one flag or the law.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, JsonSchema)]
pub struct Ask {
    /// `project/key`, or `.countersign` for the law and protected paths.
    pub what: String,
    /// Who may respond.
    pub mode: Mode,
    /// How many distinct people.
    pub required: u32,
    /// `@user` and `@org/team`, alternatives; in `peer` mode those worth asking.
    pub from: Vec<String>,
}

/// What one law says of one landing.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Said {
    /// As if nobody had answered; null if there was no law, or none that holds.
    pub verdict: Option<Verdict>,
    /// The approvals it asks for, by flag; none if nothing needs approval.
    pub asks: Vec<Ask>,
    /// What nobody could approve.
    pub problems: Vec<Problem>,
}

impl Said {
    /// What a report says; without one nothing needs approval.
    #[must_use]
    pub fn of(report: Option<&Report>) -> Said {
        let Some(report) = report else {
            return Said { verdict: Some(Verdict::NotRequired), asks: Vec::new(), problems: Vec::new() };
        };
        let ask = |what: &str, requirement: &Requirement| {
            let mut from = requirement.from.clone();
            from.sort();
            Ask { what: what.to_owned(), mode: requirement.mode, required: requirement.required, from }
        };
        let mut asks: Vec<Ask> = Vec::new();
        for flag in &report.flags {
            let name = format!("{}/{}", flag.project, flag.key);
            asks.extend(flag.requirements.iter().map(|requirement| ask(&name, requirement)));
        }
        asks.extend(report.law.requirements.iter().map(|requirement| ask(super::LAW, requirement)));
        asks.sort();
        let problems = report.problems.iter().filter(|problem| problem.is_error()).cloned().collect();
        Said { verdict: Some(report.verdict), asks, problems }
    }

    /// What a law says that is not there, or does not hold.
    #[must_use]
    pub fn nothing(problems: &[Problem]) -> Said {
        Said { verdict: None, asks: Vec::new(), problems: problems.to_vec() }
    }

    fn gates(&self) -> bool {
        self.verdict.is_some_and(Verdict::blocks)
    }

    fn approvals(&self) -> u32 {
        self.asks.iter().fold(0, |sum, ask| sum.saturating_add(ask.required))
    }

    fn people(&self) -> BTreeSet<&str> {
        // Of peers anyone will do; those named are worth asking and no more.
        let named = self.asks.iter().filter(|ask| ask.mode != Mode::Peer);
        named.flat_map(|ask| ask.from.iter().map(String::as_str)).collect()
    }
}

/// A landing of which the two laws differ.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Differing {
    /// The commit, in full.
    pub commit: String,
    /// When it was committed, RFC 3339, as the commit says.
    pub date: String,
    /// The author's name, as the commit says.
    pub author: String,
    /// The first line of the message.
    pub subject: String,
    /// What the law says that it landed on.
    pub then: Said,
    /// What the other law says.
    pub now: Said,
}

/// A number under the law of then and under the other.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug, Serialize, JsonSchema)]
pub struct Beside {
    /// Under the law that each landed on.
    pub then: u32,
    /// Under the other law.
    pub now: u32,
}

/// What all landings come to, under either law.
#[derive(Clone, Debug, Default, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Totals {
    /// How many commits landed in the range.
    pub landings: usize,
    /// How many of them landed while there was no law that held.
    pub lawless: usize,
    /// How many needed approval, or could not have got any.
    pub gated: Beside,
    /// How many approvals were asked for, all in all.
    pub approvals: Beside,
    /// How many need approval under the other law alone.
    pub newly_gated: usize,
    /// How many needed approval under the law of then alone.
    pub no_longer_gated: usize,
}

/// In how many landings somebody would be among those asked.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct Asked {
    /// `@user` or `@org/team`.
    pub who: String,
    #[serde(flatten)]
    pub landings: Beside,
}

/// What another law would have asked of whom for what landed, beside what the law of then asked.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Trial {
    /// The version of this form: `countersign/simulate/v1`.
    #[schemars(extend("const" = SCHEMA))]
    pub schema: &'static str,
    /// What the range leaves out; null if it goes back to the beginning.
    pub from: Option<Revision>,
    /// The last commit of the range.
    pub to: Revision,
    /// The day the range was cut at, as it was given; null if none was.
    pub since: Option<String>,
    /// How many landings and approvals there are of each kind.
    pub totals: Totals,
    /// Those who would be asked most first.
    pub people: Vec<Asked>,
    /// Every landing of which the two laws differ, in the order they landed.
    pub landings: Vec<Differing>,
}

/// Counts one landing after the other.
#[derive(Default)]
pub struct Tally {
    pub totals: Totals,
    people: BTreeMap<String, Beside>,
    pub landings: Vec<Differing>,
}

impl Tally {
    /// Takes one landing in.
    pub fn take(&mut self, one: Differing) {
        let totals = &mut self.totals;
        totals.landings += 1;
        totals.lawless += usize::from(one.then.verdict.is_none());
        let (then, now) = (one.then.gates(), one.now.gates());
        totals.gated.then += u32::from(then);
        totals.gated.now += u32::from(now);
        totals.approvals.then += one.then.approvals();
        totals.approvals.now += one.now.approvals();
        totals.newly_gated += usize::from(now && !then);
        totals.no_longer_gated += usize::from(then && !now);
        for who in one.then.people() {
            self.people.entry(who.to_owned()).or_default().then += 1;
        }
        for who in one.now.people() {
            self.people.entry(who.to_owned()).or_default().now += 1;
        }
        // Where neither asks for anything, that there was no law makes no difference.
        if one.then != one.now && (then || now) {
            self.landings.push(one);
        }
    }

    /// All of it.
    #[must_use]
    pub fn finish(self, from: Option<Revision>, to: Revision, since: Option<String>) -> Trial {
        let mut people: Vec<Asked> = self.people.into_iter().map(|(who, landings)| Asked { who, landings }).collect();
        people.sort_by_key(|one| std::cmp::Reverse((one.landings.now, one.landings.then)));
        Trial { schema: SCHEMA, from, to, since, totals: self.totals, people, landings: self.landings }
    }
}
