//! Fields of a mapping: where the parts of a flag stand, and how they are compared.

use super::Parser;
use crate::diagnostics::Place;
use crate::diagnostics::lints;
use crate::document::shape::shown;
use crate::document::{Data, Node};
use crate::format::mapped::language::{FORMS, FieldMap, FieldPart, ListKind, Path, Root, ValueForm};

impl Parser<'_, '_> {
    pub(super) fn field(&mut self, field: &'static str, node: &Node) -> Option<FieldMap> {
        let part = |name, at| FieldPart {
            name,
            at,
            default: None,
            by: None,
            list: ListKind::Ordered,
            form: ValueForm::AsIs,
            implied: Vec::new(),
        };
        let (except, unordered, follows) = (Vec::new(), Vec::new(), Vec::new());
        let (parts, words) = (Vec::new(), Vec::new());
        let mut map = FieldMap { field, parts, except, unordered, follows, names: false, words };
        let Some(members) = node.as_map() else {
            map.parts = vec![part(None, self.sources(node))];
            return Some(map);
        };
        self.members(node, "a field")?;
        map.parts = match members.get("at").map(|node| (node, &node.data)) {
            None => {
                self.wrong = true;
                self.diagnostics.add(
                    lints::MISSING_FIELD,
                    node.place,
                    format!("the field `{field}` has no `at`"),
                    "add `at`, the path of it",
                );
                return None;
            }
            // Several parts, each under a name by which its default, its lists and its form are given.
            Some((_, Data::Map(parts))) => {
                parts.iter().map(|entry| part(Some(entry.key.clone()), self.sources(&entry.value))).collect()
            }
            Some((node, _)) => vec![part(None, self.sources(node))],
        };
        self.by_part(members.get("default"), "`default`", &mut map, |_, part, default| {
            part.default = Some(default.clone());
        });
        self.by_part(members.get("list"), "`list`", &mut map, |parser, part, list| part.list = parser.list(list));
        self.by_part(members.get("as"), "`as`", &mut map, |parser, part, form| {
            let words: Vec<&'static str> = FORMS.iter().map(|(word, _)| *word).collect();
            let found = parser.word(Some(form), "as", &words);
            part.form = FORMS.iter().find(|(word, _)| Some(*word) == found).map_or(ValueForm::AsIs, |(_, form)| *form);
        });
        self.by_part(members.get("by"), "`by`", &mut map, |parser, part, by| part.by = parser.text(Some(by), "`by`"));
        map.except = self.paths(members.get("except"), node.place);
        self.implied(members.get("implied"), &mut map);
        map.unordered = self.paths(members.get("unordered"), node.place);
        map.follows = self.follows(members.get("follows"));
        map.names = self.word(members.get("names"), "names", &["variants"]).is_some();
        map.words = self.words(members.get("words"), node.place);
        Some(map)
    }

    /// Paths inside of a field, each with the value or the values that say the same as nothing: of all of its parts,
    /// or, under the name of one, of this.
    fn implied(&mut self, node: Option<&Node>, map: &mut FieldMap) {
        let Some(node) = node else { return };
        let Some(members) = node.as_map() else {
            return self.wrong_type(node, "`implied`", "a map from path to value, such as `{\"*/disabled\": false}`");
        };
        for entry in members.iter() {
            let is_part = |part: &FieldPart| part.name.as_ref() == Some(&entry.key);
            let inner = entry.value.as_map().filter(|_| map.parts.iter().any(is_part));
            for one in inner.map_or(std::slice::from_ref(entry), |inner| inner.0.as_slice()) {
                let values = match one.value.as_list() {
                    Some(several) if !several.is_empty() => several.to_vec(),
                    _ => vec![one.value.clone()],
                };
                let key = Node::text(one.place, one.key.clone());
                let Some(path) = self.path(Some(&key), one.place) else { continue };
                for part in map.parts.iter_mut().filter(|part| inner.is_none() || is_part(part)) {
                    part.implied.push((path.clone(), values.clone()));
                }
            }
        }
    }

    /// The only words that are allowed: of the field, or of paths inside of it.
    fn words(&mut self, node: Option<&Node>, place: Place) -> Vec<(Path, Vec<String>)> {
        let Some(node) = node else { return Vec::new() };
        let Some(map) = node.as_map() else {
            let words = self.texts(Some(node), "`words`");
            return vec![(Path { root: Root::Entity, steps: Vec::new() }, words)];
        };
        let mut found = Vec::new();
        for entry in map.iter() {
            let key = Node::text(entry.place, entry.key.clone());
            found.extend(self.path(Some(&key), place).zip(Some(self.texts(Some(&entry.value), "`words`"))));
        }
        found
    }

    /// Paths inside of a field to strings that are paths themselves, each with what stands between the names.
    fn follows(&mut self, node: Option<&Node>) -> Vec<(Path, String)> {
        let Some(node) = node else { return Vec::new() };
        let Some(map) = node.as_map() else {
            self.wrong_type(
                node,
                "`follows`",
                "a map such as `{\"*/settings\": \":\"}`: a path in the field, and what divides names there",
            );
            return Vec::new();
        };
        let mut found = Vec::new();
        for entry in map.iter() {
            let between = self.text(Some(&entry.value), "what divides names");
            if between.as_deref() == Some("") {
                self.refuse(entry.value.place, "nothing stands between the names", "write what does, such as `\":\"`");
            }
            let key = Node::text(entry.place, entry.key.clone());
            found.extend(self.path(Some(&key), entry.place).zip(between));
        }
        found
    }

    /// A member of a field that holds for all of its parts, or, in a map with the names of `at`, for some of them. The
    /// meaning of absence is always such a map, where there are names.
    fn by_part(
        &mut self,
        node: Option<&Node>,
        what: &str,
        map: &mut FieldMap,
        mut set: impl FnMut(&mut Self, &mut FieldPart, &Node),
    ) {
        let Some(node) = node else { return };
        let named = map.parts.iter().any(|part| part.name.is_some());
        let Some(entries) = node.as_map().filter(|_| named) else {
            if named && what == "`default`" {
                return self.wrong_type(node, what, "a map with the names of `at`");
            }
            for part in &mut map.parts {
                set(self, part, node);
            }
            return;
        };
        for entry in entries.iter() {
            match map.parts.iter_mut().find(|part| part.name.as_ref() == Some(&entry.key)) {
                Some(part) => set(self, part, &entry.value),
                None => {
                    let message = format!("`{}` is no name of `at`", entry.key.escape_debug());
                    self.refuse(entry.place, message, "write a name that `at` has");
                }
            }
        }
    }

    fn list(&mut self, list: &Node) -> ListKind {
        match list.as_text() {
            Some("ordered") => ListKind::Ordered,
            Some("set") => ListKind::Set,
            Some("append") => ListKind::Append,
            Some("positional") => ListKind::Positional,
            Some(text) if text.starts_with("keyed(") && text.ends_with(')') && text.len() > 7 => {
                ListKind::Keyed(text.get(6..text.len() - 1).unwrap_or_default().to_owned())
            }
            _ => {
                let message = format!("{} is no kind of list", shown(list));
                self.refuse(list.place, message, "write `ordered`, `set`, `append`, `positional` or `keyed(name)`");
                ListKind::Ordered
            }
        }
    }
}
