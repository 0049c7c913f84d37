//! The description of Amplitude's API, as judge over each request and each of our answers.

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock, Mutex};

use jsonschema::{Draft, Validator};
use serde_json::{Value, json};

static WHOLE: LazyLock<Value> =
    LazyLock::new(|| serde_yaml::from_str(include_str!("../../data/amplitude/openapi.yaml")).unwrap());
static VALIDATORS: LazyLock<Mutex<BTreeMap<String, Arc<Validator>>>> = LazyLock::new(Mutex::default);

/// The path of the description that a path fits.
pub fn template(path: &str) -> Option<&'static str> {
    let parts: Vec<&str> = path.trim_start_matches('/').split('/').collect();
    let fits = |template: &&String| {
        let pattern: Vec<&str> = template.trim_start_matches('/').split('/').collect();
        let same = |(want, is): (&&str, &&str)| want.starts_with('{') && !is.is_empty() || want == is;
        pattern.len() == parts.len() && pattern.iter().zip(&parts).all(same)
    };
    WHOLE["paths"].as_object().unwrap().keys().find(fits).map(String::as_str)
}

fn resolved(value: &'static Value) -> &'static Value {
    match value["$ref"].as_str() {
        Some(reference) => WHOLE.pointer(&reference[1..]).unwrap(),
        None => value,
    }
}

/// The objections to a request.
pub fn wrong_request(method: &str, template: &str, query: &BTreeMap<String, String>, body: &Value) -> Vec<String> {
    let place = format!("{method} {template}");
    let operation = &WHOLE["paths"][template][method.to_lowercase()];
    if operation.is_null() {
        return vec![format!("{place}: the description knows no such operation")];
    }
    let mut wrong = Vec::new();
    for name in query.keys() {
        let known = operation["parameters"].as_array().into_iter().flatten().map(resolved);
        if !known.into_iter().any(|it| it["in"] == "query" && it["name"] == name.as_str()) {
            wrong.push(format!("{place}: no query parameter `{name}` is known"));
        }
    }
    match &operation["requestBody"]["content"]["application/json"]["schema"] {
        Value::Null if body.is_null() => {}
        Value::Null => wrong.push(format!("{place}: a body where none is known: {body}")),
        schema => {
            wrong.extend(errors(&format!("{place} body"), schema, body));
            // The description leaves members open; a client sends none that it does not name.
            let of = resolved(schema)["properties"].as_object();
            let strange =
                body.as_object().into_iter().flatten().filter(|(name, _)| of.is_some_and(|of| !of.contains_key(*name)));
            wrong.extend(strange.map(|(name, _)| format!("{place}: nobody documents the member `{name}`")));
        }
    }
    wrong
}

/// The objections to an answer.
pub fn wrong_reply(method: &str, template: &str, status: u16, body: &str) -> Vec<String> {
    let place = format!("{method} {template} answered {status}");
    if status != 200 {
        return Vec::new();
    }
    let content = &resolved(&WHOLE["paths"][template][method.to_lowercase()]["responses"]["200"])["content"];
    match &content["application/json"]["schema"] {
        Value::Null => Vec::new(),
        schema => match serde_json::from_str(body) {
            Ok(value) => errors(&place, schema, &value),
            Err(_) if content["text/plain"].is_object() => Vec::new(),
            Err(why) => vec![format!("{place}: no JSON: {why}")],
        },
    }
}

fn errors(place: &str, schema: &Value, value: &Value) -> Vec<String> {
    let mut all = VALIDATORS.lock().unwrap();
    let validator = all.entry(place.to_owned()).or_insert_with(|| {
        let whole = json!({"allOf": [schema], "components": WHOLE["components"]});
        Arc::new(jsonschema::options().with_draft(Draft::Draft202012).build(&whole).unwrap())
    });
    let validator = Arc::clone(validator);
    drop(all);
    validator.iter_errors(value).map(|error| format!("{place} at `{}`: {error}", error.instance_path())).collect()
}
