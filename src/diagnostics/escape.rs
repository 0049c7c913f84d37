//! Escaping: untrusted text made safe to show.
//!
//! In: keys, values, paths, logins and messages from the author of a pull request. Out: visible text, Markdown or JSON
//! of which nothing acts on a terminal, a log or a page, and in which nothing is hidden. It refuses nothing. Not taken:
//! a list of dangerous characters; a character is escaped unless it is seen as itself.

use super::first;

/// The Actions runner still obeys `##[command]` anywhere in a line (ActionCommand.TryParse).
const COMMAND: &str = "##[";

/// Visible text of one line: a character that cannot be seen, or would move the cursor, becomes an escape such as
/// `\u{1b}`.
#[must_use]
pub fn visible(text: &str) -> String {
    if text.bytes().all(|byte| byte == b' ' || byte.is_ascii_graphic()) && !text.contains(COMMAND) {
        return text.to_owned();
    }
    let mut out = String::with_capacity(text.len());
    let mut first = true;
    for c in text.chars() {
        match c {
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '[' if out.ends_with("##") => out.push_str("\\u{5b}"),
            _ if shows(c, first) => out.push(c),
            _ => out.extend(c.escape_unicode()),
        }
        first = false;
    }
    out
}

/// Visible text of at most `most` characters, with an ellipsis in place of the rest.
#[must_use]
pub fn cut(text: &str, most: usize) -> String {
    let text = visible(text);
    if text.chars().count() <= most {
        return text;
    }
    text.chars().take(most.saturating_sub(1)).chain(std::iter::once('…')).collect()
}

