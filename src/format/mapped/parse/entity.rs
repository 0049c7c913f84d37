//! An entity of a mapping: where flags are, and what it inherits from the one above it.

use super::{Parser, one_or_list};
use crate::document::{Data, Entry, Node};
use crate::flag::{Absence, Kind};
use crate::format::mapped::language::{
    Depends, Each, Entity, FieldMap, ImpactModel, ListKind, MapOrder, NamedRefs, Path, PlainModel, Rest, Root, Source,
    SwitchShapes,
};
use crate::format::mapped::{item_lists::ListPlaces, links, members::KINDS, project::tested};

/// The word for the entity above.
pub const ABOVE: &str = "above";

impl Parser<'_, '_> {
    /// An entity with the members that it inherits from the one above it.
    pub(super) fn inherited(&mut self, node: &Node, above: Option<&Node>) -> Node {
        let mut whole = node.clone();
        if self.word(node.get("inherits"), "inherits", &[ABOVE]).is_none() {
            return whole;
        }
        match (above.and_then(Node::as_map), &mut whole.data) {
            // An error that stands above is reported there.
            (Some(_), _) if self.wrong => {}
            (Some(_), _) if node.get("at").is_none() => {
                self.refuse(node.place, "an entity that inherits has no `at`", "add `at`, the path of its flags");
            }
            (Some(above), Data::Map(own)) => {
                if let Some(live) = own.0.iter_mut().find(|entry| entry.key == "live") {
                    live.value = self.states_with_those_above(&live.value, above.get("live"));
                }
                let more = above.iter().filter(|entry| entry.key != "at" && own.get(&entry.key).is_none());
                let more: Vec<Entry> = more.cloned().collect();
                own.0.extend(more);
            }
            _ => self.refuse(node.place, "the first entity has none above it", "remove `inherits`"),
        }
        whole
    }

    /// The tests of `live`, with those of the entity above in the place of the word `above`.
    fn states_with_those_above(&mut self, live: &Node, above: Option<&Node>) -> Node {
        let mut tests = Vec::new();
        for test in one_or_list(live) {
            match above {
                _ if test.as_text() != Some(ABOVE) => tests.push(test.clone()),
                Some(above) => tests.extend(one_or_list(above).iter().cloned()),
                None => self.refuse(test.place, "the entity above has no `live`", "remove `above` here"),
            }
        }
        live.with(Data::List(tests))
    }

    pub(super) fn entity(&mut self, node: &Node) -> Option<Entity> {
        let map = self.members(node, "an entity")?;
        let kind = self.word(map.get("kind"), "kind", KINDS);
        let at = self.paths(map.get("at"), node.place);
        if map.get("at").is_some_and(|node| one_or_list(node).is_empty()) {
            self.refuse(node.place, "an entity has no path in `at`", "write the path of its flags, such as `flags/*`");
        }
        if at.iter().any(|path| path.root != Root::Entity) {
            self.refuse(node.place, "flags are looked for in the document", "write `at` without `@env/` and `@doc/`");
        }
        self.env_is_flag = map.get("each").is_none();
        let key = match map.get("key") {
            Some(node) => self.joined(node),
            None => vec![vec![Source::Key(None)]],
        };
        let counted_by = map.get("counted-by").map(|node| self.joined(node)).unwrap_or_default();
        let scope = map.get("scope").map(|node| self.joined(node)).unwrap_or_default();
        let each = map.get("each").and_then(|each| self.each(each));
        let live = self.states(map.get("live"));
        let fields = map.get("fields").map(|node| self.entity_fields(node)).unwrap_or_default();
        let rest = match self.word(map.get("rest"), "rest", &["unknown", "payload", "nothing"]) {
            Some("payload") => Rest::Payload,
            Some("nothing") => Rest::Nothing,
            _ => Rest::Unknown,
        };
        let only = map.get("only").and_then(|node| self.test(node));
        let filter = map.get("where").and_then(|node| self.test(node));
        let (refs, refs_by_name) = self.refs(map.get("refs"), node);
        let depends = map.get("depends").and_then(|node| self.depends(node));
        let gives_back = map.get("gives-back").and_then(|node| self.test(node));
        let absent = match self.word(map.get("absent"), "absent", &["unknown", "inactive"]) {
            Some("unknown") => Absence::Unknown,
            _ => Absence::Off,
        };
        let apart = links::APART.iter().flat_map(|(member, prefix)| {
            self.paths(map.get(member), node.place).into_iter().map(|path| (*prefix, path)).collect::<Vec<_>>()
        });
        let apart = apart.collect();
        let paths_of = |reader: &mut Self, name| reader.paths(map.get(name), node.place);
        let lets_in = [paths_of(self, "lets-in"), paths_of(self, "may-let-in")];
        let switch = match self.word(map.get("switch"), "switch", &["shown", "alike"]) {
            Some("alike") => SwitchShapes::Alike,
            _ => SwitchShapes::Shown,
        };
        let required = map.get("required").map(|node| self.joined(node)).unwrap_or_default();
        let impact = map.get("impact").and_then(|node| self.impact(node));
        self.env_is_flag = false;
        let called = kind.unwrap_or_default();
        let group = matches!(called, "group" | "target");
        let (part, flagd) = (
            group || matches!(called, "segment" | "schema" | "strategy" | "resource" | "annotation"),
            called == "flagd",
        );
        let kind = if kind == Some("experiment") { Kind::Experiment } else { Kind::Flag };
        let impact = impact.map(|model| without_order(model, &fields));
        let map_order = match impact {
            Some(ImpactModel::Named(_)) => MapOrder::Nothing,
            Some(ImpactModel::Plain(_)) | None => MapOrder::Counts,
        };
        let entity = Entity {
            kind,
            part,
            group,
            called,
            flagd,
            only,
            at,
            filter,
            counted_by,
            key,
            scope,
            each,
            tested: tested(&live),
            live,
            lists: ListPlaces::of(&fields),
            fields,
            refs,
            apart,
            refs_by_name,
            depends,
            gives_back,
            absent,
            lets_in,
            switch,
            required,
            impact,
            map_order,
            rest,
        };
        (!entity.at.is_empty()).then_some(entity)
    }

