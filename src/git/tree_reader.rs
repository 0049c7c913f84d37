//! Tree objects, read strictly: a tree that two programs could read differently is refused.

use std::cell::RefCell;
use std::cmp::Ordering;

use git2::{ObjectType, OdbObject, Oid};

use super::packs::ObjectReader;
use super::{Error, lossy};
use crate::flag::FileKind;

/// The entry of a tree under one name, without the name.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct TreeItem {
    pub mode: u32,
    pub id: Oid,
}

impl TreeItem {
    pub fn is_tree(self) -> bool {
        is_tree(self.mode)
    }

    /// The kind by its mode, as git reads it: an entry that is neither file, link nor folder is a submodule.
    pub fn kind(self) -> FileKind {
        match self.mode & 0o170_000 {
            0o100_000 => FileKind::Regular,
            0o120_000 => FileKind::Symlink,
            _ => FileKind::Submodule,
        }
    }
}

/// One line of a tree, still in the object's bytes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct TreeLine<'t> {
    pub name: &'t [u8],
    pub mode: u32,
    pub id: &'t [u8],
}

impl TreeLine<'_> {
    pub fn is_tree(&self) -> bool {
        is_tree(self.mode)
    }

    pub fn item(&self) -> Result<TreeItem, Error> {
        let id = Oid::from_bytes(self.id).map_err(|error| Error::git("read an object id", &error))?;
        Ok(TreeItem { mode: self.mode, id })
    }

    /// Git's order of names: a folder sorts as if its name ended in a slash.
    pub fn order(&self, other: &TreeLine<'_>) -> Ordering {
        let common = self.name.len().min(other.name.len());
        let (start, rest) = self.name.split_at(common);
        let (other_start, other_rest) = other.name.split_at(common);
        let end = |folder: bool| if folder { b'/' } else { 0 };
        let next = rest.first().copied().unwrap_or(end(self.is_tree()));
        start.cmp(other_start).then(next.cmp(&other_rest.first().copied().unwrap_or(end(other.is_tree()))))
    }
}

fn is_tree(mode: u32) -> bool {
    mode & 0o170_000 == 0o040_000
}

/// Reads the trees of a repository.
pub(super) struct TreeReader<'r>(RefCell<ObjectReader<'r>>);

/// A tree object.
pub(super) struct TreeObject {
    id: Oid,
    bytes: Vec<u8>,
}

impl<'r> TreeReader<'r> {
    pub fn of(objects: ObjectReader<'r>) -> Self {
        TreeReader(RefCell::new(objects))
    }

    /// The size of a tree, before it is read.
    pub fn size(&self, id: Oid) -> Result<usize, Error> {
        self.0.borrow().size(id).map_err(|error| Error::git(&format!("read the tree {id}"), &error))
    }

    /// A tree; `None` is the empty tree, which need not be in the repository.
    pub fn read(&self, id: Option<Oid>) -> Result<Option<TreeObject>, Error> {
        let Some(id) = id else { return Ok(None) };
        let mut objects = self.0.borrow_mut();
        let object = objects.read(id, u64::MAX).map_err(|error| Error::git(&format!("read the tree {id}"), &error))?;
        match object.kind {
            ObjectType::Tree => Ok(Some(TreeObject { id, bytes: object.bytes.to_vec() })),
            _ => Err(Error::outside(format!("{id} is not a tree"), "run `git fsck` and repair what it reports")),
        }
    }
}

/// The lines of a tree object, one by one. It refuses names out of order or there twice, which one reader finds and
/// another does not, and names that would leave the folder or hide in `.git` when checked out. Servers that check what
/// is pushed (`transfer.fsckObjects`) refuse them too; not all do.
struct LineReader<'t> {
    object: &'t TreeObject,
    width: usize,
    rest: &'t [u8],
    last: Option<TreeLine<'t>>,
    /// Files whose name the present one starts with: `a` and the folder `a` may have `a.b` between them.
    files: Vec<&'t [u8]>,
}

impl<'t> LineReader<'t> {
    fn of(object: &'t TreeObject) -> Self {
        let width = object.id.as_bytes().len();
        LineReader { object, width, rest: &object.bytes, last: None, files: Vec::new() }
    }

    fn malformed(&self, name: &[u8]) -> Error {
        let message = format!("the tree {} is malformed at `{}`", self.object.id, lossy(name));
        Error::outside(message, "run `git fsck` and rewrite the commit that holds this tree")
    }

    fn next(&mut self) -> Result<Option<TreeLine<'t>>, Error> {
        if self.rest.is_empty() {
            return Ok(None);
        }
        let Some((line, after)) = line(self.rest, self.width) else {
            return Err(self.malformed(self.rest.get(..40).unwrap_or(self.rest)));
        };
        let unsafe_name = matches!(line.name, b"" | b"." | b"..") || line.name.eq_ignore_ascii_case(b".git");
        if unsafe_name || line.name.contains(&b'/') || self.last.is_some_and(|last| last.order(&line).is_ge()) {
            return Err(self.malformed(line.name));
        }
        while self.files.pop_if(|file| !line.name.starts_with(file)).is_some() {}
        if line.is_tree() && self.files.last() == Some(&line.name) {
            return Err(self.malformed(line.name));
        }
        if !line.is_tree() {
            self.files.push(line.name);
        }
        self.last = Some(line);
        self.rest = after;
        Ok(Some(line))
    }
}

/// All lines of a tree object.
pub(super) fn lines<'t>(object: Option<&'t TreeObject>) -> Result<Vec<TreeLine<'t>>, Error> {
    let mut lines = Vec::new();
    if let Some(object) = object {
        let mut reader = LineReader::of(object);
        while let Some(line) = reader.next()? {
            lines.push(line);
        }
    }
    Ok(lines)
}

/// `<mode in octal> <name>\0<id>`
fn line(bytes: &[u8], width: usize) -> Option<(TreeLine<'_>, &[u8])> {
    let digits = bytes.iter().take_while(|byte| matches!(byte, b'0'..=b'7')).count();
    let (mode, rest) = bytes.split_at_checked(digits).filter(|(mode, _)| (1..=7).contains(&mode.len()))?;
    let mode = mode.iter().fold(0, |mode, digit| mode * 8 + u32::from(digit - b'0'));
    let rest = rest.strip_prefix(b" ")?;
    let end = memchr::memchr(0, rest)?;
    let (id, after) = rest.get(end + 1..)?.split_at_checked(width)?;
    Some((TreeLine { name: rest.get(..end)?, mode, id }, after))
}

/// The entry of a tree under this name, as far as it can be read: for the past, in which a file that is not found frees
/// nothing.
pub(super) fn named(object: &OdbObject<'_>, name: &[u8]) -> Option<TreeItem> {
    let width = object.id().as_bytes().len();
    let mut rest = object.data();
    loop {
        let (line, after) = line(rest, width)?;
        if line.name == name {
            return line.item().ok();
        }
        rest = after;
    }
}

/// The line with this name. There is at most one: see [`lines`].
pub(super) fn find<'t>(lines: &[TreeLine<'t>], name: &[u8]) -> Option<TreeLine<'t>> {
    [0o100_000, 0o040_000].into_iter().find_map(|mode| {
        let sought = TreeLine { name, mode, id: &[] };
        let at = lines.binary_search_by(|line| line.order(&sought)).ok()?;
        lines.get(at).copied()
    })
}
