//! The project's language, kept: one name for each type, one place for each lint and rule, and none of the retired
//! words.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use countersign::changes::rules::{RULES, RuleCause};
use countersign::diagnostics::guides;
use countersign::diagnostics::lints::LINTS;
use countersign::format::FORMATS;

mod clauses;
mod retired;

use retired::{ALLOWED, OTHERS, RETIRED, RETIRED_IN, RETIRED_NAMES, TOLD_APART};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Every file below a path with its content, by its path from the root, without those that begin so.
fn files_but(below: &str, others: &[&str]) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    let mut open: Vec<PathBuf> = vec![root().join(below)];
    while let Some(at) = open.pop() {
        let path = at.strip_prefix(root()).unwrap().to_str().unwrap().replace('\\', "/");
        let starts = |other: &str| other.ends_with(['/', '-']) && path.starts_with(other);
        let of_others = |other: &&str| starts(other) || path == other.trim_end_matches('/');
        if others.iter().any(of_others) {
            continue;
        }
        if at.is_dir() {
            open.extend(std::fs::read_dir(&at).unwrap().map(|entry| entry.unwrap().path()));
        } else if let Ok(text) = std::fs::read_to_string(&at) {
            found.insert(path, text);
        }
    }
    found
}

fn files(below: &str) -> BTreeMap<String, String> {
    files_but(below, &[])
}

/// A source without its unit tests.
fn without_tests(source: &str) -> &str {
    source.split("#[cfg(test)]").next().unwrap_or_default()
}

/// The words of a line in lower case: identifiers are taken apart at `_`, `-` and capitals.
fn words(line: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = String::new();
    let mut lower = false;
    for char in line.chars().chain([' ']) {
        if (!char.is_alphabetic() || (char.is_uppercase() && lower)) && !word.is_empty() {
            words.push(std::mem::take(&mut word));
        }
        lower = char.is_lowercase();
        if char.is_alphabetic() {
            word.extend(char.to_lowercase());
        }
    }
    words
}

/// The retired words of a line of a file, each with the word to use instead.
fn retired(path: &str, line: &str) -> Vec<(&'static str, &'static str)> {
    let words = words(line);
    let holds = |phrase: &str| {
        let parts = || phrase.split(|c: char| !c.is_alphabetic()).filter(|word| !word.is_empty());
        if !parts().next().is_some_and(|first| words.iter().any(|word| word == first)) {
            return false;
        }
        let sought: Vec<&str> = parts().collect();
        let apart = |end: usize| words.get(end).is_some_and(|word| TOLD_APART.contains(&word.as_str()));
        words.windows(sought.len()).enumerate().any(|(at, window)| {
            let same = window.iter().map(String::as_str).eq(sought.iter().copied());
            same && !(phrase.ends_with("told") && apart(at + sought.len()))
        })
    };
    // `told` is a name in many tests, next to which other words stand by chance.
    let prose = line.to_lowercase().replace('_', " ");
    let holds = |phrase: &str| holds(phrase) && (!phrase.contains("told") || prose.contains(phrase));
    let everywhere = RETIRED.iter().copied();
    let here = RETIRED_IN.iter().filter(|(_, paths, _)| paths.iter().any(|start| path.starts_with(start)));
    let allowed = |word: &str| ALLOWED.iter().any(|(file, allowed)| path.ends_with(file) && *allowed == word);
    let all = everywhere.chain(here.map(|(word, _, instead)| (*word, *instead)));
    all.filter(|(word, _)| holds(word) && !allowed(word)).collect()
}

/// Every file of ours, whatever its name: sources with their comments, documents, cases, scripts, workflows.
#[test]
fn no_retired_word_is_used() {
    let files = files_but("", OTHERS);
    for of in ["Dockerfile", "Cargo.toml", ".ci/run", ".github/workflows/ci.yml", "examples/hooks/pre-receive"] {
        assert!(files.contains_key(of), "{of} was not read");
    }
    let mut found = Vec::new();
    for (path, text) in files {
        let name = retired(&path, path.rsplit('/').next().unwrap_or_default());
        found.extend(name.into_iter().map(|(word, instead)| format!("{path}: its name has `{word}`; write {instead}")));
        for (at, line) in text.lines().enumerate() {
            let words = retired(&path, line).into_iter();
            found.extend(words.map(|(word, instead)| format!("{path}:{}: `{word}`; write {instead}", at + 1)));
        }
    }
    assert!(found.is_empty(), "{} retired words\n{}", found.len(), found.join("\n"));
}

