//! The answer of `doctor` in text: the tier, the way up, the findings, and the fixes as commands or as they were sent.
//!
//! In: a [`Diagnosis`]. Out: lines. It decides nothing. Not taken: Markdown, since nothing is posted of it.

use super::{Look, Prose, Tone};
use crate::report::doctor::{Diagnosis, DoctorFinding, Fixes, Severity};

/// A fix that was sent.
pub struct AppliedFix {
    /// The change in words.
    pub what: String,
    /// The answer of GitHub, if it refused.
    pub refused: Option<String>,
}

/// The fixes that were sent, in their order, and what has to wait.
#[must_use]
pub fn applied(sent: &[AppliedFix], fixes: &Fixes, look: &Look) -> String {
    let mut prose = Prose::new(*look);
    for fix in sent {
        let (tone, word) = if fix.refused.is_none() { (Tone::Good, "done   ") } else { (Tone::Bad, "refused") };
        let word = prose.tone(tone, word);
        prose.wrapped(&format!("{word} "), 8, &fix.what);
        if let Some(why) = &fix.refused {
            prose.wrapped("        ", 8, why);
            let rest = fixes.ready.len() - sent.len();
            let rest = if rest == 0 { String::new() } else { format!("; {rest} more were not tried") };
            let who = "GitHub lets only administrators of the repository change its settings";
            prose.wrapped("        ", 8, &format!("{who}{rest}"));
        }
    }
    held(&mut prose, fixes);
    if !fixes.ready.is_empty() || !fixes.held.is_empty() {
        prose.blank();
    }
    prose.finish()
}

/// The fixes as commands, in their order.
#[must_use]
pub fn fixes(diagnosis: &Diagnosis, look: &Look) -> String {
    let mut prose = Prose::new(*look);
    let fixes = &diagnosis.fixes;
    let head = prose.tone(Tone::Strong, &diagnosis.repository);
    let count = match fixes.ready.len() {
        0 => "there is nothing that a token can set right".to_owned(),
        1 => "one setting to change".to_owned(),
        many => format!("{many} settings to change, in this order"),
    };
    prose.line(&format!("{head}: {count}"));
    for (at, fix) in fixes.ready.iter().enumerate() {
        prose.blank();
        prose.wrapped(&format!("  {}. ", at + 1), 5, &fix.what);
        prose.whole("     ", &fix.command);
    }
    held(&mut prose, fixes);
    prose.blank();
    if fixes.ready.is_empty() {
        prose.line("`countersign doctor` says what else is open");
    } else {
        prose.line("`countersign doctor --fix --apply` makes them, with an administrator's token");
    }
    prose.finish()
}

fn held(prose: &mut Prose, fixes: &Fixes) {
    for step in &fixes.held {
        prose.blank();
        prose.wrapped("  not yet: ", 11, step);
    }
}

/// The diagnosis for people.
#[must_use]
pub fn text(diagnosis: &Diagnosis, look: &Look) -> String {
    let mut prose = Prose::new(*look);
    let tone = match diagnosis.tier {
        0 | 1 => Tone::Bad,
        2 => Tone::Warn,
        _ => Tone::Good,
    };
    let sure = diagnosis.possible == diagnosis.tier;
    let tier = if sure {
        format!("tier {} of 4", diagnosis.tier)
    } else {
        format!("tier {} of 4 is proven, tier {} is possible", diagnosis.tier, diagnosis.possible)
    };
    let head = format!("{}: {}", prose.tone(Tone::Strong, &diagnosis.repository), prose.tone(tone, &tier));
    prose.line(&head);
    let before = if sure { "" } else { "as far as this token can tell: " };
    prose.wrapped("", 0, &format!("{before}{}", diagnosis.means));
    prose.blank();
    prose.wrapped("  holds back   ", 15, diagnosis.holds);
    prose.wrapped("  lets through ", 15, diagnosis.open);
    if diagnosis.branches.len() > 1 {
        prose.blank();
        for branch in &diagnosis.branches {
            let maybe =
                if branch.possible > branch.tier { format!(", maybe {}", branch.possible) } else { String::new() };
            prose.whole("  ", &format!("tier {}{maybe}  {}", branch.tier, branch.branch));
        }
    }
    if !diagnosis.next.is_empty() {
        prose.blank();
        let to = prose.tone(Tone::Strong, "To go up:");
        prose.line(&to);
        for (index, step) in diagnosis.next.iter().enumerate() {
            prose.whole(&format!("  {}. ", index + 1), step);
        }
    }
    for finding in diagnosis.findings.iter().filter(|finding| look.all || finding.level != Severity::Ok) {
        prose.blank();
        tell(&mut prose, finding);
    }
    let well = diagnosis.count(Severity::Ok);
    if well > 0 && !look.all {
        prose.blank();
        prose.line(&format!("{well} more are as they should be; `--all` lists them"));
    }
    prose.finish()
}

fn tell(prose: &mut Prose, finding: &DoctorFinding) {
    let (tone, word) = match finding.level {
        Severity::Error => (Tone::Bad, "error  "),
        Severity::Warning => (Tone::Warn, "warning"),
        Severity::Unknown => (Tone::Warn, "unknown"),
        Severity::Advice => (Tone::Unknown, "advice "),
        Severity::Ok => (Tone::Good, "ok     "),
    };
    let word = prose.tone(tone, word);
    let place = finding.branch.as_ref().map(|branch| format!("{branch}: ")).unwrap_or_default();
    prose.wrapped(&format!("{word} "), 8, &format!("{place}{} [{}]", finding.what, finding.id));
    if finding.level != Severity::Ok {
        prose.wrapped("        ", 8, finding.why);
    }
    if !finding.next.is_empty() {
        let arrow = prose.arrow();
        prose.whole(&format!("        {arrow} "), &finding.next);
    }
}
