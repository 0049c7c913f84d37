//! Every file of `tests/cases/` is a case: a base repository, a patch, evidence, and what must come out.
//! CONTRIBUTING.md says how to write one; `SNAPSHOTS=overwrite cargo test --test core` writes what comes out anew: read
//! the diff.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use countersign::document::Node;
use countersign::flag::File;
use countersign::report::{Class, FlagReport, Report, Requirement, Verdict};

use crate::case_file::{CASES, CaseFile};
use crate::files;

#[test]
fn every_case() {
    let mut failed = Vec::new();
    for case in CASES.iter() {
        let found = case.judge().map_or_else(|diagnostics| refused(&diagnostics), |report| summary(&report));
        if found == case.expected {
            continue;
        }
        if std::env::var_os("SNAPSHOTS").is_some_and(|value| value == "overwrite") {
            std::fs::write(&case.path, format!("{}{found}", case.question)).unwrap();
        } else {
            let diff = similar::TextDiff::from_lines(&case.expected, &found);
            failed.push(format!("{}\n{}", case.name, diff.unified_diff().header("expected", "found")));
        }
    }
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}

#[test]
fn same_against_same_is_silent() {
    for case in CASES.iter() {
        for side in [&case.live, &case.proposed] {
            let Ok(report) = files::judge_files(side, side, None, &[]) else { continue };
            assert!(report.flags.is_empty() && report.diagnostics.is_empty(), "{}", case.name);
            assert_eq!(report.verdict.word(), "not-required");
        }
    }
}

/// Cases of floats that become integers, which callers do not see, and of integers that become floats, which they do.
const ONE_WAY: &[&str] = &["impact/flagd-value-float", "impact/flagd-value-integer"];

#[test]
fn a_change_is_seen_in_both_directions() {
    for case in CASES.iter().filter(|case| !ONE_WAY.contains(&case.name.as_str())) {
        let (Ok(there), Ok(back)) = (case.judge(), case.judge_back()) else {
            continue;
        };
        let fields = |report: &Report| -> BTreeSet<(String, String)> {
            // Created and deleted, switched on and off are reported in different words.
            let edited = |flag: &&FlagReport| {
                flag.live.before == flag.live.after && flag.state.before.is_some() && flag.state.after.is_some()
            };
            let flags = report.flags.iter().filter(edited);
            flags.flat_map(|flag| flag.changes.iter().map(|change| (flag.key.clone(), change.field.clone()))).collect()
        };
        if there.diagnostics.is_empty() && back.diagnostics.is_empty() {
            assert_eq!(fields(&there), fields(&back), "{}", case.name);
        }
    }
}

#[test]
fn every_rule_fires_in_some_case() {
    let mut fired = BTreeSet::new();
    for report in CASES.iter().filter_map(|case| case.judge().ok()) {
        fired.extend(report.flags.iter().flat_map(|flag| &flag.changes).filter_map(|change| change.rule));
        fired.extend(report.policy.requirements.iter().flat_map(|requirement| &requirement.because));
    }
    let all: BTreeSet<_> = countersign::changes::rules::RULES.iter().map(|rule| rule.id).collect();
    assert_eq!(fired, all);
}

#[test]
fn every_field_of_every_rule_fires_in_some_case() {
    let mut fired = BTreeSet::new();
    for report in CASES.iter().filter_map(|case| case.judge().ok()) {
        for change in report.flags.iter().flat_map(|flag| &flag.changes) {
            let rule = countersign::changes::rules::RULES.iter().find(|rule| Some(rule.id) == change.rule);
            let under = |field: &&&str| change.means == **field || change.means.starts_with(&format!("{field}."));
            let fields = rule.iter().flat_map(|rule| rule.cause.fields()).filter(under);
            fired.extend(fields.max_by_key(|field| field.len()));
        }
    }
    let all: BTreeSet<&str> =
        countersign::changes::rules::RULES.iter().flat_map(|rule| rule.cause.fields()).copied().collect();
    assert_eq!(fired, all);
}

