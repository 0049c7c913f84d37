//! Authors whose commits count as a hand in what is judged.

use std::collections::BTreeSet;

use countersign::git::{Commit, Repo};

use super::server::{Spy, fetch, filters, id};
use crate::world::World;

/// Commits, as `name: path=text …`; a path without a string is deleted.
fn step(world: &World, name: &str, files: &[(&str, &str)]) {
    world.commit(files);
    world.git(&["commit", "-q", "--amend", "--allow-empty", "-m", name]);
}

fn on(world: &World, branch: &str) {
    world.git(&["switch", "-q", branch]);
}

/// Merges, and leaves what the merge makes to be changed before it is committed.
fn merge(world: &World, name: &str, how: &[&str], files: &[(&str, &str)]) {
    let merging = [&["merge", "-q", "--no-ff", "--no-commit"], how].concat();
    world.try_git(&merging);
    step_of_merge(world, name, files);
}

fn step_of_merge(world: &World, name: &str, files: &[(&str, &str)]) {
    world.write(files);
    world.git(&["add", "-A"]);
    world.git(&["commit", "-q", "--allow-empty", "-m", name]);
}

const LINES: &str = "1\n2\n3\n4\n5\n6\n7\n8\n9\n";

/// The commits on the branch, or on both, and the names of the commits that touch flags.
type Row = (&'static str, fn(&World), &'static [&'static str]);

const TABLE: &[Row] = &[
    ("nothing", |_| {}, &[]),
    (
        "plain commits, one of them a suggestion on the docs",
        |world| {
            step(world, "flag", &[("flags/a", "x")]);
            step(world, "docs", &[("docs/a", "docs"), ("docs/a.md", "docs"), ("src/main.rs", "code")]);
            step(world, "both", &[("docs/a", "y"), ("flags/b", "y")]);
            step(world, "empty", &[]);
        },
        &["both", "flag"],
    ),
    (
        "there and back again is a hand in it",
        |world| {
            step(world, "there", &[("flags/a", "x")]);
            step(world, "back", &[("flags/a", LINES)]);
        },
        &["back", "there"],
    ),
    (
        "the base is merged in cleanly",
        |world| {
            step(world, "mine", &[("docs/a", "x")]);
            on(world, "main");
            step(world, "theirs", &[("flags/b", "theirs")]);
            on(world, "change");
            merge(world, "clean", &["main"], &[]);
        },
        &[],
    ),
    (
        "the base is merged in cleanly, in the same file",
        |world| {
            step(world, "mine", &[("flags/a", &LINES.replace('1', "one"))]);
            on(world, "main");
            step(world, "theirs", &[("flags/a", &LINES.replace('9', "nine"))]);
            on(world, "change");
            merge(world, "clean", &["main"], &[]);
        },
        &["mine"],
    ),
    (
        "the base is merged in and has moved on since",
        |world| {
            step(world, "mine", &[("flags/a", &LINES.replace('1', "one"))]);
            on(world, "main");
            step(world, "theirs", &[("flags/a", &LINES.replace('9', "nine"))]);
            on(world, "change");
            merge(world, "clean", &["main"], &[]);
            on(world, "main");
            step(world, "later", &[("flags/b", "later")]);
            on(world, "change");
        },
        &["mine"],
    ),
    (
        "a merge that was not needed",
        |world| {
            on(world, "main");
            step(world, "theirs", &[("flags/b", "theirs")]);
            on(world, "change");
            merge(world, "clean", &["main"], &[]);
        },
        &[],
    ),
    (
        "a merge that was not needed, with something added",
        |world| {
            on(world, "main");
            step(world, "theirs", &[("flags/b", "theirs")]);
            on(world, "change");
            merge(world, "evil", &["main"], &[("flags/b", "mine")]);
        },
        &["evil"],
    ),
    (
        "an evil merge",
        |world| {
            step(world, "mine", &[("docs/a", "x")]);
            on(world, "main");
            step(world, "theirs", &[("docs/b", "theirs")]);
            on(world, "change");
            merge(world, "evil", &["main"], &[("flags/a", "evil")]);
        },
        &["evil"],
    ),
    (
        "an evil merge of the docs",
        |world| {
            step(world, "mine", &[("docs/a", "x")]);
            on(world, "main");
            step(world, "theirs", &[("flags/b", "theirs")]);
            on(world, "change");
            merge(world, "evil", &["main"], &[("docs/a", "evil")]);
        },
        &[],
    ),
    (
        "theirs is dropped",
        |world| {
            step(world, "mine", &[("docs/a", "x")]);
            on(world, "main");
            step(world, "theirs", &[("flags/b", "theirs")]);
            on(world, "change");
            merge(world, "ours", &["-s", "ours", "main"], &[]);
        },
        &["ours"],
    ),
    (
        "a conflict of the flags is resolved",
        |world| {
            step(world, "mine", &[("flags/a", "mine")]);
            on(world, "main");
            step(world, "theirs", &[("flags/a", "theirs")]);
            on(world, "change");
            merge(world, "resolved", &["main"], &[("flags/a", "mine")]);
        },
        &["resolved", "mine"],
    ),
    (
        "a conflict of the docs is resolved",
        |world| {
            step(world, "mine", &[("docs/a", "mine")]);
            on(world, "main");
            step(world, "theirs", &[("docs/a", "theirs"), ("flags/b", "theirs")]);
            on(world, "change");
            merge(world, "resolved", &["main"], &[("docs/a", "mine")]);
        },
        &[],
    ),
    (
        "a rename there is followed here",
        |world| {
            step(world, "mine", &[("flags/a", &LINES.replace('1', "one"))]);
            on(world, "main");
            world.git(&["mv", "flags/a", "flags/z"]);
            step(world, "theirs", &[]);
            on(world, "change");
            merge(world, "clean", &["main"], &[]);
        },
        &["mine"],
    ),
    (
        "an octopus",
        |world| {
            on(world, "main");
            for (branch, path) in [("one", "docs/one"), ("two", "flags/two")] {
                world.git(&["switch", "-qc", branch, "main"]);
                step(world, branch, &[(path, path)]);
            }
            on(world, "change");
            step(world, "mine", &[("docs/mine", "x")]);
            world.git(&["merge", "-q", "-m", "octopus", "one", "two"]);
        },
        &["octopus", "two"],
    ),
    (
        "an octopus of the docs",
        |world| {
            for branch in ["one", "two"] {
                world.git(&["switch", "-qc", branch, "main"]);
                step(world, branch, &[(&format!("docs/{branch}"), "x")]);
            }
            on(world, "change");
            step(world, "mine", &[("docs/mine", "x")]);
            world.git(&["merge", "-q", "-m", "octopus", "one", "two"]);
        },
        &[],
    ),
    (
        "a flag is moved out, deleted, or made executable",
        |world| {
            world.git(&["mv", "flags/a", "docs/moved"]);
            step(world, "moved", &[]);
            world.git(&["rm", "-q", "flags/b"]);
            step(world, "deleted", &[]);
            world.git(&["mv", "docs/moved", "docs/again"]);
            step(world, "docs", &[]);
            world.git(&["update-index", "--chmod=+x", "flags/c"]);
            world.git(&["commit", "-qm", "mode"]);
        },
        &["mode", "deleted", "moved"],
    ),
    (
        "the folder of the flags becomes a link",
        |world| {
            world.git(&["mv", "flags", "elsewhere"]);
            std::os::unix::fs::symlink("elsewhere", world.root.join("flags")).unwrap();
            step(world, "link", &[]);
            step(world, "behind it", &[("elsewhere/a", "x")]);
        },
        &["link"],
    ),
    (
        "a history of its own is merged in",
        |world| {
            world.git(&["switch", "-q", "--orphan", "other"]);
            step(world, "root", &[("flags/other", "x")]);
            world.git(&["switch", "-q", "--orphan", "docs"]);
            step(world, "root of docs", &[("docs/other", "x")]);
            on(world, "change");
            world.git(&["merge", "-q", "--allow-unrelated-histories", "-m", "joined", "other"]);
        },
        &["joined", "root"],
    ),
    (
        "a merge of two branches of the branch",
        |world| {
            world.git(&["switch", "-qc", "side"]);
            step(world, "side", &[("flags/b", "side")]);
            on(world, "change");
            step(world, "mine", &[("flags/c", "mine")]);
            merge(world, "clean", &["side"], &[]);
        },
        &["mine", "side"],
    ),
    (
        "a draft is moved, and edited on the way",
        |world| {
            step(world, "draft", &[("drafts/a.txt", LINES), ("drafts/b.txt", "b\nb\n")]);
            step(world, "more", &[("drafts/a.txt", "1\n2\n")]);
            step(world, "docs", &[("docs/a", "x")]);
            world.git(&["mv", "drafts/a.txt", "flags/new"]);
            step(world, "moved", &[("flags/new", "1\n3\n")]);
        },
        &["moved", "more", "draft"],
    ),
    (
        "a draft is renamed twice",
        |world| {
            step(world, "draft", &[("drafts/a.txt", LINES)]);
            world.git(&["mv", "drafts/a.txt", "drafts/b.txt"]);
            step(world, "first", &[("drafts/b.txt", "1\n")]);
            world.git(&["mv", "drafts/b.txt", "flags/new"]);
            step(world, "second", &[("flags/new", "2\n")]);
        },
        &["second", "first", "draft"],
    ),
    (
        "a draft is copied",
        |world| {
            step(world, "draft", &[("drafts/a", "content\n"), ("drafts/none", "")]);
            step(world, "nothing", &[("docs/none", "")]);
            step(world, "copied", &[("flags/new", "content\n"), ("flags/none", "")]);
        },
        &["copied", "draft"],
    ),
    (
        "a draft is split, and part of another is taken",
        |world| {
            step(world, "draft", &[("drafts/a.yaml", "rolloutPercentage: 20\nbucketingSalt: abcdefgh\n")]);
            step(world, "other", &[("drafts/b.JSON", "{\"bucketingSalt\": \"abcdefgh\"}")]);
            step(world, "split", &[("flags/x", "rolloutPercentage: 20\n"), ("flags/y", "bucketingSalt: abcdefgh\n")]);
        },
        &["split", "other", "draft"],
    ),
    (
        "a draft has the key of the flag, in whatever spelling",
        |world| {
            step(world, "draft", &[("drafts/a.yaml", "{\"\\u0062uy\": {}}")]);
            step(world, "named", &[("flags/x", "key: buy\n")]);
        },
        &["named", "draft"],
    ),
    (
        "files of YAML and JSON that have nothing to do with it",
        |world| {
            step(
                world,
                "workflow",
                &[(".github/workflows/x.yml", "on: push\njobs: {test: {runs-on: ubuntu-latest}}\n")],
            );
            step(world, "package", &[("package.json", "{\"name\": \"shop\", \"version\": \"1.2.3\"}")]);
            step(world, "namesake", &[("old.yaml", "key: buy\n")]);
            step(world, "mine", &[("flags/x", "key: buy\nrolloutPercentage: 20\n")]);
            world.git(&["rm", "-q", "package.json"]);
            step(world, "removed", &[]);
        },
        &["namesake", "mine"],
    ),
    (
        "a draft that cannot be read, and one that is a link",
        |world| {
            std::fs::write(world.root.join("drafts.yaml"), b"\xff\xfe").unwrap();
            step(world, "bytes", &[]);
            std::os::unix::fs::symlink("elsewhere", world.root.join("link.yaml")).unwrap();
            step(world, "link", &[]);
            step(world, "mine", &[("flags/x", "key: buy\n")]);
        },
        &["bytes", "link", "mine"],
    ),
    (
        "drafts of which nothing comes under a managed path",
        |world| step(world, "draft", &[("drafts/a.yaml", LINES)]),
        &[],
    ),
];

fn start() -> World {
    let world = World::with(&[("flags/a", LINES), ("flags/b", "b\n"), ("flags/c", "c\n"), ("docs/a", "a\n")]);
    world.git(&["branch", "change"]);
    on(&world, "change");
    filters(&world, true);
    world
}

/// The first lines of the messages of the commits that count.
fn contributions(repo: &Repo, world: &World) -> Vec<String> {
    let commit = |name: &str| Commit { name: name.to_owned(), oid: id(&world.root, name) };
    let managed = |path: &str| path == "flags" || path.starts_with("flags/");
    let keys = BTreeSet::from(["buy".to_owned()]);
    let found = repo.contributions(&commit("main"), &commit("change"), &managed, &keys).unwrap();
    found.iter().map(|id| world.git(&["show", "-s", "--format=%s", id])).collect()
}

#[test]
fn contributors_by_commit() {
    for (name, tell, expected) in TABLE {
        let world = start();
        tell(&world);
        let sorted = |mut names: Vec<String>| {
            names.sort();
            names
        };
        let expected = sorted(expected.iter().map(|name| (*name).to_owned()).collect());
        assert_eq!(sorted(contributions(&world.repo(), &world)), expected, "{name}");
        let spy = Spy::new();
        let fetched = fetch(&world.root, &spy, "main", "change").unwrap();
        assert_eq!(sorted(contributions(&fetched, &world)), expected, "{name}, fetched");
    }
}

/// The base contains the proposal, or the proposal is where the base started from.
#[test]
fn nothing_is_proposed() {
    let world = start();
    step(&world, "mine", &[("flags/a", "x")]);
    on(&world, "main");
    world.git(&["merge", "-q", "--no-ff", "-m", "merged", "change"]);
    assert_eq!(contributions(&world.repo(), &world), Vec::<String>::new());
}

/// A line of the proposal's that is cut off may have anything in it, even where the comparison itself is sure.
#[test]
fn a_history_that_is_cut_off() {
    let world = start();
    for n in 0..50 {
        step(&world, &format!("old {n}"), &[("flags/a", &n.to_string())]);
    }
    world.git(&["branch", "long"]);
    world.git(&["switch", "-q", "-C", "change", "main"]);
    step(&world, "mine", &[("docs/a", "x")]);
    merge(&world, "clean", &["long"], &[]);
    let shallow = world.path("shallow");
    let url = format!("file://{}", world.root.display());
    world.git(&["clone", "-q", "--depth=5", "--no-single-branch", &url, shallow.to_str().unwrap()]);
    let commit = |name: &str| Commit { name: name.to_owned(), oid: id(&world.root, name) };
    let clone = Repo::open(&shallow).unwrap();
    let error = clone.contributions(&commit("main"), &commit("change"), &|_| true, &BTreeSet::new()).unwrap_err();
    assert!(error.message.starts_with("the history of the proposal is cut off"), "{error}");
    assert!(!clone.serves(&id(&world.root, "main"), &id(&world.root, "change")).unwrap());
    let spy = Spy::new();
    let fetched = fetch(&world.root, &spy, "main", "change").unwrap();
    assert_eq!(contributions(&fetched, &world).len(), 50);
}

/// An old commit of the base's, merged again, is near the head and far from the tip of the base: what a shallow
/// history shows of it must not be taken for the proposal's.
#[test]
fn what_is_the_bases_is_not_the_proposals() {
    for parents in [&["-p", "old"][..], &["-p", "old", "-p", "main~1"]] {
        let world = start();
        on(&world, "main");
        step(&world, "old", &[("flags/b", "old")]);
        world.git(&["branch", "old"]);
        for n in 0..40 {
            step(&world, &format!("main {n}"), &[("docs/b", &n.to_string())]);
        }
        world.git(&["switch", "-q", "-C", "change", "main"]);
        step(&world, "mine", &[("docs/a", "x")]);
        let merged =
            world.git(&[&["commit-tree", "-m", "again", "-p", "change"], parents, &["change^{tree}"]].concat());
        world.git(&["reset", "-q", "--hard", &merged]);
        let whole = contributions(&world.repo(), &world);
        let spy = Spy::new();
        let fetched = fetch(&world.root, &spy, "main", "change").unwrap();
        assert_eq!(contributions(&fetched, &world), whole);
        assert!(!whole.contains(&"old".to_owned()), "{whole:?}");
        assert_eq!(spy.fetches(), 3, "until the old commit is known to be the base's: {:?}", spy.calls());
    }
}
