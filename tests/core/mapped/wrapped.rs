//! Lists and maps around the flags of a file: lists of TOML, and those that are empty.

use countersign::diagnostics::Diagnostics;
use countersign::format::known::known;
use countersign::format::mapped::draft::draft;
use countersign::report::Verdict;

use super::parts::{files, of_projects};
use super::{judged, own, read};

/// The flags of a file with their states, and whether anything in it is none of them.
fn states(format: &str, path: &str, text: &str) -> Vec<String> {
    let (flags, diagnostics) = read(format, path, text);
    assert_eq!(diagnostics, Vec::<String>::new(), "{text}");
    flags.iter().map(|flag| format!("{} {}", flag.key, flag.state.word)).collect()
}

/// Tables of TOML in a list, which say their own names.
#[test]
fn each_item_of_a_list_is_a_flag() {
    let two = |list: &str, name: &str| {
        format!("[[{list}]]\n{name} = \"a\"\nenabled = true\n\n[[{list}]]\n{name} = \"b\"\nenabled = false\n")
    };
    for (path, list, name) in [
        ("config/features.toml", "feature", "name"),
        ("config/features.toml", "features", "id"),
        ("config/flags.toml", "flags", "key"),
        ("config/flags.toml", "flag", "key"),
        ("config/experiments.toml", "experiments", "id"),
        ("config/gates.toml", "gate", "name"),
    ] {
        let text = two(list, name);
        assert_eq!(states("registry", path, &text), ["a live", "b inactive"], "{text}");
        assert_eq!(states("generic", path, &text), ["a unknown", "b unknown"], "{text}");
        let found = known(path, text.as_bytes()).map(|found| (found.known.name, found.flags));
        assert_eq!(found, Some(("registry", 2)), "{text}");
        let verdict = |after: &str| judged("registry", &files(&[(path, &text)]), &files(&[(path, after)])).verdict;
        assert_eq!(verdict(&text.replace("true", "false")), Verdict::NotRequired, "{text}");
        assert_eq!(verdict(&text.replace("false", "true")), Verdict::Pending, "{text}");
        // The one that is off is cleaned up.
        let kept = text.split("\n\n").next().unwrap_or_default();
        assert_eq!(verdict(kept), Verdict::NotRequired, "{kept}");
    }
    // A title next to the list is no flag, and a list next to a switch is one flag.
    let text = format!("title = \"t\"\n{}", two("experiments", "id"));
    assert_eq!(states("registry", "x.toml", &text), ["a live", "b inactive", "the rest of x.toml unknown"]);
    for text in [
        "search: true\nexperiments: [{name: a, enabled: true}]\n",
        "search: {enabled: true}\nexperiments: [{name: a, enabled: true}]\n",
    ] {
        assert_eq!(states("registry", "x.yml", text), ["search live", "experiments unknown"], "{text}");
    }
    // Items without names, and a flag that is divided among variants.
    assert_eq!(states("registry", "x.yml", "experiments: [{enabled: true}]\n"), ["experiments unknown"]);
    let one = "name: x\nexperiment: [{name: a, weight: 1}]\n";
    assert_eq!(states("registry", "x.yml", one), ["name unknown", "experiment unknown"]);
}

/// Arms of one experiment, and switches that take something away, are not read so.
#[test]
fn lists_of_other_things_are_one_flag() {
    for list in ["experiment", "killswitch", "kill_switches"] {
        let file = |on: bool| format!("[[{list}]]\nname = \"a\"\nenabled = {on}\n");
        let side = |on: bool| files(&[("config/features.toml", &file(on))]);
        assert_eq!(judged("registry", &side(true), &side(false)).verdict, Verdict::Pending, "{list}");
    }
}

