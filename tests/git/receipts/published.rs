//! Envelopes and statements, held against what DSSE and in-toto publish: a test vector, and the definitions of the
//! messages.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use countersign::receipt::envelope::pae;
use p256::ecdsa::signature::Verifier as _;
use p256::ecdsa::{Signature, VerifyingKey};
use serde_json::{Value, json};

use super::signed::{approve, proposed};
use super::summary::reviewed;
use super::{Shop, decoded, statement};

fn published(path: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data").join(path)).unwrap()
}

/// The type of a field of a message.
#[derive(Clone, Debug, PartialEq)]
struct ProtoField {
    kind: String,
    repeated: bool,
}

/// The messages of a definition in proto3, each with its fields by their names in JSON.
fn messages(text: &str) -> BTreeMap<String, BTreeMap<String, ProtoField>> {
    let mut found: BTreeMap<String, BTreeMap<String, ProtoField>> = BTreeMap::new();
    let mut open: Vec<String> = Vec::new();
    for line in text.lines().map(|line| line.split("//").next().unwrap().trim()) {
        if let Some(name) = line.strip_prefix("message ") {
            open.push(name.trim_end_matches(" {").to_owned());
            found.entry(open.last().unwrap().clone()).or_default();
        } else if line == "}" {
            open.pop();
        } else if let (Some(message), Some((field, number))) = (open.last(), line.split_once(" = ")) {
            let (kind, name) = field.rsplit_once(' ').unwrap();
            let json_name = number.split_once("json_name = \"").and_then(|(_, rest)| rest.split('"').next());
            let kind = kind.strip_prefix("repeated ").map_or((kind, false), |kind| (kind, true));
            let is = ProtoField { kind: kind.0.rsplit('.').next().unwrap().to_owned(), repeated: kind.1 };
            let is = if kind.0.starts_with("map<") { ProtoField { kind: kind.0.to_owned(), ..is } } else { is };
            found.get_mut(message).unwrap().insert(json_name.map_or_else(|| camel(name), str::to_owned), is);
        }
    }
    found
}

/// The name of a field in JSON.
fn camel(name: &str) -> String {
    let mut parts = name.split('_');
    let first = parts.next().unwrap().to_owned();
    parts.fold(first, |name, part| name + &part[..1].to_uppercase() + &part[1..])
}

/// The parts of a value that are another thing than the message says.
fn differences(
    all: &BTreeMap<String, BTreeMap<String, ProtoField>>,
    message: &str,
    value: &Value,
    at: &str,
) -> Vec<String> {
    let Some(members) = value.as_object() else { return vec![format!("{at}: no {message}")] };
    let mut found = Vec::new();
    for (name, value) in members {
        let at = format!("{at}/{name}");
        let Some(field) = all[message].get(name) else {
            found.push(format!("{at}: unknown"));
            continue;
        };
        let values = if field.repeated { value.as_array().cloned().unwrap_or_default() } else { vec![value.clone()] };
        let list = value.is_array() == field.repeated;
        for value in values {
            let holds = match field.kind.as_str() {
                "string" => value.is_string(),
                "bytes" => !decoded(&value).is_empty(),
                "Struct" => value.is_object(),
                "Timestamp" => chrono::DateTime::parse_from_rfc3339(value.as_str().unwrap()).is_ok(),
                "map<string, string>" => value.as_object().is_some_and(|map| map.values().all(Value::is_string)),
                other => {
                    found.extend(differences(all, other, &value, &at));
                    true
                }
            };
            if !holds || !list {
                found.push(format!("{at}: no {}", field.kind));
            }
        }
    }
    found
}

