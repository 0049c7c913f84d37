//! The client of Amplitude: the one part of this room that talks to the network.
//!
//! In: a region's address and the management key. Out: answers as JSON, and writes whose outcome is known: done,
//! refused, or not known. Reads are tried again for a bounded time, a few at once, never more than [`PER_SECOND`]
//! requests a second. It refuses to send a write twice on its own account: whoever sent it reads what became of it
//! first. Not taken: following redirects, which would carry the key elsewhere.

#![allow(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    reason = "the client is the door to the network: it waits, and asks what time it is"
)]

mod lists;
mod versions;
mod wire;

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;

pub use self::lists::{Details, ListedItems, UnreadItem};
pub use self::versions::LatestVersion;
use self::wire::{Exchange, Wire};
use crate::error::{Error, ErrorKind};
use crate::git::Token;
use crate::policy::AmplitudeRegion;

/// The most requests a second. Amplitude takes 100 a project, which other tools share.
pub const PER_SECOND: u32 = 20;
/// How often a request is tried that was not executed for a limit, or a read that was not answered.
const TRIES: u32 = 5;
/// How many reads are under way at once.
const AT_ONCE: usize = 8;

/// The remedy for an answer that is no use.
const AGAIN: &str = "run it again, and report it if it stays";

/// The outcome of a write.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum WriteOutcome {
    /// Amplitude says that it is done, with this body.
    Accepted(String),
    /// Amplitude refused it: the status, and its words. With the status 0 it was not even sent.
    Refused(u16, String),
    /// Nobody knows: read before anything else is sent.
    Unknown(String),
}

/// A client for one organisation.
pub struct AmplitudeClient {
    runtime: tokio::runtime::Runtime,
    wire: Arc<Wire>,
    /// How long all waiting together may take.
    patience: Cell<Duration>,
    log: RefCell<Vec<String>>,
    calls: Cell<usize>,
}

/// The address of a region's API.
#[must_use]
pub fn address(region: AmplitudeRegion) -> &'static str {
    match region {
        AmplitudeRegion::Us => "https://experiment.amplitude.com/api/1",
        AmplitudeRegion::Eu => "https://experiment.eu.amplitude.com/api/1",
    }
}

