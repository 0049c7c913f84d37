//! An event of GitHub, and the work it asks for.
//!
//! In: the name of the event and its payload, as a runner gives them. Out: [`Work`], which only says where to look;
//! everything that decides is read again. It refuses events whose workflow file a proposal can edit, since that file
//! could have written anything, and payloads without the members that GitHub documents. Not taken: the typed payloads
//! of some crate, which break on every new member, or skip the ones they do not know.

use serde_json::Value;

use super::{command, is_oid};
use crate::diagnostics::diagnostic::choice;
use crate::diagnostics::words::in_backticks;
use crate::error::Error;

/// The name of the workflow that has no rights and only triggers the one that has them.
pub const TRIGGER: &str = "countersign-trigger";

/// The work that an event asks for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Work {
    /// Review one pull request.
    Pull(Trigger),
    /// Review the open pull requests with this head: these, or unknown ones if the list is empty.
    Head { sha: String, pulls: Vec<u64> },
    /// Judge the entries of the merge queue of this branch, up to this head.
    Queue { base: String, head: String },
    /// A branch moved: review the pull requests that changed by it. `before` is absent if the branch is new.
    Base { branch: String, before: Option<String>, after: String },
    /// Read a comment again, by its number or its node id, and carry out its command.
    Command { pull: u64, comment: u64, node: String },
    /// Review all pull requests that changed since their last review.
    Sweep,
    /// Nothing, and why.
    Nothing(String),
}

/// A change of a pull request, as far as its present state does not tell it.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Trigger {
    pub number: u64,
    /// Its head at that time: a success there is taken back if nothing can be found out.
    pub head: Option<String>,
    /// The head before a push, where a success may be left.
    pub superseded: Option<String>,
    /// The base before a retarget.
    pub old_base: Option<String>,
    pub closed: Option<Closed>,
}

impl Trigger {
    /// A pull request of which nothing else is known.
    #[must_use]
    pub fn of(number: u64) -> Self {
        Trigger { number, ..Trigger::default() }
    }

    /// The commits that it proposes or proposed.
    pub fn commits(&self) -> impl Iterator<Item = &str> {
        self.head.iter().chain(&self.superseded).map(String::as_str)
    }
}

/// How a pull request ended.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Closed {
    Merged,
    /// A success on its last `head` has to be taken back, or the next pull request inherits it.
    Unmerged {
        head: String,
    },
}

/// One event that is acted upon: a row of [`EVENTS`].
pub struct Event {
    pub name: &'static str,
    /// The actions that matter, where it has actions; the others change no verdict. A workflow is triggered on exactly
    /// these.
    pub actions: &'static [&'static str],
    /// The effect, in a few words.
    pub about: &'static str,
    read: fn(&Payload<'_>) -> Result<Work, Error>,
}

/// The events a verdict is given on. GitHub takes the workflow file of each from the default branch, but for two: that
/// of `push` is from the branch itself, which matters to those who want to merge into it, and that of
/// `workflow_dispatch` is from a branch of somebody's choice, which therefore has to be the default one.
pub static EVENTS: &[Event] = &[
    Event {
        name: "pull_request_target",
        actions: &[
            "opened",
            "reopened",
            "synchronize",
            "edited",
            "ready_for_review",
            "converted_to_draft",
            "closed",
            "enqueued",
            "dequeued",
        ],
        about: "the pull request is evaluated; statuses of commits that it left are revoked",
        read: pull,
    },
    Event {
        name: "issue_comment",
        actions: &["created"],
        about: "a command in a comment is carried out",
        read: comment,
    },
    Event {
        name: "workflow_run",
        actions: &["requested", "completed"],
        about: "after a review its pull request is evaluated, after an entry of the merge queue the queue",
        read: trigger_ran,
    },
    Event { name: "push", actions: &[], about: "pull requests that wait on the branch are evaluated", read: push },
    Event {
        name: "schedule",
        actions: &[],
        about: "pull requests that changed without an event are evaluated",
        read: |_| Ok(Work::Sweep),
    },
    Event {
        name: "workflow_dispatch",
        actions: &[],
        about: "as the timer does, or the one pull request in the input `pull`",
        read: dispatch,
    },
];

