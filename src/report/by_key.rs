//! Steps where people sign approvals with keys of their own.

use super::{Mode, Requirement, Side};

/// The next steps where no forge has reviews: the commands of this program and of git.
#[derive(Clone, Debug, Default)]
pub struct KeySteps {
    /// The name of what is proposed, for the commands.
    pub proposal: String,
    /// The steps before any missing approval can count.
    pub first: Vec<String>,
    /// Requirements that nobody who has a key can fill now.
    pub out_of_reach: Vec<KeyRequirement>,
    /// Whether what is out of reach is a change of the policy itself, so that no push can change that.
    pub stuck: bool,
}

impl KeySteps {
    /// Whether somebody with a key can fill a requirement now.
    #[must_use]
    pub fn reaches(&self, requirement: &Requirement) -> bool {
        !self.out_of_reach.contains(&KeyRequirement::of(requirement))
    }
}

/// A requirement, by whom it asks.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct KeyRequirement {
    pub mode: Mode,
    pub policy: Side,
    pub from: Vec<String>,
}

impl KeyRequirement {
    #[must_use]
    pub fn of(requirement: &Requirement) -> Self {
        KeyRequirement { mode: requirement.mode, policy: requirement.policy, from: requirement.from.clone() }
    }
}
