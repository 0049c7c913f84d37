//! The first half of a review: files into flags, on both sides, and who is who's successor.

use super::parallel::each;
use crate::diagnostics::{Diagnostic, Diagnostics, Place, lints};
use crate::document::yaml::characters;
use crate::flag::{File, FileKind, FlagEntry};
use crate::policy::{Policy, Project, ProjectMatch};
use crate::report::Revision;

/// A file that differs between the base and what the merge would leave.
#[derive(Clone, Debug)]
pub struct Pair {
    pub path: String,
    pub live: Option<File>,
    pub proposed: Option<File>,
}

/// A version of a file that the base branch once held.
#[derive(Clone, Debug)]
pub struct Past {
    pub file: File,
    /// What people call the commit: short id, date, subject.
    pub commit: String,
}

/// Everything a review looks at besides the policy.
#[derive(Clone, Debug)]
pub struct Case {
    pub base: Revision,
    pub head: Revision,
    /// Every differing file that one of the policies manages or protects, sorted by path.
    pub pairs: Vec<Pair>,
    /// Paths whose two sides cannot be merged, each with what clashes.
    pub conflicts: Vec<(String, String)>,
    /// Earlier versions of the files that differ, newest first.
    pub past: Vec<Past>,
    /// What is wrong with the tree itself, such as two paths that differ only in case.
    pub tree: Vec<Diagnostic>,
}

/// What became of one flag.
#[derive(Clone, Debug)]
pub struct FlagChange {
    pub before: Option<FlagEntry>,
    pub after: Option<FlagEntry>,
    /// Why the proposed side can't be judged, if so: the flag is `invalid`.
    pub unreadable: bool,
    pub remarks: Vec<String>,
}

impl FlagChange {
    fn became(before: FlagEntry, after: Option<FlagEntry>) -> FlagChange {
        FlagChange { before: Some(before), after, unreadable: false, remarks: Vec::new() }
    }

    #[must_use]
    pub fn placed(&self) -> Option<&FlagEntry> {
        self.after.as_ref().or(self.before.as_ref())
    }

    /// What it goes by, after and before: `project/key`, once if both are the same.
    #[must_use]
    pub fn names(&self) -> Vec<String> {
        let mut names: Vec<String> = [&self.after, &self.before].into_iter().flatten().map(FlagEntry::id).collect();
        names.dedup();
        names
    }
}

/// All files of a case, read.
#[derive(Debug, Default)]
pub struct Reading {
    pub items: Vec<FlagChange>,
    /// Diagnostics of the proposed side; the live side's are warnings, since a proposal can only fix them.
    pub diagnostics: Vec<Diagnostic>,
    /// Managed paths of the proposed side that hold at least one error.
    pub broken: Vec<String>,
    /// Managed paths that cannot be read on the base: what is replaced there is not known.
    pub unknown: Vec<String>,
}

struct Sides {
    live: Vec<FlagEntry>,
    live_unreadable: bool,
    proposed: Vec<FlagEntry>,
    proposed_unreadable: bool,
    diagnostics: Vec<Diagnostic>,
}

/// Reads every managed file of the case under the base policy, or under the proposed one where that manages more.
#[must_use]
pub fn read(case: &Case, base_policy: &Policy, proposed: Option<&Policy>) -> Reading {
    let sides: Vec<Sides> = each(case.pairs.iter().collect(), |pair| read_pair(pair, base_policy, proposed));
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
        }
    }
    for side in &sides {
        reading.diagnostics.extend(side.diagnostics.iter().cloned());
    }
    reading.diagnostics.sort();
    reading.diagnostics.dedup();
    let unread =
        sides.iter().flat_map(|side| &side.diagnostics).filter(|diagnostic| diagnostic.id == lints::LIVE_UNREADABLE.id);
    reading.unknown = unread.map(|diagnostic| diagnostic.path.clone()).collect();
    reading.broken = reading
        .diagnostics
        .iter()
        .filter(|diagnostic| diagnostic.is_error())
        .map(|diagnostic| diagnostic.path.clone())
        .collect();
    reading.broken.dedup();
    reading.items = successors(sides);
    reading
}

