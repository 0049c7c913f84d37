//! The environment of a runner of GitHub Actions: the only place that reads `GITHUB_*` and the tokens.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::Duration;

use sha2::{Digest, Sha256};

use super::show::Shell;
use crate::error::Error;
use crate::git::Token;
use crate::github::client::{Client, Site};
use crate::github::event::{Work, work};
use crate::github::objects::Objects;

/// The options of commands that ask GitHub.
#[derive(clap::Args, Debug)]
#[command(next_help_heading = "GitHub")]
pub struct Connect {
    /// The repository [default: GITHUB_REPOSITORY, else where `origin` points]
    #[arg(long, value_name = "OWNER/NAME")]
    pub repo: Option<String>,
    /// Print each request and its answer's code to the standard error
    #[arg(long, short)]
    pub verbose: bool,
    /// How many seconds to wait at most, all in all, when GitHub asks to wait or stumbles
    #[arg(long, value_name = "SECONDS", default_value_t = 120)]
    pub patience: u64,
}

/// The clients of GitHub and git, for commands that ask GitHub.
pub struct Connection {
    pub client: Client,
    pub objects: Objects,
    verbose: bool,
}

fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// The address of GitHub, by the environment of its runners.
pub fn server() -> String {
    variable("GITHUB_SERVER_URL").unwrap_or_else(|| "https://github.com".to_owned())
}

/// Whether this is a job of GitHub Actions.
#[must_use]
pub fn on_a_runner() -> bool {
    variable("GITHUB_ACTIONS").as_deref() == Some("true")
}

/// The login of whoever started this job.
#[must_use]
pub fn actor() -> Option<String> {
    variable("GITHUB_ACTOR").filter(|_| on_a_runner())
}

impl Connect {
    /// The options as arguments, for another run of the program.
    pub fn args(&self) -> Vec<String> {
        let repo = self.repo.iter().flat_map(|repo| ["--repo".to_owned(), repo.clone()]);
        let patience = ["--patience".to_owned(), self.patience.to_string()];
        repo.chain(patience).chain(self.verbose.then(|| "--verbose".to_owned())).collect()
    }

    /// Connects to GitHub, or says what is missing for it.
    pub fn open(&self, shell: &Shell) -> Result<Connection, Error> {
        let site = self.site(shell)?;
        let (names, token) = token(TOKENS)?;
        let Some(token) = token else {
            return Err(Error::usage(
                format!("there is no token: none of {names} is set"),
                "set GH_TOKEN, for example to what `gh auth token` prints",
            ));
        };
        let (_, teams) = self::token(&["COUNTERSIGN_TEAMS_TOKEN"])?;
        let url = format!("{}/{}/{}", site.server, site.owner, site.name);
        let objects = Objects::new(&url, Some(token.clone()), shell.dir())?;
        let client = Client::new(site, token, teams, Duration::from_secs(self.patience))?;
        Ok(Connection { client, objects, verbose: self.verbose })
    }

    fn site(&self, shell: &Shell) -> Result<Site, Error> {
        let server = server();
        let server = server.trim_end_matches('/').to_owned();
        let named = self.repo.clone().or_else(|| variable("GITHUB_REPOSITORY"));
        let named = named.or_else(|| shell.repo().ok()?.origin_on(&server));
        let Some(named) = named else {
            return Err(Error::usage("which repository is meant is not known", "name it with `--repo owner/name`"));
        };
        let plain = |part: &str| {
            let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
            !part.is_empty() && part.len() <= 100 && part.bytes().all(allowed) && !matches!(part, "." | "..")
        };
        let Some((owner, name)) = named.split_once('/').filter(|(owner, name)| plain(owner) && plain(name)) else {
            let message = format!("`{}` is no repository, expected `owner/name`", named.escape_debug());
            return Err(Error::usage(message, "name it with `--repo owner/name`"));
        };
        let (api, graphql) = addresses(&server, variable("GITHUB_API_URL"), variable("GITHUB_GRAPHQL_URL"));
        Ok(Site { api, graphql, server, owner: owner.to_owned(), name: name.to_owned() })
    }
}

/// The variables that may hold the token.
const TOKENS: &[&str] = &["COUNTERSIGN_TOKEN", "GITHUB_TOKEN", "GH_TOKEN"];

/// Whether there is a token at all.
#[must_use]
pub fn has_token() -> bool {
    TOKENS.iter().any(|name| variable(name).is_some())
}

/// The addresses of REST and GraphQL on a server; those in the environment go first.
fn addresses(server: &str, api: Option<String>, graphql: Option<String>) -> (String, String) {
    let api = api.unwrap_or_else(|| match server.split_once("://") {
        Some((scheme, host)) if host == "github.com" || host.ends_with(".ghe.com") => format!("{scheme}://api.{host}"),
        _ => format!("{server}/api/v3"),
    });
    let api = api.trim_end_matches('/').to_owned();
    // An Enterprise Server has GraphQL at `/api/graphql`, not below `/api/v3`.
    let graphql = graphql.unwrap_or_else(|| format!("{}/graphql", api.strip_suffix("/v3").unwrap_or(&api)));
    (api, graphql.trim_end_matches('/').to_owned())
}

