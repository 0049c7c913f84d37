//! The state of one repository on GitHub. Tests change it as people would; requests change it as GitHub would.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::faults::{Fault, Hook};
use super::origin::Origin;
use super::people::{ACTIONS, Account, Team, Token};
use super::pulls::{Pull, RequestedReviewer};
use super::turns::Gate;

/// A comment of an issue or pull request.
#[derive(Clone)]
pub struct Comment {
    pub id: u64,
    pub number: u64,
    pub author: String,
    pub body: String,
    pub created: i64,
    pub updated: i64,
    pub edits: Vec<Edit>,
    pub minimized: Option<String>,
    pub reactions: Vec<(String, String)>,
}

/// The author of a change of a string, when, and from what.
#[derive(Clone)]
pub struct Edit {
    pub id: u64,
    pub by: String,
    pub at: i64,
    pub before: String,
}

#[derive(Clone)]
pub struct Status {
    pub id: u64,
    pub sha: String,
    pub context: String,
    pub state: String,
    pub description: Option<String>,
    pub target_url: Option<String>,
    pub creator: String,
    pub at: i64,
}

/// One in the merge queue: its commit stands on `base`, which is the commit of the one before it.
#[derive(Clone)]
pub struct Queued {
    pub number: u64,
    pub by: String,
    pub at: i64,
    pub base: String,
    pub head: String,
    pub head_ref: String,
}

/// One push to a branch, as the activity of the repository shows it.
#[derive(Clone)]
pub struct Activity {
    pub id: u64,
    pub kind: &'static str,
    pub branch: String,
    pub before: String,
    pub after: String,
    pub by: String,
    pub at: i64,
}

/// One request as it came, with what it was answered.
#[derive(Clone, Debug)]
pub struct Request {
    pub method: String,
    /// With its query string.
    pub path: String,
    /// The name of the GraphQL operation.
    pub query: Option<String>,
    pub body: Value,
}

/// The parts that requests change, so that a test can go back to it.
#[derive(Clone)]
pub struct Moment {
    now: i64,
    pulls: BTreeMap<u64, Pull>,
    comments: BTreeMap<u64, Comment>,
    statuses: Vec<Status>,
    checks: BTreeMap<u64, Value>,
    last: u64,
}

impl Request {
    /// Whether it is there to change something.
    pub fn writes(&self) -> bool {
        self.query.is_none() && self.method != "GET"
    }
}

pub struct World {
    pub owner: String,
    pub repo: String,
    pub id: u64,
    pub private: bool,
    /// Seconds since 1970. Tests move it; every write moves it on by one.
    pub now: i64,
    pub origin: Origin,
    pub accounts: BTreeMap<String, Account>,
    pub emails: BTreeMap<String, String>,
    pub teams: BTreeMap<String, Team>,
    pub tokens: Vec<Token>,
    pub pulls: BTreeMap<u64, Pull>,
    pub comments: BTreeMap<u64, Comment>,
    pub statuses: Vec<Status>,
    pub checks: BTreeMap<u64, Value>,
    pub issues: BTreeMap<u64, Value>,
    pub queues: BTreeMap<String, Vec<Queued>>,
    pub activity: Vec<Activity>,
    /// Commits that rebasing made on the base, and the pull request each is of.
    pub rebased: Vec<(String, u64)>,
    /// JSON as GitHub would answer it, given by the test: see `setting`.
    pub settings: BTreeMap<String, Value>,
    /// Where forks lie on disk, by their full name.
    pub forks: BTreeMap<String, Origin>,
    /// GitHub gives up to 100 things a page; fewer makes many pages out of little.
    /// Commits that GitHub made for a bot, and signed.
    pub made_for_bots: BTreeSet<String>,
    pub page: usize,
    pub faults: Vec<Fault>,
    pub hooks: Vec<Hook>,
    /// Where requests wait for their turn.
    pub gate: Option<Arc<Gate>>,
    pub log: Vec<Request>,
    /// The objections to a request, or with an answer of ours.
    pub violations: Vec<String>,
    last: u64,
}

impl World {
    pub fn new(owner: &str, repo: &str, origin: &Path) -> Self {
        let mut world = Self {
            owner: owner.to_owned(),
            repo: repo.to_owned(),
            id: 1_296_269,
            private: true,
            now: 1_793_600_000,
            origin: Origin::create(origin),
            accounts: BTreeMap::new(),
            emails: BTreeMap::new(),
            teams: BTreeMap::new(),
            tokens: Vec::new(),
            pulls: BTreeMap::new(),
            comments: BTreeMap::new(),
            statuses: Vec::new(),
            checks: BTreeMap::new(),
            issues: BTreeMap::new(),
            queues: BTreeMap::new(),
            activity: Vec::new(),
            rebased: Vec::new(),
            settings: BTreeMap::new(),
            forks: BTreeMap::new(),
            made_for_bots: BTreeSet::new(),
            page: 100,
            faults: Vec::new(),
            hooks: Vec::new(),
            gate: None,
            log: Vec::new(),
            violations: Vec::new(),
            last: 1_000,
        };
        world.mannequin(owner);
        world.accounts.get_mut(owner).unwrap().kind = super::people::Kind::Organization;
        world.bot("github-actions[bot]");
        world.accounts.get_mut("github-actions[bot]").unwrap().id = 41_898_282;
        world.user("web-flow");
        world.email("noreply@github.com", "web-flow");
        let may =
            ["contents:read", "pull-requests:write", "statuses:write", "issues:write", "checks:write", "actions:read"];
        world.token("actions", "github-actions[bot]", Some(ACTIONS), &may);
        world
    }

    pub fn full_name(&self) -> String {
        format!("{}/{}", self.owner, self.repo)
    }

