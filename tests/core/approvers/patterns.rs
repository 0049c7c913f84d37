//! Which paths a pattern takes: tables of both dialects, and its plain meaning tried on random patterns.

use countersign::policy::pattern::Pattern;
use proptest::prelude::*;

#[test]
fn a_pattern_of_approvers_takes_a_name_at_any_depth_unless_a_slash_ties_it() {
    for (pattern, path, takes) in [
        ("a.yaml", "a.yaml", true),
        ("a.yaml", "x/y/a.yaml", true),
        ("checkout", "flags/checkout/a.yaml", true),
        ("/checkout", "flags/checkout/a.yaml", false),
        ("flags/checkout", "x/flags/checkout", false),
        ("checkout/", "flags/checkout/a.yaml", true),
        ("checkout/", "flags/checkout", false),
        ("docs/*", "docs/a", true),
        ("docs/*", "docs/a/b", false),
        ("docs/**", "docs/a/b", true),
        ("a/**/b", "a/b", true),
        ("a/**/b", "a/x/y/b", true),
        ("a?c", "abc", true),
        ("a?c", "ac", false),
        ("a?c", "a/c", false),
        ("a*c", "abbc", true),
        ("[a]", "[a]", true),
        ("[a]", "a", false),
        ("\\*", "*", true),
        ("\\*", "a", false),
        ("A", "a", false),
    ] {
        assert_eq!(Pattern::codeowners(pattern).map(|it| it.matches(path)), Ok(takes), "`{pattern}` and `{path}`");
    }
    for refused in ["", "/", "!a", "a//b", "./a", "a/..", "a#b", "a\\", "a\\/b", "a***"] {
        assert!(Pattern::codeowners(refused).is_err(), "`{refused}`");
    }
}

#[test]
fn globs_start_at_the_root_and_take_what_is_below() {
    for (pattern, path, takes) in [
        ("flags/checkout/**", "flags/checkout/a.yaml", true),
        ("flags/checkout/**", "flags/checkout/a/b.yaml", true),
        ("flags/checkout/**", "x/flags/checkout/a.yaml", false),
        ("flags/checkout/**", "flags/checkout", false),
        ("*.json", "a.json", true),
        ("*.json", "a/b.json", false),
        ("**/*.json", "a/b.json", true),
        (".github", ".github/workflows/a.yml", true),
        (".github", "a/.github/b", false),
        (".github/", ".github/a", true),
        (".github/", ".github", false),
        ("flags/*", "flags/a.yaml", true),
        ("flags/*", "flags/a/b.yaml", false),
        ("legacy/flags.yaml", "legacy/flags.yaml", true),
        ("/legacy/flags.yaml", "legacy/flags.yaml", true),
        ("my flags/**", "my flags/a", true),
        ("flags/#1.yaml", "flags/#1.yaml", true),
        ("flags/\\[a\\].yaml", "flags/[a].yaml", true),
        ("*", "a", true),
        ("*", "a/b", false),
        ("**", "a/b", true),
    ] {
        assert_eq!(Pattern::glob(pattern).map(|glob| glob.matches(path)), Ok(takes), "`{pattern}` and `{path}`");
    }
    for refused in ["", "/", "!a", "a//b", "./a", "../a", "{a,b}", "[ab]", "a]", "a}", "a\\", "a/***"] {
        assert!(Pattern::glob(refused).is_err(), "`{refused}`");
    }
}

#[test]
fn a_pattern_says_below_which_directories_it_may_match() {
    for (pattern, dir, may) in [
        ("flags/checkout/**", "", true),
        ("flags/checkout/**", "flags", true),
        ("flags/checkout/**", "flags/growth", false),
        ("flags/checkout/**", "flags/checkout/a", true),
        ("flags/*", "flags", true),
        ("flags/*", "flags/a", false),
        ("a.yaml", "flags", false),
        ("**/a.yaml", "flags", true),
    ] {
        assert_eq!(Pattern::glob(pattern).map(|it| it.may_match_below(dir)), Ok(may), "`{pattern}` below `{dir}`");
    }
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

pub fn a_pattern() -> impl Strategy<Value = String> {
    let part = prop::sample::select(vec!["a", "b", "ab", "ba", "*", "**", "?", "a*", "*b", "*a*", "\\*", "a?", "*a*b"]);
    (prop::collection::vec(part, 1..5), any::<bool>(), any::<bool>()).prop_map(|(parts, root, directory)| {
        format!("{}{}{}", if root { "/" } else { "" }, parts.join("/"), if directory { "/" } else { "" })
    })
}

pub fn a_path() -> impl Strategy<Value = String> {
    prop::collection::vec(prop::sample::select(vec!["a", "b", "ab", "ba", "aab", "*"]), 1..6)
        .prop_map(|names| names.join("/"))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_pattern_takes_what_its_plain_meaning_takes(
        pattern in a_pattern(), paths in prop::collection::vec(a_path(), 8),
    ) {
        let compiled = Pattern::codeowners(&pattern).expect("a good pattern");
        for path in paths {
            prop_assert_eq!(compiled.matches(&path), plainly(&pattern, &path), "`{}` and `{}`", pattern, path);
        }
    }

    #[test]
    fn a_pattern_that_takes_a_path_may_match_below_each_directory_of_it(pattern in a_pattern(), path in a_path()) {
        for compiled in [Pattern::codeowners(&pattern), Pattern::glob(&pattern)] {
            let compiled = compiled.expect("a good pattern");
            let mut dirs: Vec<&str> = path.match_indices('/').map(|(at, _)| path.split_at(at).0).collect();
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
