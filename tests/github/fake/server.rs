//! The wire: one request at a time reaches the world.

use std::collections::BTreeMap;
use std::fmt::Display;
use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};
use std::time::Duration;

use http_body_util::BodyExt;
use hyper::body::{Body, Bytes, Frame, Incoming, SizeHint};
use serde_json::{Value, json};

use super::door;
use super::world::{World, moment};
use crate::loopback::{Failure, Loopback, decode};

/// One request, read whole.
pub struct Call {
    pub method: String,
    pub path: String,
    pub query: BTreeMap<String, String>,
    pub raw_query: String,
    pub headers: BTreeMap<String, String>,
    pub text: String,
}

/// How the answer ends.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    Whole,
    /// The connection closes without an answer.
    Nothing,
    /// The connection closes half-way through the body.
    Half,
}

pub struct Answer {
    pub status: u16,
    pub kind: &'static str,
    pub body: Vec<u8>,
    pub headers: Vec<(&'static str, String)>,
    pub ending: Ending,
    pub delay: Duration,
}

impl Answer {
    pub fn text(status: u16, kind: &'static str, body: impl Into<Vec<u8>>) -> Self {
        let body = body.into();
        Self { status, kind, body, headers: Vec::new(), ending: Ending::Whole, delay: Duration::ZERO }
    }

    pub fn json(status: u16, body: &Value) -> Self {
        Self::text(
            status,
            "application/json; charset=utf-8",
            if body.is_null() { String::new() } else { body.to_string() },
        )
    }

    /// GitHub's shape of an error.
    pub fn error(status: u16, message: &str) -> Self {
        let documentation = "https://docs.github.com/rest";
        Self::json(
            status,
            &json!({"message": message, "documentation_url": documentation, "status": status.to_string()}),
        )
    }

    pub fn with(mut self, name: &'static str, value: impl Display) -> Self {
        self.headers.push((name, value.to_string()));
        self
    }
}

/// A body that can break off.
struct Sent {
    left: Vec<Bytes>,
    length: u64,
    breaks: bool,
    pauses: usize,
}

impl Body for Sent {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        if !self.left.is_empty() {
            return Poll::Ready(Some(Ok(Frame::data(self.left.remove(0)))));
        }
        if self.pauses > 0 {
            // The bytes sent so far are on their way before the rest fails.
            self.pauses -= 1;
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        Poll::Ready(self.breaks.then(|| Err(io::Error::other("broken off by script"))))
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.length)
    }
}

/// The server of a world.
pub fn start(world: Arc<Mutex<World>>) -> Loopback {
    Loopback::start(move |request| answer(request, Arc::clone(&world)))
}

async fn answer(request: hyper::Request<Incoming>, world: Arc<Mutex<World>>) -> Result<hyper::Response<Sent>, Failure> {
    let (head, body) = request.into_parts();
    let bytes = body.collect().await?.to_bytes();
    let raw_query = head.uri.query().unwrap_or("").to_owned();
    let pair = |it: &str| {
        let (name, value) = it.split_once('=').unwrap_or((it, ""));
        (decode(name), decode(&value.replace('+', " ")))
    };
    let call = Call {
        method: head.method.to_string(),
        path: head.uri.path().to_owned(),
        query: raw_query.split('&').filter(|it| !it.is_empty()).map(pair).collect(),
        raw_query,
        headers: head
            .headers
            .iter()
            .map(|(name, value)| (name.to_string(), String::from_utf8_lossy(value.as_bytes()).into_owned()))
            .collect(),
        text: String::from_utf8_lossy(&bytes).into_owned(),
    };
    let gate = world.lock().unwrap_or_else(std::sync::PoisonError::into_inner).gate.clone();
    if let Some(gate) = gate {
        gate.admit(call.headers.get("authorization")).await;
    }
    let (answer, now) = {
        // A panic in here must end the test with its message, not every later request with another.
        let mut world = world.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let place = format!("{} {}", call.method, call.path);
        let caught = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| door::enter(&mut world, &call)));
        let answer = caught.unwrap_or_else(|why| {
            let text = why.downcast_ref::<String>().cloned();
            let text = text.or_else(|| why.downcast_ref::<&str>().map(|it| (*it).to_owned())).unwrap_or_default();
            world.violation(format!("{place}: the fake panicked: {text}"));
            Answer::error(500, "the fake panicked")
        });
        (answer, world.now)
    };
    if answer.delay > Duration::ZERO {
        tokio::time::sleep(answer.delay).await;
    }
    let length = answer.body.len();
    let (left, breaks) = match answer.ending {
        Ending::Whole => (vec![Bytes::from(answer.body)], false),
        Ending::Nothing => return Err("closed by script".into()),
        Ending::Half => (vec![Bytes::from(answer.body[..length / 2].to_vec())], true),
    };
    let mut response = hyper::Response::builder()
        .status(answer.status)
        .header("date", moment(now).format("%a, %d %b %Y %H:%M:%S GMT").to_string())
        .header("content-type", answer.kind);
    for (name, value) in &answer.headers {
        response = response.header(*name, value);
    }
    Ok(response.body(Sent { left, length: length as u64, breaks, pauses: if breaks { 2 } else { 0 } })?)
}
