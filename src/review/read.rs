//! The first half of a review: files into flags, on both sides, and who is who's successor.

use super::each::each;
use crate::flag::{File, FileKind, Placed};
use crate::policy::{Home, Law, Project};
use crate::report::Revision;
use crate::text::yaml::characters;
use crate::text::{Place, Problem, Problems, lints};

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

/// Everything a review looks at besides the law.
#[derive(Clone, Debug)]
pub struct Case {
    pub base: Revision,
    pub head: Revision,
    /// Every differing file that one of the laws manages or protects, sorted by path.
    pub pairs: Vec<Pair>,
    /// Paths whose two sides cannot be merged, each with what clashes.
    pub conflicts: Vec<(String, String)>,
    /// Earlier versions of the files that differ, newest first.
    pub past: Vec<Past>,
    /// What is wrong with the tree itself, such as two paths that differ only in case.
    pub tree: Vec<Problem>,
}

/// What became of one flag.
#[derive(Clone, Debug)]
pub struct Item {
    pub before: Option<Placed>,
    pub after: Option<Placed>,
    /// Why the proposed side can't be judged, if so: the flag is `invalid`.
    pub unreadable: bool,
    pub remarks: Vec<String>,
}

impl Item {
    fn became(before: Placed, after: Option<Placed>) -> Item {
        Item { before: Some(before), after, unreadable: false, remarks: Vec::new() }
    }

    #[must_use]
    pub fn placed(&self) -> Option<&Placed> {
        self.after.as_ref().or(self.before.as_ref())
    }

    /// What it goes by, after and before: `project/key`, once if both are the same.
    #[must_use]
    pub fn names(&self) -> Vec<String> {
        let mut names: Vec<String> = [&self.after, &self.before].into_iter().flatten().map(Placed::id).collect();
        names.dedup();
        names
    }
}

/// All files of a case, read.
#[derive(Debug, Default)]
pub struct Reading {
    pub items: Vec<Item>,
    /// Problems of the proposed side; the live side's are warnings, since a proposal can only mend them.
    pub problems: Vec<Problem>,
    /// Managed paths of the proposed side that hold at least one error.
    pub broken: Vec<String>,
    /// Managed paths that cannot be read on the base: what is replaced there is not known.
    pub unknown: Vec<String>,
}

struct Sides {
    live: Vec<Placed>,
    live_unreadable: bool,
    proposed: Vec<Placed>,
    proposed_unreadable: bool,
    problems: Vec<Problem>,
}

/// Reads every managed file of the case under the standing law, or under the proposed one where that manages more.
#[must_use]
pub fn read(case: &Case, standing: &Law, proposed: Option<&Law>) -> Reading {
    let sides: Vec<Sides> = each(case.pairs.iter().collect(), |pair| read_pair(pair, standing, proposed));
    let mut reading = Reading { problems: case.tree.clone(), ..Reading::default() };
    for (path, clash) in &case.conflicts {
        let managed = |law: &Law| !matches!(law.home(path), Home::Unmanaged) || law.protects(path);
        if managed(standing) || proposed.is_some_and(managed) {
            reading.problems.push(Problem::new(
                lints::CONFLICT,
                path,
                Place::START,
                clash,
                "update the branch: merge or rebase onto the base branch and resolve the conflict",
            ));
        }
    }
    for side in &sides {
        reading.problems.extend(side.problems.iter().cloned());
    }
    reading.problems.sort();
    reading.problems.dedup();
    let unread = sides.iter().flat_map(|side| &side.problems).filter(|problem| problem.id == lints::LIVE_UNREADABLE.id);
    reading.unknown = unread.map(|problem| problem.path.clone()).collect();
    reading.broken =
        reading.problems.iter().filter(|problem| problem.is_error()).map(|problem| problem.path.clone()).collect();
    reading.broken.dedup();
    reading.items = successors(sides);
    reading
}

