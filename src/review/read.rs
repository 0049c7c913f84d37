//! Reading: the files of both sides into flags, and each flag paired with its successor.

use std::collections::BTreeSet;

use super::base_errors;
use super::budgets;
use super::equal_keys;
use super::flag_past::FlagPast;
use super::managed_files::{two_formats, two_mappings, two_projects};
use super::parallel::{both, each};
use super::successors::successors;
use super::text_only::TextOnly;
use crate::changes::classify::Step;
use crate::diagnostics::diagnostic::Level;
use crate::diagnostics::{Diagnostic, Diagnostics, Place, lints};
use crate::document::yaml::characters;
use crate::flag::{File, FileKind, FlagEntry};
use crate::format::relations::InvalidFiles;
use crate::format::{self, FormatRef};
use crate::impact::{self, Impact};
use crate::policy::{Policy, ProjectMatch};
use crate::report::Revision;

/// A file that differs between the base and what the merge would leave.
#[derive(Clone, Debug)]
pub struct Pair {
    pub path: String,
    pub live: Option<File>,
    pub proposed: Option<File>,
    /// The managed or protected path at which it stands through a symlink, if it is neither by its own.
    pub through: Option<String>,
}

impl Pair {
    /// Whether a change of it needs an admin.
    pub fn is_protected(&self, policy: &Policy) -> bool {
        if self.through.is_some() {
            return true;
        }
        let kinds = [&self.live, &self.proposed].map(|file| file.as_ref().map(|file| file.kind));
        policy.protects_entry(kinds, &self.path)
    }
}

/// Everything a review looks at besides the policy.
#[derive(Clone, Debug)]
pub struct Case {
    pub base: Revision,
    pub head: Revision,
    /// Every differing file that one of the policies manages or protects, sorted by path.
    pub pairs: Vec<Pair>,
    /// Paths whose two sides cannot be merged, each with the reason.
    pub conflicts: Vec<(String, String)>,
    /// Diagnostics of the tree itself, such as two paths that differ only in case.
    pub tree: Vec<Diagnostic>,
}

/// One flag that differs, before and after the change.
#[derive(Clone, Debug, Default)]
pub struct FlagChange {
    pub before: Option<FlagEntry>,
    pub after: Option<FlagEntry>,
    /// Whether the proposed file cannot be read, which makes the flag `invalid`.
    pub unreadable: bool,
    /// Where a flag of its key stands after it is gone from its project, if no approval is asked for there.
    pub left_to: Option<String>,
    pub past: FlagPast,
    /// The keys of live flags that are switched on, if this one is switched off.
    pub turns_on: Vec<String>,
    /// The names of live flags that go live with this one, or are given to other users, and are approved by themselves.
    pub brings: Vec<String>,
    /// The key of the deleted flag of its project that it has the content of.
    pub renamed_from: Option<String>,
    /// Why it is not known who loses it, if it is gone and another one of its name is on.
    pub or_other: Option<String>,
    /// The key of the new flag of its project that has its content.
    pub renamed_to: Option<String>,
    pub remarks: Vec<String>,
    /// Whether it comes out of two files that are joined, and stands so in neither.
    pub joined: bool,
}

impl FlagChange {
    pub fn became(before: FlagEntry, after: Option<FlagEntry>) -> FlagChange {
        FlagChange { before: Some(before), ..FlagChange::of(after, Vec::new()) }
    }

    pub(super) fn of(after: Option<FlagEntry>, remarks: Vec<String>) -> FlagChange {
        FlagChange { after, remarks, ..FlagChange::default() }
    }

    /// The impact on users.
    #[must_use]
    pub fn impact(&self) -> Impact {
        let step = self.step();
        let [before, after] = [step.and_then(Step::before), step.and_then(Step::after)];
        match &self.or_other {
            Some(why) => impact::unknown(None, why.clone()),
            None => impact::of(before.map(|entry| &entry.flag), after.map(|entry| &entry.flag)),
        }
    }

    /// The step of the flag from before to after; none if it is on neither side.
    #[must_use]
    pub fn step(&self) -> Option<Step<'_>> {
        match (&self.before, &self.after) {
            (Some(before), Some(after)) => Some(Step::Edited(before, after)),
            (Some(before), None) => Some(match &self.left_to {
                Some(path) => Step::Left(before, path),
                None => Step::Deleted(before),
            }),
            (None, Some(after)) => Some(Step::Created(after)),
            (None, None) => None,
        }
    }

    /// The flag after the change, or before it if it is deleted.
    #[must_use]
    pub fn entry(&self) -> Option<&FlagEntry> {
        self.after.as_ref().or(self.before.as_ref())
    }

    /// The names (`project/key`) after and before the change, once if both are the same.
    #[must_use]
    pub fn names(&self) -> Vec<String> {
        let mut names: Vec<String> = [&self.after, &self.before].into_iter().flatten().map(FlagEntry::name).collect();
        names.dedup();
        names
    }
}

