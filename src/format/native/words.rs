//! Conditions of segments and filters of exposure events in words: `country is US or CA`.

use crate::diagnostics::escape;
use crate::document::Node;
use crate::document::inline::alternatives;

/// A condition, or a filter, in words, with at most so many of its values; `None` if it has a member that no row names.
pub fn condition(node: &Node, most: usize) -> Option<String> {
    let map = node.as_map()?;
    let known = |names: &[&str]| map.iter().all(|entry| names.contains(&entry.key.as_str()));
    let string = |name: &str| map.get(name).and_then(Node::as_text);
    if known(&["type", "prop", "op", "values"]) {
        if !matches!(string("type"), None | Some("property")) {
            return None;
        }
        return Some(format!(
            "{} {} {}",
            crate::document::inline::quoted(string("prop")?),
            operator(string("op")?),
            alternatives(map.get("values")?, most)?
        ));
    }
    if known(&["group_type", "subprop_key", "subprop_op", "subprop_type", "subprop_value"]) {
        let group = match map.get("group_type") {
            None => String::new(),
            Some(node) if node.is_null() => String::new(),
            Some(node) => format!(" of {}", crate::document::inline::quoted(node.as_text()?)),
        };
        return Some(format!(
            "{} property {}{group} {} {}",
            crate::document::inline::quoted(string("subprop_type")?),
            crate::document::inline::quoted(string("subprop_key")?),
            operator(string("subprop_op")?),
            alternatives(map.get("subprop_value")?, most)?
        ));
    }
    None
}

/// An operator, which is a phrase (`is not`, `set does not contain`); without quotes if it has only letters and spaces.
fn operator(text: &str) -> String {
    let plain = !text.is_empty() && text.chars().all(|c| c.is_ascii_alphabetic() || c == ' ');
    if plain { text.to_owned() } else { escape::in_quotes(text) }
}
