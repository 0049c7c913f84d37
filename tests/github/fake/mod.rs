//! A GitHub of one repository, on loopback: what the tests of the GitHub side run against.
//!
//! In go requests as the program sends them, and what people do, by calls on `World`; out come answers as GitHub gives
//! them. Every request and every answer is judged by GitHub's own descriptions (`tests/github/data`); a request that
//! breaks them is kept, and fails the test at the end (`verify`, also on drop). Time is the test's: `World::now`.
//! Refused: recorded answers, which say what GitHub said once and nothing of what it would say to this request.
//!
//! ```no_run
//! let fake = Fake::start();
//! let mut world = fake.world();
//! world.member("ada", "write");
//! world.commit("main", "ada", &[("README.md", Some("hello\n"))]);
//! world.commit("change", "ada", &[("flags/a.yaml", Some("key: a\n"))]);
//! let number = world.open("ada", "main", "change");
//! drop(world); // requests need it
//! let run = fake.on(&Event::Pull("opened", number)).run(&["review"]);
//! ```

mod description;
mod door;
pub mod events;
pub mod faults;
mod graph;
mod graph_git;
mod graph_pull;
mod graph_repo;
mod graphql;
mod origin;
pub mod people;
mod pulls;
mod repairs;
mod rest;
pub mod runner;
mod server;
mod settings;
mod shapes;
pub mod turns;
pub mod world;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_json::Value;
use tempfile::TempDir;

pub use events::Event;
pub use faults::{Fault, NOT_FOUND, TIMEOUT, What};
pub use origin::Change;
pub use pulls::RequestedReviewer;
pub use world::Request;
use world::World;

use crate::loopback::Loopback;

pub struct Fake {
    world: Arc<Mutex<World>>,
    server: Option<Loopback>,
    dir: TempDir,
    /// Laid over the environment of the runner; `None` takes a variable away.
    env: BTreeMap<String, Option<String>>,
    /// An Enterprise Server has its interfaces under `/api`.
    enterprise: bool,
}

impl Fake {
    /// `acme/shop`, empty, with a token named `actions` as a workflow has it.
    pub fn start() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let world = World::new("acme", "shop", &dir.path().join("git/acme/shop.git"));
        let world = Arc::new(Mutex::new(world));
        let server = Some(server::start(Arc::clone(&world)));
        Self { world, server, dir, env: BTreeMap::new(), enterprise: false }
    }

    /// The state of GitHub. Requests wait while this is held.
    pub fn world(&self) -> MutexGuard<'_, World> {
        self.world.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Serves as an Enterprise Server from now on.
    pub fn enterprise(&mut self) {
        self.enterprise = true;
    }

    /// A variable of the program's environment, or none.
    pub fn env(&mut self, name: &str, value: Option<&str>) {
        self.env.insert(name.to_owned(), value.map(str::to_owned));
    }

    /// Gives the program the token of that name in that variable.
    pub fn give(&mut self, variable: &str, token: &str) {
        let secret = self.secret(token);
        self.env(variable, Some(&secret));
    }

    pub fn secret(&self, token: &str) -> String {
        self.world().token_mut(token).secret.clone()
    }

    fn host(&self) -> String {
        format!("http://{}", self.server.as_ref().unwrap().address)
    }

    pub fn api_url(&self) -> String {
        self.host() + if self.enterprise { "/api/v3" } else { "" }
    }

    pub fn graphql_url(&self) -> String {
        self.host() + if self.enterprise { "/api/graphql" } else { "/graphql" }
    }

    /// `file://…`, under which `owner/repo` is a git repository.
    pub fn server_url(&self) -> String {
        format!("file://{}", self.dir.path().join("git").display())
    }

    /// The bare repository.
    pub fn origin(&self) -> PathBuf {
        self.world().origin.path.clone()
    }

    // ---- what came ----

    /// All requests so far.
    pub fn requests(&self) -> Vec<Request> {
        self.world().log.clone()
    }

    /// The bodies of all requests that changed something and whose path has `part` in it, whatever their answer.
    pub fn sent(&self, part: &str) -> Vec<Value> {
        let all = self.requests();
        let changed = all.into_iter().filter(|it| it.method != "GET" && it.query.is_none() && it.path.contains(part));
        changed.map(|it| it.body).collect()
    }

    /// Forgets the requests so far.
    pub fn clear(&self) {
        self.world().log.clear();
    }

    /// Fails with everything that broke a description, or was scripted and never happened.
    ///
    /// # Panics
    /// If there is any.
    pub fn verify(&self) {
        let wrong = self.violations();
        assert!(wrong.is_empty(), "\n{}\n", wrong.join("\n"));
    }

    /// The error that `verify` would fail with, which it then no longer does.
    pub fn violations(&self) -> Vec<String> {
        let mut world = self.world();
        let mut wrong = std::mem::take(&mut world.violations);
        wrong.extend(world.unmet());
        world.faults.clear();
        world.hooks.clear();
        wrong
    }
}

impl Drop for Fake {
    fn drop(&mut self) {
        self.server.take();
        if !std::thread::panicking() {
            self.verify();
        }
    }
}
