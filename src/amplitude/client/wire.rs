//! The wire: hyper over TLS, one request at a time slot.
//!
//! In: a method, a path and a body. Out: the answer whole, or why there is none. It refuses an address that is neither
//! `https` nor on this machine, and waits no longer than half a minute. The key is in one header and in no message.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use http_body_util::{BodyExt as _, Full, LengthLimitError, Limited};
use hyper::Uri;
use hyper::body::Bytes;
use hyper::header::HeaderValue;
use hyper_rustls::HttpsConnector;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use serde_json::Value;

use super::{PER_SECOND, unreachable};
use crate::diagnostics::escape::cut;
use crate::error::{Error, causes};
use crate::git::Token;

/// How long one exchange may take.
const LONGEST: Duration = Duration::from_secs(30);
/// The most bytes of an answer.
const LARGEST: usize = 32 << 20;
/// A key of fewer characters is none of Amplitude's, and might stand in any answer.
const SHORTEST: usize = 12;
/// The most characters of Amplitude's words in a message.
const MOST_SAID: usize = 300;

/// The outcome of one request.
pub(super) enum Exchange {
    Answer {
        status: u16,
        retry_after: Option<Duration>,
        body: String,
    },
    /// No answer, or a part of one.
    Lost(String),
    /// More than [`LARGEST`].
    TooLarge,
}

/// The connection to one server, with its pace.
pub(super) struct Wire {
    client: Client<HttpsConnector<HttpConnector>, Full<Bytes>>,
    address: String,
    key: Token,
    /// When the next request may be sent.
    next: Mutex<Instant>,
    /// The time between two requests.
    pub(super) between: Duration,
    /// How many bytes of answers there were.
    pub(super) received: AtomicU64,
}

/// Whether a key may be sent to an address: over TLS, or to this very machine; and not behind a name that only looks
/// so.
fn may_have_the_key(address: &str) -> bool {
    let Ok(uri) = address.parse::<Uri>() else { return false };
    let named = uri.authority().is_some_and(|authority| !authority.as_str().contains('@'));
    let here = uri.host().is_some_and(|host| matches!(host, "127.0.0.1" | "localhost"));
    named && uri.query().is_none() && (uri.scheme_str() == Some("https") || here && uri.scheme_str() == Some("http"))
}

impl Wire {
    pub(super) fn new(address: &str, key: Token) -> Result<Wire, Error> {
        if !may_have_the_key(address) {
            // Not a word of it: somebody may have put the key there.
            let help =
                "name one that begins with `https://` and has no user name and no query, in COUNTERSIGN_AMPLITUDE_URL";
            return Err(Error::usage("the address of Amplitude's API is none to send a key to", help));
        }
        let mut http = HttpConnector::new();
        http.enforce_http(false);
        // Head and body of a write are two segments, and the second one would wait for the first.
        http.set_nodelay(true);
        let connector = hyper_rustls::HttpsConnectorBuilder::new()
            .with_provider_and_native_roots(rustls::crypto::ring::default_provider())
            .map_err(|error| {
                unreachable(&format!(
                    "there are no CA certificates (install `ca-certificates`, or name them in SSL_CERT_FILE): {error}"
                ))
            })?
            .https_or_http()
            .enable_http1()
            .wrap_connector(http);
        let client =
            Client::builder(TokioExecutor::new()).pool_timer(hyper_util::rt::TokioTimer::new()).build(connector);
        let address = address.trim_end_matches('/').to_owned();
        Ok(Wire {
            client,
            address,
            key,
            next: Mutex::new(Instant::now()),
            between: Duration::from_secs(1) / PER_SECOND,
            received: AtomicU64::new(0),
        })
    }

    /// The time from which the caller may send.
    fn slot(&self) -> Instant {
        let mut next = self.next.lock().unwrap_or_else(PoisonError::into_inner);
        let at = (*next).max(Instant::now());
        *next = at + self.between;
        at
    }

