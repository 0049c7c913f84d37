//! Sentences whose subject is a *what* or *whoever* clause: in comments, messages and documents, also the second
//! sentence of a comment and the one behind a semicolon.

/// The words that such a clause begins with.
const OPENERS: &[&str] = &["what", "whoever", "whatever", "who", "whom", "whose", "that which"];

/// The fewest words of a sentence; fewer are a heading or an item of a list.
const FEWEST_WORDS: usize = 4;

/// The mark before the text of a comment; none if the line is no comment of such a file.
fn mark(path: &str, line: &str) -> Option<&'static str> {
    let rust: &[&str] = &["/// ", "//! ", "// "];
    let marks = if path.ends_with(".rs") { rust } else { &["# "] };
    marks.iter().find(|mark| line.starts_with(**mark)).copied()
}

/// The paragraphs of a file, each with the line of its beginning, and whether it is prose and not code: the lines of a
/// comment are one, those of a string that go on, and those of a paragraph of a document.
fn paragraphs(path: &str, text: &str) -> Vec<(usize, bool, String)> {
    let document = path.ends_with(".md");
    let mut found: Vec<(usize, bool, String)> = Vec::new();
    let (mut goes_on, mut fenced) = (None, false);
    for (at, line) in text.lines().enumerate() {
        let line = line.trim();
        fenced ^= document && line.starts_with("```");
        let mark = if document { Some("").filter(|_| !fenced && !line.is_empty()) } else { mark(path, line) };
        let own_line =
            document && (line.starts_with(['|', '#', '-', '*', '`', '<']) || line.starts_with(char::is_numeric));
        let words = line.strip_prefix(mark.unwrap_or_default()).unwrap_or(line);
        match found.last_mut().filter(|_| goes_on == Some(mark) && !own_line) {
            Some((.., last)) => last.push_str(&format!(" {}", words.trim_end_matches('\\'))),
            None => found.push((at + 1, mark.is_some(), words.trim_end_matches('\\').to_owned())),
        }
        goes_on = (mark.is_some() || line.ends_with('\\')).then_some(mark);
    }
    found
}

/// The sentences of a paragraph that begin so, without questions and headings.
fn riddles(prose: bool, text: &str) -> Vec<&str> {
    let starts = |word: &str, rest: &str| {
        rest.get(..word.len()).is_some_and(|start| start.eq_ignore_ascii_case(word))
            && rest[word.len()..].starts_with(' ')
    };
    let mut found = Vec::new();
    for (at, _) in text.char_indices().filter(|(at, _)| *at == 0 || text[..*at].ends_with(['"', ' ', '*'])) {
        let (before, rest) = (text[..at].trim_end_matches('*'), &text[at..]);
        let capital = rest.starts_with(char::is_uppercase);
        let sentence = [". ", "? ", "! ", "\""].iter().any(|end| before.ends_with(end)) || prose && before.is_empty();
        let begins = capital && sentence || before.ends_with("; ");
        if !begins || !OPENERS.iter().any(|word| starts(word, rest)) {
            continue;
        }
        let ends = [". ", ".\"", ";", "?", "|", "\""].iter().filter_map(|end| rest.find(end)).min();
        let whole = &rest[..ends.unwrap_or(rest.len())];
        let asks = rest[whole.len()..].starts_with('?');
        let heads = rest[whole.len()..].starts_with(['|', '"']) && !before.ends_with("; ") || text.starts_with('#');
        let heads = heads || whole.contains("**");
        let words = |letter: char| letter.is_alphabetic() || matches!(letter, '`' | '(' | '\'');
        let plain = whole.split(' ').nth(1).is_some_and(|second| second.starts_with(words));
        if plain && !asks && !heads && whole.split(' ').count() >= FEWEST_WORDS {
            found.push(whole);
        }
    }
    found
}

/// The sentences of a file that begin so, each with its line.
pub fn clauses(path: &str, text: &str) -> Vec<(usize, String)> {
    let all = paragraphs(path, text).into_iter();
    all.flat_map(|(line, prose, text)| {
        riddles(prose, &text).into_iter().map(|one| (line, one.to_owned())).collect::<Vec<_>>()
    })
    .collect()
}

/// The test of the test.
#[test]
fn clauses_are_found_wherever_a_sentence_begins() {
    let found = |path: &str, text: &str| clauses(path, text).into_iter().map(|(line, _)| line).collect::<Vec<_>>();
    let rust = "// A name. What is\n// left of it is cut.\nlet what = who.is(it);\nf(\"a file; who wrote \\\n   it is asked\");\n";
    assert_eq!(found("src/x.rs", rust), [1, 4]);
    assert_eq!(found("src/x.rs", "//! In: what is there; a name. Out: who may do it. Not taken: more.\n"), [0; 0]);
    assert_eq!(found("src/x.rs", "f(\"What changes\"); f(\"What it costs them is not known.\");\n"), [1]);
    let document =
        "# What it does not do at all\n\nWhoever may\npush can do so.\n\n| What is left | x |\n- Who is it, and why?\n";
    assert_eq!(found("docs/x.md", document), [3]);
    assert_eq!(found("x.yaml", "# One.\n# Whatever it has is one.\nwhat: is it\n"), [1]);
}
