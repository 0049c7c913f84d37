//! One entity of a draft: where its flags are, what they are called, when they are live, and what their parts mean.

use std::collections::BTreeMap;

use super::super::notes::is_note;
use super::places::{FlagPlace, PlaceForm, identifier};
use super::states::{DraftAround, live};
use super::{DraftDepth, DraftKeys, always_quoted, listed, quoted, quoted_key, words};
use crate::document::{Data, Map, Node};
use crate::format::names::item_name_rank;

/// A line of a comment above what a person has to decide.
pub fn comment(text: &mut String, line: &str) {
    text.push_str(&format!("    # {line}\n"));
}

/// The environments of flags.
pub struct DraftScope<'n> {
    pub at: String,
    /// The member that says what an environment is called, if they are a list.
    pub key: Option<String>,
    /// The flags of each environment.
    pub members: Vec<&'n Node>,
    /// The member of the flag in which they are.
    pub member: Option<String>,
    /// The member of the flag around that of the environments, and their name in it.
    pub around: Option<(String, String)>,
}

/// How many parts a field has at most; those that follow are left to what no field has.
const MOST_PARTS: usize = 20;

/// Members of flags, each with its values, in the order in which they come.
pub type MemberValues<'n> = Vec<(&'n str, Vec<&'n Node>)>;

