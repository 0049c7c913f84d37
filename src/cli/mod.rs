//! The command line: one file a command, with its output and its exit code, and nothing else.
//!
//! In: arguments and the terminal. Out: text on the standard output, errors on the standard error, an exit code. It
//! refuses to guess a missing argument. Not taken: deciding anything here.
#![allow(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "this is the shell: files, environment and terminal are its business"
)]

mod amplitude;
mod approve;
mod approvers;
mod audit;
mod check;
mod child;
mod completions;
mod debts;
mod demo;
mod diff;
mod doctor;
mod event;
mod exit;
mod explain;
mod fmt;
mod formats;
mod init;
mod lint;
mod lint_scope;
mod locks;
mod man;
mod new;
mod other_policy;
mod own_options;
mod range;
mod receipt;
mod review;
mod rules;
mod show;
mod signed;
mod simulate;
mod sweep;
mod trust;
mod verify;
mod workflows;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};

use crate::error::Error;

pub use exit::Exit;

/// Approvals for feature flags and experiments that live as files in git.
#[derive(Parser, Debug)]
#[command(name = "countersign", version, max_term_width = 100)]
#[command(after_help = "Exit codes:
  0  nothing is in the way
  1  with --exit-code: an approval is missing, a flag is locked or rejected; for diff: something differs;
     for doctor: anyone who may write can forge a verdict; for audit: something is not known to have been approved; for verify: something is
     served that nobody countersigned
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
    command: CliCommand,
}

#[derive(Subcommand, Debug)]
enum CliCommand {
    /// Show it: a repository with several proposals, and the verdict on each
    Demo(demo::DemoArgs),
    /// Set a repository up: write .countersign/ from the flag files found in it
    Init(init::InitArgs),
    /// Write the file of a new flag or experiment, off for everyone, with comments that say what its fields mean
    New(new::NewArgs),
    /// Write flag files in canonical YAML; their meaning and their comments stay
    Fmt(fmt::FmtArgs),
    /// List the formats of flag files, show how a file is read, and draft a mapping for files of your own
    Formats(formats::FormatsArgs),
    /// Check every flag file of the work tree, and the policy
    Lint(lint::LintArgs),
    /// Say what would change, by flag and field
    Diff(diff::DiffArgs),
    /// Say what would change, what of it is critical, who has to approve, and the verdict
    Check(check::CheckArgs),
    /// Sign an approval of a proposal with your SSH or GPG key, for a team without a forge
    Approve(approve::ApproveArgs),
    /// Say who may approve changes of a file or flag, and which line says so
    Approvers(approvers::ApproversArgs),
    /// Judge a pull request on GitHub and set its status, comment and review requests: what the Action runs
    Review(review::ReviewArgs),
    /// Say which approvals a pull request awaits, and why each one that was given did not count
    Explain(explain::ExplainArgs),
    /// Say which open pull request holds which live flag, and who waits for it
    Locks(locks::LocksArgs),
    /// Judge the open pull requests that changed unseen: what the Action's timer runs
    Sweep(sweep::SweepArgs),
    /// Say how well a repository is really protected, what is missing, and the next step
    Doctor(doctor::DoctorArgs),
    /// Say which changes were merged into a branch without the approvals they needed, and by whom
    Audit(audit::AuditArgs),
    /// Say in signed statements who approved what was merged, and keep them in a reference of their own
    Receipt(receipt::ReceiptArgs),
    /// Say who countersigned what is served, by the receipts, and what nobody did; offline
    Verify(verify::VerifyArgs),
    /// Say which approvals another policy would have required for merged changes
    Simulate(simulate::SimulateArgs),
    /// Exchange flags with Amplitude: flags to files, and what was merged and approved to Amplitude
    Amplitude(amplitude::AmplitudeArgs),
    /// List what is critical and what is checked, with the reasons
    Rules(rules::RulesArgs),
    /// Print a completion script for a shell
    Completions(completions::CompletionsArgs),
    /// Write the manual pages into a folder
    Man(man::ManArgs),
}

/// Runs the program with the arguments of the process.
#[must_use]
pub fn run() -> ExitCode {
    let parsed = Args::command().try_get_matches();
    let parsed = parsed.and_then(|found| Ok((Args::from_arg_matches(&found)?, found)));
    let (args, matches) = match parsed {
        Ok(parsed) => parsed,
        Err(error) => {
            let _ = error.print();
            return if error.use_stderr() { Exit::Usage.into() } else { Exit::Clear.into() };
        }
    };
    let shell = show::Shell::new(args.color, args.dir);
    let done = match args.command {
        CliCommand::Demo(command) => command.run(&shell),
        CliCommand::Init(command) => command.run(&shell),
        CliCommand::New(command) => command.run(&shell),
        CliCommand::Fmt(command) => command.run(&shell),
        CliCommand::Formats(command) => command.run(&shell),
        CliCommand::Lint(command) => command.run(&shell),
        CliCommand::Diff(command) => command.run(&shell),
        CliCommand::Check(command) => command.run(&shell),
        CliCommand::Approve(command) => command.run(&shell),
        CliCommand::Approvers(command) => command.run(&shell),
        CliCommand::Review(command) => command.run(&shell),
        CliCommand::Explain(command) => command.run(&shell),
        CliCommand::Locks(command) => command.run(&shell),
        CliCommand::Sweep(command) => command.run(&shell),
        CliCommand::Doctor(command) => command.run(&shell),
        CliCommand::Audit(command) => command.run(&shell),
        CliCommand::Receipt(command) => command.run(&shell),
        CliCommand::Verify(command) => command.run(&shell),
        CliCommand::Simulate(command) => command.run(&shell),
        CliCommand::Amplitude(command) => command.run(&shell),
        CliCommand::Rules(command) => command.run(&shell),
        CliCommand::Completions(command) => Ok(command.run(&shell)),
        CliCommand::Man(command) => command.run(&shell),
    };
    match shell.unwritten().map_or(done, |error| Err(error.into())) {
        Ok(exit) => exit.into(),
        Err(error) => {
            // An error that nobody foresaw is one of the outside.
            let error = error.downcast::<Error>().unwrap_or_else(|error| Error::outside(format!("{error:#}"), ""));
            shell.fail(&own_options::said_by(&own_options::command_of(&matches), &error));
            Exit::from(error.kind).into()
        }
    }
}
