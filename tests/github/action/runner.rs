//! A runner: executes the steps of `action.yml` in order, each `run` by bash in the environment that the step declares
//! and nothing besides, and hands outputs on. Actions named by `uses` are not run; a test says what they put out.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_yaml::Value;
use tempfile::TempDir;

use super::texts::yaml;

pub const REPOSITORY: &str = "acme/countersign";

/// The needs of the steps of a machine, besides what they come for.
const TOOLS: &[&str] = &[
    "base64",
    "basename",
    "bash",
    "cat",
    "cp",
    "dirname",
    "env",
    "git",
    "gzip",
    "mkdir",
    "mv",
    "rm",
    "sh",
    "sha256sum",
    "tar",
    "tr",
];

pub type Outputs = BTreeMap<String, String>;

pub struct Runner {
    pub dir: TempDir,
    pub inputs: Outputs,
    /// The environment of the machine, before any step.
    pub env: Outputs,
    /// The outputs of an action, by the id of its step.
    pub actions: BTreeMap<String, Outputs>,
}

#[derive(Debug, Default)]
pub struct Ran {
    pub steps: BTreeMap<String, Outputs>,
    /// The steps that ran, in order, with what an action was given.
    pub order: Vec<String>,
    pub with: BTreeMap<String, Outputs>,
    pub outputs: Outputs,
    pub failed: bool,
    pub log: String,
}

