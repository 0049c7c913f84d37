//! Switch-offs: whether one is free, which flags it would switch on, who is notified of it, and what holds it up.
//!
//! In: the flag changes of a proposal and the unchanged flags that depend on them. Out: a [`SwitchOff`] for each live
//! flag that is switched off, with remarks that say what to take out. It refuses to take for a switch-off what gives
//! users something. Not taken: freeing a whole pull request because one flag of it is switched off.

use std::collections::{BTreeMap, BTreeSet};

use super::read::FlagChange;
use super::related::FlagName;
use crate::approval::requirement::{notified, requirements};
use crate::changes::classify::{Since, Step, classify};
use crate::changes::{Critical, SwitchOff, switch_off};
use crate::diagnostics::Diagnostic;
use crate::flag::{Absence, Flag, FlagEntry, GivesBack};
use crate::format::names::folded;
use crate::groups::Share;
use crate::impact::{Impact, Impacts, Lifecycle};
use crate::policy::Policy;
use crate::report::{Change, FlagReport, PolicyReport, Side, Verdict};

/// The variant that a flag which is off serves, to those that depend on it.
const OFF: &str = "off";

/// A live flag that is switched off.
#[derive(Clone)]
pub struct FoundSwitchOff {
    pub how: SwitchOff,
    /// The fields that change besides.
    besides: Vec<String>,
    /// The live flags that it serves to users whom this one kept out.
    turns_on: Vec<String>,
}

/// The switch-off that a change is, if it is one.
pub fn of(step: Step<'_>, changes: &[Change], critical: &Critical, turns_on: &[String]) -> Option<FoundSwitchOff> {
    let besides = switch_off::besides(step, changes, critical)?;
    let how = if !besides.is_empty() {
        SwitchOff::Edited
    } else if !turns_on.is_empty() {
        SwitchOff::Dependents
    } else if critical.deactivation {
        SwitchOff::Policy
    } else {
        SwitchOff::Free
    };
    Some(FoundSwitchOff { how, besides, turns_on: turns_on.to_vec() })
}

impl FoundSwitchOff {
    /// Remarks on what it waits for, if anything holds it up.
    pub fn remarks(&self, id: &str, locked_by: Option<u64>, asks: bool) -> Vec<String> {
        let mut remarks = Vec::new();
        if !self.turns_on.is_empty() {
            let which = names(&self.turns_on);
            let they = if self.turns_on.len() == 1 { "that flag is" } else { "those flags are" };
            remarks.push(format!(
                "switching it off is no mere switch-off, so it needs approval: {they} served where this one is off \
                 ({which})"
            ));
        }
        match (self.how, locked_by) {
            (SwitchOff::Edited, lock) if lock.is_some() || asks => {
                let verb = if self.besides.len() == 1 { "changes" } else { "change" };
                remarks.push(format!(
                    "{} {verb} besides: take that out of this pull request, and switching the flag off waits for no \
                     lock",
                    names(&self.besides)
                ));
            }
            (SwitchOff::Policy | SwitchOff::Dependents, Some(pull)) => remarks.push(format!(
                "an admin lets this pass over #{pull} at once: `/countersign unlock {}`",
                id.escape_debug()
            )),
            (SwitchOff::Free | SwitchOff::Edited | SwitchOff::Policy | SwitchOff::Dependents, _) => {}
        }
        remarks
    }
}

/// At most three names, and how many more there are.
fn names(list: &[String]) -> String {
    let shown = list.iter().take(3).map(|name| format!("`{}`", name.escape_debug())).collect::<Vec<_>>().join(", ");
    let more = list.len().saturating_sub(3);
    shown + &crate::diagnostics::words::and_more(more)
}

/// The flags of one side, changed and unchanged.
fn after<'c>(changes: &'c [FlagChange], unchanged: &'c [FlagEntry]) -> impl Iterator<Item = &'c FlagEntry> {
    changes.iter().filter_map(|change| change.after.as_ref()).chain(unchanged)
}

