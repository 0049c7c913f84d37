//! Errors of libgit2 and of the disk, as the program's [`Error`], with the help we know.

use super::lossy;
use crate::diagnostics::budgets::Budget;
pub use crate::error::{Error, ErrorKind};

impl Error {
    /// An error of libgit2.
    pub(super) fn git(doing: &str, error: &git2::Error) -> Self {
        let refetch = "run `git fetch --refetch --no-filter` if this is a partial clone, else `git fsck`";
        Error::git_or(doing, error, refetch)
    }

    /// An error of libgit2 at a reference of ours, which is in no refspec of a clone, so that it is not fetched anew
    /// with the others.
    pub(super) fn git_ref(doing: &str, reference: &str, error: &git2::Error) -> Self {
        let refetch = format!(
            "run `git fetch --refetch --no-filter origin +{reference}:{reference}` if this is a partial clone, else \
             `git fsck`"
        );
        Error::git_or(doing, error, &refetch)
    }

    /// An error of libgit2, with the help for an object that a partial clone left out.
    fn git_or(doing: &str, error: &git2::Error, refetch: &str) -> Self {
        let said = error.message();
        let (message, help) = if error.code() == git2::ErrorCode::NotFound {
            // libgit2 never fetches what a partial clone left out, as git does by itself.
            (format!("cannot {doing}: an object is missing ({said})"), refetch.to_owned())
        } else if said.contains("sdir") || said.contains("mandatory extension") {
            let help = "run `git sparse-checkout reapply --no-sparse-index` and `git update-index --no-split-index`";
            (format!("cannot {doing}: the index is in a form that is not supported ({said})"), help.to_owned())
        } else {
            (format!("cannot {doing}: {said}"), "run `git fsck` and repair what it reports".to_owned())
        };
        Error::outside(message, help)
    }

    /// Something of a proposal that is over a budget, at a path or in all of it.
    pub(super) fn over(budget: &Budget, found: usize, path: &[u8]) -> Self {
        let at = if path.is_empty() { String::new() } else { format!("`{}`: ", shortened(path).escape_debug()) };
        Error::new(ErrorKind::OverBudget, at + &budget.message(found), budget.remedy)
    }

    /// An error of the disk.
    pub(super) fn disk(doing: &str, error: &std::io::Error) -> Self {
        let help = "see that the file is there and readable, and that there is room";
        Error::outside(format!("cannot {doing}: {error}"), help)
    }
}

/// The end of a long path, which tells more than its beginning.
fn shortened(path: &[u8]) -> String {
    const LONGEST: usize = 120;
    let text = lossy(path);
    let chars = text.chars().count();
    if chars <= LONGEST { text } else { format!("…{}", text.chars().skip(chars - LONGEST).collect::<String>()) }
}