fn read_pair(pair: &Pair, standing: &Law, proposed: Option<&Law>) -> Option<Sides> {
    let irregular = [&pair.live, &pair.proposed].into_iter().flatten().any(|file| file.kind != FileKind::Regular);
    let manages =
        |law: &&Law| !matches!(law.home(&pair.path), Home::Unmanaged) || (irregular && law.manages_below(&pair.path));
    let law = [Some(standing), proposed].into_iter().flatten().find(manages)?;
    let mut problems = Vec::new();
    let project = match law.home(&pair.path) {
        Home::Project(project) => project.name.clone(),
        // A link or submodule stands where a folder of flags should be.
        Home::Unmanaged => String::new(),
        Home::Several(projects) => {
            problems.push(two_projects(&pair.path, &projects));
            projects.first().map(|project| project.name.clone()).unwrap_or_default()
        }
    };
    let live = pair.live.as_ref().and_then(|file| read_live(file, law, &project));
    let mut proposed_flags = None;
    if let Some(file) = &pair.proposed {
        let (flags, found) = read_file(file, law, &project);
        problems.extend(found);
        proposed_flags = flags;
        // A text may be an inactive flag to one format and an active one to another.
        let format = |law: &Law| law.format(&pair.path).map_or("none", |format| format.id);
        let other = [standing].into_iter().chain(proposed).filter(manages).map(format).find(|id| *id != format(law));
        problems.extend(other.map(|other| {
            let message = format!("the file is read as {} and would be read as {other}", format(law));
            let remedy = "change `formats` and the file in two proposals";
            Problem::new(lints::TWO_FORMATS, &pair.path, Place::START, message, remedy)
        }));
    }
    let live_unreadable = pair.live.is_some() && live.is_none();
    if live_unreadable {
        let message = "the file on the base branch cannot be read, so what is replaced here is not known";
        problems.push(Problem::new(
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
        problems,
    })
}

/// The problem of a file that several projects claim.
pub(super) fn two_projects(path: &str, projects: &[&Project]) -> Problem {
    let names = crate::text::problem::choice(projects.iter().map(|project| project.name.as_str()));
    Problem::new(
        lints::TWO_PROJECTS,
        path,
        Place::START,
        format!("this file belongs to {}", names.replace(" or ", " and ")),
        "change `paths` in `.countersign/config.yaml` so that one project has it",
    )
}

/// The flags of a file that is live already; none if it cannot be read.
#[must_use]
pub fn read_live(file: &File, law: &Law, project: &str) -> Option<Vec<Placed>> {
    read_file(file, law, project).0
}

/// Reads one managed file. No flags at all means that it cannot be read.
#[must_use]
pub fn read_file(file: &File, law: &Law, project: &str) -> (Option<Vec<Placed>>, Vec<Problem>) {
    let mut problems = Problems::of(&file.path);
    let refuse = |problems: &mut Problems<'_>, lint, message: String, remedy: &str| {
        problems.add(lint, Place::START, message, remedy)
    };
    let odd = |c: &char| c.is_control() || *c == char::REPLACEMENT_CHARACTER;
    let refused = characters::refused(&file.path).next().map(|(_, odd, _)| odd);
    if let Some(odd) = file.path.chars().find(odd).or(refused) {
        refuse(
            &mut problems,
            lints::PATH_CHARACTERS,
            format!("the path holds `{}`, so no two tools show it alike", odd.escape_unicode()),
            "rename the file",
        );
        return (None, problems.finish(""));
    }
    match file.kind {
        FileKind::Regular => {}
        FileKind::Symlink => {
            refuse(
                &mut problems,
                lints::NOT_A_FILE,
                "a symlink stands where flag files are kept".into(),
                "put the file itself there",
            );
            return (None, problems.finish(""));
        }
        FileKind::Submodule => {
            refuse(
                &mut problems,
                lints::NOT_A_FILE,
                "a submodule stands where flag files are kept".into(),
                "put the files themselves there, or narrow `paths`",
            );
            return (None, problems.finish(""));
        }
    }
    if file.size > file.bytes.len() as u64 {
        refuse(&mut problems, lints::TOO_BIG, format!("the file has {} bytes", file.size), "split it: one flag a file");
        return (None, problems.finish(""));
    }
    let Some(format) = law.format(&file.path) else {
        refuse(
            &mut problems,
            lints::NO_FORMAT,
            "no format is known for a file of this name".into(),
            "move it out of the project's `paths`, narrow them to `*.yaml`, or name its format under `formats`",
        );
        return (None, problems.finish(""));
    };
    let flags = (format.read)(&file.bytes, &file.path, &mut problems);
    let placed = flags.map(|flags| {
        flags.into_iter().map(|flag| Placed { project: project.to_owned(), path: file.path.clone(), flag }).collect()
    });
    (placed, problems.finish(&file.bytes))
}

/// Pairs the flags of both sides by project and key; what is left over pairs by key alone, since a flag that moved to
/// another project is still that flag.
fn successors(sides: Vec<Sides>) -> Vec<Item> {
    let mut gone: Vec<Placed> = Vec::new();
    let mut come: Vec<(Placed, bool)> = Vec::new();
    let mut items = Vec::new();
    for side in sides {
        let several = side.live.len() > 1 || side.proposed.len() > 1;
        let mut proposed = side.proposed;
        for before in side.live {
            let twin = proposed.iter().position(|after| after.flag.key == before.flag.key);
            match twin.map(|at| proposed.remove(at)) {
                Some(after) if several && before.flag.record == after.flag.record => {}
                Some(after) => items.push(Item::became(before, Some(after))),
                None if side.proposed_unreadable => {
                    items.push(Item { before: Some(before), after: None, unreadable: true, remarks: Vec::new() });
                }
                None => gone.push(before),
            }
        }
        come.extend(proposed.into_iter().map(|after| (after, side.live_unreadable)));
    }
    // All that stayed in their projects first, so that none of them is taken for one that came from elsewhere.
    let mut adrift = Vec::new();
    for before in gone {
        let twin =
            come.iter().position(|(after, _)| after.project == before.project && after.flag.key == before.flag.key);
        match twin.map(|at| come.remove(at).0) {
            Some(after) => items.push(Item::became(before, Some(after))),
            None => adrift.push(before),
        }
    }
    for before in adrift {
        let twin = come.iter().position(|(after, _)| after.flag.key == before.flag.key);
        let after = twin.map(|at| come.remove(at).0);
        items.push(Item::became(before, after));
    }
    for (after, over_unreadable) in come {
        let remarks = if over_unreadable {
            vec!["what stood here before could not be read, so all of it counts as new".to_owned()]
        } else {
            Vec::new()
        };
        items.push(Item { before: None, after: Some(after), unreadable: false, remarks });
    }
    items.sort_by(|a, b| order(a).cmp(&order(b)));
    items
}

fn order(item: &Item) -> Option<(&str, Place, &str)> {
    item.placed().map(|placed| (placed.path.as_str(), placed.flag.place, placed.flag.key.as_str()))
}
