//! The wire: one request at a time reaches the world.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use http_body_util::{BodyExt as _, Full};
use hyper::body::{Bytes, Incoming};

use super::World;
use crate::loopback::{Failure, Loopback, decode};

/// One request, read whole.
pub struct Call {
    pub method: String,
    pub path: String,
    pub query: BTreeMap<String, String>,
    pub key: String,
    pub text: String,
}

/// An answer, or the end of the connection.
pub struct Answer {
    pub status: u16,
    pub body: String,
    pub retry_after: Option<u64>,
    pub lost: bool,
    pub location: Option<String>,
    pub delay: std::time::Duration,
}

impl Answer {
    pub fn new(status: u16, body: impl Into<String>) -> Answer {
        Answer {
            status,
            body: body.into(),
            retry_after: None,
            lost: false,
            location: None,
            delay: std::time::Duration::ZERO,
        }
    }
}

/// The server of a world.
pub fn start(world: Arc<Mutex<World>>) -> Loopback {
    Loopback::start(move |request| answer(request, Arc::clone(&world)))
}

async fn answer(
    request: hyper::Request<Incoming>,
    world: Arc<Mutex<World>>,
) -> Result<hyper::Response<Full<Bytes>>, Failure> {
    let (head, body) = request.into_parts();
    let bytes = body.collect().await?.to_bytes();
    let pair = |it: &str| {
        let (name, value) = it.split_once('=').unwrap_or((it, ""));
        (decode(name), decode(value))
    };
    let key = head.headers.get("authorization").and_then(|value| value.to_str().ok()).unwrap_or_default();
    let call = Call {
        method: head.method.to_string(),
        path: head.uri.path().to_owned(),
        query: head.uri.query().unwrap_or("").split('&').filter(|it| !it.is_empty()).map(pair).collect(),
        key: key.to_owned(),
        text: String::from_utf8_lossy(&bytes).into_owned(),
    };
    let answer = {
        let mut world = world.lock().unwrap_or_else(PoisonError::into_inner);
        let place = format!("{} {}", call.method, call.path);
        // A panic in here must end the test with its message, not every later request with another.
        let caught = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| world.enter(&call)));
        caught.unwrap_or_else(|_| {
            world.violations.push(format!("{place}: the fake panicked"));
            Answer::new(500, "the fake panicked")
        })
    };
    if !answer.delay.is_zero() {
        tokio::time::sleep(answer.delay).await;
    }
    if answer.lost {
        return Err("closed by script".into());
    }
    let mut response = hyper::Response::builder().status(answer.status);
    if let Some(seconds) = answer.retry_after {
        response = response.header("retry-after", seconds.to_string());
    }
    if let Some(location) = answer.location {
        response = response.header("location", location);
    }
    Ok(response.body(Full::new(answer.body.into()))?)
}
