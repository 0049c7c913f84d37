//! Requests: one at a time, tried again with care.
//!
//! In: a path or a query. Out: the answer, or an error that says until when a limit lasts. It refuses to send a write
//! whose answer was lost again before the caller has looked for its effect; a read is repeated, for a bounded time. Not
//! taken: requests side by side, which GitHub's secondary limits punish.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::time::Duration;

use chrono::{DateTime, Utc};
use octocrab::Octocrab;
use serde_json::{Value, json};

use super::Site;
use super::reply::Attempt;
use super::wire::build;
use crate::error::Error;
use crate::git::token::Token;

/// Every query there is; each request names the one it means.
pub const QUERIES: &str = include_str!("queries.graphql");

/// How often anything is tried.
const TRIES: u32 = 4;
/// Below this many requests left, only writes that take a success back are sent.
pub const RESERVE: u64 = 100;

/// The client of GitHub: its addresses, its token and what is known of its limits.
pub struct Client {
    pub site: Site,
    rest: Octocrab,
    graph: Octocrab,
    pub(super) graph_path: String,
    /// GraphQL with a second token, for the members of teams, which the first may not read.
    teams: Option<Octocrab>,
    pub(super) runtime: tokio::runtime::Runtime,
    pub(super) secrets: Vec<Token>,
    /// How long all waiting together may take.
    patience: Cell<Duration>,
    /// The clock of GitHub's answers; ours may be wrong, and times are compared with theirs.
    pub(super) clock: Cell<Option<DateTime<Utc>>>,
    /// The rest of each of GitHub's budgets and its next renewal, as of the last answer about it.
    pub(super) left: RefCell<BTreeMap<String, (u64, Option<i64>)>>,
    /// Whether the last answer has part of a list and names the next page.
    pub(super) goes_on: Cell<bool>,
    pub(super) log: RefCell<Vec<String>>,
}

impl Client {
    /// A client for one repository.
    ///
    /// # Errors
    /// If an address is none, or this machine has no certificates to check GitHub's with.
    pub fn new(site: Site, token: Token, teams: Option<Token>, patience: Duration) -> Result<Client, Error> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|error| Error::unreachable(format!("no sockets: {error}")))?;
        let (graph_base, graph_path) = site.graphql.rsplit_once('/').unwrap_or((&site.graphql, "graphql"));
        let graph_path = format!("/{graph_path}");
        let make = |base: &str, token: &Token| runtime.block_on(async { build(base, token) });
        let teams_graph = teams.as_ref().map(|token| make(graph_base, token)).transpose()?;
        let (rest, graph) = (make(&site.api, &token)?, make(graph_base, &token)?);
        let secrets = std::iter::once(token).chain(teams).collect();
        Ok(Client {
            rest,
            graph,
            graph_path,
            teams: teams_graph,
            runtime,
            secrets,
            patience: Cell::new(patience),
            clock: Cell::new(None),
            left: RefCell::default(),
            goes_on: Cell::new(false),
            log: RefCell::new(Vec::new()),
            site,
        })
    }

    /// The path of the repository in the REST interface.
    #[must_use]
    pub fn repo(&self) -> String {
        format!("/repos/{}/{}", self.site.owner, self.site.name)
    }

    /// The time at GitHub, as of the last answer.
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

    /// A line for each request, for `--verbose`: method, path, status. Nothing else is kept.
    pub fn take_log(&self) -> Vec<String> {
        std::mem::take(&mut self.log.borrow_mut())
    }

    /// Reads something, trying again for a while.
    ///
    /// # Errors
    /// Why there is no answer.
    pub fn get(&self, path: &str) -> Result<Value, Error> {
        self.again(|| self.send(&self.rest, "GET", path, None))
    }

    /// Asks one of [`QUERIES`].
    ///
    /// # Errors
    /// Why there is no answer; an answer with errors next to data is none.
    pub fn query(&self, name: &str, variables: &Value) -> Result<Value, Error> {
        let body = json!({ "query": QUERIES, "operationName": name, "variables": variables });
        self.again(|| self.graphql(&self.graph, name, &body))
    }

    /// Asks a query that was put together, with the token that may read teams. Anything that could not be read is null.
    ///
    /// # Errors
    /// Why there is no answer at all.
    pub fn query_for_teams(&self, name: &str, query: &str) -> Result<Value, Error> {
        let graph = self.teams.as_ref().unwrap_or(&self.graph);
        self.again(|| self.graphql_lenient(graph, name, &json!({ "query": query })))
    }

    /// Asks a query that was put together.
    ///
    /// # Errors
    /// Why there is no answer; an answer with errors next to data is none.
    pub fn query_text(&self, name: &str, query: &str) -> Result<Value, Error> {
        self.again(|| self.graphql(&self.graph, name, &json!({ "query": query })))
    }

    /// Writes something. `is_there` looks for the effect of a write whose answer was lost; only if there is none, it is
    /// sent again.
    ///
    /// # Errors
    /// Why it did not happen, or why that is not known.
    pub fn write(
        &self,
        method: &'static str,
        path: &str,
        body: Option<&Value>,
        is_there: impl Fn() -> Result<Option<Value>, Error>,
    ) -> Result<Value, Error> {
        self.again_unless(|| self.send(&self.rest, method, path, body), is_there)
    }

    /// Runs a mutation of [`QUERIES`], once.
    ///
    /// # Errors
    /// Why it did not happen, or why that is not known.
    pub fn mutate(&self, name: &str, variables: &Value) -> Result<Value, Error> {
        let body = json!({ "query": QUERIES, "operationName": name, "variables": variables });
        match self.graphql(&self.graph, name, &body) {
            Attempt::Done(value) => Ok(value),
            Attempt::Wait(_, error) | Attempt::Lost(error) | Attempt::Failed(error) => Err(error),
        }
    }

    fn again(&self, ask: impl Fn() -> Attempt) -> Result<Value, Error> {
        self.again_unless(ask, || Ok(None))
    }

    /// Asks again while there is hope; not after an answer that was lost, if what it would have said is there.
    fn again_unless(
        &self,
        ask: impl Fn() -> Attempt,
        is_there: impl Fn() -> Result<Option<Value>, Error>,
    ) -> Result<Value, Error> {
        let mut wait = Duration::from_millis(250);
        let mut last = Error::unreachable("nothing was asked");
        for _ in 0..TRIES {
            match ask() {
                Attempt::Done(value) => return Ok(value),
                Attempt::Failed(error) => return Err(error),
                Attempt::Wait(time, error) => {
                    self.sleep(time, error.clone())?;
                    last = error;
                }
                Attempt::Lost(error) => {
                    self.sleep(wait, error.clone())?;
                    wait *= 4;
                    if let Some(value) = is_there()? {
                        return Ok(value);
                    }
                    last = error;
                }
            }
        }
        Err(last)
    }

    /// Waits, if all waiting together stays within our patience.
    fn sleep(&self, time: Duration, error: Error) -> Result<(), Error> {
        let Some(left) = self.patience.get().checked_sub(time) else { return Err(error) };
        self.patience.set(left);
        // A timer is made inside of the runtime, or not at all.
        self.runtime.block_on(async { tokio::time::sleep(time).await });
        Ok(())
    }
}

pub(super) fn stamp(at: DateTime<Utc>) -> String {
    at.format("%Y-%m-%dT%H:%M:%SZ").to_string()
}
