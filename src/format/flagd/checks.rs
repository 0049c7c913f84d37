//! Checks of a flagd file beyond the shapes of its fields.

use std::collections::BTreeSet;

use crate::diagnostics::diagnostic::{choice, nearest};
use crate::diagnostics::{Diagnostics, Place, lints};
use crate::document::shape::shown;
use crate::document::{Data, Entry, Map, Node};

/// The one of `known` that a key is to a reader that does not look at letter case, and to no other; it is reported.
/// Go's encoding/json, with which the daemon reads, is one; it also takes `ſ` for `s`.
pub fn other_case<'k>(entry: &Entry, known: &[&'k str], diagnostics: &mut Diagnostics<'_>) -> Option<&'k str> {
    let folded =
        |text: &str| text.chars().flat_map(char::to_uppercase).flat_map(char::to_lowercase).collect::<String>();
    let key = folded(&entry.key);
    let name = known.iter().copied().find(|name| *name != entry.key && folded(name) == key)?;
    diagnostics.add(
        lints::READERS_DISAGREE,
        entry.place,
        format!("`{}` is `{name}` to the flagd daemon and nothing to other readers", entry.key.escape_debug()),
        format!("write `{name}`, or give it another name"),
    );
    Some(name)
}

/// Checks the values of `metadata`. At any but these the reader in Python drops the file with all its flags.
pub fn check_metadata(map: &Map, diagnostics: &mut Diagnostics<'_>) {
    for entry in map.iter() {
        let name = entry.key.escape_debug();
        if matches!(entry.value.data, Data::Null | Data::List(_) | Data::Map(_)) {
            let what = format!("`{name}` in `metadata`");
            wrong_type(&entry.value, &what, "a string, a number, `true` or `false`, or remove it", diagnostics);
        }
        if entry.key.is_empty() {
            let message = "a key in `metadata` is empty";
            diagnostics.add(lints::BAD_KEY, entry.place, message, "give it a name, or remove it");
        }
    }
}

/// Checks a key. flagd takes any string; here it has to look the same to everyone who approves it and to be shown as it
/// is, so it is printable ASCII without the signs that end a code span, a cell or a quotation.
pub fn check_key(key: &str, name: &str, place: Place, diagnostics: &mut Diagnostics<'_>) {
    let plain = |char: char| matches!(char, ' '..='~') && !matches!(char, '`' | '|' | '<' | '>' | '\\' | '"');
    let spaced = key.trim() != key || key.contains("  ");
    if key.is_empty() || key.len() > 200 || spaced || !key.chars().all(plain) {
        diagnostics.add(
            lints::BAD_KEY,
            place,
            format!("`{}` is not usable as a key in `{name}`", key.escape_debug()),
            "use ASCII letters, digits and signs other than backtick, `|`, `<`, `>`, `\\` and `\"`, at most 200",
        );
    }
}

pub fn unknown_variant(
    place: Place,
    message: &str,
    name: &str,
    variants: &BTreeSet<&str>,
    diagnostics: &mut Diagnostics<'_>,
) {
    /// Nobody reads more than this in a message, and comparing with all of them takes time.
    const FEW: usize = 20;
    let few = || variants.iter().copied().take(FEW);
    let remedy = match nearest(name, few()) {
        Some(meant) if !name.is_empty() => format!("write `{meant}` if that is what you mean, or add the variant"),
        _ if variants.is_empty() => "add the variant".to_owned(),
        _ if variants.len() == 1 => format!("write {}, or add the variant", choice(few())),
        _ => format!("write one of {}, or add the variant", choice(few())),
    };
    diagnostics.add(lints::UNKNOWN_VARIANT, place, format!("{message}, which is none of its variants"), remedy);
}

pub fn wrong_type(node: &Node, what: &str, expected: &str, diagnostics: &mut Diagnostics<'_>) {
    let message = format!("{what} is {}: {}", node.kind(), shown(node));
    diagnostics.add(lints::WRONG_TYPE, node.place, message, format!("write {expected}"));
}
