//! The members `syntax` and `impact` of a mapping: how files are written, and how users are divided.

use super::{Parser, choice, one_or_list, shown};
use crate::document::Node;
use crate::document::yaml::Dialect;
use crate::format::mapped::exposure::MODELS;
use crate::format::mapped::language::{GIVES, ImpactModel, PlainModel, Syntax};

const READERS: &[(&str, Dialect)] = &[
    ("core", Dialect::Core),
    ("go", Dialect::GoV3),
    ("kubernetes", Dialect::SigsYaml),
    ("js", Dialect::JsYaml),
    ("ruby", Dialect::Psych),
    ("python", Dialect::PyYaml),
];

/// The most MiB that a file may have.
pub const LARGEST: usize = 8;

impl Parser<'_, '_> {
    pub(super) fn syntax(&mut self, node: Option<&Node>) -> Syntax {
        let mut syntax = Syntax {
            readers: vec![Dialect::Any],
            toml: false,
            times: 1,
            documents: false,
            bom: false,
            any_case: false,
            text_keys: false,
            templates: false,
            strings: Vec::new(),
            known: Vec::new(),
            embedded: Vec::new(),
        };
        let Some(node) = node else { return syntax };
        let Some(map) = self.members(node, "`syntax`") else { return syntax };
        match self.word(map.get("is"), "is", &["yaml", "json", "jsonc", "json5", "toml"]) {
            Some("json") => syntax.readers = vec![Dialect::Json],
            Some("jsonc") => syntax.readers = vec![Dialect::Jsonc],
            Some("json5") => syntax.readers = vec![Dialect::Json5],
            Some("toml") => syntax.toml = true,
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
        if let (Some(node), true) = (map.get("readers"), syntax.toml || syntax.readers != [Dialect::Any]) {
            self.refuse(node.place, "`readers` are those of YAML", "remove `readers`, or write `is: yaml`");
        }
        if !readers.is_empty() {
            syntax.readers = readers;
        }
        syntax.documents = self.word(map.get("documents"), "documents", &["one", "many"]) == Some("many");
        syntax.templates = self.word(map.get("templates"), "templates", &["refused", "unknown"]) == Some("unknown");
        let keys = self.word(map.get("keys"), "keys", &["text", "any-case"]);
        (syntax.text_keys, syntax.any_case) = (keys == Some("text"), keys == Some("any-case"));
        if let Some(node) = map.get("largest") {
            let number = node.as_number().and_then(crate::document::Decimal::to_integer);
            match number.and_then(|number| usize::try_from(number).ok()).filter(|times| (1..=LARGEST).contains(times)) {
                Some(times) => syntax.times = times,
                None => self.refuse(
                    node.place,
                    format!("`largest` is {}", shown(node)),
                    format!("write a whole number of MiB from 1 to {LARGEST}"),
                ),
            }
        }
        syntax.bom = self.flag(map.get("bom"), "`bom`");
        syntax.strings = self.paths(map.get("strings"), node.place);
        syntax.known = self.paths(map.get("known"), node.place);
        for node in map.get("embedded").map(one_or_list).unwrap_or_default() {
            if self.members(node, "embedded").is_none() {
                continue;
            }
            let at = self.path(node.get("at"), node.place);
            let is = self.word(node.get("is"), "is", &["yaml", "json"]);
            if let Some(at) = at {
                syntax.embedded.push((at, if is == Some("json") { Dialect::Json } else { Dialect::Any }));
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
        let weights = at("weights").flatten();
        let by = self.text(map.get("by"), "`by`");
        let gives_members = self.word(map.get("gives"), "gives", GIVES) == Some("members");
        let mut all = |name: &str| self.paths(map.get(name), node.place);
        let percentage = all("percentage");
        let (any_of, none_of) = (all("any-of"), all("none-of"));
        let (at_least, at_most) = (all("at-least"), all("at-most"));
        let model =
            PlainModel { percentage, weights, by, by_name: false, gives_members, any_of, none_of, at_least, at_most };
        Some(ImpactModel::Plain(model))
    }
}
