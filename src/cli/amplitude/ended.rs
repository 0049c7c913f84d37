//! The end of an apply, flag by flag: what was done, what not, and the next step.

use crate::amplitude::apply::{AppliedFlag, ApplyOutcome};
use crate::cli::prose::{LineTone, Prose};
use crate::cli::show::Shell;
use crate::render::phrases::count;

/// What happened to one flag.
pub(super) struct Ended {
    pub name: String,
    pub applied: Option<AppliedFlag>,
    /// Why nothing was written, if nothing was.
    pub left: Option<String>,
}

pub(super) fn summary(done: &[Ended], whole: bool, shell: &Shell) -> String {
    let mut prose = Prose::new(shell.look(false));
    prose.blank();
    for one in done {
        let name = crate::render::plain(&one.name);
        if let Some(left) = &one.left {
            let word = prose.tone(LineTone::Yellow, "left");
            prose.wrapped(&format!("{word}  {name}: "), 2, left);
        }
        let Some(applied) = &one.applied else { continue };
        let (tone, word, why) = match &applied.outcome {
            ApplyOutcome::Done => (LineTone::Green, "done", String::new()),
            ApplyOutcome::ByHand(what) => (LineTone::Yellow, "by hand", what.join("; ")),
            ApplyOutcome::Conflict(why) => (LineTone::Red, "conflict", why.clone()),
            ApplyOutcome::Refused(why) => (LineTone::Red, "refused", why.clone()),
            ApplyOutcome::Pending(why) => (LineTone::Yellow, "not yet", why.clone()),
            ApplyOutcome::NeedsLeave(why) => {
                (LineTone::Yellow, "left", format!("{why}; add `--allow-intermediate` if that may be"))
            }
            ApplyOutcome::Unknown(why) => (LineTone::Red, "unknown", why.clone()),
            ApplyOutcome::Stopped(error) => (LineTone::Red, "stopped", error.message.clone()),
        };
        let word = prose.tone(tone, word);
        prose.wrapped(&format!("{word}  {name}: "), 2, &format!("{}{why}", calls(applied)));
        for line in &applied.done {
            prose.wrapped("    ", 4, line);
        }
        for note in &applied.notes {
            prose.wrapped("    ", 4, note);
        }
    }
    prose.blank();
    prose.wrapped("", 0, if whole {
        "Amplitude has what the files say; `countersign amplitude drift` looks again"
    } else {
        "what was not done is as it was; see to it, then run `countersign amplitude apply` again: it goes on from what it reads"
    });
    prose.finish()
}

fn calls(applied: &AppliedFlag) -> String {
    match applied.done.len() {
        0 => String::new(),
        number => format!("{}. ", count(number, "call")),
    }
}
