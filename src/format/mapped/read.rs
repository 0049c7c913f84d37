//! A file into flags, as a mapping says.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::REST;
use super::document::{Document, documents};
use super::flags::{FlagList, MOST_ENVIRONMENTS, distinct};
use super::language::{Each, Entity, Mapping, Path, PathStep, Rest, Root, Source, Test, TestQuestion};
use super::outside::{of_another_format, unread, without};
use super::path::{PathMatch, nodes, walk};
use super::project::{Projection, field};
use super::sources::by_environment;
use super::state::{are_unclear, is_unnamed};
use crate::diagnostics::{Diagnostics, Place, lints};
use crate::document::{Data, Entry, Map, Node};
use crate::flag::{Flag, State};
use crate::format::{FormatRef, flagd};

/// Where a flag stands: what its paths start from.
#[derive(Clone, Debug)]
pub struct At<'n> {
    pub path: &'n str,
    pub document: &'n Node,
    pub entity: &'n Node,
    pub env: Option<&'n Node>,
    /// The names that the `*`s of the entity's path stood for.
    pub keys: Vec<String>,
    pub env_key: Option<String>,
    /// The first name on the way that no `*` stood for.
    pub around: Option<&'n str>,
    /// The nodes under names of what `each` stands on, and those names.
    pub environments: Arc<BTreeMap<usize, String>>,
    /// The key without its scope, once it is known.
    pub name: Option<String>,
    pub place: Place,
}

impl<'n> At<'n> {
    /// The document itself.
    pub fn document(root: &'n Node, path: &'n str) -> Self {
        let place = root.place;
        let environments = Arc::default();
        At {
            path,
            document: root,
            entity: root,
            env: None,
            keys: Vec::new(),
            env_key: None,
            around: None,
            environments,
            name: None,
            place,
        }
    }

    /// The place that a path of the document leads to.
    pub fn at(&self, found: &PathMatch<'n>) -> Self {
        let named = |at: &usize| found.names.get(*at).map(|name| super::path::without_mark(name).to_owned());
        let keys = found.wild.iter().filter_map(named).collect();
        At { entity: found.node, keys, place: found.place, around: found.around(), ..self.clone() }
    }

