//! The receipts of a range of merges: which merges, how each was judged, and what of them has no receipt yet.

use super::files::attest;
use super::units::{Beginning, as_one, before, united};
use super::{Made, ReceiptArgs, judged, kept_if_any, statement};
use crate::cli::audit::JudgedMerges;
use crate::cli::check::{read_evidence, seconds_now};
use crate::cli::event;
use crate::cli::range::{Chosen, Range, bar};
use crate::cli::show::Shell;
use crate::diagnostics::words::short;
use crate::error::Error;
use crate::git::receipt_facts::{MergesFound, live_at, merges_found};
use crate::git::{Commit, Repo};
use crate::github::audit::{judged_by_github, without_evidence};
use crate::policy::{TRUST_PATH, Trust};
use crate::receipt::Receipt;
use crate::receipt::envelope::Delivered;
use crate::receipt::history::KeptEnvelope;
use crate::receipt::make::{MadeFor, MergeFacts, may_have_receipt, receipt};
use crate::review::audit::MergedChange;

impl ReceiptArgs {
    pub(super) fn make(&self, shell: &Shell, repo: &Repo, seconds: i64) -> Result<(), Error> {
        // The `before` that GitHub states for the first push of a branch.
        let start = self.range.as_deref().and_then(|range| range.split_once("..")).map(|(start, _)| start);
        if start.is_some_and(|start| start.len() >= 40 && start.bytes().all(|byte| byte == b'0')) {
            shell.note(
                "the branch is new, so this push merged nothing into it; name a range to make receipts of what it has",
            );
            return Ok(());
        }
        let range = Range { range: self.range.clone(), since: self.since.clone() };
        let chosen = range.choose(repo, self.branch.as_deref())?;
        let connection = self.asks().then(|| self.connect.open(shell)).transpose()?;
        let found = self.merges(shell, repo, &chosen)?;
        // Without a valid policy there is a receipt still, of what was merged under it.
        let trust = crate::cli::trust::trust_if_any(repo, &chosen.to).ok().flatten();
        let then = found.facts.iter().filter_map(|facts| facts.base_policy.trust.as_ref());
        self.check_signs(trust.iter().chain(then))?;
        let branch = self.branch.clone().or_else(|| chosen.branch(repo));
        let judged = match &connection {
            Some(connection) => {
                let gated = found.facts.iter().filter(|facts| facts.is_gated()).map(MergeFacts::gated).collect();
                let gate = self.gate.as_deref();
                let answer = JudgedMerges::by_github(connection, branch, gate, gated, judged_by_github);
                connection.log();
                answer?
            }
            None => self.judged_here(shell, repo, &found, (branch, trust.as_ref(), seconds))?,
        };
        let there = there(repo, trust.as_ref(), (&judged.branch, &chosen.to), self.sign_with.is_some())?;
        let made = self.receipts(shell, repo, &chosen, (found.facts, &judged), (&there, seconds))?;
        if let Some(folder) = &self.attest {
            return attest(&shell.dir().join(folder), &made);
        }
        if self.print {
            for one in made {
                shell.print(&format!("{}\n", statement(one)));
            }
            return Ok(());
        }
        let signed = made.into_iter().map(|one| self.sign(shell, one)).collect::<Result<Vec<Made>, _>>()?;
        if let Some(why) = trust.as_ref().and_then(|trust| signed.first()?.objection(trust, seconds)) {
            shell.note(&format!(
                "warning: what was signed here counts for nothing, since {why}; name the key under `receipts` in \
                 `{TRUST_PATH}`, or sign again with one that is named there, with `--again`"
            ));
        }
        Made::keep(&signed, repo, seconds)?;
        shell.print(&event::guarded(&Made::text(&signed, shell)));
        Ok(())
    }

    /// The merges of the range that touched something.
    fn merges(&self, shell: &Shell, repo: &Repo, chosen: &Chosen) -> Result<MergesFound, Error> {
        let progress = bar(chosen.merged_changes.len(), "merged changes");
        let mut found = merges_found(repo, &chosen.merged_changes, &|| progress.inc(1))?;
        progress.finish_and_clear();
        if self.evidence.is_some() {
            found.facts = as_one(repo, chosen, found.facts)?;
        }
        for one in &found.without_valid_policy {
            shell.note(&format!("{}: no receipt, since the policy it was merged under is invalid", short(&one.oid)));
        }
        Ok(found)
    }

