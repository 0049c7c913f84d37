//! `amplitude apply`: what was merged and approved, to Amplitude.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead as _, IsTerminal as _};
use std::path::PathBuf;

use super::approvals::{Judge, Judged, Witness};
use super::branch::{BranchState, NewerTip, SUPERSEDED, superseded};
use super::bypass::{Bypasses, already_live, by_override, reported, suspects};
use super::carry_out::{Carrier, SwitchedOff};
use super::look::{OtherSide, Sight};
use super::options::CompareOptions;
use super::policy::{NO_POLICY_EVER, broken, last_valid, read_policy};
use super::remember::remember;
use super::stale::{PLAN_AGAIN, saved, stale};
use crate::amplitude::Item;
use crate::amplitude::applied::EndedFlag;
use crate::amplitude::apply::ApplyOutcome;
use crate::amplitude::client::AmplitudeClient;
use crate::amplitude::outputs::ending::Ending;
use crate::amplitude::outputs::{PlanView, remarks};
use crate::amplitude::plan::{AmplitudePlan, Finding, PlannedItem};
use crate::amplitude::relations::order;
use crate::amplitude::saved_plan::SavedPlan;
use crate::amplitude::unread::{ReadPart, UnreadPart};
use crate::approval::Evidence;
use crate::cli::Exit;
use crate::cli::audit::account;
use crate::cli::check::read_evidence;
use crate::cli::event::{self, Connect};
use crate::cli::show::{Printing, Shell};
use crate::error::Error;
use crate::git::MergedCommit;
use crate::render::Prose;
use crate::render::phrases::bypassed;
use crate::review::POLICY;

#[derive(clap::Args, Debug)]
#[command(after_help = "Only what was approved is applied: for each flag, every change merged since the commit that
Amplitude has must have had its approvals, by the judgement of `countersign audit`, or be named in
--override. Switching a flag off goes first and waits for nothing. The next run goes on with whatever
one leaves undone: it reads everything anew. Only `--format text` shows the plan first.

Examples:
  countersign amplitude apply                   show the plan, ask, and carry it out
  countersign amplitude apply plan.json --yes   carry out that plan, and nothing that changed since
  countersign amplitude apply --override checkout/pay='incident 12' --yes")]
pub struct ApplyArgs {
    /// A plan that `countersign amplitude plan --format json` has written [default: a new one]
    #[arg(value_name = "PLAN")]
    plan: Option<PathBuf>,
    /// The commit of the base branch to apply [default: its tip]
    #[arg(long, value_name = "REV")]
    commit: Option<String>,
    /// Do not ask
    #[arg(long, short)]
    yes: bool,
    /// Let the weights of running experiments change in several calls
    #[arg(long)]
    allow_intermediate: bool,
    /// Apply this flag though it was not approved (repeatable); `.countersign` stands for the policy
    #[arg(long = "override", value_name = "PROJECT/KEY=REASON")]
    overrides: Vec<String>,
    /// Reviews, permissions and teams, as JSON (schemas/evidence.schema.json), instead of asking GitHub
    #[arg(long, value_name = "FILE")]
    evidence: Option<PathBuf>,
    /// The repository on GitHub [default: GITHUB_REPOSITORY, else where `origin` points]
    #[arg(long, value_name = "OWNER/NAME")]
    repo: Option<String>,
    /// The account of the gate's comments and statuses [default: the token's]
    #[arg(long, value_name = "LOGIN")]
    gate: Option<String>,
    #[command(flatten)]
    options: CompareOptions,
}

/// Which of the flags may be written.
struct ApplyJudgement {
    judged: Judged,
    /// Whether the policy is one that was approved; the reason if it is not.
    policy: Result<(), String>,
    /// The flags that are live already, and that nobody approved.
    live: Bypasses,
}

/// A plan with what keeps parts of it from being written.
#[derive(Clone, Copy)]
struct ToApply<'a> {
    plan: &'a AmplitudePlan,
    work: &'a [&'a PlannedItem],
    /// Flags that changed since the plan was read by somebody, each with what did.
    changed: &'a BTreeMap<String, String>,
    /// Flags that the tip of the branch has otherwise.
    newer: &'a BTreeSet<String>,
    overrides: &'a BTreeMap<String, String>,
}

/// Everything that was carried out.
struct CarriedOut {
    ended: Vec<EndedFlag>,
    bypasses: Bypasses,
    /// The reason why nobody could say what was approved.
    failed: Option<Error>,
}

