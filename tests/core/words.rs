//! The project's language, kept: one name for each type, one place for each lint and rule, and none of the retired words.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use countersign::changes::rules::{RULES, RuleCause};
use countersign::diagnostics::lints::LINTS;
use countersign::format::FORMATS;

/// Retired words, each with the word to use instead. A phrase is searched as it stands; a single word as a whole word and as
/// a part of an identifier (`standing` in `is_standing` and `StandingLaw`).
const RETIRED: &[(&str, &str)] = &[
    ("the law", "policy"),
    ("standing law", "base policy"),
    ("lawless", "no policy"),
    ("those asked", "required approvers"),
    ("told, not asked", "notified"),
    ("whom it moves", "impact"),
    ("no share counts", "impact unknown"),
    ("everyone else", "all other users"),
    ("users in no segment", "all other users"),
    ("on display", "displayed revision"),
    ("ledger", "approval record"),
    ("seal", "record checksum"),
    ("sealed", "record checksum"),
    ("what it goes by", "fingerprint"),
    ("goes by", "has the name"),
    ("polite", "best effort"),
    ("landing", "merged change"),
    ("landed", "merged change"),
    ("trial", "simulation"),
    ("rival", "competing pull request"),
    ("demand", "requirement"),
    ("demands", "requirement"),
    ("placed", "entry"),
    ("exam", "examined change"),
    ("exams", "examined changes"),
    ("joints", "a module name that says what is in it"),
    ("beside", "unmodelled"),
    ("strangers", "unmodelled fields"),
    ("uncounted", "unmodelled"),
    ("spoken", "commented"),
    ("mend", "correct"),
    ("mends", "corrects"),
    ("a text", "a string"),
    ("odd", "ambiguous"),
    ("twin", "sibling pull request"),
    ("twins", "sibling pull requests"),
];

/// Text in which a retired word has another meaning: a file (by the end of its path) and the words around it.
const ALLOWED: &[(&str, &str)] = &[
    // An odd number, in tests of arithmetic.
    ("src/document/decimal.rs", "odd"),
    ("src/impact/share.rs", "odd"),
    // A trial period, in a flag of the example.
    ("examples/shop/experiments/trial-length.yaml", "trial"),
    // Somebody else's file.
    ("tests/data/sarif-2.1.0.schema.json", "a text"),
];

/// Folders and files that are read for words. This file is the table and `target` is not ours.
const READ: &[&str] = &[
    "src",
    "tests",
    "docs",
    "schemas",
    "examples",
    "action",
    "scripts",
    "benches",
    "README.md",
    "CONTRIBUTING.md",
    "CHANGELOG.md",
    "action.yml",
];

/// What is text, by the end of its name.
const TEXTS: &[&str] = &[
    ".rs", ".md", ".json", ".yaml", ".yml", ".sh", ".mjs", ".toml", ".case", ".txt", ".html", ".patch", ".out", ".why",
];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Every file below a path with its content, by its path from the root.
fn files(below: &str) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    let mut open: Vec<PathBuf> = vec![root().join(below)];
    while let Some(at) = open.pop() {
        if at.is_dir() {
            open.extend(std::fs::read_dir(&at).unwrap().map(|entry| entry.unwrap().path()));
        } else if let Ok(text) = std::fs::read_to_string(&at) {
            let path = at.strip_prefix(root()).unwrap().to_str().unwrap().replace('\\', "/");
            found.insert(path, text);
        }
    }
    found
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

/// The retired words of a line, each with the word to use instead.
fn retired(line: &str) -> Vec<(&'static str, &'static str)> {
    let words = words(line);
    let holds = |phrase: &str| {
        let sought: Vec<&str> = phrase.split(|c: char| !c.is_alphabetic()).filter(|word| !word.is_empty()).collect();
        words.windows(sought.len()).any(|window| window.iter().map(String::as_str).eq(sought.iter().copied()))
    };
    RETIRED.iter().copied().filter(|(word, _)| holds(word)).collect()
}

