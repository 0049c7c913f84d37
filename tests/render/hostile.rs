//! Text that wants out: every name, value, path, login and message of a report is an attack, and none may work.

use countersign::impact::{Cause, Effect, Flow, Intent, Life, Members, Origin, SegmentEffect, Share};
use countersign::render::{self, Look};
use countersign::report::{Act, Change, Class, FlagReport, Mode, NotCounted, Power, Report, Revision, Side, Verdict};
use countersign::text::{Decimal, Lint, Place, Problem, lints};
use proptest::prelude::*;
use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};
use serde_json::{Value, json};

use crate::reports;

/// What an outsider would try.
const NASTY: &[&str] = &[
    "`",
    "``",
    "```",
    "~~~",
    "` <b> `",
    "a`b``c```d",
    "|",
    "\\|",
    "\\",
    "| a | b |\n|---|---|",
    "\n",
    "\r\n",
    "\n\n# heading",
    "<img src=x onerror=alert(1)>",
    "</details>",
    "<!-- marker -->",
    "![x](https://evil.example/a.png)",
    "[x](https://evil.example)",
    "[x]: https://evil.example",
    "<https://evil.example>",
    "https://evil.example",
    "www.evil.example",
    "a@evil.example",
    "@everyone",
    "@acme/payments",
    "#12",
    "GH-12",
    "acme/shop#12",
    "9c1185a5c5e9fc54612808977ee8f548b2258d31",
    "::error::x",
    "\n::add-mask::x",
    "  ::stop-commands::x",
    "##[error]x",
    "a\n##[add-mask]b",
    "\u{1b}[31mred\u{1b}[0m",
    "\u{1b}]8;;https://evil.example\u{7}x\u{1b}]8;;\u{7}",
    "\u{9b}31m",
    "\u{202e}desrever\u{202c}",
    "\u{2066}a\u{2069}",
    "a\u{200b}b\u{feff}",
    "\u{2028}",
    "\u{85}",
    "\0",
    "\u{7f}",
    "\t",
    "**bold**",
    "_it_",
    "~~gone~~",
    "$x$",
    ":tada:",
    "- [ ] task",
    "1. one",
    "> quote",
    "---",
    "===",
    "&lt;b&gt;",
    "&#64;x",
    "%0A::error::x",
    "a,line=1::b",
    "control, approved by alice",
    "a → b",
    "é\u{301}\u{301}",
    "日本語",
    "👩‍👩‍👧",
    "",
    " ",
    "  a  ",
    "\u{301}",
    "\u{e0041}",
    "\u{fe0f}",
];