/// An entity as lines of a mapping. `of_file` says that the name of the file may have an environment.
pub fn entity(place: &FlagPlace<'_>, depth: DraftDepth, keys: DraftKeys, of_file: bool) -> String {
    let mut text = String::new();
    let flags: Vec<&Node> = place.flags.iter().map(|(_, flag)| *flag).collect();
    let maps: Vec<&Node> = flags.iter().copied().filter(|flag| flag.as_map().is_some()).collect();
    let key_member = write_names(place, &flags, (keys, of_file), &mut text);
    let scope = if depth == DraftDepth::Fields && !place.part && !place.by_environment { scope(&maps) } else { None };
    let scope = scope.as_ref();
    if let Some(scope) = scope {
        write_each(scope, &mut text);
    }
    let mut taken: Vec<String> = key_member.iter().cloned().chain(place.holds.clone()).collect();
    taken.extend(scope.and_then(|scope| scope.member.clone()));
    let mut own = members(&maps);
    let inner_maps: Vec<&Node> =
        scope.iter().flat_map(|scope| &scope.members).copied().filter(|node| node.as_map().is_some()).collect();
    let mut inner = members(&inner_maps);
    if !place.part {
        comment(&mut text, "Decide: of flags whose names say that they take something away, whether they do.");
        text.push_str(&gives_back(scope));
        // Of each environment, and of the flag around them.
        let (people, notes) = match scope {
            Some(_) => ("\"@env/users\", \"@env/groups\", \"@env/segments\", ", "\"@env/group\", \"@env/tags\", "),
            None => ("", ""),
        };
        text.push_str(&format!(
            "    lets-in: [{people}users, groups, segments]\n    may-let-in: [{notes}group, tags]\n"
        ));
        if keys != DraftKeys::Own || !is_list_of_flags(place) {
            comment(
                &mut text,
                "Decide: whether one that goes is off; until then nobody knows what holds in its place.",
            );
            text.push_str("    absent: unknown\n");
        }
    }
    if !place.part && depth == DraftDepth::Places {
        text.push_str("    live: [unknown]\n");
    } else if !place.part {
        let around =
            DraftAround { scope, own: &own, inner: &inner, holds: place.holds.as_deref(), key: key_member.as_deref() };
        match live(&flags, &around, &mut text) {
            Some((name, true)) => inner.retain(|(member, _)| *member != name),
            Some((name, false)) => own.retain(|(member, _)| *member != name),
            None => {}
        }
    }
    own.retain(|(name, _)| !taken.iter().any(|taken| taken == name));
    if scope.is_some_and(|scope| scope.member.is_none() && scope.around.is_none()) {
        own.retain(|(name, _)| !words::is_one_environment(name));
    }
    inner.retain(|(name, _)| scope.and_then(|scope| scope.key.as_deref()) != Some(*name));
    // Another name of an item, by which readers may know it, is no note.
    let is_item = matches!(place.form, PlaceForm::Items(_)) && key_member.is_some();
    let (names, mut own): (MemberValues<'_>, _) =
        own.into_iter().partition(|(name, _)| is_item && item_name_rank(name).is_some());
    let mut fields = DraftFields::default();
    if depth == DraftDepth::Fields {
        fields.take_all(&mut own, &mut inner, scope);
    }
    text.push_str(&fields.text());
    own.extend(names);
    write_left(&own, &inner, &mut text);
    text + "    rest: unknown\n"
}

/// The lines for what users get back where a flag ends: by its name, or by a default around its environments.
fn gives_back(scope: Option<&DraftScope<'_>>) -> String {
    const NAME: &str = "{at: \"@key\", like: \"{takes-away}\"}";
    let Some(scope) = scope else { return format!("    gives-back: {NAME}\n") };
    let member = scope.member.as_deref().or(scope.around.as_ref().map(|(name, _)| name.as_str()));
    let member = quoted(member.unwrap_or("{environment}"));
    format!(
        "    gives-back:\n      any:\n        - {NAME}\n        # The default of the flag may hold where an environment is \
         off; some had it not, unless nothing divides users.\n        - all:\n            - {{at: \"{{default}}\", with: \
         {{all: [{{at: \"@value\", like: \"*\"}}, {{not: {{at: \"@value\", like: [\"false\", \"0\"]}}}}]}}}}\n            \
         - {{at: [\"@env/default\", \"@env/defaultValue\", \"@env/default_value\"], absent: true}}\n            \
         - {{not: {{all: [{{at: value, absent: false}}, {{at: \"@env/value\", absent: false}}]}}}}\n            \
         - {{not: {{at: \"@env\", like: \"*\"}}}}\n            - not:\n                all:\n                  \
         - {{at: \"@env\", members: [\"{{switch}}\", \"{{off-switch}}\", \"{{notes}}\"]}}\n                  \
         - {{at: \".\", members: [\"{{switch}}\", \"{{default}}\", \"{{notes}}\", {member}]}}\n                  \
         - {{at: [\"@env/group\", \"@env/tags\", group, tags], absent: true}}\n"
    )
}

/// Whether all names around the flags are those of lists of flags. Under another name, such as `overrides`, they may be
/// exceptions from others, or people.
fn is_list_of_flags(place: &FlagPlace<'_>) -> bool {
    place.path.iter().all(|name| name == "*" || words::holds_flags_here(name))
}

/// Writes where flags are and how they are called. Returns the member that has the key.
fn write_names(
    place: &FlagPlace<'_>,
    flags: &[&Node],
    (keys, of_file): (DraftKeys, bool),
    text: &mut String,
) -> Option<String> {
    let (key, key_member) = key(place, flags);
    text.push_str(&format!("  - at: {}\n", quoted(&at(place))));
    let switches: Vec<String> =
        place.switches.iter().map(|name| format!("{{at: {}, absent: false}}", quoted(name))).collect();
    match switches.as_slice() {
        [] => {}
        [one] => text.push_str(&format!("    where: {one}\n")),
        several => text.push_str(&format!("    where: {{any: [{}]}}\n", several.join(", "))),
    }
    if place.part {
        comment(text, "Parts that flags use: every change of one needs approval.");
        text.push_str("    kind: segment\n");
    }
    let around =
        place.path.iter().filter(|step| *step != "*").map(|step| format!("{}, ", always_quoted(&format!("={step}"))));
    let around: String =
        around.filter(|_| keys == DraftKeys::ByPlace && !place.by_environment && !key.starts_with('[')).collect();
    let key = if around.is_empty() { key } else { format!("[{around}{key}]") };
    text.push_str(&format!("    key: {key}\n"));
    match (of_file, place.by_environment) {
        (true, true) => text.push_str("    scope: [\"@file-scope\", \"@key0\"]\n"),
        (true, false) => text.push_str("    scope: \"@file-scope\"\n"),
        (false, true) => text.push_str("    scope: \"@key0\"\n"),
        (false, false) => {}
    }
    key_member
}

/// Writes the environments of flags, and that what stands next to them is for all.
fn write_each(scope: &DraftScope<'_>, text: &mut String) {
    comment(text, "One flag for each of these. Decide: whether users of one get nothing of another.");
    comment(text, "The members next to them are one flag more, for all, unless `others` goes.");
    let key = scope.key.iter().map(|key| format!(", key: {}", quoted(key))).collect::<String>();
    let around = scope.around.iter().map(|(name, _)| format!(", {}", always_quoted(&format!("{name}/{{rest}}"))));
    let others = format!("[\"{{switch}}\", \"{{rest}}\"{}]", around.collect::<String>());
    text.push_str(&format!("    each: {{at: {}{key}, others: {others}}}\n", quoted(&scope.at)));
}

/// Writes which members no field has.
fn write_left(own: &[(&str, Vec<&Node>)], inner: &[(&str, Vec<&Node>)], text: &mut String) {
    let left = own.iter().map(|(name, _)| (*name).to_owned());
    let mut left: Vec<String> = left.chain(inner.iter().map(|(name, _)| format!("@env/{name}"))).collect();
    left.dedup();
    if !left.is_empty() {
        comment(text, &format!("No field has these: {}.", listed(&left)));
        comment(text, "Decide: name them under `fields`; until then any change of them needs approval on a live flag.");
    }
}

/// The path of the flags.
fn at(place: &FlagPlace<'_>) -> String {
    let mut path = place.path.clone();
    match &place.form {
        PlaceForm::Whole => path.push(".".to_owned()),
        PlaceForm::Members | PlaceForm::Items(None) => path.push("*".to_owned()),
        PlaceForm::Items(Some(inner)) => path.extend(["*".to_owned(), inner.clone()]),
    }
    path.join("/")
}

/// The key of the flags, and the member that it is.
fn key(place: &FlagPlace<'_>, flags: &[&Node]) -> (String, Option<String>) {
    let member = identifier(flags);
    match (&place.form, member) {
        (PlaceForm::Members, _) if place.nested.is_some() => {
            let around = if place.path.iter().any(|step| step == "*") { "@key0" } else { "@file" };
            (format!("[\"{around}\", \"@key\"]"), None)
        }
        (PlaceForm::Members, _) => ("\"@key\"".to_owned(), None),
        (PlaceForm::Whole, Some(member)) => (format!("[[{}, \"@file\"]]", quoted(&member)), Some(member)),
        (PlaceForm::Whole, None) => ("\"@file\"".to_owned(), None),
        (PlaceForm::Items(_), Some(member)) => (quoted(&member), Some(member)),
        (PlaceForm::Items(_), None) if flags.iter().all(|flag| flag.as_text().is_some()) => {
            ("\"@value\"".to_owned(), None)
        }
        // The number of the item.
        (PlaceForm::Items(_), None) => ("\"@key\"".to_owned(), None),
    }
}

fn members<'n>(maps: &[&'n Node]) -> MemberValues<'n> {
    let mut found: MemberValues<'n> = Vec::new();
    let mut known: BTreeMap<&str, usize> = BTreeMap::new();
    for entry in maps.iter().filter_map(|map| map.as_map()).flat_map(Map::iter) {
        let at = *known.entry(&entry.key).or_insert(found.len());
        match found.get_mut(at) {
            Some((_, values)) => values.push(&entry.value),
            None => found.push((&entry.key, vec![&entry.value])),
        }
    }
    found
}

