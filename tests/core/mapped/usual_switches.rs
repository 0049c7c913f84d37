//! Kills by members of a registry that are no switch to all who write one, and by percentages under usual names.

use countersign::report::Verdict::{NotRequired, Pending};

use super::kills::{judge_everywhere, verdict};

/// Steps from on to off and back, of which only the first waits for nobody.
fn judge_kills(flags: &[(String, String)]) {
    let steps = flags.iter().flat_map(|(on, off)| [(on, off, NotRequired), (off, on, Pending)]);
    let steps: Vec<_> = steps.map(|(before, after, expected)| (before.as_str(), after.as_str(), expected)).collect();
    judge_everywhere(&steps);
}

#[test]
fn words_that_say_on_and_off() {
    const WORDS: &[(&str, &str)] = &[
        ("'on'", "'off'"),
        ("on", "off"),
        ("ga", "'off'"),
        ("always", "never"),
        ("'Y'", "'N'"),
        ("enabled", "disabled"),
        ("ENABLED", "DISABLED"),
        ("active", "inactive"),
    ];
    let mut kills = Vec::new();
    for name in ["status", "state", "value"] {
        for (on, off) in WORDS {
            let flag = |word: &str| format!("{{{name}: {word}, owner: jo, type: release}}");
            kills.push((flag(on), flag(off)));
        }
    }
    for name in ["status", "state"] {
        kills.push((format!("{{{name}: 1}}"), format!("{{{name}: 0}}")));
        kills.push((format!("{{{name}: true}}"), format!("{{{name}: false}}")));
    }
    judge_kills(&kills);
    judge_everywhere(&[
        // Nobody knows what these give.
        ("{value: 50}", "{value: 0}", Pending),
        ("{value: 1}", "{value: 0}", Pending),
        ("{value: blue}", "{value: 'off'}", Pending),
        ("{status: 2}", "{status: 0}", Pending),
        ("{status: active}", "{status: archived}", Pending),
        ("{status: active}", "{status: retired}", Pending),
        ("{status: disabled}", "{status: never}", Pending),
        ("{mode: active}", "{mode: inactive}", Pending),
        // Something else may give it to somebody then, or changes as well.
        ("{status: 'on', fallback: true}", "{status: 'off', fallback: true}", Pending),
        ("{status: 'on', fallback: legacy}", "{status: 'off', fallback: legacy}", Pending),
        ("{value: 'on', default: 'on'}", "{value: 'off', default: 'on'}", Pending),
        ("{status: 'on', note: a}", "{status: 'off', note: b}", Pending),
        ("{status: 'on', team: a, audience: staff}", "{status: 'off', team: a, audience: staff}", Pending),
        ("{status: 'on', rules: {status: 'on'}}", "{status: 'on', rules: {status: 'off'}}", Pending),
        ("{status: 'on', enabled: 'yes'}", "{status: 'off', enabled: 'yes'}", Pending),
        ("{status: 'on', visible: false}", "{status: 'off', visible: true}", Pending),
        ("{blocked: {status: 'on'}}", "{blocked: {status: 'off'}}", Pending),
    ]);
    let takes_away = verdict("disable_search: {status: 'on'}\n", "disable_search: {status: 'off'}\n");
    assert_eq!(takes_away, Pending);
    // Nobody takes a new flag for one that is off, since nobody knows its words.
    assert_eq!(verdict("a: true\n", "a: true\nb: {status: 'off'}\n"), Pending);
}

#[test]
fn members_that_say_so_in_other_words() {
    let mut kills = Vec::new();
    for name in ["visible", "released", "turnedOn", "turned_on", "live", "shown", "show", "enable", "is_live"] {
        for more in ["", ", description: Find it", ", users: [jo]", ", percentage: 50, salt: x"] {
            kills.push((format!("{{{name}: true{more}}}"), format!("{{{name}: false{more}}}")));
        }
    }
    judge_kills(&kills);
    judge_everywhere(&[
        ("{visible: true, default: true}", "{visible: false, default: true}", Pending),
        ("{visible: true, released: true}", "{visible: false, released: true}", Pending),
        ("{visible: true, users: [jo]}", "{visible: false, users: [jo, kim]}", Pending),
        // These give what they took.
        ("{hidden: true}", "{hidden: false}", Pending),
        ("{internal: true}", "{internal: false}", Pending),
        ("{beta: true}", "{beta: false}", Pending),
        ("{enabled: true, visible: true}", "{enabled: true, visible: false}", Pending),
    ]);
}

/// Percentages that go to nothing where nothing else lets anybody in.
#[test]
fn percentages_that_go_to_nothing() {
    let mut kills = Vec::new();
    for name in ["percentage", "traffic", "rollout-percentage", "rolloutPct", "rollout_percent", "Rollout"] {
        for more in ["", ", seed: x", ", owner: jo"] {
            kills.push((format!("{{enabled: true, {name}: 10{more}}}"), format!("{{enabled: true, {name}: 0{more}}}")));
            kills.push((format!("{{{name}: 10{more}}}"), format!("{{{name}: 0{more}}}")));
        }
    }
    judge_kills(&kills);
    judge_everywhere(&[
        ("{enabled: true, traffic: 10}", "{enabled: true, traffic: 5}", Pending),
        ("{enabled: true, traffic: 10, percentage: 5}", "{enabled: true, traffic: 0, percentage: 5}", Pending),
        ("{enabled: true, traffic: 10, users: [jo]}", "{enabled: true, traffic: 0, users: [jo]}", Pending),
        ("{enabled: true, traffic: 10, group: beta}", "{enabled: true, traffic: 0, group: staff}", Pending),
        ("{traffic: 0}", "{traffic: 0, audience: staff}", Pending),
        // A weight may be a place in an order.
        ("{enabled: true, weight: 10}", "{enabled: true, weight: 0}", Pending),
    ]);
}

