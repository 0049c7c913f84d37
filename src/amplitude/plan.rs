//! Plan: what an apply of one commit would do, item by item and call by call.
//!
//! In: flags of a commit with their earlier versions, and the items of their projects. Out: an [`AmplitudePlan`], a
//! document with an id and a digest over what it was made from. It refuses to plan over a conflict: an item that no
//! commit explains is left as it is. Not taken: archiving what has no file; only `state: archived` says that.

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use super::base::{BROKE_OFF, EarlierFile, base, exchanged, since_applied, unexplained};
use super::compare::{ItemView, UncheckedReason, projected, three_sides};
use super::creation::creation;
use super::import::file_hash;
use super::lock::{LOCK_PATH, LockedItem, LockedProject};
use super::relations::{dependents, warnings};
use super::state::{ServingState, WantedState, wanted_state};
use super::steps::{PlannedCall, Sides, Steps, off, steps, switches_off};
use super::unread::{ReadPart, UnreadPart};
use super::{Item, fields};
use crate::diagnostics::escape::visible;
use crate::error::{Error, ErrorKind};
use crate::flag::{Flag, FlagEntry};
use crate::report::BypassedApproval;

/// The version of the JSON form.
pub const SCHEMA: &str = "countersign/amplitude-plan/v1";

/// A flag to be applied.
#[derive(Clone, Debug)]
pub struct WantedFlag {
    pub entry: FlagEntry,
    /// The file.
    pub bytes: Vec<u8>,
    /// The earlier versions of the file, the newest first; the last one may say that it was not there.
    pub past: Vec<EarlierFile>,
}

/// A project in Amplitude.
pub struct ProjectThere<'p> {
    /// Its id.
    pub id: &'p str,
    pub items: &'p [Item],
    pub locked: Option<&'p LockedProject>,
    pub unmanaged: &'p [String],
}

/// The finding about a flag.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Finding {
    /// Amplitude has what the file says.
    Same,
    /// Amplitude has what an earlier commit says.
    Behind,
    /// Amplitude has none.
    New,
    /// Amplitude has what no commit says.
    Conflict(String),
    /// Nothing is done about it, for this reason.
    Aside(String),
}

/// A flag in a plan.
#[derive(Clone, Debug)]
pub struct PlannedItem {
    /// `project/key`.
    pub name: String,
    pub wanted: WantedFlag,
    pub have: Option<Item>,
    /// Its entry in the lock file.
    pub locked: Option<LockedItem>,
    /// Amplitude's side in the fields of the file.
    pub view: Option<ItemView>,
    pub finding: Finding,
    /// The fields in which the two differ.
    pub differing: Vec<&'static str>,
    /// The version that Amplitude has.
    pub base: Option<EarlierFile>,
    /// The fields that stay in Amplitude alone and are others there than at the last import.
    pub strayed: Vec<String>,
    pub steps: Steps,
}

impl PlannedItem {
    /// The earlier versions of the file since it was applied last, as far as the lock file knows, the newest first.
    fn since_applied(&self) -> &[EarlierFile] {
        let applied = self.locked.as_ref().and_then(|locked| locked.applied.as_deref());
        since_applied(&self.wanted.past, &file_hash(&self.wanted.bytes), applied)
    }

    /// The newest version of the file since then that was live: its content before is that of somebody in the console
    /// changed since.
    pub(super) fn was_live(&self) -> Option<&Flag> {
        self.since_applied().iter().find_map(|past| past.flag.as_ref().filter(|flag| flag.state.live))
    }

    /// Whether the first call switches it off, which waits for nothing.
    #[must_use]
    pub fn kill(&self) -> Option<PlannedCall> {
        let have = self.have.as_ref()?;
        if self.view.as_ref().is_some_and(|view| view.leaves_state) {
            return None;
        }
        let was_live = self.was_live();
        switches_off(have, &self.wanted.entry.flag, was_live).then_some(())?;
        was_live.map(|_| off(have))
    }

    /// Whether it is on where the file has it wait for a start, so that only its history tells whether that is over.
    #[must_use]
    pub fn may_be_early(&self) -> bool {
        let applied = self.locked.as_ref().and_then(|locked| locked.applied.as_deref());
        let is_on = self.have.as_ref().is_some_and(|have| have.enabled && !have.archived);
        self.finding == Finding::Same
            && is_on
            && wanted_state(&self.wanted.entry.flag.state.word) == WantedState::Scheduled
            && applied != Some(file_hash(&self.wanted.bytes).as_str())
    }

