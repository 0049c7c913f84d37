//! Newcomers: from nothing to a verdict by the program's own words.
//!
//! Each has a repository, has read that `countersign init` sets it up, and from then on runs the commands that were
//! printed, in their order and to the letter. Where something has to be written, the words that say so have to be
//! there. A step that needs more than that fails the test.

use std::collections::VecDeque;
use std::fs;
use std::path::Path;

use crate::git::{command, git};
use tempfile::TempDir;

/// Text that stands for something else, so that whoever leaves it as it is has something that doesn't work.
const PLACEHOLDERS: &[&str] = &["your-org", "COMMIT", "@you", "TODO", "OWNER/", "<"];

/// A newcomer and all that was printed.
struct Newcomer {
    place: TempDir,
    /// The commands to run, taken from what was printed last.
    next: VecDeque<String>,
    /// Everything that was printed.
    read: String,
}

impl Newcomer {
    /// A repository of somebody who has not heard of Countersign, or a folder if there are no files.
    fn new(files: &[(&str, &str)]) -> Self {
        let place = tempfile::tempdir().unwrap();
        let one = Newcomer { place, next: VecDeque::new(), read: String::new() };
        if !files.is_empty() {
            one.git(&["init", "-q", "-b", "main"]);
            for (path, text) in files {
                one.write(path, text);
            }
            one.git(&["add", "-A"]);
            one.git(&["commit", "-qm", "the product"]);
        }
        one
    }

    fn dir(&self) -> &Path {
        self.place.path()
    }

    fn git(&self, args: &[&str]) -> String {
        git(self.dir(), args)
    }

    fn write(&self, path: &str, text: &str) {
        let path = self.dir().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn text(&self, path: &str) -> String {
        fs::read_to_string(self.dir().join(path)).unwrap()
    }

    /// Runs a line of a shell, as it was printed, and takes the commands out of what it prints.
    fn run(&mut self, line: &str) -> (String, i32) {
        let program = Path::new(env!("CARGO_BIN_EXE_countersign"));
        let path = std::env::var_os("PATH").unwrap_or_default();
        let folders = program.parent().map(Path::to_owned).into_iter().chain(std::env::split_paths(&path));
        let done = command("sh", self.dir())
            .args(["-c", &format!("exec 2>&1\n{line}")])
            .env("PATH", std::env::join_paths(folders).unwrap())
            .env("GIT_CONFIG_COUNT", "1")
            .env("GIT_CONFIG_KEY_0", "init.defaultBranch")
            .env("GIT_CONFIG_VALUE_0", "main")
            .output()
            .unwrap();
        let text = String::from_utf8(done.stdout).unwrap();
        self.read.push_str(&format!("$ {line}\n{text}"));
        (text, done.status.code().unwrap())
    }

    /// Runs a line that must work.
    fn works(&mut self, line: &str) -> String {
        let (text, code) = self.run(line);
        assert_eq!(code, 0, "`{line}` fails:\n{}", self.read);
        text
    }

    /// Takes the steps that were printed, in their order.
    fn steps(&mut self, said: &str) {
        let steps = said.lines().skip_while(|line| *line != "Next:").skip(1).take_while(|line| !line.is_empty());
        let commands = steps.filter_map(|line| line.strip_prefix("  ")).filter(|line| !line.starts_with(' '));
        // The purpose of a command stands behind more than one space.
        self.next = commands.map(|line| line.split("  ").next().unwrap().to_owned()).collect();
        let known = |line: &String| line.starts_with("countersign ") || line.starts_with("git ");
        assert!(self.next.iter().all(known) && self.next.len() >= 3, "{:?} of:\n{}", self.next, self.read);
    }

    /// The command in the help of an error.
    fn help(text: &str) -> String {
        let help =
            text.lines().find_map(|line| line.strip_prefix("help: ")).unwrap_or_else(|| panic!("no help:\n{text}"));
        help.split('`').nth(1).unwrap_or_else(|| panic!("no command in `{help}`")).to_owned()
    }

    /// The way from `init` to a policy on the base branch. `edit` is what an editor makes of a file that it saves.
    fn set_up(&mut self, edit: fn(String) -> String) -> String {
        // README names this one.
        let first = "countersign init";
        assert!(
            fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/README.md"))
                .unwrap()
                .contains(&format!("`{first}`"))
        );
        let (mut said, mut code) = self.run(first);
        for _ in 0..2 {
            if code == 0 {
                break;
            }
            let help = Newcomer::help(&said);
            self.works(&help);
            (said, code) = self.run(first);
        }
        assert_eq!(code, 0, "{}", self.read);
        if said.contains("No admin is named yet.") {
            assert!(
                said.contains("Write yourself and a second person under `admins` in .countersign/config.yaml"),
                "{said}"
            );
            let config = self.text(".countersign/config.yaml");
            assert_eq!(config.matches("admins: []").count(), 1, "{config}");
            self.write(".countersign/config.yaml", &edit(config.replace("admins: []", "admins: [\"@jo\", \"@kim\"]")));
        }
        for path in [".countersign/config.yaml", ".countersign/APPROVERS", ".pre-commit-config.yaml"] {
            let text = self.text(path);
            let found: Vec<&&str> = PLACEHOLDERS.iter().filter(|word| text.contains(**word)).collect();
            assert!(found.is_empty(), "{found:?} in {path}:\n{text}");
        }
        self.steps(&said);
        while let Some(step) = self.next.pop_front() {
            if step.starts_with("countersign check") {
                break;
            }
            let text = self.works(&step);
            if step.starts_with("countersign lint") {
                assert!(text.ends_with("no diagnostics\n"), "{}", self.read);
            }
        }
        assert!(self.read.contains("the policy counts once it is merged into `main`"), "{}", self.read);
        assert_eq!(self.git(&["status", "--porcelain"]), "", "something is not committed:\n{}", self.read);
        said
    }

    /// The verdict on a change of one file, on a branch, as the last of the steps says.
    fn verdict(&mut self, path: &str, from: &str, to: &str) -> String {
        self.git(&["switch", "-qc", "change"]);
        let (before, to) = (self.text(path), to);
        assert!(before.contains(from), "`{from}` is not in {path}:\n{before}");
        self.write(path, &before.replacen(from, to, 1));
        self.git(&["commit", "-qam", "change"]);
        self.works("countersign check")
    }
}

fn as_it_is(text: String) -> String {
    text
}

const NATIVE: &str = "key: one-click\nkind: flag\nstate: active\nevaluationMode: remote\ndeployments: [web]\nbucketingKey: \
                      user_id\nbucketingSalt: a1\nvariants:\n  - {key: treatment}\nrolloutPercentage: 10\nrolloutWeights: {treatment: 1}\n";

#[test]
fn native_from_scratch() {
    let mut one = Newcomer::new(&[]);
    let said = one.set_up(as_it_is);
    assert!(said.contains("No flag file was found, so a first flag is written"), "{said}");
    // The file says how it is switched on.
    let path = "flags/first-flag.yaml";
    assert!(one.text(path).contains("`state: active` switches it on"));
    let text = one.verdict(path, "\nstate: inactive", "\nstate: active");
    assert!(text.contains("pending: 1 flag waits for approval") && text.contains("activation"), "{text}");
}

#[test]
fn flagd_under_another_name() {
    let flagd = r#"{"$schema": "https://flagd.dev/schema/v0/flags.json", "flags": {
  "new-search": {"state": "ENABLED", "variants": {"on": true, "off": false}, "defaultVariant": "off"}
}}
"#;
    let mut one =
        Newcomer::new(&[("services/search/config/flags.json", flagd), ("services/search/package.json", "{}\n")]);
    let said = one.set_up(as_it_is);
    assert!(said.contains("found  1 flag (flagd) in services/search/config/flags.json: project `services`"), "{said}");
    let text =
        one.verdict("services/search/config/flags.json", "\"defaultVariant\": \"off\"", "\"defaultVariant\": \"on\"");
    assert!(
        text.contains("pending: 1 flag waits for approval") && text.contains("flag services:search/new-search"),
        "{text}"
    );
}

