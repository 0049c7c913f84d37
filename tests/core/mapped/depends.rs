//! Flags that depend on others: what goes live because of a flag that is not its own, and what comes back where a flag
//! ends.

use countersign::policy::{CONFIG_PATH, FORMATS_FOLDER};
use countersign::report::{Report, Verdict};

use super::parts::files;
use super::{judged, own};
use crate::files::judge_files;

/// Each flag of a report with what becomes of it, and the remarks on it.
pub fn reported(report: &Report) -> (Vec<String>, Verdict) {
    let of = |flag: &countersign::report::FlagReport| {
        let word = |word: &Option<String>| word.clone().unwrap_or_else(|| "none".to_owned());
        format!("{} {} → {} {:?}", flag.key, word(&flag.state.before), word(&flag.state.after), flag.verdict)
    };
    (report.flags.iter().map(of).collect(), report.verdict)
}

fn remarks(report: &Report, key: &str) -> String {
    let flag = report.flags.iter().find(|flag| flag.key == key).unwrap();
    flag.remarks.join("; ")
}

/// Two flags of Harness, of which the second has the first as a prerequisite.
fn harness(state: &str, off: &str, on: &str, wants: &str) -> String {
    let spec = "spec: {type: boolean, variations: [{identifier: 'true', name: T, value: 'true'}, {identifier: 'false', name: F, value: 'false'}]}";
    format!(
        "featureFlags:
  flags:
  - flag:
      name: legacy
      identifier: legacy
      {spec}
      environments:
        - {{identifier: prod, state: '{state}', default: {{onVariation: '{on}', offVariation: '{off}'}}}}
        - {{identifier: dev, state: 'on', default: {{onVariation: 'true', offVariation: 'false'}}}}
  - flag:
      name: shiny
      identifier: shiny
      prerequisites: [{{feature: legacy, variations: ['{wants}']}}]
      {spec}
      environments:
        - {{identifier: prod, state: 'on', default: {{onVariation: 'true', offVariation: 'false'}}}}
        - {{identifier: dev, state: 'on', default: {{onVariation: 'true', offVariation: 'false'}}}}
"
    )
}

fn of_harness(before: &str, after: &str) -> Report {
    judged("harness", &files(&[("flags.yaml", before)]), &files(&[("flags.yaml", after)]))
}

#[test]
fn a_switch_off_that_another_flag_waits_for_puts_that_one_live() {
    let on = harness("on", "false", "true", "false");
    let report = of_harness(&on, &harness("off", "false", "true", "false"));
    assert_eq!(
        reported(&report),
        (
            vec!["legacy@prod live → inactive NotRequired".to_owned(), "shiny@prod unknown → live Pending".to_owned()],
            Verdict::Pending
        )
    );
    let said = remarks(&report, "legacy@prod");
    assert!(said.contains("what goes live by it does: have `all/shiny@prod` approved"), "{said}");
    assert!(!said.contains("propose the switch by itself"), "{said}");
    // One that wants it to be on goes off with it, which waits for nobody.
    let on = harness("on", "false", "true", "true");
    let report = of_harness(&on, &harness("off", "false", "true", "true"));
    assert_eq!(reported(&report), (vec!["legacy@prod live → inactive NotRequired".to_owned()], Verdict::NotRequired));
    // It goes live with it, too.
    let report = of_harness(&harness("off", "false", "true", "true"), &on);
    assert_eq!(reported(&report).0, ["legacy@prod inactive → live Pending", "shiny@prod inactive → live Pending"]);
    // Switched off both: nothing goes live.
    let both = harness("off", "false", "true", "false").replacen("prod, state: 'on'", "prod, state: 'off'", 1);
    assert_eq!(reported(&of_harness(&harness("on", "false", "true", "false"), &both)).1, Verdict::NotRequired);
}

/// The variant of a flag decides who gets another one that asks for one of its variants.
#[test]
fn another_variant_reaches_the_flag_that_asks_for_it() {
    let report = of_harness(&harness("on", "false", "true", "true"), &harness("on", "false", "false", "true"));
    assert_eq!(reported(&report).0, ["legacy@prod live → live Pending", "shiny@prod unknown → live Pending"]);
}

