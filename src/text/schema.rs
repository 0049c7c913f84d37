//! The rows of a record as JSON Schema, for editors: its hover text teaches the format.

use serde_json::{Value, json};

use super::shape::{Field, Shape, Unknown};

/// The JSON Schema (2020-12) of a record.
#[must_use]
pub fn schema(fields: &[Field], unknown: Unknown) -> Value {
    let properties: serde_json::Map<String, Value> = fields
        .iter()
        .map(|field| {
            let mut schema = shape_schema(&field.shape, unknown);
            if !field.required && !matches!(field.shape, Shape::Any) {
                schema = json!({"anyOf": [schema, {"type": "null"}]});
            }
            if let Value::Object(map) = &mut schema {
                map.insert("description".into(), field.doc.into());
                if !matches!(field.default, "null") {
                    map.insert("default".into(), serde_json::from_str(field.default).unwrap_or(Value::Null));
                }
            }
            (field.name.to_owned(), schema)
        })
        .collect();
    let required: Vec<&str> = fields.iter().filter(|field| field.required).map(|field| field.name).collect();
    json!({
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": unknown == Unknown::Told,
    })
}

fn shape_schema(shape: &Shape, unknown: Unknown) -> Value {
    match shape {
        Shape::Text => json!({"type": "string"}),
        Shape::Key => json!({"type": "string", "pattern": "^[A-Za-z0-9_][A-Za-z0-9._%-]{0,199}$"}),
        Shape::Bool => json!({"type": "boolean"}),
        Shape::Percent => json!({"type": "number", "minimum": 0, "maximum": 100}),
        Shape::Count(least) => json!({"type": "integer", "minimum": least, "maximum": u32::MAX}),
        Shape::Weights => json!({"type": "object", "additionalProperties": {"type": "number", "minimum": 0}}),
        Shape::Split => json!({"type": "array", "items": {"type": "array", "minItems": 2, "maxItems": 2}}),
        Shape::Date => json!({"type": "string", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}"}),
        Shape::OneOf(words) => json!({"enum": words}),
        Shape::Known(words) => json!({"anyOf": [{"enum": words}, {"type": "string"}]}),
        Shape::Any => json!({}),
        Shape::Set(of) => json!({"type": "array", "items": shape_schema(of, unknown)}),
        Shape::MapOf(of) => json!({"type": "object", "additionalProperties": shape_schema(of, unknown)}),
        Shape::Record(fields) => schema(fields, unknown),
        Shape::Items { of, .. } => json!({"type": "array", "items": schema(of, unknown)}),
    }
}
