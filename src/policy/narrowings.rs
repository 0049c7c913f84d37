//! `sections` of `config.yaml`: the conditions that narrow sections of APPROVERS, and numbers of days.

use std::collections::BTreeMap;

use super::config::{Narrowing, rule_ids};
use super::typed::{NarrowingSection, Sections};
use crate::diagnostics::{Diagnostics, lints};
use crate::document::Node;
use crate::groups::Share;

/// The narrowing of each section, by its folded name.
pub(super) fn narrowings(sections: &Sections<'_>, diagnostics: &mut Diagnostics<'_>) -> BTreeMap<String, Narrowing> {
    let mut narrowings = BTreeMap::new();
    for (section, entry) in sections.each::<NarrowingSection>("sections", diagnostics) {
        let when = section.when.as_ref();
        let mut share = |text: Option<&String>, name: &str| {
            let node = entry.value.get("when").and_then(|when| when.get(name))?;
            bound(text?, node, name, diagnostics)
        };
        let affected = share(when.and_then(|when| when.affected.as_ref()), "affected");
        let exposed = share(when.and_then(|when| when.exposed.as_ref()), "exposed");
        let ids = |only: &Vec<String>| rule_ids(Some(only), entry.value.get("only"), false, diagnostics);
        let only = section.only.as_ref().map(ids);
        let written = when.and_then(|when| when.within.as_ref());
        let within = written.zip(entry.value.get("when").and_then(|when| when.get("within")));
        let within = within.and_then(|(text, node)| days(text, node, "within", diagnostics));
        let scopes = section.scopes.clone();
        let narrowing = Narrowing { only, affected, exposed, scopes, known_scopes: Vec::new(), within };
        let name = entry.key.escape_debug();
        let unbounded = when.is_some_and(|when| when.affected.is_none() && when.exposed.is_none());
        let (message, remedy) = if unbounded {
            (format!("`when` of `{name}` has no bound"), "write one such as `affected: \"> 5%\"` into it, or remove it")
        } else {
            let message = format!("`{name}` is listed under `sections` and not narrowed");
            (message, "add `only:` with ids of rules, `when:` with a bound or `scopes:`, or remove it")
        };
        let nothing = section.only.is_none() && when.is_none() && section.scopes.is_none();
        if unbounded || nothing || section.scopes.as_ref().is_some_and(Vec::is_empty) {
            diagnostics.add(lints::MISSING_FIELD, entry.place, message, remedy);
        }
        if narrowings.insert(entry.key.to_lowercase(), narrowing).is_some() {
            diagnostics.add(
                lints::DUPLICATE_KEY,
                entry.place,
                format!("`{}` stands twice, in another spelling", entry.key.escape_debug()),
                "merge the two",
            );
        }
    }
    let known: Vec<String> = narrowings.values().filter_map(|one| one.scopes.clone()).flatten().collect();
    for narrowing in narrowings.values_mut().filter(|one| one.scopes.is_some()) {
        narrowing.known_scopes.clone_from(&known);
    }
    narrowings
}

/// A bound as people write it: `> 5%`.
fn bound(text: &str, node: &Node, name: &str, diagnostics: &mut Diagnostics<'_>) -> Option<Share> {
    let percent = text.trim().strip_prefix('>').and_then(|text| text.trim().strip_suffix('%'));
    let share = percent
        .and_then(|percent| crate::document::Decimal::parse(percent.trim()))
        .and_then(|number| Share::percent(&number));
    let what = match share {
        None => "no bound",
        // Not even everyone is more than that.
        Some(Share::EVERYONE) => "never passed",
        Some(_) => return share,
    };
    let message = format!("`{name}` is {}, which is {what}", crate::document::shape::shown(node));
    let remedy = "write a percentage from 0 to less than 100 with at most twelve decimals, such as `\"> 5%\"`";
    diagnostics.add(lints::OUT_OF_RANGE, node.place, message, remedy);
    None
}

/// More days than anybody waits: a century.
const MOST_DAYS: u32 = 36_500;

/// A number of days as people write it: `14d`.
pub(super) fn days(text: &str, node: &Node, name: &str, diagnostics: &mut Diagnostics<'_>) -> Option<u32> {
    let days =
        text.strip_suffix('d').and_then(|days| days.parse::<u32>().ok()).filter(|days| (1..=MOST_DAYS).contains(days));
    if days.is_none() {
        diagnostics.add(
            lints::OUT_OF_RANGE,
            node.place,
            format!("`{name}` is {}, which is no number of days from 1 to {MOST_DAYS}", node.json()),
            "write a number of days such as `14d`",
        );
    }
    days
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostics::Place;

    #[test]
    fn days_are_so_many_as_a_date_can_have() {
        for (text, number) in
            [("14d", Some(14)), ("36500d", Some(36_500)), ("36501d", None), ("99999999d", None), ("0d", None)]
        {
            let mut diagnostics = Diagnostics::of("config.yaml");
            let node = Node::text(Place::START, text.to_owned());
            assert_eq!(days(text, &node, "review-within", &mut diagnostics), number, "{text}");
            assert_eq!(diagnostics.any_error(), number.is_none(), "{text}");
        }
    }
}
