//! Registries as people keep them: environments by their names, declarations, lists whose order counts.

use std::collections::BTreeMap;

use countersign::flag::File;
use countersign::policy::CONFIG_PATH;
use countersign::report::{Report, Verdict};

use super::parts::files;
use super::{judged, own, read};
use crate::files::judge_files;

fn states(format: &str, path: &str, text: &str) -> Vec<String> {
    let (flags, diagnostics) = read(format, path, text);
    assert_eq!(diagnostics, Vec::<String>::new(), "{text}");
    flags.iter().map(|flag| format!("{} {}", flag.key, flag.state.word)).collect()
}

#[test]
fn environments_are_known_by_their_names() {
    for (text, expected) in [
        (
            "{\"develop\": {\"A\": true}, \"test\": {}, \"production\": {\"A\": false}}",
            &["A@develop live", "A@production inactive"][..],
        ),
        (
            "feature_flags: {pda: {local: true, uat: true, eu-production: false}}\n",
            &["pda@local live", "pda@uat live", "pda@eu-production inactive"],
        ),
        // None of these is an environment for sure.
        ("beta: {enabled: true}\nreview: {enabled: false}\n", &["beta live", "review inactive"]),
        // Nor what is said in words.
        ("features: {a: {enabled: true, stage: beta}, b: {enabled: true, dev: Jo}}\n", &["a live", "b live"]),
        // Decided entry by entry.
        (
            "a: {enabled: true}\nc: {production: true, staging: false}\n",
            &["a live", "c@production live", "c@staging inactive"],
        ),
        (
            "search: {enabled: false, environments: {production: true}}\n",
            &["search inactive", "search@production live"],
        ),
        ("search: {enabled: true, production: false}\n", &["search unknown", "search@production unknown"]),
        (
            "features: [{name: task, description: d, enabled_for: {environments: [staging, production]}}]\n",
            &["task@staging live", "task@production live"],
        ),
        // A member that may be a switch next to environments is for all of them; notes are none.
        (
            "a: {staging: true, customers: false, owner: o}\nb: {staging: true, owner: o}\n",
            &["a unknown", "a@staging live", "b@staging live"],
        ),
        ("a: {production: true, percentage: 10}\n", &["a unknown", "a@production live"]),
        ("features: [{name: role, description: d, enabled_for: {environments: []}}]\n", &["role inactive"]),
        // A flag that is called like an environment has a map of environments.
        (
            "a: {production: false, staging: false}\nuat: {production: true, staging: true}\n",
            &["a@production inactive", "a@staging inactive", "uat@production live", "uat@staging live"],
        ),
        (
            "feature_flags: {dev_auth: {local: true, development: false, uat: false, production: false}}\n",
            &[
                "dev_auth@local live",
                "dev_auth@development inactive",
                "dev_auth@uat inactive",
                "dev_auth@production inactive",
            ],
        ),
        (
            "a: {production: false, owner: o}\ndev: {production: true, owner: o}\n",
            &["a@production inactive", "dev@production live"],
        ),
        // And an environment may have a flag that is called like one.
        (
            "production: {dev: true, search: false}\nstaging: {dev: true, search: true}\n",
            &["dev@production live", "search@production inactive", "dev@staging live", "search@staging live"],
        ),
        (
            "eu-production: {dev: true}\nus-production: {dev: false}\n",
            &["dev@eu-production live", "dev@us-production inactive"],
        ),
        ("flags: [{featureName: a, owner: o, dateAdded: \"x\", defaultState: true}]\n", &["a live"]),
        ("a: {enabled: false, rollout_percentage: 10, hash_seed: s}\nb: {stop: false}\n", &["a inactive", "b unknown"]),
        ("flags: [{featureName: a, owner: o, dateAdded: \"x\", isEnabled: false}]\n", &["a inactive"]),
    ] {
        assert_eq!(states("registry", "feature_flags.yml", text), expected, "{text}");
    }
}

