//! `amplitude apply`: what was merged and approved, to Amplitude.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead as _, IsTerminal as _};
use std::path::PathBuf;

use super::approvals::{Judge, Judged, Witness};
use super::connect::ConnectAmplitude;
use super::ended::{Ended, summary};
use super::look::{OtherSide, Sight};
use super::plan::{policy, text};
use super::remember::remember;
use crate::amplitude::Item;
use crate::amplitude::apply::{AppliedFlag, ApplyOutcome, ApplyRules, apply, kill};
use crate::amplitude::client::AmplitudeClient;
use crate::amplitude::plan::{AmplitudePlan, Finding, PlannedItem};
use crate::amplitude::relations::order;
use crate::amplitude::saved_plan::{SavedPlan, StalePlan};
use crate::approval::Evidence;
use crate::cli::Exit;
use crate::cli::audit::account;
use crate::cli::check::read_evidence;
use crate::cli::event::{self, Connect};
use crate::cli::prose::Prose;
use crate::cli::show::Shell;
use crate::error::{Error, ErrorKind};
use crate::git::{Commit, MergedCommit, Repo};
use crate::policy::AmplitudeConfig;

#[derive(clap::Args, Debug)]
#[command(
    after_help = "Only what was approved is applied: for each flag, every change merged since the commit that Amplitude has must have had
its approvals, by the judgement of `countersign audit`, or be named in --override. Switching a flag off goes first and waits for
nothing. Whatever a run leaves undone, the next one goes on with: it reads everything anew.

Examples:
  countersign amplitude apply                               show the plan of the default branch, ask, and carry it out
  countersign amplitude apply plan.json --yes               carry out that plan, and nothing that changed since
  countersign amplitude apply --override checkout/pay='incident 12' --yes"
)]
pub struct ApplyArgs {
    /// A plan that `countersign amplitude plan --format json` has written [default: a new one]
    #[arg(value_name = "PLAN")]
    plan: Option<PathBuf>,
    /// The commit of the base branch to apply [default: its tip]
    #[arg(long, value_name = "REV")]
    commit: Option<String>,
    /// Only this project of the configuration [default: all that are in Amplitude]
    #[arg(long, value_name = "NAME")]
    project: Option<String>,
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
    /// The account the gate posts as [default: the token's]
    #[arg(long, value_name = "LOGIN")]
    gate: Option<String>,
    #[command(flatten)]
    connect: ConnectAmplitude,
}

impl ApplyArgs {
    pub fn run(self, shell: &Shell) -> anyhow::Result<Exit> {
        let repo = shell.repo()?;
        let overrides = overrides(&self.overrides)?;
        let evidence = self.evidence.as_deref().map(|path| read_evidence(path, shell)).transpose()?;
        let saved = self.plan.as_deref().map(|path| Ok::<_, Error>((path, saved(path, shell)?))).transpose()?;
        let (commit, commits) = self.commits(&repo)?;
        let policy = match policy(&repo, &commit.oid, shell)? {
            Ok(policy) => policy,
            Err(exit) => return Ok(exit),
        };
        let config = super::files::config(&policy)?;
        let client = self.connect.open(config)?;
        let sight = Sight { repo: &repo, commit: &commit, policy: &policy, config, only: self.project.as_deref() };
        let ended = self.with(&client, &sight, shell, &commits, (evidence.as_ref(), saved.as_ref()), &overrides);
        self.connect.log(&client);
        ended
    }

    /// The commit to apply, and those of the base branch up to it.
    fn commits(&self, repo: &Repo) -> Result<(Commit, Vec<MergedCommit>), Error> {
        let tip = repo.default_base()?;
        let commit = match &self.commit {
            Some(commit) => repo.commit(commit)?,
            None => tip.clone(),
        };
        let mut commits = repo.merged_changes(None, &tip, None)?;
        let Some(at) = commits.iter().position(|merged| merged.oid == commit.oid) else {
            let message = format!("`{}` was never what `{}` said, so it is not applied", commit.name, tip.name);
            return Err(Error::usage(message, format!("merge it into `{}` first", tip.name)));
        };
        commits.truncate(at + 1);
        Ok((commit, commits))
    }

