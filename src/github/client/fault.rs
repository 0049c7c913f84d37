//! The addresses of a GitHub, and what can go wrong with it, in words that help.

/// The addresses of one GitHub: github.com, or an Enterprise Server's own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Site {
    /// Such as `https://api.github.com` or `https://host/api/v3`.
    pub api: String,
    /// Such as `https://api.github.com/graphql` or `https://host/api/graphql`.
    pub graphql: String,
    /// Such as `https://github.com`: where git fetches from.
    pub server: String,
    /// Owner and name of the repository.
    pub owner: String,
    pub name: String,
}

/// Why a request has no usable answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// There is no such thing, or this token may not know that there is (404).
    Missing(String),
    /// The token may not (401, 403), with GitHub's words.
    Denied(String),
    /// GitHub refuses this very request (422), with its words.
    Refused(String),
    /// A limit that lasts longer than we wait.
    Limited {
        /// Until when, RFC 3339, if GitHub says so.
        until: Option<String>,
        what: String,
    },
    /// No answer, or none that can be read, after several tries.
    Unreachable(String),
    /// An answer of another shape than GitHub documents.
    Odd(String),
}

impl Fault {
    /// Whether the same may well go well a little later.
    #[must_use]
    pub fn passes(&self) -> bool {
        matches!(self, Fault::Limited { .. } | Fault::Unreachable(_) | Fault::Odd(_))
    }

    /// What happened, and what to do about it.
    #[must_use]
    pub fn words(&self) -> (String, String) {
        match self {
            Fault::Missing(what) => (format!("GitHub has no {what}, or this token may not see it"), {
                "check the name, and that the token has access to the repository".to_owned()
            }),
            Fault::Denied(what) => (
                format!("GitHub does not allow it: {what}"),
                "give the token the permissions that examples/workflows/countersign.yml lists".to_owned(),
            ),
            Fault::Refused(what) => {
                let full = what.contains("maximum number of statuses");
                let remedy = if full { "push a new commit: this one takes no more statuses" } else { "" };
                (format!("GitHub refuses it: {what}"), remedy.to_owned())
            }
            Fault::Limited { until: Some(until), what } => {
                (format!("GitHub's limit is used up until {until}: {what}"), format!("run it again after {until}"))
            }
            Fault::Limited { until: None, what } => {
                (format!("GitHub asks to slow down: {what}"), "run it again in a few minutes".to_owned())
            }
            Fault::Unreachable(what) => {
                (format!("GitHub cannot be reached: {what}"), "run it again; https://www.githubstatus.com".to_owned())
            }
            Fault::Odd(what) => (
                format!("GitHub's answer is not what its documentation says: {what}"),
                "run it again, and report it if it stays".to_owned(),
            ),
        }
    }
}
