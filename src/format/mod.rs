//! Formats of flag files: one row and one folder each.
//!
//! In: the bytes of a file. Out: flags with their fields in the format's own words, diagnostics with places, and, by
//! the row, everything the other rooms have to know about the format. Refuses: nothing outside this folder names a
//! field or the id of a format; a test says so. Not taken: a trait, whose methods every format would have to find one
//! by one where a row is read from top to bottom.

pub mod flagd;
pub mod format_name;
pub mod known;
pub mod mapped;

pub mod names;
pub mod native;
pub mod relations;

use std::borrow::Cow;
use std::ops::Deref;
use std::sync::Arc;

use self::mapped::Mapping;
pub use self::mapped::draft::{is_of_shares, is_percentage, is_type, lets_in, state_of, switch_of};
pub use self::mapped::selected;
pub use self::mapped::{
    NamedDocument, compare_wrappers, gives_another_while_off, goes_off_by_word, has_switch, is_nowhere, is_only_note,
    mark_inactive, mark_unknown, may_be_built_in, nodes, pair_scopes, put_at, said_by_word, switches_go_off,
};
use self::relations::{FlagFacts, FlagIndex, Relations};
use crate::diagnostics::{Diagnostic, Diagnostics};
use crate::document::yaml::Dialect;
use crate::document::{Field, Node, Role};
use crate::flag::{Flag, Kind};
use crate::impact::{self, ExposureModel};

/// A format that flags are kept in.
#[derive(Debug)]
pub struct Format {
    /// The name in the configuration (`formats: {path: id}`) and in the output of `countersign rules`.
    pub id: Cow<'static, str>,
    /// A description in one sentence: what it is and whose.
    pub about: Cow<'static, str>,
    /// Whether a file of this name is in this format, if the configuration doesn't say.
    pub recognises: fn(path: &str) -> bool,
    /// The readers of its files by how a path ends, the first that fits; an empty end fits all. A value that several
    /// readers take for different things is refused.
    pub readers: &'static [(&'static str, &'static [Dialect])],
    /// Reads a file. `None` if nothing can be known of its flags; then at least one error was added. Adds the
    /// diagnostics that one file shows by itself.
    pub read: ReadFile,
    /// The mapping that says where a file has its flags, if it is one that does.
    pub mapping: Option<Mapping>,
    /// A file written anew in one layout, its comments kept; `None` inside for one that cannot be written so without a
    /// loss.
    pub canonical: Option<fn(text: &str) -> Option<String>>,
    /// The file of a new flag of this key, which is off for everyone.
    pub draft: Option<fn(kind: Kind, key: &str) -> String>,
    /// Whether a caller who asks for a float takes an integer for it, so that `1.0` may become `1`. Not the other way.
    pub integers_are_floats: bool,
    /// Whether a file holds a single flag, which it is then named after.
    pub one_flag_a_file: bool,
    pub fields: &'static [Field],
    /// The words of the lifecycle, in the order in which messages list them.
    pub lifecycle: &'static [LifecycleWord],
    /// The groups of users a flag makes, and the draw of each.
    pub exposure: ExposureModel,
    /// The features that could decide about users and that it does not have, in words.
    pub without: Cow<'static, [&'static str]>,
    /// Whether a live flag certainly gives everyone what stands for off, as far as its fields say.
    pub serves_off: fn(&Flag) -> bool,
    /// The flags that a flag depends on.
    pub relations: fn(&Flag) -> Relations,
    /// Adds the diagnostics of a flag that need the other flags of its side.
    pub check_relations: fn(&FlagFacts, &FlagIndex<'_>, &mut Vec<Diagnostic>),
    /// A condition in words, as visible text, with at most `most` of its values; `None` if it has no words.
    pub condition_words: fn(condition: &Node, most: usize) -> Option<String>,
}

