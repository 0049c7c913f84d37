//! Facts about a pull request from GitHub, as plain data: no field of it is a verdict.

use std::collections::{BTreeMap, BTreeSet};

use crate::report::PullReport;

/// An account of a person, an app or an organisation.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Account {
    pub login: String,
    /// `User`, `Bot`, `Mannequin`, `Organization`, `EnterpriseUserAccount`.
    pub kind: String,
}

impl Account {
    #[must_use]
    pub fn is_person(&self) -> bool {
        self.kind == "User"
    }
}

/// Whether a login is that of the account a token belongs to. GitHub writes an app's login with `[bot]` in one place
/// and without it in another.
#[must_use]
pub fn is_viewer(login: &str, viewer: &str) -> bool {
    let plain = |login: &str| login.strip_suffix("[bot]").unwrap_or(login).to_ascii_lowercase();
    plain(login) == plain(viewer)
}

/// The state of a pull request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PullState {
    Open,
    Closed,
    Merged,
}

/// A review that approves, requests changes or was dismissed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SubmittedReview {
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
pub struct ReviewDismissal {
    /// The author of the review, if that is still known.
    pub of: Option<Account>,
    pub by: Option<Account>,
    pub at: String,
    /// The state the review had before.
    pub was: String,
}

/// The people behind one commit, as far as they have accounts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Authorship {
    pub logins: Vec<String>,
    /// Why somebody unknown may have written it; none if every author, co-author and committer has an account.
    pub gap: Option<AuthorGap>,
}

/// The reason why nobody knows who wrote a commit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AuthorGap {
    /// An address in it belongs to no account.
    NoAccount,
    /// The commit names nobody but bots, and GitHub did not sign it.
    UnsignedBot(String),
}

/// A status on a commit, by context.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Status {
    pub context: String,
    /// `SUCCESS`, `PENDING`, `FAILURE`, `ERROR`, `EXPECTED`.
    pub state: String,
    /// The line that people read; nothing is read back out of it.
    pub description: String,
    /// The address behind it, with the fingerprint if the status is ours.
    pub target: String,
    pub creator: Option<Account>,
}

impl Status {
    /// Whether this token's account set it.
    #[must_use]
    pub fn is_ours(&self, viewer: &str) -> bool {
        let bot = viewer.ends_with("[bot]");
        let by_us = |creator: &Account| is_viewer(&creator.login, viewer) && (!bot || creator.kind == "Bot");
        self.creator.as_ref().is_some_and(by_us)
    }
}

/// One edit of a comment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommentEdit {
    pub id: String,
    pub at: String,
}

/// A comment of our own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Comment {
    /// The id that requests to change it name.
    pub id: u64,
    /// The id that queries name.
    pub node: String,
    pub body: String,
    pub created_at: String,
    /// When it was created or last edited.
    pub edited_at: String,
    /// Whether its author was the last to edit it.
    pub untouched: bool,
    /// Its newest edits, the last one first; none if it was never edited.
    pub edits: Vec<CommentEdit>,
    /// Whether the oldest of the edits is the comment as it was made, or there is none.
    pub whole: bool,
}

/// A comment whose body was not requested.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommentRef {
    /// The id that queries name.
    pub node: String,
    pub ours: bool,
}

/// An entry of a list of open pull requests.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outline {
    pub node: String,
    pub number: u64,
    pub draft: bool,
    pub updated_at: String,
    pub base: String,
    pub head: String,
    pub author: Option<Account>,
    /// `OWNER`, `MEMBER`, `COLLABORATOR`, `CONTRIBUTOR`, …
    pub association: String,
    /// The first of its comments.
    pub comments: Vec<CommentRef>,
    /// Where more of its comments begin, if there are more.
    pub more_comments: Option<String>,
    /// The statuses of its head; empty if they are not known.
    pub statuses: Vec<Status>,
}

impl Outline {
    /// Whether its author belongs to the repository, as far as the list says.
    #[must_use]
    pub fn insider(&self) -> bool {
        matches!(self.association.as_str(), "OWNER" | "MEMBER" | "COLLABORATOR")
    }

