//! `explain`: the approvals a pull request awaits, and why each one that was given did not count. It changes nothing.

use std::collections::BTreeMap;

use super::Exit;
use super::event::{self, Connect};
use super::show::{Shell, TextOrJson};
use crate::error::Error;
use crate::github::actions::commit_state::MOST_STATUSES;
use crate::github::facts::PullState;
use crate::github::fingerprint::Fingerprint;
use crate::github::judge::{Judgement, judge};
use crate::render;
use crate::render::phrases::THE_POLICY;
use crate::report::explained::{
    Explained, ExplainedStale, Locked, Missing, NotCountedResponse, Rejected, SCHEMA, Sibling,
};
use crate::report::{Report, Requirement, Revision, Verdict};

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
                let facts = &judgement.facts;
                let base = Revision { name: facts.outline.base.clone(), oid: facts.base_tip.clone() };
                return Ok(shell.invalid_base(&base, diagnostics.clone(), &printing));
            }
        };
        let explained = explain(&judgement, report);
        shell.written(self.output.id(), |output, look| Some(output.explained?(&explained, look)));
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
