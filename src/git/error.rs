//! What went wrong with git, and the way out.

use std::fmt;

/// A failure of the outside: git, the disk, or a name that is not there.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Error {
    /// What is there; lower case, no full stop.
    pub message: String,
    /// What to do, as one imperative sentence.
    pub remedy: String,
    /// Whether the caller named something wrong (exit code 2) rather than that git failed (exit code 5).
    pub usage: bool,
}

impl Error {
    /// The caller named something that isn't there or can't be used.
    pub(super) fn usage(message: impl Into<String>, remedy: impl Into<String>) -> Self {
        Error { message: message.into(), remedy: remedy.into(), usage: true }
    }

    /// Git or the disk failed.
    pub(super) fn outside(message: impl Into<String>, remedy: impl Into<String>) -> Self {
        Error { message: message.into(), remedy: remedy.into(), usage: false }
    }

    /// What libgit2 says, with the remedies we know.
    pub(super) fn git(doing: &str, error: &git2::Error) -> Self {
        let said = error.message();
        let (message, remedy) = if error.code() == git2::ErrorCode::NotFound {
            // libgit2 never fetches what a partial clone left out, as git does by itself.
            let remedy = "run `git fetch --refetch --no-filter` if this is a partial clone, else `git fsck`";
            (format!("cannot {doing}: an object is missing ({said})"), remedy)
        } else if said.contains("sdir") || said.contains("mandatory extension") {
            let remedy = "run `git sparse-checkout reapply --no-sparse-index` and `git update-index --no-split-index`";
            (format!("cannot {doing}: the index is in a form that is not supported ({said})"), remedy)
        } else {
            (format!("cannot {doing}: {said}"), "run `git fsck` and repair what it reports")
        };
        Error::outside(message, remedy)
    }

    /// What the disk says.
    pub(super) fn disk(doing: &str, error: &std::io::Error) -> Self {
        Error::outside(
            format!("cannot {doing}: {error}"),
            "see that the file is there and readable, and that there is room",
        )
    }
}

impl fmt::Display for Error {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}: {}", self.message, self.remedy)
    }
}

impl std::error::Error for Error {}
