//! Output for people and programs, as files in `tests/core/render/`. To accept what changed on purpose, run
//! `SNAPSHOTS=overwrite cargo test --test core` and read the difference: a blessed mistake is still a mistake.

mod alike;
mod comment;
mod facts;
pub mod hostile;
pub mod nasty;
mod renamed;
pub mod reports;

use countersign::render::{self, Look, OUTPUTS, Output};
use countersign::report::{Report, Verdict};
use countersign::review;
use serde_json::{Value, json};

fn shown(id: &str, report: &Report, look: Look) -> String {
    render::review(id, report, &look)
}

pub(crate) fn golden(name: &str, text: &str) {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/core/render").join(name);
    let data = snapbox::Data::read_from(&path, Some(snapbox::data::DataFormat::Text)).raw();
    snapbox::Assert::new().action_env("SNAPSHOTS").eq(text.to_owned(), data);
}

#[test]
fn goldens() {
    let look = Look::default();
    let one = reports::report(Verdict::Pending, vec![reports::showcase(), reports::stopped()]);
    golden("showcase.txt", &shown("text", &one, look));
    golden("showcase-60.txt", &shown("text", &one, Look { width: 60, ..look }));
    golden("showcase-ascii.txt", &shown("text", &one, Look { ascii: true, ..look }));
    golden("showcase-all.txt", &shown("text", &one, Look { all: true, ..look }));
    golden("showcase-diff.txt", &shown("text", &one, Look { changes_only: true, ..look }));
    golden("showcase.md", &shown("markdown", &one, look));
    golden("showcase.github", &shown("github", &one, look));
    let whole = reports::everything();
    golden("everything.txt", &shown("text", &whole, look));
    golden("everything-60.txt", &shown("text", &whole, Look { width: 60, ..look }));
    golden("everything.md", &shown("markdown", &whole, look));
    golden("everything.github", &shown("github", &whole, look));
    golden("everything.sarif", &shown("sarif", &whole, look));
    golden("everything.json", &shown("json", &whole, look));
    for (id, file) in [("text", "empty.txt"), ("markdown", "empty.md"), ("github", "empty.github")] {
        golden(file, &shown(id, &reports::empty(), look));
    }
    for (id, file) in [("text", "diagnostics.txt"), ("markdown", "diagnostics.md"), ("github", "diagnostics.github")] {
        golden(file, &render::diagnostics(id, &reports::diagnostics(), &look));
    }
}

/// The columns of each output: another column or row is another value of some `--format`.
#[test]
fn every_output_has_its_row() {
    let writes = |output: &Output| {
        let columns = [
            (output.review.is_some(), "report"),
            (output.diagnostics.is_some(), "diagnostics"),
            (output.audit.is_some(), "audit"),
            (output.receipt_audit.is_some(), "receipts"),
            (output.verification.is_some(), "verification"),
            (output.rules.is_some(), "rules"),
            (output.explained.is_some(), "explained"),
            (output.locks.is_some(), "locks"),
            (output.diagnosis.is_some(), "diagnosis"),
            (output.simulation.is_some(), "simulation"),
            (output.of_plans, "plans"),
            (output.of_answers, "answers"),
            (output.guarded, "guarded"),
        ];
        columns.iter().filter(|(has, _)| *has).map(|(_, name)| *name).collect::<Vec<_>>().join(" ")
    };
    let rows: Vec<(&str, String)> = OUTPUTS.iter().map(|output| (output.id, writes(output))).collect();
    let rows: Vec<(&str, &str)> = rows.iter().map(|(id, writes)| (*id, writes.as_str())).collect();
    assert_eq!(
        rows,
        [
            (
                "text",
                "report diagnostics audit receipts verification rules explained locks diagnosis simulation plans answers guarded"
            ),
            (
                "json",
                "report diagnostics audit receipts verification rules explained locks diagnosis simulation plans answers"
            ),
            ("markdown", "report diagnostics audit receipts rules plans guarded"),
            ("sarif", "report diagnostics verification"),
            ("github", "report diagnostics"),
            ("csv", "receipts"),
            ("html", "report diagnostics receipts plans"),
            ("junit", "verification"),
        ]
    );
    assert!(OUTPUTS.iter().all(|output| !output.about.is_empty()));
    assert!(render::by_id("pdf").is_none());
    assert_eq!(render::review("pdf", &reports::everything(), &Look::default()), "");
}

#[test]
fn same_report_same_bytes() {
    for output in OUTPUTS {
        let Some(write) = output.review else { continue };
        let once = write(&reports::everything(), &Look::default());
        assert_eq!(once, write(&reports::everything(), &Look::default()));
        assert!(once.ends_with('\n') && !once.ends_with("\n\n"), "{}", output.id);
    }
}

