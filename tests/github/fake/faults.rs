//! Faults on the way, by script: which request, the how many-th such, and what happens to it.

use std::time::Duration;

use serde_json::json;

use super::server::{Answer, Ending};
use super::world::World;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    /// 502 before anything was done.
    BadGateway,
    /// The request was done, and then 502: the answer is lost.
    BadGatewayAfter,
    /// 403, GitHub's guard against too much at once; the wait is not always named.
    Secondary(Option<u64>),
    /// 429 with or without `retry-after`.
    TooMany(Option<u64>),
    /// 403 with `x-ratelimit-remaining: 0`, until so many seconds from now.
    Exhausted(u64),
    /// 200 with a rate-limit error, as GraphQL does.
    LimitedWith200,
    /// 401, "Bad credentials".
    Unauthorised,
    /// 403, the token may not.
    Forbidden,
    /// This status, with a message that quotes the header with the token.
    Echo(u16),
    /// 200 with an error of GraphQL's and no data: its type and its message.
    Says(&'static str, &'static str),
    /// 200 with a page that says there is another, and not where.
    CutOff,
    /// 200 with a page of HTML.
    Html,
    /// 200 with JSON that stops in the middle.
    Garbled,
    /// The connection closes before anything was done.
    Closed,
    /// The request was done, and the connection closes in the middle of the answer.
    ClosedAfter,
    /// The request is done, and answered late.
    Slow(Duration),
}

/// The answer of GraphQL when it gave up.
pub const TIMEOUT: What =
    What::Says("", "Something went wrong while executing your query. This may be the result of a timeout.");
pub const NOT_FOUND: What = What::Says("NOT_FOUND", "Could not resolve to a node with the global id of 'X'.");

type Act = Box<dyn FnOnce(&mut World) + Send>;

/// Something people do in the middle of a run.
pub struct Hook {
    when: Fault,
    act: Option<Act>,
}

#[derive(Clone, Debug)]
pub struct Fault {
    method: String,
    part: String,
    nth: usize,
    every: bool,
    seen: usize,
    what: What,
}

impl Fault {
    /// The first request with this method (`*` is any) whose path has `part` in it.
    pub fn rest(method: &str, part: &str, what: What) -> Self {
        Self { method: method.to_owned(), part: part.to_owned(), nth: 1, every: false, seen: 0, what }
    }

    /// The first GraphQL request of this name.
    pub fn query(name: &str, what: What) -> Self {
        Self::rest("QUERY", name, what)
    }

    /// The `nth` such request from now, counted from 1.
    pub fn nth(mut self, nth: usize) -> Self {
        self.nth = nth;
        self
    }

    /// The request of this number and all after it.
    pub fn always(mut self) -> Self {
        self.every = true;
        self
    }

    fn meets(&mut self, method: &str, path: &str, query: Option<&str>) -> bool {
        let fits = match query {
            Some(name) => {
                (self.method == "QUERY" && self.part == name) || self.method == "*" && path.contains(&self.part)
            }
            None => (self.method == method || self.method == "*") && path.contains(&self.part),
        };
        self.seen += usize::from(fits);
        fits && (self.seen == self.nth || self.every && self.seen > self.nth)
    }
}

impl World {
    /// The fault of this request, if anything. Every fault counts every request.
    pub fn meet(&mut self, method: &str, path: &str, query: Option<&str>) -> Option<What> {
        let met: Vec<What> =
            self.faults.iter_mut().filter_map(|it| it.meets(method, path, query).then_some(it.what)).collect();
        met.first().copied()
    }

    /// Has something happen right after this request was answered; the fault only says which.
    pub fn meanwhile(&mut self, when: Fault, act: impl FnOnce(&mut World) + Send + 'static) {
        self.hooks.push(Hook { when, act: Some(Box::new(act)) });
    }

    /// The event after this request.
    pub fn happen_after(&mut self, method: &str, path: &str, query: Option<&str>) {
        let due = |hook: &mut Hook| if hook.when.meets(method, path, query) { hook.act.take() } else { None };
        let acts: Vec<_> = self.hooks.iter_mut().filter_map(due).collect();
        for act in acts {
            act(self);
        }
    }

    /// Faults that no request has met: a test that scripts one wants it to happen.
    pub fn unmet(&self) -> Vec<String> {
        let idle = self.faults.iter().filter(|it| it.seen < it.nth);
        let idle = idle.map(|it| format!("a fault never happened: {} {} {:?}", it.method, it.part, it.what));
        let hooks = self.hooks.iter().filter(|it| it.act.is_some());
        idle.chain(hooks.map(|it| format!("nothing came after which: {} {}", it.when.method, it.when.part))).collect()
    }
}

impl What {
    /// Whether the request is carried out before it goes wrong.
    pub fn takes_effect(self) -> bool {
        matches!(self, Self::BadGatewayAfter | Self::ClosedAfter | Self::Slow(_) | Self::CutOff)
    }

    /// The answer instead of the right one.
    pub fn spoil(self, right: Answer, now: i64) -> Answer {
        let html = "<html>\n<head><title>502 Bad Gateway</title></head>\n<body>Unicorn!</body>\n</html>\n";
        let secondary = "You have exceeded a secondary rate limit. Please wait a few minutes before you try again.";
        let primary = "API rate limit exceeded for installation.";
        let wait = |answer: Answer, after: Option<u64>| match after {
            Some(seconds) => answer.with("retry-after", seconds),
            None => answer,
        };
        match self {
            Self::BadGateway | Self::BadGatewayAfter => Answer::text(502, "text/html", html),
            Self::Secondary(after) => wait(Answer::error(403, secondary), after),
            Self::TooMany(after) => wait(Answer::error(429, secondary), after),
            Self::Exhausted(after) => Answer::error(403, primary)
                .with("x-ratelimit-remaining", 0)
                .with("x-ratelimit-reset", now.unsigned_abs() + after),
            Self::LimitedWith200 => {
                Answer::json(200, &json!({"errors": [{"type": "RATE_LIMITED", "message": primary}]}))
            }
            Self::Unauthorised => Answer::error(401, "Bad credentials"),
            Self::Forbidden => Answer::error(403, "Resource not accessible by integration"),
            Self::Echo(status) => Answer::error(status, "Bad header: "),
            Self::Says(kind, message) => Answer::json(200, &json!({"errors": [{"type": kind, "message": message}]})),
            Self::CutOff => {
                let text = String::from_utf8(right.body).unwrap();
                let text = text.replace("\"hasNextPage\":false", "\"hasNextPage\":true");
                Answer { body: text.into_bytes(), ..Answer::text(right.status, right.kind, "") }
            }
            Self::Html => Answer::text(200, "text/html", html),
            Self::Garbled => Answer::text(200, "application/json; charset=utf-8", "{\"data\": {\"repository\": {"),
            Self::Closed => Answer { ending: Ending::Nothing, ..right },
            Self::ClosedAfter => Answer { ending: Ending::Half, ..right },
            Self::Slow(time) => Answer { delay: time, ..right },
        }
    }
}
