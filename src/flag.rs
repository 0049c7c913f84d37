//! The nouns: a file, the flags in it, and the flags of one side of a comparison.
//!
//! In: the flags a format has read. Out: data. A flag is its key within its project, never its path. Refuses: nothing.
//! Not taken: one typed struct with a member per field. A flag keeps its fields as the tree it was read into, with the
//! row of its format, so that a foreign format brings its own words and every change its own place.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;

use crate::diagnostics::Place;
use crate::document::alignment::ItemForm;
use crate::document::items::renamed;
use crate::document::{Display, Field, Map, Node, Shape};
use crate::format::FormatRef;
use crate::groups::ReadGroups;

/// The kind of object that git has at a path.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum FileKind {
    /// A file with bytes of its own; the only kind that a flag can be read from.
    Regular,
    /// A link to a folder, or to nobody knows what.
    Symlink,
    /// A link to a file of the repository, below which nothing can be.
    LinkToFile,
    Submodule,
}

impl FileKind {
    /// The mode git gives an object of this kind; that of a file which is not executable.
    #[must_use]
    pub fn mode(self) -> u32 {
        match self {
            FileKind::Regular => PLAIN,
            FileKind::Symlink | FileKind::LinkToFile => 0o120_000,
            FileKind::Submodule => 0o160_000,
        }
    }

    /// Whether it may stand in the place of a folder, so that files of which git knows nothing are below it.
    #[must_use]
    pub fn may_hold_files(self) -> bool {
        match self {
            FileKind::Regular | FileKind::LinkToFile => false,
            FileKind::Symlink | FileKind::Submodule => true,
        }
    }

    /// The kind in words, with its article.
    #[must_use]
    pub fn noun(self) -> &'static str {
        match self {
            FileKind::Regular => "a file",
            FileKind::Symlink | FileKind::LinkToFile => "a symlink",
            FileKind::Submodule => "a submodule",
        }
    }
}

/// The last part of a path: the name of the file or folder.
#[must_use]
pub fn file_name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// The name of a file up to its first full stop.
#[must_use]
pub fn file_stem(path: &str) -> &str {
    file_name(path).split('.').next().unwrap_or_default()
}

/// The folder of a path without the slash behind it; empty at the root.
#[must_use]
pub fn folder(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

/// The mode of a file that is not executable.
pub const PLAIN: u32 = 0o100_644;

/// A file as git has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    /// From the root of the repository, `/` between parts. A path that is not UTF-8 has its bad bytes as U+FFFD.
    pub path: String,
    pub kind: FileKind,
    /// The mode git gives it, such as `100644`, or `100755` for an executable file.
    pub mode: u32,
    pub bytes: Vec<u8>,
    /// The size git gives; larger than `bytes` when the file is over the limit and was not loaded.
    pub size: u64,
    /// The id of git's object: the commit of a submodule, the blob of a file. It tells files apart whose bytes were not
    /// loaded. `None` for a file that is not in git yet.
    pub id: Option<String>,
}

impl File {
    /// A regular file with these bytes.
    #[must_use]
    pub fn regular(path: impl Into<String>, bytes: impl Into<Vec<u8>>) -> Self {
        let bytes = bytes.into();
        let size = bytes.len() as u64;
        File { path: path.into(), kind: FileKind::Regular, mode: PLAIN, bytes, size, id: None }
    }
}

/// Whether a flag is one, or an experiment. *Flag* in the code covers both; people are shown the right word.
#[derive(Clone, Copy, PartialEq, Eq, Debug, serde::Serialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// A flag, which is switched.
    Flag,
    /// An experiment, which is run and measured.
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

/// The place of a flag in its lifecycle, in the word of its format.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct State {
    pub word: String,
    /// Whether users are served by it, or will be without another commit.
    pub live: bool,
    pub place: Place,
}

/// A field of which parts stand elsewhere in its file, for several flags.
#[derive(Clone, Debug)]
pub struct Shared {
    /// The field in its format's words, parts joined by dots.
    pub field: &'static str,
    /// The normal form of what the flag itself says there.
    pub own: String,
    /// Sorted by name.
    pub parts: Vec<SharedPart>,
}

