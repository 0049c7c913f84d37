//! `check`: the changes of a proposal, the critical ones among them, the required approvals, and the verdict.

use std::path::{Path, PathBuf};

use super::Exit;
use super::show::{Printing, Shell};
use super::signed::{SignedQuestion, SignedWhen};
use crate::approval::Evidence;
use crate::diagnostics::lints;
use crate::document::date::instant;
use crate::error::{Error, ErrorKind};
use crate::git::inputs::{self, Under};
use crate::git::{Commit, Comparison, Proposal, Repo};
use crate::policy::Policy;

/// The options that name the proposal.
#[derive(clap::Args, Debug)]
#[group(multiple = false)]
pub struct Proposed {
    /// The proposal [default: HEAD]
    #[arg(long, value_name = "REV")]
    pub head: Option<String>,
    /// Take what is staged as the proposal
    #[arg(long)]
    pub staged: bool,
    /// Take the files on disk as the proposal, committed or not
    #[arg(long)]
    pub worktree: bool,
}

#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:
  countersign check                        what HEAD would change on the remote's default branch
  countersign check --staged               the same for what is staged
  countersign check --approve @alice       … if @alice approved exactly this
  countersign check --evidence seen.json   the verdict, from what was seen of reviews and teams")]
pub struct CheckArgs {
    /// The branch it would be merged into [default: the remote's default branch, else main or master]
    #[arg(long, value_name = "REV")]
    base: Option<String>,
    #[command(flatten)]
    proposed: Proposed,
    /// Reviews, permissions and teams, as JSON (schemas/evidence.schema.json)
    #[arg(long, value_name = "FILE")]
    evidence: Option<PathBuf>,
    #[command(flatten)]
    by_key: SignedOptions,
    /// Vouch that this person, who may write, approved exactly what is proposed (repeatable)
    #[arg(long, value_name = "@USER")]
    approve: Vec<String>,
    /// End with code 1 if an approval is missing, a flag is locked or rejected
    #[arg(long)]
    exit_code: bool,
    /// Inform, for a hook that runs `lint` before: without the diagnostics that it prints, and without an error where
    /// no policy is merged yet
    #[arg(long)]
    hook: bool,
    #[command(flatten)]
    printing: Printing,
}

/// Options that signed approvals cannot stand next to.
const NOT_BY_KEY: [&str; 4] = ["evidence", "approve", "staged", "worktree"];

/// The options about approvals that people signed.
#[derive(clap::Args, Debug)]
struct SignedOptions {
    /// Count the approvals of refs/countersign/approvals, signed with keys that .countersign/trust.yaml of the base
    /// names
    #[arg(long, conflicts_with_all = NOT_BY_KEY)]
    signed: bool,
    /// The name of the branch, for `--signed` [default: as `--base` names it]
    #[arg(long, value_name = "BRANCH", requires = "signed", conflicts_with_all = NOT_BY_KEY)]
    branch: Option<String>,
    /// The proposal is pushed as it is: refuse a commit of its first-parent line that leaves content nobody judged
    #[arg(long, requires = "signed", conflicts_with_all = NOT_BY_KEY)]
    pushed: bool,
}

impl CheckArgs {
    pub fn run(self, shell: &Shell) -> anyhow::Result<Exit> {
        let evidence = self.evidence.as_deref().map(|path| read_evidence(path, shell)).transpose()?;
        let vouched = self.approve.iter().map(|name| login(name)).collect::<Result<Vec<_>, _>>()?;
        let repo = shell.repo()?;
        // A commit is not refused for want of something to compare it with, unless that is asked for.
        let informs = self.hook && !self.exit_code;
        let comparison = match self.proposed.compare(&repo, self.base.as_deref()) {
            Err(error) if informs && self.base.is_none() && error.is_usage() && repo.workdir().is_some() => {
                shell.note(&format!("{}, so no approval is asked for", error.message));
                return Ok(Exit::Clear);
            }
            comparison => comparison?,
        };
        let now =
            evidence.as_ref().and_then(|evidence| instant(&evidence.now)).map_or_else(seconds_now, |at| at.timestamp());
        let examination = match inputs::examine_proposal(&repo, &comparison, Under::Both, Some(now))? {
            Ok(examination) => examination,
            Err(diagnostics) => {
                let none = diagnostics.iter().all(|diagnostic| diagnostic.id == lints::WITHOUT_POLICY);
                if informs && none && self.printing.format == "text" {
                    for one in &diagnostics {
                        shell.note(&format!("{}: {}", one.message, one.remedy));
                    }
                    return Ok(Exit::Clear);
                }
                let exit = shell.invalid_base(&comparison.base, diagnostics, &self.printing);
                return Ok(if informs { Exit::Clear } else { exit });
            }
        };
        if self.by_key.pushed {
            let (policy, _) = examination.policies();
            repo.in_one_step(&comparison, &policy, now)?;
            note_first_policy(&repo, &comparison, shell)?;
        }
        let signed = if self.by_key.signed {
            let branch = self.by_key.branch.clone();
            let question = SignedQuestion { branch, now, when: SignedWhen::Now, with: None };
            super::signed::noted(&repo, &comparison, &examination, &question, shell)?
        } else {
            None
        };
        let evidence = signed.as_ref().map(super::signed::SignedResponses::evidence).or(evidence);
        let (base_policy, proposed_policy) = examination.policies();
        let debts = super::debts::known(&repo, &comparison, &examination, self.by_key.branch.clone(), now, shell)?;
        let mut report = examination.with_debts(debts).at(now).conclude(evidence.as_ref(), &vouched);
        report.by_key = signed.map(|signed| signed.steps(&report, (&base_policy, proposed_policy.as_deref())));
        let stuck = report.by_key.as_ref().is_some_and(|steps| steps.stuck);
        let exit = match Exit::of(&report, self.exit_code) {
            // By key nobody can change a policy like this one, whatever is pushed.
            Exit::Blocked if stuck => Exit::Policy,
            exit => exit,
        };
        if self.hook {
            report.diagnostics.retain(|diagnostic| lints::is_of_a_comparison(diagnostic.id));
            if exit == Exit::Invalid && report.diagnostics.is_empty() {
                shell.note("nothing can be approved until the errors are fixed that `countersign lint` tells of");
                shell.note(
                    "if it tells of none, the staged files are others: `countersign check --staged` tells of theirs",
                );
                return Ok(exit);
            }
        }
        shell.report(&report, &self.printing, false);
        Ok(exit)
    }
}