#[test]
fn the_vector_of_dsse() {
    let vector: Value = serde_json::from_str(&published("dsse/vector.json")).unwrap();
    let text = |name: &str| vector[name].as_str().unwrap();
    let signed = pae(text("payloadType"), text("serializedBody").as_bytes());
    assert_eq!(String::from_utf8(signed.clone()).unwrap(), text("pae"));
    assert_eq!(decoded(&vector["envelope"]["payload"]), text("serializedBody").as_bytes());
    let hex = |text: &str| -> Vec<u8> {
        (0..32).map(|at| u8::from_str_radix(&text[at * 2..at * 2 + 2], 16).unwrap()).collect()
    };
    let point = [vec![4], hex(text("x")), hex(text("y"))].concat();
    let key = VerifyingKey::from_sec1_bytes(&point).unwrap();
    let signature = Signature::from_slice(&decoded(&vector["envelope"]["signatures"][0]["sig"])).unwrap();
    key.verify(&signed, &signature).unwrap();
    assert!(key.verify(&pae("http://example.com/HelloWorl", b"dhello world"), &signature).is_err());
    // Bytes are counted, not characters, and nothing is something.
    assert_eq!(pae("t", "é".as_bytes()), "DSSEv1 1 t 2 é".as_bytes());
    assert_eq!(pae("", b""), b"DSSEv1 0  0 ");
}

#[test]
fn envelopes_and_statements_are_those_that_are_published() {
    let envelope = messages(&published("dsse/envelope.proto"));
    let mut all = messages(&published("in-toto/statement.proto"));
    all.extend(messages(&published("in-toto/resource_descriptor.proto")));
    all.extend(messages(&published("in-toto/vsa.proto")));
    assert_eq!(all["Statement"].keys().collect::<Vec<_>>(), ["_type", "predicate", "predicateType", "subject"]);
    assert_eq!(all["VerificationSummary"].len(), 9, "{all:#?}");
    // The definition is older than the specification, which gives a verifier its version.
    let version = ProtoField { kind: "map<string, string>".to_owned(), repeated: false };
    all.get_mut("Verifier").unwrap().insert("version".to_owned(), version);
    let holds = |one: &Value| {
        assert_eq!(differences(&envelope, "Envelope", one, ""), Vec::<String>::new(), "{one:#}");
        let said = statement(one);
        assert_eq!(differences(&all, "Statement", &said, ""), Vec::<String>::new(), "{said:#}");
        said
    };
    // A receipt, and a summary of those there are.
    let shop = reviewed();
    for (_, receipt) in shop.envelopes() {
        holds(&receipt);
    }
    let key = shop.key("ci");
    shop.done(&["receipt", "--vsa", "../vsa.json", "--sign-with", key.to_str().unwrap()]);
    let summary = holds(&serde_json::from_str(&fs::read_to_string(shop.path("vsa.json")).unwrap()).unwrap());
    let predicate = &summary["predicate"];
    assert_eq!(differences(&all, "VerificationSummary", predicate, ""), Vec::<String>::new(), "{predicate:#}");
    // The members that have to be there, by the specification.
    for name in ["verifier", "resourceUri", "policy", "verificationResult", "verifiedLevels"] {
        assert!(!predicate[name].is_null(), "{name}: {predicate:#}");
    }
    // An approval.
    let shop = proposed();
    assert_eq!(approve(&shop, "alice", &[]).0, 0);
    holds(&kept(&shop, "refs/countersign/approvals"));
}

/// The one envelope that is kept under a reference.
fn kept(shop: &Shop, reference: &str) -> Value {
    let path = crate::git::git(&shop.dir, &["ls-tree", "-r", "--name-only", reference]);
    serde_json::from_str(&crate::git::git(&shop.dir, &["show", &format!("{reference}:{path}")])).unwrap()
}

/// The test of the test.
#[test]
fn what_no_message_has_is_found() {
    let all = messages(&published("in-toto/statement.proto"));
    let found = differences(&all, "Statement", &json!({"_type": 1, "predicate_type": "", "predicate": []}), "");
    assert_eq!(found, ["/_type: no string", "/predicate: no Struct", "/predicate_type: unknown"]);
}