fn is_switched_off(change: &FlagChange) -> bool {
    let live = |entry: &Option<FlagEntry>| entry.as_ref().is_some_and(|entry| entry.flag.state.live);
    live(&change.before) && change.after.is_some() && !live(&change.after)
}

/// For each flag that is switched off, by project and key: the keys of the live flags that are switched off with it
/// because they depend on it, and of those that are switched on because they are served where it is off.
type Consequences<'f> = BTreeMap<(&'f str, &'f str), (BTreeSet<&'f str>, BTreeSet<&'f str>)>;

fn consequences<'f>(changes: &'f [FlagChange], unchanged: &'f [FlagEntry]) -> Consequences<'f> {
    let mut all = Consequences::new();
    let switched_off =
        changes.iter().filter(|change| is_switched_off(change)).filter_map(|change| change.after.as_ref());
    let switched_off: Vec<&FlagEntry> = switched_off.collect();
    if switched_off.is_empty() {
        return all;
    }
    // The dependents of each flag, once for all.
    let mut dependents: BTreeMap<(&str, String), Vec<(&FlagEntry, bool)>> = BTreeMap::new();
    for entry in after(changes, unchanged).filter(|entry| entry.flag.state.live) {
        for dependency in (entry.flag.format.relations)(&entry.flag).dependencies {
            // A list that names no variant says nothing about who passes.
            let passes = dependency.variants.iter().any(|variant| variant.eq_ignore_ascii_case(OFF));
            let passes = passes || dependency.variants.is_empty() || dependency.otherwise;
            dependents.entry((&entry.project, dependency.key)).or_default().push((entry, passes));
        }
    }
    for flag in switched_off {
        let (mut off, mut on) = (BTreeSet::new(), BTreeSet::new());
        let mut next = vec![flag.flag.key.as_str()];
        while let Some(key) = next.pop() {
            for (entry, passes) in dependents.get(&(flag.project.as_str(), key.to_owned())).into_iter().flatten() {
                if *passes {
                    on.insert(entry.flag.key.as_str());
                } else if off.insert(entry.flag.key.as_str()) {
                    next.push(&entry.flag.key);
                }
            }
        }
        all.insert((&flag.project, &flag.flag.key), (off, on));
    }
    all
}

/// Flags that go off with one that is switched off: others may be served because of that.
pub fn gone_with(changes: &[FlagChange], unchanged: &[FlagEntry]) -> BTreeSet<FlagName> {
    let found = consequences(changes, unchanged).into_iter();
    let names = found.flat_map(|((project, _), (off, _))| off.into_iter().map(move |key| (project, key)));
    names.map(|(project, key)| (project.to_owned(), key.to_owned())).collect()
}

/// Notes with each flag that is switched off which live flags that switches on.
pub fn turned_on(changes: &mut [FlagChange], unchanged: &[FlagEntry]) {
    let found: BTreeMap<(String, String), Vec<String>> = consequences(changes, unchanged)
        .into_iter()
        .map(|((project, key), (_, on))| {
            ((project.to_owned(), key.to_owned()), on.into_iter().map(str::to_owned).collect())
        })
        .collect();
    for change in changes.iter_mut().filter(|change| is_switched_off(change)) {
        let id = change.after.as_ref().map(|entry| (entry.project.clone(), entry.flag.key.clone()));
        change.turns_on = id.and_then(|id| found.get(&id).cloned()).unwrap_or_default();
    }
}

/// The people to tell of a flag that is switched off or restored without approval: everyone who could approve another
/// change of it. `None` if nobody's approval was needed for that either.
pub fn informed(policy: &Policy, step: Step<'_>, impact: &Impact) -> Option<Vec<String>> {
    let critical = Critical { deactivation: true, ..policy.config.critical.clone() };
    let changes = classify(step, &Since::default(), &critical);
    let requirements = requirements(policy, Side::Base, step, &changes, Impacts { now: impact, past: &[] });
    if requirements.is_empty() {
        return None;
    }
    let mut names: Vec<String> = requirements.iter().flat_map(|requirement| requirement.from.iter().cloned()).collect();
    names.extend(notified(policy, step));
    if names.is_empty() {
        names.extend(policy.config.admins.iter().map(ToString::to_string));
    }
    names.sort();
    names.dedup();
    Some(names)
}