fn feature(required: &str, percentage: u32) -> String {
    format!(
        "description: f\ntags: [all]\nbucketBy: userId\n{required}rules: {{production: [{{key: r, segments: \"*\", percentage: {percentage}}}]}}\n"
    )
}

#[test]
fn a_required_feature_takes_others_live_with_it() {
    for (name, path) in [("legacy", "features/legacy.yml"), ("shop.legacy", "features/shop/legacy.yml")] {
        for required in [format!("required: [{name}]\n"), format!("required: [{{key: {name}, variation: control}}]\n")]
        {
            let shiny = feature(&required, 100);
            let third = feature("required: [shiny]\n", 100);
            let side = |percentage| {
                files(&[
                    (path, &feature("", percentage)),
                    ("features/shiny.yml", &shiny),
                    ("features/third.yml", &third),
                ])
            };
            let (flags, verdict) = reported(&judged("featurevisor", &side(0), &side(100)));
            assert!(flags.contains(&"shiny@production inactive → live Pending".to_owned()), "{name}: {flags:?}");
            assert!(flags.contains(&"third@production inactive → live Pending".to_owned()), "{name}: {flags:?}");
            assert_eq!((flags.len(), verdict), (3, Verdict::Pending));
            // Switching it off waits for nobody, whatever goes off with it.
            let (flags, verdict) = reported(&judged("featurevisor", &side(100), &side(0)));
            assert_eq!((flags.len(), verdict), (1, Verdict::NotRequired), "{flags:?}");
        }
    }
}

/// Their content was approved when it came to the base: all of it for each of them would fill a comment.
#[test]
fn of_what_goes_live_with_another_the_state_is_displayed() {
    let feature = |required: &str, percentage: u32| {
        format!(
            "description: d\ntags: [all]\nbucketBy: userId\n{required}rules:\n  production:\n    - {{key: e, segments: \"*\", \
             percentage: {percentage}}}\n"
        )
    };
    let side = |percentage: u32, own: u32| {
        let mut all = files(&[("features/root.yml", &feature("", percentage))]);
        for number in 0..50 {
            let own = if number == 0 { own } else { 100 };
            all.insert(format!("features/f{number}.yml"), feature("required: [root]\n", own));
        }
        all
    };
    let changed = |report: &Report, key: &str| -> Vec<String> {
        let flag = report.flags.iter().find(|flag| flag.key == key).unwrap();
        flag.changes.iter().map(|change| change.field.clone()).collect()
    };
    let report = judged("featurevisor", &side(0, 100), &side(100, 100));
    assert_eq!((report.verdict, report.flags.len()), (Verdict::Pending, 51));
    assert_eq!(changed(&report, "f7@production"), ["state"]);
    // An edit of its own is displayed too.
    let report = judged("featurevisor", &side(0, 10), &side(100, 90));
    let own = changed(&report, "f0@production");
    assert_eq!(own, ["state", "distribution"]);
}

const BRAVE: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/examples/formats/brave.yaml"));

fn study(arms: &str, channels: &str) -> String {
    format!("[{{name: 'S', experiment: [{arms}], filter: {{channel: [{channels}], platform: ['WINDOWS']}}}}]\n")
}

fn of_brave(before: Option<&str>, after: Option<&str>) -> Report {
    let config = "version: 1\nadmins: [\"@root\"]\nprojects: {all: {paths: [\"studies/**\"], approvals: peer}}\n";
    let side = |study: Option<&str>| {
        let policy = [(CONFIG_PATH, config), (&*format!("{FORMATS_FOLDER}/brave.yaml"), BRAVE)];
        let all = files(&policy).into_iter().chain(study.map(|text| ("studies/S.json5".to_owned(), text.to_owned())));
        all.map(|(path, text)| (path.clone(), countersign::flag::File::regular(path, text.into_bytes()))).collect()
    };
    judge_files(&side(before), &side(after), None, &[]).unwrap_or_else(|found| panic!("{found:#?}"))
}

