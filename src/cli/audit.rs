//! `audit`: the changes merged into a branch without the approvals they needed, and by whom. It changes nothing.

mod receipts;

use super::Exit;
use super::event::{self, Connect};
use super::range::{Range, bar};
use super::show::{Shell, outputs};
use crate::diagnostics::diagnostic::choice;
use crate::error::Error;
use crate::git::examined_merges::{Gated, GatedChanges, gated};
use crate::github::audit::{Question, judged_needing, without_evidence};
use crate::github::facts::Account;
use crate::render::{self, AuditView, Look, OUTPUTS};
use crate::review::audit::{Audit, AuditOutcome, AuditTotals, MergedChange, SCHEMA};

/// The remarks that a reader of an audit needs.
const TODAY: &str = "who may approve is judged as of today: GitHub does not tell what people were allowed to do then";
const OFFLINE: &str = "GitHub was not asked: these are the approvals each merged change needed, not those it had";
const GATE: &str = "if the gate comments by another account than this token's, name it with `--gate`, \
                    such as `--gate 'github-actions[bot]'`";

/// Options of an audit without receipts.
const BY_GITHUB: [&str; 2] = ["offline", "gate"];

#[derive(clap::Args, Debug)]
#[command(
    after_help = "Every commit of the branch, by first parent, is compared with the one before it, under the policy \
                  there.
With a token, the reviews of the pull request that brought it, as of its merge, say whether it was approved. Without
one, or with --offline, it says what each merged change needed. The right to approve is judged as of today.

Examples:
  countersign audit v1.0..main                      merged changes since v1.0
  countersign audit --since 2026-10-01 --exit-code  fail if anything of this quarter was not approved
  countersign audit A..B --format markdown          for a job summary
  countersign audit v1.0..main --receipts           by the receipts, offline
  countersign audit v1.0..main --receipts --flag checkout/buy --format html > buy.html"
)]
pub struct AuditArgs {
    #[command(flatten)]
    range: Range,
    /// Do not ask GitHub, even if there is a token
    #[arg(long)]
    offline: bool,
    /// The branch pull requests have to be merged into [default: the one B names, else the default branch]
    #[arg(long, value_name = "BRANCH")]
    branch: Option<String>,
    /// The account of the gate's comments and statuses [default: the token's]
    #[arg(long, value_name = "LOGIN")]
    gate: Option<String>,
    /// Hold each merge against its receipt in refs/countersign/receipts instead of asking GitHub; needs no network
    #[arg(long, conflicts_with_all = BY_GITHUB)]
    receipts: bool,
    /// Only up to the last that is as old as this, such as 2026-12-31
    #[arg(long, value_name = "DATE", requires = "receipts", conflicts_with_all = BY_GITHUB)]
    until: Option<String>,
    /// Only what changed this flag, `PROJECT/KEY`; `.countersign` is the policy
    #[arg(long, value_name = "FLAG", requires = "receipts", conflicts_with_all = BY_GITHUB)]
    flag: Option<String>,
    /// Only what this person approved or overrode
    #[arg(long, value_name = "@USER", requires = "receipts", conflicts_with_all = BY_GITHUB)]
    approver: Option<String>,
    /// The trust, which says whose signatures count, for `--receipts` [default: .countersign/trust.yaml of the branch]
    #[arg(long, value_name = "FILE", requires = "receipts", conflicts_with_all = BY_GITHUB)]
    trust: Option<std::path::PathBuf>,
    /// End with code 1 unless every change that needed approval is known to have had it, or to have been overridden
    #[arg(long)]
    exit_code: bool,
    /// How to write it down
    #[arg(
        long,
        value_name = "FORMAT",
        default_value = "text",
        value_parser = outputs(|output| output.audit.is_some() || output.receipt_audit.is_some())
    )]
    format: String,
    #[command(flatten)]
    connect: Connect,
}

