//! The files on disk, and the index they are compared with.

use countersign::flag::FileKind;
use countersign::git::{Comparison, Proposal, Repo, TreeSide};

use crate::world::{World, commit, deltas, git, side};

fn on_disk(world: &World) -> (Repo, Comparison) {
    let repo = world.repo();
    let comparison = repo.compare(&commit(&repo, "main"), &Proposal::Worktree).unwrap();
    (repo, comparison)
}

#[test]
fn the_work_tree() {
    let world = World::with(&[(".gitignore", "ignored\nout/\n"), ("a", "a"), ("b", "b"), ("run", "r"), ("x/y", "y")]);
    world.git(&["update-index", "--chmod=+x", "run"]);
    world.git(&["commit", "-qm", "executable"]);
    world.git(&["checkout", "-q", "--", "run"]);
    world.write(&[("a", "A\r\n"), ("new/n", "n"), ("ignored", "i"), ("out/o", "o"), ("staged", "s")]);
    world.git(&["add", "staged"]);
    world.git(&["add", "-N", "new/n"]);
    std::fs::remove_file(world.root.join("b")).unwrap();
    let (repo, ours) = on_disk(&world);
    assert_eq!(deltas(&ours), ["* a", "- b", "+ new/n", "+ staged"]);
    assert_eq!((ours.head.name.as_str(), &ours.head.oid), ("worktree", &None));
    assert_eq!(repo.read(&ours, TreeSide::Proposed, "a").unwrap().unwrap().bytes, b"A\r\n");
    let mut all = Vec::new();
    repo.work_tree()
        .unwrap()
        .files(&|folder| folder != "x", &mut |path, entry| all.push((path.to_owned(), entry)))
        .unwrap();
    let names: Vec<&str> = all.iter().map(|(path, _)| path.as_str()).collect();
    assert_eq!(names, [".gitignore", "a", "new/n", "run", "staged"]);
    let texts = repo.load_many(&all, |_, file| String::from_utf8(file.bytes).ok()).unwrap();
    assert_eq!(texts, ["ignored\nout/\n", "A\r\n", "n", "r", "s"]);
}

#[test]
fn a_tracked_file_is_there_though_it_is_ignored() {
    let world = World::with(&[("out/kept", "k"), ("a", "a")]);
    world.commit(&[(".gitignore", "out/\n*.log\n")]);
    world.write(&[("out/other", "o"), ("b.log", "b"), ("out/kept", "K")]);
    let (repo, ours) = on_disk(&world);
    assert_eq!(deltas(&ours), ["* out/kept"]);
    let mut names = Vec::new();
    repo.work_tree().unwrap().files(&|_| true, &mut |path, _| names.push(path.to_owned())).unwrap();
    assert_eq!(names, [".gitignore", "a", "out/kept"]);
}

#[test]
fn a_sparse_checkout_deletes_nothing() {
    let world = World::with(&[("in/a", "a"), ("out/b", "b"), ("c", "c")]);
    world.git(&["sparse-checkout", "set", "in"]);
    assert!(!world.root.join("out").exists());
    world.write(&[("in/a", "A")]);
    assert_eq!(deltas(&on_disk(&world).1), ["* in/a"]);
}

#[cfg(unix)]
#[test]
fn links_and_repositories_inside() {
    use std::os::unix::fs::symlink;
    let world = World::with(&[("target", "t"), ("file", "f"), ("folder/in", "i")]);
    let inner = world.root.join("module");
    std::fs::create_dir(&inner).unwrap();
    git(&inner, &["init", "-q", "-b", "main"]);
    git(&inner, &["commit", "-q", "--allow-empty", "-m", "inner"]);
    symlink("target", world.root.join("link")).unwrap();
    symlink("/etc", world.root.join("escape")).unwrap();
    std::fs::remove_file(world.root.join("file")).unwrap();
    symlink("nowhere", world.root.join("file")).unwrap();
    std::fs::remove_dir_all(world.root.join("folder")).unwrap();
    symlink("/etc", world.root.join("folder")).unwrap();
    let expected = [
        ("escape", "-> /etc"),
        ("file", "-> nowhere"),
        ("folder", "-> /etc"),
        ("link", "-> target"),
        ("module", "submodule"),
        ("target", "t"),
    ];
    let expected = expected.map(|(path, text)| (path.to_owned(), text.to_owned())).into();
    let changes = ["+ escape", "* file", "+ folder", "- folder/in", "+ link", "+ module"];
    let (repo, ours) = on_disk(&world);
    assert_eq!(deltas(&ours), changes);
    assert_eq!(side(&repo, &ours, TreeSide::Proposed), expected);
    let mut found = Vec::new();
    repo.work_tree().unwrap().files(&|_| true, &mut |path, entry| found.push((path.to_owned(), entry.kind))).unwrap();
    let link = FileKind::Symlink;
    assert_eq!(
        found,
        [
            ("escape".to_owned(), link),
            ("file".to_owned(), link),
            ("folder".to_owned(), link),
            ("link".to_owned(), FileKind::LinkToFile),
            ("module".to_owned(), FileKind::Submodule),
            ("target".to_owned(), FileKind::Regular),
        ]
    );
    world.git(&["switch", "-qc", "change"]);
    world.commit(&[]);
    let (repo, ours) = world.compare("main", "change");
    assert_eq!(deltas(&ours), changes);
    assert_eq!(side(&repo, &ours, TreeSide::Proposed), expected);
}

/// Forms of the index that git may be set to use: read as well, or refused with the command that undoes them.
#[test]
fn forms_of_the_index() {
    let read = Ok(vec!["* in/a".to_owned()]);
    let undo = "run `git sparse-checkout reapply --no-sparse-index` and `git update-index --no-split-index`";
    for (form, expected) in [
        (&["update-index", "--index-version", "4"][..], read.clone()),
        (&["update-index", "--untracked-cache"], read.clone()),
        (&["update-index", "--split-index"], Err(undo.to_owned())),
        (&["sparse-checkout", "set", "--cone", "--sparse-index", "in"], read),
    ] {
        let world = World::with(&[("in/a", "a"), ("out/b", "b"), ("c", "c")]);
        world.git(form);
        world.write(&[("in/a", "A")]);
        world.git(&["add", "in/a"]);
        let repo = world.repo();
        let ours = repo.compare(&commit(&repo, "main"), &Proposal::Index);
        assert_eq!(ours.map(|ours| deltas(&ours)).map_err(|error| error.help), expected, "{form:?}");
    }
}