/// Events that run the workflow file of the proposal, each with what to trigger on instead.
const EDITABLE: &[(&str, &str)] = &[
    ("pull_request", "trigger the workflow on `pull_request_target`"),
    ("pull_request_review", WAITS_FOR_TRIGGER),
    ("pull_request_review_comment", WAITS_FOR_TRIGGER),
    ("merge_group", WAITS_FOR_TRIGGER),
];

const WAITS_FOR_TRIGGER: &str =
    "trigger the workflow `countersign-trigger` on it, which has no rights, and this one on `workflow_run` of that";

/// The work that an event asks for. `name` is `GITHUB_EVENT_NAME`, `payload` the JSON in the file of
/// `GITHUB_EVENT_PATH`.
///
/// # Errors
/// If a proposal could have written the workflow, or the payload is not what GitHub sends with this event.
pub fn work(name: &str, payload: &Value) -> Result<Work, Error> {
    let Some(event) = EVENTS.iter().find(|event| event.name == name) else { return Err(untrusted(name)) };
    let payload = Payload { event: event.name, root: payload };
    if !event.actions.is_empty() {
        let action = payload.text("action")?;
        if !event.actions.contains(&action) {
            return Ok(nothing(format!("{} of `{name}` changes no verdict", in_backticks(action))));
        }
    }
    (event.read)(&payload)
}

fn untrusted(name: &str) -> Error {
    let editable = EDITABLE.iter().find(|(event, _)| *event == name);
    let (why, remedy) = match editable {
        Some((_, remedy)) => ("its workflow file is the proposal's, which could say anything", (*remedy).to_owned()),
        None => {
            let known = choice(EVENTS.iter().map(|event| event.name));
            ("is none that a verdict is given on", format!("trigger the workflow on {known}"))
        }
    };
    Error::usage(format!("event {}: {why}", in_backticks(name)), remedy)
}

fn nothing(why: impl Into<String>) -> Work {
    Work::Nothing(why.into())
}

fn pull(payload: &Payload<'_>) -> Result<Work, Error> {
    let mut trigger = Trigger::of(payload.number("pull_request.number")?);
    trigger.head = Some(payload.oid("pull_request.head.sha")?);
    match payload.text("action")? {
        "synchronize" => trigger.superseded = Some(payload.oid("before")?),
        // Titles and descriptions change no verdict, and editing them all day would use up our requests.
        "edited" if payload.only("changes", &["title", "body"]) => {
            return Ok(nothing("only the title or the description was edited"));
        }
        "edited" if payload.at("changes.base").is_some() => {
            trigger.old_base = Some(payload.branch("changes.base.ref.from")?);
        }
        "closed" if payload.switch("pull_request.merged")? => trigger.closed = Some(Closed::Merged),
        "closed" => trigger.closed = Some(Closed::Unmerged { head: payload.oid("pull_request.head.sha")? }),
        _ => {}
    }
    Ok(Work::Pull(trigger))
}

fn comment(payload: &Payload<'_>) -> Result<Work, Error> {
    if payload.at("issue.pull_request").is_none() {
        return Ok(nothing("the comment is on an issue"));
    }
    if command::parse(payload.text("comment.body")?).is_none() {
        return Ok(nothing(format!("the comment does not start with `{}`", command::PREFIX)));
    }
    // Comments of apps, ours among them: no bot answers a bot.
    let author = payload.text("comment.user.type")?;
    if author != "User" {
        return Ok(nothing(format!(
            "the author of the comment is a {}, and only people give commands",
            in_backticks(author)
        )));
    }
    Ok(Work::Command {
        pull: payload.number("issue.number")?,
        comment: payload.number("comment.id")?,
        node: payload.node("comment.node_id")?,
    })
}

