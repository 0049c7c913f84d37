//! What the forge says about a pull request, in plain words: no field of it is a verdict.

use std::collections::{BTreeMap, BTreeSet};

/// Somebody with an account.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Account {
    pub login: String,
    /// `User`, `Bot`, `Mannequin`, `Organization`, `EnterpriseUserAccount`.
    pub kind: String,
}

impl Account {
    /// Whether two accounts are one. An app may bear the login of a person.
    #[must_use]
    pub fn is(&self, other: &Account) -> bool {
        self.login.eq_ignore_ascii_case(&other.login) && self.kind == other.kind
    }

    #[must_use]
    pub fn is_person(&self) -> bool {
        self.kind == "User"
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    Open,
    Closed,
    Merged,
}

/// One opinionated review.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Review {
    pub id: String,
    /// None for a deleted account.
    pub author: Option<Account>,
    pub state: String,
    pub submitted_at: String,
    /// Whether the author may push today.
    pub may_push: bool,
}

/// A dismissal of a review.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dismissal {
    /// Whose review it was, if that is still known.
    pub of: Option<Account>,
    pub by: Option<Account>,
    pub at: String,
    pub was: String,
}

/// The people behind one commit, as far as accounts are known for them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Authorship {
    pub logins: Vec<String>,
    /// Whether every author, co-author and committer has an account: else somebody unknown wrote it.
    pub complete: bool,
}

/// A status on a commit, by context.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Status {
    pub context: String,
    /// `SUCCESS`, `PENDING`, `FAILURE`, `ERROR`, `EXPECTED`.
    pub state: String,
    pub description: String,
    pub target: String,
    pub at: String,
    pub creator: Option<Account>,
}

/// A comment of our own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Comment {
    /// The id that requests to change it name.
    pub id: u64,
    pub body: String,
    /// When it was created or last edited.
    pub edited_at: String,
    /// Whether nobody but its author edited it last.
    pub untouched: bool,
}

/// A comment whose text was not asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mark {
    /// The id that queries name.
    pub node: String,
    pub ours: bool,
}

/// What every open pull request tells about itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outline {
    pub node: String,
    pub number: u64,
    pub draft: bool,
    pub created_at: String,
    pub updated_at: String,
    pub base: String,
    pub head: String,
    pub author: Option<Account>,
    /// `OWNER`, `MEMBER`, `COLLABORATOR`, `CONTRIBUTOR`, …
    pub association: String,
    /// The first of its comments.
    pub marks: Vec<Mark>,
    /// Where more of its comments begin, if there are more.
    pub more_marks: Option<String>,
    /// The statuses of its head; none if they are not known.
    pub statuses: Vec<Status>,
}

impl Outline {
    /// Whether its author belongs to the repository, as far as can be told without asking.
    #[must_use]
    pub fn insider(&self) -> bool {
        matches!(self.association.as_str(), "OWNER" | "MEMBER" | "COLLABORATOR")
    }

    /// The status of ours for its base.
    #[must_use]
    pub fn status(&self) -> Option<&Status> {
        let context = context(&self.base);
        self.statuses.iter().find(|status| status.context == context)
    }
}

/// How the names of all our statuses begin.
pub const CONTEXT: &str = "countersign/";

/// The name of the status for a base branch.
///
/// GitHub tells no capitals from small letters in it, and git does in branches: whoever may push could make a branch
/// `Main` with a policy of their own, and what is a success there would be one for `main`. So a capital has a `^` before
/// it, and a character beyond ASCII is its number; git allows no `^` in the name of a branch.
#[must_use]
pub fn context(base: &str) -> String {
    let mut context = CONTEXT.to_owned();
    for char in base.chars() {
        match char {
            'A'..='Z' => context.extend(['^', char]),
            _ if char.is_ascii() => context.push(char),
            _ => context.push_str(&format!("^{:x};", u32::from(char))),
        }
    }
    context
}

/// One pull request, whole.
#[derive(Clone, Debug)]
pub struct Facts {
    /// Whom the token belongs to.
    pub viewer: String,
    /// `owner/name` as GitHub spells it.
    pub repository: String,
    pub default_branch: Option<String>,
    pub url: String,
    pub state: State,
    pub outline: Outline,
    /// The tip of the base branch as it is now; none if the branch is gone.
    pub base_tip: Option<String>,
    /// The head of its entry in the merge queue, if it waits there.
    pub queued: Option<String>,
    /// Oldest first.
    pub reviews: Vec<Review>,
    pub dismissals: Vec<Dismissal>,
    /// Who pushed by force, replacing commits.
    pub forced_by: Vec<Option<Account>>,
    /// When the request was made anew (reopened, no longer a draft, for another base), if ever.
    pub anew: Option<String>,
    /// `login` or `org/team`.
    pub requested: Vec<String>,
    /// Who wrote each commit, by object id.
    pub commits: BTreeMap<String, Authorship>,
    /// How many commits the pull request has.
    pub commit_count: u64,
    /// Our own comment, the one with the approval record.
    pub sticky: Option<Comment>,
    /// Copies of it that a race left behind.
    pub doubles: Vec<Comment>,
    /// What our notices there go by, and the comments of ours that were not read.
    pub told: BTreeSet<String>,
    pub unread: Vec<String>,
    /// The statuses of other commits, as far as they were looked at.
    pub elsewhere: BTreeMap<String, Vec<Status>>,
    /// Every open pull request of the repository, this one too.
    pub open: Vec<Outline>,
    /// GitHub's clock.
    pub now: String,
}

impl Facts {
    #[must_use]
    pub fn number(&self) -> u64 {
        self.outline.number
    }

    #[must_use]
    pub fn author(&self) -> &str {
        // A deleted account; GitHub shows it as `ghost`.
        self.outline.author.as_ref().map_or("ghost", |author| author.login.as_str())
    }

    /// The other open pull requests that would bring the same commit into the same branch.
    pub fn siblings(&self) -> impl Iterator<Item = &Outline> {
        let own = &self.outline;
        self.open
            .iter()
            .filter(move |other| other.number != own.number && other.head == own.head && other.base == own.base)
    }
}
