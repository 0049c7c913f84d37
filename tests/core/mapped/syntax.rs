//! The syntaxes of mapped files, and how large they may be.

use std::collections::BTreeMap;

use countersign::flag::File;
use countersign::format::mapped::BUILT_IN;
use countersign::policy::{CONFIG_PATH, FORMATS_FOLDER};
use countersign::report::{Report, Verdict};

use super::read;
use crate::files::judge_files;

#[test]
fn toml_is_read_as_the_same_flags() {
    let yaml = "banner:\n  variations: {on: true, off: false}\n  targeting:\n    - {name: beta, query: 'b eq 1', percentage: {on: 20, off: 80}}\n  defaultRule: {variation: off}\n  experimentation: {start: '2026-01-01T00:00:00Z'}\n";
    let toml = "# flags\n[banner]\nvariations = {on = true, off = false}\nexperimentation = {start = 2026-01-01T00:00:00Z}\n\n[[banner.targeting]]\nname = 'beta'\nquery = 'b eq 1'\npercentage = {on = 20, off = 80}\n\n[banner.defaultRule]\nvariation = \"off\"\n";
    let (one, found) = read("goff", "flags.yaml", yaml);
    let (other, more) = read("goff", "flags.goff.toml", toml);
    assert!(found.is_empty() && more.is_empty(), "{found:?} {more:?}");
    assert_eq!((one.len(), &one[0].key), (1, &other[0].key));
    assert_eq!(one[0].record, other[0].record);
    assert_eq!(other[0].place.line, 2);
    // A name of a variation that is none has its place.
    let (_, found) = read("goff", "flags.toml", &toml.replace("\"off\"", "\"of\""));
    assert_eq!(found, ["no-such-variant 12:13"]);
}

/// A proposal under a configuration that names a format, with a mapping of the repository.
fn judged(formats: &str, mapping: Option<&str>, path: &str, before: &str, after: &str) -> Report {
    let config = format!(
        "version: 1\nadmins: [\"@root\"]\nprojects: {{all: {{paths: [\"**\", \"!.countersign/\"], approvals: peer}}}}\nformats: {formats}\n"
    )
    .replace(", \"!.countersign/\"", "");
    let side = |text: &str| -> BTreeMap<String, File> {
        let own = mapping.map(|text| (format!("{FORMATS_FOLDER}/big.yaml"), text.to_owned()));
        let all = [(CONFIG_PATH.to_owned(), config.clone()), (path.to_owned(), text.to_owned())];
        all.into_iter().chain(own).map(|(path, text)| (path.clone(), File::regular(path, text.into_bytes()))).collect()
    };
    judge_files(&side(before), &side(after), None, &[]).unwrap_or_else(|found| panic!("{found:#?}"))
}

#[test]
fn generic_at_a_path() {
    let text = "title: x\nsettings:\n  flags:\n    banner: {on: true}\n    cart: {on: false}\n";
    let after = text.replace("on: false", "on: true");
    let report = judged("{\"config/a.yml\": \"generic at settings/flags/*\"}", None, "config/a.yml", text, &after);
    assert_eq!(report.flags.iter().map(|flag| &*flag.key).collect::<Vec<_>>(), ["cart"]);
    // Outside of the flags it is reported too.
    let report = judged(
        "{\"config/a.yml\": \"generic at settings/flags/*\"}",
        None,
        "config/a.yml",
        text,
        &text.replace("title: x", "title: y"),
    );
    assert_eq!(report.flags.iter().map(|flag| &*flag.key).collect::<Vec<_>>(), ["the rest of config/a.yml"]);
    assert_eq!(report.verdict, Verdict::Pending);
}

