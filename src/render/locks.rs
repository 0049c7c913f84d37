//! The answer of `locks` in text: a line for each flag that is held, and for each pull request that waits.
//!
//! In: [`Locks`]. Out: lines. It decides nothing. Not taken: Markdown, since each comment names its own locks.

use super::{Look, Prose, Tone, plain};
use crate::diagnostics::words::counted;
use crate::report::locks::Locks;

/// The locks for people, by base branch.
pub fn text(held: &Locks, look: &Look) -> String {
    let mut prose = Prose::new(*look);
    if held.locks.is_empty() {
        prose.line("no flag is held");
    }
    let mut base = None;
    for one in &held.locks {
        if base != Some(&one.base) {
            if base.is_some() {
                prose.blank();
            }
            let name = prose.tone(Tone::Strong, &one.base);
            prose.line(&name);
            base = Some(&one.base);
        }
        let idle = match one.idle_days {
            Some(days) => format!("idle for {}", counted(days, "day")),
            None => "idle for an unknown time".to_owned(),
        };
        let idle = if one.unproven {
            format!("{idle}, not proven: `/countersign recheck` on #{} settles it", one.pull)
        } else {
            idle
        };
        let flag = prose.tone(Tone::Warn, &one.flag);
        let requestor = plain(&one.requestor);
        prose.line(&format!("  {flag}  #{}, requested by @{requestor}, since {}, {idle}", one.pull, plain(&one.since)));
        for waiting in &one.waiting {
            let passed = if waiting.passed { "has passed over it" } else { "waits" };
            prose.whole(
                "    ",
                &format!("#{}, requested by @{}, {passed} since {}", waiting.pull, waiting.requestor, waiting.since),
            );
        }
    }
    prose.finish()
}
