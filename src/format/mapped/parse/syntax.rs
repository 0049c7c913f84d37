//! How files are written and how users are divided, out of a mapping.

use super::{Parser, choice, one_or_list};
use crate::document::Node;
use crate::document::yaml::Dialect;
use crate::format::mapped::exposure::MODELS;
use crate::format::mapped::language::{ImpactModel, PlainModel, Syntax};

const READERS: &[(&str, Dialect)] = &[
    ("core", Dialect::Core),
    ("go", Dialect::GoV3),
    ("kubernetes", Dialect::SigsYaml),
    ("js", Dialect::JsYaml),
    ("ruby", Dialect::Psych),
    ("python", Dialect::PyYaml),
];

impl Parser<'_, '_> {
    pub(super) fn syntax(&mut self, node: Option<&Node>) -> Syntax {
        let mut syntax = Syntax {
            readers: vec![Dialect::Core],
            documents: false,
            bom: false,
            any_case: false,
            text_keys: false,
            templates: false,
            embedded: Vec::new(),
        };
        let Some(node) = node else { return syntax };
        let Some(map) = self.members(node, "`syntax`") else { return syntax };
        match self.word(map.get("is"), "is", &["yaml", "json", "jsonc", "json5"]) {
            Some("json") => syntax.readers = vec![Dialect::Json],
            Some("jsonc") => syntax.readers = vec![Dialect::Jsonc],
            Some("json5") => syntax.readers = vec![Dialect::Json5],
            _ => {}
        }
        let mut readers = Vec::new();
        for (name, node) in self
            .texts(map.get("readers"), "`readers`")
            .iter()
            .zip(map.get("readers").map(one_or_list).unwrap_or_default())
        {
            match READERS.iter().find(|(known, _)| known == name) {
                Some((_, dialect)) => readers.push(*dialect),
                None => {
                    let names = choice(READERS.iter().map(|(name, _)| *name));
                    self.refuse(
                        node.place,
                        format!("`{}` is no reader", name.escape_debug()),
                        format!("write one of {names}"),
                    );
                }
            }
        }
        if !readers.is_empty() {
            syntax.readers = readers;
        }
        syntax.documents = self.word(map.get("documents"), "documents", &["one", "many"]) == Some("many");
        syntax.templates = self.word(map.get("templates"), "templates", &["refused", "unknown"]) == Some("unknown");
        let keys = self.word(map.get("keys"), "keys", &["text", "any-case"]);
        (syntax.text_keys, syntax.any_case) = (keys == Some("text"), keys == Some("any-case"));
        syntax.bom = self.flag(map.get("bom"), "`bom`");
        for node in map.get("embedded").map(one_or_list).unwrap_or_default() {
            let at = self.path(node.get("at"), node.place);
            let is = self.word(node.get("is"), "is", &["yaml", "json"]);
            if let Some(at) = at {
                syntax.embedded.push((at, if is == Some("json") { Dialect::Json } else { Dialect::Core }));
            }
        }
        syntax
    }

    /// How users are divided: the name of a model, or where percentages and weights are.
    pub(super) fn impact(&mut self, node: &Node) -> Option<ImpactModel> {
        let names = || MODELS.iter().map(|model| model.name).chain(["everyone"]);
        if let Some(name) = node.as_text() {
            let model = MODELS.iter().find(|model| model.name == name).map(ImpactModel::Named);
            let model = model.or_else(|| (name == "everyone").then(|| ImpactModel::Plain(PlainModel::default())));
            if model.is_none() {
                let remedy = format!("write one of {}, or a map with `percentage` or `weights`", choice(names()));
                self.refuse(node.place, format!("`{}` is no model of impact", name.escape_debug()), remedy);
            }
            return model;
        }
        let map = self.members(node, "`impact`")?;
        let mut at = |name: &str| map.get(name).map(|node| self.path(Some(node), node.place));
        let (percentage, weights) = (at("percentage").flatten(), at("weights").flatten());
        let by = map.get("by").and_then(Node::as_text).map(str::to_owned);
        Some(ImpactModel::Plain(PlainModel { percentage, weights, by }))
    }
}