    pub(super) async fn exchange(&self, method: &'static str, path: &str, body: Option<&Value>) -> Exchange {
        let at = self.slot();
        if at > Instant::now() {
            tokio::time::sleep_until(at.into()).await;
        }
        match tokio::time::timeout(LONGEST, self.once(method, path, body)).await {
            Ok(exchange) => exchange,
            Err(_) => Exchange::Lost("no answer for 30 seconds".to_owned()),
        }
    }

    async fn once(&self, method: &'static str, path: &str, body: Option<&Value>) -> Exchange {
        let lost = |error: &dyn std::error::Error| Exchange::Lost(self.scrubbed(&causes(Some(error))));
        let request = hyper::Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.address))
            .header("authorization", self.authorization())
            .header("user-agent", concat!("countersign/", env!("CARGO_PKG_VERSION")))
            .header("accept", "application/json, text/plain;q=0.9, */*;q=0.1");
        let request = match body {
            Some(body) => request.header("content-type", "application/json").body(Full::new(body.to_string().into())),
            None => request.body(Full::default()),
        };
        let request = match request {
            Ok(request) => request,
            Err(error) => return lost(&error),
        };
        let (parts, body) = match self.client.request(request).await {
            Ok(answer) => answer.into_parts(),
            Err(error) => return lost(&error),
        };
        let retry_after = parts.headers.get("retry-after").and_then(|value| value.to_str().ok()?.parse().ok());
        let bytes = match Limited::new(body, LARGEST).collect().await {
            Ok(body) => body.to_bytes(),
            Err(error) if error.is::<LengthLimitError>() => return Exchange::TooLarge,
            Err(error) => return Exchange::Lost(self.scrubbed(&format!("the answer broke off: {error}"))),
        };
        self.received.fetch_add(bytes.len() as u64, Ordering::Relaxed);
        let body = String::from_utf8_lossy(&bytes);
        // An answer may end up in a file.
        let body = if self.key.reveal().len() < SHORTEST { body.into_owned() } else { self.scrubbed(&body) };
        Exchange::Answer { status: parts.status.as_u16(), retry_after: retry_after.map(Duration::from_secs), body }
    }

    /// The header with the key, which no dump of a request shows.
    fn authorization(&self) -> HeaderValue {
        let mut value =
            HeaderValue::from_str(&format!("Bearer {}", self.key.reveal())).unwrap_or(HeaderValue::from_static(""));
        value.set_sensitive(true);
        value
    }

    /// Amplitude's words in an answer that is no success: short, visible, and without the key.
    pub(super) fn words(&self, body: &str) -> String {
        let parsed: Option<Value> = serde_json::from_str(body).ok();
        let member = |path: &str| parsed.as_ref().and_then(|body| body.pointer(path)).and_then(Value::as_str);
        let paths = ["/error/message", "/message", "/error", "/detail", "/title", "/type", "/metadata/message"];
        let said = paths.into_iter().find_map(member).unwrap_or(body).trim();
        if said.is_empty() { "no reason given".to_owned() } else { cut(&self.scrubbed(said), MOST_SAID) }
    }

    /// A value without the key in any of its strings, in whatever way they were written.
    pub(super) fn without_key(&self, value: Value) -> Value {
        let hides = |text: &str| self.key.reveal().len() >= SHORTEST && text.contains(self.key.reveal());
        let hidden = |text: String| if hides(&text) { self.scrubbed(&text) } else { text };
        match value {
            Value::String(text) => Value::String(hidden(text)),
            Value::Array(items) => items.into_iter().map(|item| self.without_key(item)).collect(),
            Value::Object(members) => {
                members.into_iter().map(|(name, value)| (hidden(name), self.without_key(value))).collect()
            }
            other => other,
        }
    }

    fn scrubbed(&self, text: &str) -> String {
        self.key.scrub(text)
    }
}
