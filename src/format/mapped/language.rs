//! The mapping language: where a file has its flags, when each is live, and which part of it means what.
//!
//! No expressions and no code: a mapping is data that one person writes in ten minutes and another one reviews.
//! Members that it does not name are unknown, and a change of them needs approval.

use super::checked_only::CheckedOnly;
use super::item_lists::ListPlaces;
pub use super::models::{GIVES, ImpactModel, MapOrder, NotOfSeveral, PlainModel};
use super::unique_documents::DocumentNames;
use crate::document::Node;
use crate::document::yaml::Dialect;
use crate::flag::{Absence, Kind};
use crate::format::names::{NameSet, says_environment};

/// A mapping: one format of files.
#[derive(Clone, PartialEq, Debug)]
pub struct Mapping {
    pub about: String,
    /// Patterns of the files that are in this format, if the configuration does not say.
    pub files: Vec<String>,
    pub syntax: Syntax,
    /// Whether several flags of a file may have one key.
    pub several: bool,
    /// Whether what stands outside of all entities is passed over. Otherwise a change of it is one nobody knows.
    pub outside_is_fine: bool,
    /// Paths outside of flags whose values are written anew at each edit, such as `lastUpdated`: it is passed over.
    pub stamps: Vec<Path>,
    /// The names of a document, of which another one with the same takes the place.
    pub once: Option<DocumentNames>,
    /// Whether a file that stands over another one is joined with it member by member, and lists by the place of items.
    pub joined: bool,
    pub entities: Vec<Entity>,
    /// Fields that no entity names, by which a review says "not in this format".
    pub without: Vec<&'static str>,
    /// The documents that are read for checks alone; none if flags are compared.
    pub checked_only: Option<CheckedOnly>,
}

impl Mapping {
    /// One that says how files are written, and nothing more.
    #[must_use]
    pub fn of(syntax: Syntax) -> Self {
        let (about, files, stamps) = (String::new(), Vec::new(), Vec::new());
        let (entities, without, once) = (Vec::new(), Vec::new(), None);
        Mapping {
            about,
            files,
            syntax,
            several: false,
            outside_is_fine: false,
            stamps,
            once,
            joined: false,
            entities,
            without,
            checked_only: None,
        }
    }

    /// Whether a file's path gives the scope of its flags.
    #[must_use]
    pub fn layers_files(&self) -> bool {
        let of_path = |source: &Source| matches!(source, Source::FileScope | Source::FilePart(..));
        self.entities.iter().any(|entity| entity.scope.iter().flatten().any(of_path))
    }

    /// Whether more than a flag and its parts decides who gets it: files over others, groups of flags, or patches.
    #[must_use]
    pub fn is_decided_elsewhere(&self) -> bool {
        let refers = |entity: &Entity| !entity.refs.is_empty() || entity.refs_by_name.is_some();
        let names_parts = self.entities.iter().any(|entity| !entity.part && refers(entity));
        let unnamed = |entity: &Entity| entity.group || entity.part && !names_parts;
        self.joined || self.layers_files() || self.entities.iter().any(unnamed)
    }

    /// Whether flags have a scope that a member of their file says, and that is no environment.
    #[must_use]
    pub fn scopes_by_member(&self) -> bool {
        let environment = |source: &Source| match source {
            Source::Path(path) => path.steps.last().is_some_and(|step| match step {
                PathStep::Key(key) | PathStep::Unquoted(key) | PathStep::AnyCase(key) => says_environment(key),
                PathStep::Any(..) | PathStep::Deep | PathStep::Env | PathStep::Name(_) | PathStep::Named(_) => false,
            }),
            _ => false,
        };
        let mut scopes = self.entities.iter().flat_map(|entity| entity.scope.iter().flatten()).peekable();
        scopes.peek().is_some()
            && !scopes.any(environment)
            && !self.layers_files()
            && self.entities.iter().all(|entity| entity.each.is_none())
    }
}

