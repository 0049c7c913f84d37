//! `audit`: the changes merged into a branch without the approvals they needed, and by whom. It changes nothing.

mod receipts;

use super::Exit;
use super::event::{self, Connect};
use super::prose::Prose;
use super::range::{Chosen, Range, bar};
use super::show::Shell;
use crate::error::Error;
use crate::git::merged::{Gated, GatedChanges, gated};
use crate::github::audit::{Question, judged_needing, without_evidence};
use crate::github::facts::Account;
use crate::render::Tone;
use crate::render::{self, Look, phrases};
use crate::report::{Freed, PassedOver};
use crate::review::merged::{Audit, AuditOutcome, AuditPerson, AuditTotals, MergedChange, SCHEMA};

/// The remarks that a reader of an audit needs.
const TODAY: &str = "who may approve is judged as of today: GitHub does not tell what people were allowed to do then";
const OFFLINE: &str = "GitHub was not asked: these are the approvals each merged change needed, not those it had";
const GATE: &str = "if the gate posts as another account than this token's, name it with `--gate`, \
                    such as `--gate 'github-actions[bot]'`";

#[derive(clap::Args, Debug)]
#[command(
    after_help = "Every commit of the branch, by first parent, is compared with the one before it, under the policy there.
With a token, the reviews of the pull request that brought it, as of its merge, say whether it was approved. Without
one, or with --offline, it says what each merged change needed. Who may approve is judged as of today.

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
    /// The account the gate posts as [default: the token's]
    #[arg(long, value_name = "LOGIN")]
    gate: Option<String>,
    /// Hold each merge against its receipt in refs/countersign/receipts instead of asking GitHub; needs no network
    #[arg(long, conflicts_with_all = ["offline", "gate"])]
    receipts: bool,
    /// Only up to the last that is as old as this, such as 2026-12-31
    #[arg(long, value_name = "DATE", requires = "receipts")]
    until: Option<String>,
    /// Only what changed this flag, `PROJECT/KEY`; `.countersign` is the policy
    #[arg(long, value_name = "FLAG", requires = "receipts")]
    flag: Option<String>,
    /// Only what this person approved or overrode
    #[arg(long, value_name = "@USER", requires = "receipts")]
    approver: Option<String>,
    /// The trust, which says whose signatures count, for `--receipts` [default: .countersign/trust.yaml of the branch]
    #[arg(long, value_name = "FILE", requires = "receipts")]
    trust: Option<std::path::PathBuf>,
    /// End with code 1 unless every change that needed approval is known to have had it, or to have been overridden
    #[arg(long)]
    exit_code: bool,
    /// How to write it down
    #[arg(long, value_name = "FORMAT", default_value = "text", value_parser = ["text", "json", "markdown", "csv", "html"])]
    format: String,
    #[command(flatten)]
    connect: Connect,
}

impl AuditArgs {
    pub fn run(self, shell: &Shell) -> anyhow::Result<Exit> {
        let repo = shell.repo()?;
        let chosen = self.range.choose(&repo)?;
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
        if matches!(self.format.as_str(), "csv" | "html") {
            let message = format!("`--format {}` is for `--receipts`", self.format);
            return Err(Error::usage(message, "add `--receipts`, or write it as text, json or markdown").into());
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
                let done = ask(&connection, branch, self.gate.as_deref(), gated, &mut audit);
                connection.log();
                done?;
                audit.remarks.push(TODAY.to_owned());
                let unread = |one: &MergedChange| one.outcome == AuditOutcome::Unknown && one.pull.is_some();
                if self.gate.is_none() && audit.merged_changes.iter().any(unread) {
                    audit.remarks.push(GATE.to_owned());
                }
            }
        }
        audit.count();
        event::summarize(&markdown(&audit))?;
        match self.format.as_str() {
            "json" => shell.print(&render::json(&audit)),
            "markdown" => shell.print(&event::guarded(&markdown(&audit))),
            _ => shell.print(&event::guarded(&text(&audit, shell.look(false)))),
        }
        Ok(if self.exit_code && !audit.is_clean() { Exit::Blocked } else { Exit::Clear })
    }
}

