//! Names of commits, and names of files that no editor would write.

use countersign::git::Collision;

use crate::world::{World, deltas, refused};

/// A person who may push a tag could name it like the base branch.
#[test]
fn a_tag_that_is_called_like_a_branch() {
    let world = World::with(&[("a", "a")]);
    world.git(&["switch", "-qc", "change"]);
    world.commit(&[("a", "b")]);
    world.git(&["tag", "main", "change"]);
    world.git(&["tag", "same", "change"]);
    world.git(&["branch", "same", "change"]);
    let repo = world.repo();
    for name in ["main", "main~0", "main^{commit}"] {
        let error = repo.commit(name).unwrap_err();
        assert_eq!(error.message, "`main` names more than one commit");
        assert_eq!(error.help, "write the one that is meant in full: `refs/tags/main` or `refs/heads/main`");
    }
    assert_eq!(repo.commit("same").unwrap().oid, repo.commit("refs/heads/change").unwrap().oid);
    assert_ne!(repo.commit("refs/heads/main").unwrap().oid, repo.commit("refs/tags/main").unwrap().oid);
    assert!(repo.commit("HEAD").is_ok() && repo.commit("@").is_ok());
}

#[test]
fn names_that_look_like_options_and_names_that_are_not_there() {
    let world = World::with(&[("a", "a")]);
    world.git(&["update-ref", "refs/heads/--upload-pack=x", "HEAD"]);
    world.git(&["branch", "feature/one-click"]);
    world.git(&["tag", "-m", "annotated", "v1"]);
    let repo = world.repo();
    for (name, message, remedy) in [
        (
            "--upload-pack=x",
            "`--upload-pack=x` starts with a dash, as options do",
            "name a branch like this as `refs/heads/--upload-pack=x`",
        ),
        (
            "feature/one-clik",
            "there is no branch, tag or commit `feature/one-clik`",
            "write `feature/one-click` if that is meant",
        ),
        (
            "nothing-like-it",
            "there is no branch, tag or commit `nothing-like-it`",
            "list the names there are with `git branch --all` and `git tag`, or fetch it",
        ),
        (
            "a",
            "there is no branch, tag or commit `a`",
            "list the names there are with `git branch --all` and `git tag`, or fetch it",
        ),
        ("main:a", "`main:a` is not a commit", "name a branch, a tag or a commit"),
        (
            "..",
            "`..` is not one commit",
            "write one commit, or both ends of a range where the command takes one, as in `A..B`",
        ),
    ] {
        let error = repo.commit(name).unwrap_err();
        assert_eq!((error.message.as_str(), error.help.as_str(), error.is_usage()), (message, remedy, true), "{name}");
    }
    let oid = world.git(&["rev-parse", "HEAD"]);
    for name in ["main", "v1", "HEAD", "refs/heads/--upload-pack=x", oid.as_str(), &oid[..10], "v1^{}"] {
        let found = repo.commit(name).unwrap();
        assert_eq!((found.name.as_str(), &found.oid), (name, &oid));
    }
}

#[test]
fn the_branch_proposals_are_for() {
    let world = World::made(&["init", "-q", "-b", "trunk"]);
    world.commit(&[("a", "a")]);
    let error = world.repo().default_base().unwrap_err();
    assert!(error.is_usage() && error.help.contains("name the branch to compare with"), "{error}");
    let mut named = Vec::new();
    let mut base = || named.push(world.repo().default_base().unwrap().name);
    for step in [
        &["branch", "master"][..],
        &["branch", "main"],
        &["remote", "add", "origin", "/nowhere"],
        &["update-ref", "refs/remotes/origin/master", "HEAD"],
        &["update-ref", "refs/remotes/origin/main", "HEAD"],
        &["update-ref", "refs/remotes/origin/trunk", "HEAD"],
        &["symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/trunk"],
        &["symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/gone"],
        &["remote", "rename", "origin", "upstream"],
    ] {
        world.git(step);
        base();
    }
    assert_eq!(
        named,
        [
            "master",
            "main",
            "main",
            "origin/master",
            "origin/main",
            "origin/main",
            "origin/trunk",
            "origin/main",
            "upstream/main",
        ]
    );
}

/// Commits a tree that git's own commands would not make.
fn tree(world: &World, lines: &[u8], name: &str) {
    let tree = String::from_utf8(world.feed(&["mktree", "-z"], lines).trim_ascii().to_vec()).unwrap();
    commit_tree(world, &tree, name);
}

