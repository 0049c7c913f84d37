//! The least that reading every flag can cost: walk a folder, read each file, go through its YAML events, two threads.
//! `scripts/bench` runs it next to `countersign lint`. As a benchmark of cargo's it does nothing without a folder.

use std::path::{Path, PathBuf};

use granit_parser::Parser;

fn main() {
    let Some(dir) = std::env::args().nth(1).filter(|arg| !arg.starts_with("--")) else { return };
    let mut files = Vec::new();
    walk(Path::new(&dir), &mut files);
    let (left, right) = files.split_at(files.len() / 2);
    let events: usize = std::thread::scope(|threads| {
        let other = threads.spawn(|| events(right));
        events(left) + other.join().unwrap()
    });
    println!("{} files, {events} events", files.len());
}

fn walk(dir: &Path, files: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(dir).unwrap() {
        let entry = entry.unwrap();
        if entry.file_type().unwrap().is_dir() {
            walk(&entry.path(), files);
        } else {
            files.push(entry.path());
        }
    }
}

fn events(files: &[PathBuf]) -> usize {
    files
        .iter()
        .map(|file| Parser::new_from_str(&std::fs::read_to_string(file).unwrap()).map(Result::unwrap).count())
        .sum()
}
