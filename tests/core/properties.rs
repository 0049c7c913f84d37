//! Properties of every flag, policy and evidence, tried on random ones.
//!
//! Everything random is made from a list of bytes, thrown like dice, so that a failure shrinks to a short list.

mod hold;
mod policies;
mod verdicts;

use std::collections::{BTreeMap, BTreeSet};

use countersign::approval::digest::{ContentKind, ContentPart};
use countersign::approval::{Content, Evidence};
use countersign::diagnostics::Diagnostics;
use countersign::flag::{File, Flag};
use countersign::report::{Class, Report, Verdict};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::files::judge_files;

struct Dice<'d>(std::slice::Iter<'d, u8>);

impl Dice<'_> {
    /// A number below `sides`; 0 when the bytes are used up.
    fn roll(&mut self, sides: usize) -> usize {
        usize::from(*self.0.next().unwrap_or(&0)) % sides
    }

    fn pick<T: Copy>(&mut self, of: &[T]) -> T {
        of[self.roll(of.len())]
    }

    fn some(&mut self) -> bool {
        self.roll(2) == 1
    }

    /// Some of them, each at most once.
    fn among<T: Copy>(&mut self, of: &[T]) -> Vec<T> {
        of.iter().filter(|_| self.some()).copied().collect()
    }

    fn shuffle<T>(&mut self, list: &mut [T]) {
        for at in (1..list.len()).rev() {
            list.swap(at, self.roll(at + 1));
        }
    }
}

fn bytes(most: usize) -> impl Strategy<Value = Vec<u8>> {
    prop::collection::vec(any::<u8>(), 0..most)
}

/// How many of each; more can be asked for with `PROPTEST_CASES` when the core is changed.
pub fn cases(usual: u32) -> u32 {
    std::env::var("PROPTEST_CASES").ok().and_then(|count| count.parse().ok()).unwrap_or(usual)
}

// ---- random flags, and random ways to write the same one

/// A flag without mistakes. Few values for many fields, so that two of them are often alike in most.
fn flag(dice: &mut Dice) -> Value {
    let states = ["running", "running", "running", "running", "scheduled", "planning", "completed"];
    let mut keys = vec!["control", "bold", "fancy"];
    keys.truncate(2 + dice.roll(2));
    dice.shuffle(&mut keys);
    let variants: Vec<Value> = keys
        .iter()
        .map(|key| match dice.roll(4) {
            0 => json!({"key": key}),
            1 => json!({"key": key, "payload": {"steps": dice.roll(2), "text": ["a", "b: c"]}}),
            2 => json!({"key": key, "name": "Name"}),
            _ => json!({"key": key, "inclusions": {"users": dice.among(&["u1", "u2"]), "cohorts": []}}),
        })
        .collect();
    let mut flag = json!({
        "key": "buy", "kind": "experiment", "state": dice.pick(&states), "startDate": "2026-12-01", "variants": variants,
        "rolloutPercentage": dice.pick(&[20.0, 20.5, 100.0]),
        "rolloutWeights": weights(dice, &keys),
    });
    let mut maybe = |name: &str, value: Value, there: bool| {
        if there {
            flag[name] = value;
        }
    };
    maybe("deployments", json!(dice.among(&["web", "ios", "android"])), dice.some());
    maybe("bucketingSalt", json!(dice.pick(&["pepper", "0x1F", "off"])), dice.some());
    maybe("stickyBucketing", json!(dice.some()), dice.some());
    maybe("exposureEvent", json!({"event_type": dice.pick(&["Viewed", "yes"])}), dice.some());
    maybe("parentDependencies", json!({"flags": {"pay": ["full"]}}), dice.some());
    maybe("description", json!(dice.pick(&["One", "Two # no comment"])), dice.some());
    maybe("tags", json!(dice.among(&["q4", "q1"])), dice.some());
    maybe("forceVariant", json!(dice.roll(2)), dice.some());
    let mut segments = dice.among(&["US", "EU", "pros"]);
    dice.shuffle(&mut segments);
    let segments: Vec<Value> = segments.into_iter().map(|name| segment(name, dice, &keys)).collect();
    flag["targetSegments"] = json!(segments);
    flag
}

fn segment(name: &str, dice: &mut Dice, keys: &[&str]) -> Value {
    let values = dice.among(&["DE", "NO", "US"]);
    let plan = json!({"type": "property", "prop": "plan", "op": "is", "values": ["pro"]});
    let mut conditions = vec![json!({"type": "property", "prop": "country", "op": "is", "values": values})];
    conditions.extend(dice.some().then_some(plan));
    let mut segment = json!({"name": name, "percentage": dice.pick(&[50, 100]), "conditions": conditions});
    if dice.some() {
        segment["rolloutWeights"] = weights(dice, keys);
    }
    segment
}

