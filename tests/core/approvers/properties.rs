//! What holds of every pattern and every file.

use countersign::diagnostics::Diagnostics;
use countersign::policy::approvers::Approvers;
use countersign::policy::pattern::Pattern;
use proptest::prelude::*;

#[test]
fn a_hostile_pattern_costs_little() {
    let many = |part: &str, times: usize| part.repeat(times);
    let path = many("a/", 1000) + "b";
    let started = std::time::Instant::now();
    for pattern in [many("**/a/", 800) + "c", many("*a", 2000) + "c", many("a/", 2040) + "c"] {
        let pattern = Pattern::codeowners(&pattern).expect("at most 4096 bytes");
        assert!(!pattern.matches(&path) && !pattern.matches(&many("a", 4000)));
        let _ = pattern.may_match_below(&path);
    }
    assert!(Pattern::codeowners(&many("a", 4096)).is_ok() && Pattern::codeowners(&many("a", 4097)).is_err());
    assert!(started.elapsed().as_secs() < 20, "{:?}", started.elapsed());
}

/// The meaning of a pattern as plainly as it can be said: no greed, no index, every split tried.
fn plainly(pattern: &str, path: &str) -> bool {
    fn parts_take(parts: &[&str], path: &[&str]) -> bool {
        match (parts, path) {
            ([], path) => path.is_empty(),
            (["**"], path) => !path.is_empty(),
            (["**", rest @ ..], path) => (0..=path.len()).any(|skip| parts_take(rest, &path[skip..])),
            (["*"], path) => path.len() == 1,
            ([last], [name, ..]) => name_takes(last.as_bytes(), name.as_bytes()),
            ([part, rest @ ..], [name, below @ ..]) => {
                name_takes(part.as_bytes(), name.as_bytes()) && parts_take(rest, below)
            }
            ([_, ..], []) => false,
        }
    }
    fn name_takes(part: &[u8], name: &[u8]) -> bool {
        match (part, name) {
            ([], name) => name.is_empty(),
            ([b'\\', char, part @ ..], [first, name @ ..]) => char == first && name_takes(part, name),
            ([b'*', part @ ..], name) => (0..=name.len()).any(|skip| name_takes(part, &name[skip..])),
            ([b'?', part @ ..], [_, name @ ..]) => name_takes(part, name),
            ([char, part @ ..], [first, name @ ..]) => char == first && name_takes(part, name),
            ([_, ..], []) => false,
        }
    }
    let inner = pattern.strip_suffix('/').unwrap_or(pattern);
    let mut parts: Vec<&str> = inner.strip_prefix('/').unwrap_or(inner).split('/').collect();
    if !inner.contains('/') {
        parts.insert(0, "**");
    }
    if pattern.ends_with('/') {
        parts.push("**");
    }
    parts_take(&parts, &path.split('/').collect::<Vec<_>>())
}

fn a_pattern() -> impl Strategy<Value = String> {
    let part = prop::sample::select(vec!["a", "b", "ab", "ba", "*", "**", "?", "a*", "*b", "*a*", "\\*", "a?", "*a*b"]);
    (prop::collection::vec(part, 1..5), any::<bool>(), any::<bool>()).prop_map(|(parts, root, directory)| {
        format!("{}{}{}", if root { "/" } else { "" }, parts.join("/"), if directory { "/" } else { "" })
    })
}