/// A reader of files in a format, which is handed to it.
type ReadFile =
    fn(format: &FormatRef, bytes: &[u8], path: &str, diagnostics: &mut Diagnostics<'_>) -> Option<Vec<Flag>>;

/// A format as it is handed around: a row of the table, or one that a mapping describes.
#[derive(Clone, Debug)]
pub enum FormatRef {
    Row(&'static Format),
    Mapped(Arc<Format>),
}

impl Deref for FormatRef {
    type Target = Format;

    fn deref(&self) -> &Format {
        match self {
            FormatRef::Row(format) => format,
            FormatRef::Mapped(format) => format,
        }
    }
}

impl FormatRef {
    /// The documents of a file that its readers know by names; none if the format has no such documents.
    #[must_use]
    pub fn named_documents(&self, bytes: &[u8], path: &str) -> Vec<NamedDocument> {
        mapped::named_documents(self, bytes, path)
    }

    /// The flags that come out of a file at `path` that is joined with the one that it stands over.
    #[must_use]
    pub fn joined(&self, below: Option<&[u8]>, above: Option<&[u8]>, path: &str) -> Option<Vec<Flag>> {
        mapped::joined(self, below, above, path)
    }

    /// Reads a file; see [`Format::read`].
    pub fn flags_of(&self, bytes: &[u8], path: &str, diagnostics: &mut Diagnostics<'_>) -> Option<Vec<Flag>> {
        let flags = (self.read)(self, bytes, path, diagnostics);
        // Nobody knows a flag of which a part could not be read.
        flags.filter(|_| !diagnostics.is_unread())
    }
}

/// A word of a lifecycle.
#[derive(Debug)]
pub struct LifecycleWord {
    pub word: &'static str,
    /// The kinds of flags that have the word.
    pub kinds: &'static [Kind],
    /// Whether users are served by such a flag, or will be without another commit.
    pub live: bool,
    /// Whether that is certain; otherwise it is the safe guess.
    pub sure: bool,
    /// Whether nobody is served by a flag in it. A declared one may be on in a database.
    pub off: bool,
}

impl Format {
    /// The readers of the file at `path`.
    #[must_use]
    pub fn readers_of(&self, path: &str) -> &'static [Dialect] {
        let path = path.to_ascii_lowercase();
        self.readers.iter().find(|(end, _)| path.ends_with(end)).map_or(&[Dialect::Profile], |(_, readers)| readers)
    }
}

/// All formats. The first that recognises a path reads it; native comes last since it recognises every YAML file.
pub static FORMATS: &[&Format] = &[&flagd::FORMAT, &native::FORMAT];

/// The example of a format with its flags at another path, as a configuration writes it.
pub const FLAGS_AT: &str = "generic at settings/flags/*";

/// The format whose field names the rules are written in. Others say by `means` which of them theirs are about.
pub static VOCABULARY: &Format = &native::FORMAT;

/// The format with this id.
#[must_use]
pub fn by_id(id: &str) -> Option<FormatRef> {
    let row = FORMATS.iter().copied().find(|format| format.id == id);
    row.map(FormatRef::Row).or_else(|| mapped::built_in(id))
}

/// The names of all formats that are built in.
pub fn ids() -> impl Iterator<Item = &'static str> + Clone {
    FORMATS.iter().map(|format| format.id.as_ref()).chain(mapped::BUILT_IN.iter().map(|built_in| built_in.name))
}

/// The format that recognises a path by its name.
#[must_use]
pub fn recognise(path: &str) -> Option<FormatRef> {
    FORMATS.iter().copied().find(|format| (format.recognises)(path)).map(FormatRef::Row)
}

/// The format of a file with flags that are read here, by its name and by what stands in it.
#[must_use]
pub fn holds_flags(path: &str, bytes: &[u8]) -> Option<FormatRef> {
    known::known(path, bytes).filter(|found| found.flags > 0)?.known.format()
}

impl Format {
    /// Reads a file; see [`Format::read`].
    pub fn flags_of(&'static self, bytes: &[u8], path: &str, diagnostics: &mut Diagnostics<'_>) -> Option<Vec<Flag>> {
        FormatRef::Row(self).flags_of(bytes, path, diagnostics)
    }

    /// Whether a mapping reads it. Then a flag may be put together from several files, of which others don't differ,
    /// and its key from parts of a file and of its path; and a field of a record is a map from the path of each part
    /// of it to what stands there.
    #[must_use]
    pub fn is_mapped(&self) -> bool {
        self.mapping.is_some()
    }

    /// Whether nobody knows which service reads its files, as of mappings of a repository and of what has no vendor.
    #[must_use]
    pub fn is_of_any_service(&self) -> bool {
        let id = self.id.as_ref();
        ["registry", "generic"].contains(&id) || !ids().any(|known| known == id)
    }

    /// Whether flags say on which others they depend, so that they may go live with these.
    #[must_use]
    pub fn has_dependents(&self) -> bool {
        self.mapping.as_ref().is_some_and(|mapping| mapping.entities.iter().any(|entity| entity.depends.is_some()))
    }

    /// Whether its documents are resources, which readers know by their names: each stands once, and they take values
    /// from each other.
    #[must_use]
    pub fn has_resources(&self) -> bool {
        self.mapping.as_ref().is_some_and(|mapping| mapping.once.is_some())
    }

    /// Whether more than a flag and the parts that it names decides who gets it.
    #[must_use]
    pub fn is_decided_elsewhere(&self) -> bool {
        self.mapping.as_ref().is_some_and(mapped::Mapping::is_decided_elsewhere)
    }

    /// Whether its files may stand over others for a scope that their paths name: what such a file leaves out, another
    /// one says.
    #[must_use]
    pub fn layers_files(&self) -> bool {
        self.mapping.as_ref().is_some_and(mapped::Mapping::layers_files)
    }

    /// Whether the scope of a flag of it is said by a member of its file, such as a namespace. One that has no mapping
    /// has its scope from the file that it is embedded in.
    #[must_use]
    pub fn scopes_by_member(&self, flag: &Flag) -> bool {
        self.mapping.as_ref().map_or(flag.scope.is_some(), mapped::Mapping::scopes_by_member)
    }

