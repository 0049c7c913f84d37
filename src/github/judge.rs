//! A pull request, judged: facts from the forge, files from git, and what people said, brought together.
//!
//! In: a client and a number. Out: a [`Judgement`]: the report, the evidence it rests on, and all a plan needs. It asks
//! only what the verdict depends on: teams if one is asked, other people's comments if a flag may be held. Not taken:
//! the merge commit GitHub offers (`refs/pull/N/merge`), which is stale by design.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use super::remembered::remembered;
use crate::approval::Evidence;
use crate::approval::evidence::OpenPull;
use crate::diagnostics::Diagnostic;
use crate::document::shape::instant;
use crate::git::inputs::{Stop, Under, examine};
use crate::git::token::Token;
use crate::git::{Commit, Comparison, Error, Proposal, Remote, Repo};
use crate::github::client::{Client, Fault};
use crate::github::evidence::{Found, evidence, open_pull};
use crate::github::facts::{Facts, Outline};
use crate::github::record::ApprovalRecord;
use crate::policy::{Policy, PolicyFiles, ProjectMatch};
use crate::render;
use crate::report::Report;
use crate::review::Examination;

/// Where the objects of commits come from.
pub struct Objects {
    pub remote: Remote,
    /// A clone that is there already, used if it has what is needed.
    pub near: Option<PathBuf>,
}

impl Objects {
    /// # Errors
    /// If the address is none.
    pub fn new(url: &str, token: Option<Token>, near: Option<PathBuf>) -> Result<Objects, Error> {
        Ok(Objects { remote: Remote::new(url, token)?, near })
    }

    fn with(&self, base: &str, heads: &[String], commits: u64) -> Result<Repo, Error> {
        let depth = usize::try_from(commits).unwrap_or(usize::MAX).saturating_add(1);
        Repo::near_or_fetched(self.near.as_deref(), &self.remote, base, heads, depth)
    }
}

/// Why there is no judgement.
#[derive(Debug)]
pub enum Trouble {
    Forge(Fault),
    Repo(Error),
}

impl From<Fault> for Trouble {
    fn from(fault: Fault) -> Self {
        Trouble::Forge(fault)
    }
}

impl From<Error> for Trouble {
    fn from(error: Error) -> Self {
        Trouble::Repo(error)
    }
}

/// What came out for one pull request.
pub struct Judgement {
    pub facts: Facts,
    pub record: Option<ApprovalRecord>,
    /// The report, or what is wrong with the base policy.
    pub outcome: Result<Report, Vec<Diagnostic>>,
    pub evidence: Option<Evidence>,
    pub digests: Vec<(String, String)>,
    pub holds: Vec<String>,
    /// The members of all teams of the policy, if any of them was asked for.
    pub teams: BTreeMap<String, Vec<String>>,
    /// A mark of the base policy.
    pub policy: String,
    pub siblings: Vec<(Facts, Report)>,
    /// The first half, for what is asked of it beyond the verdict; none if the policy does not hold.
    pub examination: Option<Examination>,
}

impl Judgement {
    /// Concludes once more, after the approval record or the facts were changed by a command.
    ///
    /// # Errors
    /// If what is asked for now can't be read.
    pub fn conclude_again(&mut self, client: &Client) -> Result<(), Trouble> {
        let (Some(examination), Some(old)) = (&self.examination, &self.evidence) else { return Ok(()) };
        let record = self.record.as_ref();
        let mut evidence = old.clone();
        evidence.draft = self.facts.outline.draft;
        evidence.overrides = record.map(|record| record.overrides.clone()).unwrap_or_default();
        evidence.open = competing(client, &self.facts, &examination.names(), record)?;
        let mut permissions = permissions(client, &self.facts, record)?;
        permissions.append(&mut evidence.permissions);
        evidence.permissions = permissions;
        self.outcome = Ok(render::within_a_comment(examination.clone().conclude(Some(&evidence), &[])));
        self.evidence = Some(evidence);
        Ok(())
    }
}

impl Trouble {
    /// What is wrong, and what to do about it.
    #[must_use]
    pub fn words(&self) -> (String, String) {
        match self {
            Trouble::Forge(fault) => fault.words(),
            Trouble::Repo(error) => (error.message.clone(), error.remedy.clone()),
        }
    }
}

/// Somebody who gave a command: what they may do has to be known.
pub struct Speaker<'s> {
    pub login: &'s str,
    pub permission: &'s str,
}

