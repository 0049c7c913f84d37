//! The review of a pull request: its facts from GitHub, its examination by git, and the evidence, concluded to a
//! report.
//!
//! In: a client and the facts. Out: a [`Judgement`]: the report, the evidence it rests on, and all that a plan needs.
//! It asks GitHub only for what the verdict depends on: teams if an approval is required of one, other people's
//! comments if a flag may be locked. Not taken: one request for everything, which most pull requests would pay for
//! nothing.

use std::collections::{BTreeMap, BTreeSet};

use super::client::Client;
use super::evidence::{Gathered, evidence};
use super::facts::{Outline, PullFacts};
use super::locks::competing;
use super::objects::{DebtHold, ExaminedOrInvalid, ExaminedPull, Objects};
use super::record::{self, ApprovalRecord};
use crate::approval::evidence::may_have_rejected;
use crate::approval::{Content, Evidence};
use crate::diagnostics::Diagnostic;
use crate::error::Error;
use crate::policy::Policy;
use crate::report::Report;
use crate::review::Examination;

/// How many revisions that were approved earlier are looked up, to tell what changed since.
const MOST_APPROVED: usize = 3;

/// The review of one pull request.
pub struct Judgement {
    pub facts: PullFacts,
    pub record: Option<ApprovalRecord>,
    /// The report, or the diagnostics of an invalid base policy.
    pub outcome: Result<Report, Vec<Diagnostic>>,
    pub evidence: Option<Evidence>,
    pub digests: Vec<(String, String)>,
    pub holds: Vec<String>,
    /// The members of all teams of the policy, if an approval of any of them is required.
    pub teams: BTreeMap<String, Vec<String>>,
    /// Whether people were asked about whom the reviews do not tell: their permissions can change without an event.
    pub rests_on_people: bool,
    /// Eight digits over the base policy.
    pub policy: String,
    /// The sibling pull requests and the report of each.
    pub siblings: Vec<(PullFacts, Report)>,
    /// The examination; none if the base policy is invalid.
    pub examination: Option<Examination>,
}

impl Judgement {
    /// Concludes once more, after a command changed the approval record or the facts.
    ///
    /// # Errors
    /// If GitHub can't be asked.
    pub fn conclude_again(&mut self, client: &Client) -> Result<(), Error> {
        let (Some(examination), Some(old)) = (&self.examination, &self.evidence) else { return Ok(()) };
        let record = self.record.as_ref();
        let mut evidence = old.clone();
        evidence.draft = self.facts.outline.draft;
        evidence.overrides = record.map(|record| record.overrides.clone()).unwrap_or_default();
        evidence.passed_over = record.map(|record| record.passed_over.clone()).unwrap_or_default();
        evidence.open = competing(client, &self.facts, &examination.names(), record)?;
        let external = examination.counts_external();
        self.rests_on_people |= rests_on_people(&self.facts, record, external);
        let mut permissions = permissions(client, &self.facts, record, external)?;
        permissions.append(&mut evidence.permissions);
        evidence.permissions = permissions;
        let mut report = examination.clone().conclude(Some(&evidence), &[]);
        report.pull = Some(self.facts.named());
        self.outcome = Ok(report);
        self.evidence = Some(evidence);
        Ok(())
    }

    /// The judgement that nothing can be judged, since the base policy is invalid.
    fn invalid_policy(client: &Client, mut facts: PullFacts, diagnostics: Vec<Diagnostic>) -> Result<Judgement, Error> {
        Ok(Judgement {
            record: record::find(client, &mut facts)?,
            facts,
            outcome: Err(diagnostics),
            evidence: None,
            digests: Vec::new(),
            holds: Vec::new(),
            teams: BTreeMap::new(),
            rests_on_people: false,
            policy: String::new(),
            siblings: Vec::new(),
            examination: None,
        })
    }
}

/// The author of a command, and their permission in the repository.
pub struct Commander<'c> {
    pub login: &'c str,
    pub permission: &'c str,
}

/// Judges a pull request that is open.
///
/// # Errors
/// If GitHub or git can't be asked, or their answers can't be relied on.
pub fn judge(
    client: &Client,
    objects: &Objects,
    facts: PullFacts,
    commander: Option<&Commander<'_>>,
) -> Result<Judgement, Error> {
    let examined = objects.examine(&facts)?;
    let siblings = facts.siblings().cloned().collect();
    conclude(client, objects, facts, examined, siblings, commander)
}

