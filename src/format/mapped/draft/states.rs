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

/// The values of some flags that say whether these are on.
struct DraftSwitch<'a, 'n> {
    nodes: &'a [&'n Node],
    /// Whether the environments have it.
    in_scope: bool,
    /// The member that most have, and whether it says that they are on, not that they are off.
    member: Option<(String, bool)>,
    /// Whether a value by itself says so.
    alone: bool,
}

impl<'a, 'n> DraftSwitch<'a, 'n> {
    fn of(flags: &'a [&'n Node], inner: &'a [&'n Node]) -> Self {
        let most = |nodes: &[&Node]| {
            let mut names: BTreeMap<(&str, bool), usize> = BTreeMap::new();
            for switch in nodes.iter().filter_map(|node| switch_of(node)) {
                *names.entry(switch).or_default() += 1;
            }
            names.into_iter().max_by_key(|(_, count)| *count).map(|((name, on), _)| (name.to_owned(), on))
        };
        let alone = |nodes: &[&Node]| nodes.iter().any(|node| says_state(node));
        let in_scope = most(inner).is_some() || alone(inner);
        let nodes = if in_scope { inner } else { flags };
        DraftSwitch { nodes, in_scope, member: most(nodes), alone: alone(nodes) }
    }

    fn root(&self) -> &'static str {
        if self.in_scope { "@env" } else { "." }
    }

    /// The path of the member.
    fn path(&self) -> Option<String> {
        let (name, _) = self.member.as_ref()?;
        Some(if self.in_scope { format!("@env/{name}") } else { name.clone() })
    }

    /// All paths that say so; none if nothing does.
    fn at(&self) -> Option<String> {
        let mut at: Vec<String> = self.path().iter().map(|path| quoted(path)).collect();
        if self.alone {
            at.push(quoted(self.root()));
        }
        match at.as_slice() {
            [] => None,
            [one] => Some(one.clone()),
            several => Some(format!("[{}]", several.join(", "))),
        }
    }

    fn values(&self) -> Vec<&'n Node> {
        let name = self.member.as_ref().map(|(name, _)| name.as_str());
        let own = |node: &&'n Node| says_state(node).then_some(*node);
        self.nodes.iter().filter_map(|node| name.and_then(|name| node.get(name)).or_else(|| own(node))).collect()
    }

    /// Writes the tests of all values.
    fn tests(&self, at: &str, around: &DraftAround<'_, '_>, text: &mut String) {
        let on = self.member.as_ref().is_none_or(|(_, on)| *on);
        let values = self.values();
        if values.iter().any(|value| value.as_bool().is_some()) {
            let (yes, no) = if on { ("live", "inactive") } else { ("inactive", "live") };
            self.test("true", yes, at, around, text);
            self.test("false", no, at, around, text);
        }
        let mut seen: Vec<&str> = values.iter().filter_map(|value| value.as_text()).collect();
        seen.sort_unstable();
        seen.dedup();
        for word in &seen {
            let Some(said) = words::state(word) else { continue };
            let means = match said {
                _ if on || said == "testing" => said,
                "live" => "inactive",
                _ => "live",
            };
            self.test(&quoted(word), means, at, around, text);
        }
        let other: Vec<String> =
            seen.iter().filter(|word| words::state(word).is_none()).map(|word| (*word).to_owned()).collect();
        if !other.is_empty() {
            text.push_str(&format!("      # Decide: what these mean: {}.\n", listed(&other)));
        }
    }

    /// Writes the test of one value. That of one that is off asks for all that stands around it as well.
    fn test(&self, value: &str, state: &str, at: &str, around: &DraftAround<'_, '_>, text: &mut String) {
        if state != "inactive" {
            text.push_str(&format!("      - {{when: {{at: {at}, is: {value}}}, is: {state}}}\n"));
            return;
        }
        if self.alone {
            // A map in the place of a switch is asked by itself.
            let at = if self.member.is_some() { always_quoted("@value") } else { quoted(self.root()) };
            let test = around.off(&at, value, None, self.in_scope);
            text.push_str(&format!("      - {{when: {test}, is: inactive}}\n"));
        }
        if let (Some(path), Some((name, _))) = (self.path(), &self.member) {
            let test = around.off(&quoted(&path), value, Some(name), self.in_scope);
            text.push_str(&format!("      - {{when: {test}, is: inactive}}\n"));
        }
    }
}

/// Writes when flags are live. Returns the member that says so, and whether the environments have it.
pub fn live(flags: &[&Node], around: &DraftAround<'_, '_>, text: &mut String) -> Option<(String, bool)> {
    let inner: &[&Node] = around.scope.map(|scope| scope.members.as_slice()).unwrap_or_default();
    let switch = DraftSwitch::of(flags, inner);
    let Some(at) = switch.at() else {
        let sentences = !switch.nodes.is_empty() && switch.nodes.iter().all(|node| super::is_sentence(node));
        undecided(around.scope.is_none() && sentences, text);
        return None;
    };
    comment(text, "Decide: whether this is what makes it live. What no test holds for is unknown, and counts as live.");
    if switch.member.is_some() || switch.in_scope {
        comment(text, "With members that are not listed it is not known to be off; add those that switch nothing on.");
    }
    text.push_str("    live:\n");
    switch.tests(&at, around, text);
    text.push_str("      - {when: always, is: unknown}\n");
    let in_scope = switch.in_scope;
    switch.member.map(|(name, _)| (name, in_scope))
}

/// Writes that nothing says when flags are live; `sentences` says that they are nothing but descriptions.
fn undecided(sentences: bool, text: &mut String) {
    if sentences {
        comment(text, "Decide: whether these are descriptions only, and another place says which of them are on.");
        text.push_str("    live:\n      - {when: {at: \"@value\", sentence: true}, is: declared}\n");
        text.push_str("      - {when: always, is: unknown}\n    fields: {meta: \"@value\"}\n");
    } else {
        comment(
            text,
            "Decide: when it is live, such as `{when: {at: enabled, is: true}, is: live}`. Until then every flag \
             is.",
        );
        text.push_str("    live: [unknown]\n");
    }
}

/// Whether a value by itself says whether a flag is on.
fn says_state(node: &Node) -> bool {
    node.as_bool().is_some() || node.as_text().is_some_and(|word| words::state(word).is_some())
}