/// An entry of the table that nothing needs any more would let the word in again.
#[test]
fn every_exception_is_needed() {
    let files = files_but("", OTHERS);
    let needed = |file: &str, word: &str| {
        let mut of = files.iter().filter(|(path, _)| path.ends_with(file));
        of.any(|(_, text)| text.lines().any(|line| retired("", line).iter().any(|(found, _)| *found == word)))
    };
    let idle: Vec<_> = ALLOWED.iter().filter(|(file, word)| !needed(file, word)).collect();
    assert!(idle.is_empty(), "{idle:?}");
}

/// The test of the test.
#[test]
fn retired_words_are_found_in_prose_and_identifiers() {
    let found = |line: &str| retired("src/x.rs", line).into_iter().map(|(word, _)| word).collect::<Vec<_>>();
    assert_eq!(found("fn policy_ledger() {}"), ["ledger"]);
    assert_eq!(found("struct LandedChange;"), ["landed"]);
    assert_eq!(found("It is told, not asked."), ["told, not asked", "is told"]);
    assert_eq!(found("Two are told apart, and one is told by its name."), Vec::<&str>::new());
    assert_eq!(found("told = of(x); and {told:?}; fn is_told()"), ["is told"]);
    assert_eq!(found("a refusal in src"), ["refusal"]);
    let elsewhere = retired("docs/x.md", "a refusal").len() + retired("src/git/gpg.rs", "its home").len();
    assert_eq!((elsewhere, retired("src/review/layers.rs", "its home").len()), (0, 1));
    assert_eq!(found("pledgers and landings on the lawn"), Vec::<&str>::new());
}

/// Beginnings of comments that put the noun last.
const RIDDLES: &[&str] = &["What ", "Whoever ", "Who ", "Whom ", "Whose ", "That which "];

/// Beginnings of documentation that leave the noun out.
const WITHOUT_NOUN: &[&str] = &["It ", "Those ", "That ", "These ", "So many "];

/// The retired names that a line declares.
fn retired_names(line: &str) -> Vec<&'static str> {
    let tokens: Vec<&str> =
        line.split(|c: char| !c.is_alphanumeric() && c != '_').filter(|token| !token.is_empty()).collect();
    let declares = |pair: &[&str]| matches!(pair[0], "let" | "mut" | "fn" | "mod" | "pub" | "struct" | "enum" | "type");
    let is = |name: &str, retired: &str| {
        name == retired
            || name.starts_with(char::is_uppercase) && words(name).first().map(String::as_str) == Some(retired)
    };
    let declared = tokens.windows(2).filter(|pair| declares(pair)).map(|pair| pair[1]);
    declared
        .flat_map(|name| RETIRED_NAMES.iter().filter(move |(retired, _)| is(name, retired)))
        .map(|(name, _)| *name)
        .collect()
}

/// The first words of each block of comments, with its line and whether it is documentation.
fn openings(text: &str) -> Vec<(usize, bool, &str)> {
    let mut found = Vec::new();
    let mut before = None;
    for (at, line) in text.lines().enumerate() {
        let marks = ["/// ", "//! ", "// "];
        let comment = marks.iter().find_map(|mark| Some((*mark, line.trim_start().strip_prefix(mark)?)));
        match comment {
            Some((mark, text)) if before != Some(mark) => found.push((at + 1, mark != "// ", text)),
            _ => {}
        }
        // An empty line of a comment goes on with it.
        let goes_on = matches!(line.trim(), "//" | "///" | "//!");
        before = comment.map(|(mark, _)| mark).or(before.filter(|_| goes_on));
    }
    found
}

