//! Mappings that are shipped as examples: files of DuckDuckGo's, a feature a file and those of one platform laid over
//! them.

use std::collections::BTreeMap;

use countersign::approval::Evidence;
use countersign::flag::File;
use countersign::policy::{CONFIG_PATH, FORMATS_FOLDER};
use countersign::render::{self, Look};
use countersign::report::{Report, Verdict};

use super::parts::files;
use super::reviewed::changes;
use crate::files::judge_files;

const MAPPING: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/examples/formats/duckduckgo.yaml"));

fn judged(before: &[(&str, &str)], after: &[(&str, &str)]) -> (Vec<String>, Verdict) {
    let config = "version: 1\nadmins: [\"@root\"]\nprojects: {all: {paths: [\"features/**\", \"overrides/**\"], approvals: peer}}\n";
    let side = |all: &[(&str, &str)]| -> BTreeMap<String, File> {
        let policy = [
            (CONFIG_PATH.to_owned(), config.to_owned()),
            (format!("{FORMATS_FOLDER}/duckduckgo.yaml"), MAPPING.to_owned()),
        ];
        let all = files(all).into_iter().chain(policy);
        all.map(|(path, text)| (path.clone(), File::regular(path, text.into_bytes()))).collect()
    };
    let report: Report =
        judge_files(&side(before), &side(after), None, &[]).unwrap_or_else(|found| panic!("{found:#?}"));
    let reported = report.flags.iter().map(|flag| {
        let state = |live: bool| if live { "on" } else { "off" };
        format!("{} {} {}", flag.key, state(flag.live.before), state(flag.live.after))
    });
    (reported.collect(), report.verdict)
}

const MACOS: &str = "overrides/macos-override.json";

/// The build names a feature by its file in camel case, and so do the files of platforms.
#[test]
fn a_hyphen_in_the_name_of_a_file_hides_no_layer() {
    for (file, key) in [("detection", "detection"), ("web-detection", "webDetection"), ("iOS-browser-2", "iOSBrowser2")]
    {
        let path = format!("features/{file}.json");
        let base = "{\"state\": \"disabled\", \"exceptions\": [], \"settings\": {\"sites\": [\"a.com\"]}}";
        let over = format!("{{\"features\": {{\"{key}\": {{\"state\": \"enabled\"}}}}}}");
        let edited = base.replace("[\"a.com\"]", "[\"a.com\", \"b.com\"]");
        assert_eq!(
            judged(&[(&path, base), (MACOS, &over)], &[(&path, &edited), (MACOS, &over)]),
            (vec![format!("{key} on on")], Verdict::Pending)
        );
        // The other way: what a platform had switched off is on again where it says nothing.
        let (on, off) = (base.replace("disabled", "enabled"), over.replace("enabled", "disabled"));
        assert_eq!(
            judged(&[(&path, &on), (MACOS, &off)], &[(&path, &on), (MACOS, "{\"features\": {}}")]),
            (vec![format!("{key}@macos off on")], Verdict::Pending)
        );
    }
}

