//! The first line of a comment into a command.
//!
//! In: the body of a comment. Out: nothing if it does not speak to us, else a [`Command`] or the [`Mistake`] to answer
//! with. Who wrote it, and whether it was edited since, is for others to find out. It refuses every line that says more
//! or less than its usage: a command that is half understood is one that nobody gave. Not taken: a command anywhere in
//! the text, as Prow has it; quotations, code and the middle of a sentence would then give commands.

use std::fmt;

use super::shown;
use crate::diagnostics::diagnostic::{choice, nearest};

/// What a comment starts with to speak to us.
pub const PREFIX: &str = "/countersign";

/// What somebody asks for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Command {
    /// Look at this pull request again.
    Recheck,
    /// Withdraw the request.
    Cancel,
    /// Pass over whoever holds this flag: `project/key`, or the key alone. Where one ends and the other starts is not
    /// decided here, since a key of a foreign format may hold a `/`.
    Unlock { flag: String },
    /// Let this content through without its approvals.
    Override {
        /// 8 to 64 hex digits in lower case: the start of the digest, or all of it.
        digest: String,
        reason: String,
    },
}

/// Who may give a command. GitHub's write access is what everybody needs; it is asked for before any work is done.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Who {
    Writers,
    Admins,
    /// It takes effect with the second one.
    TwoAdmins,
}

impl Who {
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Who::Writers => "anyone with write access",
            Who::Admins => "an admin",
            Who::TwoAdmins => "two admins, neither of them the requestor",
        }
    }
}

/// One command: a row of [`COMMANDS`].
pub struct Form {
    pub id: &'static str,
    /// The whole line.
    pub usage: &'static str,
    pub who: Who,
    /// What it does, in one sentence.
    pub about: &'static str,
    /// Reads what stands behind the id, without white space around it.
    read: fn(&str) -> Result<Command, Mistake>,
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
        about: "passes over the pull request that holds the flag, named by `project/key` or by its key",
        read: unlock,
    },
    Form {
        id: "override",
        usage: "/countersign override <digest> <reason>",
        who: Who::TwoAdmins,
        about: "lets exactly this content through without its approvals, for everyone to see",
        read: overrule,
    },
];

/// What is wrong with a command, and how to give it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Mistake {
    /// What is there; lower case, no full stop.
    pub message: String,
    /// What to do, as one imperative sentence.
    pub remedy: String,
}

impl fmt::Display for Mistake {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}: {}", self.message, self.remedy)
    }
}

/// The longest reason, in characters; it has to fit where it is repeated.
const LONGEST_REASON: usize = 500;

/// The longest name of a flag, in bytes: a project and a key of 200 each, and the `/`.
const LONGEST_NAME: usize = 401;

/// The command in the first line of a comment; `None` if that line does not start with `/countersign` as a word of its
/// own. Words of ours are read in either case, as Prow and other bots do: a phone writes capitals unasked, and
/// `startsWith` in a workflow lets them through.
#[must_use]
pub fn parse(body: &str) -> Option<Result<Command, Mistake>> {
    let line = body.split(['\n', '\r']).next().unwrap_or_default();
    let (prefix, rest) = word(line);
    if !prefix.eq_ignore_ascii_case(PREFIX) {
        return None;
    }
    let (id, rest) = word(rest);
    let form = COMMANDS.iter().find(|form| form.id.eq_ignore_ascii_case(id));
    Some(form.map_or_else(|| Err(unknown(id)), |form| (form.read)(rest)))
}

/// The first word of a text, and what follows it without white space around it.
fn word(text: &str) -> (&str, &str) {
    text.split_once(char::is_whitespace).map_or((text, ""), |(word, rest)| (word, rest.trim()))
}

fn unknown(id: &str) -> Mistake {
    let all = || COMMANDS.iter().map(|form| form.id);
    if id.is_empty() {
        let remedy = format!("write one of {} behind it", choice(COMMANDS.iter().map(rest_of_usage)));
        return Mistake { message: format!("`{PREFIX}` stands alone"), remedy };
    }
    // Comparing takes time that grows with the length, and no command is nearly as long.
    let meant = if id.len() <= 20 { nearest(id, all()) } else { None };
    let remedy = match meant.and_then(|id| COMMANDS.iter().find(|form| form.id == id)) {
        Some(form) => format!("write `{}` if that is what you mean", form.usage),
        None => format!("write one of {} behind `{PREFIX}`", choice(COMMANDS.iter().map(rest_of_usage))),
    };
    Mistake { message: format!("{} is no command, expected {}", shown(id), choice(all())), remedy }
}

fn rest_of_usage(form: &Form) -> &'static str {
    form.usage.strip_prefix(PREFIX).unwrap_or(form.usage).trim_start()
}

/// A mistake in what follows a command's id.
fn misused(id: &str, what: impl fmt::Display) -> Mistake {
    let usage = COMMANDS.iter().find(|form| form.id == id).map_or(PREFIX, |form| form.usage);
    Mistake { message: format!("`{PREFIX} {id}` {what}"), remedy: format!("write `{usage}`") }
}

fn alone(rest: &str, id: &str, command: Command) -> Result<Command, Mistake> {
    if rest.is_empty() {
        return Ok(command);
    }
    Err(misused(id, format_args!("is followed by {}, expected nothing", shown(rest))))
}

fn unlock(rest: &str) -> Result<Command, Mistake> {
    // What some format takes for a key: printable ASCII without what ends a code span, a cell or a quotation.
    let plain = |char: char| matches!(char, ' '..='~') && !matches!(char, '`' | '|' | '<' | '>' | '\\' | '"');
    if rest.is_empty() {
        return Err(misused("unlock", "names no flag, expected `project/key` or a key"));
    }
    if rest.len() > LONGEST_NAME || !rest.chars().all(plain) {
        return Err(misused("unlock", format_args!("names {}, expected `project/key` or a key", shown(rest))));
    }
    Ok(Command::Unlock { flag: rest.to_owned() })
}

fn overrule(rest: &str) -> Result<Command, Mistake> {
    let (digest, reason) = word(rest);
    if digest.is_empty() {
        return Err(misused("override", "names no digest, expected the 8 to 64 hex digits displayed"));
    }
    if !(8..=64).contains(&digest.len()) || !digest.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        let found = shown(digest);
        return Err(misused("override", format_args!("names {found}, expected the 8 to 64 hex digits displayed")));
    }
    // A reason of invisible characters is none.
    if !reason.chars().any(char::is_alphanumeric) {
        return Err(misused("override", "gives no reason, expected why this cannot wait for its approvals"));
    }
    if reason.chars().count() > LONGEST_REASON {
        return Err(misused("override", format_args!("gives a reason longer than {LONGEST_REASON} characters")));
    }
    Ok(Command::Override { digest: digest.to_ascii_lowercase(), reason: reason.to_owned() })
}
