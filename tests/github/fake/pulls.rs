//! Pull requests, and what people do to them one at a time.

use serde_json::{Value, json};

use super::origin::{Change, Origin};
use super::world::{Activity, Edit, Queued, World};

#[derive(Clone)]
pub struct Pull {
    pub number: u64,
    pub id: u64,
    pub title: String,
    pub author: String,
    pub base: String,
    /// Where the base was when the head or the base branch last changed: not its tip.
    pub base_oid: String,
    pub head: String,
    pub head_oid: String,
    /// The full name of the repository the head is in; `None` when that fork is deleted.
    pub head_repo: Option<String>,
    /// The head branch is deleted.
    pub head_gone: bool,
    pub draft: bool,
    /// OPEN, CLOSED or MERGED.
    pub state: &'static str,
    pub created: i64,
    pub updated: i64,
    pub closed: Option<i64>,
    pub merged: Option<(i64, String, String)>,
    pub auto_merge: Option<(i64, String)>,
    pub reviews: Vec<Review>,
    pub requested: Vec<RequestedReviewer>,
    pub timeline: Vec<Happening>,
}

#[derive(Clone)]
pub struct Review {
    pub id: u64,
    pub author: String,
    /// APPROVED, CHANGES_REQUESTED, COMMENTED, DISMISSED or PENDING.
    pub state: &'static str,
    pub body: String,
    /// The commit GitHub shows it at, which force-pushes move: see `reanchor`.
    pub commit: String,
    pub submitted: Option<i64>,
    pub updated: i64,
    pub teams: Vec<String>,
    pub edits: Vec<Edit>,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub enum RequestedReviewer {
    User(String),
    Team(String),
}

/// One item of the timeline: a type of GraphQL with its own fields as JSON.
#[derive(Clone)]
pub struct Happening {
    pub id: u64,
    pub kind: &'static str,
    pub by: String,
    pub at: i64,
    pub data: Value,
}

impl World {
    /// Commits onto a branch of the repository (made from `main` if need be) and looks at every open pull request
    /// again.
    pub fn commit(&mut self, branch: &str, author: &str, files: &[(&str, Option<&str>)]) -> String {
        let author = format!("{author} <{author}@example.com>");
        self.commit_as(branch, &Change { files, author: &author, message: "Change", web: false })
    }

    pub fn commit_as(&mut self, branch: &str, change: &Change) -> String {
        let at = self.tick();
        let before = self.origin.tip(branch);
        let oid = self.origin.commit(branch, "main", at, change);
        let by = self.pusher(change.author);
        self.pushed(branch, before.as_deref(), &oid, &by);
        oid
    }

    /// Moves a branch anywhere, as `git push --force` does.
    pub fn force_push(&mut self, branch: &str, oid: &str, by: &str) {
        let before = self.origin.tip(branch);
        self.origin.set_ref(&format!("refs/heads/{branch}"), Some(oid));
        self.pushed(branch, before.as_deref(), oid, by);
    }

    fn pusher(&self, author: &str) -> String {
        let email = author.rsplit('<').next().unwrap_or("").trim_end_matches('>');
        self.emails.get(email).cloned().unwrap_or_else(|| self.owner.clone())
    }

    fn pushed(&mut self, branch: &str, before: Option<&str>, after: &str, by: &str) {
        let (id, at) = (self.next(), self.tick());
        let forced = before.is_some_and(|before| !self.origin.contains(after, before));
        let kind = if before.is_none() {
            "branch_creation"
        } else if forced {
            "force_push"
        } else {
            "push"
        };
        let before = before.map_or_else(|| "0".repeat(40), str::to_owned);
        let after = after.to_owned();
        self.activity.push(Activity { id, kind, branch: branch.to_owned(), before, after, by: by.to_owned(), at });
        self.sync(by);
    }

    /// A fork, empty: commit to its `origin`, then `sync`.
    pub fn fork(&mut self, owner: &str) -> &Origin {
        let (name, main) = (format!("{owner}/{}", self.repo), self.origin.path.clone());
        let path = main.parent().unwrap().with_file_name(owner).join(main.file_name().unwrap());
        let fork = Origin::create(&path);
        for (branch, _) in self.origin.branches() {
            fork.fetch(&main, &branch, &format!("refs/heads/{branch}"));
        }
        self.forks.entry(name).or_insert(fork)
    }

    /// Commits onto a branch of somebody's fork.
    pub fn commit_in_fork(&mut self, owner: &str, branch: &str, files: &[(&str, Option<&str>)]) -> String {
        let (at, author) = (self.tick(), format!("{owner} <{owner}@example.com>"));
        let change = Change { files, author: &author, message: "Change", web: false };
        let oid = self.forks[&format!("{owner}/{}", self.repo)].commit(branch, "main", at, &change);
        self.sync(owner);
        oid
    }