    fn with(
        &self,
        client: &AmplitudeClient,
        sight: &Sight<'_>,
        shell: &Shell,
        commits: &[MergedCommit],
        (evidence, saved): (Option<&Evidence>, Option<&(&std::path::Path, SavedPlan)>),
        overrides: &BTreeMap<String, String>,
    ) -> anyhow::Result<Exit> {
        let plan = sight.plan(&OtherSide::Asked(client))?;
        let against = saved.map(|(path, saved)| {
            let wrong = |what: String| Error::usage(format!("`{}` {what}", path.display()), PLAN_AGAIN);
            saved.compared(&plan).map_err(wrong)
        });
        let against = against.transpose()?;
        let changed = stale(&plan, against.as_ref());
        let work: Vec<&PlannedItem> =
            plan.told().filter(|item| item.finding != Finding::Same || item.kill().is_some()).collect();
        // What others need is switched on before them, and off after them.
        let work: Vec<&PlannedItem> = order(&work).into_iter().filter_map(|at| work.get(at).copied()).collect();
        shell.print(&event::guarded(&text(&plan, false, shell)));
        for item in plan.told() {
            show(item, shell);
        }
        if changed.is_empty() && work.iter().all(|item| item.steps.calls().next().is_none() && item.kill().is_none()) {
            let left = work.iter().any(|item| matches!(item.finding, Finding::Conflict(_) | Finding::Aside(_)));
            return Ok(if left { Exit::Blocked } else { Exit::Clear });
        }
        if !self.yes && !confirmed(shell)? {
            shell.note("nothing was written");
            return Ok(Exit::Blocked);
        }
        let (judged, policy_ok) = self.judged(sight, commits, evidence, &work, shell)?;
        let mut done = Vec::new();
        let killed = self.kills(client, sight, &work, &judged, overrides, &mut done);
        for item in work.iter().copied() {
            let reason = reason(item, &changed, &judged, &policy_ok, overrides);
            match reason {
                // Switching off was all there was to do.
                Some(_) if killed.contains(&item.name) && only_off(item) => {}
                Some(left) if !killed.contains(&item.name) => {
                    done.push(Ended { name: item.name.clone(), applied: None, left: Some(left) });
                }
                Some(left) => done.push(Ended {
                    name: item.name.clone(),
                    applied: None,
                    left: Some(format!("it is off; the rest is left: {left}")),
                }),
                None => {
                    shell.note(&format!("{} …", item.name));
                    let rules = self.rules(client, sight.config, item);
                    let applied = apply(&rules, item);
                    let stopped = ended(&applied);
                    done.push(Ended { name: item.name.clone(), applied: Some(applied), left: None });
                    if stopped {
                        break;
                    }
                }
            }
        }
        let whole = done.iter().all(|one| {
            one.left.is_none() && one.applied.as_ref().is_none_or(|applied| applied.outcome == ApplyOutcome::Done)
        });
        shell.print(&event::guarded(&summary(&done, whole, shell)));
        if !changed.is_empty() {
            shell.note(PLAN_AGAIN);
        }
        let read_back: Vec<(&PlannedItem, &Item)> = done
            .iter()
            .filter_map(|one| {
                let planned = work.iter().copied().find(|item| item.name == one.name)?;
                Some((planned, one.applied.as_ref()?.item.as_ref()?))
            })
            .collect();
        // What was done is done, whether it can be taken down or not.
        match remember(sight.repo, sight.config, &read_back) {
            Ok(told) => told.iter().for_each(|told| shell.note(told)),
            Err(error) => shell.note(&format!("the lock file stays as it was: {}; {}", error.message, error.help)),
        }
        let outcomes = done.iter().filter_map(|one| one.applied.as_ref()).map(|applied| &applied.outcome);
        let stopped = outcomes.into_iter().find_map(|outcome| match outcome {
            ApplyOutcome::Stopped(error) => Some(error.clone()),
            _ => None,
        });
        match stopped {
            Some(error) => Err(error.into()),
            None => Ok(if whole { Exit::Clear } else { Exit::Blocked }),
        }
    }

