//! Plan: what an apply of one commit would do, item by item and call by call.
//!
//! In: flags of a commit with their earlier versions, and the items of their projects. Out: an [`AmplitudePlan`], a document
//! with an id and a digest over what it was made from. It refuses to plan over a conflict: an item that no commit explains is
//! left as it is. Not taken: archiving what has no file; only `state: archived` says that.

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map as Object, Value, json};

use super::base::{EarlierFile, base, unexplained};
use super::compare::{ItemView, projected, three_sides};
use super::lock::{LockedItem, LockedProject};
use super::relations::{dependents, warnings};
use super::state::{Asked, Standing, asked};
use super::steps::{PlannedCall, Sides, Steps, off, steps, switches_off};
use super::unread::{ReadPart, UnreadPart};
use super::{Item, fields, list_of, segments};
use crate::document::Node;
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
    /// What the file was before, the newest first; the last one may say that it was not there.
    pub past: Vec<EarlierFile>,
}

/// What a project is in Amplitude.
pub struct ProjectThere<'p> {
    /// Its id.
    pub id: &'p str,
    pub items: &'p [Item],
    pub locked: Option<&'p LockedProject>,
    pub unmanaged: &'p [String],
}

/// What was found of a flag.
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
    /// What the lock file has of it.
    pub locked: Option<LockedItem>,
    /// Amplitude's side in the fields of the file.
    pub view: Option<ItemView>,
    pub finding: Finding,
    /// The fields in which the two differ.
    pub differing: Vec<&'static str>,
    /// The version that Amplitude has.
    pub base: Option<EarlierFile>,
    pub steps: Steps,
}

impl PlannedItem {
    /// Whether the first call switches it off, which waits for nothing.
    #[must_use]
    pub fn kill(&self) -> Option<PlannedCall> {
        let have = self.have.as_ref()?;
        let was_live = self.wanted.past.iter().find_map(|past| past.flag.as_ref().filter(|flag| flag.state.live));
        switches_off(have, &self.wanted.entry.flag, was_live).then_some(())?;
        was_live.map(|_| off(have))
    }

    /// Whether something is to be said about it.
    #[must_use]
    pub fn is_told(&self) -> bool {
        self.finding != Finding::Same || !self.steps.by_hand.is_empty()
    }

    /// Whether it is archived in the end.
    #[must_use]
    pub fn archives(&self) -> bool {
        self.steps.calls().any(|call| call.body.get("archive") == Some(&Value::Bool(true)))
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
    let name = format!("{}/{}", wanted.entry.project, flag.key);
    let mut planned = PlannedItem {
        name,
        have: None,
        locked: None,
        view: None,
        finding: Finding::Same,
        differing: Vec::new(),
        base: None,
        steps: Steps::default(),
        wanted: wanted.clone(),
    };
    let locked = there.locked.and_then(|locked| locked.items.get(&flag.key));
    planned.locked = locked.cloned();
    let locked = locked.map(|item| item.id.as_str());
    let by_id = locked.and_then(|id| there.items.iter().find(|item| item.id == id));
    // An archived one has given its key away.
    let any = || there.items.iter().filter(|item| item.key == flag.key);
    let is_alive = any().any(|item| !item.archived);
    let of_key = || any().filter(|item| !is_alive || !item.archived);
    if by_id.is_none() && of_key().filter(|item| item.kind == flag.kind).count() > 1 {
        planned.finding =
            Finding::Aside("Amplitude has several items of this key: archive and rename all but one".to_owned());
        return planned;
    }
    let found = by_id.or_else(|| of_key().find(|item| item.kind == flag.kind).or_else(|| of_key().next()));
    let Some(have) = found else {
        planned.finding = match (locked, asked(&flag.state.word)) {
            (_, Asked::To(Standing::Archived)) => Finding::Same,
            (Some(id), _) => Finding::Aside(format!(
                "its item {id} is no longer in Amplitude: import, or take it out of the lock file"
            )),
            (None, _) => Finding::New,
        };
        if planned.finding == Finding::New {
            match creation(there.id, flag) {
                Ok(calls) => planned.steps = calls,
                Err(why) => planned.finding = Finding::Aside(why),
            }
        }
        return planned;
    };
    planned.have = Some(have.clone());
    if have.key != flag.key {
        planned.finding = Finding::Aside(format!(
            "its key is `{}` in Amplitude: rename one of the two, then import",
            crate::diagnostics::escape::visible(&have.key)
        ));
        return planned;
    }
    if locked.is_some_and(|id| id != have.id) {
        let message = format!("Amplitude has another item of this key, {}: it was made anew; import", have.id);
        planned.finding = Finding::Aside(message);
        return planned;
    }
    let view = projected(have, flag, there.unmanaged);
    if have.kind != flag.kind {
        planned.finding = Finding::Aside(format!("it is {} in Amplitude: it was converted; import", article(have)));
        planned.view = Some(view);
        return planned;
    }
    planned.differing = view.differing(flag);
    if planned.differing.is_empty() {
        let sides = Sides {
            have,
            want: flag,
            view: &view,
            then: wanted.past.first().and_then(|past| past.flag.as_ref()),
            dependents: &[],
        };
        planned.steps.by_hand = steps(sides).by_hand;
        planned.view = Some(view);
        return planned;
    }
    let dependents = dependents(have, there.items);
    planned.base = base(have, flag, &wanted.past, there.unmanaged, locked.is_some()).cloned();
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
    planned.view = Some(view);
    planned
}

fn article(item: &Item) -> &'static str {
    match item.kind {
        crate::flag::Kind::Flag => "a flag",
        crate::flag::Kind::Experiment => "an experiment",
    }
}

