//! Commits, the index and the work tree, in every kind of repository.

use countersign::flag::FileKind;
use countersign::git::{HistoryQuery, LIMIT, MergeMethod, Proposal, Repo, TreeSide};

use crate::world::{World, command, commit, conflicts, deltas, git, side};

fn staged(world: &World, base: &str) -> (Repo, countersign::git::Comparison) {
    proposed(world, base, &Proposal::Index)
}

fn on_disk(world: &World, base: &str) -> (Repo, countersign::git::Comparison) {
    proposed(world, base, &Proposal::Worktree)
}

fn proposed(world: &World, base: &str, proposal: &Proposal) -> (Repo, countersign::git::Comparison) {
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
    assert_eq!((ours.way, ours.base.name.as_str(), ours.head.name.as_str()), (MergeMethod::Direct, "main", "change"));
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
        let found = (text(TreeSide::Live, path), text(TreeSide::Proposed, path));
        assert_eq!(found, (live.map(str::to_owned), proposed.map(str::to_owned)), "{path}");
    }
    let (_, same) = world.compare("change", "change");
    assert_eq!((deltas(&same), same.way), (Vec::new(), MergeMethod::Contained));
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
    assert_eq!(listed(TreeSide::Live, "a/b"), ["a/d", "e/f", "g"]);
    assert_eq!(listed(TreeSide::Proposed, "a/b"), ["a.b", "e/f", "e/new", "g", "h/i/j"]);
    assert_eq!(listed(TreeSide::Proposed, "h"), ["a.b", "a/b/c", "a/b/new", "e/f", "e/new", "g"]);
    assert_eq!(listed(TreeSide::Proposed, ""), ["a.b", "a/b/c", "a/b/new", "e/f", "e/new", "g", "h/i/j"]);
}

#[test]
fn a_stale_branch_is_not_accused_of_what_others_did() {
    let world = World::with(&[("a", "a"), ("b", "b"), ("c", "c")]);
    world.git(&["switch", "-qc", "change"]);
    world.commit(&[("a", "A")]);
    world.git(&["switch", "-q", "main"]);
    world.commit(&[("b", "B"), ("d", "d")]);
    let (repo, ours) = world.compare("main", "change");
    assert_eq!((deltas(&ours), ours.way), (vec!["* a".to_owned()], MergeMethod::ByName));
    let merged = [("a", "A"), ("b", "B"), ("c", "c"), ("d", "d")];
    assert_eq!(side(&repo, &ours, TreeSide::Proposed), merged.map(|(path, text)| (path.into(), text.into())).into());
    // The other way round it is the branch that lacks them.
    let base = commit(&repo, "main");
    let plain = repo.two_trees(&base, &commit(&repo, "change")).unwrap();
    assert_eq!(deltas(&plain), ["* a", "* b", "- d"]);
    // An old commit proposes nothing.
    let (_, old) = world.compare("main", "main~1");
    assert_eq!((deltas(&old), old.way), (Vec::new(), MergeMethod::Contained));
}

#[test]
fn what_both_sides_touched() {
    struct Case {
        base: Vec<(&'static str, String)>,
        head: Vec<(&'static str, String)>,
        deltas: &'static [&'static str],
        conflicts: &'static [&'static str],
        way: MergeMethod,
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
                way: MergeMethod::ByName,
            },
        ),
        (
            "far apart",
            Case { base: edit(1, "x"), head: edit(8, "y"), deltas: &["* a"], conflicts: &[], way: MergeMethod::Merged },
        ),
        (
            "one line",
            Case {
                base: edit(1, "x"),
                head: edit(1, "y"),
                deltas: &["* a"],
                conflicts: &["a"],
                way: MergeMethod::Merged,
            },
        ),
        (
            "both add",
            Case {
                base: vec![("n", "1".into())],
                head: vec![("n", "2".into())],
                deltas: &["* n"],
                conflicts: &["n"],
                way: MergeMethod::Merged,
            },
        ),
        (
            "both add to a new folder",
            Case {
                base: vec![("n/1", "1".into())],
                head: vec![("n/2", "2".into())],
                deltas: &["+ n/2"],
                conflicts: &[],
                way: MergeMethod::ByName,
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
    assert_eq!(side(&repo, &ours, TreeSide::Proposed), proposed.map(|(path, text)| (path.into(), text.into())).into());
    world.git(&["switch", "-q", "main"]);
    world.commit(&[("p", "P")]);
    let (_, ours) = world.compare("main", "change");
    assert!(conflicts(&ours).contains(&"p") && ours.way == MergeMethod::Merged, "{:?}", ours.conflicts);
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
    assert_eq!(repo.read(&ours, TreeSide::Proposed, "a").unwrap().unwrap().bytes, b"staged");
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
    assert_eq!((deltas(&ours), ours.way), (vec!["* c".to_owned()], MergeMethod::ByName));
    world.write(&[("a", &lines(&[(8, "mine")]))]);
    world.git(&["add", "-A"]);
    let (repo, ours) = staged(&world, "main");
    assert_eq!((deltas(&ours), ours.way), (vec!["* a".to_owned(), "* c".to_owned()], MergeMethod::Merged));
    let merged = repo.read(&ours, TreeSide::Proposed, "a").unwrap().unwrap();
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
fn a_file_over_the_limit_has_a_size_and_no_bytes() {
    let size = usize::try_from(LIMIT).unwrap();
    let (most, more) = ("x".repeat(size), "x".repeat(size + 1));
    let world = World::with(&[("a", "a")]);
    world.git(&["switch", "-qc", "change"]);
    world.write(&[("most", &most), ("more", &more)]);
    let check = |repo: &Repo, ours: &countersign::git::Comparison| {
        assert_eq!(deltas(ours), ["+ more", "+ most"]);
        for (path, bytes, reported) in [("most", size, LIMIT), ("more", 0, LIMIT + 1)] {
            let file = repo.read(ours, TreeSide::Proposed, path).unwrap().unwrap();
            assert_eq!((file.kind, file.bytes.len(), file.size), (FileKind::Regular, bytes, reported), "{path}");
        }
    };
    let (repo, ours) = on_disk(&world, "main");
    check(&repo, &ours);
    let mut sizes = Vec::new();
    repo.work_tree()
        .unwrap()
        .files(&|_| true, &mut |path, entry| {
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
            let repo = Repo::open(&at).unwrap();
            let proposal = Proposal::Commit(commit(&repo, "change"));
            let ours = repo.compare(&commit(&repo, "main"), &proposal).unwrap();
            assert_eq!(
                (deltas(&ours), ours.way),
                (expected.map(str::to_owned).to_vec(), MergeMethod::Merged),
                "{at:?}"
            );
            let merged = repo.read(&ours, TreeSide::Proposed, "a").unwrap().unwrap();
            assert_eq!(String::from_utf8(merged.bytes).unwrap(), lines(&[(1, "head"), (8, "base")]));
            let query = HistoryQuery { versions: vec!["a".to_owned()], ..HistoryQuery::default() };
            let history = repo.history(&ours, &query);
            assert_eq!((history.versions.len(), history.end), (1, None), "what main had");
            assert_eq!(ours.base.oid.map(|oid| oid.len()), Some(if init.len() > 4 { 64 } else { 40 }));
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
            assert!(error.is_usage() && error.message.starts_with("a bare repository has no "), "{error}");
        }
        assert!(repo.work_tree().err().unwrap().is_usage());
    }
}
