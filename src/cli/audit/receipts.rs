//! `audit --receipts`: every merge of a range held against its receipt, offline, and written down for auditors.

mod page;

use std::collections::BTreeSet;
use std::path::PathBuf;

use super::event;
use crate::cli::check::seconds_now;
use crate::cli::prose::Prose;
use crate::cli::range::{Chosen, bar};
use crate::cli::show::Shell;
use crate::cli::trust::{branch_up_to, trust_in, trust_of};
use crate::cli::verify::of_the_branch;
use crate::diagnostics::diagnostic::nearest;
use crate::document::date::instant;
use crate::error::Error;
use crate::git::Repo;
use crate::git::branch_receipts::ReceiptQuery;
use crate::git::kept::RECEIPTS_REF;
use crate::git::receipt_facts::{later_policy, live_at, merges_found};
use crate::receipt::audit::{AuditedFlag, AuditedMerge, MergeOutcome, ReceiptAudit};
use crate::receipt::auditing::AuditSubject;
use crate::receipt::debt::{Debt, DebtState};
use crate::receipt::history::{ReceiptDiagnostic, ReceiptHistory, SignedReceipt, short};
use crate::receipt::statement::ReceiptOutcome;
use crate::render::Tone;
use crate::render::{self, Look, phrases};
use crate::review::POLICY;

/// The question besides the range.
pub struct ReceiptQuestion {
    pub branch: Option<String>,
    pub until: Option<String>,
    pub flag: Option<String>,
    pub approver: Option<String>,
    pub trust: Option<PathBuf>,
}

impl ReceiptQuestion {
    /// Checks that there is such a flag, and says where no receipt names such a person: nothing found would look like nothing wrong.
    fn known(&self, shell: &Shell, audit: &ReceiptAudit, history: &ReceiptHistory) -> Result<(), Error> {
        if let Some(login) = self.approver.as_deref().map(|login| login.trim_start_matches('@'))
            && !history.is_named(login)
        {
            shell.note(&format!("no receipt names `{}`, so whatever they did is not here", login.escape_debug()));
        }
        let Some(name) = &self.flag else { return Ok(()) };
        let merged = audit.merges.iter().flat_map(|merge| &merge.flags).map(|flag| flag.name.as_str());
        let known: BTreeSet<&str> = merged.chain(history.flags()).chain([POLICY]).collect();
        if known.contains(name.as_str()) {
            return Ok(());
        }
        let help = match nearest(name, known) {
            Some(near) => format!("write `--flag {}` if that is meant", near.escape_debug()),
            None => "name it as `project/key`, as the audit without `--flag` does".to_owned(),
        };
        Err(Error::usage(format!("no merge and no receipt is about the flag `{}`", name.escape_debug()), help))
    }
}

/// Prints the audit; whether an auditor has nothing to ask.
pub fn audit(
    shell: &Shell,
    repo: &Repo,
    chosen: &Chosen,
    question: &ReceiptQuestion,
    format: &str,
) -> Result<bool, Error> {
    let (tip, branch) = branch_up_to(repo, &chosen.to, question.branch.as_deref());
    let trust = match &question.trust {
        Some(path) => trust_in(shell, path)?,
        None => trust_of(repo, &tip)?,
    };
    let until = match &question.until {
        None => None,
        Some(until) => Some(instant(until).ok_or_else(|| {
            let message = format!("`--until`: `{}` is no date", until.escape_debug());
            Error::usage(message, "write a day such as `2026-12-31`")
        })?),
    };
    // A day is all of it.
    let until = until.map(|at| {
        if question.until.as_ref().is_some_and(|text| text.len() == 10) { at + chrono::TimeDelta::days(1) } else { at }
    });
    let envelopes = crate::cli::receipt::kept(repo)?;
    let order = repo.branch_order(&chosen.to)?;
    if let Some(order) = &order {
        of_the_branch(repo, &chosen.to, order)?;
    }
    let now = chrono::DateTime::from_timestamp(seconds_now(), 0).unwrap_or_default();
    let wanted = ReceiptQuery {
        trust: &trust,
        brought: question.trust.is_some(),
        branch: branch.as_deref(),
        order: order.as_ref(),
        seen: Some((&chosen.to, repo.default_base().ok())),
        now,
    };
    let history = wanted.history(Some(repo), &envelopes);
    let progress = bar(chosen.merged_changes.len(), "merged changes");
    let found = merges_found(repo, &chosen.merged_changes, &|| progress.inc(1))?;
    progress.finish_and_clear();
    let groups: Vec<(&str, &str)> =
        history.receipts.iter().map(|one| (one.receipt.commit.as_str(), one.receipt.onto.as_str())).collect();
    let mut facts = crate::cli::receipt::united(repo, found.facts, &groups)?;
    for facts in &mut facts {
        let begins = |one: &&SignedReceipt| one.receipt.commit == facts.commit && one.receipt.previous.is_none();
        if history.receipts.iter().any(|one| begins(&one)) {
            facts.adopted = live_at(repo, &facts.onto, &facts.served)?;
        }
        let own = history.receipts.iter().filter(|one| one.receipt.commit == facts.commit);
        let under: BTreeSet<&String> = own.flat_map(|one| one.receipt.payments()).map(|paid| &paid.under).collect();
        for at in under {
            facts.later.extend(later_policy(repo, (&facts.onto, &facts.commit), at)?);
        }
    }
    let begins = order.as_ref().and_then(|order| order.begins.clone());
    let taken_away = repo.taken_away(RECEIPTS_REF)?;
    let subject = AuditSubject {
        repository: &trust.repository,
        range: Chosen::words(chosen.from().as_ref(), &chosen.to(), chosen.since.as_deref()),
        merges: &facts,
        commits: &chosen.merged_changes.iter().map(|one| one.oid.clone()).chain(begins.clone()).collect(),
        begins: begins.as_deref(),
        without_valid_policy: &found.without_valid_policy.iter().map(|one| one.oid.clone()).collect::<Vec<_>>(),
        taken_away: &taken_away
            .iter()
            .map(|path| format!("`{}` was taken out of `{RECEIPTS_REF}`", path.escape_debug()))
            .collect::<Vec<_>>(),
        until,
        now,
    };
    let mut audit = subject.audit(&history);
    question.known(shell, &audit, &history)?;
    audit.narrow(question.flag.as_deref(), question.approver.as_deref());
    shell.print(&match format {
        "json" => render::json(&audit),
        "csv" => csv(&audit),
        "html" => page::page(&audit, repo.origin_on(&super::event::server()).as_deref()),
        "markdown" => event::guarded(&markdown(&audit)),
        _ => event::guarded(&text(&audit, shell.look(false))),
    });
    Ok(audit.is_clean())
}

