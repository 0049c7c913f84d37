//! Where a proposal stands and who is awaited: what the comment's first line, the status and the notices agree on.
//!
//! In: a [`Report`] and what is known [`About`] the pull request. Out: one [`Standing`], and the [`Ask`]s that are open.
//! What stands in the way comes before what does not; an override never hides what it does not cover.

use super::comment::{About, Override};
use super::phrase::Phrase;
use super::words;
use crate::report::{FlagReport, Mode, PolicyReport, Report, Requirement, Verdict};

/// The answer as people are told it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Standing {
    /// What needs approval is more than one comment can show.
    TooMuch,
    Invalid,
    Rejected,
    Locked,
    Pending,
    /// Pending, and nobody is asked, since it is a draft.
    Draft,
    /// What stood in the way was overridden.
    Overridden,
    Approved,
    /// Flags change and nothing of it needs approval.
    NotRequired,
    /// No flag changes.
    Nothing,
}

impl Standing {
    pub(super) fn of(report: &Report, about: &About) -> Self {
        if !super::fits(report) {
            return Standing::TooMuch;
        }
        if overridden(report, about) {
            return Standing::Overridden;
        }
        match report.verdict {
            Verdict::Invalid => Standing::Invalid,
            Verdict::Rejected => Standing::Rejected,
            Verdict::Locked => Standing::Locked,
            Verdict::Pending if about.draft => Standing::Draft,
            Verdict::Pending => Standing::Pending,
            Verdict::Approved => Standing::Approved,
            Verdict::NotRequired if report.flags.is_empty() && !report.policy.changed => Standing::Nothing,
            Verdict::NotRequired => Standing::NotRequired,
        }
    }
}

/// Whether an override covers something, and everything that stands in the way. What cannot be read is never covered.
fn overridden(report: &Report, about: &About) -> bool {
    let covers = |digest: &Option<String>| about.overriding(digest.as_deref()).is_some();
    let flags = || report.flags.iter().map(|flag| (flag.verdict, &flag.digest));
    let policy = (report.policy.verdict, &report.policy.digest);
    let mut parts = flags().chain(std::iter::once(policy));
    let free = |(verdict, digest): (Verdict, &Option<String>)| {
        !verdict.blocks() || verdict != Verdict::Invalid && covers(digest)
    };
    let errors = report.diagnostics.iter().any(crate::diagnostics::Diagnostic::is_error);
    !errors && parts.all(free) && flags().chain(std::iter::once(policy)).any(|(_, digest)| covers(digest))
}

impl About {
    /// The override of what has this digest.
    pub(super) fn overriding(&self, digest: Option<&str>) -> Option<&Override> {
        // As many digits as people are shown name it; fewer name nothing.
        self.overrides.iter().find(|one| one.digest.len() >= 8 && digest.is_some_and(|it| it.starts_with(&one.digest)))
    }
}

/// The same number of the same people, for one or several flags.
pub(super) struct Ask<'r> {
    pub requirement: &'r Requirement,
    pub flags: Vec<&'r FlagReport>,
    pub policy: bool,
}

impl Ask<'_> {
    /// "2 of @acme/payments or @alice".
    pub(super) fn who(&self) -> Phrase {
        who(self.requirement, self.requirement.missing())
    }

    /// "the policy, `checkout/a`, `checkout/b` and 3 more".
    pub(super) fn what(&self, most: usize) -> Phrase {
        let policy = if self.policy { Phrase::new("the policy") } else { Phrase::default() };
        let between = match (self.policy, self.flags.len()) {
            (true, 1) => " and ",
            (true, 2..) => ", ",
            _ => "",
        };
        let ids: Vec<String> = self.flags.iter().map(|flag| id(flag)).collect();
        policy.ours(between).some(&ids, " and ", most)
    }
}

