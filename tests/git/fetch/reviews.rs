//! A review of what was fetched is the review of a clone, and little is fetched for it.

mod stories;
use stories::STORIES;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use countersign::git::inputs::{Under, examine};
use countersign::git::{MergeMethod, Repo, TreeSide};

use super::server::{Spy, compare, fetch, filters, id, remote};
use crate::world::World;

const KILL: &str = "flags/checkout/payments-kill-switch.yaml";
const TAX: &str = "flags/checkout/tax-engine.yaml";

/// The shop of the examples, and as much again that is nobody's business.
fn shop() -> World {
    let world = World::empty();
    copy(&Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/shop"), &world.root);
    let docs: Vec<(String, String)> = (0..40).map(|n| (format!("docs/{n}.md"), format!("page {n}\n"))).collect();
    world.write(&docs.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect::<Vec<_>>());
    world.commit(&[]);
    world.git(&["branch", "change"]);
    filters(&world, true);
    world
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let at = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &at)
        } else {
            fs::copy(entry.path(), at).map(drop).unwrap()
        }
    }
}

fn edit(world: &World, path: &str, from: &str, to: &str) {
    let text = fs::read_to_string(world.root.join(path)).unwrap();
    assert!(text.contains(from), "{path}");
    world.commit(&[(path, &text.replace(from, to))]);
}

fn report(repo: &Repo, world: &World, base: &str, head: &str) -> (MergeMethod, serde_json::Value) {
    let comparison = compare(repo, &world.root, base, head);
    let examination = examine(repo, &comparison, Under::Both, None).unwrap().expect("there is a valid policy");
    (comparison.way, serde_json::to_value(examination.conclude(None, &[])).unwrap())
}

/// The commits on the base and in the proposal, and the depth that they take.
struct Story {
    name: &'static str,
    tell: fn(&World),
    way: MergeMethod,
    /// How often something is fetched: the commits, what a merge looks into, the policy, the files that differ, a
    /// search.
    fetches: usize,
    /// How many blobs are there then, of those 40 and more that nobody needs: the policy, and what is named here.
    blobs: usize,
}

fn on(world: &World, branch: &str) {
    world.git(&["switch", "-q", branch]);
}

/// Everything a search for a key reads: the files of its project.
const MANAGED: usize = 9;

#[test]
fn the_report_is_that_of_a_clone() {
    let mut wrong = Vec::new();
    for filtering in [true, false] {
        for story in STORIES {
            let world = shop();
            filters(&world, filtering);
            (story.tell)(&world);
            let spy = Spy::new();
            let fetched = fetch(&world.root, &spy, "main", "change").unwrap();
            let (way, ours) = report(&fetched, &world, "main", "change");
            let (_, clone) = report(&world.repo(), &world, "main", "change");
            assert_eq!(ours, clone, "{}", story.name);
            assert_eq!(way, story.way, "{}", story.name);
            if filtering {
                let (found, expected) = ((spy.fetches(), spy.blobs().len()), (story.fetches, story.blobs));
                if found != expected {
                    wrong.push(format!("{}: {found:?}, expected {expected:?}", story.name));
                }
            } else {
                assert_eq!(spy.fetches(), 1, "{}", story.name);
            }
            assert!(fetched.workdir().is_none());
        }
    }
    assert!(wrong.is_empty(), "fetches and blobs:\n{}", wrong.join("\n"));
}

/// The criss-cross turns the switch on again, as the merge would.
#[test]
fn a_criss_cross_history_is_seen_through() {
    let world = shop();
    let story = STORIES.iter().find(|story| story.name == "criss-cross").unwrap();
    (story.tell)(&world);
    let spy = Spy::new();
    let fetched = fetch(&world.root, &spy, "main", "change").unwrap();
    let comparison = compare(&fetched, &world.root, "main", "change");
    let paths: Vec<&str> = comparison.deltas.iter().map(|delta| delta.path.as_str()).collect();
    assert_eq!(paths, ["docs/readme", KILL]);
}

/// A remark is not worth a round trip.
#[test]
fn what_was_before_is_not_fetched() {
    let world = shop();
    edit(&world, KILL, "state: active", "state: inactive");
    edit(&world, KILL, "state: inactive", "state: active # again");
    let old = id(&world.root, &format!("HEAD~1:{KILL}"));
    world.git(&["branch", "-f", "change"]);
    on(&world, "change");
    edit(&world, KILL, "rolloutPercentage: 100", "rolloutPercentage: 10");
    let spy = Spy::new();
    let fetched = fetch(&world.root, &spy, "main", "change").unwrap();
    let (_, ours) = report(&fetched, &world, "main", "change");
    assert_eq!(ours["flags"].as_array().unwrap().len(), 1);
    assert_eq!(spy.fetches(), 3);
    assert!(!spy.blobs().contains(&old));
}