/// What one commit would change in one base, and what is asked of whom for it.
struct Examined {
    examination: Examination,
    policy: Policy,
    policy_mark: String,
    /// The commits that touch managed files.
    touching: Vec<String>,
}

/// Judges a pull request that is open.
///
/// # Errors
/// If GitHub or git can't be asked, or what they say can't be relied on.
pub fn judge(
    client: &Client,
    objects: &Objects,
    facts: Facts,
    speaker: Option<&Speaker<'_>>,
) -> Result<Judgement, Trouble> {
    let Some(tip) = facts.base_tip.clone() else {
        return Err(Trouble::Forge(Fault::Missing(format!("branch {}", facts.outline.base))));
    };
    let (base, head) = (commit(&facts.outline.base, &tip), commit(&head_name(&facts), &facts.outline.head));
    let repo = objects.with(&tip, std::slice::from_ref(&facts.outline.head), facts.commit_count)?;
    let comparison = repo.compare(&base, &Proposal::Commit(head.clone()))?;
    let examined = match examined(&repo, &comparison, &base, &head)? {
        Ok(examined) => examined,
        Err(diagnostics) => return lawless(client, facts, diagnostics),
    };
    conclude(client, facts, examined, true, speaker)
}

/// Which of these heads would change what is asked for in this base, or can't be told to change nothing: looked at with
/// git alone. A base that moves can bring a file under a managed path that was none when it was judged, as a merge
/// follows a folder that was renamed.
pub fn concerned(objects: &Objects, base: &str, tip: &str, heads: &[(u64, String)]) -> Vec<u64> {
    let all: Vec<String> = heads.iter().map(|(_, head)| head.clone()).collect();
    let Ok(repo) = objects.with(tip, &all, 0) else { return heads.iter().map(|(number, _)| *number).collect() };
    let nothing = |head: &str| {
        let comparison = repo.compare(&commit(base, tip), &Proposal::Commit(commit(head, head))).ok()?;
        let examination = examine(&repo, &comparison, Under::Both).ok()?;
        Some(examination.is_nothing())
    };
    heads.iter().filter(|(_, head)| nothing(head) != Some(true)).map(|(number, _)| *number).collect()
}

/// Judges an entry of a merge queue: what it brings on top of those before it, with the reviews of its pull request.
///
/// # Errors
/// If GitHub or git can't be asked, or what they say can't be relied on.
pub fn judge_entry(
    client: &Client,
    objects: &Objects,
    facts: Facts,
    below: &str,
    head: &str,
) -> Result<Judgement, Trouble> {
    let heads = [head.to_owned(), facts.outline.head.clone()];
    let repo = objects.with(below, &heads, facts.commit_count.saturating_add(1))?;
    let (base, entry) = (commit(&facts.outline.base, below), commit(&head_name(&facts), head));
    let comparison = repo.two_trees(&base, &entry)?;
    let proposed = commit(&head_name(&facts), &facts.outline.head);
    let examined = match examined(&repo, &comparison, &base, &proposed)? {
        Ok(examined) => examined,
        Err(diagnostics) => return lawless(client, facts, diagnostics),
    };
    conclude(client, facts, examined, false, None)
}

fn commit(name: &str, oid: &str) -> Commit {
    Commit { name: name.to_owned(), oid: oid.to_owned() }
}

fn head_name(facts: &Facts) -> String {
    format!("#{}", facts.number())
}

fn lawless(client: &Client, mut facts: Facts, diagnostics: Vec<Diagnostic>) -> Result<Judgement, Trouble> {
    Ok(Judgement {
        record: remembered(client, &mut facts)?,
        facts,
        outcome: Err(diagnostics),
        evidence: None,
        digests: Vec::new(),
        holds: Vec::new(),
        teams: BTreeMap::new(),
        policy: String::new(),
        siblings: Vec::new(),
        examination: None,
    })
}