/// The class of a step of a flag from every state to every state, its weights edited on the way. Rows are before,
/// columns after.
///
/// ```text
/// .  routine      A  activation    D  deactivation, and the edit is routine    X  deletion    !  invalid
/// C  the edit is critical          S  so is the edit and, under `schedule`, another word for live
/// ```
const FATES: &str = "
                       - inactive testing scheduled active archived planning testing scheduled running completed archived broken
           -           . .        .       A         A      .        .        .       A         A       .         .        !
flag       inactive    . .        .       A         A      .        .        .       A         A       .         .        !
flag       testing     . .        .       A         A      .        .        .       A         A       .         .        !
flag       scheduled   X D        D       C         S      D        D        D       C         S       D         D        !
flag       active      X D        D       S         C      D        D        D       S         S       D         D        !
flag       archived    . .        .       A         A      .        .        .       A         A       .         .        !
experiment planning    . .        .       A         A      .        .        .       A         A       .         .        !
experiment testing     . .        .       A         A      .        .        .       A         A       .         .        !
experiment scheduled   X D        D       C         S      D        D        D       C         S       D         D        !
experiment running     X D        D       S         S      D        D        D       S         C       D         D        !
experiment completed   . .        .       A         A      .        .        .       A         A       .         .        !
experiment archived    . .        .       A         A      .        .        .       A         A       .         .        !
";

#[test]
fn from_every_state_to_every_state() {
    let policy = |path: &str, text: &str| (path.to_owned(), File::regular(path, text));
    let flag = |kind: &str, state: &str, weight: u32| {
        let text = match state {
            "-" => return None,
            "broken" => "key: [a".to_owned(),
            state => format!(
                "key: a\nkind: {kind}\nstate: {state}\nstartDate: 2026-12-01\nvariants: [{{key: b}}, {{key: c}}]\n\
                 rolloutWeights: {{b: 1, c: {weight}}}\n"
            ),
        };
        Some(policy("flags/a.yaml", &text))
    };
    let side = |flag: Option<(String, File)>| -> BTreeMap<String, File> {
        let config = "version: 1\nprojects: {p: {paths: [flags/], approvals: specific}}\n";
        let files = [policy(".countersign/config.yaml", config), policy(".countersign/APPROVERS", "/flags/ @alice\n")];
        files.into_iter().chain(flag).collect()
    };
    let mut rows = FATES.trim().lines();
    let columns: Vec<&str> = rows.next().unwrap().split_whitespace().collect();
    for row in rows {
        let mut cells: Vec<&str> = row.split_whitespace().collect();
        if cells[0] == "-" {
            cells.insert(0, "");
        }
        for (at, (after, expected)) in columns.iter().zip(&cells[2..]).enumerate() {
            let kind = if at < 6 { "flag" } else { "experiment" };
            let (live, proposed) = (side(flag(cells[0], cells[1], 1)), side(flag(kind, after, 2)));
            let report = files::judge_files(&live, &proposed, None, &[]).unwrap();
            let changes = report.flags.iter().flat_map(|flag| &flag.changes);
            let rules: BTreeSet<&str> =
                changes.clone().filter_map(|change| change.rule).map(countersign::changes::RuleId::as_str).collect();
            let classes: BTreeSet<Class> = changes.map(|change| change.class).collect();
            let rules: Vec<&str> = rules.into_iter().collect();
            let fate = match (rules.as_slice(), report.verdict) {
                (["activation"], Verdict::Pending) => "A",
                (["deletion"], Verdict::Pending) => "X",
                (["variant-distribution"], Verdict::Pending) => "C",
                (["schedule", "variant-distribution"], Verdict::Pending) => "S",
                ([], Verdict::Invalid) => "!",
                ([], Verdict::NotRequired) if classes.contains(&Class::Deactivation) => "D",
                ([], Verdict::NotRequired) if classes.iter().all(|class| *class == Class::Routine) => ".",
                _ => "?",
            };
            assert_eq!(fate, *expected, "{} {} -> {kind} {after}: {rules:?}", cells[0], cells[1]);
        }
    }
}

