//! Switch-offs that give users something, in registries and in files of drafted mappings.

use countersign::report::{Report, Verdict};

use super::drafted::{POLICIES, drafted, judged};

const PATH: &str = "config/feature_flags.yml";

/// The reports of a step by `registry` and by the mapping that is drafted of the file.
fn reports(before: &str, after: &str) -> [Report; 2] {
    let mapping = drafted(PATH, before).unwrap_or_else(|| panic!("no draft of {before}"));
    [None, Some(mapping.as_str())].map(|mapping| judged(POLICIES[0], PATH, mapping, before, after))
}

/// Judges kills, which wait for approval where `waits` says so, and their reverse, which always does.
fn judge_kills(kills: &[(&str, &str, bool)]) {
    let mut wrong = Vec::new();
    for (on, off, waits) in kills {
        for (before, after, waits) in [(on, off, *waits), (off, on, true)] {
            let found = reports(before, after).map(|report| report.verdict == Verdict::Pending);
            if found != [waits; 2] {
                wrong.push(format!("{before}{after} registry and draft: {found:?}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// An environment that is off may get the default of the flag: nothing is known to divide users only where nothing but
/// its switch and notes stands in it.
#[test]
fn a_default_around_an_environment_that_may_divide_users() {
    let mut kills = Vec::new();
    for default in ["true", "v2"] {
        for inner in [
            "percentage: 5",
            "users: [jo]",
            "rules: [a]",
            "enabled_for: [jo]",
            "group: beta",
            "tags: [beta]",
            "value: v1",
            "x: 1",
        ] {
            let env = |on: bool| format!("{{enabled: {on}, {inner}}}");
            kills.push((format!("default: {default}, production: "), env(true), env(false), true));
            kills.push((format!("default: {default}, environments: {{production: "), env(true), env(false), true));
        }
    }
    for (around, on, off, waits) in [
        ("default: v2, production: ", "{status: enabled}", "{status: disabled}", true),
        ("value: v2, environments: {production: ", "{status: enabled}", "{status: disabled}", true),
        ("default: false, production: ", "{status: enabled}", "{status: disabled}", false),
        ("default: true, production: ", "{enabled: true, traffic: 10}", "{enabled: true, traffic: 0}", true),
        ("default: v2, rules: [a], production: ", "{enabled: true}", "{enabled: false}", true),
        ("default: true, production: ", "{enabled: true}", "{enabled: false}", false),
        ("default: true, staging: true, production: ", "{enabled: true}", "{enabled: false}", false),
        ("default: 0, production: ", "{enabled: true, users: [jo]}", "{enabled: false, users: [jo]}", false),
        // The default is for those which are not named, and this one is named.
        ("default: true, production: ", "true", "false", false),
    ] {
        kills.push((around.to_owned(), on.to_owned(), off.to_owned(), waits));
    }
    let file = |around: &str, inner: &str| {
        let end = "}".repeat(around.matches('{').count());
        format!("search: {{{around}{inner}{end}}}\n")
    };
    let kills: Vec<_> =
        kills.iter().map(|(around, on, off, waits)| (file(around, on), file(around, off), *waits)).collect();
    judge_kills(&kills.iter().map(|(on, off, waits)| (on.as_str(), off.as_str(), *waits)).collect::<Vec<_>>());
}

/// The remark names the default, and a new environment that is off is no exception from what the others have.
#[test]
fn a_report_names_the_default() {
    let file = |production: &str| format!("search: {{default: v2, staging: {{enabled: true}}{production}}}\n");
    let flag = |on: bool| file(&format!(", production: {{enabled: {on}, users: [jo]}}"));
    for report in reports(&flag(true), &flag(false)) {
        let remarks: Vec<&String> = report.flags.iter().flat_map(|flag| &flag.remarks).collect();
        assert!(remarks.iter().any(|one| one.contains("the default that the flag has")), "{remarks:?}");
    }
    let [report, _] = reports(&file(""), &flag(false));
    let remarks: Vec<&String> = report.flags.iter().flat_map(|flag| &flag.remarks).collect();
    assert!(!remarks.iter().any(|one| one.contains("takes something")), "{remarks:?}");
}

/// Flags below a name that takes something away, and entries that say such a name themselves.
#[test]
fn names_that_take_away_around_flags_and_in_them() {
    let file = |around: &str, name: &str, on: bool| {
        let end = "}".repeat(around.matches('{').count());
        format!("{around}search: {{{name}enabled: {on}}}, cart: {{{name}enabled: true}}{end}\n")
    };
    let mut kills = Vec::new();
    for (around, waits) in
        [("app: {blocked: {", true), ("app: {disabled: {", true), ("disable: {flags: {", true), ("flags: {", false)]
    {
        kills.push((file(around, "", true), file(around, "", false), waits));
    }
    for (name, waits) in [
        ("name: disable_checkout, ", true),
        ("id: 7, name: disable_checkout, ", true),
        ("flag: maintenance_mode, ", true),
        ("name: checkout, ", false),
        ("description: disable it, ", false),
    ] {
        kills.push((file("{", name, true), file("{", name, false), waits));
        let environments = |on: bool| format!("search: {{{name}production: {{enabled: {on}}}}}\n");
        kills.push((environments(true), environments(false), waits));
    }
    for (name, waits) in [("disable_checkout", true), ("checkout", false)] {
        let item =
            |on: bool| format!("- {{key: f1, name: {name}, enabled: {on}}}\n- {{key: f2, name: b, enabled: true}}\n");
        kills.push((item(true), item(false), waits));
    }
    judge_kills(&kills.iter().map(|(on, off, waits)| (on.as_str(), off.as_str(), *waits)).collect::<Vec<_>>());
}

/// Judges kills of one flag.
fn judge_flags(flags: &[(&str, &str, bool)]) {
    let file = |flag: &str| format!("search: {flag}\n");
    let flags: Vec<_> = flags.iter().map(|(on, off, waits)| (file(on), file(off), *waits)).collect();
    judge_kills(&flags.iter().map(|(on, off, waits)| (on.as_str(), off.as_str(), *waits)).collect::<Vec<_>>());
}

/// A word that a variant is called by is that variant, and no switch.
#[test]
fn words_that_variants_are_called_by() {
    judge_flags(&[
        ("{state: 'on', variants: {off: {x: 1}}}", "{state: 'off', variants: {off: {x: 1}}}", true),
        ("{state: on, variants: {on: 1, off: 2}}", "{state: off, variants: {on: 1, off: 2}}", true),
        ("{state: enabled, variants: [enabled, disabled]}", "{state: disabled, variants: [enabled, disabled]}", true),
        ("{status: 'on', variations: [{name: 'off'}]}", "{status: 'off', variations: [{name: 'off'}]}", true),
        (
            "{variants: {on: 1, off: 2}, environments: {production: {state: 'on'}}}",
            "{variants: {on: 1, off: 2}, environments: {production: {state: 'off'}}}",
            true,
        ),
        ("{state: 'on', variants: {a: 1}}", "{state: 'off', variants: {a: 1}}", false),
        ("{state: ENABLED, variants: {on: 1, off: 2}}", "{state: DISABLED, variants: {on: 1, off: 2}}", false),
        (
            "{enabled: 'true', variants: {true: 1, false: 2}}",
            "{enabled: 'false', variants: {true: 1, false: 2}}",
            false,
        ),
        ("{enabled: on, variants: {on: 1, off: 2}}", "{enabled: off, variants: {on: 1, off: 2}}", false),
    ]);
}

/// Groups and tags may be for people; notes for readers are nobody's.
#[test]
fn true_next_to_a_switch_that_goes_off() {
    judge_flags(&[
        ("{disabled: false, group: true}", "{disabled: true, group: true}", true),
        ("{enabled: true, tags: true}", "{enabled: false, tags: true}", true),
        ("{disabled: false, x: true}", "{disabled: true, x: true}", true),
        ("{disabled: false, group: beta}", "{disabled: true, group: beta}", false),
        ("{disabled: false, owner: true}", "{disabled: true, owner: true}", false),
    ]);
}

/// A number under the name of people may be a share of them, and that of a ticket is none.
#[test]
fn numbers_next_to_a_percentage_of_nothing() {
    judge_flags(&[
        ("{percentage: 50, squad: 50}", "{percentage: 0, squad: 50}", true),
        ("{enabled: true, percentage: 50, owner: 50}", "{enabled: true, percentage: 0, owner: 50}", true),
        ("{enabled: true, percentage: 50, ticket: 50}", "{enabled: true, percentage: 0, ticket: 50}", false),
        ("{enabled: true, squad: 50}", "{enabled: false, squad: 50}", false),
        ("{percentage: 0, squad: 60}", "{percentage: 0, squad: 50}", true),
    ]);
}

/// Items that are called twice: readers may know them by either name.
#[test]
fn names_that_change_hands_between_items() {
    let file = |names: [&str; 2]| {
        format!("- {{key: a, name: {}, enabled: true}}\n- {{key: b, name: {}, enabled: false}}\n", names[0], names[1])
    };
    let [one, other] = [file(["x", "y"]), file(["y", "x"])];
    let off = one.replace("true", "false");
    judge_kills(&[(&one, &other, true), (&one, &off, false)]);
}

/// Kills by words and numbers, with a note about them.
#[test]
fn kills_with_notes_and_by_other_words() {
    judge_flags(&[
        ("{status: enabled}", "{status: disabled, reason: x}", false),
        ("{status: enabled, reason: x}", "{status: disabled, reason: y}", false),
        ("{production: {status: enabled}}", "{production: {status: disabled, updated_by: jo}}", false),
        ("{environments: {production: enabled}}", "{environments: {production: disabled}}", false),
        ("{rollout: 10}", "{rollout: 0}", false),
        ("{status: enabled}", "{status: disabled, x: 1}", true),
        ("{status: enabled, owner: jo}", "{status: disabled, owner: true}", true),
        // A bare number may be a limit.
        ("1", "0", true),
        ("{production: 1}", "{production: 0}", true),
        ("{enabled: 2}", "{enabled: 0}", true),
    ]);
    for (on, off) in [
        ("{enabled: 1}", "{enabled: 0}"),
        ("{production: enabled}", "{production: disabled}"),
        ("{production: 'on', owner: jo}", "{production: 'off', owner: jo}"),
    ] {
        let [on, off] = [on, off].map(|flag| format!("search: {flag}\n"));
        let [kill, back] = [(&on, &off), (&off, &on)].map(|(one, other)| judged(POLICIES[0], PATH, None, one, other));
        assert_eq!((kill.verdict, back.verdict), (Verdict::NotRequired, Verdict::Pending), "{on}{off}");
    }
}

/// A default that all had, a switch that says off, and further words, in drafts as in registries.
#[test]
fn defaults_and_switches_that_say_off() {
    judge_flags(&[
        ("{enabled: true, default: true}", "{enabled: false, default: true}", false),
        ("{enabled: true, disabled: false, y: 1}", "{enabled: true, disabled: true, y: 1}", false),
        ("{production: {enabled: true, default: true}}", "{production: {enabled: false, default: true}}", false),
        ("{production: {enabled: true, disabled: false}}", "{production: {enabled: true, disabled: true}}", false),
        ("{status: always}", "{status: never}", false),
        ("{enabled: true, rollout_pct: 10}", "{enabled: true, rollout_pct: 0}", false),
        ("{enabled: true, default: true, percentage: 5}", "{enabled: false, default: true, percentage: 5}", true),
        ("{enabled: true, default: true, group: beta}", "{enabled: false, default: true, group: beta}", true),
        ("{enabled: true, default: true, x: 1}", "{enabled: false, default: true, x: 1}", true),
        ("{enabled: true, disabled: false, x: true}", "{enabled: true, disabled: true, x: true}", true),
        ("{enabled: true, disabled: false, x: 'true'}", "{enabled: true, disabled: true, x: 'true'}", true),
        ("{enabled: true, disabled: false, group: true}", "{enabled: true, disabled: true, group: true}", true),
        (
            "{enabled: true, disabled: false, default: true, percentage: 5}",
            "{enabled: true, disabled: true, default: true, percentage: 5}",
            true,
        ),
        (
            "{production: {enabled: true, disabled: false, x: true}}",
            "{production: {enabled: true, disabled: true, x: true}}",
            true,
        ),
    ]);
}
