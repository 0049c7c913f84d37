//! `approve`: displays a proposal and signs a response to what was displayed, for teams without a forge.

mod making;
mod proposal;

use std::collections::BTreeMap;
use std::io::{BufRead, IsTerminal, Write};
use std::path::PathBuf;

use self::making::signed_by;
use self::proposal::{CommitsToSign, ProposalToSign};
use super::Exit;
use super::check::seconds_now;
use super::range::branch_of;
use super::show::{Printing, Shell};
use super::trust::trust_of;
use crate::diagnostics::diagnostic::nearest;
use crate::diagnostics::words::short;
use crate::document::date::{instant, rfc3339};
use crate::error::{Error, ErrorKind};
use crate::git::inputs::{Under, examine_proposal};
use crate::git::kept::{APPROVALS_REF, ToKeep};
use crate::git::ssh::SigningKey;
use crate::git::{Commit, Proposal, Repo};
use crate::policy::Policy;
use crate::receipt::Statement;
use crate::receipt::approval::{Approval, DismissedRejections, SignedResponse, statement};
use crate::receipt::envelope::Delivered;
use crate::review::POLICY;

#[derive(clap::Args, Debug)]
#[command(
    after_help = "It shows what REV would change on the base branch, and signs the digests of what it showed with your \
                  key. The response is
kept in refs/countersign/approvals; share it with `git push origin refs/countersign/approvals`. `check --signed` counts it, by
the same rules as a review. Your key has to stand under `approvers` in .countersign/trust.yaml of the base branch. It is one of SSH
(ed25519, or ECDSA P-256; RSA is not taken) or of OpenPGP, as git is configured. A key with a pass phrase asks for it; in an agent, name
the file of its public key.

Examples:
  countersign approve proposal                          everything in it that needs approval
  countersign approve --flag checkout/buy proposal      one flag
  countersign approve --reject --note 'not this week' proposal
  countersign approve --dismiss alice --note 'she is on leave' proposal    her rejection of it
  countersign approve --break-glass --note 'the shop is down' proposal    in an emergency, as a debt
  countersign approve --merged COMMIT                   afterwards, which pays the debt
  countersign approve --join FETCH_HEAD                 take in what others signed, where a push is refused"
)]
pub struct ApproveArgs {
    /// The proposal
    #[arg(value_name = "REV", required_unless_present = "join")]
    rev: Option<String>,
    /// Take in the approvals of another tip, such as those that others pushed before: after `git fetch origin
    /// refs/countersign/approvals` it is FETCH_HEAD
    #[arg(long, value_name = "TIP")]
    join: Option<String>,
    /// The branch it would be merged into [default: the remote's default branch, else main or master]
    #[arg(long, value_name = "REV")]
    base: Option<String>,
    /// The name of that branch [default: as `--base` names it]
    #[arg(long, value_name = "BRANCH")]
    branch: Option<String>,
    /// Only this flag, `PROJECT/KEY` (repeatable); `.countersign` is the policy
    #[arg(long, value_name = "FLAG")]
    flag: Vec<String>,
    #[command(flatten)]
    instead: Instead,
    /// REV was merged: approve what it changed on top of its first parent, which pays the debt of a broken glass
    #[arg(long, conflicts_with_all = ["base", "reject", "break_glass"])]
    merged: bool,
    /// Why, in your words
    #[arg(long, value_name = "TEXT")]
    note: Option<String>,
    /// The SSH key: the file of a private key, or of a public key that an agent has the other half of [default: git's
    /// user.signingKey, of SSH or OpenPGP by its gpg.format]
    #[arg(long, value_name = "FILE")]
    sign_with: Option<PathBuf>,
    /// Sign without asking: what was displayed was read
    #[arg(long, short)]
    yes: bool,
    /// Keep it also if it counts for nothing now, such as before a team has its new member
    #[arg(long)]
    anyway: bool,
    #[command(flatten)]
    printing: Printing,
}

