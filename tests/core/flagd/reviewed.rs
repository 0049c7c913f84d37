//! Words and shares of reviews of flagd's flags.

use std::collections::BTreeMap;

use countersign::flag::File;
use countersign::policy::CONFIG_PATH;
use countersign::render::{self, Look};
use countersign::report::{Report, Verdict};

use crate::files::judge_files;

fn judged(before: &str, after: &str) -> Report {
    let config = "version: 1\nadmins: [\"@root\"]\nprojects: {all: {paths: [\"**\"], approvals: peer}}\nformats: {\"**\": flagd}\n";
    let side = |flags: &str| -> BTreeMap<String, File> {
        let all = [(CONFIG_PATH, config.to_owned()), ("a.flagd.json", format!("{{\"flags\": {{{flags}}}}}"))];
        all.into_iter()
            .map(|(path, text)| (path.to_owned(), File::regular(path.to_owned(), text.into_bytes())))
            .collect()
    };
    judge_files(&side(before), &side(after), None, &[]).unwrap_or_else(|found| panic!("{found:#?}"))
}

fn text(report: &Report) -> String {
    let text = render::review("text", report, &Look::default());
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn flag(key: &str, variants: &str, serves: &str, targeting: &str) -> String {
    format!(
        "\"{key}\": {{\"state\": \"ENABLED\", \"variants\": {{{variants}}}, \"defaultVariant\": \"{serves}\", \"targeting\": {targeting}}}"
    )
}

const BOTH: &str = "\"on\": true, \"off\": false";

/// Somebody has to approve it as before, and nobody is said to get anything by it.
#[test]
fn a_new_flag_that_serves_off_does_not_alarm() {
    let report = judged("", &flag("f", BOTH, "off", "{}"));
    assert_eq!(report.verdict, Verdict::Pending);
    assert!(!text(&report).contains("affects up to"), "{}", text(&report));
    // Values that an application may take for anything, and rules that give on to anybody.
    for (variants, serves, targeting) in [
        (BOTH, "on", "{}"),
        ("\"on\": false, \"off\": true", "off", "{}"),
        ("\"on\": 1, \"low\": 0", "low", "{}"),
        ("\"on\": \"x\", \"off\": \"y\"", "off", "{}"),
    ] {
        let report = judged("", &flag("f", variants, serves, targeting));
        assert!(text(&report).contains("affects up to 100.0%"), "{variants}: {}", text(&report));
    }
    let some = judged("", &flag("f", BOTH, "off", "{\"fractional\": [[\"on\", 30], [\"off\", 70]]}"));
    assert!(text(&some).contains("affects up to 100.0%"), "{}", text(&some));
    // The code of applications has the value that they got while it was off.
    let off = flag("f", BOTH, "off", "{}").replace("ENABLED", "DISABLED");
    let on = judged(&off, &flag("f", BOTH, "off", "{}"));
    assert!(text(&on).contains("affects up to 100.0%"), "{}", text(&on));
}

#[test]
fn the_order_of_variants_is_no_change() {
    let report = judged(&flag("f", BOTH, "off", "{}"), &flag("f", "\"off\": false, \"on\": true", "off", "{}"));
    assert_eq!((report.flags.len(), report.verdict), (0, Verdict::NotRequired), "{}", text(&report));
    let report = judged(&flag("f", BOTH, "off", "{}"), &flag("f", "\"off\": false, \"on\": false", "off", "{}"));
    assert_eq!((report.flags.len(), report.verdict), (1, Verdict::Pending), "{}", text(&report));
}

/// The key is hashed unless a rule says what is.
#[test]
fn a_rename_says_who_is_bucketed_anew() {
    let rename = |by: &str| {
        let of = |key: &str| flag(key, BOTH, "off", &format!("{{\"fractional\": [{by}[\"on\", 30], [\"off\", 70]]}}"));
        text(&judged(&of("checkout-one"), &of("checkout-two")))
    };
    for by in ["", "{\"cat\": [{\"var\": \"$flagd.flagKey\"}, {\"var\": \"id\"}]}, "] {
        let text = rename(by);
        for said in ["every user is bucketed anew, since the key is hashed", "of everyone: 42.0% switch variant"] {
            assert!(text.contains(said), "{by}: {said}: {text}");
        }
    }
    let own = rename("{\"cat\": [\"salt\", {\"var\": \"id\"}]}, ");
    assert!(!own.contains("every user is bucketed anew") && !own.contains("switch variant"), "{own}");
}
