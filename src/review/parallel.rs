//! A map over many items on all cores, or over a few on the calling thread.

use rayon::prelude::*;

/// Starting the threads costs as much as reading this many flags.
const FEW: usize = 32;

/// The results of `one` for each item, in their order.
pub fn each<T: Send, R: Send>(all: Vec<T>, one: impl Fn(T) -> Option<R> + Send + Sync) -> Vec<R> {
    if all.len() <= FEW {
        return all.into_iter().filter_map(one).collect();
    }
    all.into_par_iter().filter_map(one).collect()
}