    /// The places that a source leads to, for paths from there.
    pub fn inside(&self, source: &Source) -> Vec<At<'n>> {
        let Source::Path(path) = source else { return Vec::new() };
        let inner = At { env: None, name: None, ..self.clone() };
        self.walk(path).iter().map(|found| inner.at(found)).collect()
    }

    /// The node that a path starts from.
    pub fn start(&self, path: &Path) -> Option<&'n Node> {
        match path.root {
            Root::Entity => Some(self.entity),
            Root::Env => self.env,
            Root::Document => Some(self.document),
        }
    }

    /// The nodes that a path leads to from here.
    pub fn walk(&self, path: &Path) -> Vec<PathMatch<'n>> {
        self.start(path).map(|start| walk(start, &self.steps(path))).unwrap_or_default()
    }

    /// The same without the way to each node.
    pub fn nodes(&self, path: &Path) -> Vec<&'n Node> {
        self.start(path).map(|start| nodes(start, &self.steps(path))).unwrap_or_default()
    }

    /// Whether a node stands under the name of another environment.
    pub fn is_of_another(&self, node: &Node) -> bool {
        let name = self.environments.get(&address(node));
        name.is_some_and(|name| Some(name) != self.env_key.as_ref())
    }

    /// The steps of a path, with the name of what `each` stands on, and those that led to the flag.
    pub fn steps<'p>(&self, path: &'p Path) -> Cow<'p, [PathStep]> {
        if !path.steps.iter().any(|step| matches!(step, PathStep::Env | PathStep::Name(_))) {
            return Cow::Borrowed(&path.steps);
        }
        // Where there is no such name, there is nothing.
        let env = self.env_key.as_deref().unwrap_or("\0");
        let step = |step: &PathStep| match step {
            PathStep::Env => PathStep::Key(env.to_owned()),
            PathStep::Name(at) => PathStep::Unquoted(self.keys.get(*at).map_or("\0", String::as_str).to_owned()),
            other => other.clone(),
        };
        Cow::Owned(path.steps.iter().map(step).collect())
    }

    /// The values of the first of some sources that is there.
    pub fn values(&self, sources: &[Source]) -> Vec<Cow<'n, Node>> {
        sources.iter().map(|source| self.value(source)).find(|found| !found.is_empty()).unwrap_or_default()
    }

    fn value(&self, source: &Source) -> Vec<Cow<'n, Node>> {
        let text = |text: String| Cow::Owned(Node::text(self.place, text));
        match source {
            Source::Path(path) => self.nodes(path).into_iter().map(Cow::Borrowed).collect(),
            Source::Key(None) => self.name.as_ref().or(self.keys.last()).cloned().map(text).into_iter().collect(),
            Source::Key(Some(at)) => self.keys.get(*at).cloned().map(text).into_iter().collect(),
            Source::Name => {
                let name = self.keys.last().filter(|key| !key.bytes().all(|byte| byte.is_ascii_digit()));
                name.cloned().map(text).into_iter().collect()
            }
            Source::EnvKey => self.env_key.clone().map(text).into_iter().collect(),
            Source::Value => vec![Cow::Borrowed(self.env.unwrap_or(self.entity))],
            Source::Word(word) => vec![text(word.clone())],
            Source::File => vec![text(super::path::stem(self.path).to_owned())],
            Source::FileCamel => vec![text(super::path::camel(super::path::stem(self.path)))],
            Source::FileScope => {
                super::path::file_scope(self.path).map(|part| text(part.to_owned())).into_iter().collect()
            }
            Source::FilePart(before, after) => {
                self.file_part(before, after).map(|part| text(part.to_owned())).into_iter().collect()
            }
        }
    }

    /// The part of the path between these two, the first of which begins a name.
    pub fn file_part(&self, before: &str, after: &str) -> Option<&'n str> {
        let rest = match self.path.strip_prefix(before) {
            Some(rest) => rest,
            None => {
                let mut tails = self.path.match_indices('/').filter_map(|(at, _)| self.path.get(at + 1..));
                tails.find_map(|rest| rest.strip_prefix(before))?
            }
        };
        if after.is_empty() {
            return Some(rest.rsplit_once('.').map_or(rest, |(part, _)| part));
        }
        rest.strip_suffix(after)
    }

    /// The text of the first of some sources that has one.
    pub fn text(&self, sources: &[Source]) -> Option<String> {
        // The first that has one: a name that is nothing, or a map, is no name.
        sources.iter().flat_map(|source| self.value(source)).find_map(|node| match &node.data {
            Data::Text(text) => Some(text.clone()),
            Data::Number(number) => Some(number.to_string()),
            Data::Bool(value) => Some(value.to_string()),
            Data::Null | Data::List(_) | Data::Map(_) => None,
        })
    }
}

/// Reads a file.
pub fn read(
    format: &FormatRef,
    mapping: &Mapping,
    bytes: &[u8],
    path: &str,
    diagnostics: &mut Diagnostics<'_>,
) -> Option<Vec<Flag>> {
    let documents = documents(bytes, mapping, diagnostics)?;
    let mut flags = FlagList::new(mapping.syntax.times);
    for document in &documents {
        let mut taken = BTreeSet::new();
        // All that are flags by themselves, so that one around another does not have it as a part.
        let found: Vec<Vec<PathMatch<'_>>> =
            mapping.entities.iter().map(|entity| found(entity, &document.node, path)).collect();
        let inside: BTreeSet<usize> = found.iter().flatten().map(|found| address(found.node)).collect();
        for (entity, found) in mapping.entities.iter().zip(found) {
            entities(format, mapping, (entity, found), document, path, (&mut taken, &inside), &mut flags, diagnostics)?;
        }
        for path in &mapping.stamps {
            taken.extend(nodes(&document.node, &path.steps).into_iter().map(address));
        }
        if mapping.outside_is_fine {
            super::checks::nearly_flags(mapping, &document.node, diagnostics);
        } else if let Some(left) = without(&document.node, &taken) {
            super::checks::misplaced(mapping, &left, diagnostics);
            let key = format!("{REST}{path}");
            flags.add(unread(format, key, left), diagnostics)?;
        }
    }
    Some(distinct(flags.read, mapping, diagnostics))
}

