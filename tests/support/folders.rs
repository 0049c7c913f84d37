//! A review of two folders instead of two commits: the pure core, fed with plain files.
//! `#[path = "support/folders.rs"] mod folders;` brings this file into a test.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::fs;
use std::path::Path;

use countersign::approval::Evidence;
use countersign::flag::{File, FileKind};
use countersign::policy::{APPROVERS_PATH, CONFIG_PATH, LawFiles};
use countersign::report::{Report, Revision};
use countersign::review::{Case, Examination, Laws, Pair, review};
use countersign::text::Problem;

/// The text of a file, if there is one.
#[must_use]
pub fn text(path: &Path) -> Option<String> {
    fs::read_to_string(path).ok()
}

/// Judges a case folder as `tests/cases.rs` describes it.
pub fn judge(case: &Path) -> Result<Report, Vec<Problem>> {
    judge_sides(case, "live", "proposed")
}

/// Judges any two sides of a case folder; with anything but live and proposed, nobody has responded.
pub fn judge_sides(case: &Path, live: &str, proposed: &str) -> Result<Report, Vec<Problem>> {
    let (live_files, proposed_files) = (side(case, live), side(case, proposed));
    let evidence = if (live, proposed) == ("live", "proposed") { evidence(case) } else { None };
    let approve = text(&case.join("approve")).unwrap_or_default();
    let vouched: Vec<String> = approve.lines().map(str::to_owned).collect();
    judge_files(&live_files, &proposed_files, evidence.as_ref(), &vouched)
}

/// Judges two sets of files.
pub fn judge_files(
    live: &BTreeMap<String, File>,
    proposed: &BTreeMap<String, File>,
    evidence: Option<&Evidence>,
    vouched: &[String],
) -> Result<Report, Vec<Problem>> {
    Ok(examine_files(live, proposed)?.conclude(evidence, vouched))
}

/// The first half of a review of two sets of files.
pub fn examine_files(
    live: &BTreeMap<String, File>,
    proposed: &BTreeMap<String, File>,
) -> Result<Examination, Vec<Problem>> {
    let law = |files: &BTreeMap<String, File>| LawFiles {
        config: files.get(CONFIG_PATH).cloned(),
        approvers: files.get(APPROVERS_PATH).cloned(),
    };
    let laws = Laws::read(&law(live), &law(proposed))?;
    let mut paths: Vec<&String> = live.keys().chain(proposed.keys()).collect();
    paths.sort();
    paths.dedup();
    let pairs: Vec<Pair> = paths
        .iter()
        .filter(|path| live.get(**path) != proposed.get(**path))
        .map(|path| Pair {
            path: (*path).clone(),
            live: live.get(*path).cloned(),
            proposed: proposed.get(*path).cloned(),
        })
        .collect();
    let revision = |name: &str| Revision { name: name.to_owned(), oid: None };
    let case =
        Case { base: revision("live"), head: revision("proposed"), pairs, conflicts: Vec::new(), tree: Vec::new() };
    let same = |path: &String| live.get(path) == proposed.get(path);
    let others = |_: &std::collections::BTreeSet<String>| -> Result<Vec<File>, Infallible> {
        Ok(live.iter().filter(|(path, _)| same(path)).map(|(_, file)| file.clone()).collect())
    };
    let managed = || -> Result<Vec<String>, Infallible> {
        Ok(paths.iter().filter(|path| !path.starts_with(".countersign/")).map(|path| (*path).clone()).collect())
    };
    let Ok(examination) = review(&case, laws, others, managed);
    Ok(examination)
}

/// The files of one side, with the law of the case unless the side has its own.
#[must_use]
pub fn side(case: &Path, name: &str) -> BTreeMap<String, File> {
    let mut files = BTreeMap::new();
    collect(&case.join(".countersign"), ".countersign", &mut files);
    if case.join(name).join(".countersign").exists() || case.join(name).join("no-law").exists() {
        files.clear();
    }
    collect(&case.join(name), "", &mut files);
    files.remove("no-law");
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
