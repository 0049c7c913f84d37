//! Commits, the index and the work tree, in every kind of repository.

use countersign::flag::FileKind;
use countersign::repo::{LIMIT, Proposal, Repo, Side, Way};

use crate::world::{World, command, commit, conflicts, deltas, git, side};

fn staged(world: &World, base: &str) -> (Repo, countersign::repo::Comparison) {
    proposed(world, base, &Proposal::Index)
}

fn on_disk(world: &World, base: &str) -> (Repo, countersign::repo::Comparison) {
    proposed(world, base, &Proposal::Worktree)
}

fn proposed(world: &World, base: &str, proposal: &Proposal) -> (Repo, countersign::repo::Comparison) {
    let repo = world.repo();
    let comparison = repo.compare(&commit(&repo, base), proposal).unwrap();
    (repo, comparison)
}

/// Ten lines, of which one can be changed on each side.
fn lines(changed: &[(usize, &str)]) -> String {
    let line =
        |n: usize| changed.iter().find(|(at, _)| *at == n).map_or(format!("line {n}"), |(_, to)| (*to).to_owned());
    (0..10).map(|n| line(n) + "\n").collect()
}

#[test]
fn two_commits() {
    let world = World::with(&[("flags/a.yaml", "a"), ("flags/b.yaml", "b"), ("docs/c", "c")]);
    world.git(&["switch", "-qc", "change"]);
    world.write(&[("flags/a.yaml", "A"), ("flags/new/d.yaml", "d")]);
    world.git(&["rm", "-q", "docs/c"]);
    world.commit(&[]);
    let (repo, ours) = world.compare("main", "change");
    assert_eq!(deltas(&ours), ["- docs/c", "* flags/a.yaml", "+ flags/new/d.yaml"]);
    assert_eq!((ours.way, ours.base.name.as_str(), ours.head.name.as_str()), (Way::Direct, "main", "change"));
    assert_eq!(ours.base.oid, Some(world.git(&["rev-parse", "main"])));
    let text = |which, path| repo.read(&ours, which, path).unwrap().map(|file| String::from_utf8(file.bytes).unwrap());
    for (path, live, proposed) in [
        ("flags/a.yaml", Some("a"), Some("A")),
        ("flags/b.yaml", Some("b"), Some("b")),
        ("flags/new/d.yaml", None, Some("d")),
        ("docs/c", Some("c"), None),
        ("docs", None, None),
        ("flags/a.yaml/x", None, None),
        ("", None, None),
    ] {
        let found = (text(Side::Live, path), text(Side::Proposed, path));
        assert_eq!(found, (live.map(str::to_owned), proposed.map(str::to_owned)), "{path}");
    }
    let (_, same) = world.compare("change", "change");
    assert_eq!((deltas(&same), same.way), (Vec::new(), Way::Contained));
}

#[test]
fn a_folder_can_be_left_out_of_a_list() {
    let world = World::with(&[("a/b/c", ""), ("a/d", ""), ("e/f", ""), ("g", "")]);
    world.git(&["switch", "-qc", "change"]);
    world.git(&["rm", "-q", "a/d"]);
    world.commit(&[("a/b/new", ""), ("e/new", ""), ("h/i/j", ""), ("a.b", "")]);
    let (repo, ours) = world.compare("main", "change");
    let listed = |which, without: &str| {
        let mut paths = Vec::new();
        repo.list(&ours, which, &|folder| folder != without, &mut |path, _| paths.push(path.to_owned())).unwrap();
        paths
    };
    assert_eq!(listed(Side::Live, "a/b"), ["a/d", "e/f", "g"]);
    assert_eq!(listed(Side::Proposed, "a/b"), ["a.b", "e/f", "e/new", "g", "h/i/j"]);
    assert_eq!(listed(Side::Proposed, "h"), ["a.b", "a/b/c", "a/b/new", "e/f", "e/new", "g"]);
    assert_eq!(listed(Side::Proposed, ""), ["a.b", "a/b/c", "a/b/new", "e/f", "e/new", "g", "h/i/j"]);
}