/// An address that tells nodes of one document apart.
pub fn address(node: &Node) -> usize {
    std::ptr::from_ref(node) as usize
}

#[expect(clippy::too_many_arguments, reason = "what is read, by what, into what")]
fn entities(
    format: &FormatRef,
    mapping: &Mapping,
    (entity, found): (&Entity, Vec<PathMatch<'_>>),
    document: &Document,
    path: &str,
    (taken, inside): (&mut BTreeSet<usize>, &BTreeSet<usize>),
    flags: &mut FlagList,
    diagnostics: &mut Diagnostics<'_>,
) -> Option<()> {
    let whole = At::document(&document.node, path);
    for found in found {
        // Of two entities the first has it.
        if !taken.insert(address(found.node)) {
            continue;
        }
        let at = whole.at(&found);
        if entity.flagd {
            let scope: Vec<String> = entity.scope.iter().filter_map(|sources| at.text(sources)).collect();
            if let Some(unread) = of_another_format(format, &at) {
                let message =
                    format!("`{}` looks like flags that are not read inside of this file", unread.key.escape_debug());
                diagnostics.add(
                    lints::MISPLACED_FLAG,
                    at.place,
                    message,
                    "keep them in a file of their own, if their changes are to be read",
                );
                flags.add(scoped(unread, &scope.join("/")), diagnostics)?;
                continue;
            }
            // An entry that cannot be read holds flags that nobody knows, and so does the file.
            let read = flagd_flags(document, found.node, diagnostics)?;
            for flag in read {
                flags.add(scoped(flag, &scope.join("/")), diagnostics)?;
            }
            continue;
        }
        let Some(each) = &entity.each else {
            let flag = flag(format, mapping, entity, &at, (&BTreeSet::new(), inside), diagnostics);
            flags.add(flag, diagnostics)?;
            continue;
        };
        let members = each.at.iter().map(|path| at.walk(path)).find(|found| !found.is_empty()).unwrap_or_default();
        // Items that are told apart by their place alone, such as rules, are no environments.
        let numbered = |found: &PathMatch<'_>| {
            found.names.last().is_some_and(|name| name.bytes().all(|byte| byte.is_ascii_digit()))
        };
        let last = |found: &PathMatch<'_>| found.names.last().map(|name| name.clone().into_owned());
        let by_place = each.key == [Source::Key(None)] && members.iter().all(numbered);
        let members = if by_place { Vec::new() } else { members };
        if members.len() > MOST_ENVIRONMENTS {
            let message =
                format!("a flag with {} environments, of which at most {MOST_ENVIRONMENTS} are judged", members.len());
            diagnostics.add(lints::TOO_MANY_NODES, at.place, message, "make several flags of it");
            return None;
        }
        // The flag itself is no environment next to others.
        let alone = members.iter().any(|found| address(found.node) == address(at.entity));
        let others = each.others.iter().filter(|_| !alone && !members.is_empty()).flat_map(|path| at.nodes(path));
        let own: BTreeSet<usize> = members.iter().map(|found| address(found.node)).collect();
        let others: Vec<usize> = others.filter(|node| !super::sources::holds(node, &own)).map(address).collect();
        let nodes: BTreeSet<usize> = own.iter().chain(&others).copied().collect();
        let name = |member: &PathMatch<'_>| {
            let inner = At { env: Some(member.node), place: member.place, ..at.clone() };
            let by_name = At { keys: last(member).into_iter().collect(), entity: member.node, ..inner };
            by_name.text(&each.key).or_else(|| last(member))
        };
        let names: Vec<Option<String>> = members.iter().map(name).collect();
        let also = each.also.iter().flat_map(|path| at.walk(path)).filter(|found| !numbered(found));
        let also: BTreeSet<String> =
            also.filter_map(|found| last(&found)).filter(|name| !names.contains(&Some(name.clone()))).collect();
        let known: BTreeSet<&str> = names.iter().flatten().chain(&also).map(String::as_str).collect();
        // Of one that is nowhere there is one flag all the same, or what it says would be passed over.
        if members.is_empty() && also.is_empty() {
            let flag = flag(format, mapping, entity, &at, (&nodes, inside), diagnostics);
            flags.add(flag, diagnostics)?;
        }
        let environments = Arc::new(by_environment(entity, &at, &known));
        for name in &also {
            let here = At { env_key: Some(name.clone()), environments: Arc::clone(&environments), ..at.clone() };
            let flag = flag(format, mapping, entity, &here, (&nodes, inside), diagnostics);
            flags.add(flag, diagnostics)?;
        }
        if !others.is_empty() {
            let here = At { env: Some(at.entity), environments: Arc::clone(&environments), ..at.clone() };
            let flag = flag(format, mapping, entity, &here, (&own, inside), diagnostics);
            flags.add(flag, diagnostics)?;
        }
        for (member, env_key) in members.iter().zip(names) {
            let environments = Arc::clone(&environments);
            let here = At { env: Some(member.node), place: member.place, env_key, environments, ..at.clone() };
            let flag = flag(format, mapping, entity, &here, (&nodes, inside), diagnostics);
            flags.add(flag, diagnostics)?;
        }
    }
    Some(())
}