#[test]
fn go_feature_flag() {
    let goff =
        "new-search:\n  variations:\n    \"on\": true\n    \"off\": false\n  defaultRule:\n    variation: \"off\"\n";
    let mut one = Newcomer::new(&[("config/flags.goff.yaml", goff)]);
    let said = one.set_up(as_it_is);
    assert!(said.contains("found  1 flag (GO Feature Flag) in config/flags.goff.yaml: project `config`"), "{said}");
    let text = one.verdict("config/flags.goff.yaml", "variation: \"off\"", "variation: \"on\"");
    assert!(text.contains("pending: 1 flag waits for approval") && text.contains("flag config/new-search"), "{text}");
}

#[test]
fn a_registry_of_rails() {
    let registry = "development:\n  new_search: true\nproduction:\n  new_search: false\n";
    let mut one = Newcomer::new(&[
        ("config/feature_flags.yml", registry),
        ("config/database.yml", "production: {}\n"),
        ("Gemfile", ""),
    ]);
    let said = one.set_up(as_it_is);
    assert!(said.contains("(registry) in config/feature_flags.yml: project `config`"), "{said}");
    let text = one.verdict("config/feature_flags.yml", "new_search: false", "new_search: true");
    assert!(
        text.contains("pending: 1 flag waits for approval") && text.contains("flag config/new_search@production"),
        "{text}"
    );
}

#[test]
fn a_monorepo_with_sections() {
    let owners = "# Everything else\n* @acme/all\n\n[Payments][2] @acme/payments\n/flags/pay/\n\n[Data]\n/flags/pay/ @acme/data\n\n^[Support]\n/flags/ @acme/support\n";
    let mut one = Newcomer::new(&[
        ("CODEOWNERS", owners),
        ("flags/pay/one-click.yaml", NATIVE),
        ("flags/web/banner.yaml", &NATIVE.replace("one-click", "banner")),
        ("apps/pay/src/main.ts", "export {}\n"),
    ]);
    let said = one.set_up(as_it_is);
    assert!(said.contains("pay  specific") && said.contains("web  specific"), "{said}");
    let text = one.verdict("flags/pay/one-click.yaml", "rolloutPercentage: 10", "rolloutPercentage: 50");
    for part in [
        "pending: 1 flag waits for approval",
        "2 approvals of @acme/payments",
        "@acme/data",
        "@acme/all",
        "@acme/support",
    ] {
        assert!(text.contains(part), "`{part}` is not in:\n{text}");
    }
}

#[test]
fn line_ends_of_windows() {
    let windows = |text: &str| text.replace('\n', "\r\n");
    let mut one = Newcomer::new(&[
        (".github/CODEOWNERS", &windows("/flags/ @acme/web # ours\n")),
        ("flags/one-click.yaml", &windows(NATIVE)),
    ]);
    one.git(&["config", "core.autocrlf", "false"]);
    one.set_up(|text| text.replace("\r\n", "\n").replace('\n', "\r\n"));
    let text = one.verdict("flags/one-click.yaml", "rolloutPercentage: 10", "rolloutPercentage: 50");
    assert!(text.contains("pending: 1 flag waits for approval") && text.contains("@acme/web"), "{text}");
}
