//! The audit of merged changes: the pull request of each, as of its merge, judged.
//!
//! In: merged changes that needed approval, and a client. Out: the [`MergedChange`]s of an audit. It refuses to count a
//! review that was given after the merge, and to pass a pull request that can't be read. Not taken: the status of the
//! commit, which anyone who may write can set; the permissions of that time, which GitHub does not tell.

use std::collections::BTreeMap;

use crate::approval::Evidence;
use crate::document::date::instant;
use crate::error::Error;
use crate::git::{self, examined_merges::Gated};
use crate::github::client::{Client, CommitOrigin, MergedPull};
use crate::github::facts::{Account, PullFacts, SubmittedReview};
use crate::review::Examination;
use crate::review::audit::{AuditOutcome, AuditPull, GivenApproval, JudgedMerge, MergedChange};

use super::judge::judge_entry;
use super::objects::{DebtHold, Objects};

/// The parties of an audit: GitHub, git, and the gate.
pub struct Question<'q> {
    pub client: &'q Client,
    pub objects: &'q Objects,
    /// The branch a pull request has to be merged into.
    pub branch: &'q str,
    /// The account the gate runs as, if it is not the token's.
    pub gate: Option<&'q Account>,
}

/// A merged change as an audit has it without the evidence of a forge.
#[must_use]
pub fn without_evidence(gated: &Gated) -> MergedChange {
    let git::MergedCommit { oid, parent, seconds, author, subject } = gated.merged_change.clone();
    let date = chrono::DateTime::from_timestamp(seconds, 0);
    let mut merged_change = MergedChange {
        commit: oid,
        onto: parent.unwrap_or_default(),
        date: date.map_or_else(String::new, crate::document::date::rfc3339),
        merged_by: author.clone(),
        author,
        subject,
        outcome: AuditOutcome::Needed,
        why: None,
        pull: None,
        items: Vec::new(),
        freed: Vec::new(),
        diagnostics: Vec::new(),
        unread: Vec::new(),
        judged: None,
    };
    match &gated.outcome {
        Ok(report) => merged_change.tell(report),
        Err(diagnostics) => {
            merged_change.outcome = AuditOutcome::Unknown;
            merged_change.why =
                Some("the policy it was merged under is invalid, so the approvals it needed are not known".to_owned());
            merged_change.diagnostics.clone_from(diagnostics);
        }
    }
    merged_change
}

/// Asks GitHub for the pull request of each. `step` is called for each.
///
/// # Errors
/// If GitHub can't be asked at all; an answer it can't give about one merged change is noted there.
pub fn judged_needing(question: &Question<'_>, gated: Vec<Gated>, step: &dyn Fn()) -> Result<Vec<MergedChange>, Error> {
    let mut all = judged_by_github(question, gated, step)?;
    // The commits of a rebased pull request may cancel each other out.
    all.retain(|one| !one.items.is_empty() || !one.freed.is_empty() || one.why.is_some());
    Ok(all)
}

/// Asks GitHub for the pull request of each, and keeps those that needed nothing after all.
///
/// # Errors
/// If GitHub can't be asked at all.
pub fn judged_by_github(
    question: &Question<'_>,
    gated: Vec<Gated>,
    step: &dyn Fn(),
) -> Result<Vec<MergedChange>, Error> {
    let oids: Vec<String> = gated.iter().map(|one| one.merged_change.oid.clone()).collect();
    let merged = question.client.origins(&oids)?;
    let mut pulls: BTreeMap<u64, Result<PullFacts, Error>> = BTreeMap::new();
    let mut done: Vec<(MergedChange, Option<u64>)> = Vec::new();
    for one in gated {
        step();
        let mut merged_change = without_evidence(&one);
        let known = merged.get(&merged_change.commit);
        if let Some(login) = known.and_then(|known| known.by.clone()) {
            merged_change.merged_by = login;
        }
        let brought = match brought(known, &merged_change.commit, question.branch) {
            Ok(brought) => brought,
            Err((outcome, why)) => {
                if one.outcome.is_ok() && merged_change.outcome == AuditOutcome::Needed {
                    (merged_change.outcome, merged_change.why) = (outcome, Some(why));
                }
                done.push((merged_change, None));
                continue;
            }
        };
        let facts = pulls.entry(brought.number).or_insert_with(|| question.facts(&brought));
        // Merged by rebasing, the commits of a pull request come at once and are made anew: they are one merged change.
        let rebased = facts.as_ref().is_ok_and(|facts| !facts.commits.contains_key(&merged_change.commit));
        let before = done.last().filter(|(_, pull)| rebased && *pull == Some(brought.number));
        if let Some((before, _)) = before {
            merged_change.onto.clone_from(&before.onto);
            done.pop();
        }
        merged_change.pull = Some(AuditPull {
            number: brought.number,
            requestor: facts.as_ref().ok().and_then(|facts| Some(facts.outline.author.as_ref()?.login.clone())),
            merged_by: brought.merged_by.clone(),
            merged_at: brought.merged_at.clone(),
        });
        if let Some(login) = brought.merged_by.clone() {
            merged_change.merged_by = login;
        }
        if one.outcome.is_ok() {
            match facts {
                Ok(facts) => question.settle(&mut merged_change, facts.clone(), &brought),
                Err(error) => unknown(&mut merged_change, brought.number, &error.message),
            }
        }
        done.push((merged_change, rebased.then_some(brought.number)));
    }
    Ok(done.into_iter().map(|(merged_change, _)| merged_change).collect())
}

