//! A review of two folders instead of two commits.
//! `#[path = "support/folders.rs"] mod folders;` brings this file into a test.

#[path = "files.rs"]
pub mod files;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use countersign::approval::Evidence;
use countersign::diagnostics::Diagnostic;
use countersign::flag::{File, FileKind};
use countersign::report::Report;

use files::judge_files;

/// The text of a file, if there is one.
#[must_use]
pub fn text(path: &Path) -> Option<String> {
    fs::read_to_string(path).ok()
}

/// Judges a case folder as `tests/cases.rs` describes it.
pub fn judge(case: &Path) -> Result<Report, Vec<Diagnostic>> {
    judge_sides(case, "live", "proposed")
}

/// Judges any two sides of a case folder; with anything but live and proposed, nobody has responded.
pub fn judge_sides(case: &Path, live: &str, proposed: &str) -> Result<Report, Vec<Diagnostic>> {
    let (live_files, proposed_files) = (side(case, live), side(case, proposed));
    let evidence = if (live, proposed) == ("live", "proposed") { evidence(case) } else { None };
    let approve = text(&case.join("approve")).unwrap_or_default();
    let vouched: Vec<String> = approve.lines().map(str::to_owned).collect();
    judge_files(&live_files, &proposed_files, evidence.as_ref(), &vouched)
}

/// The files of one side, with the policy of the case unless the side has its own.
#[must_use]
pub fn side(case: &Path, name: &str) -> BTreeMap<String, File> {
    let mut files = BTreeMap::new();
    collect(&case.join(".countersign"), ".countersign", &mut files);
    if case.join(name).join(".countersign").exists() || case.join(name).join("no-policy").exists() {
        files.clear();
    }
    collect(&case.join(name), "", &mut files);
    files.remove("no-policy");
    files
}

/// The evidence of a case.
///
/// # Panics
/// If it is there and wrong.
#[must_use]
pub fn evidence(case: &Path) -> Option<Evidence> {
    text(&case.join("evidence.json"))
        .map(|json| Evidence::parse(&json).unwrap_or_else(|why| panic!("{}: {why}", case.display())))
}

fn collect(dir: &Path, prefix: &str, files: &mut BTreeMap<String, File>) {
    let Ok(entries) = fs::read_dir(dir) else { return };
    for entry in entries {
        let entry = entry.unwrap();
        let name = entry.file_name().to_string_lossy().into_owned();
        let path = if prefix.is_empty() { name } else { format!("{prefix}/{name}") };
        let kind = entry.file_type().unwrap();
        if kind.is_symlink() {
            let target = fs::read_link(entry.path()).unwrap().to_string_lossy().into_owned();
            files.insert(path.clone(), File { kind: FileKind::Symlink, ..File::regular(path, target) });
        } else if kind.is_dir() {
            collect(&entry.path(), &path, files);
        } else {
            files.insert(path.clone(), File::regular(path, fs::read(entry.path()).unwrap()));
        }
    }
}
