//! Text that wants out: every name, value, path, login and message of a report is an attack, and none may work.

use countersign::render::{self, Look};
use countersign::report::Report;
use proptest::prelude::*;
use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};
use serde_json::Value;

use super::nasty::{NASTY, hostile};
use crate::html;

/// The kinds of characters that must not be in anything that is shown: it would move, hide or reorder what is.
fn acts(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fe00}'..='\u{fe0f}' | '\u{e0000}'..='\u{e0fff}')
}

fn check_text(text: &str) {
    for line in text.lines() {
        assert!(!line.chars().any(acts), "a control character in {line:?}");
        assert!(!line.trim_start().starts_with("::"), "a command in {line:?}");
        assert!(!line.contains("##["), "a command in {line:?}");
    }
}

fn check_github(text: &str) {
    for line in text.lines() {
        assert!(!line.chars().any(acts), "a control character in {line:?}");
        let (command, _) = line.strip_prefix("::").and_then(|rest| rest.split_once("::")).expect("a command");
        let (level, properties) = command.split_once(' ').expect("properties");
        assert!(matches!(level, "error" | "warning" | "notice"), "{line:?}");
        let names: Vec<&str> =
            properties.split(',').map(|pair| pair.split_once('=').map_or(pair, |(name, _)| name)).collect();
        let known: [&[&str]; 3] =
            [&["title"], &["file", "line", "col", "title"], &["file", "line", "col", "endColumn", "title"]];
        assert!(known.contains(&names.as_slice()), "{names:?} in {line:?}");
    }
}

pub fn check_markdown(text: &str) {
    check_text(text);
    assert!(text.chars().count() <= render::ROOM);
    let (mut folds, mut code) = (0, false);
    for event in Parser::new_ext(text, Options::all()) {
        match event {
            Event::Start(Tag::CodeBlock(_)) => code = true,
            Event::End(TagEnd::CodeBlock) => code = false,
            Event::InlineHtml(html) if ["<br>", "<sub>", "</sub>"].contains(&&*html) => {}
            Event::Html(html) | Event::InlineHtml(html) => {
                assert!(folding(html.trim()), "{html:?} in:\n{text}");
                folds += 1;
            }
            Event::Text(words) => assert!(code || plain(&words), "{words:?} in:\n{text}"),
            Event::Start(
                Tag::Paragraph
                | Tag::Heading { .. }
                | Tag::HtmlBlock
                | Tag::List(None)
                | Tag::Item
                | Tag::BlockQuote(Some(_))
                | Tag::Strong
                | Tag::Table(_)
                | Tag::TableHead
                | Tag::TableRow
                | Tag::TableCell,
            )
            | Event::End(_)
            | Event::Code(_)
            | Event::SoftBreak => {}
            other => panic!("{other:?} in:\n{text}"),
        }
    }
    assert_eq!(folds % 2, 0, "what is folded is closed");
}

/// One mention at most, of whom it tells, and nothing else that acts.
pub fn check_notice(text: &str, to: &[String]) {
    let to = to.join(" @");
    check_markdown(text.strip_prefix(&format!("@{to} ")).unwrap_or(text));
    assert!(text.ends_with('\n') && text.lines().count() == 1 && text.chars().count() < 8_000, "{text}");
    let part = |part: &str| {
        !part.is_empty() && part.chars().all(|c| c.is_ascii_alphanumeric() || c == '-') && !part.starts_with('-')
    };
    let name = |name: &str| name.split('/').count() <= 2 && name.split('/').all(part);
    let login = to.split(" @").all(name);
    assert_eq!(text.starts_with(&format!("@{to} ")), login, "{text}");
}

fn folding(html: &str) -> bool {
    const TITLES: &[&str] = &[
        "Every change, field by field",
        "diagnostic",
        "diagnostics",
        "remark",
        "remarks",
        "Why these need approval",
        "changes that need no approval",
        "change that needs no approval",
        "responses that do not count, and why",
        "response that does not count, and why",
        "caveats",
        "caveat",
        "Flows between variants",
        "What changed since approvals that no longer count",
    ];
    let title = html.strip_prefix("<details><summary>").and_then(|rest| rest.strip_suffix("</summary>"));
    html == "</details>" || title.is_some_and(|title| TITLES.iter().any(|ours| title.ends_with(ours)))
}

