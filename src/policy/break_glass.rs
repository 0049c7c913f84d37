//! The section `break-glass` of `config.yaml`: who may let a change in alone when it cannot wait, and by when it is
//! approved.
//!
//! In: the section, checked against its rows. Out: a [`BreakGlass`]. It refuses a time that is no number of days. Not
//! taken: changes of the policy itself, with which one person could appoint themselves; two admins override those.

use serde::Deserialize;

use super::narrowings::days;
use super::typed::Sections;
use crate::diagnostics::Diagnostics;
use crate::diagnostics::words::counted;
use crate::document::{Decimal, Node};

/// How a change comes in without its approvals, as a debt.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct BreakGlass {
    /// How many admins it takes, at least 1.
    pub people: u32,
    /// Within how many days somebody has to approve the content.
    pub days: u32,
    /// Whether further changes of a flag wait while its debt is overdue.
    pub hold: bool,
}

/// The people who may break the glass.
#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum BreakGlassBy {
    Admins,
}

/// The keys of the section.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct BreakGlassSection {
    #[serde(rename = "by")]
    _by: BreakGlassBy,
    /// Taken from the tree, which reads `2.0` as 2, as the table of fields does.
    #[serde(rename = "people")]
    _people: Option<serde::de::IgnoredAny>,
    review_within: String,
    hold: Option<bool>,
}

/// The section, if there is one; its diagnostics are added.
pub(super) fn read(sections: &Sections<'_>, diagnostics: &mut Diagnostics<'_>) -> Option<BreakGlass> {
    let (section, node) = sections.one::<BreakGlassSection>("break-glass", diagnostics)?;
    let within = node.get("review-within")?;
    let days = days(&section.review_within, within, "review-within", diagnostics)?;
    let people = node.get("people").and_then(Node::as_number).and_then(Decimal::to_integer);
    let people = people.and_then(|number| u32::try_from(number).ok()).unwrap_or(1).max(1);
    Some(BreakGlass { people, days, hold: section.hold.unwrap_or(false) })
}

/// Rights that a change of the section gives (true) and takes.
pub(super) fn changes(before: Option<BreakGlass>, after: Option<BreakGlass>) -> Vec<(String, bool, String)> {
    if before == after {
        return Vec::new();
    }
    let admins = |people: u32| if people == 1 { "one admin".to_owned() } else { format!("{people} admins together") };
    let right = |one: BreakGlass| {
        let held = if one.hold { ", and the flag is held while that is overdue" } else { "" };
        let within = counted(one.days, "day");
        format!("may let a change of a flag in without its approvals, as a debt to be approved within {within}{held}")
    };
    let right_change = |one: BreakGlass, gained: bool| (admins(one.people), gained, right(one));
    after.map(|one| right_change(one, true)).into_iter().chain(before.map(|one| right_change(one, false))).collect()
}