fn unknown(merged_change: &mut MergedChange, number: u64, why: &str) {
    if !matches!(merged_change.outcome, AuditOutcome::Unapproved | AuditOutcome::Free) {
        merged_change.outcome = AuditOutcome::Unknown;
        merged_change.why = Some(format!("#{number} could not be judged: {why}"));
    }
}

/// The pull request that brought a commit into this branch; or why there is none.
fn brought(merged: Option<&CommitOrigin>, oid: &str, branch: &str) -> Result<MergedPull, (AuditOutcome, String)> {
    let Some(merged) = merged else {
        return Err((AuditOutcome::Unknown, "GitHub does not have this commit".to_owned()));
    };
    let mut here: Vec<&MergedPull> = merged.pulls.iter().filter(|one| one.base == branch).collect();
    if here.iter().any(|one| one.commit.as_deref() == Some(oid)) {
        here.retain(|one| one.commit.as_deref() == Some(oid));
    }
    match (here.as_slice(), merged.pulls.first()) {
        ([one], _) => Ok((*one).clone()),
        ([], _) if merged.more => {
            Err((AuditOutcome::Unknown, "more pull requests have this commit than are looked at".to_owned()))
        }
        ([], Some(other)) => {
            let why =
                format!("pushed directly: #{} brought it into `{}`, not into `{branch}`", other.number, other.base);
            Err((AuditOutcome::Unapproved, why))
        }
        ([], None) => Err((AuditOutcome::Unapproved, "pushed directly: no pull request brought it".to_owned())),
        (several, _) => {
            let numbers: Vec<String> = several.iter().map(|one| format!("#{}", one.number)).collect();
            Err((AuditOutcome::Unknown, format!("which pull request brought it is not clear: {}", numbers.join(", "))))
        }
    }
}

impl Question<'_> {
    /// The facts of a pull request as of its merge.
    fn facts(&self, brought: &MergedPull) -> Result<PullFacts, Error> {
        let mut facts = self.client.facts(brought.number)?;
        self.with_record(&mut facts)?;
        as_of(&mut facts, &brought.merged_at);
        Ok(facts)
    }

    /// The facts of today about a pull request that was merged: the approvals of after the merge too.
    ///
    /// # Errors
    /// If GitHub or git can't be asked.
    pub fn now(
        &self,
        number: u64,
        onto: &str,
        commit: &str,
    ) -> Result<Option<(Examination, Evidence, Vec<GivenApproval>)>, Error> {
        let mut facts = self.client.facts(number)?;
        self.with_record(&mut facts)?;
        let approvals = given(&facts);
        let judgement = judge_entry(self.client, self.objects, facts, onto, commit, DebtHold::Passed)?;
        Ok(judgement.examination.zip(judgement.evidence).map(|(one, evidence)| (one, evidence, approvals)))
    }

    /// Takes the record of the gate's account.
    fn with_record(&self, facts: &mut PullFacts) -> Result<(), Error> {
        if let Some(gate) = self.gate {
            facts.sticky = self.client.record_of(&facts.outline.node, gate)?;
            // The checksum of the record is in a status of the same account.
            facts.viewer = format!("{}{}", gate.login, if gate.kind == "Bot" { "[bot]" } else { "" });
        }
        // No other pull request is in its way any more.
        facts.open.clear();
        Ok(())
    }

    fn settle(&self, merged_change: &mut MergedChange, facts: PullFacts, brought: &MergedPull) {
        let number = brought.number;
        let approvals = given(&facts);
        let judged =
            judge_entry(self.client, self.objects, facts, &merged_change.onto, &merged_change.commit, DebtHold::Passed);
        let judgement = match judged {
            Ok(judgement) => judgement,
            Err(error) => return unknown(merged_change, number, &error.message),
        };
        let (Some(examination), Some(mut evidence)) = (judgement.examination, judgement.evidence) else {
            return unknown(merged_change, number, "the policy it was merged under is invalid");
        };
        let merged = instant(&brought.merged_at);
        evidence.overrides.retain(|one| instant(&one.at).is_some_and(|at| Some(at) <= merged));
        evidence.passed_over.retain(|one| instant(&one.at).is_some_and(|at| Some(at) <= merged));
        let report = examination.clone().conclude(Some(&evidence), &[]);
        (merged_change.outcome, merged_change.why) = (AuditOutcome::Needed, None);
        let doubt = || doubt(&examination, &evidence, judgement.record.is_some());
        merged_change.conclude(&report, &format!("#{number}"), doubt);
        merged_change.judged = Some(Box::new(JudgedMerge { report: report.clone(), approvals }));
        merged_change.unread.clone_from(&evidence.unread);
    }
}