impl AuditArgs {
    pub fn run(self, shell: &Shell) -> anyhow::Result<Exit> {
        let repo = shell.repo()?;
        let chosen = self.range.choose(&repo, self.branch.as_deref())?;
        if self.receipts {
            let question = receipts::ReceiptQuestion {
                branch: self.branch.clone(),
                until: self.until.clone(),
                flag: self.flag.clone(),
                approver: self.approver.clone(),
                trust: self.trust.clone(),
            };
            let clean = receipts::audit(shell, &repo, &chosen, &question, &self.format)?;
            return Ok(if self.exit_code && !clean { Exit::Blocked } else { Exit::Clear });
        }
        if render::by_id(&self.format).is_none_or(|output| output.audit.is_none()) {
            let message = format!("`--format {}` is for `--receipts`", self.format);
            let others = choice(OUTPUTS.iter().filter(|one| one.audit.is_some()).map(|one| one.id));
            let help = format!("add `--receipts`, or write it as {others}");
            return Err(Error::usage(message, help).into());
        }
        let connection = if self.offline || !event::has_token() { None } else { Some(self.connect.open(shell)?) };
        let progress = bar(chosen.merged_changes.len(), "merged changes");
        let GatedChanges { gated, without_policy } = gated(&repo, &chosen.merged_changes, &|| progress.inc(1))?;
        progress.finish_and_clear();
        let mut audit = Audit {
            schema: SCHEMA,
            repository: None,
            branch: None,
            from: chosen.from(),
            to: chosen.to(),
            since: chosen.since.clone(),
            totals: AuditTotals {
                merged_changes: chosen.merged_changes.len(),
                without_policy,
                ..AuditTotals::default()
            },
            merged_changes: Vec::new(),
            people: Vec::new(),
            remarks: Vec::new(),
        };
        match connection {
            None => {
                audit.merged_changes = gated.iter().map(without_evidence).collect();
                audit.remarks.push(OFFLINE.to_owned());
            }
            Some(connection) => {
                let branch = self.branch.clone().or_else(|| chosen.branch(&repo));
                let gate = self.gate.as_deref();
                let judged = JudgedMerges::by_github(&connection, branch, gate, gated, judged_needing);
                connection.log();
                judged?.take_into(&mut audit, gate.is_some());
            }
        }
        audit.count();
        let view = AuditView::of(&audit);
        let summary = render::by_id("markdown").and_then(|output| output.audit);
        event::summarize(&summary.map(|write| write(&view, &Look::default())).unwrap_or_default())?;
        shell.written(&self.format, |output, look| Some(output.audit?(&view, look)));
        Ok(if self.exit_code && !audit.is_clean() { Exit::Blocked } else { Exit::Clear })
    }
}

/// Merges with their judgements, and the repository and the branch that they are of.
pub(super) struct JudgedMerges {
    pub repository: String,
    pub branch: String,
    pub changes: Vec<MergedChange>,
}

/// A judge of merges by the answers of GitHub.
type MergeJudge = fn(&Question<'_>, Vec<Gated>, &dyn Fn()) -> Result<Vec<MergedChange>, Error>;

impl JudgedMerges {
    /// Merges as GitHub knows them.
    pub fn by_github(
        connection: &event::Connection,
        branch: Option<String>,
        gate: Option<&str>,
        gated: Vec<Gated>,
        judge: MergeJudge,
    ) -> Result<JudgedMerges, Error> {
        let client = &connection.client;
        let (repository, default_branch, _) = client.repository()?;
        let branch = branch.unwrap_or(default_branch);
        let gate = gate.map(account);
        let progress = bar(gated.len(), "pull requests");
        let question = Question { client, objects: &connection.objects, branch: &branch, gate: gate.as_ref() };
        let changes = judge(&question, gated, &|| progress.inc(1));
        progress.finish_and_clear();
        Ok(JudgedMerges { repository, branch, changes: changes? })
    }

    /// Takes them into an audit, with what its reader has to know of them.
    fn take_into(self, audit: &mut Audit, names_gate: bool) {
        (audit.repository, audit.branch) = (Some(self.repository), Some(self.branch));
        audit.merged_changes = self.changes;
        audit.remarks.push(TODAY.to_owned());
        let unread = |one: &MergedChange| one.outcome == AuditOutcome::Unknown && one.pull.is_some();
        if !names_gate && audit.merged_changes.iter().any(unread) {
            audit.remarks.push(GATE.to_owned());
        }
    }
}

/// The account of a login; an app's ends in `[bot]`, as on its comments.
pub(super) fn account(login: &str) -> Account {
    match login.strip_suffix("[bot]") {
        Some(login) => Account { login: login.to_owned(), kind: "Bot".to_owned() },
        None => Account { login: login.to_owned(), kind: "User".to_owned() },
    }
}
