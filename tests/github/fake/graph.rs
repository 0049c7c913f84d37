//! Between the schema and the world: things that answer one field at a time, and the paging of lists of them.
//! A field nobody wrote an answer for is a violation, never a silent null.

use std::cell::{RefCell, RefMut};
use std::collections::BTreeMap;

use apollo_compiler::resolvers::{FieldError, ObjectValue, ResolveInfo, ResolvedValue};
use serde_json::{Value, json};

use super::people::Kind;
use super::world::{World, iso};
use super::{graph_git, graph_pull, graph_repo};

/// One object: its type in the schema and what it is about.
#[derive(Clone, Debug)]
pub struct Thing {
    pub kind: &'static str,
    pub key: Key,
}

#[derive(Clone, Debug)]
pub enum Key {
    Root,
    /// A login, commit id, branch or slug.
    Name(String),
    Number(u64),
    /// Something of a pull request.
    Of(u64, u64),
    /// All its fields are known at once.
    Plain(BTreeMap<&'static str, Out>),
}

/// The kind of a field.
#[derive(Clone, Debug)]
pub enum Out {
    Leaf(Value),
    One(Option<Thing>),
    Many(Vec<Thing>),
    /// A connection of this type: what is in it, before paging.
    Page(&'static str, Vec<Thing>),
    /// GitHub's refusal: its type and message.
    Refused(&'static str, String),
}

#[allow(clippy::unnecessary_wraps, reason = "an answer to a field is always an option: some fields have none")]
impl Out {
    pub fn leaf(value: impl Into<Value>) -> Option<Self> {
        Some(Self::Leaf(value.into()))
    }

    pub fn one(thing: impl Into<Option<Thing>>) -> Option<Self> {
        Some(Self::One(thing.into()))
    }

    pub fn at(at: i64) -> Option<Self> {
        Self::leaf(iso(at))
    }
}

impl Thing {
    pub fn root(kind: &'static str) -> Self {
        Self { kind, key: Key::Root }
    }

    pub fn name(kind: &'static str, name: impl Into<String>) -> Self {
        Self { kind, key: Key::Name(name.into()) }
    }

    pub fn number(kind: &'static str, number: u64) -> Self {
        Self { kind, key: Key::Number(number) }
    }

    pub fn of(kind: &'static str, pull: u64, id: u64) -> Self {
        Self { kind, key: Key::Of(pull, id) }
    }

    pub fn plain<const N: usize>(kind: &'static str, fields: [(&'static str, Option<Out>); N]) -> Self {
        let fields = fields.into_iter().map(|(name, out)| (name, out.unwrap())).collect();
        Self { kind, key: Key::Plain(fields) }
    }

    /// The node id, which leads back here.
    pub fn id(&self) -> String {
        match &self.key {
            Key::Root => self.kind.to_owned(),
            Key::Name(name) => format!("{}_{name}", self.kind),
            Key::Number(number) => format!("{}_{number}", self.kind),
            Key::Of(pull, id) => format!("{}_{pull}_{id}", self.kind),
            Key::Plain(fields) => {
                let known = ["id", "name", "email"].map(|name| fields.get(name));
                format!("{}_{known:?}", self.kind)
            }
        }
    }

    /// The object of a node id, if it is one of ours.
    pub fn parse(world: &World, id: &str) -> Option<Self> {
        let (kind, key) = id.split_once('_')?;
        let number = || key.parse().ok();
        match kind {
            "PullRequest" => {
                number().filter(|it| world.pulls.contains_key(it)).map(|it| Self::number("PullRequest", it))
            }
            "IssueComment" => {
                number().filter(|it| world.comments.contains_key(it)).map(|it| Self::number("IssueComment", it))
            }
            "StatusContext" => number().map(|it| Self::number("StatusContext", it)),
            "PullRequestReview" => {
                let (pull, id) = key.split_once('_')?;
                Some(Self::of("PullRequestReview", pull.parse().ok()?, id.parse().ok()?))
            }
            "Team" => world.teams.contains_key(key).then(|| Self::name("Team", key)),
            "Commit" => world.origin.read(key).map(|_| Self::name("Commit", key)),
            "User" | "Bot" | "Mannequin" | "Organization" => {
                actor(world, world.accounts.contains_key(key).then_some(key)?)
            }
            _ => None,
        }
    }
}

/// An account as the object it is, nothing where it is deleted.
pub fn actor(world: &World, login: &str) -> Option<Thing> {
    let account = world.present(login)?;
    let kind = match account.kind {
        Kind::User => "User",
        Kind::Bot => "Bot",
        Kind::Mannequin => "Mannequin",
        Kind::Organization => "Organization",
    };
    Some(Thing::name(kind, login))
}

/// One execution.
pub struct Exec<'w> {
    world: RefCell<&'w mut World>,
    missing: RefCell<Vec<String>>,
    pub token: usize,
    pub cost: u64,
    pub nodes: u64,
}

