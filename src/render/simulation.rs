//! A simulation in text: approvals under both policies, and the merged changes for which these differ.
//!
//! In: a [`Simulation`]. Out: lines; JSON is the simulation itself. It refuses to guess who would have approved. Not
//! taken: a list of all merged changes, because those that are the same say nothing about the other policy.

use super::{Look, Prose, Tone, range_words};
use crate::diagnostics::Diagnostic;
use crate::diagnostics::words::{counted, short};
use crate::report::{Mode, Verdict};
use crate::review::simulation::{BothPolicies, PolicyOutcome, SimulatedRequirement, Simulation};

/// More people than this are not listed.
const MOST: usize = 10;

#[must_use]
pub fn text(simulation: &Simulation, look: &Look) -> String {
    let mut prose = Prose::new(*look);
    let totals = &simulation.totals;
    let range = range_words(simulation.from.as_ref(), &simulation.to, simulation.since.as_deref());
    prose.wrapped("", 0, &format!("{range}: {}", counted(totals.merged_changes, "merged change")));
    let arrow = prose.arrow();
    let both = |one: BothPolicies| format!("{} {arrow} {}", one.then, one.now);
    prose.wrapped("  needed approval  ", 19, &both(totals.gated));
    prose.wrapped("  approvals needed ", 19, &both(totals.approvals));
    prose.wrapped("  newly gated      ", 19, &totals.newly_gated.to_string());
    prose.wrapped("  no longer gated  ", 19, &totals.no_longer_gated.to_string());
    if totals.without_policy > 0 {
        prose.wrapped("  without a policy    ", 19, &totals.without_policy.to_string());
    }
    if !simulation.people.is_empty() {
        prose.blank();
        let heading = prose.tone(Tone::Strong, "most approvals, in merged changes:");
        prose.line(&heading);
        for one in simulation.people.iter().take(MOST) {
            prose.wrapped("  ", 2, &format!("{}  {}", one.who, both(one.merged_changes)));
        }
        if simulation.people.len() > MOST {
            prose.line(&format!("  and {} more", simulation.people.len() - MOST));
        }
    }
    for one in &simulation.merged_changes {
        prose.blank();
        let (oid, day) = (short(&one.commit), one.date.get(..10).unwrap_or_default());
        prose.wrapped("", 0, &format!("{oid}  {day}  {}: {}", one.author, one.subject));
        for (label, said) in [("  then  ", &one.then), ("  now   ", &one.now)] {
            for (index, line) in lines(said).iter().enumerate() {
                prose.wrapped(if index == 0 { label } else { "        " }, 8, line);
            }
        }
    }
    if simulation.merged_changes.is_empty() {
        prose.blank();
        prose.line("the two policies ask the same for all of it");
    }
    prose.finish()
}

/// The result of a policy for a merged change, line by line.
fn lines(said: &PolicyOutcome) -> Vec<String> {
    let mut lines: Vec<String> = said.requirements.iter().map(ask).collect();
    let diagnostic = |one: &Diagnostic| format!("invalid: {}:{}: {}", one.path, one.place.line, one.message);
    match said.verdict {
        None if said.diagnostics.is_empty() => lines.push("no policy".to_owned()),
        None => lines.push("a policy that does not hold".to_owned()),
        Some(Verdict::Invalid) => lines.extend(said.diagnostics.iter().map(diagnostic)),
        Some(_) if lines.is_empty() => lines.push("nothing".to_owned()),
        Some(_) => {}
    }
    lines
}

fn ask(ask: &SimulatedRequirement) -> String {
    let number = counted(ask.required, "approval");
    let whom = match ask.mode {
        Mode::Specific => ask.from.join(" or "),
        Mode::Peer => "any peer".to_owned(),
        Mode::Admins if ask.from.is_empty() => "an admin, and none is named".to_owned(),
        Mode::Admins => format!("an admin ({})", ask.from.join(" or ")),
    };
    format!("{}: {number} of {whom}", ask.what)
}
