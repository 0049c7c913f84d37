//! Flags in relation to others: the facts that a check of several flags needs, small enough to keep for every flag of a
//! repository.
//!
//! In: a flag at its location. Out: [`FlagFacts`], and an index to find others by project and key. Refuses: facts of flags
//! that were not read. Not taken: whole flags, which of 10,000 files would be a repository in memory.

use crate::diagnostics::Place;
use crate::flag::FlagEntry;
use crate::format::Format;

/// The flags that a flag depends on, and how it is evaluated.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Relations {
    /// In the order of the file.
    pub dependencies: Vec<Dependency>,
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
    pub format: &'static Format,
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
            format: flag.format,
        }
    }

    fn id(&self) -> (&str, &str) {
        (&self.project, &self.key)
    }
}

/// The flags of one side, to be found by project and key.
#[derive(Debug)]
pub struct FlagIndex<'f> {
    sorted: Vec<&'f FlagFacts>,
}

impl<'f> FlagIndex<'f> {
    #[must_use]
    pub fn new(flags: &[&'f FlagFacts]) -> Self {
        let mut sorted = flags.to_vec();
        sorted.sort_by_key(|flag| flag.id());
        FlagIndex { sorted }
    }

    /// The first flag of this key in a project.
    #[must_use]
    pub fn find(&self, project: &str, key: &str) -> Option<&'f FlagFacts> {
        let first = self.sorted.partition_point(|flag| flag.id() < (project, key));
        self.sorted.get(first).copied().filter(|flag| flag.id() == (project, key))
    }

    /// Flags that share their key within a project, in groups of two or more.
    pub fn duplicates(&self) -> impl Iterator<Item = &[&'f FlagFacts]> {
        self.sorted.chunk_by(|one, two| one.id() == two.id()).filter(|group| group.len() > 1)
    }
}
