//! The options of the command that runs, in the remedies of errors from further down.
//!
//! In: an error, and the command that runs. Out: the error, whose remedy names an argument of that command. It refuses
//! to name one that the command does not have. Not taken: remedies with options in the rooms below, which do not know
//! which command asked.

use clap::{ArgMatches, Command, CommandFactory as _};

use super::Args;
use crate::error::Error;
use crate::git::NAME_BASE;

/// The command that was called.
pub fn command_of(matches: &ArgMatches) -> Command {
    let (mut command, mut matches) = (Args::command(), matches);
    while let Some((name, below)) = matches.subcommand() {
        let Some(next) = command.find_subcommand(name).cloned() else { break };
        (command, matches) = (next, below);
    }
    command
}

/// The error as this command says it.
pub fn said_by(command: &Command, error: &Error) -> Error {
    let help = match as_argument(command) {
        Some(argument) => error.help.replace(NAME_BASE, &format!("{NAME_BASE} {argument}")),
        None => error.help.clone(),
    };
    Error::new(error.kind, error.message.clone(), help)
}

/// How the branch to compare with is named on the line of a command: the first of its arguments that does.
fn as_argument(command: &Command) -> Option<String> {
    ["base", "rev", "range"].iter().find_map(|id| {
        let argument = command.get_arguments().find(|argument| argument.get_id() == id)?;
        let value = argument.get_value_names().and_then(|names| names.first()).map_or(*id, |name| name.as_str());
        Some(match argument.get_long() {
            Some(long) => format!("as `--{long}`"),
            None if *id == "range" => format!("as the end of `{value}`"),
            None => format!("as `{value}`, the first argument"),
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Calls a function for every command that does something.
    fn each(command: &Command, path: &str, visit: &mut dyn FnMut(&str, &Command)) {
        let path = format!("{path} {}", command.get_name());
        command.get_subcommands().for_each(|below| each(below, &path, visit));
        if !command.has_subcommands() {
            visit(path.trim_start(), command);
        }
    }

    #[test]
    fn every_command_names_arguments_of_its_own() {
        let mut said = Vec::new();
        each(&Args::command(), "", &mut |path, command| {
            let error = said_by(command, &Error::usage("no base", NAME_BASE));
            let argument = error.help.strip_prefix(NAME_BASE).unwrap_or_default().trim();
            for option in argument.split('`').filter_map(|part| part.strip_prefix("--")) {
                let has = command.get_arguments().any(|argument| argument.get_long() == Some(option));
                assert!(has, "{path}: {argument}");
            }
            if !argument.is_empty() {
                said.push(format!("{}: {argument}", path.trim_start_matches("countersign ")));
            }
        });
        let expected = [
            "lint: as `--rev`",
            "diff: as `BASE`, the first argument",
            "check: as `--base`",
            "approve: as `--base`",
            "approvers: as `--base`",
            "locks: as `--base`",
            "audit: as the end of `A..B`",
            "receipt: as the end of `A..B`",
            "verify: as `--rev`",
            "simulate: as the end of `A..B`",
            "amplitude plan: as `--base`",
            "amplitude drift: as `--base`",
            "amplitude comment: as `--base`",
            "amplitude apply: as `--base`",
        ];
        assert_eq!(said, expected);
    }

    /// Names that stand in one member of what clap prints of an argument for debugging, which is the only way to them.
    fn members(argument: &clap::Arg, name: &str) -> Vec<String> {
        let printed = format!("{argument:?}");
        let rest = printed.split_once(&format!(" {name}: [")).map_or("", |(_, rest)| rest);
        let list = rest.split_once(']').map_or("", |(list, _)| list);
        list.split('"').skip(1).step_by(2).map(str::to_owned).collect()
    }

    #[test]
    fn no_argument_is_ignored_next_to_another_one() {
        let (mut wrong, mut seen) = (Vec::<String>::new(), 0);
        each(&Args::command(), "", &mut |path, command| {
            let excludes = |one: &clap::Arg, other: &clap::Arg| {
                members(one, "conflicts").iter().any(|id| other.get_id() == id)
                    || members(other, "conflicts").iter().any(|id| one.get_id() == id)
            };
            for argument in command.get_arguments() {
                let required = members(argument, "requires");
                let required = |one: &&clap::Arg| required.iter().any(|id| one.get_id() == id);
                // To clap no argument is missing that cannot stand next to one of those that are there.
                for needed in command.get_arguments().filter(required) {
                    for other in command.get_arguments().filter(|other| excludes(needed, other)) {
                        seen += 1;
                        if other.get_id() != argument.get_id() && !excludes(argument, other) {
                            wrong.push(format!("{path}: {} next to {}", argument.get_id(), other.get_id()));
                        }
                    }
                }
            }
        });
        assert!(wrong.is_empty(), "{wrong:?}");
        assert!(seen > 5, "what clap prints has another form");
    }
}
