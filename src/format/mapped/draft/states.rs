//! States of the flags of a draft: the member that says whether they are live, by its name and its values.

use std::collections::{BTreeMap, BTreeSet};

use super::super::off_flags::off_variants;
use super::entity::{DraftScope, MemberValues, comment};
use super::places::switch_of;
use super::{always_quoted, listed, quoted, words};
use crate::document::Node;
use crate::format::names::{NameSet, may_say_on};

/// The members around the switch of a flag.
pub struct DraftAround<'a, 'n> {
    pub scope: Option<&'a DraftScope<'n>>,
    /// The members of the flag.
    pub own: &'a MemberValues<'n>,
    /// The members of each environment.
    pub inner: &'a MemberValues<'n>,
    /// The member that holds flags of their own.
    pub holds: Option<&'a str>,
    /// The member that is the key.
    pub key: Option<&'a str>,
}

impl DraftAround<'_, '_> {
    /// The words for off that variants are called by: these are no switch, but in what is called like one.
    fn off_variants(&self, switch: Option<&str>) -> BTreeSet<String> {
        let members = self.own.iter().chain(self.inner).filter(|_| !switch.is_some_and(may_say_on));
        members.flat_map(|(name, values)| values.iter().flat_map(|value| off_variants(name, value))).collect()
    }

    /// The test that a flag of which such a question holds is off: any other member of it may be a switch too, such as
    /// an override, unless its name says that it is none. `first` are the members that the question is about.
    fn off(&self, question: &str, first: &[&str], in_scope: bool, is_no_switch: fn(&str) -> bool) -> String {
        let listed = |root: &str, first: Vec<&str>, members: &MemberValues<'_>| {
            let named = members.iter().map(|(name, _)| *name).filter(|name| is_no_switch(name));
            let mut names: Vec<&str> = first;
            names.extend(named.filter(|name| words::can_be_named(name)));
            let names: Vec<String> = names.into_iter().map(quoted).collect();
            format!(
                ", {{at: {root}, members: [{}\"{{notes}}\"]}}",
                names.iter().map(|name| format!("{name}, ")).collect::<String>()
            )
        };
        let mut more = String::new();
        if in_scope && !first.is_empty() {
            let key = self.scope.and_then(|scope| scope.key.as_deref()).filter(|key| !key.starts_with('@'));
            more.push_str(&listed("\"@env\"", key.into_iter().chain(first.iter().copied()).collect(), self.inner));
        }
        let outer = self.scope.and_then(|scope| {
            let around = scope.around.as_ref().map(|(name, _)| name.as_str());
            scope.member.as_deref().or(around)
        });
        if !first.is_empty() && !in_scope || in_scope && outer.is_some() {
            // A switch next to environments may be that of all others, and each of these on by being named.
            let outer = outer.filter(|_| in_scope);
            let first = first.iter().copied().filter(|_| !in_scope).chain(outer).chain(self.holds);
            let first = first.chain(self.key.filter(|key| words::can_be_named(key))).collect();
            more.push_str(&listed("\".\"", first, self.own));
        }
        if more.is_empty() { format!("{{{question}}}") } else { format!("{{all: [{{{question}}}{more}]}}") }
    }

    /// The line for flags that are on for nobody, by the one share of users that they have.
    fn for_nobody(&self, switch: Option<&str>, in_scope: bool) -> Option<String> {
        let members = if in_scope { self.inner } else { self.own };
        let mut shares = members.iter().filter(|(name, _)| words::is_percentage(name) && words::can_be_named(name));
        let (Some((name, values)), None) = (shares.next(), shares.next()) else { return None };
        values.iter().any(|value| value.as_number().is_some()).then(|| {
            let at = if in_scope { format!("@env/{name}") } else { (*name).to_owned() };
            let first: Vec<&str> = switch.into_iter().chain([*name]).collect();
            let test = self.off(&format!("at: {}, is: 0", quoted(&at)), &first, in_scope, words::names_no_users);
            format!("      - {{when: {test}, is: inactive}}\n")
        })
    }
}