#[test]
fn declarations_have_notes_alone() {
    for (text, expected) in [
        ("feature_flags: {a: {author: Jo, description: Sign in as somebody else}}\n", &["a declared"][..]),
        ("features: {a: {actor_type: user, description: Form, enable_in_development: true}}\n", &["a declared"]),
        ("features: {a: {description: Form, permanent: true}}\n", &["a declared"]),
        ("features: {a: {description: Form, enabled: true}}\n", &["a unknown"]),
        ("features: {a: {description: Form, rollout: 5}}\n", &["a unknown"]),
    ] {
        assert_eq!(states("flipper", "features.yml", text), expected, "{text}");
    }
}

fn report(format: &str, before: &str, after: &str) -> Report {
    judged(format, &files(&[("feature_flags.yml", before)]), &files(&[("feature_flags.yml", after)]))
}

/// The switch of all environments that are not named is one of its own: they get the flag, whatever the named ones say.
#[test]
fn the_switch_for_other_environments_is_reported() {
    for (before, after, verdict) in [
        (
            "s: {enabled: false, environments: {production: false}}\n",
            "s: {enabled: true, environments: {production: false}}\n",
            Verdict::Pending,
        ),
        (
            "s: {enabled: true, environments: {production: false}}\n",
            "s: {enabled: false, environments: {production: false}}\n",
            Verdict::NotRequired,
        ),
        ("s: {enabled: false, production: false}\n", "s: {enabled: true, production: false}\n", Verdict::Pending),
        // One that is named is not touched by it.
        (
            "s: {enabled: false, environments: {production: true}}\n",
            "s: {enabled: false, environments: {production: true}, description: x}\n",
            Verdict::NotRequired,
        ),
    ] {
        let report = report("registry", before, after);
        assert_eq!(report.verdict, verdict, "{before}{after}{:#?}", report.flags);
    }
}

/// Approvers of production are asked about what is no environment by its name: it may be served there.
#[test]
fn members_next_to_environments_are_for_all_of_them() {
    let config = "version: 1\nadmins: [\"@root\"]\nprojects: {all: {paths: [\"flags.yml\"], approvals: specific}}\n\
                  formats: {\"**\": registry}\nsections: {Release: {scopes: [production]}}\n";
    let side = |text: &str| -> BTreeMap<String, File> {
        let files = [(CONFIG_PATH, config), (".countersign/APPROVERS", "[Release]\n* @alice\n"), ("flags.yml", text)];
        files.into_iter().map(|(path, text)| (path.to_owned(), File::regular(path, text.as_bytes()))).collect()
    };
    for (before, after, waits) in [
        ("a: {staging: true, customers: false}\n", "a: {staging: true, customers: true}\n", true),
        ("a: {staging: true, default: false}\n", "a: {staging: true, default: true}\n", true),
        ("a: {staging: true, percentage: 10}\n", "a: {staging: true, percentage: 90}\n", true),
        (
            "a: {enabled_for: {environments: [staging], users: [jo]}}\n",
            "a: {enabled_for: {environments: [staging], users: [jo, everybody]}}\n",
            true,
        ),
        // A label may be an environment, or people.
        ("a: {staging: true, label: qa}\n", "a: {staging: true, label: production}\n", true),
        ("a: {staging: true, customers: false}\n", "a: {staging: false, customers: false}\n", false),
        ("a: {staging: false, owner: o}\n", "a: {staging: true, owner: p}\n", false),
    ] {
        let report = judge_files(&side(before), &side(after), None, &[]).unwrap_or_else(|found| panic!("{found:#?}"));
        assert_eq!(report.verdict == Verdict::Pending, waits, "{before}{after}{report:#?}");
    }
}

/// Services read flags below a name: without it they find none.
#[test]
fn the_map_around_all_flags_is_a_part_of_each() {
    for format in ["registry", "generic"] {
        for (before, after, waits) in [
            ("features: {a: true, b: false}\n", "a: true\nb: false\n", true),
            ("features: {a: true, b: false}\n", "flags: {a: true, b: false}\n", true),
            ("features: {a: true, b: false}\n", "# flags\nfeatures: {b: false, a: true}\n", false),
            ("production: {features: {a: true}}\n", "production: {a: true}\n", true),
        ] {
            let report = report(format, before, after);
            assert_eq!(report.verdict == Verdict::Pending, waits, "{format} {before}{after}{report:#?}");
        }
    }
}