impl Runner {
    /// On Linux, with the action at this ref. `PATH` holds a few plain tools and what a test puts into `bin/`.
    pub fn new(reference: &str) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let at = |name: &str| dir.path().join(name).to_str().unwrap().to_owned();
        for name in ["bin", "temp", "workspace", "home"] {
            fs::create_dir(at(name)).unwrap();
        }
        let path = std::env::var_os("PATH").unwrap();
        for name in TOOLS {
            let mut found = std::env::split_paths(&path).map(|dir| dir.join(name));
            let found = found.find(|path| path.is_file()).unwrap_or_else(|| panic!("no {name}"));
            std::os::unix::fs::symlink(found, dir.path().join("bin").join(name)).unwrap();
        }
        let action = format!("_actions/{REPOSITORY}/{reference}");
        let shipped = Path::new(env!("CARGO_MANIFEST_DIR"));
        fs::create_dir_all(dir.path().join(&action).join("action")).unwrap();
        for name in ["Cargo.toml", "action/install", "action/build", "action/review"] {
            fs::copy(shipped.join(name), dir.path().join(&action).join(name)).unwrap();
        }
        let env = [
            ("PATH", at("bin")),
            ("HOME", at("home")),
            ("RUNNER_TEMP", at("temp")),
            ("RUNNER_OS", "Linux".to_owned()),
            ("RUNNER_ARCH", "X64".to_owned()),
            ("ImageOS", "ubuntu24".to_owned()),
            ("GITHUB_ACTION_PATH", at(&action)),
            ("GITHUB_SERVER_URL", "https://github.com".to_owned()),
            ("GITHUB_STEP_SUMMARY", at("summary")),
        ];
        let env = env.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        Runner { dir, inputs: Outputs::new(), env, actions: BTreeMap::new() }
    }

    /// A program on the path of this runner.
    pub fn program(&self, name: &str, script: &str) -> PathBuf {
        let path = self.dir.path().join("bin").join(name);
        // The file there may be a link to a program of this machine, which is not to be written to.
        if path.symlink_metadata().is_ok() {
            fs::remove_file(&path).unwrap();
        }
        executable(&path, script);
        path
    }

    pub fn read(&self, name: &str) -> String {
        fs::read_to_string(self.dir.path().join(name)).unwrap_or_default()
    }

    pub fn run(&self) -> Ran {
        let action = yaml("action.yml");
        let mut ran = Ran::default();
        for (number, step) in action["runs"]["steps"].as_sequence().unwrap().iter().enumerate() {
            let id = step["id"].as_str().unwrap_or_else(|| panic!("step {number} has no id")).to_owned();
            if !self.wanted(step.get("if").and_then(Value::as_str), &ran) {
                continue;
            }
            ran.order.push(id.clone());
            if step.get("uses").is_some() {
                let with = self.map(&step["with"], &ran);
                ran.with.insert(id.clone(), with);
                ran.steps.insert(id.clone(), self.actions.get(&id).cloned().unwrap_or_default());
                continue;
            }
            assert_eq!(step["shell"].as_str(), Some("bash"), "{id}");
            let output = self.dir.path().join(format!("output-{number}"));
            fs::write(&output, "").unwrap();
            let script = self.dir.path().join(format!("script-{number}.sh"));
            fs::write(&script, step["run"].as_str().unwrap()).unwrap();
            // As the runner calls it for `shell: bash`.
            let done = Command::new("/bin/bash")
                .args(["--noprofile", "--norc", "-e", "-o", "pipefail"])
                .arg(&script)
                .env_clear()
                .envs(&self.env)
                .envs(self.map(&step["env"], &ran))
                .env("GITHUB_OUTPUT", &output)
                .current_dir(self.dir.path().join("workspace"))
                .output()
                .unwrap();
            ran.log.push_str(&String::from_utf8_lossy(&done.stdout));
            ran.log.push_str(&String::from_utf8_lossy(&done.stderr));
            ran.failed |= !done.status.success();
            ran.steps.insert(id, outputs(&fs::read_to_string(&output).unwrap()));
        }
        for (name, output) in action["outputs"].as_mapping().unwrap() {
            let value = self.resolve(output["value"].as_str().unwrap(), &ran);
            ran.outputs.insert(name.as_str().unwrap().to_owned(), value);
        }
        ran
    }

    /// Whether a step runs: its conditions joined by `&&`, each a comparison with a string, or a function.
    fn wanted(&self, condition: Option<&str>, ran: &Ran) -> bool {
        let Some(condition) = condition else { return !ran.failed };
        let inner = condition.strip_prefix("${{ ").and_then(|text| text.strip_suffix(" }}")).unwrap();
        let mut even_if_failed = false;
        let holds = inner.split(" && ").all(|part| {
            if part == "!cancelled()" {
                even_if_failed = true;
                return true;
            }
            let (name, is, text) = if let Some((name, text)) = part.split_once(" == ") {
                (name, true, text)
            } else {
                let (name, text) = part.split_once(" != ").unwrap();
                (name, false, text)
            };
            let text = text.strip_prefix('\'').and_then(|text| text.strip_suffix('\'')).unwrap();
            (self.lookup(name, ran) == text) == is
        });
        holds && (even_if_failed || !ran.failed)
    }

    fn map(&self, values: &Value, ran: &Ran) -> Outputs {
        let Some(map) = values.as_mapping() else { return Outputs::new() };
        map.iter()
            .map(|(name, value)| {
                let value = match value {
                    Value::String(text) => self.resolve(text, ran),
                    other => serde_yaml::to_string(other).unwrap().trim_end().to_owned(),
                };
                (name.as_str().unwrap().to_owned(), value)
            })
            .collect()
    }

    /// A string with at most one expression, and nothing around it.
    fn resolve(&self, text: &str, ran: &Ran) -> String {
        match text.strip_prefix("${{ ").and_then(|text| text.strip_suffix(" }}")) {
            // The first that is not empty.
            Some(names) => {
                let mut values = names.split(" || ").map(|name| self.lookup(name, ran));
                values.find(|value| !value.is_empty()).unwrap_or_default()
            }
            None => {
                assert!(!text.contains("${{"), "{text}");
                text.to_owned()
            }
        }
    }

    fn lookup(&self, name: &str, ran: &Ran) -> String {
        let parts: Vec<&str> = name.split('.').collect();
        match parts.as_slice() {
            ["inputs", input] => self.inputs.get(*input).cloned().unwrap_or_else(|| {
                let default = &yaml("action.yml")["inputs"][*input]["default"];
                self.resolve(default.as_str().unwrap_or_else(|| panic!("no input {input}")), ran)
            }),
            // A step that did not run has no outputs; one that does not exist is a mistake.
            ["steps", id, "outputs", output] => {
                let text = super::texts::text("action.yml");
                assert!(text.contains(&format!("- id: {id}\n")), "no step {id}");
                ran.steps.get(*id).and_then(|outputs| outputs.get(*output)).cloned().unwrap_or_default()
            }
            ["github", "token"] => "token of the job".to_owned(),
            _ => panic!("`{name}` is not known here"),
        }
    }
}

pub fn executable(path: &Path, script: &str) {
    use std::os::unix::fs::PermissionsExt;
    fs::write(path, script).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
}

/// The file behind `GITHUB_OUTPUT`: `name=value`, or `name<<end`, lines, `end`.
fn outputs(text: &str) -> Outputs {
    let mut found = Outputs::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        if let Some((name, end)) = line.split_once("<<").filter(|(name, _)| !name.contains('=')) {
            let value: Vec<&str> = lines.by_ref().take_while(|line| *line != end).collect();
            found.insert(name.to_owned(), value.join("\n"));
        } else {
            let (name, value) = line.split_once('=').unwrap();
            found.insert(name.to_owned(), value.to_owned());
        }
    }
    found
}