/// Members for people that hold true.
#[test]
fn notes_that_hold_true() {
    let mut kills = Vec::new();
    for note in ["issue", "owners", "ticket"] {
        kills.push((format!("{{enabled: true, {note}: true}}"), format!("{{enabled: false, {note}: true}}")));
        kills.push((format!("{{disabled: false, {note}: true}}"), format!("{{disabled: true, {note}: true}}")));
    }
    judge_kills(&kills);
    judge_everywhere(&[
        ("{enabled: true, issue: false}", "{enabled: false, issue: true}", Pending),
        ("{enabled: true, issue: true, x: true}", "{enabled: false, issue: true, x: true}", Pending),
        ("{enabled: true, issue: true, default: true}", "{enabled: false, issue: true, default: true}", Pending),
        ("{enabled: false}", "{enabled: false, issue: true}", Pending),
    ]);
}

/// A default that all had before, next to a switch that says off.
#[test]
fn a_default_next_to_a_switch_that_says_off() {
    let mut kills = Vec::new();
    for default in ["default: true", "defaultValue: true", "default: blue", "value: true, scope: global"] {
        for more in ["", ", owner: jo", ", public: true"] {
            let flag = |is_off: bool| format!("{{disabled: {is_off}, {default}{more}}}");
            kills.push((flag(false), flag(true)));
            let flag = |is_on: bool| format!("{{enabled: {is_on}, disabled: {}, {default}{more}}}", !is_on);
            kills.push((flag(true), flag(false)));
        }
    }
    judge_kills(&kills);
    judge_everywhere(&[
        ("{disabled: false, default: true, users: [jo]}", "{disabled: true, default: true, users: [jo]}", Pending),
        ("{disabled: false, default: true, percentage: 5}", "{disabled: true, default: true, percentage: 5}", Pending),
        ("{disabled: false, default: true, scope: beta}", "{disabled: true, default: true, scope: beta}", Pending),
        ("{disabled: false, default: true, tags: [beta]}", "{disabled: true, default: true, tags: [beta]}", Pending),
        ("{disabled: false, default: true, value: false}", "{disabled: true, default: true, value: false}", Pending),
        ("{disabled: false, default: false}", "{disabled: true, default: true}", Pending),
        ("{disabled: false, disable: true, default: true}", "{disabled: true, disable: false, default: true}", Pending),
    ]);
}

/// A default of all environments next to the switch of one.
#[test]
fn a_default_around_environments() {
    let mut wrong = Vec::new();
    let mut judge = |start: &str, [before, after]: [&str; 2], expected| {
        for (around, end) in [("environments: {production: ", "}}"), ("production: ", "}")] {
            for default in ["default", "defaultValue", "value"] {
                let flag = |inner: &str| format!("search: {{{default}: {start}, {around}{inner}{end}\n");
                let found = verdict(&flag(before), &flag(after));
                if found != expected {
                    wrong.push(format!("{}{} {found:?}", flag(before), flag(after)));
                }
            }
        }
    };
    for (start, before, after, expected) in [
        ("true", "{enabled: true}", "{enabled: false}", NotRequired),
        ("true", "{disabled: false}", "{disabled: true}", NotRequired),
        ("blue", "{enabled: true, owner: jo}", "{enabled: false, owner: jo}", NotRequired),
        ("true", "true", "false", NotRequired),
        ("false", "{enabled: true, users: [jo]}", "{enabled: false, users: [jo]}", NotRequired),
        ("{enabled: true}", "{enabled: true, users: [jo]}", "{enabled: false, users: [jo]}", NotRequired),
        // Some had it not, who get it then.
        ("true", "{enabled: true, percentage: 5}", "{enabled: false, percentage: 5}", Pending),
        ("blue", "{enabled: true, users: [jo]}", "{enabled: false, users: [jo]}", Pending),
        ("true", "{disabled: false, users: [jo]}", "{disabled: true, users: [jo]}", Pending),
        ("blue, users: [jo]", "{enabled: true}", "{enabled: false}", Pending),
        ("true, percentage: 5", "{enabled: true}", "{enabled: false}", Pending),
        ("true, tags: [beta]", "{enabled: true}", "{enabled: false}", Pending),
        ("true", "{enabled: false}", "{enabled: true}", Pending),
    ] {
        judge(start, [before, after], expected);
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    // Another default is no part of the switch-off.
    for (was, is) in [("false", "true"), ("blue", "red")] {
        let flag = |given: &str| format!("search: {{default: {given}, production: {{enabled: false}}}}\n");
        assert_eq!(verdict(&flag(was), &flag(is)), Pending, "{was} {is}");
    }
}
