//! Evidence from the outside: reviews, permissions, teams, displayed revisions, and the other open pull requests.
//!
//! A file of this form makes every verdict possible offline and again. An absent member is unknown, and unknown counts
//! as no.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::digest::Content;
use crate::diagnostics::diagnostic::nearest;
use crate::document::date::instant;

/// The version of the JSON form.
pub const SCHEMA: &str = "countersign/evidence/v1";

/// The form of a name that can be compared with a login. `@alice` or ` alice` is who is meant to a person and somebody
/// else to a comparison: as the requestor it would let alice approve her own change, and as a reviewer lose her
/// rejection. A name in other letters passes, as the name of nobody.
const LOGIN: &str = r"^[^\s@/,]+$";

/// Everything a verdict needs besides the files and the policy.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Evidence {
    /// The version of this form: `countersign/evidence/v1`.
    #[schemars(extend("const" = SCHEMA))]
    pub schema: String,
    /// When it was gathered, such as `2026-11-23T12:00:00Z`. It is the only clock a verdict knows.
    pub now: String,
    /// The number of the pull request, if there is one.
    #[serde(default)]
    pub pull: Option<u64>,
    /// Whether the pull request is a draft.
    #[serde(default)]
    pub draft: bool,
    /// Login of who opened it.
    #[schemars(regex(pattern = LOGIN))]
    pub requestor: String,
    /// Logins of all who authored or committed commits in it that touch managed files. Absent is unknown: then no
    /// approval counts, since anyone may have written what they approve.
    #[serde(default)]
    #[schemars(inner(regex(pattern = LOGIN)))]
    pub contributors: Option<Vec<String>>,
    /// Every review, oldest first.
    #[serde(default)]
    pub reviews: Vec<Review>,
    /// The dismissals of reviews. Absent is unknown, and so is the content of a dismissed review that is not among
    /// them: such a review of someone eligible still stands in the way, since it may have been a rejection.
    #[serde(default)]
    pub dismissals: Option<Vec<Dismissal>>,
    /// Login to permission on the repository: `read`, `triage`, `write`, `maintain`, `admin` or `none`. Absent is
    /// unknown.
    #[serde(default)]
    #[schemars(extend("propertyNames" = {"pattern": LOGIN}))]
    pub permissions: BTreeMap<String, String>,
    /// `@org/team` to the logins of its members. A team that is absent is unknown.
    #[serde(default)]
    #[schemars(extend("additionalProperties" = {"type": "array", "items": {"type": "string", "pattern": LOGIN}}))]
    pub teams: BTreeMap<String, Vec<String>>,
    /// Displayed revisions, oldest first. Absent means that none were kept: then an approval counts only if somebody
    /// vouches for it.
    #[serde(default)]
    pub displayed: Option<Vec<DisplayedRevision>>,
    /// Contents that were displayed earlier, to tell what changed since. Each is believed only if it hashes to the
    /// digest that was displayed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub contents: Vec<Content>,
    /// The open pull requests that hold flags; this one too, if what it holds and since when is noted somewhere.
    #[serde(default)]
    pub open: Vec<OpenPull>,
    /// Overrides by two admins.
    #[serde(default)]
    pub overrides: Vec<Override>,
    /// Locks that an admin passed over for this pull request, whose holders `open` no longer names for the flag.
    #[serde(default)]
    pub passed_over: Vec<LockPassedOver>,
    /// Sources that could not be read and why, one sentence each, without a full stop.
    #[serde(default)]
    pub unread: Vec<String>,
}