#[test]
fn a_study_that_switches_a_feature_off_gives_it_back_where_it_ends() {
    let arm = |name: &str, weight: u32, what: &str| {
        let association =
            if what.is_empty() { String::new() } else { format!(", feature_association: {{{what}: ['F']}}") };
        format!("{{name: '{name}', probability_weight: {weight}{association}}}")
    };
    let off = |weight: u32| [arm("Off", weight, "disable_feature"), arm("Default", 100 - weight, "")].join(", ");
    let on = |weight: u32| [arm("On", weight, "enable_feature"), arm("Default", 100 - weight, "")].join(", ");
    let (both, beta) = ("'RELEASE', 'BETA'", "'BETA'");
    let released = study(&off(50), both);
    for (what, after) in [
        ("leaves the channel", Some(study(&off(50), beta))),
        ("has another channel", Some(study(&off(50), "'NIGHTLY', 'BETA'"))),
        ("is deleted", Some("[]\n".to_owned())),
        ("is deleted with its file", None),
        ("loses its weight", Some(study(&off(0), both))),
        ("loses its weight and the channel", Some(study(&off(0), beta))),
        ("loses what it switches off", Some(study(&on(50), beta))),
        ("gets an end", Some(released.replace("platform", "end_date: 1, platform"))),
    ] {
        let report = of_brave(Some(&released), after.as_deref());
        assert_eq!(report.verdict, Verdict::Pending, "{what}: {:?}", reported(&report));
    }
    let report = of_brave(Some(&released), Some(&study(&off(50), beta)));
    assert_eq!(reported(&report).0, ["S@RELEASE live → unknown Pending"]);
    assert!(remarks(&report, "S@RELEASE").contains("which they get back where it ends"));
    // One that gives something ends freely, also with an arm that switches off and that nobody is in.
    let arms = [arm("On", 100, "enable_feature"), arm("Off", 0, "disable_feature")].join(", ");
    for arms in [on(50), arms] {
        let report = of_brave(Some(&study(&arms, both)), Some(&study(&arms, beta)));
        assert_eq!(reported(&report), (vec!["S@RELEASE live → inactive NotRequired".to_owned()], Verdict::NotRequired));
    }
    // A flag that is only tried gives nothing back to users.
    let report = of_brave(Some(&study(&off(50), "'NIGHTLY', 'BETA'")), Some(&study(&off(50), beta)));
    assert_eq!(report.verdict, Verdict::NotRequired);
}

/// The same for whatever says that it ends, in a mapping of a repository's own.
#[test]
fn what_a_flag_takes_comes_back_in_every_state_that_is_off() {
    let mapping = "entities: [{at: '*', key: '@key', gives-back: {at: takes, absent: false}, live: [{when: {at: on, is: true}, is: live}]}]\n";
    for (before, after, asks) in [
        ("s: {on: true, takes: x}\n", "s: {on: false, takes: x}\n", true),
        ("s: {on: true, takes: x}\n", "s: {on: false}\n", true),
        ("s: {on: true}\n", "s: {on: false}\n", false),
        ("s: {on: false, takes: x}\n", "s: {on: false}\n", false),
    ] {
        let mapping = mapping.replace("'*'", "\"*\"").replace("on,", "\"on\",").replace("'@key'", "\"@key\"");
        let text = |text: &str| text.replace("on:", "\"on\":");
        let report = own(&mapping, &text(before), &text(after));
        assert_eq!(report.verdict == Verdict::Pending, asks, "{before}{after}{:?}", reported(&report));
    }
}

/// However long the way is from the feature that differs.
#[test]
fn the_last_of_a_long_chain_goes_live_too() {
    const LONG: usize = 70;
    for last_first in [false, true] {
        let name = |number: usize| format!("f{:03}", if last_first { LONG - number } else { number });
        let side = |percentage: u32| {
            let of = |number: usize| match number {
                0 => feature("", percentage),
                _ => feature(&format!("required: [{}]\n", name(number - 1)), 100),
            };
            (0..=LONG).map(|number| (format!("features/{}.yml", name(number)), of(number))).collect()
        };
        let report = judged("featurevisor", &side(0), &side(100));
        assert_eq!((report.flags.len(), report.verdict), (LONG + 1, Verdict::Pending), "{last_first}");
        // They go off with it, which waits for nobody.
        assert_eq!(judged("featurevisor", &side(100), &side(0)).verdict, Verdict::NotRequired);
    }
}

/// Flags that depend on each other in a circle, one of them while the other is off, never settle.
#[test]
fn a_circle_ends() {
    let on = harness("on", "false", "true", "false");
    let circle = on.replacen(
        "identifier: legacy\n",
        "identifier: legacy\n      prerequisites: [{feature: shiny, variations: ['true']}]\n",
        1,
    );
    let report = of_harness(&circle, &circle.replacen("onVariation: 'true'", "onVariation: 'false'", 1));
    assert_eq!(report.verdict, Verdict::Pending);
}

