//! The plan as a document: what `plan --format json` writes and `apply` takes.
//!
//! In: a plan, and its report. Out: a document of one form, with an id and a digest over what it was made from, so that
//! an apply can tell a flag that is another by now. A contract: members are added, and none is taken away.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Value, json};

use super::Item;
use super::plan::{AmplitudePlan, Finding, PlannedItem, SCHEMA, StrayItem};
use super::steps::PlannedCall;
use super::unread::UnreadPart;
use crate::report::Report;

/// A plan of one commit, written down.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct PlanDocument<'p> {
    /// The version of this form.
    pub schema: &'static str,
    /// The first digits of the digest.
    pub id: String,
    /// SHA-256 of the commit, the lock file and the items, 64 hex digits.
    pub digest: String,
    /// The commit that is applied, in full.
    pub commit: Option<&'p str>,
    /// SHA-256 of the lock file at that commit, 64 hex digits; none if there is none.
    pub lock: Option<&'p str>,
    /// Whether Amplitude was asked, or assumed to have what the base branch says.
    pub from_amplitude: bool,
    /// How many calls it takes.
    pub calls: usize,
    /// The flags about which something is to be said.
    pub items: Vec<DocumentedItem<'p>>,
    /// The items of Amplitude that no file has, and that are left alone.
    pub without_file: &'p [StrayItem],
    /// The parts that could not be read, so that nothing is said of them.
    pub unread: Vec<DocumentedPart<'p>>,
    /// The differences, field by field, in the form of any report.
    pub report: &'p Report,
}

/// A part that could not be read, written down.
#[derive(Serialize, JsonSchema)]
pub struct DocumentedPart<'p> {
    /// The name of a project, `project/key` of a flag, or the path of a file.
    pub part: &'p str,
    /// The reason.
    pub why: &'p str,
    /// The remedy.
    pub help: &'p str,
}

/// A flag in a plan, written down.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct DocumentedItem<'p> {
    /// `project/key`.
    pub flag: &'p str,
    /// Where its file stands in the repository.
    pub path: &'p str,
    /// The finding about it.
    pub finding: DocumentedFinding<'p>,
    /// The fields in which the two differ.
    pub fields: &'p [&'static str],
    /// The item in Amplitude; none if it has none.
    pub id: Option<&'p str>,
    /// The number of its latest version, as Amplitude answered; none if it tells none, or was not asked.
    pub version: Option<u64>,
    /// The number of the version that the lock file has of it.
    pub lock_version: Option<u64>,
    /// SHA-256 of everything that was read of it and that means something, 64 hex digits.
    pub hash: Option<String>,
    /// The author of its last change, as Amplitude says.
    pub changed_by: Option<&'p str>,
    /// The time of that change, as Amplitude says.
    pub changed_at: Option<&'p str>,
    /// The commit that Amplitude has of it.
    pub base: Option<&'p str>,
    /// The calls; between two stages everything is read again.
    pub stages: Vec<Vec<DocumentedCall<'p>>>,
    /// The parts that the API cannot write, each with what to do instead.
    pub by_hand: &'p [String],
    /// Remarks for people before the calls are made.
    pub notes: &'p [String],
    /// Why the calls are only made with `--allow-intermediate`.
    pub needs_leave: Option<&'p str>,
    /// The fields that cannot be compared, each with the reason.
    pub unchecked: BTreeMap<&'p str, &'p str>,
}

/// The finding about a flag, written down.
#[derive(Serialize, JsonSchema)]
pub struct DocumentedFinding<'p> {
    /// `same`, `behind` (Amplitude has what an earlier commit says), `new`, `conflict` (Amplitude has what no commit
    /// says) or `aside` (nothing is done about it).
    pub is: &'static str,
    /// Why it is a conflict, or aside.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub why: Option<&'p str>,
}

/// A call in a plan, written down.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct DocumentedCall<'p> {
    /// `POST`, `PATCH` or `DELETE`.
    pub method: &'static str,
    /// Below the address of the API.
    pub path: &'p str,
    /// The body as it is sent; null for none.
    pub body: &'p Value,
    /// The distribution after it that neither side has.
    pub between: Option<&'p str>,
}

impl AmplitudePlan {
    /// SHA-256 of what it was made from and of what it would do, 64 hex digits.
    #[must_use]
    pub fn digest(&self) -> String {
        let items: Vec<Value> = self.listed().map(PlannedItem::json).collect();
        digest_of(&json!(self.commit), &json!(self.lock), &json!(items))
    }

    /// The document.
    #[must_use]
    pub fn document<'p>(&'p self, report: &'p Report) -> PlanDocument<'p> {
        let digest = self.digest();
        PlanDocument {
            schema: SCHEMA,
            id: digest.chars().take(12).collect(),
            digest,
            commit: self.commit.as_deref(),
            lock: self.lock.as_deref(),
            from_amplitude: self.from_amplitude,
            calls: self.calls(),
            items: self.listed().map(PlannedItem::document).collect(),
            without_file: &self.strays,
            unread: self.unread.iter().map(UnreadPart::document).collect(),
            report,
        }
    }
}

/// The digest of a plan of these parts.
pub(super) fn digest_of(commit: &Value, lock: &Value, items: &Value) -> String {
    super::import::hash(json!([SCHEMA, commit, lock, items]).to_string().as_bytes())
}

impl UnreadPart {
    fn document(&self) -> DocumentedPart<'_> {
        DocumentedPart { part: self.name(), why: &self.error.message, help: &self.error.help }
    }
}

impl Finding {
    fn document(&self) -> DocumentedFinding<'_> {
        let (is, why) = match self {
            Finding::Same => ("same", None),
            Finding::Behind => ("behind", None),
            Finding::New => ("new", None),
            Finding::Conflict(why) => ("conflict", Some(why.as_str())),
            Finding::Aside(why) => ("aside", Some(why.as_str())),
        };
        DocumentedFinding { is, why }
    }
}

impl PlannedCall {
    fn document(&self) -> DocumentedCall<'_> {
        let PlannedCall { method, path, body, between } = self;
        DocumentedCall { method, path, body, between: between.as_deref() }
    }
}

impl PlannedItem {
    /// The item in the document.
    #[must_use]
    pub fn document(&self) -> DocumentedItem<'_> {
        let have = self.have.as_ref();
        let unchecked = self.view.iter().flat_map(|view| &view.unchecked);
        DocumentedItem {
            flag: &self.name,
            path: &self.wanted.entry.path,
            finding: self.finding.document(),
            fields: &self.differing,
            id: have.map(|have| have.id.as_str()),
            version: have.and_then(|have| have.version),
            lock_version: self.locked.as_ref().and_then(|locked| locked.version),
            hash: have.map(Item::digest),
            changed_by: have.and_then(|have| have.modified_by.as_deref()),
            changed_at: have.and_then(|have| have.modified_at.as_deref()),
            base: self.base.as_ref().map(|base| base.commit.as_str()),
            stages: self.steps.stages.iter().map(|stage| stage.iter().map(PlannedCall::document).collect()).collect(),
            by_hand: &self.steps.by_hand,
            notes: &self.steps.notes,
            needs_leave: self.steps.needs_leave.as_deref(),
            unchecked: unchecked.map(|(field, why)| (field.as_str(), why.words())).collect(),
        }
    }

    /// The document as a value, by which a saved plan is told from the one of now.
    #[must_use]
    pub fn json(&self) -> Value {
        serde_json::to_value(self.document()).unwrap_or_default()
    }
}