fn ask(
    connection: &event::Connection,
    branch: Option<String>,
    gate: Option<&str>,
    gated: Vec<Gated>,
    audit: &mut Audit,
) -> Result<(), Error> {
    let client = &connection.client;
    let (repository, default_branch, _) = client.repository()?;
    let branch = branch.unwrap_or(default_branch);
    let gate = gate.map(account);
    let progress = bar(gated.len(), "pull requests");
    let question = Question { client, objects: &connection.objects, branch: &branch, gate: gate.as_ref() };
    let merged_changes = judged_needing(&question, gated, &|| progress.inc(1));
    progress.finish_and_clear();
    audit.merged_changes = merged_changes?;
    (audit.repository, audit.branch) = (Some(repository), Some(branch));
    Ok(())
}

/// The account of a login; an app's ends in `[bot]`, as on its comments.
pub(super) fn account(login: &str) -> Account {
    match login.strip_suffix("[bot]") {
        Some(login) => Account { login: login.to_owned(), kind: "Bot".to_owned() },
        None => Account { login: login.to_owned(), kind: "User".to_owned() },
    }
}

fn text(audit: &Audit, look: Look) -> String {
    let mut prose = Prose::new(look);
    prose.wrapped("", 0, &head(audit));
    for merged_change in &audit.merged_changes {
        prose.blank();
        let tone = match merged_change.outcome {
            AuditOutcome::Free | AuditOutcome::Approved => Tone::Good,
            AuditOutcome::Overridden | AuditOutcome::Needed | AuditOutcome::Unknown => Tone::Warn,
            AuditOutcome::Unapproved => Tone::Bad,
        };
        let word = prose.tone(tone, &format!("{:<10}", merged_change.outcome.word()));
        prose.wrapped(&format!("{word}  "), 12, &title(merged_change));
        for (label, said) in details(merged_change) {
            prose.wrapped(&format!("  {label:<10}"), 12, &said);
        }
    }
    if !audit.people.is_empty() {
        prose.blank();
        for person in &audit.people {
            prose.wrapped("  ", 2, &let_in(person));
        }
    }
    prose.blank();
    for remark in &audit.remarks {
        prose.wrapped("", 0, remark);
    }
    prose.finish()
}

fn markdown(audit: &Audit) -> String {
    let said = render::sentence;
    let mut out = format!("### Audit: {}\n", said(&head(audit)));
    for merged_change in &audit.merged_changes {
        out.push_str(&format!("\n**{}** {}\n\n", merged_change.outcome.word(), said(&title(merged_change))));
        for (label, text) in details(merged_change) {
            out.push_str(&format!("- {label}: {}\n", said(&text)));
        }
    }
    if !audit.people.is_empty() {
        out.push('\n');
        for person in &audit.people {
            out.push_str(&format!("- {}\n", said(&let_in(person))));
        }
    }
    for remark in &audit.remarks {
        out.push_str(&format!("\n{}\n", said(remark)));
    }
    out
}

fn head(audit: &Audit) -> String {
    let totals = &audit.totals;
    let range = Chosen::words(audit.from.as_ref(), &audit.to, audit.since.as_deref());
    let mut parts = vec![format!("{range}: {}", phrases::count(totals.merged_changes, "merged change"))];
    let kinds = [
        (totals.unapproved, "merged unapproved"),
        (totals.unknown, "cannot be known"),
        (totals.needed, "needed approval"),
        (totals.overridden, "overridden"),
        (totals.approved, "approved"),
        (totals.free, "freed by the policy"),
        (totals.without_policy, "were merged while there was no policy"),
    ];
    parts.extend(kinds.iter().filter(|(count, _)| *count > 0).map(|(count, what)| format!("{count} {what}")));
    if audit.merged_changes.is_empty() {
        parts.push("none needed approval".to_owned());
    }
    parts.join(", ")
}