    /// Merges as they are known without GitHub.
    fn judged_here(
        &self,
        shell: &Shell,
        repo: &Repo,
        found: &MergesFound,
        (branch, trust, now): (Option<String>, Option<&Trust>, i64),
    ) -> Result<JudgedMerges, Error> {
        let repository = trust.map(|trust| trust.repository.clone()).or_else(|| self.connect.repo.clone());
        let repository = repository.ok_or_else(|| {
            let help = "name it with `--repo owner/name`, or in `.countersign/trust.yaml`";
            Error::usage("which repository the receipts are about is not known", help)
        })?;
        let branch = branch.ok_or_else(|| {
            Error::usage("which branch the receipts are about is not known", "name it with `--branch`")
        })?;
        let changes = if self.source.signed {
            let revoked = trust.map(|trust| trust.revoked.clone()).unwrap_or_default();
            judged::by_signed(shell, repo, found, &branch, (now, &revoked))?
        } else {
            self.without_forge(shell, repo, found)?
        };
        Ok(JudgedMerges { repository, branch, changes })
    }

    /// How each merge that needed approval was judged without a forge.
    fn without_forge(&self, shell: &Shell, repo: &Repo, found: &MergesFound) -> Result<Vec<MergedChange>, Error> {
        let gated: Vec<&MergeFacts> = found.facts.iter().filter(|facts| facts.is_gated()).collect();
        if let Some(path) = &self.evidence {
            let evidence = read_evidence(path, shell)?;
            return gated.into_iter().map(|facts| judged::by_evidence(repo, facts, &evidence)).collect();
        }
        if let Some(facts) = gated.iter().find(|facts| facts.report.verdict.blocks()).filter(|_| !self.source.offline) {
            let message = format!("{} needed approval, and nobody was asked whether it had any", short(&facts.commit));
            let help = "set GH_TOKEN, or give `--evidence`, or `--signed` where people approve by key; with \
                        `--offline` the receipt says that it is not known";
            return Err(Error::usage(message, help));
        }
        Ok(gated.into_iter().map(|facts| without_evidence(&facts.gated())).collect())
    }

    /// The receipts of merges that have none, in the order of the branch.
    fn receipts(
        &self,
        shell: &Shell,
        repo: &Repo,
        chosen: &Chosen,
        (facts, judged): (Vec<MergeFacts>, &JudgedMerges),
        (there, seconds): (&[String], i64),
    ) -> Result<Vec<Receipt>, Error> {
        let groups: Vec<(&str, &str)> =
            judged.changes.iter().map(|one| (one.commit.as_str(), one.onto.as_str())).collect();
        let made_at = chrono::DateTime::from_timestamp(seconds, 0).unwrap_or_default();
        let made_at = made_at.format("%Y-%m-%dT%H:%M:%SZ").to_string();
        let begins = Beginning::of(repo, &chosen.to)?;
        let mut previous = before(repo, chosen)?;
        let mut made = Vec::new();
        for mut facts in united(repo, facts, &groups)? {
            let previous = previous.replace(facts.commit.clone()).filter(|commit| begins.is_before(commit));
            if previous.is_none() {
                facts.adopted = live_at(repo, &facts.onto, &facts.served)?;
            }
            if !self.again && there.contains(&facts.commit) {
                continue;
            }
            let change = judged.changes.iter().find(|one| one.commit == facts.commit).cloned();
            let change = change.unwrap_or_else(|| free(&facts));
            if let Err(why) = may_have_receipt(&change, begins.is(&facts.commit)) {
                shell.note(&format!("{}: no receipt, since {why}", short(&facts.commit)));
                continue;
            }
            let (repository, branch) = (&judged.repository, &judged.branch);
            made.push(receipt(&facts, &change, &MadeFor { repository, branch, previous, made_at: &made_at }));
        }
        Ok(made)
    }
}

/// The commits that have a receipt: one that counts, or an unsigned one where another would be unsigned too. One that
/// somebody else put there keeps none from being made.
fn there(
    repo: &Repo,
    trust: Option<&Trust>,
    (branch, tip): (&str, &Commit),
    signs: bool,
) -> Result<Vec<String>, Error> {
    let kept = kept_if_any(repo)?.unwrap_or_default();
    let unsigned = |one: &KeptEnvelope| {
        let delivered = Delivered::parse(&one.bytes).ok()?;
        let bare = delivered.bundle.is_none() && delivered.envelope.signature() == Ok(None);
        Receipt::parse(&delivered.payload).ok().filter(|_| bare && !signs).map(|receipt| receipt.commit)
    };
    let mut found: Vec<String> = kept.iter().filter_map(unsigned).collect();
    if let Some(trust) = trust {
        let now = chrono::DateTime::from_timestamp(seconds_now(), 0).unwrap_or_default();
        let history = repo.receipts_of(&kept, trust, (branch, tip), now)?;
        found.extend(history.receipts.into_iter().map(|one| one.receipt.commit));
    }
    Ok(found)
}

/// A merge that needed no approval of anybody.
fn free(facts: &MergeFacts) -> MergedChange {
    let mut change = without_evidence(&facts.gated());
    change.conclude_without_evidence(&facts.report);
    change
}
