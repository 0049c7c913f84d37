//! From a classified change and the policy to who has to approve it.

use crate::changes::classify::Step;
use crate::flag::FlagEntry;
use crate::impact::{Impact, Share};
use crate::policy::{Approvals, Approver, Policy, Project};
use crate::report::{Change, Mode, Requirement, Side};

/// Who may respond to a requirement: the written form in the report, and this, which can be asked.
#[derive(Clone, Debug)]
pub struct Demand {
    pub requirement: Requirement,
    /// Those named; nobody is named in `peer` mode, where write access is enough.
    pub named: Vec<Approver>,
}

/// What a flag's changes demand, under one policy. Empty if nothing in them needs approval or its project asks for none.
#[must_use]
pub fn demands(policy: &Policy, side: Side, step: Step<'_>, changes: &[Change], effect: &Impact) -> Vec<Demand> {
    let mut because: Vec<&'static str> = changes.iter().filter_map(|change| change.rule).collect();
    because.sort_unstable();
    because.dedup();
    if because.is_empty() {
        return Vec::new();
    }
    let mut demands: Vec<Demand> = Vec::new();
    for placed in homes(step) {
        for demand in at_home(policy, side, placed, &because, effect) {
            // Two homes under one line of APPROVERS are one request, not two; the stricter of their projects holds.
            let counterpart = |other: &&mut Demand| {
                (other.requirement.mode, &other.requirement.section, other.requirement.line, &other.named)
                    == (demand.requirement.mode, &demand.requirement.section, demand.requirement.line, &demand.named)
            };
            match demands.iter_mut().find(counterpart) {
                Some(counterpart) => {
                    let (counterpart, other) = (&mut counterpart.requirement, demand.requirement);
                    counterpart.required = counterpart.required.max(other.required);
                    let new: Vec<String> =
                        other.decided.into_iter().filter(|it| !counterpart.decided.contains(it)).collect();
                    counterpart.decided.extend(new);
                }
                None => demands.push(demand),
            }
        }
    }
    demands
}

