//! CODEOWNERS of GitHub or GitLab, taken over into lines of APPROVERS.
//!
//! **In**: the bytes of the file, whose it is, and the paths of flag files. **Out**: [`CodeOwners`], which answers
//! whose approval a path takes today, the same as text for APPROVERS, and every line that was left out, with the
//! reason. **Refuses**: to give up the whole file for one bad line, as reading APPROVERS does: GitHub skips such a
//! line, GitLab ignores an owner it does not know, and both go on. **Not taken**: exclusions and roles of GitLab, which
//! APPROVERS has no words for; files that an exclusion would free keep their approvers.
//!
//! The syntax:
//! <https://docs.github.com/en/repositories/managing-your-repositorys-settings-and-features/customizing-your-repository/about-code-owners>
//! and <https://docs.gitlab.com/user/project/codeowners/reference/>.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use super::approver::Approver;
use super::approvers_file::{ApproverLine, Approvers, Match, Section, section_key};
use super::grammar::{TextLine, unseen};
use super::pattern::{Pattern, PatternDialect};
use crate::diagnostics::Place;
use crate::diagnostics::words::in_backticks;

/// The host whose CODEOWNERS a file is, where the two read the same line differently.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum CodeOwnersOf {
    GitHub,
    /// A path with a `/` in it is at any depth unless it starts with one.
    GitLab,
}

/// A CODEOWNERS file as it is meant.
#[derive(Clone, Debug, Default)]
pub struct CodeOwners {
    owners: Approvers,
    /// In the order of the file.
    pub left_out: Vec<LeftOut>,
}

/// A line, or a name on a line, that was not taken over.
#[derive(Clone, Debug)]
pub struct LeftOut {
    /// Counted from 1.
    pub line: u32,
    pub text: String,
    /// The reason, as a sentence without a full stop.
    pub why: String,
    /// The pattern of a line of which no owner could be read.
    pattern: Option<Pattern>,
}

/// The owners whose approval a path takes by CODEOWNERS.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Ownership {
    /// Somebody's.
    Owned,
    /// Somebody's, whose names cannot be read.
    Unread,
    /// Nobody's: the line that decides names nobody, on purpose.
    Cleared,
    /// Nobody's: no line is about it, or only optional ones.
    Unowned,
}

