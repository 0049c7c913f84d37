//! Apply: the calls of one flag carried out, each stage from a fresh read, and read back.
//!
//! In: a flag with its history, and a client. Out: what was done, and the outcome. It refuses to go on where Amplitude
//! has something else than was planned for, and to call anything done that it did not read back. A write whose fate is
//! not known is looked for by reading before it is sent again. Not taken: a journal; a run that was killed is gone on
//! with by the next one, from what it reads.

use std::collections::BTreeSet;

use super::Item;
use super::base::{EarlierFile, base};
use super::client::{AmplitudeClient, Details, WriteOutcome};
use super::compare::{projected, three_sides};
use super::creation::creation;
use super::fields;
use super::plan::PlannedItem;
use super::relations::dependents;
use super::steps::{PlannedCall, Sides, Steps, off, steps, switches_off};
use crate::document::Node;
use crate::error::Error;
use crate::flag::Flag;

/// How often an item is read and planned anew. Each stage takes one, and each write of unknown fate another.
const MOST_ROUNDS: usize = 12;
/// How often a write of unknown fate is followed by another look.
const MOST_UNKNOWN: usize = 3;

/// The status of an edit that the API does not make: the answer for web experiments and guides.
const NOT_EDITED: u16 = 405;

/// The outcome for one flag.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum ApplyOutcome {
    /// Amplitude has what the file says, and it was read back.
    Done,
    /// Something is left that the API cannot write.
    ByHand(Vec<String>),
    /// Amplitude has something else than was planned for; nothing more was written.
    Conflict(String),
    /// Amplitude refused a call.
    Refused(String),
    /// Amplitude said that it was done, and it is not.
    Pending(String),
    /// The weights of a running experiment would change in several calls.
    NeedsLeave(String),
    /// The outcome of a call is not known.
    Unknown(String),
    /// Amplitude could not be asked any more.
    Stopped(Error),
}

/// The work that was done about one flag.
#[derive(Clone, Debug)]
pub struct AppliedFlag {
    /// The calls that Amplitude accepted, each in a line.
    pub done: Vec<String>,
    pub outcome: ApplyOutcome,
    /// Remarks for people, a sentence each.
    pub notes: Vec<String>,
    /// The item as it was read last, if everything that can be written is as the file says.
    pub item: Option<Item>,
    /// Whether Amplitude says that the API does not edit it (405).
    pub is_console_only: bool,
}

/// How to apply.
pub struct ApplyRules<'r> {
    pub client: &'r AmplitudeClient,
    /// The id of the project in Amplitude.
    pub project: &'r str,
    pub unmanaged: &'r [String],
    /// Whether the weights of a running experiment may change in several calls.
    pub allow_intermediate: bool,
}

/// Switches a flag off, and does nothing else.
#[must_use]
pub fn kill(rules: &ApplyRules<'_>, planned: &PlannedItem) -> AppliedFlag {
    let (done, outcome, notes) = (Vec::new(), ApplyOutcome::Done, Vec::new());
    let mut applied = AppliedFlag { done, outcome, notes, item: None, is_console_only: false };
    if let Err(error) = switch_off(rules, planned, &mut applied) {
        applied.outcome = ApplyOutcome::Stopped(error);
    }
    applied
}

fn switch_off(rules: &ApplyRules<'_>, planned: &PlannedItem, applied: &mut AppliedFlag) -> Result<(), Error> {
    let Some(have) = &planned.have else { return Ok(()) };
    let was_live = planned.was_live();
    for _ in 0..MOST_UNKNOWN {
        let Some(now) = rules.client.item(have.kind, &have.id)? else {
            applied.outcome = ApplyOutcome::Conflict("it is gone from Amplitude".to_owned());
            return Ok(());
        };
        let ours = !rules.unmanaged.iter().any(|field| field == fields::STATE);
        if !ours || !switches_off(&now, &planned.wanted.entry.flag, was_live) {
            // One whose answer was lost took effect.
            if matches!(applied.outcome, ApplyOutcome::Unknown(_)) {
                applied.done.push(off(have).line());
            }
            applied.outcome = ApplyOutcome::Done;
            return Ok(());
        }
        let call = off(&now);
        if applied.done.contains(&call.line()) {
            applied.outcome = pending(&call);
            return Ok(());
        }
        match rules.client.write(call.method, &call.path, &call.body)? {
            WriteOutcome::Accepted(_) => applied.done.push(call.line()),
            WriteOutcome::Refused(status, said) => {
                applied.is_console_only = status == NOT_EDITED;
                applied.outcome = refused(&call, status, &said);
                return Ok(());
            }
            WriteOutcome::Unknown(why) => applied.outcome = unknown(&call, &why),
        }
    }
    // The last write was not read back.
    if applied.outcome == ApplyOutcome::Done {
        applied.outcome = ApplyOutcome::Unknown("it was not read back".to_owned());
    }
    Ok(())
}

