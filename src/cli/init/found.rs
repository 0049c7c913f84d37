//! The files that `init` finds: those with flags, of formats that are read here and of others, and CODEOWNERS.

use std::cell::Cell;
use std::collections::BTreeMap;

use super::choice::{FileReading, NewMapping, read_by, reading};
use super::companions::settled;
use crate::error::Error;
use crate::flag::{FileKind, file_name};
use crate::format::FormatRef;
use crate::format::known::{KnownFormat, RenamedFolders, chart_of, is_settings, known, may_be_known, may_hold_flags};
use crate::git::{Repo, TreeEntry};
use crate::policy::codeowners::{CodeOwners, CodeOwnersOf};

/// Where code owners are looked for: first as GitHub does, then as GitLab does.
const CODEOWNERS: &[&str] = &[".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS", ".gitlab/CODEOWNERS"];

/// Folders of others' files, by their names.
const FOREIGN: &[&str] =
    &["node_modules", "target", "vendor", "third_party", "bower_components", ".venv", ".terraform"];

/// A file with flags.
pub struct FoundFile {
    pub path: String,
    pub known: &'static KnownFormat,
    /// The format that it is read in, if there is one.
    pub format: Option<FormatRef>,
    /// The mapping that has to be written for that.
    pub mapping: Option<NewMapping>,
    pub flags: usize,
    /// The keys of its flags, if it can be read.
    pub keys: Vec<String>,
    /// Whether it is a template, of which nobody knows what it says once it is filled in.
    pub template: bool,
    /// The folder around the folders of its format, where settings say that it is in one of them.
    pub around: Option<String>,
}

impl FoundFile {
    /// The name of its format in a report.
    pub fn label(&self) -> String {
        match (&self.mapping, &self.format) {
            (Some(mapping), _) => format!("mapping `{}`", mapping.name),
            (None, Some(format)) if self.known.id != Some(&format.id) => format.id.to_string(),
            (None, _) => self.known.name.to_owned(),
        }
    }
}

/// CODEOWNERS, if there is one that can be read.
pub enum FoundOwners {
    No,
    /// The path, and why it is not read.
    Unread(String, &'static str),
    /// The path, and who owns what.
    There(String, Box<CodeOwners>),
}

/// Everything that was found.
pub struct Found {
    /// Files with flags, in the order of their paths.
    pub files: Vec<FoundFile>,
    /// The paths of all files.
    pub all: Vec<String>,
    /// Files that decide about flags and that no format reads.
    pub unread: Vec<String>,
    /// Files that are called like flags, in which none were found.
    pub ambiguous: Vec<String>,
    /// Folders of a format that its settings rename.
    pub renamed: Vec<RenamedFolders>,
    /// Files that may hold flags.
    entries: BTreeMap<String, TreeEntry>,
    /// Whether there are folders of others' files, which were not looked through.
    pub foreign: bool,
    pub owners: FoundOwners,
}

impl Found {
    /// Looks through the work tree.
    pub fn look(repo: &Repo) -> Result<Found, Error> {
        let mut all = Vec::new();
        let mut entries: Vec<(String, TreeEntry)> = Vec::new();
        let mut owners: Vec<(String, TreeEntry)> = Vec::new();
        let mut settings: Vec<(String, TreeEntry)> = Vec::new();
        let foreign = Cell::new(false);
        let enter = |dir: &str| {
            let name = file_name(dir);
            let others = FOREIGN.contains(&name);
            foreign.set(foreign.get() || others);
            !others && dir != ".countersign"
        };
        repo.work_tree()?.files(&enter, &mut |path, entry| {
            all.push(path.to_owned());
            if CODEOWNERS.contains(&path) {
                owners.push((path.to_owned(), entry));
            } else if entry.kind == FileKind::Regular && is_settings(path) {
                settings.push((path.to_owned(), entry));
            } else if entry.kind == FileKind::Regular && may_be_known(path) && !path.starts_with(".github/") {
                entries.push((path.to_owned(), entry));
            }
        })?;
        repo.load_largest();
        let files = repo.load_many(&entries, |_, file| {
            let found = known(&file.path, &file.bytes)?;
            let FileReading { format, mapping, flags: keys } = reading(found.known, &file.path, &file.bytes);
            let flags = if mapping.is_some() { keys.len() } else { found.flags.max(keys.len()) };
            let unread = format.as_ref().is_none_or(|format| read_by(format, &file.path, &file.bytes).is_none());
            let template = chart_of(&file.path).is_some() && unread && file.bytes.windows(2).any(|two| two == b"{{");
            let format = format.filter(|_| !template);
            Some(FoundFile {
                path: file.path,
                known: found.known,
                format,
                mapping,
                flags,
                keys,
                template,
                around: None,
            })
        })?;
        let by_path: BTreeMap<String, TreeEntry> = entries.into_iter().collect();
        let load = |path: &str| by_path.get(path).map(|entry| repo.load(path, entry)).transpose();
        let (mut files, mut unread) = settled(files, &load)?;
        unread.retain(|path| all.contains(path));
        let renamed = repo.load_many(&settings, |_, file| RenamedFolders::read(&file.path, &file.bytes))?;
        for file in files.iter_mut().filter(|file| file.known.renames()) {
            let around = renamed.iter().find(|one| one.has(&file.path));
            file.around = around.map(|one| one.location().to_owned());
        }
        super::choice::name_mappings(&mut files);
        let owners = read_owners(repo, &owners)?;
        let is_ambiguous = |path: &&String| {
            may_hold_flags(path) && !unread.contains(path) && files.iter().all(|file| file.path != **path)
        };
        let ambiguous = by_path.keys().filter(is_ambiguous).cloned().collect();
        Ok(Found { ambiguous, files, all, unread, renamed, entries: by_path, foreign: foreign.get(), owners })
    }

