//! Real steps of real flag files, of ten formats: what a reviewer says of them, against what a person did
//! (`data/wild`).

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use countersign::changes::RuleId;
use countersign::changes::change::Class;
use countersign::diagnostics::Diagnostics;
use countersign::flag::File;
use countersign::format::known::known;
use countersign::format::mapped::parse;
use countersign::policy::pattern::Pattern;
use countersign::policy::{CONFIG_PATH, FORMATS_FOLDER};
use countersign::report::{FlagReport, Report, Verdict};
use serde_json::Value;

use crate::files::judge_files;

/// A step of which the truth is not ours, and why.
const OTHERWISE: &[(&str, &str)] = &[
    (
        "goff/moved-file",
        "a flag that moves to another file has other approvers, and an approval covers where a flag is: it is reported as moved",
    ),
    (
        "kubernetes-featureflag/fix-771",
        "the resource gets a namespace, and nobody knows here which one it was applied to: who reads flags of another namespace loses them",
    ),
];

fn wild() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/wild")
}

/// The format of a folder of the data: one that is built in, or one of `examples/formats`.
fn format(of: &str) -> (&'static str, Option<String>) {
    let own = |name: &str| {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("examples/formats/{name}.yaml"));
        Some(fs::read_to_string(path).unwrap())
    };
    match of {
        "brave" => ("brave", own("brave")),
        "duckduckgo" => ("duckduckgo", own("duckduckgo")),
        "flagd" => ("flagd", None),
        "goff" => ("goff", None),
        "gitlab" => ("gitlab", None),
        "featurevisor" => ("featurevisor", None),
        "kubernetes-featureflag" => ("kubernetes", None),
        "ms-feature-management" => ("microsoft", None),
        "registry-flipper-nhs" => ("flipper", None),
        other => panic!("no format for {other}"),
    }
}

/// Both sides of a step, with a policy that reads all of it.
fn judged(of: &str, before: &[(String, Vec<u8>)], after: &[(String, Vec<u8>)]) -> Report {
    let (id, own) = format(of);
    let config = format!(
        "version: 1\nadmins: [\"@root\"]\nprojects: {{all: {{paths: [\"**\", \"!.countersign/\"], approvals: peer}}}}\nformats: {{\"**\": {id}}}\n"
    );
    let config = config.replace(", \"!.countersign/\"", "");
    let side = |files: &[(String, Vec<u8>)]| -> BTreeMap<String, File> {
        let policy = [(CONFIG_PATH.to_owned(), config.clone().into_bytes())];
        let mapping = own.iter().map(|text| (format!("{FORMATS_FOLDER}/{id}.yaml"), text.clone().into_bytes()));
        let all = policy.into_iter().chain(mapping).chain(files.iter().cloned());
        all.map(|(path, bytes)| (path.clone(), File::regular(path, bytes))).collect()
    };
    judge_files(&side(before), &side(after), None, &[]).unwrap_or_else(|found| panic!("{found:#?}"))
}

fn files(step: &Value, side: &str) -> Vec<(String, Vec<u8>)> {
    let folder = wild().join(step[side].as_str().unwrap());
    let paths = step["files"].as_array().unwrap().iter().map(|path| path.as_str().unwrap());
    let read = paths.filter_map(|path| Some((path.to_owned(), fs::read(folder.join(path)).ok()?)));
    // A file that is none of the format's is in no project.
    let (id, own) = format(step["format"].as_str().unwrap());
    let patterns: Option<Vec<Pattern>> = own.map(|text| {
        let mapping = parse(text.as_bytes(), &mut Diagnostics::of(id)).unwrap();
        mapping.files.iter().map(|pattern| Pattern::glob(pattern).unwrap()).collect()
    });
    let is_one = |path: &str, bytes: &[u8]| match &patterns {
        Some(patterns) => patterns.iter().any(|pattern| pattern.matches(path)),
        None => known(path, bytes).is_some(),
    };
    read.filter(|(path, bytes)| is_one(path, bytes)).collect()
}

/// The class of what happened to a flag, in the words of the truths.
fn class(flag: &FlagReport) -> &'static str {
    let there = |side: &Option<String>| side.is_some();
    let critical = flag.changes.iter().any(|change| change.class == Class::Critical);
    match (flag.live.before, flag.live.after) {
        (false, true) => "activation",
        (true, false) if there(&flag.state.after) => "deactivation",
        (true, false) => "deletion",
        (true, true) if critical => "critical",
        (false, false) if !there(&flag.state.before) => "added",
        (false, false) if !there(&flag.state.after) => "removed",
        _ if flag.changes.iter().all(|change| change.class == Class::NoEffect) => "none",
        _ => "routine",
    }
}

/// The name of an entity as our keys have it: the last word, its parts joined by points.
fn key(entity: &str) -> String {
    entity.rsplit(' ').next().unwrap_or(entity).replace('/', ".")
}