/// What a change of the policy or a protected path demands: an admin.
#[must_use]
pub fn admin_demand(policy: &Policy, side: Side, path: &str, required: u32, because: &[&'static str]) -> Demand {
    demand(Mode::Admins, side, required, &policy.config.admins, path, because)
}

/// Those told of a flag's change without being asked: the approvers of optional sections.
#[must_use]
pub fn told(policy: &Policy, step: Step<'_>) -> Vec<String> {
    let mut told: Vec<String> = homes(step)
        .flat_map(|placed| policy.approvers.matching(&placed.path))
        .filter(|found| found.section.optional)
        .flat_map(|found| found.approvers.iter().map(ToString::to_string))
        .collect();
    told.sort();
    told.dedup();
    told
}

/// Where a flag's approvers are looked up: where it goes and, if it moves or is deleted, where it was.
fn homes(step: Step<'_>) -> impl Iterator<Item = &FlagEntry> {
    let before = step.before().filter(|_| step.after().is_none() || step.moved());
    step.after().into_iter().chain(before)
}

fn at_home(policy: &Policy, side: Side, placed: &FlagEntry, because: &[&'static str], effect: &Impact) -> Vec<Demand> {
    // Under the other policy a file may have another home, or none; then the policy report says so and an admin decides.
    let project = match policy.project_of(&placed.path) {
        crate::policy::ProjectMatch::Project(project) => project,
        crate::policy::ProjectMatch::Unmanaged | crate::policy::ProjectMatch::Several(_) => {
            return vec![admin_demand(policy, side, &placed.path, 1, because)];
        }
    };
    match project.approvals {
        Approvals::None => Vec::new(),
        Approvals::Peer => {
            let ask = policy.approvers.matching(&placed.path);
            let ask: Vec<Approver> =
                ask.iter().filter(|found| !found.section.optional).flat_map(|found| found.approvers.to_vec()).collect();
            let mut peer = demand(Mode::Peer, side, project.required, &ask, &placed.path, because);
            peer.named = Vec::new();
            vec![peer]
        }
        Approvals::Specific => specific(policy, side, project, placed, because, effect),
    }
}

fn specific(
    policy: &Policy,
    side: Side,
    project: &Project,
    placed: &FlagEntry,
    because: &[&'static str],
    effect: &Impact,
) -> Vec<Demand> {
    let mut demands = Vec::new();
    let mut spared = Vec::new();
    for found in policy.approvers.matching(&placed.path) {
        if found.section.optional {
            continue;
        }
        let name = found.section.name.as_deref().unwrap_or_default();
        let concern = concerns(policy, name, because, effect);
        let decided = match concern {
            Concern::All => None,
            Concern::Asked(bound) => bound,
            Concern::Spared(bound) => {
                spared.push(bound);
                continue;
            }
        };
        let required = project.required.max(found.section.required);
        // A section whose line names nobody is not one that nobody needs to answer: GitLab approves those by itself.
        let mut one = if found.approvers.is_empty() {
            admin_demand(policy, side, &placed.path, required, because)
        } else {
            demand(Mode::Specific, side, required, found.approvers, &placed.path, because)
        };
        one.requirement.section = found.section.name.clone();
        one.requirement.line = Some(found.line.place.line);
        one.requirement.decided.extend(decided);
        demands.push(one);
    }
    if demands.is_empty() {
        // Nobody is named: that never means that nobody is needed.
        demands.push(admin_demand(policy, side, &placed.path, project.required, because));
    }
    for demand in demands.iter_mut().take(1) {
        demand.requirement.decided.append(&mut spared);
    }
    demands
}

/// Whether a section is asked, and which bound said so.
enum Concern {
    /// The configuration does not narrow it.
    All,
    Asked(Option<String>),
    Spared(String),
}

/// Whether a section is asked about changes under these rules. One that the configuration narrows is asked about its
/// own rules and about whatever concerns the flag as a whole, and only above its bounds if it has any. No bound spares
/// it what cannot be counted: which users another deployment or a field nobody knows would reach, what another payload
/// is to those who get it.
fn concerns(policy: &Policy, section: &str, because: &[&str], effect: &Impact) -> Concern {
    const WHOLE: &[&str] = &["activation", "deactivation", "deletion", "moved"];
    /// Rules under which all that happens to users is in the file, and counted. A new rule is none of them by itself.
    #[rustfmt::skip]
    const COUNTED: &[&str] = &[
        "target-segments", "variant-distribution", "exposure-event", "bucketing-salt", "bucketing-key",
        "rollout", "activation", "deactivation", "deletion",
    ];
    let Some(narrowing) = policy.config.sections.get(&section.to_lowercase()).filter(|_| !section.is_empty()) else {
        return Concern::All;
    };
    if let Some(only) = &narrowing.only
        && !because.iter().any(|rule| WHOLE.contains(rule) || only.iter().any(|id| id == rule))
    {
        let about = only.iter().map(|id| format!("`{id}`")).collect::<Vec<_>>().join(", ");
        return Concern::Spared(format!("section `{section}` is not asked: it is asked only about {about}"));
    }
    let bounds =
        [("moves", narrowing.affected, effect.affected_most()), ("exposes", narrowing.exposed, effect.exposed_most())];
    let bounds: Vec<_> = bounds.into_iter().filter_map(|(verb, bound, most)| Some((verb, bound?, most))).collect();
    if bounds.is_empty() {
        return Concern::Asked(None);
    }
    if let Some(what) = effect.unknown.first() {
        let since = format!("as if the change moved everyone, since this is not computed: {what}");
        return Concern::Asked(Some(format!("section `{section}` is asked {since}")));
    }
    if let Some(what) = effect.unmodelled.first() {
        let since = format!("as if the change moved everyone, since no share counts this: {what}");
        return Concern::Asked(Some(format!("section `{section}` is asked {since}")));
    }
    let beside = because.iter().find(|rule| !COUNTED.contains(rule));
    let share = |most: &Option<(Share, _)>| most.as_ref().map_or(Share::NOBODY, |(share, _)| *share);
    let say = |(verb, bound, most): &(&str, Share, Option<(Share, String)>), than: &str| {
        let whom = match most {
            Some((share, whose)) => format!("{} of {whose}", share.against(*bound)),
            None => "nobody".to_owned(),
        };
        format!("{verb} {whom}, {than} {}", bound.exactly())
    };
    match bounds.iter().find(|(_, bound, most)| share(most).above(*bound)) {
        Some(above) => {
            Concern::Asked(Some(format!("section `{section}` is asked: the change {}", say(above, "more than"))))
        }
        None if beside.is_some() => Concern::Asked(beside.map(|rule| {
            format!("section `{section}` is asked whatever its bounds are: no share counts what `{rule}` does")
        })),
        None => {
            let said: Vec<String> = bounds.iter().map(|bound| say(bound, "not more than")).collect();
            Concern::Spared(format!("section `{section}` is not asked: the change {}", said.join(", and ")))
        }
    }
}

fn demand(mode: Mode, policy: Side, required: u32, from: &[Approver], path: &str, because: &[&'static str]) -> Demand {
    let mut named: Vec<Approver> = Vec::new();
    for approver in from {
        if !named.contains(approver) {
            named.push(approver.clone());
        }
    }
    let requirement = Requirement {
        mode,
        policy,
        section: None,
        required: required.max(1),
        from: named.iter().map(ToString::to_string).collect(),
        line: None,
        path: path.to_owned(),
        because: because.to_vec(),
        decided: Vec::new(),
        approved_by: Vec::new(),
        rejected_by: Vec::new(),
        not_counted: Vec::new(),
    };
    Demand { requirement, named }
}

#[cfg(test)]
mod tests;
