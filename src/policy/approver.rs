//! One approver: `@user` or `@org/team`.

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};

use super::misread::Misread;
use super::misspelt;
use crate::diagnostics::words::in_backticks;

/// An approver as the policy names them. Two are the same when they differ only in the case of ASCII
/// letters, as on GitHub; a login that is not ASCII does not exist there, so one in a file is a look-alike.
#[derive(Clone, Debug)]
pub enum Approver {
    /// A login, without its `@`.
    User(String),
    /// `org/team`, without its `@`; the team by its slug.
    Team(String),
}

/// GitHub's longest login, for people and for organisations.
const LONGEST_LOGIN: usize = 39;

impl Approver {
    /// Reads `@user` or `@org/team`. Used for APPROVERS and for the names in the configuration.
    ///
    /// # Errors
    /// Says why the text is neither: an e-mail address, a role, a nested group, characters no login has.
    pub fn parse(text: &str) -> Result<Approver, Misread> {
        let read = if text.starts_with('@') { Approver::read(text) } else { Err(misspelt::without_at(text)) };
        read.map_err(|misread| match misspelt::approver(text).filter(|_| text.starts_with('@')) {
            Some(meant) => Misread { remedy: format!("write {}", in_backticks(&meant)), ..misread },
            None => misread,
        })
    }

    /// An approver as it is written, without asking what was meant.
    pub(super) fn read(text: &str) -> Result<Approver, Misread> {
        let Some(name) = text.strip_prefix('@') else {
            return Err(Misread::new(format!("{} has no `@`", in_backticks(text)), "write `@user` or `@org/team`"));
        };
        if let Some(foreign) = text.chars().find(|char| !char.is_ascii()) {
            return Err(Misread::new(
                format!(
                    "{} holds `{}` (U+{:04X}), which no login has",
                    in_backticks(text),
                    foreign.escape_debug(),
                    u32::from(foreign)
                ),
                "type the name anew in ASCII letters, since look-alikes name somebody else",
            ));
        }
        if name.starts_with('@') {
            return Err(Misread::new(
                format!("{} names a role, which says nothing about who holds it", in_backticks(text)),
                "name a user as `@user` or a team as `@org/team`",
            ));
        }
        match name.split('/').collect::<Vec<_>>().as_slice() {
            [user] => login(text, user, "user").map(|()| Approver::User(name.to_owned())),
            [org, team] => login(text, org, "organisation")
                .and_then(|()| slug(text, team))
                .map(|()| Approver::Team(name.to_owned())),
            _ => Err(Misread::new(
                format!("{} has more than two parts, and teams are not nested in their names", in_backticks(text)),
                "name the team as `@org/team`",
            )),
        }
    }

    /// The name without its `@`, as written.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Approver::User(name) | Approver::Team(name) => name,
        }
    }

    /// The form in which two approvers are compared: a team's `/` tells it from a user.
    fn folded(&self) -> impl Iterator<Item = u8> {
        self.name().bytes().map(|byte| byte.to_ascii_lowercase())
    }
}

fn login(text: &str, name: &str, what: &str) -> Result<(), Misread> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    let remedy = "write `@user` or `@org/team` with letters, digits, `-` and `_`, names apart by spaces";
    if name.is_empty() {
        return Err(Misread::new(format!("{} has no {what}", in_backticks(text)), remedy));
    }
    if name.ends_with("[bot]") {
        return Err(Misread::new(
            format!("{} is an app, and only people approve", in_backticks(text)),
            "name a user as `@user` or a team as `@org/team`",
        ));
    }
    if name.contains('@') {
        return Err(Misread::new(
            format!("{} is two names without a space between", in_backticks(text)),
            "put a space before each `@`",
        ));
    }
    match name.bytes().find(|&byte| !plain(byte)) {
        Some(foreign) => Err(Misread::new(
            format!("{} holds `{}`, which no login has", in_backticks(text), char::from(foreign).escape_debug()),
            remedy,
        )),
        None if name.starts_with('-') => {
            Err(Misread::new(format!("{} starts with `-`, which no login does", in_backticks(text)), remedy))
        }
        None if name.len() > LONGEST_LOGIN => Err(Misread::new(
            format!("{} is longer than the {LONGEST_LOGIN} characters a login can have", in_backticks(text)),
            "write the login as the profile page has it",
        )),
        None => Ok(()),
    }
}

fn slug(text: &str, team: &str) -> Result<(), Misread> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    if team.is_empty() || !team.bytes().all(plain) {
        return Err(Misread::new(
            format!("{} does not name a team", in_backticks(text)),
            "write `@org/team` with the team's name as it stands in the address of its page",
        ));
    }
    Ok(())
}

impl fmt::Display for Approver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "@{}", self.name())
    }
}

impl PartialEq for Approver {
    fn eq(&self, other: &Self) -> bool {
        self.name().eq_ignore_ascii_case(other.name())
    }
}

impl Eq for Approver {}

impl PartialOrd for Approver {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Approver {
    fn cmp(&self, other: &Self) -> Ordering {
        self.folded().cmp(other.folded())
    }
}

impl Hash for Approver {
    fn hash<H: Hasher>(&self, state: &mut H) {
        for byte in self.folded() {
            state.write_u8(byte);
        }
        state.write_u8(0xff);
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn approvers_are_compared_without_case_and_shown_as_written() {
        let parse = |text: &str| Approver::parse(text).unwrap_or_else(|why| panic!("{text}: {why}"));
        assert_eq!(parse("@Alice"), parse("@aLICE"));
        assert_eq!(parse("@Acme/Pay-Ments"), parse("@acme/pay-ments"));
        assert_ne!(parse("@acme"), parse("@acme/ops"));
        assert_eq!(parse("@Acme/Ops").to_string(), "@Acme/Ops");
        assert!(parse("@Alice") == parse("@alice") && parse("@acme/ops") == parse("@ACME/ops"));
        let set = BTreeSet::from([parse("@b"), parse("@A"), parse("@a"), parse("@a/x"), parse("@A/X")]);
        let set: Vec<String> = set.iter().map(|approver| approver.to_string().to_lowercase()).collect();
        assert_eq!(set, ["@a", "@a/x", "@b"]);
        // Managed users' logins have an underscore, old ones may end in a hyphen.
        for strange in ["@octocat_acme", "@old-", "@a", "@a1234567890123456789012345678901234567", "@a/b_c-1"] {
            assert_eq!(parse(strange).to_string(), strange);
        }
    }
}