fn title(merged_change: &MergedChange) -> String {
    let day = merged_change.date.get(..10).unwrap_or_default();
    format!("{}  {day}  {}: {}", short(&merged_change.commit), merged_change.author, merged_change.subject)
}

fn short(oid: &str) -> &str {
    oid.get(..8).unwrap_or(oid)
}

/// The details of a merged change, each with a label.
fn details(merged_change: &MergedChange) -> Vec<(&'static str, String)> {
    let mut details = Vec::new();
    details.extend(merged_change.why.iter().map(|why| ("why", why.clone())));
    if let Some(pull) = &merged_change.pull {
        let login =
            |login: &Option<String>| login.as_ref().map_or("somebody who is gone".to_owned(), |it| format!("@{it}"));
        let merged = format!("merged by {} at {}", login(&pull.merged_by), pull.merged_at);
        details.push(("pull", format!("#{} of {}, {merged}", pull.number, login(&pull.requestor))));
    } else if merged_change.merged_by != merged_change.author {
        details.push(("by", format!("@{}", merged_change.merged_by)));
    }
    for diagnostic in &merged_change.diagnostics {
        details.push(("invalid", format!("{}:{}: {}", diagnostic.path, diagnostic.place.line, diagnostic.message)));
    }
    let many = |logins: &[String]| {
        let logins: Vec<String> = logins.iter().map(|login| format!("@{login}")).collect();
        logins.join(", ")
    };
    let passed_over = |name: &str, one: &PassedOver| {
        ("passed", format!("{name} over the lock of #{} by @{} at {}", one.pull, one.by, one.at))
    };
    for one in &merged_change.freed {
        let how = match one.freed {
            Freed::SwitchOff => "switched off",
            Freed::Restore => "switched on exactly as it was last live",
        };
        details.push(("free", format!("{} {how}", one.name)));
        details.extend(one.passed_over.iter().map(|over| passed_over(&one.name, over)));
    }
    for item in &merged_change.items {
        details.extend(item.passed_over.iter().map(|over| passed_over(&item.name, over)));
        let digest = item.digest.as_deref().map(|digest| format!(", digest {}", short(digest))).unwrap_or_default();
        if let Some(overridden) = &item.overridden {
            let said = format!("{} by {}{digest}: {}", item.name, many(&overridden.by), overridden.reason);
            details.push(("override", said));
            continue;
        }
        let rules = if item.rules.is_empty() {
            String::new()
        } else {
            format!(" ({})", item.rules.iter().map(|id| id.as_str()).collect::<Vec<_>>().join(", "))
        };
        for requirement in &item.requirements {
            if !requirement.rejected_by.is_empty() {
                details.push(("rejected", format!("{} by {}", item.name, many(&requirement.rejected_by))));
            }
            if !requirement.approved_by.is_empty() {
                details.push(("approved", format!("{} by {}{digest}", item.name, many(&requirement.approved_by))));
            }
            if requirement.missing() > 0 {
                let line = requirement.line.map(|line| format!(" (APPROVERS:{line})")).unwrap_or_default();
                let whom = phrases::approvals(requirement, requirement.missing()).plain();
                details.push(("needed", format!("{}{rules}: {whom}{line}", item.name)));
            }
            for other in &requirement.not_counted {
                details.push(("no count", format!("@{} {}, for {}", other.login, other.why, item.name)));
            }
        }
    }
    details.extend(merged_change.unread.iter().map(|unread| ("unread", unread.clone())));
    details
}

fn let_in(person: &AuditPerson) -> String {
    let mut parts = Vec::new();
    if person.unapproved > 0 {
        parts.push(format!("{} brought in unapproved", person.unapproved));
    }
    if person.overrides > 0 {
        parts.push(format!("{} overridden", person.overrides));
    }
    format!("{}: {}", person.who, parts.join(", "))
}