/// All files of a case, read.
#[derive(Debug, Default)]
pub struct Reading {
    pub flags: Vec<FlagChange>,
    /// Flags of the same files that do not differ and are parts or refer to some.
    pub steady: Vec<FlagEntry>,
    /// Diagnostics of the proposed side; those of the base are warnings, because a proposal can only fix them.
    pub diagnostics: Vec<Diagnostic>,
    /// Flags that say the same, next to others, in files that are invalid on one side.
    pub unsure: Vec<FlagEntry>,
    /// Managed paths of the proposed side that hold at least one error.
    pub invalid_paths: Vec<String>,
    /// Managed paths that cannot be read on the base, so that nobody knows which flags are replaced there.
    pub unknown: Vec<String>,
    /// Files with errors, which are the cause of what is missing elsewhere.
    pub invalid_files: InvalidFiles,
}

/// Validity of a file, by its diagnostics before and after.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum FileValidity {
    Valid,
    /// The base has something that would be an error in a proposal, and it stays.
    Invalid,
    /// The proposal has an error, or takes such a thing out.
    Differs,
}

impl FileValidity {
    fn of(base: &[Diagnostic], proposed: &[Diagnostic]) -> FileValidity {
        let goes = |one: &Diagnostic| proposed.iter().all(|other| other.id != one.id);
        match base {
            _ if proposed.iter().any(Diagnostic::is_error) || base.iter().any(goes) => FileValidity::Differs,
            [] => FileValidity::Valid,
            [..] => FileValidity::Invalid,
        }
    }
}

/// The flags of a file on both sides.
pub(super) struct FileSides {
    pub live: Vec<FlagEntry>,
    pub live_unreadable: bool,
    pub proposed: Vec<FlagEntry>,
    pub proposed_unreadable: bool,
    pub validity: FileValidity,
    /// The proposed file if nobody knows which flags it brings to which project; with its project, if that is one.
    unread: Option<(File, Option<String>)>,
    diagnostics: Vec<Diagnostic>,
    /// The differences in text if a flag says the same.
    pub text_only: TextOnly,
}

/// Reads every managed file of the case under the base policy, or under the proposed one where that manages more.
#[must_use]
pub fn read(case: &Case, base_policy: &Policy, proposed: Option<&Policy>) -> Reading {
    let clashing: BTreeSet<&str> = case.conflicts.iter().map(|(path, _)| path.as_str()).collect();
    let read = |pair: &Pair| read_pair(pair, clashing.contains(pair.path.as_str()), base_policy, proposed);
    let sides: Vec<FileSides> = each(case.pairs.iter().collect(), read);
    let mut reading = Reading { diagnostics: case.tree.clone(), ..Reading::default() };
    for (path, clash) in &case.conflicts {
        let managed =
            |policy: &Policy| !matches!(policy.project_of(path), ProjectMatch::Unmanaged) || policy.protects(path);
        if managed(base_policy) || proposed.is_some_and(managed) {
            reading.diagnostics.push(Diagnostic::new(
                lints::CONFLICT,
                path,
                Place::START,
                clash,
                "update the branch: merge or rebase onto the base branch and resolve the conflict",
            ));
            reading.invalid_files.add_unknown(path, base_policy.project_name(path).as_deref());
        }
    }
    for side in &sides {
        reading.diagnostics.extend(side.diagnostics.iter().cloned());
        match &side.unread {
            Some((file, project)) => reading.invalid_files.add_unread(file, project.as_deref()),
            None => {
                if let Some(error) = side.diagnostics.iter().find(|diagnostic| diagnostic.is_error()) {
                    reading.invalid_files.add_read(&error.path);
                }
            }
        }
    }
    reading.diagnostics.sort();
    reading.diagnostics.dedup();
    let unread =
        sides.iter().flat_map(|side| &side.diagnostics).filter(|diagnostic| diagnostic.id == lints::LIVE_UNREADABLE.id);
    reading.unknown = unread.map(|diagnostic| diagnostic.path.clone()).collect();
    reading.invalid_paths = reading
        .diagnostics
        .iter()
        .filter(|diagnostic| diagnostic.is_error())
        .map(|diagnostic| diagnostic.path.clone())
        .collect();
    reading.invalid_paths.dedup();
    let policies = || [Some(base_policy), proposed].into_iter().flatten();
    let environment = |entry: &FlagEntry| {
        let found = policies().find_map(|policy| policy.environment_at(&entry.path));
        found.map(str::to_owned)
    };
    let flags = successors(sides, &environment, (&mut reading.steady, &mut reading.unsure));
    reading.flags = flags;
    let over = budgets::of_proposal(&reading.flags);
    if !over.is_empty() {
        // Nothing is compared, and nobody is asked: the proposal is invalid as a whole.
        reading.flags.clear();
        reading.diagnostics.extend(over);
        reading.diagnostics.sort();
    }
    reading
}