impl ApplyArgs {
    pub fn run(self, shell: &Shell) -> anyhow::Result<Exit> {
        let repo = shell.repo()?;
        let overrides = overrides(&self.overrides)?;
        let evidence = self.evidence.as_deref().map(|path| read_evidence(path, shell)).transpose()?;
        let saved = self.plan.as_deref().map(|path| Ok::<_, Error>((path, saved(path, shell)?))).transpose()?;
        let BranchState { commit, commits, newer } =
            BranchState::of(&repo, &self.options.tip(&repo)?, self.commit.as_deref())?;
        let (policy, broken) = match read_policy(&repo, &commit.oid)? {
            Ok(policy) => (policy, None),
            Err(diagnostics) => match last_valid(&repo, &commits)? {
                Some((policy, of)) => (policy, Some(broken(&diagnostics, &of))),
                None => {
                    let exit = shell.invalid_policy(&diagnostics, &Printing { format: "text".to_owned(), all: false });
                    shell.note(NO_POLICY_EVER);
                    return Ok(exit);
                }
            },
        };
        let sight = self.options.sight(&repo, &commit, &policy)?;
        let (branch, given) = ((&*commits, newer.as_ref(), broken), (evidence.as_ref(), saved.as_ref()));
        self.options.connect.with(sight.config, |client| self.with(client, &sight, shell, branch, given, &overrides))?
    }

    fn with(
        &self,
        client: &AmplitudeClient,
        sight: &Sight<'_>,
        shell: &Shell,
        (commits, newer, broken): (&[MergedCommit], Option<&NewerTip>, Option<Error>),
        (evidence, saved): (Option<&Evidence>, Option<&(&std::path::Path, SavedPlan)>),
        overrides: &BTreeMap<String, String>,
    ) -> anyhow::Result<Exit> {
        let mut plan = sight.plan(&OtherSide::Amplitude(client))?;
        if let Some(error) = broken {
            plan.unread.insert(0, UnreadPart::new(ReadPart::Policy, error));
            plan.hold();
        }
        let plan = plan;
        let against = saved.map(|(path, saved)| {
            let wrong = |what: String| Error::usage(format!("`{}` {what}", path.display()), PLAN_AGAIN);
            saved.compared(&plan).map_err(wrong)
        });
        let mut changed = stale(&plan, against.transpose()?.as_ref());
        // The branch of now has the last word, whether that is on or off.
        let newer = superseded(&plan, sight.config, newer);
        changed.extend(newer.iter().map(|name| (name.clone(), SUPERSEDED.to_owned())));
        for name in
            overrides.keys().filter(|name| *name != POLICY && !plan.items.iter().any(|item| item.name == **name))
        {
            shell.note(&format!("`--override {}`: no flag of this name can be applied", name.escape_debug()));
        }
        let work: Vec<&PlannedItem> =
            plan.listed().filter(|item| item.finding != Finding::Same || item.kill().is_some()).collect();
        // A flag that others need is switched on before them, and off after them.
        let work: Vec<&PlannedItem> = order(&work).into_iter().filter_map(|at| work.get(at).copied()).collect();
        if self.options.format == "text" {
            shell.print(&event::guarded(&PlanView::of(&plan, false).text(shell.look(false))));
            plan.listed().for_each(|item| show(item, shell));
        }
        let idle = plan.unread.is_empty()
            && changed.is_empty()
            && work.iter().all(|item| item.steps.calls().next().is_none() && item.kill().is_none());
        if !idle && !self.yes && !confirmed(shell)? {
            shell.note("nothing was written");
            return Ok(Exit::Blocked);
        }
        let carrier = Carrier { client, config: sight.config, allow_intermediate: self.allow_intermediate };
        let todo = ToApply { plan: &plan, work: &work, changed: &changed, newer: &newer, overrides };
        let CarriedOut { ended, bypasses, failed } = self.carry_out(&carrier, sight, &todo, (commits, evidence), shell);
        let ending = Ending { plan: &plan, ended: &ended, bypassed: reported(&bypasses) };
        if !idle || self.options.format != "text" || !ending.bypassed.is_empty() || failed.is_some() {
            print(&ending, &self.options.format, sight, shell);
        }
        if saved.is_some() && !changed.is_empty() {
            shell.note(PLAN_AGAIN);
        }
        note_applied(sight, &work, &ended, &bypasses, shell);
        let outcomes = ended.iter().filter_map(|one| one.applied.as_ref()).map(|applied| &applied.outcome);
        let stopped = outcomes.into_iter().find_map(|outcome| match outcome {
            ApplyOutcome::Stopped(error) => Some(error.clone()),
            _ => None,
        });
        match stopped.or(failed).or_else(|| plan.unread_error()) {
            Some(error) => Err(error.into()),
            None => Ok(if ending.is_whole() { Exit::Clear } else { Exit::Blocked }),
        }
    }

