//! The report for people in a terminal: the verdict first, then flag by flag the changes, who has to approve them and
//! who is pending; the policy change; the diagnostics; last the next steps.

mod diagnostics;
mod flag;

use super::Look;
use super::page::{Page, Span, span};
use super::phrases::{self, POLICY, Phrase};
use super::view::{
    self, DiagnosticView, FlagView, PolicyView, RequirementView, ShownOfGroup, View, grouped, phrase_of, ungrouped,
};
use crate::diagnostics::Diagnostic;
use crate::diagnostics::escape as safe;
use crate::diagnostics::words::{counted, short};
use crate::render::Tone;
use crate::report::Report;

pub(super) fn review(report: &Report, look: &Look) -> String {
    let view = View::of(report, look.changes_only);
    let mut page = Page::new(look);
    // That nothing is gated is the first thing to know.
    if !report.no_flag {
        page.phrase(0, &view.compared);
    }
    if view.judged {
        let headline = &view.headline;
        let verdict = span(Tone::of(headline.verdict), headline.verdict.in_prose());
        page.line(0, &[verdict, span(Tone::Strong, format!(": {}", headline.reason()))]);
    } else {
        page.line(0, &[span(Tone::Strong, view::flags_changed(report))]);
    }
    if report.no_flag {
        page.phrase(0, &view.compared);
    }
    let mut explained = Vec::new();
    let flags: Vec<&FlagView<'_>> = view.flags.iter().collect();
    // With `--all` each flag is shown by itself.
    let shown = ShownOfGroup { judged: view.judged, details: true };
    for group in if look.all { ungrouped(&flags) } else { grouped(&flags, shown) } {
        page.blank();
        flag::write(&group, look, &mut explained, &mut page);
    }
    if let Some(policy) = &view.policy {
        page.blank();
        self::policy(policy, &mut page);
    }
    diagnostics::write(&view.diagnostics, &mut page);
    for one in &report.bypassed {
        page.blank();
        page.toned(0, Tone::Bad, &phrases::bypassed(one));
    }
    let debts = phrases::debts(report);
    if !debts.is_empty() {
        page.blank();
        for debt in &debts {
            page.toned(0, Tone::Warn, debt);
        }
    }
    if view.judged {
        closing(&view, &mut page);
    }
    page.finish()
}

pub(super) fn diagnostics(diagnostics: &[Diagnostic], look: &Look) -> String {
    let mut page = Page::new(look);
    diagnostics::write(&DiagnosticView::all(diagnostics, &[]), &mut page);
    page.blank();
    page.line(0, &[view::diagnostics_headline(diagnostics)]);
    page.finish()
}

/// A line across the page with a title at its left and a word at its right.
fn heading(title: &[Span], word: Option<Span>, page: &mut Page) {
    let dash = page.either("─", "-");
    let columns = |spans: &[Span]| spans.iter().map(|(_, text)| safe::columns(text)).sum::<usize>();
    let word_columns = word.as_ref().map_or(0, |(_, text)| safe::columns(text) + 4);
    let taken = columns(title) + word_columns + 5;
    let mut line = vec![span(Tone::Quiet, format!("{dash}{dash} "))];
    line.extend_from_slice(title);
    let Some(left) = page.width().checked_sub(taken) else {
        // Too long for one line: the word comes right after it, and both are wrapped.
        if let Some((tone, word)) = word {
            line.extend([span(Tone::Plain, ": "), span(tone, word)]);
        }
        page.line(0, &line);
        return;
    };
    line.push(span(Tone::Quiet, format!(" {}", dash.repeat(left + 1))));
    if let Some(word) = word {
        line.extend([span(Tone::Plain, " "), word, span(Tone::Quiet, format!(" {dash}{dash}"))]);
    }
    page.raw(&line);
}

fn policy(policy: &PolicyView<'_>, page: &mut Page) {
    let verdict = policy.report.verdict;
    heading(&[span(Tone::Strong, POLICY)], Some(span(Tone::of(verdict), phrase_of(verdict))), page);
    let mut about = Phrase::default().values(&policy.report.paths, ", ");
    if let Some(digest) = &policy.report.digest {
        about = about.ours(", digest ").value(short(digest));
    }
    page.phrase(3, &about);
    if let Some(warning) = &policy.self_appointed {
        page.toned(3, Tone::Warn, &Phrase::new("warning: ").then(warning.clone()));
    }
    for change in &policy.privileges {
        let (tone, sign) = if change.gained { (Tone::Good, '+') } else { (Tone::Bad, '-') };
        let text = format!("{} {}: {}", safe::visible(change.who), change.verb, safe::visible(change.what));
        page.item(3, tone, sign, (tone, text));
    }
    for effect in &policy.report.effects {
        page.item(3, Tone::Warn, '!', (Tone::Plain, safe::visible(effect)));
    }
    for file in &policy.report.changed_lines {
        page.blank();
        page.phrase(3, &Phrase::default().value(&file.path).ours(":"));
        for line in &file.lines {
            let (tone, sign) = if line.added { (Tone::Good, '+') } else { (Tone::Bad, '-') };
            page.item(5, tone, sign, (tone, safe::visible(&line.text)));
        }
        if file.left_out > 0 {
            page.line(5, &[span(Tone::Quiet, format!("and {}", counted(file.left_out, "more changed line")))]);
        }
    }
    requirements(&policy.requirements, page);
}

/// Every requirement, each with its people under it.
fn requirements(requirements: &[RequirementView<'_>], page: &mut Page) {
    for view in requirements {
        page.blank();
        let mut line = vec![span(Tone::Strong, "needs ")];
        line.extend(page.spans(&view.needs));
        line.extend([span(Tone::Plain, ": "), span(Tone::of(view.verdict), view.progress.as_str())]);
        page.line(3, &line);
        page.toned(5, Tone::Quiet, &view.source);
        for decided in &view.requirement.decided {
            page.line(5, &[span(Tone::Plain, safe::visible(decided))]);
        }
        for ((logins, verb), (tone, sign)) in view.counted().into_iter().zip([(Tone::Good, '+'), (Tone::Bad, '-')]) {
            for login in logins {
                page.item(5, tone, sign, (tone, format!("{} {verb}", safe::visible(login))));
            }
        }
        for other in &view.requirement.not_counted {
            let text =
                format!("{} does not count: {}", safe::visible(&other.login), safe::visible(&other.why.to_string()));
            page.item(5, Tone::Plain, '?', (Tone::Plain, text));
        }
    }
}

/// Next steps that are listed; nobody does more in one go.
const STEPS: usize = 8;

fn closing(view: &View<'_>, page: &mut Page) {
    page.blank();
    let report = view.report;
    if !report.flags.is_empty() || report.policy.changed || !report.diagnostics.is_empty() {
        page.line(0, &[span(Tone::Strong, view.summary.as_str())]);
    }
    let steps = view::sentences(&view.steps);
    for (index, step) in steps.iter().take(STEPS).enumerate() {
        let step = page.spans(step);
        let label = if index == 0 { "next: " } else { "      " };
        page.put(&[span(Tone::Strong, label)], &[span(Tone::Plain, "        ")], &step);
    }
    if steps.len() > STEPS {
        page.line(6, &[span(Tone::Plain, format!("and {} more, named above", steps.len() - STEPS))]);
    }
}
