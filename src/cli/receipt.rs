//! `receipt`: says in a signed statement who approved what of the merged changes of a branch, and keeps it in a
//! reference.

mod debts;
mod files;
mod judged;
mod summary;
mod units;

use std::path::PathBuf;

use self::files::{attest, to_keep, write};
pub(super) use self::units::united;
use self::units::{Beginning, as_one, before};
use super::Exit;
use super::check::{read_evidence, seconds_now};
use super::event::{self, Connect, Connection};
use super::range::{Range, bar};
use super::show::{Shell, warn};
use crate::error::Error;
use crate::git::kept::{RECEIPTS_REF, ToKeep};
use crate::git::merged::Gated;
use crate::git::receipt_facts::{MergesFound, live_at, merges_found};
use crate::git::ssh::ssh_sign;
use crate::git::{Commit, Repo};
use crate::github::audit::{Question, judged_by_github, without_evidence};
use crate::policy::Trust;
use crate::receipt::envelope::Delivered;
use crate::receipt::history::{KeptEnvelope, short};
use crate::receipt::make::{MadeFor, MergeFacts, receipt};
use crate::receipt::{Envelope, Receipt};
use crate::render::phrases;
use crate::render::receipts_made::{self, MadeReceipt};
use crate::review::merged::{AuditOutcome, MergedChange};

#[derive(clap::Args, Debug)]
#[command(
    after_help = "Of every merge that touches flags, the policy or protected files one receipt is made, as an in-toto \
                  statement in an
envelope of DSSE, and kept in refs/countersign/receipts. What has a receipt gets no other, but with --again.

Examples:
  countersign receipt $BEFORE..$AFTER --sign-with key    what a push brought, signed with an SSH key
  countersign receipt A..B --evidence seen.json          one merge, by what was seen of it
  countersign receipt --join FETCH_HEAD                  take in the receipts that others made
  countersign receipt --export receipts.jsonl            a bundle, to verify offline"
)]
pub struct ReceiptArgs {
    /// Commits of a branch, as git names a range: those of B that are not in A
    #[arg(value_name = "A..B", required_unless_present_any = ["since", "join", "keep", "export", "debts", "vsa"])]
    range: Option<String>,
    /// Only from the first that is as young as this, such as 2026-10-01 [without A..B: of the default branch]
    #[arg(long, value_name = "DATE")]
    since: Option<String>,
    /// Sign with this SSH key, of ed25519 or ECDSA P-256 (RSA is not taken): the file of a private key, or of a public
    /// key that an agent has the other half of
    #[arg(long, value_name = "FILE")]
    sign_with: Option<PathBuf>,
    /// Reviews, permissions and teams of the one merge in the range, as JSON (schemas/evidence.schema.json)
    #[arg(long, value_name = "FILE", conflicts_with = "offline")]
    evidence: Option<PathBuf>,
    #[command(flatten)]
    source: ReceiptSource,
    /// Also look whether somebody approved since what came in by breaking the glass, and make the receipts of what is
    /// paid [without A..B: that alone]
    #[arg(long, conflicts_with_all = ["offline", "print"])]
    debts: bool,
    /// Make receipts also of what has one, to judge it anew
    #[arg(long)]
    again: bool,
    /// The branch [default: the one B names, else the default branch]
    #[arg(long, value_name = "BRANCH")]
    branch: Option<String>,
    /// The account the gate posts as [default: the token's]
    #[arg(long, value_name = "LOGIN")]
    gate: Option<String>,
    /// Print the statements, one a line, and keep none
    #[arg(long, conflicts_with_all = ["sign_with", "attest"])]
    print: bool,
    /// Write `COMMIT.subjects` and `COMMIT.predicate.json` of each into this folder, for `actions/attest`, and keep
    /// none
    #[arg(long, value_name = "DIR", conflicts_with = "sign_with")]
    attest: Option<PathBuf>,
    /// Keep these envelopes, such as the bundle that `actions/attest` wrote
    #[arg(long, value_name = "FILE", conflicts_with_all = ["sign_with", "evidence", "offline"])]
    keep: Vec<PathBuf>,
    /// Take in the receipts of another tip, such as one that was fetched
    #[arg(long, value_name = "REV")]
    join: Option<String>,
    /// Write all receipts that are kept into a file, one a line: a bundle for `verify --bundle`
    #[arg(long, value_name = "FILE")]
    export: Option<PathBuf>,
    #[command(flatten)]
    summary: summary::SummaryOptions,
    #[command(flatten)]
    connect: Connect,
}