impl FileSides {
    /// A submodule at another commit, where files are managed for their names alone: its content was not read before.
    fn of_submodule(path: &str) -> FileSides {
        FileSides {
            live: Vec::new(),
            live_unreadable: false,
            proposed: Vec::new(),
            proposed_unreadable: false,
            validity: FileValidity::Valid,
            unread: None,
            diagnostics: vec![unread_submodule(path, "the submodule changes")],
            text_only: TextOnly::default(),
        }
    }
}

/// A warning of a submodule, of which `what` is said.
#[must_use]
pub fn unread_submodule(path: &str, what: &str) -> Diagnostic {
    let message = format!("{what}, and files in it are not read: no flag of them is reviewed");
    let remedy = "put flags that are served from it into this repository, or review them in its own";
    Diagnostic { level: Level::Warning, ..Diagnostic::new(lints::NOT_A_FILE, path, Place::START, message, remedy) }
}

fn read_pair(pair: &Pair, clashes: bool, base_policy: &Policy, proposed: Option<&Policy>) -> Option<FileSides> {
    let files = || [&pair.live, &pair.proposed].into_iter().flatten();
    let manages = |policy: &&Policy| {
        !matches!(policy.project_of(&pair.path), ProjectMatch::Unmanaged)
            || files().any(|file| policy.may_hide_files(file.kind, &pair.path))
    };
    let policies = || [Some(base_policy), proposed].into_iter().flatten();
    let policy = policies().find(manages)?;
    let submodule = |file: &Option<File>| file.as_ref().is_some_and(|file| file.kind == FileKind::Submodule);
    let by_name = |policy: &Policy| policy.manages_by_name(&pair.path);
    if submodule(&pair.live) && submodule(&pair.proposed) && policies().all(by_name) {
        return Some(FileSides::of_submodule(&pair.path));
    }
    let mut diagnostics = Vec::new();
    let mut several = false;
    let project = match policy.project_of(&pair.path) {
        ProjectMatch::Project(project) => project.name_at(&pair.path),
        // A link or submodule stands where a folder of flags should be.
        ProjectMatch::Unmanaged => String::new(),
        ProjectMatch::Several(projects) => {
            several = true;
            diagnostics.push(two_projects(&pair.path, &projects));
            projects.first().map(|project| project.name.clone()).unwrap_or_default()
        }
    };
    // The file belongs to two projects on the base branch too.
    let mut on_base = if pair.live.is_some() { diagnostics.clone() } else { Vec::new() };
    // Of a file in conflict nobody knows what it would say, so nothing of what git left there is reported.
    let new = pair.proposed.as_ref().filter(|_| !clashes);
    let read = |file: Option<&File>| file.map(|file| read_file(file, policy, &project));
    let bytes = pair.live.iter().chain(new).map(|file| file.bytes.len()).min().unwrap_or_default();
    let (old, new) = both(bytes, || read(pair.live.as_ref()), || read(new));
    let live = old.and_then(|(flags, found)| {
        on_base.extend(found);
        flags
    });
    let mut proposed_flags = None;
    if let Some((flags, found)) = new {
        diagnostics.extend(found);
        let flags = flags.map(|mut flags| {
            equal_keys::pair(live.as_deref().unwrap_or_default(), &mut flags);
            format::pair_scopes(live.as_deref().unwrap_or_default(), &mut flags);
            flags
        });
        if let Some(flags) = &flags {
            base_errors::weigh(&mut diagnostics, &on_base, live.as_deref().unwrap_or_default(), flags);
        }
        let over = budgets::of_file(live.as_deref().unwrap_or_default(), flags.as_deref().unwrap_or_default());
        proposed_flags = flags.filter(|_| over.is_empty());
        diagnostics.extend(over);
        let managing = [base_policy].into_iter().chain(proposed).filter(manages);
        diagnostics.extend(two_formats(&pair.path, policy, managing));
    }
    let live_unreadable = pair.live.is_some() && live.is_none();
    if live_unreadable {
        let message = "the file on the base branch cannot be read, so what is replaced here is not known";
        diagnostics.push(Diagnostic::new(
            lints::LIVE_UNREADABLE,
            &pair.path,
            Place::START,
            message,
            "have an admin approve it; flags that are live from now on are approved as new ones besides",
        ));
    }
    let unread = pair.proposed.as_ref().filter(|_| !clashes && (several || proposed_flags.is_none()));
    Some(FileSides {
        validity: FileValidity::of(&on_base, &diagnostics),
        unread: unread.map(|file| (file.clone(), (!several).then(|| project.clone()))),
        live: live.unwrap_or_default(),
        live_unreadable,
        proposed_unreadable: clashes || pair.proposed.is_some() && proposed_flags.is_none(),
        proposed: proposed_flags.unwrap_or_default(),
        diagnostics,
        text_only: pair
            .live
            .as_ref()
            .zip(pair.proposed.as_ref())
            .map(|(old, new)| TextOnly::of(old, new))
            .unwrap_or_default(),
    })
}