#[test]
fn a_feature_inside_of_one_goes_no_further_than_that() {
    let text = |parent: &str| {
        format!(
            "{{\"state\": \"{parent}\", \"features\": {{\"bar\": {{\"state\": \"enabled\", \"settings\": 1}}, \"other\": {{\"state\": \"disabled\"}}}}}}"
        )
    };
    let over = |parent: &str| format!("{{\"features\": {{\"chat\": {}}}}}", text(parent));
    for (path, scope, file) in [
        ("features/chat.json", "", &text as &dyn Fn(&str) -> String),
        (MACOS, "@macos", &over as &dyn Fn(&str) -> String),
    ] {
        let [off, on, testing] = ["disabled", "enabled", "internal"].map(file);
        for before in [&off, &testing] {
            let (reported, verdict) = judged(&[(path, before)], &[(path, &on)]);
            assert!(reported.contains(&format!("chat.bar{scope} off on")), "{reported:?}");
            assert!(reported.contains(&format!("chat{scope} off on")), "{reported:?}");
            assert_eq!(verdict, Verdict::Pending);
            // Switching all of it off is free.
            let (reported, verdict) = judged(&[(path, &on)], &[(path, before)]);
            assert!(reported.contains(&format!("chat.bar{scope} on off")), "{reported:?}");
            assert_eq!(verdict, Verdict::NotRequired);
        }
    }
    // A platform that has the feature on has what is inside of it as the file for all says.
    let (off, on) = (text("disabled"), "{\"features\": {\"chat\": {\"state\": \"enabled\"}}}");
    let edited = off.replace("\"settings\": 1", "\"settings\": 2");
    let at = |text: &str, over: &str| {
        judged(&[("features/chat.json", &off), (MACOS, over)], &[("features/chat.json", text), (MACOS, over)])
    };
    assert_eq!(at(&edited, on), (vec!["chat.bar on on".to_owned()], Verdict::Pending));
    assert_eq!(at(&edited, "{\"features\": {}}").1, Verdict::NotRequired);
}

/// A part that is off stays so where its feature is switched off, whatever a platform says of either.
#[test]
fn a_switch_off_waits_for_nothing_inside_of_a_feature() {
    let file =
        |state: &str| format!("{{\"state\": \"{state}\", \"features\": {{\"two\": {{\"state\": \"disabled\"}}}}}}");
    for said in [
        "{\"exceptions\": []}",
        "{\"state\": \"enabled\"}",
        "{\"state\": \"enabled\", \"features\": {\"two\": {\"state\": \"enabled\"}}}",
    ] {
        let over = format!("{{\"features\": {{\"foo\": {said}}}}}");
        let at = |before: &str, after: &str| {
            judged(&[("features/foo.json", before), (MACOS, &over)], &[("features/foo.json", after), (MACOS, &over)])
        };
        let (on, off) = (file("enabled"), file("disabled"));
        assert_eq!(at(&on, &off).1, Verdict::NotRequired, "{said}");
        assert_eq!(at(&off, &on).1, Verdict::Pending, "{said}");
    }
    // Another change besides may be one for a platform.
    let settings = |state: &str, sites: u32| {
        format!(
            "{{\"state\": \"{state}\", \"features\": {{\"two\": {{\"state\": \"disabled\", \"settings\": {sites}}}}}}}"
        )
    };
    let over = "{\"features\": {\"foo\": {\"state\": \"enabled\", \"features\": {\"two\": {\"state\": \"enabled\"}}}}}";
    let [before, after] = [settings("enabled", 1), settings("disabled", 2)];
    let at = |text| [("features/foo.json", text), (MACOS, over)];
    assert_eq!(judged(&at(before.as_str()), &at(after.as_str())).1, Verdict::Pending);
}

#[test]
fn what_its_build_leaves_out_is_for_people() {
    let text = "{\"_meta\": {\"description\": \"a\"}, \"state\": \"enabled\", \"hash\": \"1\", \"readme\": \"a\"}";
    let path = "features/chat.json";
    for edited in [
        text.replace("\"description\": \"a\"", "\"description\": \"b\""),
        text.replace("\"1\"", "\"2\""),
        text.replace("\"readme\": \"a\"", "\"exceptions\": []"),
    ] {
        assert_eq!(judged(&[(path, text)], &[(path, &edited)]).1, Verdict::NotRequired, "{edited}");
    }
}

/// A list of DuckDuckGo's, in which the rules up to one of them are those of the next version.
fn generated(upto: u32) -> String {
    let version = |number: u32| if number < upto { 2 } else { 1 };
    let rules: Vec<String> =
        (0..2000).map(|number| format!("\"rule {number} of {}, in some words\"", version(number))).collect();
    let rules = rules.join(",\n");
    format!("{{\"state\": \"enabled\", \"exceptions\": [], \"settings\": {{\"rules\": {{\"list\": [{rules}]}}}}}}")
}