impl CodeOwners {
    #[must_use]
    pub fn read(bytes: &[u8], of: CodeOwnersOf) -> CodeOwners {
        if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
            let why = "the file is UTF-16, which neither GitHub nor GitLab reads: save it as UTF-8".to_owned();
            return CodeOwners {
                left_out: vec![LeftOut { line: 1, text: String::new(), why, pattern: None }],
                ..Self::default()
            };
        }
        let bytes = bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(bytes);
        let mut reader =
            CodeOwnersReader { of, sections: Vec::new(), by_key: BTreeMap::new(), into: None, left_out: Vec::new() };
        for (number, line) in (1..).zip(bytes.split(|&byte| byte == b'\n')) {
            reader.line(number, line.strip_suffix(b"\r").unwrap_or(line));
        }
        CodeOwners { owners: Approvers::new(reader.sections), left_out: reader.left_out }
    }

    /// The owners whose approval a change of this path takes.
    #[must_use]
    pub fn ownership(&self, path: &str) -> Ownership {
        let matching: Vec<Match<'_>> =
            self.owners.matching(path).into_iter().filter(|found| !found.section.optional).collect();
        if matching.iter().any(|found| !found.approvers.is_empty()) {
            return Ownership::Owned;
        }
        // A later line that could not be read stands for one that names somebody.
        let deciding = matching.iter().map(|found| found.line.place.line).max();
        let unread = self.left_out.iter().filter(|one| deciding.is_none_or(|line| one.line > line));
        match unread.filter_map(|one| one.pattern.as_ref()).any(|pattern| pattern.matches(path)) {
            true => Ownership::Unread,
            false if deciding.is_some() => Ownership::Cleared,
            false => Ownership::Unowned,
        }
    }

    /// The owners of a path, of whom any may approve, if its approval takes one section alone.
    #[must_use]
    pub fn owners_of(&self, path: &str) -> Vec<Approver> {
        let matching: Vec<Match<'_>> =
            self.owners.matching(path).into_iter().filter(|found| !found.section.optional).collect();
        match matching.as_slice() {
            [one] if one.section.required == 1 => one.approvers.to_vec(),
            _ => Vec::new(),
        }
    }

    /// The owners who approve instead where a line of which no owner could be read is left out: a path that it is
    /// about, and the owners by the lines that hold there.
    #[must_use]
    pub fn instead<'p>(&self, left_out: &LeftOut, paths: &[&'p str]) -> Option<(&'p str, String)> {
        let pattern = left_out.pattern.as_ref()?;
        let path = paths.iter().find(|path| pattern.matches(path) && self.ownership(path) == Ownership::Owned)?;
        let matching = self.owners.matching(path).into_iter().filter(|found| !found.section.optional);
        let owners: Vec<String> = matching.map(|found| names(found.approvers).trim_start().to_owned()).collect();
        Some((path, owners.into_iter().filter(|names| !names.is_empty()).collect::<Vec<_>>().join(" and ")))
    }

    /// The lines of APPROVERS for these paths: every line that is about one of them and is not overruled by a later
    /// one. Where nobody can be read who may approve one of `specific`, the `admins` stand in.
    #[must_use]
    pub fn lines(&self, paths: &[&str], specific: &[&str], admins: &[String]) -> String {
        let idle: BTreeSet<Place> = self.owners.shadowed().iter().map(|found| found.line.place).collect();
        let about =
            |line: &&ApproverLine| !idle.contains(&line.place) && paths.iter().any(|path| line.pattern.matches(path));
        let mut out = String::new();
        let admins = admins.join(" ");
        let stand_in = |wanted: Ownership, pattern: &Pattern| {
            let needs = |path: &&&str| pattern.matches(path) && self.ownership(path) == wanted;
            !admins.is_empty() && specific.iter().any(|path| needs(&path))
        };
        // The last line that matches holds, so these hold where no other does.
        for one in &self.left_out {
            if let Some(pattern) = one.pattern.as_ref().filter(|pattern| stand_in(Ownership::Unread, pattern)) {
                let _ = writeln!(
                    out,
                    "# No owner of line {} can be read: {}. The admins stand in.\n{pattern} {admins}",
                    one.line, one.why
                );
            }
        }
        for path in specific.iter().filter(|path| !admins.is_empty() && self.ownership(path) == Ownership::Unowned) {
            let _ = writeln!(
                out,
                "# No line requires anybody for it. The admins stand in.\n/{} {admins}",
                Pattern::exactly(path, PatternDialect::Codeowners)
            );
        }
        for section in &self.owners.sections {
            let lines: Vec<&ApproverLine> = section.lines.iter().filter(about).collect();
            if lines.is_empty() {
                continue;
            }
            if let Some(name) = &section.name {
                let (caret, count) = (if section.optional { "^" } else { "" }, section.required);
                let count = if count > 1 { format!("[{count}]") } else { String::new() };
                let before = if out.is_empty() { "" } else { "\n" };
                let _ = writeln!(out, "{before}{caret}[{name}]{count}{}", names(&section.defaults));
            }
            for line in lines {
                let nobody = line.approvers.is_empty() && section.defaults.is_empty();
                if nobody && stand_in(Ownership::Cleared, &line.pattern) {
                    let _ = writeln!(
                        out,
                        "# Line {} names nobody. The admins stand in.\n{} {admins}",
                        line.place.line, line.pattern
                    );
                } else {
                    let _ = writeln!(out, "{}{}", line.pattern, names(&line.approvers));
                }
            }
        }
        out
    }

    /// The numbers of the lines that are about none of these paths, and could be about a path below one of these
    /// folders.
    #[must_use]
    pub fn later(&self, paths: &[&str], folders: &[&str]) -> Vec<u32> {
        let lines = self.owners.sections.iter().flat_map(|section| &section.lines);
        let idle = lines.filter(|line| !paths.iter().any(|path| line.pattern.matches(path)));
        let may = idle.filter(|line| folders.iter().any(|folder| below(&line.pattern, folder)));
        may.map(|line| line.place.line).collect()
    }
}

