//! Values in one line of visible text, for sentences and pictures.

use super::Decimal;
use super::node::{Data, Node};
use crate::diagnostics::escape;

/// A string value: bare if it is one plain word, else in double quotes so that its end can be seen.
#[must_use]
pub fn quoted(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | ':' | '/' | '@' | '-' | '+' | '%');
    let other_type = matches!(text.to_ascii_lowercase().as_str(), "true" | "false" | "null")
        || text.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '.' | '-' | '+'))
            && Decimal::parse(text).is_some();
    if !text.is_empty() && text.chars().all(plain) && !other_type {
        return text.to_owned();
    }
    escape::in_quotes(text)
}

/// A value in one line: a string as it is, anything else as JSON with spaces.
#[must_use]
pub fn inline(node: &Node) -> String {
    match &node.data {
        Data::Text(text) => quoted(text),
        _ => json(node),
    }
}

/// JSON in one line.
#[must_use]
pub fn json(node: &Node) -> String {
    match &node.data {
        Data::Null => "null".to_owned(),
        Data::Bool(value) => value.to_string(),
        Data::Number(number) => number.typed(),
        Data::Text(text) => escape::in_quotes(text),
        Data::List(items) => format!("[{}]", items.iter().map(json).collect::<Vec<_>>().join(", ")),
        Data::Map(map) => {
            let members: Vec<String> =
                map.iter().map(|entry| format!("{}: {}", escape::in_quotes(&entry.key), json(&entry.value))).collect();
            format!("{{{}}}", members.join(", "))
        }
    }
}

/// The items of a list as alternatives: `US, CA or DE`. Of more than `most` the first, and how many there are more.
#[must_use]
pub fn alternatives(node: &Node, most: usize) -> Option<String> {
    let items = node.as_list()?;
    let mut written: Vec<String> = items.iter().take(most).map(inline).collect();
    if items.len() > most {
        written.push(format!("{} more", items.len() - most));
    }
    match written.split_last() {
        None => Some("nothing at all".to_owned()),
        Some((last, [])) => Some(last.clone()),
        Some((last, rest)) => Some(format!("{} or {last}", rest.join(", "))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_in_quotes_where_needed() {
        let cases = [
            ("running", "running"),
            ("two words", "\"two words\""),
            ("20", "\"20\""),
            ("true", "\"true\""),
            ("", "\"\""),
            ("say \"hi\"", "\"say \\\"hi\\\"\""),
            ("2026-11-23", "2026-11-23"),
            ("a → b", "\"a → b\""),
        ];
        for (text, shown) in cases {
            assert_eq!(quoted(text), shown);
        }
    }
}
