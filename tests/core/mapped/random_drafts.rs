//! Random registries and edits of them, judged by a draft of the file and by `registry`.

use countersign::report::Verdict;
use proptest::prelude::*;
use serde_json::{Map, Value, json};

use super::drafted::{POLICIES, drafted, judged};

const PATH: &str = "config/feature_flags.json";

struct Dice<'d>(std::slice::Iter<'d, u8>);

impl Dice<'_> {
    fn roll(&mut self, sides: usize) -> usize {
        usize::from(*self.0.next().unwrap_or(&0)) % sides
    }

    fn pick<T: Clone>(&mut self, of: &[T]) -> T {
        of[self.roll(of.len())].clone()
    }
}

/// Members that stand next to switches and environments.
fn extra(dice: &mut Dice<'_>) -> (&'static str, Value) {
    let on = dice.roll(2) == 1;
    let all = [
        ("percentage", json!(if on { 90 } else { 10 })),
        ("owner", json!("jo")),
        ("description", json!("Find things by their names")),
        ("customers", json!(on)),
        ("default", json!(on)),
        ("enabled", json!(on)),
        ("active", json!(on)),
        ("forced", json!("x")),
        ("rules", json!([{"value": on}])),
        ("variants", json!(["a", "b"])),
        ("users", json!(["jo"])),
        ("allowlist", json!([])),
        ("label", json!("qa")),
        ("kill_switch", json!(on)),
        ("config", json!({"size": 1})),
        ("production", json!(on)),
        ("staging", json!(on)),
        ("segments", json!(["staff"])),
        ("channel", json!("beta")),
    ];
    dice.pick(&all)
}

fn flag(dice: &mut Dice<'_>, shape: usize, extras: &[(&'static str, Value)]) -> Value {
    let on = json!(dice.roll(2) == 1);
    let environments = ["production", "staging", "uat"];
    let mut named: Vec<&str> = environments.into_iter().filter(|_| dice.roll(2) == 1).collect();
    if named.is_empty() {
        named.push("staging");
    }
    let by =
        |value: Value| -> Map<String, Value> { named.iter().map(|name| ((*name).to_owned(), value.clone())).collect() };
    let mut map = match shape {
        0 => return on,
        1 => return json!(if on == json!(true) { "on" } else { "off" }),
        2 => by(on),
        3 => json!({"environments": by(on)}).as_object().unwrap().clone(),
        4 => json!({"environments": by(json!({"enabled": on}))}).as_object().unwrap().clone(),
        5 => json!({"environments": named}).as_object().unwrap().clone(),
        6 => json!({"filters": {"environments": named}}).as_object().unwrap().clone(),
        7 => json!({"disabled": on}).as_object().unwrap().clone(),
        _ => json!({"enabled": on}).as_object().unwrap().clone(),
    };
    for (name, value) in extras {
        if dice.roll(3) > 0 {
            map.entry(*name).or_insert_with(|| value.clone());
        }
    }
    Value::Object(map)
}

const NAMES: [&str; 3] = ["search", "cart", "pay"];

fn file(dice: &mut Dice<'_>) -> Value {
    let (form, mut shape) = (dice.roll(7), dice.roll(10));
    if form == 0 && (2..8).contains(&shape) {
        shape = 8;
    }
    let extras: Vec<_> = (0..dice.roll(4)).map(|_| extra(dice)).collect();
    let flags = |dice: &mut Dice<'_>| -> Map<String, Value> {
        let count = 1 + dice.roll(NAMES.len());
        NAMES[..count].iter().map(|name| ((*name).to_owned(), flag(dice, shape, &extras))).collect()
    };
    match form {
        0 => json!({"production": flags(dice), "staging": flags(dice)}),
        1 => json!({"web": flags(dice), "ios": flags(dice)}),
        2 => json!({"features": flags(dice)}),
        3 => {
            let items = flags(dice).into_iter().map(|(name, flag)| match flag {
                Value::Object(map) => {
                    json!({"key": name}).as_object().unwrap().clone().into_iter().chain(map).collect()
                }
                other => json!({"key": name, "enabled": other}),
            });
            json!({"flags": items.collect::<Vec<Value>>()})
        }
        _ => Value::Object(flags(dice)),
    }
}

/// The places of values, as JSON pointers.
fn places(value: &Value, at: &str, out: &mut Vec<String>) {
    out.push(at.to_owned());
    match value {
        Value::Object(map) => map.iter().for_each(|(key, value)| places(value, &format!("{at}/{key}"), out)),
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(number, value)| places(value, &format!("{at}/{number}"), out));
        }
        _ => {}
    }
}

/// Whether nothing is on in a flag, or in several.
fn is_off(value: &Value) -> bool {
    match value {
        Value::Object(map) => {
            map.iter().all(|(name, value)| if name == "disabled" { value == true } else { is_off(value) })
        }
        Value::Array(items) => items.iter().all(is_off),
        other => other != true && other != "on",
    }
}