/// Flags of one name below several others never stand for each other.
#[test]
fn generic_at_a_path_of_several_names() {
    let text = "envs:\n  prod: {a: false, b: 1}\n  dev: {a: true, b: 2}\n";
    for (after, keys) in [
        ("envs:\n  prod: {a: true, b: 1}\n  dev: {a: false, b: 2}\n", &["a@dev", "a@prod"][..]),
        ("envs:\n  dev: {a: true, b: 2}\n  prod: {a: false, b: 1}\n", &[]),
    ] {
        let report = judged("{\"config/a.yml\": \"generic at envs/*/*\"}", None, "config/a.yml", text, after);
        let mut changed: Vec<&str> = report.flags.iter().map(|flag| &*flag.key).collect();
        changed.sort_unstable();
        assert_eq!(changed, keys);
        assert_eq!(report.verdict == Verdict::Pending, !keys.is_empty(), "{:#?}", report.flags);
    }
}

#[test]
fn a_path_that_is_none_is_refused() {
    for formats in ["{a.yml: \"generic at a//b\"}", "{a.yml: \"generic at @doc/x\"}", "{a.yml: \"flipt at x/*\"}"] {
        let config = format!(
            "version: 1\nadmins: [\"@root\"]\nprojects: {{all: {{paths: [\"**\"], approvals: peer}}}}\nformats: {formats}\n"
        );
        let files = BTreeMap::from([(CONFIG_PATH.to_owned(), File::regular(CONFIG_PATH, config.into_bytes()))]);
        let found = judge_files(&files, &files, None, &[]).unwrap_err();
        assert!(found.iter().any(|one| one.place.line == 4 && one.message.contains("is no path")), "{found:?}");
    }
}

#[test]
fn a_mapping_may_ask_for_larger_files() {
    let flags = |value: &str| {
        let many: Vec<String> =
            (0..30_000).map(|at| format!("  \"flag-{at}\": {{\"on\": {value}, \"note\": \"some text\"}}")).collect();
        format!("{{\n{}\n}}\n", many.join(",\n"))
    };
    let text = flags("true");
    assert!(text.len() > 1 << 20);
    let after = text.replacen("true", "false", 1);
    let mapping = |more: &str| {
        format!(
            "syntax: {{is: json{more}}}\nentities: {{at: \"*\", live: {{when: {{at: \"on\", is: true}}, is: live}}, fields: {{meta: note}}}}\n"
        )
    };
    let formats = "{flags.json: big}";
    let report = judged(formats, Some(&mapping("")), "flags.json", &text, &after);
    assert_eq!(report.verdict, Verdict::Invalid);
    let report = judged(formats, Some(&mapping(", largest: 4")), "flags.json", &text, &after);
    assert_eq!(report.flags.iter().map(|flag| &*flag.key).collect::<Vec<_>>(), ["flag-0"], "{:?}", report.diagnostics);
}

/// The remedy for a file that is too large, followed to the letter.
#[test]
fn a_file_that_is_too_large_for_its_format() {
    let flag = |at: usize, on: &str| {
        format!(
            "  \"flag-{at}\": {{\"variations\": {{\"a\": {on}, \"b\": 2}}, \"defaultRule\": {{\"variation\": \"a\"}}}}"
        )
    };
    let flags = |on: &str| {
        let many: Vec<String> = (0..15_000).map(|at| flag(at, on)).collect();
        format!("{{\n{}\n}}\n", many.join(",\n"))
    };
    let text = flags("1");
    assert!(text.len() > 1 << 20);
    let after = text.replacen("\"a\": 1", "\"a\": 3", 1);
    let report = judged("{flags.json: goff}", None, "flags.json", &text, &after);
    let found: Vec<&str> = report.diagnostics.iter().map(|one| &*one.remedy).collect();
    for part in
        ["countersign formats show goff", ".countersign/formats/large-goff.yaml", "`largest: 2`", "name `large-goff`"]
    {
        assert!(found.iter().any(|remedy| remedy.contains(part)), "{part}: {found:?}");
    }
    let shown = BUILT_IN.iter().find(|one| one.name == "goff").unwrap().text;
    let own = shown.replace("syntax:\n", "syntax:\n  largest: 2\n");
    assert_ne!(own, shown);
    let report = judged("{flags.json: big}", Some(&own), "flags.json", &text, &after);
    assert_eq!(report.flags.iter().map(|flag| &*flag.key).collect::<Vec<_>>(), ["flag-0"], "{:?}", report.diagnostics);
}

