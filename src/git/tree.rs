//! One tree object, read strictly: a tree that two programs could read differently is refused.

use std::cmp::Ordering;

use git2::{Odb, OdbObject, Oid, Repository};

use super::{Error, lossy};
use crate::flag::FileKind;

/// What a tree has under one name.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct TreeItem {
    pub mode: u32,
    pub id: Oid,
}

impl TreeItem {
    pub fn is_tree(self) -> bool {
        is_tree(self.mode)
    }

    /// As git reads a mode: what is neither file, link nor folder is a submodule.
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
pub(super) struct Row<'t> {
    pub name: &'t [u8],
    pub mode: u32,
    pub id: &'t [u8],
}

impl Row<'_> {
    pub fn is_tree(&self) -> bool {
        is_tree(self.mode)
    }

    pub fn item(&self) -> Result<TreeItem, Error> {
        let id = Oid::from_bytes(self.id).map_err(|error| Error::git("read an object id", &error))?;
        Ok(TreeItem { mode: self.mode, id })
    }

    /// Git's order of names: a folder sorts as if its name ended in a slash.
    pub fn order(&self, other: &Row<'_>) -> Ordering {
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

/// The objects of a repository, to read trees from.
pub(super) struct Trees<'r> {
    odb: Odb<'r>,
}

impl<'r> Trees<'r> {
    pub fn of(repo: &'r Repository) -> Result<Self, Error> {
        let odb = repo.odb().map_err(|error| Error::git("open the objects of the repository", &error))?;
        Ok(Trees { odb })
    }

    /// The object of a tree; `None` is the empty tree, which need not be in the repository.
    pub fn read(&self, id: Option<Oid>) -> Result<Option<OdbObject<'_>>, Error> {
        let Some(id) = id else { return Ok(None) };
        let object = self.odb.read(id).map_err(|error| Error::git(&format!("read the tree {id}"), &error))?;
        match object.kind() {
            git2::ObjectType::Tree => Ok(Some(object)),
            _ => Err(Error::outside(format!("{id} is not a tree"), "run `git fsck` and repair what it reports")),
        }
    }
}

/// The lines of a tree object, one by one. Refused are names out of order or there twice, which one reader finds and
/// another doesn't, and names that would leave the folder or hide in `.git` when checked out. Servers that check what
/// is pushed (`transfer.fsckObjects`) refuse them too; not all do.
struct Lines<'t> {
    object: &'t OdbObject<'t>,
    width: usize,
    rest: &'t [u8],
    last: Option<Row<'t>>,
    /// Files whose name the present one starts with: `a` and the folder `a` may have `a.b` between them.
    files: Vec<&'t [u8]>,
}

impl<'t> Lines<'t> {
    fn of(object: &'t OdbObject<'t>) -> Self {
        let width = object.id().as_bytes().len();
        Lines { object, width, rest: object.data(), last: None, files: Vec::new() }
    }

    fn malformed(&self, name: &[u8]) -> Error {
        let message = format!("the tree {} is malformed at `{}`", self.object.id(), lossy(name));
        Error::outside(message, "run `git fsck` and rewrite the commit that holds this tree")
    }

    fn next(&mut self) -> Result<Option<Row<'t>>, Error> {
        if self.rest.is_empty() {
            return Ok(None);
        }
        let Some((row, after)) = row(self.rest, self.width) else {
            return Err(self.malformed(self.rest.get(..40).unwrap_or(self.rest)));
        };
        let odd = matches!(row.name, b"" | b"." | b"..") || row.name.eq_ignore_ascii_case(b".git");
        if odd || row.name.contains(&b'/') || self.last.is_some_and(|last| last.order(&row).is_ge()) {
            return Err(self.malformed(row.name));
        }
        while self.files.pop_if(|file| !row.name.starts_with(file)).is_some() {}
        if row.is_tree() && self.files.last() == Some(&row.name) {
            return Err(self.malformed(row.name));
        }
        if !row.is_tree() {
            self.files.push(row.name);
        }
        self.last = Some(row);
        self.rest = after;
        Ok(Some(row))
    }
}

/// All lines of a tree object.
pub(super) fn rows<'t>(object: Option<&'t OdbObject<'t>>) -> Result<Vec<Row<'t>>, Error> {
    let mut rows = Vec::new();
    if let Some(object) = object {
        let mut lines = Lines::of(object);
        while let Some(row) = lines.next()? {
            rows.push(row);
        }
    }
    Ok(rows)
}

/// The lines that differ between two trees which have the same names: nearly every two that are compared. `None` if
/// they have not, or not the same modes.
pub(super) fn counterparts<'t>(
    one: &'t OdbObject<'t>,
    two: &'t OdbObject<'t>,
) -> Result<Option<Vec<[Row<'t>; 2]>>, Error> {
    if one.data().len() != two.data().len() {
        return Ok(None);
    }
    let mut lines = Lines::of(one);
    let mut found = Vec::new();
    let (mut before, mut other) = (one.data(), two.data());
    while let Some(row) = lines.next()? {
        let (line, rest) = before.split_at(before.len() - lines.rest.len());
        let (counterpart, other_rest) = other.split_at(line.len());
        if counterpart != line {
            let (named, id) = counterpart.split_at(line.len() - lines.width);
            if !line.starts_with(named) {
                return Ok(None);
            }
            found.push([row, Row { id, ..row }]);
        }
        (before, other) = (rest, other_rest);
    }
    Ok(Some(found))
}

/// `<mode in octal> <name>\0<id>`
fn row(bytes: &[u8], width: usize) -> Option<(Row<'_>, &[u8])> {
    let digits = bytes.iter().take_while(|byte| matches!(byte, b'0'..=b'7')).count();
    let (mode, rest) = bytes.split_at_checked(digits).filter(|(mode, _)| (1..=7).contains(&mode.len()))?;
    let mode = mode.iter().fold(0, |mode, digit| mode * 8 + u32::from(digit - b'0'));
    let rest = rest.strip_prefix(b" ")?;
    let end = memchr::memchr(0, rest)?;
    let (id, after) = rest.get(end + 1..)?.split_at_checked(width)?;
    Some((Row { name: rest.get(..end)?, mode, id }, after))
}

/// What a tree has under this name, as far as it can be read: for remarks, which nothing is decided by.
pub(super) fn named(object: &OdbObject<'_>, name: &[u8]) -> Option<TreeItem> {
    let width = object.id().as_bytes().len();
    let mut rest = object.data();
    loop {
        let (row, after) = row(rest, width)?;
        if row.name == name {
            return row.item().ok();
        }
        rest = after;
    }
}

/// The line with this name. There is at most one: see [`rows`].
pub(super) fn find<'t>(rows: &[Row<'t>], name: &[u8]) -> Option<Row<'t>> {
    [0o100_000, 0o040_000].into_iter().find_map(|mode| {
        let sought = Row { name, mode, id: &[] };
        let at = rows.binary_search_by(|row| row.order(&sought)).ok()?;
        rows.get(at).copied()
    })
}
