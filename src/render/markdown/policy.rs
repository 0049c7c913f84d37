//! Section of a policy change in Markdown: who gains and who loses privileges, and who has to approve.

use super::super::phrases::{POLICY, Phrase, binding};
use super::super::view::PolicyView;
use super::section::requirements;
use super::{Density, table};
use crate::diagnostics::escape as safe;

pub(super) fn section(policy: &PolicyView<'_>, density: Density) -> String {
    let mut out = format!("\n#### {} {POLICY}\n\n", table::sign(policy.report.verdict));
    let mut about = Phrase::default().values(&policy.report.paths, ", ");
    if let Some(digest) = &policy.report.digest {
        about = about.ours(", digest ").value(binding(digest));
    }
    out.push_str(&format!("{}\n", about.markdown()));
    if !policy.privileges.is_empty() {
        out.push_str("\n| Who | | What |\n|:---|:---|:---|\n");
        for change in &policy.privileges {
            let (who, verb, what) = (safe::code(change.who), change.verb, safe::prose(change.what));
            out.push_str(&format!("| {who} | **{verb}** | {what} |\n"));
        }
    }
    let effects: String = policy.report.effects.iter().map(|effect| format!("- {}\n", safe::prose(effect))).collect();
    if !effects.is_empty() {
        out.push_str(&format!("\n{effects}"));
    }
    if density != Density::Compact {
        requirements(&policy.requirements, &mut out);
    }
    out
}