/// Carries out what a plan says of one flag.
#[must_use]
pub fn apply(rules: &ApplyRules<'_>, planned: &PlannedItem) -> AppliedFlag {
    let id = planned.have.as_ref().map(|have| (have.kind, have.id.clone()));
    let (done, notes, accepted) = (Vec::new(), Vec::new(), BTreeSet::new());
    let (made, off, is_console_only) = (false, false, false);
    let mut run = FlagRun {
        rules,
        planned,
        id,
        made,
        off,
        done,
        accepted,
        unsure: BTreeSet::new(),
        unknown: 0,
        notes,
        item: None,
        is_console_only,
    };
    let outcome = run.rounds().unwrap_or_else(ApplyOutcome::Stopped);
    let FlagRun { done, notes, item, is_console_only, .. } = run;
    AppliedFlag { done, outcome, notes, item, is_console_only }
}

/// An item of the plan while it is carried out.
struct FlagRun<'r> {
    rules: &'r ApplyRules<'r>,
    planned: &'r PlannedItem,
    id: Option<(crate::flag::Kind, String)>,
    /// Whether this run has made the item.
    made: bool,
    /// Whether this run has asked for it to be switched off.
    off: bool,
    done: Vec<String>,
    /// The calls that were accepted since the last look.
    accepted: BTreeSet<String>,
    /// The calls whose answer was lost, until a look tells.
    unsure: BTreeSet<String>,
    unknown: usize,
    notes: Vec<String>,
    item: Option<Item>,
    /// Whether an edit was answered with 405.
    is_console_only: bool,
}

