//! Critical changes of a live flag in one repository: the rules, as its configuration relaxes and extends them.

use super::rules::RuleId;

/// Critical fields of one configuration, beyond and except those of [`RULES`](super::rules::RULES).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Critical {
    /// Ids of rules that are switched off.
    pub relax: Vec<RuleId>,
    /// Fields that need approval besides those of the rules.
    pub add: Vec<String>,
    /// Whether switching a live flag off needs approval.
    pub deactivation: bool,
    /// Whether what was last live may be switched on again without approval.
    pub restore_free: bool,
    /// Whether a new flag that serves off to everyone needs none.
    pub off_is_free: bool,
}

impl Critical {
    /// Whether an exact restore needs no approval. Where switching off is approved, undoing it has to be as well.
    #[must_use]
    pub fn frees_restores(&self) -> bool {
        self.restore_free && !self.deactivation
    }

    /// The stricter of two configurations: everything that is critical under either of them.
    #[must_use]
    pub fn stricter(&self, other: &Critical) -> Critical {
        let mut add = self.add.clone();
        add.extend(other.add.iter().filter(|field| !self.add.contains(field)).cloned());
        Critical {
            relax: self.relax.iter().filter(|id| other.relax.contains(id)).copied().collect(),
            add,
            deactivation: self.deactivation || other.deactivation,
            restore_free: self.restore_free && other.restore_free,
            off_is_free: self.off_is_free && other.off_is_free,
        }
    }
}
