//! Patterns against git's own reader of them.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write as _;
use std::process::{Command, Stdio};

use countersign::policy::pattern::Pattern;
use serde_json::Value;

const GITHUB: &str = "docs.github.com, About code owners, CODEOWNERS syntax";
const HMARR: &str = "github.com/hmarr/codeowners, its table of patterns";
const GIT: &str = "git-scm.com/docs/gitignore, Pattern format";

/// Where git's own rules and CODEOWNERS differ: pattern, path, whether we take it (git does the opposite), source.
const GIT_DIFFERS: &[(&str, &str, bool, &str)] = &[
    ("/*", "foo/bar", false, HMARR),
    ("/*", "foo/bar/baz", false, HMARR),
    ("foo/*", "foo/bar/baz", false, GITHUB),
    ("foo/**/", "foo/bar", true, HMARR),
    ("/apps/[param]/file.ts", "apps/[param]/file.ts", true, HMARR),
    ("/apps/[param]/file.ts", "apps/p/file.ts", false, GITHUB),
    ("docs/*", "docs/build-app/troubleshooting.md", false, GITHUB),
    ("*.[ch]", "main.c", false, GITHUB),
    ("*.[ch]", "main.[ch]", true, GITHUB),
    ("**/", "foo", true, HMARR),
    ("f?o", "f\u{e9}o", true, GIT),
];

/// Asked of git besides the table: these agree.
const GIT_AGREES: &[(&str, &str, bool)] = &[
    ("docs/*", "docs/getting-started.md", true),
    ("docs/*", "a/docs/getting-started.md", false),
    ("apps/", "a/apps/b/c", true),
    ("/build/logs/", "build/logs/a", true),
    ("**/logs", "deeply/nested/logs/a", true),
    ("docs/**.md", "docs/a/b.md", false),
    ("docs/**.md", "docs/b.md", true),
    ("foo\\ bar", "foo bar", true),
    ("\\#notes", "#notes", true),
    ("\\!notes", "!notes", true),
    ("a/**/**/b", "a/b", true),
    ("a/**/b/**/c", "a/b/x/b/c", true),
    ("a/*/**", "a/b/c", true),
    ("**", "a/b", true),
    ("*/", "a", false),
    ("*/", "a/b", true),
    ("Foo", "foo", false),
];

/// The answer of `git check-ignore` for each path with the pattern as the only line of `.gitignore`.
fn git_takes(repository: &std::path::Path, pattern: &str, paths: &[&str]) -> BTreeMap<String, bool> {
    std::fs::write(repository.join(".gitignore"), format!("{pattern}\n")).expect("written");
    let mut child = git(repository)
        .args(["check-ignore", "--no-index", "-v", "-n", "-z", "--stdin"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("git runs");
    child.stdin.take().expect("piped").write_all(format!("{}\0", paths.join("\0")).as_bytes()).expect("written");
    let output = child.wait_with_output().expect("git ends");
    let fields: Vec<String> =
        output.stdout.split(|&byte| byte == 0).map(|f| String::from_utf8_lossy(f).into_owned()).collect();
    // Source, line, pattern, path; the first three are empty for a path that is not taken.
    let answers: BTreeMap<String, bool> =
        fields.chunks_exact(4).map(|four| (four[3].clone(), !four[0].is_empty())).collect();
    assert_eq!(answers.len(), paths.len(), "git answers for every path of `{pattern}`");
    answers
}

/// Git without anybody's configuration, which could ignore more files.
fn git(repository: &std::path::Path) -> Command {
    let mut command = Command::new("git");
    command.current_dir(repository).env_clear().env("PATH", std::env::var_os("PATH").unwrap_or_default());
    command.envs([
        ("GIT_CONFIG_GLOBAL", concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/gitconfig")),
        ("GIT_CONFIG_NOSYSTEM", "1"),
    ]);
    command.envs([("HOME", repository), ("XDG_CONFIG_HOME", repository)]);
    command
}

#[test]
fn patterns_take_what_git_takes_but_for_the_listed_differences() {
    let repository = tempfile::tempdir().expect("a folder");
    assert!(git(repository.path()).args(["init", "--quiet"]).status().expect("git runs").success());
    let mut questions: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let extra = GIT_DIFFERS.iter().map(|(pattern, path, ..)| (*pattern, *path));
    let extra = extra.chain(GIT_AGREES.iter().map(|(pattern, path, _)| (*pattern, *path)));
    let pairs = table().into_iter().map(|(pattern, path, _)| (pattern, path));
    for (pattern, path) in pairs.chain(extra.map(|(pattern, path)| (pattern.to_owned(), path.to_owned()))) {
        questions.entry(pattern).or_default().insert(path);
    }
    let mut differ = BTreeSet::new();
    for (pattern, paths) in &questions {
        let compiled = Pattern::codeowners(pattern).unwrap_or_else(|why| panic!("`{pattern}`: {why}"));
        let paths: Vec<&str> = paths.iter().map(String::as_str).collect();
        for (path, git) in git_takes(repository.path(), pattern, &paths) {
            if compiled.matches(&path) != git {
                differ.insert((pattern.clone(), path, !git));
            }
        }
    }
    let expected: BTreeSet<_> =
        GIT_DIFFERS.iter().map(|(pattern, path, ours, _)| ((*pattern).to_owned(), (*path).to_owned(), *ours)).collect();
    assert_eq!(differ, expected);
    for (pattern, path, takes) in GIT_AGREES {
        assert_eq!(
            Pattern::codeowners(pattern).map(|pattern| pattern.matches(path)),
            Ok(*takes),
            "`{pattern}` and `{path}`"
        );
    }
}

/// Every pattern, path and answer of the table.
fn table() -> Vec<(String, String, bool)> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/codeowners/patterns.json");
    let cases: Value = serde_json::from_slice(&std::fs::read(path).expect("the file is there")).expect("it is JSON");
    let cases = cases.as_array().expect("a list");
    assert_eq!(cases.len(), 30);
    cases
        .iter()
        .flat_map(|case| {
            let paths = case["paths"].as_object().expect("a map").iter();
            paths.map(|(path, takes)| {
                (case["pattern"].as_str().expect("a string").to_owned(), path.clone(), takes == &Value::Bool(true))
            })
        })
        .collect()
}