#[test]
fn teams_are_fetched_if_either_policy_does_not_list_them() {
    let teams = |name: &str| {
        let case = CASES.iter().find(|case| case.name == name).unwrap();
        files::examine_files(&case.live, &case.proposed).ok().unwrap().teams().into_iter().collect::<Vec<_>>()
    };
    assert_eq!(teams("approval/one"), [""; 0]);
    assert_eq!(teams("approval/team-from-evidence"), ["@acme/payments"]);
    assert_eq!(teams("approval/admin-team"), ["@acme/leads"]);
    assert_eq!(teams("policy/team-left-to-github"), ["@acme/payments"]);
}

#[test]
fn the_same_input_gives_the_same_bytes() {
    for case in CASES.iter() {
        let json = || case.judge().ok().map(|report| serde_json::to_string(&report).unwrap());
        assert_eq!(json(), json(), "{}", case.name);
    }
}

/// A case that is written wrongly is refused in these words, with the number of the line.
#[test]
fn a_wrong_case_is_refused() {
    const BUY: &str = "--- a/flags/checkout/buy.yaml\n+++ b/flags/checkout/buy.yaml\n";
    let end = "== expected ==\nverdict: pending\n";
    let case = |middle: &str| format!("Why.\n\nbase: checkout\n\n{middle}");
    let change = |patch: &str| case(&format!("== change ==\n{patch}\n{end}"));
    let rows: &[(String, &str)] = &[
        (format!("\nbase: checkout\n\n== change ==\n{end}"), "1: the first line says why the case exists"),
        (format!("Why.\n== change ==\n{end}"), "6: expected `base: ` and the name of a folder of tests/cases/bases/"),
        (format!("Why.\n\nbase: nowhere\n\n== change ==\n{end}"), "3: there is no base `nowhere`"),
        (case(end), "6: there is no section `change`"),
        (case("== change ==\n"), "5: there is no section `expected`"),
        (case(&format!("stray\n== change ==\n{end}")), "5: this line is in no section"),
        (case(&format!("== changes ==\n{end}")), "5: `changes` is no section of a case"),
        (
            case(&format!("== change ==\n== setup ==\n{end}")),
            "6: section `setup` is twice here, or below one that comes after it",
        ),
        (
            case(&format!("== change ==\n== evidence ==\n{{\n{end}")),
            "7: in this section, EOF while parsing an object at line 2 column 0",
        ),
        (change("+key: buy"), "6: `+key: buy` is no part of a patch"),
        (change("--- a/flags/none.yaml\n+++ /dev/null"), "6: there is no `flags/none.yaml` to patch"),
        (
            change("--- /dev/null\n+++ b/flags/checkout/buy.yaml\n@@\n+a"),
            "7: `flags/checkout/buy.yaml` is there already",
        ),
        (
            change("--- /dev/null\n+++ flags/new.yaml"),
            "7: `flags/new.yaml` starts neither with `b/` nor is it `/dev/null`",
        ),
        (
            change("--- a/flags/checkout/buy.yaml"),
            "6: `--- a/flags/checkout/buy.yaml` without a line `+++ b/…` below it",
        ),
        (change(&format!("{BUY}-state: running")), "8: a hunk starts with a line `@@`"),
        (change(&format!("{BUY}@@\n-state: active\n+state: off")), "8: the file does not have these lines"),
        (change(&format!("{BUY}@@\n+state: off")), "8: nothing says where the new lines belong"),
        (change(&format!("{BUY}@@\n-state: running\n@@\n-key: buy")), "10: the hunks are not in the order of the file"),
        (
            change(&format!("{BUY}@@ -4 +4 @@\n-state: running\n+state: off")),
            "8: the numbers of the hunk are [4, 1, 4, 1], expected [3, 1, 3, 1]",
        ),
        (
            change(&format!(
                "{BUY}@@ -3 +2,0 @@\n-state: running\n@@ -5 +4 @@\n-bucketingKey: user_id\n+bucketingKey: id"
            )),
            "",
        ),
        (
            change("--- a/flags/checkout/buy.yaml\n+++ /dev/null\n@@\n-key: buy"),
            "7: the file is deleted, but not all of its lines are",
        ),
        (
            change("escaped\n--- /dev/null\n+++ b/x\n@@\n+\\n"),
            "10: `\\n` is no escape: write `\\\\`, `\\x00` or `\\u{202e}`",
        ),
        (
            change("--- /dev/null\n+++ b/x\n@@\n+a\n+a\n--- a/x\n+++ b/x\n@@\n-a"),
            "13: the file has these lines at two places: add some around them",
        ),
    ];
    for (text, expected) in rows {
        let found = CaseFile::parse("x.case".as_ref(), "x", text).err().unwrap_or_default();
        assert_eq!(found.strip_prefix("x.case:").unwrap_or(&found), *expected, "{text}");
    }
}