/// A report in which every text is one of theirs.
fn hostile(next: &mut dyn FnMut() -> String) -> Report {
    let value = |next: &mut dyn FnMut() -> String| json!(next());
    let mut flags = Vec::new();
    for verdict in [Verdict::Pending, Verdict::Locked, Verdict::Rejected, Verdict::NotRequired] {
        let mut flag: FlagReport = reports::flag(&next(), verdict, Vec::new());
        flag.project = next();
        flag.path = next();
        flag.previous_path = Some(next());
        flag.state.before = Some(next());
        flag.state.after = Some(next());
        flag.variants = vec![next(), next()];
        flag.told = vec![next(), next()];
        let life = match verdict {
            Verdict::Pending => Life::Starts,
            Verdict::NotRequired => Life::Stops,
            _ => Life::Stays,
        };
        flag.effect = Some(effect(life, verdict == Verdict::Rejected, next));
        flag.moves = flag.effect.as_ref().map(countersign::impact::sentence);
        flag.remarks = vec![next(), format!("say `{}` now", next())];
        let fields = [
            ("rolloutWeights", json!({next(): 1, next(): 2}), json!({next(): 3})),
            ("rolloutPercentage", json!(1), json!(2)),
            (
                "targetSegments",
                Value::Null,
                json!({"name": next(), "percentage": next(), next(): next(),
                "conditions": [{"prop": next(), "op": next(), "values": [next(), next()]}, next()]}),
            ),
            ("targetSegments.conditions", json!([{"prop": next(), "op": next(), "values": [next()]}]), json!([next()])),
            ("variants", Value::Null, json!({"key": next(), "payload": next(), next(): {next(): next()}})),
            ("variants.payload", json!({next(): next(), "b": [next(), next()]}), json!({next(): next()})),
            ("variants.payload", value(next), json!(format!("{}\n{}", next(), next()))),
            ("tags", json!([next()]), json!([next()])),
            ("home", value(next), value(next)),
            ("deletion", value(next), Value::Null),
        ];
        for (index, (field, before, after)) in fields.into_iter().enumerate() {
            let rule = match field {
                "home" => "home",
                "deletion" => "deletion",
                _ => "variants",
            };
            let class = if index % 3 == 2 { Class::Routine } else { Class::Critical };
            let mut change: Change =
                reports::change(class, (class == Class::Critical).then_some(rule), field, 1, before, after);
            change.item = (index % 2 == 0).then(&mut *next);
            change.path = next();
            if index == 7 {
                change.field = next();
                change.act = Act::Reordered;
            }
            flag.changes.push(change);
        }
        for mode in [Mode::Specific, Mode::Peer, Mode::Admins] {
            let mut requirement = reports::requirement(2, &[], &["variants"]);
            requirement.mode = mode;
            requirement.law = Side::Proposed;
            requirement.section = Some(next());
            requirement.from = vec![next(), next()];
            requirement.path = next();
            requirement.approved_by = vec![next()];
            requirement.rejected_by = if verdict == Verdict::Rejected { vec![next()] } else { Vec::new() };
            requirement.decided = vec![next(), format!("section `{}` is asked: the change moves 8.0%", next())];
            requirement.not_counted = vec![NotCounted { login: next(), why: next() }];
            flag.requirements.push(requirement);
        }
        flag.locked_by = (verdict == Verdict::Locked).then(|| countersign::report::Holder {
            pull: 7,
            requestor: next(),
            since: next(),
            days: 0,
        });
        flags.push(flag);
    }
    let mut report = reports::report(Verdict::Rejected, flags);
    report.base = Revision { name: next(), oid: Some(next()) };
    report.head = Revision { name: next(), oid: None };
    report.law = reports::law();
    report.law.paths = vec![next(), next()];
    report.law.power = vec![
        Power { who: next(), gains: true, what: next() },
        Power { who: next(), gains: false, what: format!("may approve `{}`", next()) },
    ];
    report.law.effects = vec![next()];
    for lint in [lints::SYNTAX, lints::UNKNOWN_FIELD] {
        report.problems.push(problem(lint, next));
    }
    report
}