/// flagd's flags, which stand there or in a string.
fn flagd_flags(document: &Document, node: &Node, diagnostics: &mut Diagnostics<'_>) -> Option<Vec<Flag>> {
    let Data::Text(text) = &node.data else { return flagd::read_inside(node, diagnostics) };
    let place = document.text_place(text, node.place);
    let mut inner = Diagnostics::of(diagnostics.path());
    let flags = flagd::read_text(text, &mut inner);
    diagnostics.take_at(inner, |inner| place.place(inner), place.is_exact());
    let mut flags = flags?;
    for flag in &mut flags {
        place.put_flag(flag);
    }
    Some(flags)
}

/// The places where an entity is.
pub fn found<'n>(entity: &Entity, root: &'n Node, path: &'n str) -> Vec<PathMatch<'n>> {
    let whole = At::document(root, path);
    if entity.only.as_ref().is_some_and(|test| !test.holds(&whole)) {
        return Vec::new();
    }
    let all = entity.at.iter().map(|at| walk(root, &at.steps)).find(|found| !found.is_empty()).unwrap_or_default();
    match &entity.filter {
        Some(test) => all.into_iter().filter(|found| test.holds(&whole.at(found))).collect(),
        None => all,
    }
}

/// A flag of a part of the file that has a name.
fn scoped(flag: Flag, scope: &str) -> Flag {
    if scope.is_empty() {
        return flag;
    }
    Flag { key: format!("{}@{scope}", flag.key), scope: Some(scope.to_owned()), ..flag }
}