impl Evidence {
    /// Reads evidence. Everything in it must be understood: an unknown member or a time that can't be read could be
    /// the one that decides.
    ///
    /// # Errors
    /// The reason and the place.
    pub fn parse(text: &str) -> Result<Evidence, String> {
        if !text.trim_start().starts_with('{') {
            return Err("line 1, column 1: it is no JSON object, expected one with `schema` and `now`".to_owned());
        }
        let evidence: Evidence = serde_json::from_str(text).map_err(|error| explain(&error))?;
        if evidence.schema != SCHEMA {
            return Err(format!("`schema` is `{}`, expected `{SCHEMA}`", evidence.schema.escape_debug()));
        }
        let times = [("now", &evidence.now)]
            .into_iter()
            .chain(evidence.reviews.iter().map(|review| ("submittedAt", &review.submitted_at)))
            .chain(evidence.dismissals.iter().flatten().map(|dismissal| ("at", &dismissal.at)))
            .chain(evidence.displayed.iter().flatten().map(|shown| ("at", &shown.at)))
            .chain(evidence.overrides.iter().map(|one| ("at", &one.at)))
            .chain(evidence.passed_over.iter().map(|one| ("at", &one.at)))
            .chain(evidence.open.iter().flat_map(|open| open.touches.values()).map(|at| ("touches", at)));
        for (name, time) in times {
            if instant(time).is_none() {
                return Err(format!(
                    "`{name}` is `{}`, expected a time such as `2026-11-23T12:00:00Z`",
                    time.escape_debug()
                ));
            }
        }
        if let Some((name, login)) = evidence.logins().find(|(_, login)| !may_be_login(login)) {
            let login = login.escape_debug();
            return Err(format!(
                "`{name}` has `{login}`, which is no login, expected one such as `alice`, without `@`"
            ));
        }
        Ok(evidence)
    }

    /// Each login of a person, with the member it stands in.
    fn logins(&self) -> impl Iterator<Item = (&'static str, &String)> {
        let dismissals = || self.dismissals.iter().flatten();
        std::iter::once(("requestor", &self.requestor))
            .chain(self.contributors.iter().flatten().map(|login| ("contributors", login)))
            .chain(self.reviews.iter().map(|review| ("login", &review.login)))
            .chain(dismissals().map(|dismissal| ("review", &dismissal.review)))
            .chain(dismissals().map(|dismissal| ("by", &dismissal.by)))
            .chain(self.permissions.keys().map(|login| ("permissions", login)))
            .chain(self.teams.values().flatten().map(|login| ("teams", login)))
            .chain(self.open.iter().map(|open| ("requestor", &open.requestor)))
            .chain(self.overrides.iter().map(|one| ("login", &one.login)))
            .chain(self.passed_over.iter().map(|one| ("by", &one.by)))
    }
}

/// Whether a name is of the form [`LOGIN`].
fn may_be_login(name: &str) -> bool {
    !name.is_empty() && !name.contains(|char: char| char.is_whitespace() || matches!(char, '@' | '/' | ','))
}

/// The message of the JSON reader in words that need no Rust, with the nearest member for one that is mistyped.
fn explain(error: &serde_json::Error) -> String {
    let message = error.to_string();
    let message = message.rsplit_once(" at line ").map_or(message.as_str(), |(message, _)| message);
    let place = format!("line {}, column {}", error.line(), error.column());
    let mut quoted = message.split('`').skip(1).step_by(2);
    if let (Some(("unknown field", _)), Some(typed)) = (message.split_once(" `"), quoted.next()) {
        let typed = typed.escape_debug();
        let meant = match nearest(&typed.to_string(), quoted) {
            Some(near) => format!("expected `{near}` if that is meant"),
            None => "expected a member that the schema names".to_owned(),
        };
        return format!("{place}: `{typed}` is no member of it, {meant}");
    }
    let words = [
        ("EOF while", "the file ends while"),
        ("struct Evidence", "a map"),
        ("struct Review", "a map"),
        ("struct Dismissal", "a map"),
        ("struct DisplayedRevision", "a map"),
        ("struct Override", "a map"),
        ("struct LockPassedOver", "a map"),
        ("struct ContentPart", "a map"),
        ("struct Content", "a map"),
        ("struct OpenPull", "a map"),
        ("u64", "a whole number"),
        ("a boolean", "`true` or `false`"),
        ("a sequence", "a list"),
        ("sequence", "a list"),
        ("missing field", "there is no"),
        ("duplicate field", "twice there is"),
    ];
    let message = words.iter().fold(message.to_owned(), |message, (theirs, ours)| message.replace(theirs, ours));
    format!("{place}: {message}")
}