#[test]
fn a_stale_branch_is_not_accused_of_what_others_did() {
    let world = World::with(&[("a", "a"), ("b", "b"), ("c", "c")]);
    world.git(&["switch", "-qc", "change"]);
    world.commit(&[("a", "A")]);
    world.git(&["switch", "-q", "main"]);
    world.commit(&[("b", "B"), ("d", "d")]);
    let (repo, ours) = world.compare("main", "change");
    assert_eq!((deltas(&ours), ours.way), (vec!["* a".to_owned()], Way::ByName));
    let merged = [("a", "A"), ("b", "B"), ("c", "c"), ("d", "d")];
    assert_eq!(side(&repo, &ours, Side::Proposed), merged.map(|(path, text)| (path.into(), text.into())).into());
    // The other way round it is the branch that lacks them.
    let base = commit(&repo, "main");
    let plain = repo.two_trees(&base, &commit(&repo, "change")).unwrap();
    assert_eq!(deltas(&plain), ["* a", "* b", "- d"]);
    // An old commit proposes nothing.
    let (_, old) = world.compare("main", "main~1");
    assert_eq!((deltas(&old), old.way), (Vec::new(), Way::Contained));
}

#[test]
fn what_both_sides_touched() {
    struct Case {
        base: Vec<(&'static str, String)>,
        head: Vec<(&'static str, String)>,
        deltas: &'static [&'static str],
        conflicts: &'static [&'static str],
        way: Way,
    }
    let edit = |at, to| vec![("a", lines(&[(at, to)]))];
    for (name, case) in [
        (
            "the same edit",
            Case {
                base: edit(1, "x"),
                head: [edit(1, "x"), vec![("n", "n".to_owned())]].concat(),
                deltas: &["+ n"],
                conflicts: &[],
                way: Way::ByName,
            },
        ),
        (
            "far apart",
            Case { base: edit(1, "x"), head: edit(8, "y"), deltas: &["* a"], conflicts: &[], way: Way::Merged },
        ),
        (
            "one line",
            Case { base: edit(1, "x"), head: edit(1, "y"), deltas: &["* a"], conflicts: &["a"], way: Way::Merged },
        ),
        (
            "both add",
            Case {
                base: vec![("n", "1".into())],
                head: vec![("n", "2".into())],
                deltas: &["* n"],
                conflicts: &["n"],
                way: Way::Merged,
            },
        ),
        (
            "both add to a new folder",
            Case {
                base: vec![("n/1", "1".into())],
                head: vec![("n/2", "2".into())],
                deltas: &["+ n/2"],
                conflicts: &[],
                way: Way::ByName,
            },
        ),
    ] {
        let world = World::with(&[("a", &lines(&[])), ("b", "b")]);
        world.git(&["switch", "-qc", "change"]);
        world.commit(&case.head.iter().map(|(path, text)| (*path, text.as_str())).collect::<Vec<_>>());
        world.git(&["switch", "-q", "main"]);
        world.commit(&case.base.iter().map(|(path, text)| (*path, text.as_str())).collect::<Vec<_>>());
        let before = world.git(&["count-objects", "-v"]);
        let (repo, ours) = world.compare("main", "change");
        assert_eq!(
            (deltas(&ours), conflicts(&ours), ours.way),
            (case.deltas.iter().map(|line| (*line).to_owned()).collect(), case.conflicts.to_vec(), case.way,),
            "{name}"
        );
        drop(repo);
        assert_eq!(world.git(&["count-objects", "-v"]), before, "{name}: nothing is written to the repository");
    }
}

#[test]
fn a_file_where_a_folder_was_and_one_side_deleted() {
    let world = World::with(&[("p", "p"), ("q/r", "r"), ("s", "s")]);
    world.git(&["switch", "-qc", "change"]);
    world.git(&["rm", "-q", "p"]);
    world.git(&["rm", "-qr", "q"]);
    world.commit(&[("p/in", "in"), ("q", "q")]);
    let (repo, ours) = world.compare("main", "change");
    assert_eq!(deltas(&ours), ["- p", "+ p/in", "+ q", "- q/r"]);
    let proposed = [("p/in", "in"), ("q", "q"), ("s", "s")];
    assert_eq!(side(&repo, &ours, Side::Proposed), proposed.map(|(path, text)| (path.into(), text.into())).into());
    world.git(&["switch", "-q", "main"]);
    world.commit(&[("p", "P")]);
    let (_, ours) = world.compare("main", "change");
    assert!(conflicts(&ours).contains(&"p") && ours.way == Way::Merged, "{:?}", ours.conflicts);
}

