//! Actions on a pull request: set a status, update the comment, request reviews, notify, annotate.
//!
//! In: a judgement and what is on the pull request already. Out: the actions that are missing ([`plan()`]), carried out
//! ([`apply()`]) or written down ([`dry_run`]). It refuses to repeat anything that is there already. Not taken: acting
//! while judging; a plan can be printed, tested and tried again.

pub mod annotations;
pub mod apply;
pub mod comment;
pub mod commit_state;
pub mod dry_run;
pub mod notifications;
pub mod plan;
pub mod review_requests;

pub use annotations::Annotation;
pub use apply::{Applied, apply, revoke_successes};
pub use commit_state::{CommitState, NewStatus};
pub use plan::{PlanInput, plan};

/// An action on a pull request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    SetStatus(NewStatus),
    /// Write the sticky comment, or change the one that is there.
    UpdateComment {
        id: Option<u64>,
        body: String,
    },
    /// Delete a copy of the sticky comment.
    DeleteComment {
        id: u64,
    },
    /// Write a new comment that mentions somebody.
    Notify {
        body: String,
    },
    /// Request reviews, by login and by slug of the team.
    RequestReviews {
        users: Vec<String>,
        teams: Vec<String>,
    },
    /// Annotate lines of the proposal.
    Annotate {
        sha: String,
        annotations: Vec<Annotation>,
        title: String,
    },
}

impl Action {
    /// Whether it sets a success.
    #[must_use]
    pub fn is_success(&self) -> bool {
        matches!(self, Action::SetStatus(status) if status.state == CommitState::Success)
    }

    /// Whether it sets a status that is no success, and so may take one back.
    #[must_use]
    pub fn takes_success_back(&self) -> bool {
        matches!(self, Action::SetStatus(status) if status.state != CommitState::Success)
    }

    /// Whether it is best effort: no verdict depends on it, so it never fails the rest.
    #[must_use]
    pub fn is_best_effort(&self) -> bool {
        match self {
            Action::SetStatus(_) | Action::UpdateComment { .. } => false,
            Action::DeleteComment { .. }
            | Action::Notify { .. }
            | Action::RequestReviews { .. }
            | Action::Annotate { .. } => true,
        }
    }
}
