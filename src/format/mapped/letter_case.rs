//! Members in another letter case, which Go's readers of JSON and TOML take for the ones that they know.
//!
//! **In**: a document, and the paths of a mapping. **Out**: an error for each member that only these readers know.
//! **Refuses**: no key of a map of flags, of variants or of other things that people name. **Not taken**: the value
//! that such a member has to Go, since readers in other languages, and people, pass over it.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use super::language::{Mapping, Path, PathStep, Source, Test, TestQuestion};
use crate::diagnostics::{Diagnostics, lints};
use crate::document::{Data, Node};

/// The members that the paths of a mapping name.
#[derive(Default)]
pub struct KnownMembers {
    /// As they are written, by their names without letter case.
    names: BTreeMap<String, String>,
    /// Members that hold a map whose keys people choose; the document itself is the empty string.
    maps: BTreeSet<String>,
    /// Members that hold a map of values that people choose.
    values: BTreeSet<String>,
}

impl KnownMembers {
    pub fn of(mapping: &Mapping) -> KnownMembers {
        let mut known = KnownMembers::default();
        mapping.syntax.strings.iter().for_each(|path| known.add_names(path));
        for path in &mapping.syntax.known {
            known.add_names(path);
            if let [PathStep::Key(map), PathStep::Any(..)] = path.steps.as_slice() {
                known.values.insert(map.clone());
            }
        }
        for entity in &mapping.entities {
            let named = entity.key.iter().chain(&entity.scope).chain(&entity.required).flatten();
            let parts = entity.fields.iter().flat_map(|field| &field.parts).flat_map(|part| &part.at);
            named.chain(parts).for_each(|source| known.add_source(source));
            entity.live.iter().for_each(|(test, _)| known.add_test(test));
            let by_name = entity.refs_by_name.iter().flat_map(|refs| &refs.at);
            let except = entity.fields.iter().flat_map(|field| &field.except);
            let each = entity.each.iter().flat_map(|each| each.at.iter().chain(&each.also).chain(&each.others));
            let paths = entity.at.iter().chain(&entity.refs).chain(by_name).chain(except).chain(each);
            paths.for_each(|path| known.add(path));
        }
        known
    }

    fn add(&mut self, path: &Path) {
        self.add_names(path);
        let mut around = Some("");
        for step in &path.steps {
            let name = step.name();
            if let (None, Some(around)) = (name, around) {
                self.maps.insert(around.to_owned());
            }
            around = name;
        }
    }

    fn add_names(&mut self, path: &Path) {
        self.names
            .extend(path.steps.iter().filter_map(PathStep::name).map(|key| (fold(key).into_owned(), key.to_owned())));
    }

    fn add_source(&mut self, source: &Source) {
        if let Source::Path(path) = source {
            self.add(path);
        }
    }

    fn add_test(&mut self, test: &Test) {
        match test {
            Test::Always | Test::Env(_) | Test::File(..) => {}
            Test::All(tests) | Test::Any(tests) => tests.iter().for_each(|test| self.add_test(test)),
            Test::Not(test) => self.add_test(test),
            Test::At(sources, question) => {
                for source in sources {
                    self.add_source(source);
                }
                if let TestQuestion::With(inner) = question {
                    self.add_test(inner);
                }
            }
        }
    }

    /// Refuses the members of a document that are known in another letter case. It is the value of `around`.
    pub fn refuse_other_cases(&self, node: &Node, around: &str, diagnostics: &mut Diagnostics<'_>) {
        match &node.data {
            Data::List(items) => items.iter().for_each(|item| self.refuse_other_cases(item, "-", diagnostics)),
            Data::Map(map) if !self.values.contains(around) => {
                let chosen = self.maps.contains(around);
                for entry in map.iter() {
                    let known = self.names.get(fold(&entry.key).as_ref()).filter(|_| !chosen);
                    if let Some(name) = known.filter(|name| **name != entry.key) {
                        let key = entry.key.escape_debug();
                        let message = format!("`{key}` is `{name}` to Go's readers, and nothing to others");
                        let remedy = format!("write `{name}`, or give it another name");
                        diagnostics.add(lints::READERS_DISAGREE, entry.place, message, remedy);
                    }
                    let around = if chosen { "-" } else { entry.key.as_str() };
                    self.refuse_other_cases(&entry.value, around, diagnostics);
                }
            }
            Data::Map(_) | Data::Null | Data::Bool(_) | Data::Number(_) | Data::Text(_) => {}
        }
    }
}

/// A key as readers without letter case compare it: the long s and the sign of kelvin are letters too.
pub fn fold(key: &str) -> Cow<'_, str> {
    if key.bytes().all(|byte| byte.is_ascii() && !byte.is_ascii_uppercase()) {
        return Cow::Borrowed(key);
    }
    Cow::Owned(key.replace('\u{17f}', "s").replace('\u{212a}', "k").to_lowercase())
}