#[test]
fn the_index() {
    let world = World::with(&[("a", "a"), ("b", "b"), ("c", &lines(&[]))]);
    world.write(&[("a", "staged"), ("new", "new"), ("intended", "x")]);
    world.git(&["add", "a", "new"]);
    world.git(&["add", "--intent-to-add", "intended"]);
    world.git(&["rm", "-q", "--cached", "b"]);
    world.write(&[("a", "on disk"), ("untracked", "u")]);
    let (repo, ours) = staged(&world, "main");
    assert_eq!(deltas(&ours), ["* a", "- b", "+ new"]);
    assert_eq!((ours.head.name.as_str(), &ours.head.oid), ("index", &None));
    assert_eq!(repo.read(&ours, Side::Proposed, "a").unwrap().unwrap().bytes, b"staged");
    assert_eq!(world.git(&["status", "--porcelain"]), "MM a\nD  b\n A intended\nA  new\n?? b\n?? untracked");
}

#[test]
fn the_index_that_a_hook_is_handed() {
    let world = World::with(&[("a", "a")]);
    world.write(&[("a", "partial")]);
    let other = world.path("other-index");
    let add = command(&world.root).env("GIT_INDEX_FILE", &other).args(["add", "a"]).status().unwrap();
    assert!(add.success());
    let repo = world.repo();
    assert_eq!(deltas(&repo.compare(&commit(&repo, "main"), &Proposal::Index).unwrap()), Vec::<String>::new());
    let repo = world.repo().with_index(&other);
    assert_eq!(deltas(&repo.compare(&commit(&repo, "main"), &Proposal::Index).unwrap()), ["* a"]);
}

#[test]
fn the_index_is_merged_like_a_commit() {
    let world = World::with(&[("a", &lines(&[])), ("b", "b"), ("c", "c")]);
    world.git(&["switch", "-qc", "change"]);
    world.git(&["switch", "-q", "main"]);
    world.commit(&[("a", &lines(&[(1, "base")])), ("b", "B")]);
    world.git(&["switch", "-q", "change"]);
    world.write(&[("c", "C")]);
    world.git(&["add", "-A"]);
    let (_, ours) = staged(&world, "main");
    assert_eq!((deltas(&ours), ours.way), (vec!["* c".to_owned()], Way::ByName));
    world.write(&[("a", &lines(&[(8, "mine")]))]);
    world.git(&["add", "-A"]);
    let (repo, ours) = staged(&world, "main");
    assert_eq!((deltas(&ours), ours.way), (vec!["* a".to_owned(), "* c".to_owned()], Way::Merged));
    let merged = repo.read(&ours, Side::Proposed, "a").unwrap().unwrap();
    assert_eq!(String::from_utf8(merged.bytes).unwrap(), lines(&[(1, "base"), (8, "mine")]));
    world.write(&[("a", &lines(&[(1, "mine")]))]);
    let (_, ours) = on_disk(&world, "main");
    assert_eq!(conflicts(&ours), ["a"]);
}

#[test]
fn a_merge_in_progress() {
    let world = World::with(&[("a", "a"), ("b", "b")]);
    world.git(&["switch", "-qc", "change"]);
    world.commit(&[("a", "head"), ("c", "c")]);
    world.git(&["switch", "-q", "main"]);
    world.commit(&[("a", "base"), ("d", "d")]);
    world.git(&["switch", "-q", "change"]);
    assert!(!world.try_git(&["merge", "main"]).status.success());
    for (_, ours) in [staged(&world, "main"), on_disk(&world, "main")] {
        assert_eq!(conflicts(&ours), ["a"]);
        assert_eq!(ours.conflicts[0].message, "a merge of it is not finished: the index holds both sides");
    }
    // Resolved and staged, it is what the merge commit will be: no conflict with the base it contains.
    world.write(&[("a", "both")]);
    world.git(&["add", "a"]);
    let (_, ours) = staged(&world, "main");
    assert_eq!((deltas(&ours), conflicts(&ours)), (vec!["* a".to_owned(), "+ c".to_owned()], Vec::new()));
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
    let (repo, ours) = on_disk(&world, "main");
    assert_eq!(deltas(&ours), ["* a", "- b", "+ new/n", "+ staged"]);
    assert_eq!((ours.head.name.as_str(), &ours.head.oid), ("worktree", &None));
    assert_eq!(repo.read(&ours, Side::Proposed, "a").unwrap().unwrap().bytes, b"A\r\n");
    let mut all = Vec::new();
    repo.worktree_files(&|folder| folder != "x", &mut |path, entry| all.push((path.to_owned(), entry))).unwrap();
    let names: Vec<&str> = all.iter().map(|(path, _)| path.as_str()).collect();
    assert_eq!(names, [".gitignore", "a", "new/n", "run", "staged"]);
    let texts = repo.load_many(&all, |file| String::from_utf8(file.bytes).unwrap()).unwrap();
    assert_eq!(texts, ["ignored\nout/\n", "A\r\n", "n", "r", "s"]);
}

