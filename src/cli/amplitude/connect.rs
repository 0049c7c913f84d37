//! Connection to Amplitude: the only place that reads the management key.

use std::io::Write as _;
use std::time::Duration;

use crate::amplitude::client::{AmplitudeClient, address};
use crate::cli::show::Shell;
use crate::error::Error;
use crate::git::Token;
use crate::policy::AmplitudeConfig;

/// The variable with the management key. There is no option for it: arguments are seen by everybody on a machine.
const KEY: &str = "AMPLITUDE_MANAGEMENT_KEY";
/// The variable with another address of the API, for tests and for a relay of one's own.
const ADDRESS: &str = "COUNTERSIGN_AMPLITUDE_URL";
/// The variable with another number of requests a second at the most, for the same.
const PACE: &str = "COUNTERSIGN_AMPLITUDE_PER_SECOND";

/// The options of commands that ask Amplitude.
#[derive(clap::Args, Debug)]
#[command(next_help_heading = "Amplitude")]
pub struct ConnectAmplitude {
    /// Print each request and its answer's code to the standard error
    #[arg(long, short)]
    pub verbose: bool,
    /// How many seconds to wait at most, all in all, when Amplitude asks to wait or stumbles
    #[arg(long, value_name = "SECONDS", default_value_t = 120)]
    pub patience: u64,
}

fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// Whether there is a key at all.
pub fn has_key() -> bool {
    variable(KEY).is_some()
}

impl ConnectAmplitude {
    /// Connects, or says what is missing for it.
    fn open(&self, config: &AmplitudeConfig) -> Result<AmplitudeClient, Error> {
        let Some(key) = variable(KEY) else {
            let help = format!(
                "set {KEY} to a management key, which admins make in Amplitude under Experiment, Management API"
            );
            return Err(Error::usage(format!("there is no management key: {KEY} is not set"), help));
        };
        let key = Token::new(key.trim()).ok_or_else(|| {
            let message = format!("{KEY} holds a space, a line break or another character that no key has");
            Error::usage(message, "set it to the key alone")
        })?;
        let address = variable(ADDRESS).unwrap_or_else(|| address(config.region).to_owned());
        let client = AmplitudeClient::new(&address, key, Duration::from_secs(self.patience))?;
        let Some(pace) = variable(PACE) else { return Ok(client) };
        let pace = pace.parse::<u32>().ok().filter(|pace| *pace > 0).ok_or_else(|| {
            Error::usage(format!("{PACE} is no number of requests"), "set it to a whole number from 1, or leave it out")
        })?;
        Ok(client.paced(Duration::from_secs(1) / pace))
    }

    /// Runs something with a connection, and prints the requests for `--verbose` however it ended.
    pub fn with<T>(&self, config: &AmplitudeConfig, run: impl FnOnce(&AmplitudeClient) -> T) -> Result<T, Error> {
        let client = self.open(config)?;
        let ended = run(&client);
        self.log(&client);
        Ok(ended)
    }

    /// Prints the requests that were made, for `--verbose`.
    fn log(&self, client: &AmplitudeClient) {
        let lines = client.take_log();
        if self.verbose {
            let mut err = std::io::stderr().lock();
            for line in &lines {
                let _ = writeln!(err, "{}", crate::diagnostics::escape::visible(line));
            }
            let _ = writeln!(err, "{} requests", lines.len());
        }
    }
}

/// A progress bar on a terminal, for what takes a while at so many requests a second.
pub fn bar(length: usize, what: &'static str) -> indicatif::ProgressBar {
    const LONG: usize = 40;
    // A dumb terminal has no way back over a line.
    let dumb = variable("TERM").is_none_or(|term| term == "dumb") && !cfg!(windows);
    if length <= LONG || dumb || !Shell::watched() {
        return indicatif::ProgressBar::hidden();
    }
    let style = indicatif::ProgressStyle::with_template(&format!("{{bar:40}} {{pos}}/{{len}} {what}, {{eta}} left"));
    let style = style.unwrap_or_else(|_| indicatif::ProgressStyle::default_bar());
    indicatif::ProgressBar::new(length as u64).with_style(style)
}
