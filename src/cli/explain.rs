//! `explain`: the approvals a pull request awaits, and why each one that was given did not count. It changes nothing.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;

use super::Exit;
use super::event::{self, Connect};
use super::show::{Shell, TextOrJson};
use crate::diagnostics::Diagnostic;
use crate::error::Error;
use crate::github::actions::commit_state::MOST_STATUSES;
use crate::github::facts::PullState;
use crate::github::fingerprint::Fingerprint;
use crate::github::judge::{Judgement, judge};
use crate::render::Prose;
use crate::render::Tone;
use crate::render::phrases::THE_POLICY;
use crate::render::{self, Look};
use crate::report::{Holder, Report, Requirement, SinceApproval, Verdict};

/// The version of the JSON form.
const SCHEMA: &str = "countersign/explain/v1";

#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:
  countersign explain --pr 12                    in a clone
  countersign explain --pr 12 --repo acme/shop   anywhere
  countersign explain --pr 12 --format json      for programs")]
pub struct ExplainArgs {
    /// The pull request
    #[arg(long, value_name = "N")]
    pr: u64,
    /// End with code 1 if an approval is missing, a flag is locked or rejected
    #[arg(long)]
    exit_code: bool,
    #[command(flatten)]
    output: TextOrJson,
    #[command(flatten)]
    connect: Connect,
}

/// The approvals an open pull request awaits, and why each response that was given did not count.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Explained {
    /// The version of this form: `countersign/explain/v1`.
    #[schemars(extend("const" = SCHEMA))]
    schema: &'static str,
    /// Owner and name of the repository.
    repository: String,
    /// The number of the pull request.
    pull: u64,
    /// Its page on GitHub.
    url: String,
    /// The answer for the whole pull request, as of now.
    verdict: Verdict,
    /// The status, its state before its text; null if there is none of ours on this commit.
    status: Option<String>,
    /// How many statuses of ours this commit has had.
    statuses: u32,
    /// How many it may have had until no success is set any more.
    most_statuses: u32,
    /// The approvals that are missing.
    missing: Vec<Missing>,
    /// The rejections that hold.
    rejected: Vec<Rejected>,
    /// The responses that were given and did not count.
    not_counted: Vec<NotCountedResponse>,
    /// The differences since approvals that no longer count.
    since_approved: Vec<ExplainedStale>,
    /// The flags that another pull request holds.
    locked: Vec<Locked>,
    /// Other open pull requests that would bring the same commit, and their verdicts.
    siblings: Vec<Sibling>,
    /// The errors in files or in the policy, which nobody can approve.
    diagnostics: Vec<Diagnostic>,
    /// Everything that could not be read, which counts as no.
    unread: Vec<String>,
}

/// Approvals that are missing.
#[derive(Serialize, JsonSchema)]
struct Missing {
    /// `project/key` of the flag, or `the policy`.
    what: String,
    /// How many approvals are missing.
    count: u32,
    /// How many of whom, in words.
    who: String,
    /// The line of APPROVERS that asks for them; null if none does.
    line: Option<u32>,
}

/// A rejection that holds.
#[derive(Serialize, JsonSchema)]
struct Rejected {
    /// `project/key` of the flag, or `the policy`.
    what: String,
    /// Logins of the people who rejected it.
    by: Vec<String>,
    /// The way out, in one sentence without a full stop.
    remedy: String,
}

/// A response that was given and did not count.
#[derive(Serialize, JsonSchema)]
struct NotCountedResponse {
    /// Login of the person.
    login: String,
    /// `project/key` of each flag it did not count for, or `the policy`.
    what: Vec<String>,
    /// Why that does not count, as a sentence without its subject.
    why: String,
}

/// The differences since an approval that no longer counts.
#[derive(Serialize, JsonSchema)]
struct ExplainedStale {
    /// `project/key` of the flag, or `the policy`.
    what: String,
    /// The people who approved, the content, and the difference.
    #[serde(flatten)]
    approval: SinceApproval,
}

/// A flag that another pull request holds.
#[derive(Serialize, JsonSchema)]
struct Locked {
    /// `project/key` of the flag.
    flag: String,
    /// The pull request that holds it.
    by: Holder,
}

/// Another open pull request that would bring the same commit.
#[derive(Serialize, JsonSchema)]
struct Sibling {
    /// Its number.
    pull: u64,
    /// The answer for it.
    verdict: Verdict,
}

impl ExplainArgs {
    pub fn run(self, shell: &Shell) -> anyhow::Result<Exit> {
        let connection = self.connect.open(shell)?;
        let judged = self.judged(&connection);
        connection.log();
        let judgement = judged?;
        let report = match &judgement.outcome {
            Ok(report) => report,
            Err(diagnostics) => {
                let printing = self.output.printing();
                return Ok(shell.invalid_policy(diagnostics, &printing));
            }
        };
        let explained = explain(&judgement, report);
        if self.output.is_json() {
            shell.print(&render::json(&explained));
        } else {
            shell.print(&event::guarded(&text(&explained, shell.look(false))));
        }
        Ok(Exit::of(report, self.exit_code))
    }

    fn judged(&self, connection: &event::Connection) -> Result<Judgement, Error> {
        let facts = connection.client.facts(self.pr)?;
        if facts.state != PullState::Open {
            let message = format!("#{} is not open, so it awaits nothing", self.pr);
            return Err(Error::usage(message, "name a pull request that is open"));
        }
        judge(&connection.client, &connection.objects, facts, None)
    }
}