fn commit_tree(world: &World, tree: &str, name: &str) {
    let made = world.git(&["commit-tree", tree, "-p", "main", "-m", name]);
    world.git(&["update-ref", &format!("refs/heads/{name}"), &made]);
}

#[test]
fn strange_paths() {
    let world = World::with(&[("a", "a")]);
    let blob = world.git(&["rev-parse", "HEAD:a"]);
    let mut lines = Vec::new();
    for name in [&b"a"[..], b"line\nbreak", b"caf\xe9", "caf\u{e9}".as_bytes(), b"quote\"back\\slash", b"-dash", b" "] {
        lines.extend_from_slice(format!("100644 blob {blob}\t").as_bytes());
        lines.extend_from_slice(name);
        lines.push(0);
    }
    tree(&world, &lines, "change");
    let (repo, ours) = world.compare("main", "change");
    assert_eq!(
        deltas(&ours),
        ["+  ", "+ -dash", "+ caf\u{e9}", "+ caf\u{fffd}", "+ line\nbreak", "+ quote\"back\\slash"]
    );
    for delta in &ours.deltas {
        let file = repo.load(&delta.path, delta.proposed.as_ref().unwrap()).unwrap();
        assert_eq!((file.bytes.as_slice(), &file.path), (&b"a"[..], &delta.path));
    }
    assert_eq!(repo.case_collisions(&ours, &|_| true).unwrap(), []);
}

#[test]
fn paths_that_differ_only_in_case() {
    let world = World::with(&[
        ("flags/a.yaml", "a"),
        ("flags/gone.yaml", "g"),
        ("Docs/x", "x"),
        ("file", "f"),
        ("old/deep/y", "y"),
    ]);
    let none: &[(&str, &str)] = &[];
    for (added, removed, expected) in [
        (&["flags/A.yaml"][..], &[][..], &[("flags/A.yaml", "flags/a.yaml")][..]),
        (&["Flags/a.yaml"], &[], &[("Flags/a.yaml", "flags/a.yaml")]),
        // A new file in a folder that is there in other letters.
        (&["Flags/b.yaml"], &[], &[("Flags/b.yaml", "-> flags/b.yaml")]),
        (&["flags/B.yaml", "flags/b.yaml"], &[], &[("flags/B.yaml", "flags/b.yaml"), ("flags/b.yaml", "flags/B.yaml")]),
        (&["flags/A.yaml"], &["flags/a.yaml"], none),
        (&["flags/Gone.yaml"], &["flags/gone.yaml"], none),
        (
            &["flags/\u{c4}.yaml", "flags/\u{e4}.yaml"],
            &[],
            &[("flags/\u{c4}.yaml", "flags/\u{e4}.yaml"), ("flags/\u{e4}.yaml", "flags/\u{c4}.yaml")],
        ),
        // A file where the other has a folder hides it just as well.
        (&["docs"], &[], &[("docs", "Docs")]),
        (&["File/in"], &[], &[("File/in", "file")]),
        (&["Old"], &["old/deep/y"], none),
        (&["old/Deep/z"], &[], &[("old/Deep/z", "-> old/deep/z")]),
        (
            &["new/one", "New/two", "nEW/One"],
            &[],
            &[
                ("New/two", "-> nEW/two"),
                ("New/two", "-> new/two"),
                ("nEW/One", "-> New/One"),
                ("nEW/One", "new/one"),
                ("new/one", "-> New/one"),
                ("new/one", "nEW/One"),
            ],
        ),
    ] {
        world.git(&["switch", "-qC", "change", "main"]);
        for path in removed {
            world.git(&["rm", "-q", path]);
        }
        world.commit(&added.iter().map(|path| (*path, "added")).collect::<Vec<_>>());
        let (repo, ours) = world.compare("main", "change");
        let found = repo.case_collisions(&ours, &|_| true).unwrap();
        let name = |one: &Collision| if one.there { one.other.clone() } else { format!("-> {}", one.other) };
        let found: Vec<_> = found.iter().map(|one| (one.path.clone(), name(one))).collect();
        let found: Vec<_> = found.iter().map(|(path, other)| (path.as_str(), other.as_str())).collect();
        assert_eq!(found, expected, "{added:?} {removed:?}");
    }
}