/// The trigger workflow ran. `workflow_run.pull_requests` is empty for forks: then the pull request is found by its
/// head.
fn trigger_ran(payload: &Payload<'_>) -> Result<Work, Error> {
    // The name of the run may be `null` or empty; the name of the workflow is then a member next to it.
    let name = |member| payload.at(member).and_then(Value::as_str).filter(|name| !name.is_empty());
    let Some(name) = name("workflow_run.name").or_else(|| name("workflow.name")) else {
        return Err(payload.wrong("workflow_run.name", "the name of a workflow"));
    };
    if name != TRIGGER {
        return Ok(nothing(format!("the workflow is {}, not `{TRIGGER}`", in_backticks(name))));
    }
    match payload.text("workflow_run.event")? {
        "pull_request_review" => {
            let sha = payload.oid("workflow_run.head_sha")?;
            let all = payload.at("workflow_run.pull_requests").and_then(Value::as_array).into_iter().flatten();
            // Those of other repositories with the same commit are listed too.
            let here = all.filter(|pull| pull.pointer("/base/repo/id") == payload.at("repository.id"));
            let here = here.filter(|pull| pull.pointer("/head/sha").and_then(Value::as_str) == Some(&*sha));
            let pulls = here.filter_map(|pull| pull.get("number").and_then(Value::as_u64)).collect();
            Ok(Work::Head { sha, pulls })
        }
        "merge_group" => {
            let expected = "`gh-readonly-queue/<base>/pr-<number>-<sha>`";
            let branch = payload.at("workflow_run.head_branch").and_then(Value::as_str);
            let base = branch.and_then(queue_of);
            let base = base.ok_or_else(|| payload.wrong("workflow_run.head_branch", expected))?;
            Ok(Work::Queue { base: base.to_owned(), head: payload.oid("workflow_run.head_sha")? })
        }
        event => Ok(nothing(format!("`{TRIGGER}` ran on {}, which changes no verdict", in_backticks(event)))),
    }
}

/// Branches that GitHub makes for the merge queue.
const QUEUES: &str = "gh-readonly-queue/";

/// The base of a branch that the merge queue made for one pull request. A base may hold a `/`, so only the part behind
/// the last one is the entry. Several entries in one name were never seen, and nobody says what they would mean.
fn queue_of(branch: &str) -> Option<&str> {
    let (base, entry) = branch.strip_prefix(QUEUES)?.rsplit_once('/')?;
    (is_entry(entry) && is_branch(base) && !base.split('/').any(is_entry)).then_some(base)
}

fn is_entry(segment: &str) -> bool {
    let parts = segment.strip_prefix("pr-").and_then(|rest| rest.split_once('-'));
    parts.is_some_and(|(number, oid)| natural(number).is_some() && is_oid(oid))
}

fn push(payload: &Payload<'_>) -> Result<Work, Error> {
    let full = payload.text("ref")?;
    let Some(branch) = full.strip_prefix("refs/heads/") else {
        return Ok(nothing(format!("{} is no branch", in_backticks(full))));
    };
    if branch.starts_with(QUEUES) {
        return Ok(nothing(format!("{} belongs to the merge queue", in_backticks(branch))));
    }
    if !is_branch(branch) {
        return Err(payload.wrong("ref", "the name of a branch"));
    }
    let after = payload.object("after")?;
    let Some(after) = after.filter(|_| payload.at("deleted") != Some(&Value::Bool(true))) else {
        return Ok(nothing(format!("the branch {} was deleted", in_backticks(branch))));
    };
    Ok(Work::Base { branch: branch.to_owned(), before: payload.object("before")?, after })
}

fn dispatch(payload: &Payload<'_>) -> Result<Work, Error> {
    // The person who starts it chooses the branch, and with it the workflow file.
    let (full, default) = (payload.text("ref")?, payload.branch("repository.default_branch")?);
    if full.strip_prefix("refs/heads/") != Some(default.as_str()) {
        let message = format!(
            "event `{}`: its workflow file is that of {}, which a proposal can edit",
            payload.event,
            in_backticks(full)
        );
        return Err(Error::usage(message, format!("start it on {}", in_backticks(&default))));
    }
    match payload.at("inputs.pull") {
        None => Ok(Work::Sweep),
        Some(Value::String(text)) if text.trim().is_empty() => Ok(Work::Sweep),
        Some(Value::String(text)) => match natural(text.trim()) {
            Some(number) => Ok(Work::Pull(Trigger::of(number))),
            None => Err(payload.wrong("inputs.pull", "the number of a pull request")),
        },
        Some(_) => Ok(Work::Pull(Trigger::of(payload.number("inputs.pull")?))),
    }
}