/// A part that several flags use, such as one of flagd's `$evaluators`.
#[derive(Clone, Debug)]
pub struct SharedPart {
    pub name: String,
    pub place: Place,
    pub said: Arc<Node>,
}

/// The ties of a flag to others: to the parts that flags share, such as segments, wherever they stand in its project.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Links {
    /// Its sort, if it is no flag. A flag may be called like a part, so that the key does not tell.
    pub no_flag: Option<NoFlag>,
    /// Its name, if it is such a part that flags may name.
    pub part: Option<PartName>,
    /// The identities of the parts that it refers to, and where each is named first.
    pub refs: BTreeMap<String, Place>,
    /// The keys of the flags that it decides about, if it is a part that names them, such as a group of exclusive
    /// flags.
    pub reaches: BTreeSet<String>,
    /// The flags that it depends on.
    pub needs: Vec<Need>,
    /// The variant that it gives while it is off, if it names one.
    pub off_variant: Option<String>,
    /// The sign that users get back what the flag took from them where it ends.
    pub gives_back: Option<GivesBack>,
    /// The words for off, in lower case, by which variants of it are called, so that these words are no switch.
    pub off_variants: BTreeSet<String>,
    /// The meaning of its absence.
    pub absent: Absence,
    /// The people who may get the flag while it is off, each with whether that is said of a new flag too.
    pub lets_in: BTreeMap<String, bool>,
    /// Whether its own switch is off, and it gives everyone a variant all the same: whether that is off nobody knows.
    pub switched_off: bool,
    /// Whether its scope is one of a list of names, and nothing more is said of it.
    pub listed: bool,
    /// The name of the map around all flags of its file, of formats that know several of them; none without such a map.
    pub around: Option<String>,
    /// Where it stands in its file, without names, of formats that know several places.
    pub layout: Option<String>,
    /// Whether it stands behind the first document of its file, which readers of one document take alone.
    pub later: bool,
    /// The parts that the record has in `parts`, and the file of each.
    pub found: BTreeMap<String, String>,
    /// The key that another flag of its file has as well, if its own is that with a number.
    pub same_key: Option<String>,
}

/// Something that a file holds and that is reviewed like a flag.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoFlag {
    /// A part that flags use, such as a segment, or one that names flags, such as a group.
    Part,
    /// All that is outside of the flags of a file.
    Rest,
}

/// The sign that a flag takes something from its users.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GivesBack {
    /// Its content, such as an arm that switches a feature off.
    Content,
    /// A default around its environment, which holds there once this is off.
    Default,
    /// Its name alone, such as `disable_checkout`.
    Name,
    /// The name of what holds it, such as the file `kill_switches.yml`.
    Holder,
}

/// The meaning of a flag that is not there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Absence {
    /// Nobody gets anything.
    #[default]
    Off,
    /// The application decides, by a default of its own.
    Unknown,
}

/// A flag that another one depends on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Need {
    /// The key without a scope.
    pub name: String,
    /// The key with the scope of the flag that depends on it.
    pub key: String,
    /// The variants of which a user has to have one; without any the flag has to be on.
    pub variants: Vec<String>,
    pub state: NeededState,
}

/// The state in which a flag lets those pass that depend on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NeededState {
    On,
    Off,
    /// On, or off while it gives one of the variants then.
    OnOrOff,
}

/// The names of a part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PartName {
    /// As flags write it.
    pub name: String,
    /// With the scope in which it is found, such as a namespace.
    pub id: String,
}

impl PartName {
    /// A name as a path of folders: a folder in it may be written with a point, as Featurevisor has it unless its
    /// configuration says otherwise. References are kept in both spellings.
    #[must_use]
    pub fn in_folders(name: &str) -> String {
        name.replace('.', "/")
    }
}

