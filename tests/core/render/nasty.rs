//! A report in which every text is an attack.

use countersign::diagnostics::{Diagnostic, Lint, Place, lints};
use countersign::document::{Decimal, Node};
use countersign::groups::Share;
use countersign::impact::{
    Cause, Flow, Impact, Intent, Lifecycle, Members, Origin, RenamedVariant, Segment, SegmentImpact,
};
use countersign::report::{
    Act, Change, ChangedFile, ChangedLine, Class, FlagReport, Ineligible, Mode, NotCounted, NotCountedReason,
    PrivilegeChange, PullReport, Report, Revision, Side, Verdict,
};
use serde_json::{Value, json};

use super::reports;

/// The tricks of an outsider.
pub const NASTY: &[&str] = &[
    "`",
    "``",
    "```",
    "~~~",
    "` <b> `",
    "a`b``c```d",
    "|",
    "\\|",
    "\\",
    "| a | b |\n|---|---|",
    "\n",
    "\r\n",
    "\n\n# heading",
    "<img src=x onerror=alert(1)>",
    "</details>",
    "<!-- marker -->",
    "![x](https://evil.example/a.png)",
    "[x](https://evil.example)",
    "[x]: https://evil.example",
    "<https://evil.example>",
    "https://evil.example",
    "www.evil.example",
    "a@evil.example",
    "@everyone",
    "@acme/payments",
    "#12",
    "GH-12",
    "acme/shop#12",
    "9c1185a5c5e9fc54612808977ee8f548b2258d31",
    "::error::x",
    "\n::add-mask::x",
    "  ::stop-commands::x",
    "##[error]x",
    "a\n##[add-mask]b",
    "\u{1b}[31mred\u{1b}[0m",
    "\u{1b}]8;;https://evil.example\u{7}x\u{1b}]8;;\u{7}",
    "\u{9b}31m",
    "\u{202e}desrever\u{202c}",
    "\u{2066}a\u{2069}",
    "a\u{200b}b\u{feff}",
    "\u{2028}",
    "\u{85}",
    "\0",
    "\u{7f}",
    "\t",
    "**bold**",
    "_it_",
    "~~gone~~",
    "$x$",
    ":tada:",
    "- [ ] task",
    "1. one",
    "> quote",
    "---",
    "===",
    "&lt;b&gt;",
    "&#64;x",
    "%0A::error::x",
    "a,line=1::b",
    "control, approved by alice",
    "a → b",
    "é\u{301}\u{301}",
    "日本語",
    "👩‍👩‍👧",
    "",
    " ",
    "  a  ",
    "\u{301}",
    "\u{e0041}",
    "\u{fe0f}",
];

/// A report in which every text is one of theirs.
pub fn hostile(next: &mut dyn FnMut() -> String) -> Report {
    let value = |next: &mut dyn FnMut() -> String| json!(next());
    let mut flags = Vec::new();
    for verdict in [Verdict::Pending, Verdict::Locked, Verdict::Rejected, Verdict::NotRequired] {
        let mut flag: FlagReport = reports::flag(&next(), verdict, Vec::new());
        flag.project = next();
        flag.path = next();
        flag.previous_path = Some(next());
        flag.state.before = Some(next());
        flag.state.after = Some(next());
        flag.variants = vec![next(), next()];
        flag.notified = vec![next(), next()];
        let lifecycle = match verdict {
            Verdict::Pending => Lifecycle::Activated,
            Verdict::NotRequired => Lifecycle::Deactivated,
            _ => Lifecycle::Active,
        };
        flag.impact = Some(effect(lifecycle, verdict == Verdict::Rejected, next));
        flag.impact_summary = flag.impact.as_ref().map(countersign::impact::sentence);
        flag.segments = flag.impact.iter().flat_map(|effect| segments(effect, next)).collect();
        flag.remarks = vec![next(), format!("say `{}` now", next())];
        let fields = [
            ("rolloutWeights", json!({next(): 1, next(): 2}), json!({next(): 3})),
            ("rolloutPercentage", json!(1), json!(2)),
            (
                "targetSegments",
                Value::Null,
                json!({"name": next(), "percentage": next(), next(): next(),
                "conditions": [{"prop": next(), "op": next(), "values": [next(), next()]}, next()]}),
            ),
            ("targetSegments.conditions", json!([{"prop": next(), "op": next(), "values": [next()]}]), json!([next()])),
            ("variants", Value::Null, json!({"key": next(), "payload": next(), next(): {next(): next()}})),
            ("variants.payload", json!({next(): next(), "b": [next(), next()]}), json!({next(): next()})),
            ("variants.payload", value(next), json!(format!("{}\n{}", next(), next()))),
            ("tags", json!([next()]), json!([next()])),
            ("moved", value(next), value(next)),
            ("deletion", value(next), Value::Null),
        ];
        for (index, (field, before, after)) in fields.into_iter().enumerate() {
            let rule = match field {
                "moved" => "moved",
                "deletion" => "deletion",
                _ => "variants",
            };
            let class = if index % 3 == 2 { Class::Routine } else { Class::Critical };
            let mut change: Change =
                reports::change(class, (class == Class::Critical).then_some(rule), field, 1, before, after);
            change.item = (index % 2 == 0).then(&mut *next);
            change.path = next();
            if index == 7 {
                change.field = next();
                change.act = Act::Reordered;
            }
            flag.changes.push(change);
        }
        for mode in [Mode::Specific, Mode::Peer, Mode::Admins] {
            let mut requirement = reports::requirement(2, &[], &["variants"]);
            requirement.mode = mode;
            requirement.policy = Side::Proposed;
            requirement.section = Some(next());
            requirement.from = vec![next(), next()];
            requirement.path = next();
            requirement.approved_by = vec![next()];
            requirement.rejected_by = if verdict == Verdict::Rejected { vec![next()] } else { Vec::new() };
            requirement.decided = vec![next(), format!("section `{}` is required: the change affects 8.0%", next())];
            let why = NotCountedReason::Ineligible(Ineligible::NotAPerson { kind: next() });
            requirement.not_counted = vec![NotCounted { login: next(), why }];
            flag.requirements.push(requirement);
        }
        flag.locked_by = (verdict == Verdict::Locked).then(|| countersign::report::Holder {
            pull: 7,
            requestor: next(),
            since: next(),
            days: 0,
            unproven: false,
        });
        flags.push(flag);
    }
    let mut report = reports::report(Verdict::Rejected, flags);
    report.base = Revision { name: next(), oid: Some(next()) };
    report.head = Revision { name: next(), oid: None };
    report.policy = reports::policy();
    report.policy.paths = vec![next(), next()];
    report.policy.privilege_changes = vec![
        PrivilegeChange { who: next(), several: false, gained: true, what: next(), paths: Vec::new() },
        PrivilegeChange {
            who: next(),
            several: false,
            gained: false,
            what: format!("may approve `{}`", next()),
            paths: Vec::new(),
        },
    ];
    report.policy.effects = vec![next()];
    report.policy.self_appointed = vec![next(), next()];
    let changed_line = |added, text| ChangedLine { added, line: 4, text };
    report.policy.changed_lines = vec![ChangedFile {
        path: next(),
        lines: vec![changed_line(false, next()), changed_line(true, next())],
        left_out: 2,
    }];
    report.pull = Some(PullReport {
        number: 7,
        author: next(),
        title: Some(next()),
        repository: Some(next()),
        url: Some(next()),
    });
    for lint in [lints::SYNTAX, lints::UNKNOWN_FIELD] {
        report.diagnostics.push(diagnostic(lint, next));
    }
    report
}