    /// Looks where every open pull request's head is now. Runs before each request, so pushes by git itself count too.
    pub fn sync(&mut self, by: &str) {
        for number in self.open_pulls() {
            let pull = &self.pulls[&number];
            if pull.head_gone {
                continue;
            }
            let Some(tip) = self.head_tip(pull.head_repo.as_deref(), &pull.head) else {
                self.pulls.get_mut(&number).unwrap().head_gone = true;
                continue;
            };
            if tip == pull.head_oid {
                continue;
            }
            let (before, base, author) = (pull.head_oid.clone(), pull.base.clone(), pull.author.clone());
            self.bring(number, &tip);
            let by = if by.is_empty() { author } else { by.to_owned() };
            let at = self.tick();
            if !self.origin.contains(&tip, &before) {
                self.happen(number, "HeadRefForcePushedEvent", &by, json!({"before": before, "after": tip}));
            }
            let base_oid = self.origin.tip(&base).unwrap();
            let pull = self.pulls.get_mut(&number).unwrap();
            (pull.head_oid, pull.base_oid, pull.updated) = (tip, base_oid, at);
        }
    }

    fn head_tip(&self, repo: Option<&str>, branch: &str) -> Option<String> {
        if repo? == self.full_name() { self.origin.tip(branch) } else { self.forks.get(repo?)?.tip(branch) }
    }

    /// Keeps `refs/pull/N/head`, with the objects of a fork.
    fn bring(&mut self, number: u64, tip: &str) {
        let pull = &self.pulls[&number];
        let to = format!("refs/pull/{number}/head");
        match pull.head_repo.as_ref().and_then(|name| self.forks.get(name)) {
            Some(fork) => self.origin.fetch(&fork.path, &pull.head, &to),
            None => self.origin.set_ref(&to, Some(tip)),
        }
    }

    pub fn open_pulls(&self) -> Vec<u64> {
        self.pulls.values().filter(|pull| pull.state == "OPEN").map(|pull| pull.number).collect()
    }

    /// Opens a pull request for a branch of the repository, or for `owner:branch` of a fork.
    pub fn open(&mut self, author: &str, base: &str, head: &str) -> u64 {
        let number = 1 + self.pulls.keys().chain(self.issues.keys()).max().copied().unwrap_or(0);
        let (id, at) = (self.next(), self.tick());
        let (owner, branch) = head.split_once(':').unwrap_or((&self.owner, head));
        let head_repo = Some(format!("{owner}/{}", self.repo));
        let head_oid = self.head_tip(head_repo.as_deref(), branch).unwrap_or_else(|| panic!("there is no `{head}`"));
        let base_oid = self.origin.tip(base).unwrap_or_else(|| panic!("there is no `{base}`"));
        let pull = Pull {
            number,
            id,
            title: format!("Change {branch}"),
            author: author.to_owned(),
            base: base.to_owned(),
            base_oid,
            head: branch.to_owned(),
            head_oid: head_oid.clone(),
            head_repo,
            head_gone: false,
            draft: false,
            state: "OPEN",
            created: at,
            updated: at,
            closed: None,
            merged: None,
            auto_merge: None,
            reviews: Vec::new(),
            requested: Vec::new(),
            timeline: Vec::new(),
        };
        self.pulls.insert(number, pull);
        self.bring(number, &head_oid);
        number
    }

    pub fn touch(&mut self, number: u64, at: i64) {
        if let Some(pull) = self.pulls.get_mut(&number) {
            pull.updated = at;
        }
    }

    fn happen(&mut self, number: u64, kind: &'static str, by: &str, data: Value) -> &mut Pull {
        let (id, at) = (self.next(), self.tick());
        let pull = self.pulls.get_mut(&number).unwrap();
        pull.timeline.push(Happening { id, kind, by: by.to_owned(), at, data });
        pull.updated = at;
        pull
    }

    // ---- reviews ----

    /// Submits a review at the head, on behalf of every team that was asked and has the reviewer.
    pub fn review(&mut self, number: u64, author: &str, state: &'static str, body: &str) -> u64 {
        let (id, at) = (self.next(), self.tick());
        let in_team = |team: &String| self.teams.contains_key(team) && self.team_members(team).contains(author);
        let requested = self.pulls[&number].requested.clone();
        let teams: Vec<String> = requested
            .iter()
            .filter_map(|it| if let RequestedReviewer::Team(team) = it { Some(team.clone()) } else { None })
            .filter(in_team)
            .collect();
        let pull = self.pulls.get_mut(&number).unwrap();
        pull.requested.retain(|it| match it {
            RequestedReviewer::User(login) => login != author,
            RequestedReviewer::Team(team) => !teams.contains(team),
        });
        pull.updated = at;
        pull.reviews.push(Review {
            id,
            author: author.to_owned(),
            state,
            body: body.to_owned(),
            commit: pull.head_oid.clone(),
            submitted: (state != "PENDING").then_some(at),
            updated: at,
            teams,
            edits: Vec::new(),
        });
        id
    }