fn weights(dice: &mut Dice, keys: &[&str]) -> Value {
    let weights =
        keys.iter().enumerate().map(|(at, key)| ((*key).to_owned(), json!(usize::from(at == 0) + dice.roll(3))));
    Value::Object(weights.collect())
}

/// The same flag or one that has some of its fields from another.
fn edited(dice: &mut Dice, before: &Value) -> Value {
    let other = flag(dice);
    let mut after = before.clone();
    for name in ["state", "rolloutPercentage", "bucketingSalt", "deployments", "description", "tags", "forceVariant"] {
        if dice.roll(3) == 0 {
            after[name] = other.get(name).cloned().unwrap_or(Value::Null);
        }
    }
    // These must fit each other.
    if dice.roll(3) == 0 {
        for name in ["variants", "rolloutWeights", "targetSegments"] {
            after[name] = other[name].clone();
        }
    }
    after
}

const SETS: &[&str] = &["tags", "deployments", "values", "users", "cohorts", "conditions"];

/// Writes a value as YAML in one of many ways. `field` is what it is the value of.
fn yaml(value: &Value, field: &str, dice: &mut Dice, flow: bool, depth: usize) -> String {
    match value {
        Value::Object(map) => {
            let mut members: Vec<(&String, Value)> = map.iter().map(|(key, value)| (key, value.clone())).collect();
            if field == "rolloutWeights" {
                let factor = dice.pick(&[1, 3, 10]);
                for (_, weight) in &mut members {
                    *weight = json!(weight.as_u64().unwrap() * factor);
                }
            }
            dice.shuffle(&mut members);
            let child = |name: &String| if field == "rolloutWeights" { "weight".to_owned() } else { name.clone() };
            let key = |dice: &mut Dice, key: &str| if dice.roll(4) == 1 { format!("{key:?}") } else { key.to_owned() };
            if flow || members.is_empty() || (depth > 0 && dice.some()) {
                let members: Vec<String> = members
                    .iter()
                    .map(|(name, value)| {
                        format!("{}: {}", key(dice, name), yaml(value, &child(name), dice, true, depth + 1))
                    })
                    .collect();
                return format!("{{{}}}", members.join(", "));
            }
            let mut out = if depth > 0 { "\n".to_owned() } else { String::new() };
            for (name, value) in members {
                let text = yaml(&value, &child(name), dice, false, depth + 1);
                let (gap, comment) = (if text.starts_with('\n') { "" } else { " " }, dice.pick(&["", "", " # so"]));
                let comment = if text.contains('\n') { "" } else { comment };
                let line = format!("{}{}:{gap}{text}{comment}\n", "  ".repeat(depth), key(dice, name));
                out.push_str(line.trim_end_matches('\n'));
                out.push_str(dice.pick(&["\n", "\n", "\n\n", "\n# between\n"]));
            }
            out
        }
        Value::Array(items) => {
            let mut items = items.clone();
            if SETS.contains(&field) {
                dice.shuffle(&mut items);
            }
            let texts: Vec<String> = items.iter().map(|item| yaml(item, "", dice, true, depth + 1)).collect();
            if flow || texts.is_empty() || dice.some() {
                return format!("[{}]", texts.join(", "));
            }
            texts.iter().fold("\n".to_owned(), |out, text| format!("{out}{}- {text}\n", "  ".repeat(depth)))
        }
        Value::String(text) => {
            let plain = text.bytes().all(|byte| byte.is_ascii_alphabetic()) && !["off", "yes", "NO"].contains(&&**text);
            match dice.roll(3) {
                0 if plain => text.clone(),
                1 => format!("'{text}'"),
                _ => format!("{text:?}"),
            }
        }
        Value::Number(number) => {
            let text = number.to_string();
            // A value that an application gets is of a type, and 1.0 is no integer.
            let typed = !["weight", "percentage", "rolloutPercentage"].contains(&field);
            match (dice.roll(3), text.contains('.')) {
                (_, false) if typed => text,
                (0, _) => text,
                (1, true) => format!("{text}0"),
                (_, true) => text,
                (1, false) => format!("{text}.0"),
                (_, false) => format!("{text}.00"),
            }
        }
        Value::Bool(_) | Value::Null => value.to_string(),
    }
}

fn text(value: &Value, dice: &mut Dice) -> String {
    yaml(value, "", dice, false, 0)
}

fn read(text: &str) -> Flag {
    let mut diagnostics = Diagnostics::of("flags/buy.yaml");
    let flags =
        countersign::format::by_id("native").unwrap().flags_of(text.as_bytes(), "flags/buy.yaml", &mut diagnostics);
    assert!(!diagnostics.any_error(), "{:#?}\n{text}", diagnostics.finish(text));
    flags.unwrap().remove(0)
}

// ---- a repository around it
