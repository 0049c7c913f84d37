//! APPROVERS: who may approve what, in the language of CODEOWNERS as GitLab extended it.
//!
//! ```text
//! # a comment; also after the names, behind a space
//! flags/**            @acme/growth                 a pattern, then alternatives: any one of them may approve
//! flags/checkout/**   @acme/payments @alice        the last line of a section that takes a path decides alone
//!
//! [Data science][2]   @acme/data-science           a section: two approvals, and approvers for lines without any
//! flags/*/pricing-*.yaml
//! experiments/**      @bob @acme/data-science
//!
//! ^[Observers]        @acme/support                notified, not required
//! flags/**
//! ```
//!
//! ```text
//! file     = { blanks ( comment | heading | line )? blanks comment? "\n" }
//! heading  = "^"? "[" name "]" ( "[" count "]" )? { blanks approver }
//! line     = pattern { blanks approver }           blanks are spaces and tabs
//! approver = "@" user | "@" org "/" team
//! comment  = "#" …                                 at the start of a line or behind a blank
//! ```
//!
//! In: the bytes of the file. Out: [`Approvers`], which answers for a path, section by section. It refuses a line it
//! does not understand (GitHub skips it, GitLab guesses), e-mail addresses, exclusions (`!docs/`), invisible
//! characters and files over 3 MB. Sections of one name are one section, whatever its case; if their headings differ
//! the stricter holds, with a warning. Not taken: GitLab's zero-owner rule, by which a line without anybody approves
//! itself. Here such a line is a [`Match`] without approvers, and the change waits for an admin.

use std::collections::BTreeMap;

use crate::diagnostics::{Diagnostics, Place};

use super::approver::Approver;
use super::grammar;
use super::index::{Index, Starts};
use super::meaning::Meaning;
use super::pattern::Pattern;

/// A file that was read. The default is an empty one.
#[derive(Clone, Debug, Default)]
pub struct Approvers {
    /// In the order of their first headings. Lines before the first heading are a section without a name.
    pub sections: Vec<Section>,
    /// Section and line of every number the index knows; in file order within a section.
    lines: Vec<(usize, usize)>,
    index: Index,
}

/// A section: independent of the others, all of which apply.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Section {
    /// `None` for the lines before the first heading.
    pub name: Option<String>,
    /// How many have to approve; 1 unless the heading says otherwise. Of no weight in an optional section.
    pub required: u32,
    /// `^[Name]`: its approvers are notified, and no approval is required.
    pub optional: bool,
    /// The approvers of lines that name none.
    pub defaults: Vec<Approver>,
    /// The first heading, or the first line of the section without a name.
    pub place: Place,
    pub lines: Vec<ApproverLine>,
}

/// A pattern and its approvers, any of whom may approve a change of the paths it takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApproverLine {
    pub pattern: Pattern,
    /// As the line has them; empty if it names none.
    pub approvers: Vec<Approver>,
    /// The pattern's place.
    pub place: Place,
}

/// The line of one section that decides for a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Match<'a> {
    pub section: &'a Section,
    pub line: &'a ApproverLine,
    /// The approvers of the line, else of the section. Empty if neither names anybody; then the caller must fail
    /// closed.
    pub approvers: &'a [Approver],
}

/// A line that never decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shadowed<'a> {
    pub section: &'a Section,
    pub line: &'a ApproverLine,
    /// The later line that takes every path of it.
    pub by: &'a ApproverLine,
}

impl Approvers {
    /// Reads the file of these diagnostics and adds to them. The result has the lines that could be read; nothing may
    /// be judged by it if there was an error.
    pub fn parse(bytes: &[u8], diagnostics: &mut Diagnostics<'_>) -> Approvers {
        grammar::read(bytes, diagnostics)
    }

    /// Adds a warning for each line that never decides.
    pub fn warn(&self, diagnostics: &mut Diagnostics<'_>) {
        grammar::warn(self, diagnostics);
    }

    pub(super) fn new(sections: Vec<Section>) -> Self {
        let lines: Vec<(usize, usize)> = sections
            .iter()
            .enumerate()
            .flat_map(|(section, of)| (0..of.lines.len()).map(move |line| (section, line)))
            .collect();
        let index = Index::new(sections.iter().flat_map(|section| &section.lines).map(|line| &line.pattern));
        Approvers { sections, lines, index }
    }

    /// The last line of each section that takes this path, in the order of the sections.
    #[must_use]
    pub fn matching(&self, path: &str) -> Vec<Match<'_>> {
        let mut last: BTreeMap<usize, (usize, &ApproverLine)> = BTreeMap::new();
        self.index.candidates(path, &mut |number| {
            let Some(&(at, line_at)) = self.lines.get(number) else { return };
            let Some(line) = self.sections.get(at).and_then(|section| section.lines.get(line_at)) else { return };
            if last.get(&at).is_none_or(|&(best, _)| best < line_at) && line.pattern.matches(path) {
                last.insert(at, (line_at, line));
            }
        });
        last.into_iter()
            .filter_map(|(at, (_, line))| self.sections.get(at).map(|section| section.decides(line)))
            .collect()
    }

    /// The section with this name, whatever its case.
    #[must_use]
    pub fn section(&self, name: &str) -> Option<&Section> {
        let key = section_key(name);
        self.sections.iter().find(|section| section.name.as_deref().map(section_key).as_ref() == Some(&key))
    }

    /// Lines of which a later line of the same section takes every path, as far as that is plain to see: the same
    /// pattern again, a directory above it, or `*`.
    #[must_use]
    pub fn shadowed(&self) -> Vec<Shadowed<'_>> {
        self.sections.iter().flat_map(Section::shadowed).collect()
    }
}

/// The folded form that section names are compared by: case and the number of blanks do not count.
pub(super) fn section_key(name: &str) -> String {
    name.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()
}

impl Section {
    fn decides<'a>(&'a self, line: &'a ApproverLine) -> Match<'a> {
        let approvers = if line.approvers.is_empty() { &self.defaults } else { &line.approvers };
        Match { section: self, line, approvers }
    }

    fn shadowed(&self) -> Vec<Shadowed<'_>> {
        let meanings = || self.lines.iter().map(|line| line.pattern.meaning()).enumerate();
        let all = meanings().filter(|(_, meaning)| meaning.takes_all()).map(|(at, _)| at).next_back();
        let same: BTreeMap<&Meaning, usize> = meanings().map(|(at, meaning)| (meaning, at)).collect();
        // Directories taken together with a file of their name, and those of which only what is below is taken.
        let (mut whole, mut below) = (Vec::new(), Vec::new());
        for (at, (directory, also)) in meanings().filter_map(|(at, meaning)| Some((at, meaning.directory()?))) {
            if also { whole.push((directory, at)) } else { below.push((directory, at)) }
        }
        let (whole, below) = (Starts::new(whole), Starts::new(below));
        let later = |(at, meaning): (usize, &Meaning)| {
            let (prefix, strictly) = meaning.literal_prefix();
            let above = whole.last(&prefix).max(prefix.get(..strictly).and_then(|strict| below.last(strict)));
            all.max(same.get(meaning).copied()).max(above).filter(|&by| by > at)
        };
        let found = |(at, meaning)| {
            let by = self.lines.get(later((at, meaning))?)?;
            Some(Shadowed { section: self, line: self.lines.get(at)?, by })
        };
        meanings().filter_map(found).collect()
    }
}
