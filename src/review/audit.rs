//! Merged changes of a branch, and whether each had the approvals it needed: the form of an audit.
//!
//! In: reports on commits that are on the branch already, and the known facts of their merge. Out: an [`Audit`]. It
//! refuses to take a change for approved that is not known to be. Not taken: an outcome for each flag; a merged change
//! goes in whole or not at all.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;

use crate::changes::RuleId;
use crate::diagnostics::Diagnostic;
use crate::diagnostics::words::short;
use crate::report::{Freed, Overridden, PassedOver, Report, Requirement, Revision, Verdict};

/// The version of the JSON form.
pub const SCHEMA: &str = "countersign/audit/v1";

/// The way in which a change was merged.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum AuditOutcome {
    /// The change needed no approval, because the policy frees switch-offs or restores.
    Free,
    /// Everyone who had to approve had approved this content.
    Approved,
    /// Admins overrode the requirements.
    Overridden,
    /// The change needed approval, and nobody asked GitHub whether it had any.
    Needed,
    /// Whether the change was approved is not known.
    Unknown,
    /// The change was merged without the approvals it needed.
    Unapproved,
}

impl AuditOutcome {
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            AuditOutcome::Free => "free",
            AuditOutcome::Approved => "approved",
            AuditOutcome::Overridden => "overridden",
            AuditOutcome::Needed => "needed",
            AuditOutcome::Unknown => "unknown",
            AuditOutcome::Unapproved => "unapproved",
        }
    }

    /// Whether the change is known to have had its approvals, to have been overridden, or to have needed nobody.
    #[must_use]
    pub fn is_let_in(self) -> bool {
        match self {
            AuditOutcome::Free | AuditOutcome::Approved | AuditOutcome::Overridden => true,
            AuditOutcome::Needed | AuditOutcome::Unknown | AuditOutcome::Unapproved => false,
        }
    }
}

/// A flag that needed approval, or the policy.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct MergedFlag {
    /// `project/key`, or `.countersign` for the policy and protected paths.
    pub name: String,
    /// The verdict for this flag alone, as of the merge.
    pub verdict: Verdict,
    /// Ids of the rules that its changes fall under.
    pub rules: Vec<RuleId>,
    /// SHA-256 over what an approval of it covers, 64 hex digits; null if nothing could be approved.
    pub digest: Option<String>,
    /// Its requirements, each with the approvals that count.
    pub requirements: Vec<Requirement>,
    /// The override by two admins of exactly this content; null if there is none.
    pub overridden: Option<Overridden>,
    /// Locks of other pull requests that an admin passed over for it.
    pub passed_over: Vec<PassedOver>,
}

/// A flag that was switched off or restored without approval.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct FreedFlag {
    /// `project/key`.
    pub name: String,
    /// The changes that the policy frees.
    pub freed: Freed,
    /// Locks of other pull requests that an admin passed over for it.
    pub passed_over: Vec<PassedOver>,
}

/// The pull request that brought a merged change.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct AuditPull {
    /// Its number.
    pub number: u64,
    /// Login of the person who opened it; null for a deleted account.
    pub requestor: Option<String>,
    /// Login of the person who merged it; null if GitHub does not say.
    pub merged_by: Option<String>,
    /// When it was merged, RFC 3339.
    pub merged_at: String,
}

/// One merged change that needed approval, or that the policy frees from it.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct MergedChange {
    /// The commit, in full; the last of them if a pull request brought several.
    pub commit: String,
    /// The commit it was merged onto, in full, whose policy it needed approval under.
    pub onto: String,
    /// When it was committed, RFC 3339, as the commit says.
    pub date: String,
    /// The author's name, as the commit says.
    pub author: String,
    /// The first line of the message.
    pub subject: String,
    /// The way in which it was merged.
    pub outcome: AuditOutcome,
    /// The reason for that, as one sentence without its full stop; null if the items say it all.
    pub why: Option<String>,
    /// The pull request that brought it; null if none did or nobody asked.
    pub pull: Option<AuditPull>,
    /// The person who merged it, by login where GitHub tells, else by the name in the commit.
    pub merged_by: String,
    /// The flags that needed approval, and the policy if it changed.
    pub items: Vec<MergedFlag>,
    /// The flags that needed none because the policy frees switch-offs or restores.
    pub freed: Vec<FreedFlag>,
    /// Diagnostics of its files or of the policy; nobody could have approved those.
    pub diagnostics: Vec<Diagnostic>,
    /// Sources that could not be read, and so counted as no approval.
    pub unread: Vec<String>,
    /// The grounds of the outcome, for a receipt.
    #[serde(skip)]
    pub judged: Option<Box<JudgedMerge>>,
}

