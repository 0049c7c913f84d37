//! Commands: the first line of a comment.
//!
//! In: the body of a comment. Out: nothing if it is not addressed to us, else a [`Command`] or the [`Error`] to answer
//! with. Its author, and whether it was edited since, are checked by the [runner](super::runner). It refuses every line
//! with more or less than its usage, since nobody gave a command that is half understood. Not taken: a command anywhere
//! in the comment, as Prow has it; quotations, code and the middle of a sentence would then give commands.

use std::fmt;

use crate::approval::digest::{BINDING, SHOWN};
use crate::diagnostics::diagnostic::{choice, nearest};
use crate::diagnostics::words::in_backticks;
use crate::error::Error;

/// The first word of a comment that is addressed to us.
pub const PREFIX: &str = "/countersign";

/// A command, understood.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Command {
    /// Review this pull request again.
    Recheck,
    /// Withdraw the request.
    Cancel,
    /// Pass over the holder of this flag's lock: `project/key`, or the key alone. Where the project ends is not decided
    /// here, since a key of a foreign format may hold a `/`.
    Unlock { flag: String },
    /// Let this content of this flag through without its approvals.
    Override {
        /// `project/key`, the key alone, or `.countersign` for the policy.
        flag: String,
        /// 32 to 64 hex digits in lower case: the start of the digest, or all of it.
        digest: String,
        reason: String,
        /// Whether they break the glass, which makes a debt.
        break_glass: bool,
    },
}

/// The people who may give a command. Everybody needs write access on GitHub, which is checked before any work is done.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Who {
    Writers,
    Admins,
    /// The command takes effect with the second one.
    TwoAdmins,
    /// As many admins as the policy says, also those who wrote it.
    BreakGlass,
}

impl Who {
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Who::Writers => "anyone with write access",
            Who::Admins => "an admin",
            Who::TwoAdmins => "two admins, neither of them the requestor",
            Who::BreakGlass => "as many admins as `break-glass` of the policy says, the requestor too",
        }
    }
}

/// One command: a row of [`COMMANDS`].
pub struct Form {
    pub id: &'static str,
    /// The whole line.
    pub usage: &'static str,
    pub who: Who,
    /// The effect, in one sentence.
    pub about: &'static str,
    /// Reads the rest of the line behind the id, without white space around it.
    read: fn(&str) -> Result<Command, Error>,
}

/// Every command. **A new command is one row here** and a variant of [`Command`].
pub static COMMANDS: &[Form] = &[
    Form {
        id: "recheck",
        usage: "/countersign recheck",
        who: Who::Writers,
        about: "looks at the pull request again",
        read: |rest| alone(rest, "recheck", Command::Recheck),
    },
    Form {
        id: "cancel",
        usage: "/countersign cancel",
        who: Who::Writers,
        about: "withdraws the request: the pull request becomes a draft and holds no flag",
        read: |rest| alone(rest, "cancel", Command::Cancel),
    },
    Form {
        id: "unlock",
        usage: "/countersign unlock <flag>",
        who: Who::Admins,
        about: "passes over the pull request that holds the flag, named by `project/key` or by its key: at once to \
                switch it off, else one that has been idle",
        read: unlock,
    },
    Form {
        id: "override",
        usage: "/countersign override <flag> <digest> <reason>",
        who: Who::TwoAdmins,
        about: "lets exactly this content of the flag through without its approvals, for everyone to see; \
                `.countersign` names the policy",
        read: |rest| overrule(rest, "override"),
    },
    Form {
        id: "break-glass",
        usage: "/countersign break-glass <flag> <digest> <reason>",
        who: Who::BreakGlass,
        about: "lets exactly this content of the flag in now, where the policy has `break-glass`, and makes a debt: \
                somebody else has to approve it in time",
        read: |rest| overrule(rest, "break-glass"),
    },
];

/// The longest reason, in characters; it has to fit where it is repeated.
const LONGEST_REASON: usize = 500;

/// The hex digits of a whole digest.
const WHOLE: usize = 64;

/// The longest name of a flag, in bytes: a project and a key of 200 each, the `/`, and a name of a file that tells it
/// from others, each byte of it as `%2F`.
const LONGEST_NAME: usize = 401 + 3 * 256;

/// The command in the first line of a comment; `None` if that line does not start with `/countersign` as a word of its
/// own. Our words are read in either case, as Prow and other bots do, because phones write capitals by themselves, and
/// `startsWith` in a workflow lets them through.
#[must_use]
pub fn parse(body: &str) -> Option<Result<Command, Error>> {
    let line = body.split(['\n', '\r']).next().unwrap_or_default();
    let (prefix, rest) = word(line);
    if !prefix.eq_ignore_ascii_case(PREFIX) {
        return None;
    }
    let (id, rest) = word(rest);
    let form = COMMANDS.iter().find(|form| form.id.eq_ignore_ascii_case(id));
    Some(form.map_or_else(|| Err(unknown(id)), |form| (form.read)(rest)))
}