#[test]
fn a_list_of_environments_is_switched_one_by_one() {
    let flags =
        |list: &str| format!("features: [{{name: t, description: d, enabled_for: {{environments: [{list}]}}}}]\n");
    let on = report("registry", &flags("staging"), &flags("staging, production"));
    assert_eq!(on.flags.iter().map(|flag| flag.key.as_str()).collect::<Vec<_>>(), ["t@production"]);
    assert_eq!(on.verdict, Verdict::Pending);
    let off = report("registry", &flags("staging, production"), &flags("staging"));
    assert_eq!(off.verdict, Verdict::NotRequired);
}

/// Nobody knows that it is on, let alone for everyone.
#[test]
fn an_unknown_state_has_no_shares() {
    let before = "a: {enabled: true}\n";
    let added = report("registry", before, "a: {enabled: true}\nb: {state: later}\n");
    let flag = added.flags.iter().find(|flag| flag.key == "b").unwrap();
    let sentence = countersign::impact::sentence(flag.impact.as_ref().unwrap());
    assert_eq!(sentence, "not computed: whether it is on is not known");
    assert_eq!(added.verdict, Verdict::Pending);
    let removed = report("registry", "a: {enabled: true}\nb: {state: later}\n", before);
    let flag = removed.flags.iter().find(|flag| flag.key == "b").unwrap();
    let sentence = countersign::impact::sentence(flag.impact.as_ref().unwrap());
    assert_eq!(sentence, "not computed: whether it is on is not known");
}

/// A stamp that is written anew at each edit does not hold up a switch that is put off.
#[test]
fn a_stamp_holds_up_nobody() {
    let file = |version: &str, on: bool| {
        format!("version: {version}\nlastUpdated: {version}\nflags: {{a: {{enabled: {on}}}}}\n")
    };
    assert_eq!(report("registry", &file("\"1.3.1\"", true), &file("\"1.3.2\"", false)).verdict, Verdict::NotRequired);
    assert_eq!(report("registry", &file("\"1.3.1\"", false), &file("\"1.3.2\"", true)).verdict, Verdict::Pending);
    // The same names among flags are flags.
    let flat = |version: &str| format!("version: {version}\nsearch: true\n");
    assert_eq!(report("registry", &flat("1"), &flat("2")).verdict, Verdict::Pending);
}

/// The place of a feature is its bit in a database.
#[test]
fn an_order_that_is_an_identity() {
    const CHATWOOT: &str = include_str!("../../../examples/formats/chatwoot.yaml");
    let item = |name: &str, on: bool| format!("- name: {name}\n  display_name: {name}\n  enabled: {on}\n");
    let list = |names: &[(&str, bool)]| names.iter().map(|(name, on)| item(name, *on)).collect::<String>();
    let reported = |after: &[(&str, bool)]| {
        let before = list(&[("mail", true), ("lookup", false), ("sla", true)]);
        let report = own(CHATWOOT, &before, &list(after));
        report.flags.iter().map(|flag| flag.key.clone()).collect::<Vec<_>>()
    };
    assert_eq!(reported(&[("mail", true), ("lookup", false), ("sla", true)]), Vec::<String>::new());
    assert_eq!(reported(&[("mail", true), ("lookup", false), ("sla", true), ("crm", false)]), ["crm"]);
    assert_eq!(reported(&[("mail", true), ("crm", false), ("lookup", false), ("sla", true)]), ["crm", "lookup", "sla"]);
    assert_eq!(reported(&[("lookup", false), ("mail", true), ("sla", true)]), ["lookup", "mail"]);
    // So is the column that the bit is in.
    let one = item("mail", false);
    let changed = own(CHATWOOT, &one, &format!("{one}  column: feature_flags_ext_1\n"));
    let rules: Vec<&str> = changed.flags[0].changes.iter().filter_map(|change| Some(change.rule?.as_str())).collect();
    assert!(!rules.is_empty() && !rules.contains(&"unknown-field"), "{rules:?}");
}