/// Whether a pattern names something in a folder, and not every folder there is.
fn below(pattern: &Pattern, folder: &str) -> bool {
    let text = pattern.to_string();
    let text = text.trim_start_matches('/');
    !folder.is_empty() && text.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'))
}

/// Names behind a pattern or a heading, each with a space before it.
fn names(approvers: &[Approver]) -> String {
    approvers.iter().map(|approver| format!(" {approver}")).collect()
}

/// A reader of one CODEOWNERS.
struct CodeOwnersReader {
    of: CodeOwnersOf,
    sections: Vec<Section>,
    /// The index of a section by the folded form of its name.
    by_key: BTreeMap<String, usize>,
    /// The section that lines go into, and the owners of lines without any under its last heading.
    into: Option<(usize, Vec<Approver>)>,
    left_out: Vec<LeftOut>,
}

impl CodeOwnersReader {
    fn leave_out(&mut self, line: u32, text: &str, why: impl Into<String>) {
        self.left_out.push(LeftOut { line, text: text.to_owned(), why: why.into(), pattern: None });
    }

    fn line(&mut self, number: u32, bytes: &[u8]) {
        // The text of a comment is not checked, in whatever encoding it is.
        let bytes = without_comment(bytes).trim_ascii();
        if bytes.is_empty() {
            return;
        }
        let Ok(text) = std::str::from_utf8(bytes) else {
            return self.leave_out(number, &String::from_utf8_lossy(bytes), "it is not UTF-8");
        };
        if let Some((char, what)) = text.chars().find_map(|char| Some((char, unseen(char, false)?.1))) {
            return self.leave_out(number, text, format!("it holds U+{:04X}, {what}", u32::from(char)));
        }
        if text.starts_with('[') || text.starts_with("^[") {
            return self.heading(number, text);
        }
        if let Some(path) = text.strip_prefix('!') {
            let path = path.split_ascii_whitespace().next().unwrap_or_default();
            let why = format!(
                "APPROVERS has no exclusions, so {} keeps the approvers of the lines above",
                in_backticks(path)
            );
            return self.leave_out(number, text, why);
        }
        self.entry(number, text);
    }

