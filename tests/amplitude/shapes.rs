//! Objects of Amplitude's API by throws of dice: every shape that its documentation, its examples and reports from the
//! field show.

use proptest::prelude::*;
use serde_json::{Map, Value, json};

/// Bytes thrown like dice, so that a failure shrinks to a short list.
pub struct Dice<'d>(pub std::slice::Iter<'d, u8>);

impl Dice<'_> {
    pub fn roll(&mut self, sides: usize) -> usize {
        usize::from(*self.0.next().unwrap_or(&0)) % sides
    }

    pub fn pick<T: Clone>(&mut self, of: &[T]) -> T {
        of[self.roll(of.len())].clone()
    }

    pub fn some(&mut self) -> bool {
        self.roll(2) == 1
    }
}

pub fn bytes(most: usize) -> impl Strategy<Value = Vec<u8>> {
    prop::collection::vec(any::<u8>(), 0..most)
}

pub fn cases(usual: u32) -> u32 {
    std::env::var("PROPTEST_CASES").ok().and_then(|count| count.parse().ok()).unwrap_or(usual)
}

const TEXTS: &[&str] = &[
    "",
    "on",
    "yes",
    "1e3",
    "a: b",
    "two\nlines",
    "# no",
    "\"q\"",
    " lead",
    "tail ",
    "登録",
    "a\tb",
    "null",
    "2026-11-23",
    "\u{202e}x",
    "x\r",
];

fn text(dice: &mut Dice<'_>) -> Value {
    match dice.roll(6) {
        0 => Value::Null,
        _ => json!(dice.pick(TEXTS)),
    }
}

fn payload(dice: &mut Dice<'_>) -> Value {
    match dice.roll(9) {
        0 => Value::Null,
        1 => json!({}),
        2 => json!("plain text"),
        3 => json!(0),
        4 => json!(1.5e300),
        5 => json!({"fields": ["email", null, {"a": -0.0}], "on": "yes", "max": null}),
        6 => json!([true, "no", 1.0, 10_000_000_000_u64]),
        7 => text(dice),
        _ => json!({"a: b": {"": []}}),
    }
}

fn weights(dice: &mut Dice<'_>, keys: &[String]) -> Value {
    let mut weights = Map::new();
    for key in keys {
        if dice.roll(5) > 0 {
            weights.insert(key.clone(), dice.pick(&[json!(1), json!(0), json!(100), json!(33.3), json!(2)]));
        }
    }
    if dice.roll(7) == 0 {
        weights.insert("gone".to_owned(), json!(3));
    }
    Value::Object(weights)
}

fn condition(dice: &mut Dice<'_>) -> Value {
    let mut made = json!({"prop": dice.pick(&["country", "gp:plan", "user_id", "version"]), "type": "property",
        "op": dice.pick(&["is", "is not", "contains", "greater or equal", "set contains", "glob match"]),
        "values": dice.pick(&[json!(["US"]), json!([]), json!(["(none)"]), json!(["true", "7.4.0", "a, b"])])});
    match dice.roll(24) {
        0 => made["type"] = json!("cohort"),
        1 => made["op"] = json!("version greater than or equal"),
        2 => made["group_type"] = json!("User"),
        _ => {}
    }
    made
}

fn segments(dice: &mut Dice<'_>, keys: &[String]) -> Value {
    let mut list = Vec::new();
    for at in 0..dice.roll(4) {
        let conditions: Vec<Value> = (0..dice.roll(3)).map(|_| condition(dice)).collect();
        let mut made = json!({"name": dice.pick(&["Staff", "Segment 1", "yes"]).to_owned() + &" x".repeat(at), "conditions": conditions,
            "percentage": dice.pick(&[0, 5, 50, 100]), "rolloutWeights": weights(dice, keys)});
        if dice.some() {
            made["bucketingKey"] = json!("amplitude_id");
        }
        match dice.roll(20) {
            0 => made["estimatedUsers"] = Value::Null,
            1 => made["name"] = json!("Staff"),
            _ => {}
        }
        list.push(made);
    }
    json!(list)
}

/// An object of the list `/flags` or `/experiments`, and the answer about its variants.
pub fn object(dice: &mut Dice<'_>, id: u64, key: &str, experiment: bool) -> (Value, Value) {
    let keys: Vec<String> = ["control", "treatment", "on", "off-peak", "yes"][..=dice.roll(5)]
        .iter()
        .map(|key| (*key).to_owned())
        .collect();
    let variants: Vec<Value> = keys
        .iter()
        .map(|key| json!({"key": key, "name": text(dice), "description": text(dice), "payload": payload(dice), "rolloutWeight": 1}))
        .collect();
    let short: Vec<Value> =
        variants
            .iter()
            .map(|full| {
                if dice.some() {
                    json!({"key": full["key"], "name": full["name"]})
                } else {
                    json!({"key": full["key"]})
                }
            })
            .collect();
    let id = if dice.some() { json!(id) } else { json!(id.to_string()) };
    let mut made = json!({"id": id, "projectId": dice.pick(&[json!("450001"), json!(450_001)]), "key": key,
        "name": text(dice), "description": text(dice), "enabled": dice.some(), "evaluationMode": dice.pick(&["remote", "local"]),
        "bucketingKey": dice.pick(&["amplitude_id", "device_id", "org id"]), "bucketingSalt": dice.pick(&["Qw8rTz1k", "12345678", "1e345678"]),
        "bucketingUnit": dice.pick(&["User", "org id"]), "variants": short, "rolloutPercentage": dice.pick(&[json!(0), json!(25), json!(100), json!(12.5)]),
        "rolloutWeights": weights(dice, &keys), "targetSegments": segments(dice, &keys), "deployments": dice.pick(&[json!([]), json!(["71001"]), json!([71001, "71002"])]),
        "parentDependencies": dice.pick(&[Value::Null, json!({"flags": {}, "operator": "all"}), json!({"flags": {"908120": ["slot-1"]}, "operator": "all"})]),
        "createdBy": "ops@example.com", "lastModifiedBy": "ops@example.com", "createdAt": "2026-02-03T09:15:02.114Z", "lastModifiedAt": "2026-02-03T09:15:02.114Z"});
    if dice.some() {
        made["tags"] = dice.pick(&[json!([]), json!(["q3", "payments"]), json!(["on"])]);
    }
    if dice.some() {
        made["deleted"] = json!(dice.roll(4) == 0);
    }
    if dice.roll(8) == 0 {
        made["x_futureField"] = json!({"anything": [null, 1.5]});
    }
    if experiment {
        made["state"] = dice.pick(&[
            json!("planning"),
            json!("running"),
            json!("decision-made"),
            json!("analyzing"),
            json!("some-later-word"),
        ]);
        made["experimentType"] = dice.pick(&[json!("a-b-test"), json!("multi-arm-bandit"), json!("no-harm")]);
        made["stickyBucketing"] = json!(dice.some());
        made["startDate"] = dice.pick(&[Value::Null, json!("2026-09-14"), json!("2026-06-01T08:00:00.000Z")]);
        made["endDate"] = dice.pick(&[Value::Null, json!("2026-07-15T00:00:00.000Z"), json!("2026-10-01")]);
        made["decision"] = dice.pick(&[Value::Null, json!("rollout"), json!("later-word")]);
        made["decisionReason"] = dice.pick(&[Value::Null, json!("Completion up; no harm.")]);
        made["rolledOutVariant"] = dice.pick(&[Value::Null, json!("control"), json!("nobody")]);
    }
    (made, json!(variants))
}
