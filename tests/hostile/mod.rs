//! Hostile shapes, each in a size and in four times that: their cost grows at most as the shape does.
//!
//! It is counted, not timed: bytes allocated, and how many of them at once. The fuzz crate counts the branches taken as
//! well (`scripts/fuzz --count`), of the same rows.

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
use world::Shape;

/// Four times as much may cost so much more: sorting is more than linear, and what is small hides what grows.
const FOUR_TIMES: f64 = 7.3;
/// The memory that any shape may take at once, a third of what a small runner has.
const MOST_BYTES: u64 = 300 << 20;
/// Where less was allocated, other things than the shape count.
const LEAST_BYTES: u64 = 1 << 20;

/// Runs one shape in a size and in four times that, and says where it costs too much; and what came of the larger one.
fn grows<W, R>(name: &str, size: usize, make: impl Fn(usize) -> W, run: impl Fn(&W) -> R) -> (Vec<String>, R) {
    let mut wrong = Vec::new();
    let mut cost = |size: usize| {
        let (world, mut result) = (make(size), None);
        let counted = allocation_counter::measure(|| result = Some(run(&world)));
        if counted.bytes_max > MOST_BYTES {
            wrong.push(format!("{name} × {size}: {} bytes at once", counted.bytes_max));
        }
        (counted.bytes_total, result.unwrap())
    };
    let (before, _) = cost(size);
    let (after, result) = cost(4 * size);
    #[expect(clippy::cast_precision_loss, reason = "a ratio of counts, to two digits")]
    let ratio = after as f64 / before.max(LEAST_BYTES / 4) as f64;
    if ratio > FOUR_TIMES && after > LEAST_BYTES {
        wrong.push(format!("{name} × {}: {ratio:.1} times what a quarter of it costs", 4 * size));
    }
    (wrong, result)
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

/// From half of the smallest size on: larger ones take minutes where nothing is optimised.
fn files_grow(shapes: &[Shape]) {
    let run = |shape: &Shape| grows(shape.name, (shape.from / 2).max(1), shape.of, |world| world.judge().unwrap()).0;
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
        grows(shape.name, shape.from, make, |(keys, folder)| commits::judge(folder.path(), keys)).0
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
        let (mut wrong, report) = grows(shape.name, shape.to / 4, make, |folder| trees::judge(folder.path()).unwrap());
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
        let size = if kept.is_some() { shape.to } else { (shape.from / 10).max(1) };
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