/// The questions whether a switch says one of these words: each word that a file has, and all that mean the same, in
/// the spelling of the file.
fn of_words(seen: &[&str], variants: &BTreeSet<String>) -> Vec<(&'static str, String)> {
    let said: Vec<&str> = seen.iter().copied().filter(|word| words::state(word).is_some()).collect();
    let spelled = |word: &str| {
        let all = |fits: fn(char) -> bool| {
            said.iter().all(|said| said.chars().all(|char| !char.is_alphabetic() || fits(char)))
        };
        let capital = said.iter().all(|said| said.starts_with(char::is_uppercase));
        match word.split_at_checked(1) {
            _ if all(char::is_uppercase) => word.to_uppercase(),
            Some((first, rest)) if capital => first.to_uppercase() + rest,
            _ => word.to_owned(),
        }
    };
    let mut questions = Vec::new();
    for state in ["live", "inactive", "testing"].into_iter().filter(|_| !said.is_empty()) {
        let mut names: Vec<String> =
            said.iter().filter(|word| words::state(word) == Some(state)).map(|word| (*word).to_owned()).collect();
        for word in words::words_for(state).map(spelled) {
            if !names.contains(&word) {
                names.push(word);
            }
        }
        names.retain(|name| !variants.contains(&name.to_ascii_lowercase()));
        let names: Vec<String> = names.iter().map(|name| quoted(name)).collect();
        questions.push((state, format!("in: [{}]", names.join(", "))));
    }
    questions
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
        Some(self.inside(name))
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
            text.push_str(&self.next_to_off_switch(around).unwrap_or_default());
            self.test("is: true", yes, at, around, text);
            self.test("is: false", no, at, around, text);
        }
        let name = self.member.as_ref().map(|(name, _)| name.as_str());
        let mut seen: Vec<&str> = values.iter().filter_map(|value| value.as_text()).collect();
        seen.sort_unstable();
        seen.dedup();
        for (said, question) in of_words(&seen, &around.off_variants(name)) {
            let means = match said {
                "live" if !on => "inactive",
                "inactive" if !on => "live",
                said => said,
            };
            self.test(&question, means, at, around, text);
        }
        let other: Vec<String> =
            seen.iter().filter(|word| words::state(word).is_none()).map(|word| (*word).to_owned()).collect();
        if !other.is_empty() {
            text.push_str(&format!("      # Decide: what these mean: {}.\n", listed(&other)));
        }
    }

    /// The line for flags that are off next to their one default, which all had before.
    fn next_to_default(&self, question: &str, switch: &str, around: &DraftAround<'_, '_>) -> Option<String> {
        // Of a value and a default the value is what users get.
        let default = self.one_of(NameSet::Defaults, switch, around).filter(|_| !NameSet::Defaults.has(switch))?;
        let test = around.off(question, &[switch, default], self.in_scope, |_| false);
        let notes = if self.in_scope { "\"@env/group\", \"@env/tags\", " } else { "" };
        let people = format!(", {{at: [{notes}group, tags], absent: true}}]}}");
        Some(format!("      - {{when: {}{people}, is: switched-off}}\n", test.strip_suffix("]}")?))
    }

    /// The line for flags of which one switch says on and another one off, if nothing else says true.
    fn next_to_off_switch(&self, around: &DraftAround<'_, '_>) -> Option<String> {
        let (switch, _) = self.member.as_ref().filter(|(_, on)| *on)?;
        let other = self.one_of(NameSet::OffSwitches, switch, around)?;
        let [at, other, default, any] =
            [switch.as_str(), other, "{default}", "*"].map(|name| quoted(&self.inside(name)));
        let known = format!("[{}, \"{{off-switch}}\"]", quoted(&switch.to_lowercase()));
        Some(format!(
            "      - {{when: {{all: [{{at: {at}, is: true}}, {{at: {other}, is: true}}, {{not: {{at: {default}, with: {{not: \
             {{at: \"@value\", like: \"false\"}}}}}}}}, {{not: {{at: {any}, with: {{all: [{{at: \"@value\", like: \"true\"}}, \
             {{not: {{at: \"@key\", like: {known}}}}}]}}}}}}]}}, is: switched-off}}\n"
        ))
    }

    /// The one member next to the switch whose name is of a set.
    fn one_of<'m>(&self, set: NameSet, switch: &str, around: &'m DraftAround<'_, '_>) -> Option<&'m str> {
        let members = if self.in_scope { around.inner } else { around.own };
        let mut found = members.iter().map(|(name, _)| *name).filter(|name| set.has(name) && *name != switch);
        let (one, other) = (found.next()?, found.next());
        (other.is_none() && words::can_be_named(one)).then_some(one)
    }

    /// The path of a member of what has the switch.
    fn inside(&self, name: &str) -> String {
        if self.in_scope { format!("@env/{name}") } else { name.to_owned() }
    }

    /// Writes the test of some values. That of those that are off asks for all that stands around them as well.
    fn test(&self, question: &str, state: &str, at: &str, around: &DraftAround<'_, '_>, text: &mut String) {
        if state != "inactive" {
            text.push_str(&format!("      - {{when: {{at: {at}, {question}}}, is: {state}}}\n"));
            return;
        }
        if self.alone {
            // A map in the place of a switch is asked by itself.
            let at = if self.member.is_some() { always_quoted("@value") } else { quoted(self.root()) };
            let test = around.off(&format!("at: {at}, {question}"), &[], self.in_scope, words::is_no_switch);
            text.push_str(&format!("      - {{when: {test}, is: inactive}}\n"));
        }
        if let (Some(path), Some((name, _))) = (self.path(), &self.member) {
            let question = format!("at: {}, {question}", quoted(&path));
            let test = around.off(&question, &[name], self.in_scope, words::is_no_switch);
            text.push_str(&format!("      - {{when: {test}, is: inactive}}\n"));
            // To switch it off, and to change nothing else, is free, unless something else in it says true.
            let value = always_quoted(if self.in_scope { "@env" } else { "." });
            let alone = format!("{{all: [{{{question}}}, {{not: {{at: {value}, has: true}}}}]}}");
            text.push_str(&format!("      - {{when: {alone}, is: switched-off}}\n"));
            text.push_str(&self.next_to_default(&question, name, around).unwrap_or_default());
        }
    }
}