/// The report on a merged change as of its merge, and the approvals there were.
#[derive(Clone, Debug)]
pub struct JudgedMerge {
    pub report: Report,
    pub approvals: Vec<GivenApproval>,
}

/// An approval that somebody gave, whether it counts or not.
#[derive(Clone, Debug)]
pub struct GivenApproval {
    pub login: String,
    /// When it was submitted, RFC 3339.
    pub at: String,
    /// The id of the review; none if it is no review of a forge.
    pub review: Option<String>,
}

impl MergedChange {
    /// Takes from a report everything about this merged change. An invalid one cannot be approved by anybody.
    pub fn tell(&mut self, report: &Report) {
        let flags = report.flags.iter().filter(|flag| flag.verdict != Verdict::NotRequired).map(|flag| {
            let mut rules: Vec<RuleId> = flag.changes.iter().filter_map(|change| change.rule).collect();
            rules.sort_unstable();
            rules.dedup();
            MergedFlag {
                name: flag.id().to_string(),
                verdict: flag.verdict,
                rules,
                digest: flag.digest.clone(),
                requirements: flag.requirements.clone(),
                overridden: flag.overridden.clone(),
                passed_over: flag.passed_over.clone(),
            }
        });
        let policy = (report.policy.verdict != Verdict::NotRequired).then(|| MergedFlag {
            name: super::POLICY.to_owned(),
            verdict: report.policy.verdict,
            rules: vec![RuleId::POLICY],
            digest: report.policy.digest.clone(),
            requirements: report.policy.requirements.clone(),
            overridden: report.policy.overridden.clone(),
            passed_over: Vec::new(),
        });
        self.items = flags.chain(policy).collect();
        let freed = report.flags.iter().filter_map(|flag| {
            let (name, passed_over) = (flag.id().to_string(), flag.passed_over.clone());
            Some(FreedFlag { name, freed: flag.freed?, passed_over })
        });
        self.freed = freed.collect();
        self.diagnostics = report.diagnostics.iter().filter(|diagnostic| diagnostic.is_error()).cloned().collect();
        if report.verdict == Verdict::Invalid {
            self.outcome = AuditOutcome::Unapproved;
            self.why = Some("it is invalid, which nobody can approve".to_owned());
        } else if report.verdict == Verdict::NotRequired && !self.freed.is_empty() {
            self.outcome = AuditOutcome::Free;
        }
    }

    /// Takes from the report as of the merge everything about this merged change, and its outcome. `name` is the merge
    /// in a sentence; a `doubt` is a reason why approvals that are missing may have been there.
    pub fn conclude(&mut self, report: &Report, name: &str, doubt: impl FnOnce() -> Option<String>) {
        self.tell(report);
        if self.outcome != AuditOutcome::Needed {
            return;
        }
        let unapproved = |how: &str| (AuditOutcome::Unapproved, Some(format!("{name} was merged while {how}")));
        (self.outcome, self.why) = match report.verdict {
            Verdict::NotRequired | Verdict::Approved if self.overriders().next().is_some() => {
                (AuditOutcome::Overridden, None)
            }
            Verdict::NotRequired | Verdict::Approved => (AuditOutcome::Approved, None),
            Verdict::Rejected => unapproved("it was rejected"),
            Verdict::Pending | Verdict::Locked | Verdict::Invalid => match doubt() {
                Some(why) => (AuditOutcome::Unknown, Some(format!("{name} may have been approved: {why}"))),
                None => unapproved("approvals were missing"),
            },
        };
    }

    /// Takes a report without evidence: a change that it lets through needed no approval.
    pub fn conclude_without_evidence(&mut self, report: &Report) {
        if self.outcome == AuditOutcome::Needed && !report.verdict.blocks() {
            self.outcome = AuditOutcome::Free;
        }
    }

    /// The admins who overrode a requirement of it.
    pub fn overriders(&self) -> impl Iterator<Item = &String> {
        self.items.iter().filter_map(|item| item.overridden.as_ref()).flat_map(|overridden| &overridden.by)
    }
}

/// Why the content of a flag, or the policy, is not known to have been let in.
#[derive(Clone, Debug)]
pub struct Unapproved {
    /// The person who merged the change that was not approved.
    pub by: String,
    pub why: String,
}