#[test]
fn names_and_documentation_say_what_a_thing_is() {
    assert_eq!(retired_names("    let mut told = Vec::new();"), ["told"]);
    assert_eq!(retired_names("pub struct AskedReceipts {"), ["asked"]);
    assert_eq!(retired_names("fn told_apart(asked: bool) {"), Vec::<&str>::new());
    let text = "/// What is.\n/// What more.\nfn f()\n/// A name.\nlet x = 1;\n    // Who is\n    // it?\n";
    assert_eq!(openings(text), [(1, true, "What is."), (4, true, "A name."), (6, false, "Who is")]);
    let mut found = Vec::new();
    let rust = |(path, _): &(String, String)| path.ends_with(".rs") && !path.starts_with("tests/core/words");
    let trees = ["src", "tests", "benches", "fuzz/src"].map(files).into_iter().flatten();
    for (path, text) in trees.filter(rust) {
        for (at, line) in text.lines().enumerate() {
            found.extend(retired_names(line).into_iter().map(|name| format!("{path}:{}: the name `{name}`", at + 1)));
        }
        let vague = |(_, doc, text): &(usize, bool, &str)| {
            let starts = |all: &[&str]| all.iter().any(|start| text.starts_with(start));
            starts(RIDDLES) || *doc && starts(WITHOUT_NOUN)
        };
        found.extend(openings(&text).into_iter().filter(vague).map(|(at, _, text)| format!("{path}:{at}: {text}")));
    }
    assert!(found.is_empty(), "{} without their noun\n{}", found.len(), found.join("\n"));
}

#[test]
fn no_subject_is_a_clause() {
    let trees = ["src", "docs", "tests", "benches", "fuzz/src", "examples"].map(|below| files_but(below, OTHERS));
    let single = ["README.md", "CHANGELOG.md", "CONTRIBUTING.md"].map(|path| files_but(path, &[]));
    let is_prose = |(path, _): &(String, String)| {
        [".rs", ".md", ".yaml", ".yml"].iter().any(|end| path.ends_with(end)) && !path.starts_with("tests/core/render/")
            || path.starts_with("tests/core/render/") && path.ends_with(".rs")
    };
    let mut found = Vec::new();
    for (path, text) in trees.into_iter().chain(single).flatten().filter(is_prose) {
        found.extend(clauses::clauses(&path, &text).into_iter().map(|(line, text)| format!("{path}:{line}: {text}")));
    }
    assert!(found.is_empty(), "{} sentences begin with a clause: name the thing\n{}", found.len(), found.join("\n"));
}

/// Words that are plain English elsewhere and retired in the line that says why a case exists.
const RETIRED_IN_REASONS: &[(&str, &str)] = &[
    ("ask", "require"),
    ("asks", "requires"),
    ("asked", "required, awaiting, or the requestor"),
    ("told", "notified, listed or reported"),
];

#[test]
fn cases_say_why_they_exist_in_the_words_of_the_policy() {
    let mut found = Vec::new();
    let cases = files("tests/cases");
    assert!(cases.len() > 100, "the cases were not found");
    for (path, text) in cases.iter().filter(|(path, _)| path.ends_with(".case")) {
        let words = words(text.lines().next().unwrap_or_default());
        let retired = RETIRED_IN_REASONS.iter().filter(|(retired, _)| words.iter().any(|word| word == retired));
        found.extend(retired.map(|(word, instead)| format!("{path}:1: `{word}`; write {instead}")));
    }
    assert!(found.is_empty(), "{} retired words\n{}", found.len(), found.join("\n"));
}

/// The type that a line declares: a struct, enum or trait, or an alias outside of any other item.
fn declared_type(line: &str) -> Option<&str> {
    let start = line.trim_start();
    let public = start.strip_prefix("pub").map(str::trim_start);
    // `pub(in crate::render)` too.
    let item = match public {
        Some(rest) if rest.starts_with('(') => rest.split_once(')').map_or(rest, |(_, item)| item),
        Some(rest) => rest,
        None => start,
    };
    let (kind, rest) = item.trim_start().split_once(' ')?;
    let alias = kind == "type" && line.len() == start.len();
    let name = rest.split(|c: char| !c.is_alphanumeric() && c != '_').next()?;
    (alias || matches!(kind, "struct" | "enum" | "trait"))
        .then_some(name)
        .filter(|name| name.starts_with(char::is_uppercase))
}