/// One review of the pull request.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Review {
    /// Login of the reviewer.
    #[schemars(regex(pattern = LOGIN))]
    pub login: String,
    /// The kind of account; only `User` is a person.
    pub kind: String,
    /// `APPROVED`, `CHANGES_REQUESTED`, `COMMENTED`, `DISMISSED` or `PENDING`. Any other word approves nothing.
    pub state: String,
    /// When it was submitted, such as `2026-11-23T11:00:00Z`.
    pub submitted_at: String,
    /// The digests in full that a signed response names itself, by `project/key`. It is about these and no others,
    /// whatever was displayed when. Absent for a review of a forge.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub digests: Option<BTreeMap<String, String>>,
}

/// A review that was dismissed.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Dismissal {
    /// Login of the reviewer whose review it was.
    #[schemars(regex(pattern = LOGIN))]
    pub review: String,
    /// Login of who dismissed it.
    #[schemars(regex(pattern = LOGIN))]
    pub by: String,
    /// When it was dismissed, such as `2026-11-23T11:30:00Z`.
    pub at: String,
    /// The state it had before, such as `CHANGES_REQUESTED`. Any other word than that, `APPROVED`, `COMMENTED` or
    /// `PENDING` may have been a rejection, and counts as one.
    pub was: String,
    /// The digests in full that a signed dismissal names itself, by `project/key`: it is of the response to these and
    /// of no other. Absent for one of a forge.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub digests: Option<BTreeMap<String, String>>,
}

impl Dismissal {
    /// Whether what was dismissed was a rejection, or may have been one.
    #[must_use]
    pub fn was_rejection(&self) -> bool {
        may_have_rejected(&self.was)
    }
}

/// Whether a review in this state rejected, or may have.
#[must_use]
pub fn may_have_rejected(state: &str) -> bool {
    !matches!(state, "APPROVED" | "COMMENTED" | "PENDING")
}

/// The digests displayed from a moment on.
#[derive(Clone, Default, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct DisplayedRevision {
    /// Since when, such as `2026-11-23T10:00:00Z`.
    pub at: String,
    /// `project/key` (or `.countersign` for the policy) to at least the first eight hex digits of its digest.
    pub digests: BTreeMap<String, String>,
    /// The commit of the base branch that it was displayed for, in full. Nothing rests on it but remarks about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub base: Option<String>,
    /// The proposed commit that it was displayed for, in full.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub head: Option<String>,
}

/// An admin's word that this very content may go in unapproved. It takes two of them.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Override {
    /// Login of the admin.
    #[schemars(regex(pattern = LOGIN))]
    pub login: String,
    /// When they said so, such as `2026-11-23T11:00:00Z`.
    pub at: String,
    /// At least the first 32 hex digits of the digest it is about; of fewer nothing is overridden.
    pub digest: String,
    /// Why, in their words.
    pub reason: String,
    /// Whether they break the glass with it: it takes as many as the policy says, also people who wrote the change, and
    /// makes a debt.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub break_glass: bool,
}

/// An admin's word that this pull request does not wait for the holder of a flag's lock.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct LockPassedOver {
    /// `project/key` of the flag.
    pub flag: String,
    /// The number of the pull request that holds it.
    pub pull: u64,
    /// Login of the admin.
    #[schemars(regex(pattern = LOGIN))]
    pub by: String,
    /// When they said so, such as `2026-11-23T11:00:00Z`.
    pub at: String,
    /// Whether it holds only as long as this pull request does no more to the flag than to switch it off.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub switch_off: bool,
}

/// Another open pull request.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct OpenPull {
    /// Its number.
    pub pull: u64,
    /// Login of who opened it.
    #[schemars(regex(pattern = LOGIN))]
    pub requestor: String,
    /// Whether it is a draft; drafts hold no lock.
    #[serde(default)]
    pub draft: bool,
    /// Whether the requestor has no write access.
    #[serde(default)]
    pub outsider: bool,
    /// `project/key` to when its request for that flag was first displayed, RFC 3339.
    pub touches: BTreeMap<String, String>,
    /// Whether nothing proves what it touches: the comment that says so may be somebody else's.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub unproven: bool,
}