/// Whether all of these merged changes that are about a flag, or about the policy, were let in. A change is also about
/// it if nobody knows what it was about.
///
/// # Errors
/// The first change that was not; and any merge `without_policy`, when nobody could approve.
pub fn let_in(name: &str, changes: &[MergedChange], without_policy: bool) -> Result<(), Unapproved> {
    if without_policy {
        let why = "it was merged while there was no policy, so nobody could approve it".to_owned();
        return Err(Unapproved { by: "whoever merged it".to_owned(), why });
    }
    let about = |change: &MergedChange| {
        let unknown = change.items.is_empty() && (change.freed.is_empty() || name == super::POLICY);
        unknown || change.items.iter().any(|item| item.name == name)
    };
    let Some(change) = changes.iter().find(|change| about(change) && !change.outcome.is_let_in()) else {
        return Ok(());
    };
    let why = change.why.as_deref().unwrap_or(match change.outcome {
        AuditOutcome::Needed => {
            "it needed approval, and GitHub was not asked whether it had any: set GITHUB_TOKEN, or give `--evidence`"
        }
        _ => "it was not approved",
    });
    let why = format!("{} by {}: {why}", short(&change.commit), change.author);
    Err(Unapproved { by: change.merged_by.clone(), why })
}

/// Totals of all merged changes.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct AuditTotals {
    /// Number of commits merged in the range.
    pub merged_changes: usize,
    /// Number of commits merged while there was no policy.
    pub without_policy: usize,
    /// Number of merged changes that needed no approval because the policy frees switch-offs or restores.
    pub free: usize,
    /// Number of approved merged changes.
    pub approved: usize,
    /// Number of merged changes with an override by admins.
    pub overridden: usize,
    /// Number of merged changes that needed approval and of which GitHub was not asked.
    pub needed: usize,
    /// Number of merged changes of which it is not known.
    pub unknown: usize,
    /// Number of merged changes without the approvals they needed.
    pub unapproved: usize,
}

/// Merged changes of one person.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct AuditPerson {
    /// By login where GitHub tells, else by the name in the commits.
    pub who: String,
    /// Number of merged changes that they overrode, with another admin.
    pub overrides: usize,
    /// Number of changes that they merged without the approvals needed.
    pub unapproved: usize,
}

/// An audit: the merged changes of a branch.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Audit {
    /// The version of this form: `countersign/audit/v1`.
    #[schemars(extend("const" = SCHEMA))]
    pub schema: &'static str,
    /// `owner/name` on GitHub; null if GitHub was not asked.
    pub repository: Option<String>,
    /// The branch that pull requests had to be merged into; null if GitHub was not asked.
    pub branch: Option<String>,
    /// The commit that the range starts after; null if it goes back to the beginning.
    pub from: Option<Revision>,
    /// The last commit of the range.
    pub to: Revision,
    /// The day the range was cut at, as it was given; null if none was.
    pub since: Option<String>,
    /// Totals of all merged changes.
    pub totals: AuditTotals,
    /// Every merged change that needed approval, or that the policy frees from it, in the order they were merged.
    pub merged_changes: Vec<MergedChange>,
    /// People with overrides or with merges of unapproved changes, the most first; empty if GitHub was not asked.
    pub people: Vec<AuditPerson>,
    /// Notes for the reader, one sentence each.
    pub remarks: Vec<String>,
}

impl Audit {
    /// Whether everything that needed approval is known to have had it, or to have been overridden.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.merged_changes.iter().all(|one| one.outcome.is_let_in())
    }

    /// Counts the merged changes.
    pub fn count(&mut self) {
        let of = |outcome: AuditOutcome| self.merged_changes.iter().filter(|one| one.outcome == outcome).count();
        self.totals = AuditTotals {
            free: of(AuditOutcome::Free),
            approved: of(AuditOutcome::Approved),
            overridden: of(AuditOutcome::Overridden),
            needed: of(AuditOutcome::Needed),
            unknown: of(AuditOutcome::Unknown),
            unapproved: of(AuditOutcome::Unapproved),
            ..self.totals
        };
        if self.repository.is_none() {
            return;
        }
        // A login is the same in any case.
        let mut people: BTreeMap<String, AuditPerson> = BTreeMap::new();
        let mut person = |who: &str, overrides: usize, unapproved: usize| {
            let new = || AuditPerson { who: who.to_owned(), overrides: 0, unapproved: 0 };
            let person = people.entry(who.to_ascii_lowercase()).or_insert_with(new);
            person.overrides += overrides;
            person.unapproved += unapproved;
        };
        for merged_change in &self.merged_changes {
            let overriders: std::collections::BTreeSet<&String> = merged_change.overriders().collect();
            for who in overriders {
                person(who, 1, 0);
            }
            if merged_change.outcome == AuditOutcome::Unapproved {
                person(&merged_change.merged_by, 0, 1);
            }
        }
        self.people = people.into_values().collect();
        self.people.sort_by_key(|person| std::cmp::Reverse(person.unapproved + person.overrides));
    }
}
