//! `receipt`: says in a signed statement who approved what of the merged changes of a branch, and keeps it in a
//! reference.

mod debts;
mod files;
mod judged;
mod making;
mod summary;
mod units;

use std::path::PathBuf;

use self::files::{to_keep, write};
pub(super) use self::units::united;
use super::Exit;
use super::check::seconds_now;
use super::event::{self, Connect};
use super::show::{Shell, warn};
use crate::error::Error;
use crate::git::Repo;
use crate::git::kept::{RECEIPTS_REF, ToKeep};
use crate::git::ssh::ssh_sign;
use crate::policy::Trust;
use crate::policy::trust::KeylessIdentity;
use crate::receipt::envelope::Delivered;
use crate::receipt::history::KeptEnvelope;
use crate::receipt::signature::{SignedAs, signed};
use crate::receipt::{Envelope, Receipt};
use crate::render::phrases;
use crate::render::receipts_made::{self, MadeReceipt};

#[derive(clap::Args, Debug)]
#[command(
    after_help = "Of every merge that touches flags, the policy or protected files one receipt is made, as an in-toto \
                  statement in an
envelope of DSSE, and kept in refs/countersign/receipts. A merge with a receipt gets no other, but with --again.

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
    /// The account of the gate's comments and statuses [default: the token's]
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
    /// Keeps the receipts that were made.
    fn keep(made: &[Made], repo: &Repo, seconds: i64) -> Result<usize, Error> {
        let kept = made
            .iter()
            .map(|one| ToKeep { about: one.receipt.commit.clone(), bytes: one.envelope.json().into_bytes() });
        repo.keep(RECEIPTS_REF, &kept.collect::<Vec<_>>(), seconds)
    }

    /// Why its signature counts for nothing by a trust; none if it counts.
    fn objection(&self, trust: &Trust, seconds: i64) -> Option<String> {
        let delivered = Delivered::parse(self.envelope.json().as_bytes()).ok()?;
        let no_bundle = |_: &[u8], _: &[KeylessIdentity]| Err("it is in no bundle".to_owned());
        let at = chrono::DateTime::from_timestamp(seconds, 0)?;
        signed(&delivered, trust, SignedAs::Receipt(&no_bundle), at).objection().map(str::to_owned)
    }

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
            shell.join_kept(&repo, RECEIPTS_REF, other, "receipt")?;
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

    fn sign(&self, shell: &Shell, receipt: Receipt) -> Result<Made, Error> {
        let envelope = self.envelope(shell, statement(receipt.clone()).as_bytes())?;
        Ok(Made { receipt, envelope })
    }

    /// A statement in its envelope, signed if a key is named.
    fn envelope(&self, shell: &Shell, payload: &[u8]) -> Result<Envelope, Error> {
        let envelope = Envelope::unsigned(payload);
        let Some(key) = &self.sign_with else { return Ok(envelope) };
        let made = ssh_sign("ssh-keygen".as_ref(), &shell.dir().join(key), &Envelope::to_sign(payload))?;
        Ok(envelope.signed(&made.armored, Some(made.fingerprint)))
    }
}

fn statement(receipt: Receipt) -> String {
    serde_json::to_string(&receipt.statement()).unwrap_or_default()
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
