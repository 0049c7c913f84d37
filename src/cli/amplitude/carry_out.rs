//! The calls of an apply, flag by flag: switching off first, then the rest.

use std::collections::BTreeSet;

use crate::amplitude::applied::EndedFlag;
use crate::amplitude::apply::{AppliedFlag, ApplyOutcome, ApplyRules, apply, kill};
use crate::amplitude::client::AmplitudeClient;
use crate::amplitude::plan::{Finding, PlannedItem};
use crate::cli::show::Shell;
use crate::error::ErrorKind;
use crate::policy::AmplitudeConfig;

/// The flags that had to be switched off first, by their names.
#[derive(Default)]
pub(super) struct SwitchedOff {
    pub off: BTreeSet<String>,
    pub failed: BTreeSet<String>,
    /// Whether Amplitude answers nothing else either.
    pub stopped: bool,
}

/// An apply under way.
pub(super) struct Carrier<'c> {
    pub client: &'c AmplitudeClient,
    pub config: &'c AmplitudeConfig,
    /// Whether the weights of a running experiment may change in several calls.
    pub allow_intermediate: bool,
}

impl Carrier<'_> {
    /// Carries out what may be, one flag after the other, each with the reason why it is left, if it is.
    pub fn rest(
        &self,
        todo: Vec<(&PlannedItem, Option<String>)>,
        killed: &SwitchedOff,
        (done, shell): (&mut Vec<EndedFlag>, &Shell),
    ) {
        for (item, reason) in todo {
            // An item that could not even be switched off has been reported, and is not tried again in this run.
            if killed.failed.contains(&item.name) {
                continue;
            }
            if killed.stopped {
                let left = Some("nothing more is asked of Amplitude in this run".to_owned());
                done.push(EndedFlag { name: item.name.clone(), applied: None, left });
                continue;
            }
            let off = killed.off.contains(&item.name);
            match reason {
                // Switching off was all there was to do.
                Some(_) if off && only_off(item) => {}
                Some(left) => {
                    let left = if off { format!("it is off; the rest is left: {left}") } else { left };
                    done.push(EndedFlag { name: item.name.clone(), applied: None, left: Some(left) });
                }
                None => {
                    shell.note(&format!("{} …", item.name));
                    let applied = apply(&self.rules(item), item);
                    let stopped = stops(&applied);
                    // An item that was switched off first, and was to be switched off only, is one line in the end.
                    let earlier = done.iter_mut().find(|one| off && one.name == item.name && applied.done.is_empty());
                    if let Some(first) = earlier.and_then(|one| one.applied.as_mut()) {
                        let calls = std::mem::take(&mut first.done);
                        *first = AppliedFlag { done: calls, ..applied };
                        continue;
                    }
                    done.push(EndedFlag { name: item.name.clone(), applied: Some(applied), left: None });
                    if stopped {
                        break;
                    }
                }
            }
        }
    }

    /// Switches off what has to be off, and may be.
    pub fn kills(&self, work: &[&PlannedItem], may: &dyn Fn(&str) -> bool, done: &mut Vec<EndedFlag>) -> SwitchedOff {
        let mut found = SwitchedOff::default();
        for item in work.iter().filter(|item| item.kill().is_some() && may(&item.name)) {
            let applied = kill(&self.rules(item), item);
            let names = if applied.outcome == ApplyOutcome::Done { &mut found.off } else { &mut found.failed };
            names.insert(item.name.clone());
            found.stopped = stops(&applied);
            done.push(EndedFlag { name: item.name.clone(), applied: Some(applied), left: None });
            if found.stopped {
                break;
            }
        }
        found
    }

    fn rules(&self, item: &PlannedItem) -> ApplyRules<'_> {
        let Carrier { client, config, allow_intermediate } = *self;
        let project = config.projects.get(&item.wanted.entry.project).map_or("", String::as_str);
        ApplyRules { client, project, unmanaged: &config.unmanaged, allow_intermediate }
    }
}

/// Whether the plan of a flag is to switch it off, and nothing else.
fn only_off(item: &PlannedItem) -> bool {
    item.finding == Finding::Behind && item.steps.calls().count() == 1 && item.steps.by_hand.is_empty()
}

/// Whether nothing else will be answered either.
fn stops(applied: &AppliedFlag) -> bool {
    let kinds = [ErrorKind::Unauthorised, ErrorKind::Limited, ErrorKind::Network];
    matches!(&applied.outcome, ApplyOutcome::Stopped(error) if kinds.contains(&error.kind))
}
