//! `verify`: holds what is served against the receipts, offline: who countersigned it, and what nobody did.

mod files;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};

use super::Exit;
use super::check::seconds_now;
use super::range::branch_of;
use super::show::{Printing, Shell, outputs};
use super::trust::{trust_in, trust_of};
use crate::changes::served::Served;
use crate::diagnostics::diagnostic::choice;
use crate::error::{Error, ErrorKind};
use crate::git::branch_receipts::ReceiptQuery;
use crate::git::{Commit, Repo};
use crate::policy::Trust;
use crate::receipt::branch::{BranchCommits, Elsewhere};
use crate::receipt::countersigned::Covers;
use crate::receipt::debt::{Debt, DebtState, debts};
use crate::receipt::history::{KeptEnvelope, ReceiptHistory};
use crate::receipt::served_flags::with_parts;
use crate::receipt::verification::{LostMerge, UnreadFile, VERIFY_SCHEMA, Verification};

/// Files larger than this are not read.
const LARGEST: u64 = 64 << 20;

#[derive(clap::Args, Debug)]
#[command(
    after_help = "It needs no network: the receipts are those of refs/countersign/receipts, or of --bundle, and whose \
                  signature counts is
said by .countersign/trust.yaml of the base branch, or by --trust. A flag that is off needs no receipt.

Examples:
  countersign verify --rev main --exit-code                every live flag of a branch
  countersign verify flags.json --format flagd             a file that is about to be deployed
  kubectl get cm flags -o jsonpath='{.data.f}' | countersign verify --stdin --format flagd
  countersign verify --stdin --format unleash --path flags/web.json < served.json
  countersign verify f.yaml --bundle receipts.jsonl --trust trust.yaml    without a clone"
)]
pub struct VerifyArgs {
    /// Files with flags, as they are served
    #[arg(value_name = "FILE", conflicts_with_all = ["rev", "stdin"], required_unless_present_any = ["rev", "stdin"])]
    files: Vec<PathBuf>,
    /// Every flag of a revision, and its policy
    #[arg(long, value_name = "REV", conflicts_with = "stdin")]
    rev: Option<String>,
    /// Read a file from the standard input
    #[arg(long, requires = "format")]
    stdin: bool,
    /// The format of the files, such as `flagd` [default: as the policy says, else by the name]
    #[arg(long, value_name = "FORMAT")]
    format: Option<String>,
    /// The path that the file has in the repository, where that is another one than is read, such as a copy or a pipe:
    /// by it the policy says the format and the project, and some formats the key
    #[arg(long, value_name = "PATH", conflicts_with = "rev")]
    path: Option<String>,
    /// The project whose flags they are [default: as the policy says, else the one whose receipts name the most of
    /// their keys]
    #[arg(long, value_name = "PROJECT")]
    project: Option<String>,
    /// The receipts, as `receipt --export` writes them [default: refs/countersign/receipts]
    #[arg(long, value_name = "FILE")]
    bundle: Option<PathBuf>,
    /// The trust, which says whose signatures count [default: .countersign/trust.yaml of the base branch]
    #[arg(long, value_name = "FILE")]
    trust: Option<PathBuf>,
    /// The branch whose receipts count [default: the base branch]
    #[arg(long, value_name = "BRANCH")]
    branch: Option<String>,
    #[command(flatten)]
    accepts: Accepts,
    /// End with code 1 unless everything that is served is countersigned, free by policy, overridden or in debt
    #[arg(long)]
    exit_code: bool,
    /// How to write it down
    #[arg(
        long,
        value_name = "OUTPUT",
        default_value = "text",
        value_parser = outputs(|output| output.verification.is_some())
    )]
    output: String,
}

/// Content that may be served besides that which is as it should be.
#[derive(clap::Args, Debug)]
struct Accepts {
    /// Content that was countersigned and is not the newest may be served
    #[arg(long)]
    older: bool,
    /// Content whose debt is overdue may not be served
    #[arg(long)]
    no_overdue: bool,
}

/// The clone around the command, if there is one, with the branch that is verified.
struct Clone {
    repo: Repo,
    tip: Commit,
    branch: Option<String>,
}

