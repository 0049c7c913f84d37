use std::collections::BTreeMap;

use countersign::git::{Comparison, Proposal, Repo, TreeSide};

use super::random::{Dice, Files, Stream, change, start, step};
use crate::world::{World, commit, side};

/// How many histories; more can be asked for with `REPO_CASES` when the walk itself is changed.
fn cases(usual: usize) -> usize {
    std::env::var("REPO_CASES").ok().and_then(|count| count.parse().ok()).unwrap_or(usual)
}

/// A tree, and whether there was no conflict. Nothing where git itself gives up: 2.47 stops at a failed assertion
/// in about one of two thousand of these histories.
type Merge = Option<(String, bool)>;

/// The answers of git for many merges.
fn by_git(world: &World, pairs: &[(String, String)]) -> Vec<Merge> {
    // By id, since names end up in conflict markers.
    let repo = world.repo();
    let pairs = pairs.iter().map(|(base, head)| [base, head].map(|name| commit(&repo, name).oid));
    let merge = |[base, head]: [String; 2]| {
        let ran = world.try_git(&["merge-tree", "--write-tree", "--no-messages", "-z", &base, &head]);
        let printed = String::from_utf8_lossy(&ran.stdout).into_owned();
        let tree = printed.split('\0').next().unwrap_or_default().to_owned();
        match ran.status.code() {
            Some(0) => Some((tree, true)),
            Some(1) => Some((tree, false)),
            _ => None,
        }
    };
    pairs.map(merge).collect()
}

/// The files of a tree; nothing if git left an entry without an object in it, as it does now and then in a conflict.
fn texts(git: &git2::Repository, tree: &str) -> Option<Files> {
    let mut whole = true;
    let tree = git.find_tree(git2::Oid::from_str(tree).unwrap()).unwrap();
    let mut files = Files::new();
    tree.walk(git2::TreeWalkMode::PreOrder, |folder, entry| {
        whole &= !entry.id().is_zero();
        if entry.kind() == Some(git2::ObjectType::Blob) && whole {
            let blob = git.find_blob(entry.id()).unwrap();
            files.insert(
                format!("{folder}{}", entry.name().unwrap()),
                String::from_utf8_lossy(blob.content()).into_owned(),
            );
        }
        git2::TreeWalkResult::Ok
    })
    .unwrap();
    Some(files).filter(|_| whole)
}

#[derive(Default, Debug)]
struct Seen {
    ways: BTreeMap<String, usize>,
    conflicts: usize,
    gave_up: usize,
    without_git: BTreeMap<&'static str, usize>,
}

fn check(case: &str, git: &git2::Repository, repo: &Repo, ours: &Comparison, theirs: &(String, bool), seen: &mut Seen) {
    *seen.ways.entry(format!("{:?}", ours.way)).or_default() += 1;
    let (tree, clean) = theirs;
    if *clean {
        assert!(ours.conflicts.is_empty(), "{case}: git merges it, we do not: {:?}", ours.conflicts);
    } else {
        assert!(!ours.conflicts.is_empty(), "{case}: git has a conflict and we do not ({:?})", ours.way);
        seen.conflicts += 1;
    }
    let Some(expected) = texts(git, tree) else {
        assert!(!*clean && ours.conflicts.iter().any(|conflict| conflict.message.contains("no result")), "{case}");
        return;
    };
    assert_eq!(side(repo, ours, TreeSide::Proposed), expected, "{case}");
    let live = side(repo, ours, TreeSide::Live);
    let differ: Vec<String> = live
        .iter()
        .filter(|(path, text)| expected.get(*path) != Some(text))
        .map(|(path, _)| path)
        .chain(expected.keys().filter(|path| !live.contains_key(*path)))
        .cloned()
        .collect::<std::collections::BTreeSet<_>>()
        .into_iter()
        .collect();
    let deltas: Vec<String> = ours.deltas.iter().map(|delta| delta.path.clone()).collect();
    assert_eq!(deltas, differ, "{case}");
}

/// Without a git command the result is that of git, or an error that asks for git.
fn check_without(
    case: &str,
    git: &git2::Repository,
    world: &World,
    (base, head): &(String, String),
    theirs: &Merge,
    seen: &mut Seen,
) {
    let repo = world.repo().with_command("/nonexistent/git");
    let proposal = Proposal::Commit(commit(&repo, head));
    let what = match repo.compare(&commit(&repo, base), &proposal) {
        Err(error) => {
            assert!(error.message.contains("git 2.38"), "{case}: {error}");
            "refused"
        }
        Ok(ours) => {
            let (tree, clean) = theirs.as_ref().unwrap();
            assert!(*clean && ours.conflicts.is_empty(), "{case}: {:?}", ours.conflicts);
            assert_eq!(Some(side(&repo, &ours, TreeSide::Proposed)), texts(git, tree), "{case}");
            "same"
        }
    };
    *seen.without_git.entry(what).or_default() += 1;
}