fn explain(judgement: &Judgement, report: &Report) -> Explained {
    let facts = &judgement.facts;
    let ours = facts.outline.own_status(&facts.viewer);
    let flags = report.flags.iter().filter(|flag| flag.overridden.is_none());
    let requirements: Vec<(String, &Requirement)> = flags
        .flat_map(|flag| flag.requirements.iter().map(move |requirement| (flag.id().to_string(), requirement)))
        .chain(report.policy.requirements.iter().map(|requirement| (THE_POLICY.to_owned(), requirement)))
        .collect();
    let missing = requirements.iter().filter(|(_, requirement)| requirement.missing() > 0);
    let rejected = requirements.iter().filter(|(_, requirement)| !requirement.rejected_by.is_empty());
    // The same person with the same reason, for several flags, is listed once.
    let mut not_counted: BTreeMap<(&str, String), Vec<String>> = BTreeMap::new();
    for (what, requirement) in &requirements {
        for one in &requirement.not_counted {
            let flags = not_counted.entry((&one.login, one.why.to_string())).or_default();
            if !flags.contains(what) {
                flags.push(what.clone());
            }
        }
    }
    let held = report.flags.iter().filter(|flag| flag.verdict == Verdict::Locked);
    Explained {
        schema: SCHEMA,
        repository: facts.repository.clone(),
        pull: facts.number(),
        url: facts.url.clone(),
        verdict: report.verdict,
        status: ours.map(|status| format!("{}: {}", status.state.to_ascii_lowercase(), status.description)),
        statuses: ours.and_then(|status| Fingerprint::of(&status.target)).map_or(0, |one| one.count),
        most_statuses: MOST_STATUSES,
        missing: missing
            .map(|(what, requirement)| Missing {
                what: what.clone(),
                count: requirement.missing(),
                who: render::phrases::approvals(requirement, requirement.missing()).plain(),
                line: requirement.line,
            })
            .collect(),
        rejected: rejected
            .map(|(what, requirement)| {
                let (what, by) = (what.clone(), requirement.rejected_by.clone());
                Rejected { what, remedy: render::phrases::lifting(&by).plain(), by }
            })
            .collect(),
        not_counted: not_counted
            .into_iter()
            .map(|((login, why), what)| NotCountedResponse { login: login.to_owned(), what, why })
            .collect(),
        since_approved: report
            .flags
            .iter()
            .flat_map(|flag| flag.since_approved.iter().map(move |one| (flag.id().to_string(), one)))
            .chain(report.policy.since_approved.iter().map(|one| (THE_POLICY.to_owned(), one)))
            .map(|(what, one)| ExplainedStale { what, approval: one.clone() })
            .collect(),
        locked: held
            .filter_map(|flag| Some(Locked { flag: flag.id().to_string(), by: flag.locked_by.clone()? }))
            .collect(),
        siblings: judgement
            .siblings
            .iter()
            .map(|(facts, report)| Sibling { pull: facts.number(), verdict: report.verdict })
            .collect(),
        diagnostics: report.diagnostics.iter().filter(|diagnostic| diagnostic.is_error()).cloned().collect(),
        unread: judgement.evidence.iter().flat_map(|evidence| evidence.unread.iter().cloned()).collect(),
    }
}

fn text(explained: &Explained, look: Look) -> String {
    let mut prose = Prose::new(look);
    let verdict = prose.tone(Tone::of(explained.verdict), explained.verdict.in_prose());
    prose.whole("", &format!("{}#{}", explained.repository, explained.pull));
    prose.line(&format!("  {verdict}"));
    for diagnostic in &explained.diagnostics {
        let place = format!("{}:{}", diagnostic.path, diagnostic.place.line);
        prose.wrapped("  invalid  ", 11, &format!("{place}: {}; {}", diagnostic.message, diagnostic.remedy));
    }
    for locked in &explained.locked {
        let by = &locked.by;
        let said = format!("{} by #{}, requested by @{}, since {}", locked.flag, by.pull, by.requestor, by.since);
        prose.wrapped("  locked   ", 11, &said);
    }
    for rejected in &explained.rejected {
        let by: Vec<String> = rejected.by.iter().map(|login| format!("@{login}")).collect();
        prose.wrapped("  rejected ", 11, &format!("{} by {}: {}", rejected.what, by.join(", "), rejected.remedy));
    }
    for missing in &explained.missing {
        let line = missing.line.map(|line| format!(" (.countersign/APPROVERS:{line})")).unwrap_or_default();
        prose.wrapped("  missing  ", 11, &format!("{}: {}{line}", missing.what, missing.who));
    }
    for one in &explained.not_counted {
        prose.wrapped("  no count ", 11, &format!("@{} {}, for {}", one.login, one.why, one.what.join(", ")));
    }
    for ExplainedStale { what, approval } in &explained.since_approved {
        let by: Vec<String> = approval.by.iter().map(|login| format!("@{login}")).collect();
        let said = render::stale::sentences(approval).join("; ");
        prose.wrapped(
            "  since    ",
            11,
            &format!("{} {} of {what}: {said}", by.join(", "), render::stale::approved(approval)),
        );
    }
    for sibling in &explained.siblings {
        let said = format!("#{} proposes the same commit and is {}", sibling.pull, sibling.verdict.in_prose());
        prose.wrapped("  sibling  ", 11, &said);
    }
    for unread in &explained.unread {
        prose.wrapped("  unread   ", 11, unread);
    }
    let status = explained.status.as_deref().unwrap_or("none of ours on this commit");
    let count = match explained.statuses {
        0 => String::new(),
        count => format!(" ({count} of at most {} on this commit)", explained.most_statuses),
    };
    prose.wrapped("  status   ", 11, &format!("{status}{count}"));
    prose.whole("  ", &explained.url);
    prose.finish()
}