#[test]
fn type_names_are_unique() {
    assert_eq!(declared_type("pub(in crate::render) struct Line<'l> {"), Some("Line"));
    assert_eq!(declared_type("type Key = u8;"), Some("Key"));
    assert_eq!(declared_type("    type Item = u8;"), None);
    assert_eq!(declared_type("// struct Line"), None);
    let mut places: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (path, text) in files("src") {
        for name in text.lines().filter_map(declared_type) {
            places.entry(name.to_owned()).or_default().push(path.clone());
        }
    }
    assert!(places.len() > 100, "the types were not found");
    places.retain(|_, paths| paths.len() > 1);
    let lines: Vec<String> = places.iter().map(|(name, paths)| format!("{name}: {}", paths.join(", "))).collect();
    assert!(lines.is_empty(), "{} names have several types\n{}", lines.len(), lines.join("\n"));
}

#[test]
fn types_say_what_they_are() {
    let mut found = Vec::new();
    for (path, text) in files("src") {
        let lines: Vec<&str> = without_tests(&text).lines().collect();
        for (at, line) in lines.iter().enumerate() {
            let Some(name) = declared_type(line) else { continue };
            let above = lines[..at].iter().rposition(|line| line.is_empty()).map_or(0, |blank| blank + 1);
            let head = &lines[above..at];
            // The documentation of a type of options would be their help.
            let derives = |line: &&str| line.contains("clap::Args") || line.contains("Subcommand");
            let is_options = name.ends_with("Args") || head.iter().any(derives);
            if !is_options && !head.iter().any(|line| line.trim_start().starts_with("///")) {
                found.push(format!("{path}:{}: {name}", at + 1));
            }
        }
    }
    assert!(found.is_empty(), "{} types without documentation\n{}", found.len(), found.join("\n"));
}

/// The name of a lint's constant.
fn constant(id: &str) -> String {
    format!("lints::{}", id.to_uppercase().replace('-', "_"))
}

#[test]
fn every_lint_is_found_where_its_row_says() {
    // A guide tells of a lint and finds none.
    let mut sources = files("src");
    sources.retain(|path, _| !path.starts_with("src/diagnostics/guides/"));
    for lint in LINTS {
        let name = constant(lint.id.as_str());
        let uses = |text: &str| {
            // `lints::X.id` compares; only `lints::X` by itself makes a diagnostic.
            without_tests(text).match_indices(&name).any(|(at, _)| {
                let rest = &text[at + name.len()..];
                !rest.starts_with(".id") && !rest.starts_with(|c: char| c == '_' || c.is_alphanumeric())
            })
        };
        let found: BTreeSet<&str> =
            sources.iter().filter(|(_, text)| uses(text)).filter_map(|(path, _)| path.strip_prefix("src/")).collect();
        let said: BTreeSet<&str> = lint.found_in.iter().copied().collect();
        assert_eq!(said, found, "`{}`: `found_in` is not where the lint is used", lint.id);
    }
}

/// Lints that no case prints and no guide shows in a file, each with a test that compares what was printed.
const PRINTED_BY: &[(&str, &str)] = &[
    ("case-collision", "tests/git/attacks.rs"),
    ("path-characters", "tests/git/bad_input/flags.rs"),
    ("two-mappings", "tests/git/mappings.rs"),
    ("conflict", "tests/git/remedies.rs"),
    ("too-much", "tests/core/lints.rs"),
    ("over-budget", "tests/git/attacks.rs"),
    ("more-diagnostics", "tests/git/attacks.rs"),
    ("too-big", "tests/git/protected.rs"),
    ("loose-json", "tests/core/mapped/syntax.rs"),
    ("too-deep", "tests/strict/refuses.rs"),
    ("too-many-nodes", "tests/core/flagd.rs"),
    ("too-many-inclusions", "tests/core/lints.rs"),
    ("boolean-key", "tests/core/mapped/diagnostics.rs"),
    ("no-such-variant", "tests/core/mapped/diagnostics.rs"),
    ("incomplete-flag", "tests/core/mapped/attacks.rs"),
    ("misplaced-flag", "tests/core/mapped/layers.rs"),
    ("impossible-percentage", "tests/core/mapped/attacks.rs"),
    ("no-such-segment", "tests/core/mapped/parts.rs"),
    ("unmatched-path", "tests/git/mappings.rs"),
    ("unmanaged-flags", "tests/git/bad_input/mod.rs"),
    ("unmatched-scope", "tests/git/mappings.rs"),
    ("unread-flags", "tests/git/unread.rs"),
];