/// The environments that flags are divided by, if most of them are.
fn scope<'n>(maps: &[&'n Node]) -> Option<DraftScope<'n>> {
    let most = |count: usize| count * 2 > maps.len();
    for (name, values) in members(maps).into_iter().filter(|(name, _)| words::can_be_named(name)) {
        let environments = |node: &&Node| {
            node.as_map()
                .is_some_and(|map| !map.0.is_empty() && map.iter().all(|entry| words::is_environment(&entry.key)))
        };
        let listed = |node: &Node| {
            let named = |item: &Node| item.as_text().is_some_and(words::is_environment);
            words::is_on_in(name) && node.as_list().is_some_and(|items| items.iter().all(named))
        };
        let held = |node: &&Node| (words::is_scope(name) || listed(node)) && !node_members(node).is_empty();
        if !most(values.iter().filter(|node| environments(node) || held(node)).count()) {
            continue;
        }
        let lists = values.iter().all(|node| node.as_list().is_some());
        let members: Vec<&Node> = values.iter().flat_map(|node| node_members(node)).collect();
        let key = match identifier(&members) {
            Some(key) if lists => Some(key),
            _ if lists && members.iter().all(|node| node.as_text().is_some()) => Some("@value".to_owned()),
            _ if lists => continue,
            _ => None,
        };
        return Some(DraftScope { at: format!("{name}/*"), key, members, member: Some(name.to_owned()), around: None });
    }
    if let Some(scope) = scope_of_filter(maps) {
        return Some(scope);
    }
    let named = |map: &&Node| {
        map.as_map().is_some_and(|map| !map.0.is_empty() && map.iter().all(|entry| words::is_environment(&entry.key)))
    };
    let surely = |map: &&Node| map.as_map().is_some_and(words::has_environments);
    let at = match () {
        () if maps.is_empty() => return None,
        () if maps.iter().all(surely) => "{environment}",
        () if maps.iter().all(named) => "*",
        () => return None,
    };
    let entries = maps.iter().filter_map(|map| map.as_map()).flat_map(Map::iter);
    let members = entries.filter(|entry| words::is_one_environment(&entry.key)).map(|entry| &entry.value).collect();
    Some(DraftScope { at: at.to_owned(), key: None, members, member: None, around: None })
}

