//! From a classified change and the policy to its requirements: who has to approve it.
//!
//! In: the changes of one flag, their impact, one policy. Out: [`Requirement`]s with nobody's answer in them yet. It
//! refuses to require nobody: where no line names anyone, an admin has to approve. Not taken: a list of people without
//! the line that names them, which nobody could check.

use std::collections::BTreeSet;

use crate::changes::RuleId;
use crate::changes::classify::Step;
use crate::diagnostics::words::counted;
use crate::flag::FlagEntry;
use crate::groups::Share;
use crate::impact::{Impact, Impacts};
use crate::policy::config::Narrowing;
use crate::policy::{Approvals, Approver, Policy, Project, ProjectMatch};
use crate::report::{Change, Mode, Requirement, Side};

/// The approvers a requirement names. Nobody is named in `peer` mode, where write access is enough and `from` only says
/// whom to ask first.
#[must_use]
pub fn named(requirement: &Requirement) -> Vec<Approver> {
    match requirement.mode {
        Mode::Peer => Vec::new(),
        Mode::Specific | Mode::Admins => {
            requirement.from.iter().filter_map(|name| Approver::parse(name).ok()).collect()
        }
    }
}

/// The requirements of a flag's changes under one policy. Empty if nothing in them needs approval or if its project
/// does without.
#[must_use]
pub fn requirements(
    policy: &Policy,
    side: Side,
    step: Step<'_>,
    changes: &[Change],
    impacts: Impacts<'_>,
) -> Vec<Requirement> {
    let mut because: Vec<RuleId> = changes.iter().filter_map(|change| change.rule).collect();
    because.sort_unstable();
    because.dedup();
    if because.is_empty() {
        return Vec::new();
    }
    let mut requirements: Vec<Requirement> = Vec::new();
    for entry in locations(step) {
        for new in at_location(policy, side, entry, &because, impacts) {
            // Two locations under one line of APPROVERS make one requirement; the stricter of their projects decides.
            match requirements.iter_mut().find(|known| same_line(known, &new)) {
                Some(known) => {
                    known.required = known.required.max(new.required);
                    let decided: Vec<String> =
                        new.decided.into_iter().filter(|reason| !known.decided.contains(reason)).collect();
                    known.decided.extend(decided);
                }
                None => requirements.push(new),
            }
        }
    }
    requirements
}

fn same_line(one: &Requirement, other: &Requirement) -> bool {
    (one.mode, &one.section, one.line) == (other.mode, &other.section, other.line) && same_approvers(one, other)
}

/// Whether two requirements name the same approvers in the same order. Names differ in the case of letters and mean the
/// same account; peers are all alike.
#[must_use]
pub fn same_approvers(one: &Requirement, other: &Requirement) -> bool {
    let peers = one.mode == Mode::Peer && other.mode == Mode::Peer;
    peers
        || one.from.len() == other.from.len()
            && one.from.iter().zip(&other.from).all(|(a, b)| a.eq_ignore_ascii_case(b))
}

/// The requirement of a change of the policy or of a protected path: an admin, or a policy approver.
#[must_use]
pub fn policy_requirement(policy: &Policy, side: Side, path: &str) -> Requirement {
    let approvers: Vec<Approver> = policy.config.of_policy().cloned().collect();
    requirement(Mode::Admins, side, 1, &approvers, path, &[RuleId::POLICY])
}

/// The requirement of a change that no line of APPROVERS covers: admins.
#[must_use]
pub fn admin_requirement(policy: &Policy, side: Side, path: &str, required: u32, because: &[RuleId]) -> Requirement {
    requirement(Mode::Admins, side, required, &policy.config.admins, path, because)
}

/// Approvers of optional sections, who are notified of a flag's change and need not approve it.
#[must_use]
pub fn notified(policy: &Policy, step: Step<'_>) -> Vec<String> {
    let mut notified: Vec<String> = locations(step)
        .flat_map(|entry| policy.approvers.matching(&entry.path))
        .filter(|found| found.section.optional)
        .flat_map(|found| found.approvers.iter().map(ToString::to_string))
        .collect();
    notified.sort();
    notified.dedup();
    notified
}

/// The locations whose approvers count: the one after the change and, if the flag moves or is deleted, the one before
/// it.
fn locations(step: Step<'_>) -> impl Iterator<Item = &FlagEntry> {
    let before = step.before().filter(|_| step.after().is_none() || step.moved());
    step.after().into_iter().chain(before)
}