/// The remark on a change that takes the flag from everybody and leaves it live: there is a way that waits for nobody.
pub fn instead(impact: &Impact, critical: &Critical) -> Option<String> {
    let nobody = impact.per_segment.iter().all(|group| group.exposed_after == Share::NOBODY);
    let lost = impact.per_segment.iter().any(|group| group.lose > Share::NOBODY);
    let known = impact.unknown.is_empty() && impact.lifecycle == Lifecycle::Active;
    (known && nobody && lost && !critical.deactivation).then(|| {
        "it takes the flag from everybody and leaves it live, so it needs approval; to switch it off at once, change \
         its state and nothing else"
            .to_owned()
    })
}

/// The remark on a flag that goes off by its own switch and gives everyone something then.
pub fn gives_then(step: Step<'_>) -> Option<String> {
    switch_off::is_by_switch_alone(step).then(|| {
        "everyone gets from now on what it gives while it is switched off, which is what it was on the base branch"
            .to_owned()
    })
}

/// Makes flags unknown whose end gives users back what they took from them: that is no switch-off, and nobody knows
/// what users get then.
pub fn giving_back(changes: &mut [FlagChange]) {
    for change in changes {
        let Some(before) = change.before.as_ref().filter(|entry| entry.flag.state.live) else { continue };
        let Some(gives_back) = before.flag.links.gives_back else { continue };
        let ends = match &mut change.after {
            Some(after) if after.flag.is_off() || after.flag.links.switched_off => {
                crate::format::mark_unknown(&mut after.flag);
                true
            }
            Some(_) => false,
            None => !change.unreadable,
        };
        if ends {
            let key = before.flag.key.escape_debug();
            change.remarks.push(match gives_back {
                GivesBack::Content => format!(
                    "`{key}` takes something from its users, which they get back where it ends: that is no mere \
                     switch-off"
                ),
                GivesBack::Default => format!(
                    "`{key}` goes off, and the default that the flag has for all environments may hold there then, for \
                     some who did not have it: that is no mere switch-off; where it holds there in no case, read the \
                     file by a mapping without that test in `gives-back`"
                ),
                GivesBack::Name => format!(
                    "`{key}` goes off, and its name says that this gives users something back: that is no mere \
                     switch-off; where the name says otherwise, read the file by a mapping without `gives-back`"
                ),
                GivesBack::Holder => format!(
                    "`{key}` goes off, and the name of what holds it says that this gives users something back: that \
                     is no mere switch-off; where that name says otherwise, read the file by a mapping without \
                     `gives-back`"
                ),
            });
        }
    }
}

/// Makes flags unknown that were off and go from their file, of formats in which the application decides then.
pub fn gone(changes: &mut [FlagChange]) {
    for change in changes.iter_mut().filter(|change| change.after.is_none() && !change.unreadable) {
        let decides = |before: &&mut FlagEntry| before.flag.links.absent == Absence::Unknown && !before.flag.state.live;
        let Some(before) = change.before.as_mut().filter(decides) else { continue };
        crate::format::mark_unknown(&mut before.flag);
        change.remarks.push(format!(
            "`{}` was off and goes: from then on users get what the application has as its own default, which may be \
             on",
            before.flag.key.escape_debug()
        ));
    }
}

/// The flags that go live with others, by the names of those.
pub type Brought = BTreeMap<String, BTreeSet<String>>;

pub fn brings<'c>(changes: impl Iterator<Item = &'c FlagChange>) -> Brought {
    let with = |change: &FlagChange| Some((change.entry()?.name(), change.brings.iter().cloned().collect()));
    changes.filter(|change| !change.brings.is_empty()).filter_map(with).collect()
}

