//! Plans for Amplitude and their ends, written down: text, Markdown, and remarks for outputs that draw a report alone.
//!
//! In: an [`AmplitudePlan`], the report of its changes, and the end of an apply. Out: a [`PlanView`] and an
//! [`ending::Ending`], of which each output writes the lines. It refuses to say that a flag has its approvals: it says
//! what differs and what was done. Not taken: the changes themselves, which `render` draws as those of any report.

pub mod comment;
pub mod ending;
mod plan;

use super::Item;
use super::plan::{AmplitudePlan, Finding, PlannedItem, StrayItem};
use crate::diagnostics::escape::visible;
use crate::diagnostics::words::short;
use crate::flag::FlagId;
use crate::render::phrases::{Phrase, bypassed, count};
use crate::render::sentence;
use crate::report::NamedRemarks;

/// The most characters of Markdown, which ends in issues and comments: GitHub takes 65,536 bytes of four for one.
const MOST: usize = 60_000;

/// A plan as it is shown.
pub struct PlanView<'p> {
    plan: &'p AmplitudePlan,
    /// Whether it says what Amplitude has that the files do not say, instead of what an apply would do.
    turned: bool,
    head: String,
    /// The approvals that were bypassed.
    bypassed: Vec<Phrase>,
    /// Items that the report of changes does not show, each with its remarks.
    others: Vec<(String, Vec<String>)>,
}

impl<'p> PlanView<'p> {
    #[must_use]
    pub fn of(plan: &'p AmplitudePlan, turned: bool) -> PlanView<'p> {
        PlanView {
            plan,
            turned,
            head: head(plan, turned),
            bypassed: plan.bypassed().iter().map(bypassed).collect(),
            others: others(plan, turned),
        }
    }

    /// The head, the parts that could not be read and the items that no file has, for an output that draws a report
    /// alone.
    #[must_use]
    pub fn remarks(&self) -> Vec<NamedRemarks> {
        let head = NamedRemarks { name: String::new(), remarks: vec![self.head.clone()], bad: false };
        let unread = self.plan.unread.iter().map(|part| NamedRemarks {
            name: part.name().to_owned(),
            remarks: vec![part.error.to_string()],
            bad: true,
        });
        let other = |(name, remarks): &(String, Vec<String>)| NamedRemarks {
            name: name.clone(),
            remarks: remarks.clone(),
            bad: false,
        };
        std::iter::once(head).chain(unread).chain(self.others.iter().map(other)).collect()
    }

    /// The items that the report of changes does not show, as a list in Markdown.
    fn list_others(&self, out: &mut String) {
        for (name, lines) in &self.others {
            out.push_str(&format!("- **{}**\n", sentence(name)));
            for line in lines {
                out.push_str(&format!("  - {}\n", sentence(line)));
            }
        }
    }
}

fn flags_differ(number: usize) -> String {
    if number == 1 { "1 flag differs".to_owned() } else { format!("{number} flags differ") }
}

fn head(plan: &AmplitudePlan, turned: bool) -> String {
    let differs = |item: &&PlannedItem| item.finding != Finding::Same || !item.strayed.is_empty();
    let differ = plan.items.iter().filter(differs).count();
    let unread = match plan.unread.len() {
        0 => String::new(),
        1 => ", as far as it could be read: 1 part could not".to_owned(),
        parts => format!(", as far as it could be read: {parts} parts could not"),
    };
    let commit = plan.commit.as_deref().map(short).unwrap_or_default();
    let digest = plan.digest();
    let id = digest.get(..12).unwrap_or_default();
    if turned {
        let what = if differ == 0 { "nothing differs".to_owned() } else { flags_differ(differ) };
        return format!("Amplitude against {commit}: {what}{unread}");
    }
    let calls = match (plan.from_amplitude, plan.calls()) {
        (_, 0) if differ == 0 => "Amplitude has what the files say".to_owned(),
        (true, calls) => format!("{}, {} to Amplitude", flags_differ(differ), count(calls, "call")),
        (false, calls) => format!("merging will make {} to Amplitude", count(calls, "call")),
    };
    format!("plan {id} of {commit}: {calls}{unread}")
}

/// The items that the report of changes does not show: those without changes of fields, and those without a file.
fn others(plan: &AmplitudePlan, turned: bool) -> Vec<(String, Vec<String>)> {
    let unchanged = plan.listed().filter(|item| item.differing.is_empty() && item.finding != Finding::New);
    let unchanged = unchanged.map(|item| (item.name.clone(), remarks(item, turned)));
    unchanged.chain(plan.strays.iter().map(stray)).collect()
}

fn stray(stray: &StrayItem) -> (String, Vec<String>) {
    let live = if stray.live { "live in Amplitude, and in no file" } else { "in Amplitude, and in no file" };
    let who = stray.changed_by.as_deref().map(|who| format!(", changed by {who}")).unwrap_or_default();
    let when = stray.changed_at.as_deref().map(|at| format!(" at {at}")).unwrap_or_default();
    let name = FlagId { project: &stray.project, key: &stray.key }.to_string();
    (name, vec![format!("{live} (id {}){who}{when}", stray.id)])
}

/// The author and the time of the last change of an item, as far as Amplitude says.
fn changed_last(item: &Item) -> Option<String> {
    let who = item.modified_by.as_deref().map(|who| format!(" by {}", visible(who))).unwrap_or_default();
    let when = item.modified_at.as_deref().map(|at| format!(" at {}", visible(at))).unwrap_or_default();
    (!who.is_empty() || !when.is_empty()).then(|| format!("changed last{who}{when}, as Amplitude says"))
}

/// The remarks of a plan about an item, besides its fields.
#[must_use]
pub fn remarks(item: &PlannedItem, turned: bool) -> Vec<String> {
    let mut found = Vec::new();
    if let Finding::Conflict(why) | Finding::Aside(why) = &item.finding {
        found.push(why.clone());
    }
    found.extend(item.strayed.iter().map(|field| {
        format!(
            "{field}, which stays in Amplitude alone, is another there than at the last import: look at it there, then \
             import"
        )
    }));
    let unanswered: Vec<&str> = item.unanswered().collect();
    if !unanswered.is_empty() {
        found.push(format!("not compared, since Amplitude did not tell it: {}", unanswered.join(", ")));
    }
    // A conflict says it in its sentence.
    let conflict = matches!(item.finding, Finding::Conflict(_));
    let last = item.have.as_ref().filter(|_| !conflict).and_then(changed_last);
    if turned {
        found.extend(last);
        return found;
    }
    for (number, call) in item.steps.calls().enumerate() {
        found.push(format!("call {}: {}", number + 1, call.line()));
        found.extend(call.between.as_ref().map(|between| format!("then, until the next call: {between}")));
    }
    found.extend(item.steps.needs_leave.iter().map(|why| format!("only with `--allow-intermediate`: {why}")));
    found.extend(item.steps.notes.iter().cloned());
    found.extend(item.steps.by_hand.iter().map(|what| format!("not by the API: {what}")));
    found.extend(last);
    found
}
