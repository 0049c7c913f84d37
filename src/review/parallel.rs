//! Work on all cores, or on the calling thread where there is little of it.

use rayon::prelude::*;

/// Starting the threads costs as much as reading this many flags.
const FEW: usize = 32;

/// Reading a single file of this many bytes costs as much as starting the threads.
const SMALL: usize = 64 << 10;

/// The results of `one` for each item, in their order.
pub fn each<T: Send, R: Send>(all: Vec<T>, one: impl Fn(T) -> Option<R> + Send + Sync) -> Vec<R> {
    if all.len() <= FEW {
        return all.into_iter().filter_map(one).collect();
    }
    all.into_par_iter().filter_map(one).collect()
}

/// The results of two, on two threads if they read this many bytes and that pays.
pub fn both<A: Send, B: Send>(bytes: usize, one: impl FnOnce() -> A + Send, two: impl FnOnce() -> B + Send) -> (A, B) {
    if bytes <= SMALL {
        return (one(), two());
    }
    rayon::join(one, two)
}
