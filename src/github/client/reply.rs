//! One request sent, and the meaning of its answer for the next try.
//!
//! In: a request. Out: an [`Attempt`]: done, to be repeated later, lost, or failed. It refuses to take an answer with
//! errors for data. Not taken: the token in any message; it is in a header and nowhere else.

use std::time::Duration;

use chrono::{DateTime, Utc};
use octocrab::Octocrab;
use serde_json::Value;

use super::requests::{Client, stamp};
use super::wire::{reason, transmit};
use crate::error::Error;

/// The parts of an answer that matter.
struct Reply {
    status: u16,
    retry_after: Option<u64>,
    remaining: Option<u64>,
    reset: Option<i64>,
    body: String,
}

/// The outcome of one request.
pub(super) enum Attempt {
    Done(Value),
    /// Not executed: may be sent again after that long.
    Wait(Duration, Error),
    /// Nobody knows whether it was executed.
    Lost(Error),
    Failed(Error),
}

impl Client {
    pub(super) fn send(&self, client: &Octocrab, method: &'static str, path: &str, body: Option<&Value>) -> Attempt {
        let what = format!("{method} {path}");
        let sent = self.runtime.block_on(transmit(client, method, path, body));
        let answer = match sent {
            Ok((parts, body)) => self.note(&what, &parts, body),
            Err(error) => {
                self.log.borrow_mut().push(format!("{what}: no answer"));
                return Attempt::Lost(Error::unreachable(self.scrub(&format!("{what}: {}", reason(&error)))));
            }
        };
        self.understand(&what, &answer)
    }

    fn note(&self, what: &str, parts: &http::response::Parts, body: String) -> Reply {
        let header = |name: &str| parts.headers.get(name).and_then(|value| value.to_str().ok());
        if let Some(date) = header("date").and_then(|date| DateTime::parse_from_rfc2822(date).ok()) {
            self.clock.set(Some(date.with_timezone(&Utc)));
        }
        self.goes_on.set(header("link").is_some_and(|link| link.contains("rel=\"next\"")));
        let remaining = header("x-ratelimit-remaining").and_then(|value| value.parse().ok());
        let reset = header("x-ratelimit-reset").and_then(|value| value.parse().ok());
        if let Some(left) = remaining {
            let budget = header("x-ratelimit-resource").unwrap_or("core").to_owned();
            self.left.borrow_mut().insert(budget, (left, reset));
        }
        self.log.borrow_mut().push(format!("{what}: {}", parts.status.as_u16()));
        Reply {
            status: parts.status.as_u16(),
            retry_after: header("retry-after").and_then(|value| value.parse().ok()),
            remaining,
            reset,
            body,
        }
    }

    fn understand(&self, what: &str, answer: &Reply) -> Attempt {
        let parsed: Option<Value> = serde_json::from_str(&answer.body).ok();
        let said = parsed.as_ref().and_then(|body| body.get("message")).and_then(Value::as_str);
        let said = self.scrub(said.unwrap_or("no reason given"));
        match answer.status {
            204 | 205 => Attempt::Done(Value::Null),
            200..=299 => match parsed {
                Some(value) => Attempt::Done(value),
                None => Attempt::Lost(Error::unexpected(format!("{what}: no JSON"))),
            },
            404 | 410 => Attempt::Failed(Error::missing(what)),
            422 => {
                Attempt::Failed(Error::refused(&format!("{what}: {}", self.scrub(&details(parsed.as_ref(), &said)))))
            }
            403 | 429 if limited(answer, &said) => self.put_off(what, answer),
            401 | 403 | 451 => Attempt::Failed(Error::denied(&format!("{what}: {said}"))),
            500..=599 | 408 => Attempt::Lost(Error::unreachable(format!("{what}: {} {said}", answer.status))),
            other => Attempt::Failed(Error::unexpected(format!("{what}: {other} {said}"))),
        }
    }

    /// A limit: as long as GitHub says, or a minute where it says nothing.
    fn put_off(&self, what: &str, answer: &Reply) -> Attempt {
        let now = self.clock.get();
        let reset = answer.reset.and_then(|reset| DateTime::from_timestamp(reset, 0));
        let until = match (answer.retry_after, answer.remaining) {
            (Some(seconds), _) => now.map(|now| now + chrono::Duration::seconds(seconds.try_into().unwrap_or(3600))),
            (None, Some(0)) => reset,
            (None, _) => now.map(|now| now + chrono::Duration::seconds(60)),
        };
        let wait = until.zip(now).map_or(60, |(until, now)| (until - now).num_seconds().max(1));
        let error = Error::limited(until.map(stamp).as_deref(), what);
        Attempt::Wait(Duration::from_secs(wait.unsigned_abs()), error)
    }