/// One edit, and whether it only switches something off.
fn edited(dice: &mut Dice<'_>, file: &Value) -> (Value, bool) {
    let mut all = Vec::new();
    places(file, "", &mut all);
    let at = dice.pick(&all);
    let mut after = file.clone();
    let place = after.pointer_mut(&at).unwrap();
    let mut off = false;
    match place {
        Value::Bool(value) => {
            off = *value != at.ends_with("/disabled");
            *value = !*value;
        }
        Value::Number(_) => *place = json!(dice.pick(&[5, 50, 100])),
        Value::String(word) => {
            off = word == "on";
            *place = json!(match word.as_str() {
                "on" => "off",
                "off" => "on",
                _ => dice.pick(&["production", "x", "on"]),
            });
        }
        Value::Array(items) if dice.roll(2) == 1 && !items.is_empty() => {
            // One that is taken out of a list of environments is off there.
            off = items.pop().is_some_and(|item| is_off(&item)) || at.ends_with("/environments");
        }
        Value::Array(items) => items.push(json!("production")),
        Value::Object(map) if dice.roll(3) == 0 && !map.is_empty() => {
            let key = dice.pick(&map.keys().cloned().collect::<Vec<_>>());
            let removed = map.remove(&key).unwrap();
            let holds_flags = NAMES.iter().chain(&["web", "ios", "production", "staging"]).any(|name| key == *name);
            let environment = ["production", "staging", "uat"].contains(&key.as_str());
            off = holds_flags && is_off(&removed) && !removed.is_boolean() || environment && removed == true;
            off |= NAMES.contains(&key.as_str()) && is_off(&removed);
        }
        Value::Object(map) => {
            let (name, value) = extra(dice);
            // An environment that is added is off there, and an empty list next to all flags says nothing.
            off = ["production", "staging"].contains(&name) && value == false;
            off |= at.is_empty() && value.as_array().is_some_and(Vec::is_empty);
            // A flag that is called `production` among those of an environment is one to a draft, which knows which
            // of the two names is the environment; a registry knows it no more, and asks.
            off |= ["/production", "/staging"].contains(&at.as_str()) && ["production", "staging"].contains(&name);
            map.insert(name.to_owned(), value);
        }
        Value::Null => {}
    }
    (after, off)
}

/// The same in the words of `registry`, where it has words for it.
fn plain(file: &Value) -> Value {
    let all = |map: &Map<String, Value>| -> Value {
        map.iter().map(|(name, value)| (name.clone(), plain(value))).collect::<Map<_, _>>().into()
    };
    match file {
        Value::Object(groups) if ["web", "ios"].iter().any(|name| groups.contains_key(*name)) => {
            let mut flat = Map::new();
            for (group, flags) in groups {
                match flags {
                    Value::Object(flags) => {
                        flat.extend(flags.iter().map(|(name, flag)| (format!("{group}-{name}"), plain(flag))));
                    }
                    other => drop(flat.insert(group.clone(), other.clone())),
                }
            }
            flat.into()
        }
        Value::Object(map) => {
            let mut map = map.clone();
            if let Some(disabled) =
                map.get("disabled").and_then(Value::as_bool).filter(|_| !map.contains_key("enabled"))
            {
                map.remove("disabled");
                map.insert("enabled".to_owned(), json!(!disabled));
            }
            if let Some(list) = map.get("environments").filter(|list| list.is_array()).cloned() {
                map.remove("environments");
                map.insert("enabled_for".to_owned(), json!({"environments": list}));
                return map.into();
            }
            if let Some(filters) = map.remove("filters") {
                map.insert("enabled_for".to_owned(), filters);
                return map.into();
            }
            for name in NAMES.iter().chain(&["enabled"]) {
                let word = map.get(*name).and_then(Value::as_str).filter(|word| ["on", "off"].contains(word));
                if let Some(on) = word.map(|word| word == "on") {
                    map.insert((*name).to_owned(), json!(on));
                }
            }
            all(&map)
        }
        Value::Array(items) => items.iter().map(plain).collect(),
        other => other.clone(),
    }
}

/// The report of a draft that asks nobody about an edit about which `registry` asks somebody.
fn laxer(bytes: &[u8]) -> Option<String> {
    let mut dice = Dice(bytes.iter());
    let before = file(&mut dice);
    let (after, off) = edited(&mut dice, &before);
    if off || before == after {
        return None;
    }
    let written = |file: &Value| format!("{file:#}\n");
    let (known, edit) = (written(&plain(&before)), written(&plain(&after)));
    let (before, after) = (written(&before), written(&after));
    let mapping = drafted(PATH, &before)?;
    POLICIES.into_iter().find_map(|policy| {
        let asks = judged(policy, PATH, None, &known, &edit).verdict == Verdict::Pending;
        let report = asks.then(|| judged(policy, PATH, Some(&mapping), &before, &after))?;
        let flags: Vec<_> = report.flags.iter().map(|flag| (&flag.key, &flag.verdict)).collect();
        (report.verdict == Verdict::NotRequired).then(|| format!("{before}{after}{mapping}{flags:#?}"))
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(crate::properties::cases(200)))]

    /// A draft asks wherever `registry` asks, except where something is switched off.
    #[test]
    fn a_draft_is_no_laxer_than_a_registry(bytes in proptest::collection::vec(any::<u8>(), 60)) {
        let found = laxer(&bytes);
        prop_assert!(found.is_none(), "{}", found.unwrap_or_default());
    }
}