    /// A number nothing else has.
    pub fn next(&mut self) -> u64 {
        self.last += 1;
        self.last
    }

    /// A moment for something that happens now; nothing else happens in the same second.
    pub fn tick(&mut self) -> i64 {
        self.now += 1;
        self.now
    }

    pub fn violation(&mut self, what: impl Into<String>) {
        self.violations.push(what.into());
    }

    /// The value of a setting from now on. `rulesets` (a list), `branch_rules/<branch>` (a list),
    /// `protection/<branch>`, `environments` (a list), `branch_policies/<environment>` (a list), `actions`, `workflow`,
    /// `repository` (laid over).
    pub fn setting(&mut self, name: &str, value: Value) {
        self.settings.insert(name.to_owned(), value);
    }

    pub fn fault(&mut self, fault: Fault) {
        self.faults.push(fault);
    }

    pub fn moment(&self) -> Moment {
        Moment {
            now: self.now,
            pulls: self.pulls.clone(),
            comments: self.comments.clone(),
            statuses: self.statuses.clone(),
            checks: self.checks.clone(),
            last: self.last,
        }
    }

    /// As if nothing had been asked since; the branches stay as they are now.
    pub fn back_to(&mut self, moment: &Moment) {
        let Moment { now, pulls, comments, statuses, checks, last } = moment.clone();
        (self.now, self.last, self.pulls, self.checks) = (now, last, pulls, checks);
        (self.comments, self.statuses) = (comments, statuses);
        self.tokens.iter_mut().for_each(|token| token.used = 0);
        self.log.clear();
    }

    // ---- what people write ----

    pub fn comment(&mut self, number: u64, author: &str, body: &str) -> u64 {
        let (id, at) = (self.next(), self.tick());
        self.comments.insert(
            id,
            Comment {
                id,
                number,
                author: author.to_owned(),
                body: body.to_owned(),
                created: at,
                updated: at,
                edits: Vec::new(),
                minimized: None,
                reactions: Vec::new(),
            },
        );
        self.touch(number, at);
        id
    }

    /// Anyone who may write can change a comment, a bot's too.
    pub fn edit_comment(&mut self, id: u64, by: &str, body: &str) {
        let (edit, at) = (self.next(), self.tick());
        let comment = self.comments.get_mut(&id).unwrap();
        let before = std::mem::replace(&mut comment.body, body.to_owned());
        comment.edits.push(Edit { id: edit, by: by.to_owned(), at, before });
        comment.updated = at;
        let number = comment.number;
        self.touch(number, at);
    }

    pub fn delete_comment(&mut self, id: u64) {
        self.tick();
        self.comments.remove(&id).unwrap();
    }

    /// The comments of a pull request, oldest first.
    pub fn comments_of(&self, number: u64) -> Vec<&Comment> {
        self.comments.values().filter(|it| it.number == number).collect()
    }

    /// A status as any workflow or person could post it; `false` where GitHub takes no more.
    pub fn status(&mut self, creator: &str, sha: &str, context: &str, state: &str, description: Option<&str>) -> bool {
        let same = self.statuses.iter().filter(|it| it.sha == sha && it.context.eq_ignore_ascii_case(context)).count();
        if same >= 1_000 {
            return false;
        }
        let (id, at) = (self.next(), self.tick());
        self.statuses.push(Status {
            id,
            sha: sha.to_owned(),
            context: context.to_owned(),
            state: state.to_owned(),
            description: description.map(str::to_owned),
            target_url: None,
            creator: creator.to_owned(),
            at,
        });
        true
    }

    /// All statuses of a commit, oldest first.
    pub fn statuses_of(&self, sha: &str) -> Vec<&Status> {
        self.statuses.iter().filter(|it| it.sha == sha).collect()
    }

    /// The one of each context that counts, in the order of the contexts. "This field is case-insensitive."
    pub fn latest(&self, sha: &str) -> Vec<&Status> {
        let latest: BTreeMap<String, &Status> =
            self.statuses_of(sha).into_iter().map(|it| (it.context.to_lowercase(), it)).collect();
        latest.into_values().collect()
    }

    /// State and description of a context, as the page shows it.
    pub fn shown(&self, sha: &str, context: &str) -> Option<(&str, &str)> {
        let status = self.latest(sha).into_iter().find(|it| it.context.eq_ignore_ascii_case(context))?;
        Some((&status.state, status.description.as_deref().unwrap_or("")))
    }

    /// Why these can't be asked for a review of this, in GitHub's words.
    pub fn may_ask(&self, number: u64, requested: &RequestedReviewer) -> Result<(), &'static str> {
        let known = match requested {
            RequestedReviewer::User(login) if *login == self.pulls[&number].author => {
                return Err("Review cannot be requested from pull request author.");
            }
            RequestedReviewer::User(login) => self.accounts.get(login).is_some_and(|it| !it.gone && it.role.is_some()),
            RequestedReviewer::Team(slug) => self.teams.get(slug).is_some_and(|it| it.access),
        };
        let who = "Reviews may only be requested from collaborators. One or more of the users or teams you specified is \
                   not a collaborator of the";
        if known { Ok(()) } else { Err(who) }
    }
}

/// As GitHub writes a moment.
pub fn iso(at: i64) -> String {
    moment(at).format("%Y-%m-%dT%H:%M:%SZ").to_string()
}

pub fn moment(at: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(at, 0).unwrap()
}

/// Lays `over` on `under`, object by object.
pub fn overlay(under: &mut Value, over: Value) {
    match (under, over) {
        (Value::Object(under), Value::Object(over)) => {
            for (key, value) in over {
                overlay(under.entry(key).or_insert(json!(null)), value);
            }
        }
        (under, over) => *under = over,
    }
}
