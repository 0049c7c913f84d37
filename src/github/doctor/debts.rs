//! The check that no debt of a broken glass is overdue.

use super::checks::CheckResult;
use super::settings::Known;
use super::{Inspection, Severity};

/// A debt that nobody pays is a change that nobody approved. Nothing is reported where the policy lets nobody break the
/// glass.
pub(super) fn paid(inspection: &Inspection<'_>) -> Vec<CheckResult> {
    let broken = inspection.valid_policies().filter(|(_, policy)| policy.config.break_glass.is_some());
    let branches = inspection.settings.branches.iter();
    let mut results = Vec::new();
    for (name, _) in broken {
        let found = match branches.clone().find(|branch| branch.name == name).map(|branch| &branch.debts) {
            Some(Known::There(debts)) if debts.overdue.is_empty() && debts.unknown.is_empty() => {
                vec![CheckResult::ok("no debt is overdue")]
            }
            Some(Known::There(debts)) => {
                let overdue = debts.overdue.iter().map(|debt| {
                    let commit = crate::diagnostics::words::short(&debt.commit);
                    CheckResult::new(
                        Severity::Warning,
                        format!(
                            "the debt of `{}`, which came in with {commit}, is overdue since {}",
                            debt.flag, debt.due
                        ),
                        "have somebody who may approve it, and did not break the glass, approve its pull request, then \
                         run `countersign receipt --debts`",
                    )
                });
                let unknown = debts.unknown.iter().map(|debt| {
                    let commit = crate::diagnostics::words::short(&debt.commit);
                    CheckResult::new(
                        Severity::Warning,
                        format!(
                            "whether the debt of `{}`, which came in with {commit}, is paid is not known: its receipt \
                             does not count by the trust of today",
                            debt.flag
                        ),
                        "sign it again with a key of today: `countersign receipt FIRST..LAST --again --sign-with KEY`, \
                         then run `countersign receipt --debts`",
                    )
                });
                overdue.chain(unknown).collect()
            }
            Some(Known::Unread(why)) => vec![CheckResult::new(Severity::Unknown, format!("the receipts: {why}"), "")],
            Some(Known::Absent) | None => vec![CheckResult::new(
                Severity::Warning,
                "the policy lets the glass be broken, and there are no receipts that tell of the debts",
                "add the workflow `countersign-receipts.yml`, and a `.countersign/trust.yaml` that says whose \
                 signatures count",
            )],
        };
        results.extend(found.into_iter().map(|result| result.on(name)));
    }
    results
}