/// One flag. `members` are the nodes that `each` stands on, of which only one is its own, and `inside` those of all
/// flags.
fn flag(
    format: &FormatRef,
    mapping: &Mapping,
    entity: &Entity,
    at: &At<'_>,
    (members, inside): (&BTreeSet<usize>, &BTreeSet<usize>),
    diagnostics: &mut Diagnostics<'_>,
) -> Flag {
    let parts: Vec<String> = entity.key.iter().filter_map(|sources| at.text(sources)).collect();
    let name = parts.join(".");
    let places: Vec<String> = entity.scope.iter().filter_map(|sources| at.text(sources)).collect();
    let scope = places.iter().chain(&at.env_key).map(String::as_str).collect::<Vec<_>>().join("/");
    let prefix = match (entity.part, entity.group) {
        (_, true) => super::links::GROUP,
        (true, false) => super::links::SEGMENT,
        (false, false) => "",
    };
    let key = if scope.is_empty() { format!("{prefix}{name}") } else { format!("{prefix}{name}@{scope}") };
    flagd::check_key(&name, "this file", at.place, diagnostics);
    flagd::check_key(&key, "this file", at.place, diagnostics);
    // An empty map of environments is one in which it is nowhere on. An empty list may be a filter that lets all pass,
    // and without any list it may be on everywhere, unless the test that holds asks for just that.
    let held = entity.live.iter().position(|(test, _)| test.holds(at));
    let asks_for_none = |each: &Each| match held.and_then(|held| entity.live.get(held)) {
        Some((Test::At(sources, TestQuestion::Absent(true)), _)) => {
            each.at.iter().all(|path| sources.contains(&Source::Path(path.clone())))
        }
        _ => false,
    };
    let empty = |each: &Each| {
        let outer = each.at.iter().filter_map(|path| path.steps.split_last().map(|(_, steps)| (path.root, steps)));
        let walk = |(root, steps): (Root, &[PathStep])| at.walk(&Path { root, steps: steps.to_vec() });
        let found: Vec<PathMatch<'_>> = outer.flat_map(walk).collect();
        let nothing = |found: &PathMatch<'_>| match &found.node.data {
            Data::List(items) => items.is_empty(),
            other => *other == Data::Null,
        };
        found.iter().any(|found| matches!(&found.node.data, Data::Map(map) if map.0.is_empty()))
            || asks_for_none(each) && found.iter().all(nothing)
    };
    let nowhere = name.is_empty()
        || at.env.is_none() && at.env_key.is_none() && entity.each.as_ref().is_some_and(|each| !empty(each));
    // A test after the one that holds decides nothing.
    let tests = held.and_then(|held| entity.live.get(..=held)).unwrap_or(&entity.live);
    let unclear = are_unclear(tests, at) || held.is_none() && is_unnamed(&entity.live, at);
    let held = held.and_then(|held| entity.live.get(held));
    let sure = !entity.part && !nowhere && !unclear;
    let word = if !sure {
        // Whether a live flag uses a part is not known here, nor where a flag is that names no environment, nor what a
        // switch says that is neither on nor off.
        "unknown"
    } else {
        held.map_or("inactive", |(_, state)| state)
    };
    let live = format.lifecycle.iter().any(|known| known.word == word && known.live);
    let named = At { name: Some(name.clone()), ..at.clone() };
    let at = &named;
    let mut projection = Projection::new(at, members, inside);
    let mut record = vec![entry("state", at.place, Node::text(at.place, word.to_owned()))];
    for map in &entity.fields {
        let value = field(map, &mut projection, mapping, diagnostics);
        if let Some(value) = value {
            record.push(entry(map.field, value.place, value));
        }
    }
    if let Some(stage) = projection.stage(entity, sure) {
        record.push(entry("stage", stage.place, stage));
    }
    let rest = projection.rest(entity, at);
    if let Some(rest) = rest {
        let name = match entity.rest {
            Rest::Unknown => "rest",
            Rest::Payload => "payload",
            Rest::Nothing => "meta",
        };
        match record.iter_mut().find(|entry| entry.key == name) {
            Some(there) => {
                if let (Data::Map(there), Data::Map(rest)) = (&mut there.value.data, rest.data) {
                    there.0.extend(rest.0);
                }
            }
            None => record.push(entry(name, rest.place, rest)),
        }
    }
    super::checks::check(entity, at, &record, &key, diagnostics);
    let drawn = super::exposure::read(entity, at, &record).map(Arc::new);
    Flag {
        key,
        kind: entity.kind,
        scope: (!scope.is_empty()).then_some(scope),
        state: State { word: word.to_owned(), live, place: at.place },
        place: at.place,
        record: Map(record),
        shared: None,
        links: super::links::links(entity, at, name, &places),
        drawn,
        format: format.clone(),
    }
}

pub fn entry(key: &str, place: Place, value: Node) -> Entry {
    Entry { key: key.to_owned(), place, value }
}