/// The items of lists that several parts of a flag are read from, by the field and the name of the part in it. Where
/// the place of an item is its meaning, there is no such list.
pub type ItemLists = BTreeMap<(&'static str, String), Arc<[ItemForm]>>;

/// One flag or experiment, as its format read it.
#[derive(Clone, Debug)]
pub struct Flag {
    pub key: String,
    pub kind: Kind,
    /// The environment, channel or platform it is for, if its file divides them; then the key ends with it.
    pub scope: Option<String>,
    pub state: State,
    /// The place of the flag in its file: that of its key.
    pub place: Place,
    /// Every field that is there, known or not, by the names of its format.
    pub record: Map,
    /// The parts of the rest of its file that it uses; the record has them in its place.
    pub shared: Option<Shared>,
    pub lists: ItemLists,
    pub links: Links,
    /// Its groups of users, if its format finds them while it reads.
    pub drawn: Option<Arc<ReadGroups>>,
    /// The row of its format: the meaning of the names in `record`, and how they expose users.
    pub format: FormatRef,
}

impl Flag {
    /// Whether nobody is served by it.
    #[must_use]
    pub fn is_off(&self) -> bool {
        self.format.lifecycle.iter().find(|word| word.word == self.state.word).map_or(!self.state.live, |word| word.off)
    }

    /// Whether it is known to be a flag, and its state is kept elsewhere.
    #[must_use]
    pub fn is_declared(&self) -> bool {
        self.format.lifecycle.iter().any(|word| word.word == self.state.word && !word.live && !word.off)
    }

    /// The key without the scope that ends it.
    #[must_use]
    pub fn own_key(&self) -> &str {
        let scope = self.scope.as_deref().unwrap_or_default();
        self.key.strip_suffix(scope).and_then(|key| key.strip_suffix('@')).unwrap_or(&self.key)
    }

    /// The value of a field unless it is absent or null.
    #[must_use]
    pub fn get(&self, field: &str) -> Option<&Node> {
        self.record.get(field).filter(|node| !node.is_null())
    }

    /// Whether it is known that users are served, or that they are not.
    #[must_use]
    pub fn is_sure(&self) -> bool {
        self.format.lifecycle.iter().any(|word| word.word == self.state.word && word.sure)
    }

    /// The list of variants, the field that has their keys, and the rows of their fields.
    fn variant_list(&self) -> Option<(&[Node], &'static str, &'static [Field])> {
        self.format.fields.iter().find_map(|field| match (field.display, &field.shape) {
            (Display::Variants, Shape::Items { id, of, .. }) => Some((self.get(field.name)?.as_list()?, *id, *of)),
            _ => None,
        })
    }

    /// The variants in the order of the file, each with its key if it has one.
    pub fn variant_items(&self) -> impl Iterator<Item = (Option<&str>, &Node)> {
        let (items, id, _) = self.variant_list().unwrap_or_default();
        items.iter().map(move |item| (item.get(id).and_then(Node::as_text), item))
    }

    /// The old and the new key of each variant that `after` has under another key.
    #[must_use]
    pub fn renamed_variants<'f>(&'f self, after: &'f Flag) -> Vec<(&'f str, &'f str)> {
        let Some((old, id, of)) = self.variant_list() else { return Vec::new() };
        let (new, ..) = after.variant_list().unwrap_or_default();
        let key = |list: &'f [Node], at: usize| list.get(at).and_then(|node| node.get(id)).and_then(Node::as_text);
        let pairs = renamed(old, new, id, of);
        pairs.into_iter().filter_map(|(at, to)| key(old, at).zip(key(new, to))).collect()
    }

    /// The variant keys in the order of the file.
    #[must_use]
    pub fn variants(&self) -> Vec<&str> {
        self.variant_items().filter_map(|(key, _)| key).collect()
    }
}

/// A flag at its location: its project and its file.
#[derive(Clone, Debug)]
pub struct FlagEntry {
    pub project: String,
    pub path: String,
    /// The mode git gives its file.
    pub mode: u32,
    pub flag: Flag,
}

impl FlagEntry {
    /// The name of the flag.
    #[must_use]
    pub fn id(&self) -> FlagId<'_> {
        FlagId { project: &self.project, key: &self.flag.key }
    }

    /// The name of the flag as it is written.
    #[must_use]
    pub fn name(&self) -> String {
        self.id().to_string()
    }
}

/// The name of a flag everywhere: `project/key`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct FlagId<'f> {
    pub project: &'f str,
    pub key: &'f str,
}

impl FlagId<'_> {
    /// Whether this is its name as it is written.
    #[must_use]
    pub fn is(self, name: &str) -> bool {
        let key = name.strip_prefix(self.project).and_then(|rest| rest.strip_prefix('/'));
        key == Some(self.key)
    }
}

impl fmt::Display for FlagId<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.project, self.key)
    }
}
