//! Requests: one at a time, with a policy for each verb.
//!
//! What only reads is asked again when GitHub stumbles or asks to wait, for a bounded time. What writes is sent once;
//! if the answer is lost, the caller says how to see whether it landed, and only then it is sent again. A limit that
//! lasts longer than our patience is an error that says until when. The token is in a header and nowhere else.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::time::Duration;

use chrono::{DateTime, Utc};
use octocrab::Octocrab;
use serde_json::{Value, json};

use super::fault::{Fault, Site};
use super::wire::{build, reason, transmit};
use crate::git::token::Token;

/// Every query there is; each request names the one it means.
pub const QUERIES: &str = include_str!("queries.graphql");

/// One answer.
struct Answer {
    status: u16,
    retry_after: Option<u64>,
    remaining: Option<u64>,
    reset: Option<i64>,
    body: String,
}

/// What an answer means for what is tried next.
enum Outcome {
    Done(Value),
    /// Not executed: may be sent again after that long.
    Wait(Duration, Fault),
    /// Nobody knows whether it was executed.
    Lost(Fault),
    Failed(Fault),
}

/// How often anything is asked.
const TRIES: u32 = 4;
/// Below this many requests left, only what takes a success back is posted.
pub const RESERVE: u64 = 100;

pub struct Client {
    pub site: Site,
    rest: Octocrab,
    graph: Octocrab,
    graph_path: String,
    /// A second token, for what the first may not read: the members of teams.
    teams: Option<(Octocrab, Octocrab)>,
    runtime: tokio::runtime::Runtime,
    secrets: Vec<Token>,
    /// How long all waiting together may take.
    patience: Cell<Duration>,
    /// The clock of GitHub's answers; ours may be wrong, and times are compared with theirs.
    clock: Cell<Option<DateTime<Utc>>>,
    /// What is left of each of GitHub's budgets, and when it is renewed, as of the last answer about it.
    left: RefCell<BTreeMap<String, (u64, Option<i64>)>>,
    asked: Cell<u32>,
    said: RefCell<Vec<String>>,
}