fn head(audit: &ReceiptAudit) -> String {
    let all = [
        MergeOutcome::Missing,
        MergeOutcome::Differs,
        MergeOutcome::NotAllowed,
        MergeOutcome::Unapproved,
        MergeOutcome::Unknown,
        MergeOutcome::Debt,
        MergeOutcome::Overridden,
        MergeOutcome::Paid,
        MergeOutcome::Approved,
        MergeOutcome::Free,
    ];
    let count = |outcome: MergeOutcome| audit.merges.iter().filter(|merge| merge.outcome == outcome).count();
    let counted: Vec<String> = all
        .into_iter()
        .filter(|outcome| count(*outcome) > 0)
        .map(|outcome| format!("{} {}", count(outcome), outcome.words()))
        .collect();
    let merges = phrases::count(audit.merges.len(), "merge");
    let counted = if counted.is_empty() { String::new() } else { format!(": {}", counted.join(", ")) };
    format!("{} of {}, {merges} with a receipt or in need of one{counted}", audit.range, audit.repository)
}

fn title(merge: &AuditedMerge) -> String {
    let day = merge.date.get(..10).unwrap_or_default();
    format!("{}  {day}  {}: {}", short(&merge.commit), merge.author, merge.subject)
}

/// People by their logins.
fn people(logins: &[String]) -> String {
    logins.iter().map(|login| format!("@{login}")).collect::<Vec<_>>().join(", ")
}

/// The people who agreed to a step of a flag, in words.
fn agreed(flag: &AuditedFlag) -> Vec<String> {
    let mut said = Vec::new();
    if !flag.approved_by.is_empty() {
        said.push(format!("approved by {}", people(&flag.approved_by)));
    }
    if !flag.overridden_by.is_empty() {
        let reason = flag.reason.clone().unwrap_or_default();
        let verb = phrases::overriding(flag.outcome == Some(ReceiptOutcome::Debt));
        said.push(format!("{verb} by {}: {reason}", people(&flag.overridden_by)));
    }
    said
}

/// A flag, its changes and who agreed, in words.
fn flag_words(flag: &AuditedFlag) -> String {
    let parts: Vec<String> = [flag.name.clone()].into_iter().chain(flag.what.clone()).chain(agreed(flag)).collect();
    parts.join("; ")
}

/// A debt and what became of it, in words.
fn debt_words(debt: &Debt) -> String {
    let became = match (debt.state, &debt.paid_at) {
        (DebtState::Paid, Some(at)) => format!("paid by {} at {at}", people(&debt.paid_by)),
        (DebtState::Settled, _) => "settled: no live flag rests on it any more".to_owned(),
        (state, _) => format!("{}, due at {}", state.word(), debt.due),
    };
    format!(
        "debt of {}, {}: {} broke the glass: {}; {became}",
        debt.flag,
        short(&debt.commit),
        people(&debt.by),
        debt.reason
    )
}

fn pull_words(merge: &AuditedMerge) -> Option<String> {
    let login = |login: &Option<String>| login.as_ref().map_or("somebody".to_owned(), |login| format!("@{login}"));
    let number = merge.pull?;
    Some(format!("#{number} of {}, merged by {}", login(&merge.requestor), login(&merge.merged_by)))
}