/// Checks that a revision has a commit in common with the base branch, by first parent. A history of its own, which
/// anybody may push as a tag, says itself whose signatures count.
pub(super) fn of_the_branch(repo: &Repo, tip: &Commit, order: &BranchCommits) -> Result<(), Error> {
    let Ok(base) = repo.default_base() else { return Ok(()) };
    let merged = repo.merged_changes(None, &base, None).unwrap_or_default();
    if merged.is_empty() || merged.iter().any(|one| order.places.contains_key(&one.oid)) {
        return Ok(());
    }
    let message = format!("`{}` has no commit in common with `{}` by first parent", tip.name, base.name);
    Err(Error::usage(message, "name a revision of that branch, or bring a trust and a bundle of the other one"))
}

impl VerifyArgs {
    pub fn run(self, shell: &Shell) -> anyhow::Result<Exit> {
        let clone = self.clone_of(shell)?;
        let trust = self.trust(shell, clone.as_ref())?;
        let envelopes = self.envelopes(shell, clone.as_ref())?;
        // With a bundle alone its links say the order.
        let mut order = clone.as_ref().map(|clone| clone.repo.branch_order(&clone.tip)).transpose()?.flatten();
        if let (Some(clone), Some(order)) = (&clone, &mut order) {
            of_the_branch(&clone.repo, &clone.tip, order)?;
            order.second = second_beginning(clone, order)?;
        }
        let now = chrono::DateTime::from_timestamp(seconds_now(), 0).unwrap_or_default();
        let of_clone = clone.as_ref().and_then(|clone| clone.branch.clone());
        let mut branch = self.branch.clone().or(of_clone);
        let repo = clone.as_ref().map(|clone| &clone.repo);
        let seen = clone.as_ref().map(|clone| {
            let of = |branch: &String| clone.repo.commit(branch).ok();
            (&clone.tip, branch.as_ref().and_then(of).or_else(|| clone.repo.default_base().ok()))
        });
        let mut wanted = ReceiptQuery {
            trust: &trust,
            brought: self.trust.is_some(),
            branch: None,
            order: order.as_ref(),
            seen,
            now,
        };
        if branch.is_none() {
            branch = one_branch(&wanted.history(repo, &envelopes), &trust)?;
        }
        wanted.branch = branch.as_deref();
        let history = wanted.history(repo, &envelopes);
        let covers = Covers::of(&history, now);
        let mut verification = self.verification(&trust, &history, now);
        match (&self.rev, &clone) {
            (Some(rev), Some(clone)) => {
                let served = match clone.repo.served_at(&clone.repo.commit(rev)?)? {
                    Ok(served) => served,
                    Err(diagnostics) => {
                        let printing = Printing { format: "text".to_owned(), all: false };
                        return Ok(shell.invalid_policy(&diagnostics, &printing));
                    }
                };
                let all = served.flags.into_iter().map(|entry| {
                    let covered = covers.cover(&entry.name(), &Served::of_entry(&entry));
                    (entry, covered)
                });
                verification.flags = with_parts(&all.collect::<Vec<_>>(), &covers, true);
                verification.unread = served.unread.into_iter().map(|(path, why)| UnreadFile { path, why }).collect();
                verification.policy = Some(covers.cover_policy(&served.policy_digest));
            }
            _ => self.files(shell, clone.as_ref(), &covers, &mut verification)?,
        }
        verification.judge(self.accepts.older);
        shell.written(&self.output, |output, look| Some(output.verification?(&verification, look)));
        Ok(if self.exit_code && !verification.holds { Exit::Blocked } else { Exit::Clear })
    }

    /// A verification by these receipts, of nothing yet.
    fn verification(&self, trust: &Trust, history: &ReceiptHistory, now: DateTime<Utc>) -> Verification {
        let unpaid = |debt: &Debt| matches!(debt.state, DebtState::Open | DebtState::Overdue);
        let lost =
            history.elsewhere.iter().map(|(commit, became)| LostMerge { commit: commit.clone(), became: *became });
        Verification {
            schema: VERIFY_SCHEMA,
            holds: false,
            of: self.rev.clone().unwrap_or_else(|| "files".to_owned()),
            repository: trust.repository.clone(),
            until: history.receipts.last().map(|one| one.receipt.commit.clone()),
            receipts: history.receipts.len(),
            takes_older: self.accepts.older,
            flags: Vec::new(),
            policy: None,
            unread: Vec::new(),
            elsewhere: lost.filter(|one| one.became != Elsewhere::Later).collect(),
            debts: debts(history, now).into_iter().filter(unpaid).collect(),
            refuses_overdue: self.accepts.no_overdue,
            receipt_diagnostics: history.diagnostics.clone(),
        }
    }

