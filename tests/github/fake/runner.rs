//! The program, run as on a runner: with an event in a file, and nothing in the environment but what Actions puts
//! there.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::process::Command;

use super::{Event, Fake};

/// The traces of one run.
#[derive(Debug)]
pub struct Run {
    pub code: i32,
    pub out: String,
    pub err: String,
    /// The text that it wrote to `GITHUB_OUTPUT` and to `GITHUB_STEP_SUMMARY`.
    pub output: String,
    pub summary: String,
}

/// The program about to be run.
pub struct Runner<'f> {
    fake: &'f Fake,
    env: BTreeMap<String, String>,
    folder: PathBuf,
}

impl Fake {
    /// A runner that was triggered by this event.
    pub fn on(&self, event: &Event) -> Runner<'_> {
        let delivery = event.deliver(&self.world());
        let path = self.dir.path().join("event.json");
        fs::write(&path, delivery.payload.to_string()).unwrap();
        let mut runner = self.runner();
        for (name, value) in [
            ("GITHUB_EVENT_NAME", delivery.name.to_owned()),
            ("GITHUB_EVENT_PATH", path.display().to_string()),
            ("GITHUB_REF", delivery.reference),
            ("GITHUB_SHA", delivery.sha),
            ("GITHUB_ACTOR", delivery.actor),
        ] {
            runner.env.insert(name.to_owned(), value);
        }
        runner
    }

    /// The program finds a clone where it runs, and has nothing to fetch.
    pub fn clone_is_near(&self) {
        let work = self.dir.path().join("work");
        fs::create_dir_all(&work).unwrap();
        std::os::unix::fs::symlink(self.origin(), work.join(".git")).unwrap();
    }

    /// The program finds a clone where it runs, and does not find it afterwards.
    pub fn with_clone<T>(&self, run: impl FnOnce() -> T) -> T {
        self.clone_is_near();
        let done = run();
        fs::remove_file(self.dir.path().join("work/.git")).unwrap();
        done
    }

    /// Runs the program with no event.
    pub fn run(&self, args: &[&str]) -> Run {
        self.runner().run(args)
    }

    fn runner(&self) -> Runner<'_> {
        let dir = self.dir.path();
        for folder in ["work", "moved", "temp"] {
            fs::create_dir_all(dir.join(folder)).unwrap();
        }
        let path = |name: &str| dir.join(name).display().to_string();
        let name = self.world().full_name();
        let (owner, _) = name.split_once('/').unwrap();
        let env = [
            ("PATH", std::env::var("PATH").unwrap()),
            ("HOME", path("moved")),
            ("CI", "true".to_owned()),
            ("RUNNER_TEMP", path("temp")),
            ("RUNNER_OS", "Linux".to_owned()),
            ("GITHUB_ACTIONS", "true".to_owned()),
            ("GITHUB_WORKSPACE", path("work")),
            ("GITHUB_OUTPUT", path("output")),
            ("GITHUB_STEP_SUMMARY", path("summary")),
            ("GITHUB_API_URL", self.api_url()),
            ("GITHUB_GRAPHQL_URL", self.graphql_url()),
            ("GITHUB_SERVER_URL", self.server_url()),
            ("GITHUB_REPOSITORY", name.clone()),
            ("GITHUB_REPOSITORY_OWNER", owner.to_owned()),
            ("GITHUB_RUN_ID", "4711".to_owned()),
            ("GITHUB_RUN_ATTEMPT", "1".to_owned()),
            ("GITHUB_WORKFLOW", "countersign".to_owned()),
            ("GITHUB_WORKFLOW_REF", format!("{name}/.github/workflows/countersign.yml@refs/heads/main")),
            ("GITHUB_TOKEN", self.secret("actions")),
            // Nothing here speaks TLS, and reading all the roots of a machine takes longer than most of what is tested.
            ("SSL_CERT_FILE", concat!(env!("CARGO_MANIFEST_DIR"), "/tests/github/data/root.pem").to_owned()),
        ];
        let env = env.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        Runner { fake: self, env, folder: dir.join("work") }
    }
}

impl Runner<'_> {
    /// The program next to others: with a token and files of its own.
    pub fn apart(mut self, name: &str, secret: &str) -> Command {
        let dir = self.fake.dir.path().join(name);
        fs::create_dir_all(&dir).unwrap();
        fs::copy(&self.env["GITHUB_EVENT_PATH"], dir.join("event.json")).unwrap();
        let path = |file: &str| dir.join(file).display().to_string();
        let own = [
            ("GITHUB_TOKEN", secret.to_owned()),
            ("GITHUB_EVENT_PATH", path("event.json")),
            ("GITHUB_OUTPUT", path("output")),
            ("GITHUB_STEP_SUMMARY", path("summary")),
            ("RUNNER_TEMP", dir.display().to_string()),
        ];
        self.env.extend(own.map(|(name, value)| (name.to_owned(), value)));
        let mut command = Command::new(env!("CARGO_BIN_EXE_countersign"));
        command.arg("review").current_dir(&self.folder).env_clear().envs(&self.env);
        command
    }

    /// # Panics
    /// If a token is in anything the program wrote.
    pub fn run(mut self, args: &[&str]) -> Run {
        for (name, value) in &self.fake.env {
            match value {
                Some(value) => drop(self.env.insert(name.clone(), value.clone())),
                None => drop(self.env.remove(name)),
            }
        }
        let dir = self.fake.dir.path();
        for file in ["output", "summary"] {
            fs::write(dir.join(file), "").unwrap();
        }
        let mut command = Command::new(env!("CARGO_BIN_EXE_countersign"));
        command.args(args).current_dir(&self.folder).env_clear().envs(&self.env);
        let done = command.output().unwrap();
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        let file = |name: &str| fs::read_to_string(dir.join(name)).unwrap();
        let run = Run {
            code: done.status.code().unwrap_or(-1),
            out: text(done.stdout),
            err: text(done.stderr),
            output: file("output"),
            summary: file("summary"),
        };
        let said = [&run.out, &run.err, &run.output, &run.summary];
        for token in &self.fake.world().tokens {
            assert!(said.iter().all(|it| !it.contains(&token.secret)), "the token `{}` was written down", token.name);
        }
        run
    }
}
