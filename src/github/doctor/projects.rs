//! The check that the projects of a policy gate something.

use super::checks::CheckResult;
use super::settings::{Known, ProjectFiles};
use super::{Inspection, Severity};

/// A project without a file makes every verdict invalid; without a flag nothing is gated.
pub(super) fn files(inspection: &Inspection<'_>) -> Vec<CheckResult> {
    let valid = inspection.valid_policies().map(|(branch, _)| branch);
    let branches = inspection.settings.branches.iter();
    let of = |name: &str| branches.clone().find(|branch| branch.name == name).map(|branch| &branch.projects);
    let mut results = Vec::new();
    for branch in valid {
        let found = match of(branch) {
            Some(Known::There(ProjectFiles { empty, no_flag })) if empty.is_empty() => match no_flag {
                true => vec![CheckResult::new(
                    Severity::Warning,
                    "no project has a flag, so nothing is gated",
                    "name the files with flags under `paths` of a project: `countersign init` finds them",
                )],
                false => vec![CheckResult::ok("every project has a file, and there are flags")],
            },
            Some(Known::There(ProjectFiles { empty, .. })) => empty
                .iter()
                .map(|one| CheckResult::new(Severity::Error, one.message.clone(), one.remedy.clone()))
                .collect(),
            Some(Known::Unread(why)) => {
                vec![CheckResult::new(Severity::Unknown, format!("the files of the branch: {why}"), "")]
            }
            Some(Known::Absent) | None => Vec::new(),
        };
        results.extend(found.into_iter().map(|result| result.on(branch)));
    }
    results
}