/// A word of a mapping that its reader passes over would be believed.
#[test]
fn what_a_mapping_says_is_all_read() {
    let entity = |rest: &str| format!("entities: [{{at: \"flags/*\", {rest}}}]\n");
    for (mapping, at) in [
        (entity("each: \"envs/*\", live: [{when: {env: [p], at: \"@env/x\", is: true}, is: live}]"), "is: true}"),
        (entity("live: [{when: {at: pct, is: 100, over: 0}, is: live}]"), "over: 0"),
        (entity("live: [{when: {all: [], at: a, is: true}, is: live}]"), "is: true}"),
        (entity("live: [{when: {any: []}, is: live}]"), "[]}, is"),
        (entity("live: [{when: {env: []}, is: live}]"), "[]}, is"),
        (entity("live: [{when: {at: a, is: true}, is: live, unless: x}]"), "unless"),
        (entity("each: {key: name}"), "{key: name"),
        (entity("each: {at: \"x/*\", keys: name}"), "keys: name"),
        (entity("fields: {meta: {at: a, by: [x]}}"), "[x]"),
        (entity("fields: {meta: {at: {aa: a}, default: {bb: 1}}}"), "bb: 1"),
        ("entities: [{at: \"@doc/flags/*\"}]\n".to_owned(), "{at: \"@doc"),
        ("syntax: {is: json, readers: [ruby]}\nentities: [{at: \"*\"}]\n".to_owned(), "[ruby]"),
        ("syntax: {embedded: [{at: a, as: json}]}\nentities: [{at: \"*\"}]\n".to_owned(), "as: json"),
        ("syntax: {is: json, largest: 9}\nentities: [{at: \"*\"}]\n".to_owned(), "9}"),
        ("entities: [{at: \"*\", impact: {weight: x}}]\n".to_owned(), "weight: x"),
        ("entities: [{at: \"*\", impact: goffy}]\n".to_owned(), "goffy"),
    ] {
        let mut diagnostics = countersign::diagnostics::Diagnostics::of("own.yaml");
        let read = countersign::format::mapped::parse(mapping.as_bytes(), &mut diagnostics);
        let found = diagnostics.finish(mapping.as_bytes());
        let stands = |one: &countersign::diagnostics::Diagnostic| {
            let line = mapping.lines().nth(one.place.line as usize - 1).unwrap_or_default();
            line.chars().skip(one.place.column as usize - 1).collect::<String>().starts_with(at)
        };
        assert!(read.is_none() && found.iter().any(stands), "{mapping}{at}: {found:#?}");
    }
}

/// A file that repeats a large part in each of its flags, or in each of its documents.
#[test]
fn what_flags_share_is_counted() {
    let environments: Vec<String> =
        (0..500).map(|at| format!("e{at}: [{{key: a, segments: x, percentage: 1}}]")).collect();
    let variations: Vec<String> = (0..1000).map(|at| format!("{{value: v{at}, weight: 0.1}}")).collect();
    let feature = format!("variations: [{}]\nrules: {{{}}}\n", variations.join(", "), environments.join(", "));
    let many: Vec<String> = (0..4000).map(|at| format!("{{identifier: e{at}, state: \"on\"}}")).collect();
    let harness =
        format!("featureFlags: {{flags: [{{flag: {{identifier: f, environments: [{}]}}}}]}}\n", many.join(", "));
    let list = |item: &str| format!("[{}]", vec![item; 40].join(", "));
    let document = format!("a: &a {}\nb: &b {}\nc: {}\nflags: []\n", list("1"), list("*a"), list("*b"));
    let documents = [document.as_str(); 3].join("---\n");
    for (id, path, text) in [
        ("featurevisor", "features/f.yml", feature),
        ("harness", "flags.yaml", harness),
        ("flipt", "features.yaml", documents),
    ] {
        let (flags, found) = read(id, path, &text);
        assert!(flags.is_empty() && found.iter().any(|one| one.starts_with("too-many-nodes")), "{id}: {found:?}");
    }
}

