//! Where the facts of a comment stand: the verdict first, the people in the table, each fact once.

use countersign::render;
use countersign::report::{FlagReport, Ineligible, NewDebt, NotCounted, NotCountedReason, Overridden, Verdict};

use super::comment::{about, twenty};
use super::is_whole;
use super::reports::{self, report};

/// The visible text of a comment, without what marks it up.
fn words(text: &str) -> Vec<String> {
    let text = text.replace("<br>", " ").replace("<sub>", " ").replace("</sub>", " ");
    let words = text.split(|c: char| !(c.is_alphanumeric() || "@/-._%".contains(c)));
    words.filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

/// The answer that somebody looks for is in one place: the verdict in the first line, the people in the table, and no
/// number is said three times.
#[test]
fn every_fact_stands_once() {
    for (number, report) in [(1, report(Verdict::Pending, vec![reports::rollout("banner")])), (20, twenty())] {
        let text = render::comment(&report, &about());
        let times = |wanted: &str| words(&text).iter().filter(|word| *word == wanted).count();
        let flags = if number == 1 { "1 flag waits" } else { "20 flags wait" };
        assert_eq!(text.lines().next(), Some(&*format!("### ⏳ {flags} for approval")));
        assert_eq!(text.matches("| Flag | What changes | Impact | Approvals |").count(), 1);
        for name in ["@acme/payments", "@alice", "alice", "bob"] {
            assert_eq!(times(name), 1, "{name} in:\n{text}");
        }
        // The number of flags is twenty too, and is said in the first line and in the row.
        assert!(times("20") <= if number == 20 { 4 } else { 2 }, "{text}");
        for said in ["30", "20%", "30%", "10.0%", "15%"] {
            assert!(times(said) <= 2, "{said} in:\n{text}");
        }
        // All but the verdict, the table and the last line is folded.
        let open = text.split("\n<details>").next().unwrap();
        assert!(open.lines().filter(|line| !line.is_empty()).all(|line| line.starts_with(['#', '|'])), "{open}");
        let fold = "\n<details><summary>Every change, field by field</summary>\n";
        assert_eq!(text.find("\n<details>"), text.find(fold));
    }
}

/// Flags of which the same is said are one row; each has its digest, because an approval is bound to it.
#[test]
fn changes_that_read_the_same_are_one_row() {
    let text = render::comment(&twenty(), &about());
    let rows: Vec<&str> =
        text.lines().filter(|line| line.starts_with("| **20 experiments** of `checkout`: ")).collect();
    assert_eq!(rows.len(), 1, "{text}");
    assert!(rows[0].contains("| `rolloutPercentage` `20` → `30` |"), "{text}");
    assert!(is_whole(&text, &twenty()));
    for flag in twenty().flags {
        assert!(rows[0].contains(&format!("`{}`", flag.key)) && text.contains(&format!("- `checkout/{}`", flag.key)));
    }
    // One that differs in anything but its name is another row.
    let differences: [fn(&mut FlagReport); 4] = [
        |flag| flag.changes[0].after = Some(reports::node(serde_json::json!(31))),
        |flag| flag.requirements[0].approved_by.clear(),
        |flag| flag.requirements[0].line = Some(9),
        |flag| {
            flag.impact = reports::rollout("x").impact.map(|mut impact| {
                impact.warnings.push("stop".to_owned());
                impact
            })
        },
    ];
    for differ in differences {
        let mut report = twenty();
        differ(&mut report.flags[3]);
        let text = render::comment(&report, &about());
        assert!(text.contains("| **19 experiments** of") && is_whole(&text, &report), "{text}");
    }
}

/// Somebody whose responses do not count has one row with one reason, however many flags there are.
#[test]
fn a_person_has_one_row() {
    let mut report = twenty();
    for (number, flag) in report.flags.iter_mut().enumerate() {
        let mut say = |login: &str, why: Ineligible| {
            let why = NotCountedReason::Ineligible(why);
            flag.requirements[0].not_counted.push(NotCounted { login: login.to_owned(), why });
        };
        say("sam", if number == 3 { Ineligible::Requestor } else { Ineligible::Contributor });
        let no_access = Ineligible::NoWriteAccess { permission: "read".to_owned(), external: false };
        say("kim", if number < 10 { Ineligible::NotAnApprover } else { no_access });
    }
    let text = render::comment(&report, &about());
    let (_, block) = text.split_once("<summary>3 responses that do not count, and why</summary>\n\n").unwrap();
    let rows: Vec<&str> = block.lines().take_while(|line| line.starts_with("- ")).collect();
    let expected = [
        "- `bob`: approved `9f8e7d6c`, which is no longer the proposed content",
        "- `sam`: contributed to the change",
        "- `kim`: is neither a required approver nor an admin",
    ];
    assert_eq!(rows, expected);
}

/// An approver of an activation approves every field, so every field is there to see.
#[test]
fn an_activation_is_shown_unfolded() {
    let report = report(Verdict::Pending, vec![reports::activation(), reports::rollout("banner")]);
    let text = render::comment(&report, &about());
    let open = text.split("\n<details>").next().unwrap();
    for change in &report.flags[0].changes {
        let line = format!("line {}, activation", change.line);
        assert!(open.contains(&line), "{line} in:\n{open}");
    }
    assert!(!open.contains("line 16, rollout"));
}

/// A broken glass is a debt that others pay, and has one name in every output.
#[test]
fn a_broken_glass_is_called_so_everywhere() {
    let debt = NewDebt { at: "2026-11-23T12:00:00Z".to_owned(), due: "2026-11-26T12:00:00Z".to_owned() };
    for (debt, verb) in [(Some(debt), "glass broken"), (None, "overridden")] {
        let mut report = report(Verdict::Approved, vec![reports::rollout("banner")]);
        report.flags[0].verdict = Verdict::Approved;
        let (by, reason) = (vec!["alice".to_owned(), "zoe".to_owned()], "the shop is down".to_owned());
        report.flags[0].overridden = Some(Overridden { by, reason, debt });
        let expected = format!("{verb} by alice");
        assert!(render::status_text(&report, &about()).starts_with(&expected), "{verb}");
        for output in ["text", "markdown", "html", "sarif", "github"] {
            let text = render::review(output, &report, &render::Look::default());
            let text = text.replace(['`', '*'], "").replace("<span class=\"value\">", "").to_lowercase();
            assert!(text.contains(&expected), "{output}: {text}");
            let other = if verb == "overridden" { "glass broken" } else { "overridden by" };
            assert!(!text.contains(other), "{output}: {text}");
        }
    }
}

/// A terminal names each response that does not count, so flags whose responses differ are no block together.
#[test]
fn no_response_is_lost_in_a_block_of_flags() {
    let mut report = twenty();
    let why = NotCountedReason::Ineligible(Ineligible::Contributor);
    report.flags[3].requirements[0].not_counted.push(NotCounted { login: "sam".to_owned(), why });
    let text = render::review("text", &report, &render::Look::default());
    assert!(text.contains("19 experiments that change alike") && text.contains("sam does not count"), "{text}");
    assert!(render::comment(&report, &about()).contains("| **20 experiments** of"));
}
