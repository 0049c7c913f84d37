//! Problems: where, what, the line it is about, and the way out.

use maud::{Markup, html};

use super::piece::{Tone, pill, prose};
use crate::diagnostics::escape as safe;
use crate::diagnostics::{Level, Problem};

/// Errors first: they make the verdict invalid.
pub(super) fn list(problems: &[Problem]) -> Markup {
    let (errors, warnings): (Vec<&Problem>, Vec<&Problem>) = problems.iter().partition(|problem| problem.is_error());
    html! { ul.problems { @for problem in errors.into_iter().chain(warnings) { li { (one(problem)) } } } }
}

pub(super) fn worst(problems: &[Problem]) -> Markup {
    level(if problems.iter().any(Problem::is_error) { Level::Error } else { Level::Warning })
}

fn level(level: Level) -> Markup {
    match level {
        Level::Error => pill(Tone::Bad, "error"),
        Level::Warning => pill(Tone::Warn, "warning"),
    }
}

fn one(problem: &Problem) -> Markup {
    let place = format!("{}:{}:{}", safe::visible(&problem.path), problem.place.line, problem.place.column);
    html! {
        p { (level(problem.level)) " " code { (place) } " " span.soft { (problem.id) } }
        p { (prose(&problem.message)) }
        @if let Some(line) = &problem.excerpt { (excerpt(line, problem)) }
        @if !problem.remedy.is_empty() { p { strong { "Help: " } (prose(&problem.remedy)) } }
    }
}

/// The line, with what it is about marked. Columns count characters.
fn excerpt(line: &str, problem: &Problem) -> Markup {
    let index = |number: u32| usize::try_from(number).unwrap_or(usize::MAX);
    let at = index(problem.place.column).saturating_sub(1);
    let end = at.saturating_add(index(problem.place.width).max(1));
    let part = |from: usize, to: usize| -> String {
        let shown = |c: char| if c == '\t' { "    ".to_owned() } else { safe::visible(c.encode_utf8(&mut [0; 4])) };
        line.chars().take(to).skip(from).map(shown).collect()
    };
    let marked = part(at, end);
    html! {
        p.excerpt {
            span.line { (problem.place.line) }
            code { (part(0, at)) @if !marked.is_empty() { mark { (marked) } } (part(end, usize::MAX)) }
        }
    }
}