impl Proposed {
    /// Whether nothing was said, so that HEAD is proposed.
    pub fn is_default(&self) -> bool {
        self.head.is_none() && !self.staged && !self.worktree
    }

    /// Compares the proposal, merged, with the base.
    pub fn compare(&self, repo: &Repo, base: Option<&str>) -> Result<Comparison, Error> {
        let proposal = if self.staged {
            Proposal::Index
        } else if self.worktree {
            Proposal::Worktree
        } else {
            Proposal::Commit(match &self.head {
                Some(head) => repo.commit(head)?,
                None => repo.head()?,
            })
        };
        let base = match base {
            Some(base) => repo.commit(base)?,
            None => match (repo.default_base(), repo.head()) {
                (Ok(base), _) => base,
                (Err(_), Err(no_head)) if no_head.is_usage() => {
                    return Err(Error::usage(
                        "there is no commit yet, so nothing is live and there is nothing to compare with",
                        "run `countersign lint` until the first commit is there",
                    ));
                }
                (Err(no_base), _) => return Err(no_base),
            },
        };
        repo.compare(&base, &proposal)
    }
}

/// Says where the very first push brings a policy by which no key approves: every later change is judged by it.
fn note_first_policy(repo: &Repo, comparison: &Comparison, shell: &Shell) -> Result<(), Error> {
    let Comparison { base, head, .. } = comparison;
    let Some(oid) = base.oid.clone().filter(|_| base.oid == head.oid) else { return Ok(()) };
    let found = Policy::read(&repo.policy_at(&Commit { name: base.name.clone(), oid })?).1;
    for one in found.iter().filter(|one| lints::NO_KEY_APPROVES.id == one.id) {
        shell.note(&format!("warning: {}; {}", one.message, one.remedy));
    }
    Ok(())
}

/// The clock of this machine, where no evidence says what time it is.
pub(super) fn seconds_now() -> i64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    since.ok().and_then(|since| i64::try_from(since.as_secs()).ok()).unwrap_or(i64::MAX)
}

/// The evidence in a file, whose path is relative to the folder of the command, like every path.
pub(super) fn read_evidence(path: &Path, shell: &Shell) -> Result<Evidence, Error> {
    let bytes = std::fs::read(shell.dir().join(path))
        .map_err(|error| Error { kind: ErrorKind::Usage, ..Error::file("read", path, &error) })?;
    let wrong = |why: &str, remedy| Error::usage(format!("`{}`{why}", path.display()), remedy);
    let text = String::from_utf8(bytes).map_err(|_| wrong(" is not UTF-8", "save it as UTF-8"))?;
    Evidence::parse(&text).map_err(|why| wrong(&format!(" is no evidence: {why}"), REMEDY))
}

const REMEDY: &str = "write it as schemas/evidence.schema.json says";

/// The login of `@user`.
fn login(name: &str) -> Result<String, Error> {
    use crate::policy::Approver;
    match Approver::parse(name) {
        Ok(Approver::User(login)) => Ok(login),
        Ok(Approver::Team(_)) => Err(Error::usage(
            format!("`--approve`: `{name}` is a team, and people approve"),
            "name a person as `@user`",
        )),
        Err(why) => Err(Error::usage(format!("`--approve`: {why}"), "name a person as `@user`")),
    }
}