/// Judges an entry of a merge queue: its changes on top of the entries ahead, with the reviews of its pull request.
///
/// # Errors
/// If GitHub or git can't be asked, or their answers can't be relied on.
pub fn judge_entry(
    client: &Client,
    objects: &Objects,
    facts: PullFacts,
    below: &str,
    entry: &str,
    holds: DebtHold,
) -> Result<Judgement, Error> {
    let examined = objects.examine_entry(&facts, below, entry, holds)?;
    conclude(client, objects, facts, examined, Vec::new(), None)
}

/// The teams whose members GitHub has to tell: all that the policy names and the configuration does not list.
#[must_use]
pub fn teams_of(policy: &Policy) -> Vec<String> {
    policy.teams().into_iter().filter(|team| !policy.config.teams.contains_key(team)).map(ToString::to_string).collect()
}

/// Gathers the evidence that the verdict depends on, and concludes.
fn conclude(
    client: &Client,
    objects: &Objects,
    mut facts: PullFacts,
    examined: ExaminedOrInvalid,
    siblings: Vec<Outline>,
    commander: Option<&Commander<'_>>,
) -> Result<Judgement, Error> {
    let ExaminedPull { examination, policy, policy_digest, touching } = match examined {
        Ok(examined) => examined,
        Err(diagnostics) => return Judgement::invalid_policy(client, facts, diagnostics),
    };
    let mut record = record::find(client, &mut facts)?;
    if let Some(record) = &mut record {
        record.keep_passed(&examination.switched_off());
    }
    let unknown: Vec<String> = touching.iter().filter(|oid| !facts.commits.contains_key(*oid)).cloned().collect();
    if !unknown.is_empty() {
        facts.commits.extend(client.authors(&unknown)?);
    }
    let wanted = wanted_teams(&examination, &policy, commander);
    let teams = if wanted.is_empty() { BTreeMap::new() } else { client.members(&wanted)? };
    let unread = wanted.iter().filter(|team| !teams.contains_key(*team)).map(|team| {
        format!("the members of `{team}` could not be read: there is no such team, or the token may not read it")
    });
    let unread = unread.collect();
    let requestors = siblings.iter().filter_map(|other| other.author.as_ref().map(|author| author.login.clone()));
    let mut gathered = Gathered {
        touching,
        permissions: permissions(client, &facts, record.as_ref(), examination.counts_external())?,
        external: examination.counts_external(),
        open: competing(client, &facts, &examination.names(), record.as_ref())?,
        sibling_requestors: requestors.collect(),
        teams: teams.clone(),
        unread,
    };
    if let Some(commander) = commander {
        gathered.permissions.insert(commander.login.to_owned(), commander.permission.to_owned());
    }
    let mut on_people = rests_on_people(&facts, record.as_ref(), examination.counts_external());
    let mut reports = Vec::new();
    for sibling in siblings {
        let (sibling, report, more) =
            judge_sibling(client, &examination, &gathered, facts.requestor(), sibling.number)?;
        on_people |= more;
        reports.push((sibling, report));
    }
    gathered.sibling_requestors.remove(facts.requestor());
    let mut evidence = evidence(&facts, record.as_ref(), &gathered);
    let (digests, holds) = (examination.digests(), examination.locks());
    let mut report = examination.clone().conclude(Some(&evidence), &[]);
    evidence.contents = approved_contents(objects, &report, &evidence, facts.commit_count);
    if !evidence.contents.is_empty() {
        report = examination.clone().conclude(Some(&evidence), &[]);
    }
    report.pull = Some(facts.named());
    Ok(Judgement {
        facts,
        record,
        outcome: Ok(report),
        evidence: Some(evidence),
        digests,
        holds,
        teams,
        rests_on_people: on_people,
        policy: policy_digest,
        siblings: reports,
        examination: Some(examination),
    })
}