/// Source of the approvals, if not GitHub.
#[derive(clap::Args, Debug)]
struct ReceiptSource {
    /// Count the approvals of refs/countersign/approvals instead of asking GitHub
    #[arg(long, conflicts_with_all = ["evidence", "offline"])]
    signed: bool,
    /// Do not ask GitHub: of what needed approval the receipt says that it is not known
    #[arg(long)]
    offline: bool,
}

/// A receipt that was made, in its envelope.
struct Made {
    receipt: Receipt,
    envelope: Envelope,
}

impl Made {
    /// The receipts that were made, in words.
    fn text(made: &[Made], shell: &Shell) -> String {
        let signed = |one: &Made| one.envelope.signature() != Ok(None);
        let lines = made.iter().map(|one| MadeReceipt { receipt: &one.receipt, signed: signed(one) });
        receipts_made::text(&lines.collect::<Vec<_>>(), RECEIPTS_REF, shell.look(false))
    }
}

impl ReceiptArgs {
    pub fn run(self, shell: &Shell) -> anyhow::Result<Exit> {
        let repo = shell.repo()?;
        let seconds = seconds_now();
        if let Some(other) = &self.join {
            let joined = repo.join_kept(RECEIPTS_REF, other, seconds)?;
            shell.note(&format!("{} taken in", phrases::count(joined.new, "receipt")));
            for path in &joined.left_out {
                shell.note(&format!("left out `{}`, which is in the way and is no receipt", path.escape_debug()));
            }
        }
        if !self.keep.is_empty() {
            let kept = self.keep.iter().map(|path| to_keep(shell, path)).collect::<Result<Vec<_>, _>>()?.concat();
            let new = repo.keep(RECEIPTS_REF, &kept, seconds)?;
            shell.note(&format!("{} kept in {RECEIPTS_REF}", phrases::count(new, "receipt")));
        }
        if self.range.is_some() || self.since.is_some() {
            self.make(shell, &repo, seconds)?;
        }
        if self.debts {
            self.pay(shell, &repo, seconds)?;
        }
        if let Some(path) = &self.summary.vsa {
            self.summarize(shell, &repo, seconds, path)?;
        }
        if let Some(path) = &self.export {
            let kept = kept(&repo)?;
            let mut out = Vec::new();
            for one in &kept {
                out.extend(one.bytes.iter().filter(|byte| !matches!(byte, b'\n' | b'\r')));
                out.push(b'\n');
            }
            write(&shell.dir().join(path), &out)?;
            shell.note(&format!("{} written to {}", phrases::count(kept.len(), "receipt"), path.display()));
        }
        Ok(Exit::Clear)
    }

