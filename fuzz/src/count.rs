//! Counts what each hostile shape costs, size by size: branches taken, bytes allocated.

#[path = "../../tests/hostile/documents.rs"]
mod documents;
#[path = "../../tests/support/files.rs"]
mod files;
#[path = "../../tests/hostile/flagd.rs"]
mod flagd;
#[path = "../../tests/hostile/mapped.rs"]
mod mapped;
#[path = "../../tests/hostile/sets.rs"]
mod sets;
#[path = "../../tests/hostile/world.rs"]
mod world;

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Instant;

static BRANCHES: AtomicU64 = AtomicU64::new(0);

/// Called by the compiler's instrumentation at every branch. It instruments no function of such a name.
#[unsafe(no_mangle)]
pub extern "C" fn __sanitizer_cov_trace_pc_guard(_: *mut u32) {
    BRANCHES.store(BRANCHES.load(Relaxed) + 1, Relaxed);
}

#[unsafe(no_mangle)]
pub extern "C" fn __sanitizer_cov_trace_pc_guard_init(start: *mut u32, stop: *mut u32) {
    let _ = (start, stop);
}

fn main() {
    rayon::ThreadPoolBuilder::new().num_threads(1).use_current_thread().build_global().unwrap();
    let wanted = std::env::args().nth(1).unwrap_or_default();
    for shape in documents::SHAPES
        .iter()
        .chain(flagd::SHAPES)
        .chain(mapped::SHAPES)
        .chain(sets::SHAPES)
        .filter(|shape| shape.name.contains(&wanted))
    {
        let mut size = shape.from;
        let mut last: Option<(u64, u64)> = None;
        while size <= shape.to {
            let world = (shape.of)(size);
            BRANCHES.store(0, Relaxed);
            let start = Instant::now();
            let mut verdict = Ok(countersign::report::Verdict::NotRequired);
            let info = allocation_counter::measure(|| verdict = world.judge());
            let time = start.elapsed();
            let branches = BRANCHES.load(Relaxed);
            let ratio = last
                .map(|(b, a)| format!("{:.1} {:.1}", branches as f64 / b as f64, info.bytes_total as f64 / a as f64))
                .unwrap_or_default();
            println!(
                "{:50} {size:8} {:6.2}s {:8.1}M br {:7.1} MB total {:6.1} MB peak  {ratio}  {verdict:?}",
                shape.name,
                time.as_secs_f32(),
                branches as f64 / 1e6,
                info.bytes_total as f64 / 1e6,
                info.bytes_max as f64 / 1e6
            );
            last = Some((branches.max(1), info.bytes_total.max(1)));
            if time.as_secs_f32() > 2.5 {
                break;
            }
            size *= 2;
        }
    }
}
