//! Judgement of merges without a forge: by evidence from a file, or by the approvals that people signed.

use crate::approval::Evidence;
use crate::cli::show::Shell;
use crate::cli::signed::{SignedQuestion, SignedWhen, noted};
use crate::document::date::instant;
use crate::error::Error;
use crate::git::inputs::{Under, examine};
use crate::git::receipt_facts::MergesFound;
use crate::git::{Commit, Comparison, Repo};
use crate::github::audit::without_evidence;
use crate::receipt::make::MergeFacts;
use crate::review::Examination;
use crate::review::audit::{GivenApproval, JudgedMerge, MergedChange};

/// A merge, examined; none if its policy is invalid.
pub fn examined(
    repo: &Repo,
    onto: &str,
    commit: &str,
    now: Option<i64>,
) -> Result<Option<(Comparison, Examination)>, Error> {
    let [onto, commit] = [onto, commit].map(Commit::shortly);
    let comparison = repo.two_trees(&onto, &commit)?;
    let examined = examine(repo, &comparison, Under::Both, now)?;
    Ok(examined.ok().map(|examination| (comparison, examination)))
}

/// A merge judged by evidence from a file.
pub fn by_evidence(repo: &Repo, facts: &MergeFacts, evidence: &Evidence) -> Result<MergedChange, Error> {
    let now = instant(&evidence.now).map(|at| at.timestamp());
    let Some((_, examination)) = examined(repo, &facts.onto, &facts.commit, now)? else {
        return Ok(without_evidence(&facts.gated()));
    };
    Ok(concluded(facts, examination, evidence))
}

/// Each merge judged by the approvals that people signed. A response signed after the glass was broken was not there
/// when it came in.
pub fn by_signed(
    shell: &Shell,
    repo: &Repo,
    found: &MergesFound,
    branch: &str,
    (now, revoked): (i64, &[String]),
) -> Result<Vec<MergedChange>, Error> {
    let mut all = Vec::new();
    for facts in found.facts.iter().filter(|facts| facts.is_gated()) {
        let Some((comparison, examination)) = examined(repo, &facts.onto, &facts.commit, Some(now))? else {
            all.push(without_evidence(&facts.gated()));
            continue;
        };
        let question =
            SignedQuestion { branch: Some(branch.to_owned()), now, when: SignedWhen::AtMerge { revoked }, with: None };
        all.push(match noted(repo, &comparison, &examination, &question, shell)? {
            Some(signed) => concluded(facts, examination, &signed.evidence()),
            None => without_evidence(&facts.gated()),
        });
    }
    Ok(all)
}

fn concluded(facts: &MergeFacts, examination: Examination, evidence: &Evidence) -> MergedChange {
    let mut change = without_evidence(&facts.gated());
    let report = examination.conclude(Some(evidence), &[]);
    change.conclude(&report, "it", || None);
    change.judged = Some(Box::new(JudgedMerge { report, approvals: given(evidence) }));
    change
}

/// The approvals in evidence.
pub fn given(evidence: &Evidence) -> Vec<GivenApproval> {
    let given = evidence.reviews.iter().filter(|review| review.state == "APPROVED").map(|review| GivenApproval {
        login: review.login.clone(),
        at: review.submitted_at.clone(),
        review: None,
    });
    given.collect()
}