/// A flag that is called `uat` turns no file inside out: approvers of production are asked about it.
#[test]
fn a_flag_called_like_an_environment_is_reported_in_each_of_its_own() {
    let base = "a: {production: false, staging: false}\nb: {production: false, staging: false}\n";
    for name in ["dev", "development", "staging", "uat", "nonprod", "production", "qa"] {
        let report = report("registry", base, &format!("{base}{name}: {{production: true, staging: true}}\n"));
        let changed: Vec<String> = report.flags.iter().map(|flag| flag.id().to_string()).collect();
        assert_eq!(changed.len(), 2, "{name}: {changed:?}");
        assert!(changed.iter().any(|id| id.ends_with(&format!("{name}@production"))), "{name}: {changed:?}");
        assert_eq!(report.verdict, Verdict::Pending, "{name}");
    }
}

/// Flags that are called like environments, and nothing but them: nobody knows which of the two names is the
/// environment, so they are under no scope, and approvers of production are asked about each.
#[test]
fn names_of_environments_at_both_levels_are_no_scope() {
    let off = "a: {production: false, staging: false}\nb: {production: false, staging: false}\n";
    let notes = "a: {production: false, owner: o}\nb: {production: false, owner: o}\n";
    let inside = "a: {environments: {production: false}}\n";
    let around = "production: {a: false, b: false}\nstaging: {a: false, b: false}\n";
    for (base, proposed) in [
        (off, "uat: {production: true, staging: true}\ndev: {production: true, staging: false}\n"),
        (off, "uat: {production: true}\ndev: {production: true}\nstg: {production: true}\n"),
        (off, "dev_login: {production: true}\n"),
        (off, "uat: {eu-production: true}\n"),
        (off, "uat: {production: true, x: true}\ndev: {production: true, x: true}\n"),
        (off, "uat: {production: true, x: true}\ndev: {production: true, x: true}\nsearch: {enabled: false}\n"),
        (notes, "uat: {production: true, owner: o}\ndev: {production: true, owner: o}\n"),
        (inside, "uat: {environments: {production: true}}\ndev: {environments: {production: true}}\n"),
        (inside, "uat: {enabled_for: {environments: [production]}}\n"),
        // The other way round.
        (around, "production: {uat: true, dev: true}\nstaging: {uat: true, dev: true}\n"),
        (around, "production: {uat: true, dev: true, stg: true}\n"),
    ] {
        for wrapped in [false, true] {
            let own = |text: &str| {
                let inner: String = text.lines().map(|line| format!("  {line}\n")).collect();
                if wrapped { format!("feature_flags:\n{inner}") } else { text.to_owned() }
            };
            let config = "version: 1\nadmins: ['@root']\nprojects: {f: {paths: ['*.yml'], approvals: specific}}\nformats: {'**': registry}\nsections: {Release: {scopes: [production, eu-production]}}\n";
            let approvers = "[Release]\n* @acme/release\n";
            let report = scoped(config, approvers, &own(base), &own(proposed));
            assert_eq!(report.verdict, Verdict::Pending, "{proposed}{:#?}", report.flags);
        }
    }
}

/// The report of a file of a policy with sections.
fn scoped(config: &str, approvers: &str, before: &str, after: &str) -> Report {
    let side = |text: &str| -> BTreeMap<String, File> {
        let all = [(CONFIG_PATH, config), (".countersign/APPROVERS", approvers), ("feature_flags.yml", text)];
        all.into_iter().map(|(path, text)| (path.to_owned(), File::regular(path, text))).collect()
    };
    judge_files(&side(before), &side(after), None, &[]).unwrap_or_else(|found| panic!("{found:#?}"))
}

