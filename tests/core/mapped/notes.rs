//! Notes for people: values of members that are called so, and that may be a switch or a share all the same.

use countersign::report::Verdict;

use super::drafted::{POLICIES, drafted, judged};

const PATH: &str = "config/flags.yml";

/// The verdict of a change of one member of a flag.
fn verdict(is_draft: bool, enabled: bool, (before, after): (&str, &str)) -> Verdict {
    let file =
        |one: &str| format!("search: {{enabled: {enabled}{one}}}\ncart: {{enabled: true, owners: [jo], squad: a}}\n");
    let draft =
        is_draft.then(|| drafted(PATH, &file(", owners: [jo], squad: a, maintainers: jo, comment: x")).unwrap());
    judged(POLICIES[0], PATH, draft.as_deref(), &file(before), &file(after)).verdict
}

#[test]
fn notes_of_drafts_and_registries() {
    for (is_draft, name) in [
        (true, "owners"),
        (true, "squad"),
        (true, "maintainers"),
        (true, "comment"),
        (false, "owner"),
        (false, "team"),
        (false, "reason"),
        (false, "disabled_by"),
        (false, "updated_by"),
    ] {
        let said = |value: &str| format!(", {name}: {value}");
        for value in ["kim", "[jo, kim]", "[]", "\"\"", "{team: a}"] {
            let (before, after) = (said("jo"), said(value));
            assert_eq!(verdict(is_draft, true, (&before, &after)), Verdict::NotRequired, "{after}");
            assert_eq!(verdict(is_draft, true, ("", &after)), Verdict::NotRequired, "{after}");
        }
        for value in ["true", "on", "50", "{enabled: true}", "[true]", "{beta: 50}", "[[no]]"] {
            let (before, after) = (said("jo"), said(value));
            assert_eq!(verdict(is_draft, true, (&before, &after)), Verdict::Pending, "{after}");
            assert_eq!(verdict(is_draft, true, (&after, &before)), Verdict::Pending, "{after}");
            assert_eq!(verdict(is_draft, true, ("", &after)), Verdict::Pending, "{after}");
        }
        // A member that comes to a flag that is off may be a switch too.
        assert_eq!(verdict(is_draft, false, ("", &said("{enabled: true}"))), Verdict::Pending, "{name}");
        assert_eq!(verdict(is_draft, false, ("", &said("jo"))), Verdict::NotRequired, "{name}");
    }
    // Tickets and dates are numbers too.
    for (before, after) in [(", issue: 5", ", issue: 6"), (", updated_at: 1700000000", ", updated_at: 1800000000")] {
        assert_eq!(verdict(false, true, (before, after)), Verdict::NotRequired, "{after}");
    }
}

/// A switch-off waits for no note, whatever that holds.
#[test]
fn a_switch_off_next_to_a_note() {
    for is_draft in [true, false] {
        for note in ["owners: [jo]", "owners: {team: a}", "owner: jo, reason: broken", "squad: 50"] {
            let file = |on: bool| format!("search: {{enabled: {on}, {note}}}\ncart: {{enabled: true, owners: [jo]}}\n");
            let draft = is_draft.then(|| drafted(PATH, &file(true)).unwrap());
            let report = judged(POLICIES[0], PATH, draft.as_deref(), &file(true), &file(false));
            assert_eq!(report.verdict, Verdict::NotRequired, "{is_draft} {note}");
        }
    }
}