    pub fn approve(&mut self, number: u64, author: &str) -> u64 {
        self.review(number, author, "APPROVED", "")
    }

    /// Rewrites a review to DISMISSED, as GitHub does, and says so in the timeline.
    pub fn dismiss(&mut self, number: u64, review: u64, by: &str, message: &str) {
        let found = self.review_mut(number, review);
        let previous = std::mem::replace(&mut found.state, "DISMISSED");
        let data = json!({"previous": previous, "message": message, "review": review});
        let at = self.happen(number, "ReviewDismissedEvent", by, data).updated;
        self.review_mut(number, review).updated = at;
    }

    /// Points a review at another commit, as GitHub does on a force-push it takes for harmless.
    pub fn reanchor(&mut self, number: u64, review: u64, commit: &str) {
        self.review_mut(number, review).commit = commit.to_owned();
    }

    fn review_mut(&mut self, number: u64, review: u64) -> &mut Review {
        self.pulls.get_mut(&number).unwrap().reviews.iter_mut().find(|it| it.id == review).unwrap()
    }

    // ---- what becomes of it ----

    pub fn close(&mut self, number: u64, by: &str) {
        let pull = self.happen(number, "ClosedEvent", by, json!({}));
        (pull.state, pull.closed) = ("CLOSED", Some(pull.updated));
    }

    pub fn reopen(&mut self, number: u64, by: &str) {
        let pull = self.happen(number, "ReopenedEvent", by, json!({}));
        (pull.state, pull.closed) = ("OPEN", None);
        self.sync(by);
    }

    pub fn draft(&mut self, number: u64, by: &str) {
        self.happen(number, "ConvertToDraftEvent", by, json!({})).draft = true;
    }

    pub fn ready(&mut self, number: u64, by: &str) {
        self.happen(number, "ReadyForReviewEvent", by, json!({})).draft = false;
    }

    /// Aims at another base; by GitHub itself when the old one was merged and deleted.
    pub fn retarget(&mut self, number: u64, base: &str, by: &str) {
        let old = self.pulls[&number].base.clone();
        let kind = if by == "github" { "AutomaticBaseChangeSucceededEvent" } else { "BaseRefChangedEvent" };
        let base_oid = self.origin.tip(base).unwrap();
        let by = if by == "github" { "web-flow" } else { by };
        let pull = self.happen(number, kind, by, json!({"old": old, "new": base}));
        (pull.base, pull.base_oid) = (base.to_owned(), base_oid);
    }

    /// Merges into the base with a merge commit.
    pub fn merge(&mut self, number: u64, by: &str) -> String {
        let at = self.tick();
        let pull = self.pulls[&number].clone();
        let (base, message) = (self.origin.tip(&pull.base).unwrap(), format!("Merge pull request #{number}"));
        let author = format!("{by} <{by}@example.com>");
        let oid = self.origin.merge(&base, &pull.head_oid, at, &author, &message).expect("a merge without conflict");
        self.origin.set_ref(&format!("refs/heads/{}", pull.base), Some(&oid));
        let merged = self.happen(number, "MergedEvent", by, json!({"commit": oid, "base": pull.base}));
        (merged.state, merged.closed) = ("MERGED", Some(merged.updated));
        merged.merged = Some((merged.updated, by.to_owned(), oid.clone()));
        self.pushed(&pull.base, Some(&base), &oid, by);
        oid
    }

    /// Puts it at the end of the merge queue of its base: a group of one, on top of those ahead.
    pub fn enqueue(&mut self, number: u64, by: &str) -> Queued {
        let at = self.tick();
        let pull = self.pulls[&number].clone();
        let ahead = self.queues.get(&pull.base).and_then(|queue| queue.last()).map(|last| last.head.clone());
        let base = ahead.unwrap_or_else(|| self.origin.tip(&pull.base).unwrap());
        let message = format!("Merge pull request #{number}");
        let author = "GitHub <noreply@github.com>";
        let head = self.origin.merge(&base, &pull.head_oid, at, author, &message).expect("a merge without conflict");
        let head_ref = format!("refs/heads/gh-readonly-queue/{}/pr-{number}-{base}", pull.base);
        self.origin.set_ref(&head_ref, Some(&head));
        let queued = Queued { number, by: by.to_owned(), at, base, head, head_ref };
        self.queues.entry(pull.base).or_default().push(queued.clone());
        self.touch(number, at);
        queued
    }

    pub fn dequeue(&mut self, number: u64) {
        let at = self.tick();
        for queue in self.queues.values_mut() {
            for gone in queue.extract_if(.., |it| it.number == number) {
                self.origin.set_ref(&gone.head_ref, None);
            }
        }
        self.touch(number, at);
    }
}
