//! The settings of a repository as plain data: each there, not there, or not to be read.

use std::collections::BTreeMap;

use crate::diagnostics::Diagnostic;
use crate::github::facts::context;
use crate::policy::PolicyFiles;
use crate::report::KnownDebts;

/// A setting that may not be there, and may not be known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Known<T> {
    There(T),
    /// The setting is not there.
    Absent,
    /// The reason why it could not be read.
    Unread(String),
}

impl<T> Known<T> {
    #[must_use]
    pub fn there(&self) -> Option<&T> {
        match self {
            Known::There(value) => Some(value),
            Known::Absent | Known::Unread(_) => None,
        }
    }

    #[must_use]
    pub fn as_ref(&self) -> Known<&T> {
        match self {
            Known::There(value) => Known::There(value),
            Known::Absent => Known::Absent,
            Known::Unread(why) => Known::Unread(why.clone()),
        }
    }

    #[must_use]
    pub fn map<U>(self, change: impl FnOnce(T) -> U) -> Known<U> {
        match self {
            Known::There(value) => Known::There(change(value)),
            Known::Absent => Known::Absent,
            Known::Unread(why) => Known::Unread(why),
        }
    }

    #[must_use]
    pub fn unread(&self) -> Option<&str> {
        match self {
            Known::Unread(why) => Some(why),
            Known::There(_) | Known::Absent => None,
        }
    }
}

/// The settings of a repository.
#[derive(Clone, Debug)]
pub struct RepositorySettings {
    /// `owner/name`.
    pub repository: String,
    /// Its page, such as `https://github.com/owner/name`.
    pub page: String,
    pub default_branch: String,
    /// The examined branches, the default branch first.
    pub branches: Vec<Branch>,
    /// Every ruleset for branches, those that are switched off too.
    pub rulesets: Known<Vec<Ruleset>>,
    /// The workflow files of the default branch: path and text.
    pub workflows: Known<Vec<(String, String)>>,
    /// Whether GitHub Actions may approve pull requests.
    pub actions_may_approve: Known<bool>,
    /// Whether the repository lets pull requests be merged by rebase; a ruleset may forbid it nevertheless.
    pub rebase_merge: Known<bool>,
    pub environments: Known<Vec<Environment>>,
    /// How many members each team has, of those that a policy leaves to GitHub.
    pub teams: BTreeMap<String, Known<usize>>,
    /// The permission of each admin of a policy.
    pub admins: BTreeMap<String, Known<String>>,
    /// Whether the statuses of a commit can be read.
    pub statuses: Known<()>,
    /// Requests left in this hour.
    pub remaining: Option<u64>,
}

/// The files of the projects of a policy.
#[derive(Clone, Debug)]
pub struct ProjectFiles {
    /// One for each project without a file.
    pub empty: Vec<Diagnostic>,
    /// Whether no project has a flag.
    pub no_flag: bool,
}

/// A branch a policy may gate.
#[derive(Clone, Debug)]
pub struct Branch {
    pub name: String,
    /// Its tip.
    pub tip: Known<String>,
    pub policy: Known<PolicyFiles>,
    /// Whether its projects have files; not there without a policy.
    pub projects: Known<ProjectFiles>,
    /// The debts that its receipts tell of, where its policy lets the glass be broken; not there without receipts.
    pub debts: Known<KnownDebts>,
    /// The rules of the rulesets in force there.
    pub rulesets: Known<BranchRules>,
    /// The rules of branch protection of the older kind.
    pub protection: Known<BranchRules>,
}

impl Branch {
    /// The name of the status of this branch.
    #[must_use]
    pub fn context(&self) -> String {
        context(&self.name)
    }

    /// The rules in force, as far as they could be read.
    pub fn rules(&self) -> impl Iterator<Item = &BranchRules> {
        [&self.rulesets, &self.protection].into_iter().filter_map(Known::there)
    }

    /// The reasons why some rules could not be read.
    pub fn unread(&self) -> impl Iterator<Item = &str> {
        [&self.rulesets, &self.protection].into_iter().filter_map(Known::unread)
    }

    /// The rules that require the status of this branch.
    pub fn requirements(&self) -> impl Iterator<Item = &Required> {
        let context = self.context();
        self.rules().flat_map(|rules| &rules.required).filter(move |required| required.context == context)
    }

    /// Whether its pull requests are merged by a queue.
    #[must_use]
    pub fn queue(&self) -> bool {
        self.rules().any(|rules| rules.queue)
    }
}

/// The rules in force on a branch.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BranchRules {
    pub required: Vec<Required>,
    /// The rules for reviews, if there are any.
    pub reviews: Option<Reviews>,
    pub queue: bool,
    /// Whether a pull request may not be merged by rebase, whatever the repository allows.
    pub no_rebase: bool,
    /// Whether nobody may push by force; none if that could not be read.
    pub no_force: Option<bool>,
    /// Whether a change needs a pull request; none if that could not be read.
    pub by_pull: Option<bool>,
}

/// GitHub's own rules for reviews.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reviews {
    pub dismiss_stale: bool,
    pub last_push: bool,
    pub count: u64,
}

/// A status that is required.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Required {
    pub context: String,
    pub source: StatusSource,
    /// Whether the branch has to be up to date with its base.
    pub strict: bool,
    /// The rule that requires it, in words: "the ruleset `gate`".
    pub by: String,
    /// The page where that is changed.
    pub page: String,
    /// The people who may merge without it.
    pub bypass: Known<Vec<Bypass>>,
}

/// The source a required status is taken from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StatusSource {
    /// From anyone who may write.
    Any,
    /// From the token of GitHub Actions, which every workflow has.
    Actions,
    /// From this App.
    App(u64),
}

/// The App that GitHub Actions is, on github.com and on every Enterprise Server of today.
const ACTIONS: u64 = 15368;

impl StatusSource {
    /// By the id of an App; none and -1 are any.
    #[must_use]
    pub fn of(id: Option<i64>) -> StatusSource {
        match id.and_then(|id| u64::try_from(id).ok()) {
            None => StatusSource::Any,
            Some(ACTIONS) => StatusSource::Actions,
            Some(id) => StatusSource::App(id),
        }
    }
}

/// People who may merge although a required status is missing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bypass {
    /// The people, in words: "the role write".
    pub who: String,
    /// Whether that is anyone who may write.
    pub everyone: bool,
}

/// A set of rules for branches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ruleset {
    pub id: u64,
    pub name: String,
    /// `active`, `evaluate` or `disabled`.
    pub enforcement: String,
    /// The statuses it requires, or would.
    pub contexts: Vec<String>,
    pub bypass: Known<Vec<Bypass>>,
    pub page: String,
}

impl Ruleset {
    #[must_use]
    pub fn active(&self) -> bool {
        self.enforcement == "active"
    }

    /// The branches whose status it names.
    pub fn branches(&self) -> impl Iterator<Item = &str> {
        self.contexts.iter().filter_map(|context| context.strip_prefix("countersign/"))
    }
}

/// An environment, which keeps secrets for some branches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Environment {
    pub name: String,
    /// Patterns of branches; absent if every branch may use it.
    pub branches: Known<Vec<String>>,
}
