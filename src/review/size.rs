//! Size of the content that needs approval, and the limit on it: more than one comment can show, or remember, is
//! invalid, because nobody can approve what they cannot read.
//!
//! In: the flags and the policy change of a report. Out: characters, an upper bound of the shortest way in which the
//! comment shows the content: flags that change alike once, with the name, the file and the digest of each. Only the
//! content counts, no evidence: an approval must not make a report too big. A flag that no comment can show counts
//! until two admins let exactly that content through, which is no approval and says so.
//! Not taken: the size of the comment itself, which would make a verdict depend on words and drawings.

use std::collections::BTreeMap;

use super::switch_off::Brought;
use crate::changes::RuleId;
use crate::changes::written::{ShortestForm, lines};
use crate::diagnostics::escape as safe;
use crate::diagnostics::words::counted;
use crate::diagnostics::{Diagnostic, Place, lints};
use crate::report::{Change, Class, FlagReport, PolicyReport};

/// Characters of gated content that one comment shows. GitHub takes 65,536 characters: 12,536 of them are for the
/// approval record, 6,100 for the verdict and the next steps, 2,000 for the sentences about what is left out.
const BUDGET: usize = 44_900;

/// Characters of a flag in addition to its names, values and sentences: the row of the table, the heading, the signs.
const FLAG: usize = 224;

/// Characters of one of several flags that change alike in addition to its name and its file: the digest, the
/// verdict and who holds it.
const LISTED: usize = 90;

/// Characters that the approval record has for the digests of flags. It is 12,000 long, and has the addresses of runs
/// and the keys of notifications besides.
const RECORD: usize = 10_800;

/// Characters of a flag in the approval record in addition to its name: its digest, and the list of those that are
/// held.
const RECORDED: usize = 42;

/// Characters of a change in addition to its field, item and values.
const CHANGE: usize = 60;

/// Characters of the sentence about what an activation is compared with, in addition to the commit or the reason.
const SINCE: usize = 70;

/// Characters of a warning in addition to its sentence.
const WARNING: usize = 20;

/// Characters of a block of lines in addition to the lines and its fences.
const BLOCK: usize = 70;

/// Characters of a policy change in addition to its paths, privileges and effects.
const POLICY: usize = 400;

/// Characters of a privilege in addition to who gains or loses it and which it is.
const PRIVILEGE: usize = 24;

/// The diagnostic of a report in which more needs approval than one comment can show.
#[must_use]
pub fn too_much(flags: &[FlagReport], policy: &PolicyReport, brings: &Brought) -> Option<Diagnostic> {
    let gated = flags.iter().filter(|flag| flag.digest.is_some());
    let mut flags: Vec<(&FlagReport, FlagSize)> = gated.map(|flag| (flag, FlagSize::of(flag))).collect();
    let policy = of_policy(policy);
    let too_many = flags.iter().map(|(flag, _)| recorded(flag)).sum::<usize>() > RECORD;
    flags.retain(|(flag, _)| !is_let_through_unshown(flag));
    let fits = |flags: &[(&FlagReport, FlagSize)]| {
        policy + flags.iter().map(|(_, size)| size.total()).sum::<usize>() <= BUDGET
    };
    if !fits(&flags) {
        listed_together(&mut flags);
    }
    if fits(&flags) && !too_many {
        return None;
    }
    let message = "more needs approval than one comment can show, so nobody could read what they approve";
    Some(Diagnostic::new(lints::TOO_MUCH, "", Place::START, message, remedy(&flags, policy, brings)))
}

/// Whether two admins let a flag through of which no comment can show the content: nobody approves it there.
#[must_use]
pub fn is_let_through_unshown(flag: &FlagReport) -> bool {
    let overridden = flag.overridden.as_ref().is_some_and(|one| one.debt.is_none());
    overridden && FlagSize::of(flag).total() > BUDGET
}

/// Counts the content of flags that change alike with the first of them, and of the others the line that each has in a
/// list.
fn listed_together(flags: &mut [(&FlagReport, FlagSize)]) {
    let mut first: BTreeMap<String, usize> = BTreeMap::new();
    for at in 0..flags.len() {
        let Some(key) = flags.get(at).and_then(|(flag, _)| flag.content_key()) else { continue };
        let known = *first.entry(key).or_insert(at);
        if known == at {
            continue;
        }
        if let Some((flag, size)) = flags.get_mut(at) {
            *size = FlagSize { besides: listed(flag), changes: vec![0; size.changes.len()], in_list: true };
        }
        if let Some((flag, size)) = flags.get_mut(known)
            && !size.in_list
        {
            size.besides += listed(flag);
            size.in_list = true;
        }
    }
}

