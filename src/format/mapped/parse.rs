//! A mapping file into a [`Mapping`], or diagnostics, each at its own place.

mod entity;
mod field;
mod syntax;
mod test;

pub use entity::ABOVE;
pub use syntax::LARGEST;

use super::fields;
use super::language::{Entity, FieldMap, Mapping, Path, Root, Source, Test};
use super::schema::known;
use super::unique_documents::DocumentNames;
use crate::diagnostics::diagnostic::{choice, nearest};
use crate::diagnostics::{Diagnostics, Place, lints};
use crate::document::shape::shown;
use crate::document::yaml::{self, Dialect, RowsOfFile};
use crate::document::{Data, Map, Node};

/// Each is looked for in every file.
const MOST_ENTITIES: usize = 30;

/// The most values of a mapping; a person could read a hundredth of it.
const MOST_VALUES: usize = 5000;

/// Reads a mapping; `None` if any of it is wrong.
pub fn parse(bytes: &[u8], diagnostics: &mut Diagnostics<'_>) -> Option<Mapping> {
    let if_empty = "write `entities: [{at: \"*\", key: \"@key\"}]` into it, if each member of a file is a flag";
    let rows = |_: &str| RowsOfFile { if_empty, ..yaml::ANY_FILE };
    let node = yaml::read_by(bytes, &[Dialect::Profile], rows, diagnostics)?;
    if node.size() > MOST_VALUES {
        let message = format!("the mapping holds {} values, and {MOST_VALUES} are the most", node.size());
        diagnostics.add(lints::TOO_MANY_NODES, node.place, message, "make several mappings of it");
        return None;
    }
    let mut parser = Parser { diagnostics, wrong: false, any_case: false, env_is_flag: false };
    let mapping = parser.mapping(&node);
    mapping.filter(|_| !(parser.wrong || parser.diagnostics.is_unread()))
}

/// A reader of one mapping.
struct Parser<'d, 'p> {
    diagnostics: &'d mut Diagnostics<'p>,
    wrong: bool,
    /// Whether the file's keys are read in any letter case.
    any_case: bool,
    /// Whether `@env` is the flag itself, since its entity has no `each`.
    env_is_flag: bool,
}

impl Parser<'_, '_> {
    fn refuse(&mut self, place: Place, message: impl Into<String>, remedy: impl Into<String>) {
        self.wrong = true;
        self.diagnostics.add(lints::WRONG_WORD, place, message, remedy);
    }