fn is(flag: &FlagReport, entity: &str) -> bool {
    let bare = flag.key.split(['@', '#']).next().unwrap_or_default();
    bare == key(entity)
}

fn in_scope(flag: &FlagReport, scope: Option<&str>) -> bool {
    let Some((_, own)) = flag.key.split_once('@') else { return true };
    let own = own.split('#').next().unwrap_or_default();
    // A scope may name several environments, and more than the flag is told apart by.
    scope.is_none_or(|scope| scope.split([',', '/']).any(|one| one.trim() == own) || own.contains(char::is_lowercase))
}

#[test]
fn what_a_person_says_of_real_steps() {
    let truths: Value = serde_json::from_str(&fs::read_to_string(wild().join("truth.json")).unwrap()).unwrap();
    let mut wrong = Vec::new();
    let (mut compared, mut shares) = (0, 0);
    for step in truths["steps"].as_array().unwrap() {
        let id = step["id"].as_str().unwrap();
        let report = judged(step["format"].as_str().unwrap(), &files(step, "before"), &files(step, "after"));
        let truths = step["truth"].as_array().unwrap();
        if let Some((_, why)) = OTHERWISE.iter().find(|(other, _)| *other == id) {
            let flags: Vec<_> = report.flags.iter().filter(|flag| flag.noun() == "flag").collect();
            let is_move = |flag: &&FlagReport| flag.changes.iter().all(|change| change.rule == Some(RuleId::MOVED));
            assert!(!flags.is_empty() && flags.iter().all(is_move), "{id}: {why}");
            continue;
        }
        for truth in truths {
            let (entity, expected) = (truth["entity"].as_str().unwrap(), truth["cls"].as_str().unwrap());
            let of: Vec<&FlagReport> = report
                .flags
                .iter()
                .filter(|flag| is(flag, entity) && in_scope(flag, truth["scope"].as_str()))
                .collect();
            let found: BTreeSet<&str> = of.iter().map(|flag| class(flag)).collect();
            let holds = match expected {
                "refuse" => report.verdict == Verdict::Invalid,
                "none" => found.iter().all(|class| *class == "none"),
                // While it is not live, what changes is routine whatever it is.
                "routine" => {
                    found.iter().all(|class| ["routine", "added", "removed"].contains(class)) && !found.is_empty()
                }
                other => found.contains(other),
            };
            if !holds {
                wrong.push(format!("{id}: {entity} {expected}, and not {found:?}"));
            }
            if expected != "refuse" && expected != "none" && !of.is_empty() {
                compared += 1;
            }
            for percent in truth["shares"].as_object().into_iter().flatten().flat_map(|(_, share)| percents(share)) {
                shares += 1;
                if !says_percent(&of, &report, &percent) {
                    wrong.push(format!("{id}: {entity}: no share of {percent}%"));
                }
            }
        }
        if truths.is_empty() {
            let reported: Vec<&str> =
                report.flags.iter().filter(|flag| class(flag) != "none").map(|flag| &*flag.key).collect();
            if !reported.is_empty() {
                wrong.push(format!("{id}: nothing changed, and {reported:?} are reported"));
            }
        }
        let text = countersign::render::review("text", &report, &countersign::render::Look::default());
        for said in step["must_not_say"].as_array().unwrap() {
            let said = said.as_str().unwrap();
            if text.contains(said) {
                wrong.push(format!("{id}: it says {said:?}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    // Names that lead to no flag would leave nothing to compare.
    assert_eq!((compared, shares), (35, 13));
}

/// Steps of which more is to be said than the class: what has to be said of them, and what may not be.
const SAID: &[(&str, &str, &[&str], &[&str])] = &[
    ("brave", "shields-release-100", &["renamed", "`Enabled` 50% → 100%"], &["code that asks for the old key"]),
    (
        "brave",
        "ntp-idle-to-stable",
        &["4.0% of `the users it is for` get `EnabledA`", "affects up to 8.0%"],
        &["100.0%"],
    ),
    ("brave", "render-document-max-version", &["for fewer than before"], &["100.0% lose", "newly exposed"]),
    (
        "brave",
        "day-zero-drop-Y",
        &["for more than before", "is another entry of this name"],
        &["newly exposed", "lose their variant"],
    ),
    ("duckduckgo", "rename-with-settings", &["renamed", "tokenTTLSeconds"], &[]),
    ("duckduckgo", "rollout-edited-in-place", &["impact unknown", "is edited in place"], &["newly exposed"]),
    ("flagd", "otel-3625", &["100.0% of everyone get another value"], &["of everyone:\n"]),
    ("goff", "unknown-default-fixed", &["100.0% newly exposed"], &["switch variant", "Default ██"]),
];

#[test]
fn what_is_said_of_real_steps() {
    fn all(folder: &Path, of: &Path, out: &mut Vec<(String, Vec<u8>)>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                all(&path, of, out);
            } else {
                out.push((path.strip_prefix(of).unwrap().to_string_lossy().into_owned(), fs::read(&path).unwrap()));
            }
        }
    }
    for (format, step, said, not_said) in SAID {
        let side = |side: &str| {
            let folder = wild().join(format).join("steps").join(step).join(side);
            let mut files = Vec::new();
            all(&folder, &folder, &mut files);
            files
        };
        let report = judged(format, &side("before"), &side("after"));
        let text = countersign::render::review("text", &report, &countersign::render::Look::default());
        let flat = text.split_whitespace().collect::<Vec<_>>().join(" ");
        for words in *said {
            assert!(flat.contains(words), "{step}: {words:?} is missing in\n{text}");
        }
        for words in *not_said {
            assert!(!flat.contains(words) && !text.contains(words), "{step}: it says {words:?}:\n{text}");
        }
    }
}

/// The percentages that a truth names, such as `30` of `30% Disabled->Enabled`, and both of `50/50`.
fn percents(share: &Value) -> Vec<String> {
    let text = share.as_str().unwrap();
    let numbers =
        |text: &str| text.split(|c: char| !c.is_ascii_digit()).rfind(|part| !part.is_empty()).map(str::to_owned);
    match text.split_once('%') {
        Some((before, _)) => numbers(before).into_iter().collect(),
        None => text.split('/').filter_map(numbers).collect(),
    }
}

/// Whether what is said of some flags has this percentage.
fn says_percent(of: &[&FlagReport], report: &Report, percent: &str) -> bool {
    let flags = of.iter().map(|flag| (*flag).clone()).collect();
    let own = Report { flags, diagnostics: Vec::new(), ..report.clone() };
    let text = countersign::render::review("text", &own, &countersign::render::Look::default());
    let forms = [format!("{percent}%"), format!("{percent}.0%")];
    text.split(|c: char| c.is_whitespace() || matches!(c, ':' | ',' | ';' | '('))
        .any(|word| forms.iter().any(|form| form == word))
}

/// The versions of one file, in order.
fn versions(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let mut paths: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    let name = |path: &Path| path.file_name().unwrap().to_string_lossy().into_owned();
    paths
        .into_iter()
        .filter(|path| path.extension().is_some_and(|end| end != "txt"))
        .map(|path| (name(&path), fs::read(&path).unwrap()))
        .collect()
}

/// How many flags of each class the steps of a whole history have; a step that cannot be read is reported.
#[test]
fn whole_histories() {
    let mut table = String::new();
    for of in ["flagd", "goff", "kubernetes-featureflag", "registry-flipper-nhs"] {
        let mut folders: Vec<PathBuf> =
            fs::read_dir(wild().join(of)).unwrap().map(|entry| entry.unwrap().path()).collect();
        folders.sort();
        for folder in folders.iter().filter(|path| path.is_dir() && !path.ends_with("steps")) {
            let versions = versions(folder);
            let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
            for pair in versions.windows(2) {
                let end = pair[0].0.rsplit('.').next().unwrap_or("yaml");
                let path = format!("flags.{end}");
                let side = |at: usize| vec![(path.clone(), pair[at].1.clone())];
                let report = judged(of, &side(0), &side(1));
                if report.verdict == Verdict::Invalid {
                    *counts.entry("unreadable").or_default() += 1;
                    let reported =
                        report.diagnostics.iter().any(|one| !one.message.is_empty() && !one.remedy.is_empty());
                    assert!(reported, "{}", folder.display());
                    continue;
                }
                for flag in &report.flags {
                    *counts.entry(class(flag)).or_default() += 1;
                }
            }
            let name = folder.file_name().unwrap().to_string_lossy();
            let counts: Vec<String> = counts.iter().map(|(class, count)| format!("{count} {class}")).collect();
            table.push_str(&format!(
                "| {of}: {} | {} | {} |\n",
                name.trim_start_matches("history-"),
                versions.len() - 1,
                counts.join(", ")
            ));
        }
    }
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/formats.md");
    let docs = fs::read_to_string(&path).unwrap();
    if let (Some(start), true) = (docs.find("| History |"), std::env::var_os("SNAPSHOTS").is_some()) {
        let from = start + docs[start..].find("|---|---|---|\n").unwrap() + "|---|---|---|\n".len();
        let end = from + docs[from..].find("\n\n").map_or(docs.len() - from, |at| at + 1);
        fs::write(&path, format!("{}{table}{}", &docs[..from], &docs[end..])).unwrap();
    }
    assert!(fs::read_to_string(&path).unwrap().contains(&table), "docs/formats.md should have\n{table}");
}
