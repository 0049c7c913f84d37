//! Drafts in force: what `init` writes may ask about less than `registry` only where a flag is switched off.

use std::collections::BTreeMap;

use countersign::diagnostics::Diagnostics;
use countersign::flag::File;
use countersign::format::mapped::draft::draft;
use countersign::policy::{CONFIG_PATH, FORMATS_FOLDER};
use countersign::report::{Report, Verdict};
use proptest::prelude::*;
use serde_json::{Map, Value, json};

use crate::files::judge_files;

const PATH: &str = "config/feature_flags.json";

/// Configurations and APPROVERS: approvers of all, and those of production alone.
const POLICIES: [(&str, &str); 2] = [
    ("version: 1\nadmins: [\"@root\"]\nprojects: {all: {paths: [\"config/\"], approvals: peer}}\n", ""),
    (
        "version: 1\nadmins: [\"@root\"]\nprojects: {all: {paths: [\"config/\"], approvals: specific}}\nsections: {Release: {scopes: [production]}}\n",
        "[Release]\n* @alice\n",
    ),
];

fn judged(policy: (&str, &str), path: &str, mapping: Option<&str>, before: &str, after: &str) -> Report {
    let id = mapping.map_or("registry", |_| "own");
    let side = |text: &str| -> BTreeMap<String, File> {
        let mut files = vec![
            (CONFIG_PATH.to_owned(), format!("{}formats: {{\"{path}\": {id}}}\n", policy.0)),
            (".countersign/APPROVERS".to_owned(), policy.1.to_owned()),
            (path.to_owned(), text.to_owned()),
        ];
        files.extend(mapping.map(|mapping| (format!("{FORMATS_FOLDER}/own.yaml"), mapping.to_owned())));
        files.into_iter().map(|(path, text)| (path.clone(), File::regular(path, text.into_bytes()))).collect()
    };
    judge_files(&side(before), &side(after), None, &[]).unwrap_or_else(|found| panic!("{before}{mapping:?}{found:#?}"))
}

fn drafted(path: &str, text: &str) -> Option<String> {
    draft(path, text.as_bytes(), &mut Diagnostics::of(path))
}

/// Edits of files for which `init` drafts a mapping, each with whether the approvers of production have to agree.
#[test]
fn drafts_are_for_environments_that_are_not_named_too() {
    for (before, after, waits) in [
        (
            "a: {environments: {staging: true}, default: false}\n",
            "a: {environments: {staging: true}, default: true}\n",
            true,
        ),
        ("a: {environments: {staging: {enabled: true}}}\n", "a: {environments: {staging: {enabled: false}}}\n", false),
        (
            "a: {environments: {staging: true}, percentage: 10}\n",
            "a: {environments: {staging: true}, percentage: 90}\n",
            true,
        ),
        ("a: {staging: true, uat: false}\n", "a: {staging: true, uat: false, customers: true}\n", true),
        ("a: {staging: true, uat: false}\n", "a: {staging: true, uat: true}\n", false),
        ("a: {staging: true, percentage: 10}\n", "a: {staging: true, percentage: 90}\n", true),
        ("a: {staging: true, owner: x}\n", "a: {staging: true, owner: z}\n", false),
        ("a: {staging: false, overrides: {x: 1}}\n", "a: {staging: true, overrides: {x: 1}}\n", false),
        (
            "a: {staging: false, overrides: {production: false}}\nb: {staging: false}\n",
            "a: {staging: false}\nb: {staging: false}\n",
            true,
        ),
        ("a: {environments: [staging], forced: x}\n", "a: {environments: [staging], forced: z}\n", true),
        ("a: {environments: [staging], owner: x}\n", "a: {environments: [staging, production], owner: x}\n", true),
        ("a: {environments: [staging], owner: x}\n", "a: {environments: [staging], owner: z}\n", false),
    ] {
        let path = "config/feature_flags.yml";
        let mapping = drafted(path, before).unwrap_or_else(|| panic!("{before}"));
        let report = judged(POLICIES[1], path, Some(&mapping), before, after);
        assert_eq!(report.verdict == Verdict::Pending, waits, "{before}{after}{mapping}{:#?}", report.flags);
    }
}

/// An environment that was off leaves the list while the flag is on for all others: it may be on there too.
#[test]
fn an_environment_that_leaves_a_draft_may_be_on() {
    let path = "config/feature_flags.json";
    let file = |environments: &str| {
        format!(
            "{{\"features\": {{\"search\": {{\"environments\": {{{environments}}}, \"label\": \"qa\", \"production\": false}}}}}}"
        )
    };
    let before = file("\"production\": false, \"uat\": false");
    let mapping = drafted(path, &before).unwrap();
    for mapping in [None, Some(mapping.as_str())] {
        let report = judged(POLICIES[0], path, mapping, &before, &file("\"uat\": false"));
        assert_eq!(report.verdict, Verdict::Pending, "{mapping:?}");
    }
}

