//! An approval of a protected path is bound to what stands there, also where its bytes are not read: files over the
//! limit and submodules. On real git, since only git can name those.

use std::fs;
use std::path::Path;

use crate::git::{command, git};

const BIG: &str = ".github/big.bin";

/// A repository whose policy protects `.github/**`.
fn repository() -> tempfile::TempDir {
    let place = tempfile::tempdir().unwrap();
    let dir = place.path();
    git(dir, &["init", "-q", "-b", "main"]);
    fs::create_dir(dir.join(".countersign")).unwrap();
    let policy = "version: 1\nadmins: [\"@root\"]\nprojects:\n  a: {paths: [\"flags/**\"], approvals: peer}\nprotect: [\".github/**\"]\n";
    fs::write(dir.join(".countersign/config.yaml"), policy).unwrap();
    fs::create_dir(dir.join("flags")).unwrap();
    fs::write(dir.join("flags/one.yaml"), "key: one\nkind: flag\nstate: inactive\nvariants: [{key: a}]\n").unwrap();
    git(dir, &["add", "-A"]);
    git(dir, &["commit", "-qm", "policy"]);
    place
}

fn report(dir: &Path, args: &[&str]) -> serde_json::Value {
    let output =
        command(env!("CARGO_BIN_EXE_countersign"), dir).args(["check", "--format", "json"]).args(args).output();
    serde_json::from_slice(&output.unwrap().stdout).unwrap()
}

fn digest(dir: &Path, branch: &str) -> String {
    let report = report(dir, &["--base", "main", "--head", branch]);
    assert_eq!(report["policy"]["verdict"], "pending");
    report["policy"]["digest"].as_str().unwrap().to_owned()
}

fn big(dir: &Path, byte: u8) {
    fs::create_dir_all(dir.join(".github")).unwrap();
    fs::write(dir.join(BIG), vec![byte; 9 << 20]).unwrap();
}

#[test]
fn another_big_file_of_the_same_size_is_another_change() {
    let place = repository();
    let dir = place.path();
    for byte in [b'a', b'b'] {
        git(dir, &["checkout", "-q", "-b", &format!("with-{}", char::from(byte)), "main"]);
        big(dir, byte);
        git(dir, &["add", "-A"]);
        git(dir, &["commit", "-qm", "big"]);
    }
    assert_ne!(digest(dir, "with-a"), digest(dir, "with-b"));
}

#[test]
fn another_commit_of_a_submodule_is_another_change() {
    let place = repository();
    let dir = place.path();
    for digit in ["1", "2"] {
        git(dir, &["checkout", "-q", "-b", &format!("with-{digit}"), "main"]);
        let link = format!("160000,{},.github/actions", digit.repeat(40));
        git(dir, &["update-index", "--add", "--cacheinfo", &link]);
        git(dir, &["commit", "-qm", "submodule"]);
        git(dir, &["reset", "-q", "--hard"]);
    }
    assert_ne!(digest(dir, "with-1"), digest(dir, "with-2"));
}

#[test]
fn a_submodule_in_the_place_of_a_protected_folder_is_protected() {
    let place = repository();
    let dir = place.path();
    let config = fs::read_to_string(dir.join(".countersign/config.yaml")).unwrap();
    let protect = |patterns: &str| {
        git(dir, &["checkout", "-q", "main"]);
        let config = config.replace("[\".github/**\"]", patterns);
        fs::write(dir.join(".countersign/config.yaml"), config).unwrap();
        git(dir, &["commit", "-qam", "policy"]);
    };
    let submodule = |digit: &str, branch: &str| {
        git(dir, &["checkout", "-q", "-B", branch]);
        let link = format!("160000,{},deploy", digit.repeat(40));
        git(dir, &["update-index", "--add", "--cacheinfo", &link]);
        git(dir, &["commit", "-qm", "submodule"]);
        git(dir, &["reset", "-q", "--hard"]);
    };
    protect("[\"deploy/jobs/run.sh\"]");
    submodule("1", "added");
    digest(dir, "added");
    git(dir, &["checkout", "-q", "main"]);
    git(dir, &["merge", "-q", "added"]);
    submodule("2", "moved");
    digest(dir, "moved");
    // Files that are protected for their names alone may be in each of its commits, and nobody reads those.
    protect("[\"**/run.sh\"]");
    submodule("2", "by-name");
    assert_eq!(report(dir, &["--base", "main", "--head", "by-name"])["verdict"], "not-required");
}