/// The first word of a string, and the rest without white space around it.
fn word(text: &str) -> (&str, &str) {
    text.split_once(char::is_whitespace).map_or((text, ""), |(word, rest)| (word, rest.trim()))
}

fn unknown(id: &str) -> Error {
    let all = || COMMANDS.iter().map(|form| form.id);
    if id.is_empty() {
        let remedy = format!("write one of {} behind it", choice(COMMANDS.iter().map(rest_of_usage)));
        return Error::usage(format!("`{PREFIX}` stands alone"), remedy);
    }
    // Comparing takes time that grows with the length, and no command is nearly as long.
    let meant = if id.len() <= 20 { nearest(id, all()) } else { None };
    let remedy = match meant.and_then(|id| COMMANDS.iter().find(|form| form.id == id)) {
        Some(form) => format!("write `{}` if that is what you mean", form.usage),
        None => format!("write one of {} behind `{PREFIX}`", choice(COMMANDS.iter().map(rest_of_usage))),
    };
    Error::usage(format!("{} is no command, expected {}", in_backticks(id), choice(all())), remedy)
}

fn rest_of_usage(form: &Form) -> &'static str {
    form.usage.strip_prefix(PREFIX).unwrap_or(form.usage).trim_start()
}

/// The error of a command whose id is followed by the wrong thing.
fn misused(id: &str, what: impl fmt::Display) -> Error {
    let usage = COMMANDS.iter().find(|form| form.id == id).map_or(PREFIX, |form| form.usage);
    Error::usage(format!("`{PREFIX} {id}` {what}"), format!("write `{usage}`"))
}

fn alone(rest: &str, id: &str, command: Command) -> Result<Command, Error> {
    if rest.is_empty() {
        return Ok(command);
    }
    Err(misused(id, format_args!("is followed by {}, expected nothing", in_backticks(rest))))
}

fn unlock(rest: &str) -> Result<Command, Error> {
    Ok(Command::Unlock { flag: flag("unlock", rest)? })
}

/// The name of a flag in a command.
fn flag(id: &str, name: &str) -> Result<String, Error> {
    // The keys of some formats: printable ASCII without the characters that end a code span, a cell or a quotation.
    let plain = |char: char| matches!(char, ' '..='~') && !matches!(char, '`' | '|' | '<' | '>' | '\\' | '"');
    if name.is_empty() {
        return Err(misused(id, "names no flag, expected `project/key` or a key"));
    }
    if name.len() > LONGEST_NAME || !name.chars().all(plain) {
        return Err(misused(id, format_args!("names {}, expected `project/key` or a key", in_backticks(name))));
    }
    Ok(name.to_owned())
}

/// Reads a flag, a digest and a reason. A key may have spaces in it, so the digest is the first word behind the first
/// that is long enough to be one.
fn overrule(rest: &str, id: &str) -> Result<Command, Error> {
    let parts = |(at, _): (usize, &str)| {
        let (name, tail) = rest.split_at_checked(at)?;
        let (digest, reason) = word(tail.trim_start());
        Some((name.trim_end(), digest, reason))
    };
    let all = || rest.match_indices(char::is_whitespace).take_while(|(at, _)| *at <= LONGEST_NAME).filter_map(parts);
    let of_digits = |word: &str, least: usize| {
        (least..=WHOLE).contains(&word.len()) && word.bytes().all(|byte| byte.is_ascii_hexdigit())
    };
    let Some((name, digest, reason)) = all().find(|(_, digest, _)| of_digits(digest, BINDING)) else {
        let expected =
            format!("expected at least the first {BINDING} hex digits that the comment displays with the flag");
        let short = all().map(|(_, word, _)| word).find(|word| of_digits(word, SHOWN));
        return Err(match (word(rest).0, short) {
            ("", _) => misused(id, "names no flag, expected `project/key` or a key"),
            (first, None) if of_digits(first, SHOWN) => misused(id, "names a digest and no flag before it"),
            (_, None) => misused(id, format_args!("names no digest behind the flag, {expected}")),
            (_, Some(short)) => {
                let why = "which may be the start of another digest";
                misused(id, format_args!("names {}, {why}, {expected}", in_backticks(short)))
            }
        });
    };
    let flag = flag(id, name)?;
    // A reason of invisible characters is none.
    if !reason.chars().any(char::is_alphanumeric) {
        return Err(misused(id, "gives no reason, expected why this cannot wait for its approvals"));
    }
    if reason.chars().count() > LONGEST_REASON {
        return Err(misused(id, format_args!("gives a reason longer than {LONGEST_REASON} characters")));
    }
    Ok(Command::Override {
        flag,
        digest: digest.to_ascii_lowercase(),
        reason: reason.to_owned(),
        break_glass: id != "override",
    })
}
