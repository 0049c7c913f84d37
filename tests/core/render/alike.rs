//! Flags that change alike are counted once for the limit, and shown once: each by its name and its digest, whatever
//! people responded, and none that differs among them.

use countersign::render::{self, Look};
use countersign::report::{FlagReport, Holder, NewDebt, Overridden, Report, Verdict};
use serde_json::json;

use super::{is_whole, limited, many, reports, shown};

/// Flags that change alike, as many as are wanted, with a digest each.
fn alike(number: usize) -> Report {
    let flags = (0..number).map(|index| {
        let mut flag = reports::showcase();
        flag.key = format!("alike-{index}");
        flag.path = format!("flags/checkout/{index}.yaml");
        flag.digest = Some(format!("{index:064x}").chars().rev().collect());
        for change in &mut flag.changes {
            change.path.clone_from(&flag.path);
            change.line += u32::try_from(index).unwrap();
        }
        flag
    });
    reports::report(Verdict::Pending, flags.collect())
}

fn whole(report: &Report) -> String {
    let text = shown("markdown", report, Look::default());
    assert!(text.chars().count() <= render::ROOM, "{}", text.chars().count());
    assert!(is_whole(&text, report), "{text}");
    text
}

/// A response to the flag of this number.
type Answer = fn(usize, &mut FlagReport);

#[test]
fn a_hundred_that_are_alike_are_no_more_than_one() {
    let within = |number: &usize| !limited(alike(*number)).is_too_much();
    let most = (20..400).step_by(20).take_while(within).last().unwrap();
    assert!((100..250).contains(&most), "{most}");
    let text = whole(&limited(alike(most)));
    assert_eq!(text.matches("**segment `Staff` added**").count(), 1, "{text}");
}

/// An approval, a lock or an override makes no report too big, and cuts nothing.
#[test]
fn no_answer_makes_them_too_many() {
    let lock: Answer = |index, flag| {
        flag.verdict = Verdict::Locked;
        let since = "2026-10-01T10:00:00Z".to_owned();
        let pull = 1_000_000_000 + index as u64;
        flag.locked_by = Some(Holder { pull, requestor: "x".repeat(39), since, days: 3, unproven: false });
    };
    let approve: Answer = |index, flag| {
        for requirement in &mut flag.requirements {
            requirement.approved_by = vec![format!("{index}-{}", "y".repeat(30))];
        }
        flag.verdict = [Verdict::Approved, Verdict::Pending, Verdict::Rejected][index % 3];
    };
    for answer in [lock, approve] {
        let mut report = alike(120);
        assert!(!limited(report.clone()).is_too_much());
        for (index, flag) in report.flags.iter_mut().enumerate() {
            answer(index, flag);
        }
        let report = limited(report);
        assert!(!report.is_too_much());
        let text = whole(&report);
        assert!(text.matches("segment `Staff` added").count() == 1, "{text}");
    }
}

/// A flag that changes otherwise stands by itself, wherever it is among the others, and however little it differs.
#[test]
fn none_hides_among_others() {
    type Edit = fn(&mut FlagReport);
    let edits: [Edit; 5] = [
        |flag| flag.changes[0].after = Some(reports::node(json!("hidden-1"))),
        |flag| flag.changes[1].after = Some(reports::node(json!("20"))),
        |flag| flag.changes.truncate(3),
        |flag| flag.state.after = Some("hidden".to_owned()),
        |flag| flag.changes[0].path = "elsewhere.yaml".to_owned(),
    ];
    for (at, edit) in [0, 7, 99].into_iter().flat_map(|at| edits.map(|edit| (at, edit))) {
        let mut report = alike(100);
        edit(&mut report.flags[at]);
        let report = limited(report);
        assert!(!report.is_too_much());
        let text = whole(&report);
        assert!(text.contains(&format!("\n#### ⏳ `checkout/alike-{at}`\n")), "{at}\n{text}");
        assert_eq!(text.matches("\n#### ").count(), 2, "{at}\n{text}");
    }
    // A renamed one is like none.
    let mut report = alike(3);
    report.flags[1].renamed_to = Some("x".to_owned());
    assert!(report.flags[1].content_key().is_none() && report.flags[0].content_key() == report.flags[2].content_key());
}

/// Of a flag that admins let through as too long nobody approves anything, and all others are shown whole.
#[test]
fn what_no_comment_can_show_hides_nothing_else() {
    let mut report = many(12, 0);
    let mut long = reports::showcase();
    long.key = "a-long".to_owned();
    long.changes[1].after = Some(reports::node(json!("x".repeat(70_000))));
    report.flags.insert(0, long);
    assert!(limited(report.clone()).is_too_much());
    let overridden =
        Overridden { by: vec!["root".to_owned(), "kim".to_owned()], reason: "long".to_owned(), debt: None };
    report.flags[0].verdict = Verdict::Approved;
    report.flags[0].overridden = Some(overridden);
    let report = limited(report);
    assert!(!report.is_too_much());
    let text = shown("markdown", &report, Look::default());
    assert!(text.chars().count() <= render::ROOM);
    assert_eq!(text.matches("\n#### ⏳ `checkout/critical-").count(), 12);
    assert!(text.contains("> [!CAUTION]"), "{text}");
    assert!(text.contains("…and 1 more flag, see the full report") && !text.contains("xxxxxxxx"), "{text}");
    // Glass that was broken leaves a debt, which nobody could pay.
    let mut broken = report;
    let at = "2026-11-23T12:00:00Z".to_owned();
    broken.flags[0].overridden.as_mut().unwrap().debt = Some(NewDebt { at: at.clone(), due: at });
    assert!(limited(broken).is_too_much());
}
