//! Annotations on the lines that an approver has to look at.

use super::Action;
use crate::github::facts::PullFacts;
use crate::github::fingerprint::short_digest;
use crate::github::record::ApprovalRecord;
use crate::render;
use crate::report::Report;

/// How many lines are annotated at most; GitHub takes 50 with one request.
const MOST_ANNOTATIONS: usize = 50;

/// A note on a line of a file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Annotation {
    pub path: String,
    pub line: u32,
    /// `failure`, `warning` or `notice`.
    pub level: &'static str,
    pub text: String,
}

/// The annotations, once for the same content.
pub(super) fn plan(report: &Report, facts: &PullFacts, record: &mut ApprovalRecord) -> Option<Action> {
    let annotations: Vec<Annotation> = render::lines(report)
        .into_iter()
        .filter(|(path, ..)| !path.is_empty())
        .map(|(path, line, level, text)| Annotation { path, line, level, text })
        .take(MOST_ANNOTATIONS)
        .collect();
    let words: Vec<String> = annotations.iter().map(|one| format!("{}:{} {}", one.path, one.line, one.text)).collect();
    let content = short_digest(&format!("{}\n{}", facts.outline.head, words.join("\n")));
    if annotations.is_empty() || record.annotated_for.as_ref() == Some(&content) {
        return None;
    }
    record.annotated_for = Some(content);
    let title = "Changes that need approval, on their lines".to_owned();
    Some(Action::Annotate { sha: facts.outline.head.clone(), annotations, title })
}