fn of_features(before: &str, after: &str, evidence: Option<&Evidence>) -> Report {
    let config =
        "version: 1\nadmins: [\"@root\", \"@kim\"]\nprojects: {all: {paths: [\"features/**\"], approvals: peer}}\n";
    let side = |text: &str| -> BTreeMap<String, File> {
        let mapping_path = format!("{FORMATS_FOLDER}/duckduckgo.yaml");
        let all = [(CONFIG_PATH, config), (&*mapping_path, MAPPING), ("features/autoconsent.json", text)];
        all.into_iter().map(|(path, text)| (path.to_owned(), File::regular(path, text))).collect()
    };
    judge_files(&side(before), &side(after), evidence, &[]).unwrap_or_else(|found| panic!("{found:#?}"))
}

/// The number of changes or lines that a remedy takes for one step.
fn some_in_each(remedy: &str) -> usize {
    let some = remedy.split("or more: some ").nth(1).and_then(|rest| rest.split(' ').next());
    some.and_then(|some| some.parse().ok()).unwrap_or_else(|| panic!("{remedy}"))
}

/// A payload that no comment can show goes in steps, or by the word of two admins on exactly that.
#[test]
fn the_way_out_of_a_payload_that_is_too_long() {
    let refused = of_features(&generated(0), &generated(2000), None);
    assert_eq!((refused.verdict, refused.diagnostics[0].id.as_str()), (Verdict::Invalid, "too-much"));
    let digest = refused.flags[0].digest.clone().unwrap();
    let remedy = &refused.diagnostics[0].remedy;
    let some = some_in_each(remedy);
    assert!(remedy.contains("of its 2000 changes in each") && some > 200, "{remedy}");
    let command = format!("`/countersign override all/autoconsent {} REASON`", &digest[..32]);
    assert!(remedy.ends_with(&command), "{remedy}");
    // Both ways work.
    let upto = |number: usize| generated(u32::try_from(number).unwrap().min(2000));
    for at in (0..2000).step_by(some) {
        let step = of_features(&upto(at), &upto(at + some), None);
        assert_eq!(step.verdict, Verdict::Pending, "{remedy} {:?}", step.diagnostics);
    }
    let by = |all: &[(&str, &str)]| {
        let said: Vec<serde_json::Value> = all
            .iter()
            .map(|(login, digest)| {
                serde_json::json!({"login": login, "at": "2026-11-23T11:00:00Z", "digest": digest, "reason": "made by a tool"})
            })
            .collect();
        let evidence = serde_json::json!({
            "schema": "countersign/evidence/v1", "now": "2026-11-23T12:00:00Z", "pull": 12, "requestor": "jo",
            "contributors": ["jo"], "reviews": [], "dismissals": [], "permissions": {"root": "admin", "kim": "admin"},
            "overrides": said,
        });
        let evidence = Evidence::parse(&evidence.to_string()).unwrap();
        of_features(&generated(0), &generated(2000), Some(&evidence)).verdict
    };
    let other = "0".repeat(64);
    assert_eq!(by(&[("root", &digest), ("kim", &digest)]), Verdict::Approved);
    for all in [&[("root", &*digest)][..], &[("root", &digest), ("jo", &digest)], &[("root", &digest), ("kim", &other)]]
    {
        assert_eq!(by(all), Verdict::Invalid, "{all:?}");
    }
}