    /// Switches off first, then writes the rest of what may be written.
    fn carry_out(
        &self,
        carrier: &Carrier<'_>,
        sight: &Sight<'_>,
        todo: &ToApply<'_>,
        (commits, evidence): (&[MergedCommit], Option<&Evidence>),
        shell: &Shell,
    ) -> CarriedOut {
        let ToApply { plan, work, changed, newer, overrides } = *todo;
        let mut ended = Vec::new();
        // Nobody is asked first: whether GitHub answers is no question of switching off.
        let free = !sight.policy.config.critical.deactivation;
        let mut killed =
            if free { carrier.kills(work, &|name| !newer.contains(name), &mut ended) } else { SwitchedOff::default() };
        let ApplyJudgement { judged, policy, live } = match self.judged(sight, commits, evidence, (plan, work), shell) {
            Ok(judgement) => judgement,
            Err(error) => {
                let left = format!("it is not known whether it was approved: {}", error.message);
                let rest = work.iter().map(|item| (*item, Some(left.clone()))).collect();
                carrier.rest(rest, &killed, (&mut ended, shell));
                return CarriedOut { ended, bypasses: Bypasses::new(), failed: Some(error) };
            }
        };
        if !free {
            let approved = |name: &str| {
                let approved = matches!(judged.get(name), Some(Ok(()))) || overrides.contains_key(name);
                approved && !newer.contains(name)
            };
            killed = carrier.kills(work, &approved, &mut ended);
        }
        let nobody = BTreeMap::new();
        let (mut blocked, mut rest) = (BTreeMap::new(), Vec::new());
        for item in work.iter().copied() {
            let bare = reason(item, changed, &judged, &policy, &nobody);
            blocked.extend(bare.map(|why| (item.name.clone(), why)));
            rest.push((item, reason(item, changed, &judged, &policy, overrides)));
        }
        carrier.rest(rest, &killed, (&mut ended, shell));
        let mut bypasses = by_override(sight, plan, &ended, &blocked, overrides);
        bypasses.extend(live);
        CarriedOut { ended, bypasses, failed: None }
    }

    fn judged(
        &self,
        sight: &Sight<'_>,
        commits: &[MergedCommit],
        evidence: Option<&Evidence>,
        (plan, work): (&AmplitudePlan, &[&PlannedItem]),
        shell: &Shell,
    ) -> Result<ApplyJudgement, Error> {
        if plan.unread.iter().any(UnreadPart::is_of_all) {
            return Ok(ApplyJudgement { judged: Judged::new(), policy: Ok(()), live: Bypasses::new() });
        }
        let to_judge: Vec<&PlannedItem> =
            work.iter().copied().filter(|item| item.steps.calls().next().is_some()).collect();
        if to_judge.is_empty() && !suspects(plan) {
            return Ok(ApplyJudgement { judged: Judged::new(), policy: Ok(()), live: Bypasses::new() });
        }
        let connection = match evidence {
            None if event::has_token() => {
                let connect = Connect {
                    repo: self.repo.clone(),
                    verbose: self.options.connect.verbose,
                    patience: self.options.connect.patience,
                };
                Some(connect.open(shell)?)
            }
            _ => None,
        };
        let witness = match (evidence, &connection) {
            (Some(evidence), _) => Witness::Evidence(evidence),
            (None, Some(connection)) => {
                let (_, default_branch, _) = connection.client.repository()?;
                Witness::GitHub { connection, branch: default_branch, gate: self.gate.as_deref().map(account) }
            }
            (None, None) => Witness::Nobody,
        };
        let judge = Judge { repo: sight.repo, commits, witness };
        let judged = judge.flags(&to_judge)?;
        let policy = if to_judge.is_empty() { Ok(()) } else { judge.policy()? };
        let live = already_live(sight, plan, &judge)?;
        if let Some(connection) = &connection {
            connection.log();
        }
        Ok(ApplyJudgement { judged, policy, live })
    }
}

