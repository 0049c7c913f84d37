//! Members in another letter case, which Go's readers of JSON and TOML take for the ones that they know.
//!
//! **In**: a document, and the paths of a mapping. **Out**: an error for each member that only these readers know.
//! **Refuses**: no key of a map of flags, of variants or of other things that people name. **Not taken**: the value
//! that such a member has to Go, since readers in other languages, and people, pass over it.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use super::language::{ImpactModel, Mapping, Path, PathStep, Root, Source, Test, TestQuestion};
use crate::diagnostics::{Diagnostics, lints};
use crate::document::{Data, Node};

/// The members that the paths of a mapping name.
#[derive(Default)]
pub struct KnownMembers {
    /// As they are written, by their names without letter case. A mapping may name several spellings.
    names: BTreeMap<String, BTreeSet<String>>,
    /// Members that hold a map whose keys people choose; the document itself is the empty string.
    maps: BTreeSet<String>,
    /// Members that hold a map of values that people choose.
    values: BTreeSet<String>,
    /// Members of which the mapping names one inside, so that they hold no names of people's.
    structs: BTreeSet<String>,
}

impl KnownMembers {
    pub fn of(mapping: &Mapping) -> KnownMembers {
        let mut known = KnownMembers::default();
        // A map of variants, or of their shares, has their names.
        let mut of_variants: BTreeSet<String> = BTreeSet::new();
        mapping.syntax.strings.iter().for_each(|path| known.add_names(path));
        for path in &mapping.syntax.known {
            known.add_names(path);
            if let [.., PathStep::Key(map), PathStep::Any(..)] = path.steps.as_slice() {
                known.values.insert(map.clone());
            }
        }
        for entity in &mapping.entities {
            entity.at.iter().for_each(|path| known.add(path, ""));
            let named = entity.key.iter().chain(&entity.scope).chain(&entity.required).flatten();
            named.for_each(|source| known.add_source(source, INNER));
            let live = entity.live.iter().map(|(test, _)| test);
            let tests = live.chain(&entity.filter).chain(&entity.gives_back);
            tests.for_each(|test| known.add_test(test, INNER));
            entity.only.iter().for_each(|test| known.add_test(test, ""));
            for field in &entity.fields {
                for source in field.parts.iter().flat_map(|part| &part.at) {
                    known.add_source(source, INNER);
                    if field.field == "variants" || field.names {
                        of_variants.insert(last(source).to_owned());
                    }
                    field.except.iter().for_each(|path| known.add(path, last(source)));
                }
            }
            let by_name = entity.refs_by_name.iter().flat_map(|refs| &refs.at);
            let each = entity.each.iter().flat_map(|each| each.at.iter().chain(&each.also).chain(&each.others));
            let people = entity.lets_in.iter().flatten();
            entity.refs.iter().chain(by_name).chain(each).chain(people).for_each(|path| known.add(path, INNER));
            if let Some(ImpactModel::Plain(model)) = &entity.impact {
                model.paths().for_each(|path| known.add(path, INNER));
                of_variants
                    .extend(model.weights.iter().filter_map(|path| path.steps.last()?.name()).map(str::to_owned));
            }
        }
        of_variants.retain(|name| name != INNER && !known.structs.contains(name));
        known.maps.extend(of_variants);
        known
    }

    /// Adds a path that leads on from the value of the member `around`.
    fn add(&mut self, path: &Path, around: &str) {
        self.add_names(path);
        let mut around = Some(if path.root == Root::Document { "" } else { around });
        for step in &path.steps {
            let name = step.name();
            if let (None, Some(around)) = (name, around) {
                self.maps.insert(around.to_owned());
            }
            if let (Some(_), Some(around)) = (name, around) {
                self.structs.insert(around.to_owned());
            }
            around = name;
        }
    }

    fn add_names(&mut self, path: &Path) {
        for key in path.steps.iter().filter_map(PathStep::name) {
            self.names.entry(fold(key).into_owned()).or_default().insert(key.to_owned());
        }
        for pair in path.steps.windows(2) {
            if let [around, inner] = pair
                && let (Some(around), Some(_)) = (around.name(), inner.name())
            {
                self.structs.insert(around.to_owned());
            }
        }
    }

    fn add_source(&mut self, source: &Source, around: &str) {
        if let Source::Path(path) = source {
            self.add(path, around);
        }
    }

    fn add_test(&mut self, test: &Test, around: &str) {
        match test {
            Test::Always | Test::Env(_) | Test::File(..) => {}
            Test::All(tests) | Test::Any(tests) => tests.iter().for_each(|test| self.add_test(test, around)),
            Test::Not(test) => self.add_test(test, around),
            Test::At(sources, question) => {
                for source in sources {
                    self.add_source(source, around);
                    match question {
                        TestQuestion::With(inner) => self.add_test(inner, last(source)),
                        TestQuestion::Named(named) => self.add_test(&named.test, last(source)),
                        _ => {}
                    }
                }
            }
        }
    }

    /// Refuses the members of a document that are known in another letter case.
    pub fn refuse_other_cases(&self, document: &Node, diagnostics: &mut Diagnostics<'_>) {
        self.refuse(document, "", "", diagnostics);
    }

    /// The same for the value of `around`, of which `named` is the nearest member that no person chose.
    fn refuse(&self, node: &Node, around: &str, named: &str, diagnostics: &mut Diagnostics<'_>) {
        match &node.data {
            Data::List(items) => items.iter().for_each(|item| self.refuse(item, ITEM, named, diagnostics)),
            Data::Map(map) if !self.values.contains(around) => {
                let chosen = self.maps.contains(around);
                for entry in map.iter() {
                    let known = self.names.get(fold(&entry.key).as_ref()).filter(|_| !chosen);
                    let other = known.filter(|names| !names.contains(&entry.key));
                    if let Some(name) = other.and_then(BTreeSet::first) {
                        let key = entry.key.escape_debug();
                        let message = format!("`{key}` is `{name}` to Go's readers, and nothing to others");
                        let mut remedy = format!("write `{name}`, or give it another name");
                        if !named.is_empty() {
                            let named = named.escape_debug();
                            remedy.push_str(&format!(
                                "; where people choose the names in `{named}`, a mapping says so by `known: \
                                 [\"{named}/*\"]` in its `syntax`"
                            ));
                        }
                        diagnostics.add(lints::READERS_DISAGREE, entry.place, message, remedy);
                    }
                    let (around, named) = if chosen { (INNER, named) } else { (&*entry.key, &*entry.key) };
                    self.refuse(&entry.value, around, named, diagnostics);
                }
            }
            Data::Map(_) | Data::Null | Data::Bool(_) | Data::Number(_) | Data::Text(_) => {}
        }
    }
}

/// The place of a value in a map whose keys people choose.
const INNER: &str = "-";

/// The place of an item of a list.
const ITEM: &str = "[]";

/// The member that a source ends with.
fn last(source: &Source) -> &str {
    match source {
        Source::Path(path) => path.steps.last().and_then(PathStep::name).unwrap_or(INNER),
        _ => INNER,
    }
}

/// A key as readers without letter case compare it: the long s and the sign of kelvin are letters too.
pub fn fold(key: &str) -> Cow<'_, str> {
    if key.bytes().all(|byte| byte.is_ascii() && !byte.is_ascii_uppercase()) {
        return Cow::Borrowed(key);
    }
    Cow::Owned(key.replace('\u{17f}', "s").replace('\u{212a}', "k").to_lowercase())
}