/// A strict reader refuses the whole file for one comma: all flags are gone with it, or the service is down.
#[test]
fn the_first_thing_that_strict_readers_of_json_refuse_is_an_error() {
    const COMMA: &str = "Error 3:16 a comma before a closing bracket";
    const COMMENT: &str = "Error 2:3 a comment";
    const PLAIN: &str = "{\n  \"search\": true,\n  \"cart\": false\n}\n";
    let comma = PLAIN.replace("false", "false,");
    let comment = PLAIN.replace("{\n", "{\n  // ours\n");
    let both = comment.replace("false", "false,");
    let of = |id: &str, path: &str, before: &str, after: &str| {
        let formats = format!("{{{path}: {id}}}");
        let own = "syntax: {is: jsonc}\nentities: {at: \"*\", live: {when: {at: \"@value\", is: true}, is: live}}\n";
        let report = judged(&formats, (id == "big").then_some(own), path, before, after);
        let found = report.diagnostics.iter().filter(|one| one.id.as_str() == "loose-json");
        let found: Vec<String> = found
            .map(|one| format!("{:?} {}:{} {}", one.level, one.place.line, one.place.column, one.message))
            .collect();
        (
            report.verdict,
            found.join("; ").replace(" in a `.json` file, which strict readers of JSON refuse as a whole", ""),
        )
    };
    let at = |verdict: Verdict, found: &str| (verdict, found.to_owned());
    for id in ["registry", "generic"] {
        assert_eq!(of(id, "a.json", PLAIN, &comma), at(Verdict::Invalid, COMMA), "{id}");
        assert_eq!(of(id, "a.json", PLAIN, &comment), at(Verdict::Invalid, COMMENT), "{id}");
        // One of the two says nothing about the other.
        let found = "Warning 2:3 a comment; Error 4:16 a comma before a closing bracket";
        assert_eq!(of(id, "a.json", &comment, &both), at(Verdict::Invalid, found), "{id}");
        // Where the name says it, or a mapping, all of it is read.
        assert_eq!(of(id, "a.jsonc", PLAIN, &both), at(Verdict::NotRequired, ""), "{id}");
    }
    // Its reader takes what stands there already.
    let off = both.replace("true", "false");
    let found = "Warning 2:3 a comment; Warning 4:16 a comma before a closing bracket";
    assert_eq!(of("registry", "a.json", &both, &off), at(Verdict::NotRequired, found));
    assert_eq!(of("registry", "a.json", &both, PLAIN), at(Verdict::NotRequired, ""));
    assert_eq!(of("big", "a.json", PLAIN, &both), at(Verdict::NotRequired, ""));
    // In a list too, and not in a string.
    let list = "[{\"name\": \"a, // b ]\", \"enabled\": false}]";
    assert_eq!(of("registry", "a.json", list, list), at(Verdict::NotRequired, ""));
    let found = "Error 1:41 a comma before a closing bracket";
    assert_eq!(of("registry", "a.json", list, &list.replace("}]", "},]")), at(Verdict::Invalid, found));
}

/// A new file has no base that could say what its reader takes.
#[test]
fn a_new_file_is_strict_json() {
    let config = super::config("registry");
    let side = |file: Option<&str>| -> BTreeMap<String, File> {
        let all = [Some((CONFIG_PATH, config.as_str())), file.map(|text| ("a.json", text))];
        let all = all.into_iter().flatten();
        all.map(|(path, text)| (path.to_owned(), File::regular(path, text.as_bytes().to_vec()))).collect()
    };
    let of = |text: &str| judge_files(&side(None), &side(Some(text)), None, &[]).unwrap().verdict;
    assert_eq!(of("{\"a\": false}"), Verdict::NotRequired);
    assert_eq!(of("{\"a\": false,}"), Verdict::Invalid);
}

/// Each `**` after the first goes through all below again, so that a short path would take hours.
#[test]
fn a_path_has_one_deep_step() {
    use countersign::format::mapped::language::Path;
    assert!(Path::parse("flags/**/on").is_some() && Path::parse("**").is_some());
    assert!(Path::parse("**/**").is_none() && Path::parse("**/a/**/b").is_none());
}
