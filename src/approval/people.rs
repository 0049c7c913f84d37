//! Eligibility: whether somebody may respond to a requirement. Of three answers only a yes counts.

use crate::policy::{Approver, Config};

use super::evidence::Evidence;
use crate::report::{Ineligible, UnknownFact};

/// Whether somebody may respond.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum May {
    Yes,
    /// No, and why.
    No(Ineligible),
    /// Nobody knows, and why: never a yes.
    Unknown(UnknownFact),
}

/// Everything known about people, for one verdict.
#[derive(Clone, Copy)]
pub struct People<'e> {
    pub config: &'e Config,
    pub evidence: Option<&'e Evidence>,
    /// Logins that somebody at the command line vouches for as people with write access who saw this content.
    pub vouched: &'e [String],
}

impl People<'_> {
    /// Whether `login` may approve for a requirement that names these approvers; in `peer` mode, anyone with write
    /// access.
    #[must_use]
    pub fn may(&self, login: &str, kind: &str, named: &[Approver], peer: bool) -> May {
        match self.may_reject(login, kind, named, peer) {
            May::Yes => self.did_not_contribute(login),
            other => other,
        }
    }

    /// Whether a rejection by `login` counts. Contributors may reject, because anybody can name somebody else as the
    /// author of a commit and must not be able to silence them by that.
    #[must_use]
    pub fn may_reject(&self, login: &str, kind: &str, named: &[Approver], peer: bool) -> May {
        match self.eligible(login, kind, named) {
            May::Yes => {}
            other => return other,
        }
        if peer {
            return May::Yes;
        }
        match self.among(login, named) {
            Ok(true) => May::Yes,
            named => match (named, self.among(login, &self.config.admins)) {
                (_, Ok(true)) => May::Yes,
                (Err(fact), _) | (Ok(_), Err(fact)) => May::Unknown(fact),
                (Ok(_), Ok(false)) => May::No(Ineligible::NotAnApprover),
            },
        }
    }

    /// Whether `login` may break the glass: an admin with write access, whoever wrote the change or asked for it.
    #[must_use]
    pub fn may_break_glass(&self, login: &str) -> May {
        match self.person(login, "User", &[]) {
            May::Yes => match self.among(login, &self.config.admins) {
                Ok(true) => May::Yes,
                Ok(false) => May::No(Ineligible::NotAnApprover),
                Err(fact) => May::Unknown(fact),
            },
            other => other,
        }
    }

    /// Whether somebody at the command line vouches for this login.
    #[must_use]
    pub fn vouches(&self, login: &str) -> bool {
        self.vouched.iter().any(|vouched| vouched.eq_ignore_ascii_case(login))
    }

    /// Whether `login` had no part in writing the change: only a `Yes` lets them approve.
    fn did_not_contribute(&self, login: &str) -> May {
        match self.evidence.map(|evidence| &evidence.contributors) {
            Some(None) => {
                let unread = self.evidence.map(|evidence| evidence.unread.clone()).unwrap_or_default();
                May::Unknown(UnknownFact::Contributors { unread })
            }
            Some(Some(list)) if list.iter().any(|other| other.eq_ignore_ascii_case(login)) => {
                May::No(Ineligible::Contributor)
            }
            Some(Some(_)) | None => May::Yes,
        }
    }

    /// Whether `login` is eligible for a requirement: a person who did not open the pull request, with write access
    /// now, or named by it and able to read where the policy lets external approvers count.
    fn eligible(&self, login: &str, kind: &str, named: &[Approver]) -> May {
        let is_requestor = || self.evidence.is_some_and(|evidence| evidence.requestor.eq_ignore_ascii_case(login));
        if login.is_ascii() && kind == "User" && is_requestor() {
            return May::No(Ineligible::Requestor);
        }
        self.person(login, kind, named)
    }

    /// Whether `login` is a person who may write, or may read where that is enough.
    fn person(&self, login: &str, kind: &str, named: &[Approver]) -> May {
        if !login.is_ascii() {
            return May::No(Ineligible::NotALogin);
        }
        if kind != "User" {
            return May::No(Ineligible::NotAPerson { kind: kind.to_owned() });
        }
        if self.vouches(login) {
            return May::Yes;
        }
        let known = self.evidence.and_then(|evidence| {
            let lower = || evidence.permissions.get(&login.to_ascii_lowercase());
            let any = || evidence.permissions.iter().find(|(name, _)| name.eq_ignore_ascii_case(login));
            let found = evidence.permissions.get(login).or_else(lower).or_else(|| any().map(|(_, found)| found));
            found.map(String::as_str)
        });
        let cannot_write =
            |has: &str, external| May::No(Ineligible::NoWriteAccess { permission: has.to_owned(), external });
        match known {
            Some("write" | "maintain" | "admin") => May::Yes,
            Some(reads @ ("read" | "triage")) => match (self.among(login, named), self.config.external_approvers) {
                (Ok(true), true) => May::Yes,
                (Err(fact), true) => May::Unknown(fact),
                (Ok(true), false) => cannot_write(reads, true),
                (Ok(false), _) | (Err(_), false) => cannot_write(reads, false),
            },
            Some(other) => cannot_write(other, false),
            None => May::Unknown(UnknownFact::WriteAccess),
        }
    }

    /// Whether `login` is one of `named` or in one of their teams; the error is a team whose members nobody knows.
    fn among(&self, login: &str, named: &[Approver]) -> Result<bool, UnknownFact> {
        let mut unknown = None;
        for approver in named {
            match approver {
                Approver::User(name) if name.eq_ignore_ascii_case(login) => return Ok(true),
                Approver::User(_) => {}
                Approver::Team(_) => match self.members(approver) {
                    Some(members) if members.iter().any(|member| member.eq_ignore_ascii_case(login)) => {
                        return Ok(true);
                    }
                    Some(_) => {}
                    None => unknown = unknown.or_else(|| Some(UnknownFact::Members { team: approver.to_string() })),
                },
            }
        }
        unknown.map_or(Ok(false), Err)
    }

    /// The members of a team: as the configuration lists them, else as the evidence has them.
    fn members(&self, team: &Approver) -> Option<&[String]> {
        if let Some(members) = self.config.teams.get(team) {
            return Some(members);
        }
        let teams = &self.evidence?.teams;
        teams.iter().find(|(name, _)| Approver::parse(name).as_ref() == Ok(team)).map(|(_, members)| members.as_slice())
    }
}

#[cfg(test)]
mod tests;