    /// Whether something is to be said about it.
    #[must_use]
    pub fn is_listed(&self) -> bool {
        self.finding != Finding::Same
            || !self.steps.by_hand.is_empty()
            || !self.strayed.is_empty()
            || self.unanswered().next().is_some()
    }

    /// The fields of the file that Amplitude's answers left out, though they tell them of other items.
    pub fn unanswered(&self) -> impl Iterator<Item = &str> {
        let unchecked = self.view.iter().flat_map(|view| &view.unchecked);
        unchecked.filter(|(_, why)| matches!(why, UncheckedReason::Unanswered)).map(|(field, _)| field.as_str())
    }

    /// Whether it is archived in the end.
    #[must_use]
    pub fn archives(&self) -> bool {
        self.steps.calls().any(|call| call.body.get("archive") == Some(&Value::Bool(true)))
    }

    /// Plans a flag that Amplitude doesn't have.
    fn create(&mut self, locked: Option<&str>, there: &ProjectThere<'_>) {
        let flag = &self.wanted.entry.flag;
        self.finding = match (locked, wanted_state(&flag.state.word)) {
            (_, WantedState::To(ServingState::Archived)) => Finding::Same,
            (Some(id), _) => Finding::Aside(format!(
                "its item {id} is no longer in Amplitude: delete its file, or take it out of the lock file to have it \
                 made anew"
            )),
            (None, _) => match creation(there.id, flag, there.unmanaged) {
                Ok(calls) => {
                    self.steps = calls;
                    Finding::New
                }
                Err(why) => Finding::Aside(why),
            },
        };
    }

    /// The key of it in Amplitude, and in the file.
    #[must_use]
    pub fn key(&self) -> &str {
        &self.wanted.entry.flag.key
    }
}

/// Finds out what is to be done about each flag of a project.
#[must_use]
pub fn planned(wanted: &[WantedFlag], there: &ProjectThere<'_>) -> Vec<PlannedItem> {
    wanted.iter().map(|flag| one(flag, there)).collect()
}

fn one(wanted: &WantedFlag, there: &ProjectThere<'_>) -> PlannedItem {
    let flag = &wanted.entry.flag;
    let name = wanted.entry.id().to_string();
    let mut planned = PlannedItem {
        name,
        have: None,
        locked: None,
        view: None,
        finding: Finding::Same,
        differing: Vec::new(),
        base: None,
        strayed: Vec::new(),
        steps: Steps::default(),
        wanted: wanted.clone(),
    };
    let locked = there.locked.and_then(|locked| locked.items.get(&flag.key));
    planned.locked = locked.cloned();
    let locked = locked.map(|item| item.id.as_str());
    let have = match counterpart(flag, locked, there) {
        Ok(Some(have)) => have,
        Ok(None) => {
            planned.create(locked, there);
            return planned;
        }
        Err(why) => {
            planned.finding = Finding::Aside(why);
            return planned;
        }
    };
    planned.have = Some(have.clone());
    let view = projected(have, flag, there.unmanaged);
    planned.view = Some(view.clone());
    if let Some(why) = another(flag, locked, have) {
        planned.finding = Finding::Aside(why);
        return planned;
    }
    planned.differing = view.differing(flag);
    let kept = planned.locked.iter().flat_map(|locked| &locked.kept);
    planned.strayed = kept
        .filter(|(field, before)| have.kept(field).is_some_and(|now| now != **before))
        .map(|(field, _)| field.clone())
        .collect();
    if planned.differing.is_empty() {
        let then = wanted.past.first().and_then(|past| past.flag.as_ref());
        let steps = steps(Sides { have, want: flag, view: &view, then, dependents: &[] });
        // It serves users whom the file has wait for a start.
        if steps.unwritten.contains(fields::STATE) {
            planned.finding = Finding::Behind;
        }
        planned.steps = Steps { by_hand: steps.by_hand, unwritten: steps.unwritten, ..Steps::default() };
        return planned;
    }
    if let Some(why) = console_only(&planned, have) {
        planned.finding = Finding::Aside(why);
        return planned;
    }
    let dependents = dependents(have, there.items);
    planned.base = base(have, flag, planned.since_applied(), there.unmanaged, locked.is_some()).cloned();
    match &planned.base {
        Some(found) => {
            planned.finding = Finding::Behind;
            planned.steps =
                steps(Sides { have, want: flag, view: &view, then: found.flag.as_ref(), dependents: &dependents });
            let last = planned.steps.calls().filter_map(|call| call.body.get("enabled")).next_back();
            let (comes_on, goes_off) = (last == Some(&Value::Bool(true)), last == Some(&Value::Bool(false)));
            planned.steps.notes.extend(warnings(have, there.items, comes_on, goes_off || planned.archives()));
        }
        None => planned.finding = Finding::Conflict(conflict(&planned, have, there.unmanaged)),
    }
    planned
}

