//! The reference of the configuration, `docs/configuration.md`, is made from the schema, and its example from every
//! key. `SNAPSHOTS=overwrite cargo test --test core configuration` writes it anew.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use serde_json::Value;

const START: &str = "<!-- keys -->\n";
const END: &str = "<!-- end of keys -->\n";

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

pub fn schema() -> Value {
    serde_json::from_str(&fs::read_to_string(root().join("schemas/config.schema.json")).unwrap()).unwrap()
}

/// Every key with its schema, `<name>` where the user chooses the name, and whether it has to be there.
pub fn keys(schema: &Value, under: &str, out: &mut Vec<(String, Value, bool)>) {
    let required: Vec<&str> = schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    for (key, child) in schema["properties"].as_object().into_iter().flatten() {
        let path = if under.is_empty() { key.clone() } else { format!("{under}.{key}") };
        out.push((path.clone(), child.clone(), required.contains(&key.as_str())));
        keys(child, &path, out);
    }
    if schema["additionalProperties"]["properties"].is_object() {
        keys(&schema["additionalProperties"], &format!("{under}.<name>"), out);
    }
}

/// The values of this schema, in words.
fn kind(schema: &Value) -> String {
    if let Some(words) = schema["enum"].as_array() {
        let words: Vec<String> = words.iter().filter(|word| !word.is_null()).map(|word| format!("`{word}`")).collect();
        return words.join(", ").replace('"', "");
    }
    if let Some(word) = schema.get("const") {
        return format!("`{word}`");
    }
    let types: Vec<&str> = match &schema["type"] {
        Value::String(one) => vec![one],
        Value::Array(all) => all.iter().filter_map(Value::as_str).filter(|word| *word != "null").collect(),
        _ => Vec::new(),
    };
    match types[..] {
        ["array"] => format!("list of {}s", kind(&schema["items"])),
        ["object"] => "map".to_owned(),
        ["integer"] => format!("whole number, {} or more", schema["minimum"]),
        ["boolean"] => "`true` or `false`".to_owned(),
        [one] => one.to_owned(),
        _ => panic!("no word for {schema}"),
    }
}

fn table() -> String {
    let mut all = Vec::new();
    keys(&schema(), "", &mut all);
    let mut out = String::from("| Key | Type | Default | Meaning |\n|---|---|---|---|\n");
    for (path, schema, required) in all {
        let default = match schema.get("default") {
            Some(default) => format!("`{default}`"),
            None if required => "has to be there".to_owned(),
            None => "–".to_owned(),
        };
        let text = schema["description"].as_str().unwrap_or_default().replace('|', "\\|");
        let _ = writeln!(out, "| `{path}` | {} | {default} | {text} |", kind(&schema));
    }
    out
}

#[test]
fn the_reference_has_every_key() {
    let path = root().join("docs/configuration.md");
    let old = fs::read_to_string(&path).unwrap();
    let (before, rest) = old.split_once(START).expect("the page has the table of keys");
    let (_, after) = rest.split_once(END).expect("the table of keys ends");
    let example = fs::read_to_string(root().join("examples/all-keys.yaml")).unwrap();
    let (head, yaml) = before.split_once("```yaml\n").expect("the page has an example");
    let (_, tail) = yaml.split_once("```\n").expect("the example ends");
    let new = format!("{head}```yaml\n{example}```\n{tail}{START}\n{}\n{END}{after}", table());
    if std::env::var_os("SNAPSHOTS").is_some_and(|value| value == "overwrite") {
        fs::write(&path, &new).unwrap();
    }
    assert!(
        old == new,
        "{}",
        similar::TextDiff::from_lines(&old, &new).unified_diff().header("configuration.md", "made")
    );
}

#[test]
fn the_example_has_every_key_and_holds() {
    let text = fs::read_to_string(root().join("examples/all-keys.yaml")).unwrap();
    let value: Value = serde_yaml::from_str(&text).unwrap();
    jsonschema::validator_for(&schema()).unwrap().validate(&value).unwrap();
    // serde_yaml takes the second of two keys, and we refuse it.
    let file = countersign::flag::File::regular(countersign::policy::CONFIG_PATH, text);
    let (_, found) = countersign::policy::config::read(&file, &[]);
    assert!(found.is_empty(), "{found:#?}");
    let mut all = Vec::new();
    keys(&schema(), "", &mut all);
    for (path, ..) in all {
        let mut here = vec![&value];
        for step in path.split('.') {
            here = here
                .into_iter()
                .flat_map(|value| match step {
                    "<name>" => value.as_object().into_iter().flat_map(|map| map.values()).collect(),
                    key => value.get(key).into_iter().collect::<Vec<_>>(),
                })
                .collect();
        }
        assert!(!here.is_empty(), "examples/all-keys.yaml has no `{path}`");
    }
}