/// How a file is written.
#[derive(Clone, PartialEq, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is a line of a mapping, and any of them goes with any other")]
pub struct Syntax {
    /// The readers, all of which have to agree.
    pub readers: Vec<Dialect>,
    /// Whether it is TOML; a file whose name ends so is anyway.
    pub toml: bool,
    /// How many MiB a file may have.
    pub times: usize,
    /// Whether a file may hold several documents, divided by `---`.
    pub documents: bool,
    /// Whether a file may begin with a byte-order mark.
    pub bom: bool,
    /// Whether keys are strings whatever they look like.
    pub text_keys: bool,
    /// Whether the letter case of keys says nothing, as in the settings of .NET; then they are compared in lower case.
    pub any_case: bool,
    /// Whether a template (`{{ … }}`, `<%= … %>`) in the place of a value is one nobody knows.
    pub templates: bool,
    /// Where scalars are strings whatever they look like, since its reader knows that they are.
    pub strings: Vec<Path>,
    /// Members that its reader knows besides those of all other paths, wherever they stand.
    pub known: Vec<Path>,
    /// Texts that hold a document of their own.
    pub embedded: Vec<(Path, Dialect)>,
}

/// Where flags are, and what their parts mean.
#[derive(Clone, PartialEq, Debug)]
pub struct Entity {
    pub kind: Kind,
    /// Whether it is a part of flags (a segment, a group) and not a flag.
    pub part: bool,
    /// Whether that part is one that refers to flags, where others are referred to.
    pub group: bool,
    /// The word before the name of a part, which tells parts of one name apart.
    pub called: &'static str,
    /// Whether it is a file of flagd's inside of this one.
    pub flagd: bool,
    /// The documents and files it is looked for in.
    pub only: Option<Test>,
    /// The first of these that is there.
    pub at: Vec<Path>,
    /// Which of what stands there it is.
    pub filter: Option<Test>,
    /// Items of a list are counted among those that say the same here.
    pub counted_by: Vec<Vec<Source>>,
    /// The parts of its key, joined by `.`.
    pub key: Vec<Vec<Source>>,
    /// The parts of its scope, joined by `/`; those of `each` come last.
    pub scope: Vec<Vec<Source>>,
    /// One flag for each member here: an environment, a channel, a platform.
    pub each: Option<Each>,
    /// The first test that holds says the state; otherwise it is inactive.
    pub live: Vec<(Test, &'static str)>,
    /// The places whose values these tests look at, each with the question.
    pub tested: Vec<(Source, TestQuestion)>,
    pub fields: Vec<FieldMap>,
    /// The lists that these are read from.
    pub lists: ListPlaces,
    /// Where it names parts that it refers to.
    pub refs: Vec<Path>,
    /// Where it names parts that other parts may have the names of, each with the start of their keys.
    pub apart: Vec<(&'static str, Path)>,
    /// Where its members have the names of such parts.
    pub refs_by_name: Option<NamedRefs>,
    /// Where it names flags that it depends on.
    pub depends: Option<Depends>,
    /// Whether it takes something from its users, which they get back where it ends.
    pub gives_back: Option<Test>,
    /// The meaning of its absence.
    pub absent: Absence,
    /// Paths to those who may get it while it is off: of any flag, and only of one that is there already.
    pub lets_in: [Vec<Path>; 2],
    pub switch: SwitchShapes,
    /// The members that its format's tools need: of each list, one has to be there.
    pub required: Vec<Vec<Source>>,
    /// How users are divided; without it, their impact is not known.
    pub impact: Option<ImpactModel>,
    pub map_order: MapOrder,
    pub rest: Rest,
}

/// Parts that a flag refers to by the names of members.
#[derive(Clone, PartialEq, Debug)]
pub struct NamedRefs {
    pub at: Vec<Path>,
    /// The names of all parts in their order, where that decides which of several counts.
    pub order: Option<Path>,
}

/// The flags that a flag depends on: where one of them is off it is served to nobody, unless it asks for what that one
/// gives then.
#[derive(Clone, PartialEq, Debug)]
pub struct Depends {
    /// The places that name one of them each.
    pub at: Vec<Path>,
    /// The key in what stands there.
    pub key: Vec<Source>,
    /// The variants in what stands there, one of which a user has to have.
    pub variants: Vec<Path>,
    /// The variant that a flag gives while it is off; without it that is none.
    pub off: Vec<Path>,
    /// Whether it asks for the other one to be off.
    pub inverted: Option<Test>,
}

/// The environments, channels or platforms of an entity, of which each is a flag.
#[derive(Clone, PartialEq, Debug)]
pub struct Each {
    pub at: Vec<Path>,
    /// Where names of environments stand as well, that may have no part of their own at `at`.
    pub also: Vec<Path>,
    /// Where the flag says what holds in all environments that it does not name: then it is one flag more.
    pub others: Vec<Path>,
    pub key: Vec<Source>,
    /// Whether the flag is surely off in one that is not there.
    pub absent_is_off: bool,
}

/// The meaning of the shapes of a switch to readers: `true`, `"true"`, `{enabled: true}`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum SwitchShapes {
    /// Nobody knows: another shape is a change.
    Shown,
    /// Each shape means the same, and one for another is no change.
    Alike,
}

/// The treatment of the parts of a flag that no field names.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Rest {
    /// A change needs approval.
    Unknown,
    Payload,
    /// People's notes.
    Nothing,
}

