//! The nouns: a file, the flags in it, and the flags of one side of a comparison.
//!
//! In: what a format read. Out: nothing yet; these are data. A flag is its key within its project, never its path.
//! Not taken: one typed struct with a member per field. A flag keeps its fields as the tree it was read into, with
//! the table of its format beside it, so that a foreign format brings its own words and every change its own place.

use crate::diagnostics::Place;
use crate::document::{Field, Map, Node};

/// What stands at a path of a tree.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum FileKind {
    /// Bytes of its own: the only kind a flag can be read from.
    Regular,
    Symlink,
    Submodule,
}

/// A file as git has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    /// From the root of the repository, `/` between parts. A path that is not UTF-8 has its bad bytes as U+FFFD.
    pub path: String,
    pub kind: FileKind,
    pub bytes: Vec<u8>,
    /// The size git gives; larger than `bytes` when the file is over the limit and was not loaded.
    pub size: u64,
    /// The id of the object git has here: the commit of a submodule, and what tells files apart whose bytes were not
    /// loaded. `None` for what is not in git yet.
    pub id: Option<String>,
}

impl File {
    /// A regular file with these bytes.
    #[must_use]
    pub fn regular(path: impl Into<String>, bytes: impl Into<Vec<u8>>) -> Self {
        let bytes = bytes.into();
        let size = bytes.len() as u64;
        File { path: path.into(), kind: FileKind::Regular, bytes, size, id: None }
    }
}

/// A flag is switched; an experiment is run. Code says flag for both, people are shown the right word.
#[derive(Clone, Copy, PartialEq, Eq, Debug, serde::Serialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// It is switched.
    Flag,
    /// It is run and measured.
    Experiment,
}

impl Kind {
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Kind::Flag => "flag",
            Kind::Experiment => "experiment",
        }
    }
}

/// Where in its lifecycle a flag is, in its format's own word.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct State {
    pub word: String,
    /// Whether users are served by it, or will be without another commit.
    pub live: bool,
    pub place: Place,
}

/// One flag or experiment, as its format read it.
#[derive(Clone, Debug)]
pub struct Flag {
    pub key: String,
    pub kind: Kind,
    pub state: State,
    /// Where it starts in its file: the place of its key.
    pub place: Place,
    /// Every field that is there, known or not, by the names of its format.
    pub record: Map,
    /// The rows of its format: what the names in `record` are and mean.
    pub fields: &'static [Field],
}

impl Flag {
    /// The value of a field unless it is absent or null.
    #[must_use]
    pub fn get(&self, field: &str) -> Option<&Node> {
        self.record.get(field).filter(|node| !node.is_null())
    }

    /// The variant keys in the order of the file.
    #[must_use]
    pub fn variants(&self) -> Vec<&str> {
        let items = self.get("variants").and_then(Node::as_list).unwrap_or_default();
        items.iter().filter_map(|item| item.get("key")?.as_text()).collect()
    }
}

/// A flag at its home: the project and file it stands in.
#[derive(Clone, Debug)]
pub struct FlagEntry {
    pub project: String,
    pub path: String,
    pub flag: Flag,
}

impl FlagEntry {
    /// The name a flag goes by everywhere: `project/key`.
    #[must_use]
    pub fn id(&self) -> String {
        format!("{}/{}", self.project, self.flag.key)
    }
}
