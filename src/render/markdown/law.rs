//! The section of a change of who may approve what: who gains power, who loses it, and who has to agree.

use super::super::words::{self, Phrase, markdown as md};
use super::section::requirements;
use super::table;
use crate::diagnostics::escape as safe;
use crate::report::LawReport;

pub(super) fn section(law: &LawReport) -> String {
    let mut out = format!("#### {} The law: who may approve what\n\n", table::sign(law.verdict));
    let mut about = Phrase::default().values(law.paths.iter().map(String::as_str), ", ");
    if let Some(digest) = &law.digest {
        about = about.ours(", digest ").value(words::short(digest));
    }
    out.push_str(&format!("{}\n", md(&about)));
    if !law.power.is_empty() {
        out.push_str("\n| Who | | What |\n|:---|:---|:---|\n");
        for power in &law.power {
            let turn = if power.gains { "**gains**" } else { "**loses**" };
            out.push_str(&format!("| {} | {turn} | {} |\n", safe::code(&power.who), safe::prose(&power.what)));
        }
    }
    let effects: String = law.effects.iter().map(|effect| format!("- {}\n", safe::prose(effect))).collect();
    if !effects.is_empty() {
        out.push_str(&format!("\n{effects}"));
    }
    requirements(&law.requirements, true, &mut out);
    out
}