#[test]
fn json_is_the_report_as_serde_has_it() {
    let report = reports::everything();
    let text = shown("json", &report, Look::default());
    let read: Value = serde_json::from_str(&text).expect("JSON");
    assert_eq!(read, serde_json::to_value(&report).expect("JSON"));
    assert_eq!(read["schema"], "countersign/report/v1");
    let diagnostics = reports::diagnostics();
    let text = render::diagnostics("json", &diagnostics, &Look::default());
    let read: Value = serde_json::from_str(&text).expect("JSON");
    assert_eq!(read, json!({"schema": "countersign/diagnostics/v1", "diagnostics": diagnostics}));
}

#[test]
fn sarif_holds_to_its_schema() {
    let schema = include_str!("../../data/sarif-2.1.0.schema.json");
    let schema: Value = serde_json::from_str(schema.trim_start_matches('\u{feff}')).expect("a schema");
    let validator = jsonschema::validator_for(&schema).expect("a schema");
    assert!(!validator.is_valid(&json!({"version": "2.1.0", "runs": [{"tool": {}}]})));
    let mut strange = reports::report(Verdict::Pending, vec![reports::showcase()]);
    strange.flags[0].changes[0].path = "flags/a b/100%/ö:#?.yaml".to_owned();
    for report in [reports::everything(), reports::empty(), strange.clone()] {
        let log: Value = serde_json::from_str(&shown("sarif", &report, Look::default())).expect("JSON");
        let wrong: Vec<String> = validator.iter_errors(&log).map(|error| error.to_string()).collect();
        assert_eq!(wrong, Vec::<String>::new());
    }
    let log: Value = serde_json::from_str(&shown("sarif", &strange, Look::default())).expect("JSON");
    let location = &log["runs"][0]["results"][0]["locations"][0]["physicalLocation"];
    assert_eq!(location["artifactLocation"]["uri"], "flags/a%20b/100%25/%C3%B6%3A%23%3F.yaml");
}

#[test]
fn sarif_levels_and_rules() {
    let report = reports::everything();
    let log: Value = serde_json::from_str(&shown("sarif", &report, Look::default())).expect("JSON");
    let run = &log["runs"][0];
    let ids: Vec<&str> = run["tool"]["driver"]["rules"]
        .as_array()
        .expect("rules")
        .iter()
        .filter_map(|rule| rule["id"].as_str())
        .collect();
    let mut used = Vec::new();
    for result in run["results"].as_array().expect("results") {
        let rule = result["ruleId"].as_str().expect("a rule");
        let index = usize::try_from(result["ruleIndex"].as_u64().expect("an index")).expect("an index");
        assert_eq!(ids[index], rule);
        used.push(rule);
        let level = result["level"].as_str().expect("a level");
        let expected = match rule {
            "duplicate-key" => "error",
            "exposure-event" | "bucketing-salt" | "sticky-bucketing" | "inclusions" | "schedule" | "deployments" => {
                "note"
            }
            "variants" | "target-segments" | "unknown-field" => continue,
            _ => "warning",
        };
        assert_eq!(level, expected, "{rule}");
    }
    used.sort_unstable();
    used.dedup();
    assert_eq!(used, ids);
}

/// Code scanning knows a result again after an edit above it, and tells apart what differs in its subject.
#[test]
fn sarif_fingerprints_are_of_the_subject() {
    let run = |report: &Report| -> Value {
        serde_json::from_str::<Value>(&shown("sarif", report, Look::default())).expect("JSON")["runs"][0]["results"]
            .take()
    };
    let prints = |report: &Report| -> Vec<String> {
        let all = run(report);
        let one =
            |result: &Value| result["partialFingerprints"]["primaryLocationLineHash"].as_str().expect("one").to_owned();
        all.as_array().expect("results").iter().map(one).collect()
    };
    let report = reports::everything();
    let (before, mut moved) = (prints(&report), report.clone());
    let distinct: std::collections::BTreeSet<&String> = before.iter().collect();
    assert_eq!(distinct.len(), before.len());
    for flag in &mut moved.flags {
        flag.changes.iter_mut().for_each(|change| change.line += 7);
        flag.requirements.clear();
    }
    moved.diagnostics.iter_mut().for_each(|diagnostic| diagnostic.place.line += 7);
    assert_eq!(prints(&moved), before);
    moved.flags[1].changes[0].field = "elsewhere".to_owned();
    assert_ne!(prints(&moved), before);
    for result in run(&report).as_array().expect("results") {
        let region = &result["locations"][0]["physicalLocation"]["region"];
        assert!(region["endColumn"].as_u64() > region["startColumn"].as_u64(), "{region}");
    }
}