/// A response instead of an approval.
#[derive(clap::Args, Debug)]
struct Instead {
    /// Reject it instead
    #[arg(long)]
    reject: bool,
    /// Let it in without its approvals, where `break-glass` of the policy lets you; `--note` says why, and it makes a
    /// debt
    #[arg(long, conflicts_with = "reject", requires = "note")]
    break_glass: bool,
    /// Dismiss the rejection of this person instead, where the policy lets you: as an admin, or another approver of the
    /// same; `--note` says why
    #[arg(long, value_name = "LOGIN", conflicts_with_all = ["reject", "break_glass"], requires = "note")]
    dismiss: Option<String>,
}

impl ApproveArgs {
    pub fn run(self, shell: &Shell) -> anyhow::Result<Exit> {
        let repo = shell.repo()?;
        if let Some(other) = &self.join {
            shell.join_kept(&repo, APPROVALS_REF, other, "approval")?;
        }
        let Some(rev) = &self.rev else { return Ok(Exit::Clear) };
        let commits = self.commits(&repo, rev)?;
        let comparison = repo.compare(&commits.base, &Proposal::Commit(commits.head.clone()))?;
        let now = seconds_now();
        let examination = match examine_proposal(&repo, &comparison, Under::Both, Some(now))? {
            Ok(examination) => examination,
            Err(diagnostics) => return Ok(shell.invalid_base(&comparison.base, diagnostics, &self.printing)),
        };
        let report = examination.clone().conclude(None, &[]);
        shell.report(&report, &self.printing, false);
        if report.verdict == crate::report::Verdict::Invalid && !self.instead.reject {
            let message = "it is invalid, which nobody can approve";
            return Err(Error::new(ErrorKind::OverBudget, message, "have it corrected first").into());
        }
        let mut digests = self.chosen(examination.digests().into_iter().collect())?;
        if self.instead.break_glass {
            let (policy, _) = examination.policies();
            flags_behind_glass(&policy, &mut digests, shell)?;
        }
        let proposal = ProposalToSign { repo: &repo, commits, comparison, examination, now };
        let dismisses = self.dismissed(&proposal, &mut digests)?;
        if digests.is_empty() {
            shell.note("nothing in it needs approval");
            return Ok(Exit::Clear);
        }
        self.confirm(&self.intent(&digests))?;
        self.sign(&proposal, dismisses, &digests, shell)?;
        Ok(Exit::Clear)
    }

    fn commits(&self, repo: &Repo, rev: &str) -> Result<CommitsToSign, Error> {
        let merged = self.merged;
        let head = repo.commit(rev)?;
        let tip = repo.or_default_base(self.base.as_deref())?;
        let base = if merged { repo.commit(&format!("{}^", head.oid))? } else { tip.clone() };
        if merged {
            check_merged(repo, &head, &tip)?;
        }
        let branch = self.branch_of(repo, &tip)?;
        let trust = trust_of(repo, if merged { &tip } else { &base })?;
        Ok(CommitsToSign { head, base, tip, branch, trust, merged })
    }

    /// The rejections that are dismissed, if that is the response. Only the digests that they are about are left.
    fn dismissed(
        &self,
        proposal: &ProposalToSign<'_>,
        digests: &mut BTreeMap<String, String>,
    ) -> Result<Option<DismissedRejections>, Error> {
        let Some(login) = &self.instead.dismiss else { return Ok(None) };
        let login = login.trim_start_matches('@');
        let known = proposal.responses(None)?;
        let rejections = known.as_ref().map(|known| known.rejections(login, &digests.keys().collect::<Vec<_>>()));
        let rejections = rejections.unwrap_or_default();
        digests.retain(|name, _| rejections.iter().any(|one| one.digests.contains_key(name)));
        if rejections.is_empty() {
            let message = format!("no rejection by `{}` of it is known here", login.escape_debug());
            let help = format!("run `git fetch origin {APPROVALS_REF}` and `countersign approve --join FETCH_HEAD`");
            return Err(Error::usage(message, help));
        }
        let statements = rejections.iter().map(|one| one.statement.clone()).collect();
        Ok(Some(DismissedRejections { of: login.to_owned(), statements }))
    }

