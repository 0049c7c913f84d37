//! Flags in relation to others: the facts that a check of several flags needs, small enough to keep for every flag of a
//! repository.
//!
//! In: a flag at its location. Out: [`FlagFacts`], and an index to find others by project and key. Refuses: facts of
//! flags that were not read. Not taken: whole flags, which of 10,000 files would be a repository in memory.

use std::collections::BTreeSet;

use crate::diagnostics::Place;
use crate::flag::{File, FileKind, FlagEntry};
use crate::format::FormatRef;

/// The flags that a flag depends on, and how it is evaluated.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Relations {
    /// In the order of the file.
    pub dependencies: Vec<Dependency>,
    /// The keys of the parts that it names, such as segments, each with the place of the name.
    pub parts: Vec<(String, Place)>,
    /// Whether it is evaluated on the device of the user, where a flag that is evaluated elsewhere is not known.
    pub local: bool,
}

/// A flag that another one depends on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dependency {
    pub key: String,
    pub place: Place,
    /// The variants that let a user pass.
    pub variants: Vec<String>,
    /// Whether another word than "all of these" says who passes, so that it may be those who do not have the variants.
    pub otherwise: bool,
}

/// The facts about one flag.
#[derive(Clone, Debug)]
pub struct FlagFacts {
    pub project: Box<str>,
    pub path: Box<str>,
    pub key: Box<str>,
    pub place: Place,
    pub live: bool,
    pub state: Box<str>,
    pub variants: Box<[Box<str>]>,
    pub relations: Relations,
    /// Whether it is a part that others name, and no flag.
    pub part: bool,
    pub scope: Option<Box<str>>,
    pub format: FormatRef,
}

impl FlagFacts {
    #[must_use]
    pub fn of(entry: &FlagEntry) -> FlagFacts {
        let flag = &entry.flag;
        FlagFacts {
            project: entry.project.as_str().into(),
            path: entry.path.as_str().into(),
            key: flag.key.as_str().into(),
            place: flag.place,
            live: flag.state.live,
            state: flag.state.word.as_str().into(),
            variants: flag.variants().into_iter().map(Box::from).collect(),
            relations: (flag.format.relations)(flag),
            part: flag.links.part.is_some(),
            scope: flag.scope.as_deref().map(Box::from),
            format: flag.format.clone(),
        }
    }

    fn id(&self) -> (&str, &str) {
        (&self.project, &self.key)
    }
}

/// Files with errors, of which the flags are not known, or not all that is said of them. They are the root cause of
/// whatever seems to be missing elsewhere, so that no diagnostic of another file is about them.
#[derive(Debug, Default)]
pub struct InvalidFiles {
    paths: BTreeSet<String>,
    /// Words of the files that could not be read, any of which may be a key, each with the project.
    words: BTreeSet<(Option<String>, String)>,
    /// Projects of files that could not be read and have no text to look for a key in.
    opaque: BTreeSet<Option<String>>,
}

impl InvalidFiles {
    /// Whether all files were read.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.paths.is_empty() && self.words.is_empty() && self.opaque.is_empty()
    }

    /// Adds a file whose flags were read in spite of an error.
    pub fn add_read(&mut self, path: &str) {
        self.paths.insert(path.to_owned());
    }

    /// Adds a file that could not be read; no project is one of several.
    pub fn add_unread(&mut self, file: &File, project: Option<&str>) {
        let project = project.map(str::to_owned);
        let whole = file.kind == FileKind::Regular && file.size == file.bytes.len() as u64;
        match std::str::from_utf8(&file.bytes).ok().filter(|text| whole && !text.contains('\0')) {
            Some(text) => {
                let in_a_key = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-' | '%');
                let words = text.split(|c| !in_a_key(c)).filter(|word| !word.is_empty());
                self.words.extend(words.map(|word| (project.clone(), word.to_owned())));
            }
            None => drop(self.opaque.insert(project)),
        }
        self.add_read(&file.path);
    }

    /// Adds the files of another list.
    pub fn extend(&mut self, other: InvalidFiles) {
        self.paths.extend(other.paths);
        self.words.extend(other.words);
        self.opaque.extend(other.opaque);
    }

    /// Adds a path of which not even the text is known, such as one with a conflict.
    pub fn add_unknown(&mut self, path: &str, project: Option<&str>) {
        self.opaque.insert(project.map(str::to_owned));
        self.add_read(path);
    }

    fn may_hold(&self, project: &str, key: &str) -> bool {
        [Some(project.to_owned()), None]
            .into_iter()
            .any(|project| self.opaque.contains(&project) || self.words.contains(&(project, key.to_owned())))
    }
}

/// A flag that was looked for.
#[derive(Debug)]
pub enum Lookup<'f> {
    Found(&'f FlagFacts),
    /// The flag is, or may be, in a file with errors, which are reported.
    InInvalidFile,
    /// The flag may be in a file with errors that this proposal does not touch, so that nobody reports them.
    InUnreportedFile,
    Missing,
}

/// The flags of one side, to be found by project and key.
#[derive(Debug)]
pub struct FlagIndex<'f> {
    sorted: Vec<&'f FlagFacts>,
    /// The circle of each flag, by a number, and how many flags are in it; one that depends on none of its dependents
    /// is alone.
    circles: Vec<(usize, usize)>,
    /// Parts that flags name, by the format and the key, whatever their project.
    parts: BTreeSet<(&'f str, &'f str)>,
    invalid: &'f InvalidFiles,
    unreported: &'f InvalidFiles,
}

