//! The end of an apply, flag by flag: what was done, what not, whose approvals were bypassed, and the next step.

use super::PlanView;
use crate::amplitude::applied::{EndedFlag, document};
use crate::amplitude::plan::AmplitudePlan;
use crate::diagnostics::escape::code;
use crate::render::phrases::{bypassed, count};
use crate::render::{self, Look, Prose, Tone, sentence};
use crate::report::{BypassedApproval, NamedRemarks, Report};

/// The end of an apply.
pub struct Ending<'e> {
    pub plan: &'e AmplitudePlan,
    pub ended: &'e [EndedFlag],
    pub bypassed: Vec<BypassedApproval>,
}

impl Ending<'_> {
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.plan.unread.is_empty() && self.ended.iter().all(EndedFlag::is_done)
    }

    #[must_use]
    pub fn json(&self) -> String {
        render::json(&document(self.plan, self.ended, &self.bypassed))
    }

    /// A report of the changes, with what became of each, for an output that draws a report alone.
    #[must_use]
    pub fn report(&self, mut report: Report) -> Report {
        report.bypassed.clone_from(&self.bypassed);
        report.remarks = PlanView::of(self.plan, false).remarks();
        report.remarks.extend(self.not_shown(&report));
        for flag in &mut report.flags {
            let own: Vec<String> = self.ended.iter().filter(|one| flag.id().is(&one.name)).map(line).collect();
            flag.remarks.extend(own);
        }
        report
    }

    /// The outcomes of flags that the report of changes does not show, and the next step.
    fn not_shown(&self, report: &Report) -> Vec<NamedRemarks> {
        let shown = |name: &str| report.flags.iter().any(|flag| flag.id().is(name));
        let others = self.ended.iter().filter(|one| !shown(&one.name));
        let remarks =
            |name: &str, remark: String| NamedRemarks { name: name.to_owned(), remarks: vec![remark], bad: false };
        let mut found: Vec<NamedRemarks> = others.map(|one| remarks(&one.name, line(one))).collect();
        found.push(remarks("", self.next().to_owned()));
        found
    }

    fn next(&self) -> &'static str {
        if self.is_whole() {
            "Amplitude has what the files say; `countersign amplitude drift` looks again"
        } else {
            "what was not done is as it was; see to it, then run `countersign amplitude apply` again: it goes on from \
             what it reads"
        }
    }

    #[must_use]
    pub fn text(&self, look: Look) -> String {
        let mut prose = Prose::new(look);
        prose.blank();
        for one in self.ended {
            let name = render::plain(&one.name);
            if let Some(left) = &one.left {
                let word = prose.tone(Tone::Warn, "left");
                prose.wrapped(&format!("{word}  {name}: "), 2, left);
            }
            let Some(applied) = &one.applied else { continue };
            let (word, why) = applied.outcome.word_and_reason();
            let tone = match word {
                "done" => Tone::Good,
                "by-hand" | "not-yet" | "left" => Tone::Warn,
                _ => Tone::Bad,
            };
            let word = prose.tone(tone, &word.replace('-', " "));
            let calls = calls(applied.done.len());
            prose.wrapped(&format!("{word}  {name}: "), 2, &format!("{calls}{}", why.unwrap_or_default()));
            for line in applied.done.iter().chain(&applied.notes) {
                prose.wrapped("    ", 4, line);
            }
        }
        prose.blank();
        for one in &self.bypassed {
            let label = prose.tone(Tone::Bad, "APPROVALS BYPASSED  ");
            prose.wrapped(&label, 2, &bypassed(one).plain());
            prose.blank();
        }
        prose.wrapped("", 0, self.next());
        prose.finish()
    }

    /// The end in Markdown. No line of it begins with somebody else's text, and it goes into files.
    #[must_use]
    pub fn markdown(&self) -> String {
        let done = self.ended.iter().filter(|one| one.is_done()).count();
        let mut out = format!("### Applied to Amplitude: {done} of {}\n", count(self.ended.len(), "flag"));
        for one in &self.bypassed {
            out.push_str(&format!("\n> [!CAUTION]\n> {}\n", bypassed(one).markdown()));
        }
        out.push('\n');
        for one in self.ended {
            out.push_str(&format!("- **{}**: {}\n", sentence(&one.name), sentence(&line(one))));
            for call in one.applied.iter().flat_map(|applied| &applied.done) {
                out.push_str(&format!("  - {}\n", code(call)));
            }
            for note in one.applied.iter().flat_map(|applied| &applied.notes) {
                out.push_str(&format!("  - {}\n", sentence(note)));
            }
        }
        out.push_str(&format!("\n{}\n", sentence(self.next())));
        out
    }
}

/// The outcome of one flag, in a line.
fn line(one: &EndedFlag) -> String {
    let Some(applied) = &one.applied else {
        return one.left.as_ref().map_or_else(|| "done".to_owned(), |left| format!("left: {left}"));
    };
    let (word, why) = applied.outcome.word_and_reason();
    let calls = calls(applied.done.len());
    let why = one.left.clone().or(why).map_or_else(String::new, |why| format!(": {why}"));
    format!(
        "{}{}{why}",
        word.replace('-', " "),
        if calls.is_empty() { String::new() } else { format!(" ({})", calls.trim_end_matches(". ")) }
    )
}

fn calls(number: usize) -> String {
    if number == 0 { String::new() } else { format!("{}. ", count(number, "call")) }
}