impl FlagRun<'_> {
    fn flag(&self) -> &Flag {
        &self.planned.wanted.entry.flag
    }

    fn rounds(&mut self) -> Result<ApplyOutcome, Error> {
        for round in 0..MOST_ROUNDS {
            let Some(have) = self.read()? else {
                if round > 0 && self.made {
                    return Ok(ApplyOutcome::Pending(
                        "Amplitude accepted the creation, and has no such item".to_owned(),
                    ));
                }
                if let Some(outcome) = self.create()? {
                    return Ok(outcome);
                }
                continue;
            };
            self.id.get_or_insert_with(|| (have.kind, have.id.clone()));
            if round == 0
                && let Some(number) = self.version(&have)?
            {
                self.notes.push(format!("version {number} before"));
            }
            let steps = match self.plan(&have)? {
                Ok(steps) => steps,
                Err(why) => return Ok(ApplyOutcome::Conflict(why)),
            };
            // A call that is not planned again took effect, whatever became of its answer.
            let again: BTreeSet<String> = steps.calls().map(PlannedCall::line).collect();
            self.done.extend(std::mem::take(&mut self.unsure).into_iter().filter(|line| !again.contains(line)));
            let Some(stage) = steps.stages.first() else { return self.end(&have, steps) };
            if let Some(why) = steps.needs_leave.filter(|_| !self.rules.allow_intermediate) {
                // A call that takes users away for good needs nobody's answer.
                if !steps.kills {
                    return Ok(ApplyOutcome::NeedsLeave(why));
                }
            }
            if let Some(outcome) = self.carry_out(&stage.clone())? {
                return Ok(outcome);
            }
        }
        Ok(ApplyOutcome::Unknown("it did not come to an end".to_owned()))
    }

    /// The item as it is now, with everything that the file says of it.
    fn read(&self) -> Result<Option<Item>, Error> {
        let client = self.rules.client;
        let found = match &self.id {
            Some((kind, id)) => client.item(*kind, id)?,
            None => {
                let mut found = client.items_of_key(self.rules.project, &self.flag().key)?;
                if found.iter().any(|item| !item.archived) {
                    found.retain(|item| !item.archived);
                }
                found.pop()
            }
        };
        let Some(item) = found else { return Ok(None) };
        let wanted = [details(&item, self.flag())];
        let mut items = [item];
        client.detail(&mut items, &wanted, &|| {})?;
        Ok(items.into_iter().next())
    }

    /// The number of its latest version. Nothing waits for one that cannot be read: the content is compared.
    fn version(&mut self, have: &Item) -> Result<Option<u64>, Error> {
        match self.rules.client.latest(have) {
            Err(error) if error.kind.is_of_an_answer() => {
                self.notes.push(format!("its version is not known: {}", error.message));
                Ok(None)
            }
            latest => Ok(latest?.map(|version| version.number)),
        }
    }

    /// The steps from what is there, or the conflict.
    fn plan(&self, have: &Item) -> Result<Result<Steps, String>, Error> {
        let (flag, unmanaged) = (self.flag(), self.rules.unmanaged);
        if have.key != flag.key || have.kind != flag.kind || have.project != self.rules.project {
            return Ok(Err("it is another item in Amplitude by now".to_owned()));
        }
        // Off is also what an exchange of deployments goes through: another who switched it off has the last word.
        let was_on = self.planned.have.as_ref().is_some_and(|then| then.enabled && !then.archived);
        if was_on && !have.enabled && !self.off && flag.state.live {
            return Ok(Err("it was switched off in Amplitude since the plan".to_owned()));
        }
        let view = projected(have, flag, unmanaged);
        let differing = view.differing(flag);
        let known = self.planned.base.as_slice();
        let past = if known.is_empty() { self.planned.wanted.past.as_slice() } else { known };
        // Where the plan found none, only one that a creation began may be gone on with: of another one nothing was
        // shown.
        let unseen = self.planned.have.is_none() && !self.made;
        let begun = past.iter().position(|past| past.flag.is_none()).and_then(|at| past.get(at..));
        let past = if unseen { begun.unwrap_or_default() } else { past };
        let locked = self.planned.base.is_none() && self.planned.have.is_some();
        // The switching off of this run is nobody else's edit.
        let explained = if self.off && was_on { &Item { enabled: true, ..have.clone() } } else { have };
        let found: Option<&EarlierFile> =
            if differing.is_empty() { past.first() } else { base(explained, flag, past, unmanaged, locked) };
        if !differing.is_empty() && found.is_none() && !self.made {
            let message = format!(
                "{} is neither what the file says nor what it said: changed in Amplitude since the plan",
                three_sides(&differing, &view, known.first().and_then(|base| base.flag.as_ref()), flag)
            );
            return Ok(Err(message));
        }
        let then = found.and_then(|found| found.flag.as_ref());
        let others = if needs_dependents(have, flag, &differing) {
            dependents(have, &self.rules.client.items(self.rules.project)?)
        } else {
            Vec::new()
        };
        Ok(Ok(steps(Sides { have, want: flag, view: &view, then, dependents: &others })))
    }

    fn carry_out(&mut self, stage: &[PlannedCall]) -> Result<Option<ApplyOutcome>, Error> {
        for call in stage {
            if self.accepted.contains(&call.line()) {
                return Ok(Some(pending(call)));
            }
            self.off |= call.body.get("enabled") == Some(&serde_json::Value::Bool(false));
            match self.rules.client.write(call.method, &call.path, &call.body)? {
                WriteOutcome::Accepted(_) => {
                    self.done.push(call.line());
                    self.accepted.insert(call.line());
                }
                WriteOutcome::Refused(status, said) => {
                    self.is_console_only |= status == NOT_EDITED && call.method == "PATCH";
                    return Ok(Some(refused(call, status, &said)));
                }
                WriteOutcome::Unknown(why) => {
                    self.unknown += 1;
                    self.unsure.insert(call.line());
                    // The next round reads what became of it.
                    return Ok((self.unknown > MOST_UNKNOWN).then(|| unknown(call, &why)));
                }
            }
        }
        Ok(None)
    }

    fn create(&mut self) -> Result<Option<ApplyOutcome>, Error> {
        if self.planned.have.is_some() {
            return Ok(Some(ApplyOutcome::Conflict("it is gone from Amplitude".to_owned())));
        }
        let steps = match creation(self.rules.project, self.flag(), self.rules.unmanaged) {
            Ok(steps) => steps,
            Err(why) => return Ok(Some(ApplyOutcome::ByHand(vec![why]))),
        };
        let Some(call) = steps.stages.into_iter().next().and_then(|stage| stage.into_iter().next()) else {
            return Ok(None);
        };
        let outcome = self.carry_out(&[call])?;
        self.made |= !self.done.is_empty();
        Ok(outcome)
    }

    /// The end: everything that can be written is as the file says.
    fn end(&mut self, have: &Item, steps: Steps) -> Result<ApplyOutcome, Error> {
        let mut item = have.clone();
        if !self.done.is_empty()
            && let Some(number) = self.version(have)?
        {
            self.notes.push(format!("version {number} after"));
            item.version = Some(number);
        }
        self.item = Some(item);
        let running = have.phase.as_deref().is_none_or(|phase| phase == "running");
        if have.enabled && !running && self.done.iter().any(|line| line.ends_with("{\"enabled\":true}")) {
            let phase = have.phase.clone().unwrap_or_default();
            self.notes
                .push(format!("it serves users, and Amplitude calls it `{phase}`: its analysis may lack a start"));
        }
        Ok(if steps.by_hand.is_empty() { ApplyOutcome::Done } else { ApplyOutcome::ByHand(steps.by_hand) })
    }
}