/// A payload of an event, with lookups whose errors say what was expected.
struct Payload<'p> {
    event: &'static str,
    root: &'p Value,
}

impl<'p> Payload<'p> {
    /// A member by its path; `null` is absent.
    fn at(&self, member: &str) -> Option<&'p Value> {
        member
            .split('.')
            .try_fold(self.root, |value, name| value.as_object()?.get(name))
            .filter(|value| !value.is_null())
    }

    fn wrong(&self, member: &str, expected: &str) -> Error {
        let found = match self.at(member) {
            None => "missing".to_owned(),
            Some(Value::String(text)) => in_backticks(text),
            Some(Value::Array(_)) => "a list".to_owned(),
            Some(Value::Object(_)) => "an object".to_owned(),
            Some(plain) => in_backticks(&plain.to_string()),
        };
        let message = format!("event `{}`: `{member}` is {found}, expected {expected}", self.event);
        Error::usage(message, "give a payload that has it")
    }

    /// A string of the expected form.
    fn fitting(&self, member: &str, expected: &str, fits: impl Fn(&str) -> bool) -> Result<&'p str, Error> {
        let text = self.at(member).and_then(Value::as_str).filter(|text| fits(text));
        text.ok_or_else(|| self.wrong(member, expected))
    }

    fn text(&self, member: &str) -> Result<&'p str, Error> {
        self.fitting(member, "a string", |_| true)
    }

    fn switch(&self, member: &str) -> Result<bool, Error> {
        self.at(member).and_then(Value::as_bool).ok_or_else(|| self.wrong(member, "`true` or `false`"))
    }

    fn number(&self, member: &str) -> Result<u64, Error> {
        let number = self.at(member).and_then(Value::as_u64).filter(|number| *number > 0);
        number.ok_or_else(|| self.wrong(member, "a whole number above 0"))
    }

    /// An object that may be absent, which git writes as zeros.
    fn object(&self, member: &str) -> Result<Option<String>, Error> {
        let oid = self.fitting(member, "40 or 64 hex digits", is_oid)?;
        Ok(oid.bytes().any(|byte| byte != b'0').then(|| oid.to_ascii_lowercase()))
    }

    fn oid(&self, member: &str) -> Result<String, Error> {
        self.object(member)?.ok_or_else(|| self.wrong(member, "an object that exists"))
    }

    fn branch(&self, member: &str) -> Result<String, Error> {
        self.fitting(member, "the name of a branch", is_branch).map(str::to_owned)
    }

    fn node(&self, member: &str) -> Result<String, Error> {
        let plain = |id: &str| !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_graphic());
        self.fitting(member, "a node id", plain).map(str::to_owned)
    }

    /// Whether an object has some of these members and no others.
    fn only(&self, member: &str, names: &[&str]) -> bool {
        let members = self.at(member).and_then(Value::as_object).filter(|members| !members.is_empty());
        members.is_some_and(|members| members.keys().all(|name| names.contains(&name.as_str())))
    }
}

/// A number above 0 in digits alone.
fn natural(text: &str) -> Option<u64> {
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|number| digits && *number > 0)
}

/// Whether git takes this for the name of a branch (`git check-ref-format --branch`).
fn is_branch(name: &str) -> bool {
    let strange = |char: char| char.is_control() || matches!(char, ' ' | '~' | '^' | ':' | '?' | '*' | '[' | '\\');
    let part = |part: &str| !part.is_empty() && !part.starts_with('.') && !part.ends_with(".lock");
    !name.starts_with('-')
        && !name.ends_with('.')
        && !["..", "@{"].iter().any(|strange| name.contains(strange))
        && !name.contains(strange)
        && name.split('/').all(part)
        && name != "@"
}
