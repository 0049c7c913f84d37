//! The cases of `tests/cases/`, each one file. CONTRIBUTING.md says how to write one.
//!
//! ```text
//! Why the case exists.
//!
//! base: checkout           a folder of tests/cases/bases/, or `empty`: the files of the base branch
//!
//! == setup ==              a patch on those files, where the base branch of this case has others
//! == change ==             the pull request, as a patch on the base branch
//! == evidence ==           who did what: a JSON merge patch (RFC 7396) on bases/evidence.json; left out if nobody did
//! == approve ==            logins given with --approve, one a line
//! == expected ==           what comes out
//! ```
//!
//! **Refuses**: a section that is unknown, twice or out of this order, and a patch that does not fit.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use countersign::approval::Evidence;
use countersign::diagnostics::Diagnostic;
use countersign::flag::File;
use countersign::report::Report;
use serde_json::Value;

use crate::files::judge_files;
use crate::patch::{Files, apply};

/// The sections in their order, and whether a case must have them.
const SECTIONS: &[(&str, bool)] =
    &[("setup", false), ("change", true), ("evidence", false), ("approve", false), ("expected", true)];

/// A case, read.
pub struct CaseFile {
    /// Group and name, such as `approval/admin`.
    pub name: String,
    pub path: PathBuf,
    /// The files of the base branch.
    pub live: Files,
    /// The files as the merge of the pull request would leave them.
    pub proposed: Files,
    /// The evidence as JSON, with the defaults filled in.
    pub evidence: Option<Value>,
    pub approve: Vec<String>,
    /// The file up to the expected output.
    pub question: String,
    pub expected: String,
}

impl CaseFile {
    /// Reads a case.
    pub fn parse(path: &Path, name: &str, text: &str) -> Result<CaseFile, String> {
        let at = |line: usize, why: &str| format!("{}:{line}: {why}", path.display());
        let mut lines = text.lines().enumerate();
        let why = lines.by_ref().take_while(|(_, line)| !line.is_empty()).count();
        if why == 0 || text.starts_with("==") {
            return Err(at(1, "the first line says why the case exists"));
        }
        let Some(base) = lines.next().and_then(|(_, line)| line.strip_prefix("base: ")) else {
            return Err(at(why + 2, "expected `base: ` and the name of a folder of tests/cases/bases/"));
        };
        let mut live = match (BASES.get(base), base) {
            (Some(files), _) => files.clone(),
            (None, "empty") => Files::new(),
            (None, _) => return Err(at(why + 2, &format!("there is no base `{base}`"))),
        };
        let sections = sections(text, why + 2).map_err(|(line, why)| at(line, &why))?;
        let patch = |name: &str, files: &mut Files| {
            let (line, text) = sections.get(name).copied().unwrap_or_default();
            apply(text.trim_end_matches('\n'), files).map_err(|(more, why)| at(line + more, &why))
        };
        patch("setup", &mut live)?;
        let mut proposed = live.clone();
        patch("change", &mut proposed)?;
        let evidence = match sections.get("evidence") {
            Some((line, text)) => {
                let own = serde_json::from_str(text).map_err(|why| at(*line, &format!("in this section, {why}")))?;
                let mut evidence = EVIDENCE.clone();
                merge(&mut evidence, own);
                Evidence::parse(&evidence.to_string()).map_err(|why| at(*line, &why))?;
                Some(evidence)
            }
            None => None,
        };
        let approve = sections.get("approve").map(|(_, text)| text.split_whitespace().map(str::to_owned).collect());
        let expected = sections["expected"].1.to_owned();
        Ok(CaseFile {
            name: name.to_owned(),
            path: path.to_owned(),
            live,
            proposed,
            evidence,
            approve: approve.unwrap_or_default(),
            question: text[..text.len() - expected.len()].to_owned(),
            expected,
        })
    }

    /// Judges the case.
    pub fn judge(&self) -> Result<Report, Vec<Diagnostic>> {
        let evidence = self.evidence.as_ref().map(|json| Evidence::parse(&json.to_string()).unwrap());
        judge_files(&self.live, &self.proposed, evidence.as_ref(), &self.approve)
    }

    /// Judges what would undo the case, before anybody responded.
    pub fn judge_back(&self) -> Result<Report, Vec<Diagnostic>> {
        judge_files(&self.proposed, &self.live, None, &[])
    }
}