/// The item of a flag: that which the lock file knows by its id, else one of its key; an error where several may be
/// meant.
fn counterpart<'t>(flag: &Flag, locked: Option<&str>, there: &ProjectThere<'t>) -> Result<Option<&'t Item>, String> {
    let by_id = locked.and_then(|id| there.items.iter().find(|item| item.id == id));
    // An archived one has given its key away.
    let any = || there.items.iter().filter(|item| item.key == flag.key);
    let is_alive = any().any(|item| !item.archived);
    let of_key = || any().filter(|item| !is_alive || !item.archived);
    if by_id.is_none() && of_key().filter(|item| item.kind == flag.kind).count() > 1 {
        return Err("Amplitude has several items of this key: archive and rename all but one".to_owned());
    }
    Ok(by_id.or_else(|| of_key().find(|item| item.kind == flag.kind).or_else(|| of_key().next())))
}

/// Why an item is another one than that of the flag, in a sentence.
fn another(flag: &Flag, locked: Option<&str>, have: &Item) -> Option<String> {
    if have.key != flag.key {
        let key = visible(&have.key);
        return Some(format!("its key is `{key}` in Amplitude: rename one of the two, then import"));
    }
    if locked.is_some_and(|id| id != have.id) {
        return Some(format!("Amplitude has another item of this key, {}: it was made anew; import", have.id));
    }
    (have.kind != flag.kind).then(|| format!("it is {} in Amplitude: it was converted; import", article(have)))
}

/// Why the API can't write an item that differs, in a sentence.
fn console_only(planned: &PlannedItem, have: &Item) -> Option<String> {
    let console = planned.locked.as_ref().and_then(|locked| locked.console.clone());
    let why = console.or_else(|| have.is_web.then(|| "Amplitude says that it is a web experiment".to_owned()))?;
    Some(format!(
        "it is edited in Amplitude's console alone ({}): edit it there and import; if the API takes edits of it by \
         now, take `console` out of `{LOCK_PATH}`",
        visible(&why)
    ))
}

fn article(item: &Item) -> &'static str {
    match item.kind {
        crate::flag::Kind::Flag => "a flag",
        crate::flag::Kind::Experiment => "an experiment",
    }
}

/// The conflict of an item in a sentence: which fields no commit explains, with the three sides of each, and who
/// changed it last.
fn conflict(planned: &PlannedItem, have: &Item, unmanaged: &[String]) -> String {
    let wanted = &planned.wanted;
    let flag = &wanted.entry.flag;
    let latest = wanted.past.iter().find_map(|past| past.flag.as_ref());
    if latest.is_none() && planned.locked.is_none() {
        return format!("the key is taken by the item {} in Amplitude, which no commit made: import it", have.id);
    }
    let mut fields = unexplained(have, flag, latest.unwrap_or(flag), unmanaged);
    let view = projected(have, flag, unmanaged);
    if fields.is_empty() {
        fields = view.differing(flag);
    }
    let applied = planned.locked.as_ref().and_then(|locked| locked.applied.as_deref());
    let is_applied = applied == Some(file_hash(&wanted.bytes).as_str());
    let before = if is_applied { Some(flag) } else { latest };
    let who = have.modified_by.as_deref().map(|who| format!(" by {}", crate::diagnostics::escape::visible(who)));
    let when = have.modified_at.as_deref().map(|at| format!(" at {}", crate::diagnostics::escape::visible(at)));
    let (who, when) = (who.unwrap_or_default(), when.unwrap_or_default());
    let sides = three_sides(&fields, &view, before, flag);
    // The content of an earlier commit was put back there.
    let put_back = applied.is_some() && base(have, flag, &wanted.past, unmanaged, true).is_some();
    if put_back {
        return format!("{sides} was changed in Amplitude after it was applied{who}{when}: import it, or set it back");
    }
    // Its own switching off cannot be told from that of somebody who means it.
    let broke_off = fields == [fields::STATE] && !have.enabled && latest.is_some_and(|then| exchanged(flag, then));
    let more = if broke_off { BROKE_OFF } else { "" };
    format!("{sides} in Amplitude is what no commit says, changed{who}{when}: import it, or set it back{more}")
}