    /// Login of its author. GitHub shows a deleted account as `ghost`.
    #[must_use]
    pub fn requestor(&self) -> &str {
        self.author.as_ref().map_or("ghost", |author| author.login.as_str())
    }

    /// Whether a comment of ours may be on it.
    #[must_use]
    pub fn may_have_record(&self) -> bool {
        self.more_comments.is_some() || self.comments.iter().any(|comment| comment.ours)
    }

    /// The status for its base.
    #[must_use]
    pub fn status(&self) -> Option<&Status> {
        let context = context(&self.base);
        self.statuses.iter().find(|status| status.context == context)
    }

    /// The status for its base, if this token's account set it.
    #[must_use]
    pub fn own_status(&self, viewer: &str) -> Option<&Status> {
        self.status().filter(|status| status.is_ours(viewer))
    }
}

/// How the contexts of all our statuses begin.
pub const CONTEXT: &str = "countersign/";

/// The context of the status for a base branch.
///
/// GitHub tells no capitals from small letters in it, and git does in branches: people who may push could make a branch
/// `Main` with a policy of their own, and its success would be one for `main`. So a capital has a `^` before it, and a
/// character beyond ASCII is its number; git allows no `^` in the name of a branch.
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

/// Everything about one pull request.
#[derive(Clone, Debug)]
pub struct PullFacts {
    /// Login of the account the token belongs to.
    pub viewer: String,
    /// `owner/name` as GitHub spells it.
    pub repository: String,
    /// Nothing is decided by it.
    pub title: String,
    pub url: String,
    pub state: PullState,
    pub outline: Outline,
    /// The tip of the base branch as it is now; none if the branch is gone.
    pub base_tip: Option<String>,
    /// The head of its entry in the merge queue, if it waits there.
    pub queued: Option<String>,
    /// Oldest first.
    pub reviews: Vec<SubmittedReview>,
    pub dismissals: Vec<ReviewDismissal>,
    /// The accounts that pushed by force, replacing commits.
    pub forced_by: Vec<Option<Account>>,
    /// When the request was last made anew: reopened, no longer a draft, or for another base.
    pub renewed_at: Option<String>,
    /// Requested reviewers, `login` or `org/team`.
    pub requested: Vec<String>,
    /// The people behind each commit, by object id.
    pub commits: BTreeMap<String, Authorship>,
    /// How many commits the pull request has.
    pub commit_count: u64,
    /// Our sticky comment, the one with the approval record.
    pub sticky: Option<Comment>,
    /// Other comments in our name that begin like it.
    pub copies: Vec<Comment>,
    /// Our notifications on it, as far as they were read: the key of each, and its words.
    pub notices: BTreeSet<(String, String)>,
    /// Comments of ours that were not read, by their node ids.
    pub unread_comments: Vec<String>,
    /// The statuses of other commits, as far as they were read.
    pub other_statuses: BTreeMap<String, Vec<Status>>,
    /// Every open pull request of the repository, this one too.
    pub open: Vec<Outline>,
    /// GitHub's clock.
    pub now: String,
}

impl PullFacts {
    /// The pull request as a report names it.
    #[must_use]
    pub fn named(&self) -> PullReport {
        PullReport {
            number: self.number(),
            author: self.requestor().to_owned(),
            title: Some(self.title.clone()),
            repository: Some(self.repository.clone()),
            url: Some(self.url.clone()),
        }
    }

    #[must_use]
    pub fn number(&self) -> u64 {
        self.outline.number
    }

    #[must_use]
    pub fn requestor(&self) -> &str {
        self.outline.requestor()
    }

    /// The sibling pull requests: open, and proposing the same commit for the same branch.
    pub fn siblings(&self) -> impl Iterator<Item = &Outline> {
        let own = &self.outline;
        self.open
            .iter()
            .filter(move |other| other.number != own.number && other.head == own.head && other.base == own.base)
    }
}