/// A file for one environment stands over that for all, in a draft as in a registry.
#[test]
fn a_draft_knows_files_for_one_environment() {
    let mapping = drafted("config/flags.production.yml", "a: {status: active}\n").unwrap();
    let report = judged(
        POLICIES[1],
        "config/flags.production.yml",
        Some(&mapping),
        "a: {status: inactive}\n",
        "a: {status: active}\n",
    );
    assert_eq!(report.verdict, Verdict::Pending, "{mapping}");
    assert_eq!(report.flags.iter().map(|flag| flag.key.as_str()).collect::<Vec<_>>(), ["a@production"]);
}

/// Switching off is in nobody's way, whatever word a file has for it; what is no switch-off for sure waits.
#[test]
fn words_that_a_file_does_not_have_yet_switch_off_too() {
    for (before, after, waits) in [
        ("a: {status: active}\nb: {status: active}\n", "a: {status: disabled}\nb: {status: active}\n", false),
        ("a: {status: Active}\nb: {status: Active}\n", "a: {status: Disabled}\nb: {status: Active}\n", false),
        ("a: {status: active}\n", "a: {status: whatever}\n", true),
        ("a: {status: disabled}\nb: {status: disabled}\n", "a: {status: active}\nb: {status: disabled}\n", true),
        // People who have the beta version get it.
        ("a: {status: draft}\n", "a: {status: beta}\n", true),
        ("a: {status: beta}\n", "a: {status: active}\n", true),
        ("a: {status: beta, config: 1}\n", "a: {status: beta, config: 2}\n", true),
        ("a: {status: active}\n", "a: {status: deprecated}\n", true),
        ("[{name: a, treatment: \"on\"}]\n", "[{name: a, treatment: \"off\"}]\n", false),
        ("[{name: a, treatment: \"off\"}]\n", "[{name: a, treatment: \"on\"}]\n", true),
        ("flags: [{name: a, serve: true}]\n", "flags: [{name: a, serve: false}]\n", false),
        ("a: {enabled: true, percentage: 100}\n", "a: {enabled: true, percentage: 0}\n", false),
        ("a: {enabled: true, percentage: 100, users: [b]}\n", "a: {enabled: true, percentage: 0, users: [b]}\n", true),
        ("a: {percentage: 100}\nb: {percentage: 0}\n", "a: {percentage: 0}\nb: {percentage: 0}\n", false),
        ("a: {percentage: 0}\n", "a: {percentage: 5}\n", true),
        (
            "{data: {login: true, pay: true}, updated_by: jo, last_modified: x}\n",
            "{data: {login: false, pay: true}, updated_by: al, last_modified: z}\n",
            false,
        ),
        (
            "{data: {login: true, pay: true}, enabled_by: jo}\n",
            "{data: {login: false, pay: true}, enabled_by: al}\n",
            true,
        ),
    ] {
        let path = "config/feature_flags.yml";
        let mapping = drafted(path, before).unwrap_or_else(|| panic!("{before}"));
        let report = judged(POLICIES[0], path, Some(&mapping), before, after);
        assert_eq!(report.verdict == Verdict::Pending, waits, "{before}{after}{mapping}{:#?}", report.flags);
    }
}

/// A flag that takes something away, by its name, gives it back where it is switched off.
#[test]
fn names_that_say_the_opposite_are_not_free_to_switch_off() {
    for (name, waits) in [
        ("disable_checkout", true),
        ("disableCheckout", true),
        ("checkout-disabled", true),
        ("feature.hide_prices", true),
        ("kill_switch", true),
        ("checkout_killswitch", true),
        ("maintenance_mode", true),
        ("read_only", true),
        ("no_ads", true),
        ("block_signups", true),
        ("DRY_RUN", true),
        ("staff_only", true),
        ("checkout", false),
        ("notifications", false),
        ("node_upgrade", false),
        ("online_help", false),
        ("blocks_editor_v2", false),
        ("unhidden", false),
    ] {
        let lists = [
            (format!("{name}: true\nb: false\n"), format!("{name}: false\nb: false\n")),
            (format!("{name}: {{enabled: true}}\n"), format!("{name}: {{enabled: false}}\n")),
            (format!("production: {{{name}: true}}\n"), format!("production: {{{name}: false}}\n")),
            (format!("{name}: {{production: true}}\n"), format!("{name}: {{production: false}}\n")),
            (format!("- {{name: {name}, enabled: true}}\n"), format!("- {{name: {name}, enabled: false}}\n")),
        ];
        for (before, after) in lists {
            let path = "config/feature_flags.yml";
            let mapping = drafted(path, &before).unwrap_or_else(|| panic!("{before}"));
            for mapping in [None, Some(mapping.as_str())] {
                let report = judged(POLICIES[0], path, mapping, &before, &after);
                assert_eq!(report.verdict == Verdict::Pending, waits, "{before}{after}{mapping:?}{:#?}", report.flags);
                let said = "its name says that this gives users something back";
                let remarks = report.flags.iter().flat_map(|flag| &flag.remarks);
                assert_eq!(remarks.filter(|remark| remark.contains(said)).count(), usize::from(waits));
                // Whatever the name says, what goes on needs approval.
                let on = judged(POLICIES[0], path, mapping, &after, &before);
                assert_eq!(on.verdict, Verdict::Pending, "{after}{before}");
            }
        }
    }
}

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
        ("overrides", json!({"production": on})),
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
