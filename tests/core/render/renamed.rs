//! A flag under another key: two flags to approve, and one entry to read.

use countersign::render::Look;
use countersign::report::{Holder, Report, Verdict};

use super::{golden, reports, shown};
use crate::case_file::CASES;

fn renamed() -> Report {
    CASES.iter().find(|case| case.name == "classes/renamed-key").unwrap().judge().unwrap()
}

#[test]
fn a_rename_is_one_entry() {
    let report = renamed();
    assert_eq!(report.flags.len(), 2);
    let text = shown("text", &report, Look::default());
    golden("renamed.txt", &text);
    golden("renamed.md", &shown("markdown", &report, Look::default()));
    for (output, entry) in [("text", "\n── "), ("html", "<article"), ("markdown", "\n#### ")] {
        let shown = shown(output, &report, Look::default());
        assert_eq!(shown.matches(entry).count(), 1, "{output}:\n{shown}");
        for flag in &report.flags {
            assert!(shown.contains(&flag.digest.as_deref().unwrap()[..8]), "{output}: {}", flag.key);
            // The content that the digest covers is shown, of both.
            let says = if flag.renamed_to.is_some() { "no longer live" } else { "newly exposed" };
            assert!(shown.contains(says), "{output}: {}: {shown}", flag.key);
        }
    }
}

#[test]
fn what_holds_for_one_of_the_two_only_makes_two_entries() {
    let mut report = renamed();
    // Somebody approved one of them: it is still one entry, that waits for the other.
    report.flags[0].verdict = Verdict::Approved;
    report.flags[0].requirements[0].approved_by = vec!["alice".to_owned()];
    let text = shown("text", &report, Look::default());
    assert_eq!((text.matches("\n── ").count(), text.matches("needs ").count()), (1, 2), "{text}");
    assert!(text.contains("pending ──"), "{text}");
    // A lock holds one of them.
    report.flags[0].locked_by = Some(Holder {
        pull: 7,
        requestor: "jo".to_owned(),
        since: "2026-11-20T09:00:00Z".to_owned(),
        days: 3,
        unproven: false,
    });
    let text = shown("text", &report, Look::default());
    assert_eq!(text.matches("\n── ").count(), 2, "{text}");
    assert!(text.contains("renamed to `purchase`"), "{text}");
}

#[test]
fn flags_that_change_alike_are_one_block() {
    let flags = ["first", "second", "third"].map(reports::rollout);
    let mut report = reports::report(Verdict::Pending, flags.into());
    report.flags[1].digest = Some("0123456789abcdef".repeat(4));
    let text = shown("text", &report, Look::default());
    assert_eq!(text.matches("\n── ").count(), 1, "{text}");
    assert!(
        text.contains("── 3 flags that change alike") || text.contains("── 3 experiments that change alike"),
        "{text}"
    );
    for part in ["checkout/first", "checkout/second", "checkout/third", "01234567"] {
        assert!(text.contains(part), "{part}: {text}");
    }
    let all = shown("text", &report, Look { all: true, ..Look::default() });
    assert_eq!(all.matches("\n── ").count(), 3, "{all}");
    // The approvals that another flag needs besides are not hidden.
    report.flags[2].remarks.push("something else".to_owned());
    let text = shown("text", &report, Look::default());
    assert_eq!(text.matches("\n── ").count(), 2, "{text}");
}