/// The steps that a remedy names are such that a comment shows each.
#[test]
fn lists_go_in_steps_and_one_long_string_does_not() {
    let flag =
        |value: &str| format!("{{\"state\": \"enabled\", \"exceptions\": [], \"settings\": {{\"ids\": {value}}}}}");
    let list = |count: usize| {
        let ids: Vec<String> = (0..count).map(|number| format!("\"user-{number:020}\"")).collect();
        flag(&format!("[{}]", ids.join(", ")))
    };
    let remedy = |before: &str, after: &str| {
        let report = of_features(before, after, None);
        assert_eq!(report.verdict, Verdict::Invalid, "{:?}", report.diagnostics);
        report.diagnostics[0].remedy.clone()
    };
    let steps = remedy(&list(1), &list(3000));
    let some = some_in_each(&steps);
    assert!(some > 200, "{steps}");
    for at in (1..3000).step_by(some) {
        let step = of_features(&list(at), &list((at + some).min(3000)), None);
        assert_eq!(step.verdict, Verdict::Pending, "{steps} {:?}", step.diagnostics);
    }
    let string = |value: &str| flag(&format!("\"{value}\""));
    let long = remedy(&string("a"), &string(&"b".repeat(70_000)));
    assert!(long.starts_with("make `"), "{long}");
    // One string of many lines is changed line by line.
    let lines = |upto: usize| {
        let all: Vec<String> =
            (0..3000).map(|at| format!("line {at} {}", if at < upto { "new" } else { "old" })).collect();
        string(&all.join("\\n"))
    };
    let of_lines = remedy(&lines(0), &lines(3000));
    assert!(
        of_lines.contains("in steps, which takes ") && of_lines.contains("of its 6000 lines in each"),
        "{of_lines}"
    );
    assert_eq!(of_features(&lines(0), &lines(1000), None).verdict, Verdict::Pending);
}

/// .NET reads settings as strings, whatever their type: `"true"` is a switch there, in any letter case.
#[test]
fn a_switch_of_microsofts_may_be_a_string() {
    let old = |value: &str| format!("{{\"FeatureManagement\": {{\"Beta\": {value}}}}}\n");
    let new = |value: &str| {
        format!("{{\"feature_management\": {{\"feature_flags\": [{{\"id\": \"Beta\", \"enabled\": {value}}}]}}}}\n")
    };
    for of in [old, new] {
        let report = |before: &str, after: &str| {
            let report = super::reviewed::of("microsoft", "appsettings.json", &of(before), &of(after));
            let state = report.flags.first().map(|flag| flag.state.clone());
            let word = |word: Option<String>| word.unwrap_or_default();
            (state.map(|state| format!("{} → {}", word(state.before), word(state.after))), report.verdict)
        };
        let state = |words: &str| Some(words.to_owned());
        assert_eq!(report("\"True\"", "\"false\""), (state("live → inactive"), Verdict::NotRequired));
        assert_eq!(report("\"false\"", "\"True\""), (state("inactive → live"), Verdict::Pending));
        assert_eq!(report("true", "\"False\""), (state("live → inactive"), Verdict::NotRequired));
        assert_eq!(report("true", "\"off\"").1, Verdict::Pending);
    }
}

fn report(before: &str, after: &str) -> Report {
    let side = |text: &str| -> BTreeMap<String, File> {
        let config = "version: 1\nadmins: [\"@root\"]\nprojects: {all: {paths: [\"overrides/**\"], approvals: peer}}\n";
        let path = format!("{FORMATS_FOLDER}/duckduckgo.yaml");
        let all = [(CONFIG_PATH.to_owned(), config), (path, MAPPING), (MACOS.to_owned(), text)];
        all.into_iter().map(|(path, text)| (path.clone(), File::regular(path, text.as_bytes().to_vec()))).collect()
    };
    judge_files(&side(before), &side(after), None, &[]).unwrap_or_else(|found| panic!("{found:#?}"))
}

#[test]
fn a_rollout_that_ends_is_for_everyone() {
    let text = |rollout: &str| format!("{{\"features\": {{\"chat\": {{\"state\": \"enabled\"{rollout}}}}}}}");
    let steps = |all: &str| text(&format!(", \"rollout\": {{\"steps\": [{all}]}}"));
    let said = |after: &str| {
        let report = report(&steps("{\"percent\": 1}, {\"percent\": 5}"), after);
        render::review("text", &report, &Look::default())
    };
    assert!(said(&text("")).contains("95.0% newly exposed"), "{}", said(&text("")));
    // A list that stays, and is shorter, is one that clients have seen.
    assert!(said(&steps("{\"percent\": 1}")).contains("users who have seen the entries may keep them"));
}

