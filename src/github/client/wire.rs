//! The wire: octocrab, made for one token and one address, and a request sent by it.
//!
//! In: an address, a token, a request. Out: the answer as it came, or why there is none. It refuses to wait for more
//! than half a minute, and to send anything twice. Not taken: octocrab's own retries, which send writes again.

use std::time::Duration;

use octocrab::Octocrab;
use serde_json::Value;

use crate::error::{Error, causes};
use crate::git::token::Token;

pub(super) fn build(base: &str, token: &Token) -> Result<Octocrab, Error> {
    let limit = Some(Duration::from_secs(30));
    let agent = concat!("countersign/", env!("CARGO_PKG_VERSION")).to_owned();
    let wrong = |_| Error::unreachable(format!("`{base}` is no address"));
    Octocrab::builder()
        .base_uri(base)
        .map_err(wrong)?
        .personal_token(token.reveal())
        .add_header(http::header::USER_AGENT, agent)
        .add_header(http::header::ACCEPT, "application/vnd.github+json".to_owned())
        .set_connect_timeout(limit)
        .set_read_timeout(limit)
        .set_write_timeout(limit)
        .build()
        .map_err(|error| {
            Error::unreachable(format!(
                "no connection can be made, probably for want of CA certificates (install `ca-certificates`, or name \
                 them in SSL_CERT_FILE): {}",
                reason(&error)
            ))
        })
}

pub(super) async fn transmit(
    client: &Octocrab,
    method: &str,
    path: &str,
    body: Option<&Value>,
) -> Result<(http::response::Parts, String), octocrab::Error> {
    let answer = match method {
        "GET" => client._get(path).await?,
        "POST" => client._post(path, body).await?,
        "PATCH" => client._patch(path, body).await?,
        "PUT" => client._put(path, body).await?,
        _ => client._delete(path, body).await?,
    };
    let (parts, body) = answer.into_parts();
    let text = client.body_to_string(http::Response::new(body)).await?;
    Ok((parts, text))
}

/// An error and what caused it, without the places in octocrab it came by.
pub(super) fn reason(error: &octocrab::Error) -> String {
    let causes = causes(std::error::Error::source(error));
    if causes.is_empty() { "no reason given".to_owned() } else { causes }
}