    /// The members of a map, of which none may be unknown.
    fn members<'n>(&mut self, node: &'n Node, what: &str) -> Option<&'n Map> {
        let known = known(what);
        let Some(map) = node.as_map() else {
            self.wrong_type(node, what, &format!("a map with {}", choice(known.iter().copied())));
            return None;
        };
        for entry in map.iter().filter(|entry| !known.contains(&entry.key.as_str())) {
            self.wrong = true;
            let remedy = match nearest(&entry.key, known.iter().copied()) {
                Some(meant) => format!("write `{meant}`"),
                None => format!("write one of {}", choice(known.iter().copied())),
            };
            let message = format!("`{}` is no member of {what}", entry.key.escape_debug());
            self.diagnostics.add(lints::UNKNOWN_KEY, entry.place, message, remedy);
        }
        Some(map)
    }

    fn wrong_type(&mut self, node: &Node, what: &str, expected: &str) {
        self.wrong = true;
        let message = format!("{what} is {}: {}", node.kind(), shown(node));
        self.diagnostics.add(lints::WRONG_TYPE, node.place, message, format!("write {expected}"));
    }

    fn mapping(&mut self, node: &Node) -> Option<Mapping> {
        let map = self.members(node, "the mapping")?;
        let about = self.text(map.get("about"), "`about`").unwrap_or_else(|| "a format of this repository".to_owned());
        let files = self.texts(map.get("files"), "`files`");
        let syntax = self.syntax(map.get("syntax"));
        self.any_case = syntax.any_case;
        let outside = self.word(map.get("outside"), "outside", &["unknown", "fine"]);
        let mut entities: Vec<Entity> = Vec::new();
        let mut above: Option<Node> = None;
        for one in map.get("entities").map(one_or_list).unwrap_or_default() {
            let whole = self.inherited(one, above.as_ref());
            entities.extend(self.entity(&whole));
            above = Some(whole);
        }
        if entities.len() > MOST_ENTITIES {
            let message = format!("the mapping has {} entities, and {MOST_ENTITIES} are the most", entities.len());
            self.refuse(node.place, message, "make several mappings of it");
        }
        if entities.is_empty() && !self.wrong {
            self.wrong = true;
            let remedy = "add `entities: [{at: \"*\", key: \"@key\"}]`, if each member of the file is a flag";
            self.diagnostics.add(lints::MISSING_FIELD, node.place, "the mapping has no `entities`", remedy);
        }
        let several = self.word(map.get("equal-keys"), "equal-keys", &["refused", "fine"]) == Some("fine");
        let without = self.without(map.get("without"), &entities);
        let outside_is_fine = outside == Some("fine");
        let stamps = map.get("stamps").map(|stamps| self.paths(Some(stamps), node.place)).unwrap_or_default();
        let joined = self.word(map.get("layers"), "layers", &["apart", "joined"]) == Some("joined");
        let once = map.get("once").and_then(|once| self.once(once));
        Some(Mapping {
            about,
            files,
            syntax,
            several,
            outside_is_fine,
            stamps,
            once,
            joined,
            entities,
            without,
            checked_only: None,
        })
    }

    /// The names by which readers know a document.
    fn once(&mut self, node: &Node) -> Option<DocumentNames> {
        let map = self.members(node, "`once`")?;
        let Some(key) = map.get("key").map(|key| self.joined(key)) else {
            self.refuse(node.place, "`once` has no `key`", "add `key`, the paths of the names of a document");
            return None;
        };
        let apart = map.get("apart").map(|apart| self.joined(apart)).unwrap_or_default();
        Some(DocumentNames { key, apart })
    }

    /// The fields that the format does not have, which none of its flags may have then.
    fn without(&mut self, node: Option<&Node>, entities: &[Entity]) -> Vec<&'static str> {
        let mut found = Vec::new();
        for one in node.map(one_or_list).unwrap_or_default() {
            let words: Vec<&'static str> = fields::names().collect();
            let Some(name) = self.word(Some(one), "without", &words) else { continue };
            if entities.iter().flat_map(|entity| &entity.fields).any(|field| field.field == name) {
                let message = format!("the format is without `{name}`, and `fields` says where it is");
                self.refuse(one.place, message, format!("remove `{name}` here, or from `fields`"));
            }
            found.push(name);
        }
        found
    }

    /// The tests of `live`, each with the state that it stands for; without any, no state is known.
    fn states(&mut self, node: Option<&Node>) -> Vec<(Test, &'static str)> {
        let mut live = Vec::new();
        for test in node.map(one_or_list).unwrap_or_default() {
            if test.as_text().is_none() {
                self.members(test, "a state");
            }
            let state = self.word(test.get("is"), "is", fields::STATES).unwrap_or("live");
            let when = match (test.get("when"), test.as_text()) {
                (Some(when), _) => self.test(when),
                (None, Some(word)) => fields::STATES.contains(&word).then_some(Test::Always),
                (None, None) => None,
            };
            match (when, test.as_text()) {
                (Some(when), None) => live.push((when, state)),
                (Some(when), Some(word)) => {
                    live.push((when, fields::STATES.iter().find(|state| **state == word).copied().unwrap_or("unknown")))
                }
                // The diagnostics of its test are added there.
                (None, None) if test.get("when").is_some() => {}
                (None, Some(ABOVE)) => {
                    let remedy = "add `inherits: above` to the entity, or remove `above` here";
                    self.refuse(test.place, "the entity inherits no tests", remedy);
                }
                (None, _) => {
                    let words = choice(fields::STATES.iter().copied());
                    let remedy = format!("write `{{when: always, is: unknown}}`; states are {words}");
                    self.refuse(test.place, "this is no test of a state", remedy);
                }
            }
        }
        if live.is_empty() {
            live.push((Test::Always, "unknown"));
        }
        live
    }

    /// The places of the fields of an entity.
    fn entity_fields(&mut self, node: &Node) -> Vec<FieldMap> {
        let Data::Map(fields) = &node.data else {
            self.wrong_type(node, "`fields`", "a map from field to paths");
            return Vec::new();
        };
        let mut found = Vec::new();
        for entry in fields.iter() {
            match fields::names().find(|name| *name == entry.key) {
                Some(name) => found.extend(self.field(name, &entry.value)),
                None => {
                    let names = choice(fields::names());
                    let remedy = nearest(&entry.key, fields::names())
                        .map_or_else(|| format!("write one of {names}"), |meant| format!("write `{meant}`"));
                    self.refuse(entry.place, format!("`{}` is no field", entry.key.escape_debug()), remedy);
                }
            }
        }
        found
    }

    /// The parts of a key: one, or several that are joined.
    fn joined(&mut self, node: &Node) -> Vec<Vec<Source>> {
        match &node.data {
            Data::List(parts) => parts.iter().map(|part| self.sources(part)).collect(),
            _ => vec![self.sources(node)],
        }
    }

    fn sources(&mut self, node: &Node) -> Vec<Source> {
        let mut found = Vec::new();
        for one in one_or_list(node) {
            match one.as_text().and_then(Source::parse) {
                Some(Source::Path(path)) => found.push(Source::Path(self.as_read(path))),
                Some(source) => found.push(source),
                None => self.no_path(one),
            }
        }
        distinct(found)
    }

    fn paths(&mut self, node: Option<&Node>, place: Place) -> Vec<Path> {
        let all = node.map(one_or_list).unwrap_or_default();
        distinct(all.iter().filter_map(|one| self.path(Some(one), place)).collect())
    }

    fn path(&mut self, node: Option<&Node>, place: Place) -> Option<Path> {
        match node.map(|node| (node, node.as_text().and_then(Path::parse))) {
            Some((_, Some(path))) => Some(self.as_read(path)),
            Some((node, None)) => {
                self.no_path(node);
                None
            }
            None => {
                self.refuse(place, "there is no `at`", "add `at`, a path such as `flags/*`");
                None
            }
        }
    }

    /// A path with the letter case and the start that it has here.
    fn as_read(&self, mut path: Path) -> Path {
        if self.env_is_flag && path.root == Root::Env {
            path.root = Root::Entity;
        }
        if self.any_case { path.in_any_case() } else { path }
    }

    fn no_path(&mut self, node: &Node) {
        let remedy = "write names with `/` between them and `*` for all, such as `rules/*/percentage`; `**` stands \
                      once in it, and it may begin with `@env/` or `@doc/`";
        self.refuse(node.place, format!("{} is no path", shown(node)), remedy);
    }

    fn text(&mut self, node: Option<&Node>, what: &str) -> Option<String> {
        let node = node?;
        if node.as_text().is_none() {
            self.wrong_type(node, what, "a string");
        }
        node.as_text().map(str::to_owned)
    }

    fn texts(&mut self, node: Option<&Node>, what: &str) -> Vec<String> {
        let mut found = Vec::new();
        for one in node.map(one_or_list).unwrap_or_default() {
            match one.as_text() {
                Some(text) => found.push(text.to_owned()),
                None => self.wrong_type(one, what, "texts"),
            }
        }
        found
    }

    fn word(&mut self, node: Option<&Node>, name: &str, words: &[&'static str]) -> Option<&'static str> {
        let node = node?;
        let found = node.as_text().and_then(|text| words.iter().find(|word| **word == text)).copied();
        if found.is_none() {
            self.refuse(
                node.place,
                format!("`{name}` is {}", shown(node)),
                format!("write one of {}", choice(words.iter().copied())),
            );
        }
        found
    }

    fn flag(&mut self, node: Option<&Node>, what: &str) -> bool {
        match node.map(|node| (node, node.as_bool())) {
            None => false,
            Some((_, Some(value))) => value,
            Some((node, None)) => {
                self.wrong_type(node, what, "`true` or `false`");
                false
            }
        }
    }
}

/// Each of them once, since `@env/users` and `users` may be one place.
fn distinct<T: PartialEq>(all: Vec<T>) -> Vec<T> {
    all.into_iter().fold(Vec::new(), |mut found, one| {
        if !found.contains(&one) {
            found.push(one);
        }
        found
    })
}

/// A list, or the one value that stands in the place of a list of one.
fn one_or_list(node: &Node) -> &[Node] {
    node.as_list().unwrap_or(std::slice::from_ref(node))
}