/// Notes in the lock file what was written. A call carried out stays carried out, whether it can be noted or not.
fn note_applied<'e>(
    sight: &Sight<'_>,
    work: &[&PlannedItem],
    ended: &'e [EndedFlag],
    bypasses: &Bypasses,
    shell: &Shell,
) {
    let named = |one: &EndedFlag| work.iter().copied().find(|item| item.name == one.name);
    let read_back = |one: &'e EndedFlag| Some((named(one)?, one.applied.as_ref()?.item.as_ref()?));
    let read_back: Vec<(&PlannedItem, &Item)> = ended.iter().filter_map(read_back).collect();
    let console = ended.iter().filter(|one| one.applied.as_ref().is_some_and(|applied| applied.is_console_only));
    let console: Vec<&PlannedItem> = console.filter_map(named).collect();
    match remember(sight.repo, sight.config, &read_back, &console, bypasses) {
        Ok(remarks) => remarks.iter().for_each(|remark| shell.note(remark)),
        Err(error) => shell.note(&format!("the lock file stays as it was: {}; {}", error.message, error.help)),
    }
}

/// Prints the calls of a flag, and what else is to be said of it.
fn show(item: &PlannedItem, shell: &Shell) {
    let mut prose = Prose::new(shell.look(false));
    for line in remarks(item, false) {
        prose.wrapped(&format!("{}: ", crate::render::plain(&item.name)), 2, &line);
    }
    shell.print(&event::guarded(&prose.finish()));
}

/// Why a flag is left as it is; none if it may be written.
fn reason(
    item: &PlannedItem,
    changed: &BTreeMap<String, String>,
    judged: &Judged,
    policy_ok: &Result<(), String>,
    overrides: &BTreeMap<String, String>,
) -> Option<String> {
    match &item.finding {
        Finding::Conflict(why) | Finding::Aside(why) => return Some(why.clone()),
        Finding::Same | Finding::Behind | Finding::New => {}
    }
    if let Some(why) = changed.get(&item.name) {
        return Some(why.clone());
    }
    if overrides.contains_key(&item.name) {
        return None;
    }
    if let Err(why) = policy_ok
        && !overrides.contains_key(POLICY)
    {
        return Some(why.clone());
    }
    match judged.get(&item.name) {
        Some(Ok(())) => None,
        Some(Err(unapproved)) => Some(format!("not approved: {}", unapproved.why)),
        None => item.steps.calls().next().map(|_| "nobody judged it".to_owned()),
    }
}

/// The reason that was given for going past the approvals of a flag, or past those of the policy.
pub(super) fn overridden<'o>(name: &str, overrides: &'o BTreeMap<String, String>) -> Option<&'o str> {
    overrides.get(name).or_else(|| overrides.get(POLICY)).map(String::as_str)
}

/// Flags with the reason for which each is applied though it was not approved.
fn overrides(given: &[String]) -> Result<BTreeMap<String, String>, Error> {
    given
        .iter()
        .map(|text| match text.split_once('=') {
            Some((name, reason)) if !reason.trim().is_empty() => Ok((name.to_owned(), reason.trim().to_owned())),
            _ => Err(Error::usage(
                format!("`--override {}` gives no reason", text.escape_debug()),
                "write `--override PROJECT/KEY='the reason'`",
            )),
        })
        .collect()
}

/// Whether somebody at a terminal says yes.
fn confirmed(shell: &Shell) -> Result<bool, Error> {
    if !std::io::stdin().is_terminal() {
        let help = "read the plan above, and add `--yes` where there is no terminal";
        return Err(Error::usage("nobody is here to be asked", help));
    }
    shell.note("carry this out? [y/N]");
    let mut line = String::new();
    let read = std::io::stdin().lock().read_line(&mut line);
    read.map_err(|error| Error::outside(format!("the answer cannot be read: {error}"), ""))?;
    Ok(matches!(line.trim(), "y" | "Y" | "yes"))
}

/// Prints the end of an apply; the bypassed approvals on the standard error as well, whatever the format.
fn print(ending: &Ending<'_>, format: &str, sight: &Sight<'_>, shell: &Shell) {
    match format {
        "json" => shell.print(&ending.json()),
        "markdown" => shell.print(&ending.markdown()),
        "html" => {
            let report = ending.report(sight.report(ending.plan, false));
            shell.report(&report, &Printing { format: format.to_owned(), all: false }, true);
        }
        _ => shell.print(&event::guarded(&ending.text(shell.look(false)))),
    }
    for one in &ending.bypassed {
        shell.note(&bypassed(one).plain());
    }
}