/// Of thousands of files three changed: what comes is those, before and after, and the policy.
#[test]
fn thousands_of_files() {
    let world = shop();
    let text = fs::read_to_string(world.root.join(KILL)).unwrap();
    for n in 0..3000 {
        let path = world.root.join(format!("flags/growth/g{n}.yaml"));
        fs::write(path, text.replace("payments-kill-switch", &format!("g{n}"))).unwrap();
    }
    world.commit(&[]);
    world.git(&["branch", "-f", "change"]);
    on(&world, "change");
    let paths = ["flags/growth/g7.yaml", "flags/growth/g77.yaml", "flags/growth/g777.yaml"];
    for path in paths {
        edit(&world, path, "rolloutPercentage: 100", "rolloutPercentage: 10");
    }
    let spy = Spy::new();
    let fetched = fetch(&world.root, &spy, "main", "change").unwrap();
    let (_, ours) = report(&fetched, &world, "main", "change");
    assert_eq!(ours["flags"].as_array().unwrap().len(), 3);
    let sides = ["main", "change"];
    let policy =
        [".countersign/config.yaml", ".countersign/APPROVERS"].map(|path| id(&world.root, &format!("main:{path}")));
    let files = paths.iter().flat_map(|path| sides.map(|side| id(&world.root, &format!("{side}:{path}"))));
    assert_eq!(spy.blobs(), files.chain(policy).collect::<BTreeSet<String>>());
}

/// Commits on `main` that change nothing.
fn steps(world: &World, count: usize) {
    let step = |n: usize| format!("commit refs/heads/main\ncommitter jo <jo@example.com> {n} +0000\ndata 0\n");
    let rest: String = (1..count).map(|n| step(1_800_000_000 + n)).collect();
    if count > 0 {
        let all = format!("{}from refs/heads/main^0\n{rest}", step(1_800_000_000));
        world.feed(&["fast-import", "--quiet"], all.as_bytes());
    }
}

/// History is fetched until it is enough, and no further.
#[test]
fn as_deep_as_needed() {
    let table = [(0, 1, "--depth=20"), (25, 2, "--depth=40"), (100, 4, "--depth=160")];
    for (behind, fetches, last) in table {
        let world = shop();
        edit(&world, KILL, "rolloutPercentage: 100", "rolloutPercentage: 90");
        steps(&world, 400 - behind);
        world.git(&["branch", "-f", "change"]);
        steps(&world, behind);
        on(&world, "change");
        edit(&world, KILL, "state: active", "state: inactive");
        let spy = Spy::new();
        let fetched = fetch(&world.root, &spy, "main", "change").unwrap();
        assert_eq!(spy.fetches(), fetches, "{behind} behind");
        assert!(spy.calls().last().unwrap().contains(last), "{behind} behind");
        assert!(spy.folder().join("shallow").exists(), "not all of it");
        let (way, ours) = report(&fetched, &world, "main", "change");
        assert_eq!(ours, report(&world.repo(), &world, "main", "change").1, "{behind} behind");
        assert_eq!(way, if behind == 0 { MergeMethod::Direct } else { MergeMethod::ByName });
        // A caller who knows how much it takes says so.
        let spy = Spy::new();
        Repo::fetch(&remote(&world.root, &spy), &id(&world.root, "main"), &[id(&world.root, "change")], behind + 10)
            .unwrap();
        assert_eq!(spy.fetches(), 1, "{behind} behind");
    }
}

/// A real merge knows as well where history ends.
#[test]
fn a_real_merge_in_a_shallow_history() {
    let world = shop();
    steps(&world, 100);
    world.git(&["branch", "-f", "change"]);
    let story = STORIES.iter().find(|story| story.name == "both sides, one file").unwrap();
    (story.tell)(&world);
    let spy = Spy::new();
    let fetched = fetch(&world.root, &spy, "main", "change").unwrap();
    assert!(spy.folder().join("shallow").exists(), "not all of it");
    let (way, ours) = report(&fetched, &world, "main", "change");
    assert_eq!((way, ours), (MergeMethod::Merged, report(&world.repo(), &world, "main", "change").1));
}