    /// The response in words, and each digest that it is about.
    fn intent(&self, digests: &BTreeMap<String, String>) -> String {
        let verb = match self.response() {
            SignedResponse::Approve => "approve".to_owned(),
            SignedResponse::Reject => "reject".to_owned(),
            SignedResponse::BreakGlass => "break the glass for".to_owned(),
            SignedResponse::Dismiss => {
                format!("dismiss the rejection by {} of", self.instead.dismiss.as_deref().unwrap_or_default())
            }
        };
        let names: Vec<String> = digests.iter().map(|(name, digest)| format!("{name} {}", short(digest))).collect();
        format!("{verb} {}", names.join(", "))
    }

    /// Signs the response, and keeps it if it counts for something.
    fn sign(
        &self,
        proposal: &ProposalToSign<'_>,
        dismisses: Option<DismissedRejections>,
        digests: &BTreeMap<String, String>,
        shell: &Shell,
    ) -> Result<(), Error> {
        let ProposalToSign { repo, commits, now, .. } = proposal;
        let at = chrono::DateTime::from_timestamp(after_the_last(repo, *now)?, 0).unwrap_or_default();
        let approval = Approval {
            repository: commits.trust.repository.clone(),
            branch: commits.branch.clone(),
            base: commits.base.oid.clone(),
            head: commits.head.oid.clone(),
            response: self.response(),
            dismisses,
            note: self.note.clone(),
            at: rfc3339(at),
            program: concat!("countersign ", env!("CARGO_PKG_VERSION")).to_owned(),
        };
        let payload = serde_json::to_vec(&statement(approval, digests)).unwrap_or_default();
        let key = match &self.sign_with {
            Some(key) => SigningKey::Ssh(shell.dir().join(key)),
            None => repo.signing_key()?,
        };
        let made = signed_by(repo, &commits.trust, &key, &payload)?;
        let response = (self.response(), self.instead.dismiss.as_deref());
        if let Some(why) = proposal.objection(&made, &payload, digests, response)? {
            if !self.anyway {
                let message = format!("it would count for nothing: {why}");
                let help = "nothing was kept; with `--anyway` it is kept all the same, for a time when it may count";
                return Err(Error::usage(message, help));
            }
            shell.note(&format!("as it stands it counts for nothing: {why}"));
        }
        let keep = ToKeep { about: commits.head.oid.clone(), bytes: made.envelope.json().into_bytes() };
        repo.keep(APPROVALS_REF, &[keep], *now)?;
        let verb = match self.response() {
            SignedResponse::Approve => "approved",
            SignedResponse::Reject => "rejected",
            SignedResponse::BreakGlass => "glass broken, which is a debt until somebody else approves it,",
            SignedResponse::Dismiss => "dismissed",
        };
        shell.note(&format!("{verb} as {}; share it with `git push origin {APPROVALS_REF}`", made.logins.join(", ")));
        Ok(())
    }

    /// The branch that it would be merged into.
    fn branch_of(&self, repo: &Repo, tip: &Commit) -> Result<String, Error> {
        let Some(branch) = &self.branch else {
            let none = || Error::usage(format!("`{}` is no branch", tip.name), "name the branch with `--branch`");
            return branch_of(repo, tip).ok_or_else(none);
        };
        let branches = repo.branches()?;
        if branches.contains(branch) {
            return Ok(branch.clone());
        }
        let near = nearest(branch, branches.iter().map(String::as_str));
        let help = match near {
            Some(near) => format!("write `--branch {near}` if that is meant"),
            None => "name one that is here, or fetch it before: an approval is for one branch".to_owned(),
        };
        Err(Error::usage(format!("there is no branch `{}` here", branch.escape_debug()), help))
    }