fn at_location(
    policy: &Policy,
    side: Side,
    entry: &FlagEntry,
    because: &[RuleId],
    impacts: Impacts<'_>,
) -> Vec<Requirement> {
    // Under the other policy a file may belong to another project, or to none; then the policy diff says so and an
    // admin decides.
    let project = match policy.project_of(&entry.path) {
        ProjectMatch::Project(project) => project,
        ProjectMatch::Unmanaged | ProjectMatch::Several(_) => {
            return vec![admin_requirement(policy, side, &entry.path, 1, because)];
        }
    };
    match project.approvals {
        Approvals::None => Vec::new(),
        Approvals::Peer => {
            let found = policy.approvers.matching(&entry.path);
            let first: Vec<Approver> = found
                .iter()
                .filter(|found| !found.section.optional)
                .flat_map(|found| found.approvers.to_vec())
                .collect();
            vec![requirement(Mode::Peer, side, project.required, &first, &entry.path, because)]
        }
        Approvals::Specific => specific(policy, side, project, entry, because, impacts),
    }
}

fn specific(
    policy: &Policy,
    side: Side,
    project: &Project,
    entry: &FlagEntry,
    because: &[RuleId],
    impacts: Impacts<'_>,
) -> Vec<Requirement> {
    let mut requirements = Vec::new();
    let mut exempt = Vec::new();
    let mut of_scope = 0;
    let scope = project.scope_at(&entry.path, entry.flag.scope.as_deref());
    for found in policy.approvers.matching(&entry.path) {
        if found.section.optional {
            continue;
        }
        let name = found.section.name.as_deref().unwrap_or_default();
        let decided = match section_scope(policy, name, scope.as_deref(), because, impacts) {
            SectionScope::Everything => None,
            SectionScope::Required(reason) => reason,
            SectionScope::Exempt(reason) => {
                exempt.push(reason);
                continue;
            }
            SectionScope::OtherScope(reason) => {
                exempt.push(reason);
                of_scope += 1;
                continue;
            }
        };
        let required = project.required.max(found.section.required);
        // GitLab approves a section by itself if its line names nobody. Here an admin has to.
        let mut one = if found.approvers.is_empty() {
            admin_requirement(policy, side, &entry.path, required, because)
        } else {
            requirement(Mode::Specific, side, required, found.approvers, &entry.path, because)
        };
        one.section = found.section.name.clone();
        one.line = Some(found.line.place.line);
        one.decided.extend(decided);
        requirements.push(one);
    }
    // An approval required in another scope only is not required in this one.
    if requirements.is_empty() && of_scope > 0 && of_scope == exempt.len() {
        return requirements;
    }
    if requirements.is_empty() {
        // Nobody is named: that never means that nobody is needed.
        requirements.push(admin_requirement(policy, side, &entry.path, project.required, because));
    }
    if let Some(first) = requirements.first_mut() {
        first.decided.append(&mut exempt);
    }
    requirements
}

/// Whether a section is required for a change, and the reason from its configuration.
enum SectionScope {
    /// The configuration does not narrow the section.
    Everything,
    Required(Option<String>),
    Exempt(String),
    /// The change is about other scopes.
    OtherScope(String),
}

