//! The program: everything it does is in the library's `cli`.

use std::process::ExitCode;

/// Flags are read in parallel, and musl's own allocator has one lock for all threads.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    countersign::cli::run()
}
