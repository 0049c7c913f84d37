//! Sparse checkouts: what is not checked out is part of the repository.

use std::fs;
use std::path::Path;

use crate::bad_input::world::run;
use crate::git::git;
use crate::shop_files::flag;

const CONFIG: &str = "version: 1\nadmins: [\"@root\"]\nprojects:\n  checkout: {paths: [\"flags/checkout/**\"], approvals: peer}\n  growth: {paths: [\"flags/growth/**\"], approvals: peer}\n";

/// A repository with a policy, a workflow and two folders of flags, in one of which a flag has a mistake; `sparse` is
/// how most of it is left out of the work tree.
fn sparse(how: &[&[&str]]) -> tempfile::TempDir {
    let place = tempfile::tempdir().unwrap();
    let dir = place.path();
    git(dir, &["init", "-q", "-b", "main"]);
    for (path, text) in [
        (".countersign/config.yaml", CONFIG.to_owned()),
        (".countersign/APPROVERS", "flags/** @alice\n".to_owned()),
        (".github/workflows/countersign.yml", "mine\n".to_owned()),
        ("docs/a.md", "a\n".to_owned()),
        ("flags/checkout/buy.yaml", flag("buy", 20)),
        ("flags/growth/offer.yaml", "key: offer\nkind: flag\nstate: perhaps\n".to_owned()),
    ] {
        fs::create_dir_all(dir.join(path).parent().unwrap()).unwrap();
        fs::write(dir.join(path), text).unwrap();
    }
    git(dir, &["add", "-A"]);
    git(dir, &["commit", "-q", "-m", "all"]);
    for arguments in how {
        git(dir, &[&["sparse-checkout"], *arguments].concat());
    }
    assert!(!dir.join("flags/growth").exists() && !dir.join(".countersign").exists(), "it is sparse");
    place
}

const WAYS: &[&[&[&str]]] = &[
    &[&["set", "--cone", "docs"]],
    &[&["set", "--no-cone", "/docs/"]],
    &[&["set", "--cone", "--sparse-index", "docs"]],
];

#[test]
fn lint_reads_what_git_has() {
    for how in WAYS {
        let place = sparse(how);
        let ran = run(place.path(), &["lint"]);
        assert_eq!(ran.exit, 3, "{how:?}: {}", ran.errors);
        assert!(ran.out.contains("flags/growth/offer.yaml"), "{how:?}: {}", ran.out);
        // A file that stands on disk nevertheless is what counts.
        fs::create_dir_all(place.path().join("flags/growth")).unwrap();
        fs::write(place.path().join("flags/growth/offer.yaml"), flag("offer", 20)).unwrap();
        let ran = run(place.path(), &["lint"]);
        assert_eq!(ran.exit, 0, "{how:?}: {} {}", ran.out, ran.errors);
    }
}

#[test]
fn init_overwrites_nothing_that_git_has() {
    for how in WAYS {
        let place = sparse(how);
        let dir: &Path = place.path();
        let ran = run(dir, &["init", "--admin", "@root"]);
        assert_eq!(ran.exit, 0, "{how:?}: {}", ran.errors);
        for path in [".countersign/config.yaml", ".countersign/APPROVERS"] {
            assert!(ran.out.contains(&format!("kept   {path}")), "{how:?}: {}", ran.out);
            assert!(!dir.join(path).exists(), "{how:?}: {path}");
        }
        assert_eq!(git(dir, &["diff", "--name-only", "HEAD"]), "", "{how:?}");
    }
}

/// A worktree proposal keeps what is left out, whatever form the index has.
#[test]
fn a_sparse_work_tree_deletes_nothing() {
    for how in WAYS {
        let place = sparse(how);
        let ran = run(place.path(), &["check", "--worktree", "--base", "main", "--format", "json"]);
        assert_eq!(ran.exit, 0, "{how:?}: {}", ran.errors);
        assert!(ran.out.contains("\"flags\": []"), "{how:?}: {}", ran.out);
    }
}
