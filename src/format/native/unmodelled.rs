//! Differences of a native flag that bear on users and that no share describes, beyond those its rows name: sticky
//! bucketing that ends, a start that is waited for, variants with another payload, users included by name.

use std::collections::BTreeSet;

use super::exposure::string;
use crate::diagnostics::words::counted;
use crate::diagnostics::words::in_backticks;
use crate::document::Node;
use crate::flag::Flag;
use crate::impact::{FlagSides, Lifecycle, revalued};

/// Adds a sentence for each.
pub fn add(sides: &FlagSides<'_>, out: &mut Vec<String>) {
    if let (Lifecycle::Active, Some(before), Some(after)) = (sides.lifecycle, sides.before, sides.after) {
        if sticky(before) && !sticky(after) {
            out.push("users who kept an older variant until now, as sticky bucketing ends".into());
        }
        out.extend(waiting(before, after).map(str::to_owned));
        other_payloads(before, after, out);
    }
    // Inclusions have no effect while a flag is not served; in testing it is served to testers.
    let tested = |flag: &&Flag| flag.state.live || flag.state.word == "testing";
    inclusions(sides.before.filter(tested), sides.after.filter(tested), out);
}

/// Whether users keep the variant they once got. Local evaluation remembers nobody.
pub fn sticky(flag: &Flag) -> bool {
    flag.get("stickyBucketing").and_then(Node::as_bool) == Some(true) && string(flag, "evaluationMode") != Some("local")
}

/// Variants with another payload whose users are not all in the shares: some have it by name, or keep it.
fn other_payloads(before: &Flag, after: &Flag, out: &mut Vec<String>) {
    let revalued = revalued(before, after);
    let keeps = sticky(before) || sticky(after);
    let named = |variant: &Node| variant.get("inclusions").and_then(Node::as_map).is_some_and(|map| !map.0.is_empty());
    let items = before.variant_items().chain(after.variant_items());
    let others =
        items.filter(|(key, variant)| key.is_some_and(|key| revalued.contains(key)) && (keeps || named(variant)));
    let keys: BTreeSet<&str> = others.filter_map(|(key, _)| key).collect();
    if let Some(key) = keys.first() {
        let more = if keys.len() > 1 {
            format!(", and {}", counted(keys.len() as u64 - 1, "more variant"))
        } else {
            String::new()
        };
        out.push(format!("users who have {} by name or keep it get something else{more}", in_backticks(key)));
    }
}

/// Two lifecycle words for live, of which one waits.
fn waiting(before: &Flag, after: &Flag) -> Option<&'static str> {
    match (before.state.word.as_str(), after.state.word.as_str()) {
        ("scheduled", "scheduled") => None,
        ("scheduled", _) => Some("it no longer waits for `startDate`"),
        (_, "scheduled") => Some("it waits for `startDate`, and until then nobody is served"),
        _ => None,
    }
}

/// Users who get a variant by name whatever the rest of the file says. They are no part of a segment, and cohorts are
/// of any size.
fn inclusions(before: Option<&Flag>, after: Option<&Flag>, out: &mut Vec<String>) {
    let of = |flag: Option<&Flag>, kind: &str| -> BTreeSet<(String, String)> {
        let each = flag.into_iter().flat_map(Flag::variant_items).flat_map(|(key, variant)| {
            let key = key.unwrap_or("?");
            let ids =
                variant.get("inclusions").and_then(|node| node.get(kind)).and_then(Node::as_list).unwrap_or_default();
            ids.iter().filter_map(Node::as_text).map(move |id| (key.to_owned(), id.to_owned()))
        });
        each.collect()
    };
    for (kind, one, many) in [("users", "user", "users"), ("cohorts", "cohort", "cohorts")] {
        let (old, new) = (of(before, kind), of(after, kind));
        let count = |number: usize| if number == 1 { format!("1 {one}") } else { format!("{number} {many}") };
        let (more, fewer) = (new.difference(&old).count(), old.difference(&new).count());
        if more > 0 {
            out.push(format!("{} more by name, whatever the rest says", count(more)));
        }
        if fewer > 0 {
            out.push(format!("{} no longer by name", count(fewer)));
        }
    }
}
