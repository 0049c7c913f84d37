//! Every budget, one row each: how much of something may be in what is judged. A stranger writes it, and a judge who
//! can be kept busy protects nobody.
//!
//! In: a count, known before the work that it would cause. Out: whether it is within the budget, and the diagnostic if
//! not. Content over a budget is `invalid`, never passed over. Content that the base branch holds already counts for
//! nothing against a proposal that has no more of it. **A new budget is one row here**, named by the code that counts.
//! Not taken: a limit on time, by which a verdict would depend on the machine.

use super::{Diagnostic, Place, lints};

/// The most there may be of one thing.
#[derive(Debug, PartialEq, Eq)]
pub struct Budget {
    pub most: usize,
    /// The thing that is counted, in the plural: "files of flags that differ".
    pub of: &'static str,
    /// The remedy for somebody who has more, as one sentence.
    pub remedy: &'static str,
}

macro_rules! budgets {
    ($($(#[$about:meta])* $name:ident, $most:expr, $of:literal, $remedy:literal;)*) => {
        $($(#[$about])* pub const $name: &Budget =
            &Budget { most: $most, of: $of, remedy: $remedy };)*
        /// All of them, from the repository down to one value.
        pub const BUDGETS: &[&Budget] = &[$($name),*];
    };
}

budgets! {
    /// A merge of a large monorepo's week has a tenth of it; each path costs about a microsecond and 500 bytes.
    PATHS, 200_000, "paths that a proposal brings or changes", "split the proposal";
    /// Folders count too: a few objects can be arranged to name billions of paths.
    TREE_ENTRIES, 1_000_000, "entries in the folders that a proposal changes", "split the proposal, or flatten its \
        folders";
    /// All paths of a proposal together, written out.
    PATH_BYTES, 16 << 20, "bytes in the paths that a proposal brings or changes", "shorten the paths, or split the \
        proposal";
    /// `PATH_MAX` of Linux, where no longer one can be checked out.
    PATH, 4_096, "bytes in one path", "shorten the names of its folders";
    DEPTH_OF_FOLDERS, 100, "folders in each other", "flatten the folders of the proposal";
    /// One folder's list of names, as git keeps it.
    TREE_BYTES, 32 << 20, "bytes in one folder's list of names", "divide the folder";
    /// In a merge git compares each file that is gone with each that is new: two megabytes of either cost about a
    /// millisecond.
    RENAMES, 4_096, "megabytes that git would compare to find renamed files",
        "merge the base branch into the proposal, after which nothing has to be merged to judge it";
    /// Above it every commit counts as one that touches managed files, so that its authors approve nothing.
    MERGES, 200, "merges in a proposal that are made again", "rebase the proposal onto its base";
    COMMITS, 10_000, "commits in a proposal that are looked into", "squash them, or split the proposal";
    FILES, 5_000, "files to be read that a proposal brings or changes", "split the proposal";
    ALL_BYTES, 16 << 20, "bytes in the files to be read that a proposal brings or changes", "split the proposal";
    MAPPINGS, 200, "mappings in `.countersign/formats`", "remove those that no file is in";
    MAPPING_BYTES, 4 << 20, "bytes in the mappings of `.countersign/formats`", "make the mappings smaller, or remove \
        some";
    PATTERNS, 2_000, "patterns in the configuration", "name folders in place of files, such as `flags/**`";
    PROJECTS, 1_000, "projects", "put several folders under one project's `paths`";
    SECTIONS, 200, "sections of APPROVERS", "merge sections that ask the same people";
    NAMES, 1_000, "names of people and teams in one list of the policy", "name a team instead";
    APPROVERS_LINES, 20_000, "lines of APPROVERS", "name folders in place of files, such as `flags/checkout/`";
    /// The flags of a flagd file that has as many as fit into the bytes of one file are not more.
    FLAGS, 5_000, "flags that a proposal brings or changes", "split the proposal";
    MEMBERS, 1_000, "members that no schema knows, in one flag", "remove what nothing reads, or put it under one key";
    VARIANTS, 1_000, "variants of one flag", "make several flags of it";
    SEGMENTS, 2_000, "segments of one flag", "merge segments that serve the same";
    CONDITIONS, 5_000, "conditions of one flag", "put users into cohorts, or merge values of one condition";
    /// All of one flag: a person could read a hundredth of it.
    FLAG_VALUES, 50_000, "values in one flag", "put long lists into a cohort";
    RELATIONS, 100_000, "dependencies between the flags of a proposal", "split the proposal";
}

impl Budget {
    /// Whether so many are too many. `before` is how many there are without the proposal.
    #[must_use]
    pub fn is_over(&self, found: usize, before: usize) -> bool {
        found > self.most && found > before
    }

    /// The message for a file or proposal with more.
    #[must_use]
    pub fn message(&self, found: usize) -> String {
        format!("{} {}, and {} are the most that is judged", grouped(found), self.of, grouped(self.most))
    }

    /// The diagnostic of something that has so many; an empty path is the proposal as a whole.
    #[must_use]
    pub fn diagnostic(&self, path: &str, place: Place, found: usize) -> Diagnostic {
        Diagnostic::new(lints::OVER_BUDGET, path, place, self.message(found), self.remedy)
    }

    /// The diagnostic, if so many are too many.
    #[must_use]
    pub fn check(&self, path: &str, place: Place, found: usize, before: usize) -> Option<Diagnostic> {
        self.is_over(found, before).then(|| self.diagnostic(path, place, found))
    }
}

/// A number as people read it: `1,000,000`.
fn grouped(number: usize) -> String {
    let digits = number.to_string();
    let mut out = String::with_capacity(digits.len() * 4 / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_over() {
        assert!(!FILES.is_over(5_000, 0));
        assert!(FILES.is_over(5_001, 0));
        assert!(FILES.is_over(20_000, 19_999));
        assert!(!FILES.is_over(20_000, 20_000), "no more than there was");
        let said = FILES.check("", Place::START, 12_345, 0).unwrap();
        assert_eq!(
            said.message,
            "12,345 files to be read that a proposal brings or changes, and 5,000 are the most that is judged"
        );
    }

    #[test]
    fn every_row_says_what_to_do() {
        for budget in BUDGETS {
            assert!(budget.most > 0 && !budget.of.is_empty() && !budget.remedy.ends_with('.'), "{budget:?}");
        }
    }
}
