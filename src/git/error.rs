//! Errors of libgit2 and of the disk, as the program's [`Error`], with the help we know.

pub use crate::error::Error;

impl Error {
    /// An error of libgit2.
    pub(super) fn git(doing: &str, error: &git2::Error) -> Self {
        let said = error.message();
        let (message, help) = if error.code() == git2::ErrorCode::NotFound {
            // libgit2 never fetches what a partial clone left out, as git does by itself.
            let help = "run `git fetch --refetch --no-filter` if this is a partial clone, else `git fsck`";
            (format!("cannot {doing}: an object is missing ({said})"), help)
        } else if said.contains("sdir") || said.contains("mandatory extension") {
            let help = "run `git sparse-checkout reapply --no-sparse-index` and `git update-index --no-split-index`";
            (format!("cannot {doing}: the index is in a form that is not supported ({said})"), help)
        } else {
            (format!("cannot {doing}: {said}"), "run `git fsck` and repair what it reports")
        };
        Error::outside(message, help)
    }

    /// An error of the disk.
    pub(super) fn disk(doing: &str, error: &std::io::Error) -> Self {
        let help = "see that the file is there and readable, and that there is room";
        Error::outside(format!("cannot {doing}: {error}"), help)
    }
}