/// Trees in which one reader finds something another doesn't.
#[test]
fn trees_that_are_malformed() {
    let world = World::with(&[("a", "a")]);
    let blob = world.git(&["rev-parse", "HEAD:a"]);
    let raw = |id: &str| -> Vec<u8> {
        (0..id.len()).step_by(2).map(|at| u8::from_str_radix(&id[at..at + 2], 16).unwrap()).collect()
    };
    let folder = world.git(&["rev-parse", "HEAD^{tree}"]);
    let line = |mode: &str, name: &str| {
        let id = if mode == "40000" { &folder } else { &blob };
        [format!("{mode} {name}\0").as_bytes(), &raw(id)].concat()
    };
    let file = |name| line("100644", name);
    for (name, bytes) in [
        ("twice", [file("b"), file("b")].concat()),
        ("file-and-folder", [file("b"), file("b.c"), line("40000", "b")].concat()),
        ("out-of-order", [file("c"), file("b")].concat()),
        ("up", file("..")),
        ("dot", file(".")),
        ("git", file(".GIT")),
        ("slash", file("b/c")),
        ("nameless", file("")),
        ("cut", file("b")[..20].to_vec()),
    ] {
        // Against a tree that is whole, and against one that is malformed just so and differs in nothing but an id.
        let mut counterpart = bytes.clone();
        if let Some(last) = counterpart.last_mut() {
            *last ^= 1;
        }
        for (tree, name) in [(bytes, name.to_owned()), (counterpart, format!("{name}-counterpart"))] {
            let made = world.feed(&["hash-object", "-t", "tree", "--literally", "-w", "--stdin"], &tree);
            commit_tree(&world, String::from_utf8(made).unwrap().trim(), &name);
        }
        let counterpart = format!("{name}-counterpart");
        for (base, head) in [("main", name), (name, counterpart.as_str()), (counterpart.as_str(), name)] {
            let error = refused(&world, base, head);
            assert!(error.message.contains("is malformed"), "{base} {head}: {error}");
            assert!(!error.is_usage());
        }
    }
}

/// Trees as long as each other, of which one has other names, other modes or only other ids.
#[test]
fn trees_of_one_length() {
    let world = World::with(&[("a", "1"), ("b", "1"), ("c/d", "1"), ("c/e", "1")]);
    for (head, change, expected) in [
        ("ids", &[("a", "2"), ("c/e", "2")][..], &["a", "c/e"][..]),
        ("names", &[("x", "1"), ("c/x", "1")], &["a", "c/e", "c/x", "x"]),
        ("all", &[("a", "2"), ("b", "2"), ("c/d", "2"), ("c/e", "2")], &["a", "b", "c/d", "c/e"]),
    ] {
        world.git(&["switch", "-qC", head, "main"]);
        if head == "names" {
            world.git(&["rm", "-q", "a", "c/e"]);
        }
        world.commit(change);
        let (_, ours) = world.compare("main", head);
        let paths: Vec<&str> = ours.deltas.iter().map(|delta| delta.path.as_str()).collect();
        assert_eq!(paths, expected, "{head}");
    }
    world.git(&["switch", "-qC", "mode", "main"]);
    world.git(&["update-index", "--chmod=+x", "b"]);
    world.git(&["commit", "-qm", "mode"]);
    let (_, ours) = world.compare("main", "mode");
    assert_eq!(ours.deltas.iter().map(|delta| delta.path.as_str()).collect::<Vec<_>>(), ["b"]);
}

#[test]
fn more_files_than_an_interface_would_list() {
    let world = World::with(&[("kept", "k")]);
    world.git(&["switch", "-qc", "change"]);
    let names: Vec<String> = (0..3600).map(|n| format!("flags/{:02}/{n:04}.yaml", n % 60)).collect();
    let mut stream = format!(
        "commit refs/heads/change\ncommitter jo <jo@example.com> 1700000000 +0000\ndata 0\nfrom {}\n",
        world.git(&["rev-parse", "HEAD"])
    );
    for name in &names {
        stream += &format!("M 100644 inline {name}\ndata {}\n{name}\n", name.len());
    }
    world.feed(&["fast-import", "--quiet"], stream.as_bytes());
    let (repo, ours) = world.compare("main", "change");
    let mut sorted = names.clone();
    sorted.sort();
    assert_eq!(ours.deltas.iter().map(|delta| delta.path.as_str()).collect::<Vec<_>>(), sorted);
    let wanted: Vec<_> =
        ours.deltas.iter().map(|delta| (delta.path.clone(), delta.proposed.clone().unwrap())).collect();
    let texts = repo.load_many(&wanted, |_, file| Some((file.path, String::from_utf8(file.bytes).unwrap()))).unwrap();
    assert_eq!(texts, sorted.into_iter().map(|name| (name.clone(), name)).collect::<Vec<_>>());
}
