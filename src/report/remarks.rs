//! Remarks that a report has besides those of its flags.

/// Remarks on one thing.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NamedRemarks {
    /// Its name; empty for the whole.
    pub name: String,
    /// A sentence each.
    pub remarks: Vec<String>,
    /// Whether somebody has to see to it.
    pub bad: bool,
}