#[test]
fn a_tracked_file_is_there_though_it_is_ignored() {
    let world = World::with(&[("out/kept", "k"), ("a", "a")]);
    world.commit(&[(".gitignore", "out/\n*.log\n")]);
    world.write(&[("out/other", "o"), ("b.log", "b"), ("out/kept", "K")]);
    let (repo, ours) = on_disk(&world, "main");
    assert_eq!(deltas(&ours), ["* out/kept"]);
    let mut names = Vec::new();
    repo.worktree_files(&|_| true, &mut |path, _| names.push(path.to_owned())).unwrap();
    assert_eq!(names, [".gitignore", "a", "out/kept"]);
}

#[test]
fn a_sparse_checkout_deletes_nothing() {
    let world = World::with(&[("in/a", "a"), ("out/b", "b"), ("c", "c")]);
    world.git(&["sparse-checkout", "set", "in"]);
    assert!(!world.root.join("out").exists());
    world.write(&[("in/a", "A")]);
    assert_eq!(deltas(&on_disk(&world, "main").1), ["* in/a"]);
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
    let (repo, ours) = on_disk(&world, "main");
    assert_eq!(deltas(&ours), changes);
    assert_eq!(side(&repo, &ours, Side::Proposed), expected);
    let mut found = Vec::new();
    repo.worktree_files(&|_| true, &mut |path, entry| found.push((path.to_owned(), entry.kind))).unwrap();
    let link = FileKind::Symlink;
    assert_eq!(
        found,
        [
            ("escape".to_owned(), link),
            ("file".to_owned(), link),
            ("folder".to_owned(), link),
            ("link".to_owned(), link),
            ("module".to_owned(), FileKind::Submodule),
            ("target".to_owned(), FileKind::Regular),
        ]
    );
    world.git(&["switch", "-qc", "change"]);
    world.commit(&[]);
    let (repo, ours) = world.compare("main", "change");
    assert_eq!(deltas(&ours), changes);
    assert_eq!(side(&repo, &ours, Side::Proposed), expected);
}

#[test]
fn a_file_over_the_limit_has_a_size_and_no_bytes() {
    let size = usize::try_from(LIMIT).unwrap();
    let (most, more) = ("x".repeat(size), "x".repeat(size + 1));
    let world = World::with(&[("a", "a")]);
    world.git(&["switch", "-qc", "change"]);
    world.write(&[("most", &most), ("more", &more)]);
    let check = |repo: &Repo, ours: &countersign::repo::Comparison| {
        assert_eq!(deltas(ours), ["+ more", "+ most"]);
        for (path, bytes, told) in [("most", size, LIMIT), ("more", 0, LIMIT + 1)] {
            let file = repo.read(ours, Side::Proposed, path).unwrap().unwrap();
            assert_eq!((file.kind, file.bytes.len(), file.size), (FileKind::Regular, bytes, told), "{path}");
        }
    };
    let (repo, ours) = on_disk(&world, "main");
    check(&repo, &ours);
    let mut sizes = Vec::new();
    repo.worktree_files(&|_| true, &mut |path, entry| {
        let file = repo.load(path, &entry).unwrap();
        sizes.push((file.bytes.len(), file.size));
    })
    .unwrap();
    assert_eq!(sizes, [(1, 1), (0, LIMIT + 1), (size, LIMIT)]);
    world.commit(&[]);
    let (repo, ours) = world.compare("main", "change");
    check(&repo, &ours);
}