/// An effect in which every name is one of theirs, and every sentence holds one as the sentences do: in backticks.
fn effect(life: Life, unknown: bool, next: &mut dyn FnMut() -> String) -> Effect {
    let share = |percent: &str| Share::percent(&Decimal::parse(percent).expect("a number")).expect("a share");
    let (quarter, half) = (share("25"), share("50"));
    let mut group = |segment: Option<String>, moved_from: Option<Origin>| SegmentEffect {
        segment,
        moved_from,
        new: false,
        same_hash: true,
        matrix: vec![
            Flow { from: Some(next()), to: Some(next()), share: quarter },
            Flow { from: None, to: Some(next()), share: quarter },
            Flow { from: Some(next()), to: None, share: quarter },
            Flow { from: None, to: None, share: quarter },
        ],
        switch: quarter,
        newly: quarter,
        lose: quarter,
        exposed_before: half,
        exposed_after: half,
    };
    let mut per_segment = vec![group(None, None)];
    for from in [None, Some(Origin { segment: None }), Some(Origin { segment: Some(String::new()) })] {
        per_segment.push(group(Some(String::new()), from));
    }
    per_segment.push(group(None, Some(Origin { segment: Some(String::new()) })));
    for group in &mut per_segment {
        group.segment = group.segment.is_some().then(&mut *next);
        if let Some(Origin { segment: Some(name) }) = &mut group.moved_from {
            *name = next();
        }
    }
    let members = |added, removed, next: &mut dyn FnMut() -> String| Members {
        segment: next(),
        added,
        removed,
        joins: vec![format!("users for whom `{}` {} `a`", next(), next())],
        leaves: vec![next()],
        undecided: vec![format!("`{}` became `b`, and the two can't be compared", next())],
    };
    Effect {
        life,
        per_segment,
        members: vec![members(true, false, next), members(false, true, next), members(false, false, next)],
        unknown: if unknown { vec![next(), format!("`{}`: it is not known", next())] } else { Vec::new() },
        causes: vec![Cause::Segments],
        intent: unknown.then(|| Intent::Rollout(next())),
        warnings: vec![next(), format!("up to 8.0% of `{}` switch variant", next())],
        caveats: vec![next(), format!("how `{}` is rounded is not public", next())],
    }
}

fn problem(lint: &Lint, next: &mut dyn FnMut() -> String) -> Problem {
    let place = Place { line: 3, column: 5, width: 4 };
    let mut problem = Problem::new(lint, &next(), place, format!("`{}` is wrong", next()), next());
    problem.excerpt = Some(next().replace('\n', " "));
    problem
}

/// What a character must not be in anything that is shown: it would move, hide or reorder what is.
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

fn check_markdown(text: &str) {
    check_text(text);
    assert!(text.chars().count() <= 60_000);
    let (mut folds, mut code) = (0, false);
    for event in Parser::new_ext(text, Options::all()) {
        match event {
            Event::Start(Tag::CodeBlock(_)) => code = true,
            Event::End(TagEnd::CodeBlock) => code = false,
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

fn folding(html: &str) -> bool {
    const TITLES: &[&str] = &[
        "Why these need approval",
        "changes that need no approval",
        "change that needs no approval",
        "responses that do not count, and why",
        "response that does not count, and why",
        "caveats",
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
        && !words.replace("locked by #7,", "").contains('#')
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
        let show = |id: &str| (render::by_id(id).expect("an output").review)(report, &look);
        let list = |id: &str| (render::by_id(id).expect("an output").problems)(&report.problems, &look);
        for text in [show("text"), list("text")] {
            check_text(&text);
        }
        for text in [show("markdown"), list("markdown")] {
            check_markdown(&text);
        }
        for text in [show("github"), list("github")] {
            check_github(&text);
        }
        for text in [show("json"), list("json"), show("sarif"), list("sarif")] {
            check_text(&text);
            let _: Value = serde_json::from_str(&text).expect("JSON");
        }
        // Colours change nothing but colours.
        let colored = (render::by_id("text").expect("an output").review)(report, &Look { color: true, ..look });
        assert_eq!(anstream::adapter::strip_str(&colored).to_string(), show("text"));
    }
}

#[test]
fn no_text_of_theirs_acts() {
    for shift in (0..NASTY.len()).step_by(17) {
        let mut at = shift;
        let mut next = || {
            at += 1;
            NASTY[at % NASTY.len()].to_owned()
        };
        check(&hostile(&mut next));
    }
    for one in NASTY {
        check(&hostile(&mut || (*one).to_owned()));
    }
    // What is checked is there: nothing of it is cut.
    let mut number = 0;
    let report = hostile(&mut || {
        number += 1;
        format!("a`b{number}")
    });
    let shown = (render::by_id("markdown").expect("an output").review)(&report, &Look::default());
    let parts = [
        ("| Users | Get |", 3),
        ("| Users | From | To |", 3),
        ("**Warning:**", 6),
        ("- no longer match", 6),
        ("2 caveats</summary>", 3),
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
