//! A dry run: the planned actions, written down and not carried out.
//!
//! In: actions. Out: text for a person. It refuses nothing and sends nothing.

use super::Action;
use crate::render::plain;

/// The actions planned on a pull request, one after the other.
#[must_use]
pub fn describe(pull: u64, actions: &[Action]) -> String {
    if actions.is_empty() {
        return format!("#{pull}: nothing to do, everything is there already\n");
    }
    actions.iter().map(|action| format!("#{pull}: {}\n", one(action))).collect()
}

fn one(action: &Action) -> String {
    let indented = |body: &str| body.lines().map(|line| format!("\n    {}", plain(line))).collect::<String>();
    match action {
        Action::SetStatus(status) => {
            let short = crate::diagnostics::words::short(&status.sha);
            let (context, text) = (plain(&status.context), plain(&status.text));
            format!("would set the status {context} of {short} to {}: {text}", status.state.word())
        }
        Action::UpdateComment { id: None, body } => format!("would write this comment:{}", indented(body)),
        Action::UpdateComment { id: Some(_), body } => format!("would change its comment to:{}", indented(body)),
        Action::DeleteComment { .. } => "would delete a copy of its comment".to_owned(),
        Action::Notify { body } => format!("would write a new comment:{}", indented(body)),
        Action::RequestReviews { users, teams } => {
            let all: Vec<String> = users.iter().chain(teams).map(|name| plain(name)).collect();
            format!("would request reviews: {}", all.join(", "))
        }
        Action::Annotate { annotations, .. } => {
            let lines =
                annotations.iter().map(|one| format!("\n    {}:{}: {}", plain(&one.path), one.line, plain(&one.text)));
            format!("would annotate lines:{}", lines.collect::<String>())
        }
    }
}