/// Whether a character is seen as itself. The `first` character has nothing before it to combine with.
fn shows(c: char, first: bool) -> bool {
    if c.is_ascii() {
        return c == ' ' || c.is_ascii_graphic();
    }
    // Invisible without being control or format characters: joiners, fillers and variation selectors.
    let blank = matches!(c,
        '\u{34f}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}' | '\u{2800}'
        | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{ffa0}' | '\u{e0100}'..='\u{e01ef}');
    // `str::escape_debug` escapes what is not printable, and marks that combine only where they come first.
    let mut near = String::from(if first { "" } else { "a" });
    near.push(c);
    !blank && near.escape_debug().eq(near.chars())
}

/// A string in double quotes, as JSON writes it, with everything invisible made visible.
#[must_use]
pub fn in_quotes(text: &str) -> String {
    format!("\"{}\"", visible(&text.replace('\\', "\\\\").replace('"', "\\\"")))
}

/// A Markdown code span. In a table a `|` ends a cell even there, so it becomes an escape, in every span alike.
#[must_use]
pub fn code(text: &str) -> String {
    let text = visible(text).replace('|', "\\u{7c}");
    let fence = "`".repeat(longest_run(&text) + 1);
    // A span takes one space off both ends; an empty or blank one is no span at all.
    let blank = text.trim_matches(' ').is_empty();
    let pad = if blank || text.starts_with(['`', ' ']) || text.ends_with(['`', ' ']) { " " } else { "" };
    let text = if blank { format!("\"{text}\"") } else { text };
    format!("{fence}{pad}{text}{pad}{fence}")
}

/// A fenced block of Markdown; `lines` are visible text.
#[must_use]
pub fn block(language: &str, lines: &[String]) -> String {
    let longest = lines.iter().map(|line| longest_run(line)).max().unwrap_or(0);
    let fence = "`".repeat(longest.max(2) + 1);
    format!("{fence}{language}\n{}\n{fence}\n", lines.join("\n"))
}

fn longest_run(text: &str) -> usize {
    text.split(|c| c != '`').map(str::len).max().unwrap_or(0)
}

/// A sentence for Markdown. Text in backticks becomes a code span, and so does every word that a page could make a link
/// or markup of: GitHub links mentions, issue numbers and commits in the *rendered* text, where only code prevents it
/// and no backslash does.
#[must_use]
pub fn prose(text: &str) -> String {
    let pieces: Vec<&str> = text.split('`').collect();
    if pieces.len().is_multiple_of(2) {
        return code(text);
    }
    let mut out = String::new();
    for (index, piece) in pieces.iter().enumerate() {
        if index % 2 == 1 {
            join(&mut out, &code(piece));
        } else {
            words(piece, &mut out);
        }
    }
    out
}

fn words(piece: &str, out: &mut String) {
    let mut run: Vec<&str> = Vec::new();
    for (index, word) in piece.split(' ').enumerate() {
        if index > 0 && run.is_empty() {
            out.push(' ');
        }
        let begins = out.trim_end().is_empty() && run.is_empty();
        if harmless(word, begins) {
            if !run.is_empty() {
                spelled(&run, out);
                run.clear();
                out.push(' ');
            }
            out.push_str(word);
        } else {
            run.push(word);
        }
    }
    if !run.is_empty() {
        spelled(&run, out);
    }
}

/// Words as one code span, without the punctuation that ends the sentence or its part.
fn spelled(run: &[&str], out: &mut String) {
    let text = run.join(" ");
    let core = text.trim_end_matches([',', '.', ';', ':']);
    let core = if core.is_empty() { text.as_str() } else { core };
    join(out, &code(core));
    out.push_str(text.get(core.len()..).unwrap_or_default());
}

/// Two code spans side by side would join their fences.
fn join(out: &mut String, span: &str) {
    if out.ends_with('`') {
        out.push(' ');
    }
    out.push_str(span);
}

fn harmless(word: &str, begins: bool) -> bool {
    if word.is_empty() {
        return true;
    }
    let core = word.trim_start_matches('(').trim_end_matches([',', '.', ';', ':', ')', '?', '!', '…']);
    if core.is_empty() {
        // Punctuation after a code span: the comma in "`a`, `b`".
        return !begins && word.chars().all(|c| matches!(c, ',' | '.' | ';' | ':' | ')'));
    }
    let share = core.strip_suffix('%').and_then(|number| number.split_once('.'));
    let all_digits = |text: &str| !text.is_empty() && text.len() < 4 && text.bytes().all(|byte| byte.is_ascii_digit());
    if share.is_some_and(|(whole, tenths)| all_digits(whole) && all_digits(tenths)) {
        return true;
    }
    let letters = |c: char| c.is_alphanumeric() || matches!(c, '-' | '\'' | '%' | '→');
    let digits = core.chars().any(|c| c.is_ascii_digit());
    // Commits are linked from seven hex digits on; `AB-12` may be a reference to a tracker.
    let commit = core.len() >= 7 && digits && core.chars().all(|c| c.is_ascii_hexdigit());
    let tracker = digits && core.contains('-');
    let markup = core.starts_with('-') || !core.chars().all(letters);
    // `1.` and `1)` at the start of a line begin a list.
    let marker = begins && word != core && core.chars().all(|c| c.is_ascii_digit());
    !(commit || tracker || markup || marker) && visible(word) == word
}

/// Text without commands to the Actions runner, which obeys a line that starts with `::`, blanks before it or not
/// (`ActionCommand.TryParseV2` trims), and `##[command]` anywhere (`ActionCommand.TryParse`).
#[must_use]
pub fn disarmed(text: String) -> String {
    let text = if text.contains(COMMAND) { text.replace(COMMAND, "##\\u{5b}") } else { text };
    if !text.lines().any(|line| line.trim_start().starts_with("::")) {
        return text;
    }
    let mut out = String::with_capacity(text.len() + 8);
    for line in text.split_inclusive('\n') {
        match line.split_once("::") {
            Some((blank, rest)) if blank.trim_start().is_empty() => {
                out.push_str(blank);
                out.push_str("\\u{3a}:");
                out.push_str(rest);
            }
            _ => out.push_str(line),
        }
    }
    out
}

/// JSON with the same values, with each invisible character written as a JSON escape of four hex digits. Outside of its
/// strings JSON is plain ASCII, so each replaced character is inside of one.
#[must_use]
pub fn json(text: String) -> String {
    let text = if text.contains(COMMAND) { text.replace(COMMAND, "##\\u005b") } else { text };
    let escaped = |byte: u8| !matches!(byte, b'\n' | b' '..=b'~');
    // The text before the first such character; nearly always that is all of it, and nothing is copied.
    let mut out: Option<String> = None;
    let mut rest = text.as_str();
    while let Some((plain, from)) = first(rest, escaped).and_then(|at| rest.split_at_checked(at)) {
        let mut chars = from.chars();
        let Some(c) = chars.next() else { break };
        let shown = shows(c, false);
        if out.is_none() && !shown {
            out = text.get(..text.len() - rest.len()).map(str::to_owned);
        }
        rest = chars.as_str();
        let Some(out) = &mut out else { continue };
        out.push_str(plain);
        if shown {
            out.push(c);
        } else {
            for unit in c.encode_utf16(&mut [0; 2]) {
                out.push_str(&format!("\\u{unit:04x}"));
            }
        }
    }
    match out {
        Some(out) => out + rest,
        None => text,
    }
}

/// Any string as one segment of the path of a URL, or as one value of its query.
#[must_use]
pub fn url_segment(name: &str) -> String {
    let plain = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'~');
    name.bytes().map(|byte| if plain(&byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") }).collect()
}

/// Visible text with blanks behind it, up to a width in columns.
#[must_use]
pub fn pad(text: &str, width: usize) -> String {
    format!("{text}{}", blanks(text, width))
}

/// Visible text with blanks before it, up to a width in columns.
#[must_use]
pub fn pad_left(text: &str, width: usize) -> String {
    format!("{}{text}", blanks(text, width))
}

fn blanks(text: &str, width: usize) -> String {
    " ".repeat(width.saturating_sub(columns(text)))
}

/// The width of visible text in columns.
#[must_use]
pub fn columns(text: &str) -> usize {
    unicode_width::UnicodeWidthStr::width(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn padding_counts_columns() {
        assert_eq!([pad("日本", 6), pad("ab", 6), pad("e\u{301}", 3)], ["日本  ", "ab    ", "e\u{301}  "]);
        assert_eq!([pad_left("日本", 6), pad_left("abc", 2)], ["  日本", "abc"]);
    }

    #[test]
    fn invisible_characters_are_escaped() {
        let cases = [
            ("plain", "plain"),
            ("a\u{1b}[31mb", "a\\u{1b}[31mb"),
            ("a\nb\tc\r", "a\\nb\\tc\\r"),
            ("\u{202e}abc", "\\u{202e}abc"),
            ("a\u{200b}b\u{fe0f}", "a\\u{200b}b\\u{fe0f}"),
            ("\u{9b}31m", "\\u{9b}31m"),
            ("\u{301}e\u{301}", "\\u{301}e\u{301}"),
            ("日本 é", "日本 é"),
            ("a\u{a0}b", "a\\u{a0}b"),
            ("##[add-mask]x", "##\\u{5b}add-mask]x"),
        ];
        for (text, seen) in cases {
            assert_eq!(visible(text), seen);
        }
    }

    #[test]
    fn code_spans() {
        let cases = [
            ("a", "`a`"),
            ("a`b", "``a`b``"),
            ("`", "`` ` ``"),
            ("``x", "``` ``x ```"),
            ("", "` \"\" `"),
            (" ", "` \" \" `"),
            (" a", "`  a `"),
            ("a|b", "`a\\u{7c}b`"),
            ("a\\", "`a\\`"),
        ];
        for (text, span) in cases {
            assert_eq!(code(text), span);
        }
    }

    #[test]
    fn sentences() {
        let cases = [
            ("is the requestor", "is the requestor"),
            ("approved 9f8e7d6c, which is no longer", "approved `9f8e7d6c`, which is no longer"),
            ("may approve 12 flags of `checkout`", "may approve 12 flags of `checkout`"),
            ("see @everyone and #12", "see `@everyone` and `#12`"),
            ("<img src=x> now", "`<img src=x>` now"),
            ("lone ` tick @a", "``lone ` tick @a``"),
            ("1. a list", "`1`. a list"),
            ("2 have to approve", "2 have to approve"),
            ("may approve 2 files: `a`, `b`: `c` (and `d`).", "may approve 2 files: `a`, `b`: `c` (and `d`)."),
            (": x", "`:` x"),
            ("- a list", "`-` a list"),
            ("http://evil.example www.evil.example", "`http://evil.example www.evil.example`"),
            ("`a``b`", "`a` `b`"),
            ("@a`b`", "`@a` `b`"),
        ];
        for (text, shown) in cases {
            assert_eq!(prose(text), shown);
        }
    }

    #[test]
    fn no_line_is_a_command() {
        assert_eq!(disarmed("a\n  ::error::x\n::b".into()), "a\n  \\u{3a}:error::x\n\\u{3a}:b");
        let cases = [
            ("\"a\u{9b}##[x]\u{e0041}\"", "\"a\\u009b##\\u005bx]\\udb40\\udc41\""),
            ("[\"é → b\"]\n", "[\"é → b\"]\n"),
            ("[\"é\", \"→\u{200b}→\", \"é\u{7f}\"]", "[\"é\", \"→\\u200b→\", \"é\\u007f\"]"),
            ("", ""),
        ];
        for (text, safe) in cases {
            assert_eq!(json(text.to_owned()), safe);
        }
    }
}