/// The ids that the cases print: of diagnostics, and of the rules of changes and requirements.
fn printed() -> (BTreeSet<String>, BTreeSet<String>) {
    let (mut lints, mut rules) = (BTreeSet::new(), BTreeSet::new());
    for text in files("tests/cases").into_values() {
        let Some((_, expected)) = text.split_once("== expected ==") else { continue };
        for line in expected.lines() {
            let diagnostic = ["Error[", "Warning["].iter().find_map(|level| line.split_once(level));
            lints.extend(diagnostic.and_then(|(_, rest)| Some(rest.split_once(']')?.0.to_owned())));
            let change = line.strip_prefix("  ").filter(|line| !line.starts_with(' '));
            let head: Vec<&str> =
                change.and_then(|line| line.split_once(": ")).map_or("", |(head, _)| head).split(' ').collect();
            if let ["critical" | "activation" | "deactivation", rule] = head.as_slice() {
                rules.insert((*rule).to_owned());
            }
            if line.starts_with("  requires ") {
                rules.extend(line.rsplit_once(" because ").map_or("", |(_, ids)| ids).split(' ').map(str::to_owned));
            }
        }
    }
    (lints, rules)
}

#[test]
fn every_lint_and_rule_fires_in_a_test() {
    let (mut lints, rules) = printed();
    let ids: BTreeSet<String> = RULES.iter().map(|rule| rule.id.as_str().to_owned()).collect();
    assert_eq!(rules, ids, "rules that the cases print");
    // Both sides of these are linted, by a test of git.
    lints.extend(guides::all().filter(|guide| guide.example.files().is_some()).map(|guide| guide.lint.id.to_string()));
    for (id, path) in PRINTED_BY {
        assert!(lints.insert((*id).to_owned()), "{id} is printed by a case or a guide");
        let text = std::fs::read_to_string(root().join(path)).unwrap();
        // By itself, or before a place: `"too-deep"`, `"too-deep 1:50"`.
        let whole = [format!("\"{id}\""), format!("\"{id} ")].iter().any(|quoted| text.contains(quoted));
        assert!(whole, "{path} does not compare {id}");
    }
    let ids: BTreeSet<String> = LINTS.iter().map(|lint| lint.id.to_string()).collect();
    assert_eq!(lints, ids, "lints that the cases, the guides and the named tests print");
}

/// An id in quotes is a second registry. Ids that are also fields, states or commands are left out.
#[test]
fn no_id_is_written_outside_its_table() {
    const ALSO_OTHER_WORDS: &[&str] = &[
        "rollout",
        "dependencies",
        "schedule",
        "inclusions",
        "deactivation",
        "activation",
        "policy",
        "moved",
        "deletion",
        "syntax",
        "tag",
        "conflict",
    ];
    let ids = LINTS.iter().map(|lint| lint.id.as_str()).chain(RULES.iter().map(|rule| rule.id.as_str()));
    // A rule about one field may have its name.
    let is_field = |id: &str| FORMATS.iter().any(|format| format.field(id).is_some());
    let ids: Vec<&str> = ids.filter(|id| !ALSO_OTHER_WORDS.contains(id) && !is_field(id)).collect();
    let mut found = Vec::new();
    for (path, text) in files("src") {
        if path == "src/diagnostics/lints.rs" || path == "src/changes/rules.rs" || path.ends_with("tests.rs") {
            continue;
        }
        let text = without_tests(&text);
        found.extend(ids.iter().filter(|id| text.contains(&format!("\"{id}\""))).map(|id| format!("{path}: \"{id}\"")));
    }
    assert!(found.is_empty(), "use the typed id\n{}", found.join("\n"));
    let all: String = files("src").values().map(|text| without_tests(text)).collect();
    let idle: Vec<_> = ALSO_OTHER_WORDS.iter().filter(|word| !all.contains(&format!("\"{word}\""))).collect();
    assert!(idle.is_empty(), "no source needs {idle:?} for anything else");
}

#[test]
fn rules_have_fields_or_are_events() {
    for rule in RULES {
        match rule.cause {
            RuleCause::Fields(fields) => assert!(!fields.is_empty() && !rule.whole_flag, "{}", rule.id),
            RuleCause::Event => assert!(rule.cause.fields().is_empty(), "{}", rule.id),
        }
    }
}
