//! The workflows that `init` writes. In: the two of `examples/workflows`, the repository and the options. Out: the same
//! files, with its default branch and the commit of the action put in. It refuses a pin that could move. Not taken:
//! asking a network for the latest release; it pins the version that the person has, or says.

use std::path::Path;

use super::init::write;
use crate::error::Error;
use crate::git::Repo;
use crate::github::facts::context;

const GATE_PATH: &str = ".github/workflows/countersign.yml";
const GATE: &str = include_str!("../../examples/workflows/countersign.yml");
const TRIGGER_PATH: &str = ".github/workflows/countersign-trigger.yml";
const TRIGGER: &str = include_str!("../../examples/workflows/countersign-trigger.yml");
/// The placeholder in the gate as it is shipped: a release can't hold its own commit.
const UNPINNED: &str = "your-org/countersign@COMMIT # v0.1.0";
const BRANCHES: &str = "branches: [main, ";
const TIMER: &str = "  schedule:\n    - cron: \"7 * * * *\"\n";
/// The comment above the timer starts so.
const TIMER_WORDS: &str = "  # For changes without an event";
/// The job that fails while nothing is pinned, from its comment to that of the next.
const GUARD: [&str; 2] = ["  # While COMMIT below is no commit yet", "  # Not named like the status"];
const NEEDS_GUARD: &str = "    needs: unpinned\n";
/// Repository and commit, if this program comes out of a release: the release workflow sets it.
const RELEASE: Option<&str> = option_env!("COUNTERSIGN_ACTION");

#[derive(clap::Args, Debug)]
pub struct Workflows {
    /// Write the workflows for GitHub [default: if a remote is on GitHub or there is a .github folder]
    #[arg(long, conflicts_with = "no_workflows")]
    workflows: bool,
    /// Write no workflows
    #[arg(long)]
    no_workflows: bool,
    /// The action that the workflow runs: the repository you have Countersign from, and the full commit of a release
    /// [default: this program's own, if it comes out of a release]
    #[arg(long, value_name = "OWNER/REPO@COMMIT", conflicts_with = "no_workflows")]
    action: Option<String>,
    /// How often the gate wakes for what no event tells: people who left, teams that changed. A private repository pays
    /// about 2,920 minutes a month for `15m`, 730 for `1h`
    #[arg(long, value_name = "TIME", value_enum, default_value_t = Timer::Hour, conflicts_with = "no_workflows")]
    timer: Timer,
}

/// How often the gate wakes without an event.
#[derive(clap::ValueEnum, Clone, Copy, PartialEq, Eq, Debug)]
enum Timer {
    #[value(name = "15m")]
    Quarter,
    #[value(name = "1h")]
    Hour,
    Off,
}

impl Timer {
    /// The interval and its cost, in words.
    fn cost(self) -> &'static str {
        match self {
            Timer::Quarter => "wakes every quarter of an hour, about 2,920 minutes a month where runs cost (`--timer`)",
            Timer::Hour => "wakes every hour, about 730 minutes a month where runs cost (`--timer`)",
            Timer::Off => "wakes by no timer: who left a team counts until the next event of a pull request",
        }
    }
}

/// The gate as it is written for a repository.
fn gate(pin: &str, base: &str, timer: Timer) -> String {
    let mut text = GATE.replace(BRANCHES, &format!("branches: [{base}, ")).replace(UNPINNED, pin);
    text = text.replace(NEEDS_GUARD, "");
    let cut = |text: &str, from: &str, to: &str| {
        let start = text.find(from)?;
        let end = start + text.get(start..)?.find(to)?;
        Some(format!("{}{}", text.get(..start)?, text.get(end..)?))
    };
    text = cut(&text, GUARD[0], GUARD[1]).unwrap_or(text);
    match timer {
        Timer::Quarter => text.replace("\"7 * * * *\"", "\"7,22,37,52 * * * *\""),
        Timer::Hour => text,
        Timer::Off => cut(&text, TIMER_WORDS, TIMER).unwrap_or(text).replace(TIMER, ""),
    }
}

impl Workflows {
    /// Refuses what can't be a pin, before anything is written.
    pub fn vet(&self) -> Result<(), Error> {
        match &self.action {
            Some(action) if !is_pinned(action) => {
                let message = format!("`--action`: `{action}` names no commit for good");
                Err(Error::usage(message, "write `owner/repo@` and the 40 hexadecimal digits of a commit"))
            }
            _ => Ok(()),
        }
    }

    /// Writes them if they are wanted, and says what to do next on GitHub; `None` if they are not.
    pub fn write(&self, repo: &Repo, root: &Path, said: &mut String) -> Result<Option<String>, Error> {
        let here = || root.join(".github").is_dir() || repo.remote_urls().iter().any(|url| is_on_github(url));
        if self.no_workflows || !(self.workflows || self.action.is_some() || here()) {
            return Ok(None);
        }
        let base = default_branch(repo);
        let own = RELEASE.filter(|own| is_pinned(own)).map(|own| format!("{own} # v{}", env!("CARGO_PKG_VERSION")));
        let pin = self.action.clone().or(own);
        let there = || root.join(GATE_PATH).symlink_metadata().is_ok();
        let Some(pin) = pin.or_else(|| there().then(String::new)) else {
            return Ok(Some(NO_PIN.to_owned()));
        };
        write(repo, root, GATE_PATH, &gate(&pin, &base, self.timer), said)?;
        write(repo, root, TRIGGER_PATH, TRIGGER, said)?;
        Ok(Some(format!(
            "\nOn GitHub:
  git add .github        commit and merge: workflows run as they stand on the default branch
  GH_TOKEN=$(gh auth token) countersign doctor --fix
                         what is left, as commands in an order that works; `--apply` runs them: `{}` is required on `{base}`
  The gate {}.
",
            context(&base),
            self.timer.cost()
        )))
    }
}

