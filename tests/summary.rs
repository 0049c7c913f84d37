//! The last line of `cargo test`: which parts of which tests were left out, and why.
//!
//! Cargo runs test binaries in the order of their names, so this one, which has no tests, comes after `core`, `git` and
//! `services`. They write down what they leave out in a file that is named after the process of `cargo test`.

use std::fs;
use std::path::Path;

fn main() {
    let start = format!("left-out-{}", parent());
    let mut left_out = String::new();
    for entry in fs::read_dir(Path::new(env!("CARGO_TARGET_TMPDIR"))).into_iter().flatten().flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        if name == start {
            left_out = fs::read_to_string(entry.path()).unwrap_or_default();
        }
        // Those of a run that ended before it came here go too.
        if name.starts_with("left-out-") {
            let _ = fs::remove_file(entry.path());
        }
    }
    match left_out.lines().count() {
        0 => println!("\nNothing was left out.\n"),
        count => println!("\nLeft out in {count} tests, for want of a program:\n{left_out}"),
    }
}

fn parent() -> u32 {
    #[cfg(unix)]
    return std::os::unix::process::parent_id();
    #[cfg(not(unix))]
    return 0;
}
