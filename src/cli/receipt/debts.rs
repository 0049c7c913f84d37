//! `receipt --debts`: makes the receipts anew of what came in by breaking the glass and was approved by somebody else
//! since.

use super::files::attest;
use super::judged::{examined, given};
use super::{Made, ReceiptArgs};
use crate::approval::Evidence;
use crate::cli::audit::account;
use crate::cli::check::read_evidence;
use crate::cli::event::{self, Connection};
use crate::cli::range::{branch_of, tip_of};
use crate::cli::show::Shell;
use crate::cli::signed::{SignedQuestion, SignedWhen, noted};
use crate::document::date::{instant, rfc3339};
use crate::error::Error;
use crate::git::Repo;
use crate::git::receipt_facts::later_policy;
use crate::github::audit::Question;
use crate::github::judge::teams_of;
use crate::policy::Trust;
use crate::receipt::Receipt;
use crate::receipt::countersigned::Covers;
use crate::receipt::debt::{DebtState, debts};
use crate::receipt::payment::paid;
use crate::review::Examination;
use crate::review::audit::GivenApproval;

/// Knowledge of now about a merge of then.
type KnownNow = Option<(Examination, Evidence, Vec<GivenApproval>)>;

impl ReceiptArgs {
    pub(super) fn pay(&self, shell: &Shell, repo: &Repo, seconds: i64) -> Result<(), Error> {
        let tip = tip_of(repo, self.branch.as_deref())?;
        let trust = crate::cli::trust::trust_of(repo, &tip)?;
        let branch = self.branch.clone().or_else(|| branch_of(repo, &tip)).ok_or_else(|| {
            Error::usage("which branch the receipts are about is not known", "name it with `--branch`")
        })?;
        let kept = super::kept_if_any(repo)?.unwrap_or_default();
        let now = chrono::DateTime::from_timestamp(seconds, 0).unwrap_or_default();
        let history = repo.receipts_of(&kept, &trust, (&branch, &tip), now)?;
        let unpaid: Vec<String> = debts(&history, now)
            .into_iter()
            .filter(|debt| matches!(debt.state, DebtState::Open | DebtState::Overdue))
            .map(|debt| debt.commit)
            .collect();
        let policy = repo.policy_at(&tip)?.digest();
        if !unpaid.is_empty() && !Covers::of(&history, now).cover_policy(&policy).coverage.holds() {
            shell.note(&format!(
                "no debt is paid while nobody countersigned the policy that `{}` has, which says who may pay; make its \
                 receipt first",
                tip.name
            ));
            return Ok(());
        }
        if !unpaid.is_empty() {
            self.check_signs(std::iter::once(&trust))?;
        }
        let connection = (self.asks() && !unpaid.is_empty()).then(|| self.connect.open(shell)).transpose()?;
        let mut made: Vec<Made> = Vec::new();
        for one in history.receipts.iter().filter(|one| unpaid.contains(&one.receipt.commit)) {
            let known = match &connection {
                Some(connection) => self.on_github(connection, &one.receipt)?,
                None => self.here(shell, repo, &one.receipt, (&trust, seconds))?,
            };
            let Some((examination, mut evidence, given)) = known else { continue };
            let receipt = &one.receipt;
            let Some(later) = later_policy(repo, (&receipt.onto, &receipt.commit), &tip.oid)? else { continue };
            if let Some(connection) = &connection {
                evidence.teams.extend(connection.client.members(&teams_of(&later.policy))?);
            }
            if let Some(paid) = paid(receipt, &examination, (&evidence, &given), &later, &rfc3339(now)) {
                made.push(self.sign(shell, paid)?);
            }
        }
        if let Some(connection) = &connection {
            connection.log();
        }
        // A merge may owe for several flags.
        let owing = |receipt: &crate::receipt::Receipt| {
            receipt.flags.iter().filter_map(|flag| flag.consent.debt()).filter(|debt| debt.paid.is_none()).count()
        };
        let left: usize = made.iter().map(|one| owing(&one.receipt)).sum();
        let of_made = unpaid.iter().filter(|commit| made.iter().any(|one| one.receipt.commit == **commit)).count();
        let paid = of_made.saturating_sub(left);
        shell.note(&format!("{paid} of {} unpaid debts paid, {} left", unpaid.len(), unpaid.len() - paid));
        if let Some(folder) = &self.attest {
            let made: Vec<Receipt> = made.into_iter().map(|one| one.receipt).collect();
            return attest(&shell.dir().join(folder), &made);
        }
        Made::keep(&made, repo, seconds)?;
        if !made.is_empty() {
            shell.print(&event::guarded(&Made::text(&made, shell)));
        }
        Ok(())
    }

    /// Knowledge of GitHub of now about the pull request that brought a merge.
    fn on_github(&self, connection: &Connection, receipt: &Receipt) -> Result<KnownNow, Error> {
        let Some(pull) = &receipt.pull else { return Ok(None) };
        let gate = self.gate.as_deref().map(account);
        let question = Question {
            client: &connection.client,
            objects: &connection.objects,
            branch: &receipt.branch,
            gate: gate.as_ref(),
        };
        question.now(pull.number, &receipt.onto, &receipt.commit)
    }

    /// Evidence of now about a merge, out of a file, or of what people signed.
    fn here(
        &self,
        shell: &Shell,
        repo: &Repo,
        receipt: &Receipt,
        (trust, now): (&Trust, i64),
    ) -> Result<KnownNow, Error> {
        let from = self.evidence.as_deref().map(|path| read_evidence(path, shell)).transpose()?;
        let then = instant(&receipt.date).map(|at| at.timestamp());
        let Some((comparison, examination)) = examined(repo, &receipt.onto, &receipt.commit, then)? else {
            return Ok(None);
        };
        let found = match from {
            Some(evidence) => Some(evidence),
            None if self.source.signed => {
                let branch = Some(receipt.branch.clone());
                let when = SignedWhen::Afterwards { trust };
                let question = SignedQuestion { branch, now, when, with: None };
                noted(repo, &comparison, &examination, &question, shell)?.map(|signed| signed.evidence())
            }
            None => {
                let help = "set GH_TOKEN, or give `--signed` or `--evidence`";
                return Err(Error::usage("nobody was asked whether a debt is paid", help));
            }
        };
        Ok(found.map(|evidence| {
            let given = given(&evidence);
            (examination, evidence, given)
        }))
    }
}