/// The size of the line of a flag in a list of those that change alike.
fn listed(flag: &FlagReport) -> usize {
    LISTED + code(&flag.id().to_string()) + code(&flag.path)
}

/// The size of a flag in the approval record: its name twice, as JSON in a comment of HTML.
fn recorded(flag: &FlagReport) -> usize {
    let name = flag.id().to_string();
    let escaped = name.chars().filter(|char| matches!(char, '<' | '>' | '@' | '"' | '\\' | '-')).count();
    RECORDED + 2 * (name.chars().count() + 5 * escaped)
}

/// The way on, which is not the same for what is too much by itself.
fn remedy(flags: &[(&FlagReport, FlagSize)], policy: usize, brings: &Brought) -> String {
    let Some((flag, size)) = flags.iter().find(|(_, size)| size.total() > BUDGET) else {
        if policy > BUDGET {
            return "change the policy in steps: in each pull request as much of it as one comment can show".to_owned();
        }
        return by_one_cause(flags, brings).unwrap_or_else(|| "put fewer flags into each pull request".to_owned());
    };
    format!("{}; {}", in_steps(flag, size), unapproved(flag))
}

/// The way on by the word of two admins, which needs nobody to read it in a comment.
fn unapproved(flag: &FlagReport) -> String {
    let digest = flag.digest.as_deref().unwrap_or_default();
    format!(
        "where that cannot be, as with what a tool writes whole, two admins read the full report and let exactly this \
         through unapproved: `/countersign override {}/{} {} REASON`",
        flag.project.escape_debug(),
        flag.key.escape_debug(),
        digest.get(..32).unwrap_or(digest)
    )
}

/// The way on for a flag of which several pull requests show parts.
fn in_steps(flag: &FlagReport, size: &FlagSize) -> String {
    let name = format!("`{}/{}`", flag.project.escape_debug(), flag.key.escape_debug());
    let room = BUDGET.saturating_sub(size.besides).max(1);
    let alone = flag.changes.iter().zip(&size.changes).find(|(_, change)| **change > room);
    // Some are longer than others.
    let (most, pulls) = (room * 9 / 10, |size: usize| counted(size.div_ceil(room * 9 / 10).max(2), "pull request"));
    if let Some((change, size)) = alone {
        let item = change.item.as_ref().map(|item| format!(" of `{}`", item.escape_debug())).unwrap_or_default();
        let what = format!("`{}`{item} in {name}", change.field.escape_debug());
        let Some(count) = divisible(change, room) else {
            return format!(
                "make {what} shorter: one value that no comment can show can't be approved; keep it elsewhere and name \
                 its place in the flag"
            );
        };
        return format!(
            "change {what} in steps, which takes {} or more: some {} of its {count} lines in each, since they have \
             {size} characters and one comment shows {room} of them",
            pulls(*size),
            (count * most / size).max(1)
        );
    }
    if flag.changes.iter().any(|change| change.class == Class::Activation) {
        return format!(
            "switch {name} on in steps: leave out of it in this pull request what is too much, such as some of its \
             segments, and add that in the next ones, each of which shows only what it adds"
        );
    }
    let of_changes = size.changes.iter().sum::<usize>().max(1);
    let count = size.changes.iter().filter(|size| **size > 0).count();
    format!(
        "change {name} in steps, which takes {} or more: some {} of its {count} changes in each, since they have \
         {of_changes} characters and one comment shows {room} of them",
        pulls(of_changes),
        (count * most / of_changes).max(1)
    )
}

/// The number of lines of a value of which a comment can show some; `None` if it is one, or one of them is too long.
fn divisible(change: &Change, room: usize) -> Option<usize> {
    let all = match ShortestForm::of(change.before.as_ref(), change.after.as_ref()) {
        ShortestForm::Lines(lines) => lines.before.into_iter().chain(lines.after).collect(),
        ShortestForm::Inline { .. } => {
            change.before.iter().chain(&change.after).flat_map(lines).collect::<Vec<String>>()
        }
    };
    let fits = |line: &String| CHANGE + BLOCK + line.chars().count() < room;
    (all.len() > 1 && all.iter().all(fits)).then_some(all.len())
}