    fn make(&self, shell: &Shell, repo: &Repo, seconds: i64) -> Result<(), Error> {
        // The `before` that GitHub states for the first push of a branch.
        let start = self.range.as_deref().and_then(|range| range.split_once("..")).map(|(start, _)| start);
        if start.is_some_and(|start| start.len() >= 40 && start.bytes().all(|byte| byte == b'0')) {
            shell.note(
                "the branch is new, so this push merged nothing into it; name a range to make receipts of what it has",
            );
            return Ok(());
        }
        let chosen = Range { range: self.range.clone(), since: self.since.clone() }.choose(repo)?;
        let asks = self.asks();
        let connection = asks.then(|| self.connect.open(shell)).transpose()?;
        let progress = bar(chosen.merged_changes.len(), "merged changes");
        let mut found = merges_found(repo, &chosen.merged_changes, &|| progress.inc(1))?;
        progress.finish_and_clear();
        if self.evidence.is_some() {
            found.facts = as_one(repo, &chosen, found.facts)?;
        }
        for one in &found.without_valid_policy {
            shell.note(&format!("{}: no receipt, since the policy it was merged under is invalid", short(&one.oid)));
        }
        let branch = self.branch.clone().or_else(|| chosen.branch(repo));
        // Without a valid policy there is a receipt still, of what was merged under it.
        let trust = super::trust::trust_if_any(repo, &chosen.to).ok().flatten();
        let then = found.facts.iter().filter_map(|facts| facts.base_policy.trust.as_ref());
        self.check_signs(trust.iter().chain(then))?;
        let (repository, branch, judged) = match &connection {
            Some(connection) => {
                let answer = ask(connection, branch, self.gate.as_deref(), &found);
                connection.log();
                let (repository, branch, judged) = answer?;
                (repository, branch, judged)
            }
            None => {
                let repository =
                    trust.as_ref().map(|trust| trust.repository.clone()).or_else(|| self.connect.repo.clone());
                let repository = repository.ok_or_else(|| {
                    let help = "name it with `--repo owner/name`, or in `.countersign/trust.yaml`";
                    Error::usage("which repository the receipts are about is not known", help)
                })?;
                let branch = branch.ok_or_else(|| {
                    Error::usage("which branch the receipts are about is not known", "name it with `--branch`")
                })?;
                let judged = if self.source.signed {
                    let revoked = trust.as_ref().map(|trust| trust.revoked.clone()).unwrap_or_default();
                    judged::by_signed(shell, repo, &found, &branch, (seconds, &revoked))?
                } else {
                    self.without_forge(shell, repo, &found)?
                };
                (repository, branch, judged)
            }
        };
        let groups: Vec<(&str, &str)> = judged.iter().map(|one| (one.commit.as_str(), one.onto.as_str())).collect();
        let mut units = united(repo, found.facts, &groups)?;
        let there = there(repo, trust.as_ref(), (&branch, &chosen.to), self.sign_with.is_some())?;
        let made_at = chrono::DateTime::from_timestamp(seconds, 0).unwrap_or_default();
        let made_at = made_at.format("%Y-%m-%dT%H:%M:%SZ").to_string();
        let begins = Beginning::of(repo, &chosen.to)?;
        let mut previous = before(repo, &chosen)?;
        let mut made = Vec::new();
        for facts in &mut units {
            let previous = previous.replace(facts.commit.clone()).filter(|commit| begins.is_before(commit));
            if previous.is_none() {
                facts.adopted = live_at(repo, &facts.onto, &facts.served)?;
            }
            let facts = &*facts;
            let about = MadeFor { repository: &repository, branch: &branch, previous, made_at: &made_at };
            if !self.again && there.contains(&facts.commit) {
                continue;
            }
            let change = judged.iter().find(|one| one.commit == facts.commit).cloned();
            let change = change.unwrap_or_else(|| free(facts));
            // Nobody can let in by a signature whose signatures count. A receipt that says so would be in everybody's
            // way for good.
            if begins.is(&facts.commit) && !is_let_in(change.outcome) {
                shell.note(&format!(
                    "{}: no receipt, since it brings the trust with which the receipts begin, and nobody is known to \
                     have approved it",
                    short(&facts.commit)
                ));
                continue;
            }
            made.push(receipt(facts, &change, &about));
        }
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
        let kept: Vec<ToKeep> = signed
            .iter()
            .map(|one| ToKeep { about: one.receipt.commit.clone(), bytes: one.envelope.json().into_bytes() })
            .collect();
        repo.keep(RECEIPTS_REF, &kept, seconds)?;
        shell.print(&event::guarded(&Made::text(&signed, shell)));
        Ok(())
    }

    /// The tip of the branch that `--branch` names, else of the base branch.
    fn tip_of_branch(&self, repo: &Repo) -> Result<Commit, Error> {
        let base = repo.default_base();
        match &self.branch {
            Some(name)
                if base.as_ref().ok().and_then(|base| super::range::branch_of(repo, base)).as_ref() != Some(name) =>
            {
                repo.commit(name)
            }
            _ => base,
        }
    }