    /// Whether a file without flags may be read in a format all the same: nothing is wrong with it, and nothing in it
    /// is reported.
    pub fn says_nothing(&self, repo: &Repo, path: &str, format: &FormatRef) -> bool {
        let Some(entry) = self.entries.get(path) else { return false };
        repo.load(path, entry).is_ok_and(|file| read_by(format, path, &file.bytes).is_some_and(|keys| keys.is_empty()))
    }

    /// Whether a file can be read in a format.
    pub fn reads(&self, repo: &Repo, path: &str, format: &FormatRef) -> bool {
        let file = self.entries.get(path).and_then(|entry| repo.load(path, entry).ok());
        file.is_some_and(|file| read_by(format, path, &file.bytes).is_some())
    }

    /// Files of formats that are read here.
    pub fn gated(&self) -> impl Iterator<Item = &FoundFile> {
        self.files.iter().filter(|file| file.format.is_some())
    }

    /// Files of formats that are not, if some file of the format holds a flag.
    pub fn others(&self) -> impl Iterator<Item = &FoundFile> {
        let named = |name: &str| self.files.iter().any(|file| file.known.name == name && file.flags > 0);
        self.files.iter().filter(move |file| file.format.is_none() && named(file.known.name))
    }
}

fn read_owners(repo: &Repo, found: &[(String, TreeEntry)]) -> Result<FoundOwners, Error> {
    let mut places: Vec<&str> = CODEOWNERS.to_vec();
    // GitLab looks into its own folder last, and GitHub never does.
    if repo.remote_urls().iter().any(|url| url.contains("gitlab")) {
        places.rotate_left(1);
    }
    let Some((path, entry)) = places.iter().find_map(|place| found.iter().find(|(path, _)| path == place)) else {
        return Ok(FoundOwners::No);
    };
    let why = match entry.kind {
        FileKind::Regular => None,
        FileKind::Symlink | FileKind::LinkToFile => Some("it is a symlink"),
        FileKind::Submodule => Some("it is a submodule"),
    };
    if let Some(why) = why {
        return Ok(FoundOwners::Unread(path.clone(), why));
    }
    let file = repo.load(path, entry)?;
    if file.size > file.bytes.len() as u64 {
        return Ok(FoundOwners::Unread(path.clone(), "it is too large"));
    }
    Ok(FoundOwners::There(path.clone(), Box::new(CodeOwners::read(&file.bytes, whose(repo, path, &file.bytes)))))
}

/// The host whose syntax it is: only GitLab has sections and its own folder.
fn whose(repo: &Repo, path: &str, bytes: &[u8]) -> CodeOwnersOf {
    let heading = |line: &[u8]| {
        let line = line.trim_ascii_start();
        (line.starts_with(b"[") || line.starts_with(b"^[")) && line.contains(&b']')
    };
    let sections = bytes.split(|byte| *byte == b'\n').any(heading);
    let on_gitlab = repo.remote_urls().iter().any(|url| url.contains("gitlab"));
    let gitlab = path.starts_with(".gitlab/") || !path.starts_with(".github/") && (sections || on_gitlab);
    if gitlab { CodeOwnersOf::GitLab } else { CodeOwnersOf::GitHub }
}
