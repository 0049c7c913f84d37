//! Kills that wait for nobody whatever a homegrown file has next to the switch, and their reverse, which waits.

use countersign::report::Verdict::{self, NotRequired, Pending};

use super::judged;
use super::parts::files;

const PATH: &str = "config/feature_flags.yml";

pub(super) fn verdict(before: &str, after: &str) -> Verdict {
    judged("registry", &files(&[(PATH, before)]), &files(&[(PATH, after)])).verdict
}

/// A file with a flag in it.
type InFile = fn(&str) -> String;

const PLACES: [(&str, InFile); 3] = [
    ("flags", |flag| format!("search: {flag}\n")),
    ("environments", |flag| format!("search: {{environments: {{production: {flag}, staging: {{enabled: true}}}}}}\n")),
    ("by environment", |flag| format!("production:\n  search: {flag}\nstaging:\n  search: {{enabled: true}}\n")),
];

pub(super) fn judge_everywhere(steps: &[(&str, &str, Verdict)]) {
    let mut wrong = Vec::new();
    for (before, after, expected) in steps {
        for (place, file) in PLACES {
            let found = verdict(&file(before), &file(after));
            if found != *expected {
                wrong.push(format!("{place}: {before} {after} {found:?}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// Defaults of flags: everyone had them before, where nothing divides users.
#[test]
fn a_default_next_to_a_switch() {
    judge_everywhere(&[
        (
            "{enabled: true, defaultValue: true, scope: global}",
            "{enabled: false, defaultValue: true, scope: global}",
            NotRequired,
        ),
        (
            "{enabled: true, defaultValue: true, scope: global}",
            "{enabled: false, defaultValue: false, scope: global}",
            NotRequired,
        ),
        ("{enabled: true, default: true}", "{enabled: false, default: true}", NotRequired),
        ("{enabled: true, value: true}", "{enabled: false, value: true}", NotRequired),
        ("{enabled: true, value: true}", "{enabled: false, value: false}", NotRequired),
        ("{enabled: true, default_value: true}", "{enabled: false, default_value: false}", NotRequired),
        // The default as well, once the switch is off.
        ("{enabled: false, defaultValue: true}", "{enabled: false, defaultValue: false}", NotRequired),
        ("{enabled: true, value: blue}", "{enabled: false, value: blue}", NotRequired),
        (
            "{enabled: true, disabled: false, default: true}",
            "{enabled: true, disabled: true, default: true}",
            NotRequired,
        ),
        // Of two that disagree, nobody knows which one they had; and some had none.
        ("{enabled: true, value: false, default: true}", "{enabled: false, value: false, default: true}", Pending),
        (
            "{enabled: true, value: control, defaultValue: x}",
            "{enabled: false, value: control, defaultValue: x}",
            Pending,
        ),
        (
            "{enabled: true, value: x, defaultValue: false}",
            "{enabled: false, value: x, defaultValue: false}",
            NotRequired,
        ),
        ("{enabled: true, defaultValue: x, extra: y}", "{enabled: false, defaultValue: x, extra: y}", NotRequired),
        ("{enabled: true, default: true, group: beta}", "{enabled: false, default: true, group: beta}", Pending),
        ("{enabled: true, default: true, tags: [beta]}", "{enabled: false, default: true, tags: [beta]}", Pending),
        (
            "{enabled: true, disabled: false, percentage: 10, default: true}",
            "{enabled: true, disabled: true, percentage: 10, default: true}",
            Pending,
        ),
        (
            "{enabled: true, archived: false, users: [jo], defaultValue: blue}",
            "{enabled: true, archived: true, users: [jo], defaultValue: blue}",
            Pending,
        ),
        (
            "{enabled: true, disabled: false, value: false, default: true}",
            "{enabled: true, disabled: true, value: false, default: true}",
            Pending,
        ),
        // The reverse.
        (
            "{enabled: false, defaultValue: true, scope: global}",
            "{enabled: true, defaultValue: true, scope: global}",
            Pending,
        ),
        ("{enabled: false, defaultValue: false}", "{enabled: false, defaultValue: true}", Pending),
        ("{enabled: false, defaultValue: false}", "{enabled: true, defaultValue: true}", Pending),
        ("{enabled: false, defaultValue: false}", "{enabled: true, defaultValue: false}", Pending),
        ("{enabled: false, value: blue}", "{enabled: false, value: red}", Pending),
        // Those whom the switch left out get the default from now on.
        (
            "{enabled: true, percentage: 10, defaultValue: true}",
            "{enabled: false, percentage: 10, defaultValue: true}",
            Pending,
        ),
        (
            "{enabled: true, users: [jo], defaultValue: true}",
            "{enabled: false, users: [jo], defaultValue: true}",
            Pending,
        ),
        (
            "{enabled: true, scope: beta, defaultValue: true}",
            "{enabled: false, scope: beta, defaultValue: true}",
            Pending,
        ),
        // A switch-off is no cover for what else may be one.
        ("{enabled: true, defaultValue: false}", "{enabled: false, defaultValue: true}", Pending),
        ("{enabled: true, scope: global, value: true}", "{enabled: false, scope: beta, value: true}", Pending),
    ]);
}

/// Two switches that say the opposite by true.
#[test]
fn a_switch_next_to_one_that_says_off() {
    let mut steps = Vec::new();
    for off in ["disabled", "disable", "isDisabled", "archived"] {
        let flag = |on: bool, is_off: bool, more: &str| format!("{{enabled: {on}, {off}: {is_off}{more}}}");
        let says_on = off != "archived";
        for more in ["", ", owner: jo", ", x: 1"] {
            let flag = |on: bool, is_off: bool| flag(on, is_off, more);
            for (before, after, expected) in [
                (flag(true, false), flag(false, true), NotRequired),
                (flag(true, false), flag(false, false), NotRequired),
                (flag(true, false), flag(true, true), NotRequired),
                (flag(true, true), flag(false, true), NotRequired),
                (flag(false, false), flag(false, true), NotRequired),
                (flag(false, true), flag(true, false), Pending),
                (flag(false, true), flag(true, true), Pending),
                (flag(true, true), flag(true, false), Pending),
                (flag(false, false), flag(true, true), Pending),
            ] {
                steps.push((before, after, expected));
            }
            if says_on {
                for (before, after) in [(flag(false, true), flag(false, false)), (flag(true, true), flag(false, false))]
                {
                    steps.push((before, after, Pending));
                }
            }
        }
    }
    let steps: Vec<_> =
        steps.iter().map(|(before, after, verdict)| (before.as_str(), after.as_str(), *verdict)).collect();
    judge_everywhere(&steps);
    judge_everywhere(&[
        ("{disabled: false}", "{disabled: true}", NotRequired),
        ("{disabled: false, owner: jo}", "{disabled: true, owner: kim}", NotRequired),
        ("{disabled: false, x: 1}", "{disabled: true, x: 1}", NotRequired),
        ("{disabled: true}", "{disabled: false}", Pending),
        ("{disabled: true}", "{disabled: true, enabled: true}", Pending),
        ("{disabled: true, x: true}", "{disabled: true, x: false}", Pending),
        ("{disabled: false, x: 1}", "{disabled: true, x: 2}", Pending),
        ("{enabled: true, x: false}", "{enabled: false, x: true}", Pending),
        ("{enabled: true, exclude: {disabled: false}}", "{enabled: false, exclude: {disabled: true}}", Pending),
    ]);
}

/// Flags below environments, and these below tenants.
#[test]
fn flags_of_environments_of_tenants() {
    let file = |more: &str| format!("org-a: {{prod: {{search: true, cart: false}}, dev: {{search: false}}}}\n{more}");
    let before = file("org-b: {prod: {search: true}}\n");
    for (after, expected) in [
        (file("org-b: {prod: {search: false}}\n"), NotRequired),
        (before.replace("cart: false", "cart: true"), Pending),
        (before.replace("search: false", "search: true"), Pending),
        (before.replace("search: true, ", ""), NotRequired),
        // Another environment may say what holds in its place.
        (before.replace(", cart: false", ""), Pending),
        (file("org-b: {prod: {search: true, new: true}}\n"), Pending),
        (file("org-b: {prod: {search: true, new: false}}\n"), NotRequired),
        (file("org-b: {prod: {search: true}}\norg-c: {prod: {search: true}}\n"), Pending),
        (file("org-b: {prod: {search: true}, stage: {search: true}}\n"), Pending),
        (file("org-b: {prod: {search: true}}\nsearch: true\n"), Pending),
    ] {
        let found = verdict(&before, &after);
        assert_eq!(found, expected, "{before}{after}");
        let wrapped = |text: &str| format!("feature_flags:\n  {}\n", text.trim_end().replace('\n', "\n  "));
        assert_eq!(verdict(&wrapped(&before), &wrapped(&after)), expected, "{}", wrapped(&after));
    }
    // A flag next to tenants, and exceptions from what holds for all others.
    let next = |on: bool| format!("{before}cart: {on}\n");
    assert_eq!(verdict(&next(true), &next(false)), NotRequired);
    assert_eq!(verdict("a: {prod: {all: true, beta: false}}\n", "a: {prod: {all: true}}\n"), Pending);
    assert_eq!(verdict("disable: {prod: {search: true}}\n", "disable: {prod: {search: false}}\n"), Pending);
    let default = |more: &str| format!("acme: {{default: {{search: true}}, prod: {{{more}x: true}}}}\n");
    assert_eq!(verdict(&default("search: false, "), &default("")), Pending);
    // A flag by environment has a switch there, or what is none.
    for (before, after, expected) in [
        ("search: {prod: {enabled: true}}\n", "search: {prod: {enabled: false}}\n", NotRequired),
        ("search: {prod: {enabled: true, x: true}}\n", "search: {prod: {enabled: false, x: true}}\n", Pending),
        ("search: {prod: {disabled: true}}\n", "search: {prod: {disabled: false}}\n", Pending),
        ("search: {prod: {disabled: false}}\n", "search: {prod: {disabled: true}}\n", NotRequired),
        ("search: {prod: {value: false}}\n", "search: {prod: {value: true}}\n", Pending),
        ("search: {prod: {x: 1}}\n", "search: {prod: {x: 2}}\n", Pending),
        ("search: {prod: {percentage: 1}}\n", "search: {prod: {percentage: 2}}\n", Pending),
    ] {
        assert_eq!(verdict(before, after), expected, "{before}{after}");
    }
}

/// Exceptions next to environments or a switch, and switches next to a map of flags.
#[test]
fn exceptions_and_switches_next_to_flags() {
    let mut wrong = Vec::new();
    let exceptions = |said: &str| format!("search: {{environments: {{production: true}}, {said}}}\n");
    let next = |said: &str| format!("{said}\nfeatures: {{search: true}}\n");
    for file in [&exceptions as &dyn Fn(&str) -> String, &|said| format!("search: {{enabled: true, {said}}}\n")] {
        for (before, after, expected) in [
            ("overrides: {acme: true}", "overrides: {acme: false}", NotRequired),
            ("overrides: {acme: {enabled: true}}", "overrides: {acme: {enabled: false}}", NotRequired),
            ("overrides: {acme: false}", "overrides: {acme: true}", Pending),
            ("overrides: {acme: false}", "overrides: {}", Pending),
            ("overrides: {acme: false}", "overrides: {jo: false}", Pending),
            ("overrides: {acme: true}", "overrides: {acme: true, jo: false}", NotRequired),
            ("overrides: {acme: true}", "overrides: {acme: true, jo: true}", Pending),
            ("overrides: {without_acme: true}", "overrides: {without_acme: false}", Pending),
            ("overrides: {acme: 1}", "overrides: {acme: 0}", Pending),
        ] {
            wrong.extend((verdict(&file(before), &file(after)) != expected).then(|| file(before) + &file(after)));
        }
    }
    for (before, after, expected) in [
        ("beta: true", "beta: false", NotRequired),
        ("beta: false", "beta: true", Pending),
        ("maintenance: true", "maintenance: false", Pending),
        ("theme: dark", "theme: light", Pending),
        ("search: true", "search: false", Pending),
        ("beta: true", "", Pending),
    ] {
        wrong.extend((verdict(&next(before), &next(after)) != expected).then(|| next(before) + &next(after)));
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// Lists whose items say in one of many words what they are called.
#[test]
fn items_are_known_by_their_own_names() {
    for format in ["registry", "generic"] {
        for name in ["feature", "flag", "toggle", "slug", "featureKey", "feature_name", "flag-name", "key", "name"] {
            let file = |items: &[(&str, bool)]| -> String {
                items.iter().map(|(key, on)| format!("- {{{name}: {key}, isActive: {on}}}\n")).collect()
            };
            let judge = |before: &[(&str, bool)], after: &[(&str, bool)]| {
                judged(format, &files(&[(PATH, &file(before))]), &files(&[(PATH, &file(after))])).verdict
            };
            let all = [("search", true), ("cart", false), ("pay", true)];
            let reordered = [("pay", true), ("search", true), ("cart", false)];
            assert_eq!(judge(&all, &reordered), NotRequired, "{name}");
            assert_eq!(judge(&all, &[("search", false), ("cart", true), ("pay", true)]), Pending, "{name}");
            if format == "registry" {
                let [search, cart, pay] = all;
                assert_eq!(judge(&all, &[search, pay]), NotRequired, "{name}");
                assert_eq!(judge(&all, &[cart, pay]), Pending, "{name}");
                assert_eq!(judge(&all, &[("search", false), cart, pay]), NotRequired, "{name}");
                assert_eq!(judge(&all, &[search, ("cart", true), pay]), Pending, "{name}");
                assert_eq!(judge(&all, &[search, ("kart", false), pay]), NotRequired, "{name}");
                assert_eq!(judge(&all, &[("zearch", true), cart, pay]), Pending, "{name}");
                assert_eq!(judge(&all, &[search, cart, pay, ("new", false)]), NotRequired, "{name}");
            }
        }
    }
    // A name that stands twice tells nothing apart, and is no error.
    let twice = "- {feature: a, env: x, isActive: true}\n- {feature: a, env: y, isActive: false}\n";
    assert_eq!(verdict(twice, &twice.replace("true", "false")), NotRequired);
    assert_eq!(verdict(twice, &twice.replace("false", "true")), Pending);
}

/// Items without a name are told apart by what people read: another title is another flag.
#[test]
fn titles_of_items_without_names() {
    for name in ["title", "description", "owner", "summary"] {
        let file = |one: &str, other: &str| {
            format!("- {{{name}: {one}, isActive: true}}\n- {{{name}: {other}, isActive: false}}\n")
        };
        assert_eq!(verdict(&file("search", "cart"), &file("cart", "search")), Pending, "{name}");
        assert_eq!(verdict(&file("search", "cart"), &file("search", "kart")), NotRequired, "{name}");
        let of_environments = |text: String| text.replace("isActive: true", "environments: {production: true}");
        let [before, after] = [file("search", "cart"), file("cart", "search")].map(of_environments);
        assert_eq!(verdict(&before, &after), Pending, "{name}");
        let off = file("search", "cart").replace("true", "false");
        assert_eq!(verdict(&file("search", "cart"), &off), NotRequired, "{name}");
    }
}