/// The approvals of a pull request.
fn given(facts: &PullFacts) -> Vec<GivenApproval> {
    let given = |review: &SubmittedReview| {
        let login = review.author.as_ref()?.login.clone();
        Some(GivenApproval { login, at: review.submitted_at.clone(), review: Some(review.id.clone()) })
    };
    facts.reviews.iter().filter(|review| review.state == "APPROVED").filter_map(given).collect()
}

/// The reasons why a merged change that was not approved, as far as GitHub tells, may have been approved all the same.
/// None if it would not be, however the unknown answers turned out.
fn doubt(examination: &Examination, evidence: &Evidence, remembered: bool) -> Option<String> {
    let approvers: Vec<String> = evidence
        .reviews
        .iter()
        .filter(|review| review.state == "APPROVED")
        .map(|review| review.login.clone())
        .chain(evidence.overrides.iter().map(|one| one.login.clone()))
        .collect();
    let mut why = Vec::new();
    let mut kind = evidence.clone();
    for login in &approvers {
        let may = kind.permissions.iter_mut().find(|(known, _)| known.eq_ignore_ascii_case(login));
        let may = match may {
            Some((_, may)) if matches!(may.as_str(), "write" | "maintain" | "admin") => continue,
            Some((_, may)) => may,
            None => kind.permissions.entry(login.clone()).or_default(),
        };
        *may = "write".to_owned();
        why.push(format!("@{login} has no write access today"));
    }
    for team in examination.teams() {
        let unread = format!("who is in `{team}` could not be read");
        kind.teams.entry(team).or_insert_with(|| {
            why.push(unread);
            approvers.clone()
        });
    }
    if kind.contributors.is_none() {
        kind.contributors = Some(Vec::new());
        why.push("who wrote it could not be read".to_owned());
    }
    if !remembered {
        why.push("no record is left of what was displayed".to_owned());
    }
    let vouched = if remembered { &[][..] } else { &approvers };
    let blocks = why.is_empty() || examination.clone().conclude(Some(&kind), vouched).verdict.blocks();
    why.dedup();
    (!blocks).then(|| why.join("; "))
}

/// Undoes in the facts everything that happened after the merge.
fn as_of(facts: &mut PullFacts, merged_at: &str) {
    let Some(merged) = instant(merged_at) else {
        // Nobody knows which came first.
        facts.reviews.clear();
        return;
    };
    let before = |at: &str| instant(at).is_some_and(|at| at <= merged);
    facts.reviews.retain(|review| before(&review.submitted_at));
    let dismissals = std::mem::take(&mut facts.dismissals);
    let (kept, later): (Vec<_>, Vec<_>) = dismissals.into_iter().partition(|one| before(&one.at));
    for review in facts.reviews.iter_mut().filter(|review| review.state == "DISMISSED") {
        let of = |of: &Option<Account>| of.is_some() && *of == review.author;
        let earlier = kept.iter().any(|one| of(&one.of) && instant(&one.at) >= instant(&review.submitted_at));
        let was: Vec<&str> = later.iter().filter(|one| of(&one.of)).map(|one| one.was.as_str()).collect();
        restore(review, earlier, &was);
    }
    facts.dismissals = kept;
}

/// Restores the state of a review that was dismissed after the merge. A dismissal names the reviewer and not the
/// review: where it is not clear which was meant, the review stays dismissed.
fn restore(review: &mut SubmittedReview, earlier: bool, was: &[&str]) {
    if was.contains(&"CHANGES_REQUESTED") {
        "CHANGES_REQUESTED".clone_into(&mut review.state);
    } else if !earlier && !was.is_empty() && was.iter().all(|was| *was == "APPROVED") {
        "APPROVED".clone_into(&mut review.state);
    }
}
