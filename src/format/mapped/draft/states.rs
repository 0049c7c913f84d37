//! When the flags of a draft are live: the member that says so, by its name and its values.

use std::collections::BTreeMap;

use super::entity::{DraftScope, MemberValues, comment};
use super::places::switch_of;
use super::{always_quoted, listed, quoted, words};
use crate::document::Node;

/// The members around the switch of a flag.
pub struct DraftAround<'a, 'n> {
    pub scope: Option<&'a DraftScope<'n>>,
    /// The members of the flag.
    pub own: &'a MemberValues<'n>,
    /// The members of each environment.
    pub inner: &'a MemberValues<'n>,
    /// The member that holds flags of their own.
    pub holds: Option<&'a str>,
}

impl DraftAround<'_, '_> {
    /// The test that a flag whose switch has such a value is off: any other member of it may be
    /// a switch too, such as an override, unless its name says that it is none.
    fn off(&self, at: &str, value: &str, member: Option<&str>, in_scope: bool) -> String {
        let own = |name: &str| format!("{{at: {at}, is: {value}}}{name}");
        let listed = |root: &str, first: Vec<&str>, members: &MemberValues<'_>| {
            let named = members.iter().map(|(name, _)| *name).filter(|name| words::is_no_switch(name));
            let names: Vec<&str> = first.into_iter().chain(named.filter(|name| words::can_be_named(name))).collect();
            let names: Vec<String> = names.into_iter().map(quoted).collect();
            format!(
                ", {{at: {root}, members: [{}\"{{notes}}\"]}}",
                names.iter().map(|name| format!("{name}, ")).collect::<String>()
            )
        };
        let mut more = String::new();
        if let Some(member) = member.filter(|_| in_scope) {
            let key = self.scope.and_then(|scope| scope.key.as_deref()).filter(|key| !key.starts_with('@'));
            more.push_str(&listed("\"@env\"", key.into_iter().chain([member]).collect(), self.inner));
        }
        let outer = self.scope.and_then(|scope| {
            let around = scope.around.as_ref().map(|(name, _)| name.as_str());
            scope.member.as_deref().or(around)
        });
        if member.is_some() && !in_scope || in_scope && outer.is_some() {
            let first = member.filter(|_| !in_scope).into_iter().chain(outer).chain(self.holds).collect();
            more.push_str(&listed("\".\"", first, self.own));
        }
        if more.is_empty() { own("") } else { format!("{{all: [{}]}}", own(&more)) }
    }
}

/// Writes when flags are live. Returns the member that says so, and whether the environments have it.
pub fn live(flags: &[&Node], around: &DraftAround<'_, '_>, text: &mut String) -> Option<(String, bool)> {
    let scope = around.scope;
    let inner: &[&Node] = scope.map(|scope| scope.members.as_slice()).unwrap_or_default();
    let most = |nodes: &[&Node]| {
        let mut names: BTreeMap<(&str, bool), usize> = BTreeMap::new();
        for switch in nodes.iter().filter_map(|node| switch_of(node)) {
            *names.entry(switch).or_default() += 1;
        }
        names.into_iter().max_by_key(|(_, count)| *count).map(|((name, on), _)| (name.to_owned(), on))
    };
    let scalar = |nodes: &[&Node]| nodes.iter().any(|node| says_state(node));
    let (nodes, root, in_scope) = match () {
        () if most(inner).is_some() || scalar(inner) => (inner, "@env", true),
        () => (flags, ".", false),
    };
    let switch = most(nodes);
    let member = switch.as_ref().map(|(name, _)| if in_scope { format!("@env/{name}") } else { name.clone() });
    let mut at: Vec<String> = member.iter().map(|path| quoted(path)).collect();
    if scalar(nodes) {
        at.push(quoted(root));
    }
    let at = match at.as_slice() {
        [] if scope.is_none() && !nodes.is_empty() && nodes.iter().all(|node| super::is_sentence(node)) => {
            comment(text, "Decide: whether these are descriptions only, and another place says which of them are on.");
            text.push_str("    live:\n      - {when: {at: \"@value\", sentence: true}, is: declared}\n");
            text.push_str("      - {when: always, is: unknown}\n    fields: {meta: \"@value\"}\n");
            return None;
        }
        [] => {
            comment(
                text,
                "Decide: when it is live, such as `{when: {at: enabled, is: true}, is: live}`. Until then every flag \
                 is.",
            );
            text.push_str("    live: [unknown]\n");
            return None;
        }
        [one] => one.clone(),
        several => format!("[{}]", several.join(", ")),
    };
    let on = switch.as_ref().is_none_or(|(_, on)| *on);
    let name = switch.as_ref().map(|(name, _)| name.as_str());
    let values: Vec<&Node> = nodes
        .iter()
        .filter_map(|node| name.and_then(|name| node.get(name)).or_else(|| says_state(node).then_some(*node)))
        .collect();
    comment(text, "Decide: whether this is what makes it live. What no test holds for is unknown, and counts as live.");
    if switch.is_some() || in_scope {
        comment(text, "With members that are not listed it is not known to be off; add those that switch nothing on.");
    }
    text.push_str("    live:\n");
    let mut state = |value: &str, state: &str| {
        if state != "inactive" {
            text.push_str(&format!("      - {{when: {{at: {at}, is: {value}}}, is: {state}}}\n"));
            return;
        }
        if scalar(nodes) {
            // A map in the place of a switch is asked by itself.
            let at = if switch.is_some() { always_quoted("@value") } else { quoted(root) };
            let test = around.off(&at, value, None, in_scope);
            text.push_str(&format!("      - {{when: {test}, is: inactive}}\n"));
        }
        if let (Some(path), Some((name, _))) = (&member, &switch) {
            let test = around.off(&quoted(path), value, Some(name), in_scope);
            text.push_str(&format!("      - {{when: {test}, is: inactive}}\n"));
        }
    };
    if values.iter().any(|value| value.as_bool().is_some()) {
        let (yes, no) = if on { ("live", "inactive") } else { ("inactive", "live") };
        state("true", yes);
        state("false", no);
    }
    let mut seen: Vec<&str> = values.iter().filter_map(|value| value.as_text()).collect();
    seen.sort_unstable();
    seen.dedup();
    for word in &seen {
        if let Some(said) = words::state(word) {
            let means = if on || said == "testing" {
                said
            } else if said == "live" {
                "inactive"
            } else {
                "live"
            };
            state(&quoted(word), means);
        }
    }
    let other: Vec<String> =
        seen.iter().filter(|word| words::state(word).is_none()).map(|word| (*word).to_owned()).collect();
    if !other.is_empty() {
        text.push_str(&format!("      # Decide: what these mean: {}.\n", listed(&other)));
    }
    text.push_str("      - {when: always, is: unknown}\n");
    switch.map(|(name, _)| (name, in_scope))
}

/// Whether a value by itself says whether a flag is on.
fn says_state(node: &Node) -> bool {
    node.as_bool().is_some() || node.as_text().is_some_and(|word| words::state(word).is_some())
}
