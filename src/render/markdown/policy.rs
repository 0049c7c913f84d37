//! Section of a policy change in Markdown: who gains and who loses privileges, and who has to approve.

use super::super::phrases::{POLICY, Phrase, binding, self_appointed};
use super::super::view::PolicyView;
use super::section::requirements;
use super::{Density, table};
use crate::diagnostics::escape as safe;
use crate::diagnostics::words::counted;

/// People named in a warning.
const NAMED: usize = 6;

/// Characters of a changed line that are shown.
const WIDEST: usize = 200;

pub(super) fn section(policy: &PolicyView<'_>, density: Density) -> String {
    let mut out = format!("\n#### {} {POLICY}\n\n", table::sign(policy.report.verdict));
    let mut about = Phrase::default().values(&policy.report.paths, ", ");
    if let Some(digest) = &policy.report.digest {
        about = about.ours(", digest ").value(binding(digest));
    }
    out.push_str(&format!("{}\n", about.markdown()));
    if !policy.privileges.is_empty() {
        out.push_str("\n| Who | Gains or loses | What |\n|:---|:---|:---|\n");
        for change in &policy.privileges {
            let (who, verb, what) = (safe::code(change.who), change.verb, safe::prose(change.what));
            out.push_str(&format!("| {who} | **{verb}** | {what} |\n"));
        }
    }
    let effects: String = policy.report.effects.iter().map(|effect| format!("- {}\n", safe::prose(effect))).collect();
    if !effects.is_empty() {
        out.push_str(&format!("\n{effects}"));
    }
    if density == Density::Drawn {
        out.push_str(&lines(policy));
    }
    if density != Density::Compact {
        requirements(&policy.requirements, density, &mut out);
    }
    out
}

/// The warnings about people who would get rights by their own proposal.
pub(super) fn warnings(policy: &PolicyView<'_>, density: Density) -> String {
    let warning = match (policy.report.self_appointed.as_slice(), density) {
        ([], _) => return String::new(),
        (_, Density::Compact) => self_appointed(&["Somebody".to_owned()], 1).plain(),
        (people, _) => self_appointed(people, NAMED).markdown(),
    };
    format!("\n> [!WARNING]\n> {warning}\n")
}

/// The changed lines, file by file.
fn lines(policy: &PolicyView<'_>) -> String {
    let mut out = String::new();
    for file in &policy.report.changed_lines {
        let lines: Vec<String> = file
            .lines
            .iter()
            .map(|line| format!("{} {}", if line.added { '+' } else { '-' }, safe::cut(&line.text, WIDEST)))
            .collect();
        out.push_str(&format!("\n{}\n\n{}", safe::code(&file.path), safe::block("diff", &lines)));
        if file.left_out > 0 {
            out.push_str(&format!("\nand {}\n", counted(file.left_out, "more changed line")));
        }
    }
    out
}
