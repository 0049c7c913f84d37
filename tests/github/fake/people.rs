//! People: accounts with their part in the repository, teams, and tokens with what each may do.

use std::collections::BTreeSet;

use super::world::World;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    User,
    Bot,
    Mannequin,
    Organization,
}

impl Kind {
    pub fn name(self) -> &'static str {
        match self {
            Self::User => "User",
            Self::Bot => "Bot",
            Self::Mannequin => "Mannequin",
            Self::Organization => "Organization",
        }
    }
}

#[derive(Clone)]
pub struct Account {
    pub login: String,
    pub id: u64,
    pub kind: Kind,
    /// Role in the repository as `role_name` has it, and which of read, write and admin it amounts to.
    pub role: Option<(String, &'static str)>,
    pub association: &'static str,
    /// Deleted: whatever they did is there, by nobody.
    pub gone: bool,
}

impl Account {
    pub fn can_push(&self) -> bool {
        self.kind == Kind::User && matches!(self.role, Some((_, "write" | "admin")))
    }

    /// GraphQL names a bot without the `[bot]` that REST gives it.
    pub fn graphql_login(&self) -> &str {
        if self.kind == Kind::Bot { self.login.trim_end_matches("[bot]") } else { &self.login }
    }
}

#[derive(Clone)]
pub struct Team {
    pub slug: String,
    pub id: u64,
    pub members: BTreeSet<String>,
    /// Invited, but not in it yet: `state: pending`.
    pub invited: BTreeSet<String>,
    pub parent: Option<String>,
    pub secret: bool,
    /// Has explicit access to the repository, without which no review of it can be asked for.
    pub access: bool,
}

pub struct Token {
    /// The name of it in the log.
    pub name: String,
    pub secret: String,
    pub viewer: String,
    /// The App it belongs to; `None` is a person's.
    pub app: Option<u64>,
    /// As in `statuses:write`, which includes `statuses:read`.
    pub may: BTreeSet<String>,
    /// Requests left in this hour, of how many.
    pub limit: u64,
    pub used: u64,
}

impl Token {
    pub fn may(&self, right: &str) -> bool {
        let wider = right.strip_suffix(":read").map(|name| format!("{name}:write"));
        right.is_empty() || self.may.contains(right) || wider.is_some_and(|wider| self.may.contains(&wider))
    }

    /// The answer of GitHub where the right is missing.
    pub fn refusal(&self) -> &'static str {
        match self.app {
            Some(_) => "Resource not accessible by integration",
            None => "Resource not accessible by personal access token",
        }
    }
}

/// The id of the App that GitHub Actions is.
pub const ACTIONS: u64 = 15368;

const ROLES: &[(&str, &str)] =
    &[("admin", "admin"), ("maintain", "write"), ("write", "write"), ("triage", "read"), ("read", "read")];

impl World {
    fn account(&mut self, login: &str, kind: Kind) -> &mut Account {
        let id = self.next();
        let account = Account { login: login.to_owned(), id, kind, role: None, association: "NONE", gone: false };
        let account = self.accounts.entry(login.to_owned()).or_insert(account);
        account.kind = kind;
        account
    }

    /// A person without a part in the repository, known by `<login>@example.com`.
    pub fn user(&mut self, login: &str) -> u64 {
        self.emails.insert(format!("{login}@example.com"), login.to_owned());
        self.account(login, Kind::User).id
    }

    /// A person with a role: one of GitHub's five.
    pub fn member(&mut self, login: &str, role: &str) -> u64 {
        let Some((_, base)) = ROLES.iter().find(|(name, _)| *name == role) else { panic!("`{role}` is no role") };
        self.custom_role(login, role, base)
    }

    /// A person with a role the organisation made up, which amounts to `base`.
    pub fn custom_role(&mut self, login: &str, role: &str, base: &'static str) -> u64 {
        let id = self.user(login);
        let account = self.accounts.get_mut(login).unwrap();
        (account.role, account.association) = (Some((role.to_owned(), base)), "MEMBER");
        id
    }

    /// `login` with its `[bot]`.
    pub fn bot(&mut self, login: &str) -> u64 {
        self.account(login, Kind::Bot).id
    }

    pub fn mannequin(&mut self, login: &str) -> u64 {
        self.account(login, Kind::Mannequin).id
    }

    /// Takes the part in the repository away.
    pub fn demote(&mut self, login: &str) {
        let account = self.accounts.get_mut(login).unwrap();
        (account.role, account.association) = (None, "NONE");
    }

    pub fn delete_account(&mut self, login: &str) {
        self.accounts.get_mut(login).unwrap().gone = true;
    }

    /// Another address of a person's commits.
    pub fn email(&mut self, email: &str, login: &str) {
        self.emails.insert(email.to_owned(), login.to_owned());
    }

    /// A visible team with access to the repository.
    pub fn team(&mut self, slug: &str, members: &[&str]) -> &mut Team {
        let id = self.next();
        let members = members.iter().map(|login| (*login).to_owned()).collect();
        let team = Team {
            slug: slug.to_owned(),
            id,
            members,
            invited: BTreeSet::new(),
            parent: None,
            secret: false,
            access: true,
        };
        self.teams.insert(slug.to_owned(), team);
        self.teams.get_mut(slug).unwrap()
    }

    /// Members of a team, those of its child teams included.
    pub fn team_members(&self, slug: &str) -> BTreeSet<String> {
        let mut all = self.teams[slug].members.clone();
        for team in self.teams.values().filter(|team| team.parent.as_deref() == Some(slug)) {
            all.extend(self.team_members(&team.slug));
        }
        all
    }

    /// A token of an App or of a person, and its secret.
    pub fn token(&mut self, name: &str, viewer: &str, app: Option<u64>, may: &[&str]) -> String {
        let secret = format!("{}_{name}{:030}", if app.is_some() { "ghs" } else { "ghp" }, self.tokens.len());
        let limit = if app == Some(ACTIONS) { 1_000 } else { 5_000 };
        let (name, viewer, may) = (name.to_owned(), viewer.to_owned(), may.iter().map(|it| (*it).to_owned()).collect());
        self.tokens.push(Token { name, secret: secret.clone(), viewer, app, may, limit, used: 0 });
        secret
    }

    /// The token of that name.
    pub fn token_mut(&mut self, name: &str) -> &mut Token {
        self.tokens.iter_mut().find(|token| token.name == name).unwrap()
    }

    /// Somebody who is still there.
    pub fn present(&self, login: &str) -> Option<&Account> {
        let account = self.accounts.get(login).unwrap_or_else(|| panic!("there is no account `{login}`"));
        (!account.gone).then_some(account)
    }

    pub fn by_email(&self, email: &str) -> Option<&Account> {
        self.present(self.emails.get(email)?)
    }

    /// `role_name` and `permission` of a person; anyone may read what is public.
    pub fn role(&self, account: &Account) -> (String, &'static str) {
        let nothing = if self.private { "none" } else { "read" };
        account.role.clone().unwrap_or((nothing.to_owned(), nothing))
    }
}