    /// The parts that one refers to: paths to their names, or a map that says whether members are called so.
    fn refs(&mut self, refs: Option<&Node>, entity: &Node) -> (Vec<Path>, Option<NamedRefs>) {
        let Some(node) = refs.filter(|node| node.as_map().is_some()) else {
            return (self.paths(refs, entity.place), None);
        };
        let at = self.paths(node.get("at"), node.place);
        self.members(node, "`refs`");
        if at.is_empty() {
            self.refuse(node.place, "`refs` has no `at`", "add `at`, the path of what names segments");
        }
        let by_name = self.flag(node.get("names"), "`names`");
        let order = self.paths(node.get("order"), node.place).into_iter().next();
        if by_name { (Vec::new(), Some(NamedRefs { at, order })) } else { (at, None) }
    }

    /// The flags that one depends on: paths to their names, or a map that says what else stands there.
    fn depends(&mut self, node: &Node) -> Option<Depends> {
        let map = match node.as_map() {
            Some(_) => Some(self.members(node, "`depends`")?),
            None => None,
        };
        let at = self.paths(map.map_or(Some(node), |map| map.get("at")), node.place);
        if at.is_empty() {
            self.refuse(node.place, "`depends` has no `at`", "add `at`, the path of what names a flag");
        }
        let key = map.and_then(|map| map.get("key")).map_or_else(|| vec![Source::Value], |key| self.sources(key));
        let mut more = |name: &str| {
            let paths = map.and_then(|map| map.get(name));
            paths.map(|paths| self.paths(Some(paths), node.place)).unwrap_or_default()
        };
        let (variants, off) = (more("variants"), more("while-off"));
        let inverted = map.and_then(|map| map.get("inverted")).and_then(|node| self.test(node));
        (!at.is_empty()).then_some(Depends { at, key, variants, off, inverted })
    }

    /// The environments of an entity.
    fn each(&mut self, each: &Node) -> Option<Each> {
        let at = match each.as_map() {
            Some(_) => {
                let map = self.members(each, "`each`")?;
                self.paths(map.get("at"), each.place)
            }
            None => self.paths(Some(each), each.place),
        };
        let key = match each.get("key") {
            Some(key) => self.sources(key),
            None => vec![Source::Key(None)],
        };
        if at.is_empty() {
            self.refuse(each.place, "`each` has no `at`", "add `at`, the path of the environments");
        }
        let mut more = |name: &str| {
            let paths = each.as_map().and_then(|map| map.get(name));
            paths.map(|paths| self.paths(Some(paths), each.place)).unwrap_or_default()
        };
        let (also, others) = (more("also"), more("others"));
        let absent = each.as_map().and_then(|map| map.get("absent"));
        let absent_is_off = self.word(absent, "absent", &["unknown", "inactive"]) == Some("inactive");
        (!at.is_empty()).then_some(Each { at, also, others, key, absent_is_off })
    }
}

/// A model of weights in the order of names, if the fields say that their list has none.
fn without_order(model: ImpactModel, fields: &[FieldMap]) -> ImpactModel {
    let ImpactModel::Plain(plain) = model else { return model };
    let weights = plain.weights.as_ref();
    let list = weights.and_then(|path| Some((path.root, crate::format::mapped::exposure::weights_at(path)?)));
    let says = |source: &Source| match (source, list) {
        (Source::Path(path), Some((root, steps))) => path.root == root && path.steps == steps,
        _ => false,
    };
    let parts = fields.iter().flat_map(|field| &field.parts);
    let mut unordered = parts.filter(|part| matches!(part.list, ListKind::Keyed(_) | ListKind::Set));
    let by_name = unordered.any(|part| part.at.iter().any(says));
    ImpactModel::Plain(PlainModel { by_name, ..plain })
}
