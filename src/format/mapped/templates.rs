//! Templates (`{{ … }}`, `<%= … %>`) in the place of values: what they say is not known before they are filled in.
//!
//! **In**: the bytes of a file. **Out**: the same with each template in the place of a value in quotes. **Refuses**:
//! nothing; a template in another place is one that no reader of YAML takes. **Not taken**: to fill them in.

use crate::diagnostics::words::json_string;
use crate::document::yaml::{QUOTED, UNQUOTED};
use crate::document::{Data, Node};

/// The ends of templates in quotes, of the same length. A file may hold either, but not one in the place of the other.
pub const MARKS: [&str; 2] = [" (unquoted 1)", " (unquoted 2)"];

/// The text with each template in the place of a value in quotes, so that it is a string that says so by this mark at
/// its end.
pub fn quoted_templates(bytes: &[u8], mark: &str) -> Option<String> {
    let text = std::str::from_utf8(bytes).ok()?;
    if !has_template(text) {
        return None;
    }
    let line = |line: &str| {
        let item =
            || line.trim_start().strip_prefix("- ").map(|value| (line.get(..line.len() - value.len() - 1), value));
        let pair = line.split_once(": ").map(|(key, value)| (line.get(..=key.len()), value)).or_else(item);
        let Some((Some(start), value)) = pair.filter(|_| !line.trim_start().starts_with('#')) else {
            return line.to_owned();
        };
        format!("{start} {}", quoted_value(value, mark))
    };
    Some(text.split('\n').map(line).collect::<Vec<_>>().join("\n"))
}

/// Whether a string says nothing before something is filled in.
pub fn has_template(text: &str) -> bool {
    ["<%", "{{"].iter().any(|sign| text.contains(sign))
}

/// Puts the end that reports show in the place of the first mark where the second one stands in another reading of the
/// same file, and another one behind strings that end so in both: somebody wrote them.
pub fn settle(node: &mut Node, other: &Node) {
    let text = |text: &mut String, other: &str| {
        let written = [UNQUOTED, QUOTED].iter().any(|end| text.ends_with(end));
        if text != other {
            *text = text.replace(MARKS[0], UNQUOTED);
        } else if written && has_template(text) {
            text.push_str(QUOTED);
        }
    };
    match (&mut node.data, &other.data) {
        (Data::Text(said), Data::Text(other)) => text(said, other),
        (Data::List(items), Data::List(others)) => {
            items.iter_mut().zip(others).for_each(|(item, other)| settle(item, other));
        }
        (Data::Map(map), Data::Map(others)) => {
            for (entry, other) in map.0.iter_mut().zip(&others.0) {
                text(&mut entry.key, &other.key);
                settle(&mut entry.value, &other.value);
            }
        }
        _ => {}
    }
}

/// The first template in a value, which its readers never see.
pub fn first_template(node: &Node) -> Option<&str> {
    match &node.data {
        Data::Text(text) => Some(text.as_str()).filter(|text| has_template(text)),
        Data::List(items) => items.iter().find_map(first_template),
        Data::Map(map) => map.iter().find_map(|entry| first_template(&entry.value)),
        Data::Null | Data::Bool(_) | Data::Number(_) => None,
    }
}

/// A value of one line. A value in quotes is a string already, and of a map or list in one line each part is a
/// value.
fn quoted_value(value: &str, mark: &str) -> String {
    let start = value.trim_start();
    if start.starts_with(['"', '\'']) {
        return value.to_owned();
    }
    if start.starts_with('[') || start.starts_with('{') && !start.starts_with("{{") {
        return quoted_parts(value, mark);
    }
    // A comment is none of it, and stays: in a string of several lines it is no comment.
    let (value, comment) = value.find(" #").and_then(|at| value.split_at_checked(at)).unwrap_or((value, ""));
    if has_template(value) { quoted(value, mark) + comment } else { value.to_owned() + comment }
}

/// A value in quotes, which is no string that stands in quotes: what comes out of it may be `false`.
fn quoted(value: &str, mark: &str) -> String {
    json_string(&(value.trim_end().to_owned() + mark))
}

/// A map or list in one line, with each template in quotes.
fn quoted_parts(text: &str, mark: &str) -> String {
    let (mut out, mut rest) = (String::new(), text);
    while let Some(char) = rest.chars().next() {
        let bracket = matches!(char, '[' | ']' | '}' | ',' | ' ' | ':') || char == '{' && !rest.starts_with("{{");
        let length = match char {
            '"' | '\'' => rest.get(1..).and_then(|inner| inner.find(char)).map_or(rest.len(), |at| at + 2),
            _ if bracket => char.len_utf8(),
            _ => part_length(rest),
        };
        let (part, left) = rest.split_at_checked(length).unwrap_or((rest, ""));
        if bracket || !has_template(part) || part.starts_with(['"', '\'']) {
            out.push_str(part);
        } else {
            out.push_str(&quoted(part, mark));
        }
        rest = left;
    }
    out
}

/// The length of a scalar without quotes in a map or list of one line: what stands in a template is a part of it.
fn part_length(text: &str) -> usize {
    let mut at = 0;
    while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
        let template = [("<%", "%>"), ("{{", "}}")].iter().find(|(open, _)| rest.starts_with(open));
        if let Some((_, close)) = template {
            at += rest.find(close).map_or(rest.len(), |end| end + close.len());
            continue;
        }
        if rest.starts_with([',', ']', '}']) || rest.starts_with(": ") {
            break;
        }
        at += rest.chars().next().map_or(1, char::len_utf8);
    }
    at.max(1)
}
