//! An Amplitude on loopback: what the tests of the client run against.
//!
//! In go requests as the program sends them, and what people do in the console, by calls on `World`; out come answers
//! as the API gives them. Every request and every answer is judged by the description
//! (`tests/data/amplitude/openapi.yaml`); a request that breaks it fails the test at the end. Unknown behaviour of the
//! real service is a [`Knobs`] setting.

mod api;
mod description;
mod knobs;
mod server;
mod writes;

use std::collections::BTreeMap;
use std::process::Command;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use countersign::amplitude::client::AmplitudeClient;
use countersign::git::Token;
use serde_json::Value;

pub use knobs::{Approvals, Fault, Hand, Knobs, Paging};

use crate::loopback::Loopback;

pub const KEY: &str = "ampex_0123456789abcdefSECRET";

/// A flag or experiment.
#[derive(Clone, Debug, PartialEq)]
pub struct Object {
    pub experiment: bool,
    /// Everything that stands in the object itself, but for its variants.
    pub body: Value,
    /// With payloads.
    pub variants: Vec<Value>,
    pub users: BTreeMap<String, Vec<String>>,
    pub cohorts: BTreeMap<String, Vec<String>>,
    pub versions: Vec<Value>,
    pub pending: bool,
}

/// One request that came.
#[derive(Clone, Debug)]
pub struct Seen {
    pub method: String,
    pub path: String,
    pub body: Value,
}

#[derive(Default)]
pub struct World {
    /// By id.
    pub objects: BTreeMap<String, Object>,
    pub knobs: Knobs,
    /// By the number of the request, from 0.
    pub faults: BTreeMap<usize, Fault>,
    /// From this request on nothing is answered, as if the program had been killed before it.
    pub dead_from: Option<usize>,
    /// From this request on the day's limit is used up.
    pub limited_from: Option<usize>,
    /// Groups for mutual exclusion, and holdouts.
    pub groups: BTreeMap<&'static str, Vec<Value>>,
    /// Answers in the place of the real ones, by path or by `path?projectId=…`; of a redirect, the address.
    pub scripted: BTreeMap<String, (u16, String)>,
    pub log: Vec<Seen>,
    pub violations: Vec<String>,
    /// The objects after every write that took effect.
    pub states: Vec<BTreeMap<String, Object>>,
    /// How many states there were when somebody changed something in the console.
    pub hands: Vec<usize>,
    /// Whether a list has changed under somebody who pages through it.
    paged: bool,
    next_id: u64,
}

impl World {
    fn fresh() -> World {
        World { next_id: 911_500, ..World::default() }
    }

    /// Lists may change once more while somebody pages through them.
    pub fn page_anew(&mut self) {
        self.paged = false;
    }
}

pub struct Fake {
    world: Arc<Mutex<World>>,
    server: Loopback,
}

impl Fake {
    pub fn start() -> Fake {
        let world = Arc::new(Mutex::new(World::fresh()));
        let server = server::start(Arc::clone(&world));
        Fake { world, server }
    }

    /// The state of Amplitude. Requests wait while this is held.
    pub fn world(&self) -> MutexGuard<'_, World> {
        self.world.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// An Amplitude as at the start.
    pub fn reset(&self) {
        *self.world() = World::fresh();
    }

    pub fn url(&self) -> String {
        format!("http://{}/api/1", self.server.address)
    }

    /// Has a program ask this one, with its key. At Amplitude's pace it would do little but wait, and reading all the
    /// roots of a machine takes longer than most of what is tested.
    pub fn connect(&self, program: &mut Command) {
        let root = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/github/data/root.pem");
        program.env("AMPLITUDE_MANAGEMENT_KEY", KEY).env("COUNTERSIGN_AMPLITUDE_URL", self.url());
        program.env("COUNTERSIGN_AMPLITUDE_PER_SECOND", "1000000").env("SSL_CERT_FILE", root);
    }

    pub fn client(&self, patience: Duration) -> AmplitudeClient {
        AmplitudeClient::new(&self.url(), Token::new(KEY).unwrap(), patience).unwrap()
    }

    /// The requests so far as `METHOD path body`, and forgets them.
    pub fn calls(&self) -> Vec<String> {
        let log = std::mem::take(&mut self.world().log);
        let said = |seen: Seen| match seen.body {
            Value::Null => format!("{} {}", seen.method, seen.path),
            body => format!("{} {} {body}", seen.method, seen.path),
        };
        log.into_iter().map(said).collect()
    }

    /// The requests that write.
    pub fn writes(&self) -> Vec<String> {
        self.calls().into_iter().filter(|call| !call.starts_with("GET ")).collect()
    }
}

impl Drop for Fake {
    fn drop(&mut self) {
        let wrong = std::mem::take(&mut self.world().violations);
        assert!(std::thread::panicking() || wrong.is_empty(), "\n{}\n", wrong.join("\n"));
    }
}