    fn judged(
        &self,
        sight: &Sight<'_>,
        commits: &[MergedCommit],
        evidence: Option<&Evidence>,
        work: &[&PlannedItem],
        shell: &Shell,
    ) -> Result<(Judged, Result<(), String>), Error> {
        let connection = match evidence {
            None if event::has_token() => {
                let connect =
                    Connect { repo: self.repo.clone(), verbose: self.connect.verbose, patience: self.connect.patience };
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
        let to_judge: Vec<&PlannedItem> =
            work.iter().copied().filter(|item| item.steps.calls().next().is_some()).collect();
        let judged = judge.flags(&to_judge)?;
        let policy_ok = judge.policy()?;
        if let Some(connection) = &connection {
            connection.log();
        }
        Ok((judged, policy_ok))
    }

    /// Switches off first what has to be off, whatever else is blocked. The names of those that are.
    fn kills(
        &self,
        client: &AmplitudeClient,
        sight: &Sight<'_>,
        work: &[&PlannedItem],
        judged: &Judged,
        overrides: &BTreeMap<String, String>,
        done: &mut Vec<Ended>,
    ) -> BTreeSet<String> {
        let needs_approval = sight.policy.config.critical.deactivation;
        let mut off = BTreeSet::new();
        for item in work.iter().filter(|item| item.kill().is_some()) {
            let approved = matches!(judged.get(&item.name), Some(Ok(()))) || overrides.contains_key(&item.name);
            if needs_approval && !approved {
                continue;
            }
            let applied = kill(&self.rules(client, sight.config, item), item);
            if applied.outcome == ApplyOutcome::Done {
                off.insert(item.name.clone());
            }
            done.push(Ended { name: item.name.clone(), applied: Some(applied), left: None });
        }
        off
    }

    fn rules<'r>(
        &self,
        client: &'r AmplitudeClient,
        config: &'r AmplitudeConfig,
        item: &PlannedItem,
    ) -> ApplyRules<'r> {
        let project = config.projects.get(&item.wanted.entry.project).map_or("", String::as_str);
        ApplyRules { client, project, unmanaged: &config.unmanaged, allow_intermediate: self.allow_intermediate }
    }
}

/// Prints the calls of a flag, and what else is to be said of it.
fn show(item: &PlannedItem, shell: &Shell) {
    let mut prose = Prose::new(shell.look(false));
    for line in super::look::remarks(item, false) {
        prose.wrapped(&format!("{}: ", crate::render::plain(&item.name)), 2, &line);
    }
    shell.print(&event::guarded(&prose.finish()));
}

/// Whether the plan of a flag is to switch it off, and nothing else.
fn only_off(item: &PlannedItem) -> bool {
    item.finding == Finding::Behind && item.steps.calls().count() == 1 && item.steps.by_hand.is_empty()
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
        && !overrides.contains_key(crate::review::POLICY)
    {
        return Some(why.clone());
    }
    match judged.get(&item.name) {
        Some(Ok(())) => None,
        Some(Err(why)) => Some(format!("not approved: {why}")),
        None => item.steps.calls().next().map(|_| "nobody judged it".to_owned()),
    }
}

/// Whether nothing else will be answered either.
fn ended(applied: &AppliedFlag) -> bool {
    let kinds = [ErrorKind::Unauthorised, ErrorKind::Limited, ErrorKind::Network];
    matches!(&applied.outcome, ApplyOutcome::Stopped(error) if kinds.contains(&error.kind))
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

/// The next command for a plan that does not hold.
const PLAN_AGAIN: &str = "plan again with `countersign amplitude plan --format json > plan.json`, read it, then `countersign amplitude apply plan.json`";

/// Reads a saved plan.
fn saved(path: &std::path::Path, shell: &Shell) -> Result<SavedPlan, Error> {
    let at = shell.dir().join(path);
    let text = std::fs::read_to_string(&at).map_err(|error| Error::file("read", &at, &error))?;
    SavedPlan::parse(&text).map_err(|what| Error::usage(format!("`{}` {what}", path.display()), PLAN_AGAIN))
}

/// Why each flag is left, as far as a saved plan says: nothing of a plan is carried out of which a part is no longer so.
fn stale(plan: &AmplitudePlan, against: Option<&StalePlan>) -> BTreeMap<String, String> {
    let Some(stale) = against else { return BTreeMap::new() };
    let changed: Vec<&str> = stale.changed.keys().map(String::as_str).collect();
    let reason = |name: &str| match (stale.changed.get(name), changed.first()) {
        (Some(what), _) => Some(format!("the plan is no longer so: {what}")),
        (None, _) if stale.unplanned.contains(name) => Some("it is not in the plan".to_owned()),
        (None, Some(first)) if changed.len() == 1 => Some(format!("the plan is no longer so: {first} is another")),
        (None, Some(_)) => Some(format!("the plan is no longer so: {} flags are others", changed.len())),
        (None, None) => None,
    };
    plan.told().filter_map(|item| Some((item.name.clone(), reason(&item.name)?))).collect()
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