    /// Members by which items of its lists are called, where no table says so.
    #[must_use]
    pub fn item_names(&self) -> &'static [&'static str] {
        if self.is_mapped() { &["key", "name", "id"] } else { &[] }
    }

    /// Whether a switch of this name is on where the flag is off.
    #[must_use]
    pub fn says_off(&self, name: &str) -> bool {
        self.is_mapped() && names::says_off(name)
    }

    /// Whether a member of this field says so. A variant may have such a name too.
    #[must_use]
    pub fn says_off_in(&self, field: &str, name: &str) -> bool {
        ["payload", "rest", "stage"].contains(&field) && self.says_off(name)
    }

    /// Whether this stands for all that is outside of the flags of a file.
    #[must_use]
    pub fn is_rest(&self, flag: &Flag) -> bool {
        self.is_mapped() && mapped::is_rest(flag)
    }

    /// Whether this is a part that flags use, such as a segment, or one that names flags, such as a group.
    #[must_use]
    pub fn is_part(&self, flag: &Flag) -> bool {
        self.is_mapped() && mapped::is_part(flag)
    }

    /// Whether this is the key of such a part.
    #[must_use]
    pub fn is_key_of_part(&self, key: &str) -> bool {
        self.is_mapped() && mapped::is_key_of_part(key)
    }

    /// Whether a database says if this flag is on.
    #[must_use]
    pub fn is_declaration(&self, flag: &Flag) -> bool {
        self.mapping.as_ref().is_some_and(|mapping| mapped::is_declaration(mapping, flag))
    }

    /// Whether flags name parts in this format.
    #[must_use]
    pub fn names_parts(&self) -> bool {
        self.mapping.as_ref().is_some_and(mapped::names_parts)
    }

    /// Whether this is a part that decides about users only where a flag names it, as all of its format do.
    #[must_use]
    pub fn is_used_by_name(&self, flag: &Flag) -> bool {
        self.mapping.as_ref().is_some_and(|mapping| mapped::is_used_by_name(mapping, flag))
    }

    /// The format with its flags at another path of a file. `None` if it has no such path, or not one.
    #[must_use]
    pub fn with_flags_at(&self, path: &str) -> Option<FormatRef> {
        mapped::at(self, path)
    }

    /// The format for readers that look for diagnostics only, if another one would look for more while it reads.
    #[must_use]
    pub fn for_diagnostics(&self) -> Option<FormatRef> {
        mapped::for_diagnostics(self)
    }

    /// The remedy for a file that has more bytes than one of the format may have.
    #[must_use]
    pub fn size_remedy(&self, size: u64) -> String {
        match &self.mapping {
            Some(_) => mapped::size_remedy(self, usize::try_from(size).unwrap_or(usize::MAX)),
            None => "split it: one flag a file".to_owned(),
        }
    }

    /// Whether a file that stands over another one is joined with it, lists by the place of each item.
    #[must_use]
    pub fn joins_by_place(&self) -> bool {
        self.mapping.as_ref().is_some_and(|mapping| mapping.joined)
    }

    /// The path of the file that the one at `path` stands over, if both are joined.
    #[must_use]
    pub fn file_below(&self, path: &str) -> Option<String> {
        mapped::below(self.mapping.as_ref()?, path)
    }

    /// How many times as large as others its files may be.
    #[must_use]
    pub fn times(&self) -> usize {
        self.mapping.as_ref().map_or(1, |mapping| mapping.syntax.times)
    }

    /// A part of a key that stands in each file with such a flag, or in its path, as it is or in another letter case.
    /// `None` if no part is sure to.
    #[must_use]
    pub fn part_of_key<'k>(&self, key: &'k str) -> Option<&'k str> {
        match &self.mapping {
            Some(mapping) => mapped::part_of_key(mapping, key),
            None => Some(key),
        }
    }

    /// Whether both read any file alike.
    #[must_use]
    pub fn reads_as(&self, other: &Format) -> bool {
        std::ptr::eq(self, other) || self.id == other.id && self.mapping == other.mapping
    }

    /// The row of a field of a flag, by its name at the top level.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<&'static Field> {
        self.fields.iter().find(|field| field.name == name)
    }

    /// The row of a field by its path, parts joined by dots: `targetSegments.percentage`.
    #[must_use]
    pub fn field_at(&self, path: &str) -> Option<&'static Field> {
        let mut fields = self.fields;
        let mut found = None;
        for name in path.split('.') {
            let field = fields.iter().find(|field| field.name == name)?;
            fields = field.members();
            found = Some(field);
        }
        found
    }

    /// The row of the field that holds the lifecycle word.
    #[must_use]
    pub fn lifecycle_field(&self) -> Option<&'static Field> {
        self.fields.iter().find(|field| field.role == Role::Lifecycle)
    }

    /// Whether a flag is live and certainly gives everyone what stands for off: nothing in it is unknown.
    #[must_use]
    pub fn gives_off(&self, flag: &Flag) -> bool {
        flag.state.live && (self.serves_off)(flag) && impact::of(None, Some(flag)).cannot_be_computed().is_none()
    }

    /// The words of the lifecycle of a flag of this kind.
    pub fn lifecycle_of(&self, kind: Kind) -> impl Iterator<Item = &'static LifecycleWord> {
        self.lifecycle.iter().filter(move |word| word.kinds.contains(&kind))
    }
}