#[test]
fn a_patch_says_every_byte() {
    let mut files = crate::patch::Files::new();
    let patch = "new file mode 120000\n--- /dev/null\n+++ b/link\n@@\n+target\n\\ No newline at end of file\n\
                 escaped\n--- /dev/null\n+++ b/strange\n@@\n+\\xff\\u{202e}\\\\x\n";
    crate::patch::apply(patch, &mut files).unwrap();
    assert_eq!(
        files["link"],
        File { kind: countersign::flag::FileKind::Symlink, mode: 0o120_000, ..File::regular("link", "target") }
    );
    assert_eq!(files["strange"].bytes, b"\xff\xe2\x80\xae\\x\n");
    crate::patch::apply("--- a/strange\n+++ b/moved", &mut files).unwrap();
    assert_eq!(files.keys().collect::<Vec<_>>(), ["link", "moved"]);
}

fn refused(diagnostics: &[countersign::diagnostics::Diagnostic]) -> String {
    let mut out = "no policy to judge by\n".to_owned();
    for diagnostic in diagnostics {
        diagnostic_line(diagnostic, &mut out);
    }
    out
}

/// A report in as few lines as a reader needs to judge it.
fn summary(report: &Report) -> String {
    let mut out = format!("verdict: {}\n", report.verdict.word());
    for flag in &report.flags {
        let word = |word: &Option<String>| word.clone().unwrap_or_else(|| "-".to_owned());
        let states = (word(&flag.state.before), word(&flag.state.after));
        let _ = writeln!(
            out,
            "\n{} ({} -> {}): {}{}",
            id(flag),
            states.0,
            states.1,
            flag.verdict.word(),
            shown(flag.digest.as_ref())
        );
        if let Some(previous) = &flag.previous_path {
            let _ = writeln!(out, "  was {previous}");
        }
        if let Some(impact) = &flag.impact_summary {
            let _ = writeln!(out, "  impact: {impact}");
        }
        if let Some(effect) = &flag.impact {
            for members in &effect.members {
                let all = [("joins", &members.joins), ("leaves", &members.leaves), ("either", &members.undecided)];
                for (what, phrase) in all.iter().flat_map(|(what, list)| list.iter().map(move |it| (what, it))) {
                    let _ = writeln!(out, "  {what} {}: {phrase}", members.segment);
                }
            }
            for warning in &effect.warnings {
                let _ = writeln!(out, "  warning: {warning}");
            }
            for caveat in &effect.caveats {
                let _ = writeln!(out, "  caveat: {caveat}");
            }
        }
        for change in &flag.changes {
            let item = change.item.as_ref().map(|item| format!("[{item}]")).unwrap_or_default();
            let rule = change.rule.map(|rule| format!(" {rule}")).unwrap_or_default();
            let value = |node: &Option<Node>| node.as_ref().map_or_else(|| "-".to_owned(), Node::json);
            let _ = writeln!(
                out,
                "  {}{rule}: {}{item} {:?}: {} -> {} at {}:{}:{}",
                change.class.word(),
                change.field,
                change.act,
                value(&change.before),
                value(&change.after),
                change.path,
                change.line,
                change.column
            );
        }
        requirements(&flag.requirements, &mut out);
        for one in &flag.since_approved {
            let _ = writeln!(out, "  since {} {}:", one.by.join(" "), countersign::render::stale::approved(one));
            for sentence in countersign::render::stale::sentences(one) {
                let _ = writeln!(out, "    {sentence}");
            }
        }
        if !flag.notified.is_empty() {
            let _ = writeln!(out, "  notified: {}", flag.notified.join(" "));
        }
        if let Some(how) = flag.switch_off {
            let _ = writeln!(out, "  switch-off: {}", format!("{how:?}").to_lowercase());
        }
        if let Some(holder) = &flag.locked_by {
            let _ =
                writeln!(out, "  locked by #{}, requested by {}, {} days", holder.pull, holder.requestor, holder.days);
        }
        for (word, key) in [("from", &flag.renamed_from), ("to", &flag.renamed_to)] {
            if let Some(key) = key {
                let _ = writeln!(out, "  renamed {word} {key}");
            }
        }
        for remark in &flag.remarks {
            let _ = writeln!(out, "  remark: {remark}");
        }
    }
    if report.policy.changed || report.policy.verdict.word() != "not-required" {
        let (paths, verdict) = (report.policy.paths.join(" "), report.policy.verdict.word());
        let _ = writeln!(out, "\npolicy ({paths}): {verdict}{}", shown(report.policy.digest.as_ref()));
        requirements(&report.policy.requirements, &mut out);
        for change in &report.policy.privilege_changes {
            let _ = writeln!(out, "  {} {}: {}", change.who, change.verb(), change.what);
        }
        for effect in &report.policy.effects {
            let _ = writeln!(out, "  effect: {effect}");
        }
    }
    if !report.diagnostics.is_empty() {
        out.push('\n');
    }
    for diagnostic in &report.diagnostics {
        diagnostic_line(diagnostic, &mut out);
    }
    out
}