/// The flags of a file that is live already; none if it cannot be read.
#[must_use]
pub fn read_live(file: &File, policy: &Policy, project: &str) -> Option<Vec<FlagEntry>> {
    read_file(file, policy, project).0
}

/// Reads one managed file. No flags at all means that it cannot be read.
#[must_use]
pub fn read_file(file: &File, policy: &Policy, project: &str) -> (Option<Vec<FlagEntry>>, Vec<Diagnostic>) {
    let (flags, mut diagnostics) = read_as(file, policy.format(&file.path).as_ref(), project);
    diagnostics.extend(two_mappings(&file.path, policy));
    (flags, diagnostics)
}

/// Reads one file in a format, or says that there is none for it.
#[must_use]
pub fn read_as(file: &File, format: Option<&FormatRef>, project: &str) -> (Option<Vec<FlagEntry>>, Vec<Diagnostic>) {
    let mut diagnostics = Diagnostics::of(&file.path);
    let refuse = |diagnostics: &mut Diagnostics<'_>, lint, message: String, remedy: &str| {
        diagnostics.add(lint, Place::START, message, remedy)
    };
    let control = |c: &char| c.is_control() || *c == char::REPLACEMENT_CHARACTER;
    let refused = characters::refused(&file.path).next().map(|(_, refused, _)| refused);
    if let Some(refused) = file.path.chars().find(control).or(refused) {
        refuse(
            &mut diagnostics,
            lints::PATH_CHARACTERS,
            format!("the path holds `{}`, so no two tools show it alike", refused.escape_unicode()),
            "rename the file",
        );
        return (None, diagnostics.finish(""));
    }
    match file.kind {
        FileKind::Regular => {}
        FileKind::Symlink | FileKind::LinkToFile => {
            refuse(
                &mut diagnostics,
                lints::NOT_A_FILE,
                "a symlink stands where flag files are kept".into(),
                "put what it leads to there in its place, or move it to where no pattern of `paths` reaches, nor below \
                 it",
            );
            return (None, diagnostics.finish(""));
        }
        FileKind::Submodule => {
            refuse(
                &mut diagnostics,
                lints::NOT_A_FILE,
                "a submodule stands where flag files are kept".into(),
                "put the files themselves there, or narrow `paths`",
            );
            return (None, diagnostics.finish(""));
        }
    }
    if file.size > file.bytes.len() as u64 {
        refuse(
            &mut diagnostics,
            lints::TOO_BIG,
            format!("the file has {} bytes", file.size),
            &format.map_or_else(
                || "move it out of the project's `paths`".to_owned(),
                |format| format.size_remedy(file.size),
            ),
        );
        return (None, diagnostics.finish(""));
    }
    let Some(format) = format else {
        refuse(
            &mut diagnostics,
            lints::NO_FORMAT,
            "no format is known for a file of this name".into(),
            "move it out of the project's `paths`, narrow them to `*.yaml`, or name its format under `formats`",
        );
        return (None, diagnostics.finish(""));
    };
    let flags = format.flags_of(&file.bytes, &file.path, &mut diagnostics);
    let entries = flags.map(|flags| {
        let entry = |flag| FlagEntry { project: project.to_owned(), path: file.path.clone(), mode: file.mode, flag };
        flags.into_iter().map(entry).collect()
    });
    (entries, diagnostics.finish(&file.bytes))
}

/// The order of flags in a report.
pub fn order(flag: &FlagChange) -> Option<(&str, Place, &str)> {
    flag.entry().map(|entry| (entry.path.as_str(), entry.flag.place, entry.flag.key.as_str()))
}