    /// Checks that receipts are signed which are to be kept, where none of these trusts takes others: nothing is ever
    /// taken out of the reference.
    fn check_signs<'t>(&self, trusts: impl Iterator<Item = &'t Trust>) -> Result<(), Error> {
        let mut trusts = trusts.peekable();
        let signs = self.sign_with.is_some() || self.attest.is_some() || self.print;
        if signs || trusts.peek().is_none() || trusts.any(|trust| trust.unsigned) {
            return Ok(());
        }
        let help = "name the key of one under `receipts` with `--sign-with FILE`; `--attest DIR` hands them on to what \
                    signs without a key, and `--print` shows them";
        Err(Error::usage("the trust takes no receipt without a signature, so it would count for nothing", help))
    }

    /// Whether GitHub is asked.
    fn asks(&self) -> bool {
        !self.source.offline && !self.source.signed && self.evidence.is_none() && event::has_token()
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

    fn sign(&self, shell: &Shell, receipt: Receipt) -> Result<Made, Error> {
        let payload = statement(receipt.clone()).into_bytes();
        let envelope = Envelope::unsigned(&payload);
        let envelope = match &self.sign_with {
            None => envelope,
            Some(key) => {
                let made = ssh_sign("ssh-keygen".as_ref(), &shell.dir().join(key), &Envelope::to_sign(&payload))?;
                envelope.signed(&made.armored, Some(made.fingerprint))
            }
        };
        Ok(Made { receipt, envelope })
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

fn statement(receipt: Receipt) -> String {
    serde_json::to_string(&receipt.statement()).unwrap_or_default()
}

/// The repository, the branch, and how each merge that needed approval was judged.
fn ask(
    connection: &Connection,
    branch: Option<String>,
    gate: Option<&str>,
    found: &MergesFound,
) -> Result<(String, String, Vec<MergedChange>), Error> {
    let client = &connection.client;
    let (repository, default_branch, _) = client.repository()?;
    let branch = branch.unwrap_or(default_branch);
    let gate = gate.map(super::audit::account);
    let gated: Vec<Gated> = found.facts.iter().filter(|facts| facts.is_gated()).map(MergeFacts::gated).collect();
    let progress = bar(gated.len(), "pull requests");
    let question = Question { client, objects: &connection.objects, branch: &branch, gate: gate.as_ref() };
    let judged = judged_by_github(&question, gated, &|| progress.inc(1));
    progress.finish_and_clear();
    Ok((repository, branch.clone(), judged?))
}

/// Whether what it says of a merge is that it was let in.
fn is_let_in(outcome: AuditOutcome) -> bool {
    match outcome {
        AuditOutcome::Free | AuditOutcome::Approved | AuditOutcome::Overridden => true,
        AuditOutcome::Needed | AuditOutcome::Unknown | AuditOutcome::Unapproved => false,
    }
}

/// A merge that needed no approval of anybody.
fn free(facts: &MergeFacts) -> MergedChange {
    let mut change = without_evidence(&facts.gated());
    change.conclude_without_evidence(&facts.report);
    change
}

/// The receipts that are kept here.
pub(super) fn kept(repo: &Repo) -> Result<Vec<KeptEnvelope>, Error> {
    kept_if_any(repo)?.ok_or_else(|| {
        let fetch =
            format!("run `git fetch origin {RECEIPTS_REF}:{RECEIPTS_REF}`, or make some with `countersign receipt`");
        Error::outside(format!("there is no `{RECEIPTS_REF}` here, so no receipt is known"), fetch)
    })
}

/// The receipts that are kept here, if the reference is; other files there are named on the standard error.
fn kept_if_any(repo: &Repo) -> Result<Option<Vec<KeptEnvelope>>, Error> {
    let Some(kept) = repo.kept(RECEIPTS_REF)? else { return Ok(None) };
    if let Some(warning) = kept.warning(RECEIPTS_REF) {
        warn(&warning);
    }
    Ok(Some(kept.envelopes))
}
