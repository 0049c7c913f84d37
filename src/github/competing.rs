//! What every open pull request claims of live flags, as its own comment has it.
//!
//! In: a client. Out: [`Claim`]s. It refuses comments somebody else edited: what they say is nobody's claim.

use crate::github::client::{Client, Fault};
use crate::github::facts::Outline;
use crate::github::locks::Claim;
use crate::github::record::ApprovalRecord;

/// The claims of the open pull requests of one base branch, or of all.
///
/// # Errors
/// If one can't be read.
pub fn claims(client: &Client, base: Option<&str>) -> Result<Vec<Claim>, Fault> {
    let (_, every) = client.every()?;
    let outlines: Vec<&Outline> = every
        .iter()
        .map(|seen| &seen.outline)
        .filter(|outline| base.is_none_or(|base| outline.base == base))
        .filter(|outline| outline.more_marks.is_some() || outline.marks.iter().any(|mark| mark.ours))
        .collect();
    let comments = if outlines.is_empty() { std::collections::BTreeMap::new() } else { client.stickies(&outlines)? };
    let mut found = Vec::new();
    for outline in outlines {
        let Some(record) = comments.get(&outline.number).and_then(ApprovalRecord::of) else { continue };
        if record.holds.is_empty() {
            continue;
        }
        let requestor = outline.author.as_ref().map_or("ghost", |author| author.login.as_str());
        // As for a verdict: whose right can't be told may hold a flag.
        let outsider = match &outline.author {
            Some(author) => matches!(client.permission(&author.login)?.as_deref(), Some("read" | "triage" | "none")),
            None => true,
        };
        found.push(Claim {
            pull: outline.number,
            base: outline.base.clone(),
            requestor: requestor.to_owned(),
            draft: outline.draft,
            outsider,
            updated_at: outline.updated_at.clone(),
            record,
        });
    }
    Ok(found)
}