/// The way on where one cause is enough for too much, so that no pull request can have fewer of its flags.
fn by_one_cause(flags: &[(&FlagReport, FlagSize)], brings: &Brought) -> Option<String> {
    let total = |those: &dyn Fn(&FlagReport) -> bool| -> (usize, usize) {
        let found = flags.iter().filter(|(flag, _)| those(flag)).map(|(_, size)| size.total());
        found.fold((0, 0), |(count, sum), size| (count + 1, sum + size))
    };
    for (cause, with) in brings {
        let (count, size) = total(&|flag| with.contains(&flag.id().to_string()));
        if size > BUDGET {
            return Some(format!(
                "{count} flags go live with `{}`: switch most of them off first, which needs no approval, then change \
                 that one, and then switch these on again in groups, in pull requests of their own",
                cause.escape_debug()
            ));
        }
    }
    let mut parts: BTreeMap<(&str, u32), (usize, &Change)> = BTreeMap::new();
    for (flag, size) in flags {
        for change in flag.changes.iter().filter(|change| change.shared.is_some()) {
            parts.entry((&change.path, change.line)).or_insert((0, change)).0 += size.total();
        }
    }
    let (_, change) = parts.into_values().find(|(size, _)| *size > BUDGET)?;
    let name = change.item.as_deref().and_then(|item| item.split('/').next()).unwrap_or(&change.field);
    Some(format!(
        "`{}` is a part of too many flags: write what it is to say under another name, and let flags name that one \
         instead, in groups, each in a pull request of its own",
        name.escape_debug()
    ))
}

/// The size of what the comment shows of one flag.
struct FlagSize {
    /// Everything but the changes.
    besides: usize,
    /// Each change.
    changes: Vec<usize>,
    /// Whether it is counted with a line of a list.
    in_list: bool,
}

impl FlagSize {
    fn of(flag: &FlagReport) -> FlagSize {
        let names =
            [Some(&flag.path), flag.previous_path.as_ref(), flag.state.before.as_ref(), flag.state.after.as_ref()];
        let names: usize = names.into_iter().flatten().map(|name| code(name)).sum();
        let id = code(&flag.id().to_string());
        let warnings = flag.impact.iter().flat_map(|impact| &impact.warnings);
        let warnings: usize = warnings.map(|warning| WARNING + prose(warning)).sum();
        let summary = flag.impact_summary.as_ref().map_or(0, |summary| prose(summary));
        let since = flag.last_live.iter().flat_map(|last_live| [&last_live.until, &last_live.unknown]).flatten();
        let since: usize = since.map(|words| SINCE + prose(words)).sum::<usize>().max(SINCE);
        FlagSize {
            besides: FLAG + 2 * id + names + summary + since + warnings,
            changes: flag.changes.iter().map(|change| of_change(change, flag)).collect(),
            in_list: false,
        }
    }

    fn total(&self) -> usize {
        self.besides + self.changes.iter().sum::<usize>()
    }
}

/// Routine changes and those without effect may be cut, so they count nothing.
fn of_change(change: &Change, flag: &FlagReport) -> usize {
    if matches!(change.class, Class::Routine | Class::NoEffect) {
        return 0;
    }
    let path = if change.path == flag.path { 0 } else { code(&change.path) };
    let names = code(&change.field) + change.item.as_ref().map_or(0, |item| code(item)) + path;
    let rule = change.rule.map_or(change.class.word(), RuleId::as_str).len();
    let shared = change.shared.iter().flat_map(|shared| shared.flags.iter().take(20));
    let names = names + shared.map(|flag| code(flag) + 2).sum::<usize>();
    if change.shared.as_ref().is_some_and(|shared| shared.listed_with.is_some()) {
        return CHANGE + names + rule;
    }
    let values = match ShortestForm::of(change.before.as_ref(), change.after.as_ref()) {
        ShortestForm::Inline { before, after } => before.iter().chain(&after).map(|value| code(value)).sum(),
        ShortestForm::Lines(lines) => {
            let all = || lines.before.iter().chain(&lines.after);
            let fence = all().map(|line| longest_run(line)).max().unwrap_or(0).max(2) + 1;
            BLOCK + 2 * fence + all().map(|line| line.chars().count() + 3).sum::<usize>()
        }
    };
    CHANGE + names + rule + values
}

fn of_policy(policy: &PolicyReport) -> usize {
    if !policy.changed {
        return 0;
    }
    let paths: usize = policy.paths.iter().map(|path| code(path) + 2).sum();
    let privileges = policy.privilege_changes.iter();
    let privileges: usize = privileges.map(|change| PRIVILEGE + code(&change.who) + prose(&change.what)).sum();
    let effects: usize = policy.effects.iter().map(|effect| prose(effect) + 3).sum();
    POLICY + paths + privileges + effects
}

fn code(text: &str) -> usize {
    safe::code(text).chars().count()
}

fn prose(text: &str) -> usize {
    safe::prose(text).chars().count()
}

fn longest_run(line: &str) -> usize {
    line.split(|c| c != '`').map(str::len).max().unwrap_or(0)
}