#[cfg(unix)]
#[test]
fn what_a_link_leads_to_is_protected_where_it_stands_through_it() {
    use std::os::unix::fs::symlink;
    let place = repository();
    let dir = place.path();
    for folder in [".github", "shared/jobs", "other"] {
        fs::create_dir_all(dir.join(folder)).unwrap();
    }
    for file in ["shared/jobs/run.sh", "shared/notes.md", "other/z.yaml", "other/y.yaml"] {
        fs::write(dir.join(file), "a\n").unwrap();
    }
    symlink("../way", dir.join(".github/jobs")).unwrap();
    symlink("shared/jobs", dir.join("way")).unwrap();
    symlink("../other/z.yaml", dir.join("flags/z.yaml")).unwrap();
    fs::create_dir_all(dir.join("scripts")).unwrap();
    fs::write(dir.join("scripts/a.sh"), "a\n").unwrap();
    symlink("../other/../scripts//", dir.join(".github/scripts")).unwrap();
    symlink("../now", dir.join(".github/now")).unwrap();
    symlink("scripts", dir.join("now")).unwrap();
    // Links inside of a folder that a link leads to.
    for folder in ["inner/deep", "inner/deeper"] {
        fs::create_dir_all(dir.join(folder)).unwrap();
    }
    for file in ["inner/deep/b.sh", "inner/deeper/c.sh", "inner/d.sh", "inner/e.sh"] {
        fs::write(dir.join(file), "a\n").unwrap();
    }
    symlink("../../inner/deep", dir.join("shared/jobs/deep")).unwrap();
    symlink("../deeper", dir.join("inner/deep/deeper")).unwrap();
    symlink("../../inner/d.sh", dir.join("shared/jobs/d.sh")).unwrap();
    git(dir, &["add", "-A"]);
    git(dir, &["commit", "-qm", "links"]);
    let change = |file: &str, act: &dyn Fn(&Path)| {
        let branch = file.replace('/', "-");
        git(dir, &["checkout", "-q", "-b", &branch, "main"]);
        act(&dir.join(file));
        git(dir, &["add", "-A"]);
        git(dir, &["commit", "-qm", "change"]);
        report(dir, &["--base", "main", "--head", &branch])
    };
    let edit = |file: &Path| fs::write(file, "b\n").unwrap();
    for (file, through) in [
        ("shared/jobs/run.sh", ".github/jobs/run.sh"),
        ("shared/jobs/new.sh", ".github/jobs/new.sh"),
        ("other/z.yaml", "flags/z.yaml"),
        ("scripts/a.sh", ".github/now/a.sh"),
        ("inner/deep/b.sh", ".github/jobs/deep/b.sh"),
        ("inner/deeper/c.sh", ".github/jobs/deep/deeper/c.sh"),
        ("inner/d.sh", ".github/jobs/d.sh"),
    ] {
        let report = change(file, &edit);
        assert_eq!(report["verdict"], "pending", "{file}");
        assert_eq!(report["policy"]["paths"][0], file);
        let effect = format!("`{file}` stands at `{through}` through a symlink");
        assert_eq!(report["policy"]["effects"][0], effect.as_str(), "{report:#}");
    }
    for file in ["shared/notes.md", "other/y.yaml", "inner/e.sh"] {
        assert_eq!(change(file, &edit)["verdict"], "not-required", "{file}");
    }
    // A link on the way to it leads elsewhere.
    let elsewhere = change("way", &|way| {
        fs::remove_file(way).unwrap();
        symlink("other", way).unwrap();
    });
    assert_eq!(elsewhere["verdict"], "pending");
    let replaced = change("now", &|now| {
        fs::remove_file(now).unwrap();
        symlink("other", now).unwrap();
    });
    assert_eq!(replaced["verdict"], "pending");
    // Neither a slash at its end nor a way that goes up again hides it.
    git(dir, &["checkout", "-q", "main"]);
    git(dir, &["rm", "-q", ".github/now"]);
    git(dir, &["commit", "-qm", "one link less"]);
    assert_eq!(
        change("scripts/b.sh", &edit)["policy"]["effects"][0],
        "`scripts/b.sh` stands at `.github/scripts/b.sh` through a symlink"
    );
}

#[test]
fn what_has_no_name_yet_cannot_be_approved() {
    let place = repository();
    let dir = place.path();
    big(dir, b'a');
    let report = report(dir, &["--worktree"]);
    assert_eq!(report["verdict"], "invalid");
    assert_eq!(report["diagnostics"][0]["id"], "too-big");
    assert_eq!(report["diagnostics"][0]["path"], BIG);
}
