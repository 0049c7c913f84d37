//! The rows of a record as JSON Schema, for editors: its hover text teaches the format.
//!
//! Rules that no schema can express (a weight that names no variant, two flags with one key) are left to `lint`.

use serde_json::{Map, Value, json};

use super::date;
use super::field::Field;
use super::shape::{Shape, UnknownKeys};

/// The dialect of every schema here.
pub const DIALECT: &str = "https://json-schema.org/draft/2020-12/schema";

/// A schema file: the schema of a record, with its dialect, id and title.
#[must_use]
pub fn document(name: &str, title: &str, about: &str, fields: &[Field], unknown: UnknownKeys) -> Value {
    let mut document = schema(fields, unknown);
    insert(&mut document, "$schema", DIALECT);
    insert(&mut document, "$id", id(name));
    insert(&mut document, "title", title);
    insert(&mut document, "description", about);
    document
}

/// The id of a schema. It is no address, so nothing has to be fetched to check a file.
#[must_use]
pub fn id(name: &str) -> String {
    format!("urn:countersign:schema:{name}:v1")
}

/// The JSON Schema (2020-12) of a record.
#[must_use]
pub fn schema(fields: &[Field], unknown: UnknownKeys) -> Value {
    let properties: Map<String, Value> = fields
        .iter()
        .map(|field| {
            let mut schema = shape_schema(&field.shape, unknown);
            if !field.required {
                schema = or_null(schema);
            }
            insert(&mut schema, "description", field.doc);
            if field.default != "null" {
                insert(&mut schema, "default", serde_json::from_str(field.default).unwrap_or(Value::Null));
            }
            (field.name.to_owned(), schema)
        })
        .collect();
    let required: Vec<&str> = fields.iter().filter(|field| field.required).map(|field| field.name).collect();
    let mut record = json!({
        "type": "object",
        "properties": properties,
        "additionalProperties": unknown == UnknownKeys::Warned,
    });
    if !required.is_empty() {
        insert(&mut record, "required", required);
    }
    record
}

/// The schema or null. One schema without `anyOf` where that is possible, because editors complete words and keys only
/// there.
fn or_null(mut schema: Value) -> Value {
    let Value::Object(map) = &mut schema else { return schema };
    if let Some(Value::Array(words)) = map.get_mut("enum") {
        words.push(Value::Null);
    } else if let Some(kind) = map.get("type").cloned() {
        map.insert("type".into(), json!([kind, "null"]));
    } else if let Some(Value::Array(ways)) = map.get_mut("anyOf") {
        ways.push(json!({"type": "null"}));
    }
    schema
}

fn insert(schema: &mut Value, key: &str, value: impl Into<Value>) {
    if let Value::Object(map) = schema {
        map.insert(key.to_owned(), value.into());
    }
}

const KEY: &str = "^[A-Za-z0-9_][A-Za-z0-9._%-]{0,199}$";

fn shape_schema(shape: &Shape, unknown: UnknownKeys) -> Value {
    match shape {
        Shape::Text | Shape::Days => json!({"type": "string"}),
        Shape::Key => json!({"type": "string", "pattern": KEY}),
        Shape::Bool => json!({"type": "boolean"}),
        Shape::Percent => json!({"type": "number", "minimum": 0, "maximum": 100}),
        Shape::Count(least) => json!({"type": "integer", "minimum": least, "maximum": u32::MAX}),
        Shape::Weights => json!({
            "type": "object",
            "propertyNames": {"pattern": KEY},
            "additionalProperties": {"type": "number", "minimum": 0},
        }),
        Shape::Split => json!({"type": "array", "items": {"type": "array", "minItems": 2, "maxItems": 2}}),
        Shape::Date => json!({"type": "string", "pattern": date::pattern()}),
        Shape::OneOf(words) => json!({"enum": words}),
        Shape::Known(words) => json!({"anyOf": [{"enum": words}, {"type": "string"}]}),
        Shape::Any | Shape::Tree => json!({}),
        Shape::Set(of) => json!({"type": "array", "items": shape_schema(of, unknown)}),
        Shape::MapOf(of) => json!({"type": "object", "additionalProperties": shape_schema(of, unknown)}),
        Shape::Record(fields) => schema(fields, unknown),
        Shape::Items { of, .. } => json!({"type": "array", "items": schema(of, unknown)}),
    }
}