fn text(audit: &ReceiptAudit, look: Look) -> String {
    let mut prose = Prose::new(look);
    prose.wrapped("", 0, &head(audit));
    for merge in &audit.merges {
        prose.blank();
        let tone = match merge.outcome {
            MergeOutcome::Free | MergeOutcome::Approved => Tone::Good,
            MergeOutcome::Paid => Tone::Good,
            MergeOutcome::Overridden | MergeOutcome::Debt | MergeOutcome::Unknown => Tone::Warn,
            MergeOutcome::Unapproved | MergeOutcome::NotAllowed | MergeOutcome::Differs | MergeOutcome::Missing => {
                Tone::Bad
            }
        };
        let word = prose.tone(tone, &format!("{:<11}", merge.outcome.words()));
        prose.wrapped(&format!("{word}  "), 13, &title(merge));
        let said = merge.why.iter().cloned().chain(pull_words(merge)).chain(merge.flags.iter().map(flag_words));
        for said in said {
            prose.wrapped("             ", 13, &said);
        }
    }
    if !audit.debts.is_empty() {
        prose.blank();
        for debt in &audit.debts {
            prose.wrapped("  ", 2, &debt_words(debt));
        }
    }
    if !audit.receipt_diagnostics.is_empty() {
        prose.blank();
        for diagnostic in &audit.receipt_diagnostics {
            prose.wrapped("  ", 2, &diagnostic_words(diagnostic));
        }
    }
    if let Some(first) = audit.unrelated.first() {
        prose.blank();
        let more = audit.unrelated.len() - 1;
        let more = if more > 0 { format!(", and {more} more, which `--format json` names") } else { String::new() };
        prose.wrapped("", 0, &format!("besides, of no merge here: {}{more}", diagnostic_words(first)));
    }
    prose.finish()
}

fn diagnostic_words(diagnostic: &ReceiptDiagnostic) -> String {
    let commit = diagnostic.commit.as_deref().map(|commit| format!("{}: ", short(commit))).unwrap_or_default();
    format!("{commit}{}", diagnostic.why)
}

fn markdown(audit: &ReceiptAudit) -> String {
    let said = render::sentence;
    let mut out = format!("### Audit by receipts: {}\n", said(&head(audit)));
    for merge in &audit.merges {
        out.push_str(&format!("\n**{}** {}\n\n", merge.outcome.words(), said(&title(merge))));
        let lines = merge.why.iter().cloned().chain(pull_words(merge)).chain(merge.flags.iter().map(flag_words));
        for line in lines {
            out.push_str(&format!("- {}\n", said(&line)));
        }
    }
    for debt in &audit.debts {
        out.push_str(&format!("\n- {}\n", said(&debt_words(debt))));
    }
    for diagnostic in &audit.receipt_diagnostics {
        out.push_str(&format!("\n{}\n", said(&diagnostic_words(diagnostic))));
    }
    out
}

/// One row a flag and merge. A cell that a spreadsheet would take for a formula is one no more.
fn csv(audit: &ReceiptAudit) -> String {
    let cell = |text: &str| {
        let text = render::plain(text);
        let formula = text.starts_with(['=', '+', '-', '@', '\t']);
        format!("\"{}{}\"", if formula { "'" } else { "" }, text.replace('"', "\"\""))
    };
    let columns = [
        "date",
        "commit",
        "outcome",
        "flag",
        "what",
        "rules",
        "approved_by",
        "overridden_by",
        "reason",
        "pull",
        "requestor",
        "merged_by",
        "author",
        "subject",
        "signed",
        "why",
        "debt",
        "debt_due",
        "debt_paid_at",
    ];
    let mut out = format!("{}\r\n", columns.join(","));
    for merge in &audit.merges {
        for flag in &merge.flags {
            let pull = merge.pull.map(|pull| pull.to_string()).unwrap_or_default();
            let text = |text: &Option<String>| text.clone().unwrap_or_default();
            let debt = audit.debts.iter().find(|debt| debt.commit == merge.commit && debt.flag == flag.name);
            let row = [
                merge.date.clone(),
                merge.commit.clone(),
                merge.outcome.words().to_owned(),
                flag.name.clone(),
                text(&flag.what),
                flag.rules.join(" "),
                flag.approved_by.join(" "),
                flag.overridden_by.join(" "),
                text(&flag.reason),
                pull,
                text(&merge.requestor),
                text(&merge.merged_by),
                merge.author.clone(),
                merge.subject.clone(),
                text(&merge.signed),
                merge.why.join("; "),
                debt.map(|debt| debt.state.word().to_owned()).unwrap_or_default(),
                debt.map(|debt| debt.due.clone()).unwrap_or_default(),
                debt.and_then(|debt| debt.paid_at.clone()).unwrap_or_default(),
            ];
            let row: Vec<String> = row.iter().map(|one| cell(one)).collect();
            out.push_str(&format!("{}\r\n", row.join(",")));
        }
    }
    out
}