impl<'w> Exec<'w> {
    pub fn new(world: &'w mut World, token: usize, cost: u64, nodes: u64) -> Self {
        Self { world: RefCell::new(world), missing: RefCell::new(Vec::new()), token, cost, nodes }
    }

    pub fn at<'e>(&'e self, thing: Thing) -> At<'e, 'w> {
        At { exec: self, thing }
    }

    pub fn missing(&self) -> Vec<String> {
        self.missing.take()
    }

    pub fn world(&self) -> RefMut<'_, &'w mut World> {
        self.world.borrow_mut()
    }

    pub fn viewer(&self) -> String {
        let world = self.world();
        world.tokens[self.token].viewer.clone()
    }

    fn field(&self, thing: &Thing, field: &str, args: &Value) -> Option<Out> {
        if field == "id" && !matches!(thing.key, Key::Plain(_)) {
            return Out::leaf(thing.id());
        }
        match &thing.key {
            Key::Plain(fields) => fields.get(field).cloned(),
            Key::Root => graph_repo::root(self, thing.kind, field, args),
            Key::Name(name) => graph_git::named(self, thing.kind, name, field, args)
                .or_else(|| graph_repo::named(self, thing.kind, name, field, args)),
            Key::Number(number) => graph_pull::numbered(self, thing.kind, *number, field, args),
            Key::Of(pull, id) => graph_pull::part(self, thing.kind, *pull, *id, field, args),
        }
    }

    /// A thing, if this token may see it.
    fn shown(&self, thing: Thing) -> ResolvedValue<'_> {
        let world = self.world();
        let token = &world.tokens[self.token];
        if thing.kind == "Team" && !token.may("members:read") {
            return ResolvedValue::object(Hidden(format!("\0FORBIDDEN|{}\0", token.refusal())));
        }
        drop(world);
        ResolvedValue::object(self.at(thing))
    }
}

/// Fields that are null with a reason. Only an object of an unknown type makes one item of a list an error and leaves
/// the others; the reason is its type, between two zeros (`graphql::answer` takes it out again).
struct Hidden(String);

impl ObjectValue for Hidden {
    fn type_name(&self) -> &str {
        &self.0
    }

    fn resolve_field<'a>(&'a self, info: &'a ResolveInfo<'a>) -> Result<ResolvedValue<'a>, FieldError> {
        Err(self.unknown_field_error(info))
    }
}

/// A thing in an execution.
pub struct At<'e, 'w> {
    exec: &'e Exec<'w>,
    thing: Thing,
}

impl ObjectValue for At<'_, '_> {
    fn type_name(&self) -> &str {
        self.thing.kind
    }