/// One field of a flag.
#[derive(Clone, PartialEq, Debug)]
pub struct FieldMap {
    pub field: &'static str,
    pub parts: Vec<FieldPart>,
    pub except: Vec<Path>,
    /// Lists inside of it whose order says nothing.
    pub unordered: Vec<Path>,
    /// Strings inside of it that are paths of the document, each with what divides the names in them: what stands there
    /// is a part of it.
    pub follows: Vec<(Path, String)>,
    /// Whether names of variants in it have to be variants.
    pub names: bool,
    /// Paths inside of it, each with the only words that are allowed there.
    pub words: Vec<(Path, Vec<String>)>,
}

/// The sources of a field: the first that is there, else the default.
#[derive(Clone, PartialEq, Debug)]
pub struct FieldPart {
    /// Its name, which stands for its path where one part has several.
    pub name: Option<String>,
    pub at: Vec<Source>,
    pub default: Option<Node>,
    /// The member by which the items of lists on the way are told apart.
    pub by: Option<String>,
    pub list: ListKind,
    pub form: ValueForm,
    /// Values inside of it that say the same as their absence.
    pub implied: Vec<(Path, Vec<Node>)>,
}

/// The meaning of the order of a list.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum ListKind {
    /// Everything.
    Ordered,
    /// Nothing.
    Set,
    /// Items are only ever added at the end.
    Append,
    /// The place is the identity of an item.
    Positional,
    /// Items have names, and their order means nothing.
    Keyed(String),
}

/// The form of values.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ValueForm {
    AsIs,
    /// Numbers of which only the ratio counts.
    Share,
    /// Numbers that may be written as strings.
    Percent,
    /// Numbers, and strings that are none.
    Number,
    /// JSON in a string.
    Json,
    /// Dates and times, compared as instants.
    Date,
    /// Names of segments: one, a list, or a map with `key` or `keys`.
    SegmentNames,
    /// Conditions joined by `and`, `or` and `not`, whose order says nothing; a list is `and`.
    Logic(NotOfSeveral),
    /// The attributes that are hashed: `x`, `[x]` and `{or: [x]}` say the same.
    HashKeys,
    /// Values of variables by their names, and what overrides them, as a list with both or as two maps.
    Variables,
    /// Lists of values of variables by their names, each for those who meet its conditions or are in its segments.
    Overrides,
    /// Strings for people, in lists and maps too. A field takes no other value.
    Note,
    /// Strings or a number for people: a ticket, a date.
    Stamp,
}