/// The first half, and who took part in it; or what is wrong with the policy.
fn examined(
    repo: &Repo,
    comparison: &Comparison,
    base: &Commit,
    head: &Commit,
) -> Result<Result<Examined, Vec<Diagnostic>>, Trouble> {
    let files = crate::git::inputs::policy_files(repo, comparison, crate::git::TreeSide::Live)?;
    let policy = match Policy::read_valid(&files) {
        Ok(policy) => policy,
        Err(diagnostics) => return Ok(Err(diagnostics)),
    };
    let examination = match examine(repo, comparison, Under::Both) {
        Ok(examination) => examination,
        Err(Stop::Policy(diagnostics)) => return Ok(Err(diagnostics)),
        Err(Stop::Repo(error)) => return Err(error.into()),
    };
    // What is asked about counts: files of flags, the policy, protected paths. Either policy may name them.
    let proposed =
        Policy::read_valid(&crate::git::inputs::policy_files(repo, comparison, crate::git::TreeSide::Proposed)?).ok();
    let counts = |path: &str| {
        let by = |policy: &Policy| policy.protects(path) || !matches!(policy.project_of(path), ProjectMatch::Unmanaged);
        by(&policy) || proposed.as_ref().is_some_and(by)
    };
    let carried = repo.carried(base, head, comparison, &counts)?;
    let touching = repo.contributions(base, head, &|path: &str| carried || counts(path))?;
    let policy_mark = policy_mark(&files);
    Ok(Ok(Examined { examination, policy, policy_mark, touching }))
}

/// A mark of the policy: what it says, in eight digits.
#[must_use]
pub fn policy_mark(files: &PolicyFiles) -> String {
    let text = |file: &Option<crate::flag::File>| {
        file.as_ref().map_or_else(String::new, |file| String::from_utf8_lossy(&file.bytes).into_owned())
    };
    crate::github::fingerprint::short_mark(&format!("{}\n---\n{}", text(&files.config), text(&files.approvers)))
}

/// The teams whose members GitHub has to tell: all that the policy names and the configuration does not list.
#[must_use]
pub fn teams_of(policy: &Policy) -> Vec<String> {
    policy.teams().into_iter().filter(|team| !policy.config.teams.contains_key(team)).map(ToString::to_string).collect()
}

/// The second half: asks for what the verdict depends on, and concludes.
fn conclude(
    client: &Client,
    facts: Facts,
    examined: Examined,
    beside: bool,
    speaker: Option<&Speaker<'_>>,
) -> Result<Judgement, Trouble> {
    let Examined { examination, policy, policy_mark, touching } = examined;
    let mut facts = facts;
    let record = remembered(client, &mut facts)?;
    let unknown: Vec<String> = touching.iter().filter(|oid| !facts.commits.contains_key(*oid)).cloned().collect();
    if !unknown.is_empty() {
        facts.commits.extend(client.authors(&unknown)?);
    }
    // Where nothing is asked nobody has to be known.
    let asked = speaker.is_some() || !examination.digests().is_empty();
    let mut wanted: BTreeSet<String> = if asked { examination.teams() } else { BTreeSet::new() };
    if !wanted.is_empty() {
        wanted.extend(teams_of(&policy));
    }
    let wanted: Vec<String> = wanted.into_iter().collect();
    let teams = if wanted.is_empty() { BTreeMap::new() } else { client.members(&wanted)? };
    let mut unread: Vec<String> = Vec::new();
    unread.extend(wanted.iter().filter(|team| !teams.contains_key(*team)).map(|team| {
        format!("the members of `{team}` could not be read: there is no such team, or the token may not read it")
    }));
    let siblings: Vec<Outline> = if beside { facts.siblings().cloned().collect() } else { Vec::new() };
    let authors = siblings.iter().filter_map(|other| other.author.as_ref().map(|author| author.login.clone()));
    let mut found = Found {
        touching: Some(touching),
        permissions: permissions(client, &facts, record.as_ref())?,
        open: competing(client, &facts, &examination.names(), record.as_ref())?,
        siblings: authors.collect(),
        teams: teams.clone(),
        unread,
    };
    if let Some(speaker) = speaker {
        found.permissions.insert(speaker.login.to_owned(), speaker.permission.to_owned());
    }
    let mut verdicts = Vec::new();
    for sibling in siblings {
        let mut theirs = client.facts(sibling.number)?;
        let record = remembered(client, &mut theirs)?;
        let mut beside = found.clone();
        beside.siblings.insert(facts.author().to_owned());
        beside.siblings.remove(theirs.author());
        beside.open = competing(client, &theirs, &examination.names(), record.as_ref())?;
        beside.permissions.extend(permissions(client, &theirs, record.as_ref())?);
        let report = examination.clone().conclude(Some(&evidence(&theirs, record.as_ref(), &beside)), &[]);
        verdicts.push((theirs, render::within_a_comment(report)));
    }
    found.siblings.remove(facts.author());
    let evidence = evidence(&facts, record.as_ref(), &found);
    let (digests, holds) = (examination.digests(), examination.locks());
    let report = render::within_a_comment(examination.clone().conclude(Some(&evidence), &[]));
    Ok(Judgement {
        facts,
        record,
        outcome: Ok(report),
        evidence: Some(evidence),
        digests,
        holds,
        teams,
        policy: policy_mark,
        siblings: verdicts,
        examination: Some(examination),
    })
}