fn run(world: &World, pairs: &[(String, String)]) -> Seen {
    let git = git2::Repository::open(&world.root).unwrap();
    let theirs = by_git(world, pairs);
    let repo = world.repo();
    let mut seen = Seen::default();
    for (pair, theirs) in pairs.iter().zip(&theirs) {
        let case = format!("{} <- {} in {}", pair.0, pair.1, world.root.display());
        let proposal = Proposal::Commit(commit(&repo, &pair.1));
        let ours = repo.compare(&commit(&repo, &pair.0), &proposal);
        match theirs {
            Some(theirs) => {
                let ours = ours.unwrap_or_else(|error| panic!("{case}: {error}"));
                check(&case, &git, &repo, &ours, theirs, &mut seen);
            }
            None => {
                assert!(ours.unwrap_err().message.starts_with("git cannot merge "), "{case}");
                seen.gave_up += 1;
            }
        }
        check_without(&case, &git, world, pair, theirs, &mut seen);
    }
    seen
}

/// Name by name, and by a real merge where that isn't enough, the result is what git would merge: edits, additions,
/// removals, renamed files and folders on both sides, sometimes the same on both.
#[test]
fn the_result_is_gits_on_random_branches() {
    let world = World::empty();
    let mut stream = Stream::default();
    let mut pairs = Vec::new();
    for case in 0..cases(300) {
        let dice = &mut Dice(0x5eed_0000 + case as u64);
        let origin = start(dice);
        let (mut base, mut head) = (change(&origin, dice, 3), change(&origin, dice, 3));
        if dice.below(4) == 0 {
            let both = dice.below(usize::MAX) as u64;
            step(&mut base, &mut Dice(both));
            step(&mut head, &mut Dice(both));
        }
        let from = stream.commit(&format!("origin{case}"), 1, &origin, &[]);
        stream.commit(&format!("base{case}"), 2, &base, &[from]);
        stream.commit(&format!("head{case}"), 3, &head, &[from]);
        pairs.push((format!("base{case}"), format!("head{case}")));
    }
    world.feed(&["fast-import", "--quiet", "--date-format=raw"], stream.text.as_bytes());
    let seen = run(&world, &pairs);
    println!("{seen:?}");
    // A generator that stopped making one of these would prove nothing.
    for way in ["ByName", "Merged"] {
        assert!(seen.ways.get(way).is_some_and(|count| *count * 10 > pairs.len()), "{seen:?}");
    }
    assert!(seen.conflicts > 0 && seen.without_git.len() == 2, "{seen:?}");
}

/// The same over histories that merge back and forth, with dates that lie: the merge bases are git's too.
#[test]
fn the_result_is_gits_on_random_criss_cross_histories() {
    let world = World::empty();
    let mut stream = Stream::default();
    let mut pairs = Vec::new();
    for case in 0..cases(120) {
        let dice = &mut Dice(0xc1c5_0000 + case as u64);
        let mut commits: Vec<(usize, Files)> = Vec::new();
        let origin = start(dice);
        commits.push((stream.commit(&format!("c{case}-0"), dice.below(50), &origin, &[]), origin));
        let many = 4 + dice.below(6);
        for step in 1..many {
            let one = dice.below(commits.len());
            let mut parents = vec![commits[one].0];
            let mut files = change(&commits[one].1, dice, 1);
            let other = dice.below(commits.len());
            if other != one && dice.below(2) == 0 {
                parents.push(commits[other].0);
                for (path, text) in &commits[other].1 {
                    if !files.contains_key(path) && dice.below(2) == 0 {
                        let clash = files.keys().any(|known| {
                            known.starts_with(&format!("{path}/")) || path.starts_with(&format!("{known}/"))
                        });
                        if !clash {
                            files.insert(path.clone(), text.clone());
                        }
                    }
                }
            }
            commits.push((stream.commit(&format!("c{case}-{step}"), dice.below(50), &files, &parents), files));
        }
        for _ in 0..2 {
            pairs.push((format!("c{case}-{}", dice.below(many)), format!("c{case}-{}", dice.below(many))));
        }
    }
    world.feed(&["fast-import", "--quiet", "--date-format=raw"], stream.text.as_bytes());
    let seen = run(&world, &pairs);
    println!("{seen:?}");
    for way in ["ByName", "Merged", "Direct", "Contained"] {
        assert!(seen.ways.contains_key(way), "{seen:?}");
    }
}