/// An item that has no file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct StrayItem {
    /// The name of its project.
    pub project: String,
    /// The key that code asks for it by.
    pub key: String,
    /// Its id in Amplitude.
    pub id: String,
    /// Whether Amplitude serves it to users.
    pub live: bool,
    /// The author of its last change, as Amplitude says.
    pub changed_by: Option<String>,
    /// The time of that change, as Amplitude says.
    pub changed_at: Option<String>,
}

/// The items of a project that no file has, the live ones first.
#[must_use]
pub fn strays(project: &str, items: &[Item], keys: &BTreeSet<&str>) -> Vec<StrayItem> {
    let stray = |item: &&Item| !item.archived && !keys.contains(item.key.as_str());
    let mut found: Vec<StrayItem> = items
        .iter()
        .filter(stray)
        .map(|item| StrayItem {
            project: project.to_owned(),
            key: item.key.clone(),
            id: item.id.clone(),
            live: item.enabled,
            changed_by: item.modified_by.clone(),
            changed_at: item.modified_at.clone(),
        })
        .collect();
    found.sort_by(|a, b| (!a.live, &a.key).cmp(&(!b.live, &b.key)));
    found
}

/// A plan of one commit.
#[derive(Clone, Debug)]
pub struct AmplitudePlan {
    /// The commit that is applied, in full; none for files that are not committed.
    pub commit: Option<String>,
    /// SHA-256 of the lock file at that commit, 64 hex digits; none if there is none.
    pub lock: Option<String>,
    pub items: Vec<PlannedItem>,
    pub strays: Vec<StrayItem>,
    /// The parts that could not be read. Nothing but switching off is done about the flags in them.
    pub unread: Vec<UnreadPart>,
    /// Whether Amplitude was asked, or assumed to have what the base branch says.
    pub from_amplitude: bool,
}

impl AmplitudePlan {
    /// The items about which something is to be said.
    pub fn listed(&self) -> impl Iterator<Item = &PlannedItem> {
        self.items.iter().filter(|item| item.is_listed())
    }

    /// Says of a new flag that one of its key goes on in another project, where its file was moved from.
    pub fn say_moved(&mut self) {
        for item in self.items.iter_mut().filter(|item| item.finding == Finding::New) {
            let entry = &item.wanted.entry;
            let elsewhere =
                |stray: &&StrayItem| stray.live && stray.key == entry.flag.key && stray.project != entry.project;
            if let Some(stray) = self.strays.iter().find(elsewhere) {
                item.steps.notes.push(format!(
                    "the item {} of `{}` has the same key, is live, and no file has it any more: if this file was \
                     moved, archive that one first, or both serve users",
                    stray.id, stray.project
                ));
            }
        }
    }

    /// The live flags whose approvals were bypassed, as the lock file remembers.
    #[must_use]
    pub fn bypassed(&self) -> Vec<BypassedApproval> {
        let live = |item: &&PlannedItem| {
            item.have.as_ref().map_or(item.wanted.entry.flag.state.live, |have| have.enabled && !have.archived)
        };
        let bypass = |item: &PlannedItem| {
            let bypass = item.locked.as_ref()?.bypassed.clone()?;
            Some(BypassedApproval { flag: item.name.clone(), bypass })
        };
        self.items.iter().filter(live).filter_map(bypass).collect()
    }

    /// Takes the calls away from every flag that is held by a part that could not be read: whatever it says, it is not
    /// known to be the whole. Switching off is left.
    pub fn hold(&mut self) {
        for item in &mut self.items {
            let entry = &item.wanted.entry;
            let holding = self.unread.iter().find(|part| part.holds(&entry.project, &item.name, &entry.path));
            let Some(part) = holding.filter(|part| !part.is_of_all() || item.finding != Finding::Same) else {
                continue;
            };
            item.steps = Steps::default();
            item.finding = Finding::Aside(part.error.message.clone());
        }
        // Items held in a project that is not listed in full are reported once, with the project.
        let unread = &self.unread;
        let of_project = |item: &PlannedItem| {
            unread
                .iter()
                .any(|part| matches!(&part.part, ReadPart::Project(name) if *name == item.wanted.entry.project))
        };
        self.items.retain(|item| !of_project(item) || item.kill().is_some());
    }

    /// The error that a run ends with for the parts that could not be read: a failure from outside before an error in
    /// a file.
    #[must_use]
    pub fn unread_error(&self) -> Option<Error> {
        let outside = self.unread.iter().find(|part| part.error.kind != ErrorKind::Invalid);
        outside.or_else(|| self.unread.first()).map(|part| part.error.clone())
    }

    /// How many calls it takes.
    #[must_use]
    pub fn calls(&self) -> usize {
        self.items.iter().map(|item| item.steps.calls().count()).sum()
    }
}