#[test]
fn no_retired_word_is_used() {
    let mut found = Vec::new();
    for (path, text) in READ.iter().flat_map(|below| files(below)) {
        // Files of others have words of their own.
        if path == "tests/core/words.rs"
            || path.starts_with("tests/data/")
            || !TEXTS.iter().any(|end| path.ends_with(end))
        {
            continue;
        }
        for (at, line) in text.lines().enumerate() {
            for (word, instead) in retired(line) {
                if !ALLOWED.iter().any(|(file, allowed)| path.ends_with(file) && *allowed == word) {
                    found.push(format!("{path}:{}: `{word}`; write {instead}", at + 1));
                }
            }
        }
    }
    assert!(found.is_empty(), "{} retired words\n{}", found.len(), found.join("\n"));
}

/// The test of the test.
#[test]
fn retired_words_are_found_in_prose_and_identifiers() {
    let found = |line: &str| retired(line).into_iter().map(|(word, _)| word).collect::<Vec<_>>();
    assert_eq!(found("fn policy_ledger() {}"), ["ledger"]);
    assert_eq!(found("struct LandedChange;"), ["landed"]);
    assert_eq!(found("It is told, not asked."), ["told, not asked"]);
    assert_eq!(found("pledgers and landings on the lawn"), Vec::<&str>::new());
}

/// Names of things in the sources that say what is done to them and not what they are, each with the word to use instead. The words
/// themselves are plain English: a person is asked, two are told apart.
const RETIRED_NAMES: &[(&str, &str)] = &[
    ("asked", "the requirement, the question or the people"),
    ("told", "notified, listed, or what it is"),
    ("standing", "state, outcome, or what is on the base branch"),
    ("refusals", "diagnostics"),
];

/// Beginnings of documentation that put the noun last.
const RIDDLES: &[&str] = &["What ", "Whoever ", "Who ", "Whom ", "Whose ", "That which "];

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

/// The first words of each block of documentation, with its line.
fn openings(text: &str) -> Vec<(usize, &str)> {
    let mut found = Vec::new();
    let mut before = false;
    for (at, line) in text.lines().enumerate() {
        let doc = line.trim_start().strip_prefix("/// ").or_else(|| line.trim_start().strip_prefix("//! "));
        if let Some(doc) = doc.filter(|_| !before) {
            found.push((at + 1, doc));
        }
        before = line.trim_start().starts_with("///") || line.trim_start().starts_with("//!");
    }
    found
}

#[test]
fn names_and_documentation_say_what_a_thing_is() {
    assert_eq!(retired_names("    let mut told = Vec::new();"), ["told"]);
    assert_eq!(retired_names("pub struct AskedReceipts {"), ["asked"]);
    assert_eq!(retired_names("fn told_apart(asked: bool) {"), Vec::<&str>::new());
    assert_eq!(openings("/// What is.\n/// What more.\nfn f()\n/// A name.\n"), [(1, "What is."), (4, "A name.")]);
    let mut found = Vec::new();
    for (path, text) in files("src") {
        for (at, line) in text.lines().enumerate() {
            found.extend(retired_names(line).into_iter().map(|name| format!("{path}:{}: the name `{name}`", at + 1)));
        }
        let riddle = |(_, doc): &(usize, &str)| RIDDLES.iter().any(|start| doc.starts_with(start));
        found.extend(openings(&text).into_iter().filter(riddle).map(|(at, doc)| format!("{path}:{at}: {doc}")));
    }
    assert!(found.is_empty(), "{} without their noun\n{}", found.len(), found.join("\n"));
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

#[test]
fn every_lint_and_rule_fires_in_a_test() {
    let mut tests: String =
        files("tests").into_iter().filter(|(path, _)| path != "tests/core/words.rs").map(|(_, text)| text).collect();
    // The tests in the sources, which are behind the last `#[cfg(test)]` of a file or in a file of their own.
    for (path, text) in files("src") {
        let at = if path.ends_with("tests.rs") { Some(0) } else { text.find("#[cfg(test)]") };
        tests.extend(at.map(|at| text[at..].to_owned()));
    }
    let ids = LINTS.iter().map(|lint| lint.id.as_str()).chain(RULES.iter().map(|rule| rule.id.as_str()));
    let missing: Vec<&str> = ids.filter(|id| !tests.contains(id)).collect();
    assert!(missing.is_empty(), "no test has {missing:?}");
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
        "anchor",
        "conflict",
        "directive",
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
