//! The audit as one page for a browser: of each flag a timeline. It loads nothing and runs nothing, and all text of others is
//! escaped.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest as _, Sha256};

use super::{debt_words, head, problem_words, pull_words};
use crate::receipt::audit::{AuditedFlag, AuditedMerge, ReceiptAudit};
use crate::receipt::debt::DebtState;
use crate::receipt::history::short;
use crate::render::plain;

const STYLE: &str = "body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color-scheme:light dark}\
h2{margin-top:2.5rem}ol{list-style:none;padding:0;border-left:3px solid #8884}li{margin:0 0 1rem 1rem}\
.bad{color:#b3261e;font-weight:600}.good{color:#1b6e3a;font-weight:600}.soft{opacity:.75}code{font-size:.9em}\
@media(prefers-color-scheme:dark){.bad{color:#ff8a80}.good{color:#80d8a0}}";

fn safe(text: &str) -> String {
    let text = plain(text);
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;").replace('\'', "&#39;")
}

/// A link to a page of the forge, where it is known which repository it is; else the words alone. Both are escaped here.
fn link(address: Option<&str>, path: &str, words: &str) -> String {
    match address {
        Some(address) => format!("<a rel=\"noreferrer\" href=\"{}/{}\">{}</a>", safe(address), safe(path), safe(words)),
        None => safe(words),
    }
}

/// The page. `origin` is `owner/name` of the repository on the server of the forge, if the remote is there.
pub fn page(audit: &ReceiptAudit, origin: Option<&str>) -> String {
    let address = origin.map(|origin| format!("{}/{origin}", crate::cli::event::server()));
    let address = address.as_deref();
    let mut flags: BTreeMap<&str, Vec<(&AuditedMerge, &AuditedFlag)>> = BTreeMap::new();
    for merge in &audit.merges {
        for flag in &merge.flags {
            flags.entry(&flag.name).or_default().push((merge, flag));
        }
    }
    let hash = STANDARD.encode(Sha256::digest(STYLE.as_bytes()));
    let csp = format!("default-src 'none'; style-src 'sha256-{hash}'; base-uri 'none'; form-action 'none'");
    let mut out = format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta http-equiv=\"Content-Security-Policy\" \
         content=\"{csp}\">\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<meta \
         name=\"referrer\" content=\"no-referrer\">\n<title>Audit by receipts · Countersign</title>\n<style>{STYLE}</style>\n\
         </head>\n<body>\n<h1>Audit by receipts</h1>\n<p>{}</p>\n",
        safe(&head(audit))
    );
    if !audit.receipt_problems.is_empty() {
        out.push_str("<h2>Receipts that count for nothing</h2>\n<ul>\n");
        for problem in &audit.receipt_problems {
            out.push_str(&format!("<li class=\"bad\">{}</li>\n", safe(&problem_words(problem))));
        }
        out.push_str("</ul>\n");
    }
    if !audit.debts.is_empty() {
        out.push_str("<h2>Debts</h2>\n<ul>\n");
        for debt in &audit.debts {
            let class = if debt.state == DebtState::Overdue { "bad" } else { "soft" };
            out.push_str(&format!("<li class=\"{class}\">{}</li>\n", safe(&debt_words(debt))));
        }
        out.push_str("</ul>\n");
    }
    for (name, steps) in flags {
        out.push_str(&format!("<h2><code>{}</code></h2>\n<ol>\n", safe(name)));
        for (merge, flag) in steps {
            out.push_str(&item(merge, flag, address));
        }
        out.push_str("</ol>\n");
    }
    out.push_str("<footer><p class=\"soft\">Made by Countersign from the receipts and the history alone. This page loads nothing and runs no script.</p></footer>\n</body>\n</html>\n");
    out
}

fn item(merge: &AuditedMerge, flag: &AuditedFlag, address: Option<&str>) -> String {
    let class = if merge.outcome.is_clean() { "good" } else { "bad" };
    let day = merge.date.get(..10).unwrap_or_default();
    let mut lines = vec![format!(
        "{} <span class=\"{class}\">{}</span> <code>{}</code> {}: {}",
        safe(day),
        merge.outcome.words(),
        link(address, &format!("commit/{}", merge.commit), short(&merge.commit)),
        safe(&merge.author),
        safe(&merge.subject)
    )];
    lines.extend(flag.what.as_deref().map(safe));
    let many = |logins: &[String]| logins.iter().map(|login| format!("@{login}")).collect::<Vec<_>>().join(", ");
    if !flag.approved_by.is_empty() {
        lines.push(format!("approved by {}", safe(&many(&flag.approved_by))));
    }
    if !flag.overridden_by.is_empty() {
        let reason = flag.reason.as_deref().unwrap_or_default();
        lines.push(format!("overridden by {}: {}", safe(&many(&flag.overridden_by)), safe(reason)));
    }
    if let (Some(number), Some(words)) = (merge.pull, pull_words(merge)) {
        lines.push(link(address, &format!("pull/{number}"), &words));
    }
    lines.extend(merge.why.iter().map(|why| format!("<span class=\"bad\">{}</span>", safe(why))));
    lines.extend(merge.signed.as_deref().map(|signed| format!("<span class=\"soft\">{}</span>", safe(signed))));
    format!("<li>{}</li>\n", lines.join("<br>\n"))
}
