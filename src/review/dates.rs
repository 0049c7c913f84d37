//! Dates of a schedule as they are at the time of a review: past, or ahead.
//!
//! In: a flag, and the time of the review. Out: remarks. Refuses: to free anything, since a state is judged without a
//! clock and what is past may be read otherwise elsewhere. Not taken: steps of a schedule, whose end the impact has.

use chrono::{DateTime, Utc};

use crate::diagnostics::words::in_backticks;
use crate::document::date::{instant, rfc3339};
use crate::document::{Data, Node};
use crate::flag::{Flag, FlagEntry};

/// Names of dates at which something begins, and at which it ends.
const STARTS: &[&str] = &["start", "initial"];
const ENDS: &[&str] = &["end", "expiry"];

/// Remarks on the dates of a flag that is served, where a mapping says which dates those are.
pub fn remarks(entry: Option<&FlagEntry>, now: Option<DateTime<Utc>>) -> Vec<String> {
    let flag = entry.map(|entry| &entry.flag).filter(|flag| flag.state.live && flag.format.is_mapped());
    let (Some(flag), Some(now)) = (flag, now) else { return Vec::new() };
    let mut found = Vec::new();
    if let Some(schedule) = flag.get("schedule") {
        dates(schedule, &mut Vec::new(), &mut |way, node| found.extend(remark(flag, way, node, now)));
    }
    found
}

fn dates<'n>(node: &'n Node, way: &mut Vec<&'n str>, each: &mut impl FnMut(&[&str], &Node)) {
    match &node.data {
        Data::Map(map) => {
            for entry in map.iter() {
                way.push(&entry.key);
                dates(&entry.value, way, each);
                way.pop();
            }
        }
        Data::Text(_) | Data::Number(_) => each(way, node),
        Data::Null | Data::Bool(_) | Data::List(_) => {}
    }
}

fn remark(flag: &Flag, way: &[&str], node: &Node, now: DateTime<Utc>) -> Option<String> {
    let at = when(node)?;
    let is = |names: &[&str]| way.iter().rev().take(2).any(|name| names.contains(name));
    let (what, rest) = match () {
        () if is(ENDS) && at <= now => ("past", "what it limits is over, if clocks are right"),
        () if is(STARTS) && at > now => ("ahead", "until then it does not hold"),
        () => return None,
    };
    let name = in_backticks(&format!("{}: {}", flag.own_key(), way.join("/")));
    let (at, now) = (rfc3339(at), rfc3339(now));
    Some(format!("{name} ({at}) is {what} at the time of this review ({}): {rest}", now.get(..10)?))
}

/// The first number of seconds since 1970 that is taken for a date, of 2001; smaller ones are percentages.
const FIRST_SECONDS: i64 = 1_000_000_000;

/// The instant of a date: of a string, or of a number of seconds since 1970.
fn when(node: &Node) -> Option<DateTime<Utc>> {
    match &node.data {
        Data::Text(text) => instant(text).or_else(|| DateTime::parse_from_rfc3339(text).ok().map(|at| at.to_utc())),
        Data::Number(number) => {
            let seconds = i64::try_from(number.to_integer()?).ok()?;
            DateTime::from_timestamp(seconds, 0).filter(|_| seconds >= FIRST_SECONDS)
        }
        Data::Null | Data::Bool(_) | Data::Map(_) | Data::List(_) => None,
    }
}
