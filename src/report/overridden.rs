//! Overrides in a report: admins let in content that was not approved, in one of two ways.

use schemars::JsonSchema;
use serde::Serialize;

use super::{NewDebt, Report};
use crate::flag::FlagId;

/// Override: admins let content in that was not approved.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct Overridden {
    /// Logins of the admins.
    pub by: Vec<String>,
    /// The reason, in the words of the first of them.
    pub reason: String,
    /// The debt that this makes, where the glass was broken; left out where two admins overrode the approvals.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub debt: Option<NewDebt>,
}

/// An override that the report counts.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct CountedOverride<'r> {
    /// The flag; none for the policy.
    pub flag: Option<FlagId<'r>>,
    pub digest: &'r str,
    pub overridden: &'r Overridden,
}

impl Report {
    /// Every override that counts: of flags in their order, then of the policy.
    #[must_use]
    pub fn overrides(&self) -> Vec<CountedOverride<'_>> {
        let flags = self.flags.iter().map(|flag| (Some(flag.id()), &flag.digest, &flag.overridden));
        let all = flags.chain([(None, &self.policy.digest, &self.policy.overridden)]);
        all.filter_map(|(flag, digest, overridden)| {
            let (digest, overridden) = (digest.as_deref()?, overridden.as_ref()?);
            Some(CountedOverride { flag, digest, overridden })
        })
        .collect()
    }
}
