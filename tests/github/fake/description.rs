//! GitHub's own description of its REST interface, as judge over each request and each of our answers.

use crate::loopback::decode;
use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock, Mutex};

use jsonschema::{Draft, Validator};
use serde_json::{Value, json};

const TEXT: &str = include_str!("../data/openapi-23.0.2.json");

static WHOLE: LazyLock<Value> = LazyLock::new(|| serde_json::from_str(TEXT).unwrap());
static VALIDATORS: LazyLock<Mutex<BTreeMap<String, Arc<Validator>>>> = LazyLock::new(Mutex::default);

/// A path of the description with the values of its parameters, percent-decoded.
pub struct Matched {
    pub template: &'static str,
    pub params: BTreeMap<String, String>,
}

/// The path of the description that says most about this one.
pub fn find(path: &str) -> Option<Matched> {
    let parts: Vec<&str> = path.trim_start_matches('/').split('/').collect();
    let all = WHOLE["paths"].as_object().unwrap();
    let mut found: Vec<Matched> = all
        .iter()
        .filter_map(|(template, item)| {
            let pattern: Vec<&str> = template.trim_start_matches('/').split('/').collect();
            let mut params = BTreeMap::new();
            take(&pattern, &parts, item, &mut params).then_some(Matched { template, params })
        })
        .collect();
    // `{ref}/status` and `{path}` may both fit; fewer parameters and shorter values say more.
    found.sort_by_key(|it| (it.params.values().map(String::len).sum::<usize>(), it.params.len()));
    found.into_iter().next()
}

fn take(pattern: &[&str], parts: &[&str], item: &'static Value, params: &mut BTreeMap<String, String>) -> bool {
    let Some((first, rest)) = pattern.split_first() else { return parts.is_empty() };
    let Some(name) = first.strip_prefix('{').and_then(|it| it.strip_suffix('}')) else {
        return parts.first() == Some(first) && take(rest, &parts[1..], item, params);
    };
    let longest = if spans(item, name) { parts.len() } else { parts.len().min(1) };
    (1..=longest).rev().any(|count| {
        let fits = take(rest, &parts[count..], item, params);
        if fits {
            params.insert(name.to_owned(), parts[..count].iter().map(|it| decode(it)).collect::<Vec<_>>().join("/"));
        }
        fits
    })
}

/// Whether a parameter may hold a `/`.
fn spans(item: &'static Value, name: &str) -> bool {
    let operations = item.as_object().unwrap().values();
    operations.flat_map(parameters).any(|it| it["name"] == name && it["x-multi-segment"] == true)
        || matches!(name, "branch" | "ref")
}

fn parameters(operation: &'static Value) -> impl Iterator<Item = &'static Value> {
    operation["parameters"].as_array().unwrap().iter().map(|it| match it["$ref"].as_str() {
        Some(reference) => WHOLE.pointer(&reference[1..]).unwrap(),
        None => it,
    })
}

pub fn operation(template: &str, method: &str) -> Option<&'static Value> {
    WHOLE["paths"][template].get(method.to_lowercase())
}

/// The objections to the parameters and the body of a request.
pub fn wrong_request(
    operation: &'static Value,
    place: &str,
    params: &BTreeMap<String, String>,
    query: &BTreeMap<String, String>,
    body: &Value,
) -> Vec<String> {
    let mut wrong = Vec::new();
    for (part, given) in [("path", params), ("query", query)] {
        for (name, text) in given {
            let Some(known) = parameters(operation).find(|it| it["in"] == part && it["name"] == name.as_str()) else {
                wrong.push(format!("{place}: no {part} parameter `{name}` is known"));
                continue;
            };
            let schema = &known["schema"];
            let wants = |kind: &str| schema["type"] == kind;
            let value = match text.parse::<i64>() {
                Ok(number) if wants("integer") || wants("number") => json!(number),
                _ if wants("boolean") && (text == "true" || text == "false") => json!(text == "true"),
                _ => json!(text),
            };
            let whole = format!("{place} {part} {name}");
            wrong.extend(errors(&whole, schema, &value));
        }
    }
    for known in parameters(operation).filter(|it| it["in"] == "query" && it["required"] == true) {
        let name = known["name"].as_str().unwrap();
        if !query.contains_key(name) {
            wrong.push(format!("{place}: the query parameter `{name}` is missing"));
        }
    }
    match operation["requestBody"]["content"]["application/json"].get("schema") {
        Some(schema) if operation["requestBody"]["required"] == true || !body.is_null() => {
            wrong.extend(errors(&format!("{place} body"), schema, body));
        }
        Some(_) => {}
        None if body.is_null() => {}
        None => wrong.push(format!("{place}: a body where none is known: {body}")),
    }
    wrong
}

/// The objections to an answer.
pub fn wrong_reply(operation: &'static Value, place: &str, status: u16, body: &Value) -> Vec<String> {
    let place = format!("{place} answered {status}");
    match operation["responses"].get(status.to_string()) {
        Some(Value::Null) if body.is_null() => Vec::new(),
        Some(Value::Null) if status < 400 => vec![format!("{place}: a body where none is known: {body}")],
        Some(schema) if !schema.is_null() => errors(&place, schema, body),
        // The description names few of the errors that can come from any path.
        _ if matches!(status, 400 | 401 | 403 | 404 | 409 | 422 | 429) => {
            errors(&format!("error {place}"), &WHOLE["components"]["schemas"]["basic-error"], body)
        }
        _ => vec![format!("{place}: the description knows no such status")],
    }
}

fn errors(place: &str, schema: &Value, value: &Value) -> Vec<String> {
    let validator = Arc::clone(VALIDATORS.lock().unwrap().entry(place.to_owned()).or_insert_with(|| build(schema)));
    let says = |error: jsonschema::ValidationError| {
        let text = error.to_string();
        let (short, more) = text.char_indices().nth(300).map_or((&*text, ""), |(at, _)| (&text[..at], "…"));
        format!("{place} at `{}`: {short}{more}", error.instance_path())
    };
    validator.iter_errors(value).map(says).collect()
}

fn build(schema: &Value) -> Arc<Validator> {
    let whole = json!({"allOf": [schema], "components": WHOLE["components"]});
    let options = jsonschema::options().with_draft(Draft::Draft7).should_validate_formats(true);
    Arc::new(options.build(&whole).unwrap_or_else(|why| panic!("the description can't be read: {why}")))
}