#[test]
fn an_exception_is_one_line_by_its_domain() {
    let domain = |name: &str, reason: &str| format!("{{\"domain\": \"{name}\", \"reason\": \"{reason}\"}}");
    let text = |all: &[String]| {
        format!("{{\"features\": {{\"chat\": {{\"state\": \"enabled\", \"exceptions\": [{}]}}}}}}", all.join(", "))
    };
    let one = domain("a.com", "https://example.com/1");
    let more =
        report(&text(std::slice::from_ref(&one)), &text(&[one.clone(), domain("b.com", "https://example.com/2")]));
    let found = changes(&more);
    assert!(found.iter().any(|line| line.contains("segments exceptions/b.com: null")), "{found:?}");
    let said = render::review("text", &more, &Look::default());
    assert_eq!((said.matches("b.com").count(), more.verdict), (1, Verdict::Pending), "{said}");
    assert!(said.contains("it is for fewer than before"), "{said}");
    // A reason is for people.
    let reason = report(&text(&[one]), &text(&[domain("a.com", "https://example.com/3")]));
    assert_eq!(reason.verdict, Verdict::NotRequired);
    let swapped = report(&text(&[domain("a.com", "x")]), &text(&[domain("b.com", "x")]));
    assert_eq!(swapped.verdict, Verdict::Pending);
}

/// An item of a set is not written twice, once as its name.
#[test]
fn an_item_of_a_set_is_shown_once() {
    let text = |all: &str| {
        format!(
            "{{\"features\": {{\"chat\": {{\"state\": \"enabled\", \"targets\": [{{\"localeCountry\": \"US\"}}{all}]}}}}}}"
        )
    };
    let more = report(&text(""), &text(", {\"localeCountry\": \"CA\"}"));
    let said = render::review("text", &more, &Look::default());
    assert_eq!(said.matches("\"CA\"").count(), 1, "{said}");
    // A place in a list, and the key of a map, may look like the value.
    for (before, after, shown) in [("[0]", "[0, 1]", "added: 1"), ("{}", "{\"on\": \"on\"}", "added: on")] {
        let text = |of: &str| {
            format!("{{\"features\": {{\"chat\": {{\"state\": \"enabled\", \"settings\": {{\"l\": {of}}}}}}}}}")
        };
        let said = render::review("text", &report(&text(before), &text(after)), &Look::default());
        assert!(said.contains(shown), "{said}");
    }
}

const BRAVE: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/examples/formats/brave.yaml"));

/// Chromium's own name of the channel, and its number, are the release.
#[test]
fn a_channel_by_another_name() {
    let study = |channels: &str| {
        format!(
            "[{{name: 'S', experiment: [{{name: 'On', probability_weight: 100}}], filter: {{channel: [{channels}]}}}}]"
        )
    };
    let side = |text: String| -> BTreeMap<String, File> {
        let config = "version: 1\nadmins: [\"@root\"]\nprojects: {all: {paths: [\"studies/**\"], approvals: peer}}\n";
        let path = format!("{FORMATS_FOLDER}/brave.yaml");
        let all = [(CONFIG_PATH, config.to_owned()), (&path, BRAVE.to_owned()), ("studies/S.json5", text)];
        all.into_iter()
            .map(|(path, text)| (path.to_owned(), File::regular(path.to_owned(), text.into_bytes())))
            .collect()
    };
    let verdict = |more: &str| {
        let [before, after] = ["", more].map(|more| side(study(&format!("'NIGHTLY'{more}"))));
        judge_files(&before, &after, None, &[]).unwrap_or_else(|found| panic!("{found:#?}")).verdict
    };
    for asks in [", 'RELEASE'", ", 'STABLE'", ", 3", ", 'release'", ", 'UNKNOWN'"] {
        assert_eq!(verdict(asks), Verdict::Pending, "{asks}");
    }
    for free in [", 'BETA'", ", 'DEV'", ", 'CANARY'"] {
        assert_eq!(verdict(free), Verdict::NotRequired, "{free}");
    }
}
