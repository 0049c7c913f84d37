//! Hostile shapes, each doubled until something refuses it or it is as large as what carries it: what that costs grows
//! at most as the shape does. It is counted, not timed: bytes allocated, and how many of them at once. The fuzz crate
//! counts the branches taken as well (`scripts/fuzz --count`), of the same rows.

mod commits;
mod documents;
#[path = "../support/files.rs"]
#[expect(dead_code, reason = "other tests need the rest of it")]
mod files;
mod flagd;
mod mapped;
mod sets;
mod trees;
mod world;

use std::path::PathBuf;

use countersign::report::Verdict;
use trees::TreeShape;
use world::{Shape, World};

/// Twice as much may cost so much more: sorting is more than linear, and what is small hides what grows.
const TWICE: f64 = 2.7;
/// The memory that any shape may take at once, a third of what a small runner has.
const MOST_BYTES: u64 = 300 << 20;
/// Where less was allocated, other things than the shape count.
const LEAST_BYTES: u64 = 1 << 20;

/// Runs one shape in sizes that double, and says where it costs too much.
fn grows<W>(name: &str, sizes: (usize, usize), make: impl Fn(usize) -> W, run: impl Fn(&W)) -> Vec<String> {
    let (mut size, most) = sizes;
    let mut wrong = Vec::new();
    let mut before: Option<u64> = None;
    while size <= most {
        let world = make(size);
        let counted = allocation_counter::measure(|| run(&world));
        if counted.bytes_max > MOST_BYTES {
            wrong.push(format!("{name} × {size}: {} bytes at once", counted.bytes_max));
        }
        #[expect(clippy::cast_precision_loss, reason = "a ratio of counts, to two digits")]
        let ratio = before.map_or(1.0, |before| counted.bytes_total as f64 / before as f64);
        if ratio > TWICE && counted.bytes_total > LEAST_BYTES {
            wrong.push(format!("{name} × {size}: {ratio:.1} times what half of it costs"));
        }
        before = Some(counted.bytes_total.max(LEAST_BYTES / 4));
        size *= 2;
    }
    wrong
}

/// Counted is what the thread of the test allocates, so it does all the work.
fn on_one_thread(run: impl FnOnce() -> Vec<String>) {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(1).use_current_thread().build();
    let wrong = match &pool {
        Ok(_) => run(),
        Err(error) => vec![error.to_string()],
    };
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The size in multiples of the smallest: larger ones take minutes where nothing is optimised.
const LARGEST: usize = 4;

fn files_grow(shapes: &[Shape]) {
    let run = |shape: &Shape| {
        let least = (shape.from / 2).max(1);
        let judge = |world: &World| {
            world.judge().unwrap();
        };
        grows(shape.name, (least, shape.to.min(least * LARGEST)), shape.of, judge)
    };
    on_one_thread(|| shapes.iter().flat_map(run).collect());
}

#[test]
fn documents_cost_what_they_hold() {
    files_grow(documents::SHAPES);
}

#[test]
fn files_of_flagd_cost_what_they_hold() {
    files_grow(flagd::SHAPES);
}

#[test]
fn files_of_mappings_cost_what_they_hold() {
    files_grow(mapped::SHAPES);
}

#[test]
fn sets_of_files_cost_what_they_hold() {
    files_grow(sets::SHAPES);
}

#[test]
fn commits_cost_what_they_hold() {
    let run = |shape: &commits::CommitShape| {
        let make = |size| {
            let folder = tempfile::tempdir().unwrap();
            (commits::make(folder.path(), shape, size), folder)
        };
        grows(shape.name, (shape.from, shape.from * LARGEST), make, |(keys, folder)| {
            commits::judge(folder.path(), keys);
        })
    };
    on_one_thread(|| commits::SHAPES.iter().flat_map(run).collect());
}

/// Each is refused in words, and nothing else happens.
#[test]
fn trees_cost_what_they_hold_and_are_refused() {
    let run = |shape: &TreeShape| {
        let make = |size| {
            let folder = tempfile::tempdir().unwrap();
            trees::make(folder.path(), shape, size);
            folder
        };
        let mut wrong = grows(shape.name, (shape.to / 4, shape.to), make, |folder| {
            trees::judge(folder.path()).unwrap();
        });
        let report = trees::judge(make(shape.to).path()).unwrap();
        if trees::refusal(&report).is_none() {
            wrong.push(format!("{} × {}: {:?}", shape.name, shape.to, report.verdict));
        }
        wrong
    };
    on_one_thread(|| trees::SHAPES.iter().flat_map(run).collect());
}

/// The commits of a shape are judged as the files are. With `HOSTILE`, as `scripts/hostile` has it, each is written
/// there in its full size instead, for the finished program to be run on.
#[test]
fn a_repository_of_it_is_judged_alike() {
    let kept = std::env::var_os("HOSTILE").map(PathBuf::from);
    let scratch = tempfile::tempdir().unwrap();
    let folder = kept.as_deref().unwrap_or(scratch.path());
    let at = |name: &str| {
        let plain = |c: char| if c.is_ascii_alphanumeric() { c } else { '-' };
        folder.join(name.chars().map(plain).collect::<String>())
    };
    let mut wrong = Vec::new();
    for shape in documents::SHAPES.iter().chain(flagd::SHAPES).chain(mapped::SHAPES).chain(sets::SHAPES) {
        let size = if kept.is_some() { shape.to } else { (shape.from / 2).max(1) };
        let world = (shape.of)(size);
        world.write(&at(shape.name));
        if kept.is_none() {
            let files = world.judge().unwrap();
            let git = trees::judge(&at(shape.name)).map_or(Verdict::Invalid, |report| report.verdict);
            if files != git {
                wrong.push(format!("{} × {size}: {files:?} as files, {git:?} in git", shape.name));
            }
        }
    }
    for shape in trees::SHAPES.iter().filter(|_| kept.is_some()) {
        trees::make(&at(shape.name), shape, shape.to);
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