impl Client {
    /// A client for one repository.
    ///
    /// # Errors
    /// If an address is none, or this machine has no certificates to check GitHub's with.
    pub fn new(site: Site, token: Token, teams: Option<Token>, patience: Duration) -> Result<Client, Fault> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|error| Fault::Unreachable(format!("no sockets: {error}")))?;
        let (graph_base, graph_path) = site.graphql.rsplit_once('/').unwrap_or((&site.graphql, "graphql"));
        let graph_path = format!("/{graph_path}");
        let make = |base: &str, token: &Token| runtime.block_on(async { build(base, token) });
        let teams_pair = match &teams {
            Some(token) => Some((make(&site.api, token)?, make(graph_base, token)?)),
            None => None,
        };
        let (rest, graph) = (make(&site.api, &token)?, make(graph_base, &token)?);
        let secrets = std::iter::once(token).chain(teams).collect();
        Ok(Client {
            rest,
            graph,
            graph_path,
            teams: teams_pair,
            runtime,
            secrets,
            patience: Cell::new(patience),
            clock: Cell::new(None),
            left: RefCell::default(),
            asked: Cell::new(0),
            said: RefCell::new(Vec::new()),
            site,
        })
    }

    /// What time it is at GitHub, as of the last answer.
    #[must_use]
    pub fn now(&self) -> Option<DateTime<Utc>> {
        self.clock.get()
    }

    /// Of the budget that is nearest to its end: how many requests are left, and when it is renewed.
    #[must_use]
    pub fn left(&self) -> Option<(u64, Option<String>)> {
        let left = self.left.borrow().values().min().copied();
        left.map(|(left, reset)| (left, reset.and_then(|at| DateTime::from_timestamp(at, 0)).map(stamp)))
    }

    /// How many requests were made.
    #[must_use]
    pub fn asked(&self) -> u32 {
        self.asked.get()
    }

    /// A line for each request, for `--verbose`: method, path, status. Nothing else is kept.
    pub fn take_log(&self) -> Vec<String> {
        std::mem::take(&mut self.said.borrow_mut())
    }

    /// Reads something, trying again for a while.
    ///
    /// # Errors
    /// Why there is no answer.
    pub fn get(&self, path: &str) -> Result<Value, Fault> {
        self.again(|| self.send(&self.rest, "GET", path, None))
    }

    /// The same with the token that may read teams.
    ///
    /// # Errors
    /// Why there is no answer.
    pub fn get_for_teams(&self, path: &str) -> Result<Value, Fault> {
        let rest = self.teams.as_ref().map_or(&self.rest, |(rest, _)| rest);
        self.again(|| self.send(rest, "GET", path, None))
    }

    /// Asks one of [`QUERIES`].
    ///
    /// # Errors
    /// Why there is no answer; an answer with errors beside data is none.
    pub fn query(&self, name: &str, variables: &Value) -> Result<Value, Fault> {
        let body = json!({ "query": QUERIES, "operationName": name, "variables": variables });
        let data = self.again(|| self.graphql(&self.graph, name, &body))?;
        Ok(data)
    }

    /// Asks a query that was put together, with the token that may read teams. What could not be read is null.
    ///
    /// # Errors
    /// Why there is no answer at all.
    pub fn query_for_teams(&self, name: &str, query: &str) -> Result<Value, Fault> {
        let graph = self.teams.as_ref().map_or(&self.graph, |(_, graph)| graph);
        self.again(|| self.graphql_lenient(graph, name, &json!({ "query": query })))
    }

    /// Asks a query that was put together.
    ///
    /// # Errors
    /// Why there is no answer; an answer with errors beside data is none.
    pub fn query_text(&self, name: &str, query: &str) -> Result<Value, Fault> {
        self.again(|| self.graphql(&self.graph, name, &json!({ "query": query })))
    }

    /// Writes something. `landed` looks whether a write whose answer was lost has happened all the same; only if it
    /// has not, it is sent again.
    ///
    /// # Errors
    /// Why it did not happen, or why that is not known.
    pub fn write(
        &self,
        method: &'static str,
        path: &str,
        body: Option<&Value>,
        merged: impl Fn() -> Result<Option<Value>, Fault>,
    ) -> Result<Value, Fault> {
        let mut wait = Duration::from_millis(250);
        let mut last = None;
        for _ in 0..TRIES {
            match self.send(&self.rest, method, path, body) {
                Outcome::Done(value) => return Ok(value),
                Outcome::Failed(fault) => return Err(fault),
                Outcome::Wait(time, fault) => {
                    self.sleep(time, fault.clone())?;
                    last = Some(fault);
                }
                Outcome::Lost(fault) => {
                    self.sleep(wait, fault.clone())?;
                    wait *= 4;
                    if let Some(value) = merged()? {
                        return Ok(value);
                    }
                    last = Some(fault);
                }
            }
        }
        Err(last.unwrap_or_else(|| Fault::Unreachable(format!("{method} {path} was not sent"))))
    }

    /// Runs a mutation of [`QUERIES`], once.
    ///
    /// # Errors
    /// Why it did not happen, or why that is not known.
    pub fn mutate(&self, name: &str, variables: &Value) -> Result<Value, Fault> {
        let body = json!({ "query": QUERIES, "operationName": name, "variables": variables });
        match self.graphql(&self.graph, name, &body) {
            Outcome::Done(value) => Ok(value),
            Outcome::Wait(_, fault) | Outcome::Lost(fault) | Outcome::Failed(fault) => Err(fault),
        }
    }

    fn again(&self, ask: impl Fn() -> Outcome) -> Result<Value, Fault> {
        let mut wait = Duration::from_millis(250);
        let mut last = Fault::Unreachable("nothing was asked".to_owned());
        for _ in 0..TRIES {
            match ask() {
                Outcome::Done(value) => return Ok(value),
                Outcome::Failed(fault) => return Err(fault),
                Outcome::Wait(time, fault) => {
                    self.sleep(time, fault.clone())?;
                    last = fault;
                }
                Outcome::Lost(fault) => {
                    self.sleep(wait, fault.clone())?;
                    wait *= 4;
                    last = fault;
                }
            }
        }
        Err(last)
    }

    /// Waits, if all waiting together stays within our patience.
    fn sleep(&self, time: Duration, fault: Fault) -> Result<(), Fault> {
        let Some(left) = self.patience.get().checked_sub(time) else { return Err(fault) };
        self.patience.set(left);
        // A timer is made inside of the runtime, or not at all.
        self.runtime.block_on(async { tokio::time::sleep(time).await });
        Ok(())
    }

    fn send(&self, client: &Octocrab, method: &'static str, path: &str, body: Option<&Value>) -> Outcome {
        self.asked.set(self.asked.get() + 1);
        let what = format!("{method} {path}");
        let sent = self.runtime.block_on(transmit(client, method, path, body));
        let answer = match sent {
            Ok((parts, body)) => self.note(&what, &parts, body),
            Err(error) => {
                self.said.borrow_mut().push(format!("{what}: no answer"));
                return Outcome::Lost(Fault::Unreachable(self.scrub(&format!("{what}: {}", reason(&error)))));
            }
        };
        self.judge(&what, &answer)
    }

    fn note(&self, what: &str, parts: &http::response::Parts, body: String) -> Answer {
        let header = |name: &str| parts.headers.get(name).and_then(|value| value.to_str().ok());
        if let Some(date) = header("date").and_then(|date| DateTime::parse_from_rfc2822(date).ok()) {
            self.clock.set(Some(date.with_timezone(&Utc)));
        }
        let remaining = header("x-ratelimit-remaining").and_then(|value| value.parse().ok());
        let reset = header("x-ratelimit-reset").and_then(|value| value.parse().ok());
        if let Some(left) = remaining {
            let budget = header("x-ratelimit-resource").unwrap_or("core").to_owned();
            self.left.borrow_mut().insert(budget, (left, reset));
        }
        self.said.borrow_mut().push(format!("{what}: {}", parts.status.as_u16()));
        Answer {
            status: parts.status.as_u16(),
            retry_after: header("retry-after").and_then(|value| value.parse().ok()),
            remaining,
            reset,
            body,
        }
    }

    fn judge(&self, what: &str, answer: &Answer) -> Outcome {
        let parsed: Option<Value> = serde_json::from_str(&answer.body).ok();
        let said = parsed.as_ref().and_then(|body| body.get("message")).and_then(Value::as_str);
        let said = self.scrub(said.unwrap_or("no reason given"));
        match answer.status {
            204 | 205 => Outcome::Done(Value::Null),
            200..=299 => match parsed {
                Some(value) => Outcome::Done(value),
                None => Outcome::Lost(Fault::Odd(format!("{what}: no JSON"))),
            },
            404 | 410 => Outcome::Failed(Fault::Missing(what.to_owned())),
            422 => Outcome::Failed(Fault::Refused(format!("{what}: {}", self.scrub(&details(parsed.as_ref(), &said))))),
            403 | 429 if limited(answer, &said) => self.put_off(what, answer),
            401 | 403 | 451 => Outcome::Failed(Fault::Denied(format!("{what}: {said}"))),
            500..=599 | 408 => Outcome::Lost(Fault::Unreachable(format!("{what}: {} {said}", answer.status))),
            other => Outcome::Failed(Fault::Odd(format!("{what}: {other} {said}"))),
        }
    }

    /// A limit: as long as GitHub says, or a minute where it says nothing.
    fn put_off(&self, what: &str, answer: &Answer) -> Outcome {
        let now = self.clock.get();
        let reset = answer.reset.and_then(|reset| DateTime::from_timestamp(reset, 0));
        let until = match (answer.retry_after, answer.remaining) {
            (Some(seconds), _) => now.map(|now| now + chrono::Duration::seconds(seconds.try_into().unwrap_or(3600))),
            (None, Some(0)) => reset,
            (None, _) => now.map(|now| now + chrono::Duration::seconds(60)),
        };
        let wait = until.zip(now).map_or(60, |(until, now)| (until - now).num_seconds().max(1));
        let fault = Fault::Limited { until: until.map(stamp), what: what.to_owned() };
        Outcome::Wait(Duration::from_secs(wait.unsigned_abs()), fault)
    }

    fn graphql(&self, client: &Octocrab, name: &str, body: &Value) -> Outcome {
        match self.graphql_lenient(client, name, body) {
            Outcome::Done(mut data) => match data.as_object_mut().and_then(|data| data.remove("errors")) {
                None => Outcome::Done(data),
                Some(errors) => Outcome::Failed(self.refused(name, &errors)),
            },
            other => other,
        }
    }

    /// The data of an answer; if some of it could not be read, with the `errors` as a member of it.
    fn graphql_lenient(&self, client: &Octocrab, name: &str, body: &Value) -> Outcome {
        let mut answer = match self.send(client, "POST", &self.graph_path, Some(body)) {
            Outcome::Done(answer) => answer,
            // Nothing was changed by a query, and who sends a mutation takes no second try.
            other => return other,
        };
        let data = answer.get_mut("data").map(Value::take).unwrap_or_default();
        let Some(errors) = answer.get("errors").filter(|errors| errors.as_array().is_some_and(|all| !all.is_empty()))
        else {
            return if data.is_object() {
                Outcome::Done(data)
            } else {
                Outcome::Lost(Fault::Odd(format!("{name}: no data")))
            };
        };
        let said = self.scrub(&first_message(errors));
        let kinds: Vec<&str> = errors.as_array().into_iter().flatten().filter_map(|one| one["type"].as_str()).collect();
        if kinds.contains(&"RATE_LIMITED") || said.to_ascii_lowercase().contains("rate limit") {
            // These come with 200; the headers may still say how long.
            let (remaining, reset) = self.left.borrow().get("graphql").copied().unzip();
            let reset = reset.flatten();
            let answer = Answer { status: 403, retry_after: None, remaining, reset, body: String::new() };
            return self.put_off(name, &answer);
        }
        if said.to_ascii_lowercase().contains("timeout") || said.contains("Something went wrong") {
            return Outcome::Lost(Fault::Unreachable(format!("{name}: {said}")));
        }
        match data {
            Value::Object(mut data) => {
                data.insert("errors".to_owned(), errors.clone());
                Outcome::Done(Value::Object(data))
            }
            _ => Outcome::Failed(self.refused(name, errors)),
        }
    }

    /// What the first error of a query means.
    fn refused(&self, name: &str, errors: &Value) -> Fault {
        let said = self.scrub(&first_message(errors));
        match errors.pointer("/0/type").and_then(Value::as_str) {
            Some("NOT_FOUND") => {
                let what = said.strip_prefix("Could not resolve to a ").unwrap_or(&said);
                Fault::Missing(what.trim_end_matches('.').to_owned())
            }
            Some("FORBIDDEN") => Fault::Denied(format!("{name}: {said}")),
            _ => Fault::Odd(format!("{name}: {said}")),
        }
    }

    fn scrub(&self, text: &str) -> String {
        self.secrets.iter().fold(text.to_owned(), |text, secret| secret.scrub(&text))
    }
}

fn stamp(at: DateTime<Utc>) -> String {
    at.format("%Y-%m-%dT%H:%M:%SZ").to_string()
}

fn limited(answer: &Answer, said: &str) -> bool {
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