/// What is asked and not given, the policy first, those who are asked the same together. A flag that another pull request
/// holds asks nobody, and neither does one that cannot be read; where somebody rejected, another approval is no answer.
pub(super) fn asks<'r>(report: &'r Report, about: &About) -> Vec<Ask<'r>> {
    let policy = report.policy.requirements.iter().map(|requirement| (None, requirement));
    let policy = policy.filter(|_| about.overriding(report.policy.digest.as_deref()).is_none());
    let flags = words::in_order(report).into_iter().filter(|flag| {
        !matches!(flag.verdict, Verdict::Locked | Verdict::Invalid)
            && about.overriding(flag.digest.as_deref()).is_none()
    });
    let flags = flags.flat_map(|flag| flag.requirements.iter().map(move |requirement| (Some(flag), requirement)));
    let mut asks: Vec<Ask<'r>> = Vec::new();
    for (flag, requirement) in policy.chain(flags) {
        if requirement.missing() == 0 || !requirement.rejected_by.is_empty() {
            continue;
        }
        let same = |ask: &Ask<'_>| {
            let other = ask.requirement;
            let asked = |one: &Requirement| (one.mode, one.required, one.missing());
            asked(other) == asked(requirement) && other.from == requirement.from
        };
        let at = asks.iter().position(same).unwrap_or(asks.len());
        if at == asks.len() {
            asks.push(Ask { requirement, flags: Vec::new(), policy: false });
        }
        let Some(ask) = asks.get_mut(at) else { continue };
        ask.policy |= flag.is_none();
        ask.flags.extend(flag.filter(|flag| !ask.flags.iter().any(|known| std::ptr::eq(*known, *flag))));
    }
    asks
}

/// Everyone who is awaited, as "1 of @acme/payments": for a notice.
#[must_use]
pub fn awaited(report: &Report, about: &About) -> Vec<String> {
    asks(report, about).iter().map(|ask| ask.who().plain()).collect()
}

/// Names shown where there is no room for all.
pub(super) const NAMES: usize = 3;

/// "2 of @acme/payments or @alice"; "@alice" where she alone will do; "1 more of" where some have been given.
pub(super) fn who(requirement: &Requirement, number: u32) -> Phrase {
    let from = &requirement.from;
    let more = if number < requirement.required { " more" } else { "" };
    match (requirement.mode, from.as_slice()) {
        (Mode::Specific, []) => Phrase::new("an approver, and nobody is named"),
        (Mode::Specific, [one]) if number == 1 && !one.contains('/') => Phrase::default().some(from, "", NAMES),
        (Mode::Specific, _) => Phrase::new(format!("{number}{more} of ")).some(from, " or ", NAMES),
        (Mode::Peer, _) => {
            let peers = if number == 1 { "peer" } else { "peers" };
            let phrase =
                Phrase::new(format!("{number}{more} {peers} (anyone with write access who took no part in it"));
            if from.is_empty() {
                phrase.ours(")")
            } else {
                phrase.ours(", such as ").some(from, " or ", NAMES).ours(")")
            }
        }
        (Mode::Admins, []) => Phrase::new("an admin, and none is named"),
        (Mode::Admins, _) => {
            let admins = match (number, more) {
                (1, "") => "an admin".to_owned(),
                (1, _) => "1 more admin".to_owned(),
                _ => format!("{number}{more} admins"),
            };
            Phrase::new(format!("{admins} (")).some(from, " or ", NAMES).ours(")")
        }
    }
}

/// "checkout/one-click-checkout".
pub(super) fn id(flag: &FlagReport) -> String {
    format!("{}/{}", flag.project, flag.key)
}

/// Everyone whose approval fills a place, each once.
pub(super) fn approvers<'r>(requirements: impl IntoIterator<Item = &'r Requirement>) -> Vec<String> {
    people(requirements, |requirement| &requirement.approved_by)
}

/// Everyone whose rejection stands, each once.
pub(super) fn rejecters<'r>(requirements: impl IntoIterator<Item = &'r Requirement>) -> Vec<String> {
    people(requirements, |requirement| &requirement.rejected_by)
}

fn people<'r>(
    requirements: impl IntoIterator<Item = &'r Requirement>,
    list: fn(&Requirement) -> &Vec<String>,
) -> Vec<String> {
    let mut logins: Vec<String> = requirements.into_iter().flat_map(list).cloned().collect();
    logins.sort_unstable();
    logins.dedup();
    logins
}

/// Every requirement of the whole.
pub(super) fn requirements(report: &Report) -> impl Iterator<Item = &Requirement> {
    let PolicyReport { requirements, .. } = &report.policy;
    requirements.iter().chain(report.flags.iter().flat_map(|flag| &flag.requirements))
}