    fn resolve_field<'a>(&'a self, info: &'a ResolveInfo<'a>) -> Result<ResolvedValue<'a>, FieldError> {
        let args = serde_json::to_value(info.arguments()).unwrap();
        let (kind, field) = (self.thing.kind, info.field_name());
        let Some(out) = self.exec.field(&self.thing, field, &args) else {
            self.exec.missing.borrow_mut().push(format!("the fake has no answer for `{kind}.{field}`"));
            return Err(FieldError { message: format!("UNIMPLEMENTED|the fake has no answer for `{kind}.{field}`") });
        };
        match out {
            Out::Leaf(value) => Ok(ResolvedValue::leaf(value)),
            Out::One(None) => Ok(ResolvedValue::null()),
            Out::One(Some(thing)) => Ok(self.exec.shown(thing)),
            Out::Many(things) => Ok(ResolvedValue::list(things.into_iter().map(|thing| self.exec.shown(thing)))),
            Out::Page(connection, things) => {
                let page = page(connection, things, &args, self.exec.world().page);
                page.map(|page| ResolvedValue::object(self.exec.at(page))).map_err(|message| FieldError { message })
            }
            Out::Refused(kind, message) => Err(FieldError { message: format!("{kind}|{message}") }),
        }
    }
}

/// The part of a list that `first`, `after`, `last` and `before` name. A cursor holds what it points at, so what is
/// added meanwhile shifts nothing.
fn page(connection: &'static str, things: Vec<Thing>, args: &Value, most: usize) -> Result<Thing, String> {
    let cursor =
        |thing: &Thing| thing.id().bytes().fold("Y3Vyc29yOnYyOp".to_owned(), |text, byte| format!("{text}{byte:02x}"));
    let all: Vec<(String, Thing)> = things.into_iter().map(|thing| (cursor(&thing), thing)).collect();
    let find = |name: &str| match args[name].as_str() {
        None => Ok(None),
        Some(wanted) => match all.iter().position(|(cursor, _)| cursor == wanted) {
            Some(at) => Ok(Some(at)),
            None => Err(format!("INVALID_CURSOR_ARGUMENTS|`{wanted}` does not appear to be a valid cursor.")),
        },
    };
    let (mut from, mut to) = (find("after")?.map_or(0, |at| at + 1), find("before")?.unwrap_or(all.len()));
    let size = |name: &str| args[name].as_u64().map(|it| usize::try_from(it).unwrap());
    // A reader from the end gets as many as were asked for: a page that is short on purpose has more after it.
    if let Some(first) = size("first").map(|first| first.min(most)) {
        to = to.min(from + first);
    } else if let Some(last) = size("last") {
        from = from.max(to.saturating_sub(last));
    }
    let some = if from < to { &all[from..to] } else { &[] };
    let end = |it: Option<&(String, Thing)>| Out::leaf(it.map(|(cursor, _)| cursor.clone()));
    let info = [
        ("hasNextPage", Out::leaf(to < all.len())),
        ("hasPreviousPage", Out::leaf(from > 0)),
        ("startCursor", end(some.first())),
        ("endCursor", end(some.last())),
    ];
    let edge = |(cursor, node): &(String, Thing)| {
        Thing::plain(edge_of(connection), [("cursor", Out::leaf(cursor.clone())), ("node", Out::one(node.clone()))])
    };
    Ok(Thing::plain(
        connection,
        [
            ("nodes", Some(Out::Many(some.iter().map(|(_, thing)| thing.clone()).collect()))),
            ("edges", Some(Out::Many(some.iter().map(edge).collect()))),
            ("totalCount", Out::leaf(json!(all.len()))),
            ("filteredCount", Out::leaf(json!(all.len()))),
            ("pageCount", Out::leaf(json!(some.len()))),
            ("pageInfo", Out::one(Thing::plain("PageInfo", info))),
        ],
    ))
}

fn edge_of(connection: &str) -> &'static str {
    const EDGES: &[&str] = &[
        "CommitEdge",
        "GitActorEdge",
        "IssueCommentEdge",
        "MergeQueueEntryEdge",
        "PullRequestCommitEdge",
        "PullRequestEdge",
        "PullRequestReviewEdge",
        "PullRequestTimelineItemsEdge",
        "RefEdge",
        "ReviewRequestEdge",
        "TeamEdge",
        "TeamMemberEdge",
        "UserContentEditEdge",
    ];
    let name = match connection.strip_suffix("Connection").unwrap() {
        "CommitHistory" => "CommitEdge".to_owned(),
        name => format!("{name}Edge"),
    };
    EDGES.iter().find(|it| **it == name).unwrap_or_else(|| panic!("no `{name}`"))
}