    fn heading(&mut self, number: u32, text: &str) {
        let (optional, rest) = text.strip_prefix('^').map_or((false, text), |rest| (true, rest));
        let parts = rest.strip_prefix('[').and_then(|rest| rest.split_once(']'));
        let Some((name, mut rest)) = parts.filter(|(name, _)| !name.trim().is_empty() && !name.contains('[')) else {
            return self.leave_out(
                number,
                text,
                "it is no heading of a section, so its lines belong to the section above",
            );
        };
        let mut required = 1;
        if let Some((count, after)) = rest.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
            rest = after;
            required = count.parse().ok().filter(|count| *count > 0).unwrap_or_else(|| {
                self.leave_out(number, &format!("[{count}]"), "it is no count of approvals, so one is needed");
                1
            });
        }
        if !rest.is_empty() && !rest.starts_with([' ', '\t']) {
            let why = "something stands right behind its heading, so its lines belong to the section above";
            return self.leave_out(number, text, why);
        }
        let defaults = self.owners(number, rest.split_ascii_whitespace());
        let key = section_key(name);
        let at = if let Some(&at) = self.by_key.get(&key) {
            if let Some(section) = self.sections.get_mut(at) {
                section.required = section.required.max(required);
                section.optional &= optional;
            }
            at
        } else {
            self.by_key.insert(key, self.sections.len());
            self.sections.push(Section {
                name: Some(name.split_whitespace().collect::<Vec<_>>().join(" ")),
                required,
                optional,
                defaults: defaults.clone(),
                place: place(number),
                lines: Vec::new(),
            });
            self.sections.len() - 1
        };
        self.into = Some((at, defaults));
    }

    fn entry(&mut self, number: u32, text: &str) {
        let words = TextLine { number, text }.words(0);
        let Some((pattern, owners)) = words.split_first() else { return };
        let names: Vec<&str> = owners.iter().map(|word| word.text).collect();
        let pattern = match self.pattern(pattern.text) {
            Ok(pattern) => pattern,
            Err(why) => return self.leave_out(number, text, why),
        };
        let read = names.iter().filter_map(|name| Approver::parse(name).ok());
        let mut approvers: Vec<Approver> = Vec::new();
        for approver in read {
            if !approvers.contains(&approver) {
                approvers.push(approver);
            }
        }
        if approvers.is_empty() && !names.is_empty() {
            let why = names.first().and_then(|name| Approver::parse(name).err()).map(|why| why.message);
            let why = why.unwrap_or_default();
            return self.left_out.push(LeftOut { line: number, text: text.to_owned(), why, pattern: Some(pattern) });
        }
        self.owners(number, names.into_iter());
        let (at, defaults) = self.into.clone().unwrap_or_else(|| {
            self.sections.push(Section {
                name: None,
                required: 1,
                optional: false,
                defaults: Vec::new(),
                place: place(number),
                lines: Vec::new(),
            });
            self.into = Some((self.sections.len() - 1, Vec::new()));
            (self.sections.len() - 1, Vec::new())
        });
        let Some(section) = self.sections.get_mut(at) else { return };
        // Under a second heading of the section other owners may stand for lines without any.
        if approvers.is_empty() && !defaults.is_empty() && defaults != section.defaults {
            approvers = defaults;
        }
        section.lines.push(ApproverLine { pattern, approvers, place: place(number) });
    }

    /// The names that are accounts or teams, each once; the others are left out.
    fn owners<'n>(&mut self, number: u32, names: impl Iterator<Item = &'n str>) -> Vec<Approver> {
        let mut owners: Vec<Approver> = Vec::new();
        for name in names {
            match Approver::parse(name) {
                Ok(owner) if owners.contains(&owner) => {}
                Ok(owner) => owners.push(owner),
                Err(why) => self.leave_out(number, name, why.message),
            }
        }
        owners
    }

    fn pattern(&self, text: &str) -> Result<Pattern, String> {
        let plain = text.replace("\\\\", "");
        for char in ['[', ']', '{', '}'] {
            let bare =
                plain.match_indices(char).any(|(at, _)| !plain.get(..at).is_some_and(|before| before.ends_with('\\')));
            if bare {
                return Err(format!(
                    "{} holds `{char}`, and there are no ranges and no alternatives in APPROVERS",
                    in_backticks(text)
                ));
            }
        }
        let inner = text.strip_suffix('/').unwrap_or(text);
        let anywhere = self.of == CodeOwnersOf::GitLab && inner.contains('/') && !inner.starts_with(['/', '*']);
        let text = if anywhere { format!("**/{text}") } else { text.to_owned() };
        Pattern::codeowners(&text).map_err(|why| why.message)
    }
}

fn place(number: u32) -> Place {
    Place { line: number, column: 1, width: 1 }
}

/// A line up to a `#` that starts it or stands behind a blank.
fn without_comment(line: &[u8]) -> &[u8] {
    let starts = |at: &usize| match at.checked_sub(1).and_then(|before| line.get(before)) {
        None => true,
        // A blank that belongs to a path has a backslash before it.
        Some(b' ' | b'\t') => at.checked_sub(2).and_then(|before| line.get(before)) != Some(&b'\\'),
        Some(_) => false,
    };
    let comment = line.iter().enumerate().filter(|(_, byte)| **byte == b'#').map(|(at, _)| at).find(starts);
    line.get(..comment.unwrap_or(line.len())).unwrap_or_default()
}