/// A commit that the server has not got either is an error, and more depth than there is none.
#[test]
fn a_server_that_is_shallow_itself() {
    let world = shop();
    steps(&world, 100);
    on(&world, "change");
    edit(&world, KILL, "state: active", "state: inactive");
    let server = world.path("server");
    let url = format!("file://{}", world.root.display());
    world.git(&["clone", "-q", "--bare", "--depth=3", "--no-single-branch", &url, server.to_str().unwrap()]);
    let spy = Spy::new();
    let error = fetch(&server, &spy, "main", "change").err().unwrap();
    assert!(error.message.contains("ends before what is judged meets"), "{error}");
    assert!(spy.calls().last().unwrap().contains(" --unshallow "));
    let whole = Repo::fetch(&remote(&world.root, &spy), &id(&world.root, "main"), &[], 1_000_000).unwrap();
    assert!(whole.has(&[id(&world.root, "main~100")]));
}

#[test]
fn object_ids_of_the_longer_kind() {
    let world = World::made(&["init", "-q", "-b", "main", "--object-format=sha256"]);
    world.commit(&[("a", "1\n2\n3\n4\n5\n"), ("b", "b")]);
    world.git(&["switch", "-qc", "change"]);
    world.commit(&[("a", "1\n2\n3\n4\nfive\n")]);
    on(&world, "main");
    world.commit(&[("a", "one\n2\n3\n4\n5\n")]);
    filters(&world, true);
    let spy = Spy::new();
    let fetched = fetch(&world.root, &spy, "main", "change").unwrap();
    let comparison = compare(&fetched, &world.root, "main", "change");
    let proposed = fetched.read(&comparison, TreeSide::Proposed, "a").unwrap().unwrap();
    assert_eq!(proposed.bytes, b"one\n2\n3\n4\nfive\n");
}

/// Several proposals for one base come in one go.
#[test]
fn several_heads() {
    let world = shop();
    let heads = ["one", "two"].map(|name| {
        world.git(&["switch", "-qc", name, "main"]);
        edit(&world, KILL, "rolloutPercentage: 100", &format!("rolloutPercentage: 10 # {name}"));
        id(&world.root, name)
    });
    let spy = Spy::new();
    let fetched = Repo::fetch(&remote(&world.root, &spy), &id(&world.root, "main"), &heads, 0).unwrap();
    assert_eq!(spy.fetches(), 1);
    assert!(fetched.has(&heads) && !fetched.has(&["1".repeat(40)]) && !fetched.has(&["main".to_owned()]));
    for name in ["one", "two"] {
        assert_eq!(report(&fetched, &world, "main", name).1, report(&world.repo(), &world, "main", name).1);
    }
}

/// A clone that has everything is used, any other is left alone.
#[test]
fn a_clone_nearby() {
    let world = shop();
    for _ in 0..30 {
        world.git(&["commit", "-q", "--allow-empty", "-m", "step"]);
    }
    on(&world, "change");
    edit(&world, KILL, "state: active", "state: inactive");
    let url = format!("file://{}", world.root.display());
    let clone = |name: &str, how: &[&str]| {
        let at = world.path(name);
        world.git(&[&["clone", "-q", "--no-checkout"], how, &[url.as_str(), at.to_str().unwrap()]].concat());
        at
    };
    let full = clone("full", &[]);
    let shallow = clone("shallow", &["--depth=3", "--no-single-branch"]);
    let main_only = clone("main-only", &["--single-branch", "--branch=main"]);
    let partial = clone("partial", &["--filter=blob:none"]);
    let (main, change) = (id(&world.root, "main"), id(&world.root, "change"));
    let table = [
        (Some(&full), true),
        (Some(&shallow), false),
        (Some(&main_only), false),
        (Some(&partial), false),
        (Some(&world.path("no-such-folder")), false),
        (None, false),
    ];
    for (near, used) in table {
        let spy = Spy::new();
        let near = near.map(std::path::PathBuf::as_path);
        let repo =
            Repo::near_or_fetched(near, &remote(&world.root, &spy), &main, std::slice::from_ref(&change), 0).unwrap();
        assert_eq!(repo.workdir().is_some(), used, "{near:?}");
        assert_eq!(spy.fetches() == 0, used, "{near:?}");
        assert_eq!(report(&repo, &world, "main", "change").1, report(&world.repo(), &world, "main", "change").1);
    }
    let open = Repo::open(&full).unwrap();
    assert!(open.serves(&main, &change).unwrap());
    assert!(!open.serves(&main, &"1".repeat(40)).unwrap());
    assert!(open.serves("main", &change).unwrap_err().is_usage());
}