/// Nothing that GitHub makes a mention, a reference, a commit or a link of; `#7` is the holder of the lock, ours.
fn plain(words: &str) -> bool {
    let commit = |word: &str| {
        word.len() >= 7 && word.chars().all(|c| c.is_ascii_hexdigit()) && word.contains(|c: char| c.is_ascii_digit())
    };
    !words.contains(['@', '<', '`', '$', '*', '~', '|', '\\', '['])
        && ![
            "locked by #7",
            "Locked by #7",
            "waits until #7 is",
            "locked by #123",
            "Locked by #123",
            "waits until #123 is",
        ]
        .iter()
        .fold(words.to_owned(), |words, ours| words.replace(ours, ""))
        .contains('#')
        && !["://", "www.", "GH-"].iter().any(|bad| words.contains(bad))
        && !words.split(|c: char| !c.is_alphanumeric()).any(commit)
}

fn check(report: &Report) {
    for look in [
        Look::default(),
        Look { width: 60, all: true, ..Look::default() },
        Look { width: 1, ascii: true, ..Look::default() },
        Look { changes_only: true, ..Look::default() },
    ] {
        let show = |id: &str| render::review(id, report, &look);
        let list = |id: &str| render::diagnostics(id, &report.diagnostics, &look);
        let text = show("text");
        for text in [&text, &list("text")] {
            check_text(text);
        }
        for text in [show("markdown"), list("markdown")] {
            check_markdown(&text);
        }
        for text in [show("github"), list("github")] {
            check_github(&text);
        }
        // Colours change nothing but colours.
        let colored = render::review("text", report, &Look { color: true, ..look });
        assert_eq!(anstream::adapter::strip_str(&colored).to_string(), text);
    }
    html::check(report);
    // Output for programs is the same however wide it is looked at.
    let look = Look::default();
    for id in ["json", "sarif"] {
        for text in [render::review(id, report, &look), render::diagnostics(id, &report.diagnostics, &look)] {
            check_text(&text);
            let _: Value = serde_json::from_str(&text).expect("JSON");
        }
    }
}

/// A hostile report with one attack after the other.
pub fn mixed(shift: usize) -> Report {
    let mut at = shift;
    hostile(&mut || {
        at += 1;
        NASTY[at % NASTY.len()].to_owned()
    })
}

#[test]
fn no_text_of_theirs_acts() {
    for shift in (0..NASTY.len()).step_by(17) {
        check(&mixed(shift));
    }
    for one in NASTY {
        check(&hostile(&mut || (*one).to_owned()));
    }
    // The text that is checked is there: nothing of it is cut.
    let mut number = 0;
    let report = hostile(&mut || {
        number += 1;
        format!("a`b{number}")
    });
    let shown = render::review("markdown", &report, &Look::default());
    let parts = [
        ("| Users | Get |", 3),
        (", from ", 27),
        ("> [!WARNING]", 7),
        ("- no longer match", 6),
        ("Flows between variants, and 2 caveats</summary>", 2),
        // With two things not computed and two not counted, of which the sentence has one each.
        ("Flows between variants, and 6 caveats</summary>", 1),
    ];
    for (part, times) in parts {
        assert_eq!(shown.matches(part).count(), times, "{part}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, ..ProptestConfig::default() })]

    #[test]
    fn nor_does_any_mixture(
        texts in prop::collection::vec(
            prop_oneof![
                prop::collection::vec(prop::sample::select(NASTY), 1..4).prop_map(|parts| parts.concat()),
                "\\PC{0,12}",
                any::<String>(),
            ],
            12..40,
        ),
    ) {
        let mut at = 0;
        let mut next = || {
            at += 1;
            texts[at % texts.len()].clone()
        };
        check(&hostile(&mut next));
    }
}
