//! The room `repo` against the real git, on real repositories in temporary folders.

mod disk;
mod hostile;
mod names;
mod property;
mod proposals;
mod random;
mod sparse;
