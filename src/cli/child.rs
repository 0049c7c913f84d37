//! One of several pull requests, reviewed by this very program in a process of its own, with a budget of time and
//! memory.

use std::io::Read;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::mpsc::channel;
use std::time::Duration;

use super::show::Shell;
use crate::github::runner::ApartResult;

/// The budget of the review of one of several pull requests.
#[derive(clap::Args, Debug)]
#[command(next_help_heading = "Budget of each of several pull requests")]
pub struct ReviewBudget {
    /// How many seconds its review may take
    #[arg(long, value_name = "SECONDS", default_value_t = 300)]
    seconds_each: u64,
    /// How many megabytes of memory it may take, where the system can hold it to that
    #[arg(long, value_name = "MEGABYTES", default_value_t = 3000)]
    memory_each: u64,
}

impl ReviewBudget {
    /// Reviews one pull request, with these further arguments; or why that came to no end.
    pub fn review(&self, number: u64, args: &[String], shell: &Shell) -> Result<ApartResult, String> {
        let failed = |error: std::io::Error| format!("its review could not be started: {error}");
        let outputs = tempfile::NamedTempFile::new().map_err(failed)?;
        let mut command = self.command().map_err(failed)?;
        command.args(["review", "--one-of-several", "--pr", &number.to_string()]).args(args);
        command.env("GITHUB_OUTPUT", outputs.path()).current_dir(shell.dir());
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn().map_err(failed)?;
        let (sender, printed) = channel();
        let mut stdout = child.stdout.take();
        std::thread::spawn(move || {
            let mut bytes = Vec::new();
            if let Some(stdout) = &mut stdout {
                let _ = stdout.read_to_end(&mut bytes);
            }
            let _ = sender.send(bytes);
        });
        let Ok(printed) = printed.recv_timeout(Duration::from_secs(self.seconds_each)) else {
            let _ = child.kill();
            let _ = child.wait();
            return Err(format!("its review took longer than {} seconds", self.seconds_each));
        };
        let status = child.wait().map_err(failed)?;
        let code = status.code().and_then(|code| u8::try_from(code).ok()).filter(|code| *code <= 5);
        let Some(code) = code else {
            return Err(format!("its review ended without a result, probably for want of memory ({status})"));
        };
        let output = String::from_utf8_lossy(&printed).into_owned();
        Ok(ApartResult { code, output, verdict: verdict(outputs.path()) })
    }

    /// This program, held to its memory where a shell can do that.
    fn command(&self) -> std::io::Result<Command> {
        let program = std::env::current_exe()?;
        if cfg!(not(unix)) {
            return Ok(Command::new(program));
        }
        let mut command = Command::new("/bin/sh");
        let kilobytes = self.memory_each.saturating_mul(1024);
        command.arg("-c").arg(format!("ulimit -d {kilobytes} 2>/dev/null; exec \"$@\"")).arg("sh").arg(program);
        Ok(command)
    }
}

/// The verdict among the outputs of a step.
fn verdict(outputs: &Path) -> Option<String> {
    let text = std::fs::read_to_string(outputs).ok()?;
    text.lines().rev().find_map(|line| line.strip_prefix("verdict=")).map(str::to_owned)
}
