//! Guides: for each lint the smallest example that has it, the same without it, and how to get from one to the other.
//!
//! In: nothing. Out: the [`Guide`] of a lint, from which the documentation and `countersign rules ID` are made. It
//! refuses nothing. **A new lint is one row here too**; a test lints every example that is made of files. Not taken:
//! examples in the documents, which nobody would run.

mod flags;
mod policy;
mod syntax;

use super::lints::Lint;

/// How a lint is recognised and fixed.
#[derive(Debug)]
pub struct Guide {
    pub lint: &'static Lint,
    /// The remedy, as one sentence that tells what to do, without its full stop.
    pub fix: &'static str,
    pub example: Example,
}

/// An example, before and after.
#[derive(Debug)]
pub enum Example {
    /// Lines of a flag file, after those of [`STUB`].
    Lines { wrong: &'static str, right: &'static str },
    /// One file.
    File { path: &'static str, wrong: &'static str, right: &'static str },
    /// Several flag files, by path.
    Files { wrong: GuideFiles, right: GuideFiles },
    /// A diagnostic that no file shows by itself, such as one of what git has; it is not linted.
    Described { wrong: &'static str, right: &'static str },
}

/// Files by path.
pub type GuideFiles = &'static [(&'static str, &'static str)];

/// The first lines of a flag file of an example.
pub const STUB: &str = "\
key: buy
kind: experiment
state: running
bucketingKey: user_id
variants: [{key: control}, {key: treatment}]
";

/// The file that the lines of an example stand in.
pub const FLAG: &str = "flags/checkout/buy.yaml";

const CONFIG: &str = ".countersign/config.yaml";
const APPROVERS: &str = ".countersign/APPROVERS";
const TRUST: &str = ".countersign/trust.yaml";

/// The guide of a lint.
#[must_use]
pub fn guide(lint: &Lint) -> Option<&'static Guide> {
    all().find(|guide| guide.lint.id == lint.id)
}

/// Every guide.
pub fn all() -> impl Iterator<Item = &'static Guide> {
    [syntax::GUIDES, flags::GUIDES, policy::GUIDES].into_iter().flatten()
}

impl Example {
    /// The files of both sides; `None` where nobody lints it.
    #[must_use]
    pub fn files(&self) -> Option<[Vec<(&'static str, String)>; 2]> {
        let one = |path, text: &str| vec![(path, text.to_owned())];
        let several = |files: GuideFiles| files.iter().map(|(path, text)| (*path, (*text).to_owned())).collect();
        match self {
            Example::Lines { wrong, right } => Some([wrong, right].map(|lines| one(FLAG, &format!("{STUB}{lines}\n")))),
            Example::File { path, wrong, right } => Some([one(path, wrong), one(path, right)]),
            Example::Files { wrong, right } => Some([several(wrong), several(right)]),
            Example::Described { .. } => None,
        }
    }

    /// Both sides, each as blocks of text with the file that they stand in.
    #[must_use]
    pub fn shown(&self) -> [Vec<(Option<&'static str>, &'static str)>; 2] {
        let several = |files: GuideFiles| files.iter().map(|(path, text)| (Some(*path), *text)).collect();
        match self {
            Example::Lines { wrong, right } => [wrong, right].map(|lines| vec![(None, *lines)]),
            Example::File { path, wrong, right } => [wrong, right].map(|text| vec![(Some(*path), *text)]),
            Example::Files { wrong, right } => [several(wrong), several(right)],
            Example::Described { wrong, right } => [wrong, right].map(|text| vec![(None, *text)]),
        }
    }
}

const fn lines(lint: &'static Lint, fix: &'static str, wrong: &'static str, right: &'static str) -> Guide {
    Guide { lint, fix, example: Example::Lines { wrong, right } }
}

const fn file(
    lint: &'static Lint,
    fix: &'static str,
    path: &'static str,
    wrong: &'static str,
    right: &'static str,
) -> Guide {
    Guide { lint, fix, example: Example::File { path, wrong, right } }
}

const fn files(lint: &'static Lint, fix: &'static str, wrong: GuideFiles, right: GuideFiles) -> Guide {
    Guide { lint, fix, example: Example::Files { wrong, right } }
}

const fn described(lint: &'static Lint, fix: &'static str, wrong: &'static str, right: &'static str) -> Guide {
    Guide { lint, fix, example: Example::Described { wrong, right } }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostics::lints::LINTS;

    #[test]
    fn every_lint_has_its_guide() {
        let mut ids: Vec<&str> = all().map(|guide| guide.lint.id.as_str()).collect();
        let mut lints: Vec<&str> = LINTS.iter().map(|lint| lint.id.as_str()).collect();
        ids.sort_unstable();
        lints.sort_unstable();
        assert_eq!(ids, lints);
        for guide in all() {
            assert!(guide.fix.len() > 20 && !guide.fix.ends_with('.'), "{}", guide.lint.id);
            let [wrong, right] = guide.example.shown();
            assert_ne!(wrong, right, "{}", guide.lint.id);
        }
    }
}
