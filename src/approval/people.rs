//! Eligibility: whether somebody may respond to a requirement. Of three answers only a yes counts.

use crate::policy::{Approver, Config};

use super::evidence::Evidence;

/// Why a response does not count that somebody gives who is eligible but no approver of the requirement.
pub const NOT_AN_APPROVER: &str = "is neither a required approver nor an admin";

/// Whether somebody may respond.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum May {
    Yes,
    /// No, and why.
    No(String),
    /// Nobody knows, and why: never a yes.
    Unknown(String),
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
    /// Whether `login` may approve for a requirement that names these approvers; in `peer` mode, anyone with write access.
    #[must_use]
    pub fn may(&self, login: &str, kind: &str, named: &[Approver], peer: bool) -> May {
        match self.may_reject(login, kind, named, peer) {
            May::Yes => self.did_not_contribute(login),
            other => other,
        }
    }

    /// Whether a rejection by `login` counts. Contributors may reject, because anybody can name somebody else as the author of
    /// a commit and must not be able to silence them by that.
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
            May::Yes => May::Yes,
            no => match self.among(login, &self.config.admins) {
                May::Yes => May::Yes,
                May::Unknown(why) if no == May::No(String::new()) => May::Unknown(why),
                May::Unknown(_) | May::No(_) => match no {
                    May::No(_) => May::No(NOT_AN_APPROVER.to_owned()),
                    other => other,
                },
            },
        }
    }

    /// Whether `login` may break the glass: an admin with write access, whoever wrote the change or asked for it.
    #[must_use]
    pub fn may_break_glass(&self, login: &str) -> May {
        match self.person(login, "User", &[]) {
            May::Yes => match self.among(login, &self.config.admins) {
                May::No(_) => May::No(NOT_AN_APPROVER.to_owned()),
                other => other,
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
                let why = "who contributed to the change is not known";
                let unread = self.evidence.map_or(&[][..], |evidence| &evidence.unread);
                May::Unknown(if unread.is_empty() { why.to_owned() } else { format!("{why}: {}", unread.join(", ")) })
            }
            Some(Some(list)) if list.iter().any(|other| other.eq_ignore_ascii_case(login)) => {
                May::No("contributed to the change".to_owned())
            }
            Some(Some(_)) | None => May::Yes,
        }
    }

    /// Whether `login` is eligible for a requirement: a person who did not open the pull request, with write access now, or named
    /// by it and able to read where the policy lets external approvers count.
    fn eligible(&self, login: &str, kind: &str, named: &[Approver]) -> May {
        let is_requestor = || self.evidence.is_some_and(|evidence| evidence.requestor.eq_ignore_ascii_case(login));
        if login.is_ascii() && kind == "User" && is_requestor() {
            return May::No("asked for the change".to_owned());
        }
        self.person(login, kind, named)
    }

    /// Whether `login` is a person who may write, or may read where that is enough.
    fn person(&self, login: &str, kind: &str, named: &[Approver]) -> May {
        if !login.is_ascii() {
            return May::No("is not a login GitHub could have given".to_owned());
        }
        if kind != "User" {
            return May::No(format!("is not a person (`{kind}`)"));
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
        match known {
            Some("write" | "maintain" | "admin") => May::Yes,
            Some(reads @ ("read" | "triage")) => match (self.among(login, named), self.config.external_approvers) {
                (May::Yes, true) => May::Yes,
                (May::Unknown(why), true) => May::Unknown(why),
                (May::Yes, false) => May::No(format!(
                    "has no write access (`{reads}`), and the configuration has no `external-approvers: true`"
                )),
                (May::No(_) | May::Unknown(_), _) => May::No(format!("has no write access (`{reads}`)")),
            },
            Some(other) => May::No(format!("has no write access (`{other}`)")),
            None => May::Unknown("whether they have write access is not known".to_owned()),
        }
    }

    /// Whether `login` is one of `named` or in one of their teams. The `No` has no reason of its own.
    fn among(&self, login: &str, named: &[Approver]) -> May {
        let mut unknown = None;
        for approver in named {
            match approver {
                Approver::User(name) if name.eq_ignore_ascii_case(login) => return May::Yes,
                Approver::User(_) => {}
                Approver::Team(_) => match self.members(approver) {
                    Some(members) if members.iter().any(|member| member.eq_ignore_ascii_case(login)) => {
                        return May::Yes;
                    }
                    Some(_) => {}
                    None => unknown = unknown.or_else(|| Some(format!("who is in `{approver}` is not known"))),
                },
            }
        }
        unknown.map_or_else(|| May::No(String::new()), May::Unknown)
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