/// Environments that a filter of most flags names, such as the channels of a study.
fn scope_of_filter<'n>(maps: &[&'n Node]) -> Option<DraftScope<'n>> {
    let filters = members(maps).into_iter().filter(|(name, _)| words::field(name) == Some("segments"));
    for (name, values) in filters.filter(|(name, _)| words::can_be_named(name)) {
        let inner = members(&values).into_iter().filter(|(name, _)| words::is_scope(name));
        let listed = inner.filter(|(_, lists)| {
            let texts =
                |node: &&&Node| node.as_list().is_some_and(|items| items.iter().all(|one| one.as_text().is_some()));
            lists.iter().filter(texts).count() * 2 > maps.len()
        });
        let best = listed.min_by_key(|(name, _)| words::scope_rank(name));
        if let Some((scope, lists)) = best {
            let members = lists.iter().flat_map(|node| node_members(node)).collect();
            let around = Some((name.to_owned(), scope.to_owned()));
            let key = Some("@value".to_owned());
            return Some(DraftScope { at: format!("{name}/{scope}/*"), key, members, member: None, around });
        }
    }
    None
}

fn node_members(node: &Node) -> Vec<&Node> {
    match &node.data {
        Data::Map(map) => map.iter().map(|entry| &entry.value).collect(),
        Data::List(items) => items.iter().collect(),
        Data::Null | Data::Bool(_) | Data::Number(_) | Data::Text(_) => Vec::new(),
    }
}

/// The form of numbers under a name.
fn as_number(name: &str) -> String {
    if words::is_percentage(name) { "as: percent" } else { "as: number" }.to_owned()
}