/// What those may do in the repository who lifted a rejection or overrode, and whose right was not seen with a review.
fn permissions(
    client: &Client,
    facts: &Facts,
    record: Option<&ApprovalRecord>,
) -> Result<BTreeMap<String, String>, Trouble> {
    let seen = |login: &str| {
        let mut authors = facts.reviews.iter().filter_map(|review| review.author.as_ref());
        authors.any(|author| author.login.eq_ignore_ascii_case(login))
    };
    let dismissed = facts.dismissals.iter().filter(|one| one.was == "CHANGES_REQUESTED");
    let lifted = dismissed.filter_map(|one| one.by.as_ref().map(|by| by.login.clone()));
    let overrode = record.iter().flat_map(|record| record.overrides.iter().map(|one| one.login.clone()));
    let asked: BTreeSet<String> = lifted.chain(overrode).filter(|login| !seen(login)).collect();
    let mut found = BTreeMap::new();
    for login in asked {
        if let Some(permission) = client.permission(&login)? {
            found.insert(login, permission);
        }
    }
    Ok(found)
}

/// The other open pull requests of the same base that hold one of these flags, and this one beside them.
fn competing(
    client: &Client,
    facts: &Facts,
    names: &[String],
    record: Option<&ApprovalRecord>,
) -> Result<Vec<OpenPull>, Trouble> {
    let own = facts.number();
    let others: Vec<&Outline> = facts
        .open
        .iter()
        .filter(|other| other.number != own && other.base == facts.outline.base)
        // The same commit is no competing pull request: whichever lands brings both.
        .filter(|other| other.head != facts.outline.head)
        .filter(|other| other.more_marks.is_some() || other.marks.iter().any(|mark| mark.ours))
        .collect();
    if names.is_empty() || others.is_empty() {
        return Ok(Vec::new());
    }
    let comments = client.stickies(&others)?;
    let mut found = Vec::new();
    // What others were let pass us for.
    let mut passed_over: BTreeSet<String> = BTreeSet::new();
    for other in others {
        let Some(theirs) = comments.get(&other.number).and_then(ApprovalRecord::of) else { continue };
        let mut open = open_pull(other.number, "ghost", other.draft, true, &theirs, record);
        open.touches.retain(|flag, _| names.contains(flag));
        if open.touches.is_empty() {
            continue;
        }
        let passes = theirs.passed.iter().filter(|passed| passed.pull == own && !other.draft);
        passed_over.extend(passes.map(|passed| passed.flag.clone()));
        if let Some(author) = &other.author {
            open.requestor.clone_from(&author.login);
            // Whose right can't be told may hold a flag: what is not known is no free way.
            let may = client.permission(&author.login)?;
            open.outsider = matches!(may.as_deref(), Some("read" | "triage" | "none"));
        }
        found.push(open);
    }
    if found.is_empty() {
        return Ok(found);
    }
    let noted = record.cloned().unwrap_or_default();
    let mut this = open_pull(own, facts.author(), facts.outline.draft, false, &noted, None);
    let anew = facts.anew.as_deref().and_then(instant);
    this.touches.retain(|flag, since| {
        names.contains(flag) && !passed_over.contains(flag) && anew.is_none_or(|anew| instant(since) >= Some(anew))
    });
    // Whether it may hold anything is asked only where it would.
    if !this.touches.is_empty() {
        let may = client.permission(facts.author())?;
        this.outsider = matches!(may.as_deref(), Some("read" | "triage" | "none"));
    }
    found.push(this);
    Ok(found)
}

/// The folder a command runs in, if there is a clone.
#[must_use]
pub fn near(dir: &Path) -> Option<PathBuf> {
    dir.join(".git").exists().then(|| dir.to_owned())
}
