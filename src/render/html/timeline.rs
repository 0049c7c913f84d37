//! A page of timelines: notes first, then for each subject what happened to it, in the order of the times.

use maud::{Markup, html};

use super::page::document;
use super::safe;
use crate::render::Tone;

/// Words in a tone, and where they lead; visible text is made of them here.
#[derive(Clone, Debug)]
pub struct TimelineWords {
    pub tone: Tone,
    pub text: String,
    /// The address of a page; none where nobody knows it.
    pub link: Option<String>,
}

impl TimelineWords {
    #[must_use]
    pub fn of(tone: Tone, text: impl Into<String>) -> Self {
        TimelineWords { tone, text: text.into(), link: None }
    }
}

/// Notes under a heading.
pub struct TimelineNotes {
    pub heading: &'static str,
    pub notes: Vec<TimelineWords>,
}

/// A subject, and lines of words for each of its steps.
pub struct Timeline {
    pub subject: String,
    pub steps: Vec<Vec<Vec<TimelineWords>>>,
}

/// The page. The title is our own words.
#[must_use]
pub fn timelines(title: &'static str, summary: &str, notes: &[TimelineNotes], all: &[Timeline]) -> String {
    let body = html! {
        header { h1 { (title) } p.soft { (safe::visible(summary)) } }
        main {
            @for part in notes.iter().filter(|part| !part.notes.is_empty()) {
                section.card {
                    h2 { (part.heading) }
                    ul { @for note in &part.notes { li { (words(note)) } } }
                }
            }
            @for one in all {
                section.card {
                    h2 { code { (safe::visible(&one.subject)) } }
                    ol {
                        @for step in &one.steps {
                            li {
                                @for line in step {
                                    p { @for (at, one) in line.iter().enumerate() { @if at > 0 { " " } (words(one)) } }
                                }
                            }
                        }
                    }
                }
            }
        }
    };
    document(title, &body)
}

fn words(one: &TimelineWords) -> Markup {
    let text = safe::visible(&one.text);
    let said = html! {
        @if let Some(link) = &one.link { a rel="noreferrer" href=(link) { (text) } } @else { (text) }
    };
    match one.tone {
        Tone::Bad => html! { span.bad { (said) } },
        Tone::Good => html! { span.good { (said) } },
        Tone::Warn => html! { span.warn { (said) } },
        Tone::Quiet => html! { span.soft { (said) } },
        Tone::Plain | Tone::Strong | Tone::Unknown => said,
    }
}