#[test]
fn commands_are_escaped_as_the_toolkit_does() {
    let mut report = reports::report(Verdict::Pending, Vec::new());
    let mut diagnostic = reports::diagnostics().remove(0);
    diagnostic.path = "a,b:c%d.yaml".to_owned();
    diagnostic.message = "100% of `a,b:c`\nnext".to_owned();
    report.diagnostics = vec![diagnostic];
    let expected = "::error file=a%2Cb%3Ac%25d.yaml,line=12,col=3,endColumn=10,title=duplicate-key::100%25 of `a,b:c`\\nnext; \
                    remove one of the two\n::error title=countersign::pending: see below\n";
    assert_eq!(shown("github", &report, Look::default()), expected);
}

/// A report with many flags, `gated` of them critical, the routine ones first.
pub(crate) fn many(gated: usize, routine: usize) -> Report {
    let mut flags = Vec::new();
    for index in 0..routine {
        let mut flag = reports::stopped();
        flag.key = format!("routine-{index}");
        (flag.impact_summary, flag.impact) = (None, None);
        flag.changes = vec![reports::change(
            countersign::report::Class::Routine,
            None,
            "description",
            2,
            json!(format!("{index} {}", "a".repeat(20))),
            json!("b".repeat(20)),
        )];
        flags.push(flag);
    }
    for index in 0..gated {
        let mut flag = reports::showcase();
        flag.key = format!("critical-{index}");
        // Or they would be one row.
        flag.changes[1].after = Some(reports::node(json!(50 + index)));
        flags.push(flag);
    }
    reports::report(Verdict::Pending, flags)
}

/// The report as a review concludes it: invalid if more needs approval than one comment can show.
pub(crate) fn limited(mut report: Report) -> Report {
    if let Some(diagnostic) = review::too_much(&report.flags, &report.policy, &std::collections::BTreeMap::new()) {
        report.diagnostics.push(diagnostic);
        report.verdict = Verdict::Invalid;
    }
    report
}

/// Whether a comment shows every flag that needs approval, by the digest that an approval is bound to.
pub(crate) fn is_whole(text: &str, report: &Report) -> bool {
    let digests = || report.flags.iter().filter_map(|flag| flag.digest.as_deref());
    digests().all(|digest| {
        let shown = text.matches(&format!(", digest `{}`\n", &digest[..32])).count();
        shown >= digests().filter(|other| other[..32] == digest[..32]).count()
    }) && !text.contains("more flag")
}

#[test]
fn critical_rows_are_never_cut() {
    let report = limited(many(12, 3000));
    assert!(!report.is_too_much());
    let text = shown("markdown", &report, Look::default());
    assert!(text.chars().count() <= render::ROOM);
    assert!(is_whole(&text, &report));
    assert_eq!(text.matches("\n| `checkout/critical-").count(), 12);
    assert_eq!(text.matches("\n#### ⏳ `checkout/critical-").count(), 12);
    assert_eq!(text.matches("**segment `Staff` added** <sub>line 30").count(), 12);
    assert!(text.starts_with("### ⏳ 12 of 3012 flags wait for approval\n"));
    let left_out = text.lines().find(|line| line.starts_with('…')).expect("something is cut");
    let (reported, rest) = (text.matches("`description`").count(), left_out);
    // The four routine changes of the critical flags read the same, one of them is of `description`.
    assert_eq!(rest, format!("…and {} more changes, see the full report", 3000 + 4 - (reported + 3)));
}

/// Stopping flags is free; a thousand of them are cut and neither hide a critical change nor ask for a split.
#[test]
fn what_is_free_is_cut_first() {
    let mut report = many(12, 0);
    for index in 0..1500 {
        let mut flag = reports::stopped();
        flag.key = format!("stopped-{index}");
        report.flags.insert(0, flag);
    }
    report.policy = reports::policy();
    let report = limited(report);
    assert!(!report.is_too_much());
    let text = shown("markdown", &report, Look::default());
    assert!(text.chars().count() <= render::ROOM);
    assert_eq!(text.matches("\n#### ⏳ `checkout/critical-").count(), 12);
    assert_eq!(text.matches("\n#### ⏳ Policy change").count(), 1);
    let row = text.lines().find(|line| line.starts_with("| **1500 experiments** of `checkout`: "));
    assert!(
        row.is_some_and(|row| row.contains(" and 1470 more |") && row.ends_with("| no approval needed |")),
        "{text}"
    );
    // Even where each of them is a row of its own.
    let mut report = report;
    for (index, flag) in report.flags.iter_mut().filter(|flag| flag.digest.is_none()).enumerate() {
        flag.changes[0].before = Some(reports::node(json!(index.to_string())));
        flag.state.before = Some(index.to_string());
    }
    let text = shown("markdown", &report, Look::default());
    assert!(text.chars().count() <= render::ROOM && is_whole(&text, &report));
    assert!(text.contains(" more rows, see the full report"));
}

