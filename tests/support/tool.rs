//! Programs that some tests need and a machine may lack.
//!
//! `cargo test` needs Rust and git and nothing else: a test whose program is missing says so and leaves that part out,
//! and `left_out`, which cargo runs after all tests, says so once more (tests/left_out.rs).
//! `.ci/run` installs every such program and sets `COUNTERSIGN_CI=1`; then a missing one is a failure, so that nothing
//! is left out unnoticed where it counts.

use std::env;
use std::fs::OpenOptions;
use std::io::Write;
use std::path::{Path, PathBuf};

/// The program, from `PATH` or from `target/tools/bin` where `scripts/tools` puts it; `None` if this test has to do
/// without.
#[must_use]
pub fn tool(name: &str) -> Option<PathBuf> {
    let installed = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/tools/bin");
    let path = env::var_os("PATH").unwrap_or_default();
    let found = env::split_paths(&path).chain([installed]).map(|dir| dir.join(name)).find(|file| file.is_file());
    if found.is_none() {
        left_out(&format!("`{name}` is not installed; `scripts/tools` installs it"));
    }
    found
}

/// Says on the terminal that a part of a test is left out, or fails where nothing may be.
pub fn left_out(why: &str) {
    let who = std::thread::current().name().unwrap_or("a test").to_owned();
    assert!(env::var_os("COUNTERSIGN_CI").is_none(), "{who} may not be left out here: {why}");
    // Not `eprintln!`: the test runner keeps that to itself when a test passes.
    let _ = writeln!(std::io::stderr(), "left out: {who}: {why}");
    let note = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("left-out-{}", parent()));
    let file = OpenOptions::new().create(true).append(true).open(note);
    file.and_then(|mut file| file.write_all(format!("{who}: {why}\n").as_bytes())).unwrap();
}

/// The process of `cargo test`, which starts every test binary: what it leaves out is kept under its number.
fn parent() -> u32 {
    #[cfg(unix)]
    return std::os::unix::process::parent_id();
    #[cfg(not(unix))]
    return 0;
}