/// The parts of the fields: field, name, path, and the further members of its row.
#[derive(Default)]
struct DraftFields(Vec<(&'static str, String, String, Vec<String>)>, DraftImpact);

/// How users are divided, as far as names of members say.
#[derive(Default)]
struct DraftImpact {
    percentage: Option<String>,
    /// The path, and the member that names the items.
    weights: Option<(String, Option<String>)>,
}

impl DraftImpact {
    /// The line of it, if anything says how users are divided.
    fn text(&self) -> Option<String> {
        let percentage = self.percentage.iter().map(|path| format!("percentage: {}", quoted(path)));
        let weights = self.weights.iter().map(|(path, by)| {
            let by = by.iter().map(|by| format!(", by: {}", quoted(by))).collect::<String>();
            format!("weights: {}{by}", quoted(path))
        });
        let parts: Vec<String> = percentage.chain(weights).collect();
        (!parts.is_empty()).then(|| format!("    impact: {{{}}}\n", parts.join(", ")))
    }
}

impl DraftFields {
    /// Takes what flags and their environments say.
    fn take_all(&mut self, own: &mut MemberValues<'_>, inner: &mut MemberValues<'_>, scope: Option<&DraftScope<'_>>) {
        self.take(own, "");
        self.take(inner, "@env/");
        if let Some(around) = scope.and_then(|scope| scope.around.as_ref()) {
            self.take_around(around);
        }
        // A value under the name of an environment by itself, such as its list of rules.
        if let Some(scope) = scope.filter(|scope| scope.members.iter().any(|node| node.as_list().is_some())) {
            let name = scope.member.as_deref().filter(|name| words::is_scope(name));
            self.0.push(("segments", name.unwrap_or("rules").to_owned(), "@env".to_owned(), Vec::new()));
        }
    }

    /// Takes the members that have a well-known name.
    fn take(&mut self, members: &mut MemberValues<'_>, root: &str) {
        members.retain(|(name, values)| {
            let Some(field) = words::field(name).filter(|_| words::can_be_named(name)) else { return true };
            if self.0.iter().filter(|(known, ..)| *known == field).count() >= MOST_PARTS {
                return true;
            }
            let path = format!("{root}{name}");
            match field {
                // Another value there may be a switch or a share, which nobody knows.
                "owner" | "meta" if !values.iter().all(|node| is_note(node)) => return true,
                "owner" | "meta" => self.0.push((field, (*name).to_owned(), path, vec!["as: note".to_owned()])),
                "variants" => self.variants(name, &path, values),
                "distribution" => {
                    if words::is_percentage(name) && values.iter().all(|node| node.as_number().is_some()) {
                        self.1.percentage.get_or_insert_with(|| path.clone());
                    }
                    self.0.push((field, (*name).to_owned(), path, vec![as_number(name)]));
                }
                _ => self.0.push((field, (*name).to_owned(), path, Vec::new())),
            }
            false
        });
    }

    /// Takes what is left of members around the names of environments.
    fn take_around(&mut self, around: &(String, String)) {
        let (name, inner) = around;
        for (field, known, _, more) in &mut self.0 {
            if known == name && *field == "segments" {
                more.push(format!("except: [{}]", quoted(inner)));
            }
        }
    }

    /// Variants, and the share of each if it stands in it.
    fn variants(&mut self, name: &str, path: &str, values: &[&Node]) {
        let items: Vec<&Node> = values.iter().flat_map(|node| node_members(node)).collect();
        let lists = values.iter().all(|node| node.as_list().is_some());
        let id = identifier(&items).filter(|_| lists);
        // Their order may say which share is whose.
        let mut more: Vec<String> = id.iter().map(|id| format!("by: {}", quoted(id))).collect();
        let share = members(&items).into_iter().map(|(name, _)| name);
        let share =
            share.filter(|name| words::can_be_named(name)).find(|name| words::field(name) == Some("distribution"));
        if let Some(share) = share {
            more.push(format!("except: [{}]", quoted(&format!("*/{share}"))));
            self.1.weights.get_or_insert_with(|| (format!("{path}/*/{share}"), id.clone()));
            let by = more.iter().filter(|one| one.starts_with("by:")).cloned().chain([as_number(share)]).collect();
            self.0.push(("distribution", share.to_owned(), format!("{path}/*/{share}"), by));
        }
        self.0.push(("variants", name.to_owned(), path.to_owned(), more));
    }

    /// The lines of the fields.
    fn text(&self) -> String {
        let mut text = String::new();
        if self.0.is_empty() {
            return text;
        }
        if let Some(impact) = self.1.text() {
            comment(
                &mut text,
                "Decide: whether users are divided so; a review says from it how many get something else.",
            );
            text.push_str(&impact);
        }
        comment(&mut text, "Decide: whether each means what its name says, and whether it has all parts of that.");
        text.push_str("    fields:\n");
        for field in super::super::fields::names() {
            let parts: Vec<_> = self.0.iter().filter(|(name, ..)| *name == field).collect();
            let mut more: Vec<&String> = Vec::new();
            for one in parts.iter().flat_map(|(.., more)| more) {
                let said = |other: &&String| other.split(':').next() == one.split(':').next();
                if !more.iter().any(said) {
                    more.push(one);
                }
            }
            let more: String = more.iter().map(|one| format!(", {one}")).collect();
            let line = match parts.as_slice() {
                [] => continue,
                [(_, _, path, _)] if more.is_empty() => quoted(path),
                [(_, _, path, _)] => format!("{{at: {}{more}}}", quoted(path)),
                several => {
                    let mut names: Vec<String> = Vec::new();
                    let named = several.iter().map(|(_, name, path, _)| {
                        let name = if names.contains(name) { format!("{name} {}", names.len()) } else { name.clone() };
                        names.push(name.clone());
                        format!("{}: {}", quoted_key(&name), quoted(path))
                    });
                    let named: Vec<String> = named.collect();
                    format!("{{at: {{{}}}{more}}}", named.join(", "))
                }
            };
            text.push_str(&format!("      {field}: {line}\n"));
        }
        text
    }
}