/// The words of `as`.
pub const FORMS: &[(&str, ValueForm)] = &[
    ("share", ValueForm::Share),
    ("percent", ValueForm::Percent),
    ("number", ValueForm::Number),
    ("json", ValueForm::Json),
    ("date", ValueForm::Date),
    ("segment-names", ValueForm::SegmentNames),
    ("logic", ValueForm::Logic(NotOfSeveral::AsWritten)),
    ("conditions", ValueForm::Logic(NotOfSeveral::NotAll)),
    ("hash-keys", ValueForm::HashKeys),
    ("variables", ValueForm::Variables),
    ("overrides", ValueForm::Overrides),
    ("note", ValueForm::Note),
    ("stamp", ValueForm::Stamp),
];

/// A way through maps and lists.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Path {
    pub root: Root,
    pub steps: Vec<PathStep>,
}

/// Where a path starts.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Root {
    Entity,
    /// The map or item that `each` stands on.
    Env,
    Document,
}

/// A step of a path from a value to those in it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum PathStep {
    Key(String),
    /// A member of this name where a file may have it without quotes, and readers take that for different things: `on`.
    Unquoted(String),
    /// A member of this name in any letter case.
    AnyCase(String),
    /// Every member whose name begins and ends so, or every item.
    Any(String, String),
    /// A value, and everything in it.
    Deep,
    /// The member that has the name of what `each` stands on.
    Env,
    /// A member whose name is of this set.
    Named(NameSet),
    /// The member that has the name which the `*` of this number in the entity's path stood for.
    Name(usize),
}

/// A value from somewhere.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Source {
    Path(Path),
    /// The name that a `*` of the entity's path stood for; the last one if there is no number.
    Key(Option<usize>),
    /// The key, where it is a name and not the place of an item in a list.
    Name,
    /// The name of an item in a list: what the first member says that names all items of it, each otherwise.
    Item,
    /// The name of what `each` stands on.
    EnvKey,
    /// This word.
    Word(String),
    /// The entity itself, as a string.
    Value,
    /// The name of the file without its ending.
    File,
    /// The file's name in camel case: `web-detection.json` is `webDetection`.
    FileCamel,
    /// The part of the file's name between its first and last point: `production` in `flags.production.yml`.
    FileScope,
    /// The part of the path that a `*` stands for.
    FilePart(String, String),
}

/// A question about a flag.
#[derive(Clone, PartialEq, Debug)]
pub enum Test {
    Always,
    All(Vec<Test>),
    Any(Vec<Test>),
    Not(Box<Test>),
    /// Whether the scope that `each` gives is one of these.
    Env(Vec<String>),
    /// Whether the file's path has this before and after a `*`.
    File(String, String),
    At(Vec<Source>, TestQuestion),
}

/// A question about the values at a path; it holds if it does for any of them.
#[derive(Clone, PartialEq, Debug)]
pub enum TestQuestion {
    In(Vec<Node>),
    /// A list, or a map by its keys, that holds it; a map by its values, if it is no string, but no `disabled: true`.
    Has(Node),
    Over(crate::document::Decimal),
    /// Whether nothing is there.
    Absent(bool),
    /// Whether it is a string that describes something, and no word or number that may be a switch.
    Sentence(bool),
    /// A map that has no other members.
    Members(Vec<String>),
    /// A string that is so in any letter case, where `*` stands for anything.
    Like(Vec<String>),
    /// Whether this test holds for what stands there.
    With(Box<Test>),
    /// Whether a test holds for the items there that a value of the flag names.
    Named(Box<NamedItem>),
}

/// A test of the items that a value of the flag names.
#[derive(Clone, PartialEq, Debug)]
pub struct NamedItem {
    /// Where the name stands.
    pub name: Vec<Source>,
    /// The member of an item that is its name.
    pub by: Vec<Source>,
    pub test: Test,
}
