//! The command line: one file a command. What it prints and with which code it ends, and nothing else.
//!
//! In: arguments and the terminal. Out: text on the standard output, diagnostics of the outside on the standard error,
//! an exit code. It refuses to guess what was meant. Not taken: deciding anything here.
#![allow(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "this is the shell: files, environment and terminal are its business"
)]

mod approvers;
mod audit;
mod check;
mod completions;
mod demo;
mod diff;
mod doctor;
mod event;
mod exit;
mod explain;
mod init;
mod lint;
mod locks;
mod prose;
mod range;
mod review;
mod rules;
mod show;
mod simulate;
mod sweep;
mod workflows;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

pub use approvers::Answers;
pub use exit::{Exit, Failure};
pub use explain::Explained;
pub use rules::Listed;

/// Approvals for feature flags and experiments that live as files in git.
#[derive(Parser, Debug)]
#[command(name = "countersign", version, max_term_width = 100)]
#[command(after_help = "Exit codes:
  0  nothing stands in the way
  1  with --exit-code: an approval is missing, a flag is locked or rejected; for diff: something differs;
     for doctor: anyone who may write can forge a verdict; for audit: something is not known to have been approved
  2  the command line is wrong
  3  a file is invalid
  4  the policy is invalid: .countersign/config.yaml or .countersign/APPROVERS
  5  git, the disk or the network failed

New here? `countersign demo` shows it all, without a network, in a repository of its own.")]
struct Args {
    /// Run as if started in this folder
    #[arg(short = 'C', value_name = "DIR", global = true, help_heading = "Everywhere")]
    dir: Option<PathBuf>,
    /// When to use colours
    #[arg(long, value_name = "WHEN", global = true, default_value = "auto", help_heading = "Everywhere")]
    color: clap::ColorChoice,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand, Debug)]
enum Command {
    /// Show it: a repository with several proposals, and the verdict on each
    Demo(demo::Demo),
    /// Set a repository up: write .countersign/ from what is found in it
    Init(init::Init),
    /// Check every flag file of the work tree, and the policy
    Lint(lint::Lint),
    /// Say what would change, by flag and field
    Diff(diff::Diff),
    /// Say what would change, what of it is critical, who has to approve, and the verdict
    Check(check::Check),
    /// Say who may approve changes of a file or flag, and which line says so
    Approvers(approvers::Approvers),
    /// Judge a pull request on GitHub and post what is missing there: what the Action runs
    Review(review::Review),
    /// Say what a pull request waits for, and why each approval that was given did not count
    Explain(explain::Explain),
    /// Say which open pull request holds which live flag, and who waits for it
    Locks(locks::Locks),
    /// Judge whichever open pull requests changed unseen: what the Action's timer runs
    Sweep(sweep::Sweep),
    /// Say how well a repository is really protected, what is missing, and the next step
    Doctor(doctor::Doctor),
    /// Say the changes merged into a branch without the approvals it needed, and who let it in
    Audit(audit::Audit),
    /// Say what another policy would have asked of whom for merged changes
    Simulate(simulate::Simulate),
    /// List what is critical and what is checked, with the reasons
    Rules(rules::Rules),
    /// Print a completion script for a shell
    Completions(completions::Completions),
}

/// Runs the program with the arguments of the process.
#[must_use]
pub fn run() -> ExitCode {
    let args = match Args::try_parse() {
        Ok(args) => args,
        Err(error) => {
            let _ = error.print();
            return if error.use_stderr() { Exit::Usage.into() } else { Exit::Clear.into() };
        }
    };
    let shell = show::Shell::new(args.color, args.dir);
    let done = match args.command {
        Command::Demo(command) => command.run(&shell),
        Command::Init(command) => command.run(&shell),
        Command::Lint(command) => command.run(&shell),
        Command::Diff(command) => command.run(&shell),
        Command::Check(command) => command.run(&shell),
        Command::Approvers(command) => command.run(&shell),
        Command::Review(command) => command.run(&shell),
        Command::Explain(command) => command.run(&shell),
        Command::Locks(command) => command.run(&shell),
        Command::Sweep(command) => command.run(&shell),
        Command::Doctor(command) => command.run(&shell),
        Command::Audit(command) => command.run(&shell),
        Command::Simulate(command) => command.run(&shell),
        Command::Rules(command) => command.run(&shell),
        Command::Completions(command) => Ok(command.run(&shell)),
    };
    match shell.unwritten().map_or(done, |failure| Err(failure.into())) {
        Ok(exit) => exit.into(),
        Err(error) => {
            let failure = Failure::from(error);
            shell.fail(&failure);
            failure.exit.into()
        }
    }
}