/// A service may let in those whom a flag names while it is off.
#[test]
fn people_who_come_to_a_flag_that_is_off_need_approval() {
    let users = "a: {enabled: false, users: [jo]}\n";
    for (before, after, verdict) in [
        ("a: {enabled: false, users: []}\n", users, Verdict::Pending),
        ("a: {enabled: false}\n", users, Verdict::Pending),
        ("b: {enabled: false}\n", "b: {enabled: false}\na: {enabled: false, users: [jo]}\n", Verdict::Pending),
        ("a: {enabled: false, users: false}\n", "a: {enabled: false, users: true}\n", Verdict::Pending),
        ("a: {enabled: false, group: staff}\n", "a: {enabled: false, group: everyone}\n", Verdict::Pending),
        ("a: {enabled: false, groups: [x]}\n", "a: {enabled: false, groups: [x, y]}\n", Verdict::Pending),
        ("a: {enabled: false, tags: []}\n", "a: {enabled: false, tags: [beta]}\n", Verdict::Pending),
        ("a: {enabled: false}\n", "a: {enabled: false, segments: {eu: [jo]}}\n", Verdict::Pending),
        ("a: {enabled: true, users: []}\n", users, Verdict::Pending),
        (
            "production: {a: {enabled: false}}\nstaging: {a: {enabled: false}}\n",
            "production: {a: {enabled: false, users: [jo]}}\nstaging: {a: {enabled: false}}\n",
            Verdict::Pending,
        ),
        (
            "a: {environments: {production: {enabled: false}}}\n",
            "a: {environments: {production: {enabled: false, users: [jo]}}}\n",
            Verdict::Pending,
        ),
        // Switching it off waits for nobody, and neither does taking somebody out, or another order.
        (
            "a: {enabled: true, users: [jo], tags: [x], group: g}\n",
            "a: {enabled: false, users: [jo], tags: [x], group: g}\n",
            Verdict::NotRequired,
        ),
        ("a: {enabled: true, users: [jo, kim]}\n", "a: {enabled: false, users: [kim]}\n", Verdict::NotRequired),
        ("a: {enabled: false, users: [jo, kim]}\n", "a: {enabled: false, users: [kim]}\n", Verdict::NotRequired),
        ("a: {enabled: false, users: [jo, kim]}\n", "a: {enabled: false, users: [kim, jo]}\n", Verdict::NotRequired),
        // A new flag has an owner and tags for people.
        (
            "b: {enabled: false}\n",
            "b: {enabled: false}\na: {enabled: false, group: g, tags: [x], users: []}\n",
            Verdict::NotRequired,
        ),
    ] {
        let report = report("registry", before, after);
        assert_eq!(report.verdict, verdict, "{before}{after}{:#?}", report.flags);
    }
}

/// A list of environments that goes lets everyone in where a switch stands next to it; one that gets shorter, nobody.
#[test]
fn a_restriction_to_environments_that_goes_is_an_activation() {
    let flag = |said: &str| format!("a: true\nc: {{enabled: true{said}}}\n");
    let [two, one, none] = [", environments: [staging, production]", ", environments: [staging]", ""].map(flag);
    for (before, after, verdict) in [
        (&one, &none, Verdict::Pending),
        (&two, &none, Verdict::Pending),
        (&two, &one, Verdict::NotRequired),
        (&two, &two.replace("enabled: true", "enabled: false"), Verdict::NotRequired),
    ] {
        let report = report("registry", before, after);
        assert_eq!((report.verdict, report.flags.is_empty()), (verdict, false), "{before}{after}");
    }
    let of_maps = |said: &str| format!("a: true\nc: {{enabled: true, environments: {{{said}}}}}\n");
    let report = report("registry", &of_maps("staging: {enabled: true}"), &none);
    assert_eq!(report.verdict, Verdict::Pending);
}

/// Its switch alone turns a flag off free, whatever else stands in it, unless something in it says true.
#[test]
fn a_flag_with_other_members_is_switched_off_by_its_switch_alone() {
    let file = |switch: bool, more: &str| format!("a: {{enabled: {switch}{more}}}\nb: {{enabled: true}}\n");
    let verdict = |before: &str, after: &str| report("registry", before, after).verdict;
    for more in
        [", targeting: []", ", scope: [x]", ", fallback: old", ", rules: [{percentage: 5}]", ", default_value: false"]
    {
        let (on, off) = (file(true, more), file(false, more));
        assert_eq!(verdict(&on, &off), Verdict::NotRequired, "{more}");
        assert_eq!(verdict(&off, &on), Verdict::Pending, "{more}");
        // Each edit besides, and each while it is off, needs approval.
        let other = off.replace(more, &format!("{more}, x: 1"));
        assert_eq!((verdict(&on, &other), verdict(&off, &other)), (Verdict::Pending, Verdict::Pending), "{more}");
    }
    assert_eq!(verdict(&file(true, ", forced: true"), &file(false, ", forced: true")), Verdict::Pending);
    // One that takes something away gives it back.
    let taking = |switch: bool| file(switch, ", targeting: []").replace("a:", "disable_cart:");
    assert_eq!(verdict(&taking(true), &taking(false)), Verdict::Pending);
}

