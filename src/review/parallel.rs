//! Many of a kind, on all cores; a few, on the thread that asks.

use rayon::prelude::*;

/// To start the threads costs as much as to read so many flags.
const FEW: usize = 32;

/// What `one` makes of each, in their order.
pub fn each<T: Send, R: Send>(all: Vec<T>, one: impl Fn(T) -> Option<R> + Send + Sync) -> Vec<R> {
    if all.len() <= FEW {
        return all.into_iter().filter_map(one).collect();
    }
    all.into_par_iter().filter_map(one).collect()
}
