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
/// Names of the dates at which something begins to move, up to its end.
const RAMPS: &[&str] = &["initial"];

/// The state of a flag with dates, whatever these say.
const SCHEDULED: &str = "scheduled";

/// Remarks on the dates of a flag that is served, where a mapping says which dates those are.
pub fn remarks(entry: Option<&FlagEntry>, now: Option<DateTime<Utc>>) -> Vec<String> {
    let flag = entry.map(|entry| &entry.flag).filter(|flag| flag.state.live && flag.format.is_mapped());
    let (Some(flag), Some(now)) = (flag, now) else { return Vec::new() };
    let mut all = Vec::new();
    if let Some(schedule) = flag.get("schedule") {
        dates(schedule, &mut Vec::new(), &mut |way, node| all.push(ScheduledDate::of(way, node)));
    }
    all.iter().filter_map(|date| date.remark(&all, flag, now)).collect()
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

/// A value of a schedule, and where it stands.
struct ScheduledDate {
    way: String,
    at: Option<DateTime<Utc>>,
}

impl ScheduledDate {
    fn of(way: &[&str], node: &Node) -> Self {
        ScheduledDate { way: way.join("/"), at: when(node) }
    }

    /// The place of the name in the way that says what the date is.
    fn named(&self, names: &[&str]) -> Option<usize> {
        let parts: Vec<&str> = self.way.split('/').collect();
        let near = parts.len().saturating_sub(2);
        parts.iter().skip(near).position(|name| names.contains(name)).map(|at| near + at)
    }

    /// Whether another date of the schedule stands next to it, under one of these names.
    fn has_next_to_it(&self, at: usize, all: &[ScheduledDate], names: &[&str]) -> bool {
        let around = |way: &str| way.split('/').take(at).map(str::to_owned).collect::<Vec<_>>();
        all.iter().any(|other| other.named(names) == Some(at) && around(&other.way) == around(&self.way))
    }

    fn remark(&self, all: &[ScheduledDate], flag: &Flag, now: DateTime<Utc>) -> Option<String> {
        let at = self.at?;
        let recurs = all.iter().any(|date| date.way.split('/').any(|name| name == "recurrence"));
        let is_past = |date: &ScheduledDate| date.at.is_some_and(|at| at <= now);
        let ended = || all.iter().any(|date| date.named(ENDS).is_some() && is_past(date));
        let (end, start) = (self.named(ENDS), self.named(STARTS));
        let (what, rest) = match (end, start) {
            (Some(place), _) if at <= now && self.has_next_to_it(place, all, RAMPS) => {
                ("past", "users get by now what they get at the end of it, if clocks are right")
            }
            (Some(_), _) if at <= now && !recurs => ("past", "what it limits is over, if clocks are right"),
            (_, Some(_)) if at > now => ("ahead", "until then it does not hold"),
            (_, Some(_)) if flag.state.word == SCHEDULED && !ended() => {
                ("past", "what it starts holds by now, if clocks are right")
            }
            _ => return None,
        };
        let name = in_backticks(&format!("{}: {}", flag.own_key(), self.way));
        let (at, now) = (rfc3339(at), rfc3339(now));
        Some(format!("{name} ({at}) is {what} at the time of this review ({}): {rest}", now.get(..10)?))
    }
}

/// The first number of seconds since 1970 that is taken for a date, of 2001; smaller ones are percentages.
const FIRST_SECONDS: i64 = 1_000_000_000;

/// The instant of a date: of a string, or of a number of seconds since 1970.
fn when(node: &Node) -> Option<DateTime<Utc>> {
    match &node.data {
        Data::Text(text) => instant(text).or_else(|| {
            let read = DateTime::parse_from_rfc3339(text).or_else(|_| DateTime::parse_from_rfc2822(text));
            read.ok().map(|at| at.to_utc())
        }),
        Data::Number(number) => {
            let seconds = i64::try_from(number.to_integer()?).ok()?;
            DateTime::from_timestamp(seconds, 0).filter(|_| seconds >= FIRST_SECONDS)
        }
        Data::Null | Data::Bool(_) | Data::Map(_) | Data::List(_) => None,
    }
}