    /// The clone, which is needed where a revision is verified, or where trust or receipts are not in files.
    fn clone_of(&self, shell: &Shell) -> Result<Option<Clone>, Error> {
        if self.rev.is_none() && self.trust.is_some() && self.bundle.is_some() {
            return Ok(None);
        }
        let repo = shell.repo().map_err(|error| match self.rev {
            None => Error { help: format!("{}; without a clone bring `--bundle` and `--trust`", error.help), ..error },
            Some(_) => error,
        })?;
        let tip = repo.or_default_base(self.rev.as_deref())?;
        let of_base = || branch_of(&repo, &repo.default_base().ok()?);
        let branch = branch_of(&repo, &tip).or_else(of_base);
        Ok(Some(Clone { repo, tip, branch }))
    }

    fn trust(&self, shell: &Shell, clone: Option<&Clone>) -> Result<Trust, Error> {
        if let Some(path) = &self.trust {
            return trust_in(shell, path);
        }
        let bring = "or bring a trust with `--trust`";
        let Some(clone) = clone else {
            return Err(Error::usage("nothing says whose signatures count", "bring a trust with `--trust`"));
        };
        // Of the base, whatever the revision says of itself.
        let named = self.branch.as_ref().map(|branch| clone.repo.commit(&format!("refs/heads/{branch}")));
        let base = clone.repo.default_base().or_else(|error| named.unwrap_or(Err(error))).map_err(|_| {
            let help = format!("run `git remote set-head origin --auto`, name it with `--branch`, {bring}");
            Error::usage("which branch says whose signatures count is not known", help)
        })?;
        trust_of(&clone.repo, &base).map_err(|error| match error.kind {
            ErrorKind::Policy => Error { help: format!("{}, {bring}", error.help), ..error },
            _ => error,
        })
    }

    fn envelopes(&self, shell: &Shell, clone: Option<&Clone>) -> Result<Vec<KeptEnvelope>, Error> {
        let Some(path) = &self.bundle else {
            return clone.map_or(Ok(Vec::new()), |clone| super::receipt::kept(&clone.repo));
        };
        let bytes = read(&shell.dir().join(path), path)?;
        let lines = bytes.split(|byte| *byte == b'\n').enumerate();
        let envelope = |(at, line): (usize, &[u8])| KeptEnvelope {
            name: format!("{}:{}", path.display(), at + 1),
            bytes: line.to_vec(),
        };
        Ok(lines.filter(|(_, line)| !line.trim_ascii().is_empty()).map(envelope).collect())
    }
}

/// Another beginning of the trust than that of the revision: next to it, or on the base branch, of which a tag of
/// anybody's may have nothing.
fn second_beginning(clone: &Clone, order: &BranchCommits) -> Result<Option<String>, Error> {
    let base = clone.repo.default_base().ok().filter(|base| base.oid != clone.tip.oid);
    let Some(base) = base.filter(|_| order.second.is_none()) else { return Ok(order.second.clone()) };
    let of_base = match clone.repo.branch_order(&base)? {
        Some(of_base) => of_base.begins,
        None => None,
    };
    Ok(of_base.filter(|_| order.begins.is_some()).filter(|begins| order.begins.as_ref() != Some(begins)))
}

/// The branch that the receipts of a bundle are about. Where they are about several, the content of one is none of
/// another.
fn one_branch(history: &ReceiptHistory, trust: &Trust) -> Result<Option<String>, Error> {
    let about = history.branches.iter().map(String::as_str);
    let about: BTreeSet<&str> = about.filter(|branch| !trust.branches.iter().any(|one| one == branch)).collect();
    if about.len() > 1 {
        let names = choice(about.iter().copied());
        let message = format!("the receipts are about several branches: {}", names.escape_debug());
        return Err(Error::usage(message, "name the one that is served with `--branch`"));
    }
    Ok(about.first().copied().or(history.branches.first().map(String::as_str)).map(str::to_owned))
}

/// A file that somebody names.
pub(super) fn read(at: &Path, path: &Path) -> Result<Vec<u8>, Error> {
    let wrong = |error: std::io::Error| Error { kind: ErrorKind::Usage, ..Error::file("read", path, &error) };
    let size = std::fs::metadata(at).map_err(wrong)?.len();
    if size > LARGEST {
        return Err(Error::usage(format!("`{}` has {size} bytes", path.display()), "name a smaller file"));
    }
    std::fs::read(at).map_err(wrong)
}