/// Whether a section is required for changes under these rules. One that the configuration narrows is required for its
/// own rules and for the rules that concern the flag as a whole, and only above its bounds if it has any. No bound
/// exempts it where the impact is unknown or does not take everything into account: nobody knows which users another
/// deployment or a field without a word would reach.
fn section_scope(
    policy: &Policy,
    section: &str,
    scope: Option<&str>,
    because: &[RuleId],
    impacts: Impacts<'_>,
) -> SectionScope {
    let Some(narrowing) = policy.config.sections.get(&section.to_lowercase()).filter(|_| !section.is_empty()) else {
        return SectionScope::Everything;
    };
    if !narrowing.is_about(scope) {
        let scopes = narrowing.scopes.iter().flatten().map(|scope| format!("`{}`", scope.escape_debug()));
        let scopes = scopes.collect::<Vec<_>>().join(", ");
        return SectionScope::OtherScope(format!(
            "section `{section}` is not required: it is required only in {scopes}"
        ));
    }
    let whole_flag = |id: &RuleId| id.rule().is_some_and(|rule| rule.whole_flag);
    if let Some(only) = &narrowing.only
        && !because.iter().any(|id| whole_flag(id) || only.contains(id))
    {
        let about = only.iter().map(|id| format!("`{id}`")).collect::<Vec<_>>().join(", ");
        return SectionScope::Exempt(format!("section `{section}` is not required: it is required only for {about}"));
    }
    if narrowing.affected.is_none() && narrowing.exposed.is_none() {
        return SectionScope::Required(None);
    }
    let required = |reason: String| SectionScope::Required(Some(format!("section `{section}` is required{reason}")));
    let below = match above(narrowing, because, impacts.now, "") {
        Ok(reason) => return required(reason),
        Err(below) => below,
    };
    let Some(days) = narrowing.within else {
        return SectionScope::Exempt(format!("section `{section}` is not required: {below}"));
    };
    // The larger of the two counts, so that many small steps are one large one.
    let Some(past) = impacts.past.iter().find(|past| past.days == days) else {
        return required(format!(
            ", as if the change affected everyone, because nobody looked up the base of {} ago",
            counted(days, "day")
        ));
    };
    let then = past.commit.as_ref().map(|commit| format!(" ({commit})")).unwrap_or_default();
    match above(narrowing, &[], &past.impact, &format!(" since the base of {} ago{then}", counted(days, "day"))) {
        Ok(reason) => required(reason),
        Err(below_then) => SectionScope::Exempt(format!("section `{section}` is not required: {below}; {below_then}")),
    }
}

/// The reason why an impact is above one of the bounds, or counts as if it were; else, as an error, that it is not.
/// `since` says which impact that is.
fn above(narrowing: &Narrowing, because: &[RuleId], impact: &Impact, since: &str) -> Result<String, String> {
    let bounds = [
        ("affects", narrowing.affected, impact.affected_most()),
        ("exposes", narrowing.exposed, impact.exposed_most()),
    ];
    let bounds: Vec<_> = bounds.into_iter().filter_map(|(verb, bound, most)| Some((verb, bound?, most))).collect();
    let everyone = ", as if the change affected everyone, because the impact";
    if let Some(what) = impact.unknown.first() {
        return Ok(format!("{everyone}{since} is unknown: {what}"));
    }
    if let Some(what) = impact.unmodelled.first() {
        return Ok(format!("{everyone}{since} does not take this into account: {what}"));
    }
    let unmodelled = because.iter().find(|id| !id.rule().is_some_and(|rule| rule.modelled));
    let share = |most: &Option<(Share, _)>| most.as_ref().map_or(Share::NOBODY, |(share, _)| *share);
    let say = |(verb, bound, most): &(&str, Share, Option<(Share, String)>), than: &str| {
        let users = match most {
            Some((share, group)) => format!("{} of {group}", share.against(*bound)),
            None => "nobody".to_owned(),
        };
        format!("{verb} {users}, {than} {}", bound.exactly())
    };
    match (bounds.iter().find(|(_, bound, most)| share(most).above(*bound)), unmodelled) {
        (Some(above), _) => Ok(format!(": the change{since} {}", say(above, "more than"))),
        (None, Some(rule)) => {
            Ok(format!(" whatever its bounds are, because the impact does not take `{rule}` into account"))
        }
        (None, None) => {
            let all: Vec<String> = bounds.iter().map(|bound| say(bound, "not more than")).collect();
            Err(format!("the change{since} {}", all.join(", and ")))
        }
    }
}

fn requirement(
    mode: Mode,
    policy: Side,
    required: u32,
    approvers: &[Approver],
    path: &str,
    because: &[RuleId],
) -> Requirement {
    let mut seen = BTreeSet::new();
    let from: Vec<&Approver> = approvers.iter().filter(|approver| seen.insert(*approver)).collect();
    Requirement {
        mode,
        policy,
        section: None,
        required: required.max(1),
        from: from.into_iter().map(ToString::to_string).collect(),
        line: None,
        path: path.to_owned(),
        because: because.to_vec(),
        decided: Vec::new(),
        approved_by: Vec::new(),
        rejected_by: Vec::new(),
        not_counted: Vec::new(),
    }
}

#[cfg(test)]
mod tests;