#[test]
fn bare_linked_and_sha256() {
    for init in [&["init", "-q", "-b", "main"][..], &["init", "-q", "-b", "main", "--object-format=sha256"]] {
        let world = World::made(init);
        world.commit(&[("a", &lines(&[])), ("b", "b")]);
        world.git(&["switch", "-qc", "change"]);
        world.commit(&[("a", &lines(&[(1, "head")])), ("c", "c")]);
        world.git(&["switch", "-q", "main"]);
        world.commit(&[("a", &lines(&[(8, "base")]))]);
        let expected = ["* a", "+ c"];
        let bare = world.path("bare.git");
        world.git(&["clone", "-q", "--bare", ".", bare.to_str().unwrap()]);
        let linked = world.path("linked");
        world.git(&["worktree", "add", "-q", linked.to_str().unwrap(), "change"]);
        std::fs::create_dir(linked.join("sub")).unwrap();
        for at in [world.root.clone(), bare.clone(), linked.clone(), linked.join("sub")] {
            for command in ["git", "/nonexistent/git"] {
                let repo = Repo::open(&at).unwrap().with_command(command);
                let proposal = Proposal::Commit(commit(&repo, "change"));
                let ours = repo.compare(&commit(&repo, "main"), &proposal).unwrap();
                assert_eq!((deltas(&ours), ours.way), (expected.map(str::to_owned).to_vec(), Way::Merged), "{at:?}");
                let merged = repo.read(&ours, Side::Proposed, "a").unwrap().unwrap();
                assert_eq!(String::from_utf8(merged.bytes).unwrap(), lines(&[(1, "head"), (8, "base")]));
                assert_eq!(ours.base.oid.map(|oid| oid.len()), Some(if init.len() > 4 { 64 } else { 40 }));
            }
        }
        std::fs::write(linked.join("sub/d"), "d").unwrap();
        let repo = Repo::open(&linked).unwrap();
        assert_eq!(repo.workdir().map(|path| path.canonicalize().unwrap()), Some(linked.canonicalize().unwrap()));
        assert_eq!(repo.head().unwrap().name, "change");
        let ours = repo.compare(&commit(&repo, "main"), &Proposal::Worktree).unwrap();
        assert_eq!(deltas(&ours), ["* a", "+ c", "+ sub/d"]);
        git(&linked, &["add", "-A"]);
        let ours = repo.compare(&commit(&repo, "main"), &Proposal::Index).unwrap();
        assert_eq!(deltas(&ours), ["* a", "+ c", "+ sub/d"]);
        let repo = Repo::open(&bare).unwrap();
        for proposal in [Proposal::Index, Proposal::Worktree] {
            let error = repo.compare(&commit(&repo, "main"), &proposal).unwrap_err();
            assert!(error.usage && error.message.starts_with("a bare repository has no "), "{error}");
        }
        assert!(repo.worktree_files(&|_| true, &mut |_, _| ()).unwrap_err().usage);
    }
}

/// Forms of the index git may be told to use: read as well, or refused with the command that undoes them.
#[test]
fn forms_of_the_index() {
    let read = Ok(vec!["* in/a".to_owned()]);
    let undo = "run `git sparse-checkout reapply --no-sparse-index` and `git update-index --no-split-index`";
    for (form, expected) in [
        (&["update-index", "--index-version", "4"][..], read.clone()),
        (&["update-index", "--untracked-cache"], read),
        (&["update-index", "--split-index"], Err(undo.to_owned())),
        (&["sparse-checkout", "set", "--cone", "--sparse-index", "in"], Err(undo.to_owned())),
    ] {
        let world = World::with(&[("in/a", "a"), ("out/b", "b"), ("c", "c")]);
        world.git(form);
        world.write(&[("in/a", "A")]);
        world.git(&["add", "in/a"]);
        let repo = world.repo();
        let ours = repo.compare(&commit(&repo, "main"), &Proposal::Index);
        assert_eq!(ours.map(|ours| deltas(&ours)).map_err(|error| error.remedy), expected, "{form:?}");
    }
}