/// A reader knows one place of flags: in another one it finds none, or other people's restrictions.
#[test]
fn another_place_of_flags_in_the_file_is_a_change() {
    let all: &[(&str, &str)] = &[
        ("a: {production: true, staging: true}\n", "production: {a: true}\nstaging: {a: true}\n"),
        ("a: {production: true}\n", "a: {environments: {production: true}}\n"),
        ("a: {enabled: true, environments: [staging]}\n", "a: {enabled: true, envs: [staging]}\n"),
        ("a: {environments: {staging: true, production: false}}\n", "a: {envs: {staging: true, production: false}}\n"),
        ("- {name: a, enabled: true}\n", "a: {enabled: true}\n"),
        ("- {name: a, enabled: true}\n", "- {key: a, enabled: true}\n"),
        ("a: true\n", "flags: {a: true}\n"),
    ];
    for (one, other) in all {
        for (before, after) in [(one, other), (other, one)] {
            assert_eq!(report("registry", before, after).verdict, Verdict::Pending, "{before}{after}");
            let reordered = format!("# a comment\n{before}");
            assert_eq!(report("registry", before, &reordered).flags.len(), 0, "{before}");
        }
    }
}

/// Where an environment has an entry of its own, narrower than what holds for all, its end lets more people in.
#[test]
fn an_entry_of_an_environment_that_goes_leaves_what_holds_for_all() {
    for own in
        ["{enabled: true, percentage: 10}", "{enabled: true, users: [ann]}", "{enabled: true, groups: [b]}", "true"]
    {
        for (all, verdict) in [("true", Verdict::Pending), ("false", Verdict::NotRequired)] {
            let before = format!("default: {{a: {all}, b: true}}\nproduction: {{a: {own}, b: true}}\n");
            let after = format!("default: {{a: {all}, b: true}}\nproduction: {{b: true}}\n");
            assert_eq!(report("registry", &before, &after).verdict, verdict, "{before}{after}");
            let before = format!("a: {{enabled: {all}, environments: {{staging: true, production: {own}}}}}\n");
            let after = format!("a: {{enabled: {all}, environments: {{staging: true}}}}\n");
            assert_eq!(report("registry", &before, &after).verdict, verdict, "{before}{after}");
        }
    }
}

/// Readers of a single document take the first, or refuse them all.
#[test]
fn flags_in_a_second_document_are_an_error() {
    for id in ["registry", "generic", "flipper"] {
        for after in ["a: true\n---\nb: true\n", "---\n---\na: true\nb: true\n"] {
            assert_eq!(report(id, "a: true\nb: true\n", after).verdict, Verdict::Invalid, "{id} {after}");
        }
        assert_eq!(report(id, "a: true\nb: true\n", "---\na: true\nb: true\n").flags.len(), 0, "{id}");
    }
}

/// Ruby's reader goes through a map from top to bottom, and `<<` overwrites what stands above it.
#[test]
fn a_merge_below_what_it_overwrites_is_an_error() {
    let of = |own: &str| format!("default: &d {{a: true}}\nproduction:\n{own}");
    let (first, last) = (of("  <<: *d\n  a: false\n"), of("  a: false\n  <<: *d\n"));
    assert_eq!(report("registry", &first, &last).verdict, Verdict::Invalid);
    assert_eq!(report("registry", &first, &of("  b: false\n  <<: *d\n  a: false\n")).verdict, Verdict::NotRequired);
    // To it nothing is merged by an empty one.
    let empty = |on: bool| format!("default: &d\nproduction:\n  <<: *d\n  a: {on}\n");
    assert_eq!(report("registry", &empty(true), &empty(false)).verdict, Verdict::NotRequired);
    assert_eq!(report("registry", &empty(false), &empty(true)).verdict, Verdict::Pending);
}