/// Writes when flags are live. Returns the member that says so, and whether the environments have it.
pub fn live(flags: &[&Node], around: &DraftAround<'_, '_>, text: &mut String) -> Option<(String, bool)> {
    // The name of an environment in a list says nothing of whether it is on.
    let listed = around.scope.is_some_and(|scope| scope.key.as_deref() == Some("@value"));
    let inner = around.scope.filter(|_| !listed).map(|scope| scope.members.as_slice()).unwrap_or_default();
    let switch = DraftSwitch::of(flags, inner);
    let Some(at) = switch.at() else {
        let sentences = !switch.nodes.is_empty() && switch.nodes.iter().all(|node| super::is_sentence(node));
        undecided(around.scope.is_none() && sentences, around, text);
        return None;
    };
    comment(
        text,
        "Decide: whether this is what makes it live. A flag for which no test holds is unknown, and counts \
             as live.",
    );
    if switch.member.is_some() || switch.in_scope {
        comment(text, "With members that are not listed it is not known to be off; add those that switch nothing on.");
    }
    text.push_str("    live:\n");
    let name = switch.member.as_ref().map(|(name, _)| name.as_str());
    text.push_str(&around.for_nobody(name, switch.in_scope).unwrap_or_default());
    switch.tests(&at, around, text);
    text.push_str("      - {when: always, is: unknown}\n");
    let in_scope = switch.in_scope;
    switch.member.map(|(name, _)| (name, in_scope))
}

/// Writes that nothing says when flags are live; `sentences` says that they are nothing but descriptions.
fn undecided(sentences: bool, around: &DraftAround<'_, '_>, text: &mut String) {
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
        text.push_str("    live:\n");
        text.push_str(&around.for_nobody(None, false).unwrap_or_default());
        text.push_str("      - {when: always, is: unknown}\n");
    }
}

/// Whether a value by itself says whether a flag is on.
fn says_state(node: &Node) -> bool {
    node.as_bool().is_some() || node.as_text().is_some_and(|word| words::state(word).is_some())
}