#[test]
fn what_does_not_fit_is_to_be_split() {
    let report = limited(many(100, 0));
    assert!(report.is_too_much());
    for id in ["text", "github"] {
        let text = shown(id, &report, Look::default());
        assert!(text.contains("invalid: split this pull request"), "{id}");
    }
    let text = shown("markdown", &report, Look::default());
    assert!(text.chars().count() <= render::ROOM);
    assert!(text.starts_with("### ⛔ Split this pull request"));
    assert!(text.contains("more flags, see the full report"));
}

/// The limit, for flags with six changes each; a report within it is shown whole.
#[test]
fn within_the_limit_all_is_shown() {
    let within = |gated: &usize| {
        let report = limited(many(*gated, 0));
        let text = shown("markdown", &report, Look::default());
        assert!(text.chars().count() <= render::ROOM);
        assert!(report.is_too_much() || is_whole(&text, &report), "{gated}");
        !report.is_too_much()
    };
    assert_eq!((12..40).rfind(within), Some(20));
}

#[test]
fn sentences() {
    let cases = [
        (0, "weights 1:1 → 1:3 (of those exposed: control 50% → 25%, treatment 50% → 75%)"),
        (1, "rolloutPercentage 20 → 50"),
        (
            2,
            "conditions of segment `US beta users`: country is US added, app_version is not \"1.2\" added, country is US or CA removed",
        ),
        (3, "percentage of segment `US beta users` 100 → 33.5"),
        (4, "segment `Staff` added"),
        (5, "payload of variant `treatment` changed"),
        (6, "owner added: jo"),
        (7, "description \"One click\" → \"One click, not three\""),
        (8, "tags: q4 added"),
        (9, "targetSegments.rolloutWeights 1:1 → 50:50"),
    ];
    let flag = reports::showcase();
    for (index, expected) in cases {
        assert_eq!(render::change_sentence(&flag.changes[index], &flag).plain(), expected);
    }
    let flag = reports::approved();
    let cases = [
        (0, "variants reordered: control, treatment → treatment, control"),
        (2, "variant `old` removed"),
        (3, "segments reordered: Staff, Beta → Beta, Staff"),
        (8, "inclusions.users of variant `treatment`: u3 added, u1 removed"),
    ];
    for (index, expected) in cases {
        assert_eq!(render::change_sentence(&flag.changes[index], &flag).plain(), expected);
    }
}

#[test]
fn headlines() {
    use reports::{approved, locked, rejected, report, showcase, stopped};
    let mut policy = report(Verdict::Pending, vec![showcase(), stopped()]);
    policy.policy = reports::policy();
    let cases = [
        (reports::empty(), "not required: no flag changes"),
        (
            report(Verdict::NotRequired, vec![stopped()]),
            "not required: 1 flag changed, no approval needed; affects up to 30.0% of a flag's users",
        ),
        (
            report(Verdict::Approved, vec![approved(), stopped()]),
            "approved: 1 of 2 flags is approved; affects up to 50.0% of a flag's users, with 2 warnings",
        ),
        (
            report(Verdict::Pending, vec![showcase(), showcase()]),
            "pending: 2 flags wait for approval; affects up to 90.0% of a segment's users, with 2 warnings",
        ),
        (
            report(Verdict::Locked, vec![locked(), showcase()]),
            "locked: 1 of 2 flags is locked by another pull request; affects up to 56.0% of a flag's users, with 1 warning",
        ),
        (report(Verdict::Rejected, vec![rejected()]), "rejected: 1 flag was rejected; changes unmodelled fields"),
        (reports::everything(), "invalid: 1 error to fix first"),
        (
            policy,
            "pending: 1 of 2 flags waits for approval, the policy change waits for approval; \
             affects up to 90.0% of a segment's users, with 1 warning",
        ),
    ];
    for (report, expected) in cases {
        assert_eq!(render::headline(&report), expected);
    }
}

#[test]
fn colour_repeats_what_words_say() {
    for report in [reports::everything(), reports::empty()] {
        for ascii in [false, true] {
            let plain = Look { ascii, ..Look::default() };
            let colored = shown("text", &report, Look { color: true, ..plain });
            assert_ne!(colored, shown("text", &report, plain));
            assert_eq!(anstream::adapter::strip_str(&colored).to_string(), shown("text", &report, plain));
        }
    }
}

#[test]
fn no_line_is_wider_than_asked() {
    let report = reports::everything();
    for width in [60, 80, 100, 200] {
        let text = shown("text", &report, Look { width, all: true, ..Look::default() });
        for line in text.lines() {
            assert!(unicode_width::UnicodeWidthStr::width(line) <= width, "{width}: {line}");
        }
    }
}

#[test]
fn ascii_draws_nothing_else() {
    let report = reports::report(Verdict::Pending, vec![reports::showcase(), reports::locked(), reports::stopped()]);
    assert!(shown("text", &report, Look { ascii: true, all: true, ..Look::default() }).is_ascii());
}
