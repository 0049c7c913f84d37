//! Frame of a page: the head, the style and the content security policy that allows nothing but that style.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use maud::{DOCTYPE, Markup, PreEscaped, html};
use sha2::{Digest, Sha256};

const STYLE: &str = include_str!("style.css");

/// A whole document. `title` is our own words.
pub(super) fn document(title: &str, body: &Markup) -> String {
    // A browser reads `\r\n` as `\n` before it hashes.
    let style = STYLE.replace('\r', "");
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                // First of all that could load anything.
                meta http-equiv="Content-Security-Policy" content=(policy(&style));
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                meta name="referrer" content="no-referrer";
                meta name="robots" content="noindex";
                title { (title) " · Countersign" }
                style { (PreEscaped(&style)) }
            }
            body {
                (body)
                footer { p { "Made by Countersign from the files alone. This page loads nothing and runs no script." } }
            }
        }
    };
    let mut text = page.into_string();
    text.push('\n');
    text
}

/// <https://www.w3.org/TR/CSP3/>: nothing may be loaded, run, framed, posted; one style, by the hash of its text.
fn policy(style: &str) -> String {
    let hash = STANDARD.encode(Sha256::digest(style.as_bytes()));
    format!("default-src 'none'; style-src 'sha256-{hash}'; base-uri 'none'; form-action 'none'")
}
