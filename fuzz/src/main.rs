//! Hostile input, into every reader and into the whole of the program. `scripts/fuzz` says which target, in `TARGET`.

#![no_main]

use std::collections::BTreeMap;
use std::sync::LazyLock;

use countersign::approval::Evidence;
use countersign::diagnostics::Diagnostics;
use countersign::flag::File;
use countersign::format::FORMATS;
use countersign::format::mapped::BUILT_IN;
use countersign::format::mapped::draft::draft;
use countersign::github::event;
use countersign::github::facts::Comment;
use countersign::github::fingerprint::Fingerprint;
use countersign::github::record::ApprovalRecord;
use countersign::policy::{Approvers, Policy, PolicyFiles};
use countersign::render::{self, Look, OUTPUTS};
use libfuzzer_sys::fuzz_target;

#[path = "../../tests/support/files.rs"]
mod files;

/// A target: its name, and what it does with any bytes.
const TARGETS: &[(&str, fn(&[u8]))] = &[
    ("documents", documents),
    ("mapped", mapped),
    ("approvers", approvers),
    ("evidence", evidence),
    ("record", record),
    ("events", events),
    ("pipeline", pipeline),
];

static TARGET: LazyLock<fn(&[u8])> = LazyLock::new(|| {
    let name = std::env::var("TARGET").unwrap_or_default();
    let found = TARGETS.iter().find(|(known, _)| *known == name);
    found
        .unwrap_or_else(|| {
            panic!(
                "`TARGET` is `{name}`, expected one of {:?}",
                TARGETS.iter().map(|(name, _)| *name).collect::<Vec<_>>()
            )
        })
        .1
});

fuzz_target!(|data: &[u8]| TARGET(data));

/// A name, and what stands behind it: a fuzzer's bytes in parts, divided by a byte that no text has.
fn parts(data: &[u8]) -> impl Iterator<Item = &[u8]> {
    data.split(|byte| *byte == 0xff)
}

/// The readers of every dialect, by the name of a file.
fn documents(data: &[u8]) {
    const NAMES: &[&str] =
        &["flags/a.yaml", "flags/a.flagd.json", "flags/a.flagd.yaml", "flags/a.flagd.json5", "flags/a.flagd.jsonc"];
    let Some((first, text)) = data.split_first() else { return };
    let path = NAMES[usize::from(*first) % NAMES.len()];
    for format in FORMATS.iter().filter(|format| (format.recognises)(path)) {
        let mut diagnostics = Diagnostics::of(path);
        let _ = format.flags_of(text, path, &mut diagnostics);
        drop(diagnostics.finish(text));
    }
}

/// A file of a format that a mapping reads, before and after; of the repository's own, the mapping first.
fn mapped(data: &[u8]) {
    const PATHS: &[&str] = &["features/a.yml", "a.json", "segments/b.yaml", "a.toml", "a.yaml"];
    let [format, path, rest @ ..] = data else { return };
    let mut parts = parts(rest);
    let built_in = BUILT_IN.get(usize::from(*format));
    let mapping = if built_in.is_some() { None } else { parts.next() };
    let id = built_in.map_or("own", |built_in| built_in.name);
    let path = PATHS[usize::from(*path) % PATHS.len()];
    let config = format!(
        "version: 1\nadmins: [\"@root\"]\nprojects: {{all: {{paths: [\"**\"], approvals: peer}}}}\nformats: {{\"**\": {id}}}\n"
    );
    let before = parts.next().unwrap_or_default();
    let after = parts.next().unwrap_or(before);
    let side = |text: &[u8]| -> BTreeMap<String, File> {
        let own = mapping.map(|mapping| (".countersign/formats/own.yaml", mapping));
        let all = [(".countersign/config.yaml", config.as_bytes()), (path, text)].into_iter().chain(own);
        all.map(|(path, text)| (path.to_owned(), File::regular(path, text))).collect()
    };
    if let Ok(report) = files::judge_files(&side(before), &side(after), None, &[]) {
        OUTPUTS.iter().for_each(|output| drop(render::review(output.id, &report, &Look::default())));
    }
    drop(draft(path, before, &mut Diagnostics::of(path)));
}

