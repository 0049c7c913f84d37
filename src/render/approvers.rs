//! The answer of `approvers` in text: the lines that hold for each path, and the people that they name.
//!
//! In: [`ListedApprovers`]. Out: lines. It decides nothing. Not taken: Markdown, since each comment names its
//! approvers.

use super::{Look, Prose, plain};
use crate::diagnostics::diagnostic::choice;
use crate::report::approvers::{Approvals, ListedApprovers, PathApprovers};

/// The approvers for people, path by path.
pub fn text(listed: &ListedApprovers, look: &Look) -> String {
    let mut prose = Prose::new(*look);
    for answer in &listed.approvers {
        let key = answer.key.as_ref().map(|key| format!(" ({})", plain(key))).unwrap_or_default();
        prose.line(&format!("{}{key}", plain(&answer.path)));
        prose.line(&format!("  {}", project(answer)));
        let named = answer.approvals == Some(Approvals::Specific);
        let lines = || answer.lines.iter().filter(|_| answer.project.is_some());
        for line in lines() {
            let section = line.section.as_ref().map(|section| format!(" [{}]", plain(section))).unwrap_or_default();
            let names = line.from.join(" ");
            let what = match (names.is_empty(), line.optional, named) {
                (true, _, _) => "nobody is named".to_owned(),
                (_, true, _) => format!("notified: {names}"),
                (_, _, true) => format!("{} of {names}", line.required),
                (_, _, false) => format!("suggested: {names}"),
            };
            prose.line(&format!("  {what}{section} (.countersign/APPROVERS:{})", line.number));
        }
        if answer.approvals == Some(Approvals::Peer) {
            prose.line("  anyone with write access but the requestor and the contributors");
        }
        if named && !lines().any(|line| !line.optional && !line.from.is_empty()) {
            prose.line("  no line names anyone, so a change waits for an admin");
        }
        let gated = answer.approvals != Some(Approvals::None) && (answer.project.is_some() || answer.protected);
        if gated && !answer.admins.is_empty() {
            prose.line(&format!("  always: {} (admins)", answer.admins.join(" ")));
        }
    }
    prose.finish()
}

/// The project of a path with its mode, or why it has none.
fn project(answer: &PathApprovers) -> String {
    match (&answer.project, answer.approvals) {
        (Some(project), Some(approvals)) => format!("project {project}, approvals: {}", approvals.word()),
        _ if !answer.several.is_empty() => {
            let projects = choice(answer.several.iter().map(String::as_str)).replace(" or ", " and ");
            format!("in {projects}: nobody can approve it until one project has it")
        }
        _ if answer.protected && !answer.policy_approvers.is_empty() => {
            format!("protected: an admin or {} has to approve", answer.policy_approvers.join(" "))
        }
        _ if answer.protected => "protected: an admin has to approve".to_owned(),
        _ => "not managed: no project has this path, so no approval is needed".to_owned(),
    }
}