/// No pull request can have fewer flags than those that go live with one: the remedy is another one, and works.
#[test]
fn more_flags_than_one_comment_shows_go_live_in_steps() {
    let side = |root: u32, on: std::ops::Range<usize>| {
        let mut all = files(&[("features/root.yml", &feature("", root))]);
        for number in 0..400 {
            let share = if on.contains(&number) { 100 } else { 0 };
            all.insert(format!("features/f{number:03}.yml"), feature("required: [root]\n", share));
        }
        all
    };
    let judged = |before: &_, after: &_| judged("featurevisor", before, after);
    let report = judged(&side(0, 0..400), &side(100, 0..400));
    let helps = report.diagnostics.iter().map(|one| one.remedy.as_str()).collect::<Vec<_>>();
    assert!(
        helps.iter().any(|help| help.starts_with("400 flags go live with `all/root@production`: switch most")),
        "{helps:?}"
    );
    assert_eq!(judged(&side(0, 0..400), &side(0, 0..50)).verdict, Verdict::NotRequired);
    assert_eq!(judged(&side(0, 0..50), &side(100, 0..50)).verdict, Verdict::Pending);
    assert_eq!(judged(&side(100, 0..50), &side(100, 0..65)).verdict, Verdict::Pending);
}

/// The same for a segment that many flags name.
#[test]
fn a_segment_of_too_many_flags_is_replaced_in_steps() {
    let side = |value: &str, own: usize| {
        let flags: Vec<String> = (0..400)
            .map(|number| {
                let segment = if number < own { "eu2" } else { "eu" };
                format!("  - {{key: f{number:03}, name: f, type: BOOLEAN_FLAG_TYPE, enabled: false, rollouts: [{{segment: {{key: {segment}, value: true}}}}]}}\n")
            })
            .collect();
        let segment = |key: &str, value: &str| {
            format!(
                "  - {{key: {key}, name: s, constraints: [{{type: STRING_COMPARISON_TYPE, property: c, operator: eq, value: {value}}}]}}\n"
            )
        };
        let text = format!(
            "namespace: d\nflags:\n{}segments:\n{}{}",
            flags.concat(),
            segment("eu", value),
            segment("eu2", "fr")
        );
        files(&[("features.yaml", &text)])
    };
    let report = judged("flipt", &side("de", 0), &side("fr", 0));
    let helps = report.diagnostics.iter().map(|one| one.remedy.as_str()).collect::<Vec<_>>();
    assert!(helps.iter().any(|help| help.starts_with("`segment eu@d` is a part of too many flags")), "{helps:?}");
    assert_eq!(judged("flipt", &side("de", 0), &side("de", 60)).verdict, Verdict::Pending);
}

/// Users are given what an arm names, so another name of an arm gives nobody anything else.
#[test]
fn an_arm_of_another_name_that_gives_the_same() {
    let arm = |name: &str, weight: u32, charts: bool| {
        format!(
            "{{name: '{name}', probability_weight: {weight}, feature_association: {{enable_feature: ['F']}}, param: [{{name: 'charts', value: '{charts}'}}]}}"
        )
    };
    let before = study(&arm("Enabled", 100, false), "'RELEASE'");
    let impact = |after: &str| {
        let report = of_brave(Some(&before), Some(&study(after, "'RELEASE'")));
        // Somebody looks at it all the same.
        assert_eq!(report.verdict, Verdict::Pending);
        let impact = report.flags[0].impact.clone().unwrap();
        impact.per_segment[0].switch.to_string()
    };
    assert_eq!(impact(&arm("Without", 100, false)), "0.0%");
    assert_eq!(impact(&[arm("With", 25, true), arm("Without", 75, false)].join(", ")), "25.0%");
    assert_eq!(impact(&arm("With", 100, true)), "100.0%");
    // The name stays and gives something else, so that it is no other name of what it was.
    assert_eq!(impact(&[arm("Enabled", 50, true), arm("Without", 50, false)].join(", ")), "50.0%");
    assert_eq!(impact(&arm("Without", 100, false).replace("'F'", "'G'")), "100.0%");
}