fn read_pair(pair: &Pair, base_policy: &Policy, proposed: Option<&Policy>) -> Option<Sides> {
    let irregular = [&pair.live, &pair.proposed].into_iter().flatten().any(|file| file.kind != FileKind::Regular);
    let manages = |policy: &&Policy| {
        !matches!(policy.project_of(&pair.path), ProjectMatch::Unmanaged)
            || (irregular && policy.manages_below(&pair.path))
    };
    let policy = [Some(base_policy), proposed].into_iter().flatten().find(manages)?;
    let mut diagnostics = Vec::new();
    let project = match policy.project_of(&pair.path) {
        ProjectMatch::Project(project) => project.name.clone(),
        // A link or submodule stands where a folder of flags should be.
        ProjectMatch::Unmanaged => String::new(),
        ProjectMatch::Several(projects) => {
            diagnostics.push(two_projects(&pair.path, &projects));
            projects.first().map(|project| project.name.clone()).unwrap_or_default()
        }
    };
    let live = pair.live.as_ref().and_then(|file| read_live(file, policy, &project));
    let mut proposed_flags = None;
    if let Some(file) = &pair.proposed {
        let (flags, found) = read_file(file, policy, &project);
        diagnostics.extend(found);
        proposed_flags = flags;
        // A text may be an inactive flag to one format and an active one to another.
        let format = |policy: &Policy| policy.format(&pair.path).map_or("none", |format| format.id);
        let other =
            [base_policy].into_iter().chain(proposed).filter(manages).map(format).find(|id| *id != format(policy));
        diagnostics.extend(other.map(|other| {
            let message = format!("the file is read as {} and would be read as {other}", format(policy));
            let remedy = "change `formats` and the file in two proposals";
            Diagnostic::new(lints::TWO_FORMATS, &pair.path, Place::START, message, remedy)
        }));
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
    Some(Sides {
        live: live.unwrap_or_default(),
        live_unreadable,
        proposed_unreadable: pair.proposed.is_some() && proposed_flags.is_none(),
        proposed: proposed_flags.unwrap_or_default(),
        diagnostics,
    })
}

/// The diagnostic of a file that several projects claim.
pub(super) fn two_projects(path: &str, projects: &[&Project]) -> Diagnostic {
    let names = crate::diagnostics::diagnostic::choice(projects.iter().map(|project| project.name.as_str()));
    Diagnostic::new(
        lints::TWO_PROJECTS,
        path,
        Place::START,
        format!("this file belongs to {}", names.replace(" or ", " and ")),
        "change `paths` in `.countersign/config.yaml` so that one project has it",
    )
}

/// The flags of a file that is live already; none if it cannot be read.
#[must_use]
pub fn read_live(file: &File, policy: &Policy, project: &str) -> Option<Vec<FlagEntry>> {
    read_file(file, policy, project).0
}

/// Reads one managed file. No flags at all means that it cannot be read.
#[must_use]
pub fn read_file(file: &File, policy: &Policy, project: &str) -> (Option<Vec<FlagEntry>>, Vec<Diagnostic>) {
    let mut diagnostics = Diagnostics::of(&file.path);
    let refuse = |diagnostics: &mut Diagnostics<'_>, lint, message: String, remedy: &str| {
        diagnostics.add(lint, Place::START, message, remedy)
    };
    let odd = |c: &char| c.is_control() || *c == char::REPLACEMENT_CHARACTER;
    let refused = characters::refused(&file.path).next().map(|(_, odd, _)| odd);
    if let Some(odd) = file.path.chars().find(odd).or(refused) {
        refuse(
            &mut diagnostics,
            lints::PATH_CHARACTERS,
            format!("the path holds `{}`, so no two tools show it alike", odd.escape_unicode()),
            "rename the file",
        );
        return (None, diagnostics.finish(""));
    }
    match file.kind {
        FileKind::Regular => {}
        FileKind::Symlink => {
            refuse(
                &mut diagnostics,
                lints::NOT_A_FILE,
                "a symlink stands where flag files are kept".into(),
                "put the file itself there",
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
            "split it: one flag a file",
        );
        return (None, diagnostics.finish(""));
    }
    let Some(format) = policy.format(&file.path) else {
        refuse(
            &mut diagnostics,
            lints::NO_FORMAT,
            "no format is known for a file of this name".into(),
            "move it out of the project's `paths`, narrow them to `*.yaml`, or name its format under `formats`",
        );
        return (None, diagnostics.finish(""));
    };
    let flags = (format.read)(&file.bytes, &file.path, &mut diagnostics);
    let placed = flags.map(|flags| {
        flags.into_iter().map(|flag| FlagEntry { project: project.to_owned(), path: file.path.clone(), flag }).collect()
    });
    (placed, diagnostics.finish(&file.bytes))
}

/// Pairs the flags of both sides by project and key; what is left over pairs by key alone, since a flag that moved to
/// another project is still that flag.
fn successors(sides: Vec<Sides>) -> Vec<FlagChange> {
    let mut gone: Vec<FlagEntry> = Vec::new();
    let mut come: Vec<(FlagEntry, bool)> = Vec::new();
    let mut items = Vec::new();
    for side in sides {
        let several = side.live.len() > 1 || side.proposed.len() > 1;
        let mut proposed = side.proposed;
        for before in side.live {
            let counterpart = proposed.iter().position(|after| after.flag.key == before.flag.key);
            match counterpart.map(|at| proposed.remove(at)) {
                Some(after) if several && before.flag.record == after.flag.record => {}
                Some(after) => items.push(FlagChange::became(before, Some(after))),
                None if side.proposed_unreadable => {
                    items.push(FlagChange { before: Some(before), after: None, unreadable: true, remarks: Vec::new() });
                }
                None => gone.push(before),
            }
        }
        come.extend(proposed.into_iter().map(|after| (after, side.live_unreadable)));
    }
    // All that stayed in their projects first, so that none of them is taken for one that came from elsewhere.
    let mut adrift = Vec::new();
    for before in gone {
        let counterpart =
            come.iter().position(|(after, _)| after.project == before.project && after.flag.key == before.flag.key);
        match counterpart.map(|at| come.remove(at).0) {
            Some(after) => items.push(FlagChange::became(before, Some(after))),
            None => adrift.push(before),
        }
    }
    for before in adrift {
        let counterpart = come.iter().position(|(after, _)| after.flag.key == before.flag.key);
        let after = counterpart.map(|at| come.remove(at).0);
        items.push(FlagChange::became(before, after));
    }
    for (after, over_unreadable) in come {
        let remarks = if over_unreadable {
            vec!["what stood here before could not be read, so all of it counts as new".to_owned()]
        } else {
            Vec::new()
        };
        items.push(FlagChange { before: None, after: Some(after), unreadable: false, remarks });
    }
    items.sort_by(|a, b| order(a).cmp(&order(b)));
    items
}

fn order(item: &FlagChange) -> Option<(&str, Place, &str)> {
    item.placed().map(|placed| (placed.path.as_str(), placed.flag.place, placed.flag.key.as_str()))
}