/// The note where the action of a workflow is unknown: a workflow with a placeholder in it fails.
const NO_PIN: &str = "
On GitHub:
  No workflow was written, since this program comes out of no release and does not know its own action. Name the
  repository you have Countersign from, and the full commit of a release of it, and run it again:
  countersign init --action OWNER/REPO@COMMIT
";

/// The branch that proposals are for, without its remote; `main` where it is not known, or has a name that would mean
/// something else in a workflow.
pub(super) fn default_branch(repo: &Repo) -> String {
    let plain = |name: &str| name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-' | '/'));
    let base = repo.default_base().map(|base| base.name).ok().or_else(|| repo.unborn_branch()).unwrap_or_default();
    let base = repo.remotes().iter().find_map(|remote| base.strip_prefix(&format!("{remote}/"))).unwrap_or(&base);
    if !base.is_empty() && plain(base) { base.to_owned() } else { "main".to_owned() }
}

/// Whether it is an action's repository at a full commit: anything shorter can be moved.
fn is_pinned(action: &str) -> bool {
    let word = |word: &str| {
        !word.is_empty() && word.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-'))
    };
    let full = |commit: &str| commit.len() == 40 && commit.chars().all(|c| matches!(c, '0'..='9' | 'a'..='f'));
    action.split_once('@').is_some_and(|(repository, commit)| {
        full(commit) && repository.split_once('/').is_some_and(|(owner, name)| word(owner) && word(name))
    })
}

/// Whether a remote is on GitHub, by its host: `github.com`, a tenant under `ghe.com`, or a server of a company's own
/// that says so in its name.
fn is_on_github(url: &str) -> bool {
    let after = url.split_once("://").map_or(url, |(_, rest)| rest);
    let host = after.split('/').next().unwrap_or(after);
    let host = host.rsplit_once('@').map_or(host, |(_, host)| host);
    let host = host.split(':').next().unwrap_or(host).to_ascii_lowercase();
    host.split('.').any(|part| part == "github") || host.ends_with(".ghe.com")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts() {
        for (url, on) in [
            ("https://github.com/acme/shop.git", true),
            ("git@github.com:acme/shop.git", true),
            ("ssh://git@GitHub.com:22/acme/shop", true),
            ("https://x-access-token:secret@github.com/acme/shop", true),
            ("https://github.acme.example/shop", true),
            ("https://acme.ghe.com/acme/shop", true),
            ("https://gitlab.com/github/shop", false),
            ("git@gitlab.com:github.com/shop", false),
            ("https://notgithub.com/acme/shop", false),
            ("../github.com/shop", false),
            ("/srv/git/github", false),
            ("", false),
        ] {
            assert_eq!(is_on_github(url), on, "{url}");
        }
    }

    #[test]
    fn pins() {
        let commit = "0123456789abcdef0123456789abcdef01234567";
        for (action, pinned) in [
            (format!("acme/countersign@{commit}"), true),
            ("acme/countersign@v1".to_owned(), false),
            ("acme/countersign".to_owned(), false),
            (format!("countersign@{commit}"), false),
            (format!("acme/countersign/sub@{commit}"), false),
            (format!("acme/countersign@{}", commit.replace('f', "")), false),
            (format!("acme/countersign@{}", commit.to_uppercase()), false),
            (format!("acme/counter\nsign@{commit}"), false),
        ] {
            assert_eq!(is_pinned(&action), pinned, "{action}");
        }
    }

    /// The shipped gate has a place for each value that is put in, and says that it is not pinned yet.
    #[test]
    fn the_gate_has_the_places() {
        for place in [UNPINNED, BRANCHES, TIMER, TIMER_WORDS, GUARD[0], GUARD[1], NEEDS_GUARD] {
            assert_eq!(GATE.matches(place).count(), 1, "{place}");
        }
    }

    #[test]
    fn the_gate_as_it_is_written() {
        for (timer, cron) in [(Timer::Quarter, "7,22,37,52 * * * *"), (Timer::Hour, "7 * * * *"), (Timer::Off, "")] {
            let text = gate("acme/countersign@0123", "trunk", timer);
            assert!(text.contains("branches: [trunk, ") && text.contains("uses: acme/countersign@0123\n"), "{text}");
            assert!(!text.contains("unpinned") && !text.contains("COMMIT below"), "{text}");
            let crons: Vec<&str> = text.lines().filter(|line| line.contains("cron:")).collect();
            assert!(
                if cron.is_empty() { crons.is_empty() } else { crons[0].contains(&format!("\"{cron}\"")) },
                "{text}"
            );
            assert_eq!(text.contains("schedule:"), !cron.is_empty(), "{text}");
            let read = crate::github::doctor::Workflow::read(GATE_PATH, &text).unwrap();
            assert_eq!((read.jobs.len(), read.on.contains_key("schedule")), (1, !cron.is_empty()), "{text}");
        }
    }
}