/// Of a file all of whose flags are gone nothing is left but what was around them. A list that is empty and nothing at
/// all may take away what another file says.
#[test]
fn an_emptied_list_of_flags_has_none() {
    let own_mapping = "entities: [{at: \"feature_flags/*\", live: {when: {at: \"@value\", is: true}}}]\n";
    for left in ["feature_flags: {}\n", "# none\nfeature_flags: {}\n"] {
        for format in ["registry", "generic", "flipper"] {
            assert_eq!(states(format, "config/feature_flags.yml", left), Vec::<String>::new(), "{format} {left}");
        }
        let off = "feature_flags:\n  a: false\n";
        let verdict = |before: &str, after: &str| {
            let file = |text: &str| files(&[("config/feature_flags.yml", text)]);
            judged("registry", &file(before), &file(after)).verdict
        };
        assert_eq!(verdict(off, left), Verdict::NotRequired, "{left}");
        assert_eq!(verdict(left, off), Verdict::NotRequired, "{left}");
        assert_eq!(verdict(left, "{}\n"), Verdict::NotRequired, "{left}");
        assert_eq!(verdict(left, "feature_flags:\n  a: true\n"), Verdict::Pending, "{left}");
        assert_eq!(verdict(left, "feature_flags: true\n"), Verdict::Pending, "{left}");
        assert_eq!(own(own_mapping, off, left).verdict, Verdict::NotRequired, "{left}");
        let live = own(own_mapping, &off.replace("false", "true"), left);
        assert_eq!(live.flags.iter().map(|flag| flag.key.as_str()).collect::<Vec<_>>(), ["a"], "{left}");
    }
    for left in ["feature_flags: {}\n", "{}\n", "feature_flags: []\n"] {
        let mut diagnostics = Diagnostics::of("config/feature_flags.yml");
        assert_eq!(draft("config/feature_flags.yml", left.as_bytes(), &mut diagnostics), None, "{left}");
    }
    // A flag, and what may stand over the file of another environment.
    assert_eq!(states("registry", "config/feature_flags.yml", "search:\n"), ["search unknown"]);
    for path in ["config/feature_flags.yml", "config/feature_flags.production.yml", "envs/blue/feature_flags.yml"] {
        for left in ["feature_flags:\n", "feature_flags: []\n"] {
            assert_eq!(read("registry", path, left).0.len(), 1, "{path}");
        }
    }
    let other = "feature_flags:\nsearch: true\n";
    assert_eq!(states("registry", "x.yml", other), ["feature_flags unknown", "search live"]);
}

/// A file, a folder or a map may say by its name that all flags in it take something away.
#[test]
fn what_a_list_takes_away_comes_back() {
    let plain = |on: bool| format!("search: {on}\ncart: false\n");
    let items = |on: bool| format!("- {{name: search, enabled: {on}}}\n- {{name: cart, enabled: false}}\n");
    let judged = |path: &str, before: String, after: String| {
        judged("registry", &files(&[(path, &before)]), &files(&[(path, &after)])).verdict
    };
    for (path, waits) in [
        ("config/kill_switches.yml", true),
        ("config/killswitches.yml", true),
        ("config/app-kill-switches.production.yml", true),
        ("config/kill-switches/shop.yml", true),
        ("config/blocked_features.yml", true),
        ("config/features.disabled.yml", true),
        ("config/disable_features.yml", true),
        // A word that any name may begin with.
        ("config/features.yml", false),
        ("block-explorer/features.yml", false),
        ("kill-bill/config/features.yml", false),
        ("maintenance/features.yml", false),
    ] {
        for flags in [plain, items] {
            assert_eq!(judged(path, flags(true), flags(false)) == Verdict::Pending, waits, "{path} {}", flags(true));
        }
        // A new one that is off takes nothing away, and one more is an activation.
        assert_eq!(judged(path, "search: true\n".to_owned(), plain(true)), Verdict::NotRequired, "{path}");
        assert_eq!(judged(path, plain(false), plain(true)), Verdict::Pending, "{path}");
    }
    // A new kill switch is called as the flag is that it switches off.
    let of_two = |before: &[(&str, &str)], after: &[(&str, &str)]| {
        let projects =
            "{a: {paths: [config/features.yml], approvals: peer}, b: {paths: [config/kill*.yml], approvals: peer}}";
        of_projects(projects, "registry", &files(before), &files(after)).verdict
    };
    let feature = ("config/features.yml", "search: true\n");
    let (on, off) = (("config/kill_switches.yml", "search: true\n"), ("config/kill_switches.yml", "search: false\n"));
    assert_eq!(of_two(&[feature], &[feature, off]), Verdict::NotRequired);
    assert_eq!(of_two(&[feature, on], &[feature, off]), Verdict::Pending);
    // An exception from one that is on gives something back.
    let above = ("config/kill_switches.production.yml", "search: false\n");
    assert_eq!(of_two(&[on], &[on, above]), Verdict::Pending);
}
