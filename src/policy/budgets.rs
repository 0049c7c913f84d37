//! Budgets of a proposed policy: each path that a proposal touches is held against all of it.
//!
//! A base policy has no budget, since only admins let it in; a proposed one is over a budget if it has more than that
//! and more than the base policy.

use super::{APPROVERS_PATH, CONFIG_PATH, Policy};
use crate::diagnostics::budgets::{self, Budget};
use crate::diagnostics::{Diagnostic, Place};

impl Policy {
    /// The diagnostics of everything that this policy has too much of, where `base` is the one it replaces.
    #[must_use]
    pub fn over_budget(&self, base: &Policy) -> Vec<Diagnostic> {
        let counts = self.counts().into_iter().zip(base.counts());
        counts
            .filter_map(|((budget, path, found), (_, _, before))| budget.check(path, Place::START, found, before))
            .collect()
    }

    fn counts(&self) -> [(&'static Budget, &'static str, usize); 6] {
        let config = &self.config;
        let patterns = config.projects.iter().map(|project| project.paths.len()).sum::<usize>();
        let lines = || self.approvers.sections.iter().flat_map(|section| &section.lines);
        let named = self.approvers.sections.iter().map(|section| section.defaults.len());
        let named = named.chain(lines().map(|line| line.approvers.len())).max();
        let listed = config.teams.values().map(Vec::len).chain([config.admins.len(), config.teams.len()]).max();
        [
            (budgets::PATTERNS, CONFIG_PATH, patterns + config.protect.len() + config.formats.len()),
            (budgets::PROJECTS, CONFIG_PATH, config.projects.len()),
            (budgets::NAMES, CONFIG_PATH, listed.unwrap_or(0)),
            (budgets::SECTIONS, APPROVERS_PATH, self.approvers.sections.len().max(config.sections.len())),
            (budgets::APPROVERS_LINES, APPROVERS_PATH, lines().count()),
            (budgets::NAMES, APPROVERS_PATH, named.unwrap_or(0)),
        ]
    }
}
