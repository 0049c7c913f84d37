//! Small random histories, each compared with what git itself makes of the merge.

use std::collections::BTreeMap;
use std::fmt::Write as _;

/// A sequence of numbers that is the same everywhere (splitmix64).
pub struct Dice(pub u64);

impl Dice {
    pub fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((mixed ^ (mixed >> 31)) % limit.max(1) as u64).unwrap()
    }

    pub fn pick<T: Clone>(&mut self, from: &[T]) -> T {
        from[self.below(from.len())].clone()
    }
}

pub type Files = BTreeMap<String, String>;

const FOLDERS: [&str; 9] = ["", "", "a", "b", "c", "a/d", "a/e", "b/d", "c/d/e"];
const NAMES: [&str; 6] = ["x", "y", "z", "v.yaml", "w.yaml", "d"];

/// A folder of a few files whose texts are long enough for git to see that they were renamed.
pub fn start(dice: &mut Dice) -> Files {
    let mut files = Files::new();
    for _ in 0..3 + dice.below(9) {
        add(&mut files, dice);
    }
    files
}

/// Some edits, moves and removals.
pub fn change(files: &Files, dice: &mut Dice, most: usize) -> Files {
    let mut files = files.clone();
    for _ in 0..dice.below(most + 1) {
        step(&mut files, dice);
    }
    files
}

pub fn step(files: &mut Files, dice: &mut Dice) {
    let paths: Vec<String> = files.keys().cloned().collect();
    if paths.is_empty() {
        return add(files, dice);
    }
    let path = dice.pick(&paths);
    match dice.below(14) {
        0..=2 => edit(files, dice, &path),
        3 | 4 => add(files, dice),
        5 => drop(files.remove(&path)),
        6 | 7 => {
            let text = files.remove(&path).unwrap();
            let to = place(dice);
            put(files, &to, text);
            if dice.below(2) == 0 {
                edit(files, dice, &to);
            }
        }
        8 | 9 => rename(files, &folder_of(&path), dice.pick(&["a", "b", "f", "g", "a/g", "f/h", "c/d"])),
        10 => {
            let folder = folder_of(&path);
            files.retain(|path, _| folder.is_empty() || !path.starts_with(&format!("{folder}/")));
        }
        11 => rename(files, "", dice.pick(&["f", "g", "a"])),
        12 => put(files, &place(dice), files[&path].clone()),
        // Beside a file already there, so that a folder is often added to on one side and moved on the other.
        _ => {
            let folder = folder_of(&path);
            let name = if folder.is_empty() { "new".to_owned() } else { format!("{folder}/new") };
            put(files, &name, text(dice));
        }
    }
}

fn folder_of(path: &str) -> String {
    path.rsplit_once('/').map_or_else(String::new, |(folder, _)| folder.to_owned())
}

fn place(dice: &mut Dice) -> String {
    let folder = dice.pick(&FOLDERS);
    let name = dice.pick(&NAMES);
    if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") }
}

fn text(dice: &mut Dice) -> String {
    let which = dice.below(12);
    (0..8).map(|line| format!("text {which} line {line}\n")).collect()
}

fn add(files: &mut Files, dice: &mut Dice) {
    let (path, text) = (place(dice), text(dice));
    put(files, &path, text);
}

/// A file takes the place of a folder and of any file that would have to be a folder.
fn put(files: &mut Files, path: &str, text: String) {
    files.retain(|other, _| !other.starts_with(&format!("{path}/")) && !path.starts_with(&format!("{other}/")));
    files.insert(path.to_owned(), text);
}

fn edit(files: &mut Files, dice: &mut Dice, path: &str) {
    let (at, mark) = (dice.below(8), dice.below(4));
    let Some(text) = files.get_mut(path) else { return };
    let edited = text
        .lines()
        .enumerate()
        .map(|(n, line)| if n == at { format!("edited {mark}\n") } else { format!("{line}\n") });
    *text = edited.collect();
}

fn rename(files: &mut Files, from: &str, to: &str) {
    let prefix = if from.is_empty() { String::new() } else { format!("{from}/") };
    let moved: Vec<(String, String)> = files
        .iter()
        .filter(|(path, _)| path.starts_with(&prefix))
        .map(|(path, text)| (path.clone(), text.clone()))
        .collect();
    for (path, _) in &moved {
        files.remove(path);
    }
    for (path, text) in moved {
        put(files, &format!("{to}/{}", &path[prefix.len()..]), text);
    }
}

/// A stream for `git fast-import`.
#[derive(Default)]
pub struct Stream {
    pub text: String,
    mark: usize,
}

impl Stream {
    /// A commit of these files on these earlier ones; its mark.
    pub fn commit(&mut self, branch: &str, date: usize, files: &Files, parents: &[usize]) -> usize {
        self.mark += 1;
        let mark = self.mark;
        let (first, rest) = parents.split_first().map_or((None, &[][..]), |(first, rest)| (Some(first), rest));
        if first.is_none() {
            writeln!(self.text, "reset refs/heads/{branch}\n").unwrap();
        }
        writeln!(self.text, "commit refs/heads/{branch}\nmark :{mark}").unwrap();
        writeln!(self.text, "committer jo <jo@example.com> {} +0000\ndata 0", 1_700_000_000 + date * 60).unwrap();
        if let Some(first) = first {
            writeln!(self.text, "from :{first}").unwrap();
        }
        for parent in rest {
            writeln!(self.text, "merge :{parent}").unwrap();
        }
        writeln!(self.text, "deleteall").unwrap();
        for (path, text) in files {
            writeln!(self.text, "M 100644 inline {path}\ndata {}\n{text}", text.len()).unwrap();
        }
        writeln!(self.text).unwrap();
        mark
    }
}