/// An effect in which every name is one of theirs, and every sentence holds one as the sentences do: in backticks.
fn effect(lifecycle: Lifecycle, unknown: bool, next: &mut dyn FnMut() -> String) -> Impact {
    let share = |percent: &str| Share::percent(&Decimal::parse(percent).expect("a number")).expect("a share");
    let (quarter, half) = (share("25"), share("50"));
    let mut group = |segment: Option<String>, moved_from: Option<Origin>| SegmentImpact {
        segment,
        moved_from,
        new: false,
        same_hash: true,
        matrix: vec![
            Flow { from: Some(next()), to: Some(next()), share: quarter },
            Flow { from: None, to: Some(next()), share: quarter },
            Flow { from: Some(next()), to: None, share: quarter },
            Flow { from: None, to: None, share: quarter },
        ],
        switch: quarter,
        newly: quarter,
        lose: quarter,
        another_value: Share::NOBODY,
        exposed_before: half,
        exposed_after: half,
    };
    let mut per_segment = vec![group(None, None)];
    for from in [None, Some(Origin { segment: None }), Some(Origin { segment: Some(String::new()) })] {
        per_segment.push(group(Some(String::new()), from));
    }
    per_segment.push(group(None, Some(Origin { segment: Some(String::new()) })));
    for group in &mut per_segment {
        group.segment = group.segment.is_some().then(&mut *next);
        if let Some(Origin { segment: Some(name) }) = &mut group.moved_from {
            *name = next();
        }
    }
    let members = |added, removed, next: &mut dyn FnMut() -> String| Members {
        segment: next(),
        added,
        removed,
        joins: vec![format!("users for whom `{}` {} `a`", next(), next())],
        leaves: vec![next()],
        undecided: vec![format!("`{}` became `b`, and the two can't be compared", next())],
    };
    Impact {
        lifecycle,
        per_segment,
        members: vec![members(true, false, next), members(false, true, next), members(false, false, next)],
        unknown: if unknown { vec![next(), format!("`{}`: it is not known", next())] } else { Vec::new() },
        unmodelled: if unknown {
            vec![format!("what `{}` does is not known here", next()), next()]
        } else {
            Vec::new()
        },
        renamed: vec![RenamedVariant { from: next(), to: next() }],
        causes: vec![Cause::Segments],
        intent: unknown.then(|| Intent::Rollout(next())),
        warnings: vec![next(), format!("up to 8.0% of `{}` switch variant", next())],
        caveats: vec![next(), format!("how `{}` is rounded is not public", next())],
        without: vec![next()],
        unsure: None,
    }
}

/// Every segment the effect names, with conditions in words and without.
fn segments(effect: &Impact, next: &mut dyn FnMut() -> String) -> Vec<Segment> {
    let origins = effect.per_segment.iter().filter_map(|group| group.moved_from.as_ref()?.segment.clone());
    let names: Vec<String> =
        origins.chain(effect.per_segment.iter().filter_map(|group| group.segment.clone())).collect();
    let mut some = || -> Vec<Node> {
        let said = json!({"type": "property", "prop": next(), "op": next(), "values": [next(), next()]});
        let logic = json!({"ends_with": [{"var": next()}, next()]});
        [said, logic, json!({next(): next()})].into_iter().map(reports::node).collect()
    };
    let each = names.into_iter().enumerate();
    each.map(|(at, segment)| Segment { segment, conditions: some(), before: (at % 2 == 0).then(&mut some) }).collect()
}

fn diagnostic(lint: &Lint, next: &mut dyn FnMut() -> String) -> Diagnostic {
    let place = Place { line: 3, column: 5, width: 4 };
    let mut diagnostic = Diagnostic::new(lint, &next(), place, format!("`{}` is wrong", next()), next());
    diagnostic.excerpt = Some(next().replace('\n', " "));
    diagnostic
}
