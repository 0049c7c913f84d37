//! Bypassed approvals in an apply: which flags went live past them, and which are live already though nobody approved
//! that.

use std::collections::BTreeMap;

use super::apply::overridden;
use super::approvals::{Judge, Judged};
use super::look::{Sight, history};
use crate::amplitude::applied::EndedFlag;
use crate::amplitude::import::file_hash;
use crate::amplitude::plan::{AmplitudePlan, Finding, PlannedItem};
use crate::cli::check::seconds_now;
use crate::cli::event;
use crate::error::Error;
use crate::report::{BypassFacts, BypassWay, BypassedApproval};

/// Bypasses by the names of their flags.
pub(super) type Bypasses = BTreeMap<String, BypassFacts>;

/// When the apply runs, RFC 3339.
pub(super) fn now() -> String {
    chrono::DateTime::from_timestamp(seconds_now(), 0)
        .map_or_else(String::new, |now| now.format("%Y-%m-%dT%H:%M:%SZ").to_string())
}

/// The flags that were written past the approvals. `blocked` has why each of them would have been left.
pub(super) fn by_override(
    sight: &Sight<'_>,
    plan: &AmplitudePlan,
    ended: &[EndedFlag],
    blocked: &BTreeMap<String, String>,
    overrides: &BTreeMap<String, String>,
) -> Bypasses {
    let by = event::actor().or_else(|| sight.repo.committer()).unwrap_or_else(|| "nobody knows whom".to_owned());
    let live = |name: &str| plan.items.iter().any(|item| item.name == name && item.wanted.entry.flag.state.live);
    let ended = ended.iter().filter(|one| live(&one.name));
    let written = ended.filter(|one| one.applied.as_ref().is_some_and(|applied| !applied.done.is_empty()));
    let bypass = |one: &EndedFlag| {
        let unapproved = blocked.get(&one.name)?.clone();
        let reason = overridden(&one.name, overrides)?.to_owned();
        Some((
            one.name.clone(),
            BypassFacts { way: BypassWay::Override, by: by.clone(), reason, unapproved, at: now() },
        ))
    };
    written.filter_map(bypass).collect()
}

/// The live flags that Amplitude has as the files say, though nobody approved what the last change of the file brought:
/// it was pushed past the gate, and somebody had done the same in the console. Only files that no import or apply has
/// taken down.
pub(super) fn already_live(sight: &Sight<'_>, plan: &AmplitudePlan, judge: &Judge<'_>) -> Result<Bypasses, Error> {
    let mut suspects: Vec<PlannedItem> = plan.items.iter().filter(|item| suspect(item)).cloned().collect();
    if suspects.is_empty() || judge.is_alone() {
        return Ok(Bypasses::new());
    }
    let paths = suspects.iter().map(|item| (item.wanted.entry.path.clone(), item.key().to_owned())).collect();
    let mut past = history(sight, &paths)?;
    for item in &mut suspects {
        item.base = past.remove(&item.wanted.entry.path).and_then(|past| past.into_iter().next());
    }
    suspects.retain(|item| item.base.is_some());
    let judged: Judged = judge.flags(&suspects.iter().collect::<Vec<_>>())?;
    let bypass = |(name, verdict): (String, Result<(), crate::review::audit::Unapproved>)| {
        let unapproved = verdict.err()?;
        let bypass = BypassFacts {
            way: BypassWay::Unapproved,
            by: unapproved.by,
            reason: String::new(),
            unapproved: unapproved.why,
            at: now(),
        };
        Some((name, bypass))
    };
    Ok(judged.into_iter().filter_map(bypass).collect())
}

/// Whether any flag of a plan may be live so.
pub(super) fn suspects(plan: &AmplitudePlan) -> bool {
    plan.items.iter().any(suspect)
}

fn suspect(item: &PlannedItem) -> bool {
    let Some(locked) = &item.locked else { return false };
    item.finding == Finding::Same
        && item.wanted.entry.flag.state.live
        && item.have.as_ref().is_some_and(|have| have.enabled && !have.archived)
        && locked.bypassed.is_none()
        && locked.file.as_deref().is_some_and(|file| file != file_hash(&item.wanted.bytes))
}

/// In the form of a report.
pub(super) fn reported(bypasses: &Bypasses) -> Vec<BypassedApproval> {
    bypasses.iter().map(|(flag, bypass)| BypassedApproval { flag: flag.clone(), bypass: bypass.clone() }).collect()
}
