//! Drafts in force: what `init` writes may ask about less than `registry` only where a flag is switched off.

use std::collections::BTreeMap;

use countersign::diagnostics::Diagnostics;
use countersign::flag::File;
use countersign::format::mapped::draft::draft;
use countersign::policy::{CONFIG_PATH, FORMATS_FOLDER};
use countersign::report::{Report, Verdict};

use crate::files::judge_files;

/// Configurations and APPROVERS: approvers of all, and those of production alone.
pub const POLICIES: [(&str, &str); 2] = [
    ("version: 1\nadmins: [\"@root\"]\nprojects: {all: {paths: [\"config/\"], approvals: peer}}\n", ""),
    (
        "version: 1\nadmins: [\"@root\"]\nprojects: {all: {paths: [\"config/\"], approvals: specific}}\nsections: {Release: {scopes: [production]}}\n",
        "[Release]\n* @alice\n",
    ),
];

pub fn judged(policy: (&str, &str), path: &str, mapping: Option<&str>, before: &str, after: &str) -> Report {
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

pub fn drafted(path: &str, text: &str) -> Option<String> {
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
        // The order of the one list says whose the shares of the other one are.
        (
            "a: {enabled: true, variants: [x, y], weights: [90, 10]}\n",
            "a: {enabled: true, variants: [y, x], weights: [90, 10]}\n",
            true,
        ),
        (
            "a: {enabled: true, variants: [{name: x}, {name: y}], split: [90, 10]}\n",
            "a: {enabled: true, variants: [{name: y}, {name: x}], split: [90, 10]}\n",
            true,
        ),
        // The variants of one experiment are no flags.
        (
            "a:\n  alternatives:\n    - {name: x, percent: 50}\n    - {name: z, percent: 50}\n",
            "a:\n  alternatives:\n    - {name: x, percent: 0}\n    - {name: z, percent: 50}\n",
            true,
        ),
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

/// Switching off is in nobody's way, whatever word a file has for it; a change that is no switch-off for sure waits.
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
                // A flag that goes on needs approval, whatever its name says.
                let on = judged(POLICIES[0], path, mapping, &after, &before);
                assert_eq!(on.verdict, Verdict::Pending, "{after}{before}");
            }
        }
    }
}

/// Members under another name than that of flags may be exceptions, or people, and give something back where they go.
#[test]
fn an_exception_that_goes_from_a_draft_gives_something_back() {
    let path = "config/feature_flags.yml";
    for (before, after, waits) in [
        (
            "production: {a: true, b: true}\noverrides: {a: false, b: false}\n",
            "production: {a: true, b: true}\noverrides: {b: false}\n",
            true,
        ),
        ("production: {a: true, b: true}\noverrides: {a: false, b: false}\n", "production: {a: true, b: true}\n", true),
        ("gamma: {jo: false, kim: true}\n", "gamma: {kim: true}\n", true),
        ("gamma: {jo: false}\nbeta: {x: true}\n", "gamma: {}\nbeta: {x: true}\n", true),
        (
            "kept_out: [{name: jo, enabled: false}, {name: kim, enabled: true}]\n",
            "kept_out: [{name: kim, enabled: true}]\n",
            true,
        ),
        (
            "local: {features: {a: false}}\nmain: {features: {a: true}}\n",
            "local: {features: {}}\nmain: {features: {a: true}}\n",
            true,
        ),
        (
            "local: {features: {a: false, c: true}}\nmain: {features: {b: true}}\n",
            "local: {features: {c: true}}\nmain: {features: {b: true}}\n",
            true,
        ),
        // Lists of flags.
        ("flags: {a: true, b: false}\nexperiments: {c: true}\n", "flags: {a: true}\nexperiments: {c: true}\n", false),
        ("a: {enabled: false, owner: x}\nb: {enabled: true}\n", "b: {enabled: true}\n", false),
        // A kill is one there too.
        ("gamma: {jo: true, kim: true}\n", "gamma: {jo: false, kim: true}\n", false),
        // Of a value and a default the value is what users get.
        (
            "a: {type: bool, value: true, default: false}\nb: {type: bool, value: false, default: false}\n",
            "a: {type: bool, value: false, default: false}\nb: {type: bool, value: false, default: false}\n",
            false,
        ),
        (
            "a: {type: bool, value: false, default: false}\nb: {type: bool, value: false, default: false}\n",
            "a: {type: bool, value: false, default: true}\nb: {type: bool, value: false, default: false}\n",
            true,
        ),
        (
            "a: {type: bool, value: true, default: true}\nb: {type: bool, value: false, default: false}\n",
            "a: {type: bool, value: false, default: true}\nb: {type: bool, value: false, default: false}\n",
            true,
        ),
        (
            "a: {type: bool, value: true, default: false}\nb: {type: bool, value: false, default: false}\n",
            "a: {type: bool, value: true, default: true}\nb: {type: bool, value: false, default: false}\n",
            true,
        ),
        // Users may be in a group.
        (
            "a: {enabled: true, group: beta}\nb: {enabled: true, group: x}\n",
            "a: {enabled: true, group: all}\nb: {enabled: true, group: x}\n",
            true,
        ),
        (
            "a: {enabled: true, group: beta}\nb: {enabled: true, group: x}\n",
            "a: {enabled: true}\nb: {enabled: true, group: x}\n",
            true,
        ),
        (
            "a: {enabled: true, group: beta}\nb: {enabled: true, group: x}\n",
            "a: {enabled: false, group: beta}\nb: {enabled: true, group: x}\n",
            false,
        ),
    ] {
        let mapping = drafted(path, before).unwrap_or_else(|| panic!("{before}"));
        let report = judged(POLICIES[0], path, Some(&mapping), before, after);
        assert_eq!(report.verdict == Verdict::Pending, waits, "{before}{after}{mapping}{:#?}", report.flags);
    }
}