impl<'f> FlagIndex<'f> {
    #[must_use]
    pub fn new(flags: &[&'f FlagFacts], invalid: &'f InvalidFiles, unreported: &'f InvalidFiles) -> Self {
        let mut sorted = flags.to_vec();
        sorted.sort_by_key(|flag| flag.id());
        let parts = sorted.iter().filter(|flag| flag.part).map(|flag| (flag.format.id.as_ref(), &*flag.key)).collect();
        let mut index = FlagIndex { sorted, invalid, unreported, parts, circles: Vec::new() };
        index.circles = index.find_circles();
        index
    }

    /// Whether every file of those at hand could be read.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        [self.invalid, self.unreported].iter().all(|files| files.paths.is_empty() && files.opaque.is_empty())
    }

    /// Whether a format has a part of this key, in any project.
    #[must_use]
    pub fn has_part(&self, format: &str, key: &str) -> bool {
        self.parts.contains(&(format, key))
    }

    /// The keys of the parts of a format.
    pub fn parts<'s>(&'s self, format: &'s str) -> impl Iterator<Item = &'f str> + 's {
        self.parts.range((format, "")..).take_while(move |(other, _)| *other == format).map(|(_, key)| *key)
    }

    /// The first flag of this key in a project.
    #[must_use]
    pub fn find(&self, project: &str, key: &str) -> Lookup<'f> {
        let first = self.sorted.partition_point(|flag| flag.id() < (project, key));
        match self.sorted.get(first).copied().filter(|flag| flag.id() == (project, key)) {
            Some(flag) if self.invalid.paths.contains(&*flag.path) => Lookup::InInvalidFile,
            Some(flag) => Lookup::Found(flag),
            None if self.invalid.may_hold(project, key) => Lookup::InInvalidFile,
            None if self.unreported.may_hold(project, key) => Lookup::InUnreportedFile,
            None => Lookup::Missing,
        }
    }

    fn at(&self, project: &str, key: &str) -> Option<usize> {
        let first = self.sorted.partition_point(|flag| flag.id() < (project, key));
        self.sorted.get(first).filter(|flag| flag.id() == (project, key)).map(|_| first)
    }

    /// How many flags depend on each other in a circle that both of these are in; `None` if there is no such circle.
    #[must_use]
    pub fn circle(&self, project: &str, one: &str, other: &str) -> Option<usize> {
        let of = |key: &str| self.circles.get(self.at(project, key)?).copied();
        let (circle, size) = of(one)?;
        (size > 1 && of(other)?.0 == circle || one == other).then_some(size)
    }

    /// Tarjan's strongly connected components, without recursion: each flag and each dependency is looked at once.
    fn find_circles(&self) -> Vec<(usize, usize)> {
        const NONE: usize = usize::MAX;
        let count = self.sorted.len();
        if self.sorted.iter().all(|flag| flag.relations.dependencies.is_empty()) {
            return (0..count).map(|at| (at, 1)).collect();
        }
        let parents = |at: usize| -> Vec<usize> {
            let flag = self.sorted.get(at);
            let read = |at: &usize| self.sorted.get(*at).is_some_and(|flag| !self.invalid.paths.contains(&*flag.path));
            let parent = |flag: &FlagFacts, of: &Dependency| self.at(&flag.project, &of.key).filter(read);
            flag.iter().flat_map(|flag| flag.relations.dependencies.iter().filter_map(|of| parent(flag, of))).collect()
        };
        let (mut order, mut low, mut circles) = (vec![NONE; count], vec![NONE; count], vec![(NONE, 1); count]);
        let (mut stack, mut seen) = (Vec::new(), 0);
        let set = |list: &mut Vec<usize>, at: usize, value: usize| {
            if let Some(slot) = list.get_mut(at) {
                *slot = value;
            }
        };
        let get = |list: &Vec<usize>, at: usize| list.get(at).copied().unwrap_or(NONE);
        for start in 0..count {
            if get(&order, start) != NONE {
                continue;
            }
            let mut open = vec![(start, None::<std::vec::IntoIter<usize>>)];
            while let Some((at, rest)) = open.last_mut() {
                let at = *at;
                let rest = rest.get_or_insert_with(|| {
                    set(&mut order, at, seen);
                    set(&mut low, at, seen);
                    seen += 1;
                    stack.push(at);
                    parents(at).into_iter()
                });
                if let Some(parent) = rest.next() {
                    if get(&order, parent) == NONE {
                        open.push((parent, None));
                    } else if circles.get(parent).is_some_and(|(circle, _)| *circle == NONE) {
                        let least = get(&low, at).min(get(&order, parent));
                        set(&mut low, at, least);
                    }
                    continue;
                }
                open.pop();
                if let Some((child, _)) = open.last() {
                    let least = get(&low, *child).min(get(&low, at));
                    set(&mut low, *child, least);
                }
                if get(&low, at) == get(&order, at) {
                    let from = stack.iter().rposition(|other| *other == at).unwrap_or(0);
                    let members: Vec<usize> = stack.drain(from..).collect();
                    for member in &members {
                        if let Some(circle) = circles.get_mut(*member) {
                            *circle = (at, members.len());
                        }
                    }
                }
            }
        }
        circles
    }

    /// Flags that share their key within a project, in groups of two or more.
    pub fn duplicates(&self) -> impl Iterator<Item = &[&'f FlagFacts]> {
        self.sorted.chunk_by(|one, two| one.id() == two.id()).filter(|group| group.len() > 1)
    }
}
