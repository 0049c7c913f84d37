//! The pull request that a page is about: its number, title, author and repository, with links where their addresses
//! are known and can hide nothing.

use maud::{Markup, html};

use crate::diagnostics::escape as safe;
use crate::render::phrases::is_address;
use crate::report::PullReport;

/// Characters of a title that are shown.
const TITLE: usize = 200;

pub(super) fn line(pull: &PullReport) -> Markup {
    let places = Places::of(pull);
    let named = html! {
        "#" (pull.number)
        @if let Some(title) = &pull.title { " " span.value { (safe::cut(title, TITLE)) } }
    };
    let author = html! { span.value { "@" (safe::cut(pull.author.trim_start_matches('@'), 80)) } };
    html! {
        p.pull {
            @if let Some(repository) = &pull.repository {
                (linked(&html! { span.value { (safe::cut(repository, 160)) } }, places.repository.as_deref())) " "
            }
            strong { (linked(&named, places.pull.as_deref())) }
            " by " (linked(&author, places.author.as_deref()))
        }
    }
}

fn linked(words: &Markup, url: Option<&str>) -> Markup {
    html! { @match url { Some(url) => a href=(url) rel="noreferrer" { (words) }, None => (words) } }
}

/// Addresses, as far as they follow from that of the pull request.
#[derive(Default, Debug, PartialEq, Eq)]
struct Places {
    pull: Option<String>,
    repository: Option<String>,
    author: Option<String>,
}

impl Places {
    fn of(pull: &PullReport) -> Self {
        let address = |url: String| Some(url).filter(|url| url.starts_with("https://") && is_address(url));
        let Some(url) = pull.url.clone().and_then(address) else { return Places::default() };
        let Some(repository) = url.strip_suffix(&format!("/pull/{}", pull.number)).map(str::to_owned) else {
            return Places::default();
        };
        let site = pull.repository.as_ref().and_then(|name| repository.strip_suffix(&format!("/{name}")));
        // A login of GitHub's own, and no path.
        let login = pull.author.chars().all(|c| c.is_ascii_alphanumeric() || c == '-') && !pull.author.is_empty();
        Places {
            author: site.filter(|_| login).and_then(|site| address(format!("{site}/{}", pull.author))),
            repository: site.map(|_| repository.clone()),
            pull: Some(url),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn places(url: &str, author: &str) -> Places {
        let (repository, url) = (Some("acme/shop".to_owned()), Some(url.to_owned()));
        Places::of(&PullReport { number: 12, author: author.to_owned(), title: None, repository, url })
    }

    #[test]
    fn only_what_follows_from_an_address_is_linked() {
        let some = |url: &str| Some(url.to_owned());
        let all = Places {
            pull: some("https://git.acme.example/acme/shop/pull/12"),
            repository: some("https://git.acme.example/acme/shop"),
            author: some("https://git.acme.example/jo"),
        };
        assert_eq!(places("https://git.acme.example/acme/shop/pull/12", "jo"), all);
        assert_eq!(places("https://git.acme.example/acme/shop/pull/12", "a[bot]"), Places { author: None, ..all });
        let alone = Places { pull: some("https://git.acme.example/x/pull/12"), ..Places::default() };
        assert_eq!(places("https://git.acme.example/x/pull/12", "jo"), alone);
        for bad in [
            "https://evil.example",
            "https://git.acme.example/acme/shop/pull/13",
            "javascript:alert(1)",
            "http://git.acme.example/acme/shop/pull/12",
            "https://a.example/\"",
            "",
        ] {
            assert_eq!(places(bad, "jo"), Places::default());
        }
    }
}