fn id(flag: &FlagReport) -> String {
    format!("{}/{}", flag.project, flag.key)
}

/// The revision that evidence has to say was displayed.
fn shown(digest: Option<&String>) -> String {
    digest.map(|digest| format!(" [{}]", countersign::diagnostics::words::short(digest))).unwrap_or_default()
}

fn requirements(requirements: &[Requirement], out: &mut String) {
    for requirement in requirements {
        let section = requirement.section.as_ref().map(|section| format!(" [{section}]")).unwrap_or_default();
        let line = requirement.line.map(|line| format!(" line {line}")).unwrap_or_default();
        let _ = writeln!(
            out,
            "  requires {} of {:?}{section}{line} ({:?} policy): {} because {}",
            requirement.required,
            requirement.mode,
            requirement.policy,
            requirement.from.join(" "),
            requirement.because.iter().map(|id| id.as_str()).collect::<Vec<_>>().join(" ")
        );
        for decided in &requirement.decided {
            let _ = writeln!(out, "    decided: {decided}");
        }
        if !requirement.approved_by.is_empty() {
            let _ = writeln!(out, "    approved by {}", requirement.approved_by.join(" "));
        }
        if !requirement.rejected_by.is_empty() {
            let _ = writeln!(out, "    rejected by {}", requirement.rejected_by.join(" "));
        }
        for other in &requirement.not_counted {
            let _ = writeln!(out, "    not {}: {}", other.login, other.why);
        }
    }
}

fn diagnostic_line(diagnostic: &countersign::diagnostics::Diagnostic, out: &mut String) {
    let _ = writeln!(
        out,
        "{}:{}:{}: {:?}[{}] {}; {}",
        diagnostic.path,
        diagnostic.place.line,
        diagnostic.place.column,
        diagnostic.level,
        diagnostic.id.as_str(),
        diagnostic.message,
        diagnostic.remedy
    );
}
