//! `docs/threats.md` is kept: every attack has its row, every row its proof, and every proof exists.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// How many attacks there are.
const ATTACKS: usize = 121;

/// A row of a table.
struct Row {
    number: usize,
    attack: String,
    stops: String,
    proofs: Vec<String>,
    by_hand: bool,
    left: String,
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn text() -> String {
    fs::read_to_string(root().join("docs/threats.md")).unwrap()
}

fn rows(text: &str) -> Vec<Row> {
    let cells = |line: &str| -> Vec<String> {
        line.trim().trim_matches('|').split(" | ").map(|cell| cell.trim().to_owned()).collect()
    };
    let numbered = |cells: &Vec<String>| cells.first().is_some_and(|first| first.parse::<usize>().is_ok());
    let lines = text.lines().filter(|line| line.starts_with('|')).map(cells).filter(numbered);
    lines
        .map(|cells| {
            let [number, attack, stops, proof, left] = cells.as_slice() else { panic!("not five cells: {cells:?}") };
            Row {
                number: number.parse().unwrap(),
                attack: attack.clone(),
                stops: stops.clone(),
                proofs: proof.split('`').skip(1).step_by(2).map(str::to_owned).collect(),
                by_hand: proof.ends_with("by hand"),
                left: left.clone(),
            }
        })
        .collect()
}

/// The numbers of the list of what is looked at by hand.
fn by_hand(text: &str) -> BTreeSet<usize> {
    let (_, list) = text.split_once("\n## By hand\n").unwrap();
    let items = list.lines().filter_map(|line| line.strip_prefix("- [ ] (")?.split_once(')'));
    items.flat_map(|(numbers, _)| numbers.split(", ").map(|number| number.parse().unwrap())).collect()
}

/// Whether a proof is there: a case, or a test in a file.
fn exists(proof: &str) -> bool {
    let tests = root().join("tests");
    match proof.split_once("::") {
        None => proof.ends_with(".case") && tests.join(proof).is_file(),
        Some((file, name)) => fs::read_to_string(tests.join(file)).is_ok_and(|source| is_test(&source, name)),
    }
}

/// Whether a source has a test of that name, also within `proptest!`, where arguments follow it.
fn is_test(source: &str, name: &str) -> bool {
    let mut marked = false;
    source.lines().map(str::trim).any(|line| {
        let found =
            marked && line.strip_prefix("fn ").and_then(|line| line.split_once('(')).is_some_and(|(it, _)| it == name);
        marked = line == "#[test]" || marked && (line.starts_with("#[") || line.starts_with("//"));
        found
    })
}

#[test]
fn every_attack_has_its_row() {
    let rows = rows(&text());
    let numbers: Vec<usize> = rows.iter().map(|row| row.number).collect();
    assert_eq!(numbers, (1..=ATTACKS).collect::<Vec<_>>());
    for row in &rows {
        let said = [&row.attack, &row.stops, &row.left].iter().all(|cell| cell.len() > 3);
        assert!(said, "{}: every cell says something, if only `nothing known`", row.number);
    }
}

#[test]
fn every_row_has_its_proof() {
    let text = text();
    let listed = by_hand(&text);
    for row in rows(&text) {
        assert!(!row.proofs.is_empty(), "{}: {} is proven by nothing", row.number, row.attack);
        assert_eq!(row.by_hand, listed.contains(&row.number), "{}: the list of what is looked at by hand", row.number);
        let missing: Vec<&String> = row.proofs.iter().filter(|proof| !exists(proof)).collect();
        assert!(missing.is_empty(), "{}: there is no {missing:?}", row.number);
    }
}

#[test]
fn what_is_no_test_is_no_proof() {
    let source = "#[test]\n// why\n#[cfg(unix)]\nfn one() {}\nfn two() {}\n#[test]\nfn three(bytes in any()) {}\n";
    assert!(is_test(source, "one") && is_test(source, "three"));
    assert!(!is_test(source, "two") && !is_test(source, "four") && !is_test(source, "on"));
    assert!(!exists("cases/approval/no-such.case") && !exists("cases.rs") && !exists("no_such_file.rs::every_case"));
}

/// Links within the two documents and to other files of the repository lead somewhere.
#[test]
fn links_lead_somewhere() {
    let docs = root().join("docs");
    for name in ["threats.md", "github.md"] {
        let text = fs::read_to_string(docs.join(name)).unwrap();
        for link in text.split("](").skip(1).filter_map(|rest| rest.split_once(')')).map(|(link, _)| link) {
            if link.starts_with("https://") {
                continue;
            }
            let (file, heading) = link.split_once('#').unwrap_or((link, ""));
            let file = if file.is_empty() { Path::new(name) } else { Path::new(file) };
            let target = fs::read_to_string(docs.join(file)).unwrap_or_else(|_| panic!("{name}: no {link}"));
            let anchor = |line: &str| {
                let title = line.trim_start_matches('#').trim().to_lowercase();
                title
                    .chars()
                    .filter(|char| char.is_alphanumeric() || " -".contains(*char))
                    .collect::<String>()
                    .replace(' ', "-")
            };
            let found = target.lines().filter(|line| line.starts_with('#')).any(|line| anchor(line) == heading);
            assert!(heading.is_empty() || found, "{name}: no heading for {link}");
        }
    }
}