/// Whether somebody has to be looked for who depends on the item: before it is archived, or loses a variant.
fn needs_dependents(have: &Item, flag: &Flag, differing: &[&'static str]) -> bool {
    let archives = flag.state.word == "archived" && !have.archived;
    let kept = flag.variants();
    archives || differing.contains(&fields::VARIANTS) && have.variants().any(|key| !kept.contains(&key))
}

/// The parts of an item that have to be read to compare it with a file: those that the file says, and whom a variant
/// that goes includes.
#[must_use]
pub fn details(item: &Item, flag: &Flag) -> Details {
    let variants = fields::list_of(&flag.record, fields::VARIANTS);
    let key_of = |node: &Node| node.get(fields::KEY).and_then(Node::as_text).map(str::to_owned);
    let has = |member: &str| variants.iter().any(|variant| variant.get(member).is_some());
    let includes = variants.iter().filter(|variant| variant.get(fields::INCLUSIONS).is_some()).filter_map(key_of);
    let kept: BTreeSet<String> = variants.iter().filter_map(key_of).collect();
    let gone = item.variants().filter(|key| !variants.is_empty() && !kept.contains(*key)).map(str::to_owned);
    Details {
        variants: has(fields::PAYLOAD) || has(fields::DESCRIPTION),
        inclusions: includes.filter(|key| item.variants().any(|one| one == key)).chain(gone).collect(),
    }
}

fn pending(call: &PlannedCall) -> ApplyOutcome {
    ApplyOutcome::Pending(format!(
        "Amplitude accepted `{}` and did not do it: perhaps it waits for an approval there",
        call.line()
    ))
}

fn refused(call: &PlannedCall, status: u16, said: &str) -> ApplyOutcome {
    let why = match status {
        0 => return ApplyOutcome::Refused(format!("`{}` was not sent: {said}", call.line())),
        NOT_EDITED => "it cannot be edited through the API, as web experiments and guides: edit it in the console",
        403 => "the key may not: check its project",
        _ => "perhaps it is locked by a pending approval in Amplitude, or needs one there",
    };
    ApplyOutcome::Refused(format!("Amplitude refused `{}` with {status} ({said}): {why}", call.line()))
}

fn unknown(call: &PlannedCall, why: &str) -> ApplyOutcome {
    ApplyOutcome::Unknown(format!("`{}`: {why}", call.line()))
}
