//! A plan in text and in Markdown. The changes of fields follow it, drawn as those of any report.

use super::{MOST, PlanView};
use crate::amplitude::plan::Finding;
use crate::render::{Look, Prose, Tone, review, sentence};
use crate::report::Report;

impl PlanView<'_> {
    #[must_use]
    pub fn text(&self, look: Look) -> String {
        let mut prose = Prose::new(look);
        prose.wrapped("", 0, &self.head);
        for part in &self.plan.unread {
            prose.blank();
            let name = prose.tone(Tone::Bad, part.name());
            prose.wrapped(&format!("{name}: "), 2, &part.error.to_string());
        }
        for one in &self.bypassed {
            prose.blank();
            let label = prose.tone(Tone::Bad, "APPROVALS BYPASSED  ");
            prose.wrapped(&label, 2, &one.plain());
        }
        for (name, lines) in &self.others {
            prose.blank();
            let name = prose.tone(Tone::Strong, name);
            prose.line(&name);
            for line in lines {
                prose.wrapped("  ", 2, line);
            }
        }
        if self.plan.items.iter().any(|item| !item.differing.is_empty() || item.finding == Finding::New) {
            prose.blank();
        }
        prose.finish()
    }

    /// The plan and its changes, or its head alone where they are too much for an issue. No line of it begins with
    /// somebody else's text.
    #[must_use]
    pub fn markdown(&self, report: &Report, all: bool) -> String {
        let mut out = format!("### {}\n\n", sentence(&self.head));
        for part in &self.plan.unread {
            let (name, why) = (sentence(part.name()), sentence(&part.error.to_string()));
            out.push_str(&format!("- **{name}** could not be read: {why}\n"));
        }
        for one in &self.bypassed {
            out.push_str(&format!("> [!CAUTION]\n> {}\n\n", one.markdown()));
        }
        self.list_others(&mut out);
        if !out.ends_with("\n\n") {
            out.push('\n');
        }
        if !report.flags.is_empty() {
            out.push_str(&review("markdown", report, &Look { changes_only: true, all, ..Look::default() }));
        }
        if out.chars().count() <= MOST {
            return out;
        }
        let head: String = out.lines().take(1).collect();
        let command = if self.turned { "drift" } else { "plan" };
        format!("{head}\n\nIt is too much for an issue: `countersign amplitude {command}` says all of it.\n")
    }
}
