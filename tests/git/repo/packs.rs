//! Files are read alike wherever git keeps them: by itself, in one pack or in several, whole or as a difference.

use std::fs;

use countersign::flag::File;
use countersign::git::{Repo, TreeEntry, TreeSide};

use crate::world::World;

/// More files than are read on one thread, most of them alike, so that packs hold the difference from another one.
fn files() -> Vec<(String, String)> {
    let alike = (0..200).map(|n| {
        let lines = (0..60).map(|line| format!("line {line} of {}\n", if line == n % 60 { n } else { line * 7 }));
        (format!("flags/a{:02}/f{n:03}.yaml", n % 7), lines.collect())
    });
    let over = "larger than any flag file\n".repeat(60_000);
    let others = [("flags/empty.yaml", String::new()), ("flags/short.yaml", "x".to_owned()), ("flags/over.yaml", over)];
    alike.chain(others.map(|(path, text)| (path.to_owned(), text))).collect()
}

fn commit(world: &World, files: &[(String, String)]) {
    let files: Vec<(&str, &str)> = files.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
    world.commit(&files);
}

/// Every entry of HEAD.
fn entries(world: &World) -> (Repo, Vec<(String, TreeEntry)>) {
    let (repo, comparison) = world.compare("HEAD", "HEAD");
    let mut entries = Vec::new();
    repo.list(&comparison, TreeSide::Live, &|_| true, &mut |path, entry| entries.push((path.to_owned(), entry)))
        .unwrap();
    (repo, entries)
}

/// All files together, and each by itself: that is libgit2's reading.
fn read(world: &World) -> Vec<File> {
    let (repo, entries) = entries(world);
    let together = repo.load_many(&entries, |at, file| Some((at, file))).unwrap();
    for (at, file) in &together {
        let (path, entry) = &entries[*at];
        assert_eq!(*file, repo.load(path, entry).unwrap());
    }
    let few = repo.load_many(&entries[..10], |_, file| Some(file)).unwrap();
    let together: Vec<File> = together.into_iter().map(|(_, file)| file).collect();
    assert_eq!(few, together[..10]);
    together
}

#[test]
fn files_are_read_alike_however_they_are_stored() {
    let expected = files();
    let packed: &[&[&[&str]]] = &[
        &[],
        &[&["repack", "-adfq", "--depth=50", "--window=250"]],
        &[&["config", "repack.useDeltaBaseOffset", "false"], &["repack", "-adfq", "--depth=50", "--window=250"]],
        &[&["config", "pack.indexVersion", "1"], &["repack", "-adfq"]],
    ];
    for init in [&["init", "-q", "-b", "main"][..], &["init", "-q", "-b", "main", "--object-format=sha256"]] {
        for steps in packed {
            let world = World::made(init);
            // Half of them are in another pack, or stay by themselves.
            let (first, second) = expected.split_at(expected.len() / 2);
            commit(&world, first);
            steps.iter().for_each(|step| drop(world.git(step)));
            commit(&world, second);
            for _ in 0..2 {
                let mut found = read(&world);
                assert_eq!(found.len(), expected.len());
                for (path, text) in &expected {
                    let at = found.iter().position(|file| file.path == *path).unwrap();
                    let file = found.swap_remove(at);
                    assert_eq!(file.size, text.len() as u64, "{path}");
                    let bytes = if path == "flags/over.yaml" { "" } else { text };
                    assert!(file.bytes == bytes.as_bytes(), "{path} after {steps:?}");
                }
                world.git(&["repack", "-dq"]);
            }
        }
    }
}

#[test]
fn a_damaged_pack_is_an_error() {
    let world = World::empty();
    commit(&world, &files());
    world.git(&["repack", "-adfq"]);
    let folder = world.root.join(".git/objects/pack");
    let mut files = fs::read_dir(folder).unwrap().map(|file| file.unwrap().path());
    let pack = files.find(|path| path.extension().is_some_and(|end| end == "pack")).unwrap();
    let id = world.git(&["rev-parse", "HEAD:flags/a03/f003.yaml"]);
    let objects = world.git(&["verify-pack", "-v", pack.with_extension("idx").to_str().unwrap()]);
    let line: Vec<&str> = objects.lines().find(|line| line.starts_with(&id)).unwrap().split_whitespace().collect();
    let (length, start): (usize, usize) = (line[3].parse().unwrap(), line[4].parse().unwrap());
    let mut bytes = fs::read(&pack).unwrap();
    bytes[start + length - 3] ^= 1;
    fs::remove_file(&pack).unwrap();
    fs::write(&pack, bytes).unwrap();

    let (repo, entries) = entries(&world);
    let error = repo.load_many(&entries, |_, file| Some(file)).unwrap_err();
    assert!(error.message.starts_with("cannot read `flags/"), "{error:?}");
}