fn approvers(data: &[u8]) {
    let mut parts = parts(data);
    let text = parts.next().unwrap_or_default();
    let mut diagnostics = Diagnostics::of(".countersign/APPROVERS");
    let approvers = Approvers::parse(text, &mut diagnostics);
    approvers.warn(&mut diagnostics);
    for path in parts {
        let _ = approvers.matching(&String::from_utf8_lossy(path));
    }
    let config = File::regular(".countersign/config.yaml", text);
    let _ = Policy::read(&PolicyFiles { config: Some(config), approvers: None, formats: Vec::new(), trust: None });
}

fn evidence(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let Ok(evidence) = Evidence::parse(&text) else { return };
    let (live, proposed) = (shop("20"), shop("30"));
    let _ = files::judge_files(&live, &proposed, Some(&evidence), &[]);
}

fn record(data: &[u8]) {
    let body = String::from_utf8_lossy(data).into_owned();
    let _ = ApprovalRecord::checksum(&body, 1, 2);
    let _ = Fingerprint::of(&body);
    let time = "2026-11-23T12:00:00Z".to_owned();
    let (node, edits) = ("IC_1".to_owned(), Vec::new());
    let (created_at, edited_at) = (time.clone(), time);
    let comment = Comment { id: 1, node, body, created_at, edited_at, untouched: true, edits, whole: true };
    let Some(mut record) = ApprovalRecord::of(&comment) else { return };
    record.display(&[("shop/buy".to_owned(), "1a2b3c4d".repeat(8))], "2026-11-23T12:00:01Z", None);
    let _ = record.sign("first line");
}

fn events(data: &[u8]) {
    let mut parts = parts(data);
    let name = String::from_utf8_lossy(parts.next().unwrap_or_default());
    let Ok(payload) = serde_json::from_slice(parts.next().unwrap_or_default()) else { return };
    let _ = event::work(&name, &payload);
}

/// Two trees and a policy: what is before each 0xff is a path, what is behind it a file, of the base and of the
/// proposal in turn.
fn pipeline(data: &[u8]) {
    let (mut live, mut proposed) = (shop("20"), shop("20"));
    let mut parts = parts(data);
    while let (Some(path), Some(text)) = (parts.next(), parts.next()) {
        let (side, path) = path.split_first().map_or((0, path), |(side, path)| (*side, path));
        let path = String::from_utf8_lossy(path).into_owned();
        let file = File::regular(path.clone(), text);
        match side % 3 {
            0 => drop(live.insert(path, file)),
            1 => drop(proposed.insert(path, file)),
            _ => {
                live.insert(path.clone(), file.clone());
                proposed.insert(path, file);
            }
        }
    }
    let look = Look { all: true, ..Look::default() };
    match files::judge_files(&live, &proposed, None, &["alice".to_owned()]) {
        Ok(report) => OUTPUTS.iter().for_each(|output| drop(render::review(output.id, &report, &look))),
        Err(diagnostics) => OUTPUTS.iter().for_each(|output| drop(render::diagnostics(output.id, &diagnostics, &look))),
    }
}

fn shop(percentage: &str) -> BTreeMap<String, File> {
    let file = |path: &str, text: String| (path.to_owned(), File::regular(path, text));
    let config = "version: 1\nadmins: [\"@root\"]\nprojects:\n  shop: {paths: [\"flags/**\"], approvals: specific}\n";
    let flag = format!(
        "key: buy\nkind: experiment\nstate: running\nvariants: [{{key: a}}, {{key: b}}]\nrolloutPercentage: {percentage}\nrolloutWeights: {{a: 1, b: 1}}\n"
    );
    BTreeMap::from([
        file(".countersign/config.yaml", config.to_owned()),
        file(".countersign/APPROVERS", "flags/** @alice\n".to_owned()),
        file("flags/buy.yaml", flag),
    ])
}