/// The conflict of an item in a sentence: which fields no commit explains, with the three sides of each, and who changed it last.
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
    // What the lock file has the hash of was applied last.
    let file = planned.locked.as_ref().and_then(|locked| locked.file.as_deref());
    let is_applied = file.is_some_and(|file| file == super::import::hash(&wanted.bytes));
    let before = if is_applied { Some(flag) } else { latest };
    let who = have.modified_by.as_deref().map(|who| format!(" by {}", crate::diagnostics::escape::visible(who)));
    let when = have.modified_at.as_deref().map(|at| format!(" at {}", crate::diagnostics::escape::visible(at)));
    format!(
        "{} in Amplitude is what no commit says, changed{}{}: import it, or set it back",
        three_sides(&fields, &view, before, flag),
        who.unwrap_or_default(),
        when.unwrap_or_default()
    )
}

/// The creation of a flag, off and served nowhere. The rest is written once it is there.
pub(super) fn creation(project: &str, flag: &Flag) -> Result<Steps, String> {
    let mut body = Object::new();
    body.insert("projectId".to_owned(), json!(project));
    let blank = blank(project, flag);
    for row in fields::of_kind(flag.kind).filter(|row| row.on_create) {
        let Some(value) = flag.get(row.name) else { continue };
        let value = match row.name {
            fields::SEGMENTS => segments::written(&blank, flag)?,
            fields::VARIANTS => {
                Value::Array(fields::list_of(&flag.record, fields::VARIANTS).iter().map(without_inclusions).collect())
            }
            _ => super::json::value(value),
        };
        body.insert(row.name.to_owned(), value);
    }
    let create = PlannedCall::new("POST", format!("/{}", list_of(flag.kind)), Value::Object(body));
    // What follows, as it will be on a new item without its id.
    let view = projected(&blank, flag, &[]);
    let rest = steps(Sides { have: &blank, want: flag, view: &view, then: None, dependents: &[] });
    let mut stages = vec![vec![create]];
    stages.extend(rest.stages);
    Ok(Steps { stages, by_hand: rest.by_hand, ..Steps::default() })
}

fn without_inclusions(variant: &Node) -> Value {
    let mut value = super::json::value(variant);
    if let Some(members) = value.as_object_mut() {
        members.remove(fields::INCLUSIONS);
    }
    value
}

/// What Amplitude makes of a creation: everything that it takes, and the rest at nothing.
fn blank(project: &str, flag: &Flag) -> Item {
    let taken = |field: &&crate::document::Entry| fields::by_name(&field.key).is_some_and(|row| row.on_create);
    let mut record = crate::document::Map(flag.record.iter().filter(taken).cloned().collect());
    for list in record.0.iter_mut().filter(|field| field.key == fields::VARIANTS) {
        super::file::without(&mut list.value, fields::INCLUSIONS);
    }
    Item {
        id: "ID".to_owned(),
        project: project.to_owned(),
        key: flag.key.clone(),
        kind: flag.kind,
        enabled: false,
        archived: false,
        phase: None,
        record,
        told: fields::of_kind(flag.kind).map(|row| row.name).collect(),
        held: BTreeMap::new(),
        inclusions_of: flag.variants().into_iter().map(str::to_owned).collect(),
        variants_read: true,
        unknown: Vec::new(),
        modified_by: None,
        modified_at: None,
        version: None,
    }
}

/// The item that Amplitude has if it has exactly what a file says: for a plan without a key.
#[must_use]
pub fn assumed(project: &str, flag: &Flag, locked: Option<&LockedItem>) -> Item {
    let mut item = blank(project, flag);
    item.id = locked.map_or_else(|| "ID".to_owned(), |locked| locked.id.clone());
    item.record = flag.record.clone();
    item.enabled = flag.state.live && asked(&flag.state.word) != Asked::Scheduled;
    item.archived = asked(&flag.state.word) == Asked::To(Standing::Archived);
    let held = locked.into_iter().flat_map(|locked| &locked.read_only);
    item.held = held.filter_map(|(field, why)| Some((fields::by_name(field)?.name, why.clone()))).collect();
    item
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
    /// Who changed it last, as Amplitude says.
    pub changed_by: Option<String>,
    /// When that was.
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
    pub asked: bool,
}

impl AmplitudePlan {
    /// The items about which something is to be said.
    pub fn told(&self) -> impl Iterator<Item = &PlannedItem> {
        self.items.iter().filter(|item| item.is_told())
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

    /// Takes the calls away from every flag that is held by a part that could not be read: whatever it says, it is not known to
    /// be the whole. Switching off is left.
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
        // What is held in a project that is not told in full is said once, of the project.
        let unread = &self.unread;
        let of_project = |item: &PlannedItem| {
            unread
                .iter()
                .any(|part| matches!(&part.part, ReadPart::Project(name) if *name == item.wanted.entry.project))
        };
        self.items.retain(|item| !of_project(item) || item.kill().is_some());
    }

    /// The error that a run ends with for the parts that could not be read: a failure from outside before a mistake in a file.
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
