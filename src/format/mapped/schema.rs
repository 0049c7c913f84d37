//! The JSON Schema of a mapping: what an editor gets of the rows of its members.

use serde_json::{Map, Value, json};

use super::exposure::MODELS;
use super::fields::{FIELDS, names};
use super::language::FORMS;
use super::members::{Holds, LIST_KIND, MEMBERS, Member, NO_PATH, PATH};
use crate::document::schema::{DIALECT, id};

fn members(what: &str) -> &'static [Member] {
    MEMBERS.iter().find(|(name, _)| *name == what).map_or(&[], |(_, members)| members)
}

/// The names of the members of a part of a mapping.
pub fn known(what: &str) -> Vec<&'static str> {
    members(what).iter().map(|(name, ..)| *name).collect()
}

/// The JSON Schema of a mapping.
#[must_use]
pub fn schema() -> Value {
    let mut whole = record("the mapping");
    let parts = ["an entity", "a test"].map(|what| (definition(what), row(what)));
    let more = json!({
        "$schema": DIALECT,
        "$id": id("format"),
        "title": "Countersign mapping",
        "description": "A format of flag files in .countersign/formats: where a file has its flags, when each is live, \
                        and which part of it means what. Members that it does not name are unknown, and a change of \
                        them needs approval.",
        "required": ["entities"],
        "$defs": Value::Object(parts.into_iter().collect()),
    });
    if let (Value::Object(whole), Value::Object(more)) = (&mut whole, more) {
        whole.extend(more);
    }
    whole
}

fn definition(what: &str) -> String {
    what.trim_start_matches("an ").trim_start_matches("a ").to_owned()
}

fn row(what: &str) -> Value {
    match what {
        "a test" => {
            // Two members go with `with`, and ask nothing.
            let questions = known(what).into_iter().filter(|member| !["at", "named", "by"].contains(member));
            let one: Vec<Value> = questions.map(|member| json!({"required": [member]})).collect();
            let together = json!({"named": ["by", "with"], "by": ["named", "with"]});
            let test = with(with(record(what), "oneOf", json!(one)), "dependentRequired", together);
            json!({"anyOf": [{"const": "always"}, test]})
        }
        "an entity" | "`each`" | "`depends`" | "`refs`" | "a field" | "embedded" => {
            with(record(what), "required", json!(["at"]))
        }
        "a state" => with(record(what), "required", json!(["when"])),
        "`once`" => with(record(what), "required", json!(["key"])),
        _ => record(what),
    }
}

fn record(what: &str) -> Value {
    let property = |(name, holds, about): &Member| ((*name).to_owned(), with(of(*holds), "description", json!(about)));
    let properties: Map<String, Value> = members(what).iter().map(property).collect();
    json!({"type": "object", "additionalProperties": false, "properties": properties})
}

/// A schema with a member more.
fn with(mut schema: Value, name: &str, value: Value) -> Value {
    if let Value::Object(map) = &mut schema {
        map.insert(name.to_owned(), value);
    }
    schema
}

fn one_or_more(one: &Value) -> Value {
    json!({"anyOf": [one, {"type": "array", "items": one}]})
}

fn some_or_one(one: &Value) -> Value {
    json!({"anyOf": [one, {"type": "array", "items": one, "minItems": 1}]})
}

/// The schema of a place that a value comes from.
fn source() -> Value {
    json!({"anyOf": [of(Holds::Path), {"type": "string", "pattern": NO_PATH}]})
}

fn of(holds: Holds) -> Value {
    let text = json!({"type": "string"});
    match holds {
        Holds::Text => text,
        Holds::Texts => one_or_more(&text),
        Holds::SomeTexts => some_or_one(&text),
        Holds::Path => json!({"type": "string", "pattern": PATH}),
        Holds::Paths => one_or_more(&of(Holds::Path)),
        Holds::SomePaths => some_or_one(&of(Holds::Path)),
        Holds::Sources => one_or_more(&source()),
        Holds::FilePattern => json!({"type": "string", "pattern": r"^[^*]*\*[^*]*$"}),
        Holds::Implied => json!({"type": "object", "propertyNames": of(Holds::Path)}),
        Holds::Dividers => {
            let between = json!({"type": "string", "minLength": 1});
            json!({"type": "object", "propertyNames": of(Holds::Path), "additionalProperties": between})
        }
        Holds::TextsByPath => {
            let (texts, path) = (of(Holds::Texts), of(Holds::Path));
            json!({"anyOf": [texts, {"type": "object", "propertyNames": path, "additionalProperties": texts}]})
        }
        Holds::Switch => json!({"type": "boolean"}),
        Holds::Word(words) => json!({"enum": words}),
        Holds::Words(words) => one_or_more(&json!({"enum": words})),
        Holds::TextByPart => json!({"anyOf": [text, {"type": "object", "additionalProperties": text}]}),
        Holds::Form => {
            let word = json!({"enum": FORMS.iter().map(|(word, _)| *word).collect::<Vec<_>>()});
            json!({"anyOf": [word, {"type": "object", "additionalProperties": word}]})
        }
        Holds::Parts => {
            let sources = of(Holds::Sources);
            json!({"anyOf": [sources, {"type": "object", "additionalProperties": sources}]})
        }
        Holds::Joined => json!({"anyOf": [source(), {"type": "array", "items": of(Holds::Sources)}]}),
        Holds::Row("an entity") => {
            let entity = json!({"$ref": "#/$defs/entity"});
            json!({"anyOf": [entity, {"type": "array", "items": entity, "minItems": 1}]})
        }
        Holds::Map(what @ "a test") => json!({"$ref": format!("#/$defs/{}", definition(what))}),
        Holds::Map(what) => row(what),
        Holds::Tests => some_or_one(&of(Holds::Map("a test"))),
        Holds::Row(what) => one_or_more(&row(what)),
        Holds::FieldNames => one_or_more(&json!({"enum": names().collect::<Vec<_>>()})),
        Holds::Size => json!({"type": "number", "minimum": 1, "maximum": 8}),
        Holds::Scopes => json!({"anyOf": [of(Holds::SomePaths), row("`each`")]}),
        Holds::Dependencies => json!({"anyOf": [of(Holds::SomePaths), row("`depends`")]}),
        Holds::References => json!({"anyOf": [of(Holds::Paths), row("`refs`")]}),
        Holds::States => {
            let words: Vec<&str> = super::fields::STATES.iter().copied().chain([super::parse::ABOVE]).collect();
            one_or_more(&json!({"anyOf": [{"enum": words}, row("a state")]}))
        }
        Holds::ListKinds => {
            let kind = json!({"type": "string", "pattern": LIST_KIND});
            json!({"anyOf": [kind, {"type": "object", "additionalProperties": kind}]})
        }
        Holds::Number => json!({"type": "number"}),
        Holds::Impact => {
            let names: Vec<&str> = MODELS.iter().map(|model| model.name).chain(["everyone"]).collect();
            json!({"anyOf": [{"enum": names}, record("`impact`")]})
        }
        Holds::Anything => json!({}),
        Holds::Fields => {
            let field = json!({"anyOf": [of(Holds::Sources), row("a field")]});
            let property = |name: &'static str| {
                let about = FIELDS.iter().find(|field| field.name == name).map_or("", |field| field.doc);
                (name.to_owned(), with(field.clone(), "description", json!(about)))
            };
            let properties: Map<String, Value> = names().map(property).collect();
            json!({"type": "object", "additionalProperties": false, "properties": properties})
        }
    }
}