/// Adds to each free switch-off what holds up the whole pull request, and the way out.
pub fn held_up(flags: &mut [FlagReport], policy: &PolicyReport, diagnostics: &[Diagnostic], brings: &Brought) {
    let is_free = |flag: &FlagReport| flag.switch_off == Some(SwitchOff::Free);
    if !flags.iter().any(is_free) {
        return;
    }
    let blocking = flags.iter().filter(|flag| flag.verdict.blocks() && !is_free(flag));
    let blocking: Vec<String> = blocking.map(|flag| flag.id().to_string()).collect();
    let errors: BTreeSet<&str> = diagnostics.iter().filter(|one| one.is_error()).map(|one| one.path.as_str()).collect();
    let in_error: Vec<String> = errors.iter().filter(|path| !path.is_empty()).map(|path| (*path).to_owned()).collect();
    for flag in flags.iter_mut().filter(|flag| is_free(flag)) {
        // A flag that goes live by this switch-off would hold it up by itself too.
        let own = brings.get(&flag.id().to_string());
        let mut others: Vec<String> =
            blocking.iter().filter(|name| own.is_none_or(|own| !own.contains(*name))).cloned().collect();
        others.extend(in_error.iter().cloned());
        let what =
            [(!others.is_empty()).then(|| names(&others)), policy.verdict.blocks().then(|| "the policy".to_owned())];
        let what: Vec<String> = what.into_iter().flatten().collect();
        let what = what.join(" and ");
        let waits =
            own.map(|own| names(&own.iter().filter(|name| blocking.contains(name)).cloned().collect::<Vec<_>>()));
        if errors.contains(flag.path.as_str()) || flag.verdict == Verdict::Invalid {
            flag.remarks.push(
                "switching it off waits for nobody but for the errors in its file: leave the rest of the file as it is \
                 on the base branch, and change only the state"
                    .to_owned(),
            );
        } else if let Some(waits) = waits.filter(|names| !names.is_empty()) {
            flag.remarks.push(format!(
                "switching it off waits for nobody, and what goes live by it does: have {waits} approved, or switch \
                 that off in this pull request too, and it passes at once"
            ));
        } else if !what.is_empty() {
            flag.remarks.push(format!(
                "switching it off waits for nobody, and this pull request does for {what}: propose the switch by \
                 itself, and it passes at once"
            ));
        }
    }
}

/// Whether a new flag is off that would take something from its users: another one of its name may be on.
pub fn may_exempt(created: &FlagEntry) -> bool {
    created.flag.links.gives_back.is_some_and(|by| by != GivesBack::Default) && created.flag.is_off()
}

/// Makes such flags unknown where another one of their name was on: one that stands over it gives its users back what
/// that one takes.
pub fn exempting(changes: &mut [FlagChange], others: &[&[FlagEntry]]) {
    let exempts = |change: &FlagChange| change.before.is_none() && change.after.as_ref().is_some_and(may_exempt);
    if !changes.iter().any(exempts) {
        return;
    }
    // One that comes with it has taken nothing from anybody.
    let before = changes.iter().filter_map(|change| change.before.as_ref());
    let all = before.chain(others.iter().flat_map(|entries| entries.iter()));
    // A new kill switch may be called as the flag is that it switches off.
    let of_holder = |flag: &Flag| flag.links.gives_back == Some(GivesBack::Holder);
    let name = |entry: &FlagEntry, of_holder: bool| (folded(entry.flag.own_key()), of_holder);
    let on: BTreeSet<(String, bool)> = all
        .filter(|entry| entry.flag.state.live)
        .flat_map(|entry| [Some(name(entry, false)), of_holder(&entry.flag).then(|| name(entry, true))])
        .flatten()
        .collect();
    for change in changes.iter_mut().filter(|change| exempts(change)) {
        let is_on = |after: &FlagEntry| on.contains(&name(after, of_holder(&after.flag)));
        let Some(after) = change.after.as_mut().filter(|after| is_on(after)) else { continue };
        crate::format::mark_unknown(&mut after.flag);
        change.remarks.push(format!(
            "another `{}` is on, and takes something from its users: those of this one may get it back",
            after.flag.own_key().escape_debug()
        ));
    }
}