/// The first token of these that is set.
fn token(names: &[&str]) -> Result<(String, Option<Token>), Error> {
    let list = names.join(", ");
    let Some((name, text)) = names.iter().find_map(|name| Some((name, variable(name)?))) else {
        return Ok((list, None));
    };
    match Token::new(text.trim()) {
        Some(token) => Ok((list, Some(token))),
        None => Err(Error::usage(
            format!("{name} holds a space, a line break or another character no token has"),
            "set it to the token alone",
        )),
    }
}

impl Connection {
    /// Prints the requests that were made, for `--verbose`.
    pub fn log(&self) {
        let lines = self.client.take_log();
        if self.verbose {
            let mut err = std::io::stderr().lock();
            for line in &lines {
                let _ = writeln!(err, "{line}");
            }
            let _ = writeln!(err, "{} requests", lines.len());
        }
    }
}

/// The work of the event that started this job.
pub fn event() -> Result<Work, Error> {
    let (Some(name), Some(path)) = (variable("GITHUB_EVENT_NAME"), variable("GITHUB_EVENT_PATH")) else {
        return Err(Error::usage(
            "there is no event: GITHUB_EVENT_NAME and GITHUB_EVENT_PATH are not set",
            "name a pull request with `--pr`, or run it in GitHub Actions",
        ));
    };
    let path = PathBuf::from(path);
    let text = std::fs::read_to_string(&path).map_err(|error| Error::file("read", &path, &error))?;
    let payload: serde_json::Value = serde_json::from_str(&text).map_err(|error| {
        let message = format!("`{}` is no JSON: {error}", path.display());
        Error::outside(message, "run it in GitHub Actions, which writes that file")
    })?;
    work(&name, &payload)
}

/// The page with the artifacts of this run.
#[must_use]
pub fn artifacts() -> Option<String> {
    variable("COUNTERSIGN_REPORT_DIR")?;
    let (server, run) = (variable("GITHUB_SERVER_URL")?, variable("GITHUB_RUN_ID")?);
    Some(format!("{server}/{}/actions/runs/{run}#artifacts", variable("GITHUB_REPOSITORY")?))
}

/// The folder for the reports of this run.
#[must_use]
pub fn report_dir() -> Option<PathBuf> {
    variable("COUNTERSIGN_REPORT_DIR").map(PathBuf::from)
}

/// Adds to the job's summary, if there is one.
pub fn summarize(text: &str) -> Result<(), Error> {
    let Some(path) = variable("GITHUB_STEP_SUMMARY").map(PathBuf::from) else { return Ok(()) };
    append(&path, text)
}

/// Sets an output of the job's step, if there is one. Values are words of ours and paths of the runner's.
pub fn output(name: &str, value: &str) -> Result<(), Error> {
    let Some(path) = variable("GITHUB_OUTPUT").map(PathBuf::from) else { return Ok(()) };
    if value.contains(['\n', '\r']) {
        return Err(Error::outside(format!("the value of output `{name}` has a line break"), ""));
    }
    append(&path, &format!("{name}={value}\n"))
}

fn append(path: &Path, text: &str) -> Result<(), Error> {
    let mut file = std::fs::OpenOptions::new()
        .append(true)
        .create(true)
        .open(path)
        .map_err(|error| Error::file("write", path, &error))?;
    file.write_all(text.as_bytes()).map_err(|error| Error::file("write", path, &error))
}

/// Text for the log of a runner, in which nothing is a command to the runner. The author of the text cannot guess the
/// word that ends it.
#[must_use]
pub fn guarded(text: &str) -> String {
    if !on_a_runner() {
        return text.to_owned();
    }
    let secret = variable("GITHUB_TOKEN").or_else(|| variable("COUNTERSIGN_TOKEN")).unwrap_or_default();
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).map_or(0, |time| time.as_nanos());
    let word: String = Sha256::digest(format!("{secret}{now}{}", std::process::id()))
        .iter()
        .take(16)
        .map(|byte| format!("{byte:02x}"))
        .collect();
    format!("::stop-commands::{word}\n{}\n::{word}::\n", text.trim_end_matches('\n'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_github_has_its_addresses() {
        let table = [
            ("https://github.com", None, None, "https://api.github.com", "https://api.github.com/graphql"),
            ("https://acme.ghe.com", None, None, "https://api.acme.ghe.com", "https://api.acme.ghe.com/graphql"),
            ("https://git.acme.org", None, None, "https://git.acme.org/api/v3", "https://git.acme.org/api/graphql"),
            ("http://git:8080/x", None, None, "http://git:8080/x/api/v3", "http://git:8080/x/api/graphql"),
            (
                "https://git.acme.org",
                Some("https://api.acme.org/v3/"),
                None,
                "https://api.acme.org/v3",
                "https://api.acme.org/graphql",
            ),
            ("https://git.acme.org", Some("https://a/"), Some("https://b/graphql/"), "https://a", "https://b/graphql"),
            ("https://notgithub.com", None, None, "https://notgithub.com/api/v3", "https://notgithub.com/api/graphql"),
        ];
        for (server, given, graph, api, graphql) in table {
            let own = |text: Option<&str>| text.map(str::to_owned);
            let found = addresses(server, own(given), own(graph));
            assert_eq!((found.0.as_str(), found.1.as_str()), (api, graphql), "{server}");
        }
    }
}
