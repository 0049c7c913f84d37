//! Runs of the program side by side: each of their requests waits until it is that run's turn, so that who comes when
//! is the test's to say, and the same each time.

use std::collections::BTreeMap;
use std::process::Command;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::sync::Semaphore;

use super::people::ACTIONS;
use super::{Event, Fake};

/// The use that a run made of its turn.
#[derive(Debug, PartialEq, Eq)]
enum Step {
    /// The run asks something, and waits.
    Waits(usize),
    Ended(usize, i32),
}

/// Where the requests of each run wait, by the token that they bear.
pub struct Gate {
    turns: BTreeMap<String, (usize, Semaphore)>,
    steps: Mutex<Sender<Step>>,
}

impl Gate {
    /// Lets a request in when it is its run's turn; one of nobody's does not wait.
    pub async fn admit(&self, authorization: Option<&String>) -> Option<()> {
        let (_, secret) = authorization?.split_once(' ')?;
        let (run, turns) = self.turns.get(secret)?;
        let _ = self.steps.lock().unwrap().send(Step::Waits(*run));
        turns.acquire().await.ok()?.forget();
        Some(())
    }
}

/// The runs, and whose turn it is.
pub struct Turns<'f> {
    fake: &'f Fake,
    gate: Arc<Gate>,
    steps: Receiver<Step>,
    started: usize,
    ended: Vec<usize>,
}

impl<'f> Turns<'f> {
    /// For so many runs, each with a token of its own to the same account.
    pub fn new(fake: &'f Fake, most: usize) -> Self {
        let (sender, steps) = channel();
        let mut world = fake.world();
        let may = world.token_mut("actions").may.clone();
        let may: Vec<&str> = may.iter().map(|it| &**it).collect();
        let turns = (0..most).map(|run| {
            let name = format!("run{run}");
            world.token(&name, "github-actions[bot]", Some(ACTIONS), &may);
            (world.token_mut(&name).secret.clone(), (run, Semaphore::new(0)))
        });
        let gate = Arc::new(Gate { turns: turns.collect(), steps: Mutex::new(sender) });
        world.gate = Some(Arc::clone(&gate));
        drop(world);
        Self { fake, gate, steps, started: 0, ended: Vec::new() }
    }

    /// Starts the next run, which waits at its first request.
    pub fn start(&mut self, event: &Event) -> usize {
        let run = self.started;
        self.started += 1;
        let secret = self.fake.secret(&format!("run{run}"));
        let mut command: Command = self.fake.on(event).apart(&format!("run{run}"), &secret);
        // A run that is cut off for good is to end soon.
        command.args(["--patience", "1"]);
        let steps = self.gate.steps.lock().unwrap().clone();
        std::thread::spawn(move || {
            let code = command.output().unwrap().status.code().unwrap_or(-1);
            let _ = steps.send(Step::Ended(run, code));
        });
        self.settle(run);
        run
    }

    /// The runs that go on.
    pub fn going(&self) -> Vec<usize> {
        (0..self.started).filter(|run| !self.ended.contains(run)).collect()
    }

    /// One request of a run, or its end. Whether it goes on.
    pub fn step(&mut self, run: usize) -> bool {
        if self.ended.contains(&run) {
            return false;
        }
        let (_, turns) = self.gate.turns.values().find(|(one, _)| *one == run).unwrap();
        turns.add_permits(1);
        self.settle(run);
        !self.ended.contains(&run)
    }

    /// Waits until a run asks something or ends; all others stand still.
    fn settle(&mut self, run: usize) {
        match self.steps.recv_timeout(Duration::from_secs(120)).expect("a run neither asks nor ends") {
            Step::Waits(one) => assert_eq!(one, run),
            Step::Ended(one, code) => {
                assert_eq!(one, run, "another run than that whose turn it was");
                // It changed too fast, or the run was not in time: nothing else goes wrong here.
                assert!(matches!(code, 0 | 5), "run {run} ended with {code}");
                self.ended.push(run);
            }
        }
    }

    /// The requests of a run up to the first of this name.
    pub fn until(&mut self, run: usize, query: &str) {
        loop {
            assert!(self.step(run), "run {run} ended before it asked {query}");
            if self.fake.requests().last().and_then(|it| it.query.clone()).as_deref() == Some(query) {
                return;
            }
        }
    }

    pub fn finish(&mut self, run: usize) {
        while self.step(run) {}
    }
}

impl Drop for Turns<'_> {
    fn drop(&mut self) {
        self.fake.world().gate = None;
        for (_, turns) in self.gate.turns.values() {
            turns.add_permits(1_000);
        }
    }
}