impl AmplitudeClient {
    /// A client of the API at this address.
    ///
    /// # Errors
    /// If the address is none, or this machine has no certificates to check Amplitude's with.
    pub fn new(address: &str, key: Token, patience: Duration) -> Result<AmplitudeClient, Error> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|error| unreachable(&format!("no sockets: {error}")))?;
        let wire = Arc::new(Wire::new(address, key)?);
        Ok(AmplitudeClient {
            runtime,
            wire,
            patience: Cell::new(patience),
            log: RefCell::default(),
            calls: Cell::new(0),
        })
    }

    /// The client with another pace, for a server of one's own.
    #[must_use]
    pub fn paced(mut self, between: Duration) -> AmplitudeClient {
        if let Some(wire) = Arc::get_mut(&mut self.wire) {
            wire.between = between;
        }
        self
    }

    /// A line for each request: method, path, status. Nothing else is kept.
    pub fn take_log(&self) -> Vec<String> {
        std::mem::take(&mut self.log.borrow_mut())
    }

    /// How many bytes of answers there were.
    fn received(&self) -> u64 {
        self.wire.received.load(std::sync::atomic::Ordering::Relaxed)
    }

    /// How many requests were sent.
    #[must_use]
    pub fn calls(&self) -> usize {
        self.calls.get()
    }

    /// Reads something; `None` if Amplitude has no such thing.
    ///
    /// # Errors
    /// Why there is no answer.
    pub fn get(&self, path: &str) -> Result<Option<Value>, Error> {
        self.get_all(&[path.to_owned()], &|| {})?.pop().unwrap_or(Ok(None))
    }

    /// Reads several things, a few at once. `step` is called for each answer. An answer that cannot be had is an error
    /// in its place; a key that is refused ends it all.
    ///
    /// # Errors
    /// If the key is not taken, or a limit lasts longer than the patience.
    pub fn get_all(&self, paths: &[String], step: &dyn Fn()) -> Result<Vec<Result<Option<Value>, Error>>, Error> {
        self.runtime.block_on(self.all(paths, step))
    }

    /// As soon as one is answered the next one is sent, so that the pace is that of the limit and not of the server.
    /// When one has to wait, those under way are awaited, and then all wait once.
    async fn all(&self, paths: &[String], step: &dyn Fn()) -> Result<Vec<Result<Option<Value>, Error>>, Error> {
        let mut found: BTreeMap<usize, Result<Option<Value>, Error>> = BTreeMap::new();
        let mut open: Vec<(usize, u32)> = (0..paths.len()).rev().map(|at| (at, 0)).collect();
        let mut under_way = tokio::task::JoinSet::new();
        let mut wait: Option<(Duration, Error)> = None;
        loop {
            while wait.is_none() && under_way.len() < AT_ONCE {
                let Some((at, tries)) = open.pop() else { break };
                let (wire, path) = (Arc::clone(&self.wire), paths.get(at).cloned().unwrap_or_default());
                under_way.spawn(async move { (at, tries, wire.exchange("GET", &path, None).await) });
            }
            let (at, tries, exchange) = match (under_way.join_next().await, wait.take()) {
                (Some(Ok(ended)), waiting) => {
                    wait = waiting;
                    ended
                }
                (Some(Err(_)), _) => return Err(unreachable("a request was broken off")),
                (None, Some((delay, error))) => {
                    self.pause(delay, error).await?;
                    continue;
                }
                (None, None) => return Ok(found.into_values().collect()),
            };
            let path = paths.get(at).map_or("", String::as_str);
            self.note("GET", path, &exchange);
            let (delay, error) = match self.understood(path, exchange) {
                Ok(value) => {
                    step();
                    found.insert(at, Ok(value));
                    continue;
                }
                Err(RetryOutcome::Final(error)) if error.kind == ErrorKind::Unauthorised => return Err(error),
                Err(RetryOutcome::Final(error)) => {
                    step();
                    found.insert(at, Err(error));
                    continue;
                }
                Err(RetryOutcome::Again(delay, error)) => (delay.unwrap_or_else(|| backoff(tries)), error),
            };
            // One answer that stays unreadable is no reason to wait for longer than anybody wants, nor to leave the
            // others.
            let impatient = error.kind.is_of_an_answer() && delay > self.patience.get();
            if tries + 1 >= TRIES || impatient {
                if error.kind == ErrorKind::Limited {
                    return Err(error);
                }
                step();
                found.insert(at, Err(error));
                continue;
            }
            open.push((at, tries + 1));
            wait = Some(match wait {
                Some((longest, kept)) if longest >= delay => (longest, kept),
                _ => (delay, error),
            });
        }
    }

    /// Writes something, once. One that was not executed for a limit is sent again.
    ///
    /// # Errors
    /// If the key is not taken, or a limit lasts longer than the patience.
    pub fn write(&self, method: &'static str, path: &str, body: &Value) -> Result<WriteOutcome, Error> {
        // A proxy that resolves them on the way would write to something else.
        if path.split('/').any(|segment| matches!(segment, "." | "..")) {
            let why = "a name of dots alone is no part of an address: rename it in the console";
            return Ok(WriteOutcome::Refused(0, why.to_owned()));
        }
        for tries in 0..TRIES {
            let wire = Arc::clone(&self.wire);
            let exchange = self.runtime.block_on(async { wire.exchange(method, path, Some(body)).await });
            self.note(method, path, &exchange);
            match exchange {
                Exchange::Answer { status: 200..=299, body, .. } => return Ok(WriteOutcome::Accepted(body)),
                Exchange::Answer { status: 401, .. } => return Err(unauthorised()),
                Exchange::Answer { status: 429, retry_after, .. } => {
                    let error = limited(path);
                    if tries + 1 == TRIES {
                        return Err(error);
                    }
                    self.runtime.block_on(self.pause(retry_after.unwrap_or_else(|| backoff(tries)), error))?;
                }
                Exchange::Answer { status, body, .. } if status < 500 => {
                    return Ok(WriteOutcome::Refused(status, self.wire.words(&body)));
                }
                Exchange::Answer { status, body, .. } => {
                    return Ok(WriteOutcome::Unknown(format!("it answered {status}: {}", self.wire.words(&body))));
                }
                Exchange::Lost(why) => return Ok(WriteOutcome::Unknown(why)),
                Exchange::TooLarge => return Ok(WriteOutcome::Unknown("its answer is too large".to_owned())),
            }
        }
        Err(limited(path))
    }

    fn note(&self, method: &str, path: &str, exchange: &Exchange) {
        self.calls.set(self.calls.get() + 1);
        let outcome = match exchange {
            Exchange::Answer { status, .. } => status.to_string(),
            Exchange::Lost(_) => "no answer".to_owned(),
            Exchange::TooLarge => "too large".to_owned(),
        };
        self.log.borrow_mut().push(format!("{method} {path}: {outcome}"));
    }

    fn understood(&self, path: &str, exchange: Exchange) -> Result<Option<Value>, RetryOutcome> {
        let said = |body: &str| self.wire.words(body);
        match exchange {
            Exchange::Answer { status: 200..=299, body, .. } => match serde_json::from_str(&body) {
                Ok(value) => Ok(Some(self.wire.without_key(value))),
                // It may have broken off, and come whole the next time.
                Err(error) => {
                    Err(RetryOutcome::Again(None, unexpected(&format!("GET {path} is no JSON that is read: {error}"))))
                }
            },
            Exchange::Answer { status: 404 | 410, .. } => Ok(None),
            Exchange::Answer { status: 401, .. } => Err(RetryOutcome::Final(unauthorised())),
            Exchange::Answer { status: 403, body, .. } => {
                let message = format!("Amplitude does not let this key read GET {path}: {}", said(&body));
                let help = "give the key access to the project, or take the project out of `amplitude`";
                Err(RetryOutcome::Final(Error::new(ErrorKind::Denied, message, help)))
            }
            Exchange::Answer { status: 429, retry_after, .. } => Err(RetryOutcome::Again(retry_after, limited(path))),
            Exchange::Answer { status, body, .. } if status >= 500 => {
                let message = format!("Amplitude answers GET {path} with {status}: {}", said(&body));
                Err(RetryOutcome::Again(None, Error::new(ErrorKind::Unexpected, message, AGAIN)))
            }
            Exchange::Answer { status, body, .. } => {
                let message = format!("Amplitude refuses GET {path} with {status}: {}", said(&body));
                Err(RetryOutcome::Final(Error::new(ErrorKind::Refused, message, "check the ids in the configuration")))
            }
            Exchange::Lost(why) => Err(RetryOutcome::Again(None, unreachable(&format!("GET {path}: {why}")))),
            Exchange::TooLarge => Err(RetryOutcome::Final(unexpected(&format!("GET {path} is too large")))),
        }
    }

    /// Waits, if all waiting together stays within the patience.
    async fn pause(&self, time: Duration, error: Error) -> Result<(), Error> {
        let Some(left) = self.patience.get().checked_sub(time) else { return Err(error) };
        self.patience.set(left);
        tokio::time::sleep(time).await;
        Ok(())
    }
}

/// Why a read has no answer.
enum RetryOutcome {
    Again(Option<Duration>, Error),
    Final(Error),
}

/// 1, 2, 4 and 8 seconds, each a little off, so that two runs do not meet again.
fn backoff(tries: u32) -> Duration {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    Duration::from_millis((1000 << tries.min(4)) + u64::from(now.subsec_millis()) / 4)
}

fn unreachable(what: &str) -> Error {
    Error::new(ErrorKind::Network, format!("Amplitude cannot be reached: {what}"), "run it again")
}

fn unexpected(what: &str) -> Error {
    let message = format!("Amplitude's answer is not what its documentation says: {what}");
    Error::new(ErrorKind::Unexpected, message, AGAIN)
}

fn unauthorised() -> Error {
    let help =
        "set AMPLITUDE_MANAGEMENT_KEY to a management key of this organisation, and `region` to the one it is in";
    Error::new(ErrorKind::Unauthorised, "Amplitude does not take the management key (401)", help)
}

fn limited(path: &str) -> Error {
    let message = format!("Amplitude asks to slow down, again and again, at {path}");
    let help = "run it again later; if it stays, the 100,000 requests of the day are used up, which are renewed at \
                midnight UTC";
    Error::new(ErrorKind::Limited, message, help)
}