    fn response(&self) -> SignedResponse {
        match &self.instead {
            Instead { dismiss: Some(_), .. } => SignedResponse::Dismiss,
            Instead { reject: true, .. } => SignedResponse::Reject,
            Instead { break_glass: true, .. } => SignedResponse::BreakGlass,
            Instead { .. } => SignedResponse::Approve,
        }
    }

    fn chosen(&self, all: BTreeMap<String, String>) -> Result<BTreeMap<String, String>, Error> {
        if self.flag.is_empty() {
            return Ok(all);
        }
        let mut chosen = BTreeMap::new();
        for name in &self.flag {
            let Some(digest) = all.get(name) else {
                let needs = crate::diagnostics::diagnostic::choice(all.keys().map(String::as_str));
                let help =
                    if all.is_empty() { "nothing in it does".to_owned() } else { format!("name one of {needs}") };
                return Err(Error::usage(format!("`{}` needs no approval in it", name.escape_debug()), help));
            };
            chosen.insert(name.clone(), digest.clone());
        }
        Ok(chosen)
    }

    /// Asks whether that is meant. Somebody who can't be asked has to say so before.
    fn confirm(&self, what: &str) -> Result<(), Error> {
        if self.yes {
            return Ok(());
        }
        let input = std::io::stdin();
        if !input.is_terminal() {
            return Err(Error::usage("nobody can be asked here whether that was read", "add `--yes` if it was"));
        }
        let _ = write!(std::io::stderr(), "{} [y/N] ", crate::render::plain(what));
        let mut answer = String::new();
        let read = input.lock().read_line(&mut answer);
        match read {
            Ok(_) if matches!(answer.trim(), "y" | "Y" | "yes") => Ok(()),
            _ => Err(Error::usage("nothing was signed", "run it again and answer `y`, or add `--yes`")),
        }
    }
}

/// Checks that the glass may be broken, and leaves the flags: a change of the policy takes its approvals.
fn flags_behind_glass(policy: &Policy, digests: &mut BTreeMap<String, String>, shell: &Shell) -> Result<(), Error> {
    if policy.config.break_glass.is_none() {
        let message = "the policy of the base lets nobody break the glass";
        let help = "ask for the approvals; `break-glass: {by: admins, review-within: 3d}` in its configuration would \
                    let an admin";
        return Err(Error::usage(message, help));
    }
    if digests.remove(POLICY).is_some() {
        shell.note("a change of the policy takes its approvals; the glass is broken for the flags alone");
    }
    Ok(())
}

/// Checks that a commit was merged: one that was not owes nothing, and is approved without `--merged`.
fn check_merged(repo: &Repo, head: &Commit, tip: &Commit) -> Result<(), Error> {
    let merged = repo.merged_changes(None, tip, None)?;
    if merged.iter().any(|one| one.oid == head.oid) {
        return Ok(());
    }
    let message =
        format!("`{}` is no commit of `{}` by first parent, so it was not merged as it is", head.name, tip.name);
    let help = "name the merge, as `countersign audit --receipts` lists it; approve a commit that is still to be \
                merged without `--merged`";
    Err(Error::usage(message, help))
}

/// Now, or a second after the last response that is kept here: of what was said in one second nobody knows the order.
fn after_the_last(repo: &Repo, now: i64) -> Result<i64, Error> {
    const CLOCKS: i64 = 60;
    let kept = repo.kept(APPROVALS_REF)?.unwrap_or_default();
    let at = |bytes: &[u8]| {
        let statement: Statement<Approval> = serde_json::from_slice(&Delivered::parse(bytes).ok()?.payload).ok()?;
        Some(instant(&statement.predicate.at)?.timestamp())
    };
    let last = kept.envelopes.iter().filter_map(|one| at(&one.bytes)).filter(|at| *at <= now + CLOCKS).max();
    Ok(last.map_or(now, |last| now.max(last + 1)))
}
