//! Dates that are past or ahead at the time of a review. They free nothing.

use std::collections::BTreeMap;

use countersign::flag::File;
use countersign::policy::CONFIG_PATH;
use countersign::report::{Report, Verdict};

use super::config;
use crate::files::examine_files;

/// A review of a file at a time, in seconds since 1970.
fn at(now: i64, sides: (&str, &str)) -> Report {
    of("goff", now, sides)
}

fn of(format: &str, now: i64, (before, after): (&str, &str)) -> Report {
    let side = |text: &str| -> BTreeMap<String, File> {
        let all = [(CONFIG_PATH, config(format)), ("a.yaml", text.to_owned())];
        all.into_iter()
            .map(|(path, text)| (path.to_owned(), File::regular(path.to_owned(), text.into_bytes())))
            .collect()
    };
    examine_files(&side(before), &side(after)).unwrap_or_else(|found| panic!("{found:#?}")).at(now).conclude(None, &[])
}

fn remarks(report: &Report) -> String {
    report.flags.iter().flat_map(|flag| &flag.remarks).cloned().collect::<Vec<_>>().join("\n")
}

const DURING: i64 = 1_615_766_400;
const BEFORE: i64 = 1_612_137_600;
const AFTER: i64 = 1_796_000_000;

#[test]
fn what_is_past_or_ahead_is_said_and_frees_nothing() {
    let window = |on: u32| {
        format!(
            "f: {{variations: {{a: true, b: false}}, defaultRule: {{percentage: {{a: {on}, b: {}}}}}, experimentation: {{start: 2021-03-01T00:00:00Z, end: 2021-04-01T00:00:00Z}}}}\n",
            100 - on
        )
    };
    let (before, after) = (window(20), window(50));
    for (now, said) in [
        (BEFORE, "`f: window/start` (2021-03-01T00:00:00Z) is ahead at the time of this review (2021-02-01)"),
        (
            DURING,
            "`f: window/start` (2021-03-01T00:00:00Z) is past at the time of this review (2021-03-15): what it starts",
        ),
        (AFTER, "`f: window/end` (2021-04-01T00:00:00Z) is past at the time of this review (2026-11-30)"),
    ] {
        let report = at(now, (&before, &after));
        let remarks = remarks(&report);
        assert!(remarks.contains(said) && remarks.lines().count() == 1, "{said}: {remarks}");
        assert_eq!(report.verdict, Verdict::Pending, "{now}");
    }
    let rollout = |end: &str| {
        format!(
            "f: {{variations: {{a: true, b: false}}, defaultRule: {{progressiveRollout: {{initial: {{variation: b, percentage: 0, date: 2021-03-01T00:00:00Z}}, end: {{variation: {end}, percentage: 50, date: 2021-04-01T00:00:00Z}}}}}}}}\n"
        )
    };
    let report = at(BEFORE, (&rollout("b"), &rollout("a")));
    assert_eq!(report.verdict, Verdict::Pending);
    assert!(remarks(&report).contains("rollout/initial/date` (2021-03-01T00:00:00Z) is ahead"), "{}", remarks(&report));
    // A rollout that moves by itself is not over at its end.
    let after = remarks(&at(AFTER, (&rollout("b"), &rollout("a"))));
    assert!(
        after.contains("rollout/end/date` (2021-04-01T00:00:00Z) is past") && !after.contains("is over"),
        "{after}"
    );
    // A percentage is no time.
    assert!(!remarks(&at(AFTER, (&rollout("b"), &rollout("a")))).contains("1970"));
    // One that is off has no users to whom a date would matter.
    let off = |text: String| text.replace("f: {", "f: {disable: true, ");
    assert_eq!(remarks(&at(AFTER, (&off(window(20)), &off(window(50))))), "");
}

/// The window of a filter, in the words of .NET; one that recurs has no end in its first date.
#[test]
fn the_window_of_a_filter() {
    let flag = |end: &str, more: &str| {
        format!(
            r#"{{"feature_management": {{"feature_flags": [{{"id": "f", "enabled": true, "conditions": {{"client_filters": [{{"name": "Microsoft.TimeWindow", "parameters": {{"Start": "2021-03-01T00:00:00Z", "End": "{end}"{more}}}}}]}}}}]}}}}"#
        )
    };
    let said = |more: &str| {
        let (before, after) = (flag("2021-03-31T00:00:00Z", more), flag("Thu, 01 Apr 2021 00:00:00 GMT", more));
        let report = of("microsoft", AFTER, (&before, &after));
        assert_eq!(report.verdict, Verdict::Pending);
        remarks(&report)
    };
    let over = "/end` (2021-04-01T00:00:00Z) is past at the time of this review (2026-11-30): what it limits is over";
    assert!(said("").contains(over), "{}", said(""));
    let daily = r#", "Recurrence": {"Pattern": {"Type": "Daily"}, "Range": {"Type": "NoEnd"}}"#;
    assert_eq!(said(daily), "");
}
