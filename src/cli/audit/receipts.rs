//! `audit --receipts`: every merge of a range held against its receipt, offline, and written down for auditors.

use std::collections::BTreeSet;
use std::path::PathBuf;

use chrono::{DateTime, Utc};

use super::event;
use crate::cli::check::seconds_now;
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
use crate::git::receipt_facts::{MergesFound, later_policy, live_at, merges_found};
use crate::receipt::Receipt;
use crate::receipt::audit::ReceiptAudit;
use crate::receipt::audit_subject::AuditSubject;
use crate::receipt::history::ReceiptHistory;
use crate::receipt::make::MergeFacts;
use crate::render::range_words;
use crate::render::receipt_audit::ReceiptAuditView;
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
    /// Checks that there is such a flag, and says where no receipt names such a person: nothing found would look like
    /// nothing wrong.
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
    let until = question.until.as_deref().map(end_of).transpose()?;
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
    let MergesFound { facts, without_valid_policy } = merges_found(repo, &chosen.merged_changes, &|| progress.inc(1))?;
    progress.finish_and_clear();
    let facts = facts_for(&history, facts, repo)?;
    let begins = order.as_ref().and_then(|order| order.begins.clone());
    let taken_away = repo.taken_away(RECEIPTS_REF)?;
    let subject = AuditSubject {
        repository: &trust.repository,
        range: range_words(chosen.from().as_ref(), &chosen.to(), chosen.since.as_deref()),
        merges: &facts,
        commits: &chosen.merged_changes.iter().map(|one| one.oid.clone()).chain(begins.clone()).collect(),
        begins: begins.as_deref(),
        without_valid_policy: &without_valid_policy.iter().map(|one| one.oid.clone()).collect::<Vec<_>>(),
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
    let server = event::server();
    let address = repo.origin_on(&server).map(|origin| format!("{server}/{origin}"));
    let view = ReceiptAuditView::of(&audit, address.as_deref());
    shell.written(format, |output, look| Some(output.receipt_audit?(&view, look)));
    Ok(audit.is_clean())
}

/// The time until which an audit goes. A day is all of it.
fn end_of(until: &str) -> Result<DateTime<Utc>, Error> {
    let at = instant(until).ok_or_else(|| {
        let message = format!("`--until`: `{}` is no date", until.escape_debug());
        Error::usage(message, "write a day such as `2026-12-31`")
    })?;
    Ok(if until.len() == 10 { at + chrono::TimeDelta::days(1) } else { at })
}

/// The facts on each merge, in the units of the receipts, with what their first receipt adopted and with the policies
/// under which debts were paid.
fn facts_for(history: &ReceiptHistory, facts: Vec<MergeFacts>, repo: &Repo) -> Result<Vec<MergeFacts>, Error> {
    let groups: Vec<(&str, &str)> =
        history.receipts.iter().map(|one| (one.receipt.commit.as_str(), one.receipt.onto.as_str())).collect();
    let mut facts = crate::cli::receipt::united(repo, facts, &groups)?;
    for facts in &mut facts {
        let own = || history.receipts.iter().map(|one| &one.receipt).filter(|one| one.commit == facts.commit);
        let begins = own().any(|receipt| receipt.previous.is_none());
        let under: BTreeSet<&String> = own().flat_map(Receipt::payments).map(|paid| &paid.under).collect();
        if begins {
            facts.adopted = live_at(repo, &facts.onto, &facts.served)?;
        }
        for at in under {
            facts.later.extend(later_policy(repo, (&facts.onto, &facts.commit), at)?);
        }
    }
    Ok(facts)
}