/// Sections by name, each with the number of its first line and its text.
type Sections<'t> = BTreeMap<&'t str, (usize, &'t str)>;

/// The sections of a case; `header` is the number of its lines above them.
fn sections(text: &str, header: usize) -> Result<Sections<'_>, (usize, String)> {
    let (mut found, mut start, mut next) = (BTreeMap::new(), 0, 0);
    let mut open: Option<(&str, usize, usize)> = None;
    for (at, line) in text.split_inclusive('\n').enumerate() {
        let end = start;
        start += line.len();
        let last = open.is_some_and(|(name, ..)| name == "expected");
        if let Some(name) =
            line.trim_end().strip_prefix("== ").and_then(|rest| rest.strip_suffix(" ==")).filter(|_| !last)
        {
            let place = SECTIONS.iter().position(|(section, _)| *section == name);
            let place = place.ok_or_else(|| (at + 1, format!("`{name}` is no section of a case")))?;
            if place < next {
                return Err((at + 1, format!("section `{name}` is twice here, or below one that comes after it")));
            }
            next = place + 1;
            if let Some((name, line, from)) = open.replace((name, at + 2, start)) {
                found.insert(name, (line, &text[from..end]));
            }
        } else if open.is_none() && at >= header && !line.trim().is_empty() {
            return Err((at + 1, "this line is in no section".to_owned()));
        }
    }
    if let Some((name, line, from)) = open {
        found.insert(name, (line, &text[from..]));
    }
    match SECTIONS.iter().find(|(name, needed)| *needed && !found.contains_key(name)) {
        Some((name, _)) => Err((text.lines().count(), format!("there is no section `{name}`"))),
        None => Ok(found),
    }
}

/// A JSON merge patch: members replace, `null` removes.
fn merge(value: &mut Value, patch: Value) {
    let Value::Object(patch) = patch else {
        *value = patch;
        return;
    };
    if !value.is_object() {
        *value = Value::Object(serde_json::Map::new());
    }
    for (name, patch) in patch {
        match (value.as_object_mut(), patch.is_null()) {
            (Some(members), true) => drop(members.remove(&name)),
            (Some(members), false) => merge(members.entry(name).or_insert(Value::Null), patch),
            (None, _) => {}
        }
    }
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases")
}

/// The base repositories by name.
static BASES: LazyLock<BTreeMap<String, Files>> = LazyLock::new(|| {
    let folders = entries(&root().join("bases")).into_iter().filter(|path| path.is_dir());
    folders
        .map(|folder| {
            let mut files = Files::new();
            collect(&folder, "", &mut files);
            (file_name(&folder), files)
        })
        .collect()
});

static EVIDENCE: LazyLock<Value> =
    LazyLock::new(|| serde_json::from_str(&fs::read_to_string(root().join("bases/evidence.json")).unwrap()).unwrap());

/// All cases, by group and name.
pub static CASES: LazyLock<Vec<CaseFile>> = LazyLock::new(|| {
    let groups = entries(&root()).into_iter().filter(|path| file_name(path) != "bases");
    let files = groups.flat_map(|group| entries(&group));
    let read = |path: PathBuf| {
        let group = path.parent().map(file_name).unwrap_or_default();
        let stem = file_name(&path);
        let stem = stem.strip_suffix(".case").unwrap_or_else(|| panic!("{} is no case", path.display()));
        let text = fs::read_to_string(&path).unwrap();
        CaseFile::parse(&path, &format!("{group}/{stem}"), &text).unwrap_or_else(|why| panic!("{why}"))
    };
    files.map(read).collect()
});

/// The configurations of all cases and bases, each once.
pub fn configurations() -> Vec<Vec<u8>> {
    let sides = CASES.iter().flat_map(|case| [&case.live, &case.proposed]);
    let files = sides.filter_map(|files| files.get(countersign::policy::CONFIG_PATH));
    let once: std::collections::BTreeSet<Vec<u8>> = files.map(|file| file.bytes.clone()).collect();
    once.into_iter().collect()
}

fn entries(dir: &Path) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path()).collect();
    found.sort();
    found
}

fn file_name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

fn collect(dir: &Path, prefix: &str, files: &mut Files) {
    for entry in entries(dir) {
        let path = format!("{prefix}{}", file_name(&entry));
        if entry.is_dir() {
            collect(&entry, &format!("{path}/"), files);
        } else {
            files.insert(path.clone(), File::regular(path, fs::read(entry).unwrap()));
        }
    }
}