    pub(super) fn graphql(&self, client: &Octocrab, name: &str, body: &Value) -> Attempt {
        match self.graphql_lenient(client, name, body) {
            Attempt::Done(mut data) => match data.as_object_mut().and_then(|data| data.remove("errors")) {
                None => Attempt::Done(data),
                Some(errors) => Attempt::Failed(self.refused(name, &errors)),
            },
            other => other,
        }
    }

    /// The data of an answer; if some of it could not be read, with the `errors` as a member of it.
    pub(super) fn graphql_lenient(&self, client: &Octocrab, name: &str, body: &Value) -> Attempt {
        let mut answer = match self.send(client, "POST", &self.graph_path, Some(body)) {
            Attempt::Done(answer) => answer,
            // Nothing was changed by a query, and who sends a mutation takes no second try.
            other => return other,
        };
        let data = answer.get_mut("data").map(Value::take).unwrap_or_default();
        let Some(errors) = answer.get("errors").filter(|errors| errors.as_array().is_some_and(|all| !all.is_empty()))
        else {
            return if data.is_object() {
                Attempt::Done(data)
            } else {
                Attempt::Lost(Error::unexpected(format!("{name}: no data")))
            };
        };
        let said = self.scrub(&first_message(errors));
        let kinds: Vec<&str> = errors.as_array().into_iter().flatten().filter_map(|one| one["type"].as_str()).collect();
        if kinds.contains(&"RATE_LIMITED") || said.to_ascii_lowercase().contains("rate limit") {
            // These come with 200; the headers may still say how long.
            let (remaining, reset) = self.left.borrow().get("graphql").copied().unzip();
            let reset = reset.flatten();
            let answer = Reply { status: 403, retry_after: None, remaining, reset, body: String::new() };
            return self.put_off(name, &answer);
        }
        if said.to_ascii_lowercase().contains("timeout") || said.contains("Something went wrong") {
            return Attempt::Lost(Error::unreachable(format!("{name}: {said}")));
        }
        match data {
            Value::Object(mut data) => {
                data.insert("errors".to_owned(), errors.clone());
                Attempt::Done(Value::Object(data))
            }
            _ => Attempt::Failed(self.refused(name, errors)),
        }
    }

    /// The meaning of the first error of a query.
    fn refused(&self, name: &str, errors: &Value) -> Error {
        let said = self.scrub(&first_message(errors));
        match errors.pointer("/0/type").and_then(Value::as_str) {
            Some("NOT_FOUND") => {
                let what = said.strip_prefix("Could not resolve to a ").unwrap_or(&said);
                Error::missing(what.trim_end_matches('.'))
            }
            Some("FORBIDDEN") => Error::denied(&format!("{name}: {said}")),
            _ => Error::unexpected(format!("{name}: {said}")),
        }
    }

    fn scrub(&self, text: &str) -> String {
        self.secrets.iter().fold(text.to_owned(), |text, secret| secret.scrub(&text))
    }
}

fn limited(answer: &Reply, said: &str) -> bool {
    answer.status == 429
        || answer.retry_after.is_some()
        || answer.remaining == Some(0)
        || said.to_ascii_lowercase().contains("rate limit")
        || said.to_ascii_lowercase().contains("abuse")
}

/// The message and the reasons GitHub lists with it.
fn details(body: Option<&Value>, said: &str) -> String {
    let errors = body.and_then(|body| body.get("errors")).and_then(Value::as_array);
    let more: Vec<String> = errors
        .into_iter()
        .flatten()
        .filter_map(|one| one.as_str().or_else(|| one.get("message")?.as_str()).map(ToOwned::to_owned))
        .collect();
    if more.is_empty() { said.to_owned() } else { format!("{said}: {}", more.join("; ")) }
}

fn first_message(errors: &Value) -> String {
    let first = errors.get(0).and_then(|first| first.get("message")).and_then(Value::as_str);
    first.unwrap_or("no reason given").to_owned()
}
