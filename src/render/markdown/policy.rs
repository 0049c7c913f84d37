//! The section of a change of who may approve what: who gains power, who loses it, and who has to agree.

use super::super::words::{self, Phrase, markdown as md};
use super::section::requirements;
use super::table;
use crate::diagnostics::escape as safe;
use crate::report::PolicyReport;

pub(super) fn section(policy: &PolicyReport) -> String {
    let mut out = format!("#### {} The policy: who may approve what\n\n", table::sign(policy.verdict));
    let mut about = Phrase::default().values(policy.paths.iter().map(String::as_str), ", ");
    if let Some(digest) = &policy.digest {
        about = about.ours(", digest ").value(words::short(digest));
    }
    out.push_str(&format!("{}\n", md(&about)));
    if !policy.privilege_changes.is_empty() {
        out.push_str("\n| Who | | What |\n|:---|:---|:---|\n");
        for power in &policy.privilege_changes {
            let turn = if power.gained { "**gains**" } else { "**loses**" };
            out.push_str(&format!("| {} | {turn} | {} |\n", safe::code(&power.who), safe::prose(&power.what)));
        }
    }
    let effects: String = policy.effects.iter().map(|effect| format!("- {}\n", safe::prose(effect))).collect();
    if !effects.is_empty() {
        out.push_str(&format!("\n{effects}"));
    }
    requirements(&policy.requirements, true, &mut out);
    out
}
