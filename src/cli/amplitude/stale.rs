//! Stale parts of a saved plan: those that Amplitude or the branch has overtaken when an apply begins.

use std::collections::BTreeMap;

use crate::amplitude::plan::AmplitudePlan;
use crate::amplitude::saved_plan::{SavedPlan, StalePlan};
use crate::cli::show::Shell;
use crate::error::Error;

/// The next command for a plan that does not hold.
pub(super) const PLAN_AGAIN: &str = "plan again with `countersign amplitude plan --format json > plan.json`, read it, \
                                     then `countersign amplitude apply plan.json`";

/// Reads a saved plan.
pub(super) fn saved(path: &std::path::Path, shell: &Shell) -> Result<SavedPlan, Error> {
    let at = shell.dir().join(path);
    let text = std::fs::read_to_string(&at).map_err(|error| Error::file("read", &at, &error))?;
    SavedPlan::parse(&text).map_err(|what| Error::usage(format!("`{}` {what}", path.display()), PLAN_AGAIN))
}

/// Why each flag is left, as far as a saved plan says: nothing of a plan is carried out of which a part is no longer
/// so.
pub(super) fn stale(plan: &AmplitudePlan, against: Option<&StalePlan>) -> BTreeMap<String, String> {
    let Some(stale) = against else { return BTreeMap::new() };
    let changed: Vec<&str> = stale.changed.keys().map(String::as_str).collect();
    let reason = |name: &str| match (stale.changed.get(name), changed.first()) {
        (Some(what), _) => Some(format!("the plan is no longer so: {what}")),
        (None, _) if stale.unplanned.contains(name) => Some("it is not in the plan".to_owned()),
        (None, Some(first)) if changed.len() == 1 => Some(format!("the plan is no longer so: {first} is another")),
        (None, Some(_)) => Some(format!("the plan is no longer so: {} flags are others", changed.len())),
        (None, None) => None,
    };
    plan.listed().filter_map(|item| Some((item.name.clone(), reason(&item.name)?))).collect()
}