/// The contents of the stale approvals, as far as the commits that were displayed then are to be had: the newest few.
fn approved_contents(objects: &Objects, report: &Report, evidence: &Evidence, commits: u64) -> Vec<Content> {
    let flags = report.flags.iter().flat_map(|flag| &flag.since_approved);
    let stale: BTreeSet<&str> = flags.chain(&report.policy.since_approved).map(|one| one.digest.as_str()).collect();
    let mut displayed: Vec<(&str, &str)> = Vec::new();
    for shown in evidence.displayed.iter().flatten().rev() {
        let approved = shown.digests.values().any(|digest| stale.contains(digest.as_str()));
        if let (true, Some(base), Some(head)) = (approved, &shown.base, &shown.head)
            && !displayed.contains(&(base, head))
        {
            displayed.push((base, head));
        }
    }
    let read = displayed.into_iter().take(MOST_APPROVED).flat_map(|(base, head)| objects.contents(base, head, commits));
    read.filter(|content| stale.iter().any(|digest| content.digest().starts_with(digest))).collect()
}

/// The teams whose members have to be known: none where no approval is required.
fn wanted_teams(examination: &Examination, policy: &Policy, commander: Option<&Commander<'_>>) -> Vec<String> {
    let needed = commander.is_some() || !examination.digests().is_empty();
    let mut wanted: BTreeSet<String> = if needed { examination.teams() } else { BTreeSet::new() };
    if !wanted.is_empty() {
        wanted.extend(teams_of(policy));
    }
    wanted.into_iter().collect()
}

/// Judges a sibling pull request: the same commit with the reviews and the record of the other. The last of the three
/// says whether people were asked about.
fn judge_sibling(
    client: &Client,
    examination: &Examination,
    gathered: &Gathered,
    requestor: &str,
    number: u64,
) -> Result<(PullFacts, Report, bool), Error> {
    let mut facts = client.facts(number)?;
    let mut record = record::find(client, &mut facts)?;
    if let Some(record) = &mut record {
        record.keep_passed(&examination.switched_off());
    }
    let mut gathered = gathered.clone();
    gathered.sibling_requestors.insert(requestor.to_owned());
    gathered.sibling_requestors.remove(facts.requestor());
    gathered.open = competing(client, &facts, &examination.names(), record.as_ref())?;
    gathered.permissions.extend(permissions(client, &facts, record.as_ref(), examination.counts_external())?);
    let evidence = evidence(&facts, record.as_ref(), &gathered);
    let on_people = rests_on_people(&facts, record.as_ref(), examination.counts_external());
    let mut report = examination.clone().conclude(Some(&evidence), &[]);
    report.pull = Some(facts.named());
    Ok((facts, report, on_people))
}

/// The permissions of those whose right to push no review tells; with external approvers, also those of reviewers who
/// may not push.
fn permissions(
    client: &Client,
    facts: &PullFacts,
    record: Option<&ApprovalRecord>,
    external: bool,
) -> Result<BTreeMap<String, String>, Error> {
    let mut found = BTreeMap::new();
    for login in needed(facts, record, external) {
        if let Some(permission) = client.permission(&login)? {
            found.insert(login, permission);
        }
    }
    Ok(found)
}

/// Whether the verdict rests on what somebody may do of whom the reviews do not tell all.
fn rests_on_people(facts: &PullFacts, record: Option<&ApprovalRecord>, external: bool) -> bool {
    record.is_some_and(|record| !record.overrides.is_empty()) || !needed(facts, record, external).is_empty()
}

/// The people who dismissed a rejection or gave an override, and whose right to push no review tells; with external
/// approvers, also the reviewers who may not push.
fn needed(facts: &PullFacts, record: Option<&ApprovalRecord>, external: bool) -> BTreeSet<String> {
    let authors = || {
        let counted = facts.reviews.iter().filter(|review| review.may_push || !external);
        counted.filter_map(|review| review.author.as_ref())
    };
    let reviewed = |login: &str| authors().any(|author| author.login.eq_ignore_ascii_case(login));
    let readers = facts.reviews.iter().filter(|review| external && !review.may_push);
    let readers = readers.filter_map(|review| review.author.as_ref().filter(|author| author.is_person()));
    let readers = readers.map(|author| author.login.clone());
    let dismissed = facts.dismissals.iter().filter(|one| may_have_rejected(&one.was));
    let dismissers = dismissed.filter_map(|one| one.by.as_ref().map(|by| by.login.clone()));
    let overriders = record.iter().flat_map(|record| record.overrides.iter().map(|one| one.login.clone()));
    dismissers.chain(overriders).chain(readers).filter(|login| !reviewed(login)).collect()
}
