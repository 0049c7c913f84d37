//! APPROVERS against a matcher written from `docs/approvers.md`, which tries every way to lay a pattern onto a path and
//! knows no index.

use proptest::prelude::*;

use super::{good, names};

/// A name against one part of a pattern, character by character.
fn part(pattern: &[char], name: &[char]) -> bool {
    match pattern {
        [] => name.is_empty(),
        ['*', rest @ ..] => (0..=name.len()).any(|taken| part(rest, &name[taken..])),
        ['?', rest @ ..] => !name.is_empty() && part(rest, &name[1..]),
        ['\\', char, rest @ ..] | [char, rest @ ..] => name.first() == Some(char) && part(rest, &name[1..]),
    }
}

/// The parts of a pattern against those of a path; `open` if everything below what the parts name is taken as well.
fn parts(pattern: &[&str], path: &[&str], open: bool) -> bool {
    match (pattern, path) {
        ([], rest) => rest.is_empty() || open,
        // At the end `**` is everything below, in the middle any number of directories.
        (["**"], rest) => !rest.is_empty(),
        (["**", more @ ..], rest) => (0..=rest.len()).any(|taken| parts(more, &rest[taken..], open)),
        ([one, more @ ..], [name, rest @ ..]) => {
            let chars = |text: &str| text.chars().collect::<Vec<char>>();
            part(&chars(one), &chars(name)) && parts(more, rest, open)
        }
        ([_, ..], []) => false,
    }
}

/// The table of the document, row by row.
fn takes(pattern: &str, path: &str) -> bool {
    let path: Vec<&str> = path.split('/').collect();
    let directory = pattern.ends_with('/');
    let bare = pattern.trim_end_matches('/');
    let anywhere = !bare.contains('/');
    let mut pattern: Vec<&str> = bare.trim_start_matches('/').split('/').collect();
    if anywhere {
        pattern.insert(0, "**");
    }
    if directory && pattern.last() != Some(&"**") {
        pattern.push("**");
    }
    let open = pattern.last() != Some(&"*");
    parts(&pattern, &path, open)
}

/// Default approvers, and lines of a pattern with its approvers.
type ModelSection = (&'static str, Vec<(String, Vec<&'static str>)>);

/// The approvers that each section names for a path: those of its last line that takes it.
fn model(sections: &[ModelSection], path: &str) -> Vec<Vec<String>> {
    let last = |(default, lines): &ModelSection| {
        let (_, named) = lines.iter().rev().find(|(pattern, _)| takes(pattern, path))?;
        Some(if named.is_empty() {
            vec![(*default).to_owned()]
        } else {
            named.iter().map(ToString::to_string).collect()
        })
    };
    sections.iter().filter_map(last).collect()
}

fn pattern() -> impl Strategy<Value = String> {
    let names = vec!["flags", "web", "a.yaml", "*.yaml", "*", "**", "a?yaml", "w*b", "\\*", "pay\\ ments", "*a*"];
    let names = prop::collection::vec(prop::sample::select(names), 1..4);
    (prop::bool::ANY, names, prop::bool::ANY).prop_filter_map("`/` alone", |(rooted, names, directory)| {
        let text = format!("{}{}{}", if rooted { "/" } else { "" }, names.join("/"), if directory { "/" } else { "" });
        (text != "/").then_some(text)
    })
}

fn path() -> impl Strategy<Value = String> {
    let names = vec!["flags", "web", "a.yaml", "b.yaml", "wb", "*", "pay ments", "any"];
    prop::collection::vec(prop::sample::select(names), 1..5).prop_map(|names| names.join("/"))
}

fn cases(usual: u32) -> u32 {
    std::env::var("PROPTEST_CASES").ok().and_then(|count| count.parse().ok()).unwrap_or(usual)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(1500), failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_last_line_of_each_section_decides(
        lines in prop::collection::vec((pattern(), prop::sample::subsequence(vec!["@alice", "@bob", "@acme/x"], 0..3)), 1..12),
        paths in prop::collection::vec(path(), 1..12),
    ) {
        let mut sections: Vec<ModelSection> = vec![("@zoe", Vec::new()), ("@kim", Vec::new())];
        for (at, line) in lines.into_iter().enumerate() {
            sections[at % 2].1.push(line);
        }
        sections.retain(|(_, lines)| !lines.is_empty());
        let mut file = String::new();
        for (at, (default, lines)) in sections.iter().enumerate() {
            file.push_str(&format!("[Section {at}] {default}\n"));
            for (pattern, named) in lines {
                file.push_str(&format!("{pattern} {}\n", named.join(" ")));
            }
        }
        let (approvers, _) = super::parse(file.as_bytes());
        for path in &paths {
            prop_assert_eq!(names(&approvers, path), model(&sections, path), "{} for {}", &file, path);
        }
    }
}

#[test]
fn the_model_agrees_with_the_document() {
    for (pattern, path, taken) in [
        ("name", "a/name/b", true),
        ("/name", "a/name", false),
        ("dir/", "a/dir", false),
        ("flags/*", "flags/a/b", false),
        ("**/name", "name", true),
        ("a/**/name", "a/name", true),
        ("*.yaml", "flags/a.yaml", true),
    ] {
        assert_eq!(takes(pattern, path), taken, "{pattern} {path}");
        assert_eq!(!names(&good(&format!("{pattern} @a\n")), path).is_empty(), taken, "{pattern} {path}");
    }
}