fn a_path() -> impl Strategy<Value = String> {
    prop::collection::vec(prop::sample::select(vec!["a", "b", "ab", "ba", "aab", "*"]), 1..6)
        .prop_map(|names| names.join("/"))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_pattern_takes_what_its_plain_meaning_takes(pattern in a_pattern(), paths in prop::collection::vec(a_path(), 8)) {
        let compiled = Pattern::codeowners(&pattern).expect("a good pattern");
        for path in paths {
            prop_assert_eq!(compiled.matches(&path), plainly(&pattern, &path), "`{}` and `{}`", pattern, path);
        }
    }

    #[test]
    fn the_index_answers_as_a_scan_of_all_lines_does(
        lines in prop::collection::vec((prop::sample::select(vec!["", "A", "B"]), a_pattern()), 1..30),
        paths in prop::collection::vec(a_path(), 8),
    ) {
        let mut file = String::new();
        // Lines before the first heading first; headings of one name come again and again.
        for (_, pattern) in lines.iter().filter(|(section, _)| section.is_empty()) {
            file += &format!("{pattern} @alice\n");
        }
        for (section, pattern) in lines.iter().filter(|(section, _)| !section.is_empty()) {
            file += &format!("[{section}]\n{pattern} @alice\n");
        }
        let mut diagnostics = Diagnostics::of("APPROVERS");
        let approvers = Approvers::parse(file.as_bytes(), &mut diagnostics);
        prop_assert!(!diagnostics.any_error());
        prop_assert_eq!(approvers.sections.iter().map(|section| section.lines.len()).sum::<usize>(), lines.len());
        for path in paths {
            let scanned: Vec<_> = approvers.sections.iter()
                .filter_map(|section| section.lines.iter().rev().find(|line| line.pattern.matches(&path)))
                .map(|line| line.place.line)
                .collect();
            let found: Vec<_> = approvers.matching(&path).iter().map(|found| found.line.place.line).collect();
            prop_assert_eq!(found, scanned, "{} in\n{}", path, file);
        }
        // A line that is said to be shadowed by another never decides.
        for shadowed in approvers.shadowed() {
            prop_assert!(shadowed.line.place.line < shadowed.by.place.line);
        }
    }

    #[test]
    fn a_shadowed_line_takes_nothing_that_the_later_one_does_not(
        patterns in prop::collection::vec(a_pattern(), 2..6),
        paths in prop::collection::vec(a_path(), 16),
    ) {
        let file: String = patterns.iter().map(|pattern| format!("{pattern} @alice\n")).collect();
        let approvers = Approvers::parse(file.as_bytes(), &mut Diagnostics::of("APPROVERS"));
        for shadowed in approvers.shadowed() {
            for path in &paths {
                let takes = shadowed.line.pattern.matches(path);
                prop_assert!(!takes || shadowed.by.pattern.matches(path), "{} by {}: {}", shadowed.line.pattern, shadowed.by.pattern, path);
            }
        }
    }

    #[test]
    fn a_pattern_that_takes_a_path_may_match_below_each_directory_of_it(pattern in a_pattern(), path in a_path()) {
        for compiled in [Pattern::codeowners(&pattern), Pattern::glob(&pattern)] {
            let compiled = compiled.expect("a good pattern");
            let mut dirs: Vec<&str> = path.match_indices('/').map(|(at, _)| &path[..at]).collect();
            dirs.push("");
            for dir in dirs {
                prop_assert!(!compiled.matches(&path) || compiled.may_match_below(dir), "`{}`, `{}`, `{}`", pattern, path, dir);
                prop_assert_eq!(compiled.may_match_below(dir), compiled.may_match_below(&format!("{dir}/")));
            }
        }
    }

    #[test]
    fn where_a_pattern_may_match_below_there_is_a_path_it_takes(pattern in a_pattern(), dir in a_path()) {
        let compiled = Pattern::codeowners(&pattern).expect("a good pattern");
        // Names that every name of `a_pattern` has one of; at most four parts are left to fill.
        let mut below = vec![dir.clone()];
        let mut found = false;
        for _ in 0..4 {
            below = below.iter().flat_map(|dir| ["a", "b", "ab", "ba", "*"].map(|name| format!("{dir}/{name}"))).collect();
            found = found || below.iter().any(|path| compiled.matches(path));
        }
        prop_assert_eq!(compiled.may_match_below(&dir), found, "`{}` below `{}`", pattern, dir);
    }
}
